/*
 * rows - see rows.h.
 */
#include "tui/tab/rows.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tui/model/util.h"
#include "tui/widget/chart.h"

#define MARK_COLS 2             /* tag or tombstone before the first column */
#define GAP_COLS 1
#define RATE_COLS 12            /* "-999.9 KiB/s" */
#define FLEX_LEAST 18
#define TREE_LEAST 28          /* a tree needs room for its branches */
#define CELL 256

struct pane area_pane(struct canvas *c, struct area a)
{
	return pane_part(canvas_pane(c), a.row, a.col, a.rows, a.cols);
}

/* ---- which columns ---- */

/* A pid is never cut. Its column grows with the largest seen and does not shrink, so that nothing jumps twice. */
static void pids_measure(struct session *s, const struct view *v)
{
	char text[FORMAT_SIZE];

	for (size_t i = 0; i < v->count; i++) {
		if (v->kind != ROW_PROCESS && v->kind != ROW_EVENT && v->kind != ROW_CHANGE)
			break;
		uint64_t pid = v->kind == ROW_EVENT ? ((const struct snap_event *) v->rows[i].now)->pid : v->rows[i].id;
		int cols = (int) strlen(format_pid(text, sizeof text, pid));
		if (cols > s->pid_cols)
			s->pid_cols = cols;
	}
}

static int least_width(const struct session *s, const struct column *c)
{
	if (c->unit == UNIT_PID && c->width < s->pid_cols)
		return s->pid_cols;
	if (c->unit == UNIT_BYTES_RATE)
		return RATE_COLS;
	int least = c->width >= 30 && !strcmp(c->key, "label") ? TREE_LEAST : FLEX_LEAST;

	return c->flags & COLUMN_FLEX && c->width > least ? least : c->width;
}

static int total_width(const struct session *s, const struct column *const *columns, size_t count)
{
	int sum = MARK_COLS;

	for (size_t i = 0; i < count; i++)
		sum += least_width(s, columns[i]) + GAP_COLS;
	return sum;
}

static size_t without(const struct column **columns, size_t count, size_t at)
{
	memmove(columns + at, columns + at + 1, (count - at - 1) * sizeof *columns);
	return count - 1;
}

/* Adds the column that orders the list when it is not among those shown. */
static size_t with_order(const struct view *v, const struct column **columns, size_t count)
{
	const struct column *order = v->sort_count ? v->sort[0].column : NULL;

	for (size_t i = 0; i < count; i++)
		if (columns[i] == order)
			return count;
	if (order && count < SESSION_COLUMNS)
		columns[count++] = order;
	return count;
}

static size_t least_wanted(const struct view *v, const struct column *const *columns, size_t count)
{
	size_t worst = count;

	for (size_t i = 0; i < count; i++) {
		bool is_order = v->sort_count && v->sort[0].column == columns[i];
		if (!is_order && columns[i]->priority && (worst == count || columns[i]->priority >= columns[worst]->priority))
			worst = i;
	}
	return worst;
}

static void share_rest(const struct session *s, const struct column *const *columns, size_t count, int rest,
	int *widths)
{
	size_t flexible = 0;

	for (size_t i = 0; i < count; i++) {
		bool is_flexible = columns[i]->flags & COLUMN_FLEX;
		widths[i] = least_width(s, columns[i]);
		flexible += is_flexible;
		if (is_flexible && rest < 0)    /* narrower than all that must be there: names give way */
			widths[i] = widths[i] + rest > 8 ? widths[i] + rest : 8;
	}
	for (size_t i = 0; i < count && rest > 0 && flexible; i++) {
		if (!(columns[i]->flags & COLUMN_FLEX))
			continue;
		int part = rest / (int) flexible--;
		bool is_words = columns[i]->width >= 30;
		int most = is_words ? part : columns[i]->width + 24;
		int more = widths[i] + part > most && !is_words ? most - widths[i] : part;
		widths[i] += more > 0 ? more : 0;
		rest -= more > 0 ? more : 0;
	}
}

