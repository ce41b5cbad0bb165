/*
 * check_pty - the real program in a pseudo terminal: how it starts, lives, stops, crashes.
 *
 * However it ends, the terminal must be as it was before: modes, main screen, cursor, mouse. Nothing here
 * sleeps; each step waits for what it expects to see, with a time limit that only a failure meets.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/fuzz_parts.h"
#include "tests/pty.h"
#include "tests/suite.h"

static void send_text(struct run *r, const char *text)
{
	ck_assert(run_type(r, text));
}

static void assert_given_back(struct run *r)
{
	struct termios after;

	if (terminal_is_alternate(r->terminal) || !terminal_has_cursor(r->terminal) || terminal_has_mouse(r->terminal)) {
		printf("# the last bytes:");
		for (size_t i = 0; i < sizeof r->tail; i++)
			printf(r->tail[i] >= ' ' ? "%c" : "<%02x>", (unsigned char) r->tail[i]);
		printf("\n");
		fflush(stdout);
	}
	ck_assert(!terminal_is_alternate(r->terminal));
	ck_assert(terminal_has_cursor(r->terminal));
	ck_assert(!terminal_has_mouse(r->terminal));
	ck_assert_int_eq(tcgetattr(r->master, &after), 0);
	ck_assert_uint_eq(after.c_iflag, r->before.c_iflag);
	ck_assert_uint_eq(after.c_oflag, r->before.c_oflag);
	ck_assert_uint_eq(after.c_lflag, r->before.c_lflag);
	ck_assert(!memcmp(after.c_cc, r->before.c_cc, sizeof after.c_cc));
}

static const char *const shop[] = { "shop", NULL };

static struct run run_started(void)
{
	struct run r = run_new(run_program(), "xterm-256color", 24, 80, shop);

	ck_assert_msg(run_until_shows(&r, "q quit"), "no first screen");
	ck_assert(terminal_is_alternate(r.terminal));
	return r;
}

START_TEST(q_ends_it)
{
	struct run r = run_started();

	send_text(&r, "q");
	int status = run_until_ended(&r);
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	assert_given_back(&r);
	run_free(&r);
}
END_TEST

static const int polite[] = { SIGTERM, SIGHUP, SIGINT, SIGQUIT };

START_TEST(signals_end_it_with_128_and_their_number)
{
	struct run r = run_started();

	kill(r.pid, polite[_i]);
	int status = run_until_ended(&r);
	ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 128 + polite[_i], "status %x", status);
	assert_given_back(&r);
	run_free(&r);
}
END_TEST

START_TEST(control_c_is_an_interrupt)
{
	struct run r = run_started();

	send_text(&r, "\003");
	int status = run_until_ended(&r);
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 128 + SIGINT);
	assert_given_back(&r);
	run_free(&r);
}
END_TEST

/* The window is closed: nobody reads what would restore it, and the hang-up may be ignored (nohup). */
START_TEST(a_terminal_that_goes_away_ends_it)
{
	struct run r;

	if (_i)
		signal(SIGHUP, SIG_IGN);
	r = run_started();
	close(r.master);
	r.master = open("/dev/null", O_RDONLY);
	int status = run_until_ended(&r);
	ck_assert_msg(WIFEXITED(status), "status %x", status);
	run_free(&r);
}
END_TEST

static const int crashes[] = { SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL };

/* A signal to the process goes to any thread that takes it; one to a thread, to a scheduler's. */
static pid_t another_thread(pid_t pid)
{
	char path[64];
	pid_t found = 0;

	snprintf(path, sizeof path, "ls /proc/%d/task", (int) pid);
	FILE *list = popen(path, "r");
	for (int tid; list && fscanf(list, "%d", &tid) == 1;)
		if (tid != pid)
			found = tid;
	if (list)
		pclose(list);
	return found;
}

