/*
 * Want of everything: memory refused at each request in turn, of each type; the ceiling; a full process table; a full atom
 * table. Each ends in exit reasons, never the program, and leaves nothing behind.
 */
#include "tests/puppet.h"
#include "tests/zoo.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/memory/build.h"
#include "runtime/process/blob.h"
#include "runtime/process/table.h"
#include "runtime/term/text.h"

/* ---- Every request refused once ------------------------------------------------------------------------------------ */

static void zoo_day(const struct world_options *o, uint64_t seed, unsigned deeds, unsigned meals)
{
	struct zoo *z = calloc(1, sizeof *z);
	fixture_start_with(o);
	zoo_init(z, seed);
	for (unsigned i = 0; i < meals; i++) {
		zoo_fill(z, deeds);
		zoo_feed(z);
		fixture_run();
		if (o->deterministic) {
			fixture_advance_us(5000);
			fixture_expect_ledger();
		}
	}
	zoo_close(z);
	fixture_expect_clean();
	fixture_stop();
	free(z);
}

static bool is_refused(const struct world_options *o, uint64_t seed)
{
	uint64_t refusals;
	struct zoo *z = calloc(1, sizeof *z);
	fixture_start_with(o);
	zoo_init(z, seed);
	for (unsigned i = 0; i < 3; i++) {
		zoo_fill(z, 60);
		zoo_feed(z);
		fixture_run();
		fixture_advance_us(5000);
	}
	zoo_close(z);
	refusals = mem_refusals(fixture_world()->mem);
	fixture_expect_clean();
	fixture_stop();
	free(z);
	return refusals > 0;
}

/* n = 1, 2, 4 and some more, until a whole day has fewer requests than that. */
START_TEST(any_request_may_be_refused)
{
	struct world_options o = fixture_options();
	struct random r;
	if (_i == MEM_ATOM)
		return;         /* the known ones are made when the world begins; see an_atom_may_be_refused */
	random_init(&r, suite_seed() + (uint64_t) _i);
	o.switches.fail_type = _i;
	uint64_t refused = 0;
	for (uint64_t n = 1; n < 100000; n += 1 + n / 6 + random_below(&r, 1 + n / 8)) {
		o.switches.fail_at = n;
		if (!is_refused(&o, suite_seed() % 1000))
			break;
		refused++;
	}
	/* Some types are only needed, never asked for: they cannot be refused. */
	ck_assert(refused > 0 || _i >= MEM_LINK || _i == MEM_ETS || _i == MEM_OLD_HEAP);
}
END_TEST

START_TEST(two_hundred_days_at_the_zoo)
{
	struct world_options o = fixture_options();
	for (uint64_t seed = 0; seed < 200; seed++) {
		if (!suite_takes(seed) && seed > 20)
			continue;
		o.seed = suite_seed() + seed;
		o.switches.det = true;
		o.switches.det_seed = suite_seed() + seed;
		zoo_day(&o, suite_seed() + seed, 40, 3);
	}
}
END_TEST

START_TEST(a_day_at_the_zoo_with_threads)
{
	struct world_options o = fixture_options();
	o.deterministic = o.switches.det = false;
	o.schedulers = 3;
	zoo_day(&o, suite_seed(), 300, 20);
}
END_TEST

/* ---- The ceiling ------------------------------------------------------------------------------------------------------ */

#define CEILING_BYTES (UINT64_C(24) << 20)

struct hog { unsigned what; _Atomic uint64_t eaten; term friend; bool stopped; };

static void eat_heap(struct process *p)
{
	struct builder *b = RESERVE(p, 2000);
	for (int i = 0; i < 1000; i++)
		slot_set(p, 1, build_cons(b, term_from_small(i), slot_get(p, 1)));
}

static void eat_binary(struct process *p)
{
	term t = blob_new(p, NULL, 50000, 1, NULL, 0);
	struct builder *b = RESERVE(p, 2, &t);
	slot_set(p, 1, build_cons(b, t, slot_get(p, 1)));
}

