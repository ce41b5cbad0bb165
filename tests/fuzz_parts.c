/*
 * fuzz_parts - see fuzz_parts.h.
 */
#include "tests/fuzz_parts.h"

#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "tests/fake_source.h"
#include "tests/pty.h"
#include "tui/actions.h"
#include "tui/model/filter.h"
#include "tui/options.h"
#include "tui/ui.h"
#include "tui/ui_parts.h"

/* ---- dice ---- */

struct dice { uint64_t state, seed; };

static struct dice dice_of(uint64_t seed)
{
	struct dice d = { seed * UINT64_C(0x9e3779b97f4a7c15) + 1, seed };

	return d;
}

static uint32_t roll(struct dice *d, uint32_t sides)
{
	d->state = d->state * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (uint32_t) (d->state >> 33) % sides;
}

static void found(const struct dice *d, const char *format, ...)
{
	va_list arguments;

	fprintf(stderr, "fuzz, seed %llu: ", (unsigned long long) d->seed);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	abort();
}

/* Bytes of any kind, words that mean something to the parsers, and what lies between: blanks and operators. */
static size_t any_text(struct dice *d, char *out, size_t size)
{
	static const char *const words[] = { "mem", "mq", "memory", "memory_rate", "message_queue_len", "name", "app", "pid",
		"status", "reductions_rate", "binary_bytes", "size", "bytes", "letter", "event", "us", "gc", "all", "minor", "on",
		"off", "mark", "10s", "1M", "-1", "0", "99999999999999999999", "1e308", "nan", "<0.12.0>", "\"a b\"", "\"", "theme",
		"default", "tab", "sort", "columns", "delay", "filter", "[actop]", "=", "!=", "<", "<=", ">", ">=", "~", "!~", "-",
		",", ":", "#", "\n", "\t", " ", " ", " ", "\xe6\x97\xa5", "\xff", "\033[2J", "%s%n" };
	size_t used = 0, wanted = roll(d, roll(d, 8) ? 12 : 200);

	for (size_t i = 0; i < wanted; i++) {
		char byte[2] = { (char) (1 + roll(d, 255)), 0 };
		const char *word = roll(d, 4) ? words[roll(d, sizeof words / sizeof *words)] : byte;
		size_t length = strlen(word);
		if (used + length + 1 > size)
			break;
		memcpy(out + used, word, length);
		used += length;
	}
	out[used] = '\0';
	return used;
}

/* ---- the gate of bytes ---- */

static const char *const sequences[] = { "\033[A", "\033OB", "\033[<0;10;10M", "\033[<0;10;10m", "\033[<64;5;5M", "\033[M !!",
	"\033[200~Kx\033[201~", "\xe6\x97\xa5", "\033OP", "\033[5~", "\033[6~", "\033[1;5A", "\033[[E", "\033", "2", "3", "?" };

/* A known sequence, whole or cut anywhere, or bytes of any kind. */
static size_t any_bytes(struct dice *d, char *out)
{
	size_t count = 1 + roll(d, 8);

	if (roll(d, 2)) {
		const char *whole = sequences[roll(d, sizeof sequences / sizeof *sequences)];
		count = roll(d, 2) ? strlen(whole) : 1 + roll(d, (uint32_t) strlen(whole));
		memcpy(out, whole, count);
		return count;
	}
	for (size_t i = 0; i < count; i++)
		out[i] = (char) roll(d, 256);
	return count;
}

static void round_gate(uint64_t seed)
{
	struct dice d = dice_of(seed);
	struct input in;
	struct event e;
	uint64_t now = 0;

	input_init(&in);
	for (int step = 0; step < 4000; step++) {
		char bytes[32];
		input_feed(&in, bytes, any_bytes(&d, bytes), now += roll(&d, 100));
		while (input_next(&in, now, &e))
			if (e.kind == EVENT_NONE)
				found(&d, "an event that is none");
		if (in.count > sizeof in.bytes)
			found(&d, "more bytes held than there is room for");
	}
	while (input_next(&in, now += 1000, &e))
		;
	if (in.count)
		found(&d, "%zu bytes are held for ever", in.count);
}

/* ---- the whole screen ---- */

static struct event any_event(struct dice *d)
{
	static const char keys[] = "123452222MQRBTIgGHKSoxyrtwedpmCsvF/\\n?:[]<>+-* U\x0c";
	struct event e = { .kind = EVENT_KEY };

	switch (roll(d, 10)) {
	case 0: e.kind = EVENT_CLICK; e.row = (int) roll(d, 90) - 5; e.col = (int) roll(d, 260) - 5; break;
	case 1: e.kind = EVENT_WHEEL; e.wheel = roll(d, 2) ? 1 : -1; break;
	case 2: e.key = ' ' + roll(d, 95); break;
	case 3: e.key = K_ESCAPE; break;
	case 4: case 5: case 6: e.key = K_UP + roll(d, K_UNKNOWN - K_UP); break;
	default: e.key = (unsigned char) keys[roll(d, sizeof keys - 1)]; break;
	}
	if (e.key == K_F10 || e.key == 'q')
		e.key = K_DOWN;
	return e;
}

