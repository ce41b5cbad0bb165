/*
 * application - places for instances, their environments, their ceilings; and the controller.
 *
 *   start, stop, reset ──message──▶ application_controller ──link──▶ top supervisor ──▶ ...
 *
 * The controller is a system process: it spawns top supervisors, waits until they are up, and hears when they end. What
 * is left of an ended application (processes that nobody was linked to) is killed, as OTP's application master does.
 *
 * A ceiling counts bytes charged to processes, tables and binaries of the application. They are summed up by a sweep
 * now and then; in between every byte that was granted counts as used, so asking costs two additions.
 */
#include "runtime/otp/application.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "runtime/base/map64.h"
#include "runtime/otp/otp.h"
#include "runtime/process/life.h"
#include "runtime/process/program.h"
#include "runtime/process/tables.h"
#include "runtime/term/text.h"

#define PLACES 128u
#define KNOBS_MOST 10u
#define INDEX_ROOM 1024u                /* a power of two, far above PLACES */
#define SWEEP_EVERY_US 100000u          /* plus a microsecond for every ten places of the process table */
#define SWEEP_AGAIN_US 10000u           /* at the ceiling */
#define LEFTOVER_NAP_US 1000u

const char *const knob_off_on[] = { "off", "on", NULL };

enum state { LOADED, STARTING, RUNNING, STOPPING, STOPPED };

struct place {
	_Atomic uint32_t name;
	_Atomic uint32_t state;
	const struct application *of;
	unsigned instance;
	_Atomic int64_t knob[KNOBS_MOST];
	_Atomic int64_t binary_bytes;           /* account of its payloads */
	_Atomic uint64_t top;                   /* pid word */
	_Atomic uint64_t restarts;
	_Atomic(const char *) limited_by;       /* a constant, or NULL */
	_Atomic int64_t charged, granted;       /* at the last sweep; since then */
	_Atomic uint64_t swept_us;
	_Atomic bool again;                     /* start once more when it has ended */
	struct map64 subscribers;               /* pid word -> 1; under the lock */
	char ended_reason[64];                  /* under the lock */
};

struct applications {
	pthread_mutex_t lock;                   /* of loading, subscribers, texts */
	_Atomic uint32_t count;
	_Atomic uint64_t controller;            /* pid word */
	_Atomic uint8_t index[INDEX_ROOM];      /* place + 1, by atom, open addressing; places are for ever */
	struct place place[PLACES];
};

struct applications *applications_new(struct mem_lane *lane)
{
	struct applications *a = mem_need(lane, MEM_SYSTEM, sizeof *a);
	memset(a, 0, sizeof *a);
	pthread_mutex_init(&a->lock, NULL);
	return a;
}

void applications_free(struct applications *a, struct mem_lane *lane)
{
	for (uint32_t i = 0; i < a->count; i++)
		map64_release(&a->place[i].subscribers, lane, MEM_SYSTEM);
	pthread_mutex_destroy(&a->lock);
	mem_give(lane, MEM_SYSTEM, a, sizeof *a);
}

/* ---- Finding ---------------------------------------------------------------------------------------------------- */

static struct place *find(struct world *w, uint32_t name)
{
	struct applications *a = w->applications;
	for (uint32_t i = name; name && a; i++) {
		uint8_t at = atomic_load_explicit(&a->index[i % INDEX_ROOM], memory_order_acquire);
		if (!at)
			return NULL;
		if (atomic_load_explicit(&a->place[at - 1].name, memory_order_relaxed) == name)
			return &a->place[at - 1];
	}
	return NULL;
}

static uint32_t application_of(const struct process *p) { return atomic_load_explicit(&p->slot->application, memory_order_relaxed); }
static struct place *place_of(const struct process *p) { return find(p->world, application_of(p)); }

_Atomic int64_t *application_account_of(struct process *p)
{
	struct place *place = place_of(p);
	return place ? &place->binary_bytes : NULL;
}

void application_count_restart(struct world *w, uint32_t application)
{
	struct place *place = find(w, application);
	if (place)
		atomic_fetch_add_explicit(&place->restarts, 1, memory_order_relaxed);
}

/* ---- Names ------------------------------------------------------------------------------------------------------- */

enum holder { NOBODY, OURS, ANOTHER };

/* Is `other` a second application of this story? They know each other by their plain names. */
static bool is_second(struct world *w, const struct place *place, uint32_t other)
{
	const struct place *second = find(w, other);
	for (const struct application *const *also = place->of->also; second && also && *also; also++)
		if (second->of == *also && second->instance == place->instance)
			return true;
	return false;
}

