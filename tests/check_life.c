/*
 * Life and death: links, monitors, exit signals, names, what a dead process answers - and every counter is back
 * where it was.
 */
#include "tests/puppet.h"

#include <stdio.h>
#include <string.h>

#include "runtime/memory/build.h"
#include "runtime/term/text.h"

static struct puppet a, b, c;

static void three_puppets(void)
{
	puppet_new(&a, NULL);
	puppet_new(&b, NULL);
	puppet_new(&c, NULL);
}

static void kill_all(void)
{
	struct puppet *all[] = { &a, &b, &c };
	for (size_t i = 0; i < ARRAY_COUNT(all); i++)
		fixture_exit(all[i]->pid, ATOM(kill));
	fixture_run();
	fixture_expect_clean();
}

static const char *text_of(term t)
{
	static char text[4][200];
	static unsigned next;
	char *to = text[next++ % 4];
	term_text(fixture_world()->atoms, t, to, sizeof text[0]);
	return to;
}

static const char *exit_text(const struct puppet *from, const char *reason)
{
	static char text[300];
	snprintf(text, sizeof text, "{'EXIT',%s,%s};", text_of(from->pid), reason);
	return text;
}

static bool is_down(const char *log, const char *pid_or_name, const char *reason)
{
	char end[300];
	snprintf(end, sizeof end, ",process,%s,%s};", pid_or_name, reason);
	return strncmp(log, "{'DOWN',#Ref<", 13) == 0 && strstr(log, end) && strchr(log, ';') == log + strlen(log) - 1;
}

/* ---- Links -------------------------------------------------------------------------------------------------- */

START_TEST(a_crash_takes_the_linked_along)
{
	three_puppets();
	puppet_do(&a, puppet_link, b.pid);
	puppet_do(&b, puppet_link, c.pid);
	fixture_run();
	puppet_do(&a, puppet_exit, ATOM(badarg));
	fixture_run();
	ck_assert(!puppet_is_alive(&a) && !puppet_is_alive(&b) && !puppet_is_alive(&c));
	fixture_expect_clean();
}
END_TEST

START_TEST(a_normal_end_leaves_the_linked_alone)
{
	three_puppets();
	puppet_do(&a, puppet_link, b.pid);
	fixture_run();
	puppet_do(&a, puppet_exit, ATOM(normal));
	fixture_run();
	ck_assert(!puppet_is_alive(&a) && puppet_is_alive(&b));
	kill_all();
}
END_TEST

START_TEST(who_traps_gets_a_message)
{
	three_puppets();
	puppet_do(&b, puppet_trap, ATOM(true));
	puppet_do(&a, puppet_link, b.pid);
	fixture_run();
	puppet_do(&a, puppet_exit, ATOM(badarg));
	fixture_run();
	ck_assert_str_eq(b.log, exit_text(&a, "badarg"));
	puppet_forget(&b);
	puppet_do(&c, puppet_link, b.pid);
	fixture_run();
	puppet_do(&c, puppet_exit, ATOM(normal));
	fixture_run();
	ck_assert_str_eq(b.log, exit_text(&c, "normal"));
	kill_all();
}
END_TEST

START_TEST(an_unlinked_process_survives)
{
	three_puppets();
	puppet_do(&a, puppet_link, b.pid);
	fixture_run();
	puppet_do(&b, puppet_unlink, a.pid);
	fixture_run();
	puppet_do(&a, puppet_exit, ATOM(badarg));
	fixture_run();
	ck_assert(puppet_is_alive(&b));
	kill_all();
}
END_TEST

START_TEST(linking_the_dead_is_noproc)
{
	three_puppets();
	fixture_exit(c.pid, ATOM(kill));
	fixture_run();
	puppet_do(&a, puppet_trap, ATOM(true));
	puppet_do(&a, puppet_link, c.pid);
	puppet_do(&b, puppet_link, c.pid);
	fixture_run();
	ck_assert_str_eq(a.log, exit_text(&c, "noproc"));
	ck_assert(!puppet_is_alive(&b));
	kill_all();
}
END_TEST

