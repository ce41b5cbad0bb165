/*
 * What the article claims, as it was measured on OTP 25 (each test bears the number of its claim), on this runtime.
 */
#include "runtime/memory/literal.h"
#include "runtime/otp/otp.h"
#include "runtime/process/blob.h"
#include "runtime/process/life.h"
#include "runtime/process/persistent.h"
#include "runtime/process/scheduler.h"
#include "runtime/process/slot.h"
#include "tests/suite.h"
#include "tests/trace.h"

#include <string.h>

static struct world *w;
static void setup(void) { w = test_world(); }
static void teardown(void) { test_world_stop(w); }

/* ---- A process that does what a test tells it, between waits --------------------------------------------------------- */

/* Called with the message's value; slot 0 is what it keeps. */
static void (*act)(struct process *p, term m);

static enum next obey(struct process *p)
{
	term m;
	PROGRAM(p, 1);
	for (;;) {
		x_clear(p);
		RECEIVE(p, m);
		if (term_is(m, ATOM(stop)))
			return frame_return(p, ATOM(ok));
		act(p, m);
	}
	PROGRAM_END(p);
}
static const struct step obey_step = { "obedient:loop/0", obey };

/* Never looks at a message. */
static enum next sit(struct process *p)
{
	PROGRAM(p, 1);
	for (;;)
		SLEEP(p, 3600000000);
	PROGRAM_END(p);
}
static const struct step sit_step = { "sitting:loop/0", sit };

static term spawn_with(const struct step *step, struct spawn_options o) { return world_spawn(w, step, 0, NULL, &o); }
static term obedient(void) { return spawn_with(&obey_step, (struct spawn_options) SPAWN_DEFAULT); }

static void tell(term to, void (*what)(struct process *p, term m), term m)
{
	act = what;
	world_send(w, to, m);
	run_us(w, 1000000);
}

static struct slot *slot_for(term pid) { return slot_at(w->slots, term_pid_index(pid)); }
static struct slot_memory *figures(term pid) { return slot_memory_at(w->slots, term_pid_index(pid)); }

static uint64_t memory_of(term pid)
{
	struct queue_length q = slot_queue(slot_for(pid));
	return slot_for(pid)->memory + q.messages * 88 + q.words * 8;
}

static bool collect(term pid)
{
	struct scheduler *s = scheduler_enter_outside(w);
	bool alive = request_gc(s, pid, true, NULL);
	scheduler_leave_outside(s);
	run_us(w, 1000000);
	return alive;
}

static term list_of(struct process *p, size_t cells)
{
	struct builder *b = RESERVE(p, 2 * cells);
	term list = TERM_NIL;
	for (size_t i = 0; i < cells; i++)
		list = build_cons(b, term_from_small((intptr_t) i), list);
	return list;
}

static void keep_list(struct process *p, term m) { slot_set(p, 0, list_of(p, (size_t) term_to_small(m))); }
static void forget(struct process *p, term m) { (void) m; slot_set(p, 0, TERM_NIL); }
static void garbage(struct process *p, term m)
{
	for (intptr_t i = term_to_small(m); i > 0; i--)
		list_of(p, 100);
}
static void keep_binary(struct process *p, term m) { slot_set(p, 0, blob_new(p, NULL, (size_t) term_to_small(m), 'x', NULL, 0)); }

#define INT(n) term_from_small(n)

/* ---- 10 to 15 ---------------------------------------------------------------------------------------------------------- */

START_TEST(claim_10_fullsweep_after_is_a_spawn_option)
{
	struct spawn_options o = SPAWN_DEFAULT;
	o.heap.fullsweep_after = 10;
	term often = spawn_with(&obey_step, o), seldom = obedient();
	/* With something that lives on there is an old heap; without, every collection is a full sweep anyway. */
	tell(often, keep_list, INT(400));
	tell(seldom, keep_list, INT(400));
	tell(often, garbage, INT(50));
	tell(seldom, garbage, INT(50));
	uint32_t before = figures(seldom)->major_total;
	tell(often, garbage, INT(500));
	tell(seldom, garbage, INT(500));
	ck_assert_uint_ge(figures(often)->major_total, 5);
	ck_assert_uint_eq(figures(seldom)->major_total, before);
	ck_assert_uint_gt(figures(seldom)->minor_total, 50);
}
END_TEST

