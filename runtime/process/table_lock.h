/*
 * table_lock - many readers or one writer, in one word; lies in the table's slot and is never destroyed.
 *
 *   bit 31: a writer has it or wants it       the rest: readers inside
 *
 * A writer that waits keeps new readers out, so it cannot starve. Held for one operation, so who waits gives its time
 * slice away instead of sleeping.
 */
#ifndef RUNTIME_PROCESS_TABLE_LOCK_H
#define RUNTIME_PROCESS_TABLE_LOCK_H

#include <sched.h>
#include <stdatomic.h>

#include "runtime/base/base.h"

struct table_lock { _Atomic uint32_t word; };

#define TABLE_LOCK_WRITER 0x80000000u

static inline void table_lock_pause(unsigned *turns)
{
	if (++*turns % 64 == 0)
		sched_yield();
}

static inline void table_lock_read(struct table_lock *l)
{
	unsigned turns = 0;
	while (atomic_fetch_add_explicit(&l->word, 1, memory_order_acquire) & TABLE_LOCK_WRITER) {
		atomic_fetch_sub_explicit(&l->word, 1, memory_order_relaxed);
		while (atomic_load_explicit(&l->word, memory_order_relaxed) & TABLE_LOCK_WRITER)
			table_lock_pause(&turns);
	}
}

static inline void table_unlock_read(struct table_lock *l) { atomic_fetch_sub_explicit(&l->word, 1, memory_order_release); }

static inline void table_lock_write(struct table_lock *l)
{
	unsigned turns = 0;
	while (atomic_fetch_or_explicit(&l->word, TABLE_LOCK_WRITER, memory_order_acquire) & TABLE_LOCK_WRITER)
		table_lock_pause(&turns);
	while (atomic_load_explicit(&l->word, memory_order_acquire) != TABLE_LOCK_WRITER)
		table_lock_pause(&turns);
}

static inline void table_unlock_write(struct table_lock *l)
{
	atomic_fetch_and_explicit(&l->word, ~TABLE_LOCK_WRITER, memory_order_release);
}

#endif
