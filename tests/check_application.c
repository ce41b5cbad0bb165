/* Applications: trees that start, end, leave a row; environments; ceilings; names of instances. */
#include "runtime/otp/application.h"
#include "runtime/process/blob.h"
#include "runtime/process/life.h"
#include "runtime/process/scheduler.h"
#include "runtime/process/slot.h"
#include "tests/suite.h"
#include "tests/trace.h"

#include <string.h>

static struct world *w;

static void setup(void) { w = test_world(); }
static void teardown(void) { test_world_stop(w); }

/* ---- An application of three: a listener to its knobs, an eater, and copies ------------------------------------------ */

enum { COPIES = KNOB_FIRST, PIECE };
static const struct knob knobs[] = {
	KNOB_FIX_OFF_ON, KNOB_CEILING_BYTES(1000000),
	{ "copies", "", "how many", 0, 10, 2, NULL }, { "piece", "bytes", "size of a bite", 0, 100000, 0, NULL },
};

static enum next listen(struct process *p)
{
	term m;
	PROGRAM(p, 1);
	knob_subscribe(p);
	for (;;) {
		RECEIVE(p, m);
		if (term_is_tuple(m) && term_is(tuple_at(m, 0), ATOM(env)))
			trace("%s=%ld", atom_text(p->world->atoms, tuple_at(m, 1)), (long) term_to_small(tuple_at(m, 2)));
		else if (term_is(m, ATOM(badarg)))
			process_badarg(p);
	}
	PROGRAM_END(p);
}
static const struct step listen_step = { "listener:run/0", listen };

/* Holds a list of binaries; adds one a millisecond while there is room. */
static enum next eat(struct process *p)
{
	PROGRAM(p, 1);
	slot_set(p, 0, TERM_NIL);
	for (;;) {
		SLEEP(p, 1000);
		uint64_t piece = (uint64_t) knob_get(p, PIECE);
		if (piece && app_has_room(p, piece + 500)) {
			term t = blob_new(p, NULL, piece, 0, NULL, 0);
			struct builder *b = RESERVE(p, 2, &t);
			slot_set(p, 0, build_cons(b, t, slot_get(p, 0)));
		}
	}
	PROGRAM_END(p);
}
static const struct step eat_step = { "eater:run/0", eat };

static enum next idle(struct process *p)
{
	term m;
	PROGRAM(p, 1);
	for (;;)
		RECEIVE(p, m);
	PROGRAM_END(p);
}
static const struct step idle_step = { "copy:run/1", idle };

/* Leaves a child behind that nobody is linked to. */
static enum next forget_one(struct process *p)
{
	struct spawn_options o = SPAWN_DEFAULT;
	process_spawn(p, &idle_step, 0, NULL, &o);
	return frame_return(p, ATOM(ok));
}
static const struct step forget_step = { "forgetful:run/0", forget_one };

static const struct child_spec children[] = {
	{ .id = "listener", .registered = true, .step = &listen_step },
	{ .id = "eater", .registered = true, .step = &eat_step },
	{ .id = "copy", .registered = true, .step = &idle_step, .copies_knob = COPIES + 1 },
	{ .id = "forgetful", .step = &forget_step, .restart = TEMPORARY },
};
static const struct supervisor_spec top = { .name = "top_sup", .children = children, .child_count = ARRAY_COUNT(children) };
static const struct application plain = { .name = "plain", .knobs = knobs, .knob_count = ARRAY_COUNT(knobs), .top = &top };

static term atom(const char *text) { return atom_find(w->atoms, text, strlen(text)); }
static term who(const char *name) { return term_is_none(atom(name)) ? TERM_NONE : world_whereis(w, atom(name)); }

static struct application_record record(uint32_t i)
{
	struct application_record r;
	ck_assert(application_record_at(w, i, &r));
	return r;
}

static unsigned processes_of(uint32_t application)
{
	unsigned n = 0;
	for (uint32_t i = 1; i < w->slots->high; i++)
		n += slot_at(w->slots, i)->pid && slot_at(w->slots, i)->application == application;
	return n;
}

static uint32_t start(unsigned instance)
{
	uint32_t name = application_start(w, &plain, instance, NULL, NULL, 0);
	run_us(w, 20000);
	return name;
}

/* ---- Life -------------------------------------------------------------------------------------------------------------- */

START_TEST(a_tree_comes_and_goes_and_leaves_its_row)
{
	uint32_t name = start(0);
	ck_assert(application_is_running(w, name));
	ck_assert(record(0).running);
	ck_assert_uint_eq(record(0).top, who("top_sup").word);
	ck_assert_uint_eq(processes_of(name), 1 + 2 + 2 + 1);   /* top; listener, eater; copies; the forgotten one */
	ck_assert(application_stop(w, name));
	run_us(w, 20000);
	ck_assert(!application_is_running(w, name));
	ck_assert(record(0).ended);
	ck_assert_str_eq(record(0).ended_reason, "shutdown");
	ck_assert_uint_eq(processes_of(name), 0);
	ck_assert(!application_stop(w, name));
}
END_TEST

