/*
 * frame - see frame.h.
 */
#include "tui/frame.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tui/actions.h"
#include "tui/model/util.h"
#include "tui/popups.h"
#include "tui/receipt.h"
#include "tui/tab/kit.h"

/* ---- tabs ---- */

/* Where the screen is too low for the line of findings, their number stands beside the clock. */
static int draw_finding_count(struct session *s, struct pane bar, int col)
{
	char text[32];
	size_t count;
	const struct finding *f = model_findings(s->model, &count);

	if (!count)
		return col;
	snprintf(text, sizeof text, "▲%zu", count);
	return pane_right(bar, 0, col, f[0].level == FINDING_SURE ? ROLE_CRITICAL : ROLE_WATCH, text) - 2;
}

/* LIVE, PAUSED or how far back; and the clock of the world. */
static int draw_state(struct session *s, struct pane bar, bool has_findings_line)
{
	const struct snapshot *snap = model_snapshot(s->model);
	size_t back = model_step_count(s->model);
	char clock[FORMAT_SIZE], every[FORMAT_SIZE];
	const char *state = model_is_paused(s->model) ? "PAUSED" : back ? "BACK" : "LIVE";

	format_value(clock, sizeof clock, UNIT_CLOCK, snap ? snap->time : 0);
	if (s->interval_us % 1000000)
		snprintf(every, sizeof every, "%llu ms", (unsigned long long) s->interval_us / 1000);
	else
		snprintf(every, sizeof every, "%llu s", (unsigned long long) s->interval_us / 1000000);
	int col = pane_right(bar, 0, bar.cols - 1, ROLE_NORMAL, clock) - 2;
	bool is_live = !back && !model_is_paused(s->model);
	if (bar.cols >= 90)
		col = pane_right(bar, 0, col, ROLE_DIM, every) - 1;
	col = pane_right(bar, 0, col, is_live ? ROLE_OK : ROLE_WATCH, state) - 2;
	if (!has_findings_line)
		col = draw_finding_count(s, bar, col);
	if (s->is_read_only && bar.cols >= 90)
		col = pane_right(bar, 0, col, ROLE_KEY, "READ-ONLY") - 2;
	if (bar.cols >= 110)
		col = pane_right(bar, 0, col, ROLE_DIM, model_source(s->model)->name) - 2;
	return col;
}

static void draw_tabs(struct session *s, struct pane p, bool has_findings_line)
{
	struct pane bar = pane_on(p, GROUND_BAR);
	int room, col = 0;

	pane_clear(bar);
	room = draw_state(s, bar, has_findings_line);
	for (int i = 0; i < PLACE_TABS; i++) {
		bool is_open = s->visits[0].place == (enum place_id) i;
		const char *title = room >= 58 ? place_of((enum place_id) i)->title : place_of((enum place_id) i)->narrow;
		struct pane word = pane_on(bar, is_open ? GROUND_ACTIVE : GROUND_BAR);
		char text[32];
		if (room < 34 && !is_open)
			title = "";
		snprintf(text, sizeof text, " %d%s%s ", i + 1, *title ? " " : "", title);
		if (col + text_width(text) > room + 1)
			break;
		int end = pane_put(word, 0, col, is_open ? ROLE_STRONG : ROLE_NORMAL, text);
		if (!is_open)
			pane_print(bar, 0, col + 1, ROLE_KEY, "%d", i + 1);
		session_hit(s, bar, 0, col, 1, end - col, HIT_TAB, i, NULL);
		col = end;
	}
}

/* ---- summary ---- */

static double value(struct session *s, const char *key)
{
	return model_system_value(s->model, key);
}

