/*
 * mem - see mem.h; where carriers come from and the ceiling are mem_store's.
 *
 *   alloc ──▶ magazine ◀── give          a few free blocks of a class; neither they nor carriers are touched
 *                │ empty: half refilled from a carrier    │ full: half goes home
 *                ▼                                        ▼
 *   own carrier's free list        another pool's return stack (one exchange a batch), drained by its owner
 *
 * A pool is the carriers and magazines of one lane, under the lane's rule: its owner only, or its lock.
 * Classes over 8 KiB live in one shared pool under a lock, without magazines: a carrier holds few of them.
 *
 * Invariants
 *   - carrier.used = blocks out + blocks in magazines + blocks on a return stack; 0 goes back to the store at once;
 *   - a carrier is in its pool's partial list while it has a block to give;
 *   - figures of a lane are written by its owner alone (or under its lock): relaxed loads and stores, no
 *     locked instruction; a block given back elsewhere makes one lane's figure negative, never the sum.
 */
#include "runtime/base/mem.h"

#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/mem_class.h"
#include "runtime/base/mem_lane.h"
#include "runtime/base/mem_poison.h"
#include "runtime/base/mem_store.h"

#define MAGAZINE_BYTES 16384u           /* a magazine holds at most this much, */
#define MAGAZINE_BLOCKS 64u             /* or this many */
#define LOCKED_LANES 2u                 /* the last ones */
#define POISON_BYTE 0xdb                /* as a term: neither pointer to anything nor a known immediate */

/* Whose a lane is at the moment. A guest drains and flushes it, and gives it back. */
enum lane_state { LANE_OWNED, LANE_RESTING, LANE_VISITED };

struct mem {
	struct mem_classes classes;
	unsigned lane_count;
	bool poison;
	int fail_type;
	uint64_t fail_at;
	struct mem_lane *lanes;
	_Alignas(CACHE_LINE) _Atomic uint64_t fail_seen;
	_Atomic uint64_t refusals;
	_Atomic uint64_t peak_bytes[MEM_TYPE_COUNT];    /* looked at whenever a carrier or mapping is taken */
	struct mem_store store;
	pthread_mutex_t shared_lock;
	struct pool shared;
};

static const char *const type_names[] = {
#define TYPE(name, text) text,
	MEM_TYPES(TYPE)
#undef TYPE
};

/* ---- figures ---- */

static uint64_t sum(const struct mem *m, size_t offset)
{
	int64_t total = 0;

	for (unsigned i = 0; i < m->lane_count; i++) {
		const figure *f = (const figure *) (const void *) ((const char *) &m->lanes[i] + offset);
		total += atomic_load_explicit(f, memory_order_relaxed);
	}
	return total > 0 ? (uint64_t) total : 0;
}

#define SUM(m, field, i) sum(m, offsetof(struct mem_lane, field) + (size_t) (i) * sizeof (figure))

static void note_peak(struct mem *m, enum mem_type type, size_t more_bytes)
{
	uint64_t bytes = SUM(m, bytes, type) + more_bytes;
	uint64_t peak = atomic_load_explicit(&m->peak_bytes[type], memory_order_relaxed);

	while (bytes > peak && !atomic_compare_exchange_weak_explicit(&m->peak_bytes[type], &peak, bytes,
		memory_order_relaxed, memory_order_relaxed))
		;
}

/* ---- blocks inside carriers; the first word of a free block is its link ---- */

ALWAYS_INLINE struct block *next_of(struct block *block)
{
	mem_allow(block, sizeof *block);
	struct block *next = block->next;
	mem_forbid(block, sizeof *block);
	return next;
}

ALWAYS_INLINE void set_next(struct block *block, struct block *next)
{
	mem_allow(block, sizeof *block);
	block->next = next;
	mem_forbid(block, sizeof *block);
}

static void list_carrier(struct pool *pool, struct mem_carrier *carrier)
{
	struct mem_carrier *first = pool->partial[carrier->class];

	carrier->previous = NULL;
	carrier->next = first;
	if (first)
		first->previous = carrier;
	pool->partial[carrier->class] = carrier;
	carrier->is_listed = true;
}

static void unlist_carrier(struct pool *pool, struct mem_carrier *carrier)
{
	*(carrier->previous ? &carrier->previous->next : &pool->partial[carrier->class]) = carrier->next;
	if (carrier->next)
		carrier->next->previous = carrier->previous;
	carrier->is_listed = false;
}

