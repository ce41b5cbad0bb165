/*
 * demos - the catalogue: what runs, its knobs, its fix. A demo is an application, a knob an entry of its
 * environment; nothing here knows any demo by name.
 */
#include "tui/tab/tabs.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/tab/kit.h"

enum row_kind demos_kind(const struct session *s)
{
	(void) s;
	return ROW_DEMO;
}

/* ---- knobs ---- */

static void knob_text(const struct snap_knob *k, int64_t value, char *out, size_t size)
{
	if (k->word_count)
		snprintf(out, size, "%s", value >= 0 && value < k->word_count ? k->words[value] : "?");
	else if (!strcmp(k->unit, "bytes") || !strcmp(k->unit, "B"))
		format_value(out, size, UNIT_BYTES, (double) value);
	else
		snprintf(out, size, "%" PRId64 "%s%s", value, *k->unit ? " " : "", k->unit);
}

/* The next round number up or down: 1, 2, 5, 10, 20 ...; small ranges go one by one. */
static int64_t knob_next(const struct snap_knob *k, int step)
{
	int64_t range = k->most - k->least, unit = 1, value = k->value;
	static const int64_t ladder[] = { 1, 2, 5, 10 };

	if (k->word_count || range <= 30)
		return value + step;
	int64_t size = llabs(step > 0 ? value : value - 1);
	while (unit * 10 <= size)
		unit *= 10;
	if (step > 0) {
		for (size_t i = 0; i < 4; i++)
			if (ladder[i] * unit > value)
				return ladder[i] * unit;
	}
	for (size_t i = 4; i-- > 0 && step < 0;)
		if (ladder[i] * unit < value)
			return ladder[i] * unit;
	return step > 0 ? k->most : k->least;
}

void demos_knob_set(struct session *s, const struct snap_application *a, const struct snap_knob *k, int64_t value)
{
	char text[64];

	if (value < k->least || value > k->most) {
		session_say(s, ROLE_WATCH, "%s goes from %" PRId64 " to %" PRId64, k->key, k->least, k->most);
		return;
	}
	struct command c = { .kind = COMMAND_KNOB, .app = a->name, .value = value, .text = k->key,
		.subject = model_name(s->model, a->name), .estimate = SNAP_UNKNOWN };
	knob_text(k, value, text, sizeof text);
	if (model_command(s->model, &c))
		session_say(s, ROLE_NORMAL, "%s: %s is now %s", model_name(s->model, a->name), k->key, text);
	else
		session_say(s, ROLE_WATCH, "knobs cannot be changed here%s", s->is_read_only ? ": read-only" : "");
}

void demos_knob_step(struct session *s, int step)
{
	const struct snap_application *a = session_demo(s);

	if (!a || !a->knob_count)
		return;
	const struct snap_knob *k = &a->knobs[s->knob < a->knob_count ? s->knob : 0];
	int64_t next = knob_next(k, step);
	if (k->word_count)
		next = (k->value + step + k->word_count) % k->word_count;
	if (next > k->most && k->value < k->most)
		next = k->most;
	if (next < k->least && k->value > k->least)
		next = k->least;
	demos_knob_set(s, a, k, next);
}

static void draw_range(struct pane p, int row, int col, int cols, const struct snap_knob *k, bool is_selected)
{
	double range = (double) (k->most - k->least);

	if (cols < 8 || k->word_count || range <= 0)
		return;
	meter_bar(p, row, col, cols, is_selected ? ROLE_STRONG : ROLE_FREE, (double) (k->value - k->least) / range);
}

static int draw_knobs(struct session *s, struct pane p, int row, const struct snap_application *a, bool has_focus)
{
	if (row < p.rows)
		pane_rule(pane_part(p, row, 0, 1, p.cols), 0, has_focus ? "knobs: up and down choose, left and right change" :
			"knobs: left and right change, Enter chooses");
	row++;
	for (uint32_t i = 0; i < a->knob_count && row < p.rows; i++, row++) {
		const struct snap_knob *k = &a->knobs[i];
		bool is_selected = i == s->knob;
		struct pane line = pane_on(pane_part(p, row, 0, 1, p.cols), is_selected && has_focus ? GROUND_SELECTED
			: GROUND_PLAIN);
		char value[64], start[64];
		if (is_selected && has_focus)
			pane_clear(line);
		knob_text(k, k->value, value, sizeof value);
		knob_text(k, k->start, start, sizeof start);
		pane_put(line, 0, 1, is_selected ? ROLE_KEY : ROLE_FREE, is_selected ? "◂" : " ");
		pane_fit(line, 0, 3, 12, ROLE_NAME, k->key);
		pane_right(line, 0, 30, k->value == k->start ? ROLE_NORMAL : ROLE_STRONG, value);
		pane_put(line, 0, 31, is_selected ? ROLE_KEY : ROLE_FREE, is_selected ? "▸" : " ");
		bool has_bar = p.cols >= 64;
		if (has_bar)
			draw_range(line, 0, 33, 12, k, is_selected);
		int col = has_bar ? 47 : 33;
		if (k->value != k->start)
			col = pane_print(line, 0, col, ROLE_DIM, "was %s  ", start);
		pane_fit(line, 0, col, p.cols - col - 1, ROLE_DIM, k->help);
		session_hit(s, line, 0, 0, 1, p.cols, HIT_KNOB, i, NULL);
	}
	return row;
}

