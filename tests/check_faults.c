/*
 * Bad input and faults: each ends as on OTP (exit reason, badarg, a drop that is counted) and leaves nothing behind. Every
 * test runs under a hundred seeds of a deterministic world; test_world_stop counts what is left.
 */
#include "runtime/otp/otp.h"
#include "runtime/process/blob.h"
#include "runtime/process/life.h"
#include "runtime/process/scheduler.h"
#include "runtime/process/slot.h"
#include "runtime/process/tables.h"
#include "runtime/process/timer.h"
#include "tests/suite.h"
#include "tests/trace.h"

#include <stdio.h>
#include <string.h>

#define SEEDS 100

static struct world *w;
static struct world_options options;

static void begin(uint64_t seed)
{
	options = world_options_for_test();
	options.switches.det = true;
	options.switches.det_seed = seed;
	trace_clear();
}
static void open_world(void) { w = world_start(&options); }
static void setup(void) { }
static void teardown(void) { test_world_stop(w); }

static const char *text_of(struct process *p, term t)
{
	static char text[300];
	term_text(p->world->atoms, t, text, sizeof text);
	return text;
}

/* ---- One that does something and one that tells how it ended ------------------------------------------------------------ */

static enum next (*body)(struct process *p);
static enum next run_body(struct process *p) { return body(p); }
static const struct step body_step = { "body:run/0", run_body };
static term the_body;

static enum next watch(struct process *p)
{
	term m;
	PROGRAM(p, 1);
	struct spawn_options o = SPAWN_DEFAULT;
	o.monitor = true;
	the_body = process_spawn(p, &body_step, 0, NULL, &o);
	RECEIVE(p, m);
	trace("%s", text_of(p, tuple_at(m, 4)));
	PROGRAM_END(p);
}
static const struct step watch_step = { "watch:run/0", watch };

static const char *ending_of(enum next (*what)(struct process *p))
{
	trace_clear();
	body = what;
	run_step(w, &watch_step, 0, NULL);
	run_us(w, 5000000);
	return trace_text();
}

static enum next idle(struct process *p)
{
	term m;
	PROGRAM(p, 1);
	for (;;)
		RECEIVE(p, m);
	PROGRAM_END(p);
}
static const struct step idle_step = { "idle:run/0", idle };

/* ---- Names and timers of the dead ---------------------------------------------------------------------------------------- */

static enum next send_to_the_dead(struct process *p)
{
	enum { OTHER, SLOTS };
	PROGRAM(p, SLOTS);
	struct spawn_options o = SPAWN_DEFAULT;
	slot_set(p, OTHER, process_spawn(p, &idle_step, 0, NULL, &o));
	process_exit_other(p, slot_get(p, OTHER), ATOM(kill));
	SLEEP(p, 1000);
	for (int i = 0; i < 10; i++)
		process_send(p, slot_get(p, OTHER), ATOM(data));
	process_send_after(p, 1000, slot_get(p, OTHER), ATOM(data));
	process_send_after(p, 1000, process_atom(p, "nobody"), ATOM(data));
	server_cast(p, process_atom(p, "nobody"), ATOM(data));
	SLEEP(p, 10000);
	PROGRAM_END(p);
}

START_TEST(messages_and_timers_to_the_dead_are_dropped_and_counted)
{
	begin((uint64_t) _i);
	open_world();
	ck_assert_str_eq(ending_of(send_to_the_dead), "normal");
	ck_assert_uint_eq(w->dropped_sends, 13);
	ck_assert_uint_eq(wheels_count(w), 0);
}
END_TEST

/* ---- Killed inside a call ------------------------------------------------------------------------------------------------- */

static enum next silent_init(struct process *p, term argument) { (void) p; return server_started(p, argument); }
static enum next silent_call(struct process *p, term request, term from, term state)
{
	(void) request;
	(void) from;
	return server_noreply(p, state);
}
static const struct server_module silent = { .name = "silent", .init = silent_init, .handle_call = silent_call };
static term callee;

static enum next call_for_ever(struct process *p)
{
	PROGRAM(p, 1);
	callee = server_spawn(p, &silent, ATOM(ok), NULL);
	CALL_SERVER(p, callee, ATOM(data), UINT64_MAX);
	PROGRAM_END(p);
}

START_TEST(killed_inside_a_call_leaves_no_monitor)
{
	begin((uint64_t) _i);
	open_world();
	ending_of(call_for_ever);
	struct slot_memory *m = slot_memory_at(w->slots, term_pid_index(callee));
	ck_assert_uint_eq(m->monitors, 1);
	struct scheduler *s = scheduler_enter_outside(w);
	request_exit(s, the_body, ATOM(kill));
	scheduler_leave_outside(s);
	run_us(w, 10000);
	ck_assert_str_eq(trace_text(), "killed");
	ck_assert(world_is_alive(w, callee));
	ck_assert_uint_eq(m->monitors, 0);
}
END_TEST

