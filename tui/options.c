#include "tui/options.h"
#include "tui/actions.h"
#include "tui/model/filter.h"
#include "tui/model/util.h"
#include "tui/widget/input.h"

#include <errno.h>
#include <getopt.h>
#include <ini.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- reading values ---- */

struct complaint { char *text; size_t size; };

static bool complain(const struct complaint *c, const char *format, ...) __attribute__((format(printf, 2, 3)));

static bool complain(const struct complaint *c, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	util_vcomplain(c->text, c->size, format, arguments);
	va_end(arguments);
	return false;
}

static const char *keep(struct options *o, const char *text)
{
	o->kept = util_grow(o->kept, &o->kept_room, o->kept_count + 1, sizeof *o->kept);
	return o->kept[o->kept_count++] = util_copy(text);
}

static bool read_whole(const char *text, int64_t *out)
{
	char *rest;

	errno = 0;
	*out = strtoll(text, &rest, 10);
	return *text && !*rest && !errno && strchr("+-0123456789", *text);
}

static bool read_between(const struct complaint *c, const char *what, const char *text, int64_t least, int64_t most,
	int64_t *out)
{
	if (!read_whole(text, out))
		return complain(c, "%s: \"%.40s\" is no whole number", what, text);
	if (*out < least || *out > most)
		return complain(c, "%s: %lld is not between %lld and %lld", what, (long long) *out, (long long) least,
			(long long) most);
	return true;
}

static bool read_flag(const struct complaint *c, const char *what, const char *text, bool *out)
{
	static const char *const words[][2] = { { "yes", "no" }, { "true", "false" }, { "on", "off" }, { "1", "0" } };

	*out = true;
	if (!text)
		return true;
	for (size_t i = 0; i < UTIL_LENGTH(words); i++)
		for (int no = 0; no < 2; no++)
			if (strcmp(text, words[i][no]) == 0) {
				*out = !no;
				return true;
			}
	return complain(c, "%s: \"%.40s\" is neither yes nor no", what, text);
}

/* ---- tabs ---- */

static const struct { const char *name; enum row_kind kind; enum recon recon; } tabs[] = {
	{ "processes", ROW_PROCESS, RECON_NONE }, { "applications", ROW_APPLICATION, RECON_NONE },
	{ "system", ROW_SYSTEM, RECON_NONE }, { "tables", ROW_TABLE, RECON_NONE }, { "findings", ROW_FINDING, RECON_NONE },
	{ "demos", ROW_DEMO, RECON_NONE }, { "events", ROW_EVENT, RECON_NONE },
	{ "recon:proc_count", ROW_PROCESS, RECON_PROC_COUNT }, { "recon:proc_window", ROW_PROCESS, RECON_PROC_WINDOW },
	{ "recon:bin_leak", ROW_PROCESS, RECON_BIN_LEAK },
};

static bool take_tab(struct options *o, const char *v, const struct complaint *c)
{
	for (size_t i = 0; i < UTIL_LENGTH(tabs); i++) {
		if (strcmp(tabs[i].name, v) != 0)
			continue;
		o->tab = tabs[i].name;
		o->kind = tabs[i].kind;
		o->recon = tabs[i].recon;
		o->is_tab_given = true;
		return true;
	}
	return complain(c, "--tab: no tab \"%.40s\"", v);
}

/* ---- one function an option ---- */

static bool take_list(struct options *o, const char *v, const struct complaint *c)
{
	(void) v, (void) c;
	o->mode = RUN_LIST_DEMOS;
	return true;
}

static const struct demo_facts *demo_named(const struct demo_catalogue *k, const char *name, size_t length)
{
	for (size_t i = 0; k && i < k->count; i++)
		if (strlen(k->demos[i].name) == length && strncmp(k->demos[i].name, name, length) == 0)
			return &k->demos[i];
	return NULL;
}

static bool take_explain(struct options *o, const char *v, const struct complaint *c)
{
	if (!demo_named(o->catalogue, v, strlen(v)))
		return complain(c, "--explain: no demo \"%.40s\" (--list-demos names them)", v);
	o->mode = RUN_EXPLAIN;
	o->argument = keep(o, v);
	return true;
}

static bool take_batch(struct options *o, const char *v, const struct complaint *c)
{
	static const char *const formats[] = { [BATCH_TABLE] = "table", [BATCH_JSONL] = "jsonl", [BATCH_CSV] = "csv" };

	o->mode = RUN_BATCH;
	o->format = BATCH_TABLE;
	for (size_t i = 0; v && i <= UTIL_LENGTH(formats); i++) {
		if (i == UTIL_LENGTH(formats))
			return complain(c, "--batch: no format \"%.40s\" (table, jsonl, csv)", v);
		o->format = (enum batch_format) i;
		if (strcmp(formats[i], v) == 0)
			break;
	}
	return true;
}

static bool take_samples(struct options *o, const char *v, const struct complaint *c)
{
	int64_t n;

	if (!read_between(c, "-n", v, 1, INT64_C(1000000000), &n))
		return false;
	o->samples = (uint64_t) n;
	return true;
}

static bool take_interval(struct options *o, const char *v, const struct complaint *c)
{
	char *rest;

	o->interval_s = strtod(v, &rest);
	if (!strchr("0123456789.", *v) || rest == v || *rest || !(o->interval_s >= 0.01 && o->interval_s <= 86400))
		return complain(c, "-d: \"%.40s\" is no number of seconds between 0.01 and 86400", v);
	return true;
}

