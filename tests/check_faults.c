/*
 * Bad input and faults: each ends as on OTP (exit reason, badarg, a drop that is counted) and leaves nothing behind.
 *
 *   faults[]   one row a fault: what happens, how it must end, the limits of its world
 *   a round    the fault's body runs in a process of its own; a watcher tells its reason; then everybody is killed
 *
 * Each fault has two rounds in one world: the first pays for what is made once and kept (places that are stable in type),
 * the second must leave every counter where it found it. Two hundred seeds of the deterministic world, and
 * threads with the seeds of the run.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "runtime/otp/otp.h"
#include "runtime/process/blob.h"
#include "runtime/process/persistent.h"
#include "runtime/process/tables.h"
#include "runtime/term/text.h"
#include "tests/fixture.h"

#define SEEDS 200
#define SEEDS_A_FORK 25
#define FORKS (SEEDS / SEEDS_A_FORK)
#define THREAD_RUNS 3

/* ---- One that does something and one that tells how it ended ----------------------------------------------------- */

static enum next (*body)(struct process *p);
static _Atomic uint64_t the_body, callee;       /* term words */
static _Atomic bool is_told;
static char ending[400];

static enum next run_body(struct process *p) { return body(p); }
static const struct step body_step = { "body:run/0", run_body };

static enum next watch(struct process *p)
{
	term m;
	PROGRAM(p, 1);
	RESERVE(p, 100);                /* a block in time: where nothing is left, what it watches for could not be placed */
	struct spawn_options o = SPAWN_DEFAULT;
	o.monitor = true;
	atomic_store(&the_body, process_spawn(p, &body_step, 0, NULL, &o).word);
	RECEIVE(p, m);
	term_text(p->world->atoms, tuple_at(m, 4), ending, sizeof ending);
	atomic_store(&is_told, true);
	PROGRAM_END(p);
}
static const struct step watch_step = { "watch:run/0", watch };

static enum next idle(struct process *p)
{
	term m;
	PROGRAM(p, 1);
	for (;;)
		RECEIVE(p, m);
	PROGRAM_END(p);
}
static const struct step idle_step = { "idle:run/0", idle };

/* A little time passes: virtual, or other threads'. */
static void pass(struct patience *patience)
{
	if (fixture_world()->clock.is_virtual)
		fixture_advance_us(10000);
	fixture_wait(patience);
}

/* ---- Names, timers, messages of the dead ------------------------------------------------------------------------- */

static enum next send_to_the_dead(struct process *p)
{
	enum { OTHER, SLOTS };
	term m;
	PROGRAM(p, SLOTS);
	struct spawn_options o = SPAWN_DEFAULT;
	o.monitor = true;
	slot_set(p, OTHER, process_spawn(p, &idle_step, 0, NULL, &o));
	process_exit_other(p, slot_get(p, OTHER), ATOM(kill));
	RECEIVE(p, m);
	for (int i = 0; i < 10; i++)
		process_send(p, slot_get(p, OTHER), ATOM(data));
	server_cast(p, process_atom(p, "nobody"), ATOM(data));
	PROGRAM_END(p);
}
static uint64_t drops_before;
static void note_drops(void) { drops_before = atomic_load(&fixture_world()->dropped_sends); }
static uint64_t drops(void) { return atomic_load(&fixture_world()->dropped_sends) - drops_before; }
static void expect_eleven_drops(void) { HOLDS(drops() == 11, "%" PRIu64 " drops", drops()); }

/* A name is looked up when the timer fires: nobody has it then; or it has come meanwhile. */
static enum next time_for_a_dead_name(struct process *p)
{
	enum { OTHER, SLOTS };
	term m;
	PROGRAM(p, SLOTS);
	struct spawn_options o = SPAWN_DEFAULT;
	o.name = term_to_atom(process_atom(p, "somebody"));
	o.monitor = true;
	slot_set(p, OTHER, process_spawn(p, &idle_step, 0, NULL, &o));
	process_send_after(p, 2000, process_atom(p, "somebody"), ATOM(data));
	process_start_timer(p, 2000, process_atom(p, "nobody"), ATOM(data));
	process_exit_other(p, slot_get(p, OTHER), ATOM(kill));
	RECEIVE(p, m);
	process_send_after(p, 1000, process_atom(p, "late"), ATOM(go));
	process_register(p, process_atom(p, "late"));
	RECEIVE(p, m);
	if (!term_is(m, ATOM(go)))
		process_raise(p, m);
	SLEEP(p, 3000);
	PROGRAM_END(p);
}
static void expect_two_drops(void) { HOLDS(drops() == 2, "%" PRIu64 " drops", drops()); }

