/*
 * binary - byte strings: heap binaries up to 64 bytes, counted payloads above, slices of both.
 *
 * OTP 25 rules: taking 64 whole bytes or less out of a binary copies them (2 + ceil(n/8) words); more makes a slice
 * of 5 words on the parent's handle, which keeps the whole parent alive. binary_copy always makes anew.
 * Append buffers: the first append copies into a private payload of max(256, 2 * size) bytes, later ones
 * write in place and cost a slice of 5 words; too small -> twice the new size.
 *
 * Functions that take a builder expect that the words were reserved (binary_new_words and friends) and that a
 * payload was made before (refc_new), so that building cannot fail.
 */
#ifndef RUNTIME_MEMORY_BINARY_H
#define RUNTIME_MEMORY_BINARY_H

#include "runtime/memory/heap.h"

#define BINARY_HEAP_LIMIT 64u
#define BINARY_SLICE_COPY_LIMIT 64u

/* Words of a new binary of so many bytes: 2 + ceil(bytes/8), or 6. */
static inline size_t binary_new_words(size_t bytes) { return bytes <= BINARY_HEAP_LIMIT ? 2 + (bytes + 7) / 8 : (size_t) REFC_WORDS; }

/* A heap binary; bytes <= 64; data NULL: zeros. */
term binary_heap(struct builder *b, const void *data, size_t bytes);
/* A handle on a payload whose reference the caller gives away; linked and counted. REFC_WORDS words. */
term binary_handle(struct builder *b, struct refc *payload, const uint8_t *bytes_at, size_t bytes);

/* Size in bytes (whole), where the bytes begin (bit offset 0 assumed: see binary_bit_offset), the payload or NULL. */
size_t binary_bytes(term t);
const uint8_t *binary_data(term t);
struct refc *binary_payload(term t);
unsigned binary_bit_offset(term t);
unsigned binary_bits(term t);                   /* bits in the last, partial byte */
bool binary_is_whole(term t);                   /* no bit string */
/* binary:referenced_byte_size. */
size_t binary_referenced_bytes(term t);

/* Words that binary_slice needs: a copy's up to the limit, else 5. */
static inline size_t binary_slice_words(size_t bytes) { return bytes <= BINARY_SLICE_COPY_LIMIT ? 2 + (bytes + 7) / 8 : (size_t) SUB_WORDS; }
/* Bytes offset .. offset+bytes of t; the caller checked the range. */
term binary_slice(struct builder *b, term t, size_t offset, size_t bytes);
/* A bit string of `bits` bits from bit `bit_offset` on, always a slice: SUB_WORDS. t is off heap or gets a copy first. */
term binary_bit_slice(struct builder *b, term t, size_t bit_offset, size_t bits);

/* term_to_binary's size, binary equality over any representation. */
bool binary_equal(term a, term b);

#endif