START_TEST(reset_starts_again_with_the_same_knobs)
{
	uint32_t name = start(0);
	term before = who("top_sup");
	ck_assert(application_set(w, name, "copies", 5));
	ck_assert(application_reset(w, name));
	run_us(w, 50000);
	ck_assert(application_is_running(w, name));
	ck_assert(!term_is(who("top_sup"), before));
	ck_assert(term_is_pid(who("copy_5")));
	ck_assert(application_stop(w, name));
	run_us(w, 20000);
	ck_assert(application_start(w, &plain, 0, NULL, NULL, 0) == name);
	run_us(w, 20000);
	ck_assert(term_is_pid(who("copy_5")));
}
END_TEST

/* Two restarts are too many for the default: the application ends, and says why, and how often it was restarted. */
START_TEST(an_application_that_gives_up_keeps_reason_and_restarts)
{
	uint32_t name = start(0);
	for (int i = 0; i < 2; i++) {
		world_send(w, who("listener"), ATOM(badarg));
		run_us(w, 20000);
	}
	ck_assert(!application_is_running(w, name));
	ck_assert(record(0).ended);
	ck_assert_str_eq(record(0).ended_reason, "shutdown");
	ck_assert_uint_eq(record(0).restarts, 1);
	ck_assert_uint_eq(processes_of(name), 0);
}
END_TEST

START_TEST(instances_have_names_of_their_own)
{
	uint32_t first = start(1), second = start(2);
	ck_assert_str_eq(atom_text_at(w->atoms, first), "plain");
	ck_assert_str_eq(atom_text_at(w->atoms, second), "plain@2");
	ck_assert(term_is_pid(who("listener")) && term_is_pid(who("listener@2")));
	ck_assert(application_set(w, second, "copies", 0));
	run_us(w, 20000);
	ck_assert(term_is_pid(who("copy_1")));
	ck_assert(term_is_none(who("copy_1@2")));
	application_stop(w, first);
	run_us(w, 20000);
	ck_assert(application_is_running(w, second));
}
END_TEST

static const struct child_spec other_children[] = { { .id = "listener", .registered = true, .step = &idle_step } };
static const struct supervisor_spec other_top = { .name = "other_sup", .children = other_children, .child_count = 1 };
static const struct application other = { .name = "other", .knobs = knobs, .knob_count = 2, .top = &other_top };
static const struct application *const also[] = { &other, NULL };
static const struct application story = { .name = "story", .knobs = knobs, .knob_count = 2, .top = &other_top, .also = also };

START_TEST(a_taken_name_gets_the_applications_name_behind)
{
	start(0);
	application_start(w, &other, 0, NULL, NULL, 0);
	run_us(w, 20000);
	ck_assert(term_is_pid(who("listener@other")));
}
END_TEST

START_TEST(second_applications_start_before_and_stop_with_it)
{
	uint32_t name = application_start(w, &story, 0, NULL, NULL, 0);
	run_us(w, 20000);
	ck_assert(record(1).running && record(0).running);
	application_stop(w, name);
	run_us(w, 20000);
	ck_assert(!record(1).running && !record(0).running);
}
END_TEST

/* ---- Environment ------------------------------------------------------------------------------------------------------------ */

START_TEST(changes_are_told_and_ranges_kept)
{
	int64_t value = 0;
	uint32_t name = start(0);
	ck_assert(application_set(w, name, "fix", 1));
	ck_assert(!application_set(w, name, "fix", 2));
	ck_assert(!application_set(w, name, "nothing", 1));
	run_us(w, 1000);
	ck_assert_str_eq(trace_text(), "fix=1");
	ck_assert(application_get(w, name, "fix", &value));
	ck_assert_int_eq(value, 1);
	ck_assert(!application_set(w, ATOM_ok, "fix", 1));
}
END_TEST

START_TEST(copies_follow_their_knob)
{
	uint32_t name = start(0);
	term first = who("copy_1");
	application_set(w, name, "copies", 4);
	run_us(w, 20000);
	ck_assert(term_is_pid(who("copy_4")));
	application_set(w, name, "copies", 1);
	run_us(w, 20000);
	ck_assert(term_is_none(who("copy_2")) && term_is_none(who("copy_4")));
	ck_assert(term_is(who("copy_1"), first));
}
END_TEST

/* ---- Ceilings ------------------------------------------------------------------------------------------------------------------- */

