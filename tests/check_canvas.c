/*
 * check_canvas - cells, panes, text, themes, charts: what drawing rests on.
 */
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/suite.h"
#include "tui/widget/canvas.h"
#include "tui/widget/chart.h"
#include "tui/widget/meter.h"
#include "tui/widget/prompt.h"
#include "tui/widget/text.h"

static uint64_t dice;

static uint32_t roll(uint32_t sides)
{
	dice = dice * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (uint32_t) (dice >> 33) % sides;
}

static const char *row_text(const struct canvas *c, int row, char *out)
{
	size_t used = 0;

	for (int col = 0; col < c->cols; col++)
		if (canvas_at(c, row, col)->width)
			used += text_encode(canvas_at(c, row, col)->glyph, out + used);
	out[used] = '\0';
	return out;
}

START_TEST(code_points_survive_the_way_there_and_back)
{
	char bytes[5] = { 0 };
	uint32_t back;

	for (uint32_t g = 1; g < 0x110000; g += g < 0x3000 ? 1 : 97) {
		if (g >= 0xd800 && g < 0xe000)
			continue;
		size_t length = text_encode(g, bytes);
		bytes[length] = '\0';
		ck_assert_uint_eq(text_decode(bytes, &back), length);
		ck_assert_uint_eq(back, g);
	}
}
END_TEST

START_TEST(nothing_in_a_text_reaches_the_terminal_as_a_command)
{
	static const char *const nasty[] = { "\033[2J", "a\nb", "\x9b" "31m", "\xff\xfe", "\xc3", "\xe2\x82", "\x7f",
		"\xc2\x9b" "0m",
		"\xed\xa0\x80", "\xf4\x90\x80\x80" };
	struct canvas c;

	canvas_init(&c, CHARSET_BRAILLE);
	canvas_resize(&c, 1, 60);
	for (size_t i = 0; i < sizeof nasty / sizeof *nasty; i++) {
		canvas_clear(&c);
		int end = pane_put(canvas_pane(&c), 0, 0, ROLE_NORMAL, nasty[i]);
		ck_assert_int_eq(end, text_width(nasty[i]));
		for (int col = 0; col < c.cols; col++) {
			uint32_t glyph = canvas_at(&c, 0, col)->glyph;
			ck_assert_msg(glyph >= ' ' && !(glyph >= 0x7f && glyph < 0xa0) && glyph < 0x110000, "text %zu col %d: %x",
				i, col, glyph);
		}
	}
	canvas_release(&c);
}
END_TEST

START_TEST(no_pane_draws_outside_itself)
{
	static const char *const texts[] = { "short", "a rather long text that does not fit", "日本語のテキスト", "tab\there",
		"é…█⣿" };
	struct canvas c;

	canvas_init(&c, CHARSET_BRAILLE);
	for (int round = 0; round < 4000; round++) {
		canvas_resize(&c, 1 + (int) roll(12), 1 + (int) roll(40));
		struct pane p = pane_part(canvas_pane(&c), (int) roll(14) - 2, (int) roll(44) - 4, (int) roll(10),
			(int) roll(30));
		int row = (int) roll(14) - 2, col = (int) roll(40) - 8;
		switch (roll(6)) {
		case 0: pane_put(p, row, col, ROLE_NAME, texts[roll(5)]); break;
		case 1: pane_right(p, row, col, ROLE_NAME, texts[roll(5)]); break;
		case 2: pane_fit(p, row, col, (int) roll(20), ROLE_NAME, texts[roll(5)]); break;
		case 3: pane_figure(p, row, col, ROLE_NAME, "12.5 MiB"); break;
		case 4: pane_frame(p, texts[roll(5)]); break;
		default: text_wrap(p, row, col, 2, ROLE_NAME, texts[roll(5)]); break;
		}
		for (int y = 0; y < c.rows; y++)
			for (int x = 0; x < c.cols; x++) {
				bool is_inside = y >= p.row && y < p.row + p.rows && x >= p.col && x < p.col + p.cols;
				if (!is_inside && canvas_at(&c, y, x)->glyph != ' ')
					ck_abort_msg("drew outside in round %d", round);
			}
	}
	canvas_release(&c);
}
END_TEST

START_TEST(half_a_wide_glyph_never_stays)
{
	struct canvas c;

	canvas_init(&c, CHARSET_BRAILLE);
	canvas_resize(&c, 1, 20);
	for (int round = 0; round < 2000; round++) {
		pane_put(canvas_pane(&c), 0, (int) roll(22) - 2, ROLE_NORMAL, roll(2) ? "日本" : "ab");
		for (int col = 0; col < c.cols; col++) {
			const struct cell *cell = canvas_at(&c, 0, col);
			if (cell->width == 2)
				ck_assert(col + 1 < c.cols && canvas_at(&c, 0, col + 1)->width == 0);
			if (cell->width == 0)
				ck_assert(col > 0 && canvas_at(&c, 0, col - 1)->width == 2);
		}
	}
	canvas_release(&c);
}
END_TEST

