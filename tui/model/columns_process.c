/*
 * columns_process - the columns of a process: what process_info tells, what is attributed, rates, fits.
 */
#include "tui/model/column_kinds.h"
#include "tui/model/model.h"
#include "tui/model/process_fields.h"

#include <math.h>
#include <string.h>

static const struct snap_process *row_of(const struct row *r) { return r->now; }

static const char *text_status(const struct column *c, const struct row *r, char *buffer, size_t size)
{
	static const char *const words[SNAP_STATUS_COUNT] = { "waiting", "running", "runnable", "suspended",
		"garbage_collecting", "exiting", "hibernated" };
	uint8_t status = row_of(r)->status;

	(void) c, (void) buffer, (void) size;
	return r->flags & ROW_IS_DEAD ? "dead" : status < SNAP_STATUS_COUNT ? words[status] : NULL;
}

static const char *text_priority(const struct column *c, const struct row *r, char *buffer, size_t size)
{
	static const char *const words[] = { "max", "high", "normal", "low" };

	(void) c, (void) buffer, (void) size;
	return row_of(r)->priority < 4 ? words[row_of(r)->priority] : NULL;
}

static const char *text_letters(const struct column *c, const struct row *r, char *buffer, size_t size)
{
	(void) c;
	return model_finding_letters(r->model, finding_about_process(row_of(r)), buffer, size);
}

static double get_age(const struct column *c, const struct row *r)
{
	const struct snapshot *s = model_snapshot(r->model);
	double age = s ? s->time - (double) row_of(r)->started_us / 1e6 : NAN;

	(void) c;
	return age < 0 ? 0 : age;
}

static double get_flag_bit(const struct row *r, unsigned bit) { return (row_of(r)->flags & bit) != 0; }
static double get_orphan(const struct column *c, const struct row *r)
{
	return (void) c, get_flag_bit(r, SNAP_IS_ORPHAN);
}
static double get_supervisor(const struct column *c, const struct row *r)
{
	return (void) c, get_flag_bit(r, SNAP_IS_SUPERVISOR);
}
static double get_traps(const struct column *c, const struct row *r)
{
	return (void) c, get_flag_bit(r, SNAP_TRAPS_EXIT);
}
static double get_off_heap(const struct column *c, const struct row *r)
{
	return (void) c, get_flag_bit(r, SNAP_OFF_HEAP_QUEUE);
}

static double get_use(const struct column *c, const struct row *r)
{
	const struct snap_process *p = row_of(r);

	(void) c;
	if (!(p->flags & SNAP_HAS_SURVEY) || !p->binary_bytes || p->survey_slice_bytes == SNAP_UNKNOWN)
		return NAN;
	return 100.0 * (double) p->survey_slice_bytes / (double) p->binary_bytes;
}

static double get_survey_age(const struct column *c, const struct row *r)
{
	const struct snap_process *p = row_of(r);

	(void) c;
	return p->flags & SNAP_HAS_SURVEY && p->survey_age_ms != SNAP_UNKNOWN ? (double) p->survey_age_ms / 1000 : NAN;
}

/* Messages taken a second: what arrived less what the queue grew by. */
static double get_out_rate(const struct column *c, const struct row *r)
{
	(void) c;
	return r->rate ? r->rate[PROCESS_messages_in] - r->rate[PROCESS_message_queue_len] : NAN;
}

/* A survey's figures count only where a survey was made. */
static double get_survey(const struct column *c, const struct row *r)
{
	return row_of(r)->flags & SNAP_HAS_SURVEY ? column_get_u64(c, r) : NAN;
}

static struct series_fit fit_of(const struct row *r, enum track what)
{
	const struct series *values = model_process_series(r->model, row_of(r)->pid, what);
	const struct series *times = model_process_times(r->model, row_of(r)->pid);

	return values && times ? series_fit_then(values, times, 30, model_step_count(r->model))
		: (struct series_fit) { .slope = NAN, .quality = NAN, .doubling_s = NAN, .now = NAN };
}

