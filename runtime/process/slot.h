/*
 * slot - the process table: type-stable places that senders and observers may read at any time.
 *
 *   line 0, for senders:    identity, inbox, what arrived           written by anyone, atomically
 *   line 1, for observers:  memory, reductions, what runs ...       written by the owner at the end of a slice
 *   slot_memory, parallel:  heap, collections, binaries             all 0 unless the state says that there are figures
 *
 * Both arrays are reserved once and never unmapped: a reader takes no lock and can never touch freed
 * memory. A row is whole when the identity is the same before and after reading it.
 *
 * The inbox is mailbox and scheduling state in one word: ACTIVE (empty; the process is queued or runs),
 * IDLE (empty; whoever pushes must queue it), CLOSED (dead), else the newest signal of a chain.
 *
 * Who replaces IDLE has the process to himself until he has queued it: he counts his message then, by a plain store. Others count
 * before they push, by an atomic addition. So a reader that looks at taken first never sees fewer arrived than taken.
 *
 * Reuse (quiescent-state epochs): a sender may still hold a slot it looked up. A dead slot is used again only
 * when every thread that was online at its death has passed a quiescent point (taken its next process) since.
 * Dead slots wait with who retired them; what a lane has too many of, or never takes itself, goes to the spare list of all.
 */
#ifndef RUNTIME_PROCESS_SLOT_H
#define RUNTIME_PROCESS_SLOT_H

#include <pthread.h>
#include <stdatomic.h>

#include "runtime/memory/message.h"
#include "runtime/process/process.h"

#define SLOT_LIMIT (1u << 20)           /* alive at once; OTP's default is 2^18; a million must fit */
#define SLOT_WORDS_BITS 34              /* of arrived and taken: messages << 34 | words */

enum inbox_state { INBOX_ACTIVE = 0, INBOX_IDLE = 1, INBOX_CLOSED = 2, INBOX_SIGNAL = 3 /* and above: a pointer */ };

enum slot_status { SLOT_WAITING, SLOT_RUNNING, SLOT_RUNNABLE, SLOT_SUSPENDED, SLOT_COLLECTING, SLOT_EXITING, SLOT_HIBERNATED };

struct slot {
	_Alignas(CACHE_LINE) _Atomic uint64_t pid;              /* term word, 0 = free */
	_Atomic(struct signal *) inbox;
	_Atomic uint64_t arrived;                               /* messages << 34 | payload words, ever, but for */
	_Atomic uint64_t woken;                                 /* those that woke it: counted by who did. While dead: the epoch of death */
	struct process *process;                                /* the record: owner only */
	_Atomic uint64_t parent;                                /* term word */
	_Atomic uint64_t started_us;
	uint32_t next;                                          /* in a free list, or in an overflow list of runnables */
	uint32_t index;

	_Alignas(CACHE_LINE) _Atomic uint64_t memory;           /* bytes without the queue */
	_Atomic uint64_t reductions;
	_Atomic uint64_t taken;                                 /* like arrived: what has left the queue or was placed on the heap */
	_Atomic(const char *) current;                          /* function names: constants */
	_Atomic(const char *) initial;                          /* or the number of an atom, below ATOM_LIMIT */
	_Atomic uint64_t supervisor;                            /* term word */
	_Atomic uint32_t name, application, child_id;           /* atoms */
	_Atomic uint32_t state;                                 /* see SLOT_STATE */
};
_Static_assert(sizeof(struct slot) == 128, "two cache lines");

/*
 * The state in one word, so that an idle process without a block is all in its slot: status, priority, whether slot_memory has
 * figures, and, while there is no block, what it shows of one: words of stack (0: there is a block) and words used; flags.
 */
#define SLOT_STATE(status, priority, figures, stack, used, flags) ((uint32_t) (status) | (uint32_t) (priority) << 3 \
	| (uint32_t) (figures) << 5 | (uint32_t) (stack) << 6 | (uint32_t) (used) << 10 | (uint32_t) (flags) << 16)
