/*
 * layout - which part of the screen goes where, at every size.
 *
 *   tabs                    always
 *   summary                 totals; larger when presenting
 *   findings                from 12 rows
 *   ┌ body ───────────┐
 *   │ chart           │     from 50 rows and 100 columns
 *   │ caption         │     from 20 rows: order, filter, place in the list
 *   │ list   │ side   │     side from 160 columns and 30 rows
 *   │ under           │     from 36 rows where there is no side
 *   │ log             │     from 50 rows
 *   └─────────────────┘
 *   status                  from 10 rows
 *   keys                    always
 *
 * Below 40x8 nothing but `whole` is there. Areas never overlap and cover the screen. A part that is
 * missing has no rows.
 */
#ifndef TUI_WIDGET_LAYOUT_H
#define TUI_WIDGET_LAYOUT_H

#include <stdbool.h>

#define LAYOUT_LEAST_ROWS 8
#define LAYOUT_LEAST_COLS 40

struct area { int row, col, rows, cols; };

struct layout {
	bool is_too_small;
	struct area whole, tabs, summary, findings, body, status, keys;
	struct area chart, caption, list, side, under, log;     /* parts of body */
};

/* Pure. */
struct layout layout_make(int rows, int cols, bool is_presenting);

#endif
