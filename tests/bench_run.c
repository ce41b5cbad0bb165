/* bench - what all jobs use. */
#include "tests/bench.h"

#include <stdarg.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static int64_t clock_ns(clockid_t clock)
{
	struct timespec t;
	clock_gettime(clock, &t);
	return (int64_t) t.tv_sec * 1000000000 + t.tv_nsec;
}

int64_t bench_now_ns(void) { return clock_ns(CLOCK_MONOTONIC); }

int64_t bench_rss_bytes(void)
{
	long all, resident = 0;
	FILE *f = fopen("/proc/self/statm", "r");
	if (f) {
		if (fscanf(f, "%ld %ld", &all, &resident) != 2)
			resident = 0;
		fclose(f);
	}
	return (int64_t) resident * sysconf(_SC_PAGESIZE);
}

void bench_lap_start(struct run *r)
{
	r->lap.cpu_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
	r->lap.wall_ns = bench_now_ns();
}

void bench_lap_stop(struct run *r)
{
	r->lap.wall_ns = bench_now_ns() - r->lap.wall_ns;
	r->lap.cpu_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID) - r->lap.cpu_ns;
}

static int compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *) a, y = *(const int64_t *) b;
	return (x > y) - (x < y);
}

int64_t bench_median(int64_t *times, unsigned count)
{
	qsort(times, count, sizeof *times, compare);
	return times[count / 2];
}

void bench_run_top(struct run *r, const struct step *top)
{
	struct spawn_options o = SPAWN_DEFAULT;
	term argument = term_from_small((intptr_t) r);
	CHECK(!term_is_none(world_spawn(r->world, top, 1, &argument, &o)), "no process for a job");
	while (sem_wait(&r->done) != 0)
		;
}

enum next bench_finish(struct run *r)
{
	bench_lap_stop(r);
	sem_post(&r->done);
	return STEP_WAIT;
}

void bench_print(const struct run *r, const char *name, int64_t ops, const char *extra, const char *params, ...)
{
	va_list args;
	double wall = (double) r->lap.wall_ns / 1e9, cpu = (double) r->lap.cpu_ns / 1e9;
	printf("%s|{", name);
	va_start(args, params);
	vprintf(params, args);
	va_end(args);
	printf(",\"schedulers\":%u}|ops_per_s=%.6g ops_per_cpu_s=%.6g wall_s=%.6f cpu_s=%.6f%s\n", r->job->schedulers,
		(double) ops / wall, (double) ops / (cpu > 0 ? cpu : wall), wall, cpu, extra);
	fflush(stdout);
}

void bench_frame(struct process *p, unsigned slots, unsigned arguments)
{
	frame_grow(p, slots, NULL, 0);
	for (unsigned i = 0; i < arguments; i++)
		slot_set(p, i, x_get(p, i));
	x_clear(p);
}

term bench_spawn(struct process *p, const struct step *step, unsigned n, const term *args)
{
	struct spawn_options o = SPAWN_DEFAULT;
	return process_spawn(p, step, n, args, &o);
}

term bench_list(struct process *p, int64_t n)
{
	struct builder *b = RESERVE(p, 2 * (size_t) n);
	term list = TERM_NIL;
	for (int64_t i = n; i > 0; i--)
		list = build_cons(b, term_from_small((intptr_t) i), list);
	return list;
}
