/*
 * heap - the private memory of one process, as on the BEAM.
 *
 *   start        high          top             stop          end        old_start   old_top   old_end
 *     |  survived  |    new     |  free  (>= 4)  |    stack    |            |   old    |  free  |
 *     |  one sweep |            |                |  <- grows   |            |          |        |
 *     └─────────────── block: one allocation ─────────────────┘            └── old heap, if any ─┘
 *
 *   fragments: pieces of exact size made when something did not fit; the next collection folds them in.
 *   off-heap lists: every handle of a counted binary, young and old apart, chained through the handles.
 *
 * Invariants
 *   - start <= high <= top <= stop - 4 (RESERVED) whenever a step runs;
 *   - nothing in the old heap points to the young block or to a fragment;
 *   - no handle is in two lists; a handle in the old list lies in the old heap, one in the young list does not;
 *   - limit <= stop - RESERVED; who wants the owner's attention lowers it: reserve then takes the slow way.
 *   - start == NULL: the block has not been made; all figures are those of the smallest block. Its stack, a few words, lies in the
 *     process record (stop .. end), and `unmade` words of the block count as used: the argument list that it was born with.
 *
 * `struct heap` is the hot part and lives in the process record; `struct heap_body` is made with the first
 * block, binary, fragment or option that is not the default.
 * Sizes are words. Rules: OTP 25 erl_gc.c; reference numbers in docs/beam-parity.md.
 */
#ifndef RUNTIME_MEMORY_HEAP_H
#define RUNTIME_MEMORY_HEAP_H

#include "runtime/base/mem.h"
#include "runtime/base/world.h"
#include "runtime/term/refc.h"
#include "runtime/term/term.h"

#define HEAP_RESERVED 4u                /* words always kept free between heap and stack */
#define HEAP_RED_ZONE 3u                /* of these, a built-in may use one */
#define HEAP_DEFAULT_MIN 233u
#define HEAP_DEFAULT_MIN_VHEAP 46422u
#define HEAP_DEFAULT_FULLSWEEP 65535u
#define HEAP_LONG_WORDS (128u * 1024u)  /* collections from here on leave the scheduler */

struct heap_body;

/* Where terms are built. Nothing that takes one of these ever collects. */
struct builder {
	term *top;
	term *limit;
	struct heap_body *body;         /* whose off-heap list gets new handles */
};

/* The order is for the record: what a process without a block never looks at comes first. */
struct heap {
	term *end;
	struct builder b;               /* b.top, b.limit: the free part of the young block */
	term *start, *stop;
	uint32_t unmade;                /* words used of the block that has not been made: all garbage */
};

struct fragment {
	struct builder b;
	struct fragment *next;
	size_t words;                   /* room, all of it counted */
	term data[];
};

struct off_heap {
	term *first;                    /* newest handle, or NULL */
	uint64_t words;                 /* virtual heap counter: sum of bytes / 8 at the time of linking */
	uint64_t limit;
	uint64_t handles;
	uint64_t bytes;                 /* of their payloads, counted once for each handle */
	uint64_t pending_words;         /* of words: what heap_pending_new counted */
};

enum max_heap_flag { MAX_HEAP_KILL = 1, MAX_HEAP_LOG = 2 };

struct heap_options {
	uint32_t min_heap_words;        /* a size of the table, >= 233: see heap_options_round */
	uint32_t fullsweep_after;
	uint64_t min_vheap_words;
	uint64_t max_heap_words;        /* 0: off */
	uint8_t max_heap_flags;
};
#define HEAP_OPTIONS_DEFAULT { HEAP_DEFAULT_MIN, HEAP_DEFAULT_FULLSWEEP, HEAP_DEFAULT_MIN_VHEAP, 0, MAX_HEAP_KILL | MAX_HEAP_LOG }

/* Rounds the sizes up to the table's, none below its default; what spawn_opt does with them. */
void heap_options_round(struct heap_options *o);

struct dictionary;
struct message;

#define X_REGISTERS 8u

