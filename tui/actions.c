/*
 * actions - the table of keys. See actions.h; the command line's words are in verbs.c.
 */
#include "tui/actions.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/model/util.h"
#include "tui/tab/rows.h"
#include "tui/tab/tabs.h"

#define IN(place) (1u << PLACE_##place)
#define EVERYWHERE UINT32_MAX
#define IN_TABS ((1u << PLACE_TABS) - 1)
#define ABOVE_TABS (((1u << PLACE_COUNT) - 1) & ~IN_TABS)
#define IN_PROCESSES (IN(PROCESSES) | IN(APPLICATIONS))
#define IN_LISTS (IN_TABS | IN(FINDINGS) | IN(EVENTS) | IN(LOG) | IN(FLOW) | IN(CHANGES))
#define IN_TARGETS (IN_PROCESSES | IN(DETAIL) | IN(TABLES) | IN(FINDINGS) | IN(EVENTS) | IN(FLOW) | IN(CHANGES))

/* ---- moving ---- */

static enum row_kind kind_of(struct session *s)
{
	return session_kind(s);
}

static long page_of(struct session *s)
{
	long height = (long) model_view(s->model, kind_of(s))->height;

	return height > 1 ? height - 1 : 1;
}

/* While one moves, what stands beside the list waits: a key held down costs two lines, not a screen. */
static void move(struct session *s, long lines)
{
	view_move(s->model, kind_of(s), lines);
	s->settles_ms = s->now_ms + SESSION_SETTLE_MS;
}

static void move_up(struct session *s) { move(s, -1); }
static void move_down(struct session *s) { move(s, 1); }
static void move_page_up(struct session *s) { move(s, -page_of(s)); }
static void move_page_down(struct session *s) { move(s, page_of(s)); }
static void move_home(struct session *s) { view_home(s->model, kind_of(s)); }
static void move_end(struct session *s) { view_end(s->model, kind_of(s)); }

static void tab_to(struct session *s, int tab)
{
	session_go_tab(s, (enum place_id) ((tab + PLACE_TABS) % PLACE_TABS));
}

static void tab_1(struct session *s) { tab_to(s, 0); }
static void tab_2(struct session *s) { tab_to(s, 1); }
static void tab_3(struct session *s) { tab_to(s, 2); }
static void tab_4(struct session *s) { tab_to(s, 3); }
static void tab_5(struct session *s) { tab_to(s, 4); }
static void tab_next(struct session *s) { tab_to(s, (int) s->visits[0].place + 1); }
static void tab_before(struct session *s) { tab_to(s, (int) s->visits[0].place - 1); }

/* ---- open and back ---- */

static void open_pid(struct session *s, uint64_t pid)
{
	if (pid)
		session_open(s, PLACE_DETAIL, pid);
	else
		session_say(s, ROLE_WATCH, "there is no process behind this line");
}

static void open_tree_line(struct session *s, const struct tree_line *t)
{
	bool is_fold = t->kind == TREE_FOLD_LINE || t->kind == TREE_LOOSE || t->kind == TREE_ORPHANS
		|| t->kind == TREE_SYSTEM;

	if (t->kind == TREE_TABLE)
		session_open(s, PLACE_CONTENT, t->table);
	else if (t->pid && !is_fold)
		session_open(s, PLACE_DETAIL, t->pid);
	else if (t->can_open)
		model_tree_open(s->model, t->id, -1);
	else
		session_say(s, ROLE_NORMAL, "nothing hangs below this line");
}

/* The processes that have this in common. */
static void show_only(struct session *s, const char *key, const char *value)
{
	char filter[128], error[120];

	util_print(filter, sizeof filter, "%s=\"%s\"", key, value);
	model_group_by(s->model, GROUP_OFF);
	session_go_tab(s, PLACE_PROCESSES);
	if (model_filter(s->model, ROW_PROCESS, filter, error, sizeof error))
		session_say(s, ROLE_NORMAL, "only these are shown; :filter shows all again");
	else
		session_say(s, ROLE_WATCH, "%s", error);
}

/* A group opens as the processes in it. */
static void open_group(struct session *s, const struct group *g)
{
	static const char *const keys[GROUP_BY_COUNT] = { "", "initial_call", "application", "parent" };

	show_only(s, keys[model_grouping(s->model)], g->name);
}

