/*
 * process - one actor: a heap with a stack of frames, a mailbox, an identity.
 *
 * A process is not a C stack but a stack of frames at the top of its heap block. A frame is a descriptor
 * (struct step) and its slots; the scheduler calls the top frame's function, which does a bounded piece
 * of work and returns what happens next. No C local lives across that: what must survive lies in slots (or
 * in the x registers, for arguments on their way).
 *
 *   stop ─▶ [slot 0][slot 1]...[descriptor] [caller's slots ...][its descriptor] ... [bottom descriptor] ◀─ end
 *
 * Rules for step code
 *   - a term in a C local dies at every call that may collect, unless its address is given as live;
 *   - RESERVE first, then build: builders never collect;
 *   - no malloc memory, no lock across a call that may raise;
 *   - bounded work: long loops return STEP_YIELD or go through a frame; charge what they cost.
 *
 * Everything here is for the owner of the process (the step that runs) unless it says "any thread".
 * A step's error is an exit: process_raise does not return.
 */
#ifndef RUNTIME_PROCESS_PROCESS_H
#define RUNTIME_PROCESS_PROCESS_H

#include "runtime/memory/binary.h"
#include "runtime/memory/build.h"
#include "runtime/memory/heap.h"
#include "runtime/memory/message.h"
#include "runtime/term/atom.h"

struct process;
struct scheduler;
struct slot;
struct relations;

/* What a step says when it returns. */
enum next {
	STEP_NEXT,              /* go on with the top frame, which may be another one now */
	STEP_YIELD,             /* the same, after the others have had their turn */
	STEP_WAIT,              /* nothing fits in the queue: enter this step again when a message has come */
	STEP_HIBERNATE,         /* full sweep into an exact block, then as STEP_WAIT; all frames but the bottom one must be gone */
};

/* A function of the program, as the observer shows it. Constant data, never freed. */
struct step {
	const char *name;       /* "header_store:loop/1" */
	enum next (*run)(struct process *p);
};

enum priority { PRIORITY_MAX, PRIORITY_HIGH, PRIORITY_NORMAL, PRIORITY_LOW };

enum process_flag {
	PROCESS_TRAP_EXIT = 1 << 0,
	PROCESS_OFF_HEAP_QUEUE = 1 << 1,
	PROCESS_SUPERVISOR = 1 << 2,
	PROCESS_SYSTEM = 1 << 3,        /* the runtime's own */
	PROCESS_HIBERNATED = 1 << 4,
	PROCESS_EXITING = 1 << 5,
	PROCESS_SUSPENDED = 1 << 6,
	PROCESS_COLLECTING = 1 << 7,
	PROCESS_WAITING_GC = 1 << 8,    /* a long collection is on its way to the helper */
	PROCESS_BUSY = 1 << 9,          /* virtual work left, see process_work_us */
	PROCESS_ASKS_ROOM = 1 << 10,    /* asks world_has_room before it grows: never killed for the ceiling */
	PROCESS_WAITING = 1 << 11,      /* its last step returned STEP_WAIT */
	PROCESS_TIMED_OUT = 1 << 12,    /* the receive timeout came */
	PROCESS_HIBERNATE = 1 << 13,    /* wants to hibernate when it waits next */
	PROCESS_PACKED = 1 << 14,       /* hibernated with its slots as a list in x[0] */
	PROCESS_YIELDED = 1 << 15,      /* its last step returned STEP_YIELD: it goes on, which is no call */
};

/*
 * Words that a process without a block has for its stack, from the end, and its registers, from the start: the bottom frame's
 * descriptor and, say, two slots and an argument. What needs more, or anything that is not an immediate, needs a block.
 */
#define SMALL_WORDS 4u

/* How far the end of a process has come, which waits for memory when there is none to tell of it. */
struct dying {
	term reason;                            /* on its own heap */
	struct signal *pending;                 /* fetched and not run: answered as by the dead */
	uint32_t at;                            /* entries told of the map of relations that is being gone through */
	uint32_t turns;                         /* that it waited since somebody was told */
};
_Static_assert(sizeof(struct dying) <= SMALL_WORDS * sizeof(term), "the dying need no more room than the living");

/*
 * The record: three cache lines, of which one that passes small messages on without a block touches the latter two. Visible for
 * inlining; fields belong to runtime/process.
 */
