/*
 * fixture - a fresh world for each test, and the two promises that every test ends with: the rows add up to
 * the charged ledger, and nothing is forgotten.
 *
 *   tcase_add_checked_fixture(tc, fixture_start, fixture_stop);             deterministic, one thread
 *   tcase_add_checked_fixture(tc, fixture_start_threads, fixture_stop);     three schedulers and the helper
 *
 * A step finds what the test knows by fixture_of(p): a pointer that travels as a small integer in x[0] and stays in slot 0.
 */
#ifndef TESTS_FIXTURE_H
#define TESTS_FIXTURE_H

#include "runtime/process/life.h"
#include "runtime/process/mailbox.h"
#include "runtime/process/process.h"
#include "runtime/process/program.h"
#include "runtime/process/scheduler.h"
#include "runtime/runtime.h"
#include "tests/suite.h"

void fixture_start(void);
void fixture_start_threads(void);
/* With other options, in a test without a checked start; fixture_stop ends it too. */
void fixture_start_with(const struct world_options *options);
/* Options as the world's environment says; deterministic unless changed. */
struct world_options fixture_options(void);

/* Ends the world: rows = charged, and no block forgotten. */
void fixture_stop(void);

struct world *fixture_world(void);

/* Runs until nothing is runnable, without moving to later timers; threaded: waits for that. */
void fixture_run(void);
/* Virtual time goes on by so much. */
void fixture_advance_us(uint64_t us);
/* Until no timer is left, and at rest. Only near ones. */
void fixture_let_timers_fire(void);

/* A process that finds `context` by fixture_of. */
term fixture_spawn(const struct step *step, void *context);
term fixture_spawn_with(const struct step *step, void *context, const struct spawn_options *options);
/* The context of a process whose x[0] still holds its argument, or whose slot 0 does. */
void *fixture_context(term t);
#define fixture_of(p) fixture_context((p)->frame_slots ? slot_get((p), 0) : x_get((p), 0))

/* From outside: exit(pid, reason). */
void fixture_exit(term pid, term reason);
bool fixture_is_alive(term pid);
/* Its record, while nothing runs. */
struct process *fixture_process(term pid);

/* Counters as they were when the world began: processes, charges, blocks of every type that processes use. */
void fixture_expect_clean(void);
/* The sum of all rows is what is charged for processes. Any time when no slice runs. */
void fixture_expect_ledger(void);
/* gc_verify on every living process. When no slice runs. */
void fixture_verify_heaps(void);

/* Ends the run with a message when this takes too long; for loops that wait for other threads. */
struct patience { unsigned tries; };
void fixture_wait(struct patience *patience);

#endif