/* ---- Calls ------------------------------------------------------------------------------------------------------- */

static enum next call_the_dead(struct process *p)
{
	enum { OTHER, SLOTS };
	term m;
	PROGRAM(p, SLOTS);
	struct spawn_options o = SPAWN_DEFAULT;
	o.monitor = true;
	slot_set(p, OTHER, process_spawn(p, &idle_step, 0, NULL, &o));
	process_exit_other(p, slot_get(p, OTHER), ATOM(kill));
	RECEIVE(p, m);
	CALL_SERVER(p, slot_get(p, OTHER), ATOM(data), UINT64_MAX);
	PROGRAM_END(p);
}
static enum next call_nobody(struct process *p)
{
	PROGRAM(p, 1);
	CALL_SERVER(p, process_atom(p, "nobody"), ATOM(data), 1000);
	PROGRAM_END(p);
}

static enum next plain_init(struct process *p, term argument) { return server_started(p, argument); }
static enum next silent_call(struct process *p, term request, term from, term state)
{
	(void) from;
	return term_is(request, ATOM(stop)) ? server_stop(p, ATOM(error), state) : server_noreply(p, state);
}
static const struct server_module silent = { .name = "silent", .init = plain_init, .handle_call = silent_call };

static enum next call_one_that_dies(struct process *p)
{
	enum { OTHER, SLOTS };
	PROGRAM(p, SLOTS);
	slot_set(p, OTHER, server_spawn(p, &silent, ATOM(ok), NULL));
	CALL_SERVER(p, slot_get(p, OTHER), ATOM(stop), UINT64_MAX);
	PROGRAM_END(p);
}
static enum next call_for_ever(struct process *p)
{
	PROGRAM(p, 1);
	atomic_store(&callee, server_spawn(p, &silent, ATOM(ok), NULL).word);
	CALL_SERVER(p, (term) { atomic_load(&callee) }, ATOM(data), UINT64_MAX);
	PROGRAM_END(p);
}

static uint32_t monitors_of_callee(void)
{
	uint64_t pid = atomic_load(&callee);
	return pid ? atomic_load(&slot_memory_at(fixture_world()->slots, term_pid_index((term) { pid }))->monitors) : 0;
}

/* From outside, once the callee knows who waits for it. */
static void kill_inside_the_call(void)
{
	struct patience patience = { 0 };
	while (monitors_of_callee() != 1)
		pass(&patience);
	fixture_exit((term) { atomic_load(&the_body) }, ATOM(kill));
}
static void expect_no_monitor(void)
{
	HOLDS(fixture_is_alive((term) { atomic_load(&callee) }), "the callee went along");
	HOLDS(monitors_of_callee() == 0, "%u monitors are left", (unsigned) monitors_of_callee());
}

/* ---- Supervisors ------------------------------------------------------------------------------------------------- */

static enum next start_and_fail(struct process *p, term argument) { return server_continue(p, argument, argument); }
static enum next fail_now(struct process *p, term what, term state)
{
	(void) what;
	return server_stop(p, ATOM(error), state);
}
static enum next fail_at_once(struct process *p, term argument) { return server_stop(p, ATOM(error), argument); }
static const struct server_module crasher = { .name = "crasher", .init = start_and_fail, .handle_continue = fail_now };
static const struct server_module stillborn = { .name = "stillborn", .init = fail_at_once };