static uint32_t links_of(term pid)
{
	return atomic_load(&slot_memory_at(fixture_world()->slots, term_pid_index(pid))->links);
}

START_TEST(a_link_is_counted_once_and_on_both_sides)
{
	three_puppets();
	fixture_run();
	for (int i = 0; i < 3; i++) {
		puppet_do(&a, puppet_link, b.pid);
		puppet_do(&b, puppet_link, a.pid);
	}
	fixture_run();
	ck_assert_uint_eq(links_of(a.pid), 1);
	ck_assert_uint_eq(links_of(b.pid), 1);
	fixture_expect_ledger();
	puppet_do(&b, puppet_unlink, a.pid);
	fixture_run();
	ck_assert_uint_eq(links_of(a.pid) + links_of(b.pid), 0);
	kill_all();
}
END_TEST

START_TEST(a_child_may_be_linked_from_birth)
{
	three_puppets();
	struct puppet child;
	puppet_do(&a, puppet_spawn_link, term_from_small((intptr_t) &child));
	fixture_run();
	ck_assert(puppet_is_alive(&child));
	fixture_expect_ledger();
	puppet_do(&child, puppet_exit, ATOM(badarg));
	fixture_run();
	ck_assert(!puppet_is_alive(&a));
	kill_all();
}
END_TEST

/* ---- Monitors ----------------------------------------------------------------------------------------------- */

START_TEST(the_watcher_hears_once)
{
	three_puppets();
	puppet_do(&a, puppet_monitor, b.pid);
	fixture_run();
	fixture_expect_ledger();
	puppet_do(&b, puppet_exit, ATOM(badmatch));
	fixture_run();
	ck_assert_msg(is_down(a.log, text_of(b.pid), "badmatch"), "%s", a.log);
	ck_assert(puppet_is_alive(&a));
	kill_all();
}
END_TEST

START_TEST(watching_the_dead_is_noproc)
{
	three_puppets();
	fixture_exit(c.pid, ATOM(kill));
	fixture_run();
	puppet_do(&a, puppet_monitor, c.pid);
	fixture_run();
	ck_assert_msg(is_down(a.log, text_of(c.pid), "noproc"), "%s", a.log);
	puppet_forget(&a);
	puppet_do(&a, puppet_monitor, ATOM(worker));
	fixture_run();
	ck_assert_uint_eq(a.received, 1);
	ck_assert_ptr_nonnull(strstr(a.log, "noproc"));
	kill_all();
}
END_TEST

START_TEST(a_monitor_may_be_taken_back)
{
	three_puppets();
	puppet_do(&a, puppet_monitor, b.pid);
	puppet_do(&a, puppet_demonitor, ATOM(false));
	fixture_run();
	puppet_do(&b, puppet_exit, ATOM(badarg));
	fixture_run();
	ck_assert_str_eq(a.log, "");
	kill_all();
}
END_TEST

/* The watched dies; the watcher finds the DOWN in its queue and flushes it in the same step. */
static void flush_a_down(struct process *p, struct puppet *me, term to)
{
	struct puppet *other = (struct puppet *) term_to_small(to);
	(void) other;
	process_demonitor(p, me->reference, true);
	me->answer = process_queue_length(p);
}

START_TEST(a_down_may_be_flushed)
{
	three_puppets();
	puppet_do(&a, puppet_monitor, b.pid);
	fixture_run();
	scheduler_leave_outside(scheduler_enter_outside(fixture_world()));
	fixture_exit(b.pid, ATOM(kill));
	/* b dies while a does not run, then a is told to flush before it looks at its queue. */
	struct process *record = fixture_process(a.pid);
	record->flags |= PROCESS_SUSPENDED;
	fixture_run();
	struct scheduler *s = scheduler_enter_outside(fixture_world());
	request_plain(s, a.pid, SIGNAL_RESUME);
	scheduler_leave_outside(s);
	puppet_do(&a, flush_a_down, term_from_small((intptr_t) &b));
	fixture_run();
	/* The DOWN came first, so it was in the log before; nothing else came. */
	ck_assert_uint_eq(a.received, 1);
	kill_all();
}
END_TEST

