/*
 * clock, random, switches: the three things that make a run repeatable.
 */
#include "tests/suite.h"

#include <string.h>

#include "runtime/base/clock.h"
#include "runtime/base/mem.h"
#include "runtime/base/random.h"
#include "runtime/base/world.h"

/* ---- clock ---- */

START_TEST(virtual_time_moves_by_reductions)
{
	struct clock c;

	clock_init(&c, true);
	ck_assert_uint_eq(clock_us(&c), 0);
	clock_charge(&c, CLOCK_REDUCTIONS_PER_US - 1);
	ck_assert_uint_eq(clock_us(&c), 0);
	clock_charge(&c, 1);
	ck_assert_uint_eq(clock_us(&c), 1);
	clock_charge(&c, 4000);
	ck_assert_uint_eq(clock_us(&c), 1 + 4000 / CLOCK_REDUCTIONS_PER_US);
}
END_TEST

START_TEST(charges_add_up_however_they_are_cut)
{
	struct clock whole, parts;
	struct random r;
	uint64_t sum = 0;

	clock_init(&whole, true);
	clock_init(&parts, true);
	random_init(&r, suite_seed());
	for (int i = 0; i < 1000; i++) {
		uint64_t reductions = random_below(&r, 200);
		sum += reductions;
		clock_charge(&parts, reductions);
	}
	clock_charge(&whole, sum);
	ck_assert_uint_eq(clock_us(&parts), clock_us(&whole));
}
END_TEST

START_TEST(virtual_time_jumps_forward_only)
{
	struct clock c;

	clock_init(&c, true);
	clock_charge(&c, CLOCK_REDUCTIONS_PER_US - 1);
	clock_jump(&c, 1000);
	ck_assert_uint_eq(clock_us(&c), 1000);
	clock_charge(&c, 1);                            /* the broken microsecond before the jump is gone */
	ck_assert_uint_eq(clock_us(&c), 1000);
	clock_jump(&c, 999);
	ck_assert_uint_eq(clock_us(&c), 1000);
	ck_assert_uint_eq(clock_host_ns(&c), 0);
}
END_TEST

START_TEST(real_time_never_goes_back)
{
	struct clock c;

	clock_init(&c, false);
	clock_charge(&c, 1000000000);
	clock_jump(&c, UINT64_MAX);
	uint64_t last_us = clock_us(&c), last_ns = clock_host_ns(&c);
	ck_assert_uint_lt(last_us, 3600u * 1000000u);   /* counted from the start, not from the machine's */
	ck_assert_uint_gt(last_ns, 0);
	for (int i = 0; i < 10000; i++) {
		uint64_t us = clock_us(&c), ns = clock_host_ns(&c);
		ck_assert_uint_ge(us, last_us);
		ck_assert_uint_ge(ns, last_ns);
		last_us = us;
		last_ns = ns;
	}
}
END_TEST

/* ---- random ---- */

START_TEST(a_seed_gives_one_sequence)
{
	struct random a, b, c;
	int same = 0;

	random_init(&a, suite_seed());
	random_init(&b, suite_seed());
	random_init(&c, suite_seed() + 1);
	for (int i = 0; i < 1000; i++) {
		uint64_t n = random_next(&a);
		ck_assert_uint_eq(n, random_next(&b));
		same += n == random_next(&c);
	}
	ck_assert_int_eq(same, 0);
}
END_TEST

/* The generator's definition, step by step, against the sequence from the state 1, 2, 3, 4. */
START_TEST(it_is_xoshiro)
{
	static const uint64_t expected[] = { 11520, 0, 1509978240, UINT64_C(1215971899390074240) };
	struct random r = { { 1, 2, 3, 4 } };

	for (size_t i = 0; i < ARRAY_COUNT(expected); i++)
		ck_assert_uint_eq(random_next(&r), expected[i]);
}
END_TEST

