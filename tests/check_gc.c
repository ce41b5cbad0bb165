/*
 * The collector against copies: whatever is built, dropped, collected, moved or put to sleep, each slot stays equal to the
 * copy that was made of it, the verifier finds nothing, and the survey foretells what a full sweep keeps.
 */
#include "tests/graph.h"

#include <stdlib.h>

#include "runtime/memory/build.h"
#include "runtime/memory/gc_verify.h"
#include "runtime/memory/literal.h"
#include "runtime/memory/survey.h"
#include "runtime/process/blob.h"
#include "runtime/term/order.h"

#define ROUNDS 30
#define BUILDS_A_ROUND 40

struct trial { struct graph graph; unsigned rounds, wanted; bool full, hibernate, hibernated; };

static void verify(struct process *p)
{
	struct root_set roots = process_roots(p, NULL, 0);
	gc_verify(&p->heap, &roots, "in a test");
}

static enum next trial_step(struct process *p)
{
	struct trial *t = fixture_of(p);
	if (p->frame_slots == 0)
		graph_enter(p);
	if (t->hibernated) {
		/* Woken by a message that says nothing. */
		term wake;
		process_receive(p, &wake);
		t->hibernated = false;
	}
	graph_expect_same(p, &t->graph);
	for (unsigned i = 0; i < BUILDS_A_ROUND; i++)
		graph_build(p, &t->graph);
	verify(p);
	if (random_below(&t->graph.random, 2)) {
		process_collect(p, random_below(&t->graph.random, 3) == 0, 0, NULL, 0);
		t->graph.collected++;
	}
	graph_expect_same(p, &t->graph);
	if (++t->rounds >= t->wanted)
		process_raise(p, ATOM(normal));
	if (t->hibernate && random_below(&t->graph.random, 4) == 0) {
		t->hibernated = true;
		return STEP_HIBERNATE;
	}
	return STEP_YIELD;
}

static const struct step trial = { "trial:run/1", trial_step };

static void run_trial(uint64_t seed, const struct spawn_options *o, bool hibernate, bool no_binaries)
{
	struct trial *t = calloc(1, sizeof *t);
	graph_init(&t->graph, seed);
	t->graph.no_binaries = no_binaries;
	t->wanted = ROUNDS;
	t->hibernate = hibernate;
	term pid = fixture_spawn_with(&trial, t, o);
	fixture_run();
	while (fixture_is_alive(pid)) {
		fixture_expect_ledger();
		fixture_verify_heaps();
		ck_assert_msg(t->hibernated, "seed %lu", (unsigned long) seed);
		world_send(fixture_world(), pid, ATOM(go));
		fixture_run();
	}
	ck_assert_uint_eq(t->rounds, t->wanted);
	graph_release(&t->graph);
	free(t);
	fixture_expect_clean();
}

START_TEST(graphs_survive_any_collection)
{
	struct spawn_options o = SPAWN_DEFAULT;
	for (uint64_t i = 0; i < 30; i++)
		run_trial(suite_seed() + i, &o, false, i % 2);
}
END_TEST

START_TEST(graphs_survive_with_few_minors)
{
	struct spawn_options o = SPAWN_DEFAULT;
	for (uint64_t i = 0; i < 12; i++) {
		o.heap.fullsweep_after = (uint32_t) i % 4;
		o.heap.min_heap_words = i % 2 ? 2586 : 233;
		run_trial(suite_seed() + i, &o, false, false);
	}
}
END_TEST

START_TEST(graphs_survive_hibernation)
{
	struct spawn_options o = SPAWN_DEFAULT;
	for (uint64_t i = 0; i < 20; i++)
		run_trial(suite_seed() + i, &o, true, i % 2);
}
END_TEST

/* ---- Live words ---------------------------------------------------------------------------------------------- */

static enum next count_step(struct process *p)
{
	struct trial *t = fixture_of(p);
	if (p->frame_slots == 0)
		graph_enter(p);
	for (unsigned i = 0; i < BUILDS_A_ROUND; i++)
		graph_build(p, &t->graph);
	struct survey before, after;
	struct root_set roots = process_roots(p, NULL, 0);
	ck_assert(survey_heap(&p->heap, &roots, &before, NULL, 0, NULL, 0));
	size_t live = before.live_young + before.live_old + before.live_fragment;
	process_collect(p, true, 0, NULL, 0);
	struct heap_figures f = heap_figures(&p->heap);
	ck_assert_uint_eq(f.used + f.old_used, live);
	ck_assert_uint_eq(f.fragment, 0);
	roots = process_roots(p, NULL, 0);
	ck_assert(survey_heap(&p->heap, &roots, &after, NULL, 0, NULL, 0));
	ck_assert_uint_eq(after.dead_words, 0);
	ck_assert_uint_eq(after.live_young + after.live_old, live);
	ck_assert_uint_eq(after.live_bytes, before.live_bytes);
	ck_assert_uint_eq(after.held_bytes, after.live_bytes);
	if (++t->rounds >= t->wanted)
		process_raise(p, ATOM(normal));
	return STEP_YIELD;
}

static const struct step count = { "trial:count/1", count_step };

START_TEST(survey_foretells_a_full_sweep)
{
	for (uint64_t i = 0; i < 20; i++) {
		struct trial *t = calloc(1, sizeof *t);
		graph_init(&t->graph, suite_seed() + i);
		/* Short slices shrink when they move, so they are left out here. */
		t->graph.no_binaries = true;
		t->wanted = 10;
		fixture_spawn(&count, t);
		fixture_run();
		ck_assert_uint_eq(t->rounds, 10);
		graph_release(&t->graph);
		free(t);
	}
	fixture_expect_clean();
}
END_TEST

