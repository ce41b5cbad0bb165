/*
 * receipt - see receipt.h.
 */
#include "tui/receipt.h"

#include <stdio.h>
#include <string.h>

#include "tui/model/util.h"
#include "tui/tab/kit.h"

#define WIDTH 62
#define LEAST_ROWS 12           /* of the body: below that the status line must do */

struct amount { const char *word; enum role role; uint64_t before, after; };

static void draw_amount(struct pane p, int row, const struct amount *a)
{
	double change = (double) a->after - (double) a->before;
	char text[FORMAT_SIZE];

	pane_put(p, row, 0, a->role, a->word);
	pane_figure(p, row, 22, ROLE_NORMAL, format_bytes(text, sizeof text, (double) a->before));
	pane_figure(p, row, 36, ROLE_NORMAL, format_bytes(text, sizeof text, (double) a->after));
	format_signed(text, sizeof text, UNIT_BYTES, change);
	pane_figure(p, row, 50, change < 0 ? ROLE_OK : change > 0 ? ROLE_CRITICAL : ROLE_DIM, change == 0 ? "·" : text);
}

static int draw_amounts(struct pane p, const struct snap_receipt *r)
{
	const struct amount amounts[] = { { "own memory", ROLE_PROCESS, r->own_before, r->own_after },
		{ "queue", ROLE_MAILBOX, r->queue_before, r->queue_after },
		{ "binaries", ROLE_BINARY, r->binary_before, r->binary_after } };
	int row = 1;

	pane_right(p, 0, 22, ROLE_DIM, "before");
	pane_right(p, 0, 36, ROLE_DIM, "after");
	pane_right(p, 0, 50, ROLE_DIM, "change");
	for (size_t i = 0; i < UTIL_LENGTH(amounts); i++)
		if (!i || amounts[i].before || amounts[i].after)
			draw_amount(p, row++, &amounts[i]);
	return row;
}

/* What the survey had promised stands beside what was dead. A block that has garbage may stay as large. */
static int draw_facts(struct pane p, int row, const struct snap_receipt *r)
{
	int col = kit_number(p, row, 0, "took", ROLE_NORMAL, UNIT_US, (double) r->us);

	if (r->processes != 1)
		col = kit_number(p, row, col, "processes", ROLE_NORMAL, UNIT_COUNT, (double) r->processes);
	col = kit_number(p, row, col, "found dead", ROLE_STRONG, UNIT_BYTES, (double) r->dead_bytes);
	if (r->estimate != SNAP_UNKNOWN)
		kit_number(p, row, col, "promised", ROLE_NORMAL, UNIT_BYTES, (double) r->estimate);
	return row + 1;
}

static const char *meaning(const struct snap_receipt *r)
{
	static const char lead[] = "Verdict: ";
	const char *text = columns_explain(r->verdict);

	if (!text)
		return "";
	return strncmp(text, lead, sizeof lead - 1) ? text : text + sizeof lead - 1;
}

/* Something was measured: an exit or a send has no before and after. */
static bool has_amounts(const struct snap_receipt *r)
{
	return r->own_before || r->queue_before || r->binary_before;
}

static struct pane place_for(const struct layout *l, struct canvas *c, int rows)
{
	int cols = WIDTH < l->body.cols ? WIDTH : l->body.cols, row = l->body.row + l->body.rows - rows;

	if (c->cursor_row >= row)
		row = l->body.row + 2;
	return pane_on(pane_part(canvas_pane(c), row, l->body.col + l->body.cols - cols, rows, cols), GROUND_OVERLAY);
}

void receipt_draw(struct session *s, const struct layout *l, struct canvas *c)
{
	const struct snap_receipt *r = model_last_receipt(s->model);
	char title[160];

	if (!r || s->now_ms >= s->receipt_until_ms || !has_amounts(r) || l->body.rows < LEAST_ROWS)
		return;
	int words = text_rows(meaning(r), WIDTH - 4, 0);
	int rows = 5 + !!(r->queue_before | r->queue_after) + !!(r->binary_before | r->binary_after) + words;
	struct pane p = place_for(l, c, rows);
	util_print(title, sizeof title, "%s: %s %s", r->verdict, r->action, r->subject);
	p = pane_frame(p, title);
	p = pane_part(p, 0, 1, p.rows, p.cols - 2);
	int row = draw_facts(p, draw_amounts(p, r), r);
	text_wrap(p, row, 0, 0, ROLE_STRONG, meaning(r));
}
