/*
 * model_body - the inside of struct model, shared by the files that make it up; no screen includes it.
 *
 *   model.c    life, samples, small questions        page.c     the page of processes: bounded heap
 *   sweep.c    the one pass over all rows            lists.c    rows of every other kind
 *   tree.c     sums by supervisor, lines             view.c     moving, selecting, order, filter
 *   groups.c   equal processes                       node.c     the System tab's rows and series
 *   history.c  samples kept to step back             logs.c     receipts, notices, events
 *   findings.c rules                                 commands.c targets and outbox
 */
#ifndef TUI_MODEL_MODEL_BODY_H
#define TUI_MODEL_MODEL_BODY_H

#include "tui/model/model.h"
#include "tui/model/past.h"
#include "tui/model/process_fields.h"
#include "tui/model/spread.h"
#include "tui/model/track.h"
#include "tui/model/util.h"

#define READ_BATCH 32           /* rows read at a time: they stay in the first cache */
#define WATCHED_COLUMNS 48

/* ---- views ---- */

struct view_body {
	struct view view;
	bool is_stale;                  /* rows must be listed anew */
	bool by_rank;                   /* the last move asked for a place, not for an identity */
	struct row *all;                /* every row that passes, in order (lists); the page is a part of it */
	size_t all_room, all_count;
	double *rates, *changes;        /* fields of each row of a list */
	size_t rate_room, change_room;
	uint64_t *tags;
	size_t tag_room, tag_count;
	const struct column *columns[WATCHED_COLUMNS];  /* shown by the screen */
	size_t column_count;
	union tombstone {               /* what the selected row was, for when it is gone */
		struct snap_process process;
		struct tree_line line;
		struct group group;
		struct snap_table table;
		struct snap_application application;
	} tombstone;
	struct row selected_row;
	bool has_selected_row;
};

/* ---- the page of processes ---- */

union page_key { double number; const char *text; };

struct page_entry { union page_key key[MODEL_SORT_KEYS]; uint64_t pid; uint32_t slot; };

struct page_row {
	struct snap_process now;
	double rate[COLUMNS_FIELDS_MOST], change[COLUMNS_FIELDS_MOST];
	bool has_rate, has_change;
};

#define NO_QUICK UINT16_MAX
struct page {
	struct page_entry *entry;       /* a heap while sweeping (worst on top), then in order */
	size_t count, capacity, entry_room;
	struct page_row *slot;
	size_t slot_room;
	bool looks_at_rates;            /* the order or the filter wants them before a row is on the page */
	uint16_t quick;                 /* the one plain number that orders, by offset in the row; NO_QUICK */
	uint64_t bar, bar_pid;          /* quick: what a row must beat once the heap is full */
	bool is_gathering;              /* deep in the list: keys of all rows, then selection of the window */
	size_t passed, everything;
	struct row *rows;               /* of the window */
	size_t row_room;
	size_t ranked_from, ranked;     /* ranks that entry covers, in order */
};

/* ---- sums ---- */

struct node {                           /* application, supervisor, or one of the special nodes */
	uint64_t id, parent;
	enum tree_kind kind;
	uint32_t label, application;
	uint8_t status;
	bool is_seen;
	struct sums sums;
};

struct kid {                            /* a child of an open node */
	uint64_t pid;
	uint32_t label, initial_call, application;
	uint8_t status;
	struct sums sums;
};

struct fold {                           /* equal children of an open node */
	uint64_t id, parent;
	uint32_t label, initial_call, application;
	bool is_open;
	struct sums sums;
	struct spread *spread;
	struct kid *kids;
	double *keys;                   /* by which the best are kept */
	size_t count, key_room, kid_room;
	uint64_t total;
};

/* Rows that follow each other mostly share all of this: they are added up here and booked once. */
struct run {
	bool is_live;
	uint64_t supervisor;
	uint32_t application, initial_call;
	uint16_t flags;
	uint64_t parent;
	bool parent_is_open;
	uint32_t fold, fold_label, fold_call;   /* where the last child went, + 1 */
	struct sums sums;
};

