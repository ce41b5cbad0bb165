/*
 * Tables as processes use them: Erlang's functions and errors, owners and heirs, and several schedulers at once.
 */
#include "runtime/memory/copy.h"
#include "runtime/process/blob.h"
#include "runtime/process/life.h"
#include "runtime/process/scheduler.h"
#include "runtime/process/slot.h"
#include "runtime/process/tables.h"
#include "runtime/term/order.h"
#include "tests/suite.h"
#include "tests/trace.h"

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

static struct world *w;

static void setup(void) { w = test_world(); }
static void teardown(void) { test_world_stop(w); }

static const char *text_of(struct process *p, term t)
{
	static char text[4][400];
	static unsigned turn;
	char *at = text[turn++ % 4];
	term_text(p->world->atoms, t, at, sizeof text[0]);
	return at;
}

/* Each test is a step that runs once, in a process whose end is told when it is not normal. */
static enum next (*body)(struct process *p);

static enum next run_body(struct process *p)
{
	body(p);
	return frame_return(p, ATOM(ok));
}
static const struct step body_step = { "test:run/0", run_body };

static enum next watch(struct process *p)
{
	term m;
	PROGRAM(p, 1);
	struct spawn_options o = SPAWN_DEFAULT;
	o.monitor = true;
	process_spawn(p, &body_step, 0, NULL, &o);
	RECEIVE(p, m);
	if (!term_is(tuple_at(m, 4), ATOM(normal)))
		trace("exit %s", text_of(p, tuple_at(m, 4)));
	PROGRAM_END(p);
}
static const struct step watch_step = { "watch:run/0", watch };

static const char *in_process(enum next (*what)(struct process *p))
{
	trace_clear();
	body = what;
	run_step(w, &watch_step, 0, NULL);
	run_us(w, 100000);
	return trace_text();
}

#define INT(n) term_from_small(n)
#define PAIR(x, y) term_from_box((term[]) { term_header(BOX_TUPLE, 2), (x), (y) })
#define TRIPLE(x, y, z) term_from_box((term[]) { term_header(BOX_TUPLE, 3), (x), (y), (z) })

static term new_table(struct process *p, const char *name, enum table_type type)
{
	struct table_options o = { .type = type, .access = TABLE_PUBLIC, .named = true };
	return table_new(p, process_atom(p, name), &o);
}

/* ---- The functions ---------------------------------------------------------------------------------------------------- */

static enum next all_functions(struct process *p)
{
	term t = new_table(p, "t", TABLE_SET);
	table_insert(p, t, PAIR(INT(1), ATOM(ok)));
	trace("%d%d", table_insert_new(p, t, PAIR(INT(1), ATOM(error))), table_insert_new(p, t, PAIR(INT(2), INT(5))));
	trace("%s", text_of(p, table_lookup(p, t, INT(1))));
	trace("%s", text_of(p, table_lookup(p, t, INT(9))));
	trace("%s", text_of(p, table_lookup_element(p, t, INT(1), 2)));
	trace("%d%d", table_member(p, t, INT(1)), table_member(p, t, INT(9)));
	trace("%ld", (long) table_update_counter(p, t, INT(2), 2, 37));
	trace("%s", text_of(p, table_take(p, t, INT(1))));
	trace("%d", table_member(p, t, INT(1)));
	table_delete_object(p, t, PAIR(INT(2), INT(5)));
	trace("%d", table_member(p, t, INT(2)));
	table_delete_object(p, t, PAIR(INT(2), INT(42)));
	trace("%d", table_member(p, t, INT(2)));
	trace("%s", text_of(p, table_first(p, t)));
	table_delete(p, t);
	return STEP_NEXT;
}

START_TEST(every_function_once)
{
	ck_assert_str_eq(in_process(all_functions), "01; [{1,ok}]; []; ok; 10; 42; [{1,ok}]; 0; 1; 0; '$end_of_table'");
}
END_TEST

static enum next bag_order(struct process *p)
{
	term t = new_table(p, "t", TABLE_BAG), d = new_table(p, "d", TABLE_DUPLICATE_BAG);
	static const int values[] = { 1, 2, 1, 3 };
	for (int i = 0; i < 4; i++) {
		table_insert(p, t, PAIR(INT(1), INT(values[i])));
		table_insert(p, d, PAIR(INT(1), INT(values[i])));
	}
	trace("%s %s", text_of(p, table_lookup(p, t, INT(1))), text_of(p, table_lookup(p, d, INT(1))));
	return STEP_NEXT;
}

