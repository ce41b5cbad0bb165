/* replay_binaries - ops on binaries: built by instructions and by built-ins, taken apart, appended to, shared. */
#include <string.h>

#include "runtime/memory/literal.h"
#include "runtime/process/bif.h"
#include "runtime/process/blob.h"
#include "tests/replay.h"

/* ---- By instructions ---------------------------------------------------------------------------------- */

static enum next make_binaries(struct process *p, struct run *r, bool keep)
{
	term list = take_list(p);
	uint64_t n = op_int(r, 0), bytes = op_int(r, 1);
	while (loop_turn(p, r, n)) {
		struct builder *b = process_reserve_binary(p, keep ? 2 : 0, bytes, (term *[]) { &list }, 1);
		term made = blob_build(p, b, NULL, bytes, 1);
		if (keep)
			list = build_cons(b, made, list);
	}
	return loop_pause(p, r, list);
}

static enum next bins_keep(struct process *p, struct run *r) { return make_binaries(p, r, true); }
static enum next bins_drop(struct process *p, struct run *r) { return make_binaries(p, r, false); }

/* ---- By a built-in: binary:copy(<<0>>, Bytes) --------------------------------------------------------------- */

/* The loop's frame: the list (keep only) and two more slots. What waits inside the built-in lies in x[KEPT_OTHER]. */
static enum next copy_binaries(struct process *p, struct run *r, unsigned slots)
{
	uint64_t n = op_int(r, 0), bytes = op_int(r, 1);
	while (r->phase == 2 || loop_turn(p, r, n)) {
		term made = TERM_NONE;
		if (r->phase == 2) {
			made = x_get(p, KEPT_OTHER);
		} else {
			term list = take_list(p);
			frame_grow(p, slots, (term *[]) { &list }, 1);
			slot_set(p, 0, list);
			r->phase = 2;
		}
		x_clear(p);
		if (!bif_binary_copy(p, 0, bytes, &made)) {
			x_set(p, KEPT_OTHER, made);
			return STEP_YIELD;
		}
		AFTER_BIF(p, 1, &made);
		if (slots == 3) {
			struct builder *b = RESERVE(p, 2, &made);
			slot_set(p, 0, build_cons(b, made, slot_get(p, 0)));
		}
		keep_list(p, slot_get(p, 0));
		frame_shrink(p, slots);
		r->phase = 1;
	}
	return r->left ? STEP_YIELD : op_done(r);
}

static enum next bins_keep_builtin(struct process *p, struct run *r) { return copy_binaries(p, r, 3); }
static enum next bins_drop_builtin(struct process *p, struct run *r) { return copy_binaries(p, r, 2); }

/* ---- One binary and what is taken out of it: the register holds the last result ------------------------------ */

static enum next keep_result(struct process *p, struct run *r, term t)
{
	keep_list(p, t);
	return op_done(r);
}

static enum next bin_new(struct process *p, struct run *r) { return keep_result(p, r, blob_new(p, NULL, op_int(r, 0), 1, NULL, 0)); }

static enum next match_prefix(struct process *p, struct run *r)
{
	term t = kept_list(p);
	return keep_result(p, r, blob_match(p, &t, 0, op_int(r, 0), NULL, 0));
}

static enum next bin_part(struct process *p, struct run *r)
{
	term part = blob_part(p, kept_list(p), op_int(r, 0), op_int(r, 1));
	x_set(p, KEPT_LIST, part);
	AFTER_BIF(p, 1);
	return op_done(r);
}

static enum next bin_copy(struct process *p, struct run *r)
{
	term copy = blob_copy(p, kept_list(p));
	x_set(p, KEPT_LIST, copy);
	AFTER_BIF(p, 1);
	return op_done(r);
}

static enum next release_others(struct process *p, struct run *r)
{
	x_set(p, KEPT_OTHER, TERM_NIL);
	return op_done(r);
}