static enum holder holder_of(struct world *w, const struct place *place, term name)
{
	term pid = term_is_none(name) ? TERM_NONE : world_whereis(w, name);
	if (!term_is_pid(pid))
		return NOBODY;
	const struct slot *slot = slot_at(w->slots, term_pid_index(pid));
	uint32_t application = atomic_load_explicit(&slot->application, memory_order_relaxed);
	if (atomic_load_explicit(&slot->pid, memory_order_acquire) != pid.word)
		return NOBODY;
	return application == place->name || is_second(w, place, application) ? OURS : ANOTHER;
}

/* The plain name, unless another application has it; and what once had to be called otherwise keeps that name. */
uint32_t application_name_for(struct world *w, struct mem_lane *lane, uint32_t application, const char *id)
{
	const struct place *place = find(w, application);
	char text[2 * ATOM_TEXT_MAX];
	if (place && place->instance > 1)
		snprintf(text, sizeof text, "%s@%u", id, place->instance);
	else
		snprintf(text, sizeof text, "%s", id);
	term name = atom_make_z(w->atoms, lane, text);
	enum holder holder = place ? holder_of(w, place, name) : OURS;
	if (holder != OURS) {
		int length = snprintf(text, sizeof text, "%s@%s", id, atom_text_at(w->atoms, application));
		if (holder == ANOTHER)
			name = atom_make_z(w->atoms, lane, text);
		else if (holder_of(w, place, atom_find(w->atoms, text, (size_t) length)) == OURS)
			name = atom_find(w->atoms, text, (size_t) length);
	}
	return term_is_none(name) ? 0 : term_to_atom(name);
}

term app_name(struct process *p, const char *name)
{
	uint32_t atom = application_name_for(p->world, p->scheduler->lane, application_of(p), name);
	if (!atom)
		process_system_limit(p, ATOM_system_limit);
	return term_from_atom(atom);
}

term app_whereis(struct process *p, const char *name) { return world_whereis(p->world, app_name(p, name)); }

/* ---- Environment ------------------------------------------------------------------------------------------------- */

int64_t application_knob(struct world *w, uint32_t application, unsigned knob, int64_t otherwise)
{
	const struct place *place = find(w, application);
	if (!place || knob >= place->of->knob_count)
		return otherwise;
	return atomic_load_explicit(&place->knob[knob], memory_order_relaxed);
}

int64_t knob_get(struct process *p, unsigned knob) { return application_knob(p->world, application_of(p), knob, 0); }

static int knob_index(const struct application *a, const char *key)
{
	for (size_t i = 0; i < a->knob_count; i++)
		if (strcmp(a->knobs[i].key, key) == 0)
			return (int) i;
	return -1;
}

static bool set_knob(struct place *place, const char *key, int64_t value)
{
	int i = knob_index(place->of, key);
	if (i < 0 || value < place->of->knobs[i].least || value > place->of->knobs[i].most)
		return false;
	atomic_store_explicit(&place->knob[i], value, memory_order_relaxed);
	return true;
}

/* {env, Key, Value} to all that asked and still live. */
static void tell_subscribers(struct world *w, struct place *place, const char *key, int64_t value)
{
	struct applications *a = w->applications;
	struct scheduler *s = scheduler_enter_outside(w);
	term atom = atom_make_z(w->atoms, s->lane, key);
	scheduler_leave_outside(s);
	term box[] = { term_header(BOX_TUPLE, 3), ATOM(env), atom, term_from_small((intptr_t) value) };
	uint64_t pids[64];
	size_t count = 0;
	pthread_mutex_lock(&a->lock);
	uint32_t at = 0;
	for (const struct map64_entry *e; count < ARRAY_COUNT(pids) && (e = map64_next(&place->subscribers, &at));)
		if (world_is_alive(w, (term) { e->key }))
			pids[count++] = e->key;
	pthread_mutex_unlock(&a->lock);
	for (size_t i = 0; i < count; i++)
		world_send(w, (term) { pids[i] }, term_from_box(box));
}

bool application_set(struct world *w, uint32_t name, const char *key, int64_t value)
{
	struct place *place = find(w, name);
	if (!place || !set_knob(place, key, value))
		return false;
	tell_subscribers(w, place, key, value);
	return true;
}

