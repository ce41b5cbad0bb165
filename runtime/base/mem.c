/*
 * mem - carriers, lanes, mappings, ledgers. See the header for the picture.
 *
 *   range: one reserved address range, cut into carriers of 64 KiB; an unused one costs address space only
 *   carrier: [header 64 bytes][block][block]... of one class, owned by one lane
 *   mapping: [header 64 bytes][block], page-rounded, for what does not fill a carrier well
 *
 * A carrier belongs to its lane while a block of it is in use. Blocks freed elsewhere wait on the owner's
 * return stack. Free carriers are kept as they are, up to a bound, then their pages go back to the system.
 */
#include "runtime/base/mem.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#if defined(__SANITIZE_ADDRESS__)
#define MEM_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define MEM_ASAN 1
#endif
#endif
#ifdef MEM_ASAN
#include <sanitizer/asan_interface.h>
#define POISON(at, bytes) __asan_poison_memory_region((at), (bytes))
#define UNPOISON(at, bytes) __asan_unpoison_memory_region((at), (bytes))
#else
#define POISON(at, bytes) ((void) (at), (void) (bytes))
#define UNPOISON(at, bytes) ((void) (at), (void) (bytes))
#endif

#define CARRIER_BYTES 65536u
#define CARRIER_HEADER 64u
#define PAGE_BYTES 4096u
#define CLASS_COUNT_MAX 128u
#define CLASS_LIMIT_BYTES 32768u                /* larger ones fill a carrier badly */
#define NO_CLASS 255u
#define RANGE_WITHOUT_CEILING (UINT64_C(64) << 30)
#define KEEP_BYTES (UINT64_C(64) << 20)         /* of free carriers, and of free mappings, at least */
#define CACHE_ENTRIES 512u
#define POISON_BYTE 0xdb

struct block { struct block *next; };

struct carrier {
	struct mem_lane *owner;
	struct carrier *next, *previous;        /* in the lane's list of carriers with room; or next in the free stack */
	struct block *free;
	uint32_t used, capacity, made;          /* blocks in use, in all, cut off so far */
	uint32_t block_bytes;
	uint8_t class;
	bool listed;
};
_Static_assert(sizeof(struct carrier) <= CARRIER_HEADER, "a carrier's header");

struct mapping { uint64_t bytes; };             /* of the whole mapping */

struct lane_ledger {
	_Atomic int64_t blocks[MEM_TYPE_COUNT], bytes[MEM_TYPE_COUNT], charged[CHARGE_COUNT];
};

struct mem_lane {
	_Alignas(CACHE_LINE) struct mem *mem;
	unsigned index;
	bool shared;                            /* used by several threads, under the lock */
	pthread_mutex_t lock;
	struct carrier *roomy[CLASS_COUNT_MAX]; /* carriers with a free block, by class */
	struct lane_ledger ledger;
	_Alignas(CACHE_LINE) _Atomic(struct block *) returned;  /* freed by others */
};

struct mem {
	struct mem_options options;
	uint32_t class_bytes[CLASS_COUNT_MAX];
	unsigned class_count;
	uint8_t class_of[CLASS_LIMIT_BYTES / 8 + 1];
	char *range, *range_end;
	pthread_mutex_t lock;                   /* of everything up to `lanes` */
	char *fresh;                            /* carriers from here on were never used */
	struct carrier *free_carriers;
	struct { struct mapping *at; uint64_t bytes; } cache[CACHE_ENTRIES];
	unsigned cache_count;
	_Atomic uint64_t used_bytes, kept_bytes, reserve_bytes, refusals, requests_of_failing_type;
	_Atomic uint64_t peak[MEM_TYPE_COUNT];
	unsigned lane_count;
	struct mem_lane *lanes;
};

/* ---- Classes ------------------------------------------------------------------------------------------ */

static const uint32_t heap_words[] = { 12, 38, 51, 90, 142, 233, 376, 610, 987, 1598, 2586 };

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *) a, y = *(const uint32_t *) b;
	return x < y ? -1 : x > y;
}

