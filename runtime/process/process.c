/* process - what a step may do to its own process: reserve, frames, mail. Life and signals are life.c. */
#include "runtime/process/process.h"

#include <string.h>

#include "runtime/memory/copy.h"
#include "runtime/memory/gc_verify.h"
#include "runtime/process/dictionary.h"
#include "runtime/process/life.h"
#include "runtime/process/mailbox.h"

/* ---- Attention: worlds that want to see every reserve keep the limit low -------------------------------- */

static bool wants_attention(const struct process *p)
{
	const struct switches *s = &p->world->switches;
	return s->gc_stress || s->move || s->force_frags;
}

/*
 * Worlds that collect or move at every reserve do so on small heaps; on a larger one each time it grew by a 64th, so that
 * a test with millions of words still ends.
 */
#define STRESS_SHARE 64

static bool stress_is_due(struct process *p, size_t words)
{
	struct heap_body *body = p->heap.b.body;
	size_t held = (size_t) (p->heap.b.top - p->heap.start) + (size_t) (body->old_top - body->old_start) + body->attached_words;
	body->unstressed_words += words + 1;
	if (body->unstressed_words < held / STRESS_SHARE)
		return false;
	body->unstressed_words = 0;
	return true;
}

static void set_limit(struct process *p)
{
	if (p->heap.start)
		heap_set_limit(&p->heap, wants_attention(p));
}

static bool fits(const struct process *p, size_t words)
{
	return p->heap.stop - p->heap.b.top >= (intptr_t) (words + HEAP_RESERVED);
}

bool process_try_block(struct process *p, size_t words)
{
	if (p->heap.start)
		return true;
	if (!heap_block_need(&p->heap, p->world, p->scheduler->lane, words, p->flags & PROCESS_ASKS_ROOM))
		return false;
	for (unsigned i = 0; i < p->x_count; i++)
		p->heap.b.body->x[i] = p->small[i];
	set_limit(p);
	return true;
}

void process_need_block(struct process *p)
{
	if (!process_try_block(p, 0))
		process_system_limit(p, ATOM_memory);
}

/* So many words more of stack and registers fit into the record, and there is no block yet. */
static bool fits_small(const struct process *p, unsigned words)
{
	return !p->heap.start && p->heap.stop - p->small >= (ptrdiff_t) (p->x_count + words);
}

/* ---- Collections ------------------------------------------------------------------------------------------ */

struct root_set process_roots(struct process *p, term **live, size_t live_count)
{
	struct heap_body *body = p->heap.b.body;
	struct root_set r = { .live = live, .live_count = live_count, .queue = p->first, .queue_on_heap = !(p->flags & PROCESS_OFF_HEAP_QUEUE) };
	r.ranges[r.range_count++] = (struct root_range) { p->heap.start ? body->x : p->small, p->x_count };
	if (body && body->dictionary)
		r.ranges[r.range_count++] = (struct root_range) { body->dictionary->slots, body->dictionary->room };
	if (p->scheduler->running == p && !term_is_none(p->scheduler->exit_reason))
		r.ranges[r.range_count++] = (struct root_range) { &p->scheduler->exit_reason, 1 };
	return r;
}

static const enum record_kind record_of[] = { [GC_MINOR] = RECORD_GC_MINOR, [GC_MAJOR] = RECORD_GC_MAJOR,
	[GC_MINOR_TO_MAJOR] = RECORD_GC_MINOR_TO_MAJOR, [GC_HIBERNATE] = RECORD_GC_HIBERNATE };

static void record_vectors(struct process *p, uint64_t now_us, enum record_kind kind, const uint64_t *before, const uint64_t *after,
	uint64_t us)
{
	uint64_t args[2 * GC_VECTOR + 1];
	if (!scheduler_records(p->scheduler, kind))
		return;
	memcpy(args, before, GC_VECTOR * sizeof *before);
	memcpy(args + GC_VECTOR, after, GC_VECTOR * sizeof *after);
	args[2 * GC_VECTOR] = us;
	scheduler_record_at(p->scheduler, now_us, kind, term_pid_number(process_self(p)), args, ARRAY_COUNT(args));
}

