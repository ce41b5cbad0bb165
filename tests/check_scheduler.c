/*
 * Threads: nothing is lost, nothing comes twice, order holds between two, whoever steals from whom; long sweeps are the
 * helper's, a long step is noticed; and a seed replays a deterministic world.
 */
#include "tests/puppet.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/memory/build.h"

/* ---- A crowd that sends numbered messages to each other -------------------------------------------------------------- */

#define CROWD 24

struct member {
	term pid, *pids;
	uint64_t seed, sent, got, hops, from[CROWD];
	struct random random;
	_Atomic uint64_t *left;         /* messages that somebody still may send */
	bool large;
};

/* {From, Number, Filling} */
static void check_order(struct member *me, term m)
{
	size_t from = (size_t) term_to_small(tuple_at(m, 0));
	uint64_t number = (uint64_t) term_to_small(tuple_at(m, 1));
	ck_assert_msg(number == me->from[from] + 1, "message %lu after %lu", (unsigned long) number, (unsigned long) me->from[from]);
	me->from[from] = number;
	me->got++;
}

struct crowd { struct member member[CROWD]; term pid[CROWD]; uint64_t numbers[CROWD][CROWD]; _Atomic uint64_t left; struct crowd *self; };

static void send_some(struct process *p, struct crowd *c, size_t me)
{
	struct member *m = &c->member[me];
	if (atomic_load_explicit(&c->left, memory_order_relaxed) == 0)
		return;
	atomic_fetch_sub_explicit(&c->left, 1, memory_order_relaxed);
	size_t to = random_below(&m->random, CROWD), filling = m->large ? random_below(&m->random, 300) : random_below(&m->random, 4);
	struct builder *b = RESERVE(p, 4 + 2 * filling);
	term list = TERM_NIL;
	for (size_t i = 0; i < filling; i++)
		list = build_cons(b, term_from_small((intptr_t) i), list);
	process_send(p, c->pid[to], build_tuple3(b, term_from_small((intptr_t) me), term_from_small((intptr_t) ++c->numbers[me][to]), list));
	m->sent++;
}

/* x[0]: the crowd; x[1]: which one it is. */
static enum next member_step(struct process *p)
{
	struct crowd *c = fixture_context(x_get(p, 0));
	size_t me = (size_t) term_to_small(x_get(p, 1));
	struct member *m = &c->member[me];
	term t;
	while (process_receive(p, &t)) {
		if (term_is_tuple(t))
			check_order(m, t);
		send_some(p, c, me);
		if (random_below(&m->random, 16) == 0)
			send_some(p, c, me);
		if (process_charge(p, 50))
			return STEP_YIELD;
	}
	return STEP_WAIT;
}
static const struct step member = { "crowd:member/2", member_step };

static void run_crowd(uint64_t messages, bool off_heap, bool large)
{
	struct crowd *c = calloc(1, sizeof *c);
	struct spawn_options o = SPAWN_DEFAULT;
	uint64_t sent = 0, got = 0;
	o.off_heap_queue = off_heap;
	atomic_store(&c->left, messages);
	for (size_t i = 0; i < CROWD; i++) {
		random_init(&c->member[i].random, suite_seed() + i);
		c->member[i].large = large;
		o.priority = i % 5 == 0 ? PRIORITY_HIGH : i % 5 == 1 ? PRIORITY_LOW : PRIORITY_NORMAL;
		term args[] = { term_from_small((intptr_t) c), term_from_small((intptr_t) i) };
		c->pid[i] = world_spawn(fixture_world(), &member, 2, args, &o);
	}
	fixture_run();
	for (size_t i = 0; i < 3 * CROWD; i++)
		world_send(fixture_world(), c->pid[i % CROWD], ATOM(go));
	fixture_run();
	/* Chains may end early; then they are started again. */
	while (atomic_load(&c->left) > 0) {
		world_send(fixture_world(), c->pid[0], ATOM(go));
		fixture_run();
	}
	for (size_t i = 0; i < CROWD; i++) {
		sent += c->member[i].sent;
		got += c->member[i].got;
		ck_assert_uint_eq(slot_queue(slot_of(fixture_world()->slots, c->pid[i])).messages, 0);
	}
	ck_assert_uint_eq(sent, got);
	ck_assert_uint_ge(sent, messages);
	fixture_expect_ledger();
	for (size_t i = 0; i < CROWD; i++)
		fixture_exit(c->pid[i], ATOM(kill));
	fixture_run();
	fixture_expect_clean();
	free(c);
}

START_TEST(order_holds_between_two)
{
	run_crowd(20000, _i & 1, _i & 2);
}
END_TEST