/* Right to left, so that what counts less is left out first. */
static int draw_counts(struct session *s, struct pane p, int end)
{
	static const struct { const char *key, *word; int least_cols; enum unit unit; enum role role; } counts[] = {
		{ "process_count", "processes", 56, UNIT_COUNT, ROLE_STRONG },
		{ "run_queue", "run queue", 96, UNIT_COUNT, ROLE_NORMAL },
		{ "reductions_rate", "reductions", 120, UNIT_COUNT_RATE, ROLE_NORMAL },
		{ "gc_minor_rate", "minor", 150, UNIT_COUNT_RATE, ROLE_YOUNG },
		{ "gc_major_rate", "major", 150, UNIT_COUNT_RATE, ROLE_OLD },
		{ "carrier_bytes", "carriers", 175, UNIT_BYTES, ROLE_NORMAL },
	};
	char text[FORMAT_SIZE];

	for (size_t i = 0; i < UTIL_LENGTH(counts); i++) {
		if (p.cols < counts[i].least_cols)
			continue;
		format_value(text, sizeof text, counts[i].unit, value(s, counts[i].key));
		int width = text_width(text) > 10 ? text_width(text) : counts[i].unit == UNIT_COUNT ? 5 : 10;
		int at = end - (int) strlen(counts[i].word) - 1;
		pane_put(p, 0, at + 1, ROLE_DIM, counts[i].word);
		pane_figure(p, 0, at, counts[i].role, text);
		end = at - width - 2;
	}
	return end;
}

static void draw_summary(struct session *s, struct pane p)
{
	struct part parts[KIT_CATEGORIES];
	size_t count = kit_memory_parts(s, parts);
	double total = value(s, "total"), rate = value(s, "total_rate");
	char text[FORMAT_SIZE];
	struct curve c;
	int end = draw_counts(s, p, p.cols - 1), col = 1;

	pane_put(p, 0, col, ROLE_TITLE, "memory");
	pane_figure(p, 0, 18, ROLE_STRONG, format_value(text, sizeof text, UNIT_BYTES, total));
	col = 20;
	if (p.cols >= 64) {
		curve_take(&c, model_system_series(s->model, "total"), CHART_POINTS, model_step_count(s->model));
		chart_spark(p, 0, col, 10, ROLE_PROCESS, &c, 0);
		col += 11;
		format_signed(text, sizeof text, UNIT_BYTES_RATE, rate);
		pane_figure(p, 0, col + 13, rate > 0 ? ROLE_GAIN : ROLE_LOSS, text);
		col += 15;
	}
	if (end - col >= 6)
		meter_parts(p, 0, col, end - col, parts, count, total);
}

/* Figures for the back row, each over its word; and the keys that were pressed. */
static void draw_presented(struct session *s, struct pane p)
{
	static const struct { const char *key, *word; enum unit unit; enum role role; } big[] = {
		{ "total", "memory", UNIT_BYTES, ROLE_STRONG }, { "processes", "processes", UNIT_BYTES, ROLE_PROCESS },
		{ "binary", "binaries", UNIT_BYTES, ROLE_BINARY }, { "ets", "tables", UNIT_BYTES, ROLE_ETS },
		{ "process_count", "process count", UNIT_COUNT, ROLE_NORMAL },
	};
	int keys = p.cols >= 100 ? 20 : 0, col = 2, width = p.cols >= 160 ? 36 : 26;

	for (size_t i = 0; i < UTIL_LENGTH(big) && col + width <= p.cols - keys + 2; i++, col += width) {
		char text[FORMAT_SIZE], number[FORMAT_SIZE];
		format_value(text, sizeof text, big[i].unit, value(s, big[i].key));
		size_t digits = strcspn(text, " ");
		util_print(number, sizeof number, "%.*s", (int) digits, text);
		int end = col + meter_big(p, 0, col, big[i].role, number);
		pane_put(p, 2, end + (text[digits] == 0), ROLE_STRONG, text + digits + (text[digits] == ' '));
		pane_put(p, 3, col, big[i].role, big[i].word);
	}
	if (keys && *s->keys_typed) {
		pane_put(p, 1, p.cols - keys, ROLE_DIM, "keys");
		pane_right(p, 2, p.cols - 2, ROLE_KEY, s->keys_typed);
	}
}