/* Up to `most` blocks, at least one: those given back, then fresh ones. Returns how many. */
static uint32_t carrier_take(struct mem *m, struct pool *pool, struct mem_carrier *carrier, uint32_t most,
	struct block **out)
{
	uint32_t capacity = m->classes.capacity[carrier->class], block_bytes = m->classes.bytes[carrier->class], n = 0;
	char *blocks = (char *) carrier + MEM_CARRIER_HEAD_BYTES;
	struct block *block = carrier->free;

	for (; block && n < most; block = next_of(block))
		out[n++] = block;
	carrier->free = block;
	while (n < most && carrier->fresh < capacity)
		out[n++] = (struct block *) (blocks + (size_t) carrier->fresh++ * block_bytes);
	carrier->used += n;
	if (!block && carrier->fresh == capacity)
		unlist_carrier(pool, carrier);
	return n;
}

static void carrier_put(struct mem *m, struct pool *pool, struct mem_carrier *carrier, struct block *block)
{
	set_next(block, carrier->free);
	carrier->free = block;
	if (!carrier->is_listed)
		list_carrier(pool, carrier);
	if (--carrier->used == 0) {
		unlist_carrier(pool, carrier);
		mem_store_give_carrier(&m->store, carrier);
	}
}

/* ---- lanes of others ---- */

/* The outside lane and the helper's are anybody's, under their lock. */
static void enter(struct mem_lane *lane)
{
	if (UNLIKELY(lane->is_locked))
		pthread_mutex_lock(&lane->lock);
}

static void leave(struct mem_lane *lane)
{
	if (UNLIKELY(lane->is_locked))
		pthread_mutex_unlock(&lane->lock);
}

/* Into a lane that nobody uses just now; false when somebody does. Never waits: guests come from inside of lanes. */
static bool visit(struct mem_lane *lane)
{
	uint32_t resting = LANE_RESTING;

	if (lane->is_locked)
		return pthread_mutex_trylock(&lane->lock) == 0;
	return atomic_load_explicit(&lane->state, memory_order_relaxed) == LANE_RESTING
		&& atomic_compare_exchange_strong_explicit(&lane->state, &resting, LANE_VISITED,
			memory_order_acquire, memory_order_relaxed);
}

static void end_visit(struct mem_lane *lane)
{
	if (lane->is_locked)
		pthread_mutex_unlock(&lane->lock);
	else
		atomic_store_explicit(&lane->state, LANE_RESTING, memory_order_release);
}

/* ---- the way home ---- */

/* Owner: what others gave back goes into its carriers. */
static bool drain(struct mem *m, struct pool *pool)
{
	if (!atomic_load_explicit(&pool->returned, memory_order_relaxed))
		return false;
	struct block *block = atomic_exchange_explicit(&pool->returned, NULL, memory_order_acquire);
	while (block) {
		struct block *next = next_of(block);
		carrier_put(m, pool, mem_carrier_of(block), block);
		block = next;
	}
	return true;
}

static void push_returned(struct pool *home, struct block *first, struct block *last)
{
	struct block *head = atomic_load_explicit(&home->returned, memory_order_relaxed);

	do
		set_next(last, head);
	while (!atomic_compare_exchange_weak_explicit(&home->returned, &head, first,
		memory_order_release, memory_order_relaxed));
}

/* Links the run of blocks of one home that begins at blocks[0] and pushes it; returns its length. */
static uint32_t send_run(struct mem *m, struct pool *home, struct block **blocks, uint32_t most)
{
	struct mem_lane *lane = CONTAINER_OF(home, struct mem_lane, pool);
	uint32_t n = 1;

	for (; n < most && mem_carrier_of(blocks[n])->owner == home; n++)
		set_next(blocks[n - 1], blocks[n]);
	push_returned(home, blocks[0], blocks[n - 1]);
	if (visit(lane)) {
		drain(m, home);
		end_visit(lane);
	}
	return n;
}

