/*
 * replay - programs that a real BEAM ran, run again through the runtime's ordinary steps, and what it reports compared.
 *
 *   rows.jsonl ──▶ row ──▶ run: a world, a subject, helpers ──▶ readings, events ──▶ compare ──▶ match / differ / skipped
 *
 * A program is a list of ops. The subject (the process under test) plays the inside ops in its own steps, one after
 * the other; what others do to it (sends, forced collections, kills, looks from outside) are outside ops, played by the
 * driver: the thread that is no process, with helper processes of its own.
 *
 * The subject hands control over at ops that stop it and goes on when the driver sends it the atom `go`, which
 * costs its heap nothing. Whenever the driver has control it takes a reading. Nothing here computes a heap figure: readings
 * come from process_info, table_info, world_memory; events from the flight recorder.
 */
#ifndef TESTS_REPLAY_H
#define TESTS_REPLAY_H

#include <jansson.h>
#include <pthread.h>

#include "runtime/process/life.h"
#include "runtime/process/process.h"
#include "runtime/runtime.h"

struct run;

/* A frame descriptor that knows its run: so a step finds its way without a global. */
struct actor {
	struct step step;
	struct run *run;
};

typedef enum next (*inside_fn)(struct process *p, struct run *r);
typedef void (*outside_fn)(struct run *r);

struct op {
	const char *name;
	inside_fn inside;               /* a piece of the subject's work: gives op_done(), op_stop(), or what a step returns to be called again */
	outside_fn outside;
	const char *(*unknown)(const json_t *args);     /* what in these arguments (the op's name first) is unknown; NULL: nothing, or no check */
};

/* The ops of one kind each; op_find looks through all. NULL: unknown. */
struct op_table { const struct op *ops; size_t count; };
extern const struct op_table life_ops, list_ops, frame_ops, binary_ops, mail_ops, table_ops, reduction_ops;
const struct op *op_find(const char *name);

#define OPS_MOST 32u

struct run {
	/* The row. */
	const json_t *row, *program;
	const struct op *op[OPS_MOST];
	size_t count;
	/* The world it runs in. */
	struct world *world;
	struct actor subject_actor, frame_actor, helper_actor, watcher_actor, idle_actor, sink_actor;
	term subject;                   /* pid, TERM_NONE before spawn */
	uint64_t subject_number;
	/* Control: whoever has it owns `at` and the subject's state below. Under lock. */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool subject_stopped, helper_done, down;
	size_t at;                      /* the op that is due */
	const json_t *args;             /* of the op that is played */
	/* The subject's state between two calls of an inside op: plain numbers; its terms lie in its registers and slots. */
	bool asleep;                    /* stopped: waits for go */
	inside_fn resume;               /* what to undo when it goes on, or NULL */
	uint64_t left, phase;
	bool called;                    /* the call for the next turn of a loop is charged */
	uint64_t loops, spent, spent_empty;     /* of repeat_op: which loop, reductions when it began, what the empty one was charged */
	/* Helpers: the job of the next one; how many stay alive. */
	enum next (*job)(struct process *p, struct run *r);
	uint64_t helper_phase, helper_left, staying;
	const json_t *spawn_options, *spawn_arguments;
	bool watched;                   /* the subject is monitored */
	/* Crowds: idle ones, children, receivers. */
	term *other;
	uint64_t others, downs;
	/* What was seen. */
	json_t *readings;               /* array of objects, in order; "op" says after which */
	json_t *other_readings;         /* of each of the crowd */
	json_t *events;                 /* array of [kind, before, after] */
	json_t *notes;                  /* figures that ops measured themselves, by the row's own name */
	uint64_t cursor[8];
	uint64_t event_count[3];        /* minor, major, minor_to_major */
};

/* The subject's registers. */
enum kept { KEPT_LIST, KEPT_OTHER };

/* ---- For ops ------------------------------------------------------------------------------------- */

/* Arguments of the op that is due: integers, text, anything. Missing ones are 0, "", NULL. */
const json_t *op_arg(const struct run *r, size_t i);
uint64_t op_int(const struct run *r, size_t i);
const char *op_text(const struct run *r, size_t i);

static inline struct run *run_of(const struct process *p) { return ((const struct actor *) process_step(p))->run; }

/* The op is done; the subject goes on with the next. */
enum next op_done(struct run *r);
/* The op is done and the driver's turn has come; resume (or NULL) runs when the subject goes on. */
enum next op_stop(struct run *r, inside_fn resume);

/* Runs a helper process to the end of its job; job returns STEP_NEXT to be called again, STEP_WAIT to stay alive for good. */
void run_helper(struct run *r, enum next (*job)(struct process *p, struct run *r));
/* Inside a helper's job: it is done, and ends. */
enum next helper_ends(struct process *p, struct run *r);
/* The same, but stays and waits. */
enum next helper_stays(struct process *p, struct run *r);

/* The subject begins: by a helper, with options and argument list as the row has them (NULL: none). */
void subject_spawn(struct run *r, const json_t *options, const json_t *arguments);
/* The driver gives control to the subject. */
void run_send_go(struct run *r);

/* Spawn options of an op's argument. */
struct spawn_options options_from(const json_t *o);

/* Room for so many pids of a crowd. */
void run_need_others(struct run *r, uint64_t count);
/* Each of the crowd is asked for its figures. */
void run_look_at_others(struct run *r);

/* Waits until this many processes are alive (or the world has come to rest). */
void run_until_alive(struct run *r, uint64_t count);
uint64_t run_alive(const struct run *r);

/* The subject's kept list, wherever it is: register KEPT_LIST. */
static inline term kept_list(const struct process *p) { return x_get(p, KEPT_LIST); }
static inline void keep_list(struct process *p, term list) { x_set(p, KEPT_LIST, list); }
/* Into a C local: the register no longer keeps it alive. */
static inline term take_list(struct process *p)
{
	term list = kept_list(p);
	if (!term_is_nil(list))
		keep_list(p, TERM_NIL);
	return list;
}

/*
 * Loops: turn() says whether there is another turn, and false when the slice is used up or a long collection
 * waits; then loop_pause keeps the list and gives what the step returns.
 */
bool loop_turn(struct process *p, struct run *r, uint64_t n);
enum next loop_pause(struct process *p, struct run *r, term list);

/* ---- Doors ----------------------------------------------------------------------------------------- */

struct replay_options {
	bool verbose, events;           /* print the first differences; each row's events */
	unsigned schedulers;            /* 0: one thread, virtual time */
	bool other_policy;              /* a world that changes blocks by design: only what does not depend on them */
};

enum verdict { ROW_MATCHES, ROW_DIFFERS, ROW_SKIPPED };

/* Plays the row; what was measured stays in r until run_release. False: an op is unknown, *why names it. */
bool run_row(struct run *r, const json_t *row, const struct replay_options *o, const char **why);
void run_release(struct run *r);

/* Compares what the row says with what was seen; prints the first difference when verbose. */
enum verdict compare_row(struct run *r, const struct replay_options *o);

/* A term made as its spec says, e.g. ["list_of_ints", 100], or "list10". May collect. */
term replay_term(struct process *p, const json_t *spec);
/* Its name when no term is made for it, else NULL. */
const char *replay_unknown_term(const json_t *spec);
/* "tuple_list10", "length_10" -> "tuple_list", 10; false: what follows the number is not nothing, or no room. */
bool replay_split(const char *text, char *shape, size_t room, uint64_t *number);
bool replay_knows_shape(const char *name);
term replay_shape(struct process *p, const char *name, uint64_t n);

#endif
