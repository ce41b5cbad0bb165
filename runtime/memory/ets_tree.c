/*
 * ets_tree - ordered_set as a B+ tree.
 *
 *   inner: key[i] is the first key below child[i]        leaf: key[i] is the key of object[i]
 *
 * Keys are words: small integers and atoms are compared without leaving the node; others point into their objects.
 * As long as all keys are small integers the search in a node has no branch that depends on what it finds, and the lines of a
 * node are asked for together: a level costs one miss, not one for each line that a search looks at.
 * Because an inner key is nothing but the first key below it, removing or replacing the first object of a leaf
 * corrects the keys on the way up (first_key_changed), and no key ever points into a freed object.
 *
 * Nodes are freed when they are empty, never merged before: rows that come back fill them again (Johnson, Shasha 1993).
 * Every node knows how many objects lie below, so the n-th object is one walk down: that is what a cursor is.
 */
#include <string.h>

#include "runtime/memory/ets_store.h"

#define FAN 32u
#define DEPTH_MAX 20                    /* a level more takes 16 times the inserts */

struct ets_node {
	uint64_t size;                  /* objects below */
	uint16_t count;
	bool leaf;
	term key[FAN];
	union {
		struct ets_node *child[FAN];
		struct ets_object *object[FAN];
	};
};

/* The way from the root to a place in a leaf. */
struct path {
	struct ets_node *node[DEPTH_MAX];
	unsigned at[DEPTH_MAX];
	int leaf;                       /* level of the leaf; -1: the tree is empty */
};

ALWAYS_INLINE int compare(const struct ets *t, term a, term b)
{
	if (term_is_small(a) && term_is_small(b))
		return (intptr_t) a.word < (intptr_t) b.word ? -1 : a.word != b.word;
	return term_is(a, b) ? 0 : term_compare(t->atoms, a, b, false);
}

/* Of small integers: how many words are below the limit. */
static unsigned count_below(const struct ets_node *n, intptr_t limit)
{
	size_t below = 0;
	for (size_t left = n->count; left > 0;) {
		size_t half = (left + 1) / 2;
		below += half & -(size_t) ((intptr_t) n->key[below + half - 1].word < limit);
		left -= half;
	}
	return (unsigned) below;
}

static bool only_small(const struct ets *t, term key) { return !t->tree.mixed && term_is_small(key); }

