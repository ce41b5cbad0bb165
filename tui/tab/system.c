/*
 * system - the node as a whole: where memory is, what grows, schedulers, collections, latency, limits.
 *
 * The categories are a list with a selection; below it lie sections, put into as many columns as the
 * width carries. What does not fit is reached with PgDn: it moves on by a section.
 */
#include "tui/tab/tabs.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tui/model/util.h"
#include "tui/tab/kit.h"

/* Draws a section from row 0 and gives the rows it took. */
typedef int (*section_fn)(struct session *s, struct pane p);

enum row_kind system_kind(const struct session *s)
{
	(void) s;
	return ROW_CATEGORY;
}

static double value(struct session *s, const char *key)
{
	return model_system_value(s->model, key);
}

/* ---- sections ---- */

static int section_schedulers(struct session *s, struct pane p)
{
	const struct snapshot *now = model_snapshot(s->model), *before = model_before(s->model);
	int row = 1, bar = p.cols - 42 < 10 ? 10 : p.cols - 42 > 40 ? 40 : p.cols - 42;

	pane_rule(p, 0, "schedulers");
	for (size_t i = 0; now && i < now->scheduler_count && row < p.rows; i++) {
		const struct snap_scheduler *h = &now->schedulers[i];
		const struct snap_scheduler *was = before && before != now && i < before->scheduler_count
			? &before->schedulers[i] : NULL;
		double run = (double) h->run_us - (was ? (double) was->run_us : 0);
		double idle = (double) h->idle_us - (was ? (double) was->idle_us : 0);
		double share = run + idle > 0 ? fmax(run / (run + idle), 0) : NAN;        /* read while it parks: a moment too few */
		char text[FORMAT_SIZE];
		if (i == 8 && now->scheduler_count > 9) {
			pane_print(p, row++, 1, ROLE_DIM, "and %zu more", now->scheduler_count - i);
			break;
		}
		pane_print(p, row, 1, ROLE_DIM, "%2u", h->id);
		meter_bar(p, row, 4, bar, share > 0.9 ? ROLE_WATCH : ROLE_OK, share);
		pane_figure(p, row, 4 + bar + 6, ROLE_STRONG, format_value(text, sizeof text, UNIT_PERCENT, share * 100));
		int col = kit_number(p, row, 4 + bar + 8, "queue", ROLE_NORMAL, UNIT_COUNT, (double) h->run_queue) - 1;
		kit_number(p, row++, col, "steals", ROLE_NORMAL, UNIT_COUNT, (double) h->steals);
	}
	if (row >= p.rows)
		return row;
	int col = kit_number(p, row, 1, "reductions", ROLE_OK, UNIT_COUNT_RATE, value(s, "reductions_rate"));
	col = kit_number(p, row, col, "messages", ROLE_MAILBOX, UNIT_COUNT_RATE, value(s, "messages_rate"));
	kit_number(p, row++, col, "run queue", ROLE_NORMAL, UNIT_COUNT, value(s, "run_queue"));
	return row;
}

/* The shape of a histogram: one bar or share for each band. */
static int draw_histogram(struct pane p, int row, const struct snap_latency *h)
{
	static const struct { const char *label; int least, most; } band[] = { { "<16us", 0, 4 }, { "<128us", 5, 7 },
		{ "<1ms", 8, 10 }, { "more", 11, SNAP_BUCKETS - 1 } };
	int col = 1, width = (p.cols - 2) / (int) UTIL_LENGTH(band);

	if (!h || !h->total || width < 9 || row >= p.rows)
		return row;
	for (size_t i = 0; i < UTIL_LENGTH(band); i++, col += width) {
		uint64_t count = 0;
		for (int b = band[i].least; b <= band[i].most; b++)
			count += h->count[b];
		int at = pane_put(p, row, col, ROLE_DIM, band[i].label) + 1;
		double share = (double) count / (double) h->total;
		if (width >= 16)
			meter_bar(p, row, at, col + width - 2 - at, i < 3 ? ROLE_OK : ROLE_WATCH, share);
		else
			pane_print(p, row, at, count ? ROLE_NORMAL : ROLE_FREE, "%.0f%%", share * 100);
	}
	return row + 1;
}

