/*
 * ets_hash - linear hashing (Litwin 1980; Larson 1988): when there are many keys to a line one line is split in two, so no
 * insert ever pays for a whole rehash.
 *
 *   line of h:  h & mask, or h & mask/2 while that one has not been split off yet (>= active)
 *
 *   line, as large as the cache's:  [marks] [half|object] [half|object] ... 6 entries, filled from the front     [more]
 *                                               └▶ newest object of a key ─▶ next older one of the same key ─▶ ...
 *
 * An entry has the upper half of its hash beside the pointer, and a byte of that as its mark; 0: no entry. Whoever looks for a
 * key touches the line and, nearly always, one object: the right one. Which of the six it is comes out of arithmetic on
 * all marks at once, not of branches, so that the processor is at the next key's line before this one's object has arrived.
 * An insert of a new key touches no object, and neither does a split of a large table: there the bit that decides is
 * in the entry.
 *
 * A line holds the hashes that end in its bits. Read backwards, the bits of a hash are its rank: lines are then
 * intervals of ranks, and a split halves an interval. The order of the table is the order of ranks, a cursor is a
 * rank; so a traversal stays exact while lines are split and joined under it.
 *
 * What is accounted are OTP's buckets, one an object, in segments of 2048: they are counted here and exist nowhere.
 */
#include <string.h>

#include "runtime/memory/ets_store.h"

#define FIRST_BUCKETS 256u              /* OTP's, only counted */
#define SEGMENT_BUCKETS 2048u
#define RESIZE_STEPS 5                  /* buckets, or lines, split or joined at most by one insert or delete */

#define LINE_ENTRIES 6u
#define FIRST_LINES 32u
#define SEGMENT_LINES 255u              /* four of them fill a carrier */
#define LINE_KEYS 3u                    /* more on average: a line is split; fewer than half of it: two are joined */
#define HALF_SHIFT 48                   /* of an entry: pointers have 48 bits */
#define HALF_FROM 16                    /* of a hash */
#define EVERY_BYTE UINT64_C(0x0101010101010101)
#define RANK_END (UINT64_C(1) << 32)

struct ets_line {
	union { uint8_t mark[8]; uint64_t marks; };     /* the last two are 0 */
	uintptr_t entry[LINE_ENTRIES];
	struct ets_line *more;
};
_Static_assert(sizeof(struct ets_line) == CACHE_LINE, "one look at a line is one miss");

/* ---- Lines and entries ---- */

static size_t segment_lines(uint32_t segment) { return segment == 0 ? FIRST_LINES : SEGMENT_LINES; }
static size_t segment_bytes(uint32_t segment) { return segment_lines(segment) * sizeof(struct ets_line); }
static uint32_t slots(const struct ets_hash *h) { return FIRST_LINES + (h->segment_count - 1) * SEGMENT_LINES; }

static struct ets_line *line_at(const struct ets_hash *h, uint32_t i)
{
	if (i < FIRST_LINES)
		return &h->segments[0][i];
	i -= FIRST_LINES;
	return &h->segments[1 + i / SEGMENT_LINES][i % SEGMENT_LINES];
}

/* A branch would go wrong as often as lines are split off. */
static uint32_t line_number(const struct ets_hash *h, uint32_t hash)
{
	return hash & h->mask >> ((hash & h->mask) >= h->active);
}

static uintptr_t half_of(uint32_t hash) { return (uintptr_t) (hash >> HALF_FROM) << HALF_SHIFT; }
static uintptr_t entry_of(const struct ets_object *o) { return (uintptr_t) o | half_of(o->hash); }
static struct ets_object *object_of(uintptr_t entry)
{
	return (struct ets_object *) (entry & ((UINT64_C(1) << HALF_SHIFT) - 1));
}

static uint8_t mark_of(uintptr_t entry) { return (uint8_t) (entry >> 56 | 1); }         /* never 0 */

static void entry_set(struct ets_line *l, unsigned i, uintptr_t entry)
{
	l->entry[i] = entry;
	l->mark[i] = entry ? mark_of(entry) : 0;
}

static unsigned filled(const struct ets_line *l)
{
	return l->marks ? (unsigned) (71 - __builtin_clzll(l->marks)) / 8 : 0;
}

