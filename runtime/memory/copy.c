/*
 * copy - a copy is its own work list: the root is copied, then everything copied is scanned in order and
 * what still points outside of the copy is copied behind it. No stack, no marks; sharing is lost because nothing is
 * remembered, which is the flat size's rule.
 */
#include "runtime/memory/copy.h"

#include <string.h>

#include "runtime/base/map64.h"
#include "runtime/memory/literal.h"
#include "runtime/term/work_stack.h"

ALWAYS_INLINE bool is_pointer(term t) { return ((t.word ^ t.word >> 1) & 1) != 0; }      /* 01 or 10 */

/*
 * Cells of a list mostly lie at equal distances. Who guesses the next one there, and only compares the guess with the tail, need
 * not wait for each cell before it asks for the next: the processor goes on as if the guess were right.
 */
struct spine { const term *cell; ptrdiff_t stride; };

ALWAYS_INLINE struct spine spine_of(term list) { return (struct spine) { term_cell(list), 2 }; }

ALWAYS_INLINE void spine_next(struct spine *s, term tail)
{
	const term *guess = s->cell + s->stride, *next;
	__asm__ ("" : "=r" (next) : "0" (guess));       /* the compiler shall not know that, the guess being right, next is the tail */
	if (UNLIKELY(term_cell(tail) != guess)) {
		next = term_cell(tail);
		s->stride = next - s->cell;
	}
	s->cell = next;
}

/*
 * What is read and written soon is asked for, once a line: by itself the processor looks ahead to the end of a page only.
 */
#define AHEAD_WORDS 128
#define AHEAD_CELLS (AHEAD_WORDS / 2)

ALWAYS_INLINE bool begins_line(const term *at) { return (uintptr_t) at % CACHE_LINE < 2 * WORD_BYTES; }

ALWAYS_INLINE void ask_ahead(const term *from, const term *to)
{
	__builtin_prefetch(from);
	__builtin_prefetch(to + AHEAD_WORDS, 1);
}

/* A whole-byte slice of an off-heap binary is sent as a fresh handle with its own offset. */
static bool slice_is_sent_as_handle(const term *box)
{
	return header_kind(box[0]) == BOX_SUB_BINARY && (term_to_small(box[SUB_BITS]) & ~SUB_WRITABLE) == 0
		&& term_is_kind(box[SUB_PARENT], BOX_REFC);
}

/* Words of one box without what it refers to. */
static size_t box_flat_words(const term *box)
{
	return slice_is_sent_as_handle(box) ? (size_t) REFC_WORDS : 1 + header_words(box[0]);
}

/* Pushes all children but the last, which is given back to go on with. */
static term push_children(struct work_stack *stack, const term *box)
{
	size_t words = header_words(box[0]);
	if (header_is_raw(box[0]) || slice_is_sent_as_handle(box) || words == 0)
		return TERM_NIL;
	for (size_t i = 1; i < words; i++)
		if (is_pointer(box[i]))
			work_stack_push(stack, box[i]);
	return box[words];
}

/* The list goes on with a cell that is to be copied. */
ALWAYS_INLINE bool goes_on(const struct literals *literals, term tail)
{
	return term_is_cons(tail) && !(literals && literal_is(literals, tail));
}

/*
 * Most lists are long and hold what needs no heap: counts cells along the spine as long as heads are of that kind, and one
 * more; *t moves on to that last cell.
 */
static size_t plain_cells(const struct literals *literals, term *t)
{
	struct spine s = spine_of(*t);
	size_t n = 1;
	for (; !is_pointer(s.cell[0]) && goes_on(literals, s.cell[1]); n++)
		spine_next(&s, s.cell[1]);
	*t = term_from_cons(s.cell);
	return n;
}

size_t term_flat_words(const struct literals *literals, term t)
{
	if (!is_pointer(t))
		return 0;
	struct work_stack stack;
	work_stack_init(&stack);
	size_t words = 0;
	do {
		while (is_pointer(t)) {
			if ((literals && literal_is(literals, t)) || term_pointer(t)->word == 0)
				break;
			if (term_is_cons(t)) {
				words += 2 * plain_cells(literals, &t);
				if (is_pointer(list_head(t)))
					work_stack_push(&stack, list_head(t));
				t = list_tail(t);
			} else {
				words += box_flat_words(term_box(t));
				t = push_children(&stack, term_box(t));
			}
		}
	} while (work_stack_pop(&stack, &t));
	work_stack_release(&stack);
	return words;
}

/* The same walk, but a box or cell that was met is not entered again. */
size_t term_size_words(struct world *w, term t)
{
	struct mem_lane *lane = mem_lane_at(w->mem, w->scheduler_count);
	struct map64 met = { 0 };
	struct work_stack stack;
	size_t words = 0;
	work_stack_init(&stack);
	do {
		while (is_pointer(t) && term_pointer(t)->word != 0 && map64_put(&met, lane, MEM_OBSERVER, t.word, 1)) {
			words += term_is_cons(t) ? 2 : box_flat_words(term_box(t));
			if (term_is_cons(t) && is_pointer(list_head(t)))
				work_stack_push(&stack, list_head(t));
			t = term_is_cons(t) ? list_tail(t) : push_children(&stack, term_box(t));
		}
	} while (work_stack_pop(&stack, &t));
	work_stack_release(&stack);
	map64_release(&met, lane, MEM_OBSERVER);
	return words;
}

