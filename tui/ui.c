/*
 * ui - see ui.h.
 */
#include "tui/ui.h"

#include <errno.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "tui/actions.h"
#include "tui/frame.h"
#include "tui/model/util.h"
#include "tui/picture.h"
#include "tui/popups.h"
#include "tui/screen.h"
#include "tui/ui_parts.h"

#define FRAME_MS 33             /* between frames that no key asked for */
#define ANSWER_MS 15            /* between looks for an answer that is due */
#define ANSWERS_WITHIN_MS 1000  /* and how long it is looked for */
#define RECEIPT_MS 120          /* after a command the world is looked at out of turn */
#define EARLY_MS 15             /* and after the first frame, which may have come before what was started stood */
#define EARLY_LOOKS 2

static const int signals[] = { SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGTSTP, SIGCONT, SIGWINCH };

/* ---- without a terminal ---- */

static bool options_apply(struct ui *ui, const struct ui_options *o, char *error, size_t size)
{
	struct session *s = &ui->session;
	const struct theme *theme = theme_find(o->theme ? o->theme : "default");
	enum place_id tab = o->tab ? place_find(o->tab) : PLACE_APPLICATIONS;

	if (!theme) {
		util_complain(error, size, "no theme is called %s; there are default, light, blind, contrast, mono", o->theme);
		return false;
	}
	s->theme = theme;
	if (tab < PLACE_TABS)
		session_go_tab(s, tab);
	else if (tab < PLACE_COUNT)
		session_open(s, tab, 0);
	if (tab == PLACE_COUNT) {
		util_complain(error, size, "no tab is called %s", o->tab);
		return false;
	}
	enum row_kind kind = session_kind(s);
	const struct column *columns[SESSION_COLUMNS];
	int count = o->columns ? columns_parse(kind, o->columns, columns, SESSION_COLUMNS, error, size) : 0;
	if (count > 0)
		session_columns_set(s, kind, columns, (size_t) count);
	return count >= 0 && (!o->sort || model_sort_list(ui->model, kind, o->sort, error, size))
		&& (!o->filter || model_filter(ui->model, kind, o->filter, error, size));
}

struct ui *ui_new(const struct ui_options *o, char *error, size_t error_size)
{
	struct ui *ui = util_new(1, sizeof *ui);

	ui->source = o->source;
	ui->model = model_new(o->source);
	session_init(&ui->session, ui->model);
	ui->session.is_read_only = o->is_read_only;
	ui->session.is_presenting = o->is_presenting;
	ui->session.uses_mouse = o->use_mouse;
	ui->charset = CHARSET_BRAILLE;
	model_set_read_only(ui->model, o->is_read_only);
	if (o->interval_us) {
		ui->session.interval_us = o->interval_us;
		o->source->set_interval(o->source, o->interval_us);
	}
	if (options_apply(ui, o, error, error_size))
		return ui;
	ui_free(ui);
	return NULL;
}

void ui_free(struct ui *ui)
{
	if (!ui)
		return;
	session_release(&ui->session);
	model_free(ui->model);
	free(ui);
}

bool ui_advance(struct ui *ui, int wait_ms)
{
	struct source *source = ui->source;
	struct snapshot *s = source->next(source, wait_ms);

	model_poll_detail(ui->model);
	if (!s)
		return false;
	model_advance(ui->model, s);
	ui->has_sample = true;
	model_poll_detail(ui->model);
	session_catch_up(&ui->session);
	return true;
}

/* Shows the world as it is, out of turn: for the first frame, and soon after a command. */
static void advance_now(struct ui *ui)
{
	struct snapshot *s = ui->source->now ? ui->source->now(ui->source) : NULL;

	if (s)
		model_advance(ui->model, s);
	ui->has_sample |= s != NULL;
	model_poll_detail(ui->model);
	session_catch_up(&ui->session);
}

void ui_settle(struct ui *ui, const struct canvas *c)
{
	struct session *s = &ui->session;
	char error[SESSION_TEXT];
	size_t outgoing;

	model_outbox(ui->model, &outgoing);
	ui->commands_sent += outgoing;
	model_flush(ui->model);
	if (s->wants_interval)
		ui->source->set_interval(ui->source, s->interval_us);
	s->wants_interval = false;
	if (*s->save_path && c) {
		if (picture_save(c, s->theme, s->save_path, error, sizeof error))
			session_say(s, ROLE_OK, "saved %s", s->save_path);
		else
			session_say(s, ROLE_CRITICAL, "%s", error);
		*s->save_path = '\0';
	}
}

