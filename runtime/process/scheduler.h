/*
 * scheduler - threads that run slices, the queues of runnables, parking; or one thread that does it all.
 *
 *   ring 256 (owner puts at the tail, anyone takes at the head) ── full ──▶ overflow list (lock; many at a time)
 *   urgent list (priorities max, high), looked at first
 *
 * A slice: fetch signals, then steps until the budget of 4000 reductions is used or nothing fits. The owner
 * of a process is the thread that took it from a queue; ownership moves through queues only.
 *
 * Deterministic worlds have one scheduler that runs inline, on the caller's thread, up to a virtual time; the
 * helper's work is done inline at the same point.
 */
#ifndef RUNTIME_PROCESS_SCHEDULER_H
#define RUNTIME_PROCESS_SCHEDULER_H

#include <pthread.h>
#include <setjmp.h>
#include <stdatomic.h>

#include "runtime/base/recorder.h"
#include "runtime/process/signal.h"
#include "runtime/process/slot.h"
#include "runtime/process/timer.h"

/* The compiler's own setjmp costs nothing visible; sanitizers want the library's, which they know. */
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
#define SLICE_BUFFER jmp_buf
#define SLICE_SET(buffer) _setjmp(buffer)
#define SLICE_JUMP(buffer) _longjmp((buffer), 1)
#else
typedef void *slice_buffer[5];
#define SLICE_BUFFER slice_buffer
#define SLICE_SET(buffer) __builtin_setjmp(buffer)
#define SLICE_JUMP(buffer) __builtin_longjmp((buffer), 1)
#endif

#define SLICE_REDUCTIONS 4000
#define RING_SIZE 256u

struct run_list { struct process *first, *last; uint64_t count; };

struct scheduler {
	_Alignas(CACHE_LINE) struct world *world;
	struct schedulers *all;
	struct mem_lane *lane;
	unsigned id;                            /* = lane = slot reader */
	struct wheel *wheel;
	struct process *running;
	SLICE_BUFFER slice;                     /* where process_raise goes */
	term exit_reason;
	struct signal *pending;                 /* fetched, not handled yet */
	struct random random;
	struct random chaos;                    /* of the debug world, so that it disturbs no other choice */
	struct wheel own_wheel;
	uint64_t slice_us;                      /* world time when it was last looked at */
	uint64_t recorded_us;                   /* of its newest record */
	_Atomic bool busy;
	bool is_outside;                        /* the place of threads that are no schedulers: used under all->outside_lock */
	/* The ring. */
	_Alignas(CACHE_LINE) _Atomic uint32_t head;
	_Alignas(CACHE_LINE) _Atomic uint32_t tail;
	_Atomic(struct process *) ring[RING_SIZE];
	/* Parking. */
	_Alignas(CACHE_LINE) _Atomic uint32_t parked;
	/* Counters, owner writes. */
	_Atomic uint64_t slices, reductions, messages, steals, parks, run_ns, idle_ns, parked_at_ns, long_steps;
	_Atomic uint64_t gc_us, gc_minor, gc_major, gc_words;    /* collections done here; words that they freed */
	_Atomic uint64_t running_pid;           /* term word, for the watchdog */
	uint64_t seen_slices;                   /* the watchdog's */
	bool seen_long;
	struct process *next;                   /* woken while the ring was empty: runs next, without a trip through it */
	struct run_list spilled;                /* woken in this slice when the ring was full: on their way to the overflow list */
	struct run_list grabbed;                /* taken from the overflow list with one lock: the first of it */
	_Atomic uint64_t aside;                 /* how many these two hold */
	uint64_t taken;                         /* processes taken: every 61st looks at the overflow first */
	pthread_t thread;
};

struct schedulers {
	void *each_block;
	bool helper_runs;
	struct scheduler *each;                 /* count schedulers, then outside, then the helper */
	unsigned count;
	_Atomic bool stopping;
	_Atomic uint32_t parked_count;
	pthread_mutex_t lock;                   /* of the lists */
	struct run_list overflow, urgent, low, collect;
	_Atomic uint64_t overflow_count, urgent_count, low_count, collect_count;
	_Atomic(void (*)(struct process *p, term to, size_t words)) on_send;    /* counts who sends to whom; NULL: nobody looks */
	struct live_edges *sends;       /* what it counts in; NULL until somebody looked */
	_Atomic int64_t *(*account_of)(struct process *p);      /* where binaries it makes are charged: its application's, or NULL */
	void (*on_dead)(struct process *p);     /* the same process after its identity is gone: what was given to it in between */
	void (*on_exit)(struct process *p);     /* tables of a dying process: set by table.c, which lies above */
	pthread_mutex_t outside_lock;
	pthread_mutex_t helper_lock;
	pthread_cond_t helper_wake;
	_Atomic uint64_t calls_over_gc;
	_Atomic uint64_t pause_count[24], call_count[24];       /* histograms by power of two of microseconds */
	_Atomic uint64_t pause_max_us, call_max_us;
};

