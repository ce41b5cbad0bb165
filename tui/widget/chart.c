/*
 * chart - see chart.h.
 */
#include "tui/widget/chart.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define LABEL_COLS 11           /* "269.1 MiB " and the axis */

static const uint32_t eighth[] = { ' ', 0x2581, 0x2582, 0x2583, 0x2584, 0x2585, 0x2586, 0x2587, 0x2588 };

void curve_take(struct curve *c, const struct series *s, size_t most, size_t age)
{
	size_t count = s && s->count > age ? s->count - age : 0;

	c->count = count < most ? count : most;
	if (c->count > CHART_POINTS)
		c->count = CHART_POINTS;
	for (size_t i = 0; i < c->count; i++)
		c->value[i] = series_at(s, age + c->count - 1 - i);
}

static double curve_most(const struct curve *c)
{
	double most = 0;

	for (size_t i = 0; i < c->count; i++)
		if (c->value[i] > most)
			most = c->value[i];
	return most;
}

double chart_ceiling(double value, enum unit unit)
{
	bool is_binary = unit == UNIT_BYTES || unit == UNIT_BYTES_RATE;
	double scale = 1;
	static const double step[] = { 1, 2, 5, 10, 20, 50, 100, 200, 500 };

	if (!(value > 0))
		return 1;
	while (is_binary && value / scale >= 1000)
		scale *= 1024;
	while (!is_binary && value / scale > 500)
		scale *= 1000;
	while (!is_binary && value / scale <= 0.5 && scale > 1e-6)
		scale /= 1000;
	for (size_t i = 0; i < sizeof step / sizeof *step; i++)
		if (value <= step[i] * scale)
			return step[i] * scale;
	return scale * (is_binary ? 1024 : 1000);
}

/* ---- sampling ---- */

/* The value of one of `places` places; the newest value is at the last, older ones to the left of it. */
static double sample(const struct curve *c, int place, int places)
{
	long i = (long) c->count - (places - place);

	return i < 0 || i >= (long) c->count ? NAN : c->value[i];
}

static double clamp(double v)
{
	return v < 0 ? 0 : v > 1 ? 1 : v;
}

/* Something above zero is seen, however little it is. */
static int level(double value, double most, int levels)
{
	int n = (int) lround(clamp(value / most) * levels);

	return n == 0 && value > 0 ? 1 : n;
}

void chart_spark(struct pane p, int row, int col, int cols, enum role role, const struct curve *c, double most)
{
	if (!(most > 0))
		most = curve_most(c) * 8 / 7;
	for (int i = 0; i < cols; i++) {
		double v = sample(c, i, cols);
		if (isnan(v))
			pane_glyph(p, row, col + i, ROLE_FREE, ' ');
		else if (most <= 0 || v <= 0)
			pane_glyph(p, row, col + i, ROLE_FREE, 0x2581);
		else
			pane_glyph(p, row, col + i, role, eighth[level(v, most, 8)]);
	}
}

/* ---- axes ---- */

static void axis_label(struct pane p, int row, double value, enum unit unit)
{
	char text[FORMAT_SIZE];

	pane_right(p, row, LABEL_COLS - 2, ROLE_DIM, format_value(text, sizeof text, unit, value));
}

/* Draws the axes and gives the plot area. */
static struct pane axes(struct pane p, double top, enum unit unit, double seconds)
{
	int bottom = p.rows - 2;
	char text[FORMAT_SIZE];

	for (int row = 0; row <= bottom; row++)
		pane_glyph(p, row, LABEL_COLS - 1, ROLE_FREE, row ? 0x2502 : 0x2524);
	axis_label(p, 0, top, unit);
	if (bottom >= 4 && top > 1)
		axis_label(p, bottom / 2, top / 2, unit);
	axis_label(p, bottom, 0, unit);
	snprintf(text, sizeof text, "-%.0f s", seconds);
	pane_put(p, p.rows - 1, LABEL_COLS, ROLE_DIM, text);
	pane_right(p, p.rows - 1, p.cols, ROLE_DIM, "now");
	return pane_part(p, 0, LABEL_COLS, p.rows - 1, p.cols - LABEL_COLS);
}

static bool is_too_small(struct pane p)
{
	return p.rows < 3 || p.cols < 24;
}

/* The values stretched or gathered to `places` places over `seconds` of one a sample: the newest at the right edge. */
static double stretched(const struct curve *c, int place, int places, double samples)
{
	double at = (double) c->count - samples + (place + 0.5) * samples / places;

	return at < 0 || at >= (double) c->count ? NAN : c->value[(size_t) at];
}

static double samples_of(const struct curve *curves, size_t count)
{
	size_t most = 2;

	for (size_t i = 0; i < count; i++)
		if (curves[i].count > most)
			most = curves[i].count;
	return (double) (most < 60 ? 60 : most);
}

/* ---- lines ---- */

/* Bits of the braille cell: dots by row, left and right column. */
static const uint8_t dot[4][2] = { { 0x01, 0x08 }, { 0x02, 0x10 }, { 0x04, 0x20 }, { 0x40, 0x80 } };

/* Levels run from 0 at the bottom; a step is joined by a vertical run so that curves stay whole. */
static void braille_dots(struct pane p, int x, int from, int to, enum role role)
{
	int low = from < to ? from : to, high = from < to ? to : from;

	for (int y = low; y <= high; y++) {
		int up = p.rows * 4 - 1 - y;
		const struct cell *old = canvas_at(p.canvas, p.row + up / 4, p.col + x / 2);
		uint32_t bits = old && old->glyph > 0x2800 && old->glyph < 0x2900 ? old->glyph & 0xff : 0;
		pane_glyph(p, up / 4, x / 2, role, 0x2800 | bits | dot[up % 4][x % 2]);
	}
}

