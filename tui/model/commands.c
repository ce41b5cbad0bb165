/*
 * commands - what keys do to the runtime: whom a command means, and the outbox it waits in.
 *
 * The model never calls the source's send while a key is handled: commands are queued and the loop sends
 * them. So keys can be tested without a runtime, and asked about before they do harm.
 */
#include "tui/model/model_body.h"

#include <stdlib.h>
#include <string.h>

/* ---- whom it means ---- */

struct wanted {                         /* the processes that rows mean */
	struct model *m;
	const struct filter *filter;    /* or all that pass, when set */
	bool is_all;
	const struct row *rows;
	size_t row_count;
	uint64_t *pids;
	size_t count, room;
};

static bool row_means(const struct model *m, const struct row *r, const struct snap_process *p)
{
	switch (r->kind) {
	case ROW_PROCESS: return r->id == p->pid;
	case ROW_TREE: return tree_holds(m, r->now, p);
	case ROW_GROUP: return group_of(m->groups.by, p) == ((const struct group *) r->now)->id;
	case ROW_APPLICATION: case ROW_DEMO: return p->application == ((const struct snap_application *) r->now)->name;
	case ROW_TABLE: return p->pid == ((const struct snap_table *) r->now)->owner;
	case ROW_EVENT: return p->pid == ((const struct snap_event *) r->now)->pid;
	case ROW_EDGE: return p->pid == ((const struct snap_edge *) r->now)->to;
	case ROW_CHANGE: return p->pid == ((const struct change *) r->now)->pid;
	case ROW_FINDING: {
		const struct finding *f = r->now;

		if (f->group)
			return p->initial_call == f->group;
		return f->pid ? p->pid == f->pid : f->application && p->application == f->application;
	}
	default: return false;
	}
}

static bool is_meant(const struct wanted *w, const struct snap_process *p)
{
	struct row r = { .kind = ROW_PROCESS, .id = p->pid, .model = w->m, .now = p };
	double rates[COLUMNS_FIELDS_MOST];

	if (w->is_all && filter_is_empty(w->filter))
		return true;
	if (w->is_all) {
		r.rate = past_rates(&w->m->past, p, rates) ? rates : NULL;
		return filter_pass(w->filter, &r);
	}
	for (size_t i = 0; i < w->row_count; i++)
		if (row_means(w->m, &w->rows[i], p))
			return true;
	return false;
}

static void collect(struct wanted *w)
{
	struct source *s = w->m->source;
	struct snap_process batch[READ_BATCH];
	uint32_t cursor = 0;
	size_t n;

	while ((n = s->read_processes(s, &cursor, batch, READ_BATCH)) > 0)
		for (size_t i = 0; i < n; i++) {
			if (!is_meant(w, &batch[i]))
				continue;
			w->pids = util_grow(w->pids, &w->room, w->count + 1, sizeof *w->pids);
			w->pids[w->count++] = batch[i].pid;
		}
}

/* Tagged rows of a list; of processes a tag is enough, since it may stand on no page. */
static size_t tagged_rows(struct model *m, enum row_kind kind, struct row **out)
{
	struct view_body *b = &m->views[kind];
	struct row *rows = util_new(b->tag_count, sizeof *rows);
	size_t n = 0;

	if (kind == ROW_PROCESS) {
		for (; n < b->tag_count; n++)
			rows[n] = (struct row) { .kind = kind, .id = b->tags[n] };
	} else {
		model_view(m, kind);
		for (size_t i = 0; i < b->all_count && n < b->tag_count; i++)
			if (model_is_tagged(m, kind, b->all[i].id))
				rows[n++] = b->all[i];
	}
	*out = rows;
	return n;
}

static void name_row(const struct model *m, const struct row *r, char *out, size_t size)
{
	const struct snap_process *p = r->now;

	switch (r->kind) {
	case ROW_PROCESS:
		if (p->name)
			util_print(out, size, "%s", model_name(m, p->name));
		else
			format_pid(out, size, p->pid);
		break;
	case ROW_TREE: util_print(out, size, "%s", model_name(m, ((const struct tree_line *) r->now)->label)); break;
	case ROW_GROUP: util_print(out, size, "%s", ((const struct group *) r->now)->name); break;
	case ROW_APPLICATION: case ROW_DEMO:
		util_print(out, size, "%s", model_name(m, ((const struct snap_application *) r->now)->name));
		break;
	case ROW_FINDING: util_print(out, size, "%s", ((const struct finding *) r->now)->subject); break;
	default: *out = '\0'; break;
	}
}

static void name_targets(const struct wanted *w, char *subject, size_t size)
{
	struct snap_process p;

	if (w->row_count == 1 && !w->is_all && w->rows[0].now)
		name_row(w->m, &w->rows[0], subject, size);
	if (*subject && w->count)
		return;
	if (w->count == 1 && w->m->source->read_process(w->m->source, w->pids[0], &p)) {
		if (p.name)
			util_print(subject, size, "%s", model_name(w->m, p.name));
		else
			format_pid(subject, size, p.pid);
		return;
	}
	util_print(subject, size, w->is_all && filter_is_empty(w->filter) ? "all %zu processes" : "%zu processes", w->count);
}