static bool take_limit(struct options *o, const char *v, const struct complaint *c)
{
	int64_t n;

	if (!read_between(c, "--limit", v, 1, INT64_C(1000000000), &n))
		return false;
	o->limit = (uint64_t) n;
	return true;
}

static bool take_seed(struct options *o, const char *v, const struct complaint *c)
{
	int64_t n;

	if (!read_between(c, "--seed", v, 0, INT64_MAX, &n))
		return false;
	o->seed = (uint64_t) n;
	return true;
}

static bool take_schedulers(struct options *o, const char *v, const struct complaint *c)
{
	int64_t n;

	if (!read_between(c, "--schedulers", v, 1, 256, &n))
		return false;
	o->schedulers = (unsigned) n;
	return true;
}

static bool take_memory(struct options *o, const char *v, const struct complaint *c)
{
	double n;

	if (!format_read_number(v, &n) || n < 16 * 1024 * 1024 || n > 1e15)
		return complain(c, "--max-memory: \"%.40s\" is no size of at least 16M", v);
	o->max_memory = (uint64_t) n;
	return true;
}

static bool take_color(struct options *o, const char *v, const struct complaint *c)
{
	if (strcmp(v, "auto") == 0)
		o->color = COLOR_AUTO;
	else if (strcmp(v, "always") == 0)
		o->color = COLOR_ALWAYS;
	else if (strcmp(v, "never") == 0)
		o->color = COLOR_NEVER;
	else
		return complain(c, "--color: \"%.40s\" is none of auto, always, never", v);
	return true;
}

static bool take_shell(struct options *o, const char *v, const struct complaint *c)
{
	if (strcmp(v, "bash") != 0 && strcmp(v, "zsh") != 0 && strcmp(v, "fish") != 0)
		return complain(c, "--completion: \"%.40s\" is none of bash, zsh, fish", v);
	o->mode = RUN_COMPLETION;
	o->argument = keep(o, v);
	return true;
}

static bool take_at(struct options *o, const char *v, const struct complaint *c)
{
	return options_read_action(o, v, c->text, c->size);
}

#define TAKE_MODE(name, mode_) \
	static bool name(struct options *o, const char *v, const struct complaint *c) \
	{ \
		(void) v, (void) c; \
		o->mode = mode_; \
		return true; \
	}
#define TAKE_TEXT(name, member) \
	static bool name(struct options *o, const char *v, const struct complaint *c) \
	{ \
		(void) c; \
		o->member = keep(o, v); \
		return true; \
	}
#define TAKE_FLAG(name, member, what) \
	static bool name(struct options *o, const char *v, const struct complaint *c) \
	{ \
		return read_flag(c, what, v, &o->member); \
	}

TAKE_MODE(take_help, RUN_HELP)
TAKE_MODE(take_version, RUN_VERSION)
TAKE_MODE(take_dump, RUN_DUMP_CONFIG)
TAKE_MODE(take_man, RUN_MAN)
TAKE_TEXT(take_sort, sort)
TAKE_TEXT(take_filter, filter)
TAKE_TEXT(take_columns, columns)
TAKE_TEXT(take_script, script)
TAKE_TEXT(take_theme, theme)
TAKE_FLAG(take_reverse, is_reversed, "--reverse")
TAKE_FLAG(take_deterministic, is_deterministic, "--deterministic")
TAKE_FLAG(take_linear, is_linear, "--linear")
TAKE_FLAG(take_ascii, is_ascii, "--ascii")
TAKE_FLAG(take_no_mouse, no_mouse, "--no-mouse")
TAKE_FLAG(take_read_only, is_read_only, "--read-only")
TAKE_FLAG(take_presenter, is_presenting, "--presenter")

/* ---- the table ---- */

enum option_flag { OPTION_CONFIG = 1 /* may stand in the config file */, OPTION_HIDDEN = 2,
	OPTION_MAYBE = 4 /* argument optional */ };

struct option_row {
	const char *name;
	char letter;
	const char *argument;           /* NULL: none */
	unsigned flags;
	bool (*take)(struct options *o, const char *value, const struct complaint *c);
	const char *words;              /* values to complete */
	const char *help;
};

