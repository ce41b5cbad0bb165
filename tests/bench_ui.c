/*
 * bench_ui - how the observer feels and what it costs, measured from outside: the real program in a pseudo terminal,
 * htop beside it in the same run where it is installed.
 *
 *   first      exec to the first complete frame
 *   keys       a cursor key to the line that it moves, both programs by turns
 *   busy       the same with every scheduler saturated
 *   crowd      the same with a million processes
 *   bytes      a frame in which nothing changed, one cursor key, a second at rest, screens cleared
 *   stall      reductions a second while nobody reads the terminal, and while somebody does
 *   slow       a reader of a kilobyte a second: samples it sees, and how late a key shows
 *   cost       processor time of the front end's thread for a sample with its page, by number of processes
 *
 * `make bench-ui` runs all; bench_ui JOB... some. A line is: job, case, figure, and the target with its verdict where
 * there is one. It never fails for a figure: a time is no proof.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/pty.h"

#define ROWS 60
#define COLS 200
#define PRESSES 60
#define STARTS 15
#define ARROW_DOWN "\033OB"
#define ARROW_UP "\033OA"

/* ---- figures ---- */

static int by_value(const void *a, const void *b)
{
	double x = *(const double *) a, y = *(const double *) b;

	return x < y ? -1 : x > y;
}

static double percentile(double *v, size_t count, double share)
{
	if (!count)
		return 0;
	qsort(v, count, sizeof *v, by_value);
	return v[(size_t) (share * (double) (count - 1) + 0.5)];
}

/* A target of 0 is none. */
static void say(const char *job, const char *which, const char *what, double value, const char *unit, double target)
{
	printf("%-6s %-34s %-28s %10.2f %-7s", job, which, what, value, unit);
	if (target > 0)
		printf("  target %g: %s", target, value <= target ? "met" : "missed");
	printf("\n");
	fflush(stdout);
}

static bool is_installed(const char *program)
{
	char command[64];

	snprintf(command, sizeof command, "command -v %s >/dev/null", program);
	return system(command) == 0;
}

/* Reads for so long, whatever comes. */
static void watch(struct run *r, uint64_t us)
{
	uint64_t end = run_now_us() + us, now;

	while ((now = run_now_us()) < end && run_take(r, (int) ((end - now) / 1000) + 1))
		;
}

/* Reads until nothing has come for so long. */
static void settle(struct run *r, int quiet_ms)
{
	size_t before;

	do {
		before = r->bytes;
		run_take(r, quiet_ms);
	} while (r->bytes != before);
}

static void leave(struct run *r)
{
	run_type(r, "q");
	run_until_ended(r);
	run_free(r);
}

static struct run actop(const char *const *arguments, const char *shows)
{
	struct run r = run_new(run_program(), "xterm-256color", ROWS, COLS, arguments);

	if (!run_until_shows(&r, shows))
		printf("# %s never showed %s\n", run_program(), shows);
	return r;
}

/* ---- first frame ---- */

static double start_once(const char *program, const char *const *arguments, const char *first, const char *last)
{
	uint64_t start = run_now_us();
	struct run r = run_new(program, "xterm-256color", 24, 80, arguments);

	run_until_shows(&r, first);
	run_until_shows(&r, last);
	double us = (double) (run_now_us() - start);
	leave(&r);
	return us / 1000;
}

static void start_many(const char *program, const char *const *arguments, const char *first, const char *last,
	double target)
{
	double ms[STARTS];

	for (int i = 0; i < STARTS; i++)
		ms[i] = start_once(program, arguments, first, last);
	const char *name = strrchr(program, '/');
	say("first", name ? name + 1 : program, "exec to complete frame, p50", percentile(ms, STARTS, 0.5), "ms", target);
}

static void job_first(void)
{
	static const char *const one[] = { "header_keeper", NULL }, *const none[] = { NULL };

	start_many(run_program(), one, "header_store", "q quit", 25);
	if (is_installed("htop"))
		start_many("htop", none, "PID", "Quit", 0);
}

/* ---- a key and the line it moves ---- */

