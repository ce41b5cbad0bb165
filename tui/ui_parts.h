/*
 * ui_parts - between the files of the ui: its struct, and the ways it can run besides on a screen.
 */
#ifndef TUI_UI_PARTS_H
#define TUI_UI_PARTS_H

#include "tui/tab/session.h"
#include "tui/ui.h"

struct ui {
	struct session session;
	struct model *model;
	struct source *source;
	enum charset charset;
	bool has_sample;
	uint64_t commands_sent;
};

/* Plays a file of keys on a canvas without a terminal. Exit status. */
int script_run(struct ui *ui, const char *path);

/* Append-only lines on stdout, commands by line from stdin. Exit status. */
int linear_run(struct ui *ui);

/* A descriptor that becomes readable by the signals that ui_block_signals blocks. */
int ui_signal_fd(void);

/* Sends what keys put into the outbox, saves a screen that was asked for. */
void ui_settle(struct ui *ui, const struct canvas *c);

#endif
