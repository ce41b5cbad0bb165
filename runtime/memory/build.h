/*
 * build - constructors that run after a reserve. None of them collects; each says its words.
 *
 *   struct builder *b = RESERVE(p, 2 + 3, &list);
 *   list = build_cons(b, build_tuple2(b, ATOM(ok), term_from_small(1)), list);
 */
#ifndef RUNTIME_MEMORY_BUILD_H
#define RUNTIME_MEMORY_BUILD_H

#include "runtime/memory/heap.h"
#include "runtime/term/atom.h"

/* Takes n words; for the other constructors and for those who fill them at once. */
ALWAYS_INLINE term *build_words(struct builder *b, size_t n)
{
	term *at = b->top;
	b->top += n;
	return at;
}

/* 2 words. */
ALWAYS_INLINE term build_cons(struct builder *b, term head, term tail)
{
	term *cell = build_words(b, 2);
	cell[0] = head;
	cell[1] = tail;
	return term_from_cons(cell);
}

/* 1 + n words; n > 0. */
ALWAYS_INLINE term build_tuple(struct builder *b, size_t n, const term *elements)
{
	term *box = build_words(b, 1 + n);
	box[0] = term_header(BOX_TUPLE, n);
	for (size_t i = 0; i < n; i++)
		box[1 + i] = elements[i];
	return term_from_box(box);
}
ALWAYS_INLINE term build_tuple2(struct builder *b, term x, term y) { return build_tuple(b, 2, (term[]) { x, y }); }
ALWAYS_INLINE term build_tuple3(struct builder *b, term x, term y, term z) { return build_tuple(b, 3, (term[]) { x, y, z }); }
ALWAYS_INLINE term build_tuple4(struct builder *b, term x, term y, term z, term u) { return build_tuple(b, 4, (term[]) { x, y, z, u }); }

/* 2 words. */
ALWAYS_INLINE term build_float(struct builder *b, double d)
{
	term *box = build_words(b, 2);
	box[0] = term_header(BOX_FLOAT, 1);
	__builtin_memcpy(&box[1], &d, sizeof d);
	return term_from_box(box);
}

/* 3 words. */
#define REFERENCE_WORDS 3u
ALWAYS_INLINE term build_reference(struct builder *b, uint64_t number)
{
	term *box = build_words(b, REFERENCE_WORDS);
	box[0] = term_header(BOX_REFERENCE, 2);
	box[1].word = number;
	box[2].word = 0;
	return term_from_box(box);
}

/* 0 words for a small, else 2. */
ALWAYS_INLINE term build_integer(struct builder *b, int64_t n)
{
	if (LIKELY(term_fits_small(n)))
		return term_from_small(n);
	term *box = build_words(b, 2);
	box[0] = term_header(n < 0 ? BOX_BIG_NEGATIVE : BOX_BIG_POSITIVE, 1);
	box[1].word = n < 0 ? (uintptr_t) -(uint64_t) n : (uintptr_t) n;
	return term_from_box(box);
}

/* A closure over n values: 5 + n words. `code` names it: "module:name/arity". */
ALWAYS_INLINE term build_fun(struct builder *b, term code, term creator, unsigned arity, size_t n, const term *captured)
{
	term *box = build_words(b, FUN_CAPTURED + n);
	box[0] = term_header(BOX_FUN, FUN_CAPTURED - 1 + n);
	box[FUN_CODE] = code;
	box[FUN_CREATOR] = creator;
	box[FUN_ARITY] = term_from_small(arity);
	box[FUN_CAPTURED - 1] = term_from_small((intptr_t) n);
	for (size_t i = 0; i < n; i++)
		box[FUN_CAPTURED + i] = captured[i];
	return term_from_box(box);
}

#endif
