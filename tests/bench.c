/*
 * bench - the main program: runs jobs, each run of each in a child, and puts their raw lines together.
 *
 *   bench [--raw] [--filter RE] [--runs N] [--vs-beam] [--check]
 *
 * --filter: jobs, or lines of jobs, whose name matches. --raw: one line for each result as it comes. Else medians over the runs, least and most. --vs-beam: after each run of a
 * job the Erlang program does the same, so that both meet the same disturbances; ratios are of medians, by
 * processor time where one scheduler does the work, else by the wall. --check: those beside the targets, met or missed by how much.
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

/* What jobs gave that are done already. */
struct rate { char head[120]; double per_cpu_s; };
struct rates { struct rate each[100]; unsigned count; };

static const struct job *const tables[] = { bench_mail_jobs, bench_life_jobs, bench_memory_jobs, bench_scale_jobs, bench_machine_jobs };

/* Jobs of several lines: their names, and the targets of those after the first. */
static const struct several { const char *job, *kind, *lines; double later_targets[2]; } several[] = {
	{ "sweep", NULL, "sweep top10", { 0 } },
	{ "ets", "set", "ets_insert ets_lookup ets_update_counter", { 6, 6 } },
	{ "ets", "ordered_set", "ets_insert ets_lookup ets_update_counter", { 2.5 } },
};

/* Lines to be compared with one of our own. */
static const struct own { const char *head, *other; double least; } owns[] = {
	{ "many2one|{\"producers\":8,\"msgs\":10000000,\"schedulers\":1}", "many2one|{\"producers\":1,", 0.8 },
};

static const struct several *several_of(const struct job *job)
{
	for (unsigned i = 0; i < ARRAY_COUNT(several); i++)
		if (strcmp(several[i].job, job->name) == 0 && (!several[i].kind || strcmp(several[i].kind, job->kind) == 0))
			return &several[i];
	return NULL;
}

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

static bool is_wanted(const struct options *o, const char *name)
{
	return !o->has_filter || regexec(&o->filter, name, 0, NULL, 0) == 0;
}

static void take_line(struct results *all, char *line, const char *peer, const struct options *o)
{
	char *figures = strstr(line, "}|"), name[60];
	line[strcspn(line, "\n")] = 0;
	snprintf(name, sizeof name, "%.*s", (int) strcspn(line, "|"), line);
	if (!figures || !is_wanted(o, name))
		return;
	if (o->raw) {
		printf("%s|%s\n", peer, line);
		fflush(stdout);
	}
	figures[1] = 0;
	struct result *r = result_for(all, line);
	if (r && r->count < MOST_RUNS)
		snprintf(r->rest[r->count++], sizeof r->rest[0], "%s", figures + 2);
}

