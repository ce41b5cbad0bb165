/*
 * process_info/2: each item in OTP's shape, asked of another by signal; the suspended and the sleeping answer and stay so.
 * Values of an idle process are those that OTP 25 prints.
 */
#include "tests/puppet.h"

#include <stdio.h>
#include <string.h>

#include "runtime/process/blob.h"
#include "runtime/process/info.h"

static struct puppet a, b;
static const char *item;
static unsigned most = 3;

static void ask(struct process *p, struct puppet *me, term pid) { me->answer = process_ask_info(p, pid, item, most); }

/* What b answers, without the frame {process_info,Pid,...} around. */
static const char *asked(const char *name)
{
	static char text[2000];
	item = name;
	puppet_forget(&a);
	puppet_do(&a, ask, b.pid);
	fixture_run();
	const char *from = strchr(a.log, '>');
	ck_assert_msg(strncmp(a.log, "{process_info,<", 15) == 0 && from, "%s", a.log);
	snprintf(text, sizeof text, "%.*s", (int) strlen(from) - 4, from + 2);
	return text;
}

static void two(void)
{
	puppet_new(&a, NULL);
	puppet_new(&b, NULL);
	fixture_run();
}

static void finish(void)
{
	fixture_exit(a.pid, ATOM(kill));
	fixture_exit(b.pid, ATOM(kill));
	fixture_run();
	fixture_expect_clean();
}

START_TEST(the_idle_tell_what_otp_tells)
{
	two();
	ck_assert_str_eq(asked("registered_name"), "{registered_name,[]}");
	ck_assert_str_eq(asked("initial_call"), "{initial_call,{puppet,loop,1}}");
	ck_assert_str_eq(asked("current_function"), "{current_function,{puppet,loop,1}}");
	ck_assert_str_eq(asked("current_stacktrace"), "{current_stacktrace,[{puppet,loop,1,[]}]}");
	ck_assert_str_eq(asked("status"), "{status,waiting}");
	ck_assert_str_eq(asked("links"), "{links,[]}");
	ck_assert_str_eq(asked("dictionary"), "{dictionary,[]}");
	ck_assert_str_eq(asked("trap_exit"), "{trap_exit,false}");
	ck_assert_str_eq(asked("priority"), "{priority,normal}");
	ck_assert_str_eq(asked("message_queue_data"), "{message_queue_data,on_heap}");
	ck_assert_str_eq(asked("suspending"), "{suspending,[]}");
	ck_assert_str_eq(asked("parent"), "{parent,undefined}");
	ck_assert_str_eq(asked("fullsweep_after"), "{fullsweep_after,65535}");
	ck_assert_str_eq(asked("max_heap_size"), "{max_heap_size,#{error_logger => true,kill => true,size => 0}}");
	finish();
}
END_TEST

START_TEST(the_idle_weigh_what_otp_says)
{
	two();
	ck_assert_str_eq(asked("memory"), "{memory,2640}");
	ck_assert_str_eq(asked("heap_size"), "{heap_size,233}");
	ck_assert_str_eq(asked("total_heap_size"), "{total_heap_size,233}");
	ck_assert_str_eq(asked("garbage_collection"), "{garbage_collection,[{max_heap_size,#{error_logger => true,kill => true,size => 0}},"
		"{min_bin_vheap_size,46422},{min_heap_size,233},{fullsweep_after,65535},{minor_gcs,0}]}");
	ck_assert_str_eq(asked("garbage_collection_info"), "{garbage_collection_info,[{old_heap_block_size,0},{heap_block_size,233},{mbuf_size,0},"
		"{recent_size,0},{stack_size,1},{old_heap_size,0},{heap_size,2},{bin_vheap_size,0},{bin_vheap_block_size,46422},{bin_old_vheap_size,0},"
		"{bin_old_vheap_block_size,46422}]}");
	finish();
}
END_TEST

/* Every name in the table gives a pair of that name. */
START_TEST(every_item_answers)
{
	const char *unit, *name;
	two();
	unsigned i = 0;
	for (; (name = process_info_name(i, &unit)); i++) {
		char wanted[100];
		snprintf(wanted, sizeof wanted, "{%s,", name);
		ck_assert_msg(strncmp(asked(name), wanted, strlen(wanted)) == 0, "%s", a.log);
	}
	ck_assert_uint_ge(i, 28);
	item = "nothing";
	puppet_do(&a, ask, b.pid);
	fixture_run();
	ck_assert_uint_eq(a.answer, 0);
	finish();
}
END_TEST

static void hold_much(struct process *p, struct puppet *me, term pid)
{
	(void) me;
	process_put(p, ATOM(data), term_from_small(7));
	process_link(p, pid);
	process_monitor(p, pid);
	process_monitor(p, ATOM(worker));
	process_register(p, ATOM(write));
}