static const struct option_row option_rows[] = {
	{ "list-demos", 0, NULL, 0, take_list, NULL, "name the demos with their knobs, ranges and defaults" },
	{ "explain", 0, "DEMO", 0, take_explain, NULL, "print a demo's card: story, tree, what to press and see, the fix" },
	{ "batch", 0, "FORMAT", OPTION_MAYBE, take_batch, "table jsonl csv",
	  "no terminal: print rows as table, jsonl or csv; so it is too when stdout is no terminal, then with -n 1" },
	{ "tab", 0, "TAB", OPTION_CONFIG, take_tab,
	  "processes applications system tables findings demos events recon:proc_count recon:proc_window recon:bin_leak",
	  "the tab to begin with, and the rows of batch: processes, applications, system, tables, findings, demos, events, "
	  "recon:proc_count, recon:proc_window, recon:bin_leak" },
	{ "samples", 'n', "COUNT", 0, take_samples, NULL, "end after so many samples (batch)" },
	{ "delay", 'd', "SECONDS", OPTION_CONFIG, take_interval, NULL,
		"time between samples, 1 by default; the first comes after it" },
	{ "sort", 0, "KEY[,KEY]", OPTION_CONFIG, take_sort, NULL, "order by these columns" },
	{ "reverse", 0, NULL, OPTION_CONFIG, take_reverse, NULL, "the other way round" },
	{ "filter", 0, "EXPR", 0, take_filter, NULL, "rows that pass: 'mem>1M mq>100 app=shop name~cache'; K M G are 1024" },
	{ "limit", 0, "N", 0, take_limit, NULL, "at most so many rows a sample (batch)" },
	{ "columns", 0, "LIST", OPTION_CONFIG, take_columns, NULL, "columns to show, by key, separated by commas" },
	{ "at", 0, "T=ACTION", 0, take_at, NULL,
	  "at T seconds do: gc-all, gc:NAME, gc-minor:NAME, fix:DEMO[=MODE|off], knob:DEMO.K=V, kill:NAME, hibernate:NAME, "
	  "suspend:NAME, resume:NAME, start:DEMO, stop:DEMO" },
	{ "seed", 0, "N", OPTION_CONFIG, take_seed, NULL, "seed of all random choices" },
	{ "deterministic", 0, NULL, 0, take_deterministic, NULL, "one thread and virtual time: the same bytes every run" },
	{ "schedulers", 0, "N", OPTION_CONFIG, take_schedulers, NULL, "scheduler threads; as many as processors by default" },
	{ "max-memory", 0, "SIZE", OPTION_CONFIG, take_memory, NULL,
	  "ceiling of the runtime's real memory; a quarter of RAM, at most 2G, by default" },
	{ "script", 0, "FILE", 0, take_script, NULL, "play keys from a file, and save-screen FILE, without a terminal" },
	{ "linear", 0, NULL, OPTION_CONFIG, take_linear, NULL, "append-only lines, for screen readers and simple terminals" },
	{ "color", 0, "WHEN", OPTION_CONFIG, take_color, "auto always never", "auto, always or never" },
	{ "ascii", 0, NULL, OPTION_CONFIG, take_ascii, NULL, "no characters beyond ASCII" },
	{ "theme", 0, "NAME", OPTION_CONFIG, take_theme, NULL, "colours: default, light, contrast, blind, mono" },
	{ "no-mouse", 0, NULL, OPTION_CONFIG, take_no_mouse, NULL, "leave the mouse to the terminal" },
	{ "read-only", 0, NULL, OPTION_CONFIG, take_read_only, NULL, "look, and change nothing" },
	{ "presenter", 0, NULL, OPTION_CONFIG, take_presenter, NULL, "large figures, keys shown as they are pressed" },
	{ "dump-config", 0, NULL, 0, take_dump, NULL, "print the settings as a config file" },
	{ "help", 'h', NULL, 0, take_help, NULL, "this text" },
	{ "version", 'V', NULL, 0, take_version, NULL, "the version" },
	{ "man", 0, NULL, OPTION_HIDDEN, take_man, NULL, "print the man page" },
	{ "completion", 0, "SHELL", OPTION_HIDDEN, take_shell, "bash zsh fish", "print the completion for a shell" },
};

#define OPTION_COUNT UTIL_LENGTH(option_rows)
#define LONG_BASE 256           /* getopt's value of a long option: its row from here on */

/* ---- demos and actions ---- */

static const struct snap_knob *knob_named(const struct demo_facts *d, const char *key)
{
	for (size_t i = 0; i < d->knob_count; i++)
		if (strcmp(d->knobs[i].key, key) == 0)
			return &d->knobs[i];
	return NULL;
}

/* A knob's value as typed: one of its words, or a number in its range. */
static bool read_knob(const struct demo_facts *d, const char *key, const char *text, int64_t *out,
	const struct complaint *c)
{
	const struct snap_knob *k = knob_named(d, key);
	double n;

	if (!k)
		return complain(c, "%s has no knob \"%.40s\"", d->name, key);
	for (uint8_t i = 0; i < k->word_count; i++)
		if (strcmp(k->words[i], text) == 0) {
			*out = i;
			return true;
		}
	if (k->word_count > 1 && strcmp(key, "fix") == 0 && strcmp(text, "on") == 0) {  /* with modes: the first of them */
		*out = 1;
		return true;
	}
	if (k->word_count)
		return complain(c, "%s: knob %s cannot be \"%.40s\"", d->name, key, text);
	if (!read_whole(text, out)) {
		if (!format_read_number(text, &n) || n != floor(n))
			return complain(c, "%s: knob %s: \"%.40s\" is no number", d->name, key, text);
		*out = (int64_t) n;
	}
	if (*out < k->least || *out > k->most)
		return complain(c, "%s: knob %s is between %lld and %lld, not %lld", d->name, key, (long long) k->least,
			(long long) k->most, (long long) *out);
	return true;
}

static bool read_assignment(struct demo_wish *w, char *text, const struct complaint *c)
{
	char *value = strchr(text, '=');
	const struct snap_knob *k;

	if (!value || value == text)
		return complain(c, "%s: \"%.40s\" is not knob=value", w->demo->name, text);
	*value++ = '\0';
	if (w->knob_count == SNAP_KNOBS)
		return complain(c, "%s: too many knobs", w->demo->name);
	if (!read_knob(w->demo, text, value, &w->values[w->knob_count], c))
		return false;
	k = knob_named(w->demo, text);
	w->keys[w->knob_count++] = k->key;
	return true;
}