struct tree {
	struct node *nodes;
	size_t node_count, node_room;
	struct util_map by_id;
	struct fold *folds;
	size_t fold_count, fold_room;
	struct util_map fold_by_id;
	struct util_map opened;         /* id -> 1 open, 0 closed: what was changed by hand */
	bool all_open, all_closed;      /* what counts for the rest */
	struct util_map crowded;        /* supervisors with so many children that they start closed */
	struct run run;
	struct tree_line *lines;
	size_t line_count, line_room;
};

struct group_store {
	enum group_by by;
	struct group *groups;
	struct spread **spreads;
	size_t count, room, spread_room;
	struct util_map by_id;
};

/* Processes of one initial call, over time: for rules about many small ones. */
#define CALLS_MOST 128
struct call {
	uint32_t initial_call, application;
	uint64_t count, followed, orphans, idle, idle_bytes, binary_share, total_bytes;
	uint64_t sample;                /* last seen */
	struct series counts, binaries;
};

struct calls { struct call *call; size_t count, last; struct util_map by_id; };

/* ---- history and logs ---- */

/*
 * A snapshot as it is kept: a copy in the observer's own memory, since the source's lies in the memory that is
 * observed. Without events and without applications that never ran. Counted.
 */
struct snapshot *kept_copy(const struct snapshot *s);
struct snapshot *kept_retain(struct snapshot *s);
void kept_drop(struct snapshot *s);

struct moment {                         /* one sample, kept */
	struct snapshot *snapshot;      /* a share of a copy */
	struct snap_process *rows;
	size_t row_count;
	bool is_partial;
	size_t bytes;
};

struct history {
	struct moment moments[MODEL_HISTORY];   /* oldest first */
	size_t count, bytes;
	size_t back;                    /* how far the pages lie behind; 0 = live */
	bool is_paused;
	bool keeps_all;                 /* of the sample being swept */
	struct snap_process *rows;      /* of it */
	size_t row_count, row_room;
};

#define LOG_EVENTS 4096
#define LOG_RECEIPTS 256
#define LOG_NOTICES 256
struct logs {
	struct snap_event *events;      /* rings: place = serial number of arrival modulo room */
	uint64_t event_total;
	struct snap_receipt *receipts;
	uint64_t receipt_total;
	struct snap_notice *notices;
	uint64_t notice_total, own_serial;
	uint64_t lost, last_event;      /* recorder gaps; newest serial seen */
};

/* ---- marks ---- */

#define AUTO_MARKS 64
#define AUTO_MARK_BYTES (64u << 20)
struct full_mark { struct past_mark past; struct snapshot *snapshot /* a share of a copy */; };
struct marks {
	enum baseline baseline;
	struct full_mark mark;
	struct full_mark recent[AUTO_MARKS];    /* a ring, newest at head - 1 */
	size_t head, count;
	double last;                    /* when the newest was taken */
	struct change *changes;
	size_t change_room, change_count;
};

/* ---- the node ---- */

#define CATEGORIES 8
#define LIMITS 5
#define NODE_SERIES 80          /* system fields, then their rates */
struct node_history {
	struct series times;
	struct series *series;          /* by system field: values, then rates */
	double *peak;
	struct series latency[LATENCY_COUNT];
	struct category categories[CATEGORIES];
	struct limit limits[LIMITS];
	double rate[COLUMNS_FIELDS_MOST];
};

/* ---- findings ---- */

#define FINDINGS_MOST 256

struct suspicion {                      /* a finding on its way: it opens when its sign has stood long enough */
	struct finding finding;
	unsigned streak, misses;
	bool is_seen, is_open;
};

struct table_history { uint64_t id, sample; struct series bytes; double inserts, deletes; };

/* What large messages one sender sent lately. */
struct large { uint64_t from; uint32_t label; uint64_t words, count; double first, last; };
#define LARGE_MOST 32

struct findings {
	struct suspicion suspicions[FINDINGS_MOST];
	size_t count;
	struct finding *open;           /* those that are open, most urgent first */
	size_t open_count;
	uint64_t muted;                 /* bit per rule */
	struct table_history *tables;
	size_t table_count, table_room;
	struct large large[LARGE_MOST];
	size_t large_count;
	uint64_t events_read;           /* arrival number in the log up to which events were read */
	uint64_t dropped_now;
};

/* ---- all of it ---- */

struct queued { struct command command; uint64_t *pids; char *text, *subject; };

