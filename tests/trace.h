/*
 * trace - what happened, in order, as one line of words: what tests of behaviour compare.
 *
 *   trace("start %s", id) ...  ck_assert_str_eq(trace_text(), "start a; start b");
 *
 * A mutex makes it usable by several schedulers; order is then theirs.
 */
#ifndef TESTS_TRACE_H
#define TESTS_TRACE_H

#include "runtime/actor.h"
#include "runtime/runtime.h"

void trace(const char *format, ...) PRINTF_LIKE(1, 2);
const char *trace_text(void);
void trace_clear(void);

/* A deterministic world, and one with threads; both as ACTOP_WORLD says. They are stopped by test_world_stop, which
 * also checks that every charged byte of processes, binaries and tables came back. */
struct world *test_world(void);
struct world *test_world_threads(unsigned schedulers);
void test_world_stop(struct world *w);

/* Runs for so much virtual time more. */
void run_us(struct world *w, uint64_t us);
/* A process from outside with the default options; its arguments in x. */
term run_step(struct world *w, const struct step *step, unsigned n, const term *args);

#endif