/* The highest bit of each byte that is this mark, of no other one: nothing is carried from byte to byte. */
static uint64_t marked(const struct ets_line *l, uint8_t mark)
{
	uint64_t differ = l->marks ^ mark * EVERY_BYTE, low = 0x7f * EVERY_BYTE;
	return ~(((differ & low) + low) | differ | low);
}

static bool has_key(const struct ets *t, uintptr_t entry, uint32_t hash, term key)
{
	const struct ets_object *o = object_of(entry);
	return (entry ^ half_of(hash)) >> HALF_SHIFT == 0 && o->hash == hash && ets_same(ets_key(t, o), key);
}

/* Where the objects of a key hang; line NULL: nowhere. */
struct place { struct ets_line *line; unsigned i; };

static struct place locate(const struct ets *t, uint32_t hash, term key)
{
	struct ets_line *l = line_at(&t->hash, line_number(&t->hash, hash));
	uint8_t mark = mark_of(half_of(hash));
	do
		for (uint64_t hits = marked(l, mark); hits; hits &= hits - 1) {
			unsigned i = (unsigned) __builtin_ctzll(hits) / 8;
			if (LIKELY(has_key(t, l->entry[i], hash, key)))
				return (struct place) { l, i };
		}
	while ((l = l->more));
	return (struct place) { NULL, 0 };
}

static struct ets_line *line_new(struct mem_lane *lane)
{
	struct ets_line *l = mem_alloc(lane, MEM_ETS, sizeof *l, MEM_MUST);
	if (l)
		memset(l, 0, sizeof *l);
	return l;
}

/* Lines that a line has behind it, for use again. */
static struct ets_line *spare_pop(struct ets_line **spares)
{
	struct ets_line *l = *spares;
	*spares = l->more;
	memset(l, 0, sizeof *l);
	return l;
}

static void spares_free(struct mem_lane *lane, struct ets_line *spares)
{
	for (struct ets_line *next; spares; spares = next) {
		next = spares->more;
		mem_give(lane, MEM_ETS, spares, sizeof *spares);
	}
}

/* Behind the last entry; a line more is taken from the spares, else made. False: no memory. */
static bool append(struct ets_line *l, uintptr_t entry, struct mem_lane *lane, struct ets_line **spares)
{
	while (filled(l) == LINE_ENTRIES && l->more)
		l = l->more;
	if (filled(l) == LINE_ENTRIES) {
		l->more = *spares ? spare_pop(spares) : line_new(lane);
		l = l->more;
	}
	if (l)
		entry_set(l, filled(l), entry);
	return l != NULL;
}

/* The entries behind it move up, from the lines behind as well, so that the order stays. */
static void close_gap(struct ets_line *l, unsigned i)
{
	for (; l; l = l->more, i = 0) {
		for (; i < LINE_ENTRIES - 1; i++)
			entry_set(l, i, l->entry[i + 1]);
		entry_set(l, i, l->more ? l->more->entry[0] : 0);
	}
}

static void drop_empty_lines(struct ets_line *l, struct mem_lane *lane)
{
	for (; l->more; l = l->more)
		if (l->more->marks == 0) {
			spares_free(lane, l->more);
			l->more = NULL;
			return;
		}
}

/* ---- Segments ---- */

static bool directory_grow(struct ets_hash *h, struct mem_lane *lane)
{
	if (h->segment_count < h->segment_room)
		return true;
	uint32_t room = h->segment_room ? 2 * h->segment_room : 4;
	struct ets_line **segments = mem_alloc(lane, MEM_ETS, room * sizeof *segments, MEM_MUST);
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
	struct ets_line *segment = mem_alloc(lane, MEM_ETS, bytes, MEM_MUST);
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
	h->active = FIRST_LINES;
	h->mask = FIRST_LINES - 1;
	h->buckets = FIRST_BUCKETS;
	h->bucket_segments = 1;
	return true;
}

/* ---- Splitting and joining ---- */

/* The bit above the old mask sends an entry to the new line. From the half's first bit on no object is asked. */
static bool goes_to_new(uintptr_t entry, uint32_t bit)
{
	return bit >> HALF_FROM ? entry >> HALF_SHIFT & bit >> HALF_FROM : object_of(entry)->hash & bit;
}

/*
 * Deals the entries of a line and of those behind it out, in their order; each is copied before it becomes a spare one. Two
 * halves of a line never need more than it had.
 */
