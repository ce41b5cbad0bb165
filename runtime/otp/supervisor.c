/*
 * supervisor - one process, one step that goes on where it was (program.h), and frames it calls:
 *
 *   start_children   from the first to the last of a range: spawn, wait until init is done
 *   stop_children    from the last to the first: exit(shutdown), wait, kill
 *
 *   message ─▶ on_message ─▶ task {frame, then} ─▶ frame runs ─▶ then: the next task, or none ─▶ next message
 *
 * A restart is a range to stop and a range to start; the strategy says which. While one of the frames waits,
 * other messages stay queued, as in OTP.
 *
 * The children are a vector in memory of the runtime, in the order of their start; the process's heap holds what
 * gen_server would hold. A child that cannot be started again is tried again by a message to itself, and each try counts
 * against the intensity.
 */
#include "runtime/otp/supervisor.h"

#include <stdio.h>
#include <string.h>

#include "runtime/base/map64.h"
#include "runtime/memory/ets.h"
#include "runtime/otp/otp.h"
#include "runtime/otp/supervisor_record.h"
#include "runtime/process/life.h"
#include "runtime/process/program.h"
#include "runtime/term/text.h"

#define INTENSITY_DEFAULT 1u
#define PERIOD_DEFAULT_S 5u
#define SPAWN_MARGIN 64u                /* fresh places are handed out in batches */
#define SPAWN_ROOM_BYTES 65536u
#define RESTARTS_KEPT 1024u             /* times of restarts; with such an intensity it never gives up */

struct child {
	const struct child_spec *spec;
	uint64_t serial;                /* names the child while places move */
	uint64_t pid;                   /* term word; 0: does not run */
	uint32_t id;                    /* atom */
	term argument;                  /* immediate, or in kept */
	struct ets_object *kept;        /* {Argument}: a copy of its own */
	bool dynamic;                   /* came by start_child */
	bool starting;                  /* its ack is awaited */
	bool restarting;                /* could not be started again, is tried later */
};

/* What to do next: a frame to call, and who says what comes after it. */
struct task { const struct step *frame; void (*then)(struct process *p, struct supervisor *s); };

struct supervisor {
	const struct supervisor_spec *spec;
	struct supervisor_place *place;
	struct supervisor_record record;
	struct child *children;
	size_t count, room;
	uint64_t next_serial;
	struct map64 by_pid;            /* pid word -> serial */
	uint64_t restarted_us[RESTARTS_KEPT];
	uint64_t restart_count;
	struct task task;
	/* The work at hand, between the loop and its two frames. */
	size_t from, at, end;           /* range; what stop and start have come to */
	uint64_t awaited;               /* pid word of the child that starts or stops */
	uint64_t failed_serial, surplus_serial;
	term ended_reason;              /* of a failed start: an atom, else `error` */
	uint64_t reply_to;              /* who asked for the child that starts; 0: nobody */
	bool killing;
	struct world *world;
};

enum { SUPERVISOR, SCRATCH, SLOTS = 9 };        /* with the label ten words, as gen_server:loop */

static struct supervisor *supervisor_of(const struct process *p)
{
	if (otp_bottom_step(p) != &supervisor_step)
		return NULL;
	term pointer = otp_bottom_slot(p, SLOTS + 1, SUPERVISOR, 0);
	return term_is_small(pointer) ? term_to_pointer(pointer) : NULL;
}

static struct mem_lane *lane_of(const struct process *p) { return p->scheduler->lane; }
static uint32_t application_of(const struct process *p) { return atomic_load_explicit(&p->slot->application, memory_order_relaxed); }

static int64_t knob_or(struct process *p, int place, int64_t otherwise)
{
	return place > 0 ? application_knob(p->world, application_of(p), (unsigned) place - 1, otherwise) : otherwise;
}

static enum strategy strategy_of(struct process *p, const struct supervisor *s)
{
	return (enum strategy) knob_or(p, s->spec->strategy_knob, s->spec->strategy);
}