START_TEST(bags_give_objects_in_order_of_insertion)
{
	ck_assert_str_eq(in_process(bag_order), "[{1,1},{1,2},{1,3}] [{1,1},{1,2},{1,1},{1,3}]");
}
END_TEST

static enum next ordered(struct process *p)
{
	term t = new_table(p, "t", TABLE_ORDERED_SET);
	static const int keys[] = { 30, 10, 20 };
	for (int i = 0; i < 3; i++)
		table_insert(p, t, PAIR(INT(keys[i]), ATOM(ok)));
	trace("%s %s %s %s", text_of(p, table_first(p, t)), text_of(p, table_next(p, t, INT(10))), text_of(p, table_next(p, t, INT(15))),
		text_of(p, table_next(p, t, INT(30))));
	trace("%s %s %s", text_of(p, table_last(p, t)), text_of(p, table_prev(p, t, INT(25))), text_of(p, table_prev(p, t, INT(10))));
	return STEP_NEXT;
}

START_TEST(an_ordered_set_knows_neighbours)
{
	ck_assert_str_eq(in_process(ordered), "10 20 20 '$end_of_table'; 30 20 '$end_of_table'");
}
END_TEST

static enum next match(struct process *p)
{
	term t = new_table(p, "t", TABLE_ORDERED_SET), any = process_atom(p, "_"), one = process_atom(p, "$1");
	table_insert(p, t, TRIPLE(INT(1), ATOM(ok), ATOM(ok)));
	table_insert(p, t, TRIPLE(INT(2), ATOM(ok), ATOM(error)));
	table_insert(p, t, TRIPLE(INT(3), ATOM(error), ATOM(error)));
	trace("%s", text_of(p, table_match_object(p, t, TRIPLE(any, ATOM(ok), any))));
	trace("%s", text_of(p, table_match_object(p, t, TRIPLE(any, one, one))));
	trace("%s", text_of(p, table_match_object(p, t, TRIPLE(INT(2), any, any))));
	trace("%s", text_of(p, table_match_object(p, t, PAIR(any, any))));
	return STEP_NEXT;
}

START_TEST(patterns_match_literals_wildcards_and_variables)
{
	ck_assert_str_eq(in_process(match), "[{1,ok,ok},{2,ok,error}]; [{1,ok,ok},{3,error,error}]; [{2,ok,error}]; []");
}
END_TEST

static enum next big_counter(struct process *p)
{
	term t = new_table(p, "t", TABLE_SET);
	table_insert(p, t, PAIR(INT(1), INT(TERM_SMALL_MAX)));
	struct table_info before, after;
	table_info(p->world, t, &before);
	trace("%ld", (long) (table_update_counter(p, t, INT(1), 2, 1) - TERM_SMALL_MAX));
	table_info(p->world, t, &after);
	trace("%ld", (long) (after.memory_words - before.memory_words));
	trace("%ld", (long) (table_update_counter(p, t, INT(1), 2, -1) - TERM_SMALL_MAX));
	return STEP_NEXT;
}

START_TEST(a_counter_grows_into_a_big_number)
{
	ck_assert_str_eq(in_process(big_counter), "1; 2; 0");
}
END_TEST

/* ---- What is wrong is badarg -------------------------------------------------------------------------------------------- */

static enum next no_such(struct process *p) { table_lookup(p, process_atom(p, "nowhere"), INT(1)); return STEP_NEXT; }
static enum next taken(struct process *p) { new_table(p, "t", TABLE_SET); new_table(p, "t", TABLE_SET); return STEP_NEXT; }
static enum next no_tuple(struct process *p) { table_insert(p, new_table(p, "t", TABLE_SET), INT(1)); return STEP_NEXT; }
static enum next no_counter(struct process *p) { table_update_counter(p, new_table(p, "t", TABLE_SET), INT(1), 2, 1); return STEP_NEXT; }
static enum next no_element(struct process *p) { table_lookup_element(p, new_table(p, "t", TABLE_SET), INT(1), 2); return STEP_NEXT; }
static enum next no_key(struct process *p) { table_next(p, new_table(p, "t", TABLE_SET), INT(1)); return STEP_NEXT; }
static enum next half_a_list(struct process *p)
{
	term t = new_table(p, "t", TABLE_SET), last[] = { ATOM(ok), TERM_NIL }, first[] = { PAIR(INT(1), INT(1)), term_from_cons(last) };
	table_insert(p, t, term_from_cons(first));
	return STEP_NEXT;
}
static enum next deleted(struct process *p)
{
	term t = new_table(p, "t", TABLE_SET);
	uint64_t cursor = 0;
	table_delete(p, t);
	table_each(p, t, &cursor, 10, NULL, NULL);
	return STEP_NEXT;
}

