/*
 * pty - see pty.h.
 */
#include "tests/pty.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <utmp.h>

uint64_t run_now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t) t.tv_sec * 1000000 + (uint64_t) t.tv_nsec / 1000;
}

const char *run_program(void)
{
	return getenv("ACTOP") ? getenv("ACTOP") : "./actop";
}

bool run_is_possible(void)
{
	int master, slave;

	if (openpty(&master, &slave, NULL, NULL, NULL) != 0)
		return false;
	close(master);
	close(slave);
	return true;
}

static void become(const char *program, const char *term, int slave, const char *const *arguments)
{
	const char *argv[12] = { program };

	prctl(PR_SET_PDEATHSIG, SIGKILL);               /* a test that fails leaves nobody behind */
	for (int i = 0; arguments && arguments[i] && i < 10; i++)
		argv[i + 1] = arguments[i];
	setenv("TERM", term, 1);
	setenv("LC_ALL", "C.UTF-8", 1);
	unsetenv("LINES");
	unsetenv("COLUMNS");
	unsetenv("NO_COLOR");
	unsetenv("XDG_CONFIG_HOME");
	setenv("HOME", "/nonexistent", 1);
	login_tty(slave);
	execvp(argv[0], (char *const *) argv);
	_exit(127);
}

struct run run_new(const char *program, const char *term, int rows, int cols, const char *const *arguments)
{
	struct run r = { .terminal = terminal_new(rows, cols), .rows = rows, .cols = cols };
	struct winsize size = { .ws_row = (unsigned short) rows, .ws_col = (unsigned short) cols };
	int slave;

	if (openpty(&r.master, &slave, NULL, NULL, &size)) {
		perror("openpty");
		abort();
	}
	tcgetattr(slave, &r.before);
	fcntl(r.master, F_SETFL, O_NONBLOCK);
	fcntl(r.master, F_SETFD, FD_CLOEXEC);           /* the program must not hold its own terminal open */
	r.pid = fork();
	if (r.pid == 0)
		become(program, term, slave, arguments);
	close(slave);
	return r;
}

/* Both ways in which curses erases the whole screen: \E[2J, and \E[H\E[J. */
static size_t count_clears(const char *bytes, size_t count)
{
	size_t found = 0;

	for (size_t i = 0; i + 4 <= count; i++)
		found += !memcmp(bytes + i, "\033[2J", 4) || (i + 6 <= count && !memcmp(bytes + i, "\033[H\033[J", 6));
	return found;
}

bool run_take(struct run *r, int wait_ms)
{
	struct pollfd p = { r->master, POLLIN, 0 };
	char bytes[4096];

	if (poll(&p, 1, wait_ms) <= 0)
		return true;
	ssize_t n = read(r->master, bytes, sizeof bytes);
	if (n <= 0)
		return n < 0 && errno == EAGAIN;
	r->bytes += (size_t) n;
	r->clears += count_clears(bytes, (size_t) n);
	size_t keep = (size_t) n < sizeof r->tail ? sizeof r->tail - (size_t) n : 0, fresh = sizeof r->tail - keep;
	memmove(r->tail, r->tail + fresh, keep);
	memcpy(r->tail + keep, bytes + (size_t) n - fresh, fresh);
	if (r->terminal)
		terminal_feed(r->terminal, bytes, (size_t) n);
	return true;
}

static uint64_t patience(void)
{
	return run_now_us() + RUN_PATIENCE_MS * UINT64_C(1000);
}

bool run_until_shows(struct run *r, const char *text)
{
	uint64_t end = patience();

	while (run_now_us() < end) {
		if (terminal_shows(r->terminal, text))
			return true;
		if (!run_take(r, 50))
			return terminal_shows(r->terminal, text);
	}
	return false;
}

bool run_until_more_bytes(struct run *r)
{
	uint64_t end = patience();
	size_t before = r->bytes;

	while (run_now_us() < end && r->bytes == before)
		if (!run_take(r, 50))
			return false;
	return r->bytes > before;
}

int run_until_ended(struct run *r)
{
	uint64_t end = patience();
	int status = -1;

	while (run_now_us() < end) {
		bool is_open = run_take(r, 20);
		if (waitpid(r->pid, &status, WNOHANG) == r->pid) {
			while (is_open && poll(&(struct pollfd) { r->master, POLLIN, 0 }, 1, 0) > 0 && run_take(r, 0) && errno != EIO)
				errno = 0;
			r->pid = 0;
			return status;
		}
	}
	return -1;
}

bool run_write(struct run *r, const void *bytes, size_t count)
{
	return write(r->master, bytes, count) == (ssize_t) count;
}

bool run_type(struct run *r, const char *text)
{
	return run_write(r, text, strlen(text));
}

void run_resize(struct run *r, int rows, int cols)
{
	struct winsize size = { .ws_row = (unsigned short) rows, .ws_col = (unsigned short) cols };

	terminal_resize(r->terminal, rows, cols);
	ioctl(r->master, TIOCSWINSZ, &size);
	r->rows = rows;
	r->cols = cols;
}

void run_free(struct run *r)
{
	if (r->pid > 0) {
		kill(r->pid, SIGKILL);
		waitpid(r->pid, NULL, 0);
	}
	close(r->master);
	if (r->terminal)
		terminal_free(r->terminal);
}
