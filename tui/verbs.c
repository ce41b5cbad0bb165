/*
 * verbs - the words of the command line, `:` and what follows, with completion.
 */
#include "tui/actions.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/model/util.h"
#include "tui/settings.h"
#include "tui/tab/tabs.h"

#define WORD 64

/* Takes the next word off a line; gives what follows it, blanks trimmed. */
static const char *word_take(const char *line, char *word, size_t size)
{
	size_t length = strcspn(line, " ");

	util_print(word, size, "%.*s", (int) length, line);
	line += length;
	return line + strspn(line, " ");
}

static void wrong(struct session *s, const char *what)
{
	session_say(s, ROLE_WATCH, "%s", what);
}

/* ---- places and settings ---- */

static void run_go(struct session *s, const char *rest)
{
	enum place_id id = place_find(rest);

	if (id < PLACE_TABS)
		session_go_tab(s, id);
	else if (id == PLACE_FINDINGS || id == PLACE_EVENTS || id == PLACE_LOG || id == PLACE_CHANGES)
		session_open(s, id, 0);
	else
		wrong(s, "go applications, processes, system, tables, demos, findings, events, receipts or changes");
}

static const char *candidate_place(struct session *s, size_t i, char *out, size_t size)
{
	(void) s, (void) out, (void) size;
	return i < PLACE_COUNT ? place_of((enum place_id) i)->name : NULL;
}

static void run_every(struct session *s, const char *rest)
{
	char *end;
	double value = strtod(rest, &end);
	double us = !strcmp(end, "ms") ? value * 1e3 : !strcmp(end, "s") || !*end ? value * 1e6 : NAN;

	if (end == rest || isnan(us) || us < 1e5 || us > 6e7) {
		wrong(s, "every takes a time from 100ms to 60s, like 500ms or 2s");
		return;
	}
	s->interval_us = (uint64_t) us;
	s->wants_interval = true;
	session_say(s, ROLE_NORMAL, "a sample every %s", rest);
}

static void run_theme(struct session *s, const char *rest)
{
	const struct theme *t = theme_find(rest);

	if (!t) {
		wrong(s, "themes are default, light, blind, contrast, mono");
		return;
	}
	s->theme = t;
	s->wants_theme = true;
	session_say(s, ROLE_NORMAL, "%s: %s", theme_name(t), theme_help(t));
}

static const char *candidate_theme(struct session *s, size_t i, char *out, size_t size)
{
	(void) s, (void) out, (void) size;
	return theme_at(i) ? theme_name(theme_at(i)) : NULL;
}

static const char *candidate_switch(struct session *s, size_t i, char *out, size_t size)
{
	(void) s, (void) out, (void) size;
	return i == 0 ? "on" : i == 1 ? "off" : NULL;
}

static void run_mouse(struct session *s, const char *rest)
{
	s->uses_mouse = strcmp(rest, "off") != 0;
	s->wants_mouse = true;
	session_say(s, ROLE_NORMAL, s->uses_mouse ? "the mouse is ours; :mouse off gives it back for copying" :
		"the mouse is the terminal's again");
}

static void run_present(struct session *s, const char *rest)
{
	s->is_presenting = *rest ? !strcmp(rest, "on") : !s->is_presenting;
}

static void run_linear(struct session *s, const char *rest)
{
	(void) rest;
	s->wants_linear = true;
}

static void run_quit(struct session *s, const char *rest)
{
	(void) rest;
	s->is_over = true;
}

static void run_log(struct session *s, const char *rest)
{
	(void) rest;
	session_open(s, PLACE_LOG, 0);
}

static void run_changes(struct session *s, const char *rest)
{
	(void) rest;
	session_open(s, PLACE_CHANGES, 0);
}

static void run_save(struct session *s, const char *rest)
{
	if (!*rest)
		wrong(s, "save-screen takes a file name; .svg gives a picture, else text");
	else
		util_print(s->save_path, sizeof s->save_path, "%s", rest);
}

static void run_save_config(struct session *s, const char *rest)
{
	char path[PROMPT_SIZE], error[SESSION_TEXT];

	(void) rest;
	if (settings_save(s, path, sizeof path, error, sizeof error))
		session_say(s, ROLE_OK, "saved %s", path);
	else
		wrong(s, error);
}

