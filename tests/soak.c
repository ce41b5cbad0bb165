/*
 * soak - random lives for so many seconds: spawn, link, monitor, crash, timers, tables, calls, persistent terms,
 * trees that restart, and an observer that gives commands all the while. Then everything is stopped, and every counter
 * must be where it began.
 *
 *   tests/soak SECONDS [SEED]         ACTOP_WORLD=chaos,gc_verify as `make soak` sets it
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runtime/actor.h"
#include "runtime/observe/observe.h"
#include "runtime/process/life.h"
#include "runtime/process/scheduler.h"
#include "runtime/process/slot.h"
#include "runtime/process/tables.h"
#include "runtime/process/timer.h"
#include "runtime/runtime.h"

#define POPULATION 400                  /* where the wild ones stop to multiply */
#define CEILING_BYTES (UINT64_C(256) << 20)

/* ---- A server that answers, sleeps and fails ------------------------------------------------------------------------- */

static enum next echo_init(struct process *p, term argument)
{
	struct table_options o = { .access = TABLE_PUBLIC, .type = process_random(p, 2) ? TABLE_SET : TABLE_ORDERED_SET };
	table_new(p, ATOM(data), &o);
	return server_started(p, argument);
}
static enum next echo_call(struct process *p, term request, term from, term state)
{
	(void) from;
	return server_reply(p, request, state);
}
static enum next echo_cast(struct process *p, term request, term state)
{
	return term_is(request, ATOM(stop)) ? server_stop(p, ATOM(error), state) : server_hibernate(p, state);
}
static const struct server_module echo = { .name = "echo", .init = echo_init, .handle_call = echo_call, .handle_cast = echo_cast,
	.hibernate_after_us = 3000 };

/* ---- A wild one: each turn one random act --------------------------------------------------------------------------------- */

enum { FRIEND, KEPT, SLOTS };

static enum next live(struct process *p);
static const struct step wild_step = { "wild:live/1", live };

static void act_spawn(struct process *p)
{
	struct spawn_options o = SPAWN_DEFAULT;
	if (atomic_load(&p->world->slots->count) > POPULATION)
		return;
	o.link = process_random(p, 3) == 0;
	o.monitor = process_random(p, 3) == 0;
	o.off_heap_queue = process_random(p, 2);
	o.trap_exit = process_random(p, 3) == 0;
	o.heap.fullsweep_after = process_random(p, 2) ? 65535 : 5;
	slot_set(p, FRIEND, process_spawn(p, &wild_step, 1, process_slot(p, KEPT), &o));
}
static void act_keep(struct process *p)
{
	for (uint64_t n = process_random(p, 300); n > 0; n--) {
		struct builder *b = RESERVE(p, 2);
		slot_set(p, KEPT, build_cons(b, term_from_small((intptr_t) n), slot_get(p, KEPT)));
	}
}
static void act_drop(struct process *p) { slot_set(p, KEPT, TERM_NIL); }
static void act_binary(struct process *p)
{
	term t = blob_new(p, NULL, process_random(p, 20000), 7, NULL, 0);
	if (binary_bytes(t) > 100)
		t = blob_match(p, &t, 10, 80, NULL, 0);
	struct builder *b = RESERVE(p, 2, &t);
	slot_set(p, KEPT, build_cons(b, t, slot_get(p, KEPT)));
}
static void act_send(struct process *p)
{
	if (term_is_pid(slot_get(p, FRIEND)))
		process_send(p, slot_get(p, FRIEND), slot_get(p, KEPT));
}
static void act_timer(struct process *p)
{
	uint64_t timer = process_send_after(p, process_random(p, 20000), process_self(p), ATOM(data));
	if (process_random(p, 2))
		process_cancel_timer(p, timer);
}
static void act_link(struct process *p)
{
	if (!term_is_pid(slot_get(p, FRIEND)))
		return;
	if (process_random(p, 2))
		process_link(p, slot_get(p, FRIEND));
	else
		process_unlink(p, slot_get(p, FRIEND));
}
static void act_monitor(struct process *p)
{
	if (!term_is_pid(slot_get(p, FRIEND)))
		return;
	uint64_t reference = process_monitor(p, slot_get(p, FRIEND));
	if (process_random(p, 2))
		process_demonitor(p, reference, true);
}
static void act_kill(struct process *p)
{
	if (term_is_pid(slot_get(p, FRIEND)))
		process_exit_other(p, slot_get(p, FRIEND), process_random(p, 2) ? ATOM(kill) : ATOM(error));
}
static void act_table(struct process *p)
{
	struct table_options o = { .type = (enum table_type) process_random(p, 4), .access = TABLE_PUBLIC };
	term t = table_new(p, ATOM(data), &o);
	for (uint64_t n = process_random(p, 500); n > 0; n--) {
		term box[] = { term_header(BOX_TUPLE, 2), term_from_small((intptr_t) process_random(p, 100)), slot_get(p, FRIEND) };
		table_insert(p, t, term_from_box(box));
	}
	if (process_random(p, 2))
		table_delete(p, t);
}
static void act_persistent(struct process *p)
{
	term key = term_from_small((intptr_t) process_random(p, 5));
	if (process_random(p, 4) == 0) {
		struct builder *b = RESERVE(p, 2);
		persistent_put(p, key, build_cons(b, term_from_small((intptr_t) process_random(p, 100)), TERM_NIL));
	} else {
		term t = persistent_get(p, key);
		slot_set(p, FRIEND, term_is_none(t) ? TERM_NIL : slot_get(p, FRIEND));
		if (!term_is_none(t))
			slot_set(p, KEPT, t);
	}
}
static void act_dictionary(struct process *p) { process_put(p, term_from_small((intptr_t) process_random(p, 20)), slot_get(p, KEPT)); }
static void act_collect(struct process *p) { process_collect(p, process_random(p, 2), 2, NULL, 0); }
static void act_log(struct process *p) { log_event(p, TERM_NONE, LOG_INFO, slot_get(p, KEPT)); }
static void act_cast(struct process *p) { server_cast(p, process_atom(p, "echo"), process_random(p, 10) ? ATOM(data) : ATOM(stop)); }
static void act_end(struct process *p)
{
	if (process_random(p, 4) == 0)
		process_raise(p, process_random(p, 2) ? ATOM(normal) : ATOM(error));
}