static void open_finding(struct session *s, const struct finding *f)
{
	if (f->table)
		session_open(s, PLACE_CONTENT, f->table);
	else if (f->pid)
		session_open(s, PLACE_DETAIL, f->pid);
	else if (f->group)
		show_only(s, "initial_call", model_name(s->model, f->group));
	else
		session_go_tab(s, f->rule->about == FINDING_SYSTEM ? PLACE_SYSTEM : PLACE_APPLICATIONS);
}

static void act_open(struct session *s)
{
	const struct row *r = view_selected(model_view(s->model, kind_of(s)));

	if (!r)
		return;
	switch (r->kind) {
	case ROW_TREE: open_tree_line(s, r->now); break;
	case ROW_GROUP: open_group(s, r->now); break;
	case ROW_TABLE: session_open(s, PLACE_CONTENT, ((const struct snap_table *) r->now)->id); break;
	case ROW_DEMO: session_open(s, PLACE_CARD, 0); break;
	case ROW_FINDING: open_finding(s, r->now); break;
	case ROW_CATEGORY: session_say(s, ROLE_NORMAL, "%s", columns_explain(((const struct category *) r->now)->key) ?
		columns_explain(((const struct category *) r->now)->key) : "2 lists the processes that hold it"); break;
	case ROW_RECEIPT: case ROW_NOTICE: break;
	default: open_pid(s, session_pid(s)); break;
	}
}

static void act_back(struct session *s)
{
	if (*s->message)
		s->message_until_ms = 0;
	session_back(s);
}

static void act_quit(struct session *s)
{
	if (!session_back(s))
		s->is_over = true;
}

static void act_exit(struct session *s) { s->is_over = true; }

static void act_page_before(struct session *s)
{
	struct visit *v = session_visit(s);

	if (v->place == PLACE_LOG)
		v->page = !v->page;
}

/* ---- order ---- */

static void order_by(struct session *s, const char *const *keys)
{
	for (; *keys; keys++)
		if (columns_find(kind_of(s), *keys) && model_sort(s->model, kind_of(s), *keys)) {
			const struct view *v = model_view(s->model, kind_of(s));
			session_say(s, ROLE_NORMAL, "ordered by %s%s", v->sort[0].column->title,
				v->sort[0].is_reversed ? ", reversed" : "");
			return;
		}
	session_say(s, ROLE_WATCH, "%s cannot be ordered by that; s lists what they can be ordered by",
		columns_kind_plural(kind_of(s)));
}

/* The same letter means the nearest column that a kind of rows has. */
static const char *const by_memory[] = { "memory", "bytes", "now", NULL };
static const char *const by_queue[] = { "message_queue_len", "messages", NULL };
static const char *const by_work[] = { "reductions_rate", "reductions", "lookups_rate", NULL };
static const char *const by_binaries[] = { "binary_bytes", "bytes", NULL };
static const char *const by_total[] = { "total_bytes", "bytes", "memory", "now", NULL };

static void order_memory(struct session *s) { order_by(s, by_memory); }
static void order_queue(struct session *s) { order_by(s, by_queue); }
static void order_work(struct session *s) { order_by(s, by_work); }
static void order_binaries(struct session *s) { order_by(s, by_binaries); }
static void order_total(struct session *s) { order_by(s, by_total); }
static void order_invert(struct session *s) { model_sort_invert(s->model, kind_of(s)); }

static void order_step(struct session *s, int step)
{
	const struct column *columns[SESSION_COLUMNS];

	model_sort_step(s->model, kind_of(s), columns, session_columns(s, kind_of(s), columns), step);
}

static void order_left(struct session *s) { order_step(s, -1); }
static void order_right(struct session *s) { order_step(s, 1); }

static void choose(struct session *s, bool is_order)
{
	s->chooser = (struct chooser) { .kind = kind_of(s), .is_order = is_order };
	s->popup = POPUP_CHOOSE;
}

static void act_columns(struct session *s) { choose(s, false); }
static void act_order(struct session *s) { choose(s, true); }

static void act_group(struct session *s)
{
	enum group_by by = (enum group_by) ((model_grouping(s->model) + 1) % GROUP_BY_COUNT);

	model_group_by(s->model, by);
	session_say(s, ROLE_NORMAL, by == GROUP_OFF ? "not grouped" : "grouped by %s; v goes on", model_group_name(by));
}

