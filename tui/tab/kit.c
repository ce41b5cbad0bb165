/*
 * kit - see kit.h.
 */
#include "tui/tab/kit.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct { const char *key, *name; char letter; enum role role; } categories[KIT_CATEGORIES] = {
	{ "processes", "processes", 'p', ROLE_PROCESS }, { "binary", "binaries", 'b', ROLE_BINARY },
	{ "ets", "tables", 't', ROLE_ETS }, { "code", "code", 'c', ROLE_CODE }, { "atom", "atoms", 'a', ROLE_ATOM },
};

int kit_fact(struct pane p, int row, int col, const char *label, enum role role, const char *value)
{
	col = pane_put(p, row, col, ROLE_DIM, label);
	return pane_put(p, row, col + (*label != 0), role, value) + 3;
}

int kit_number(struct pane p, int row, int col, const char *label, enum role role, enum unit unit, double value)
{
	char text[FORMAT_SIZE];

	format_value(text, sizeof text, unit, value);
	col = pane_put(p, row, col, ROLE_DIM, label) + 1;
	int width = text_width(text);
	pane_figure(p, row, col + width, role, text);
	return col + width + 3;
}

void kit_aligned(struct pane p, int row, int col, int end, const char *label, enum role role, enum unit unit,
	double value)
{
	char text[FORMAT_SIZE];

	pane_put(p, row, col, ROLE_DIM, label);
	pane_figure(p, row, end, role, format_value(text, sizeof text, unit, value));
}

size_t kit_memory_parts(const struct session *s, struct part parts[KIT_CATEGORIES])
{
	for (size_t i = 0; i < KIT_CATEGORIES; i++)
		parts[i] = (struct part) { model_system_value(s->model, categories[i].key), categories[i].letter,
			categories[i].role };
	return KIT_CATEGORIES;
}

size_t kit_memory_curves(const struct session *s, struct curve curves[KIT_CATEGORIES])
{
	size_t count = 0;

	for (size_t i = 0; i < KIT_CATEGORIES; i++) {
		struct curve *c = &curves[count];
		curve_take(c, model_system_series(s->model, categories[i].key), CHART_POINTS, model_step_count(s->model));
		c->name = categories[i].name;
		c->letter = categories[i].letter;
		c->role = categories[i].role;
		count += c->count > 0;
	}
	return count;
}

static double seconds_kept(const struct session *s)
{
	const struct series *times = model_times(s->model);
	size_t back = model_step_count(s->model), count = times && times->count > back ? times->count - back : 0;
	double span = count > 1 ? series_at(times, back) - series_at(times, back + count - 1) : 0;
	double each = count > 1 ? span / (double) (count - 1) : 1;

	return count >= 60 ? span : each * 60;
}

void kit_memory_chart(struct session *s, struct pane p)
{
	struct curve curves[KIT_CATEGORIES];
	size_t count = kit_memory_curves(s, curves);
	int col = 3;

	if (p.rows < 4)
		return;
	pane_rule(p, 0, "memory");
	for (size_t i = 0; i < count && p.cols >= 60; i++) {
		col = i ? col : 14;
		pane_print(p, 0, col, curves[i].role, " ■ %s ", curves[i].name);
		col += (int) strlen(curves[i].name) + 4;
	}
	chart_stack(pane_part(p, 1, 1, p.rows - 1, p.cols - 2), curves, count, UNIT_BYTES, seconds_kept(s));
}

const char *kit_name(const struct session *s, uint32_t id)
{
	const char *text = model_name(s->model, id);

	return *text ? text : "-";
}

const char *kit_called(const struct session *s, uint32_t label, uint64_t pid, char *out, size_t size)
{
	const char *text = model_name(s->model, label);

	if (*text)
		snprintf(out, size, "%s", text);
	else if (pid)
		format_pid(out, size, pid);
	else
		snprintf(out, size, "-");
	return out;
}

const char *kit_status(uint8_t status)
{
	static const char *const words[SNAP_STATUS_COUNT] = { "waiting", "running", "runnable", "suspended", "collecting",
		"exiting", "hibernated" };

	return status < SNAP_STATUS_COUNT ? words[status] : "-";
}

/* ---- findings ---- */