static void (*const acts[])(struct process *p) = { act_spawn, act_spawn, act_keep, act_drop, act_binary, act_send, act_send, act_timer, act_link,
	act_monitor, act_kill, act_table, act_persistent, act_dictionary, act_collect, act_log, act_cast, act_end };

static enum next live(struct process *p)
{
	term m;
	PROGRAM(p, SLOTS);
	x_clear(p);
	slot_set(p, FRIEND, TERM_NIL);
	for (;;) {
		acts[process_random(p, ARRAY_COUNT(acts))](p);
		if (process_random(p, 20) == 0 && !term_is_none(world_whereis(p->world, process_atom(p, "echo"))))
			CALL_SERVER(p, process_atom(p, "echo"), slot_get(p, KEPT), 100000);
		RECEIVE_AFTER(p, m, process_random(p, 3000));
		if (!term_is_none(m) && process_random(p, 2))
			slot_set(p, KEPT, m);
	}
	PROGRAM_END(p);
}

/* ---- The tree -------------------------------------------------------------------------------------------------------------- */

static const struct child_spec children[] = {
	{ .id = "echo", .registered = true, .server = &echo }, { .id = "wild", .step = &wild_step, .copies_knob = KNOB_FIRST + 1, .restart = TRANSIENT },
};
static const struct supervisor_spec top = { .name = "soak_sup", .strategy = ONE_FOR_ONE, .intensity = 1000000, .period_s = 1, .children = children,
	.child_count = ARRAY_COUNT(children), };
static const struct knob knobs[] = { KNOB_FIX_OFF_ON, KNOB_CEILING_BYTES(200000000), { "wild", "", "copies", 1, 50, 20, NULL } };
static const struct application soak = { .name = "soak", .knobs = knobs, .knob_count = ARRAY_COUNT(knobs), .top = &top };
static const struct application *const catalogue[] = { &soak, NULL };

/* ---- The observer: a command now and then, at random ---------------------------------------------------------------------------- */

static void command_one(struct source *s, struct random *random, uint32_t app)
{
	static const enum command_kind kinds[] = { COMMAND_GC, COMMAND_GC_MINOR, COMMAND_HIBERNATE, COMMAND_SUSPEND, COMMAND_RESUME, COMMAND_SURVEY,
		COMMAND_EXIT };
	struct snap_process rows[64];
	uint32_t cursor = (uint32_t) random_below(random, 200);
	size_t n = s->read_processes(s, &cursor, rows, ARRAY_COUNT(rows));
	uint64_t pids[4], count = 0;
	for (size_t i = 0; i < n && count < ARRAY_COUNT(pids); i++)
		if (!(rows[i].flags & (SNAP_IS_SYSTEM | SNAP_IS_SUPERVISOR)))
			pids[count++] = rows[i].pid;
	struct command c = { .kind = kinds[random_below(random, ARRAY_COUNT(kinds))], .pids = pids, .pid_count = count, .text = "kill", .subject = "some",
		.estimate = SNAP_UNKNOWN };
	if (random_below(random, 50) == 0)
		c = (struct command) { .kind = COMMAND_GC_ALL, .subject = "all", .estimate = SNAP_UNKNOWN };
	if (random_below(random, 50) == 0)
		c = (struct command) { .kind = COMMAND_KNOB, .app = app, .text = "wild", .value = 1 + (int64_t) random_below(random, 50) };
	s->send(s, &c);
	if (count) {
		s->ask_detail(s, pids[0]);
		struct snap_detail *detail = malloc(sizeof *detail);
		if (detail)
			s->take_detail(s, detail);
		free(detail);
	}
}