static void limits_of(struct process *p, const struct supervisor *s, uint64_t *intensity, uint64_t *period_s)
{
	bool silent = s->spec->intensity == 0 && s->spec->period_s == 0;
	*intensity = (uint64_t) knob_or(p, s->spec->intensity_knob, silent ? INTENSITY_DEFAULT : s->spec->intensity);
	*period_s = (uint64_t) knob_or(p, s->spec->period_knob, silent ? PERIOD_DEFAULT_S : s->spec->period_s);
}

/* ---- Children ---------------------------------------------------------------------------------------------------- */

static struct child *child_by_serial(struct supervisor *s, uint64_t serial)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->children[i].serial == serial)
			return &s->children[i];
	return NULL;
}

/* Serials rise along the vector, so that the place is found by halving. */
static struct child *child_by_pid(struct supervisor *s, uint64_t pid)
{
	uint64_t serial;
	if (!map64_get(&s->by_pid, pid, &serial))
		return NULL;
	size_t low = 0, high = s->count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (s->children[middle].serial < serial)
			low = middle + 1;
		else
			high = middle;
	}
	return low < s->count && s->children[low].serial == serial ? &s->children[low] : child_by_serial(s, serial);
}

static struct child *child_by_id(struct supervisor *s, uint32_t id)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->children[i].id == id)
			return &s->children[i];
	return NULL;
}

/* The first few that do not run; a template's are not looked through, there may be very many. */
static void note_absent(struct supervisor *s)
{
	uint64_t n = 0, absent = s->record.strategy == SIMPLE_ONE_FOR_ONE ? 0 : s->count - s->by_pid.count;
	for (size_t i = 0; i < s->count && n < absent && n < SUPERVISOR_ABSENT; i++) {
		const struct child *c = &s->children[i];
		if (!c->pid)
			s->record.absent[n++] = (struct supervisor_child) { .id = c->id, .is_supervisor = c->spec->supervisor, .restarting = c->restarting };
	}
	s->record.absent_count = n;
}

static void count_child(struct supervisor *s, const struct child *c, uint64_t by)
{
	*(c->spec->supervisor ? &s->record.supervisors : &s->record.workers) += by;
}

static void publish(struct process *p, struct supervisor *s)
{
	uint64_t intensity, period_s;
	limits_of(p, s, &intensity, &period_s);
	s->record.strategy = strategy_of(p, s);
	s->record.intensity = (uint32_t) intensity;
	s->record.period_s = (uint32_t) period_s;
	s->record.children = s->count;
	s->record.application = application_of(p);
	s->record.name = atomic_load_explicit(&p->slot->name, memory_order_relaxed);
	s->record.pid = term_pid_number(process_self(p));
	note_absent(s);
	if (s->place)
		supervisor_place_write(s->place, &s->record);
}

static struct child *child_add(struct process *p, struct supervisor *s, const struct child_spec *spec, uint32_t id, term argument)
{
	if (s->count == s->room) {
		size_t room = s->room ? 2 * s->room : 8;
		struct child *children = mem_need(lane_of(p), MEM_SYSTEM, room * sizeof *children);
		if (s->count)
			memcpy(children, s->children, s->count * sizeof *children);
		mem_give(lane_of(p), MEM_SYSTEM, s->children, s->room * sizeof *children);
		s->children = children;
		s->room = room;
	}
	struct child *c = &s->children[s->count++];
	*c = (struct child) { .spec = spec, .serial = ++s->next_serial, .id = id, .argument = argument };
	if (!term_is_immediate(argument)) {
		term box[] = { term_header(BOX_TUPLE, 1), argument };
		c->kept = ets_object_new(lane_of(p), TABLE_SET, 1, term_from_box(box));
		c->argument = c->kept ? c->kept->data[1] : TERM_NIL;
	}
	count_child(s, c, 1);
	return c;
}

static void child_drop(struct process *p, struct supervisor *s, struct child *c)
{
	ets_objects_free(lane_of(p), c->kept);
	count_child(s, c, UINT64_MAX);
	if (c->pid)
		map64_remove(&s->by_pid, c->pid, NULL);
	memmove(c, c + 1, (size_t) (s->children + s->count - (c + 1)) * sizeof *c);
	s->count--;
}

/* A dynamic or temporary child is forgotten when it ends; the others keep their place. */
static bool is_forgotten(struct process *p, const struct supervisor *s, const struct child *c)
{
	return c->spec->restart == TEMPORARY || (c->dynamic && strategy_of(p, s) == SIMPLE_ONE_FOR_ONE);
}