/* ---- findings and banner ---- */

static bool draw_banner(struct session *s, struct pane p)
{
	const struct snapshot *snap = model_snapshot(s->model);
	struct pane bar = pane_on(p, GROUND_ALARM);
	char text[240] = "";

	if (snap && *snap->system.limited_by)
		snprintf(text, sizeof text, " LIMIT  the node stands at %s: producers wait, the program goes on",
			snap->system.limited_by);
	for (size_t i = 0; snap && !*text && i < snap->application_count; i++)
		if (*snap->applications[i].limited_by && snap->applications[i].state == SNAP_APP_RUNNING)
			snprintf(text, sizeof text,
				" LIMIT  %s stands at its %s: its producer waits, the program goes on; 5 and x fix it",
				model_name(s->model, snap->applications[i].name), snap->applications[i].limited_by);
	if (!*text)
		return false;
	pane_clear(bar);
	pane_fit(bar, 0, 0, bar.cols, ROLE_NORMAL, text);
	return true;
}

static void draw_findings(struct session *s, struct pane p)
{
	size_t count;
	const struct finding *f = model_findings(s->model, &count);
	int col = 1;

	if (!p.rows || draw_banner(s, p))
		return;
	if (!count) {
		col = pane_put(p, 0, col, ROLE_OK, "✓ ");
		pane_put(p, 0, col, ROLE_DIM, "no findings");
		return;
	}
	bool is_sure = f[0].level == FINDING_SURE;
	col = pane_print(p, 0, col, is_sure ? ROLE_CRITICAL : ROLE_WATCH, "▲ %zu finding%s", count,
		count == 1 ? "" : "s") + 2;
	int end = pane_right(p, 0, p.cols - 1, ROLE_KEY, "w") - 2;
	struct pane room = pane_part(p, 0, 0, 1, end);
	for (size_t i = 0; i < count && col < end - 8; i++) {
		col = pane_print(room, 0, col, f[i].level == FINDING_SURE ? ROLE_CRITICAL : ROLE_WATCH, "%c",
			f[i].rule->letter) + 1;
		col = pane_put(room, 0, col, ROLE_NAME, f[i].subject) + 1;
		const char *what = p.cols >= 110 ? f[i].evidence : f[i].rule->name;
		col = pane_fit(room, 0, col, 44 < end - col ? 44 : end - col, ROLE_DIM, what) + 3;
	}
}

/* ---- status and keys ---- */

static bool draw_message(struct session *s, struct pane p)
{
	if (s->now_ms >= s->message_until_ms || !*s->message)
		return false;
	pane_fit(p, 0, 1, p.cols - 2, s->message_role, s->message);
	return true;
}

/* The hint, too, waits until the selection rests: see draw_beside. */
static void draw_status(struct session *s, struct pane p)
{
	if (!p.rows || draw_message(s, p))
		return;
	if (s->now_ms >= s->settles_ms || s->hint_place != session_visit(s)->place) {
		place_of(session_visit(s)->place)->hint(s, s->hint, sizeof s->hint);
		s->hint_place = session_visit(s)->place;
	}
	pane_put(p, 0, 1, ROLE_KEY, "▸");
	pane_fit(p, 0, 3, p.cols - 4, ROLE_DIM, s->hint);
}

static int draw_key(struct session *s, struct pane bar, int col, const struct action *a)
{
	char name[16];
	int start = col;

	col = pane_put(bar, 0, col, ROLE_KEY, input_key_name(a->key, name, sizeof name)) + 1;
	col = pane_put(bar, 0, col, ROLE_NORMAL, a->label);
	session_hit(s, bar, 0, start, 1, col - start, HIT_KEY, (long) a->key, NULL);
	return col + 2;
}

static int key_width(const struct action *a)
{
	char name[16];

	return text_width(input_key_name(a->key, name, sizeof name)) + 1 + (int) strlen(a->label) + 2;
}

