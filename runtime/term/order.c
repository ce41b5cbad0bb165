/*
 * order - see the header.
 *
 * All three walks keep what is left to do on a stack of their own, as ranges of words to be compared (or hashed) one by
 * one: a list of a million cells needs one range, a nest of a million tuples a million of them, and no C frame.
 * One exception: keys of hash tries are compared by a call of their own, so nests of tries larger than a flat map
 * recurse once a level.
 */
#include "runtime/term/order.h"

#include <math.h>
#include <string.h>

#include "runtime/term/bits.h"
#include "runtime/term/map.h"
#include "runtime/term/number.h"
#include "runtime/term/work_stack.h"

/* ---- Ranges that are left ------------------------------------------------------------------------------------ */

struct range {
	const term *a, *b;
	size_t count;
	bool exact;
};

static void push_range(struct work_stack *s, const term *a, const term *b, size_t count, bool exact)
{
	if (count == 0)
		return;
	work_stack_push(s, (term) { (uintptr_t) a });
	work_stack_push(s, (term) { (uintptr_t) b });
	work_stack_push(s, (term) { count << 1 | exact });
}

static bool pop_range(struct work_stack *s, struct range *r)
{
	if (s->count == 0)
		return false;
	s->count -= 3;
	const term *at = s->items + s->count;
	*r = (struct range) { (const term *) at[0].word, (const term *) at[1].word, at[2].word >> 1, at[2].word & 1 };
	return true;
}

/* ---- Numbers ------------------------------------------------------------------------------------------------- */

static int sign_of(bool less, bool greater) { return greater - less; }

/* Magnitude and sign of an integer term; a small's magnitude goes to *small. */
struct integer {
	const uint64_t *limbs;
	size_t count;           /* 0: zero */
	bool negative;
};

static struct integer integer_of(term t, uint64_t *small)
{
	if (!term_is_small(t))
		return (struct integer) { (const uint64_t *) (term_box(t) + 1), header_words(*term_box(t)),
			term_is_kind(t, BOX_BIG_NEGATIVE) };
	intptr_t n = term_to_small(t);
	*small = n < 0 ? -(uint64_t) n : (uint64_t) n;
	return (struct integer) { small, n != 0, n < 0 };
}

static int compare_magnitudes(const struct integer *a, const struct integer *b)
{
	if (a->count != b->count)
		return sign_of(a->count < b->count, a->count > b->count);
	for (size_t i = a->count; i-- > 0;)
		if (a->limbs[i] != b->limbs[i])
			return sign_of(a->limbs[i] < b->limbs[i], a->limbs[i] > b->limbs[i]);
	return 0;
}

static int compare_integers(term a, term b)
{
	uint64_t small_a, small_b;
	if (LIKELY(term_is_small(a) && term_is_small(b)))
		return sign_of(term_to_small(a) < term_to_small(b), term_to_small(a) > term_to_small(b));
	struct integer x = integer_of(a, &small_a), y = integer_of(b, &small_b);
	if (x.negative != y.negative)
		return x.negative ? -1 : 1;
	int order = compare_magnitudes(&x, &y);
	return x.negative ? -order : order;
}

/* |integer| against d >= 0, without rounding either: first by the place of the highest bit, then bit by bit. */
static int compare_magnitude_float(const struct integer *x, double d)
{
	int exponent;
	double fraction = frexp(d, &exponent);          /* d = fraction * 2^exponent, 0.5 <= fraction < 1 */
	if (x->count == 0 || d < 1)
		return x->count ? 1 : sign_of(d > 0, false);
	int zeros = __builtin_clzll(x->limbs[x->count - 1]);
	long bits = (long) x->count * 64 - zeros;
	if (isinf(d) || bits != exponent)
		return isinf(d) || bits < exponent ? -1 : 1;
	uint64_t top = x->limbs[x->count - 1] << zeros, wanted = (uint64_t) ldexp(fraction, 64);
	if (zeros && x->count > 1)
		top |= x->limbs[x->count - 2] >> (64 - zeros);
	if (top != wanted)
		return top < wanted ? -1 : 1;
	bool rest = x->count > 1 && x->limbs[x->count - 2] << zeros;
	for (size_t i = 0; i + 2 < x->count; i++)
		rest |= x->limbs[i] != 0;
	return rest;
}

static int compare_integer_float(term integer, double d)
{
	uint64_t small;
	struct integer x = integer_of(integer, &small);
	if (x.negative != (d < 0))
		return x.negative ? -1 : 1;
	int order = compare_magnitude_float(&x, fabs(d));
	return x.negative ? -order : order;
}

