/* replay_ops - life of the subject, lists and garbage, frames. Tables of ops; see replay.h. */
#include <string.h>

#include "runtime/memory/copy.h"
#include "tests/replay.h"

static const struct op_table *const tables[] = { &life_ops, &list_ops, &frame_ops, &binary_ops, &mail_ops, &table_ops, &reduction_ops };

const struct op *op_find(const char *name)
{
	for (size_t t = 0; name && t < ARRAY_COUNT(tables); t++)
		for (size_t i = 0; i < tables[t]->count; i++)
			if (strcmp(tables[t]->ops[i].name, name) == 0)
				return &tables[t]->ops[i];
	return NULL;
}

/* ---- Birth, waiting, looks ------------------------------------------------------------------------------- */

struct spawn_options options_from(const json_t *o)
{
	struct spawn_options s = SPAWN_DEFAULT;
	const json_t *v;
	if ((v = json_object_get(o, "min_heap_size")))
		s.heap.min_heap_words = (uint32_t) json_integer_value(v);
	if ((v = json_object_get(o, "min_bin_vheap_size")))
		s.heap.min_vheap_words = (uint64_t) json_integer_value(v);
	if ((v = json_object_get(o, "fullsweep_after")))
		s.heap.fullsweep_after = (uint32_t) json_integer_value(v);
	if ((v = json_object_get(o, "max_heap_size")))
		s.heap.max_heap_words = (uint64_t) json_integer_value(v);
	if (json_is_false(json_object_get(o, "kill")))
		s.heap.max_heap_flags &= (uint8_t) ~MAX_HEAP_KILL;
	const char *queue = json_string_value(json_object_get(o, "message_queue_data"));
	s.off_heap_queue = queue && strcmp(queue, "off_heap") == 0;
	return s;
}

static void spawn(struct run *r) { subject_spawn(r, op_arg(r, 0), NULL); }
static void spawn_with_args(struct run *r) { subject_spawn(r, op_arg(r, 0), op_arg(r, 1)); }

static enum next block(struct process *p, struct run *r)
{
	(void) p;
	return op_stop(r, NULL);
}

/* The list moves from its register to the slot of a one-word frame; a send may collect. */
static void enter_frame(struct process *p)
{
	term list = take_list(p);
	frame_grow(p, 1, (term *[]) { &list }, 1);
	slot_set(p, 0, list);
	x_clear(p);
	AFTER_SEND(p, 1);
}

static enum next leave_frame(struct process *p, struct run *r)
{
	(void) r;
	keep_list(p, slot_get(p, 0));
	frame_shrink(p, 1);
	return STEP_NEXT;
}

static enum next hold(struct process *p, struct run *r)
{
	enter_frame(p);
	return op_stop(r, leave_frame);
}

static enum next pause_in_frame(struct process *p, struct run *r)
{
	if (op_int(r, 0) == 0)
		return op_stop(r, NULL);
	enter_frame(p);
	return op_stop(r, leave_frame);
}

static enum next release(struct process *p, struct run *r)
{
	x_clear(p);
	return op_done(r);
}

static enum next collect_self(struct process *p, struct run *r)
{
	frame_grow(p, 1, NULL, 0);
	process_collect(p, true, 2, NULL, 0);
	frame_shrink(p, 1);
	return op_done(r);
}

static void collect_other(struct run *r)
{
	struct scheduler *s = scheduler_enter_outside(r->world);
	request_gc(s, r->subject, true, NULL);
	scheduler_leave_outside(s);
}

static void look_on(struct run *r) { (void) r; }

static enum next put_ints(struct process *p, struct run *r)
{
	uint64_t n = op_int(r, 0);
	while (loop_turn(p, r, n)) {
		term i = term_from_small((intptr_t) r->left + 1);
		frame_grow(p, 1, NULL, 0);
		process_put(p, i, i);
		frame_shrink(p, 1);
	}
	return r->left ? STEP_YIELD : op_done(r);
}

