/*
 * Servers against gen_server: every behaviour here was tried on OTP 25 (tests/otp_server.erl prints the same lines).
 */
#include "runtime/process/life.h"
#include "runtime/process/scheduler.h"
#include "runtime/process/slot.h"
#include "tests/suite.h"
#include "tests/trace.h"

#include <string.h>

static struct world *w;

static void setup(void) { w = test_world(); }
static void teardown(void) { test_world_stop(w); }

static const char *text_of(struct process *p, term t)
{
	static char text[400];
	term_text(p->world->atoms, t, text, sizeof text);
	return text;
}

/* ---- A server that tells what it hears ---------------------------------------------------------------------------- */

static enum next init(struct process *p, term argument)
{
	trace("init");
	if (term_is(argument, ATOM(stop)))
		return server_stop(p, ATOM(error), TERM_NIL);
	if (term_is(argument, ATOM(continue)))
		return server_continue(p, ATOM(go), term_from_small(0));
	return server_started(p, term_from_small(0));
}

static enum next count(struct process *p, term state) { return server_noreply(p, term_from_small(term_to_small(state) + 1)); }

static enum next handle_call(struct process *p, term request, term from, term state)
{
	if (term_is(request, ATOM(go))) {               /* answers later, by a cast to itself */
		struct builder *b = RESERVE(p, 3, &from, &state);
		server_cast(p, process_self(p), build_tuple2(b, ATOM(reply), from));
		return server_noreply(p, state);
	}
	if (term_is(request, ATOM(stop)))
		return server_stop(p, ATOM(normal), state);
	if (term_is(request, ATOM(badarg)))
		process_badarg(p);
	if (term_is(request, ATOM(infinity)))
		return server_noreply(p, state);
	return server_reply(p, state, term_from_small(term_to_small(state) + 1));
}

static enum next handle_cast(struct process *p, term request, term state)
{
	if (term_is_tuple(request) && term_is(tuple_at(request, 0), ATOM(reply))) {
		server_reply_to(p, tuple_at(request, 1), ATOM(ok));
		return server_noreply(p, state);
	}
	if (term_is(request, ATOM(timeout)))
		return server_noreply_timeout(p, state, 5000);
	if (term_is(request, ATOM(hibernate)))
		return server_hibernate(p, state);
	if (term_is(request, ATOM(stop)))
		return server_stop(p, ATOM(shutdown), state);
	trace("cast %s", text_of(p, request));
	return count(p, state);
}

static enum next handle_info(struct process *p, term message, term state)
{
	trace("info %s", text_of(p, message));
	return count(p, state);
}

static enum next handle_continue(struct process *p, term what, term state)
{
	trace("continue %s", text_of(p, what));
	return server_noreply(p, state);
}

static void terminate(struct process *p, term reason, term state) { trace("terminate %s %ld", text_of(p, reason), (long) term_to_small(state)); }

#define ECHO .name = "echo", .init = init, .handle_call = handle_call, .handle_cast = handle_cast, .handle_info = handle_info, \
	.handle_continue = handle_continue, .terminate = terminate
static const struct server_module echo = { ECHO };
static const struct server_module sleeper = { ECHO, .hibernate_after_us = 20000 };

static struct { term pid; } server;

/* A process that starts the server as its linked child and traps exits: what OTP's shell does. */
static enum next parent(struct process *p)
{
	enum { MODULE, SLOTS };
	term m;
	PROGRAM(p, SLOTS);
	process_trap_exit(p, true);
	slot_set(p, MODULE, x_get(p, 0));
	struct spawn_options o = SPAWN_DEFAULT;
	o.link = true;
	server.pid = server_spawn(p, (const struct server_module *) term_to_small(slot_get(p, MODULE)), x_get(p, 1), &o);
	x_clear(p);
	for (;;) {
		RECEIVE(p, m);
		if (term_is_tuple(m) && term_is(tuple_at(m, 0), ATOM(EXIT)))
			trace("exit %s", text_of(p, tuple_at(m, 2)));
		else
			process_exit_other(p, server.pid, m);
	}
	PROGRAM_END(p);
}
static const struct step parent_step = { "parent:run/2", parent };
static term the_parent;

static void start(const struct server_module *module, term argument)
{
	the_parent = run_step(w, &parent_step, 2, (term[]) { term_from_small((intptr_t) module), argument });
	run_us(w, 1000);
}

/* Calls with the request in x[0], a timeout of 10 ms, and tells the answer; exits are told by its own death. */
static enum next caller(struct process *p)
{
	PROGRAM(p, 1);
	slot_set(p, 0, x_get(p, 0));
	x_clear(p);
	CALL_SERVER(p, server.pid, slot_get(p, 0), 10000);
	trace("reply %s", text_of(p, x_get(p, 0)));
	PROGRAM_END(p);
}
static const struct step caller_step = { "caller:run/1", caller };

