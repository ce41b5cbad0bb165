/*
 * The wheel against a plain list: whatever is set, cancelled and waited for, each timer fires at its millisecond, in the
 * order of the numbers; and what processes do with timers.
 */
#include "tests/puppet.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/memory/build.h"

#define TIMERS 300

struct model { uint64_t due_ms, number; bool armed; };

struct watch { struct model model[TIMERS]; uint64_t last_ms, last_number, fired; };
struct one { struct watch *watch; unsigned index; };

static uint64_t now_us(void) { return clock_us(&fixture_world()->clock); }

static void on_event(struct world *w, void *context)
{
	struct one *one = context;
	struct model *m = &one->watch->model[one->index];
	uint64_t now_ms = clock_us(&w->clock) / 1000;
	ck_assert_msg(m->armed, "timer %lu fires twice or was cancelled", (unsigned long) m->number);
	ck_assert_uint_le(m->due_ms, now_ms);
	ck_assert(one->watch->last_ms < m->due_ms || (one->watch->last_ms == m->due_ms && one->watch->last_number < m->number));
	one->watch->last_ms = m->due_ms;
	one->watch->last_number = m->number;
	one->watch->fired++;
	m->armed = false;
}

/* Near, far and absurdly far: each level of the wheel gets some. */
static uint64_t random_delay_us(struct random *r)
{
	static const unsigned bits[] = { 8, 14, 20, 27, 34, 41, 43, 46, 58 };
	return random_next(r) >> (64 - bits[random_below(r, ARRAY_COUNT(bits))]);
}

static uint64_t earliest(const struct watch *w)
{
	uint64_t ms = UINT64_MAX;
	for (unsigned i = 0; i < TIMERS; i++)
		if (w->model[i].armed && w->model[i].due_ms < ms)
			ms = w->model[i].due_ms;
	return ms;
}

static void set_one(struct wheel *wheel, struct watch *w, struct one *one, uint64_t delay_us, uint64_t number)
{
	struct mem_lane *lane = mem_lane_at(fixture_world()->mem, 0);
	struct timer *t = timer_new(lane);
	uint64_t due_us = delay_us > UINT64_MAX - now_us() ? UINT64_MAX : now_us() + delay_us;
	t->number = number;
	t->event = on_event;
	t->context = one;
	w->model[one->index] = (struct model) { due_us / 1000 + (due_us % 1000 != 0), number, true };
	timer_set(wheel, t, due_us, lane);
}

static void cancel_one(struct wheel *wheel, struct model *m)
{
	struct timer *t;
	uint64_t left;
	bool was_armed = timer_take(wheel, m->number, now_us(), &left, &t);
	ck_assert_int_eq(was_armed, m->armed);
	if (was_armed) {
		ck_assert_uint_eq(left, m->due_ms * 1000 > now_us() ? m->due_ms * 1000 - now_us() : 0);
		timer_free(mem_lane_at(fixture_world()->mem, 0), t);
	}
	m->armed = false;
}

START_TEST(the_wheel_is_a_sorted_list)
{
	struct watch *w = calloc(1, sizeof *w);
	struct one ones[TIMERS];
	struct random r;
	struct wheel *wheel = fixture_world()->schedulers->each[0].wheel;
	uint64_t number = 0;
	random_init(&r, suite_seed());
	for (unsigned i = 0; i < TIMERS; i++)
		ones[i] = (struct one) { w, i };
	for (int round = 0; round < 4000; round++) {
		unsigned i = (unsigned) random_below(&r, TIMERS);
		if (!w->model[i].armed)
			set_one(wheel, w, &ones[i], random_delay_us(&r), ++number);
		else if (random_below(&r, 4) == 0)
			cancel_one(wheel, &w->model[i]);
		if (random_below(&r, 3) == 0) {
			/* Mostly to the next one, sometimes into the blue; never hundreds of years at once. */
			uint64_t next = earliest(w), to = now_us() + (random_next(&r) >> (64 - 20));
			if (next != UINT64_MAX && next < UINT64_C(1) << 38 && random_below(&r, 2) && next * 1000 > now_us())
				to = next * 1000 + random_below(&r, 2000);
			w->last_ms = w->last_number = 0;
			scheduler_run_until(fixture_world(), to);
			ck_assert(earliest(w) * 1000 > now_us() || earliest(w) == UINT64_MAX);
			ck_assert(wheel_next_us(wheel) / 1000 <= earliest(w));
		}
	}
	ck_assert_uint_gt(w->fired, 100);
	for (unsigned i = 0; i < TIMERS; i++)
		if (w->model[i].armed)
			cancel_one(wheel, &w->model[i]);
	ck_assert_uint_eq(wheels_count(fixture_world()), 0);
	free(w);
}
END_TEST

/* ---- What processes do ------------------------------------------------------------------------------------------ */

static struct puppet a, b;

static void send_after(struct process *p, struct puppet *me, term ms)
{
	me->reference = process_send_after(p, (uint64_t) term_to_small(ms) * 1000, b.pid, ATOM(go));
}