/* Steps of 8 up to 128, then an eighth of the power of two below. */
static uint32_t next_step(uint32_t bytes)
{
	uint32_t step = 8;
	while (step * 16 <= bytes)
		step *= 2;
	return bytes + step;
}

static bool fills_carrier(uint32_t bytes)
{
	uint32_t room = CARRIER_BYTES - CARRIER_HEADER;
	return room - room / bytes * bytes <= CARRIER_BYTES / 8;
}

static void make_classes(struct mem *m)
{
	unsigned n = 0;
	for (uint32_t bytes = 16; bytes <= CLASS_LIMIT_BYTES; bytes = next_step(bytes))
		m->class_bytes[n++] = bytes;
	for (size_t i = 0; i < ARRAY_COUNT(heap_words); i++)
		m->class_bytes[n++] = heap_words[i] * WORD_BYTES;
	CHECK(n <= CLASS_COUNT_MAX, "%u classes", n);
	qsort(m->class_bytes, n, sizeof *m->class_bytes, by_number);
	unsigned kept = 0;
	for (unsigned i = 0; i < n; i++)
		if (fills_carrier(m->class_bytes[i]) && (kept == 0 || m->class_bytes[kept - 1] != m->class_bytes[i]))
			m->class_bytes[kept++] = m->class_bytes[i];
	m->class_count = kept;
	unsigned class = 0;
	for (uint32_t words = 0; words <= CLASS_LIMIT_BYTES / 8; words++) {
		while (class < kept && m->class_bytes[class] < words * 8)
			class++;
		m->class_of[words] = class < kept ? (uint8_t) class : NO_CLASS;
	}
}

static inline unsigned class_for(const struct mem *m, size_t bytes)
{
	return LIKELY(bytes <= CLASS_LIMIT_BYTES) ? m->class_of[(bytes + 7) / 8] : NO_CLASS;
}

