/*
 * The external term format: what a real Erlang wrote is read, and written again byte for byte; damage is refused.
 */
#include "tests/suite.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/base/random.h"
#include "runtime/term/map.h"
#include "runtime/term/order.h"
#include "tests/terms.h"

static struct terms terms;

static void begin(void) { terms_begin(&terms, 8u << 20); }
static void end(void) { terms_end(&terms); }

START_TEST(recorded_bytes_come_back)
{
	const struct recorded *r = &recorded_terms[_i];
	uint8_t expected[1024], written[1024];
	size_t bytes = terms_bytes(r->hex, expected, sizeof expected);
	term t = terms_read(&terms, r->hex);
	ck_assert_msg(external_bytes(terms.atoms, t) == bytes, "%s", r->text);
	ck_assert_msg(external_encode(terms.atoms, t, written) == bytes, "%s", r->text);
	ck_assert_msg(memcmp(written, expected, bytes) == 0, "%s", r->text);
}
END_TEST

/* Writes and reads; the copy must be equal, and size and bytes must agree. */
static term round_trip(term t)
{
	size_t bytes = external_bytes(terms.atoms, t), words;
	uint8_t *data = malloc(bytes);
	ck_assert_uint_eq(external_encode(terms.atoms, t, data), bytes);
	ck_assert(external_words(data, bytes, &words));
	struct external_target target = terms_target(&terms);
	term copy = external_decode(&target, data, bytes);
	ck_assert_uint_le(target.top - terms.top, words);
	terms.top = target.top;
	free(data);
	ck_assert(term_equal(copy, t));
	return copy;
}

static term tuple_of(size_t n, const term *elements)
{
	term *box = terms.top;
	box[0] = term_header(BOX_TUPLE, n);
	memcpy(box + 1, elements, n * sizeof *box);
	terms.top += 1 + n;
	return term_from_box(box);
}

static term cons(term head, term tail)
{
	term *cell = terms.top;
	cell[0] = head;
	cell[1] = tail;
	terms.top += 2;
	return term_from_cons(cell);
}

static term reference(uint64_t number)
{
	term *box = terms.top;
	box[0] = term_header(BOX_REFERENCE, 2);
	box[1].word = number;
	box[2].word = 0;
	terms.top += 3;
	return term_from_box(box);
}

/* OTP 25: 30 bytes a local pid, 36 a reference, node and version included. */
START_TEST(identities_come_back)
{
	term pid = term_from_pid((UINT64_C(1) << 36) - 2, 0xfffffe), ref = reference(UINT64_C(0x123456789abcdef0));
	ck_assert(term_is(round_trip(pid), pid));
	ck_assert_uint_eq(external_bytes(terms.atoms, pid), 30);
	round_trip(ref);
	ck_assert_uint_eq(external_bytes(terms.atoms, ref), 36);
	ck_assert(term_is(round_trip(term_from_port(77)), term_from_port(77)));
}
END_TEST

static term fun_of(size_t captured, const term *values)
{
	term *box = terms.top;
	box[0] = term_header(BOX_FUN, FUN_CAPTURED - 1 + captured);
	box[FUN_CODE] = atom_make_z(terms.atoms, terms.lane, "shop:total/1");
	box[FUN_CREATOR] = term_from_pid(9, 1);
	box[FUN_ARITY] = term_from_small(1);
	box[FUN_CAPTURED - 1] = term_from_small((intptr_t) captured);
	memcpy(box + FUN_CAPTURED, values, captured * sizeof *box);
	terms.top += FUN_CAPTURED + captured;
	return term_from_box(box);
}

START_TEST(funs_come_back_with_what_they_captured)
{
	term fun = fun_of(2, (term[]) { ATOM(ok), cons(term_from_small(1), TERM_NIL) });
	for (unsigned depth = 0; depth < 50; depth++)
		fun = fun_of(1, &fun);
	round_trip(fun);
}
END_TEST

START_TEST(large_maps_come_back)
{
	term pairs[2000];
	for (size_t i = 0; i < 1000; i++) {
		pairs[2 * i] = term_from_small((intptr_t) i * 977);
		pairs[2 * i + 1] = tuple_of(1, &pairs[2 * i]);
	}
	term map = map_from_pairs(terms.atoms, &terms.top, pairs, 1000);
	ck_assert_uint_eq(map_size(round_trip(map)), 1000);
}
END_TEST

