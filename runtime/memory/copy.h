/*
 * copy - deep copies between heaps, as a send, a spawn or an ETS insert makes them.
 *
 * Sharing is lost (the flat size decides), literals are not copied on send and spawn, off-heap bytes
 * are shared by one more reference. A whole-byte slice of an off-heap binary becomes a fresh 6-word handle
 * with its own offset; other slices become handle + slice. Never collects.
 */
#ifndef RUNTIME_MEMORY_COPY_H
#define RUNTIME_MEMORY_COPY_H

#include "runtime/memory/heap.h"

struct literals;

/* Most messages and rows are a small tuple of things that need no heap: told in one look, copied without a walk. */
ALWAYS_INLINE bool term_is_flat_tuple(term t)
{
	if (!term_is_tuple(t))
		return false;
	const term *box = term_box(t);
	size_t arity = header_words(box[0]);
	if (arity == 0 || arity > 8)
		return false;
	/* The tag of immediates is all ones. */
	term all = box[1];
	for (size_t i = 2; i <= arity; i++)
		all.word &= box[i].word;
	return term_is_immediate(all);
}

/* erts_debug:flat_size: words that a copy needs, every path counted. Literals count 0 when `literals` is given. */
size_t term_flat_words(const struct literals *literals, term t);
/* erts_debug:size: shared parts counted once. Allocates a marking set from the outside lane. */
size_t term_size_words(struct world *w, term t);

/*
 * Copies t to *top (moved on by exactly its flat words). New handles are chained in front of *handles
 * (REFC_NEXT), their payloads retained, bytes / 8 of each added to *handle_words.
 */
term term_copy(const struct literals *literals, term t, term **top, term **handles, uint64_t *handle_words);

/*
 * Moves a piece of heap: the words from[] go to to[], and pointers among them to each other move along; gives t, moved likewise.
 * The two do not overlap.
 */
term term_relocate(term *to, const term *from, size_t words, term t);

/* Gives up the payloads of a chain of handles that will never be received. */
void handles_drop(struct mem_lane *lane, term *handles);

#endif
