/*
 * processes - every process, or groups of those alike, in the order that one asks for.
 */
#include "tui/tab/tabs.h"

#include <stdio.h>
#include <string.h>

#include "tui/tab/kit.h"

enum row_kind processes_kind(const struct session *s)
{
	return model_grouping(s->model) == GROUP_OFF ? ROW_PROCESS : ROW_GROUP;
}

static void draw_group(struct session *s, struct pane p, const struct group *g)
{
	int col = 1;

	(void) s;
	pane_rule(p, 0, g->name);
	col = kit_number(p, 1, col, "processes", ROLE_STRONG, UNIT_COUNT, (double) g->count);
	col = kit_number(p, 1, col, "hold", ROLE_STRONG, UNIT_BYTES, (double) g->sums.total_bytes);
	kit_number(p, 1, col, "queues", ROLE_MAILBOX, UNIT_COUNT, (double) g->sums.message_queue_len);
	col = kit_number(p, 2, 1, "each p50", ROLE_NORMAL, UNIT_BYTES, g->p50);
	col = kit_number(p, 2, col, "p99", ROLE_NORMAL, UNIT_BYTES, g->p99);
	kit_number(p, 2, col, "most", ROLE_NORMAL, UNIT_BYTES, g->most);
}

void processes_draw(struct session *s, const struct layout *l, struct canvas *c)
{
	enum row_kind kind = processes_kind(s);
	struct pane about = area_pane(c, l->side.rows ? l->side : l->under);

	kit_memory_chart(s, area_pane(c, l->chart));
	rows_draw(s, kind, area_pane(c, l->list));
	rows_caption(s, kind, area_pane(c, l->caption));
	const struct row *r = view_selected(model_view(s->model, kind));
	if (r && about.rows >= 3 && kind == ROW_PROCESS)
		kit_process(s, about, r->now);
	else if (r && about.rows >= 3)
		draw_group(s, about, r->now);
	kit_log(s, area_pane(c, l->log));
}

void processes_hint(struct session *s, char *out, size_t size)
{
	const struct view *v = model_view(s->model, processes_kind(s));
	const struct row *r = view_selected(v);
	char letters[12];

	if (!r)
		snprintf(out, size, "\\ changes the filter; Esc leaves it as it is");
	else if (v->is_dead)
		snprintf(out, size, "this process ended: %s; move on with the arrows", v->obituary);
	else if (r->kind == ROW_GROUP)
		snprintf(out, size, "v groups by something else or not at all; g collects the whole group");
	else if (*model_finding_letters(s->model, finding_about_process(r->now), letters, sizeof letters))
		snprintf(out, size, "%s: w explains the finding; g collects it and tells; Enter shows all", letters);
	else
		snprintf(out, size, "M Q R B T order; Enter shows all of it; g collects it and tells what it freed");
}