static const struct child_spec crashers[] = { { .id = "quiet", .server = &silent }, { .id = "crasher", .server = &crasher } };
static const struct child_spec stillborns[] = { { .id = "quiet", .server = &silent }, { .id = "stillborn", .server = &stillborn } };
static const struct supervisor_spec trees[] = {
	{ .strategy = ONE_FOR_ONE, .children = crashers, .child_count = 2 },
	{ .strategy = ONE_FOR_ALL, .intensity = 20, .period_s = 60, .children = crashers, .child_count = 2 },
	{ .strategy = REST_FOR_ONE, .intensity = 20, .period_s = 60, .children = crashers, .child_count = 2 },
	{ .strategy = ONE_FOR_ONE, .children = stillborns, .child_count = 2 },
};

/* Ends as the supervisor ended. */
static enum next supervise_the_hopeless(struct process *p, const struct supervisor_spec *spec)
{
	term m;
	PROGRAM(p, 1);
	process_trap_exit(p, true);
	struct spawn_options o = SPAWN_DEFAULT;
	supervisor_spawn(p, spec, &o);
	do
		RECEIVE(p, m);
	while (!is_tagged(m, 3, ATOM(EXIT)));
	process_raise(p, tuple_at(m, 2));
	PROGRAM_END(p);
}
static enum next supervise_a_crasher(struct process *p) { return supervise_the_hopeless(p, &trees[0]); }
static enum next supervise_crashing_all(struct process *p) { return supervise_the_hopeless(p, &trees[1]); }
static enum next supervise_crashing_rest(struct process *p) { return supervise_the_hopeless(p, &trees[2]); }
static enum next supervise_a_stillborn(struct process *p) { return supervise_the_hopeless(p, &trees[3]); }

/* Where a child cannot be spawned, the supervisor says so and lives on. */
static const struct child_spec template[] = { { .id = "child", .step = &idle_step, .restart = TEMPORARY } };
static const struct supervisor_spec crowd = { .strategy = SIMPLE_ONE_FOR_ONE, .children = template, .child_count = 1 };
static enum next supervise_too_many(struct process *p)
{
	enum { SUPERVISOR, LEFT, SLOTS };
	term m;
	PROGRAM(p, SLOTS);
	struct spawn_options o = SPAWN_DEFAULT;
	slot_set(p, SUPERVISOR, supervisor_spawn(p, &crowd, &o));
	slot_set(p, LEFT, term_from_small(1200));
	RECEIVE(p, m);
	while (term_to_small(slot_get(p, LEFT)) > 0) {
		supervisor_start_child(p, slot_get(p, SUPERVISOR), NULL, ATOM(ok), true);
		RECEIVE(p, m);
		if (term_is_tuple(tuple_at(m, 1)))
			process_raise(p, tuple_at(m, 1));
		slot_set(p, LEFT, term_from_small(term_to_small(slot_get(p, LEFT)) - 1));
	}
	PROGRAM_END(p);
}

/* ---- A table deleted under a fold -------------------------------------------------------------------------------- */

static bool see(void *context, term object)
{
	(void) object;
	++*(uint64_t *) context;
	return false;
}

/* Folds again and again, a few objects a turn. */
static enum next fold(struct process *p)
{
	enum { CURSOR, SLOTS };
	uint64_t cursor, seen = 0;
	PROGRAM(p, SLOTS);
	slot_set(p, CURSOR, term_from_small(0));
	for (;;) {
		cursor = (uint64_t) term_to_small(slot_get(p, CURSOR));
		table_each(p, process_atom(p, "folded"), &cursor, 10, see, &seen);
		slot_set(p, CURSOR, term_from_small((intptr_t) cursor));
		YIELD(p);
	}
	PROGRAM_END(p);
}
static const struct step fold_step = { "fold:run/0", fold };

