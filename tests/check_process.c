/*
 * Frames, reserves, raises, hibernation: what step code may rely on.
 */
#include "tests/graph.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/memory/build.h"
#include "runtime/process/blob.h"
#include "runtime/process/dictionary.h"
#include "runtime/term/order.h"

struct log { unsigned steps, value, entered, depth; uint64_t sum; bool flag; struct random random; };

/* ---- Frames --------------------------------------------------------------------------------------------------- */

/* A random recursion: each frame keeps three terms in slots, calls itself, and finds them again. */
static enum next descend_step(struct process *p);
static const struct step descend = { "process:descend/2", descend_step };

static enum next descend_step(struct process *p)
{
	enum { CONTEXT, DEPTH, LIST, CALLED };
	if (p->frame_slots == 0) {
		term context = x_get(p, 0), depth = x_get(p, 1);
		frame_grow(p, 4, NULL, 0);
		slot_set(p, CONTEXT, context);
		slot_set(p, DEPTH, depth);
		struct builder *b = RESERVE(p, 4);
		slot_set(p, LIST, build_cons(b, depth, build_cons(b, context, TERM_NIL)));
		slot_set(p, CALLED, ATOM(false));
		x_clear(p);
	}
	struct log *l = fixture_context(slot_get(p, CONTEXT));
	intptr_t depth = term_to_small(slot_get(p, DEPTH));
	if (depth > 0 && term_is(slot_get(p, CALLED), ATOM(false))) {
		l->entered++;
		slot_set(p, CALLED, ATOM(true));
		x_set(p, 0, slot_get(p, CONTEXT));
		x_set(p, 1, term_from_small(depth - 1));
		frame_call(p, &descend);
		return random_below(&l->random, 8) ? STEP_NEXT : STEP_YIELD;
	}
	if (depth > 0)
		ck_assert_int_eq(term_to_small(x_get(p, 0)), depth - 1);
	ck_assert(term_is(list_head(slot_get(p, LIST)), slot_get(p, DEPTH)));
	ck_assert(term_is(list_head(list_tail(slot_get(p, LIST))), slot_get(p, CONTEXT)));
	return frame_return(p, term_from_small(depth));
}

START_TEST(frames_find_their_slots_again)
{
	struct log l = { 0 };
	struct spawn_options o = SPAWN_DEFAULT;
	random_init(&l.random, suite_seed());
	for (intptr_t depth = 1; depth < 2000; depth = depth * 3 + 1) {
		term args[] = { term_from_small((intptr_t) &l), term_from_small(depth) };
		l.entered = 0;
		term pid = world_spawn(fixture_world(), &descend, 2, args, &o);
		fixture_run();
		ck_assert(!fixture_is_alive(pid));
		ck_assert_uint_eq(l.entered, (unsigned) depth);
	}
	fixture_expect_clean();
}
END_TEST

/* ---- Without a block ------------------------------------------------------------------------------------------ */

/*
 * go: one more slot in front. stop: registers beyond the record's room, then heap. Slots and registers come along, whichever of
 * them makes the block. The context stays the last slot.
 */
static enum next frugal_step(struct process *p)
{
	if (p->frame_slots == 0) {
		term argument = x_get(p, 0);
		frame_grow(p, 1, NULL, 0);
		slot_set(p, 0, argument);
		x_clear(p);
	}
	struct log *l = fixture_context(slot_get(p, p->frame_slots - 1u));
	for (term m; process_receive(p, &m);) {
		if (term_is(m, ATOM(go))) {
			frame_grow(p, 1, NULL, 0);
			slot_set(p, 0, term_from_small(41));
			l->flag = p->heap.start != NULL;
			continue;
		}
		for (unsigned i = 0; i < 3; i++)
			x_set(p, i, term_from_small(i));
		struct builder *b = RESERVE(p, 2);
		term pair = build_cons(b, term_from_small(1), TERM_NIL);
		l->sum = (uint64_t) (term_to_small(x_get(p, 0)) + 10 * term_to_small(x_get(p, 1)) + 100 * term_to_small(x_get(p, 2)));
		l->value = (unsigned) (term_to_small(slot_get(p, 0)) + term_to_small(list_head(pair)));
		l->flag = p->heap.start != NULL;
	}
	return STEP_WAIT;
}
static const struct step frugal = { "process:frugal/1", frugal_step };

