/*
 * marks - what the difference is taken against: the user's mark, and moments of 10 and 60 seconds ago.
 *
 * Moments are taken at each sample while that stays within AUTO_MARK_BYTES, else less often; with too
 * many processes for even a few of them there are none, and the difference shows "-".
 */
#include "tui/model/model_body.h"

#include <math.h>
#include <stdlib.h>

static void mark_take(struct model *m, struct full_mark *k, struct snapshot *kept)
{
	past_mark(&m->past, &k->past, m->newest->time);
	kept_drop(k->snapshot);
	k->snapshot = kept_retain(kept);
}

static void mark_release(struct full_mark *k)
{
	past_mark_release(&k->past);
	kept_drop(k->snapshot);
	*k = (struct full_mark) { 0 };
}

void marks_release(struct marks *k)
{
	mark_release(&k->mark);
	for (size_t i = 0; i < AUTO_MARKS; i++)
		mark_release(&k->recent[i]);
	free(k->changes);
	*k = (struct marks) { 0 };
}

/* Seconds between moments so that a minute of them fits. */
static double spacing(const struct model *m)
{
	double fit = AUTO_MARK_BYTES / (double) (past_mark_bytes(&m->past) + 1);

	if (fit > AUTO_MARKS)
		fit = AUTO_MARKS;
	return fit < 4 ? INFINITY : 62 / (fit - 1);
}

void marks_advance(struct model *m, struct snapshot *kept)
{
	struct marks *k = &m->marks;
	double space = spacing(m);

	if (isinf(space)) {
		for (size_t i = 0; k->count && i < AUTO_MARKS; i++)
			mark_release(&k->recent[i]);
		k->count = 0;
		return;
	}
	if (k->count && m->newest->time - k->last < space * 0.99)
		return;
	mark_take(m, &k->recent[k->head], kept);
	k->head = (k->head + 1) % AUTO_MARKS;
	if (k->count < AUTO_MARKS)
		k->count++;
	k->last = m->newest->time;
}

/* The moment nearest to `seconds` ago that is not the present. */
static const struct full_mark *mark_ago(const struct model *m, double seconds)
{
	const struct marks *k = &m->marks;
	const struct full_mark *best = NULL;
	double gap = INFINITY;

	for (size_t i = 0; i < k->count; i++) {
		const struct full_mark *one = &k->recent[(k->head + AUTO_MARKS - 1 - i) % AUTO_MARKS];
		double off = fabs(m->newest->time - one->past.time - seconds);

		if (one->past.time < m->newest->time && off < gap)
			gap = off, best = one;
	}
	return best;
}

const struct full_mark *model_mark_of_baseline(const struct model *m)
{
	switch (m->marks.baseline) {
	case BASELINE_MARK: return m->marks.mark.past.is_taken ? &m->marks.mark : NULL;
	case BASELINE_10S: return m->newest ? mark_ago(m, 10) : NULL;
	case BASELINE_60S: return m->newest ? mark_ago(m, 60) : NULL;
	case BASELINE_OFF: case BASELINE_COUNT: break;
	}
	return NULL;
}

void model_mark(struct model *m)
{
	struct snapshot *kept;

	if (!m->newest)
		return;
	kept = kept_copy(m->newest);
	mark_take(m, &m->marks.mark, kept);
	kept_drop(kept);
	model_difference(m, BASELINE_MARK);
}

void model_difference(struct model *m, enum baseline b)
{
	m->marks.baseline = b < BASELINE_COUNT ? b : BASELINE_OFF;
	view_stale_all(m);
}

enum baseline model_baseline(const struct model *m) { return m->marks.baseline; }

double model_baseline_age(const struct model *m)
{
	const struct full_mark *k = model_mark_of_baseline(m);

	return k ? m->newest->time - k->past.time : NAN;
}

const struct snap_system *model_baseline_system(const struct model *m)
{
	const struct full_mark *k = model_mark_of_baseline(m);

	return k ? &k->snapshot->system : NULL;
}

/* ---- who came and who went ---- */

static void add_change(struct marks *k, const struct past_stamp *s, const struct past_who *w, bool is_gone,
	uint64_t bytes)
{
	k->changes = util_grow(k->changes, &k->change_room, k->change_count + 1, sizeof *k->changes);
	k->changes[k->change_count++] = (struct change) { .pid = s->pid, .label = w->label, .application = w->application,
		.initial_call = w->initial_call, .is_gone = is_gone, .total_bytes = bytes };
}

/* At most this many of each: the list is for reading. */
#define CHANGES_MOST 2000

void marks_list_changes(struct model *m)
{
	const struct full_mark *k = model_mark_of_baseline(m);
	const struct past *p = &m->past;
	size_t news = 0, gone = 0;

	m->marks.change_count = 0;
	for (size_t i = 0; k && (i < p->room || i < k->past.room); i++) {
		struct past_stamp none = { 0 };
		const struct past_stamp *now = i < p->room ? &p->stamp[i] : &none;
		const struct past_stamp *was = i < k->past.room ? &k->past.stamp[i] : &none;

		if (now->pid == was->pid)
			continue;
		if (was->pid && gone++ < CHANGES_MOST)
			add_change(&m->marks, was, &k->past.who[i], true, past_mark_value(&k->past, i, PROCESS_total_bytes));
		if (now->pid && news++ < CHANGES_MOST)
			add_change(&m->marks, now, &p->who[i], false, past_value(p, i, PROCESS_total_bytes));
	}
}