static uint64_t mapping_bytes(size_t bytes) { return (bytes + CARRIER_HEADER + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES; }

size_t mem_real_bytes(size_t bytes)
{
	uint32_t step = 16;
	if (bytes > CLASS_LIMIT_BYTES)
		return mapping_bytes(bytes);
	while (step < bytes)
		step = next_step(step);
	for (size_t i = 0; i < ARRAY_COUNT(heap_words); i++)
		if (heap_words[i] * WORD_BYTES >= bytes && heap_words[i] * WORD_BYTES < step)
			step = heap_words[i] * WORD_BYTES;
	return fills_carrier(step) ? step : mapping_bytes(bytes);
}

/* ---- Life ---------------------------------------------------------------------------------------------- */

static void lane_init(struct mem *m, struct mem_lane *lane, unsigned index, bool shared)
{
	lane->mem = m;
	lane->index = index;
	lane->shared = shared;
	pthread_mutex_init(&lane->lock, NULL);
}

struct mem *mem_new(const struct mem_options *options)
{
	struct mem *m = calloc(1, sizeof *m);
	if (!m)
		return NULL;
	m->options = *options;
	m->lane_count = options->lanes;
	m->lanes = aligned_alloc(CACHE_LINE, options->lanes * sizeof *m->lanes);
	uint64_t bytes = options->hard_bytes ? options->hard_bytes + 2 * CARRIER_BYTES : RANGE_WITHOUT_CEILING;
	char *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (!m->lanes || at == MAP_FAILED) {
		free(m->lanes);
		free(m);
		return NULL;
	}
	memset(m->lanes, 0, options->lanes * sizeof *m->lanes);
	m->range = at;
	m->range_end = at + bytes;
	m->fresh = (char *) (((uintptr_t) at + CARRIER_BYTES - 1) & ~(uintptr_t) (CARRIER_BYTES - 1));
	pthread_mutex_init(&m->lock, NULL);
	make_classes(m);
	mem_reserve_for(m, 0);
	for (unsigned i = 0; i < options->lanes; i++)
		lane_init(m, &m->lanes[i], i, i + 2 >= options->lanes);
	return m;
}

static void release_cache(struct mem *m)
{
	for (unsigned i = 0; i < m->cache_count; i++) {
		atomic_fetch_sub_explicit(&m->kept_bytes, m->cache[i].bytes, memory_order_relaxed);
		munmap(m->cache[i].at, m->cache[i].bytes);
	}
	m->cache_count = 0;
}

void mem_free(struct mem *m)
{
	release_cache(m);
	UNPOISON(m->range, (size_t) (m->range_end - m->range));
	munmap(m->range, (size_t) (m->range_end - m->range));
	for (unsigned i = 0; i < m->lane_count; i++)
		pthread_mutex_destroy(&m->lanes[i].lock);
	pthread_mutex_destroy(&m->lock);
	free(m->lanes);
	free(m);
}

struct mem_lane *mem_lane_at(struct mem *m, unsigned lane) { return &m->lanes[lane]; }
struct mem *mem_of_lane(struct mem_lane *lane) { return lane->mem; }

/* ---- The ceiling ---------------------------------------------------------------------------------------- */

uint64_t mem_hard_bytes(const struct mem *m) { return m->options.hard_bytes ? m->options.hard_bytes : UINT64_MAX; }

uint64_t mem_soft_bytes(const struct mem *m)
{
	uint64_t hard = mem_hard_bytes(m);
	return hard == UINT64_MAX ? hard : hard - atomic_load_explicit(&m->reserve_bytes, memory_order_relaxed);
}

void mem_reserve_for(struct mem *m, size_t largest)
{
	uint64_t hard = m->options.hard_bytes;
	uint64_t wanted = size_max(hard / 4, size_min(largest, hard / 2));
	uint64_t now = atomic_load_explicit(&m->reserve_bytes, memory_order_relaxed);
	while (wanted > now && !atomic_compare_exchange_weak_explicit(&m->reserve_bytes, &now, wanted, memory_order_relaxed, memory_order_relaxed))
		;
}

bool mem_has_room(const struct mem *m, uint64_t bytes)
{
	uint64_t soft = mem_soft_bytes(m), used = mem_carrier_bytes(m);
	return used <= soft && bytes <= soft - used;
}

/* Counts `bytes` as used, or refuses. Under the lock. */
static bool claim(struct mem *m, uint64_t bytes, enum mem_urgency urgency)
{
	uint64_t limit = urgency == MEM_MUST ? mem_hard_bytes(m) : mem_soft_bytes(m);
	uint64_t used = atomic_load_explicit(&m->used_bytes, memory_order_relaxed);
	if (used > limit || bytes > limit - used) {
		atomic_fetch_add_explicit(&m->refusals, 1, memory_order_relaxed);
		return false;
	}
	atomic_store_explicit(&m->used_bytes, used + bytes, memory_order_relaxed);
	return true;
}

static void unclaim(struct mem *m, uint64_t bytes)
{
	atomic_store_explicit(&m->used_bytes, atomic_load_explicit(&m->used_bytes, memory_order_relaxed) - bytes, memory_order_relaxed);
}

static void give_up_pages(struct mem *m, struct carrier *c)
{
	UNPOISON(c, CARRIER_BYTES);
	madvise(c, CARRIER_BYTES, MADV_DONTNEED);
	(void) m;
}

/* What is kept may not stand in the way of what is wanted: kept and used together stay below the hard limit. Under the lock. */
static void make_way(struct mem *m, uint64_t bytes)
{
	uint64_t used = atomic_load_explicit(&m->used_bytes, memory_order_relaxed);
	uint64_t kept = atomic_load_explicit(&m->kept_bytes, memory_order_relaxed);
	if (mem_hard_bytes(m) == UINT64_MAX || used + kept + bytes <= mem_hard_bytes(m))
		return;
	release_cache(m);
	for (struct carrier *c = m->free_carriers; c; c = c->next) {
		struct carrier *next = c->next;
		kept = atomic_load_explicit(&m->kept_bytes, memory_order_relaxed);
		if (used + kept + bytes <= mem_hard_bytes(m))
			break;
		if (c->capacity == 0)
			continue;       /* its pages are gone already */
		give_up_pages(m, c);
		c->next = next;
		atomic_store_explicit(&m->kept_bytes, kept - CARRIER_BYTES, memory_order_relaxed);
	}
}

/* ---- Carriers -------------------------------------------------------------------------------------------- */

static struct carrier *carrier_of(const void *block) { return (struct carrier *) ((uintptr_t) block & ~(uintptr_t) (CARRIER_BYTES - 1)); }

static struct carrier *take_carrier(struct mem *m, enum mem_urgency urgency)
{
	struct carrier *c = NULL;
	pthread_mutex_lock(&m->lock);
	if (claim(m, CARRIER_BYTES, urgency)) {
		c = m->free_carriers;
		if (c) {
			m->free_carriers = c->next;
			if (c->capacity)
				atomic_fetch_sub_explicit(&m->kept_bytes, CARRIER_BYTES, memory_order_relaxed);
			else
				make_way(m, 0);
		} else if (m->fresh + CARRIER_BYTES <= m->range_end) {
			make_way(m, 0);
			c = (struct carrier *) (void *) m->fresh;
			m->fresh += CARRIER_BYTES;
		} else {
			unclaim(m, CARRIER_BYTES);
		}
	}
	pthread_mutex_unlock(&m->lock);
	return c;
}

/* Kept as it is while few are kept; else its pages go (capacity 0 says so). */
static void give_carrier(struct mem *m, struct carrier *c)
{
	pthread_mutex_lock(&m->lock);
	uint64_t kept = atomic_load_explicit(&m->kept_bytes, memory_order_relaxed);
	uint64_t bound = size_max(KEEP_BYTES, mem_hard_bytes(m) == UINT64_MAX ? 0 : mem_hard_bytes(m) / 4);
	unclaim(m, CARRIER_BYTES);
	if (kept + CARRIER_BYTES > bound) {
		give_up_pages(m, c);
	} else {
		c->capacity = 1;
		atomic_store_explicit(&m->kept_bytes, kept + CARRIER_BYTES, memory_order_relaxed);
	}
	c->next = m->free_carriers;
	m->free_carriers = c;
	pthread_mutex_unlock(&m->lock);
}

static void list_carrier(struct mem_lane *lane, struct carrier *c)
{
	c->previous = NULL;
	c->next = lane->roomy[c->class];
	if (c->next)
		c->next->previous = c;
	lane->roomy[c->class] = c;
	c->listed = true;
}

static void unlist_carrier(struct mem_lane *lane, struct carrier *c)
{
	if (c->previous)
		c->previous->next = c->next;
	else
		lane->roomy[c->class] = c->next;
	if (c->next)
		c->next->previous = c->previous;
	c->listed = false;
}

static struct carrier *new_carrier(struct mem_lane *lane, unsigned class, enum mem_urgency urgency)
{
	struct carrier *c = take_carrier(lane->mem, urgency);
	if (!c)
		return NULL;
	uint32_t bytes = lane->mem->class_bytes[class];
	*c = (struct carrier) { .owner = lane, .block_bytes = bytes, .capacity = (CARRIER_BYTES - CARRIER_HEADER) / bytes, .class = (uint8_t) class };
	list_carrier(lane, c);
	POISON((char *) c + CARRIER_HEADER, CARRIER_BYTES - CARRIER_HEADER);
	return c;
}

static void *carrier_take(struct mem_lane *lane, struct carrier *c)
{
	struct block *b = c->free;
	if (b)
		c->free = b->next;
	else
		b = (struct block *) (void *) ((char *) c + CARRIER_HEADER + (size_t) c->made++ * c->block_bytes);
	if (++c->used == c->capacity)
		unlist_carrier(lane, c);
	return b;
}

/* Owner only. The last carrier of a class stays, so that one block coming and going does not cost a carrier each time. */
static void carrier_put(struct mem_lane *lane, struct carrier *c, struct block *b)
{
	b->next = c->free;
	c->free = b;
	if (!c->listed)
		list_carrier(lane, c);
	if (--c->used == 0 && (c->next || c->previous)) {
		unlist_carrier(lane, c);
		give_carrier(lane->mem, c);
	}
}

static void drain(struct mem_lane *lane)
{
	struct block *b = atomic_exchange_explicit(&lane->returned, NULL, memory_order_acquire);
	while (b) {
		struct block *next = b->next;
		carrier_put(lane, carrier_of(b), b);
		b = next;
	}
}

static void return_to_owner(struct mem_lane *owner, struct block *b)
{
	b->next = atomic_load_explicit(&owner->returned, memory_order_relaxed);
	while (!atomic_compare_exchange_weak_explicit(&owner->returned, &b->next, b, memory_order_release, memory_order_relaxed))
		;
}

void mem_lane_drain(struct mem_lane *lane)
{
	if (!atomic_load_explicit(&lane->returned, memory_order_relaxed))
		return;
	if (lane->shared)
		pthread_mutex_lock(&lane->lock);
	drain(lane);
	if (lane->shared)
		pthread_mutex_unlock(&lane->lock);
}

static void *small_alloc(struct mem_lane *lane, unsigned class, enum mem_urgency urgency)
{
	struct carrier *c = lane->roomy[class];
	if (UNLIKELY(!c)) {
		drain(lane);
		c = lane->roomy[class];
		if (!c)
			c = new_carrier(lane, class, urgency);
		if (!c)
			return NULL;
	}
	return carrier_take(lane, c);
}

/* ---- Mappings -------------------------------------------------------------------------------------------- */

/* The smallest kept one that is large enough and wastes at most a quarter. Under the lock. */
static struct mapping *take_kept(struct mem *m, uint64_t bytes)
{
	unsigned best = CACHE_ENTRIES;
	for (unsigned i = 0; i < m->cache_count; i++)
		if (m->cache[i].bytes >= bytes && m->cache[i].bytes <= bytes + bytes / 4
			&& (best == CACHE_ENTRIES || m->cache[i].bytes < m->cache[best].bytes))
			best = i;
	if (best == CACHE_ENTRIES)
		return NULL;
	struct mapping *at = m->cache[best].at;
	uint64_t kept = m->cache[best].bytes;
	if (!claim(m, kept, MEM_MUST))
		return NULL;
	m->cache[best] = m->cache[--m->cache_count];
	atomic_fetch_sub_explicit(&m->kept_bytes, kept, memory_order_relaxed);
	UNPOISON(at, kept);
	at->bytes = kept;
	return at;
}

static struct mapping *map_new(struct mem *m, uint64_t bytes)
{
	if (!claim(m, bytes, MEM_MUST))
		return NULL;
	make_way(m, 0);
	struct mapping *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (at == MAP_FAILED) {
		unclaim(m, bytes);
		return NULL;
	}
	at->bytes = bytes;
	return at;
}

static void *large_alloc(struct mem *m, size_t block_bytes, enum mem_urgency urgency)
{
	uint64_t bytes = mapping_bytes(block_bytes);
	struct mapping *at = NULL;
	if (block_bytes > SIZE_MAX / 2)
		return NULL;
	pthread_mutex_lock(&m->lock);
	if (urgency == MEM_ASK && !mem_has_room(m, bytes))
		atomic_fetch_add_explicit(&m->refusals, 1, memory_order_relaxed);
	else if (!(at = take_kept(m, bytes)))
		at = map_new(m, bytes);
	pthread_mutex_unlock(&m->lock);
	return at ? (char *) at + CARRIER_HEADER : NULL;
}

static void large_give(struct mem *m, void *block)
{
	struct mapping *at = (struct mapping *) (void *) ((char *) block - CARRIER_HEADER);
	uint64_t bytes = at->bytes, kept, bound = size_max(KEEP_BYTES, mem_hard_bytes(m) == UINT64_MAX ? UINT64_C(1) << 30 : mem_hard_bytes(m) / 4);
	pthread_mutex_lock(&m->lock);
	unclaim(m, bytes);
	kept = atomic_load_explicit(&m->kept_bytes, memory_order_relaxed);
	bool keep = m->cache_count < CACHE_ENTRIES && kept + bytes <= bound;
	if (keep) {
		m->cache[m->cache_count].at = at;
		m->cache[m->cache_count++].bytes = bytes;
		atomic_store_explicit(&m->kept_bytes, kept + bytes, memory_order_relaxed);
		POISON(at, bytes);
	}
	pthread_mutex_unlock(&m->lock);
	if (!keep)
		munmap(at, bytes);
}

/* ---- Doors ------------------------------------------------------------------------------------------------ */

static inline void count(struct mem_lane *lane, _Atomic int64_t *counter, int64_t by)
{
	if (UNLIKELY(lane->shared))
		atomic_fetch_add_explicit(counter, by, memory_order_relaxed);
	else
		atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + by, memory_order_relaxed);
}