static void act_follow(struct session *s)
{
	const struct view *v = model_view(s->model, kind_of(s));

	if (v->is_watching) {
		view_select(s->model, kind_of(s), v->selected);
		session_say(s, ROLE_NORMAL, "following what is selected");
	} else {
		view_home(s->model, kind_of(s));
		session_say(s, ROLE_NORMAL, "watching the top of the list");
	}
}

/* ---- tree ---- */

static void tree_open(struct session *s, int open)
{
	const struct view *v = model_view(s->model, kind_of(s));

	if (v->kind == ROW_TREE && v->selected)
		model_tree_open(s->model, v->selected, open);
}

static void act_tree_open(struct session *s) { tree_open(s, 1); }
static void act_tree_close(struct session *s) { tree_open(s, 0); }
static void act_tree_left(struct session *s) { tree_open(s, 0); }
static void act_tree_right(struct session *s) { tree_open(s, 1); }

static void act_tree_all(struct session *s)
{
	const struct view *v = model_view(s->model, ROW_TREE);
	size_t before = v->total;

	model_tree_open_all(s->model);
	if (model_view(s->model, ROW_TREE)->total == before)
		model_tree_close_all(s->model);
}

/* On Applications tree or list; on a process, to its place in the tree. */
static void act_tree(struct session *s)
{
	uint64_t pid = session_pid(s);

	if (session_visit(s)->place == PLACE_APPLICATIONS) {
		s->is_list = !s->is_list;
		return;
	}
	s->is_list = false;
	session_go_tab(s, PLACE_APPLICATIONS);
	if (pid && !model_tree_reveal(s->model, pid))
		session_say(s, ROLE_WATCH, "it ended meanwhile");
}

/* ---- search and filter ---- */

static void prompt_open(struct session *s, const char *label, const char *text,
	void (*done)(struct session *, const char *),
	void (*changed)(struct session *, const char *))
{
	prompt_start(&s->prompt, label, text);
	s->popup = POPUP_PROMPT;
	s->prompt_done = done;
	s->prompt_changed = changed;
	*s->candidates = '\0';
}

static void search_done(struct session *s, const char *text)
{
	char error[120];

	if (!text)
		return;
	if (!model_search(s->model, kind_of(s), text, error, sizeof error))
		session_say(s, ROLE_WATCH, "%s", error);
	else if (*text && !model_search_step(s->model, kind_of(s), 1))
		session_say(s, ROLE_WATCH, "nothing matches \"%s\"", text);
}

static void act_search(struct session *s) { prompt_open(s, "search: ", "", search_done, NULL); }

static void search_step(struct session *s, int step)
{
	if (!model_search_step(s->model, kind_of(s), step))
		session_say(s, ROLE_WATCH, "nothing to go to; / searches");
}

static void act_search_next(struct session *s) { search_step(s, 1); }
static void act_search_before(struct session *s) { search_step(s, -1); }

static void filter_changed(struct session *s, const char *text)
{
	char error[120];

	*s->candidates = '\0';
	if (!model_filter(s->model, kind_of(s), text, error, sizeof error))
		util_print(s->candidates, sizeof s->candidates, "%s", error);
}

static void filter_done(struct session *s, const char *text)
{
	char error[120], ignored[120];

	if (model_filter(s->model, kind_of(s), text ? text : s->prompt_before, error, sizeof error))
		return;
	model_filter(s->model, kind_of(s), s->prompt_before, ignored, sizeof ignored);
	session_say(s, ROLE_WATCH, "%s", error);
}

static void act_filter(struct session *s)
{
	const struct view *v = model_view(s->model, kind_of(s));

	util_print(s->prompt_before, sizeof s->prompt_before, "%s", filter_text(v->filter));
	prompt_open(s, "filter: ", s->prompt_before, filter_done, filter_changed);
}

static void act_tag(struct session *s)
{
	const struct view *v = model_view(s->model, kind_of(s));

	if (!v->selected)
		return;
	model_tag(s->model, kind_of(s), v->selected);
	view_move(s->model, kind_of(s), 1);
}

static void act_untag(struct session *s) { model_untag_all(s->model, kind_of(s)); }

/* ---- commands to processes ---- */

