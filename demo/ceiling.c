/*
 * ceiling - S20: a process with a limit, and what the limit does not see.
 *
 * A job keeps everything it reads. max_heap_size is set: at a collection, when what is there and what the collection
 * would need pass the limit together, the process is killed. So it dies at about half of what the limit says, its
 * supervisor starts it again, and it grows again.
 *
 *      words |     /|    /|    /|        limit ----------------
 *            |    / |   / |   / |
 *            |___/  |__/  |__/  |___     each time at about half of it
 *
 * What counts: the heaps and an on-heap mailbox. What does not: an off-heap mailbox, binaries. Pressing g may be
 * what kills.
 *
 * Claim of the article: "Processes are being killed by max_heap_size limits."
 *
 * The cure: the job forgets what it has worked off.
 */
#include "demo/load.h"

enum { LIMIT = KNOB_FIRST, GROW, KILL, QUEUE };

#define MESSAGE_WORDS 100
#define TICK_US 10000
#define PEAK_FACTOR 3                   /* what a collection of the job may need beside what is there */

/* ---- job: reads its mail and keeps a row for each few words of it -------------------------------------------- */

enum { KEPT, COUNT, SLOTS };

static bool is_off_heap(struct process *p) { return knob_get(p, QUEUE) != 0; }

/* Each of its collections is a full sweep: there is nothing dead that would count too. */
static void set_limit(struct process *p)
{
	struct heap_options options = HEAP_OPTIONS_DEFAULT;

	options.fullsweep_after = 0;
	options.max_heap_words = load_knob(p, LIMIT);
	options.max_heap_flags = MAX_HEAP_LOG | (knob_get(p, KILL) == 0 ? MAX_HEAP_KILL : 0);
	process_set_heap_options(p, &options);
	process_set_queue_off_heap(p, is_off_heap(p));
}

static void forget(struct process *p)
{
	slot_set(p, KEPT, TERM_NIL);
	slot_set(p, COUNT, term_from_small(0));
}

/* As many words as came are kept. With its queue off heap it reads nothing: the mail itself is what is kept then. */
static void read_mail(struct process *p)
{
	intptr_t count = term_to_small(slot_get(p, COUNT));
	term m;

	while ((load_fixed(p) || !is_off_heap(p)) && process_receive(p, &m)) {
		slot_set(p, KEPT, load_rows(p, slot_get(p, KEPT), count, MESSAGE_WORDS / LOAD_ROW_WORDS));
		count += MESSAGE_WORDS / LOAD_ROW_WORDS;
		slot_set(p, COUNT, term_from_small(count));
		if (load_fixed(p))
			forget(p);
	}
}

static enum next job_loop(struct process *p)
{
	PROGRAM(p, SLOTS);
	x_clear(p);
	forget(p);
	for (;;) {
		set_limit(p);
		SLEEP(p, TICK_US);
		read_mail(p);
	}
	PROGRAM_END(p);
}
static const struct step job = { "job:loop/1", job_loop };

/* ---- feeder: `grow` words a second ------------------------------------------------------------------------- */

static void feed(struct process *p, uint64_t count)
{
	term to = app_whereis(p, "job");

	for (; count > 0 && !term_is_none(to); count--)
		process_send(p, to, load_message(p, ATOM(data), MESSAGE_WORDS));
}

static enum next feeder_loop(struct process *p)
{
	enum { PACE, FEEDER_SLOTS = PACE + LOAD_PACE_SLOTS };
	uint64_t due;

	PROGRAM(p, FEEDER_SLOTS);
	x_clear(p);
	for (;;) {
		SLEEP(p, TICK_US);
		due = load_due_slot(p, PACE, load_knob(p, GROW), MESSAGE_WORDS);
		if (app_has_room(p, PEAK_FACTOR * due * load_message_bytes(MESSAGE_WORDS)))
			feed(p, due);
	}
	PROGRAM_END(p);
}
static const struct step feeder = { "feeder:loop/0", feeder_loop };

/* ---- The tree ------------------------------------------------------------------------------------- */

static const struct child_spec batch_children[] = {
	{ .id = "job", .registered = true, .step = &job },
	{ .id = "feeder", .registered = true, .step = &feeder },
};
static const struct supervisor_spec batch_sup = {
	.name = "job_sup", .intensity = 1000, .period_s = 1, .children = batch_children, .child_count = 2,
};

static const char *const kills[] = { "on", "off", NULL };
static const char *const queues[] = { "on_heap", "off_heap", NULL };
static const struct knob knobs[] = {
	KNOB_FIX_OFF_ON,
	KNOB_CEILING_BYTES(128000000),
	{ "limit", "words", "max_heap_size of the job", 10000, 10000000, 1000000, NULL },
	{ "grow", "words/s", "what the job is sent", 1000, 1000000, 100000, NULL },
	{ "kill", "", "is it killed at the limit, or only reported", 0, 1, 0, kills },
	{ "queue", "", "message_queue_data of the job: off_heap is not counted", 0, 1, 0, queues },
};

static const struct card card = {
	.title = "a process with a limit, and what the limit does not see",
	.claim = "Processes are being killed by max_heap_size limits.",
	.story = "A job grows until its limit kills it, at about half of it: the room that the collection needs "
		"counts too. The supervisor starts it again. An off-heap mailbox and binaries do not count.",
	.tree = "job_sup\n  job                     grows, is killed, is restarted: the culprit\n"
		"  feeder                  sends what is kept",
	.press = "1: restarts of job climb. 2 M: Enter on job: how near is it to its limit? g when it is near: the "
		"collection kills. Knobs: kill off, queue off_heap. x.",
	.see = "A saw-tooth whose teeth end at half the limit, and a restart at each. With kill at off it grows to "
		"the ceiling.",
	.cure = "Forget what is done. The limit is a seat belt, not a cure.",
	.otp = "Process.flag(:max_heap_size, %{size: 1_000_000, kill: true, error_logger: true}); the log says "
		"'maximum heap size reached'; a linked process sees :killed.",
	.gc_helps = "no, and may kill",
	.culprit = "job",
	.finding = "near-limit",
};

const struct application demo_ceiling = {
	.name = "ceiling", .knobs = knobs, .knob_count = ARRAY_COUNT(knobs), .top = &batch_sup, .card = &card,
	.is_demo = true,
};