static void run_once(const struct job *job, const char *command, const char *peer, struct results *all, const struct options *o)
{
	char line[600];
	pid_t child;
	int status;
	FILE *in = start(job, command, &child);
	while (fgets(line, sizeof line, in))
		take_line(all, line, peer, o);
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

/* met, or missed by so many per cent of the target. */
static void print_verdict(double value, double target, bool at_least)
{
	double missed = at_least ? 1 - value / target : value / target - 1;
	if (missed <= 0)
		printf(": met\n");
	else
		printf(": MISSED by %.0f %%\n", 100 * missed);
}

/* One processor is one scheduler's: the targets are for that. */
static double target_of(const struct job *job, unsigned line)
{
	const struct several *more = several_of(job);
	if (line == 0)
		return job->target;
	return job->schedulers == 1 && more && line <= ARRAY_COUNT(more->later_targets) ? more->later_targets[line - 1] : 0;
}

/* Ratios of the medians, and the least and most that runs of the two could give. target 0: none, or not asked for. */
static void print_ratio(const struct job *job, const struct result *ours, const struct result *beam, double target)
{
	const char *key = job->schedulers == 1 ? "ops_per_cpu_s" : "ops_per_s";
	double a[MOST_RUNS], b[MOST_RUNS];
	unsigned n = figures_of(ours, key, a), m = figures_of(beam, key, b);
	if (n == 0 || m == 0 || b[0] <= 0)
		return;
	double ratio = a[n / 2] / b[m / 2];
	printf("ratio    %-60s %8.2f  %.2f .. %.2f  by %s, %u runs", ours->head, ratio, a[0] / b[m - 1], a[n - 1] / b[0],
		job->schedulers == 1 ? "processor time" : "wall time", n);
	if (target <= 0) {
		printf("\n");
		return;
	}
	printf("  target %.1f", target);
	print_verdict(ratio, target, true);
}

static void print_limit(const struct job *job, const struct result *r)
{
	double values[MOST_RUNS];
	unsigned n = job->most_key && strstr(r->head, job->name) == r->head ? figures_of(r, job->most_key, values) : 0;
	if (n == 0)
		return;
	printf("limit    %-60s %s %.4g  %.4g .. %.4g  target <= %.4g", r->head, job->most_key, values[n / 2], values[0], values[n - 1], job->most);
	print_verdict(values[n / 2], job->most, false);
}

static const struct rate *rate_of(const struct rates *rates, const char *head)
{
	for (unsigned i = 0; i < rates->count; i++)
		if (strncmp(rates->each[i].head, head, strlen(head)) == 0 && rates->each[i].per_cpu_s > 0)
			return &rates->each[i];
	return NULL;
}

/* Beside another job of our own, which ran before. */
static void print_own(const struct result *r, const struct rates *before)
{
	for (unsigned i = 0; i < ARRAY_COUNT(owns); i++) {
		const struct rate *other = strcmp(owns[i].head, r->head) == 0 ? rate_of(before, owns[i].other) : NULL;
		if (!other)
			continue;
		double part = median(r, "ops_per_cpu_s") / other->per_cpu_s;
		printf("own      %-60s %8.2f of %s  target %.2f", r->head, part, other->head, owns[i].least);
		print_verdict(part, owns[i].least, true);
	}
}

static void remember(struct rates *rates, const struct result *r)
{
	if (rates->count == ARRAY_COUNT(rates->each))
		return;
	struct rate *rate = &rates->each[rates->count++];
	snprintf(rate->head, sizeof rate->head, "%s", r->head);
	rate->per_cpu_s = median(r, "ops_per_cpu_s");
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

static void report(const struct job *job, const struct options *o, const struct results *ours, const struct results *beam, struct rates *rates)
{
	if (o->raw)
		return;
	for (unsigned i = 0; i < ours->count; i++)
		print_medians(&ours->lines[i], "actop");
	for (unsigned i = 0; i < beam->count; i++)
		print_medians(&beam->lines[i], "beam");
	for (unsigned i = 0; i < ours->count && i < beam->count; i++)
		print_ratio(job, &ours->lines[i], &beam->lines[i], o->check ? target_of(job, i) : 0);
	for (unsigned i = 0; o->check && i < ours->count; i++) {
		print_limit(job, &ours->lines[i]);
		print_own(&ours->lines[i], rates);
		remember(rates, &ours->lines[i]);
	}
	fflush(stdout);
}

static void do_job(const struct job *job, const struct options *o, const char *folder, struct rates *rates)
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
		run_once(job, NULL, peer, ours, o);
		if (folder && job->beam)
			run_once(job, command, beam_peer, beam, o);
	}
	report(job, o, ours, beam, rates);
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

static bool is_wanted_job(const struct options *o, const struct job *job)
{
	const struct several *more = several_of(job);
	char names[100], *save = NULL;
	snprintf(names, sizeof names, "%s", more ? more->lines : job->name);
	for (char *name = strtok_r(names, " ", &save); name; name = strtok_r(NULL, " ", &save))
		if (is_wanted(o, name))
			return true;
	return false;
}

int main(int argc, char **argv)
{
	static struct rates rates;
	struct options o = { .runs = 0 };
	char folder[] = "/tmp/bench.XXXXXX";
	read_options(argc, argv, &o);
	bool has_beam = o.vs_beam && prepare_beam(folder);
	if (o.vs_beam && !has_beam)
		fprintf(stderr, "bench: no Erlang here: only our own figures\n");
	for (unsigned t = 0; t < ARRAY_COUNT(tables); t++)
		for (const struct job *job = tables[t]; job->name; job++)
			if (is_wanted_job(&o, job))
				do_job(job, &o, has_beam ? folder : NULL, &rates);
	if (has_beam)
		remove_folder(folder);
	return 0;
}