/* The oldest go home, the `keep` latest stay: they are the warmest. */
static NOINLINE void magazine_shrink(struct mem *m, struct pool *pool, struct magazine *magazine, uint32_t keep)
{
	if (magazine->count <= keep)
		return;
	uint32_t leaving = magazine->count - keep;
	for (uint32_t i = 0; i < leaving;) {
		struct mem_carrier *carrier = mem_carrier_of(magazine->blocks[i]);
		if (carrier->owner == pool)
			carrier_put(m, pool, carrier, magazine->blocks[i++]);
		else
			i += send_run(m, carrier->owner, &magazine->blocks[i], leaving - i);
	}
	magazine->count -= leaving;
	memmove(magazine->blocks, magazine->blocks + leaving, magazine->count * sizeof *magazine->blocks);
}

static void pool_flush(struct mem *m, struct pool *pool)
{
	for (unsigned class = 0; class < m->classes.own_count; class++)
		magazine_shrink(m, pool, &pool->magazines[class], 0);
	drain(m, pool);
}

/*
 * Memory is short: blocks at rest in magazines and on return stacks may be all that holds their carriers, in this
 * pool and in those of lanes that sleep.
 */
static NOINLINE void gather(struct mem *m, struct pool *pool)
{
	for (unsigned i = 0; i < m->lane_count; i++) {
		struct mem_lane *lane = &m->lanes[i];
		if (&lane->pool != pool && visit(lane)) {
			pool_flush(m, &lane->pool);
			end_visit(lane);
		}
	}
	pool_flush(m, pool);
}

/* ---- taking ---- */

static struct mem_carrier *pool_carrier(struct mem *m, struct pool *pool, unsigned class, enum mem_urgency urgency)
{
	if (pool->partial[class] || (drain(m, pool) && pool->partial[class]))
		return pool->partial[class];
	struct mem_carrier *carrier = mem_store_take_carrier(&m->store, pool, class, urgency);
	if (!carrier && pool != &m->shared) {           /* the shared pool's callers gather, with its lock open */
		gather(m, pool);
		if (pool->partial[class])
			return pool->partial[class];
		carrier = mem_store_take_carrier(&m->store, pool, class, urgency);
	}
	if (carrier)
		list_carrier(pool, carrier);
	return carrier;
}

/* Half a magazine at once, from one carrier. */
static NOINLINE bool magazine_refill(struct mem_lane *lane, enum mem_type type, unsigned class,
	enum mem_urgency urgency)
{
	struct mem *m = lane->mem;
	struct pool *pool = &lane->pool;
	struct magazine *magazine = &pool->magazines[class];
	struct mem_carrier *carrier = pool_carrier(m, pool, class, urgency);

	if (!carrier)
		return false;
	if (carrier->used == 0)
		note_peak(m, type, m->classes.bytes[class]);
	magazine->count = carrier_take(m, pool, carrier, (magazine->most + 1) / 2, magazine->blocks);
	return true;
}

static void *take_own(struct mem_lane *lane, enum mem_type type, unsigned class, enum mem_urgency urgency)
{
	struct magazine *magazine = &lane->pool.magazines[class];

	if (UNLIKELY(magazine->count == 0) && !magazine_refill(lane, type, class, urgency))
		return NULL;
	return magazine->blocks[--magazine->count];
}

static void *take_shared(struct mem *m, enum mem_type type, unsigned class, enum mem_urgency urgency)
{
	pthread_mutex_lock(&m->shared_lock);
	struct mem_carrier *carrier = pool_carrier(m, &m->shared, class, urgency);
	bool is_new = carrier && carrier->used == 0;
	struct block *block = NULL;
	if (carrier)
		carrier_take(m, &m->shared, carrier, 1, &block);
	pthread_mutex_unlock(&m->shared_lock);
	if (is_new)
		note_peak(m, type, m->classes.bytes[class]);
	return block;
}

static void *take_large(struct mem *m, enum mem_type type, size_t bytes, enum mem_urgency urgency)
{
	void *block = mem_store_take_large(&m->store, bytes, urgency);

	if (block)
		note_peak(m, type, mem_class_large_bytes(bytes));
	return block;
}

static NOINLINE void *take_other(struct mem_lane *lane, enum mem_type type, unsigned class, size_t bytes,
	enum mem_urgency urgency)
{
	struct mem *m = lane->mem;
	void *block = NULL;

	for (int attempt = 0; attempt < 2 && !block; attempt++) {
		if (attempt > 0)
			gather(m, &lane->pool);
		block = class == MEM_CLASS_NONE ? take_large(m, type, bytes, urgency)
			: take_shared(m, type, class, urgency);
	}
	return block;
}