struct process {
	struct process *run_next;               /* in a list of runnables */
	struct world *world;
	struct relations *relations;            /* links, monitors, timers, tables, names of supervision: NULL = none */
	int64_t work;                           /* reductions of virtual work still to be charged */
	uint8_t wait_turns;
	struct heap heap;
	struct scheduler *scheduler;            /* of the thread that owns it now */
	struct slot *slot;
	struct message *first, **last, **save;  /* fetched messages; save: the next one that receive looks at */
	union {
		term small[SMALL_WORDS];
		struct dying dying;             /* once is_dying: nothing runs there any more */
	};
	int32_t budget;                         /* of this slice */
	int32_t charged_from;                   /* budget when it was last charged */
	uint64_t pid;                           /* the term's word */
	uint16_t frame_slots;                   /* of the top frame */
	uint16_t flags;                         /* enum process_flag */
	uint8_t priority;
	uint8_t x_count;                        /* registers set */
	bool is_dying;                          /* has no pid any more; those who must hear of it are being told */
	bool changed;                           /* links, dictionary, options: more to publish than use and reductions */
};
_Static_assert(sizeof(struct process) == 3 * CACHE_LINE && offsetof(struct process, heap.b.body) == CACHE_LINE,
	"an idle process is its slot and its record");

ALWAYS_INLINE term process_self(const struct process *p) { return (term) { p->pid }; }

/* ---- Reserve, then build ------------------------------------------------------------------------ */

/* The slow way of process_reserve: makes the block, collects, or hands out a fragment. May not return. */
struct builder *process_reserve_slow(struct process *p, size_t words, term **live, size_t live_count);

/*
 * Room for `words`. May collect: every term that is neither in a slot, an x register, the dictionary or
 * the queue, nor in live[], is dead afterwards. Raises when the limit of the process or of the world is met.
 */
