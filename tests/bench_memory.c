/* bench - jobs about heaps, binaries and tables. */
#include <inttypes.h>
#include <stdlib.h>

#include "runtime/process/blob.h"
#include "runtime/process/table.h"
#include "runtime/term/map.h"
#include "tests/bench.h"

enum { RUN, LEFT, VALUE, SLOTS };

/* ---- short-lived lists ------------------------------------------------------------------------------------------------ */

/* One cell, one test of the heap, as a function that builds a list does it; a reduction a cell. */
static void build_and_forget(struct process *p, int64_t cells)
{
	term list = TERM_NIL;
	for (int64_t i = cells; i > 0; i--) {
		struct builder *b = RESERVE(p, 2, &list);
		list = build_cons(b, term_from_small((intptr_t) i), list);
	}
	process_charge(p, (uint32_t) cells);
}

static enum next minor_loop(struct process *p)
{
	struct run *r = bench_run(p);
	int64_t left = bench_int(p, LEFT);
	while (left > 0) {
		build_and_forget(p, r->n);
		left--;
		if (process_charge(p, 0))
			break;
	}
	bench_set_int(p, LEFT, left);
	return left > 0 ? STEP_YIELD : bench_finish(r);
}
static const struct step minor_main = { "bench:gc_minor/2", minor_loop };

static enum next minor_top(struct process *p)
{
	bench_frame(p, SLOTS, 1);
	struct run *r = bench_run(p);
	bench_set_int(p, LEFT, r->m);
	bench_lap_start(r);
	return bench_become(p, &minor_main);
}
static const struct step minor_start = { "bench:gc_minor/0", minor_top };

static void gc_minor(struct run *r)
{
	bench_run_top(r, &minor_start);
	bench_print(r, "gc_minor", 2 * r->n * r->m, "", "\"list\":%" PRId64, r->n);
}

/* ---- full sweeps ------------------------------------------------------------------------------------------------------ */

/* {Left, Right} of so many nodes, 3 words each, in depth-first order. */
static term tree_of(struct builder *b, int64_t nodes)
{
	if (nodes == 0)
		return term_from_small(0);
	int64_t left = (nodes - 1) / 2;
	term l = tree_of(b, left), r = tree_of(b, nodes - 1 - left);
	return build_tuple2(b, l, r);
}

static term live_data(struct process *p, const char *kind, int64_t words)
{
	return kind[0] == 'l' ? bench_list(p, words / 2) : tree_of(RESERVE(p, (size_t) words), words / 3);
}

static enum next full_top(struct process *p)
{
	bench_frame(p, SLOTS, 1);
	struct run *r = bench_run(p);
	slot_set(p, VALUE, live_data(p, r->kind, r->n));
	process_collect(p, true, 2, NULL, 0);
	r->m = 10 + 20000000 / r->n;
	bench_lap_start(r);
	for (int64_t i = 0; i < r->m; i++)
		process_collect(p, true, 2, NULL, 0);
	return bench_finish(r);
}
static const struct step full_start = { "bench:gc_full/0", full_top };

static void gc_full(struct run *r)
{
	char extra[60];
	bench_run_top(r, &full_start);
	snprintf(extra, sizeof extra, " cpu_ms=%.3f", (double) r->lap.cpu_ns / 1e6 / (double) r->m);
	bench_print(r, "gc_full", r->n * r->m, extra, "\"kind\":\"%s\",\"words\":%" PRId64, r->kind, r->n);
}

enum { PAUSES = 101, GARBAGE_CELLS = 10000 };

/* After the full sweep the first minor one promotes everything; the others find only garbage. */
static enum next pause_top(struct process *p)
{
	int64_t times[PAUSES], start;
	bench_frame(p, SLOTS, 1);
	struct run *r = bench_run(p);
	slot_set(p, VALUE, live_data(p, "list", r->n));
	process_collect(p, true, 2, NULL, 0);
	start = bench_now_ns();
	process_collect(p, false, 2, NULL, 0);
	r->figures[0] = bench_now_ns() - start;
	process_collect(p, false, 2, NULL, 0);
	for (int i = 0; i < PAUSES; i++) {
		build_and_forget(p, GARBAGE_CELLS);
		start = bench_now_ns();
		process_collect(p, false, 2, NULL, 0);
		times[i] = bench_now_ns() - start;
	}
	r->figures[1] = bench_median(times, PAUSES);
	r->figures[2] = times[PAUSES - 1];
	return bench_finish(r);
}
static const struct step pause_start = { "bench:gc_pause/0", pause_top };

