/*
 * meter - see meter.h.
 */
#include "tui/widget/meter.h"

#include <math.h>
#include <string.h>

static const uint32_t left_eighth[] = { ' ', 0x258f, 0x258e, 0x258d, 0x258c, 0x258b, 0x258a, 0x2589, 0x2588 };

void meter_bar(struct pane p, int row, int col, int cols, enum role role, double fraction)
{
	double clean = !(fraction > 0) ? 0 : fraction > 1 ? 1 : fraction;
	int eighths = (int) lround(clean * cols * 8);

	if (clean > 0 && eighths == 0)
		eighths = 1;
	for (int i = 0; i < cols; i++) {
		int part = eighths - i * 8;
		if (part <= 0)
			pane_glyph(p, row, col + i, ROLE_FREE, 0xb7);
		else
			pane_glyph(p, row, col + i, role, left_eighth[part < 8 ? part : 8]);
	}
}

/* The letter stands in the middle of a part that has room for it. */
static void part_draw(struct pane p, int row, int col, int cols, const struct part *part)
{
	bool is_ascii = p.canvas->charset == CHARSET_ASCII;

	uint32_t letter = (unsigned char) part->letter;

	pane_run(p, row, col, cols, part->role, is_ascii ? letter : 0x2588);
	if (!is_ascii && cols == 1)
		pane_glyph(p, row, col, part->role, letter);
	else if (!is_ascii && cols >= 3)
		pane_glyph_over(p, row, col + cols / 2, part->role, part->role, letter);
}

void meter_parts(struct pane p, int row, int col, int cols, const struct part *parts, size_t count, double whole)
{
	double sum = 0;
	int at = 0;

	for (size_t i = 0; i < count && at < cols; i++) {
		if (!(parts[i].value > 0) || !(whole > 0))
			continue;
		sum += parts[i].value;
		int upto = (int) lround(sum / whole * cols);
		if (upto <= at)
			upto = at + 1;
		if (upto > cols)
			upto = cols;
		part_draw(p, row, col + at, upto - at, &parts[i]);
		at = upto;
	}
	pane_run(p, row, col + at, cols - at, ROLE_FREE, 0xb7);
}

/* Five rows of three dots each, top row first; bit 2 is the left dot. */
static const struct { char letter; uint16_t rows[5]; } figures[] = {
	{ '0', { 7, 5, 5, 5, 7 } }, { '1', { 2, 6, 2, 2, 7 } }, { '2', { 7, 1, 7, 4, 7 } }, { '3', { 7, 1, 3, 1, 7 } },
	{ '4', { 5, 5, 7, 1, 1 } }, { '5', { 7, 4, 7, 1, 7 } }, { '6', { 7, 4, 7, 5, 7 } }, { '7', { 7, 1, 1, 2, 2 } },
	{ '8', { 7, 5, 7, 5, 7 } }, { '9', { 7, 5, 7, 1, 7 } }, { '.', { 0, 0, 0, 0, 2 } }, { '-', { 0, 0, 7, 0, 0 } },
	{ '+', { 0, 2, 7, 2, 0 } }, { 'B', { 6, 5, 6, 5, 6 } }, { 'K', { 5, 5, 6, 5, 5 } }, { 'M', { 5, 7, 7, 5, 5 } },
	{ 'G', { 7, 4, 5, 5, 7 } }, { 'T', { 7, 2, 2, 2, 2 } }, { 'i', { 2, 0, 2, 2, 2 } }, { 'k', { 4, 5, 6, 5, 5 } },
	{ '/', { 1, 1, 2, 4, 4 } }, { 's', { 0, 3, 2, 1, 3 } }, { '%', { 5, 1, 2, 4, 5 } }, { ',', { 0, 0, 0, 2, 4 } },
};

static const uint16_t *figure_rows(char letter)
{
	for (size_t i = 0; i < sizeof figures / sizeof *figures; i++)
		if (figures[i].letter == letter)
			return figures[i].rows;
	return NULL;
}

/* Two rows of dots share a cell: upper half, lower half, both. */
static uint32_t half_glyph(bool upper, bool lower, bool is_ascii)
{
	if (is_ascii)
		return upper && lower ? '#' : upper ? '"' : lower ? 'o' : ' ';
	return upper && lower ? 0x2588 : upper ? 0x2580 : lower ? 0x2584 : ' ';
}

int meter_big(struct pane p, int row, int col, enum role role, const char *text)
{
	bool is_ascii = p.canvas->charset == CHARSET_ASCII;
	int start = col;

	for (; *text; text++) {
		const uint16_t *dots = figure_rows(*text);
		for (int y = 0; dots && y < METER_BIG_ROWS; y++)
			for (int x = 0; x < 3; x++) {
				bool upper = dots[y * 2] >> (2 - x) & 1, lower = y * 2 + 1 < 5 && dots[y * 2 + 1] >> (2 - x) & 1;
				pane_glyph(p, row + y, col + x, role, half_glyph(upper, lower, is_ascii));
			}
		col += !dots ? 2 : *text == '.' || *text == 'i' ? 3 : 4;
	}
	return col - start;
}