static uint64_t shutdown_of(const struct child_spec *spec)
{
	if (spec->shutdown_us)
		return spec->shutdown_us;
	return spec->supervisor ? SHUTDOWN_INFINITY : SHUTDOWN_DEFAULT_US;
}

/* ---- Specs to children ------------------------------------------------------------------------------------------- */

static uint32_t id_atom(struct process *p, const char *id, int64_t number)
{
	char text[ATOM_TEXT_MAX];
	if (number > 0)
		snprintf(text, sizeof text, "%s_%lld", id, (long long) number);
	else
		snprintf(text, sizeof text, "%s", id);
	return term_to_atom(process_atom(p, text));
}

static void add_spec(struct process *p, struct supervisor *s, const struct child_spec *spec)
{
	if (spec->copies_knob == 0) {
		child_add(p, s, spec, id_atom(p, spec->id, 0), term_from_small((intptr_t) spec->argument));
		return;
	}
	int64_t copies = knob_or(p, spec->copies_knob, 1);
	for (int64_t i = 1; i <= copies; i++)
		child_add(p, s, spec, id_atom(p, spec->id, i), term_from_small((intptr_t) i));
}

static bool has_copies(const struct supervisor_spec *spec)
{
	for (size_t i = 0; i < spec->child_count; i++)
		if (spec->children[i].copies_knob)
			return true;
	return false;
}

/* ---- Spawning one ------------------------------------------------------------------------------------------------ */

static const char *name_of_id(struct process *p, const struct child *c) { return atom_text_at(p->world->atoms, c->id); }

static void fill_options(struct process *p, const struct child *c, struct spawn_options *o)
{
	if (c->spec->options)
		*o = *c->spec->options;
	o->link = true;
	o->child_id = c->id;
	o->supervisor = process_self(p);
	o->is_supervisor = c->spec->supervisor != NULL;
	if (c->spec->registered)
		o->name = application_name_for(p->world, lane_of(p), application_of(p), name_of_id(p, c));
	if (c->spec->supervisor && c->spec->supervisor->name)
		o->name = application_name_for(p->world, lane_of(p), application_of(p), c->spec->supervisor->name);
	if (c->spec->adjust)
		c->spec->adjust(p->world, application_of(p), o);
}

term supervisor_spawn(struct process *p, const struct supervisor_spec *spec, struct spawn_options *options)
{
	options->link = options->is_supervisor = options->trap_exit = true;
	term args[] = { term_from_pointer(spec), TERM_NIL, process_self(p), otp_ancestors(p), ATOM(true) };
	return process_spawn(p, &supervisor_step, ARRAY_COUNT(args), args, options);
}

/* A full process table or memory is a failed start here, as in OTP, and not the supervisor's own end. */
static bool has_room(const struct process *p)
{
	const struct slots *slots = p->world->slots;
	return atomic_load_explicit(&slots->count, memory_order_relaxed) + SPAWN_MARGIN < slots->limit
		&& mem_has_room_for_small(p->world->mem, SPAWN_ROOM_BYTES);
}

static bool spawn_child(struct process *p, struct supervisor *s, struct child *c)
{
	struct spawn_options options = SPAWN_DEFAULT;
	term pid;
	if (!has_room(p)) {
		s->failed_serial = c->serial;
		s->ended_reason = ATOM(system_limit);
		return false;
	}
	fill_options(p, c, &options);
	if (c->spec->supervisor) {
		pid = supervisor_spawn(p, c->spec->supervisor, &options);
	} else if (c->spec->server) {
		term ancestors = otp_ancestors(p);
		term args[] = { term_from_pointer(c->spec->server), c->argument, process_self(p), ancestors, ATOM(true) };
		pid = process_spawn(p, &server_step, ARRAY_COUNT(args), args, &options);
	} else {
		pid = process_spawn(p, c->spec->step, 1, &c->argument, &options);
	}
	c->pid = pid.word;
	c->restarting = false;
	c->starting = c->spec->step == NULL;
	map64_put(&s->by_pid, lane_of(p), MEM_SYSTEM, c->pid, c->serial);
	return true;
}

