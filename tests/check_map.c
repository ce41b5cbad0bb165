/*
 * Maps: their words are the BEAM's, and any history of puts and removals gives the map that its pairs give.
 */
#include "tests/suite.h"

#include <inttypes.h>
#include <stdlib.h>

#include "runtime/base/random.h"
#include "runtime/memory/copy.h"
#include "runtime/term/map.h"
#include "runtime/term/number.h"

#define ROOM_WORDS (4u << 20)

static struct mem *mem;
static struct atoms *atoms;
static term *room, *top;
static struct random choices;

static void begin(void)
{
	mem = mem_new(&(struct mem_options) { .lanes = 1, .fail_type = -1 });
	atoms = atoms_new(mem, mem_lane_at(mem, 0), 0);
	top = room = malloc(ROOM_WORDS * sizeof *room);
	random_init(&choices, suite_seed());
}

static void end(void)
{
	free(room);
	atoms_free(atoms, mem_lane_at(mem, 0));
	mem_free(mem);
}

static term number(intptr_t n) { return term_from_small(n); }

/* n pairs {i, -i}, from 1. */
static term ascending(size_t n)
{
	term *pairs = malloc((2 * n + 1) * sizeof *pairs);
	for (size_t i = 0; i < n; i++) {
		pairs[2 * i] = number((intptr_t) i + 1);
		pairs[2 * i + 1] = number(-(intptr_t) i - 1);
	}
	term map = map_from_pairs(atoms, &top, pairs, n);
	free(pairs);
	return map;
}

static size_t words_of(term map) { return term_flat_words(NULL, map); }

START_TEST(flat_maps_have_exact_words)
{
	ck_assert_uint_eq(words_of(ascending(0)), 3);
	for (size_t n = 1; n <= MAP_FLAT_LIMIT; n++) {
		term *before = top;
		term map = ascending(n);
		ck_assert_uint_eq(words_of(map), 2 * n + 4);
		ck_assert_uint_eq(top - before, 2 * n + 4);
		ck_assert_uint_eq(map_from_pairs_words(n), 2 * n + 4);
	}
}
END_TEST

/* erts_debug:flat_size(maps:from_list([{I, I} || I <- lists:seq(1, N)])) on OTP 25. */
START_TEST(tries_have_the_beams_words_within_a_twentieth)
{
	static const struct { size_t keys, words; } beam[] = {
		{ 33, 127 }, { 40, 152 }, { 64, 246 }, { 100, 366 }, { 500, 1890 }, { 1000, 3710 }, { 5000, 18798 }, { 10000, 37898 },
	};
	for (size_t i = 0; i < ARRAY_COUNT(beam); i++) {
		size_t words = words_of(ascending(beam[i].keys));
		ck_assert_msg(words * 20 >= beam[i].words * 19 && words * 20 <= beam[i].words * 21,
			"%zu keys: %zu words, on the BEAM %zu", beam[i].keys, words, beam[i].words);
		top = room;
	}
}
END_TEST

START_TEST(every_key_is_found)
{
	static const size_t sizes[] = { 0, 1, 2, 31, 32, 33, 34, 100, 5000 };
	for (size_t i = 0; i < ARRAY_COUNT(sizes); i++) {
		term map = ascending(sizes[i]);
		ck_assert_uint_eq(map_size(map), sizes[i]);
		for (intptr_t k = 1; k <= (intptr_t) sizes[i]; k++)
			ck_assert(term_is(map_get(atoms, map, number(k)), number(-k)));
		ck_assert(term_is_none(map_get(atoms, map, number(0))));
		ck_assert(term_is_none(map_get(atoms, map, number((intptr_t) sizes[i] + 1))));
	}
}
END_TEST

START_TEST(later_pairs_win)
{
	term pairs[200];
	for (size_t i = 0; i < 100; i++) {
		pairs[2 * i] = number((intptr_t) i % 40);
		pairs[2 * i + 1] = number((intptr_t) i);
	}
	term map = map_from_pairs(atoms, &top, pairs, 100);
	ck_assert_uint_eq(map_size(map), 40);
	for (intptr_t k = 0; k < 40; k++)
		ck_assert_int_eq(term_to_small(map_get(atoms, map, number(k))), k < 20 ? k + 80 : k + 40);
}
END_TEST

START_TEST(an_update_in_place_shares_the_keys)
{
	term map = ascending(10), *before = top;
	term updated = map_put(atoms, &top, map, number(5), ATOM(ok));
	ck_assert_uint_eq(top - before, 10 + 3);
	ck_assert(term_is(term_box(map)[MAP_KEYS], term_box(updated)[MAP_KEYS]));
	ck_assert(term_is(map_get(atoms, map, number(5)), number(-5)));
	ck_assert(term_is(map_get(atoms, updated, number(5)), ATOM(ok)));
	ck_assert(term_is(map_put(atoms, &top, updated, number(5), ATOM(ok)), updated));
}
END_TEST

/* ---- A random history ---------------------------------------------------------------------------------------- */

#define KEYS 300

