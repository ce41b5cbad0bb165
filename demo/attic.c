/*
 * attic - S17: the cache was emptied, and the memory stayed.
 *
 * A cache is filled; twice a minor collection finds all of it alive and carries it up into the old generation. Then it is
 * emptied. From then on only small requests come: the young generation fills and is collected again and again, and nobody
 * looks into the attic. The counter that would send someone there is fullsweep_after, and it stands at 65535.
 *
 *      young [..new..]  minor, minor, minor ...        old [ffffffffffffffffff dead ffffffffffffffffff]
 *
 * Claim of the article: "If you never trigger a full sweep, old garbage can linger indefinitely." True for quiet processes;
 * one that stays busy and changing fills its old heap and is swept anyway.
 *
 * The cure: fullsweep_after 10 for this process (or hibernate after emptying).
 */
#include "demo/load.h"

enum { ENTRIES = KNOB_FIRST, FULLSWEEP, RATE };

#define ROWS_AT_ONCE 5000
#define FIX_FULLSWEEP 10
#define ENTRY_BYTES 40
#define PEAK_FACTOR 3 / 2               /* of the block that the growing cache is copied into */
#define ANSWER_CELLS 5

/* ---- cache: filled once for each size, emptied, then small requests --------------------------------------- */

enum { CACHE, FILLED, SIZE, TURN, SLOTS };

static int64_t number(struct process *p, unsigned slot)
{
	return term_is_small(slot_get(p, slot)) ? term_to_small(slot_get(p, slot)) : 0;
}

static void set_number(struct process *p, unsigned slot, int64_t n)
{
	slot_set(p, slot, term_from_small((intptr_t) n));
}

static void set_fullsweep(struct process *p)
{
	struct heap_options options = HEAP_OPTIONS_DEFAULT;

	options.fullsweep_after = load_fixed(p) ? FIX_FULLSWEEP : (uint32_t) knob_get(p, FULLSWEEP);
	process_set_heap_options(p, &options);
}

static void fill_some(struct process *p)
{
	int64_t filled = number(p, FILLED);
	size_t some = size_min((size_t) (number(p, SIZE) - filled), ROWS_AT_ONCE);
	term rows = load_rows(p, slot_get(p, CACHE), filled, some);

	slot_set(p, CACHE, rows);
	set_number(p, FILLED, filled + (int64_t) some);
}

/* Enum.to_list(1..5): garbage at once, which is what small requests leave. */
static void answer(struct process *p, term to)
{
	struct builder *b = RESERVE(p, 2 * ANSWER_CELLS + 3);
	term list = TERM_NIL;

	for (int i = ANSWER_CELLS; i > 0; i--)
		list = build_cons(b, term_from_small(i), list);
	process_send(p, to, build_tuple2(b, ATOM(ok), list));
}

/* Requests until another size is wanted. */
static enum next serve(struct process *p)
{
	term m;

	while (process_receive(p, &m)) {
		if (load_is_env(p, m, "fix") || load_is_env(p, m, "fullsweep"))
			set_fullsweep(p);
		else if (load_is_tuple(m, 1))
			answer(p, tuple_at(m, 0));
		if (process_charge(p, 4))
			return STEP_YIELD;
	}
	return knob_get(p, ENTRIES) == number(p, SIZE) ? STEP_WAIT : STEP_NEXT;
}

/* The bottom frame loops: fill, carry up, empty, serve. */
static enum next cache_loop(struct process *p)
{
	enum next next;

	PROGRAM(p, SLOTS);
	x_clear(p);
	knob_subscribe(p);
	set_fullsweep(p);
	for (;;) {
		LOAD_AWAIT_ROOM(p, load_knob(p, ENTRIES) * ENTRY_BYTES * PEAK_FACTOR);
		set_number(p, SIZE, knob_get(p, ENTRIES));
		for (set_number(p, FILLED, 0); number(p, FILLED) < number(p, SIZE);) {
			fill_some(p);
			YIELD(p);
		}
		process_collect(p, false, 0, NULL, 0);
		process_collect(p, false, 0, NULL, 0);
		slot_set(p, CACHE, TERM_NIL);
		PROGRAM_LABEL_(p);
		while ((next = serve(p)) != STEP_NEXT)
			return next;
	}
	PROGRAM_END(p);
}
