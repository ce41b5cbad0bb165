/* literal - see the header. The range is reserved once and filled from the front; pages cost nothing before they are used. */
#include "runtime/memory/literal.h"

#include <stdatomic.h>
#include <sys/mman.h>

#include "runtime/memory/copy.h"

#define LITERAL_RANGE_BYTES (UINT64_C(1) << 30)

struct area_of_literals {
	struct literals door;           /* first: what others see */
	_Atomic(char *) top;
};

struct literals *literals_new(struct world *w, struct mem_lane *lane)
{
	(void) w;
	struct area_of_literals *l = mem_need(lane, MEM_SYSTEM, sizeof *l);
	char *range = mmap(NULL, LITERAL_RANGE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	CHECK(range != MAP_FAILED, "no address range for literals");
	l->door = (struct literals) { range, range + LITERAL_RANGE_BYTES };
	atomic_init(&l->top, range);
	return &l->door;
}

void literals_free(struct literals *l, struct mem_lane *lane)
{
	munmap(l->start, (size_t) (l->end - l->start));
	mem_give(lane, MEM_SYSTEM, l, sizeof(struct area_of_literals));
}

term literal_make(struct literals *door, struct world *w, struct mem_lane *lane, term t)
{
	struct area_of_literals *l = (struct area_of_literals *) door;
	size_t bytes = term_flat_words(NULL, t) * WORD_BYTES;
	(void) w;
	if (bytes == 0)
		return t;
	char *at = atomic_load_explicit(&l->top, memory_order_relaxed);
	do
		if ((size_t) (door->end - at) < bytes)
			return TERM_NONE;
	while (!atomic_compare_exchange_weak_explicit(&l->top, &at, at + bytes, memory_order_relaxed, memory_order_relaxed));
	term *top = (term *) (void *) at, *handles = NULL;
	uint64_t handle_words = 0;
	/* Off-heap payloads of literals stay retained for the life of the world. */
	term made = term_copy(NULL, t, &top, &handles, &handle_words);
	mem_charge(lane, CHARGE_CODE, (int64_t) bytes);
	return made;
}