bool application_get(struct world *w, uint32_t name, const char *key, int64_t *value)
{
	const struct place *place = find(w, name);
	int i = place ? knob_index(place->of, key) : -1;
	if (i >= 0)
		*value = atomic_load_explicit(&place->knob[i], memory_order_relaxed);
	return i >= 0;
}

void knob_subscribe(struct process *p)
{
	struct place *place = place_of(p);
	if (!place)
		return;
	pthread_mutex_lock(&p->world->applications->lock);
	map64_put(&place->subscribers, p->scheduler->lane, MEM_SYSTEM, p->pid, 1);
	pthread_mutex_unlock(&p->world->applications->lock);
}

/* ---- Room -------------------------------------------------------------------------------------------------------- */

static int64_t process_bytes(struct world *w, uint32_t name)
{
	int64_t bytes = 0;
	uint32_t high = atomic_load_explicit(&w->slots->high, memory_order_acquire);
	for (uint32_t i = 1; i < high; i++) {
		const struct slot *slot = slot_at(w->slots, i);
		if (!atomic_load_explicit(&slot->pid, memory_order_relaxed) || atomic_load_explicit(&slot->application, memory_order_relaxed) != name)
			continue;
		struct queue_length queue = slot_queue(slot);
		bytes += (int64_t) (atomic_load_explicit(&slot->memory, memory_order_relaxed) + queue.messages * 88 + queue.words * WORD_BYTES);
	}
	return bytes;
}

static int64_t table_bytes(struct world *w, uint32_t name)
{
	int64_t bytes = 0;
	struct table_figures f;
	for (uint32_t i = 0; tables_figures_at(w, i, &f); i++)
		if (f.id && f.application == name)
			bytes += (int64_t) ((f.memory_words + f.size) * WORD_BYTES);
	return bytes;
}

static uint64_t sweep_interval_us(const struct world *w)
{
	return SWEEP_EVERY_US + atomic_load_explicit(&w->slots->high, memory_order_relaxed) / 10;
}

static void sweep(struct world *w, struct place *place)
{
	uint32_t name = atomic_load_explicit(&place->name, memory_order_relaxed);
	int64_t bytes = process_bytes(w, name) + table_bytes(w, name) + atomic_load_explicit(&place->binary_bytes, memory_order_relaxed);
	atomic_store_explicit(&place->granted, 0, memory_order_relaxed);
	atomic_store_explicit(&place->charged, bytes, memory_order_relaxed);
}

/* One of those that ask at the same time sweeps. */
static void sweep_if_older(struct world *w, struct place *place, uint64_t age_us)
{
	uint64_t now = clock_us(&w->clock) + 1, last = atomic_load_explicit(&place->swept_us, memory_order_relaxed);
	if (last && now - last < age_us)
		return;
	if (atomic_compare_exchange_strong_explicit(&place->swept_us, &last, now, memory_order_relaxed, memory_order_relaxed))
		sweep(w, place);
}

static bool is_below_ceiling(struct place *place, uint64_t bytes)
{
	int64_t used = atomic_load_explicit(&place->charged, memory_order_relaxed) + atomic_load_explicit(&place->granted, memory_order_relaxed);
	return used + (int64_t) bytes <= atomic_load_explicit(&place->knob[KNOB_CEILING], memory_order_relaxed);
}

static bool fits_ceiling(struct world *w, struct place *place, uint64_t bytes)
{
	if (place->of->knob_count <= KNOB_CEILING)
		return true;
	sweep_if_older(w, place, sweep_interval_us(w));
	if (!is_below_ceiling(place, bytes))
		sweep_if_older(w, place, SWEEP_AGAIN_US);
	if (!is_below_ceiling(place, bytes))
		return false;
	atomic_fetch_add_explicit(&place->granted, (int64_t) bytes, memory_order_relaxed);
	return true;
}

static void limited_by(struct place *place, const char *limit)
{
	const char *now = atomic_load_explicit(&place->limited_by, memory_order_relaxed);
	if (now != limit)
		atomic_store_explicit(&place->limited_by, limit, memory_order_relaxed);
}

void app_limited_by(struct process *p, const char *limit)
{
	struct place *place = place_of(p);
	if (place)
		limited_by(place, limit && *limit ? limit : NULL);
}

