/*
 * gc - minor, major, hibernate; grow and shrink. The policy is OTP 25's, the code is a plain Cheney copy.
 *
 *   plan ──▶ to-space ──▶ evacuate roots ──▶ scan (the to-space is its own queue) ──▶ sweep off-heap lists
 *        ──▶ move queued messages in ──▶ settle: grow, shrink, remember
 *
 * Forwarding: a moved box has its new pointer where its header was; a moved cell has 0 as head and its
 * new pointer as tail. What "stays" (the to-space, literals, in a minor also the old heap) is told by range
 * comparisons; everything else is moved, wherever it lies: block, fragment or received message. The scan meets tails
 * that their list has brought along already: that is why the to-space is asked.
 *
 * No memory: a collection that gets no to-space has touched nothing and says so.
 */
#include "runtime/memory/gc.h"

#include <string.h>

#include "runtime/memory/literal.h"
#include "runtime/memory/copy.h"

#define SMALL_SLICE_BYTES 24u           /* slices up to this become heap binaries when they move */
#define AHEAD_BYTES 1024u               /* measured: 512 to 2048 do; less is too late */
#define SHRINK_FROM_WORDS 3000u
#define SHRINK_ALWAYS_WORDS 8000u

struct area { const char *start; size_t bytes; };

static inline bool area_has(struct area a, const term *at) { return (size_t) ((const char *) at - a.start) < a.bytes; }
static inline struct area area_of(const term *from, const term *to)
{
	return (struct area) { (const char *) from, (size_t) ((const char *) to - (const char *) from) };
}

/* One collection on its way. */
struct mover {
	struct heap *heap;
	struct heap_body *body;
	const struct root_set *roots;
	struct area literals, old, mature, to;
	term *top, *old_top;            /* where the next word goes */
	size_t need, stack_words, stack_extra, fragment_words;
	struct gc_report report;
};

/* ---- Evacuation ----------------------------------------------------------------------------------- */

/* `minor` is a constant at every call, so that each kind of collection gets code of its own. */
ALWAYS_INLINE bool stays(const struct mover *m, const term *at, const bool minor)
{
	return area_has(m->to, at) || area_has(m->literals, at) || (minor && area_has(m->old, at));
}

ALWAYS_INLINE term *take_words(struct mover *m, const term *from, size_t words, const bool minor)
{
	term **top = minor && area_has(m->mature, from) ? &m->old_top : &m->top;
	term *at = *top;
	*top += words;
	return at;
}

/* Moves one cell. Its tail waits for the scan, as all that was moved does: a place that was updated already must not come again. */
ALWAYS_INLINE void move_list(struct mover *m, term *place, const bool minor)
{
	term *cell = term_cell(*place);
	if (cell[0].word == 0) {
		*place = cell[1];
		return;
	}
	if (stays(m, cell, minor))
		return;
	term *to = take_words(m, cell, 2, minor);
	to[0] = cell[0];
	to[1] = cell[1];
	*place = term_from_cons(to);
	cell[0].word = 0;
	cell[1] = *place;
}

/* A short whole-byte slice lets go of its parent when it moves (OTP: erts_sub_binary_to_heap_binary). */
static bool slice_becomes_binary(const term *box)
{
	return (size_t) term_to_small(box[SUB_SIZE]) <= SMALL_SLICE_BYTES && term_to_small(box[SUB_BITS]) == 0;
}

/* The parent may have moved already: its handle is found through the forwarding pointer. */
static const uint8_t *slice_bytes(const term *box)
{
	const term *parent = term_box(box[SUB_PARENT]);
	if (!term_is_header(parent[0]))
		parent = term_box(parent[0]);
	const uint8_t *base = header_kind(parent[0]) == BOX_REFC ? (const uint8_t *) parent[REFC_BYTES].word
		: (const uint8_t *) (parent + 2);
	return base + term_to_small(box[SUB_OFFSET]);
}

static NOINLINE void move_slice(struct mover *m, term *place, bool minor)
{
	term *box = term_box(*place);
	size_t bytes = (size_t) term_to_small(box[SUB_SIZE]), data_words = (bytes + 7) / 8;
	const uint8_t *data = slice_bytes(box);
	term *to = take_words(m, box, 2 + data_words, minor);
	to[0] = term_header(BOX_HEAP_BINARY, 1 + data_words);
	to[1].word = bytes;
	if (data_words)
		to[1 + data_words].word = 0;
	memcpy(to + 2, data, bytes);
	*place = box[0] = term_from_box(to);
}