START_TEST(many_monitors_of_one)
{
	three_puppets();
	for (int i = 0; i < 50; i++)
		puppet_do(&a, puppet_monitor, b.pid);
	fixture_run();
	fixture_expect_ledger();
	puppet_do(&b, puppet_exit, ATOM(badarg));
	fixture_run();
	ck_assert_uint_eq(a.received, 50);
	kill_all();
}
END_TEST

START_TEST(a_child_may_be_watched_from_birth)
{
	three_puppets();
	struct puppet child;
	puppet_do(&a, puppet_spawn_monitor, term_from_small((intptr_t) &child));
	fixture_run();
	puppet_do(&child, puppet_exit, ATOM(shutdown));
	fixture_run();
	ck_assert_msg(is_down(a.log, text_of(child.pid), "shutdown"), "%s", a.log);
	kill_all();
}
END_TEST

START_TEST(watching_oneself_is_quiet)
{
	three_puppets();
	puppet_do(&a, puppet_monitor, a.pid);
	fixture_run();
	ck_assert(puppet_is_alive(&a));
	fixture_expect_ledger();
	kill_all();
}
END_TEST

/* ---- Exit signals ------------------------------------------------------------------------------------------- */

START_TEST(kill_cannot_be_trapped_and_becomes_killed)
{
	three_puppets();
	puppet_do(&a, puppet_trap, ATOM(true));
	puppet_do(&b, puppet_trap, ATOM(true));
	puppet_do(&b, puppet_link, a.pid);
	fixture_run();
	puppet_do(&c, puppet_exit_other, puppet_pair(a.pid, ATOM(kill)));
	fixture_run();
	ck_assert(!puppet_is_alive(&a));
	ck_assert_str_eq(b.log, exit_text(&a, "killed"));
	kill_all();
}
END_TEST

START_TEST(kill_as_a_reason_of_a_link_is_like_any_other)
{
	three_puppets();
	puppet_do(&b, puppet_trap, ATOM(true));
	puppet_do(&b, puppet_link, a.pid);
	fixture_run();
	puppet_do(&a, puppet_exit, ATOM(kill));
	fixture_run();
	ck_assert_str_eq(b.log, exit_text(&a, "kill"));
	kill_all();
}
END_TEST

START_TEST(normal_from_another_is_ignored)
{
	three_puppets();
	puppet_do(&a, puppet_exit_other, puppet_pair(b.pid, ATOM(normal)));
	puppet_do(&c, puppet_exit_other, puppet_pair(c.pid, ATOM(normal)));
	fixture_run();
	ck_assert(puppet_is_alive(&b));
	ck_assert(!puppet_is_alive(&c));
	kill_all();
}
END_TEST

START_TEST(a_trapped_exit_is_a_message_from_its_sender)
{
	three_puppets();
	puppet_do(&b, puppet_trap, ATOM(true));
	fixture_run();
	puppet_do(&a, puppet_exit_other, puppet_pair(b.pid, ATOM(shutdown)));
	fixture_run();
	ck_assert_str_eq(b.log, exit_text(&a, "shutdown"));
	kill_all();
}
END_TEST

/* A reason with a counted binary in it reaches everybody, whoever is short of what. */
static void exit_with_much(struct process *p, struct puppet *me, term reason)
{
	(void) me;
	(void) reason;
	struct builder *to = RESERVE(p, 100);
	term list = TERM_NIL;
	for (int i = 0; i < 20; i++)
		list = build_cons(to, term_from_small(i), list);
	process_raise(p, build_tuple2(to, ATOM(badarg), list));
}

START_TEST(a_large_reason_reaches_everybody)
{
	three_puppets();
	puppet_do(&b, puppet_trap, ATOM(true));
	puppet_do(&b, puppet_link, a.pid);
	puppet_do(&c, puppet_monitor, a.pid);
	fixture_run();
	puppet_do(&a, exit_with_much, TERM_NIL);
	fixture_run();
	ck_assert_ptr_nonnull(strstr(b.log, "{badarg,"));
	ck_assert_ptr_nonnull(strstr(b.log, text_of(a.pid)));
	ck_assert_ptr_nonnull(strstr(c.log, "{badarg,"));
	fixture_expect_ledger();
	kill_all();
}
END_TEST