static void suspend(term pid, enum signal_kind kind)
{
	struct scheduler *s = scheduler_enter_outside(w);
	request_plain(s, pid, kind);
	scheduler_leave_outside(s);
	run_us(w, 1000);
}

START_TEST(claim_11_garbage_collect_of_another_is_a_full_sweep)
{
	term p = obedient();
	tell(p, keep_list, INT(10000));
	tell(p, forget, ATOM(ok));
	ck_assert_uint_gt(memory_of(p), 100000);
	ck_assert(collect(p));
	ck_assert_uint_eq(memory_of(p), 2640);
	ck_assert_uint_eq(figures(p)->old_block, 0);
	/* A suspended one answers too. */
	tell(p, keep_list, INT(10000));
	tell(p, forget, ATOM(ok));
	suspend(p, SIGNAL_SUSPEND);
	ck_assert(collect(p));
	ck_assert_uint_eq(memory_of(p), 2640);
	suspend(p, SIGNAL_RESUME);
	tell(p, NULL, ATOM(stop));
	ck_assert(!collect(p));
}
END_TEST

START_TEST(claim_12_old_garbage_lingers_until_a_full_sweep)
{
	term p = obedient();
	tell(p, keep_list, INT(40000));
	collect(p);
	tell(p, garbage, INT(2000));
	uint64_t old = figures(p)->old_block;
	ck_assert_uint_gt(old, 40000);
	tell(p, forget, ATOM(ok));
	tell(p, garbage, INT(2000));
	ck_assert_uint_eq(figures(p)->old_block, old);
	ck_assert_uint_gt(memory_of(p), 640000);
	collect(p);
	ck_assert_uint_eq(memory_of(p), 2640);
}
END_TEST

START_TEST(claim_13_binaries_up_to_64_bytes_lie_on_the_heap)
{
	static const struct { intptr_t bytes; uint64_t words, handles; } rows[] = { { 64, 10, 0 }, { 65, 6, 1 }, { 1, 3, 0 }, { 100000, 6, 1 } };
	term p = obedient();
	tell(p, keep_binary, INT(rows[_i].bytes));
	collect(p);
	ck_assert_uint_eq(figures(p)->used, rows[_i].words);
	ck_assert_uint_eq(figures(p)->binary_refs, rows[_i].handles);
}
END_TEST

static term target;
static void send_kept(struct process *p, term m)
{
	(void) m;
	process_send(p, target, slot_get(p, 0));
}
static void keep_literal(struct process *p, term m) { slot_set(p, 0, literal_make(p->world->literals, p->world, p->scheduler->lane, list_of(p, (size_t) term_to_small(m)))); }

START_TEST(claim_14_small_binaries_are_copied_on_send_and_literals_are_not)
{
	term p = obedient();
	target = spawn_with(&sit_step, (struct spawn_options) SPAWN_DEFAULT);
	run_us(w, 1000);
	tell(p, keep_binary, INT(64));
	uint64_t used = figures(target)->used;
	tell(p, send_kept, ATOM(ok));
	ck_assert_uint_eq(figures(target)->used - used, 10);
	tell(p, keep_binary, INT(1000));
	tell(p, send_kept, ATOM(ok));
	ck_assert_uint_eq(figures(target)->used - used, 16);
	tell(p, keep_literal, INT(5000));
	tell(p, send_kept, ATOM(ok));
	ck_assert_uint_eq(figures(target)->used - used, 16);
	ck_assert_uint_eq(slot_queue(slot_for(target)).words, 0);
}
END_TEST

static void tell_words(struct process *p, term m)
{
	(void) m;
	term hello = blob_new(p, "hello world", 11, 0, NULL, 0);
	trace("%zu", 1 + header_words(*term_box(hello)));
	term xs = blob_new(p, NULL, 100, 'x', &(term *) { &hello }, 1);
	trace("%zu %zu", 1 + header_words(*term_box(xs)), binary_referenced_bytes(xs));
}

