/*
 * Tables without processes: what they hold, what they say they weigh, and that they give everything back.
 * The weights are the recorded BEAM's; `numbers` replays its rows, here are the rules behind them.
 */
#include "runtime/memory/ets.h"
#include "runtime/base/random.h"
#include "runtime/memory/build.h"
#include "runtime/term/order.h"
#include "tests/suite.h"

#include <stdlib.h>
#include <string.h>

static struct mem *mem;
static struct mem_lane *lane;
static struct atoms *atoms;
static struct ets table;

static void setup(void)
{
	mem = mem_new(&(struct mem_options) { .lanes = 2, .poison = true, .fail_type = -1 });
	lane = mem_lane_at(mem, 0);
	atoms = atoms_new(mem, lane, 0);
}

static void teardown(void)
{
	atoms_free(atoms, lane);
	mem_free(mem);
}

static uint64_t charged(void) { return mem_charged(mem, CHARGE_ETS); }
static uint64_t words(void) { return table.words; }

static void make(enum table_type type)
{
	ck_assert(ets_init(&table, atoms, lane, &(struct ets_options) { .type = type, .schedulers = 1 }));
}

/* Frees all in pieces of a few objects; nothing may be left. */
static void unmake(void)
{
	uint64_t objects = 7;
	while (!ets_release_some(&table, lane, &objects))
		objects = 7;
	ck_assert_uint_eq(charged(), 0);
	ck_assert_uint_eq(mem_usage(mem, MEM_ETS).blocks, 0);
	ck_assert_uint_eq(mem_usage(mem, MEM_BINARY).blocks, 0);
}

static enum ets_put put(term tuple) { return ets_put(&table, lane, ets_object_new(lane, table.type, table.key_position, tuple)); }

/* A tuple of two on the C stack of the caller. */
#define PAIR(x, y) term_from_box((term[]) { term_header(BOX_TUPLE, 2), (x), (y) })
#define INT(n) term_from_small(n)

static enum ets_put put_pair(int64_t key, int64_t value) { return put(PAIR(INT(key), INT(value))); }
static void put_upto(int64_t from, int64_t to)
{
	for (int64_t i = from; i <= to; i++)
		put_pair(i, i);
}

static int64_t value_of(struct ets_object *o) { return term_to_small(o->data[2]); }
static int64_t key_of(struct ets_object *o) { return term_to_small(o->data[1]); }

/* ---- Weights ---- */

START_TEST(empty_tables_weigh_as_recorded)
{
	static const struct { struct ets_options options; uint64_t words; } rows[] = {
		{ { .type = TABLE_SET, .schedulers = 1 }, 305 }, { { .type = TABLE_BAG, .schedulers = 1 }, 305 },
		{ { .type = TABLE_DUPLICATE_BAG, .schedulers = 1 }, 305 }, { { .type = TABLE_ORDERED_SET, .schedulers = 1 }, 139 },
		{ { .type = TABLE_SET, .schedulers = 1, .read_concurrency = true, .write_concurrency = true }, 305 },
		{ { .type = TABLE_SET, .schedulers = 2, .read_concurrency = true }, 337 },
		{ { .type = TABLE_ORDERED_SET, .schedulers = 2, .read_concurrency = true }, 171 },
		{ { .type = TABLE_SET, .schedulers = 2, .write_concurrency = true }, 1361 },
		{ { .type = TABLE_SET, .schedulers = 2, .write_concurrency = true, .read_concurrency = true }, 3409 },
		{ { .type = TABLE_ORDERED_SET, .schedulers = 2, .write_concurrency = true }, 133 },
	};
	ck_assert(ets_init(&table, atoms, lane, &rows[_i].options));
	ck_assert_uint_eq(words(), rows[_i].words);
	ck_assert_uint_eq(charged(), rows[_i].words * 8);
	unmake();
}
END_TEST

/* What ets:info(T, memory) said on OTP 25 after so many {I,I}; the last ones pass the ends of the directory of segments. */
START_TEST(a_set_grows_as_recorded)
{
	static const struct { int64_t rows; uint64_t words; } steps[] = { { 1, 312 }, { 100, 1005 }, { 256, 2097 },
		{ 257, 4414 }, { 2304, 18743 }, { 2305, 20798 }, { 522496, 4180279 }, { 522497, 4182724 }, { 784640, 6277821 },
		{ 784641, 6280394 }, { 1000000, 8002947 } };
	int64_t rows = 0;
	make(TABLE_SET);
	for (size_t i = 0; i < ARRAY_COUNT(steps); rows = steps[i++].rows) {
		put_upto(rows + 1, steps[i].rows);
		ck_assert_uint_eq(words(), steps[i].words);
		ck_assert_uint_eq(charged(), steps[i].words * 8 + (uint64_t) steps[i].rows * 8);
	}
	for (int64_t i = 1; i <= rows; i++)
		ck_assert_uint_eq(ets_remove(&table, lane, INT(i)), 1);
	ck_assert_uint_eq(words(), 2615);
	unmake();
}
END_TEST