/* Whom an action is about: the process in view, the tagged, the selected row. The list is the caller's. */
static size_t targets(struct session *s, enum target target, uint64_t **pids, char *subject, size_t size)
{
	const struct visit *v = session_visit(s);
	const struct snap_detail *d = model_detail(s->model);

	if (v->place != PLACE_DETAIL)
		return model_targets(s->model, kind_of(s), target, pids, subject, size);
	*pids = util_new(1, sizeof **pids);
	**pids = v->subject;
	if (d && d->dead) {
		util_print(subject, size, "it has ended");
		return 0;
	}
	if (d && d->pid == v->subject && d->row.name)
		util_print(subject, size, "%s", model_name(s->model, d->row.name));
	else
		format_pid(subject, size, v->subject);
	return 1;
}

static enum target best_target(struct session *s)
{
	return session_visit(s)->place != PLACE_DETAIL && model_tag_count(s->model, kind_of(s)) ? TARGET_TAGGED
		: TARGET_SELECTED;
}

static void order_command(struct session *s, enum command_kind kind, const uint64_t *pids, size_t count,
	const char *subject,
	const char *text, const char *doing)
{
	struct command c = { .kind = kind, .pids = pids, .pid_count = count, .text = text, .subject = subject,
		.estimate = kind == COMMAND_GC ? model_estimate(s->model, pids, count) : SNAP_UNKNOWN };

	if (model_command(s->model, &c))
		session_say(s, ROLE_NORMAL, "%s %s", doing, subject);
	else
		session_say(s, ROLE_WATCH, s->is_read_only ? "read-only: nothing is changed" : "this source cannot do that");
}

static void command_targets(struct session *s, enum target target, enum command_kind kind, const char *doing)
{
	char subject[64] = "";
	uint64_t *pids = NULL;
	size_t count = targets(s, target, &pids, subject, sizeof subject);

	if (count)
		order_command(s, kind, pids, count, subject, NULL, doing);
	else
		session_say(s, ROLE_WATCH, "%s", subject);
	free(pids);
}

static void act_collect(struct session *s)
{
	if (session_visit(s)->place == PLACE_SYSTEM || session_visit(s)->place == PLACE_DEMOS) {
		session_say(s, ROLE_WATCH, "no process is selected here; G collects every process");
		return;
	}
	command_targets(s, best_target(s), COMMAND_GC, "collecting");
}

static void act_collect_all(struct session *s)
{
	enum place_id place = session_visit(s)->place;
	bool has_processes = place == PLACE_PROCESSES || place == PLACE_APPLICATIONS;
	bool is_filtered = has_processes && !filter_is_empty(model_view(s->model, kind_of(s))->filter);

	if (is_filtered)
		command_targets(s, TARGET_SHOWN, COMMAND_GC, "collecting");
	else
		order_command(s, COMMAND_GC_ALL, NULL, 0, "every process", NULL, "collecting");
}

static void act_hibernate(struct session *s) { command_targets(s, best_target(s), COMMAND_HIBERNATE, "hibernating"); }

static bool is_suspended(struct session *s, uint64_t pid)
{
	struct source *source = model_source(s->model);
	struct snap_process row;

	return source->read_process && source->read_process(source, pid, &row) && row.status == SNAP_SUSPENDED;
}

static void act_suspend(struct session *s)
{
	bool is_back = is_suspended(s, session_pid(s));

	command_targets(s, best_target(s), is_back ? COMMAND_RESUME : COMMAND_SUSPEND, is_back ? "resuming" : "suspending");
}

/* Whom a prompt is about is fixed when it opens: what is selected later does not matter. */
static bool hold_targets(struct session *s)
{
	free(s->held_pids);
	s->held_pids = NULL;
	s->held_count = targets(s, best_target(s), &s->held_pids, s->held_subject, sizeof s->held_subject);
	if (!s->held_count)
		session_say(s, ROLE_WATCH, "%s", s->held_subject);
	return s->held_count != 0;
}

static void exit_done(struct session *s, const char *text)
{
	if (text && *text)
		order_command(s, COMMAND_EXIT, s->held_pids, s->held_count, s->held_subject, text, "exit signal to");
	else
		session_say(s, ROLE_NORMAL, "nothing was sent");
}

static void act_exit_process(struct session *s)
{
	if (s->is_read_only)
		session_say(s, ROLE_WATCH, "read-only: nothing is changed");
	else if (hold_targets(s)) {
		prompt_open(s, "exit, reason: ", "kill", exit_done, NULL);
		util_print(s->candidates, sizeof s->candidates,
			"ends %s; links and monitors are told, a supervisor may restart it. Enter does it, Esc leaves it",
			s->held_subject);
	}
}