static void line_braille(struct pane p, const struct curve *c, double top, double samples)
{
	int before = -1, levels = p.rows * 4 - 1;

	for (int x = 0; x < p.cols * 2; x++) {
		double v = stretched(c, x, p.cols * 2, samples);
		if (isnan(v)) {
			before = -1;
			continue;
		}
		int y = level(v, top, levels);
		braille_dots(p, x, before < 0 ? y : before < y ? before + 1 : before > y ? before - 1 : y, y, c->role);
		before = y;
	}
}

static void line_blocks(struct pane p, const struct curve *c, double top, double samples)
{
	for (int x = 0; x < p.cols; x++) {
		double v = stretched(c, x, p.cols, samples);
		if (isnan(v))
			continue;
		int y = level(v, top, p.rows * 8 - 1);
		uint32_t glyph = p.canvas->charset == CHARSET_ASCII ? (uint32_t) (unsigned char) c->letter : eighth[y % 8 + 1];
		pane_glyph(p, p.rows - 1 - y / 8, x, c->role, glyph);
	}
}

static void cap_draw(struct pane plot, double cap, double top)
{
	if (!(cap > 0) || cap > top)
		return;
	int row = plot.rows - 1 - (int) (clamp(cap / top) * (plot.rows * 4 - 1)) / 4;
	pane_run(plot, row, 0, plot.cols, ROLE_CRITICAL, 0x2574);
	pane_put(plot, row, 1, ROLE_CRITICAL, " limit ");
}

void chart_lines(struct pane p, const struct curve *curves, size_t count, enum unit unit, double seconds, double cap)
{
	double most = 0, samples = samples_of(curves, count);

	if (is_too_small(p))
		return;
	for (size_t i = 0; i < count; i++)
		if (curve_most(&curves[i]) > most)
			most = curve_most(&curves[i]);
	if (cap > 0 && most > cap / 2)
		most = most > cap ? most : cap;
	double top = chart_ceiling(most, unit);
	struct pane plot = axes(p, top, unit, seconds);
	cap_draw(plot, cap, top);
	for (size_t i = count; i-- > 0;) {
		if (p.canvas->charset == CHARSET_BRAILLE)
			line_braille(plot, &curves[i], top, samples);
		else
			line_blocks(plot, &curves[i], top, samples);
	}
}

/* ---- stacks ---- */

static double stack_top(const struct curve *curves, size_t count)
{
	double most = 0;

	for (size_t age = 0; age < CHART_POINTS; age++) {
		double sum = 0;
		for (size_t i = 0; i < count; i++)
			if (age < curves[i].count && !isnan(curves[i].value[curves[i].count - 1 - age]))
				sum += curves[i].value[curves[i].count - 1 - age];
		if (sum > most)
			most = sum;
	}
	return most;
}

/* Where each curve ends in a column of the stack, in eighths of a cell from the bottom; gives the last. */
static double stack_bounds(const struct curve *curves, size_t count, int x, int cols, double samples, double scale,
	double *ends)
{
	double sum = 0;

	for (size_t i = 0; i < count; i++) {
		double v = stretched(&curves[i], x, cols, samples);
		sum += v > 0 ? v : 0;
		ends[i] = sum * scale;
	}
	return sum * scale;
}

/* Whoever has most of the eighths from `low` to `high`. */
static size_t stack_owner(const double *ends, size_t count, double low, double high)
{
	size_t owner = 0;
	double most = -1;

	for (size_t i = 0; i < count; i++) {
		double from = fmax(i ? ends[i - 1] : 0, low), to = fmin(ends[i], high);
		if (to - from > most) {
			most = to - from;
			owner = i;
		}
	}
	return owner;
}

/* A cell inside the stack: the part that has its bottom, and above where that ends the one that has most of the rest. */
static void stack_cell(struct pane p, int row, int x, const struct curve *curves, size_t count, const double *ends,
	double low)
{
	size_t below = 0;

	while (below + 1 < count && lround(ends[below] - low) <= 0)
		below++;
	long part = lround(ends[below] - low);
	if (part >= 8) {
		pane_glyph(p, row, x, curves[below].role, eighth[8]);
		return;
	}
	size_t above = stack_owner(ends, count, low + (double) part, low + 8);
	pane_glyph_over(p, row, x, curves[below].role, curves[above].role, eighth[part > 0 ? part : 0]);
}

static void stack_column(struct pane p, int x, const struct curve *curves, size_t count, double top, double samples)
{
	double ends[CHART_STACK];
	bool has_letters = p.canvas->charset == CHARSET_ASCII;
	int height = (int) lround(stack_bounds(curves, count, x, p.cols, samples, p.rows * 8 / top, ends));

	for (int cell = 0; cell * 8 < height && cell < p.rows; cell++) {
		int part = height - cell * 8, row = p.rows - 1 - cell;
		const struct curve *c = &curves[stack_owner(ends, count, cell * 8, cell * 8 + 8)];
		if (has_letters)
			pane_glyph(p, row, x, c->role, (uint32_t) (unsigned char) c->letter);
		else if (part < 8)
			pane_glyph(p, row, x, c->role, eighth[part]);
		else
			stack_cell(p, row, x, curves, count, ends, cell * 8);
	}
}

void chart_stack(struct pane p, const struct curve *curves, size_t count, enum unit unit, double seconds)
{
	if (is_too_small(p) || !count || count > CHART_STACK)
		return;
	double top = chart_ceiling(stack_top(curves, count), unit), samples = samples_of(curves, count);
	struct pane plot = axes(p, top, unit, seconds);
	for (int x = 0; x < plot.cols; x++)
		stack_column(plot, x, curves, count, top, samples);
}