/* Ends as the folder ended. */
static enum next delete_under_a_fold(struct process *p)
{
	enum { LEFT, SLOTS };
	term m;
	PROGRAM(p, SLOTS);
	struct table_options o = { .named = true, .type = process_random(p, 2) ? TABLE_SET : TABLE_ORDERED_SET };
	term t = table_new(p, process_atom(p, "folded"), &o);
	for (intptr_t i = 0; i < 300; i++) {
		term box[] = { term_header(BOX_TUPLE, 1), term_from_small(i) };
		table_insert(p, t, term_from_box(box));
	}
	struct spawn_options so = SPAWN_DEFAULT;
	so.monitor = true;
	process_spawn(p, &fold_step, 0, NULL, &so);
	slot_set(p, LEFT, term_from_small((intptr_t) process_random(p, 50)));
	while (term_to_small(slot_get(p, LEFT)) > 0) {
		slot_set(p, LEFT, term_from_small(term_to_small(slot_get(p, LEFT)) - 1));
		YIELD(p);
	}
	table_delete(p, process_atom(p, "folded"));
	RECEIVE(p, m);
	process_raise(p, tuple_at(m, 4));
	PROGRAM_END(p);
}

/* ---- Full tables of the runtime ---------------------------------------------------------------------------------- */

#define FEW_ATOMS 2000u
#define FEW_PROCESSES 300u

static void with_few_atoms(struct world_options *o) { o->atom_limit = FEW_ATOMS; }
static void with_few_processes(struct world_options *o) { o->process_limit = FEW_PROCESSES; }

static enum next make_atoms(struct process *p)
{
	char name[40];
	for (int i = 0; ; i++) {
		snprintf(name, sizeof name, "atom_number_%d", i);
		process_atom(p, name);
	}
	return STEP_NEXT;
}
static void expect_all_atoms(void)
{
	HOLDS(atom_count(fixture_world()->atoms) == FEW_ATOMS, "%" PRIu64 " atoms", (uint64_t) atom_count(fixture_world()->atoms));
}

/* The linked go with it. */
static enum next spawn_for_ever(struct process *p)
{
	struct spawn_options o = SPAWN_DEFAULT;
	o.link = true;
	for (;;)
		process_spawn(p, &idle_step, 0, NULL, &o);
	return STEP_NEXT;
}

/* ---- The ceiling, met in each type of memory --------------------------------------------------------------------- */

/* The world `move` copies the block at each reserve: there little is enough. Each scheduler has carriers of its own for each class. */
static void with_little_memory(struct world_options *o) { o->max_memory = UINT64_C(4) * (o->deterministic ? 1 : 2) << 20; }

/* A grower: one act over and over, a hundred to a turn. */
enum { KEPT, AT, GROWER_SLOTS };
static enum next grow(struct process *p, void (*act)(struct process *p, intptr_t at))
{
	PROGRAM(p, GROWER_SLOTS);
	slot_set(p, AT, term_from_small(0));
	for (;;) {
		for (int i = 0; i < 100; i++) {
			act(p, term_to_small(slot_get(p, AT)));
			slot_set(p, AT, term_from_small(term_to_small(slot_get(p, AT)) + 1));
		}
		YIELD(p);
	}
	PROGRAM_END(p);
}

