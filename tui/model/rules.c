/*
 * rules - the table of rules and their tests.
 *
 * Each test asks for a sign that stands over several samples. The thresholds are absolute (bytes, rates)
 * where a small thing is nobody's trouble, and relative where the shape matters. They were set so that a
 * healthy system with traffic stays silent, and a demo at its defaults is named within twelve seconds.
 */
#include "tui/model/rules.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define MEGABYTE 1000000.0
#define WORD SNAP_WORD_BYTES

/* ---- helpers ---- */

/* How many of the newest samples make up the last ten seconds, at least five. */
static size_t window(const struct series *times)
{
	size_t n = 0;

	while (n < times->count && series_at(times, 0) - series_at(times, n) < 10.5)
		n++;
	return n < 5 ? 5 : n;
}

static struct series_fit lately(const struct series *values, const struct series *times)
{
	return series_fit(values, times, window(times));
}

/* The least of the newest n values: what is there all the time. */
static double least_of(const struct series *s, size_t n)
{
	double least = INFINITY;

	for (size_t i = 0; i < n; i++) {
		double v = series_at(s, i);

		if (isnan(v))
			return NAN;
		least = v < least ? v : least;
	}
	return least;
}

static double most_of(const struct series *s, size_t n)
{
	double most = -INFINITY;

	for (size_t i = 0; i < n; i++) {
		double v = series_at(s, i);

		if (isnan(v))
			return NAN;
		most = v > most ? v : most;
	}
	return most;
}

/* The followed processes that live now, one after the other: NULL ends. */
static const struct followed *next_process(const struct model *m, size_t *at)
{
	while (*at < m->tracks.count) {
		const struct followed *f = m->tracks.slot[(*at)++];

		if (f->seen == m->newest->sample && !(f->now.flags & SNAP_IS_SYSTEM))
			return f;
	}
	return NULL;
}

#define EACH_PROCESS(f) for (size_t at_ = 0, once_ = 1; once_; once_ = 0) \
	for (const struct followed *f; (f = next_process(m, &at_)) != NULL; )

static struct sign about(const struct followed *f, enum strength strength, double bytes)
{
	return (struct sign) { .strength = strength, .pid = f->pid, .application = f->now.application,
		.bytes = bytes > 0 ? (uint64_t) bytes : 0 };
}

static bool has_survey(const struct snap_process *r)
{
	return r->flags & SNAP_HAS_SURVEY && r->survey_free_bytes != SNAP_UNKNOWN;
}

/* Texts of numbers inside one evidence. */
struct words { char text[6][FORMAT_SIZE]; int used; };

static const char *show(struct words *w, enum unit unit, double value)
{
	char *out = w->text[w->used++ % 6];

	return format_value(out, FORMAT_SIZE, unit, value);
}

#define BYTES(v) show(&w, UNIT_BYTES, (double) (v))
#define BYTES_S(v) show(&w, UNIT_BYTES_RATE, (double) (v))
#define COUNT(v) show(&w, UNIT_COUNT, (double) (v))
#define RATE(v) show(&w, UNIT_COUNT_RATE, (double) (v))
#define TIME(v) show(&w, UNIT_SECONDS, (double) (v))
#define AGO(r) survey_ago(&w, r)

/* What a survey counted stands beside figures of now: it says its age once that is a second or more. */
static const char *survey_ago(struct words *w, const struct snap_process *r)
{
	char *out = w->text[w->used++ % 6], age[FORMAT_SIZE];

	*out = '\0';
	if (r->survey_age_ms != SNAP_UNKNOWN && r->survey_age_ms >= 1000)
		snprintf(out, FORMAT_SIZE, " %s ago", format_value(age, sizeof age, UNIT_SECONDS, (double) r->survey_age_ms / 1000));
	return out;
}

/* ---- binaries ---- */

static void test_slice_pin(struct model *m, unsigned rule)
{
	EACH_PROCESS(f) {
		const struct snap_process *r = &f->now;
		double held = (double) r->binary_bytes, used, kept = least_of(&f->series[TRACK_BINARY], 3);
		struct words w = { .used = 0 };
		struct sign sign;

		if (!has_survey(r) || held < 1.5 * MEGABYTE || !(kept > held / 4))
			continue;
		used = (double) r->survey_slice_bytes;
		if (used > held / 10 || (double) r->survey_free_bytes > held / 5)
			continue;
		sign = about(f, held > 8 * MEGABYTE ? SIGN_PROVED : SIGN_GROWS, held);
		findings_say(m, rule, &sign, "%s references hold %s of binaries, %s in use%s; a full sweep would free %s",
			COUNT(r->binary_refs), BYTES(held), BYTES(used), AGO(r), BYTES(r->survey_free_bytes));
	}
}

