/*
<<<<<<< HEAD
 * main - the composition root: the only file of the front end that knows the runtime and the demos.
 *
 *   options ─▶ world ─▶ applications ─▶ source ─▶ batch or screen
 *
 * Exit status: 0 ok, 1 run-time failure, 2 usage or configuration (one line on stderr), 128 + n by signal n.
 */
#include <errno.h>
#include <stdio.h>
=======
 * main - the composition root: options in; runtime, demos, source and front end wired together.
 *
 *   options ─▶ world ─▶ source ─▶ demos started, --at planned ─▶ screen or batch ─▶ source closed, world stopped
 *
 * The one file of the front end that knows the runtime's other doors and the catalogue.
 */
#include <errno.h>
#include <signal.h>
>>>>>>> model
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "demo/catalogue.h"
<<<<<<< HEAD
#include "runtime/runtime.h"
#include "runtime/source.h"
#include "tui/actions.h"
#include "tui/batch.h"
#include "tui/options.h"
#include "tui/ui.h"

enum { STATUS_FAILED = 1, STATUS_USAGE = 2 };

/* ---- The catalogue, as the front end sees it ------------------------------------------------------------------ */

static void copy_knob(struct snap_knob *to, const struct knob *k)
{
	*to = (struct snap_knob) { .least = k->least, .most = k->most, .start = k->start, .value = k->start };
	snprintf(to->key, sizeof to->key, "%s", k->key);
	snprintf(to->unit, sizeof to->unit, "%s", k->unit);
	snprintf(to->help, sizeof to->help, "%s", k->help);
	for (; k->words && to->word_count < sizeof to->words / sizeof to->words[0] && k->words[to->word_count]; to->word_count++)
		snprintf(to->words[to->word_count], sizeof to->words[0], "%s", k->words[to->word_count]);
}

static struct demo_facts facts_of(const struct application *a)
{
	static const struct card no_card;
	const struct card *c = a->card ? a->card : &no_card;
	struct snap_knob *knobs = calloc(a->knob_count ? a->knob_count : 1, sizeof *knobs);
	for (size_t i = 0; knobs && i < a->knob_count; i++)
		copy_knob(&knobs[i], &a->knobs[i]);
	return (struct demo_facts) { .name = a->name, .title = c->title, .claim = c->claim, .gc_helps = c->gc_helps, .culprit = c->culprit,
		.finding = c->finding, .story = c->story, .tree = c->tree, .press = c->press, .see = c->see, .cure = c->cure, .otp = c->otp,
		.knobs = knobs, .knob_count = knobs ? a->knob_count : 0 };
}

static struct demo_catalogue read_catalogue(void)
{
	struct demo_facts *facts = calloc(demo_catalogue_count, sizeof *facts);
	for (size_t i = 0; facts && i < demo_catalogue_count; i++)
		facts[i] = facts_of(demo_catalogue[i]);
	return (struct demo_catalogue) { facts, facts ? demo_catalogue_count : 0 };
}

static void release_catalogue(struct demo_catalogue *c)
{
	for (size_t i = 0; i < c->count; i++)
		free((void *) c->demos[i].knobs);
	free((void *) c->demos);
}

/* ---- A world with its applications -------------------------------------------------------------------------------- */

static bool read_worlds(struct switches *s)
{
	const char *where = "";
	switches_init(s);
	if (switches_parse(s, getenv("ACTOP_WORLD"), &where))
		return true;
	fprintf(stderr, "actop: ACTOP_WORLD: unknown word at \"%s\"\n", where);
	return false;
}

static struct world *start_world(const struct options *o, const struct switches *switches)
{
	bool deterministic = o->is_deterministic || switches->det;
	struct world_options w = { .seed = o->seed, .deterministic = deterministic, .schedulers = o->schedulers, .switches = *switches,
		.max_memory = o->max_memory ? o->max_memory : world_default_ceiling(deterministic) };
	return world_start(&w);
}

/* The second wish for the same demo runs as its second instance. */
static unsigned instance_of(const struct options *o, size_t i)
{
	unsigned instance = 0;
	for (size_t before = 0; before < i; before++)
		instance += strcmp(o->demos[before].demo->name, o->demos[i].demo->name) == 0;
	return instance;
=======
#include "runtime/observe/observe.h"
#include "runtime/runtime.h"
#include "tui/batch.h"
#include "tui/model/util.h"
#include "tui/options.h"
#include "tui/ui.h"

enum { EXIT_RUN_TIME = 1, EXIT_USAGE = 2 };

static int fail(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));

