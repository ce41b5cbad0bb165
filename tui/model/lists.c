/*
 * lists - the rows of every kind but processes: few, so they are simply listed, filtered and sorted.
 *
 * A kind is an array somewhere: in the snapshot, in a log, in the model. Kinds with fields have rates,
 * made from the same thing in the snapshot before, found by its identity.
 */
#include "tui/model/model_body.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct array { const void *base; size_t count, size; };

#define ARRAY(pointer, count) (struct array) { pointer, count, sizeof *(pointer) }

static struct array snapshot_array(const struct snapshot *s, enum row_kind kind)
{
	if (!s)
		return (struct array) { 0 };
	switch (kind) {
	case ROW_SYSTEM: return ARRAY(&s->system, 1);
	case ROW_SCHEDULER: return ARRAY(s->schedulers, s->scheduler_count);
	case ROW_ALLOCATOR: return ARRAY(s->allocators, s->allocator_count);
	case ROW_APPLICATION: case ROW_DEMO: return ARRAY(s->applications, s->application_count);
	case ROW_TABLE: return ARRAY(s->tables, s->table_count);
	case ROW_EDGE: return ARRAY(s->edges, s->edge_count);
	default: return (struct array) { 0 };
	}
}

static struct array model_array(struct model *m, enum row_kind kind)
{
	const struct logs *l = &m->logs;

	switch (kind) {
	case ROW_TREE: return ARRAY(m->tree.lines, m->tree.line_count);
	case ROW_GROUP: return ARRAY(m->groups.groups, m->groups.count);
	case ROW_CATEGORY: return ARRAY(m->node.categories, CATEGORIES);
	case ROW_LIMIT: return ARRAY(m->node.limits, LIMITS);
	case ROW_FINDING: return ARRAY(m->findings.open, m->findings.open_count);
	case ROW_EVENT: return ARRAY(l->events, l->event_total < LOG_EVENTS ? l->event_total : LOG_EVENTS);
	case ROW_RECEIPT: return ARRAY(l->receipts, l->receipt_total < LOG_RECEIPTS ? l->receipt_total : LOG_RECEIPTS);
	case ROW_NOTICE: return ARRAY(l->notices, l->notice_total < LOG_NOTICES ? l->notice_total : LOG_NOTICES);
	case ROW_CHANGE: return ARRAY(m->marks.changes, m->marks.change_count);
	case ROW_DEMO: return snapshot_array(m->newest, kind);  /* history keeps those that ran only */
	default: return snapshot_array(model_snapshot(m), kind);
	}
}

static const void *array_at(const struct array *a, size_t i) { return (const char *) a->base + i * a->size; }

/* Logs are rings: their newest comes first, unless an order is asked for. */
static size_t place_of(const struct model *m, enum row_kind kind, size_t i, size_t count)
{
	uint64_t total = kind == ROW_EVENT ? m->logs.event_total : kind == ROW_RECEIPT ? m->logs.receipt_total
		: kind == ROW_NOTICE ? m->logs.notice_total : 0;

	return total ? (size_t) ((total - 1 - i) % count) : i;
}

static uint64_t hash_text(const char *text)
{
	uint64_t h = 1;

	while (*text)
		h = util_hash(h ^ (unsigned char) *text++);
	return h;
}

static uint64_t id_of(enum row_kind kind, const void *item, size_t i)
{
	switch (kind) {
	case ROW_TREE: return ((const struct tree_line *) item)->id;
	case ROW_GROUP: return ((const struct group *) item)->id + 1;
	case ROW_SCHEDULER: return ((const struct snap_scheduler *) item)->id;
	case ROW_ALLOCATOR: return hash_text(((const struct snap_allocator *) item)->type);
	case ROW_APPLICATION: case ROW_DEMO: return ((const struct snap_application *) item)->name;
	case ROW_TABLE: return ((const struct snap_table *) item)->id;
	case ROW_EDGE: return util_hash(((const struct snap_edge *) item)->from) ^ ((const struct snap_edge *) item)->to;
	case ROW_FINDING: return ((const struct finding *) item)->id;
	case ROW_EVENT: return ((const struct snap_event *) item)->serial;
	case ROW_RECEIPT: return ((const struct snap_receipt *) item)->serial;
	case ROW_NOTICE: return ((const struct snap_notice *) item)->serial;
	case ROW_CHANGE: return ((const struct change *) item)->pid << 1 | ((const struct change *) item)->is_gone;
	default: return i + 1;
	}
}

/* A page that stands in the past does not show what happened later. */
static bool is_later(const struct model *m, const struct snap_event *e)
{
	return !model_is_live(m) && (double) e->time_us / 1e6 > model_snapshot(m)->time;
}

