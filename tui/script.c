/*
 * script - keys from a file, played on a canvas: for tests, pictures and stories that must stay true.
 *
 *   size 120x40                  the canvas from here on; 80x24 at first
 *   sample 5                     five samples pass
 *   key 2 M g Enter              keys, by name, with a blank between
 *   type {ping, 1}               text as typed
 *   command gc all               a command line
 *   expect dead references       the screen must contain it, now
 *   until plateau                samples pass, at most 120, until the screen contains it
 *   save-screen docs/x.svg       text, or a picture when the name ends in .svg
 *   # and empty lines            nothing
 *
 * The whole file is checked before the first line runs. A line that is wrong: exit status 2; an
 * expectation that fails: the screen on stderr, and 1. No clock but the samples': the same file and seed
 * give the same bytes.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/actions.h"
#include "tui/picture.h"
#include "tui/ui_parts.h"

#define SAMPLE_WAIT_MS 60000
#define UNTIL_MOST 120
#define LINE 512

struct script { struct ui *ui; struct canvas canvas; const char *path; int line; uint64_t clock_ms; };

static int wrong(const struct script *p, const char *what, const char *word)
{
	fprintf(stderr, "actop: %s:%d: %s%s%s\n", p->path, p->line, what, *word ? ": " : "", word);
	return 2;
}

static void draw(struct script *p)
{
	p->ui->session.now_ms = p->clock_ms + SESSION_SETTLE_MS;
	ui_draw(p->ui, &p->canvas);
	ui_settle(p->ui, &p->canvas);
}

static void press(struct script *p, uint32_t key, enum event_kind kind)
{
	struct event e = { .kind = kind, .key = key };

	p->clock_ms += 10;
	ui_on_event(p->ui, &e, p->clock_ms);
	draw(p);
}

static void pass_samples(struct script *p, long count)
{
	for (long i = 0; i < count && ui_advance(p->ui, SAMPLE_WAIT_MS); i++)
		p->clock_ms += p->ui->session.interval_us / 1000;
	draw(p);
}

static bool screen_contains(struct script *p, const char *text)
{
	char *bytes = NULL;
	size_t size;
	FILE *out = open_memstream(&bytes, &size);

	if (!out)
		return false;
	picture_text(&p->canvas, out);
	fclose(out);
	bool is_there = strstr(bytes, text) != NULL;
	free(bytes);
	return is_there;
}

/* ---- steps: `run` is false when a line is only checked ---- */

static int step_size(struct script *p, char *rest, bool run)
{
	int rows, cols, end = 0;

	if (sscanf(rest, "%dx%d%n", &cols, &rows, &end) != 2 || rest[end] || rows < 1 || cols < 1 || rows > 500
		|| cols > 1000)
		return wrong(p, "size takes COLUMNSxROWS", rest);
	if (run) {
		canvas_resize(&p->canvas, rows, cols);
		draw(p);
	}
	return 0;
}

static int step_sample(struct script *p, char *rest, bool run)
{
	char *end;
	long count = *rest ? strtol(rest, &end, 10) : 1;

	if (*rest && (*end || count < 1))
		return wrong(p, "sample takes a number", rest);
	if (run)
		pass_samples(p, count);
	return 0;
}

static int step_key(struct script *p, char *rest, bool run)
{
	char *state, *word = strtok_r(rest, " ", &state);

	for (; word; word = strtok_r(NULL, " ", &state)) {
		uint32_t key = input_key_of(word);
		if (!key)
			return wrong(p, "no key is called that", word);
		if (run)
			press(p, key, EVENT_KEY);
	}
	return 0;
}

static int step_type(struct script *p, char *rest, bool run)
{
	uint32_t glyph;

	for (const char *at = rest; run && *at;) {
		at += text_decode(at, &glyph);
		press(p, glyph, EVENT_KEY);
	}
	return 0;
}

static int step_command(struct script *p, char *rest, bool run)
{
	if (!*rest)
		return wrong(p, "command takes a line", "");
	if (run) {
		p->ui->session.now_ms = p->clock_ms += 10;
		verbs_run(&p->ui->session, rest);
		ui_settle(p->ui, NULL);
		draw(p);
	}
	return 0;
}

static int fail(struct script *p, const char *what, const char *text)
{
	fprintf(stderr, "actop: %s:%d: %s: %s\n", p->path, p->line, what, text);
	picture_text(&p->canvas, stderr);
	return 1;
}

static int step_expect(struct script *p, char *rest, bool run)
{
	return !run || screen_contains(p, rest) ? 0 : fail(p, "the screen does not say", rest);
}

static int step_until(struct script *p, char *rest, bool run)
{
	for (int i = 0; run && !screen_contains(p, rest); i++) {
		if (i == UNTIL_MOST)
			return fail(p, "the screen never says", rest);
		pass_samples(p, 1);
	}
	return 0;
}

static int step_save(struct script *p, char *rest, bool run)
{
	char error[256];

	if (!*rest)
		return wrong(p, "save-screen takes a file name", "");
	if (!run || picture_save(&p->canvas, p->ui->session.theme, rest, error, sizeof error))
		return 0;
	fprintf(stderr, "actop: %s:%d: %s\n", p->path, p->line, error);
	return 1;
}

static const struct { const char *name; int (*step)(struct script *p, char *rest, bool run); } steps[] = {
	{ "size", step_size }, { "sample", step_sample }, { "key", step_key }, { "type", step_type },
	{ "command", step_command }, { "expect", step_expect }, { "until", step_until }, { "save-screen", step_save },
};

static int line_run(struct script *p, char *line, bool run)
{
	size_t length = strlen(line);

	while (length && isspace((unsigned char) line[length - 1]))
		line[--length] = '\0';
	line += strspn(line, " \t");
	if (!*line || *line == '#')
		return 0;
	size_t name = strcspn(line, " \t");
	char *rest = line + name + strspn(line + name, " \t");
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
		if (strlen(steps[i].name) == name && !strncmp(steps[i].name, line, name))
			return steps[i].step(p, rest, run);
	return wrong(p, "no step is called that", line);
}

static int pass_over(struct script *p, FILE *file, bool run)
{
	char line[LINE];
	int status = 0;

	rewind(file);
	for (p->line = 1; !status && fgets(line, sizeof line, file) && !ui_is_over(p->ui); p->line++)
		status = line_run(p, line, run);
	return status;
}

int script_run(struct ui *ui, const char *path)
{
	struct script p = { .ui = ui, .path = path };
	FILE *file = fopen(path, "r");
	char first[2];

	if (!file || (!fread(first, 1, 1, file) && ferror(file))) {
		fprintf(stderr, "actop: cannot read script %s: %s\n", path, strerror(errno));
		if (file)
			fclose(file);
		return 2;
	}
	canvas_init(&p.canvas, ui->charset);
	canvas_resize(&p.canvas, 24, 80);
	int status = pass_over(&p, file, false);
	if (!status) {
		draw(&p);
		status = pass_over(&p, file, true);
	}
	canvas_release(&p.canvas);
	fclose(file);
	return status;
}
