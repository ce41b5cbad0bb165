/*
 * main - the composition root: options in; runtime, demos, source and front end wired together.
 *
 *   options ─▶ world ─▶ source ─▶ demos started, --at planned ─▶ screen or batch ─▶ source closed, world stopped
 *
 * The one file of the front end that knows the runtime's other doors and the catalogue.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "demo/catalogue.h"
#include "runtime/observe/observe.h"
#include "runtime/runtime.h"
#include "tui/actions.h"
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

/* An application need not have a card, nor a card all its paragraphs. */
static const char *said(const char *text) { return text ? text : ""; }

static struct demo_facts demo_facts(const struct application *a)
{
	struct snap_knob *knobs = util_new(a->knob_count, sizeof *knobs);
	static const struct card blank = { 0 };
	const struct card *c = a->card ? a->card : &blank;

	for (size_t i = 0; i < a->knob_count; i++)
		knob_facts(&knobs[i], &a->knobs[i]);
	return (struct demo_facts) { .name = a->name, .title = said(c->title), .claim = said(c->claim), .gc_helps = said(c->gc_helps),
		.culprit = said(c->culprit), .finding = said(c->finding), .story = said(c->story), .tree = said(c->tree),
		.press = said(c->press), .see = said(c->see), .cure = said(c->cure), .otp = said(c->otp), .knobs = knobs,
		.knob_count = a->knob_count };
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
}

static bool start_demos(struct world *w, const struct options *o)
{
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
	return status;
}

static int run(const struct options *o)
{
	struct world *w;
	int status;

	if (o->mode == RUN_SCREEN)
		ui_block_signals();     /* before the first thread, so that every thread inherits it */
	if (!start_world(o, &w, &status))
		return status;
	status = watch(w, o);
	world_stop(w);
	return status;
}

static int print_only(const struct options *o)
{
	switch (o->mode) {
	case RUN_HELP: options_print_help(stdout); break;
	case RUN_VERSION: puts("actop " PACKAGE_VERSION); break;
	case RUN_LIST_DEMOS: options_print_demos(stdout, o->catalogue); break;
	case RUN_EXPLAIN: options_print_card(stdout, o->catalogue, o->argument); break;
	case RUN_DUMP_CONFIG: options_print_config(stdout, o); break;
	case RUN_MAN: options_print_man(stdout); actions_print_man(stdout); break;
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
}

int main(int argc, char **argv)
{
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
}
