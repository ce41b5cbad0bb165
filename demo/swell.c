/*
 * swell - S19: a spike leaves its heap behind.
 *
 * A batch job makes a list of half a million rows, counts them, and drops it. The heap has grown for it. It
 * would shrink at a collection; a collection needs an allocation that does not fit; and in a heap this large everything
 * fits for a long time.
 *
 *     def handle_info(:batch, s), do: (Enum.map(1..500_000, &{&1, &1}) |> length(); {:noreply, s})
 *
 *      [used|............................ free, for the next spike .............................]
 *
 * Claim of the article: "When it fills up, a minor GC runs". And until it fills up, none does.
 *
 * The cure: do the spike in a process that may die for it.
 */
#include "demo/load.h"

enum { SPIKE = KNOB_FIRST, RATE };

#define ROW_BYTES 40
#define PEAK_FACTOR 8 / 5               /* the heap's sizes on the way up leave that much free */
#define SWOLLEN_FACTOR 4 / 5            /* a heap that is swollen already has room for a good part of it */

/* ---- the spike: a list, and its length; then nobody needs it ------------------------------------------------ */

/* In a frame of its own: when it returns, the list is garbage. */
static enum next spike_run(struct process *p)
{
	PROGRAM(p, 0);
	load_map_to(p, knob_get(p, SPIKE));
	CALL(p, &load_map);
	x_clear(p);
	PROGRAM_END(p);
}
static const struct step spike = { "spike:run/0", spike_run };

/* ---- batch: a spike for each setting of the knob, and small messages -------------------------------------- */

static void spike_elsewhere(struct process *p)
{
	struct spawn_options options = SPAWN_DEFAULT;

	options.link = true;
	process_spawn(p, &spike, 0, NULL, &options);
}

static uint64_t peak_bytes(struct process *p, bool swollen)
{
	uint64_t rows = load_knob(p, SPIKE) * ROW_BYTES;

	return swollen && !load_fixed(p) ? rows * SWOLLEN_FACTOR : rows * PEAK_FACTOR;
}

static enum next batch_loop(struct process *p)
{
	enum { DONE, SLOTS };
	term m;

	PROGRAM(p, SLOTS);
	x_clear(p);
	knob_subscribe(p);
	for (;;) {
		if (!term_is(slot_get(p, DONE), term_from_small((intptr_t) knob_get(p, SPIKE)))) {
			LOAD_AWAIT_ROOM(p, peak_bytes(p, term_is_small(slot_get(p, DONE))));
			slot_set(p, DONE, term_from_small((intptr_t) knob_get(p, SPIKE)));
			if (load_fixed(p))
				spike_elsewhere(p);
			else
				CALL(p, &spike);
		}
		RECEIVE(p, m);
		if (load_is_tuple(m, 2))
			load_tuple2(p, ATOM(ok), tuple_at(m, 0));
	}
	PROGRAM_END(p);
}
static const struct step batch = { "batch:loop/0", batch_loop };

static enum next client_loop(struct process *p)
{
	enum { PACE, CLIENT_SLOTS = PACE + LOAD_PACE_SLOTS };
	uint64_t due;

	PROGRAM(p, CLIENT_SLOTS);
	x_clear(p);
	for (;;) {
		SLEEP(p, load_nap_us(load_knob(p, RATE), 1));
		due = load_due_slot(p, PACE, load_knob(p, RATE), 1);
		if (due > 0 && app_has_room(p, due * load_message_bytes(3)))
			for (; due > 0; due--)
				process_send_name_quiet(p, app_name(p, "batch"), load_tuple2(p, ATOM(m), ATOM(go)));
	}
	PROGRAM_END(p);
}
static const struct step client = { "client:loop/0", client_loop };

/* ---- The tree ------------------------------------------------------------------------------------- */

static const struct child_spec batch_children[] = {
	{ .id = "batch", .registered = true, .step = &batch },
	{ .id = "client", .registered = true, .step = &client },
};
static const struct supervisor_spec batch_sup = { .name = "batch_sup", .children = batch_children, .child_count = 2 };

static const struct knob knobs[] = {
	KNOB_FIX_OFF_ON,
	KNOB_CEILING_BYTES(64000000),
	{ "spike", "", "length of the list that is made and dropped", 1000, 1000000, 500000, NULL },
	{ "rate", "/s", "small messages in between", 0, 100000, 1000, NULL },
};

static const struct card card = {
	.title = "a spike leaves its heap behind",
	.claim = "When it fills up, a minor GC runs.",
	.story = "A batch made a long list, counted it and dropped it. The block that the heap grew to stays: only "
		"a collection shrinks it, and in so large a block none is due for a long time.",
	.tree = "batch_sup\n  batch                   a large block, nearly empty: the culprit\n"
		"  client                  small messages",
	.press = "2 M: batch is first. Enter: how much of its block is used? g: gone. Turn the knob spike a little "
		"for another one; with x before it, it goes elsewhere.",
	.see = "A step of processes at the spike, then flat: a minor collection after very many small messages leaves "
		"the old block where it is, and idle none comes.",
	.cure = "Do it in a process that ends, or collect (hibernate) afterwards.",
	.otp = "Process.info(pid, [:total_heap_size, :heap_size, :memory]); :erlang.garbage_collect(pid); "
		"Task.async(fn -> ... end) |> Task.await().",
	.gc_helps = "yes",
	.culprit = "batch",
	.finding = "old-garbage",
};

const struct application demo_swell = {
	.name = "swell", .knobs = knobs, .knob_count = ARRAY_COUNT(knobs), .top = &batch_sup, .card = &card,
	.is_demo = true,
};