static double known_slope(struct series_fit f) { return f.points < 3 ? NAN : f.slope; }
static double get_slope(const struct column *c, const struct row *r)
{
	return (void) c, known_slope(fit_of(r, TRACK_TOTAL));
}
static double get_memory_slope(const struct column *c, const struct row *r)
{
	return (void) c, known_slope(fit_of(r, TRACK_MEMORY));
}
static double get_binary_slope(const struct column *c, const struct row *r)
{
	return (void) c, known_slope(fit_of(r, TRACK_BINARY));
}
static double get_queue_slope(const struct column *c, const struct row *r)
{
	return (void) c, known_slope(fit_of(r, TRACK_QUEUE));
}

static double get_quality(const struct column *c, const struct row *r)
{
	struct series_fit f = fit_of(r, TRACK_TOTAL);

	return (void) c, f.points < 3 ? NAN : f.quality;
}

static double get_doubling(const struct column *c, const struct row *r)
{
	struct series_fit f = fit_of(r, TRACK_TOTAL);

	return (void) c, f.is_growing ? f.doubling_s : NAN;
}

/* The limit it will meet first is the node's, at its own growth; other growth only brings it nearer. */
static double get_time_to_limit(const struct column *c, const struct row *r)
{
	const struct snapshot *s = model_snapshot(r->model);
	struct series_fit f = fit_of(r, TRACK_TOTAL);
	double limit = s ? format_known(s->system.soft_limit) : NAN;

	(void) c;
	if (!s || s->system.soft_limit == 0)
		return NAN;
	return series_time_to(&f, limit - format_known(s->system.carrier_bytes) + f.now);
}

static const char *text_trend(const struct column *c, const struct row *r, char *buffer, size_t size)
{
	struct series_fit f = fit_of(r, TRACK_TOTAL);

	(void) c, (void) buffer, (void) size;
	return series_word(&f);
}

#define SURVEY(member, title_, unit_, help_) \
	{ .key = #member, .title = title_, .help = help_, .width = 10, .priority = 7, .unit = unit_, .high_first = true, \
	  .field = -1, .offset = offsetof(struct snap_process, member), .get = get_survey }