static NOINLINE bool must_fail(struct mem *m)
{
	if (atomic_fetch_add_explicit(&m->requests_of_failing_type, 1, memory_order_relaxed) + 1 != m->options.fail_at)
		return false;
	atomic_fetch_add_explicit(&m->refusals, 1, memory_order_relaxed);
	return true;
}

/* What a block of so many bytes counts for: its class, or its mapping. */
static inline int64_t counted_bytes(const struct mem *m, unsigned class, size_t bytes)
{
	return class != NO_CLASS ? (int64_t) m->class_bytes[class] : (int64_t) mapping_bytes(bytes);
}

void *mem_alloc(struct mem_lane *lane, enum mem_type type, size_t bytes, enum mem_urgency urgency)
{
	struct mem *m = lane->mem;
	unsigned class = class_for(m, bytes);
	if (UNLIKELY((int) type == m->options.fail_type) && must_fail(m))
		return NULL;
	void *block;
	if (UNLIKELY(class == NO_CLASS)) {
		block = large_alloc(m, bytes, urgency);
	} else if (UNLIKELY(lane->shared)) {
		pthread_mutex_lock(&lane->lock);
		block = small_alloc(lane, class, urgency);
		pthread_mutex_unlock(&lane->lock);
	} else {
		block = small_alloc(lane, class, urgency);
	}
	if (UNLIKELY(!block))
		return NULL;
	UNPOISON(block, bytes);
	count(lane, &lane->ledger.blocks[type], 1);
	count(lane, &lane->ledger.bytes[type], counted_bytes(m, class, bytes));
	return block;
}

