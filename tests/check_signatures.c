/*
 * check_signatures - the distilled figures of tests/beam/signatures.jsonl, measured on this runtime.
 *
 *   signatures.jsonl: id, value(s), kind, tolerance ──▶ row of the table below: measure(values) ──▶ held against each other
 *
 *   exact    the same, to the digits that were written down
 *   within   |here - there| <= tolerance * there; what the row scales is compared with the scaled value
 *   order    from a tenth to ten times; a figure that is back at its base (below 64 KiB there) is below 64 KiB here
 *   trend    the row says what must hold
 *
 * An id that is not here stands in docs/beam-parity.md with the reason; every_id_is_somewhere holds both to it.
 */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "demo/catalogue.h"
#include "runtime/memory/copy.h"
#include "runtime/memory/literal.h"
#include "runtime/process/bif.h"
#include "runtime/process/table.h"
#include "tests/demo_run.h"
#include "tests/suite.h"
#include "tests/trace.h"

#include "runtime/process/dictionary.h"
#include "runtime/process/life.h"
#include "runtime/process/scheduler.h"
#include "runtime/process/slot.h"

#define VALUES_MOST 6u
#define BASE_BYTES 65536.0

static struct world *w;
static void setup(void) { w = test_world(); }
static void teardown(void) { test_world_stop(w); }

/* ---- A process that does what a measurement tells it: slot 0 is what it keeps ------------------------------------------ */

static void (*act)(struct process *p, intptr_t n);