/* One process, or a crowd of equal ones that is too small each to be seen. */
static bool garbage_binaries(const struct followed *f, double least)
{
	const struct snap_process *r = &f->now;
	double held = (double) r->binary_bytes;

	return has_survey(r) && held >= least && (double) r->survey_free_bytes > held / 2
		&& (double) r->survey_slice_bytes < held / 2 && least_of(&f->series[TRACK_BINARY], 4) > held / 2;
}

static void test_binary_garbage(struct model *m, unsigned rule)
{
	struct words w = { .used = 0 };

	EACH_PROCESS(f) {
		struct sign sign = about(f, SIGN_PROVED, (double) f->now.binary_bytes);

		if (garbage_binaries(f, 4 * MEGABYTE))
			findings_say(m, rule, &sign, "%s of binaries held by %s references, a full sweep would free %s; it has not run",
				BYTES(f->now.binary_bytes), COUNT(f->now.binary_refs), BYTES(f->now.survey_free_bytes));
	}
	for (size_t i = 0; i < m->calls.count; i++) {
		const struct call *c = &m->calls.call[i];
		struct sign sign = { .strength = SIGN_GROWS, .group = c->initial_call, .application = c->application,
			.bytes = c->binary_share };
		size_t garbage = 0, asked = 0;

		if (c->sample != m->newest->sample || c->count < 4 || c->binary_share < 8 * MEGABYTE)
			continue;
		EACH_PROCESS(f) {
			if (f->now.initial_call != c->initial_call || !has_survey(&f->now) || f->now.binary_bytes < 32 * 1024)
				continue;
			asked++;
			garbage += garbage_binaries(f, 32 * 1024);
		}
		if (asked < 2 || garbage * 4 < asked * 3)
			continue;
		sign.subject = model_name(m, c->initial_call);
		if (garbage >= 4)
			sign.strength = SIGN_PROVED;
		findings_say(m, rule, &sign, "%s processes hold %s of binaries together; of %s surveyed, %s hold garbage only",
			COUNT(c->count), BYTES(c->binary_share), COUNT(asked), COUNT(garbage));
	}
}

/* ---- mailboxes ---- */

static double taken_rate(const struct followed *f)
{
	return f->rate[PROCESS_messages_in] - f->rate[PROCESS_message_queue_len];
}

/* Every receive passes the whole queue: about a reduction a message, and the queue stays where it is. */
static bool passes_its_queue(const struct followed *f)
{
	double queue = (double) f->now.message_queue_len, taken = taken_rate(f);

	if (queue < 1000 || !(taken >= 0.5) || f->rate[PROCESS_reductions] / taken < 0.6 * queue)
		return false;
	return least_of(&f->series[TRACK_QUEUE], 4) > 0.9 * queue && most_of(&f->series[TRACK_QUEUE], 4) < 1.1 * queue;
}

static void test_mailbox_growth(struct model *m, unsigned rule)
{
	EACH_PROCESS(f) {
		double queue = (double) f->now.message_queue_len;
		struct words w = { .used = 0 };
		struct sign sign = about(f, SIGN_GROWS, (double) f->now.mailbox_bytes);
		struct series_fit fit;
		bool stands;

		if (queue < 500 || passes_its_queue(f))
			continue;
		fit = lately(&f->series[TRACK_QUEUE], &f->times);
		stands = queue > 5000 && least_of(&f->series[TRACK_QUEUE], window(&f->times)) > 0.7 * queue;
		if (fit.is_growing && fit.slope > 10 && least_of(&f->series[TRACK_QUEUE], 3) > 0.2 * queue)
			findings_say(m, rule, &sign, "%s messages wait, %s in, %s out: %s more, twice as many in %s", COUNT(queue),
				RATE(f->rate[PROCESS_messages_in]), RATE(taken_rate(f)), RATE(fit.slope), TIME(fit.doubling_s));
		else if (stands)
			findings_say(m, rule, &sign, "%s messages wait and do not get fewer, %s in, %s out", COUNT(queue),
				RATE(f->rate[PROCESS_messages_in]), RATE(taken_rate(f)));
	}
}

static void test_unmatched(struct model *m, unsigned rule)
{
	EACH_PROCESS(f) {
		struct words w = { .used = 0 };
		struct sign sign = about(f, SIGN_GROWS, (double) f->now.mailbox_bytes);

		if (passes_its_queue(f))
			findings_say(m, rule, &sign, "%s messages stay while %s are taken; each receive costs %s reductions",
				COUNT(f->now.message_queue_len), RATE(taken_rate(f)), COUNT(f->rate[PROCESS_reductions] / taken_rate(f)));
	}
}

/* ---- tables ---- */

static const struct snap_table *table_in(const struct snapshot *s, uint64_t id)
{
	for (size_t i = 0; s && i < s->table_count; i++)
		if (s->tables[i].id == id)
			return &s->tables[i];
	return NULL;
}

