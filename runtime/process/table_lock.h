/*
 * table_lock - many readers or one writer; lies in the table's slot and is never destroyed.
 *
 *   owner   a scheduler that has the table to itself: goes in and out by plain stores, no locked instruction. So the processor
 *           works on several operations at once, and the misses of one hide behind those of the others.
 *   word    everybody else.  bit 31: a writer has it or wants it     the rest: readers inside
 *
 * Who comes by the word and finds an owner takes the table away from it: clears the owner, lets every processor finish its
 * stores (membarrier), and waits until the old owner is outside. That takes microseconds and happens when a table
 * turns out to be shared; whoever writes it alone for long enough afterwards owns it again, after each loss twice as long.
 *
 * Invariants
 *   - owner is written only by who is inside by the word as a writer;
 *   - inside is written only by the owner, and by nobody while it is none of them: where its number stands, it is inside.
 *
 * A writer that waits keeps new readers out, so it cannot starve. Held for one operation, so who waits gives its time
 * slice away instead of sleeping.
 */
#ifndef RUNTIME_PROCESS_TABLE_LOCK_H
#define RUNTIME_PROCESS_TABLE_LOCK_H

#include <stdatomic.h>

#include "runtime/base/base.h"

struct table_lock {
	_Atomic uint32_t word;
	_Atomic uint32_t owner;         /* number of a scheduler from 1; 0: none */
	_Atomic uint32_t inside;        /* the owner's number while it is inside, else 0 */
	uint32_t writer, writes;        /* of writers by the word: the last one, and how often in a row */
	uint32_t writes_to_own;
};

/* For threads that never own: observers, and all that enter from outside. */
#define TABLE_LOCK_GUEST UINT32_MAX

/* Once before any lock is used. False: the system has no membarrier, and nobody ever owns. */
bool table_lock_may_own(void);

/* By the word. A writer owns the table from now on if it may, at once or after long enough. */
void table_lock_enter(struct table_lock *l, uint32_t who, bool write);
void table_lock_leave(struct table_lock *l, bool write);
/* Inside by the word as a writer: the table is who's own, whoever had it before. */
void table_lock_own(struct table_lock *l, uint32_t who);

ALWAYS_INLINE bool table_lock_enter_own(struct table_lock *l, uint32_t who)
{
	if (atomic_load_explicit(&l->owner, memory_order_relaxed) != who)
		return false;
	atomic_store_explicit(&l->inside, who, memory_order_relaxed);
	/* The processor may do the second load before others see the store; who takes the table away puts it right. */
	atomic_signal_fence(memory_order_seq_cst);
	if (LIKELY(atomic_load_explicit(&l->owner, memory_order_acquire) == who))
		return true;
	atomic_store_explicit(&l->inside, 0, memory_order_release);
	return false;
}

ALWAYS_INLINE void table_lock(struct table_lock *l, uint32_t who, bool write)
{
	if (UNLIKELY(!table_lock_enter_own(l, who)))
		table_lock_enter(l, who, write);
}

/* Inside by the way of the owner. */
ALWAYS_INLINE bool table_lock_is_own(const struct table_lock *l, uint32_t who)
{
	return atomic_load_explicit(&l->inside, memory_order_relaxed) == who;
}

ALWAYS_INLINE void table_unlock(struct table_lock *l, uint32_t who, bool write)
{
	if (LIKELY(table_lock_is_own(l, who)))
		atomic_store_explicit(&l->inside, 0, memory_order_release);
	else
		table_lock_leave(l, write);
}

#endif
