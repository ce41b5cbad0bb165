/*
 * refc - the counted payload of a large binary, shared by handles of any process.
 *
 * Charged as on OTP 25: 8 * ceil((bytes + 24) / 8) + 16 for `capacity` bytes. Identity is a serial
 * number, never the address.
 *
 * Append buffers: a payload made writable (flags on the handle) has spare capacity; `bytes` is what is
 * in use. Only the one handle of a writable payload may grow it.
 */
#ifndef RUNTIME_TERM_REFC_H
#define RUNTIME_TERM_REFC_H

#include <stdatomic.h>

#include "runtime/base/mem.h"

#define REFC_LIMIT_BYTES 64u      /* more than this is off heap */

struct refc {
	_Atomic uint64_t references;
	uint64_t serial;
	uint64_t bytes;           /* in use */
	uint64_t capacity;
	_Atomic uint32_t touched; /* append buffers: written since the last sweep */
	_Atomic uint64_t mark;    /* for counting distinct payloads, see gc_count_binaries */
	_Atomic int64_t *account; /* of the application that made it: charged bytes are added and taken away; or NULL */
	uint8_t data[] __attribute__((aligned(8)));
};

/* One reference, data not set; NULL: no memory. urgency as mem_alloc. account outlives every payload; NULL: none. */
struct refc *refc_new(struct mem_lane *lane, uint64_t serial, size_t bytes, size_t capacity, enum mem_urgency urgency,
	_Atomic int64_t *account);
void refc_retain(struct refc *r);
/* Gives one share back; the last frees. Any thread, with its own lane. */
void refc_drop(struct mem_lane *lane, struct refc *r);
/* Only with one reference: another capacity (bytes kept); NULL when there is no memory (r stays valid). */
struct refc *refc_resize(struct mem_lane *lane, struct refc *r, size_t capacity);
size_t refc_charged_bytes(size_t capacity);

#endif
