/* replay_run - the driver: one world a row, the subject's step, helpers, readings, events. See replay.h. */
#include "tests/replay.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runtime/process/info.h"
#include "runtime/process/mailbox.h"
#include "runtime/memory/copy.h"
#include "runtime/process/tables.h"

#define PATIENCE_SECONDS 120            /* against hanging only */

/* ---- Control ---------------------------------------------------------------------------------------- */

static void hand_over(struct run *r, bool *what)
{
	pthread_mutex_lock(&r->lock);
	*what = true;
	pthread_cond_signal(&r->changed);
	pthread_mutex_unlock(&r->lock);
}

static bool subject_is_alive(const struct run *r) { return !term_is_none(r->subject) && world_is_alive(r->world, r->subject); }

static bool is_virtual(const struct run *r) { return r->world->clock.is_virtual; }

/* A thousandth of a second more: a death is not announced to the driver. */
static void wait_a_little(struct run *r)
{
	struct timespec until;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += 1000000;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	pthread_cond_timedwait(&r->changed, &r->lock, &until);
}

/* It said that it stops, and does: idle, hibernated if that is what it wanted. */
static bool subject_rests(const struct run *r)
{
	const struct slot *slot = slot_of(r->world->slots, r->subject);
	return !slot || (uintptr_t) atomic_load(&slot->inbox) == INBOX_IDLE;
}

/* Until *what is set, or the subject is dead (when that ends the wait). Threads run by themselves; a virtual world is run here. */
static void wait_for(struct run *r, const bool *what, bool or_dead)
{
	if (is_virtual(r)) {
		scheduler_run_ready(r->world);
		CHECK(*what || or_dead, "the world rests before the op is done");
		return;
	}
	pthread_mutex_lock(&r->lock);
	for (uint64_t turns = 0; !*what && !(or_dead && !subject_is_alive(r)); turns++) {
		CHECK(turns < PATIENCE_SECONDS * 1000, "a row hangs");
		wait_a_little(r);
	}
	pthread_mutex_unlock(&r->lock);
}

static void wait_for_subject(struct run *r)
{
	wait_for(r, &r->subject_stopped, true);
	pthread_mutex_lock(&r->lock);
	for (uint64_t turns = 0; !is_virtual(r) && !subject_rests(r); turns++) {
		CHECK(turns < PATIENCE_SECONDS * 1000, "a row hangs");
		wait_a_little(r);
	}
	pthread_mutex_unlock(&r->lock);
}

uint64_t run_alive(const struct run *r) { return atomic_load(&r->world->slots->count); }

void run_until_alive(struct run *r, uint64_t count)
{
	if (is_virtual(r)) {
		scheduler_run_ready(r->world);
		return;
	}
	pthread_mutex_lock(&r->lock);
	for (uint64_t turns = 0; run_alive(r) > count; turns++) {
		CHECK(turns < PATIENCE_SECONDS * 1000, "a row hangs");
		wait_a_little(r);
	}
	pthread_mutex_unlock(&r->lock);
}

/* ---- The subject ---------------------------------------------------------------------------------------- */

enum next op_done(struct run *r)
{
	r->at++;
	r->left = r->phase = 0;
	return STEP_NEXT;
}

static enum next stop_subject(struct run *r)
{
	r->asleep = true;
	hand_over(r, &r->subject_stopped);
	return STEP_WAIT;
}

enum next op_stop(struct run *r, inside_fn resume)
{
	op_done(r);
	r->resume = resume;
	return stop_subject(r);
}

/* Everything else that lies in the queue stays there. */
static bool take_go(struct process *p)
{
	for (struct message *m; (m = process_peek(p)); process_skip(p, m))
		if (term_is(m->value, ATOM(go))) {
			process_take(p, m);
			return true;
		}
	return false;
}

static enum next wake_subject(struct process *p, struct run *r)
{
	inside_fn resume = r->resume;
	if (!take_go(p))
		return STEP_WAIT;
	r->asleep = false;
	r->resume = NULL;
	return resume ? resume(p, r) : STEP_NEXT;
}

static enum next play_subject(struct process *p)
{
	struct run *r = run_of(p);
	if (r->asleep)
		return wake_subject(p, r);
	if (r->at == r->count || !r->op[r->at]->inside)
		return stop_subject(r);
	r->args = json_array_get(r->program, r->at);
	return r->op[r->at]->inside(p, r);
}

/* ---- Helpers ---------------------------------------------------------------------------------------------- */

