/*
 * sweep - the one pass over all processes: each row is read once and shown to everyone who wants it.
 *
 * Rows come from the source, or from a kept moment when the pages are stepped back.
 */
#include "tui/model/model_body.h"

struct reader {
	struct model *m;
	const struct moment *past;      /* NULL: the source */
	bool is_done;
	uint32_t cursor;
	struct snap_process batch[READ_BATCH];
};

static const struct snap_process *reader_next(struct reader *r, size_t *count)
{
	if (r->past) {
		*count = r->is_done ? 0 : r->past->row_count;
		r->is_done = true;
		return r->past->rows;
	}
	*count = r->m->source->read_processes(r->m->source, &r->cursor, r->batch, READ_BATCH);
	return r->batch;
}

/* What a new sample's row changes: rates, histories, suspicions. */
static void take_row(struct model *m, const struct snap_process *row, double seconds)
{
	bool is_idle = past_take(&m->past, row, seconds);

	if (m->past.track[row->index])
		tracks_push(&m->tracks, &m->past, row, m->newest->sample, m->newest->time);
	else if (m->newest->system.process_count <= TRACK_MOST)
		tracks_follow(&m->tracks, &m->past, row, m->newest->sample, m->newest->time);
	findings_row(m, row, is_idle);
	if (m->history.keeps_all || m->past.track[row->index])
		history_keep_row(m, row);
}

static void show_row(struct model *m, const struct snap_process *row)
{
	tree_row(m, row);
	if (m->groups.by != GROUP_OFF)
		groups_row(m, row);
	page_row(m, row);
}

static void sweep_batch(struct model *m, const struct snap_process *rows, size_t count, unsigned what, double seconds)
{
	for (size_t i = 0; i < count; i++) {
		if (what & SWEEP_SUM)
			snapshot_sums_add(m->newest, &rows[i]);
		if (what & SWEEP_SAMPLE)
			take_row(m, &rows[i], seconds);
		if (what & SWEEP_SHOW)
			show_row(m, &rows[i]);
		else if (what & SWEEP_PAGE)
			page_row(m, &rows[i]);
	}
}

/* Indices that no row came from belong to nobody any more. */
static uint32_t bury_gaps(struct model *m, const struct snap_process *rows, size_t count, uint32_t next)
{
	for (size_t i = 0; i < count; next = rows[i++].index + 1)
		if (rows[i].index > next)
			past_bury(&m->past, next, rows[i].index);
	return next;
}

void sweep_rows(struct model *m, unsigned what)
{
	struct reader r = { .m = m, .past = what & SWEEP_SAMPLE || model_is_live(m) ? NULL : history_shown(m) };
	double seconds = m->before && m->newest ? m->newest->time - m->before->time : 0;
	const struct snap_process *rows;
	size_t count;

	uint32_t next = 0;

	if (what & SWEEP_SUM)
		snapshot_sums_begin(m->newest);
	if (what & SWEEP_SAMPLE)
		history_begin(m);
	while (rows = reader_next(&r, &count), count > 0) {
		if (what & SWEEP_SAMPLE)
			next = bury_gaps(m, rows, count, next);
		sweep_batch(m, rows, count, what, seconds);
	}
	if (what & SWEEP_SAMPLE)
		past_bury(&m->past, next, UINT32_MAX);
}
