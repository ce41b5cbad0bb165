/*
 * Supervisors against OTP's: each line of tests/otp_behaviour.txt was printed by OTP 25 (otp_behaviour.erl) and must
 * come out of this runtime word by word. Then what OTP's table does not say: counts, histories, copies.
 */
#include "runtime/otp/otp.h"
#include "runtime/process/life.h"
#include "runtime/process/scheduler.h"
#include "runtime/process/slot.h"
#include "tests/suite.h"
#include "tests/trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct world *w;

static void setup(void) { w = test_world(); }
static void teardown(void) { test_world_stop(w); }

static term atom(const char *text)
{
	struct scheduler *s = scheduler_enter_outside(w);
	term t = atom_make_z(w->atoms, s->lane, text);
	scheduler_leave_outside(s);
	return t;
}

static const char *text_of(term t)
{
	static char text[200];
	term_text(w->atoms, t, text, sizeof text);
	return text;
}

/* ---- Children ------------------------------------------------------------------------------------------------------ */

static const char *const ids[] = { "a", "b", "c" };
static const char *id_of(term state) { return ids[term_to_small(state)]; }

static enum next child_init(struct process *p, term id)
{
	process_trap_exit(p, true);
	process_register(p, process_atom(p, id_of(id)));
	trace("start-%s", id_of(id));
	return server_started(p, id);
}
static enum next child_info(struct process *p, term m, term id)
{
	return is_tagged(m, 2, ATOM(stop)) ? server_stop(p, tuple_at(m, 1), id) : server_noreply(p, id);
}
static void child_terminate(struct process *p, term reason, term id)
{
	(void) p;
	trace("stop-%s-%s", id_of(id), text_of(reason));
}
static const struct server_module child = { .name = "child", .init = child_init, .handle_info = child_info, .terminate = child_terminate };

static enum next fail_init(struct process *p, term id)
{
	trace("fail-%s", id_of(id));
	return server_stop(p, ATOM(error), TERM_NIL);
}
static const struct server_module fails = { .name = "fails", .init = fail_init };

static int failures;                    /* of the next starts after the first */
static bool started;
static enum next later_init(struct process *p, term id)
{
	bool first = !started;
	started = true;
	return first || failures-- <= 0 ? child_init(p, id) : fail_init(p, id);
}
static const struct server_module fails_later = { .name = "later", .init = later_init, .handle_info = child_info, .terminate = child_terminate };

/* Busy for ever: it never looks at its messages. */
static enum next stubborn_init(struct process *p, term id)
{
	process_trap_exit(p, true);
	process_register(p, process_atom(p, id_of(id)));
	trace("start-%s", id_of(id));
	return server_continue(p, ATOM(go), id);
}
static enum next stubborn_continue(struct process *p, term what, term id)
{
	(void) what;
	return server_work(p, 3600000000, id);
}
static const struct server_module stubborn = { .name = "stubborn", .init = stubborn_init, .handle_continue = stubborn_continue };

/* ---- A supervisor and the process that starts it --------------------------------------------------------------------- */

static struct child_spec specs[3];
static struct supervisor_spec spec;
static term supervisor, parent;

static bool is_news(struct process *p, term m)
{
	(void) p;
	return is_tagged(m, 3, ATOM(ack)) || is_tagged(m, 3, ATOM(EXIT));
}

static bool is_answer(struct process *p, term m)
{
	(void) p;
	return is_tagged(m, 2, ATOM(child_started));
}

static enum next start_and_watch(struct process *p)
{
	enum { AT, SLOTS };
	term m;
	PROGRAM(p, SLOTS);
	process_trap_exit(p, true);
	slot_set(p, AT, term_from_small(0));
	struct spawn_options o = SPAWN_DEFAULT;
	supervisor = supervisor_spawn(p, &spec, &o);
	RECEIVE_MATCH(p, m, is_news);
	if (is_tagged(m, 3, ATOM(EXIT)))
		trace("%s", text_of(term_is_tuple(tuple_at(m, 2)) ? tuple_at(tuple_at(m, 2), 0) : tuple_at(m, 2)));
	while (spec.strategy == SIMPLE_ONE_FOR_ONE && term_to_small(slot_get(p, AT)) < 3) {
		supervisor_start_child(p, supervisor, NULL, slot_get(p, AT), true);
		RECEIVE_MATCH(p, m, is_answer);
		slot_set(p, AT, term_from_small(term_to_small(slot_get(p, AT)) + 1));
	}
	for (;;) {
		RECEIVE(p, m);
		if (is_tagged(m, 3, ATOM(EXIT)) && term_is(tuple_at(m, 1), supervisor))
			trace("%s", text_of(tuple_at(m, 2)));
		else if (term_is(m, ATOM(stop)))
			process_exit_other(p, supervisor, ATOM(shutdown));
	}
	PROGRAM_END(p);
}
static const struct step parent_step = { "parent:run/0", start_and_watch };

