/*
 * replay [--verbose] [--events] [--schedulers N] PATH... - see replay.h. Reads any rows.jsonl, or folders of them.
 *
 *   mechanism/case   match N differ N skipped N
 *   ...
 *   total match N differ N skipped N
 *
 * Exit status 0: no row differs and none was skipped; 1 otherwise; 2 usage.
 */
#include "tests/replay.h"

#include <fts.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct score {
	char name[96];
	uint64_t count[3];              /* by enum verdict */
};

struct tally {
	struct score *scores;
	size_t count, room;
	struct replay_options options;
	uint64_t rows, tenth;
	bool takes_tenth;
};

static struct score *score_of(struct tally *t, const char *name)
{
	for (size_t i = 0; i < t->count; i++)
		if (strcmp(t->scores[i].name, name) == 0)
			return &t->scores[i];
	if (t->count == t->room) {
		t->room = t->room ? 2 * t->room : 64;
		t->scores = realloc(t->scores, t->room * sizeof *t->scores);
		CHECK(t->scores, "no memory for %zu cases", t->room);
	}
	struct score *s = &t->scores[t->count++];
	memset(s, 0, sizeof *s);
	snprintf(s->name, sizeof s->name, "%s", name);
	return s;
}

static const char *text_of(const json_t *o, const char *key)
{
	const char *text = json_string_value(json_object_get(o, key));
	return text ? text : "";
}

static void print_events(const struct run *r)
{
	printf("%s\n", text_of(r->row, "id"));
	for (size_t i = 0; i < json_array_size(r->events); i++) {
		char *text = json_dumps(json_array_get(r->events, i), JSON_COMPACT);
		printf("    %s\n", text);
		free(text);
	}
}

static enum verdict play(const json_t *row, const struct replay_options *o)
{
	struct run r;
	const char *why = NULL;
	if (!run_row(&r, row, o, &why)) {
		printf("skipped %s: unknown: %s\n", text_of(row, "id"), why);
		return ROW_SKIPPED;
	}
	if (o->events)
		print_events(&r);
	enum verdict v = compare_row(&r, o);
	run_release(&r);
	return v;
}

static void take_row(struct tally *t, const char *line, const char *path, size_t number)
{
	json_error_t error;
	json_t *row = json_loads(line, 0, &error);
	if (!json_is_object(row)) {
		fprintf(stderr, "replay: %s:%zu: %s\n", path, number, row ? "a row is an object" : error.text);
		exit(1);
	}
	if (!t->takes_tenth || (t->rows + t->tenth) % 10 == 0) {
		char name[96];
		snprintf(name, sizeof name, "%s/%s", text_of(row, "mechanism"), text_of(row, "case"));
		score_of(t, name)->count[play(row, &t->options)]++;
	}
	t->rows++;
	json_decref(row);
}

static void take_file(struct tally *t, const char *path)
{
	FILE *f = fopen(path, "r");
	char *line = NULL;
	size_t room = 0, number = 0;
	if (!f) {
		perror(path);
		exit(1);
	}
	while (getline(&line, &room, f) > 0)
		take_row(t, line, path, ++number);
	free(line);
	fclose(f);
}

static int by_name(const FTSENT **a, const FTSENT **b) { return strcmp((*a)->fts_name, (*b)->fts_name); }

static bool holds_rows(const FTSENT *e)
{
	size_t n = strlen(e->fts_name);
	return e->fts_info == FTS_F && (e->fts_level == 0 || (n > 6 && strcmp(e->fts_name + n - 6, ".jsonl") == 0));
}

/* Files named *.jsonl below folders, in order of their names; a file that was named is taken whatever its name. */
static void take_paths(struct tally *t, char *const *paths)
{
	FTS *walk = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
	CHECK(walk, "no memory for a walk");
	for (FTSENT *e; (e = fts_read(walk));) {
		if (e->fts_info == FTS_NS || e->fts_info == FTS_ERR || e->fts_info == FTS_DNR) {
			fprintf(stderr, "replay: %s: %s\n", e->fts_path, strerror(e->fts_errno));
			exit(1);
		}
		if (holds_rows(e))
			take_file(t, e->fts_path);
	}
	fts_close(walk);
}

static int print(const struct tally *t)
{
	struct score total = { .name = "total" };
	for (size_t i = 0; i < t->count; i++) {
		const struct score *s = &t->scores[i];
		printf("%s match %lu differ %lu skipped %lu\n", s->name, s->count[ROW_MATCHES], s->count[ROW_DIFFERS], s->count[ROW_SKIPPED]);
		for (int v = 0; v < 3; v++)
			total.count[v] += s->count[v];
	}
	printf("total match %lu differ %lu skipped %lu\n", total.count[ROW_MATCHES], total.count[ROW_DIFFERS], total.count[ROW_SKIPPED]);
	return total.count[ROW_DIFFERS] || total.count[ROW_SKIPPED] ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* Worlds that collect or place differently by design: their blocks are not the BEAM's. */
static bool world_has_other_policy(void)
{
	struct switches s;
	const char *where = "";
	switches_init(&s);
	if (!switches_parse(&s, getenv("ACTOP_WORLD"), &where)) {
		fprintf(stderr, "replay: ACTOP_WORLD: unknown word at \"%s\"\n", where);
		exit(2);
	}
	return s.gc_stress || s.force_frags || s.chaos || s.fail_type >= 0;
}

static void usage(void)
{
	fprintf(stderr, "usage: replay [--verbose] [--events] [--schedulers N] PATH...\n");
	exit(2);
}

int main(int argc, char **argv)
{
	static const struct option options[] = { { "verbose", no_argument, NULL, 'v' }, { "events", no_argument, NULL, 'e' },
		{ "schedulers", required_argument, NULL, 's' }, { 0 } };
	struct tally t = { .options = { .other_policy = world_has_other_policy() } };
	for (int o; (o = getopt_long(argc, argv, "v", options, NULL)) != -1;) {
		if (o == 'v')
			t.options.verbose = true;
		else if (o == 'e')
			t.options.events = true;
		else if (o == 's' && atoi(optarg) > 0)
			t.options.schedulers = (unsigned) atoi(optarg);
		else
			usage();
	}
	if (optind == argc)
		usage();
	if (getenv("ACTOP_TENTH")) {
		t.takes_tenth = true;
		t.tenth = strtoull(getenv("ACTOP_TENTH"), NULL, 0);
	}
	if (t.options.other_policy)
		printf("this world changes blocks by design: sizes of terms and tables, ends, and the verifier are looked at\n");
	take_paths(&t, argv + optind);
	int status = print(&t);
	free(t.scores);
	return status;
}
