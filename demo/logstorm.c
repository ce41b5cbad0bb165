/*
 * logstorm - S10: everybody logs, one process writes.
 *
 * Ten workers log whatever they do; one handler formats and writes. It is a mailbox bomb with a familiar face.
 * OTP's handler protects itself: over `drop` queued events it drops new ones, over `flush` it throws its queue
 * away, and it takes no more than `burst` a second. Without these limits nothing is lost and the queue grows; with
 * them the queue is short, and most events are lost. A bounded queue means loss: the loss is counted and shown.
 *
 *      worker_1..10 ──log──▶ [e][e][e][e][e]... ──▶ log_handler ──▶ disk
 *
 * Claim of the article: "The mailbox grows without bound."
 *
 * The cure: the limits, switched on.
 */
#include "demo/load.h"

enum { RATE = KNOB_FIRST, WORK, DROP, FLUSH, BURST };

#define WORKERS 10
#define REPORT_WORDS 12
#define LOOK_US 50000

/* ---- worker ---------------------------------------------------------------------------------------- */

static void log_some(struct process *p, uint64_t count)
{
	term handler = app_whereis(p, "log_handler");

	for (uint64_t i = 0; i < count && !term_is_none(handler); i++)
		log_event(p, handler, LOG_INFO, load_message(p, ATOM(info), REPORT_WORDS));
}

static enum next worker_loop(struct process *p)
{
	enum { PACE, SLOTS = PACE + LOAD_PACE_SLOTS };
	uint64_t due;

	PROGRAM(p, SLOTS);
	x_clear(p);
	for (;;) {
		SLEEP(p, load_nap_us(load_knob(p, RATE), WORKERS));
		due = load_due_slot(p, PACE, load_knob(p, RATE), WORKERS);
		if (due > 0 && app_has_room(p, due * load_message_bytes(REPORT_WORDS)))
			log_some(p, due);
	}
	PROGRAM_END(p);
}
static const struct step worker = { "worker:loop/1", worker_loop };

/* ---- logger_proxy: installs the handler, and changes its limits ---------------------------------------- */

/* As OTP's handlers have it: their mail lies outside of the heap, and no collection moves it. */
static void off_heap_queue(struct world *w, uint32_t application, struct spawn_options *options)
{
	(void) w, (void) application;
	options->off_heap_queue = true;
}

static const struct child_spec handler_child = {
	.id = "log_handler", .registered = true, .step = &logger_step, .restart = TEMPORARY, .adjust = off_heap_queue,
};

static void set_limits(struct process *p, term handler)
{
	struct logger_limits limits = { UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, 1000000 };

	if (load_fixed(p)) {
		limits.drop = load_knob(p, DROP);
		limits.flush = load_knob(p, FLUSH);
		limits.burst_count = load_knob(p, BURST);
	}
	logger_set_limits(process_world(p), handler, &limits);
}

/* The time that writing takes is given to a handler at its start: for another one it is installed anew. */
static void look_after_handler(struct process *p, unsigned slot)
{
	term handler = app_whereis(p, "log_handler"), work = term_from_small((intptr_t) knob_get(p, WORK));

	if (term_is_none(handler)) {
		supervisor_start_child(p, app_whereis(p, "handler_sup"), &handler_child, work, false);
		slot_set(p, slot, work);
	} else if (!term_is(slot_get(p, slot), work)) {
		supervisor_terminate_child(p, app_whereis(p, "handler_sup"), handler);
	} else {
		set_limits(p, handler);
	}
}

static enum next logger_proxy_loop(struct process *p)
{
	enum { INSTALLED, SLOTS };

	PROGRAM(p, SLOTS);
	x_clear(p);
	for (;;) {
		look_after_handler(p, INSTALLED);
		SLEEP(p, LOOK_US);
	}
	PROGRAM_END(p);
}
static const struct step logger_proxy = { "logger_proxy:loop/0", logger_proxy_loop };

/* ---- The tree ------------------------------------------------------------------------------------- */

#define WORKER(n) { .id = "worker_" #n, .registered = true, .step = &worker, .argument = (n) }
static const struct child_spec workers[WORKERS] = {
	WORKER(1), WORKER(2), WORKER(3), WORKER(4), WORKER(5), WORKER(6), WORKER(7), WORKER(8), WORKER(9), WORKER(10),
};
static const struct supervisor_spec worker_sup = { .name = "worker_sup", .children = workers, .child_count = WORKERS };
static const struct supervisor_spec handler_sup = { .name = "handler_sup", .children = NULL, .child_count = 0 };
static const struct child_spec logging_children[] = {
	{ .id = "handler_sup", .supervisor = &handler_sup },
	{ .id = "logger_proxy", .registered = true, .step = &logger_proxy },
	{ .id = "worker_sup", .supervisor = &worker_sup },
};
static const struct supervisor_spec logging_sup = {
	.name = "logger_sup", .strategy = REST_FOR_ONE, .children = logging_children, .child_count = 3,
};

static const struct knob knobs[] = {
	KNOB_FIX_OFF_ON,
	KNOB_CEILING_BYTES(64000000),
	{ "rate", "/s", "events, all workers together", 1, 1000000, 2000, NULL },
	{ "work", "us", "writing one event", 0, 10000, 2000, NULL },
	{ "drop", "events", "with the fix: new events are dropped while so many wait", 1, 1000000, 200, NULL },
	{ "flush", "events", "with the fix: the queue is thrown away above so many", 1, 1000000, 1000, NULL },
	{ "burst", "/s", "with the fix: no more than so many are taken", 1, 1000000, 500, NULL },
};

static const struct card card = {
	.title = "everybody logs, one process writes",
	.claim = "The mailbox grows without bound.",
	.story = "Ten workers log faster than one handler writes. Unprotected, the handler's mailbox grows and "
		"nothing is lost; with OTP's limits the mailbox stays short and most of the events are.",
	.tree = "logger_sup\n  handler_sup - log_handler    writes: the culprit\n"
		"  logger_proxy                 installs it, sets its limits\n  worker_sup - worker_1 .. worker_10",
	.press = "2 Q: log_handler is first. x: the queue falls, the count of dropped events climbs. Turn rate, "
		"drop, flush, burst.",
	.see = "The queue of log_handler, a straight line; with the limits a low saw-tooth, and events lost.",
	.cure = "The limits (logger_std_h has them by default), and logging less. What is lost must be seen: count "
		"it.",
	.otp = ":recon.proc_count(:message_queue_len, 3); :logger.get_handler_config(:default); {:logger_olp, ...} "
		"counters drops, flushes, burst_drops.",
	.gc_helps = "no",
	.culprit = "log_handler",
	.finding = "mailbox-growth",
};

const struct application demo_logstorm = {
	.name = "logstorm", .knobs = knobs, .knob_count = ARRAY_COUNT(knobs), .top = &logging_sup, .card = &card,
	.is_demo = true,
};
