/*
 * sponge - S28: the memory is free, and the system does not get it back.
 *
 * Thousands of processes grow together, each a piece at a time, and nineteen of twenty die. Their memory is free at once,
 * inside; but allocators take memory from the system in carriers, and a carrier goes back only when nobody lives in it.
 * One survivor's piece here and there is enough.
 *
 *      carrier [....S....]  carrier [..........]  carrier [......S...]         S: survivor, rest: free
 *               stays                 may go               stays
 *
 * Claim of the article: "Dead processes release their memory instantly." To the runtime; not to the system.
 *
 * The cure: the survivors go too. On the BEAM they cannot be moved; only restart them, or choose another allocation
 * strategy.
 */
#include "demo/load.h"

enum { PROCESSES = KNOB_FIRST, WORDS, SURVIVORS };

#define TICK_US 20000
#define HOLD_US 2000000                 /* everybody lives for so long */
#define ENDED_AT_ONCE 1000
#define PIECES 32                       /* in which a cell gets its words */
#define PIECES_AT_ONCE 10000
#define CELL_BYTES 2640
#define MESSAGE_BYTES 88

/* ---- cell: its mail lies beside the heap, unread, until it is told to end --------------------------------------- */

static bool is_stop(struct process *p, term m)
{
	(void) p;
	return term_is(m, ATOM(stop));
}

static enum next cell_loop(struct process *p)
{
	term m;

	PROGRAM(p, 0);
	x_clear(p);
	process_set_queue_off_heap(p, true);
	RECEIVE_MATCH(p, m, is_stop);
	PROGRAM_END(p);
}
static const struct step cell = { "cell:loop/1", cell_loop };

/* ---- swarm: starts them, feeds them in turn, ends all but the survivors, and waits for a knob -------------------- */

enum phase { FILL, FEED, HOLD, CULL, REST };
enum { CREW, PHASE = CREW + LOAD_CREW_SLOTS, SHAPE, SINCE, TODO, PLACE, SLOTS };

static int64_t number(struct process *p, unsigned slot)
{
	return term_is_small(slot_get(p, slot)) ? term_to_small(slot_get(p, slot)) : 0;
}

static void set_number(struct process *p, unsigned slot, int64_t n)
{
	slot_set(p, slot, term_from_small((intptr_t) n));
}

static void enter(struct process *p, enum phase phase)
{
	set_number(p, PHASE, phase);
	set_number(p, SINCE, (int64_t) process_now_us(p));
	set_number(p, PLACE, 0);
	slot_set(p, TODO, slot_get(p, CREW));
}

static bool is_over(struct process *p)
{
	return process_now_us(p) > (uint64_t) number(p, SINCE) + HOLD_US;
}

/* What a cell holds in all is `words`: so much of it in each piece, a tuple. */
static uint64_t piece_words(struct process *p)
{
	uint64_t bytes = load_knob(p, WORDS) * sizeof(term);
	uint64_t each = bytes > CELL_BYTES ? (bytes - CELL_BYTES) / PIECES : 0;

	return each > MESSAGE_BYTES + 2 * sizeof(term) ? (each - MESSAGE_BYTES) / sizeof(term) : 2;
}

static void fill_some(struct process *p)
{
	uint64_t count = load_crew_count(p, CREW);

	load_crew(p, CREW, app_whereis(p, "cell_sup"), load_knob(p, PROCESSES),
		CELL_BYTES + PIECES * load_message_bytes(piece_words(p)));
	if (number(p, PLACE) != (int64_t) count)                                /* they still come */
		set_number(p, SINCE, (int64_t) process_now_us(p));
	set_number(p, PLACE, (int64_t) count);
	if (count == load_knob(p, PROCESSES) || is_over(p))
		enter(p, FEED);
}

/* One piece for each cell, then the next for each: neighbours in memory belong to different cells. */
static void feed_some(struct process *p)
{
	int64_t all = PIECES * (int64_t) load_crew_count(p, CREW), fed = number(p, PLACE);
	int64_t some = all - fed < PIECES_AT_ONCE ? all - fed : PIECES_AT_ONCE;
	term piece;

	if (!app_has_room(p, (uint64_t) some * load_message_bytes(piece_words(p)))) {
		if (is_over(p))
			enter(p, HOLD);
		return;
	}
	piece = load_message(p, ATOM(data), piece_words(p));
	slot_set(p, TODO, piece);
	for (int64_t i = 0; i < some; i++)
		process_send(p, load_crew_next(p, CREW), slot_get(p, TODO));
	process_charge(p, (uint32_t) some);
	set_number(p, PLACE, fed + some);
	if (fed + some == all)
		enter(p, HOLD);
}