static void expect_small(term pid, unsigned used, unsigned stack)
{
	uint32_t state = atomic_load(&slot_of(fixture_world()->slots, pid)->state);
	struct heap_figures f = heap_figures(&fixture_process(pid)->heap);
	ck_assert_ptr_null(fixture_process(pid)->heap.start);
	ck_assert_uint_eq(slot_small_used_of(state), used);
	ck_assert_uint_eq(slot_small_stack_of(state), stack);
	ck_assert_uint_eq(f.used, used);
	ck_assert_uint_eq(f.stack, stack);
	ck_assert_uint_eq(f.block, HEAP_DEFAULT_MIN);
	ck_assert_uint_eq(atomic_load(&slot_of(fixture_world()->slots, pid)->memory), PROCESS_CHARGED_BYTES + HEAP_DEFAULT_MIN * WORD_BYTES);
}

/* The argument's list is two words, the bottom frame one, as on the BEAM; a sweep takes the list, and makes no block. */
START_TEST(a_few_words_need_no_block)
{
	struct log l = { 0 };
	term pid = fixture_spawn(&frugal, &l);
	fixture_run();
	expect_small(pid, 2, 2);
	world_send(fixture_world(), pid, ATOM(go));
	fixture_run();
	ck_assert(!l.flag);
	expect_small(pid, 2, 3);
	struct scheduler *s = scheduler_enter_outside(fixture_world());
	ck_assert(request_gc(s, pid, true, NULL));
	scheduler_leave_outside(s);
	fixture_run();
	expect_small(pid, 0, 3);
	world_send(fixture_world(), pid, ATOM(stop));
	fixture_run();
	ck_assert(l.flag);
	ck_assert_uint_eq(l.sum, 210);
	ck_assert_uint_eq(l.value, 42);
	ck_assert_uint_eq(slot_small_stack_of(atomic_load(&slot_of(fixture_world()->slots, pid)->state)), 0);
	fixture_exit(pid, ATOM(kill));
	fixture_run();
	fixture_expect_clean();
}
END_TEST

/* frame_call_with takes terms from C locals, whatever moves meanwhile; become keeps the slots. */
static enum next second_step(struct process *p)
{
	struct log *l = fixture_context(list_head(slot_get(p, 1)));
	ck_assert_int_eq(p->frame_slots, 3);
	ck_assert(term_is(slot_get(p, 0), ATOM(ok)));
	ck_assert_int_eq(term_to_small(slot_get(p, 2)), 7);
	l->value++;
	frame_shrink(p, 2);
	ck_assert_int_eq(term_to_small(slot_get(p, 0)), 7);
	return frame_return(p, ATOM(ok));
}
static const struct step second = { "process:second/3", second_step };

static enum next first_step(struct process *p) { frame_become(p, &second); return STEP_NEXT; }
static const struct step first = { "process:first/3", first_step };

static enum next caller_step(struct process *p)
{
	struct log *l = fixture_context(x_get(p, 0));
	if (term_is(x_get(p, 0), ATOM(ok)))
		process_raise(p, ATOM(normal));
	struct builder *b = RESERVE(p, 2);
	term list = build_cons(b, term_from_small((intptr_t) l), TERM_NIL);
	frame_call_with(p, &first, 3, (term[]) { ATOM(ok), list, term_from_small(7) });
	return STEP_NEXT;
}
static const struct step caller = { "process:caller/1", caller_step };

