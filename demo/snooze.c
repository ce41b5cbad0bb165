/*
 * snooze - S18: ten thousand sessions that do nothing.
 *
 * Each session did some work at its start and has waited since. Its heap is as large as that work needed.
 * Hibernation is a full sweep into a block of exactly the size that is alive, smaller than a fresh process's.
 *
 *     def handle_info(:timeout, state), do: {:noreply, state, :hibernate}
 *
 * Claim of the article: "Hibernation triggers a full GC and shrinks the heap to minimum size." Below it. And the
 * article's MyWorker never hibernates: nobody asks for the timeout. Here the server says how long it waits for one
 * (`after`); the price is paid at each message: turn `ping` up and see which sessions are worth it.
 *
 * The cure: hibernate after a second of silence.
 */
#include "demo/load.h"

enum { SESSIONS = KNOB_FIRST, AFTER, PING };

#define FIX_AFTER_MS 1000
#define WORK_ROWS 120                   /* what a session makes at its start */
#define KEPT_ROWS 20                    /* and what of it stays */
#define SESSION_BYTES 17000
#define TOLD_AT_ONCE 250

/* ---- session ------------------------------------------------------------------------------------------ */

static uint64_t patience_us(struct process *p)
{
	int64_t ms = knob_get(p, AFTER);

	if (ms == 0 && load_fixed(p))
		ms = FIX_AFTER_MS;
	return (uint64_t) ms * 1000;
}

/* {noreply, State} with or without a timeout, as the knobs say now. */
static enum next wait(struct process *p, term state)
{
	uint64_t us = patience_us(p);

	return us == 0 ? server_noreply(p, state) : server_noreply_timeout(p, state, us);
}

static enum next session_init(struct process *p, term number)
{
	(void) number;
	process_send(p, process_self(p), ATOM(init));
	return server_started(p, TERM_NIL);
}

static enum next session_info(struct process *p, term message, term state)
{
	if (term_is(message, ATOM(timeout)))
		return server_hibernate(p, state);
	if (term_is(message, ATOM(init))) {
		load_rows(p, TERM_NIL, 0, WORK_ROWS);
		state = load_rows(p, TERM_NIL, 0, KEPT_ROWS);
	} else if (term_is(message, ATOM(m))) {
		struct builder *b = RESERVE(p, 3, &state);

		build_tuple2(b, ATOM(ok), ATOM(m));                             /* a ping leaves a little garbage */
	}
	return wait(p, state);
}

static const struct server_module session = { .name = "session", .init = session_init, .handle_info = session_info };

/* ---- front: opens sessions, pings them, and tells them of a new rule ---------------------------------------- */

enum { CREW, PACE = CREW + LOAD_CREW_SLOTS, TODO = PACE + LOAD_PACE_SLOTS, RULE, SLOTS };

static void ping_some(struct process *p)
{
	for (uint64_t due = load_due_slot(p, PACE, load_knob(p, PING), 1); due > 0; due--) {
		term pid = load_crew_next(p, CREW);

		if (!term_is_none(pid))
			process_send(p, pid, ATOM(m));
	}
}

/* A session that waits without a timeout must be told that there is one now. */
static void tell_some(struct process *p)
{
	term rule = term_from_small((intptr_t) patience_us(p));

	if (term_is_small(slot_get(p, RULE)) && !term_is(slot_get(p, RULE), rule))
		slot_set(p, TODO, slot_get(p, CREW));
	slot_set(p, RULE, rule);
	for (int i = 0; i < TOLD_AT_ONCE && term_is_cons(slot_get(p, TODO)); i++) {
		process_send(p, list_head(slot_get(p, TODO)), ATOM(go));
		slot_set(p, TODO, list_tail(slot_get(p, TODO)));
	}
}

static enum next front_loop(struct process *p)
{
	term m;

	PROGRAM(p, SLOTS);
	x_clear(p);
	for (;;) {
		SLEEP(p, 20000);
		while (process_receive(p, &m))
			load_crew_message(p, CREW, m);
		load_crew(p, CREW, app_whereis(p, "session_sup"), load_knob(p, SESSIONS), SESSION_BYTES);
		tell_some(p);
		ping_some(p);
	}
	PROGRAM_END(p);
}
static const struct step front = { "front:loop/1", front_loop };

/* ---- The tree ------------------------------------------------------------------------------------- */

static const struct child_spec session_child = { .id = "session", .server = &session, .restart = TEMPORARY };
static const struct supervisor_spec session_sup = {
	.name = "session_sup", .strategy = SIMPLE_ONE_FOR_ONE, .children = &session_child, .child_count = 1,
};
static const struct child_spec sessions_children[] = {
	{ .id = "session_sup", .supervisor = &session_sup },
	{ .id = "front", .registered = true, .step = &front },
};
static const struct supervisor_spec sessions_sup = {
	.name = "sessions_sup", .strategy = REST_FOR_ONE, .children = sessions_children, .child_count = 2,
};

static const struct knob knobs[] = {
	KNOB_FIX_OFF_ON,
	KNOB_CEILING_BYTES(200000000),
	{ "sessions", "", "open sessions", 1, 50000, 10000, NULL },
	{ "after", "ms", "of silence until a session hibernates; 0: never (the fix makes it 1000)", 0, 60000, 0, NULL },
	{ "ping", "/s", "messages to the sessions, in turn", 0, 1000, 0, NULL },
};

static const struct card card = {
	.title = "ten thousand sessions that do nothing",
	.claim = "Hibernation triggers a full GC and shrinks the heap to minimum size.",
	.story = "Each session worked for a moment and waits since, with the heap that the work needed. Ten "
		"thousand of them are what you pay for sleeping awake.",
	.tree = "sessions_sup\n  session_sup - session ...   equal, idle, large\n"
		"  front                       opens them, pings them",
	.press = "2 M: equal rows. H on one: how small is it? G: how small are they? x: all of them after a second. "
		"Then ping, and compare reductions.",
	.see = "processes climbs with the sessions and stays. Hibernated, each is smaller than a fresh process.",
	.cure = "hibernate_after for processes that are seldom asked. Not for busy ones: each message pays for a "
		"full sweep, and woken heaps may be larger than before.",
	.otp = "GenServer.start_link(m, a, hibernate_after: 1000); {:noreply, s, :hibernate}; Process.info(pid, "
		":current_function) says {:erlang, :hibernate, 3}.",
	.gc_helps = "yes, nearly as much as hibernating",
	.culprit = "system:processes",
	.finding = "should-hibernate",
};

const struct application demo_snooze = {
	.name = "snooze", .knobs = knobs, .knob_count = ARRAY_COUNT(knobs), .top = &sessions_sup, .card = &card,
	.is_demo = true,
};
