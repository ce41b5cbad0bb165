/*
 * mem - the one door through which memory comes and goes, and the two ledgers.
 *
 *   struct mem            one a world: the ceiling, shared classes, large blocks, the cache
 *     struct mem_lane     one a scheduler (+ one for outside threads): small blocks without locks
 *       carriers 64 KiB   each of one class; a block's carrier is found by masking its address
 *
 * Classes are the heap sizes of the BEAM up to 64 KiB and an eighth-step ladder between them; blocks
 * over 64 KiB are page-rounded mappings, kept in a best-fit cache (a page touched for the first time
 * costs more than collecting it). A block freed by another lane goes to its carrier owner's atomic
 * return stack; the owner drains it before it asks for a carrier and before it parks, anyone while it is parked. Before a
 * request is refused, everything kept for later is given up.
 *
 * Real ledger: bytes and blocks per type and lane, carriers in use. Only sums over lanes mean anything.
 * Charged ledger: the BEAM's accounting (776 bytes a process, 88 a message ...), kept by the callers
 * through mem_charge; erlang:memory() is made of it.
 *
 * The ceiling is hard: carrier bytes in use never pass it. `soft` is lower by the collector's reserve;
 * between the two only MEM_MUST requests (to-spaces, exit, info, commands) are served.
 */
#ifndef RUNTIME_BASE_MEM_H
#define RUNTIME_BASE_MEM_H

#include <stdio.h>

#include "runtime/base/base.h"

#define MEM_TYPES(TYPE) \
	TYPE(RECORD, "record")       /* process records */ \
	TYPE(HEAP, "heap")           /* young blocks with their stack */ \
	TYPE(OLD_HEAP, "old_heap") \
	TYPE(FRAGMENT, "fragment")   /* heap fragments of built-ins */ \
	TYPE(MESSAGE, "message")     /* messages and signals on their way */ \
	TYPE(BINARY, "binary")       /* payloads of reference-counted binaries */ \
	TYPE(ETS, "ets")             /* objects and structure of tables */ \
	TYPE(LINK, "link")           /* links and monitors */ \
	TYPE(DICTIONARY, "dictionary") \
	TYPE(TIMER, "timer") \
	TYPE(ATOM, "atom") \
	TYPE(LITERAL, "literal")     /* persistent terms, constants */ \
	TYPE(SYSTEM, "system")       /* tables, rings, supervisors' records */ \
	TYPE(OBSERVER, "observer")   /* answers, snapshots */

enum mem_type {
#define TYPE(name, text) MEM_##name,
	MEM_TYPES(TYPE)
#undef TYPE
	MEM_TYPE_COUNT
};

/* The BEAM's categories, as charged by callers. */
enum mem_charge {
	CHARGE_PROCESSES,       /* rows: 776 + heaps + messages + links ... */
	CHARGE_UNATTRIBUTED,    /* in `processes` but in no row: timers */
	CHARGE_BINARY, CHARGE_ETS, CHARGE_ATOM, CHARGE_ATOM_USED, CHARGE_CODE,
	CHARGE_COUNT
};

enum mem_urgency {
	MEM_ASK,                /* refused above the soft limit */
	MEM_SMALL,              /* may use half of the reserve: so as to talk */
	MEM_MUST,               /* may use the reserve but for its last part: collections, which make room */
	MEM_LAST,               /* up to the hard limit: exits and fixed structures, without which nothing ends well */
};

struct mem;
struct mem_lane;

struct mem_options {
	uint64_t hard_bytes;            /* the ceiling; 0: none */
	unsigned lanes;                 /* schedulers + 2; the last two, outside and helper, are shared, under a lock */
	bool poison;                    /* fill freed blocks, and ASan poisoning where built in */
	int fail_type;                  /* failure injection: enum mem_type, or -1 */
	uint64_t fail_at;               /* the n-th request of that type (from 1) is refused, once */
};

/* NULL only when the system itself has no memory. */
struct mem *mem_new(const struct mem_options *options);

/* Gives everything back, also what callers forgot (mem_print tells before). */
void mem_free(struct mem *m);

struct mem_lane *mem_lane_at(struct mem *m, unsigned lane);
struct mem *mem_of_lane(struct mem_lane *lane);