bool options_read_demo(struct options *o, const char *text, char *error, size_t error_size)
{
	struct complaint c = { error, error_size };
	size_t length = strcspn(text, ":");
	struct demo_wish w = { .demo = demo_named(o->catalogue, text, length) };
	char *knobs, *next;
	bool is_right = true;

	if (!w.demo)
		return complain(&c, "no demo \"%.*s\" (--list-demos names them)", (int) (length < 60 ? length : 60), text);
	if (text[length] == ':' && !text[length + 1])
		return complain(&c, "%s: knobs are missing after the colon", w.demo->name);
	knobs = util_copy(text[length] ? text + length + 1 : "");
	for (char *at = knobs; is_right && *at; at = next) {
		next = at + strcspn(at, ",");
		if (*next)
			*next++ = '\0';
		is_right = read_assignment(&w, at, &c);
	}
	free(knobs);
	if (!is_right)
		return false;
	o->demos = util_grow(o->demos, &o->demo_room, o->demo_count + 1, sizeof *o->demos);
	o->demos[o->demo_count++] = w;
	return true;
}

/* A demo's name, or of an instance of it: shop, shop@2. */
static const struct demo_facts *demo_of_target(const struct options *o, const char *target)
{
	size_t length = strcspn(target, "@");

	if (target[length] && (!target[length + 1] || target[length + 1 + strspn(target + length + 1, "0123456789")]))
		return NULL;
	return demo_named(o->catalogue, target, length);
}

static bool action_process(const struct options *o, struct at_wish *a, const char *rest, const struct complaint *c)
{
	(void) o;
	if (!*rest || strlen(rest) >= sizeof a->target)
		return complain(c, "--at: a process's name is missing or too long");
	util_print(a->target, sizeof a->target, "%s", rest);
	return true;
}

static bool action_demo(const struct options *o, struct at_wish *a, const char *rest, const struct complaint *c)
{
	if (!demo_of_target(o, rest) || strlen(rest) >= sizeof a->target)
		return complain(c, "--at: no demo \"%.40s\"", rest);
	util_print(a->target, sizeof a->target, "%s", rest);
	return true;
}

static bool action_none(const struct options *o, struct at_wish *a, const char *rest, const struct complaint *c)
{
	(void) o, (void) a;
	return !*rest || complain(c, "--at: gc-all takes no name");
}

/* fix:DEMO puts on the first mode that is not off. */
static bool action_fix(const struct options *o, struct at_wish *a, const char *rest, const struct complaint *c)
{
	size_t length = strcspn(rest, "=");
	char name[sizeof a->target];

	util_print(name, sizeof name, "%.*s", (int) (length < 63 ? length : 63), rest);
	if (!action_demo(o, a, name, c))
		return false;
	util_print(a->key, sizeof a->key, "fix");
	if (!rest[length]) {
		a->value = 1;
		return true;
	}
	return read_knob(demo_of_target(o, name), "fix", rest + length + 1, &a->value, c);
}

static bool action_knob(const struct options *o, struct at_wish *a, const char *rest, const struct complaint *c)
{
	size_t dot = strcspn(rest, "."), equal = strcspn(rest, "=");
	char name[sizeof a->target];

	if (!rest[dot] || !rest[equal] || equal < dot)
		return complain(c, "--at: knob wants DEMO.KNOB=VALUE");
	util_print(name, sizeof name, "%.*s", (int) (dot < 63 ? dot : 63), rest);
	if (!action_demo(o, a, name, c))
		return false;
	util_print(a->key, sizeof a->key, "%.*s", (int) (equal - dot - 1), rest + dot + 1);
	return read_knob(demo_of_target(o, name), a->key, rest + equal + 1, &a->value, c);
}

static const struct {
	const char *word;
	enum command_kind kind;
	bool (*read)(const struct options *o, struct at_wish *a, const char *rest, const struct complaint *c);
} action_rows[] = {
	{ "gc-all", COMMAND_GC_ALL, action_none }, { "gc-minor", COMMAND_GC_MINOR, action_process },
	{ "gc", COMMAND_GC, action_process }, { "fix", COMMAND_KNOB, action_fix }, { "knob", COMMAND_KNOB, action_knob },
	{ "kill", COMMAND_EXIT, action_process }, { "hibernate", COMMAND_HIBERNATE, action_process },
	{ "suspend", COMMAND_SUSPEND, action_process }, { "resume", COMMAND_RESUME, action_process },
	{ "start", COMMAND_APP_START, action_demo }, { "stop", COMMAND_APP_STOP, action_demo },
};

static bool read_time(const char **at, uint64_t *us)
{
	char *rest;
	double t = strtod(*at, &rest);

	if (rest == *at || *rest != '=' || !strchr("0123456789.", **at) || !(t >= 0 && t < 1e9))
		return false;
	*us = (uint64_t) llround(t * 1e6);
	*at = rest + 1;
	return true;
}

static void insert_action(struct options *o, const struct at_wish *a)
{
	size_t at = o->action_count++;

	o->actions = util_grow(o->actions, &o->action_room, o->action_count, sizeof *o->actions);
	for (; at && o->actions[at - 1].time_us > a->time_us; at--)
		o->actions[at] = o->actions[at - 1];
	o->actions[at] = *a;
}