static void nap(long ms) { nanosleep(&(struct timespec) { ms / 1000, ms % 1000 * 1000000 }, NULL); }

static void resume_all(struct world *w)
{
	struct scheduler *s = scheduler_enter_outside(w);
	for (uint32_t i = 1; i < atomic_load(&w->slots->high); i++) {
		uint64_t pid = atomic_load(&slot_at(w->slots, i)->pid);
		if (pid)
			request_plain(s, (term) { pid }, SIGNAL_RESUME);
	}
	scheduler_leave_outside(s);
}

static void kill_all(struct world *w)
{
	struct scheduler *s = scheduler_enter_outside(w);
	for (uint32_t i = 1; i < atomic_load(&w->slots->high); i++) {
		uint64_t pid = atomic_load(&slot_at(w->slots, i)->pid);
		if (pid)
			request_exit(s, (term) { pid }, ATOM(kill));
	}
	scheduler_leave_outside(s);
}

/* ---- At the end nothing is left --------------------------------------------------------------------------------------------------- */

static int failures;
static void must_be(const char *what, uint64_t is, uint64_t most)
{
	if (is > most) {
		printf("soak: %s is %" PRIu64 "\n", what, is);
		failures++;
	}
}

static void check_empty(struct world *w)
{
	static const struct { const char *name; enum mem_type type; } types[] = { { "records", MEM_RECORD }, { "heaps", MEM_HEAP },
		{ "old heaps", MEM_OLD_HEAP }, { "fragments", MEM_FRAGMENT }, { "messages", MEM_MESSAGE }, { "binaries", MEM_BINARY }, { "tables", MEM_ETS },
		{ "links", MEM_LINK }, { "dictionaries", MEM_DICTIONARY }, { "timers", MEM_TIMER } };
	must_be("processes", atomic_load(&w->slots->count), 0);
	must_be("tables", tables_count(w->tables), 0);
	must_be("armed timers", wheels_count(w), 0);
	must_be("charged bytes of processes", mem_charged(w->mem, CHARGE_PROCESSES), 0);
	must_be("charged bytes of binaries", mem_charged(w->mem, CHARGE_BINARY), 0);
	must_be("charged bytes of tables", mem_charged(w->mem, CHARGE_ETS), 0);
	must_be("charged bytes of nobody", mem_charged(w->mem, CHARGE_UNATTRIBUTED), 0);
	/* A wheel keeps its two maps. */
	for (unsigned i = 0; i < ARRAY_COUNT(types); i++)
		must_be(types[i].name, mem_usage(w->mem, types[i].type).blocks, types[i].type == MEM_TIMER ? 2 * w->scheduler_count : 0);
}

int main(int argc, char **argv)
{
	long seconds = argc > 1 ? atol(argv[1]) : 10;
	uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 0) : (uint64_t) time(NULL);
	struct world_options o = world_options_for_test();
	struct random random;
	random_init(&random, seed);
	o.deterministic = o.switches.det = false;
	o.schedulers = 2;
	o.seed = seed;
	o.max_memory = CEILING_BYTES;
	printf("soak: %ld s, seed %" PRIu64 "\n", seconds, seed);
	struct world *w = world_start(&o);
	struct source *s = observe_open(w, &(struct observe_options) { .catalogue = catalogue, .interval_us = 100000 });
	uint32_t app = application_start(w, &soak, 0, NULL, NULL, 0);
	time_t end = time(NULL) + seconds;
	uint64_t born = 0;
	while (time(NULL) < end) {
		command_one(s, &random, app);
		struct snapshot *sample = s->next(s, 10);
		if (sample)
			snapshot_drop(sample);
		if (random_below(&random, 500) == 0)
			application_reset(w, app);
		if (!application_is_running(w, app))
			application_start(w, &soak, 0, NULL, NULL, 0);
	}
	born = atomic_load(&w->next_pid);
	resume_all(w);
	application_stop(w, app);
	for (int i = 0; i < 3000 && application_is_running(w, app); i++)
		nap(10);
	for (int i = 0; i < 3000 && (atomic_load(&w->slots->count) > 0 || wheels_count(w) > 0); i++) {
		kill_all(w);
		nap(10);
	}
	nap(100);
	check_empty(w);
	printf("soak: %" PRIu64 " lives, %" PRIu64 " sends dropped, %s\n", born, atomic_load(&w->dropped_sends), failures ? "NOT all came back" : "all came back");
	s->close(s);
	world_stop(w);
	return failures != 0;
}
