/* replay_terms - terms from specs, ["list_of_ints", 100], ["binary", 65] ..., and from shapes, list10, tuple_binary1000 ... Two tables of makers. */
#include <stdlib.h>
#include <string.h>

#include "runtime/memory/literal.h"
#include "runtime/process/blob.h"
#include "runtime/term/map.h"
#include "runtime/term/number.h"
#include "tests/replay.h"

static uint64_t at(const json_t *spec, size_t i) { return (uint64_t) json_integer_value(json_array_get(spec, i)); }

static term atom_a(struct process *p) { return process_atom(p, "a"); }

static term make_atom(struct process *p, const json_t *s) { (void) s; return atom_a(p); }
static term make_nil(struct process *p, const json_t *s) { (void) p; (void) s; return TERM_NIL; }
static term make_pid(struct process *p, const json_t *s) { (void) s; return process_self(p); }
static term make_port(struct process *p, const json_t *s) { (void) p; (void) s; return term_from_port(1); }
static term make_reference(struct process *p, const json_t *s) { (void) s; return process_make_reference(p); }
static term make_int(struct process *p, const json_t *s) { return build_integer(RESERVE(p, 2), (int64_t) at(s, 1)); }
static term make_float(struct process *p, const json_t *s) { (void) s; return build_float(RESERVE(p, 2), 1.5); }

static term power_of_two(struct process *p, unsigned bits, bool negative)
{
	struct builder *b = RESERVE(p, integer_power2_words(bits, negative));
	return integer_power2(&b->top, bits, negative);
}
static term make_power(struct process *p, const json_t *s) { return power_of_two(p, (unsigned) at(s, 1), false); }
static term make_negative_power(struct process *p, const json_t *s) { return power_of_two(p, (unsigned) at(s, 1), true); }

static term list_of_ints(struct process *p, uint64_t n)
{
	struct builder *b = RESERVE(p, 2 * n);
	term list = TERM_NIL;
	for (uint64_t i = n; i > 0; i--)
		list = build_cons(b, term_from_small((intptr_t) i), list);
	return list;
}
static term make_list(struct process *p, const json_t *s) { return list_of_ints(p, at(s, 1)); }

static term make_literal_list(struct process *p, const json_t *s)
{
	return literal_make(p->world->literals, p->world, p->scheduler->lane, list_of_ints(p, at(s, 1)));
}

static term make_float_list(struct process *p, const json_t *s)
{
	uint64_t n = at(s, 1);
	struct builder *b = RESERVE(p, 4 * n);
	term list = TERM_NIL;
	for (uint64_t i = n; i > 0; i--)
		list = build_cons(b, build_float(b, (double) i), list);
	return list;
}

static term make_tuple(struct process *p, const json_t *s)
{
	uint64_t n = at(s, 1);
	if (n == 0)
		return TERM_EMPTY_TUPLE;
	term *box = build_words(RESERVE(p, 1 + n), 1 + n);
	box[0] = term_header(BOX_TUPLE, n);
	for (uint64_t i = 1; i <= n; i++)
		box[i] = term_from_small((intptr_t) i);
	return term_from_box(box);
}

static term make_map(struct process *p, const json_t *s)
{
	uint64_t n = at(s, 1);
	term *pairs = mem_need(p->scheduler->lane, MEM_SYSTEM, (2 * n + 1) * sizeof *pairs);
	for (uint64_t i = 0; i < 2 * n; i++)
		pairs[i] = term_from_small((intptr_t) (i / 2 + 1));
	struct builder *b = RESERVE(p, map_from_pairs_words(n));
	term map = map_from_pairs(p->world->atoms, &b->top, pairs, n);
	mem_give(p->scheduler->lane, MEM_SYSTEM, pairs, (2 * n + 1) * sizeof *pairs);
	return map;
}

static term binary(struct process *p, uint64_t bytes) { return blob_new(p, NULL, bytes, 7, NULL, 0); }
static term make_binary(struct process *p, const json_t *s) { return binary(p, at(s, 1)); }

static term part_of(struct process *p, uint64_t whole, uint64_t offset, uint64_t bytes)
{
	term b = binary(p, whole);
	return blob_match(p, &b, offset, bytes, NULL, 0);
}
static term make_first(struct process *p, const json_t *s) { return part_of(p, at(s, 1), 0, at(s, 2)); }
static term make_rest(struct process *p, const json_t *s) { return part_of(p, at(s, 1), at(s, 2), at(s, 1) - at(s, 2)); }
static term make_part(struct process *p, const json_t *s) { return blob_part(p, binary(p, at(s, 1)), at(s, 2), at(s, 3)); }