/* Which rows lie on a ground of their own over most of their width: the selected line is one of them. */
static uint64_t lines_lit(struct run *r)
{
	uint64_t lit = 0;

	for (int row = 0; row < r->rows && row < 64; row++) {
		int own = 0;
		for (int col = 0; col < r->cols; col += 4) {
			struct terminal_cell c = terminal_at(r->terminal, row, col);
			own += c.is_reverse || c.has_own_ground;
		}
		lit |= (uint64_t) (own * 4 > r->cols / 2) << row;
	}
	return lit;
}

/* Milliseconds from the key to the moved line; negative when it never moved. */
static double press(struct run *r, const char *key)
{
	uint64_t before = lines_lit(r), start = run_now_us();

	run_type(r, key);
	while (run_now_us() - start < 2000000) {
		run_take(r, 5);
		if (lines_lit(r) != before)
			return (double) (run_now_us() - start) / 1000;
	}
	return -1;
}

struct latency { double ms[PRESSES]; size_t count; };

/* Both by turns, each at a random phase of its refresh, the other being read meanwhile so that none stalls. */
static void press_by_turns(struct run *r, struct latency *l, size_t programs)
{
	for (int i = 0; i < PRESSES; i++)
		for (size_t p = 0; p < programs; p++) {
			for (size_t other = 0; other < programs; other++)
				watch(&r[other], 20000 + (uint64_t) (rand() % 90000));
			double ms = press(&r[p], i % 8 < 4 ? ARROW_DOWN : ARROW_UP);
			if (ms >= 0)
				l[p].ms[l[p].count++] = ms;
		}
}

static void keys_of(const char *job, const char *name, const char *const *arguments, int warm_s)
{
	static const char *const none[] = { NULL };
	size_t programs = is_installed("htop") ? 2 : 1;
	struct run r[2] = { actop(arguments, "q quit") };
	struct latency l[2] = { { .count = 0 } };

	run_type(&r[0], "2");
	run_until_shows(&r[0], "NAME");
	if (programs == 2) {
		r[1] = run_new("htop", "xterm-256color", ROWS, COLS, none);
		run_until_shows(&r[1], "Quit");
	}
	watch(&r[0], (uint64_t) warm_s * 1000000);
	for (size_t p = 0; p < programs; p++)
		watch(&r[p], 1500000);
	press_by_turns(r, l, programs);
	double htop_50 = percentile(l[1].ms, l[1].count, 0.5), htop_90 = percentile(l[1].ms, l[1].count, 0.9);
	say(job, name, "actop p50", percentile(l[0].ms, l[0].count, 0.5), "ms", htop_50);
	say(job, name, "actop p90", percentile(l[0].ms, l[0].count, 0.9), "ms", htop_90 / 2);
	say(job, name, "actop slowest", percentile(l[0].ms, l[0].count, 1), "ms", 0);
	if (programs == 2) {
		say(job, name, "htop p50", htop_50, "ms", 0);
		say(job, name, "htop p90", htop_90, "ms", 0);
	}
	for (size_t p = 0; p < programs; p++)
		leave(&r[p]);
}

static void job_keys(void)
{
	static const char *const arguments[] = { "shop", "switchboard:connections=200", NULL };

	keys_of("keys", "at rest", arguments, 0);
}

static void job_busy(void)
{
	static const char *const arguments[] = { "hog:hogs=8", "switchboard:connections=200", NULL };

	keys_of("busy", "every scheduler saturated", arguments, 0);
}

static void job_crowd(void)
{
	static const char *const arguments[] = { "--max-memory", "6G", "crowd:processes=1000000", NULL };

	keys_of("crowd", "a million processes", arguments, 10);
}

/* ---- bytes ---- */

