/*
 * mem: blocks are whole and apart, both ledgers add up, the ceiling holds to the byte, what was kept is given
 * up before anyone is refused, blocks find their way home from other threads, and no choice follows an address.
 */
#include "tests/suite.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/mem.h"
#include "runtime/base/mem_class.h"
#include "runtime/base/mem_poison.h"
#include "runtime/base/random.h"

#define MIB (UINT64_C(1) << 20)

/* Sanitizers keep notes on each page that we write: resident memory is not ours alone. */
#if MEM_HAS_ASAN || defined(__SANITIZE_THREAD__)
#define RESIDENT_IS_OURS false
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define RESIDENT_IS_OURS false
#endif
#endif
#ifndef RESIDENT_IS_OURS
#define RESIDENT_IS_OURS true
#endif

static struct mem *start(uint64_t hard_bytes)
{
	struct mem_options options = { .hard_bytes = hard_bytes, .lanes = 4, .fail_type = -1 };
	struct mem *m = mem_new(&options);

	ck_assert_ptr_nonnull(m);
	return m;
}

static uint64_t bytes_in_use(const struct mem *m)
{
	uint64_t bytes = 0;

	for (int type = 0; type < MEM_TYPE_COUNT; type++)
		bytes += mem_usage(m, (enum mem_type) type).bytes;
	return bytes;
}

static void assert_all_came_back(struct mem *m)
{
	ck_assert_uint_eq(bytes_in_use(m), 0);
	mem_trim(m);
	ck_assert_uint_eq(mem_carrier_bytes(m), 0);
	ck_assert_uint_eq(mem_retained_bytes(m), 0);
	mem_free(m);
}

/* Sizes as programs ask for them: mostly small, heaps, now and then a mapping. */
static size_t some_size(struct random *r)
{
	uint64_t kind = random_below(r, 20);

	if (kind < 12)
		return 1 + random_below(r, 512);
	if (kind < 18)
		return 1 + random_below(r, 20000);
	return 1 + random_below(r, 400000);
}

/* ---- classes ------------------------------------------------------------------------------------------------- */

START_TEST(a_class_wastes_at_most_an_eighth)
{
	for (size_t bytes = 0; bytes <= MEM_CLASS_OWN_BYTES; bytes++) {
		size_t real = mem_real_bytes(bytes);
		size_t waste = bytes > 128 ? bytes / 8 : size_max(bytes, MEM_CLASS_LEAST_BYTES) + WORD_BYTES - 1 - bytes;
		HOLDS(real >= bytes && real - bytes <= waste, "%zu bytes take %zu", bytes, real);
		HOLDS(real % WORD_BYTES == 0, "%zu bytes take %zu", bytes, real);
	}
}
END_TEST

START_TEST(shared_classes_fill_their_carrier)
{
	for (size_t bytes = MEM_CLASS_OWN_BYTES + 1; bytes <= 4 * MEM_CARRIER_BYTES; bytes++) {
		size_t real = mem_real_bytes(bytes);
		HOLDS(real >= bytes, "%zu bytes take %zu", bytes, real);
		if (real > MEM_CARRIER_ROOM_BYTES)
			HOLDS(real % MEM_PAGE_BYTES == 0, "%zu bytes take %zu", bytes, real);
		else if (real != mem_class_large_bytes(bytes))
			HOLDS(real - bytes <= real / 8, "%zu bytes take %zu", bytes, real);
	}
}
END_TEST

START_TEST(small_heaps_fit_to_the_word)
{
	size_t a = 12, b = 38;

	while (a * WORD_BYTES <= MEM_CLASS_OWN_BYTES) {
		ck_assert_uint_eq(mem_real_bytes(a * WORD_BYTES), a * WORD_BYTES);
		size_t next = a + b + 1;
		a = b;
		b = next;
	}
}
END_TEST

START_TEST(table_and_arithmetic_agree)
{
	struct mem_classes classes;

	mem_classes_init(&classes);
	for (size_t bytes = 0; bytes <= 2 * MEM_CARRIER_BYTES; bytes++) {
		unsigned class = mem_class_of(&classes, bytes);
		size_t real = class == MEM_CLASS_NONE ? mem_class_large_bytes(bytes) : classes.bytes[class];
		HOLDS(real == mem_real_bytes(bytes), "%zu bytes", bytes);
	}
}
END_TEST

