/*
 * supervisor - starts children in order, restarts them by strategy, stops them in reverse.
 *
 * Specs are constant data. A supervisor is a process (a server) that publishes itself in a fixed-size, type-stable
 * record with a sequence number: strategy, intensity, restarts and their history are read without asking it.
 * Semantics: supervisor of OTP 25: restart types, intensity in period, shutdown time then kill, which order.
 */
#ifndef RUNTIME_OTP_SUPERVISOR_H
#define RUNTIME_OTP_SUPERVISOR_H

#include "runtime/otp/server.h"

enum strategy { ONE_FOR_ONE, ONE_FOR_ALL, REST_FOR_ONE, SIMPLE_ONE_FOR_ONE };
enum restart { PERMANENT, TRANSIENT, TEMPORARY };
#define SHUTDOWN_DEFAULT_US 5000000u
#define SHUTDOWN_BRUTAL UINT64_MAX
#define SHUTDOWN_INFINITY (UINT64_MAX - 1)

struct supervisor_spec;

struct child_spec {
	const char *id;                         /* with copies: id_1, id_2 ... */
	bool registered;                        /* under its id (plus the instance's @n) */
	const struct server_module *server;     /* one of these three */
	const struct step *step;                /* x[0] = argument */
	const struct supervisor_spec *supervisor;
	enum restart restart;
	uint64_t shutdown_us;                   /* 0: the default; SHUTDOWN_BRUTAL, SHUTDOWN_INFINITY */
	int copies_knob;                        /* index of the knob that says how many, + 1; 0: one */
	int64_t argument;                       /* a small; copies get their number from 1 instead */
	const struct spawn_options *options;    /* heap sizes, priority, queue; NULL: defaults */
	/* Options that depend on knobs, looked at at every start; NULL: none. */
	void (*adjust)(struct world *w, uint32_t application, struct spawn_options *options);
};

struct supervisor_spec {
	const char *name;                       /* its id and registered name; NULL: unnamed */
	enum strategy strategy;
	unsigned intensity, period_s;           /* 0, 0: OTP's default 1 in 5 s */
	const struct child_spec *children;      /* simple_one_for_one: one template */
	size_t child_count;
	int strategy_knob, intensity_knob, period_knob;         /* index + 1 of the knobs that say so instead; 0: none */
};

/* Asks the supervisor to start one more child, of this constant spec (or of its template: spec NULL), with a copy of the argument.
 * Answered by a message {child_started, Pid | {error, Reason}} when reply is set. */
void supervisor_start_child(struct process *p, term supervisor, const struct child_spec *spec, term argument, bool reply);
/* Stops a child by its shutdown rule; temporary and template children are forgotten. */
void supervisor_terminate_child(struct process *p, term supervisor, term child);
/*
 * count_children and which_children, without asking the supervisor: from its record and the process table. Any thread. As in
 * OTP workers and supervisors are counted whether they run or not; of the template's children only those that live are known.
 */
struct supervisor_counts { uint64_t specs, active, supervisors, workers, restarts; };
bool supervisor_count_children(struct world *w, term supervisor, struct supervisor_counts *out);
/*
 * pid 0: undefined, or restarting. id 0: a template's. Of those that do not run the first SUPERVISOR_ABSENT are told. Gives how
 * many; their order is nobody's promise.
 */
struct supervisor_child { uint32_t id; bool is_supervisor, restarting; uint64_t pid; };
size_t supervisor_which_children(struct world *w, term supervisor, struct supervisor_child *out, size_t room);

#define SUPERVISOR_ABSENT 8u
struct supervisor_restart { uint64_t time_us; uint32_t child_id; uint64_t child_pid; char reason[40]; };
struct supervisor_record {
	uint64_t pid;                           /* identity number, 0: free */
	uint32_t name, application, intensity, period_s;
	enum strategy strategy;
	uint64_t children, restarts;
	uint64_t workers, supervisors;          /* of the children, running or not */
	struct supervisor_child absent[SUPERVISOR_ABSENT];
	uint64_t absent_count;                  /* of those told */
	struct supervisor_restart history[8];   /* newest first */
	uint32_t history_count;
};
/* Copies the i-th record; false: beyond the last. A free one has pid 0. Any thread. */
bool supervisor_record_at(struct world *w, uint32_t i, struct supervisor_record *out);

#endif
