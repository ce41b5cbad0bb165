/* replay_tables - ops on ETS tables; the subject owns and fills them. Figures are table_info's. */
#include <string.h>

#include "runtime/memory/copy.h"
#include "runtime/process/blob.h"
#include "runtime/process/table.h"
#include "runtime/term/map.h"
#include "tests/replay.h"

/* The table's name or reference lies in its own register. */
static term table_of(const struct process *p) { return x_get(p, KEPT_OTHER); }

/* After each op: what table_info says then, noted in order. */
static enum next note_table(struct process *p, struct run *r)
{
	struct table_info i;
	json_t *history = json_object_get(r->notes, "tables");
	if (!history)
		json_object_set_new(r->notes, "tables", history = json_array());
	if (table_info(p->world, table_of(p), &i))
		json_array_append_new(history, json_pack("{s:s, s:I, s:I}", "op", json_string_value(json_array_get(r->args, 0)),
			"memory_words", (json_int_t) i.memory_words, "size", (json_int_t) i.size));
	return op_stop(r, NULL);
}

/* ---- Making one ------------------------------------------------------------------------------------------- */

static const struct { const char *name; enum table_type type; } types[] = {
	{ "set", TABLE_SET }, { "ordered_set", TABLE_ORDERED_SET }, { "bag", TABLE_BAG }, { "duplicate_bag", TABLE_DUPLICATE_BAG },
};

static void set_option(struct table_options *o, const json_t *option)
{
	const char *name = json_string_value(json_is_array(option) ? json_array_get(option, 0) : option);
	for (size_t i = 0; i < ARRAY_COUNT(types); i++)
		if (strcmp(types[i].name, name) == 0)
			o->type = types[i].type;
	bool on = !json_is_false(json_array_get(option, 1));
	o->named |= strcmp(name, "named_table") == 0;
	o->read_concurrency |= strcmp(name, "read_concurrency") == 0 && on;
	o->write_concurrency |= strcmp(name, "write_concurrency") == 0 && on;
	o->access = strcmp(name, "public") == 0 ? TABLE_PUBLIC : strcmp(name, "private") == 0 ? TABLE_PRIVATE : o->access;
}

static enum next ets_new(struct process *p, struct run *r)
{
	struct table_options o = { .type = TABLE_SET, .access = TABLE_PROTECTED, .heir = TERM_NONE };
	for (size_t i = 0; i < json_array_size(op_arg(r, 0)); i++)
		set_option(&o, json_array_get(op_arg(r, 0), i));
	term name = process_atom(p, "replay");
	x_set(p, KEPT_OTHER, table_new(p, name, &o));
	return note_table(p, r);
}

/* ---- Objects: {I, ...} of each shape -------------------------------------------------------------------------- */

static term pair_with(struct process *p, uint64_t key, term value)
{
	struct builder *b = RESERVE(p, 3, &value);
	return build_tuple2(b, term_from_small((intptr_t) key), value);
}

static term spec_term(struct process *p, const char *name, uint64_t n)
{
	json_t *spec = json_pack("[s, I]", name, (json_int_t) n);
	term t = replay_term(p, spec);
	json_decref(spec);
	return t;
}

static term int_int(struct process *p, uint64_t i) { return pair_with(p, i, term_from_small((intptr_t) i)); }
static term int_nil(struct process *p, uint64_t i) { return pair_with(p, i, TERM_NIL); }
static term int_float(struct process *p, uint64_t i) { return pair_with(p, i, build_float(RESERVE(p, 2), (double) i)); }
static term int_list10(struct process *p, uint64_t i) { return pair_with(p, i, spec_term(p, "list_of_ints", 10)); }
static term int_bin20(struct process *p, uint64_t i) { return pair_with(p, i, spec_term(p, "binary", 20)); }
static term int_bin64(struct process *p, uint64_t i) { return pair_with(p, i, spec_term(p, "binary", 64)); }
static term int_bin100(struct process *p, uint64_t i) { return pair_with(p, i, spec_term(p, "binary", 100)); }

static term int_tuple5(struct process *p, uint64_t i)
{
	term n = term_from_small((intptr_t) i);
	return build_tuple(RESERVE(p, 6), 5, (term[]) { n, n, n, n, n });
}

