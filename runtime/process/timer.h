/*
 * timer - a wheel of four levels of 256 places, one millisecond a place; one wheel a scheduler.
 *
 * Under a lock that is hardly ever contended: a timer is set by its scheduler and taken back by whoever
 * holds the process now. Insert and cancel cost a list operation; a level is moved down when the one below has gone round.
 * A message for a pid ends with its receiver, as on OTP: such timers are chained by receiver too. One for a name waits, whoever has it.
 * Charged 201 bytes a timer as unattributed memory (measured on OTP 25), with its message 8 bytes a word.
 */
#ifndef RUNTIME_PROCESS_TIMER_H
#define RUNTIME_PROCESS_TIMER_H

#include <pthread.h>

#include "runtime/base/map64.h"
#include "runtime/memory/message.h"

#define TIMER_LEVELS 4u
#define TIMER_PLACES 256u
#define TIMER_CHARGED_BYTES 201

struct timer {
	struct timer *next, **link;     /* link NULL: not in the wheel */
	uint64_t due_ms;
	uint64_t number;
	uint64_t to;                    /* pid word or atom word; 0: a world event */
	struct message *message;        /* given away at firing; NULL: a receive timeout */
	void (*event)(struct world *w, void *context);          /* world events: samples, scripted actions */
	void *context;
	struct timer *before, *after;   /* messages for the same pid; the map `aimed` has the first */
};

struct wheel {
	pthread_mutex_t lock;
	struct timer *places[TIMER_LEVELS][TIMER_PLACES];
	uint64_t now_ms;                /* places before it are empty */
	uint64_t count;
	_Atomic uint64_t soon_us;       /* nothing is due before; looked at without the lock */
	struct map64 by_number;
	struct map64 aimed;             /* pid word -> the first of its timers that bring a message */
	_Atomic uint64_t aimed_count;   /* of them; looked at without the lock */
	struct mem_lane *lane;
	unsigned index;
};

struct scheduler;
struct process;

void wheel_init(struct wheel *wheel, struct mem_lane *lane, unsigned index);
/* Frees what is left. */
void wheel_release(struct wheel *wheel, struct mem_lane *lane);

/* Sets t to fire at due_us (rounded up to a millisecond). The wheel keeps t, made by timer_new. */
struct timer *timer_new(struct mem_lane *lane);
void timer_set(struct wheel *wheel, struct timer *t, uint64_t due_us, struct mem_lane *lane);
/* Takes t out if it has not fired; true: it is the caller's again, *left_us is the rest. By number, in any wheel of the world. */
bool timer_take(struct wheel *wheel, uint64_t number, uint64_t now_us, uint64_t *left_us, struct timer **out);
bool timer_left(struct wheel *wheel, uint64_t number, uint64_t now_us, uint64_t *left_us);
void timer_free(struct mem_lane *lane, struct timer *t);

/* The next time at which something may be due (a lower bound), UINT64_MAX: no timer. */
uint64_t wheel_next_us(struct wheel *wheel);
/* Fires what is due at now_us, in order of time then number; the caller is scheduler `by`. Gives how many. */
uint64_t wheel_fire(struct wheel *wheel, struct scheduler *by, uint64_t now_us);
uint64_t wheels_count(struct world *w);

/* The dead get no messages: its timers are gone, as are those that are set from now on. After its identity was cleared. */
void timers_of_process_exit(struct process *p);

#endif