static void deal_out(struct ets_line *from, struct ets_line *keep, struct ets_line *move, uint32_t bit,
	struct ets_line *spares, struct mem_lane *lane)
{
	struct ets_line now = *from, *next;
	memset(from, 0, sizeof *from);
	for (;; now = *next, next->more = spares, spares = next) {
		for (unsigned i = 0; i < LINE_ENTRIES && now.entry[i]; i++)
			append(move != keep && goes_to_new(now.entry[i], bit) ? move : keep, now.entry[i], lane, &spares);
		if (!(next = now.more))
			break;
	}
	spares_free(lane, spares);
}

static bool grow(struct ets_hash *h, struct mem_lane *lane)
{
	if (h->active == slots(h) && !segment_add(h, lane))
		return false;
	if (h->active > h->mask)
		h->mask = 2 * h->mask + 1;
	uint32_t to = h->active++;
	struct ets_line *whole = line_at(h, to & h->mask >> 1);
	deal_out(whole, whole, line_at(h, to), (h->mask >> 1) + 1, NULL, lane);
	return true;
}

/* When two chains become one, a line may be missing. */
static bool shrink(struct ets_hash *h, struct mem_lane *lane)
{
	uint32_t from = h->active - 1;
	struct ets_line *to = line_at(h, from & h->mask >> 1), *spare = line_new(lane);
	if (!spare)
		return false;
	deal_out(line_at(h, from), to, to, 0, spare, lane);
	h->active = from;
	if (h->active == (h->mask >> 1) + 1)
		h->mask >>= 1;
	if (slots(h) - h->active >= SEGMENT_LINES)
		segment_drop(h, lane);
	return true;
}

/* ---- OTP's buckets ---- */

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

static uint32_t bucket_room(const struct ets_hash *h) { return FIRST_BUCKETS + (h->bucket_segments - 1) * SEGMENT_BUCKETS; }

static void bucket_added(struct ets *t, struct mem_lane *lane)
{
	struct ets_hash *h = &t->hash;
	if (h->buckets++ < bucket_room(h))
		return;
	int64_t before = directory_words(h->bucket_segments++);
	ets_resized(t, lane, SEGMENT_BUCKETS + directory_words(h->bucket_segments) - before);
}

static void bucket_gone(struct ets *t, struct mem_lane *lane)
{
	struct ets_hash *h = &t->hash;
	if (bucket_room(h) - --h->buckets < SEGMENT_BUCKETS)
		return;
	int64_t before = directory_words(h->bucket_segments--);
	ets_resized(t, lane, directory_words(h->bucket_segments) - before - (int64_t) SEGMENT_BUCKETS);
}

/* Below so many objects buckets are joined: a table keeps its first extra segment for ever. */
static uint64_t shrink_limit(const struct ets_hash *h)
{
	return bucket_room(h) >= FIRST_BUCKETS + 2 * SEGMENT_BUCKETS ? (bucket_room(h) - SEGMENT_BUCKETS) / 2 : 0;
}

static bool is_crowded(const struct ets_hash *h) { return h->keys > (uint64_t) h->active * LINE_KEYS; }

static bool is_sparse(const struct ets_hash *h)
{
	return h->active > FIRST_LINES && h->keys < (uint64_t) h->active * LINE_KEYS / 2;
}

static void resize_lines(struct ets_hash *h, struct mem_lane *lane)
{
	for (int i = 0; i < RESIZE_STEPS && is_crowded(h) && grow(h, lane); i++)
		;
	for (int i = 0; i < RESIZE_STEPS && is_sparse(h) && shrink(h, lane); i++)
		;
}

static void hash_resize(struct ets *t, struct mem_lane *lane, uint64_t removed)
{
	struct ets_hash *h = &t->hash;
	for (int i = 0; i < RESIZE_STEPS && !removed && ets_count(t) > h->buckets; i++)
		bucket_added(t, lane);
	for (int i = 0; i < RESIZE_STEPS && removed && ets_count(t) < shrink_limit(h); i++)
		bucket_gone(t, lane);
	resize_lines(h, lane);
}

/* ---- Objects of a key ---- */

static bool in_group(const struct ets_object *group, const struct ets_object *o)
{
	for (; group; group = group->next)
		if (group->words == o->words && term_equal(term_from_box(group->data), term_from_box(o->data)))
			return true;
	return false;
}