static void gc_pause(struct run *r)
{
	char extra[120];
	bench_run_top(r, &pause_start);
	r->lap.wall_ns = r->lap.cpu_ns = r->figures[1];
	snprintf(extra, sizeof extra, " us_median=%.3f us_max=%.3f us_promote=%.1f", (double) r->lap.wall_ns / 1e3,
		(double) r->figures[2] / 1e3, (double) r->figures[0] / 1e3);
	bench_print(r, "gc_pause", 1, extra, "\"old_words\":%" PRId64, r->n);
}

/* ---- binaries ------------------------------------------------------------------------------------------------------------ */

static enum next create_loop(struct process *p)
{
	int64_t left = bench_int(p, LEFT);
	while (left > 0) {
		blob_new(p, NULL, 1024, 0, NULL, 0);
		left--;
		if (process_charge(p, 1))
			break;
	}
	bench_set_int(p, LEFT, left);
	return left > 0 ? STEP_YIELD : bench_finish(bench_run(p));
}
static const struct step create_main = { "bench:bin_create/2", create_loop };

static enum next create_top(struct process *p)
{
	bench_frame(p, SLOTS, 1);
	struct run *r = bench_run(p);
	bench_set_int(p, LEFT, r->n);
	bench_lap_start(r);
	return bench_become(p, &create_main);
}
static const struct step create_start = { "bench:bin_create/0", create_top };

static void bin_create(struct run *r)
{
	bench_run_top(r, &create_start);
	bench_print(r, "bin_create", r->n, "", "\"size\":1024");
}

static enum next slice_loop(struct process *p)
{
	int64_t left = bench_int(p, LEFT);
	while (left > 0) {
		struct builder *b = RESERVE(p, SUB_WORDS);
		binary_slice(b, slot_get(p, VALUE), (size_t) (left & 2047), 100);
		left--;
		if (process_charge(p, 1))
			break;
	}
	bench_set_int(p, LEFT, left);
	return left > 0 ? STEP_YIELD : bench_finish(bench_run(p));
}
static const struct step slice_main = { "bench:subbin/3", slice_loop };

static enum next slice_top(struct process *p)
{
	bench_frame(p, SLOTS, 1);
	struct run *r = bench_run(p);
	bench_set_int(p, LEFT, r->n);
	slot_set(p, VALUE, blob_new(p, NULL, 4096, 7, NULL, 0));
	bench_lap_start(r);
	return bench_become(p, &slice_main);
}
static const struct step slice_start = { "bench:subbin/0", slice_top };

static void subbin(struct run *r)
{
	bench_run_top(r, &slice_start);
	bench_print(r, "subbin", r->n, "", "\"size\":100");
}

/* ---- tables: an insert, a lookup and an update of each row, keys in scattered order ----------------------------------- */

enum { W_RUN, W_PARENT, W_FROM, W_TO, W_PHASE, W_TABLE, W_SLOTS };
enum { PHASES = 3 };

/* The table's reference lies in its slot: it moves when the row's words are reserved. */
static void insert_row(struct process *p, int64_t i, int64_t n)
{
	struct builder *b = RESERVE(p, 3);
	table_insert(p, slot_get(p, W_TABLE), build_tuple2(b, term_from_small((intptr_t) (i * 618033 % n)), term_from_small((intptr_t) i)));
}

static void look_up_row(struct process *p, int64_t i, int64_t n)
{
	term found = table_lookup(p, slot_get(p, W_TABLE), term_from_small((intptr_t) (i * 104729 % n)));
	CHECK(term_is_cons(found), "row %" PRId64 " is not there", i);
}

static void update_row(struct process *p, int64_t i, int64_t n)
{
	table_update_counter(p, slot_get(p, W_TABLE), term_from_small((intptr_t) (i * 104729 % n)), 2, 1);
}

static void (*const row_operations[PHASES])(struct process *p, int64_t i, int64_t n) = { insert_row, look_up_row, update_row };
static const char *const phase_names[PHASES] = { "ets_insert", "ets_lookup", "ets_update_counter" };

static enum next rows_loop(struct process *p)
{
	int64_t i = bench_int(p, W_FROM), to = bench_int(p, W_TO), n = bench_run(p)->n;
	void (*operate)(struct process *, int64_t, int64_t) = row_operations[bench_int(p, W_PHASE)];
	while (i < to) {
		operate(p, i++, n);
		AFTER_BIF(p, 1);
		if (process_charge(p, 1))
			break;
	}
	bench_set_int(p, W_FROM, i);
	if (i < to)
		return STEP_YIELD;
	process_send(p, slot_get(p, W_PARENT), ATOM(ok));
	return frame_return(p, ATOM(ok));
}
static const struct step rows_main = { "bench:rows/4", rows_loop };

