/*
 * chart - numbers over time as shapes: sparkline, line chart, stacked areas.
 *
 *   269 MiB ┤        ⣀⠤⠒⠉          braille: two samples and four levels a cell
 *           │    ⣀⠤⠒⠉              blocks:  one sample, eight levels
 *         0 ┼─────────────         ASCII:   one sample, eight letters
 *            -60 s      now
 *
 * Values come as an array, oldest first; NaN is a gap, drawn as nothing. Scales go in steps 1, 2, 5 of
 * the unit and start at 0, so that a flat line is flat and a doubled one is twice as high.
 */
#ifndef TUI_WIDGET_CHART_H
#define TUI_WIDGET_CHART_H

#include "tui/model/format.h"
#include "tui/model/series.h"
#include "tui/widget/canvas.h"

#define CHART_POINTS SERIES_LENGTH
#define CHART_STACK 8           /* curves on top of each other, at most */

/* One curve: its values, oldest first. */
struct curve { const char *name; char letter; enum role role; size_t count; double value[CHART_POINTS]; };

/* Copies the newest `most` values of a series, oldest first; NULL gives an empty curve. */
void curve_take(struct curve *c, const struct series *s, size_t most, size_t age);

/* The first round number not below `value`: 1, 2, 5 times a power of 10, of bytes times a power of 1024. */
double chart_ceiling(double value, enum unit unit);

/*
 * A curve in one row of `cols` cells, newest right, scaled from 0 to `most`; when that is 0, so
 * that its own maximum stays an eighth below the top, and sparks under each other do not run together.
 */
void chart_spark(struct pane p, int row, int col, int cols, enum role role, const struct curve *c, double most);

/*
 * Curves over each other with a labelled axis, `seconds` long; `cap` draws a limit when above 0 and
 * within reach. Needs 3 rows and 24 columns; draws nothing in less.
 */
void chart_lines(struct pane p, const struct curve *curves, size_t count, enum unit unit, double seconds, double cap);

/* Curves on top of each other, the first at the bottom, with their letters inside where there is room. */
void chart_stack(struct pane p, const struct curve *curves, size_t count, enum unit unit, double seconds);

#endif