/* Presenter mode shows the last keys; older ones leave at the left. */
static void echo_key(struct session *s, uint32_t key)
{
	char name[16];
	size_t used = strlen(s->keys_typed);

	input_key_name(key, name, sizeof name);
	size_t need = strlen(name) + 1;
	while (used && used + need > 18) {
		size_t first = strcspn(s->keys_typed, " ");
		first += s->keys_typed[first] == ' ';
		memmove(s->keys_typed, s->keys_typed + first, used - first + 1);
		used -= first;
	}
	util_print(s->keys_typed + used, sizeof s->keys_typed - used, "%s%s", used ? " " : "", name);
}

/* A click on the head of the column that orders turns the order round. */
static void order_by_head(struct session *s, enum row_kind kind, const struct column *column)
{
	const struct view *v = model_view(s->model, kind);

	if (v->sort_count && v->sort[0].column == column)
		model_sort_invert(s->model, kind);
	else
		model_sort(s->model, kind, column->key);
}

static void on_click(struct session *s, const struct event *e)
{
	const struct hit *h = session_hit_at(s, e->row, e->col);
	enum row_kind kind = session_kind(s);

	if (!h)
		return;
	switch (h->kind) {
	case HIT_TAB: session_go_tab(s, (enum place_id) h->value); break;
	case HIT_KEY: actions_dispatch(s, (uint32_t) h->value); break;
	case HIT_HEADER: order_by_head(s, kind, h->what); break;
	case HIT_KNOB: s->knob = (size_t) h->value; break;
	case HIT_PAGE:
		session_visit(s)->page = (int) h->value;
		session_settle(s);
		break;
	case HIT_LINE:
		if (model_view(s->model, kind)->line == (size_t) h->value && !model_view(s->model, kind)->is_watching)
			actions_dispatch(s, K_ENTER);
		else
			view_select_line(s->model, kind, (size_t) h->value);
		break;
	}
}

static void on_wheel(struct session *s, const struct event *e)
{
	for (int i = 0; i < 3; i++)
		actions_dispatch(s, e->wheel < 0 ? K_UP : K_DOWN);
}

void ui_on_event(struct ui *ui, const struct event *e, uint64_t now_ms)
{
	struct session *s = &ui->session;
	char name[16];

	s->now_ms = now_ms;
	if (e->kind != EVENT_NONE)
		s->receipt_until_ms = 0;
	if (e->kind == EVENT_KEY && s->popup != POPUP_PROMPT)
		echo_key(s, e->key);
	if (!popups_on_event(s, e)) {
		if (e->kind == EVENT_CLICK)
			on_click(s, e);
		else if (e->kind == EVENT_WHEEL)
			on_wheel(s, e);
		else if (e->kind == EVENT_KEY && !actions_dispatch(s, e->key) && e->key != K_UNKNOWN)
			session_say(s, ROLE_WATCH, "%s does nothing here; ? lists the keys",
				input_key_name(e->key, name, sizeof name));
	}
	ui_settle(ui, NULL);
}

void ui_draw(struct ui *ui, struct canvas *c)
{
	c->charset = ui->charset;
	model_refresh(ui->model);
	frame_draw(&ui->session, c);
}

bool ui_is_over(const struct ui *ui)
{
	return ui->session.is_over;
}

/* ---- on a terminal ---- */

static uint64_t clock_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t) t.tv_sec * 1000000 + (uint64_t) t.tv_nsec / 1000;
}

static sigset_t signal_set(void)
{
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < UTIL_LENGTH(signals); i++)
		sigaddset(&set, signals[i]);
	return set;
}

void ui_block_signals(void)
{
	sigset_t set = signal_set();

	pthread_sigmask(SIG_BLOCK, &set, NULL);
}