static term int_map3(struct process *p, uint64_t i)
{
	term n = term_from_small((intptr_t) i);
	term pairs[] = { process_atom(p, "a"), n, process_atom(p, "b"), n, process_atom(p, "c"), n };
	struct builder *b = RESERVE(p, map_from_pairs_words(3));
	return pair_with(p, i, map_from_pairs(p->world->atoms, &b->top, pairs, 3));
}

static const struct { const char *name; term (*make)(struct process *p, uint64_t i); } shapes[] = {
	{ "int_int", int_int }, { "int_nil", int_nil }, { "int_float", int_float }, { "int_tuple5", int_tuple5 }, { "int_list10", int_list10 },
	{ "int_bin20", int_bin20 }, { "int_bin64", int_bin64 }, { "int_bin100", int_bin100 }, { "int_map3", int_map3 },
};

static term object(struct process *p, const char *shape, uint64_t i)
{
	for (size_t s = 0; s < ARRAY_COUNT(shapes); s++)
		if (strcmp(shapes[s].name, shape) == 0)
			return shapes[s].make(p, i);
	CHECK(false, "an unknown shape %s", shape);
	return TERM_NONE;
}

/* ---- Filling and emptying ----------------------------------------------------------------------------------------- */

static enum next insert_n(struct process *p, struct run *r)
{
	uint64_t n = op_int(r, 1);
	while (loop_turn(p, r, n)) {
		term o = object(p, op_text(r, 0), n - r->left);
		if (n - r->left == 1)
			json_object_set_new(r->notes, "object_flat_words", json_integer((json_int_t) term_flat_words(NULL, o)));
		table_insert(p, table_of(p), o);
	}
	return r->left ? STEP_YIELD : note_table(p, r);
}

static enum next insert_same_key(struct process *p, struct run *r)
{
	uint64_t n = op_int(r, 0);
	while (loop_turn(p, r, n))
		table_insert(p, table_of(p), build_tuple2(RESERVE(p, 3), term_from_small(1), term_from_small((intptr_t) (n - r->left))));
	return r->left ? STEP_YIELD : note_table(p, r);
}

static enum next insert_same_object(struct process *p, struct run *r)
{
	uint64_t n = op_int(r, 0);
	while (loop_turn(p, r, n))
		table_insert(p, table_of(p), build_tuple2(RESERVE(p, 3), term_from_small(1), term_from_small(1)));
	return r->left ? STEP_YIELD : note_table(p, r);
}

static enum next delete_n(struct process *p, struct run *r)
{
	uint64_t n = op_int(r, 0);
	while (loop_turn(p, r, n))
		table_delete_key(p, table_of(p), term_from_small((intptr_t) (n - r->left)));
	return r->left ? STEP_YIELD : note_table(p, r);
}

static enum next delete_all(struct process *p, struct run *r)
{
	table_delete_all(p, table_of(p));
	return note_table(p, r);
}

static enum next drop_table(struct process *p, struct run *r)
{
	table_delete(p, table_of(p));
	return op_stop(r, NULL);
}

/* What the lookups put on the caller's heap, each. */
static enum next lookup(struct process *p, struct run *r)
{
	uint64_t n = op_int(r, 1);
	process_collect(p, true, 2, NULL, 0);
	struct heap_figures before = heap_figures(&p->heap);
	for (uint64_t i = 0; i < n; i++)
		table_lookup(p, table_of(p), term_from_small((intptr_t) op_int(r, 0)));
	struct heap_figures after = heap_figures(&p->heap);
	uint64_t words = after.used + after.fragment - before.used - before.fragment;
	json_object_set_new(r->notes, "words_per_lookup_on_caller_heap", json_integer((json_int_t) (words / n)));
	return op_stop(r, NULL);
}

static const struct op ops[] = {
	{ .name = "ets_new", .inside = ets_new }, { .name = "ets_insert_1_to_n", .inside = insert_n },
	{ .name = "ets_insert_same_key_1_to_n", .inside = insert_same_key }, { .name = "ets_insert_same_object_again", .inside = insert_same_object },
	{ .name = "ets_delete_1_to_n", .inside = delete_n }, { .name = "ets_delete_all", .inside = delete_all },
	{ .name = "ets_drop_table", .inside = drop_table }, { .name = "ets_lookup", .inside = lookup },
};
const struct op_table table_ops = { ops, ARRAY_COUNT(ops) };