/* The last two, help and quit, always stand at the right end. */
static void draw_keys(struct session *s, struct pane p)
{
	struct pane bar = pane_on(p, GROUND_BAR);
	size_t count, shown = 0;
	const struct action *all = actions_all(&count), *here[64];

	pane_clear(bar);
	for (size_t i = 0; i < count && shown < UTIL_LENGTH(here); i++)
		if (all[i].label && action_is_here(s, &all[i]))
			here[shown++] = &all[i];
	if (shown < 2)
		return;
	int end = p.cols - key_width(here[shown - 1]) - key_width(here[shown - 2]) + 1, col = 1;
	draw_key(s, bar, draw_key(s, bar, end, here[shown - 2]), here[shown - 1]);
	for (size_t i = 0; i + 2 < shown; i++)
		if (col + key_width(here[i]) <= end)
			col = draw_key(s, bar, col, here[i]);
}

/* ---- beside the list ---- */

static struct cell *cells_at(struct canvas *c, struct area a, int row)
{
	return &c->cells[(a.row + row) * c->cols + a.col];
}

static void beside_keep(struct session *s, struct canvas *c, struct area a)
{
	size_t count = (size_t) a.rows * (size_t) a.cols;

	s->beside = util_grow(s->beside, &s->beside_room, count, sizeof *s->beside);
	for (int row = 0; row < a.rows; row++)
		memcpy(s->beside + row * a.cols, cells_at(c, a, row), (size_t) a.cols * sizeof *s->beside);
	s->beside_area = a;
	s->beside_place = session_visit(s)->place;
}

static bool beside_fits(struct session *s, struct area a)
{
	return s->beside && !memcmp(&s->beside_area, &a, sizeof a) && s->beside_place == session_visit(s)->place;
}

/* What stands beside or under the list is drawn anew when the selection rests. */
static void draw_beside(struct session *s, const struct layout *l, struct canvas *c)
{
	struct area a = l->side.rows ? l->side : l->under;

	if (!a.rows)
		return;
	if (s->now_ms >= s->settles_ms || !beside_fits(s, a)) {
		beside_keep(s, c, a);
		return;
	}
	for (int row = 0; row < a.rows; row++)
		memcpy(cells_at(c, a, row), s->beside + row * a.cols, (size_t) a.cols * sizeof *s->beside);
}

/* ---- the whole ---- */

static void draw_too_small(struct canvas *c)
{
	struct pane p = canvas_pane(c);
	char text[80];

	snprintf(text, sizeof text, "%dx%d is too small: actop needs %dx%d", c->cols, c->rows, LAYOUT_LEAST_COLS,
		LAYOUT_LEAST_ROWS);
	text_wrap(p, 0, 0, 0, ROLE_WATCH, text);
}

void frame_draw(struct session *s, struct canvas *c)
{
	struct layout l = layout_make(c->rows, c->cols, s->is_presenting);

	canvas_clear(c);
	s->hit_count = 0;
	if (l.is_too_small) {
		draw_too_small(c);
		return;
	}
	place_of(session_visit(s)->place)->draw(s, &l, c);
	if (session_visit(s)->place <= PLACE_TABLES && session_visit(s)->place != PLACE_SYSTEM)
		draw_beside(s, &l, c);
	draw_tabs(s, area_pane(c, l.tabs), l.findings.rows > 0);
	if (l.summary.rows > 1)
		draw_presented(s, area_pane(c, l.summary));
	else
		draw_summary(s, area_pane(c, l.summary));
	draw_findings(s, area_pane(c, l.findings));
	draw_status(s, area_pane(c, l.status));
	if (l.status.rows || !draw_message(s, area_pane(c, l.keys)))
		draw_keys(s, area_pane(c, l.keys));
	if (s->popup == POPUP_NONE)
		receipt_draw(s, &l, c);
	popups_draw(s, &l, c);
}
