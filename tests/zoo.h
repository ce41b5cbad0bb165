/*
 * zoo - processes that do everything at random: build, send, link, monitor, spawn, time, sleep, fill tables, crash. For faults and
 * for the soak; a seed gives each its deeds.
 *
 *   cages[]: each with one animal or an empty one; the keeper (the test) fills them again
 *   mice:    short-lived children of animals, linked or watched
 *
 * An animal checks all the time that its terms equal their copies (graph.h).
 */
#ifndef TESTS_ZOO_H
#define TESTS_ZOO_H

#include "tests/graph.h"

#define ZOO_CAGES 16u

struct zoo;

struct cage {
	struct zoo *zoo;
	_Atomic uint64_t pid;           /* term word; 0: never filled */
	struct graph graph;
	uint64_t timer, monitor;
	unsigned deeds_left;
};

struct zoo {
	struct cage cages[ZOO_CAGES];
	struct random random;           /* the keeper's */
	bool calm;                      /* no animal kills another: what ends, ends for want of something */
	_Atomic uint64_t mice, deeds, filled;
};

void zoo_init(struct zoo *z, uint64_t seed);
/* Fills empty cages with animals of so many deeds. */
void zoo_fill(struct zoo *z, unsigned deeds);
/* A message to everybody, and whoever is suspended goes on. */
void zoo_feed(struct zoo *z);
/* Kills all, runs until they are gone, frees the copies. */
void zoo_close(struct zoo *z);
unsigned zoo_living(const struct zoo *z);

#endif