static void hold_binary(struct process *p, struct puppet *me, term t)
{
	(void) me;
	(void) t;
	process_put(p, ATOM(one), blob_new(p, NULL, 1000, 0, NULL, 0));
}

START_TEST(what_it_holds_and_who_it_knows)
{
	char wanted[200], pid[40];
	two();
	puppet_do(&b, hold_much, a.pid);
	fixture_run();
	snprintf(pid, sizeof pid, "<0.%lu.0>", (unsigned long) term_pid_number(a.pid));
	ck_assert_str_eq(asked("registered_name"), "{registered_name,write}");
	snprintf(wanted, sizeof wanted, "{links,[%s]}", pid);
	ck_assert_str_eq(asked("links"), wanted);
	/* The other monitor's DOWN has come: nobody has that name. */
	snprintf(wanted, sizeof wanted, "{monitors,[{process,%s}]}", pid);
	ck_assert_str_eq(asked("monitors"), wanted);
	ck_assert_str_eq(asked("dictionary"), "{dictionary,[{data,7}]}");
	puppet_do(&b, hold_binary, TERM_NIL);
	ck_assert_ptr_nonnull(strstr(asked("binary"), ",1000,1}]}"));
	finish();
}
END_TEST

static void suspend(struct process *p, struct puppet *me, term pid) { me->answer = process_suspend_other(p, pid); }

/* Messages are told up to the bound; asking takes none, and runs nothing. */
START_TEST(the_suspended_answer_and_stay_so)
{
	two();
	puppet_do(&a, suspend, b.pid);
	for (intptr_t i = 1; i <= 5; i++)
		world_send(fixture_world(), b.pid, term_from_small(i));
	fixture_run();
	ck_assert_str_eq(asked("status"), "{status,suspended}");
	ck_assert_str_eq(asked("messages"), "{messages,[1,2,3]}");
	ck_assert_str_eq(asked("message_queue_len"), "{message_queue_len,5}");
	most = 10;
	ck_assert_str_eq(asked("messages"), "{messages,[1,2,3,4,5]}");
	ck_assert_uint_eq(b.received, 0);
	item = "suspending";
	puppet_forget(&a);
	puppet_do(&a, ask, a.pid);
	fixture_run();
	char wanted[200];
	snprintf(wanted, sizeof wanted, "{process_info,<0.%lu.0>,{suspending,[{<0.%lu.0>,1,0}]}};", (unsigned long) term_pid_number(a.pid),
		(unsigned long) term_pid_number(b.pid));
	ck_assert_str_eq(a.log, wanted);
	finish();
}
END_TEST

START_TEST(the_sleeping_answer_in_their_sleep)
{
	two();
	struct scheduler *s = scheduler_enter_outside(fixture_world());
	request_plain(s, b.pid, SIGNAL_HIBERNATE);
	scheduler_leave_outside(s);
	fixture_run();
	char heap[100], memory[100];
	snprintf(heap, sizeof heap, "%s", asked("heap_size"));
	snprintf(memory, sizeof memory, "%s", asked("memory"));
	ck_assert_str_eq(asked("status"), "{status,waiting}");
	ck_assert_str_eq(asked("heap_size"), heap);
	ck_assert_str_eq(asked("memory"), memory);
	ck_assert_str_ne(memory, "{memory,2640}");
	finish();
}
END_TEST

START_TEST(the_dead_are_undefined)
{
	two();
	fixture_exit(b.pid, ATOM(kill));
	fixture_run();
	item = "links";
	puppet_do(&a, ask, b.pid);
	fixture_run();
	ck_assert_ptr_nonnull(strstr(a.log, ",undefined};"));
	finish();
}
END_TEST

Suite *check_suite(void)
{
	Suite *s = suite_create("info");
	TCase *tc = tcase_create("items");
	tcase_add_checked_fixture(tc, fixture_start, fixture_stop);
	tcase_add_test(tc, the_idle_tell_what_otp_tells);
	tcase_add_test(tc, every_item_answers);
	tcase_add_test(tc, what_it_holds_and_who_it_knows);
	tcase_add_test(tc, the_suspended_answer_and_stay_so);
	tcase_add_test(tc, the_sleeping_answer_in_their_sleep);
	tcase_add_test(tc, the_dead_are_undefined);
	suite_add_tcase(s, tc);
	tc = tcase_create("figures");
	tcase_set_tags(tc, "numbers");
	tcase_add_checked_fixture(tc, fixture_start, fixture_stop);
	tcase_add_test(tc, the_idle_weigh_what_otp_says);
	suite_add_tcase(s, tc);
	return s;
}