static bool is_wanted(const struct model *m, enum row_kind kind, const void *item)
{
	if (kind == ROW_EVENT && is_later(m, item))
		return false;
	if (kind == ROW_DEMO)
		return ((const struct snap_application *) item)->is_demo;
	if (kind == ROW_APPLICATION)
		return ((const struct snap_application *) item)->state != SNAP_APP_LOADED;
	return true;
}

/* ---- rates ---- */

/* The same thing in another array: mostly it stands at the same place. */
static const void *same_in(const struct array *a, enum row_kind kind, uint64_t id, size_t hint)
{
	if (hint < a->count && id_of(kind, array_at(a, hint), hint) == id)
		return array_at(a, hint);
	for (size_t i = 0; i < a->count; i++)
		if (id_of(kind, array_at(a, i), i) == id)
			return array_at(a, i);
	return NULL;
}

static void differences(enum row_kind kind, const void *now, const void *was, double seconds, double *out)
{
	size_t fields = columns_field_count(kind);

	for (size_t f = 0; f < fields; f++) {
		const struct column *c = columns_field(kind, f);
		uint64_t a = SNAP_UNKNOWN, b = SNAP_UNKNOWN;

		if (c) {                /* a kind need not show every field of its struct */
			memcpy(&a, (const char *) now + c->offset, sizeof a);
			memcpy(&b, (const char *) was + c->offset, sizeof b);
		}
		out[f] = a == SNAP_UNKNOWN || b == SNAP_UNKNOWN ? NAN : (double) (int64_t) (a - b) / seconds;
	}
}

static void fill_differences(struct model *m, struct view_body *b, enum row_kind kind)
{
	const struct full_mark *mark = model_mark_of_baseline(m);
	struct array before = snapshot_array(shown_before(m), kind), base = snapshot_array(mark ? mark->snapshot : NULL, kind);
	size_t fields = columns_field_count(kind);
	double seconds = shown_interval(m);

	b->rates = util_grow(b->rates, &b->rate_room, b->all_count * fields, sizeof *b->rates);
	b->changes = util_grow(b->changes, &b->change_room, b->all_count * fields, sizeof *b->changes);
	for (size_t i = 0; i < b->all_count; i++) {
		struct row *r = &b->all[i];
		const void *was = same_in(&before, kind, r->id, i), *then = same_in(&base, kind, r->id, i);

		if (was && seconds > 0) {
			differences(kind, r->now, was, seconds, &b->rates[i * fields]);
			r->rate = &b->rates[i * fields];
		}
		if (then) {
			differences(kind, r->now, then, 1, &b->changes[i * fields]);
			r->change = &b->changes[i * fields];
		} else if (mark) {
			r->flags |= ROW_IS_NEW;
		}
	}
}

/* ---- rows ---- */

static int compare_rows(const void *a, const void *b, void *view) { return view_compare(view, a, b); }

static void prepare(struct model *m, enum row_kind kind)
{
	if (kind == ROW_TREE)
		tree_lines(m);
	else if (kind == ROW_CATEGORY || kind == ROW_LIMIT)
		node_rows(m);
	else if (kind == ROW_CHANGE)
		marks_list_changes(m);
}

static void keep_passing(struct view_body *b)
{
	size_t kept = 0;

	for (size_t i = 0; i < b->all_count; i++)
		if (filter_pass(b->view.filter, &b->all[i]))
			b->all[kept++] = b->all[i];
	b->all_count = kept;
}

void list_rows(struct model *m, enum row_kind kind)
{
	struct view_body *b = &m->views[kind];
	struct array a;

	prepare(m, kind);
	a = model_array(m, kind);
	b->all = util_grow(b->all, &b->all_room, a.count + 1, sizeof *b->all);
	b->all_count = 0;
	for (size_t i = 0; i < a.count; i++) {
		size_t place = place_of(m, kind, i, a.count);
		const void *item = array_at(&a, place);

		if (!is_wanted(m, kind, item))
			continue;
		b->all[b->all_count] = (struct row) { .kind = kind, .id = id_of(kind, item, place), .model = m, .now = item };
		if (model_is_tagged(m, kind, b->all[b->all_count].id))
			b->all[b->all_count].flags |= ROW_IS_TAGGED;
		b->all_count++;
	}
	if (snapshot_array(model_snapshot(m), kind).base && columns_field_count(kind))
		fill_differences(m, b, kind);
	b->view.everything = b->all_count;
	if (kind == ROW_TREE)   /* filtered and in order already */
		return;
	keep_passing(b);
	if (b->view.sort_count && b->all_count)
		qsort_r(b->all, b->all_count, sizeof *b->all, compare_rows, &b->view);
}
