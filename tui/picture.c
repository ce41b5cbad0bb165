/*
 * picture - see picture.h.
 */
#include "tui/picture.h"

#include <errno.h>
#include <string.h>

#define CELL_WIDTH 8.4
#define CELL_HEIGHT 17
#define MARGIN 12

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
		glyph_write(glyph == ' ' ? 0xa0 : glyph, out);
}

static struct paint paint_at(const struct canvas *c, const struct theme *theme, int row, int col)
{
	const struct cell *cell = canvas_at(c, row, col);

	return theme_paint(theme, 256, cell->role, cell->ground);
}

static bool is_same(struct paint a, struct paint b)
{
	return a.fore == b.fore && a.back == b.back && a.attributes == b.attributes;
}

/* Is the glyph of the block or braille kind? Those are drawn a cell at a time, so that they stay on the grid. */
static bool is_drawn(uint32_t glyph)
{
	return (glyph >= 0x2500 && glyph < 0x25a0) || (glyph >= 0x2800 && glyph < 0x2900);
}

static int run_end(const struct canvas *c, const struct theme *theme, int row, int col)
{
	struct paint p = paint_at(c, theme, row, col);
	bool drawn = is_drawn(canvas_at(c, row, col)->glyph);
	int end = col + 1;

	while (end < c->cols && is_same(p, paint_at(c, theme, row, end)) && is_drawn(canvas_at(c, row, end)->glyph) == drawn)
		end++;
	return end;
}

static bool is_blank(const struct canvas *c, int row, int col, int end)
{
	for (; col < end; col++)
		if (canvas_at(c, row, col)->glyph != ' ')
			return false;
	return true;
}

static void run_write(const struct canvas *c, const struct theme *theme, int row, int col, int end, FILE *out)
{
	struct paint p = paint_at(c, theme, row, col);
	double x = MARGIN + col * CELL_WIDTH, width = (end - col) * CELL_WIDTH;
	int y = MARGIN + row * CELL_HEIGHT;

	if (p.back >= 0)
		fprintf(out, "<rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"#%06x\"/>\n", x, y, width + 0.2, CELL_HEIGHT,
			theme_rgb(theme, p.back, true));
	if (is_blank(c, row, col, end))
		return;
	fprintf(out, "<text x=\"%.1f\" y=\"%d\" textLength=\"%.1f\" lengthAdjust=\"spacingAndGlyphs\" fill=\"#%06x\"%s%s>", x, y + 13,
		width, theme_rgb(theme, p.fore, false), p.attributes & PAINT_BOLD ? " font-weight=\"bold\"" : "",
		p.attributes & PAINT_UNDERLINE ? " text-decoration=\"underline\"" : "");
	for (; col < end; col++)
		if (canvas_at(c, row, col)->width)
			glyph_escape(canvas_at(c, row, col)->glyph, out);
	fputs("</text>\n", out);
}

void picture_svg(const struct canvas *c, const struct theme *theme, FILE *out)
{
	double width = c->cols * CELL_WIDTH + 2 * MARGIN;
	int height = c->rows * CELL_HEIGHT + 2 * MARGIN;

	fprintf(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%d\" viewBox=\"0 0 %.0f %d\" "
		"font-family=\"DejaVu Sans Mono, Menlo, Consolas, monospace\" font-size=\"14\">\n", width, height, width, height);
	fprintf(out, "<rect width=\"100%%\" height=\"100%%\" rx=\"8\" fill=\"#%06x\"/>\n", theme_rgb(theme, -1, true));
	for (int row = 0; row < c->rows; row++)
		for (int col = 0, end; col < c->cols; col = end) {
			end = run_end(c, theme, row, col);
			run_write(c, theme, row, col, end, out);
		}
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