/* The whole lies in KEPT_OTHER while the list of its pieces grows. */
static enum next match_all(struct process *p, struct run *r)
{
	uint64_t bytes = op_int(r, 0);
	if (r->phase == 0) {
		x_set(p, KEPT_OTHER, kept_list(p));
		keep_list(p, TERM_NIL);
	}
	term list = take_list(p), whole = x_get(p, KEPT_OTHER);
	size_t size = binary_bytes(whole);
	while (loop_turn(p, r, size / bytes)) {
		size_t offset = (size / bytes - r->left - 1) * bytes;
		term piece = blob_match(p, &whole, offset, bytes, (term *[]) { &list }, 1);
		struct builder *b = RESERVE(p, 2, &list, &piece, &whole);
		list = build_cons(b, piece, list);
	}
	return loop_pause(p, r, list);
}

/* The empty binary of the source text: a literal. */
static term empty_binary(struct process *p)
{
	const term box[] = { term_header(BOX_HEAP_BINARY, 1), { 0 } };
	return literal_make(p->world->literals, p->world, p->scheduler->lane, term_from_box(box));
}

/* What is appended is a binary of its own, in KEPT_OTHER. */
static enum next append_chain(struct process *p, struct run *r)
{
	uint64_t bytes = op_int(r, 0), n = op_int(r, 1);
	if (r->phase == 0) {
		x_set(p, KEPT_OTHER, blob_new(p, NULL, bytes, 1, NULL, 0));
		keep_list(p, empty_binary(p));
	}
	uint8_t small[BINARY_HEAP_LIMIT];
	term t = take_list(p), chunk = x_get(p, KEPT_OTHER);
	const uint8_t *data = binary_data(chunk);
	if (bytes <= sizeof small)      /* lies in the heap, which moves */
		data = memcpy(small, data, bytes);
	while (loop_turn(p, r, n))
		t = blob_append(p, &t, data, bytes, NULL, 0);
	return loop_pause(p, r, t);
}

/* ---- Held at once, shared -------------------------------------------------------------------------------------- */

static enum next bin_new_times(struct process *p, struct run *r)
{
	term list = take_list(p);
	uint64_t bytes = op_int(r, 0), n = op_int(r, 1);
	while (loop_turn(p, r, n)) {
		struct builder *b = process_reserve_binary(p, 2, bytes, (term *[]) { &list }, 1);
		list = build_cons(b, blob_build(p, b, NULL, bytes, 1), list);
	}
	enum next next = loop_pause(p, r, list);
	return next == STEP_NEXT ? (r->at--, op_stop(r, NULL)) : next;
}

static enum next bin_new_in_sender(struct process *p, struct run *r)
{
	keep_list(p, blob_new(p, NULL, op_int(r, 0), 1, NULL, 0));
	return op_stop(r, NULL);
}

static enum next play_receiver(struct process *p)
{
	term t;
	if (!process_receive(p, &t))
		return STEP_WAIT;
	x_set(p, KEPT_LIST, t);
	return STEP_WAIT;
}

/* The sender makes the receivers, which keep what comes, and sends to each. */
static enum next send_same(struct process *p, struct run *r)
{
	static const struct spawn_options options = SPAWN_DEFAULT;
	run_need_others(r, op_int(r, 0));
	r->frame_actor = (struct actor) { .step = { "replay:receiver/0", play_receiver }, .run = r };
	while (r->others < op_int(r, 0)) {
		term other = process_spawn(p, &r->frame_actor.step, 0, NULL, &options);
		process_send(p, other, kept_list(p));
		r->other[r->others++] = other;
		r->staying++;
	}
	return op_stop(r, NULL);
}

static const struct op binaries[] = {
	{ .name = "bins_keep", .inside = bins_keep }, { .name = "bins_drop", .inside = bins_drop },
	{ .name = "bins_keep_builtin", .inside = bins_keep_builtin }, { .name = "bins_drop_builtin", .inside = bins_drop_builtin },
	{ .name = "bin_new", .inside = bin_new }, { .name = "match_prefix", .inside = match_prefix }, { .name = "bin_part_builtin", .inside = bin_part },
	{ .name = "bin_copy", .inside = bin_copy }, { .name = "release_others", .inside = release_others },
	{ .name = "match_all_chunks_keep", .inside = match_all }, { .name = "append_chain", .inside = append_chain },
	{ .name = "bin_new_times", .inside = bin_new_times }, { .name = "bin_new_in_sender", .inside = bin_new_in_sender },
	{ .name = "send_same_to", .inside = send_same }, { .name = "each_receives_and_holds", .outside = run_look_at_others },
};
const struct op_table binary_ops = { binaries, ARRAY_COUNT(binaries) };
