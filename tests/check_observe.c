/* What the live source answers about several processes at once: who holds a binary, who sends to whom. */
#include "runtime/observe/observe.h"
#include "runtime/process/blob.h"
#include "runtime/process/scheduler.h"
#include "tests/suite.h"
#include "tests/trace.h"

#include <string.h>

#define SAMPLE_US 100000

static struct world *w;
static struct source *source;

static void setup(void)
{
	w = test_world();
	source = observe_open(w, &(struct observe_options) { .interval_us = SAMPLE_US });
}

static void teardown(void)
{
	source->close(source);
	test_world_stop(w);
}

/* Keeps the last message it got. */
static enum next keep(struct process *p)
{
	enum { KEPT, SLOTS };
	term m;
	PROGRAM(p, SLOTS);
	for (;;) {
		RECEIVE(p, m);
		slot_set(p, KEPT, m);
	}
	PROGRAM_END(p);
}
static const struct step keep_step = { "keep:run/0", keep };

/* Makes a large binary, keeps it, sends it to each of x[0], x[1] as often as x[2] says, and sleeps. */
static enum next give(struct process *p)
{
	enum { BLOB, FIRST, SECOND, SLOTS };
	term m;
	PROGRAM(p, SLOTS);
	slot_set(p, FIRST, x_get(p, 0));
	slot_set(p, SECOND, x_get(p, 1));
	intptr_t times = term_to_small(x_get(p, 2));
	x_clear(p);
	slot_set(p, BLOB, blob_new(p, NULL, 100000, 0, NULL, 0));
	for (intptr_t i = 0; i < times; i++)
		process_send(p, slot_get(p, FIRST), slot_get(p, BLOB));
	process_send(p, slot_get(p, SECOND), slot_get(p, BLOB));
	for (;;)
		RECEIVE(p, m);
	PROGRAM_END(p);
}
static const struct step give_step = { "give:run/3", give };

static struct snap_detail *ask(uint64_t pid)
{
	static struct snap_detail d;
	source->ask_detail(source, pid);
	run_us(w, 1000);
	ck_assert(source->take_detail(source, &d));
	ck_assert_uint_eq(d.pid, pid);
	return &d;
}

static bool is_among(const struct snap_detail *d, term pid)
{
	for (size_t i = 0; i < d->holder_count; i++)
		if (d->holders[i].pid == term_pid_number(pid))
			return d->holders[i].handles == 1 && !d->holders[i].is_table;
	return false;
}

START_TEST(every_holder_of_a_binary_is_found_and_no_other)
{
	term first = run_step(w, &keep_step, 0, NULL), second = run_step(w, &keep_step, 0, NULL);
	term other = run_step(w, &keep_step, 0, NULL), args[] = { first, second, term_from_small(1) };
	term giver = run_step(w, &give_step, 3, args), others[] = { other, other, term_from_small(1) };
	run_step(w, &give_step, 3, others);
	run_us(w, 1000);
	uint64_t pid = term_pid_number(giver);
	struct snap_detail *d = ask(pid);
	ck_assert_uint_eq(d->binary_total, 1);
	ck_assert_uint_eq(d->holder_asked, 0);
	struct command c = { .kind = COMMAND_HOLDERS, .pids = &pid, .pid_count = 1, .value = (int64_t) d->binaries[0].serial };
	ck_assert(source->send(source, &c));
	run_us(w, 1000);
	d = ask(pid);
	ck_assert_uint_eq(d->holder_asked, 5);
	ck_assert_uint_eq(d->holder_answered, 5);
	ck_assert_uint_eq(d->holder_count, 3);
	ck_assert(is_among(d, giver) && is_among(d, first) && is_among(d, second));
	d = ask(term_pid_number(first));
	ck_assert_uint_eq(d->holder_asked, 0);  /* the question was about another process */
}
END_TEST

