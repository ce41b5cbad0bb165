/* bench - jobs about many processes: to make them, to keep them, to look at them. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/source.h"
#include "tests/bench.h"

enum { RUN, LEFT, SLOTS };

/* ---- spawn, one message, exit ------------------------------------------------------------------------------------ */

static enum next short_life(struct process *p)
{
	process_send(p, x_get(p, 0), ATOM(ok));
	return frame_return(p, ATOM(ok));
}
static const struct step short_lived = { "bench:short_lived/1", short_life };

static enum next spawn_exit_loop(struct process *p)
{
	term self = process_self(p);
	for (term m; process_receive(p, &m);) {
		bench_set_int(p, LEFT, bench_int(p, LEFT) - 1);
		if (bench_int(p, LEFT) == 0)
			return bench_finish(bench_run(p));
		bench_spawn(p, &short_lived, 1, &self);
	}
	return STEP_WAIT;
}
static const struct step spawn_exit_main = { "bench:spawn_exit/2", spawn_exit_loop };

static enum next spawn_exit_top(struct process *p)
{
	term self = process_self(p);
	bench_frame(p, SLOTS, 1);
	struct run *r = bench_run(p);
	bench_set_int(p, LEFT, r->n);
	bench_lap_start(r);
	bench_spawn(p, &short_lived, 1, &self);
	return bench_become(p, &spawn_exit_main);
}
static const struct step spawn_exit_start = { "bench:spawn_exit/0", spawn_exit_top };

static void spawn_exit(struct run *r)
{
	bench_run_top(r, &spawn_exit_start);
	bench_print(r, "spawn_exit", r->n, "", "\"n\":%" PRId64, r->n);
}

/* ---- many that stay ------------------------------------------------------------------------------------------------ */

/* A pid is answered, anything else ends it. */
static enum next idle_loop(struct process *p)
{
	for (term m; process_receive(p, &m);) {
		if (!term_is_pid(m))
			return frame_return(p, ATOM(ok));
		process_send(p, m, ATOM(ok));
	}
	return STEP_WAIT;
}
static const struct step idle = { "bench:idle/0", idle_loop };

static enum next crowd_settled(struct process *p)
{
	term m;
	return process_receive(p, &m) ? bench_finish(bench_run(p)) : STEP_WAIT;
}
static const struct step settled = { "bench:settled/0", crowd_settled };

/* The last one answers when all had their first turn. */
static enum next crowd_loop(struct process *p)
{
	struct run *r = bench_run(p);
	int64_t left = bench_int(p, LEFT);
	while (left > 0) {
		r->pids[--left] = bench_spawn(p, &idle, 0, NULL);
		if (process_charge(p, 1))
			break;
	}
	bench_set_int(p, LEFT, left);
	if (left > 0)
		return STEP_YIELD;
	r->figures[1] = bench_now_ns();
	process_send(p, r->pids[0], process_self(p));
	return bench_become(p, &settled);
}
static const struct step crowd_main = { "bench:spawn_n/2", crowd_loop };

static enum next crowd_top(struct process *p)
{
	bench_frame(p, SLOTS, 1);
	struct run *r = bench_run(p);
	bench_set_int(p, LEFT, r->n);
	r->figures[0] = bench_rss_bytes();
	bench_lap_start(r);
	return bench_become(p, &crowd_main);
}
static const struct step crowd_start = { "bench:crowd/0", crowd_top };

void bench_crowd(struct run *r)
{
	free(r->pids);
	r->pids = malloc((size_t) r->n * sizeof *r->pids);
	memset(r->pids, 0, (size_t) r->n * sizeof *r->pids);
	bench_run_top(r, &crowd_start);
}

static enum next stop_loop(struct process *p)
{
	struct run *r = bench_run(p);
	int64_t left = bench_int(p, LEFT);
	while (left > 0) {
		process_send(p, r->pids[--left], ATOM(stop));
		if (process_charge(p, 0))
			break;
	}
	bench_set_int(p, LEFT, left);
	if (left > 0 || world_is_alive(p->world, r->pids[0]) || world_is_alive(p->world, r->pids[r->n - 1]))
		return STEP_YIELD;
	return bench_finish(r);
}
static const struct step stop_main = { "bench:stop_all/1", stop_loop };

