/*
 * graph - random terms from a seed, of every kind there is, each kept twice: on the heap of a process, where
 * collections move it, and as a copy in plain memory, which stays.
 */
#ifndef TESTS_GRAPH_H
#define TESTS_GRAPH_H

#include "tests/fixture.h"

#define GRAPH_SLOTS 12u

struct graph_copy { term value, *words, *handles; size_t word_count; };

struct graph {
	struct random random;
	struct graph_copy copies[GRAPH_SLOTS];  /* of what slot 1 + i holds */
	uint64_t built, collected;
	bool no_binaries;
};

void graph_init(struct graph *g, uint64_t seed);
/* From outside, when its process is gone. */
void graph_release(struct graph *g);

/* Makes the frame's slots: 0 the context, 1 .. GRAPH_SLOTS the terms. In a step whose x[0] is the context. */
void graph_enter(struct process *p);
/* Puts one more random term into a random slot, built of what the others hold. Collects as it likes. */
void graph_build(struct process *p, struct graph *g);
/* Every slot equals its copy. */
void graph_expect_same(struct process *p, const struct graph *g);

/* A copy in plain memory; its handles hold their payloads. */
struct graph_copy graph_copy_of(struct process *p, term t);
void graph_copy_free(struct process *p, struct graph_copy *c);

#endif
