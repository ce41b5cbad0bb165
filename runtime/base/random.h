/*
 * random - seeded numbers (xoshiro256**, Blackman and Vigna 2018; seeded by splitmix64).
 *
 * Every choice of a deterministic world draws from one of these, so its seed replays the run.
 */
#ifndef RUNTIME_BASE_RANDOM_H
#define RUNTIME_BASE_RANDOM_H

#include "runtime/base/base.h"

struct random { uint64_t state[4]; };

void random_init(struct random *r, uint64_t seed);
uint64_t random_next(struct random *r);
/* Even in 0 .. bound-1; bound 0 gives 0. */
uint64_t random_below(struct random *r, uint64_t bound);

#endif
