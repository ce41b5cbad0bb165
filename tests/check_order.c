/*
 * The standard order: a list that a real Erlang sorted, and the laws that any order, equality and hash must keep.
 */
#include "tests/suite.h"

#include <string.h>

#include "runtime/base/random.h"
#include "runtime/term/map.h"
#include "runtime/term/number.h"
#include "runtime/term/order.h"
#include "tests/terms.h"

static struct terms terms;
static struct random choices;

static void begin(void)
{
	terms_begin(&terms, 4u << 20);
	random_init(&choices, suite_seed());
}
static void end(void) { terms_end(&terms); }

/* lists:sort/1 of OTP 25; no two are equal. */
static const char *const ascending[] = {
	"836E0B010000000000000000000001",	/* -1208925819614629174706176 */
	"836E0901000000000000000001",	/* -18446744073709551616 */
	"8346C3E158E460913D00",	/* -1.0e19 */
	"836E08010000000000000010",	/* -1152921504606846976 */
	"8362FFFFFFFB",	/* -5 */
	"8346C012000000000000",	/* -4.5 */
	"836100",	/* 0 */
	"83463FE0000000000000",	/* 0.5 */
	"836101",	/* 1 */
	"83463FF8000000000000",	/* 1.5 */
	"836E070000000000000020",	/* 9007199254740992 */
	"836E070001000000000020",	/* 9007199254740993 */
	"836E08000000000000000008",	/* 576460752303423488 */
	"836E08000000000000000010",	/* 1152921504606846976 */
	"836E08002C01000000000010",	/* 1152921504606847276 */
	"834643B0000000000002",	/* 1.1529215046068475e18 */
	"836E0D0000000000000000000000000010",	/* 1267650600228229401496703205376 */
	"8346483D6329F1C35CA5",	/* 1.0e40 */
	"8364000141",	/* 'A' */
	"8364000161",	/* a */
	"836400026161",	/* aa */
	"8364000162",	/* b */
	"83640001E9",	/* é */
	"837164000161640001626101",	/* fun a:b/1 */
	"837164000161640001626102",	/* fun a:b/2 */
	"836800",	/* {} */
	"8368016101",	/* {1} */
	"83680164000161",	/* {a} */
	"83680261016101",	/* {1,1} */
	"836802640001616100",	/* {a,0} */
	"837400000000",	/* #{} */
	"837400000001640001616101",	/* #{a => 1} */
	"837400000001640001626100",	/* #{b => 0} */
	"83740000000261016400017A640001626100",	/* #{1 => z,b => 0} */
	"837400000002463FF00000000000006400017A640001626100",	/* #{1.0 => z,b => 0} */
	"837400000002640001616101640001626100",	/* #{a => 1,b => 0} */
	"836A",	/* [] */
	"836C0000000161016102",	/* [1|2] */
	"836B000101",	/* [1] */
	"836B00020102",	/* [1,2] */
	"836B000102",	/* [2] */
	"836C00000001640001616A",	/* [a] */
	"836C000000016A6A",	/* [[]] */
	"836D00000000",	/* <<>> */
	"834D000000010100",	/* <<0:1>> */
	"836D0000000100",	/* <<0>> */
	"836D0000000101",	/* <<1>> */
	"834D00000002030100",	/* <<1,0:3>> */
	"836D000000020102",	/* <<1,2>> */
	"834D00000002010180",	/* <<1,1:1>> */
	"834D000000010180",	/* <<1:1>> */
	"834D0000000107FE",	/* <<127:7>> */
	"836D00000001FF",	/* <<"ÿ">> */
};

static int sign(int n) { return (n > 0) - (n < 0); }

START_TEST(recorded_order_holds_for_every_pair)
{
	for (size_t i = 0; i < ARRAY_COUNT(ascending); i++)
		for (size_t j = 0; j < ARRAY_COUNT(ascending); j++) {
			term a = terms_read(&terms, ascending[i]), b = terms_read(&terms, ascending[j]);
			int expected = (i > j) - (i < j), order = sign(term_compare(terms.atoms, a, b, false));
			ck_assert_msg(order == expected, "%s, %s: %d", ascending[i], ascending[j], order);
			ck_assert(term_equal(a, b) == (i == j));
			ck_assert(i != j || term_hash(a, 3) == term_hash(b, 3));
		}
}
END_TEST

static term small(intptr_t n) { return term_from_small(n); }

