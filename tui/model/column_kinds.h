/*
 * column_kinds - between the files of the columns: the tables by kind, and the readers they share.
 *
 * A reader gets a datum from the struct that a row points to by `offset`, so that most columns are a
 * line of data and no code.
 */
#ifndef TUI_MODEL_COLUMN_KINDS_H
#define TUI_MODEL_COLUMN_KINDS_H

#include "tui/model/columns.h"

struct column_kind { const char *name, *plural; const struct column *columns; size_t count; };

/* The table of a kind, in columns_process.c or columns_rest.c. */
extern const struct column_kind columns_process_kind;
extern const struct column_kind columns_rest_kinds[ROW_KIND_COUNT];

double column_get_u64(const struct column *c, const struct row *r);     /* SNAP_UNKNOWN is NaN */
double column_get_u32(const struct column *c, const struct row *r);
double column_get_real(const struct column *c, const struct row *r);
double column_get_flag(const struct column *c, const struct row *r);    /* a bool */
double column_get_rate(const struct column *c, const struct row *r);    /* row.rate by field */
const char *column_text_name(const struct column *c, const struct row *r, char *buffer,
	size_t size);   /* u32 name id */
const char *column_text_pid(const struct column *c, const struct row *r, char *buffer, size_t size);    /* u64 pid */
const char *column_text_chars(const struct column *c, const struct row *r, char *buffer, size_t size);  /* char[] */
const char *column_text_static(const struct column *c, const struct row *r, char *buffer,
	size_t size); /* const char * */

#define COLUMN_B COLUMN_BATCH
#define COLUMN_S COLUMN_SCREEN
#define COLUMN_BS (COLUMN_BATCH | COLUMN_SCREEN)

/* One column: reading by `how` from `member` of the row's struct. */
#define COLUMN_U64(type, member, key_, title_, width_, prio_, unit_, flags_, help_) \
	{ .key = key_, .title = title_, .help = help_, .width = width_, .priority = prio_, .unit = unit_, .high_first = true, \
	  .flags = flags_, .field = -1, .offset = offsetof(struct type, member), .get = column_get_u64 }
#define COLUMN_U32(type, member, key_, title_, width_, prio_, unit_, flags_, help_) \
	{ .key = key_, .title = title_, .help = help_, .width = width_, .priority = prio_, .unit = unit_, .high_first = true, \
	  .flags = flags_, .field = -1, .offset = offsetof(struct type, member), .get = column_get_u32 }
#define COLUMN_REAL(type, member, key_, title_, width_, prio_, unit_, flags_, help_) \
	{ .key = key_, .title = title_, .help = help_, .width = width_, .priority = prio_, .unit = unit_, .high_first = true, \
	  .flags = flags_, .field = -1, .offset = offsetof(struct type, member), .get = column_get_real }
#define COLUMN_NAME(type, member, key_, title_, width_, prio_, flags_, help_) \
	{ .key = key_, .title = title_, .help = help_, .width = width_, .priority = prio_, .unit = UNIT_TEXT, \
	  .flags = (flags_) | COLUMN_LEFT, .field = -1, .offset = offsetof(struct type, member), .text = column_text_name }
#define COLUMN_PID(type, member, key_, title_, width_, prio_, flags_, help_) \
	{ .key = key_, .title = title_, .help = help_, .width = width_, .priority = prio_, .unit = UNIT_PID, \
	  .flags = (flags_) | COLUMN_LEFT, .field = -1, .offset = offsetof(struct type, member), .get = column_get_u64, \
	  .text = column_text_pid }
#define COLUMN_CHARS(type, member, key_, title_, width_, prio_, flags_, help_) \
	{ .key = key_, .title = title_, .help = help_, .width = width_, .priority = prio_, .unit = UNIT_TEXT, \
	  .flags = (flags_) | COLUMN_LEFT, .field = -1, .offset = offsetof(struct type, member), .text = column_text_chars }
#define COLUMN_STATIC(type, member, key_, title_, width_, prio_, flags_, help_) \
	{ .key = key_, .title = title_, .help = help_, .width = width_, .priority = prio_, .unit = UNIT_TEXT, \
	  .flags = (flags_) | COLUMN_LEFT, .field = -1, .offset = offsetof(struct type, member), .text = column_text_static }
/* A word or a number that a function makes. */
#define COLUMN_WORD(function, key_, title_, width_, prio_, flags_, help_) \
	{ .key = key_, .title = title_, .help = help_, .width = width_, .priority = prio_, .unit = UNIT_TEXT, \
	  .flags = (flags_) | COLUMN_LEFT, .field = -1, .text = function }
#define COLUMN_MADE(function, key_, title_, width_, prio_, unit_, flags_, help_) \
	{ .key = key_, .title = title_, .help = help_, .width = width_, .priority = prio_, .unit = unit_, .high_first = true, \
	  .flags = flags_, .field = -1, .get = function }

/* A field: a number with a rate. FIELD_RATE is its second column; `n` is its place in row.rate. */
#define COLUMN_FIELD(type, member, n, title_, width_, prio_, unit_, flags_, help_) \
	{ .key = #member, .title = title_, .help = help_, .width = width_, .priority = prio_, .unit = unit_, \
		.high_first = true, \
	  .flags = flags_, .field = n, .offset = offsetof(struct type, member), .get = column_get_u64 }
#define COLUMN_FIELD_RATE(member, n, title_, prio_, unit_, flags_, help_) \
	{ .key = #member "_rate", .title = title_ "/s", .help = "Change a second since the last sample of: " help_, \
	  .width = 9, .priority = prio_, .unit = unit_, .high_first = true, .flags = (flags_) | COLUMN_RATE, .field = n, \
	  .get = column_get_rate }

#endif