static void record_collection(struct process *p, const struct gc_report *r, uint64_t now_us, uint64_t us)
{
	if (r->over_minor)
		record_vectors(p, now_us, RECORD_GC_MAX_HEAP_MINOR, r->before, r->would_minor, 0);
	if (r->over_major)
		record_vectors(p, now_us, r->kind == GC_MINOR_TO_MAJOR ? RECORD_GC_MAX_HEAP_MINOR_TO_MAJOR : RECORD_GC_MAX_HEAP_MAJOR, r->before, r->would_major, 0);
	if (r->outcome == GC_DONE)
		record_vectors(p, now_us, record_of[r->kind], r->before, r->after, us);
}

/* Words that left the queue by moving into the block. */
static void count_moved_in(struct process *p, size_t attached_before)
{
	size_t moved = attached_before - p->heap.b.body->attached_words;
	if (moved)
		atomic_fetch_add_explicit(&p->slot->taken, moved, memory_order_release);
}

/*
 * A small collection takes less than a microsecond, and looking at the clock twice is a good part of that: one in so many is timed,
 * and counts for all of them. One that was asked for is timed always.
 */
#define SMALL_COLLECTION_WORDS 1000u
#define TIMED_EVERY 8u

static unsigned timed_for(const struct process *p)
{
	struct heap_body *body = p->heap.b.body;
	size_t words = (size_t) (p->heap.end - p->heap.start) + (size_t) (body->old_top - body->old_start) + body->fragment_words
		+ body->attached_words;
	bool asked = body->asked;
	body->asked = false;
	if (asked || words > SMALL_COLLECTION_WORDS)
		return 1;
	return (body->minor_total + body->major_total) % TIMED_EVERY == 0 ? TIMED_EVERY : 0;
}

/* Time is measured on the host, except in a virtual world: there it is what the work is charged. */
static uint64_t pause_ns(const struct process *p, uint64_t ns, const struct gc_report *r)
{
	if (p->world->clock.is_virtual)
		return (r->moved_words / 10 + r->resized_words / 100 + 1) / CLOCK_REDUCTIONS_PER_US * 1000;
	return ns;
}

static uint64_t size_of(const uint64_t v[GC_VECTOR]) { return v[0] + v[3]; }

static void answer_outcome(struct process *p, const struct gc_report *r)
{
	if (r->outcome == GC_OVER_LIMIT) {
		log_max_heap(p, r->over_major ? r->would_major : r->would_minor);
		process_raise(p, ATOM(killed));
	}
	if (r->over_minor || r->over_major)
		if (p->heap.b.body->options.max_heap_flags & MAX_HEAP_LOG)
			log_max_heap(p, r->over_major ? r->would_major : r->would_minor);
	bool over_soft = size_of(r->after) > size_of(r->before) && !mem_has_room(p->world->mem, 0) && !(p->flags & (PROCESS_ASKS_ROOM | PROCESS_SYSTEM));
	if (r->outcome == GC_NO_MEMORY || over_soft) {
		uint64_t args[] = { size_of(r->after) * WORD_BYTES, MEM_HEAP };
		scheduler_record(p->scheduler, RECORD_CEILING, term_pid_number(process_self(p)), args, 2);
		process_system_limit(p, ATOM_memory);
	}
}