void mem_give(struct mem_lane *lane, enum mem_type type, void *block, size_t bytes)
{
	struct mem *m = lane->mem;
	unsigned class = class_for(m, bytes);
	if (!block)
		return;
	count(lane, &lane->ledger.blocks[type], -1);
	count(lane, &lane->ledger.bytes[type], -counted_bytes(m, class, bytes));
	if (UNLIKELY(m->options.poison))
		memset(block, POISON_BYTE, bytes);
	if (class == NO_CLASS) {
		large_give(m, block);
		return;
	}
	struct carrier *c = carrier_of(block);
	struct mem_lane *owner = c->owner;
	UNPOISON(block, sizeof(struct block));
	if (c->block_bytes > sizeof(struct block))
		POISON((char *) block + sizeof(struct block), c->block_bytes - sizeof(struct block));
	if (owner != lane || lane->shared)
		return_to_owner(owner, block);
	else
		carrier_put(lane, c, block);
}

static NOINLINE _Noreturn void nothing_left(const struct mem *m, enum mem_type type, size_t bytes)
{
	for (int i = 0; i < MEM_TYPE_COUNT; i++) {
		struct mem_usage u = mem_usage(m, (enum mem_type) i);
		fprintf(stderr, "%-12s %12lu bytes in %lu blocks\n", mem_type_name((enum mem_type) i), (unsigned long) u.bytes, (unsigned long) u.blocks);
	}
	check_failed(__FILE__, __LINE__, "memory", "%zu bytes for %s: the reserve is used up too", bytes, mem_type_name(type));
}

