/*
 * session - see session.h.
 */
#include "tui/tab/session.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/model/util.h"
#include "tui/tab/tabs.h"

void session_init(struct session *s, struct model *m)
{
	memset(s, 0, sizeof *s);
	s->model = m;
	s->theme = theme_find("default");
	s->interval_us = 1000000;
	s->hint_place = PLACE_COUNT;
	s->visit_count = 1;
	for (size_t i = 0; i < PLACE_TABS; i++)
		s->tab_kept[i].place = (enum place_id) i;
}

void session_release(struct session *s)
{
	model_open_detail(s->model, 0);
	free(s->held_pids);
	free(s->beside);
	memset(s, 0, sizeof *s);
}

struct visit *session_visit(struct session *s)
{
	return &s->visits[s->visit_count - 1];
}

const struct visit *session_visit_const(const struct session *s)
{
	return &s->visits[s->visit_count - 1];
}

enum row_kind session_kind(const struct session *s)
{
	return place_of(session_visit_const(s)->place)->kind(s);
}

static void events_settle(struct session *s)
{
	char wanted[64], error[120];

	detail_events_filter(session_visit(s), wanted, sizeof wanted);
	if (*wanted && !s->has_event_filter)
		util_print(s->event_filter, sizeof s->event_filter, "%s", filter_text(model_view(s->model, ROW_EVENT)->filter));
	if (*wanted || s->has_event_filter)
		model_filter(s->model, ROW_EVENT, *wanted ? wanted : s->event_filter, error, sizeof error);
	s->has_event_filter = *wanted != 0;
}

/* Counting who sends to whom costs something, so it ends with the place that shows it. */
static void edges_settle(struct session *s)
{
	struct command off = { .kind = COMMAND_EDGES, .subject = "", .estimate = SNAP_UNKNOWN };

	for (size_t i = 0; i < s->visit_count; i++)
		if (s->visits[i].place == PLACE_FLOW)
			return;
	if (s->counts_edges)
		model_command(s->model, &off);
	s->counts_edges = false;
}

/* The model answers for one process at a time: the topmost detail. */
void session_settle(struct session *s)
{
	const struct visit *v = session_visit(s);

	if (s->message_role == ROLE_NORMAL)     /* it was about the place before */
		s->message_until_ms = 0;
	model_open_detail(s->model, v->place == PLACE_DETAIL ? v->subject : 0);
	events_settle(s);
	edges_settle(s);
}

void session_go_tab(struct session *s, enum place_id tab)
{
	s->tab_kept[s->visits[0].place] = s->visits[0];
	s->visits[0] = s->tab_kept[tab];
	s->visit_count = 1;
	session_settle(s);
}

void session_open(struct session *s, enum place_id place, uint64_t subject)
{
	struct visit *v = session_visit(s);

	if (v->place == place && v->subject == subject)
		return;
	if (s->visit_count == SESSION_VISITS) {
		memmove(&s->visits[1], &s->visits[2], sizeof s->visits[0] * (SESSION_VISITS - 2));
		s->visit_count--;
	}
	int page = v->place == PLACE_DETAIL && place == PLACE_DETAIL ? v->page : 0;
	s->visits[s->visit_count++] = (struct visit) { .place = place, .subject = subject, .page = page };
	session_settle(s);
}

bool session_back(struct session *s)
{
	if (s->visit_count == 1)
		return false;
	s->visit_count--;
	session_settle(s);
	return true;
}

void session_say(struct session *s, enum role role, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(s->message, sizeof s->message, format, arguments);
	va_end(arguments);
	s->message_role = role;
	s->message_until_ms = s->now_ms + 5000 + 40 * strlen(s->message);
}

static enum role verdict_role(const char *verdict)
{
	return !strcmp(verdict, "grew") ? ROLE_CRITICAL : !strncmp(verdict, "dead", 4) ? ROLE_OK : ROLE_WATCH;
}

static size_t receipt_part(char *out, size_t size, const char *what, uint64_t before, uint64_t after)
{
	char was[FORMAT_SIZE], is[FORMAT_SIZE];

	if (!before && !after)
		return 0;
	format_bytes(was, sizeof was, format_known(before));
	format_bytes(is, sizeof is, format_known(after));
	return util_print(out, size, "  %s %s → %s", what, was, is);
}