static void run_collection(struct process *p, size_t need, size_t stack_extra, term **live, size_t live_count, bool hibernate)
{
	struct heap_body *body = p->heap.b.body;
	struct root_set roots = process_roots(p, live, live_count);
	size_t attached = body->attached_words;
	if (UNLIKELY(p->world->switches.gc_verify))
		gc_verify(&p->heap, &roots, "before a collection");
	bool is_virtual = p->world->clock.is_virtual;
	unsigned timed = is_virtual ? 1 : timed_for(p);
	uint64_t start = timed ? clock_host_ns(&p->world->clock) : 0, us_before = body->gc_ns / 1000;
	struct gc_report r = hibernate ? gc_hibernate(&p->heap, &roots) : gc_collect(&p->heap, &roots, need, stack_extra);
	uint64_t end = timed ? clock_host_ns(&p->world->clock) : 0, ns = pause_ns(p, end - start, &r);
	uint64_t now_us = timed ? clock_us_at(&p->world->clock, end) : scheduler_time_us(p->scheduler);
	body->gc_ns += ns * timed;
	count_moved_in(p, attached);
	set_limit(p);
	if (UNLIKELY(p->world->switches.gc_verify))
		gc_verify(&p->heap, &roots, "after a collection");
	size_t cost = r.moved_words / 10 + r.resized_words / 100;
	p->budget -= (int32_t) size_min(cost ? cost : 1, INT32_MAX / 4);
	if (r.outcome == GC_DONE)
		scheduler_note_collection(p->scheduler, r.kind == GC_MINOR, r.after[GC_VECTOR - 1], ns / 1000, body->gc_ns / 1000 - us_before);
	record_collection(p, &r, now_us, ns / 1000);
	answer_outcome(p, &r);
}

void process_gc(struct process *p, size_t need, size_t stack_extra, term **live, size_t live_count)
{
	run_collection(p, need, stack_extra, live, live_count, false);
}

/* What the function to go on with is called with: the bottom frame's slots, or the registers, become a list, as in OTP. */
static void pack_arguments(struct process *p)
{
	unsigned n = p->frame_slots ? p->frame_slots : p->x_count;
	CHECK(process_step(p) == process_bottom_step(p), "hibernate with frames on the stack");
	if (n == 0)
		return;
	struct builder *b = process_reserve(p, 2 * n, NULL, 0);
	term list = TERM_NIL;
	for (unsigned i = n; i-- > 0;)
		list = build_cons(b, p->frame_slots ? slot_get(p, i) : x_get(p, i), list);
	x_clear(p);
	x_set(p, 0, list);
	frame_shrink(p, p->frame_slots);
	p->flags |= PROCESS_PACKED;
}

void process_hibernate_now(struct process *p)
{
	process_need_block(p);
	pack_arguments(p);
	run_collection(p, 0, 0, NULL, 0, true);
	p->flags |= PROCESS_HIBERNATED;
}

static unsigned list_length(term list)
{
	unsigned n = 0;
	for (; term_is_cons(list); list = list_tail(list))
		n++;
	return n;
}

/* Woken: the argument cells are garbage from here on; the first need, be it for a frame of no slots, runs a collection, as on the BEAM. */
void process_wake_up(struct process *p)
{
	p->flags &= (uint16_t) ~PROCESS_HIBERNATED;
	term list = p->flags & PROCESS_PACKED ? x_get(p, 0) : TERM_NIL;
	unsigned n = 0, room = list_length(list) + 1;
	term values[room], *live[room];
	for (; term_is_cons(list); list = list_tail(list), n++) {
		values[n] = list_head(list);
		live[n] = &values[n];
	}
	p->flags &= (uint16_t) ~PROCESS_PACKED;
	x_clear(p);
	frame_grow(p, n, live, n);
	for (unsigned i = 0; i < n; i++)
		slot_set(p, i, values[i]);
}

bool process_gc_is_long(struct process *p, size_t stack_extra)
{
	struct root_set roots = process_roots(p, NULL, 0);
	return gc_size_estimate(&p->heap, &roots, stack_extra) >= HEAP_LONG_WORDS;
}

/* The minor attempt of a long heap turns out to be a full sweep: then the old heap counts too. */
void process_delayed_gc(struct process *p)
{
	bool asked = p->relations && p->relations->collections;
	p->heap.b.body->delayed = false;
	if (p->flags & PROCESS_HIBERNATE && !p->first) {
		p->flags &= (uint16_t) ~PROCESS_HIBERNATE;
		process_hibernate_now(p);
	} else {
		run_collection(p, 0, asked ? 0 : 1, NULL, 0, false);
	}
	if (asked)
		answer_collections(p);
}

