/*
 * text - paragraphs: words wrapped into a pane.
 */
#ifndef TUI_WIDGET_TEXT_H
#define TUI_WIDGET_TEXT_H

#include "tui/widget/canvas.h"

/*
 * Wraps a paragraph from `row` on, lines after the first indented by `indent` columns. Gives the row after
 * it. What does not fit the pane is cut. A newline begins a new line.
 */
int text_wrap(struct pane p, int row, int col, int indent, enum role role, const char *text);

/* Rows that text_wrap would take in `cols` columns. */
int text_rows(const char *text, int cols, int indent);

#endif