/* ---- card ---- */

static int draw_numbers(struct session *s, struct pane p, int row, const struct snap_application *a)
{
	static const char *const states[] = { "not running", "running", "stopped" };
	int col = 1;

	col = kit_fact(p, row, col, "", a->state == SNAP_APP_RUNNING ? ROLE_OK : ROLE_DIM, states[a->state % 3]);
	if (a->state == SNAP_APP_RUNNING) {
		col = kit_number(p, row, col, "holds", ROLE_STRONG, UNIT_BYTES, (double) a->charged_bytes);
		col = kit_number(p, row, col, "binaries", ROLE_BINARY, UNIT_BYTES, (double) a->binary_bytes);
		if (col < p.cols - 14)
			col = kit_number(p, row, col, "queues", ROLE_MAILBOX, UNIT_COUNT, (double) a->message_queue_len);
		if (col < p.cols - 16)
			kit_number(p, row, col, "processes", ROLE_NORMAL, UNIT_COUNT, (double) a->processes);
	} else if (*a->ended_reason) {
		pane_fit(p, row, col, p.cols - col, ROLE_WATCH, a->ended_reason);
	}
	if (*a->limited_by && ++row < p.rows)
		pane_print(p, row, 1, ROLE_CRITICAL, "stands at its limit: %s; the producer waits, the program goes on",
			a->limited_by);
	(void) s;
	return row + 1;
}

static int draw_words(struct pane p, int row, const char *label, enum role role, const char *text)
{
	if (!*text || row >= p.rows)
		return row;
	pane_put(p, row, 1, role, label);
	return text_wrap(p, row, 12, 0, ROLE_NORMAL, text);
}

static bool is_twin_of(const struct session *s, const struct snap_application *a, const struct snap_application *b)
{
	const char *one = model_name(s->model, a->name), *two = model_name(s->model, b->name);
	size_t stem = strcspn(one, "@");

	return a != b && b->state == SNAP_APP_RUNNING && strcspn(two, "@") == stem && !strncmp(one, two, stem);
}

/* Leaky and fixed side by side, on one scale, so that one look tells them apart. */
static int draw_twins(struct session *s, struct pane p, int row, const struct snap_application *a)
{
	const struct snapshot *snap = model_snapshot(s->model);
	double most = (double) a->charged_bytes;
	bool has_twin = false;

	for (size_t i = 0; snap && i < snap->application_count; i++)
		if (is_twin_of(s, a, &snap->applications[i])) {
			has_twin = true;
			if ((double) snap->applications[i].charged_bytes > most)
				most = (double) snap->applications[i].charged_bytes;
		}
	for (size_t i = 0; has_twin && i < snap->application_count && row < p.rows; i++) {
		const struct snap_application *b = &snap->applications[i];
		if (b->name != a->name && !is_twin_of(s, a, b))
			continue;
		bool is_fixed = b->knob_count && b->knobs[0].value != 0;
		pane_fit(p, row, 1, 22, ROLE_NAME, model_name(s->model, b->name));
		pane_put(p, row, 24, is_fixed ? ROLE_OK : ROLE_WATCH, is_fixed ? "fixed" : "as it is");
		meter_bar(p, row, 34, p.cols - 50, is_fixed ? ROLE_OK : ROLE_WATCH, (double) b->charged_bytes / most);
		kit_aligned(p, row++, p.cols - 14, p.cols - 1, "", ROLE_STRONG, UNIT_BYTES, (double) b->charged_bytes);
	}
	return row;
}