ALWAYS_INLINE struct builder *process_reserve(struct process *p, size_t words, term **live, size_t live_count)
{
	if (LIKELY((size_t) (p->heap.b.limit - p->heap.b.top) >= words && p->heap.b.limit >= p->heap.b.top))
		return &p->heap.b;
	return process_reserve_slow(p, words, live, live_count);
}
/* RESERVE(p, 5), RESERVE(p, 5, &list, &key): the addresses of the terms that must live. */
#define RESERVE(p, words, ...) \
	process_reserve(p, words, (term *[]) { NULL, ##__VA_ARGS__ } + 1, sizeof((term *[]) { NULL, ##__VA_ARGS__ }) / sizeof(term *) - 1)

/* The same for words + a new binary of so many bytes: the virtual heap is tested too (counter + bytes/8 >= limit). */
struct builder *process_reserve_binary(struct process *p, size_t words, size_t bytes, term **live, size_t live_count);
#define RESERVE_BINARY(p, words, bytes, ...) \
	process_reserve_binary(p, words, bytes, (term *[]) { NULL, ##__VA_ARGS__ } + 1, sizeof((term *[]) { NULL, ##__VA_ARGS__ }) / sizeof(term *) - 1)

/* Room as built-ins take it that collect by themselves (put, append): the red zone may be used; else a collection with so many words on top of the stack. */
struct builder *process_reserve_bif(struct process *p, size_t words, size_t stack_extra, term **live, size_t live_count);

/* Room for a built-in that builds without collecting: in the block, which is made when missing, or a fragment. try: NULL for no memory. */
struct builder *process_room(struct process *p, size_t words);
struct builder *process_try_room(struct process *p, size_t words);

/* After a built-in took process_room: collects when its fragments or the virtual heap ask for it. stack_extra as gc_collect. */
void process_after_bif(struct process *p, size_t stack_extra, term **live, size_t live_count);
#define AFTER_BIF(p, extra, ...) \
	process_after_bif(p, extra, (term *[]) { NULL, ##__VA_ARGS__ } + 1, sizeof((term *[]) { NULL, ##__VA_ARGS__ }) / sizeof(term *) - 1)

/* The same after a send: it takes reductions that nobody counts, and who has none left is looked at as by schedule(). */
void process_after_send(struct process *p, size_t stack_extra, term **live, size_t live_count);
#define AFTER_SEND(p, extra, ...) \
	process_after_send(p, extra, (term *[]) { NULL, ##__VA_ARGS__ } + 1, sizeof((term *[]) { NULL, ##__VA_ARGS__ }) / sizeof(term *) - 1)

/* Collects now: full sweep or by the rules. What garbage_collect/0 does (stack_extra 2, plus the caller's frame). */
void process_collect(struct process *p, bool full, size_t stack_extra, term **live, size_t live_count);

/* ---- Frames ------------------------------------------------------------------------------------- */

/* The slots of the top frame, from 0. They move at every call that may collect: do not keep the address. */
ALWAYS_INLINE term *process_slot(struct process *p, unsigned i) { return &p->heap.stop[i]; }
ALWAYS_INLINE term slot_get(const struct process *p, unsigned i) { return p->heap.stop[i]; }
ALWAYS_INLINE void slot_set(struct process *p, unsigned i, term t) { p->heap.stop[i] = t; }

/* The step of the top frame. */
ALWAYS_INLINE const struct step *process_step(const struct process *p)
{
	return (const struct step *) p->heap.stop[p->frame_slots].word;
}
/* Of the bottom frame, which is never gone. */
ALWAYS_INLINE const struct step *process_bottom_step(const struct process *p)
{
	return (const struct step *) p->heap.end[-1].word;
}

/* Calls: a new frame of no slots on top (one word). May collect; x registers survive. */
void frame_call(struct process *p, const struct step *step);
/* Calls with n slots taken from values[] (copied before anything moves; they may be terms in C locals). May collect. */
void frame_call_with(struct process *p, const struct step *step, unsigned n, const term *values);
/* n more slots in the top frame, nil, in front of the others (they become slots 0 .. n-1). May collect. */
void frame_grow(struct process *p, unsigned n, term **live, size_t live_count);
/* Drops slots 0 .. n-1. */
void frame_shrink(struct process *p, unsigned n);
/* Tail call: the top frame becomes another one with the same slots. */
void frame_become(struct process *p, const struct step *step);
/* Returns: the top frame is gone; the value is put into x[0]. STEP_NEXT; from the bottom frame: exit normal. */
enum next frame_return(struct process *p, term value);
ALWAYS_INLINE term x_get(const struct process *p, unsigned i)
{
	const term *x = p->heap.start ? p->heap.b.body->x : p->small;
	return i < p->x_count ? x[i] : TERM_NIL;
}
/* Sets register i; those below it that were never set are nil. */
void x_set(struct process *p, unsigned i, term t);
ALWAYS_INLINE void x_clear(struct process *p) { p->x_count = 0; }

/* ---- Work --------------------------------------------------------------------------------------- */

/* Charges reductions; true when the slice is used up and the step should return STEP_YIELD. */
ALWAYS_INLINE bool process_charge(struct process *p, uint32_t reductions)
{
	p->budget -= (int32_t) reductions;
	return p->budget <= 0;
}
/* By a built-in for its work: what is more than is left of the slice is lost, as on OTP (BUMP_REDS). */
ALWAYS_INLINE void process_bump(struct process *p, uint64_t reductions)
{
	if (p->budget > 0)
		p->budget = (uint64_t) p->budget > reductions ? (int32_t) ((uint64_t) p->budget - reductions) : 0;
}
/* After this step returns, the process is busy for so long: 50 reductions a microsecond, in slices; threaded it spins. */
void process_work_us(struct process *p, uint64_t us);

/* ---- Mail --------------------------------------------------------------------------------------- */

/* Copies t and sends it; to a dead process it is dropped and counted. Charges 1 + words/64. Never collects. */
void process_send(struct process *p, term to, term t);
/* To a registered name: badarg when there is none, as in Erlang. process_send_name_quiet drops and counts instead. */
void process_send_name(struct process *p, term name, term t);
bool process_send_name_quiet(struct process *p, term name, term t);

/*
 * Receive: looks at fetched messages from the save point on. NULL: none is left, return STEP_WAIT (or go
 * on: the save point stays). The message's term may be read; take makes it the process's own and unlinks it
 * (the save point goes back to the start). skip leaves it and looks at the next.
 */
struct message *process_peek(struct process *p);
void process_skip(struct process *p, struct message *m);
term process_take(struct process *p, struct message *m);
/* Starts again at the first message. */
void process_rewind(struct process *p);
/* Passes over all that was fetched: what comes later is looked at first. What OTP does before it waits for a fresh reference. */
ALWAYS_INLINE void process_skip_all(struct process *p) { p->save = p->last; }
/* Simplest form: takes the first message into *out; false: none. */
bool process_receive(struct process *p, term *out);

/* Removes the messages for which drop(p, term) is true; gives how many. */
uint64_t process_flush(struct process *p, bool (*drop)(struct process *p, term t));
/* Length of the queue as others see it. */
uint64_t process_queue_length(const struct process *p);

/* ---- Life --------------------------------------------------------------------------------------- */

struct spawn_options {
	struct heap_options heap;
	uint32_t name;                  /* atom to register, 0 = none */
	uint32_t application;           /* 0 = the parent's; ATOM_undefined: none, it is an orphan */
	term supervisor;                /* pid word, or TERM_NONE = the parent's field */
	uint32_t child_id;              /* atom, 0 = none */
	uint8_t priority;               /* enum priority */
	bool off_heap_queue, trap_exit, link, monitor, is_supervisor, is_system, asks_room;
	term *monitor_reference;        /* with monitor: where the reference's number (small) is put, not the term */
};
#define SPAWN_DEFAULT { .heap = HEAP_OPTIONS_DEFAULT, .priority = PRIORITY_NORMAL, .supervisor = { 0 } }

/*
 * A new process whose bottom frame is `step`, without slots. Copies of args[] arrive in x[0 .. n-1]; as on the BEAM they lie on its
 * heap in an argument list (2 words each + their size), garbage once the step has taken them. A few
 * immediates, or none: no block is made, the list is only counted.
 * parent NULL in world_spawn: from outside. TERM_NONE: system_limit (process table or memory); with a parent it raises
 * instead. Never collects the parent. n <= X_REGISTERS.
 */
term process_spawn(struct process *parent, const struct step *step, unsigned n, const term *args, const struct spawn_options *options);
term world_spawn(struct world *w, const struct step *step, unsigned n, const term *args, const struct spawn_options *options);

/* The process ends with this reason. Does not return. */
_Noreturn void process_raise(struct process *p, term reason);
/* Reasons that are often needed: {badarg, atom}... plain atoms here. */
_Noreturn void process_badarg(struct process *p);
_Noreturn void process_system_limit(struct process *p, uint32_t what_atom);     /* {system_limit, What} */

/* exit(To, Reason): a signal; kill is untrappable. Any process may send it to any other or itself. */
void process_exit_other(struct process *p, term to, term reason);

/* Links, monitors: OTP's semantics, signals underneath. */
void process_link(struct process *p, term to);
void process_unlink(struct process *p, term to);
/* Gives the number of the reference that DOWN will carry: {'DOWN', Ref, process, Pid, Reason}. to: pid or name (atom): then
 * {Name, nonode@nohost} stands for Pid. */
uint64_t process_monitor(struct process *p, term to);
/* With flush: a DOWN of it that lies in the queue is removed. */
void process_demonitor(struct process *p, uint64_t reference, bool flush);
bool process_trap_exit(struct process *p, bool on);             /* gives the old value */

/* Names. False: taken, or this process has a name (badarg in Erlang). */
bool process_register(struct process *p, term name);
bool process_unregister(struct process *p, term name);
/* TERM_NONE: no such name. Any thread. */
term world_whereis(struct world *w, term name);
bool world_is_alive(struct world *w, term pid);

/* Options at run time: fullsweep_after, min_heap_size, max_heap_size, message_queue_data, priority. */
void process_set_heap_options(struct process *p, const struct heap_options *options);
void process_set_priority(struct process *p, enum priority priority);
void process_set_queue_off_heap(struct process *p, bool off_heap);

/* Of others, by signal; answered between their steps. Never wait. Any process. */
void process_gc_other(struct process *p, term pid, bool full);
/* Counted, as in OTP: it runs again when each who suspended it has resumed it as often, or ended. False: badarg in Erlang. */
bool process_suspend_other(struct process *p, term pid);
bool process_resume_other(struct process *p, term pid);

/* Process dictionary: values are roots. put may collect: key and value are kept alive by it and returned moved through the pointers. */
term process_put(struct process *p, term key, term value);
term process_get(struct process *p, term key);                  /* undefined when missing */
term process_erase(struct process *p, term key);

/* ---- Timers ------------------------------------------------------------------------------------- */

/* After us microseconds the term (copied now) is sent to a pid or a name. Gives a timer number for cancel. */
uint64_t process_send_after(struct process *p, uint64_t us, term to, term t);
/* {timeout, Ref, Msg} is what start_timer sends. */
uint64_t process_start_timer(struct process *p, uint64_t us, term to, term t);
/* Microseconds that were left, or UINT64_MAX when it has fired or never was. Answers at once. */
uint64_t process_cancel_timer(struct process *p, uint64_t timer);
uint64_t process_read_timer(struct process *p, uint64_t timer);
/* The receive timeout: after us a waiting step is entered again with process_timed_out true. UINT64_MAX: none. */
void process_set_timeout(struct process *p, uint64_t us);
bool process_timed_out(const struct process *p);

/* ---- World -------------------------------------------------------------------------------------- */

ALWAYS_INLINE struct world *process_world(const struct process *p) { return p->world; }
uint64_t process_now_us(const struct process *p);
uint64_t process_random(struct process *p, uint64_t bound);     /* 0 .. bound-1, from the process's own scheduler; seeded */
term process_atom(struct process *p, const char *text);         /* raises system_limit when the table is full */
term process_make_reference(struct process *p);                 /* may collect: 3 words */
/* Would so many bytes still fit below the soft limit and the ceiling of the application? What a producer asks before it makes something. */
bool process_has_room(struct process *p, uint64_t bytes);

#endif
