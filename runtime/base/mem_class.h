/*
 * mem_class - the sizes that blocks really have.
 *
 *   up to 8 KiB    eighth steps (16, 24 .. 128, 144 .. 256, 288 .. 8192) and the BEAM's heap sizes between them
 *   to a carrier   the n-ths of a carrier, n = 7 .. 1; only for blocks that fill theirs to 7/8
 *   the rest       page-rounded mappings (no class)
 */
#ifndef RUNTIME_BASE_MEM_CLASS_H
#define RUNTIME_BASE_MEM_CLASS_H

#include "runtime/base/base.h"

#define MEM_CARRIER_BYTES 65536u
#define MEM_CARRIER_HEAD_BYTES CACHE_LINE   /* the carrier's own header; its blocks follow */
#define MEM_CARRIER_ROOM_BYTES (MEM_CARRIER_BYTES - MEM_CARRIER_HEAD_BYTES)
#define MEM_LARGE_HEAD_BYTES CACHE_LINE     /* in front of a page-rounded block */
#define MEM_PAGE_BYTES 4096u
#define MEM_CLASS_OWN_BYTES 8192u           /* up to here every lane has carriers of its own, above they are shared */
#define MEM_CLASS_PARTS 7u                  /* shared classes: the n-ths of a carrier from this one on */
#define MEM_CLASS_STEP_BYTES WORD_BYTES
#define MEM_CLASS_LEAST_BYTES 16u
#define MEM_CLASS_MAX 80u
#define MEM_CLASS_NONE 255u                 /* too large or too wasteful for a carrier: a mapping */

/* Filled at a world's start, only read afterwards. */
struct mem_classes {
	unsigned count;
	unsigned own_count;                                     /* classes below this one are of the lanes */
	uint32_t bytes[MEM_CLASS_MAX];
	uint32_t capacity[MEM_CLASS_MAX];                       /* blocks a carrier */
	uint8_t of_step[MEM_CLASS_OWN_BYTES / MEM_CLASS_STEP_BYTES + 1];
};

void mem_classes_init(struct mem_classes *c);

/* Slow part of mem_class_of: blocks over MEM_CLASS_OWN_BYTES. */
unsigned mem_class_of_shared(const struct mem_classes *c, size_t bytes);

ALWAYS_INLINE unsigned mem_class_of(const struct mem_classes *c, size_t bytes)
{
	if (LIKELY(bytes <= MEM_CLASS_OWN_BYTES))
		return c->of_step[(bytes + MEM_CLASS_STEP_BYTES - 1) / MEM_CLASS_STEP_BYTES];
	return mem_class_of_shared(c, bytes);
}

/* What a request of `bytes` really takes: its class, or its mapping. Needs no table. */
size_t mem_class_real_bytes(size_t bytes);

/* What a mapping for a block of `bytes` takes, header included. */
size_t mem_class_large_bytes(size_t bytes);

#endif
