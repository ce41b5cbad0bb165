/*
 * work_stack - a stack of terms for walks that must not use the C stack: 512 places inline, then
 * pages from the system. Rarely grows: walks loop on tails and push only the other branches.
 */
#ifndef RUNTIME_TERM_WORK_STACK_H
#define RUNTIME_TERM_WORK_STACK_H

#include "runtime/term/term.h"

#define WORK_STACK_INLINE 512u

struct work_stack {
	term *items;
	size_t count, room;
	term inlined[WORK_STACK_INLINE];
};

ALWAYS_INLINE void work_stack_init(struct work_stack *s)
{
	s->items = s->inlined;
	s->count = 0;
	s->room = WORK_STACK_INLINE;
}
void work_stack_release(struct work_stack *s);
/* Twice the room. Aborts when the system has no page left. */
void work_stack_grow(struct work_stack *s);

ALWAYS_INLINE void work_stack_push(struct work_stack *s, term t)
{
	if (UNLIKELY(s->count == s->room))
		work_stack_grow(s);
	s->items[s->count++] = t;
}
ALWAYS_INLINE bool work_stack_pop(struct work_stack *s, term *out)
{
	if (s->count == 0)
		return false;
	*out = s->items[--s->count];
	return true;
}

#endif