/* ---- The frame that starts --------------------------------------------------------------------------------------- */

static bool is_exit_of(term t, uint64_t pid) { return is_tagged(t, 3, ATOM(EXIT)) && tuple_at(t, 1).word == pid; }

static bool is_about_awaited(struct process *p, term t)
{
	const struct supervisor *s = supervisor_of(p);
	return (is_tagged(t, 3, ATOM(ack)) && tuple_at(t, 1).word == s->awaited) || is_exit_of(t, s->awaited);
}

static void note_end(struct supervisor *s, struct child *c)
{
	map64_remove(&s->by_pid, c->pid, NULL);
	c->pid = 0;
	c->starting = false;
}

/* True: the child is up. */
static bool take_start(struct supervisor *s, term t)
{
	struct child *c = child_by_pid(s, s->awaited);
	s->awaited = 0;
	c->starting = false;
	if (!is_tagged(t, 3, ATOM(EXIT)))
		return true;
	note_end(s, c);
	s->failed_serial = c->serial;
	s->ended_reason = term_is_immediate(tuple_at(t, 2)) ? tuple_at(t, 2) : ATOM(error);
	return false;
}

/* Starts the children at .. end-1 that do not run; x[0]: ok, or error with failed_serial. */
static enum next start_children(struct process *p)
{
	struct supervisor *s = supervisor_of(p);
	if (s->awaited) {
		term t;
		if (!program_match(p, is_about_awaited, &t))
			return STEP_WAIT;
		if (!take_start(s, t))
			return frame_return(p, ATOM(error));
		s->at++;
	}
	while (s->at < s->end && s->at < s->count) {
		struct child *c = &s->children[s->at];
		if (!c->pid) {
			if (!spawn_child(p, s, c))
				return frame_return(p, ATOM(error));
			if (c->starting) {
				s->awaited = c->pid;
				program_skip_queued(p);
				return STEP_NEXT;
			}
		}
		s->at++;
		if (process_charge(p, 2))
			return STEP_YIELD;
	}
	return frame_return(p, ATOM(ok));
}

static const struct step start_step = { "supervisor:start_children/2", start_children };

/* ---- The frame that stops ---------------------------------------------------------------------------------------- */

static bool is_exit_of_awaited(struct process *p, term t) { return is_exit_of(t, supervisor_of(p)->awaited); }

static void ask_to_stop(struct process *p, struct supervisor *s, const struct child *c)
{
	uint64_t us = shutdown_of(c->spec);
	s->awaited = c->pid;
	s->killing = us == SHUTDOWN_BRUTAL;
	process_exit_other(p, (term) { c->pid }, s->killing ? ATOM(kill) : ATOM(shutdown));
	if (us < SHUTDOWN_INFINITY)
		process_set_timeout(p, us);
	process_rewind(p);
}

/* The awaited child is gone: true. It may have ended by itself, its message may wait already. */
static bool stop_is_done(struct process *p, struct supervisor *s)
{
	term t;
	if (program_match(p, is_exit_of_awaited, &t)) {
		process_set_timeout(p, UINT64_MAX);
		note_end(s, child_by_pid(s, s->awaited));
		s->awaited = 0;
		return true;
	}
	if (process_timed_out(p) && !s->killing) {
		s->killing = true;
		process_set_timeout(p, UINT64_MAX);
		process_exit_other(p, (term) { s->awaited }, ATOM(kill));
	}
	return false;
}

/* Stops the children end-1 .. from, the last first; forgets the temporary ones among them. */
static enum next stop_children(struct process *p)
{
	struct supervisor *s = supervisor_of(p);
	if (s->awaited) {
		if (!stop_is_done(p, s))
			return STEP_WAIT;
		process_charge(p, 1);
	}
	while (s->end > s->from) {
		struct child *c = &s->children[s->end - 1];
		if (c->pid) {
			ask_to_stop(p, s, c);
			return STEP_NEXT;
		}
		s->end--;
		if (is_forgotten(p, s, c))
			child_drop(p, s, c);
		if (process_charge(p, 1))
			return STEP_YIELD;
	}
	return frame_return(p, ATOM(ok));
}