static void send_done(struct session *s, const char *text)
{
	if (text && *text)
		order_command(s, COMMAND_SEND, s->held_pids, s->held_count, s->held_subject, text, "sent to");
}

static void act_send(struct session *s)
{
	if (s->is_read_only)
		session_say(s, ROLE_WATCH, "read-only: nothing is changed");
	else if (hold_targets(s)) {
		prompt_open(s, "send term: ", "", send_done, NULL);
		util_print(s->candidates, sizeof s->candidates, "to %s; a term like hello, 42, {ping, 1} or [1, 2]",
			s->held_subject);
	}
}

/* ---- time ---- */

static void act_pause(struct session *s)
{
	bool pause = !model_is_paused(s->model);

	model_pause(s->model, pause);
	session_say(s, ROLE_NORMAL, pause ? "paused: the pages stand still, the runtime goes on; p again" : "live again");
}

static void act_mark(struct session *s)
{
	model_mark(s->model);
	session_say(s, ROLE_NORMAL, "marked: columns show the difference since now; d changes the window");
}

static void act_difference(struct session *s)
{
	static const char *const said[BASELINE_COUNT] = { "difference off", "difference since the mark",
		"difference of the last 10 s",
		"difference of the last 60 s" };
	enum baseline b = (enum baseline) ((model_baseline(s->model) + 1) % BASELINE_COUNT);

	model_difference(s->model, b);
	session_say(s, ROLE_NORMAL, "%s", said[b]);
}

static void time_step(struct session *s, int step)
{
	model_step(s->model, step);
	size_t back = model_step_count(s->model);
	if (back)
		session_say(s, ROLE_NORMAL, "%zu sample%s back%s; ] goes forward", back, back == 1 ? "" : "s",
			model_history_is_partial(s->model) ? " (the top of the list only)" : "");
	else
		session_say(s, ROLE_NORMAL, "live");
}

static void act_step_back(struct session *s) { time_step(s, -1); }
static void act_step_forward(struct session *s) { time_step(s, 1); }

/* ---- demos ---- */

static const struct snap_application *demo_or_say(struct session *s)
{
	const struct snap_application *a = session_demo(s);

	if (!a)
		session_say(s, ROLE_WATCH, "there is no demo here");
	return a;
}

static void act_fix(struct session *s)
{
	const struct snap_application *a = demo_or_say(s);

	if (!a)
		return;
	if (!a->knob_count || a->state != SNAP_APP_RUNNING) {
		session_say(s, ROLE_WATCH, "%s is not running; S starts it", model_name(s->model, a->name));
		return;
	}
	demos_knob_set(s, a, &a->knobs[0], a->knobs[0].value == 0 ? 1 : 0);
}

static void app_command(struct session *s, enum command_kind kind, uint32_t app, const char *doing)
{
	struct command c = { .kind = kind, .app = app, .subject = model_name(s->model, app), .estimate = SNAP_UNKNOWN };

	if (model_command(s->model, &c))
		session_say(s, ROLE_NORMAL, "%s %s", doing, c.subject);
	else
		session_say(s, ROLE_WATCH, s->is_read_only ? "read-only: nothing is changed" : "this source cannot do that");
}

static void stop_answer(struct session *s, bool yes)
{
	if (yes)
		app_command(s, COMMAND_APP_STOP, s->held_app, "stopping");
}

static void act_start_stop(struct session *s)
{
	const struct snap_application *a = demo_or_say(s);

	if (!a)
		return;
	if (a->state != SNAP_APP_RUNNING || s->is_read_only) {
		app_command(s, COMMAND_APP_START, a->name, "starting");
		return;
	}
	s->held_app = a->name;
	s->answer = stop_answer;
	s->popup = POPUP_ASK;
	util_print(s->question.text, sizeof s->question.text, "Stop %s?", model_name(s->model, a->name));
	util_print(s->question.detail, sizeof s->question.detail,
		"Its %llu processes end and every byte of theirs is given back.",
		(unsigned long long) a->processes);
}

static void act_twin(struct session *s)
{
	const struct snap_application *a = demo_or_say(s);

	if (a)
		app_command(s, COMMAND_TWIN, a->name, "starting a fixed twin of");
}