#define VALUE(member, title, width, prio, unit, flags, rate_flags, help) \
	COLUMN_FIELD(snap_process, member, PROCESS_##member, title, width, prio, UNIT_##unit, flags, help),
#define RATE_BYTES UNIT_BYTES_RATE
#define RATE_COUNT UNIT_COUNT_RATE
#define RATE_WORDS UNIT_WORDS_RATE
#define RATE_US UNIT_US_RATE
#define RATE(member, title, width, prio, unit, flags, rate_flags, help) \
	COLUMN_FIELD_RATE(member, PROCESS_##member, title, 4, RATE_##unit, rate_flags, help),

static const struct column process_columns[] = {
	COLUMN_PID(snap_process, pid, "pid", "PID", 9, 0, COLUMN_BS, "Identity of the process; never used again."),
	COLUMN_NAME(snap_process, label, "label", "NAME", 18, 0, COLUMN_S | COLUMN_FLEX,
		"Its registered name, else its id under its supervisor, else its initial call."),
	COLUMN_NAME(snap_process, name, "name", "REGNAME", 16, 9, COLUMN_B, "Its registered name."),
	COLUMN_NAME(snap_process, initial_call, "initial_call", "INITIAL CALL", 22, 9, COLUMN_B,
		"The function that it was started with."),
	COLUMN_NAME(snap_process, current_function, "current_function", "CURRENT", 22, 10, COLUMN_B,
		"The function that it runs or waits in."),
	COLUMN_WORD(text_status, "status", "STATUS", 9, 7, COLUMN_BS,
		"What it is doing: waiting, running, runnable, suspended, garbage_collecting, hibernated, exiting."),
	COLUMN_NAME(snap_process, application, "application", "APP", 12, 6, COLUMN_BS, "The application that it belongs to."),
	COLUMN_PID(snap_process, supervisor, "supervisor", "SUPERVISOR", 9, 10, COLUMN_B, "The supervisor that started it."),
	PROCESS_FIRST(VALUE)
	PROCESS_FIRST(RATE)
	PROCESS_REST(VALUE)
	PROCESS_REST(RATE)
	COLUMN_MADE(get_out_rate, "messages_out_rate", "OUT/s", 9, 7, UNIT_COUNT_RATE, 0,
		"Messages taken from the mailbox a second."),
	SURVEY(survey_live_words, "LIVE", UNIT_WORDS, "Words that are really live, as the last survey counted."),
	SURVEY(survey_free_bytes, "FREEABLE", UNIT_BYTES,
		"Bytes that a full sweep would free, binaries included, by the last survey."),
	SURVEY(survey_slice_bytes, "INUSE", UNIT_BYTES,
		"Bytes of the held binaries that it can really reach, through slices or whole."),
	COLUMN_MADE(get_use, "use_percent", "USE%", 5, 5, UNIT_PERCENT, 0,
		"Share of the held binaries' bytes that slices and whole references can reach; low means slices pin their parents."),
	COLUMN_MADE(get_survey_age, "survey_age", "ASOF", 7, 9, UNIT_SECONDS, 0, "How old the survey's figures are."),
	COLUMN_MADE(get_slope, "total_bytes_slope", "TREND/s", 10, 6, UNIT_BYTES_RATE, 0,
		"Slope of a line through the last half minute of attributed memory."),
	COLUMN_MADE(get_memory_slope, "memory_slope", "MEMTREND", 10, 9, UNIT_BYTES_RATE, 0,
		"Slope of a line through the last half minute of memory."),
	COLUMN_MADE(get_binary_slope, "binary_bytes_slope", "BINTREND", 10, 9, UNIT_BYTES_RATE, 0,
		"Slope of a line through the last half minute of the binaries held."),
	COLUMN_MADE(get_queue_slope, "message_queue_len_slope", "QTREND", 9, 9, UNIT_COUNT_RATE, 0,
		"Slope of a line through the last half minute of the queue length."),
	COLUMN_MADE(get_quality, "fit", "FIT", 5, 9, UNIT_RATIO, 0,
		"How well a straight line describes the memory: r squared, 1 is perfect."),
	COLUMN_MADE(get_doubling, "doubling_time", "DOUBLES", 8, 8, UNIT_SECONDS, 0,
		"Time in which it doubles at this slope."),
	COLUMN_MADE(get_time_to_limit, "time_to_limit", "LIMIT IN", 8, 8, UNIT_SECONDS, 0,
		"Time until the memory limit is met at this slope."),
	COLUMN_WORD(text_trend, "trend", "WORD", 8, 9, 0, "growing, plateau, steady, moving or falling."),
	{ .key = "spark", .title = "LAST MINUTE", .help = "The column in order over the last minute, drawn.", .width = 12,
	  .priority = 6, .unit = UNIT_SPARK, .high_first = true, .flags = COLUMN_S | COLUMN_LEFT, .field = -1,
		.get = get_slope },
	COLUMN_MADE(get_age, "age", "AGE", 7, 8, UNIT_SECONDS, 0, "Time since it was born."),
	COLUMN_NAME(snap_process, child_id, "child_id", "CHILD ID", 16, 9, 0, "Its id under its supervisor."),
	COLUMN_PID(snap_process, parent, "parent", "PARENT", 9, 9, 0, "The process that started it."),
	COLUMN_WORD(text_priority, "priority", "PRIO", 6, 9, 0, "Its scheduling priority."),
	COLUMN_MADE(get_supervisor, "is_supervisor", "SUP", 4, 9, UNIT_COUNT, COLUMN_FLAG, "Whether it is a supervisor."),
	COLUMN_MADE(get_orphan, "is_orphan", "ORPH", 4, 9, UNIT_COUNT, COLUMN_FLAG,
		"Whether it belongs to no running application."),
	COLUMN_MADE(get_traps, "trap_exit", "TRAP", 4, 9, UNIT_COUNT, COLUMN_FLAG, "Whether it traps exits."),
	COLUMN_MADE(get_off_heap, "off_heap_queue", "OFFQ", 4, 9, UNIT_COUNT, COLUMN_FLAG,
		"Whether its queued messages lie outside its heap."),
	COLUMN_WORD(text_letters, "findings", "W", 3, 1, COLUMN_S, "Letters of the findings about it; w explains them."),
};

const struct column_kind columns_process_kind = { "process", "processes", process_columns,
	sizeof process_columns / sizeof process_columns[0] };