static const struct step stop_step = { "supervisor:terminate_children/2", stop_children };

/* All dynamic children of a template at once: everybody is told, then everybody is waited for. */
static bool is_exit_of_a_child(struct process *p, term t)
{
	return is_tagged(t, 3, ATOM(EXIT)) && child_by_pid(supervisor_of(p), tuple_at(t, 1).word);
}

static enum next stop_together(struct process *p)
{
	struct supervisor *s = supervisor_of(p);
	uint64_t us = shutdown_of(&s->spec->children[0]);
	for (; s->at < s->count; s->at++) {
		if (s->children[s->at].pid)
			process_exit_other(p, (term) { s->children[s->at].pid }, s->killing || us == SHUTDOWN_BRUTAL ? ATOM(kill) : ATOM(shutdown));
		if (process_charge(p, 1)) {
			s->at++;
			return STEP_YIELD;
		}
	}
	for (term t; s->by_pid.count > 0 && program_match(p, is_exit_of_a_child, &t);) {
		note_end(s, child_by_pid(s, tuple_at(t, 1).word));
		if (process_charge(p, 1))
			return STEP_YIELD;
	}
	if (s->by_pid.count == 0) {
		process_set_timeout(p, UINT64_MAX);
		while (s->count > 0)
			child_drop(p, s, &s->children[s->count - 1]);
		return frame_return(p, ATOM(ok));
	}
	if (process_timed_out(p)) {
		s->killing = true;
		s->at = 0;
		process_set_timeout(p, UINT64_MAX);
		return STEP_NEXT;
	}
	return STEP_WAIT;
}

static const struct step stop_together_step = { "supervisor:terminate_dynamic_children/1", stop_together };

/* ---- What to do next --------------------------------------------------------------------------------------------- */

static void set_task(struct supervisor *s, const struct step *frame, void (*then)(struct process *p, struct supervisor *s))
{
	s->task = (struct task) { frame, then };
}

static void start_range(struct supervisor *s, size_t at, size_t end, void (*then)(struct process *p, struct supervisor *s))
{
	s->at = s->from = at;
	s->end = end;
	set_task(s, &start_step, then);
}

static void stop_range(struct supervisor *s, size_t from, size_t end, void (*then)(struct process *p, struct supervisor *s))
{
	s->from = s->at = from;
	s->end = end;
	set_task(s, &stop_step, then);
}

static void end_with_reason(struct process *p, struct supervisor *s)
{
	(void) s;
	process_raise(p, slot_get(p, SCRATCH));
}

/* Stops all, then ends with this reason. */
static void give_up(struct process *p, struct supervisor *s, term reason)
{
	slot_set(p, SCRATCH, reason);
	stop_range(s, 0, s->count, end_with_reason);
	s->killing = false;
	if (strategy_of(p, s) == SIMPLE_ONE_FOR_ONE && s->spec->child_count)
		s->task.frame = &stop_together_step;
}

/*
 * Too many in the period? Each try counts; one that is as old as the period counts too. To the microsecond: OTP 25 counts in whole
 * seconds, which makes its period up to a second longer.
 */
static bool may_restart(struct process *p, struct supervisor *s)
{
	uint64_t intensity, period_s, now = process_now_us(p);
	limits_of(p, s, &intensity, &period_s);
	s->restarted_us[s->restart_count++ % RESTARTS_KEPT] = now;
	if (intensity >= RESTARTS_KEPT || s->restart_count <= intensity)
		return true;
	return now - s->restarted_us[(s->restart_count - 1 - intensity) % RESTARTS_KEPT] > period_s * 1000000;
}

static void note_restart(struct process *p, struct supervisor *s, const struct child *c, uint64_t pid, term reason)
{
	struct supervisor_record *r = &s->record;
	memmove(&r->history[1], &r->history[0], sizeof r->history - sizeof *r->history);
	r->history[0] = (struct supervisor_restart) { .time_us = process_now_us(p), .child_id = c->id, .child_pid = term_pid_number((term) { pid }) };
	term_text(p->world->atoms, reason, r->history[0].reason, sizeof r->history[0].reason);
	r->history_count += r->history_count < ARRAY_COUNT(r->history);
	r->restarts++;
	application_count_restart(p->world, application_of(p));
	uint64_t args[] = { term_pid_number(process_self(p)), term_pid_number((term) { pid }), term_is_immediate(reason) ? reason.word : 0 };
	scheduler_record(p->scheduler, RECORD_RESTART, term_pid_number(process_self(p)), args, ARRAY_COUNT(args));
	publish(p, s);
}

