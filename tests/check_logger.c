/* The logger's protection: what it drops, flushes and limits is counted; nothing is lost silently. */
#include "runtime/otp/logger.h"
#include "runtime/process/slot.h"
#include "tests/suite.h"
#include "tests/trace.h"

static struct world *w;
static term handler;

static void setup(void)
{
	w = test_world();
	handler = run_step(w, &logger_step, 1, (term[]) { term_from_small(1000) });
	run_us(w, 100);
}
static void teardown(void) { test_world_stop(w); }

static uint64_t wanted, accepted;

/* Logs `wanted` events at once. */
static enum next storm(struct process *p)
{
	for (uint64_t i = 0; i < wanted; i++)
		accepted += log_event(p, handler, LOG_INFO, ATOM(data));
	return frame_return(p, ATOM(ok));
}
static const struct step storm_step = { "storm:run/0", storm };

static struct logger_counts log_many(uint64_t events, const struct logger_limits *limits, uint64_t us)
{
	struct logger_counts counts;
	wanted = events;
	accepted = 0;
	logger_set_limits(w, handler, limits);
	run_step(w, &storm_step, 0, NULL);
	run_us(w, us);
	ck_assert(logger_counts(w, handler, &counts));
	return counts;
}

#define NONE UINT64_MAX

START_TEST(without_limits_nothing_is_lost)
{
	struct logger_counts c = log_many(3000, &(struct logger_limits) { NONE, NONE, NONE, NONE, 1000000 }, 10000000);
	ck_assert_uint_eq(accepted, 3000);
	ck_assert_uint_eq(c.logged, 3000);
	ck_assert_uint_eq(c.dropped + c.flushed + c.burst_dropped, 0);
}
END_TEST

START_TEST(a_long_queue_drops_new_events)
{
	struct logger_counts c = log_many(3000, &(struct logger_limits) { 10, 200, NONE, NONE, 1000000 }, 10000000);
	ck_assert_uint_eq(accepted, 200);
	ck_assert_uint_eq(c.logged, 200);
	ck_assert_uint_eq(c.dropped, 2800);
}
END_TEST

START_TEST(a_very_long_queue_is_thrown_away)
{
	struct logger_counts c = log_many(3000, &(struct logger_limits) { NONE, NONE, 1000, NONE, 1000000 }, 10000000);
	ck_assert_uint_eq(accepted, 3000);
	ck_assert_uint_eq(c.logged + c.flushed, 3000);
	ck_assert_uint_gt(c.flushed, 2000);
}
END_TEST

START_TEST(a_burst_is_cut)
{
	struct logger_counts c = log_many(3000, &(struct logger_limits) { NONE, NONE, NONE, 100, 1000000 }, 10000000);
	ck_assert_uint_eq(c.logged + c.burst_dropped, 3000);
	ck_assert_uint_eq(c.logged, 100);
}
END_TEST

START_TEST(the_dead_log_nothing)
{
	handler = TERM_NIL;
	wanted = 10;
	accepted = 0;
	run_step(w, &storm_step, 0, NULL);
	run_us(w, 1000);
	ck_assert_uint_eq(accepted, 0);
}
END_TEST

Suite *check_suite(void)
{
	Suite *s = suite_create("logger");
	TCase *tc = tcase_create("overload");
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, without_limits_nothing_is_lost);
	tcase_add_test(tc, a_long_queue_drops_new_events);
	tcase_add_test(tc, a_very_long_queue_is_thrown_away);
	tcase_add_test(tc, a_burst_is_cut);
	tcase_add_test(tc, the_dead_log_nothing);
	suite_add_tcase(s, tc);
	return s;
}