static void describe(enum strategy strategy, unsigned intensity, enum restart restart)
{
	for (int i = 0; i < 3; i++)
		specs[i] = (struct child_spec) { .id = strategy == SIMPLE_ONE_FOR_ONE ? "child" : ids[i], .server = &child, .restart = restart,
			.argument = i, .shutdown_us = 1000000 };
	spec = (struct supervisor_spec) { .strategy = strategy, .intensity = intensity, .period_s = 60, .children = specs,
		.child_count = strategy == SIMPLE_ONE_FOR_ONE ? 1 : 3 };
	failures = 0;
	started = false;
}

static void start(void)
{
	parent = run_step(w, &parent_step, 0, NULL);
	run_us(w, 10000);
}

static void hit(const char *id, term reason)
{
	term pid = world_whereis(w, atom(id));
	term box[] = { term_header(BOX_TUPLE, 2), ATOM(stop), reason };
	if (term_is(reason, ATOM(kill))) {
		struct scheduler *s = scheduler_enter_outside(w);
		request_exit(s, pid, reason);
		scheduler_leave_outside(s);
	} else {
		world_send(w, pid, term_from_box(box));
	}
	run_us(w, 30000);
}

/* How many words "stop-..." a trace has. */
static int stops_in(const char *text)
{
	int n = 0;
	for (; (text = strstr(text, "stop-")); text++)
		n++;
	return n;
}

/* The order in which dynamic children stop is nobody's promise: they are counted. */
static void stop(void)
{
	char before[4000];
	snprintf(before, sizeof before, "%s", trace_text());
	world_send(w, parent, ATOM(stop));
	run_us(w, 2000000);
	if (spec.strategy != SIMPLE_ONE_FOR_ONE)
		return;
	int stops = stops_in(trace_text()) - stops_in(before);
	trace_clear();
	trace("%s", before);
	trace("%d-stops", stops);
	trace("shutdown");
}

/* The words of the trace as OTP's table writes them: separated by blanks, bars between the acts. */
static const char *line(const char *head)
{
	static char text[8000];
	size_t at = (size_t) snprintf(text, sizeof text, "%s:", head);
	for (const char *c = trace_text(); *c; c++)
		if (c[0] == ';' || c == trace_text()) {
			text[at++] = ' ';
			if (c[0] == ';')
				c++;
			else
				text[at++] = *c;
		} else {
			text[at++] = *c;
		}
	text[at] = 0;
	return text;
}

/* ---- OTP's table ------------------------------------------------------------------------------------------------------- */

static const char *const strategy_names[] = { "one_for_one", "one_for_all", "rest_for_one", "simple_one_for_one" };
static const char *const restart_names[] = { "permanent", "transient", "temporary" };

static bool is_in_table(const char *wanted)
{
	char path[4000], text[8000];
	const char *dir = getenv("ACTOP_SRCDIR");
	snprintf(path, sizeof path, "%s/tests/otp_behaviour.txt", dir ? dir : ".");
	FILE *f = fopen(path, "r");
	ck_assert_msg(f != NULL, "%s is missing", path);
	bool found = false;
	while (!found && fgets(text, sizeof text, f)) {
		text[strcspn(text, "\n")] = 0;
		found = strcmp(text, wanted) == 0;
	}
	fclose(f);
	return found;
}

static int by_id(const void *a, const void *b)
{
	return strcmp(atom_text_at(w->atoms, ((const struct supervisor_child *) a)->id), atom_text_at(w->atoms, ((const struct supervisor_child *) b)->id));
}

static void compare(const char *head)
{
	const char *mine = line(head);
	ck_assert_msg(is_in_table(mine), "not what OTP does: %s", mine);
	trace_clear();
}

/* What count_children and which_children say, sorted by id: a, b, c. */
static void compare_children(const char *head)
{
	struct supervisor_counts counts;
	struct supervisor_child which[8];
	char text[1000];
	ck_assert(supervisor_count_children(w, supervisor, &counts));
	size_t n = supervisor_which_children(w, supervisor, which, ARRAY_COUNT(which));
	qsort(which, n, sizeof *which, by_id);
	int at = snprintf(text, sizeof text, "children %s: specs %d active %d supervisors %d workers %d [", head, (int) counts.specs, (int) counts.active,
		(int) counts.supervisors, (int) counts.workers);
	for (size_t i = 0; i < n; i++)
		at += snprintf(text + at, sizeof text - (size_t) at, "%s{%s,%s,%s}", i ? "," : "", which[i].id ? atom_text_at(w->atoms, which[i].id) : "undefined",
			which[i].pid ? "pid" : which[i].restarting ? "restarting" : "undefined", which[i].is_supervisor ? "supervisor" : "worker");
	snprintf(text + at, sizeof text - (size_t) at, "]");
	ck_assert_msg(is_in_table(text), "not what OTP says: %s", text);
}

