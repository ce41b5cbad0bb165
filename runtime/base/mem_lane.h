/*
 * mem_lane - what a lane is made of, and the common case of mem.h in line: a small block from or to a magazine of the
 * caller's own lane, and a figure of its ledger.
 *
 * For who makes and frees with every message; everybody else calls mem.h. A lane is plain when nothing but its owner looks
 * at what it does: it has no lock, no failure is injected, nothing is poisoned.
 */
#ifndef RUNTIME_BASE_MEM_LANE_H
#define RUNTIME_BASE_MEM_LANE_H

#include <pthread.h>
#include <stdatomic.h>

#include "runtime/base/mem.h"
#include "runtime/base/mem_class.h"

struct block { struct block *next; };

struct magazine {
	struct block **blocks;                  /* the latest last */
	uint32_t count, most;
};

struct pool {
	struct magazine magazines[MEM_CLASS_MAX];
	struct mem_carrier *partial[MEM_CLASS_MAX];     /* doubly linked */
	_Alignas(CACHE_LINE) _Atomic(struct block *) returned;  /* pushed by anybody, taken whole by the owner */
};

typedef _Atomic int64_t figure;

struct mem_lane {
	struct mem *mem;
	const struct mem_classes *classes;      /* the mem's */
	struct block **slots;                   /* of all magazines */
	bool is_locked;                         /* used by several threads: outside, helper */
	bool is_plain;
	struct pool pool;
	_Alignas(CACHE_LINE) figure blocks[MEM_TYPE_COUNT];
	figure bytes[MEM_TYPE_COUNT];
	figure charged[CHARGE_COUNT];
	_Alignas(CACHE_LINE) pthread_mutex_t lock;      /* of a locked lane */
	_Atomic uint32_t state;                         /* of an owned one */
};

ALWAYS_INLINE void mem_figure_add(figure *f, int64_t n)
{
	atomic_store_explicit(f, atomic_load_explicit(f, memory_order_relaxed) + n, memory_order_relaxed);
}

ALWAYS_INLINE void mem_lane_count(struct mem_lane *lane, enum mem_type type, int64_t blocks, size_t real_bytes)
{
	mem_figure_add(&lane->blocks[type], blocks);
	mem_figure_add(&lane->bytes[type], blocks * (int64_t) real_bytes);
}

/* As mem_alloc. */
ALWAYS_INLINE void *mem_lane_alloc(struct mem_lane *lane, enum mem_type type, size_t bytes, enum mem_urgency urgency)
{
	if (UNLIKELY(!lane->is_plain || bytes > MEM_CLASS_OWN_BYTES))
		return mem_alloc(lane, type, bytes, urgency);
	unsigned class = mem_class_of(lane->classes, bytes);
	struct magazine *magazine = &lane->pool.magazines[class];
	if (UNLIKELY(magazine->count == 0))
		return mem_alloc(lane, type, bytes, urgency);
	mem_lane_count(lane, type, 1, lane->classes->bytes[class]);
	return magazine->blocks[--magazine->count];
}

/* As mem_give. */
ALWAYS_INLINE void mem_lane_give(struct mem_lane *lane, enum mem_type type, void *block, size_t bytes)
{
	if (UNLIKELY(!lane->is_plain || bytes > MEM_CLASS_OWN_BYTES)) {
		mem_give(lane, type, block, bytes);
		return;
	}
	unsigned class = mem_class_of(lane->classes, bytes);
	struct magazine *magazine = &lane->pool.magazines[class];
	if (UNLIKELY(magazine->count == magazine->most)) {
		mem_give(lane, type, block, bytes);
		return;
	}
	mem_lane_count(lane, type, -1, lane->classes->bytes[class]);
	magazine->blocks[magazine->count++] = block;
}

/* As mem_charge. */
ALWAYS_INLINE void mem_lane_charge(struct mem_lane *lane, enum mem_charge what, int64_t bytes)
{
	if (UNLIKELY(lane->is_locked))
		mem_charge(lane, what, bytes);
	else
		mem_figure_add(&lane->charged[what], bytes);
}

#endif
