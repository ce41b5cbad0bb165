/*
 * command - what an observer may ask for, as a table. Everything is a signal: the process does it itself, between
 * two of its steps. A collection is reported by a receipt whose verdict is computed from what moved.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/observe/live.h"
#include "runtime/process/program.h"
#include "runtime/process/tables.h"
#include "runtime/term/text.h"

/* ---- Notices and receipts ---------------------------------------------------------------------------------------- */

static double seconds(const struct live *l) { return (double) clock_us(&l->world->clock) / 1e6; }

void live_notice(struct live *l, const char *level, const char *format, ...)
{
	if (l->notice_count == LIVE_NOTICES)
		return;
	struct snap_notice *n = &l->notices[l->notice_count++];
	va_list args;
	*n = (struct snap_notice) { .serial = ++l->notice_serial, .time = seconds(l) };
	snprintf(n->level, sizeof n->level, "%s", level);
	va_start(args, format);
	vsnprintf(n->text, sizeof n->text, format, args);
	va_end(args);
}

static uint64_t sum_before(const struct snap_receipt *r) { return r->own_before + r->queue_before + r->binary_before; }

static bool fell_enough(uint64_t before, uint64_t after, uint64_t total) { return before > after && (before - after) * 10 > total && before - after > 4096; }

/* demos.md: grew, else what fell most, else all live; not process memory when the subject is not where the memory is. */
static const char *verdict(const struct snap_receipt *r, uint64_t holds)
{
	uint64_t total = sum_before(r), own = r->own_before + r->queue_before, own_after = r->own_after + r->queue_after;
	if (own_after > own + 4096 && (own_after - own) * 100 > own)
		return "grew";
	bool binaries = fell_enough(r->binary_before, r->binary_after, total), heap = fell_enough(r->own_before, r->own_after, total);
	if (binaries && (!heap || r->binary_before - r->binary_after >= r->own_before - r->own_after))
		return "dead references";
	if (heap)
		return "dead old heap";
	return total * 10 < holds ? "not process memory" : "all live";
}

static struct snap_receipt *add_receipt(struct live *l, const char *action, const char *subject)
{
	if (l->receipt_count == LIVE_RECEIPTS)
		return NULL;
	struct snap_receipt *r = &l->receipts[l->receipt_count++];
	*r = (struct snap_receipt) { .serial = ++l->receipt_serial, .time = seconds(l), .estimate = SNAP_UNKNOWN };
	snprintf(r->action, sizeof r->action, "%s", action);
	snprintf(r->subject, sizeof r->subject, "%s", subject ? subject : "");
	return r;
}

static void simple_receipt(struct live *l, const char *action, const char *subject, uint64_t processes, const char *said)
{
	struct snap_receipt *r = add_receipt(l, action, subject);
	if (!r)
		return;
	r->processes = processes;
	snprintf(r->verdict, sizeof r->verdict, "%s", said);
}

#define GET(field) atomic_load_explicit(&(field), memory_order_acquire)

static void report(struct live *l, const struct live_gc *gc)
{
	struct snap_receipt *r = add_receipt(l, gc->action, gc->subject);
	if (!r)
		return;
	r->processes = GET(gc->receipt.processes);
	r->own_before = GET(gc->receipt.own_before);
	r->own_after = GET(gc->receipt.own_after);
	r->queue_before = GET(gc->receipt.queue_before);
	r->queue_after = GET(gc->receipt.queue_after);
	r->binary_before = GET(gc->receipt.binary_before);
	r->binary_after = GET(gc->receipt.binary_after);
	r->us = GET(gc->receipt.us);
	r->dead_bytes = GET(gc->receipt.dead_words) * WORD_BYTES + (r->binary_before > r->binary_after ? r->binary_before - r->binary_after : 0);
	r->estimate = gc->estimate;
	snprintf(r->verdict, sizeof r->verdict, "%s", r->processes ? verdict(r, gc->holds) : "no such process");
}

void live_collect_receipts(struct live *l)
{
	struct live_gc **link = &l->collections;
	while (*link) {
		struct live_gc *gc = *link;
		if (!atomic_load(&gc->complete) || GET(gc->receipt.outstanding) > 0) {
			link = &gc->next;
			continue;
		}
		report(l, gc);
		*link = gc->next;
		mem_give(l->lane, MEM_OBSERVER, gc, sizeof *gc);
	}
}

/* ---- Collections -------------------------------------------------------------------------------------------------- */

