/*
 * replay_reductions - what an operation is charged: ["repeat_op", N, NAME]. NAME may end in a parameter: length_1000,
 * send_list17, binary_copy_250. What is charged for N empty turns of the loop is taken off, as in the recorded programs.
 *
 * The process has a heap in which nothing of that is ever collected for want of words, and every collection is a full sweep; what the
 * recorded one held beside its operands shows in the cost of those that binaries force: some ninety words each time.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/process/bif.h"
#include "runtime/process/blob.h"
#include "runtime/process/table.h"
#include "tests/replay.h"

#define HEAP_WORDS 4298223u             /* a size of the table */
#define OWN_CELLS 46u

struct operation {
	const char *name;
	term (*prepare)(struct process *p, struct run *r, const char *shape, uint64_t parameter);       /* the operand, or NULL: none */
	void (*run)(struct process *p, struct run *r, term operand);
};

/* ---- Operands: in KEPT_LIST; a second one in KEPT_OTHER ----------------------------------------------------------- */

static term other_of(const struct process *p) { return x_get(p, KEPT_OTHER); }

static term ints(struct process *p, struct run *r, const char *shape, uint64_t n)
{
	(void) r;
	(void) shape;
	return replay_shape(p, "list", n);
}

static term shaped(struct process *p, struct run *r, const char *shape, uint64_t n)
{
	(void) r;
	return *shape ? replay_shape(p, shape, n) : ATOM(ok);
}

static enum next play_sink(struct process *p)
{
	term t;
	while (process_receive(p, &t))
		if (process_charge(p, 1))
			return STEP_YIELD;
	return STEP_WAIT;
}

static enum next play_nothing(struct process *p) { process_raise(p, ATOM(normal)); }

static term spawned(struct process *p, struct run *r)
{
	static const struct spawn_options options = SPAWN_DEFAULT;
	return process_spawn(p, &r->sink_actor.step, 0, NULL, &options);
}

static term message_and_sink(struct process *p, struct run *r, const char *shape, uint64_t n)
{
	r->sink_actor = (struct actor) { .step = { "replay:sink/0", play_sink }, .run = r };
	x_set(p, KEPT_OTHER, spawned(p, r));
	r->staying++;
	return shaped(p, r, shape, n);
}

static term spawn_of_nothing(struct process *p, struct run *r, const char *shape, uint64_t n)
{
	(void) shape;
	(void) n;
	r->sink_actor = (struct actor) { .step = { "replay:nothing/0", play_nothing }, .run = r };
	(void) p;
	return ATOM(ok);
}

/* A table that holds {1, Value}: the object, and the table. */
static term object_in_table(struct process *p, struct run *r, const char *shape, uint64_t n)
{
	term name = process_atom(p, "replay"), value = shaped(p, r, shape, n);
	x_set(p, KEPT_LIST, value);
	x_set(p, KEPT_OTHER, table_new(p, name, NULL));
	value = kept_list(p);
	struct builder *b = RESERVE(p, 3, &value);
	term object = build_tuple2(b, term_from_small(1), value);
	table_insert(p, other_of(p), object);
	return object;
}

/* {I, I} for 1 .. n: the last one is looked for. */
static term pairs(struct process *p, struct run *r, const char *shape, uint64_t n)
{
	term list = TERM_NIL;
	(void) r;
	(void) shape;
	struct builder *b = RESERVE(p, 5 * n);
	for (uint64_t i = n; i > 0; i--)
		list = build_cons(b, build_tuple2(b, term_from_small((intptr_t) i), term_from_small((intptr_t) i)), list);
	x_set(p, KEPT_OTHER, term_from_small((intptr_t) n));
	return list;
}

static term size(struct process *p, struct run *r, const char *shape, uint64_t n)
{
	(void) p;
	(void) r;
	(void) shape;
	return term_from_small((intptr_t) n);
}

static term bytes(struct process *p, struct run *r, const char *shape, uint64_t n)
{
	(void) r;
	(void) shape;
	return blob_new(p, NULL, n, 1, NULL, 0);
}

/* ---- Operations ------------------------------------------------------------------------------------------------------ */

static void run_cons(struct process *p, struct run *r, term t)
{
	(void) r;
	(void) t;
	build_cons(RESERVE(p, 2), term_from_small(1), TERM_NIL);
}
static void run_send(struct process *p, struct run *r, term t) { (void) r; process_send(p, other_of(p), t); }
static void run_send_self(struct process *p, struct run *r, term t) { (void) r; process_send(p, process_self(p), t); }
static void run_insert(struct process *p, struct run *r, term t) { (void) r; table_insert(p, other_of(p), t); }
static void run_lookup(struct process *p, struct run *r, term t) { (void) r; (void) t; table_lookup(p, other_of(p), term_from_small(1)); }
static void run_spawn(struct process *p, struct run *r, term t) { (void) t; spawned(p, r); }
static void run_monitor(struct process *p, struct run *r, term t) { (void) r; (void) t; process_demonitor(p, process_monitor(p, other_of(p)), false); }
static void run_make_reference(struct process *p, struct run *r, term t) { (void) r; (void) t; process_make_reference(p); }
static void run_put_get(struct process *p, struct run *r, term t)
{
	(void) r;
	process_put(p, ATOM(ok), t);
	process_get(p, ATOM(ok));
}
static void run_self(struct process *p, struct run *r, term t) { (void) r; (void) t; process_self(p); }
static void run_length(struct process *p, struct run *r, term t) { (void) r; bif_length(p, t); }
static void run_append(struct process *p, struct run *r, term t) { (void) r; bif_append(p, t, TERM_NIL); }
static void run_keyfind(struct process *p, struct run *r, term t) { (void) r; bif_keyfind(p, other_of(p), 1, t); }
static void run_encode(struct process *p, struct run *r, term t) { (void) r; bif_term_to_binary(p, t); }
static void run_copy(struct process *p, struct run *r, term t) { (void) r; blob_copy(p, t); }
static void run_part(struct process *p, struct run *r, term t) { (void) r; blob_part(p, t, 0, binary_bytes(t) / 2); }
static void run_info(struct process *p, struct run *r, term t)
{
	struct process_info i;
	(void) r;
	(void) t;
	bif_process_info(p, &i);
}
static void run_binary(struct process *p, struct run *r, term t)
{
	size_t n = (size_t) term_to_small(t);
	(void) r;
	blob_build(p, process_reserve_binary(p, 0, n, NULL, 0), NULL, n, 1);
}

