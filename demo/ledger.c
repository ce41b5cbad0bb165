/*
 * ledger - S29: one file, read four ways.
 *
 *     whole     File.read!(f)                              the file, once
 *     split     File.read!(f) |> String.split("\n")        the file and a slice for each line: more than three times
 *     lines     File.stream!(f)                            one line
 *     blocks    File.stream!(f, [], 65_536)                one block: as small, and much cheaper
 *
 * Claim of the article: "Don't load entire files into memory."
 *
 * The file is made up as it is read: nothing touches the disk. The cure: by lines.
 */
#include "demo/load.h"

enum { FILE_BYTES = KNOB_FIRST, MODE };
enum way { WHOLE, SPLIT, LINES, BLOCKS };

#define LINE_BYTES 100
#define BLOCK_BYTES 65536
#define TICK_US 10000
#define TICKS 300                       /* a pass takes so many */
#define PAUSE_US 1000000
#define LINES_AT_ONCE 4000
#define SEED 7
#define SPLIT_PEAK 7 / 2                /* of the file: itself, the list, and room to collect */

enum { TEXT, LIST, OFFSET, LEFT, SLOTS };

static int64_t number(struct process *p, unsigned slot)
{
	return term_is_small(slot_get(p, slot)) ? term_to_small(slot_get(p, slot)) : 0;
}

static void set_number(struct process *p, unsigned slot, int64_t n)
{
	slot_set(p, slot, term_from_small((intptr_t) n));
}

static enum way way_now(struct process *p)
{
	return load_fixed(p) ? LINES : (enum way) knob_get(p, MODE);
}

static uint64_t peak_bytes(struct process *p, enum way way)
{
	uint64_t file = load_knob(p, FILE_BYTES);

	return way == WHOLE ? file : way == SPLIT ? file * SPLIT_PEAK : BLOCK_BYTES;
}

/* File.read!(f) */
static void read_whole(struct process *p)
{
	struct stream *s = stream_generate(process_world(p), load_knob(p, FILE_BYTES), LINE_BYTES, SEED);
	term text = stream_read_all(p, s, NULL, 0);

	stream_close(s);
	slot_set(p, TEXT, text);
	slot_set(p, LIST, TERM_NIL);
	set_number(p, OFFSET, 0);
}

/* Some lines more are cut off; false at the end. */
static bool split_some(struct process *p)
{
	size_t offset = (size_t) number(p, OFFSET);
	term list = stream_split(p, slot_get(p, TEXT), &offset, LINES_AT_ONCE, slot_get(p, LIST));

	slot_set(p, LIST, list);
	set_number(p, OFFSET, (int64_t) offset);
	return offset < load_knob(p, FILE_BYTES);
}

/* One tick's share of the file, in pieces that nobody keeps. */
static void stream_some(struct process *p, uint64_t piece)
{
	int64_t pieces = (int64_t) (load_knob(p, FILE_BYTES) / piece / TICKS) + 1;

	for (; pieces > 0; pieces--)
		load_blob(p, piece, 'l');
	set_number(p, LEFT, number(p, LEFT) - 1);
}

static void tell_sink(struct process *p)
{
	process_send_name_quiet(p, app_name(p, "sink"), term_from_small((intptr_t) knob_get(p, FILE_BYTES)));
}

static void forget(struct process *p)
{
	slot_set(p, TEXT, TERM_NIL);
	slot_set(p, LIST, TERM_NIL);
}

static enum next reader_loop(struct process *p)
{
	PROGRAM(p, SLOTS);
	x_clear(p);
	for (;;) {
		LOAD_AWAIT_ROOM(p, peak_bytes(p, way_now(p)));
		set_number(p, LEFT, TICKS);
		if (way_now(p) == WHOLE || way_now(p) == SPLIT) {
			read_whole(p);
			while (way_now(p) == SPLIT && split_some(p))
				YIELD(p);
			SLEEP(p, TICKS * TICK_US);
		}
		while (number(p, LEFT) > 0 && term_is_nil(slot_get(p, TEXT))) {
			stream_some(p, way_now(p) == BLOCKS ? BLOCK_BYTES : LINE_BYTES);
			SLEEP(p, TICK_US);
		}
		tell_sink(p);
		forget(p);
		process_collect(p, true, 0, NULL, 0);
		SLEEP(p, PAUSE_US);
	}
	PROGRAM_END(p);
}
static const struct step reader = { "reader:loop/1", reader_loop };

static enum next sink_loop(struct process *p)
{
	enum { SUM, SINK_SLOTS };
	term m;

	PROGRAM(p, SINK_SLOTS);
	x_clear(p);
	for (;;) {
		RECEIVE(p, m);
		set_number(p, SUM, number(p, SUM) + term_to_small(m));
	}
	PROGRAM_END(p);
}
static const struct step sink = { "sink:loop/1", sink_loop };

static const struct child_spec etl_children[] = {
	{ .id = "sink", .registered = true, .step = &sink },
	{ .id = "reader", .registered = true, .step = &reader },
};
static const struct supervisor_spec etl_sup = { .name = "etl_sup", .children = etl_children, .child_count = 2 };

static const char *const modes[] = { "whole", "split", "lines", "blocks", NULL };
static const struct knob knobs[] = {
	KNOB_FIX_OFF_ON,
	KNOB_CEILING_BYTES(128000000),
	{ "file", "bytes", "the file, made up as it is read", 1000000, 200000000, 32000000, NULL },
	{ "mode", "", "how it is read", WHOLE, BLOCKS, WHOLE, modes },
};

static const struct card card = {
	.title = "one file, read four ways",
	.claim = "Don't load entire files into memory.",
	.story = "A reader goes through the same file over and over: whole, split into lines, line by line, or "
		"block by block.",
	.tree = "etl_sup\n  sink                    gets the sum\n"
		"  reader                  holds the file, or a line of it: the culprit",
	.press = "3: binary is a saw-tooth as high as the file. Knob mode at split: how high now? lines, blocks: "
		"where is it? g during split: partly. x.",
	.see = "A saw-tooth of binary (and with split of processes); with lines and blocks a flat line.",
	.cure = "File.stream!; by blocks when lines do not matter.",
	.otp = "File.stream!(f) |> Stream.map(&f/1) |> Stream.run(); :recon.proc_count(:binary_memory, 3) while it "
		"runs.",
	.gc_helps = "partly: what is held is alive",
	.culprit = "reader",
	.finding = "",
};

const struct application demo_ledger = {
	.name = "ledger", .knobs = knobs, .knob_count = ARRAY_COUNT(knobs), .top = &etl_sup, .card = &card,
	.is_demo = true,
};
