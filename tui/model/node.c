/*
 * node - the whole node over time: series of every system figure, the memory table, limits, latencies.
 */
#include "tui/model/model_body.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Lines through the last half minute: what one sees, not what was. */
#define FIT_WINDOW 30

void node_init(struct model *m)
{
	size_t fields = columns_field_count(ROW_SYSTEM);

	m->node.series = util_new(fields * 2, sizeof *m->node.series);
	m->node.peak = util_new(fields, sizeof *m->node.peak);
}

void node_release(struct node_history *n)
{
	free(n->series);
	free(n->peak);
	*n = (struct node_history) { 0 };
}

static double system_field(const struct snap_system *s, size_t field)
{
	return format_known(*(const uint64_t *) ((const char *) s + columns_field(ROW_SYSTEM, field)->offset));
}

static void push_fields(struct model *m)
{
	struct node_history *n = &m->node;
	size_t fields = columns_field_count(ROW_SYSTEM);
	double seconds = m->before ? m->newest->time - m->before->time : 0;

	series_push(&n->times, m->newest->time);
	for (size_t f = 0; f < fields; f++) {
		double now = system_field(&m->newest->system, f);

		n->rate[f] = seconds > 0 ? (now - system_field(&m->before->system, f)) / seconds : NAN;
		series_push(&n->series[f], now);
		series_push(&n->series[fields + f], n->rate[f]);
		if (now > n->peak[f])
			n->peak[f] = now;
	}
}

/* ---- latencies of one interval: differences of histograms that only rise ---- */

static uint64_t percentile(const struct snap_latency *l, double percent)
{
	uint64_t wanted = (uint64_t) ceil((double) l->total * percent / 100), seen = 0;

	for (unsigned i = 0; i < SNAP_BUCKETS && l->total; i++) {
		seen += l->count[i];
		if (seen >= wanted)
			return UINT64_C(1) << i;
	}
	return SNAP_UNKNOWN;
}

static struct snap_latency interval_of(const struct snap_latency *now, const struct snap_latency *was)
{
	struct snap_latency l = { 0 };

	for (unsigned i = 0; i < SNAP_BUCKETS; i++) {
		l.count[i] = now->count[i] - (was ? was->count[i] : 0);
		l.total += l.count[i];
	}
	l.p50_us = percentile(&l, 50);
	l.p99_us = percentile(&l, 99);
	l.max_us = percentile(&l, 100);
	if (l.max_us != SNAP_UNKNOWN && l.max_us > now->max_us)
		l.max_us = now->max_us;
	return l;
}

static void push_latencies(struct model *m)
{
	struct node_history *n = &m->node;
	const struct snapshot *now = m->newest, *was = m->before;
	uint64_t over = now->calls_over_gc - (was ? was->calls_over_gc : 0);

	struct snap_latency calls = interval_of(&now->call_latency, was ? &was->call_latency : NULL);
	struct snap_latency pauses = interval_of(&now->gc_pauses, was ? &was->gc_pauses : NULL);
	const uint64_t values[LATENCY_COUNT] = { calls.p50_us, calls.p99_us, calls.max_us, pauses.p50_us, pauses.p99_us,
		pauses.max_us, over };

	for (int i = 0; i < LATENCY_COUNT; i++)
		series_push(&n->latency[i], format_known(values[i]));
}

void node_advance(struct model *m)
{
	push_fields(m);
	push_latencies(m);
}

/* ---- rows of the System tab ---- */

static const struct { const char *key, *used, *title; enum track track; bool is_inside; } categories[CATEGORIES] = {
	{ "total", NULL, "total", TRACK_TOTAL, true }, { "processes", "processes_used", "processes", TRACK_MEMORY, true },
	{ "binary", NULL, "binaries", TRACK_BINARY, true }, { "ets", NULL, "tables", TRACK_COUNT, true },
	{ "code", NULL, "code", TRACK_COUNT, true }, { "atom", "atom_used", "atoms", TRACK_COUNT, true },
	{ "unattributed", NULL, "  unattributed", TRACK_COUNT, true },
		{ "carrier_bytes", NULL, "carriers (real)", TRACK_COUNT, false },
};

/* The followed process whose history rises most, if it is at least a fifth of the whole rise. */
static void who_grows(const struct model *m, enum track track, double rate, char *out, size_t size)
{
	const struct followed *best = NULL;
	double most = rate / 5;

	*out = '\0';
	for (size_t i = 0; i < m->tracks.count && rate > 1024; i++) {
		struct series_fit f = series_fit_then(&m->tracks.slot[i]->series[track], &m->tracks.slot[i]->times, FIT_WINDOW,
			m->history.back);

		if (f.is_growing && f.slope > most && m->tracks.slot[i]->seen == m->newest->sample)
			most = f.slope, best = m->tracks.slot[i];
	}
	if (best)
		util_print(out, size, "%s %.0f%%", model_name(m, best->now.label), 100 * (most < rate ? most / rate : 1));
}