static void act_reset(struct session *s)
{
	const struct snap_application *a = demo_or_say(s);

	if (a)
		app_command(s, COMMAND_APP_RESET, a->name, "starting anew:");
}

/* ---- other places ---- */

static void act_findings(struct session *s)
{
	const struct row *r = view_selected(model_view(s->model, kind_of(s)));
	struct finding_about about = { .pid = session_pid(s) };
	size_t count;
	const struct finding *f = model_findings(s->model, &count);

	if (r && r->kind == ROW_PROCESS)
		about = finding_about_process(r->now);
	else if (r && r->kind == ROW_TREE)
		about = tree_about(r->now);
	else if (r && r->kind == ROW_TABLE)
		about = (struct finding_about) { .table = r->id };
	for (size_t i = 0; i < count; i++)
		if (finding_is_about(&f[i], about)) {
			view_select(s->model, ROW_FINDING, f[i].id);
			break;
		}
	session_open(s, PLACE_FINDINGS, 0);
}

static void act_events(struct session *s) { session_open(s, PLACE_EVENTS, 0); }
static void act_log(struct session *s) { session_open(s, PLACE_LOG, 0); }

static void act_help(struct session *s)
{
	s->help = (struct help_state) { 0 };
	s->popup = POPUP_HELP;
}

static void command_done(struct session *s, const char *text)
{
	if (text && *text) {
		prompt_remember(&s->history, text);
		verbs_run(s, text);
	}
}

static void act_command(struct session *s) { prompt_open(s, ":", "", command_done, NULL); }
static void act_redraw(struct session *s) { s->wants_redraw = true; }

/* ---- the table ---- */