START_TEST(claim_15_a_hundred_bytes_are_counted_and_eleven_are_not)
{
	tell(obedient(), tell_words, ATOM(ok));
	ck_assert_str_eq(trace_text(), "4; 6 100");
}
END_TEST

/* ---- 24 to 28 ---------------------------------------------------------------------------------------------------------- */

static void flood(struct process *p, term m)
{
	for (intptr_t i = term_to_small(m); i > 0; i--) {
		term box[] = { term_header(BOX_TUPLE, 7), ATOM(m), INT(i), INT(1), INT(2), INT(3), INT(4), INT(5) };
		process_send(p, target, term_from_box(box));
	}
}

START_TEST(claim_24_a_mailbox_bomb_costs_88_bytes_a_message_and_its_words)
{
	struct spawn_options o = SPAWN_DEFAULT;
	o.off_heap_queue = true;
	term p = obedient();
	target = spawn_with(&sit_step, o);
	run_us(w, 1000);
	uint64_t before = memory_of(target);
	tell(p, flood, INT(10000));
	ck_assert_uint_eq(slot_queue(slot_for(target)).messages, 10000);
	ck_assert_uint_eq(memory_of(target) - before, 10000 * (64 + 88));
	collect(target);
	ck_assert_uint_eq(memory_of(target) - before, 10000 * (64 + 88));
}
END_TEST

/* A producer that sends the next item when the last one was acknowledged; a worker that needs 100 us for each. */
static uint64_t acknowledged;
static enum next acknowledge_each(struct process *p)
{
	term m;
	PROGRAM(p, 1);
	for (;;) {
		RECEIVE(p, m);
		slot_set(p, 0, tuple_at(m, 1));
		WORK(p, 100);
		process_send(p, slot_get(p, 0), ATOM(ok));
		acknowledged++;
	}
	PROGRAM_END(p);
}
static const struct step worker_step = { "worker:loop/0", acknowledge_each };
static enum next send_when_acknowledged(struct process *p)
{
	term m;
	PROGRAM(p, 1);
	for (;;) {
		term box[] = { term_header(BOX_TUPLE, 2), ATOM(data), process_self(p) };
		process_send(p, target, term_from_box(box));
		RECEIVE(p, m);
	}
	PROGRAM_END(p);
}
static const struct step producer_step = { "producer:loop/0", send_when_acknowledged };

START_TEST(claim_25_acknowledgement_bounds_the_mailbox)
{
	target = spawn_with(&worker_step, (struct spawn_options) SPAWN_DEFAULT);
	spawn_with(&producer_step, (struct spawn_options) SPAWN_DEFAULT);
	acknowledged = 0;
	for (int i = 0; i < 200; i++) {
		run_us(w, 1000);
		ck_assert_uint_le(slot_queue(slot_for(target)).messages, 1);
		ck_assert_uint_lt(memory_of(target), 44000);
	}
	ck_assert_uint_gt(acknowledged, 1500);
}
END_TEST

static void own_table(struct process *p, term m)
{
	struct table_options o = { .access = TABLE_PUBLIC, .named = true };
	(void) m;
	table_new(p, process_atom(p, "cache"), &o);
}
static void fill_table(struct process *p, term m)
{
	for (intptr_t i = term_to_small(m); i > 0; i--) {
		term box[] = { term_header(BOX_TUPLE, 3), INT(i), ATOM(data), INT(i) };
		table_insert(p, process_atom(p, "cache"), term_from_box(box));
	}
}

START_TEST(claim_26_a_table_grows_and_no_collection_helps)
{
	term owner = obedient();
	tell(owner, own_table, ATOM(ok));
	uint64_t own = memory_of(owner), before = mem_charged(w->mem, CHARGE_ETS);
	tell(owner, fill_table, INT(50000));
	uint64_t full = mem_charged(w->mem, CHARGE_ETS);
	/* 8 words a row, a slot in the hash, 8 bytes of allocator: 80 here. */
	ck_assert_uint_ge(full - before, 50000u * 72);
	ck_assert_uint_le(memory_of(owner), own + 8 * 233 * 3);
	collect(owner);
	ck_assert_uint_eq(mem_charged(w->mem, CHARGE_ETS), full);
	ck_assert_uint_eq(memory_of(owner), 2640);
	tell(owner, NULL, ATOM(stop));
	ck_assert_uint_eq(mem_charged(w->mem, CHARGE_ETS), 0);
}
END_TEST