bool options_read_action(struct options *o, const char *text, char *error, size_t error_size)
{
	struct complaint c = { error, error_size };
	struct at_wish a = { .value = 0 };
	const char *at = text;
	size_t length;

	if (!read_time(&at, &a.time_us))
		return complain(&c, "--at: \"%.40s\" does not begin with SECONDS=", text);
	length = strcspn(at, ":");
	for (size_t i = 0; i < UTIL_LENGTH(action_rows); i++) {
		if (strlen(action_rows[i].word) != length || strncmp(action_rows[i].word, at, length) != 0)
			continue;
		a.kind = action_rows[i].kind;
		if (!action_rows[i].read(o, &a, at[length] ? at + length + 1 : at + length, &c))
			return false;
		insert_action(o, &a);
		return true;
	}
	return complain(&c, "--at: no action \"%.*s\"", (int) (length < 40 ? length : 40), at);
}

/* ---- config file ---- */

struct config_reading { struct options *o; const struct complaint *c; bool is_right; };

static int take_config(void *user, const char *section, const char *key, const char *value)
{
	struct config_reading *r = user;

	if (!r->is_right)
		return 0;
	if (*section && strcmp(section, "actop") != 0)
		return r->is_right = complain(r->c, "no section \"%.40s\", only [actop]", section);
	for (size_t i = 0; i < OPTION_COUNT; i++)
		if (option_rows[i].flags & OPTION_CONFIG && strcmp(option_rows[i].name, key) == 0)
			return r->is_right = option_rows[i].take(r->o, value, r->c);
	return r->is_right = complain(r->c, "no setting \"%.40s\"", key);
}

static bool config_result(struct config_reading *r, int line, const char *name, const struct complaint *c)
{
	char why[200];

	if (line == 0 && r->is_right)
		return true;
	util_print(why, sizeof why, "%s", r->is_right ? "is not key = value" : r->c->text);
	return complain(c, "%s:%d: %s", name, line, why);
}

bool options_read_config(struct options *o, const char *path, bool is_optional, char *error, size_t error_size)
{
	struct complaint c = { error, error_size };
	char why[200] = "";
	struct complaint inner = { why, sizeof why };
	struct config_reading r = { o, &inner, true };
	FILE *file = fopen(path, "r");
	int line;

	if (!file)
		return is_optional && errno == ENOENT ? true : complain(&c, "%s: %s", path, strerror(errno));
	line = ini_parse_file(file, take_config, &r);
	fclose(file);
	return config_result(&r, line, path, &c);
}

bool options_read_config_text(struct options *o, const char *text, const char *name, char *error, size_t error_size)
{
	struct complaint c = { error, error_size };
	char why[200] = "";
	struct complaint inner = { why, sizeof why };
	struct config_reading r = { o, &inner, true };

	return config_result(&r, ini_parse_string(text, take_config, &r), name, &c);
}

static bool read_own_config(struct options *o, const struct complaint *c)
{
	const char *named = getenv("ACTOP_CONFIG"), *base = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	char path[512];

	if (named)
		return !*named || options_read_config(o, named, false, c->text, c->size);
	if (base && *base)
		util_print(path, sizeof path, "%s/actop/config", base);
	else if (home && *home)
		util_print(path, sizeof path, "%s/.config/actop/config", home);
	else
		return true;
	return options_read_config(o, path, true, c->text, c->size);
}

/* ---- the command line ---- */

void options_init(struct options *o, const struct demo_catalogue *catalogue)
{
	*o = (struct options) { .interval_s = 1, .seed = 1, .tab = "processes", .kind = ROW_PROCESS, .catalogue = catalogue };
}

void options_release(struct options *o)
{
	for (size_t i = 0; i < o->kept_count; i++)
		free(o->kept[i]);
	free(o->kept);
	free(o->demos);
	free(o->actions);
}

static void fill_getopt(struct option *longs, char *shorts)
{
	size_t n = 0;

	shorts[n++] = ':';
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		const struct option_row *r = &option_rows[i];

		longs[i] = (struct option) { r->name, !r->argument ? no_argument : r->flags & OPTION_MAYBE ? optional_argument
			: required_argument, NULL, LONG_BASE + (int) i };
		if (!r->letter)
			continue;
		shorts[n++] = r->letter;
		if (r->argument)
			shorts[n++] = ':';
	}
	longs[OPTION_COUNT] = (struct option) { 0 };
	shorts[n] = '\0';
}

static const struct option_row *row_of_letter(int letter)
{
	for (size_t i = 0; i < OPTION_COUNT; i++)
		if (letter == LONG_BASE + (int) i || (option_rows[i].letter && letter == option_rows[i].letter))
			return &option_rows[i];
	return NULL;
}