START_TEST(a_call_takes_its_terms_along)
{
	struct log l = { 0 };
	term pid = fixture_spawn(&caller, &l);
	fixture_run();
	ck_assert(!fixture_is_alive(pid));
	ck_assert_uint_eq(l.value, 1);
	fixture_expect_clean();
}
END_TEST

/* Many frames in one step while a long collection waits: the stack never meets the heap. */
static enum next leaf_step(struct process *p) { return frame_return(p, TERM_NIL); }
static const struct step leaf = { "process:leaf/0", leaf_step };

static enum next delayed_step(struct process *p)
{
	struct log *l = fixture_of(p);
	if (l->steps++ == 0) {
		frame_grow(p, 2, NULL, 0);
		slot_set(p, 0, x_get(p, 0));
		struct builder *b = RESERVE(p, 2 * HEAP_LONG_WORDS);
		for (unsigned i = 0; i < HEAP_LONG_WORDS; i++)
			slot_set(p, 1, build_cons(b, term_from_small(i), slot_get(p, 1)));
		/* What does not fit any more waits for the long collection. */
		while (!p->heap.b.body->delayed && !suite_in_world("gc_stress") && !suite_in_world("force_frags")) {
			b = RESERVE(p, 20000);
			slot_set(p, 1, build_cons(b, TERM_NIL, slot_get(p, 1)));
			b->top += 0;
			for (unsigned i = 0; i < 9000; i++)
				build_cons(b, TERM_NIL, TERM_NIL);
		}
		for (unsigned i = 0; i < 200; i++)
			frame_call(p, &leaf);
		return STEP_NEXT;
	}
	for (term t = slot_get(p, 1); term_is_cons(t); t = list_tail(t))
		l->sum++;
	process_raise(p, ATOM(normal));
}
static const struct step delayed = { "process:delayed/1", delayed_step };

START_TEST(frames_have_room_while_a_collection_waits)
{
	struct log l = { 0 };
	term pid = fixture_spawn(&delayed, &l);
	fixture_run();
	ck_assert(!fixture_is_alive(pid));
	ck_assert_uint_ge(l.sum, HEAP_LONG_WORDS);
	fixture_expect_clean();
}
END_TEST

/* ---- What was received -------------------------------------------------------------------------------------------- */

enum { LONG_LIST = 1000 };

static term long_list(term *cells)
{
	struct builder b = { cells, cells + 2 * LONG_LIST, NULL };
	term list = TERM_NIL;
	for (int i = 0; i < LONG_LIST; i++)
		list = build_cons(&b, term_from_small(i), list);
	return list;
}

static enum next sink_step(struct process *p)
{
	for (term m; process_receive(p, &m);)
		;
	return STEP_WAIT;
}
static const struct step sink = { "process:sink/0", sink_step };

/* OTP 25: a receiver that waits between its messages holds the latest only, however many there were. */
START_TEST(the_last_message_is_garbage_when_the_next_one_comes)
{
	term cells[2 * LONG_LIST], pid = fixture_spawn(&sink, NULL);
	fixture_run();
	for (int i = 0; i < 6; i++) {
		ck_assert(world_send(fixture_world(), pid, long_list(cells)));
		fixture_run();
		ck_assert_uint_eq(heap_figures(&fixture_process(pid)->heap).fragment, 2 * LONG_LIST);
	}
	fixture_exit(pid, ATOM(kill));
	fixture_run();
	fixture_expect_clean();
}
END_TEST

/* ---- Raise ---------------------------------------------------------------------------------------------------- */

static enum next deep_raise_step(struct process *p)
{
	struct builder *b = RESERVE(p, 5);
	process_raise(p, build_tuple2(b, ATOM(badmatch), build_cons(b, term_from_small(1), TERM_NIL)));
}
static const struct step deep_raise = { "process:raise/0", deep_raise_step };

