/*
 * mem_store - see mem_store.h.
 */
#include "runtime/base/mem_store.h"

#include <stdlib.h>
#include <sys/mman.h>

#include "runtime/base/mem_poison.h"

#define REGION_BYTES ((size_t) MEM_REGION_CARRIERS * MEM_CARRIER_BYTES)
#define KEPT_MOST_BYTES (UINT64_C(256) << 20)       /* kept without a ceiling; with one, a quarter of it */
#define TOUCH_FROM_BYTES (8u << 20)                 /* who uses so much fills the next carrier too */
#define KEPT_MOST_COUNT 64u                         /* mappings; the search for a fit is linear */

_Static_assert(sizeof (struct mem_carrier) <= MEM_CARRIER_HEAD_BYTES, "a carrier's head has its room");
_Static_assert(sizeof (struct mem_large) <= MEM_LARGE_HEAD_BYTES, "a mapping's head has its room");

static void add_to(_Atomic uint64_t *figure, uint64_t bytes)
{
	atomic_store_explicit(figure, atomic_load_explicit(figure, memory_order_relaxed) + bytes, memory_order_relaxed);
}

static uint64_t now(const _Atomic uint64_t *figure)
{
	return atomic_load_explicit(figure, memory_order_relaxed);
}

void mem_store_init(struct mem_store *s, uint64_t hard_bytes)
{
	*s = (struct mem_store) { .hard_bytes = hard_bytes, .reserve_bytes = hard_bytes / 4 };
	pthread_mutex_init(&s->lock, NULL);
}

uint64_t mem_store_soft_bytes(const struct mem_store *s)
{
	return s->hard_bytes ? s->hard_bytes - now(&s->reserve_bytes) : UINT64_MAX;
}

/* ---- the lists of large mappings ---- */

static void list_append(struct mem_list *list, struct mem_large *large)
{
	large->next = NULL;
	large->previous = list->last;
	*(list->last ? &list->last->next : &list->first) = large;
	list->last = large;
	list->count++;
}

static void list_remove(struct mem_list *list, struct mem_large *large)
{
	*(large->previous ? &large->previous->next : &list->first) = large->next;
	*(large->next ? &large->next->previous : &list->last) = large->previous;
	list->count--;
}

/* ---- giving up what is kept ---- */

static void unmap(void *start, size_t bytes)
{
	mem_allow(start, bytes);
	CHECK(munmap(start, bytes) == 0, "%zu bytes", bytes);
}

static void drop_kept(struct mem_store *s, struct mem_large *large)
{
	list_remove(&s->kept, large);
	add_to(&s->retained_bytes, -large->bytes);
	unmap(large, large->bytes);
}

static void chill(struct mem_carrier *carrier)
{
	struct mem_region *region = carrier->region;
	size_t index = (size_t) ((char *) carrier - region->base) / MEM_CARRIER_BYTES;

	madvise(carrier, MEM_CARRIER_BYTES, MADV_DONTNEED);
	mem_forbid(carrier, MEM_CARRIER_BYTES);
	region->cold |= UINT64_C(1) << index;
}

static struct mem_carrier *pop_warm(struct mem_store *s)
{
	struct mem_carrier *carrier = s->warm;

	s->warm = carrier->next;
	s->warm_bytes -= MEM_CARRIER_BYTES;
	add_to(&s->retained_bytes, -(uint64_t) MEM_CARRIER_BYTES);
	return carrier;
}

/* From the richer of the two: neither carriers nor mappings drive the other out. */
static bool give_up_one(struct mem_store *s)
{
	uint64_t retained = now(&s->retained_bytes);

	if (retained == 0)
		return false;
	if (s->warm_bytes > retained / 2)
		chill(pop_warm(s));
	else
		drop_kept(s, s->kept.first);
	return true;
}

static void keep_at_most(struct mem_store *s, uint64_t bytes)
{
	while (now(&s->retained_bytes) > bytes && give_up_one(s))
		;
}

static uint64_t keep_limit(const struct mem_store *s)
{
	return s->hard_bytes ? s->hard_bytes / 4 : KEPT_MOST_BYTES;
}

/* ---- the ceiling ---- */

#define LAST_PART 64u           /* of the ceiling */

