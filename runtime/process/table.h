/*
 * table - ETS as a process sees it: Erlang's functions, Erlang's errors (badarg raises).
 *
 * A table is named by its atom (named) or by the reference that table_new gave. Inserts copy in, lookups copy
 * out; nothing is shared between objects and heaps but off-heap bytes. Semantics and accounting: OTP 25, memory/ets.
 * Results are built on the caller's heap or in a fragment, never collecting; the caller may call process_after_bif at a
 * convenient place (a server's loop does it after each callback).
 */
#ifndef RUNTIME_PROCESS_TABLE_H
#define RUNTIME_PROCESS_TABLE_H

#include "runtime/memory/ets.h"
#include "runtime/process/process.h"

enum table_access { TABLE_PUBLIC, TABLE_PROTECTED, TABLE_PRIVATE };

struct table_options {
	enum table_type type;
	enum table_access access;
	bool named, read_concurrency, write_concurrency;
	unsigned key_position;          /* from 1; 0 means 1 */
	term heir;                      /* pid, or TERM_NONE */
	term heir_data;
};

/* name: an atom. Gives the name when named, else a reference (3 words, fragment if need be). badarg: name taken. */
term table_new(struct process *p, term name, const struct table_options *options);
void table_delete(struct process *p, term table);

/* object: a tuple, or a list of tuples. */
void table_insert(struct process *p, term table, term object);
bool table_insert_new(struct process *p, term table, term object);
/* The list of objects, copied: flat size + 2 words each. */
term table_lookup(struct process *p, term table, term key);
/* Element `position` (from 1) of the object, of all objects as a list in bags; badarg when there is none. */
term table_lookup_element(struct process *p, term table, term key, unsigned position);
bool table_member(struct process *p, term table, term key);
/* Adds to the integer at `position`; gives the new value; badarg when missing or no integer. */
int64_t table_update_counter(struct process *p, term table, term key, unsigned position, int64_t add);
/*
 * {Pos, Incr} or, bounded, {Pos, Incr, Threshold, SetValue}: what would pass the threshold (upwards unless add is negative)
 * becomes `set`. All operations or none, one after the other; values[] gets what each made. `otherwise`: the object to begin
 * with when there is none of this key (its own key does not matter), TERM_NONE: then it is badarg. At most 64 operations.
 */
struct counter_op { unsigned position; int64_t add; bool bounded; int64_t threshold, set; };
void table_update_counters(struct process *p, term table, term key, const struct counter_op *ops, size_t count,
	term otherwise, int64_t *values);
void table_delete_key(struct process *p, term table, term key);
void table_delete_object(struct process *p, term table, term object);
void table_delete_all(struct process *p, term table);
/* Removes and gives. */
term table_take(struct process *p, term table, term key);
/* '$end_of_table' at the end. next/prev of a missing key: badarg in hashed tables, the neighbour in ordered ones. */
term table_first(struct process *p, term table);
term table_last(struct process *p, term table);
term table_next(struct process *p, term table, term key);
term table_prev(struct process *p, term table, term key);
/* Objects that match a pattern of atoms '_' , '$1' ... and literals; a list of copies (match_object). */
term table_match_object(struct process *p, term table, term pattern);
/* The same objects, of each only what its variables stand for: a list, in the order of their numbers (match). */
term table_match(struct process *p, term table, term pattern);
/* Visits objects in place, in table order, at most `limit` from *cursor (0 at first; moved; 0 again at the end). The visitor must not
 * build, send or raise. select_delete: deletes those it says true for; gives how many. The table is fixed meanwhile. */
typedef bool (*table_visit_fn)(void *context, term object);
uint64_t table_each(struct process *p, term table, uint64_t *cursor, uint64_t limit, table_visit_fn visit, void *context);
uint64_t table_delete_if(struct process *p, term table, uint64_t *cursor, uint64_t limit, table_visit_fn visit, void *context);
/* Sends {'ETS-TRANSFER', Table, From, Data} to the new owner. badarg: dead, or not the owner. */
void table_give_away(struct process *p, term table, term to, term data);
void table_set_heir(struct process *p, term table, term heir, term data);

struct table_info {
	uint64_t size, memory_words;            /* as ets:info says */
	uint64_t binary_bytes, inserts, deletes, lookups;
	term owner, heir, name;                 /* heir TERM_NONE: none */
	enum table_type type;
	enum table_access access;
	unsigned key_position;
	bool named, read_concurrency, write_concurrency;
};
/* False: no such table (undefined). Any thread. */
bool table_info(struct world *w, term table, struct table_info *out);

#endif