static enum next watcher(struct process *p)
{
	term m;
	PROGRAM(p, 1);
	slot_set(p, 0, x_get(p, 0));
	x_clear(p);
	struct spawn_options o = SPAWN_DEFAULT;
	o.monitor = true;
	process_spawn(p, &caller_step, 1, process_slot(p, 0), &o);
	RECEIVE(p, m);
	if (!term_is(tuple_at(m, 4), ATOM(ok)) && !term_is(tuple_at(m, 4), ATOM(normal)))
		trace("caller %s", text_of(p, tuple_at(m, 4)));
	PROGRAM_END(p);
}
static const struct step watcher_step = { "watcher:run/1", watcher };

static void call(term request)
{
	run_step(w, &watcher_step, 1, &request);
	run_us(w, 50000);
}

static void cast(term request)
{
	term box[] = { term_header(BOX_TUPLE, 2), ATOM(gen_cast), request };
	world_send(w, server.pid, term_from_box(box));
	run_us(w, 1000);
}

static struct slot *slot(void) { return slot_at(w->slots, term_pid_index(server.pid)); }

/* ---- Behaviour ---------------------------------------------------------------------------------------------------------- */

START_TEST(calls_casts_and_infos)
{
	start(&echo, ATOM(ok));
	call(ATOM(data));
	cast(ATOM(data));
	world_send(w, server.pid, ATOM(m));
	call(ATOM(data));
	ck_assert_str_eq(trace_text(), "init; reply 0; cast data; info m; reply 3");
}
END_TEST

START_TEST(a_reply_may_come_later)
{
	start(&echo, ATOM(ok));
	call(ATOM(go));
	ck_assert_str_eq(trace_text(), "init; reply ok");
}
END_TEST

START_TEST(continue_comes_before_the_next_message)
{
	start(&echo, ATOM(continue));
	ck_assert_str_eq(trace_text(), "init; continue go");
}
END_TEST

START_TEST(a_timeout_is_an_info_and_a_message_takes_it_back)
{
	start(&echo, ATOM(ok));
	cast(ATOM(timeout));
	run_us(w, 10000);
	cast(ATOM(timeout));
	cast(ATOM(data));
	run_us(w, 10000);
	ck_assert_str_eq(trace_text(), "init; info timeout; cast data");
}
END_TEST

START_TEST(stop_runs_terminate)
{
	start(&echo, ATOM(ok));
	cast(ATOM(stop));
	ck_assert_str_eq(trace_text(), "init; terminate shutdown 0; exit shutdown");
}
END_TEST

START_TEST(a_failure_runs_terminate_and_the_caller_hears_why)
{
	start(&echo, ATOM(ok));
	call(ATOM(badarg));
	ck_assert_ptr_nonnull(strstr(trace_text(), "init; terminate badarg 0; "));
	ck_assert_ptr_nonnull(strstr(trace_text(), "exit badarg"));
	ck_assert_ptr_nonnull(strstr(trace_text(), "caller {badarg,{gen_server,call,["));
}
END_TEST

START_TEST(a_call_to_one_that_stops_ends_with_its_reason)
{
	start(&echo, ATOM(ok));
	call(ATOM(stop));
	ck_assert_ptr_nonnull(strstr(trace_text(), "caller {normal,{gen_server,call,["));
}
END_TEST

START_TEST(a_call_without_answer_times_out)
{
	start(&echo, ATOM(ok));
	call(ATOM(infinity));
	ck_assert_ptr_nonnull(strstr(trace_text(), "init; caller {timeout,{gen_server,call,["));
	ck_assert(world_is_alive(w, server.pid));
}
END_TEST

START_TEST(a_call_to_the_dead_is_noproc)
{
	start(&echo, ATOM(ok));
	cast(ATOM(stop));
	call(ATOM(data));
	ck_assert_ptr_nonnull(strstr(trace_text(), "caller {noproc,{gen_server,call,["));
}
END_TEST

START_TEST(an_exit_signal_runs_no_terminate)
{
	start(&echo, ATOM(ok));
	world_send(w, the_parent, ATOM(shutdown));
	run_us(w, 1000);
	ck_assert_str_eq(trace_text(), "init; exit shutdown");
}
END_TEST

START_TEST(init_that_stops_runs_no_terminate)
{
	start(&echo, ATOM(stop));
	ck_assert_str_eq(trace_text(), "init; exit error");
}
END_TEST

static enum next trapping_init(struct process *p, term argument)
{
	(void) argument;
	process_trap_exit(p, true);
	return server_started(p, term_from_small(7));
}
static const struct server_module trapper = { .name = "trapper", .init = trapping_init, .handle_info = handle_info, .terminate = terminate };

START_TEST(the_parents_exit_ends_one_that_traps)
{
	start(&trapper, ATOM(ok));
	world_send(w, the_parent, ATOM(shutdown));
	run_us(w, 1000);
	ck_assert_str_eq(trace_text(), "terminate shutdown 7; exit shutdown");
}
END_TEST

/* ---- Calls out of a callback ------------------------------------------------------------------------------------------------ */

