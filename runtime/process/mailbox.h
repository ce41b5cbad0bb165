/*
 * mailbox - from the inbox to the inner queue: the one place where signals are fetched.
 *
 *   senders ──push──▶ inbox (newest first, one atomic word in the slot)
 *                        │ fetch: owner, between two steps; the chain is turned round
 *                        ▼
 *             inner queue [m1][m2][m3] ...     save: where receive goes on looking
 *
 * Placement, once, in order of arrival, as on the BEAM: an on_heap message goes onto the young block while
 * block - stack - 3 - used > words, else it stays where it is and is attached. Receive never copies.
 */
#ifndef RUNTIME_PROCESS_MAILBOX_H
#define RUNTIME_PROCESS_MAILBOX_H

#include "runtime/base/mem_lane.h"
#include "runtime/process/scheduler.h"

/* What a queued message is charged besides its words (OTP 25). */
#define MESSAGE_CHARGED_BYTES 88

/* Goes on with what was fetched, oldest first: s->pending. True when a message was queued. */
bool mailbox_run(struct process *p, struct signal *newest);
/* A message that was just queued and lies in its node: where its words stay is decided now. */
void mailbox_place(struct process *p, struct message *m);
/* Takes what is in the inbox, handles signals in order, queues messages. True when a message was queued. May exit (raise). */
ALWAYS_INLINE bool mailbox_fetch(struct process *p)
{
	scheduler_chaos(p->scheduler);
	struct signal *newest = atomic_exchange_explicit(&p->slot->inbox, (struct signal *) INBOX_ACTIVE, memory_order_acquire);
	/* One message, as most of the time: nothing to turn round. */
	if (LIKELY(newest && !newest->next && newest->kind == SIGNAL_MESSAGE)) {
		*p->last = (struct message *) newest;
		p->last = (struct message **) (void *) &newest->next;
		if (newest->place == MESSAGE_INSIDE)
			mailbox_place(p, (struct message *) newest);
		return true;
	}
	return mailbox_run(p, newest);
}
/* Appends to the inner queue and places it. */
void mailbox_append(struct process *p, struct message *m);
/* Counts a message that its receiver appends itself. */
void message_count(struct slot *slot, const struct message *m);
/* Frees a message that nobody will receive; uncharges it. */
void message_drop(struct scheduler *s, struct message *m);
/* Frees a node whose payload now lies elsewhere (or is empty). */
ALWAYS_INLINE void message_free(struct mem_lane *lane, struct message *m) { mem_lane_give(lane, MEM_MESSAGE, m, m->signal.bytes); }

/* Payload words that still lie in the message. */
ALWAYS_INLINE size_t message_waiting_words(const struct message *m) { return m->signal.place == MESSAGE_INSIDE ? message_words(m) : 0; }

/* A message node of so many payload words, charged; NULL: no memory. */
struct message *message_new(struct scheduler *s, size_t words);
/* The same for what must be told even above the soft limit: exits. */
struct message *message_new_from_reserve(struct scheduler *s, size_t words);
/* A copy of t as a message on its way; NULL: no memory. */
struct message *message_copy(struct scheduler *s, term t);

#endif