static term some_list(struct process *p, unsigned cells)
{
	struct builder *b = RESERVE(p, 2 * cells);
	term list = TERM_NIL;
	for (unsigned i = 0; i < cells; i++)
		list = build_cons(b, term_from_small((intptr_t) i), list);
	return list;
}

static void eat_own_queue(struct process *p) { process_send(p, process_self(p), some_list(p, 500)); }
static void eat_queue(struct process *p) { process_send(p, ((struct hog *) fixture_of(p))->friend, some_list(p, 500)); }
static void eat_timers(struct process *p) { process_send_after(p, 3600u * 1000000u, process_self(p), some_list(p, 500)); }

static enum next idle_step(struct process *p) { process_skip_all(p); return STEP_WAIT; }
static const struct step idle = { "hog:idle/1", idle_step };

static void eat_processes(struct process *p)
{
	struct spawn_options o = SPAWN_DEFAULT;
	o.heap.min_heap_words = 2586;
	o.link = true;
	term list = some_list(p, 200);
	process_spawn(p, &idle, 1, &list, &o);
}

static void eat_dictionary(struct process *p)
{
	term list = some_list(p, 300);
	struct builder *b = RESERVE(p, REFERENCE_WORDS, &list);
	process_put(p, build_reference(b, process_random(p, UINT64_MAX)), list);
}

static void eat_table(struct process *p)
{
	struct table_options o = { .type = TABLE_SET, .access = TABLE_PUBLIC, .named = true };
	struct table_info info;
	if (!table_info(p->world, ATOM(data), &info))
		table_new(p, ATOM(data), &o);
	term key = process_make_reference(p), list = TERM_NIL;
	struct builder *b = RESERVE(p, 3 + 1000, &key);
	for (int i = 0; i < 500; i++)
		list = build_cons(b, TERM_NIL, list);
	table_insert(p, ATOM(data), build_tuple2(b, key, list));
}

static void eat_append(struct process *p)
{
	static const char more[4096];
	term t = slot_get(p, 1);
	if (!term_is_binary(t))
		t = blob_new(p, more, sizeof more, 0, NULL, 0);
	slot_set(p, 1, blob_append(p, &t, more, sizeof more, NULL, 0));
}

static void eat_links(struct process *p)
{
	for (int i = 0; i < 100; i++)
		process_monitor(p, ((struct hog *) fixture_of(p))->friend);
}

static void (*const foods[])(struct process *p) = {
	eat_heap, eat_binary, eat_own_queue, eat_queue, eat_timers, eat_processes, eat_dictionary, eat_table, eat_append, eat_links,
};

static enum next hog_step(struct process *p)
{
	struct hog *h = fixture_of(p);
	if (p->frame_slots == 0) {
		frame_grow(p, 2, NULL, 0);
		slot_set(p, 0, x_get(p, 0));
	}
	for (int i = 0; i < 10; i++) {
		foods[h->what](p);
		h->eaten++;
	}
	return STEP_YIELD;
}
static const struct step hog = { "hog:eat/1", hog_step };

/* It goes on until somebody's end makes room: the hog's own or its friend's. */
static void feed_until_it_bursts(bool threads)
{
	struct world_options o = fixture_options();
	o.max_memory = CEILING_BYTES;
	if (threads) {
		o.deterministic = o.switches.det = false;
		o.schedulers = 2;
	}
	for (unsigned what = 0; what < ARRAY_COUNT(foods); what++) {
		struct hog h = { .what = what };
		struct spawn_options with = SPAWN_DEFAULT;
		fixture_start_with(&o);
		h.friend = fixture_spawn(&idle, &h);
		with.off_heap_queue = what % 2;
		term pid = fixture_spawn_with(&hog, &h, &with);
		struct patience patience = { 0 };
		while (fixture_is_alive(pid) && fixture_is_alive(h.friend)) {
			ck_assert_uint_le(mem_carrier_bytes(fixture_world()->mem), CEILING_BYTES);
			if (threads)
				fixture_wait(&patience);
			else
				fixture_advance_us(1000);
		}
		ck_assert_msg(h.eaten > 10, "food %u ends at once", what);
		fixture_exit(pid, ATOM(kill));
		fixture_exit(h.friend, ATOM(kill));
		fixture_run();
		/* Room again for somebody else. Timers of the dead stay until they are due. */
		if (what != 4 && !mem_has_room(fixture_world()->mem, CEILING_BYTES / 4)) {
			mem_print(fixture_world()->mem, stderr);
			ck_abort_msg("no room after food %u", what);
		}
		fixture_expect_ledger();
		if (what != 4)
			fixture_expect_clean();
		fixture_stop();
	}
}

