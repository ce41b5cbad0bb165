/* Stages: nothing comes that was not asked for, everything comes once and in order, and queues stay as short as the demand. */
#include "runtime/otp/stage.h"
#include "runtime/process/life.h"
#include "runtime/process/scheduler.h"
#include "runtime/process/slot.h"
#include "tests/suite.h"
#include "tests/trace.h"

static struct world *w;
static void setup(void) { w = test_world(); }
static void teardown(void) { test_world_stop(w); }

#define EVENTS 5000
static intptr_t made;
static unsigned char seen[EVENTS];
static intptr_t last[4];
static uint64_t largest_demand;

/* Numbers, oldest first. */
static void make(struct process *p, uint64_t demand, term *state, term *events)
{
	largest_demand = size_max(largest_demand, demand);
	intptr_t n = (intptr_t) size_min(demand, (size_t) (EVENTS - made));
	made += n;
	for (intptr_t i = made - 1; i >= made - n; i--) {
		struct builder *b = RESERVE(p, 2, state, events);
		*events = build_cons(b, term_from_small(i), *events);
	}
}

static uint64_t consume(struct process *p, term event, term *state)
{
	(void) p;
	intptr_t n = term_to_small(event), who = term_to_small(*state);
	seen[n]++;
	ck_assert_int_gt(n, last[who]);
	last[who] = n;
	return 10;
}

static const struct stage_module producer = { .name = "producer", .make = make, .buffer = 100 };
static const struct stage_module consumer = { .name = "consumer", .consume = consume, .max_demand = 50, .min_demand = 25 };
static int consumers;
static term the_producer, the_consumers[4];

static enum next start_all(struct process *p)
{
	the_producer = stage_spawn(p, &producer, term_from_small(0), TERM_NIL, NULL);
	for (int i = 0; i < consumers; i++) {
		last[i] = -1;
		the_consumers[i] = stage_spawn(p, &consumer, term_from_small(i), the_producer, NULL);
	}
	return frame_return(p, ATOM(ok));
}
static const struct step start_step = { "start:run/0", start_all };

static void start(int n)
{
	consumers = n;
	made = 0;
	largest_demand = 0;
	run_step(w, &start_step, 0, NULL);
}

static uint64_t longest(term pid) { return slot_queue(slot_at(w->slots, term_pid_index(pid))).messages; }

START_TEST(each_event_comes_once_and_in_order)
{
	start(_i + 1);
	for (int i = 0; i < 200; i++) {
		run_us(w, 1000);
		for (int c = 0; c < consumers; c++)
			ck_assert_uint_le(longest(the_consumers[c]), 50);
	}
	for (int i = 0; i < EVENTS; i++)
		ck_assert_msg(seen[i] == 1, "event %d came %d times", i, seen[i]);
	ck_assert_uint_le(largest_demand, 50u * (unsigned) consumers);
}
END_TEST

START_TEST(without_demand_nothing_is_made)
{
	start(0);
	run_us(w, 100000);
	ck_assert_int_eq(made, 0);
}
END_TEST

/* A consumer that dies takes its demand with it; the other gets the rest. */
START_TEST(a_dead_consumer_owes_nothing)
{
	start(2);
	run_us(w, 5000);
	struct scheduler *s = scheduler_enter_outside(w);
	request_exit(s, the_consumers[0], ATOM(kill));
	scheduler_leave_outside(s);
	run_us(w, 400000);
	ck_assert_int_eq(made, EVENTS);
	ck_assert_int_eq(last[1], EVENTS - 1);
}
END_TEST

Suite *check_suite(void)
{
	Suite *s = suite_create("stage");
	TCase *tc = tcase_create("demand");
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, each_event_comes_once_and_in_order, 0, 4);
	tcase_add_test(tc, without_demand_nothing_is_made);
	tcase_add_test(tc, a_dead_consumer_owes_nothing);
	suite_add_tcase(s, tc);
	return s;
}