static enum next size_table(struct process *p, struct run *r)
{
	json_t *sizes = json_array();
	for (uint64_t i = op_int(r, 0); i <= op_int(r, 1); i++)
		json_array_append_new(sizes, json_integer((json_int_t) heap_size_at((unsigned) i)));
	json_object_set_new(r->notes, "sizes", sizes);
	(void) p;
	return op_stop(r, NULL);
}

static void note(struct run *r, const char *key, uint64_t n) { json_object_set_new(r->notes, key, json_integer((json_int_t) n)); }

/* ["term", spec...]: the size of that term. */
static enum next size_term(struct process *p, struct run *r)
{
	json_t *spec = json_deep_copy(r->args);
	json_array_remove(spec, 0);
	term t = replay_term(p, spec);
	json_decref(spec);
	note(r, "size", term_size_words(p->world, t));
	note(r, "flat_size", term_flat_words(NULL, t));
	if (term_is_binary(t))
		note(r, "referenced_byte_size", binary_referenced_bytes(t));
	return op_stop(r, NULL);
}

static const char *unknown_term(const json_t *args) { return replay_unknown_term(json_array_get(args, 1)); }

static const char *unknown_arguments(const json_t *args)
{
	const json_t *terms = json_array_get(args, 2);
	return json_array_size(terms) ? replay_unknown_term(json_array_get(terms, 0)) : NULL;
}

static const struct op life[] = {
	{ .name = "spawn", .outside = spawn }, { .name = "spawn_with_args", .outside = spawn_with_args, .unknown = unknown_arguments },
	{ .name = "block", .inside = block }, { .name = "hold", .inside = hold }, { .name = "pause", .inside = pause_in_frame },
	{ .name = "release", .inside = release }, { .name = "ignored", .outside = look_on },
	{ .name = "gc_self", .inside = collect_self }, { .name = "gc_by_other", .outside = collect_other },
	{ .name = "observe", .outside = look_on }, { .name = "dict_put_ints", .inside = put_ints },
	{ .name = "heap_size_table", .inside = size_table }, { .name = "term", .inside = size_term, .unknown = unknown_term },
};
const struct op_table life_ops = { life, ARRAY_COUNT(life) };

/* ---- Lists and garbage ------------------------------------------------------------------------------------- */

bool loop_turn(struct process *p, struct run *r, uint64_t n)
{
	if (r->phase == 0) {
		r->left = n;
		r->phase = 1;
	}
	if (r->left == 0)
		return false;
	/* The call for the next turn is where a used-up slice ends; resumed behind it, it is not charged again. */
	if (!r->called) {
		r->called = true;
		if (process_charge(p, 1) || p->flags & PROCESS_WAITING_GC)
			return false;
	}
	r->called = false;
	r->left--;
	return true;
}

enum next loop_pause(struct process *p, struct run *r, term list)
{
	keep_list(p, list);
	return r->left == 0 ? op_done(r) : STEP_YIELD;
}

static enum next cons_keep(struct process *p, struct run *r)
{
	term list = take_list(p);
	uint64_t n = op_int(r, 0);
	while (loop_turn(p, r, n)) {
		struct builder *b = RESERVE(p, 2, &list);
		list = build_cons(b, term_from_small(1), list);
	}
	return loop_pause(p, r, list);
}

static enum next cons_drop(struct process *p, struct run *r)
{
	term list = take_list(p);
	uint64_t n = op_int(r, 0);
	while (loop_turn(p, r, n))
		build_cons(RESERVE(p, 2, &list), term_from_small(1), TERM_NIL);
	return loop_pause(p, r, list);
}

static void build_dead_tuple(struct builder *b, uint64_t k)
{
	term *box = build_words(b, 1 + k);
	box[0] = term_header(BOX_TUPLE, k);
	for (uint64_t i = 1; i <= k; i++)
		box[i] = term_from_small(1);
}

static enum next tuple_drop(struct process *p, struct run *r)
{
	term list = take_list(p);
	uint64_t n = op_int(r, 0), k = op_int(r, 1);
	while (loop_turn(p, r, n))
		build_dead_tuple(RESERVE(p, 1 + k, &list), k);
	return loop_pause(p, r, list);
}