static void draw_card(struct session *s, struct pane p, const struct snap_application *a, bool has_focus)
{
	bool is_roomy = p.rows > 16;

	if (p.rows < 2)
		return;
	pane_rule(p, 0, kit_name(s, a->name));
	int row = text_wrap(p, 1, 1, 0, ROLE_STRONG, a->title);
	row = draw_numbers(s, p, row, a);
	row = draw_words(p, row, "claim", ROLE_TITLE, a->claim);
	row = draw_words(p, row, "gc helps", ROLE_TITLE, a->gc_helps);
	row = draw_twins(s, p, row, a) + is_roomy;
	row = draw_knobs(s, p, row, a, has_focus);
	if (row + 1 < p.rows)
		kit_findings(s, p, row + is_roomy, (struct finding_about) { .application = a->name });
}

/* ---- the tab ---- */

void demos_draw(struct session *s, const struct layout *l, struct canvas *c)
{
	struct pane p = area_pane(c, l->body);
	size_t total = model_view(s->model, ROW_DEMO)->total;
	bool is_wide = p.cols >= 110;
	int list_cols = is_wide ? p.cols / 2 : p.cols;
	int list_rows = is_wide ? p.rows : p.rows / 2 < (int) total + 1 ? p.rows / 2 : (int) total + 1;

	rows_draw(s, ROW_DEMO, pane_part(p, 0, 0, p.rows < 14 && !is_wide ? p.rows : list_rows, list_cols));
	const struct snap_application *a = session_demo(s);
	if (!a || (p.rows < 14 && !is_wide))
		return;
	if (is_wide)
		draw_card(s, pane_part(p, 0, list_cols + 1, p.rows, p.cols - list_cols - 1), a, false);
	else
		draw_card(s, pane_part(p, list_rows, 0, p.rows - list_rows, p.cols), a, false);
}

void demos_hint(struct session *s, char *out, size_t size)
{
	const struct snap_application *a = session_demo(s);

	if (!a)
		snprintf(out, size, "There are no demos here.");
	else if (a->state != SNAP_APP_RUNNING)
		snprintf(out, size, "S starts %s; Enter shows its card and knobs", model_name(s->model, a->name));
	else if (a->knob_count && a->knobs[0].value == 0)
		snprintf(out, size, "x applies the fix to %s, live; y starts a fixed twin; S stops it",
			model_name(s->model, a->name));
	else
		snprintf(out, size, "the fix of %s is on; G collects what was left; x takes it back",
			model_name(s->model, a->name));
}

bool demos_on_key(struct session *s, uint32_t key)
{
	if (key == K_LEFT || key == K_RIGHT) {
		demos_knob_step(s, key == K_RIGHT ? 1 : -1);
		return true;
	}
	return false;
}

void card_draw(struct session *s, const struct layout *l, struct canvas *c)
{
	const struct snap_application *a = session_demo(s);

	if (a)
		draw_card(s, area_pane(c, l->body), a, true);
}

void card_hint(struct session *s, char *out, size_t size)
{
	(void) s;
	snprintf(out, size, "arrows choose and change a knob, Enter types its value; x the fix; Esc back");
}

static void knob_typed(struct session *s, const char *text)
{
	const struct snap_application *a = session_demo(s);
	double value;

	if (!text || !a || !a->knob_count)
		return;
	const struct snap_knob *k = &a->knobs[s->knob < a->knob_count ? s->knob : 0];
	for (int64_t i = 0; i < k->word_count; i++)
		if (!strcmp(k->words[i], text)) {
			demos_knob_set(s, a, k, i);
			return;
		}
	if (format_read_number(text, &value))
		demos_knob_set(s, a, k, (int64_t) value);
	else
		session_say(s, ROLE_WATCH, "\"%s\" is no value for %s", text, k->key);
}

bool card_on_key(struct session *s, uint32_t key)
{
	const struct snap_application *a = session_demo(s);
	size_t count = a ? a->knob_count : 0;
	char label[32];

	if (!count)
		return false;
	switch (key) {
	case K_UP: case 'k': s->knob = (s->knob + count - 1) % count; return true;
	case K_DOWN: case 'j': s->knob = (s->knob + 1) % count; return true;
	case K_LEFT: case K_RIGHT: return demos_on_key(s, key);
	case K_HOME:
		demos_knob_set(s, a, &a->knobs[s->knob % count], a->knobs[s->knob % count].start);
		return true;
	case K_ENTER:
		snprintf(label, sizeof label, "%s: ", a->knobs[s->knob % count].key);
		prompt_start(&s->prompt, label, "");
		s->popup = POPUP_PROMPT;
		s->prompt_done = knob_typed;
		s->prompt_changed = NULL;
		return true;
	default: return false;
	}
}