ALWAYS_INLINE void move_box(struct mover *m, term *place, const bool minor)
{
	term *box = term_box(*place);
	term header = box[0];
	if (!term_is_header(header)) {
		*place = header;
		return;
	}
	if (header.word == 0 || stays(m, box, minor))
		return;
	if (UNLIKELY(header_kind(header) == BOX_SUB_BINARY) && slice_becomes_binary(box)) {
		move_slice(m, place, minor);
		return;
	}
	size_t words = 1 + header_words(header);
	term *to = take_words(m, box, words, minor);
	to[0] = header;
	for (size_t i = 1; i < words; i++)
		to[i] = box[i];
	*place = box[0] = term_from_box(to);
}

ALWAYS_INLINE void evacuate(struct mover *m, term *place, const bool minor)
{
	if (term_is_cons(*place))
		move_list(m, place, minor);
	else if (term_is_boxed(*place))
		move_box(m, place, minor);
}

ALWAYS_INLINE void evacuate_range(struct mover *m, term *first, size_t count, const bool minor)
{
	for (size_t i = 0; i < count; i++)
		evacuate(m, &first[i], minor);
}

/*
 * Asks for what is needed soon: what lies behind the object that is moved next, as most lie in the order in which they are met,
 * and the words that will be written then. By itself the processor looks ahead to the end of a page only.
 */
ALWAYS_INLINE void ask_ahead(term next, const term *top)
{
	__builtin_prefetch((const void *) (next.word + AHEAD_BYTES), 1);
	__builtin_prefetch((const void *) ((uintptr_t) top + AHEAD_BYTES), 1);
}

/* Everything from `at` up to a top that moves on. Gives the place it stopped at. */
ALWAYS_INLINE term *scan(struct mover *m, term *at, term **top, const bool minor)
{
	while (at < *top) {
		if (term_is_header(*at)) {
			at += header_is_raw(*at) ? 1 + header_words(*at) : 1;
			continue;
		}
		if (term_is_cons(*at)) {
			ask_ahead(*at, *top);
			move_list(m, at, minor);
		} else if (term_is_boxed(*at)) {
			ask_ahead(*at, *top);
			move_box(m, at, minor);
		}
		at++;
	}
	return at;
}

ALWAYS_INLINE void evacuate_all(struct mover *m, const bool minor)
{
	const struct root_set *r = m->roots;
	term *young = m->top, *old = m->old_top;
	evacuate_range(m, m->heap->stop, (size_t) (m->heap->end - m->heap->stop), minor);
	for (size_t i = 0; i < r->range_count; i++)
		evacuate_range(m, r->ranges[i].first, r->ranges[i].count, minor);
	for (size_t i = 0; i < r->live_count; i++)
		evacuate(m, r->live[i], minor);
	for (struct message *q = r->queue; q; q = (struct message *) q->signal.next)
		if (q->signal.place == MESSAGE_PLACED)
			evacuate(m, &q->value, minor);
	for (;;) {
		young = scan(m, young, &m->top, minor);
		if (!minor || old == m->old_top)
			break;
		old = scan(m, old, &m->old_top, minor);
	}
}

static NOINLINE void evacuate_minor(struct mover *m) { evacuate_all(m, true); }
static NOINLINE void evacuate_major(struct mover *m) { evacuate_all(m, false); }

/* ---- Off-heap lists --------------------------------------------------------------------------------- */

static void list_add(struct off_heap *list, term **tail, term *handle)
{
	struct refc *payload = (struct refc *) handle[REFC_PAYLOAD].word;
	if (*tail)
		(*tail)[REFC_NEXT].word = (uintptr_t) handle;
	else
		list->first = handle;
	*tail = handle;
	handle[REFC_NEXT].word = 0;
	list->words += handle[REFC_SIZE].word / WORD_BYTES;
	list->handles++;
	list->bytes += payload->bytes;
}

/* Moved handles go to the list of the place they went to; the others have let go of their payload. */
static void sweep_list(struct mover *m, term *handle, struct off_heap *young, term **young_tail, struct off_heap *old, term **old_tail)
{
	while (handle) {
		term *next = (term *) handle[REFC_NEXT].word;
		if (term_is_header(handle[0])) {
			refc_drop(m->body->lane, (struct refc *) handle[REFC_PAYLOAD].word);
		} else {
			term *moved = term_box(handle[0]);
			bool promoted = old && area_has(m->old, moved);
			list_add(promoted ? old : young, promoted ? old_tail : young_tail, moved);
		}
		handle = next;
	}
}

