/*
 * bench - jobs that measure the runtime, each in a process of its own, so that no job warms or fills another's memory.
 *
 *   job ──▶ fork ──▶ world, the job's actors ──▶ raw lines  name|{params}|key=value ...  ──▶ medians over the runs
 *
 * A job is a row of a table: name, parameters, schedulers and the Erlang program's arguments for the same work. The
 * actors are ordinary ones: messages are copied, reductions counted, memory accounted, and rows published as always.
 */
#ifndef TESTS_BENCH_H
#define TESTS_BENCH_H

#include <semaphore.h>
#include <stdio.h>

#include "runtime/process/process.h"
#include "runtime/process/scheduler.h"
#include "runtime/runtime.h"

struct run;

struct job {
	const char *name;
	void (*run)(struct run *r);
	int64_t n, m;                   /* as the job reads them */
	const char *kind;
	unsigned schedulers;
	const char *beam;               /* arguments of the Erlang program; NULL: nothing to compare with */
	double target;                  /* at least so many times the BEAM; 0: none */
	const char *most_key;           /* or a figure of the line, */
	double most;                    /* at most this */
};

/* Wall and processor time of the whole process. */
struct lap { int64_t wall_ns, cpu_ns; };

struct run {
	const struct job *job;
	struct world *world;
	sem_t done;
	struct lap lap;
	int64_t n, m;
	const char *kind;
	int64_t figures[8];             /* what the actors of a job measured */
	term *pids;
	_Atomic uint64_t rounds;
	_Atomic bool ends;
};

/* Tables of jobs, each ended by a row without a name. */
extern const struct job bench_mail_jobs[], bench_life_jobs[], bench_memory_jobs[], bench_scale_jobs[], bench_machine_jobs[];

int64_t bench_now_ns(void);
int64_t bench_rss_bytes(void);
void bench_lap_start(struct run *r);
void bench_lap_stop(struct run *r);
/* Median of so many times; sorts them. */
int64_t bench_median(int64_t *times, unsigned count);

/* Spawns a process from outside with the run in x[0]; waits until bench_finish. */
void bench_run_top(struct run *r, const struct step *top);
/* For a step: the work is done (stops the lap), the waiting thread goes on. The process then waits for ever. */
enum next bench_finish(struct run *r);

/* run.n idle processes, whose pids are in run.pids and for which the lap was taken; and their end. */
void bench_crowd(struct run *r);
void bench_crowd_end(struct run *r);

/* Prints the raw line of the lap: `ops` operations. params: JSON members; extra: " key=value ...", may be "". */
void bench_print(const struct run *r, const char *name, int64_t ops, const char *extra, const char *params, ...)
	__attribute__((format(printf, 5, 6)));

/* ---- For steps --------------------------------------------------------------------------------------------- */

/* A frame of so many slots, the first of them what the process was spawned with. */
void bench_frame(struct process *p, unsigned slots, unsigned arguments);
ALWAYS_INLINE int64_t bench_int(const struct process *p, unsigned slot) { return term_to_small(slot_get(p, slot)); }
ALWAYS_INLINE void bench_set_int(struct process *p, unsigned slot, int64_t n) { slot_set(p, slot, term_from_small((intptr_t) n)); }
/* The run lies in slot 0 as a small. */
ALWAYS_INLINE struct run *bench_run(const struct process *p) { return (struct run *) bench_int(p, 0); }
/* A child with its arguments in x; what it is called with is up to its step. */
term bench_spawn(struct process *p, const struct step *step, unsigned n, const term *args);
/* Goes on with another step in the same frame. */
ALWAYS_INLINE enum next bench_become(struct process *p, const struct step *step)
{
	frame_become(p, step);
	return STEP_NEXT;
}
/* n, n-1 ... 1 as a list. May collect; grows the heap at once, so that no collection is left for later. */
term bench_list(struct process *p, int64_t n);

#endif
