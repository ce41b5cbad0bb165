/*
 * puppet - a process that does what a test tells it, and writes down every message it receives.
 *
 *   struct puppet a, b;
 *   puppet_new(&a, "a", NULL);
 *   puppet_new(&b, "b", NULL);
 *   puppet_do(&a, puppet_link, b.pid);
 *   puppet_do(&b, puppet_exit, ATOM(badarg));
 *   fixture_run();
 *   ck_assert_str_eq(a.log, "...");
 *
 * Told things come as messages and are done in order. The log is the process's own until the world is at rest.
 */
#ifndef TESTS_PUPPET_H
#define TESTS_PUPPET_H

#include "tests/fixture.h"

struct puppet {
	term pid;
	uint64_t reference;             /* of the last monitor or timer */
	uint64_t answer;                /* of the last thing done that answers */
	uint64_t received;              /* messages in the log, also those that no longer fit */
	size_t used;
	char log[2000];                 /* "text;text;" */
};

typedef void (*puppet_fn)(struct process *p, struct puppet *me, term argument);

/* options NULL: the defaults. */
void puppet_new(struct puppet *me, const struct spawn_options *options);
/* From outside; the argument is copied. */
void puppet_do(struct puppet *me, puppet_fn what, term argument);
bool puppet_is_alive(const struct puppet *me);
/* Empties the log. */
void puppet_forget(struct puppet *me);

void puppet_link(struct process *p, struct puppet *me, term to);
void puppet_unlink(struct process *p, struct puppet *me, term to);
void puppet_monitor(struct process *p, struct puppet *me, term to);
/* Of the last monitor; `flush` is true or false. */
void puppet_demonitor(struct process *p, struct puppet *me, term flush);
void puppet_trap(struct process *p, struct puppet *me, term on);
/* Raises. */
void puppet_exit(struct process *p, struct puppet *me, term reason);
/* argument {Pid, Term}. */
void puppet_exit_other(struct process *p, struct puppet *me, term argument);
void puppet_send(struct process *p, struct puppet *me, term argument);
/* answer: 1 when it could. */
void puppet_register(struct process *p, struct puppet *me, term name);
void puppet_unregister(struct process *p, struct puppet *me, term name);
/* A child puppet of its own that is linked; argument: pointer to struct puppet as a small. */
void puppet_spawn_link(struct process *p, struct puppet *me, term child);
void puppet_spawn_monitor(struct process *p, struct puppet *me, term child);

/* {a, b} of immediates, valid until the next call but three. */
term puppet_pair(term a, term b);

#endif
