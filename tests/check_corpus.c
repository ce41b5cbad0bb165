/*
 * Terms against OTP: for each line of the corpus its bytes, its words, its text and its place in the order of all
 * terms are OTP's; and a copy of it is equal, with the same hash.
 */
#include "tests/suite.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/base/random.h"
#include "runtime/memory/copy.h"
#include "runtime/term/order.h"
#include "runtime/term/text.h"
#include "tests/corpus.h"

static struct corpus corpus;

static void begin(void) { corpus_open(&corpus); }
static void end(void) { corpus_close(&corpus); }

static term line_term(size_t i) { return corpus.lines[i].term; }

/* ---- words ---- */

START_TEST(words_are_otps)
{
	for (size_t i = 0; i < corpus.count; i++) {
		const struct corpus_line *line = &corpus.lines[i];
		size_t words = term_flat_words(NULL, line->term), off = line->is_rough ? line->words / 20 : 0;
		HOLDS(words >= line->words - off && words <= line->words + off,
			"%zu words, %zu on OTP: %s", words, line->words, line->text);
		HOLDS(line->is_rough || line->used_words == words, "%zu used for %s", line->used_words, line->text);
	}
}
END_TEST

START_TEST(bytes_are_otps)
{
	for (size_t i = 0; i < corpus.count; i++) {
		const struct corpus_line *line = &corpus.lines[i];
		uint8_t *form = malloc(line->form_bytes);
		HOLDS(external_bytes(corpus.atoms, line->term) == line->form_bytes, "bytes of %s", line->text);
		external_encode(corpus.atoms, line->term, form);
		HOLDS(line->is_rough || memcmp(form, line->form, line->form_bytes) == 0, "%s", line->text);
		free(form);
	}
}
END_TEST

/* ---- order ---- */

/* Which lines are equal by == to line i: the run of `=` around it. */
static bool are_equal(size_t i, size_t j)
{
	while (j > i && corpus.lines[j].equals_previous)
		j--;
	return j <= i;
}

START_TEST(order_is_otps)
{
	for (size_t i = 0; i < corpus.count; i++)
		for (size_t j = i; j < corpus.count; j++) {
			int sign = are_equal(i, j) ? 0 : -1;
			int forth = term_compare(corpus.atoms, line_term(i), line_term(j), false);
			int back = term_compare(corpus.atoms, line_term(j), line_term(i), false);
			HOLDS((forth > 0) - (forth < 0) == sign, "%s and %s: %d",
				corpus.lines[i].text, corpus.lines[j].text, forth);
			HOLDS((back > 0) - (back < 0) == -sign, "%s and %s: %d",
				corpus.lines[j].text, corpus.lines[i].text, back);
		}
}
END_TEST

/* By =:= every line is equal to itself alone; exact order agrees, and puts integers before equal floats. */
START_TEST(exact_equality_is_otps)
{
	for (size_t i = 0; i < corpus.count; i++)
		for (size_t j = 0; j < corpus.count; j++) {
			int exact = term_compare(corpus.atoms, line_term(i), line_term(j), true);
			HOLDS(term_equal(line_term(i), line_term(j)) == (i == j), "%s and %s",
				corpus.lines[i].text, corpus.lines[j].text);
			HOLDS((exact == 0) == (i == j), "%s and %s", corpus.lines[i].text, corpus.lines[j].text);
		}
}
END_TEST

START_TEST(equal_terms_hash_alike)
{
	for (size_t i = 0; i < corpus.count; i++) {
		const struct corpus_line *line = &corpus.lines[i];
		term twin = corpus_read(&corpus, line->form, line->form_bytes);
		HOLDS(term_equal(twin, line->term), "%s", line->text);
		for (uint32_t seed = 0; seed < 3; seed++)
			HOLDS(term_hash(twin, seed) == term_hash(line->term, seed), "%s", line->text);
	}
}
END_TEST

/* 32 bits and a few hundred terms: a shared hash is no proof, two of them are. */
START_TEST(different_terms_hash_apart)
{
	size_t shared = 0;

	for (size_t i = 0; i < corpus.count; i++)
		for (size_t j = 0; j < i; j++)
			shared += term_hash(line_term(i), 7) == term_hash(line_term(j), 7);
	ck_assert_uint_le(shared, 1);
}
END_TEST

