/*
 * gc_cells - does a collection help? Cell by cell: a demo at a moment, a collection of somebody, and what it does.
 *
 * check_catalogue holds every cell to its answer; gc_helps prints what was measured, beside what the BEAM did, as
 * docs/gc-helps.md. The answers are not read off the cards: they are the receipts and the system's figures before and after.
 */
#ifndef TESTS_GC_CELLS_H
#define TESTS_GC_CELLS_H

#include "tests/demo_run.h"

enum gc_effect { GC_NOTHING, GC_HELPS, GC_WORSE, GC_KILLS };

/* Where it would show. MEMORY and HELD are the receipt's own: heaps and queues, and binaries held, of who was collected. */
enum gc_figure { MEMORY, HELD, ALL_BINARIES, ALL_TABLES, IN_NO_ROW, ATOM_COUNT, REAL_BYTES };

/* What happens before: a knob is turned, a process stands still or goes on. At 0 a knob is how the demo starts. */
enum gc_act_kind { ACT_END, ACT_SET, ACT_SUSPEND, ACT_RESUME };
struct gc_act { unsigned at_s; enum gc_act_kind kind; const char *what; int64_t value; };
#define GC_ACTS 5

struct gc_cell {
	const char *story, *demo;
	const char *when;               /* in words: of whom, and when */
	unsigned at_s;                  /* the collection comes then */
	const char *subject;            /* a registered name or an initial call; NULL: every process */
	enum gc_figure figure;
	enum gc_effect effect;
	const char *verdict;            /* the receipt's word */
	const char *beam;               /* what the BEAM's figures were; "-": not measured there */
	const char *note;               /* why the figures are others, "" = they need no word */
	struct gc_act acts[GC_ACTS + 1];
};

extern const struct gc_cell gc_cells[];
extern const size_t gc_cell_count;

struct gc_measured { uint64_t before, after; enum gc_effect effect; char verdict[40]; };

/* Runs the cell's demo in a world of its own, up to its collection and until the receipt is there. */
struct gc_measured gc_cell_measure(const struct gc_cell *cell, uint64_t seed);
/* Is the fix on when it is collected? */
bool gc_cell_is_fixed(const struct gc_cell *cell);
const char *gc_effect_text(enum gc_effect effect);

#endif