static enum next stop_top(struct process *p)
{
	bench_frame(p, SLOTS, 1);
	struct run *r = bench_run(p);
	bench_set_int(p, LEFT, r->n);
	bench_lap_start(r);
	return bench_become(p, &stop_main);
}
static const struct step stop_start = { "bench:stop_all/0", stop_top };

void bench_crowd_end(struct run *r) { bench_run_top(r, &stop_start); }

static void spawn_alive(struct run *r)
{
	char extra[160];
	bench_crowd(r);
	struct lap made = r->lap;
	int64_t rss = bench_rss_bytes() - r->figures[0];
	bench_crowd_end(r);
	snprintf(extra, sizeof extra, " rss_bytes_per_actor=%.1f kill_per_s=%.6g", (double) rss / (double) r->n,
		(double) r->n * 1e9 / (double) r->lap.wall_ns);
	r->lap = made;
	bench_print(r, "spawn_alive", r->n, extra, "\"n\":%" PRId64, r->n);
}

/* ---- looking ---------------------------------------------------------------------------------------------------------- */

struct seen { uint64_t pid, memory; };

#define ROWS 64u

/* One sweep over all rows; keeps what the ten largest are chosen by. */
static size_t sweep_all(struct source *s, struct seen *seen, struct snap_process *rows)
{
	uint32_t cursor = 0;
	size_t n, all = 0;
	while ((n = s->read_processes(s, &cursor, rows, ROWS)))
		for (size_t i = 0; i < n; i++)
			seen[all++] = (struct seen) { rows[i].pid, rows[i].memory };
	return all;
}

/* The ten largest, smallest of them first: one pass, an insertion for the few that are larger. */
static void ten_largest(const struct seen *seen, size_t n, struct seen ten[10])
{
	memset(ten, 0, 10 * sizeof *ten);
	for (size_t i = 0; i < n; i++) {
		if (seen[i].memory <= ten[0].memory)
			continue;
		unsigned at = 0;
		for (; at < 9 && ten[at + 1].memory < seen[i].memory; at++)
			ten[at] = ten[at + 1];
		ten[at] = seen[i];
	}
}

enum { SWEEPS = 5 };

static void sweep(struct run *r)
{
	struct snap_process rows[ROWS];
	struct seen ten[10], *seen = malloc((size_t) (r->n + 1000) * sizeof *seen);
	struct source *s = world_observe(r->world, (const struct application *const[]) { NULL }, 1000000);
	int64_t sweeps[SWEEPS], by_processor[SWEEPS], tops[SWEEPS];
	char extra[80];
	bench_crowd(r);
	sweep_all(s, seen, rows);
	for (int i = 0; i < SWEEPS; i++) {
		bench_lap_start(r);
		size_t n = sweep_all(s, seen, rows);
		bench_lap_stop(r);
		sweeps[i] = r->lap.wall_ns;
		by_processor[i] = r->lap.cpu_ns;
		CHECK(n >= (size_t) r->n, "a sweep saw %zu of %" PRId64, n, r->n);
		int64_t start = bench_now_ns();
		ten_largest(seen, n, ten);
		tops[i] = bench_now_ns() - start;
		CHECK(ten[9].memory > 0, "nobody is large");
	}
	r->lap = (struct lap) { bench_median(sweeps, SWEEPS), bench_median(by_processor, SWEEPS) };
	snprintf(extra, sizeof extra, " ms=%.4f cpu_ms=%.4f", (double) r->lap.wall_ns / 1e6, (double) r->lap.cpu_ns / 1e6);
	bench_print(r, "sweep", r->n, extra, "\"n\":%" PRId64, r->n);
	r->lap.wall_ns = r->lap.cpu_ns = bench_median(tops, SWEEPS);
	snprintf(extra, sizeof extra, " ms=%.4f", (double) r->lap.wall_ns / 1e6);
	bench_print(r, "top10", r->n, extra, "\"n\":%" PRId64, r->n);
	s->close(s);
}

/* ---- a neighbour of the one who looks ----------------------------------------------------------------------------------- */

static enum next echo_loop(struct process *p)
{
	for (term m; process_receive(p, &m);)
		process_send(p, m, process_self(p));
	return STEP_WAIT;
}
static const struct step echo = { "bench:echo/0", echo_loop };

