/*
 * fake_source - a make-believe runtime behind the same door as the real one, for tests of the front end.
 *
 * Seeded and without threads or clock: the same options give the same samples. `next` moves the world
 * on by one interval. It has applications with supervisors, workers that live and die, tables, knobs,
 * events, receipts; and, if asked, one thing that is sick, from second `sick_from` on:
 *
 *   struct fake_options o = { .seed = 7, .processes = 300, .sick = FAKE_MAILBOX };
 *   struct source *s = fake_source_new(&o);
 *   ... model_advance(m, s->next(s, 0)) ...
 *   s->close(s);
 *
 * Applications: "shop" (shop_sup: cart, catalog, orders, pool_sup with the pool workers), "archive"
 * (archive_sup: keeper, index), "clinic" (clinic_sup: patient, neighbour), where `patient` is the sick
 * one; plus the runtime's own processes (logger, application_controller).
 */
#ifndef TESTS_FAKE_SOURCE_H
#define TESTS_FAKE_SOURCE_H

#include "runtime/source.h"

enum fake_sick {
	FAKE_HEALTHY, FAKE_SLICE_PIN, FAKE_BINARY_GARBAGE, FAKE_MAILBOX, FAKE_UNMATCHED, FAKE_ETS, FAKE_OLD_GARBAGE,
	FAKE_HIBERNATE, FAKE_BIG_COPY, FAKE_PROCESS_GROWTH, FAKE_RESTART_STORM, FAKE_NEAR_LIMIT, FAKE_ORPHAN, FAKE_LINKS,
	FAKE_TIMERS, FAKE_ATOMS, FAKE_STARVED, FAKE_DROPPED, FAKE_CARRIERS, FAKE_LATENCY, FAKE_SICK_COUNT
};

struct fake_options {
	uint64_t seed;
	uint32_t processes;             /* about how many; at least 16 */
	uint32_t tables;                /* further tables of archive's; 2 always exist */
	uint32_t deaths;                /* pool workers that die, and are born anew, each sample */
	uint32_t busy;                  /* one worker in `busy` works each sample; 0: one in 10 */
	enum fake_sick sick;
	double sick_from;               /* seconds */
	double cured_from;              /* seconds; 0 = never */
	double interval;                /* seconds between samples; 0: 1 */
};

/* Gives a source; its close frees everything, also snapshots still held. */
struct source *fake_source_new(const struct fake_options *o);

/* The commands it was sent, oldest first: kind, app, value and the first pid; texts are cut. */
struct fake_command { enum command_kind kind; uint32_t app; int64_t value; uint64_t pid; size_t pid_count; char text[64];
	char subject[64]; };
const struct fake_command *fake_source_commands(const struct source *s, size_t *count);

/* Ends a process at once, as if it crashed with that reason. */
void fake_source_kill(struct source *s, uint64_t pid, const char *reason);

/* The rule that a sickness must raise ("mailbox-growth"); NULL for the healthy. */
const char *fake_source_rule(enum fake_sick sick);

/* The pid of `patient`. */
uint64_t fake_source_patient(const struct source *s);

#endif