static enum next play_idle(struct process *p)
{
	for (struct message *m; (m = process_peek(p));)
		process_skip(p, m);
	return STEP_WAIT;
}

static enum next play_helper(struct process *p)
{
	struct run *r = run_of(p);
	return r->job(p, r);
}

enum next helper_ends(struct process *p, struct run *r)
{
	hand_over(r, &r->helper_done);
	process_raise(p, ATOM(normal));
}

enum next helper_stays(struct process *p, struct run *r)
{
	frame_become(p, &r->idle_actor.step);
	r->staying++;
	hand_over(r, &r->helper_done);
	return STEP_WAIT;
}

void run_helper(struct run *r, enum next (*job)(struct process *p, struct run *r))
{
	static const struct spawn_options options = SPAWN_DEFAULT;
	r->job = job;
	r->helper_done = false;
	r->helper_phase = 0;
	term pid = world_spawn(r->world, &r->helper_actor.step, 0, NULL, &options);
	CHECK(!term_is_none(pid), "no room for a helper");
	wait_for(r, &r->helper_done, false);
}

/* ---- Birth of the subject ------------------------------------------------------------------------------------ */

/* Who was asked to watch keeps what DOWN says. */
static enum next play_watcher(struct process *p)
{
	struct run *r = run_of(p);
	term t;
	if (!process_receive(p, &t))
		return STEP_WAIT;
	json_object_set_new(r->notes, "reason", json_string(atom_text(r->world->atoms, tuple_at(t, 4))));
	frame_become(p, &r->idle_actor.step);
	hand_over(r, &r->down);
	return STEP_WAIT;
}

static enum next spawn_job(struct process *p, struct run *r)
{
	struct spawn_options o = options_from(r->spawn_options);
	term argument = json_array_size(r->spawn_arguments) ? replay_term(p, json_array_get(r->spawn_arguments, 0)) : TERM_NONE;
	unsigned n = !term_is_none(argument);
	o.monitor = r->watched;
	if (n)
		json_object_set_new(r->notes, "arg_words", json_integer((json_int_t) (2 + term_flat_words(r->world->literals, argument))));
	r->subject = process_spawn(p, &r->subject_actor.step, n, &argument, &o);
	r->subject_number = term_pid_number(r->subject);
	if (!r->watched)
		return helper_ends(p, r);
	helper_stays(p, r);
	frame_become(p, &r->watcher_actor.step);
	return STEP_NEXT;
}

/* As in the recorded programs: who may be killed by its limit is monitored from birth (64 bytes), others are not. */
void subject_spawn(struct run *r, const json_t *options, const json_t *arguments)
{
	r->spawn_options = options;
	r->spawn_arguments = arguments;
	r->watched = json_is_true(json_object_get(options, "kill"));
	r->subject_stopped = false;
	run_helper(r, spawn_job);
}

/* ---- Readings ------------------------------------------------------------------------------------------------ */

struct look {
	struct run *run;
	json_t *reading;
	bool answered;
};

static json_t *numbers(const uint64_t *v, size_t n)
{
	json_t *a = json_array();
	for (size_t i = 0; i < n; i++)
		json_array_append_new(a, json_integer((json_int_t) v[i]));
	return a;
}

static void set_int(json_t *o, const char *key, uint64_t n) { json_object_set_new(o, key, json_integer((json_int_t) n)); }

static void see_binary(void *context, uint64_t bytes, uint64_t holders)
{
	json_array_append_new(context, numbers((uint64_t[]) { bytes, holders }, 2));
}

static void look_at(struct process *p, void *context)
{
	struct look *look = context;
	json_t *o = look->reading;
	if (p) {
		struct process_info i;
		json_t *binaries = json_array();
		process_info(p, &i);
		json_object_set_new(o, "alive", json_true());
		process_info_binaries(p, see_binary, binaries);
		set_int(o, "memory", i.memory);
		set_int(o, "total_heap_size", i.total_heap_words);
		set_int(o, "heap_size", i.heap_words);
		set_int(o, "stack_size", i.stack_words);
		set_int(o, "message_queue_len", i.queue_length);
		set_int(o, "minor_gcs", i.minor_gcs);
		json_object_set_new(o, "gc_info", numbers(i.gc, ARRAY_COUNT(i.gc)));
		set_int(o, "fullsweep_after", i.options.fullsweep_after);
		set_int(o, "min_heap_size", i.options.min_heap_words);
		set_int(o, "min_bin_vheap_size", i.options.min_vheap_words);
		json_object_set_new(o, "binaries", binaries);
	}
	hand_over(look->run, &look->answered);
}