static struct builder *fragment_for(struct process *p, size_t words)
{
	struct fragment *f = heap_fragment_new(&p->heap, words, p->flags & PROCESS_ASKS_ROOM);
	if (!f)
		process_system_limit(p, ATOM_memory);
	return &f->b;
}

void process_delay_gc(struct process *p)
{
	p->heap.b.body->delayed = true;
	p->flags |= PROCESS_WAITING_GC;
}

/* The need is met by a fragment now; the collection itself waits for the end of the step. */
static struct builder *delay_collection(struct process *p, size_t words)
{
	process_delay_gc(p);
	return fragment_for(p, words);
}

static struct builder *collect_for(struct process *p, size_t words, size_t stack_extra, term **live, size_t live_count)
{
	if (p->heap.b.body->delayed)
		return fragment_for(p, words);
	if (process_gc_is_long(p, stack_extra))
		return delay_collection(p, words);
	process_gc(p, words, stack_extra, live, live_count);
	return &p->heap.b;
}

static struct builder *reserve(struct process *p, size_t words, size_t stack_extra, term **live, size_t live_count)
{
	const struct switches *s = &p->world->switches;
	process_need_block(p);
	bool due = (s->move || s->gc_stress) && stress_is_due(p, words);
	if (UNLIKELY(s->move) && due) {
		struct root_set roots = process_roots(p, live, live_count);
		gc_move_block(&p->heap, &roots);
		set_limit(p);
	}
	if (UNLIKELY(s->gc_stress) && due && !p->heap.b.body->delayed)
		process_gc(p, words, stack_extra, live, live_count);
	if (UNLIKELY(s->force_frags) && words)
		return fragment_for(p, words);
	if (fits(p, words))
		return &p->heap.b;
	return collect_for(p, words, stack_extra, live, live_count);
}

struct builder *process_reserve_slow(struct process *p, size_t words, term **live, size_t live_count)
{
	return reserve(p, words, 1, live, live_count);
}

struct builder *process_reserve_binary(struct process *p, size_t words, size_t bytes, term **live, size_t live_count)
{
	process_need_block(p);
	struct heap_body *body = p->heap.b.body;
	size_t all = words + binary_new_words(bytes);
	bool off_heap_full = bytes > BINARY_HEAP_LIMIT && body->young.words + bytes / WORD_BYTES >= body->young.limit;
	if (UNLIKELY(wants_attention(p)) && !off_heap_full)
		return reserve(p, all, 0, live, live_count);
	if (!off_heap_full && fits(p, all))
		return &p->heap.b;
	return collect_for(p, all, 0, live, live_count);
}

struct builder *process_reserve_bif(struct process *p, size_t words, size_t stack_extra, term **live, size_t live_count)
{
	process_need_block(p);
	if (UNLIKELY(p->world->switches.gc_stress || p->world->switches.force_frags))
		return process_reserve_slow(p, words, live, live_count);
	if (p->heap.stop - p->heap.b.top >= (intptr_t) (words + stack_extra + HEAP_RED_ZONE))
		return &p->heap.b;
	return collect_for(p, words, stack_extra, live, live_count);
}

struct builder *process_try_room(struct process *p, size_t words)
{
	return process_try_block(p, 0) ? heap_room(&p->heap, words) : NULL;
}

struct builder *process_room(struct process *p, size_t words)
{
	struct builder *b = process_try_room(p, words);
	if (!b)
		process_system_limit(p, ATOM_memory);
	return b;
}

static bool collection_is_wanted(const struct process *p)
{
	const struct heap_body *body = p->heap.b.body;
	return body->force || (size_t) (p->heap.stop - p->heap.b.top) < body->fragment_words || body->young.words > body->young.limit;
}

/*
 * After a call of a built-in the JIT of OTP 25 compares bytes with words: its fragments are folded in only when they are eight
 * times the room left (less two). schedule(), and the end of a built-in that went on in a later slice, compare words with words.
 */