/* Nothing off heap: OTP leaves the limits as they are, however large. */
static bool holds_nothing(const struct heap_body *body) { return !body->young.first && !body->old.first && !body->pending; }

/* What a built-in left to go on with counts off heap too, until it dies. */
static void sweep_pending(struct mover *m, struct off_heap *young, struct off_heap *old)
{
	term *at = m->body->pending;
	if (!at)
		return;
	m->body->pending = term_is_header(at[0]) ? NULL : term_box(at[0]);
	if (!m->body->pending)
		return;
	struct off_heap *list = old && area_has(m->old, m->body->pending) ? old : young;
	list->words += PENDING_VHEAP_WORDS;
	list->pending_words += PENDING_VHEAP_WORDS;
}

static void sweep_minor(struct mover *m)
{
	struct heap_body *body = m->body;
	if (holds_nothing(body))
		return;
	struct off_heap young = { .limit = body->young.limit }, promoted = { .limit = body->old.limit };
	term *young_tail = NULL, *promoted_tail = NULL;
	sweep_list(m, body->young.first, &young, &young_tail, &promoted, &promoted_tail);
	sweep_pending(m, &young, &body->old);
	if (promoted_tail) {
		promoted_tail[REFC_NEXT].word = (uintptr_t) body->old.first;
		body->old.first = promoted.first;
		body->old.words += promoted.words;
		body->old.handles += promoted.handles;
		body->old.bytes += promoted.bytes;
	}
	young.limit = off_heap_next_limit(young.words, young.limit, body->options.min_vheap_words);
	body->young = young;
}

static void sweep_major(struct mover *m)
{
	struct heap_body *body = m->body;
	if (holds_nothing(body))
		return;
	uint64_t least = body->options.min_vheap_words;
	struct off_heap kept = { .limit = body->young.limit };
	term *tail = NULL;
	/* OTP takes the new old limit from the young counter as it was before the sweep. */
	body->old.limit = off_heap_next_limit(body->young.words, body->old.limit, least);
	sweep_list(m, body->young.first, &kept, &tail, NULL, NULL);
	sweep_list(m, body->old.first, &kept, &tail, NULL, NULL);
	sweep_pending(m, &kept, NULL);
	kept.limit = off_heap_next_limit(kept.words, kept.limit, least);
	body->young = kept;
	body->old = (struct off_heap) { .limit = body->old.limit };
}

void gc_count_binaries(struct heap_body *body)
{
	struct off_heap *lists[] = { &body->young, &body->old };
	body->changed = true;
	if (!body->shared_handles) {
		body->binary_bytes = body->binary_share = body->young.bytes + body->old.bytes;
		return;
	}
	/* A payload that was met in this count carries its mark; another process counting it at the same time may make it count twice. */
	uint64_t mark = (uint64_t) (uintptr_t) body ^ (body->minor_total + body->major_total) << 48 ^ body->reclaimed_words << 20;
	uint64_t bytes = 0, share = 0;
	bool shared = false;
	for (size_t i = 0; i < ARRAY_COUNT(lists); i++)
		for (term *handle = lists[i]->first; handle; handle = (term *) handle[REFC_NEXT].word) {
			struct refc *payload = (struct refc *) handle[REFC_PAYLOAD].word;
			uint64_t references = atomic_load_explicit(&payload->references, memory_order_relaxed);
			share += payload->bytes / references;
			shared |= references > 1;
			if (references > 1 && atomic_exchange_explicit(&payload->mark, mark, memory_order_relaxed) == mark)
				continue;
			bytes += payload->bytes;
		}
	body->binary_bytes = bytes;
	body->binary_share = share;
	body->shared_handles = shared;
}

/* ---- Queued messages ---------------------------------------------------------------------------------- */