/* ---- Single rules --------------------------------------------------------------------------------------------- */

/* A literal stays where it is, and what it holds is not looked at. */
static enum next literal_step(struct process *p)
{
	struct world *w = p->world;
	struct builder *b = RESERVE(p, 5);
	term mine = build_tuple2(b, ATOM(ok), build_cons(b, term_from_small(1), TERM_NIL));
	term literal = literal_make(w->literals, w, p->scheduler->lane, mine), list = TERM_NIL;
	ck_assert(!term_is_none(literal) && literal_is(w->literals, literal));
	b = RESERVE(p, 2, &list, &mine);
	list = build_cons(b, literal, TERM_NIL);
	for (int i = 0; i < 4; i++) {
		process_collect(p, i == 2, 0, (term *[]) { &list, &mine }, 2);
		verify(p);
		ck_assert(term_is(list_head(list), literal));
		ck_assert(term_equal(mine, literal));
	}
	process_raise(p, ATOM(normal));
}
static const struct step literal = { "trial:literal/0", literal_step };

START_TEST(literals_stay)
{
	term pid = fixture_spawn(&literal, NULL);
	fixture_run();
	ck_assert(!fixture_is_alive(pid));
	fixture_expect_clean();
}
END_TEST

/* A large block and its messages: the helper or the inline long collection. */
#define CELLS_A_STEP 2000u
struct large { unsigned words, steps; uint64_t sum; bool kill_meanwhile; };

static enum next large_step(struct process *p)
{
	struct large *l = fixture_of(p);
	if (p->frame_slots == 0) {
		frame_grow(p, 2, NULL, 0);
		slot_set(p, 0, x_get(p, 0));
		slot_set(p, 1, TERM_NIL);
	}
	/* One reserve a step: some worlds do much at each. */
	struct builder *b = RESERVE(p, 2 * CELLS_A_STEP);
	for (unsigned i = 0; i < CELLS_A_STEP && l->steps < l->words / 2; i++)
		slot_set(p, 1, build_cons(b, term_from_small((intptr_t) l->steps++), slot_get(p, 1)));
	if (l->steps < l->words / 2)
		return STEP_YIELD;
	uint64_t sum = 0;
	for (term t = slot_get(p, 1); term_is_cons(t); t = list_tail(t))
		sum += (uint64_t) term_to_small(list_head(t));
	l->sum = sum;
	process_raise(p, ATOM(normal));
}
static const struct step large = { "trial:large/1", large_step };

static void grow_large(unsigned words)
{
	struct large l = { .words = words };
	fixture_spawn(&large, &l);
	fixture_run();
	uint64_t n = words / 2;
	ck_assert_uint_eq(l.sum, n * (n - 1) / 2);
	fixture_expect_clean();
}

START_TEST(long_collections_keep_everything)
{
	grow_large(suite_in_world("gc_stress") ? 20000 : 1200000);
}
END_TEST

/* Several at once, one helper, and some are killed or suspended on their way. */
START_TEST(long_collections_on_the_helper)
{
	struct large l[6] = { { 0 } };
	term pid[6];
	struct random r;
	random_init(&r, suite_seed());
	for (int round = 0; round < 4; round++) {
		for (size_t i = 0; i < ARRAY_COUNT(l); i++) {
			l[i] = (struct large) { .words = suite_in_world("gc_stress") ? 6000 : 900000 };
			pid[i] = fixture_spawn(&large, &l[i]);
		}
		struct patience patience = { 0 };
		for (int i = 0; i < 20; i++) {
			size_t who = random_below(&r, ARRAY_COUNT(l));
			fixture_wait(&patience);
			struct scheduler *s = scheduler_enter_outside(fixture_world());
			request_plain(s, pid[who], random_below(&r, 2) ? SIGNAL_SUSPEND : SIGNAL_RESUME);
			if (who % 2)
				request_gc(s, pid[who], true, NULL);
			scheduler_leave_outside(s);
			if (i == 15)
				fixture_exit(pid[0], ATOM(kill));
		}
		for (size_t i = 0; i < ARRAY_COUNT(l); i++) {
			struct scheduler *s = scheduler_enter_outside(fixture_world());
			request_plain(s, pid[i], SIGNAL_RESUME);
			scheduler_leave_outside(s);
		}
		fixture_run();
		for (size_t i = 1; i < ARRAY_COUNT(l); i++) {
			uint64_t n = l[i].words / 2;
			ck_assert(!fixture_is_alive(pid[i]));
			ck_assert_uint_eq(l[i].sum, n * (n - 1) / 2);
		}
		fixture_expect_clean();
	}
}
END_TEST

Suite *check_suite(void)
{
	Suite *s = suite_create("gc");
	TCase *tc = tcase_create("graphs");
	tcase_add_checked_fixture(tc, fixture_start, fixture_stop);
	tcase_add_test(tc, graphs_survive_any_collection);
	tcase_add_test(tc, graphs_survive_with_few_minors);
	tcase_add_test(tc, graphs_survive_hibernation);
	suite_add_tcase(s, tc);
	tc = tcase_create("words");
	tcase_add_checked_fixture(tc, fixture_start, fixture_stop);
	tcase_add_test(tc, survey_foretells_a_full_sweep);
	tcase_add_test(tc, literals_stay);
	tcase_add_test(tc, long_collections_keep_everything);
	suite_add_tcase(s, tc);
	tc = tcase_create("helper");
	tcase_set_tags(tc, "threads");
	tcase_add_checked_fixture(tc, fixture_start_threads, fixture_stop);
	tcase_add_test(tc, long_collections_on_the_helper);
	suite_add_tcase(s, tc);
	return s;
}