START_TEST(emptying_at_once_gives_the_segments_back)
{
	struct ets old;
	make(TABLE_SET);
	put_upto(1, 10000);
	ck_assert(ets_move_out(&table, lane, &old));
	ck_assert_uint_eq(words(), 305);
	for (uint64_t objects = 100; !ets_release_some(&old, lane, &objects); objects = 100)
		continue;
	ck_assert_uint_eq(charged(), 305 * 8);
	put_upto(1, 10);
	ck_assert_uint_eq(words(), 305 + 70);
	unmake();
}
END_TEST

START_TEST(an_ordered_set_costs_five_words_more)
{
	make(TABLE_ORDERED_SET);
	put_upto(1, 1000);
	ck_assert_uint_eq(words(), 139 + 8 * 1000);
	for (int64_t i = 1000; i > 0; i--)
		ets_remove(&table, lane, INT(i));
	ck_assert_uint_eq(words(), 139);
	unmake();
}
END_TEST

/* ---- Sets and bags ---- */

START_TEST(a_set_overwrites)
{
	static const enum table_type types[] = { TABLE_SET, TABLE_ORDERED_SET };
	make(types[_i]);
	ck_assert_int_eq(put_pair(1, 10), ETS_ADDED);
	uint64_t before = words();
	term list[20] = { 0 }, tail = TERM_NIL;
	for (int i = 0; i < 20; i += 2) {
		list[i] = INT(i);
		list[i + 1] = tail;
		tail = term_from_cons(&list[i]);
	}
	ck_assert_int_eq(put(PAIR(INT(1), tail)), ETS_REPLACED);
	ck_assert_uint_eq(words(), before + 20);
	ck_assert_int_eq(put_pair(1, 11), ETS_REPLACED);
	ck_assert_uint_eq(words(), before);
	ck_assert_uint_eq(table.size, 1);
	ck_assert_int_eq(value_of(ets_find(&table, INT(1))), 11);
	ck_assert_ptr_null(ets_find(&table, INT(2)));
	unmake();
}
END_TEST

START_TEST(a_bag_keeps_each_object_once)
{
	make(TABLE_BAG);
	ck_assert_int_eq(put_pair(1, 1), ETS_ADDED);
	ck_assert_int_eq(put_pair(1, 2), ETS_ADDED);
	ck_assert_int_eq(put_pair(1, 1), ETS_IGNORED);
	ck_assert_uint_eq(table.size, 2);
	struct ets_object *o = ets_find(&table, INT(1));
	ck_assert_int_eq(value_of(o), 2);
	ck_assert_int_eq(value_of(ets_find_older(&table, o)), 1);
	ck_assert_ptr_null(ets_find_older(&table, ets_find_older(&table, o)));
	ck_assert_uint_eq(ets_remove_equal(&table, lane, PAIR(INT(1), INT(2))), 1);
	ck_assert_uint_eq(ets_remove(&table, lane, INT(1)), 1);
	unmake();
}
END_TEST

START_TEST(a_duplicate_bag_keeps_all)
{
	make(TABLE_DUPLICATE_BAG);
	for (int i = 0; i < 3; i++)
		put_pair(1, 1);
	put_pair(1, 2);
	ck_assert_uint_eq(table.size, 4);
	ck_assert_uint_eq(words(), 305 + 4 * 7);
	ck_assert_uint_eq(ets_remove_equal(&table, lane, PAIR(INT(1), INT(1))), 3);
	ck_assert_uint_eq(ets_remove(&table, lane, INT(1)), 1);
	unmake();
}
END_TEST

START_TEST(one_and_one_point_zero_are_two_keys_of_a_set_and_one_of_an_ordered_set)
{
	double one = 1.0;
	term box[2] = { term_header(BOX_FLOAT, 1) };
	memcpy(&box[1], &one, sizeof one);
	make(TABLE_SET);
	put_pair(1, 1);
	ck_assert_int_eq(put(PAIR(term_from_box(box), INT(2))), ETS_ADDED);
	unmake();
	make(TABLE_ORDERED_SET);
	put_pair(1, 1);
	ck_assert_int_eq(put(PAIR(term_from_box(box), INT(2))), ETS_REPLACED);
	unmake();
}
END_TEST

/* ---- Binaries ---- */