START_TEST(what_is_wrong_is_badarg_and_leaves_nothing)
{
	static enum next (*const wrong[])(struct process *p) = { no_such, taken, no_tuple, no_counter, no_element, no_key, half_a_list, deleted };
	ck_assert_str_eq(in_process(wrong[_i]), "exit badarg");
	ck_assert_uint_eq(tables_count(w->tables), 0);
	ck_assert_uint_eq(mem_charged(w->mem, CHARGE_ETS), 0);
	ck_assert_uint_eq(mem_usage(w->mem, MEM_ETS).blocks, 0);
}
END_TEST

static enum table_access access_wanted;
static enum next own_with_access(struct process *p)
{
	enum { TABLE, SLOTS };
	term m;
	PROGRAM(p, SLOTS);
	struct table_options o = { .access = access_wanted, .named = true };
	slot_set(p, TABLE, table_new(p, process_atom(p, "guarded"), &o));
	table_insert(p, slot_get(p, TABLE), PAIR(INT(1), INT(1)));
	RECEIVE(p, m);
	PROGRAM_END(p);
}
static const struct step own_step = { "owner:run/0", own_with_access };
static enum next read_it(struct process *p) { trace("%s", text_of(p, table_lookup(p, process_atom(p, "guarded"), INT(1)))); return STEP_NEXT; }
static enum next write_it(struct process *p) { table_insert(p, process_atom(p, "guarded"), PAIR(INT(1), INT(2))); trace("written"); return STEP_NEXT; }
static enum next give_it(struct process *p) { table_give_away(p, process_atom(p, "guarded"), process_self(p), ATOM(ok)); return STEP_NEXT; }

START_TEST(access_is_what_it_says)
{
	static const char *const reads[] = { "[{1,1}]", "[{1,1}]", "exit badarg" }, *const writes[] = { "written", "exit badarg", "exit badarg" };
	access_wanted = (enum table_access) _i;
	term owner = run_step(w, &own_step, 0, NULL);
	run_us(w, 1000);
	ck_assert_str_eq(in_process(read_it), reads[_i]);
	ck_assert_str_eq(in_process(write_it), writes[_i]);
	ck_assert_str_eq(in_process(give_it), "exit badarg");
	world_send(w, owner, ATOM(stop));
}
END_TEST

/* ---- Owners and heirs ------------------------------------------------------------------------------------------------------ */

static enum next heir(struct process *p)
{
	term m;
	PROGRAM(p, 1);
	process_register(p, process_atom(p, "heir"));
	for (;;) {
		RECEIVE(p, m);
		if (term_is(m, ATOM(stop)))
			return frame_return(p, ATOM(ok));
		trace("%s %s", text_of(p, tuple_at(m, 0)), text_of(p, tuple_at(m, 3)));
		trace("%s", text_of(p, table_lookup(p, tuple_at(m, 1), INT(1))));
	}
	PROGRAM_END(p);
}
static const struct step heir_step = { "heir:run/0", heir };

static enum next leave_to_heir(struct process *p)
{
	struct table_options o = { .access = TABLE_PRIVATE, .heir = world_whereis(p->world, process_atom(p, "heir")), .heir_data = PAIR(ATOM(data), INT(1)) };
	term t = table_new(p, process_atom(p, "t"), &o);
	table_insert(p, t, PAIR(INT(1), ATOM(ok)));
	return STEP_NEXT;
}
static enum next give_away(struct process *p)
{
	struct table_options o = { .access = TABLE_PRIVATE };
	term t = table_new(p, process_atom(p, "t"), &o);
	table_insert(p, t, PAIR(INT(1), ATOM(error)));
	table_give_away(p, t, world_whereis(p->world, process_atom(p, "heir")), ATOM(m));
	return STEP_NEXT;
}
static enum next leave_to_nobody(struct process *p)
{
	table_set_heir(p, new_table(p, "t", TABLE_SET), TERM_NONE, TERM_NIL);
	return STEP_NEXT;
}