/* A start failed in a restart: tried again after the messages that are queued now. */
static void try_again(struct process *p, struct supervisor *s)
{
	struct child *c = child_by_serial(s, s->failed_serial);
	if (c)
		c->restarting = true;
	publish(p, s);
	struct builder *b = RESERVE(p, 3);
	process_send(p, process_self(p), build_tuple2(b, ATOM(restart), term_from_small((intptr_t) s->failed_serial)));
}

static void restarted(struct process *p, struct supervisor *s)
{
	if (term_is(x_get(p, 0), ATOM(error)))
		try_again(p, s);
	else
		publish(p, s);
}

static void start_what_was_stopped(struct process *p, struct supervisor *s)
{
	(void) p;
	start_range(s, s->from, s->count, restarted);
}

static void restart(struct process *p, struct supervisor *s, struct child *c, uint64_t pid, term reason)
{
	size_t i = (size_t) (c - s->children);
	if (!may_restart(p, s)) {
		give_up(p, s, ATOM(shutdown));
		return;
	}
	note_restart(p, s, c, pid, reason);
	switch (strategy_of(p, s)) {
	case ONE_FOR_ALL:
		stop_range(s, 0, s->count, start_what_was_stopped);
		break;
	case REST_FOR_ONE:
		stop_range(s, i, s->count, start_what_was_stopped);
		break;
	default:
		start_range(s, i, i + 1, restarted);
	}
}

static void child_ended(struct process *p, struct supervisor *s, uint64_t pid, term reason)
{
	struct child *c = child_by_pid(s, pid);
	if (!c)
		return;
	note_end(s, c);
	if (c->spec->restart == PERMANENT || (c->spec->restart == TRANSIENT && !reason_is_quiet(reason))) {
		restart(p, s, c, pid, reason);
		return;
	}
	if (is_forgotten(p, s, c))
		child_drop(p, s, c);
	publish(p, s);
}

static void again(struct process *p, struct supervisor *s, uint64_t serial)
{
	struct child *c = child_by_serial(s, serial);
	if (c && !c->pid)
		restart(p, s, c, 0, s->ended_reason);
}

/* ---- Dynamic children -------------------------------------------------------------------------------------------- */

static void answer(struct process *p, struct supervisor *s, term tag, term value)
{
	if (!s->reply_to)
		return;
	term box[] = { term_header(BOX_TUPLE, 2), tag, value };
	process_send(p, (term) { s->reply_to }, term_from_box(box));
	s->reply_to = 0;
}

static void answer_error(struct process *p, struct supervisor *s, term why)
{
	term error[] = { term_header(BOX_TUPLE, 2), ATOM(error), why };
	answer(p, s, ATOM(child_started), term_from_box(error));
}

/* A child that did not start for the first time is no child. */
static void dynamic_started(struct process *p, struct supervisor *s)
{
	struct child *c = &s->children[s->count - 1];
	if (term_is(x_get(p, 0), ATOM(ok))) {
		answer(p, s, ATOM(child_started), (term) { c->pid });
	} else {
		child_drop(p, s, c);
		answer_error(p, s, s->ended_reason);
	}
	publish(p, s);
}

/* {start_child, Spec | 0, Argument, ReplyTo | []} */
static void start_dynamic(struct process *p, struct supervisor *s, term m)
{
	const struct child_spec *spec = term_to_pointer(tuple_at(m, 1));
	bool template = spec == NULL;
	s->reply_to = term_is_pid(tuple_at(m, 3)) ? tuple_at(m, 3).word : 0;
	if (template)
		spec = &s->spec->children[0];
	uint32_t id = id_atom(p, spec->id, 0);
	struct child *same = template ? NULL : child_by_id(s, id);
	if (same) {
		answer_error(p, s, same->pid ? ATOM(already_started) : ATOM(already_present));
		return;
	}
	child_add(p, s, spec, id, tuple_at(m, 2))->dynamic = true;
	start_range(s, s->count - 1, s->count, dynamic_started);
}

