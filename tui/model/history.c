/*
 * history - the last samples, whole while the world is small, for [ and ] and for pause.
 *
 * A moment is a share of its snapshot and the rows that were kept: all of them up to HISTORY_ROWS, else
 * those that are followed. Bytes are bounded; the oldest goes first.
 */
#include "tui/model/model_body.h"

#include <stdlib.h>
#include <string.h>

#define HISTORY_ROWS 512

static size_t snapshot_bytes(const struct snapshot *s)
{
	return sizeof *s + s->scheduler_count * sizeof *s->schedulers + s->allocator_count * sizeof *s->allocators
		+ s->application_room * sizeof *s->applications + s->supervisor_room * sizeof *s->supervisors
		+ s->table_room * sizeof *s->tables + s->event_room * sizeof *s->events + s->edge_count * sizeof *s->edges;
}

static void drop_oldest(struct history *h)
{
	struct moment *old = &h->moments[0];

	snapshot_drop(old->snapshot);
	free(old->rows);
	h->bytes -= old->bytes;
	memmove(old, old + 1, (h->count - 1) * sizeof *old);
	h->count--;
}

/* Called for each row of a new sample. */
void history_keep_row(struct model *m, const struct snap_process *row)
{
	struct history *h = &m->history;

	if (m->newest->system.process_count > HISTORY_ROWS && !m->past.track[row->index])
		return;
	if (h->row_count == TRACK_MOST)
		return;
	h->rows = util_grow(h->rows, &h->row_room, h->row_count + 1, sizeof *h->rows);
	h->rows[h->row_count++] = *row;
}

/* Snapshots live under the ceiling that they show: of a low one the past takes a sixteenth. */
static uint64_t bytes_allowed(const struct snapshot *s)
{
	uint64_t ceiling = s->system.max_memory;

	return ceiling > 0 && ceiling / 16 < MODEL_HISTORY_BYTES ? ceiling / 16 : MODEL_HISTORY_BYTES;
}

double history_fits(const struct model *m)
{
	return (double) bytes_allowed(m->newest) / (double) snapshot_bytes(m->newest);
}

/* Called after the sweep of a new sample: files what was kept under it. */
void history_push(struct model *m)
{
	struct history *h = &m->history;
	struct moment now = { .snapshot = snapshot_retain(m->newest), .row_count = h->row_count };

	now.is_partial = m->newest->system.process_count > h->row_count;
	now.rows = util_new(h->row_count, sizeof *now.rows);
	if (h->row_count)
		memcpy(now.rows, h->rows, h->row_count * sizeof *now.rows);
	now.bytes = snapshot_bytes(m->newest) + h->row_count * sizeof *now.rows;
	h->row_count = 0;
	while (h->count && (h->count == MODEL_HISTORY || h->bytes + now.bytes > bytes_allowed(m->newest)))
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
