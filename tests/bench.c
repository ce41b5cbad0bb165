/*
 * bench - the main program: runs jobs, each run of each in a child, and puts their raw lines together.
 *
 *   bench [--raw] [--filter RE] [--runs N] [--vs-beam] [--check]
 *
 * --raw: one line for each result as it comes. Else medians over the runs, least and most. --vs-beam: after each run of a
 * job the Erlang program does the same, so that both meet the same disturbances; ratios are of medians, by
 * processor time where one scheduler does the work, else by the wall. --check: those beside the targets.
 */
#include "tests/bench.h"

#include <getopt.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOST_RUNS 31
#define MOST_LINES 8                    /* that one job prints */

struct options { bool raw, vs_beam, check, has_filter; regex_t filter; unsigned runs; };

/* One result over the runs: name|{params} and the figures. */
struct result {
	char head[600];
	char rest[MOST_RUNS][400];
	unsigned count;
};

struct results { struct result lines[MOST_LINES]; unsigned count; };

static const struct job *const tables[] = { bench_mail_jobs, bench_life_jobs, bench_memory_jobs, bench_machine_jobs };

/* ---- Running --------------------------------------------------------------------------------------------------------- */

static void run_job(const struct job *job)
{
	struct run r = { .job = job, .n = job->n, .m = job->m, .kind = job->kind };
	struct world_options o = { .seed = 1, .schedulers = job->schedulers };
	switches_init(&o.switches);
	sem_init(&r.done, 0, 0);
	r.world = world_start(&o);
	CHECK(r.world, "no memory for a world");
	job->run(&r);
	fflush(stdout);
	_exit(0);
}

/* The output of a child that runs the job, or the Erlang program. */
static FILE *start(const struct job *job, const char *command, pid_t *child)
{
	int ends[2];
	CHECK(pipe(ends) == 0, "no pipe");
	fflush(stdout);
	*child = fork();
	CHECK(*child >= 0, "no process");
	if (*child == 0) {
		dup2(ends[1], STDOUT_FILENO);
		close(ends[0]);
		if (!command)
			run_job(job);
		execl("/bin/sh", "sh", "-c", command, (char *) NULL);
		_exit(127);
	}
	close(ends[1]);
	return fdopen(ends[0], "r");
}

static struct result *result_for(struct results *all, const char *head)
{
	for (unsigned i = 0; i < all->count; i++)
		if (strcmp(all->lines[i].head, head) == 0)
			return &all->lines[i];
	if (all->count == MOST_LINES)
		return NULL;
	struct result *r = &all->lines[all->count++];
	snprintf(r->head, sizeof r->head, "%s", head);
	return r;
}

static void take_line(struct results *all, char *line, const char *peer, bool raw)
{
	char *figures = strstr(line, "}|");
	line[strcspn(line, "\n")] = 0;
	if (!figures)
		return;
	if (raw) {
		printf("%s|%s\n", peer, line);
		fflush(stdout);
	}
	figures[1] = 0;
	struct result *r = result_for(all, line);
	if (r && r->count < MOST_RUNS)
		snprintf(r->rest[r->count++], sizeof r->rest[0], "%s", figures + 2);
}

static void run_once(const struct job *job, const char *command, const char *peer, struct results *all, bool raw)
{
	char line[600];
	pid_t child;
	int status;
	FILE *in = start(job, command, &child);
	while (fgets(line, sizeof line, in))
		take_line(all, line, peer, raw);
	fclose(in);
	waitpid(child, &status, 0);
	if (status != 0)
		fprintf(stderr, "bench: %s %s ended with status %d\n", peer, job->name, status);
}

/* ---- Figures --------------------------------------------------------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
	double x = *(const double *) a, y = *(const double *) b;
	return (x > y) - (x < y);
}

/* The figure `key` of all runs, sorted; how many there are. */
static unsigned figures_of(const struct result *r, const char *key, double *out)
{
	unsigned n = 0;
	size_t length = strlen(key);
	for (unsigned i = 0; i < r->count; i++)
		for (const char *at = r->rest[i]; at; at = strchr(at, ' ') ? strchr(at, ' ') + 1 : NULL)
			if (strncmp(at, key, length) == 0 && at[length] == '=')
				out[n++] = atof(at + length + 1);
	qsort(out, n, sizeof *out, compare);
	return n;
}

static double median(const struct result *r, const char *key)
{
	double values[MOST_RUNS];
	unsigned n = figures_of(r, key, values);
	return n ? values[n / 2] : 0;
}

static void print_medians(const struct result *r, const char *peer)
{
	double rates[MOST_RUNS];
	unsigned n = figures_of(r, "ops_per_s", rates);
	char keys[400], *save = NULL;
	printf("%-8s %-60s %12.6g /s  %.4g .. %.4g", peer, r->head, n ? rates[n / 2] : 0, n ? rates[0] : 0, n ? rates[n - 1] : 0);
	snprintf(keys, sizeof keys, "%s", r->count ? r->rest[0] : "");
	for (char *key = strtok_r(keys, " ", &save); key; key = strtok_r(NULL, " ", &save)) {
		key[strcspn(key, "=")] = 0;
		if (strcmp(key, "ops_per_s") != 0)
			printf("  %s %.6g", key, median(r, key));
	}
	printf("\n");
}