START_TEST(below_is_even_and_within)
{
	struct random r;
	uint64_t hits[7] = { 0 };

	random_init(&r, suite_seed());
	ck_assert_uint_eq(random_below(&r, 0), 0);
	ck_assert_uint_eq(random_below(&r, 1), 0);
	for (int i = 0; i < 70000; i++)
		hits[random_below(&r, ARRAY_COUNT(hits))]++;
	for (size_t i = 0; i < ARRAY_COUNT(hits); i++)      /* six standard deviations either way */
		ck_assert_msg(hits[i] > 9400 && hits[i] < 10600, "%zu came %u times", i, (unsigned) hits[i]);
	for (int i = 0; i < 1000; i++)
		ck_assert_uint_lt(random_below(&r, UINT64_MAX - 5), UINT64_MAX - 5);
}
END_TEST

/* ---- switches ---- */

static struct switches parsed(const char *words)
{
	struct switches s;
	const char *where = NULL;

	switches_init(&s);
	ck_assert_msg(switches_parse(&s, words, &where), "%s stops at %s", words, where);
	return s;
}

START_TEST(no_words_switch_nothing)
{
	struct switches none = parsed(NULL), empty = parsed("");

	ck_assert_int_eq(none.fail_type, -1);
	ck_assert(!none.gc_stress && !none.move && !none.gc_verify && !none.force_frags);
	ck_assert(!none.poison && !none.chaos && !none.det);
	ck_assert_int_eq(empty.fail_type, -1);
}
END_TEST

START_TEST(each_word_switches_its_own)
{
	ck_assert(parsed("gc_stress").gc_stress);
	ck_assert(parsed("move").move);
	ck_assert(parsed("gc_verify").gc_verify);
	ck_assert(parsed("force_frags").force_frags);
	ck_assert(parsed("poison").poison);
	ck_assert(parsed("chaos").chaos);
	struct switches s = parsed("move,det=18446744073709551615,poison");
	ck_assert(s.move && s.poison && s.det && !s.chaos);
	ck_assert_uint_eq(s.det_seed, UINT64_MAX);
}
END_TEST

START_TEST(every_type_can_be_made_to_fail)
{
	char word[64];

	snprintf(word, sizeof word, "alloc_fail=%s:%d", mem_type_name((enum mem_type) _i), _i + 1);
	struct switches s = parsed(word);
	ck_assert_int_eq(s.fail_type, _i);
	ck_assert_uint_eq(s.fail_at, (unsigned) _i + 1);
}
END_TEST

static const char *const wrong_words[] = {
	"gc", "gc_stresss", "MOVE", "move=1", "det", "det=", "det=x", "det=7x", "det=-7", "det=99999999999999999999",
	"alloc_fail", "alloc_fail=", "alloc_fail=heap", "alloc_fail=heap:", "alloc_fail=heap:0", "alloc_fail=heap:1x",
	"alloc_fail=nothing:1",
};

START_TEST(wrong_word_is_pointed_at)
{
	char words[80];
	struct switches s;
	const char *where = NULL;

	snprintf(words, sizeof words, "poison,%s,move", wrong_words[_i]);
	switches_init(&s);
	ck_assert_msg(!switches_parse(&s, words, &where), "%s", words);
	ck_assert_ptr_eq(where, words + strlen("poison,"));
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("clock");
	TCase *time = tcase_create("clock"), *numbers = tcase_create("random"), *words = tcase_create("switches");

	tcase_add_test(time, virtual_time_moves_by_reductions);
	tcase_add_test(time, charges_add_up_however_they_are_cut);
	tcase_add_test(time, virtual_time_jumps_forward_only);
	tcase_add_test(time, real_time_never_goes_back);
	suite_add_tcase(suite, time);

	tcase_add_test(numbers, a_seed_gives_one_sequence);
	tcase_add_test(numbers, it_is_xoshiro);
	tcase_add_test(numbers, below_is_even_and_within);
	suite_add_tcase(suite, numbers);

	tcase_add_test(words, no_words_switch_nothing);
	tcase_add_test(words, each_word_switches_its_own);
	tcase_add_loop_test(words, every_type_can_be_made_to_fail, 0, MEM_TYPE_COUNT);
	tcase_add_loop_test(words, wrong_word_is_pointed_at, 0, (int) ARRAY_COUNT(wrong_words));
	suite_add_tcase(suite, words);
	return suite;
}