START_TEST(payloads_live_as_long_as_their_row)
{
	struct refc *payload = refc_new(lane, 1, 1000, 1000, MEM_ASK, 0);
	term handle[REFC_WORDS] = { term_header(BOX_REFC, REFC_WORDS - 1), { 1000 }, { 0 }, { (uintptr_t) payload },
		{ (uintptr_t) payload->data }, { 0 } };
	make(TABLE_SET);
	put(PAIR(INT(1), term_from_box(handle)));
	ck_assert_uint_eq(words(), 305 + 3 + 6 + 4);
	ck_assert_uint_eq(table.binary_bytes, 1000);
	ck_assert_uint_eq(payload->references, 2);
	refc_drop(lane, payload);
	ck_assert_uint_eq(mem_usage(mem, MEM_BINARY).blocks, 1);
	put_pair(1, 1);
	ck_assert_uint_eq(table.binary_bytes, 0);
	ck_assert_uint_eq(mem_usage(mem, MEM_BINARY).blocks, 0);
	unmake();
}
END_TEST

/* ---- Against a plain model: every key's value, or absent ---- */

#define KEYS 3000

static void compare_with(const int64_t *model)
{
	uint64_t count = 0;
	for (int64_t k = 0; k < KEYS; k++) {
		struct ets_object *o = ets_find(&table, INT(k));
		count += model[k] != 0;
		ck_assert_int_eq(o ? value_of(o) : 0, model[k]);
	}
	ck_assert_uint_eq(table.size, count);
}

static bool note_visit(void *context, struct ets_object *o)
{
	((unsigned char *) context)[key_of(o)]++;
	return true;
}

static bool is_even(void *context, struct ets_object *o)
{
	(void) context;
	return key_of(o) % 2 == 0;
}

START_TEST(random_changes_agree_with_a_model)
{
	static int64_t model[KEYS];
	struct random random;
	memset(model, 0, sizeof model);
	random_init(&random, suite_seed() + (uint64_t) _i);
	make(_i % 2 ? TABLE_ORDERED_SET : TABLE_SET);
	for (int round = 0; round < 20; round++) {
		uint64_t appetite = random_below(&random, 100);         /* rounds that grow and rounds that shrink */
		for (int i = 0; i < 2000; i++) {
			int64_t k = (int64_t) random_below(&random, KEYS);
			if (random_below(&random, 100) < appetite) {
				model[k] = 1 + (int64_t) random_below(&random, 1000);
				put_pair(k, model[k]);
			} else {
				ck_assert_uint_eq(ets_remove(&table, lane, INT(k)), model[k] != 0);
				model[k] = 0;
			}
		}
		compare_with(model);
	}
	for (uint64_t cursor = 0, done = 0; !done; done = cursor == 0)
		ets_remove_if(&table, lane, &cursor, 10, is_even, NULL);
	for (int64_t k = 0; k < KEYS; k += 2)
		model[k] = 0;
	compare_with(model);
	unmake();
}
END_TEST

/* Among so many hashes are those whose halves and marks are 0 or look like an empty place's. */
START_TEST(what_is_missing_is_missing_whatever_its_hash)
{
	for (int64_t round = 0; round < 100; round++) {
		make(TABLE_SET);
		put_upto(round * 1000, round * 1000 + 95);
		for (int64_t k = 0; k < 100000; k++)
			ck_assert_ptr_null(ets_find(&table, INT(1000000000 + round * 100000 + k)));
		unmake();
	}
}
END_TEST

START_TEST(a_tree_is_in_order_both_ways)
{
	struct random random;
	bool missing;
	random_init(&random, suite_seed());
	make(TABLE_ORDERED_SET);
	for (int i = 0; i < 5000; i++)
		put_pair((int64_t) random_below(&random, 100000) * 2, i);
	uint64_t seen = 0;
	int64_t last = -1;
	for (struct ets_object *o = ets_first(&table); o; o = ets_next(&table, INT(last), &missing), seen++) {
		ck_assert_int_gt(key_of(o), last);
		ck_assert_ptr_eq(ets_next(&table, INT(key_of(o) - 1), &missing), o);    /* of a key that is not there */
		last = key_of(o);
	}
	ck_assert_uint_eq(seen, table.size);
	ck_assert_int_eq(key_of(ets_last(&table)), last);
	for (struct ets_object *o = ets_last(&table); o; o = ets_prev(&table, INT(key_of(o)), &missing))
		seen--;
	ck_assert_uint_eq(seen, 0);
	unmake();
}
END_TEST

START_TEST(a_hash_is_walked_once_by_keys)
{
	static unsigned char seen[KEYS];
	bool missing = false;
	make(TABLE_SET);
	put_upto(0, KEYS - 1);
	memset(seen, 0, sizeof seen);
	for (struct ets_object *o = ets_first(&table); o; o = ets_next(&table, INT(key_of(o)), &missing))
		seen[key_of(o)]++;
	for (int k = 0; k < KEYS; k++)
		ck_assert_int_eq(seen[k], 1);
	ck_assert_ptr_null(ets_next(&table, INT(KEYS), &missing));
	ck_assert(missing);
	unmake();
}
END_TEST