size_t rows_fit(struct session *s, enum row_kind kind, int cols, const struct column **out, int *widths)
{
	const struct view *v = model_view(s->model, kind);

	pids_measure(s, v);
	size_t count = with_order(v, out, session_columns(s, kind, out));

	while (count > 1 && total_width(s, out, count) > cols) {
		size_t worst = least_wanted(v, out, count);
		if (worst == count)
			break;
		count = without(out, count, worst);
	}
	share_rest(s, out, count, cols - total_width(s, out, count), widths);
	return count;
}

/* ---- how a cell looks ---- */

static const struct { const char *key; enum role role; } column_roles[] = {
	{ "label", ROLE_NAME }, { "name", ROLE_NAME }, { "application", ROLE_NORMAL }, { "demo", ROLE_NAME },
	{ "binary_bytes", ROLE_BINARY }, { "ets_bytes", ROLE_ETS }, { "message_queue_len", ROLE_MAILBOX },
	{ "findings", ROLE_SIGN }, { "letter", ROLE_CRITICAL }, { "limited_by", ROLE_CRITICAL },
	{ "total_bytes", ROLE_BRIGHT }, { "subject", ROLE_NAME }, { "rule", ROLE_TITLE }, { "initial_call", ROLE_DIM },
	{ "current_function", ROLE_DIM }, { "pid", ROLE_NAME }, { "strategy", ROLE_DIM }, { "title", ROLE_NORMAL },
	{ "knobs", ROLE_DIM }, { "at", ROLE_DIM }, { "supervisor", ROLE_DIM }, { "owner", ROLE_DIM },
};

static const struct { const char *word; enum role role; } word_roles[] = {
	{ "running", ROLE_OK }, { "runnable", ROLE_WATCH }, { "suspended", ROLE_WATCH }, { "exiting", ROLE_CRITICAL },
	{ "dead", ROLE_CRITICAL }, { "hibernated", ROLE_DIM }, { "waiting", ROLE_DIM }, { "garbage_collecting", ROLE_OK },
	{ "stopped", ROLE_DIM }, { "loaded", ROLE_DIM }, { "growing", ROLE_CRITICAL }, { "plateau", ROLE_OK },
	{ "steady", ROLE_DIM }, { "falling", ROLE_LOSS }, { "sure", ROLE_CRITICAL }, { "watch", ROLE_WATCH },
	{ "off", ROLE_DIM }, { "on", ROLE_OK }, { "error", ROLE_CRITICAL }, { "warning", ROLE_WATCH },
	{ "crash", ROLE_CRITICAL }, { "restart", ROLE_WATCH }, { "gc major", ROLE_TITLE }, { "new", ROLE_GAIN },
	{ "gone", ROLE_LOSS }, { "grew", ROLE_CRITICAL }, { "all live", ROLE_WATCH },
};

static enum role word_role(const char *word, enum role otherwise)
{
	for (size_t i = 0; i < UTIL_LENGTH(word_roles); i++)
		if (!strcmp(word_roles[i].word, word))
			return word_roles[i].role;
	return otherwise;
}

enum role rows_role(const struct column *c, const struct row *r)
{
	if (r->kind == ROW_TREE && !strcmp(c->key, "label")) {
		switch (((const struct tree_line *) r->now)->kind) {
		case TREE_APPLICATION: case TREE_SYSTEM: case TREE_ORPHANS: return ROLE_STRONG;
		case TREE_SUPERVISOR: return ROLE_TITLE;
		case TREE_TABLE: return ROLE_ETS;
		case TREE_FOLD_LINE: case TREE_MORE: case TREE_LOOSE: return ROLE_DIM;
		default: return ROLE_NAME;
		}
	}
	for (size_t i = 0; i < UTIL_LENGTH(column_roles); i++)
		if (!strcmp(column_roles[i].key, c->key))
			return column_roles[i].role;
	return ROLE_NORMAL;
}

