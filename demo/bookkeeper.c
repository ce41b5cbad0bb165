/*
 * bookkeeper - S24: monitors that are never taken down.
 *
 * A tracker monitors the client at each request, to know should it die while the request runs. The request ends,
 * the monitor stays. Each costs something on both sides: the tracker is fat, and so is a client that does nothing.
 * Links are a set, a second one to the same process adds nothing; monitors are a list.
 *
 *     ref = Process.monitor(client)         # and no Process.demonitor(ref, [:flush])
 *
 * Claim of the article: the process memory column - here it grows without a heap, a mailbox or a state that does.
 *
 * The cure: demonitor when the request is done; the old ones too, some at a time.
 */
#include "demo/load.h"

enum { RATE = KNOB_FIRST };

#define CLIENTS 10
#define PAIR_BYTES 144                  /* both sides, and the reference that the tracker notes */
#define UNDONE_AT_ONCE 20000

enum { PACE, NOTES = PACE + LOAD_PACE_SLOTS, TURN, SLOTS };

static const char *const clients[CLIENTS] = {
	"client_1", "client_2", "client_3", "client_4", "client_5", "client_6", "client_7", "client_8", "client_9",
		"client_10",
};

/* The number of the reference is noted: who keeps it can undo it. */
static void watch(struct process *p)
{
	intptr_t turn = term_is_small(slot_get(p, TURN)) ? term_to_small(slot_get(p, TURN)) : 0;
	term client = app_whereis(p, clients[turn % CLIENTS]);
	uint64_t reference;

	slot_set(p, TURN, term_from_small(turn + 1));
	if (term_is_none(client))
		return;
	reference = process_monitor(p, client);
	if (load_fixed(p))
		process_demonitor(p, reference, true);
	else
		slot_set(p, NOTES, load_cons(p, term_from_small((intptr_t) reference), slot_get(p, NOTES)));
}

static void undo_some(struct process *p)
{
	for (int i = 0; i < UNDONE_AT_ONCE && term_is_cons(slot_get(p, NOTES)); i++) {
		process_demonitor(p, (uint64_t) term_to_small(list_head(slot_get(p, NOTES))), true);
		slot_set(p, NOTES, list_tail(slot_get(p, NOTES)));
	}
}

static enum next tracker_loop(struct process *p)
{
	uint64_t due;

	PROGRAM(p, SLOTS);
	x_clear(p);
	for (;;) {
		load_alarm(p);
		do
			HIBERNATE(p);
		while (!load_is_woken(p));              /* and takes a DOWN for each monitor of a client that was killed */
		due = load_due_dozing(p, PACE, load_knob(p, RATE));
		if (load_fixed(p))
			undo_some(p);
		if (due > 0 && app_has_room(p, due * PAIR_BYTES))
			for (; due > 0; due--)
				watch(p);
	}
	PROGRAM_END(p);
}
static const struct step tracker = { "tracker:loop/1", tracker_loop };

static enum next client_loop(struct process *p)
{
	term m;

	PROGRAM(p, 0);
	x_clear(p);
	for (;;)
		RECEIVE(p, m);
	PROGRAM_END(p);
}
static const struct step client = { "client:loop/0", client_loop };

#define CLIENT(n) { .id = "client_" #n, .registered = true, .step = &client, .argument = (n) }
static const struct child_spec client_children[CLIENTS] = {
	CLIENT(1), CLIENT(2), CLIENT(3), CLIENT(4), CLIENT(5), CLIENT(6), CLIENT(7), CLIENT(8), CLIENT(9), CLIENT(10),
};
static const struct supervisor_spec client_sup = {
	.name = "client_sup", .children = client_children, .child_count = CLIENTS,
};
static const struct child_spec sessions_children[] = {
	{ .id = "client_sup", .supervisor = &client_sup },
	{ .id = "tracker", .registered = true, .step = &tracker },
};
static const struct supervisor_spec sessions_sup = {
	.name = "books_sup", .children = sessions_children, .child_count = 2,
};

static const struct knob knobs[] = {
	KNOB_FIX_OFF_ON,
	KNOB_CEILING_BYTES(64000000),
	{ "rate", "/s", "requests, one monitor each", 1, 100000, 4000, NULL },
};

static const struct card card = {
	.title = "monitors that are never taken down",
	.claim = "Process.info(pid) leaves the monitors out.",
	.story = "A tracker monitors a client at each request and forgets to stop. Every monitor costs on both "
		"sides; ten clients that do nothing are as fat as the tracker.",
	.tree = "books_sup\n  client_sup - client_1 .. client_10   idle and fat\n"
		"  tracker                 monitors, never demonitors: the culprit",
	.press = "2 M: tracker and ten idle clients. Enter: monitors; heap and mailbox are small. g: all live. K on "
		"a client: a DOWN for each of its monitors. x.",
	.see = "Memory of both sides climbs in step; no heap, no queue, no state explains it.",
	.cure = "Process.demonitor(ref, [:flush]) when the request is done.",
	.otp = "Process.info(pid, [:monitors, :monitored_by]) |> Enum.map(fn {k, l} -> {k, length(l)} end).",
	.gc_helps = "no",
	.culprit = "tracker",
	.finding = "monitor-growth",
};

const struct application demo_bookkeeper = {
	.name = "bookkeeper", .knobs = knobs, .knob_count = ARRAY_COUNT(knobs), .top = &sessions_sup, .card = &card,
	.is_demo = true,
};