static void test_ets_growth(struct model *m, unsigned rule)
{
	double seconds = m->newest->time - m->before->time;

	for (size_t i = 0; i < m->findings.table_count; i++) {
		const struct table_history *h = &m->findings.tables[i];
		const struct snap_table *t = table_in(m->newest, h->id), *was = table_in(m->before, h->id);
		struct series_fit fit = lately(&h->bytes, &m->node.times);
		struct sign sign = { .strength = SIGN_GROWS, .table = h->id };
		struct words w = { .used = 0 };
		double inserts, deletes;

		if (!t || !was || h->bytes.count < 5 || !fit.is_growing || fit.slope < 50000 || fit.rise < 0.3 * MEGABYTE)
			continue;
		inserts = (double) (t->inserts - was->inserts) / seconds;
		deletes = (double) (t->deletes - was->deletes) / seconds;
		if (inserts < 2 * deletes)
			continue;
		sign.pid = t->owner;
		sign.application = t->application;
		sign.subject = model_name(m, t->name);
		sign.bytes = t->bytes + t->binary_bytes;
		findings_say(m, rule, &sign, "%s objects, %s and %s of binaries; %s more, inserts %s, deletes %s", COUNT(t->size),
			BYTES(t->bytes), BYTES(t->binary_bytes), BYTES_S(fit.slope), RATE(inserts), RATE(deletes));
	}
}

/* ---- heaps ---- */

/* Words of the heap that a survey found dead; binaries are another matter. */
static double dead_heap_bytes(const struct snap_process *r)
{
	double used = (double) (r->heap_used + r->old_heap_used + r->fragment_words);

	return (used - (double) r->survey_live_words) * WORD;
}

static bool stands_large(const struct followed *f)
{
	double memory = (double) f->now.memory;

	return least_of(&f->series[TRACK_MEMORY], 4) > 0.8 * memory;
}

static bool is_idle_lately(const struct followed *f)
{
	return most_of(&f->series[TRACK_REDUCTIONS], 4) < 50;
}

/* The old heap is mostly dead, and no full sweep comes. */
static void say_dead_old_heap(struct model *m, unsigned rule, const struct followed *f)
{
	const struct snap_process *r = &f->now;
	double dead = dead_heap_bytes(r);
	struct sign sign = about(f, SIGN_PROVED, dead);
	struct words w = { .used = 0 };

	findings_say(m, rule, &sign, "old heap %s, of all the heap %s is dead; %s minor collections since the last full sweep",
		BYTES(r->old_heap_used * WORD), BYTES(dead), COUNT(r->minor_gcs));
}

/* A block far larger than what lives in it, and so much room that nothing causes a collection. */
static void say_large_block(struct model *m, unsigned rule, const struct followed *f)
{
	const struct snap_process *r = &f->now;
	double heap = (double) r->total_heap_size * WORD, live = (double) r->survey_live_words * WORD;
	struct sign sign = about(f, SIGN_GROWS, heap - live);
	struct words w = { .used = 0 };

	findings_say(m, rule, &sign, "heap of %s, %s of it live; the last collection was %s ago or more", BYTES(heap),
		BYTES(live),
		TIME(m->newest->time - f->collected));
}

static void test_old_garbage(struct model *m, unsigned rule)
{
	EACH_PROCESS(f) {
		const struct snap_process *r = &f->now;
		double old = (double) r->old_heap_used * WORD, heap = (double) r->total_heap_size * WORD;
		double live = (double) r->survey_live_words * WORD, dead = dead_heap_bytes(r);

		if (!has_survey(r) || heap < MEGABYTE || !stands_large(f))
			continue;
		if (old > heap / 4 && dead > heap / 4 && dead > live)
			say_dead_old_heap(m, rule, f);
		/* A young collection now and then does not give it back: less than FORGET_AFTER samples may pass without the sign. */
		else if (live < heap / 4 && m->newest->time - f->collected >= FORGET_AFTER && !is_idle_lately(f))
			say_large_block(m, rule, f);
	}
}

static double heap_bytes(const struct snap_process *r) { return (double) r->total_heap_size * WORD; }
static double live_bytes(const struct snap_process *r) { return (double) r->survey_live_words * WORD; }

static bool should_hibernate(const struct followed *f, double least)
{
	const struct snap_process *r = &f->now;

	return has_survey(r) && heap_bytes(r) > least && live_bytes(r) < heap_bytes(r) / 3 && is_idle_lately(f)
		&& stands_large(f) && r->status != SNAP_HIBERNATED && r->status != SNAP_RUNNABLE;
}

