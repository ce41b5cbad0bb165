/*
 * message - one message on its way: a node of four words and, in the same allocation, its terms.
 *
 *   {next}{bytes, kind, marks}{term}{handles, when} payload ...
 *
 * Known down here because queued messages are roots of the collector and a received payload becomes
 * a fragment. The queue itself is process/mailbox.
 */
#ifndef RUNTIME_MEMORY_MESSAGE_H
#define RUNTIME_MEMORY_MESSAGE_H

#include "runtime/memory/heap.h"

/* What every signal begins with; kinds are process/signal.h's. The marks are a message's: they fill the word. */
struct signal {
	struct signal *next;
	uint32_t bytes;                 /* of the whole allocation */
	uint8_t kind;
	uint8_t place;                  /* enum message_place */
	bool flat;                      /* the payload is one box or cell without pointers */
	bool counted;                   /* attached words are counted in the receiver's body */
};

enum message_place {
	MESSAGE_INSIDE,                 /* the payload below is where the term lies */
	MESSAGE_PLACED,                 /* copied to the receiver's young block (or immediate, or literal) */
};

struct message {
	struct signal signal;
	term value;
	uint32_t first_handle;          /* of a chain of refc handles inside the payload: its word, from 1; 0: none */
	uint32_t sent;                  /* when, in units of 1024 us; 0: unknown. Goes round after 50 days */
	term payload[];
};
_Static_assert(sizeof(struct message) == 32, "what a queued message really costs besides its words");

ALWAYS_INLINE size_t message_words(const struct message *m) { return (m->signal.bytes - sizeof *m) / WORD_BYTES; }

ALWAYS_INLINE term *message_handles(struct message *m) { return m->first_handle ? m->payload + m->first_handle - 1 : NULL; }
ALWAYS_INLINE void message_set_handles(struct message *m, const term *first)
{
	m->first_handle = first ? (uint32_t) (first - m->payload) + 1 : 0;
}

ALWAYS_INLINE uint32_t message_time(uint64_t us) { return (uint32_t) (us >> 10); }
ALWAYS_INLINE uint64_t message_age_us(const struct message *m, uint64_t now_us)
{
	return m->sent ? (uint64_t) (uint32_t) (message_time(now_us) - m->sent) << 10 : 0;
}

#endif
