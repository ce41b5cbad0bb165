/*
 * linear - the observer as lines that are only ever added: for screen readers, and terminals that cannot
 * move their cursor.
 *
 * Model and commands are those of the screen. A line says what changed: the selected row as a sentence,
 * findings as they come and go, receipts, notices, and every ten samples where the node stands. Input is a
 * line and Enter: a key's name presses it, anything longer is a command line.
 */
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "tui/actions.h"
#include "tui/model/util.h"
#include "tui/tab/rows.h"
#include "tui/ui_parts.h"

#define SUMMARY_SAMPLES 10

struct linear {
	struct ui *ui;
	FILE *out;
	uint64_t selected, samples, clock_ms;
	enum row_kind kind;
	size_t findings;
	uint64_t said_until_ms;         /* of the message said last */
	char said[SESSION_TEXT];
	char line[PROMPT_SIZE];
	size_t length;
	int status;
};

static void say_summary(struct linear *l)
{
	static const struct { const char *key, *word; enum unit unit; } figures[] = { { "total", "memory", UNIT_BYTES },
		{ "processes", "processes hold", UNIT_BYTES }, { "binary", "binaries", UNIT_BYTES },
		{ "ets", "tables", UNIT_BYTES },
		{ "process_count", "process count", UNIT_COUNT } };
	const struct snapshot *s = model_newest(l->ui->model);
	char text[FORMAT_SIZE];

	fprintf(l->out, "At %s: ", format_value(text, sizeof text, UNIT_CLOCK, s ? s->time : NAN));
	for (size_t i = 0; i < UTIL_LENGTH(figures); i++)
		fprintf(l->out, "%s%s %s", i ? ", " : "", figures[i].word,
			format_value(text, sizeof text, figures[i].unit, model_system_value(l->ui->model, figures[i].key)));
	fputs(".\n", l->out);
}

/* Text of the outside world is printed escaped. */
static void say_safely(struct linear *l, const char *text)
{
	uint32_t glyph;

	while (*text) {
		size_t length = text_decode(text, &glyph);
		if (glyph < ' ' || (glyph >= 0x7f && glyph < 0xa0) || glyph == UINT32_MAX)
			fprintf(l->out, "\\x%02x", (unsigned char) *text);
		else
			fwrite(text, 1, length, l->out);
		text += length;
	}
}

static void say_row(struct linear *l)
{
	const struct column *columns[SESSION_COLUMNS];
	const struct view *v = model_view(l->ui->model, session_kind(&l->ui->session));
	const struct row *r = view_selected(v);
	size_t count = session_columns(&l->ui->session, v->kind, columns);
	char text[256];

	if (!r) {
		fprintf(l->out, "No %s.\n", columns_kind_plural(v->kind));
		return;
	}
	fprintf(l->out, "%s %zu of %zu: ", columns_kind_name(v->kind), v->start + v->line + 1, v->total);
	for (size_t i = 0, said = 0; i < count; i++) {
		if (columns[i]->unit == UNIT_SPARK)
			continue;
		column_show(columns[i], r, text, sizeof text);
		if (!*text || !strcmp(text, "0") || !strcmp(text, "0 B"))
			continue;
		fprintf(l->out, "%s%s ", said++ ? ", " : "", columns[i]->title);
		say_safely(l, text);
	}
	fputs(".\n", l->out);
}

static void say_findings(struct linear *l)
{
	size_t count;
	const struct finding *f = model_findings(l->ui->model, &count);

	if (count == l->findings)
		return;
	fprintf(l->out, "%zu finding%s.\n", count, count == 1 ? "" : "s");
	for (size_t i = 0; i < count && count > l->findings; i++) {
		fprintf(l->out, "%zu. %s, %s: ", i + 1, f[i].level == FINDING_SURE ? "sure" : "watch", f[i].rule->name);
		say_safely(l, f[i].subject);
		fprintf(l->out, ". %s\n", f[i].evidence);
	}
	l->findings = count;
}

static void say_message(struct linear *l)
{
	struct session *s = &l->ui->session;

	if (!*s->message || s->message_until_ms == l->said_until_ms)
		return;
	l->said_until_ms = s->message_until_ms;
	say_safely(l, s->message);
	fputc('\n', l->out);
}

