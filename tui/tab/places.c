/*
 * places - the table of all places. A new tab is a file and a row.
 */
#include "tui/tab/tabs.h"

#include <string.h>

static const struct place places[PLACE_COUNT] = {
	[PLACE_APPLICATIONS] = { "Applications", "Apps", "applications", applications_kind, applications_draw,
		applications_hint, NULL },
	[PLACE_PROCESSES] = { "Processes", "Procs", "processes", processes_kind, processes_draw, processes_hint, NULL },
	[PLACE_SYSTEM] = { "System", "Sys", "system", system_kind, system_draw, system_hint, system_on_key },
	[PLACE_TABLES] = { "Tables", "Tabs", "tables", tables_kind, tables_draw, tables_hint, NULL },
	[PLACE_DEMOS] = { "Demos", "Demos", "demos", demos_kind, demos_draw, demos_hint, demos_on_key },
	[PLACE_DETAIL] = { "Process", "Proc", "detail", detail_kind, detail_draw, detail_hint, detail_on_key },
	[PLACE_FINDINGS] = { "Findings", "Find", "findings", findings_kind, findings_draw, findings_hint, NULL },
	[PLACE_EVENTS] = { "Events", "Events", "events", events_kind, events_draw, events_hint, NULL },
	[PLACE_LOG] = { "Receipts", "Log", "receipts", log_kind, events_draw, events_hint, NULL },
	[PLACE_CONTENT] = { "Table", "Table", "content", tables_kind, content_draw, content_hint, content_on_key },
	[PLACE_FLOW] = { "Message flow", "Flow", "flow", flow_kind, events_draw, events_hint, NULL },
	[PLACE_CHANGES] = { "Changes", "New", "changes", changes_kind, events_draw, events_hint, NULL },
	[PLACE_CARD] = { "Demo", "Demo", "card", demos_kind, card_draw, card_hint, card_on_key },
};

const struct place *place_of(enum place_id id)
{
	return &places[id];
}

enum place_id place_find(const char *name)
{
	size_t i = 0;

	while (i < PLACE_COUNT && strcmp(places[i].name, name))
		i++;
	return (enum place_id) i;
}
