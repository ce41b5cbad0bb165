/*
 * actions - what a key does, and what a word of the command line does.
 *
 *   { key, where, label, help, run }
 *
 * One row serves the dispatcher, the bar at the bottom, the help (searchable, and Enter runs the row), and
 * the man page. A new key is a row here and nothing more.
 */
#ifndef TUI_ACTIONS_H
#define TUI_ACTIONS_H

#include <stdio.h>

#include "tui/tab/session.h"

struct action {
	uint32_t key, also;             /* also: a second key, 0 = none */
	uint32_t where;                 /* bit per enum place_id */
	const char *label;              /* one word for the bar; NULL: not shown there */
	const char *help;               /* one sentence */
	void (*run)(struct session *s); /* NULL: the place itself takes the key (struct place, on_key) */
};

struct verb {
	const char *name, *arguments, *help;
	/* What follows the name, blanks trimmed. */
	void (*run)(struct session *s, const char *rest);
	/* The i-th candidate for an argument; NULL past the last. NULL: none are offered. */
	const char *(*candidate)(struct session *s, size_t i, char *out, size_t size);
};

/* The whole tables, for help, man page and tests. */
const struct action *actions_all(size_t *count);
const struct verb *verbs_all(size_t *count);

/* The sections KEYS and COMMANDS of the man page. */
void actions_print_man(FILE *out);

/* Is the action meant for the place in view? */
bool action_is_here(const struct session *s, const struct action *a);

/* Runs the action of a key: false when the key means nothing here. */
bool actions_dispatch(struct session *s, uint32_t key);

/* Runs a command line without its colon; what is wrong is said in the status row. */
void verbs_run(struct session *s, const char *line);

/* Completes the word before the cursor of the command line; several candidates are listed. */
void verbs_complete(struct session *s);

#endif