static enum ets_put put_new_key(struct ets_hash *h, struct mem_lane *lane, struct ets_object *o,
	struct ets_object **unwanted)
{
	struct ets_line *none = NULL;
	o->next = NULL;
	if (append(line_at(h, line_number(h, o->hash)), entry_of(o), lane, &none)) {
		h->keys++;
		return ETS_ADDED;
	}
	*unwanted = o;
	return ETS_REFUSED;
}

static enum ets_put hash_put(struct ets *t, struct mem_lane *lane, struct ets_object *o, struct ets_object **unwanted)
{
	struct place at = locate(t, o->hash, ets_key(t, o));
	if (!at.line)
		return put_new_key(&t->hash, lane, o, unwanted);
	struct ets_object *old = object_of(at.line->entry[at.i]);
	bool replaces = t->type == TABLE_SET;
	if (t->type == TABLE_BAG && in_group(old, o)) {
		*unwanted = o;
		return ETS_IGNORED;
	}
	if (replaces)
		*unwanted = old;
	o->next = replaces ? NULL : old;
	entry_set(at.line, at.i, entry_of(o));
	return replaces ? ETS_REPLACED : ETS_ADDED;
}

static struct ets_object *hash_find(const struct ets *t, term key)
{
	struct place at = locate(t, ets_key_hash(key), key);
	return at.line ? object_of(at.line->entry[at.i]) : NULL;
}

static struct ets_object *hash_older(const struct ets *t, const struct ets_object *o)
{
	(void) t;
	return o->next;
}

/* Of the objects at a place those that are wanted leave, to *chain; true: all did, and the place with them. */
static bool cut_group(struct ets_hash *h, struct place at, ets_visit_fn wanted, void *context,
	struct ets_object **chain)
{
	struct ets_object *group = object_of(at.line->entry[at.i]), **link = &group, *o;
	while ((o = *link)) {
		if (!wanted(context, o)) {
			link = &o->next;
			continue;
		}
		*link = o->next;
		o->next = *chain;
		*chain = o;
	}
	if (group) {
		entry_set(at.line, at.i, entry_of(group));
		return false;
	}
	close_gap(at.line, at.i);
	h->keys--;
	return true;
}

static bool is_equal(void *context, struct ets_object *o)
{
	const term *object = context;
	return term_is_none(*object) || term_equal(ets_object_term(o), *object);
}

static struct ets_object *hash_cut(struct ets *t, struct mem_lane *lane, term key, term object)
{
	struct ets_object *chain = NULL;
	uint32_t hash = ets_key_hash(key);
	struct place at = locate(t, hash, key);
	if (at.line && cut_group(&t->hash, at, is_equal, &object, &chain))
		drop_empty_lines(line_at(&t->hash, line_number(&t->hash, hash)), lane);
	return chain;
}

/* All objects of a line, in front of *chain; the line is empty then. Gives how many. */
static uint64_t strip_line(struct ets_line *first, struct mem_lane *lane, struct ets_object **chain)
{
	uint64_t count = 0;
	for (struct ets_line *l = first; l; l = l->more)
		for (unsigned i = 0; i < LINE_ENTRIES && l->entry[i]; i++)
			for (struct ets_object *o = object_of(l->entry[i]), *older; o; o = older, count++) {
				older = o->next;
				o->next = *chain;
				*chain = o;
			}
	spares_free(lane, first->more);
	memset(first, 0, sizeof *first);
	return count;
}

