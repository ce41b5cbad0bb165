/*
 * Terms as text: spelled as a real Erlang spelled them, cut cleanly at any room, in bounded work.
 */
#include "tests/suite.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/term/number.h"
#include "runtime/term/text.h"
#include "runtime/term/utf8.h"
#include "tests/terms.h"

static struct terms terms;

static void begin(void) { terms_begin(&terms, 4u << 20); }
static void end(void) { terms_end(&terms); }

static const char *text_of(term t)
{
	static char text[512];
	size_t length = term_text(terms.atoms, t, text, sizeof text);
	ck_assert_uint_eq(length, strlen(text));
	return text;
}

START_TEST(recorded_terms_are_spelled_alike)
{
	ck_assert_str_eq(text_of(terms_read(&terms, recorded_terms[_i].hex)), recorded_terms[_i].text);
}
END_TEST

static term box_of(enum box_kind kind, size_t n, const term *body)
{
	term *box = terms.top;
	box[0] = term_header(kind, n);
	memcpy(box + 1, body, n * sizeof *box);
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

START_TEST(what_has_no_external_text_is_told_apart)
{
	term code = atom_make_z(terms.atoms, terms.lane, "shop:total/1");
	ck_assert_str_eq(text_of(term_from_pid(42, 7)), "<0.42.0>");
	ck_assert_str_eq(text_of(term_from_port(3)), "#Port<0.3>");
	ck_assert_str_eq(text_of(box_of(BOX_REFERENCE, 2, (term[]) { { 9 }, { 0 } })), "#Ref<0.0.0.9>");
	term fun[] = { code, term_from_pid(1, 1), term_from_small(1), term_from_small(0) };
	ck_assert_str_eq(text_of(box_of(BOX_FUN, 4, fun)), "#Fun<shop:total/1>");
	ck_assert_str_eq(text_of(TERM_NONE), "#None");
	ck_assert_str_eq(text_of(TERM_EMPTY_TUPLE), "{}");
}
END_TEST

START_TEST(huge_integers_tell_their_width)
{
	ck_assert_str_eq(text_of(integer_power2(&terms.top, 100000, false)), "#Integer<100001 bits>");
	ck_assert_str_eq(text_of(integer_power2(&terms.top, 64000, true)), "-#Integer<64001 bits>");
}
END_TEST

/* With every room from 1 on: never too long, always whole characters, a beginning of the whole text and three dots. */
START_TEST(cut_text_is_clean)
{
	char whole[512], text[512];
	term t = terms_read(&terms, recorded_terms[_i].hex);
	size_t full = term_text(terms.atoms, t, whole, sizeof whole);
	for (size_t room = 1; room <= full; room++) {
		size_t length = term_text(terms.atoms, t, text, room);
		ck_assert_uint_lt(length, room);
		ck_assert_uint_eq(strlen(text), length);
		ck_assert(utf8_is_valid(text, length));
		if (room <= 3)
			continue;
		ck_assert_str_eq(text + length - 3, "...");
		ck_assert_msg(strncmp(text, whole, length - 3) == 0, "%s is not cut from %s", text, whole);
	}
}
END_TEST

/* A term whose far parts cannot be looked at: everything behind the first cells is a wild pointer. */
static term with_a_wild_end(term head, size_t cells)
{
	term t = term_from_cons((const term *) (uintptr_t) 8);
	for (size_t i = 0; i < cells; i++)
		t = cons(head, t);
	return t;
}

START_TEST(what_is_not_shown_is_not_visited)
{
	char text[64];
	term letters = with_a_wild_end(term_from_small('a'), 64), numbers = with_a_wild_end(term_from_small(7), 64);
	term lists = with_a_wild_end(with_a_wild_end(term_from_small('x'), 64), 64);
	term_text(terms.atoms, letters, text, sizeof text);
	ck_assert_int_eq(strncmp(text, "\"aaaa", 5), 0);
	term_text(terms.atoms, numbers, text, sizeof text);
	ck_assert_int_eq(strncmp(text, "\"\\a", 1) && strncmp(text, "[7,7,", 5), 0);
	term_text(terms.atoms, lists, text, sizeof text);
	ck_assert_int_eq(strncmp(text, "[\"xxxx", 6), 0);
}
END_TEST

START_TEST(deep_terms_are_cut)
{
	term tuple = ATOM(ok), list = ATOM(ok);
	char text[4096];
	for (unsigned i = 0; i < 500000; i++) {
		tuple = box_of(BOX_TUPLE, 1, &tuple);
		list = cons(list, TERM_NIL);
	}
	ck_assert_uint_lt(term_text(terms.atoms, tuple, text, sizeof text), 200);
	ck_assert_ptr_nonnull(strstr(text, "{{...}}"));
	ck_assert_uint_lt(term_text(terms.atoms, list, text, sizeof text), 200);
	ck_assert_ptr_nonnull(strstr(text, "[[...]]"));
}
END_TEST

START_TEST(a_long_binary_is_cut)
{
	uint8_t data[6 + 250] = { 131, 109, 0, 0, 0, 250 };
	struct external_target target = terms_target(&terms);
	char text[32];
	memset(data + 6, 'z', 250);
	term t = external_decode(&target, data, sizeof data);
	term_text(terms.atoms, t, text, sizeof text);
	ck_assert_str_eq(text, "<<\"zzzzzzzzzzzzzzzzzzzzzzzzz...");
}
END_TEST

START_TEST(pids_are_read_back)
{
	static const char *const none[] = { "", "<", "<0.", "<0.x.0>", "<0.1.0", "<0.1.0> ", "<1.1.0>",
		"<0.99999999999999999999999.0>", "<0.-1.0>" };
	ck_assert_uint_eq(text_to_pid_number("<0.42.0>"), 42);
	ck_assert_uint_eq(text_to_pid_number(text_of(term_from_pid((UINT64_C(1) << 36) - 1, 5))), (UINT64_C(1) << 36) - 1);
	for (size_t i = 0; i < ARRAY_COUNT(none); i++)
		ck_assert_uint_eq(text_to_pid_number(none[i]), 0);
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("text");
	TCase *spelling = tcase_create("spelling"), *bounds = tcase_create("bounds");

	tcase_add_checked_fixture(spelling, begin, end);
	tcase_add_loop_test(spelling, recorded_terms_are_spelled_alike, 0, (int) recorded_count);
	tcase_add_test(spelling, what_has_no_external_text_is_told_apart);
	tcase_add_test(spelling, huge_integers_tell_their_width);
	tcase_add_test(spelling, pids_are_read_back);
	suite_add_tcase(suite, spelling);
	tcase_add_checked_fixture(bounds, begin, end);
	tcase_add_loop_test(bounds, cut_text_is_clean, 0, (int) recorded_count);
	tcase_add_test(bounds, what_is_not_shown_is_not_visited);
	tcase_add_test(bounds, deep_terms_are_cut);
	tcase_add_test(bounds, a_long_binary_is_cut);
	suite_add_tcase(suite, bounds);
	return suite;
}
