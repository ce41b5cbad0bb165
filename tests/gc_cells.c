#include "tests/gc_cells.h"

#include <string.h>

#include "demo/catalogue.h"
#include "runtime/base/base.h"

#define FIX(at) { (at), ACT_SET, "fix", 1 }
#define SET(at, knob, value) { (at), ACT_SET, (knob), (value) }
#define SUSPEND(at, name) { (at), ACT_SUSPEND, (name), 0 }
#define RESUME(at, name) { (at), ACT_RESUME, (name), 0 }

/* In the order of the stories. Knobs with words are given by place, as in the demo's file. */
const struct gc_cell gc_cells[] = {
	{ "S1", "header_keeper", "every process, while it leaks", 10, NULL, HELD, GC_NOTHING, "all live",
		"200,000,000 -> 200,000,000", "18 bodies here, 200 there", { { 0 } } },
	{ "S1", "header_keeper", "every process, after the fix", 11, NULL, HELD, GC_HELPS, "dead references",
		"2,020,000 -> 20,000", "copying 200 pieces caused a collection there, copying 20 does not", { FIX(10) } },
	{ "S2", "fifty", "every process, while it leaks", 5, NULL, HELD, GC_NOTHING, "all live", "50,000,000 -> 50,000,000",
		"", { { 0 } } },
	{ "S2", "fifty", "every process, after the fix", 7, NULL, HELD, GC_HELPS, "dead references", "50,000,000 -> 100", "",
		{ FIX(5) } },
	{ "S3", "switchboard", "every process", 8, NULL, HELD, GC_HELPS, "dead references", "320,000,000 -> 0", "", { { 0 } } },
	{ "S3", "switchboard", "one connection", 8, "conn:loop/1", ALL_BINARIES, GC_NOTHING, "dead references", "-",
		"one of a thousand: what it held goes, and it cannot be seen", { { 0 } } },
	{ "S4", "proxy", "proxy, its window empty", 25, "proxy", HELD, GC_HELPS, "dead references", "63,900,000 -> 0",
		"how much is left over depends on where the last packets met the virtual heap's limit", { { 0 } } },
	{ "S5", "crash_pin", "every process", 5, NULL, ALL_BINARIES, GC_HELPS, "dead references", "50,146,176 -> 0", "",
		{ { 0 } } },
	{ "S6", "appender", "builder, appended report held", 3, "builder", ALL_BINARIES, GC_NOTHING, "all live",
		"3,276,296 -> 3,276,296", "", { { 0 } } },
	{ "S6", "appender", "builder, iolist held", 3, "builder", ALL_BINARIES, GC_NOTHING, "all live", "1,999,696 -> 1,999,696",
		"", { SET(0, "mode", 1) } },
	{ "S6", "appender", "builder, forks held", 3, "builder", ALL_BINARIES, GC_NOTHING, "all live", "22,277,488 -> 22,277,296",
		"10 forks here, one at each tenth; there 20", { SET(0, "mode", 3) } },
	{ "S7", "mailbag", "writer that stands still, queue on heap", 10, "writer", MEMORY, GC_WORSE, "grew",
		"128,789,504 -> 133,981,240", "", { SET(0, "rate", 84729), SUSPEND(0, "writer") } },
	{ "S7", "mailbag", "writer that stands still, queue off heap", 10, "writer", MEMORY, GC_NOTHING, "all live",
		"128,791,232 -> 128,791,232", "", { SET(0, "rate", 84729), SET(0, "queue", 1), SUSPEND(0, "writer") } },
	{ "S7", "mailbag", "writer, after the fix and the draining", 14, "writer", MEMORY, GC_HELPS, "dead old heap",
		"59,419,400 -> 2,640", "", { SET(0, "rate", 84729), SET(0, "work", 0), SUSPEND(0, "writer"), FIX(10),
		RESUME(10, "writer") } },
	{ "S8", "needle", "writer", 8, "writer", MEMORY, GC_NOTHING, "all live", "11,202,640 -> 11,202,640", "", { { 0 } } },
	{ "S9", "ghost", "every process", 5, NULL, MEMORY, GC_NOTHING, "all live", "-", "", { { 0 } } },
	{ "S10", "logstorm", "log_handler", 8, "log_handler", MEMORY, GC_NOTHING, "all live", "-", "", { { 0 } } },
	{ "S11", "tally", "every process", 10, NULL, ALL_TABLES, GC_NOTHING, "not process memory", "76,000,304 -> 76,000,304", "",
		{ { 0 } } },
	{ "S12", "foundling", "every process", 5, NULL, ALL_TABLES, GC_NOTHING, "not process memory", "-", "", { { 0 } } },
	{ "S13", "refc_table", "every process", 10, NULL, ALL_BINARIES, GC_NOTHING, "not process memory",
		"50,000,656 -> 49,994,576", "one slice of 50 MB there", { { 0 } } },
	{ "S14", "postman", "reader, which forgot the document", 4, "reader", MEMORY, GC_HELPS, "dead old heap",
		"49,516,296 -> 2,640", "a term of 16 MB here, of 48 MB there", { { 0 } } },
	{ "S14", "postman", "archive, which keeps its copy", 4, "archive", MEMORY, GC_WORSE, "grew", "49,516,384 -> 59,419,488",
		"a term of 16 MB here, of 48 MB there", { SET(0, "way", 2) } },
	{ "S15", "leaflets", "every process, pushed", 5, NULL, MEMORY, GC_WORSE, "grew", "302,362,616 -> 486,541,312",
		"250 workers here, 500 there", { { 0 } } },
	{ "S15", "leaflets", "every process, looked up whole", 5, NULL, MEMORY, GC_HELPS, "dead old heap",
		"300,554,888 -> 1,035,528", "250 workers here, 500 there", { SET(0, "way", 1) } },
	{ "S15", "leaflets", "one worker, looked up by key", 5, "worker:loop/1", MEMORY, GC_NOTHING, "not process memory", "2,640 -> 2,640",
		"", { SET(0, "way", 2) } },
	{ "S15", "leaflets", "one worker, persistent term", 5, "worker:loop/1", MEMORY, GC_NOTHING, "all live", "2,640 -> 2,640",
		"", { SET(0, "way", 3) } },
	{ "S16", "hydra", "receiver, which hibernates", 5, "receiver", MEMORY, GC_NOTHING, "all live", "525,096 -> 525,096",
		"", { { 0 } } },
	{ "S17", "attic", "cache", 5, "cache", MEMORY, GC_HELPS, "dead old heap", "32,774,304 -> 2,640", "", { { 0 } } },
	{ "S18", "snooze", "one session", 5, "session:loop/1", MEMORY, GC_HELPS, "dead old heap", "16,568 -> 2,640", "",
		{ { 0 } } },
	{ "S18", "snooze", "every process", 5, NULL, MEMORY, GC_HELPS, "dead old heap", "166,244,460 -> 26,400,000",
		"10,000 sessions, and here their supervisor and front", { { 0 } } },
	{ "S19", "swell", "batch", 5, "batch", MEMORY, GC_HELPS, "dead old heap", "31,876,848 -> 2,640",
		"another stack while it grew", { { 0 } } },
	{ "S20", "ceiling", "job, near its limit", 3, "job", MEMORY, GC_KILLS, "dead old heap", "killed", "", { { 0 } } },
	{ "S21", "pockets", "worker_1, while it leaks", 20, "worker_1", MEMORY, GC_NOTHING, "all live",
		"17,894,184 -> 17,894,184", "100,000 notes there", { { 0 } } },
	{ "S21", "pockets", "worker_1, after the fix", 25, "worker_1", MEMORY, GC_HELPS, "dead old heap", "16,583,624 -> 2,824",
		"100,000 notes there", { FIX(20) } },
	{ "S22", "waiting_room", "every process", 10, NULL, MEMORY, GC_NOTHING, "all live", "272,590,700 -> 273,293,900",
		"4,000 waiters here, 100,000 there", { { 0 } } },
	{ "S23", "revolving_door", "every process", 10, NULL, MEMORY, GC_NOTHING, "all live", "-", "", { { 0 } } },
	{ "S24", "bookkeeper", "client_1, which is watched", 10, "client_1", MEMORY, GC_NOTHING, "all live",
		"5,762,640 -> 5,762,640", "90,000 monitors of one client there, 40,000 of ten here", { { 0 } } },
	{ "S24", "bookkeeper", "tracker, which watches", 10, "tracker", MEMORY, GC_NOTHING, "all live", "7,333,976 -> 5,762,640",
		"a heap of requests went there; this one hibernates and has none", { { 0 } } },
	{ "S25", "alarm_clock", "every process", 20, NULL, IN_NO_ROW, GC_NOTHING, "not process memory",
		"83,516,792 -> 83,518,664", "38,000 timers here, 300,000 there", { { 0 } } },
	{ "S26", "census", "every process", 10, NULL, ATOM_COUNT, GC_NOTHING, "not process memory", "200,305 -> 200,305",
		"atoms, not bytes", { { 0 } } },
	{ "S27", "hog", "every process", 5, NULL, MEMORY, GC_NOTHING, "all live", "-", "", { { 0 } } },
	{ "S28", "sponge", "every process, after the crowd", 8, NULL, REAL_BYTES, GC_NOTHING, "all live",
		"608,006,144 (allocated), 42,366,104 used", "carriers, about; 6,000 processes here, 20,000 there", { { 0 } } },
	{ "S29", "ledger", "reader, the file read whole", 2, "reader", HELD, GC_NOTHING, "all live", "-", "", { { 0 } } },
	{ "S30", "closure", "the task, while it lives", 2, "docs:-deliver/2-fun-0-/0", MEMORY, GC_NOTHING, "all live",
		"16,583,440 -> 16,583,440", "", { { 0 } } },
	{ "", "crowd", "every process", 5, NULL, MEMORY, GC_NOTHING, "all live", "-", "", { { 0 } } },
};
const size_t gc_cell_count = ARRAY_COUNT(gc_cells);