START_TEST(tables_go_to_heirs_and_die_with_owners)
{
	term the_heir = run_step(w, &heir_step, 0, NULL);
	run_us(w, 1000);
	ck_assert_str_eq(in_process(leave_to_heir), "'ETS-TRANSFER' {data,1}; [{1,ok}]");
	ck_assert_str_eq(in_process(give_away), "'ETS-TRANSFER' m; [{1,error}]");
	ck_assert_str_eq(in_process(leave_to_nobody), "");
	ck_assert_uint_eq(tables_count(w->tables), 2);
	world_send(w, the_heir, ATOM(stop));
	run_us(w, 1000);
	ck_assert_uint_eq(tables_count(w->tables), 0);
}
END_TEST

/* A large table is freed by a process of the system, in pieces; its name is free at once. */
static enum next large(struct process *p)
{
	enum { TABLE, AT, SLOTS };
	PROGRAM(p, SLOTS);
	slot_set(p, TABLE, new_table(p, "large", TABLE_SET));
	slot_set(p, AT, INT(0));
	while (term_to_small(slot_get(p, AT)) < 60000) {
		for (int i = 0; i < 1000; i++) {
			table_insert(p, slot_get(p, TABLE), PAIR(slot_get(p, AT), INT(1)));
			slot_set(p, AT, INT(term_to_small(slot_get(p, AT)) + 1));
		}
		YIELD(p);
	}
	table_delete(p, slot_get(p, TABLE));
	trace("%d", (int) tables_count(p->world->tables));
	new_table(p, "large", TABLE_SET);
	PROGRAM_END(p);
}
static const struct step large_step = { "large:run/0", large };

START_TEST(a_large_table_is_freed_in_pieces)
{
	run_step(w, &large_step, 0, NULL);
	run_us(w, 10000000);
	ck_assert_str_eq(trace_text(), "0");
	ck_assert_uint_eq(mem_charged(w->mem, CHARGE_ETS), 0);
	ck_assert_uint_eq(mem_usage(w->mem, MEM_ETS).blocks, 0);
	ck_assert_uint_eq(w->slots->count, 0);
}
END_TEST

/* ---- What observers see ------------------------------------------------------------------------------------------------------- */

static enum next hold_binary(struct process *p)
{
	enum { TABLE, SLOTS };
	term m;
	PROGRAM(p, SLOTS);
	slot_set(p, TABLE, new_table(p, "held", TABLE_SET));
	term blob = blob_new(p, NULL, 100000, 1, NULL, 0);
	table_insert(p, slot_get(p, TABLE), PAIR(INT(1), blob));
	table_lookup(p, slot_get(p, TABLE), INT(1));
	RECEIVE(p, m);
	PROGRAM_END(p);
}
static const struct step hold_step = { "hold:run/0", hold_binary };

static bool tell_object(void *context, term object)
{
	struct process p = { .world = context };
	trace("%s", text_of(&p, tuple_at(object, 0)));
	return false;
}

START_TEST(figures_are_read_without_asking)
{
	struct table_figures f;
	term owner = run_step(w, &hold_step, 0, NULL);
	run_us(w, 1000);
	ck_assert(tables_figures_at(w, 0, &f));
	ck_assert_uint_eq(f.owner, owner.word);
	ck_assert_uint_eq(f.size, 1);
	ck_assert_uint_eq(f.memory_words, 305 + 3 + 6 + 4);
	ck_assert_uint_eq(f.binary_bytes, 100000);
	ck_assert_uint_eq(f.inserts, 1);
	ck_assert_uint_eq(f.lookups, 1);
	ck_assert(tables_visit(w, f.id, 0, 10, tell_object, w));
	ck_assert_str_eq(trace_text(), "1");
	ck_assert(!tables_visit(w, f.id + 1, 0, 10, tell_object, w));
	world_send(w, owner, ATOM(stop));
}
END_TEST

/* ---- Several at once: threads ---------------------------------------------------------------------------------------------------- */

#define WORKERS 8
#define ROUNDS 3000