static const struct action actions[] = {
	{ K_ENTER, 0, IN_TABS | IN(FINDINGS) | IN(EVENTS) | IN(FLOW) | IN(CHANGES), "open",
		"open what is selected: a process, a table's objects, a demo's card", act_open },
	{ K_RIGHT, K_LEFT, IN(DETAIL), "page", "next page of the process, or the one before", NULL },
	{ K_PAGE_DOWN, K_PAGE_UP, IN(SYSTEM), "more", "further sections: limits, allocators, cost of the observer", NULL },
	{ K_PAGE_DOWN, K_PAGE_UP, IN(CONTENT), "page", "further objects, or those before", NULL },
	{ K_RIGHT, K_LEFT, IN(DEMOS) | IN(CARD), "knob", "change the knob in hand, live", NULL },
	{ K_ESCAPE, K_BACKSPACE, ABOVE_TABS, "back", "back to where this was opened", act_back },
	{ 'g', 0, IN_TARGETS | IN(SYSTEM) | IN(DEMOS) | IN(CARD), "collect",
		"full sweep of the selected or tagged; on a group or subtree of all in it; a receipt tells what it freed",
		act_collect },
	{ 'H', 0, IN(DETAIL), "hibernate", "hibernate it: one block of exactly what lives", act_hibernate },
	{ 'K', K_F9, IN(DETAIL), "exit", "send it an exit signal with a reason (asks)", act_exit_process },
	{ 'S', 0, IN(DETAIL), "suspend", "suspend it, or let it go on", act_suspend },
	{ 'o', 0, IN(DETAIL), "send", "send it a term", act_send },
	{ 'f', 0, IN(DETAIL), NULL, "page binaries: ask who else holds the largest", NULL },
	{ ' ', 'n', IN(DETAIL), NULL, "page strip: the next step of a collection", NULL },
	{ 'b', 0, IN(DETAIL), NULL, "page strip: one step back", NULL },
	{ 'x', 0, IN(DEMOS) | IN(CARD), "fix", "apply the demo's fix to the running system, or take it back", act_fix },
	{ 'S', 0, IN(DEMOS) | IN(CARD), "start/stop", "start the demo, or stop it (asks)", act_start_stop },
	{ 'y', 0, IN(DEMOS) | IN(CARD), "twin", "start a second instance beside it with the fix on and the same seed",
		act_twin },
	{ 'r', 0, IN(DEMOS) | IN(CARD), NULL, "start the demo anew with the same knobs", act_reset },
	{ 'G', 0, EVERYWHERE, "all", "full sweep of every process that passes the filter, not only the page",
		act_collect_all },
	{ '/', K_F3, IN_LISTS, "search", "search; n and N go to the next and previous match", act_search },
	{ '\\', K_F4, IN_LISTS, "filter", "filter: mem>1M mq>100 app=shop name~cache", act_filter },
	{ 't', K_F5, IN_PROCESSES | IN(DETAIL), "tree", "tree or list; on a process: show its place in the tree",
		act_tree },
	{ ' ', 0, IN_PROCESSES | IN(TABLES) | IN(CHANGES), "tag", "tag or untag, and go down one", act_tag },
	{ 'w', 0, EVERYWHERE, "findings", "findings: what is wrong, with evidence, proof and fix", act_findings },
	{ 'd', 0, EVERYWHERE, "diff", "difference: since the mark, of 10 s, of 60 s, off", act_difference },
	{ 'p', 0, EVERYWHERE, "pause", "pause the pages; the runtime goes on", act_pause },
	{ 'H', 0, IN_TARGETS & ~IN(DETAIL), "hibernate", "hibernate the selected or tagged: one block of exactly what lives",
		act_hibernate },
	{ 'K', K_F9, IN_TARGETS & ~IN(DETAIL), "exit", "send an exit signal with a reason (asks)", act_exit_process },
	{ 'S', 0, IN_TARGETS & ~(IN(TABLES) | IN(DETAIL)), "suspend", "suspend, or resume", act_suspend },
	{ 'o', 0, IN_TARGETS & ~(IN(TABLES) | IN(DETAIL)), "send", "send a term", act_send },
	{ 'm', 0, EVERYWHERE, "mark", "mark this moment and show the difference since", act_mark },
	{ 'e', 0, EVERYWHERE, "events", "event log: collections, exits, restarts, limits", act_events },
	{ 'L', 0, EVERYWHERE, NULL, "log of receipts and notices", act_log },
	{ ':', 0, EVERYWHERE, "command", "command line; Tab completes", act_command },

	{ 'M', 0, IN_LISTS, NULL, "order by memory", order_memory },
	{ 'Q', 0, IN_LISTS, NULL, "order by message queue", order_queue },
	{ 'R', 0, IN_LISTS, NULL, "order by work: reductions a second", order_work },
	{ 'B', 0, IN_LISTS, NULL, "order by binaries held", order_binaries },
	{ 'T', 0, IN_LISTS, NULL, "order by total: own memory, share of binaries, tables", order_total },
	{ '<', 0, IN_LISTS, NULL, "order by the column to the left", order_left },
	{ '>', 0, IN_LISTS, NULL, "order by the column to the right", order_right },
	{ 'I', 0, IN_LISTS, NULL, "invert the order", order_invert },
	{ 's', K_F6, IN_LISTS, NULL, "choose the order from a list", act_order },
	{ 'C', K_F2, IN_LISTS, NULL, "choose the columns", act_columns },
	{ 'v', 0, IN(PROCESSES), NULL, "group by initial call, application, parent, not at all", act_group },
	{ 'F', 0, IN_LISTS, NULL, "follow what is selected, or watch the top", act_follow },
	{ 'n', 0, IN_LISTS, NULL, "next match of the search", act_search_next },
	{ 'N', 0, IN_LISTS, NULL, "previous match of the search", act_search_before },
	{ 'U', 0, IN_PROCESSES | IN(TABLES) | IN(CHANGES), NULL, "untag all", act_untag },
	{ '+', 0, IN(APPLICATIONS), NULL, "open a branch of the tree", act_tree_open },
	{ '-', 0, IN(APPLICATIONS), NULL, "close a branch", act_tree_close },
	{ '*', 0, IN(APPLICATIONS), NULL, "open all branches, or close all", act_tree_all },
	{ K_RIGHT, 0, IN(APPLICATIONS), NULL, "open a branch", act_tree_right },
	{ K_LEFT, 0, IN(APPLICATIONS), NULL, "close a branch", act_tree_left },
	{ K_LEFT, K_RIGHT, IN(LOG), NULL, "receipts or notices", act_page_before },
	{ '[', 0, EVERYWHERE, NULL, "step back through history", act_step_back },
	{ ']', 0, EVERYWHERE, NULL, "step forward through history", act_step_forward },

	{ K_UP, 'k', IN(CARD) | IN(CONTENT), NULL, "the knob before; an object up", NULL },
	{ K_DOWN, 'j', IN(CARD) | IN(CONTENT), NULL, "the next knob; an object down", NULL },
	{ K_HOME, 0, IN(CARD) | IN(CONTENT), NULL, "the knob's default; the first object", NULL },
	{ K_ENTER, 0, IN(CARD), NULL, "type the knob's value", NULL },
	{ K_UP, 'k', IN_LISTS | IN(DETAIL), NULL, "up", move_up },
	{ K_DOWN, 'j', IN_LISTS | IN(DETAIL), NULL, "down", move_down },
	{ K_PAGE_UP, 0, (IN_LISTS | IN(DETAIL)) & ~IN(SYSTEM), NULL, "a page up", move_page_up },
	{ K_PAGE_DOWN, 0, (IN_LISTS | IN(DETAIL)) & ~IN(SYSTEM), NULL, "a page down", move_page_down },
	{ K_HOME, 0, IN_LISTS | IN(DETAIL), NULL, "first line: watch the top", move_home },
	{ K_END, 0, IN_LISTS | IN(DETAIL), NULL, "last line", move_end },
	{ '1', 0, EVERYWHERE, NULL, "Applications", tab_1 },
	{ '2', 0, EVERYWHERE, NULL, "Processes", tab_2 },
	{ '3', 0, EVERYWHERE, NULL, "System", tab_3 },
	{ '4', 0, EVERYWHERE, NULL, "Tables", tab_4 },
	{ '5', 0, EVERYWHERE, NULL, "Demos", tab_5 },
	{ K_TAB, 0, EVERYWHERE, NULL, "next tab", tab_next },
	{ K_BACK_TAB, 0, EVERYWHERE, NULL, "previous tab", tab_before },
	{ K_CTRL('L'), 0, EVERYWHERE, NULL, "paint the screen anew", act_redraw },
	{ K_ESCAPE, K_BACKSPACE, IN_TABS, NULL, "take the message away", act_back },
	{ '?', K_F1, EVERYWHERE, "help", "help: the word under the cursor, then all keys", act_help },
	{ 'q', 0, EVERYWHERE, "quit", "close, then quit", act_quit },
	{ K_F10, 0, EVERYWHERE, NULL, "quit", act_exit },
};

