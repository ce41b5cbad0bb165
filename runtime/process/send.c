/*
 * send - copy, count, push, wake.
 *
 * Most messages are an immediate or a small tuple, and most go to one that waits: that way is in line from end to end.
 * A send to self with an on_heap queue appends uncopied, as on the BEAM.
 */
#include "runtime/base/mem_lane.h"
#include "runtime/memory/copy.h"
#include "runtime/memory/literal.h"
#include "runtime/process/life.h"
#include "runtime/process/mailbox.h"

/* ---- Making -------------------------------------------------------------------------------------------- */

ALWAYS_INLINE struct message *make_message(struct scheduler *s, size_t words, enum mem_urgency urgency)
{
	size_t bytes = sizeof(struct message) + words * WORD_BYTES;
	struct message *m = bytes <= UINT32_MAX ? mem_lane_alloc(s->lane, MEM_MESSAGE, bytes, urgency) : NULL;
	if (UNLIKELY(!m))
		return NULL;
	*m = (struct message) { .signal = { .bytes = (uint32_t) bytes, .kind = SIGNAL_MESSAGE, .place = words ? MESSAGE_INSIDE : MESSAGE_PLACED } };
	mem_lane_charge(s->lane, CHARGE_PROCESSES, MESSAGE_CHARGED_BYTES + (int64_t) (words * WORD_BYTES));
	return m;
}

ALWAYS_INLINE struct message *new_message(struct scheduler *s, size_t words)
{
	return make_message(s, words, mem_urgency_for(words * WORD_BYTES, s->running && s->running->flags & PROCESS_ASKS_ROOM));
}

struct message *message_new(struct scheduler *s, size_t words) { return new_message(s, words); }

struct message *message_new_from_reserve(struct scheduler *s, size_t words) { return make_message(s, words, MEM_LAST); }

ALWAYS_INLINE struct message *copy_flat(struct scheduler *s, term t)
{
	const term *box = term_box(t);
	size_t words = 1 + header_words(box[0]);
	struct message *m = new_message(s, words);
	if (!m)
		return NULL;
	for (size_t i = 0; i < words; i++)
		m->payload[i] = box[i];
	m->value = term_from_box(m->payload);
	m->signal.flat = true;
	return m;
}

static NOINLINE struct message *copy_deep(struct scheduler *s, term t)
{
	const struct literals *literals = s->world->literals;
	size_t words = term_flat_words(literals, t);
	struct message *m = new_message(s, words);
	if (!m)
		return NULL;
	term *top = m->payload, *handles = NULL;
	uint64_t handle_words = 0;
	m->value = words ? term_copy(literals, t, &top, &handles, &handle_words) : t;
	message_set_handles(m, handles);
	return m;
}

ALWAYS_INLINE struct message *copy(struct scheduler *s, term t)
{
	if (term_is_immediate(t)) {
		struct message *m = new_message(s, 0);
		if (LIKELY(m))
			m->value = t;
		return m;
	}
	if (LIKELY(term_is_flat_tuple(t) && !literal_is(s->world->literals, t)))
		return copy_flat(s, t);
	return copy_deep(s, t);
}

struct message *message_copy(struct scheduler *s, term t) { return copy(s, t); }

void message_drop(struct scheduler *s, struct message *m)
{
	handles_drop(s->lane, message_handles(m));
	mem_lane_charge(s->lane, CHARGE_PROCESSES, -(MESSAGE_CHARGED_BYTES + (int64_t) (message_waiting_words(m) * WORD_BYTES)));
	message_free(s->lane, m);
}

/* ---- Pushing ------------------------------------------------------------------------------------------- */

#define UNCOUNTED 0u

static void add_arrived(struct slot *slot, uint64_t count)
{
	atomic_fetch_add_explicit(&slot->arrived, count, memory_order_release);
}

/* Whoever is in front of IDLE has the process to himself until he wakes it. */
static void add_woken(struct slot *slot, uint64_t count)
{
	atomic_store_explicit(&slot->woken, atomic_load_explicit(&slot->woken, memory_order_relaxed) + count, memory_order_release);
}

/* What was idle is cold where actors are many: its lines are on their way while the waker's slice ends. */
ALWAYS_INLINE void fetch_ahead(const struct slot *slot, const struct process *p)
{
	__builtin_prefetch(&slot->memory, 1);
	__builtin_prefetch(&p->heap.b.body, 1);
	__builtin_prefetch((const char *) &p->heap.b.body + CACHE_LINE, 1);
}

/* count: what a message adds to the slot's counters, see slot.h; UNCOUNTED for other signals. */
ALWAYS_INLINE bool push(struct scheduler *by, struct slot *slot, struct signal *signal, uint64_t count)
{
	struct signal *old = atomic_load_explicit(&slot->inbox, memory_order_relaxed);
	uint64_t counted = UNCOUNTED;
	do {
		if (UNLIKELY((uintptr_t) old == INBOX_CLOSED)) {
			if (counted)
				add_arrived(slot, -counted);
			return false;
		}
		if (count != counted && (uintptr_t) old != INBOX_IDLE)
			add_arrived(slot, counted = count);
		signal->next = (uintptr_t) old < INBOX_SIGNAL ? NULL : old;
		scheduler_chaos(by);
	} while (!atomic_compare_exchange_weak_explicit(&slot->inbox, &old, signal, memory_order_acq_rel, memory_order_relaxed));
	scheduler_chaos(by);
	if ((uintptr_t) old == INBOX_IDLE) {
		if (count != counted)
			add_woken(slot, count);
		fetch_ahead(slot, slot->process);
		scheduler_wake(by, slot->process);
	}
	return true;
}

