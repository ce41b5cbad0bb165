/*
 * settings - what the session would have the config file say, written only when asked (`:save-config`).
 */
#ifndef TUI_SETTINGS_H
#define TUI_SETTINGS_H

#include "tui/tab/session.h"

/*
 * Writes theme, tab, interval, order, columns, mouse and presenter mode into the config file; other lines
 * of it stay as they are, comments too. The file is replaced whole or not at all. Gives its path in `path`;
 * false with one line in `error`.
 */
bool settings_save(const struct session *s, char *path, size_t path_size, char *error, size_t error_size);

#endif
