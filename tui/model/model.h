/*
 * model - everything the screens show, made of snapshots, and nothing about drawing.
 *
 *   source ─snapshot─▶ model_advance ─┬▶ sums, rates, histories, findings, logs
 *          ◀─rows, once a sample──────┘
 *   keys ──▶ view_move, model_sort, model_filter ... ──▶ struct view (the page: rows that are visible)
 *   keys ──▶ model_command ──▶ outbox ──▶ model_flush ──▶ source.send
 *
 * The model never holds the processes. Once a sample it sweeps their rows, which pass by in batches:
 * filters them, adds them to the sums of applications and supervisors, compares them with what arrays
 * by `index` remember of the sample before (rates), and keeps the best of them in a bounded heap: the
 * page. An idle process costs one comparison of eight bytes.
 *
 * Invariants
 *   - the same calls with the same snapshots give the same pages: no clock, no address, no random;
 *   - memory is fixed but for the arrays by index, whose size is bounded by MODEL_ARRAY_BYTES;
 *   - equal keys are ordered by identity, the older process first;
 *   - a view's rows are valid until the next call that takes a non-const struct model.
 */
#ifndef TUI_MODEL_MODEL_H
#define TUI_MODEL_MODEL_H

#include "runtime/source.h"
#include "tui/model/columns.h"
#include "tui/model/filter.h"
#include "tui/model/findings.h"
#include "tui/model/series.h"
#include "tui/model/tree.h"

#define MODEL_SORT_KEYS 4
#define MODEL_HISTORY 120               /* samples that [ can step back, at most */
#define MODEL_HISTORY_BYTES (16u << 20) /* and what they may cost */
#define MODEL_ARRAY_BYTES (128u << 20)  /* bound of the arrays by index, at any number of processes */

struct model;

/* ---- life and samples ---- */

/* Borrows the source until model_free. Gives the model. */
struct model *model_new(struct source *source);
void model_free(struct model *m);

/*
 * Takes the caller's share of a snapshot and makes it the present; NULL is ignored. Sweeps the
 * processes. While paused or stepped back the pages stay, logs and histories go on.
 */
void model_advance(struct model *m, struct snapshot *s);

/* Makes the pages anew after changes of order, filter, height. Cheap when nothing changed. */
void model_refresh(struct model *m);

struct source *model_source(const struct model *m);

/* The text of a name id; "" for 0. */
const char *model_name(const struct model *m, uint32_t id);

/* The snapshot the pages show (of the past when stepped back); NULL before the first. Borrowed. */
const struct snapshot *model_snapshot(const struct model *m);

/* The newest snapshot and the one before it, whatever the pages show; NULL when there is none. */
const struct snapshot *model_newest(const struct model *m);
const struct snapshot *model_before(const struct model *m);

/* ---- views: one page for each kind of row ---- */

struct sort { const struct column *column; bool is_reversed; };

struct view {
	enum row_kind kind;
	size_t total;                   /* rows that pass the filter */
	size_t everything;              /* rows before the filter */
	size_t height;                  /* lines of the page; the screen sets it with view_set_height */
	size_t start;                   /* rank of the first row of the page */
	size_t count;                   /* rows on the page */
	struct row *rows;
	size_t line;                    /* of the selected row on the page */
	size_t line_wish;               /* the line it was put on, and comes back to when the list's ends let it */
	uint64_t selected;              /* identity of the selected row, 0 = the page is empty */
	bool is_watching;               /* untouched: the selection is whatever is on top */
	bool is_dead;                   /* the selected one is gone: its row stays as a tombstone until one moves */
	char obituary[96];              /* its exit reason, or "gone" */
	size_t sort_count;
	struct sort sort[MODEL_SORT_KEYS];
	struct filter *filter;          /* NULL: everything */
	struct filter *search;          /* NULL: none; n and N look for the next that passes */
};

/* The page of a kind; never NULL. Made anew by this call when it is out of date. */
const struct view *model_view(struct model *m, enum row_kind kind);

/* How many lines the screen has for it. */
void view_set_height(struct model *m, enum row_kind kind, size_t height);

/* Moves the selection by lines, below 0 upwards; the page follows. Ends watching the top. */
void view_move(struct model *m, enum row_kind kind, long lines);

/* First row (watches the top again) and last row. */
void view_home(struct model *m, enum row_kind kind);
void view_end(struct model *m, enum row_kind kind);

/* Selects by identity, wherever it is: false when no such row passes the filter. */
bool view_select(struct model *m, enum row_kind kind, uint64_t id);

/* Selects the row on a line of the page (mouse). */
bool view_select_line(struct model *m, enum row_kind kind, size_t line);

