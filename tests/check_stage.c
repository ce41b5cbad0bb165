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

/* Events that come from outside wait for demand, the last hundred of them; dispatched to whoever asks, oldest first. */
static const struct stage_module funnel = { .name = "funnel", .buffer = 100 };
static enum next start_funnel(struct process *p)
{
	the_producer = stage_spawn(p, &funnel, term_from_small(0), TERM_NIL, NULL);
	return frame_return(p, ATOM(ok));
}
static const struct step funnel_step = { "start:funnel/0", start_funnel };
static enum next start_two(struct process *p)
{
	for (int i = 0; i < 2; i++) {
		last[i] = -1;
		the_consumers[i] = stage_spawn(p, &consumer, term_from_small(i), the_producer, NULL);
	}
	return frame_return(p, ATOM(ok));
}
static const struct step two_step = { "start:two/0", start_two };

static void push_events(intptr_t from, intptr_t to)
{
	struct scheduler *s = scheduler_enter_outside(w);
	term event = atom_make_z(w->atoms, s->lane, "event");
	scheduler_leave_outside(s);
	for (; from < to; from++)
		world_send(w, the_producer, term_from_box((term[]) { term_header(BOX_TUPLE, 2), event, term_from_small(from) }));
	run_us(w, 50000);
}

START_TEST(the_buffer_keeps_the_last_and_is_dispatched_to_many)
{
	run_step(w, &funnel_step, 0, NULL);
	run_us(w, 1000);
	push_events(0, 130);
	ck_assert_uint_eq(w->dropped_sends, 30);
	run_step(w, &two_step, 0, NULL);
	run_us(w, 50000);
	push_events(130, 160);
	for (int i = 0; i < 160; i++)
		ck_assert_msg(seen[i] == (i >= 30), "event %d came %d times", i, seen[i]);
	ck_assert_int_gt(last[0], 0);
	ck_assert_int_gt(last[1], 0);
	ck_assert_uint_eq(w->dropped_sends, 30);
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
	tcase_add_test(tc, the_buffer_keeps_the_last_and_is_dispatched_to_many);
	suite_add_tcase(s, tc);
	return s;
}