START_TEST(a_crash_of_any_thread_gives_the_terminal_back)
{
	struct run r = run_started();
	int number = crashes[_i / 2];
	pid_t thread = _i % 2 ? another_thread(r.pid) : r.pid;

	ck_assert_int_ne(thread, 0);
	ck_assert_int_eq(tgkill(r.pid, thread, number), 0);
	int status = run_until_ended(&r);
	/* A sanitizer has handlers of its own and exits. */
	ck_assert_msg((WIFSIGNALED(status) && WTERMSIG(status) == number) || WIFEXITED(status), "status %x", status);
	assert_given_back(&r);
	run_free(&r);
}
END_TEST

START_TEST(control_z_gives_the_terminal_to_the_shell_and_takes_it_back)
{
	struct run r = run_started();
	int status;

	send_text(&r, "\032");
	uint64_t end = run_now_us() + RUN_PATIENCE_MS * UINT64_C(1000);
	while (waitpid(r.pid, &status, WNOHANG | WUNTRACED) != r.pid && run_now_us() < end)
		run_take(&r, 10);
	ck_assert(WIFSTOPPED(status));
	while (poll(&(struct pollfd) { r.master, POLLIN, 0 }, 1, 0) > 0)
		run_take(&r, 0);
	assert_given_back(&r);
	kill(r.pid, SIGCONT);
	ck_assert(run_until_shows(&r, "q quit"));
	ck_assert(terminal_is_alternate(r.terminal));
	send_text(&r, "2");
	ck_assert(run_until_shows(&r, "PID"));
	send_text(&r, "q");
	ck_assert_int_eq(run_until_ended(&r), 0);
	assert_given_back(&r);
	run_free(&r);
}
END_TEST

START_TEST(a_resize_repaints)
{
	static const int sizes[][2] = { { 40, 120 }, { 8, 40 }, { 5, 20 }, { 60, 200 }, { 24, 80 } };
	struct run r = run_started();

	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		terminal_feed(r.terminal, "\033[2J", 4);
		run_resize(&r, sizes[i][0], sizes[i][1]);
		ck_assert_msg(run_until_shows(&r, sizes[i][0] >= 8 ? "quit" : "too"), "%d rows", sizes[i][0]);
	}
	run_free(&r);
}
END_TEST

START_TEST(control_s_stops_nothing)
{
	struct run r = run_started();

	send_text(&r, "\023");
	send_text(&r, "3");
	ck_assert(run_until_shows(&r, "schedulers"));
	run_free(&r);
}
END_TEST

START_TEST(half_a_mouse_report_stops_nothing)
{
	struct run r = run_started();

	send_text(&r, "\033[<0;5");
	ck_assert(run_until_more_bytes(&r));
	/* While it may still become whole, what follows belongs to it: the key is pressed until it is one. */
	uint64_t end = run_now_us() + RUN_PATIENCE_MS * UINT64_C(1000);
	while (!terminal_shows(r.terminal, "schedulers") && run_now_us() < end) {
		send_text(&r, "3");
		run_take(&r, 100);
	}
	ck_assert(terminal_shows(r.terminal, "schedulers"));
	run_free(&r);
}
END_TEST

START_TEST(escape_closes_an_overlay)
{
	struct run r = run_started();

	send_text(&r, "?");
	ck_assert(run_until_shows(&r, "type to search"));
	send_text(&r, "\033");
	uint64_t end = run_now_us() + RUN_PATIENCE_MS * UINT64_C(1000);
	while (terminal_shows(r.terminal, "type to search") && run_now_us() < end)
		run_take(&r, 20);
	ck_assert(!terminal_shows(r.terminal, "type to search"));
	run_free(&r);
}
END_TEST

/* The terminal reads nothing for a while: the program goes on, and shows a whole new frame after. */
START_TEST(a_stalled_terminal_costs_frames_only)
{
	static const char *const fast[] = { "-d", "0.1", "shop", NULL };
	struct run r = run_new(run_program(), "xterm-256color", 60, 200, fast);

	ck_assert(run_until_shows(&r, "q quit"));
	for (int i = 0; i < 400; i++)
		if (write(r.master, i % 2 ? "2" : "3", 1) < 0)
			break;
	send_text(&r, "3");
	ck_assert(run_until_shows(&r, "schedulers"));
	send_text(&r, "q");
	ck_assert_int_eq(run_until_ended(&r), 0);
	assert_given_back(&r);
	run_free(&r);
}
END_TEST

