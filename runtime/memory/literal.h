/*
 * literal - constants and persistent terms: never copied on send, never collected.
 *
 * All literals lie in one reserved address range, so that copy and collector ask one comparison. A
 * constant lives as long as its world. Replacing or erasing a persistent term copies the old value into every process
 * that still uses it (OTP 25: a major sweep of all), see process/persistent.
 */
#ifndef RUNTIME_MEMORY_LITERAL_H
#define RUNTIME_MEMORY_LITERAL_H

#include "runtime/memory/heap.h"

struct literals {
	char *start, *end;              /* the range; fixed at the start */
};

struct literals *literals_new(struct world *w, struct mem_lane *lane);
void literals_free(struct literals *l, struct mem_lane *lane);

ALWAYS_INLINE bool literal_is(const struct literals *l, term t)
{
	return (uintptr_t) t.word - (uintptr_t) l->start < (uintptr_t) (l->end - l->start);
}

/* A deep copy in the range (charged as code): lives as long as the world, or until literal_drop. TERM_NONE: full. Any thread. */
term literal_make(struct literals *l, struct world *w, struct mem_lane *lane, term t);
/* Gives the words of one literal back; nobody refers to them any more. `from` is where its copy began. Any thread. */
void literal_drop(struct literals *l, struct mem_lane *lane, term *from, size_t words);

#endif