/* Spread evenly: one in twenty, not the first twentieth. */
static bool survives(struct process *p, int64_t place)
{
	int64_t percent = load_fixed(p) ? 0 : knob_get(p, SURVIVORS);

	return place * percent / 100 != (place + 1) * percent / 100;
}

static void cull_some(struct process *p)
{
	int64_t place = number(p, PLACE);

	for (int i = 0; i < ENDED_AT_ONCE && term_is_cons(slot_get(p, TODO)); i++, place++) {
		if (!survives(p, place) && world_is_alive(process_world(p), list_head(slot_get(p, TODO))))
			process_send(p, list_head(slot_get(p, TODO)), ATOM(stop));
		slot_set(p, TODO, list_tail(slot_get(p, TODO)));
	}
	set_number(p, PLACE, place);
	if (!term_is_cons(slot_get(p, TODO)))
		enter(p, REST);
}

/* Another swarm is wanted: it begins anew. The switch alone only ends the survivors. */
static void look_at_knobs(struct process *p)
{
	int64_t shape = knob_get(p, PROCESSES) * 1000000 + knob_get(p, WORDS);

	if (number(p, SHAPE) != shape)
		enter(p, FILL);
	else if (number(p, PHASE) == REST && load_fixed(p) && is_over(p))
		enter(p, CULL);
	set_number(p, SHAPE, shape);
}

static void act(struct process *p)
{
	switch ((enum phase) number(p, PHASE)) {
	case FILL: fill_some(p); break;
	case FEED: feed_some(p); break;
	case HOLD:
		if (is_over(p))
			enter(p, CULL);
		break;
	case CULL: cull_some(p); break;
	case REST: app_has_room(p, 0); break;                   /* the banner goes with the crowd */
	}
}

static enum next swarm_loop(struct process *p)
{
	term m;

	PROGRAM(p, SLOTS);
	x_clear(p);
	for (;;) {
		SLEEP(p, TICK_US);
		while (process_receive(p, &m))
			load_crew_message(p, CREW, m);
		look_at_knobs(p);
		act(p);
	}
	PROGRAM_END(p);
}
static const struct step swarm = { "swarm:loop/1", swarm_loop };

/* ---- The tree ------------------------------------------------------------------------------------- */

static const struct child_spec cell_child = { .id = "cell", .step = &cell, .restart = TEMPORARY };
static const struct supervisor_spec cell_sup = {
	.name = "cell_sup", .strategy = SIMPLE_ONE_FOR_ONE, .children = &cell_child, .child_count = 1,
};
static const struct child_spec swarm_children[] = {
	{ .id = "cell_sup", .supervisor = &cell_sup },
	{ .id = "swarm", .registered = true, .step = &swarm },
};
static const struct supervisor_spec swarm_sup = {
	.name = "swarm_sup", .strategy = REST_FOR_ONE, .children = swarm_children, .child_count = 2,
};

static const struct knob knobs[] = {
	KNOB_FIX_OFF_ON,
	KNOB_CEILING_BYTES(200000000),
	{ "processes", "", "that grow together", 100, 20000, 6000, NULL },
	{ "words", "words", "that each soaks up", 233, 100000, 3500, NULL },
	{ "survivors", "%", "that live on", 0, 50, 5, NULL },
};

static const struct card card = {
	.title = "the memory is free, and the system does not get it back",
	.claim = "Dead processes release their memory instantly.",
	.story = "Thousands of processes grew, nineteen of twenty are dead. The runtime says they are gone; the "
		"system says the program is as large as before.",
	.tree = "swarm_sup\n  cell_sup - cell ...     grow, and die but for a few\n"
		"  swarm                   starts and ends them",
	.press = "3: total falls, rss and carriers do not. G: nothing. Knob survivors. x: the last ones go.",
	.see = "Two curves part: total falls at once, rss stays.",
	.cure = "End the survivors too. Long-lived processes should not be born in the middle of a crowd.",
	.otp = ":recon_alloc.memory(:usage); :recon_alloc.fragmentation(:current); :erlang.memory(:total) against "
		"the RSS that the system shows.",
	.gc_helps = "no",
	.culprit = "system:rss",
	.finding = "carriers",
};

const struct application demo_sponge = {
	.name = "sponge", .knobs = knobs, .knob_count = ARRAY_COUNT(knobs), .top = &swarm_sup, .card = &card,
	.is_demo = true,
};