static _Atomic int running;
static enum next hammer(struct process *p)
{
	enum { AT, SLOTS };
	PROGRAM(p, SLOTS);
	slot_set(p, AT, INT(0));
	while (term_to_small(slot_get(p, AT)) < ROUNDS) {
		for (int i = 0; i < 50; i++) {
			term t = process_atom(p, "shared"), key = INT((intptr_t) process_random(p, 500));
			switch (process_random(p, 4)) {
			case 0: table_insert_new(p, t, PAIR(key, INT(0))); break;
			case 1: table_lookup(p, t, key); AFTER_BIF(p, 0); break;
			case 2: table_delete_key(p, t, key); break;
			default: table_update_counter(p, t, ATOM(go), 2, 1); break;
			}
		}
		slot_set(p, AT, INT(term_to_small(slot_get(p, AT)) + 50));
		YIELD(p);
	}
	atomic_fetch_sub(&running, 1);
	PROGRAM_END(p);
}
static const struct step hammer_step = { "hammer:run/0", hammer };

static enum next own_shared(struct process *p)
{
	term m;
	PROGRAM(p, 1);
	new_table(p, "shared", TABLE_SET);
	table_insert(p, process_atom(p, "shared"), PAIR(ATOM(go), INT(0)));
	struct spawn_options o = SPAWN_DEFAULT;
	for (int i = 0; i < WORKERS; i++)
		process_spawn(p, &hammer_step, 0, NULL, &o);
	RECEIVE(p, m);
	PROGRAM_END(p);
}
static const struct step own_shared_step = { "owner:run/0", own_shared };

START_TEST(schedulers_share_a_table)
{
	struct world *threads = test_world_threads(2);
	running = WORKERS;
	run_step(threads, &own_shared_step, 0, NULL);
	while (running > 0) {
		struct table_figures f;
		tables_figures_at(threads, 0, &f);
		sched_yield();
	}
	struct table_figures f;
	ck_assert(tables_figures_at(threads, 0, &f));
	ck_assert_uint_ge(f.size, 1);
	ck_assert_uint_eq(f.memory_words - 305 - 7 * f.size == 0 || f.memory_words > 305 + 7 * f.size, 1);
	test_world_stop(threads);
}
END_TEST

/* Owners die while others look for their tables by name. */
static enum next short_lived(struct process *p)
{
	struct table_options o = { .access = TABLE_PUBLIC, .named = true };
	if (term_is_none(world_whereis(p->world, process_atom(p, "brief_owner"))) && process_register(p, process_atom(p, "brief_owner")))
		table_insert(p, table_new(p, process_atom(p, "brief"), &o), PAIR(INT(1), INT(1)));
	return frame_return(p, ATOM(ok));
}
static const struct step short_lived_step = { "brief:run/0", short_lived };

static enum next look(struct process *p)
{
	table_lookup(p, process_atom(p, "brief"), INT(1));     /* badarg as often as not */
	return frame_return(p, ATOM(ok));
}
static const struct step look_step = { "look:run/0", look };

static enum next spawn_both(struct process *p)
{
	enum { AT, SLOTS };
	PROGRAM(p, SLOTS);
	struct spawn_options o = SPAWN_DEFAULT;
	slot_set(p, AT, INT(0));
	while (term_to_small(slot_get(p, AT)) < 2000) {
		o = (struct spawn_options) SPAWN_DEFAULT;
		process_spawn(p, &short_lived_step, 0, NULL, &o);
		process_spawn(p, &look_step, 0, NULL, &o);
		slot_set(p, AT, INT(term_to_small(slot_get(p, AT)) + 1));
		if (term_to_small(slot_get(p, AT)) % 20 == 0)
			YIELD(p);
	}
	atomic_fetch_sub(&running, 1);
	PROGRAM_END(p);
}
static const struct step spawn_both_step = { "spawner:run/0", spawn_both };

START_TEST(tables_die_under_those_who_look)
{
	struct world *threads = test_world_threads(2);
	running = 2;
	run_step(threads, &spawn_both_step, 0, NULL);
	run_step(threads, &spawn_both_step, 0, NULL);
	while (running > 0 || threads->slots->count > 0)
		sched_yield();
	ck_assert_uint_eq(tables_count(threads->tables), 0);
	ck_assert_uint_eq(mem_charged(threads->mem, CHARGE_ETS), 0);
	test_world_stop(threads);
}
END_TEST

/* ---- The lock ----------------------------------------------------------------------------------------------------------------------- */

static void once(struct table_lock *l, uint32_t who, bool write)
{
	table_lock(l, who, write);
	table_unlock(l, who, write);
}

