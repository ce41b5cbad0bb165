/*
 * terminal - see terminal.h.
 */
#include "tests/terminal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/widget/canvas.h"

#ifdef HAVE_VTERM

#include <vterm.h>

struct terminal {
	VTerm *vt;
	VTermScreen *screen;
	int rows, cols;
	bool is_alternate, has_cursor, has_mouse;
};

static int on_property(VTermProp property, VTermValue *value, void *user)
{
	struct terminal *t = user;

	if (property == VTERM_PROP_ALTSCREEN)
		t->is_alternate = value->boolean;
	if (property == VTERM_PROP_CURSORVISIBLE)
		t->has_cursor = value->boolean;
	if (property == VTERM_PROP_MOUSE)
		t->has_mouse = value->number != VTERM_PROP_MOUSE_NONE;
	return 1;
}

static const VTermScreenCallbacks callbacks = { .settermprop = on_property };

struct terminal *terminal_new(int rows, int cols)
{
	struct terminal *t = calloc(1, sizeof *t);

	t->vt = vterm_new(rows, cols);
	vterm_set_utf8(t->vt, 1);
	t->screen = vterm_obtain_screen(t->vt);
	t->rows = rows;
	t->cols = cols;
	t->has_cursor = true;
	vterm_screen_set_callbacks(t->screen, &callbacks, t);
	vterm_screen_enable_altscreen(t->screen, 1);
	vterm_screen_reset(t->screen, 1);
	return t;
}

void terminal_free(struct terminal *t)
{
	vterm_free(t->vt);
	free(t);
}

void terminal_feed(struct terminal *t, const void *bytes, size_t count)
{
	vterm_input_write(t->vt, bytes, count);
	vterm_screen_flush_damage(t->screen);
}

void terminal_resize(struct terminal *t, int rows, int cols)
{
	terminal_feed(t, "\033[r", 3);
	vterm_set_size(t->vt, rows, cols);
	t->rows = rows;
	t->cols = cols;
}

struct terminal_cell terminal_at(struct terminal *t, int row, int col)
{
	VTermScreenCell c;

	vterm_screen_get_cell(t->screen, (VTermPos) { row, col }, &c);
	return (struct terminal_cell) { c.chars[0], c.width, c.attrs.bold, c.attrs.reverse, c.attrs.underline,
		VTERM_COLOR_IS_DEFAULT_FG(&c.fg) && VTERM_COLOR_IS_DEFAULT_BG(&c.bg), !VTERM_COLOR_IS_DEFAULT_BG(&c.bg) };
}

#else

struct terminal { int rows, cols; };

struct terminal *terminal_new(int rows, int cols)
{
	(void) rows, (void) cols;
	return NULL;
}

void terminal_free(struct terminal *t) { (void) t; }
void terminal_resize(struct terminal *t, int rows, int cols) { (void) t, (void) rows, (void) cols; }
void terminal_feed(struct terminal *t, const void *bytes, size_t count) { (void) t, (void) bytes, (void) count; }

struct terminal_cell terminal_at(struct terminal *t, int row, int col)
{
	(void) t, (void) row, (void) col;
	return (struct terminal_cell) { 0 };
}

#endif

const char *terminal_row(struct terminal *t, int row, char *out, size_t size)
{
	size_t used = 0, end = 0;

	for (int col = 0; col < t->cols && used + 5 < size; col++) {
		uint32_t glyph = terminal_at(t, row, col).glyph;
		if (glyph == UINT32_MAX)
			continue;
		used += text_encode(glyph ? glyph : ' ', out + used);
		if (glyph && glyph != ' ')
			end = used;
	}
	out[end] = '\0';
	return out;
}

bool terminal_shows(struct terminal *t, const char *text)
{
	char line[4096];

	for (int row = 0; row < t->rows; row++)
		if (strstr(terminal_row(t, row, line, sizeof line), text))
			return true;
	return false;
}

#ifdef HAVE_VTERM
bool terminal_is_alternate(const struct terminal *t) { return t->is_alternate; }
bool terminal_has_cursor(const struct terminal *t) { return t->has_cursor; }
bool terminal_has_mouse(const struct terminal *t) { return t->has_mouse; }
#else
bool terminal_is_alternate(const struct terminal *t) { return t != NULL; }
bool terminal_has_cursor(const struct terminal *t) { return t != NULL; }
bool terminal_has_mouse(const struct terminal *t) { return t != NULL; }
#endif
