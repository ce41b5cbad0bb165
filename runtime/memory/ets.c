/* ets - objects, accounting, copies in and out; the structures are ets_hash.c and ets_tree.c. */
#include "runtime/memory/ets.h"

#include <string.h>

#include "runtime/memory/copy.h"
#include "runtime/memory/ets_store.h"

#define OBJECT_CHARGE_BYTES 8u          /* the allocator's header that erlang:memory(ets) shows for each object */

/* Counters have one writer at a time, the holder of the table; others read them whenever they like. */
static void add(_Atomic uint64_t *counter, int64_t n)
{
	atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + (uint64_t) n, memory_order_relaxed);
}

void ets_resized(struct ets *t, struct mem_lane *lane, int64_t words)
{
	add(&t->words, words);
	mem_charge(lane, CHARGE_ETS, words * (int64_t) WORD_BYTES);
}

static uint64_t object_binary_bytes(const struct ets_object *o)
{
	uint64_t bytes = 0;
	for (const term *handle = o->handles; handle; handle = (const term *) handle[REFC_NEXT].word)
		bytes += ((const struct refc *) handle[REFC_PAYLOAD].word)->bytes;
	return bytes;
}

/* One object came (sign 1) or went (-1). */
static void account(struct ets *t, struct mem_lane *lane, const struct ets_object *o, int sign)
{
	int64_t words = sign * (int64_t) (o->words + t->ops->object_words);
	add(&t->size, sign);
	add(&t->words, words);
	if (o->handles)
		add(&t->binary_bytes, sign * (int64_t) object_binary_bytes(o));
	mem_charge(lane, CHARGE_ETS, words * (int64_t) WORD_BYTES + sign * (int64_t) OBJECT_CHARGE_BYTES);
}

static uint64_t account_chain_gone(struct ets *t, struct mem_lane *lane, const struct ets_object *chain)
{
	uint64_t count = 0;
	for (; chain; chain = chain->next, count++)
		account(t, lane, chain, -1);
	return count;
}

/* ---- Tables ---- */

/* What the options add to an empty table when several schedulers run (OTP 25: more locks, more counters). */
static uint32_t concurrency_words(const struct ets_options *o)
{
	if (o->schedulers < 2)
		return 0;
	if (o->write_concurrency)
		return o->type == TABLE_ORDERED_SET ? (uint32_t) -6 : o->read_concurrency ? 3409 - 305 : 1361 - 305;
	return o->read_concurrency ? 32 : 0;
}

static bool start_empty(struct ets *t, struct mem_lane *lane)
{
	atomic_store_explicit(&t->size, 0, memory_order_relaxed);
	atomic_store_explicit(&t->binary_bytes, 0, memory_order_relaxed);
	atomic_store_explicit(&t->words, t->base_words, memory_order_relaxed);
	if (!t->ops->init(t, lane))
		return false;
	mem_charge(lane, CHARGE_ETS, (int64_t) t->base_words * (int64_t) WORD_BYTES);
	return true;
}

bool ets_init(struct ets *t, const struct atoms *atoms, struct mem_lane *lane, const struct ets_options *options)
{
	t->ops = options->type == TABLE_ORDERED_SET ? &ets_tree_ops : &ets_hash_ops;
	t->atoms = atoms;
	t->type = options->type;
	t->key_position = options->key_position ? options->key_position : 1;
	t->base_words = t->ops->empty_words + concurrency_words(options);
	return start_empty(t, lane);
}

bool ets_release_some(struct ets *t, struct mem_lane *lane, uint64_t *objects)
{
	while (*objects > 0) {
		struct ets_object *chain = t->ops->strip(t, lane, *objects);
		if (!chain) {
			mem_charge(lane, CHARGE_ETS, -(int64_t) (t->words * WORD_BYTES));
			atomic_store_explicit(&t->words, 0, memory_order_relaxed);
			return true;
		}
		uint64_t count = account_chain_gone(t, lane, chain);
		ets_objects_free(lane, chain);
		*objects -= count < *objects ? count : *objects;
	}
	return false;
}

void ets_take(struct ets *from, struct ets *to)
{
	to->ops = from->ops;
	to->atoms = from->atoms;
	to->type = from->type;
	to->key_position = from->key_position;
	to->base_words = from->base_words;
	atomic_store_explicit(&to->size, ets_count(from), memory_order_relaxed);
	atomic_store_explicit(&to->words, atomic_load_explicit(&from->words, memory_order_relaxed), memory_order_relaxed);
	atomic_store_explicit(&to->binary_bytes, atomic_load_explicit(&from->binary_bytes, memory_order_relaxed), memory_order_relaxed);
	if (from->type == TABLE_ORDERED_SET)
		to->tree = from->tree;
	else
		to->hash = from->hash;
}

bool ets_move_out(struct ets *t, struct mem_lane *lane, struct ets *to)
{
	ets_take(t, to);
	if (start_empty(t, lane))
		return true;
	ets_take(to, t);
	return false;
}

/* ---- Objects ---- */

/* Every bit of an immediate word moves every bit of its hash (two rounds of multiply and fold); equal keys have equal words or equal term_hash. */
uint32_t ets_key_hash(term key)
{
	if (!term_is_immediate(key))
		return term_hash(key, 0);
	uint64_t h = (uint64_t) key.word * UINT64_C(0x9e3779b97f4a7c15);
	h = (h ^ h >> 32) * UINT64_C(0xd6e8feb86659fd93);
	return (uint32_t) (h >> 32);
}

