/*
 * otp - what the modules of this folder share, and how a world comes by them.
 *
 * A dying process passes through otp_on_exit: a server's terminate runs and a crash is reported, a supervisor's
 * record ends, tables go to their heirs. All of it on the process's own thread, with its frames still there.
 */
#ifndef RUNTIME_OTP_OTP_H
#define RUNTIME_OTP_OTP_H

#include "runtime/otp/application.h"
#include "runtime/otp/server.h"
#include "runtime/otp/supervisor.h"

/* Before the first process; after the last. */
void otp_start(struct world *w, struct mem_lane *lane);
void otp_stop(struct world *w, struct mem_lane *lane);

/* normal, shutdown, {shutdown, _}: ends that nobody has to know of. */
bool reason_is_quiet(term reason);

/* {ack, Self, ok} to the supervisor that waits for this start. Never collects. */
void otp_acknowledge(struct process *p, term to);
static inline term term_from_pointer(const void *pointer) { return term_from_small((intptr_t) pointer); }
static inline void *term_to_pointer(term t) { return (void *) term_to_small(t); }
static inline bool is_tagged(term t, size_t arity, term tag)
{
	return term_is_tuple(t) && tuple_arity(t) == arity && term_is(tuple_at(t, 0), tag);
}
/* The step at the bottom of the stack: what kind of process it is. */
const struct step *otp_bottom_step(const struct process *p);
/*
 * Slot i of the bottom frame of `slots`, whatever lies on top of it, also while the process hibernates; TERM_NONE: it has no
 * such frame yet. `dropped` slots in front may be missing when it hibernated by itself.
 */
term otp_bottom_slot(const struct process *p, unsigned slots, unsigned i, unsigned dropped);
/* Fills the dictionary as proc_lib does, and says what initial_call shows. May collect; ancestors is kept. */
void otp_remember_origin(struct process *p, const char *module, const char *function, term ancestors);
/* [Self | ancestors of Self]. May collect. */
term otp_ancestors(struct process *p);

/* server.c: fails as a callback fails; a dying server's terminate, true when it ended in a callback: then it is a crash. */
_Noreturn void server_fail(struct process *p, term reason);
bool server_terminate(struct process *p, term *reason, term *last_message);

/* supervisor.c */
extern const struct step supervisor_step;
struct supervisors;
struct supervisors *supervisors_new(struct mem_lane *lane);
void supervisors_free(struct supervisors *s, struct world *w, struct mem_lane *lane);
void supervisor_on_exit(struct process *p);
/* Spawns a supervisor as a child of p: linked, acknowledging. */
term supervisor_spawn(struct process *p, const struct supervisor_spec *spec, struct spawn_options *options);

/* application.c */
struct applications *applications_new(struct mem_lane *lane);
void applications_free(struct applications *a, struct mem_lane *lane);
_Atomic int64_t *application_account_of(struct process *p);
/* The atom under which `id` is registered in an instance: id, id@2 ..., or id@DEMO where another application has it. 0: the atom table is full. */
uint32_t application_name_for(struct world *w, struct mem_lane *lane, uint32_t application, const char *id);
/* An entry of an application's environment; `otherwise` without an application. */
int64_t application_knob(struct world *w, uint32_t application, unsigned knob, int64_t otherwise);
void application_count_restart(struct world *w, uint32_t application);

/* logger.c */
struct logger *logger_new(struct mem_lane *lane);
void logger_free(struct logger *l, struct mem_lane *lane);
/* {crash, Pid, InitialCall, Reason, State, LastMessage} to the world's own handler, if one runs; and into the recorder. May collect. */
void logger_report_crash(struct process *p, term reason, term state, term last_message);

#endif