static int section_collections(struct session *s, struct pane p)
{
	const struct snapshot *now = model_snapshot(s->model);

	pane_rule(p, 0, "collections");
	int col = kit_number(p, 1, 1, "minor", ROLE_YOUNG, UNIT_COUNT_RATE, value(s, "gc_minor_rate"));
	col = kit_number(p, 1, col, "major", ROLE_OLD, UNIT_COUNT_RATE, value(s, "gc_major_rate"));
	col = kit_number(p, 1, col, "time", ROLE_NORMAL, UNIT_US_RATE, value(s, "gc_us_rate"));
	kit_number(p, 1, col, "freed", ROLE_OK, UNIT_WORDS_RATE, value(s, "gc_words_reclaimed_rate"));
	if (!now)
		return 2;
	col = kit_number(p, 2, 1, "pause p50", ROLE_NORMAL, UNIT_US, (double) now->gc_pauses.p50_us);
	col = kit_number(p, 2, col, "p99", ROLE_NORMAL, UNIT_US, (double) now->gc_pauses.p99_us);
	kit_number(p, 2, col, "longest", ROLE_WATCH, UNIT_US, (double) now->gc_pauses.max_us);
	struct snap_latency pauses = model_gc_interval(s->model);
	return draw_histogram(p, 3, &pauses);
}

static int draw_latency_spark(struct session *s, struct pane p, int row, const char *label, enum latency what,
	enum role role)
{
	struct curve c;
	int cols = p.cols - 30 > 60 ? 60 : p.cols - 30;

	curve_take(&c, model_latency(s->model, what), CHART_POINTS, model_step_count(s->model));
	if (!c.count || cols < 10 || row >= p.rows)
		return row;
	pane_put(p, row, 1, ROLE_DIM, label);
	chart_spark(p, row, 14, cols, role, &c, 0);
	kit_aligned(p, row, 14 + cols, 14 + cols + 10, "", role, UNIT_US, c.value[c.count - 1]);
	return row + 1;
}

static int section_latency(struct session *s, struct pane p)
{
	const struct snapshot *now = model_snapshot(s->model);

	pane_rule(p, 0, "server calls");
	if (!now)
		return 1;
	int col = kit_number(p, 1, 1, "p50", ROLE_NORMAL, UNIT_US, (double) now->call_latency.p50_us);
	col = kit_number(p, 1, col, "p99", ROLE_STRONG, UNIT_US, (double) now->call_latency.p99_us);
	kit_number(p, 1, col, "longest", ROLE_NORMAL, UNIT_US, (double) now->call_latency.max_us);
	kit_number(p, 2, 1, "met a collection of their server", ROLE_WATCH, UNIT_COUNT, (double) now->calls_over_gc);
	int row = draw_latency_spark(s, p, 3, "calls p99", LATENCY_CALL_P99, ROLE_MAILBOX);
	return draw_latency_spark(s, p, row, "pauses p99", LATENCY_GC_P99, ROLE_OLD);
}

static int section_limits(struct session *s, struct pane p)
{
	int row = 1, bar = p.cols - 62 > 24 ? 24 : p.cols - 62;
	char text[FORMAT_SIZE];

	view_set_height(s->model, ROW_LIMIT, 16);
	const struct view *v = model_view(s->model, ROW_LIMIT);
	pane_rule(p, 0, "limits");
	for (size_t i = 0; i < v->count && row < p.rows; i++, row++) {
		const struct limit *l = v->rows[i].now;
		enum role role = l->percent > 85 ? ROLE_CRITICAL : l->percent > 50 ? ROLE_WATCH : ROLE_OK;
		pane_put(p, row, 1, ROLE_DIM, l->title);
		pane_figure(p, row, 24, ROLE_STRONG, format_value(text, sizeof text, l->unit, format_known(l->count)));
		pane_put(p, row, 25, ROLE_FREE, "/");
		pane_figure(p, row, 36, ROLE_NORMAL, format_value(text, sizeof text, l->unit, format_known(l->limit)));
		if (bar >= 4)
			meter_bar(p, row, 38, bar, role, l->percent / 100);
		int col = bar >= 4 ? 39 + bar : 37;
		pane_figure(p, row, col + 5, role, format_value(text, sizeof text, UNIT_PERCENT, l->percent));
		if (!isnan(l->seconds_left))
			kit_number(p, row, col + 7, "in", ROLE_WATCH, UNIT_SECONDS, l->seconds_left);
	}
	return row;
}

