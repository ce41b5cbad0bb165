/*
 * prompt - see prompt.h.
 */
#include "tui/widget/prompt.h"

#include <stdio.h>
#include <string.h>

void prompt_start(struct prompt *p, const char *label, const char *text)
{
	memset(p, 0, sizeof *p);
	snprintf(p->label, sizeof p->label, "%s", label);
	snprintf(p->text, sizeof p->text, "%s", text ? text : "");
	p->cursor = strlen(p->text);
}

static void insert(struct prompt *p, const char *bytes, size_t length)
{
	size_t used = strlen(p->text);

	if (used + length >= sizeof p->text)
		return;
	memmove(p->text + p->cursor + length, p->text + p->cursor, used - p->cursor + 1);
	memcpy(p->text + p->cursor, bytes, length);
	p->cursor += length;
}

static void erase_to(struct prompt *p, size_t from)
{
	memmove(p->text + from, p->text + p->cursor, strlen(p->text + p->cursor) + 1);
	p->cursor = from;
}

static size_t left_of(const struct prompt *p)
{
	size_t at = p->cursor;

	while (at > 0 && ((unsigned char) p->text[--at] & 0xc0) == 0x80)
		;
	return at;
}

static size_t right_of(const struct prompt *p)
{
	size_t at = p->cursor;

	if (p->text[at])
		at++;
	while (((unsigned char) p->text[at] & 0xc0) == 0x80)
		at++;
	return at;
}

static size_t word_start(const struct prompt *p)
{
	size_t at = p->cursor;

	while (at > 0 && p->text[at - 1] != ' ')
		at--;
	return at;
}

void prompt_word(const struct prompt *p, char *out, size_t size)
{
	size_t start = word_start(p);

	snprintf(out, size, "%.*s", (int) (p->cursor - start), p->text + start);
}

void prompt_replace_word(struct prompt *p, const char *word)
{
	erase_to(p, word_start(p));
	insert(p, word, strlen(word));
}

static void recall(struct prompt *p, const struct prompt_history *h, int step)
{
	size_t count = h ? h->count : 0;

	if (step > 0 && p->recalled < count)
		p->recalled++;
	else if (step < 0 && p->recalled > 0)
		p->recalled--;
	else
		return;
	snprintf(p->text, sizeof p->text, "%s", p->recalled ? h->line[p->recalled - 1] : "");
	p->cursor = strlen(p->text);
}

static bool edit(struct prompt *p, uint32_t key)
{
	size_t before = p->cursor;

	switch (key) {
	case K_BACKSPACE: erase_to(p, left_of(p)); return true;
	case K_CTRL('U'): erase_to(p, 0); return true;
	case K_CTRL('W'):
		while (p->cursor > 0 && p->text[p->cursor - 1] == ' ')
			erase_to(p, p->cursor - 1);
		erase_to(p, word_start(p));
		return true;
	case K_DELETE:
		p->cursor = right_of(p);
		erase_to(p, before);
		return true;
	case K_LEFT: p->cursor = left_of(p); return false;
	case K_RIGHT: p->cursor = right_of(p); return false;
	case K_HOME: case K_CTRL('A'): p->cursor = 0; return false;
	case K_END: case K_CTRL('E'): p->cursor = strlen(p->text); return false;
	default: return false;
	}
}

enum prompt_result prompt_on_event(struct prompt *p, const struct event *e, const struct prompt_history *history)
{
	char bytes[4];

	if (e->kind != EVENT_KEY && e->kind != EVENT_PASTE)
		return PROMPT_OPEN;
	if (e->kind == EVENT_KEY) {
		switch (e->key) {
		case K_ENTER: return PROMPT_ACCEPTED;
		case K_ESCAPE: return PROMPT_LEFT;
		case K_TAB: return PROMPT_COMPLETE;
		case K_UP: recall(p, history, 1); return PROMPT_CHANGED;
		case K_DOWN: recall(p, history, -1); return PROMPT_CHANGED;
		case K_BACKSPACE:
			if (!*p->text)
				return PROMPT_LEFT;
		}
	}
	if (e->key < KEYS_ABOVE && e->key >= ' ') {
		insert(p, bytes, text_encode(e->key, bytes));
		return PROMPT_CHANGED;
	}
	return edit(p, e->key) ? PROMPT_CHANGED : PROMPT_OPEN;
}

/* A line longer than the row shows the part before the cursor. */
void prompt_draw(const struct prompt *p, struct pane pane, int row)
{
	char head[PROMPT_SIZE];
	int col = pane_put(pane, row, 0, ROLE_KEY, p->label);
	int room = pane.cols - col - 1;

	snprintf(head, sizeof head, "%.*s", (int) p->cursor, p->text);
	int before = text_width(head), shift = before > room ? before - room : 0;
	struct pane field = pane_part(pane, row, col, 1, pane.cols - col);
	pane_put(field, 0, -shift, ROLE_STRONG, p->text);
	pane.canvas->cursor_row = pane.row + row;
	pane.canvas->cursor_col = pane.col + col + before - shift;
	if (pane.canvas->cursor_col >= pane.canvas->cols)
		pane.canvas->cursor_col = pane.canvas->cols - 1;
	pane.canvas->cursor_shown = true;
}

void prompt_remember(struct prompt_history *h, const char *line)
{
	if (!*line || (h->count && !strcmp(h->line[0], line)))
		return;
	memmove(h->line[1], h->line[0], sizeof h->line - sizeof h->line[0]);
	snprintf(h->line[0], sizeof h->line[0], "%s", line);
	if (h->count < PROMPT_HISTORY)
		h->count++;
}