/* ---- Names -------------------------------------------------------------------------------------------------- */

START_TEST(a_name_has_one_owner)
{
	three_puppets();
	puppet_do(&a, puppet_register, ATOM(worker));
	puppet_do(&b, puppet_register, ATOM(worker));
	fixture_run();
	ck_assert_uint_eq(a.answer, 1);
	ck_assert_uint_eq(b.answer, 0);
	ck_assert_uint_eq(world_whereis(fixture_world(), ATOM(worker)).word, a.pid.word);
	puppet_do(&b, puppet_send, puppet_pair(ATOM(worker), ATOM(go)));
	fixture_run();
	ck_assert_str_eq(a.log, "go;");
	puppet_do(&a, puppet_exit, ATOM(normal));
	fixture_run();
	ck_assert(term_is_none(world_whereis(fixture_world(), ATOM(worker))));
	puppet_do(&b, puppet_register, ATOM(worker));
	fixture_run();
	ck_assert_uint_eq(b.answer, 1);
	puppet_do(&b, puppet_unregister, ATOM(worker));
	fixture_run();
	ck_assert(term_is_none(world_whereis(fixture_world(), ATOM(worker))));
	kill_all();
}
END_TEST

START_TEST(a_send_to_nobodys_name_is_badarg)
{
	three_puppets();
	puppet_do(&b, puppet_monitor, a.pid);
	fixture_run();
	puppet_do(&a, puppet_send, puppet_pair(ATOM(worker), ATOM(go)));
	fixture_run();
	ck_assert(!puppet_is_alive(&a));
	ck_assert_ptr_nonnull(strstr(b.log, "badarg"));
	kill_all();
}
END_TEST

/* ---- The dead ----------------------------------------------------------------------------------------------- */

START_TEST(messages_to_the_dead_are_counted_as_dropped)
{
	three_puppets();
	fixture_exit(b.pid, ATOM(kill));
	fixture_run();
	uint64_t before = atomic_load(&fixture_world()->dropped_sends);
	puppet_do(&a, puppet_send, puppet_pair(b.pid, ATOM(go)));
	fixture_run();
	ck_assert_uint_eq(atomic_load(&fixture_world()->dropped_sends), before + 1);
	ck_assert(puppet_is_alive(&a));
	kill_all();
}
END_TEST

static struct receipt receipt;
static unsigned asked_dead, asked_alive;
static void count_answer(struct process *p, void *context)
{
	(void) context;
	*(p ? &asked_alive : &asked_dead) += 1;
}

/* Signals that came before the end and are met by the drain: each is answered as by the dead. */
START_TEST(the_drain_answers)
{
	three_puppets();
	struct world *w = fixture_world();
	puppet_do(&c, puppet_trap, ATOM(true));
	fixture_run();
	/* The order to die goes in first; all else lies behind it in the same fetch. */
	puppet_do(&b, puppet_exit, ATOM(badarg));
	fixture_exit(b.pid, ATOM(kill));
	struct scheduler *s = scheduler_enter_outside(w);
	struct plain_signal *link = plain_signal_new(s, SIGNAL_LINK, c.pid.word, 0);
	struct plain_signal *monitor = plain_signal_new(s, SIGNAL_MONITOR, a.pid.word, 77);
	monitor->item = b.pid;
	ck_assert(signal_push(s, slot_of(w->slots, b.pid), &link->signal));
	ck_assert(signal_push(s, slot_of(w->slots, b.pid), &monitor->signal));
	ck_assert(request_gc(s, b.pid, true, &receipt));
	ck_assert(request_ask(s, b.pid, count_answer, NULL));
	ck_assert(request_plain(s, b.pid, SIGNAL_SUSPEND));
	scheduler_leave_outside(s);
	fixture_run();
	ck_assert(!puppet_is_alive(&b));
	ck_assert_uint_eq(atomic_load(&receipt.outstanding), 0);
	ck_assert_uint_eq(asked_dead, 1);
	ck_assert_uint_eq(asked_alive, 0);
	/* c never asked for the link itself, so it has nothing to lose; a's monitor is unknown to it. Both answers came and were dropped. */
	ck_assert(puppet_is_alive(&c) && puppet_is_alive(&a));
	kill_all();
}
END_TEST

