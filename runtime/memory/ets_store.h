/*
 * ets_store - what ets.c asks of its two structures; nobody else includes this.
 *
 * They link and unlink objects and count nothing: size, words and charges are ets.c's. Only ets_hash.c and ets_tree.c
 * allocate structure of their own, and tell its words through ets_resized.
 */
#ifndef RUNTIME_MEMORY_ETS_STORE_H
#define RUNTIME_MEMORY_ETS_STORE_H

#include "runtime/memory/ets.h"
#include "runtime/term/order.h"

struct ets_ops {
	bool (*init)(struct ets *t, struct mem_lane *lane);
	/* Unlinks up to `objects` from anywhere; NULL: it is empty and its structure is freed. */
	struct ets_object *(*strip)(struct ets *t, struct mem_lane *lane, uint64_t objects);
	/* *replaced: the object that had to go, or o itself when it was not wanted. */
	enum ets_put (*put)(struct ets *t, struct mem_lane *lane, struct ets_object *o, struct ets_object **replaced);
	struct ets_object *(*find)(const struct ets *t, term key);
	struct ets_object *(*older)(const struct ets *t, const struct ets_object *o);
	/* Unlinks the objects of a key, or only those equal to `object`; gives them as a chain. */
	struct ets_object *(*cut)(struct ets *t, struct mem_lane *lane, term key, term object);
	struct ets_object *(*first)(const struct ets *t);
	struct ets_object *(*last)(const struct ets *t);
	struct ets_object *(*next)(const struct ets *t, term key, bool *missing);
	struct ets_object *(*prev)(const struct ets *t, term key, bool *missing);
	void (*each)(const struct ets *t, uint64_t *cursor, uint64_t limit, ets_visit_fn visit, void *context);
	struct ets_object *(*cut_if)(struct ets *t, struct mem_lane *lane, uint64_t *cursor, uint64_t limit, ets_visit_fn visit,
		void *context);
	/* After `count` objects came or went: size is right already. */
	void (*resize)(struct ets *t, struct mem_lane *lane, uint64_t removed);
	uint32_t empty_words, object_words;
};

extern const struct ets_ops ets_hash_ops, ets_tree_ops;

/* The hash of a key; equal (=:=) keys have equal ones. */
uint32_t ets_key_hash(term key);

/* The structure grew or shrank by so many words of the BEAM's accounting. */
void ets_resized(struct ets *t, struct mem_lane *lane, int64_t words);

ALWAYS_INLINE uint64_t ets_count(const struct ets *t) { return atomic_load_explicit(&t->size, memory_order_relaxed); }
ALWAYS_INLINE term ets_key(const struct ets *t, const struct ets_object *o) { return o->data[t->key_position]; }
ALWAYS_INLINE bool ets_same(term a, term b)
{
	return term_is(a, b) || (!term_is_immediate(a) && !term_is_immediate(b) && term_equal(a, b));
}

#endif