void *mem_need(struct mem_lane *lane, enum mem_type type, size_t bytes)
{
	void *block = mem_alloc(lane, type, bytes, MEM_MUST);
	/* An injected failure must not end the program where only the real end of memory may. */
	if (!block && (int) type == lane->mem->options.fail_type)
		block = mem_alloc(lane, type, bytes, MEM_MUST);
	if (!block)
		nothing_left(lane->mem, type, bytes);
	return block;
}

void mem_retype(struct mem_lane *lane, enum mem_type from, enum mem_type to, size_t bytes)
{
	int64_t counted = counted_bytes(lane->mem, class_for(lane->mem, bytes), bytes);
	count(lane, &lane->ledger.blocks[from], -1);
	count(lane, &lane->ledger.bytes[from], -counted);
	count(lane, &lane->ledger.blocks[to], 1);
	count(lane, &lane->ledger.bytes[to], counted);
}

void mem_trim(struct mem *m)
{
	for (unsigned i = 0; i < m->lane_count; i++)
		mem_lane_drain(&m->lanes[i]);
	pthread_mutex_lock(&m->lock);
	release_cache(m);
	for (struct carrier *c = m->free_carriers; c; c = c->next) {
		struct carrier *next = c->next;
		if (c->capacity) {
			give_up_pages(m, c);
			atomic_fetch_sub_explicit(&m->kept_bytes, CARRIER_BYTES, memory_order_relaxed);
		}
		c->next = next;
	}
	pthread_mutex_unlock(&m->lock);
}