START_TEST(order_holds_on_one_thread)
{
	run_crowd(5000, _i & 1, _i & 2);
}
END_TEST

/* ---- Birth and death at once: places in the table are used again ------------------------------------------------------ */

struct breed { _Atomic uint64_t births, deaths, strays; uint64_t wanted; };

static enum next child_step(struct process *p)
{
	struct breed *b = fixture_context(x_get(p, 0));
	term m;
	/* A message for a former tenant of the place would be one that this process never was promised. */
	while (process_receive(p, &m))
		if (!term_is(m, process_self(p)))
			atomic_fetch_add(&b->strays, 1);
	atomic_fetch_add(&b->deaths, 1);
	process_raise(p, ATOM(normal));
}
static const struct step child = { "breed:child/1", child_step };

static enum next breeder_step(struct process *p)
{
	struct breed *b = fixture_context(x_get(p, 0));
	struct spawn_options o = SPAWN_DEFAULT;
	term last[8] = { { 0 } };
	for (unsigned i = 0; i < 200; i++) {
		if (atomic_fetch_add(&b->births, 1) >= b->wanted) {
			atomic_fetch_sub(&b->births, 1);
			process_raise(p, ATOM(normal));
		}
		o.link = i % 4 == 0;
		o.priority = i % 3 ? PRIORITY_NORMAL : PRIORITY_HIGH;
		term argument = x_get(p, 0);
		last[i % 8] = process_spawn(p, &child, 1, &argument, &o);
		/* To some that are dead by now and whose place somebody else may have. */
		term to = last[(i + 3) % 8];
		if (!term_is_none(to))
			process_send(p, to, to);
	}
	return STEP_YIELD;
}
static const struct step breeder = { "breed:breeder/1", breeder_step };

START_TEST(places_are_used_again_and_mail_never_strays)
{
	struct breed b = { .wanted = 60000 };
	for (int i = 0; i < 4; i++)
		fixture_spawn(&breeder, &b);
	fixture_run();
	ck_assert_uint_eq(atomic_load(&b.births), b.wanted);
	ck_assert_uint_eq(atomic_load(&b.deaths), b.wanted);
	ck_assert_uint_eq(atomic_load(&b.strays), 0);
	/* How soon depends on who waits for a processor; that places are used again at all does not. */
	ck_assert_uint_lt(atomic_load(&fixture_world()->slots->high), b.wanted);
	fixture_expect_clean();
}
END_TEST

/* ---- Outside threads ---------------------------------------------------------------------------------------------------- */

struct stranger { struct breed *breed; pthread_t thread; uint64_t seed; };

static void *stranger_main(void *argument)
{
	struct stranger *s = argument;
	struct random r;
	term last[16] = { { 0 } };
	random_init(&r, s->seed);
	for (int i = 0; i < 3000; i++) {
		unsigned which = (unsigned) random_below(&r, 16);
		if (random_below(&r, 3) == 0) {
			last[which] = fixture_spawn(&child, s->breed);
			atomic_fetch_add(&s->breed->births, 1);
		} else if (!term_is_none(last[which])) {
			world_send(fixture_world(), last[which], last[which]);
			fixture_exit(last[which], ATOM(normal));
		}
	}
	return NULL;
}

START_TEST(strangers_spawn_and_send)
{
	struct breed b = { 0 };
	struct stranger s[3];
	for (size_t i = 0; i < ARRAY_COUNT(s); i++) {
		s[i] = (struct stranger) { .breed = &b, .seed = suite_seed() + i };
		ck_assert_int_eq(pthread_create(&s[i].thread, NULL, stranger_main, &s[i]), 0);
	}
	for (size_t i = 0; i < ARRAY_COUNT(s); i++)
		pthread_join(s[i].thread, NULL);
	fixture_run();
	ck_assert_uint_eq(atomic_load(&b.deaths), atomic_load(&b.births));
	ck_assert_uint_eq(atomic_load(&b.strays), 0);
	fixture_expect_clean();
}
END_TEST

/* ---- Parking ------------------------------------------------------------------------------------------------------------ */

/* One message at a time from outside: a wake-up that is lost is felt as a wait without end. */
START_TEST(no_wake_up_is_lost)
{
	struct puppet a;
	puppet_new(&a, NULL);
	for (int i = 0; i < 2000; i++) {
		world_send(fixture_world(), a.pid, ATOM(go));
		if (i % 7 == 0)
			fixture_run();
	}
	fixture_run();
	ck_assert_uint_eq(a.received, 2000);
	fixture_exit(a.pid, ATOM(kill));
	fixture_run();
	fixture_expect_clean();
}
END_TEST