/* Data of fetched messages of an on_heap queue is moved in behind the high-water mark; it refers to nothing but itself. */
static void move_messages_in(struct mover *m)
{
	struct heap_body *body = m->body;
	uint64_t words_before = body->young.words;
	struct builder to = { m->top, NULL, body };
	if (!m->roots->queue_on_heap || body->attached_words == 0)
		return;
	for (struct message *q = m->roots->queue; q; q = (struct message *) q->signal.next) {
		if (q->signal.place != MESSAGE_INSIDE)
			continue;
		term *at = to.top;
		q->value = term_relocate(at, q->payload, message_words(q), q->value);
		for (term *handle = message_handles(q), *next; handle; handle = next) {
			next = (term *) handle[REFC_NEXT].word;
			off_heap_link(&to, at + (handle - q->payload));
		}
		to.top += message_words(q);
		body->attached_words -= message_words(q);
		message_set_handles(q, NULL);
		q->signal.place = MESSAGE_PLACED;
	}
	m->top = to.top;
	if (body->young.words != words_before)
		body->young.limit = off_heap_next_limit(body->young.words, body->young.limit, body->options.min_vheap_words);
}

/* ---- Blocks ----------------------------------------------------------------------------------------- */

static size_t block_words(const struct heap *h) { return (size_t) (h->end - h->start); }
static size_t used_words(const struct heap *h) { return (size_t) (h->b.top - h->start); }
static size_t old_words(const struct heap_body *b) { return (size_t) (b->old_end - b->old_start); }
static size_t old_used_words(const struct heap_body *b) { return (size_t) (b->old_top - b->old_start); }

static size_t size_not_below_min(const struct heap_body *body, size_t words, unsigned above)
{
	return size_max(heap_next_size(words, above), body->options.min_heap_words);
}

static void charge_words(const struct heap_body *body, int64_t words)
{
	if (words)
		mem_charge(body->lane, CHARGE_PROCESSES, words * (int64_t) WORD_BYTES);
}

/* The block becomes another one, its stack at the new end. The old one is given back. */
static void adopt_block(struct heap *h, term *start, size_t words, term *top)
{
	struct heap_body *body = h->b.body;
	size_t stack = (size_t) (h->end - h->stop), before = block_words(h);
	term *stop = start + words - stack;
	memcpy(stop, h->stop, stack * WORD_BYTES);
	mem_give(body->lane, MEM_HEAP, h->start, before * WORD_BYTES);
	charge_words(body, (int64_t) words - (int64_t) before);
	h->start = start;
	h->b.top = top;
	h->stop = stop;
	h->end = start + words;
	heap_set_limit(h, false);
}

ALWAYS_INLINE void rebase_place(term *place, struct area from, intptr_t distance)
{
	if ((term_is_cons(*place) || term_is_boxed(*place)) && area_has(from, term_pointer(*place)))
		place->word += (uintptr_t) distance;
}

static void rebase_words(term *at, term *top, struct area from, intptr_t distance)
{
	while (at < top) {
		if (term_is_header(*at)) {
			at += header_is_raw(*at) ? 1 + header_words(*at) : 1;
			continue;
		}
		rebase_place(at++, from, distance);
	}
}

static void rebase_handles(struct off_heap *list, struct area from, intptr_t distance)
{
	for (term **link = &list->first; *link; link = (term **) &(*link)[REFC_NEXT].word)
		if (area_has(from, *link))
			*link = (term *) (void *) ((char *) *link + distance);
}

/* The block moves to a fresh one of so many words and everything that points into it follows. False: no memory, nothing changed. */
static bool move_block(struct heap *h, const struct root_set *r, size_t words)
{
	struct heap_body *body = h->b.body;
	term *start = mem_alloc(body->lane, MEM_HEAP, words * WORD_BYTES, MEM_MUST);
	if (!start)
		return false;
	size_t used = used_words(h), high = (size_t) (body->high - h->start);
	struct area from = area_of(h->start, h->b.top);
	intptr_t distance = (char *) start - (char *) h->start;
	memcpy(start, h->start, used * WORD_BYTES);
	rebase_words(start, start + used, from, distance);
	rebase_handles(&body->young, from, distance);
	if (body->pending && area_has(from, body->pending))
		body->pending = (term *) (void *) ((char *) body->pending + distance);
	for (struct fragment *f = body->fragments; f; f = f->next)
		rebase_words(f->data, f->b.top, from, distance);
	for (size_t i = 0; i < r->range_count; i++)
		for (size_t j = 0; j < r->ranges[i].count; j++)
			rebase_place(&r->ranges[i].first[j], from, distance);
	for (size_t i = 0; i < r->live_count; i++)
		rebase_place(r->live[i], from, distance);
	for (struct message *q = r->queue; q; q = (struct message *) q->signal.next)
		if (q->signal.place == MESSAGE_PLACED)
			rebase_place(&q->value, from, distance);
	for (term *slot = h->stop; slot < h->end; slot++)
		rebase_place(slot, from, distance);
	adopt_block(h, start, words, start + used);
	body->high = start + high;
	return true;
}