static int section_allocators(struct session *s, struct pane p)
{
	const struct view *v = model_view(s->model, ROW_ALLOCATOR);
	int rows = (int) v->total + 1 < p.rows - 2 ? (int) v->total + 1 : p.rows - 2;

	pane_rule(p, 0, "allocators: what this program really holds");
	int col = kit_number(p, 1, 1, "carriers", ROLE_STRONG, UNIT_BYTES, value(s, "carrier_bytes"));
	col = kit_number(p, 1, col, "rss", ROLE_NORMAL, UNIT_BYTES, value(s, "rss"));
	kit_number(p, 1, col, "ceiling", ROLE_NORMAL, UNIT_BYTES, value(s, "max_memory"));
	rows_draw_plain(s, ROW_ALLOCATOR, pane_part(p, 2, 0, rows, p.cols));
	return rows + 2;
}

static int section_growth(struct session *s, struct pane p)
{
	const struct view *v = model_view(s->model, ROW_CATEGORY);
	int row = 1;

	pane_rule(p, 0, "who grows");
	for (size_t i = 0; i < v->count && row < p.rows; i++) {
		const struct category *c = v->rows[i].now;
		if (!c->word || strcmp(c->word, "growing") || !*c->who)
			continue;
		pane_put(p, row, 1, ROLE_NORMAL, c->title);
		kit_aligned(p, row, 14, 32, "", ROLE_GAIN, UNIT_BYTES_RATE, c->rate);
		pane_put(p, row++, 35, ROLE_NAME, c->who);
	}
	if (row == 1)
		pane_put(p, row++, 1, ROLE_DIM, "nothing grows without a plateau");
	return row;
}

static int section_cost(struct session *s, struct pane p)
{
	pane_rule(p, 0, "this observer");
	int col = kit_number(p, 1, 1, "sample", ROLE_NORMAL, UNIT_US, value(s, "sample_us"));
	col = kit_number(p, 1, col, "frame", ROLE_NORMAL, UNIT_US, s->draw_us);
	col = kit_number(p, 1, col, "reads inside processes", ROLE_OK, UNIT_COUNT, 0);
	kit_number(p, 1, col, "history", ROLE_NORMAL, UNIT_COUNT, (double) (model_history_count(s->model) - model_step_count(s->model)));
	col = kit_number(p, 2, 1, "orphans", ROLE_WATCH, UNIT_COUNT, value(s, "orphans"));
	col = kit_number(p, 2, col, "dropped sends", ROLE_WATCH, UNIT_COUNT, value(s, "dropped_sends"));
	kit_number(p, 2, col, "unattributed", ROLE_WATCH, UNIT_BYTES, value(s, "unattributed"));
	return 3;
}

/* Which column a section goes to where there are two, and where there are three. */
static const struct { section_fn draw; int of_two, of_three; } sections[] = {
	{ section_collections, 0, 0 }, { section_schedulers, 0, 1 }, { section_latency, 0, 0 }, { section_growth, 1, 1 },
	{ section_limits, 1, 2 }, { section_allocators, 1, 2 }, { section_cost, 0, 1 },
};

/* ---- the tab ---- */

