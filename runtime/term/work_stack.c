/* work_stack - see the header. */
#include "runtime/term/work_stack.h"

#include <string.h>
#include <sys/mman.h>

void work_stack_release(struct work_stack *s)
{
	if (s->items != s->inlined)
		munmap(s->items, s->room * sizeof *s->items);
}

void work_stack_grow(struct work_stack *s)
{
	size_t room = s->room * 2 < 8192 ? 8192 : s->room * 2;
	term *items = mmap(NULL, room * sizeof *items, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(items != MAP_FAILED, "no memory to walk a term of depth %zu", s->room);
	memcpy(items, s->items, s->count * sizeof *items);
	work_stack_release(s);
	s->items = items;
	s->room = room;
}