static term box_of(enum box_kind kind, size_t n, const term *body)
{
	term *box = terms.top;
	box[0] = term_header(kind, n);
	memcpy(box + 1, body, n * sizeof *box);
	terms.top += 1 + n;
	return term_from_box(box);
}
#define TUPLE(...) box_of(BOX_TUPLE, sizeof((term[]) { __VA_ARGS__ }) / sizeof(term), (term[]) { __VA_ARGS__ })

static term cons(term head, term tail)
{
	term *cell = terms.top;
	cell[0] = head;
	cell[1] = tail;
	terms.top += 2;
	return term_from_cons(cell);
}

/* number < atom < reference < fun < port < pid < tuple < map < nil < list < bit string */
START_TEST(types_have_their_rank)
{
	term fun = box_of(BOX_FUN, 4, (term[]) { ATOM(ok), term_from_pid(1, 1), small(0), small(0) });
	term order[] = {
		small(1), ATOM(ok), box_of(BOX_REFERENCE, 2, (term[]) { { 7 }, { 0 } }), fun, term_from_port(1),
		term_from_pid(3, 900), term_from_pid(4, 1), TUPLE(small(1)), map_from_pairs(terms.atoms, &terms.top, NULL, 0),
		TERM_NIL, cons(small(0), TERM_NIL), terms_read(&terms, "836D00000000"),
	};
	for (size_t i = 0; i < ARRAY_COUNT(order); i++)
		for (size_t j = 0; j < ARRAY_COUNT(order); j++)
			ck_assert_int_eq(sign(term_compare(terms.atoms, order[i], order[j], false)), (i > j) - (i < j));
}
END_TEST

START_TEST(integers_equal_floats_unless_exact)
{
	term one = float_from(&terms.top, 1.0), a = TUPLE(small(1), ATOM(ok)), b = TUPLE(one, ATOM(ok));
	term zero = float_from(&terms.top, 0.0), minus_zero = float_from(&terms.top, -0.0);
	ck_assert_int_eq(term_compare(terms.atoms, a, b, false), 0);
	ck_assert_int_lt(term_compare(terms.atoms, a, b, true), 0);
	ck_assert_int_gt(term_compare(terms.atoms, b, a, true), 0);
	ck_assert(!term_equal(a, b));
	ck_assert_int_lt(term_compare(terms.atoms, small(9), one, true), 0);
	ck_assert(term_equal(zero, minus_zero));
	ck_assert_uint_eq(term_hash(zero, 0), term_hash(minus_zero, 0));
}
END_TEST

/* Powers of two are floats without rounding: a power equals its float, one more does not, at any width. */
START_TEST(large_integers_compare_with_floats_to_the_unit)
{
	double power = 1;
	for (unsigned bits = 0; bits < 1000; bits++, power *= 2) {
		for (int minus = 0; minus < 2; minus++) {
			terms.top = terms.room;
			term n = integer_power2(&terms.top, bits, minus), d = float_from(&terms.top, minus ? -power : power);
			term above = integer_add(&terms.top, n, 1), below = integer_add(&terms.top, n, -1);
			ck_assert_int_eq(term_compare(terms.atoms, n, d, false), 0);
			ck_assert_int_eq(term_compare(terms.atoms, d, n, false), 0);
			ck_assert_int_gt(term_compare(terms.atoms, above, d, false), 0);
			ck_assert_int_lt(term_compare(terms.atoms, below, d, false), 0);
			ck_assert_int_lt(term_compare(terms.atoms, d, above, false), 0);
		}
	}
}
END_TEST

/* ---- Large maps: keys in order, then values in the order of their keys --------------------------------------- */

static term map_from(intptr_t first, intptr_t odd_key, intptr_t odd_value)
{
	term pairs[80];
	for (intptr_t i = 0; i < 40; i++) {
		pairs[2 * i] = small(first + i);
		pairs[2 * i + 1] = small(first + i == odd_key ? odd_value : 0);
	}
	return map_from_pairs(terms.atoms, &terms.top, pairs, 40);
}

START_TEST(large_maps_compare_by_keys_then_values)
{
	term plain = map_from(1, 0, 0), up = map_from(1, 20, 1), down = map_from(1, 30, -1), later = map_from(2, 0, 0);
	term both = map_put(terms.atoms, &terms.top, up, small(9), small(-1));
	ck_assert_int_eq(term_compare(terms.atoms, plain, map_from(1, 0, 0), true), 0);
	ck_assert_int_lt(term_compare(terms.atoms, plain, later, false), 0);
	ck_assert_int_gt(term_compare(terms.atoms, later, plain, false), 0);
	ck_assert_int_lt(term_compare(terms.atoms, plain, up, false), 0);
	ck_assert_int_gt(term_compare(terms.atoms, plain, down, false), 0);
	ck_assert_int_lt(term_compare(terms.atoms, both, plain, false), 0);
	ck_assert(term_equal(plain, map_from(1, 0, 0)));
	ck_assert(!term_equal(plain, up));
	ck_assert(!term_equal(plain, later));
}
END_TEST

