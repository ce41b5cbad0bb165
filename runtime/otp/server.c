/*
 * server - one bottom frame of ten slots, as many words as gen_server:loop keeps on the BEAM's stack:
 *
 *   serve ──▶ take a message ──▶ callback ──▶ server_... return ──▶ state into its slot ──▶ serve
 *                                    └ raises ─▶ exit hook ─▶ terminate, crash report
 *
 * While a callback runs, the old state and the message stay in their slots: they are what gen_server holds on its
 * stack meanwhile, and what terminate and a crash report get. A nested call is a frame of its own on top; its answer comes in x[0].
 */
#include "runtime/otp/server.h"

#include "runtime/otp/otp.h"
#include "runtime/process/life.h"
#include "runtime/process/program.h"

/* SPARE is dropped before hibernating: gen_server goes to sleep with nine values, and waits with ten words. */
enum { SPARE, STATE, MESSAGE, FROM, PARENT, MODULE, MODE, THEN, WHAT, ACK_TO, SLOTS };

enum mode {
	IN_CALLBACK = 1 << 0,           /* what raises now is the callback's failure */
	IN_INIT = 1 << 1,               /* nobody was told yet that it started */
	CONTINUES = 1 << 2,             /* WHAT is for handle_continue */
	CALLS = 1 << 3,                 /* THEN is for the answer in x[0] */
	TIMEOUT_ARMED = 1 << 4,         /* `timeout` goes to handle_info */
	TIMEOUT_NOW = 1 << 5,
	NAP_ARMED = 1 << 6,             /* hibernate_after runs */
};

static unsigned mode_of(struct process *p) { return (unsigned) term_to_small(slot_get(p, MODE)); }
static void mode_set(struct process *p, unsigned on, unsigned off) { slot_set(p, MODE, term_from_small((intptr_t) ((mode_of(p) & ~off) | on))); }
static const struct server_module *module_of(struct process *p) { return term_to_pointer(slot_get(p, MODULE)); }

/* ---- Beginning ------------------------------------------------------------------------------------------------ */

/* x: module, argument, parent or none, its ancestors, true: the parent waits to hear that init is done. */
static enum next begin(struct process *p)
{
	frame_grow(p, SLOTS, NULL, 0);
	bool waits = term_is(x_get(p, 4), ATOM(true));
	slot_set(p, MODULE, x_get(p, 0));
	slot_set(p, PARENT, term_is_pid(x_get(p, 2)) ? x_get(p, 2) : TERM_NIL);
	slot_set(p, ACK_TO, waits ? x_get(p, 2) : TERM_NIL);
	slot_set(p, MODE, term_from_small(IN_CALLBACK | IN_INIT));
	const struct server_module *module = module_of(p);
	otp_remember_origin(p, module->name, "init", x_get(p, 3));
	term argument = x_get(p, 1);
	x_clear(p);
	return module->init(p, argument);
}

/* ---- How callbacks end ---------------------------------------------------------------------------------------- */

static void acknowledge(struct process *p)
{
	mode_set(p, 0, IN_INIT);
	if (term_is_pid(slot_get(p, ACK_TO)))
		otp_acknowledge(p, slot_get(p, ACK_TO));
}

/* The callback is over; its result is built as on the BEAM, where it is garbage at once. */
static void finish(struct process *p, size_t result_words, term state)
{
	if (result_words) {
		struct builder *b = RESERVE(p, result_words, &state);
		term *tuple = build_words(b, result_words);
		tuple[0] = term_header(BOX_TUPLE, result_words - 1);
		for (size_t i = 1; i < result_words; i++)
			tuple[i] = state;
	}
	slot_set(p, STATE, state);
	slot_set(p, MESSAGE, TERM_NIL);
	mode_set(p, 0, IN_CALLBACK);
	x_clear(p);
	if (mode_of(p) & IN_INIT)
		acknowledge(p);
}

enum next server_noreply(struct process *p, term state)
{
	finish(p, 3, state);
	slot_set(p, FROM, TERM_NIL);
	return STEP_NEXT;
}

enum next server_started(struct process *p, term state) { return server_noreply(p, state); }

enum next server_noreply_timeout(struct process *p, term state, uint64_t us)
{
	finish(p, 4, state);
	slot_set(p, FROM, TERM_NIL);
	mode_set(p, us ? TIMEOUT_ARMED : TIMEOUT_NOW, 0);
	if (us)
		process_set_timeout(p, us);
	return STEP_NEXT;
}

static enum next sleep_deeply(struct process *p)
{
	frame_shrink(p, 1);
	return STEP_HIBERNATE;
}