int kit_findings(struct session *s, struct pane p, int row, struct finding_about about)
{
	size_t count;
	const struct finding *f = model_findings(s->model, &count);
	char head[96];

	for (size_t i = 0; i < count && row < p.rows; i++) {
		if (!finding_is_about(&f[i], about))
			continue;
		bool is_sure = f[i].level == FINDING_SURE;
		snprintf(head, sizeof head, "%c %s", f[i].rule->letter, f[i].rule->name);
		int col = pane_put(p, row, 1, is_sure ? ROLE_CRITICAL : ROLE_WATCH, head) + 1;
		col = pane_put(p, row, col, ROLE_DIM, is_sure ? "sure" : "watch") + 2;
		pane_fit(p, row++, col, p.cols - col - 1, ROLE_NORMAL, f[i].evidence);
		if (row < p.rows)
			row = text_wrap(p, row, 3, 0, ROLE_DIM, f[i].rule->sentence);
		if (row < p.rows) {
			pane_put(p, row, 3, ROLE_TITLE, "proof");
			row = text_wrap(p, row, 9, 0, ROLE_NORMAL, f[i].rule->proof);
		}
		if (row < p.rows) {
			pane_put(p, row, 3, ROLE_OK, "fix");
			row = text_wrap(p, row, 9, 0, ROLE_NORMAL, f[i].rule->fix);
		}
	}
	return row;
}

/* ---- a process from its row ---- */

static void process_history(struct session *s, struct pane p, int row, uint64_t pid, enum track what, const char *label,
	enum role role, enum unit unit)
{
	struct curve c;
	int cols = p.cols - 32 < 60 ? p.cols - 32 : 60;

	curve_take(&c, model_process_series(s->model, pid, what), CHART_POINTS, model_step_count(s->model));
	if (!c.count || cols < 8)
		return;
	pane_put(p, row, 1, ROLE_DIM, label);
	chart_spark(p, row, 14, cols, role, &c, 0);
	kit_aligned(p, row, 14 + cols, 14 + cols + 13, "", role, unit, c.value[c.count - 1]);
}

/* "total = memory + binaries + tables", in the colours of the parts. */
static int process_sum(struct pane p, int row, const struct snap_process *r)
{
	int col = kit_number(p, row, 1, "total", ROLE_STRONG, UNIT_BYTES, format_known(r->total_bytes)) - 2;

	col = pane_put(p, row, col, ROLE_DIM, "= ");
	col = kit_number(p, row, col, "memory", ROLE_PROCESS, UNIT_BYTES, format_known(r->memory)) - 2;
	col = pane_put(p, row, col, ROLE_DIM, "+ ");
	col = kit_number(p, row, col, "binaries", ROLE_BINARY, UNIT_BYTES, format_known(r->binary_share)) - 2;
	col = pane_put(p, row, col, ROLE_DIM, "+ ");
	return kit_number(p, row, col, "tables", ROLE_ETS, UNIT_BYTES, format_known(r->ets_bytes));
}

void kit_process(struct session *s, struct pane p, const struct snap_process *r)
{
	char title[96], called[64], pid[FORMAT_SIZE];
	int row = 1, col;

	snprintf(title, sizeof title, "%s  %s", kit_called(s, r->label, r->pid, called, sizeof called),
		format_pid(pid, sizeof pid, r->pid));
	pane_rule(p, 0, title);
	col = pane_put(p, row, 1, ROLE_NORMAL, kit_status(r->status));
	col = pane_put(p, row, col, ROLE_DIM, " in ");
	col = pane_put(p, row, col, ROLE_NORMAL, kit_name(s, r->current_function)) + 3;
	col = kit_fact(p, row, col, "app", ROLE_NAME, kit_name(s, r->application));
	if (col < p.cols - 20 && r->supervisor)
		kit_fact(p, row, col, "under", ROLE_NORMAL, format_pid(pid, sizeof pid, r->supervisor));
	process_sum(p, ++row, r);
	col = kit_number(p, ++row, 1, "heap", ROLE_YOUNG, UNIT_WORDS, format_known(r->heap_size));
	col = kit_number(p, row, col, "old", ROLE_OLD, UNIT_WORDS, format_known(r->old_heap_size));
	col = kit_number(p, row, col, "queue", ROLE_MAILBOX, UNIT_COUNT, format_known(r->message_queue_len));
	kit_number(p, row, col, "collections minor", ROLE_NORMAL, UNIT_COUNT, format_known(r->minor_gcs_total));
	process_history(s, p, ++row, r->pid, TRACK_TOTAL, "total", ROLE_PROCESS, UNIT_BYTES);
	process_history(s, p, ++row, r->pid, TRACK_QUEUE, "queue", ROLE_MAILBOX, UNIT_COUNT);
	process_history(s, p, ++row, r->pid, TRACK_REDUCTIONS, "reductions/s", ROLE_OK, UNIT_COUNT_RATE);
	kit_findings(s, p, row + 1, finding_about_process(r));
}

/* ---- log ---- */

void kit_log(struct session *s, struct pane p)
{
	if (p.rows < 3)
		return;
	pane_rule(p, 0, "events");
	rows_draw_plain(s, ROW_EVENT, pane_part(p, 1, 0, p.rows - 1, p.cols));
}
