/*
 * demo_table - what is expected of each demo: which figure tells it, how that moves, and what collections do to it.
 *
 * check_catalogue holds the demos to it; gc_helps prints what they really do, beside what the BEAM did.
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

enum gc_effect { GC_ANY, GC_NOTHING, GC_HELPS, GC_WORSE };

struct demo_row {
	const char *demo;
	enum figure figure;
	enum shape shape;
	unsigned fix_at_s;              /* when the signature is whole: the fix and the collections come then */
	unsigned settle_s;              /* from the fix to the second collection */
	enum gc_effect before, after;
	const char *beam;               /* what the BEAM did, as recorded in docs/gc-helps.md */
	const char *why;                /* why it differs here; "": it does not */
};

extern const struct demo_row demo_rows[];
extern const size_t demo_row_count;

/* The row of a demo, or NULL. */
const struct demo_row *demo_row_find(const char *demo);
uint64_t demo_figure(struct demo_run *r, enum figure figure);

/* What a receipt says in one word, from what moved: bytes of own memory, queue and held binaries together. */
enum gc_effect gc_effect_of(const struct snap_receipt *receipt);
const char *gc_effect_text(enum gc_effect effect);

#endif
