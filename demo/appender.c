/*
 * appender - S6: four ways to build a report out of pieces.
 *
 *     append    acc <> chunk                        writes in place, into spare room: cheap, up to twice the size held
 *     iolist    [acc | chunk], joined at the end    cheap, exact
 *     prepend   chunk <> acc                        copies everything each time: the time grows with the square
 *     fork      (acc <> chunk) and later acc <> x   appending to an older version copies it, and both stay
 *
 * A builder makes the same report over and over, holds it for a while, and forgets it. Look at the builder's
 * reductions and at how much it holds for the same report.
 *
 * Claim of the article: "binaries create a category of memory issues that don't exist elsewhere in the BEAM."
 *
 * The cure is the iolist: `fix` builds that way whatever the mode says.
 */
#include "demo/load.h"

enum { CHUNKS = KNOB_FIRST, CHUNK, MODE };
enum way { APPEND, IOLIST, PREPEND, FORK };

#define AT_ONCE 200                     /* chunks added in one turn of 10 ms */
#define TURN_US 10000
#define COPIED_AT_ONCE 4000000          /* bytes that prepend may copy in one turn */
#define FORKS 10
#define HOLD_US 3000000
#define CHUNK_MOST 1000

enum { ACC, VERSIONS, OLD, DONE, WAY, SLOTS };

static int64_t done(struct process *p)
{
	return term_to_small(slot_get(p, DONE));
}

/* The most that this way holds at a time, spare room and the next larger buffer included. */
static uint64_t peak_bytes(struct process *p, enum way way)
{
	uint64_t report = load_knob(p, CHUNKS) * load_knob(p, CHUNK);
	static const uint64_t times[] = { [APPEND] = 4, [IOLIST] = 2, [PREPEND] = 3, [FORK] = 14 };

	return report * times[way] + load_knob(p, CHUNKS) * (way == IOLIST ? 160 : 0);
}

/* What the next turn may take, should others have filled the room meanwhile: the report once more, doubled. */
static uint64_t next_bytes(struct process *p)
{
	return 2 * (uint64_t) (done(p) + AT_ONCE) * load_knob(p, CHUNK);
}

static void begin(struct process *p)
{
	enum way way = load_fixed(p) ? IOLIST : (enum way) knob_get(p, MODE);
	term empty = way == IOLIST ? TERM_NIL : blob_new(p, "", 0, 0, NULL, 0);

	slot_set(p, ACC, empty);
	slot_set(p, OLD, empty);
	slot_set(p, VERSIONS, TERM_NIL);
	slot_set(p, DONE, term_from_small(0));
	slot_set(p, WAY, term_from_small(way));
}

/* An older version is appended to once more: it has no room at its end any longer, so it is copied. */
static void fork_old(struct process *p)
{
	term old = slot_get(p, OLD);
	term forked = blob_append(p, &old, "fork", 4, NULL, 0);

	slot_set(p, VERSIONS, load_cons(p, forked, slot_get(p, VERSIONS)));
	slot_set(p, OLD, slot_get(p, ACC));
}

static void add_chunk(struct process *p, enum way way, const char *data, size_t bytes)
{
	term acc = slot_get(p, ACC);

	switch (way) {
	case APPEND:
	case FORK:
		acc = blob_append(p, &acc, data, bytes, NULL, 0);
		break;
	case PREPEND:
		acc = blob_prepend(p, &acc, data, bytes, NULL, 0);
		break;
	case IOLIST:
		acc = blob_new(p, data, bytes, 0, NULL, 0);
		acc = load_cons(p, acc, slot_get(p, ACC));
		break;
	}
	slot_set(p, ACC, acc);
}

static int64_t at_once(struct process *p, enum way way)
{
	int64_t bytes = (done(p) + 1) * knob_get(p, CHUNK);
	int64_t some = 1 + COPIED_AT_ONCE / bytes;

	return way != PREPEND || some > AT_ONCE ? AT_ONCE : some;
}

static void add_some(struct process *p)
{
	char data[CHUNK_MOST];
	enum way way = (enum way) term_to_small(slot_get(p, WAY));
	int64_t chunks = knob_get(p, CHUNKS), n = done(p), some = at_once(p, way);
	size_t bytes = load_knob(p, CHUNK);

	for (size_t i = 0; i < bytes; i++)
		data[i] = 'r';
	for (; some > 0 && n < chunks; some--, n++) {
		add_chunk(p, way, data, bytes);
		if (way == FORK && (n + 1) % (chunks / FORKS) == 0)
			fork_old(p);
	}
	slot_set(p, DONE, term_from_small((intptr_t) n));
}

/* An iolist is only joined when it is used: here, at the end, into one binary of exactly its size. */
static void join(struct process *p)
{
	if (term_to_small(slot_get(p, WAY)) == IOLIST)
		slot_set(p, ACC, load_blob(p, (size_t) done(p) * load_knob(p, CHUNK), 'r'));
}

static enum next builder_loop(struct process *p)
{
	PROGRAM(p, SLOTS);
	x_clear(p);
	for (;;) {
		LOAD_AWAIT_ROOM(p, peak_bytes(p, load_fixed(p) ? IOLIST : (enum way) knob_get(p, MODE)));
		begin(p);
		while (done(p) < knob_get(p, CHUNKS)) {
			SLEEP(p, TURN_US);
			if (app_has_room(p, next_bytes(p)))
				add_some(p);
		}
		join(p);
		process_collect(p, true, 0, NULL, 0);
		SLEEP(p, HOLD_US);
		begin(p);
		process_collect(p, true, 0, NULL, 0);
	}
	PROGRAM_END(p);
}
static const struct step builder = { "builder:loop/0", builder_loop };

static const struct child_spec report_children[] = { { .id = "builder", .registered = true, .step = &builder } };
static const struct supervisor_spec report_sup = {
	.name = "report_sup", .children = report_children, .child_count = 1,
};

static const char *const modes[] = { "append", "iolist", "prepend", "fork", NULL };
static const struct knob knobs[] = {
	KNOB_FIX_OFF_ON,
	KNOB_CEILING_BYTES(64000000),
	{ "chunks", "", "pieces of a report", 1000, 100000, 20000, NULL },
	{ "chunk", "bytes", "one piece", 1, 1000, 100, NULL },
	{ "mode", "", "how the report is built", APPEND, FORK, APPEND, modes },
};

static const struct card card = {
	.title = "four ways to build a report out of pieces",
	.claim = "refc binaries create a category of memory issues that don't exist elsewhere.",
	.story = "The same report is built out of the same pieces, in place, as an iolist, back to front, or with "
		"forks. What differs is how much is held for it and how much was copied.",
	.tree = "report_sup\n  builder                 builds, holds, forgets, again",
	.press = "2 B: builder. Turn the knob mode through its four words and compare what is held at the end, and "
		"how long it takes.",
	.see = "append: up to twice the report, in steps of doubling. iolist: exactly the report. prepend: slower "
		"with each piece. fork: many times the report.",
	.cure = "An iolist, joined once at the end or never: files and sockets take iolists.",
	.otp = ":recon.proc_window(:reductions, 3, 1000); Process.info(pid, :binary); "
		":binary.referenced_byte_size(acc) shows the spare room.",
	.gc_helps = "partly: only what is forgotten already",
	.culprit = "builder",
	.finding = "",
};

const struct application demo_appender = {
	.name = "appender", .knobs = knobs, .knob_count = ARRAY_COUNT(knobs), .top = &report_sup, .card = &card,
	.is_demo = true,
};