/* One key in a paused screen, and what follows when the cursor rests: the panel beside the list. */
static void bytes_of_keys(struct run *r)
{
	double key[20], rest[20];

	for (int i = 0; i < 20; i++) {
		size_t before = r->bytes;
		press(r, i % 8 < 4 ? ARROW_DOWN : ARROW_UP);
		settle(r, 30);
		key[i] = (double) (r->bytes - before);
		before = r->bytes;
		watch(r, 300000);
		rest[i] = (double) (r->bytes - before);
	}
	say("bytes", "200x60, paused", "a cursor key, p50", percentile(key, 20, 0.5), "bytes", 400);
	say("bytes", "200x60, paused", "a cursor key, most", percentile(key, 20, 1), "bytes", 400);
	say("bytes", "200x60, paused", "panel when it rests, p50", percentile(rest, 20, 0.5), "bytes", 0);
}

static double bytes_a_second(struct run *r, int seconds)
{
	size_t before = r->bytes;

	watch(r, (uint64_t) seconds * 1000000);
	return (double) (r->bytes - before) / seconds;
}

static void job_bytes(void)
{
	static const char *const arguments[] = { "header_keeper", "shop", "switchboard:connections=200", NULL };
	static const char *const none[] = { NULL };
	struct run r = actop(arguments, "q quit");

	run_type(&r, "2");
	watch(&r, 2000000);
	size_t clears = r.clears;
	say("bytes", "200x60, 1 Hz, leak and shop", "a second", bytes_a_second(&r, 8), "bytes", 0);
	run_type(&r, "p");
	watch(&r, 9000000);             /* until what was said about it is gone */
	say("bytes", "200x60, paused", "a second of unchanged frames", bytes_a_second(&r, 4), "bytes", 0.001);
	bytes_of_keys(&r);
	say("bytes", "200x60", "screens cleared", (double) (r.clears - clears), "", 0.001);
	leave(&r);
	if (!is_installed("htop"))
		return;
	r = run_new("htop", "xterm-256color", ROWS, COLS, none);
	run_until_shows(&r, "Quit");
	watch(&r, 2000000);
	say("bytes", "200x60, 1.5 s", "htop, a second", bytes_a_second(&r, 8), "bytes", 0);
	leave(&r);
}

/* ---- readers that are slow ---- */

/* "9.61M/s reductions" of the summary. */
static double shown_rate(struct run *r)
{
	char line[COLS * 4 + 1];
	const char *at = strstr(terminal_row(r->terminal, 1, line, sizeof line), "/s reductions"), *from = at;

	while (from && from > line && (isdigit((unsigned char) from[-1]) || strchr(".kMG", from[-1])))
		from--;
	if (!from)
		return 0;
	double value = strtod(from, NULL);
	return value * (at[-1] == 'G' ? 1e9 : at[-1] == 'M' ? 1e6 : at[-1] == 'k' ? 1e3 : 1);
}

/* Samples are five seconds apart, and nobody reads for eleven: what is shown then was counted while nobody read. */
static double rate_while_stalled(struct run *r)
{
	for (int i = 0; i < 220; i++) {
		run_type(r, i % 2 ? "3" : "2");
		usleep(50000);
	}
	settle(r, 150);
	return shown_rate(r) / 1e6;
}

static void job_stall(void)
{
	static const char *const arguments[] = { "-d", "5", "hog:hogs=8", NULL };
	struct run r = actop(arguments, "q quit");
	double read[3], stalled[3];

	watch(&r, 11000000);
	for (int i = 0; i < 3; i++) {
		watch(&r, 10500000);
		read[i] = shown_rate(&r) / 1e6;
		stalled[i] = rate_while_stalled(&r);
	}
	double usual = percentile(read, 3, 0.5), alone = percentile(stalled, 3, 0.5);
	say("stall", "every scheduler saturated", "reductions while read", usual, "M/s", 0);
	say("stall", "every scheduler saturated", "reductions while stalled", alone, "M/s", 0);
	say("stall", "every scheduler saturated", "what the stall cost", 100 * (1 - alone / usual), "%", 5);
	leave(&r);
}

/* The clock of the tab line: "00:01:10". */
static void clock_of(struct run *r, char *out)
{
	char line[COLS * 4 + 1];
	const char *row = terminal_row(r->terminal, 0, line, sizeof line);
	size_t length = strlen(row);

	snprintf(out, 16, "%s", length > 8 ? row + length - 8 : "");
}