START_TEST(binaries_of_any_size_come_back)
{
	for (size_t bytes = 0; bytes < 200; bytes++) {
		uint8_t data[206] = { 131, 109, 0, 0, 0, (uint8_t) bytes };
		struct external_target target = terms_target(&terms);
		size_t words;
		for (size_t i = 0; i < bytes; i++)
			data[6 + i] = (uint8_t) (i * 7);
		ck_assert(external_words(data, 6 + bytes, &words));
		term t = external_decode(&target, data, 6 + bytes);
		ck_assert_uint_eq(target.top - terms.top, words);
		ck_assert_uint_eq(words, bytes <= 64 ? 2 + (bytes + 7) / 8 : 6);
		terms.top = target.top;
		round_trip(t);
	}
}
END_TEST

START_TEST(depth_costs_no_stack)
{
	term nest = TERM_NIL, list = TERM_NIL;
	for (size_t i = 0; i < 300000; i++) {
		nest = tuple_of(1, &nest);
		list = cons(term_from_small(-1), list);
	}
	round_trip(nest);
	round_trip(list);
}
END_TEST

/* ---- Damage -------------------------------------------------------------------------------------------------- */

static bool is_good(const uint8_t *data, size_t bytes)
{
	/* A block of exact size, so that the sanitizer sees a read beyond it. */
	uint8_t *copy = malloc(bytes);
	size_t words;
	memcpy(copy, data, bytes);
	bool good = external_words(copy, bytes, &words);
	if (good && words < 4096) {
		struct external_target target = terms_target(&terms);
		external_decode(&target, copy, bytes);
		ck_assert_uint_le(target.top - terms.top, words);
		terms.top = target.top;
	}
	free(copy);
	return good;
}

START_TEST(cut_bytes_are_refused)
{
	uint8_t data[1024];
	size_t bytes = terms_bytes(recorded_terms[_i].hex, data, sizeof data - 1);
	ck_assert(is_good(data, bytes));
	for (size_t n = 1; n < bytes; n++)
		ck_assert_msg(!is_good(data, n), "%s, cut to %zu bytes", recorded_terms[_i].text, n);
	data[bytes] = 106;
	ck_assert_msg(!is_good(data, bytes + 1), "%s, with a byte more", recorded_terms[_i].text);
}
END_TEST

START_TEST(any_damage_is_refused_or_harmless)
{
	struct random choices;
	uint8_t data[1024];
	random_init(&choices, suite_seed() + (uint64_t) _i);
	size_t bytes = terms_bytes(recorded_terms[_i].hex, data, sizeof data);
	for (unsigned i = 0; i < 500; i++) {
		size_t at = random_below(&choices, bytes);
		uint8_t before = data[at];
		data[at] = (uint8_t) random_next(&choices);
		is_good(data, bytes);
		if (i % 4)
			data[at] = before;
	}
}
END_TEST

START_TEST(what_has_no_meaning_here_is_refused)
{
	static const char *const forms[] = {
		"",                                                     /* nothing */
		"836A6A",                                               /* two terms */
		"6A",                                                   /* no version */
		"835000000001789C",                                     /* compressed */
		"83467FF0000000000000", "83467FF8000000000000",         /* infinite, no number */
		"836CFFFFFFFF6100",                                     /* more parts than bytes */
		"8369FFFFFFFF", "8374FFFFFFFF",
		"837702FFFE",                                           /* no UTF-8 */
		"83586400016100000001000000000000000000",               /* a pid of another node */
		"834D0000000109FF", "834D0000000000",                   /* nine bits in a byte, bits without one */
	};
	for (size_t i = 0; i < ARRAY_COUNT(forms); i++) {
		uint8_t data[64];
		ck_assert_msg(!is_good(data, terms_bytes(forms[i], data, sizeof data)), "%s", forms[i]);
	}
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("external");
	TCase *format = tcase_create("format"), *damage = tcase_create("damage");

	tcase_add_checked_fixture(format, begin, end);
	tcase_add_loop_test(format, recorded_bytes_come_back, 0, (int) recorded_count);
	tcase_add_test(format, identities_come_back);
	tcase_add_test(format, funs_come_back_with_what_they_captured);
	tcase_add_test(format, large_maps_come_back);
	tcase_add_test(format, binaries_of_any_size_come_back);
	tcase_add_test(format, depth_costs_no_stack);
	suite_add_tcase(suite, format);
	tcase_add_checked_fixture(damage, begin, end);
	tcase_add_loop_test(damage, cut_bytes_are_refused, 0, (int) recorded_count);
	tcase_add_loop_test(damage, any_damage_is_refused_or_harmless, 0, (int) recorded_count);
	tcase_add_test(damage, what_has_no_meaning_here_is_refused);
	suite_add_tcase(suite, damage);
	return suite;
}