static bool call_wants_collection(const struct process *p, size_t stack_extra)
{
	const struct heap_body *body = p->heap.b.body;
	if (body->force || body->young.words > body->young.limit)
		return true;
	if (LIKELY(body->fragment_words == 0))
		return false;
	size_t room_words = (size_t) (p->heap.stop - p->heap.b.top) - stack_extra;
	return (body->in_builtin && room_words < body->fragment_words) || body->fragment_words + 2 >= room_words * WORD_BYTES;
}

static void collect_after_call(struct process *p, size_t stack_extra, term **live, size_t live_count)
{
	if (process_gc_is_long(p, stack_extra))
		process_delay_gc(p);
	else
		process_gc(p, 0, stack_extra, live, live_count);
}

void process_after_bif(struct process *p, size_t stack_extra, term **live, size_t live_count)
{
	if (!p->heap.start)
		return;
	bool wanted = call_wants_collection(p, stack_extra);
	p->heap.b.body->in_builtin = false;
	if (wanted && !p->heap.b.body->delayed)
		collect_after_call(p, stack_extra, live, live_count);
}

bool process_wants_collection(const struct process *p)
{
	return p->heap.start && !p->heap.b.body->delayed && collection_is_wanted(p);
}

#define REDUCTIONS_OF_SEND 4            /* virtual ones (OTP: ERTS_VBUMP_REDS): not counted, but gone from the slice */

static void schedule_in(struct process *p, size_t stack_extra, term **live, size_t live_count)
{
	if (process_wants_collection(p))
		collect_after_call(p, stack_extra, live, live_count);
}

void process_after_send(struct process *p, size_t stack_extra, term **live, size_t live_count)
{
	if (p->budget > REDUCTIONS_OF_SEND)
		process_after_bif(p, stack_extra, live, live_count);
	else
		schedule_in(p, stack_extra, live, live_count);
}

void process_before_slice(struct process *p) { schedule_in(p, p->heap.b.body->in_builtin, NULL, 0); }

/* A process that has made no block yet is swept in no time, and says so; it goes on without one. What it was born with is garbage. */
static void collect_nothing(struct process *p, bool full, size_t stack_extra)
{
	struct heap_figures f = heap_figures(&p->heap);
	uint64_t before[GC_VECTOR] = { [0] = f.block, [1] = f.used, [5] = f.stack + stack_extra, [8] = f.vheap_limit, [10] = f.old_vheap_limit };
	uint64_t after[GC_VECTOR] = { [0] = f.block, [5] = f.stack, [8] = f.vheap_limit, [10] = f.old_vheap_limit, [11] = f.used };
	p->heap.unmade = 0;
	process_charge(p, 1);
	record_vectors(p, clock_us(&p->world->clock), full ? RECORD_GC_MAJOR : RECORD_GC_MINOR_TO_MAJOR, before, after, 0);
}

void process_collect(struct process *p, bool full, size_t stack_extra, term **live, size_t live_count)
{
	if (!p->heap.start && heap_options(&p->heap)->max_heap_words == 0) {
		collect_nothing(p, full, stack_extra);
		return;
	}
	process_need_block(p);
	p->heap.b.body->fullsweep |= full;
	p->heap.b.body->asked = true;
	process_gc(p, 0, stack_extra, live, live_count);
}

/* ---- Frames ------------------------------------------------------------------------------------------------- */

/* The stack needs real room: a fragment does not help it. In front of the red zone a word or two may be there already. */
static void need_stack(struct process *p, unsigned n, term **live, size_t live_count)
{
	if (!fits(p, n) || (p->world->switches.gc_stress && stress_is_due(p, n)))
		process_gc(p, n, 1, live, live_count);
}

void frame_call_with(struct process *p, const struct step *step, unsigned n, const term *values)
{
	term kept[16], *live[16];
	CHECK(n <= ARRAY_COUNT(kept), "a call with %u slots", n);
	for (unsigned i = 0; i < n; i++) {
		kept[i] = values[i];
		live[i] = &kept[i];
	}
	if (!fits_small(p, 1 + n)) {
		process_need_block(p);
		process_reserve(p, 0, live, n);
		if (p->heap.b.body->delayed)
			need_stack(p, 1, live, n);
	}
	*--p->heap.stop = (term) { (uintptr_t) step };
	set_limit(p);
	p->frame_slots = 0;
	if (n == 0)
		return;
	frame_grow(p, n, live, n);
	for (unsigned i = 0; i < n; i++)
		slot_set(p, i, kept[i]);
}