static void hibernate_groups(struct model *m, unsigned rule)
{
	for (size_t i = 0; i < m->calls.count; i++) {
		const struct call *c = &m->calls.call[i];
		struct sign sign = { .strength = SIGN_GROWS, .group = c->initial_call, .application = c->application,
			.bytes = c->idle_bytes };
		struct words w = { .used = 0 };
		size_t asked = 0, fat = 0;

		if (c->sample != m->newest->sample || c->idle < 20 || (double) c->idle_bytes < 4 * MEGABYTE
			|| c->idle_bytes / c->idle < 6000)
			continue;
		EACH_PROCESS(f) {
			if (f->now.initial_call != c->initial_call || !has_survey(&f->now))
				continue;
			asked++;
			fat += should_hibernate(f, 4000);
		}
		if (asked < 2 || fat * 2 < asked)
			continue;
		sign.subject = model_name(m, c->initial_call);
		findings_say(m, rule, &sign, "%s idle processes keep %s, %s each; of %s surveyed, %s need less than a third",
			COUNT(c->idle), BYTES(c->idle_bytes), BYTES(c->idle_bytes / c->idle), COUNT(asked), COUNT(fat));
	}
}

static void test_should_hibernate(struct model *m, unsigned rule)
{
	EACH_PROCESS(f) {
		struct words w = { .used = 0 };
		struct sign sign = about(f, SIGN_GROWS, heap_bytes(&f->now));

		if (should_hibernate(f, 0.5 * MEGABYTE) && (double) f->now.binary_bytes < heap_bytes(&f->now))
			findings_say(m, rule, &sign, "idle with a heap of %s, of which %s is live", BYTES(heap_bytes(&f->now)),
				BYTES(live_bytes(&f->now)));
	}
	hibernate_groups(m, rule);
}

static void test_live_growth(struct model *m, unsigned rule)
{
	EACH_PROCESS(f) {
		const struct snap_process *r = &f->now;
		double heap = (double) r->total_heap_size * WORD;
		struct words w = { .used = 0 };
		struct sign sign = about(f, SIGN_GROWS, heap);
		struct series_fit fit;

		if (heap < 0.3 * MEGABYTE)
			continue;
		fit = lately(&f->series[TRACK_MEMORY], &f->times);
		if (fit.points < 8 || !fit.is_growing || fit.slope < 20000 || fit.rise < 0.3 * MEGABYTE || fit.quality < 0.8)
			continue;
		if (!has_survey(r) || (double) r->survey_live_words * WORD < heap / 3 || r->message_queue_len > 500)
			continue;
		findings_say(m, rule, &sign, "heap %s, %s of it live, %s more; no collection will stop that", BYTES(heap),
			BYTES((double) r->survey_live_words * WORD), BYTES_S(fit.slope));
	}
}

/* ---- copying ---- */

static void copy_edges(struct model *m, unsigned rule)
{
	double seconds = m->newest->time - m->before->time;

	for (size_t i = 0; i < m->newest->edge_count && i < 8; i++) {
		const struct snap_edge *e = &m->newest->edges[i], *was = NULL;
		struct sign sign = { .strength = SIGN_GROWS, .pid = e->from };
		struct words w = { .used = 0 };
		double rate;

		for (size_t k = 0; k < m->before->edge_count && !was; k++)
			if (m->before->edges[k].from == e->from && m->before->edges[k].to == e->to)
				was = &m->before->edges[k];
		rate = was ? (double) (e->bytes - was->bytes) / seconds : 0;
		if (rate < 8 * MEGABYTE)
			continue;
		sign.bytes = (uint64_t) rate;
		findings_say(m, rule, &sign, "copies %s to <0.%llu.0>, %s a message", BYTES_S(rate), (unsigned long long) e->to,
			BYTES(e->messages ? e->bytes / e->messages : 0));
	}
}

static void test_big_copy(struct model *m, unsigned rule)
{
	for (size_t i = 0; i < m->findings.large_count; i++) {
		const struct large *l = &m->findings.large[i];
		double bytes = (double) l->words * WORD;
		struct sign sign = { .strength = SIGN_GROWS, .pid = l->from, .bytes = (uint64_t) bytes };
		struct words w = { .used = 0 };

		if (bytes < 0.5 * MEGABYTE)
			continue;
		if (l->label)
			sign.subject = model_name(m, l->label);
		findings_say(m, rule, &sign, "%s large messages, %s copied in the last half minute", COUNT(l->count), BYTES(bytes));
	}
	copy_edges(m, rule);
}

/* ---- processes and supervision ---- */

static void test_process_growth(struct model *m, unsigned rule)
{
	for (size_t i = 0; i < m->calls.count; i++) {
		const struct call *c = &m->calls.call[i];
		struct series_fit fit = lately(&c->counts, &m->node.times);
		struct sign sign = { .strength = SIGN_GROWS, .group = c->initial_call, .application = c->application,
			.bytes = c->total_bytes };
		struct words w = { .used = 0 };

		if (c->sample != m->newest->sample || fit.points < 7 || !fit.is_growing || c->count < 100 || fit.slope < 5
			|| fit.quality < 0.9)
			continue;
		sign.subject = model_name(m, c->initial_call);
		findings_say(m, rule, &sign, "%s processes of one initial call, %s more, %s together", COUNT(c->count),
			RATE(fit.slope), BYTES(c->total_bytes));
	}
}