static int compare_numbers(term a, term b, bool exact)
{
	bool float_a = term_is_float(a), float_b = term_is_float(b);
	if (!float_a && !float_b)
		return compare_integers(a, b);
	if (float_a && float_b)
		return sign_of(float_value(a) < float_value(b), float_value(a) > float_value(b));
	if (exact)
		return float_a ? 1 : -1;        /* as for keys of maps: any integer before any float */
	return float_a ? -compare_integer_float(b, float_value(a)) : compare_integer_float(a, float_value(b));
}

/* ---- Bit strings --------------------------------------------------------------------------------------------- */

/* 0 when the shorter one is the other's beginning: then lengths decide. */
static int compare_common_bits(const struct bits *a, const struct bits *b)
{
	size_t whole = size_min(a->bytes, b->bytes);
	if (a->offset == 0 && b->offset == 0) {
		int order = memcmp(a->data, b->data, whole);
		if (order)
			return order;
	} else {
		for (size_t i = 0; i < whole; i++)
			if (bits_byte(a, i) != bits_byte(b, i))
				return bits_byte(a, i) < bits_byte(b, i) ? -1 : 1;
	}
	unsigned left_a = a->bytes > whole ? 8 : a->rest, left_b = b->bytes > whole ? 8 : b->rest;
	unsigned left = left_a < left_b ? left_a : left_b, mask = 0xff00u >> left & 0xff;
	if (left == 0)
		return 0;
	return (int) (bits_byte(a, whole) & mask) - (int) (bits_byte(b, whole) & mask);
}

static int compare_bits(term a, term b)
{
	struct bits x = bits_of(a), y = bits_of(b);
	int order = compare_common_bits(&x, &y);
	if (order)
		return order;
	if (x.bytes != y.bytes)
		return x.bytes < y.bytes ? -1 : 1;
	return (int) x.rest - (int) y.rest;
}

/* ---- Maps: by size, then keys in ascending order, then values in the order of their keys --------------------- */

/* Hash tries have no sorted keys: the smallest key at which two of a size differ decides; a walk over each finds it. */
struct difference {
	const struct atoms *atoms;
	term other;
	term least;             /* smallest key that differs, or TERM_NONE */
	bool values, exact;     /* compare values of common keys; or look for missing keys */
	int order;              /* of the values at `least` */
};

static bool differs_at(struct difference *d, term key, term value)
{
	term theirs = map_get(d->atoms, d->other, key);
	if (!d->values)
		return term_is_none(theirs);
	int order = term_compare(d->atoms, value, theirs, d->exact);
	if (order)
		d->order = order;
	return order != 0;
}

static bool note_difference(void *context, term key, term value)
{
	struct difference *d = context;
	if (!term_is_none(d->least) && term_compare(d->atoms, key, d->least, true) > 0)
		return true;
	if (differs_at(d, key, value))
		d->least = key;
	return true;
}

static int compare_tries(const struct atoms *atoms, term a, term b, bool exact)
{
	struct difference only_a = { .atoms = atoms, .other = b }, only_b = { .atoms = atoms, .other = a };
	struct difference value = { .atoms = atoms, .other = b, .values = true, .exact = exact };
	map_each(a, note_difference, &only_a);
	map_each(b, note_difference, &only_b);
	if (!term_is_none(only_a.least))        /* of equal size: then b has keys of its own, too */
		return term_compare(atoms, only_a.least, only_b.least, true);
	map_each(a, note_difference, &value);
	return value.order;
}

static int compare_maps(const struct atoms *atoms, struct work_stack *s, term a, term b, bool exact)
{
	size_t size = map_size(a), other = map_size(b);
	if (size != other)
		return size < other ? -1 : 1;
	if (term_is_kind(a, BOX_MAP_NODE))
		return compare_tries(atoms, a, b, exact);
	const term *x = term_box(a), *y = term_box(b);
	push_range(s, x + MAP_VALUES, y + MAP_VALUES, size, exact);
	if (!term_is(x[MAP_KEYS], y[MAP_KEYS]))
		push_range(s, term_box(x[MAP_KEYS]) + 1, term_box(y[MAP_KEYS]) + 1, size, true);
	return 0;
}

/* ---- Order --------------------------------------------------------------------------------------------------- */

enum rank {
	RANK_NUMBER, RANK_ATOM, RANK_REFERENCE, RANK_FUN, RANK_EXTERNAL_FUN, RANK_PORT, RANK_PID, RANK_TUPLE, RANK_MAP,
	RANK_NIL, RANK_LIST, RANK_BITS
};