static void ask(struct run *r, term pid, json_t *reading)
{
	struct look look = { .run = r, .reading = reading };
	struct scheduler *s = scheduler_enter_outside(r->world);
	bool asked = request_ask(s, pid, look_at, &look);
	scheduler_leave_outside(s);
	if (asked)
		wait_for(r, &look.answered, false);
}

void run_need_others(struct run *r, uint64_t count)
{
	if (!r->other)
		r->other = calloc(count + 1, sizeof *r->other);
	CHECK(r->other, "no memory for %lu pids", count);
}

void run_look_at_others(struct run *r)
{
	for (uint64_t i = 0; i < r->others; i++) {
		json_t *reading = json_object();
		ask(r, r->other[i], reading);
		json_array_append_new(r->other_readings, reading);
	}
}

static void read_world(const struct run *r, json_t *o)
{
	struct world_memory m = world_memory(r->world);
	set_int(o, "binary", m.binary);
	set_int(o, "ets", m.ets);
	set_int(o, "processes_used", m.processes_used);
	set_int(o, "process_count", run_alive(r));
	set_int(o, "table_count", atomic_load(&r->world->tables->count));
}

static void take_reading(struct run *r, const char *after)
{
	json_t *o = json_object();
	json_object_set_new(o, "op", json_string(after));
	json_object_set_new(o, "alive", json_false());
	if (!term_is_none(r->subject))
		ask(r, r->subject, o);
	read_world(r, o);
	json_array_append_new(r->readings, o);
}

/* ---- Events ---------------------------------------------------------------------------------------------------- */

static const struct { enum record_kind kind; const char *name; int counter; } event_kinds[] = {
	{ RECORD_GC_MINOR, "minor", 0 }, { RECORD_GC_MAJOR, "major", 1 }, { RECORD_GC_MINOR_TO_MAJOR, "minor_to_major", 2 },
	{ RECORD_GC_MAX_HEAP_MINOR, "max_heap_in_minor", -1 }, { RECORD_GC_MAX_HEAP_MAJOR, "max_heap_in_major", -1 },
	{ RECORD_GC_MAX_HEAP_MINOR_TO_MAJOR, "max_heap_in_minor_to_major", -1 },
};

static void take_event(struct run *r, const struct record *rec)
{
	for (size_t i = 0; i < ARRAY_COUNT(event_kinds); i++) {
		if (event_kinds[i].kind != (enum record_kind) rec->kind)
			continue;
		json_t *e = json_array();
		json_array_append_new(e, json_string(event_kinds[i].name));
		json_array_append_new(e, numbers(rec->arg, GC_VECTOR));
		json_array_append_new(e, numbers(rec->arg + GC_VECTOR, GC_VECTOR));
		json_array_append_new(r->events, e);
		if (event_kinds[i].counter >= 0)
			r->event_count[event_kinds[i].counter]++;
	}
}

static int by_time(const void *a, const void *b)
{
	const struct record *x = a, *y = b;
	return x->time_us != y->time_us ? (x->time_us < y->time_us ? -1 : 1) : x->serial < y->serial ? -1 : x->serial > y->serial;
}

/* The subject's records of all lanes: it may have run on several. Its slices follow each other, so time orders them. */
static void take_events(struct run *r, bool all_matter)
{
	struct recorder *recorder = r->world->recorder;
	unsigned lanes = recorder_lanes(recorder);
	size_t room = 1 << 16, count = 0;
	struct record *all = malloc(room * sizeof *all);
	uint64_t dropped = 0;
	CHECK(all && lanes <= ARRAY_COUNT(r->cursor), "no memory for events");
	for (unsigned lane = 0; lane < lanes; lane++)
		count += recorder_read(recorder, lane, &r->cursor[lane], all + count, room - count, &dropped);
	CHECK(count < room && (dropped == 0 || !all_matter), "events were lost");
	qsort(all, count, sizeof *all, by_time);
	for (size_t i = 0; i < count; i++)
		if (all[i].pid == r->subject_number)
			take_event(r, &all[i]);
	free(all);
}

/* ---- The driver -------------------------------------------------------------------------------------------------- */

const json_t *op_arg(const struct run *r, size_t i) { return json_array_get(r->args, i + 1); }
uint64_t op_int(const struct run *r, size_t i) { return (uint64_t) json_integer_value(op_arg(r, i)); }
const char *op_text(const struct run *r, size_t i)
{
	const char *text = json_string_value(op_arg(r, i));
	return text ? text : "";
}

