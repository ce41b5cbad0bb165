/*
 * columns_rest - the columns of everything but processes: node, applications, tables, findings, logs.
 */
#include "tui/model/column_kinds.h"
#include "tui/model/model.h"
#include "tui/model/util.h"

#include <math.h>
#include <string.h>

/* ---- the node ---- */

#define SYSTEM_FIELDS(F) \
	F(total, "TOTAL", BYTES, COLUMN_B, "All memory by the BEAM's accounting: processes + system.") \
	F(processes, "PROCS", BYTES, COLUMN_B, "Memory of all processes.") \
	F(processes_used, "PUSED", BYTES, COLUMN_B, "The part of it in use.") \
	F(system, "SYSTEM", BYTES, COLUMN_B, "Memory that belongs to no process: atoms, binaries, code, tables and the " \
		"rest.") \
	F(atom, "ATOM", BYTES, COLUMN_B, "Memory of atoms; never given back.") \
	F(atom_used, "AUSED", BYTES, COLUMN_B, "The part of it in use.") \
	F(binary, "BINARY", BYTES, COLUMN_B, "Refc binaries, outside all heaps.") \
	F(code, "CODE", BYTES, COLUMN_B, "Literals and registered descriptors.") \
	F(ets, "ETS", BYTES, COLUMN_B, "Tables, outside all heaps.") \
	F(unattributed, "UNATTR", BYTES, COLUMN_B, "Process memory that stands in no row: timers and the like.") \
	F(timers, "TIMERS", COUNT, COLUMN_B, "Timers that are armed.") \
	F(dropped_sends, "DROPPED", COUNT, COLUMN_B, "Messages sent to the dead and to unknown names.") \
	F(orphans, "ORPHANS", COUNT, COLUMN_B, "Processes of no running application.") \
	F(process_count, "PROCESSES", COUNT, COLUMN_B, "Processes alive.") \
	F(atom_count, "ATOMS", COUNT, COLUMN_B, "Atoms.") \
	F(ets_count, "TABLES", COUNT, COLUMN_B, "Tables.") \
	F(run_queue, "RUNQ", COUNT, COLUMN_B, "Processes that wait for a scheduler.") \
	F(reductions, "REDS", COUNT, COLUMN_B, "Work done since the start.") \
	F(gc_minor, "MINOR", COUNT, COLUMN_B, "Minor collections since the start.") \
	F(gc_major, "MAJOR", COUNT, COLUMN_B, "Full sweeps since the start.") \
	F(carrier_bytes, "CARRIERS", BYTES, COLUMN_B, "Memory that this program really took from the operating system.") \
	F(rss, "RSS", BYTES, COLUMN_B, "Resident memory of this program.") \
	F(max_memory, "MAX", BYTES, COLUMN_B, "The ceiling of --max-memory, counted in carriers.")

#define SYSTEM_MORE(F) \
	F(messages, "MSGS", COUNT, 0, "Messages sent since the start.") \
	F(gc_words_reclaimed, "FREED", WORDS, 0, "Words that collections freed since the start.") \
	F(gc_us, "GCTIME", US, 0, "Time spent collecting since the start; its rate is the share of a core.") \
	F(restarts, "RESTARTS", COUNT, 0, "Restarts by all supervisors.") \
	F(process_limit, "PLIMIT", COUNT, 0, "Most processes.") \
	F(atom_limit, "ALIMIT", COUNT, 0, "Most atoms.") \
	F(ets_limit, "TLIMIT", COUNT, 0, "Most tables.") \
	F(soft_limit, "SOFT", BYTES, 0, "Where producers wait: the ceiling less the collector's reserve.") \
	F(events_dropped, "EVDROP", COUNT, 0, "Events that the flight recorder had no room for.") \
	F(sample_us, "COST", US, 0, "What filling this sample cost the observer.")

#define SYSTEM_ENUM(member, ...) SF_##member,
enum system_field { SYSTEM_FIELDS(SYSTEM_ENUM) SYSTEM_MORE(SYSTEM_ENUM) SF_COUNT };
_Static_assert(SF_COUNT <= COLUMNS_FIELDS_MOST, "room for every field in row.rate");