bool gc_cell_is_fixed(const struct gc_cell *cell)
{
	for (const struct gc_act *a = cell->acts; a->kind != ACT_END; a++)
		if (a->kind == ACT_SET && strcmp(a->what, "fix") == 0)
			return true;
	return false;
}

const char *gc_effect_text(enum gc_effect effect)
{
	static const char *const texts[] = { "does nothing", "helps", "makes it worse", "kills" };

	return texts[effect];
}

/* ---- Running one ---------------------------------------------------------------------------------------------- */

#define LEAST_BYTES 4096                /* what less than this moved is nothing */

static struct demo_run *start(const struct gc_cell *cell, uint64_t seed)
{
	struct demo_run_options options = { .seed = seed };
	const char *keys[GC_ACTS];
	int64_t values[GC_ACTS];

	for (const struct gc_act *a = cell->acts; a->kind != ACT_END; a++)
		if (a->kind == ACT_SET && a->at_s == 0) {
			keys[options.count] = a->what;
			values[options.count++] = a->value;
		}
	options.keys = keys;
	options.values = values;
	return demo_run_start(demo_find(cell->demo), &options);
}

static void act(struct demo_run *r, const struct gc_act *a)
{
	if (a->kind == ACT_SET && a->at_s > 0)
		demo_run_set(r, a->what, a->value);
	else if (a->kind == ACT_SUSPEND || a->kind == ACT_RESUME)
		demo_run_command(r, a->kind == ACT_SUSPEND ? COMMAND_SUSPEND : COMMAND_RESUME, a->what);
}