static void keep(struct process *p, term t)
{
	struct builder *b = RESERVE(p, 2, &t);
	slot_set(p, KEPT, build_cons(b, t, slot_get(p, KEPT)));
}
static void keep_cell(struct process *p, intptr_t at) { keep(p, term_from_small(at)); }
static void keep_binary(struct process *p, intptr_t at) { keep(p, blob_new(p, NULL, 10000, (uint8_t) at, NULL, 0)); }
/* As a built-in makes them: fragment after fragment, and nothing that collects before the step is over. */
static void pile_up_fragments(struct process *p, intptr_t at)
{
	for (;;)
		blob_new_bif(p, NULL, 60, (uint8_t) at);
}
static void fill_table(struct process *p, intptr_t at)
{
	struct table_options o = { .named = true };
	if (at == 0)
		table_new(p, ATOM(data), &o);
	term box[] = { term_header(BOX_TUPLE, 2), term_from_small(at), ATOM(ok) };
	table_insert(p, ATOM(data), term_from_box(box));
}
static void flood_self(struct process *p, intptr_t at)
{
	if (at == 0)
		process_set_queue_off_heap(p, true);
	term box[] = { term_header(BOX_TUPLE, 4), ATOM(m), ATOM(m), ATOM(m), ATOM(m) };
	process_send(p, process_self(p), term_from_box(box));
}
static void flood_another(struct process *p, intptr_t at)
{
	struct spawn_options o = SPAWN_DEFAULT;
	o.link = o.off_heap_queue = true;
	if (at == 0)
		slot_set(p, KEPT, process_spawn(p, &idle_step, 0, NULL, &o));
	process_suspend_other(p, slot_get(p, KEPT));
	term box[] = { term_header(BOX_TUPLE, 4), ATOM(m), ATOM(m), ATOM(m), ATOM(m) };
	process_send(p, slot_get(p, KEPT), term_from_box(box));
}
static void put_much(struct process *p, intptr_t at) { process_put(p, term_from_small(at), ATOM(ok)); }
static void set_timers(struct process *p, intptr_t at) { process_send_after(p, 3600000000, process_self(p), term_from_small(at)); }
static void spawn_linked(struct process *p, intptr_t at)
{
	struct spawn_options o = SPAWN_DEFAULT;
	term argument = term_from_small(at);
	o.link = true;
	process_spawn(p, &idle_step, 1, &argument, &o);
}
static void monitor_one(struct process *p, intptr_t at)
{
	struct spawn_options o = SPAWN_DEFAULT;
	o.link = true;
	if (at == 0)
		slot_set(p, KEPT, process_spawn(p, &idle_step, 0, NULL, &o));
	process_monitor(p, slot_get(p, KEPT));
}
static void make_atom(struct process *p, intptr_t at)
{
	char name[200];
	snprintf(name, sizeof name, "%0190ld", (long) at);
	process_atom(p, name);
}
/* What lies in literals is no carrier's: the entries are. */
static void keep_for_all(struct process *p, intptr_t at) { persistent_put(p, term_from_small(at), ATOM(ok)); }
static void keep_long_for_all(struct process *p, intptr_t at)
{
	term t = blob_new(p, NULL, 10000, 0, NULL, 0);
	persistent_put(p, term_from_small(at), t);
}

#define GROWER(name, act) static enum next name(struct process *p) { return grow(p, act); }
GROWER(grow_heap, keep_cell)
GROWER(grow_binaries, keep_binary)
GROWER(grow_fragments, pile_up_fragments)
GROWER(grow_table, fill_table)
GROWER(grow_own_queue, flood_self)
GROWER(grow_anothers_queue, flood_another)
GROWER(grow_dictionary, put_much)
GROWER(grow_timers, set_timers)
GROWER(grow_population, spawn_linked)
GROWER(grow_monitors, monitor_one)
GROWER(grow_atoms, make_atom)
GROWER(grow_persistent, keep_for_all)
GROWER(grow_persistent_binaries, keep_long_for_all)

static void expect_below_ceiling(void)
{
	const struct mem *m = fixture_world()->mem;
	HOLDS(mem_carrier_bytes(m) <= mem_hard_bytes(m), "%" PRIu64 " bytes of carriers", mem_carrier_bytes(m));
}

/* Thousands are linked, and there may be no memory to tell them all at once: the dying waits for what the first ones give back. */
static uint64_t population;
static void note_population(void) { population = atomic_load(&fixture_world()->slots->count); }
static void expect_all_linked_to_end(void)
{
	expect_below_ceiling();
	HOLDS(atomic_load(&fixture_world()->slots->count) == population, "%" PRIu64 " were not told", atomic_load(&fixture_world()->slots->count) - population);
}

/* Persistent terms outlive who made them. */
static enum next erase_all(struct process *p)
{
	PROGRAM(p, GROWER_SLOTS);
	slot_set(p, AT, term_from_small(0));
	while (persistent_count(p->world) > 0) {
		persistent_erase(p, slot_get(p, AT));
		slot_set(p, AT, term_from_small(term_to_small(slot_get(p, AT)) + 1));
		YIELD(p);
	}
	PROGRAM_END(p);
}
static const struct step erase_step = { "eraser:run/0", erase_all };
static void expect_below_ceiling_and_erase(void)
{
	struct patience patience = { 0 };
	expect_below_ceiling();
	fixture_spawn(&erase_step, NULL);
	while (persistent_count(fixture_world()) > 0)
		pass(&patience);
	fixture_run();
}

/* ---- The table of faults ----------------------------------------------------------------------------------------- */

