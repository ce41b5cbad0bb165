/* graph - see the header. */
#include "tests/graph.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/memory/build.h"
#include "runtime/memory/copy.h"
#include "runtime/process/blob.h"
#include "runtime/term/map.h"
#include "runtime/term/number.h"
#include "runtime/term/order.h"

#define COPY_WORDS_MOST 3000u   /* copies lose sharing: what got too large is dropped */
#define BINARY_BYTES_MOST 300u

void graph_init(struct graph *g, uint64_t seed)
{
	memset(g, 0, sizeof *g);
	random_init(&g->random, seed);
	for (unsigned i = 0; i < GRAPH_SLOTS; i++)
		g->copies[i].value = TERM_NIL;
}

struct graph_copy graph_copy_of(struct process *p, term t)
{
	struct graph_copy c = { .value = t, .word_count = term_flat_words(p->world->literals, t) };
	uint64_t handle_words = 0;
	if (c.word_count == 0)
		return c;
	c.words = malloc(c.word_count * WORD_BYTES);
	term *top = c.words;
	c.value = term_copy(p->world->literals, t, &top, &c.handles, &handle_words);
	ck_assert_uint_eq((uint64_t) (top - c.words), c.word_count);
	return c;
}

void graph_copy_free(struct process *p, struct graph_copy *c)
{
	handles_drop(p->scheduler->lane, c->handles);
	free(c->words);
	*c = (struct graph_copy) { .value = TERM_NIL };
}

void graph_release(struct graph *g)
{
	struct scheduler *s = scheduler_enter_outside(fixture_world());
	for (unsigned i = 0; i < GRAPH_SLOTS; i++) {
		handles_drop(s->lane, g->copies[i].handles);
		free(g->copies[i].words);
	}
	scheduler_leave_outside(s);
}

void graph_enter(struct process *p)
{
	frame_grow(p, GRAPH_SLOTS + 1, NULL, 0);
	slot_set(p, 0, x_get(p, 0));
	x_clear(p);
}

/* ---- One of each kind --------------------------------------------------------------------------------------- */

static unsigned below(struct graph *g, unsigned n) { return (unsigned) random_below(&g->random, n); }
static term any(struct process *p, struct graph *g) { return slot_get(p, 1 + below(g, GRAPH_SLOTS)); }

static term make_immediate(struct process *p, struct graph *g)
{
	switch (below(g, 4)) {
	case 0: return term_from_small((intptr_t) random_next(&g->random) >> 8);
	case 1: return term_from_atom(below(g, ATOM_KNOWN_COUNT));
	case 2: return process_self(p);
	default: return TERM_NIL;
	}
}

static term make_list(struct process *p, struct graph *g)
{
	unsigned n = 1 + below(g, 8);
	struct builder *b = RESERVE(p, 2 * n);
	term list = below(g, 8) ? TERM_NIL : any(p, g);
	while (n-- > 0)
		list = build_cons(b, any(p, g), list);
	return list;
}

static term make_tuple(struct process *p, struct graph *g)
{
	unsigned n = 1 + below(g, 6);
	term elements[6];
	struct builder *b = RESERVE(p, 1 + n);
	for (unsigned i = 0; i < n; i++)
		elements[i] = any(p, g);
	return build_tuple(b, n, elements);
}

static term make_map(struct process *p, struct graph *g)
{
	unsigned n = below(g, 4) ? below(g, 6) : 33 + below(g, 40);
	term pairs[2 * 73];
	struct builder *b = RESERVE(p, map_from_pairs_words(n));
	for (unsigned i = 0; i < n; i++) {
		pairs[2 * i] = term_from_small((intptr_t) below(g, 1000));
		pairs[2 * i + 1] = below(g, 3) ? term_from_small(i) : any(p, g);
	}
	return map_from_pairs(p->world->atoms, &b->top, pairs, n);
}

static term put_in_map(struct process *p, struct graph *g)
{
	term map = any(p, g);
	if (!term_is_map(map))
		return make_map(p, g);
	struct builder *b = RESERVE(p, map_put_words(map), &map);
	return map_put(p->world->atoms, &b->top, map, term_from_small((intptr_t) below(g, 1000)), any(p, g));
}

static term make_number(struct process *p, struct graph *g)
{
	unsigned bits = 60 + below(g, 400);
	bool negative = below(g, 2);
	if (below(g, 2)) {
		struct builder *b = RESERVE(p, 2);
		return build_float(b, (double) below(g, 1000000) / 7);
	}
	struct builder *b = RESERVE(p, integer_power2_words(bits, negative));
	return integer_power2(&b->top, bits, negative);
}

static term make_fun(struct process *p, struct graph *g)
{
	unsigned n = below(g, 4);
	term captured[4];
	struct builder *b = RESERVE(p, FUN_CAPTURED + n);
	for (unsigned i = 0; i < n; i++)
		captured[i] = any(p, g);
	return build_fun(b, ATOM(go), process_self(p), 1, n, captured);
}

static term make_reference(struct process *p, struct graph *g)
{
	(void) g;
	return process_make_reference(p);
}

static term make_binary(struct process *p, struct graph *g)
{
	unsigned bytes = below(g, BINARY_BYTES_MOST);
	return blob_new(p, NULL, bytes, (uint8_t) below(g, 256), NULL, 0);
}

static term make_slice(struct process *p, struct graph *g)
{
	term t = any(p, g);
	if (!term_is_binary(t) || binary_bytes(t) < 2)
		return make_binary(p, g);
	size_t offset = below(g, (unsigned) binary_bytes(t)), bytes = below(g, (unsigned) (binary_bytes(t) - offset) + 1);
	return below(g, 3) ? blob_match(p, &t, offset, bytes, NULL, 0) : blob_part(p, t, offset, bytes);
}

static term make_append(struct process *p, struct graph *g)
{
	term t = any(p, g);
	if (!term_is_binary(t) || !binary_is_whole(t) || binary_bytes(t) > 10 * BINARY_BYTES_MOST)
		return make_binary(p, g);
	return blob_append(p, &t, "0123456789abcdef", below(g, 17), NULL, 0);
}

static term make_copy(struct process *p, struct graph *g)
{
	term t = any(p, g);
	return term_is_binary(t) && binary_is_whole(t) ? blob_copy(p, t) : make_binary(p, g);
}

static term (*const makers[])(struct process *p, struct graph *g) = {
	make_immediate, make_list, make_list, make_tuple, make_tuple, make_map, put_in_map, make_number, make_fun, make_reference,
	make_binary, make_slice, make_slice, make_append, make_copy,
};
#define PLAIN_MAKERS 10u        /* those before the binaries */

void graph_build(struct process *p, struct graph *g)
{
	unsigned slot = below(g, GRAPH_SLOTS);
	term t = makers[below(g, g->no_binaries ? PLAIN_MAKERS : ARRAY_COUNT(makers))](p, g);
	if (term_flat_words(p->world->literals, t) > COPY_WORDS_MOST)
		t = TERM_NIL;
	slot_set(p, 1 + slot, t);
	graph_copy_free(p, &g->copies[slot]);
	g->copies[slot] = graph_copy_of(p, t);
	g->built++;
}

void graph_expect_same(struct process *p, const struct graph *g)
{
	for (unsigned i = 0; i < GRAPH_SLOTS; i++) {
		term t = slot_get(p, 1 + i);
		ck_assert_msg(term_equal(t, g->copies[i].value), "slot %u differs from its copy after %lu terms and %lu collections", i,
			(unsigned long) g->built, (unsigned long) g->collected);
		ck_assert_uint_eq(term_hash(t, 1), term_hash(g->copies[i].value, 1));
	}
}