static const char *why_none(enum row_kind kind, const struct view *v)
{
	if (kind == ROW_SYSTEM || kind == ROW_CATEGORY || kind == ROW_LIMIT || kind == ROW_ALLOCATOR || kind == ROW_SCHEDULER)
		return "a row of the System tab is no process; G collects all of them";
	if (v->is_dead)
		return "that process is gone";
	return v->count ? "no process belongs to this row" : "nothing is selected";
}

static bool means_everything(enum row_kind kind)
{
	return kind != ROW_PROCESS && kind != ROW_TREE && kind != ROW_GROUP;
}

size_t model_targets(struct model *m, enum row_kind kind, enum target target, uint64_t **pids, char *subject,
	size_t size)
{
	const struct view *v = model_view(m, kind);
	struct wanted w = { .m = m };
	struct row *tagged = NULL;
	const struct row *selected = view_selected(v);

	*subject = '\0';
	if (target == TARGET_SHOWN) {
		w.is_all = true;
		w.filter = means_everything(kind) || kind != ROW_PROCESS ? NULL : v->filter;
	} else if (target == TARGET_TAGGED || model_tag_count(m, kind)) {
		w.row_count = tagged_rows(m, kind, &tagged);
		w.rows = tagged;
	} else if (selected && !v->is_dead) {
		w.rows = selected;
		w.row_count = 1;
	}
	collect(&w);
	if (w.count)
		name_targets(&w, subject, size);
	else
		util_print(subject, size, "%s", why_none(kind, v));
	free(tagged);
	*pids = w.pids;
	return w.count;
}

uint64_t model_estimate(struct model *m, const uint64_t *pids, size_t count)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < count; i++) {
		struct snap_process p;

		if (!m->source->read_process(m->source, pids[i], &p) || !(p.flags & SNAP_HAS_SURVEY)
			|| p.survey_free_bytes == SNAP_UNKNOWN)
			return SNAP_UNKNOWN;
		sum += p.survey_free_bytes;
	}
	return count ? sum : SNAP_UNKNOWN;
}

/* ---- the outbox ---- */

bool model_can(const struct model *m, enum command_kind kind)
{
	if (m->is_read_only && kind != COMMAND_SURVEY && kind != COMMAND_HOLDERS && kind != COMMAND_EDGES)
		return false;
	return kind < COMMAND_COUNT && m->source->can >> kind & 1;
}

bool model_command(struct model *m, const struct command *c)
{
	struct queued *q;

	if (!model_can(m, c->kind)) {
		model_say(m, "warning", m->is_read_only ? "read-only: nothing was changed" : "%s cannot do that", m->source->name);
		return false;
	}
	m->outbox = util_grow(m->outbox, &m->outbox_room, m->outbox_count + 1, sizeof *m->outbox);
	q = &m->outbox[m->outbox_count++];
	*q = (struct queued) { .command = *c, .text = util_copy(c->text), .subject = util_copy(c->subject) };
	q->pids = util_new(c->pid_count, sizeof *q->pids);
	if (c->pid_count)
		memcpy(q->pids, c->pids, c->pid_count * sizeof *q->pids);
	q->command.pids = q->pids;
	q->command.text = q->text;
	q->command.subject = q->subject;
	return true;
}

const struct command *model_outbox(const struct model *m, size_t *count)
{
	struct model *own = (struct model *) (uintptr_t) m;     /* the view of the outbox is a cache */

	own->outbox_view = util_grow(own->outbox_view, &own->outbox_view_room, m->outbox_count, sizeof *own->outbox_view);
	for (size_t i = 0; i < m->outbox_count; i++)
		own->outbox_view[i] = m->outbox[i].command;
	*count = m->outbox_count;
	return own->outbox_view;
}

static void empty(struct model *m)
{
	for (size_t i = 0; i < m->outbox_count; i++) {
		free(m->outbox[i].pids);
		free(m->outbox[i].text);
		free(m->outbox[i].subject);
	}
	m->outbox_count = 0;
}

void model_flush(struct model *m)
{
	for (size_t i = 0; i < m->outbox_count; i++) {
		const struct command *c = &m->outbox[i].command;

		if (!m->source->send(m->source, c) && c->kind != COMMAND_SURVEY)
			model_say(m, "error", "the command was refused%s%s", c->subject ? ": " : "", c->subject ? c->subject : "");
	}
	empty(m);
}

void commands_release(struct model *m)
{
	empty(m);
	free(m->outbox);
	free(m->outbox_view);
}

void model_set_read_only(struct model *m, bool on) { m->is_read_only = on; }
bool model_is_read_only(const struct model *m) { return m->is_read_only; }