static bool read_line(struct options *o, int argc, char **argv, const struct complaint *c)
{
	struct option longs[OPTION_COUNT + 1];
	char shorts[OPTION_COUNT * 2 + 2];
	int got;

	fill_getopt(longs, shorts);
	opterr = 0;
	optind = 0;
	while ((got = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		const struct option_row *r = row_of_letter(got);

		if (got == ':')
			return complain(c, "%s wants a value (--help explains)", argv[optind - 1]);
		if (got == '?' && optopt && optopt < LONG_BASE)
			return complain(c, "unknown option -%c (--help lists them)", optopt);
		if (got == '?' && optopt)
			return complain(c, "--%s takes no value", option_rows[optopt - LONG_BASE].name);
		if (!r)
			return complain(c, "unknown option %.60s (--help lists them)", argv[optind - 1]);
		if (!r->take(o, optarg, c))
			return false;
	}
	for (; optind < argc; optind++)
		if (!options_read_demo(o, argv[optind], c->text, c->size))
			return false;
	return true;
}

/* Columns, order and filter against the rows of the tab. */
static bool check_rows(const struct options *o, const struct complaint *c)
{
	const struct column *columns[96];
	char why[160];
	struct filter *f;

	if (o->columns && columns_parse(o->kind, o->columns, columns, UTIL_LENGTH(columns), why, sizeof why) < 0)
		return complain(c, "--columns: %s", why);
	if (o->sort && columns_parse(o->kind, o->sort, columns, 4, why, sizeof why) < 0)
		return complain(c, "--sort: %s", why);
	if (!o->filter)
		return true;
	f = filter_new(o->kind, o->filter, why, sizeof why);
	filter_free(f);
	return f || complain(c, "--filter: %s", why);
}

static bool check_whole(struct options *o, bool has_terminal, const struct complaint *c)
{
	FILE *script;

	if (o->mode == RUN_SCREEN && !o->script && !has_terminal) {
		o->mode = RUN_BATCH;
		if (!o->samples)
			o->samples = 1;
	}
	if (o->mode == RUN_BATCH && !check_rows(o, c))
		return false;
	if (!o->script)
		return true;
	if (o->mode == RUN_BATCH)
		return complain(c, "--script and --batch exclude each other");
	script = fopen(o->script, "r");
	if (!script)
		return complain(c, "--script: %s: %s", o->script, strerror(errno));
	fclose(script);
	return true;
}

bool options_read(struct options *o, int argc, char **argv, const struct demo_catalogue *catalogue, bool has_terminal,
	char *error, size_t error_size)
{
	struct complaint c = { error, error_size };

	const char *tab, *sort, *columns;

	options_init(o, catalogue);
	if (!read_own_config(o, &c))
		return false;
	tab = o->tab;
	sort = o->sort;
	columns = o->columns;
	if (!read_line(o, argc, argv, &c))
		return false;
	if (tab != o->tab) {            /* what the config says of another tab's columns does not count here */
		o->sort = o->sort == sort ? NULL : o->sort;
		o->columns = o->columns == columns ? NULL : o->columns;
	}
	return check_whole(o, has_terminal, &c);
}

/* ---- texts made from the table ---- */

#define SYNOPSIS "[options] [demo[:knob=value,...]] ..."
#define PURPOSE "top for actors: watch where the memory goes in a runtime that keeps memory as the BEAM does"

static size_t option_sign(const struct option_row *r, char *out, size_t size)
{
	size_t n = r->letter ? util_print(out, size, "-%c, ", r->letter) : 0;

	n += util_print(out + n, size - n, "--%s", r->name);
	if (r->argument)
		n += util_print(out + n, size - n, r->flags & OPTION_MAYBE ? "[=%s]" : " %s", r->argument);
	return n;
}

/* Words of `text`, in lines of at most `width` behind `indent` blanks; the first line is begun already. */
static void print_wrapped(FILE *out, const char *text, int indent, int width)
{
	int at = indent;

	while (*text) {
		int length = (int) strcspn(text, " \n");

		if (at > indent && at + length + 1 > width) {
			fprintf(out, "\n%*s", indent, "");
			at = indent;
		}
		at += fprintf(out, "%s%.*s", at > indent ? " " : "", length, text);
		text += length;
		text += strspn(text, " \n");
	}
	fputc('\n', out);
}

void options_print_help(FILE *out)
{
	fprintf(out, "usage: actop %s\n%s\n\n", SYNOPSIS, PURPOSE);
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		char sign[64];
		size_t n = option_sign(&option_rows[i], sign, sizeof sign);

		if (option_rows[i].flags & OPTION_HIDDEN)
			continue;
		fprintf(out, "  %-24s", sign);
		if (n > 23)
			fprintf(out, "\n%26s", "");
		print_wrapped(out, option_rows[i].help, 26, 79);
	}
	fprintf(out, "\nWithout demos shop and header_keeper run. Inside, ? explains what stands under the cursor and lists "
		"all keys.\n"
		"Exit status: 0 ok, 1 failure at run time, 2 wrong usage, 128+n ended by signal n.\n");
}

/* troff eats lines that begin with a dot or a quote, and backslashes; a minus is not a hyphen. */
static void print_troff(FILE *out, const char *text)
{
	if (*text == '.' || *text == '\'')
		fputs("\\&", out);
	for (; *text; text++) {
		if (*text == '\\')
			fputs("\\e", out);
		else if (*text == '-')
			fputs("\\-", out);
		else
			fputc(*text, out);
	}
}

static void man_columns(FILE *out, enum row_kind kind)
{
	size_t count;
	const struct column *all = columns_of(kind, &count);

	fprintf(out, ".SS %s\n", columns_kind_plural(kind));
	for (size_t i = 0; i < count; i++) {
		if (all[i].flags & COLUMN_RATE)
			continue;
		fputs(".TP\n.B ", out);
		print_troff(out, all[i].key);
		fputc('\n', out);
		print_troff(out, all[i].help);
		fputc('\n', out);
	}
}

