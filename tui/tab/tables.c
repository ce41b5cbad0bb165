/*
 * tables - ETS tables: size, bytes, traffic, owner; and their objects, a page at a time.
 */
#include "tui/tab/tabs.h"

#include <stdio.h>
#include <string.h>

#include "tui/tab/kit.h"

enum row_kind tables_kind(const struct session *s)
{
	(void) s;
	return ROW_TABLE;
}

static void draw_about(struct session *s, struct pane p, const struct snap_table *t)
{
	char pid[FORMAT_SIZE];
	int row = 1, col = 1;

	if (p.rows < 3)
		return;
	pane_rule(p, 0, kit_name(s, t->name));
	col = kit_fact(p, row, col, "", ROLE_NORMAL, t->type);
	col = kit_fact(p, row, col, "access", ROLE_NORMAL, t->protection);
	col = kit_fact(p, row, col, "owner", ROLE_NAME, t->owner ? format_pid(pid, sizeof pid, t->owner) : "-");
	kit_fact(p, row++, col, "heir", ROLE_NORMAL, t->heir ? format_pid(pid, sizeof pid, t->heir) : "none");
	col = kit_number(p, row, 1, "objects", ROLE_STRONG, UNIT_COUNT, format_known(t->size));
	col = kit_number(p, row, col, "hold", ROLE_ETS, UNIT_BYTES, format_known(t->bytes));
	col = kit_number(p, row, col, "", ROLE_DIM, UNIT_WORDS, format_known(t->memory_words));
	kit_number(p, row++, col, "binaries pinned by rows", ROLE_BINARY, UNIT_BYTES, format_known(t->binary_bytes));
	col = kit_number(p, row, 1, "inserts", ROLE_NORMAL, UNIT_COUNT, format_known(t->inserts));
	col = kit_number(p, row, col, "deletes", ROLE_NORMAL, UNIT_COUNT, format_known(t->deletes));
	kit_number(p, row++, col, "lookups", ROLE_NORMAL, UNIT_COUNT, format_known(t->lookups));
	if (!t->heir && t->owner && row < p.rows)
		pane_fit(p, row++, 1, p.cols - 2, ROLE_DIM, "It dies with its owner; no collection shrinks a table.");
	kit_findings(s, p, row, (struct finding_about) { .table = t->id });
}

void tables_draw(struct session *s, const struct layout *l, struct canvas *c)
{
	kit_memory_chart(s, area_pane(c, l->chart));
	rows_draw(s, ROW_TABLE, area_pane(c, l->list));
	rows_caption(s, ROW_TABLE, area_pane(c, l->caption));
	const struct row *r = view_selected(model_view(s->model, ROW_TABLE));
	if (r)
		draw_about(s, area_pane(c, l->side.rows ? l->side : l->under), r->now);
	kit_log(s, area_pane(c, l->log));
}

void tables_hint(struct session *s, char *out, size_t size)
{
	(void) s;
	snprintf(out, size, "Enter pages through the objects; g collects the owner: no table shrinks by it");
}

/* ---- objects of one table ---- */

void content_draw(struct session *s, const struct layout *l, struct canvas *c)
{
	struct pane p = area_pane(c, l->body);
	struct visit *v = session_visit(s);
	struct source *source = model_source(s->model);
	struct snap_table_page page;
	char title[96];

	if (!source->read_table || !source->read_table(source, v->subject, (uint64_t) v->scroll, &page)) {
		pane_put(p, 1, 1, ROLE_DIM, "The table is gone. Esc goes back.");
		return;
	}
	snprintf(title, sizeof title, "objects %llu-%llu of %llu", (unsigned long long) page.offset + (page.count > 0),
		(unsigned long long) (page.offset + page.count), (unsigned long long) page.total);
	pane_rule(p, 0, title);
	for (size_t i = 0; i < page.count && (int) i + 1 < p.rows; i++) {
		char rank[24];
		snprintf(rank, sizeof rank, "%llu", (unsigned long long) (page.offset + i + 1));
		pane_right(p, (int) i + 1, 9, ROLE_DIM, rank);
		pane_fit(p, (int) i + 1, 11, p.cols - 12, ROLE_NORMAL, page.rows[i]);
	}
	if (!page.count)
		pane_put(p, 1, 11, ROLE_DIM, "It is empty.");
}

void content_hint(struct session *s, char *out, size_t size)
{
	(void) s;
	snprintf(out, size, "PgUp and PgDn page through the objects; Home goes to the first; Esc back");
}

bool content_on_key(struct session *s, uint32_t key)
{
	struct visit *v = session_visit(s);
	int before = v->scroll;

	switch (key) {
	case K_DOWN: case 'j': v->scroll++; break;
	case K_UP: case 'k': v->scroll--; break;
	case K_PAGE_DOWN: v->scroll += 20; break;
	case K_PAGE_UP: v->scroll -= 20; break;
	case K_HOME: v->scroll = 0; break;
	default: return false;
	}
	if (v->scroll < 0)
		v->scroll = before > 0 ? 0 : before;
	return true;
}