struct copier {
	const struct literals *literals;
	term *top;
	term **handles;
	uint64_t *handle_words;
};

/* A handle of its own on the payload: chained, retained, counted. */
static void adopt_handle(struct copier *c, term *handle)
{
	refc_retain((struct refc *) handle[REFC_PAYLOAD].word);
	handle[REFC_FLAGS].word = 0;
	handle[REFC_NEXT].word = (uintptr_t) *c->handles;
	*c->handles = handle;
	*c->handle_words += handle[REFC_SIZE].word / WORD_BYTES;
}

static void copy_slice_as_handle(struct copier *c, const term *box)
{
	const term *parent = term_box(box[SUB_PARENT]);
	term *to = c->top;
	c->top += REFC_WORDS;
	to[0] = term_header(BOX_REFC, REFC_WORDS - 1);
	to[REFC_SIZE].word = (uintptr_t) term_to_small(box[SUB_SIZE]);
	to[REFC_PAYLOAD] = parent[REFC_PAYLOAD];
	to[REFC_BYTES].word = parent[REFC_BYTES].word + (uintptr_t) term_to_small(box[SUB_OFFSET]);
	adopt_handle(c, to);
}

static term copy_box(struct copier *c, const term *box)
{
	term *to = c->top;
	if (slice_is_sent_as_handle(box)) {
		copy_slice_as_handle(c, box);
		return term_from_box(to);
	}
	size_t words = 1 + header_words(box[0]);
	memcpy(to, box, words * WORD_BYTES);
	c->top += words;
	if (header_kind(box[0]) == BOX_REFC)
		adopt_handle(c, to);
	return term_from_box(to);
}

/* A list is copied along its spine, so that its cells lie in order; says whether a head or the end refers to more. */
static term copy_list(struct copier *c, term t, bool *has_pointers)
{
	const struct literals *literals = c->literals;
	struct spine s = spine_of(t);
	term *to = c->top;
	term first = term_from_cons(to), tail;
	uintptr_t heads = 0;
	for (;; to += 2) {
		to[0] = s.cell[0];
		heads |= to[0].word ^ to[0].word >> 1;
		tail = s.cell[1];
		if (!goes_on(literals, tail))
			break;
		to[1] = term_from_cons(to + 2);
		if (begins_line(to))
			ask_ahead(s.cell + AHEAD_CELLS * s.stride, to);
		spine_next(&s, tail);
	}
	to[1] = tail;
	c->top = to + 2;
	*has_pointers = heads & 1 || is_pointer(tail);
	return first;
}

static term copy_one(struct copier *c, term t, const term *from, const term *limit)
{
	bool has_pointers;
	if (!is_pointer(t) || (c->literals && literal_is(c->literals, t)))
		return t;
	const term *at = term_pointer(t);
	if ((at >= from && at < limit) || at->word == 0)
		return t;
	return term_is_cons(t) ? copy_list(c, t, &has_pointers) : copy_box(c, at);
}

/* The root. A list of what needs no heap, the most frequent large message, is complete: *at moves behind it. */
static term copy_root(struct copier *c, term t, term **at)
{
	bool has_pointers = true;
	if (!term_is_cons(t) || (c->literals && literal_is(c->literals, t)))
		return copy_one(c, t, *at, *at);
	t = copy_list(c, t, &has_pointers);
	if (!has_pointers)
		*at = c->top;
	return t;
}

term term_copy(const struct literals *literals, term t, term **top, term **handles, uint64_t *handle_words)
{
	struct copier c = { literals, *top, handles, handle_words };
	term *from = *top, *at = from;
	term result = copy_root(&c, t, &at);
	while (at < c.top) {
		if (term_is_header(*at)) {
			at += header_is_raw(*at) ? 1 + header_words(*at) : 1;
			continue;
		}
		*at = copy_one(&c, *at, from, c.top);
		at++;
	}
	*top = c.top;
	return result;
}

/* Branches would be mispredicted as often as a heap mixes its terms. */
ALWAYS_INLINE term moved_along(term t, uintptr_t from, uintptr_t bytes, uintptr_t distance)
{
	uintptr_t inside = (uintptr_t) (t.word - from < bytes) & (uintptr_t) is_pointer(t);
	return (term) { t.word + (distance & -inside) };
}

term term_relocate(term *to, const term *from, size_t words, term t)
{
	uintptr_t start = (uintptr_t) from, bytes = words * WORD_BYTES, distance = (uintptr_t) to - start;
	for (size_t i = 0; i < words;) {
		size_t raw = term_is_header(from[i]) && header_is_raw(from[i]) ? 1 + header_words(from[i]) : 0;
		if (begins_line(&to[i]))
			ask_ahead(&from[i] + AHEAD_WORDS, &to[i]);
		if (LIKELY(raw == 0)) {
			to[i] = moved_along(from[i], start, bytes, distance);
			i++;
			continue;
		}
		memcpy(&to[i], &from[i], raw * WORD_BYTES);
		i += raw;
	}
	return moved_along(t, start, bytes, distance);
}

void handles_drop(struct mem_lane *lane, term *handles)
{
	while (handles) {
		term *next = (term *) handles[REFC_NEXT].word;
		refc_drop(lane, (struct refc *) handles[REFC_PAYLOAD].word);
		handles = next;
	}
}