static void man_keys(FILE *out)
{
	size_t count;
	const struct action *keys = actions_all(&count);
	const struct verb *verbs;

	fputs(".SH KEYS\n", out);
	for (size_t i = 0; i < count; i++) {
		char name[32];

		fputs(".TP\n.B ", out);
		print_troff(out, input_key_name(keys[i].key, name, sizeof name));
		if (keys[i].also) {
			fputs(", ", out);
			print_troff(out, input_key_name(keys[i].also, name, sizeof name));
		}
		fputc('\n', out);
		print_troff(out, keys[i].help);
		fputc('\n', out);
	}
	fputs(".SH COMMAND LINE\n", out);
	verbs = verbs_all(&count);
	for (size_t i = 0; i < count; i++) {
		fputs(".TP\n.B :", out);
		print_troff(out, verbs[i].name);
		fputs(verbs[i].arguments && *verbs[i].arguments ? " " : "", out);
		print_troff(out, verbs[i].arguments ? verbs[i].arguments : "");
		fputc('\n', out);
		print_troff(out, verbs[i].help);
		fputc('\n', out);
	}
}

void options_print_man(FILE *out)
{
	static const enum row_kind kinds[] = { ROW_PROCESS, ROW_SYSTEM, ROW_APPLICATION, ROW_TABLE, ROW_FINDING, ROW_DEMO,
		ROW_EVENT, ROW_RECEIPT, ROW_NOTICE };

	fputs(".TH ACTOP 1\n.SH NAME\nactop \\- ", out);
	print_troff(out, PURPOSE);
	fputs("\n.SH SYNOPSIS\n.B actop\n", out);
	print_troff(out, SYNOPSIS);
	fputs("\n.SH OPTIONS\n", out);
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		char sign[64];

		if (option_rows[i].flags & OPTION_HIDDEN)
			continue;
		option_sign(&option_rows[i], sign, sizeof sign);
		fputs(".TP\n.B ", out);
		print_troff(out, sign);
		fputc('\n', out);
		print_troff(out, option_rows[i].help);
		fputc('\n', out);
	}
	man_keys(out);
	fputs(".SH COLUMNS\nKeys for \\-\\-columns, \\-\\-sort and \\-\\-filter. Every number of a process, the system, an "
		"application or\n"
		"a table also has its change a second: the key with _rate.\n", out);
	for (size_t i = 0; i < UTIL_LENGTH(kinds); i++)
		man_columns(out, kinds[i]);
	fputs(".SH FILES\n.TP\n.I $XDG_CONFIG_HOME/actop/config\nSettings, [actop] and key = value; \\-\\-dump\\-config "
		"prints one.\n"
		".SH ENVIRONMENT\n.TP\n.B ACTOP_CONFIG\nAnother config file; empty: none.\n.TP\n.B NO_COLOR\nNo colours.\n"
		".SH EXIT STATUS\n0 ok, 1 failure at run time, 2 wrong usage, 128+n ended by signal n.\n", out);
}

static void complete_bash(FILE *out, const struct demo_catalogue *k)
{
	fputs("_actop() {\n\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n\tcase $prev in\n", out);
	for (size_t i = 0; i < OPTION_COUNT; i++)
		if (option_rows[i].words)
			fprintf(out, "\t--%s) COMPREPLY=($(compgen -W '%s' -- \"$cur\")); return;;\n", option_rows[i].name,
				option_rows[i].words);
	fputs("\tesac\n\tCOMPREPLY=($(compgen -W '", out);
	for (size_t i = 0; i < OPTION_COUNT; i++)
		if (!(option_rows[i].flags & OPTION_HIDDEN))
			fprintf(out, "--%s ", option_rows[i].name);
	for (size_t i = 0; k && i < k->count; i++)
		fprintf(out, "%s ", k->demos[i].name);
	fputs("' -- \"$cur\"))\n}\ncomplete -F _actop actop\n", out);
}

/* Single quotes inside single quotes, for shells. */
static void print_quoted(FILE *out, const char *text, const char *also)
{
	for (; *text; text++) {
		if (*text == '\'')
			fputs("'\\''", out);
		else if (strchr(also, *text))
			fprintf(out, "\\%c", *text);
		else
			fputc(*text, out);
	}
}

static void complete_zsh(FILE *out, const struct demo_catalogue *k)
{
	fputs("#compdef actop\n_arguments -s \\\n", out);
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		const struct option_row *r = &option_rows[i];

		if (r->flags & OPTION_HIDDEN)
			continue;
		fprintf(out, "\t'--%s%s[", r->name, !r->argument ? "" : r->flags & OPTION_MAYBE ? "=-" : "=");
		print_quoted(out, r->help, "[]:");
		fputc(']', out);
		if (r->argument)
			fprintf(out, ":%s:%s%s%s", r->name, r->words ? "(" : "", r->words ? r->words : "", r->words ? ")" : "");
		fputs("' \\\n", out);
	}
	fputs("\t'*:demo:(", out);
	for (size_t i = 0; k && i < k->count; i++)
		fprintf(out, "%s%s", i ? " " : "", k->demos[i].name);
	fputs(")'\n", out);
}

