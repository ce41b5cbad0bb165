/* binary - layouts of byte strings; who allocates and charges is process/blob. */
#include "runtime/memory/binary.h"

#include <string.h>

#include "runtime/memory/build.h"

/* What any binary comes down to: where its bits begin and how many there are. */
struct view {
	const uint8_t *data;            /* the byte that holds the first bit */
	struct refc *payload;           /* or NULL */
	size_t bytes;                   /* whole bytes */
	unsigned bit_offset, bits;      /* first bit within *data; bits behind the whole bytes */
};

static struct view view_of_base(const term *box)
{
	if (header_kind(box[0]) == BOX_HEAP_BINARY)
		return (struct view) { .data = (const uint8_t *) (box + 2), .bytes = box[1].word };
	CHECK(header_kind(box[0]) == BOX_REFC, "a binary of kind %d", header_kind(box[0]));
	return (struct view) { .data = (const uint8_t *) box[REFC_BYTES].word, .payload = (struct refc *) box[REFC_PAYLOAD].word,
		.bytes = box[REFC_SIZE].word };
}

static struct view view_of(term t)
{
	const term *box = term_box(t);
	if (header_kind(box[0]) != BOX_SUB_BINARY)
		return view_of_base(box);
	struct view v = view_of_base(term_box(box[SUB_PARENT]));
	unsigned bits = (unsigned) term_to_small(box[SUB_BITS]);
	v.data += term_to_small(box[SUB_OFFSET]);
	v.bytes = (size_t) term_to_small(box[SUB_SIZE]);
	v.bit_offset = bits & 7;
	v.bits = bits >> 3 & 7;
	return v;
}

size_t binary_bytes(term t) { return view_of(t).bytes; }
const uint8_t *binary_data(term t) { return view_of(t).data; }
struct refc *binary_payload(term t) { return view_of(t).payload; }
unsigned binary_bit_offset(term t) { return view_of(t).bit_offset; }
unsigned binary_bits(term t) { return view_of(t).bits; }
bool binary_is_whole(term t) { return term_is_binary(t) && view_of(t).bits == 0; }

size_t binary_referenced_bytes(term t)
{
	struct view v = view_of(t);
	return v.payload ? v.payload->bytes : v.bytes;
}

term binary_heap(struct builder *b, const void *data, size_t bytes)
{
	size_t data_words = (bytes + 7) / 8;
	CHECK(bytes <= BINARY_HEAP_LIMIT, "a heap binary of %zu bytes", bytes);
	term *box = build_words(b, 2 + data_words);
	box[0] = term_header(BOX_HEAP_BINARY, 1 + data_words);
	box[1].word = bytes;
	if (data_words)
		box[1 + data_words].word = 0;
	if (data)
		memcpy(box + 2, data, bytes);
	else
		memset(box + 2, 0, bytes);
	return term_from_box(box);
}

term binary_handle(struct builder *b, struct refc *payload, const uint8_t *bytes_at, size_t bytes)
{
	term *box = build_words(b, REFC_WORDS);
	box[0] = term_header(BOX_REFC, REFC_WORDS - 1);
	box[REFC_SIZE].word = bytes;
	box[REFC_PAYLOAD].word = (uintptr_t) payload;
	box[REFC_BYTES].word = (uintptr_t) bytes_at;
	box[REFC_FLAGS].word = 0;
	off_heap_link(b, box);
	return term_from_box(box);
}

/* A slice of a slice refers to the handle, never to the slice. */
static term build_slice(struct builder *b, term parent, size_t bytes, size_t offset, unsigned bits)
{
	term *box = build_words(b, SUB_WORDS);
	box[0] = term_header(BOX_SUB_BINARY, SUB_WORDS - 1);
	box[SUB_SIZE] = term_from_small((intptr_t) bytes);
	box[SUB_OFFSET] = term_from_small((intptr_t) offset);
	box[SUB_BITS] = term_from_small(bits);
	box[SUB_PARENT] = parent;
	return term_from_box(box);
}

static term parent_of(term t, size_t *offset)
{
	const term *box = term_box(t);
	*offset = 0;
	if (header_kind(box[0]) != BOX_SUB_BINARY)
		return t;
	*offset = (size_t) term_to_small(box[SUB_OFFSET]);
	return box[SUB_PARENT];
}

term binary_slice(struct builder *b, term t, size_t offset, size_t bytes)
{
	if (bytes <= BINARY_SLICE_COPY_LIMIT)
		return binary_heap(b, binary_data(t) + offset, bytes);
	size_t base;
	term parent = parent_of(t, &base);
	return build_slice(b, parent, bytes, base + offset, 0);
}

term binary_bit_slice(struct builder *b, term t, size_t bit_offset, size_t bits)
{
	size_t base;
	term parent = parent_of(t, &base);
	size_t first = base * 8 + binary_bit_offset(t) + bit_offset;
	return build_slice(b, parent, bits / 8, first / 8, (unsigned) (first % 8 | bits % 8 << 3));
}

static unsigned bit_at(const struct view *v, size_t i)
{
	size_t at = v->bit_offset + i;
	return v->data[at / 8] >> (7 - at % 8) & 1;
}

bool binary_equal(term a, term b)
{
	struct view x = view_of(a), y = view_of(b);
	if (x.bytes != y.bytes || x.bits != y.bits)
		return false;
	if (x.bit_offset == 0 && y.bit_offset == 0 && x.bits == 0)
		return memcmp(x.data, y.data, x.bytes) == 0;
	for (size_t i = 0; i < x.bytes * 8 + x.bits; i++)
		if (bit_at(&x, i) != bit_at(&y, i))
			return false;
	return true;
}