static enum next talk_loop(struct process *p)
{
	struct run *r = bench_run(p);
	for (term m; process_receive(p, &m);) {
		atomic_store_explicit(&r->rounds, atomic_load_explicit(&r->rounds, memory_order_relaxed) + 1, memory_order_relaxed);
		if (atomic_load_explicit(&r->ends, memory_order_relaxed))
			return bench_finish(r);
		process_send(p, m, process_self(p));
	}
	return STEP_WAIT;
}
static const struct step talk = { "bench:talk/1", talk_loop };

static enum next talk_top(struct process *p)
{
	bench_frame(p, SLOTS, 1);
	process_send(p, bench_spawn(p, &echo, 0, NULL), process_self(p));
	return bench_become(p, &talk);
}
static const struct step talk_start = { "bench:talk/0", talk_top };

/* Round trips a second for so long, with a sweep a second or without; by the clock of the thread that looks. */
static double window(struct run *r, struct source *s, struct seen *seen, int64_t ms)
{
	struct snap_process rows[ROWS];
	uint64_t from = atomic_load_explicit(&r->rounds, memory_order_relaxed);
	int64_t start = bench_now_ns(), now = start, next = start;
	while ((now = bench_now_ns()) - start < ms * 1000000) {
		if (s && now >= next) {
			sweep_all(s, seen, rows);
			next += 1000000000;
		}
		usleep(1000);
	}
	return (double) (atomic_load_explicit(&r->rounds, memory_order_relaxed) - from) * 1e9 / (double) (now - start);
}

static void sweep_slow(struct run *r)
{
	struct seen *seen = malloc((size_t) (r->n + 1000) * sizeof *seen);
	struct source *s = world_observe(r->world, (const struct application *const[]) { NULL }, 1000000);
	struct spawn_options o = SPAWN_DEFAULT;
	term argument = term_from_small((intptr_t) r);
	double base = 0, beside = 0;
	char extra[120];
	bench_crowd(r);
	world_spawn(r->world, &talk_start, 1, &argument, &o);
	usleep(100000);
	bench_lap_start(r);
	for (int i = 0; i < 2; i++) {
		base += window(r, NULL, seen, r->m) / 2;
		beside += window(r, s, seen, r->m) / 2;
	}
	atomic_store(&r->ends, true);
	while (sem_wait(&r->done) != 0)
		;
	snprintf(extra, sizeof extra, " base_ops_per_s=%.6g beside_ops_per_s=%.6g slowdown_pct=%.2f", base, beside, 100 * (1 - beside / base));
	bench_print(r, "sweep_slow", (int64_t) atomic_load(&r->rounds), extra, "\"n\":%" PRId64, r->n);
	s->close(s);
}

const struct job bench_life_jobs[] = {
	{ "spawn_exit", spawn_exit, 300000, 0, NULL, 1, "spawn_exit 300000", 6, NULL, 0 },
	{ "spawn_exit", spawn_exit, 300000, 0, NULL, 2, "spawn_exit 300000", 0, NULL, 0 },
	{ "spawn_alive", spawn_alive, 1000000, 0, NULL, 1, "spawn_alive 1000000", 5, "rss_bytes_per_actor", 337 },
	{ "spawn_alive", spawn_alive, 100000, 0, NULL, 1, NULL, 0, NULL, 0 },
	{ "spawn_alive", spawn_alive, 10000, 0, NULL, 1, NULL, 0, NULL, 0 },
	{ "sweep", sweep, 1000, 0, NULL, 1, "sweep 1000", 0, "cpu_ms", 0.02 },
	{ "sweep", sweep, 100000, 0, NULL, 1, "sweep 100000", 0, "cpu_ms", 1.5 },
	{ "sweep", sweep, 1000000, 0, NULL, 1, "sweep 1000000", 0, "cpu_ms", 15 },
	{ "sweep_slow", sweep_slow, 100000, 1500, NULL, 1, NULL, 0, "slowdown_pct", 1 },
	{ "sweep_slow", sweep_slow, 1000000, 2500, NULL, 1, NULL, 0, "slowdown_pct", 2 },
	{ .name = NULL },
};
