/*
 * closure - S30: the fun took everything with it.
 *
 * A server starts a task for one document, and the fun it gives mentions its whole state. A fun carries what it
 * mentions, and a spawn copies what the fun carries: sixteen megabytes, to look at one number.
 *
 *     Task.start(fn -> deliver(state.documents, id) end)            # copies state
 *     Task.start(fn -> deliver(id) end)                             # copies a number
 *
 * Claim of the article: "messages are copied" - and so are the closures of spawn.
 *
 * The cure: take out what is needed before the fun is made.
 */
#include "demo/load.h"

enum { TERM_BYTES = KNOB_FIRST, CAPTURE };
enum { ALL, ID };

#define BETWEEN_US 5000000
#define TASK_US 4000000
#define PEAK_TERMS 4

/* ---- task: has a fun, works for a while, ends --------------------------------------------------------------- */

static enum next task_run(struct process *p)
{
	enum { FUN, SLOTS };

	PROGRAM(p, SLOTS);
	slot_set(p, FUN, x_get(p, 0));
	x_clear(p);
	SLEEP(p, TASK_US);
	PROGRAM_END(p);
}
static const struct step task = { "docs:-deliver/2-fun-0-/0", task_run };

/* ---- docs: a large state, a task for it every few seconds ----------------------------------------------------- */

enum { DOCUMENTS, SLOTS = DOCUMENTS + LOAD_DOCUMENT_SLOTS };

static void start_task(struct process *p)
{
	struct spawn_options options = SPAWN_DEFAULT;
	bool whole = knob_get(p, CAPTURE) == ALL && !load_fixed(p);
	struct builder *b = RESERVE(p, FUN_CAPTURED + 1);
	term captured = whole ? slot_get(p, DOCUMENTS) : term_from_small(7);
	term fun = build_fun(b, process_atom(p, task.name), process_self(p), 0, 1, &captured);

	options.link = true;
	process_spawn(p, &task, 1, &fun, &options);
}

/* Between tasks it hibernates: its block is as large as its state, to the word. */
static enum next docs_loop(struct process *p)
{
	term m;

	PROGRAM(p, SLOTS);
	x_clear(p);
	for (;;) {
		LOAD_AWAIT_ROOM(p, PEAK_TERMS * load_knob(p, TERM_BYTES));
		while (!load_grow_document(p, DOCUMENTS, load_knob(p, TERM_BYTES)))
			YIELD(p);
		start_task(p);
		process_send_after(p, BETWEEN_US, process_self(p), ATOM(go));
		HIBERNATE(p);
		RECEIVE(p, m);
	}
	PROGRAM_END(p);
}
static const struct step docs = { "docs:loop/1", docs_loop };

static const struct child_spec docs_children[] = { { .id = "docs", .registered = true, .step = &docs } };
static const struct supervisor_spec docs_sup = { .name = "task_sup", .children = docs_children, .child_count = 1 };

static const char *const captures[] = { "all", "id", NULL };
static const struct knob knobs[] = {
	KNOB_FIX_OFF_ON,
	KNOB_CEILING_BYTES(128000000),
	{ "term", "bytes", "the state of docs; four times as much must have room", 1000000, 100000000, 16000000, NULL },
	{ "capture", "", "what the fun of a task mentions", ALL, ID, ALL, captures },
};

static const struct card card = {
	.title = "the fun took everything with it",
	.claim = "Messages are copied; so are the closures of spawn.",
	.story = "A server starts a task every few seconds. The task's fun mentions the server's state, so the "
		"state travels with it.",
	.tree = "task_sup\n  docs                    a large state\n"
		"    (task)                linked, with a copy of it: the culprit",
	.press = "2 M: docs, and a process as large that was not there before. Enter on it: initial call. g: all "
		"live. Knob capture at id, or x.",
	.see = "processes steps up by the state at each task, and down when the task ends.",
	.cure = "id = state.id before the fun: it mentions a number then.",
	.otp = ":erlang.fun_info(f, :env); :erts_debug.flat_size(f) * 8 is what the spawn copies.",
	.gc_helps = "no, while the task lives",
	.culprit = "docs",
	.finding = "big-copy",
};

const struct application demo_closure = {
	.name = "closure", .knobs = knobs, .knob_count = ARRAY_COUNT(knobs), .top = &docs_sup, .card = &card,
	.is_demo = true,
};
