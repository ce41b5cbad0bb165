/*
 * applications - the supervision tree with the sums of everything below each line.
 */
#include "tui/tab/tabs.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tui/tab/kit.h"

enum row_kind applications_kind(const struct session *s)
{
	return s->is_list ? ROW_APPLICATION : ROW_TREE;
}

static const struct snap_supervisor *supervisor_of(struct session *s, uint64_t pid)
{
	const struct snapshot *snap = model_snapshot(s->model);

	for (size_t i = 0; snap && i < snap->supervisor_count; i++)
		if (snap->supervisors[i].pid == pid)
			return &snap->supervisors[i];
	return NULL;
}

static const struct snap_application *application_of(struct session *s, uint32_t name)
{
	const struct snapshot *snap = model_snapshot(s->model);

	for (size_t i = 0; snap && i < snap->application_count; i++)
		if (snap->applications[i].name == name)
			return &snap->applications[i];
	return NULL;
}

static int draw_supervisor(struct session *s, struct pane p, int row, const struct snap_supervisor *v)
{
	char text[96];

	snprintf(text, sizeof text, "%s, at most %u restarts in %u s", v->strategy, v->intensity, v->period_s);
	int col = kit_fact(p, row, 1, "strategy", ROLE_NORMAL, text);
	col = kit_number(p, row, col, "children", ROLE_NORMAL, UNIT_COUNT, (double) v->children);
	kit_number(p, row++, col, "restarts", v->restarts ? ROLE_WATCH : ROLE_NORMAL, UNIT_COUNT, (double) v->restarts);
	for (uint32_t i = 0; i < v->history_count && row < p.rows; i++) {
		char at[FORMAT_SIZE];
		format_value(at, sizeof at, UNIT_CLOCK, (double) v->history[i].time_us / 1e6);
		col = kit_fact(p, row, 3, "restarted", ROLE_NAME, kit_name(s, v->history[i].child_id)) - 1;
		col = kit_fact(p, row, col, "at", ROLE_NORMAL, at) - 1;
		pane_fit(p, row++, col, p.cols - col, ROLE_WATCH, v->history[i].reason);
	}
	return row;
}

static int draw_sums(struct session *s, struct pane p, int row, const struct sums *t)
{
	double whole = model_system_value(s->model, "total");
	int col = kit_number(p, row, 1, "holds", ROLE_STRONG, UNIT_BYTES, (double) t->total_bytes) - 1;

	col = kit_number(p, row, col, "of the node", ROLE_NORMAL, UNIT_PERCENT, 100.0 * (double) t->total_bytes / whole);
	col = kit_number(p, row, col, "change", t->total_rate > 0 ? ROLE_GAIN : ROLE_LOSS, UNIT_BYTES_RATE, t->total_rate);
	kit_number(p, row++, col, "work", ROLE_OK, UNIT_COUNT_RATE, t->reductions_rate);
	struct part parts[] = { { (double) t->memory, 'p', ROLE_PROCESS }, { (double) t->binary_share, 'b', ROLE_BINARY },
		{ (double) t->ets_bytes, 't', ROLE_ETS } };
	if (row < p.rows && p.cols > 30)
		meter_parts(p, row++, 1, p.cols - 2 < 76 ? p.cols - 2 : 76, parts, 3, (double) t->total_bytes);
	return row;
}

static void draw_about(struct session *s, struct pane p)
{
	const struct row *r = view_selected(model_view(s->model, ROW_TREE));
	int row = 1;

	if (p.rows < 3 || !r)
		return;
	const struct tree_line *t = r->now;
	const struct snap_supervisor *v = t->pid ? supervisor_of(s, t->pid) : NULL;
	const struct snap_application *a = application_of(s, t->kind == TREE_APPLICATION ? t->label : t->application);
	pane_rule(p, 0, kit_name(s, t->label));
	if (t->kind == TREE_APPLICATION && a)
		row = text_wrap(p, row, 1, 0, ROLE_NORMAL, a->title);
	row = draw_sums(s, p, row, &t->sums);
	if (v)
		row = draw_supervisor(s, p, row, v);
	if (t->kind == TREE_FOLD_LINE && row < p.rows) {
		int col = kit_number(p, row, 1, "each holds p50", ROLE_NORMAL, UNIT_BYTES, t->p50);
		col = kit_number(p, row, col, "p99", ROLE_NORMAL, UNIT_BYTES, t->p99);
		kit_number(p, row++, col, "most", ROLE_NORMAL, UNIT_BYTES, t->most);
	}
	if (*t->note)
		pane_fit(p, row++, 1, p.cols - 2, ROLE_WATCH, t->note);
	kit_findings(s, p, row, tree_about(t));
}

static void draw_about_list(struct session *s, struct pane p)
{
	const struct row *r = view_selected(model_view(s->model, ROW_APPLICATION));

	if (p.rows < 3 || !r)
		return;
	const struct snap_application *a = r->now;
	pane_rule(p, 0, kit_name(s, a->name));
	int row = text_wrap(p, 1, 1, 0, ROLE_NORMAL, a->title);
	if (*a->ended_reason && row < p.rows)
		kit_fact(p, row++, 1, "ended", ROLE_CRITICAL, a->ended_reason);
	kit_findings(s, p, row, (struct finding_about) { .application = a->name });
}

void applications_draw(struct session *s, const struct layout *l, struct canvas *c)
{
	enum row_kind kind = applications_kind(s);
	struct area about = l->side.rows ? l->side : l->under;

	kit_memory_chart(s, area_pane(c, l->chart));
	rows_draw(s, kind, area_pane(c, l->list));
	rows_caption(s, kind, area_pane(c, l->caption));
	if (kind == ROW_TREE)
		draw_about(s, area_pane(c, about));
	else
		draw_about_list(s, area_pane(c, about));
	kit_log(s, area_pane(c, l->log));
}

void applications_hint(struct session *s, char *out, size_t size)
{
	const struct row *r = view_selected(model_view(s->model, applications_kind(s)));
	const struct tree_line *t = r && r->kind == ROW_TREE ? r->now : NULL;
	size_t findings;

	model_findings(s->model, &findings);
	if (findings)
		snprintf(out, size, "%zu finding%s: w explains; M Q R B T order; g collects and tells what it freed",
			findings, findings == 1 ? "" : "s");
	else if (t && t->can_open && !t->is_open)
		snprintf(out, size, "+ opens %s, * all; Enter shows it; 2 lists the processes, 5 the demos",
			kit_name(s, t->label));
	else
		snprintf(out, size, "Enter shows it; 2 lists processes, 3 the node, 5 the demos; ? helps");
}
