/* replay_mail - messages, hibernation, links, death: what others do to the subject, and how it takes its mail. */
#include <string.h>

#include "runtime/memory/copy.h"
#include "tests/replay.h"

static void note(struct run *r, const char *key, uint64_t n) { json_object_set_new(r->notes, key, json_integer((json_int_t) n)); }

/* ---- Sending ------------------------------------------------------------------------------------------- */

static enum next send_n_job(struct process *p, struct run *r)
{
	if (r->helper_phase == 0) {
		x_set(p, 0, replay_term(p, op_arg(r, 1)));
		r->helper_left = op_int(r, 0);
		r->helper_phase = 1;
		note(r, "message_words", term_flat_words(r->world->literals, x_get(p, 0)));
	}
	while (r->helper_left > 0) {
		r->helper_left--;
		process_send(p, r->subject, x_get(p, 0));
		if (process_charge(p, 0))
			return STEP_YIELD;
	}
	return helper_ends(p, r);
}

static void ask_plain(struct run *r, enum signal_kind kind)
{
	struct scheduler *s = scheduler_enter_outside(r->world);
	request_plain(s, r->subject, kind);
	scheduler_leave_outside(s);
}

/* The receiver does not run meanwhile. */
static void send_n(struct run *r)
{
	ask_plain(r, SIGNAL_SUSPEND);
	run_helper(r, send_n_job);
	ask_plain(r, SIGNAL_RESUME);
}

static enum next send_tuple_job(struct process *p, struct run *r)
{
	term t = replay_term(p, op_arg(r, 0));
	note(r, "sender_flat_words", term_flat_words(NULL, t));
	note(r, "sender_size_words", term_size_words(p->world, t));
	struct builder *b = RESERVE(p, 3, &t);
	process_send(p, r->subject, build_tuple2(b, ATOM(m), t));
	return helper_ends(p, r);
}

static void send_tuple(struct run *r) { run_helper(r, send_tuple_job); }

/* ---- Receiving ------------------------------------------------------------------------------------------ */

/* The loop's frame has a slot for its counter, and one for the list when it keeps one. */
static enum next receive(struct process *p, struct run *r, unsigned slots)
{
	term list = take_list(p), t;
	uint64_t n = op_int(r, 0);
	while (loop_turn(p, r, n)) {
		frame_grow(p, slots, (term *[]) { &list }, 1);
		process_rewind(p);
		struct message *m = process_peek(p);
		CHECK(m, "fewer messages than the row says");
		t = process_take(p, m);
		if (slots == 2) {
			term second = tuple_at(t, 1);
			struct builder *b = RESERVE(p, 2, &list, &second);
			list = build_cons(b, second, list);
		}
		frame_shrink(p, slots);
	}
	return loop_pause(p, r, list);
}

static enum next receive_drop(struct process *p, struct run *r) { return receive(p, r, 1); }
static enum next receive_keep(struct process *p, struct run *r) { return receive(p, r, 2); }

/* ---- Hibernation ------------------------------------------------------------------------------------------ */

/* Woken: the kept list lies in the frame of the receive, which ends. */
static enum next resume_awake(struct process *p, struct run *r)
{
	(void) r;
	unsigned n = p->frame_slots;
	if (n) {
		keep_list(p, slot_get(p, 0));
		frame_shrink(p, n);
	}
	return STEP_NEXT;
}

static enum next hibernate(struct process *p, struct run *r)
{
	bool empty = term_is_nil(kept_list(p));
	if (empty)
		x_clear(p);
	op_stop(r, resume_awake);
	return STEP_HIBERNATE;
}

/* ---- Links and monitors -------------------------------------------------------------------------------------- */

static enum next link_job(struct process *p, struct run *r)
{
	process_link(p, r->subject);
	return helper_stays(p, r);
}

static enum next monitor_job(struct process *p, struct run *r)
{
	process_monitor(p, r->subject);
	return helper_stays(p, r);
}

static void be_linked(struct run *r)
{
	for (uint64_t i = op_int(r, 0); i > 0; i--)
		run_helper(r, link_job);
}

static void be_monitored(struct run *r)
{
	for (uint64_t i = op_int(r, 0); i > 0; i--)
		run_helper(r, monitor_job);
}

/* ---- Death ------------------------------------------------------------------------------------------------------ */

static const char *reason_text(struct run *r, term down) { return atom_text(r->world->atoms, tuple_at(down, 4)); }

static enum next kill_job(struct process *p, struct run *r)
{
	term t;
	if (r->helper_phase++ == 0) {
		process_monitor(p, r->subject);
		process_exit_other(p, r->subject, ATOM(kill));
	}
	if (!process_receive(p, &t))
		return STEP_WAIT;
	json_object_set_new(r->notes, "reason", json_string(reason_text(r, t)));
	return helper_ends(p, r);
}