#define RATE_BYTES UNIT_BYTES_RATE
#define RATE_COUNT UNIT_COUNT_RATE
#define RATE_WORDS UNIT_WORDS_RATE
#define RATE_US UNIT_US_RATE
#define SYSTEM_VALUE(member, title, unit, flags, help) \
	COLUMN_FIELD(snap_system, member, SF_##member, title, 10, 5, UNIT_##unit, flags, help),
#define SYSTEM_RATE(member, title, unit, flags, help) \
	COLUMN_FIELD_RATE(member, SF_##member, title, 6, RATE_##unit, 0, help),

static const struct snapshot *shown(const struct row *r) { return model_snapshot(r->model); }

#define LATENCY_COLUMN(name, expression) \
	static double name(const struct column *c, const struct row *r) \
	{ \
		const struct snapshot *s = shown(r); \
		(void) c; \
		return s ? (double) (expression) : NAN; \
	}
LATENCY_COLUMN(get_call_p50, s->call_latency.p50_us)
LATENCY_COLUMN(get_call_p99, s->call_latency.p99_us)
LATENCY_COLUMN(get_call_max, s->call_latency.max_us)
LATENCY_COLUMN(get_pause_p99, s->gc_pauses.p99_us)
LATENCY_COLUMN(get_pause_max, s->gc_pauses.max_us)
LATENCY_COLUMN(get_over_gc, s->calls_over_gc)

static const struct column system_columns[] = {
	SYSTEM_FIELDS(SYSTEM_VALUE)
	COLUMN_CHARS(snap_system, limited_by, "limited_by", "LIMITED BY", 16, 5, COLUMN_B,
		"The limit that holds producers back, or nothing."),
	SYSTEM_MORE(SYSTEM_VALUE)
	SYSTEM_FIELDS(SYSTEM_RATE)
	SYSTEM_MORE(SYSTEM_RATE)
	COLUMN_MADE(get_call_p50, "call_p50_us", "CALL50", 8, 6, UNIT_US, 0, "Half of all server calls took less."),
	COLUMN_MADE(get_call_p99, "call_p99_us", "CALL99", 8, 6, UNIT_US, 0, "99 of 100 server calls took less."),
	COLUMN_MADE(get_call_max, "call_max_us", "CALLMAX", 8, 6, UNIT_US, 0, "The longest server call."),
	COLUMN_MADE(get_pause_p99, "gc_pause_p99_us", "GC99", 8, 6, UNIT_US, 0, "99 of 100 collections took less."),
	COLUMN_MADE(get_pause_max, "gc_pause_max_us", "GCMAX", 8, 6, UNIT_US, 0, "The longest collection."),
	COLUMN_MADE(get_over_gc, "calls_over_gc", "OVERGC", 8, 6, UNIT_COUNT, 0,
		"Server calls that overlapped a collection of their server."),
};

static const struct column category_columns[] = {
	COLUMN_STATIC(category, title, "category", "MEMORY", 16, 0, COLUMN_BS | COLUMN_FLEX, "A part of all memory."),
	COLUMN_U64(category, now, "now", "NOW", 10, 1, UNIT_BYTES, COLUMN_BS, "Bytes now."),
	COLUMN_REAL(category, share, "share", "SHARE", 6, 2, UNIT_PERCENT, COLUMN_BS, "Share of the total."),
	COLUMN_REAL(category, rate, "rate", "+/s", 11, 3, UNIT_BYTES_RATE, COLUMN_BS, "Slope over the last half minute."),
	COLUMN_REAL(category, peak, "peak", "PEAK", 10, 6, UNIT_BYTES, COLUMN_BS, "The most since the start."),
	COLUMN_U64(category, used, "used", "USED", 10, 7, UNIT_BYTES, COLUMN_BS, "The part in use."),
	COLUMN_STATIC(category, word, "word", "TREND", 8, 4, COLUMN_BS, "growing, plateau, steady, moving or falling."),
	COLUMN_CHARS(category, who, "who", "WHO", 20, 5, COLUMN_BS, "Who grows most in it."),
};

static const struct column limit_columns[] = {
	COLUMN_STATIC(limit, title, "limit", "LIMIT", 14, 0, COLUMN_BS | COLUMN_FLEX, "What is limited."),
	COLUMN_U64(limit, count, "count", "COUNT", 10, 1, UNIT_COUNT, COLUMN_BS, "How many now."),
	COLUMN_U64(limit, limit, "most", "MOST", 10, 1, UNIT_COUNT, COLUMN_BS, "The limit."),
	COLUMN_REAL(limit, percent, "percent", "FULL", 6, 2, UNIT_PERCENT, COLUMN_BS, "Share of the limit."),
	COLUMN_REAL(limit, seconds_left, "seconds_left", "REACHED IN", 10, 3, UNIT_SECONDS, COLUMN_BS,
		"Time until the limit is met at the present growth."),
};

/* ---- schedulers and allocators ---- */

#define SCHEDULER_FIELDS(F) \
	F(slices, "SLICES", COUNT, "Turns given to processes.") \
	F(reductions, "REDS", COUNT, "Work done.") \
	F(steals, "STEALS", COUNT, "Processes taken from another scheduler's queue.") \
	F(parks, "PARKS", COUNT, "Times it went to sleep for want of work.") \
	F(run_us, "RUN", US, "Time running processes; its rate is the load.") \
	F(idle_us, "IDLE", US, "Time asleep.") \
	F(gc_us, "GC", US, "Time collecting.") \
	F(run_queue, "RUNQ", COUNT, "Processes that wait for it.") \
	F(long_steps, "LONG", COUNT, "Steps that ran longer than a slice may.")

#define SCHEDULER_ENUM(member, ...) HF_##member,
enum scheduler_field { SCHEDULER_FIELDS(SCHEDULER_ENUM) HF_COUNT };
#define SCHEDULER_VALUE(member, title, unit, help) \
	COLUMN_FIELD(snap_scheduler, member, HF_##member, title, 9, 4, UNIT_##unit, COLUMN_BS, help),
#define SCHEDULER_RATE(member, title, unit, help) \
	COLUMN_FIELD_RATE(member, HF_##member, title, 3, RATE_##unit, 0, help),

static const struct column scheduler_columns[] = {
	COLUMN_U32(snap_scheduler, id, "id", "SCHEDULER", 9, 0, UNIT_COUNT, COLUMN_BS, "Number of the scheduler."),
	SCHEDULER_FIELDS(SCHEDULER_VALUE)
	SCHEDULER_FIELDS(SCHEDULER_RATE)
};

#define ALLOCATOR_FIELDS(F) \
	F(blocks, "BLOCKS", COUNT, "Blocks given out.") \
	F(block_bytes, "BYTES", BYTES, "Bytes given out.") \
	F(peak_bytes, "PEAK", BYTES, "The most bytes at any time.")
#define ALLOCATOR_ENUM(member, ...) LF_##member,
enum allocator_field { ALLOCATOR_FIELDS(ALLOCATOR_ENUM) LF_COUNT };
#define ALLOCATOR_VALUE(member, title, unit, help) \
	COLUMN_FIELD(snap_allocator, member, LF_##member, title, 10, 2, UNIT_##unit, COLUMN_BS, help),
#define ALLOCATOR_RATE(member, title, unit, help) \
	COLUMN_FIELD_RATE(member, LF_##member, title, 4, RATE_##unit, 0, help),

static const struct column allocator_columns[] = {
	COLUMN_CHARS(snap_allocator, type, "type", "ALLOCATOR", 14, 0, COLUMN_BS | COLUMN_FLEX, "What the memory is for."),
	ALLOCATOR_FIELDS(ALLOCATOR_VALUE)
	ALLOCATOR_FIELDS(ALLOCATOR_RATE)
};

/* ---- applications and demos ---- */

static const char *text_app_state(const struct column *c, const struct row *r, char *buffer, size_t size)
{
	static const char *const words[] = { "loaded", "running", "stopped" };
	const struct snap_application *a = r->now;

	(void) c, (void) buffer, (void) size;
	return a->state < UTIL_LENGTH(words) ? words[a->state] : NULL;
}

static const char *knob_value(const struct snap_knob *k, char *buffer, size_t size)
{
	if (k->word_count && k->value >= 0 && k->value < k->word_count)
		return k->words[k->value];
	util_print(buffer, size, "%lld%s%s", (long long) k->value, *k->unit ? " " : "", k->unit);
	return buffer;
}

static const struct snap_knob *knob_find(const struct snap_application *a, const char *key)
{
	for (uint32_t i = 0; i < a->knob_count && i < SNAP_KNOBS; i++)
		if (strcmp(a->knobs[i].key, key) == 0)
			return &a->knobs[i];
	return NULL;
}

static const char *text_fix(const struct column *c, const struct row *r, char *buffer, size_t size)
{
	const struct snap_knob *k = knob_find(r->now, "fix");

	(void) c;
	return k ? knob_value(k, buffer, size) : "";
}

static double get_ceiling(const struct column *c, const struct row *r)
{
	const struct snap_knob *k = knob_find(r->now, "ceiling");

	(void) c;
	return k ? (double) k->value : NAN;
}

/* key=value of every knob but fix and ceiling, which have columns. */
static const char *text_knobs(const struct column *c, const struct row *r, char *buffer, size_t size)
{
	const struct snap_application *a = r->now;
	size_t n = 0;

	(void) c;
	*buffer = '\0';
	for (uint32_t i = 0; i < a->knob_count && i < SNAP_KNOBS; i++) {
		char value[48];

		if (strcmp(a->knobs[i].key, "fix") == 0 || strcmp(a->knobs[i].key, "ceiling") == 0)
			continue;
		n += util_print(buffer + n, size - n, "%s%s=%s", n ? " " : "", a->knobs[i].key,
			knob_value(&a->knobs[i], value, sizeof value));
	}
	return buffer;
}

#define APPLICATION_FIRST(F) \
	F(processes, "PROCS", 7, COUNT, "Its processes.") \
	F(memory, "MEMORY", 9, BYTES, "Memory of its processes with their queued messages.") \
	F(message_queue_len, "MSGQ", 8, COUNT, "Messages that wait in its mailboxes.") \
	F(reductions, "REDS", 9, COUNT, "Work of its processes since their birth.") \
	F(binary_bytes, "BINARY", 9, BYTES, "Its share of the refc binaries that its processes hold.") \
	F(ets_bytes, "ETS", 9, BYTES, "Its tables.") \
	F(restarts, "RST", 5, COUNT, "Restarts by its supervisors.")
#define APPLICATION_MORE(F) \
	F(charged_bytes, "CHARGED", 9, BYTES, "What its ceiling counts: processes, tables and binaries.")
#define APPLICATION_ENUM(member, ...) AF_##member,
enum application_field { APPLICATION_FIRST(APPLICATION_ENUM) APPLICATION_MORE(APPLICATION_ENUM) AF_COUNT };
#define APPLICATION_VALUE(member, title, width, unit, help) \
	COLUMN_FIELD(snap_application, member, AF_##member, title, width, 3, UNIT_##unit, COLUMN_BS, help),
#define APPLICATION_HIDDEN(member, title, width, unit, help) \
	COLUMN_FIELD(snap_application, member, AF_##member, title, width, 6, UNIT_##unit, 0, help),
#define APPLICATION_RATE(member, title, width, unit, help) \
	COLUMN_FIELD_RATE(member, AF_##member, title, 5, RATE_##unit, 0, help),

static const struct column application_columns[] = {
	COLUMN_NAME(snap_application, name, "application", "APPLICATION", 20, 0, COLUMN_BS | COLUMN_FLEX,
		"Name of the application."),
	COLUMN_WORD(text_app_state, "state", "STATE", 8, 2, COLUMN_BS, "loaded, running or stopped."),
	APPLICATION_FIRST(APPLICATION_VALUE)
	COLUMN_CHARS(snap_application, limited_by, "limited_by", "LIMITED BY", 12, 5, COLUMN_BS,
		"The limit that holds it back, or nothing."),
	APPLICATION_MORE(APPLICATION_HIDDEN)
	APPLICATION_FIRST(APPLICATION_RATE)
	APPLICATION_MORE(APPLICATION_RATE)
	COLUMN_CHARS(snap_application, ended_reason, "ended_reason", "ENDED", 16, 7, 0, "Why it ended, or nothing."),
	COLUMN_CHARS(snap_application, title, "title", "TITLE", 40, 7, 0, "Its story in one line."),
};

static const struct column demo_columns[] = {
	COLUMN_NAME(snap_application, name, "demo", "DEMO", 16, 0, COLUMN_BS,
		"Name of the demo; its application has the same."),
	COLUMN_WORD(text_app_state, "state", "STATE", 8, 1, COLUMN_BS, "loaded, running or stopped."),
	COLUMN_WORD(text_fix, "fix", "FIX", 7, 2, COLUMN_BS, "Whether its cure is on, or which; x changes it."),
	COLUMN_CHARS(snap_application, title, "title", "STORY", 40, 3, COLUMN_BS | COLUMN_FLEX, "Its story in one line."),
	COLUMN_CHARS(snap_application, claim, "claim", "CLAIM", 40, 8, COLUMN_B, "The claim that it shows."),
	COLUMN_CHARS(snap_application, gc_helps, "gc_helps", "GC HELPS", 24, 7, COLUMN_B, "What a collection does to it."),
	COLUMN_MADE(get_ceiling, "ceiling", "CEILING", 9, 6, UNIT_BYTES, COLUMN_BS, "The bytes that it may be charged with."),
	COLUMN_WORD(text_knobs, "knobs", "KNOBS", 30, 8, COLUMN_B, "Its knobs and their values."),
	COLUMN_FIELD(snap_application, processes, AF_processes, "PROCS", 7, 4, UNIT_COUNT, COLUMN_BS, "Its processes."),
	COLUMN_FIELD(snap_application, memory, AF_memory, "MEMORY", 9, 5, UNIT_BYTES, COLUMN_B, "Memory of its processes."),
	COLUMN_FIELD(snap_application, charged_bytes, AF_charged_bytes, "CHARGED", 9, 4, UNIT_BYTES, COLUMN_BS,
		"What its ceiling counts: processes, tables and binaries."),
	COLUMN_FIELD_RATE(charged_bytes, AF_charged_bytes, "CHARGED", 5, UNIT_BYTES_RATE, COLUMN_S,
		"what its ceiling counts."),
	COLUMN_CHARS(snap_application, limited_by, "limited_by", "LIMITED BY", 12, 5, COLUMN_BS,
		"The limit that holds it back, or nothing."),
	COLUMN_CHARS(snap_application, ended_reason, "ended_reason", "ENDED", 16, 7, COLUMN_B, "Why it ended, or nothing."),
};

/* ---- tree and groups ---- */

static const char *text_strategy(const struct column *c, const struct row *r, char *buffer, size_t size)
{
	const struct tree_line *l = r->now;

	(void) c;
	if (!*l->strategy)
		return "";
	util_print(buffer, size, "%s %u/%us", l->strategy, l->intensity, l->period_s);
	return buffer;
}

#define SUMS(type, member, key, title, width, prio, unit, flags, help) \
	COLUMN_U64(type, sums.member, key, title, width, prio, unit, flags, help)
#define SUM_COLUMNS(type) \
	SUMS(type, total_bytes, "total_bytes", "TOTAL", 9, 1, UNIT_BYTES, COLUMN_BS, \
		"Attributed memory of everything below: processes, their share of binaries, their tables."), \
	SUMS(type, memory, "memory", "MEMORY", 9, 4, UNIT_BYTES, COLUMN_BS, "Memory of the processes below."), \
	SUMS(type, binary_share, "binary_share", "BINARY", 9, 3, UNIT_BYTES, COLUMN_BS, \
		"Binaries held below, each size divided by its holders."), \
	SUMS(type, ets_bytes, "ets_bytes", "ETS", 9, 5, UNIT_BYTES, COLUMN_BS, "Tables below."), \
	SUMS(type, message_queue_len, "message_queue_len", "MSGQ", 7, 2, UNIT_COUNT, COLUMN_BS, "Messages waiting below."), \
	COLUMN_REAL(type, sums.total_rate, "total_bytes_rate", "TOTAL/s", 11, 6, UNIT_BYTES_RATE, COLUMN_S, \
		"Change of the attributed memory a second."), \
	COLUMN_REAL(type, sums.reductions_rate, "reductions_rate", "REDS/s", 9, 7, UNIT_COUNT_RATE, COLUMN_S, \
		"Work a second."), \
	COLUMN_REAL(type, sums.queue_rate, "message_queue_len_rate", "MSGQ/s", 9, 9, UNIT_COUNT_RATE, 0, \
		"Change of the queues a second."), \
	SUMS(type, restarts, "restarts", "RST", 4, 6, UNIT_COUNT, COLUMN_S, "Restarts below."), \
	SUMS(type, reductions, "reductions", "REDS", 9, 9, UNIT_COUNT, 0, "Work since birth below."), \
	SUMS(type, binary_bytes, "binary_bytes", "BINHELD", 9, 9, UNIT_BYTES, 0, \
		"Binaries held below, counted at each holder."), \
	SUMS(type, tables, "tables", "TABLES", 7, 9, UNIT_COUNT, 0, "Tables below.")

static const struct column tree_columns[] = {
	COLUMN_NAME(tree_line, label, "label", "APPLICATION / SUPERVISOR / WORKER", 30, 0, COLUMN_BS | COLUMN_FLEX,
		"An application, a supervisor, a worker, a table, or equal children in one line."),
	SUMS(tree_line, processes, "processes", "PROCS", 7, 2, UNIT_COUNT, COLUMN_BS, "Processes in this subtree."),
	SUM_COLUMNS(tree_line),
	COLUMN_CHARS(tree_line, letters, "findings", "W", 3, 1, COLUMN_S, "Letters of the findings in this subtree."),
	COLUMN_WORD(text_strategy, "strategy", "STRATEGY", 18, 8, COLUMN_S,
		"A supervisor's strategy and how many restarts it bears in what time."),
	COLUMN_REAL(tree_line, p50, "p50", "P50", 9, 9, UNIT_BYTES, 0, "Folded children: half of them hold less."),
	COLUMN_REAL(tree_line, p99, "p99", "P99", 9, 9, UNIT_BYTES, 0, "Folded children: 99 of 100 hold less."),
	COLUMN_REAL(tree_line, most, "max", "MAX", 9, 9, UNIT_BYTES, 0, "Folded children: the largest."),
	COLUMN_NAME(tree_line, application, "application", "APP", 12, 9, 0, "The application of the line."),
	COLUMN_PID(tree_line, pid, "pid", "PID", 9, 9, 0, "The process, or the owner of the table."),
	COLUMN_CHARS(tree_line, note, "note", "NOTE", 24, 9, 0, "The limit that holds it, or why it ended."),
};

static const struct column group_columns[] = {
	COLUMN_CHARS(group, name, "name", "GROUP", 28, 0, COLUMN_BS | COLUMN_FLEX, "What its processes have in common."),
	COLUMN_U64(group, count, "count", "COUNT", 8, 1, UNIT_COUNT, COLUMN_BS, "How many processes."),
	SUM_COLUMNS(group),
	COLUMN_REAL(group, p50, "p50", "P50", 9, 2, UNIT_BYTES, COLUMN_BS, "Half of its processes hold less, attributed."),
	COLUMN_REAL(group, p99, "p99", "P99", 9, 2, UNIT_BYTES, COLUMN_BS, "99 of 100 of its processes hold less."),
	COLUMN_REAL(group, most, "max", "MAX", 9, 2, UNIT_BYTES, COLUMN_BS, "The largest of its processes."),
};

/* ---- tables ---- */

#define TABLE_FIRST(F) \
	F(size, "SIZE", COUNT, COLUMN_BS, COLUMN_S, "Objects in the table.") \
	F(memory_words, "WORDS", WORDS, COLUMN_B, 0, "Words of the table, as ets:info(memory).") \
	F(bytes, "BYTES", BYTES, COLUMN_BS, COLUMN_S, "Bytes of the table.")
#define TABLE_MORE(F) \
	F(binary_bytes, "PINNED", BYTES, COLUMN_S, 0, "Bytes of refc binaries that its rows keep alive, outside the table.") \
	F(inserts, "INS", COUNT, 0, COLUMN_S, "Inserts since its birth.") \
	F(deletes, "DEL", COUNT, 0, COLUMN_S, "Deletes since its birth.") \
	F(lookups, "LOOK", COUNT, 0, COLUMN_S, "Lookups since its birth.")
#define TABLE_ENUM(member, ...) TF_##member,
enum table_field { TABLE_FIRST(TABLE_ENUM) TABLE_MORE(TABLE_ENUM) TF_COUNT };
#define TABLE_VALUE(member, title, unit, flags, rate_flags, help) \
	COLUMN_FIELD(snap_table, member, TF_##member, title, 9, 2, UNIT_##unit, flags, help),
#define TABLE_RATE(member, title, unit, flags, rate_flags, help) \
	COLUMN_FIELD_RATE(member, TF_##member, title, 5, RATE_##unit, rate_flags, help),

static const struct column table_columns[] = {
	COLUMN_NAME(snap_table, name, "name", "TABLE", 18, 0, COLUMN_BS | COLUMN_FLEX, "Name of the table."),
	COLUMN_CHARS(snap_table, type, "type", "TYPE", 13, 6, COLUMN_BS, "set, ordered_set, bag or duplicate_bag."),
	COLUMN_PID(snap_table, owner, "owner", "OWNER", 9, 3, COLUMN_BS, "The process that owns it; the table dies with it."),
	TABLE_FIRST(TABLE_VALUE)
	TABLE_MORE(TABLE_VALUE)
	TABLE_FIRST(TABLE_RATE)
	TABLE_MORE(TABLE_RATE)
	COLUMN_NAME(snap_table, application, "application", "APP", 12, 7, COLUMN_S, "The application of its owner."),
	COLUMN_CHARS(snap_table, protection, "protection", "ACCESS", 9, 8, 0, "public, protected or private."),
	COLUMN_PID(snap_table, heir, "heir", "HEIR", 9, 8, 0, "The process that inherits it."),
	COLUMN_U64(snap_table, id, "id", "ID", 8, 9, UNIT_COUNT, 0, "Identity of the table."),
};

/* ---- findings ---- */

static const char *text_rule(const struct column *c, const struct row *r, char *buffer, size_t size)
{
	(void) c, (void) buffer, (void) size;
	return ((const struct finding *) r->now)->rule->name;
}

static const char *text_letter(const struct column *c, const struct row *r, char *buffer, size_t size)
{
	(void) c;
	util_print(buffer, size, "%c", ((const struct finding *) r->now)->rule->letter);
	return buffer;
}

static const char *text_level(const struct column *c, const struct row *r, char *buffer, size_t size)
{
	(void) c, (void) buffer, (void) size;
	return ((const struct finding *) r->now)->level == FINDING_SURE ? "sure" : "watch";
}

static const char *text_cure(const struct column *c, const struct row *r, char *buffer, size_t size)
{
	(void) c, (void) buffer, (void) size;
	return ((const struct finding *) r->now)->rule->fix;
}

static const char *text_proof(const struct column *c, const struct row *r, char *buffer, size_t size)
{
	(void) c, (void) buffer, (void) size;
	return ((const struct finding *) r->now)->rule->proof;
}

static const char *text_sentence(const struct column *c, const struct row *r, char *buffer, size_t size)
{
	(void) c, (void) buffer, (void) size;
	return ((const struct finding *) r->now)->rule->sentence;
}

static const struct column finding_columns[] = {
	COLUMN_WORD(text_rule, "rule", "RULE", 18, 1, COLUMN_BS, "The rule that speaks."),
	COLUMN_WORD(text_letter, "letter", "W", 1, 0, COLUMN_BS, "Its letter in the lists."),
	COLUMN_WORD(text_level, "level", "LEVEL", 5, 2, COLUMN_BS, "watch: a sign; sure: it stood or was proved."),
	COLUMN_CHARS(finding, subject, "subject", "SUBJECT", 18, 0, COLUMN_BS, "Process, table, supervisor or system."),
	COLUMN_NAME(finding, application, "application", "APP", 12, 6, COLUMN_BS, "Its application."),
	COLUMN_CHARS(finding, evidence, "evidence", "EVIDENCE", 50, 3, COLUMN_BS | COLUMN_FLEX, "The numbers it stands on."),
	COLUMN_WORD(text_cure, "fix", "FIX", 40, 7, COLUMN_B, "What cures it."),
	COLUMN_WORD(text_proof, "proof", "PROOF", 40, 8, 0, "The step that proves it."),
	COLUMN_WORD(text_sentence, "sentence", "MEANING", 40, 9, 0, "What it means."),
	COLUMN_U64(finding, bytes, "bytes", "BYTES", 9, 5, UNIT_BYTES, 0, "What is at stake."),
	COLUMN_REAL(finding, since, "since", "SINCE", 8, 6, UNIT_CLOCK, 0, "When the sign was first seen."),
	COLUMN_PID(finding, pid, "pid", "PID", 9, 8, 0, "The process it is about."),
};

/* ---- logs ---- */

static const char *text_event_kind(const struct column *c, const struct row *r, char *buffer, size_t size)
{
	static const char *const words[SNAP_EV_COUNT] = { "gc_minor", "gc_major", "spawn", "exit", "crash", "restart",
		"long_step", "large_message", "ceiling", "log", "application", "command" };
	const struct snap_event *e = r->now;

	(void) c, (void) buffer, (void) size;
	return e->kind < SNAP_EV_COUNT ? words[e->kind] : NULL;
}

static double get_event_time(const struct column *c, const struct row *r)
{
	return (void) c, (double) ((const struct snap_event *) r->now)->time_us / 1e6;
}

static const struct column event_columns[] = {
	COLUMN_MADE(get_event_time, "at", "AT", 9, 2, UNIT_CLOCK, COLUMN_BS, "When it happened, in seconds since the start."),
	COLUMN_WORD(text_event_kind, "event", "EVENT", 13, 0, COLUMN_BS, "What happened."),
	COLUMN_PID(snap_event, pid, "pid", "PID", 9, 3, COLUMN_BS, "Whom it happened to."),
	COLUMN_NAME(snap_event, label, "label", "WHO", 18, 1, COLUMN_BS, "What that one is called."),
	COLUMN_U64(snap_event, before, "before", "BEFORE", 9, 5, UNIT_WORDS, COLUMN_BS, "Collections: words in use before, young and old."),
	COLUMN_U64(snap_event, after, "after", "AFTER", 9, 5, UNIT_WORDS, COLUMN_BS, "Collections: words in use after."),
	COLUMN_U64(snap_event, us, "us", "TOOK", 8, 5, UNIT_US, COLUMN_BS, "How long it took."),
	COLUMN_CHARS(snap_event, text, "text", "TEXT", 30, 4, COLUMN_BS | COLUMN_FLEX, "Reason, size, words."),
	COLUMN_U64(snap_event, serial, "serial", "SERIAL", 8, 9, UNIT_COUNT, 0, "Number of the event."),
};

static const struct column receipt_columns[] = {
	COLUMN_CHARS(snap_receipt, action, "action", "ACTION", 10, 1, COLUMN_BS, "What was done."),
	COLUMN_CHARS(snap_receipt, subject, "subject", "SUBJECT", 20, 0, COLUMN_BS | COLUMN_FLEX, "To whom."),
	COLUMN_U64(snap_receipt, processes, "processes", "PROCS", 7, 6, UNIT_COUNT, COLUMN_BS, "To how many processes."),
	COLUMN_U64(snap_receipt, own_before, "own_before", "OWN BEF", 9, 3, UNIT_BYTES, COLUMN_BS, "Own memory before."),
	COLUMN_U64(snap_receipt, own_after, "own_after", "OWN AFT", 9, 3, UNIT_BYTES, COLUMN_BS, "Own memory after."),
	COLUMN_U64(snap_receipt, queue_before, "queue_before", "Q BEF", 9, 5, UNIT_BYTES, COLUMN_BS,
		"Queued messages before."),
	COLUMN_U64(snap_receipt, queue_after, "queue_after", "Q AFT", 9, 5, UNIT_BYTES, COLUMN_BS, "Queued messages after."),
	COLUMN_U64(snap_receipt, binary_before, "binary_before", "BIN BEF", 9, 4, UNIT_BYTES, COLUMN_BS,
		"Binaries held before."),
	COLUMN_U64(snap_receipt, binary_after, "binary_after", "BIN AFT", 9, 4, UNIT_BYTES, COLUMN_BS,
		"Binaries held after."),
	COLUMN_U64(snap_receipt, us, "us", "TOOK", 8, 7, UNIT_US, COLUMN_BS, "How long it took."),
	COLUMN_CHARS(snap_receipt, verdict, "verdict", "VERDICT", 18, 2, COLUMN_BS, "What the numbers say."),
	COLUMN_REAL(snap_receipt, time, "at", "AT", 9, 8, UNIT_CLOCK, 0, "When it was done."),
	COLUMN_U64(snap_receipt, estimate, "estimate", "PROMISED", 9, 8, UNIT_BYTES, 0, "What the survey had promised."),
	COLUMN_U64(snap_receipt, dead_bytes, "dead_bytes", "DEAD", 9, 8, UNIT_BYTES, 0,
		"What was found dead: words in blocks, which may stay as large, and binaries."),
};

static const struct column notice_columns[] = {
	COLUMN_CHARS(snap_notice, level, "level", "LEVEL", 8, 1, COLUMN_BS, "info, warning or error."),
	COLUMN_CHARS(snap_notice, text, "text", "NOTICE", 60, 0, COLUMN_BS | COLUMN_FLEX, "What happened."),
	COLUMN_REAL(snap_notice, time, "at", "AT", 9, 2, UNIT_CLOCK, COLUMN_S, "When."),
};

/* ---- flow and changes ---- */

#define EDGE_FIELDS(F) \
	F(messages, "MSGS", COUNT, "Messages sent along this edge.") \
	F(bytes, "COPIED", BYTES, "Bytes copied along this edge.")
#define EDGE_ENUM(member, ...) EF_##member,
enum edge_field { EDGE_FIELDS(EDGE_ENUM) EF_COUNT };
#define EDGE_VALUE(member, title, unit, help) \
	COLUMN_FIELD(snap_edge, member, EF_##member, title, 10, 1, UNIT_##unit, COLUMN_BS, help),
#define EDGE_RATE(member, title, unit, help) \
	COLUMN_FIELD_RATE(member, EF_##member, title, 2, RATE_##unit, COLUMN_S, help),

/* Edges carry pids; what those are called is asked for the rows that are shown. */
static const char *text_called(const struct row *r, uint64_t pid)
{
	struct source *source = model_source(r->model);
	struct snap_process p;

	return source->read_process(source, pid, &p) ? model_name(r->model, p.label) : "ended";
}

static const char *text_from(const struct column *c, const struct row *r, char *buffer, size_t size)
{
	return (void) c, (void) buffer, (void) size, text_called(r, ((const struct snap_edge *) r->now)->from);
}

static const char *text_to(const struct column *c, const struct row *r, char *buffer, size_t size)
{
	return (void) c, (void) buffer, (void) size, text_called(r, ((const struct snap_edge *) r->now)->to);
}

static const struct column edge_columns[] = {
	COLUMN_PID(snap_edge, from, "from", "FROM", 9, 0, COLUMN_BS, "The sender."),
	COLUMN_WORD(text_from, "sender", "SENDER", 18, 1, COLUMN_S | COLUMN_FLEX, "What the sender is called."),
	COLUMN_PID(snap_edge, to, "to", "TO", 9, 0, COLUMN_BS, "The receiver."),
	COLUMN_WORD(text_to, "receiver", "RECEIVER", 18, 1, COLUMN_S | COLUMN_FLEX, "What the receiver is called."),
	EDGE_FIELDS(EDGE_VALUE)
	EDGE_FIELDS(EDGE_RATE)
};

static const char *text_change(const struct column *c, const struct row *r, char *buffer, size_t size)
{
	(void) c, (void) buffer, (void) size;
	return ((const struct change *) r->now)->is_gone ? "gone" : "new";
}

static const struct column change_columns[] = {
	COLUMN_WORD(text_change, "change", "CHANGE", 6, 0, COLUMN_BS, "new since the mark, or gone."),
	COLUMN_PID(change, pid, "pid", "PID", 9, 0, COLUMN_BS, "Which process."),
	COLUMN_NAME(change, label, "label", "NAME", 20, 1, COLUMN_BS | COLUMN_FLEX, "What it is called."),
	COLUMN_NAME(change, initial_call, "initial_call", "INITIAL CALL", 20, 4, COLUMN_S, "What it was started with."),
	COLUMN_NAME(change, application, "application", "APP", 12, 3, COLUMN_BS, "Its application."),
	COLUMN_U64(change, total_bytes, "total_bytes", "TOTAL", 9, 2, UNIT_BYTES, COLUMN_BS,
		"Attributed memory, now or when last seen."),
};

#define KIND(name, plural, table) { name, plural, table, sizeof table / sizeof table[0] }

const struct column_kind columns_rest_kinds[ROW_KIND_COUNT] = {
	[ROW_GROUP] = KIND("group", "groups", group_columns),
	[ROW_TREE] = KIND("tree", "tree", tree_columns),
	[ROW_SYSTEM] = KIND("system", "system", system_columns),
	[ROW_CATEGORY] = KIND("category", "categories", category_columns),
	[ROW_LIMIT] = KIND("limit", "limits", limit_columns),
	[ROW_SCHEDULER] = KIND("scheduler", "schedulers", scheduler_columns),
	[ROW_ALLOCATOR] = KIND("allocator", "allocators", allocator_columns),
	[ROW_APPLICATION] = KIND("application", "applications", application_columns),
	[ROW_DEMO] = KIND("demo", "demos", demo_columns),
	[ROW_TABLE] = KIND("table", "tables", table_columns),
	[ROW_FINDING] = KIND("finding", "findings", finding_columns),
	[ROW_EVENT] = KIND("event", "events", event_columns),
	[ROW_RECEIPT] = KIND("receipt", "receipts", receipt_columns),
	[ROW_NOTICE] = KIND("notice", "notices", notice_columns),
	[ROW_EDGE] = KIND("edge", "edges", edge_columns),
	[ROW_CHANGE] = KIND("change", "changes", change_columns),
};
