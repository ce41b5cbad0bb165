/*
 * map - see the header.
 *
 *   flat   [header|size|keys]-> {k1, k2 ...}        a key's number of 32 bits, four a level, low ones first:
 *          [value 1|value 2|...]                    level 0: root   [header|size|.|.|.]   bitmap 0..10..01..01
 *                                                   level 1:             [header|.|.]  [key|value]
 *
 * The bitmap tells which of the 16 branches exist; the children stand in their order. A child is a leaf (a cons)
 * when it is the only key of its branch, so equal maps have equal shapes, whatever their history: removal folds a
 * node of one leaf into its parent, and at MAP_FLAT_LIMIT keys a trie becomes flat. After eight levels the key is
 * hashed anew.
 */
#include "runtime/term/map.h"

#include <string.h>

#define BRANCH_BITS 4u
#define BRANCHES 16u
#define LEVELS_PER_HASH 8u
/* Any seed would do; with this one maps of 1..n are within 1.5 % of the words that OTP's own hash gives them. */
#define HASH_SEED 1572u
#define LEVELS_MAX 32u          /* 128 bits of four hashes agree: the hash is broken */
#define EMPTY_WORDS 3u

/* Room of a trie of n keys: 3.7 words a key are usual; a quarter more and a start hold for any n with a sound hash. */
#define TRIE_WORDS(n) (5 * (n) + 64)

/* ---- Nodes --------------------------------------------------------------------------------------------------- */

static bool is_trie(term map) { return term_is_kind(map, BOX_MAP_NODE); }

static unsigned bitmap_of(const term *node) { return (unsigned) (node[0].word >> 48); }
static unsigned child_count(const term *node) { return (unsigned) __builtin_popcount(bitmap_of(node)); }
/* The root alone has the size in front of its children. */
static unsigned first_child(const term *node) { return 1 + (header_words(node[0]) > child_count(node)); }

static term *take_node(term **top, unsigned bitmap, bool root, size_t size)
{
	unsigned children = (unsigned) __builtin_popcount(bitmap);
	term *node = *top;
	node[0].word = term_header(BOX_MAP_NODE, root + children).word | (uintptr_t) bitmap << 48;
	if (root)
		node[1] = term_from_small((intptr_t) size);
	*top += 1 + root + children;
	return node;
}

static term take_leaf(term **top, term key, term value)
{
	term *cell = *top;
	cell[0] = key;
	cell[1] = value;
	*top += 2;
	return term_from_cons(cell);
}

static unsigned branch_of(term key, unsigned level)
{
	CHECK(level < LEVELS_MAX, "two keys cannot be told apart by their hashes");
	return term_hash(key, HASH_SEED + level / LEVELS_PER_HASH) >> level % LEVELS_PER_HASH * BRANCH_BITS & (BRANCHES - 1);
}

static unsigned place_of(const term *node, unsigned branch)
{
	return first_child(node) + (unsigned) __builtin_popcount(bitmap_of(node) & ((1u << branch) - 1));
}

static bool has_branch(const term *node, unsigned branch) { return bitmap_of(node) >> branch & 1; }

/* ---- Reading ------------------------------------------------------------------------------------------------- */

size_t map_size(term map) { return (size_t) term_to_small(term_box(map)[MAP_SIZE]); }

static bool same_key(term a, term b)
{
	return term_is(a, b) || (!term_is_immediate(a) && term_tag(a) == term_tag(b) && term_equal(a, b));
}

static const term *flat_keys(term map) { return term_box(term_box(map)[MAP_KEYS]) + 1; }

/* Its place, or the size when it is not there. */
static size_t flat_find(term map, term key)
{
	const term *keys = flat_keys(map);
	size_t n = map_size(map), i = 0;
	while (i < n && !term_is(keys[i], key))
		i++;
	if (i < n || term_is_immediate(key))
		return i;
	for (i = 0; i < n && !same_key(keys[i], key); i++)
		;
	return i;
}

static term trie_get(term map, term key)
{
	uint32_t hash = 0;
	for (unsigned level = 0;; level++, hash >>= BRANCH_BITS) {
		if (level % LEVELS_PER_HASH == 0)
			hash = term_hash(key, HASH_SEED + level / LEVELS_PER_HASH);
		const term *node = term_box(map);
		unsigned branch = hash & (BRANCHES - 1);
		if (!has_branch(node, branch))
			return TERM_NONE;
		map = node[place_of(node, branch)];
		if (term_is_cons(map))
			return same_key(list_head(map), key) ? list_tail(map) : TERM_NONE;
	}
}

