/* mailbox - see the header. What each signal does stands in a table; life.c and link.c have the bodies. */
#include "runtime/process/mailbox.h"

#include <string.h>

#include "runtime/memory/copy.h"
#include "runtime/memory/literal.h"
#include "runtime/process/life.h"

/* ---- Placement ------------------------------------------------------------------------------------------ */

static bool is_on_heap(const struct process *p) { return !(p->flags & PROCESS_OFF_HEAP_QUEUE); }

/* Counts words as gone from the queue: they are on the heap now. Messages are taken apart from that. */
ALWAYS_INLINE void count_taken(struct process *p, uint64_t messages, uint64_t words)
{
	uint64_t taken = atomic_load_explicit(&p->slot->taken, memory_order_relaxed);
	atomic_store_explicit(&p->slot->taken, taken + (messages << SLOT_WORDS_BITS) + words, memory_order_release);
}

ALWAYS_INLINE void place_on_heap(struct process *p, struct message *m, size_t words)
{
	struct heap *h = &p->heap;
	term *at = h->b.top;
	if (m->signal.flat) {
		for (size_t i = 0; i < words; i++)
			at[i] = m->payload[i];
		m->value = term_from_box(at);
	} else {
		m->value = term_relocate(at, m->payload, words, m->value);
	}
	for (term *handle = message_handles(m), *next; handle; handle = next) {
		next = (term *) handle[REFC_NEXT].word;
		off_heap_link(&h->b, at + (handle - m->payload));
	}
	h->b.top += words;
	message_set_handles(m, NULL);
	m->signal.place = MESSAGE_PLACED;
	mem_lane_charge(p->scheduler->lane, CHARGE_PROCESSES, -(int64_t) (words * WORD_BYTES));
	count_taken(p, 0, words);
}

void mailbox_place(struct process *p, struct message *m)
{
	if (UNLIKELY(!is_on_heap(p)))
		return;
	if (UNLIKELY(!p->heap.start))
		process_need_block(p);
	struct heap *h = &p->heap;
	size_t words = message_words(m);
	intptr_t room = h->stop - h->b.top - (intptr_t) HEAP_RED_ZONE;
	if (LIKELY(room > (intptr_t) words && !p->world->switches.force_frags)) {
		place_on_heap(p, m, words);
	} else {
		h->b.body->attached_words += words;
		m->signal.counted = true;
	}
}

void mailbox_append(struct process *p, struct message *m)
{
	m->signal.next = NULL;
	*p->last = m;
	p->last = (struct message **) (void *) &m->signal.next;
	if (m->signal.place == MESSAGE_INSIDE)
		mailbox_place(p, m);
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
bool mailbox_run(struct process *p, struct signal *newest)
{
	struct message **last = p->last;
	p->scheduler->pending = turn_round(newest);
	while (p->scheduler->pending) {
		struct signal *s = p->scheduler->pending;
		p->scheduler->pending = s->next;
		handlers[s->kind](p, s);
	}
	return p->last != last;
}
