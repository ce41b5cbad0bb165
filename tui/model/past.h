/*
 * past - what every process was at the sample before, in arrays by index; rates and marks come of it.
 *
 *   index ▶  0    1    2    3 ...
 *   stamp  [pid, checksum]            eight bytes: all that an idle process costs in a sweep
 *   value  [a b c ..][a b c ..] ...   the watched fields of one process side by side, so that a change
 *   rate   [a b c ..][a b c ..] ...   touches a few neighbouring lines; only read when the stamp differs
 *
 * A mark is a copy of the stamps and values at one moment. Fields are those of columns.field for
 * processes. As many fields are watched as `budget` bytes allow: the ones asked for first, then all.
 */
#ifndef TUI_MODEL_PAST_H
#define TUI_MODEL_PAST_H

#include "runtime/snapshot.h"
#include "tui/model/columns.h"

struct past_stamp { uint32_t pid, check; };     /* pid: its low half; 0 = nobody */
struct past_who { uint32_t label, initial_call, application; };

struct past {
	size_t fields;
	uint16_t offset[COLUMNS_FIELDS_MOST];   /* of each field in snap_process */
	uint64_t watched;                       /* bit per field */
	size_t stride;                          /* how many those are */
	uint8_t slot[COLUMNS_FIELDS_MOST];      /* of a watched field among those of its process */
	size_t room;                            /* indices */
	struct past_stamp *stamp;
	struct past_who *who;
	uint16_t *track;                        /* slot in the followed histories + 1, 0 = none */
	bool *quiet;                            /* its rates are all zero */
	uint64_t *value;                        /* index * stride + slot */
	double *rate;
};

void past_init(struct past *p);
void past_release(struct past *p);

/* Makes room for indices below `high` and watches `wanted` fields, then as many as fit into budget bytes. */
void past_prepare(struct past *p, uint32_t high, uint64_t wanted, size_t budget);

/* Takes a row of the new sample in, `seconds` after the one before: true when the process is idle. */
bool past_take(struct past *p, const struct snap_process *row, double seconds);

/* Forgets whoever stood at the indices [from, to). */
void past_bury(struct past *p, uint32_t from, uint32_t to);

/* The rates of a process, by field, NaN where unknown; false when nothing is known of it. */
bool past_rates(const struct past *p, const struct snap_process *row, double *out);

/* One rate, or NaN. */
static inline double past_rate(const struct past *p, uint32_t index, uint64_t pid, unsigned field)
{
	if (index >= p->room || p->stamp[index].pid != (uint32_t) pid || !(p->watched >> field & 1))
		return __builtin_nan("");
	return p->rate[index * p->stride + p->slot[field]];
}

struct past_mark {
	bool is_taken;
	double time;
	size_t room;
	uint64_t watched;
	size_t stride;
	uint8_t slot[COLUMNS_FIELDS_MOST];
	struct past_stamp *stamp;
	struct past_who *who;
	uint64_t *value;
};

/* A value as it was remembered, SNAP_UNKNOWN when it was not; index below room. */
static inline uint64_t past_value(const struct past *p, size_t index, unsigned field)
{
	return p->watched >> field & 1 ? p->value[index * p->stride + p->slot[field]] : SNAP_UNKNOWN;
}

static inline uint64_t past_mark_value(const struct past_mark *m, size_t index, unsigned field)
{
	return m->watched >> field & 1 ? m->value[index * m->stride + m->slot[field]] : SNAP_UNKNOWN;
}

/* Copies the present into a mark, in the place of what it held. */
void past_mark(const struct past *p, struct past_mark *m, double time);
void past_mark_release(struct past_mark *m);

/* What a mark of the present would cost. */
size_t past_mark_bytes(const struct past *p);

/* Changes since the mark by field, NaN where unknown; false when the process was not there. */
bool past_changes(const struct past *p, const struct past_mark *m, const struct snap_process *row, double *out);

#endif