/* The selected row, also of a tombstone; NULL on an empty page. */
const struct row *view_selected(const struct view *v);

/* Order: by this column, in its natural direction, however it was ordered before. False: no such column. */
bool model_sort(struct model *m, enum row_kind kind, const char *key);
/* Order by a list "memory,pid" as given on the command line. */
bool model_sort_list(struct model *m, enum row_kind kind, const char *list, char *error, size_t error_size);
void model_sort_invert(struct model *m, enum row_kind kind);
/* Previous (-1) or next (+1) column among `columns` becomes the order. */
void model_sort_step(struct model *m, enum row_kind kind, const struct column *const *columns, size_t count, int step);

/* Sets the filter: false with one line in `error`, and the old filter stays. "" takes it away. */
bool model_filter(struct model *m, enum row_kind kind, const char *text, char *error, size_t error_size);

/* Sets the search; then goes to the next (+1) or previous (-1) row that passes: false when none does. */
bool model_search(struct model *m, enum row_kind kind, const char *text, char *error, size_t error_size);
bool model_search_step(struct model *m, enum row_kind kind, int step);

/* The columns a screen shows: their rates are computed for every process, so that they sort and filter. */
void model_watch_columns(struct model *m, enum row_kind kind, const struct column *const *columns, size_t count);

/* ---- tags ---- */

/* Tags or untags; tags are pids, applications, tables by identity within their kind. */
void model_tag(struct model *m, enum row_kind kind, uint64_t id);
void model_untag_all(struct model *m, enum row_kind kind);
bool model_is_tagged(const struct model *m, enum row_kind kind, uint64_t id);
size_t model_tag_count(const struct model *m, enum row_kind kind);

/* ---- the tree (ROW_TREE) ---- */

/* Opens or closes one line: 1 open, 0 close, -1 the other way. */
void model_tree_open(struct model *m, uint64_t id, int open);
void model_tree_open_all(struct model *m);
void model_tree_close_all(struct model *m);
/* Opens every line above a process and selects it: false when it is dead. */
bool model_tree_reveal(struct model *m, uint64_t pid);
/* The sums of one application by name id; NULL when no process belongs to it. */
const struct sums *model_application_sums(const struct model *m, uint32_t application);

/* ---- groups (ROW_GROUP) ---- */

enum group_by { GROUP_OFF, GROUP_INITIAL_CALL, GROUP_APPLICATION, GROUP_PARENT, GROUP_BY_COUNT };

struct group {
	uint64_t id;                    /* name id, or pid of the parent */
	char name[64];
	uint64_t count;
	struct sums sums;
	double p50, p99, most;          /* total bytes of one of its processes */
};

void model_group_by(struct model *m, enum group_by by);
enum group_by model_grouping(const struct model *m);
const char *model_group_name(enum group_by by);

/* ---- rows of the System tab ---- */

struct category {
	const char *key;                /* the system column's key */
	const char *title;
	uint64_t now, used;             /* bytes; used = SNAP_UNKNOWN where the runtime tells one figure only */
	double share;                   /* percent of total; NaN for rows outside it */
	double rate;                    /* bytes a second, fitted */
	double peak;                    /* bytes, since the start */
	const char *word;               /* growing, plateau, steady ... */
	char who[64];                   /* who grows most, "" when nobody stands out */
	const struct series *series;
};

struct limit {
	const char *title;
	uint64_t count, limit;
	enum unit unit;
	double percent;                 /* NaN when there is no limit */
	double seconds_left;            /* at the fitted growth; NaN when it will not be reached */
};

/* ---- difference and history ---- */

enum baseline { BASELINE_OFF, BASELINE_MARK, BASELINE_10S, BASELINE_60S, BASELINE_COUNT };

/* Remembers this moment as the mark and shows the difference against it. */
void model_mark(struct model *m);
void model_difference(struct model *m, enum baseline b);
enum baseline model_baseline(const struct model *m);
/* How old the baseline is, in seconds; NaN when it is off or there is none yet. */
double model_baseline_age(const struct model *m);
/* The system figures at the baseline; NULL when there is none. */
const struct snap_system *model_baseline_system(const struct model *m);

/* ROW_CHANGE: a process that came or went since the baseline. */
struct change {
	uint64_t pid;
	uint32_t label, application, initial_call;
	bool is_gone;
	uint64_t total_bytes;           /* now, or when it was last seen */
};

void model_pause(struct model *m, bool pause);
bool model_is_paused(const struct model *m);

