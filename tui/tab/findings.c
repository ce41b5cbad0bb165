/*
 * findings - what is wrong, as sentences: evidence, meaning, proof, fix.
 */
#include "tui/tab/tabs.h"

#include <stdio.h>
#include <string.h>

#include "tui/tab/kit.h"

enum row_kind findings_kind(const struct session *s)
{
	(void) s;
	return ROW_FINDING;
}

static int paragraph(struct pane p, int row, const char *label, enum role role, const char *text)
{
	if (row >= p.rows || !*text)
		return row;
	pane_put(p, row, 1, role, label);
	return text_wrap(p, row, 11, 0, ROLE_NORMAL, text);
}

static void draw_finding(struct session *s, struct pane p, const struct finding *f)
{
	char title[96], since[FORMAT_SIZE], head[160];

	snprintf(title, sizeof title, "%c %s: %s", f->rule->letter, f->rule->name, f->subject);
	pane_rule(p, 0, title);
	format_value(since, sizeof since, UNIT_CLOCK, f->since);
	snprintf(head, sizeof head, "%s since %s in %s", f->level == FINDING_SURE ? "certain" : "a sign", since,
		kit_name(s, f->application));
	pane_put(p, 1, 1, f->level == FINDING_SURE ? ROLE_CRITICAL : ROLE_WATCH, head);
	int row = paragraph(p, 2, "evidence", ROLE_TITLE, f->evidence);
	row = paragraph(p, row, "meaning", ROLE_TITLE, f->rule->sentence);
	row = paragraph(p, row, "proof", ROLE_KEY, f->rule->proof);
	paragraph(p, row, "fix", ROLE_OK, f->rule->fix);
}

static void draw_none(struct pane p)
{
	int row = text_wrap(p, 1, 2, 0, ROLE_OK, "No findings.");

	text_wrap(p, row + 1, 2, 0, ROLE_DIM, "The rules watch every process, table, supervisor and the node: slices "
		"that pin large binaries, mailboxes and tables that grow, garbage that nobody collects, restart storms and "
		"more. A finding shows within about ten seconds of a sustained sign. Start a demo (5) to see one.");
}

void findings_draw(struct session *s, const struct layout *l, struct canvas *c)
{
	struct pane p = area_pane(c, l->body);
	const struct view *v = model_view(s->model, ROW_FINDING);
	int most = p.rows / 2 < 3 ? p.rows : p.rows / 2;
	int rows = (int) v->total + 1 < most ? (int) v->total + 1 : most;

	if (!v->total) {
		draw_none(p);
		return;
	}
	rows_draw(s, ROW_FINDING, pane_part(p, 0, 0, rows < 2 ? 2 : rows, p.cols));
	const struct row *r = view_selected(model_view(s->model, ROW_FINDING));
	if (r && p.rows - rows > 3)
		draw_finding(s, pane_part(p, rows + 1, 0, p.rows - rows - 1, p.cols), r->now);
}

void findings_hint(struct session *s, char *out, size_t size)
{
	(void) s;
	snprintf(out, size, "Enter goes there; g tries a collection on it; in Demos (5) x applies the fix");
}