term map_get(const struct atoms *atoms, term map, term key)
{
	(void) atoms;
	if (is_trie(map))
		return trie_get(map, key);
	size_t i = flat_find(map, key);
	return i < map_size(map) ? term_box(map)[MAP_VALUES + i] : TERM_NONE;
}

typedef bool (*visit_fn)(void *context, term key, term value);

static bool each_in_node(const term *node, visit_fn visit, void *context)
{
	unsigned first = first_child(node), count = child_count(node);
	for (unsigned i = first; i < first + count; i++)
		if (!(term_is_cons(node[i]) ? visit(context, list_head(node[i]), list_tail(node[i]))
			: each_in_node(term_box(node[i]), visit, context)))
			return false;
	return true;
}

void map_each(term map, visit_fn visit, void *context)
{
	if (is_trie(map)) {
		each_in_node(term_box(map), visit, context);
		return;
	}
	const term *keys = flat_keys(map), *values = term_box(map) + MAP_VALUES;
	for (size_t i = 0; i < map_size(map); i++)
		if (!visit(context, keys[i], values[i]))
			return;
}

/* ---- Room ---------------------------------------------------------------------------------------------------- */

static size_t flat_words(size_t n) { return n ? 2 * n + 4 : EMPTY_WORDS; }

size_t map_from_pairs_words(size_t n) { return n <= MAP_FLAT_LIMIT ? flat_words(n) : TRIE_WORDS(n); }

/* A path: full nodes for as long as they are likely full and two levels more, then nodes of one child, then a leaf. */
static size_t trie_put_words(size_t size)
{
	unsigned full = 2;
	for (; size; size /= BRANCHES)
		full++;
	return 1 + full * (1 + BRANCHES) + (LEVELS_MAX - full) + 2;
}

size_t map_put_words(term map)
{
	size_t size = map_size(map);
	return is_trie(map) ? trie_put_words(size) : map_from_pairs_words(size + 1);
}

/* ---- Flat maps ----------------------------------------------------------------------------------------------- */

static term *take_flat(term **top, size_t n, term keys)
{
	term *box = *top;
	box[0] = term_header(BOX_MAP, n + 2);
	box[MAP_SIZE] = term_from_small((intptr_t) n);
	box[MAP_KEYS] = keys;
	*top += n + 3;
	return box;
}

static term *take_keys(term **top, size_t n)
{
	term *box = *top;
	box[0] = term_header(BOX_TUPLE, n);
	*top += n + 1;
	return box;
}

/* Of sorted pairs without doubles. */
static term flat_from_pairs(term **top, const term *pairs, size_t n)
{
	if (n == 0)
		return term_from_box(take_flat(top, 0, TERM_EMPTY_TUPLE));
	term *keys = take_keys(top, n);
	term *map = take_flat(top, n, term_from_box(keys));
	for (size_t i = 0; i < n; i++) {
		keys[1 + i] = pairs[2 * i];
		map[MAP_VALUES + i] = pairs[2 * i + 1];
	}
	return term_from_box(map);
}

static void flat_pairs(term map, term *pairs)
{
	for (size_t i = 0; i < map_size(map); i++) {
		pairs[2 * i] = flat_keys(map)[i];
		pairs[2 * i + 1] = term_box(map)[MAP_VALUES + i];
	}
}

static term flat_replace(term **top, term map, size_t place, term value)
{
	size_t n = map_size(map);
	term *copy = take_flat(top, n, term_box(map)[MAP_KEYS]);
	memcpy(copy + MAP_VALUES, term_box(map) + MAP_VALUES, n * sizeof *copy);
	copy[MAP_VALUES + place] = value;
	return term_from_box(copy);
}

/* Sorted behind it comes a new key, or the one at `place` goes. */
static term flat_put(const struct atoms *atoms, term **top, term map, term key, term value)
{
	term pairs[2 * (MAP_FLAT_LIMIT + 1)];
	size_t n = map_size(map), i = n;
	flat_pairs(map, pairs);
	if (n == MAP_FLAT_LIMIT) {
		pairs[2 * n] = key;
		pairs[2 * n + 1] = value;
		return map_from_pairs(atoms, top, pairs, n + 1);
	}
	for (; i > 0 && term_compare(atoms, pairs[2 * i - 2], key, true) > 0; i--)
		memcpy(pairs + 2 * i, pairs + 2 * i - 2, 2 * sizeof *pairs);
	pairs[2 * i] = key;
	pairs[2 * i + 1] = value;
	return flat_from_pairs(top, pairs, n + 1);
}