struct model {
	struct source *source;
	struct snapshot *newest, *before;
	struct view_body views[ROW_KIND_COUNT];
	struct past past;
	uint64_t core_fields;
	struct tracks tracks;
	struct page page;
	struct tree tree;
	struct group_store groups;
	struct calls calls;
	struct history history;
	struct logs logs;
	struct marks marks;
	struct node_history node;
	struct findings findings;
	bool has_rates;
	bool needs_sums;                /* tree or groups need another sweep */
	uint64_t detail_pid;
	struct snap_detail *detail, *detail_next;
	bool has_detail;
	struct queued *outbox;
	size_t outbox_count, outbox_room;
	struct command *outbox_view;
	size_t outbox_view_room;
	bool is_read_only;
};

/* What a sweep does with each row. */
enum sweep { SWEEP_SAMPLE = 1 /* new figures: rates, histories, findings */, SWEEP_SHOW = 2 /* sums, groups, page */,
	SWEEP_PAGE = 4 /* the page alone */, SWEEP_SUM = 8 /* the newest snapshot's sums of rows */ };

void sweep_rows(struct model *m, unsigned what);

/* The seconds between the shown sample and the one before it; 0 when there is none. */
double shown_interval(const struct model *m);
/* The snapshot before the shown one, or NULL. */
const struct snapshot *shown_before(const struct model *m);
bool model_is_live(const struct model *m);
const struct full_mark *model_mark_of_baseline(const struct model *m);

/* page.c */
void page_begin(struct model *m);
void page_row(struct model *m, const struct snap_process *row);
void page_end(struct model *m);
void page_release(struct page *p);
/* The window of the view from what is ranked: false when that does not reach. */
bool page_window(struct model *m);
void fill_page_row(const struct model *m, struct page_row *to, const struct snap_process *row);

/* tree.c */
void tree_begin(struct model *m);
void tree_row(struct model *m, const struct snap_process *row);
void tree_end(struct model *m);
void tree_lines(struct model *m);
void tree_release(struct tree *t);
/* Does this process belong to the line: is it that, below it, or folded in it? */
bool tree_holds(const struct model *m, const struct tree_line *line, const struct snap_process *row);
void sums_add_row(const struct model *m, struct sums *s, const struct snap_process *row);

/* groups.c */
void groups_begin(struct model *m);
void groups_row(struct model *m, const struct snap_process *row);
void groups_end(struct model *m);
void groups_release(struct group_store *g);
uint64_t group_of(enum group_by by, const struct snap_process *row);

/* lists.c: every row of a kind, with rates, sorted and filtered, into the view's `all`. */
void list_rows(struct model *m, enum row_kind kind);

/* view.c */
void view_init(struct model *m);
void view_release(struct model *m);
void view_stale(struct model *m, enum row_kind kind);
void view_stale_all(struct model *m);
int view_compare(const struct view *v, const struct row *a, const struct row *b);
/* The rows of the page stand: finds the selected one among them, or makes its tombstone. */
void view_settle(struct model *m, struct view_body *b);
/* Moves the window so that `rank` stands on the selection's line. */
void view_place(struct view *v, size_t rank, size_t total);

/* marks.c */
void marks_advance(struct model *m, struct snapshot *kept);
void marks_release(struct marks *k);
void marks_list_changes(struct model *m);

/* history.c */
void history_begin(struct model *m);
void history_keep_row(struct model *m, const struct snap_process *row);
void history_push(struct model *m, struct snapshot *kept);
void history_release(struct history *h);
const struct moment *history_shown(const struct model *m);
const struct snap_process *history_row_before(const struct model *m, uint64_t pid);

/* node.c */
void node_init(struct model *m);
void node_advance(struct model *m);
void node_release(struct node_history *n);
void node_rows(struct model *m);

/* logs.c */
void logs_init(struct logs *l);
void logs_take(struct model *m, const struct snapshot *s);
void logs_release(struct logs *l);

/* findings.c; the rules themselves are in rules.c */
void findings_init(struct findings *f);
void findings_begin(struct model *m);
void findings_row(struct model *m, const struct snap_process *row, bool is_idle);
void findings_end(struct model *m);
void findings_release(struct model *m);

/* commands.c */
void commands_release(struct model *m);

#endif
