/*
 * ui - the screen that lives: the loop round source, model, tabs and terminal.
 *
 *   source ─sample─▶ model ─▶ frame_draw ─▶ canvas ─▶ screen
 *   terminal ─bytes─▶ input ─event─▶ ui_on_event ─▶ session, model, commands
 *
 * One thread, one poll: terminal, timer, the source's wake-up, signals. No lock of the runtime is ever
 * held here; a stalled terminal costs frames and nothing else.
 *
 * ui_new, ui_on_event and ui_draw are the whole front end without a terminal: tests, scripts and pictures
 * use them on a canvas of any size.
 */
#ifndef TUI_UI_H
#define TUI_UI_H

#include "runtime/source.h"
#include "tui/widget/canvas.h"
#include "tui/widget/input.h"

struct ui;

struct ui_options {
	struct source *source;          /* borrowed; closing it is the caller's */
	const char *theme;              /* NULL: "default" */
	const char *tab;                /* "processes" ...; NULL: applications */
	const char *sort, *filter, *columns;    /* for the list of that tab; NULL: as they are */
	const char *script;             /* file of keys to play without a terminal; NULL: none */
	int colours;                    /* -1: what the terminal has; 0: none (NO_COLOR, --color=never); 256 for always */
	bool is_ascii, is_read_only, is_linear, is_presenting;
	bool use_mouse;
	uint64_t interval_us;           /* between samples; 0: one second */
};

/*
 * Blocks the signals that ui_run reads from its descriptor. Call before the first thread starts, so that
 * every thread inherits it.
 */
void ui_block_signals(void);

/*
 * Runs until the user quits or a signal ends it; gives the exit status: 0, 1 run-time failure, 2 wrong
 * option (one line on stderr), 128 + n by signal n. Falls back to linear lines where the terminal cannot
 * move its cursor.
 */
int ui_run(const struct ui_options *o);

/* ---- without a terminal ---- */

/* NULL with one line in `error` when an option is wrong. */
struct ui *ui_new(const struct ui_options *o, char *error, size_t error_size);
void ui_free(struct ui *ui);

/* Takes the next sample from the source, waiting at most that long: true when there was one. */
bool ui_advance(struct ui *ui, int wait_ms);

/* What the user did. `now_ms` is any clock that only rises. */
void ui_on_event(struct ui *ui, const struct event *e, uint64_t now_ms);

/* Draws the frame at the canvas's size. */
void ui_draw(struct ui *ui, struct canvas *c);

/* Did the user quit? */
bool ui_is_over(const struct ui *ui);

#endif
