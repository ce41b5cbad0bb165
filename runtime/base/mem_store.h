/*
 * mem_store - where carriers and large mappings come from, what is kept of those given back, and the ceiling.
 *
 *   region  4 MiB of addresses: 64 carriers, each cold (no memory behind it), warm (free, kept) or in use
 *   large   a page-rounded mapping with a head; given back it is kept for a request it fits within 25 %
 *
 * Invariants
 *   - in use <= hard, always; in use + retained <= hard, so resident memory stays under the ceiling as well:
 *     what is kept is given up before a request is refused;
 *   - no choice depends on an address: regions in order of birth, carriers by index, kept ones by when they came back.
 *
 * All calls: any thread, one lock. They are rare: a carrier serves many blocks.
 */
#ifndef RUNTIME_BASE_MEM_STORE_H
#define RUNTIME_BASE_MEM_STORE_H

#include <pthread.h>
#include <stdatomic.h>

#include "runtime/base/mem.h"
#include "runtime/base/mem_class.h"

#define MEM_REGION_CARRIERS 64u

struct mem_region {
	struct mem_region *next;        /* born after this one */
	char *base;
	uint64_t cold;                  /* a bit a carrier: no memory behind it */
};

/* At the start of each carrier; what a lane keeps in it is the lane's (mem.c). */
struct mem_carrier {
	struct mem_carrier *next, *previous;    /* a lane's partial ones; the store's warm ones by next */
	struct mem_region *region;
	void *owner;                            /* the pool it belongs to */
	void *free;                             /* blocks given back, linked through their first word */
	uint32_t class;
	uint32_t used;                          /* blocks out, also those in a lane's magazine */
	uint32_t fresh;                         /* blocks never given out begin with this one */
	uint32_t is_listed;                     /* in its pool's partial list */
};

/* At the start of each large mapping; in use or kept, it is in one of the store's lists. */
struct mem_large {
	struct mem_large *next, *previous;
	size_t bytes;                           /* whole mapping */
};

/* Asks for the pages of a range that will be filled: together they come a quarter cheaper than by a fault each. Whole pages. */
void mem_touch(void *start, size_t bytes);

struct mem_list { struct mem_large *first, *last; unsigned count; };

struct mem_store {
	uint64_t hard_bytes;                    /* 0: none */
	_Atomic uint64_t reserve_bytes;
	_Alignas(CACHE_LINE) pthread_mutex_t lock;
	struct mem_region *regions, *last_region;
	struct mem_carrier *warm;               /* last in, first out */
	uint64_t warm_bytes;
	struct mem_list in_use, kept;           /* large; kept: oldest first */
	_Atomic uint64_t in_use_bytes, retained_bytes;      /* written under the lock */
};

/* hard_bytes 0: no ceiling. */
void mem_store_init(struct mem_store *s, uint64_t hard_bytes);

/* Unmaps everything, also what is still in use. */
void mem_store_release(struct mem_store *s);

/* A carrier with owner and class set and nothing given out; NULL when the ceiling or the system says no. */
struct mem_carrier *mem_store_take_carrier(struct mem_store *s, void *owner, unsigned class, enum mem_urgency urgency);
void mem_store_give_carrier(struct mem_store *s, struct mem_carrier *carrier);

/* A block of `bytes` in its own mapping of mem_class_large_bytes; NULL as above. */
void *mem_store_take_large(struct mem_store *s, size_t bytes, enum mem_urgency urgency);
void mem_store_give_large(struct mem_store *s, void *block, size_t bytes);

/* Gives back to the system what is kept, and regions without any carrier in use. */
void mem_store_trim(struct mem_store *s);

/* The limit for requests that may wait: hard less the reserve; UINT64_MAX without a ceiling. Any thread. */
uint64_t mem_store_soft_bytes(const struct mem_store *s);

ALWAYS_INLINE struct mem_carrier *mem_carrier_of(void *block)
{
	return (struct mem_carrier *) ((uintptr_t) block & ~(uintptr_t) (MEM_CARRIER_BYTES - 1));
}

#endif