static term flat_remove(term **top, term map, size_t place)
{
	term pairs[2 * MAP_FLAT_LIMIT];
	size_t n = map_size(map);
	flat_pairs(map, pairs);
	memmove(pairs + 2 * place, pairs + 2 * place + 2, 2 * (n - place - 1) * sizeof *pairs);
	return flat_from_pairs(top, pairs, n - 1);
}

/* ---- Tries: one key more ------------------------------------------------------------------------------------- */

static term node_with(term **top, const term *node, unsigned branch, term child)
{
	unsigned first = first_child(node), count = child_count(node), place = place_of(node, branch);
	bool known = has_branch(node, branch);
	term *copy = take_node(top, bitmap_of(node) | 1u << branch, first == 2, 0);
	memcpy(copy + 1, node + 1, (place - 1) * sizeof *copy);
	copy[place] = child;
	memcpy(copy + place + 1, node + place + known, (first + count - place - known) * sizeof *copy);
	return term_from_box(copy);
}

/* Nodes down to where two leaves of one branch part. */
static term split(term **top, term old, term leaf, unsigned level)
{
	unsigned a = branch_of(list_head(old), level), b = branch_of(list_head(leaf), level);
	if (a == b) {
		term child = split(top, old, leaf, level + 1);
		term *node = take_node(top, 1u << a, false, 0);
		node[1] = child;
		return term_from_box(node);
	}
	term *node = take_node(top, 1u << a | 1u << b, false, 0);
	node[1 + (a > b)] = old;
	node[1 + (a < b)] = leaf;
	return term_from_box(node);
}

static term node_put(term **top, term at, term leaf, unsigned level)
{
	const term *node = term_box(at);
	unsigned branch = branch_of(list_head(leaf), level);
	if (!has_branch(node, branch))
		return node_with(top, node, branch, leaf);
	term child = node[place_of(node, branch)];
	if (term_is_boxed(child))
		child = node_put(top, child, leaf, level + 1);
	else if (same_key(list_head(child), list_head(leaf)))
		child = leaf;
	else
		child = split(top, child, leaf, level + 1);
	return node_with(top, node, branch, child);
}

term map_put(const struct atoms *atoms, term **top, term map, term key, term value)
{
	const term *limit = *top + map_put_words(map);
	term old = map_get(atoms, map, key), made;
	if (!term_is_none(old) && term_is(old, value))
		return map;
	if (is_trie(map)) {
		term leaf = take_leaf(top, key, value);
		made = node_put(top, map, leaf, 0);
		term_box(made)[MAP_SIZE] = term_from_small((intptr_t) map_size(map) + term_is_none(old));
	} else if (term_is_none(old)) {
		made = flat_put(atoms, top, map, key, value);
	} else {
		made = flat_replace(top, map, flat_find(map, key), value);
	}
	CHECK(*top <= limit, "a map of %zu keys grew beyond what was reserved", map_size(map));
	return made;
}

/* ---- Tries: one key less ------------------------------------------------------------------------------------- */

static term node_without(term **top, const term *node, unsigned branch)
{
	unsigned first = first_child(node), count = child_count(node), place = place_of(node, branch);
	if (first == 1 && count == 2 && term_is_cons(node[3 - place]))
		return node[3 - place];
	term *copy = take_node(top, bitmap_of(node) & ~(1u << branch), first == 2, 0);
	memcpy(copy + 1, node + 1, (place - 1) * sizeof *copy);
	memcpy(copy + place, node + place + 1, (first + count - place - 1) * sizeof *copy);
	return term_from_box(copy);
}

/* The key is there. A node that would keep one leaf only is replaced by this leaf. */
static term node_remove(term **top, term at, term key, unsigned level)
{
	const term *node = term_box(at);
	unsigned branch = branch_of(key, level);
	term child = node[place_of(node, branch)];
	if (term_is_cons(child))
		return node_without(top, node, branch);
	child = node_remove(top, child, key, level + 1);
	if (term_is_cons(child) && first_child(node) == 1 && child_count(node) == 1)
		return child;
	return node_with(top, node, branch, child);
}

struct gather {
	term *pairs, skip;
	size_t count;
};

static bool gather_pair(void *context, term key, term value)
{
	struct gather *g = context;
	if (same_key(key, g->skip))
		return true;
	g->pairs[2 * g->count] = key;
	g->pairs[2 * g->count++ + 1] = value;
	return true;
}

static term trie_to_flat(const struct atoms *atoms, term **top, term map, term skip)
{
	term pairs[2 * MAP_FLAT_LIMIT];
	struct gather g = { pairs, skip, 0 };
	map_each(map, gather_pair, &g);
	return map_from_pairs(atoms, top, pairs, g.count);
}

