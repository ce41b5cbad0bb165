/*
 * world - one runtime instance: pointers to its parts, and its switches. There is no global state:
 * whoever needs a part is handed the world; tests start as many worlds as they like.
 *
 * This header knows the parts only by name, so every floor may include it.
 */
#ifndef RUNTIME_BASE_WORLD_H
#define RUNTIME_BASE_WORLD_H

#include <stdatomic.h>

#include "runtime/base/base.h"
#include "runtime/base/clock.h"
#include "runtime/base/random.h"

/* Debug worlds, read from ACTOP_WORLD (comma-separated words) or set by a test. */
struct switches {
	bool gc_stress;         /* every reserve collects, on large heaps every so many */
	bool move;              /* every reserve moves the block as often, nothing else changes */
	bool gc_verify;         /* heaps are walked and proved before and after each collection */
	bool force_frags;       /* every reserve gets a fragment */
	bool poison;            /* freed memory is filled */
	bool chaos;             /* threaded: random yields at the atomics */
	bool det;               /* one thread, seeded choices, virtual clock */
	uint64_t det_seed;
	int fail_type;          /* alloc_fail=TYPE:N; -1 = none */
	uint64_t fail_at;
};

/* Everything off. */
void switches_init(struct switches *s);
/* Reads "gc_stress,det=7,alloc_fail=heap:3". False: unknown word, its start is put into *where. NULL and "" are fine. */
bool switches_parse(struct switches *s, const char *words, const char **where);

struct mem; struct atoms; struct slots; struct registry; struct schedulers; struct recorder; struct tables; struct applications;
struct literals; struct logger; struct wheel; struct supervisors; struct persistent;

struct world {
	struct mem *mem;
	struct recorder *recorder;
	struct atoms *atoms;
	struct literals *literals;      /* persistent terms and constants: never copied, never collected */
	struct slots *slots;            /* process table */
	struct tables *tables;          /* ETS */
	struct schedulers *schedulers;
	struct supervisors *supervisors;
	struct applications *applications;
	struct persistent *persistent;  /* persistent terms by key */
	struct logger *logger;
	struct clock clock;
	struct random random;           /* choices of a deterministic world */
	struct switches switches;
	uint64_t seed;
	unsigned scheduler_count;       /* lanes 0 .. scheduler_count-1; lane scheduler_count is for outside threads */
	_Atomic uint64_t next_pid;      /* identity numbers, in order of birth */
	_Atomic uint64_t next_reference;
	_Atomic uint64_t next_payload;  /* identity of refc payloads */
	_Atomic uint64_t dropped_sends;
};

#endif