/* A thousand bytes a second, in tenths. */
static void sip(struct run *r)
{
	char bytes[100];
	ssize_t n = read(r->master, bytes, sizeof bytes);

	if (n > 0)
		terminal_feed(r->terminal, bytes, (size_t) n);
	usleep(100000);
}

static void job_slow(void)
{
	static const char *const arguments[] = { "-d", "0.2", "header_keeper", "shop", NULL };
	struct run r = actop(arguments, "q quit");
	char now[16], before[16] = "";
	int seen = 0, tenths;

	for (tenths = 0; tenths < 200; tenths++) {
		sip(&r);
		clock_of(&r, now);
		seen += strcmp(now, before) != 0;
		strcpy(before, now);
	}
	say("slow", "1 kB/s, 5 samples a second, 20 s", "clocks seen", seen, "of 21", 0);
	run_type(&r, "2342");
	for (tenths = 0; tenths < 400 && !terminal_shows(r.terminal, "processes  by"); tenths++)
		sip(&r);
	say("slow", "1 kB/s", "four keys, to the last tab", tenths / 10.0, "s", 0);
	uint64_t start = run_now_us();
	settle(&r, 100);
	run_type(&r, "3");
	run_until_shows(&r, "schedulers");
	say("slow", "reader is back", "key to screen", (double) (run_now_us() - start) / 1000, "ms", 0);
	leave(&r);
}

/* ---- cost of a sample ---- */

/* Nanoseconds that a thread ran: the first field of its schedstat. */
static double ran_ms(pid_t pid, pid_t thread)
{
	char path[64];
	unsigned long long ns = 0;

	snprintf(path, sizeof path, "/proc/%d/task/%d/schedstat", (int) pid, (int) thread);
	FILE *in = fopen(path, "r");
	if (!in || fscanf(in, "%llu", &ns) != 1)
		printf("# %s cannot be read\n", path);
	if (in)
		fclose(in);
	return (double) ns / 1e6;
}

static void cost_of(const char *processes, const char *tab, double target)
{
	char demo[40], which[64];
	const char *arguments[] = { "--max-memory", "6G", "--tab", tab, demo, NULL };

	snprintf(demo, sizeof demo, "crowd:processes=%s", processes);
	snprintf(which, sizeof which, "%s processes, %s", processes, tab);
	struct run r = actop(arguments, "q quit");
	watch(&r, 12000000);            /* all of them are started, the first samples are over */
	double before = ran_ms(r.pid, r.pid);
	watch(&r, 20000000);
	double each = (ran_ms(r.pid, r.pid) - before) / 20;
	say("cost", which, "thread's time a sample", each, "ms", target);
	say("cost", which, "share of a core at 1 Hz", each / 10, "%", strcmp(processes, "100000") ? 0 : 1);
	leave(&r);
}

static void job_cost(void)
{
	cost_of("1000", "processes", 0);
	cost_of("100000", "processes", 2);
	cost_of("100000", "applications", 2);
	cost_of("1000000", "processes", 20);
	cost_of("1000000", "applications", 20);
}

/* ---- all ---- */

static const struct { const char *name; void (*run)(void); } jobs[] = {
	{ "first", job_first }, { "keys", job_keys }, { "busy", job_busy }, { "crowd", job_crowd }, { "bytes", job_bytes },
	{ "stall", job_stall }, { "slow", job_slow }, { "cost", job_cost },
};

int main(int argc, char **argv)
{
	struct terminal *probe = terminal_new(1, 1);

	if (!probe || access(run_program(), X_OK)) {
		printf("# nothing measured: no libvterm, or no program at %s\n", run_program());
		return 0;
	}
	terminal_free(probe);
	for (size_t i = 0; i < sizeof jobs / sizeof *jobs; i++) {
		bool is_wanted = argc < 2;
		for (int k = 1; k < argc; k++)
			is_wanted |= !strcmp(argv[k], jobs[i].name);
		if (is_wanted)
			jobs[i].run();
	}
	return 0;
}