static const struct fault {
	const char *name;
	enum next (*body)(struct process *p);
	const char *ends_with;                  /* the reason's text; one that ends in `...` begins so. Bars part what may be */
	void (*limit)(struct world_options *o);
	void (*before)(void), (*meanwhile)(void), (*after)(void);
	bool makes_atoms;                       /* which are never freed */
} faults[] = {
	{ .name = "messages to the dead", .body = send_to_the_dead, .ends_with = "normal", .before = note_drops, .after = expect_eleven_drops },
	{ .name = "a timer for a dead name", .body = time_for_a_dead_name, .ends_with = "normal", .before = note_drops, .after = expect_two_drops },
	{ .name = "a call to the dead", .body = call_the_dead, .ends_with = "{noproc,{gen_server,call,[..." },
	{ .name = "a call to nobody", .body = call_nobody, .ends_with = "{noproc,{gen_server,call,[nobody,data,1]}}" },
	{ .name = "a call to one that dies", .body = call_one_that_dies, .ends_with = "{error,{gen_server,call,[..." },
	{ .name = "killed inside a call", .body = call_for_ever, .ends_with = "killed", .meanwhile = kill_inside_the_call, .after = expect_no_monitor },
	{ .name = "a child that always crashes", .body = supervise_a_crasher, .ends_with = "shutdown" },
	{ .name = "one of all that always crashes", .body = supervise_crashing_all, .ends_with = "shutdown" },
	{ .name = "one before the rest that always crashes", .body = supervise_crashing_rest, .ends_with = "shutdown" },
	{ .name = "a child that cannot start", .body = supervise_a_stillborn, .ends_with = "{shutdown,{failed_to_start_child,stillborn,error}}" },
	{ .name = "a table deleted under a fold", .body = delete_under_a_fold, .ends_with = "badarg" },
	{ .name = "a full atom table", .body = make_atoms, .ends_with = "{system_limit,system_limit}", .limit = with_few_atoms, .after = expect_all_atoms },
	{ .name = "a full process table", .body = spawn_for_ever, .ends_with = "{system_limit,process}", .limit = with_few_processes },
	{ .name = "no room for a child", .body = supervise_too_many, .ends_with = "{error,system_limit}", .limit = with_few_processes },
#define AT_CEILING .ends_with = "{system_limit,memory}|system_limit", .limit = with_little_memory, .after = expect_below_ceiling
	/* What is small may use the reserve to its end: then even the tuple of the reason is too large. */
	{ .name = "the ceiling by heap", .body = grow_heap, AT_CEILING },
	{ .name = "the ceiling by binary", .body = grow_binaries, AT_CEILING },
	{ .name = "the ceiling by fragment", .body = grow_fragments, AT_CEILING },
	{ .name = "the ceiling by ets", .body = grow_table, AT_CEILING },
	{ .name = "the ceiling by message", .body = grow_own_queue, AT_CEILING },
	{ .name = "the ceiling by another's message", .body = grow_anothers_queue, AT_CEILING },
	{ .name = "the ceiling by dictionary", .body = grow_dictionary, AT_CEILING },
	{ .name = "the ceiling by timer", .body = grow_timers, AT_CEILING },
	{ .name = "the ceiling by record and link", .body = grow_population, .ends_with = "{system_limit,process}|system_limit", .limit = with_little_memory,
		.before = note_population, .after = expect_all_linked_to_end },
	{ .name = "the ceiling by monitor", .body = grow_monitors, AT_CEILING },
	{ .name = "the ceiling by atom", .body = grow_atoms, .ends_with = "{system_limit,system_limit}|system_limit", .limit = with_little_memory, .after = expect_below_ceiling, .makes_atoms = true },
	{ .name = "the ceiling by literal", .body = grow_persistent, .ends_with = "{system_limit,memory}|system_limit", .limit = with_little_memory, .after = expect_below_ceiling_and_erase },
	{ .name = "the ceiling by literals of binaries", .body = grow_persistent_binaries, .ends_with = "{system_limit,memory}|system_limit", .limit = with_little_memory, .after = expect_below_ceiling_and_erase },
};

/* ---- Rounds ------------------------------------------------------------------------------------------------------ */