ALWAYS_INLINE void *take(struct mem_lane *lane, enum mem_type type, size_t bytes, enum mem_urgency urgency)
{
	const struct mem_classes *classes = &lane->mem->classes;
	unsigned class = mem_class_of(classes, bytes);
	void *block;

	if (LIKELY(class < classes->own_count))
		block = take_own(lane, type, class, urgency);
	else
		block = take_other(lane, type, class, bytes, urgency);
	if (UNLIKELY(!block))
		return NULL;
	mem_lane_count(lane, type, 1, class == MEM_CLASS_NONE ? mem_class_large_bytes(bytes) : classes->bytes[class]);
	mem_allow(block, bytes);
	return block;
}

static NOINLINE void *take_locked(struct mem_lane *lane, enum mem_type type, size_t bytes, enum mem_urgency urgency)
{
	pthread_mutex_lock(&lane->lock);
	void *block = take(lane, type, bytes, urgency);
	pthread_mutex_unlock(&lane->lock);
	return block;
}

static bool is_injected(struct mem *m, enum mem_type type)
{
	return (int) type == m->fail_type
		&& atomic_fetch_add_explicit(&m->fail_seen, 1, memory_order_relaxed) + 1 == m->fail_at;
}

static NOINLINE void *refuse(struct mem *m)
{
	atomic_fetch_add_explicit(&m->refusals, 1, memory_order_relaxed);
	return NULL;
}

void *mem_alloc(struct mem_lane *lane, enum mem_type type, size_t bytes, enum mem_urgency urgency)
{
	if (UNLIKELY(lane->mem->fail_type >= 0) && is_injected(lane->mem, type))
		return refuse(lane->mem);
	void *block = UNLIKELY(lane->is_locked) ? take_locked(lane, type, bytes, urgency)
		: take(lane, type, bytes, urgency);
	return LIKELY(block) ? block : refuse(lane->mem);
}

void *mem_need(struct mem_lane *lane, enum mem_type type, size_t bytes)
{
	void *block = lane->is_locked ? take_locked(lane, type, bytes, MEM_LAST) : take(lane, type, bytes, MEM_LAST);

	if (UNLIKELY(!block)) {
		mem_print(lane->mem, stderr);
		CHECK(block, "%zu bytes of %s are needed and the ceiling of %" PRIu64 " is met", bytes, type_names[type],
			lane->mem->store.hard_bytes);
	}
	return block;
}

/* ---- giving back ---- */

static NOINLINE void give_other(struct mem *m, unsigned class, struct block *block, size_t bytes)
{
	if (class == MEM_CLASS_NONE) {
		mem_store_give_large(&m->store, block, bytes);
		return;
	}
	pthread_mutex_lock(&m->shared_lock);
	carrier_put(m, &m->shared, mem_carrier_of(block), block);
	pthread_mutex_unlock(&m->shared_lock);
}

static void give_own(struct mem_lane *lane, unsigned class, struct block *block)
{
	struct magazine *magazine = &lane->pool.magazines[class];

	if (UNLIKELY(magazine->count == magazine->most))
		magazine_shrink(lane->mem, &lane->pool, magazine, magazine->most / 2);
	magazine->blocks[magazine->count++] = block;
}

ALWAYS_INLINE void give(struct mem_lane *lane, enum mem_type type, void *block, size_t bytes)
{
	struct mem *m = lane->mem;
	unsigned class = mem_class_of(&m->classes, bytes);

	mem_lane_count(lane, type, -1, class == MEM_CLASS_NONE ? mem_class_large_bytes(bytes) : m->classes.bytes[class]);
	if (UNLIKELY(m->poison))
		memset(block, POISON_BYTE, bytes);
	if (class != MEM_CLASS_NONE)
		mem_forbid(block, m->classes.bytes[class]);
	if (LIKELY(class < m->classes.own_count))
		give_own(lane, class, block);
	else
		give_other(m, class, block, bytes);
}

void mem_give(struct mem_lane *lane, enum mem_type type, void *block, size_t bytes)
{
	if (UNLIKELY(!block))
		return;
	if (LIKELY(!lane->is_locked)) {
		give(lane, type, block, bytes);
		return;
	}
	pthread_mutex_lock(&lane->lock);
	give(lane, type, block, bytes);
	pthread_mutex_unlock(&lane->lock);
}