/* ---- lists ---- */

static void run_filter(struct session *s, const char *rest)
{
	char error[160];

	if (!model_filter(s->model, session_kind(s), rest, error, sizeof error))
		wrong(s, error);
}

static void run_sort(struct session *s, const char *rest)
{
	char error[160];

	if (!model_sort_list(s->model, session_kind(s), rest, error, sizeof error))
		wrong(s, error);
}

static void run_columns(struct session *s, const char *rest)
{
	const struct column *columns[SESSION_COLUMNS];
	char error[160];
	int count = columns_parse(session_kind(s), rest, columns, SESSION_COLUMNS, error, sizeof error);

	if (count < 0)
		wrong(s, error);
	else
		session_columns_set(s, session_kind(s), columns, (size_t) count);
}

static const char *candidate_column(struct session *s, size_t i, char *out, size_t size)
{
	size_t count;
	const struct column *columns = columns_of(session_kind(s), &count);

	(void) out, (void) size;
	return i < count ? columns[i].key : NULL;
}

static void run_group(struct session *s, const char *rest)
{
	for (int by = 0; by < GROUP_BY_COUNT; by++)
		if (!strcmp(model_group_name((enum group_by) by), rest)) {
			model_group_by(s->model, (enum group_by) by);
			session_go_tab(s, PLACE_PROCESSES);
			return;
		}
	wrong(s, "group by one of the words that Tab lists");
}

static const char *candidate_group(struct session *s, size_t i, char *out, size_t size)
{
	(void) s, (void) out, (void) size;
	return i < GROUP_BY_COUNT ? model_group_name((enum group_by) i) : NULL;
}

static void run_diff(struct session *s, const char *rest)
{
	static const char *const words[BASELINE_COUNT] = { "off", "mark", "10s", "60s" };

	for (int b = 0; b < BASELINE_COUNT; b++)
		if (!strcmp(words[b], rest)) {
			model_difference(s->model, (enum baseline) b);
			return;
		}
	wrong(s, "diff off, mark, 10s or 60s");
}

static void run_mark(struct session *s, const char *rest)
{
	(void) rest;
	model_mark(s->model);
}

static void run_rule(struct session *s, const char *rest)
{
	char rule[WORD];
	const char *word = word_take(rest, rule, sizeof rule);

	if (!model_finding_switch(s->model, rule, strcmp(word, "off") != 0))
		wrong(s, "rule NAME on or off; Tab lists the names");
	else
		session_say(s, ROLE_NORMAL, "rule %s is %s", rule, strcmp(word, "off") ? "on" : "off");
}

static const char *candidate_rule(struct session *s, size_t i, char *out, size_t size)
{
	size_t count;
	const struct finding_rule *rules = findings_rules(&count);

	(void) s, (void) out, (void) size;
	return i < count ? rules[i].name : NULL;
}

/* ---- processes ---- */

/* The pids that a command names: a registered name, a pid, or what is selected. */
static size_t pids_named(struct session *s, const char *name, uint64_t **pids, char *subject, size_t size)
{
	struct source *source = model_source(s->model);
	uint64_t pid = *name && source->whereis ? source->whereis(source, name) : 0;

	if (!*name)
		pid = session_pid(s);
	*pids = NULL;
	if (!pid && *name) {
		util_print(subject, size, "no process is called %s", name);
		return 0;
	}
	if (!pid || (!*name && session_visit(s)->place != PLACE_DETAIL))
		return model_targets(s->model, session_kind(s), TARGET_SELECTED, pids, subject, size);
	*pids = util_new(1, sizeof **pids);
	**pids = pid;
	if (*name)
		util_print(subject, size, "%s", name);
	else
		format_pid(subject, size, pid);
	return 1;
}

static void order(struct session *s, enum command_kind kind, const char *name, const char *text)
{
	char subject[WORD] = "";
	uint64_t *pids;
	size_t count = pids_named(s, name, &pids, subject, sizeof subject);
	struct command c = { .kind = kind, .pids = pids, .pid_count = count, .text = text, .subject = subject,
		.estimate = kind == COMMAND_GC ? model_estimate(s->model, pids, count) : SNAP_UNKNOWN };

	if (!count)
		wrong(s, subject);
	else if (!model_command(s->model, &c))
		wrong(s, s->is_read_only ? "read-only: nothing is changed" : "this source cannot do that");
	free(pids);
}