/* So many bits of a binary of 200 bytes. */
static term make_bits(struct process *p, const json_t *s)
{
	uint64_t bits = at(s, 1);
	term b = binary(p, 200);
	if (bits % 8 == 0)
		return blob_match(p, &b, 0, bits / 8, NULL, 0);
	struct builder *to = RESERVE(p, SUB_WORDS, &b);
	return binary_bit_slice(to, b, 0, bits);
}

static term make_closure(struct process *p, const json_t *s)
{
	term captured[255];
	uint64_t n = at(s, 1);
	CHECK(n <= ARRAY_COUNT(captured), "a closure over %lu", n);
	for (uint64_t i = 0; i < n; i++)
		captured[i] = term_from_small((intptr_t) i);
	return build_fun(RESERVE(p, FUN_CAPTURED + n), atom_a(p), process_self(p), 0, n, captured);
}

static term make_external_fun(struct process *p, const json_t *s)
{
	(void) s;
	term *box = build_words(RESERVE(p, 5), 5);
	box[0] = term_header(BOX_EXTERNAL_FUN, 4);
	box[1] = box[2] = atom_a(p);
	box[3] = term_from_small(1);
	box[4] = term_from_small(0);
	return term_from_box(box);
}

static term make_nested(struct process *p, const json_t *s)
{
	uint64_t n = at(s, 1);
	struct builder *b = RESERVE(p, 2 * n);
	term t = TERM_NIL;
	for (uint64_t i = 0; i < n; i++)
		t = build_tuple(b, 1, &t);
	return t;
}

static term make_list_of_tuples(struct process *p, const json_t *s)
{
	uint64_t n = at(s, 1), k = at(s, 2);
	term values[255], list = TERM_NIL;
	CHECK(k > 0 && k <= ARRAY_COUNT(values), "tuples of %lu", k);
	for (uint64_t i = 0; i < k; i++)
		values[i] = term_from_small((intptr_t) i);
	struct builder *b = RESERVE(p, n * (3 + k));
	for (uint64_t i = 0; i < n; i++)
		list = build_cons(b, build_tuple(b, k, values), list);
	return list;
}

static term make_pair_of_list(struct process *p, const json_t *s)
{
	term list = list_of_ints(p, at(s, 1));
	return build_tuple2(RESERVE(p, 3, &list), list, list);
}

/* L := [L | L], so many times, from a list of one. */
static term make_doubling(struct process *p, const json_t *s)
{
	uint64_t n = at(s, 1);
	struct builder *b = RESERVE(p, 2 * (n + 1));
	term list = build_cons(b, term_from_small(1), TERM_NIL);
	for (uint64_t i = 0; i < n; i++)
		list = build_cons(b, list, list);
	return list;
}

static term make_tuple_of_binary(struct process *p, const json_t *s)
{
	uint64_t n = at(s, 1);
	term b = binary(p, at(s, 2));
	term *box = build_words(RESERVE(p, 1 + n, &b), 1 + n);
	box[0] = term_header(BOX_TUPLE, n);
	for (uint64_t i = 1; i <= n; i++)
		box[i] = b;
	return term_from_box(box);
}

static term make_proplist(struct process *p, const json_t *s)
{
	uint64_t n = at(s, 1);
	term list = TERM_NIL, key = atom_a(p);
	struct builder *b = RESERVE(p, 5 * n);
	for (uint64_t i = 0; i < n; i++)
		list = build_cons(b, build_tuple2(b, key, term_from_small((intptr_t) i)), list);
	return list;
}

/* ---- Shapes: a word and a number, as in list10 -------------------------------------------------------------------------- */

/* {m, 1 .. n-1} */
static term tagged_tuple(struct process *p, uint64_t n)
{
	term *box = build_words(RESERVE(p, 1 + n), 1 + n);
	box[0] = term_header(BOX_TUPLE, n);
	box[1] = ATOM(m);
	for (uint64_t i = 2; i <= n; i++)
		box[i] = term_from_small((intptr_t) i - 1);
	return term_from_box(box);
}

static term shape_atom(struct process *p, uint64_t n) { (void) n; return atom_a(p); }
static term shape_int(struct process *p, uint64_t n) { (void) p; return term_from_small((intptr_t) n); }
static term shape_float(struct process *p, uint64_t n) { return build_float(RESERVE(p, 2), (double) n); }
static term shape_small_tuple(struct process *p, uint64_t n) { (void) n; return tagged_tuple(p, 2); }
static term shape_tuple(struct process *p, uint64_t n) { return n ? tagged_tuple(p, n) : TERM_EMPTY_TUPLE; }

