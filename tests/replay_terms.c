/* replay_terms - terms from specs: ["list_of_ints", 100], ["binary", 65] ... A table of makers. */
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
	term captured[16];
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
	term values[64], list = TERM_NIL;
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

/* {m, 1 .. n-1}: the shapes of messages. */
static term tagged_tuple(struct process *p, uint64_t n)
{
	term values[8] = { ATOM(m) };
	for (uint64_t i = 1; i < n; i++)
		values[i] = term_from_small((intptr_t) i);
	return build_tuple(RESERVE(p, 1 + n), n, values);
}
static term make_small_tuple(struct process *p, const json_t *s) { (void) s; return tagged_tuple(p, 2); }
static term make_tuple3(struct process *p, const json_t *s) { (void) s; return tagged_tuple(p, 3); }
static term make_list10(struct process *p, const json_t *s) { (void) s; return list_of_ints(p, 10); }
static term make_list100(struct process *p, const json_t *s) { (void) s; return list_of_ints(p, 100); }
static term make_binary64(struct process *p, const json_t *s) { (void) s; return binary(p, 64); }
static term make_binary100(struct process *p, const json_t *s) { (void) s; return binary(p, 100); }

static term make_tuple_binary(struct process *p, const json_t *s)
{
	(void) s;
	term b = binary(p, 1000);
	return build_tuple3(RESERVE(p, 4, &b), ATOM(m), term_from_small(1), b);
}

static term make_map5(struct process *p, const json_t *s)
{
	(void) s;
	json_t *spec = json_pack("[s, i]", "map_int_to_int", 5);
	term map = make_map(p, spec);
	json_decref(spec);
	return map;
}

static term make_tuple_list2(struct process *p, const json_t *s)
{
	(void) s;
	term list = list_of_ints(p, 2);
	return build_tuple2(RESERVE(p, 3, &list), ATOM(m), list);
}

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
	{ "small_tuple", make_small_tuple }, { "tuple3", make_tuple3 }, { "list10", make_list10 }, { "list100", make_list100 },
	{ "binary64", make_binary64 }, { "binary100", make_binary100 }, { "tuple_binary1000", make_tuple_binary }, { "map5", make_map5 },
	{ "tuple_m_list2", make_tuple_list2 },
};

term replay_term(struct process *p, const json_t *spec)
{
	const char *name = json_string_value(json_is_array(spec) ? json_array_get(spec, 0) : spec);
	for (size_t i = 0; name && i < ARRAY_COUNT(makers); i++)
		if (strcmp(makers[i].name, name) == 0)
			return makers[i].make(p, spec);
	return TERM_NONE;
}