static enum next rows_enter(struct process *p)
{
	bench_frame(p, W_SLOTS, W_SLOTS);
	return bench_become(p, &rows_main);
}
static const struct step rows_start = { "bench:rows/4", rows_enter };

enum { T_RUN, T_TABLE, T_PHASE, T_BUSY, T_START, T_SLOTS };

static enum next phase_start(struct process *p)
{
	struct run *r = bench_run(p);
	int64_t share = r->n / r->m;
	bench_set_int(p, T_BUSY, r->m);
	bench_lap_start(r);
	for (int64_t i = 0; i < r->m; i++) {
		term args[W_SLOTS] = { slot_get(p, RUN), process_self(p), term_from_small((intptr_t) (i * share)),
			term_from_small((intptr_t) ((i + 1) * share)), slot_get(p, T_PHASE), slot_get(p, T_TABLE) };
		bench_spawn(p, &rows_start, W_SLOTS, args);
	}
	return STEP_WAIT;
}

static enum next table_loop(struct process *p)
{
	struct run *r = bench_run(p);
	for (term m; process_receive(p, &m);) {
		bench_set_int(p, T_BUSY, bench_int(p, T_BUSY) - 1);
		if (bench_int(p, T_BUSY) > 0)
			continue;
		int64_t phase = bench_int(p, T_PHASE);
		bench_lap_stop(r);
		bench_print(r, phase_names[phase], r->n, "", "\"type\":\"%s\",\"rows\":%" PRId64 ",\"procs\":%" PRId64, r->kind, r->n, r->m);
		if (phase + 1 == PHASES)
			return bench_finish(r);
		bench_set_int(p, T_PHASE, phase + 1);
		return phase_start(p);
	}
	return STEP_WAIT;
}
static const struct step table_main = { "bench:ets/3", table_loop };

static enum next table_top(struct process *p)
{
	bench_frame(p, T_SLOTS, 1);
	struct run *r = bench_run(p);
	struct table_options o = { .type = r->kind[0] == 's' ? TABLE_SET : TABLE_ORDERED_SET, .access = TABLE_PUBLIC, .heir = TERM_NONE };
	slot_set(p, T_TABLE, table_new(p, ATOM(ok), &o));
	bench_set_int(p, T_PHASE, 0);
	frame_become(p, &table_main);
	return phase_start(p);
}
static const struct step table_start = { "bench:ets/0", table_top };

static void ets(struct run *r) { bench_run_top(r, &table_start); }

/* ---- Slopes: the time of one, at 10^2 to 10^6; level where cost grows as n ---------------------------------------------- */

enum { S_RUN, S_VALUE, S_SLOTS };

#define LEAST_WORK 2000000              /* small ones are repeated until so many are done */

static void make_table(struct process *p, int64_t n, enum table_type type)
{
	struct table_options o = { .type = type, .access = TABLE_PUBLIC, .heir = TERM_NONE };
	slot_set(p, S_VALUE, table_new(p, ATOM(ok), &o));
	for (int64_t i = 0; i < n; i++) {
		struct builder *b = RESERVE(p, 3);
		term key = term_from_small((intptr_t) (i * 618033 % n));
		table_insert(p, slot_get(p, S_VALUE), build_tuple2(b, key, term_from_small((intptr_t) i)));
	}
}

static void make_set(struct process *p, int64_t n) { make_table(p, n, TABLE_SET); }
static void make_ordered_set(struct process *p, int64_t n) { make_table(p, n, TABLE_ORDERED_SET); }

static void look_up_all(struct process *p, int64_t n)
{
	for (int64_t i = 0; i < n; i++) {
		table_lookup(p, slot_get(p, S_VALUE), term_from_small((intptr_t) (i * 104729 % n)));
		AFTER_BIF(p, 1);
	}
}

static void drop_table(struct process *p) { table_delete(p, slot_get(p, S_VALUE)); }

static void make_list(struct process *p, int64_t n) { slot_set(p, S_VALUE, live_data(p, "list", 2 * n)); }
static void make_tree(struct process *p, int64_t n) { slot_set(p, S_VALUE, live_data(p, "tree", 3 * n)); }

/* {{{.., 2}, 1}, 0}: as deep as it is long. */
static void make_chain(struct process *p, int64_t n)
{
	struct builder *b = RESERVE(p, 3 * (size_t) n);
	term chain = TERM_NIL;
	for (int64_t i = n; i > 0; i--)
		chain = build_tuple2(b, chain, term_from_small((intptr_t) i));
	slot_set(p, S_VALUE, chain);
}

static void sweep_all(struct process *p, int64_t n)
{
	(void) n;
	process_collect(p, true, 2, NULL, 0);
}