void frame_call(struct process *p, const struct step *step) { frame_call_with(p, step, 0, NULL); }

void frame_grow(struct process *p, unsigned n, term **live, size_t live_count)
{
	if (!fits_small(p, n)) {
		process_need_block(p);
		need_stack(p, n, live, live_count);
	}
	p->heap.stop -= n;
	for (unsigned i = 0; i < n; i++)
		p->heap.stop[i] = TERM_NIL;
	p->frame_slots = (uint16_t) (p->frame_slots + n);
	set_limit(p);
}

void frame_shrink(struct process *p, unsigned n)
{
	CHECK(n <= p->frame_slots, "%u slots of %u", n, p->frame_slots);
	p->heap.stop += n;
	p->frame_slots = (uint16_t) (p->frame_slots - n);
	set_limit(p);
}

void frame_become(struct process *p, const struct step *step)
{
	p->heap.stop[p->frame_slots].word = (uintptr_t) step;
}

static unsigned slots_of_top_frame(const struct process *p)
{
	unsigned n = 0;
	while (!term_is_header(p->heap.stop[n]) || p->heap.stop[n].word == 0)
		n++;
	return n;
}

enum next frame_return(struct process *p, term value)
{
	if (p->heap.stop + p->frame_slots + 1 == p->heap.end)
		process_raise(p, ATOM(normal));
	x_set(p, 0, value);
	p->heap.stop += p->frame_slots + 1;
	p->frame_slots = (uint16_t) slots_of_top_frame(p);
	set_limit(p);
	return STEP_NEXT;
}

void x_set(struct process *p, unsigned i, term t)
{
	CHECK(i < X_REGISTERS, "register %u", i);
	unsigned more = i < p->x_count ? 0 : i + 1 - p->x_count;
	if (!term_is_immediate(t) || !fits_small(p, more))
		process_need_block(p);
	term *x = p->heap.start ? p->heap.b.body->x : p->small;
	while (p->x_count <= i)
		x[p->x_count++] = TERM_NIL;
	x[i] = t;
}

/* ---- Work ----------------------------------------------------------------------------------------------------- */

void process_work_us(struct process *p, uint64_t us) { p->work += (int64_t) (us * CLOCK_REDUCTIONS_PER_US); }

/* ---- Mail ----------------------------------------------------------------------------------------------------- */

struct message *process_peek(struct process *p) { return *p->save; }

void process_skip(struct process *p, struct message *m)
{
	p->save = (struct message **) (void *) &m->signal.next;
	process_charge(p, 1);
}

void process_rewind(struct process *p) { p->save = &p->first; }

static void unlink_message(struct process *p, struct message *m)
{
	struct message **link = *p->save == m ? p->save : &p->first;
	while (*link != m)
		link = (struct message **) (void *) &(*link)->signal.next;
	*link = (struct message *) m->signal.next;
	if (!*link)
		p->last = link;
	p->save = &p->first;
}

/* The payload stays where it is and becomes a fragment of the process. */
static void adopt_payload(struct process *p, struct message *m)
{
	process_need_block(p);
	struct heap_body *body = p->heap.b.body;
	struct builder b = { NULL, NULL, body };
	for (term *handle = message_handles(m), *next; handle; handle = next) {
		next = (term *) handle[REFC_NEXT].word;
		off_heap_link(&b, handle);
	}
	message_set_handles(m, NULL);
	m->signal.next = (struct signal *) body->taken;
	body->taken = m;
	body->fragment_words += message_words(m);
	body->changed = true;
	if (m->signal.counted)
		body->attached_words -= message_words(m);
	mem_retype(p->scheduler->lane, MEM_MESSAGE, MEM_FRAGMENT, m->signal.bytes);
}

static bool collection_is_wanted(const struct process *p);

#define REDUCTIONS_LEFT_FOR_GARBAGE 5

