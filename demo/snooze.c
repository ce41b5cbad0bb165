/*
 * snooze - S18: ten thousand sessions that do nothing.
 *
 * Each session worked on a list at its start and has waited since. Its heap is as large as that work needed.
 * Hibernation is a full sweep into a block of exactly the size that is alive, smaller than a fresh process's.
 *
 *     login() |> length()                 # a list of rows, and nobody needs it any more
 *     receive do :ping -> loop() after 1000 -> :erlang.hibernate(__MODULE__, :loop, []) end
 *
 * Claim of the article: "Hibernation triggers a full GC and shrinks the heap to minimum size." Below it. And the
 * article's MyWorker never hibernates: nobody asks for the timeout. Here a session says how long it waits for
 * one (`after`); the price is paid at each message: turn `ping` up and see which sessions are worth it.
 *
 * The cure: hibernate after a second of silence.
 */
#include "demo/load.h"

enum { SESSIONS = KNOB_FIRST, AFTER, PING };

#define FIX_AFTER_MS 1000
#define SESSION_BYTES 17000
#define TOLD_AT_ONCE 250

/* ---- session ------------------------------------------------------------------------------------------ */

/* How long it waits for a message before it hibernates, as the knobs say now. */
static uint64_t patience_us(struct process *p)
{
	int64_t ms = knob_get(p, AFTER);

	if (ms == 0 && load_fixed(p))
		ms = FIX_AFTER_MS;
	return ms == 0 ? UINT64_MAX : (uint64_t) ms * 1000;
}

/* What a session works on at its start comes in three pages, and is dropped: the heap that it needed stays. */
static void work(struct process *p)
{
	static const size_t page_rows[] = { 40, 75, 100 };
	term rows = TERM_NIL;

	for (size_t i = 0; i < ARRAY_COUNT(page_rows); i++)
		rows = load_rows(p, rows, 0, page_rows[i]);
}

static enum next session_loop(struct process *p)
{
	term m;

	PROGRAM(p, 0);
	x_clear(p);
	work(p);
	for (;;) {
		RECEIVE_AFTER(p, m, patience_us(p));
		if (term_is_none(m))
			HIBERNATE(p);
		else if (term_is(m, ATOM(m)))
			load_tuple2(p, ATOM(ok), m);                            /* a ping leaves a little garbage */
	}
	PROGRAM_END(p);
}
static const struct step session = { "session:loop/1", session_loop };

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
	term rule = term_from_small((intptr_t) (patience_us(p) / 1000));

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

static const struct child_spec session_child = { .id = "session", .step = &session, .restart = TEMPORARY };
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