struct counters {
	uint64_t blocks[MEM_TYPE_COUNT], charged[CHARGE_COUNT], processes, tables, timers, persistent;
};

static struct counters count_all(void)
{
	struct world *w = fixture_world();
	struct counters c = { .processes = atomic_load(&w->slots->count), .tables = tables_count(w->tables), .timers = wheels_count(w),
		.persistent = persistent_count(w) };
	for (int i = 0; i < MEM_TYPE_COUNT; i++)
		c.blocks[i] = mem_usage(w->mem, (enum mem_type) i).blocks;
	for (int i = 0; i < CHARGE_COUNT; i++)
		c.charged[i] = mem_charged(w->mem, (enum mem_charge) i);
	return c;
}

/* A wheel that is used for the first time makes its maps and keeps them; on threads that may be any round. */
static uint64_t may_be_new(const struct fault *f, int type)
{
	if (type == MEM_TIMER && !fixture_world()->clock.is_virtual)
		return 2 * fixture_world()->scheduler_count;
	return type == MEM_ATOM && f->makes_atoms ? UINT64_MAX : 0;
}

static bool may_grow(const struct fault *f, int charge) { return f->makes_atoms && (charge == CHARGE_ATOM || charge == CHARGE_ATOM_USED); }

static void expect_counters(const struct fault *f, uint64_t seed, const struct counters *was)
{
	struct counters is = count_all();
	HOLDS(is.processes == was->processes && is.tables == was->tables && is.timers == was->timers && is.persistent == was->persistent,
		"%s, seed %" PRIu64 ": processes %" PRIu64 " were %" PRIu64 ", tables %" PRIu64 " %" PRIu64 ", timers %" PRIu64 " %" PRIu64, f->name, seed,
		is.processes, was->processes, is.tables, was->tables, is.timers, was->timers);
	for (int i = 0; i < MEM_TYPE_COUNT; i++)
		HOLDS(is.blocks[i] >= was->blocks[i] && is.blocks[i] - was->blocks[i] <= may_be_new(f, i), "%s, seed %" PRIu64 ": %" PRIu64 " blocks of %s, were %" PRIu64,
			f->name, seed, is.blocks[i], mem_type_name((enum mem_type) i), was->blocks[i]);
	for (int i = 0; i < CHARGE_COUNT; i++)
		HOLDS(is.charged[i] == was->charged[i] || may_grow(f, i), "%s, seed %" PRIu64 ": category %d is %" PRIu64 ", was %" PRIu64, f->name, seed, i, is.charged[i], was->charged[i]);
}

static bool is_one_of(const char *text, const char *allowed)
{
	char list[200], *rest = list, *one;
	snprintf(list, sizeof list, "%s", allowed);
	while ((one = strsep(&rest, "|"))) {
		size_t length = strlen(one);
		bool open = length > 3 && strcmp(one + length - 3, "...") == 0;
		if (open ? strncmp(text, one, length - 3) == 0 : strcmp(text, one) == 0)
			return true;
	}
	return false;
}

/* All that still live, the logger's process too. */
static void kill_all(void)
{
	struct world *w = fixture_world();
	struct scheduler *s = scheduler_enter_outside(w);
	for (uint32_t i = 1; i < atomic_load(&w->slots->high); i++) {
		term pid = { atomic_load(&slot_at(w->slots, i)->pid) };
		if (!term_is_none(pid))
			request_exit(s, pid, ATOM(kill));
	}
	scheduler_leave_outside(s);
	fixture_run();
}

static void round_of(const struct fault *f, uint64_t seed)
{
	struct patience patience = { 0 };
	body = f->body;
	atomic_store(&is_told, false);
	atomic_store(&callee, 0);
	if (f->before)
		f->before();
	fixture_spawn(&watch_step, NULL);
	if (f->meanwhile)
		f->meanwhile();
	while (!atomic_load(&is_told))
		pass(&patience);
	fixture_run();
	HOLDS(is_one_of(ending, f->ends_with), "%s, seed %" PRIu64 ": ended with %s", f->name, seed, ending);
	if (f->after)
		f->after();
	kill_all();
}

