/*
 * message - one message on its way: a node and, in the same allocation, its terms.
 *
 *   {signal header}{term}{words}{off-heap chain} payload ...
 *
 * Known down here because queued messages are roots of the collector and a received payload becomes
 * a fragment. The queue itself is process/mailbox.
 */
#ifndef RUNTIME_MEMORY_MESSAGE_H
#define RUNTIME_MEMORY_MESSAGE_H

#include "runtime/memory/heap.h"

/* What every signal begins with; kinds are process/signal.h's. */
struct signal {
	struct signal *next;
	uint32_t kind;
	uint32_t bytes;                 /* of the whole allocation */
};

enum message_place {
	MESSAGE_INSIDE,                 /* the payload below is where the term lies */
	MESSAGE_PLACED,                 /* copied to the receiver's young block (or immediate, or literal) */
};

struct message {
	struct signal signal;
	term value;
	uint32_t words;                 /* payload words that belong to the message */
	uint8_t place;                  /* enum message_place */
	bool counted;                   /* attached words are counted in the receiver's body */
	term *handles;                  /* chain of refc handles inside the payload */
	uint64_t handle_words;          /* sum of bytes / 8 */
	uint64_t sent_us;
	uint64_t sender;                /* pid number, 0 = outside */
	term payload[];
};

#endif