static void run_gc(struct session *s, const char *rest)
{
	char word[WORD];
	const char *name = word_take(rest, word, sizeof word);
	struct command all = { .kind = COMMAND_GC_ALL, .subject = "every process", .estimate = SNAP_UNKNOWN };

	if (!strcmp(word, "all"))
		model_command(s->model, &all);
	else if (!strcmp(word, "minor"))
		order(s, COMMAND_GC_MINOR, name, NULL);
	else
		order(s, COMMAND_GC, rest, NULL);
}

static const char *candidate_gc(struct session *s, size_t i, char *out, size_t size)
{
	(void) s, (void) out, (void) size;
	return i == 0 ? "minor" : i == 1 ? "all" : NULL;
}

static void run_hibernate(struct session *s, const char *rest) { order(s, COMMAND_HIBERNATE, rest, NULL); }
static void run_suspend(struct session *s, const char *rest) { order(s, COMMAND_SUSPEND, rest, NULL); }
static void run_resume(struct session *s, const char *rest) { order(s, COMMAND_RESUME, rest, NULL); }
static void run_survey(struct session *s, const char *rest) { order(s, COMMAND_SURVEY, rest, NULL); }

static void run_kill(struct session *s, const char *rest)
{
	char name[WORD];
	const char *reason = word_take(rest, name, sizeof name);

	if (!*name)
		wrong(s, "kill NAME [REASON]; K asks about the selected");
	else
		order(s, COMMAND_EXIT, name, *reason ? reason : "kill");
}

static void run_send(struct session *s, const char *rest)
{
	char name[WORD];
	const char *text = word_take(rest, name, sizeof name);

	if (!*name || !*text)
		wrong(s, "send NAME TERM, like send cart {ping, 1}");
	else
		order(s, COMMAND_SEND, name, text);
}

static void run_find(struct session *s, const char *rest)
{
	struct source *source = model_source(s->model);
	uint64_t pid = source->whereis ? source->whereis(source, rest) : 0;

	if (pid)
		session_open(s, PLACE_DETAIL, pid);
	else
		session_say(s, ROLE_WATCH, "no process is called %s", rest);
}

/* ---- demos ---- */

static const struct snap_application *app_named(struct session *s, const char *name)
{
	const struct snapshot *snap = model_newest(s->model);

	for (size_t i = 0; snap && i < snap->application_count; i++)
		if (!strcmp(model_name(s->model, snap->applications[i].name), name))
			return &snap->applications[i];
	return NULL;
}

static const char *candidate_app(struct session *s, size_t i, char *out, size_t size)
{
	const struct snapshot *snap = model_newest(s->model);

	(void) out, (void) size;
	return snap && i < snap->application_count ? model_name(s->model, snap->applications[i].name) : NULL;
}

static void app_order(struct session *s, enum command_kind kind, const char *name)
{
	const struct snap_application *a = app_named(s, name);
	struct command c = { .kind = kind, .app = a ? a->name : 0, .subject = name, .estimate = SNAP_UNKNOWN };

	if (!a)
		session_say(s, ROLE_WATCH, "there is no application %s", name);
	else if (!model_command(s->model, &c))
		wrong(s, s->is_read_only ? "read-only: nothing is changed" : "this source cannot do that");
}

static void run_start(struct session *s, const char *rest) { app_order(s, COMMAND_APP_START, rest); }
static void run_stop(struct session *s, const char *rest) { app_order(s, COMMAND_APP_STOP, rest); }
static void run_reset(struct session *s, const char *rest) { app_order(s, COMMAND_APP_RESET, rest); }
static void run_twin(struct session *s, const char *rest) { app_order(s, COMMAND_TWIN, rest); }

static const struct snap_knob *knob_named(const struct snap_application *a, const char *key)
{
	for (uint32_t i = 0; i < a->knob_count; i++)
		if (!strcmp(a->knobs[i].key, key))
			return &a->knobs[i];
	return NULL;
}

