/* Persistent terms: read for nothing, dear to replace: whoever still holds the old value gets a copy of it. */
#include "runtime/process/persistent.h"
#include "runtime/memory/literal.h"
#include "runtime/process/life.h"
#include "runtime/process/scheduler.h"
#include "runtime/process/slot.h"
#include "runtime/term/order.h"
#include "tests/suite.h"
#include "tests/trace.h"

#include <stdio.h>

static struct world *w;
static void setup(void) { w = test_world(); }
static void teardown(void) { test_world_stop(w); }

static term list_of(struct process *p, intptr_t n)
{
	struct builder *b = RESERVE(p, 2 * (size_t) n);
	term list = TERM_NIL;
	while (n > 0)
		list = build_cons(b, term_from_small(--n), list);
	return list;
}

static bool is_list_of(term list, intptr_t n)
{
	intptr_t i = 0;
	for (; term_is_cons(list); list = list_tail(list))
		if (!term_is(list_head(list), term_from_small(i++)))
			return false;
	return i == n;
}

/* Holds what it read, also in a tuple of its own, until told to stop; says then whether it is still whole. */
static enum next hold(struct process *p)
{
	enum { VALUE, TUPLE, SLOTS };
	term m;
	PROGRAM(p, SLOTS);
	slot_set(p, VALUE, persistent_get(p, ATOM(data)));
	struct builder *b = RESERVE(p, 3);
	slot_set(p, TUPLE, build_tuple2(b, ATOM(ok), slot_get(p, VALUE)));
	process_collect(p, true, 2, NULL, 0);
	RECEIVE(p, m);
	bool whole = is_list_of(slot_get(p, VALUE), 1000) && is_list_of(tuple_at(slot_get(p, TUPLE), 1), 1000);
	trace("%s %s", whole ? "whole" : "broken", literal_is(p->world->literals, slot_get(p, VALUE)) ? "shared" : "own");
	PROGRAM_END(p);
}
static const struct step hold_step = { "hold:run/0", hold };

/* The same in one slot and no heap at all. */
static enum next hold_in_record(struct process *p)
{
	term m;
	if (p->frame_slots == 0) {
		frame_grow(p, 1, NULL, 0);
		slot_set(p, 0, persistent_get(p, ATOM(data)));
	}
	if (!process_receive(p, &m))
		return STEP_WAIT;
	trace("%s %s", is_list_of(slot_get(p, 0), 1000) ? "whole" : "broken", literal_is(p->world->literals, slot_get(p, 0)) ? "shared" : "own");
	return frame_return(p, ATOM(ok));
}
static const struct step hold_in_record_step = { "hold:record/0", hold_in_record };

/* {N}: puts a list of N; 0 erases; stop ends. */
static enum next put(struct process *p)
{
	term m;
	PROGRAM(p, 1);
	for (;;) {
		RECEIVE(p, m);
		if (term_is(m, ATOM(stop)))
			return frame_return(p, ATOM(ok));
		intptr_t n = term_to_small(m);
		if (n)
			persistent_put(p, ATOM(data), list_of(p, n));
		else
			trace("%d", persistent_erase(p, ATOM(data)));
		process_collect(p, true, 2, NULL, 0);
	}
	PROGRAM_END(p);
}
static const struct step put_step = { "put:run/0", put };

static uint64_t memory_of(term pid) { return slot_at(w->slots, term_pid_index(pid))->memory; }

static void tell(term to, term m)
{
	world_send(w, to, m);
	run_us(w, 10000);
}

START_TEST(a_value_is_shared_until_it_is_replaced)
{
	uint64_t code = mem_charged(w->mem, CHARGE_CODE);
	term writer = run_step(w, &put_step, 0, NULL);
	tell(writer, term_from_small(1000));
	ck_assert_uint_eq(persistent_count(w), 1);
	ck_assert_uint_eq(persistent_words(w), 2000);
	ck_assert_uint_eq(mem_charged(w->mem, CHARGE_CODE), code + 16000);
	term reader = run_step(w, &hold_step, 0, NULL);
	run_us(w, 10000);
	uint64_t before = memory_of(reader);
	ck_assert_uint_eq(before, 2640);
	if (_i)
		tell(writer, term_from_small(0));
	else
		tell(writer, term_from_small(10));
	ck_assert_uint_ge(memory_of(reader), before + 2000 * 8 - 233 * 8);
	ck_assert_uint_eq(mem_charged(w->mem, CHARGE_CODE), _i ? code : code + 160);
	tell(reader, ATOM(stop));
	ck_assert_str_eq(trace_text(), _i ? "1; whole own" : "whole own");
	ck_assert_uint_eq(persistent_count(w), _i ? 0 : 1);
}
END_TEST

START_TEST(who_holds_it_without_a_heap_gets_one)
{
	term writer = run_step(w, &put_step, 0, NULL);
	tell(writer, term_from_small(1000));
	term reader = run_step(w, &hold_in_record_step, 0, NULL);
	run_us(w, 10000);
	ck_assert_uint_eq(slot_small_stack_of(slot_at(w->slots, term_pid_index(reader))->state), 2);
	tell(writer, term_from_small(10));
	ck_assert_uint_ge(memory_of(reader), 2640 + 2000 * 8 - 233 * 8);
	tell(reader, ATOM(stop));
	ck_assert_str_eq(trace_text(), "whole own");
}
END_TEST

START_TEST(who_does_not_hold_it_gets_nothing)
{
	term writer = run_step(w, &put_step, 0, NULL);
	tell(writer, term_from_small(1000));
	term other = run_step(w, &put_step, 0, NULL);
	run_us(w, 1000);
	uint64_t before = memory_of(other);
	tell(writer, term_from_small(10));
	ck_assert_uint_eq(memory_of(other), before);
}
END_TEST

/* Replaced a thousand times: the words are used again. */
START_TEST(room_is_used_again)
{
	uint64_t code = mem_charged(w->mem, CHARGE_CODE);
	term writer = run_step(w, &put_step, 0, NULL);
	for (int i = 1; i <= 1000; i++)
		tell(writer, term_from_small(900 + i % 100));
	ck_assert_uint_lt(mem_charged(w->mem, CHARGE_CODE), code + 2 * 16000);
}
END_TEST

START_TEST(the_same_value_again_costs_nothing)
{
	term writer = run_step(w, &put_step, 0, NULL);
	tell(writer, term_from_small(1000));
	term reader = run_step(w, &hold_step, 0, NULL);
	run_us(w, 10000);
	tell(writer, term_from_small(1000));
	tell(reader, ATOM(stop));
	ck_assert_str_eq(trace_text(), "whole shared");
}
END_TEST

Suite *check_suite(void)
{
	Suite *s = suite_create("persistent");
	TCase *tc = tcase_create("persistent");
	tcase_set_tags(tc, "numbers");
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, a_value_is_shared_until_it_is_replaced, 0, 2);
	tcase_add_test(tc, who_holds_it_without_a_heap_gets_one);
	tcase_add_test(tc, who_does_not_hold_it_gets_nothing);
	tcase_add_test(tc, room_is_used_again);
	tcase_add_test(tc, the_same_value_again_costs_nothing);
	suite_add_tcase(s, tc);
	return s;
}