static enum role change_role(const char *text)
{
	return *text == '+' ? ROLE_GAIN : *text == '-' && text[1] ? ROLE_LOSS : ROLE_DIM;
}

/* Nothing at all is a dot in a list, so that the eye finds what is there. Unknown stays "-". */
static bool is_zero(const char *text)
{
	return text[0] == '0' && !strpbrk(text, "123456789");
}

static void draw_spark(struct session *s, const struct view *v, const struct row *r, struct pane p, int row, int col,
	int cols)
{
	enum track what = v->sort_count ? model_track_of(v->sort[0].column) : TRACK_TOTAL;
	struct curve c;

	if (r->kind != ROW_PROCESS)
		return;
	curve_take(&c, model_process_series(s->model, ((const struct snap_process *) r->now)->pid, what), CHART_POINTS, model_step_count(s->model));
	if (c.count)
		chart_spark(p, row, col, cols, ROLE_PROCESS, &c, 0);
}

/* What a line of the tree is called; lines without a name of their own by what they gather. */
static const char *tree_label(struct session *s, const struct tree_line *t, char *out, size_t size)
{
	static const char *const gathered[] = { [TREE_LOOSE] = "(no supervisor)", [TREE_SYSTEM] = "runtime",
		[TREE_ORPHANS] = "orphans", [TREE_MORE] = "more" };
	const char *name = model_name(s->model, t->label);

	if (t->kind == TREE_FOLD_LINE || t->kind == TREE_MORE)
		util_print(out, size, "%s ×%llu", *name ? name : gathered[TREE_MORE], (unsigned long long) t->sums.processes);
	else if (*name)
		util_print(out, size, "%s", name);
	else if (t->kind < UTIL_LENGTH(gathered) && gathered[t->kind])
		util_print(out, size, "%s", gathered[t->kind]);
	else
		format_pid(out, size, t->pid);
	return out;
}

/* Rails and corners of the tree before a label; gives the column after them. */
static int draw_rails(struct pane p, int row, int col, const struct tree_line *t)
{
	for (int d = 1; d < t->depth; d++, col += 2)
		if (t->rails >> d & 1)
			pane_glyph(p, row, col, ROLE_FREE, 0x2502);
	if (t->depth) {
		pane_glyph(p, row, col, ROLE_FREE, t->is_last ? 0x2514 : 0x251c);
		pane_glyph(p, row, col + 1, ROLE_FREE, 0x2500);
		col += 2;
	}
	uint32_t handle = !t->can_open ? ' ' : t->is_open ? 0x25be : 0x25b8;
	if (t->can_open || t->depth == 0) {
		pane_glyph(p, row, col, ROLE_KEY, handle);
		col += 2;
	}
	return col;
}

static void draw_cell(struct session *s, const struct view *v, const struct column *c, const struct row *r,
	struct pane p,
	int row, int col, int cols)
{
	char text[CELL];
	bool is_number = format_is_number(c->unit), is_change = is_number && c->field >= 0 && !(c->flags & COLUMN_RATE)
		&& model_baseline(s->model) != BASELINE_OFF && r->change;
	enum role role = rows_role(c, r);

	if (c->unit == UNIT_SPARK) {
		draw_spark(s, v, r, p, row, col, cols);
		return;
	}
	if (r->kind == ROW_TREE && !strcmp(c->key, "label")) {
		int start = draw_rails(p, row, col, r->now);
		pane_fit(p, row, start, cols - (start - col), role, tree_label(s, r->now, text, sizeof text));
		return;
	}
	if (is_change)
		column_show_change(c, r, text, sizeof text);
	else
		column_show(c, r, text, sizeof text);
	if (is_change)
		role = change_role(text);
	else if (v->sort_count && v->sort[0].column == c && is_number)
		role = ROLE_BRIGHT;
	else if (!is_number)
		role = word_role(text, role);
	if (r->flags & ROW_IS_DEAD)
		role = ROLE_DIM;
	if (is_number && !is_change && is_zero(text))
		pane_glyph(p, row, c->flags & COLUMN_LEFT ? col : col + cols - 1, ROLE_DIM, 0xb7);
	else if (is_number && c->flags & COLUMN_RATE && text_width(text) <= cols)
		pane_right(p, row, col + cols, role, text);     /* its heading says the unit already */
	else if (is_number && !(c->flags & COLUMN_LEFT) && text_width(text) <= cols)
		pane_figure(p, row, col + cols, role, text);
	else
		pane_fit(p, row, col, cols, role, text);
}