/* Nothing on a canvas can drive a terminal, and nothing lies beside it. */
static void check_canvas(const struct dice *d, const struct canvas *c)
{
	if (c->cursor_row < 0 || c->cursor_col < 0 || c->cursor_row >= c->rows || c->cursor_col > c->cols)
		found(d, "the cursor stands at %d, %d of %dx%d", c->cursor_row, c->cursor_col, c->cols, c->rows);
	for (int i = 0; i < c->rows * c->cols; i++)
		if (c->cells[i].width && (c->cells[i].glyph < ' ' || (c->cells[i].glyph >= 0x7f && c->cells[i].glyph < 0xa0)))
			found(d, "control character %x at %d, %d", c->cells[i].glyph, i / c->cols, i % c->cols);
}

static void any_command(struct dice *d, struct session *s)
{
	size_t count;
	const struct verb *all = verbs_all(&count), *verb = &all[roll(d, (uint32_t) count)];
	char line[256], rest[160];

	if (!strcmp(verb->name, "quit") || !strcmp(verb->name, "save-config"))
		return;
	any_text(d, rest, sizeof rest);
	snprintf(line, sizeof line, "%s %s", verb->name, rest);
	verbs_run(s, line);
	s->wants_linear = s->is_over = false;
}

static void round_screen(uint64_t seed)
{
	struct dice d = dice_of(seed);
	struct fake_options fake = { .seed = seed, .processes = 16 + roll(&d, 200), .tables = roll(&d, 6),
		.deaths = roll(&d, 4), .sick = (enum fake_sick) roll(&d, FAKE_SICK_COUNT) };
	struct source *source = fake_source_new(&fake);
	struct ui_options options = { .source = source, .is_read_only = roll(&d, 8) == 0, .is_presenting = roll(&d, 8) == 0 };
	struct canvas canvas;
	uint64_t now = 0;
	char error[200];
	struct ui *ui = ui_new(&options, error, sizeof error);

	canvas_init(&canvas, CHARSET_BRAILLE);
	ui->charset = (enum charset) roll(&d, 3);
	canvas_resize(&canvas, 24, 80);
	for (int step = 0; step < 400; step++) {
		struct event e = any_event(&d);
		ui_on_event(ui, &e, now += roll(&d, 400));
		if (roll(&d, 5) == 0)
			ui_advance(ui, 0);
		if (roll(&d, 30) == 0)
			fake_source_kill(source, roll(&d, 2) ? session_pid(&ui->session) : 1 + roll(&d, 120), "fuzzed");
		if (roll(&d, 20) == 0)
			canvas_resize(&canvas, 1 + (int) roll(&d, 80), 1 + (int) roll(&d, 250));
		if (roll(&d, 20) == 0)
			any_command(&d, &ui->session);
		ui->session.save_path[0] = '\0';        /* no files */
		ui_draw(ui, &canvas);
		check_canvas(&d, &canvas);
	}
	ui_free(ui);
	canvas_release(&canvas);
	source->close(source);
}

/* ---- parsers ---- */

static void check_said(const struct dice *d, bool is_right, const char *error, const char *text)
{
	if (is_right)
		return;
	if (!*error)
		found(d, "refused without a word: %s", text);
	for (const char *at = error; *at; at++)
		if ((unsigned char) *at < ' ')
			found(d, "a control character in what is said: %s", error);
}

/* What a filter may be: tests of this kind's columns, now and then more of them than one may have. */
static void any_filter(struct dice *d, enum row_kind kind, char *out, size_t size)
{
	static const char *const signs[] = { "=", "!=", "<", "<=", ">", ">=", "~", "!~" };
	static const char *const values[] = { "1", "1.5M", "\"a b\"", "cache", "-3", "0", "\"\"", "1e999" };
	size_t count, used = 0, tests = 1 + roll(d, roll(d, 4) ? 4 : 24);
	const struct column *columns = columns_of(kind, &count);

	*out = '\0';
	for (size_t i = 0; i < tests && used + 60 < size; i++)
		used += (size_t) snprintf(out + used, size - used, "%s%s%s%s", i ? " " : "",
			columns[roll(d, (uint32_t) count)].key, signs[roll(d, roll(d, 24) ? 2 : 8)], values[roll(d, roll(d, 24) ? 2 : 8)]);
}

static void round_filter(uint64_t seed)
{
	struct dice d = dice_of(seed);

	for (int i = 0; i < 2000; i++) {
		enum row_kind kind = (enum row_kind) roll(&d, ROW_KIND_COUNT);
		const struct column *columns[96];
		char text[1200], error[160] = "";
		if (roll(&d, 2))
			any_text(&d, text, sizeof text);
		else
			any_filter(&d, kind, text, sizeof text);
		struct filter *f = filter_new(kind, text, error, sizeof error);
		check_said(&d, f != NULL, error, text);
		if (f && strcmp(filter_text(f), text))
			found(&d, "the filter's text is %s, not %s", filter_text(f), text);
		filter_columns(f, columns, 96);
		filter_rate_fields(f);
		filter_free(f);
		check_said(&d, columns_parse(kind, text, columns, 96, error, sizeof error) >= 0, error, text);
	}
}