static void test_restart_storm(struct model *m, unsigned rule)
{
	const struct snapshot *s = m->newest;

	for (size_t i = 0; i < s->supervisor_count; i++) {
		const struct snap_supervisor *v = &s->supervisors[i];
		double reach = v->period_s > 12 ? v->period_s : 12;
		struct sign sign = { .strength = SIGN_GROWS, .pid = v->pid, .application = v->application,
			.subject = v->name ? model_name(m, v->name) : NULL };
		uint32_t recent = 0;

		for (uint32_t k = 0; k < v->history_count && k < UTIL_LENGTH(v->history); k++)
			recent += s->time - (double) v->history[k].time_us / 1e6 <= reach;
		if (recent < 2)
			continue;
		if (recent >= v->intensity && recent >= 3)
			sign.strength = SIGN_PROVED;
		findings_say(m, rule, &sign, "%u restarts in %.0f s of %s, last for %s; it bears %u in %u s", recent, reach,
			model_name(m, v->history[0].child_id), v->history[0].reason, v->intensity, v->period_s);
	}
	for (size_t i = 0; i < s->application_count; i++) {
		const struct snap_application *a = &s->applications[i];
		struct sign sign = { .strength = SIGN_PROVED, .application = a->name };

		if (a->state == SNAP_APP_STOPPED && a->restarts && *a->ended_reason && strcmp(a->ended_reason, "normal") != 0)
			findings_say(m, rule, &sign, "ended after %llu restarts: %s", (unsigned long long) a->restarts, a->ended_reason);
	}
}

static void full_counter(struct model *m, unsigned rule, const char *what, uint64_t count, uint64_t limit,
	enum unit unit)
{
	struct sign sign = { .strength = SIGN_PROVED, .subject = what };
	struct words w = { .used = 0 };

	if (limit && limit != SNAP_UNKNOWN && (double) count > 0.85 * (double) limit)
		findings_say(m, rule, &sign, "%s %s of %s, %.0f%%", what, show(&w, unit, (double) count),
			show(&w, unit, (double) limit),
			100.0 * (double) count / (double) limit);
}

static double knob_ceiling(const struct snap_application *a)
{
	for (uint32_t i = 0; i < a->knob_count && i < SNAP_KNOBS; i++)
		if (strcmp(a->knobs[i].key, "ceiling") == 0)
			return (double) a->knobs[i].value;
	return NAN;
}

static void test_near_limit(struct model *m, unsigned rule)
{
	const struct snapshot *s = m->newest;
	const struct logs *l = &m->logs;
	uint64_t oldest = l->event_total > 512 ? l->event_total - 512 : 0;

	full_counter(m, rule, "processes", s->system.process_count, s->system.process_limit, UNIT_COUNT);
	full_counter(m, rule, "atoms", s->system.atom_count, s->system.atom_limit, UNIT_COUNT);
	full_counter(m, rule, "tables", s->system.ets_count, s->system.ets_limit, UNIT_COUNT);
	for (size_t i = 0; i < s->application_count; i++) {
		const struct snap_application *a = &s->applications[i];
		struct sign sign = { .strength = SIGN_PROVED, .application = a->name, .bytes = a->charged_bytes };
		struct words w = { .used = 0 };
		double ceiling = knob_ceiling(a);

		if (a->state == SNAP_APP_RUNNING && (*a->limited_by || (double) a->charged_bytes > 0.9 * ceiling))
			findings_say(m, rule, &sign, "%s charged, ceiling %s%s%s", BYTES(a->charged_bytes), BYTES(ceiling),
				*a->limited_by ? ", held by " : "", a->limited_by);
	}
	for (uint64_t i = l->event_total; i-- > oldest; ) {
		const struct snap_event *e = &l->events[i % LOG_EVENTS];
		struct sign sign = { .strength = SIGN_GROWS, .pid = e->pid };

		if (s->time - (double) e->time_us / 1e6 > 15)
			break;
		if (e->kind != SNAP_EV_CEILING && !(e->kind == SNAP_EV_CRASH && strstr(e->text, "max_heap")))
			continue;
		if (e->label)
			sign.subject = model_name(m, e->label);
		findings_say(m, rule, &sign, "met a limit: %s", e->text);
	}
}

static void orphan_tables(struct model *m, unsigned rule)
{
	for (size_t i = 0; i < m->newest->table_count; i++) {
		const struct snap_table *t = &m->newest->tables[i];
		const struct followed *owner = tracks_find(&m->tracks, t->owner);
		struct sign sign = { .strength = SIGN_GROWS, .table = t->id, .pid = t->owner, .bytes = t->bytes,
			.subject = t->name ? model_name(m, t->name) : NULL };
		struct words w = { .used = 0 };

		if (t->application || t->bytes < 65536 || !owner || !(owner->now.flags & SNAP_IS_ORPHAN))
			continue;
		findings_say(m, rule, &sign, "a table of %s, %s objects, belongs to a process of no application", BYTES(t->bytes),
			COUNT(t->size));
	}
}