/* {m, 1, <<n bytes>>} */
static term shape_tuple_binary(struct process *p, uint64_t n)
{
	term b = binary(p, n);
	return build_tuple3(RESERVE(p, 4, &b), ATOM(m), term_from_small(1), b);
}

static term shape_map(struct process *p, uint64_t n)
{
	json_t *spec = json_pack("[s, I]", "map_int_to_int", (json_int_t) n);
	term map = make_map(p, spec);
	json_decref(spec);
	return map;
}

/* {m, [1 .. n]} */
static term shape_tuple_list(struct process *p, uint64_t n)
{
	term list = list_of_ints(p, n);
	return build_tuple2(RESERVE(p, 3, &list), ATOM(m), list);
}

static const struct { const char *name; term (*make)(struct process *p, uint64_t n); } shapes[] = {
	{ "atom", shape_atom }, { "int", shape_int }, { "float", shape_float }, { "list", list_of_ints }, { "binary", binary }, { "bin", binary },
	{ "small_tuple", shape_small_tuple }, { "tuple", shape_tuple }, { "map", shape_map }, { "tuple_binary", shape_tuple_binary },
	{ "tuple_m_list", shape_tuple_list },
};

bool replay_split(const char *text, char *shape, size_t room, uint64_t *number)
{
	size_t n = strcspn(text, "0123456789");
	char *end;
	*number = strtoull(text + n, &end, 10);
	n -= n > 0 && text[n] != '\0' && text[n - 1] == '_';
	if (n >= room || *end != '\0')
		return false;
	memcpy(shape, text, n);
	shape[n] = '\0';
	return true;
}

static size_t shape_index(const char *name)
{
	size_t i = 0;
	while (i < ARRAY_COUNT(shapes) && strcmp(shapes[i].name, name) != 0)
		i++;
	return i;
}

bool replay_knows_shape(const char *name) { return shape_index(name) < ARRAY_COUNT(shapes); }

term replay_shape(struct process *p, const char *name, uint64_t n)
{
	size_t i = shape_index(name);
	CHECK(i < ARRAY_COUNT(shapes), "an unknown shape %s", name);
	return shapes[i].make(p, n);
}

/* ---- Specs: a name and its parameters ------------------------------------------------------------------------------------- */

static const struct { const char *name; term (*make)(struct process *p, const json_t *spec); } makers[] = {
	{ "atom", make_atom }, { "nil", make_nil }, { "int", make_int }, { "float", make_float },
	{ "int_pow2", make_power }, { "neg_int_pow2", make_negative_power },
	{ "list_of_ints", make_list }, { "literal_list_of_ints", make_literal_list }, { "string", make_list }, { "float_list", make_float_list },
	{ "tuple_of_ints", make_tuple }, { "map_int_to_int", make_map },
	{ "binary", make_binary }, { "match_first_of_refc", make_first }, { "binary_part_of_refc", make_part },
	{ "match_rest_of_heap_binary", make_rest }, { "bitstring", make_bits },
	{ "pid_local", make_pid }, { "port", make_port }, { "reference", make_reference },
	{ "closure", make_closure }, { "external_fun", make_external_fun },
	{ "nested_tuples", make_nested }, { "list_of_tuples", make_list_of_tuples }, { "shared_pair_of_list", make_pair_of_list },
	{ "shared_doubling", make_doubling }, { "tuple_of_same_refc_binary", make_tuple_of_binary }, { "proplist_atom_int", make_proplist },
};

static const char *name_of(const json_t *spec) { return json_string_value(json_is_array(spec) ? json_array_get(spec, 0) : spec); }

static size_t maker_index(const json_t *spec)
{
	const char *name = name_of(spec);
	size_t i = 0;
	while (name && i < ARRAY_COUNT(makers) && strcmp(makers[i].name, name) != 0)
		i++;
	return name ? i : ARRAY_COUNT(makers);
}

const char *replay_unknown_term(const json_t *spec)
{
	char shape[24];
	uint64_t n;
	const char *name = name_of(spec);
	if (!name)
		return "a term without a name";
	if (maker_index(spec) < ARRAY_COUNT(makers) || (replay_split(name, shape, sizeof shape, &n) && replay_knows_shape(shape)))
		return NULL;
	return name;
}

term replay_term(struct process *p, const json_t *spec)
{
	char shape[24];
	uint64_t n;
	size_t i = maker_index(spec);
	if (i < ARRAY_COUNT(makers))
		return makers[i].make(p, spec);
	CHECK(replay_split(name_of(spec), shape, sizeof shape, &n), "an unknown term");
	return replay_shape(p, shape, n);
}
