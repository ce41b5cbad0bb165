/*
 * gc - the generational copying collector of one process: OTP 25's policy, to the word.
 *
 * Sits below processes: it is given a heap and the roots, and it reports; it kills nobody.
 *
 *   minor: below the high-water mark -> old heap; above it -> new young block, which sets the new mark
 *   major: everything -> new young block; the old heap is gone
 *   hibernate: everything -> a block of exactly live + 4 words
 */
#ifndef RUNTIME_MEMORY_GC_H
#define RUNTIME_MEMORY_GC_H

#include "runtime/memory/message.h"

struct root_range { term *first; size_t count; };

#define ROOT_RANGES 4
struct root_set {
	struct root_range ranges[ROOT_RANGES];  /* registers, dictionary ...; the stack is the heap's own */
	size_t range_count;
	term **live;                            /* addresses of terms held by running C code */
	size_t live_count;
	struct message *queue;                  /* fetched messages, in order */
	bool queue_on_heap;                     /* their data is collected and moved in */
};

enum gc_kind { GC_MINOR, GC_MAJOR, GC_MINOR_TO_MAJOR, GC_HIBERNATE };
enum gc_outcome {
	GC_DONE,
	GC_OVER_LIMIT,                          /* max_heap_size with kill: nothing was moved */
	GC_NO_MEMORY,                           /* no to-space even from the reserve: nothing was moved */
};

/* [block used high old_block old_used stack fragments vheap limit old_vheap old_limit, need or reclaimed] */
#define GC_VECTOR 12
struct gc_report {
	enum gc_outcome outcome;
	enum gc_kind kind;
	uint64_t before[GC_VECTOR], after[GC_VECTOR];
	bool over_minor, over_major;            /* max_heap_size was exceeded in that attempt; would[] says by what */
	uint64_t would_minor[GC_VECTOR], would_major[GC_VECTOR];
	size_t moved_words, resized_words;      /* what it cost: reductions = moved/10 + resized/100, at least 1 */
};

/* Words that decide whether a collection is long (HEAP_LONG_WORDS and more leave the scheduler). */
size_t gc_size_estimate(const struct heap *h, const struct root_set *roots, size_t stack_extra);

/*
 * Collects: minor or major by OTP's rules (heap.body flags, fullsweep_after). need: words wanted after; stack_extra:
 * words on top of the stack that OTP has there at this point (return addresses), counted, not stored.
 * Every term outside the roots is dead afterwards. Owner thread, or the helper that holds the process.
 */
struct gc_report gc_collect(struct heap *h, const struct root_set *roots, size_t need, size_t stack_extra);

/* Full sweep into an exact block; the stack is the bottom word only. */
struct gc_report gc_hibernate(struct heap *h, const struct root_set *roots);

/* World `move`: the block is copied elsewhere and everything follows; no figure changes. */
void gc_move_block(struct heap *h, const struct root_set *roots);

/* Counts binary_bytes and binary_share anew from the lists. Owner only. */
void gc_count_binaries(struct heap_body *body);

#endif
