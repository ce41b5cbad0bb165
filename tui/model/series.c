#include "tui/model/series.h"

#include <math.h>
#include <string.h>

void series_push(struct series *s, double value)
{
	s->value[s->head] = value;
	s->head = (s->head + 1) % SERIES_LENGTH;
	if (s->count < SERIES_LENGTH)
		s->count++;
}

void series_clear(struct series *s) { s->head = s->count = 0; }

double series_at(const struct series *s, size_t age)
{
	if (age >= s->count)
		return NAN;
	return s->value[(s->head + SERIES_LENGTH - 1 - age) % SERIES_LENGTH];
}

static double series_extreme(const struct series *s, double sign)
{
	double best = NAN;

	for (size_t i = 0; i < s->count; i++) {
		double v = series_at(s, i);

		if (!isnan(v) && (isnan(best) || v * sign > best * sign))
			best = v;
	}
	return best;
}

double series_least(const struct series *s) { return series_extreme(s, -1); }
double series_most(const struct series *s) { return series_extreme(s, 1); }

/* Values and times as they were `age` pushes ago. */
struct line { const struct series *values, *times; size_t age; };

static double line_value(const struct line *l, size_t i) { return series_at(l->values, l->age + i); }
static double line_time(const struct line *l, size_t i) { return series_at(l->times, l->age + i); }

/* How many of the newest values are known, at most window. */
static size_t line_known(const struct line *l, size_t window)
{
	size_t n = 0;

	while (n < window && !isnan(line_value(l, n)) && !isnan(line_time(l, n)))
		n++;
	return n;
}

static void fit_line(const struct line *l, struct series_fit *f)
{
	double n = (double) f->points, st = 0, sv = 0, stt = 0, svv = 0, stv = 0, mt, mv;

	for (size_t i = 0; i < f->points; i++)
		st += line_time(l, i), sv += line_value(l, i);
	mt = st / n;
	mv = sv / n;
	for (size_t i = 0; i < f->points; i++) {
		double t = line_time(l, i) - mt, v = line_value(l, i) - mv;

		stt += t * t;
		svv += v * v;
		stv += t * v;
	}
	if (stt <= 0)
		return;
	f->slope = stv / stt;
	f->quality = svv > 0 ? stv * stv / (stt * svv) : 1;
}

/* The span of the younger half, relative to its size: what has stopped moves by less than 1 %. */
static bool is_level(const struct line *l, size_t points)
{
	double least = INFINITY, most = -INFINITY;

	for (size_t i = 0; i < (points + 1) / 2; i++) {
		double v = line_value(l, i);

		least = v < least ? v : least;
		most = v > most ? v : most;
	}
	return most - least <= 0.01 * fabs(most);
}

struct series_fit series_fit_then(const struct series *values, const struct series *times, size_t window, size_t age)
{
	struct line l = { values, times, age };
	struct series_fit f = { .now = line_value(&l, 0), .doubling_s = NAN };

	f.points = line_known(&l, window);
	if (f.points < 2)
		return f;
	fit_line(&l, &f);
	f.rise = f.now - line_value(&l, f.points - 1);
	/* A slow rise of something huge is level by that measure, but a straight line: what levels out is none. */
	f.is_plateau = f.points >= 4 && is_level(&l, f.points) && !(f.quality > 0.95 && f.slope > 0);
	f.is_growing = f.points >= 4 && !f.is_plateau && f.slope > 0 && f.rise > 0 && f.quality > 0.6;
	if (f.slope > 0 && f.now > 0)
		f.doubling_s = f.now / f.slope;
	return f;
}

struct series_fit series_fit(const struct series *values, const struct series *times, size_t window)
{
	return series_fit_then(values, times, window, 0);
}

double series_time_to(const struct series_fit *f, double limit)
{
	if (isnan(limit) || !f->is_growing || f->slope <= 0)
		return NAN;
	return f->now >= limit ? 0 : (limit - f->now) / f->slope;
}

const char *series_word(const struct series_fit *f)
{
	if (f->points < 4)
		return "-";
	if (f->is_growing)
		return "growing";
	if (f->is_plateau)
		return f->rise > 0.05 * fabs(f->now) ? "plateau" : "steady";
	return f->slope < 0 && f->quality > 0.6 ? "falling" : "moving";
}
