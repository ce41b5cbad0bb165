/*
 * number - see the header. A big is sign in the header, magnitude in limbs, lowest first, without leading zeros; what
 * fits in a small never is a big, so that equal integers look equal.
 */
#include "runtime/term/number.h"

#include <string.h>

static uint64_t magnitude_of(int64_t n) { return n < 0 ? -(uint64_t) n : (uint64_t) n; }

static term *take_big(term **top, bool negative, size_t limbs)
{
	term *box = *top;
	box[0] = term_header(negative ? BOX_BIG_NEGATIVE : BOX_BIG_POSITIVE, limbs);
	*top += 1 + limbs;
	return box;
}

size_t integer_words(int64_t n) { return term_fits_small(n) ? 0 : 2; }

term integer_from(term **top, int64_t n)
{
	if (LIKELY(term_fits_small(n)))
		return term_from_small((intptr_t) n);
	term *box = take_big(top, n < 0, 1);
	box[1].word = magnitude_of(n);
	return term_from_box(box);
}

/* ---- Powers of two ------------------------------------------------------------------------------------------- */

static bool power2_is_small(unsigned bits, bool negative)
{
	return bits < 59 || (bits == 59 && negative);
}

size_t integer_power2_words(unsigned bits, bool negative)
{
	return power2_is_small(bits, negative) ? 0 : 2 + bits / 64;
}

term integer_power2(term **top, unsigned bits, bool negative)
{
	if (power2_is_small(bits, negative))
		return term_from_small(negative ? -((intptr_t) 1 << bits) : (intptr_t) 1 << bits);
	size_t limbs = 1 + bits / 64;
	term *box = take_big(top, negative, limbs);
	memset(box + 1, 0, limbs * sizeof *box);
	box[limbs].word = (uintptr_t) 1 << bits % 64;
	return term_from_box(box);
}

/* ---- Values -------------------------------------------------------------------------------------------------- */

bool integer_to_int64(term t, int64_t *out)
{
	if (term_is_small(t)) {
		*out = term_to_small(t);
		return true;
	}
	if (!term_is_big(t) || header_words(*term_box(t)) != 1)
		return false;
	bool negative = term_is_kind(t, BOX_BIG_NEGATIVE);
	uint64_t magnitude = term_box(t)[1].word;
	if (magnitude > (uint64_t) INT64_MAX + negative)
		return false;
	*out = (int64_t) (negative ? -magnitude : magnitude);
	return true;
}

term float_from(term **top, double d)
{
	term *box = *top;
	box[0] = term_header(BOX_FLOAT, 1);
	memcpy(&box[1], &d, sizeof d);
	*top += 2;
	return term_from_box(box);
}

double float_value(term t)
{
	double d;
	CHECK(term_is_float(t), "no float: %#lx", (unsigned long) t.word);
	memcpy(&d, &term_box(t)[1], sizeof d);
	return d;
}

/* ---- Addition: magnitudes are added where the signs agree, else the smaller is taken from the larger --------- */

struct big {
	uint64_t *limbs;        /* lowest first */
	size_t count;
	bool negative;
};

static struct big big_of(term t, uint64_t *small)
{
	if (term_is_small(t)) {
		*small = magnitude_of(term_to_small(t));
		return (struct big) { small, 1, term_to_small(t) < 0 };
	}
	return (struct big) { (uint64_t *) (term_box(t) + 1), header_words(*term_box(t)), term_is_kind(t, BOX_BIG_NEGATIVE) };
}

static void add_magnitude(uint64_t *to, const struct big *a, uint64_t n)
{
	for (size_t i = 0; i < a->count; i++) {
		to[i] = a->limbs[i] + n;
		n = to[i] < n;
	}
	to[a->count] = n;
}

/* Of a that is not smaller than n. */
static void subtract_magnitude(uint64_t *to, const struct big *a, uint64_t n)
{
	for (size_t i = 0; i < a->count; i++) {
		uint64_t limb = a->limbs[i];
		to[i] = limb - n;
		n = limb < n;
	}
	to[a->count] = 0;
}

/* The box of so many limbs, cut to what it needs; as a small when it fits. */
static term settle(term **top, term *box, size_t limbs, bool negative)
{
	while (limbs > 0 && box[limbs].word == 0)
		limbs--;
	uint64_t low = limbs ? box[1].word : 0;
	*top = box;
	if (limbs <= 1 && low <= (uint64_t) TERM_SMALL_MAX + negative)
		return term_from_small(negative ? -(intptr_t) low : (intptr_t) low);
	take_big(top, negative, limbs);
	return term_from_box(box);
}

size_t integer_add_words(term t)
{
	return 2 + (term_is_small(t) ? 1 : header_words(*term_box(t)));
}

term integer_add(term **top, term t, int64_t n)
{
	CHECK(term_is_small(t) || term_is_big(t), "no integer: %#lx", (unsigned long) t.word);
	uint64_t small, other = magnitude_of(n);
	struct big a = big_of(t, &small);
	term *box = *top;
	uint64_t *to = (uint64_t *) (box + 1);
	if (a.negative == (n < 0)) {
		add_magnitude(to, &a, other);
	} else if (a.count == 1 && a.limbs[0] < other) {
		to[0] = other - a.limbs[0];
		to[1] = 0;
		a.negative = !a.negative;
	} else {
		subtract_magnitude(to, &a, other);
	}
	return settle(top, box, a.count + 1, a.negative);
}