static void fill_with_binaries(struct process *p, term m)
{
	for (intptr_t i = term_to_small(m); i > 0; i--) {
		term blob = blob_new(p, NULL, 100000, 1, NULL, 0);
		term box[] = { term_header(BOX_TUPLE, 2), INT(i), blob };
		table_insert(p, process_atom(p, "cache"), term_from_box(box));
	}
}

START_TEST(claim_27_a_tables_memory_leaves_out_counted_binaries)
{
	struct table_info info;
	term owner = obedient();
	tell(owner, own_table, ATOM(ok));
	tell(owner, fill_with_binaries, INT(1000));
	collect(owner);
	ck_assert(table_info(w, atom_find(w->atoms, "cache", 5), &info));
	ck_assert_uint_lt(info.memory_words * 8, 160000);
	ck_assert_uint_eq(info.binary_bytes, 100000000);
	ck_assert_uint_ge(mem_charged(w->mem, CHARGE_BINARY), 100000000);
	/* A table that is gone is no error for who asks. */
	tell(owner, NULL, ATOM(stop));
	ck_assert(!table_info(w, atom_find(w->atoms, "cache", 5), &info));
	ck_assert_uint_eq(mem_charged(w->mem, CHARGE_BINARY), 0);
}
END_TEST

static enum next term_init(struct process *p, term argument) { (void) p; return server_started(p, argument); }
static enum next term_call(struct process *p, term request, term from, term state)
{
	(void) from;
	return term_is(tuple_at(request, 0), ATOM(reply)) ? server_reply(p, tuple_at(request, 1), state) : server_reply(p, ATOM(ok), state);
}
static const struct server_module term_server = { .name = "term_server", .init = term_init, .handle_call = term_call };

/* x[0]: reply for an echo, else ok for a small answer. Keeps term and answer, and waits. */
static enum next call_with_term(struct process *p)
{
	enum { TERM, ANSWER, WAY, SLOTS };
	term m;
	PROGRAM(p, SLOTS);
	slot_set(p, WAY, x_get(p, 0));
	x_clear(p);
	slot_set(p, TERM, list_of(p, 500000));
	struct builder *b = RESERVE(p, 3);
	CALL_SERVER(p, target, build_tuple2(b, slot_get(p, WAY), slot_get(p, TERM)), UINT64_MAX);
	slot_set(p, ANSWER, x_get(p, 0));
	x_clear(p);
	RECEIVE(p, m);
	(void) m;
	PROGRAM_END(p);
}
static const struct step call_step = { "caller:run/1", call_with_term };

static enum next spawn_term_server(struct process *p)
{
	term m;
	PROGRAM(p, 1);
	target = server_spawn(p, &term_server, ATOM(ok), NULL);
	RECEIVE(p, m);
	PROGRAM_END(p);
}
static const struct step term_parent_step = { "parent:run/0", spawn_term_server };

START_TEST(claim_28_a_message_is_one_copy_and_a_second_only_in_the_answer)
{
	const uint64_t words = 1000000;
	spawn_with(&term_parent_step, (struct spawn_options) SPAWN_DEFAULT);
	run_us(w, 1000);
	term way = _i ? ATOM(reply) : ATOM(ok);
	term caller = run_step(w, &call_step, 1, &way);
	run_us(w, 10000000);
	collect(caller);
	collect(target);
	uint64_t copies = figures(caller)->used / words;
	ck_assert_uint_eq(copies, _i ? 2 : 1);
	ck_assert_uint_lt(figures(target)->used, 100);          /* nobody keeps the request there */
}
END_TEST

/* ---- 36 to 40 ---------------------------------------------------------------------------------------------------------- */