/* ---- Long sweeps ---------------------------------------------------------------------------------------------------------- */

struct hoard { term pid; };

/* Slot 0: the hoard; slot 1: a list that makes a sweep long. */
static enum next hoarder_step(struct process *p)
{
	if (p->frame_slots == 0) {
		term argument = x_get(p, 0), list = TERM_NIL;
		frame_grow(p, 2, NULL, 0);
		slot_set(p, 0, argument);
		struct builder *b = RESERVE(p, 2 * HEAP_LONG_WORDS);
		for (size_t i = 0; i < HEAP_LONG_WORDS; i++)
			list = build_cons(b, term_from_small((intptr_t) i), list);
		slot_set(p, 1, list);
		x_clear(p);
	}
	for (term m; process_receive(p, &m);)
		;
	return STEP_WAIT;
}
static const struct step hoarder = { "sweep:hoarder/1", hoarder_step };

static void ask_for_sweep(term pid, struct receipt *receipt)
{
	struct scheduler *s = scheduler_enter_outside(fixture_world());
	ck_assert(request_gc(s, pid, true, receipt));
	scheduler_leave_outside(s);
}

static unsigned helper_lane(void) { return fixture_world()->scheduler_count + 1; }

/* How many records of this kind a lane holds about one. */
static unsigned records_of(unsigned lane, enum record_kind kind, term pid)
{
	static struct record some[64];
	uint64_t cursor = 0, lost = 0;
	unsigned found = 0;
	for (size_t n; (n = recorder_read(fixture_world()->recorder, lane, &cursor, some, ARRAY_COUNT(some), &lost));)
		for (size_t i = 0; i < n; i++)
			found += some[i].kind == kind && some[i].pid == term_pid_number(pid);
	return found;
}

static void expect_answered(struct receipt *receipt)
{
	for (struct patience patience = { 0 }; atomic_load(&receipt->outstanding);)
		fixture_wait(&patience);
	ck_assert_uint_eq(atomic_load(&receipt->processes), 1);
	ck_assert_uint_gt(atomic_load(&receipt->own_before), HEAP_LONG_WORDS * WORD_BYTES);
}

START_TEST(a_long_sweep_is_the_helpers_whoever_asks)
{
	struct hoard h;
	struct receipt receipt = { 0 };
	h.pid = fixture_spawn(&hoarder, &h);
	fixture_run();
	unsigned before = records_of(helper_lane(), RECORD_GC_MAJOR, h.pid);
	ask_for_sweep(h.pid, &receipt);
	expect_answered(&receipt);
	ck_assert_uint_gt(atomic_load(&receipt.own_after), HEAP_LONG_WORDS * WORD_BYTES);
	ck_assert_uint_eq(records_of(helper_lane(), RECORD_GC_MAJOR, h.pid), before + 1);
	fixture_exit(h.pid, ATOM(kill));
	fixture_run();
	fixture_expect_clean();
}
END_TEST

/* The end comes before, while or after the helper sweeps. */
START_TEST(who_dies_over_its_sweep_has_answered)
{
	for (int i = 0; i < 10; i++) {
		struct hoard h;
		struct receipt receipt = { 0 };
		h.pid = fixture_spawn(&hoarder, &h);
		fixture_run();
		ask_for_sweep(h.pid, &receipt);
		fixture_exit(h.pid, ATOM(kill));
		expect_answered(&receipt);
		fixture_run();
		ck_assert(!fixture_is_alive(h.pid));
		fixture_expect_clean();
	}
}
END_TEST

/* In one fetch: the sweep is put off, the end comes first. */
START_TEST(a_sweep_put_off_is_answered_by_the_dying)
{
	struct hoard h;
	struct receipt receipt = { 0 };
	h.pid = fixture_spawn(&hoarder, &h);
	fixture_run();
	ask_for_sweep(h.pid, &receipt);
	fixture_exit(h.pid, ATOM(kill));
	fixture_run();
	ck_assert_uint_eq(atomic_load(&receipt.outstanding), 0);
	ck_assert_uint_eq(atomic_load(&receipt.own_after), 0);
	fixture_expect_clean();
}
END_TEST

START_TEST(the_large_can_be_put_to_sleep)
{
	struct hoard h;
	h.pid = fixture_spawn(&hoarder, &h);
	fixture_run();
	struct scheduler *s = scheduler_enter_outside(fixture_world());
	ck_assert(request_plain(s, h.pid, SIGNAL_HIBERNATE));
	scheduler_leave_outside(s);
	fixture_run();
	struct slot *slot = slot_of(fixture_world()->slots, h.pid);
	ck_assert_int_eq(slot_status_of(atomic_load(&slot->state)), SLOT_HIBERNATED);
	world_send(fixture_world(), h.pid, ATOM(go));
	fixture_run();
	ck_assert_int_eq(slot_status_of(atomic_load(&slot->state)), SLOT_WAITING);
	fixture_exit(h.pid, ATOM(kill));
	fixture_run();
	fixture_expect_clean();
}
END_TEST

