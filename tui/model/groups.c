/*
 * groups - many small processes as one line: count, sums, percentiles.
 */
#include "tui/model/model_body.h"

#include <stdlib.h>
#include <string.h>

/* More groups than this are shown as one, "(others)". */
#define GROUPS_MOST 4096
#define OTHERS (UINT64_MAX - 1)

void groups_begin(struct model *m)
{
	m->groups.count = 0;
	util_map_clear(&m->groups.by_id);
}

uint64_t group_of(enum group_by by, const struct snap_process *r)
{
	switch (by) {
	case GROUP_INITIAL_CALL: return r->initial_call;
	case GROUP_APPLICATION: return r->application;
	case GROUP_PARENT: return r->parent;
	case GROUP_OFF: case GROUP_BY_COUNT: break;
	}
	return 0;
}

static void name_group(const struct model *m, struct group *g, enum group_by by)
{
	struct snap_process row;

	if (g->id == OTHERS)
		util_print(g->name, sizeof g->name, "(others)");
	else if (!g->id)
		util_print(g->name, sizeof g->name, "(none)");
	else if (by != GROUP_PARENT)
		util_print(g->name, sizeof g->name, "%s", model_name(m, (uint32_t) g->id));
	else if (m->source->read_process(m->source, g->id, &row) && row.name)
		util_print(g->name, sizeof g->name, "%s", model_name(m, row.name));
	else
		format_pid(g->name, sizeof g->name, g->id);
}

static size_t group_get(struct group_store *s, uint64_t id)
{
	uint32_t at = util_map_get(&s->by_id, id);

	if (at != UINT32_MAX)
		return at;
	if (s->count >= GROUPS_MOST && id != OTHERS)
		return group_get(s, OTHERS);
	s->groups = util_grow(s->groups, &s->room, s->count + 1, sizeof *s->groups);
	s->spreads = util_grow(s->spreads, &s->spread_room, s->count + 1, sizeof *s->spreads);
	s->groups[s->count] = (struct group) { .id = id };
	if (!s->spreads[s->count])
		s->spreads[s->count] = util_new(1, sizeof **s->spreads);
	*s->spreads[s->count] = (struct spread) { 0 };
	util_map_set(&s->by_id, id, (uint32_t) s->count);
	return s->count++;
}

void groups_row(struct model *m, const struct snap_process *row)
{
	size_t at = group_get(&m->groups, group_of(m->groups.by, row));

	m->groups.groups[at].count++;
	sums_add_row(m, &m->groups.groups[at].sums, row);
	spread_add(m->groups.spreads[at], row->total_bytes);
}

void groups_end(struct model *m)
{
	for (size_t i = 0; i < m->groups.count; i++) {
		struct group *g = &m->groups.groups[i];

		name_group(m, g, m->groups.by);
		g->p50 = spread_percentile(m->groups.spreads[i], 50);
		g->p99 = spread_percentile(m->groups.spreads[i], 99);
		g->most = (double) m->groups.spreads[i]->most;
	}
	view_stale(m, ROW_GROUP);
}

void groups_release(struct group_store *g)
{
	for (size_t i = 0; i < g->spread_room; i++)
		free(g->spreads[i]);
	free(g->spreads);
	free(g->groups);
	util_map_release(&g->by_id);
	*g = (struct group_store) { 0 };
}

void model_group_by(struct model *m, enum group_by by)
{
	m->groups.by = by < GROUP_BY_COUNT ? by : GROUP_OFF;
	m->needs_sums = true;
	view_stale(m, ROW_GROUP);
}

enum group_by model_grouping(const struct model *m) { return m->groups.by; }

const char *model_group_name(enum group_by by)
{
	static const char *const names[GROUP_BY_COUNT] = { "off", "initial call", "application", "parent" };

	return by < GROUP_BY_COUNT ? names[by] : "";
}
