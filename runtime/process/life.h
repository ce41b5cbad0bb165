/*
 * life - being born and dying; what a process does with each signal; what it publishes.
 *
 * Exit, in this order: timers; tables; name; identity := 0; EXIT and DOWN to the linked and the monitoring;
 * the inbox is closed. That is the moment of death: every signal accepted before is answered in the drain, every later
 * push fails and the sender answers itself. Memory is credited last.
 */
#ifndef RUNTIME_PROCESS_LIFE_H
#define RUNTIME_PROCESS_LIFE_H

#include "runtime/memory/gc.h"
#include "runtime/process/scheduler.h"

#define PROCESS_CHARGED_BYTES 776       /* process structure (OTP 25) */
#define LINK_CHARGED_BYTES 40
#define MONITOR_CHARGED_BYTES 64

/* Links, monitors and the like: made when first needed. */
struct relations {
	struct map64 links;             /* pid word -> 1 */
	struct map64 monitors;          /* reference -> pid word: what this process monitors; 0: nobody had the name */
	struct map64 names;             /* reference -> atom word, of those that are monitored by name */
	struct map64 monitored_by;      /* reference -> pid word of the watcher */
	struct map64 suspending;        /* pid word -> how often this process suspended it */
	uint32_t suspended;             /* by so many processes; runs again when none is left */
	bool held;                      /* suspended from outside */
	uint64_t timeout_number;        /* of the armed receive timeout; 0: none */
	struct wheel *timeout_wheel;
	uint32_t tables;                /* owned */
	uint64_t flushing;              /* the reference whose DOWN a demonitor removes */
	struct gc_signal *collections;  /* requests that the helper's collection will answer */
};
struct relations *relations_need(struct process *p);

/* The block, made when missing: stack and registers move out of the record. False: no memory. Need raises instead. */
bool process_try_block(struct process *p, size_t words);
void process_need_block(struct process *p);

/* Signals, called by the fetch on the owner's thread. Each frees its signal. */
void on_exit_signal(struct process *p, struct signal *s);
void on_link_exit(struct process *p, struct signal *s);
void on_down(struct process *p, struct signal *s);
void on_link(struct process *p, struct signal *s);
void on_unlink(struct process *p, struct signal *s);
void on_monitor(struct process *p, struct signal *s);
void on_demonitor(struct process *p, struct signal *s);
void on_timeout(struct process *p, struct signal *s);
void on_gc(struct process *p, struct signal *s);
void on_hibernate(struct process *p, struct signal *s);
void on_suspend(struct process *p, struct signal *s);
void on_resume(struct process *p, struct signal *s);
void on_ask(struct process *p, struct signal *s);

/* The process ends now, with the reason its scheduler holds; frees the record. Owner. */
void process_end(struct process *p);
/* It goes on: it is_dying, and not everybody could be told before. */
void process_end_further(struct process *p);
/* Ends every process without telling anybody: a stopped world is being taken down. */
void processes_release_all(struct world *w);

/* Roots of a collection: registers, dictionary, queue; live is added. */
struct root_set process_roots(struct process *p, term **live, size_t live_count);
/* Collects with the report's consequences: reductions, recorder, max_heap_size, system_limit (raise). force_full: now. */
void process_gc(struct process *p, size_t need, size_t stack_extra, term **live, size_t live_count);
/* Received fragments or the virtual heap ask for a collection, and none is on its way. */
bool process_wants_collection(const struct process *p);
/* Scheduled in to run a step: collects when it is wanted, as OTP's schedule() does. */
void process_before_slice(struct process *p);
/* Hibernates now: full sweep into the exact block. */
void process_hibernate_now(struct process *p);
/* A hibernated process runs again. */
void process_wake_up(struct process *p);
/* An error report for a heap over its limit: what it would have needed. */
void log_max_heap(struct process *p, const uint64_t would[GC_VECTOR]);
/* A collection now would take so long that the helper should do it. */
bool process_gc_is_long(struct process *p, size_t stack_extra);
/* Between two steps the helper collects (inline in a virtual world); until then a reserve hands out fragments. */
void process_delay_gc(struct process *p);
/* A delayed long collection, or hibernation: need 0. On the helper or inline. */
void process_delayed_gc(struct process *p);
/* The collection that requests waited for is done. */
void answer_collections(struct process *p);

/* Writes the figures observers read. End of a slice, before idle, around a collection. */
void process_publish(struct process *p, enum slot_status status);
/* Bytes as process_info(memory) without queued messages. */
uint64_t process_own_bytes(const struct process *p);
/* Frees a plain signal, exit signal ... */
void signal_free(struct mem_lane *lane, struct signal *s);
struct plain_signal *plain_signal_new(struct scheduler *s, enum signal_kind kind, uint64_t from, uint64_t reference);

/* Requests by threads that are no process (observers), with the scheduler they entered by. False: it is dead. */
bool request_gc(struct scheduler *s, term pid, bool full, struct receipt *receipt);
bool request_plain(struct scheduler *s, term pid, enum signal_kind kind);
bool request_exit(struct scheduler *s, term pid, term reason);
/* answer(NULL, context) comes when the process dies before it can answer. */
bool request_ask(struct scheduler *s, term pid, void (*answer)(struct process *p, void *context), void *context);
void finish_gc(struct scheduler *s, struct process *p, struct gc_signal *g);
void count_dropped(struct process *p, const struct message *m);

#endif