static void make_own(struct table_lock *l, uint32_t who)
{
	table_lock_enter(l, who, true);
	if (table_lock_may_own())
		table_lock_own(l, who);
	table_lock_leave(l, true);
}

START_TEST(who_comes_takes_a_table_away_and_its_writer_gets_it_back)
{
	struct table_lock l = { 0 };
	make_own(&l, 1);
	if (l.owner != 1)
		return;                         /* no membarrier here */
	table_lock(&l, 1, false);
	ck_assert(table_lock_is_own(&l, 1));
	table_unlock(&l, 1, false);
	once(&l, TABLE_LOCK_GUEST, false);
	ck_assert_uint_eq(l.owner, 0);
	unsigned writes[2] = { 0 };
	for (int i = 0; i < 2; i++) {
		for (; l.owner != 1; writes[i]++)
			once(&l, 1, true);
		once(&l, 2, true);
	}
	ck_assert_uint_gt(writes[1], writes[0]);
	for (unsigned i = 0; i < 2 * writes[1]; i++)
		once(&l, 1 + i % 2, true);
	ck_assert_uint_eq(l.owner, 0);          /* two that take turns share it */
	ck_assert_uint_eq(l.word, 0);
}
END_TEST

#define OWNER_ROUNDS 200000u
#define OTHER_ROUNDS 500u

/* What the lock guards: two numbers that are equal whenever somebody looks. */
struct guarded { struct table_lock lock; uint64_t one, other; uint32_t readers_saw; _Atomic bool done; };

static void change(struct guarded *g, uint32_t who)
{
	table_lock(&g->lock, who, true);
	uint64_t n = g->one;
	if (n % 64 == 0)
		sched_yield();                  /* the other one comes while this one is inside */
	g->one = n + 1;
	g->other++;
	g->lock.writes_to_own = g->lock.writes_to_own ? 1 : 0;          /* lost and won again as often as can be */
	table_unlock(&g->lock, who, true);
}

static void *take_now_and_then(void *context)
{
	struct guarded *g = context;
	for (unsigned i = 0; i < OTHER_ROUNDS; i++) {
		change(g, 2);
		table_lock(&g->lock, TABLE_LOCK_GUEST, false);
		g->readers_saw += g->one != g->other;
		table_unlock(&g->lock, TABLE_LOCK_GUEST, false);
		for (int turn = 0; turn < 3; turn++)
			sched_yield();
	}
	atomic_store(&g->done, true);
	return NULL;
}

START_TEST(an_owned_table_is_nobody_elses)
{
	struct guarded g = { .done = false };
	pthread_t other;
	uint64_t mine = 0;
	make_own(&g.lock, 1);
	ck_assert_int_eq(pthread_create(&other, NULL, take_now_and_then, &g), 0);
	for (; mine < OWNER_ROUNDS || !atomic_load(&g.done); mine++)
		change(&g, 1);
	pthread_join(other, NULL);
	ck_assert_uint_eq(g.one, mine + OTHER_ROUNDS);
	ck_assert_uint_eq(g.other, g.one);
	ck_assert_uint_eq(g.readers_saw, 0);
}
END_TEST

Suite *check_suite(void)
{
	Suite *s = suite_create("table");
	TCase *tc = tcase_create("functions");
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, every_function_once);
	tcase_add_test(tc, bags_give_objects_in_order_of_insertion);
	tcase_add_test(tc, an_ordered_set_knows_neighbours);
	tcase_add_test(tc, patterns_match_literals_wildcards_and_variables);
	tcase_add_test(tc, a_counter_grows_into_a_big_number);
	tcase_add_loop_test(tc, what_is_wrong_is_badarg_and_leaves_nothing, 0, 8);
	tcase_add_loop_test(tc, access_is_what_it_says, 0, 3);
	tcase_add_test(tc, tables_go_to_heirs_and_die_with_owners);
	tcase_add_test(tc, a_large_table_is_freed_in_pieces);
	tcase_add_test(tc, figures_are_read_without_asking);
	suite_add_tcase(s, tc);
	tc = tcase_create("together");
	tcase_set_tags(tc, "threads");
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, who_comes_takes_a_table_away_and_its_writer_gets_it_back);
	tcase_add_test(tc, an_owned_table_is_nobody_elses);
	tcase_add_test(tc, schedulers_share_a_table);
	tcase_add_test(tc, tables_die_under_those_who_look);
	suite_add_tcase(s, tc);
	return s;
}