/* ---- figures that anyone's lane may carry; housekeeping ---- */

void mem_retype(struct mem_lane *lane, enum mem_type from, enum mem_type to, size_t bytes)
{
	size_t real_bytes = mem_class_real_bytes(bytes);

	enter(lane);
	mem_lane_count(lane, from, -1, real_bytes);
	mem_lane_count(lane, to, 1, real_bytes);
	leave(lane);
}

void mem_charge(struct mem_lane *lane, enum mem_charge what, int64_t bytes)
{
	enter(lane);
	mem_figure_add(&lane->charged[what], bytes);
	leave(lane);
}

void mem_lane_drain(struct mem_lane *lane)
{
	enter(lane);
	drain(lane->mem, &lane->pool);
	leave(lane);
}

void mem_lane_rest(struct mem_lane *lane)
{
	mem_lane_drain(lane);
	if (!lane->is_locked)
		atomic_store_explicit(&lane->state, LANE_RESTING, memory_order_release);
}

/* A guest is gone in a moment: it only puts blocks into carriers. */
void mem_lane_resume(struct mem_lane *lane)
{
	uint32_t resting = LANE_RESTING;

	while (!lane->is_locked && !atomic_compare_exchange_weak_explicit(&lane->state, &resting, LANE_OWNED,
		memory_order_acquire, memory_order_relaxed)) {
		resting = LANE_RESTING;
		sched_yield();
	}
}

bool mem_lane_has_returns(const struct mem_lane *lane)
{
	return atomic_load_explicit(&lane->pool.returned, memory_order_relaxed) != NULL;
}

void mem_trim(struct mem *m)
{
	for (unsigned i = 0; i < m->lane_count; i++) {
		enter(&m->lanes[i]);
		pool_flush(m, &m->lanes[i].pool);
		leave(&m->lanes[i]);
	}
	for (unsigned i = 0; i < m->lane_count; i++)            /* what the flush sent to lanes before it */
		mem_lane_drain(&m->lanes[i]);
	mem_store_trim(&m->store);
}

/* ---- one world's memory ---- */

static uint32_t magazine_most(const struct mem *m, unsigned class)
{
	return (uint32_t) size_min(MAGAZINE_BYTES / m->classes.bytes[class], MAGAZINE_BLOCKS);
}

static bool lane_init(struct mem *m, struct mem_lane *lane, bool is_locked)
{
	size_t slots = 0;

	lane->mem = m;
	lane->classes = &m->classes;
	lane->is_locked = is_locked;
	lane->is_plain = !is_locked && m->fail_type < 0 && !m->poison && !MEM_HAS_ASAN;
	pthread_mutex_init(&lane->lock, NULL);
	for (unsigned class = 0; class < m->classes.own_count; class++)
		slots += magazine_most(m, class);
	lane->slots = calloc(slots, sizeof *lane->slots);
	for (unsigned class = 0; lane->slots && class < m->classes.own_count; class++) {
		uint32_t most = magazine_most(m, class);
		slots -= most;
		lane->pool.magazines[class] = (struct magazine) { .blocks = lane->slots + slots, .most = most };
	}
	return lane->slots != NULL;
}

struct mem *mem_new(const struct mem_options *options)
{
	unsigned lanes = options->lanes > 0 ? options->lanes : 1;
	struct mem *m = aligned_alloc(CACHE_LINE, sizeof *m);
	struct mem_lane *storage = aligned_alloc(CACHE_LINE, lanes * sizeof *storage);
	bool is_whole = m && storage;

	if (!is_whole) {
		free(m);
		free(storage);
		return NULL;
	}
	memset(m, 0, sizeof *m);
	memset(storage, 0, lanes * sizeof *storage);
	m->lane_count = lanes;
	m->poison = options->poison;
	m->fail_type = options->fail_at > 0 ? options->fail_type : -1;
	m->fail_at = options->fail_at;
	m->lanes = storage;
	mem_classes_init(&m->classes);
	mem_store_init(&m->store, options->hard_bytes);
	pthread_mutex_init(&m->shared_lock, NULL);
	for (unsigned i = 0; i < lanes; i++)
		is_whole &= lane_init(m, &m->lanes[i], i + LOCKED_LANES >= lanes);
	if (!is_whole) {
		mem_free(m);
		return NULL;
	}
	return m;
}

