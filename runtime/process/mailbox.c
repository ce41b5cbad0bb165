/* mailbox - see the header. What each signal does stands in a table; life.c and link.c have the bodies. */
#include "runtime/process/mailbox.h"

#include <string.h>

#include "runtime/memory/copy.h"
#include "runtime/memory/literal.h"
#include "runtime/process/life.h"

/* ---- Messages ------------------------------------------------------------------------------------------ */

static struct message *make_message(struct scheduler *s, size_t words, size_t head_bytes, enum mem_urgency urgency)
{
	size_t bytes = head_bytes + words * WORD_BYTES;
	struct message *m = bytes <= UINT32_MAX ? mem_alloc(s->lane, MEM_MESSAGE, bytes, urgency) : NULL;
	if (UNLIKELY(!m))
		return NULL;
	*m = (struct message) { .signal = { .kind = SIGNAL_MESSAGE, .bytes = (uint32_t) bytes }, .words = (uint32_t) words,
		.place = words ? MESSAGE_INSIDE : MESSAGE_PLACED };
	mem_charge(s->lane, CHARGE_PROCESSES, MESSAGE_CHARGED_BYTES + (int64_t) (words * WORD_BYTES));
	return m;
}

struct message *message_new(struct scheduler *s, size_t words, size_t head_bytes)
{
	return make_message(s, words, head_bytes, mem_urgency_for(words * WORD_BYTES, s->running && s->running->flags & PROCESS_ASKS_ROOM));
}

struct message *message_new_from_reserve(struct scheduler *s, size_t words, size_t head_bytes)
{
	return make_message(s, words, head_bytes, MEM_MUST);
}

static struct message *copy_flat(struct scheduler *s, term t, size_t head_bytes)
{
	size_t words = 1 + tuple_arity(t);
	struct message *m = message_new(s, words, head_bytes);
	if (!m)
		return NULL;
	term *at = (term *) (void *) ((char *) m + head_bytes);
	for (size_t i = 0; i < words; i++)
		at[i] = term_box(t)[i];
	m->value = term_from_box(at);
	return m;
}

struct message *message_copy(struct scheduler *s, term t, uint64_t sender, size_t head_bytes)
{
	const struct literals *literals = s->world->literals;
	struct message *m;
	if (LIKELY(term_is_flat_tuple(t) && !literal_is(literals, t))) {
		m = copy_flat(s, t, head_bytes);
	} else {
		size_t words = term_is_immediate(t) ? 0 : term_flat_words(literals, t);
		m = message_new(s, words, head_bytes);
		term *top = m ? (term *) (void *) ((char *) m + head_bytes) : NULL;
		if (m)
			m->value = words ? term_copy(literals, t, &top, &m->handles, &m->handle_words) : t;
	}
	if (m)
		m->sender = sender;
	return m;
}

void handles_drop_of(struct message *m, struct mem_lane *lane)
{
	handles_drop(lane, m->handles);
	m->handles = NULL;
}

void message_free(struct mem_lane *lane, struct message *m) { mem_give(lane, MEM_MESSAGE, m, m->signal.bytes); }

void message_drop(struct scheduler *s, struct message *m)
{
	handles_drop(s->lane, m->handles);
	int64_t words = m->place == MESSAGE_INSIDE ? m->words : 0;
	mem_charge(s->lane, CHARGE_PROCESSES, -(MESSAGE_CHARGED_BYTES + words * (int64_t) WORD_BYTES));
	message_free(s->lane, m);
}

/* ---- Placement ------------------------------------------------------------------------------------------ */

static bool is_on_heap(const struct process *p) { return !(p->flags & PROCESS_OFF_HEAP_QUEUE); }

/* Counts words as gone from the queue: they are on the heap now. Messages are taken apart from that. */
static void count_taken(struct process *p, uint64_t messages, uint64_t words)
{
	uint64_t taken = atomic_load_explicit(&p->slot->taken, memory_order_relaxed);
	atomic_store_explicit(&p->slot->taken, taken + (messages << SLOT_WORDS_BITS) + words, memory_order_release);
}

static void place_on_heap(struct process *p, struct message *m)
{
	struct heap *h = &p->heap;
	term *at = h->b.top;
	m->value = term_relocate(at, m->payload, m->words, m->value);
	for (term *handle = m->handles, *next; handle; handle = next) {
		next = (term *) handle[REFC_NEXT].word;
		off_heap_link(&h->b, at + (handle - m->payload));
	}
	h->b.top += m->words;
	m->handles = NULL;
	m->place = MESSAGE_PLACED;
	mem_charge(p->scheduler->lane, CHARGE_PROCESSES, -(int64_t) (m->words * WORD_BYTES));
	count_taken(p, 0, m->words);
}

static void place(struct process *p, struct message *m)
{
	if (m->words == 0 || m->place == MESSAGE_PLACED || !is_on_heap(p))
		return;
	if (!p->heap.start && !heap_block_need(&p->heap, p->world, p->scheduler->lane, 0, bottom_word(p)))
		process_system_limit(p, ATOM_memory);
	struct heap *h = &p->heap;
	intptr_t room = h->stop - h->b.top - (intptr_t) HEAP_RED_ZONE;
	if (room > (intptr_t) m->words && !p->world->switches.force_frags && h->b.limit >= h->start) {
		place_on_heap(p, m);
	} else {
		h->b.body->attached_words += m->words;
		m->counted = true;
	}
}

void mailbox_append(struct process *p, struct message *m)
{
	m->signal.next = NULL;
	*p->last = m;
	p->last = (struct message **) (void *) &m->signal.next;
	place(p, m);
}

/* ---- Fetch ---------------------------------------------------------------------------------------------- */

typedef void (*signal_fn)(struct process *p, struct signal *s);

static void on_message(struct process *p, struct signal *s) { mailbox_append(p, (struct message *) s); }

static const signal_fn handlers[SIGNAL_KIND_COUNT] = {
	[SIGNAL_MESSAGE] = on_message,
	[SIGNAL_EXIT] = on_exit_signal, [SIGNAL_LINK_EXIT] = on_link_exit, [SIGNAL_DOWN] = on_down,
	[SIGNAL_LINK] = on_link, [SIGNAL_UNLINK] = on_unlink,
	[SIGNAL_MONITOR] = on_monitor, [SIGNAL_DEMONITOR] = on_demonitor,
	[SIGNAL_TIMEOUT] = on_timeout, [SIGNAL_GC] = on_gc,
	[SIGNAL_HIBERNATE] = on_hibernate, [SIGNAL_SUSPEND] = on_suspend, [SIGNAL_RESUME] = on_resume, [SIGNAL_ASK] = on_ask,
};

static struct signal *turn_round(struct signal *newest)
{
	struct signal *oldest = NULL;
	while (newest) {
		struct signal *next = newest->next;
		newest->next = oldest;
		oldest = newest;
		newest = next;
	}
	return oldest;
}

/* A handler may raise: what was not handled yet waits in the scheduler for the exit's drain. */
bool mailbox_fetch(struct process *p)
{
	scheduler_chaos(p->scheduler);
	struct signal *chain = atomic_exchange_explicit(&p->slot->inbox, (struct signal *) INBOX_ACTIVE, memory_order_acquire);
	struct message **last = p->last;
	p->scheduler->pending = turn_round(chain);
	while (p->scheduler->pending) {
		struct signal *s = p->scheduler->pending;
		p->scheduler->pending = s->next;
		handlers[s->kind](p, s);
	}
	return p->last != last;
}
