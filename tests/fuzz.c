/*
 * fuzz - plays rounds of fuzz_parts for so many seconds, each with a seed of its own.
 *
 *   tests/fuzz SECONDS [SEED]          all parts, by their weight
 *   tests/fuzz --round PART SEED       one round again, in this process: for a debugger
 *
 * Rounds run in a child, so that whatever ends it, a signal, a sanitizer or standing still, is seen from outside:
 * part and seed are printed with the command that plays the round again. Exit status: 0, or 1 when something was found.
 */
#include <locale.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/fuzz_parts.h"
#include "tests/pty.h"

#define ROUND_MOST_S 120                /* a round that takes longer stands still */

/* What the child is at, in memory that both see. */
struct log { volatile uint64_t seed, rounds[16]; volatile int part; };

static uint64_t seconds(void)
{
	return run_now_us() / 1000000;
}

static bool has_program(void)
{
	struct terminal *probe = terminal_new(1, 1);

	if (!probe)
		return false;
	terminal_free(probe);
	return access(run_program(), X_OK) == 0;
}

/* The part of round n: each comes as often as its weight says, in a fixed order. */
static size_t part_of(uint64_t n)
{
	size_t count;
	const struct fuzz_part *all = fuzz_parts(&count);
	unsigned sum = 0, at;

	for (size_t i = 0; i < count; i++)
		sum += all[i].weight;
	at = (unsigned) (n * 37 % sum);
	for (size_t i = 0; i < count; i++) {
		if (at < all[i].weight)
			return i;
		at -= all[i].weight;
	}
	return 0;
}

static void play(struct log *log, uint64_t seed, uint64_t end)
{
	size_t count;
	const struct fuzz_part *all = fuzz_parts(&count);
	bool plays_pty = has_program();

	for (uint64_t n = 0; seconds() < end; n++) {
		size_t part = part_of(n);
		if (!plays_pty && !strcmp(all[part].name, "pty"))
			continue;
		log->part = (int) part;
		log->seed = seed + n;
		alarm(ROUND_MOST_S);
		all[part].round(seed + n);
		log->rounds[part]++;
	}
	_exit(0);
}

static int report(const struct log *log, int status)
{
	size_t count;
	const struct fuzz_part *all = fuzz_parts(&count);

	for (size_t i = 0; i < count; i++)
		printf("%s%s %llu", i ? ", " : "rounds: ", all[i].name, (unsigned long long) log->rounds[i]);
	printf("\n");
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	printf("FOUND in part %s, seed %llu: %s %d\nagain: tests/fuzz --round %s %llu\n", all[log->part].name,
		(unsigned long long) log->seed, WIFSIGNALED(status) ? "signal" : "exit",
		WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status), all[log->part].name, (unsigned long long) log->seed);
	return 1;
}

static int play_one(const char *name, const char *seed)
{
	const struct fuzz_part *part = fuzz_part(name);

	if (!part) {
		fprintf(stderr, "fuzz: there is no part %s\n", name);
		return 2;
	}
	part->round(strtoull(seed, NULL, 10));
	return 0;
}

int main(int argc, char **argv)
{
	uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : (uint64_t) time(NULL) * 1000003;
	struct log *log = mmap(NULL, sizeof *log, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status;

	setlocale(LC_CTYPE, "C.UTF-8");
	setenv("ACTOP_CONFIG", "", 1);
	if (argc == 4 && !strcmp(argv[1], "--round"))
		return play_one(argv[2], argv[3]);
	if (argc < 2 || atoi(argv[1]) < 1 || log == MAP_FAILED) {
		fprintf(stderr, "usage: fuzz SECONDS [SEED] | fuzz --round PART SEED\n");
		return 2;
	}
	printf("fuzz: %s s, seed %llu\n", argv[1], (unsigned long long) seed);
	fflush(stdout);
	pid_t child = fork();
	if (child == 0)
		play(log, seed, seconds() + (uint64_t) atoi(argv[1]));
	waitpid(child, &status, 0);
	return report(log, status);
}
