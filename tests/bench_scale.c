/*
 * bench - jobs about growth: what one costs among a hundred and among a million, and sweeping a million at once.
 *
 * slope prints a line for each n: the processor time of one. It grows as n when these stay level.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/otp/otp.h"
#include "runtime/source.h"
#include "tests/bench.h"

enum { RUN, LEFT, PEER, SLOTS };

#define LEAST_WORK 100000               /* small ones are repeated until so many are done */

static struct source *observe(struct run *r) { return world_observe(r->world, (const struct application *const[]) { NULL }, 1000000); }

/* ---- Sweeping everybody ------------------------------------------------------------------------------------------------- */

/* The command's receipt says that everybody was swept. */
static void expect_receipt(struct run *r, struct source *s)
{
	struct snapshot *now = s->now(s);
	CHECK(now->receipt_count == 1 && now->receipts[0].processes >= (uint64_t) r->n, "not everybody was swept");
	snapshot_drop(now);
}

/* The scheduler has run since and sleeps again. */
static bool has_rested(struct run *r, uint64_t slices)
{
	struct schedulers *all = r->world->schedulers;
	return atomic_load(&all->each[0].slices) != slices && atomic_load(&all->parked_count) == all->count;
}

/* Sweeps all, and looks at a page now and then as a screen does; the longest look in ns. */
static int64_t sweep_everybody(struct run *r, struct source *s)
{
	struct command all = { .kind = COMMAND_GC_ALL, .subject = "all", .estimate = SNAP_UNKNOWN };
	struct snap_process page[32];
	int64_t longest = 0;
	uint64_t slices = atomic_load(&r->world->schedulers->each[0].slices);
	bench_lap_start(r);
	CHECK(s->send(s, &all), "nobody sweeps");
	do {
		uint32_t cursor = 0;
		int64_t start = bench_now_ns();
		s->read_processes(s, &cursor, page, ARRAY_COUNT(page));
		int64_t ns = bench_now_ns() - start;
		longest = ns > longest ? ns : longest;
		usleep(100);
	} while (!has_rested(r, slices));
	bench_lap_stop(r);
	expect_receipt(r, s);
	return longest;
}

static void gc_all(struct run *r)
{
	struct source *s = observe(r);
	char extra[120];
	bench_crowd(r);
	int64_t longest = sweep_everybody(r, s);
	snprintf(extra, sizeof extra, " ms=%.3f cpu_ms=%.3f page_us=%.1f", (double) r->lap.wall_ns / 1e6, (double) r->lap.cpu_ns / 1e6,
		(double) longest / 1e3);
	bench_print(r, "gc_all", r->n, extra, "\"n\":%" PRId64, r->n);
	s->close(s);
}

/* ---- What slope measures: each adds its processor time for n to the sum ----------------------------------------------------- */

static int64_t spawn_many(struct run *r)
{
	bench_crowd(r);
	int64_t ns = r->lap.cpu_ns;
	bench_crowd_end(r);
	return ns;
}

static int64_t sweep_many(struct run *r)
{
	struct source *s = observe(r);
	struct snap_process rows[32];
	uint32_t cursor = 0;
	bench_crowd(r);
	for (int i = 0; i < 2; i++) {           /* the first one warms */
		bench_lap_start(r);
		for (cursor = 0; s->read_processes(s, &cursor, rows, ARRAY_COUNT(rows));)
			;
		bench_lap_stop(r);
	}
	int64_t ns = r->lap.cpu_ns;
	bench_crowd_end(r);
	s->close(s);
	return ns;
}

static int64_t collect_many(struct run *r)
{
	struct source *s = observe(r);
	bench_crowd(r);
	sweep_everybody(r, s);
	int64_t ns = r->lap.cpu_ns;
	bench_crowd_end(r);
	s->close(s);
	return ns;
}

/* Children of one supervisor, started one after the other. */
static enum next child_loop(struct process *p)
{
	for (term m; process_receive(p, &m);)
		;
	return STEP_WAIT;
}
static const struct step child = { "bench:child/1", child_loop };
static const struct child_spec child_template = { .id = "child", .step = &child, .restart = TEMPORARY, .shutdown_us = SHUTDOWN_BRUTAL };
static const struct supervisor_spec tree = { .strategy = SIMPLE_ONE_FOR_ONE, .children = &child_template, .child_count = 1 };

static enum next tree_wait(struct process *p)
{
	for (term m; process_receive(p, &m);)
		if (term_is_tuple(m) && term_is(tuple_at(m, 0), process_atom(p, "child_started")))
			return bench_finish(bench_run(p));
	return STEP_WAIT;
}
static const struct step tree_settled = { "bench:tree/1", tree_wait };

