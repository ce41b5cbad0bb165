/*
 * prompt - one line that is typed: filter, search, command, a reason.
 *
 * Completion is the caller's: it answers candidates for the word before the cursor.
 */
#ifndef TUI_WIDGET_PROMPT_H
#define TUI_WIDGET_PROMPT_H

#include "tui/widget/input.h"
#include "tui/widget/canvas.h"

#define PROMPT_SIZE 256
#define PROMPT_HISTORY 16

struct prompt {
	char label[32];
	char text[PROMPT_SIZE];         /* UTF-8 */
	size_t cursor;                  /* byte */
	size_t recalled;                /* 0 = being typed; n = n-th line back in history */
};

/* Lines typed before, newest first. */
struct prompt_history { char line[PROMPT_HISTORY][PROMPT_SIZE]; size_t count; };

enum prompt_result { PROMPT_OPEN, PROMPT_CHANGED, PROMPT_ACCEPTED, PROMPT_LEFT, PROMPT_COMPLETE };

void prompt_start(struct prompt *p, const char *label, const char *text);

/* A key or pasted character. PROMPT_COMPLETE: Tab was pressed. */
enum prompt_result prompt_on_event(struct prompt *p, const struct event *e, const struct prompt_history *history);

/* Replaces the word before the cursor. */
void prompt_replace_word(struct prompt *p, const char *word);

/* Copies the word before the cursor. */
void prompt_word(const struct prompt *p, char *out, size_t size);

/* Draws it in a row and puts the canvas's cursor there. */
void prompt_draw(const struct prompt *p, struct pane pane, int row);

void prompt_remember(struct prompt_history *h, const char *line);

#endif