static void draw_sections(struct session *s, struct pane p, size_t first)
{
	int columns = p.cols >= 180 ? 3 : p.cols >= 110 ? 2 : 1, width = p.cols / columns, row[3] = { 0 };

	for (size_t i = first; i < UTIL_LENGTH(sections); i++) {
		int column = columns == 3 ? sections[i].of_three : columns == 2 ? sections[i].of_two : 0;
		struct pane part = pane_part(p, row[column], column * width, p.rows, width - (columns > 1 ? 1 : 0));
		if (part.rows >= 3)
			row[column] += sections[i].draw(s, part) + (p.rows > 16 && columns > 1);
	}
}

/* Histories of the categories, right of their table. */
static void draw_category_sparks(struct session *s, struct pane p, int col)
{
	const struct view *v = model_view(s->model, ROW_CATEGORY);
	static const struct { const char *key; enum role role; } roles[] = { { "binary", ROLE_BINARY }, { "ets", ROLE_ETS },
		{ "code", ROLE_CODE }, { "atom", ROLE_ATOM }, { "total", ROLE_STRONG } };
	struct pane head = pane_on(p, GROUND_HEADER);

	pane_run(pane_part(head, 0, col, 1, p.cols - col), 0, 0, p.cols - col, ROLE_NORMAL, ' ');
	pane_put(head, 0, col + 1, ROLE_TITLE, "HISTORY");
	for (size_t i = 0; i < v->count && (int) i + 1 < p.rows; i++) {
		const struct category *c = v->rows[i].now;
		enum role role = ROLE_PROCESS;
		struct curve curve;
		for (size_t k = 0; k < UTIL_LENGTH(roles); k++)
			if (!strcmp(c->key, roles[k].key))
				role = roles[k].role;
		curve_take(&curve, c->series, CHART_POINTS, model_step_count(s->model));
		chart_spark(pane_on(p, i == v->line ? GROUND_SELECTED : GROUND_PLAIN), (int) i + 1, col + 1, p.cols - col - 2,
			role,
			&curve, 0);
	}
}

void system_draw(struct session *s, const struct layout *l, struct canvas *c)
{
	struct pane p = area_pane(c, l->body);
	size_t count = model_view(s->model, ROW_CATEGORY)->total;
	int rows = (int) (count ? count : 8) + 1, chart = 0;

	if (p.rows >= 9 && rows > p.rows * 3 / 5)       /* lower than that, the categories alone are worth the room */
		rows = p.rows * 3 / 5;
	int spark = p.cols >= 150 ? p.cols - 110 : p.cols >= 100 ? 24 : p.cols >= 76 ? 14 : 0;
	rows_draw(s, ROW_CATEGORY, pane_part(p, 0, 0, rows, p.cols - spark));
	if (spark)
		draw_category_sparks(s, pane_part(p, 0, 0, rows, p.cols), p.cols - spark);
	if (p.rows - rows >= 22) {
		chart = p.rows - rows - 20 < 11 ? 11 : p.rows - rows - 20 > 22 ? 22 : p.rows - rows - 20;
		kit_memory_chart(s, pane_part(p, rows + 1, 0, chart - 1, p.cols));
	}
	draw_sections(s, pane_part(p, rows + chart + (p.rows > 24), 0, p.rows, p.cols), (size_t) session_visit(s)->scroll);
}

bool system_on_key(struct session *s, uint32_t key)
{
	struct visit *v = session_visit(s);

	if (key == K_PAGE_DOWN && v->scroll + 1 < (int) UTIL_LENGTH(sections))
		v->scroll++;
	else if (key == K_PAGE_UP && v->scroll > 0)
		v->scroll--;
	else
		return key == K_PAGE_DOWN || key == K_PAGE_UP;
	return true;
}

void system_hint(struct session *s, char *out, size_t size)
{
	const struct row *r = view_selected(model_view(s->model, ROW_CATEGORY));
	const struct category *c = r ? r->now : NULL;

	if (c && *c->who)
		snprintf(out, size, "%s: %s, most by %s; G collects all; PgDn shows more", c->title, c->word, c->who);
	else
		snprintf(out, size, "PgDn shows more; m marks, d shows what changed since; G collects all");
}