static struct ets_object *hash_strip(struct ets *t, struct mem_lane *lane, uint64_t objects)
{
	struct ets_hash *h = &t->hash;
	struct ets_object *chain = NULL;
	while (h->segment_count > 0 && objects > 0) {
		if (h->active == slots(h) - segment_lines(h->segment_count - 1)) {
			segment_drop(h, lane);
			continue;
		}
		objects -= size_min(objects, strip_line(line_at(h, --h->active), lane, &chain));
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

/* The rank where the interval of the next line begins; RANK_END after the last. */
static uint64_t rank_after(const struct ets_hash *h, uint32_t i)
{
	uint32_t half = (h->mask >> 1) + 1;
	bool fine = i >= half || i + half < h->active;
	int bits = __builtin_popcount(fine ? h->mask : h->mask >> 1);
	return (uint64_t) reverse(i) + (RANK_END >> bits);
}

static uint32_t line_of_rank(const struct ets_hash *h, uint64_t rank) { return line_number(h, reverse((uint32_t) rank)); }

/* The first object from this rank on, where a line begins. */
static struct ets_object *first_from(const struct ets *t, uint64_t rank)
{
	while (rank < RANK_END) {
		uint32_t i = line_of_rank(&t->hash, rank);
		if (line_at(&t->hash, i)->entry[0])
			return object_of(line_at(&t->hash, i)->entry[0]);
		rank = rank_after(&t->hash, i);
	}
	return NULL;
}

static struct ets_object *hash_first(const struct ets *t) { return first_from(t, 0); }

static struct ets_object *hash_next(const struct ets *t, term key, bool *missing)
{
	uint32_t hash = ets_key_hash(key);
	struct place at = locate(t, hash, key);
	*missing = at.line == NULL;
	if (*missing)
		return NULL;
	bool is_last = at.i == LINE_ENTRIES - 1;
	const struct ets_line *l = is_last ? at.line->more : at.line;
	uintptr_t entry = l ? l->entry[is_last ? 0 : at.i + 1] : 0;
	return entry ? object_of(entry) : first_from(t, rank_after(&t->hash, line_number(&t->hash, hash)));
}

/* Visits the objects of a line from this rank on; false: the visitor has seen enough. */
static bool each_of_line(const struct ets_line *l, uint64_t rank, uint64_t *seen, ets_visit_fn visit, void *context)
{
	for (; l; l = l->more)
		for (unsigned i = 0; i < LINE_ENTRIES && l->entry[i]; i++) {
			struct ets_object *o = object_of(l->entry[i]);
			if (reverse(o->hash) < rank)
				continue;
			for (; o; o = o->next, ++*seen)
				if (!visit(context, o))
					return false;
		}
	return true;
}

/* Empty lines cost something too. */
static uint64_t cost_of_line(const struct ets_line *l, uint32_t i) { return l->entry[0] == 0 && i % 64 == 0; }

static void hash_each(const struct ets *t, uint64_t *cursor, uint64_t limit, ets_visit_fn visit, void *context)
{
	uint64_t rank = *cursor, seen = 0;
	*cursor = 0;
	while (rank < RANK_END && seen < limit) {
		uint32_t i = line_of_rank(&t->hash, rank);
		struct ets_line *l = line_at(&t->hash, i);
		seen += cost_of_line(l, i);
		if (!each_of_line(l, rank, &seen, visit, context))
			return;
		rank = rank_after(&t->hash, i);
	}
	*cursor = rank < RANK_END ? rank : 0;
}

/* A visitor's answers, counted. */
struct counted { ets_visit_fn visit; void *context; uint64_t seen; };

static bool count_and_ask(void *context, struct ets_object *o)
{
	struct counted *c = context;
	c->seen++;
	return c->visit(c->context, o);
}

static void cut_from_line(struct ets_hash *h, struct ets_line *first, uint64_t rank, struct counted *c,
	struct mem_lane *lane, struct ets_object **chain)
{
	for (struct ets_line *l = first; l; l = l->more)
		for (unsigned i = 0; i < LINE_ENTRIES && l->entry[i];) {
			bool from_here = reverse(object_of(l->entry[i])->hash) >= rank;
			i += !from_here || !cut_group(h, (struct place) { l, i }, count_and_ask, c, chain);
		}
	drop_empty_lines(first, lane);
}

static struct ets_object *hash_cut_if(struct ets *t, struct mem_lane *lane, uint64_t *cursor, uint64_t limit,
	ets_visit_fn visit, void *context)
{
	struct ets_hash *h = &t->hash;
	struct ets_object *chain = NULL;
	struct counted c = { visit, context, 0 };
	uint64_t rank = *cursor;
	while (rank < RANK_END && c.seen < limit) {
		uint32_t i = line_of_rank(h, rank);
		c.seen += cost_of_line(line_at(h, i), i);
		cut_from_line(h, line_at(h, i), rank, &c, lane, &chain);
		rank = rank_after(h, i);
	}
	*cursor = rank < RANK_END ? rank : 0;
	return chain;
}

const struct ets_ops ets_hash_ops = {
	.init = hash_init, .strip = hash_strip, .put = hash_put, .find = hash_find, .older = hash_older, .cut = hash_cut,
	.first = hash_first, .last = hash_first, .next = hash_next, .prev = hash_next, .each = hash_each, .cut_if = hash_cut_if,
	.resize = hash_resize, .empty_words = 305, .object_words = 4,
};