static void kill_subject(struct run *r)
{
	run_helper(r, kill_job);
	run_until_alive(r, r->staying);
}

static enum next spawn_idle_job(struct process *p, struct run *r)
{
	static const struct spawn_options options = SPAWN_DEFAULT;
	run_need_others(r, op_int(r, 0));
	while (r->others < op_int(r, 0)) {
		r->other[r->others++] = process_spawn(p, &r->idle_actor.step, 0, NULL, &options);
		if (process_charge(p, 0))
			return STEP_YIELD;
	}
	return helper_ends(p, r);
}

static void spawn_n_idle(struct run *r)
{
	run_helper(r, spawn_idle_job);
	run_look_at_others(r);
}

static void kill_others(struct run *r)
{
	struct scheduler *s = scheduler_enter_outside(r->world);
	for (uint64_t i = 0; i < r->others; i++)
		request_exit(s, r->other[i], ATOM(kill));
	scheduler_leave_outside(s);
	run_until_alive(r, r->staying);
}

/* ---- A parent and its children ------------------------------------------------------------------------------------ */

static enum next exit_as_told(struct process *p, struct run *r) { process_raise(p, process_atom(p, op_text(r, 0))); }

/* The subject is the parent. The children are linked, and idle. */
static enum next spawn_parent(struct process *p, struct run *r)
{
	static const struct spawn_options linked = { .heap = HEAP_OPTIONS_DEFAULT, .priority = PRIORITY_NORMAL, .link = true };
	run_need_others(r, op_int(r, 0));
	while (r->others < op_int(r, 0))
		r->other[r->others++] = process_spawn(p, &r->idle_actor.step, 0, NULL, &linked);
	return op_stop(r, exit_as_told);
}

static bool holds_text(const json_t *a, const char *text)
{
	for (size_t i = 0; i < json_array_size(a); i++)
		if (strcmp(json_string_value(json_array_get(a, i)), text) == 0)
			return true;
	return false;
}

static void note_down(struct run *r, term down)
{
	json_t *children = json_object_get(r->notes, "child_down_reasons");
	const char *reason = reason_text(r, down);
	if (term_is(tuple_at(down, 3), r->subject))
		json_object_set_new(r->notes, "parent_down_reason", json_string(reason));
	else if (!holds_text(children, reason))
		json_array_append_new(children, json_string(reason));
	r->downs += !term_is(tuple_at(down, 3), r->subject);
}

/* A third one monitors all, then the parent is told how to end. Who is alive afterwards sent no DOWN. */
static enum next third_job(struct process *p, struct run *r)
{
	term t;
	if (r->helper_phase++ == 0) {
		json_object_set_new(r->notes, "child_down_reasons", json_array());
		process_monitor(p, r->subject);
		for (uint64_t i = 0; i < r->others; i++)
			process_monitor(p, r->other[i]);
		if (strcmp(op_text(r, 0), "kill") == 0)
			process_exit_other(p, r->subject, ATOM(kill));
		else
			process_send(p, r->subject, ATOM(go));
	}
	while (process_receive(p, &t))
		note_down(r, t);
	bool quiet = strcmp(op_text(r, 0), "normal") == 0;
	if (!json_object_get(r->notes, "parent_down_reason") || (!quiet && r->downs < r->others))
		return STEP_WAIT;
	return helper_ends(p, r);
}

static void end_parent(struct run *r)
{
	run_helper(r, third_job);
	if (r->downs == 0)
		json_array_append_new(json_object_get(r->notes, "child_down_reasons"), json_string("alive"));
	kill_others(r);
}

static const char *unknown_message(const json_t *args) { return replay_unknown_term(json_array_get(args, 2)); }
static const char *unknown_term(const json_t *args) { return replay_unknown_term(json_array_get(args, 1)); }

static const struct op mail[] = {
	{ .name = "send_n", .outside = send_n, .unknown = unknown_message }, { .name = "send_tuple_m", .outside = send_tuple, .unknown = unknown_term }, { .name = "send_go", .outside = run_send_go },
	{ .name = "wake", .outside = run_send_go }, { .name = "receive_drop", .inside = receive_drop }, { .name = "receive_keep_second", .inside = receive_keep },
	{ .name = "hibernate", .inside = hibernate }, { .name = "be_linked_by", .outside = be_linked }, { .name = "be_monitored_by", .outside = be_monitored },
	{ .name = "kill", .outside = kill_subject }, { .name = "kill_owner", .outside = kill_subject },
	{ .name = "spawn_n_idle", .outside = spawn_n_idle }, { .name = "kill_all", .outside = kill_others },
	{ .name = "spawn_parent_with_linked_children", .inside = spawn_parent }, { .name = "parent_exits_with", .outside = end_parent },
};
const struct op_table mail_ops = { mail, ARRAY_COUNT(mail) };
