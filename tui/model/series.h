/*
 * series - the last two minutes of one number, and what they say: rising, flat, when at the limit.
 *
 *   oldest ▶ [..,,--==++**##%%@@] ◀ newest        series_at(s, 0) is the newest
 *
 * Fixed memory, no allocation. Times lie in a series of their own, shared by all that were pushed with
 * it; both must be pushed together.
 */
#ifndef TUI_MODEL_SERIES_H
#define TUI_MODEL_SERIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SERIES_LENGTH 128

struct series {
	uint32_t head;                  /* where the next value goes */
	uint32_t count;                 /* at most SERIES_LENGTH */
	double value[SERIES_LENGTH];
};

/* What a straight line through the values says. */
struct series_fit {
	size_t points;
	double now;                     /* newest value */
	double slope;                   /* change a second */
	double quality;                 /* r squared, 0 to 1: how well a line describes it */
	double rise;                    /* newest minus oldest of the window */
	double doubling_s;              /* seconds to twice the value of now at this slope; NaN when not growing */
	bool is_growing;                /* a steady rise that has not levelled out */
	bool is_plateau;                /* it has not moved by 1 % in the younger half */
};

void series_push(struct series *s, double value);
void series_clear(struct series *s);

/* The value `age` pushes ago, 0 = newest; NaN when there is none. */
double series_at(const struct series *s, size_t age);

double series_least(const struct series *s);
double series_most(const struct series *s);

/* Least squares over the newest `window` values; values that are NaN end the window. */
struct series_fit series_fit(const struct series *values, const struct series *times, size_t window);

/* The same as it was `age` pushes ago: what a page in the past shows. */
struct series_fit series_fit_then(const struct series *values, const struct series *times, size_t window, size_t age);

/* Seconds until `limit` at the fit's slope; NaN when it is not growing or the limit is unknown. */
double series_time_to(const struct series_fit *fit, double limit);

/* One word about a fit: "growing", "falling", "plateau", "steady", or "-" while too young to say. */
const char *series_word(const struct series_fit *fit);

#endif
