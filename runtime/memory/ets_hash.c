/*
 * ets_hash - linear hashing (Litwin 1980; Larson 1988), as OTP's tables grow: whenever objects outnumber buckets one
 * bucket is split in two, so no insert ever pays for a whole rehash.
 *
 *   bucket of h:  h & mask, or h & mask/2 while that one has not been split off yet (>= active)
 *
 * A bucket holds the hashes that end in its bits. Read backwards, the bits of a hash are its rank: buckets are then
 * intervals of ranks, and a split halves an interval. The order of the table is the order of ranks, a cursor is a
 * rank; so a traversal stays exact while buckets are split and joined under it.
 */
#include <string.h>

#include "runtime/memory/ets_store.h"

#define FIRST_BUCKETS 256u
#define SEGMENT_BUCKETS 2048u
#define RESIZE_STEPS 5                  /* buckets split or joined at most by one insert or delete */
#define RANK_END (UINT64_C(1) << 32)

static size_t segment_buckets(uint32_t segment) { return segment == 0 ? FIRST_BUCKETS : SEGMENT_BUCKETS; }
static size_t segment_bytes(uint32_t segment) { return segment_buckets(segment) * sizeof(struct ets_object *); }
static uint32_t slots(const struct ets_hash *h) { return FIRST_BUCKETS + (h->segment_count - 1) * SEGMENT_BUCKETS; }

static struct ets_object **bucket(const struct ets_hash *h, uint32_t i)
{
	if (i < FIRST_BUCKETS)
		return &h->segments[0][i];
	i -= FIRST_BUCKETS;
	return &h->segments[1 + i / SEGMENT_BUCKETS][i % SEGMENT_BUCKETS];
}

static uint32_t bucket_of(const struct ets_hash *h, uint32_t hash)
{
	uint32_t i = hash & h->mask;
	return i < h->active ? i : i & h->mask >> 1;
}

/* ---- Segments ---- */

/*
 * OTP's directory of segments: none for the first, 256 pointers from the second on, then 128 more each time, every one
 * with six words of header and kept while the longer one lives.
 */
static int64_t directory_words(uint32_t segments)
{
	if (segments < 2)
		return 0;
	int64_t words = 256 + 6;
	for (uint32_t room = 256; room < segments; room += 128)
		words += room + 128 + 6;
	return words;
}

static bool directory_grow(struct ets_hash *h, struct mem_lane *lane)
{
	if (h->segment_count < h->segment_room)
		return true;
	uint32_t room = h->segment_room ? 2 * h->segment_room : 4;
	struct ets_object ***segments = mem_alloc(lane, MEM_ETS, room * sizeof *segments, MEM_MUST);
	if (!segments)
		return false;
	if (h->segments)
		memcpy(segments, h->segments, h->segment_count * sizeof *segments);
	mem_give(lane, MEM_ETS, h->segments, h->segment_room * sizeof *segments);
	h->segments = segments;
	h->segment_room = room;
	return true;
}

static bool segment_add(struct ets_hash *h, struct mem_lane *lane)
{
	if (!directory_grow(h, lane))
		return false;
	size_t bytes = segment_bytes(h->segment_count);
	struct ets_object **segment = mem_alloc(lane, MEM_ETS, bytes, MEM_MUST);
	if (!segment)
		return false;
	memset(segment, 0, bytes);
	h->segments[h->segment_count++] = segment;
	return true;
}

static void segment_drop(struct ets_hash *h, struct mem_lane *lane)
{
	h->segment_count--;
	mem_give(lane, MEM_ETS, h->segments[h->segment_count], segment_bytes(h->segment_count));
}

static void directory_drop(struct ets_hash *h, struct mem_lane *lane)
{
	mem_give(lane, MEM_ETS, h->segments, h->segment_room * sizeof *h->segments);
	memset(h, 0, sizeof *h);
}

static bool hash_init(struct ets *t, struct mem_lane *lane)
{
	struct ets_hash *h = &t->hash;
	memset(h, 0, sizeof *h);
	if (!segment_add(h, lane)) {
		directory_drop(h, lane);
		return false;
	}
	h->active = FIRST_BUCKETS;
	h->mask = FIRST_BUCKETS - 1;
	return true;
}

/* ---- Splitting and joining ---- */

static struct ets_object **chain_end(struct ets_object **at)
{
	while (*at)
		at = &(*at)->next;
	return at;
}