int ui_signal_fd(void)
{
	sigset_t set = signal_set();

	return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

struct loop {
	struct ui *ui;
	struct screen *screen;
	struct canvas canvas;
	struct input input;
	int timer, signals, status;     /* status: -1 while running */
	bool is_dirty, is_urgent;       /* something changed; a key changed it */
	uint64_t drawn_ms;
	uint64_t pressed_ms;            /* the last key: an answer it asked for is due soon after */
	uint64_t receipt_ms;            /* when to look out of turn; 0: not */
	unsigned early_looks;           /* still to come */
};

static void timer_set(int fd, uint64_t us)
{
	struct timespec t = { (time_t) (us / 1000000), (long) (us % 1000000) * 1000 };
	struct itimerspec spec = { .it_interval = t, .it_value = t };

	timerfd_settime(fd, 0, &spec, NULL);
}

static void resize(struct loop *l)
{
	int rows, cols;

	screen_size(l->screen, &rows, &cols);
	if (rows != l->canvas.rows || cols != l->canvas.cols) {
		canvas_resize(&l->canvas, rows, cols);
		screen_resize(l->screen, rows, cols);
	}
	l->is_dirty = l->is_urgent = true;
}

/* Ctrl-Z: the terminal is the shell's until we are continued. */
static void stop(struct loop *l)
{
	screen_leave(l->screen);
	kill(getpid(), SIGSTOP);
	screen_enter(l->screen);
	resize(l);
}

static void on_signals(struct loop *l)
{
	struct signalfd_siginfo info;

	while (read(l->signals, &info, sizeof info) == (ssize_t) sizeof info) {
		switch (info.ssi_signo) {
		case SIGWINCH: case SIGCONT: resize(l); break;
		case SIGTSTP: stop(l); break;
		default: l->status = 128 + (int) info.ssi_signo; break;
		}
	}
}

static void on_input(struct loop *l, bool is_ready)
{
	uint64_t now = clock_us() / 1000;
	struct event e;

	if (is_ready && !screen_read(l->screen, &l->input, now))
		l->status = 128 + SIGHUP;
	while (l->status < 0 && input_next(&l->input, now, &e)) {
		uint64_t sent = l->ui->commands_sent;
		ui_on_event(l->ui, &e, now);
		l->pressed_ms = now;
		if (l->ui->commands_sent != sent)
			l->receipt_ms = now + RECEIPT_MS;
		l->is_dirty = l->is_urgent = true;
		if (ui_is_over(l->ui))
			l->status = 0;
	}
}

/* The process in view was asked about itself and has not answered yet. */
static bool awaits_detail(const struct loop *l, uint64_t now)
{
	const struct visit *v = session_visit_const(&l->ui->session);
	const struct snap_detail *d = model_detail(l->ui->model);

	return v->place == PLACE_DETAIL && (!d || d->pid != v->subject) && now - l->pressed_ms < ANSWERS_WITHIN_MS;
}

/* What a key asked for is shown when it comes, not with the next sample: an answer, a receipt. */
static void look_for_answers(struct loop *l, uint64_t now)
{
	if (awaits_detail(l, now))
		l->is_dirty |= model_poll_detail(l->ui->model);
	if (!l->receipt_ms || now < l->receipt_ms)
		return;
	l->early_looks -= l->early_looks > 0;
	l->receipt_ms = l->early_looks ? now + RECEIPT_MS : 0;
	advance_now(l->ui);
	l->is_dirty = true;
}

/* What commands changed and only the loop can apply. */
static void apply_wishes(struct loop *l)
{
	struct session *s = &l->ui->session;

	if (s->wants_redraw)
		screen_forget(l->screen);
	if (s->wants_theme)
		screen_set_theme(l->screen, s->theme);
	if (s->wants_mouse)
		screen_set_mouse(l->screen, s->uses_mouse);
	s->wants_redraw = s->wants_theme = s->wants_mouse = false;
	timer_set(l->timer, s->interval_us);
}

static void draw(struct loop *l)
{
	uint64_t before = clock_us();

	l->ui->session.now_ms = before / 1000;
	ui_draw(l->ui, &l->canvas);
	if (*l->ui->session.save_path)
		ui_settle(l->ui, &l->canvas);
	if (screen_show(l->screen, &l->canvas))
		l->is_dirty = l->is_urgent = false;
	l->ui->session.draw_us = (double) (clock_us() - before);
	l->drawn_ms = before / 1000;
}

/* Milliseconds that may be slept: until a held key is due, or a frame that was put off. */
static int patience(const struct loop *l, uint64_t now)
{
	int wait = input_wait_ms(&l->input, now);
	uint64_t settles = l->ui->session.settles_ms;

	if (awaits_detail(l, now))
		wait = wait < 0 || ANSWER_MS < wait ? ANSWER_MS : wait;
	if (l->receipt_ms) {
		int left = l->receipt_ms > now ? (int) (l->receipt_ms - now) : 0;
		wait = wait < 0 || left < wait ? left : wait;
	}
	if (settles > now && !l->is_dirty)
		wait = wait < 0 || (int) (settles - now) < wait ? (int) (settles - now) : wait;

	if (l->is_dirty && !screen_is_busy(l->screen)) {
		uint64_t since = now - l->drawn_ms;
		int frame = l->is_urgent || since >= FRAME_MS ? 0 : (int) (FRAME_MS - since);
		wait = wait < 0 || frame < wait ? frame : wait;
	}
	return wait;
}

enum { POLL_INPUT, POLL_SIGNALS, POLL_TIMER, POLL_SOURCE, POLL_OUTPUT, POLL_COUNT };

static void loop_turn(struct loop *l)
{
	struct pollfd p[POLL_COUNT] = {
		[POLL_INPUT] = { screen_input_fd(l->screen), POLLIN, 0 }, [POLL_SIGNALS] = { l->signals, POLLIN, 0 },
		[POLL_TIMER] = { l->timer, POLLIN, 0 }, [POLL_SOURCE] = { l->ui->source->wake_fd, POLLIN, 0 },
		[POLL_OUTPUT] = { screen_is_busy(l->screen) ? screen_output_fd(l->screen) : -1, POLLOUT, 0 },
	};
	uint64_t ticks, interval = l->ui->session.interval_us;

	poll(p, POLL_COUNT, patience(l, clock_us() / 1000));
	if (p[POLL_OUTPUT].revents)
		screen_flush(l->screen);
	if (p[POLL_SIGNALS].revents)
		on_signals(l);
	on_input(l, p[POLL_INPUT].revents != 0);
	if (l->status >= 0)
		return;
	bool is_tick = p[POLL_TIMER].revents && read(l->timer, &ticks, sizeof ticks) > 0;
	if (is_tick || p[POLL_SOURCE].revents) {
		while (ui_advance(l->ui, 0))
			if (l->ui->source->wake_fd < 0)
				break;
		l->is_dirty = true;
	}
	struct session *s = &l->ui->session;
	if (s->wants_redraw || s->wants_theme || s->wants_mouse || s->interval_us != interval)
		apply_wishes(l);
	uint64_t now = clock_us() / 1000;
	look_for_answers(l, now);
	if (s->settles_ms && now >= s->settles_ms) {
		s->settles_ms = 0;
		l->is_dirty = true;
	}
	if (l->is_dirty && !screen_is_busy(l->screen) && (l->is_urgent || now - l->drawn_ms >= FRAME_MS))
		draw(l);
}

static int screen_run(struct ui *ui, struct screen *screen)
{
	struct loop l = { .ui = ui, .screen = screen, .status = -1, .is_dirty = true, .is_urgent = true };
	int rows, cols;

	canvas_init(&l.canvas, ui->charset);
	screen_size(screen, &rows, &cols);
	canvas_resize(&l.canvas, rows, cols);
	input_init(&l.input);
	screen_teach(screen, &l.input);
	l.signals = ui_signal_fd();
	l.timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	timer_set(l.timer, ui->session.interval_us);
	advance_now(ui);
	draw(&l);
	l.early_looks = EARLY_LOOKS;
	l.receipt_ms = l.drawn_ms + EARLY_MS;
	while (l.status < 0 && !ui->session.wants_linear)
		loop_turn(&l);
	close(l.timer);
	close(l.signals);
	canvas_release(&l.canvas);
	return l.status;
}

/* -1: no screen is to be had, lines are. */
static int terminal_run(struct ui *ui, const struct ui_options *o)
{
	struct screen_options so = { .input = STDIN_FILENO, .output = STDOUT_FILENO, .colours = o->colours,
		.use_mouse = o->use_mouse, .theme = ui->session.theme };
	enum screen_problem problem;
	struct screen *screen = screen_open(&so, &problem);

	if (!screen) {
		if (problem == SCREEN_NO_CURSOR)
			return -1;
		fprintf(stderr, "actop: %s\n", screen_problem_text(problem));
		return 2;
	}
	ui->charset = o->is_ascii ? CHARSET_ASCII : screen_charset(getenv("TERM"));
	int status = screen_run(ui, screen);
	screen_close(screen);
	return status;
}

int ui_run(const struct ui_options *o)
{
	char error[SESSION_TEXT];
	int status = -1;

	setlocale(LC_CTYPE, "");
	struct ui *ui = ui_new(o, error, sizeof error);
	if (!ui) {
		fprintf(stderr, "actop: %s\n", error);
		return 2;
	}
	ui_block_signals();
	if (o->script) {
		ui->charset = o->is_ascii ? CHARSET_ASCII : CHARSET_BRAILLE;
		status = script_run(ui, o->script);
	} else if (!o->is_linear && isatty(STDOUT_FILENO)) {
		status = terminal_run(ui, o);
	}
	if (status < 0)
		status = linear_run(ui);
	ui_free(ui);
	return status;
}