static term echo_server;
static enum next ask_init(struct process *p, term argument) { (void) argument; return server_started(p, term_from_small(40)); }
static enum next with_answer(struct process *p, term reply, term state)
{
	return server_reply(p, term_from_small(term_to_small(reply) + term_to_small(state)), state);
}
static enum next ask_call(struct process *p, term request, term from, term state)
{
	(void) from;
	return server_call(p, echo_server, request, 10000, state, with_answer);
}
static const struct server_module asker = { .name = "asker", .init = ask_init, .handle_call = ask_call };

START_TEST(a_callback_ends_with_a_call_and_goes_on_with_its_answer)
{
	start(&echo, ATOM(ok));
	echo_server = server.pid;
	cast(ATOM(data));
	cast(ATOM(data));
	start(&asker, ATOM(ok));
	call(ATOM(data));
	ck_assert_str_eq(trace_text(), "init; cast data; cast data; reply 42");
}
END_TEST

/* ---- Figures: those of a real gen_server with one link ------------------------------------------------------------------------- */

static uint64_t words_of(_Atomic uint32_t *figure) { return atomic_load(figure); }

START_TEST(an_idle_server_weighs_as_on_otp)
{
	start(&echo, ATOM(ok));
	struct slot_memory *m = slot_memory_at(w->slots, term_pid_index(server.pid));
	ck_assert_uint_eq(slot()->memory, 2768);
	ck_assert_uint_eq(words_of(&m->block), 233);
	ck_assert_uint_eq(words_of(&m->stack), 11);
	ck_assert_str_eq(atom_text_at(w->atoms, (uint32_t) (uintptr_t) slot()->initial), "echo:init/1");
	ck_assert_str_eq(slot()->current, "gen_server:loop/7");
	struct scheduler *s = scheduler_enter_outside(w);
	request_gc(s, server.pid, true, NULL);
	scheduler_leave_outside(s);
	run_us(w, 1000);
	ck_assert_uint_eq(words_of(&m->used), 12);
}
END_TEST

/* 12 words live and 18 of the list to wake up with: 30, a block of 34. */
START_TEST(a_hibernated_server_weighs_as_on_otp)
{
	start(&echo, ATOM(ok));
	cast(ATOM(hibernate));
	struct slot_memory *m = slot_memory_at(w->slots, term_pid_index(server.pid));
	ck_assert_uint_eq(slot()->memory, 1176);
	ck_assert_uint_eq(words_of(&m->block), 34);
	ck_assert_uint_eq(words_of(&m->used), 30);
	ck_assert_uint_eq(words_of(&m->stack), 1);
	call(ATOM(data));
	ck_assert_str_eq(trace_text(), "init; reply 0");
	ck_assert_uint_eq(words_of(&m->stack), 11);
}
END_TEST

START_TEST(a_quiet_server_hibernates_by_itself)
{
	start(&sleeper, ATOM(ok));
	struct slot_memory *m = slot_memory_at(w->slots, term_pid_index(server.pid));
	run_us(w, 10000);
	cast(ATOM(data));
	run_us(w, 15000);
	ck_assert_uint_eq(words_of(&m->block), 233);
	run_us(w, 10000);
	ck_assert_uint_eq(words_of(&m->block), 34);
	cast(ATOM(data));
	ck_assert_uint_eq(words_of(&m->block), 233);
}
END_TEST

START_TEST(a_crash_is_reported)
{
	struct logger_counts counts;
	start(&echo, ATOM(ok));
	call(ATOM(badarg));
	ck_assert(logger_counts(w, TERM_NONE, &counts));
	ck_assert_uint_eq(counts.logged, 1);
}
END_TEST

Suite *check_suite(void)
{
	Suite *s = suite_create("server");
	TCase *tc = tcase_create("behaviour");
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, calls_casts_and_infos);
	tcase_add_test(tc, a_reply_may_come_later);
	tcase_add_test(tc, continue_comes_before_the_next_message);
	tcase_add_test(tc, a_timeout_is_an_info_and_a_message_takes_it_back);
	tcase_add_test(tc, stop_runs_terminate);
	tcase_add_test(tc, a_failure_runs_terminate_and_the_caller_hears_why);
	tcase_add_test(tc, a_call_to_one_that_stops_ends_with_its_reason);
	tcase_add_test(tc, a_call_without_answer_times_out);
	tcase_add_test(tc, a_call_to_the_dead_is_noproc);
	tcase_add_test(tc, an_exit_signal_runs_no_terminate);
	tcase_add_test(tc, init_that_stops_runs_no_terminate);
	tcase_add_test(tc, the_parents_exit_ends_one_that_traps);
	tcase_add_test(tc, a_callback_ends_with_a_call_and_goes_on_with_its_answer);
	tcase_add_test(tc, a_crash_is_reported);
	suite_add_tcase(s, tc);
	tc = tcase_create("figures");
	tcase_set_tags(tc, "numbers");
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, an_idle_server_weighs_as_on_otp);
	tcase_add_test(tc, a_hibernated_server_weighs_as_on_otp);
	tcase_add_test(tc, a_quiet_server_hibernates_by_itself);
	suite_add_tcase(s, tc);
	return s;
}