void run_send_go(struct run *r)
{
	r->subject_stopped = false;
	world_send(r->world, r->subject, ATOM(go));
}

static const char *op_name(const struct run *r, size_t i) { return json_string_value(json_array_get(json_array_get(r->program, i), 0)); }

/* An outside op: control may be the subject's as soon as the op starts or wakes it, so the place is moved on before. */
static void play_outside(struct run *r, size_t at)
{
	r->args = json_array_get(r->program, at);
	r->at++;
	r->op[at]->outside(r);
	if (!term_is_none(r->subject))
		wait_for_subject(r);
}

static void play_inside(struct run *r)
{
	if (term_is_none(r->subject))
		subject_spawn(r, NULL, NULL);
	else if (subject_is_alive(r))
		run_send_go(r);
	else
		r->at++;
	wait_for_subject(r);
}

static void play_program(struct run *r)
{
	take_reading(r, "start");
	while (r->at < r->count) {
		if (r->op[r->at]->outside)
			play_outside(r, r->at);
		else
			play_inside(r);
		take_reading(r, op_name(r, r->at - 1));
	}
}

/* What is left after everything is dead. */
static void end_subject(struct run *r)
{
	if (r->watched && !subject_is_alive(r))
		wait_for(r, &r->down, false);
	if (!term_is_none(r->subject)) {
		struct scheduler *s = scheduler_enter_outside(r->world);
		request_exit(s, r->subject, ATOM(kill));
		scheduler_leave_outside(s);
	}
	run_until_alive(r, r->staying);
	take_reading(r, "exit");
}

/* The name of what is unknown about the i-th op; NULL: it can be played. */
static const char *unknown_in(struct run *r, size_t i)
{
	const char *name = op_name(r, i);
	r->op[i] = op_find(name);
	if (!r->op[i])
		return name ? name : "an op without a name";
	return r->op[i]->unknown ? r->op[i]->unknown(json_array_get(r->program, i)) : NULL;
}

static bool find_ops(struct run *r, const char **why)
{
	r->count = json_array_size(r->program);
	CHECK(r->count <= OPS_MOST, "a program of %zu ops", r->count);
	if (r->count == 0) {
		*why = "a row without a program";
		return false;
	}
	for (size_t i = 0; i < r->count; i++)
		if ((*why = unknown_in(r, i)))
			return false;
	return true;
}

static struct actor actor(struct run *r, const char *name, enum next (*play)(struct process *p))
{
	return (struct actor) { .step = { name, play }, .run = r };
}

static struct world *make_world(const struct replay_options *o)
{
	struct world_options w = world_options_for_test();
	w.recorder_capacity = 1 << 14;
	if (o->schedulers) {
		w.deterministic = false;
		w.schedulers = o->schedulers;
	}
	struct world *world = world_start(&w);
	CHECK(world, "no memory for a world");
	/* Only collections: a ring is not to be filled by the spawns of ten thousand processes. */
	uint32_t kinds = 0;
	for (size_t i = 0; i < ARRAY_COUNT(event_kinds); i++)
		kinds |= 1u << event_kinds[i].kind;
	recorder_select(world->recorder, kinds);
	return world;
}

bool run_row(struct run *r, const json_t *row, const struct replay_options *o, const char **why)
{
	memset(r, 0, sizeof *r);
	r->row = row;
	r->program = json_object_get(row, "program");
	if (!find_ops(r, why))
		return false;
	pthread_mutex_init(&r->lock, NULL);
	pthread_cond_init(&r->changed, NULL);
	r->readings = json_array();
	r->events = json_array();
	r->other_readings = json_array();
	r->notes = json_object();
	r->subject_actor = actor(r, "replay:subject/0", play_subject);
	r->helper_actor = actor(r, "replay:helper/0", play_helper);
	r->watcher_actor = actor(r, "replay:watcher/0", play_watcher);
	r->idle_actor = actor(r, "replay:idle/0", play_idle);
	r->world = make_world(o);
	play_program(r);
	end_subject(r);
	take_events(r, !o->other_policy);
	return true;
}

void run_release(struct run *r)
{
	world_stop(r->world);
	json_decref(r->readings);
	json_decref(r->events);
	json_decref(r->other_readings);
	free(r->other);
	json_decref(r->notes);
	pthread_cond_destroy(&r->changed);
	pthread_mutex_destroy(&r->lock);
}