/* World `chaos`: sometimes lets another thread go first. Stands where an interleaving matters, between two steps of a protocol. */
void scheduler_yield_now(struct scheduler *s);
ALWAYS_INLINE void scheduler_chaos(struct scheduler *s)
{
	if (UNLIKELY(s->world->switches.chaos))
		scheduler_yield_now(s);
}

struct schedulers *schedulers_new(struct world *w);
void schedulers_free(struct schedulers *s);
/* Threads start (not in a deterministic world) and end. */
void schedulers_start(struct schedulers *s);
void schedulers_stop(struct schedulers *s);

/* Deterministic: runs everything up to this virtual time, jumping over idle stretches. */
void scheduler_run_until(struct world *w, uint64_t us);
/* Deterministic: runs until nothing is runnable, without moving to later timers. */
void scheduler_run_ready(struct world *w);

void scheduler_wake_slowly(struct scheduler *by, struct process *p);

/*
 * Makes a process runnable; it is in no queue. `by` is the caller's scheduler. Behind the others of the waker's ring: two that talk
 * stay on one thread; where nobody waits it runs next.
 */
ALWAYS_INLINE void scheduler_wake(struct scheduler *by, struct process *p)
{
	bool nobody_waits = !by->next && atomic_load_explicit(&by->tail, memory_order_relaxed) == atomic_load_explicit(&by->head, memory_order_relaxed);
	if (LIKELY(nobody_waits && p->priority > PRIORITY_HIGH && !by->is_outside))
		by->next = p;
	else
		scheduler_wake_slowly(by, p);
}

/* For threads that are no schedulers: a scheduler to send and spawn with, until leave. */
struct scheduler *scheduler_enter_outside(struct world *w);
void scheduler_leave_outside(struct scheduler *s);

/* Pushes a signal; false: the receiver is dead and the signal is still the caller's. */
bool signal_push(struct scheduler *by, struct slot *slot, struct signal *signal);

/* Into the flight recorder; off it costs a load and a branch, so ask before arguments are dear. */
ALWAYS_INLINE bool scheduler_records(const struct scheduler *s, enum record_kind kind) { return recorder_wants(s->world->recorder, kind); }
void scheduler_write_record(struct scheduler *s, uint64_t us, enum record_kind kind, uint64_t pid, const uint64_t *args, unsigned count);
ALWAYS_INLINE void scheduler_record(struct scheduler *s, enum record_kind kind, uint64_t pid, const uint64_t *args, unsigned count)
{
	if (scheduler_records(s, kind))
		scheduler_write_record(s, clock_us(&s->world->clock), kind, pid, args, count);
}
/* The same at a time that is known. */
ALWAYS_INLINE void scheduler_record_at(struct scheduler *s, uint64_t us, enum record_kind kind, uint64_t pid, const uint64_t *args, unsigned count)
{
	if (scheduler_records(s, kind))
		scheduler_write_record(s, us, kind, pid, args, count);
}
/* World time as it was when this thread last asked, 16 slices ago at most: good enough for a birth or a death, and free. */
ALWAYS_INLINE uint64_t scheduler_time_us(const struct scheduler *s)
{
	return s->is_outside || s->world->clock.is_virtual ? clock_us(&s->world->clock) : s->slice_us;
}
/* Counts a collection: its pause goes into the histogram; spent_us is what it adds to the time of all. */
void scheduler_note_collection(struct scheduler *s, bool is_minor, uint64_t freed_words, uint64_t pause_us, uint64_t spent_us);
/* Adds a time to the histogram of calls. */
void scheduler_note_call(struct scheduler *s, uint64_t us, bool over_gc);

/* Charges what the running process used since it was last asked. */
void finish_slice(struct scheduler *s, struct process *p);
void process_end_slice(struct scheduler *s, struct process *p);
/* Any thread that owns p: into the list that all schedulers look at now and then. */
void scheduler_postpone(struct scheduler *s, struct process *p);
/* Delivers a message that is already charged; false: dropped and counted. */
bool message_deliver(struct scheduler *s, term to, struct message *m);
/* From outside: a copy of t. */
bool world_send(struct world *w, term to, term t);

#endif