/* ---- blocks -------------------------------------------------------------------------------------------------- */

struct held { unsigned char *block; size_t bytes; enum mem_type type; unsigned char mark; };

static void take(struct mem_lane *lane, struct random *r, struct held *h)
{
	h->bytes = some_size(r);
	h->type = (enum mem_type) random_below(r, MEM_TYPE_COUNT);
	h->mark = (unsigned char) random_next(r);
	h->block = mem_alloc(lane, h->type, h->bytes, MEM_ASK);
	HOLDS(h->block && (uintptr_t) h->block % WORD_BYTES == 0, "%zu bytes", h->bytes);
	memset(h->block, h->mark, h->bytes);
}

static void give(struct mem_lane *lane, struct held *h)
{
	for (size_t i = 0; h->block && i < h->bytes; i += h->bytes > 4096 ? 997 : 1)
		HOLDS(h->block[i] == h->mark, "byte %zu of %zu", i, h->bytes);
	mem_give(lane, h->type, h->block, h->bytes);
	h->block = NULL;
}

START_TEST(blocks_are_whole_and_counted)
{
	struct mem *m = start(0);
	struct random r;
	struct held held[400] = { 0 };

	random_init(&r, suite_seed() + (uint64_t) _i);
	for (int step = 0; step < 8000; step++) {
		struct mem_lane *lane = mem_lane_at(m, (unsigned) random_below(&r, 4));
		struct held *h = &held[random_below(&r, ARRAY_COUNT(held))];
		if (h->block)
			give(lane, h);
		else
			take(lane, &r, h);
	}
	uint64_t expected = 0;
	for (size_t i = 0; i < ARRAY_COUNT(held); i++)
		expected += held[i].block ? mem_real_bytes(held[i].bytes) : 0;
	ck_assert_uint_eq(bytes_in_use(m), expected);
	ck_assert_uint_ge(mem_carrier_bytes(m), expected);
	for (size_t i = 0; i < ARRAY_COUNT(held); i++)
		give(mem_lane_at(m, 0), &held[i]);
	assert_all_came_back(m);
}
END_TEST

START_TEST(world_ends_with_blocks_in_use)
{
	struct mem *m = start(0);

	ck_assert_ptr_nonnull(mem_alloc(mem_lane_at(m, 0), MEM_HEAP, 100, MEM_ASK));
	ck_assert_ptr_nonnull(mem_alloc(mem_lane_at(m, 0), MEM_HEAP, 30000, MEM_ASK));
	ck_assert_ptr_nonnull(mem_alloc(mem_lane_at(m, 0), MEM_HEAP, 1000000, MEM_ASK));
	mem_free(m);            /* the leak sanitizer and the address space would tell */
}
END_TEST

START_TEST(block_changes_its_type)
{
	struct mem *m = start(0);
	struct mem_lane *lane = mem_lane_at(m, 0);
	void *block = mem_alloc(lane, MEM_MESSAGE, 1000, MEM_ASK);

	mem_retype(lane, MEM_MESSAGE, MEM_FRAGMENT, 1000);
	ck_assert_uint_eq(mem_usage(m, MEM_MESSAGE).blocks, 0);
	ck_assert_uint_eq(mem_usage(m, MEM_MESSAGE).bytes, 0);
	ck_assert_uint_eq(mem_usage(m, MEM_FRAGMENT).blocks, 1);
	ck_assert_uint_eq(mem_usage(m, MEM_FRAGMENT).bytes, mem_real_bytes(1000));
	mem_give(lane, MEM_FRAGMENT, block, 1000);
	assert_all_came_back(m);
}
END_TEST

START_TEST(a_peak_stays)
{
	struct mem *m = start(0);
	struct mem_lane *lane = mem_lane_at(m, 0);
	void *block = mem_alloc(lane, MEM_HEAP, 1000000, MEM_ASK);

	mem_give(lane, MEM_HEAP, block, 1000000);
	ck_assert_uint_eq(mem_usage(m, MEM_HEAP).bytes, 0);
	ck_assert_uint_eq(mem_usage(m, MEM_HEAP).peak_bytes, mem_real_bytes(1000000));
	assert_all_came_back(m);
}
END_TEST

