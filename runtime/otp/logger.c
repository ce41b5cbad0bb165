/*
 * logger - handlers have type-stable places with limits and counts: who logs reads them without asking anybody.
 *
 *   log_event ──▶ queue over drop? dropped ──▶ message {log, Level, Report} ──▶ handler: over flush? all thrown away
 *                                                                                       burst? dropped : work
 *
 * The world's own handler is a system process that starts with the first event for it.
 */
#include "runtime/otp/logger.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "runtime/otp/otp.h"
#include "runtime/process/life.h"
#include "runtime/process/program.h"
#include "runtime/term/text.h"

#define HANDLERS 64u
#define SYNC_REDUCTIONS 200u            /* what a caller pays that would have to wait */
#define TEXT_WORDS (RECORD_ARGS - 1u)

struct handler {
	_Atomic uint64_t pid;                   /* term word; of the dead: free */
	_Atomic uint64_t sync, drop, flush, burst_count, burst_us;
	_Atomic uint64_t logged, dropped, flushed, burst_dropped;
};

struct logger {
	pthread_mutex_t lock;                   /* of places' taking */
	struct handler handler[HANDLERS];
	_Atomic uint64_t own;                   /* pid word of the world's handler, 0: none yet */
};

struct logger *logger_new(struct mem_lane *lane)
{
	struct logger *l = mem_need(lane, MEM_SYSTEM, sizeof *l);
	memset(l, 0, sizeof *l);
	pthread_mutex_init(&l->lock, NULL);
	return l;
}

void logger_free(struct logger *l, struct mem_lane *lane)
{
	pthread_mutex_destroy(&l->lock);
	mem_give(lane, MEM_SYSTEM, l, sizeof *l);
}

/* ---- Handlers --------------------------------------------------------------------------------------------------- */

static struct handler *find(struct logger *l, term pid)
{
	for (unsigned i = 0; i < HANDLERS; i++)
		if (atomic_load_explicit(&l->handler[i].pid, memory_order_acquire) == pid.word)
			return &l->handler[i];
	return NULL;
}

static void set_limits(struct handler *h, const struct logger_limits *limits)
{
	h->sync = limits->sync;
	h->drop = limits->drop;
	h->flush = limits->flush;
	h->burst_count = limits->burst_count;
	h->burst_us = limits->burst_us;
}

static struct handler *take_place(struct world *w, struct logger *l, term pid)
{
	for (unsigned i = 0; i < HANDLERS; i++) {
		struct handler *h = &l->handler[i];
		uint64_t tenant = atomic_load_explicit(&h->pid, memory_order_relaxed);
		if (tenant && world_is_alive(w, (term) { tenant }))
			continue;
		set_limits(h, &(struct logger_limits) LOGGER_LIMITS_DEFAULT);
		h->logged = h->dropped = h->flushed = h->burst_dropped = 0;
		atomic_store_explicit(&h->pid, pid.word, memory_order_release);
		return h;
	}
	return NULL;
}

/* NULL: too many handlers; this one goes unprotected. */
static struct handler *handler_need(struct world *w, term pid)
{
	struct logger *l = w->logger;
	struct handler *h = find(l, pid);
	if (h)
		return h;
	pthread_mutex_lock(&l->lock);
	h = find(l, pid);
	if (!h)
		h = take_place(w, l, pid);
	pthread_mutex_unlock(&l->lock);
	return h;
}

static term resolve(struct world *w, term handler)
{
	if (term_is_none(handler))
		return (term) { atomic_load_explicit(&w->logger->own, memory_order_acquire) };
	return term_is_atom(handler) ? world_whereis(w, handler) : handler;
}

void logger_set_limits(struct world *w, term handler, const struct logger_limits *limits)
{
	term pid = resolve(w, handler);
	struct handler *h = term_is_pid(pid) && world_is_alive(w, pid) ? handler_need(w, pid) : NULL;
	if (h)
		set_limits(h, limits);
}

bool logger_counts(struct world *w, term handler, struct logger_counts *out)
{
	term pid = resolve(w, handler);
	const struct handler *h = term_is_pid(pid) ? find(w->logger, pid) : NULL;
	if (!h)
		return false;
	*out = (struct logger_counts) { h->logged, h->dropped, h->flushed, h->burst_dropped };
	return true;
}

/* ---- The handler's process ---------------------------------------------------------------------------------------- */

static void count(_Atomic uint64_t *counter, uint64_t n) { atomic_fetch_add_explicit(counter, n, memory_order_relaxed); }

static bool is_event(struct process *p, term t)
{
	(void) p;
	return is_tagged(t, 3, ATOM(log));
}

/* The burst's window: its start and how many it has seen are the program's slots. */
enum { WORK_US, WINDOW_US, WINDOW_COUNT, SLOTS };