void gc_move_block(struct heap *h, const struct root_set *roots)
{
	if (h->start)
		move_block(h, roots, block_words(h));
}

/* Fragments and received payloads were folded in. */
static void drop_fragments(struct heap_body *body)
{
	for (struct fragment *f = body->fragments, *next; f; f = next) {
		next = f->next;
		mem_give(body->lane, MEM_FRAGMENT, f, sizeof *f + f->words * WORD_BYTES);
	}
	for (struct message *q = body->taken, *next; q; q = next) {
		next = (struct message *) q->signal.next;
		mem_give(body->lane, MEM_FRAGMENT, q, q->signal.bytes);
	}
	charge_words(body, -(int64_t) body->fragment_words);
	body->fragments = NULL;
	body->taken = NULL;
	body->fragment_words = 0;
}

/* Attached words became part of the block or stay attached; they are charged by the queue, not here. */
static void settle_attached_charge(struct heap_body *body, size_t attached_before)
{
	charge_words(body, -(int64_t) (attached_before - body->attached_words));
}

/* ---- The figures of a report -------------------------------------------------------------------------- */

static void vector(const struct mover *m, uint64_t v[GC_VECTOR], uint64_t last)
{
	struct heap_figures f = heap_figures(m->heap);
	size_t fragment = f.fragment + (m->roots->queue_on_heap ? f.attached : 0);
	uint64_t values[GC_VECTOR] = { f.block, f.used, f.high, f.old_block, f.old_used, f.stack + m->stack_extra, fragment,
		f.vheap, f.vheap_limit, f.old_vheap, f.old_vheap_limit, last };
	memcpy(v, values, sizeof values);
}

static size_t words_in_use(const struct mover *m)
{
	return used_words(m->heap) + old_used_words(m->body) + m->body->fragment_words
		+ (m->roots->queue_on_heap ? m->body->attached_words : 0);
}

/* max_heap_size is compared with the peak this collection could need (OTP: reached_max_heap_size). */
static bool over_limit(struct mover *m, size_t peak, size_t new_block, size_t new_old, uint64_t would[GC_VECTOR], bool *over)
{
	const struct heap_options *o = &m->body->options;
	if (o->max_heap_words == 0 || peak <= o->max_heap_words)
		return false;
	*over = true;
	vector(m, would, 0);
	would[0] += new_block;
	if (new_old)
		would[3] = new_old;
	return o->max_heap_flags & MAX_HEAP_KILL;
}

/* ---- Minor -------------------------------------------------------------------------------------------- */

enum attempt { ATTEMPT_DONE, ATTEMPT_FULL, ATTEMPT_OVER_LIMIT, ATTEMPT_NO_MEMORY };

static bool settle_minor(struct mover *m)
{
	struct heap *h = m->heap;
	struct heap_body *body = m->body;
	size_t block = block_words(h), old = old_words(body);
	size_t after = used_words(h) + m->need + m->stack_words + HEAP_RESERVED;
	if (block > SHRINK_FROM_WORDS && 4 * after < block && (block > SHRINK_ALWAYS_WORDS || block > old)) {
		size_t wanted = 3 * after;
		if (wanted * 9 < old && old / 8 > wanted)
			wanted = old / 8;
		wanted = wanted < body->options.min_heap_words ? body->options.min_heap_words : size_not_below_min(body, wanted, 0);
		if (wanted < block && move_block(h, m->roots, wanted))
			m->report.resized_words += wanted;
	} else if (after > block) {
		size_t wanted = size_not_below_min(body, after, 0);
		m->report.resized_words += wanted;
		return move_block(h, m->roots, wanted);
	}
	return true;
}