/* Both halves keep the order of their objects. */
static void split(struct ets_hash *h, uint32_t from, uint32_t to)
{
	struct ets_object **keep = bucket(h, from), **move = bucket(h, to);
	for (struct ets_object *o = *keep; o; o = o->next) {
		struct ets_object ***end = (o->hash & h->mask) == to ? &move : &keep;
		**end = o;
		*end = &o->next;
	}
	*keep = *move = NULL;
}

static bool grow(struct ets *t, struct mem_lane *lane)
{
	struct ets_hash *h = &t->hash;
	if (h->active == slots(h)) {
		int64_t before = directory_words(h->segment_count);
		if (!segment_add(h, lane))
			return false;
		ets_resized(t, lane, SEGMENT_BUCKETS + directory_words(h->segment_count) - before);
	}
	if (h->active > h->mask)
		h->mask = 2 * h->mask + 1;
	uint32_t to = h->active++;
	split(h, to & h->mask >> 1, to);
	return true;
}

static void shrink(struct ets *t, struct mem_lane *lane)
{
	struct ets_hash *h = &t->hash;
	uint32_t from = --h->active, to = from & h->mask >> 1;
	*chain_end(bucket(h, to)) = *bucket(h, from);
	*bucket(h, from) = NULL;
	if (h->active == (h->mask >> 1) + 1)
		h->mask >>= 1;
	if (slots(h) - h->active >= SEGMENT_BUCKETS) {
		int64_t before = directory_words(h->segment_count);
		segment_drop(h, lane);
		ets_resized(t, lane, directory_words(h->segment_count) - before - (int64_t) SEGMENT_BUCKETS);
	}
}

/* Below so many objects buckets are joined: a table keeps its first extra segment for ever. */
static uint64_t shrink_limit(const struct ets_hash *h)
{
	return slots(h) >= FIRST_BUCKETS + 2 * SEGMENT_BUCKETS ? (slots(h) - SEGMENT_BUCKETS) / 2 : 0;
}

static void hash_resize(struct ets *t, struct mem_lane *lane, uint64_t removed)
{
	for (int i = 0; i < RESIZE_STEPS && !removed && ets_count(t) > t->hash.active; i++)
		if (!grow(t, lane))
			return;
	for (int i = 0; i < RESIZE_STEPS && removed && ets_count(t) < shrink_limit(&t->hash); i++)
		shrink(t, lane);
}

/* ---- Objects of a key ---- */

static bool has_key(const struct ets *t, const struct ets_object *o, uint32_t hash, term key)
{
	return o->hash == hash && ets_same(ets_key(t, o), key);
}

/* Where the first object of this key hangs, or the end of its chain. */
static struct ets_object **locate(const struct ets *t, uint32_t hash, term key)
{
	struct ets_object **at = bucket(&t->hash, bucket_of(&t->hash, hash));
	while (*at && !has_key(t, *at, hash, key))
		at = &(*at)->next;
	return at;
}

static bool in_group(const struct ets *t, const struct ets_object *o)
{
	for (const struct ets_object *old = o->next; old && has_key(t, old, o->hash, ets_key(t, o)); old = old->next)
		if (old->words == o->words && term_equal(term_from_box(old->data), term_from_box(o->data)))
			return true;
	return false;
}

static enum ets_put hash_put(struct ets *t, struct mem_lane *lane, struct ets_object *o, struct ets_object **unwanted)
{
	(void) lane;
	struct ets_object **at = locate(t, o->hash, ets_key(t, o)), *old = *at;
	o->next = old;
	if (old && t->type == TABLE_SET) {
		o->next = old->next;
		old->next = NULL;
		*unwanted = old;
		*at = o;
		return ETS_REPLACED;
	}
	if (old && t->type == TABLE_BAG && in_group(t, o)) {
		o->next = NULL;
		*unwanted = o;
		return ETS_IGNORED;
	}
	*at = o;
	return ETS_ADDED;
}

static struct ets_object *hash_find(const struct ets *t, term key) { return *locate(t, ets_key_hash(key), key); }

static struct ets_object *hash_older(const struct ets *t, const struct ets_object *o)
{
	return t->type != TABLE_SET && o->next && has_key(t, o->next, o->hash, ets_key(t, o)) ? o->next : NULL;
}

static struct ets_object *hash_cut(struct ets *t, struct mem_lane *lane, term key, term object)
{
	(void) lane;
	struct ets_object *chain = NULL, *o;
	uint32_t hash = ets_key_hash(key);
	struct ets_object **at = locate(t, hash, key);
	while ((o = *at) && has_key(t, o, hash, key)) {
		if (term_is_none(object) || term_equal(ets_object_term(o), object)) {
			*at = o->next;
			o->next = chain;
			chain = o;
		} else {
			at = &o->next;
		}
	}
	return chain;
}