static enum rank rank_of(term t)
{
	static const uint8_t of_box[BOX_KIND_COUNT] = {
		[BOX_TUPLE] = RANK_TUPLE, [BOX_MAP] = RANK_MAP, [BOX_MAP_NODE] = RANK_MAP, [BOX_FUN] = RANK_FUN,
		[BOX_EXTERNAL_FUN] = RANK_EXTERNAL_FUN, [BOX_SUB_BINARY] = RANK_BITS, [BOX_BIG_POSITIVE] = RANK_NUMBER,
		[BOX_BIG_NEGATIVE] = RANK_NUMBER, [BOX_FLOAT] = RANK_NUMBER, [BOX_REFERENCE] = RANK_REFERENCE,
		[BOX_HEAP_BINARY] = RANK_BITS, [BOX_REFC] = RANK_BITS,
	};
	if (term_is_boxed(t))
		return (enum rank) of_box[header_kind(*term_box(t))];
	if (term_is_cons(t))
		return RANK_LIST;
	return term_is_small(t) ? RANK_NUMBER : term_is_atom(t) ? RANK_ATOM : term_is_pid(t) ? RANK_PID
		: term_is_port(t) ? RANK_PORT : RANK_NIL;
}

static int compare_words(uint64_t a, uint64_t b) { return sign_of(a < b, a > b); }

/* Of different atoms; without texts only that they differ. */
static int compare_atoms(const struct atoms *atoms, term a, term b)
{
	return atoms ? strcmp(atom_text(atoms, a), atom_text(atoms, b)) : 1;
}

static int compare_tuples(struct work_stack *s, term a, term b, bool exact)
{
	size_t arity = tuple_arity(a);
	if (arity != tuple_arity(b))
		return arity < tuple_arity(b) ? -1 : 1;
	push_range(s, term_box(a) + 1, term_box(b) + 1, arity, exact);
	return 0;
}

/* By code, then by the number of captured values, then by these; who made it does not matter. */
static int compare_funs(struct work_stack *s, term a, term b, bool exact)
{
	const term *x = term_box(a), *y = term_box(b);
	size_t words = header_words(x[0]);
	if (words != header_words(y[0]))
		return words < header_words(y[0]) ? -1 : 1;
	push_range(s, x + FUN_CAPTURED, y + FUN_CAPTURED, words + 1 - FUN_CAPTURED, exact);
	push_range(s, x + FUN_CODE, y + FUN_CODE, 1, true);
	return 0;
}

/* Not equal for sure, or 0 and what decides has been pushed. Both are of this rank and differ as words. */
static int compare_of_rank(const struct atoms *atoms, struct work_stack *s, enum rank rank, const struct range *r)
{
	term a = *r->a, b = *r->b;
	switch (rank) {
	case RANK_NUMBER: return compare_numbers(a, b, r->exact);
	case RANK_ATOM: return compare_atoms(atoms, a, b);
	case RANK_REFERENCE: return compare_words(reference_number(a), reference_number(b));
	case RANK_FUN: return compare_funs(s, a, b, r->exact);
	case RANK_PORT: return compare_words(term_port_number(a), term_port_number(b));
	case RANK_PID: return compare_words(term_pid_number(a), term_pid_number(b));
	case RANK_EXTERNAL_FUN:
	case RANK_TUPLE: return compare_tuples(s, a, b, r->exact);
	case RANK_MAP: return compare_maps(atoms, s, a, b, r->exact);
	case RANK_NIL: return 0;
	case RANK_LIST:
		push_range(s, term_cell(a), term_cell(b), 2, r->exact);
		return 0;
	case RANK_BITS: return compare_bits(a, b);
	}
	return 0;
}

/* The first of the range; the rest is pushed before what the first needs. */
static int compare_first(const struct atoms *atoms, struct work_stack *s, const struct range *r)
{
	push_range(s, r->a + 1, r->b + 1, r->count - 1, r->exact);
	if (term_is(*r->a, *r->b))
		return 0;
	enum rank rank = rank_of(*r->a), other = rank_of(*r->b);
	if (rank != other)
		return rank < other ? -1 : 1;
	return compare_of_rank(atoms, s, rank, r);
}

int term_compare(const struct atoms *atoms, term a, term b, bool exact)
{
	struct work_stack s;
	struct range r;
	int order = 0;
	if (term_is(a, b))
		return 0;
	if (term_is_small(a) && term_is_small(b))
		return sign_of(term_to_small(a) < term_to_small(b), term_to_small(a) > term_to_small(b));
	work_stack_init(&s);
	push_range(&s, &a, &b, 1, exact);
	while (order == 0 && pop_range(&s, &r))
		order = compare_first(atoms, &s, &r);
	work_stack_release(&s);
	return order;
}

/* ---- Equality ------------------------------------------------------------------------------------------------ */