/* trace_add puts "; " between words; a bar is a word. */
static void row(enum strategy strategy, enum restart restart, const char *name, term reason)
{
	char head[100];
	describe(strategy, 10, restart);
	start();
	trace("|");
	hit("b", reason);
	trace("|");
	snprintf(head, sizeof head, "%s %s %s", strategy_names[strategy], restart_names[restart], name);
	compare_children(head);
	stop();
	compare(head);
	run_us(w, 10000);
}

START_TEST(every_strategy_restart_and_reason_as_otp)
{
	enum strategy strategy = (enum strategy) (_i / 3);
	enum restart restart = (enum restart) (_i % 3);
	term box[] = { term_header(BOX_TUPLE, 2), ATOM(shutdown), atom("x") };
	row(strategy, restart, "normal", ATOM(normal));
	row(strategy, restart, "shutdown", ATOM(shutdown));
	row(strategy, restart, "{shutdown,x}", term_from_box(box));
	row(strategy, restart, "error", ATOM(error));
	row(strategy, restart, "kill", ATOM(kill));
}
END_TEST

/* Dynamic children stop in no order of note: their words are left out, as in the table. */
static void without_shutdowns(void)
{
	char text[4000], *from = text, *word;
	snprintf(text, sizeof text, "%s", trace_text());
	trace_clear();
	while ((word = strtok_r(from, ";", &from))) {
		word += *word == ' ';
		if (strncmp(word, "stop-", 5) != 0 || !strstr(word, "-shutdown"))
			trace("%s", word);
	}
}

START_TEST(too_many_restarts_as_otp)
{
	static const unsigned intensities[] = { 0, 1, 3 };
	enum strategy strategy = (enum strategy) (_i / 3);
	unsigned intensity = intensities[_i % 3];
	char head[100];
	describe(strategy, intensity, PERMANENT);
	start();
	trace("|");
	for (unsigned i = 0; i <= intensity; i++)
		hit("b", ATOM(error));
	run_us(w, 100000);
	if (strategy == SIMPLE_ONE_FOR_ONE)
		without_shutdowns();
	snprintf(head, sizeof head, "give_up %s %u", strategy_names[strategy], intensity);
	compare(head);
}
END_TEST

START_TEST(a_first_start_that_fails_as_otp)
{
	char head[100];
	describe((enum strategy) _i, 1, PERMANENT);
	specs[2].server = &fails;
	start();
	snprintf(head, sizeof head, "fail_at_start %s", strategy_names[_i]);
	compare(head);
}
END_TEST

START_TEST(a_restart_that_fails_is_tried_again_as_otp)
{
	char head[100];
	describe((enum strategy) (_i / 2), 10, PERMANENT);
	specs[1].server = &fails_later;
	failures = _i % 2 ? 3 : 1;
	int times = failures;
	start();
	trace("|");
	hit("b", ATOM(error));
	trace("|");
	stop();
	snprintf(head, sizeof head, "fail_at_restart %s %d", strategy_names[_i / 2], times);
	compare(head);
}
END_TEST

START_TEST(one_that_does_not_obey_is_killed_as_otp)
{
	describe(ONE_FOR_ONE, 1, PERMANENT);
	specs[1].server = &stubborn;
	for (int i = 0; i < 3; i++)
		specs[i].shutdown_us = _i ? SHUTDOWN_BRUTAL : 100000;
	start();
	term b = world_whereis(w, atom("b"));
	trace("|");
	stop();
	ck_assert(!world_is_alive(w, b));
	trace("b-was-killed");
	compare(_i ? "stubborn brutal_kill" : "stubborn 100");
}
END_TEST

/* ---- What it publishes ----------------------------------------------------------------------------------------------------- */

START_TEST(counts_and_history_need_no_question)
{
	struct supervisor_counts counts;
	struct supervisor_record record;
	describe(ONE_FOR_ONE, 10, PERMANENT);
	start();
	uint64_t first = term_pid_number(world_whereis(w, atom("b")));
	hit("b", ATOM(error));
	hit("a", ATOM(kill));
	ck_assert(supervisor_count_children(w, supervisor, &counts));
	ck_assert_uint_eq(counts.specs, 3);
	ck_assert_uint_eq(counts.active, 3);
	ck_assert_uint_eq(counts.workers, 3);
	ck_assert_uint_eq(counts.restarts, 2);
	ck_assert(supervisor_record_at(w, 0, &record));
	ck_assert_uint_eq(record.pid, term_pid_number(supervisor));
	ck_assert_uint_eq(record.history_count, 2);
	ck_assert_str_eq(record.history[0].reason, "killed");
	ck_assert_str_eq(record.history[1].reason, "error");
	ck_assert_uint_eq(record.history[1].child_pid, first);
	stop();
	ck_assert(!supervisor_count_children(w, supervisor, &counts));
	ck_assert(supervisor_record_at(w, 0, &record));
	ck_assert_uint_eq(record.pid, 0);
}
END_TEST

