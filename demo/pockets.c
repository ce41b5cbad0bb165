/*
 * pockets - S21: what is put into the process dictionary stays there.
 *
 * Workers of a pool note something about each request in their process dictionary, for the log line at its end, and
 * never take it out again. The worker lives on; so does every note. The dictionary is a root: a collection keeps
 * it.
 *
 *     Process.put(n, {:req, id, tags})
 *
 * Claim of the article: "Isolation as a feature": what a process holds goes with the process. A pool's workers do
 * not go.
 *
 * The cure: hand the note on as an argument; the old ones are erased, some at a time. Then there are two steps: erasing
 * makes garbage, the collection gives it back.
 */
#include "demo/load.h"

enum { RATE = KNOB_FIRST };

#define WORKERS 4
#define NOTE_WORDS 19                   /* on the heap: the pair, the value, and a little between the sizes */
#define PLACE_BYTES 14                  /* in the dictionary's own table */
#define ERASED_AT_ONCE 200

enum { PACE, NEWEST = PACE + LOAD_PACE_SLOTS, OLDEST, SLOTS };

static int64_t number(struct process *p, unsigned slot)
{
	return term_is_small(slot_get(p, slot)) ? term_to_small(slot_get(p, slot)) : 0;
}

static void set_number(struct process *p, unsigned slot, int64_t n)
{
	slot_set(p, slot, term_from_small((intptr_t) n));
}

/* Process.put(n, {:req, id, [id, id, id, id]}) */
static void note(struct process *p, int64_t n)
{
	struct builder *b = RESERVE(p, 3 + 4 * 2 + 4);
	term request = build_tuple2(b, process_self(p), term_from_small((intptr_t) n)), tags = TERM_NIL;

	for (int i = 0; i < 4; i++)
		tags = build_cons(b, request, tags);
	process_put(p, term_from_small((intptr_t) n), build_tuple3(b, process_atom(p, "req"), request, tags));
}

/* Heaps grow in steps, all workers' at about the same time: would the whole pool still fit with so many notes each? */
static bool has_room(struct process *p, uint64_t notes, uint64_t due)
{
	uint64_t words = heap_next_size((size_t) (notes + due) * NOTE_WORDS, 0);

	return load_has_room_beside(p, WORKERS * (words * sizeof(term) + notes * PLACE_BYTES),
		due * (NOTE_WORDS * sizeof(term) + PLACE_BYTES));
}

static void serve(struct process *p, uint64_t due)
{
	int64_t newest = number(p, NEWEST), oldest = number(p, OLDEST);

	if (load_fixed(p)) {
		for (int i = 0; i < ERASED_AT_ONCE && oldest < newest; i++)
			process_erase(p, term_from_small((intptr_t) oldest++));
	} else if (due > 0 && has_room(p, (uint64_t) (newest - oldest), due)) {
		for (; due > 0; due--)
			note(p, newest++);
	}
	set_number(p, NEWEST, newest);
	set_number(p, OLDEST, oldest);
}

/* Every collection is a full sweep: what these rows show is alive, and nothing else. */
static void keep_nothing_dead(struct process *p)
{
	struct heap_options options = HEAP_OPTIONS_DEFAULT;

	options.fullsweep_after = 0;
	process_set_heap_options(p, &options);
}

static enum next worker_loop(struct process *p)
{
	PROGRAM(p, SLOTS);
	x_clear(p);
	keep_nothing_dead(p);
	for (;;) {
		SLEEP(p, load_nap_us(load_knob(p, RATE), WORKERS));
		serve(p, load_due_slot(p, PACE, load_knob(p, RATE), WORKERS));
	}
	PROGRAM_END(p);
}
static const struct step worker = { "worker:loop/1", worker_loop };

#define WORKER(n) { .id = "worker_" #n, .registered = true, .step = &worker, .argument = (n) }
static const struct child_spec workers[WORKERS] = { WORKER(1), WORKER(2), WORKER(3), WORKER(4) };
static const struct supervisor_spec pool_sup = { .name = "pool_sup", .children = workers, .child_count = WORKERS };
static const struct child_spec web_children[] = { { .id = "pool_sup", .supervisor = &pool_sup } };
static const struct supervisor_spec web_sup = { .name = "pockets_sup", .children = web_children, .child_count = 1 };

static const struct knob knobs[] = {
	KNOB_FIX_OFF_ON,
	KNOB_CEILING_BYTES(32000000),
	{ "rate", "/s", "requests, each leaves a note in its worker's dictionary", 1, 100000, 1500, NULL },
};

static const struct card card = {
	.title = "what is put into the process dictionary stays there",
	.claim = "Dead processes release their memory instantly. Living ones keep what they hold.",
	.story = "Each request leaves a note in the dictionary of its worker, and workers of a pool never die.",
	.tree = "pockets_sup\n  pool_sup\n    worker_1 .. worker_4  a growing dictionary each: the culprits",
	.press = "2 M: the four workers. Enter: the dictionary has as many pairs as there were requests. g: all "
		"live. x: they are erased; g again: now it goes.",
	.see = "Four rows that climb together; nothing in their state or mailbox explains it.",
	.cure = "Hand it on as an argument, or erase it at the end of the request (Logger.reset_metadata does). It "
		"takes two steps: erase, then a collection.",
	.otp = "Process.info(pid, :dictionary) |> elem(1) |> length(); Process.delete(key).",
	.gc_helps = "only after the fix",
	.culprit = "worker_1",
	.finding = "live-growth",
};

const struct application demo_pockets = {
	.name = "pockets", .knobs = knobs, .knob_count = ARRAY_COUNT(knobs), .top = &web_sup, .card = &card,
	.is_demo = true,
};
