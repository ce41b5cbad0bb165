/*
 * source - where snapshots come from and commands go to. The front end knows nothing else.
 *
 *   next ──▶ struct snapshot        read_processes ──▶ rows        send ◀── struct command
 *
 * The live runtime is one source; a recording or a real Erlang node could be others: they fill in the
 * same table of functions. All functions are called from one thread, the front end's.
 */
#ifndef RUNTIME_SOURCE_H
#define RUNTIME_SOURCE_H

#include "runtime/snapshot.h"

/* Order is the bit order of source.can. */
enum command_kind {
	COMMAND_GC,             /* full sweep of pids */
	COMMAND_GC_MINOR,
	COMMAND_GC_ALL,         /* every process */
	COMMAND_HIBERNATE,
	COMMAND_EXIT,           /* text: the reason, an atom; "kill" is untrappable */
	COMMAND_SUSPEND,
	COMMAND_RESUME,
	COMMAND_SEND,           /* text: a term in Erlang syntax: atom, integer, "string", {tuples}, [lists] */
	COMMAND_APP_START,      /* app */
	COMMAND_APP_STOP,
	COMMAND_APP_RESET,      /* stop and start with the same knobs */
	COMMAND_KNOB,           /* app, text: key, value */
	COMMAND_TWIN,           /* app: start a second instance, fix on, same seed */
	COMMAND_EDGES,          /* value 1: count who sends to whom; 0: stop */
	COMMAND_HOLDERS,        /* pids[0], value: payload serial; the answer comes in the next detail */
	COMMAND_SURVEY,         /* pids: measure reclaimable bytes and slice use, read only */
	COMMAND_COUNT
};

/* pids are borrowed until send returns. Names are resolved by the reader, except `app`. */
struct command {
	enum command_kind kind;
	const uint64_t *pids;
	size_t pid_count;
	uint32_t app;
	int64_t value;
	const char *text;
	const char *subject;    /* how the receipt names it: "header_store", "12 processes" */
	uint64_t estimate;      /* survey's promise in bytes, shown on the receipt, or SNAP_UNKNOWN */
};

/* A page of a table's objects, as text. */
struct snap_table_page { uint64_t table; uint64_t offset, total; size_t count; char rows[64][200]; };

struct source {
	const char *name;
	uint32_t can;                   /* bit per command_kind */
	int wake_fd;                    /* readable when `next` has news; -1: ask by time */
	void *self;                     /* the implementation's */
	/*
	 * Set by a reader that sweeps all rows after each sample and adds them up with snapshot_sums_add: the source need
	 * not walk through all processes a second time, and the sums of a new snapshot are open.
	 */
	bool sums_rows;

	/*
	 * The next sample, waiting at most wait_ms (0: do not wait). Gives a counted snapshot, NULL when
	 * there is none yet. A deterministic world runs, in here, to its next sample.
	 */
	struct snapshot *(*next)(struct source *s, int wait_ms);

	/* The world as it is now, out of turn: after a command, for a first frame. */
	struct snapshot *(*now)(struct source *s);

	/* Time between samples; default one second. */
	void (*set_interval)(struct source *s, uint64_t us);

	/*
	 * Rows of living processes from index *cursor on, at most `room`; moves *cursor on. 0: no more.
	 * Rows are in index order, each whole and of one incarnation. Reads atomics only: stops nobody.
	 */
	size_t (*read_processes)(struct source *s, uint32_t *cursor, struct snap_process *rows, size_t room);

	/* One row by pid: false when dead. */
	bool (*read_process)(struct source *s, uint64_t pid, struct snap_process *row);

	/* Text of an id; "" for 0. Valid as long as the source. */
	const char *(*text)(struct source *s, uint32_t id);

	/* The id of a text that names something (an application): 0 when the runtime does not know the word. */
	uint32_t (*text_id)(struct source *s, const char *text);

	/* The pid of a registered name, or of "<0.N.0>"; 0 when there is none. */
	uint64_t (*whereis)(struct source *s, const char *name);

	/* Asks a process about itself; the answer is fetched by take_detail. Never waits. */
	bool (*ask_detail)(struct source *s, uint64_t pid);
	/* Copies the newest answer: false while none has come since the last take. */
	bool (*take_detail)(struct source *s, struct snap_detail *out);

	/* Up to 64 objects of a table from `offset`, as text: false when the table is gone. */
	bool (*read_table)(struct source *s, uint64_t table, uint64_t offset, struct snap_table_page *out);

	/* Runs a command: false when not possible here. Its receipt or notice comes with a later snapshot. */
	bool (*send)(struct source *s, const struct command *c);

	/*
	 * The same at a world time to come. At equal times the sample is taken first, then commands in the order they were
	 * given. With no pids, `subject` is a registered name or "<0.N.0>", looked up at that moment; nobody there: a receipt with
	 * the verdict "no such process". Texts are copied.
	 */
	bool (*at)(struct source *s, uint64_t us, const struct command *c);

	void (*close)(struct source *s);
};

#endif
