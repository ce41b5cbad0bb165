/*
 * bits - the bytes behind any binary or bit string, wherever they lie: in the box, in a payload, in a slice of either.
 *
 * For this floor's readers (text, order, external form); memory/binary.h is the door for everyone else.
 */
#ifndef RUNTIME_TERM_BITS_H
#define RUNTIME_TERM_BITS_H

#include "runtime/term/term.h"

struct bits {
	const uint8_t *data;    /* the byte that holds the first bit */
	size_t bytes;           /* whole ones */
	unsigned offset;        /* of the first bit in *data, 0-7 */
	unsigned rest;          /* bits behind the whole bytes, 0-7 */
};

/* The view of a term that is a binary; borrowed, valid until the next collection. */
struct bits bits_of(term t);

/* Byte i, shifted into place; i == bytes gives the rest, highest bits first, zeros behind. */
static inline uint8_t bits_byte(const struct bits *b, size_t i)
{
	unsigned have = i < b->bytes ? 8 : b->rest;
	unsigned byte = (unsigned) b->data[i] << b->offset;
	if (b->offset + have > 8)
		byte |= b->data[i + 1] >> (8 - b->offset);
	return (uint8_t) (byte & 0xff00u >> have);
}

#endif
