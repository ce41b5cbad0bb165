/*
 * survey - marks what the roots reach, in a bitmap beside the heap; then reads the bitmap.
 *
 *   pieces: young block, old heap, fragments, received payloads, attached messages, sorted by address
 *   bitmap: one bit a word of every piece, set for each word of a live object
 *
 * Shared parts are marked once, as a collector would keep them once.
 */
#include "runtime/memory/survey.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/memory/literal.h"
#include "runtime/term/work_stack.h"

enum piece_kind { PIECE_YOUNG, PIECE_OLD, PIECE_FRAGMENT, PIECE_MESSAGE };
struct piece { const term *start; size_t words, first_bit; enum piece_kind kind; };

struct walk {
	struct mem_lane *lane;
	struct area_bits { uint64_t *words; size_t bytes; } bits;
	struct piece *pieces;
	size_t piece_count, piece_room;
	struct work_stack stack;
	uint64_t used_bytes;
};

static void add_piece(struct walk *w, const term *start, size_t words, enum piece_kind kind)
{
	if (words)
		w->pieces[w->piece_count++] = (struct piece) { start, words, 0, kind };
}

static int by_address(const void *a, const void *b)
{
	const struct piece *x = a, *y = b;
	return x->start < y->start ? -1 : x->start > y->start;
}

static size_t count_pieces(const struct heap_body *body, const struct root_set *roots)
{
	size_t n = 2;
	for (const struct fragment *f = body->fragments; f; f = f->next)
		n++;
	for (const struct message *q = body->taken; q; q = (const struct message *) q->signal.next)
		n++;
	for (const struct message *q = roots->queue; q && roots->queue_on_heap; q = (const struct message *) q->signal.next)
		n++;
	return n;
}

static void collect_pieces(struct walk *w, const struct heap *h, const struct root_set *roots)
{
	const struct heap_body *body = h->b.body;
	add_piece(w, h->start, (size_t) (h->b.top - h->start), PIECE_YOUNG);
	add_piece(w, body->old_start, (size_t) (body->old_top - body->old_start), PIECE_OLD);
	for (const struct fragment *f = body->fragments; f; f = f->next)
		add_piece(w, f->data, (size_t) (f->b.top - f->data), PIECE_FRAGMENT);
	for (const struct message *q = body->taken; q; q = (const struct message *) q->signal.next)
		add_piece(w, q->payload, message_words(q), PIECE_FRAGMENT);
	for (const struct message *q = roots->queue; q && roots->queue_on_heap; q = (const struct message *) q->signal.next)
		if (q->signal.place == MESSAGE_INSIDE)
			add_piece(w, q->payload, message_words(q), PIECE_MESSAGE);
	qsort(w->pieces, w->piece_count, sizeof *w->pieces, by_address);
	size_t bit = 0;
	for (size_t i = 0; i < w->piece_count; i++) {
		w->pieces[i].first_bit = bit;
		bit += w->pieces[i].words;
	}
	w->bits.bytes = (bit / 64 + 1) * sizeof(uint64_t);
}

static const struct piece *piece_of(const struct walk *w, const term *at)
{
	size_t low = 0, high = w->piece_count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (w->pieces[middle].start + w->pieces[middle].words <= at)
			low = middle + 1;
		else
			high = middle;
	}
	return low < w->piece_count && w->pieces[low].start <= at ? &w->pieces[low] : NULL;
}

static bool bit_get(const struct walk *w, size_t i) { return w->bits.words[i / 64] >> (i % 64) & 1; }

/* True when the object was new. */
static bool mark(struct walk *w, const term *at, size_t words)
{
	const struct piece *p = piece_of(w, at);
	if (!p)
		return false;
	size_t bit = p->first_bit + (size_t) (at - p->start);
	if (bit_get(w, bit))
		return false;
	for (size_t i = bit; i < bit + words; i++)
		w->bits.words[i / 64] |= UINT64_C(1) << (i % 64);
	return true;
}

static void count_use(struct walk *w, const term *box)
{
	if (header_kind(box[0]) == BOX_SUB_BINARY && term_is_kind(box[SUB_PARENT], BOX_REFC))
		w->used_bytes += (uint64_t) term_to_small(box[SUB_SIZE]);
}

static void walk_term(struct walk *w, term t)
{
	do {
		while (term_is_cons(t) && mark(w, term_cell(t), 2)) {
			work_stack_push(&w->stack, list_head(t));
			t = list_tail(t);
		}
		if (!term_is_boxed(t) || term_box(t)->word == 0)
			continue;
		const term *box = term_box(t);
		size_t words = header_words(box[0]);
		if (!mark(w, box, 1 + words))
			continue;
		count_use(w, box);
		for (size_t i = 1; i <= words && !header_is_raw(box[0]); i++)
			if (!term_is_immediate(box[i]))
				work_stack_push(&w->stack, box[i]);
	} while (work_stack_pop(&w->stack, &t));
}

