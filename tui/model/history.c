/*
 * history - the last samples, whole while the world is small, for [ and ] and for pause.
 *
 * A moment is a copy of its snapshot and the rows that were kept: all of them up to HISTORY_ROWS, else
 * those that are followed. Bytes are bounded; the oldest goes first.
 */
#include "tui/model/model_body.h"

#include <stdlib.h>
#include <string.h>

#define HISTORY_ROWS 512

/* ---- copies ---- */

static void *part_copy(const void *from, size_t count, size_t size)
{
	return count ? memcpy(util_new(count, size), from, count * size) : NULL;
}

static void copy_applications(struct snapshot *to, const struct snapshot *s)
{
	to->applications = util_new(s->application_count, sizeof *to->applications);
	to->application_count = 0;
	for (size_t i = 0; i < s->application_count; i++)
		if (s->applications[i].state != SNAP_APP_LOADED)
			to->applications[to->application_count++] = s->applications[i];
}

struct snapshot *kept_copy(const struct snapshot *s)
{
	struct snapshot *to = part_copy(s, 1, sizeof *s);

	to->references = 1;
	to->event_count = to->receipt_count = to->notice_count = 0;
	to->events = NULL;
	to->receipts = NULL;
	to->notices = NULL;
	to->schedulers = part_copy(s->schedulers, s->scheduler_count, sizeof *s->schedulers);
	to->allocators = part_copy(s->allocators, s->allocator_count, sizeof *s->allocators);
	to->supervisors = part_copy(s->supervisors, s->supervisor_count, sizeof *s->supervisors);
	to->tables = part_copy(s->tables, s->table_count, sizeof *s->tables);
	to->edges = part_copy(s->edges, s->edge_count, sizeof *s->edges);
	copy_applications(to, s);
	return to;
}

struct snapshot *kept_retain(struct snapshot *s)
{
	s->references++;
	return s;
}

void kept_drop(struct snapshot *s)
{
	if (!s || --s->references)
		return;
	free(s->schedulers);
	free(s->allocators);
	free(s->supervisors);
	free(s->tables);
	free(s->edges);
	free(s->applications);
	free(s);
}

static size_t kept_bytes(const struct snapshot *s)
{
	return sizeof *s + s->scheduler_count * sizeof *s->schedulers + s->allocator_count * sizeof *s->allocators
		+ s->application_count * sizeof *s->applications + s->supervisor_count * sizeof *s->supervisors
		+ s->table_count * sizeof *s->tables + s->edge_count * sizeof *s->edges;
}

/* ---- the ring ---- */

static void drop_oldest(struct history *h)
{
	struct moment *old = &h->moments[0];

	kept_drop(old->snapshot);
	free(old->rows);
	h->bytes -= old->bytes;
	memmove(old, old + 1, (h->count - 1) * sizeof *old);
	h->count--;
}

/* Every row while there are few; else those that are followed. */
void history_begin(struct model *m)
{
	m->history.row_count = 0;
	m->history.keeps_all = m->newest->system.process_count <= HISTORY_ROWS;
}

/* Called for each row to keep of a new sample. */
void history_keep_row(struct model *m, const struct snap_process *row)
{
	struct history *h = &m->history;

	if (h->row_count == TRACK_MOST)
		return;
	h->rows = util_grow(h->rows, &h->row_room, h->row_count + 1, sizeof *h->rows);
	h->rows[h->row_count++] = *row;
}

/* Called after the sweep of a new sample: files what was kept under it. */
void history_push(struct model *m, struct snapshot *kept)
{
	struct history *h = &m->history;
	struct moment now = { .snapshot = kept_retain(kept), .row_count = h->row_count };

	now.is_partial = m->newest->system.process_count > h->row_count;
	now.rows = util_new(h->row_count, sizeof *now.rows);
	if (h->row_count)
		memcpy(now.rows, h->rows, h->row_count * sizeof *now.rows);
	now.bytes = kept_bytes(kept) + h->row_count * sizeof *now.rows;
	while (h->count && (h->count == MODEL_HISTORY || h->bytes + now.bytes > MODEL_HISTORY_BYTES))
		drop_oldest(h);
	h->moments[h->count++] = now;
	h->bytes += now.bytes;
	if (h->back || h->is_paused)    /* the pages stay where they are */
		h->back += h->count > 1;
	if (h->back >= h->count)        /* what was looked at has gone: the oldest takes its place */
		h->back = h->count - 1;
}

void history_release(struct history *h)
{
	while (h->count)
		drop_oldest(h);
	free(h->rows);
	*h = (struct history) { 0 };
}

const struct moment *history_shown(const struct model *m)
{
	const struct history *h = &m->history;

	return h->count ? &h->moments[h->count - 1 - h->back] : NULL;
}

static const struct moment *history_before(const struct model *m)
{
	const struct history *h = &m->history;

	return h->count >= h->back + 2 ? &h->moments[h->count - 2 - h->back] : NULL;
}

/* Rows are kept in index order, but a pid is found by looking: moments are small. */
const struct snap_process *history_row_before(const struct model *m, uint64_t pid)
{
	const struct moment *was = history_before(m);

	for (size_t i = 0; was && i < was->row_count; i++)
		if (was->rows[i].pid == pid)
			return &was->rows[i];
	return NULL;
}

const struct snapshot *shown_before(const struct model *m)
{
	const struct moment *was;

	if (model_is_live(m))
		return m->before;
	was = history_before(m);
	return was ? was->snapshot : NULL;
}

double shown_interval(const struct model *m)
{
	const struct snapshot *now = model_snapshot(m), *was = shown_before(m);

	return now && was ? now->time - was->time : 0;
}

bool model_is_live(const struct model *m) { return m->history.back == 0 && !m->history.is_paused; }

const struct snapshot *model_snapshot(const struct model *m)
{
	const struct moment *shown = model_is_live(m) ? NULL : history_shown(m);

	return shown ? shown->snapshot : m->newest;
}

/* ---- moves ---- */

void model_step(struct model *m, int step)
{
	struct history *h = &m->history;

	if (step < 0 && h->back + 1 < h->count)
		h->back++;
	else if (step > 0 && h->back)
		h->back--;
	else
		return;
	view_stale_all(m);
}

void model_pause(struct model *m, bool pause)
{
	struct history *h = &m->history;

	if (!h->count || h->is_paused == pause)
		return;
	h->is_paused = pause;
	if (!pause)
		h->back = 0;
	view_stale_all(m);
}

bool model_is_paused(const struct model *m) { return m->history.is_paused; }
size_t model_step_count(const struct model *m) { return m->history.back; }
size_t model_history_count(const struct model *m) { return m->history.count; }

bool model_history_is_partial(const struct model *m)
{
	const struct moment *shown = model_is_live(m) ? NULL : history_shown(m);

	return shown && shown->is_partial;
}
