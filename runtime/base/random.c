/* random - xoshiro256** by Blackman and Vigna, seeded by splitmix64. */
#include "runtime/base/random.h"

static uint64_t splitmix(uint64_t *seed)
{
	uint64_t z = *seed += UINT64_C(0x9e3779b97f4a7c15);
	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static uint64_t rotate(uint64_t x, unsigned by) { return x << by | x >> (64 - by); }

void random_init(struct random *r, uint64_t seed)
{
	for (size_t i = 0; i < ARRAY_COUNT(r->state); i++)
		r->state[i] = splitmix(&seed);
}

uint64_t random_next(struct random *r)
{
	uint64_t *s = r->state, result = rotate(s[1] * 5, 7) * 9, t = s[1] << 17;
	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = rotate(s[3], 45);
	return result;
}

/*
 * The high half of a product is even but for the 2^64 % bound lowest products, which are drawn again
 * (Lemire 2019). A division is needed only when the low half is below the bound: hardly ever.
 */
uint64_t random_below(struct random *r, uint64_t bound)
{
	unsigned __int128 product = (unsigned __int128) random_next(r) * bound;

	if (UNLIKELY((uint64_t) product < bound)) {
		uint64_t uneven = -bound % bound;
		while ((uint64_t) product < uneven)
			product = (unsigned __int128) random_next(r) * bound;
	}
	return (uint64_t) (product >> 64);
}