START_TEST(charges_add_up_over_lanes)
{
	struct mem *m = start(0);

	mem_charge(mem_lane_at(m, 0), CHARGE_PROCESSES, 2640);
	mem_charge(mem_lane_at(m, 1), CHARGE_PROCESSES, -640);
	mem_charge(mem_lane_at(m, 3), CHARGE_BINARY, -1);
	ck_assert_uint_eq(mem_charged(m, CHARGE_PROCESSES), 2000);
	ck_assert_uint_eq(mem_charged(m, CHARGE_BINARY), 0);
	ck_assert_uint_eq(mem_carrier_bytes(m), 0);
	mem_free(m);
}
END_TEST

START_TEST(freed_memory_is_filled)
{
	struct mem_options options = { .lanes = 3, .fail_type = -1, .poison = true };
	struct mem *m = mem_new(&options);
	struct mem_lane *lane = mem_lane_at(m, 0);
	uint64_t *block = mem_alloc(lane, MEM_HEAP, 800, MEM_ASK);

	memset(block, 0, 800);
	mem_give(lane, MEM_HEAP, block, 800);
	if (!MEM_HAS_ASAN)
		ck_assert_uint_ne(block[50], 0);
	mem_free(m);
}
END_TEST

/* Runs under AddressSanitizer only: there, a block given back may not be read. */
START_TEST(sanitizer_sees_a_freed_block)
{
	struct mem *m = start(0);
	size_t bytes = (size_t[]) { 100, 1864, 30000, 100000 }[_i];
	char *block = mem_alloc(mem_lane_at(m, 0), MEM_HEAP, bytes, MEM_ASK);

#if MEM_HAS_ASAN
	ck_assert_int_eq(__asan_address_is_poisoned(block + bytes - 1), 0);
	mem_give(mem_lane_at(m, 0), MEM_HEAP, block, bytes);
	ck_assert_int_ne(__asan_address_is_poisoned(block + bytes - 1), 0);
	ck_assert_int_ne(__asan_address_is_poisoned(block), 0);
#else
	ck_assert_ptr_nonnull(block);
#endif
	mem_free(m);
}
END_TEST

/* ---- the ceiling --------------------------------------------------------------------------------------------- */

struct chain { struct chain *next; };

/* Takes until refused; the chain goes through the blocks' first word. */
static struct chain *take_all(struct mem *m, enum mem_type type, size_t bytes, enum mem_urgency urgency)
{
	struct chain *chain = NULL, *block;

	while ((block = mem_alloc(mem_lane_at(m, 0), type, bytes, urgency))) {
		block->next = chain;
		chain = block;
		HOLDS(mem_carrier_bytes(m) + mem_retained_bytes(m) <= mem_hard_bytes(m), "with blocks of %zu", bytes);
	}
	return chain;
}

static void give_all(struct mem *m, enum mem_type type, size_t bytes, struct chain *chain)
{
	while (chain) {
		struct chain *next = chain->next;
		mem_give(mem_lane_at(m, 0), type, chain, bytes);
		chain = next;
	}
}

static const size_t ceiling_sizes[] = { 48, 1864, 7896, 12784, 33480, 300000 };

/* Every type at every kind of size: asking ends at soft, needing at hard, and all of it can be had again. */
START_TEST(ceiling_holds_for_every_type)
{
	struct mem *m = start(4 * MIB);
	enum mem_type type = (enum mem_type) _i;

	for (size_t i = 0; i < ARRAY_COUNT(ceiling_sizes); i++) {
		size_t bytes = ceiling_sizes[i], next_step = mem_class_large_bytes(bytes) + MEM_CARRIER_BYTES;
		uint64_t refusals = mem_refusals(m);
		struct chain *asked = take_all(m, type, bytes, MEM_ASK);
		ck_assert_uint_le(mem_carrier_bytes(m), mem_soft_bytes(m));
		ck_assert_uint_gt(mem_carrier_bytes(m) + next_step, mem_soft_bytes(m));
		struct chain *needed = take_all(m, type, bytes, MEM_LAST);
		ck_assert_uint_gt(mem_carrier_bytes(m) + next_step, mem_hard_bytes(m));
		ck_assert_uint_eq(mem_refusals(m), refusals + 2);
		give_all(m, type, bytes, asked);
		give_all(m, type, bytes, needed);
	}
	assert_all_came_back(m);
}
END_TEST