/* ---- text ---- */

START_TEST(text_is_otps)
{
	static char text[20000];

	for (size_t i = 0; i < corpus.count; i++) {
		const char *expected = corpus.lines[i].text;
		if (strcmp(expected, "-") == 0)
			continue;
		size_t length = term_text(corpus.atoms, line_term(i), text, sizeof text);
		ck_assert_uint_eq(length, strlen(text));
		if (!strstr(text, "#Integer<"))        /* the widest are told by their width */
			ck_assert_str_eq(text, expected);
	}
}
END_TEST

static bool is_whole_utf8(const char *text)
{
	for (const unsigned char *at = (const unsigned char *) text; *at;) {
		int more = *at < 0x80 ? 0 : *at >> 5 == 6 ? 1 : *at >> 4 == 14 ? 2 : *at >> 3 == 30 ? 3 : -1;
		if (more < 0)
			return false;
		for (at++; more > 0; more--, at++)
			if (*at >> 6 != 2)
				return false;
	}
	return true;
}

/* In any room: what is written is the start of the whole, ends in dots when cut, splits no character, stays inside. */
START_TEST(cut_text_is_honest)
{
	static char whole[20000], text[320];

	for (size_t i = 0; i < corpus.count; i++) {
		size_t length = term_text(corpus.atoms, line_term(i), whole, sizeof whole);
		for (size_t room = 1; room < 200; room++) {
			memset(text, 'Z', sizeof text);
			size_t got = term_text(corpus.atoms, line_term(i), text, room);
			HOLDS(got < room && got == strlen(text) && text[room] == 'Z', "room for %zu: %s", room, text);
			HOLDS(is_whole_utf8(text), "%s", text);
			if (length < room) {
				HOLDS(strcmp(text, whole) == 0, "%s instead of %s", text, whole);
			} else if (room > 3) {
				HOLDS(got >= 3 && strcmp(text + got - 3, "...") == 0, "%s of %s", text, whole);
				HOLDS(memcmp(text, whole, got - 3) == 0, "%s of %s", text, whole);
			}
		}
	}
}
END_TEST

START_TEST(identities_as_text)
{
	char text[64];

	term_text(corpus.atoms, term_from_pid(123, 45), text, sizeof text);
	ck_assert_str_eq(text, "<0.123.0>");
	ck_assert_uint_eq(text_to_pid_number(text), 123);
	term_text(corpus.atoms, term_from_pid((UINT64_C(1) << 36) - 1, 0), text, sizeof text);
	ck_assert_uint_eq(text_to_pid_number(text), (UINT64_C(1) << 36) - 1);
	term_text(corpus.atoms, term_from_port(7), text, sizeof text);
	ck_assert_str_eq(text, "#Port<0.7>");
}
END_TEST

START_TEST(what_is_no_pid_has_no_number)
{
	static const char *const wrong[] = {
		"", "<", "<0.", "<0.1", "<0.1.", "<0.1.0", "<0.1.0>x", "<1.1.0>", "<0..0>", "<0.x.0>", "<0.-1.0>", "0.1.0",
		" <0.1.0>", "<0.99999999999999999999.0>", "<0.1.1>",
	};

	for (size_t i = 0; i < ARRAY_COUNT(wrong); i++)
		HOLDS(text_to_pid_number(wrong[i]) == 0, "%s", wrong[i]);
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("corpus");
	TCase *size = tcase_create("size"), *order = tcase_create("order"), *text = tcase_create("text");

	tcase_add_checked_fixture(size, begin, end);
	tcase_add_test(size, words_are_otps);
	tcase_add_test(size, bytes_are_otps);
	suite_add_tcase(suite, size);

	tcase_add_checked_fixture(order, begin, end);
	tcase_add_test(order, order_is_otps);
	tcase_add_test(order, exact_equality_is_otps);
	tcase_add_test(order, equal_terms_hash_alike);
	tcase_add_test(order, different_terms_hash_apart);
	suite_add_tcase(suite, order);

	tcase_add_checked_fixture(text, begin, end);
	tcase_add_test(text, text_is_otps);
	tcase_add_test(text, cut_text_is_honest);
	tcase_add_test(text, identities_as_text);
	tcase_add_test(text, what_is_no_pid_has_no_number);
	suite_add_tcase(suite, text);
	return suite;
}
