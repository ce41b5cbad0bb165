/*
 * runtime - the door for main and for tests: a world begins, runs, ends.
 */
#ifndef RUNTIME_RUNTIME_H
#define RUNTIME_RUNTIME_H

#include "runtime/base/totals.h"
#include "runtime/base/world.h"

struct world_options {
	uint64_t seed;
	bool deterministic;             /* one thread, virtual time, run by scheduler_run_until */
	unsigned schedulers;            /* 0: as many as processors; 1 when deterministic */
	uint64_t max_memory;            /* bytes of carriers; 0: none */
	uint32_t process_limit, atom_limit;     /* 0: defaults */
	uint32_t recorder_capacity;     /* records a lane, a power of two; 0: default */
	struct switches switches;       /* see switches_init, switches_parse */
};

/* Deterministic, seed 1, no ceiling, switches as ACTOP_WORLD says (aborts on an unknown word: tests). */
struct world_options world_options_for_test(void);

/* The parts are there, threads run (unless deterministic). NULL: no memory. */
struct world *world_start(const struct world_options *options);

/* Threads end, every process, table and carrier is given back. Tells how many blocks somebody had forgotten: 0. */
uint64_t world_stop(struct world *w);

/* The live source over this world, which must outlive it. catalogue: applications that may be started by name, NULL-terminated. */
struct application;
struct source;
struct source *world_observe(struct world *w, const struct application *const *catalogue, uint64_t interval_us);

/* Default of --max-memory: min(RAM/4, 2 GiB), 1 GiB when deterministic. */
uint64_t world_default_ceiling(bool deterministic);

#endif