static void complete_fish(FILE *out, const struct demo_catalogue *k)
{
	fputs("complete -c actop -f\n", out);
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		const struct option_row *r = &option_rows[i];

		if (r->flags & OPTION_HIDDEN)
			continue;
		fprintf(out, "complete -c actop -l %s", r->name);
		if (r->letter)
			fprintf(out, " -s %c", r->letter);
		if (r->argument && !(r->flags & OPTION_MAYBE))
			fputs(" -r", out);
		if (r->words)
			fprintf(out, " -a '%s'", r->words);
		fputs(" -d '", out);
		print_quoted(out, r->help, "");
		fputs("'\n", out);
	}
	for (size_t i = 0; k && i < k->count; i++)
		fprintf(out, "complete -c actop -a %s\n", k->demos[i].name);
}

bool options_print_completion(FILE *out, const char *shell, const struct demo_catalogue *k)
{
	if (strcmp(shell, "bash") == 0)
		complete_bash(out, k);
	else if (strcmp(shell, "zsh") == 0)
		complete_zsh(out, k);
	else if (strcmp(shell, "fish") == 0)
		complete_fish(out, k);
	else
		return false;
	return true;
}

static void config_text(FILE *out, const char *key, const char *value)
{
	if (value)
		fprintf(out, "%s = %s\n", key, value);
}

static void config_flag(FILE *out, const char *key, bool value)
{
	fprintf(out, "%s = %s\n", key, value ? "yes" : "no");
}

void options_print_config(FILE *out, const struct options *o)
{
	static const char *const colors[] = { "auto", "always", "never" };

	fputs("[actop]\n", out);
	config_text(out, "tab", o->tab);
	fprintf(out, "delay = %g\n", o->interval_s);
	config_text(out, "sort", o->sort);
	config_flag(out, "reverse", o->is_reversed);
	config_text(out, "columns", o->columns);
	fprintf(out, "seed = %llu\n", (unsigned long long) o->seed);
	if (o->schedulers)
		fprintf(out, "schedulers = %u\n", o->schedulers);
	if (o->max_memory)
		fprintf(out, "max-memory = %llu\n", (unsigned long long) o->max_memory);
	config_text(out, "color", colors[o->color]);
	config_text(out, "theme", o->theme);
	config_flag(out, "linear", o->is_linear);
	config_flag(out, "ascii", o->is_ascii);
	config_flag(out, "no-mouse", o->no_mouse);
	config_flag(out, "read-only", o->is_read_only);
	config_flag(out, "presenter", o->is_presenting);
}

static void print_knob(FILE *out, const struct snap_knob *k)
{
	fprintf(out, "    %s ", k->key);
	if (k->word_count) {
		for (uint8_t i = 0; i < k->word_count; i++)
			fprintf(out, "%s%s", i ? ", " : "", k->words[i]);
		fprintf(out, " (%s)", k->start >= 0 && k->start < k->word_count ? k->words[k->start] : "");
	} else {
		fprintf(out, "%lld-%lld%s%s (%lld)", (long long) k->least, (long long) k->most, *k->unit ? " " : "", k->unit,
			(long long) k->start);
	}
	fprintf(out, "%s%s\n", *k->help ? "  " : "", k->help);
}

void options_print_demos(FILE *out, const struct demo_catalogue *k)
{
	for (size_t i = 0; i < k->count; i++) {
		const struct demo_facts *d = &k->demos[i];

		fprintf(out, "%s  %s\n", d->name, d->title ? d->title : "");
		if (d->claim)
			fprintf(out, "    claim: %s\n", d->claim);
		if (d->gc_helps)
			fprintf(out, "    does a collection help: %s\n", d->gc_helps);
		for (size_t n = 0; n < d->knob_count; n++)
			print_knob(out, &d->knobs[n]);
	}
}

#define CARD_WIDTH 78

/* A tree is drawn as it stands, a paragraph is set in lines. */
static void print_part(FILE *out, const char *title, const char *text)
{
	if (!text || !*text)
		return;
	fprintf(out, "\n%s\n", title);
	if (strchr(text, '\n'))
		fprintf(out, "%s\n", text);
	else
		print_wrapped(out, text, 0, CARD_WIDTH);
}

bool options_print_card(FILE *out, const struct demo_catalogue *k, const char *name)
{
	const struct demo_facts *d = demo_named(k, name, strlen(name));

	if (!d)
		return false;
	fprintf(out, "%s  %s\n", d->name, d->title ? d->title : "");
	print_part(out, "CLAIM", d->claim);
	print_part(out, "STORY", d->story);
	print_part(out, "TREE", d->tree);
	print_part(out, "PRESS", d->press);
	print_part(out, "SEE", d->see);
	print_part(out, "DOES A COLLECTION HELP?", d->gc_helps);
	print_part(out, "WHO", d->culprit && *d->culprit ? d->culprit : "nobody");
	print_part(out, "FINDING", d->finding && *d->finding ? d->finding : "none");
	print_part(out, "THE FIX", d->cure);
	print_part(out, "IN OTP AND ELIXIR", d->otp);
	fputs("\nKNOBS\n", out);
	for (size_t i = 0; i < d->knob_count; i++)
		print_knob(out, &d->knobs[i]);
	return true;
}
