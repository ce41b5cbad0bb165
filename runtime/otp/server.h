/*
 * server - gen_server: a loop that turns messages into calls of a module's functions.
 *
 *   static enum next handle_cast(struct process *p, term request, term state)
 *   {
 *       struct builder *b = RESERVE(p, 2, &request, &state);
 *       return server_noreply(p, build_cons(b, request, state));
 *   }
 *
 * Request and state are given as plain terms; as everywhere they die at a call that may collect unless their
 * addresses are given as live. A callback ends with one of the server_... returns below, and nothing after it.
 * Semantics: gen_server of OTP 25 (call with timeout and late replies, cast, info, continue, timeouts, hibernate and
 * hibernate_after, terminate, crash report through the logger, '$initial_call' and '$ancestors' in the dictionary).
 */
#ifndef RUNTIME_OTP_SERVER_H
#define RUNTIME_OTP_SERVER_H

#include "runtime/process/process.h"

struct server_module {
	const char *name;               /* "header_store": what initial_call shows as header_store:init/1 */
	enum next (*init)(struct process *p, term argument);                            /* required; server_started / server_stop */
	enum next (*handle_call)(struct process *p, term request, term from, term state);
	enum next (*handle_cast)(struct process *p, term request, term state);
	enum next (*handle_info)(struct process *p, term message, term state);         /* timeouts come as the atom timeout */
	enum next (*handle_continue)(struct process *p, term what, term state);
	void (*terminate)(struct process *p, term reason, term state);                  /* may build and send, not wait */
	uint64_t hibernate_after_us;    /* 0: never */
};

/* How a callback ends. */
enum next server_started(struct process *p, term state);                        /* init only: {ok, State} */
enum next server_noreply(struct process *p, term state);
enum next server_noreply_timeout(struct process *p, term state, uint64_t us);   /* info `timeout` when nothing comes meanwhile */
enum next server_reply(struct process *p, term reply, term state);              /* handle_call only */
enum next server_reply_hibernate(struct process *p, term reply, term state);
enum next server_hibernate(struct process *p, term state);
enum next server_continue(struct process *p, term what, term state);            /* handle_continue before the next message */
enum next server_stop(struct process *p, term reason, term state);
/* Ends the callback busy: as noreply, after us microseconds of work. */
enum next server_work(struct process *p, uint64_t us, term state);
/* Ends the callback with a call to another server: `then` goes on with its reply. Timeout: exits with {timeout, ...}. */
typedef enum next (*server_then_fn)(struct process *p, term reply, term state);
enum next server_call(struct process *p, term to, term request, uint64_t timeout_us, term state, server_then_fn then);

/* From anywhere. to: pid or registered name (atom). */
void server_cast(struct process *p, term to, term request);
/* A reply later, from handle_call's `from`. */
void server_reply_to(struct process *p, term from, term reply);
/* Call from a plain step or program: a frame that waits; x[0] has the reply afterwards. Exits as gen_server:call does. */
enum next server_call_frame(struct process *p, term to, term request, uint64_t timeout_us);
#define CALL_SERVER(p, to, request, us) do { PROGRAM_LABEL_(p); return server_call_frame((p), (to), (request), (us)); case __LINE__:; } while (0)

/* The bottom step of a server: spawn with x = {small of the module, argument}; servers are usually children (supervisor.h). */
extern const struct step server_step;
/* Starts one outside of a supervisor, linked when asked by options. */
term server_spawn(struct process *parent, const struct server_module *module, term argument, const struct spawn_options *options);
/* The module of a server process, or NULL; its state for the observer. Owner only. */
const struct server_module *server_module_of(const struct process *p);
term server_state_of(const struct process *p);

#endif