/* The verdict stands first: it must be read even where the line is cut. */
static void receipt_text(const struct snap_receipt *r, char *out, size_t size)
{
	size_t used = util_print(out, size, "%s: %s %s", r->verdict, r->action, r->subject);
	char took[FORMAT_SIZE];

	used += receipt_part(out + used, size - used, "own", r->own_before, r->own_after);
	used += receipt_part(out + used, size - used, "queue", r->queue_before, r->queue_after);
	used += receipt_part(out + used, size - used, "binaries", r->binary_before, r->binary_after);
	util_print(out + used, size - used, "  %s", format_value(took, sizeof took, UNIT_US, (double) r->us));
}

void session_catch_up(struct session *s)
{
	const struct snap_notice *n = model_last_notice(s->model);
	const struct snap_receipt *r = model_last_receipt(s->model);
	char text[SESSION_TEXT], promise[80];

	if (n && n->serial != s->notice_seen) {
		s->notice_seen = n->serial;
		session_say(s, strcmp(n->level, "info") ? ROLE_WATCH : ROLE_NORMAL, "%s", n->text);
	}
	if (r && r->serial != s->receipt_seen) {
		s->receipt_seen = r->serial;
		receipt_text(r, text, sizeof text);
		model_receipt_estimate(r, promise, sizeof promise);
		session_say(s, verdict_role(r->verdict), "%s%s%s", text, *promise ? "  " : "", promise);
		s->message_until_ms += 5000;
		s->receipt_until_ms = s->now_ms + SESSION_RECEIPT_MS;
	}
}

void session_hit(struct session *s, struct pane p, int row, int col, int rows, int cols, enum hit_kind kind, long value,
	const void *what)
{
	struct pane part = pane_part(p, row, col, rows, cols);

	if (s->hit_count < SESSION_HITS && part.rows && part.cols)
		s->hits[s->hit_count++] = (struct hit) { kind, part.row, part.col, part.rows, part.cols, value, what };
}

/* What was drawn last lies on top. */
const struct hit *session_hit_at(const struct session *s, int row, int col)
{
	for (size_t i = s->hit_count; i-- > 0;) {
		const struct hit *h = &s->hits[i];
		if (row >= h->row && row < h->row + h->rows && col >= h->col && col < h->col + h->cols)
			return h;
	}
	return NULL;
}

size_t session_columns(const struct session *s, enum row_kind kind, const struct column **out)
{
	const struct chosen *c = &s->chosen[kind];

	if (!c->count)
		return columns_with(kind, COLUMN_SCREEN, out, SESSION_COLUMNS);
	memcpy(out, c->columns, c->count * sizeof *out);
	return c->count;
}

void session_columns_set(struct session *s, enum row_kind kind, const struct column *const *columns, size_t count)
{
	struct chosen *c = &s->chosen[kind];

	c->count = count < SESSION_COLUMNS ? count : SESSION_COLUMNS;
	memcpy(c->columns, columns, c->count * sizeof *columns);
	model_watch_columns(s->model, kind, columns, c->count);
}

const struct snap_application *session_demo(struct session *s)
{
	const struct view *v = model_view(s->model, ROW_DEMO);
	const struct row *r = view_selected(v);

	return r ? r->now : NULL;
}

static uint64_t row_pid(const struct row *r)
{
	switch (r->kind) {
	case ROW_PROCESS: return ((const struct snap_process *) r->now)->pid;
	case ROW_TREE: return ((const struct tree_line *) r->now)->pid;
	case ROW_TABLE: return ((const struct snap_table *) r->now)->owner;
	case ROW_FINDING: return ((const struct finding *) r->now)->pid;
	case ROW_EVENT: return ((const struct snap_event *) r->now)->pid;
	case ROW_EDGE: return ((const struct snap_edge *) r->now)->to;
	case ROW_APPLICATION: return ((const struct snap_application *) r->now)->top_supervisor;
	case ROW_CHANGE: return ((const struct change *) r->now)->is_gone ? 0 : ((const struct change *) r->now)->pid;
	default: return 0;
	}
}

uint64_t session_pid(struct session *s)
{
	const struct visit *v = session_visit(s);

	if (v->place == PLACE_DETAIL)
		return v->subject;
	const struct row *r = view_selected(model_view(s->model, session_kind(s)));
	return r ? row_pid(r) : 0;
}
