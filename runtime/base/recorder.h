/*
 * recorder - the flight recorder: a bounded ring of plain numbers per lane.
 *
 * Writers never wait: the owner of a lane writes the next record over the oldest. A reader copies and
 * then checks the serial again; what was overwritten meanwhile, or before it came, is counted as dropped.
 * Off costs one load and a branch.
 *
 * A record's `arg` means what its kind says (see the table); numbers only, so that this floor needs to
 * know nothing about terms.
 */
#ifndef RUNTIME_BASE_RECORDER_H
#define RUNTIME_BASE_RECORDER_H

#include <stdatomic.h>

#include "runtime/base/base.h"

/* kind, text, meaning of arg[] */
#define RECORD_KINDS(KIND) \
	KIND(GC_MINOR, "gc_minor", "before[12], after[12], us") \
	KIND(GC_MAJOR, "gc_major", "before[12], after[12], us") \
	KIND(GC_MINOR_TO_MAJOR, "gc_minor_to_major", "before[12], after[12], us") \
	KIND(GC_MAX_HEAP_MINOR, "max_heap_in_minor", "before[12], would-be[12]") \
	KIND(GC_MAX_HEAP_MAJOR, "max_heap_in_major", "before[12], would-be[12]") \
	KIND(GC_MAX_HEAP_MINOR_TO_MAJOR, "max_heap_in_minor_to_major", "before[12], would-be[12]") \
	KIND(GC_HIBERNATE, "gc_hibernate", "before[12], after[12], us") \
	KIND(SPAWN, "spawn", "parent pid, initial call") \
	KIND(EXIT, "exit", "reason word, is normal") \
	KIND(CRASH, "crash", "reason word, text id") \
	KIND(RESTART, "restart", "supervisor pid, child pid, reason word") \
	KIND(LONG_STEP, "long_step", "us") \
	KIND(LARGE_MESSAGE, "large_message", "receiver, words") \
	KIND(CEILING, "ceiling", "bytes asked, type") \
	KIND(LOG, "log", "level, text[25]") \
	KIND(APPLICATION, "application", "application atom, started, reason word") \
	KIND(CLOSE, "close", "")

enum record_kind {
#define KIND(name, text, args) RECORD_##name,
	RECORD_KINDS(KIND)
#undef KIND
	RECORD_KIND_COUNT
};

#define RECORD_ARGS 26
struct record {
	uint64_t serial;        /* of its lane, from 1 */
	uint64_t time_us;
	uint64_t pid;           /* identity number, 0 = none */
	uint32_t kind, lane;
	uint64_t arg[RECORD_ARGS];
};

struct recorder;

/* capacity: records per lane, a power of two. Starts switched on for all kinds. */
struct recorder *recorder_new(unsigned lanes, uint32_t capacity);
void recorder_free(struct recorder *r);

/* A mask of bits 1 << enum record_kind; 0 is off. Any thread. */
void recorder_select(struct recorder *r, uint32_t kinds);
/* Stands first in every recorder, so that looking costs a load and a branch. */
struct recorder_switch { _Atomic uint32_t kinds; };
ALWAYS_INLINE bool recorder_wants(const struct recorder *r, enum record_kind kind)
{
	return atomic_load_explicit(&((const struct recorder_switch *) r)->kinds, memory_order_relaxed) >> kind & 1;
}

/* Owner of the lane only. Copies count numbers (<= RECORD_ARGS), the rest is 0. */
void recorder_write(struct recorder *r, unsigned lane, uint64_t time_us, enum record_kind kind, uint64_t pid,
	const uint64_t *args, unsigned count);

/*
 * Copies records after *cursor (a reader's own position per lane, start at 0s) into out, oldest first within a lane;
 * moves the cursor; adds what was lost to *dropped. Any thread.
 */
size_t recorder_read(struct recorder *r, unsigned lane, uint64_t *cursor, struct record *out, size_t room,
	uint64_t *dropped);
/* Serial of the newest record of a lane. Any thread. */
uint64_t recorder_last(const struct recorder *r, unsigned lane);
unsigned recorder_lanes(const struct recorder *r);
const char *recorder_kind_name(enum record_kind kind);

#endif
