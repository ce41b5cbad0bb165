/*
 * frame - one whole picture: tabs, summary, findings, the place in view, status, keys, what lies on top.
 */
#ifndef TUI_FRAME_H
#define TUI_FRAME_H

#include "tui/tab/session.h"

/* Draws at the canvas's size. Changes nothing but the session's hits, and what it keeps of the part beside the list. */
void frame_draw(struct session *s, struct canvas *c);

#endif
