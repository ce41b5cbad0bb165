/*
 * picture - see picture.h.
 */
#include "tui/picture.h"

#include <errno.h>
#include <string.h>

#define CELL_WIDTH 8
#define CELL_HEIGHT 17
#define MARGIN 12
#define FONT_SIZE 13.3          /* a cell is 0.602 of it wide in the fonts named */

static int row_end(const struct canvas *c, int row)
{
	int end = c->cols;

	while (end > 0 && canvas_at(c, row, end - 1)->glyph == ' ')
		end--;
	return end;
}

static void glyph_write(uint32_t glyph, FILE *out)
{
	char bytes[4];

	fwrite(bytes, 1, text_encode(glyph, bytes), out);
}

void picture_text(const struct canvas *c, FILE *out)
{
	for (int row = 0; row < c->rows; row++) {
		for (int col = 0, end = row_end(c, row); col < end; col++)
			if (canvas_at(c, row, col)->width)
				glyph_write(canvas_at(c, row, col)->glyph, out);
		fputc('\n', out);
	}
}

static void glyph_escape(uint32_t glyph, FILE *out)
{
	if (glyph == '<')
		fputs("&lt;", out);
	else if (glyph == '>')
		fputs("&gt;", out);
	else if (glyph == '&')
		fputs("&amp;", out);
	else
		glyph_write(glyph, out);
}

static struct paint paint_at(const struct canvas *c, const struct theme *theme, int row, int col)
{
	return cell_paint(canvas_at(c, row, col), theme, 256);
}

static bool is_same(struct paint a, struct paint b)
{
	return a.fore == b.fore && a.back == b.back && a.attributes == b.attributes;
}

/* The colours that a cell ends up with; background -1 is the picture's own. */
static uint32_t ink_of(const struct theme *theme, struct paint p)
{
	return p.attributes & PAINT_REVERSE ? theme_rgb(theme, p.back, true) : theme_rgb(theme, p.fore, false);
}

static long ground_of(const struct theme *theme, struct paint p)
{
	if (p.attributes & PAINT_REVERSE)
		return (long) theme_rgb(theme, p.fore, false);
	return p.back >= 0 ? (long) theme_rgb(theme, p.back, true) : -1;
}

/* ---- glyphs that are shapes: drawn, so that no font decides how they meet ---- */

struct shape { double x, y, width, height, opacity; };

/* The rectangle in a cell of one by one; false for a glyph that is text. */
static bool shape_of(uint32_t g, struct shape *s)
{
	*s = (struct shape) { 0, 0, 1, 1, 1 };
	if (g >= 0x2581 && g <= 0x2588) {
		s->height = (double) (g - 0x2580) / 8;
		s->y = 1 - s->height;
	} else if (g >= 0x2589 && g <= 0x258f) {
		s->width = (double) (0x2590 - g) / 8;
	} else if (g >= 0x2591 && g <= 0x2593) {
		s->opacity = 0.25 * (g - 0x2590);
	} else if (g == 0x2580) {
		s->height = 0.5;
	} else if (g == 0x2500 || g == 0x2574) {
		s->y = 0.5;
		s->height = 1.0 / CELL_HEIGHT;
	} else if (g == 0x2502) {
		s->x = 0.45;
		s->width = 1.0 / CELL_WIDTH;
	} else {
		return false;
	}
	return true;
}

static void shape_write(struct shape s, int row, int col, int cells, uint32_t rgb, FILE *out)
{
	fprintf(out, "<rect x=\"%g\" y=\"%g\" width=\"%g\" height=\"%g\" fill=\"#%06x\"", MARGIN + (col + s.x) * CELL_WIDTH,
		MARGIN + (row + s.y) * CELL_HEIGHT, (cells - 1 + s.width) * CELL_WIDTH, s.height * CELL_HEIGHT, rgb);
	if (s.opacity < 1)
		fprintf(out, " fill-opacity=\"%g\"", s.opacity);
	fputs("/>\n", out);
}

static void braille_write(uint32_t glyph, int row, int col, uint32_t rgb, FILE *out)
{
	static const uint8_t place[8] = { 0, 2, 4, 1, 3, 5, 6, 7 };     /* of bit n: row * 2 + column */

	for (int bit = 0; bit < 8; bit++)
		if (glyph >> bit & 1)
			fprintf(out, "<circle cx=\"%g\" cy=\"%g\" r=\"1.2\" fill=\"#%06x\"/>\n",
				MARGIN + (col + 0.25 + 0.5 * (place[bit] % 2)) * CELL_WIDTH,
				MARGIN + (row + 0.125 + 0.25 * (place[bit] / 2)) * CELL_HEIGHT, rgb);
}