static bool in_burst(struct process *p, const struct handler *h)
{
	uint64_t now = process_now_us(p);
	if (now - (uint64_t) term_to_small(slot_get(p, WINDOW_US)) >= h->burst_us) {
		slot_set(p, WINDOW_US, term_from_small((intptr_t) now));
		slot_set(p, WINDOW_COUNT, term_from_small(0));
	}
	intptr_t seen = term_to_small(slot_get(p, WINDOW_COUNT)) + 1;
	slot_set(p, WINDOW_COUNT, term_from_small(seen));
	return (uint64_t) seen > h->burst_count;
}

static void note(struct process *p, enum log_level level, const char *text)
{
	uint64_t args[RECORD_ARGS] = { (uint64_t) level };
	snprintf((char *) &args[1], TEXT_WORDS * sizeof *args, "%s", text);
	scheduler_record(p->scheduler, RECORD_LOG, term_pid_number(process_self(p)), args, RECORD_ARGS);
}

/* The world's own handler writes to the recorder; others only work. */
static void write_event(struct process *p, term m)
{
	char text[TEXT_WORDS * WORD_BYTES];
	if (atomic_load_explicit(&p->world->logger->own, memory_order_relaxed) != p->pid)
		return;
	term_text(p->world->atoms, tuple_at(m, 2), text, sizeof text);
	note(p, (enum log_level) term_to_small(tuple_at(m, 1)), text);
}

/* True: the event is to be written. */
static bool admit(struct process *p, term m)
{
	struct handler *h = handler_need(p->world, process_self(p));
	if (!is_event(p, m))
		return false;
	if (!h)
		return true;
	if (process_queue_length(p) > h->flush) {
		count(&h->flushed, 1 + process_flush(p, is_event));
		return false;
	}
	bool dropped = in_burst(p, h);
	count(dropped ? &h->burst_dropped : &h->logged, 1);
	return !dropped;
}

static enum next handle(struct process *p)
{
	term m;
	PROGRAM(p, SLOTS);
	slot_set(p, WORK_US, term_is_small(x_get(p, 0)) ? x_get(p, 0) : term_from_small(0));
	slot_set(p, WINDOW_US, term_from_small(0));
	slot_set(p, WINDOW_COUNT, term_from_small(0));
	x_clear(p);
	for (;;) {
		RECEIVE(p, m);
		if (admit(p, m)) {
			write_event(p, m);
			if (term_to_small(slot_get(p, WORK_US)) > 0)
				WORK(p, (uint64_t) term_to_small(slot_get(p, WORK_US)));
		}
	}
	PROGRAM_END(p);
}

const struct step logger_step = { "logger_std_h:loop/1", handle };

static term own_handler(struct world *w)
{
	struct logger *l = w->logger;
	term own = { atomic_load_explicit(&l->own, memory_order_acquire) };
	if (own.word && world_is_alive(w, own))
		return own;
	struct spawn_options options = SPAWN_DEFAULT;
	options.is_system = true;
	struct scheduler *s = scheduler_enter_outside(w);
	term name = atom_make_z(w->atoms, s->lane, "logger");
	scheduler_leave_outside(s);
	options.name = term_is_none(name) ? 0 : term_to_atom(name);
	own = world_spawn(w, &logger_step, 1, (term[]) { term_from_small(0) }, &options);
	atomic_store_explicit(&l->own, own.word, memory_order_release);
	return own;
}

/* ---- Logging ---------------------------------------------------------------------------------------------------------- */

/* What stands before a handler now: dropping, or a caller that pays. */
static bool may_enter(struct process *p, struct handler *h, term pid)
{
	const struct slot *slot = slot_of(p->world->slots, pid);
	uint64_t waiting = slot ? slot_queue(slot).messages : 0;
	if (waiting >= h->drop) {
		count(&h->dropped, 1);
		return false;
	}
	if (waiting >= h->sync)
		process_charge(p, SYNC_REDUCTIONS);
	return true;
}

bool log_event(struct process *p, term to, enum log_level level, term report)
{
	term pid = term_is_none(to) ? own_handler(p->world) : resolve(p->world, to);
	struct handler *h = term_is_pid(pid) && world_is_alive(p->world, pid) ? handler_need(p->world, pid) : NULL;
	if (!term_is_pid(pid) || (h && !may_enter(p, h, pid)))
		return false;
	term box[] = { term_header(BOX_TUPLE, 3), ATOM(log), term_from_small(level), report };
	if (pid.word == p->pid)
		return false;
	process_send(p, pid, term_from_box(box));
	return true;
}

void log_text(struct process *p, enum log_level level, const char *format, ...)
{
	char text[TEXT_WORDS * WORD_BYTES];
	va_list list;
	va_start(list, format);
	vsnprintf(text, sizeof text, format, list);
	va_end(list);
	note(p, level, text);
}

void logger_report_crash(struct process *p, term reason, term state, term last_message)
{
	term box[] = { term_header(BOX_TUPLE, 6), ATOM(crash), process_self(p), process_get(p, ATOM(initial_call)), reason, state, last_message };
	log_event(p, TERM_NONE, LOG_ERROR, term_from_box(box));
}
