/*
 * signal - everything that is sent to a process: messages, exits, links, requests. One chain, one order.
 *
 * Every signal begins with struct signal (memory/message.h). Who pushes gives it away; who fetches frees
 * it. A push that fails (the receiver is dead) leaves it with the sender, who answers itself.
 */
#ifndef RUNTIME_PROCESS_SIGNAL_H
#define RUNTIME_PROCESS_SIGNAL_H

#include "runtime/memory/message.h"
#include "runtime/process/process.h"

enum signal_kind {
	SIGNAL_MESSAGE,         /* struct message */
	SIGNAL_EXIT,            /* from exit/2: struct exit_signal */
	SIGNAL_LINK_EXIT,       /* a linked process ended */
	SIGNAL_DOWN,            /* a monitored process ended; becomes a message */
	SIGNAL_LINK, SIGNAL_UNLINK,
	SIGNAL_MONITOR, SIGNAL_DEMONITOR,
	SIGNAL_TIMEOUT,         /* of a receive */
	SIGNAL_GC,              /* struct request_signal: full or minor */
	SIGNAL_HIBERNATE, SIGNAL_SUSPEND, SIGNAL_RESUME,
	SIGNAL_ASK,             /* struct ask_signal: a question answered between two steps */
	SIGNAL_KIND_COUNT
};

/* Exit, link exit and DOWN: the reason's copy lies behind, with room for the tuple it may become. */
struct exit_signal {
	struct signal signal;
	term reason;                    /* of so many words, which lie behind the room, with these handles in them */
	uint64_t words;
	term *handles;
	uint64_t from;                  /* term word */
	uint64_t reference;             /* DOWN: number of the monitor's reference */
	term item;                      /* DOWN: the pid or name that was monitored */
};

/* Link, unlink, monitor, demonitor, suspend, resume, hibernate, timeout. */
struct plain_signal {
	struct signal signal;
	uint64_t from;                  /* term word */
	uint64_t reference;
	term item;
};

/* What a collection did to one process; written by the process, read by who asked once `done`. */
struct receipt {
	_Atomic uint32_t outstanding;   /* requests on their way */
	_Atomic uint64_t processes, own_before, own_after, queue_before, queue_after, binary_before, binary_after, us;
	_Atomic uint64_t dead_words;    /* found in blocks and given up: the blocks may stay as large */
};
struct gc_signal {
	struct signal signal;
	bool full;
	struct receipt *receipt;        /* NULL: nobody asks. Outlives the request */
	uint64_t reply_to;              /* term word or 0: gets {garbage_collect, Ref, true} */
	uint64_t us_before, reclaimed_before;   /* spent on collections, and words given up by them, before this one */
};

/* A question: `answer` runs on the owner's thread between two steps; dead: p is NULL. It frees nothing of the process. */
struct ask_signal {
	struct signal signal;
	void (*answer)(struct process *p, void *context);
	void *context;
};

#endif