START_TEST(what_is_kept_makes_room)
{
	struct mem *m = start(16 * MIB);
	struct mem_lane *lane = mem_lane_at(m, 0);

	for (size_t i = 0; i < ARRAY_COUNT(ceiling_sizes); i++) {
		give_all(m, MEM_HEAP, ceiling_sizes[i], take_all(m, MEM_HEAP, ceiling_sizes[i], MEM_LAST));
		ck_assert_uint_gt(mem_retained_bytes(m), 0);
		size_t whole = mem_hard_bytes(m) - MEM_PAGE_BYTES;
		void *block = mem_alloc(lane, MEM_HEAP, whole, MEM_LAST);
		ck_assert_ptr_nonnull(block);
		ck_assert_uint_le(mem_carrier_bytes(m) + mem_retained_bytes(m), mem_hard_bytes(m));
		mem_give(lane, MEM_HEAP, block, whole);
	}
	assert_all_came_back(m);
}
END_TEST

START_TEST(reserve_follows_the_largest_heap)
{
	struct mem *m = start(64 * MIB);

	ck_assert_uint_eq(mem_soft_bytes(m), 48 * MIB);
	mem_reserve_for(m, MIB);
	ck_assert_uint_eq(mem_soft_bytes(m), 48 * MIB);
	mem_reserve_for(m, 20 * MIB);
	ck_assert_uint_eq(mem_soft_bytes(m), 44 * MIB);
	mem_reserve_for(m, 2 * MIB);
	ck_assert_uint_eq(mem_soft_bytes(m), 44 * MIB);
	mem_reserve_for(m, 640 * MIB);
	ck_assert_uint_eq(mem_soft_bytes(m), 32 * MIB);
	ck_assert(mem_has_room(m, 32 * MIB));
	ck_assert(!mem_has_room(m, 32 * MIB + 1));
	ck_assert(!mem_has_room(m, UINT64_MAX));
	mem_free(m);
}
END_TEST

START_TEST(no_ceiling_means_none)
{
	struct mem *m = start(0);

	mem_reserve_for(m, 20 * MIB);
	ck_assert_uint_eq(mem_hard_bytes(m), UINT64_MAX);
	ck_assert_uint_eq(mem_soft_bytes(m), UINT64_MAX);
	ck_assert(mem_has_room(m, UINT64_C(1) << 50));
	mem_free(m);
}
END_TEST

static uint64_t resident_bytes(void)
{
	unsigned long size = 0, resident = 0;
	FILE *f = fopen("/proc/self/statm", "r");

	if (!f || fscanf(f, "%lu %lu", &size, &resident) != 2)
		resident = 0;
	if (f)
		fclose(f);
	return (uint64_t) resident * (uint64_t) sysconf(_SC_PAGESIZE);
}

/* The ceiling is about the machine: every page written, sizes changing all the time. */
START_TEST(resident_memory_stays_under_the_ceiling)
{
	struct mem *m = start(48 * MIB);
	struct mem_lane *lane = mem_lane_at(m, 0);
	struct random r;
	static struct held held[60000];
	uint64_t before = resident_bytes(), most = 0, largest = 0;

	random_init(&r, suite_seed());
	for (int round = 0; round < 12; round++) {
		size_t bytes = 64 + random_below(&r, round % 3 == 0 ? 200000 : 6000), n = 0;
		for (; n < ARRAY_COUNT(held); n++) {
			held[n].bytes = bytes + random_below(&r, bytes);
			held[n].block = mem_alloc(lane, MEM_HEAP, held[n].bytes, MEM_MUST);
			if (!held[n].block)
				break;
			memset(held[n].block, 1, held[n].bytes);
		}
		most = size_max(most, resident_bytes() - before);
		largest = size_max(largest, mem_carrier_bytes(m));
		ck_assert_uint_le(mem_carrier_bytes(m) + mem_retained_bytes(m), mem_hard_bytes(m));
		for (size_t i = 0; i < n; i++)
			mem_give(lane, MEM_HEAP, held[i].block, held[i].bytes);
	}
	ck_assert_uint_gt(largest, mem_hard_bytes(m) / 2);
	if (RESIDENT_IS_OURS)
		ck_assert_msg(most <= mem_hard_bytes(m) + 4 * MIB, "%llu bytes resident", (unsigned long long) most);
	assert_all_came_back(m);
}
END_TEST