START_TEST(raising_frees_all)
{
	for (int i = 0; i < 100; i++) {
		fixture_spawn(&deep_raise, NULL);
		struct spawn_options o = SPAWN_DEFAULT;
		o.heap.min_heap_words = 987;
		ck_assert(!term_is_none(world_spawn(fixture_world(), &deep_raise, 0, NULL, &o)));
	}
	fixture_run();
	fixture_expect_clean();
}
END_TEST

static enum next badarg_step(struct process *p)
{
	blob_match(p, &(term) { TERM_NIL.word }, 0, 1, NULL, 0);
	return STEP_WAIT;
}
static const struct step badarg = { "process:badarg/0", badarg_step };

START_TEST(wrong_arguments_end_the_process)
{
	term pid = fixture_spawn(&badarg, NULL);
	fixture_run();
	ck_assert(!fixture_is_alive(pid));
	fixture_expect_clean();
}
END_TEST

/* max_heap_size ends it where it grows; without the kill flag it goes on. */
static enum next grower_step(struct process *p)
{
	struct log *l = fixture_of(p);
	if (p->frame_slots == 0) {
		frame_grow(p, 2, NULL, 0);
		slot_set(p, 0, x_get(p, 0));
	}
	for (int i = 0; i < 100; i++) {
		struct builder *b = RESERVE(p, 2);
		slot_set(p, 1, build_cons(b, TERM_NIL, slot_get(p, 1)));
	}
	if (++l->steps == 200)
		process_raise(p, ATOM(normal));
	return STEP_YIELD;
}
static const struct step grower = { "process:grow/1", grower_step };

START_TEST(a_heap_over_its_limit_is_killed)
{
	struct log l = { 0 };
	struct spawn_options o = SPAWN_DEFAULT;
	o.heap.max_heap_words = 5000;
	fixture_spawn_with(&grower, &l, &o);
	fixture_run();
	ck_assert_uint_lt(l.steps, 200);
	fixture_expect_clean();
	l.steps = 0;
	o.heap.max_heap_flags = MAX_HEAP_LOG;
	fixture_spawn_with(&grower, &l, &o);
	fixture_run();
	ck_assert_uint_eq(l.steps, 200);
	fixture_expect_clean();
}
END_TEST

/* ---- Hibernation ------------------------------------------------------------------------------------------------ */

static enum next sleeper_step(struct process *p)
{
	struct log *l = fixture_of(p);
	term m;
	if (l->steps++ == 0) {
		/* More slots than any call takes. */
		frame_grow(p, l->depth + 1, NULL, 0);
		slot_set(p, 0, x_get(p, 0));
		for (unsigned i = 1; i <= l->depth; i++) {
			struct builder *b = RESERVE(p, 2);
			slot_set(p, i, build_cons(b, term_from_small(i), TERM_NIL));
		}
		return STEP_HIBERNATE;
	}
	while (process_receive(p, &m))
		l->value++;
	l->sum = 0;
	for (unsigned i = 1; i <= l->depth; i++)
		l->sum += (uint64_t) term_to_small(list_head(slot_get(p, i)));
	return STEP_HIBERNATE;
}
static const struct step sleeper = { "process:sleep/1", sleeper_step };

static bool is_hibernated(term pid) { return fixture_process(pid)->flags & PROCESS_HIBERNATED; }

static void sleep_and_wake(unsigned slots)
{
	struct log l = { .depth = slots };
	term pid = fixture_spawn(&sleeper, &l);
	fixture_run();
	for (unsigned i = 1; i <= 5; i++) {
		ck_assert(is_hibernated(pid));
		fixture_expect_ledger();
		fixture_verify_heaps();
		world_send(fixture_world(), pid, ATOM(go));
		fixture_run();
		ck_assert_uint_eq(l.value, i);
		ck_assert_uint_eq(l.sum, (uint64_t) slots * (slots + 1) / 2);
	}
	/* Asked questions while it sleeps it sleeps on. */
	struct scheduler *s = scheduler_enter_outside(fixture_world());
	request_gc(s, pid, true, NULL);
	request_plain(s, pid, SIGNAL_SUSPEND);
	request_plain(s, pid, SIGNAL_RESUME);
	scheduler_leave_outside(s);
	fixture_run();
	ck_assert(is_hibernated(pid));
	ck_assert_uint_eq(l.steps, 6);
	fixture_exit(pid, ATOM(kill));
	fixture_run();
	fixture_expect_clean();
}