static uint64_t limit_for(const struct mem_store *s, enum mem_urgency urgency)
{
	if (!s->hard_bytes)
		return UINT64_MAX;
	if (urgency == MEM_ASK)
		return mem_store_soft_bytes(s);
	if (urgency == MEM_SMALL)
		return s->hard_bytes - now(&s->reserve_bytes) / 2;
	return urgency == MEM_MUST ? s->hard_bytes - s->hard_bytes / LAST_PART : s->hard_bytes;
}

static bool may_use(const struct mem_store *s, uint64_t bytes, enum mem_urgency urgency)
{
	uint64_t limit = limit_for(s, urgency), used = now(&s->in_use_bytes);

	return used <= limit && bytes <= limit - used;
}

/* New memory of `bytes` is about to be touched: what is kept makes room. */
static void make_room(struct mem_store *s, uint64_t bytes)
{
	if (s->hard_bytes)
		keep_at_most(s, s->hard_bytes - now(&s->in_use_bytes) - bytes);
}

static void *map(size_t bytes)
{
	void *start = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return start == MAP_FAILED ? NULL : start;
}

/* ---- carriers ---- */

/* Addresses only; aligned to a carrier by asking for one more and giving back the ends. */
static char *map_region(void)
{
	char *start = map(REGION_BYTES + MEM_CARRIER_BYTES);

	if (!start)
		return NULL;
	size_t before = -(uintptr_t) start & (MEM_CARRIER_BYTES - 1);
	if (before)
		unmap(start, before);
	unmap(start + before + REGION_BYTES, MEM_CARRIER_BYTES - before);
	madvise(start + before, REGION_BYTES, MADV_NOHUGEPAGE);     /* a huge page would make idle carriers resident */
	mem_forbid(start + before, REGION_BYTES);
	return start + before;
}

static struct mem_region *region_new(struct mem_store *s)
{
	struct mem_region *region = malloc(sizeof *region);
	char *base = region ? map_region() : NULL;

	if (!base) {
		free(region);
		return NULL;
	}
	*region = (struct mem_region) { .base = base, .cold = UINT64_MAX };
	*(s->last_region ? &s->last_region->next : &s->regions) = region;
	s->last_region = region;
	return region;
}

void mem_touch(void *start, size_t bytes)
{
#ifdef MADV_POPULATE_WRITE
	if (madvise(start, bytes, MADV_POPULATE_WRITE) != 0)
		return;                 /* an older system: the pages come one by one */
#else
	(void) start, (void) bytes;
#endif
}

static struct mem_carrier *warm_up(struct mem_store *s)
{
	struct mem_region *region = s->regions;

	while (region && !region->cold)
		region = region->next;
	if (!region && !(region = region_new(s)))
		return NULL;
	unsigned index = (unsigned) __builtin_ctzll(region->cold);
	struct mem_carrier *carrier = (struct mem_carrier *) (region->base + (size_t) index * MEM_CARRIER_BYTES);
	region->cold &= ~(UINT64_C(1) << index);
	mem_allow(carrier, sizeof *carrier);
	carrier->region = region;
	return carrier;
}

static struct mem_carrier *take_locked(struct mem_store *s, enum mem_urgency urgency)
{
	struct mem_carrier *carrier = NULL;

	if (!may_use(s, MEM_CARRIER_BYTES, urgency))
		return NULL;
	if (s->warm) {
		carrier = pop_warm(s);
	} else {
		make_room(s, MEM_CARRIER_BYTES);
		carrier = warm_up(s);
		if (carrier && now(&s->in_use_bytes) >= TOUCH_FROM_BYTES)
			mem_touch(carrier, MEM_CARRIER_BYTES);
	}
	if (carrier)
		add_to(&s->in_use_bytes, MEM_CARRIER_BYTES);
	return carrier;
}

struct mem_carrier *mem_store_take_carrier(struct mem_store *s, void *owner, unsigned class, enum mem_urgency urgency)
{
	pthread_mutex_lock(&s->lock);
	struct mem_carrier *carrier = take_locked(s, urgency);
	pthread_mutex_unlock(&s->lock);
	if (carrier)
		*carrier = (struct mem_carrier) { .region = carrier->region, .owner = owner, .class = class };
	return carrier;
}

