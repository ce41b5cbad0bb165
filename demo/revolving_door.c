/*
 * revolving_door - S23: it crashes, it is restarted, it crashes.
 *
 * A payment worker cannot reach its bank and crashes a moment after each start. Its supervisor starts it again, and
 * with the other strategies its neighbours too. Nothing leaks, no queue grows: the one thing to see is that its pid
 * is always new and its age always small. Below the limit of restarts (`intensity` in `period`) this goes on for
 * ever; above it the supervisor gives up, and the application goes down.
 *
 *     {:stop, :no_connection}       every 1.7 seconds
 *
 * Claim of the article: none - memory is flat. That is the lesson.
 *
 * The cure: init does not depend on the bank; it comes up, and tries later (back-off).
 */
#include "demo/load.h"

enum { STRATEGY = KNOB_FIRST, CRASH, INTENSITY, PERIOD };

#define LOOK_US 100000

/* ---- a: crashes; b, c: do their work -------------------------------------------------------------------- */

static enum next a_init(struct process *p, term argument)
{
	(void) argument;
	process_send_after(p, load_knob(p, CRASH) * 1000, process_self(p), ATOM(timeout));
	return server_started(p, ATOM(ok));
}

static enum next a_info(struct process *p, term message, term state)
{
	(void) message;
	if (!load_fixed(p))
		return server_stop(p, ATOM(noconnection), state);
	process_send_after(p, load_knob(p, CRASH) * 1000, process_self(p), ATOM(timeout));      /* tries again, later */
	return server_noreply(p, state);
}

static const struct server_module a_module = { .name = "a", .init = a_init, .handle_info = a_info };

static enum next calm_init(struct process *p, term argument)
{
	(void) argument;
	return server_started(p, ATOM(ok));
}
static const struct server_module b_module = { .name = "b", .init = calm_init };
static const struct server_module c_module = { .name = "c", .init = calm_init };

static const struct child_spec pay_children[] = {
	{ .id = "a", .registered = true, .server = &a_module },
	{ .id = "b", .registered = true, .server = &b_module },
	{ .id = "c", .registered = true, .server = &c_module },
};

/* ---- One supervisor for each strategy, of which one runs: a strategy cannot be changed in a living one ---------- */

#define PAY_SUP(how) { \
	.name = "pay_sup", .strategy = (how), .intensity_knob = INTENSITY + 1, .period_knob = PERIOD + 1, \
	.children = pay_children, .child_count = ARRAY_COUNT(pay_children), \
}
static const struct supervisor_spec one_for_one = PAY_SUP(ONE_FOR_ONE);
static const struct supervisor_spec one_for_all = PAY_SUP(ONE_FOR_ALL);
static const struct supervisor_spec rest_for_one = PAY_SUP(REST_FOR_ONE);

/* Temporary: the cashier decides what comes after it. */
static const struct child_spec doors[] = {
	{ .id = "pay_sup", .supervisor = &one_for_one, .restart = TEMPORARY },
	{ .id = "pay_sup", .supervisor = &one_for_all, .restart = TEMPORARY },
	{ .id = "pay_sup", .supervisor = &rest_for_one, .restart = TEMPORARY },
};

/* cashier: opens the door that the knob names, and another one when the knob is turned. */
enum { DOOR, HOW, SLOTS };

static bool is_open(struct process *p)
{
	return term_is_pid(slot_get(p, DOOR)) && world_is_alive(process_world(p), slot_get(p, DOOR));
}

static bool is_as_wanted(struct process *p)
{
	return term_to_small(slot_get(p, HOW)) == knob_get(p, STRATEGY);
}

static void open_door(struct process *p)
{
	int64_t how = knob_get(p, STRATEGY);

	slot_set(p, HOW, term_from_small((intptr_t) how));
	supervisor_start_child(p, app_whereis(p, "door_sup"), &doors[how], term_from_small(0), true);
}

static enum next cashier_loop(struct process *p)
{
	term m;

	PROGRAM(p, SLOTS);
	x_clear(p);
	for (;;) {
		open_door(p);
		RECEIVE(p, m);
		slot_set(p, DOOR, load_is_tuple(m, 2) ? tuple_at(m, 1) : TERM_NIL);
		while (is_as_wanted(p) && is_open(p))
			SLEEP(p, LOOK_US);
		if (is_as_wanted(p))                                    /* it fell: everything above it falls too */
			process_raise(p, ATOM(reached_max_restart_intensity));
		if (is_open(p))
			supervisor_terminate_child(p, app_whereis(p, "door_sup"), slot_get(p, DOOR));
		while (is_open(p))
			SLEEP(p, LOOK_US);
	}
	PROGRAM_END(p);
}
static const struct step cashier = { "cashier:loop/0", cashier_loop };

/* ---- The tree ------------------------------------------------------------------------------------- */

static const struct supervisor_spec door_sup = { .name = "door_sup" };
static const struct child_spec top_children[] = {
	{ .id = "door_sup", .supervisor = &door_sup },
	{ .id = "cashier", .registered = true, .step = &cashier },
};
static const struct supervisor_spec pay_top = {
	.name = "pay_top", .intensity = 0, .period_s = 5, .children = top_children, .child_count = 2,
};

static const char *const strategies[] = { "one_for_one", "one_for_all", "rest_for_one", NULL };
static const struct knob knobs[] = {
	KNOB_FIX_OFF_ON,
	KNOB_CEILING_BYTES(64000000),
	{ "strategy", "", "who is restarted with the one that crashed", 0, 2, 0, strategies },
	{ "crash", "ms", "from its start to its crash", 10, 60000, 1700, NULL },
	{ "intensity", "restarts", "more than so many in a period, and the supervisor gives up", 0, 1000, 3, NULL },
	{ "period", "s", "the period", 1, 3600, 5, NULL },
};

static const struct card card = {
	.title = "it crashes, it is restarted, it crashes",
	.claim = "Memory is not everything: this one is flat.",
	.story = "A worker crashes a moment after each start; its supervisor starts it again. Below the limit of "
		"restarts this never ends, and no curve of memory shows it.",
	.tree = "pay_top\n  door_sup - pay_sup\n    a                     crashes: the culprit\n"
		"    b, c                  restarted with it, or not\n"
		"  cashier                 puts up the supervisor with the chosen strategy",
	.press = "1: restarts climb at pay_sup. 2: a is always young. Knob strategy: who goes with it? Knob crash "
		"at 10: the supervisor gives up, the application is down. Start it again, x.",
	.see = "A count of restarts, pids that are always new, and nothing else.",
	.cure = "init that does not need the bank: come up, then try, and try later when it fails.",
	.otp = "Supervisor.count_children(sup); the log (supervisor reports: start_error, child_terminated); "
		":recon.proc_window(:reductions, 5, 1000) with pids that come and go.",
	.gc_helps = "no",
	.culprit = "a",
	.finding = "restart-storm",
};

const struct application demo_revolving_door = {
	.name = "revolving_door", .knobs = knobs, .knob_count = ARRAY_COUNT(knobs), .top = &pay_top, .card = &card,
	.is_demo = true,
};
