/*
 * check_layout - where things go, at every size; and that every place can be drawn there.
 */
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "tests/fake_source.h"
#include "tests/suite.h"
#include "tui/frame.h"
#include "tui/tab/session.h"
#include "tui/widget/layout.h"

#define ROWS 80
#define COLS 250

static void mark(char map[ROWS][COLS], struct area a, int rows, int cols)
{
	for (int row = a.row; row < a.row + a.rows; row++)
		for (int col = a.col; col < a.col + a.cols; col++) {
			if (row < 0 || col < 0 || row >= rows || col >= cols)
				ck_abort_msg("outside at %dx%d", cols, rows);
			if (map[row][col])
				ck_abort_msg("overlap at %dx%d", cols, rows);
			map[row][col] = 1;
		}
}

static void whole(char map[ROWS][COLS], int rows, int cols)
{
	for (int row = 0; row < rows; row++)
		for (int col = 0; col < cols; col++)
			if (!map[row][col])
				ck_abort_msg("nothing at row %d col %d of %dx%d", row, col, cols, rows);
}

START_TEST(areas_cover_every_size_and_never_overlap)
{
	static char map[ROWS][COLS];

	for (int rows = LAYOUT_LEAST_ROWS; rows <= ROWS; rows++)
		for (int cols = LAYOUT_LEAST_COLS; cols <= COLS; cols++) {
			struct layout l = layout_make(rows, cols, _i);
			struct area parts[] = { l.tabs, l.summary, l.findings, l.status, l.keys, l.chart, l.caption, l.list, l.side,
				l.under, l.log };
			memset(map, 0, sizeof map);
			for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
				mark(map, parts[i], rows, cols);
			whole(map, rows, cols);
			if (l.list.rows < 2)
				ck_abort_msg("no list at %dx%d", cols, rows);
		}
}
END_TEST

START_TEST(below_the_least_size_there_is_only_a_message)
{
	for (int rows = 1; rows <= ROWS; rows++)
		for (int cols = 1; cols <= COLS; cols++) {
			struct layout l = layout_make(rows, cols, false);
			if (l.is_too_small != (rows < LAYOUT_LEAST_ROWS || cols < LAYOUT_LEAST_COLS))
				ck_abort_msg("wrong at %dx%d", cols, rows);
		}
}
END_TEST

static const int some_rows[] = { 1, 2, 7, 8, 9, 10, 11, 12, 14, 19, 20, 24, 30, 36, 40, 50, 60, 80 };
static const int some_cols[] = { 1, 5, 39, 40, 52, 60, 64, 76, 80, 100, 110, 120, 160, 200, 250 };

static void draw_at_sizes(struct session *s, enum place_id place)
{
	struct canvas c;

	canvas_init(&c, CHARSET_BRAILLE);
	for (size_t i = 0; i < sizeof some_rows / sizeof *some_rows; i++)
		for (size_t k = 0; k < sizeof some_cols / sizeof *some_cols; k++) {
			canvas_resize(&c, some_rows[i], some_cols[k]);
			frame_draw(s, &c);
			if (some_rows[i] < LAYOUT_LEAST_ROWS || some_cols[k] < LAYOUT_LEAST_COLS)
				continue;
			/* The last thing on the last line is how to quit. */
			char end[5] = { 0 };
			for (int col = 0; col < 4; col++)
				end[col] = (char) canvas_at(&c, c.rows - 1, c.cols - 5 + col)->glyph;
			if (strcmp(end, "quit"))
				ck_abort_msg("place %d at %dx%d ends with \"%s\"", place, c.cols, c.rows, end);
		}
	canvas_release(&c);
}

START_TEST(every_place_is_drawn_at_every_kind_of_size)
{
	struct fake_options o = { .seed = suite_seed(), .processes = 60, .tables = 3, .deaths = 2, .sick = FAKE_SLICE_PIN };
	struct source *source = fake_source_new(&o);
	struct model *m = model_new(source);
	struct session s;

	session_init(&s, m);
	for (int i = 0; i < 14; i++)
		model_advance(m, source->next(source, 0));
	if (_i < PLACE_TABS)
		session_go_tab(&s, (enum place_id) _i);
	else
		session_open(&s, (enum place_id) _i, _i == PLACE_DETAIL ? fake_source_patient(source) : 1);
	model_advance(m, source->next(source, 0));
	model_poll_detail(m);
	for (int page = 0; page == 0 || (_i == PLACE_DETAIL && page < 10); page++) {
		session_visit(&s)->page = page;
		session_settle(&s);
		draw_at_sizes(&s, (enum place_id) _i);
	}
	s.is_presenting = true;
	draw_at_sizes(&s, (enum place_id) _i);
	session_release(&s);
	model_free(m);
	source->close(source);
}
END_TEST

Suite *check_suite(void)
{
	Suite *s = suite_create("layout");
	TCase *areas = tcase_create("areas"), *places = tcase_create("places");

	setlocale(LC_CTYPE, "C.UTF-8");
	tcase_set_timeout(areas, 60);
	tcase_set_timeout(places, 120);
	tcase_add_loop_test(areas, areas_cover_every_size_and_never_overlap, 0, 2);
	tcase_add_test(areas, below_the_least_size_there_is_only_a_message);
	tcase_add_loop_test(places, every_place_is_drawn_at_every_kind_of_size, 0, PLACE_COUNT);
	suite_add_tcase(s, areas);
	suite_add_tcase(s, places);
	return s;
}