static void draw_heading(struct session *s, const struct view *v, struct pane p, const struct column *const *columns,
	const int *widths, size_t count, bool is_plain)
{
	struct pane head = pane_on(pane_part(p, 0, 0, 1, p.cols), GROUND_HEADER);
	int col = MARK_COLS;

	pane_clear(head);
	for (size_t i = 0; i < count; col += widths[i++] + GAP_COLS) {
		const struct column *c = columns[i];
		bool is_order = v->sort_count && v->sort[0].column == c && !is_plain;
		bool is_down = c->high_first != v->sort[0].is_reversed;
		char title[48];
		snprintf(title, sizeof title, "%s%s", c->title, !is_order ? "" : is_down ? "▾" : "▴");
		enum role role = is_order ? ROLE_STRONG : ROLE_TITLE;
		if (c->flags & COLUMN_LEFT || !format_is_number(c->unit))
			pane_fit(head, 0, col, widths[i], role, title);
		else
			pane_right(pane_part(head, 0, col, 1, widths[i]), 0, widths[i], role, title);
		if (!is_plain)
			session_hit(s, head, 0, col, 1, widths[i] + GAP_COLS, HIT_HEADER, (long) i, c);
	}
}

static void draw_line(struct session *s, const struct view *v, const struct row *r, struct pane p, int row,
	const struct column *const *columns, const int *widths, size_t count)
{
	int col = MARK_COLS;

	if (r->flags & ROW_IS_DEAD)
		pane_glyph(p, row, 0, ROLE_CRITICAL, 0x2717);
	else if (r->flags & ROW_IS_TAGGED)
		pane_glyph(p, row, 0, ROLE_KEY, '*');
	else if (r->flags & ROW_IS_NEW)
		pane_glyph(p, row, 0, ROLE_GAIN, '+');
	for (size_t i = 0; i < count; col += widths[i++] + GAP_COLS)
		draw_cell(s, v, columns[i], r, p, row, col, widths[i]);
}

static void draw_nothing(const struct session *s, const struct view *v, struct pane p, int row)
{
	char text[160];

	if (s->has_event_filter && v->kind == ROW_EVENT)
		snprintf(text, sizeof text, "Nothing of the kind was recorded yet.");
	else if (!filter_is_empty(v->filter))
		snprintf(text, sizeof text, "Nothing passes the filter %s: \\ changes it, :filter takes it away.",
			filter_text(v->filter));
	else
		snprintf(text, sizeof text, "No %s.", columns_kind_plural(v->kind));
	pane_fit(p, row, MARK_COLS, p.cols - MARK_COLS, ROLE_DIM, text);
}