/*
 * A block of at least `bytes`, 8-aligned, not cleared; NULL when the ceiling or an
 * injected failure says no. Owner thread of the lane only; the outside lane from any other thread.
 */
void *mem_alloc(struct mem_lane *lane, enum mem_type type, size_t bytes, enum mem_urgency urgency);

/*
 * What is small and made by who asks for room lives from half of the reserve: a system that stands at its soft limit must still be
 * able to talk. What is large, or made without asking, is refused there.
 */
#define MEM_SMALL_BYTES 65536u
static inline enum mem_urgency mem_urgency_for(size_t bytes, bool asks_room)
{
	return asks_room && bytes <= MEM_SMALL_BYTES ? MEM_SMALL : MEM_ASK;
}

/*
 * As mem_alloc with MEM_LAST, but no failure is injected; aborts with the table of types when even the reserve
 * is gone. For small fixed structures.
 */
void *mem_need(struct mem_lane *lane, enum mem_type type, size_t bytes);

/* Gives a block back; bytes as at its mem_alloc. `lane` is the caller's own, whoever allocated. NULL is allowed. */
void mem_give(struct mem_lane *lane, enum mem_type type, void *block, size_t bytes);

/* Moves a block to another type (a message payload becomes a fragment). */
void mem_retype(struct mem_lane *lane, enum mem_type from, enum mem_type to, size_t bytes);

/* What a request of `bytes` really takes: its class or page-rounded size. */
size_t mem_real_bytes(size_t bytes);

/* Drains the return stack; called by the owner between slices. */
void mem_lane_drain(struct mem_lane *lane);
/* Blocks that others gave back wait for the owner. Any thread. */
bool mem_lane_has_returns(const struct mem_lane *lane);

/*
 * The owner is about to sleep: drains, and from now on whoever returns blocks here or is short of memory may do its
 * housekeeping. Between the two calls the owner must not touch the lane. Owner only.
 */
void mem_lane_rest(struct mem_lane *lane);
void mem_lane_resume(struct mem_lane *lane);

/* Everything that is free goes back to the system. Owner of all lanes (a stopped or deterministic world). */
void mem_trim(struct mem *m);

/* Adds to the charged ledger; signed. Owner thread of the lane (outside lane: any). */
void mem_charge(struct mem_lane *lane, enum mem_charge what, int64_t bytes);

/* Sums; any thread. `charged` is 0 where lanes disagree for a moment below it. */
uint64_t mem_charged(const struct mem *m, enum mem_charge what);
/* Real sizes of the blocks in use; the peak is looked at whenever a carrier or mapping is taken. */
struct mem_usage { uint64_t blocks, bytes, peak_bytes; };
struct mem_usage mem_usage(const struct mem *m, enum mem_type type);
const char *mem_type_name(enum mem_type type);

/*
 * Bytes of carriers and mappings holding blocks in use (what the ceiling counts), and those kept for later. A lane
 * also keeps a few free blocks of each class at hand, whose carriers count as in use until a refusal or mem_trim.
 */
uint64_t mem_carrier_bytes(const struct mem *m);
uint64_t mem_retained_bytes(const struct mem *m);
uint64_t mem_hard_bytes(const struct mem *m);                   /* UINT64_MAX: none; so is soft */
uint64_t mem_soft_bytes(const struct mem *m);

/*
 * The collector's reserve follows the largest to-space anyone may need: from a quarter of hard up to half. It only
 * rises. Any thread.
 */
void mem_reserve_for(struct mem *m, size_t largest_to_space_bytes);

/* Would `bytes` more still be under the soft limit? Any thread; what world_has_room asks. */
bool mem_has_room(const struct mem *m, uint64_t bytes);
/* The same for what MEM_SMALL may use: a child that is started again must not need what its neighbours wait for. */
bool mem_has_room_for_small(const struct mem *m, uint64_t bytes);

/* The table of types with blocks, bytes and peaks, and the carriers; for a program's last words and for finding leaks. */
void mem_print(const struct mem *m, FILE *out);

/* How often a request was refused, by the ceiling or an injected failure. Any thread. */
uint64_t mem_refusals(const struct mem *m);

#endif
