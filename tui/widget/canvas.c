/*
 * canvas - see canvas.h. The one place where text becomes cells.
 */
#include "tui/widget/canvas.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define NOT_UTF8 UINT32_MAX
#define ELLIPSIS 0x2026u

static const struct cell blank = { ' ', ROLE_NORMAL, GROUND_PLAIN, 1, 0 };

/* ---- text ---- */

size_t text_decode(const char *text, uint32_t *glyph)
{
	const unsigned char *s = (const unsigned char *) text;
	size_t length = s[0] < 0x80 ? 1 : s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : s[0] < 0xf5 ? 4 : 0;
	uint32_t point = length < 2 ? s[0] : s[0] & (0x7fu >> length);

	for (size_t i = 1; i < length; i++) {
		if ((s[i] & 0xc0) != 0x80)
			length = 0;
		else
			point = point << 6 | (s[i] & 0x3fu);
	}
	if (length == 3 && (point < 0x800 || (point >= 0xd800 && point < 0xe000)))
		length = 0;
	if (length == 4 && (point < 0x10000 || point > 0x10ffff))
		length = 0;
	*glyph = length ? point : NOT_UTF8;
	return length ? length : 1;
}

size_t text_encode(uint32_t g, char *out)
{
	if (g < 0x80) {
		out[0] = (char) g;
		return 1;
	}
	size_t length = g < 0x800 ? 2 : g < 0x10000 ? 3 : 4;
	for (size_t i = length; i-- > 1; g >>= 6)
		out[i] = (char) (0x80 | (g & 0x3f));
	out[0] = (char) ((0xf00 >> length & 0xff) | g);
	return length;
}

/* What a glyph takes on the screen: -1 when it must be escaped, 0 when it joins the one before. */
static int glyph_width(uint32_t g)
{
	if (g == NOT_UTF8 || g < 0x20 || (g >= 0x7f && g < 0xa0))
		return -1;
	if (g < 0x300 || (g >= 0x2010 && g < 0x2028) || (g >= 0x2030 && g < 0x2060) || (g >= 0x2190 && g < 0x2300)
		|| (g >= 0x2500 && g < 0x2600) || (g >= 0x2800 && g < 0x2900))
		return 1;
	int width = wcwidth((wchar_t) g);
	return width > 2 ? 2 : width;
}

/* ^X for control characters, \xNN for bytes and code points that must not reach the terminal. */
static const char *glyph_escape(uint32_t g, unsigned char byte, char out[12])
{
	if (g < 0x20 || g == 0x7f)
		snprintf(out, 12, "^%c", (int) (g ^ 0x40));
	else if (g == NOT_UTF8)
		snprintf(out, 12, "\\x%02x", byte);
	else
		snprintf(out, 12, "\\u%04x", g);
	return out;
}

/* Walks a text, one shown glyph at a time; escaped characters come out as several. */
struct walk { const char *at; char escape[12]; const char *pending; };

static bool walk_next(struct walk *w, uint32_t *glyph, int *width)
{
	if (w->pending && *w->pending) {
		*glyph = (unsigned char) *w->pending++;
		*width = 1;
		return true;
	}
	while (*w->at) {
		unsigned char byte = (unsigned char) *w->at;
		w->at += text_decode(w->at, glyph);
		*width = glyph_width(*glyph);
		if (*width > 0)
			return true;
		if (*width < 0) {
			w->pending = glyph_escape(*glyph, byte, w->escape);
			return walk_next(w, glyph, width);
		}
	}
	return false;
}

int text_width(const char *text)
{
	struct walk w = { .at = text };
	uint32_t glyph;
	int width, sum = 0;

	while (walk_next(&w, &glyph, &width))
		sum += width;
	return sum;
}

size_t text_fit(const char *text, int cols)
{
	struct walk w = { .at = text };
	size_t fits = 0;
	uint32_t glyph;
	int width, sum = 0;

	while (walk_next(&w, &glyph, &width)) {
		sum += width;
		if (sum > cols)
			break;
		if (!w.pending || !*w.pending)
			fits = (size_t) (w.at - text);
	}
	return fits;
}