static void table_grows(const struct model *m, double rate, char *out, size_t size)
{
	const struct snapshot *now = model_snapshot(m), *was = shown_before(m);
	double seconds = shown_interval(m), most = rate / 5;

	*out = '\0';
	for (size_t i = 0; seconds > 0 && rate > 1024 && i < now->table_count; i++)
		for (size_t k = 0; k < was->table_count; k++) {
			double slope;

			if (was->tables[k].id != now->tables[i].id)
				continue;
			slope = ((double) now->tables[i].bytes - (double) was->tables[k].bytes) / seconds;
			if (slope > most) {
				most = slope;
				util_print(out, size, "%s %.0f%%", model_name(m, now->tables[i].name),
					100 * (most < rate ? most / rate : 1));
			}
			break;
		}
}

/* The highest since the start; in the past, the highest of those that are still known. */
static double peak_of(const struct model *m, size_t field)
{
	const struct series *s = &m->node.series[field];
	double most = 0;

	for (size_t age = m->history.back; age && age < s->count; age++)
		most = series_at(s, age) > most ? series_at(s, age) : most;
	return m->history.back ? most : m->node.peak[field];
}

static void fill_category(struct model *m, size_t i, const struct snap_system *s)
{
	struct category *c = &m->node.categories[i];
	size_t field = (size_t) columns_find(ROW_SYSTEM, categories[i].key)->field;
	const struct series *series = &m->node.series[field];
	struct series_fit fit = series_fit_then(series, &m->node.times, FIT_WINDOW, m->history.back);

	*c = (struct category) { .key = categories[i].key, .title = categories[i].title, .used = SNAP_UNKNOWN, .share = NAN,
		.series = series, .rate = fit.points > 1 ? fit.slope : NAN, .peak = peak_of(m, field),
		.word = series_word(&fit) };
	c->now = (uint64_t) system_field(s, field);
	if (categories[i].used)
		c->used = (uint64_t) system_field(s, (size_t) columns_find(ROW_SYSTEM, categories[i].used)->field);
	if (categories[i].is_inside && s->total)
		c->share = 100.0 * (double) c->now / (double) s->total;
	if (strcmp(c->key, "ets") == 0)
		table_grows(m, c->rate, c->who, sizeof c->who);
	else if (categories[i].track != TRACK_COUNT)
		who_grows(m, categories[i].track, c->rate, c->who, sizeof c->who);
}

static void fill_limit(struct model *m, size_t i, const char *title, const char *key, uint64_t count, uint64_t limit,
	enum unit unit)
{
	struct limit *l = &m->node.limits[i];
	struct series_fit fit = series_fit_then(&m->node.series[columns_find(ROW_SYSTEM, key)->field], &m->node.times,
		FIT_WINDOW, m->history.back);

	*l = (struct limit) { .title = title, .count = count, .limit = limit ? limit : SNAP_UNKNOWN, .unit = unit,
		.percent = NAN,
		.seconds_left = limit ? series_time_to(&fit, (double) limit) : NAN };
	if (limit && limit != SNAP_UNKNOWN)
		l->percent = 100.0 * (double) count / (double) limit;
}

void node_rows(struct model *m)
{
	const struct snapshot *s = model_snapshot(m);

	if (!s)
		return;
	for (size_t i = 0; i < CATEGORIES; i++)
		fill_category(m, i, &s->system);
	fill_limit(m, 0, "processes", "process_count", s->system.process_count, s->system.process_limit, UNIT_COUNT);
	fill_limit(m, 1, "atoms", "atom_count", s->system.atom_count, s->system.atom_limit, UNIT_COUNT);
	fill_limit(m, 2, "tables", "ets_count", s->system.ets_count, s->system.ets_limit, UNIT_COUNT);
	fill_limit(m, 3, "memory (soft)", "carrier_bytes", s->system.carrier_bytes, s->system.soft_limit, UNIT_BYTES);
	fill_limit(m, 4, "memory (hard)", "carrier_bytes", s->system.carrier_bytes, s->system.max_memory, UNIT_BYTES);
}

/* ---- questions ---- */

const struct series *model_times(const struct model *m) { return &m->node.times; }

const struct series *model_system_series(const struct model *m, const char *key)
{
	const struct column *c = columns_find(ROW_SYSTEM, key);

	if (!c || c->field < 0)
		return NULL;
	return &m->node.series[(size_t) c->field + (c->flags & COLUMN_RATE ? columns_field_count(ROW_SYSTEM) : 0)];
}

const struct series *model_latency(const struct model *m, enum latency what)
{
	return what < LATENCY_COUNT ? &m->node.latency[what] : NULL;
}

struct snap_latency model_gc_interval(const struct model *m)
{
	const struct snapshot *now = model_snapshot(m), *was = shown_before(m);

	return now ? interval_of(&now->gc_pauses, was ? &was->gc_pauses : NULL) : (struct snap_latency) { 0 };
}

double model_system_value(const struct model *m, const char *key)
{
	const struct snapshot *s = model_snapshot(m);
	const struct column *c = columns_find(ROW_SYSTEM, key);
	struct row r = { .kind = ROW_SYSTEM, .id = 1, .model = m, .rate = m->node.rate };

	if (!s || !c || !c->get)
		return NAN;
	if (c->flags & COLUMN_RATE && m->history.back)
		return series_at(model_system_series(m, key), m->history.back);
	r.now = &s->system;
	return c->get(c, &r);
}