static void walk_roots(struct walk *w, const struct heap *h, const struct root_set *roots)
{
	for (const term *slot = h->stop; slot < h->end; slot++)
		walk_term(w, *slot);
	for (size_t i = 0; i < roots->range_count; i++)
		for (size_t j = 0; j < roots->ranges[i].count; j++)
			walk_term(w, roots->ranges[i].first[j]);
	for (size_t i = 0; i < roots->live_count; i++)
		walk_term(w, *roots->live[i]);
	for (const struct message *q = roots->queue; q; q = (const struct message *) q->signal.next)
		if (roots->queue_on_heap || q->signal.place == MESSAGE_PLACED)
			walk_term(w, q->value);
}

static size_t live_words(const struct walk *w, enum piece_kind kind)
{
	size_t live = 0;
	for (size_t i = 0; i < w->piece_count; i++)
		for (size_t bit = 0; bit < w->pieces[i].words && w->pieces[i].kind == kind; bit++)
			live += bit_get(w, w->pieces[i].first_bit + bit);
	return live;
}

static size_t piece_words(const struct walk *w, enum piece_kind kind)
{
	size_t words = 0;
	for (size_t i = 0; i < w->piece_count; i++)
		words += w->pieces[i].kind == kind ? w->pieces[i].words : 0;
	return words;
}

/* ---- Binaries --------------------------------------------------------------------------------------- */

static bool is_marked(const struct walk *w, const term *at)
{
	const struct piece *p = piece_of(w, at);
	return p && bit_get(w, p->first_bit + (size_t) (at - p->start));
}

/* seen: bytes that live handles show; used: bytes that live slices of them show. */
struct held { const struct refc *payload; uint64_t handles, seen, used; bool live; };

static int by_payload(const void *a, const void *b)
{
	const struct held *x = a, *y = b;
	return x->payload->serial < y->payload->serial ? -1 : x->payload->serial > y->payload->serial;
}

static int by_size(const void *a, const void *b)
{
	const struct survey_binary *x = a, *y = b;
	if (x->bytes != y->bytes)
		return x->bytes > y->bytes ? -1 : 1;
	return x->serial < y->serial ? -1 : x->serial > y->serial;
}

static size_t list_handles(const struct walk *w, const struct off_heap *list, struct held *out)
{
	size_t n = 0;
	for (term *handle = list->first; handle; handle = (term *) handle[REFC_NEXT].word) {
		bool live = is_marked(w, handle);
		out[n++] = (struct held) { (const struct refc *) handle[REFC_PAYLOAD].word, 1, live ? handle[REFC_SIZE].word : 0, 0, live };
	}
	return n;
}

/* Handles of one payload become one entry. */
static size_t merge(struct held *held, size_t n)
{
	size_t distinct = 0;
	qsort(held, n, sizeof *held, by_payload);
	for (size_t i = 0; i < n; i++) {
		if (distinct && held[distinct - 1].payload == held[i].payload) {
			held[distinct - 1].handles++;
			held[distinct - 1].live |= held[i].live;
			held[distinct - 1].seen += held[i].seen;
		} else {
			held[distinct++] = held[i];
		}
	}
	return distinct;
}

static struct held *find_held(struct held *held, size_t n, const struct refc *payload)
{
	struct held key = { .payload = payload };
	return n ? bsearch(&key, held, n, sizeof *held, by_payload) : NULL;
}

/* Slices in use, by payload: a second look at the live sub-binaries of every piece. */
static void count_slices(const struct walk *w, struct held *held, size_t n)
{
	for (size_t i = 0; i < w->piece_count; i++) {
		const struct piece *p = &w->pieces[i];
		for (size_t at = 0; at < p->words;) {
			term word = p->start[at];
			if (!term_is_header(word)) {
				at++;
				continue;
			}
			if (bit_get(w, p->first_bit + at) && header_kind(word) == BOX_SUB_BINARY && term_is_kind(p->start[at + SUB_PARENT], BOX_REFC)) {
				struct held *h = find_held(held, n, (const struct refc *) term_box(p->start[at + SUB_PARENT])[REFC_PAYLOAD].word);
				if (h)
					h->used += (uint64_t) term_to_small(p->start[at + SUB_SIZE]);
			}
			at += header_is_raw(word) ? 1 + header_words(word) : 1;
		}
	}
}