/* Tries of equal maps have the same shape, as hashes alone decide it: node by node. */
static bool equal_nodes(struct work_stack *s, const term *x, const term *y)
{
	push_range(s, x + 1, y + 1, header_words(x[0]), true);
	return term_is(x[0], y[0]);
}

static bool equal_pair(struct work_stack *s, const struct range *r)
{
	term a = *r->a, b = *r->b;
	if (term_is(a, b))
		return true;
	if (term_tag(a) != term_tag(b) || term_is_immediate(a))
		return false;
	if (term_is_boxed(a) && header_kind(*term_box(a)) == BOX_MAP_NODE && header_kind(*term_box(b)) == BOX_MAP_NODE)
		return equal_nodes(s, term_box(a), term_box(b));
	enum rank rank = rank_of(a);
	return rank == rank_of(b) && compare_of_rank(NULL, s, rank, r) == 0;
}

bool term_equal(term a, term b)
{
	struct work_stack s;
	struct range r;
	bool equal = true;
	if (term_is(a, b))
		return true;
	if (term_is_immediate(a) || term_is_immediate(b))
		return false;
	work_stack_init(&s);
	push_range(&s, &a, &b, 1, true);
	while (equal && pop_range(&s, &r)) {
		push_range(&s, r.a + 1, r.b + 1, r.count - 1, true);
		equal = equal_pair(&s, &r);
	}
	work_stack_release(&s);
	return equal;
}

/* ---- Hash ---------------------------------------------------------------------------------------------------- */

/* Multiply and fold the halves of 128 bits together: every input bit reaches every output bit. */
ALWAYS_INLINE uint64_t mix(uint64_t h, uint64_t word)
{
	unsigned __int128 product = h ^ word ^ UINT64_C(0x9e3779b97f4a7c15);
	product *= UINT64_C(0xd6e8feb86659fd93);
	return (uint64_t) product ^ (uint64_t) (product >> 64);
}

ALWAYS_INLINE uint32_t fold(uint64_t h)
{
	h = mix(h, h >> 32);
	return (uint32_t) (h ^ h >> 32);
}

static uint64_t mix_bits(uint64_t h, term t)
{
	struct bits b = bits_of(t);
	h = mix(h, b.bytes << 3 | b.rest);
	size_t i = 0;
	for (; b.offset == 0 && i + 8 <= b.bytes; i += 8) {
		uint64_t word;
		memcpy(&word, b.data + i, sizeof word);
		h = mix(h, word);
	}
	while (i < b.bytes + (b.rest > 0)) {
		uint64_t word = 0;
		for (unsigned shift = 0; shift < 64 && i < b.bytes + (b.rest > 0); shift += 8)
			word |= (uint64_t) bits_byte(&b, i++) << shift;
		h = mix(h, word);
	}
	return h;
}

/* Raw bodies; 0.0 and -0.0 are equal. */
static uint64_t mix_raw(uint64_t h, const term *box)
{
	if (header_kind(box[0]) == BOX_FLOAT && float_value(term_from_box(box)) == 0)
		return h;
	for (size_t i = 1; i <= header_words(box[0]); i++)
		h = mix(h, box[i].word);
	return h;
}

static uint64_t mix_box(uint64_t h, struct work_stack *s, term t)
{
	const term *box = term_box(t);
	if (term_is_binary(t))
		return mix_bits(mix(h, RANK_BITS), t);
	h = mix(h, box[0].word);
	switch (header_kind(box[0])) {
	case BOX_FUN:
		push_range(s, box + FUN_CAPTURED, NULL, header_words(box[0]) + 1 - FUN_CAPTURED, true);
		return mix(h, box[FUN_CODE].word);
	case BOX_TUPLE: case BOX_MAP: case BOX_MAP_NODE: case BOX_EXTERNAL_FUN:
		push_range(s, box + 1, NULL, header_words(box[0]), true);
		return h;
	default:
		return mix_raw(h, box);
	}
}

uint32_t term_hash(term t, uint32_t seed)
{
	struct work_stack s;
	struct range r;
	uint64_t h = mix((uint64_t) seed << 32, t.word);
	if (LIKELY(term_is_immediate(t)))
		return fold(h);
	h = seed;
	work_stack_init(&s);
	push_range(&s, &t, NULL, 1, true);
	while (pop_range(&s, &r)) {
		push_range(&s, r.a + 1, NULL, r.count - 1, true);
		if (term_is_boxed(*r.a)) {
			h = mix_box(h, &s, *r.a);
		} else if (term_is_cons(*r.a)) {
			h = mix(h, TAG_LIST);
			push_range(&s, term_cell(*r.a), NULL, 2, true);
		} else {
			h = mix(h, r.a->word);
		}
	}
	work_stack_release(&s);
	return fold(h);
}