START_TEST(ascii_is_ascii)
{
	struct canvas c;

	canvas_init(&c, CHARSET_ASCII);
	canvas_resize(&c, 6, 40);
	pane_put(pane_frame(canvas_pane(&c), "Ω title"), 0, 0, ROLE_NORMAL, "▸ ✓ 日本 ⣿ █ … ·");
	for (int i = 0; i < c.rows * c.cols; i++)
		ck_assert_uint_lt(c.cells[i].glyph, 0x7f);
	canvas_release(&c);
}
END_TEST

START_TEST(figures_end_where_they_are_told)
{
	struct canvas c;
	char text[128];

	canvas_init(&c, CHARSET_BRAILLE);
	canvas_resize(&c, 1, 20);
	ck_assert_int_eq(pane_figure(canvas_pane(&c), 0, 12, ROLE_STRONG, "269.1 MiB"), 3);
	ck_assert_str_eq(row_text(&c, 0, text), "   269.1 MiB        ");
	ck_assert_int_eq(canvas_at(&c, 0, 3)->role, ROLE_STRONG);
	ck_assert_int_eq(canvas_at(&c, 0, 9)->role, ROLE_DIM);
	canvas_clear(&c);
	pane_figure(canvas_pane(&c), 0, 12, ROLE_STRONG, "0 B");
	ck_assert_int_eq(canvas_at(&c, 0, 9)->role, ROLE_DIM);
	canvas_release(&c);
}
END_TEST

START_TEST(a_cut_text_says_so)
{
	struct canvas c;
	char text[128];

	canvas_init(&c, CHARSET_BRAILLE);
	canvas_resize(&c, 1, 10);
	ck_assert_int_eq(pane_fit(canvas_pane(&c), 0, 0, 6, ROLE_NORMAL, "header_store"), 6);
	ck_assert_str_eq(row_text(&c, 0, text), "heade…    ");
	canvas_release(&c);
}
END_TEST

START_TEST(paragraphs_lose_no_word)
{
	static const char text[] = "The slices are reachable from the process state, so the collector must keep "
		"them. More GC cannot help.";

	for (int cols = 12; cols < 60; cols++) {
		struct canvas c;
		char row[256], whole[512] = "";
		canvas_init(&c, CHARSET_BRAILLE);
		canvas_resize(&c, 20, cols);
		int rows = text_wrap(canvas_pane(&c), 0, 0, 2, ROLE_NORMAL, text);
		ck_assert_int_eq(rows, text_rows(text, cols, 2));
		for (int i = 0; i < rows; i++) {
			row_text(&c, i, row);
			for (char *word = strtok(row, " "); word; word = strtok(NULL, " ")) {
				if (*whole)
					strcat(whole, " ");
				strcat(whole, word);
			}
		}
		ck_assert_str_eq(whole, text);
		canvas_release(&c);
	}
}
END_TEST

/* Grounds that stand for a state, and roles that stand for a judgement, differ in attributes alone. */
START_TEST(without_colour_states_still_differ)
{
	const struct theme *t = theme_find("default");

	for (enum ground a = GROUND_PLAIN; a < GROUND_COUNT; a++) {
		struct paint p = theme_paint(t, 0, ROLE_NORMAL, a);
		ck_assert_int_eq(p.fore, -1);
		ck_assert_int_eq(p.back, -1);
	}
	uint8_t plain = theme_paint(t, 0, ROLE_NORMAL, GROUND_PLAIN).attributes;
	ck_assert_uint_ne(theme_paint(t, 0, ROLE_NORMAL, GROUND_SELECTED).attributes, plain);
	ck_assert_uint_ne(theme_paint(t, 0, ROLE_NORMAL, GROUND_TAGGED).attributes, plain);
	ck_assert_uint_ne(theme_paint(t, 0, ROLE_NORMAL, GROUND_ALARM).attributes, plain);
	ck_assert_uint_ne(theme_paint(t, 0, ROLE_CRITICAL, GROUND_PLAIN).attributes,
		theme_paint(t, 0, ROLE_WATCH, GROUND_PLAIN).attributes);
	ck_assert_uint_ne(theme_paint(t, 0, ROLE_CRITICAL, GROUND_PLAIN).attributes, plain);
}
END_TEST

START_TEST(each_palette_is_kept_to)
{
	static const int palettes[] = { 256, 16, 8 };

	for (size_t i = 0; theme_at(i); i++)
		for (size_t k = 0; k < 3; k++)
			for (enum role r = 0; r < ROLE_COUNT; r++)
				for (enum ground g = 0; g < GROUND_COUNT; g++) {
					struct paint p = theme_paint(theme_at(i), palettes[k], r, g);
					ck_assert_int_lt(p.fore, palettes[k]);
					ck_assert_int_lt(p.back, palettes[k]);
					ck_assert(p.fore == -1 || p.fore != p.back);
				}
}
END_TEST

