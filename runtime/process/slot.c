/* slot - see the header. */
#include "runtime/process/slot.h"

#include <string.h>
#include <sys/mman.h>

#define NONE UINT32_MAX
#define FRESH_BATCH 64u

static void *reserve(size_t bytes)
{
	void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	CHECK(at != MAP_FAILED, "no address range for the process table");
	return at;
}

struct slots *slots_new(struct mem_lane *lane, unsigned readers, uint32_t limit)
{
	struct slots *s = mem_need(lane, MEM_SYSTEM, sizeof *s);
	memset(s, 0, sizeof *s);
	s->limit = limit;
	s->slots = reserve((size_t) limit * sizeof *s->slots);
	s->memory = reserve((size_t) limit * sizeof *s->memory);
	s->readers = readers;
	size_t bytes = readers * sizeof *s->reader;
	s->reader = reserve(bytes);
	for (unsigned i = 0; i < readers; i++)
		s->reader[i].limbo_first = s->reader[i].limbo_last = NONE;
	atomic_init(&s->epoch, 1);
	atomic_init(&s->high, 1);               /* index 0 is nobody's */
	return s;
}

void slots_free(struct slots *s, struct mem_lane *lane)
{
	munmap(s->slots, (size_t) s->limit * sizeof *s->slots);
	munmap(s->memory, (size_t) s->limit * sizeof *s->memory);
	munmap(s->reader, s->readers * sizeof *s->reader);
	mem_give(lane, MEM_SYSTEM, s, sizeof *s);
}

void slots_quiesce(struct slots *s, unsigned reader)
{
	uint64_t now = atomic_load_explicit(&s->epoch, memory_order_relaxed);
	if (atomic_load_explicit(&s->reader[reader].online, memory_order_relaxed) != now)
		atomic_store_explicit(&s->reader[reader].online, now, memory_order_seq_cst);
}

void slots_offline(struct slots *s, unsigned reader) { atomic_store_explicit(&s->reader[reader].online, 0, memory_order_release); }

static bool grace_is_over(const struct slots *s, uint64_t epoch)
{
	for (unsigned i = 0; i < s->readers; i++) {
		uint64_t online = atomic_load_explicit(&s->reader[i].online, memory_order_seq_cst);
		if (online != 0 && online <= epoch)
			return false;
	}
	return true;
}

static struct slot *reuse(struct slots *s, struct slot_reader *r)
{
	if (r->limbo_first == NONE || !grace_is_over(s, s->slots[r->limbo_first].retired_epoch))
		return NULL;
	struct slot *slot = &s->slots[r->limbo_first];
	r->limbo_first = slot->next;
	if (r->limbo_first == NONE)
		r->limbo_last = NONE;
	return slot;
}

static struct slot *fresh(struct slots *s, struct slot_reader *r)
{
	if (r->fresh == r->fresh_end) {
		uint32_t high = atomic_load_explicit(&s->high, memory_order_relaxed), end;
		do {
			end = high + FRESH_BATCH < s->limit ? high + FRESH_BATCH : s->limit;
			if (high >= s->limit)
				return NULL;
		} while (!atomic_compare_exchange_weak_explicit(&s->high, &high, end, memory_order_relaxed, memory_order_relaxed));
		r->fresh = high;
		r->fresh_end = end;
	}
	struct slot *slot = &s->slots[r->fresh];
	slot->index = r->fresh++;
	return slot;
}

struct slot *slot_take(struct slots *s, unsigned reader)
{
	struct slot_reader *r = &s->reader[reader];
	struct slot *slot = reuse(s, r);
	if (!slot)
		slot = fresh(s, r);
	if (slot)
		atomic_fetch_add_explicit(&s->count, 1, memory_order_relaxed);
	return slot;
}

void slot_retire(struct slots *s, unsigned reader, struct slot *slot)
{
	struct slot_reader *r = &s->reader[reader];
	slot->retired_epoch = atomic_fetch_add_explicit(&s->epoch, 1, memory_order_seq_cst);
	slot->next = NONE;
	if (r->limbo_last == NONE)
		r->limbo_first = slot->index;
	else
		s->slots[r->limbo_last].next = slot->index;
	r->limbo_last = slot->index;
	atomic_fetch_sub_explicit(&s->count, 1, memory_order_relaxed);
}