enum next server_hibernate(struct process *p, term state)
{
	finish(p, 4, state);
	slot_set(p, FROM, TERM_NIL);
	return sleep_deeply(p);
}

static void reply_from_slot(struct process *p, term reply, term *state)
{
	struct builder *b = RESERVE(p, 3, &reply, state);
	term from = slot_get(p, FROM);
	process_send(p, tuple_at(from, 0), build_tuple2(b, tuple_at(from, 1), reply));
}

enum next server_reply(struct process *p, term reply, term state)
{
	reply_from_slot(p, reply, &state);
	finish(p, 4, state);
	slot_set(p, FROM, TERM_NIL);
	return STEP_NEXT;
}

enum next server_reply_hibernate(struct process *p, term reply, term state)
{
	reply_from_slot(p, reply, &state);
	return server_hibernate(p, state);
}

enum next server_continue(struct process *p, term what, term state)
{
	slot_set(p, WHAT, what);
	mode_set(p, CONTINUES, 0);
	return server_noreply(p, state);
}

enum next server_work(struct process *p, uint64_t us, term state)
{
	process_work_us(p, us);
	return server_noreply(p, state);
}

/* Still the callback's end, so that terminate runs. The result {stop, Reason, State} is what holds reason and state. */
enum next server_stop(struct process *p, term reason, term state)
{
	slot_set(p, STATE, state);
	process_raise(p, reason);
}

enum next server_call(struct process *p, term to, term request, uint64_t timeout_us, term state, server_then_fn then)
{
	finish(p, 0, state);
	slot_set(p, THEN, term_from_pointer((const void *) (uintptr_t) then));
	mode_set(p, CALLS, 0);
	return server_call_frame(p, to, request, timeout_us);
}

/* ---- The loop ------------------------------------------------------------------------------------------------- */

static enum next dispatch_call(struct process *p, const struct server_module *module, term m, term state)
{
	slot_set(p, FROM, tuple_at(m, 1));
	if (!module->handle_call)
		process_raise(p, ATOM(function_clause));
	return module->handle_call(p, tuple_at(m, 2), tuple_at(m, 1), state);
}

static enum next dispatch_cast(struct process *p, const struct server_module *module, term m, term state)
{
	if (!module->handle_cast)
		process_raise(p, ATOM(function_clause));
	return module->handle_cast(p, tuple_at(m, 1), state);
}

/* Without a handle_info a message is thrown away, as by gen_server's own. */
static enum next dispatch_info(struct process *p, const struct server_module *module, term m, term state)
{
	return module->handle_info ? module->handle_info(p, m, state) : server_noreply(p, state);
}

static void disarm(struct process *p)
{
	if (mode_of(p) & (TIMEOUT_ARMED | NAP_ARMED))
		process_set_timeout(p, UINT64_MAX);
	mode_set(p, 0, TIMEOUT_ARMED | TIMEOUT_NOW | NAP_ARMED);
}

static enum next dispatch(struct process *p, term m)
{
	const struct server_module *module = module_of(p);
	disarm(p);
	slot_set(p, MESSAGE, m);
	mode_set(p, IN_CALLBACK, 0);
	term state = slot_get(p, STATE);
	if (is_tagged(m, 3, ATOM(gen_call)))
		return dispatch_call(p, module, m, state);
	if (is_tagged(m, 2, ATOM(gen_cast)))
		return dispatch_cast(p, module, m, state);
	if (is_tagged(m, 3, ATOM(EXIT)) && term_is(tuple_at(m, 1), slot_get(p, PARENT)))
		process_raise(p, tuple_at(m, 2));
	return dispatch_info(p, module, m, state);
}

static enum next go_on(struct process *p)
{
	term what = slot_get(p, WHAT);
	mode_set(p, IN_CALLBACK, CONTINUES);
	slot_set(p, WHAT, TERM_NIL);
	if (!module_of(p)->handle_continue)
		process_raise(p, ATOM(function_clause));
	return module_of(p)->handle_continue(p, what, slot_get(p, STATE));
}

static enum next answered(struct process *p)
{
	server_then_fn then = (server_then_fn) (uintptr_t) term_to_pointer(slot_get(p, THEN));
	mode_set(p, IN_CALLBACK, CALLS);
	return then(p, x_get(p, 0), slot_get(p, STATE));
}