/* {terminate_child, Pid | Id} */
static void terminate_one(struct supervisor *s, term who)
{
	struct child *c = term_is_pid(who) ? child_by_pid(s, who.word) : term_is_atom(who) ? child_by_id(s, term_to_atom(who)) : NULL;
	if (c && c->pid)
		stop_range(s, (size_t) (c - s->children), (size_t) (c - s->children) + 1, publish);
}

/* The knob says another number of copies: more are started, the last ones are stopped. */
static size_t copies_of(const struct supervisor *s, const struct child_spec *spec)
{
	size_t n = 0;
	for (size_t i = 0; i < s->count; i++)
		n += s->children[i].spec == spec;
	return n;
}

static void drop_surplus(struct process *p, struct supervisor *s);

/* Stops the last copy of a spec that has too many; false: it has not. */
static bool stop_surplus(struct supervisor *s, const struct child_spec *spec, int64_t surplus)
{
	for (size_t at = s->count; surplus > 0 && at-- > 0;)
		if (s->children[at].spec == spec) {
			s->surplus_serial = s->children[at].serial;
			stop_range(s, at, at + 1, drop_surplus);
			return true;
		}
	return false;
}

/* One surplus copy after the other is stopped and forgotten; new ones are added; then all that do not run are started. */
static void adjust_copies(struct process *p, struct supervisor *s)
{
	for (size_t i = 0; i < s->spec->child_count; i++) {
		const struct child_spec *spec = &s->spec->children[i];
		if (!spec->copies_knob)
			continue;
		int64_t wanted = knob_or(p, spec->copies_knob, 1), now = (int64_t) copies_of(s, spec);
		if (stop_surplus(s, spec, now - wanted))
			return;
		for (; now < wanted; now++)
			child_add(p, s, spec, id_atom(p, spec->id, now + 1), term_from_small((intptr_t) now + 1));
	}
	start_range(s, 0, s->count, publish);
}

static void drop_surplus(struct process *p, struct supervisor *s)
{
	struct child *c = child_by_serial(s, s->surplus_serial);
	if (c)
		child_drop(p, s, c);
	adjust_copies(p, s);
}

/* ---- The process ------------------------------------------------------------------------------------------------- */

/* {shutdown, {failed_to_start_child, Id, Reason}} */
static void fail_to_start(struct process *p, struct supervisor *s)
{
	struct child *c = child_by_serial(s, s->failed_serial);
	term id = c ? term_from_atom(c->id) : ATOM(undefined);
	struct builder *b = RESERVE(p, 3 + 4);
	process_raise(p, build_tuple2(b, ATOM(shutdown), build_tuple3(b, ATOM(failed_to_start_child), id, s->ended_reason)));
}

static void is_up(struct process *p, struct supervisor *s)
{
	if (term_is(x_get(p, 0), ATOM(error))) {
		stop_range(s, 0, s->count, fail_to_start);
		return;
	}
	publish(p, s);
	if (term_is_pid(slot_get(p, SCRATCH)))
		otp_acknowledge(p, slot_get(p, SCRATCH));
}

/* x: spec, nil, parent, its ancestors, true. */
static void begin(struct process *p)
{
	const struct supervisor_spec *spec = term_to_pointer(x_get(p, 0));
	struct supervisor *s = mem_need(lane_of(p), MEM_SYSTEM, sizeof *s);
	memset(s, 0, sizeof *s);
	s->spec = spec;
	s->world = p->world;
	s->place = supervisor_place_take(p->world->supervisors, lane_of(p), s);
	slot_set(p, SUPERVISOR, term_from_pointer(s));
	slot_set(p, SCRATCH, x_get(p, 2));
	process_trap_exit(p, true);
	otp_remember_origin(p, "supervisor", spec->name ? spec->name : "init", x_get(p, 3));
	x_clear(p);
	for (size_t i = 0; i < spec->child_count && strategy_of(p, s) != SIMPLE_ONE_FOR_ONE; i++)
		add_spec(p, s, &spec->children[i]);
	if (has_copies(spec))
		knob_subscribe(p);
	publish(p, s);
	start_range(s, 0, s->count, is_up);
}