static enum next deep_sleep(struct process *p)
{
	enum { KEPT, SLOTS };
	if (p->frame_slots == 0) {
		frame_grow(p, SLOTS, NULL, 0);
		slot_set(p, KEPT, list_of(p, 100));
		return STEP_HIBERNATE;
	}
	struct message *m = process_peek(p);
	if (!m)
		return STEP_WAIT;
	process_take(p, m);
	trace("woken");
	return STEP_WAIT;
}
static const struct step deep_sleep_step = { "sleeper:loop/1", deep_sleep };
static enum next empty_sleep(struct process *p)
{
	term m;
	if (process_receive(p, &m))
		trace("woken");
	return STEP_HIBERNATE;
}
static const struct step empty_sleep_step = { "empty:loop/0", empty_sleep };

START_TEST(claim_36_hibernating_shrinks_below_the_minimum)
{
	term empty = spawn_with(&empty_sleep_step, (struct spawn_options) SPAWN_DEFAULT);
	term live = spawn_with(&deep_sleep_step, (struct spawn_options) SPAWN_DEFAULT);
	run_us(w, 10000);
	ck_assert_uint_eq(memory_of(empty), 776 + 8 * 4);        /* nothing lives: the four that stay free */
	ck_assert_uint_eq(figures(live)->block, 200 + 2 + 4);    /* the list, its cell as an argument, and the four */
	ck_assert_uint_eq(slot_status_of(slot_for(live)->state), SLOT_HIBERNATED);
	world_send(w, live, ATOM(go));
	world_send(w, empty, ATOM(go));
	run_us(w, 1000);
	ck_assert_str_eq(trace_text(), "woken; woken");
	ck_assert_uint_gt(figures(live)->block, 206);
}
END_TEST

static enum next worker_init(struct process *p, term argument)
{
	(void) argument;
	return server_started(p, list_of(p, 10000));
}
/* The article's worker: `timeout` would hibernate it, but nobody asks for a timeout. */
static enum next worker_info(struct process *p, term m, term state)
{
	if (!term_is(m, ATOM(timeout)))
		process_raise(p, ATOM(function_clause));
	return server_hibernate(p, state);
}
static const struct server_module my_worker = { .name = "my_worker", .init = worker_init, .handle_info = worker_info };
static const struct server_module cured = { .name = "my_worker", .init = worker_init, .handle_info = worker_info, .hibernate_after_us = 200000 };
static const struct server_module *module_wanted;
static enum next spawn_worker(struct process *p)
{
	term m;
	PROGRAM(p, 1);
	target = server_spawn(p, module_wanted, ATOM(ok), NULL);
	RECEIVE(p, m);
	PROGRAM_END(p);
}
static const struct step worker_parent_step = { "parent:run/0", spawn_worker };

START_TEST(claim_37_nobody_hibernates_who_does_not_ask_for_a_timeout)
{
	module_wanted = _i ? &cured : &my_worker;
	spawn_with(&worker_parent_step, (struct spawn_options) SPAWN_DEFAULT);
	run_us(w, 300000);
	if (_i)         /* live data, dictionary and ancestors, nine arguments: nothing else */
		ck_assert_uint_eq(figures(target)->block, 20000 + 12 + 18 + 4);
	else
		ck_assert_uint_gt(figures(target)->block, 22000);
	world_send(w, target, ATOM(data));
	run_us(w, 10000);
	ck_assert(!world_is_alive(w, target));
}
END_TEST

/* A text of 2 MB: whole, split into a list of lines, line by line, block by block. */
#define TEXT_BYTES 2000000
enum { WHOLE, SPLIT, LINES, BLOCKS };
static uint64_t peak;
static enum next read_text(struct process *p)
{
	enum { WAY, TEXT, LIST, STREAM, SLOTS };
	term m;
	PROGRAM(p, SLOTS);
	slot_set(p, WAY, x_get(p, 0));
	x_clear(p);
	struct stream *s = stream_generate(p->world, TEXT_BYTES, 100, 1);
	slot_set(p, LIST, TERM_NIL);
	peak = 0;
	size_t offset = 0;
	intptr_t way = term_to_small(slot_get(p, WAY));
	if (way <= SPLIT)
		slot_set(p, TEXT, stream_read_all(p, s, NULL, 0));
	while (way == SPLIT && offset <= TEXT_BYTES)
		slot_set(p, LIST, stream_split(p, slot_get(p, TEXT), &offset, 100, slot_get(p, LIST)));
	while (way > SPLIT && !term_is_none(way == LINES ? stream_read_line(p, s, NULL, 0) : stream_read_block(p, s, 65536, NULL, 0)))
		peak = size_max(peak, process_own_bytes(p) + p->heap.b.body->young.bytes);
	peak = size_max(peak, process_own_bytes(p) + p->heap.b.body->binary_bytes);
	stream_close(s);
	RECEIVE(p, m);
	PROGRAM_END(p);
}
static const struct step read_step = { "reader:run/1", read_text };

