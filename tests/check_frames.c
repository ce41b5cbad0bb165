/*
 * check_frames - whole screens: golden frames, and what really reaches a terminal.
 *
 * A golden frame is a text file in tests/frames; REGENERATE=1 writes them anew. The terminal is curses on
 * a memory file and an emulator in this process, so every byte is counted and nothing waits.
 */
#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/fake_source.h"
#include "tests/suite.h"
#include "tests/terminal.h"
#include "tui/picture.h"
#include "tui/screen.h"
#include "tui/ui.h"
#include "tui/ui_parts.h"

/* A terminal that curses refuses costs it some memory. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) { return "leak:libtinfo\nleak:libncurses\n"; }

struct stage { struct source *source; struct ui *ui; struct canvas canvas; uint64_t now; };

static struct stage stage_new(enum fake_sick sick, int rows, int cols)
{
	struct fake_options o = { .seed = 7, .processes = 200, .tables = 3, .deaths = 1, .sick = sick };
	struct stage s = { .source = fake_source_new(&o) };
	struct ui_options options = { .source = s.source };
	char error[200];

	s.ui = ui_new(&options, error, sizeof error);
	canvas_init(&s.canvas, CHARSET_BRAILLE);
	canvas_resize(&s.canvas, rows, cols);
	for (int i = 0; i < 30; i++)
		ui_advance(s.ui, 0);
	return s;
}

static void stage_free(struct stage *s)
{
	canvas_release(&s->canvas);
	ui_free(s->ui);
	s->source->close(s->source);
}

static void press(struct stage *s, const char *keys)
{
	char copy[128], *state;

	snprintf(copy, sizeof copy, "%s", keys);
	for (char *word = strtok_r(copy, " ", &state); word; word = strtok_r(NULL, " ", &state)) {
		struct event e = { .kind = EVENT_KEY, .key = input_key_of(word) };
		ui_on_event(s->ui, &e, s->now += 10000);        /* old messages are gone */
	}
}

/* ---- golden frames ---- */

static const struct { const char *name, *keys; int rows, cols; enum fake_sick sick; enum charset charset; } golden[] = {
	{ "applications-80x24", "1", 24, 80, FAKE_SLICE_PIN, CHARSET_BRAILLE },
	{ "processes-80x24", "2", 24, 80, FAKE_MAILBOX, CHARSET_BRAILLE },
	{ "system-80x24", "3", 24, 80, FAKE_SLICE_PIN, CHARSET_BRAILLE },
	{ "tables-80x24", "4", 24, 80, FAKE_ETS, CHARSET_BRAILLE },
	{ "demos-80x24", "5", 24, 80, FAKE_SLICE_PIN, CHARSET_BRAILLE },
	{ "detail-80x24", "2 Enter", 24, 80, FAKE_SLICE_PIN, CHARSET_BRAILLE },
	{ "findings-80x24", "w", 24, 80, FAKE_SLICE_PIN, CHARSET_BRAILLE },
	{ "help-80x24", "2 ?", 24, 80, FAKE_HEALTHY, CHARSET_BRAILLE },
	{ "applications-120x40", "1", 40, 120, FAKE_SLICE_PIN, CHARSET_BRAILLE },
	{ "processes-120x40", "2 Q", 40, 120, FAKE_MAILBOX, CHARSET_BRAILLE },
	{ "system-120x40", "3", 40, 120, FAKE_SLICE_PIN, CHARSET_BRAILLE },
	{ "detail-120x40", "2 Enter", 40, 120, FAKE_SLICE_PIN, CHARSET_BRAILLE },
	{ "processes-200x60", "2", 60, 200, FAKE_SLICE_PIN, CHARSET_BRAILLE },
	{ "system-200x60", "3", 60, 200, FAKE_SLICE_PIN, CHARSET_BRAILLE },
	{ "processes-40x8", "2", 8, 40, FAKE_SLICE_PIN, CHARSET_BRAILLE },
	{ "system-ascii-80x24", "3", 24, 80, FAKE_SLICE_PIN, CHARSET_ASCII },
	{ "detail-ascii-80x24", "2 Enter", 24, 80, FAKE_SLICE_PIN, CHARSET_ASCII },
};
#define GOLDEN ((int) (sizeof golden / sizeof *golden))

static char *file_text(const char *path)
{
	FILE *file = fopen(path, "r");
	char *text = NULL;
	size_t size = 0;

	if (!file)
		return NULL;
	if (getdelim(&text, &size, '\0', file) < 0) {
		free(text);
		text = NULL;
	}
	fclose(file);
	return text;
}