static void draw_page(struct session *s, enum row_kind kind, struct pane p, bool is_plain)
{
	const struct column *columns[SESSION_COLUMNS + 1];
	int widths[SESSION_COLUMNS + 1];

	if (p.rows < 1)
		return;
	view_set_height(s->model, kind, p.rows > 1 ? (size_t) p.rows - 1 : 1);
	size_t count = rows_fit(s, kind, p.cols, columns, widths);
	const struct view *v = model_view(s->model, kind);
	draw_heading(s, v, p, columns, widths, count, is_plain);
	for (size_t i = 0; i < v->count && (int) i + 1 < p.rows; i++) {
		bool is_selected = !is_plain && i == v->line && v->selected;
		enum ground ground = is_selected ? GROUND_SELECTED : v->rows[i].flags & ROW_IS_TAGGED && !is_plain
			? GROUND_TAGGED :
			GROUND_PLAIN;
		struct pane line = pane_on(pane_part(p, (int) i + 1, 0, 1, p.cols), ground);
		if (is_selected)
			pane_clear(line);
		draw_line(s, v, &v->rows[i], line, 0, columns, widths, count);
		if (is_selected) {
			p.canvas->cursor_row = line.row;
			p.canvas->cursor_col = line.col;
		}
		if (!is_plain)
			session_hit(s, line, 0, 0, 1, p.cols, HIT_LINE, (long) i, NULL);
	}
	if (!v->count)
		draw_nothing(s, v, p, p.rows > 1 ? 1 : 0);
}

void rows_draw(struct session *s, enum row_kind kind, struct pane p)
{
	draw_page(s, kind, p, false);
}

void rows_draw_plain(struct session *s, enum row_kind kind, struct pane p)
{
	draw_page(s, kind, p, true);
}

/* ---- caption ---- */

static int caption_order(const struct view *v, struct pane p, int col)
{
	for (size_t i = 0; i < v->sort_count; i++) {
		const struct sort *o = &v->sort[i];
		col = pane_put(p, 0, col, ROLE_DIM, i ? ", " : "by ");
		col = pane_put(p, 0, col, ROLE_NORMAL, o->column->title);
		col = pane_put(p, 0, col, ROLE_DIM, o->column->high_first != o->is_reversed ? " ▾" : " ▴");
	}
	return v->sort_count ? col + 2 : col;
}

static int caption_difference(struct session *s, struct pane p, int col)
{
	static const char *const since[BASELINE_COUNT] = { "", "the mark", "10 s", "60 s" };
	enum baseline b = model_baseline(s->model);
	char age[FORMAT_SIZE];

	if (b == BASELINE_OFF)
		return col;
	format_value(age, sizeof age, UNIT_SECONDS, model_baseline_age(s->model));
	return pane_print(p, 0, col, ROLE_GAIN, "difference since %s (%s ago)", since[b], age) + 2;
}

void rows_caption(struct session *s, enum row_kind kind, struct pane p)
{
	const struct view *v = model_view(s->model, kind);
	char place[80];
	int col;

	if (!p.rows)
		return;
	if (v->total)
		snprintf(place, sizeof place, "%zu-%zu of %zu", v->start + 1, v->start + v->count, v->total);
	else
		snprintf(place, sizeof place, "none");
	int end = pane_right(p, 0, p.cols - 1, ROLE_DIM, place) - 2;
	p = pane_part(p, 0, 0, 1, end);
	col = pane_put(p, 0, MARK_COLS, ROLE_TITLE, columns_kind_plural(kind)) + 2;
	col = caption_order(v, p, col);
	if (!filter_is_empty(v->filter))
		col = pane_print(p, 0, col, ROLE_WATCH, "filter %s", filter_text(v->filter)) + 2;
	if (kind == ROW_GROUP)
		col = pane_print(p, 0, col, ROLE_WATCH, "grouped by %s", model_group_name(model_grouping(s->model))) + 2;
	if (model_tag_count(s->model, kind))
		col = pane_print(p, 0, col, ROLE_KEY, "%zu tagged", model_tag_count(s->model, kind)) + 2;
	col = caption_difference(s, p, col);
	if (v->is_dead)
		pane_print(p, 0, col, ROLE_CRITICAL, "ended: %s", v->obituary);
	else if (v->is_watching)
		pane_put(p, 0, col, ROLE_FREE, "watching the top");
}