/* "; its table cache holds 6.1 MiB": what an orphan keeps alive is found by its name. */
static void say_largest_table(const struct model *m, uint64_t owner, char *out, size_t size)
{
	const struct snap_table *largest = NULL;
	char bytes[FORMAT_SIZE];

	*out = '\0';
	for (size_t i = 0; owner && i < m->newest->table_count; i++) {
		const struct snap_table *t = &m->newest->tables[i];
		if (t->owner == owner && (!largest || t->bytes > largest->bytes))
			largest = t;
	}
	if (largest)
		util_print(out, size, "; its table %s holds %s", model_name(m, largest->name),
			format_bytes(bytes, sizeof bytes, (double) largest->bytes));
}

static void test_orphan(struct model *m, unsigned rule)
{
	for (size_t i = 0; i < m->calls.count; i++) {
		const struct call *c = &m->calls.call[i];
		struct sign sign = { .strength = SIGN_GROWS, .group = c->initial_call, .bytes = c->total_bytes };
		struct words w = { .used = 0 };
		const struct followed *one = NULL;
		char table[80];

		if (c->sample != m->newest->sample || !c->orphans)
			continue;
		EACH_PROCESS(f)
			if (f->now.initial_call == c->initial_call && f->now.flags & SNAP_IS_ORPHAN)
				one = f;
		if (c->orphans < 20 && (!one || m->newest->time - (double) one->now.started_us / 1e6 < 2))
			continue;
		if (c->orphans == 1 && one) {
			sign.group = 0;
			sign.pid = one->pid;
			sign.subject = one->now.name ? model_name(m, one->now.name) : NULL;
		} else {
			sign.subject = model_name(m, c->initial_call);
		}
		say_largest_table(m, sign.pid, table, sizeof table);
		findings_say(m, rule, &sign, "%s process%s of no application, %s together, started with %s%s", COUNT(c->orphans),
			c->orphans == 1 ? "" : "es", BYTES(c->total_bytes), model_name(m, c->initial_call), table);
	}
	orphan_tables(m, rule);
}

static void test_monitor_growth(struct model *m, unsigned rule)
{
	double most = 0;

	EACH_PROCESS(f)
		most = fmax(most, (double) (f->now.links + f->now.monitors));
	EACH_PROCESS(f) {
		double count = (double) (f->now.links + f->now.monitors), rate = f->rate[PROCESS_links] + f->rate[PROCESS_monitors];
		struct words w = { .used = 0 };
		struct sign sign = about(f, SIGN_GROWS, (double) f->now.monitors * 64 + (double) f->now.links * 40);

		/* Both sides count each: the one where all meet is meant. */
		if (f->now.flags & SNAP_IS_SUPERVISOR || count < 1000 || count < most / 2 || !(rate > 10))
			continue;
		findings_say(m, rule, &sign, "%s monitors and %s links, %s more", COUNT(f->now.monitors), COUNT(f->now.links),
			RATE(rate));
	}
}

/* ---- the node ---- */

static const struct series *node_series(const struct model *m, const char *key) { return model_system_series(m, key); }

static void test_timer_growth(struct model *m, unsigned rule)
{
	struct series_fit bytes = lately(node_series(m, "unattributed"), &m->node.times);
	struct series_fit timers = lately(node_series(m, "timers"), &m->node.times);
	struct sign sign = { .strength = SIGN_GROWS, .subject = "unattributed", .bytes = m->newest->system.unattributed };
	struct words w = { .used = 0 };

	if (bytes.points < 5 || !bytes.is_growing || bytes.slope < 10000 || bytes.rise < 0.1 * MEGABYTE)
		return;
	findings_say(m, rule, &sign, "%s of process memory stand in no row, %s more; %s timers armed, %s more",
		BYTES(m->newest->system.unattributed), BYTES_S(bytes.slope), COUNT(m->newest->system.timers), RATE(timers.slope));
}

static void test_atom_growth(struct model *m, unsigned rule)
{
	struct series_fit fit = lately(node_series(m, "atom_count"), &m->node.times);
	struct sign sign = { .strength = SIGN_GROWS, .subject = "atoms", .bytes = m->newest->system.atom };
	struct words w = { .used = 0 };

	if (fit.points < 5 || fit.slope < 10 || fit.quality < 0.9 || fit.rise < 100)
		return;
	findings_say(m, rule, &sign, "%s atoms, %s more, the limit of %s is met in %s", COUNT(m->newest->system.atom_count),
		RATE(fit.slope), COUNT(m->newest->system.atom_limit),
		TIME(((double) m->newest->system.atom_limit - (double) m->newest->system.atom_count) / fit.slope));
}

