/*
 * tables - all tables of a world: type-stable slots that observers read without a lock.
 *
 *   name or reference ──▶ slot {id, lock, owner, counters, contents (memory/ets)}
 *
 * A reference to a table holds the place of its slot beside its number, so finding it is one load and a
 * comparison. A name is found in chains of slots; who finds nothing while a name came or went looks again.
 *
 * Every operation finds the slot, locks it, checks that it is still the same table, works, unlocks. Deleting clears the
 * id under the write lock; what the table held is then nobody's and is freed in pieces, the rest by a system process
 * (table_reaper) that exists only as long as there is something to free.
 */
#ifndef RUNTIME_PROCESS_TABLES_H
#define RUNTIME_PROCESS_TABLES_H

#include <pthread.h>

#include "runtime/memory/ets.h"
#include "runtime/process/table.h"
#include "runtime/process/table_lock.h"

#define TABLE_LIMIT 8192u               /* erlang:system_info(ets_limit) */
#define TABLE_CHUNK 64u
#define TABLE_NAME_CHAINS 1024u

struct table_slot {
	_Atomic uint64_t id;            /* number of its reference; 0: free */
	struct table_lock lock;
	_Atomic uint32_t name, application;
	_Atomic uint32_t type, access;  /* enum table_type, table_access */
	_Atomic uint32_t key_position;
	_Atomic bool named, read_concurrency, write_concurrency;
	_Atomic uint64_t owner, heir;   /* pid words; heir 0: none */
	_Atomic uint64_t inserts, deletes, lookups;
	struct ets_object *heir_data;   /* {Data}, or NULL */
	struct ets ets;
	_Atomic uint32_t name_next;     /* index + 1 of the next slot in its name's chain */
	uint32_t free_next;             /* index + 1 */
	uint32_t index;
};

/* Contents of deleted tables that are still to be freed. */
struct dying_table {
	struct dying_table *next;
	struct ets ets;
};

struct tables {
	pthread_mutex_t lock;                                   /* of slots' birth and death, of names, of the dying */
	struct table_slot *_Atomic chunk[TABLE_LIMIT / TABLE_CHUNK];
	bool may_own;                                           /* schedulers may own tables, see table_lock.h */
	_Atomic uint32_t high;                                  /* indices below were used at some time */
	_Atomic uint32_t count;
	uint32_t free_first;                                    /* index + 1 */
	_Atomic uint32_t chain[TABLE_NAME_CHAINS];              /* index + 1 */
	_Atomic uint64_t name_changes;                          /* odd while a chain is changed */
	_Atomic uint64_t transfers;                             /* tables that ever changed their owner */
	struct dying_table *dying;
	uint64_t reaper;                                        /* pid word of who frees them, 0: nobody; may be dead */
};

struct tables *tables_new(struct mem_lane *lane);
/* All contents go too. The world stands still. */
void tables_free(struct tables *t, struct mem_lane *lane);

/* The slot of a name or reference, and which table it was at that moment; NULL: no such table. Lock it, then compare the id. */
struct table_slot *tables_find(struct tables *t, term table, uint64_t *id);
/* A new table, alive at once; NULL: name taken (or no slot left: *full). ets is taken over. */
struct table_slot *tables_enter(struct world *w, struct mem_lane *lane, uint32_t who, const struct table_slot *like,
	struct ets *ets, uint64_t id, bool *full);
/* Ends the table of a slot that the caller has write-locked and checked; unlocks it. Frees its contents, now or by the reaper. */
void tables_end(struct world *w, struct mem_lane *lane, uint32_t who, struct table_slot *slot);
/* Frees contents in pieces: the first piece now, the rest by the reaper. */
void tables_free_contents(struct world *w, struct mem_lane *lane, struct ets *ets);

/* The term that names a table: its atom, or a reference built at box (REFERENCE_WORDS). */
term table_slot_term(const struct table_slot *slot, uint64_t id, term *box);

static inline struct table_slot *tables_slot(struct tables *t, uint32_t i)
{
	return &atomic_load_explicit(&t->chunk[i / TABLE_CHUNK], memory_order_acquire)[i % TABLE_CHUNK];
}

static inline uint32_t tables_count(const struct tables *t) { return atomic_load_explicit(&t->count, memory_order_relaxed); }

/* What observers see of one table. */
struct table_figures {
	uint64_t id, owner, heir;               /* owner, heir: pid words */
	uint32_t name, application;
	enum table_type type;
	enum table_access access;
	uint64_t size, memory_words, binary_bytes, inserts, deletes, lookups;
};
/* The i-th slot: false beyond the last; id 0: free. Any thread, no lock. */
bool tables_figures_at(struct world *w, uint32_t i, struct table_figures *out);

/* Visits up to `limit` objects from the offset-th on, in table order. False: no such table. Any thread; holds the table's lock. */
bool tables_visit(struct world *w, uint64_t id, uint64_t offset, uint64_t limit, table_visit_fn visit, void *context);
/* How many handles on this payload the objects of a table hold. False: no such table. Any thread. */
bool tables_holds(struct world *w, uint64_t id, uint64_t payload_serial, uint64_t *handles);

/* For table.c's neighbours: the table, locked for reading (badarg). */
struct table_slot *table_enter_read(struct process *p, term table);
void table_leave_read(struct process *p, struct table_slot *slot);

/*
 * The process ends: tables with a living heir go to it, the others are deleted. Called twice: before its identity is
 * cleared, and after, for a table that was given to it meanwhile.
 */
void tables_of_process_exit(struct process *p);

#endif
