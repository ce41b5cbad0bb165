/*
 * alarm_clock - S25: memory that is in no row.
 *
 * Each session sets a timer for its expiry, an hour ahead, and a new one at each request; the old one is never
 * cancelled. A timer counts as memory of `processes`, but of no process: the sum of all rows stands still while the
 * total climbs. (One row notes the references, sixteen bytes each, so that they can be cancelled: it is a twentieth.)
 *
 *     Process.send_after(target, {:expire, n, [n, n, n]}, 3_600_000)        # and no Process.cancel_timer
 *
 * Half of them go to a pid and die with it; half go to a name and stay whoever has it.
 *
 * Claim of the article: "The processes number tells you about process heaps." Not only.
 *
 * The cure: cancel the old timer before the new one is set; those that are there too, some at a time.
 */
#include "demo/load.h"

enum { RATE = KNOB_FIRST };

#define EXPIRY_US UINT64_C(3600000000)
#define TIMER_BYTES 281                 /* itself, and its message of ten words */
#define CANCELLED_AT_ONCE 20000

enum { PACE, NOTES = PACE + LOAD_PACE_SLOTS, COUNT, SLOTS };

static int64_t count(struct process *p)
{
	return term_is_small(slot_get(p, COUNT)) ? term_to_small(slot_get(p, COUNT)) : 0;
}

/* {expire, N, [N, N, N]}: each timer holds its message, copied when it is set. */
static term expiry(struct process *p, int64_t n)
{
	struct builder *b = RESERVE(p, 3 * 2 + 4);
	term number = term_from_small((intptr_t) n), list = TERM_NIL;

	for (int i = 0; i < 3; i++)
		list = build_cons(b, number, list);
	return build_tuple3(b, process_atom(p, "expire"), number, list);
}

static void set_alarm(struct process *p)
{
	term to = count(p) % 2 ? app_name(p, "by_name") : app_whereis(p, "by_pid");
	uint64_t timer;

	if (term_is_none(to))
		return;
	timer = process_send_after(p, EXPIRY_US, to, expiry(p, count(p)));
	if (load_fixed(p)) {
		process_cancel_timer(p, timer);
		return;
	}
	slot_set(p, NOTES, load_cons(p, term_from_small((intptr_t) timer), slot_get(p, NOTES)));
	slot_set(p, COUNT, term_from_small((intptr_t) count(p) + 1));
}

static void cancel_some(struct process *p)
{
	for (int i = 0; i < CANCELLED_AT_ONCE && term_is_cons(slot_get(p, NOTES)); i++) {
		process_cancel_timer(p, (uint64_t) term_to_small(list_head(slot_get(p, NOTES))));
		slot_set(p, NOTES, list_tail(slot_get(p, NOTES)));
		slot_set(p, COUNT, term_from_small((intptr_t) count(p) - 1));
	}
}

/* Timers are in no row, so they are counted on top. */
static bool has_room(struct process *p, uint64_t more)
{
	return load_has_room_beside(p, (uint64_t) count(p) * TIMER_BYTES, more * TIMER_BYTES);
}

/* The demo is being stopped: what goes to a name would outlive it. */
static void cancel_all_at_the_end(struct process *p)
{
	struct message *m = process_peek(p);

	for (; m && !load_is_tagged(m->value, 3, ATOM(EXIT)); m = process_peek(p))
		process_skip(p, m);
	while (m && term_is_cons(slot_get(p, NOTES)))
		cancel_some(p);
	process_rewind(p);
}

static enum next sessions_loop(struct process *p)
{
	uint64_t due;

	PROGRAM(p, SLOTS);
	x_clear(p);
	process_trap_exit(p, true);
	for (;;) {
		load_alarm(p);
		do {
			HIBERNATE(p);
			cancel_all_at_the_end(p);
		} while (!load_is_woken(p));
		due = load_due_dozing(p, PACE, load_knob(p, RATE));
		if (load_fixed(p))
			cancel_some(p);
		if (due > 0 && has_room(p, due))
			for (; due > 0; due--)
				set_alarm(p);
	}
	PROGRAM_END(p);
}
static const struct step sessions = { "sessions:loop/1", sessions_loop };

static enum next target_loop(struct process *p)
{
	term m;

	PROGRAM(p, 0);
	x_clear(p);
	for (;;)
		RECEIVE(p, m);
	PROGRAM_END(p);
}
static const struct step target = { "target:loop/0", target_loop };

static const struct child_spec sessions_children[] = {
	{ .id = "by_pid", .registered = true, .step = &target },
	{ .id = "by_name", .registered = true, .step = &target },
	{ .id = "sessions", .registered = true, .step = &sessions },
};
static const struct supervisor_spec sessions_sup = {
	.name = "alarm_sup", .children = sessions_children, .child_count = 3,
};

static const struct knob knobs[] = {
	KNOB_FIX_OFF_ON,
	KNOB_CEILING_BYTES(64000000),
	{ "rate", "/s", "requests, one timer each", 1, 100000, 1900, NULL },
};

static const struct card card = {
	.title = "memory that is in no row: timers",
	.claim = "The processes number tells you about process heaps.",
	.story = "Each request sets a timer an hour ahead and forgets the one before. Timers count as process "
		"memory, but of no process.",
	.tree = "alarm_sup\n  by_pid                  timers to it die with it\n"
		"  by_name                 timers to it stay\n  sessions                sets them: the culprit",
	.press = "3: processes climbs, unattributed climbs with it, timers too. 2 M: no row is as large. K by_pid: half of "
		"them go. K by_name: none. x.",
	.see = "The gap between the category and the sum of its rows; the count of timers.",
	.cure = "Process.cancel_timer(ref) before the next one is set.",
	.otp = "Enum.sum(for p <- Process.list(), {:memory, m} <- [Process.info(p, :memory)], do: m) against "
		":erlang.memory(:processes).",
	.gc_helps = "no",
	.culprit = "system:unattributed",
	.finding = "timers",
};

const struct application demo_alarm_clock = {
	.name = "alarm_clock", .knobs = knobs, .knob_count = ARRAY_COUNT(knobs), .top = &sessions_sup,
	.card = &card, .is_demo = true,
};