bool app_has_room(struct process *p, uint64_t bytes)
{
	struct place *place = place_of(p);
	bool in_memory = mem_has_room(p->world->mem, bytes);
	bool in_ceiling = !place || !in_memory || fits_ceiling(p->world, place, bytes);
	if (place)
		limited_by(place, !in_memory ? "max_memory" : !in_ceiling ? "ceiling" : NULL);
	return in_memory && in_ceiling;
}

/* ---- The controller ---------------------------------------------------------------------------------------------- */

enum { INDEX, AWAITED, SLOTS };

static struct place *place_at(struct process *p, term index) { return &p->world->applications->place[term_to_small(index)]; }

static void start_top(struct process *p, struct place *place)
{
	const struct supervisor_spec *spec = place->of->top;
	struct spawn_options options = SPAWN_DEFAULT;
	options.application = atomic_load_explicit(&place->name, memory_order_relaxed);
	if (spec->name)
		options.name = application_name_for(p->world, p->scheduler->lane, options.application, spec->name);
	term top = supervisor_spawn(p, spec, &options);
	atomic_store_explicit(&place->top, top.word, memory_order_relaxed);
	atomic_store_explicit(&place->state, STARTING, memory_order_relaxed);
	slot_set(p, AWAITED, top);
	slot_set(p, INDEX, term_from_small(place - p->world->applications->place));
}

static bool is_about_start(struct process *p, term t)
{
	return (is_tagged(t, 3, ATOM(ack)) || is_tagged(t, 3, ATOM(EXIT))) && term_is(tuple_at(t, 1), slot_get(p, AWAITED));
}

static void record_application(struct process *p, const struct place *place, bool started, term reason)
{
	uint64_t args[] = { place->name, started, term_is_immediate(reason) ? reason.word : 0 };
	scheduler_record(p->scheduler, RECORD_APPLICATION, term_pid_number((term) { place->top }), args, ARRAY_COUNT(args));
}

static void note_started(struct process *p, struct place *place)
{
	pthread_mutex_lock(&p->world->applications->lock);
	place->ended_reason[0] = 0;
	pthread_mutex_unlock(&p->world->applications->lock);
	atomic_store_explicit(&place->state, RUNNING, memory_order_relaxed);
	record_application(p, place, true, ATOM(normal));
}

static void note_ended(struct process *p, struct place *place, term reason)
{
	pthread_mutex_lock(&p->world->applications->lock);
	term_text(p->world->atoms, reason, place->ended_reason, sizeof place->ended_reason);
	pthread_mutex_unlock(&p->world->applications->lock);
	record_application(p, place, false, reason);
	slot_set(p, INDEX, term_from_small(place - p->world->applications->place));
}

/* Processes that still belong to the ended application are killed; true: there were some. */
static bool kill_leftovers(struct process *p, const struct place *place)
{
	struct slots *slots = p->world->slots;
	uint32_t name = atomic_load_explicit(&place->name, memory_order_relaxed), high = atomic_load_explicit(&slots->high, memory_order_acquire);
	bool any = false;
	for (uint32_t i = 1; i < high; i++) {
		struct slot *slot = slot_at(slots, i);
		uint64_t pid = atomic_load_explicit(&slot->pid, memory_order_acquire);
		if (pid && atomic_load_explicit(&slot->application, memory_order_relaxed) == name) {
			process_exit_other(p, (term) { pid }, ATOM(kill));
			any = true;
		}
	}
	return any;
}

static void note_gone(struct process *p, struct place *place)
{
	struct applications *a = p->world->applications;
	pthread_mutex_lock(&a->lock);
	map64_release(&place->subscribers, p->scheduler->lane, MEM_SYSTEM);
	pthread_mutex_unlock(&a->lock);
	atomic_store_explicit(&place->top, 0, memory_order_relaxed);
	limited_by(place, NULL);
	atomic_store_explicit(&place->state, STOPPED, memory_order_relaxed);
}

static bool is_live(const struct place *place)
{
	uint32_t state = atomic_load_explicit(&place->state, memory_order_relaxed);
	return state == STARTING || state == RUNNING || state == STOPPING;
}

static void ask_to_stop(struct process *p, struct place *place)
{
	if (!is_live(place) || !place->top)
		return;
	atomic_store_explicit(&place->state, STOPPING, memory_order_relaxed);
	process_exit_other(p, (term) { place->top }, ATOM(shutdown));
}

/* Who of the running ones had this top supervisor; NULL: none. */
static struct place *place_of_top(struct process *p, term pid)
{
	struct applications *a = p->world->applications;
	for (uint32_t i = 0; i < a->count; i++)
		if (is_live(&a->place[i]) && a->place[i].top == pid.word)
			return &a->place[i];
	return NULL;
}