/* Steps the pages through history: -1 back, +1 forward; forward from the newest is live again. */
void model_step(struct model *m, int step);
/* How many samples the pages lie behind the newest; 0 = the newest. */
size_t model_step_count(const struct model *m);
size_t model_history_count(const struct model *m);
/* True when stepped back in a world too large to be kept: the page is the best part of that sample. */
bool model_history_is_partial(const struct model *m);

/* ---- histories ---- */

enum track { TRACK_TOTAL, TRACK_MEMORY, TRACK_BINARY, TRACK_QUEUE, TRACK_REDUCTIONS /* a second */,
	TRACK_ARRIVALS /* messages a second */, TRACK_COUNT };

/* Times of the samples that all series below were pushed with. */
const struct series *model_times(const struct model *m);
/* A system column's history ("binary", "carrier_bytes", "reductions_rate"); NULL when not kept. */
const struct series *model_system_series(const struct model *m, const char *key);
/* A process's history and its own times; NULL when it is not followed (never yet on a page). */
const struct series *model_process_series(const struct model *m, uint64_t pid, enum track what);
const struct series *model_process_times(const struct model *m, uint64_t pid);
/* The history that suits a column of processes, so that a sparkline follows the order. */
enum track model_track_of(const struct column *c);

/*
 * Server calls: p50, p99 and most of each interval in microseconds, GC pauses likewise, calls that overlapped
 * a collection.
 */
enum latency { LATENCY_CALL_P50, LATENCY_CALL_P99, LATENCY_CALL_MAX, LATENCY_GC_P50, LATENCY_GC_P99, LATENCY_GC_MAX,
	LATENCY_OVER_GC, LATENCY_COUNT };
const struct series *model_latency(const struct model *m, enum latency what);
/* The histogram of the last interval alone (buckets of times below 2^i us). */
struct snap_latency model_gc_interval(const struct model *m);

/* A figure of the system row or its rate by column key; NaN when unknown. */
double model_system_value(const struct model *m, const char *key);

/* ---- logs (ROW_RECEIPT, ROW_NOTICE, ROW_EVENT are their views) ---- */

/* The newest receipt and notice; NULL when there was none. */
const struct snap_receipt *model_last_receipt(const struct model *m);
const struct snap_notice *model_last_notice(const struct model *m);
/* The receipt in one line for the status bar. Gives `out`. */
const char *model_receipt_text(const struct snap_receipt *r, char *out, size_t size);
/* How a receipt compares with what the survey had promised; "" when it promised nothing. */
const char *model_receipt_estimate(const struct snap_receipt *r, char *out, size_t size);
/* Puts a line of the front end's own into the notices. level: info, warning, error. */
void model_say(struct model *m, const char *level, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Events that the recorder or the log had no room for. */
uint64_t model_events_lost(const struct model *m);

/* ---- detail of one process ---- */

/* Asks for it with every sample from now on; 0 ends it. */
void model_open_detail(struct model *m, uint64_t pid);
/* Fetches an answer that came; true when there is a new one. Call on wake-up. */
bool model_poll_detail(struct model *m);
/* The newest answer about the opened process; NULL before the first. */
const struct snap_detail *model_detail(const struct model *m);
/* The exit reason of a process from the events seen; "" when unknown. */
const char *model_exit_reason(const struct model *m, uint64_t pid, char *out, size_t size);

/* ---- commands ---- */

enum target {
	TARGET_SELECTED,        /* the selected row: a process, a group, a subtree, a table's owner; else the tagged */
	TARGET_TAGGED,
	TARGET_SHOWN,           /* every process that passes the filter of the view, not only the page */
};

/*
 * The pids that a target means in a view; how many. The list is the caller's to free. `subject` gets how
 * a receipt names them: "header_store", "12 processes", "shop". 0 with a sentence in `subject` saying why
 * there is none. On System, Demos and the like TARGET_SHOWN means every process.
 */
size_t model_targets(struct model *m, enum row_kind kind, enum target target, uint64_t **pids, char *subject,
	size_t size);

/* Puts a command into the outbox; pids, text and subject are copied. False when the source cannot do it. */
bool model_command(struct model *m, const struct command *c);
/* Sum of what the surveys promise that a collection of these would free; SNAP_UNKNOWN when none is known. */
uint64_t model_estimate(struct model *m, const uint64_t *pids, size_t count);
/* The outbox, oldest first: for tests, and for asking before harm. */
const struct command *model_outbox(const struct model *m, size_t *count);
/* Sends the outbox to the source and empties it; refusals become notices. */
void model_flush(struct model *m);
/* Read-only: model_command refuses everything but surveys. */
void model_set_read_only(struct model *m, bool on);
bool model_is_read_only(const struct model *m);
bool model_can(const struct model *m, enum command_kind kind);

#endif