START_TEST(failure_strikes_once)
{
	struct mem_options options = { .lanes = 3, .fail_type = _i, .fail_at = 3 };
	struct mem *m = mem_new(&options);

	for (int n = 1; n <= 6; n++)
		for (int type = 0; type < MEM_TYPE_COUNT; type++) {
			void *block = mem_alloc(mem_lane_at(m, (unsigned) n % 3), (enum mem_type) type, 40, MEM_MUST);
			ck_assert_int_eq(block == NULL, n == 3 && type == _i);
		}
	ck_assert_uint_eq(mem_refusals(m), 1);
	mem_free(m);
}
END_TEST

START_TEST(need_is_spared_by_injection)
{
	struct mem_options options = { .lanes = 3, .fail_type = MEM_SYSTEM, .fail_at = 1 };
	struct mem *m = mem_new(&options);

	ck_assert_ptr_nonnull(mem_need(mem_lane_at(m, 0), MEM_SYSTEM, 40));
	mem_free(m);
}
END_TEST

START_TEST(need_without_memory_ends_the_program)
{
	struct mem *m = start(MIB);

	for (;;)
		mem_need(mem_lane_at(m, 0), MEM_SYSTEM, 4000);
}
END_TEST

START_TEST(absurd_sizes_are_refused)
{
	struct mem *m = start(0);

	ck_assert_ptr_null(mem_alloc(mem_lane_at(m, 0), MEM_BINARY, SIZE_MAX, MEM_MUST));
	ck_assert_ptr_null(mem_alloc(mem_lane_at(m, 0), MEM_BINARY, SIZE_MAX / 2, MEM_MUST));
	ck_assert_uint_eq(mem_refusals(m), 2);
	assert_all_came_back(m);
}
END_TEST

/* ---- replay -------------------------------------------------------------------------------------------------- */

/*
 * A run as numbers: each block is named by the step at which its address was first seen. Two runs with the same
 * choices must have the same names, though their addresses differ.
 */
#define RUN_STEPS 6000

static void run(uint64_t seed, uint16_t *names)
{
	struct mem *m = start(64 * MIB);
	struct random r;
	struct held held[300] = { 0 };
	static void *seen[RUN_STEPS];

	random_init(&r, seed);
	for (int step = 0; step < RUN_STEPS; step++) {
		struct held *h = &held[random_below(&r, ARRAY_COUNT(held))];
		int first = step;
		seen[step] = NULL;
		if (h->block) {
			give(mem_lane_at(m, 0), h);
		} else {
			take(mem_lane_at(m, 0), &r, h);
			seen[step] = h->block;
			for (first = 0; seen[first] != h->block; first++)
				;
		}
		names[step] = (uint16_t) first;
	}
	mem_free(m);
}

START_TEST(a_seed_replays_every_choice)
{
	static uint16_t a[RUN_STEPS], b[RUN_STEPS];

	run(suite_seed(), a);
	void *shift = malloc(12345678);                 /* other addresses in the second run */
	run(suite_seed(), b);
	free(shift);
	for (int i = 0; i < RUN_STEPS; i++)
		HOLDS(a[i] == b[i], "step %d: %u, then %u", i, a[i], b[i]);
}
END_TEST

/* ---- threads; assertions stay in the main thread ------------------------------------------------------------- */

#define HANDED 200000
#define BELT 64

/* A belt of blocks from one thread to the other, a slot each: NULL is empty. */
struct belt { struct mem *m; _Atomic(void *) slot[BELT]; _Atomic int wrong; };

static size_t handed_bytes(int i)
{
	static const size_t sizes[] = { 88, 32, 1864, 300, 9000, 33480, 48, 120 };

	return sizes[i % (int) ARRAY_COUNT(sizes)];
}

static void *make_blocks(void *context)
{
	struct belt *belt = context;
	struct mem_lane *lane = mem_lane_at(belt->m, 0);

	for (int i = 0; i < HANDED; i++) {
		int *block = mem_need(lane, MEM_MESSAGE, handed_bytes(i));
		*block = i;
		while (atomic_load(&belt->slot[i % BELT]))
			sched_yield();
		atomic_store(&belt->slot[i % BELT], block);
	}
	return NULL;
}