static void knob_set(struct session *s, const char *app, const char *key, const char *text)
{
	const struct snap_application *a = app_named(s, app);
	const struct snap_knob *k = a ? knob_named(a, key) : NULL;
	double value;

	if (!k) {
		session_say(s, ROLE_WATCH, a ? "%s has no knob %s" : "there is no application %s", app, key);
		return;
	}
	for (int64_t i = 0; i < k->word_count; i++)
		if (!strcmp(k->words[i], text)) {
			demos_knob_set(s, a, k, i);
			return;
		}
	if (!k->word_count && format_read_number(text, &value))
		demos_knob_set(s, a, k, (int64_t) value);
	else
		session_say(s, ROLE_WATCH, "\"%s\" is no value for %s", text, key);
}

static void run_knob(struct session *s, const char *rest)
{
	char app[WORD], key[WORD];

	rest = word_take(rest, app, sizeof app);
	rest = word_take(rest, key, sizeof key);
	knob_set(s, app, key, rest);
}

static void run_fix(struct session *s, const char *rest)
{
	char app[WORD];
	const char *mode = word_take(rest, app, sizeof app);

	knob_set(s, app, "fix", *mode ? mode : "on");
}

/* Counting who sends to whom costs something, so it runs only while one looks. */
static void run_flow(struct session *s, const char *rest)
{
	struct command c = { .kind = COMMAND_EDGES, .value = strcmp(rest, "off") != 0, .subject = "",
		.estimate = SNAP_UNKNOWN };

	if (!model_command(s->model, &c))
		wrong(s, "this source does not count who sends to whom");
	else if (c.value)
		session_open(s, PLACE_FLOW, 0);
}

static void run_explain(struct session *s, const char *rest)
{
	const char *text = columns_explain(rest);

	session_say(s, text ? ROLE_NORMAL : ROLE_WATCH, "%s", text ? text : "that word is not in the glossary");
}

/* ---- the table ---- */

static const struct verb verbs[] = {
	{ "go", "PLACE", "show a tab, findings, events, receipts or changes", run_go, candidate_place },
	{ "find", "NAME", "open the detail of a process by name or pid", run_find, NULL },
	{ "every", "TIME", "interval between samples: 500ms, 2s", run_every, NULL },
	{ "gc", "[minor|all] [NAME]", "collect the selected, the named or all; minor: the young only", run_gc,
		candidate_gc },
	{ "hibernate", "[NAME]", "hibernate a process", run_hibernate, NULL },
	{ "suspend", "[NAME]", "suspend a process", run_suspend, NULL },
	{ "resume", "[NAME]", "resume a process", run_resume, NULL },
	{ "kill", "NAME [REASON]", "send an exit signal, at once", run_kill, NULL },
	{ "send", "NAME TERM", "send a term", run_send, NULL },
	{ "survey", "[NAME]", "measure what a collection would free, changing nothing", run_survey, NULL },
	{ "start", "APP", "start an application or demo", run_start, candidate_app },
	{ "stop", "APP", "stop it, at once", run_stop, candidate_app },
	{ "reset", "APP", "stop and start it with the same knobs", run_reset, candidate_app },
	{ "twin", "APP", "start a fixed instance beside it", run_twin, candidate_app },
	{ "fix", "APP [MODE|off]", "apply its fix, or take it back", run_fix, candidate_app },
	{ "knob", "APP KEY VALUE", "set a knob", run_knob, candidate_app },
	{ "filter", "EXPR", "keep the rows that pass; nothing keeps all", run_filter, candidate_column },
	{ "sort", "KEY[,KEY]", "order by columns", run_sort, candidate_column },
	{ "columns", "KEY[,KEY]", "show these columns", run_columns, candidate_column },
	{ "group", "WORD", "group the processes", run_group, candidate_group },
	{ "mark", "", "mark this moment", run_mark, NULL },
	{ "diff", "off|mark|10s|60s", "show differences instead of values", run_diff, NULL },
	{ "changes", "", "processes new and gone since the mark", run_changes, NULL },
	{ "flow", "[off]", "who sends to whom", run_flow, candidate_switch },
	{ "log", "", "receipts and notices", run_log, NULL },
	{ "rule", "NAME on|off", "switch a finding rule", run_rule, candidate_rule },
	{ "explain", "WORD", "what a word of the screen means", run_explain, NULL },
	{ "theme", "NAME", "default, light, blind, contrast, mono", run_theme, candidate_theme },
	{ "mouse", "on|off", "off gives the mouse back to the terminal, for copying", run_mouse, candidate_switch },
	{ "present", "[on|off]", "large figures and echoed keys, for the back row", run_present, candidate_switch },
	{ "linear", "", "append-only lines, for screen readers", run_linear, NULL },
	{ "save-screen", "FILE", "save this screen as text, or as a picture when FILE ends in .svg", run_save, NULL },
	{ "save-config", "", "write theme, tab, interval, mouse, and on Processes order and columns, to the config file",
		run_save_config, NULL },
	{ "quit", "", "quit", run_quit, NULL },
};

