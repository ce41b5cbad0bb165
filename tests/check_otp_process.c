/*
 * Lives and deaths against OTP's: each line of tests/otp_process.txt is a play (commands to a, b and c) and what became of the
 * three on OTP 25. The plays are read from there and played here: links, monitors, exits, names, suspending, timers.
 */
#include "tests/puppet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/process/timer.h"
#include "runtime/term/text.h"
#include "tests/otp_lines.h"

#define ACTORS 3
#define TIMER_US 300000u
#define WAIT_US 330000u

static struct actor { struct puppet puppet, watcher; } actors[ACTORS];

static struct actor *actor_of(const char *name) { return &actors[name[0] - 'a']; }
static term pid_of(const char *name) { return actor_of(name)->puppet.pid; }

static term atom(const char *text)
{
	struct scheduler *s = scheduler_enter_outside(fixture_world());
	term t = atom_make_z(fixture_world()->atoms, s->lane, text);
	scheduler_leave_outside(s);
	return t;
}

static term reason_of(const char *text)
{
	return strcmp(text, "{a,1}") == 0 ? puppet_pair(atom("a"), term_from_small(1)) : atom(text);
}

/* ---- Commands ---------------------------------------------------------------------------------------------------- */

static void note(struct puppet *me, const char *text)
{
	me->used += (size_t) snprintf(me->log + me->used, sizeof me->log - me->used, "%s;", text);
}
static void note_answer(struct puppet *me, bool could) { note(me, could ? "true" : "badarg"); }
static void note_left(struct puppet *me, uint64_t us) { note(me, us == UINT64_MAX ? "gone" : "left"); }

static void send(struct process *p, struct puppet *me, term to) { (void) me; process_send(p, to, atom_find(p->world->atoms, "hello", 5)); }
static void do_register(struct process *p, struct puppet *me, term name) { note_answer(me, process_register(p, name)); }
static void do_unregister(struct process *p, struct puppet *me, term name) { note_answer(me, process_unregister(p, name)); }
static void suspend(struct process *p, struct puppet *me, term to) { note_answer(me, process_suspend_other(p, to)); }
static void resume(struct process *p, struct puppet *me, term to) { note_answer(me, process_resume_other(p, to)); }
static void after(struct process *p, struct puppet *me, term to)
{
	me->answer = process_send_after(p, TIMER_US, to, atom_find(p->world->atoms, "tick", 4));
}
static void start_timer(struct process *p, struct puppet *me, term to)
{
	me->answer = process_start_timer(p, TIMER_US, to, atom_find(p->world->atoms, "tick", 4));
}
static void read_timer(struct process *p, struct puppet *me, term t) { (void) t; note_left(me, process_read_timer(p, me->answer)); }
static void cancel(struct process *p, struct puppet *me, term t) { (void) t; note_left(me, process_cancel_timer(p, me->answer)); }

enum argument { NONE, TRUTH, LIE, ACTOR, NAME, REASON, ACTOR_AND_REASON };
static const struct verb { const char *name; puppet_fn fn; enum argument argument; } verbs[] = {
	{ "trap", puppet_trap, TRUTH }, { "untrap", puppet_trap, LIE }, { "link", puppet_link, ACTOR }, { "unlink", puppet_unlink, ACTOR },
	{ "monitor", puppet_monitor, ACTOR }, { "monitor_name", puppet_monitor, NAME }, { "demonitor", puppet_demonitor, TRUTH },
	{ "exit", puppet_exit, REASON }, { "exit_other", puppet_exit_other, ACTOR_AND_REASON }, { "send", send, ACTOR },
	{ "send_name", send, NAME }, { "register", do_register, NAME }, { "unregister", do_unregister, NAME }, { "suspend", suspend, ACTOR },
	{ "resume", resume, ACTOR }, { "after", after, ACTOR }, { "after_name", after, NAME }, { "start_timer", start_timer, ACTOR },
	{ "read", read_timer, NONE }, { "cancel", cancel, NONE },
};

static term argument_of(enum argument kind, const char *first, const char *second)
{
	switch (kind) {
	case NONE: return TERM_NIL;
	case TRUTH: return ATOM(true);
	case LIE: return ATOM(false);
	case ACTOR: return pid_of(first);
	case NAME: return atom(first);
	case REASON: return reason_of(first);
	case ACTOR_AND_REASON: return puppet_pair(pid_of(first), reason_of(second));
	}
	return TERM_NONE;
}

