/*
 * Servers against gen_server: each line of tests/otp_server.txt is a play (how a server starts and what it is told) and what OTP 25
 * made of it: what the callbacks heard, how it ended, what the callers got, whether an error was reported. Played here.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/otp/otp.h"
#include "runtime/process/life.h"
#include "runtime/process/scheduler.h"
#include "tests/otp_lines.h"
#include "tests/suite.h"
#include "tests/trace.h"

#define CALL_TIMEOUT_US 20000u

static struct world *w;
static term server, the_parent;
static char callers[1000];

static const char *text_of(struct process *p, term t)
{
	static char text[400];
	term_text(p->world->atoms, t, text, sizeof text);
	return text;
}

/* ---- The server -------------------------------------------------------------------------------------------------- */

static bool is(struct process *p, term t, const char *text) { return term_is_atom(t) && strcmp(atom_text(p->world->atoms, t), text) == 0; }
static term plus_one(term n) { return term_from_small(term_to_small(n) + 1); }

static enum next init(struct process *p, term start)
{
	term zero = term_from_small(0);
	if (is(p, start, "trap"))
		process_trap_exit(p, true);
	trace("init");
	if (is(p, start, "continue"))
		return server_continue(p, ATOM(go), zero);
	if (is(p, start, "timeout"))
		return server_noreply_timeout(p, zero, 30000);
	if (is(p, start, "hibernate"))
		return server_hibernate(p, zero);
	if (is(p, start, "stop"))
		return server_stop(p, ATOM(error), zero);
	if (is(p, start, "crash"))
		process_badarg(p);
	return server_started(p, zero);
}

static term tagged_from(struct process *p, term *from)
{
	struct builder *b = RESERVE(p, 3, from);
	return build_tuple2(b, ATOM(reply), *from);
}

static enum next handle_call(struct process *p, term request, term from, term n)
{
	if (is(p, request, "count"))
		return server_reply(p, n, plus_one(n));
	if (is(p, request, "later")) {
		server_cast(p, process_self(p), tagged_from(p, &from));
		return server_noreply(p, n);
	}
	if (is(p, request, "never"))
		return server_noreply(p, n);
	if (is(p, request, "slow")) {
		process_send_after(p, 30000, process_self(p), tagged_from(p, &from));
		return server_noreply(p, n);
	}
	if (is(p, request, "continue")) {
		server_reply_to(p, from, n);
		return server_continue(p, ATOM(go), plus_one(n));
	}
	if (is(p, request, "hibernate"))
		return server_reply_hibernate(p, n, plus_one(n));
	if (is(p, request, "badarg"))
		process_badarg(p);
	return server_stop(p, request, n);
}

static enum next handle_cast(struct process *p, term request, term n)
{
	if (is_tagged(request, 2, ATOM(reply))) {
		server_reply_to(p, tuple_at(request, 1), process_atom(p, "later"));
		return server_noreply(p, n);
	}
	if (is(p, request, "data")) {
		trace("cast data");
		return server_noreply(p, plus_one(n));
	}
	if (is(p, request, "continue"))
		return server_continue(p, ATOM(go), n);
	if (is(p, request, "timeout"))
		return server_noreply_timeout(p, n, 30000);
	if (is(p, request, "two_then_0")) {
		process_send(p, process_self(p), ATOM(data));
		server_cast(p, process_self(p), ATOM(data));
		return server_noreply_timeout(p, n, 0);
	}
	if (is(p, request, "timeout_0"))
		return server_noreply_timeout(p, n, 0);
	if (is(p, request, "hibernate"))
		return server_hibernate(p, n);
	if (is(p, request, "badarg"))
		process_badarg(p);
	return server_stop(p, request, n);
}

static enum next handle_info(struct process *p, term m, term n)
{
	if (is_tagged(m, 2, ATOM(reply))) {
		server_reply_to(p, tuple_at(m, 1), process_atom(p, "slow"));
		return server_noreply(p, n);
	}
	if (is_tagged(m, 3, ATOM(EXIT))) {
		trace("info exit %s", text_of(p, tuple_at(m, 2)));
		return server_noreply(p, n);
	}
	if (is(p, m, "data") || is(p, m, "timeout")) {
		trace("info %s", text_of(p, m));
		return server_noreply(p, plus_one(n));
	}
	if (is(p, m, "badarg"))
		process_badarg(p);
	return is(p, m, "unlink") ? server_noreply(p, n) : server_stop(p, m, n);
}

static enum next handle_continue(struct process *p, term what, term n)
{
	(void) what;
	trace("continue");
	return server_noreply(p, plus_one(n));
}

static void terminate(struct process *p, term reason, term n) { trace("terminate %s %ld", text_of(p, reason), (long) term_to_small(n)); }

static const struct server_module module = { .name = "otp_server", .init = init, .handle_call = handle_call, .handle_cast = handle_cast,
	.handle_info = handle_info, .handle_continue = handle_continue, .terminate = terminate };

/* ---- Parent and callers ------------------------------------------------------------------------------------------ */