#define ATOM_BYTES 96                   /* one atom, in all of its tables: what the BEAM's total grows by */

/* What this application, or everybody (0), holds where no collection looks: tables and what their rows pin, timers, atoms that were made. */
static uint64_t application_holds(struct live *l, uint32_t application)
{
	struct table_figures t;
	uint64_t bytes = 0;
	for (uint32_t i = 0; tables_figures_at(l->world, i, &t); i++)
		if (t.id && (!application || t.application == application))
			bytes += t.memory_words * WORD_BYTES + t.binary_bytes;
	bytes += mem_charged(l->world->mem, CHARGE_UNATTRIBUTED);
	return bytes + (atom_count(l->world->atoms) - l->atoms_at_start) * ATOM_BYTES;
}

static struct live_gc *new_collection(struct live *l, const struct command *c, const char *action)
{
	struct live_gc *gc = mem_need(l->lane, MEM_OBSERVER, sizeof *gc);
	memset(gc, 0, sizeof *gc);
	snprintf(gc->action, sizeof gc->action, "%s", action);
	snprintf(gc->subject, sizeof gc->subject, "%s", c->subject ? c->subject : "");
	gc->estimate = c->estimate ? c->estimate : SNAP_UNKNOWN;
	gc->full = c->kind != COMMAND_GC_MINOR;
	gc->next = l->collections;
	l->collections = gc;
	return gc;
}

/* Asks every process, at most so many at a time; a process of the runtime's own, so that the screen answers meanwhile. */
static enum next gc_all_run(struct process *p)
{
	enum { COLLECTION, INDEX };
	PROGRAM(p, 2);
	slot_set(p, COLLECTION, x_get(p, 0));
	slot_set(p, INDEX, term_from_small(1));
	for (;;) {
		struct live_gc *gc = (struct live_gc *) (term_to_small(slot_get(p, COLLECTION)) * 8);
		struct slots *slots = p->world->slots;
		uint32_t i = (uint32_t) term_to_small(slot_get(p, INDEX)), high = GET(slots->high);
		while (i < high && GET(gc->receipt.outstanding) < LIVE_GC_AT_ONCE && !process_charge(p, 1)) {
			term pid = { GET(slot_at(slots, i)->pid) };
			if (pid.word && pid.word != p->pid)
				request_gc(p->scheduler, pid, gc->full, &gc->receipt);
			i++;
		}
		slot_set(p, INDEX, term_from_small(i));
		if (i >= high) {
			atomic_store(&gc->complete, true);
			return frame_return(p, ATOM(ok));
		}
		YIELD(p);
	}
	PROGRAM_END(p);
}
static const struct step gc_all_step = { "observer:gc_all/1", gc_all_run };

static bool gc_all(struct live *l, const struct command *c)
{
	struct live_gc *gc = new_collection(l, c, "gc-all");
	struct spawn_options o = SPAWN_DEFAULT;
	o.is_system = true;
	gc->holds = application_holds(l, 0);
	if (!gc->subject[0])
		snprintf(gc->subject, sizeof gc->subject, "all processes");
	term argument = term_from_small((intptr_t) gc / 8);
	if (term_is_none(world_spawn(l->world, &gc_all_step, 1, &argument, &o))) {
		atomic_store(&gc->complete, true);
		return false;
	}
	return true;
}

static bool gc_some(struct live *l, const struct command *c)
{
	struct live_gc *gc = new_collection(l, c, c->kind == COMMAND_GC_MINOR ? "gc-minor" : "gc");
	uint32_t application = UINT32_MAX;
	for (size_t i = 0; i < c->pid_count; i++) {
		term pid = live_pid_of(l, c->pids[i]);
		if (term_is_none(pid))
			continue;
		uint32_t of = GET(slot_at(l->world->slots, term_pid_index(pid))->application);
		application = application == UINT32_MAX || application == of ? of : 0;
	}
	gc->holds = application == UINT32_MAX ? 0 : application_holds(l, application);
	for (size_t i = 0; i < c->pid_count; i++) {
		term pid = live_pid_of(l, c->pids[i]);
		if (term_is_none(pid))
			continue;
		struct scheduler *s = scheduler_enter_outside(l->world);
		request_gc(s, pid, gc->full, &gc->receipt);
		scheduler_leave_outside(s);
	}
	atomic_store(&gc->complete, true);
	return true;
}

/* ---- Signals to processes ------------------------------------------------------------------------------------------- */