/* ---- ASCII ---- */

static const struct { uint32_t glyph; char ascii; } fallback[] = {
	{ 0x00a0, ' ' }, { 0x00b0, 'o' }, { 0x00b1, '~' }, { 0x00b5, 'u' }, { 0x00b7, '.' }, { 0x00d7, 'x' },
	{ 0x2013, '-' }, { 0x2014, '-' }, { 0x2018, '\'' }, { 0x2019, '\'' }, { 0x201c, '"' }, { 0x201d, '"' },
	{ 0x2020, '+' }, { 0x2022, '*' }, { 0x2026, '~' }, { 0x2190, '<' }, { 0x2191, '^' }, { 0x2192, '>' },
	{ 0x2193, 'v' }, { 0x2194, '-' }, { 0x21b3, '`' }, { 0x2205, '0' }, { 0x2211, 'S' }, { 0x2248, '~' },
	{ 0x2260, '!' }, { 0x2264, '<' }, { 0x2265, '>' }, { 0x22ef, '.' },
	{ 0x2500, '-' }, { 0x2501, '=' }, { 0x2502, '|' }, { 0x250c, '+' }, { 0x2510, '+' }, { 0x2514, '`' },
	{ 0x2518, '+' }, { 0x251c, '|' }, { 0x2524, '|' }, { 0x252c, '+' }, { 0x2534, '+' }, { 0x253c, '+' },
	{ 0x2550, '=' }, { 0x256d, '+' }, { 0x256e, '+' }, { 0x256f, '+' }, { 0x2570, '+' }, { 0x2574, '-' },
	{ 0x2581, '_' }, { 0x2582, '.' }, { 0x2583, ',' }, { 0x2584, '-' }, { 0x2585, '=' }, { 0x2586, '+' },
	{ 0x2587, '*' }, { 0x2588, '#' }, { 0x258c, '#' }, { 0x258f, '|' }, { 0x2590, '#' }, { 0x2591, '.' },
	{ 0x2592, ':' }, { 0x2593, '%' }, { 0x2594, '-' }, { 0x25a0, '#' }, { 0x25a1, '.' }, { 0x25aa, '*' },
	{ 0x25b2, '^' }, { 0x25b4, '^' }, { 0x25b6, '>' }, { 0x25b8, '>' }, { 0x25bc, 'v' }, { 0x25be, 'v' },
	{ 0x25c0, '<' }, { 0x25c2, '<' }, { 0x25c6, '*' }, { 0x25cb, 'o' }, { 0x25cf, '*' }, { 0x2713, '+' },
	{ 0x2717, 'x' }, { 0x2726, '*' }, { 0x2020, '+' }, { 0x23f8, '=' },
};

char glyph_ascii(uint32_t glyph)
{
	if (glyph < 0x7f)
		return (char) glyph;
	for (size_t i = 0; i < sizeof fallback / sizeof *fallback; i++)
		if (fallback[i].glyph == glyph)
			return fallback[i].ascii;
	if (glyph >= 0x2588 && glyph < 0x2590)
		return glyph < 0x258c ? '#' : ':';
	if (glyph > 0x2800 && glyph < 0x2900)
		return ':';
	return '?';
}

/* ---- the canvas ---- */

void canvas_init(struct canvas *c, enum charset charset)
{
	*c = (struct canvas) { .charset = charset };
	canvas_resize(c, 1, 1);
}

void canvas_release(struct canvas *c)
{
	free(c->cells);
	*c = (struct canvas) { 0 };
}

void canvas_resize(struct canvas *c, int rows, int cols)
{
	c->rows = rows < 1 ? 1 : rows;
	c->cols = cols < 1 ? 1 : cols;
	size_t need = (size_t) c->rows * (size_t) c->cols;
	if (need > c->room) {
		free(c->cells);
		c->cells = malloc(need * sizeof *c->cells);
		c->room = need;
		if (!c->cells) {
			fputs("actop: no memory for the screen\n", stderr);
			exit(1);
		}
	}
	canvas_clear(c);
}