START_TEST(a_ceiling_is_a_plateau_with_a_banner)
{
	const char *keys[] = { "piece", "ceiling" };
	int64_t values[] = { 10000, 1000000 };
	uint32_t name = application_start(w, &plain, 0, keys, values, 2);
	run_us(w, 400000);
	ck_assert_str_eq(record(0).limited_by, "ceiling");
	uint64_t at = record(0).binary_bytes;
	ck_assert_uint_gt(at, 800000);
	ck_assert_uint_lt(at, 1000000);
	run_us(w, 400000);
	ck_assert_uint_eq(record(0).binary_bytes, at);
	ck_assert(application_set(w, name, "ceiling", 1500000));
	run_us(w, 20000);
	ck_assert_str_eq(record(0).limited_by, "");
	run_us(w, 400000);
	ck_assert_str_eq(record(0).limited_by, "ceiling");
	ck_assert_uint_gt(record(0).binary_bytes, at);
	application_stop(w, name);
	run_us(w, 20000);
	ck_assert_uint_eq(record(0).binary_bytes, 0);
	ck_assert_str_eq(record(0).limited_by, "");
}
END_TEST

START_TEST(orphans_are_those_of_no_running_application)
{
	uint32_t name = start(0);
	ck_assert(!application_is_orphan(w, name));
	ck_assert(application_is_orphan(w, 0));
	application_stop(w, name);
	run_us(w, 20000);
	ck_assert(application_is_orphan(w, name));
}
END_TEST

/* One whose only child does what its name says, under a supervisor that never restarts: it ends as the supervisor does. */
static enum next fail_when_told(struct process *p)
{
	term m;
	PROGRAM(p, 1);
	RECEIVE(p, m);
	process_raise(p, ATOM(error));
	PROGRAM_END(p);
}
static const struct step fragile_step = { "fragile:run/0", fail_when_told };
static const struct child_spec fragile_child[] = { { .id = "fragile", .registered = true, .step = &fragile_step } };
static const struct supervisor_spec strict = { .strategy = ONE_FOR_ONE, .intensity = 0, .period_s = 1, .children = fragile_child, .child_count = 1 };
static const struct application breakable[] = {
	{ .name = "breakable_0", .type = APPLICATION_TEMPORARY, .top = &strict }, { .name = "breakable_1", .type = APPLICATION_TRANSIENT, .top = &strict },
	{ .name = "breakable_2", .type = APPLICATION_PERMANENT, .top = &strict },
};

/* A supervisor that gives up ends with shutdown, which is not normal: OTP takes the node down then, we the other applications. */
START_TEST(one_that_others_depend_on_takes_them_along)
{
	uint32_t neighbour = start(0), name = application_start(w, &breakable[_i], 0, NULL, NULL, 0);
	run_us(w, 20000);
	world_send(w, who("fragile"), ATOM(go));
	run_us(w, 100000);
	ck_assert(!application_is_running(w, name));
	ck_assert_str_eq(record(1).ended_reason, "shutdown");
	ck_assert_int_eq(application_is_running(w, neighbour), breakable[_i].type == APPLICATION_TEMPORARY);
	ck_assert_int_eq(processes_of(neighbour) > 0, breakable[_i].type == APPLICATION_TEMPORARY);
}
END_TEST

START_TEST(one_that_is_stopped_takes_nobody_along)
{
	uint32_t neighbour = start(0), name = application_start(w, &breakable[_i], 0, NULL, NULL, 0);
	run_us(w, 20000);
	application_reset(w, name);
	run_us(w, 20000);
	ck_assert(application_is_running(w, name) && application_is_running(w, neighbour));
	application_stop(w, name);
	run_us(w, 20000);
	ck_assert(!application_is_running(w, name) && application_is_running(w, neighbour));
}
END_TEST

Suite *check_suite(void)
{
	Suite *s = suite_create("application");
	TCase *tc = tcase_create("applications");
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_tree_comes_and_goes_and_leaves_its_row);
	tcase_add_test(tc, reset_starts_again_with_the_same_knobs);
	tcase_add_test(tc, an_application_that_gives_up_keeps_reason_and_restarts);
	tcase_add_test(tc, instances_have_names_of_their_own);
	tcase_add_test(tc, a_taken_name_gets_the_applications_name_behind);
	tcase_add_test(tc, second_applications_start_before_and_stop_with_it);
	tcase_add_test(tc, changes_are_told_and_ranges_kept);
	tcase_add_test(tc, copies_follow_their_knob);
	tcase_add_test(tc, a_ceiling_is_a_plateau_with_a_banner);
	tcase_add_test(tc, orphans_are_those_of_no_running_application);
	tcase_add_loop_test(tc, one_that_others_depend_on_takes_them_along, 0, 3);
	tcase_add_loop_test(tc, one_that_is_stopped_takes_nobody_along, 0, 3);
	suite_add_tcase(s, tc);
	return s;
}
