#include "tui/model/model_body.h"

#include <math.h>
#include <stdlib.h>

/* ---- life ---- */

/* Rates that the tree, the histories and the findings live on. */
static uint64_t core_fields(void)
{
	static const enum process_field core[] = { PROCESS_reductions, PROCESS_total_bytes, PROCESS_message_queue_len,
		PROCESS_messages_in, PROCESS_memory, PROCESS_binary_bytes };
	uint64_t fields = 0;

	for (size_t i = 0; i < UTIL_LENGTH(core); i++)
		fields |= UINT64_C(1) << core[i];
	return fields;
}

struct model *model_new(struct source *source)
{
	struct model *m = util_new(1, sizeof *m);

	m->source = source;
	source->sums_rows = true;
	m->core_fields = core_fields();
	past_init(&m->past);
	logs_init(&m->logs);
	node_init(m);
	findings_init(&m->findings);
	view_init(m);
	m->detail = util_new(1, sizeof *m->detail);
	m->detail_next = util_new(1, sizeof *m->detail_next);
	return m;
}

void model_free(struct model *m)
{
	if (!m)
		return;
	view_release(m);
	page_release(&m->page);
	tree_release(&m->tree);
	groups_release(&m->groups);
	tracks_release(&m->tracks);
	history_release(&m->history);
	marks_release(&m->marks);
	past_release(&m->past);
	logs_release(&m->logs);
	node_release(&m->node);
	findings_release(m);
	commands_release(m);
	snapshot_drop(m->newest);
	snapshot_drop(m->before);
	free(m->detail);
	free(m->detail_next);
	free(m);
}

/* ---- a sample ---- */

/* Fields whose rates somebody looks at: in order, in the filter, on the screen. */
static uint64_t wanted_fields(const struct model *m)
{
	const struct view_body *b = &m->views[ROW_PROCESS];
	uint64_t fields = filter_rate_fields(b->view.filter);

	for (size_t i = 0; i < b->view.sort_count; i++)
		if (b->view.sort[i].column->field >= 0)
			fields |= UINT64_C(1) << b->view.sort[i].column->field;
	for (size_t i = 0; i < b->column_count; i++)
		if (b->columns[i]->field >= 0)
			fields |= UINT64_C(1) << b->columns[i]->field;
	return fields;
}

/* A look out of turn has no time of its own: it replaces the newest and keeps the one before. */
static void turn_over(struct model *m, struct snapshot *s)
{
	if (m->newest && s->time <= m->newest->time) {
		snapshot_drop(m->newest);
	} else {
		snapshot_drop(m->before);
		m->before = m->newest;
	}
	m->newest = s;
}

static void follow_page(struct model *m)
{
	const struct view *v = &m->views[ROW_PROCESS].view;

	for (size_t i = 0; i < v->count; i++)
		if (!(v->rows[i].flags & ROW_IS_DEAD))
			tracks_follow(&m->tracks, &m->past, v->rows[i].now, m->newest->sample, m->newest->time);
}

static void sweep_live(struct model *m)
{
	m->needs_sums = false;
	tree_begin(m);
	groups_begin(m);
	page_begin(m);
	sweep_rows(m, SWEEP_SAMPLE | SWEEP_SHOW | SWEEP_SUM);
	tree_end(m);
	groups_end(m);
	page_end(m);
	m->views[ROW_PROCESS].is_stale = false;
	follow_page(m);
}

static void ask_again(struct model *m)
{
	if (m->detail_pid)
		m->source->ask_detail(m->source, m->detail_pid);
}

static void keep(struct model *m)
{
	struct snapshot *kept = kept_copy(m->newest);

	history_push(m, kept);
	marks_advance(m, kept);
	kept_drop(kept);
}

void model_advance(struct model *m, struct snapshot *s)
{
	bool is_new_time;

	if (!s)
		return;
	is_new_time = !m->newest || s->time > m->newest->time;
	logs_take(m, s);
	turn_over(m, s);
	if (is_new_time) {
		past_prepare(&m->past, s->process_high, m->core_fields, wanted_fields(m), MODEL_ARRAY_BYTES);
		m->has_rates = m->before != NULL;
		findings_begin(m);
		if (model_is_live(m))
			sweep_live(m);
		else
			sweep_rows(m, SWEEP_SAMPLE | SWEEP_SUM);
		node_advance(m);
		tracks_sweep(&m->tracks, &m->past, s->sample);
		findings_end(m);
		keep(m);
		if (model_is_live(m))
			ask_again(m);
	} else if (model_is_live(m)) {
		sweep_rows(m, SWEEP_SUM);
		view_stale_all(m);
		return;
	}
	for (int kind = 0; kind < ROW_KIND_COUNT; kind++)
		if (kind != ROW_PROCESS)
			view_stale(m, (enum row_kind) kind);
}

/* ---- small questions ---- */

struct source *model_source(const struct model *m) { return m->source; }
const char *model_name(const struct model *m, uint32_t id) { return id ? m->source->text(m->source, id) : ""; }
const struct snapshot *model_newest(const struct model *m) { return m->newest; }
const struct snapshot *model_before(const struct model *m) { return shown_before(m); }

const struct series *model_process_series(const struct model *m, uint64_t pid, enum track what)
{
	const struct followed *f = tracks_find(&m->tracks, pid);

	return f && what < TRACK_COUNT ? &f->series[what] : NULL;
}

const struct series *model_process_times(const struct model *m, uint64_t pid)
{
	const struct followed *f = tracks_find(&m->tracks, pid);

	return f ? &f->times : NULL;
}

enum track model_track_of(const struct column *c)
{
	switch (c ? c->field : -1) {
	case PROCESS_memory: case PROCESS_total_heap_size: case PROCESS_heap_size: case PROCESS_old_heap_size:
	case PROCESS_mailbox_bytes: return TRACK_MEMORY;
	case PROCESS_binary_bytes: case PROCESS_binary_refs: case PROCESS_binary_share: return TRACK_BINARY;
	case PROCESS_message_queue_len: return TRACK_QUEUE;
	case PROCESS_reductions: return TRACK_REDUCTIONS;
	case PROCESS_messages_in: return TRACK_ARRIVALS;
	default: return TRACK_TOTAL;
	}
}

/* ---- detail ---- */

void model_open_detail(struct model *m, uint64_t pid)
{
	if (m->detail_pid != pid)
		m->has_detail = false;
	m->detail_pid = pid;
	ask_again(m);
}

bool model_poll_detail(struct model *m)
{
	struct snap_detail *was = m->detail;

	if (!m->detail_pid || !m->source->take_detail(m->source, m->detail_next))
		return false;
	if (m->detail_next->pid != m->detail_pid)       /* an answer to an older question */
		return false;
	m->detail = m->detail_next;
	m->detail_next = was;
	m->has_detail = true;
	return true;
}

const struct snap_detail *model_detail(const struct model *m) { return m->has_detail ? m->detail : NULL; }
