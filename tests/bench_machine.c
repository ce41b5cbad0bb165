/* bench - jobs about the machine: what no runtime can be faster than, and the price of one slice. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench.h"

enum { RUN, LEFT, SLOTS };

/* Two processes that give way to each other. */
static enum next give_way_loop(struct process *p)
{
	bench_set_int(p, LEFT, bench_int(p, LEFT) - 1);
	return bench_int(p, LEFT) > 0 ? STEP_YIELD : STEP_WAIT;
}
static const struct step give_way = { "bench:give_way/1", give_way_loop };

static enum next give_way_enter(struct process *p)
{
	bench_frame(p, SLOTS, 2);
	return bench_become(p, &give_way);
}
static const struct step give_way_start = { "bench:give_way/1", give_way_enter };

static enum next switch_loop(struct process *p)
{
	bench_set_int(p, LEFT, bench_int(p, LEFT) - 1);
	return bench_int(p, LEFT) > 0 ? STEP_YIELD : bench_finish(bench_run(p));
}
static const struct step switch_main = { "bench:switch/1", switch_loop };

static enum next switch_top(struct process *p)
{
	bench_frame(p, SLOTS, 1);
	struct run *r = bench_run(p);
	bench_set_int(p, LEFT, r->n);
	term args[] = { slot_get(p, RUN), slot_get(p, LEFT) };
	bench_spawn(p, &give_way_start, 2, args);
	bench_lap_start(r);
	return bench_become(p, &switch_main);
}
static const struct step switch_start = { "bench:switch/0", switch_top };

static void ctx_switch(struct run *r)
{
	bench_run_top(r, &switch_start);
	bench_print(r, "ctx_switch", 2 * r->n, "", "\"switches\":%" PRId64, 2 * r->n);
}

/* Words a second. */
static void memory_copy(struct run *r)
{
	size_t bytes = (size_t) r->n, times = (size_t) (r->m / r->n);
	char *from = malloc(bytes), *to = malloc(bytes);
	memset(from, 1, bytes);
	memset(to, 2, bytes);
	bench_lap_start(r);
	for (size_t i = 0; i < times; i++) {
		memcpy(to, from, bytes);
		__asm__ volatile ("" : : "r" (to), "r" (from) : "memory");
	}
	bench_lap_stop(r);
	bench_print(r, "memcpy", (int64_t) (times * bytes / WORD_BYTES), "", "\"bytes\":%zu", bytes);
	free(from);
	free(to);
}

const struct job bench_machine_jobs[] = {
	{ "ctx_switch", ctx_switch, 5000000, 0, NULL, 1, NULL, 0, NULL, 0 },
	{ "memcpy", memory_copy, 65536, 10000000000, NULL, 1, NULL, 0, NULL, 0 },
	{ "memcpy", memory_copy, 67108864, 4000000000, NULL, 1, NULL, 0, NULL, 0 },
	{ .name = NULL },
};