static void send_name_after(struct process *p, struct puppet *me, term ms)
{
	me->reference = process_send_after(p, (uint64_t) term_to_small(ms) * 1000, ATOM(worker), ATOM(go));
}

static void start_timer(struct process *p, struct puppet *me, term ms)
{
	me->reference = process_start_timer(p, (uint64_t) term_to_small(ms) * 1000, b.pid, ATOM(ok));
}

static void send_much_after(struct process *p, struct puppet *me, term ms)
{
	struct builder *to = RESERVE(p, 40);
	term list = TERM_NIL;
	for (int i = 0; i < 20; i++)
		list = build_cons(to, term_from_small(i), list);
	me->reference = process_send_after(p, (uint64_t) term_to_small(ms) * 1000, b.pid, list);
}

static void cancel(struct process *p, struct puppet *me, term unused) { (void) unused; me->answer = process_cancel_timer(p, me->reference); }
static void read_timer(struct process *p, struct puppet *me, term unused) { (void) unused; me->answer = process_read_timer(p, me->reference); }

static void two_puppets(void)
{
	puppet_new(&a, NULL);
	puppet_new(&b, NULL);
}

static void finish(void)
{
	fixture_exit(a.pid, ATOM(kill));
	fixture_exit(b.pid, ATOM(kill));
	fixture_run();
	fixture_expect_clean();
}

START_TEST(a_message_comes_later)
{
	two_puppets();
	puppet_do(&a, send_after, term_from_small(10));
	fixture_run();
	ck_assert_uint_eq(mem_charged(fixture_world()->mem, CHARGE_UNATTRIBUTED), TIMER_CHARGED_BYTES);
	fixture_advance_us(9000);
	ck_assert_str_eq(b.log, "");
	puppet_do(&a, read_timer, TERM_NIL);
	fixture_run();
	ck_assert_uint_gt(a.answer, 0);
	ck_assert_uint_le(a.answer, 2000);
	fixture_advance_us(2000);
	ck_assert_str_eq(b.log, "go;");
	puppet_do(&a, cancel, TERM_NIL);
	fixture_run();
	ck_assert_uint_eq(a.answer, UINT64_MAX);
	finish();
}
END_TEST

START_TEST(a_cancelled_timer_is_silent)
{
	two_puppets();
	puppet_do(&a, send_much_after, term_from_small(10));
	puppet_do(&a, cancel, TERM_NIL);
	fixture_run();
	ck_assert_uint_le(a.answer, 10000);
	fixture_expect_ledger();
	fixture_advance_us(20000);
	ck_assert_str_eq(b.log, "");
	finish();
}
END_TEST

START_TEST(timers_outlive_who_set_them)
{
	two_puppets();
	puppet_do(&a, send_much_after, term_from_small(10));
	puppet_do(&a, puppet_exit, ATOM(normal));
	fixture_run();
	fixture_advance_us(20000);
	ck_assert_uint_eq(b.received, 1);
	finish();
}
END_TEST

START_TEST(a_timer_for_the_dead_is_gone_and_one_for_nobody_is_dropped)
{
	two_puppets();
	puppet_do(&a, send_much_after, term_from_small(10));
	fixture_run();
	uint64_t armed = wheels_count(fixture_world());
	fixture_exit(b.pid, ATOM(kill));
	fixture_run();
	ck_assert_uint_eq(wheels_count(fixture_world()), armed - 1);
	puppet_do(&a, read_timer, TERM_NIL);
	fixture_run();
	ck_assert_uint_eq(a.answer, UINT64_MAX);
	puppet_do(&a, send_much_after, term_from_small(10));
	puppet_do(&a, send_name_after, term_from_small(15));
	fixture_run();
	ck_assert_uint_eq(wheels_count(fixture_world()), armed);
	uint64_t dropped = atomic_load(&fixture_world()->dropped_sends);
	fixture_advance_us(20000);
	ck_assert_uint_eq(atomic_load(&fixture_world()->dropped_sends), dropped + 1);
	ck_assert(puppet_is_alive(&a));
	finish();
}
END_TEST

START_TEST(a_name_is_looked_up_when_the_timer_fires)
{
	two_puppets();
	puppet_do(&a, send_name_after, term_from_small(15));
	fixture_run();
	puppet_do(&b, puppet_register, ATOM(worker));
	fixture_run();
	fixture_advance_us(20000);
	ck_assert_str_eq(b.log, "go;");
	finish();
}
END_TEST

START_TEST(start_timer_tells_its_reference)
{
	two_puppets();
	puppet_do(&a, start_timer, term_from_small(5));
	fixture_run();
	fixture_advance_us(6000);
	ck_assert_ptr_eq(strstr(b.log, "{timeout,#Ref<"), b.log);
	finish();
}
END_TEST

START_TEST(a_timer_without_end_does_not_fire)
{
	two_puppets();
	puppet_do(&a, send_after, term_from_small(TERM_SMALL_MAX / 1000));
	fixture_run();
	fixture_advance_us(UINT64_C(1) << 40);
	ck_assert_str_eq(b.log, "");
	puppet_do(&a, cancel, TERM_NIL);
	fixture_run();
	ck_assert_uint_ne(a.answer, UINT64_MAX);
	finish();
}
END_TEST