/* Rows that stay are seen exactly once although the table doubles and halves in the middle of the walk. */
START_TEST(a_walk_survives_growth_and_shrinking)
{
	static unsigned char seen[KEYS + 122 * 3000];
	make(TABLE_SET);
	put_upto(0, KEYS - 1);
	memset(seen, 0, sizeof seen);
	uint64_t cursor = 0, step = 0;
	do {
		ets_each(&table, &cursor, 50, note_visit, seen);
		if (step++ >= 120)
			continue;
		if (step % 20 < 10)
			put_upto(KEYS + (int64_t) step * 3000, KEYS + (int64_t) step * 3000 + 2999);
		else
			for (int64_t k = 0; k < 3000; k++)
				ets_remove(&table, lane, INT(KEYS + (int64_t) (step - 10) * 3000 + k));
	} while (cursor);
	for (int k = 0; k < KEYS; k++)
		ck_assert_msg(seen[k] == 1, "key %d seen %d times", k, seen[k]);
	unmake();
}
END_TEST

START_TEST(keys_of_all_kinds)
{
	static const enum table_type types[] = { TABLE_SET, TABLE_ORDERED_SET };
	term list[2] = { INT(1), TERM_NIL }, inner[3] = { term_header(BOX_TUPLE, 2), ATOM(ok), INT(7) };
	term keys[] = { INT(5), ATOM(ok), term_from_pid(3, 3), TERM_NIL, TERM_EMPTY_TUPLE, term_from_cons(list), term_from_box(inner) };
	make(types[_i]);
	for (size_t i = 0; i < ARRAY_COUNT(keys); i++)
		ck_assert_int_eq(put(PAIR(keys[i], INT((int64_t) i))), ETS_ADDED);
	for (size_t i = 0; i < ARRAY_COUNT(keys); i++)
		ck_assert_int_eq(value_of(ets_find(&table, keys[i])), (int64_t) i);
	for (size_t i = 0; i < ARRAY_COUNT(keys); i++)
		ck_assert_uint_eq(ets_remove(&table, lane, keys[i]), 1);
	unmake();
}
END_TEST

/* Memory is refused at the n-th request, whichever that is: object, bucket, node. Then the table is as it was. */
START_TEST(what_is_refused_changes_nothing)
{
	static const enum table_type types[] = { TABLE_SET, TABLE_ORDERED_SET };
	mem = mem_new(&(struct mem_options) { .lanes = 2, .fail_type = MEM_ETS, .fail_at = 200 + (uint64_t) _i });
	lane = mem_lane_at(mem, 0);
	atoms = atoms_new(mem, lane, 0);
	make(types[_i % 2]);
	int64_t stored = 0;
	for (int64_t i = 0; i < 600; i++) {
		struct ets_object *o = ets_object_new(lane, table.type, 1, PAIR(INT(i), INT(i)));
		bool added = o && ets_put(&table, lane, o) == ETS_ADDED;
		stored += added;
		ck_assert_uint_eq(table.size, (uint64_t) stored);
		ck_assert(added == (ets_find(&table, INT(i)) != NULL));
	}
	ck_assert_int_ge(stored, 599);
	unmake();
	teardown();
}
END_TEST

Suite *check_suite(void)
{
	Suite *s = suite_create("ets");
	TCase *tc = tcase_create("weights");
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, empty_tables_weigh_as_recorded, 0, 10);
	tcase_add_test(tc, a_set_grows_as_recorded);
	tcase_add_test(tc, emptying_at_once_gives_the_segments_back);
	tcase_add_test(tc, an_ordered_set_costs_five_words_more);
	suite_add_tcase(s, tc);
	tc = tcase_create("contents");
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, a_set_overwrites, 0, 2);
	tcase_add_test(tc, a_bag_keeps_each_object_once);
	tcase_add_test(tc, a_duplicate_bag_keeps_all);
	tcase_add_test(tc, one_and_one_point_zero_are_two_keys_of_a_set_and_one_of_an_ordered_set);
	tcase_add_test(tc, payloads_live_as_long_as_their_row);
	tcase_add_loop_test(tc, random_changes_agree_with_a_model, 0, 6);
	tcase_add_loop_test(tc, keys_of_all_kinds, 0, 2);
	tcase_add_test(tc, what_is_missing_is_missing_whatever_its_hash);
	suite_add_tcase(s, tc);
	tc = tcase_create("walks");
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_tree_is_in_order_both_ways);
	tcase_add_test(tc, a_hash_is_walked_once_by_keys);
	tcase_add_test(tc, a_walk_survives_growth_and_shrinking);
	suite_add_tcase(s, tc);
	tc = tcase_create("refusals");
	tcase_add_loop_test(tc, what_is_refused_changes_nothing, 0, 80);
	suite_add_tcase(s, tc);
	return s;
}
