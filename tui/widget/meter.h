/*
 * meter - one number as a length: a bar, a bar of parts, and figures large enough for the back row.
 *
 * Parts carry their letter inside, so that a bar reads without colour.
 */
#ifndef TUI_WIDGET_METER_H
#define TUI_WIDGET_METER_H

#include "tui/widget/canvas.h"

struct part { double value; char letter; enum role role; };

/* A bar of `cols` cells, `fraction` of it filled; NaN draws an empty one. */
void meter_bar(struct pane p, int row, int col, int cols, enum role role, double fraction);

/* Parts of a `whole` beside each other; what is left of it stays empty. A part above zero gets a cell. */
void meter_parts(struct pane p, int row, int col, int cols, const struct part *parts, size_t count, double whole);

/* A text of digits, point, sign and letters in figures METER_BIG_ROWS high; gives the columns it takes. */
#define METER_BIG_ROWS 3
int meter_big(struct pane p, int row, int col, enum role role, const char *text);

#endif