static const struct { enum signal_kind signal; const char *action, *done; } plain[COMMAND_COUNT] = {
	[COMMAND_HIBERNATE] = { SIGNAL_HIBERNATE, "hibernate", "asked to hibernate" },
	[COMMAND_SUSPEND] = { SIGNAL_SUSPEND, "suspend", "suspended" },
	[COMMAND_RESUME] = { SIGNAL_RESUME, "resume", "resumed" },
};

static bool send_plain(struct live *l, const struct command *c)
{
	uint64_t reached = 0;
	for (size_t i = 0; i < c->pid_count; i++) {
		term pid = live_pid_of(l, c->pids[i]);
		struct scheduler *s = scheduler_enter_outside(l->world);
		reached += !term_is_none(pid) && request_plain(s, pid, plain[c->kind].signal);
		scheduler_leave_outside(s);
	}
	simple_receipt(l, plain[c->kind].action, c->subject, reached, reached ? plain[c->kind].done : "no such process");
	return true;
}

static bool send_exit(struct live *l, const struct command *c)
{
	uint64_t reached = 0;
	term reason = atom_make_z(l->world->atoms, l->lane, c->text && c->text[0] ? c->text : "kill");
	for (size_t i = 0; i < c->pid_count && !term_is_none(reason); i++) {
		term pid = live_pid_of(l, c->pids[i]);
		struct scheduler *s = scheduler_enter_outside(l->world);
		reached += !term_is_none(pid) && request_exit(s, pid, reason);
		scheduler_leave_outside(s);
	}
	simple_receipt(l, "exit", c->subject, reached, reached ? "asked to exit" : "no such process");
	return true;
}

/* An atom, an integer or a quoted text: what a person types in a hurry. */
static bool send_message(struct live *l, const struct command *c)
{
	char *end = NULL;
	const char *text = c->text ? c->text : "";
	long long number = strtoll(text, &end, 10);
	term t = *text && *end == 0 && term_fits_small(number) ? term_from_small((intptr_t) number)
		: strlen(text) <= ATOM_TEXT_MAX && *text ? atom_make_z(l->world->atoms, l->lane, text) : TERM_NONE;
	uint64_t reached = 0;
	for (size_t i = 0; i < c->pid_count && !term_is_none(t); i++) {
		term pid = live_pid_of(l, c->pids[i]);
		reached += !term_is_none(pid) && world_send(l->world, pid, t);
	}
	simple_receipt(l, "send", c->subject, reached, term_is_none(t) ? "no term" : reached ? "sent" : "no such process");
	return true;
}

static bool count_edges(struct live *l, const struct command *c) { return live_count_edges(l, c->value != 0); }

static bool ask_holders(struct live *l, const struct command *c)
{
	return c->pid_count == 1 && live_ask_holders(l, c->pids[0], (uint64_t) c->value);
}

static bool survey(struct live *l, const struct command *c)
{
	for (size_t i = 0; i < c->pid_count; i++)
		live_survey(l, c->pids[i]);
	return true;
}

/* ---- Applications ------------------------------------------------------------------------------------------------------ */

static const struct application *find_application(struct live *l, const char *name, unsigned *instance)
{
	const char *at = strchr(name, '@');
	size_t length = at ? (size_t) (at - name) : strlen(name);
	*instance = at ? (unsigned) strtoul(at + 1, NULL, 10) : 1;
	for (const struct application *const *a = l->options.catalogue; a && *a; a++)
		if (strlen((*a)->name) == length && memcmp((*a)->name, name, length) == 0)
			return *a;
	return NULL;
}

static bool app_start(struct live *l, const struct command *c)
{
	unsigned instance;
	const char *name = c->app ? atom_text_at(l->world->atoms, c->app) : c->subject;
	const struct application *a = find_application(l, name, &instance);
	if (!a)
		return false;
	bool started = application_start(l->world, a, instance, NULL, NULL, 0) != 0;
	simple_receipt(l, "start", name, 0, started ? "started" : "not started");
	return started;
}

static bool app_stop(struct live *l, const struct command *c)
{
	bool asked = c->app && application_stop(l->world, c->app);
	simple_receipt(l, "stop", c->app ? atom_text_at(l->world->atoms, c->app) : c->subject, 0, asked ? "stopping" : "not running");
	return asked;
}

static bool app_reset(struct live *l, const struct command *c)
{
	bool asked = c->app && application_reset(l->world, c->app);
	simple_receipt(l, "reset", c->app ? atom_text_at(l->world->atoms, c->app) : c->subject, 0, asked ? "starting again" : "not running");
	return asked;
}