/* Acts of second 0 come when the tree stands. */
static void run_up_to(struct demo_run *r, const struct gc_cell *cell)
{
	unsigned now = 0;

	demo_run_moment(r);
	for (const struct gc_act *a = cell->acts; a->kind != ACT_END; a++) {
		demo_run_for(r, a->at_s - now);
		now = a->at_s;
		act(r, a);
	}
	demo_run_for(r, cell->at_s - now);
}

static uint64_t figure_of(const struct demo_run *r, enum gc_figure figure)
{
	const struct snap_system *y = &r->now->system;

	switch (figure) {
	case ALL_BINARIES: return y->binary;
	case ALL_TABLES: return y->ets;
	case IN_NO_ROW: return y->unattributed;
	case ATOM_COUNT: return y->atom_count;
	case REAL_BYTES: return y->carrier_bytes;
	case MEMORY: case HELD: break;
	}
	return 0;
}

static enum gc_effect effect_of(const struct gc_measured *m)
{
	if (m->after > m->before + m->before / 100 + LEAST_BYTES)
		return GC_WORSE;
	return m->after + m->before / 10 < m->before && m->before - m->after > LEAST_BYTES ? GC_HELPS : GC_NOTHING;
}

static void read_receipt(const struct demo_run *r, enum gc_figure figure, struct gc_measured *m)
{
	const struct snap_receipt *t = &r->receipt;

	snprintf(m->verdict, sizeof m->verdict, "%s", t->verdict);
	if (figure == MEMORY) {
		m->before = t->own_before + t->queue_before;
		m->after = t->own_after + t->queue_after;
	} else if (figure == HELD) {
		m->before = t->binary_before;
		m->after = t->binary_after;
	}
}

struct gc_measured gc_cell_measure(const struct gc_cell *cell, uint64_t seed)
{
	struct demo_run *r = start(cell, seed);
	struct gc_measured m = { 0 };
	uint64_t pid;

	run_up_to(r, cell);
	pid = demo_run_find(r, cell->subject);
	m.before = figure_of(r, cell->figure);
	demo_run_collect_one(r, pid);
	m.after = figure_of(r, cell->figure);
	read_receipt(r, cell->figure, &m);
	m.effect = pid && !demo_run_is_alive(r, pid) ? GC_KILLS : effect_of(&m);
	demo_run_end(r);
	return m;
}
