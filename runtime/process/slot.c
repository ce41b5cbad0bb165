/* slot - see the header. */
#include "runtime/process/slot.h"

#include <string.h>
#include <sys/mman.h>

#include "runtime/base/mem_store.h"

#define FRESH_BATCH 64u
#define TOUCHED_SLOTS 512u              /* whose pages are asked for together, once there are so many */
#define LIMBO_MOST 128u                 /* dead slots that one lane keeps for itself */
#define WAITING_PLACES 1024u            /* for slots in their grace period, when the limit is small */

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
	s->places = 1 + limit + readers * (FRESH_BATCH + LIMBO_MOST) + WAITING_PLACES;
	s->slots = reserve((size_t) s->places * sizeof *s->slots);
	s->memory = reserve((size_t) s->places * sizeof *s->memory);
	s->readers = readers;
	s->reader = reserve(readers * sizeof *s->reader);
	pthread_mutex_init(&s->spare_lock, NULL);
	atomic_init(&s->epoch, 1);
	/* Index 0 is nobody's: its identity is no pid, so that TERM_NONE finds nobody either. */
	atomic_init(&s->high, 1);
	atomic_init(&s->slots[0].pid, UINT64_MAX);
	atomic_init(&s->slots[0].inbox, (struct signal *) INBOX_CLOSED);
	return s;
}

void slots_free(struct slots *s, struct mem_lane *lane)
{
	munmap(s->slots, (size_t) s->places * sizeof *s->slots);
	munmap(s->memory, (size_t) s->places * sizeof *s->memory);
	pthread_mutex_destroy(&s->spare_lock);
	munmap(s->reader, s->readers * sizeof *s->reader);
	mem_give(lane, MEM_SYSTEM, s, sizeof *s);
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

/* ---- Queues of the dead -------------------------------------------------------------------------------- */

static void queue_put(struct slots *s, struct slot_queue_of_dead *q, struct slot *slot)
{
	if (q->count++ == 0)
		q->first = slot->index;
	else
		s->slots[q->last].next = slot->index;
	q->last = slot->index;
}

/* The oldest, if nobody can still hold it. */
static struct slot *queue_take(struct slots *s, struct slot_queue_of_dead *q)
{
	if (q->count == 0 || !grace_is_over(s, atomic_load_explicit(&s->slots[q->first].woken, memory_order_relaxed)))
		return NULL;
	struct slot *slot = &s->slots[q->first];
	q->count--;
	q->first = slot->next;
	return slot;
}

/* The whole queue of a lane goes behind the spare ones. */
static void give_to_all(struct slots *s, struct slot_queue_of_dead *from)
{
	pthread_mutex_lock(&s->spare_lock);
	if (s->spare.count == 0)
		s->spare.first = from->first;
	else
		s->slots[s->spare.last].next = from->first;
	s->spare.last = from->last;
	s->spare.count += from->count;
	atomic_store_explicit(&s->spare_count, s->spare.count, memory_order_relaxed);
	pthread_mutex_unlock(&s->spare_lock);
	from->count = 0;
}

static struct slot *take_spare(struct slots *s)
{
	if (atomic_load_explicit(&s->spare_count, memory_order_relaxed) == 0)
		return NULL;
	pthread_mutex_lock(&s->spare_lock);
	struct slot *slot = queue_take(s, &s->spare);
	atomic_store_explicit(&s->spare_count, s->spare.count, memory_order_relaxed);
	pthread_mutex_unlock(&s->spare_lock);
	return slot;
}

/* ---- Taking and giving back ------------------------------------------------------------------------------ */

/* In front of the high mark, whenever it passes a multiple. */
static void touch_ahead(struct slots *s, uint32_t from, uint32_t to)
{
	uint32_t at = (from + TOUCHED_SLOTS - 1) / TOUCHED_SLOTS * TOUCHED_SLOTS;
	if (at >= TOUCHED_SLOTS && at < to && at + TOUCHED_SLOTS <= s->places)
		mem_touch(&s->slots[at], TOUCHED_SLOTS * sizeof *s->slots);
}

static struct slot *fresh(struct slots *s, struct slot_reader *r)
{
	if (r->fresh == r->fresh_end) {
		uint32_t high = atomic_load_explicit(&s->high, memory_order_relaxed), end;
		do {
			end = high + FRESH_BATCH < s->places ? high + FRESH_BATCH : s->places;
			if (high >= s->places)
				return NULL;
		} while (!atomic_compare_exchange_weak_explicit(&s->high, &high, end, memory_order_relaxed, memory_order_relaxed));
		touch_ahead(s, high, end);
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
	struct slot *slot = NULL;
	if (atomic_fetch_add_explicit(&s->count, 1, memory_order_relaxed) < s->limit) {
		slot = queue_take(s, &r->limbo);
		if (!slot)
			slot = take_spare(s);
		if (!slot)
			slot = fresh(s, r);
	}
	if (!slot)
		atomic_fetch_sub_explicit(&s->count, 1, memory_order_relaxed);
	return slot;
}

/* The last two readers, strangers and the helper, hardly ever spawn: what ends there is everybody's at once. */
static bool keeps_none(const struct slots *s, unsigned reader) { return reader + 2 >= s->readers; }

void slot_retire(struct slots *s, unsigned reader, struct slot *slot)
{
	struct slot_queue_of_dead *limbo = &s->reader[reader].limbo;
	uint64_t epoch = atomic_fetch_add_explicit(&s->epoch, 1, memory_order_seq_cst);
	atomic_store_explicit(&slot->woken, epoch, memory_order_relaxed);
	queue_put(s, limbo, slot);
	if (limbo->count > LIMBO_MOST || keeps_none(s, reader))
		give_to_all(s, limbo);
	atomic_fetch_sub_explicit(&s->count, 1, memory_order_relaxed);
}
