/*
 * events - plain lists of what happened: the flight recorder, receipts, message flow, new and gone processes.
 */
#include "tui/tab/tabs.h"

#include <stdio.h>
#include <string.h>

#include "tui/tab/kit.h"

enum row_kind events_kind(const struct session *s)
{
	(void) s;
	return ROW_EVENT;
}

enum row_kind log_kind(const struct session *s)
{
	return session_visit_const(s)->page ? ROW_NOTICE : ROW_RECEIPT;
}

enum row_kind flow_kind(const struct session *s)
{
	(void) s;
	return ROW_EDGE;
}

enum row_kind changes_kind(const struct session *s)
{
	(void) s;
	return ROW_CHANGE;
}

void events_draw(struct session *s, const struct layout *l, struct canvas *c)
{
	struct pane p = area_pane(c, l->body);
	enum row_kind kind = session_kind(s);

	rows_draw(s, kind, pane_part(p, 1, 0, p.rows - 1, p.cols));
	rows_caption(s, kind, pane_part(p, 0, 0, 1, p.cols));
}

void events_hint(struct session *s, char *out, size_t size)
{
	unsigned long long lost = (unsigned long long) model_events_lost(s->model);

	switch (session_visit(s)->place) {
	case PLACE_EVENTS:
		if (lost)
			snprintf(out, size, "%llu events were lost to the ring; \\ filters, / searches, Enter opens", lost);
		else
			snprintf(out, size, "\\ filters (event~gc us>1000), / searches, Enter opens the process; :flow counts who sends to whom");
		break;
	case PLACE_LOG: snprintf(out, size, "left and right: receipts and notices; Esc back"); break;
	case PLACE_FLOW: snprintf(out, size,
		"who sends to whom, counted while this is open; Enter opens the receiver"); break;
	default: snprintf(out, size,
		"processes that came and went since the mark; m marks anew, d changes the window"); break;
	}
}