START_TEST(the_colour_blind_theme_has_no_red_and_green)
{
	const struct theme *t = theme_find("blind");

	for (enum role r = 0; r < ROLE_COUNT; r++) {
		int fore = theme_paint(t, 16, r, GROUND_PLAIN).fore;
		ck_assert(fore != 1 && fore != 2 && fore != 9 && fore != 10);
	}
}
END_TEST

START_TEST(scales_are_round_and_not_too_large)
{
	for (int i = 0; i < 5000; i++) {
		double value = pow(10, roll(120) / 10.0) * (1 + roll(1000) / 1000.0);
		double bytes = chart_ceiling(value, UNIT_BYTES), count = chart_ceiling(value, UNIT_COUNT);
		ck_assert_double_ge(bytes, value);
		ck_assert_double_le(bytes, value * 2.6);
		ck_assert_double_ge(count, value);
		ck_assert_double_le(count, value * 2.6);
	}
}
END_TEST

START_TEST(a_spark_keeps_gaps_and_ends_with_the_newest)
{
	struct curve c = { .count = 3, .value = { 0, NAN, 8 } };
	struct canvas canvas;

	canvas_init(&canvas, CHARSET_BRAILLE);
	canvas_resize(&canvas, 1, 5);
	chart_spark(canvas_pane(&canvas), 0, 0, 5, ROLE_OK, &c, 0);
	ck_assert_uint_eq(canvas_at(&canvas, 0, 4)->glyph, 0x2587);
	ck_assert_uint_eq(canvas_at(&canvas, 0, 3)->glyph, ' ');
	ck_assert_uint_eq(canvas_at(&canvas, 0, 2)->glyph, 0x2581);
	ck_assert_uint_eq(canvas_at(&canvas, 0, 1)->glyph, ' ');
	canvas_release(&canvas);
}
END_TEST

START_TEST(parts_of_a_bar_are_all_seen)
{
	struct part parts[] = { { 1, 'p', ROLE_PROCESS }, { 1000000, 'b', ROLE_BINARY }, { 1, 'e', ROLE_ETS } };
	struct canvas c;

	canvas_init(&c, CHARSET_ASCII);
	canvas_resize(&c, 1, 30);
	meter_parts(canvas_pane(&c), 0, 0, 30, parts, 3, 1000002);
	ck_assert_uint_eq(canvas_at(&c, 0, 0)->glyph, 'p');
	ck_assert_uint_eq(canvas_at(&c, 0, 15)->glyph, 'b');
	canvas_release(&c);
}
END_TEST

static void type(struct prompt *p, uint32_t key)
{
	prompt_on_event(p, &(struct event) { .kind = EVENT_KEY, .key = key }, NULL);
}

START_TEST(a_line_is_edited_by_characters_not_bytes)
{
	struct prompt p;

	prompt_start(&p, "filter: ", "mém>1");
	type(&p, K_LEFT);
	type(&p, K_LEFT);
	type(&p, K_LEFT);
	type(&p, K_BACKSPACE);
	ck_assert_str_eq(p.text, "mm>1");
	type(&p, 'e');
	ck_assert_str_eq(p.text, "mem>1");
	type(&p, K_END);
	prompt_replace_word(&p, "app=shop");
	ck_assert_str_eq(p.text, "app=shop");
	type(&p, K_CTRL('W'));
	ck_assert_str_eq(p.text, "");
}
END_TEST

Suite *check_suite(void)
{
	Suite *s = suite_create("canvas");
	TCase *text = tcase_create("text"), *panes = tcase_create("panes"), *themes = tcase_create("themes"),
		*widgets = tcase_create("widgets");

	setlocale(LC_CTYPE, "C.UTF-8");
	dice = suite_seed();
	tcase_add_test(text, code_points_survive_the_way_there_and_back);
	tcase_add_test(text, nothing_in_a_text_reaches_the_terminal_as_a_command);
	tcase_add_test(text, paragraphs_lose_no_word);
	tcase_add_test(panes, no_pane_draws_outside_itself);
	tcase_add_test(panes, half_a_wide_glyph_never_stays);
	tcase_add_test(panes, ascii_is_ascii);
	tcase_add_test(panes, figures_end_where_they_are_told);
	tcase_add_test(panes, a_cut_text_says_so);
	tcase_add_test(themes, without_colour_states_still_differ);
	tcase_add_test(themes, each_palette_is_kept_to);
	tcase_add_test(themes, the_colour_blind_theme_has_no_red_and_green);
	tcase_add_test(widgets, scales_are_round_and_not_too_large);
	tcase_add_test(widgets, a_spark_keeps_gaps_and_ends_with_the_newest);
	tcase_add_test(widgets, parts_of_a_bar_are_all_seen);
	tcase_add_test(widgets, a_line_is_edited_by_characters_not_bytes);
	suite_add_tcase(s, text);
	suite_add_tcase(s, panes);
	suite_add_tcase(s, themes);
	suite_add_tcase(s, widgets);
	return s;
}
