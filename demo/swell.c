/*
 * swell - S19: a spike leaves its heap behind.
 *
 * A batch job makes a list of half a million, adds it up, and drops it. The heap has grown for it. It would shrink
 * at a collection; a collection needs an allocation that does not fit; and in a heap this large everything fits for
 * a long time.
 *
 *     def handle_info(:batch, s), do: (Enum.to_list(1..500_000) |> Enum.sum(); {:noreply, s})
 *
 *      [used|............................ free, for the next spike .............................]
 *
 * Claim of the article: "When it fills up, a minor GC runs". And until it fills up, none does.
 *
 * The cure: do the spike in a process that may die for it.
 */
#include "demo/load.h"

enum { SPIKE = KNOB_FIRST, RATE };

#define CELLS_AT_ONCE 5000
#define CELL_BYTES 16
#define PEAK_FACTOR 4
#define AGAIN_US 45000000

enum { LIST, LEFT, SLOTS };

/* ---- the spike: a list, cell by cell; then nobody needs it ------------------------------------------------- */

static bool build_some(struct process *p)
{
	int64_t left = term_to_small(slot_get(p, LEFT));
	size_t some = size_min((size_t) left, CELLS_AT_ONCE);
	struct builder *b = RESERVE(p, 2 * some);
	term list = slot_get(p, LIST);

	for (size_t i = 0; i < some; i++)
		list = build_cons(b, term_from_small(left - (int64_t) i), list);
	slot_set(p, LIST, list);
	slot_set(p, LEFT, term_from_small((intptr_t) left - (intptr_t) some));
	process_charge(p, (uint32_t) some);
	return left > (int64_t) some;
}

/* In a frame of its own: when it returns, the list is garbage. */
static enum next spike_run(struct process *p)
{
	PROGRAM(p, SLOTS);
	slot_set(p, LEFT, term_from_small((intptr_t) knob_get(p, SPIKE)));
	slot_set(p, LIST, TERM_NIL);
	while (build_some(p))
		YIELD(p);
	PROGRAM_END(p);
}
static const struct step spike = { "spike:run/0", spike_run };

/* ---- batch: the spike now and then, small messages in between ---------------------------------------------- */

static bool is_due(struct process *p, unsigned at, unsigned size)
{
	bool changed = term_to_small(slot_get(p, size)) != knob_get(p, SPIKE);

	if (!changed && process_now_us(p) < (uint64_t) term_to_small(slot_get(p, at)))
		return false;
	slot_set(p, at, term_from_small((intptr_t) (process_now_us(p) + AGAIN_US)));
	slot_set(p, size, term_from_small((intptr_t) knob_get(p, SPIKE)));
	return true;
}

static void spike_elsewhere(struct process *p)
{
	struct spawn_options options = SPAWN_DEFAULT;

	options.link = true;
	process_spawn(p, &spike, 0, NULL, &options);
}

static enum next batch_loop(struct process *p)
{
	enum { DUE_AT, SIZE, BATCH_SLOTS };
	term m;

	PROGRAM(p, BATCH_SLOTS);
	x_clear(p);
	slot_set(p, DUE_AT, term_from_small(0));
	slot_set(p, SIZE, term_from_small(0));
	for (;;) {
		if (is_due(p, DUE_AT, SIZE)) {
			LOAD_AWAIT_ROOM(p, load_knob(p, SPIKE) * CELL_BYTES * PEAK_FACTOR);
			if (load_fixed(p))
				spike_elsewhere(p);
			else
				CALL(p, &spike);
		}
		RECEIVE_AFTER(p, m, 1000000);
		if (!term_is_none(m))
			load_tuple2(p, ATOM(ok), m);
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
	.story = "A batch made a long list, added it up and dropped it. The block that the heap grew to stays: only "
		"a collection shrinks it, and in so large a block none is due for a long time.",
	.tree = "batch_sup\n  batch                   a large block, nearly empty: the culprit\n"
		"  client                  small messages",
	.press = "2 M: batch is first. Enter: how much of its block is used? g: gone. Turn the knob spike a little "
		"for another one; x first, and it goes elsewhere.",
	.see = "A step of processes at the spike, then flat. With traffic it goes by itself after very many small "
		"messages; idle, never.",
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