START_TEST(claim_38_stream_do_not_load)
{
	static const struct { uint64_t least, most; } rows[] = { [WHOLE] = { 2000000, 2100000 }, [SPLIT] = { 3000000, 8000000 },
		[LINES] = { 1, 700000 }, [BLOCKS] = { 1, 700000 } };
	run_step(w, &read_step, 1, (term[]) { INT(_i) });
	run_us(w, 10000000);
	ck_assert_uint_ge(peak, rows[_i].least);
	ck_assert_uint_le(peak, rows[_i].most);
}
END_TEST

static void store_config(struct process *p, term m)
{
	struct table_options o = { .access = TABLE_PUBLIC, .named = true, .read_concurrency = true };
	(void) m;
	term t = table_new(p, process_atom(p, "config"), &o);
	term list = list_of(p, 50000), box[] = { term_header(BOX_TUPLE, 2), ATOM(data), list };
	table_insert(p, t, term_from_box(box));
	for (intptr_t i = 0; i < 100; i++) {
		term row[] = { term_header(BOX_TUPLE, 2), INT(i), ATOM(ok) };
		table_insert(p, t, term_from_box(row));
	}
	persistent_put(p, ATOM(data), list_of(p, 50000));
}
static void look_up_whole(struct process *p, term m) { (void) m; slot_set(p, 0, table_lookup(p, process_atom(p, "config"), ATOM(data))); }
static void look_up_key(struct process *p, term m) { slot_set(p, 0, table_lookup(p, process_atom(p, "config"), m)); }
static void read_persistent(struct process *p, term m) { (void) m; slot_set(p, 0, persistent_get(p, ATOM(data))); }
static void replace_persistent(struct process *p, term m) { (void) m; persistent_put(p, ATOM(data), ATOM(ok)); }

START_TEST(claim_39_configuration_in_a_table_only_by_key)
{
	term owner = obedient(), whole = obedient(), key = obedient(), constant = obedient();
	tell(owner, store_config, ATOM(ok));
	tell(whole, look_up_whole, ATOM(ok));
	tell(key, look_up_key, INT(7));
	tell(constant, read_persistent, ATOM(ok));
	ck_assert_uint_ge(memory_of(whole), 8u * 100000);
	ck_assert_uint_eq(memory_of(key), 2640);
	ck_assert_uint_eq(memory_of(constant), 2640);
	/* Replacing it gives the old value to everyone that held it. */
	tell(owner, replace_persistent, ATOM(ok));
	ck_assert_uint_ge(memory_of(constant), 8u * 100000);
	tell(constant, forget, ATOM(ok));
	collect(constant);
	ck_assert_uint_eq(memory_of(constant), 2640);
}
END_TEST

static void grow(struct process *p, term m)
{
	for (intptr_t i = term_to_small(m); i > 0;) {
		struct builder *b = RESERVE(p, 200);
		for (int cells = 100; cells > 0; cells--, i--)
			slot_set(p, 0, build_cons(b, INT(i), slot_get(p, 0)));
	}
}
static void many_binaries(struct process *p, term m)
{
	for (intptr_t i = term_to_small(m); i > 0; i--) {
		term blob = blob_new(p, NULL, 100000, 1, NULL, 0);
		struct builder *b = RESERVE(p, 2, &blob);
		slot_set(p, 0, build_cons(b, blob, slot_get(p, 0)));
	}
}