/* Pure work: no messages come, nothing waits, and it takes a good part of all reductions. */
static bool is_hog(const struct followed *f, double all)
{
	double mine = f->rate[PROCESS_reductions];

	return all > 100000 && mine > 0.2 * all && f->now.message_queue_len == 0 && !(f->rate[PROCESS_messages_in] > 1);
}

static void test_starved(struct model *m, unsigned rule)
{
	double waiting = least_of(node_series(m, "run_queue"), 4), hogs = 0, share = 0;
	double all = m->node.rate[columns_find(ROW_SYSTEM, "reductions")->field];
	const struct followed *worst = NULL;
	struct words w = { .used = 0 };

	EACH_PROCESS(f) {
		struct sign sign = about(f, SIGN_GROWS, 0);

		if (f->now.status == SNAP_RUNNABLE && f->times.count >= 4 && most_of(&f->series[TRACK_REDUCTIONS], 3) <= 0)
			findings_say(m, rule, &sign, "runnable, with %s messages waiting, and no turn in three samples",
				COUNT(f->now.message_queue_len));
		if (!is_hog(f, all))
			continue;
		hogs++;
		share += f->rate[PROCESS_reductions] / all;
		if (!worst || f->pid < worst->pid)
			worst = f;
	}
	if (worst && waiting >= 1) {
		struct sign sign = about(worst, SIGN_GROWS, 0);

		findings_say(m, rule, &sign, "%s processes take %.0f%% of all reductions and receive nothing; %s others wait for a "
			"turn",
			COUNT(hogs), 100 * share, COUNT(waiting));
	}
}

static void test_dropped(struct model *m, unsigned rule)
{
	const struct series *rate = node_series(m, "dropped_sends_rate");
	struct sign sign = { .strength = SIGN_GROWS, .subject = "dropped_sends" };
	struct words w = { .used = 0 };

	if (least_of(rate, 3) >= 10)
		findings_say(m, rule, &sign, "%s messages went to the dead or to nobody, %s more",
			COUNT(m->newest->system.dropped_sends), RATE(series_at(rate, 0)));
}

static void test_carriers(struct model *m, unsigned rule)
{
	double blocks = 0, carriers = (double) m->newest->system.carrier_bytes;
	struct sign sign = { .strength = SIGN_GROWS, .subject = "carrier_bytes" };
	struct words w = { .used = 0 };

	for (size_t i = 0; i < m->newest->allocator_count; i++)
		blocks += (double) m->newest->allocators[i].block_bytes;
	sign.bytes = carriers > blocks ? (uint64_t) (carriers - blocks) : 0;
	if (blocks > 0 && carriers > 1.5 * blocks && carriers - blocks > 8 * MEGABYTE)
		findings_say(m, rule, &sign, "%s of carriers for %s of blocks, %.0f%% used", BYTES(carriers), BYTES(blocks),
			100 * blocks / carriers);
}

static void test_latency(struct model *m, unsigned rule)
{
	double over = series_at(&m->node.latency[LATENCY_OVER_GC], 0), p99 = series_at(&m->node.latency[LATENCY_CALL_P99], 0);
	double p50 = series_at(&m->node.latency[LATENCY_CALL_P50], 0);
	struct sign sign = { .strength = SIGN_GROWS, .subject = "call latency" };
	struct words w = { .used = 0 };

	if (over >= 3 && p99 >= 1000 && p99 >= 8 * p50)
		findings_say(m, rule, &sign, "%s calls overlapped a collection of their server; p50 %s, p99 %s", COUNT(over),
			show(&w, UNIT_US, p50), show(&w, UNIT_US, p99));
}

/* ---- the table ---- */

