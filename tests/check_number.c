/*
 * Integers of any width and floats: the words they take are the BEAM's, and adding is exact.
 */
#include "tests/suite.h"

#include <float.h>

#include "runtime/base/random.h"
#include "runtime/term/number.h"
#include "runtime/term/order.h"
#include "runtime/term/text.h"
#include "tests/terms.h"

static struct terms terms;

static void begin(void) { terms_begin(&terms, 1u << 20); }
static void end(void) { terms_end(&terms); }

static const int64_t borders[] = {
	0, 1, -1, TERM_SMALL_MAX - 1, TERM_SMALL_MAX, TERM_SMALL_MAX + 1, TERM_SMALL_MIN + 1, TERM_SMALL_MIN,
	TERM_SMALL_MIN - 1, INT64_MAX - 1, INT64_MAX, INT64_MIN, INT64_MIN + 1,
};

START_TEST(int64_comes_back)
{
	for (size_t i = 0; i < ARRAY_COUNT(borders); i++) {
		term *before = terms.top;
		term t = integer_from(&terms.top, borders[i]);
		int64_t n = 0;
		ck_assert(integer_to_int64(t, &n));
		ck_assert_int_eq(n, borders[i]);
		ck_assert_uint_eq(terms.top - before, integer_words(borders[i]));
		ck_assert(term_is_small(t) == term_fits_small(borders[i]));
	}
}
END_TEST

/* 1 + ceil(bits / 64) words for what does not fit in 60 bits. */
START_TEST(powers_take_the_beams_words)
{
	for (unsigned bits = 0; bits < 700; bits++) {
		term *before = terms.top;
		term t = integer_power2(&terms.top, bits, false), minus;
		size_t words = bits < 59 ? 0 : 1 + (bits + 1 + 63) / 64;
		ck_assert_uint_eq(terms.top - before, words);
		ck_assert_uint_eq(integer_power2_words(bits, false), words);
		before = terms.top;
		minus = integer_power2(&terms.top, bits, true);
		ck_assert_uint_eq(terms.top - before, bits < 60 ? 0 : words);
		ck_assert_uint_eq(integer_power2_words(bits, true), bits < 60 ? 0 : words);
		ck_assert_int_gt(term_compare(terms.atoms, t, minus, true), 0);
		terms.top = terms.room;
	}
}
END_TEST

START_TEST(what_does_not_fit_is_said)
{
	int64_t n;
	ck_assert(!integer_to_int64(integer_power2(&terms.top, 63, false), &n));
	ck_assert(integer_to_int64(integer_power2(&terms.top, 63, true), &n));
	ck_assert_int_eq(n, INT64_MIN);
	ck_assert(!integer_to_int64(integer_power2(&terms.top, 64, false), &n));
	ck_assert(!integer_to_int64(float_from(&terms.top, 1.0), &n));
	ck_assert(!integer_to_int64(ATOM(ok), &n));
}
END_TEST

static term plus(term t, int64_t n)
{
	size_t most = integer_add_words(t);
	term *before = terms.top;
	term sum = integer_add(&terms.top, t, n);
	ck_assert_uint_le(terms.top - before, most);
	return sum;
}

START_TEST(adding_within_int64_is_exact)
{
	struct random choices;
	random_init(&choices, suite_seed());
	for (unsigned i = 0; i < 50000; i++) {
		int64_t a = (int64_t) random_next(&choices) >> random_below(&choices, 64), sum, n;
		int64_t b = (int64_t) random_next(&choices) >> random_below(&choices, 64);
		if (__builtin_add_overflow(a, b, &sum))
			continue;
		terms.top = terms.room;
		ck_assert(integer_to_int64(plus(integer_from(&terms.top, a), b), &n));
		ck_assert_int_eq(n, sum);
	}
}
END_TEST

/* Adding and taking away again gives the same term, at every width and through carries over all limbs. */
START_TEST(adding_can_be_undone)
{
	for (unsigned bits = 58; bits < 330; bits++)
		for (int minus = 0; minus < 2; minus++)
			for (size_t i = 0; i < ARRAY_COUNT(borders); i++) {
				terms.top = terms.room;
				term t = integer_power2(&terms.top, bits, minus);
				if (borders[i] == INT64_MIN)
					continue;
				ck_assert(term_equal(plus(plus(t, borders[i]), -borders[i]), t));
				int order = term_compare(terms.atoms, plus(t, borders[i]), t, true);
				ck_assert_int_eq((order > 0) - (order < 0), (borders[i] > 0) - (borders[i] < 0));
			}
}
END_TEST

START_TEST(carries_run_through_all_limbs)
{
	char text[200];
	term t = plus(integer_power2(&terms.top, 128, false), -1);
	term_text(terms.atoms, t, text, sizeof text);
	ck_assert_str_eq(text, "340282366920938463463374607431768211455");
	ck_assert_uint_eq(header_words(*term_box(t)), 2);
	t = plus(t, 1);
	ck_assert_uint_eq(header_words(*term_box(t)), 3);
	ck_assert(term_equal(t, integer_power2(&terms.top, 128, false)));
}
END_TEST

START_TEST(floats_come_back)
{
	static const double values[] = { 0.0, -0.0, 1.5, -1e300, DBL_MIN, DBL_MAX, DBL_EPSILON };
	for (size_t i = 0; i < ARRAY_COUNT(values); i++) {
		term *before = terms.top;
		term t = float_from(&terms.top, values[i]);
		ck_assert_uint_eq(terms.top - before, 2);
		ck_assert(float_value(t) == values[i]);
	}
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("number");
	TCase *tc = tcase_create("number");

	tcase_add_checked_fixture(tc, begin, end);
	tcase_add_test(tc, int64_comes_back);
	tcase_add_test(tc, powers_take_the_beams_words);
	tcase_add_test(tc, what_does_not_fit_is_said);
	tcase_add_test(tc, adding_within_int64_is_exact);
	tcase_add_test(tc, adding_can_be_undone);
	tcase_add_test(tc, carries_run_through_all_limbs);
	tcase_add_test(tc, floats_come_back);
	suite_add_tcase(suite, tc);
	return suite;
}