/* One that others depend on ended by itself: they go too, the newest first. */
static void take_others_along(struct process *p, const struct place *place, term reason)
{
	struct applications *a = p->world->applications;
	enum application_type type = place->of->type;
	bool asked_for = atomic_load_explicit(&place->state, memory_order_relaxed) == STOPPING || atomic_load_explicit(&place->again, memory_order_relaxed);
	if (asked_for || type == APPLICATION_TEMPORARY || (type == APPLICATION_TRANSIENT && term_is(reason, ATOM(normal))))
		return;
	for (uint32_t i = a->count; i-- > 0;)
		if (&a->place[i] != place)
			ask_to_stop(p, &a->place[i]);
}

/* Wants a place: {start, Place}, {stop, Place}. */
static bool is_order(term m, term what) { return is_tagged(m, 2, what); }

/* The application of INDEX has ended with this reason: its row says why; then what is left of it is cleared away. */
static void begin_to_clear(struct process *p, struct place *place, term reason)
{
	take_others_along(p, place, reason);
	note_ended(p, place, reason);
}

static struct place *place_in_hand(struct process *p) { return place_at(p, slot_get(p, INDEX)); }

/* All is gone. One that is to start again is told so by a message, after those that wait. */
static void note_cleared(struct process *p)
{
	struct place *place = place_in_hand(p);
	note_gone(p, place);
	if (!atomic_exchange(&place->again, false))
		return;
	term box[] = { term_header(BOX_TUPLE, 2), ATOM(start), slot_get(p, INDEX) };
	process_send_after(p, 0, process_self(p), term_from_box(box));
}

/* True: something ended, and has to be cleared away. */
static bool on_message(struct process *p, term m)
{
	struct place *place = is_tagged(m, 3, ATOM(EXIT)) ? place_of_top(p, tuple_at(m, 1)) : NULL;
	if (is_order(m, ATOM(stop)))
		ask_to_stop(p, place_at(p, tuple_at(m, 1)));
	if (place)
		begin_to_clear(p, place, tuple_at(m, 2));
	return place != NULL;
}

/* The top that was awaited is up; false: it failed, and has to be cleared away. */
static bool on_start(struct process *p, term m)
{
	bool up = is_tagged(m, 3, ATOM(ack));
	if (up)
		note_started(p, place_in_hand(p));
	else
		begin_to_clear(p, place_in_hand(p), tuple_at(m, 2));
	return up;
}

static enum next control(struct process *p)
{
	term m;
	bool ended;
	PROGRAM(p, SLOTS);
	for (;;) {
		RECEIVE(p, m);
		ended = false;
		if (is_order(m, ATOM(start)) && !place_at(p, tuple_at(m, 1))->top) {
			start_top(p, place_at(p, tuple_at(m, 1)));
			RECEIVE_MATCH(p, m, is_about_start);
			ended = !on_start(p, m);
		} else {
			ended = on_message(p, m);
		}
		if (!ended)
			continue;
		while (kill_leftovers(p, place_in_hand(p)))
			SLEEP(p, LEFTOVER_NAP_US);
		note_cleared(p);
	}
	PROGRAM_END(p);
}

static const struct step controller_step = { "application_controller:main_loop/1", control };

/* ---- From outside ------------------------------------------------------------------------------------------------ */

static void controller_need(struct world *w)
{
	struct applications *a = w->applications;
	struct spawn_options options = SPAWN_DEFAULT;
	if (a->controller && world_is_alive(w, (term) { a->controller }))
		return;
	struct scheduler *s = scheduler_enter_outside(w);
	term name = atom_make_z(w->atoms, s->lane, "application_controller");
	scheduler_leave_outside(s);
	options.name = term_is_none(name) ? 0 : term_to_atom(name);
	options.is_system = options.trap_exit = true;
	a->controller = world_spawn(w, &controller_step, 0, NULL, &options).word;
}

static void tell_controller(struct world *w, term what, const struct place *place)
{
	controller_need(w);
	term box[] = { term_header(BOX_TUPLE, 2), what, term_from_small(place - w->applications->place) };
	world_send(w, (term) { w->applications->controller }, term_from_box(box));
}

static void enter_index(struct applications *a, uint32_t name, uint32_t place)
{
	uint32_t i = name;
	while (a->index[i % INDEX_ROOM])
		i++;
	atomic_store_explicit(&a->index[i % INDEX_ROOM], (uint8_t) (place + 1), memory_order_release);
}