START_TEST(requests_to_the_dead_say_so)
{
	three_puppets();
	fixture_exit(b.pid, ATOM(kill));
	fixture_run();
	struct scheduler *s = scheduler_enter_outside(fixture_world());
	ck_assert(!request_gc(s, b.pid, true, &receipt));
	ck_assert(!request_ask(s, b.pid, count_answer, NULL));
	ck_assert(!request_plain(s, b.pid, SIGNAL_SUSPEND));
	ck_assert(!request_exit(s, b.pid, ATOM(kill)));
	scheduler_leave_outside(s);
	kill_all();
}
END_TEST

START_TEST(nobody_is_no_process)
{
	ck_assert(!fixture_is_alive(TERM_NONE));
	ck_assert(!world_send(fixture_world(), TERM_NONE, ATOM(go)));
	ck_assert_uint_eq(atomic_load(&fixture_world()->dropped_sends), 1);
	fixture_expect_clean();
}
END_TEST

START_TEST(the_suspended_can_be_killed_and_answers)
{
	three_puppets();
	fixture_run();
	struct scheduler *s = scheduler_enter_outside(fixture_world());
	request_plain(s, a.pid, SIGNAL_SUSPEND);
	ck_assert(request_ask(s, a.pid, count_answer, NULL));
	scheduler_leave_outside(s);
	puppet_do(&b, puppet_send, puppet_pair(a.pid, ATOM(go)));
	fixture_run();
	ck_assert_uint_eq(asked_alive, 1);
	ck_assert_str_eq(a.log, "");
	s = scheduler_enter_outside(fixture_world());
	request_plain(s, a.pid, SIGNAL_RESUME);
	scheduler_leave_outside(s);
	fixture_run();
	ck_assert_str_eq(a.log, "go;");
	s = scheduler_enter_outside(fixture_world());
	request_plain(s, a.pid, SIGNAL_SUSPEND);
	scheduler_leave_outside(s);
	fixture_run();
	fixture_exit(a.pid, ATOM(kill));
	fixture_run();
	ck_assert(!puppet_is_alive(&a));
	kill_all();
}
END_TEST

/* ---- Random lives --------------------------------------------------------------------------------------------- */

#define CROWD 12
static struct puppet crowd[CROWD];

static term anyone(struct random *r) { return crowd[random_below(r, CROWD)].pid; }

static void random_deed(struct random *r, struct puppet *who)
{
	static const uint32_t reasons[] = { ATOM_normal, ATOM_badarg, ATOM_kill, ATOM_shutdown };
	term reason = term_from_atom(reasons[random_below(r, ARRAY_COUNT(reasons))]);
	switch (random_below(r, 10)) {
	case 0: puppet_do(who, puppet_unlink, anyone(r)); break;
	case 1: case 2: puppet_do(who, puppet_link, anyone(r)); break;
	case 3: case 4: puppet_do(who, puppet_monitor, anyone(r)); break;
	case 5: puppet_do(who, puppet_demonitor, random_below(r, 2) ? ATOM(true) : ATOM(false)); break;
	case 6: puppet_do(who, puppet_trap, random_below(r, 4) ? ATOM(true) : ATOM(false)); break;
	case 7: puppet_do(who, puppet_exit_other, puppet_pair(anyone(r), reason)); break;
	case 8: puppet_do(who, puppet_send, puppet_pair(anyone(r), ATOM(go))); break;
	default:
		if (random_below(r, 4) == 0)
			puppet_do(who, puppet_exit, reason);
	}
}

