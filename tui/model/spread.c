#include "tui/model/spread.h"

#include <math.h>

static unsigned bucket_of(uint64_t value)
{
	unsigned power, bucket;

	if (value < 16)
		return (unsigned) value;
	power = 63 - (unsigned) __builtin_clzll(value);
	bucket = 16 + (power - 4) * 8 + (unsigned) (value >> (power - 3) & 7);
	return bucket < SPREAD_BUCKETS ? bucket : SPREAD_BUCKETS - 1;
}

void spread_add(struct spread *s, uint64_t value)
{
	unsigned b = bucket_of(value);

	s->count++;
	s->counts[b]++;
	s->sums[b] += (double) value;
	if (value > s->most)
		s->most = value;
}

double spread_percentile(const struct spread *s, double percent)
{
	uint64_t wanted = (uint64_t) ceil((double) s->count * percent / 100), seen = 0;

	for (unsigned b = 0; b < SPREAD_BUCKETS && s->count; b++) {
		seen += s->counts[b];
		if (seen >= wanted && s->counts[b])
			return s->sums[b] / s->counts[b];
	}
	return NAN;
}
