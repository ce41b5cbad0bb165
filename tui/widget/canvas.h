/*
 * canvas - a screen as plain data: rows of cells that say what they show and what it means.
 *
 *   view(model) ──▶ canvas ──▶ screen.c (curses) | picture.c (text, SVG) | a test
 *
 * Drawing goes through panes: rectangles with their own origin that clip. A pane is a value, made and
 * thrown away freely; nothing drawn through it can leave it. Text is UTF-8 and may come from anywhere:
 * control characters, escape bytes and broken UTF-8 are shown escaped, so no name can drive the terminal.
 * Widths are those of wcwidth. Where the terminal has ASCII only, the canvas itself puts the nearest
 * ASCII glyph, so drawing code need not ask (charts do, to choose their ladder).
 *
 *	struct pane body = pane_part(canvas_pane(c), 3, 0, 18, 80);
 *	int col = pane_put(body, 0, 1, ROLE_NAME, "header_store");
 *	pane_right(body, 0, 78, ROLE_STRONG, "269.1 MiB");
 *
 * Everything here is pure: no clock, no lock, no terminal.
 */
#ifndef TUI_WIDGET_CANVAS_H
#define TUI_WIDGET_CANVAS_H

#include "tui/widget/theme.h"

/*
 * One cell, eight bytes, compared as a whole. `width` is 2 for a wide glyph, 0 for the half it covers. `under` is the
 * role whose colour lies behind the glyph instead of the ground's: two parts of a stack meet inside a cell. The
 * cell's own role there means that the glyph is cut out of its colour: a letter in a bar.
 */
struct cell { uint32_t glyph; uint8_t role, ground, width, under; };

/* The ladder of glyph sets, each including those before it. */
enum charset { CHARSET_ASCII, CHARSET_BLOCKS, CHARSET_BRAILLE };

struct canvas {
	int rows, cols;
	enum charset charset;
	int cursor_row, cursor_col;     /* where the terminal's cursor rests */
	bool cursor_shown;              /* visible only where text is typed */
	struct cell *cells;             /* rows * cols */
	size_t room;
};

struct pane { struct canvas *canvas; int row, col, rows, cols; enum ground ground; };

void canvas_init(struct canvas *c, enum charset charset);
void canvas_release(struct canvas *c);

/* Makes it that large and blank. Sizes below 1 become 1. */
void canvas_resize(struct canvas *c, int rows, int cols);

/* Blank, cursor home and hidden. */
void canvas_clear(struct canvas *c);

/* The cell at a place; NULL outside. */
const struct cell *canvas_at(const struct canvas *c, int row, int col);

/* The whole canvas as a pane. */
struct pane canvas_pane(struct canvas *c);

/* A part of a pane, clipped to it; may be empty (rows or cols 0). */
struct pane pane_part(struct pane p, int row, int col, int rows, int cols);

/* The same pane on another ground. */
struct pane pane_on(struct pane p, enum ground ground);

/* Blanks the pane on its ground. */
void pane_clear(struct pane p);

/*
 * Writes a text and gives the column after it, whether or not it was clipped. A text that begins left of
 * the pane shows its visible part.
 */
int pane_put(struct pane p, int row, int col, enum role role, const char *text);
int pane_print(struct pane p, int row, int col, enum role role, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

/* Writes at most `cols` cells; a longer text ends in an ellipsis. Gives the column after it. */
int pane_fit(struct pane p, int row, int col, int cols, enum role role, const char *text);

/* Writes so that the text ends before column `end`. Gives the column where it begins. */
int pane_right(struct pane p, int row, int end, enum role role, const char *text);

/* Writes one glyph. */
void pane_glyph(struct pane p, int row, int col, enum role role, uint32_t glyph);

/* The same over the colour of another role; see struct cell. */
void pane_glyph_over(struct pane p, int row, int col, enum role role, enum role under, uint32_t glyph);

/* How a terminal of so many colours shows a cell. */
struct paint cell_paint(const struct cell *cell, const struct theme *t, int colours);

/* Repeats a glyph over a run of cells. */
void pane_run(struct pane p, int row, int col, int cols, enum role role, uint32_t glyph);

/* A horizontal rule over the whole row, with a title in it when there is one. */
void pane_rule(struct pane p, int row, const char *title);

/* A frame round the pane with a title; gives the inside. */
struct pane pane_frame(struct pane p, const char *title);

/* Lays cells of a row on another ground, keeping their text. */
void pane_ground(struct pane p, int row, int col, int cols, enum ground ground);

/*
 * A number with its unit, as format_value writes them, ending before column `end`: the figure in `role`,
 * the unit dimmed. Zero and unknown are dimmed whole. Gives the column where it begins.
 */
int pane_figure(struct pane p, int row, int end, enum role role, const char *text);

/* Cells that a text takes when it is shown. */
int text_width(const char *text);

/* Bytes of `text` that fit into `cols` cells. */
size_t text_fit(const char *text, int cols);

/* Decodes one character: gives its length and the code point, or UINT32_MAX for a byte that is no UTF-8. */
size_t text_decode(const char *text, uint32_t *glyph);

/* Encodes one code point: gives the length, at most 4, without a terminator. */
size_t text_encode(uint32_t glyph, char *out);

/* The nearest ASCII to a glyph; '?' when there is none. */
char glyph_ascii(uint32_t glyph);

#endif