void mem_free(struct mem *m)
{
	if (!m)
		return;
	mem_store_release(&m->store);
	for (unsigned i = 0; i < m->lane_count; i++) {
		pthread_mutex_destroy(&m->lanes[i].lock);
		free(m->lanes[i].slots);
	}
	pthread_mutex_destroy(&m->shared_lock);
	free(m->lanes);
	free(m);
}

struct mem_lane *mem_lane_at(struct mem *m, unsigned lane)
{
	CHECK(lane < m->lane_count, "lane %u of %u", lane, m->lane_count);
	return &m->lanes[lane];
}

struct mem *mem_of_lane(struct mem_lane *lane)
{
	return lane->mem;
}

/* ---- reading ---- */

size_t mem_real_bytes(size_t bytes)
{
	return mem_class_real_bytes(bytes);
}

uint64_t mem_charged(const struct mem *m, enum mem_charge what)
{
	return SUM(m, charged, what);
}

struct mem_usage mem_usage(const struct mem *m, enum mem_type type)
{
	struct mem_usage usage = { .blocks = SUM(m, blocks, type), .bytes = SUM(m, bytes, type) };
	uint64_t peak = atomic_load_explicit(&m->peak_bytes[type], memory_order_relaxed);

	usage.peak_bytes = peak > usage.bytes ? peak : usage.bytes;
	return usage;
}

const char *mem_type_name(enum mem_type type)
{
	return (unsigned) type < MEM_TYPE_COUNT ? type_names[type] : "?";
}

uint64_t mem_carrier_bytes(const struct mem *m)
{
	return atomic_load_explicit(&m->store.in_use_bytes, memory_order_relaxed);
}

uint64_t mem_retained_bytes(const struct mem *m)
{
	return atomic_load_explicit(&m->store.retained_bytes, memory_order_relaxed);
}

uint64_t mem_hard_bytes(const struct mem *m)
{
	return m->store.hard_bytes ? m->store.hard_bytes : UINT64_MAX;
}

uint64_t mem_soft_bytes(const struct mem *m)
{
	return mem_store_soft_bytes(&m->store);
}

void mem_reserve_for(struct mem *m, size_t largest_to_space_bytes)
{
	uint64_t hard = m->store.hard_bytes, wanted = size_min(largest_to_space_bytes, hard / 2);
	uint64_t reserve = atomic_load_explicit(&m->store.reserve_bytes, memory_order_relaxed);

	while (wanted > reserve && !atomic_compare_exchange_weak_explicit(&m->store.reserve_bytes, &reserve, wanted,
		memory_order_relaxed, memory_order_relaxed))
		;
}

bool mem_has_room_for_small(const struct mem *m, uint64_t bytes)
{
	uint64_t reserve = atomic_load_explicit(&m->store.reserve_bytes, memory_order_relaxed);

	return !m->store.hard_bytes || mem_carrier_bytes(m) + bytes <= m->store.hard_bytes - reserve / 2;
}

bool mem_has_room(const struct mem *m, uint64_t bytes)
{
	uint64_t soft = mem_soft_bytes(m), used = mem_carrier_bytes(m);

	return used <= soft && bytes <= soft - used;
}

uint64_t mem_refusals(const struct mem *m)
{
	return atomic_load_explicit(&m->refusals, memory_order_relaxed);
}

void mem_print(const struct mem *m, FILE *out)
{
	fprintf(out, "%-12s %10s %14s %14s\n", "memory", "blocks", "bytes", "peak bytes");
	for (int type = 0; type < MEM_TYPE_COUNT; type++) {
		struct mem_usage usage = mem_usage(m, (enum mem_type) type);
		if (usage.peak_bytes > 0)
			fprintf(out, "%-12s %10" PRIu64 " %14" PRIu64 " %14" PRIu64 "\n", type_names[type],
				usage.blocks, usage.bytes, usage.peak_bytes);
	}
	fprintf(out, "carriers %" PRIu64 ", retained %" PRIu64 ", ceiling %" PRIu64 "\n", mem_carrier_bytes(m),
		mem_retained_bytes(m), mem_hard_bytes(m));
}