static term limited(uint8_t flags, bool off_heap, bool trap, const struct step *step)
{
	struct spawn_options o = SPAWN_DEFAULT;
	o.heap.max_heap_words = 100000;
	o.heap.max_heap_flags = flags;
	o.off_heap_queue = off_heap;
	o.trap_exit = trap;
	return spawn_with(step, o);
}

static enum next watch_limited(struct process *p)
{
	term m;
	PROGRAM(p, 1);
	process_monitor(p, target);
	RECEIVE(p, m);
	char text[100];
	term_text(p->world->atoms, tuple_at(m, 4), text, sizeof text);
	trace("%s", text);
	PROGRAM_END(p);
}
static const struct step watch_step = { "watcher:run/0", watch_limited };

START_TEST(claim_40_max_heap_size_kills_and_is_partly_blind)
{
	enum { GROWS = 0, TRAPS, LIVES_ON, QUEUE_ON_HEAP, QUEUE_OFF_HEAP, BINARIES };
	static const bool dies[] = { [GROWS] = true, [TRAPS] = true, [LIVES_ON] = false, [QUEUE_ON_HEAP] = true, [QUEUE_OFF_HEAP] = false, [BINARIES] = false };
	bool queue = _i == QUEUE_ON_HEAP || _i == QUEUE_OFF_HEAP;
	target = limited(_i == LIVES_ON ? MAX_HEAP_LOG : MAX_HEAP_KILL | MAX_HEAP_LOG, _i == QUEUE_OFF_HEAP, _i == TRAPS, queue ? &sit_step : &obey_step);
	run_us(w, 1000);
	spawn_with(&watch_step, (struct spawn_options) SPAWN_DEFAULT);
	run_us(w, 1000);
	if (queue) {
		tell(obedient(), flood, INT(60000));
		collect(target);
	} else {
		tell(target, _i == BINARIES ? many_binaries : grow, INT(_i == BINARIES ? 100 : 200000));
	}
	ck_assert_int_eq(!world_is_alive(w, target), dies[_i]);
	ck_assert_str_eq(trace_text(), dies[_i] ? "killed" : "");
	if (_i == LIVES_ON)
		ck_assert_uint_gt(figures(target)->block, 400000);
	if (_i == QUEUE_OFF_HEAP)
		ck_assert_uint_gt(memory_of(target), 8 * 100000);
}
END_TEST

Suite *check_suite(void)
{
	Suite *s = suite_create("claims");
	TCase *tc = tcase_create("claims");
	tcase_set_tags(tc, "numbers");
	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, claim_10_fullsweep_after_is_a_spawn_option);
	tcase_add_test(tc, claim_11_garbage_collect_of_another_is_a_full_sweep);
	tcase_add_test(tc, claim_12_old_garbage_lingers_until_a_full_sweep);
	tcase_add_loop_test(tc, claim_13_binaries_up_to_64_bytes_lie_on_the_heap, 0, 4);
	tcase_add_test(tc, claim_14_small_binaries_are_copied_on_send_and_literals_are_not);
	tcase_add_test(tc, claim_15_a_hundred_bytes_are_counted_and_eleven_are_not);
	tcase_add_test(tc, claim_24_a_mailbox_bomb_costs_88_bytes_a_message_and_its_words);
	tcase_add_test(tc, claim_25_acknowledgement_bounds_the_mailbox);
	tcase_add_test(tc, claim_26_a_table_grows_and_no_collection_helps);
	tcase_add_test(tc, claim_27_a_tables_memory_leaves_out_counted_binaries);
	tcase_add_loop_test(tc, claim_28_a_message_is_one_copy_and_a_second_only_in_the_answer, 0, 2);
	tcase_add_test(tc, claim_36_hibernating_shrinks_below_the_minimum);
	tcase_add_loop_test(tc, claim_37_nobody_hibernates_who_does_not_ask_for_a_timeout, 0, 2);
	tcase_add_loop_test(tc, claim_38_stream_do_not_load, 0, 4);
	tcase_add_test(tc, claim_39_configuration_in_a_table_only_by_key);
	tcase_add_loop_test(tc, claim_40_max_heap_size_kills_and_is_partly_blind, 0, 6);
	suite_add_tcase(s, tc);
	return s;
}