void canvas_clear(struct canvas *c)
{
	for (int i = 0; i < c->rows * c->cols; i++)
		c->cells[i] = blank;
	c->cursor_row = c->cursor_col = 0;
	c->cursor_shown = false;
}

const struct cell *canvas_at(const struct canvas *c, int row, int col)
{
	if (row < 0 || col < 0 || row >= c->rows || col >= c->cols)
		return NULL;
	return &c->cells[row * c->cols + col];
}

struct pane canvas_pane(struct canvas *c)
{
	return (struct pane) { c, 0, 0, c->rows, c->cols, GROUND_PLAIN };
}

/* ---- panes ---- */

static void clip(int *at, int *length, int room)
{
	if (*at < 0) {
		*length += *at;
		*at = 0;
	}
	if (*at > room)
		*at = room;
	if (*length > room - *at)
		*length = room - *at;
	if (*length < 0)
		*length = 0;
}

struct pane pane_part(struct pane p, int row, int col, int rows, int cols)
{
	clip(&row, &rows, p.rows);
	clip(&col, &cols, p.cols);
	return (struct pane) { p.canvas, p.row + row, p.col + col, rows, cols, p.ground };
}

struct pane pane_on(struct pane p, enum ground ground)
{
	p.ground = ground;
	return p;
}

static struct cell *pane_cell(struct pane p, int row, int col)
{
	if (row < 0 || col < 0 || row >= p.rows || col >= p.cols)
		return NULL;
	return &p.canvas->cells[(p.row + row) * p.canvas->cols + p.col + col];
}

/* A wide glyph loses its other half when one half is drawn over. */
static void cell_detach(struct pane p, int row, int col)
{
	struct cell *line = &p.canvas->cells[(p.row + row) * p.canvas->cols];
	int at = p.col + col;

	if (line[at].width == 0 && at > 0) {
		line[at - 1].glyph = ' ';
		line[at - 1].width = 1;
	}
	if (line[at].width == 2 && at + 1 < p.canvas->cols) {
		line[at + 1].glyph = ' ';
		line[at + 1].width = 1;
	}
}

static void cell_set(struct pane p, int row, int col, enum role role, uint32_t glyph, int width)
{
	struct cell *cell = pane_cell(p, row, col);

	if (!cell)
		return;
	if (p.canvas->charset == CHARSET_ASCII && glyph > 0x7e) {
		glyph = (unsigned char) glyph_ascii(glyph);
		if (width == 2)
			cell_set(p, row, col + 1, role, ' ', 1);
		width = 1;
	}
	if (width == 2 && !pane_cell(p, row, col + 1)) {
		glyph = ' ';
		width = 1;
	}
	cell_detach(p, row, col);
	*cell = (struct cell) { glyph, (uint8_t) role, (uint8_t) p.ground, (uint8_t) width, 0 };
	if (width == 2) {
		cell_detach(p, row, col + 1);
		cell[1] = (struct cell) { 0, (uint8_t) role, (uint8_t) p.ground, 0, 0 };
	}
}

void pane_glyph(struct pane p, int row, int col, enum role role, uint32_t glyph)
{
	cell_set(p, row, col, role, glyph, 1);
}

void pane_glyph_over(struct pane p, int row, int col, enum role role, enum role under, uint32_t glyph)
{
	struct cell *cell = pane_cell(p, row, col);

	cell_set(p, row, col, role, glyph, 1);
	if (cell)
		cell->under = (uint8_t) under;
}

struct paint cell_paint(const struct cell *cell, const struct theme *t, int colours)
{
	struct paint p = theme_paint(t, colours, cell->role, cell->ground);
	struct paint under = theme_paint(t, colours, cell->under, cell->ground);

	if (cell->under && cell->under == cell->role)
		p.attributes ^= PAINT_REVERSE;
	else if (cell->under && under.fore >= 0)
		p.back = under.fore;
	return p;
}

