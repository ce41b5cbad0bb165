/*
 * demo_table - what is expected of each demo: which figure tells it, and how that moves. check_catalogue
 * holds the demos to it; what collections do to them is in gc_cells.
 */
#ifndef TESTS_DEMO_TABLE_H
#define TESTS_DEMO_TABLE_H

#include "tests/demo_run.h"

/* Where a demo shows: a category, a count, or the reductions of its culprit. */
enum figure { BINARY, PROCESSES, ETS, ATOMS, COUNT, UNATTRIBUTED, DROPPED, RESTARTS, REDUCTIONS, TOTAL, CARRIERS };

enum shape {
	GROWS,          /* a line, up to the ceiling */
	STEPS,          /* there within seconds, and stays */
	SWINGS,         /* comes and goes */
	STABLE,         /* does not grow */
	COUNTS,         /* a count rises, memory does not */
};

struct demo_row {
	const char *demo;
	enum figure figure;
	enum shape shape;
	unsigned fix_at_s;              /* when the signature is whole: the fix comes then */
	unsigned settle_s;              /* from the fix until it has done what it does */
};

extern const struct demo_row demo_rows[];
extern const size_t demo_row_count;

/* The row of a demo, or NULL. */
const struct demo_row *demo_row_find(const char *demo);
uint64_t demo_figure(struct demo_run *r, enum figure figure);

#endif