static struct ets_object *hash_strip(struct ets *t, struct mem_lane *lane, uint64_t objects)
{
	struct ets_hash *h = &t->hash;
	struct ets_object *chain = NULL, **end = &chain;
	while (h->segment_count > 0 && objects > 0) {
		if (h->active == slots(h) - segment_buckets(h->segment_count - 1)) {
			segment_drop(h, lane);
			continue;
		}
		*end = *bucket(h, --h->active);
		for (; *end; end = &(*end)->next)
			objects -= objects > 0;
	}
	if (!chain)
		directory_drop(h, lane);
	return chain;
}

/* ---- In the order of ranks ---- */

static uint32_t reverse(uint32_t x)
{
	x = (x & 0x55555555) << 1 | (x >> 1 & 0x55555555);
	x = (x & 0x33333333) << 2 | (x >> 2 & 0x33333333);
	x = (x & 0x0f0f0f0f) << 4 | (x >> 4 & 0x0f0f0f0f);
	return __builtin_bswap32(x);
}

/* The rank where the interval of the next bucket begins; RANK_END after the last. */
static uint64_t rank_after(const struct ets_hash *h, uint32_t i)
{
	uint32_t half = (h->mask >> 1) + 1;
	bool fine = i >= half || i + half < h->active;
	int bits = __builtin_popcount(fine ? h->mask : h->mask >> 1);
	return (uint64_t) reverse(i) + (RANK_END >> bits);
}

/* The first object of a bucket from this rank on. */
static struct ets_object *first_from(const struct ets *t, uint64_t rank)
{
	while (rank < RANK_END) {
		uint32_t i = bucket_of(&t->hash, reverse((uint32_t) rank));
		if (*bucket(&t->hash, i))
			return *bucket(&t->hash, i);
		rank = rank_after(&t->hash, i);
	}
	return NULL;
}

static struct ets_object *hash_first(const struct ets *t) { return first_from(t, 0); }

static struct ets_object *hash_next(const struct ets *t, term key, bool *missing)
{
	uint32_t hash = ets_key_hash(key);
	struct ets_object *o = *locate(t, hash, key);
	*missing = o == NULL;
	while (o && has_key(t, o, hash, key))
		o = o->next;
	return o || *missing ? o : first_from(t, rank_after(&t->hash, bucket_of(&t->hash, hash)));
}

static void hash_each(const struct ets *t, uint64_t *cursor, uint64_t limit, ets_visit_fn visit, void *context)
{
	uint64_t rank = *cursor, seen = 0;
	while (rank < RANK_END && seen < limit) {
		uint32_t i = bucket_of(&t->hash, reverse((uint32_t) rank));
		for (struct ets_object *o = *bucket(&t->hash, i); o; o = o->next)
			if (reverse(o->hash) >= rank) {
				seen++;
				if (!visit(context, o)) {
					*cursor = 0;
					return;
				}
			}
		seen += *bucket(&t->hash, i) == NULL && i % 64 == 0;    /* empty buckets cost something too */
		rank = rank_after(&t->hash, i);
	}
	*cursor = rank < RANK_END ? rank : 0;
}

static struct ets_object *hash_cut_if(struct ets *t, struct mem_lane *lane, uint64_t *cursor, uint64_t limit,
	ets_visit_fn visit, void *context)
{
	(void) lane;
	struct ets_object *chain = NULL, *o;
	uint64_t rank = *cursor, seen = 0;
	while (rank < RANK_END && seen < limit) {
		uint32_t i = bucket_of(&t->hash, reverse((uint32_t) rank));
		struct ets_object **at = bucket(&t->hash, i);
		seen += *at == NULL && i % 64 == 0;
		while ((o = *at)) {
			if (reverse(o->hash) >= rank && (seen++, visit(context, o))) {
				*at = o->next;
				o->next = chain;
				chain = o;
			} else {
				at = &o->next;
			}
		}
		rank = rank_after(&t->hash, i);
	}
	*cursor = rank < RANK_END ? rank : 0;
	return chain;
}

const struct ets_ops ets_hash_ops = {
	.init = hash_init, .strip = hash_strip, .put = hash_put, .find = hash_find, .older = hash_older, .cut = hash_cut,
	.first = hash_first, .last = hash_first, .next = hash_next, .prev = hash_next, .each = hash_each, .cut_if = hash_cut_if,
	.resize = hash_resize, .empty_words = 305, .object_words = 4,
};