START_TEST(the_ceiling_ends_who_grows) { feed_until_it_bursts(false); }
END_TEST
START_TEST(the_ceiling_holds_with_threads) { feed_until_it_bursts(true); }
END_TEST

/* ---- Tables of fixed size ------------------------------------------------------------------------------------------------ */

static void spawn_many(struct process *p, struct puppet *me, term unused)
{
	struct spawn_options o = SPAWN_DEFAULT;
	(void) unused;
	for (;;) {
		me->answer++;
		process_spawn(p, &idle, 0, NULL, &o);
	}
}

static const char *limit_text = "{system_limit,";

static void meet_the_process_limit(uint32_t limit)
{
	struct world_options o = fixture_options();
	o.process_limit = limit;
	fixture_start_with(&o);
	struct puppet a, b;
	puppet_new(&b, NULL);
	for (int round = 0; round < 3; round++) {
		puppet_new(&a, NULL);
		puppet_forget(&b);
		puppet_do(&b, puppet_monitor, a.pid);
		fixture_run();
		puppet_do(&a, spawn_many, TERM_NIL);
		fixture_run();
		ck_assert_uint_eq(a.answer, limit - 1);         /* all but a, b; and the last try failed */
		ck_assert(!puppet_is_alive(&a));
		ck_assert_ptr_nonnull(strstr(b.log, limit_text));
		/* From outside it is no exit but no pid; one place is free, since a ended. */
		struct spawn_options plain = SPAWN_DEFAULT;
		term last = world_spawn(fixture_world(), &idle, 0, NULL, &plain);
		ck_assert(!term_is_none(last));
		ck_assert(term_is_none(world_spawn(fixture_world(), &idle, 0, NULL, &plain)));
		const struct slots *slots = fixture_world()->slots;
		for (uint32_t i = 1; i < atomic_load(&slots->high); i++) {
			term pid = { atomic_load(&slot_at(slots, i)->pid) };
			if (!term_is_none(pid) && pid.word != b.pid.word)
				fixture_exit(pid, ATOM(kill));
		}
		fixture_run();
		ck_assert_uint_eq(atomic_load(&slots->count), 1);
	}
	fixture_exit(b.pid, ATOM(kill));
	fixture_run();
	fixture_expect_clean();
	fixture_stop();
}

START_TEST(a_full_process_table_is_system_limit)
{
	meet_the_process_limit(3);
	meet_the_process_limit(10);
	meet_the_process_limit(1000);
}
END_TEST

static void make_atoms(struct process *p, struct puppet *me, term unused)
{
	char text[32];
	(void) unused;
	for (;;) {
		snprintf(text, sizeof text, "fault_%u", (unsigned) me->answer++);
		process_atom(p, text);
	}
}

START_TEST(a_full_atom_table_is_system_limit)
{
	struct world_options o = fixture_options();
	o.atom_limit = ATOM_KNOWN_COUNT + 100;
	fixture_start_with(&o);
	struct puppet a, b;
	puppet_new(&a, NULL);
	puppet_new(&b, NULL);
	puppet_do(&b, puppet_monitor, a.pid);
	fixture_run();
	puppet_do(&a, make_atoms, TERM_NIL);
	fixture_run();
	ck_assert_uint_gt(a.answer, 90);
	ck_assert(!puppet_is_alive(&a));
	ck_assert_ptr_nonnull(strstr(b.log, "system_limit"));
	/* What exists is still found. */
	ck_assert(!term_is_none(atom_make_z(fixture_world()->atoms, mem_lane_at(fixture_world()->mem, 0), "fault_0")));
	fixture_exit(b.pid, ATOM(kill));
	fixture_run();
	fixture_expect_clean();
	fixture_stop();
}
END_TEST