const struct action *actions_all(size_t *count)
{
	*count = UTIL_LENGTH(actions);
	return actions;
}

bool action_is_here(const struct session *s, const struct action *a)
{
	return a->where >> session_visit_const(s)->place & 1;
}

bool actions_dispatch(struct session *s, uint32_t key)
{
	const struct place *place = place_of(session_visit(s)->place);

	if (place->on_key && place->on_key(s, key))
		return true;
	for (size_t i = 0; i < UTIL_LENGTH(actions); i++)
		if (actions[i].run && (actions[i].key == key || (actions[i].also && actions[i].also == key))
			&& action_is_here(s, &actions[i])) {
			actions[i].run(s);
			return true;
		}
	return false;
}

/* ---- man page ---- */

static void print_troff(FILE *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '\\' || *text == '-')
			fputc('\\', out);
		if (*text == '\\')
			fputc('e', out);
		else
			fputc(*text, out);
	}
}

static void print_places(FILE *out, uint32_t where)
{
	size_t said = 0;

	for (int i = 0; where != EVERYWHERE && i < PLACE_COUNT; i++)
		if (where >> i & 1)
			fprintf(out, "%s%s", said++ ? ", " : " (", place_of((enum place_id) i)->name);
	fputs(said ? ")\n" : "\n", out);
}

void actions_print_man(FILE *out)
{
	size_t verb_count;
	const struct verb *all = verbs_all(&verb_count);
	char name[16];

	fputs(".SH KEYS\n", out);
	for (size_t i = 0; i < UTIL_LENGTH(actions); i++) {
		fputs(".TP\n.B ", out);
		print_troff(out, input_key_name(actions[i].key, name, sizeof name));
		if (actions[i].also)
			fprintf(out, " %s", input_key_name(actions[i].also, name, sizeof name));
		fputc('\n', out);
		print_troff(out, actions[i].help);
		print_places(out, actions[i].where);
	}
	fputs(".SH COMMANDS\nAfter a colon; Tab completes.\n", out);
	for (size_t i = 0; i < verb_count; i++) {
		fputs(".TP\n.B ", out);
		print_troff(out, all[i].name);
		fputc(' ', out);
		print_troff(out, all[i].arguments);
		fputc('\n', out);
		print_troff(out, all[i].help);
		fputc('\n', out);
	}
}