const struct verb *verbs_all(size_t *count)
{
	*count = UTIL_LENGTH(verbs);
	return verbs;
}

/* A beginning that only one verb has is enough. */
static const struct verb *verb_find(const char *name)
{
	const struct verb *found = NULL;
	size_t length = strlen(name), hits = 0;

	for (size_t i = 0; i < UTIL_LENGTH(verbs); i++) {
		if (!strcmp(verbs[i].name, name))
			return &verbs[i];
		if (!strncmp(verbs[i].name, name, length)) {
			found = &verbs[i];
			hits++;
		}
	}
	return hits == 1 ? found : NULL;
}

void verbs_run(struct session *s, const char *line)
{
	char name[WORD], trimmed[PROMPT_SIZE];
	size_t length = util_print(trimmed, sizeof trimmed, "%s", line + strspn(line, " "));

	while (length && trimmed[length - 1] == ' ')
		trimmed[--length] = '\0';
	const char *rest = word_take(trimmed, name, sizeof name);
	const struct verb *v = *name ? verb_find(name) : NULL;

	if (v)
		v->run(s, rest);
	else if (*name)
		session_say(s, ROLE_WATCH, "\"%s\" is no command; Tab lists them", name);
}

/* ---- completion ---- */

struct completion { char common[WORD]; size_t count; const char *word; size_t from; };

/* Keeps what all candidates have in common and lists them. */
static void completion_add(struct session *s, struct completion *c, const char *candidate)
{
	const char *word = c->word + c->from;
	size_t same = 0, used = strlen(s->candidates);

	if (strncmp(candidate, word, strlen(word)))
		return;
	if (!c->count++)
		util_print(c->common, sizeof c->common, "%s", candidate);
	while (c->common[same] && c->common[same] == candidate[same])
		same++;
	c->common[same] = '\0';
	util_print(s->candidates + used, sizeof s->candidates - used, "%s%s", used ? "  " : "", candidate);
}

void verbs_complete(struct session *s)
{
	char word[PROMPT_SIZE], name[WORD], text[WORD];
	bool is_filter = s->prompt_changed != NULL;
	struct completion c = { .word = word };
	const char *candidate;

	prompt_word(&s->prompt, word, sizeof word);
	*s->candidates = '\0';
	bool is_first = strcspn(s->prompt.text, " ") >= s->prompt.cursor;
	word_take(s->prompt.text, name, sizeof name);
	const struct verb *v = verb_find(name);
	if (is_first && !is_filter)
		for (size_t i = 0; i < UTIL_LENGTH(verbs); i++)
			completion_add(s, &c, verbs[i].name);
	else {
		const char *comma = strrchr(word, ',');
		c.from = comma ? (size_t) (comma - word) + 1 : 0;
		for (size_t i = 0; (is_filter || (v && v->candidate)); i++) {
			candidate = is_filter ? candidate_column(s, i, text, sizeof text) : v->candidate(s, i, text, sizeof text);
			if (!candidate)
				break;
			completion_add(s, &c, candidate);
		}
	}
	if (!c.count)
		return;
	char whole[PROMPT_SIZE * 2];
	util_print(whole, sizeof whole, "%.*s%s%s", (int) c.from, word, c.common, c.count == 1 && !is_filter ? " " : "");
	prompt_replace_word(&s->prompt, whole);
	if (c.count == 1)
		util_print(s->candidates, sizeof s->candidates, "%s", is_first && v ? v->help : "");
}
