/*
 * picture - a canvas as a file: text, or SVG with the theme's colours.
 *
 * Pictures of the documentation come from the program itself this way; the same canvas gives the same bytes.
 */
#ifndef TUI_PICTURE_H
#define TUI_PICTURE_H

#include <stdio.h>

#include "tui/widget/canvas.h"

/* Rows as UTF-8 lines, blanks at their ends left out. */
void picture_text(const struct canvas *c, FILE *out);

/* Words as text stretched to their cells, blocks and braille as shapes: no font decides how they meet. */
void picture_svg(const struct canvas *c, const struct theme *theme, FILE *out);

/* Saves to a file, SVG when its name ends so; false with one line in `error`. */
bool picture_save(const struct canvas *c, const struct theme *theme, const char *path, char *error, size_t error_size);

#endif