static void *free_blocks(void *context)
{
	struct belt *belt = context;
	struct mem_lane *lane = mem_lane_at(belt->m, 1);

	for (int i = 0; i < HANDED; i++) {
		int *block;
		while (!(block = atomic_exchange(&belt->slot[i % BELT], NULL)))
			sched_yield();
		if (*block != i)
			atomic_fetch_add(&belt->wrong, 1);
		mem_give(lane, MEM_MESSAGE, block, handed_bytes(i));
	}
	return NULL;
}

START_TEST(blocks_find_their_way_home)
{
	struct belt belt = { .m = start(32 * MIB) };
	pthread_t maker, freer;

	pthread_create(&maker, NULL, make_blocks, &belt);
	pthread_create(&freer, NULL, free_blocks, &belt);
	pthread_join(maker, NULL);
	pthread_join(freer, NULL);
	ck_assert_int_eq(belt.wrong, 0);
	ck_assert_uint_eq(mem_usage(belt.m, MEM_MESSAGE).blocks, 0);
	assert_all_came_back(belt.m);
}
END_TEST

/* One lane took all there is, the other gave it back, and sleeps or not: it can be had again. */
START_TEST(a_sleeping_lane_is_kept_house_for)
{
	struct mem *m = start(4 * MIB);
	struct mem_lane *sleeper = mem_lane_at(m, 0), *other = mem_lane_at(m, 1);
	size_t bytes = ceiling_sizes[_i];
	uint64_t first = 0, second = 0;
	struct chain *chain = take_all(m, MEM_HEAP, bytes, MEM_MUST);

	mem_lane_rest(sleeper);
	while (chain) {
		struct chain *next = chain->next;
		mem_give(other, MEM_HEAP, chain, bytes);
		chain = next;
		first++;
	}
	while (mem_alloc(other, MEM_ETS, bytes, MEM_MUST))
		second++;
	ck_assert_uint_le(second, first);               /* some blocks were at hand already: one carrier stays split */
	ck_assert_uint_le((first - second) * bytes, MEM_CARRIER_BYTES);
	mem_lane_resume(sleeper);
	mem_free(m);
}
END_TEST

struct sleeper { struct mem *m; _Atomic bool done; };

static void *sleep_and_wake(void *context)
{
	struct sleeper *s = context;
	struct mem_lane *lane = mem_lane_at(s->m, 0);
	void *blocks[200] = { NULL };

	for (size_t i = 0; !s->done; i++) {
		mem_give(lane, MEM_HEAP, blocks[i % 200], 1000);
		blocks[i % 200] = mem_alloc(lane, MEM_HEAP, 1000, MEM_ASK);
		if (i % 100 == 0) {
			mem_lane_rest(lane);
			sched_yield();
			mem_lane_resume(lane);
		}
	}
	for (size_t i = 0; i < ARRAY_COUNT(blocks); i++)
		mem_give(lane, MEM_HEAP, blocks[i], 1000);
	return NULL;
}

/* A guest meets an owner that comes and goes, at the ceiling, where every refusal is a visit. */
START_TEST(guests_and_owners_do_not_collide)
{
	struct sleeper s = { .m = start(MIB) };
	struct mem_lane *lane = mem_lane_at(s.m, 1);
	pthread_t thread;

	pthread_create(&thread, NULL, sleep_and_wake, &s);
	for (int round = 0; round < 300; round++) {
		struct chain *chain = NULL, *block;
		while ((block = mem_alloc(lane, MEM_ETS, 1000, MEM_ASK))) {
			block->next = chain;
			chain = block;
		}
		while (chain) {
			struct chain *next = chain->next;
			mem_give(lane, MEM_ETS, chain, 1000);
			chain = next;
		}
	}
	s.done = true;
	pthread_join(thread, NULL);
	assert_all_came_back(s.m);
}
END_TEST

struct churner { struct mem *m; unsigned lane; uint64_t seed; int wrong; };

