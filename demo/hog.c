/*
 * hog - S27: who computes, and who waits for it.
 *
 * Hogs compute without a pause. The scheduler takes each off after its share of reductions, so a small server still
 * gets its turns, later the more hogs there are: the run queue is as long as there are hogs. Hogs of high priority
 * are another matter: while they can run nobody of normal priority does, and a server stands there with mail,
 * runnable, without a reduction.
 *
 * Claim of the article: none of memory: it is flat, and everything is slow.
 *
 * For one hundredth of the time all hogs rest together. On the BEAM they would not; but then a supervisor could not
 * end them either, and the demo could not be stopped.
 *
 * The cure: low priority, and the work cut into pieces with pauses.
 */
#include "demo/load.h"

enum { HOGS = KNOB_FIRST, PRIORITY };

#define MOST_HOGS 64
#define PIECE_US 1000
#define CYCLE_US 500000                 /* in each half second ... */
#define REST_US 5000                    /* ... so much for everybody else */
#define PING_US 10000
#define CALL_US 60000000

/* ---- hog: the first `hogs` of them work --------------------------------------------------------------- */

static enum priority priority(struct process *p)
{
	static const enum priority words[] = { PRIORITY_NORMAL, PRIORITY_HIGH, PRIORITY_LOW };

	return load_fixed(p) ? PRIORITY_LOW : words[knob_get(p, PRIORITY)];
}

static uint64_t rest_left_us(struct process *p)
{
	uint64_t at = process_now_us(p) % CYCLE_US;

	return at < REST_US ? REST_US - at : 0;
}

static enum next hog_loop(struct process *p)
{
	enum { NUMBER, SLOTS };

	PROGRAM(p, SLOTS);
	slot_set(p, NUMBER, x_get(p, 0));
	x_clear(p);
	for (;;) {
		process_set_priority(p, priority(p));
		if (term_to_small(slot_get(p, NUMBER)) > knob_get(p, HOGS))
			SLEEP(p, 100000);
		else if (rest_left_us(p) > 0)
			SLEEP(p, rest_left_us(p));
		else
			WORK(p, PIECE_US);
		if (load_fixed(p))
			SLEEP(p, PIECE_US);
	}
	PROGRAM_END(p);
}
static const struct step hog = { "hog:loop/1", hog_loop };

/* They are all there from the start: under high priority nobody could start another one. */
static enum next farmer_loop(struct process *p)
{
	enum { CREW, SLOTS = CREW + LOAD_CREW_SLOTS };
	term m;

	PROGRAM(p, SLOTS);
	x_clear(p);
	for (;;) {
		load_crew(p, CREW, app_whereis(p, "hog_sup"), MOST_HOGS, 2640);
		RECEIVE_AFTER(p, m, LOAD_RETRY_US);
		if (!term_is_none(m))
			load_crew_message(p, CREW, m);
	}
	PROGRAM_END(p);
}
static const struct step farmer = { "farmer:loop/0", farmer_loop };

/* ---- small_server, and a client that calls it ------------------------------------------------------------ */

static enum next small_init(struct process *p, term argument)
{
	(void) argument;
	return server_started(p, term_from_small(0));
}

static enum next small_call(struct process *p, term request, term from, term count)
{
	(void) request, (void) from;
	return server_reply(p, ATOM(ok), term_from_small(term_to_small(count) + 1));
}

static const struct server_module small_server = {
	.name = "small_server", .init = small_init, .handle_call = small_call,
};

static enum next client_loop(struct process *p)
{
	PROGRAM(p, 0);
	x_clear(p);
	for (;;) {
		SLEEP(p, PING_US);
		CALL_SERVER(p, app_name(p, "small_server"), ATOM(call), CALL_US);
	}
	PROGRAM_END(p);
}
static const struct step client = { "client:loop/0", client_loop };

/* ---- The tree ------------------------------------------------------------------------------------- */

static const struct child_spec hog_child = { .id = "hog", .step = &hog, .restart = TEMPORARY };
static const struct supervisor_spec hog_sup = {
	.name = "hog_sup", .strategy = SIMPLE_ONE_FOR_ONE, .children = &hog_child, .child_count = 1,
};
static const struct child_spec cpu_children[] = {
	{ .id = "small_server", .registered = true, .server = &small_server },
	{ .id = "client", .registered = true, .step = &client },
	{ .id = "hog_sup", .supervisor = &hog_sup },
	{ .id = "farmer", .registered = true, .step = &farmer },
};
static const struct supervisor_spec cpu_sup = {
	.name = "cpu_sup", .strategy = REST_FOR_ONE, .children = cpu_children, .child_count = 4,
};

static const char *const priorities[] = { "normal", "high", "low", NULL };
static const struct knob knobs[] = {
	KNOB_FIX_OFF_ON,
	KNOB_CEILING_BYTES(64000000),
	{ "hogs", "", "processes that compute without a pause", 0, MOST_HOGS, 2, NULL },
	{ "priority", "", "of the hogs", 0, 2, 0, priorities },
};

static const struct card card = {
	.title = "who computes, and who waits for it",
	.claim = "Everything is slow and memory is flat.",
	.story = "Hogs compute without a pause. At normal priority a small server is late; at high priority it does "
		"not run at all, with mail in its queue.",
	.tree = "cpu_sup\n  small_server            answers in no time, when it gets a turn\n"
		"  client                  calls it\n"
		"  hog_sup - hog ...       the first `hogs` of them work: the culprits\n"
		"  farmer                  puts them there",
	.press = "2 R: the hogs are first. Find small_server. Knob priority at high: its reductions stand still, "
		"its status is runnable. Knob hogs. x.",
	.see = "Reductions of the hogs, all alike; the run queue; the latency of calls.",
	.cure = "Low priority and pieces with pauses. Never high, unless the work is short and seldom. Reductions "
		"are not time: a copy of a large binary costs few and lasts long.",
	.otp = ":recon.proc_window(:reductions, 5, 1000); :erlang.statistics(:run_queue); Process.info(pid, "
		"[:status, :priority]).",
	.gc_helps = "no",
	.culprit = "small_server",
	.finding = "starved",
};

const struct application demo_hog = {
	.name = "hog", .knobs = knobs, .knob_count = ARRAY_COUNT(knobs), .top = &cpu_sup, .card = &card,
	.is_demo = true,
};