/* Few: a call would cost more. */
ALWAYS_INLINE void copy_words(term *to, const term *from, size_t words)
{
	for (size_t i = 0; i < words; i++)
		to[i] = from[i];
}

static size_t object_bytes(size_t words) { return sizeof(struct ets_object) + words * WORD_BYTES; }

struct ets_object *ets_object_new(struct mem_lane *lane, enum table_type type, unsigned key_position, term tuple)
{
	bool is_flat = term_is_flat_tuple(tuple);
	size_t words = is_flat ? 1 + tuple_arity(tuple) : term_flat_words(NULL, tuple);
	struct ets_object *o = mem_alloc(lane, MEM_ETS, object_bytes(words), MEM_ASK);
	if (!o)
		return NULL;
	term *top = o->data;
	uint64_t handle_words = 0;
	o->next = NULL;
	o->handles = NULL;
	o->words = (uint32_t) words;
	if (LIKELY(is_flat))
		copy_words(o->data, term_box(tuple), words);
	else
		term_copy(NULL, tuple, &top, &o->handles, &handle_words);
	o->hash = type == TABLE_ORDERED_SET ? 0 : ets_key_hash(o->data[key_position]);
	return o;
}

void ets_objects_free(struct mem_lane *lane, struct ets_object *chain)
{
	for (struct ets_object *next; chain; chain = next) {
		next = chain->next;
		handles_drop(lane, chain->handles);
		mem_give(lane, MEM_ETS, chain, object_bytes(chain->words));
	}
}

bool ets_set_small(struct ets_object *o, unsigned position, int64_t value)
{
	if (!term_is_small(o->data[position]) || !term_fits_small(value))
		return false;
	o->data[position] = term_from_small(value);
	return true;
}

/* ---- Changing ---- */

enum ets_put ets_put(struct ets *t, struct mem_lane *lane, struct ets_object *o)
{
	struct ets_object *unwanted = NULL;
	enum ets_put result = t->ops->put(t, lane, o, &unwanted);
	if (result == ETS_ADDED || result == ETS_REPLACED)
		account(t, lane, o, 1);
	if (result == ETS_REPLACED)
		account(t, lane, unwanted, -1);
	ets_objects_free(lane, unwanted);
	if (result == ETS_ADDED)
		t->ops->resize(t, lane, 0);
	return result;
}

static uint64_t throw_away(struct ets *t, struct mem_lane *lane, struct ets_object *chain)
{
	uint64_t count = account_chain_gone(t, lane, chain);
	ets_objects_free(lane, chain);
	if (count)
		t->ops->resize(t, lane, count);
	return count;
}

uint64_t ets_remove(struct ets *t, struct mem_lane *lane, term key)
{
	return throw_away(t, lane, t->ops->cut(t, lane, key, TERM_NONE));
}

uint64_t ets_remove_equal(struct ets *t, struct mem_lane *lane, term object)
{
	if (tuple_arity(object) < t->key_position)
		return 0;
	return throw_away(t, lane, t->ops->cut(t, lane, tuple_at(object, t->key_position - 1), object));
}

uint64_t ets_remove_if(struct ets *t, struct mem_lane *lane, uint64_t *cursor, uint64_t limit, ets_visit_fn visit, void *context)
{
	return throw_away(t, lane, t->ops->cut_if(t, lane, cursor, limit, visit, context));
}

/* ---- Looking ---- */

struct ets_object *ets_find(const struct ets *t, term key) { return t->ops->find(t, key); }
struct ets_object *ets_find_older(const struct ets *t, const struct ets_object *o) { return t->ops->older(t, o); }
struct ets_object *ets_first(const struct ets *t) { return t->ops->first(t); }
struct ets_object *ets_last(const struct ets *t) { return t->ops->last(t); }
struct ets_object *ets_next(const struct ets *t, term key, bool *missing) { return t->ops->next(t, key, missing); }
struct ets_object *ets_prev(const struct ets *t, term key, bool *missing) { return t->ops->prev(t, key, missing); }

void ets_each(const struct ets *t, uint64_t *cursor, uint64_t limit, ets_visit_fn visit, void *context)
{
	t->ops->each(t, cursor, limit, visit, context);
}

/* The handles of a fresh copy get their own shares and go to the builder's heap. */
static void adopt_handles(struct builder *b, const term *handles, ptrdiff_t distance_words)
{
	for (; handles; handles = (const term *) handles[REFC_NEXT].word) {
		refc_retain((struct refc *) handles[REFC_PAYLOAD].word);
		off_heap_link(b, (term *) handles + distance_words);
	}
}

term ets_copy_out(struct builder *b, struct ets_object *o)
{
	term *to = b->top;
	size_t tuple_words = 1 + header_words(o->data[0]);
	b->top += o->words;
	if (LIKELY(o->words == tuple_words))
		copy_words(to, o->data, tuple_words);
	else
		term_relocate(to, o->data, o->words, TERM_NIL);
	if (UNLIKELY(o->handles != NULL))
		adopt_handles(b, o->handles, to - o->data);
	return term_from_box(to);
}

term ets_copy_part(struct builder *b, term part)
{
	term *handles = NULL;
	uint64_t handle_words = 0;
	term copy = term_copy(NULL, part, &b->top, &handles, &handle_words);
	for (term *next; handles; handles = next) {
		next = (term *) handles[REFC_NEXT].word;
		off_heap_link(b, handles);
	}
	return copy;
}