static void random_life(struct random *r, int deeds)
{
	for (size_t i = 0; i < CROWD; i++)
		puppet_new(&crowd[i], NULL);
	for (int i = 0; i < deeds; i++) {
		struct puppet *who = &crowd[random_below(r, CROWD)];
		random_deed(r, who);
		if (random_below(r, 8) == 0)
			fixture_run();
	}
	fixture_run();
	fixture_expect_ledger();
	for (size_t i = 0; i < CROWD; i++)
		fixture_exit(crowd[i].pid, ATOM(kill));
	fixture_run();
	fixture_expect_clean();
}

START_TEST(two_hundred_random_lives)
{
	struct random r;
	for (uint64_t seed = 0; seed < 200; seed++) {
		random_init(&r, suite_seed() + seed);
		random_life(&r, 60);
	}
}
END_TEST

START_TEST(random_lives_on_threads)
{
	struct random r;
	random_init(&r, suite_seed());
	for (int i = 0; i < 10; i++)
		random_life(&r, 150);
}
END_TEST

Suite *check_suite(void)
{
	Suite *s = suite_create("life");
	TCase *tc = tcase_create("links");
	tcase_add_checked_fixture(tc, fixture_start, fixture_stop);
	tcase_add_test(tc, a_crash_takes_the_linked_along);
	tcase_add_test(tc, a_normal_end_leaves_the_linked_alone);
	tcase_add_test(tc, who_traps_gets_a_message);
	tcase_add_test(tc, an_unlinked_process_survives);
	tcase_add_test(tc, linking_the_dead_is_noproc);
	tcase_add_test(tc, a_link_is_counted_once_and_on_both_sides);
	tcase_add_test(tc, a_child_may_be_linked_from_birth);
	suite_add_tcase(s, tc);
	tc = tcase_create("monitors");
	tcase_add_checked_fixture(tc, fixture_start, fixture_stop);
	tcase_add_test(tc, the_watcher_hears_once);
	tcase_add_test(tc, watching_the_dead_is_noproc);
	tcase_add_test(tc, a_monitor_may_be_taken_back);
	tcase_add_test(tc, a_down_may_be_flushed);
	tcase_add_test(tc, many_monitors_of_one);
	tcase_add_test(tc, a_child_may_be_watched_from_birth);
	tcase_add_test(tc, watching_oneself_is_quiet);
	suite_add_tcase(s, tc);
	tc = tcase_create("exits");
	tcase_add_checked_fixture(tc, fixture_start, fixture_stop);
	tcase_add_test(tc, kill_cannot_be_trapped_and_becomes_killed);
	tcase_add_test(tc, kill_as_a_reason_of_a_link_is_like_any_other);
	tcase_add_test(tc, normal_from_another_is_ignored);
	tcase_add_test(tc, a_trapped_exit_is_a_message_from_its_sender);
	tcase_add_test(tc, a_large_reason_reaches_everybody);
	suite_add_tcase(s, tc);
	tc = tcase_create("names and the dead");
	tcase_add_checked_fixture(tc, fixture_start, fixture_stop);
	tcase_add_test(tc, a_name_has_one_owner);
	tcase_add_test(tc, a_send_to_nobodys_name_is_badarg);
	tcase_add_test(tc, messages_to_the_dead_are_counted_as_dropped);
	tcase_add_test(tc, the_drain_answers);
	tcase_add_test(tc, requests_to_the_dead_say_so);
	tcase_add_test(tc, nobody_is_no_process);
	tcase_add_test(tc, the_suspended_can_be_killed_and_answers);
	suite_add_tcase(s, tc);
	tc = tcase_create("random lives");
	tcase_add_checked_fixture(tc, fixture_start, fixture_stop);
	tcase_add_test(tc, two_hundred_random_lives);
	suite_add_tcase(s, tc);
	tc = tcase_create("random lives, threads");
	tcase_set_tags(tc, "threads");
	tcase_add_checked_fixture(tc, fixture_start_threads, fixture_stop);
	tcase_add_test(tc, random_lives_on_threads);
	suite_add_tcase(s, tc);
	return s;
}