/* ---- A table deleted under a fold ------------------------------------------------------------------------------------------- */

static bool see(void *context, term object)
{
	(void) object;
	++*(uint64_t *) context;
	return false;
}
static enum next fold(struct process *p)
{
	enum { CURSOR, SLOTS };
	uint64_t cursor, seen = 0;
	PROGRAM(p, SLOTS);
	slot_set(p, CURSOR, term_from_small(0));
	do {
		cursor = (uint64_t) term_to_small(slot_get(p, CURSOR));
		table_each(p, process_atom(p, "folded"), &cursor, 10, see, &seen);
		slot_set(p, CURSOR, term_from_small((intptr_t) cursor));
		YIELD(p);
	} while (term_to_small(slot_get(p, CURSOR)) != 0);
	PROGRAM_END(p);
}
static enum next own_and_delete(struct process *p)
{
	PROGRAM(p, 1);
	struct table_options o = { .named = true };
	term t = table_new(p, process_atom(p, "folded"), &o);
	for (intptr_t i = 0; i < 2000; i++) {
		term box[] = { term_header(BOX_TUPLE, 1), term_from_small(i) };
		table_insert(p, t, term_from_box(box));
	}
	body = fold;
	struct spawn_options so = SPAWN_DEFAULT;
	process_spawn(p, &watch_step, 0, NULL, &so);
	for (int i = 0; i < 5; i++)
		slot_set(p, 0, TERM_NIL);
	YIELD(p);
	YIELD(p);
	YIELD(p);
	table_delete(p, process_atom(p, "folded"));
	PROGRAM_END(p);
}
static const struct step own_step = { "owner:run/0", own_and_delete };

START_TEST(a_table_deleted_under_a_fold_is_badarg)
{
	begin((uint64_t) _i);
	open_world();
	run_step(w, &own_step, 0, NULL);
	run_us(w, 1000000);
	ck_assert_str_eq(trace_text(), "badarg");
	ck_assert_uint_eq(tables_count(w->tables), 0);
}
END_TEST

/* ---- Full tables of the runtime ------------------------------------------------------------------------------------------------ */

static enum next make_atoms(struct process *p)
{
	char name[40];
	for (int i = 0; ; i++) {
		snprintf(name, sizeof name, "atom_number_%d", i);
		process_atom(p, name);
	}
	return STEP_NEXT;
}

START_TEST(a_full_atom_table_is_system_limit)
{
	begin((uint64_t) _i);
	options.atom_limit = 2000;
	open_world();
	ck_assert_str_eq(ending_of(make_atoms), "{system_limit,system_limit}");
	ck_assert_uint_eq(atom_count(w->atoms), 2000);
}
END_TEST

static enum next spawn_for_ever(struct process *p)
{
	struct spawn_options o = SPAWN_DEFAULT;
	o.link = true;
	for (;;)
		process_spawn(p, &idle_step, 0, NULL, &o);
	return STEP_NEXT;
}

START_TEST(a_full_process_table_is_system_limit_for_who_spawns)
{
	begin((uint64_t) _i);
	options.process_limit = 1000;
	open_world();
	ck_assert_str_eq(ending_of(spawn_for_ever), "{system_limit,process}");
	ck_assert_uint_eq(w->slots->count, 0);          /* the linked went with it */
}
END_TEST

