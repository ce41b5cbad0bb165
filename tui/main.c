/*
 * main - the composition root: the only file of the front end that knows the runtime and the demos.
 *
 *   options ─▶ world ─▶ applications ─▶ source ─▶ batch or screen
 *
 * Exit status: 0 ok, 1 run-time failure, 2 usage or configuration (one line on stderr), 128 + n by signal n.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "demo/catalogue.h"
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
}

static bool start_demos(struct world *w, const struct options *o)
{
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
	return status;
}

static int run(const struct options *o)
{
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
	world_stop(w);
	return status;
}

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
}

int main(int argc, char **argv)
{
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
}
