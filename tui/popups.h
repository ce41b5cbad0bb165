/*
 * popups - what lies on top of a place: help, a question, a chooser, a line to type.
 */
#ifndef TUI_POPUPS_H
#define TUI_POPUPS_H

#include "tui/tab/session.h"

/* Draws the open popup, if any. */
void popups_draw(struct session *s, const struct layout *l, struct canvas *c);

/* Gives it the event: true when a popup was open and took it. */
bool popups_on_event(struct session *s, const struct event *e);

#endif