static enum next wait_for_message(struct process *p)
{
	uint64_t nap = module_of(p)->hibernate_after_us;
	if (mode_of(p) & TIMEOUT_NOW)
		return dispatch(p, ATOM(timeout));
	if (process_timed_out(p) && mode_of(p) & TIMEOUT_ARMED)
		return dispatch(p, ATOM(timeout));
	if (process_timed_out(p) && mode_of(p) & NAP_ARMED) {
		disarm(p);
		return sleep_deeply(p);
	}
	if (nap && !(mode_of(p) & (TIMEOUT_ARMED | NAP_ARMED))) {
		mode_set(p, NAP_ARMED, 0);
		process_set_timeout(p, nap);
	}
	return STEP_WAIT;
}

static enum next serve(struct process *p)
{
	term m;
	if (UNLIKELY(p->frame_slots < SLOTS)) {
		if (p->frame_slots == 0)
			return begin(p);
		frame_grow(p, 1, NULL, 0);      /* slept, or wanted to */
	}
	if (UNLIKELY(mode_of(p) & (CONTINUES | CALLS)))
		return mode_of(p) & CONTINUES ? go_on(p) : answered(p);
	return process_receive(p, &m) ? dispatch(p, m) : wait_for_message(p);
}

const struct step server_step = { "gen_server:loop/7", serve };

/* ---- Calling -------------------------------------------------------------------------------------------------- */

/* The frame of a call: what its exit reason would name, its reference, and what latency is measured with. */
enum { TO, REQUEST, TIMEOUT, REFERENCE, BEGAN, COLLECTIONS, CALL_SLOTS };

/* [alias | Ref], with OTP's reference of four words. */
#define TAG_WORDS (2 + 4)
static term build_tag(struct builder *b, uint64_t number)
{
	term *box = build_words(b, 4);
	box[0] = term_header(BOX_REFERENCE, 3);
	box[1].word = number;
	box[2].word = box[3].word = 0;
	return build_cons(b, ATOM(alias), term_from_box(box));
}

static bool is_reply(term t, uint64_t number)
{
	return term_is_tuple(t) && tuple_arity(t) == 2 && term_is_cons(tuple_at(t, 0)) && term_is_reference(list_tail(tuple_at(t, 0)))
		&& reference_number(list_tail(tuple_at(t, 0))) == number;
}

static bool is_down(term t, uint64_t number)
{
	return is_tagged(t, 5, ATOM(DOWN)) && term_is_reference(tuple_at(t, 1)) && reference_number(tuple_at(t, 1)) == number;
}

/* {Reason, {gen_server, call, [To, Request, Timeout]}} */
static _Noreturn void call_failed(struct process *p, term why, term to, term request, uint64_t timeout_us)
{
	term timeout = timeout_us == UINT64_MAX ? ATOM(infinity) : term_from_small((intptr_t) (timeout_us / 1000));
	struct builder *b = RESERVE(p, 6 + 4 + 3, &why, &to, &request);
	term arguments = build_cons(b, to, build_cons(b, request, build_cons(b, timeout, TERM_NIL)));
	server_fail(p, build_tuple2(b, why, build_tuple3(b, ATOM(gen_server), ATOM(call), arguments)));
}

static _Noreturn void call_failed_in_frame(struct process *p, term why)
{
	term timeout = slot_get(p, TIMEOUT);
	call_failed(p, why, slot_get(p, TO), slot_get(p, REQUEST), term_is_small(timeout) ? (uint64_t) term_to_small(timeout) : UINT64_MAX);
}

static uint64_t collections_of(struct process *p, term pid)
{
	const struct slot_memory *m = slot_memory_at(p->world->slots, term_pid_index(pid));
	return (uint64_t) atomic_load_explicit(&m->minor_total, memory_order_relaxed)
		+ atomic_load_explicit(&m->major_total, memory_order_relaxed);
}

static term call_target(struct process *p, term to, term request, uint64_t timeout_us)
{
	term pid = term_is_atom(to) ? world_whereis(p->world, to) : to;
	if (!term_is_pid(pid))
		call_failed(p, ATOM(noproc), to, request, timeout_us);
	if (pid.word == p->pid)
		call_failed(p, ATOM(calling_self), to, request, timeout_us);
	return pid;
}

static enum next await_reply(struct process *p);
static const struct step call_step = { "gen_server:call/3", await_reply };