/* Key k as a term: a small, a tuple, a float or a big, anew each time, so that equality and not identity finds it. */
static term key_term(size_t k)
{
	term *box = top;
	switch (k % 4) {
	case 0: return number((intptr_t) k);
	case 1:
		top += 3;
		box[0] = term_header(BOX_TUPLE, 2);
		box[1] = number((intptr_t) k);
		box[2] = ATOM(ok);
		return term_from_box(box);
	case 2: return float_from(&top, (double) k);
	default: return integer_power2(&top, 64 + (unsigned) k, k % 8 == 3);
	}
}

/* The same pairs at once, in another order. */
static term rebuilt(const intptr_t values[KEYS], size_t *count)
{
	term pairs[2 * KEYS];
	size_t n = 0, from = random_below(&choices, KEYS);
	for (size_t i = 0; i < KEYS; i++) {
		size_t k = (from + i) % KEYS;
		if (values[k] == 0)
			continue;
		pairs[2 * n] = key_term(k);
		pairs[2 * n++ + 1] = number(values[k]);
	}
	*count = n;
	return map_from_pairs(atoms, &top, pairs, n);
}

/* A put or a removal, within what the map before it asked for. */
static term one_step(term map, intptr_t values[KEYS], unsigned grow_percent)
{
	size_t k = random_below(&choices, KEYS);
	term key = key_term(k), *before = top;
	size_t most = map_put_words(map);
	if (random_below(&choices, 100) < grow_percent) {
		values[k] = 1 + (intptr_t) random_below(&choices, 5);
		map = map_put(atoms, &top, map, key, number(values[k]));
	} else {
		values[k] = 0;
		map = map_remove(atoms, &top, map, key);
	}
	ck_assert_uint_le(top - before, most);
	return map;
}

START_TEST(any_history_gives_the_same_map)
{
	intptr_t values[KEYS] = { 0 };
	term map = ascending(0);
	for (unsigned round = 0; round < 60; round++) {
		unsigned grow_percent = round % 6 < 3 ? 80 : 25;
		size_t count;
		for (unsigned i = 0; i < 50; i++)
			map = one_step(map, values, grow_percent);
		term other = rebuilt(values, &count);
		ck_assert_uint_eq(map_size(map), count);
		ck_assert(term_equal(map, other));
		ck_assert_int_eq(term_compare(atoms, map, other, true), 0);
		ck_assert_uint_eq(term_hash(map, 7), term_hash(other, 7));
		ck_assert_uint_eq(words_of(map), words_of(other));
		for (size_t k = 0; k < KEYS; k++)
			ck_assert(term_is(map_get(atoms, map, key_term(k)), values[k] ? number(values[k]) : TERM_NONE));
	}
}
END_TEST

START_TEST(a_put_stays_within_what_it_asked_for)
{
	term map = ascending(0);
	for (intptr_t k = 0; k < 20000; k++) {
		size_t most = map_put_words(map);
		term *before = top;
		map = map_put(atoms, &top, map, number(k * 7919), number(k));
		ck_assert_uint_le(top - before, most);
	}
	ck_assert_uint_eq(map_size(map), 20000);
}
END_TEST

/* ---- Walks --------------------------------------------------------------------------------------------------- */

struct sum { intptr_t keys, visits, most; };

static bool add_key(void *context, term key, term value)
{
	struct sum *s = context;
	ck_assert_int_eq(term_to_small(key), -term_to_small(value));
	s->keys += term_to_small(key);
	return ++s->visits < s->most;
}

START_TEST(a_walk_sees_each_pair_once)
{
	static const size_t sizes[] = { 1, 32, 33, 1000 };
	for (size_t i = 0; i < ARRAY_COUNT(sizes); i++) {
		intptr_t n = (intptr_t) sizes[i];
		struct sum all = { .most = INTPTR_MAX }, some = { .most = (n + 1) / 2 };
		map_each(ascending(sizes[i]), add_key, &all);
		ck_assert_int_eq(all.visits, n);
		ck_assert_int_eq(all.keys, n * (n + 1) / 2);
		map_each(ascending(sizes[i]), add_key, &some);
		ck_assert_int_eq(some.visits, (n + 1) / 2);
	}
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("map");
	TCase *words = tcase_create("words"), *laws = tcase_create("laws");

	tcase_add_checked_fixture(words, begin, end);
	tcase_add_test(words, flat_maps_have_exact_words);
	tcase_add_test(words, tries_have_the_beams_words_within_a_twentieth);
	tcase_add_test(words, an_update_in_place_shares_the_keys);
	tcase_add_test(words, a_put_stays_within_what_it_asked_for);
	suite_add_tcase(suite, words);
	tcase_add_checked_fixture(laws, begin, end);
	tcase_add_test(laws, every_key_is_found);
	tcase_add_test(laws, later_pairs_win);
	tcase_add_test(laws, any_history_gives_the_same_map);
	tcase_add_test(laws, a_walk_sees_each_pair_once);
	suite_add_tcase(suite, laws);
	return suite;
}