static const struct snap_knob knob = { .key = "rate", .least = 1, .most = 100, .start = 2 };
static const struct demo_facts demo = { .name = "header_keeper", .title = "", .knobs = &knob, .knob_count = 1 };
static const struct demo_catalogue catalogue = { &demo, 1 };

static void round_config(uint64_t seed)
{
	static const char *const starts[] = { "theme = ", "sort = ", "columns = ", "tab = ", "delay = ", "[", "", "filter = " };
	struct dice d = dice_of(seed);

	for (int i = 0; i < 300; i++) {
		struct options o;
		char text[400], error[300] = "", *at = text;
		at += sprintf(text, "[actop]\n%s", starts[roll(&d, sizeof starts / sizeof *starts)]);
		any_text(&d, at, sizeof text - (size_t) (at - text));
		options_init(&o, &catalogue);
		check_said(&d, options_read_config_text(&o, text, "fuzz", error, sizeof error), error, text);
		any_text(&d, text, 200);
		*error = '\0';
		check_said(&d, options_read_action(&o, text, error, sizeof error), error, text);
		*error = '\0';
		at = text + sprintf(text, roll(&d, 2) ? "header_keeper:rate" : "header_keeper");
		any_text(&d, at, 200);
		check_said(&d, options_read_demo(&o, text, error, sizeof error), error, text);
		options_release(&o);
	}
}

/* Names come from anywhere: none may leave its pane or carry a control character to the terminal. */
static void round_names(uint64_t seed)
{
	struct dice d = dice_of(seed);
	struct canvas c;

	canvas_init(&c, (enum charset) roll(&d, 3));
	canvas_resize(&c, 3, 40);
	for (int i = 0; i < 2000; i++) {
		struct pane part = pane_part(canvas_pane(&c), 1, 10, 1, 20);
		char text[200];
		any_text(&d, text, sizeof text);
		canvas_clear(&c);
		switch (roll(&d, 4)) {
		case 0: pane_put(part, 0, (int) roll(&d, 30) - 5, ROLE_NAME, text); break;
		case 1: pane_fit(part, 0, (int) roll(&d, 30) - 5, (int) roll(&d, 30), ROLE_NAME, text); break;
		case 2: pane_right(part, 0, (int) roll(&d, 30), ROLE_NAME, text); break;
		default: pane_figure(part, 0, (int) roll(&d, 30), ROLE_NAME, text); break;
		}
		check_canvas(&d, &c);
		for (int at = 0; at < c.rows * c.cols; at++)
			if ((at < 50 || at >= 70) && c.cells[at].glyph != ' ')
				found(&d, "it left its pane: %s", text);
	}
	canvas_release(&c);
}

/* ---- the real program ---- */

/* The letters that would end it are not typed, and commands rarely. */
static void soften(struct dice *d, char *bytes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (bytes[i] == 'q' || bytes[i] == 3 || bytes[i] == 26 || bytes[i] == 28 || (bytes[i] == ':' && roll(d, 4)))
			bytes[i] = 'j';
}

static void round_pty(uint64_t seed)
{
	static const char *const arguments[] = { "-d", "0.1", "shop", "header_keeper:rate=20", NULL };
	struct dice d = dice_of(seed);
	struct run r = run_new(run_program(), "xterm-256color", 24, 80, arguments);
	int status = 0;

	if (!run_until_shows(&r, "q quit"))
		found(&d, "no first screen");
	for (int step = 0; step < 300; step++) {
		char bytes[32];
		size_t count = any_bytes(&d, bytes);
		soften(&d, bytes, count);
		if (roll(&d, 12) == 0)
			run_resize(&r, 1 + (int) roll(&d, 70), 1 + (int) roll(&d, 220));
		if (!run_write(&r, bytes, count) && errno != EAGAIN)
			break;
		run_take(&r, 1);
	}
	if (waitpid(r.pid, &status, WNOHANG))
		found(&d, "it ended by itself, status %x, after: %.160s", (unsigned) status, r.tail);
	run_resize(&r, 24, 80);
	run_type(&r, "\033");
	if (!run_until_shows(&r, "quit"))
		found(&d, "no picture after the storm");
	kill(r.pid, SIGTERM);
	status = run_until_ended(&r);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 128 + SIGTERM)
		found(&d, "SIGTERM gives status %x", (unsigned) status);
	if (terminal_is_alternate(r.terminal) || !terminal_has_cursor(r.terminal) || terminal_has_mouse(r.terminal))
		found(&d, "the terminal was not given back");
	run_free(&r);
}

static const struct fuzz_part parts[] = {
	{ "gate", 20, round_gate }, { "screen", 60, round_screen }, { "filter", 10, round_filter },
	{ "config", 10, round_config }, { "names", 5, round_names }, { "pty", 1, round_pty },
};

const struct fuzz_part *fuzz_parts(size_t *count)
{
	*count = sizeof parts / sizeof *parts;
	return parts;
}

const struct fuzz_part *fuzz_part(const char *name)
{
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if (!strcmp(parts[i].name, name))
			return &parts[i];
	return NULL;
}