/* ---- Ledgers ----------------------------------------------------------------------------------------------- */

void mem_charge(struct mem_lane *lane, enum mem_charge what, int64_t bytes) { count(lane, &lane->ledger.charged[what], bytes); }

static uint64_t not_negative(int64_t n) { return n < 0 ? 0 : (uint64_t) n; }

uint64_t mem_charged(const struct mem *m, enum mem_charge what)
{
	int64_t sum = 0;
	for (unsigned i = 0; i < m->lane_count; i++)
		sum += atomic_load_explicit(&m->lanes[i].ledger.charged[what], memory_order_relaxed);
	return not_negative(sum);
}

struct mem_usage mem_usage(const struct mem *m, enum mem_type type)
{
	int64_t blocks = 0, bytes = 0;
	for (unsigned i = 0; i < m->lane_count; i++) {
		blocks += atomic_load_explicit(&m->lanes[i].ledger.blocks[type], memory_order_relaxed);
		bytes += atomic_load_explicit(&m->lanes[i].ledger.bytes[type], memory_order_relaxed);
	}
	struct mem_usage u = { not_negative(blocks), not_negative(bytes), atomic_load_explicit(&m->peak[type], memory_order_relaxed) };
	/* The peak is the largest sum that anyone has looked at. */
	if (u.bytes > u.peak_bytes) {
		atomic_store_explicit((_Atomic uint64_t *) &m->peak[type], u.bytes, memory_order_relaxed);
		u.peak_bytes = u.bytes;
	}
	return u;
}

const char *mem_type_name(enum mem_type type)
{
	static const char *const names[] = {
#define TYPE(name, text) text,
		MEM_TYPES(TYPE)
#undef TYPE
	};
	return names[type];
}

uint64_t mem_carrier_bytes(const struct mem *m) { return atomic_load_explicit(&m->used_bytes, memory_order_relaxed); }
uint64_t mem_retained_bytes(const struct mem *m) { return atomic_load_explicit(&m->kept_bytes, memory_order_relaxed); }
uint64_t mem_refusals(const struct mem *m) { return atomic_load_explicit(&m->refusals, memory_order_relaxed); }