bool signal_push(struct scheduler *by, struct slot *slot, struct signal *signal) { return push(by, slot, signal, UNCOUNTED); }

ALWAYS_INLINE uint64_t count_of(const struct message *m) { return (UINT64_C(1) << SLOT_WORDS_BITS) + message_waiting_words(m); }

void message_count(struct slot *slot, const struct message *m) { add_arrived(slot, count_of(m)); }

static NOINLINE void count_drop(struct scheduler *s, struct message *m)
{
	atomic_fetch_add_explicit(&s->world->dropped_sends, 1, memory_order_relaxed);
	message_drop(s, m);
}

ALWAYS_INLINE bool deliver(struct scheduler *s, struct slot *slot, struct message *m)
{
	if (UNLIKELY(!push(s, slot, &m->signal, count_of(m)))) {
		count_drop(s, m);
		return false;
	}
	atomic_store_explicit(&s->messages, atomic_load_explicit(&s->messages, memory_order_relaxed) + 1, memory_order_relaxed);
	return true;
}

bool message_deliver(struct scheduler *s, term to, struct message *m)
{
	struct slot *slot = slot_of(s->world->slots, to);
	if (slot)
		return deliver(s, slot, m);
	count_drop(s, m);
	return false;
}

/* ---- Sending ------------------------------------------------------------------------------------------- */

static void send_to_self(struct process *p, term t)
{
	struct message *m = message_new(p->scheduler, 0);
	if (!m)
		process_system_limit(p, ATOM_memory);
	m->value = t;
	m->sent = message_time(p->scheduler->slice_us);
	message_count(p->slot, m);
	mailbox_append(p, m);
}

#define LARGE_MESSAGE_WORDS 32768u

/* Growth by a message counts against who makes it grow: at the limit the one with the larger memory ends. */
static NOINLINE void no_memory_for(struct process *p, term to)
{
	struct slot *slot = slot_of(p->world->slots, to);
	uint64_t theirs = 0;
	if (slot) {
		struct queue_length q = slot_queue(slot);
		theirs = atomic_load_explicit(&slot->memory, memory_order_relaxed) + q.messages * MESSAGE_CHARGED_BYTES + q.words * WORD_BYTES;
	}
	/* Where not even the order to end can be given, who asked ends. */
	term reason[] = { term_header(BOX_TUPLE, 2), ATOM(system_limit), ATOM(memory) };
	if (theirs <= process_own_bytes(p)
		|| (!request_exit(p->scheduler, to, term_from_box(reason)) && world_is_alive(p->world, to)))
		process_system_limit(p, ATOM_memory);
	atomic_fetch_add_explicit(&p->world->dropped_sends, 1, memory_order_relaxed);
}

static void note_large(struct process *p, term to, size_t words)
{
	uint64_t args[] = { term_pid_number(to), words };
	scheduler_record(p->scheduler, RECORD_LARGE_MESSAGE, term_pid_number(process_self(p)), args, 2);
}

/* To itself uncopied; to the dead nothing is copied. */
static NOINLINE void send_nowhere(struct process *p, struct slot *slot, term t)
{
	process_charge(p, 1);
	if (slot)
		send_to_self(p, t);
	else
		atomic_fetch_add_explicit(&p->world->dropped_sends, 1, memory_order_relaxed);
}

static NOINLINE void send_to_no_pid(struct process *p, term to, term t)
{
	if (!term_is_atom(to))
		process_badarg(p);
	process_send_name(p, to, t);
}

void process_send(struct process *p, term to, term t)
{
	struct scheduler *s = p->scheduler;
	if (UNLIKELY(!term_is_pid(to))) {
		send_to_no_pid(p, to, t);
		return;
	}
	struct slot *slot = slot_of(s->world->slots, to);
	if (UNLIKELY(!slot || (slot == p->slot && !(p->flags & PROCESS_OFF_HEAP_QUEUE)))) {
		send_nowhere(p, slot, t);
		return;
	}
	struct message *m = copy(s, t);
	if (UNLIKELY(!m)) {
		no_memory_for(p, to);
		return;
	}
	m->sent = message_time(s->slice_us);
	size_t words = message_words(m);
	process_charge(p, 1 + (uint32_t) (words > 64 ? size_min(words / 64, SLICE_REDUCTIONS) : 0));     /* 64 words are free yet */
	if (UNLIKELY(words >= LARGE_MESSAGE_WORDS))
		note_large(p, to, words);
	void (*on_send)(struct process *p, term to, size_t words) = atomic_load_explicit(&s->all->on_send, memory_order_acquire);
	if (UNLIKELY(on_send != NULL))
		on_send(p, to, words);
	deliver(s, slot, m);
}

bool process_send_name_quiet(struct process *p, term name, term t)
{
	term to = world_whereis(p->world, name);
	if (term_is_none(to)) {
		atomic_fetch_add_explicit(&p->world->dropped_sends, 1, memory_order_relaxed);
		return false;
	}
	process_send(p, to, t);
	return true;
}

void process_send_name(struct process *p, term name, term t)
{
	term to = world_whereis(p->world, name);
	if (term_is_none(to))
		process_badarg(p);
	process_send(p, to, t);
}

bool world_send(struct world *w, term to, term t)
{
	struct scheduler *s = scheduler_enter_outside(w);
	struct message *m = message_copy(s, t);
	bool sent = m && message_deliver(s, to, m);
	scheduler_leave_outside(s);
	return sent;
}