static void two_rounds(const struct fault *f, uint64_t seed, bool threads)
{
	struct world_options o = fixture_options();
	o.deterministic = o.switches.det = !threads;
	o.switches.det_seed = o.seed = seed;
	o.schedulers = threads ? 3 : 1;
	if (f->limit)
		f->limit(&o);
	fixture_start_with(&o);
	round_of(f, seed);
	struct counters was = count_all();
	round_of(f, seed);
	expect_counters(f, seed, &was);
	fixture_stop();
}

START_TEST(a_fault_ends_well_under_two_hundred_seeds)
{
	const struct fault *f = &faults[_i / FORKS];
	for (uint64_t i = 0; i < SEEDS_A_FORK; i++)
		if (suite_takes(i))
			two_rounds(f, (uint64_t) (_i % FORKS) * SEEDS_A_FORK + i, false);
}
END_TEST

START_TEST(a_fault_ends_well_on_threads)
{
	for (uint64_t i = 0; i < THREAD_RUNS; i++)
		if (i == 0 || suite_takes(i))
			two_rounds(&faults[_i], suite_seed() + i, true);
}
END_TEST

/* ---- Any request refused ----------------------------------------------------------------------------------------- */

/* The n-th request of one type is refused, whichever it is: an exit or an answer, never a crash of the runtime. */
static enum next a_bit_of_everything(struct process *p)
{
	enum { LIST, SLOTS };
	PROGRAM(p, SLOTS);
	struct table_options o = { .named = true };
	table_new(p, ATOM(data), &o);
	for (int i = 0; i < 50; i++) {
		term t = blob_new(p, NULL, 200, 0, NULL, 0);
		struct builder *b = RESERVE(p, 2, &t);
		slot_set(p, LIST, build_cons(b, t, slot_get(p, LIST)));
		term box[] = { term_header(BOX_TUPLE, 2), term_from_small(i), list_head(slot_get(p, LIST)) };
		table_insert(p, ATOM(data), term_from_box(box));
		process_send(p, process_self(p), slot_get(p, LIST));
		table_lookup(p, ATOM(data), term_from_small(i));
		AFTER_BIF(p, 0);
	}
	YIELD(p);
	struct spawn_options so = SPAWN_DEFAULT;
	process_spawn(p, &idle_step, 1, process_slot(p, LIST), &so);
	process_collect(p, true, 2, NULL, 0);
	PROGRAM_END(p);
}

START_TEST(any_refused_request_is_an_exit)
{
	static const enum mem_type types[] = { MEM_HEAP, MEM_OLD_HEAP, MEM_FRAGMENT, MEM_MESSAGE, MEM_BINARY, MEM_ETS, MEM_RECORD };
	for (uint64_t n = 1; n <= 20; n++) {
		struct world_options o = fixture_options();
		o.switches.det = true;
		o.switches.det_seed = n;
		o.switches.fail_type = types[_i];
		o.switches.fail_at = n;
		fixture_start_with(&o);
		body = a_bit_of_everything;
		atomic_store(&is_told, false);
		ending[0] = 0;
		struct spawn_options so = SPAWN_DEFAULT;
		world_spawn(fixture_world(), &watch_step, 0, NULL, &so);        /* may be the one that is refused */
		fixture_advance_us(1000000);
		HOLDS(!atomic_load(&is_told) || strcmp(ending, "normal") == 0 || strstr(ending, "system_limit"), "ended with %s", ending);
		kill_all();
		fixture_expect_clean();
		fixture_stop();
	}
}
END_TEST

Suite *check_suite(void)
{
	Suite *s = suite_create("faults");
	TCase *tc = tcase_create("seeds");
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, a_fault_ends_well_under_two_hundred_seeds, 0, FORKS * (int) ARRAY_COUNT(faults));
	tcase_add_loop_test(tc, any_refused_request_is_an_exit, 0, 7);
	suite_add_tcase(s, tc);
	tc = tcase_create("threads");
	tcase_set_tags(tc, "threads");
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, a_fault_ends_well_on_threads, 0, (int) ARRAY_COUNT(faults));
	suite_add_tcase(s, tc);
	return s;
}