/* Restarts that lie further back than the period do not count. */
START_TEST(old_restarts_are_forgotten)
{
	describe(ONE_FOR_ONE, 1, PERMANENT);
	spec.period_s = 1;
	start();
	for (int i = 0; i < 5; i++) {
		hit("b", ATOM(error));
		run_us(w, 1500000);
	}
	ck_assert(world_is_alive(w, supervisor));
	hit("b", ATOM(error));
	hit("b", ATOM(error));
	ck_assert(!world_is_alive(w, supervisor));
}
END_TEST

/* The child's exit reaches its supervisor some microseconds after it was told to go. */
START_TEST(the_period_has_an_edge)
{
	static const struct { unsigned intensity; uint64_t apart_us; bool lives; } cases[] = { { 1, 999900, false }, { 1, 1000100, true },
		{ 2, 499900, false }, { 2, 500100, true }, { 3, 333300, false }, { 3, 333400, true }, { 0, 5000000, false } };
	describe(ONE_FOR_ONE, cases[_i].intensity, PERMANENT);
	spec.period_s = 1;
	start();
	for (unsigned n = 0; n < 2 * cases[_i].intensity + 1 && world_is_alive(w, supervisor); n++) {
		uint64_t began = clock_us(&w->clock);
		hit("b", ATOM(error));
		run_us(w, cases[_i].apart_us - (clock_us(&w->clock) - began));
	}
	ck_assert_int_eq(world_is_alive(w, supervisor), cases[_i].lives);
}
END_TEST

static struct supervisor_spec inner;
static struct child_spec inner_child[3];

START_TEST(a_tree_stops_from_the_leaves)
{
	describe(ONE_FOR_ONE, 1, PERMANENT);
	memcpy(inner_child, specs, sizeof specs);
	inner = spec;
	inner.children = inner_child + 1;
	inner.child_count = 2;
	specs[1] = (struct child_spec) { .id = "inner", .supervisor = &inner };
	spec.child_count = 2;
	start();
	trace("|");
	stop();
	ck_assert_str_eq(trace_text(), "start-a; start-b; start-c; |; stop-c-shutdown; stop-b-shutdown; stop-a-shutdown; shutdown");
}
END_TEST

/* The inner supervisor gives up: that is one restart of the outer one. */
START_TEST(giving_up_is_passed_upwards)
{
	describe(ONE_FOR_ONE, 1, PERMANENT);
	memcpy(inner_child, specs, sizeof specs);
	inner = spec;
	inner.intensity = 0;
	inner.period_s = 5;
	inner.children = inner_child + 1;
	inner.child_count = 1;
	specs[1] = (struct child_spec) { .id = "inner", .supervisor = &inner };
	spec.child_count = 2;
	start();
	hit("b", ATOM(error));
	ck_assert_str_eq(trace_text(), "start-a; start-b; stop-b-error; start-b");
	hit("b", ATOM(error));
	ck_assert_str_eq(trace_text(), "start-a; start-b; stop-b-error; start-b; stop-b-error; stop-a-shutdown; shutdown");
}
END_TEST

Suite *check_suite(void)
{
	Suite *s = suite_create("supervisor");
	TCase *tc = tcase_create("otp");
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, every_strategy_restart_and_reason_as_otp, 0, 12);
	tcase_add_loop_test(tc, too_many_restarts_as_otp, 0, 12);
	tcase_add_loop_test(tc, a_first_start_that_fails_as_otp, 0, 3);
	tcase_add_loop_test(tc, a_restart_that_fails_is_tried_again_as_otp, 0, 6);
	tcase_add_loop_test(tc, one_that_does_not_obey_is_killed_as_otp, 0, 2);
	suite_add_tcase(s, tc);
	tc = tcase_create("published");
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, counts_and_history_need_no_question);
	tcase_add_test(tc, old_restarts_are_forgotten);
	tcase_add_loop_test(tc, the_period_has_an_edge, 0, 7);
	tcase_add_test(tc, a_tree_stops_from_the_leaves);
	tcase_add_test(tc, giving_up_is_passed_upwards);
	suite_add_tcase(s, tc);
	return s;
}