/* ---- The receive timeout ------------------------------------------------------------------------------------------ */

struct sleeper { unsigned times, wanted, told; uint64_t us; };

static enum next sleeper_step(struct process *p)
{
	struct sleeper *s = fixture_of(p);
	term m;
	while (process_receive(p, &m))
		s->told++;
	if (process_timed_out(p))
		s->times++;
	if (s->times == s->wanted)
		process_raise(p, ATOM(normal));
	process_set_timeout(p, s->us);
	return STEP_WAIT;
}
static const struct step sleeper = { "sleeper:loop/1", sleeper_step };

START_TEST(a_timeout_comes_back_until_it_is_over)
{
	struct sleeper s = { .wanted = 5, .us = 3000 };
	term pid = fixture_spawn(&sleeper, &s);
	fixture_run();
	uint64_t before = now_us();
	fixture_advance_us(100000);
	ck_assert(!fixture_is_alive(pid));
	ck_assert_uint_eq(s.times, 5);
	ck_assert_uint_ge(now_us() - before, 15000);
	ck_assert_uint_eq(wheels_count(fixture_world()), 0);
	fixture_expect_clean();
}
END_TEST

START_TEST(death_takes_the_timeout_along)
{
	struct sleeper s = { .wanted = 5, .us = 3000 };
	term pid = fixture_spawn(&sleeper, &s);
	fixture_run();
	fixture_exit(pid, ATOM(kill));
	fixture_run();
	ck_assert_uint_eq(wheels_count(fixture_world()), 0);
	fixture_expect_clean();
}
END_TEST

/* A step that only waits after its timeout is not entered again and again. */
static enum next once_step(struct process *p)
{
	struct sleeper *s = fixture_of(p);
	if (s->times++ == 0)
		process_set_timeout(p, 1000);
	return STEP_WAIT;
}
static const struct step once = { "once:loop/1", once_step };

START_TEST(a_timeout_is_told_once)
{
	struct sleeper s = { 0 };
	term pid = fixture_spawn(&once, &s);
	fixture_run();
	fixture_advance_us(5000);
	ck_assert_uint_eq(s.times, 2);
	fixture_exit(pid, ATOM(kill));
	fixture_run();
	fixture_expect_clean();
}
END_TEST

/* Sleepers that are sent to, suspended and killed while their timeouts come, on threads that steal them from each other. */
START_TEST(timeouts_follow_their_process)
{
	enum { MANY = 40 };
	struct sleeper s[MANY];
	term pid[MANY];
	struct random r;
	random_init(&r, suite_seed());
	for (int i = 0; i < MANY; i++) {
		s[i] = (struct sleeper) { .wanted = 20, .us = 1000 + random_below(&r, 3000) };
		pid[i] = fixture_spawn(&sleeper, &s[i]);
	}
	for (int i = 0; i < 2000; i++) {
		world_send(fixture_world(), pid[random_below(&r, MANY)], ATOM(go));
		if (i % 500 == 499)
			fixture_exit(pid[random_below(&r, MANY)], ATOM(kill));
	}
	struct patience patience = { 0 };
	for (int i = 0; i < MANY; i++)
		while (fixture_is_alive(pid[i]))
			fixture_wait(&patience);
	fixture_run();
	ck_assert_uint_eq(wheels_count(fixture_world()), 0);
	fixture_expect_clean();
}
END_TEST

Suite *check_suite(void)
{
	Suite *s = suite_create("timer");
	TCase *tc = tcase_create("wheel");
	tcase_add_checked_fixture(tc, fixture_start, fixture_stop);
	tcase_add_test(tc, the_wheel_is_a_sorted_list);
	suite_add_tcase(s, tc);
	tc = tcase_create("processes");
	tcase_add_checked_fixture(tc, fixture_start, fixture_stop);
	tcase_add_test(tc, a_message_comes_later);
	tcase_add_test(tc, a_cancelled_timer_is_silent);
	tcase_add_test(tc, timers_outlive_who_set_them);
	tcase_add_test(tc, a_timer_for_the_dead_is_gone_and_one_for_nobody_is_dropped);
	tcase_add_test(tc, a_name_is_looked_up_when_the_timer_fires);
	tcase_add_test(tc, start_timer_tells_its_reference);
	tcase_add_test(tc, a_timer_without_end_does_not_fire);
	suite_add_tcase(s, tc);
	tc = tcase_create("timeouts");
	tcase_add_checked_fixture(tc, fixture_start, fixture_stop);
	tcase_add_test(tc, a_timeout_comes_back_until_it_is_over);
	tcase_add_test(tc, death_takes_the_timeout_along);
	tcase_add_test(tc, a_timeout_is_told_once);
	suite_add_tcase(s, tc);
	tc = tcase_create("timeouts, threads");
	tcase_set_tags(tc, "threads");
	tcase_add_checked_fixture(tc, fixture_start_threads, fixture_stop);
	tcase_add_test(tc, timeouts_follow_their_process);
	suite_add_tcase(s, tc);
	return s;
}