static enum next mixed(struct process *p, struct run *r)
{
	term list = take_list(p);
	uint64_t n = op_int(r, 0);
	while (loop_turn(p, r, n)) {
		struct builder *b = RESERVE(p, 2 + 4, &list);
		list = build_cons(b, term_from_small(1), list);
		build_dead_tuple(b, 3);
	}
	return loop_pause(p, r, list);
}

static enum next cyclic(struct process *p, struct run *r)
{
	term list = take_list(p);
	uint64_t k = op_int(r, 0), n = op_int(r, 1);
	while (loop_turn(p, r, n)) {
		uint64_t made = n - r->left - 1;
		if (made % k == 0)
			list = TERM_NIL;
		struct builder *b = RESERVE(p, 2, &list);
		list = build_cons(b, term_from_small(1), list);
	}
	return loop_pause(p, r, list);
}

static const struct op lists[] = {
	{ .name = "cons_keep", .inside = cons_keep }, { .name = "cons_drop", .inside = cons_drop }, { .name = "tuple_drop", .inside = tuple_drop },
	{ .name = "mixed_keep_cons_drop_tuple3", .inside = mixed }, { .name = "cyclic_cons_keep", .inside = cyclic },
};
const struct op_table list_ops = { lists, ARRAY_COUNT(lists) };

/* ---- Frames ------------------------------------------------------------------------------------------------- */

/* One call more until left is 0, then everything returns. */
static enum next play_frame(struct process *p)
{
	struct run *r = run_of(p);
	if (r->left == 0)
		return frame_return(p, kept_list(p));
	r->left--;
	frame_call(p, &r->frame_actor.step);
	return STEP_NEXT;
}

static void set_frame(struct run *r, const char *name, enum next (*play)(struct process *p))
{
	r->frame_actor = (struct actor) { .step = { name, play }, .run = r };
}

static enum next recurse(struct process *p, struct run *r)
{
	if (r->phase++)
		return op_done(r);
	r->left = op_int(r, 0);
	set_frame(r, "replay:recurse/1", play_frame);
	frame_call(p, &r->frame_actor.step);
	return STEP_NEXT;
}

/* As many frames, and the last one checks once more and waits. */
static enum next play_to_bottom(struct process *p)
{
	struct run *r = run_of(p);
	if (r->asleep)
		return STEP_WAIT;
	if (r->left > 0) {
		r->left--;
		frame_call(p, &r->frame_actor.step);
		return STEP_NEXT;
	}
	RESERVE(p, 0);
	return op_stop(r, NULL);
}

static enum next recurse_and_block(struct process *p, struct run *r)
{
	r->left = op_int(r, 0);
	set_frame(r, "replay:recurse_and_block/1", play_to_bottom);
	if (r->left == 0)
		return op_stop(r, NULL);
	r->left--;
	frame_call(p, &r->frame_actor.step);
	return STEP_NEXT;
}

/* A slot, a call; on the way back a cell, and the slot goes. The list travels in the register. */
static enum next play_body(struct process *p)
{
	struct run *r = run_of(p);
	if (r->phase == 1 && r->left > 0) {
		r->left--;
		frame_grow(p, 1, NULL, 0);
		frame_call(p, &r->frame_actor.step);
		return STEP_NEXT;
	}
	if (r->phase == 1) {
		r->phase = 2;
		return frame_return(p, kept_list(p));
	}
	struct builder *b = RESERVE(p, 2);
	keep_list(p, build_cons(b, term_from_small(1), kept_list(p)));
	frame_shrink(p, 1);
	return frame_return(p, kept_list(p));
}

static enum next recurse_then_cons(struct process *p, struct run *r)
{
	if (r->phase++)
		return op_done(r);
	r->left = op_int(r, 0);
	set_frame(r, "replay:body/1", play_body);
	frame_call(p, &r->frame_actor.step);
	return STEP_NEXT;
}

static const struct op frames[] = {
	{ .name = "recurse_frames", .inside = recurse }, { .name = "recurse_frames_and_block_at_bottom", .inside = recurse_and_block },
	{ .name = "recurse_frames_then_cons", .inside = recurse_then_cons },
};
const struct op_table frame_ops = { frames, ARRAY_COUNT(frames) };