/* Starts the server as start_link does: it waits until init is done. */
static enum next parent(struct process *p)
{
	enum { UP, SLOTS };
	term m;
	PROGRAM(p, SLOTS);
	process_trap_exit(p, true);
	slot_set(p, UP, ATOM(false));
	struct spawn_options o = SPAWN_DEFAULT;
	o.link = true;
	term args[] = { term_from_pointer(&module), x_get(p, 0), process_self(p), TERM_NIL, ATOM(true) };
	server = process_spawn(p, &server_step, ARRAY_COUNT(args), args, &o);
	x_clear(p);
	for (;;) {
		RECEIVE(p, m);
		if (is_tagged(m, 3, ATOM(ack)))
			slot_set(p, UP, ATOM(true));
		else if (is_tagged(m, 3, ATOM(EXIT)))
			trace("%s %s", term_is(slot_get(p, UP), ATOM(true)) ? "exit" : "start", text_of(p, tuple_at(m, 2)));
		else
			process_exit_other(p, server, tuple_at(m, 1));
	}
	PROGRAM_END(p);
}
static const struct step parent_step = { "parent:run/1", parent };

static void note_caller(const char *what, const char *text)
{
	size_t at = strlen(callers);
	snprintf(callers + at, sizeof callers - at, "%s%s %s", at ? "; " : "", what, text);
}

static enum next call(struct process *p)
{
	PROGRAM(p, 1);
	slot_set(p, 0, x_get(p, 0));
	x_clear(p);
	CALL_SERVER(p, server, slot_get(p, 0), CALL_TIMEOUT_US);
	note_caller("reply", text_of(p, x_get(p, 0)));
	process_raise(p, ATOM(ok));
	PROGRAM_END(p);
}
static const struct step call_step = { "caller:run/1", call };

static enum next watch(struct process *p)
{
	term m;
	PROGRAM(p, 1);
	slot_set(p, 0, x_get(p, 0));
	x_clear(p);
	struct spawn_options o = SPAWN_DEFAULT;
	o.monitor = true;
	process_spawn(p, &call_step, 1, process_slot(p, 0), &o);
	RECEIVE(p, m);
	if (term_is_tuple(tuple_at(m, 4)))
		note_caller("exit", text_of(p, tuple_at(tuple_at(m, 4), 0)));
	PROGRAM_END(p);
}
static const struct step watch_step = { "watcher:run/1", watch };

/* ---- Plays ------------------------------------------------------------------------------------------------------- */

static term atom(const char *text)
{
	struct scheduler *s = scheduler_enter_outside(w);
	term t = atom_make_z(w->atoms, s->lane, text);
	scheduler_leave_outside(s);
	return t;
}

static void exit_server(term reason)
{
	struct scheduler *s = scheduler_enter_outside(w);
	request_exit(s, server, reason);
	scheduler_leave_outside(s);
}

static void act(char *text)
{
	char *verb = strsep(&text, " ");
	term pair[] = { term_header(BOX_TUPLE, 2), ATOM(shutdown), term_from_small(1) }, tag[] = { term_header(BOX_TUPLE, 2), ATOM(gen_cast), TERM_NIL };
	term what = !text ? TERM_NIL : strcmp(text, "{shutdown,1}") == 0 ? term_from_box(pair) : atom(text);
	uint64_t us = 5000;
	tag[2] = what;
	if (strcmp(verb, "wait") == 0) {
		us = 60000;
	} else if (strcmp(verb, "call") == 0) {
		run_step(w, &watch_step, 1, &what);
		us = 45000;
	} else if (strcmp(verb, "cast") == 0) {
		world_send(w, server, term_from_box(tag));
	} else if (strcmp(verb, "send") == 0) {
		world_send(w, server, what);
	} else if (strcmp(verb, "other") == 0) {
		exit_server(what);
	} else {
		ck_assert_str_eq(verb, "exit");
		world_send(w, the_parent, term_from_box(tag));
	}
	run_us(w, us);
}

/* "start: act; act" */
static void play(char *text)
{
	struct logger_counts counts = { 0 };
	char *acts = strstr(text, ": ");
	*acts = 0;
	acts += 2;
	callers[0] = 0;
	w = test_world();
	term start = atom(text);
	the_parent = run_step(w, &parent_step, 1, &start);
	run_us(w, 5000);
	for (char *one; acts && *acts && (one = strsep(&acts, ";"));)
		act(one + (*one == ' '));
	trace(" | %s | %s", callers, logger_counts(w, TERM_NONE, &counts) && counts.logged ? "reported" : "quiet");
}

START_TEST(each_play_ends_as_on_otp)
{
	struct otp_lines lines;
	otp_lines_open(&lines, "server");
	ck_assert_uint_gt(lines.count, 40);
	for (size_t i = 0; i < lines.count; i++) {
		char text[1000], mine[4000];
		const char *arrow = strstr(lines.line[i], " => ");
		snprintf(text, sizeof text, "%.*s", (int) (arrow - lines.line[i]), lines.line[i]);
		size_t at = (size_t) snprintf(mine, sizeof mine, "%s => ", text);
		play(text);
		snprintf(mine + at, sizeof mine - at, "%s", trace_text());
		/* The bars were added as words of the trace. */
		char *bar = strstr(mine + at, ";  | ");
		if (bar)
			memmove(bar, bar + 2, strlen(bar + 2) + 1);
		otp_lines_expect(&lines, mine, " => ");
		test_world_stop(w);
	}
	otp_lines_close(&lines);
}
END_TEST

Suite *check_suite(void)
{
	Suite *s = suite_create("otp_server");
	TCase *tc = tcase_create("plays");
	tcase_add_test(tc, each_play_ends_as_on_otp);
	suite_add_tcase(s, tc);
	return s;
}
