/*
 * spread - p50, p99 and the most of any number of values in fixed memory.
 *
 * Values fall into buckets, eight for each power of two; each bucket remembers its count and sum, and a
 * percentile is the mean of its bucket. So equal values, which are what one folds and groups, come out
 * exactly, and others within a few percent.
 */
#ifndef TUI_MODEL_SPREAD_H
#define TUI_MODEL_SPREAD_H

#include <stdint.h>

#define SPREAD_BUCKETS 400

struct spread {
	uint64_t count, most;
	uint32_t counts[SPREAD_BUCKETS];
	double sums[SPREAD_BUCKETS];
};

void spread_add(struct spread *s, uint64_t value);

/* The value that `percent` of the values do not pass; NaN when there are none. */
double spread_percentile(const struct spread *s, double percent);

#endif