static enum next tree_loop(struct process *p)
{
	int64_t left = bench_int(p, LEFT);
	while (left > 0) {
		left--;
		supervisor_start_child(p, slot_get(p, PEER), NULL, term_from_small((intptr_t) left), left == 0);
		if (process_charge(p, 1))
			break;
	}
	bench_set_int(p, LEFT, left);
	return left > 0 ? STEP_YIELD : bench_become(p, &tree_settled);
}
static const struct step tree_main = { "bench:tree/1", tree_loop };

static enum next tree_top(struct process *p)
{
	struct spawn_options o = SPAWN_DEFAULT;
	bench_frame(p, SLOTS, 1);
	struct run *r = bench_run(p);
	slot_set(p, PEER, supervisor_spawn(p, &tree, &o));
	r->figures[0] = (int64_t) slot_get(p, PEER).word;
	bench_set_int(p, LEFT, r->n);
	bench_lap_start(r);
	return bench_become(p, &tree_main);
}
static const struct step tree_start = { "bench:tree/0", tree_top };

/* The trees of earlier rounds stay: idle, they cost nothing but their memory. */
static int64_t start_many(struct run *r)
{
	bench_run_top(r, &tree_start);
	struct supervisor_counts counts;
	CHECK(supervisor_count_children(r->world, (term) { (uint64_t) r->figures[0] }, &counts) && counts.active == (uint64_t) r->n,
		"not everybody was started");
	return r->lap.cpu_ns;
}

/* So many messages wait in one queue, then all are taken. */
static enum next sink_loop(struct process *p)
{
	if (p->frame_slots == 0)
		bench_frame(p, SLOTS, 1);
	struct run *r = bench_run(p);
	for (term m; process_receive(p, &m);)
		if (term_to_small(m) == 0)
			return bench_finish(r);
	return STEP_WAIT;
}
static const struct step sink = { "bench:sink/1", sink_loop };

static enum next fill_loop(struct process *p)
{
	int64_t left = bench_int(p, LEFT);
	while (left > 0) {
		process_send(p, slot_get(p, PEER), term_from_small((intptr_t) --left));
		if (process_charge(p, 0))
			break;
	}
	bench_set_int(p, LEFT, left);
	if (left > 0)
		return STEP_YIELD;
	process_resume_other(p, slot_get(p, PEER));
	return frame_return(p, ATOM(ok));
}
static const struct step fill = { "bench:fill/2", fill_loop };

static enum next fill_top(struct process *p)
{
	bench_frame(p, SLOTS, 1);
	struct run *r = bench_run(p);
	term argument = slot_get(p, RUN);
	slot_set(p, PEER, bench_spawn(p, &sink, 1, &argument));
	bench_set_int(p, LEFT, r->n);
	process_suspend_other(p, slot_get(p, PEER));
	bench_lap_start(r);
	frame_become(p, &fill);
	return STEP_YIELD;
}
static const struct step fill_start = { "bench:fill/0", fill_top };

static int64_t queue_many(struct run *r)
{
	bench_run_top(r, &fill_start);
	return r->lap.cpu_ns;
}

/* ---- slope --------------------------------------------------------------------------------------------------------------- */

static const struct measured { const char *of; int64_t (*run)(struct run *r); int64_t most; } measured[] = {
	{ "spawn", spawn_many, 1000000 }, { "sweep", sweep_many, 1000000 }, { "gc_all", collect_many, 1000000 },
	{ "children", start_many, 100000 }, { "mailbox", queue_many, 1000000 },
};

static void slope_at(struct run *r, const struct measured *m, int64_t n)
{
	int64_t rounds = n < LEAST_WORK ? LEAST_WORK / n : 1, ns = 0;
	char extra[60];
	r->n = n;
	for (int64_t i = 0; i < rounds; i++)
		ns += m->run(r);
	r->lap = (struct lap) { ns, ns };
	snprintf(extra, sizeof extra, " ns=%.1f", (double) ns / (double) (n * rounds));
	bench_print(r, "slope", n * rounds, extra, "\"of\":\"%s\",\"n\":%" PRId64, m->of, n);
}

static void slope(struct run *r)
{
	for (size_t i = 0; i < ARRAY_COUNT(measured); i++)
		if (strcmp(measured[i].of, r->kind) == 0)
			for (int64_t n = 100; n <= measured[i].most; n *= 10)
				slope_at(r, &measured[i], n);
}

const struct job bench_scale_jobs[] = {
	{ "gc_all", gc_all, 1000000, 0, NULL, 1, NULL, 0, "cpu_ms", 300 },
	{ "slope", slope, 0, 0, "spawn", 1, NULL, 0, NULL, 0 },
	{ "slope", slope, 0, 0, "sweep", 1, NULL, 0, NULL, 0 },
	{ "slope", slope, 0, 0, "gc_all", 1, NULL, 0, NULL, 0 },
	{ "slope", slope, 0, 0, "children", 1, NULL, 0, NULL, 0 },
	{ "slope", slope, 0, 0, "mailbox", 1, NULL, 0, NULL, 0 },
	{ .name = NULL },
};
