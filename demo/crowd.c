/*
 * crowd - so many processes, and what one of them costs.
 *
 * A hundred thousand processes that do nothing: an idle one shows what an idle process shows on the BEAM, and costs
 * this runtime a fraction of it, for its heap is made when it is first needed. With more words than a fresh process
 * has, each keeps a list; with fewer, each hibernates with one.
 *
 * Claim of the article: "a typical Elixir application runs thousands of them".
 */
#include "demo/load.h"

enum { PROCESSES = KNOB_FIRST, WORDS };

#define TICK_US 1000
#define IDLE_BYTES 2640
#define FRESH_WORDS 233

/* ---- member ------------------------------------------------------------------------------------------------ */

static void keep_words(struct process *p, unsigned slot, size_t words)
{
	size_t cells = words / 2;
	struct builder *b = RESERVE(p, 2 * cells);
	term list = TERM_NIL;

	for (; cells > 0; cells--)
		list = build_cons(b, TERM_NIL, list);
	slot_set(p, slot, list);
}

static enum next keeper_loop(struct process *p)
{
	enum { KEPT, SLOTS };
	term m;

	PROGRAM(p, SLOTS);
	x_clear(p);
	keep_words(p, KEPT, load_knob(p, WORDS));
	if (load_knob(p, WORDS) < FRESH_WORDS || load_fixed(p))
		HIBERNATE(p);
	for (;;)
		RECEIVE(p, m);
	PROGRAM_END(p);
}
static const struct step keeper = { "member:keep/1", keeper_loop };

/* Without a slot and without a word of heap, as long as nothing needs one. */
static enum next member_wait(struct process *p)
{
	term m;

	if (load_knob(p, WORDS) != FRESH_WORDS) {
		frame_become(p, &keeper);
		return STEP_NEXT;
	}
	while (process_receive(p, &m))
		process_charge(p, 1);
	return STEP_WAIT;
}
static const struct step member = { "member:wait/0", member_wait };

/* ---- steward: as many as the knob says; other words mean other members -------------------------------------- */

enum { CREW, SHAPE = CREW + LOAD_CREW_SLOTS, SLOTS };

static uint64_t wanted(struct process *p)
{
	term shape = term_from_small((intptr_t) knob_get(p, WORDS));

	if (term_is_nil(slot_get(p, SHAPE)) || load_crew_count(p, CREW) == 0)
		slot_set(p, SHAPE, shape);
	return term_is(slot_get(p, SHAPE), shape) ? load_knob(p, PROCESSES) : 0;
}

static enum next steward_loop(struct process *p)
{
	term m;

	PROGRAM(p, SLOTS);
	x_clear(p);
	for (;;) {
		SLEEP(p, TICK_US);
		while (process_receive(p, &m))
			load_crew_message(p, CREW, m);
		load_crew(p, CREW, app_whereis(p, "crowd_members"), wanted(p), IDLE_BYTES + 16 * load_knob(p, WORDS));
	}
	PROGRAM_END(p);
}
static const struct step steward = { "steward:loop/1", steward_loop };

static const struct child_spec member_child = { .id = "member", .step = &member, .restart = TEMPORARY };
static const struct supervisor_spec member_sup = {
	.name = "crowd_members", .strategy = SIMPLE_ONE_FOR_ONE, .children = &member_child, .child_count = 1,
};
static const struct child_spec crowd_children[] = {
	{ .id = "crowd_members", .supervisor = &member_sup },
	{ .id = "steward", .registered = true, .step = &steward },
};
static const struct supervisor_spec crowd_sup = {
	.name = "crowd_sup", .strategy = REST_FOR_ONE, .children = crowd_children, .child_count = 2,
};

static const struct knob knobs[] = {
	KNOB_FIX_OFF_ON,
	KNOB_CEILING_BYTES(INT64_C(3000000000)),
	{ "processes", "", "in the crowd", 1000, 1000000, 100000, NULL },
	{ "words", "words", "that each keeps; 233 is a fresh process, fewer hibernate", 12, 10000, FRESH_WORDS, NULL },
};

static const struct card card = {
	.title = "so many processes, and what one of them costs",
	.claim = "a typical Elixir application runs thousands of them.",
	.story = "A crowd of processes that wait. Each shows what an idle process shows on the BEAM; what it really "
		"costs here is on the System tab.",
	.tree = "crowd_sup\n  crowd_members - member ...   idle\n  steward                      lets them in",
	.press = "3: process count, processes, and below it what is really used. 2, and PgDn through them: how long "
		"does a page take? Knob words at 12: they hibernate.",
	.see = "A steep line up to the knob, then flat.",
	.cure = "Nothing to cure. With the switch on, those with more words than a fresh process hibernate too.",
	.otp = "for _ <- 1..100_000, do: spawn(fn -> Process.sleep(:infinity) end); :erlang.memory(:processes); "
		":erlang.system_info(:process_limit).",
	.gc_helps = "nothing to help",
	.culprit = "system:process_count",
	.finding = "",
};

const struct application demo_crowd = {
	.name = "crowd", .knobs = knobs, .knob_count = ARRAY_COUNT(knobs), .top = &crowd_sup, .card = &card,
	.is_demo = true,
};