term map_remove(const struct atoms *atoms, term **top, term map, term key)
{
	if (term_is_none(map_get(atoms, map, key)))
		return map;
	if (!is_trie(map))
		return flat_remove(top, map, flat_find(map, key));
	if (map_size(map) == MAP_FLAT_LIMIT + 1)
		return trie_to_flat(atoms, top, map, key);
	term made = node_remove(top, map, key, 0);
	term_box(made)[MAP_SIZE] = term_from_small((intptr_t) map_size(map) - 1);
	return made;
}

/* ---- Many pairs at once -------------------------------------------------------------------------------------- */

/* Stable, so that the later of equal keys stays behind; the room of the map itself is the scratch: 2n words. */
static void sort_pairs(const struct atoms *atoms, term *pairs, size_t n, term *scratch)
{
	if (n < 2)
		return;
	size_t half = n / 2, i = 0, j = half, k = 0;
	sort_pairs(atoms, pairs, half, scratch);
	sort_pairs(atoms, pairs + 2 * half, n - half, scratch);
	if (term_compare(atoms, pairs[2 * half - 2], pairs[2 * half], true) <= 0)
		return;
	memcpy(scratch, pairs, 2 * half * sizeof *pairs);
	for (; i < half && j < n; k++) {
		bool first = term_compare(atoms, scratch[2 * i], pairs[2 * j], true) <= 0;
		memcpy(pairs + 2 * k, first ? scratch + 2 * i++ : pairs + 2 * j++, 2 * sizeof *pairs);
	}
	memcpy(pairs + 2 * k, scratch + 2 * i, 2 * (half - i) * sizeof *pairs);
}

static size_t drop_doubles(term *pairs, size_t n)
{
	size_t kept = 0;
	for (size_t i = 0; i < n; i++) {
		if (kept && same_key(pairs[2 * kept - 2], pairs[2 * i]))
			kept--;
		memmove(pairs + 2 * kept++, pairs + 2 * i, 2 * sizeof *pairs);
	}
	return kept;
}

static void swap_pairs(term *a, term *b)
{
	for (unsigned i = 0; i < 2; i++) {
		term t = a[i];
		a[i] = b[i];
		b[i] = t;
	}
}

/* Groups pairs by branch, in place; begin[b] .. begin[b + 1] is branch b. */
static void group_by_branch(term *pairs, size_t n, unsigned level, size_t begin[BRANCHES + 1])
{
	size_t next[BRANCHES] = { 0 };
	for (size_t i = 0; i < n; i++)
		next[branch_of(pairs[2 * i], level)]++;
	begin[0] = 0;
	for (unsigned b = 0; b < BRANCHES; b++) {
		begin[b + 1] = begin[b] + next[b];
		next[b] = begin[b];
	}
	for (unsigned b = 0; b < BRANCHES; b++)
		while (next[b] < begin[b + 1]) {
			unsigned to = branch_of(pairs[2 * next[b]], level);
			if (to != b)
				swap_pairs(pairs + 2 * next[b], pairs + 2 * next[to]);
			next[to]++;
		}
}

/* Of at least two different keys, or the root. */
static term node_from_pairs(term **top, term *pairs, size_t n, unsigned level)
{
	size_t begin[BRANCHES + 1];
	unsigned bitmap = 0;
	group_by_branch(pairs, n, level, begin);
	for (unsigned b = 0; b < BRANCHES; b++)
		bitmap |= (unsigned) (begin[b + 1] > begin[b]) << b;
	term *node = take_node(top, bitmap, level == 0, n);
	term *child = node + first_child(node);
	for (unsigned b = 0; b < BRANCHES; b++) {
		term *first = pairs + 2 * begin[b];
		size_t count = begin[b + 1] - begin[b];
		if (count)
			*child++ = count == 1 ? take_leaf(top, first[0], first[1]) : node_from_pairs(top, first, count, level + 1);
	}
	return term_from_box(node);
}

term map_from_pairs(const struct atoms *atoms, term **top, term *pairs, size_t n)
{
	const term *limit = *top + map_from_pairs_words(n);
	sort_pairs(atoms, pairs, n, *top);
	n = drop_doubles(pairs, n);
	term map = n <= MAP_FLAT_LIMIT ? flat_from_pairs(top, pairs, n) : node_from_pairs(top, pairs, n, 0);
	CHECK(*top <= limit, "a map of %zu keys grew beyond what was reserved", n);
	return map;
}