static void report_binaries(const struct held *held, size_t n, struct survey *out, size_t room)
{
	for (size_t i = 0; i < n; i++) {
		uint64_t references = atomic_load_explicit(&held[i].payload->references, memory_order_relaxed);
		uint64_t bytes = held[i].payload->bytes;
		/* A slice that was sent arrives as a handle that shows a part; a handle with slices is looked at through them. */
		uint64_t used = size_min(held[i].used ? held[i].used : held[i].seen, bytes);
		out->held_bytes += bytes;
		out->live_bytes += held[i].live ? bytes : 0;
		out->used_bytes += used;
		out->share_bytes += bytes / references * held[i].handles;
		struct survey_binary b = { held[i].payload->serial, bytes, references, used, held[i].handles, held[i].live };
		if (out->binary_count < room) {
			out->binaries[out->binary_count++] = b;
		} else if (room) {
			size_t least = 0;
			for (size_t j = 1; j < room; j++)
				if (by_size(&out->binaries[least], &out->binaries[j]) < 0)
					least = j;
			if (by_size(&b, &out->binaries[least]) < 0)
				out->binaries[least] = b;
		}
	}
	out->binary_total = n;
	if (out->binary_count)
		qsort(out->binaries, out->binary_count, sizeof *out->binaries, by_size);
}

static bool survey_binaries(const struct walk *w, const struct heap_body *body, struct survey *out, size_t room)
{
	size_t handles = body->young.handles + body->old.handles;
	if (handles == 0)
		return true;
	struct held *held = mem_alloc(w->lane, MEM_OBSERVER, handles * sizeof *held, MEM_MUST);
	if (!held)
		return false;
	size_t n = list_handles(w, &body->young, held);
	n += list_handles(w, &body->old, held + n);
	n = merge(held, n);
	count_slices(w, held, n);
	report_binaries(held, n, out, room);
	mem_give(w->lane, MEM_OBSERVER, held, handles * sizeof *held);
	return true;
}

/* ---- The strip: the block drawn to scale ---------------------------------------------------------- */

enum strip_cell { CELL_FREE, CELL_NEW, CELL_SURVIVED, CELL_OLD, CELL_STACK, CELL_DEAD, CELL_MESSAGE };

static uint8_t cell_for(const struct walk *w, const struct heap *h, const term *at)
{
	const struct heap_body *body = h->b.body;
	if (at >= h->stop && at < h->end)
		return CELL_STACK;
	if (at >= h->b.top && at < h->stop)
		return CELL_FREE;
	if (at >= body->old_top && at < body->old_end)
		return CELL_FREE;
	if (!is_marked(w, at))
		return CELL_DEAD;
	if (at >= body->old_start && at < body->old_end)
		return CELL_OLD;
	return at < body->high ? CELL_SURVIVED : CELL_NEW;
}

static void draw_strip(const struct walk *w, const struct heap *h, struct survey *out, size_t cells)
{
	const struct heap_body *body = h->b.body;
	size_t block = (size_t) (h->end - h->start), old = (size_t) (body->old_end - body->old_start);
	size_t step = (block + old + cells - 1) / cells;
	out->strip_words_per_cell = step;
	for (size_t at = 0; at < block + old && out->strip_cells < cells; at += step)
		out->strip[out->strip_cells++] = cell_for(w, h, at < block ? h->start + at : body->old_start + (at - block));
}

/* ---- Door ------------------------------------------------------------------------------------------- */

static void measure(struct walk *w, const struct heap *h, const struct root_set *roots, struct survey *out, size_t binary_room, size_t cells)
{
	const struct heap_body *body = h->b.body;
	work_stack_init(&w->stack);
	walk_roots(w, h, roots);
	work_stack_release(&w->stack);
	out->live_young = live_words(w, PIECE_YOUNG);
	out->live_old = live_words(w, PIECE_OLD);
	out->live_fragment = live_words(w, PIECE_FRAGMENT);
	out->dead_words = piece_words(w, PIECE_YOUNG) - out->live_young + piece_words(w, PIECE_OLD) - out->live_old
		+ body->fragment_words - out->live_fragment;
	survey_binaries(w, body, out, binary_room);
	if (cells)
		draw_strip(w, h, out, cells);
}

bool survey_heap(const struct heap *h, const struct root_set *roots, struct survey *out, struct survey_binary *room,
	size_t binary_room, uint8_t *strip, size_t cells)
{
	*out = (struct survey) { .binaries = room, .strip = strip };
	if (!h->b.body || !h->start)
		return true;
	struct walk w = { .lane = h->b.body->lane };
	w.piece_room = count_pieces(h->b.body, roots);
	w.pieces = mem_alloc(w.lane, MEM_OBSERVER, w.piece_room * sizeof *w.pieces, MEM_MUST);
	if (!w.pieces)
		return false;
	collect_pieces(&w, h, roots);
	w.bits.words = mem_alloc(w.lane, MEM_OBSERVER, w.bits.bytes, MEM_MUST);
	if (w.bits.words) {
		memset(w.bits.words, 0, w.bits.bytes);
		measure(&w, h, roots, out, binary_room, cells);
		mem_give(w.lane, MEM_OBSERVER, w.bits.words, w.bits.bytes);
	}
	mem_give(w.lane, MEM_OBSERVER, w.pieces, w.piece_room * sizeof *w.pieces);
	return w.bits.words != NULL;
}