static enum attempt minor(struct mover *m)
{
	struct heap *h = m->heap;
	struct heap_body *body = m->body;
	size_t block = block_words(h), used = used_words(h), young = used + m->fragment_words;
	size_t mature = (size_t) (body->high - h->start);
	size_t new_old = !body->old_start && mature ? heap_next_size(young, 1) : 0;
	/* Free room and stack of the present block count in the coming one only (in a major: twice). */
	size_t coming_block = body->options.max_heap_words ? size_not_below_min(body, block - used + young, 0) : 0;
	size_t peak = young + old_words(body) + new_old + coming_block;
	if (over_limit(m, peak, coming_block, new_old, m->report.would_minor, &m->report.over_minor))
		return ATTEMPT_OVER_LIMIT;
	size_t old_free = new_old ? new_old : old_words(body) - old_used_words(body);
	if ((!body->old_start && !new_old) || mature > old_free || body->old.limit <= body->old.words)
		return ATTEMPT_FULL;

	size_t words = size_not_below_min(body, m->stack_words + young, 0);
	term *start = mem_alloc(body->lane, MEM_HEAP, words * WORD_BYTES, MEM_MUST);
	if (!start)
		return ATTEMPT_NO_MEMORY;
	if (new_old) {
		body->old_start = mem_alloc(body->lane, MEM_OLD_HEAP, new_old * WORD_BYTES, MEM_MUST);
		if (!body->old_start) {
			mem_give(body->lane, MEM_HEAP, start, words * WORD_BYTES);
			return ATTEMPT_NO_MEMORY;
		}
		body->old_top = body->old_start;
		body->old_end = body->old_start + new_old;
		charge_words(body, (int64_t) new_old);
	}
	m->mature = area_of(h->start, body->high);
	m->to = area_of(start, start + words);
	m->old = area_of(body->old_start, body->old_end);
	m->top = start;
	m->old_top = body->old_top;
	evacuate_minor(m);
	sweep_minor(m);
	size_t attached = body->attached_words, kept = (size_t) (m->top - start);
	m->report.moved_words += kept + (size_t) (m->old_top - body->old_top);
	body->old_top = m->old_top;
	drop_fragments(body);
	move_messages_in(m);
	settle_attached_charge(body, attached);
	adopt_block(h, start, words, m->top);
	body->high = start + kept;
	body->minor_gcs++;
	body->minor_total++;
	m->report.kind = GC_MINOR;
	return settle_minor(m) ? ATTEMPT_DONE : ATTEMPT_NO_MEMORY;
}

/* ---- Major -------------------------------------------------------------------------------------------- */

static bool settle_major(struct mover *m)
{
	struct heap *h = m->heap;
	struct heap_body *body = m->body;
	size_t block = block_words(h);
	size_t after = used_words(h) + m->need + m->stack_words + HEAP_RESERVED;
	if (after > block) {
		size_t wanted = size_not_below_min(body, after, 0);
		m->report.resized_words += wanted;
		return move_block(h, m->roots, wanted);
	}
	if (3 * block < 4 * after) {
		body->grow = true;
	} else if (4 * after < block && block > HEAP_DEFAULT_MIN) {
		size_t wanted = 2 * after < body->options.min_heap_words ? body->options.min_heap_words : size_not_below_min(body, 2 * after, 0);
		if (wanted < block && move_block(h, m->roots, wanted))
			m->report.resized_words += wanted;
	}
	return true;
}

static void release_old(struct heap_body *body)
{
	if (!body->old_start)
		return;
	charge_words(body, -(int64_t) old_words(body));
	mem_give(body->lane, MEM_OLD_HEAP, body->old_start, old_words(body) * WORD_BYTES);
	body->old_start = body->old_top = body->old_end = NULL;
}

/* Everything that lives goes to start[]; the old heap and the fragments are gone. */
static void move_everything(struct mover *m, term *start, size_t words)
{
	struct heap *h = m->heap;
	struct heap_body *body = m->body;
	m->top = start;
	m->to = area_of(start, start + words);
	evacuate_major(m);
	sweep_major(m);
	size_t attached = body->attached_words, kept = (size_t) (m->top - start);
	m->report.moved_words += kept;
	drop_fragments(body);
	release_old(body);
	move_messages_in(m);
	settle_attached_charge(body, attached);
	adopt_block(h, start, words, m->top);
	body->high = start + kept;
	body->grow = body->fullsweep = false;
	body->major_total++;
}