/* A collection is due: OTP leaves the process a few reductions, so that what it received has time to become garbage. */
static void leave_reductions(struct process *p)
{
	int32_t passed_over = p->budget - REDUCTIONS_LEFT_FOR_GARBAGE;
	if (passed_over > 0 && collection_is_wanted(p)) {
		p->budget -= passed_over;
		p->charged_from -= passed_over;
	}
}

ALWAYS_INLINE void count_received(struct process *p, uint64_t words)
{
	uint64_t taken = atomic_load_explicit(&p->slot->taken, memory_order_relaxed);
	atomic_store_explicit(&p->slot->taken, taken + (UINT64_C(1) << SLOT_WORDS_BITS) + words, memory_order_release);
	mem_lane_charge(p->scheduler->lane, CHARGE_PROCESSES, -MESSAGE_CHARGED_BYTES);
}

/* Unlinked already. */
ALWAYS_INLINE term take(struct process *p, struct message *m)
{
	term value = m->value;
	if (LIKELY(m->signal.place == MESSAGE_PLACED)) {
		count_received(p, 0);
		message_free(p->scheduler->lane, m);
	} else {
		count_received(p, message_words(m));
		adopt_payload(p, m);
		leave_reductions(p);
	}
	return value;
}

term process_take(struct process *p, struct message *m)
{
	unlink_message(p, m);
	return take(p, m);
}

bool process_receive(struct process *p, term *out)
{
	struct message *m = p->first;
	p->save = &p->first;
	if (!m)
		return false;
	p->first = (struct message *) m->signal.next;
	if (!p->first)
		p->last = &p->first;
	*out = take(p, m);
	return true;
}

uint64_t process_flush(struct process *p, bool (*drop)(struct process *p, term t))
{
	uint64_t dropped = 0;
	for (struct message *m = p->first, *next; m; m = next) {
		next = (struct message *) m->signal.next;
		if (drop(p, m->value)) {
			process_take(p, m);
			dropped++;
		}
	}
	return dropped;
}

uint64_t process_queue_length(const struct process *p) { return slot_queue(p->slot).messages; }

/* ---- World ------------------------------------------------------------------------------------------------------ */

uint64_t process_now_us(const struct process *p) { return clock_us(&p->world->clock); }
uint64_t process_random(struct process *p, uint64_t bound) { return random_below(&p->scheduler->random, bound); }
bool process_has_room(struct process *p, uint64_t bytes) { return mem_has_room(p->world->mem, bytes); }

term process_atom(struct process *p, const char *text)
{
	term atom = atom_make_z(p->world->atoms, p->scheduler->lane, text);
	if (term_is(atom, ATOM_FULL))
		process_system_limit(p, ATOM_system_limit);
	return atom;
}

term process_make_reference(struct process *p)
{
	process_charge(p, 1);
	struct builder *b = RESERVE(p, REFERENCE_WORDS);
	return build_reference(b, atomic_fetch_add_explicit(&p->world->next_reference, 1, memory_order_relaxed) + 1);
}

_Noreturn void process_raise(struct process *p, term reason)
{
	struct scheduler *s = p->scheduler;
	CHECK(s->running == p, "raise outside of a slice");
	s->exit_reason = reason;
	SLICE_JUMP(s->slice);
}

_Noreturn void process_badarg(struct process *p) { process_raise(p, ATOM(badarg)); }

/* The tuple lies in the words that are always kept free, which nobody needs any more; without a block in a fragment. */
_Noreturn void process_system_limit(struct process *p, uint32_t what)
{
	struct builder *b = &p->heap.b;
	if (!heap_body_try(&p->heap, p->world, p->scheduler->lane)) {
		b = NULL;
	} else if (!p->heap.start || p->heap.stop - b->top < 3) {
		struct fragment *f = heap_fragment_new(&p->heap, 3, p->flags & PROCESS_ASKS_ROOM);
		b = f ? &f->b : NULL;
	}
	process_raise(p, b ? build_tuple2(b, ATOM(system_limit), term_from_atom(what)) : ATOM(system_limit));
}