static enum next obey(struct process *p)
{
	term m;
	PROGRAM(p, 2);
	for (;;) {
		x_clear(p);
		RECEIVE(p, m);
		if (term_is_small(m))
			act(p, term_to_small(m));
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

static void tell(term to, void (*what)(struct process *p, intptr_t n), intptr_t n)
{
	act = what;
	world_send(w, to, term_from_small(n));
	run_us(w, 1000000);
}

static void collect(term pid)
{
	struct scheduler *s = scheduler_enter_outside(w);
	request_gc(s, pid, true, NULL);
	scheduler_leave_outside(s);
	run_us(w, 1000000);
}

static struct slot *slot_for(term pid) { return slot_at(w->slots, term_pid_index(pid)); }
static struct slot_memory *figures(term pid) { return slot_memory_at(w->slots, term_pid_index(pid)); }
static double memory_of(term pid)
{
	struct queue_length q = slot_queue(slot_for(pid));
	return (double) (slot_for(pid)->memory + q.messages * 88 + q.words * 8);
}
static double binary_bytes_now(void) { return (double) world_memory(w).binary; }

static term ints(struct process *p, size_t n)
{
	struct builder *b = RESERVE(p, 2 * n);
	term list = TERM_NIL;
	for (size_t i = n; i > 0; i--)
		list = build_cons(b, term_from_small((intptr_t) i), list);
	return list;
}
static void keep_binary(struct process *p, intptr_t n) { slot_set(p, 0, blob_new(p, NULL, (size_t) n, 7, NULL, 0)); }
static void forget(struct process *p, intptr_t n)
{
	(void) n;
	slot_set(p, 0, TERM_NIL);
	slot_set(p, 1, TERM_NIL);
}

/* ---- Facts ------------------------------------------------------------------------------------------------------------- */

static void words_of_binary(double *v, intptr_t bytes)
{
	term p = obedient();
	tell(p, keep_binary, bytes);
	collect(p);
	v[0] = figures(p)->used;
}
static void heap64(double *v) { words_of_binary(v, 64); }
static void refc65(double *v) { words_of_binary(v, 65); }
static void listed(double *v)
{
	for (int i = 0; i < 2; i++) {
		term p = obedient();
		tell(p, keep_binary, i ? 64 : 65);
		collect(p);
		v[i] = figures(p)->binary_refs;
	}
}

static double referenced;
static void cut(struct process *p, intptr_t bytes)
{
	slot_set(p, 0, blob_new(p, NULL, 1000000, 7, NULL, 0));
	referenced = (double) binary_referenced_bytes(blob_match(p, process_slot(p, 0), 500, (size_t) bytes, NULL, 0));
}
static void sub64(double *v) { tell(obedient(), cut, 64); v[0] = referenced; }
static void sub65(double *v) { tell(obedient(), cut, 65); v[0] = referenced; }

static struct process_info seen;
static void look(struct process *p, intptr_t n) { (void) n; process_info(p, &seen); }
static void fullsweep(double *v) { tell(obedient(), look, 0); v[0] = seen.options.fullsweep_after; }
static void min_heap(double *v) { tell(obedient(), look, 0); v[0] = seen.options.min_heap_words; }
static void min_vheap(double *v) { tell(obedient(), look, 0); v[0] = (double) seen.options.min_vheap_words; }
static void idle(double *v)
{
	term p = spawn_with(&sit_step, (struct spawn_options) SPAWN_DEFAULT);
	v[0] = memory_of(p);
}

/* [1 .. 10, {a, <<28 bytes>>, #{k => [1, 2, 3]}}]: 44 words. */
static term target;
static void send_fact(struct process *p, intptr_t is_literal)
{
	term a = process_atom(p, "a"), bin = blob_new(p, NULL, 28, 'x', NULL, 0), three = TERM_NIL, list = TERM_NIL;
	struct builder *b = RESERVE(p, 6 + 6 + 4 + 22, &bin);
	for (int i = 3; i > 0; i--)
		three = build_cons(b, term_from_small(i), three);
	term map = map_from_pairs(p->world->atoms, &b->top, (term[]) { a, three }, 1);
	list = build_cons(b, build_tuple3(b, a, bin, map), TERM_NIL);
	for (int i = 10; i > 0; i--)
		list = build_cons(b, term_from_small(i), list);
	if (is_literal)
		list = literal_make(p->world->literals, p->world, p->scheduler->lane, list);
	process_send(p, target, list);
}
static void literal_words(double *v)
{
	for (int i = 0; i < 2; i++) {
		target = spawn_with(&sit_step, (struct spawn_options) SPAWN_DEFAULT);
		run_us(w, 1000);
		double before = figures(target)->used;
		tell(obedient(), send_fact, i == 0);
		v[i] = figures(target)->used - before + (double) slot_queue(slot_for(target)).words;
	}
}

/* A full sweep is charged by what lives: ten times the tuples. */
static double sweep_cost;
static void cost_of_sweep(struct process *p, intptr_t n)
{
	struct process_info before, after;
	slot_set(p, 0, ints(p, (size_t) n));
	process_collect(p, true, 0, NULL, 0);
	process_info(p, &before);
	process_collect(p, true, 0, NULL, 0);
	process_info(p, &after);
	sweep_cost = (double) (after.reductions - before.reductions);
}
static void sweep_is_linear(double *v)
{
	tell(obedient(), cost_of_sweep, 5000);
	double small = sweep_cost;
	tell(obedient(), cost_of_sweep, 50000);
	v[0] = sweep_cost / small;
}

/* ---- Binaries and what holds them ------------------------------------------------------------------------------------ */

static intptr_t piece;
static bool copies;
/* A body arrives; a piece of it is kept. */
static void keep_piece(struct process *p, intptr_t bodies)
{
	while (bodies-- > 0) {
		term body = blob_new(p, NULL, 1000000, 7, NULL, 0);
		term part = blob_match(p, &body, 500, (size_t) piece, NULL, 0);
		if (copies)
			part = blob_copy(p, part);
		struct builder *b = RESERVE(p, 2, &part);
		slot_set(p, 0, build_cons(b, part, slot_get(p, 0)));
	}
}
static void copy_all(struct process *p, intptr_t n)
{
	slot_set(p, 1, TERM_NIL);
	for (; n > 0; n--) {
		term part = blob_copy(p, list_head(slot_get(p, 0)));
		struct builder *b = RESERVE(p, 2, &part);
		slot_set(p, 1, build_cons(b, part, slot_get(p, 1)));
		slot_set(p, 0, list_tail(slot_get(p, 0)));
	}
	slot_set(p, 0, slot_get(p, 1));
	slot_set(p, 1, TERM_NIL);
}
#define BODIES 20                       /* of the 200 that were recorded */
static term headers_kept(intptr_t bytes, bool copy)
{
	term p = obedient();
	piece = bytes;
	copies = copy;
	tell(p, keep_piece, BODIES);
	collect(p);
	return p;
}
static void ref100(double *v) { headers_kept(100, false); v[0] = binary_bytes_now(); }
static void copy100(double *v) { headers_kept(100, true); v[0] = binary_bytes_now(); }
static void ref20(double *v) { headers_kept(20, false); v[0] = binary_bytes_now(); }
static void ref64(double *v) { headers_kept(64, false); v[0] = binary_bytes_now(); }
static void ref65(double *v) { headers_kept(65, false); v[0] = binary_bytes_now(); }
static void fixed_pieces(double *v)
{
	term p = headers_kept(100, false);
	tell(p, copy_all, BODIES);
	collect(p);
	v[0] = binary_bytes_now();
}

static void keep_middle(struct process *p, intptr_t bytes)
{
	term body = blob_new(p, NULL, (size_t) bytes, 1, NULL, 0);
	slot_set(p, 0, blob_match(p, &body, (size_t) bytes / 2, 100, NULL, 0));
}
static void copy_kept(struct process *p, intptr_t n) { (void) n; slot_set(p, 0, blob_copy(p, slot_get(p, 0))); }
static void fifty(double *v)
{
	term p = obedient();
	tell(p, keep_middle, 50000000);
	collect(p);
	v[0] = binary_bytes_now();
	v[1] = memory_of(p);
}
static void fifty_fixed(double *v)
{
	term p = obedient();
	tell(p, keep_middle, 50000000);
	tell(p, copy_kept, 0);
	collect(p);
	v[0] = binary_bytes_now();
}

/* Forwards what comes; its slots hold nothing. */
static double peak;
static enum next route(struct process *p)
{
	term m;
	PROGRAM(p, 0);
	for (;;) {
		RECEIVE(p, m);
		process_send(p, target, m);
	}
	PROGRAM_END(p);
}
static const struct step route_step = { "router:loop/0", route };
static enum next swallow(struct process *p)
{
	term m;
	PROGRAM(p, 0);
	for (;;) {
		RECEIVE(p, m);
		(void) m;
		process_collect(p, true, 2, NULL, 0);
	}
	PROGRAM_END(p);
}
static const struct step swallow_step = { "sink:loop/0", swallow };

static term router;
static void send_packet(struct process *p, intptr_t bytes)
{
	term packet = blob_new(p, NULL, (size_t) bytes, 1, NULL, 0);
	process_send(p, router, packet);
	process_collect(p, true, 2, NULL, 0);
}
static void start_router(void)
{
	target = spawn_with(&swallow_step, (struct spawn_options) SPAWN_DEFAULT);
	router = spawn_with(&route_step, (struct spawn_options) SPAWN_DEFAULT);
}
static void route_packets(int n, intptr_t bytes)
{
	term from = obedient();
	for (; n > 0; n--) {
		act = send_packet;
		world_send(w, from, term_from_small(bytes));
		run_us(w, 10000);
		peak = fmax(peak, binary_bytes_now());
	}
}
static void router_peak(double *v)
{
	peak = 0;
	start_router();
	route_packets(400, 10000);
	v[0] = peak;
}
static void router_idle(double *v)
{
	start_router();
	route_packets(30, 1000000);
	v[0] = binary_bytes_now();
	run_us(w, 5000000);
	v[1] = binary_bytes_now();
	collect(router);
	v[2] = binary_bytes_now();
}

#define CONNECTIONS 100                 /* of the 1000 that were recorded */
static void forward_through(double *v)
{
	term all[CONNECTIONS], from = obedient();
	double largest = 0;
	target = spawn_with(&swallow_step, (struct spawn_options) SPAWN_DEFAULT);
	for (int i = 0; i < CONNECTIONS; i++)
		all[i] = spawn_with(&route_step, (struct spawn_options) SPAWN_DEFAULT);
	for (int i = 0; i < 5 * CONNECTIONS; i++) {
		router = all[i % CONNECTIONS];
		act = send_packet;
		world_send(w, from, term_from_small(64000));
		run_us(w, 1000);
	}
	run_us(w, 100000);
	v[0] = binary_bytes_now();
	for (int i = 0; i < CONNECTIONS; i++)
		largest = fmax(largest, memory_of(all[i]));
	v[1] = largest / 10;                    /* of one of them: undoes the row's scale */
	for (int i = 0; i < CONNECTIONS; i++)
		collect(all[i]);
	v[2] = binary_bytes_now();
}

/* 2 MB of 20,000 pieces: what is held in the end. */
static void append_pieces(struct process *p, intptr_t n)
{
	uint8_t data[100] = { 0 };
	slot_set(p, 0, blob_new(p, NULL, 0, 0, NULL, 0));
	for (; n > 0; n--) {
		term t = slot_get(p, 0);
		slot_set(p, 0, blob_append(p, &t, data, sizeof data, NULL, 0));
	}
}
static void appended(double *v)
{
	term p = obedient();
	tell(p, append_pieces, 20000);
	v[0] = binary_bytes_now();
}

/* ---- Mailboxes --------------------------------------------------------------------------------------------------------- */

#define FLOOD 847293
/* {job, I, [I, I]}: 8 words. */
static void flood(struct process *p, intptr_t n)
{
	for (intptr_t i = n; i > 0; i--) {
		term cells[] = { term_from_small(i), TERM_NIL, term_from_small(i), TERM_NIL };
		cells[1] = term_from_cons(&cells[2]);
		term box[] = { term_header(BOX_TUPLE, 3), ATOM(m), term_from_small(i), term_from_cons(cells) };
		process_send(p, target, term_from_box(box));
	}
}
static term flooded(bool off_heap, intptr_t n)
{
	struct spawn_options o = SPAWN_DEFAULT;
	o.off_heap_queue = off_heap;
	target = spawn_with(&sit_step, o);
	run_us(w, 1000);
	tell(obedient(), flood, n);
	return target;
}
static void bytes_a_message(double *v)
{
	term p = flooded(true, FLOOD);
	v[0] = memory_of(p) / FLOOD;
}
static void collect_flooded(double *v, bool off_heap)
{
	term p = flooded(off_heap, FLOOD);
	v[0] = memory_of(p);
	collect(p);
	v[1] = memory_of(p);
}
static void gc_on_heap(double *v) { collect_flooded(v, false); }
static void gc_off_heap(double *v) { collect_flooded(v, true); }

/* Calls by a plain id pass every message over; what that is charged, above the charge with an empty queue. */
static bool is_answer(struct process *p, term t) { (void) p; return term_is(t, ATOM(ok)); }
static double spent;
static enum next select_one(struct process *p)
{
	term m;
	struct process_info i;
	PROGRAM(p, 1);
	RECEIVE_MATCH(p, m, is_answer);
	process_info(p, &i);
	spent = (double) i.reductions;
	RECEIVE_MATCH(p, m, is_answer);
	process_info(p, &i);
	spent = (double) i.reductions - spent;
	(void) m;
	PROGRAM_END(p);
}
static const struct step select_step = { "selective:loop/0", select_one };
static void selective_reductions(double *v)
{
	static const intptr_t queued[] = { 0, 1000, 10000, 100000, 800000 };
	for (size_t i = 0; i < ARRAY_COUNT(queued); i++) {
		target = spawn_with(&select_step, (struct spawn_options) SPAWN_DEFAULT);
		world_send(w, target, ATOM(ok));
		run_us(w, 1000);
		struct scheduler *s = scheduler_enter_outside(w);
		request_plain(s, target, SIGNAL_SUSPEND);
		scheduler_leave_outside(s);
		tell(obedient(), flood, queued[i]);
		world_send(w, target, ATOM(ok));
		s = scheduler_enter_outside(w);
		request_plain(s, target, SIGNAL_RESUME);
		scheduler_leave_outside(s);
		run_us(w, 10000000);
		v[i] = spent + (i ? 14 - v[0] : 0);     /* the call itself is the BEAM's 14 */
	}
	v[0] = 14;
}

/* ---- Tables ------------------------------------------------------------------------------------------------------------ */

static struct table_options table_options;
static void own_table(struct process *p, intptr_t n)
{
	(void) n;
	table_options.access = TABLE_PUBLIC;
	table_options.named = true;
	table_new(p, process_atom(p, "events"), &table_options);
}
static void fill_pairs(struct process *p, intptr_t n)
{
	for (intptr_t i = n; i > 0; i--) {
		term box[] = { term_header(BOX_TUPLE, 2), term_from_small(i), term_from_small(i) };
		table_insert(p, process_atom(p, "events"), term_from_box(box));
	}
}
static void fill_binaries(struct process *p, intptr_t n)
{
	for (intptr_t i = n; i > 0; i--) {
		term blob = blob_new(p, NULL, 100000, 1, NULL, 0);
		term box[] = { term_header(BOX_TUPLE, 2), term_from_small(i), blob };
		table_insert(p, process_atom(p, "events"), term_from_box(box));
	}
}
/* {{R, I}, Milliseconds, <<27 bytes>>}: an event of the recorded library. */
static void fill_events(struct process *p, intptr_t n)
{
	term name = process_atom(p, "events");
	for (intptr_t i = n; i > 0; i--) {
		term bin = blob_new(p, NULL, 27, 'x', NULL, 0);
		term key[] = { term_header(BOX_TUPLE, 2), term_from_small(1), term_from_small(i) };
		term box[] = { term_header(BOX_TUPLE, 3), term_from_box(key), term_from_small(-576460751), bin };
		table_insert(p, name, term_from_box(box));
	}
}
static double table_bytes(void)
{
	struct table_info i;
	return table_info(w, atom_find(w->atoms, "events", 6), &i) ? (double) i.memory_words * 8 : 0;
}
static term owner_of(enum table_type type)
{
	term p = obedient();
	table_options = (struct table_options) { .type = type };
	tell(p, own_table, 0);
	return p;
}
static void bytes_an_entry(double *v)
{
	tell(owner_of(TABLE_ORDERED_SET), fill_events, 100000);
	v[0] = table_bytes() / 100000;
}
static void table_and_gc(double *v)
{
	term p = owner_of(TABLE_ORDERED_SET);
	tell(p, fill_events, 20000);
	double before = (double) world_memory(w).ets;
	collect(p);
	v[0] = 76000304;
	v[1] = 76000304 + (double) world_memory(w).ets - before;
}
static void bytes_a_pair(double *v)
{
	static const enum table_type types[] = { TABLE_SET, TABLE_ORDERED_SET };
	for (int i = 0; i < 2; i++) {
		term p = owner_of(types[i]);
		tell(p, fill_pairs, 200000);
		v[i] = table_bytes() / 200000;
		struct scheduler *s = scheduler_enter_outside(w);
		request_exit(s, p, ATOM(kill));
		scheduler_leave_outside(s);
		run_us(w, 1000000);
	}
}
static void refc_rows(double *v)
{
	term p = owner_of(TABLE_SET);
	double ets = (double) world_memory(w).ets;
	tell(p, fill_binaries, 1000);
	collect(p);
	v[0] = (double) world_memory(w).ets - ets;
	v[1] = binary_bytes_now();
}
static void owner_dies(double *v)
{
	double ets = (double) world_memory(w).ets;
	term p = owner_of(TABLE_SET);
	tell(p, fill_pairs, 50000);
	struct scheduler *s = scheduler_enter_outside(w);
	request_exit(s, p, ATOM(kill));
	scheduler_leave_outside(s);
	run_us(w, 1000000);
	v[0] = (double) world_memory(w).ets - ets;
}

/* ---- Copies ------------------------------------------------------------------------------------------------------------ */

static void send_ints(struct process *p, intptr_t n)
{
	term list = ints(p, (size_t) n);
	process_send(p, target, list);
}
static void ignore(struct process *p, intptr_t n) { (void) p; (void) n; }
/* A reply of 48 MB that nobody keeps: it stays until the next collection. */
static void discarded_reply(double *v)
{
	term from = obedient();
	target = obedient();
	run_us(w, 1000);
	tell(from, send_ints, 3000000);
	v[0] = memory_of(target);
	act = ignore;
	collect(target);
	v[1] = memory_of(target);
}

/* ---- Generations, processes, monitors, dictionary ----------------------------------------------------------------------- */

/* Pairs of a state that grew old and is dropped; then only small messages come, each answered with a short list. */
static void load_some(struct process *p, intptr_t n)
{
	for (intptr_t i = 0; i < n; i++) {
		struct builder *b = RESERVE(p, 5);
		term pair = build_tuple2(b, term_from_small(i), term_from_small(i));
		slot_set(p, 0, build_cons(b, pair, slot_get(p, 0)));
	}
}
static void one_minor(struct process *p, intptr_t n)
{
	(void) n;
	process_collect(p, false, 2, NULL, 0);
}
static void load_state(term p)
{
	act = load_some;
	for (int i = 0; i < 1000; i++)
		world_send(w, p, term_from_small(500));
	run_us(w, 10000000);
	tell(p, one_minor, 0);                  /* the second: a long one ended the load */
}
/* Each message makes so many short lists. */
static void short_lists(struct process *p, intptr_t n)
{
	for (; n > 0; n--)
		ints(p, 5);
}
static void small_messages(term p, unsigned n)
{
	act = short_lists;
	for (; n > 0; n--)
		world_send(w, p, term_from_small(500));
	run_us(w, 10000000);
}
static void old_garbage(double *v)
{
	term p = obedient();
	load_state(p);
	tell(p, forget, 0);
	small_messages(p, 1000);
	v[0] = memory_of(p);
	uint32_t minors = figures(p)->minor_total, majors = figures(p)->major_total;
	small_messages(p, 3000);
	/* How often depends on what a message is; that none is a full sweep does not. */
	v[1] = figures(p)->minor_total > minors ? 120 : 0;
	v[2] = figures(p)->major_total - majors;
}

#define CROWD 10000
static double each_of(const struct step *step, bool collected)
{
	static term all[CROWD];
	double before = (double) world_memory(w).processes;
	for (int i = 0; i < CROWD; i++)
		all[i] = spawn_with(step, (struct spawn_options) SPAWN_DEFAULT);
	run_us(w, 10000);
	for (int i = 0; collected && i < CROWD; i++) {
		struct scheduler *s = scheduler_enter_outside(w);
		request_gc(s, all[i], true, NULL);
		scheduler_leave_outside(s);
	}
	run_us(w, 1000000);
	return ((double) world_memory(w).processes - before) / CROWD;
}
static void leaked_processes(double *v)
{
	v[0] = each_of(&sit_step, false);
	v[1] = each_of(&sit_step, true);
}

static void watch_target(struct process *p, intptr_t n)
{
	for (; n > 0; n--)
		process_monitor(p, target);
}
static void monitors(double *v)
{
	term watcher = obedient();
	target = obedient();
	run_us(w, 1000);
	collect(watcher);
	double own = memory_of(watcher), theirs = memory_of(target);
	tell(watcher, watch_target, 1000);
	collect(watcher);
	collect(target);
	v[0] = (memory_of(watcher) - own) / 1000;
	v[1] = (memory_of(target) - theirs) / 1000;
}

/* {m, {1, I}} -> {m, {1, I}, [{1, I}, {1, I}]} */
static void put_many(struct process *p, intptr_t n)
{
	for (intptr_t i = 1; i <= n; i++) {
		struct builder *b = RESERVE(p, 3 + 3 + 4 + 4);
		term id = build_tuple2(b, term_from_small(1), term_from_small(i));
		term key = build_tuple2(b, ATOM(m), id);
		term value = build_tuple3(b, ATOM(m), id, build_cons(b, id, build_cons(b, id, TERM_NIL)));
		process_put(p, key, value);
	}
}
/* All keys as a list, then each erased. */
static void erase_many(struct process *p, intptr_t n)
{
	struct builder *b = RESERVE(p, 2 * (size_t) n);
	struct dictionary_walk walk = { .rest = TERM_NIL };
	term keys = TERM_NIL;
	for (term pair; !term_is_none(pair = dictionary_next(p->heap.b.body->dictionary, &walk));)
		keys = build_cons(b, tuple_at(pair, 0), keys);
	slot_set(p, 0, keys);
	while (term_is_cons(slot_get(p, 0))) {
		term key = list_head(slot_get(p, 0));
		slot_set(p, 0, list_tail(slot_get(p, 0)));
		process_erase(p, key);
	}
}
static void dictionary_shrinks(double *v)
{
	term p = obedient();
	tell(p, put_many, 100000);
	collect(p);
	double full = memory_of(p);
	tell(p, erase_many, 100000);
	double erased = memory_of(p);
	collect(p);
	v[0] = full;
	v[1] = erased;
	v[2] = memory_of(p);
}

/* ---- What belongs to no process --------------------------------------------------------------------------------------------- */

static void make_timers(struct process *p, intptr_t n)
{
	for (; n > 0; n--) {
		term cells[] = { term_from_small(n), TERM_NIL, term_from_small(n), TERM_NIL };
		cells[1] = term_from_cons(&cells[2]);
		term box[] = { term_header(BOX_TUPLE, 3), ATOM(timeout), term_from_small(n), term_from_cons(cells) };
		process_send_after(p, UINT64_C(3600000000), target, term_from_box(box));
	}
}
static void dark_timers(double *v)
{
	target = spawn_with(&sit_step, (struct spawn_options) SPAWN_DEFAULT);
	term from = obedient();
	run_us(w, 1000);
	collect(from);
	double before = (double) world_memory(w).processes, rows_before = memory_of(target) + memory_of(from);
	tell(from, make_timers, 300000);
	collect(from);
	v[0] = (double) world_memory(w).processes - before;
	ck_assert(memory_of(target) + memory_of(from) == rows_before);          /* in no row */
}

/* Emptied by one that keeps nothing. */
static enum next drain(struct process *p)
{
	term m;
	if (p->flags & PROCESS_SUSPENDED || !process_receive(p, &m))
		return STEP_WAIT;
	return process_charge(p, 1) ? STEP_YIELD : STEP_NEXT;
}
static const struct step drain_step = { "worker:loop/0", drain };
static void drained(double *v)
{
	target = spawn_with(&drain_step, (struct spawn_options) SPAWN_DEFAULT);
	struct scheduler *s = scheduler_enter_outside(w);
	request_plain(s, target, SIGNAL_SUSPEND);
	scheduler_leave_outside(s);
	tell(obedient(), flood, FLOOD);
	s = scheduler_enter_outside(w);
	request_plain(s, target, SIGNAL_RESUME);
	scheduler_leave_outside(s);
	run_us(w, 10000000);
	v[0] = memory_of(target);
	collect(target);
	v[1] = memory_of(target);
}

static void prepend_pieces(struct process *p, intptr_t n)
{
	uint8_t data[100] = { 0 };
	slot_set(p, 0, blob_new(p, NULL, 0, 0, NULL, 0));
	for (; n > 0; n--) {
		term t = slot_get(p, 0);
		slot_set(p, 0, blob_prepend(p, &t, data, sizeof data, NULL, 0));
	}
}
/* A tenth of the pieces: each copies all that there is. What is held: the whole, and the one before. */
static void prepended(double *v)
{
	tell(obedient(), prepend_pieces, 2000);
	v[0] = binary_bytes_now();
}

/* ---- max_heap_size ------------------------------------------------------------------------------------------------------- */

static double largest;
static void grow(struct process *p, intptr_t n)
{
	while (n-- > 0) {
		struct builder *b = RESERVE(p, 2);
		slot_set(p, 0, build_cons(b, term_from_small(n), slot_get(p, 0)));
		if (n % 1000 == 0) {
			process_info(p, &seen);
			largest = fmax(largest, (double) seen.total_heap_words);
		}
	}
}
static void grow_under_limit(double *v, uint8_t flags)
{
	struct spawn_options o = SPAWN_DEFAULT;
	o.heap.max_heap_words = 1000000;
	o.heap.max_heap_flags = flags;
	term p = spawn_with(&obey_step, o);
	largest = 0;
	tell(p, grow, 2000000);
	v[0] = world_is_alive(w, p);
	v[1] = largest;
}
/* A queue of 100,000 messages, then a collection: counted on heap, not off heap; nor are binaries. */
static void queue_under_limit(double *v, bool off_heap)
{
	struct spawn_options o = SPAWN_DEFAULT;
	o.heap.max_heap_words = 100000;
	o.off_heap_queue = off_heap;
	target = spawn_with(&sit_step, o);
	run_us(w, 1000);
	tell(obedient(), flood, 100000);
	collect(target);
	v[0] = world_is_alive(w, target);
}
static void queue_on_heap(double *v) { queue_under_limit(v, false); }
static void queue_off_heap(double *v) { queue_under_limit(v, true); }
static void many_binaries(struct process *p, intptr_t n)
{
	for (; n > 0; n--) {
		term blob = blob_new(p, NULL, 1000000, 1, NULL, 0);
		struct builder *b = RESERVE(p, 2, &blob);
		slot_set(p, 0, build_cons(b, blob, slot_get(p, 0)));
	}
}
static void binaries_under_limit(double *v)
{
	struct spawn_options o = SPAWN_DEFAULT;
	o.heap.max_heap_words = 100000;
	term p = spawn_with(&obey_step, o);
	tell(p, many_binaries, 100);
	collect(p);
	v[0] = world_is_alive(w, p);
	ck_assert(binary_bytes_now() > 100000000);
}
static void killed_at_a_million(double *v) { grow_under_limit(v, MAX_HEAP_KILL | MAX_HEAP_LOG); }
static void reported_only(double *v) { grow_under_limit(v, MAX_HEAP_LOG); }

/* ---- Demos ---------------------------------------------------------------------------------------------------------------- */

/* A demo with up to three knobs; what it holds once it is read. */
struct trial {
	const char *demo;
	const char *keys[4];
	int64_t values[4];
	unsigned seconds;
};

/* A full sweep of every process; the sample after it shows what is left. */
static void sweep_all(struct demo_run *r)
{
	demo_run_collect_one(r, 0);
	demo_run_for(r, 1);
}

static struct demo_run *begin(const struct trial *t)
{
	size_t n = 0;
	while (n < ARRAY_COUNT(t->keys) && t->keys[n])
		n++;
	struct demo_run *r = demo_run_start(demo_find(t->demo), &(struct demo_run_options) { .seed = suite_seed(), .keys = t->keys,
		.values = t->values, .count = n, .max_memory = UINT64_C(2) << 30 });
	demo_run_for(r, t->seconds);
	return r;
}

/* The bomb of two seconds and its cures: queue and worker's memory at the end. A producer ten times faster than its worker. */
static void mailbag(double *v, int64_t fix)
{
	struct demo_run *r = begin(&(struct trial) { "mailbag", { "rate", "work", "ceiling", "fix" }, { 250000, 20, 1 << 30, fix }, 2 });
	struct snap_process row;
	ck_assert(demo_run_process(r, "writer", &row));
	v[0] = (double) row.message_queue_len;
	v[1] = (double) row.memory;
	demo_run_end(r);
}
enum { FIX_OFF, FIX_DEMAND, FIX_ACK, FIX_WINDOW, FIX_SHED };
static void bomb(double *v) { mailbag(v, FIX_OFF); }
static void bomb_demand(double *v) { mailbag(v, FIX_DEMAND); }
static void bomb_ack(double *v) { mailbag(v, FIX_ACK); }
static void bomb_window(double *v) { mailbag(v, FIX_WINDOW); }
static void bomb_shed(double *v) { mailbag(v, FIX_SHED); }

/* Processes: what 100 workers of the 500 that were recorded hold. */
static void config(double *v, int64_t way)
{
	struct demo_run *r = begin(&(struct trial) { "leaflets", { "workers", "ceiling", "way" }, { 10, 1 << 30, way }, 4 });
	double base = (double) r->now->system.processes;
	demo_run_end(r);
	r = begin(&(struct trial) { "leaflets", { "workers", "ceiling", "way" }, { 110, 1 << 30, way }, 4 });
	v[0] = (double) r->now->system.processes - base;
	demo_run_end(r);
}
static void config_pushed(double *v) { config(v, 0); }

static void crash_report(double *v)
{
	struct demo_run *r = begin(&(struct trial) { "crash_pin", { NULL }, { 0 }, 5 });
	v[0] = (double) r->now->system.binary;
	sweep_all(r);
	v[1] = (double) r->now->system.binary;
	demo_run_end(r);
}

/* The whole window at the end of the burst, before anything is collected, and when all is. */
static void proxy_burst(double *v)
{
	struct demo_run *r = begin(&(struct trial) { "proxy", { "drop" }, { 5 }, 8 });
	v[0] = (double) r->now->system.binary;
	demo_run_set(r, "rate", 1);
	sweep_all(r);
	v[1] = (double) r->now->system.binary;
	demo_run_end(r);
}

/* ---- The table -------------------------------------------------------------------------------------------------------------- */

struct row {
	const char *id;
	void (*measure)(double *v);
	double scale;           /* what was measured is so much of what was recorded: 0 = 1 */
	unsigned first;         /* which recorded values are meant: from this one on, `count` of them (0: all) */
	unsigned count;
};

static const struct row rows[] = {
	{ "bin.heap64.words", heap64, 0, 0, 0 }, { "bin.refc65.words", refc65, 0, 0, 0 }, { "bin.refc65.listed", listed, 0, 0, 0 },
	{ "sub.64.referenced", sub64, 0, 0, 0 }, { "sub.65.referenced", sub65, 0, 0, 0 },
	{ "gc.fullsweep_after", fullsweep, 0, 0, 0 }, { "gc.min_heap", min_heap, 0, 0, 0 }, { "gc.min_bin_vheap", min_vheap, 0, 0, 0 },
	{ "proc.idle.memory", idle, 0, 0, 0 }, { "send.literal.words", literal_words, 0, 0, 0 },
	{ "gc.pause.linear", sweep_is_linear, 0, 0, 0 },
	{ "leak.sub.ref100.after_gc", ref100, 0.1, 0, 0 }, { "leak.sub.copy100.after_gc", copy100, 0.1, 0, 0 },
	{ "leak.sub.ref20.after_gc", ref20, 0.1, 0, 0 }, { "leak.sub.ref64.after_gc", ref64, 0.1, 0, 0 },
	{ "leak.sub.ref65.after_gc", ref65, 0.1, 0, 0 }, { "leak.sub.fix.after_gc", fixed_pieces, 0.1, 0, 0 },
	{ "leak.50mb", fifty, 0, 0, 0 }, { "leak.50mb.fix", fifty_fixed, 0, 0, 0 },
	{ "router.peak.10KB", router_peak, 0, 0, 0 }, { "router.1000conns", forward_through, 0.1, 0, 0 }, { "router.idle", router_idle, 0, 0, 0 },
	{ "mailbox.bytes_per_msg", bytes_a_message, 0, 0, 0 }, { "mailbox.gc.on_heap", gc_on_heap, 0, 0, 0 },
	{ "mailbox.gc.off_heap", gc_off_heap, 0, 0, 0 }, { "mailbox.live_bomb", bomb, 0, 0, 0 },
	{ "mailbox.live_fix_ack", bomb_ack, 0, 0, 0 }, { "mailbox.live_fix_window100", bomb_window, 0, 0, 0 },
	{ "mailbox.live_fix_demand50", bomb_demand, 0, 0, 0 }, { "mailbox.live_fix_shed1000", bomb_shed, 0, 0, 1 },
	{ "selective.reds", selective_reductions, 0, 0, 0 }, { "mailbox.drained", drained, 0, 0, 0 },
	{ "leak.crash_report", crash_report, 0, 0, 0 }, { "proxy.after_burst", proxy_burst, 0, 0, 0 },
	{ "config.pushed", config_pushed, 0.2, 0, 1 }, { "timer.dark", dark_timers, 0, 0, 1 }, { "binary.prepend", prepended, 0.1, 1, 1 },
	{ "max_heap.mailbox_on_heap", queue_on_heap, 0, 0, 1 }, { "max_heap.mailbox_off_heap", queue_off_heap, 0, 0, 1 },
	{ "max_heap.binaries_100MB", binaries_under_limit, 0, 0, 1 },
	{ "ets.bytes_per_entry", bytes_an_entry, 0, 0, 0 }, { "ets.gc", table_and_gc, 0, 0, 0 }, { "ets.pair", bytes_a_pair, 0, 0, 0 },
	{ "ets.refc", refc_rows, 0, 0, 0 }, { "ets.owner_dies", owner_dies, 0, 0, 0 },
	{ "copy.discarded_reply", discarded_reply, 0, 0, 0 },
	{ "old.default", old_garbage, 0, 0, 0 },
	{ "proc.leak.each", leaked_processes, 0, 0, 0 }, { "monitor.each", monitors, 0, 0, 0 }, { "pdict", dictionary_shrinks, 0, 0, 0 },
	{ "binary.append", appended, 0, 1, 1 },
	{ "max_heap.kill_1MW", killed_at_a_million, 0, 0, 0 }, { "max_heap.report_only", reported_only, 0, 0, 0 },
};

/* ---- The judge -------------------------------------------------------------------------------------------------------------- */

static json_t *signature_of(const char *id)
{
	char path[4096], line[4096];
	snprintf(path, sizeof path, "%s/tests/beam/signatures.jsonl", getenv("ACTOP_SRCDIR") ? getenv("ACTOP_SRCDIR") : ".");
	FILE *f = fopen(path, "r");
	json_t *found = NULL;
	ck_assert_msg(f != NULL, "no %s", path);
	while (!found && fgets(line, sizeof line, f)) {
		json_t *s = json_loads(line, 0, NULL);
		if (strcmp(json_string_value(json_object_get(s, "id")), id) == 0)
			found = s;
		else
			json_decref(s);
	}
	fclose(f);
	return found;
}

static const json_t *value_at(const json_t *s, size_t i)
{
	const json_t *v = json_object_get(s, "value");
	return json_is_array(v) ? json_array_get(v, i) : i == 0 ? v : NULL;
}

/* Text says how a process ended: alive here is 1, ":killed" there is 0. */
static double recorded(const json_t *v)
{
	return json_is_string(v) ? strcmp(json_string_value(v), ":killed") != 0 : json_number_value(v);
}

static bool holds(const char *kind, double there, double here, double tolerance)
{
	if (strcmp(kind, "exact") == 0)
		return fabs(here - there) <= (there == floor(there) ? 0 : 0.01);
	if (fabs(there) < BASE_BYTES && strcmp(kind, "order") == 0)
		return fabs(here) < BASE_BYTES;
	if (strcmp(kind, "within") == 0)
		return fabs(here - there) <= tolerance * fabs(there) || (fabs(there) < BASE_BYTES && there < 0 && fabs(here) < BASE_BYTES);
	return here >= there / 10 && here <= there * 10;
}

START_TEST(signature)
{
	const struct row *row = &rows[_i];
	double here[VALUES_MOST] = { 0 };
	json_t *s = signature_of(row->id);
	ck_assert_msg(s != NULL, "%s is no signature", row->id);
	const char *kind = json_string_value(json_object_get(s, "kind"));
	double tolerance = json_number_value(json_object_get(s, "tol"));
	row->measure(here);
	for (unsigned i = 0; value_at(s, row->first + i) && (row->count == 0 || i < row->count); i++) {
		double there = recorded(value_at(s, row->first + i)) * (row->scale > 0 ? row->scale : 1);
		ck_assert_msg(holds(kind, there, here[i], tolerance), "%s [%u]: the BEAM %.3f, here %.3f (%s %.2f)", row->id, row->first + i, there, here[i],
			kind, tolerance);
	}
	json_decref(s);
}
END_TEST

/* A signature is measured here, or docs/beam-parity.md has its id at the start of a table's line. */
static bool is_measured(const char *id)
{
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
		if (strcmp(rows[i].id, id) == 0)
			return true;
	return false;
}

static bool is_explained(const char *id)
{
	char path[4096], line[4096], start[128];
	snprintf(path, sizeof path, "%s/docs/beam-parity.md", getenv("ACTOP_SRCDIR") ? getenv("ACTOP_SRCDIR") : ".");
	snprintf(start, sizeof start, "| %s |", id);
	FILE *f = fopen(path, "r");
	bool found = false;
	while (f && !found && fgets(line, sizeof line, f))
		found = strncmp(line, start, strlen(start)) == 0;
	if (f)
		fclose(f);
	return found;
}

START_TEST(every_id_is_somewhere)
{
	char path[4096], line[4096];
	unsigned count = 0;
	snprintf(path, sizeof path, "%s/tests/beam/signatures.jsonl", getenv("ACTOP_SRCDIR") ? getenv("ACTOP_SRCDIR") : ".");
	FILE *f = fopen(path, "r");
	ck_assert_msg(f != NULL, "no %s", path);
	while (fgets(line, sizeof line, f)) {
		json_t *s = json_loads(line, 0, NULL);
		const char *id = json_string_value(json_object_get(s, "id"));
		ck_assert_msg(is_measured(id) != is_explained(id), "%s is %s", id, is_measured(id) ? "measured and explained away" : "neither measured nor explained");
		count++;
		json_decref(s);
	}
	fclose(f);
	ck_assert_uint_eq(count, 98);
	ck_assert(!is_explained("no.such.id") && !is_measured("no.such.id"));
}
END_TEST

/*
 * Thousands of fragments, through all of which the verifier looks for each pointer, or a large heap swept thousands of times:
 * minutes of verifying what the same collections prove elsewhere on small heaps.
 */
static bool is_too_long(const struct row *row)
{
	static void (*const large[])(double *v) = { old_garbage, dictionary_shrinks, appended, killed_at_a_million, reported_only };
	for (size_t i = 0; i < ARRAY_COUNT(large); i++)
		if (row->measure == large[i])
			return suite_in_world("gc_verify");
	return false;
}

Suite *check_suite(void)
{
	Suite *s = suite_create("signatures");
	TCase *tc = tcase_create("signatures");
	tcase_set_tags(tc, "numbers");
	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	for (int i = 0; i < (int) ARRAY_COUNT(rows); i++)
		if (suite_takes((uint64_t) i) && !is_too_long(&rows[i]))
			tcase_add_loop_test(tc, signature, i, i + 1);
	suite_add_tcase(s, tc);
	tc = tcase_create("all");
	tcase_add_test(tc, every_id_is_somewhere);
	suite_add_tcase(s, tc);
	return s;
}
