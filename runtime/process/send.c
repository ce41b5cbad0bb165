/*
 * send - copy, count, push, wake. A message is counted before it is pushed, so that a reader never sees fewer
 * messages arrived than taken.
 *
 * A send to self with an on_heap queue appends uncopied, as on the BEAM.
 */
#include "runtime/process/life.h"
#include "runtime/process/mailbox.h"

#include "runtime/memory/copy.h"

bool signal_push(struct scheduler *by, struct slot *slot, struct signal *signal)
{
	struct signal *old = atomic_load_explicit(&slot->inbox, memory_order_relaxed);
	do {
		if ((uintptr_t) old == INBOX_CLOSED)
			return false;
		signal->next = (uintptr_t) old < INBOX_SIGNAL ? NULL : old;
		scheduler_chaos(by);
	} while (!atomic_compare_exchange_weak_explicit(&slot->inbox, &old, signal, memory_order_acq_rel, memory_order_relaxed));
	scheduler_chaos(by);
	if ((uintptr_t) old == INBOX_IDLE)
		scheduler_wake(by, slot->process);
	return true;
}

static void count_arrival(struct slot *slot, const struct message *m)
{
	atomic_fetch_add_explicit(&slot->arrived, (UINT64_C(1) << SLOT_WORDS_BITS) + message_waiting_words(m), memory_order_release);
}

static void uncount_arrival(struct slot *slot, const struct message *m)
{
	atomic_fetch_sub_explicit(&slot->arrived, (UINT64_C(1) << SLOT_WORDS_BITS) + message_waiting_words(m), memory_order_release);
}

static void count_drop(struct scheduler *s, struct message *m)
{
	atomic_fetch_add_explicit(&s->world->dropped_sends, 1, memory_order_relaxed);
	message_drop(s, m);
}

bool message_deliver(struct scheduler *s, term to, struct message *m)
{
	struct slot *slot = slot_of(s->world->slots, to);
	if (!slot) {
		count_drop(s, m);
		return false;
	}
	count_arrival(slot, m);
	if (signal_push(s, slot, &m->signal)) {
		atomic_store_explicit(&s->messages, atomic_load_explicit(&s->messages, memory_order_relaxed) + 1, memory_order_relaxed);
		return true;
	}
	uncount_arrival(slot, m);
	count_drop(s, m);
	return false;
}

static void send_to_self(struct process *p, term t)
{
	struct message *m = message_new(p->scheduler, 0);
	if (!m)
		process_system_limit(p, ATOM_memory);
	m->value = t;
	m->sent = message_time(p->scheduler->slice_us);
	count_arrival(p->slot, m);
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

void process_send(struct process *p, term to, term t)
{
	if (UNLIKELY(!term_is_pid(to))) {
		if (!term_is_atom(to))
			process_badarg(p);
		process_send_name(p, to, t);
		return;
	}
	if (UNLIKELY(to.word == p->pid) && !(p->flags & PROCESS_OFF_HEAP_QUEUE)) {
		process_charge(p, 1);
		send_to_self(p, t);
		return;
	}
	if (UNLIKELY(!slot_of(p->world->slots, to))) {          /* to the dead: nothing is copied */
		process_charge(p, 1);
		atomic_fetch_add_explicit(&p->world->dropped_sends, 1, memory_order_relaxed);
		return;
	}
	struct message *m = message_copy(p->scheduler, t);
	if (UNLIKELY(!m)) {
		no_memory_for(p, to);
		return;
	}
	m->sent = message_time(p->scheduler->slice_us);
	size_t words = message_words(m);
	process_charge(p, 1 + (uint32_t) size_min(words / 64, SLICE_REDUCTIONS));
	if (UNLIKELY(words >= LARGE_MESSAGE_WORDS)) {
		uint64_t args[] = { term_pid_number(to), words };
		scheduler_record(p->scheduler, RECORD_LARGE_MESSAGE, term_pid_number(process_self(p)), args, 2);
	}
	if (UNLIKELY(p->scheduler->all->on_send != NULL))
		p->scheduler->all->on_send(p, to, words);
	message_deliver(p->scheduler, to, m);
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