static const char *const terms[] = { "xterm-256color", "xterm", "screen-256color", "tmux-256color", "linux", "vt100",
	"xterm-mono" };

START_TEST(every_terminal_gets_a_whole_first_screen)
{
	struct run r = run_new(run_program(), terms[_i], 24, 80, shop);

	ck_assert_msg(run_until_shows(&r, "q qui"), "%s", terms[_i]);
	ck_assert(terminal_shows(r.terminal, "Applications"));
	send_text(&r, "q");
	ck_assert_int_eq(run_until_ended(&r), 0);
	run_free(&r);
}
END_TEST

START_TEST(a_dumb_terminal_gets_lines)
{
	struct run r = run_new(run_program(), "dumb", 24, 80, shop);

	ck_assert(run_until_shows(&r, "line by line"));
	send_text(&r, "q\n");
	ck_assert_int_eq(run_until_ended(&r), 0);
	run_free(&r);
}
END_TEST

START_TEST(an_unknown_terminal_gets_a_word_and_status_2)
{
	struct run r = run_new(run_program(), "no-such-terminal", 24, 80, shop);
	int status = run_until_ended(&r);

	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 2);
	ck_assert(terminal_shows(r.terminal, "--batch"));
	assert_given_back(&r);
	run_free(&r);
}
END_TEST

START_TEST(anything_typed_leaves_it_alive)
{
	fuzz_part("pty")->round(suite_seed() + (uint64_t) _i);
}
END_TEST

Suite *check_suite(void)
{
	Suite *s = suite_create("pty");
	TCase *ends = tcase_create("ends"), *lives = tcase_create("lives"), *terminals = tcase_create("terminals");
	struct terminal *probe = terminal_new(1, 1);

	if (!probe || access(run_program(), X_OK) || !run_is_possible()) {
		printf("# skipped: no libvterm, no program at %s, or no pseudo terminals (is devpts mounted?)\n", run_program());
		suite_add_tcase(s, ends);
		return s;
	}
	terminal_free(probe);
	tcase_set_timeout(ends, 60);
	tcase_set_timeout(lives, 120);
	tcase_set_timeout(terminals, 60);
	tcase_add_test(ends, q_ends_it);
	tcase_add_loop_test(ends, signals_end_it_with_128_and_their_number, 0, 4);
	tcase_add_test(ends, control_c_is_an_interrupt);
	tcase_add_loop_test(ends, a_terminal_that_goes_away_ends_it, 0, 2);
	tcase_add_loop_test(ends, a_crash_of_any_thread_gives_the_terminal_back, 0, 10);
	tcase_add_test(lives, control_z_gives_the_terminal_to_the_shell_and_takes_it_back);
	tcase_add_test(lives, a_resize_repaints);
	tcase_add_test(lives, control_s_stops_nothing);
	tcase_add_test(lives, half_a_mouse_report_stops_nothing);
	tcase_add_test(lives, escape_closes_an_overlay);
	tcase_add_test(lives, a_stalled_terminal_costs_frames_only);
	tcase_add_loop_test(lives, anything_typed_leaves_it_alive, 0, 3);
	tcase_add_loop_test(terminals, every_terminal_gets_a_whole_first_screen, 0, (int) (sizeof terms / sizeof *terms));
	tcase_add_test(terminals, a_dumb_terminal_gets_lines);
	tcase_add_test(terminals, an_unknown_terminal_gets_a_word_and_status_2);
	suite_add_tcase(s, ends);
	suite_add_tcase(s, lives);
	suite_add_tcase(s, terminals);
	return s;
}