static void command(char *text)
{
	char *words[4] = { NULL };
	for (unsigned n = 0; n < 4 && (words[n] = strsep(&text, " ")); n++)
		;
	if (strcmp(words[0], "wait") == 0) {
		fixture_advance_us(WAIT_US);
		return;
	}
	for (const struct verb *v = verbs; v < verbs + ARRAY_COUNT(verbs); v++)
		if (strcmp(v->name, words[0]) == 0) {
			puppet_do(&actor_of(words[1])->puppet, v->fn, argument_of(v->argument, words[2], words[3]));
			fixture_run();
			return;
		}
	ck_abort_msg("no such command: %s", words[0]);
}

/* ---- How it ended ------------------------------------------------------------------------------------------------ */

/* Every `from` becomes `to`. */
static void replace(char *text, const char *from, const char *to)
{
	char rest[4000];
	for (char *at = text; (at = strstr(at, from)); at += strlen(to)) {
		snprintf(rest, sizeof rest, "%s", at + strlen(from));
		strcpy(at, to);
		strcpy(at + strlen(to), rest);
	}
}

static void name_all(char *text)
{
	char pid[100];
	for (int i = 0; i < ACTORS; i++) {
		term_text(fixture_world()->atoms, actors[i].puppet.pid, pid, sizeof pid);
		replace(text, pid, (char[]) { (char) ('a' + i), 0 });
	}
	for (char *ref, *end; (ref = strstr(text, "#Ref<")) && (end = strchr(ref, '>'));) {
		memmove(ref + 3, end + 1, strlen(end + 1) + 1);
		memcpy(ref, "ref", 3);
	}
}

/* {'DOWN',Ref,process,Pid,Reason}; of its watcher: what follows the fourth comma. */
static void reason_from(const char *log, char *out, size_t room)
{
	for (int commas = 0; commas < 4; log++)
		commas += *log == ',';
	snprintf(out, room, "%.*s", (int) strlen(log) - 2, log);
}

static void ending(struct actor *a, char *out, size_t room)
{
	const struct process *p = fixture_process(a->puppet.pid);
	char log[3000];
	if (!p) {
		reason_from(a->watcher.log, out, room);
	} else if (p->flags & PROCESS_SUSPENDED) {
		snprintf(out, room, "suspended");
	} else {
		snprintf(log, sizeof log, "%s", a->puppet.log);
		if (*log)
			log[strlen(log) - 1] = 0;
		replace(log, ";", ",");
		name_all(log);
		snprintf(out, room, "alive [%s]", log);
	}
}

static void play(char *commands, char *out, size_t room)
{
	fixture_start();
	atom("hello");
	atom("tick");
	for (int i = 0; i < ACTORS; i++) {
		puppet_new(&actors[i].puppet, NULL);
		puppet_new(&actors[i].watcher, NULL);
		puppet_do(&actors[i].watcher, puppet_monitor, actors[i].puppet.pid);
	}
	fixture_run();
	for (char *one; (one = strsep(&commands, ";"));)
		command(one + (*one == ' '));
	size_t at = 0;
	for (int i = 0; i < ACTORS; i++) {
		char end[4000];
		ending(&actors[i], end, sizeof end);
		at += (size_t) snprintf(out + at, room - at, "%s%c %s", i ? " | " : "", 'a' + i, end);
	}
	for (int i = 0; i < ACTORS; i++) {
		fixture_exit(actors[i].puppet.pid, ATOM(kill));
		fixture_exit(actors[i].watcher.pid, ATOM(kill));
	}
	fixture_run();
	fixture_let_timers_fire();
	fixture_expect_clean();
	fixture_stop();
}

#define FORKS 8

START_TEST(each_play_ends_as_on_otp)
{
	struct otp_lines lines;
	otp_lines_open(&lines, "process");
	ck_assert_uint_gt(lines.count, 300);
	for (size_t i = (size_t) _i; i < lines.count; i += FORKS) {
		char commands[1000], mine[8000];
		const char *arrow = strstr(lines.line[i], " => ");
		if (!suite_takes(i))
			continue;
		snprintf(commands, sizeof commands, "%.*s", (int) (arrow - lines.line[i]), lines.line[i]);
		size_t at = (size_t) snprintf(mine, sizeof mine, "%s => ", commands);
		play(commands, mine + at, sizeof mine - at);
		otp_lines_expect(&lines, mine, " => ");
	}
	otp_lines_close(&lines);
}
END_TEST

Suite *check_suite(void)
{
	Suite *s = suite_create("otp_process");
	TCase *tc = tcase_create("plays");
	tcase_add_loop_test(tc, each_play_ends_as_on_otp, 0, FORKS);
	suite_add_tcase(s, tc);
	return s;
}