static void on_message(struct process *p, struct supervisor *s, term m)
{
	if (is_tagged(m, 3, ATOM(EXIT)) && term_is(tuple_at(m, 1), slot_get(p, SCRATCH)))
		give_up(p, s, tuple_at(m, 2));          /* its parent wants it */
	else if (is_tagged(m, 3, ATOM(EXIT)) && term_is_pid(tuple_at(m, 1)))
		child_ended(p, s, tuple_at(m, 1).word, tuple_at(m, 2));
	else if (is_tagged(m, 2, ATOM(restart)))
		again(p, s, (uint64_t) term_to_small(tuple_at(m, 1)));
	else if (is_tagged(m, 4, ATOM(start_child)))
		start_dynamic(p, s, m);
	else if (is_tagged(m, 2, ATOM(terminate_child)))
		terminate_one(s, tuple_at(m, 1));
	else if (is_tagged(m, 3, ATOM(env)))
		adjust_copies(p, s);
}

static const struct step *next_frame(struct process *p) { return supervisor_of(p)->task.frame; }

/* The frame has returned: what comes next may set another task. */
static void go_on(struct process *p)
{
	struct supervisor *s = supervisor_of(p);
	struct task done = s->task;
	s->task = (struct task) { NULL, NULL };
	done.then(p, s);
}

static enum next supervise(struct process *p)
{
	term m;
	PROGRAM(p, SLOTS);
	begin(p);
	for (;;) {
		while (next_frame(p)) {
			CALL(p, next_frame(p));
			go_on(p);
		}
		x_clear(p);
		RECEIVE(p, m);
		on_message(p, supervisor_of(p), m);
	}
	PROGRAM_END(p);
}

const struct step supervisor_step = { "gen_server:loop/7", supervise };

/* ---- End --------------------------------------------------------------------------------------------------------- */

static void supervisor_free(struct supervisor *s, struct mem_lane *lane)
{
	for (size_t i = 0; i < s->count; i++)
		ets_objects_free(lane, s->children[i].kept);
	mem_give(lane, MEM_SYSTEM, s->children, s->room * sizeof *s->children);
	map64_release(&s->by_pid, lane, MEM_SYSTEM);
	mem_give(lane, MEM_SYSTEM, s, sizeof *s);
}

void supervisor_on_exit(struct process *p)
{
	struct supervisor *s = supervisor_of(p);
	if (!s)
		return;
	/* The hook may come here again: then there is none any more. */
	if (p->flags & PROCESS_PACKED)
		x_clear(p), x_set(p, 0, TERM_NIL);
	else
		p->heap.end[-1 - (SLOTS + 1) + SUPERVISOR] = TERM_NIL;
	if (s->place)
		supervisor_place_give(p->world->supervisors, s->place);
	supervisor_free(s, lane_of(p));
}

struct supervisors *supervisors_new(struct mem_lane *lane) { return supervisor_places_new(lane); }

void supervisors_free(struct supervisors *all, struct world *w, struct mem_lane *lane)
{
	(void) w;
	struct supervisor_place *place;
	for (uint32_t i = 0; (place = supervisor_place_at(all, i)); i++)
		if (place->taken)
			supervisor_free(place->owner, lane);
	supervisor_places_free(all, lane);
}

/* ---- Asking it --------------------------------------------------------------------------------------------------- */

static void send_to(struct process *p, term supervisor, term m)
{
	if (term_is_atom(supervisor))
		process_send_name_quiet(p, supervisor, m);
	else if (term_is_pid(supervisor))
		process_send(p, supervisor, m);
}

void supervisor_start_child(struct process *p, term supervisor, const struct child_spec *spec, term argument, bool reply)
{
	term box[] = { term_header(BOX_TUPLE, 4), ATOM(start_child), term_from_pointer(spec), argument, reply ? process_self(p) : TERM_NIL };
	send_to(p, supervisor, term_from_box(box));
}

void supervisor_terminate_child(struct process *p, term supervisor, term child)
{
	term box[] = { term_header(BOX_TUPLE, 2), ATOM(terminate_child), child };
	send_to(p, supervisor, term_from_box(box));
}