struct heap_body {
	struct world *world;
	struct mem_lane *lane;          /* of the thread that owns the process now */
	term *high;
	term *old_start, *old_top, *old_end;
	struct fragment *fragments;
	struct message *taken;          /* received messages whose payload is a fragment until the next collection */
	size_t fragment_words;          /* own fragments, with those of received messages */
	size_t attached_words;          /* payload of fetched messages of an on_heap queue that lies outside the block */
	struct off_heap young, old;
	struct heap_options options;
	bool grow;                      /* set by a major that ended over 75 % full: one size more next time */
	bool fullsweep;                 /* the next collection must be a full sweep */
	bool force;                     /* a collection is wanted at the next safe point */
	bool shared_handles;            /* some payload may be held by two handles of this process */
	bool writable_binaries;         /* append buffers exist */
	bool delayed;                   /* a long collection waits for the helper; reserve hands out fragments */
	bool changed;                   /* blocks, fragments or binaries are not as they were published */
	size_t unstressed_words;        /* reserved since a debug world last looked at the heap */
	uint32_t minor_gcs;             /* since the last major */
	uint64_t minor_total, major_total, gc_ns, reclaimed_words;
	term *pending;                  /* what a built-in that ran out of reductions goes on with: see heap_pending_new; or NULL */
	bool asked;                     /* the next collection was asked for: somebody wants to know how long it takes */
	bool in_builtin;                /* one that goes on with the next slice, until process_after_bif: its return address counts */
	uint64_t binary_bytes;          /* payload bytes held, each payload once */
	uint64_t binary_share;          /* the same, each divided by its holders, as of the last count */
	struct dictionary *dictionary;
	term x[X_REGISTERS];            /* arguments on their way from one step to the next: roots */
};

/* The table of sizes: 12 38 51 90 142 233 376 ... */
size_t heap_size_at(unsigned index);
unsigned heap_size_count(void);
/* The smallest size >= words; with `above` 1 the one after that. Aborts beyond the table. */
size_t heap_next_size(size_t words, unsigned above);

/* No block yet. body stays NULL when the options are the defaults. */
void heap_init(struct heap *h, struct world *w, struct mem_lane *lane, const struct heap_options *options);
/* Gives back blocks, fragments and handles. Uncharges nothing: see process/life. */
void heap_release(struct heap *h, struct mem_lane *lane);

/* The body, made when missing. Aborts only when the reserve is gone too. Owner only. */
struct heap_body *heap_body_need(struct heap *h, struct world *w, struct mem_lane *lane);
/* The same for who can do without: false when not even the last of the reserve has room. */
bool heap_body_try(struct heap *h, struct world *w, struct mem_lane *lane);
/* The block, made when missing, of at least words + stack; false: no memory. The stack moves into it. For who asks room a small one may use the reserve. */
bool heap_block_need(struct heap *h, struct world *w, struct mem_lane *lane, size_t words, bool asks_room);

/* limit follows stop, unless someone asked for attention. Call after every change of stop. */
ALWAYS_INLINE void heap_set_limit(struct heap *h, bool attention)
{
	h->b.limit = attention ? NULL : h->stop - HEAP_RESERVED;        /* below any top: even a need of 0 takes the slow way */
}

/* A fragment with room for exactly `words`, linked and charged; NULL: no memory. Never collects. For who asks room a small one may use the reserve. */
struct fragment *heap_fragment_new(struct heap *h, size_t words, bool asks_room);

/*
 * Room for a built-in: the block if it fits (its red zone included), else a fragment; never collects. NULL: no memory.
 * The caller collects afterwards, see process_after_bif.
 */
struct builder *heap_room(struct heap *h, size_t words);

/*
 * A reference that stands for the state of a built-in between two slices, as OTP's trapping built-ins make it: 3 words of
 * heap room, counted PENDING_VHEAP_WORDS off heap as long as it lives. `number` is what reference_number will say. The
 * caller keeps it alive. TERM_NONE: no memory. Never collects. At most one is alive.
 */
#define PENDING_VHEAP_WORDS 10u
term heap_pending_new(struct heap *h, uint64_t number);

/* Figures, as process_info gives them; right also while there is no block. */
struct heap_figures {
	size_t block, used, high, old_block, old_used, stack, fragment, attached;
	uint64_t vheap, vheap_limit, old_vheap, old_vheap_limit;
};
struct heap_figures heap_figures(const struct heap *h);
const struct heap_options *heap_options(const struct heap *h);

/* Links a handle that was just built into the list of the builder's heap and counts it. Owner only. */
void off_heap_link(struct builder *b, term *handle);
/* The limit of a virtual heap after a collection (OTP 25 do_next_vheap_size). */
uint64_t off_heap_next_limit(uint64_t words, uint64_t limit, uint64_t least);

#endif