static void *churn(void *context)
{
	struct churner *c = context;
	struct mem_lane *lane = mem_lane_at(c->m, c->lane);
	struct held held[100] = { 0 };
	struct random r;

	random_init(&r, c->seed);
	for (int step = 0; step < 40000; step++) {
		struct held *h = &held[random_below(&r, ARRAY_COUNT(held))];
		if (h->block) {
			c->wrong += h->block[0] != h->mark || h->block[h->bytes - 1] != h->mark;
			mem_give(lane, MEM_ETS, h->block, h->bytes);
			h->block = NULL;
		} else if ((h->block = mem_alloc(lane, MEM_ETS, h->bytes = some_size(&r) / 4 + 1, MEM_ASK))) {
			h->mark = (unsigned char) step;
			h->block[0] = h->block[h->bytes - 1] = h->mark;
			mem_charge(lane, CHARGE_ETS, (int64_t) h->bytes);
			mem_charge(lane, CHARGE_ETS, -(int64_t) h->bytes);
		}
	}
	for (size_t i = 0; i < ARRAY_COUNT(held); i++)
		mem_give(lane, MEM_ETS, held[i].block, held[i].bytes);
	return NULL;
}

/* Two owners and two strangers on the outside lane, while the main thread reads the figures. */
START_TEST(lanes_and_strangers_at_once)
{
	struct mem *m = start(24 * MIB);
	struct churner churners[4];
	pthread_t threads[4];

	for (unsigned i = 0; i < 4; i++) {
		churners[i] = (struct churner) { m, i < 2 ? i : 2, suite_seed() + i, 0 };
		pthread_create(&threads[i], NULL, churn, &churners[i]);
	}
	for (int i = 0; i < 2000; i++) {
		ck_assert_uint_le(mem_carrier_bytes(m), mem_hard_bytes(m));
		mem_usage(m, MEM_ETS);
		mem_charged(m, CHARGE_ETS);
	}
	for (unsigned i = 0; i < 4; i++) {
		pthread_join(threads[i], NULL);
		ck_assert_int_eq(churners[i].wrong, 0);
	}
	ck_assert_uint_eq(mem_charged(m, CHARGE_ETS), 0);
	assert_all_came_back(m);
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("mem");
	TCase *classes = tcase_create("classes"), *blocks = tcase_create("blocks"), *ceiling = tcase_create("ceiling");
	TCase *threads = tcase_create("threads");

	tcase_add_test(classes, a_class_wastes_at_most_an_eighth);
	tcase_add_test(classes, shared_classes_fill_their_carrier);
	tcase_add_test(classes, small_heaps_fit_to_the_word);
	tcase_add_test(classes, table_and_arithmetic_agree);
	suite_add_tcase(suite, classes);

	tcase_add_loop_test(blocks, blocks_are_whole_and_counted, 0, 4);
	tcase_add_test(blocks, world_ends_with_blocks_in_use);
	tcase_add_test(blocks, block_changes_its_type);
	tcase_add_test(blocks, a_peak_stays);
	tcase_add_test(blocks, charges_add_up_over_lanes);
	tcase_add_test(blocks, freed_memory_is_filled);
	tcase_add_loop_test(blocks, sanitizer_sees_a_freed_block, 0, 4);
	tcase_add_test(blocks, a_seed_replays_every_choice);
	suite_add_tcase(suite, blocks);

	tcase_add_loop_test(ceiling, ceiling_holds_for_every_type, 0, MEM_TYPE_COUNT);
	tcase_add_test(ceiling, what_is_kept_makes_room);
	tcase_add_test(ceiling, reserve_follows_the_largest_heap);
	tcase_add_test(ceiling, no_ceiling_means_none);
	tcase_add_test(ceiling, resident_memory_stays_under_the_ceiling);
	tcase_add_loop_test(ceiling, failure_strikes_once, 0, MEM_TYPE_COUNT);
	tcase_add_test(ceiling, need_is_spared_by_injection);
	tcase_add_test_raise_signal(ceiling, need_without_memory_ends_the_program, SIGABRT);
	tcase_add_test(ceiling, absurd_sizes_are_refused);
	suite_add_tcase(suite, ceiling);

	tcase_set_tags(threads, "threads");
	tcase_set_timeout(threads, 60);
	tcase_add_test(threads, blocks_find_their_way_home);
	tcase_add_test(threads, lanes_and_strangers_at_once);
	tcase_add_loop_test(threads, a_sleeping_lane_is_kept_house_for, 0, (int) ARRAY_COUNT(ceiling_sizes));
	tcase_add_test(threads, guests_and_owners_do_not_collide);
	suite_add_tcase(suite, threads);
	return suite;
}