START_TEST(any_number_of_slots_sleeps)
{
	for (unsigned slots = 0; slots < 200; slots = slots * 2 + 1)
		sleep_and_wake(slots);
}
END_TEST

/* ---- Dictionary --------------------------------------------------------------------------------------------------- */

static enum next dictionary_step(struct process *p)
{
	struct log *l = fixture_of(p);
	intptr_t expected[64];
	bool there[64] = { false };
	for (int i = 0; i < 3000; i++) {
		unsigned key = (unsigned) random_below(&l->random, ARRAY_COUNT(there));
		struct builder *b = RESERVE(p, 2 + 3);
		term list = build_cons(b, term_from_small(i), TERM_NIL), k = build_tuple2(b, ATOM(ok), term_from_small((intptr_t) key)), old;
		switch (random_below(&l->random, 3)) {
		case 0:
			old = process_put(p, k, list);
			ck_assert(there[key] ? term_to_small(list_head(old)) == expected[key] : term_is(old, ATOM(undefined)));
			there[key] = true;
			expected[key] = i;
			break;
		case 1:
			old = process_erase(p, k);
			ck_assert(there[key] ? term_to_small(list_head(old)) == expected[key] : term_is(old, ATOM(undefined)));
			there[key] = false;
			break;
		default:
			old = process_get(p, k);
			ck_assert(there[key] ? term_to_small(list_head(old)) == expected[key] : term_is(old, ATOM(undefined)));
		}
		if (random_below(&l->random, 50) == 0)
			process_collect(p, random_below(&l->random, 2), 0, NULL, 0);
	}
	process_raise(p, ATOM(normal));
}
static const struct step dictionary = { "process:dictionary/1", dictionary_step };

START_TEST(the_dictionary_is_a_map)
{
	struct log l = { 0 };
	random_init(&l.random, suite_seed());
	term pid = fixture_spawn(&dictionary, &l);
	fixture_run();
	ck_assert(!fixture_is_alive(pid));
	fixture_expect_clean();
}
END_TEST

Suite *check_suite(void)
{
	Suite *s = suite_create("process");
	TCase *tc = tcase_create("frames");
	tcase_add_checked_fixture(tc, fixture_start, fixture_stop);
	tcase_add_test(tc, frames_find_their_slots_again);
	tcase_add_test(tc, a_call_takes_its_terms_along);
	tcase_add_test(tc, a_few_words_need_no_block);
	tcase_add_test(tc, frames_have_room_while_a_collection_waits);
	suite_add_tcase(s, tc);
	tc = tcase_create("received");
	tcase_add_checked_fixture(tc, fixture_start, fixture_stop);
	tcase_add_test(tc, the_last_message_is_garbage_when_the_next_one_comes);
	suite_add_tcase(s, tc);
	tc = tcase_create("raise");
	tcase_add_checked_fixture(tc, fixture_start, fixture_stop);
	tcase_add_test(tc, raising_frees_all);
	tcase_add_test(tc, wrong_arguments_end_the_process);
	tcase_add_test(tc, a_heap_over_its_limit_is_killed);
	suite_add_tcase(s, tc);
	tc = tcase_create("hibernation");
	tcase_add_checked_fixture(tc, fixture_start, fixture_stop);
	tcase_add_test(tc, any_number_of_slots_sleeps);
	tcase_add_test(tc, the_dictionary_is_a_map);
	suite_add_tcase(s, tc);
	return s;
}