static bool is_braille(uint32_t glyph)
{
	return glyph > 0x2800 && glyph < 0x2900;
}

/* ---- rows ---- */

static void grounds_write(const struct canvas *c, const struct theme *theme, int row, FILE *out)
{
	for (int col = 0, end; col < c->cols; col = end) {
		long ground = ground_of(theme, paint_at(c, theme, row, col));
		for (end = col + 1; end < c->cols && ground_of(theme, paint_at(c, theme, row, end)) == ground;)
			end++;
		if (ground >= 0)
			shape_write((struct shape) { 0, 0, 1, 1, 1 }, row, col, end - col, (uint32_t) ground, out);
	}
}

static bool is_word(const struct canvas *c, int row, int col)
{
	struct shape ignored;
	uint32_t glyph = canvas_at(c, row, col)->glyph;

	return glyph != ' ' && !shape_of(glyph, &ignored) && !is_braille(glyph);
}

/* One word of one paint, stretched to its cells, so that the font does not matter. */
static int word_write(const struct canvas *c, const struct theme *theme, int row, int col, FILE *out)
{
	struct paint p = paint_at(c, theme, row, col);
	int end = col + 1;

	while (end < c->cols && is_word(c, row, end) && is_same(p, paint_at(c, theme, row, end)))
		end++;
	fprintf(out, "<text x=\"%d\" y=\"%d\" textLength=\"%d\" lengthAdjust=\"spacingAndGlyphs\" fill=\"#%06x\"%s%s>",
		MARGIN + col * CELL_WIDTH, MARGIN + row * CELL_HEIGHT + 13, (end - col) * CELL_WIDTH, ink_of(theme, p),
		p.attributes & PAINT_BOLD ? " font-weight=\"bold\"" : "",
		p.attributes & PAINT_UNDERLINE ? " text-decoration=\"underline\"" : "");
	for (; col < end; col++)
		if (canvas_at(c, row, col)->width)
			glyph_escape(canvas_at(c, row, col)->glyph, out);
	fputs("</text>\n", out);
	return end;
}

/* Full cells of one shape and paint beside each other are one rectangle. */
static int shape_run(const struct canvas *c, const struct theme *theme, int row, int col, struct shape s, FILE *out)
{
	struct paint p = paint_at(c, theme, row, col);
	uint32_t glyph = canvas_at(c, row, col)->glyph;
	int end = col + 1;

	while (s.width == 1 && end < c->cols && canvas_at(c, row, end)->glyph == glyph
		&& is_same(p, paint_at(c, theme, row, end)))
		end++;
	shape_write(s, row, col, end - col, ink_of(theme, p), out);
	return end;
}

static void row_write(const struct canvas *c, const struct theme *theme, int row, FILE *out)
{
	struct shape s;

	grounds_write(c, theme, row, out);
	for (int col = 0; col < c->cols;) {
		uint32_t glyph = canvas_at(c, row, col)->glyph;
		if (glyph == ' ') {
			col++;
		} else if (shape_of(glyph, &s)) {
			col = shape_run(c, theme, row, col, s, out);
		} else if (is_braille(glyph)) {
			braille_write(glyph, row, col, ink_of(theme, paint_at(c, theme, row, col)), out);
			col++;
		} else {
			col = word_write(c, theme, row, col, out);
		}
	}
}

void picture_svg(const struct canvas *c, const struct theme *theme, FILE *out)
{
	int width = c->cols * CELL_WIDTH + 2 * MARGIN, height = c->rows * CELL_HEIGHT + 2 * MARGIN;

	fprintf(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" "
		"font-family=\"DejaVu Sans Mono, Menlo, Consolas, monospace\" font-size=\"%g\">\n", width, height, width,
		height,
		FONT_SIZE);
	fprintf(out, "<rect width=\"100%%\" height=\"100%%\" rx=\"8\" fill=\"#%06x\"/>\n", theme_rgb(theme, -1, true));
	for (int row = 0; row < c->rows; row++)
		row_write(c, theme, row, out);
	fputs("</svg>\n", out);
}

bool picture_save(const struct canvas *c, const struct theme *theme, const char *path, char *error, size_t error_size)
{
	FILE *out = fopen(path, "w");
	size_t length = strlen(path);

	if (!out) {
		snprintf(error, error_size, "cannot write %s: %s", path, strerror(errno));
		return false;
	}
	if (length > 4 && !strcmp(path + length - 4, ".svg"))
		picture_svg(c, theme, out);
	else
		picture_text(c, out);
	if (fclose(out)) {
		snprintf(error, error_size, "cannot write %s: %s", path, strerror(errno));
		return false;
	}
	return true;
}
