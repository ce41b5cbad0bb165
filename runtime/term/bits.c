/* bits - see the header. A slice's parent is never a slice itself. */
#include "runtime/term/bits.h"

static struct bits whole(const term *box)
{
	if (header_kind(box[0]) == BOX_HEAP_BINARY)
		return (struct bits) { .data = (const uint8_t *) (box + 2), .bytes = box[1].word };
	CHECK(header_kind(box[0]) == BOX_REFC, "no binary: a box of kind %d", header_kind(box[0]));
	return (struct bits) { .data = (const uint8_t *) box[REFC_BYTES].word, .bytes = box[REFC_SIZE].word };
}

struct bits bits_of(term t)
{
	const term *box = term_box(t);
	if (header_kind(box[0]) != BOX_SUB_BINARY)
		return whole(box);
	struct bits b = whole(term_box(box[SUB_PARENT]));
	unsigned packed = (unsigned) term_to_small(box[SUB_BITS]);
	b.data += term_to_small(box[SUB_OFFSET]);
	b.bytes = (size_t) term_to_small(box[SUB_SIZE]);
	b.offset = packed & 7;
	b.rest = packed >> 3 & 7;
	return b;
}
