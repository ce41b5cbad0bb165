/*
 * columns - one table of descriptors for each kind of row.
 *
 *   struct row ──▶ column.get / column.text ──▶ screen, order, filter, batch, help
 *
 * A column's descriptor names, reads, sorts, exports and explains a datum; nothing else in the front
 * end knows that the datum exists. To add a column of a datum that the snapshot carries, add a line to
 * the field list of its kind in columns.c (or a row to its table): value, rate and help follow.
 *
 * A row is a view of one thing, valid until the model next advances or moves: `now` points to the
 * kind's own struct; `rate` and `change` are indexed by column.field and NULL when unknown.
 */
#ifndef TUI_MODEL_COLUMNS_H
#define TUI_MODEL_COLUMNS_H

#include "runtime/snapshot.h"
#include "tui/model/format.h"

struct model;

enum row_kind {                 /* what `now` points to */
	ROW_PROCESS,            /* struct snap_process */
	ROW_GROUP,              /* struct group (model.h): processes alike */
	ROW_TREE,               /* struct tree_line (tree.h) */
	ROW_SYSTEM,             /* struct snap_system: the one row of the node */
	ROW_CATEGORY,           /* struct category (model.h): a line of the memory table of the System tab */
	ROW_LIMIT,              /* struct limit (model.h) */
	ROW_SCHEDULER,          /* struct snap_scheduler */
	ROW_ALLOCATOR,          /* struct snap_allocator */
	ROW_APPLICATION,        /* struct snap_application */
	ROW_DEMO,               /* struct snap_application with is_demo */
	ROW_TABLE,              /* struct snap_table */
	ROW_FINDING,            /* struct finding (findings.h) */
	ROW_EVENT,              /* struct snap_event */
	ROW_RECEIPT,            /* struct snap_receipt */
	ROW_NOTICE,             /* struct snap_notice */
	ROW_EDGE,               /* struct snap_edge */
	ROW_CHANGE,             /* struct change (model.h): processes new or gone since the mark */
	ROW_KIND_COUNT
};

enum row_flag {
	ROW_IS_TAGGED = 1,
	ROW_IS_NEW = 2,         /* not there at the baseline of the difference */
	ROW_IS_DEAD = 4,        /* tombstone: the last that was known of it */
};

struct row {
	enum row_kind kind;
	uint8_t flags;                  /* enum row_flag */
	uint64_t id;                    /* identity within its kind: pid, table id, serial, name */
	const struct model *model;      /* resolves names and histories */
	const void *now;
	const double *rate;             /* change a second since the sample before, by field; NaN = unknown */
	const double *change;           /* change since the baseline of the difference, by field */
};

enum column_flag {
	COLUMN_BATCH = 1,       /* printed by --batch unless --columns says otherwise, in table order */
	COLUMN_SCREEN = 2,      /* shown by the screen at first, in table order, while the width lasts */
	COLUMN_RATE = 4,        /* the rate of another column, made from it */
	COLUMN_LEFT = 8,        /* aligned left */
	COLUMN_FLEX = 16,       /* takes what width is left over */
	COLUMN_FLAG = 32,       /* exported as true or false */
};

struct column {
	const char *key;                /* the name in batch, --sort, --columns, filters: OTP's where it has one */
	const char *title;              /* the screen's heading */
	const char *help;               /* one sentence for `?` and the man page */
	uint8_t width;                  /* cells, without the gap */
	uint8_t priority;               /* the screen drops the highest numbers first when it is narrow */
	enum unit unit;
	bool high_first;                /* the order that people expect first */
	uint8_t flags;                  /* enum column_flag */
	int16_t field;                  /* index into row.rate and row.change, or -1 */
	uint16_t offset;                /* of a uint64_t in the struct that row.now points to, when get reads it plainly */
	double (*get)(const struct column *c, const struct row *r);     /* numbers; NaN = unknown */
	/* Words; may write into `buffer` and gives the text, "" when there is none, NULL when unknown. */
	const char *(*text)(const struct column *c, const struct row *r, char *buffer, size_t size);
};

/* All columns of a kind and how many. They live as long as the program and never change. */
const struct column *columns_of(enum row_kind kind, size_t *count);

/* The column of that key, or of that short name (mem, mq, app ...); NULL when there is none. */
const struct column *columns_find(enum row_kind kind, const char *key);

/*
 * Reads a list "pid,memory,memory_rate" into out: how many, or -1 with a one-line reason in `error`.
 * An empty list is an error too.
 */
int columns_parse(enum row_kind kind, const char *list, const struct column **out, size_t room, char *error,
	size_t error_size);

/* The columns with `flag`, in table order; how many. */
size_t columns_with(enum row_kind kind, uint8_t flag, const struct column **out, size_t room);

/* The name of a kind in batch ("process") and for people ("processes"). */
const char *columns_kind_name(enum row_kind kind);
const char *columns_kind_plural(enum row_kind kind);

/* What a cell shows to people; needs FORMAT_SIZE for numbers, more for words. Gives `out`. */
const char *column_show(const struct column *c, const struct row *r, char *out, size_t size);

/* What a cell shows in difference mode: signed change since the baseline; words as they are. */
const char *column_show_change(const struct column *c, const struct row *r, char *out, size_t size);

/* Order of two rows by one column: below 0 when a comes first in descending (high first) order. */
int column_compare(const struct column *c, const struct row *a, const struct row *b);

/* How many fields of a kind have rates, and the column of each. */
size_t columns_field_count(enum row_kind kind);
const struct column *columns_field(enum row_kind kind, size_t field);

/* The largest field count of any kind, for arrays. */
#define COLUMNS_FIELDS_MOST 48

/*
 * The sentence that explains a word: a column's key or title, a finding's rule or letter, a verdict, a
 * term of the glossary. NULL when it is unknown. The cursor's word goes in as it stands on the screen.
 */
const char *columns_explain(const char *word);

#endif