/* Longer names before their beginnings. empty_call: a call that returns. */
static const struct operation operations[] = {
	{ "empty_call", NULL, NULL }, { "cons", NULL, run_cons },
	{ "send_self_", shaped, run_send_self }, { "send_", message_and_sink, run_send },
	{ "ets_insert", object_in_table, run_insert }, { "ets_lookup", object_in_table, run_lookup },
	{ "spawn", spawn_of_nothing, run_spawn }, { "monitor_demonitor", message_and_sink, run_monitor }, { "make_ref", NULL, run_make_reference },
	{ "binary_new", size, run_binary }, { "binary_copy", bytes, run_copy }, { "binary_part", bytes, run_part },
	{ "put_get", NULL, run_put_get }, { "process_info_self", NULL, run_info }, { "self", NULL, run_self },
	{ "length", ints, run_length }, { "append", ints, run_append }, { "keyfind", pairs, run_keyfind }, { "term_to_binary", ints, run_encode },
};

/* What follows the operation's name: "", "_1000", "_list17", "atom". */
struct name { const struct operation *operation; char shape[24]; uint64_t parameter; };

static bool parse(const char *text, struct name *out)
{
	for (size_t i = 0; i < ARRAY_COUNT(operations); i++) {
		size_t n = strlen(operations[i].name);
		if (strncmp(text, operations[i].name, n) != 0)
			continue;
		out->operation = &operations[i];
		text += n + (text[n] == '_');
		return replay_split(text, out->shape, sizeof out->shape, &out->parameter)
			&& (*out->shape == '\0' || replay_knows_shape(out->shape));
	}
	return false;
}

static const char *unknown_operation(const json_t *args)
{
	struct name name;
	const char *text = json_string_value(json_array_get(args, 2));
	return text && parse(text, &name) ? NULL : text ? text : "repeat_op";
}

/* ---- The two loops ---------------------------------------------------------------------------------------------------- */

static uint64_t used(const struct process *p)
{
	struct process_info i;
	process_info(p, &i);
	return i.reductions;
}

static void prepare(struct process *p, struct run *r, const struct name *name)
{
	struct heap_options o = *heap_options(&p->heap);
	o.min_heap_words = HEAP_WORDS;
	o.fullsweep_after = 0;
	process_set_heap_options(p, &o);
	process_collect(p, true, 0, NULL, 0);
	frame_grow(p, 1, NULL, 0);
	term own = replay_shape(p, "list", OWN_CELLS);
	slot_set(p, 0, own);
	term t = name->operation->prepare ? name->operation->prepare(p, r, name->shape, name->parameter) : ATOM(ok);
	keep_list(p, t);
}

static enum next play_call(struct process *p) { return frame_return(p, kept_list(p)); }

/* A loop of so many turns, or its next part; true: it is done, *spent what it was charged. */
static bool loop_is_over(struct process *p, struct run *r, uint64_t *spent)
{
	if (r->left)
		return false;
	*spent = used(p) - r->spent;
	r->spent = used(p);
	r->phase = 0;
	return true;
}

static enum next note_cost(struct process *p, struct run *r, uint64_t n, uint64_t spent)
{
	double total = (double) spent - (double) r->spent_empty;
	json_object_set_new(r->notes, "reductions_total", json_real(total));
	json_object_set_new(r->notes, "per_op", json_real(total / (double) n));
	frame_shrink(p, 1);
	x_clear(p);
	r->loops = 0;
	return op_stop(r, NULL);
}

static enum next repeat_op(struct process *p, struct run *r)
{
	struct name name;
	uint64_t n = op_int(r, 0), spent;
	CHECK(parse(op_text(r, 1), &name), "an unknown operation");
	if (r->loops == 0) {
		prepare(p, r, &name);
		r->loops = 1;
		r->spent = used(p);
	}
	if (r->loops == 1) {
		while (loop_turn(p, r, n))
			;
		if (!loop_is_over(p, r, &r->spent_empty))
			return STEP_YIELD;
		r->loops = 2;
	}
	while (loop_turn(p, r, n)) {
		if (!name.operation->run) {
			r->frame_actor = (struct actor) { .step = { "replay:call/1", play_call }, .run = r };
			frame_call(p, &r->frame_actor.step);
			return STEP_NEXT;
		}
		name.operation->run(p, r, kept_list(p));
		AFTER_BIF(p, 1);
	}
	return loop_is_over(p, r, &spent) ? note_cost(p, r, n, spent) : STEP_YIELD;
}

static const struct op ops[] = { { .name = "repeat_op", .inside = repeat_op, .unknown = unknown_operation } };
const struct op_table reduction_ops = { ops, ARRAY_COUNT(ops) };