/* Ratios of the medians, and the least and most that runs of the two could give. */
static void print_ratio(const struct job *job, const struct result *ours, const struct result *beam, bool check)
{
	const char *key = job->schedulers == 1 ? "ops_per_cpu_s" : "ops_per_s";
	double a[MOST_RUNS], b[MOST_RUNS];
	unsigned n = figures_of(ours, key, a), m = figures_of(beam, key, b);
	if (n == 0 || m == 0 || b[0] <= 0)
		return;
	double ratio = a[n / 2] / b[m / 2];
	printf("ratio    %-60s %8.2f  %.2f .. %.2f  by %s, %u runs", ours->head, ratio, a[0] / b[m - 1], a[n - 1] / b[0],
		job->schedulers == 1 ? "processor time" : "wall time", n);
	if (check && job->target > 0)
		printf("  target %.1f: %s", job->target, ratio >= job->target ? "met" : "MISSED");
	printf("\n");
}

static void print_limit(const struct job *job, const struct result *r)
{
	if (!job->most_key || !strstr(r->head, job->name))
		return;
	double value = median(r, job->most_key);
	printf("limit    %-60s %s %.4g  target <= %.4g: %s\n", r->head, job->most_key, value, job->most, value <= job->most ? "met" : "MISSED");
}

/* ---- The Erlang program --------------------------------------------------------------------------------------------------- */

static void beam_command(const struct job *job, const char *folder, char *out, size_t size)
{
	snprintf(out, size, "erl +S %u:%u +P 3000000 -noshell -pa '%s' -run bench main %s", job->schedulers, job->schedulers, folder, job->beam);
}

/* Compiles it into a folder of its own; false: there is no Erlang here. */
static bool prepare_beam(char *folder)
{
	char command[1200];
	if (!mkdtemp(folder))
		return false;
	snprintf(command, sizeof command, "command -v erl >/dev/null && erlc -o '%s' '%s/bench.erl'", folder, BENCH_BEAM);
	return system(command) == 0;
}

static void remove_folder(const char *folder)
{
	char command[600];
	snprintf(command, sizeof command, "rm -f '%s'/bench.beam && rmdir '%s'", folder, folder);
	if (system(command) != 0)
		fprintf(stderr, "bench: %s stays behind\n", folder);
}

/* ---- Jobs ------------------------------------------------------------------------------------------------------------------ */

static void report(const struct job *job, const struct options *o, const struct results *ours, const struct results *beam)
{
	if (o->raw)
		return;
	for (unsigned i = 0; i < ours->count; i++)
		print_medians(&ours->lines[i], "actop");
	for (unsigned i = 0; i < beam->count; i++)
		print_medians(&beam->lines[i], "beam");
	for (unsigned i = 0; i < ours->count && i < beam->count; i++)
		print_ratio(job, &ours->lines[i], &beam->lines[i], o->check);
	for (unsigned i = 0; o->check && i < ours->count; i++)
		print_limit(job, &ours->lines[i]);
	fflush(stdout);
}

static void do_job(const struct job *job, const struct options *o, const char *folder)
{
	static const struct results none;
	struct results *ours = malloc(2 * sizeof *ours), *beam = ours + 1;
	char peer[20], beam_peer[20], command[500];
	*ours = *beam = none;
	snprintf(peer, sizeof peer, "actop/%u", job->schedulers);
	snprintf(beam_peer, sizeof beam_peer, "beam+S%u", job->schedulers);
	if (folder && job->beam)
		beam_command(job, folder, command, sizeof command);
	for (unsigned i = 0; i < o->runs; i++) {
		run_once(job, NULL, peer, ours, o->raw);
		if (folder && job->beam)
			run_once(job, command, beam_peer, beam, o->raw);
	}
	report(job, o, ours, beam);
	free(ours);
}

static void usage(void)
{
	fprintf(stderr, "usage: bench [--raw] [--filter RE] [--runs N] [--vs-beam] [--check]\n");
	exit(2);
}

static void set_filter(struct options *o, const char *text)
{
	if (regcomp(&o->filter, text, REG_EXTENDED | REG_NOSUB) != 0) {
		fprintf(stderr, "bench: --filter: not an extended regular expression: %s\n", text);
		exit(2);
	}
	o->has_filter = true;
}

static void read_options(int argc, char **argv, struct options *o)
{
	static const struct option names[] = { { "raw", no_argument, NULL, 'r' }, { "filter", required_argument, NULL, 'f' },
		{ "runs", required_argument, NULL, 'n' }, { "vs-beam", no_argument, NULL, 'b' }, { "check", no_argument, NULL, 'c' }, { NULL, 0, NULL, 0 } };
	for (int c; (c = getopt_long(argc, argv, "", names, NULL)) != -1;)
		switch (c) {
		case 'r': o->raw = true; break;
		case 'f': set_filter(o, optarg); break;
		case 'n': o->runs = (unsigned) atoi(optarg); break;
		case 'b': o->vs_beam = true; break;
		case 'c': o->check = o->vs_beam = true; break;
		default: usage();
		}
	if (optind < argc || o->runs > MOST_RUNS)
		usage();
	if (o->runs == 0)
		o->runs = o->raw ? 1 : 5;
}

int main(int argc, char **argv)
{
	struct options o = { .runs = 0 };
	char folder[] = "/tmp/bench.XXXXXX";
	read_options(argc, argv, &o);
	bool has_beam = o.vs_beam && prepare_beam(folder);
	if (o.vs_beam && !has_beam)
		fprintf(stderr, "bench: no Erlang here: only our own figures\n");
	for (unsigned t = 0; t < ARRAY_COUNT(tables); t++)
		for (const struct job *job = tables[t]; job->name; job++)
			if (!o.has_filter || regexec(&o.filter, job->name, 0, NULL, 0) == 0)
				do_job(job, &o, has_beam ? folder : NULL);
	if (has_beam)
		remove_folder(folder);
	return 0;
}