START_TEST(frames_are_as_they_were)
{
	struct stage s = stage_new(golden[_i].sick, golden[_i].rows, golden[_i].cols);
	const char *top = getenv("ACTOP_SRCDIR");
	char path[512], error[200], *now = NULL;
	size_t size;

	s.ui->charset = golden[_i].charset;
	press(&s, golden[_i].keys);
	ui_advance(s.ui, 0);
	s.now += 60000;
	s.ui->session.now_ms = s.now;
	ui_draw(s.ui, &s.canvas);
	snprintf(path, sizeof path, "%s/tests/frames/%s.txt", top ? top : ".", golden[_i].name);
	if (getenv("REGENERATE")) {
		ck_assert_msg(picture_save(&s.canvas, s.ui->session.theme, path, error, sizeof error), "%s", error);
	} else {
		FILE *out = open_memstream(&now, &size);
		picture_text(&s.canvas, out);
		fclose(out);
		char *before = file_text(path);
		ck_assert_msg(before != NULL, "%s is missing; REGENERATE=1 writes it", path);
		if (strcmp(before, now)) {
			printf("# %s is now:\n", golden[_i].name);
			for (char *line = strtok(now, "\n"); line; line = strtok(NULL, "\n"))
				printf("# %s\n", line);
			ck_abort_msg("%s differs; REGENERATE=1 accepts it", golden[_i].name);
		}
		free(before);
		free(now);
	}
	stage_free(&s);
}
END_TEST

/* ---- a real terminal, emulated ---- */

struct shown { struct stage stage; struct screen *screen; struct terminal *terminal; int fd; off_t read; };

static struct shown shown_new(const char *term, int rows, int cols, int colours)
{
	struct shown s = { .stage = stage_new(FAKE_SLICE_PIN, rows, cols), .fd = memfd_create("terminal", 0) };
	struct screen_options o = { .input = open("/dev/null", O_RDONLY), .output = s.fd, .term = term, .colours = colours,
		.rows = rows, .cols = cols, .theme = theme_find("default") };
	enum screen_problem problem;

	s.terminal = terminal_new(rows, cols);
	s.screen = screen_open(&o, &problem);
	ck_assert_msg(s.screen != NULL, "%s: %s", term, screen_problem_text(problem));
	return s;
}

static void shown_free(struct shown *s)
{
	screen_close(s->screen);
	if (s->terminal)
		terminal_free(s->terminal);
	stage_free(&s->stage);
	close(s->fd);
}

/* Draws and shows a frame; gives how many bytes it took. */
static size_t show(struct shown *s)
{
	char bytes[65536];
	size_t count = 0;
	ssize_t n;

	ui_draw(s->stage.ui, &s->stage.canvas);
	ck_assert(screen_show(s->screen, &s->stage.canvas));
	while ((n = pread(s->fd, bytes, sizeof bytes, s->read)) > 0) {
		if (s->terminal)
			terminal_feed(s->terminal, bytes, (size_t) n);
		s->read += n;
		count += (size_t) n;
	}
	return count;
}

static void assert_same(struct shown *s)
{
	const struct canvas *c = &s->stage.canvas;

	for (int row = 0; row < c->rows && s->terminal; row++)
		for (int col = 0; col < c->cols; col++) {
			const struct cell *cell = canvas_at(c, row, col);
			struct terminal_cell seen = terminal_at(s->terminal, row, col);
			uint32_t glyph = seen.glyph ? seen.glyph : ' ';
			/* The last cell of the last line cannot be reached on every terminal. */
			if (row == c->rows - 1 && col == c->cols - 1)
				continue;
			if (cell->width && glyph != cell->glyph)
				ck_abort_msg("row %d col %d: canvas U+%04X, terminal U+%04X", row, col, cell->glyph, glyph);
		}
}

static const char *const terms[] = { "xterm-256color", "xterm", "screen-256color", "tmux-256color", "linux", "vt100",
	"xterm-mono",
	"rxvt-unicode-256color", "vt220" };

START_TEST(the_terminal_shows_what_the_canvas_says)
{
	static const int sizes[][2] = { { 24, 80 }, { 40, 120 }, { 60, 200 }, { 8, 40 }, { 1, 1 } };

	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		struct shown s = shown_new(terms[_i], sizes[i][0], sizes[i][1], -1);
		show(&s);
		assert_same(&s);
		for (const char *const *keys = (const char *const[]) { "2", "Down", "R", "Enter", "Right", "3", "5", "?",
			NULL }; *keys; keys++) {
			press(&s.stage, *keys);
			ui_advance(s.stage.ui, 0);
			show(&s);
			assert_same(&s);
		}
		shown_free(&s);
	}
}
END_TEST

START_TEST(curses_believes_what_the_terminal_shows)
{
	struct shown s = shown_new("xterm-256color", 40, 120, -1);

	press(&s.stage, "2 Down Space");
	show(&s);
	for (int row = 0; row < 40 && s.terminal; row++)
		for (int col = 0; col < 120; col++) {
			uint8_t attributes = 0;
			uint32_t glyph = screen_believes(s.screen, row, col, &attributes);
			struct terminal_cell seen = terminal_at(s.terminal, row, col);
			if (glyph != (seen.glyph ? seen.glyph : ' ') || !(attributes & PAINT_BOLD) != !seen.is_bold
				|| !(attributes & PAINT_REVERSE) != !seen.is_reverse)
				ck_abort_msg("row %d col %d", row, col);
		}
	shown_free(&s);
}
END_TEST