/* How many keys of the node are smaller than key. */
static unsigned lower_bound(const struct ets *t, const struct ets_node *n, term key)
{
	unsigned low = 0, high = n->count;
	if (LIKELY(only_small(t, key)))
		return count_below(n, (intptr_t) key.word);
	while (low < high) {
		unsigned middle = (low + high) / 2;
		if (compare(t, n->key[middle], key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool key_at(const struct ets *t, const struct ets_node *n, unsigned i, term key)
{
	return i < n->count && compare(t, n->key[i], key) == 0;
}

/* The child whose range holds the key: the last one whose first key is not above it. */
static unsigned child_for(const struct ets *t, const struct ets_node *n, term key)
{
	if (LIKELY(only_small(t, key))) {
		unsigned above = count_below(n, (intptr_t) key.word + 1);
		return above - (above > 0);
	}
	unsigned i = lower_bound(t, n, key);
	return i > 0 && !key_at(t, n, i, key) ? i - 1 : i;
}

static void step_down(struct path *path, struct ets_node *n, unsigned at)
{
	path->leaf++;
	CHECK(path->leaf < DEPTH_MAX, "a table's tree of %d levels", path->leaf);
	path->node[path->leaf] = n;
	path->at[path->leaf] = at;
}

static void ask_for_node(const struct ets_node *n)
{
#pragma GCC unroll 9
	for (size_t at = 0; at < sizeof *n; at += CACHE_LINE)
		__builtin_prefetch((const char *) n + at);
}

/* To the key, or to where it would be inserted; true: it is there. */
static bool locate(const struct ets *t, struct path *path, term key)
{
	struct ets_node *n = t->tree.root;
	path->leaf = -1;
	if (!n)
		return false;
	while (!n->leaf) {
		unsigned i = child_for(t, n, key);
		step_down(path, n, i);
		n = n->child[i];
		ask_for_node(n);
	}
	unsigned i = lower_bound(t, n, key);
	step_down(path, n, i);
	return key_at(t, n, i, key);
}

/* To the n-th object, from 0; n < size. */
static void locate_nth(const struct ets *t, struct path *path, uint64_t n)
{
	struct ets_node *node = t->tree.root;
	path->leaf = -1;
	while (!node->leaf) {
		unsigned i = 0;
		while (n >= node->child[i]->size)
			n -= node->child[i++]->size;
		step_down(path, node, i);
		node = node->child[i];
	}
	step_down(path, node, (unsigned) n);
}

static struct ets_object *object_at(const struct path *path)
{
	return path->node[path->leaf]->object[path->at[path->leaf]];
}

/* The next place, or the one before, that holds an object; false: none. */
static bool move(struct path *path, int by)
{
	int level = path->leaf;
	while (level >= 0) {
		unsigned to = path->at[level] + (unsigned) by;
		if (to < path->node[level]->count) {            /* -1 wraps around and is too large */
			path->at[level] = to;
			break;
		}
		level--;
	}
	if (level < 0)
		return false;
	struct ets_node *n = path->node[level];
	for (path->leaf = level; !n->leaf;) {
		n = n->child[path->at[path->leaf]];
		step_down(path, n, by > 0 ? 0 : n->count - 1u);
	}
	return true;
}

/* ---- Nodes ---- */

static void node_free(struct mem_lane *lane, struct ets_node *n) { mem_give(lane, MEM_ETS, n, sizeof *n); }

static void open_gap(struct ets_node *n, unsigned at)
{
	memmove(&n->key[at + 1], &n->key[at], (n->count - at) * sizeof *n->key);
	memmove(&n->child[at + 1], &n->child[at], (n->count - at) * sizeof *n->child);
	n->count++;
}

static void close_gap(struct ets_node *n, unsigned at)
{
	n->count--;
	memmove(&n->key[at], &n->key[at + 1], (n->count - at) * sizeof *n->key);
	memmove(&n->child[at], &n->child[at + 1], (n->count - at) * sizeof *n->child);
}

/* The first key of the node at this level is another one now: so it is in the nodes above, as far as they begin with it. */
static void first_key_changed(struct path *path, int level)
{
	for (; level > 0; level--) {
		struct ets_node *parent = path->node[level - 1];
		unsigned at = path->at[level - 1];
		parent->key[at] = path->node[level]->key[0];
		if (at > 0)
			return;
	}
}

/* ---- Inserting ---- */

/* Nodes that an insert will need, had before anything is changed. */
struct spare { struct ets_node *node[DEPTH_MAX + 1]; int count; };

static bool spare_get(const struct path *path, struct mem_lane *lane, struct spare *spare)
{
	int level = path->leaf;
	while (level >= 0 && path->node[level]->count == FAN)
		level--;
	int wanted = path->leaf - level + (level < 0);          /* one for each that splits, and a root */
	for (spare->count = 0; spare->count < wanted; spare->count++) {
		struct ets_node *n = spare->node[spare->count] = mem_alloc(lane, MEM_ETS, sizeof *n, MEM_MUST);
		if (!n) {
			while (spare->count > 0)
				node_free(lane, spare->node[--spare->count]);
			return false;
		}
	}
	return true;
}

static struct ets_node *spare_take(struct spare *spare, bool leaf)
{
	struct ets_node *n = spare->node[--spare->count];
	n->size = 0;
	n->count = 0;
	n->leaf = leaf;
	return n;
}

/* An entry of a node: of a leaf the object, else the child. */
struct entry { term key; void *below; };

static void entry_put(struct ets_node *n, unsigned at, struct entry e)
{
	open_gap(n, at);
	n->key[at] = e.key;
	n->child[at] = e.below;
}

static uint64_t size_below(const struct ets_node *n)
{
	uint64_t size = n->leaf ? n->count : 0;
	for (unsigned i = 0; !n->leaf && i < n->count; i++)
		size += n->child[i]->size;
	return size;
}

/* The full node n gives its upper half to a new one and takes in e. Ascending keys fill nodes: then nothing moves. */
static struct ets_node *split(struct ets_node *n, unsigned at, struct entry e, struct spare *spare)
{
	struct ets_node *right = spare_take(spare, n->leaf);
	unsigned cut = at == FAN ? FAN : FAN / 2;
	right->count = (uint16_t) (FAN - cut);
	memcpy(right->key, &n->key[cut], right->count * sizeof *n->key);
	memcpy(right->child, &n->child[cut], right->count * sizeof *n->child);
	n->count = (uint16_t) cut;
	if (at > cut || cut == FAN)
		entry_put(right, at - cut, e);
	else
		entry_put(n, at, e);
	right->size = size_below(right);
	n->size -= right->size;
	return right;
}

static void new_root(struct ets_tree *tree, struct entry right, struct spare *spare)
{
	struct ets_node *left = tree->root, *root = spare_take(spare, left == NULL);
	if (left)
		entry_put(root, 0, (struct entry) { left->key[0], left });
	entry_put(root, root->count, right);
	root->size = size_below(root);
	tree->root = root;
}

/* Enters e where the path leads; full nodes are split on the way up. */
static void enter(struct ets_tree *tree, struct path *path, struct entry e, struct spare *spare)
{
	for (int level = 0; level <= path->leaf; level++)
		path->node[level]->size++;
	for (int level = path->leaf; level >= 0; level--) {
		struct ets_node *n = path->node[level], *right = NULL;
		unsigned at = path->at[level] + (level < path->leaf);   /* a new sibling goes behind the one that was split */
		if (n->count < FAN)
			entry_put(n, at, e);
		else
			right = split(n, at, e, spare);
		if (at == 0)
			first_key_changed(path, level);
		if (!right)
			return;
		e = (struct entry) { right->key[0], right };
	}
	new_root(tree, e, spare);
}

static enum ets_put replace(const struct ets *t, struct path *path, struct ets_object *o, struct ets_object **unwanted)
{
	struct ets_node *leaf = path->node[path->leaf];
	unsigned at = path->at[path->leaf];
	*unwanted = leaf->object[at];
	leaf->object[at] = o;
	leaf->key[at] = ets_key(t, o);
	if (at == 0)
		first_key_changed(path, path->leaf);
	return ETS_REPLACED;
}

static enum ets_put tree_put(struct ets *t, struct mem_lane *lane, struct ets_object *o, struct ets_object **unwanted)
{
	struct path path;
	struct spare spare;
	t->tree.mixed |= !term_is_small(ets_key(t, o));
	if (locate(t, &path, ets_key(t, o)))
		return replace(t, &path, o, unwanted);
	if (!spare_get(&path, lane, &spare)) {
		*unwanted = o;
		return ETS_REFUSED;
	}
	enter(&t->tree, &path, (struct entry) { ets_key(t, o), o }, &spare);
	return ETS_ADDED;
}

/* ---- Removing ---- */

/* Entries of the leaf are gone: frees what became empty, corrects the first keys, lowers the tree. */
static void tidy(struct ets_tree *tree, struct path *path, struct mem_lane *lane)
{
	int level = path->leaf;
	for (; level > 0 && path->node[level]->count == 0; level--) {
		node_free(lane, path->node[level]);
		close_gap(path->node[level - 1], path->at[level - 1]);
	}
	if (path->node[level]->count > 0 && path->at[level] == 0)
		first_key_changed(path, level);
	struct ets_node *root = tree->root;
	while (root && (root->count == 0 || (!root->leaf && root->count == 1))) {
		tree->root = root->count ? root->child[0] : NULL;
		node_free(lane, root);
		root = tree->root;
	}
}

static struct ets_object *take_out(struct ets *t, struct path *path, struct mem_lane *lane)
{
	struct ets_object *o = object_at(path);
	for (int level = 0; level <= path->leaf; level++)
		path->node[level]->size--;
	close_gap(path->node[path->leaf], path->at[path->leaf]);
	tidy(&t->tree, path, lane);
	return o;
}

static struct ets_object *tree_cut(struct ets *t, struct mem_lane *lane, term key, term object)
{
	struct path path;
	if (!locate(t, &path, key))
		return NULL;
	if (!term_is_none(object) && !term_equal(ets_object_term(object_at(&path)), object))
		return NULL;
	return take_out(t, &path, lane);
}

/* Whole leaves from the end. */
static struct ets_object *tree_strip(struct ets *t, struct mem_lane *lane, uint64_t objects)
{
	struct ets_object *chain = NULL;
	while (t->tree.root && objects > 0) {
		struct path path;
		locate_nth(t, &path, t->tree.root->size - 1);
		struct ets_node *leaf = path.node[path.leaf];
		for (int level = 0; level < path.leaf; level++)
			path.node[level]->size -= leaf->count;
		objects -= size_min(objects, leaf->count);
		for (; leaf->count > 0; leaf->count--) {
			leaf->object[leaf->count - 1]->next = chain;
			chain = leaf->object[leaf->count - 1];
		}
		tidy(&t->tree, &path, lane);
	}
	return chain;
}

/* ---- Looking ---- */

static struct ets_object *tree_find(const struct ets *t, term key)
{
	struct path path;
	return locate(t, &path, key) ? object_at(&path) : NULL;
}

static struct ets_object *tree_older(const struct ets *t, const struct ets_object *o)
{
	(void) t;
	(void) o;
	return NULL;
}

static struct ets_object *nth(const struct ets *t, uint64_t n)
{
	struct path path;
	locate_nth(t, &path, n);
	return object_at(&path);
}

static struct ets_object *tree_first(const struct ets *t) { return t->tree.root ? nth(t, 0) : NULL; }
static struct ets_object *tree_last(const struct ets *t) { return t->tree.root ? nth(t, t->tree.root->size - 1) : NULL; }

static struct ets_object *tree_next(const struct ets *t, term key, bool *missing)
{
	struct path path;
	bool there = locate(t, &path, key);
	*missing = false;
	if (!there && path.leaf >= 0 && path.at[path.leaf] < path.node[path.leaf]->count)
		return object_at(&path);
	return move(&path, 1) ? object_at(&path) : NULL;
}

static struct ets_object *tree_prev(const struct ets *t, term key, bool *missing)
{
	struct path path;
	locate(t, &path, key);
	*missing = false;
	return move(&path, -1) ? object_at(&path) : NULL;
}

/* A cursor is a place, from 1. */
static uint64_t cursor_place(uint64_t cursor) { return cursor ? cursor - 1 : 0; }

static void tree_each(const struct ets *t, uint64_t *cursor, uint64_t limit, ets_visit_fn visit, void *context)
{
	uint64_t place = cursor_place(*cursor), end = t->tree.root ? t->tree.root->size : 0;
	*cursor = 0;
	if (place >= end)
		return;
	struct path path;
	locate_nth(t, &path, place);
	for (; limit > 0; limit--, place++)
		if (!visit(context, object_at(&path)) || !move(&path, 1))
			return;
	*cursor = place + 1;
}

static struct ets_object *tree_cut_if(struct ets *t, struct mem_lane *lane, uint64_t *cursor, uint64_t limit,
	ets_visit_fn visit, void *context)
{
	struct ets_object *chain = NULL;
	uint64_t place = cursor_place(*cursor);
	for (; limit > 0 && t->tree.root && place < t->tree.root->size; limit--) {
		struct path path;
		locate_nth(t, &path, place);
		if (!visit(context, object_at(&path))) {
			place++;
			continue;
		}
		struct ets_object *o = take_out(t, &path, lane);
		o->next = chain;
		chain = o;
	}
	*cursor = t->tree.root && place < t->tree.root->size ? place + 1 : 0;
	return chain;
}

static bool tree_init(struct ets *t, struct mem_lane *lane)
{
	(void) lane;
	t->tree = (struct ets_tree) { .root = NULL };
	return true;
}

/* Nodes are part of an object's words. */
static void tree_resize(struct ets *t, struct mem_lane *lane, uint64_t removed)
{
	(void) t;
	(void) lane;
	(void) removed;
}

const struct ets_ops ets_tree_ops = {
	.init = tree_init, .strip = tree_strip, .put = tree_put, .find = tree_find, .older = tree_older, .cut = tree_cut,
	.first = tree_first, .last = tree_last, .next = tree_next, .prev = tree_prev, .each = tree_each, .cut_if = tree_cut_if,
	.resize = tree_resize, .empty_words = 139, .object_words = 5,
};
