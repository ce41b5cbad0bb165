/*
 * waiting_room - S22: each request leaves a process behind.
 *
 * The front of a shop starts a process for each request that waits for an answer. The answer does not come, and the
 * receive has no timeout. The waiters are linked to nobody and supervised by nobody: small, idle, healthy, and ever
 * more.
 *
 *     spawn(fn -> receive do {:answer, a} -> deliver(a) end end)
 *
 * Claim of the article: "Dead processes release their memory instantly." These are not dead; nobody waits for them.
 *
 * The cure: a timeout (and a link, so that nobody outlives the request). Those who wait already are told to leave.
 */
#include "demo/load.h"

enum { RATE = KNOB_FIRST, TIMEOUT };

#define FIX_TIMEOUT_MS 100
#define WAITER_BYTES 2726
#define TOLD_AT_ONCE 5000
#define SWEEP_US 250000

/* ---- waiter: x[0] is its timeout in microseconds, 0 = none ---------------------------------------------------- */

static enum next waiter_loop(struct process *p)
{
	enum { TIMEOUT_US, SLOTS };
	term m;

	PROGRAM(p, SLOTS);
	slot_set(p, TIMEOUT_US, x_get(p, 0));
	x_clear(p);
	RECEIVE_AFTER(p, m, term_to_small(slot_get(p, TIMEOUT_US)) ? (uint64_t) term_to_small(slot_get(p,
		TIMEOUT_US)) : UINT64_MAX);
	PROGRAM_END(p);
}
static const struct step waiter = { "front:-wait/1-fun-0-/1", waiter_loop };

/* ---- front: {Last tick, Credit, Waiters (newest first), How many} --------------------------------------------- */

enum { LAST, CREDIT, WAITERS, COUNT };

static uint64_t timeout_us(struct process *p)
{
	int64_t ms = knob_get(p, TIMEOUT);

	if (ms == 0 && load_fixed(p))
		ms = FIX_TIMEOUT_MS;
	return (uint64_t) ms * 1000;
}

static void tick(struct process *p)
{
	process_send_after(p, load_nap_us(load_knob(p, RATE), 1), process_self(p), ATOM(go));
}

static term state_new(struct process *p, const struct load_pace *pace, term waiters, int64_t count)
{
	return load_tuple4(p, term_from_small((intptr_t) pace->last_us), term_from_small((intptr_t) pace->credit),
		waiters,
		term_from_small((intptr_t) count));
}

static enum next front_init(struct process *p, term argument)
{
	(void) argument;
	process_trap_exit(p, true);
	tick(p);
	return server_started(p, state_new(p, &(struct load_pace) { 0, 0 }, TERM_NIL, 0));
}

/* A bare spawn: no link, no supervisor, no application. With the cure it is linked, and belongs where its front does. */
static term admit(struct process *p, term waiters)
{
	struct spawn_options options = SPAWN_DEFAULT;
	term timeout = term_from_small((intptr_t) timeout_us(p)), pid;

	options.link = load_fixed(p);
	if (!load_fixed(p)) {
		options.application = ATOM_undefined;
		options.supervisor = TERM_NIL;
	}
	pid = process_spawn(p, &waiter, 1, &timeout, &options);
	return load_cons(p, pid, waiters);
}

/* The list without those who have left. */
static term without_the_dead(struct process *p, term waiters, int64_t *count)
{
	struct builder *b = RESERVE(p, 2 * (size_t) *count, &waiters);
	term kept = TERM_NIL;
	int64_t left = 0;

	for (; term_is_cons(waiters); waiters = list_tail(waiters))
		if (world_is_alive(process_world(p), list_head(waiters))) {
			kept = build_cons(b, list_head(waiters), kept);
			left++;
		}
	*count = left;
	return kept;
}

/* Those who came before there was a timeout are told to leave. */
static void tell_to_leave(struct process *p, term waiters)
{
	for (int i = 0; i < TOLD_AT_ONCE && term_is_cons(waiters); i++, waiters = list_tail(waiters))
		if (world_is_alive(process_world(p), list_head(waiters)))
			process_send(p, list_head(waiters), ATOM(timeout));
}

static enum next front_info(struct process *p, term message, term state)
{
	struct load_pace pace = { (uint64_t) load_number(state, LAST), (uint64_t) load_number(state, CREDIT) };
	term waiters = tuple_at(state, WAITERS);
	int64_t count = load_number(state, COUNT);
	bool sweep = process_now_us(p) / SWEEP_US != pace.last_us / SWEEP_US;
	uint64_t due;

	if (!term_is(message, ATOM(go)))
		return server_noreply(p, state);
	due = load_due(p, &pace, load_knob(p, RATE), 1);
	if (due > 0 && load_has_count(p, (uint64_t) count, due, WAITER_BYTES))
		for (; due > 0; due--, count++)
			waiters = admit(p, waiters);
	if (timeout_us(p) > 0 && sweep) {
		if (load_fixed(p))
			tell_to_leave(p, waiters);
		waiters = without_the_dead(p, waiters, &count);
	}
	tick(p);
	return server_noreply(p, state_new(p, &pace, waiters, count));
}

/* When the demo is stopped nobody else would end them. */
static void front_terminate(struct process *p, term reason, term state)
{
	(void) reason;
	for (term at = tuple_at(state, WAITERS); term_is_cons(at); at = list_tail(at))
		process_exit_other(p, list_head(at), ATOM(kill));
}

static const struct server_module front = {
	.name = "front", .init = front_init, .handle_info = front_info, .terminate = front_terminate,
};

static const struct child_spec shop_children[] = { { .id = "front", .registered = true, .server = &front } };
static const struct supervisor_spec shop_sup = { .name = "waiting_sup", .children = shop_children, .child_count = 1 };

static const struct knob knobs[] = {
	KNOB_FIX_OFF_ON,
	{ "ceiling", "processes", "growth stops here", 1000, 200000, 50000, NULL },
	{ "rate", "/s", "requests, one waiter each", 1, 10000, 400, NULL },
	{ "timeout", "ms", "a waiter leaves after so long; 0: never (the fix makes it 100)", 0, 60000, 0, NULL },
};

static const struct card card = {
	.title = "each request leaves a process behind",
	.claim = "Dead processes release their memory instantly.",
	.story = "A process is started for each request and waits for an answer that does not come, without a "
		"timeout. Linked to nobody, supervised by nobody: orphans.",
	.tree = "waiting_sup\n  front                   starts them by a bare spawn\n(orphans)\n"
		"  <0.N.0> ...             waiting: the culprits",
	.press = "3: the count of processes is a straight line. 1: the node Orphans. 2: same initial call, same "
		"size. G: nothing, and it takes time. x.",
	.see = "Process count and processes climb, two and a half kilobytes each; no row stands out.",
	.cure = "A timeout in every receive that waits for somebody else; start_link, or Task.Supervisor.",
	.otp = "length(Process.list()); Process.list() |> Enum.frequencies_by(&Process.info(&1, :initial_call)); "
		":erlang.system_info(:process_limit).",
	.gc_helps = "no",
	.culprit = "system:process_count",
	.finding = "process-growth",
};

const struct application demo_waiting_room = {
	.name = "waiting_room", .knobs = knobs, .knob_count = ARRAY_COUNT(knobs), .top = &shop_sup, .card = &card,
	.is_demo = true,
};
