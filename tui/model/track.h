/*
 * track - the histories of the processes that are looked at, or that look suspicious.
 *
 * At most TRACK_MOST are followed, each in fixed memory; while there are fewer processes than that, all
 * are. Otherwise a process is followed from the first time that it stands on a page or is suspected, and
 * the one that nobody wanted for longest makes room.
 */
#ifndef TUI_MODEL_TRACK_H
#define TUI_MODEL_TRACK_H

#include "tui/model/model.h"
#include "tui/model/past.h"
#include "tui/model/util.h"

#define TRACK_MOST 1024

struct followed {
	uint64_t pid;
	uint32_t index;
	uint64_t seen, wanted;          /* samples: last pushed, last asked for */
	uint64_t collections;           /* of its life, and the time when that was last seen to change */
	double collected;
	struct snap_process now;        /* its last row */
	double rate[COLUMNS_FIELDS_MOST];
	struct series times, series[TRACK_COUNT];
};

struct tracks { struct followed *slot[TRACK_MOST]; size_t count; struct util_map by_pid; bool is_stale; };

void tracks_release(struct tracks *t);

/* Pushes the row of a followed process; slot as it stands in past.track. */
void tracks_push(struct tracks *t, struct past *p, const struct snap_process *row, uint64_t sample, double time);

/* Follows a process from now on, unless nobody can make room. */
void tracks_follow(struct tracks *t, struct past *p, const struct snap_process *row, uint64_t sample, double time);

/* The history of a process, or NULL. */
const struct followed *tracks_find(const struct tracks *t, uint64_t pid);

/* Lets go of the dead: those not pushed at `sample`, after a while. */
void tracks_sweep(struct tracks *t, struct past *p, uint64_t sample);

#endif
