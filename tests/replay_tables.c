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

static term int_int(struct process *p, uint64_t i, uint64_t n) { (void) n; return pair_with(p, i, term_from_small((intptr_t) i)); }
static term int_nil(struct process *p, uint64_t i, uint64_t n) { (void) n; return pair_with(p, i, TERM_NIL); }
static term int_float(struct process *p, uint64_t i, uint64_t n) { (void) n; return pair_with(p, i, build_float(RESERVE(p, 2), (double) i)); }

/* {I, I, ... }: n elements in all. */
static term int_tuple(struct process *p, uint64_t i, uint64_t n)
{
	term *box = build_words(RESERVE(p, 1 + n), 1 + n);
	box[0] = term_header(BOX_TUPLE, n);
	for (uint64_t at = 1; at <= n; at++)
		box[at] = term_from_small((intptr_t) i);
	return term_from_box(box);
}

/* Keys are atoms. */
static term int_map(struct process *p, uint64_t i, uint64_t n)
{
	term pairs[2 * MAP_FLAT_LIMIT];
	for (uint64_t at = 0; at < n; at++) {
		char key[] = { (char) ('a' + at % 26), (char) ('a' + at / 26), 0 };
		pairs[2 * at] = process_atom(p, key);
		pairs[2 * at + 1] = term_from_small((intptr_t) i);
	}
	struct builder *b = RESERVE(p, map_from_pairs_words(n));
	return pair_with(p, i, map_from_pairs(p->world->atoms, &b->top, pairs, n));
}

static const struct { const char *name; term (*make)(struct process *p, uint64_t i, uint64_t n); uint64_t least, most; } shapes[] = {
	{ "int_int", int_int, 0, 0 }, { "int_nil", int_nil, 0, 0 }, { "int_float", int_float, 0, 0 }, { "int_tuple", int_tuple, 1, 1 << 20 },
	{ "int_map", int_map, 1, MAP_FLAT_LIMIT },
};

#define OTHER_SHAPE "int_"              /* {I, what follows} */

/* The object's place in the table; ARRAY_COUNT: {I, Shape}. False: unknown. */
static bool find_shape(const char *text, size_t *place, char *shape, size_t room, uint64_t *n)
{
	if (!text || !replay_split(text, shape, room, n))
		return false;
	for (*place = 0; *place < ARRAY_COUNT(shapes); ++*place)
		if (strcmp(shapes[*place].name, shape) == 0)
			return *n >= shapes[*place].least && *n <= shapes[*place].most;
	return strncmp(shape, OTHER_SHAPE, strlen(OTHER_SHAPE)) == 0 && replay_knows_shape(shape + strlen(OTHER_SHAPE));
}

static term object(struct process *p, const char *text, uint64_t i)
{
	size_t place;
	char shape[32];
	uint64_t n;
	CHECK(find_shape(text, &place, shape, sizeof shape, &n), "an unknown shape %s", text);
	return place < ARRAY_COUNT(shapes) ? shapes[place].make(p, i, n) : pair_with(p, i, replay_shape(p, shape + strlen(OTHER_SHAPE), n));
}

static const char *unknown_object(const json_t *args)
{
	size_t place;
	char shape[32];
	uint64_t n;
	const char *text = json_string_value(json_array_get(args, 1));
	return find_shape(text, &place, shape, sizeof shape, &n) ? NULL : text ? text : "an object without a shape";
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
	{ .name = "ets_new", .inside = ets_new }, { .name = "ets_insert_1_to_n", .inside = insert_n, .unknown = unknown_object },
	{ .name = "ets_insert_same_key_1_to_n", .inside = insert_same_key }, { .name = "ets_insert_same_object_again", .inside = insert_same_object },
	{ .name = "ets_delete_1_to_n", .inside = delete_n }, { .name = "ets_delete_all", .inside = delete_all },
	{ .name = "ets_drop_table", .inside = drop_table }, { .name = "ets_lookup", .inside = lookup },
};
const struct op_table table_ops = { ops, ARRAY_COUNT(ops) };