/* The place of this name, made when new; NULL: none left. */
static struct place *load(struct world *w, const struct application *of, unsigned instance, uint32_t name)
{
	struct applications *a = w->applications;
	pthread_mutex_lock(&a->lock);
	struct place *place = find(w, name);
	if (!place && a->count < PLACES) {
		uint32_t i = a->count;
		place = &a->place[i];
		place->of = of;
		place->instance = instance;
		for (size_t k = 0; k < of->knob_count; k++)
			place->knob[k] = of->knobs[k].start;
		place->name = name;
		enter_index(a, name, i);
		atomic_store_explicit(&a->count, i + 1, memory_order_release);
	}
	pthread_mutex_unlock(&a->lock);
	return place;
}

static uint32_t instance_name(struct world *w, const struct application *of, unsigned instance)
{
	char text[ATOM_TEXT_MAX];
	if (instance > 1)
		snprintf(text, sizeof text, "%s@%u", of->name, instance);
	else
		snprintf(text, sizeof text, "%s", of->name);
	struct scheduler *s = scheduler_enter_outside(w);
	term name = atom_make_z(w->atoms, s->lane, text);
	scheduler_leave_outside(s);
	return term_is_none(name) ? 0 : term_to_atom(name);
}

uint32_t application_start(struct world *w, const struct application *of, unsigned instance, const char *const *keys,
	const int64_t *values, size_t count)
{
	instance = instance ? instance : 1;
	uint32_t name = instance_name(w, of, instance);
	struct place *place = name ? load(w, of, instance, name) : NULL;
	if (!place)
		return 0;
	for (size_t i = 0; i < count; i++)
		set_knob(place, keys[i], values[i]);
	for (const struct application *const *also = of->also; also && *also; also++)
		application_start(w, *also, instance, NULL, NULL, 0);
	if (!is_live(place)) {
		atomic_store_explicit(&place->state, STARTING, memory_order_relaxed);
		tell_controller(w, ATOM(start), place);
	}
	return name;
}

bool application_stop(struct world *w, uint32_t name)
{
	struct place *place = find(w, name);
	if (!place || !is_live(place))
		return false;
	atomic_store_explicit(&place->again, false, memory_order_relaxed);
	tell_controller(w, ATOM(stop), place);
	for (const struct application *const *also = place->of->also; also && *also; also++)
		application_stop(w, instance_name(w, *also, place->instance));
	return true;
}

bool application_reset(struct world *w, uint32_t name)
{
	struct place *place = find(w, name);
	if (!place)
		return false;
	if (!is_live(place))
		return application_start(w, place->of, place->instance, NULL, NULL, 0) != 0;
	for (const struct application *const *also = place->of->also; also && *also; also++)
		application_reset(w, instance_name(w, *also, place->instance));
	atomic_store_explicit(&place->again, true, memory_order_relaxed);
	tell_controller(w, ATOM(stop), place);
	return true;
}

bool application_is_running(struct world *w, uint32_t name)
{
	const struct place *place = find(w, name);
	return place && is_live(place);
}

bool application_is_orphan(struct world *w, uint32_t application)
{
	return !application || !application_is_running(w, application);
}

static uint64_t not_negative(int64_t n) { return n < 0 ? 0 : (uint64_t) n; }

bool application_record_at(struct world *w, uint32_t i, struct application_record *out)
{
	struct applications *a = w->applications;
	if (!a || i >= atomic_load_explicit(&a->count, memory_order_acquire))
		return false;
	struct place *place = &a->place[i];
	const char *limit = atomic_load_explicit(&place->limited_by, memory_order_relaxed);
	*out = (struct application_record) { .application = place->of, .name = place->name, .running = is_live(place),
		.ended = place->state == STOPPED, .top = place->top, .restarts = place->restarts, .instance = place->instance,
		.binary_bytes = not_negative(place->binary_bytes), .charged_bytes = not_negative(place->charged + place->granted) };
	for (size_t k = 0; k < place->of->knob_count; k++)
		out->values[k] = place->knob[k];
	snprintf(out->limited_by, sizeof out->limited_by, "%s", limit ? limit : "");
	pthread_mutex_lock(&a->lock);
	memcpy(out->ended_reason, place->ended_reason, sizeof out->ended_reason);
	pthread_mutex_unlock(&a->lock);
	return true;
}