static void make_map(struct process *p, int64_t n)
{
	term *pairs = malloc(2 * (size_t) n * sizeof *pairs);
	for (int64_t i = 0; i < n; i++)
		pairs[2 * i] = pairs[2 * i + 1] = term_from_small((intptr_t) i);
	struct builder *b = RESERVE(p, map_from_pairs_words((size_t) n));
	slot_set(p, S_VALUE, map_from_pairs(p->world->atoms, &b->top, pairs, (size_t) n));
	free(pairs);
}

static void get_all(struct process *p, int64_t n)
{
	for (int64_t i = 0; i < n; i++)
		CHECK(!term_is_none(map_get(p->world->atoms, slot_get(p, S_VALUE), term_from_small((intptr_t) (i * 104729 % n)))), "no key");
}

static void drop_nothing(struct process *p) { (void) p; }

static const struct slope {
	const char *what;
	void (*make)(struct process *p, int64_t n);
	void (*work)(struct process *p, int64_t n);     /* on n */
	void (*drop)(struct process *p);
} slopes[] = {
	{ "set, a lookup", make_set, look_up_all, drop_table },
	{ "ordered_set, a lookup", make_ordered_set, look_up_all, drop_table },
	{ "full sweep of a list, a cell", make_list, sweep_all, drop_nothing },
	{ "full sweep of a tree, a node", make_tree, sweep_all, drop_nothing },
	{ "full sweep of a chain, a link", make_chain, sweep_all, drop_nothing },
	{ "map, a get", make_map, get_all, drop_nothing },
};

static void measure_slope(struct process *p, const struct slope *slope, int64_t n)
{
	struct run *r = bench_run(p);
	char extra[40];
	int64_t times = 1 + LEAST_WORK / n;
	slope->make(p, n);
	slope->work(p, n);
	bench_lap_start(r);
	for (int64_t i = 0; i < times; i++)
		slope->work(p, n);
	bench_lap_stop(r);
	snprintf(extra, sizeof extra, " ns=%.2f", (double) r->lap.cpu_ns / (double) (n * times));
	bench_print(r, "slope_memory", n * times, extra, "\"what\":\"%s\",\"n\":%" PRId64, slope->what, n);
	slope->drop(p);
	slot_set(p, S_VALUE, TERM_NIL);
	process_collect(p, true, 2, NULL, 0);
}

static enum next slope_top(struct process *p)
{
	bench_frame(p, S_SLOTS, 1);
	for (unsigned i = 0; i < ARRAY_COUNT(slopes); i++)
		for (int64_t n = 100; n <= 1000000; n *= 10)
			measure_slope(p, &slopes[i], n);
	return bench_finish(bench_run(p));
}
static const struct step slope_start = { "bench:slope_memory/0", slope_top };

static void slope_memory(struct run *r) { bench_run_top(r, &slope_start); }

const struct job bench_memory_jobs[] = {
	{ "gc_minor", gc_minor, 1000, 100000, NULL, 1, "gc_minor 1000 100000", 4, NULL, 0 },
	{ "gc_full", gc_full, 1000000, 0, "list", 1, "gc_full list 1000000", 1.3, NULL, 0 },
	{ "gc_full", gc_full, 10000000, 0, "list", 1, "gc_full list 10000000", 1.3, NULL, 0 },
	{ "gc_full", gc_full, 1000000, 0, "tree", 1, "gc_full tree 1000000", 1.3, NULL, 0 },
	{ "gc_full", gc_full, 10000000, 0, "tree", 1, "gc_full tree 10000000", 1.3, NULL, 0 },
	{ "gc_pause", gc_pause, 10000000, 0, NULL, 1, "gc_pause 10000000", 0, "us_median", 1 },
	{ "bin_create", bin_create, 1000000, 0, NULL, 1, "bin_create 1000000", 5, NULL, 0 },
	{ "subbin", subbin, 5000000, 0, NULL, 1, "subbin 5000000", 4, NULL, 0 },
	{ "ets", ets, 1000000, 1, "set", 1, "ets set 1000000 1", 2.5, NULL, 0 },
	{ "ets", ets, 1000000, 2, "set", 2, "ets set 1000000 2", 0, NULL, 0 },
	{ "ets", ets, 1000000, 1, "ordered_set", 1, "ets ordered_set 1000000 1", 1, NULL, 0 },
	{ "ets", ets, 1000000, 2, "ordered_set", 2, "ets ordered_set 1000000 2", 0, NULL, 0 },
	{ "slope_memory", slope_memory, 0, 0, NULL, 1, NULL, 0, NULL, 0 },
	{ .name = NULL },
};