static enum attempt major(struct mover *m)
{
	struct heap *h = m->heap;
	struct heap_body *body = m->body;
	size_t block = block_words(h), used = used_words(h);
	size_t live_at_most = used + m->fragment_words + old_used_words(body);
	size_t words = size_not_below_min(body, m->stack_words + live_at_most + HEAP_RESERVED, 0);
	if (words == block && body->grow)
		words = size_not_below_min(body, block, 1);
	size_t peak = live_at_most + (old_words(body) - old_used_words(body)) + (block - used) + words;
	if (over_limit(m, peak, words, 0, m->report.would_major, &m->report.over_major))
		return ATTEMPT_OVER_LIMIT;
	term *start = mem_alloc(body->lane, MEM_HEAP, words * WORD_BYTES, MEM_MUST);
	if (!start)
		return ATTEMPT_NO_MEMORY;
	move_everything(m, start, words);
	body->minor_gcs = 0;
	return settle_major(m) ? ATTEMPT_DONE : ATTEMPT_NO_MEMORY;
}

/* ---- Doors -------------------------------------------------------------------------------------------- */

static struct mover mover_for(struct heap *h, const struct root_set *roots, size_t need, size_t stack_extra)
{
	struct heap_body *body = h->b.body;
	const struct literals *l = body->world->literals;
	struct mover m = { .heap = h, .body = body, .roots = roots, .need = need, .stack_extra = stack_extra,
		.stack_words = (size_t) (h->end - h->stop) + stack_extra,
		.fragment_words = body->fragment_words + (roots->queue_on_heap ? body->attached_words : 0) };
	if (l)
		m.literals = (struct area) { l->start, (size_t) (l->end - l->start) };
	return m;
}

static enum gc_outcome outcome_of(enum attempt a)
{
	return a == ATTEMPT_DONE ? GC_DONE : a == ATTEMPT_OVER_LIMIT ? GC_OVER_LIMIT : GC_NO_MEMORY;
}

size_t gc_size_estimate(const struct heap *h, const struct root_set *roots, size_t stack_extra)
{
	const struct heap_body *body = h->b.body;
	bool full = body->fullsweep || body->minor_gcs >= body->options.fullsweep_after;
	return used_words(h) + body->fragment_words + (roots->queue_on_heap ? body->attached_words : 0)
		+ (size_t) (h->end - h->stop) + stack_extra + (full ? old_used_words(body) : 0);
}

struct gc_report gc_collect(struct heap *h, const struct root_set *roots, size_t need, size_t stack_extra)
{
	struct mover m = mover_for(h, roots, need, stack_extra);
	struct heap_body *body = m.body;
	size_t before = words_in_use(&m);
	vector(&m, m.report.before, need);
	m.report.kind = GC_MAJOR;
	enum attempt a = ATTEMPT_FULL;
	if (!body->fullsweep && body->minor_gcs < body->options.fullsweep_after) {
		a = minor(&m);
		if (a == ATTEMPT_FULL)
			m.report.kind = GC_MINOR_TO_MAJOR;
	}
	if (a == ATTEMPT_FULL)
		a = major(&m);
	m.report.outcome = outcome_of(a);
	body->force = false;
	size_t after = words_in_use(&m), reclaimed = before > after ? before - after : 0;
	body->reclaimed_words += reclaimed;
	vector(&m, m.report.after, reclaimed);
	gc_count_binaries(body);
	mem_reserve_for(body->world->mem, (block_words(h) + old_words(body)) * WORD_BYTES);
	return m.report;
}

struct gc_report gc_hibernate(struct heap *h, const struct root_set *roots)
{
	struct mover m = mover_for(h, roots, 0, 0);
	struct heap_body *body = m.body;
	size_t before = words_in_use(&m);
	vector(&m, m.report.before, 0);
	m.report.kind = GC_HIBERNATE;
	size_t room = before + m.stack_words + HEAP_RESERVED;
	term *start = mem_alloc(body->lane, MEM_HEAP, room * WORD_BYTES, MEM_MUST);
	if (!start) {
		m.report.outcome = GC_NO_MEMORY;
		return m.report;
	}
	move_everything(&m, start, room);
	/* The bottom word is one of the four that stay free. */
	size_t exact = used_words(h) + HEAP_RESERVED;
	if (!move_block(h, roots, exact))
		m.report.outcome = GC_NO_MEMORY;
	m.report.resized_words += exact;
	body->high = h->b.top;
	size_t after = words_in_use(&m);
	body->reclaimed_words += before > after ? before - after : 0;
	vector(&m, m.report.after, before > after ? before - after : 0);
	gc_count_binaries(body);
	return m.report;
}
