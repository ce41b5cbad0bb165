/*
 * ets - the contents of one table: terms in, terms out, every word accounted as on OTP 25.
 *
 *   struct ets ──▶ hash (set, bag, duplicate_bag): linear hashing, in lines of the cache's size
 *              └─▶ tree (ordered_set): B+ tree by the standard order (==)
 *                     └─▶ struct ets_object: header and, in the same block, a flat copy of the tuple
 *
 * Knows no process and no lock: process/table.h gives the functions of Erlang, locks, checks, and names. Whoever calls
 * in here holds the table: readers together, writers alone. The four figures may be read by anybody at any time.
 *
 * Objects own everything below them: literals are copied too, off-heap bytes are retained. Objects of one key lie newest
 * first. An object stays where it is until it is removed or replaced.
 *
 * Accounting (memory, in words): 305 an empty hash, 139 an empty tree; an object its flat size + 4 or + 5; 2048 each
 * 2048 buckets beyond the first 256, and their directory. CHARGE_ETS gets the same in bytes, and 8 an object.
 */
#ifndef RUNTIME_MEMORY_ETS_H
#define RUNTIME_MEMORY_ETS_H

#include <stdatomic.h>

#include "runtime/memory/heap.h"
#include "runtime/term/atom.h"

enum table_type { TABLE_SET, TABLE_ORDERED_SET, TABLE_BAG, TABLE_DUPLICATE_BAG };

struct ets_object {
	struct ets_object *next;        /* the next older one of its key; of a removed chain */
	uint32_t hash;                  /* of its key; 0 in trees */
	uint32_t words;                 /* flat size */
	term *handles;                  /* chain of its counted binaries */
	term data[];                    /* the tuple's header first */
};

static inline term ets_object_term(struct ets_object *o) { return term_from_box(o->data); }

struct ets_line;
struct ets_hash {
	struct ets_line **segments;     /* the first is smaller than the others */
	uint32_t segment_count, segment_room;
	uint32_t active, mask;          /* lines in use; mask + 1: the power of two they grow to */
	uint64_t keys;                  /* distinct ones */
	uint32_t buckets, bucket_segments;      /* what OTP would have: accounted, not there */
};

struct ets_node;
struct ets_tree {
	struct ets_node *root;          /* NULL: empty */
	bool mixed;                     /* some key, now or earlier, was no small integer */
};

struct ets {
	const struct ets_ops *ops;
	const struct atoms *atoms;
	enum table_type type;
	unsigned key_position;          /* from 1 */
	uint32_t base_words;            /* of the empty table */
	_Atomic uint64_t size;          /* objects */
	_Atomic uint64_t words;         /* what ets:info(memory) says */
	_Atomic uint64_t binary_bytes;  /* payloads held by its objects, each once an object */
	union {
		struct ets_hash hash;
		struct ets_tree tree;
	};
};

struct ets_options {
	enum table_type type;
	unsigned key_position;          /* from 1; 0 means 1 */
	bool read_concurrency, write_concurrency;       /* cost words when several schedulers run, and nothing else */
	unsigned schedulers;
};

/* An empty table, charged. False: no memory. */
bool ets_init(struct ets *t, const struct atoms *atoms, struct mem_lane *lane, const struct ets_options *options);

/* Frees at most *objects (counted down); true when all is gone, the structure too. Then *t may be used again. */
bool ets_release_some(struct ets *t, struct mem_lane *lane, uint64_t *objects);

/* Moves all to *to, for a release in pieces; *from may be initialized again. */
void ets_take(struct ets *from, struct ets *to);
/* The same, but *t is an empty table afterwards. False: no memory, nothing changed. */
bool ets_move_out(struct ets *t, struct mem_lane *lane, struct ets *to);

/* A copy of the tuple, belonging to no table yet; NULL: no memory. Before locking: key_position is the table's. */
struct ets_object *ets_object_new(struct mem_lane *lane, enum table_type type, unsigned key_position, term tuple);
/* Frees a chain of objects that belong to no table. */
void ets_objects_free(struct mem_lane *lane, struct ets_object *chain);

enum ets_put { ETS_ADDED, ETS_REPLACED, ETS_IGNORED, ETS_REFUSED };
/*
 * Takes the object over, whatever the answer: a set replaces the object of the same key, a bag ignores an equal
 * one, REFUSED when a node cannot be had.
 */
enum ets_put ets_put(struct ets *t, struct mem_lane *lane, struct ets_object *o);

/* Sets of both kinds; bags may have more. */
ALWAYS_INLINE bool ets_has_one_a_key(const struct ets *t) { return t->type <= TABLE_ORDERED_SET; }

/* The newest object of a key; the next older one of the same key; NULL. */
struct ets_object *ets_find(const struct ets *t, term key);
struct ets_object *ets_find_older(const struct ets *t, const struct ets_object *o);

/* Removes all of a key, or only those equal to `object`; gives how many. */
uint64_t ets_remove(struct ets *t, struct mem_lane *lane, term key);
uint64_t ets_remove_equal(struct ets *t, struct mem_lane *lane, term object);

/*
 * Order of the table: of keys in a tree, of buckets in a hash (where last is first and prev is next, as in OTP).
 * next and prev give the object of the neighbouring key. *missing: the key is not there, and a hash cannot go on.
 */
struct ets_object *ets_first(const struct ets *t);
struct ets_object *ets_last(const struct ets *t);
struct ets_object *ets_next(const struct ets *t, term key, bool *missing);
struct ets_object *ets_prev(const struct ets *t, term key, bool *missing);

/*
 * Visits about `limit` objects from *cursor on; 0 is the start, and the end. Objects that stay all the time are visited
 * exactly once, though a hash may grow and shrink between the calls; in a tree the cursor is a place, which others move
 * when they insert or remove before it. The visitor answers true to go on.
 */
typedef bool (*ets_visit_fn)(void *context, struct ets_object *o);
void ets_each(const struct ets *t, uint64_t *cursor, uint64_t limit, ets_visit_fn visit, void *context);
/* The same; removes those it says true for, and gives how many. */
uint64_t ets_remove_if(struct ets *t, struct mem_lane *lane, uint64_t *cursor, uint64_t limit, ets_visit_fn visit, void *context);

/* Copies the object, or a part of it of so many flat words, to a builder that has the room; payloads are retained and linked. */
term ets_copy_out(struct builder *b, struct ets_object *o);
term ets_copy_part(struct builder *b, term part);

/* Another integer for an element that is a small integer; false: it needs a new object. */
bool ets_set_small(struct ets_object *o, unsigned position, int64_t value);

#endif