/* A supervisor whose child cannot be spawned gives up by its own rules, it does not crash. */
static const struct child_spec template[] = { { .id = "child", .step = &idle_step, .restart = TEMPORARY } };
static const struct supervisor_spec crowd = { .strategy = SIMPLE_ONE_FOR_ONE, .children = template, .child_count = 1 };
static enum next supervise_too_many(struct process *p)
{
	enum { SUPERVISOR, LEFT, SLOTS };
	term m;
	PROGRAM(p, SLOTS);
	process_trap_exit(p, true);
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

START_TEST(a_supervisor_answers_when_there_is_no_room)
{
	begin((uint64_t) _i);
	options.process_limit = 1000;
	open_world();
	ck_assert_str_eq(ending_of(supervise_too_many), "{error,system_limit}");
}
END_TEST

/* ---- The ceiling, met in each kind of memory --------------------------------------------------------------------------------------- */

static enum next grow_heap(struct process *p)
{
	enum { LIST, SLOTS };
	PROGRAM(p, SLOTS);
	for (;;) {
		for (int i = 0; i < 1000; i++) {
			struct builder *b = RESERVE(p, 2);
			slot_set(p, LIST, build_cons(b, term_from_small(i), slot_get(p, LIST)));
		}
		YIELD(p);
	}
	PROGRAM_END(p);
}
static enum next grow_binaries(struct process *p)
{
	enum { LIST, SLOTS };
	PROGRAM(p, SLOTS);
	for (;;) {
		term t = blob_new(p, NULL, 100000, 0, NULL, 0);
		struct builder *b = RESERVE(p, 2, &t);
		slot_set(p, LIST, build_cons(b, t, slot_get(p, LIST)));
		YIELD(p);
	}
	PROGRAM_END(p);
}
static enum next grow_table(struct process *p)
{
	enum { AT, SLOTS };
	PROGRAM(p, SLOTS);
	struct table_options o = { .named = true };
	table_new(p, ATOM(data), &o);
	slot_set(p, AT, term_from_small(0));
	for (;;) {
		for (int i = 0; i < 100; i++) {
			term box[] = { term_header(BOX_TUPLE, 2), slot_get(p, AT), ATOM(ok) };
			table_insert(p, ATOM(data), term_from_box(box));
			slot_set(p, AT, term_from_small(term_to_small(slot_get(p, AT)) + 1));
		}
		YIELD(p);
	}
	PROGRAM_END(p);
}
static enum next flood_self(struct process *p)
{
	PROGRAM(p, 1);
	process_set_queue_off_heap(p, true);
	for (;;) {
		for (int i = 0; i < 100; i++) {
			term box[] = { term_header(BOX_TUPLE, 4), ATOM(m), ATOM(m), ATOM(m), ATOM(m) };
			process_send(p, process_self(p), term_from_box(box));
		}
		YIELD(p);
	}
	PROGRAM_END(p);
}
static enum next grow_dictionary(struct process *p)
{
	enum { AT, SLOTS };
	PROGRAM(p, SLOTS);
	slot_set(p, AT, term_from_small(0));
	for (;;) {
		process_put(p, slot_get(p, AT), blob_new(p, NULL, 20000, 0, NULL, 0));
		slot_set(p, AT, term_from_small(term_to_small(slot_get(p, AT)) + 1));
		YIELD(p);
	}
	PROGRAM_END(p);
}

START_TEST(the_ceiling_ends_who_grows_and_gives_all_back)
{
	static enum next (*const growers[])(struct process *p) = { grow_heap, grow_binaries, grow_table, flood_self, grow_dictionary };
	begin((uint64_t) _i);
	options.max_memory = (options.switches.move ? 6u : 24u) << 20;          /* that world copies the block at each reserve */
	open_world();
	/* What is small may use the reserve to its end: then even the tuple of the reason is too large. */
	const char *ending = ending_of(growers[_i % 5]);
	ck_assert_msg(strcmp(ending, "{system_limit,memory}") == 0 || strcmp(ending, "system_limit") == 0, "ended with %s", ending);
	ck_assert_uint_le(mem_carrier_bytes(w->mem), mem_hard_bytes(w->mem));
	/* And there is room again. */
	ck_assert_str_eq(ending_of(send_to_the_dead), "normal");
}
END_TEST

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
	begin((uint64_t) _i);
	options.switches.fail_type = types[_i % 7];
	options.switches.fail_at = 1 + (uint64_t) _i / 7;
	open_world();
	const char *ending = ending_of(a_bit_of_everything);
	ck_assert_msg(strcmp(ending, "normal") == 0 || strstr(ending, "system_limit") || strcmp(ending, "") == 0, "ended with %s", ending);
}
END_TEST

Suite *check_suite(void)
{
	Suite *s = suite_create("faults");
	TCase *tc = tcase_create("faults");
	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, messages_and_timers_to_the_dead_are_dropped_and_counted, 0, SEEDS);
	tcase_add_loop_test(tc, killed_inside_a_call_leaves_no_monitor, 0, SEEDS);
	tcase_add_loop_test(tc, a_table_deleted_under_a_fold_is_badarg, 0, SEEDS);
	tcase_add_loop_test(tc, a_full_atom_table_is_system_limit, 0, 10);
	tcase_add_loop_test(tc, a_full_process_table_is_system_limit_for_who_spawns, 0, SEEDS);
	tcase_add_loop_test(tc, a_supervisor_answers_when_there_is_no_room, 0, 20);
	tcase_add_loop_test(tc, the_ceiling_ends_who_grows_and_gives_all_back, 0, 25);
	tcase_add_loop_test(tc, any_refused_request_is_an_exit, 0, 140);
	suite_add_tcase(s, tc);
	return s;
}