static int fail(int status, const char *format, ...)
{
	va_list arguments;

	fputs("actop: ", stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	return status;
}

/* ---- what the options may know of the demos ---- */

static void knob_facts(struct snap_knob *to, const struct knob *k)
{
	util_print(to->key, sizeof to->key, "%s", k->key);
	util_print(to->unit, sizeof to->unit, "%s", k->unit ? k->unit : "");
	util_print(to->help, sizeof to->help, "%s", k->help ? k->help : "");
	to->least = k->least;
	to->most = k->most;
	to->start = to->value = k->start;
	for (size_t i = 0; k->words && k->words[i] && i < UTIL_LENGTH(to->words); i++) {
		util_print(to->words[i], sizeof to->words[i], "%s", k->words[i]);
		to->word_count = (uint8_t) (i + 1);
	}
}

static struct demo_facts demo_facts(const struct application *a)
{
	struct snap_knob *knobs = util_new(a->knob_count, sizeof *knobs);
	const struct card *c = a->card;

	for (size_t i = 0; i < a->knob_count; i++)
		knob_facts(&knobs[i], &a->knobs[i]);
	return (struct demo_facts) { .name = a->name, .title = c->title, .claim = c->claim, .gc_helps = c->gc_helps,
		.culprit = c->culprit, .finding = c->finding, .story = c->story, .tree = c->tree, .press = c->press, .see = c->see,
		.cure = c->cure, .otp = c->otp, .knobs = knobs, .knob_count = a->knob_count };
}

static struct demo_catalogue catalogue_new(void)
{
	struct demo_facts *facts = util_new(demo_catalogue_count, sizeof *facts);

	for (size_t i = 0; i < demo_catalogue_count; i++)
		facts[i] = demo_facts(demo_catalogue[i]);
	return (struct demo_catalogue) { facts, demo_catalogue_count };
}

static void catalogue_free(const struct demo_catalogue *k)
{
	for (size_t i = 0; i < k->count; i++)
		free((void *) (uintptr_t) k->demos[i].knobs);
	free((void *) (uintptr_t) k->demos);
}

/* ---- the world ---- */

static bool start_world(const struct options *o, struct world **out, int *status)
{
	struct world_options w = { .seed = o->seed, .deterministic = o->is_deterministic, .schedulers = o->schedulers,
		.max_memory = o->max_memory };
	const char *where = NULL;

	switches_init(&w.switches);
	if (!switches_parse(&w.switches, getenv("ACTOP_WORLD"), &where)) {
		*status = fail(EXIT_USAGE, "ACTOP_WORLD: unknown word at \"%.40s\"", where);
		return false;
	}
	if (w.switches.det) {
		w.deterministic = true;
		w.seed = w.switches.det_seed;
	}
	if (w.deterministic)
		w.schedulers = 1;
	if (!w.max_memory)
		w.max_memory = world_default_ceiling(w.deterministic);
	*out = world_start(&w);
	if (!*out)
		*status = fail(EXIT_RUN_TIME, "no memory for a world");
	return *out != NULL;
}

/* The n-th wish for the same demo is its n-th instance. */
static unsigned instance_of(const struct options *o, size_t at)
{
	unsigned before = 0;

	for (size_t i = 0; i < at; i++)
		before += o->demos[i].demo == o->demos[at].demo;
	return before ? before + 1 : 0;
>>>>>>> model
}

static bool start_demos(struct world *w, const struct options *o)
{
<<<<<<< HEAD
	static const char *const newcomers[] = { "shop", "header_keeper" };
	for (size_t i = 0; o->demo_count == 0 && i < sizeof newcomers / sizeof *newcomers; i++)
		if (!application_start(w, demo_find(newcomers[i]), 0, NULL, NULL, 0))
			return false;
	for (size_t i = 0; i < o->demo_count; i++) {
		const struct demo_wish *wish = &o->demos[i];
		if (!application_start(w, demo_find(wish->demo->name), instance_of(o, i), wish->keys, wish->values, wish->knob_count))
			return false;
	}
	return true;
}

static void schedule_actions(struct source *source, const struct options *o)
{
	for (size_t i = 0; i < o->action_count; i++) {
		const struct at_wish *wish = &o->actions[i];
		struct command c = { .kind = wish->kind, .subject = wish->target, .text = wish->key, .value = wish->value, .estimate = SNAP_UNKNOWN };
		source->at(source, wish->time_us, &c);
	}
}

static int run_screen(const struct options *o, struct source *source)
{
	struct ui_options u = { .source = source, .theme = o->theme, .tab = o->is_tab_given ? o->tab : NULL, .sort = o->sort, .filter = o->filter,
		.columns = o->columns, .script = o->script, .colours = o->color == COLOR_NEVER ? 0 : o->color == COLOR_ALWAYS ? 256 : -1,
		.is_ascii = o->is_ascii, .is_read_only = o->is_read_only, .is_linear = o->is_linear, .is_presenting = o->is_presenting,
		.use_mouse = !o->no_mouse, .interval_us = (uint64_t) (o->interval_s * 1e6) };
	return ui_run(&u);
}

static int observe(const struct options *o, struct world *w)
{
	struct source *source = world_observe(w, demo_catalogue, (uint64_t) (o->interval_s * 1e6));
	if (!start_demos(w, o)) {
		fprintf(stderr, "actop: an application could not be started\n");
		source->close(source);
		return STATUS_FAILED;
	}
	schedule_actions(source, o);
	int status = o->mode == RUN_BATCH ? batch_run(o, source, stdout, stderr) : run_screen(o, source);
	source->close(source);
=======
	static const char *const at_first[] = { "shop", "header_keeper" };

	for (size_t i = 0; i < o->demo_count; i++) {
		const struct demo_wish *d = &o->demos[i];

		if (!application_start(w, demo_find(d->demo->name), instance_of(o, i), d->keys, d->values, d->knob_count))
			return false;
	}
	for (size_t i = 0; !o->demo_count && i < UTIL_LENGTH(at_first); i++)
		if (!application_start(w, demo_find(at_first[i]), 0, NULL, NULL, 0))
			return false;
	return true;
}

static void plan_actions(struct source *s, const struct options *o)
{
	for (size_t i = 0; i < o->action_count; i++) {
		const struct at_wish *a = &o->actions[i];
		struct command c = { .kind = a->kind, .value = a->value, .estimate = SNAP_UNKNOWN, .subject = a->target,
			.text = a->kind == COMMAND_KNOB ? a->key : a->kind == COMMAND_EXIT ? "kill" : NULL };

		s->at(s, a->time_us, &c);
	}
}

/* ---- a run ---- */

static struct ui_options screen_options(const struct options *o, struct source *s)
{
	struct ui_options u = { .source = s, .theme = o->theme, .tab = o->is_tab_given ? o->tab : NULL, .sort = o->sort,
		.filter = o->filter, .columns = o->columns, .script = o->script, .colours = -1, .is_ascii = o->is_ascii,
		.is_read_only = o->is_read_only, .is_linear = o->is_linear, .is_presenting = o->is_presenting,
		.use_mouse = !o->no_mouse, .interval_us = (uint64_t) (o->interval_s * 1e6 + 0.5) };
	const char *no_color = getenv("NO_COLOR");

	if (o->color == COLOR_NEVER || (o->color == COLOR_AUTO && no_color && *no_color))
		u.colours = 0;
	else if (o->color == COLOR_ALWAYS)
		u.colours = 256;
	return u;
}

static int watch(struct world *w, const struct options *o)
{
	const struct application **all = util_new(demo_catalogue_count + 1, sizeof *all);
	struct observe_options observe = { .catalogue = all, .interval_us = (uint64_t) (o->interval_s * 1e6 + 0.5) };
	struct source *s;
	int status;

	memcpy(all, demo_catalogue, demo_catalogue_count * sizeof *all);
	s = observe_open(w, &observe);
	if (!s || !start_demos(w, o)) {
		status = fail(EXIT_RUN_TIME, s ? "a demo cannot be started" : "no memory for the observer");
	} else {
		plan_actions(s, o);
		if (o->mode == RUN_BATCH) {
			status = batch_run(o, s, stdout, stderr);
		} else {
			struct ui_options u = screen_options(o, s);

			status = ui_run(&u);
		}
	}
	if (s)
		s->close(s);
	free(all);
>>>>>>> model
	return status;
}

static int run(const struct options *o)
{
<<<<<<< HEAD
	struct switches switches;
	if (!read_worlds(&switches))
		return STATUS_USAGE;
	if (o->mode == RUN_SCREEN)
		ui_block_signals();
	struct world *w = start_world(o, &switches);
	if (!w) {
		fprintf(stderr, "actop: no memory for a world\n");
		return STATUS_FAILED;
	}
	int status = observe(o, w);
=======
	struct world *w;
	int status;

	if (o->mode == RUN_SCREEN)
		ui_block_signals();     /* before the first thread, so that every thread inherits it */
	if (!start_world(o, &w, &status))
		return status;
	status = watch(w, o);
>>>>>>> model
	world_stop(w);
	return status;
}

<<<<<<< HEAD
/* ---- Doors ---------------------------------------------------------------------------------------------------------- */

static int unknown(const char *what, const char *name)
{
	fprintf(stderr, "actop: no such %s: %s\n", what, name);
	return STATUS_USAGE;
}

static int act(const struct options *o, const struct demo_catalogue *catalogue)
{
	switch (o->mode) {
	case RUN_HELP: options_print_help(stdout); return 0;
	case RUN_VERSION: printf("actop %s\n", PACKAGE_VERSION); return 0;
	case RUN_LIST_DEMOS: options_print_demos(stdout, catalogue); return 0;
	case RUN_EXPLAIN: return options_print_card(stdout, catalogue, o->argument) ? 0 : unknown("demo", o->argument);
	case RUN_DUMP_CONFIG: options_print_config(stdout, o); return 0;
	case RUN_MAN: options_print_man(stdout); return 0;
	case RUN_COMPLETION: return options_print_completion(stdout, o->argument, catalogue) ? 0 : unknown("shell", o->argument);
	case RUN_SCREEN: case RUN_BATCH: break;
	}
	return run(o);
=======
static int print_only(const struct options *o)
{
	switch (o->mode) {
	case RUN_HELP: options_print_help(stdout); break;
	case RUN_VERSION: puts("actop " PACKAGE_VERSION); break;
	case RUN_LIST_DEMOS: options_print_demos(stdout, o->catalogue); break;
	case RUN_EXPLAIN: options_print_card(stdout, o->catalogue, o->argument); break;
	case RUN_DUMP_CONFIG: options_print_config(stdout, o); break;
	case RUN_MAN: options_print_man(stdout); break;
	case RUN_COMPLETION: options_print_completion(stdout, o->argument, o->catalogue); break;
	case RUN_SCREEN: case RUN_BATCH: break;
	}
	return 0;
}

/* What was printed must have got out; a reader who left early is no failure. */
static int close_output(int status)
{
	errno = 0;
	if (fclose(stdout) == 0 || errno == EPIPE || status)
		return status;
	return fail(EXIT_RUN_TIME, "cannot write: %s", strerror(errno));
>>>>>>> model
}

int main(int argc, char **argv)
{
<<<<<<< HEAD
	struct options o;
	char error[256] = "";
	struct demo_catalogue catalogue = read_catalogue();
	int status = STATUS_USAGE;
	if (options_read(&o, argc, argv, &catalogue, isatty(STDOUT_FILENO), error, sizeof error))
		status = act(&o, &catalogue);
	else
		fprintf(stderr, "actop: %s\n", error);
	options_release(&o);
	release_catalogue(&catalogue);
	if (fflush(stdout) != 0 && errno != EPIPE && status == 0)
		status = STATUS_FAILED;
	return status;
=======
	struct demo_catalogue catalogue = catalogue_new();
	struct options o;
	char why[300];
	int status;

	signal(SIGPIPE, SIG_IGN);
	if (!options_read(&o, argc, argv, &catalogue, isatty(STDOUT_FILENO), why, sizeof why))
		status = fail(EXIT_USAGE, "%s", why);
	else if (o.mode == RUN_SCREEN || o.mode == RUN_BATCH)
		status = run(&o);
	else
		status = print_only(&o);
	options_release(&o);
	catalogue_free(&catalogue);
	return close_output(status);
>>>>>>> model
}