/* ---- Laws over random terms ---------------------------------------------------------------------------------- */

static term random_term(unsigned depth)
{
	term body[3];
	uint64_t kind = random_below(&choices, depth ? 9 : 6);
	for (unsigned i = 0; kind >= 6 && i < 3; i++)
		body[i] = random_term(depth - 1);
	switch (kind) {
	case 0: return small((intptr_t) random_below(&choices, 4));
	case 1: return term_from_atom((uint32_t) random_below(&choices, 4));
	case 2: return float_from(&terms.top, (double) random_below(&choices, 3));
	case 3: return integer_power2(&terms.top, 60 + (unsigned) random_below(&choices, 3), random_below(&choices, 2));
	case 4: return terms_read(&terms, recorded_terms[random_below(&choices, recorded_count)].hex);
	case 5: return TERM_NIL;
	case 6: return cons(body[0], body[1]);
	case 7: return box_of(BOX_TUPLE, 1 + random_below(&choices, 3), body);
	default: return map_from_pairs(terms.atoms, &terms.top, (term[]) { body[0], body[1], body[1], body[2] }, 2);
	}
}

static int order_of(term a, term b, bool exact) { return sign(term_compare(terms.atoms, a, b, exact)); }

START_TEST(any_three_terms_keep_the_laws)
{
	for (unsigned i = 0; i < 20000; i++) {
		terms.top = terms.room;
		term a = random_term(3), b = random_term(3), c = random_term(3);
		for (int exact = 0; exact < 2; exact++) {
			ck_assert_int_eq(order_of(a, b, exact), -order_of(b, a, exact));
			if (order_of(a, b, exact) <= 0 && order_of(b, c, exact) <= 0)
				ck_assert_int_le(order_of(a, c, exact), 0);
		}
		ck_assert(term_equal(a, b) == (order_of(a, b, true) == 0));
		if (term_equal(a, b))
			ck_assert_uint_eq(term_hash(a, i), term_hash(b, i));
	}
}
END_TEST

START_TEST(depth_costs_no_stack)
{
	term nest[2] = { TERM_NIL, TERM_NIL }, list[2] = { TERM_NIL, TERM_NIL };
	for (unsigned i = 0; i < 600000; i++) {
		nest[i % 2] = i % 4 < 2 ? TUPLE(nest[i % 2]) : cons(nest[i % 2], TERM_NIL);
		list[i % 2] = cons(ATOM(ok), list[i % 2]);
	}
	ck_assert(term_equal(nest[0], nest[1]));
	ck_assert_int_eq(term_compare(terms.atoms, nest[0], nest[1], false), 0);
	ck_assert_uint_eq(term_hash(nest[0], 1), term_hash(nest[1], 1));
	ck_assert(term_equal(list[0], list[1]));
	ck_assert_int_lt(term_compare(terms.atoms, list[0], cons(ATOM(ok), list[1]), false), 0);
	ck_assert_uint_eq(term_hash(list[0], 1), term_hash(list[1], 1));
}
END_TEST

/* Of so many keys and slots each slot should get 64, give or take; a weak mix shows at once. */
START_TEST(hashes_of_small_integers_spread)
{
	unsigned slots[256] = { 0 };
	for (intptr_t i = 0; i < 256 * 64; i++)
		slots[term_hash(small(i), 0) % 256]++;
	for (unsigned i = 0; i < 256; i++)
		ck_assert_msg(slots[i] > 16 && slots[i] < 160, "slot %u has %u", i, slots[i]);
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("order");
	TCase *recorded = tcase_create("recorded"), *laws = tcase_create("laws");

	tcase_add_checked_fixture(recorded, begin, end);
	tcase_add_test(recorded, recorded_order_holds_for_every_pair);
	tcase_add_test(recorded, types_have_their_rank);
	suite_add_tcase(suite, recorded);
	tcase_add_checked_fixture(laws, begin, end);
	tcase_add_test(laws, integers_equal_floats_unless_exact);
	tcase_add_test(laws, large_integers_compare_with_floats_to_the_unit);
	tcase_add_test(laws, large_maps_compare_by_keys_then_values);
	tcase_add_test(laws, any_three_terms_keep_the_laws);
	tcase_add_test(laws, depth_costs_no_stack);
	tcase_add_test(laws, hashes_of_small_integers_spread);
	suite_add_tcase(suite, laws);
	return suite;
}