START_TEST(an_unchanged_frame_costs_nothing)
{
	struct shown s = shown_new("xterm-256color", 60, 200, -1);

	press(&s.stage, "2");
	show(&s);
	for (int i = 0; i < 5; i++)
		ck_assert_uint_eq(show(&s), 0);
	shown_free(&s);
}
END_TEST

START_TEST(a_cursor_key_costs_under_400_bytes)
{
	struct shown s = shown_new("xterm-256color", 60, 200, -1);

	press(&s.stage, "4 2 Down");
	show(&s);
	for (int i = 0; i < 12; i++) {
		struct event e = { .kind = EVENT_KEY, .key = i % 4 == 3 ? K_UP : K_DOWN };
		ui_on_event(s.stage.ui, &e, s.stage.now);
		size_t bytes = show(&s);
		ck_assert_msg(bytes < 400, "%zu bytes", bytes);
	}
	shown_free(&s);
}
END_TEST

START_TEST(without_colours_every_cell_is_the_terminals_own)
{
	struct shown s = shown_new("xterm-256color", 24, 80, 0);
	int reverse = 0;

	press(&s.stage, "2 Down");
	show(&s);
	for (int row = 0; row < 24 && s.terminal; row++) {
		for (int col = 0; col < 80; col++)
			if (!terminal_at(s.terminal, row, col).has_own_colours)
				ck_abort_msg("row %d col %d has a colour", row, col);
		reverse += row > 3 && row < 22 && terminal_at(s.terminal, row, 10).is_reverse;
	}
	ck_assert(!s.terminal || reverse == 1);
	shown_free(&s);
}
END_TEST

START_TEST(a_terminal_that_cannot_move_its_cursor_is_refused)
{
	struct screen_options o = { .input = 0, .output = memfd_create("t", 0), .colours = -1,
		.theme = theme_find("default") };
	enum screen_problem problem;

	o.term = "dumb";
	ck_assert(!screen_open(&o, &problem));
	ck_assert_int_eq(problem, SCREEN_NO_CURSOR);
	o.term = "no-such-terminal";
	ck_assert(!screen_open(&o, &problem));
	ck_assert_int_eq(problem, SCREEN_UNKNOWN_TERM);
	close(o.output);
}
END_TEST

START_TEST(closing_gives_the_terminal_back)
{
	struct shown s = shown_new("xterm-256color", 24, 80, -1);
	char bytes[65536];

	show(&s);
	ck_assert(!s.terminal || terminal_is_alternate(s.terminal));
	screen_leave(s.screen);
	ssize_t n = pread(s.fd, bytes, sizeof bytes, s.read);
	if (s.terminal) {
		terminal_feed(s.terminal, bytes, n > 0 ? (size_t) n : 0);
		ck_assert(!terminal_is_alternate(s.terminal));
		ck_assert(terminal_has_cursor(s.terminal));
		ck_assert(!terminal_has_mouse(s.terminal));
	}
	s.read += n;
	screen_enter(s.screen);
	show(&s);
	assert_same(&s);
	shown_free(&s);
}
END_TEST

START_TEST(resizing_ends_with_the_same_picture)
{
	struct shown s = shown_new("xterm-256color", 24, 80, -1);
	uint64_t dice = suite_seed();

	for (int i = 0; i < 60; i++) {
		dice = dice * UINT64_C(6364136223846793005) + 1442695040888963407u;
		int rows = 1 + (int) (dice >> 40) % 70, cols = 1 + (int) (dice >> 33) % 220;
		if (s.terminal)
			terminal_resize(s.terminal, rows, cols);
		screen_resize(s.screen, rows, cols);
		canvas_resize(&s.stage.canvas, rows, cols);
		show(&s);
		assert_same(&s);
	}
	shown_free(&s);
}
END_TEST

Suite *check_suite(void)
{
	Suite *s = suite_create("frames");
	TCase *frames = tcase_create("golden"), *real = tcase_create("terminal");

	setlocale(LC_CTYPE, "C.UTF-8");
	tcase_set_timeout(real, 120);
	tcase_add_loop_test(frames, frames_are_as_they_were, 0, GOLDEN);
	tcase_add_loop_test(real, the_terminal_shows_what_the_canvas_says, 0, (int) (sizeof terms / sizeof *terms));
	tcase_add_test(real, curses_believes_what_the_terminal_shows);
	tcase_add_test(real, an_unchanged_frame_costs_nothing);
	tcase_add_test(real, a_cursor_key_costs_under_400_bytes);
	tcase_add_test(real, without_colours_every_cell_is_the_terminals_own);
	tcase_add_test(real, a_terminal_that_cannot_move_its_cursor_is_refused);
	tcase_add_test(real, closing_gives_the_terminal_back);
	tcase_add_test(real, resizing_ends_with_the_same_picture);
	suite_add_tcase(s, frames);
	suite_add_tcase(s, real);
	return s;
}