void pane_run(struct pane p, int row, int col, int cols, enum role role, uint32_t glyph)
{
	clip(&col, &cols, p.cols);
	for (int i = 0; i < cols; i++)
		cell_set(p, row, col + i, role, glyph, 1);
}

void pane_clear(struct pane p)
{
	for (int row = 0; row < p.rows; row++)
		pane_run(p, row, 0, p.cols, ROLE_NORMAL, ' ');
}

int pane_put(struct pane p, int row, int col, enum role role, const char *text)
{
	struct walk w = { .at = text };
	uint32_t glyph;
	int width;

	while (walk_next(&w, &glyph, &width)) {
		cell_set(p, row, col, role, glyph, width);
		col += width;
	}
	return col;
}

int pane_print(struct pane p, int row, int col, enum role role, const char *format, ...)
{
	char text[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	return pane_put(p, row, col, role, text);
}

int pane_fit(struct pane p, int row, int col, int cols, enum role role, const char *text)
{
	struct pane part = pane_part(p, row, col, 1, cols);

	if (cols <= 0)
		return col;
	int end = pane_put(part, 0, 0, role, text);
	if (end <= cols)
		return col + end;
	if (part.cols == cols)
		cell_set(part, 0, cols - 1, role, ELLIPSIS, 1);
	return col + cols;
}

int pane_right(struct pane p, int row, int end, enum role role, const char *text)
{
	int start = end - text_width(text);

	pane_put(p, row, start, role, text);
	return start;
}

void pane_rule(struct pane p, int row, const char *title)
{
	pane_run(p, row, 0, p.cols, ROLE_FREE, 0x2500);
	if (!title || !*title || p.cols < 8)
		return;
	pane_glyph(p, row, 2, ROLE_NORMAL, ' ');
	int end = pane_fit(p, row, 3, p.cols - 6, ROLE_TITLE, title);
	pane_glyph(p, row, end, ROLE_NORMAL, ' ');
}

struct pane pane_frame(struct pane p, const char *title)
{
	int bottom = p.rows - 1, right = p.cols - 1;

	pane_clear(p);
	if (bottom < 2 || right < 4)
		return p;
	pane_rule(p, 0, title);
	pane_run(p, bottom, 0, p.cols, ROLE_FREE, 0x2500);
	for (int row = 1; row < bottom; row++) {
		pane_glyph(p, row, 0, ROLE_FREE, 0x2502);
		pane_glyph(p, row, right, ROLE_FREE, 0x2502);
	}
	pane_glyph(p, 0, 0, ROLE_FREE, 0x256d);
	pane_glyph(p, 0, right, ROLE_FREE, 0x256e);
	pane_glyph(p, bottom, 0, ROLE_FREE, 0x2570);
	pane_glyph(p, bottom, right, ROLE_FREE, 0x256f);
	return pane_part(p, 1, 2, p.rows - 2, p.cols - 4);
}

void pane_ground(struct pane p, int row, int col, int cols, enum ground ground)
{
	clip(&col, &cols, p.cols);
	for (int i = 0; i < cols; i++) {
		struct cell *cell = pane_cell(p, row, col + i);
		if (cell)
			cell->ground = (uint8_t) ground;
	}
}

/* How many bytes of a figure are the number itself: "269.1 MiB" has 5. */
static size_t figure_digits(const char *text)
{
	return strspn(text, "+-0123456789.,");
}

static bool figure_is_quiet(const char *text)
{
	size_t digits = figure_digits(text);

	return !*text || (digits && strspn(text, "+-0.,") >= digits);
}

int pane_figure(struct pane p, int row, int end, enum role role, const char *text)
{
	char number[64];
	int start = end - text_width(text);

	if (figure_is_quiet(text))
		return pane_right(p, row, end, ROLE_DIM, text);
	size_t digits = figure_digits(text);
	snprintf(number, sizeof number, "%.*s", (int) digits, text);
	int col = pane_put(p, row, start, role, number);
	pane_put(p, row, col, ROLE_DIM, text + digits);
	return start;
}
