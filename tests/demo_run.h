/*
 * demo_run - one demo in a world of its own, deterministic, looked at through the source as an observer would.
 *
 *   struct demo_run *r = demo_run_start(a, &(struct demo_run_options) { .seed = 7 });
 *   demo_run_for(r, 5);                             virtual seconds
 *   demo_run_set(r, "fix", 1);
 *   demo_run_collect(r);                            every process, as G does
 *   demo_run_end(r);
 */
#ifndef TESTS_DEMO_RUN_H
#define TESTS_DEMO_RUN_H

#include "runtime/otp/application.h"
#include "runtime/runtime.h"
#include "runtime/source.h"

struct demo_run_options {
	uint64_t seed;
	uint64_t max_memory;            /* 0: 1 GiB */
	const char *const *keys;        /* knobs to begin with */
	const int64_t *values;
	size_t count;
};

struct demo_run {
	struct world *world;
	struct source *source;
	const struct application *of;
	uint32_t name;
	struct snapshot *now;           /* the newest sample */
	uint64_t trace;                 /* a hash of every sample's figures so far */
	struct snap_receipt receipt;    /* the newest, serial 0: none */
};

struct demo_run *demo_run_start(const struct application *of, const struct demo_run_options *options);
void demo_run_end(struct demo_run *r);

/* Runs on, a sample a second. */
void demo_run_for(struct demo_run *r, unsigned seconds);
void demo_run_set(struct demo_run *r, const char *key, int64_t value);
/* The hundredth part of a second. */
void demo_run_moment(struct demo_run *r);
/* A full sweep of this process, or of every one (0), and no longer than until its receipt is in r->receipt. */
void demo_run_collect_one(struct demo_run *r, uint64_t pid);
/* Suspend, resume and the like, by registered name. */
void demo_run_command(struct demo_run *r, enum command_kind kind, const char *name);
/* The pid of a registered name, else of the last process with this initial call; 0 for NULL. */
uint64_t demo_run_find(struct demo_run *r, const char *subject);
bool demo_run_is_alive(struct demo_run *r, uint64_t pid);
/* Stops the application and its second ones, and waits until they are gone; false: still there after a virtual minute. */
bool demo_run_stop(struct demo_run *r);

/* Its row of the newest sample. */
const struct snap_application *demo_run_application(const struct demo_run *r);
/* Bytes that the world charges, without the atoms. */
uint64_t demo_run_bytes(const struct demo_run *r);
/* A row by registered name: false when nobody has it. */
bool demo_run_process(struct demo_run *r, const char *name, struct snap_process *row);

#endif