static bool app_twin(struct live *l, const struct command *c)
{
	unsigned instance;
	static const char *const keys[] = { "fix" };
	const int64_t values[] = { 1 };
	const char *name = atom_text_at(l->world->atoms, c->app);
	const struct application *a = find_application(l, name, &instance);
	if (!a)
		return false;
	uint32_t twin = application_start(l->world, a, instance + 1, keys, values, 1);
	simple_receipt(l, "twin", name, 0, twin ? "started with the fix on" : "not started");
	return twin != 0;
}

static bool set_knob(struct live *l, const struct command *c)
{
	bool set = c->app && application_set(l->world, c->app, c->text, c->value);
	char action[24];
	snprintf(action, sizeof action, "%s", strcmp(c->text, "fix") == 0 ? "fix" : "knob");
	simple_receipt(l, action, c->subject ? c->subject : atom_text_at(l->world->atoms, c->app), 0, set ? "set" : "refused");
	return set;
}

/* ---- Door -------------------------------------------------------------------------------------------------------------- */

static bool (*const commands[COMMAND_COUNT])(struct live *l, const struct command *c) = {
	[COMMAND_GC] = gc_some, [COMMAND_GC_MINOR] = gc_some, [COMMAND_GC_ALL] = gc_all, [COMMAND_HIBERNATE] = send_plain,
	[COMMAND_EXIT] = send_exit, [COMMAND_SUSPEND] = send_plain, [COMMAND_RESUME] = send_plain, [COMMAND_SEND] = send_message,
	[COMMAND_APP_START] = app_start, [COMMAND_APP_STOP] = app_stop, [COMMAND_APP_RESET] = app_reset, [COMMAND_KNOB] = set_knob,
	[COMMAND_TWIN] = app_twin, [COMMAND_SURVEY] = survey, [COMMAND_EDGES] = count_edges, [COMMAND_HOLDERS] = ask_holders,
};

bool live_send(struct source *s, const struct command *c)
{
	struct live *l = s->self;
	return c->kind < COMMAND_COUNT && commands[c->kind] && commands[c->kind](l, c);
}

bool live_at(struct source *s, uint64_t us, const struct command *c)
{
	struct live *l = s->self;
	struct live_later *later = mem_need(l->lane, MEM_OBSERVER, sizeof *later), **link = &l->later;
	*later = (struct live_later) { .us = us, .command = *c };
	snprintf(later->text, sizeof later->text, "%s", c->text ? c->text : "");
	snprintf(later->subject, sizeof later->subject, "%s", c->subject ? c->subject : "");
	later->command.text = later->text;
	later->command.subject = later->subject;
	later->command.pids = NULL;
	later->command.pid_count = 0;
	while (*link && (*link)->us <= us)
		link = &(*link)->next;
	later->next = *link;
	*link = later;
	return true;
}

static bool wants_process(enum command_kind kind)
{
	return kind == COMMAND_GC || kind == COMMAND_GC_MINOR || kind == COMMAND_HIBERNATE || kind == COMMAND_EXIT || kind == COMMAND_SUSPEND
		|| kind == COMMAND_RESUME || kind == COMMAND_SEND || kind == COMMAND_SURVEY;
}

static bool wants_application(enum command_kind kind)
{
	return kind == COMMAND_APP_START || kind == COMMAND_APP_STOP || kind == COMMAND_APP_RESET || kind == COMMAND_KNOB || kind == COMMAND_TWIN;
}

/* Names mean what they mean at the time. */
static void run_later(struct live *l, struct live_later *later)
{
	struct command c = later->command;
	uint64_t pid = 0;
	if (wants_process(c.kind)) {
		pid = live_whereis(&l->source, later->subject);
		c.pids = &pid;
		c.pid_count = pid != 0;
	}
	if (wants_application(c.kind))
		c.app = live_text_id(&l->source, later->subject);
	live_send(&l->source, &c);
}

void live_run_later(struct live *l, uint64_t us)
{
	while (l->later && l->later->us <= us) {
		struct live_later *later = l->later;
		l->later = later->next;
		run_later(l, later);
		mem_give(l->lane, MEM_OBSERVER, later, sizeof *later);
	}
}

void live_forget_commands(struct live *l)
{
	for (struct live_later *later = l->later, *next; later; later = next) {
		next = later->next;
		mem_give(l->lane, MEM_OBSERVER, later, sizeof *later);
	}
	l->later = NULL;
}
