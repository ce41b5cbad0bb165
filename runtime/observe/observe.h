/*
 * observe - the live runtime as a source: fills snapshots, hands out rows, runs commands.
 *
 *   slots, ledgers, rings ──read──▶ snapshot, rows          command ──signal──▶ process, between two of its steps
 *
 * Runs on the front end's thread. Reading takes no lock of the runtime and touches no memory that is private to a
 * process; asking is a signal, answered when the process comes to it. Deterministic worlds are run from in here, to the
 * next sample or command.
 */
#ifndef RUNTIME_OBSERVE_OBSERVE_H
#define RUNTIME_OBSERVE_OBSERVE_H

#include "runtime/base/world.h"
#include "runtime/source.h"

/* What main knows of demos and the runtime does not: how COMMAND_APP_START finds an application by name. */
struct application;
struct observe_options {
	const struct application *const *catalogue;     /* NULL-terminated */
	uint64_t interval_us;                           /* 0: one second */
};

/* The world outlives the source. NULL: no memory. */
struct source *observe_open(struct world *w, const struct observe_options *options);

#endif