ALWAYS_INLINE enum slot_status slot_status_of(uint32_t state) { return (enum slot_status) (state & 7); }
ALWAYS_INLINE unsigned slot_priority_of(uint32_t state) { return state >> 3 & 3; }
ALWAYS_INLINE bool slot_has_figures(uint32_t state) { return state >> 5 & 1; }
ALWAYS_INLINE unsigned slot_small_stack_of(uint32_t state) { return state >> 6 & 15; }
ALWAYS_INLINE unsigned slot_small_used_of(uint32_t state) { return state >> 10 & 63; }
ALWAYS_INLINE unsigned slot_flags_of(uint32_t state) { return state >> 16; }

struct slot_memory {
	_Alignas(CACHE_LINE) _Atomic uint32_t block;            /* alone: an alignment is given to every name of its line */
	_Atomic uint32_t used, high, stack, old_block, old_used, fragment, minor_gcs, minor_total, major_total;
	_Atomic uint32_t binary_refs, links, monitors, min_heap;
	_Atomic uint64_t gc_us, vheap, vheap_limit, binary_bytes, binary_share;
	_Atomic uint64_t survey_live_words, survey_free_bytes, survey_slice_bytes, survey_us;
};
_Static_assert(sizeof(struct slot_memory) == 128, "parallel to the slots");

struct slot_queue_of_dead { uint32_t first, last, count; };     /* indices, oldest first; count 0: none */

struct slots {
	struct slot *slots;
	struct slot_memory *memory;
	_Atomic uint32_t high;                                  /* indices below were used at some time */
	_Atomic uint32_t count;                                 /* alive */
	_Atomic uint64_t epoch;
	unsigned readers;                                       /* lanes that may look slots up */
	uint32_t limit, places;                                 /* alive at most; slots there are: some wait to be used again */
	pthread_mutex_t spare_lock;
	struct slot_queue_of_dead spare;
	_Atomic uint32_t spare_count;
	struct slot_reader {
		_Alignas(CACHE_LINE) _Atomic uint64_t online;   /* epoch seen at the last quiescent point; 0 = offline */
		struct slot_queue_of_dead limbo;
		uint32_t fresh, fresh_end;                      /* a batch of never used indices */
	} *reader;
};

struct slots *slots_new(struct mem_lane *lane, unsigned readers, uint32_t limit);
void slots_free(struct slots *s, struct mem_lane *lane);

/* A free place for the owner of `reader`; NULL at the limit. pid is still 0. */
struct slot *slot_take(struct slots *s, unsigned reader);
/* The dead slot may be used again after a grace period. */
void slot_retire(struct slots *s, unsigned reader, struct slot *slot);
/* Quiescent point: holds no slot that it looked up before. Acquire: who has seen the epoch of a death has seen that death. */
ALWAYS_INLINE void slots_quiesce(struct slots *s, unsigned reader)
{
	uint64_t now = atomic_load_explicit(&s->epoch, memory_order_acquire);
	if (atomic_load_explicit(&s->reader[reader].online, memory_order_relaxed) != now)
		atomic_store_explicit(&s->reader[reader].online, now, memory_order_seq_cst);
}
void slots_offline(struct slots *s, unsigned reader);

ALWAYS_INLINE struct slot *slot_at(const struct slots *s, uint32_t index) { return &s->slots[index]; }
ALWAYS_INLINE struct slot_memory *slot_memory_at(const struct slots *s, uint32_t index) { return &s->memory[index]; }
/* The slot of a living pid, or NULL. The caller is online. */
ALWAYS_INLINE struct slot *slot_of(const struct slots *s, term pid)
{
	struct slot *slot = &s->slots[term_pid_index(pid)];
	return atomic_load_explicit(&slot->pid, memory_order_acquire) == pid.word ? slot : NULL;
}

/* messages << 34 | words that arrived ever. */
ALWAYS_INLINE uint64_t slot_arrived(const struct slot *slot)
{
	return atomic_load_explicit(&slot->woken, memory_order_acquire) + atomic_load_explicit(&slot->arrived, memory_order_acquire);
}

/* Messages and words waiting, from the counters. Any thread: taken is read first. */
struct queue_length { uint64_t messages, words; };
ALWAYS_INLINE struct queue_length slot_queue(const struct slot *slot)
{
	uint64_t taken = atomic_load_explicit(&slot->taken, memory_order_acquire);
	uint64_t waiting = slot_arrived(slot) - taken;
	return (struct queue_length) { waiting >> SLOT_WORDS_BITS, waiting & ((UINT64_C(1) << SLOT_WORDS_BITS) - 1) };
}

#endif