enum next server_call_frame(struct process *p, term to, term request, uint64_t timeout_us)
{
	term pid = call_target(p, to, request, timeout_us);
	term timeout = timeout_us == UINT64_MAX ? ATOM(infinity) : term_from_small((intptr_t) timeout_us);
	term values[CALL_SLOTS] = { to, request, timeout, TERM_NIL, term_from_small((intptr_t) process_now_us(p)),
		term_from_small((intptr_t) collections_of(p, pid)) };
	frame_call_with(p, &call_step, CALL_SLOTS, values);
	program_skip_queued(p);
	uint64_t number = process_monitor(p, pid);
	slot_set(p, REFERENCE, term_from_small((intptr_t) number));
	if (timeout_us != UINT64_MAX)
		process_set_timeout(p, timeout_us);
	struct builder *b = RESERVE(p, 4 + 3 + TAG_WORDS);
	term from = build_tuple2(b, process_self(p), build_tag(b, number));
	process_send(p, pid, build_tuple3(b, ATOM(gen_call), from, slot_get(p, REQUEST)));
	return STEP_NEXT;
}

static void note_latency(struct process *p)
{
	term to = slot_get(p, TO), pid = term_is_atom(to) ? world_whereis(p->world, to) : to;
	uint64_t us = process_now_us(p) - (uint64_t) term_to_small(slot_get(p, BEGAN));
	bool over_gc = term_is_pid(pid) && collections_of(p, pid) != (uint64_t) term_to_small(slot_get(p, COLLECTIONS));
	scheduler_note_call(p->scheduler, us, over_gc);
}

static enum next await_reply(struct process *p)
{
	uint64_t number = (uint64_t) term_to_small(slot_get(p, REFERENCE));
	for (struct message *m; (m = process_peek(p)); process_skip(p, m)) {
		bool reply = is_reply(m->value, number);
		if (!reply && !is_down(m->value, number))
			continue;
		term t = process_take(p, m);
		process_set_timeout(p, UINT64_MAX);
		if (!reply)
			call_failed_in_frame(p, tuple_at(t, 4));
		process_demonitor(p, number, true);
		note_latency(p);
		return frame_return(p, tuple_at(t, 1));
	}
	if (process_timed_out(p)) {
		process_demonitor(p, number, true);
		call_failed_in_frame(p, ATOM(timeout));
	}
	return STEP_WAIT;
}

void server_cast(struct process *p, term to, term request)
{
	struct builder *b = RESERVE(p, 3, &request);
	term message = build_tuple2(b, ATOM(gen_cast), request);
	if (term_is_atom(to))
		process_send_name_quiet(p, to, message);
	else
		process_send(p, to, message);
}

void server_reply_to(struct process *p, term from, term reply)
{
	struct builder *b = RESERVE(p, 3, &from, &reply);
	process_send(p, tuple_at(from, 0), build_tuple2(b, tuple_at(from, 1), reply));
}

/* ---- From outside of the loop --------------------------------------------------------------------------------- */

term server_spawn(struct process *parent, const struct server_module *module, term argument, const struct spawn_options *options)
{
	struct spawn_options defaults = SPAWN_DEFAULT;
	term above = process_get(parent, ATOM(ancestors));
	struct builder *b = RESERVE(parent, 2, &above, &argument);
	term ancestors = build_cons(b, process_self(parent), term_is_atom(above) ? TERM_NIL : above);
	term args[] = { term_from_pointer(module), argument, process_self(parent), ancestors };
	return process_spawn(parent, &server_step, ARRAY_COUNT(args), args, options ? options : &defaults);
}

static term bottom_slot(const struct process *p, unsigned i)
{
	term t = otp_bottom_step(p) == &server_step ? otp_bottom_slot(p, SLOTS, i, 1) : TERM_NONE;
	return term_is_none(t) ? TERM_NIL : t;
}

const struct server_module *server_module_of(const struct process *p)
{
	term module = bottom_slot(p, MODULE);
	return term_is_small(module) ? term_to_pointer(module) : NULL;
}

term server_state_of(const struct process *p) { return bottom_slot(p, STATE); }

static void mark(struct process *p, unsigned on, unsigned off)
{
	term *mode = &p->heap.end[-1 - SLOTS + MODE];
	*mode = term_from_small((term_to_small(*mode) & ~(intptr_t) off) | (intptr_t) on);
}

_Noreturn void server_fail(struct process *p, term reason)
{
	if (server_module_of(p))
		mark(p, IN_CALLBACK, 0);
	process_raise(p, reason);
}

bool server_terminate(struct process *p, term *reason, term *last_message)
{
	const struct server_module *module = server_module_of(p);
	term mode = bottom_slot(p, MODE);
	if (!module || !(term_to_small(mode) & IN_CALLBACK))
		return false;
	*last_message = bottom_slot(p, MESSAGE);
	mark(p, 0, IN_CALLBACK);
	if (module->terminate && !(term_to_small(mode) & IN_INIT) && !term_is(*reason, ATOM(killed)))
		module->terminate(p, *reason, bottom_slot(p, STATE));
	return true;
}