/* The question outlives who asked: closing the source right after it leaves no trace; the world's end checks its bytes. */
START_TEST(a_question_may_be_forgotten)
{
	term first = run_step(w, &keep_step, 0, NULL), args[] = { first, first, term_from_small(1) };
	uint64_t pid = term_pid_number(run_step(w, &give_step, 3, args));
	run_us(w, 1000);
	struct command c = { .kind = COMMAND_HOLDERS, .pids = &pid, .pid_count = 1, .value = 1 };
	for (int i = 0; i < 3; i++)
		ck_assert(source->send(source, &c));
}
END_TEST

static const struct snap_edge *edge(const struct snapshot *s, term from, term to)
{
	for (size_t i = 0; i < s->edge_count; i++)
		if (s->edges[i].from == term_pid_number(from) && s->edges[i].to == term_pid_number(to))
			return &s->edges[i];
	return NULL;
}

START_TEST(sends_are_counted_by_edge_while_one_looks)
{
	term first = run_step(w, &keep_step, 0, NULL), second = run_step(w, &keep_step, 0, NULL);
	term args[] = { first, second, term_from_small(70) };
	struct command on = { .kind = COMMAND_EDGES, .value = 1 }, off = { .kind = COMMAND_EDGES };
	run_step(w, &give_step, 3, args);
	run_us(w, 1000);
	struct snapshot *s = source->next(source, 0);
	ck_assert_uint_eq(s->edge_count, 0);    /* nobody looked */
	snapshot_drop(s);
	ck_assert(source->send(source, &on));
	term giver = run_step(w, &give_step, 3, args);
	run_us(w, 1000);
	s = source->next(source, 0);
	ck_assert_uint_eq(s->edge_count, 2);
	ck_assert_uint_eq(s->edges[0].messages, 70);    /* the most first */
	ck_assert_ptr_eq(edge(s, giver, first), &s->edges[0]);
	ck_assert_uint_eq(edge(s, giver, second)->messages, 1);
	ck_assert_uint_eq(s->edges[0].bytes, 70 * edge(s, giver, second)->bytes);
	ck_assert_uint_gt(s->edges[0].bytes, 0);
	ck_assert_uint_lt(s->edges[0].bytes, 70 * 1000);        /* a handle is copied, not the payload */
	snapshot_drop(s);
	ck_assert(source->send(source, &off));
	s = source->next(source, 0);
	ck_assert_uint_eq(s->edge_count, 0);
	snapshot_drop(s);
}
END_TEST

/* More senders than the sketch has cells: the one that sends much stays, and is not counted too high. */
START_TEST(a_crowd_of_edges_does_not_push_out_the_large_one)
{
	term target = run_step(w, &keep_step, 0, NULL), much[] = { target, target, term_from_small(500) };
	term little[] = { target, target, term_from_small(1) };
	struct command on = { .kind = COMMAND_EDGES, .value = 1 };
	ck_assert(source->send(source, &on));
	term large = run_step(w, &give_step, 3, much);
	for (int i = 0; i < 3000; i++)
		run_step(w, &give_step, 3, little);
	run_us(w, SAMPLE_US);
	struct snapshot *s = source->next(source, 0);
	ck_assert_uint_eq(s->edge_count, 256);
	ck_assert_ptr_eq(edge(s, large, target), &s->edges[0]);
	ck_assert_uint_eq(s->edges[0].messages, 501);
	snapshot_drop(s);
}
END_TEST

Suite *check_suite(void)
{
	Suite *s = suite_create("observe");
	TCase *tc = tcase_create("several");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, every_holder_of_a_binary_is_found_and_no_other);
	tcase_add_test(tc, a_question_may_be_forgotten);
	tcase_add_test(tc, sends_are_counted_by_edge_while_one_looks);
	tcase_add_test(tc, a_crowd_of_edges_does_not_push_out_the_large_one);
	suite_add_tcase(s, tc);
	return s;
}
