/*
 * terminal - an emulated terminal for tests, by libvterm: bytes in, cells and modes out.
 *
 * It knows the defects of libvterm 0.1.4: margins are reset before a shrink, which else corrupts its heap.
 */
#ifndef TESTS_TERMINAL_H
#define TESTS_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct terminal;

struct terminal_cell { uint32_t glyph; int width; bool is_bold, is_reverse, is_underline, has_own_colours, has_own_ground; };

/* Gives an emulator; NULL where libvterm is missing. */
struct terminal *terminal_new(int rows, int cols);
void terminal_free(struct terminal *t);

void terminal_resize(struct terminal *t, int rows, int cols);
void terminal_feed(struct terminal *t, const void *bytes, size_t count);

struct terminal_cell terminal_at(struct terminal *t, int row, int col);

/* The text of a row, blanks at its end left out; into `out`. */
const char *terminal_row(struct terminal *t, int row, char *out, size_t size);

/* Is the text on the screen? */
bool terminal_shows(struct terminal *t, const char *text);

bool terminal_is_alternate(const struct terminal *t);
bool terminal_has_cursor(const struct terminal *t);
bool terminal_has_mouse(const struct terminal *t);

#endif
