/*
 * rows - a view of the model as a table: headings, the page, marks, the selected line.
 *
 * Which columns fit is decided by their priority; the one that orders the list is always there. Widths
 * never depend on what is in the cells, so nothing jumps from frame to frame.
 */
#ifndef TUI_TAB_ROWS_H
#define TUI_TAB_ROWS_H

#include "tui/tab/session.h"

/* Draws heading and page of a kind and tells the model how many lines there are. */
void rows_draw(struct session *s, enum row_kind kind, struct pane p);

/* The same without selection, marks and clicks: a small table inside another place. */
void rows_draw_plain(struct session *s, enum row_kind kind, struct pane p);

/* One line on order, filter, difference and place in the list. */
void rows_caption(struct session *s, enum row_kind kind, struct pane p);

/* Columns that fit into `cols`, in order, with their widths; how many. */
size_t rows_fit(struct session *s, enum row_kind kind, int cols, const struct column **out, int *widths);

/* A text of a model's column as it stands in a cell of that width. */
enum role rows_role(const struct column *c, const struct row *r);

/* The pane of an area. */
struct pane area_pane(struct canvas *c, struct area a);

#endif