/* ---- Long steps ------------------------------------------------------------------------------------------------------------- */

static uint64_t long_steps(void)
{
	uint64_t all = 0;
	for (unsigned i = 0; i < fixture_world()->scheduler_count; i++)
		all += atomic_load(&fixture_world()->schedulers->each[i].long_steps);
	return all;
}

/* A step that ends when it has been reported: without a watchdog it never would. */
static enum next stubborn_step(struct process *p)
{
	_Atomic uint64_t *seen = fixture_context(x_get(p, 0));
	if (atomic_load(seen))
		return STEP_WAIT;
	for (struct patience patience = { 0 }; records_of(helper_lane(), RECORD_LONG_STEP, process_self(p)) == 0;)
		fixture_wait(&patience);
	atomic_store(seen, long_steps());
	return STEP_WAIT;
}
static const struct step stubborn = { "watch:stubborn/1", stubborn_step };

START_TEST(a_long_step_is_reported)
{
	_Atomic uint64_t seen = 0;
	term pid = fixture_spawn(&stubborn, (void *) &seen);
	fixture_run();
	ck_assert_uint_ge(atomic_load(&seen), 1);
	/* Once for one slice, however long it was. */
	ck_assert_uint_eq(records_of(helper_lane(), RECORD_LONG_STEP, pid), 1);
	fixture_exit(pid, ATOM(kill));
	fixture_run();
	fixture_expect_clean();
}
END_TEST

/* ---- A seed replays ------------------------------------------------------------------------------------------------------- */

static uint64_t trace_of(uint64_t seed)
{
	struct world_options o = fixture_options();
	struct crowd *c = calloc(1, sizeof *c);
	uint64_t trace = 0;
	o.seed = 5;
	o.switches.det = true;
	o.switches.det_seed = seed;
	fixture_start_with(&o);
	atomic_store(&c->left, 3000);
	struct spawn_options options = SPAWN_DEFAULT;
	for (size_t i = 0; i < CROWD; i++) {
		random_init(&c->member[i].random, i);
		term args[] = { term_from_small((intptr_t) c), term_from_small((intptr_t) i) };
		c->pid[i] = world_spawn(fixture_world(), &member, 2, args, &options);
	}
	for (size_t i = 0; i < CROWD; i++)
		world_send(fixture_world(), c->pid[i], ATOM(go));
	fixture_run();
	for (size_t i = 0; i < CROWD; i++)
		for (size_t j = 0; j < CROWD; j++)
			trace = trace * 31 + c->member[i].from[j];
	trace = trace * 31 + clock_us(&fixture_world()->clock);
	fixture_stop();
	free(c);
	return trace;
}

START_TEST(a_seed_replays_a_world)
{
	uint64_t one = trace_of(1), two = trace_of(2);
	ck_assert_uint_eq(trace_of(1), one);
	ck_assert_uint_eq(trace_of(2), two);
	ck_assert_uint_ne(one, two);
}
END_TEST

Suite *check_suite(void)
{
	Suite *s = suite_create("scheduler");
	TCase *tc = tcase_create("one thread");
	tcase_add_checked_fixture(tc, fixture_start, fixture_stop);
	tcase_add_loop_test(tc, order_holds_on_one_thread, 0, 4);
	tcase_add_test(tc, a_sweep_put_off_is_answered_by_the_dying);
	tcase_add_test(tc, the_large_can_be_put_to_sleep);
	suite_add_tcase(s, tc);
	tc = tcase_create("replay");
	tcase_add_test(tc, a_seed_replays_a_world);
	suite_add_tcase(s, tc);
	tc = tcase_create("threads");
	tcase_set_tags(tc, "threads");
	tcase_add_checked_fixture(tc, fixture_start_threads, fixture_stop);
	tcase_add_loop_test(tc, order_holds_between_two, 0, 4);
	tcase_add_test(tc, places_are_used_again_and_mail_never_strays);
	tcase_add_test(tc, strangers_spawn_and_send);
	tcase_add_test(tc, no_wake_up_is_lost);
	tcase_add_test(tc, a_long_sweep_is_the_helpers_whoever_asks);
	tcase_add_test(tc, who_dies_over_its_sweep_has_answered);
	tcase_add_test(tc, a_long_step_is_reported);
	suite_add_tcase(s, tc);
	return s;
}