const struct finding_rule rules_table[] = {
	{ "slice-pin", 'P', FINDING_PROCESS,
	  "Slices of a few bytes keep whole binaries alive: a sub-binary points into its parent, which lives as long as it.",
	  "g frees about nothing, since every slice is reachable; copy the slices, then g frees all but them",
	  "copy what is kept: binary:copy(Part), String.copy, :binary.copy", 2, test_slice_pin },
	{ "binary-garbage", 'B', FINDING_PROCESS,
	  "Binaries are held by dead references only: the process has had no reason to collect, so it never lets go.",
	  "g frees nearly all of it",
	  "hibernate after the burst, let the caller touch the binary, or lower fullsweep_after", 2, test_binary_garbage },
	{ "mailbox-growth", 'Q', FINDING_PROCESS,
	  "Messages come faster than they are taken; the queue is memory, and each collection copies it.",
	  "suspend the senders: the queue drains; g does not help, it may make the heap larger",
	  "back-pressure: let senders wait for an answer, a window or demand, or shed above a bound", 3, test_mailbox_growth },
	{ "unmatched-messages", 'U', FINDING_PROCESS,
	  "Messages that no receive matches stay in the queue, and every selective receive passes all of them.",
	  "Enter, messages: the oldest are never taken; reductions rise with the queue and not with the work",
	  "match and drop what is not known; make a fresh reference for each call", 3, test_unmatched },
	{ "ets-growth", 'E', FINDING_TABLE,
	  "A table gets objects and loses none; tables lie outside all heaps, so no collection touches them.",
	  "g changes nothing; the Tables tab shows inserts above deletes",
	  "delete by age or bound the size; copy slices before they are stored", 3, test_ets_growth },
	{ "old-garbage", 'G', FINDING_PROCESS,
	  "The old heap is mostly dead, and only a full sweep looks there; small work may never cause one.",
	  "g frees the old heap in a moment",
	  "lower fullsweep_after for this process, or hibernate after large work", 2, test_old_garbage },
	{ "should-hibernate", 'H', FINDING_PROCESS,
	  "It sleeps on a heap far larger than what it keeps; an idle process never collects.",
	  "H makes the heap exactly as large as what is live",
	  "hibernate when idle, or do large work in a process that ends", 3, test_should_hibernate },
	{ "live-growth", 'V', FINDING_PROCESS,
	  "The heap grows and what grows is live: state or dictionary that is only ever added to.",
	  "g frees little; the detail's state and dictionary show what grows",
	  "bound the state; delete keys when their work is done", 3, test_live_growth },
	{ "big-copy", 'C', FINDING_PROCESS,
	  "Large terms are copied from heap to heap with each message, and lose their sharing on the way.",
	  "the event log shows the large messages; memory of the receiver jumps with each",
	  "send a key and read from a table or persistent term, send binaries, or only the field that is needed", 1,
		test_big_copy },
	{ "process-growth", 'N', FINDING_APPLICATION,
	  "Processes of one kind are started and do not end.",
	  "group by initial call (v): its count rises in a straight line",
	  "end them by a timeout, link them to their reason, bound their number", 2, test_process_growth },
	{ "restart-storm", 'R', FINDING_SUPERVISOR,
	  "A child crashes and is started again and again; near its intensity the supervisor gives up and takes all down.",
	  "the tree counts restarts; the event log gives each reason",
	  "repair what crashes, start with back-off, keep what can fail out of init", 1, test_restart_storm },
	{ "near-limit", 'L', FINDING_SYSTEM,
	  "Something is close to a limit, or met it: beyond it growth waits, fails or kills.",
	  "the System tab shows the limits and the time left",
	  "find who grows; raise the limit only when the growth is wanted", 1, test_near_limit },
	{ "orphan", 'O', FINDING_PROCESS,
	  "It belongs to no running application: nobody will end it and nobody watches it.",
	  "the tree shows it under orphans; its parent is dead or unknown",
	  "start it under a supervisor; give tables an heir that is supervised", 2, test_orphan },
	{ "monitor-growth", 'M', FINDING_PROCESS,
	  "Monitors or links are set and never taken back; both sides remember each of them.",
	  "Enter, links: their number rises while the processes stay the same",
	  "demonitor with flush when the answer came; unlink what is done", 3, test_monitor_growth },
	{ "timers", 'T', FINDING_SYSTEM,
	  "Process memory grows that stands in no row: timers that are armed and never cancelled.",
	  "the System tab's unattributed row rises, the sum of the rows does not",
	  "cancel timers when their reason has gone; one timer a process instead of one a request", 2, test_timer_growth },
	{ "atom-growth", 'A', FINDING_SYSTEM,
	  "Atoms are made from data. They are never freed, and their table has an end that takes the node down.",
	  "the atom count rises; no collection lowers it",
	  "binary_to_existing_atom, or keep them as binaries", 2, test_atom_growth },
	{ "starved", 'S', FINDING_PROCESS,
	  "A process could run and gets no turn, or a few that only compute take nearly all turns.",
	  "order by reductions (R): the hogs are on top, the starved has none",
	  "lower the priority of long work, cut it into pieces, bound how many run at once", 3, test_starved },
	{ "dropped", 'D', FINDING_SYSTEM,
	  "Messages are sent to processes that are dead or names that nobody has; nothing tells the sender.",
	  "the System tab's dropped sends rise",
	  "monitor the receiver, or call instead of cast", 1, test_dropped },
	{ "carriers", 'F', FINDING_SYSTEM,
	  "Much more memory is taken from the system than blocks need: a few survivors keep whole carriers.",
	  "Allocators: carriers far above blocks, and no collection changes that",
	  "keep long-lived and short-lived apart; end the survivors", 3, test_carriers },
	{ "latency-with-gc", 'Y', FINDING_SYSTEM,
	  "Calls wait while their server collects: a large live heap makes each collection long.",
	  "System: the tail of the call latency follows the pauses",
	  "keep less in the server's heap: tables, binaries, or several servers", 3, test_latency },
};

const size_t rules_count = sizeof rules_table / sizeof rules_table[0];