static void say_popup(struct linear *l)
{
	struct session *s = &l->ui->session;

	if (s->popup == POPUP_ASK)
		fprintf(l->out, "%s %s Type y or n.\n", s->question.text, s->question.detail);
	else if (s->popup == POPUP_PROMPT)
		fprintf(l->out, "%s(type it, then Enter; \"%s\" is offered)\n", s->prompt.label, s->prompt.text);
}

static void say_help(struct linear *l)
{
	size_t count;
	const struct action *all = actions_all(&count);
	char name[16];

	for (size_t i = 0; i < count; i++)
		if (action_is_here(&l->ui->session, &all[i]))
			fprintf(l->out, "%s: %s.\n", input_key_name(all[i].key, name, sizeof name), all[i].help);
}

static void say_changes(struct linear *l)
{
	const struct view *v = model_view(l->ui->model, session_kind(&l->ui->session));

	say_message(l);
	say_findings(l);
	if (v->kind != l->kind || v->selected != l->selected)
		say_row(l);
	l->kind = v->kind;
	l->selected = v->selected;
	fflush(l->out);
}

static void press(struct linear *l, uint32_t key)
{
	struct event e = { .kind = EVENT_KEY, .key = key };

	ui_on_event(l->ui, &e, l->clock_ms += 10);
}

static void on_line(struct linear *l)
{
	struct session *s = &l->ui->session;
	uint32_t key = input_key_of(l->line);

	if (s->popup == POPUP_PROMPT) {
		prompt_start(&s->prompt, s->prompt.label, l->line);
		press(l, K_ENTER);
	} else if (!strcmp(l->line, "?") || !strcmp(l->line, "help")) {
		say_help(l);
	} else if (key || !*l->line) {
		press(l, key ? key : K_ENTER);
		l->selected = 0;        /* the row is said again, so that each key has an answer */
	} else {
		s->now_ms = l->clock_ms += 10;
		verbs_run(s, l->line + (l->line[0] == ':'));
		ui_settle(l->ui, NULL);
	}
	if (s->popup == POPUP_HELP || s->popup == POPUP_CHOOSE) {
		s->popup = POPUP_NONE;
		say_help(l);
	}
	say_popup(l);
	say_changes(l);
	if (ui_is_over(l->ui))
		l->status = 0;
}

static void on_input(struct linear *l)
{
	char byte;

	ssize_t n = read(STDIN_FILENO, &byte, 1);
	if (n <= 0) {
		l->status = 0;
		return;
	}
	if (byte != '\n' && byte != '\r') {
		if (l->length + 1 < sizeof l->line)
			l->line[l->length++] = byte;
		return;
	}
	l->line[l->length] = '\0';
	l->length = 0;
	on_line(l);
}

static void on_sample(struct linear *l)
{
	l->clock_ms += l->ui->session.interval_us / 1000;
	l->ui->session.now_ms = l->clock_ms;
	if (l->samples++ % SUMMARY_SAMPLES == 0)
		say_summary(l);
	say_changes(l);
	if (ferror(l->out))
		l->status = 0;          /* nobody reads any more */
}

int linear_run(struct ui *ui)
{
	struct linear l = { .ui = ui, .out = stdout, .status = -1, .kind = ROW_KIND_COUNT };
	struct signalfd_siginfo info;
	int signals = ui_signal_fd();

	ui->session.wants_linear = false;
	fputs("actop, line by line. 1 applications, 2 processes, 3 system, 4 tables, 5 demos; Down and Up move; "
		"? lists all keys; q quits. End each with Enter.\n", l.out);
	view_set_height(ui->model, session_kind(&ui->session), 10);
	while (l.status < 0) {
		int wake = ui->source->wake_fd, wait_ms = wake < 0 ? (int) (ui->session.interval_us / 1000) : 1000;
		struct pollfd p[] = { { STDIN_FILENO, POLLIN, 0 }, { signals, POLLIN, 0 }, { wake, POLLIN, 0 } };
		int ready = poll(p, 3, wait_ms);
		if (p[1].revents && read(signals, &info, sizeof info) == (ssize_t) sizeof info && info.ssi_signo != SIGWINCH
			&& info.ssi_signo != SIGCONT && info.ssi_signo != SIGTSTP)
			l.status = 128 + (int) info.ssi_signo;
		else if (ready > 0 && p[0].revents)
			on_input(&l);
		else if (ui_advance(ui, 0))
			on_sample(&l);
	}
	fflush(l.out);
	close(signals);
	return l.status;
}