START_TEST(an_atom_may_be_refused)
{
	struct world_options o = fixture_options();
	fixture_start_with(&o);
	uint64_t at_start = mem_usage(fixture_world()->mem, MEM_ATOM).blocks;
	fixture_stop();
	o.switches.fail_type = MEM_ATOM;
	for (uint64_t n = 1; n < 5; n++) {
		struct puppet a;
		o.atom_limit = ATOM_KNOWN_COUNT + 100000;
		o.switches.fail_at = at_start + n;
		fixture_start_with(&o);
		puppet_new(&a, NULL);
		puppet_do(&a, make_atoms, TERM_NIL);
		fixture_run();
		ck_assert(!puppet_is_alive(&a));
		ck_assert_uint_lt(a.answer, 100000);
		fixture_expect_clean();
		fixture_stop();
	}
}
END_TEST

/* ---- Ends in the middle of something -------------------------------------------------------------------------------------- */

static enum next waiter_step(struct process *p)
{
	struct message *m = process_peek(p);
	while (m) {
		process_skip(p, m);
		m = process_peek(p);
	}
	process_set_timeout(p, 1000000);
	return STEP_WAIT;
}
static const struct step waiter = { "faults:wait/1", waiter_step };

START_TEST(killed_while_it_waits)
{
	struct world_options o = fixture_options();
	struct puppet b;
	fixture_start_with(&o);
	for (uint64_t seed = 0; seed < 200; seed++) {
		struct random r;
		random_init(&r, suite_seed() + seed);
		term pid = fixture_spawn(&waiter, NULL);
		puppet_new(&b, NULL);
		puppet_do(&b, puppet_monitor, pid);
		for (uint64_t i = random_below(&r, 5); i > 0; i--)
			puppet_do(&b, puppet_send, puppet_pair(pid, ATOM(go)));
		if (random_below(&r, 2))
			fixture_run();
		puppet_do(&b, puppet_exit_other, puppet_pair(pid, random_below(&r, 2) ? ATOM(kill) : ATOM(shutdown)));
		fixture_run();
		ck_assert(!fixture_is_alive(pid));
		ck_assert_uint_eq(b.received, 1);
		fixture_exit(b.pid, ATOM(kill));
		fixture_run();
		ck_assert_uint_eq(wheels_count(fixture_world()), 0);
		fixture_expect_clean();
	}
	fixture_stop();
}
END_TEST

Suite *check_suite(void)
{
	Suite *s = suite_create("want");
	TCase *tc = tcase_create("refusals");
	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(tc, any_request_may_be_refused, 0, MEM_TYPE_COUNT);
	suite_add_tcase(s, tc);
	tc = tcase_create("zoo");
	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, two_hundred_days_at_the_zoo);
	suite_add_tcase(s, tc);
	tc = tcase_create("ceiling");
	tcase_add_test(tc, the_ceiling_ends_who_grows);
	suite_add_tcase(s, tc);
	tc = tcase_create("limits");
	tcase_add_test(tc, a_full_process_table_is_system_limit);
	tcase_add_test(tc, a_full_atom_table_is_system_limit);
	tcase_add_test(tc, an_atom_may_be_refused);
	tcase_add_test(tc, killed_while_it_waits);
	suite_add_tcase(s, tc);
	tc = tcase_create("threads");
	tcase_set_tags(tc, "threads");
	tcase_add_test(tc, a_day_at_the_zoo_with_threads);
	tcase_add_test(tc, the_ceiling_holds_with_threads);
	suite_add_tcase(s, tc);
	return s;
}