void mem_store_give_carrier(struct mem_store *s, struct mem_carrier *carrier)
{
	pthread_mutex_lock(&s->lock);
	carrier->next = s->warm;
	s->warm = carrier;
	s->warm_bytes += MEM_CARRIER_BYTES;
	add_to(&s->in_use_bytes, -(uint64_t) MEM_CARRIER_BYTES);
	add_to(&s->retained_bytes, MEM_CARRIER_BYTES);
	keep_at_most(s, keep_limit(s));
	pthread_mutex_unlock(&s->lock);
}

/* ---- large mappings ---- */

/* The smallest kept one that fits within 25 %, the latest of equals: its pages are the warmest. */
static struct mem_large *best_fit(struct mem_store *s, size_t bytes)
{
	struct mem_large *best = NULL;

	for (struct mem_large *large = s->kept.last; large; large = large->previous)
		if (large->bytes >= bytes && large->bytes - bytes <= bytes / 4 && (!best || large->bytes < best->bytes))
			best = large;
	if (!best)
		return NULL;
	list_remove(&s->kept, best);
	add_to(&s->retained_bytes, -best->bytes);
	if (best->bytes > bytes)
		unmap((char *) best + bytes, best->bytes - bytes);
	return best;
}

static void *large_locked(struct mem_store *s, size_t bytes, enum mem_urgency urgency)
{
	if (!may_use(s, bytes, urgency))
		return NULL;
	struct mem_large *large = best_fit(s, bytes);
	if (!large) {
		make_room(s, bytes);
		large = map(bytes);
	}
	if (!large)
		return NULL;
	large->bytes = bytes;
	list_append(&s->in_use, large);
	add_to(&s->in_use_bytes, bytes);
	return large;
}

void *mem_store_take_large(struct mem_store *s, size_t bytes, enum mem_urgency urgency)
{
	if (bytes > SIZE_MAX / 4)
		return NULL;
	pthread_mutex_lock(&s->lock);
	char *large = large_locked(s, mem_class_large_bytes(bytes), urgency);
	pthread_mutex_unlock(&s->lock);
	if (!large)
		return NULL;
	mem_allow(large + MEM_LARGE_HEAD_BYTES, bytes);
	return large + MEM_LARGE_HEAD_BYTES;
}

void mem_store_give_large(struct mem_store *s, void *block, size_t bytes)
{
	struct mem_large *large = (struct mem_large *) ((char *) block - MEM_LARGE_HEAD_BYTES);

	CHECK(large->bytes == mem_class_large_bytes(bytes), "given back as %zu, mapped as %zu", bytes, large->bytes);
	mem_forbid(block, large->bytes - MEM_LARGE_HEAD_BYTES);
	pthread_mutex_lock(&s->lock);
	list_remove(&s->in_use, large);
	list_append(&s->kept, large);
	add_to(&s->in_use_bytes, -large->bytes);
	add_to(&s->retained_bytes, large->bytes);
	if (s->kept.count > KEPT_MOST_COUNT)
		drop_kept(s, s->kept.first);
	keep_at_most(s, keep_limit(s));
	pthread_mutex_unlock(&s->lock);
}

/* ---- giving back ---- */

void mem_store_trim(struct mem_store *s)
{
	pthread_mutex_lock(&s->lock);
	keep_at_most(s, 0);
	struct mem_region **link = &s->regions;
	s->last_region = NULL;
	while (*link) {
		struct mem_region *region = *link;
		if (region->cold == UINT64_MAX) {
			*link = region->next;
			unmap(region->base, REGION_BYTES);
			free(region);
		} else {
			s->last_region = region;
			link = &region->next;
		}
	}
	pthread_mutex_unlock(&s->lock);
}

void mem_store_release(struct mem_store *s)
{
	while (s->in_use.first) {
		struct mem_large *large = s->in_use.first;
		list_remove(&s->in_use, large);
		unmap(large, large->bytes);
	}
	while (s->kept.first)
		drop_kept(s, s->kept.first);
	while (s->regions) {
		struct mem_region *region = s->regions;
		s->regions = region->next;
		unmap(region->base, REGION_BYTES);
		free(region);
	}
	pthread_mutex_destroy(&s->lock);
}
