/* heap - blocks, fragments, off-heap lists and their figures; the collector itself is gc.c. */
#include "runtime/memory/heap.h"

#include <string.h>

#include "runtime/memory/build.h"
#include "runtime/memory/message.h"

/*
 * The table of OTP 25 (erl_gc.c, erts_init_gc): a Fibonacci-like start, then steps of a fifth. Written
 * out, so that it is constant data; check_heap computes it again.
 */
static const uint64_t sizes[] = {
	12, 38, 51, 90, 142, 233, 376, 610, 987, 1598, 2586, 4185, 6772, 10958, 17731, 28690, 46422, 75113, 121536, 196650,
	318187, 514838, 833026, 999631, 1199557, 1439468, 1727361, 2072833, 2487399, 2984878, 3581853, 4298223, 5157867,
	6189440, 7427328, 8912793, 10695351, 12834421, 15401305, 18481566, 22177879, 26613454, 31936144, 38323372, 45988046,
	55185655, 66222786, 79467343, 95360811, 114432973, 137319567, 164783480, 197740176, 237288211, 284745853, 341695023,
	410034027, 492040832, 590448998, 708538797, 850246556, 1020295867, 1224355040, 1469226048, 1763071257, 2115685508,
	2538822609, 3046587130, 3655904556, 4387085467, 5264502560, 6317403072, 7580883686, 9097060423, 10916472507,
	13099767008, 15719720409, 18863664490, 22636397388, 27163676865, 32596412238, 39115694685, 46938833622, 56326600346,
	67591920415, 81110304498, 97332365397, 116798838476, 140158606171, 168190327405, 201828392886, 242194071463,
	290632885755, 348759462906, 418511355487, 502213626584, 602656351900, 723187622280, 867825146736, 1041390176083,
	1249668211299, 1499601853558, 1799522224269, 2159426669122, 2591312002946, 3109574403535, 3731489284242,
	4477787141090, 5373344569308, 6448013483169, 7737616179802, 9285139415762, 11142167298914, 13370600758696,
	16044720910435, 19253665092522, 23104398111026, 27725277733231, 33270333279877, 39924399935852, 47909279923022,
	57491135907626, 68989363089151, 82787235706981, 99344682848377, 119213619418052, 143056343301662, 171667611961994,
	206001134354392, 247201361225270, 296641633470324, 355969960164388, 427163952197265, 512596742636718,
	615116091164061, 738139309396873, 885767171276247,
};

unsigned heap_size_count(void) { return ARRAY_COUNT(sizes); }

size_t heap_size_at(unsigned index)
{
	CHECK(index < ARRAY_COUNT(sizes), "heap size %u of %zu", index, ARRAY_COUNT(sizes));
	return sizes[index];
}

size_t heap_next_size(size_t words, unsigned above)
{
	size_t low = 0, high = ARRAY_COUNT(sizes);
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (sizes[middle] < words)
			low = middle + 1;
		else
			high = middle;
	}
	/* Below the first entry there is nothing to step over: the first one it is (OTP: next of 0 is 12 either way). */
	if (words >= sizes[0])
		low += above;
	CHECK(low < ARRAY_COUNT(sizes), "no heap of %zu words", words);
	return sizes[low];
}

static const struct heap_options default_options = HEAP_OPTIONS_DEFAULT;

const struct heap_options *heap_options(const struct heap *h) { return h->b.body ? &h->b.body->options : &default_options; }

static bool options_are_default(const struct heap_options *o)
{
	return o->min_heap_words == default_options.min_heap_words && o->fullsweep_after == default_options.fullsweep_after
		&& o->min_vheap_words == default_options.min_vheap_words && o->max_heap_words == 0;
}

static uint64_t rounded(uint64_t words, uint64_t least) { return words <= least ? least : heap_next_size(words, 0); }

void heap_options_round(struct heap_options *o)
{
	o->min_heap_words = (uint32_t) rounded(o->min_heap_words, HEAP_DEFAULT_MIN);
	o->min_vheap_words = rounded(o->min_vheap_words, HEAP_DEFAULT_MIN_VHEAP);
}

void heap_init(struct heap *h, struct world *w, struct mem_lane *lane, const struct heap_options *options)
{
	memset(h, 0, sizeof *h);
	if (options_are_default(options))
		return;
	struct heap_body *body = heap_body_need(h, w, lane);
	body->options = *options;
	body->young.limit = body->old.limit = options->min_vheap_words;
}

static struct heap_body *give_body(struct heap *h, struct world *w, struct mem_lane *lane, struct heap_body *body)
{
	memset(body, 0, sizeof *body);
	body->world = w;
	body->lane = lane;
	body->changed = true;
	body->options = default_options;
	body->young.limit = body->old.limit = default_options.min_vheap_words;
	h->b.body = body;
	return body;
}

struct heap_body *heap_body_need(struct heap *h, struct world *w, struct mem_lane *lane)
{
	return LIKELY(h->b.body) ? h->b.body : give_body(h, w, lane, mem_need(lane, MEM_HEAP, sizeof *h->b.body));
}

bool heap_body_try(struct heap *h, struct world *w, struct mem_lane *lane)
{
	struct heap_body *body = h->b.body ? NULL : mem_alloc(lane, MEM_HEAP, sizeof *body, MEM_LAST);
	if (body)
		give_body(h, w, lane, body);
	return h->b.body != NULL;
}

/* The argument list is garbage by now, so any words will do. */
static void fill_unmade(struct heap *h)
{
	for (; h->unmade; h->unmade--)
		*h->b.top++ = TERM_NIL;
}

bool heap_block_need(struct heap *h, struct world *w, struct mem_lane *lane, size_t words, bool asks_room)
{
	if (h->start)
		return true;
	if (!heap_body_try(h, w, lane))
		return false;
	struct heap_body *body = h->b.body;
	size_t least = body->options.min_heap_words;
	size_t size = words + HEAP_RESERVED < least ? least : size_max(heap_next_size(words + HEAP_RESERVED, 0), least);
	term *block = mem_alloc(lane, MEM_HEAP, size * WORD_BYTES, mem_urgency_for(size * WORD_BYTES, asks_room));
	/* The first block of one that lives already; a birth with arguments is refused. */
	if (!block && words == 0)
		block = mem_alloc(lane, MEM_HEAP, size * WORD_BYTES, MEM_MUST);
	if (!block)
		return false;
	mem_charge(lane, CHARGE_PROCESSES, (int64_t) (size - least) * (int64_t) WORD_BYTES);
	h->start = h->b.top = body->high = block;
	size_t stack = (size_t) (h->end - h->stop);
	term *from = h->stop;
	h->end = block + size;
	h->stop = h->end - stack;
	for (size_t i = 0; i < stack; i++)
		h->stop[i] = from[i];
	fill_unmade(h);
	body->changed = true;
	heap_set_limit(h, false);
	return true;
}

static void release_fragments(struct heap_body *body, struct mem_lane *lane)
{
	for (struct fragment *f = body->fragments, *next; f; f = next) {
		next = f->next;
		mem_give(lane, MEM_FRAGMENT, f, sizeof *f + f->words * WORD_BYTES);
	}
	for (struct signal *s = (struct signal *) body->taken, *next; s; s = next) {
		next = s->next;
		mem_give(lane, MEM_FRAGMENT, s, s->bytes);
	}
	body->fragments = NULL;
	body->taken = NULL;
}

static void release_handles(struct off_heap *list, struct mem_lane *lane)
{
	for (term *handle = list->first; handle; handle = (term *) handle[REFC_NEXT].word)
		refc_drop(lane, (struct refc *) handle[REFC_PAYLOAD].word);
	list->first = NULL;
}

void heap_release(struct heap *h, struct mem_lane *lane)
{
	struct heap_body *body = h->b.body;
	if (!body)
		return;
	release_handles(&body->young, lane);
	release_handles(&body->old, lane);
	size_t words = body->fragment_words + (size_t) (body->old_end - body->old_start);
	if (h->start)
		words += (size_t) (h->end - h->start) - body->options.min_heap_words;
	mem_charge(lane, CHARGE_PROCESSES, -(int64_t) (words * WORD_BYTES));
	release_fragments(body, lane);
	if (h->start)
		mem_give(lane, MEM_HEAP, h->start, (size_t) (h->end - h->start) * WORD_BYTES);
	if (body->old_start)
		mem_give(lane, MEM_OLD_HEAP, body->old_start, (size_t) (body->old_end - body->old_start) * WORD_BYTES);
	mem_give(lane, MEM_HEAP, body, sizeof *body);
	memset(h, 0, sizeof *h);
}

struct fragment *heap_fragment_new(struct heap *h, size_t words, bool asks_room)
{
	struct heap_body *body = h->b.body;
	size_t bytes = sizeof(struct fragment) + words * WORD_BYTES;
	struct fragment *f = mem_alloc(body->lane, MEM_FRAGMENT, bytes, mem_urgency_for(bytes, asks_room));
	if (!f)
		return NULL;
	f->words = words;
	f->b = (struct builder) { f->data, f->data + words, body };
	f->next = body->fragments;
	body->fragments = f;
	body->fragment_words += words;
	body->changed = true;
	mem_charge(body->lane, CHARGE_PROCESSES, (int64_t) (words * WORD_BYTES));
	return f;
}

#define RETURN_ADDRESS 1u               /* of the built-in's caller: on the BEAM's stack, not on this one */

struct builder *heap_room(struct heap *h, size_t words)
{
	if ((size_t) (h->stop - h->b.top) >= words + HEAP_RED_ZONE + RETURN_ADDRESS && !h->b.body->world->switches.force_frags)
		return &h->b;
	struct fragment *f = heap_fragment_new(h, words, false);
	return f ? &f->b : NULL;
}

term heap_pending_new(struct heap *h, uint64_t number)
{
	struct builder *b = heap_room(h, REFERENCE_WORDS);
	if (!b)
		return TERM_NONE;
	term t = build_reference(b, number);
	h->b.body->pending = term_box(t);
	h->b.body->young.words += PENDING_VHEAP_WORDS;
	h->b.body->young.pending_words += PENDING_VHEAP_WORDS;
	return t;
}

struct heap_figures heap_figures(const struct heap *h)
{
	const struct heap_body *body = h->b.body;
	struct heap_figures f = { .block = heap_options(h)->min_heap_words, .used = h->unmade, .stack = (size_t) (h->end - h->stop),
		.vheap_limit = heap_options(h)->min_vheap_words, .old_vheap_limit = heap_options(h)->min_vheap_words };
	if (!body)
		return f;
	if (h->start) {
		f.block = (size_t) (h->end - h->start);
		f.used = (size_t) (h->b.top - h->start);
		f.high = (size_t) (body->high - h->start);
	}
	f.old_block = (size_t) (body->old_end - body->old_start);
	f.old_used = (size_t) (body->old_top - body->old_start);
	f.fragment = body->fragment_words;
	f.attached = body->attached_words;
	f.vheap = body->young.words;
	f.vheap_limit = body->young.limit;
	f.old_vheap = body->old.words;
	f.old_vheap_limit = body->old.limit;
	return f;
}

void off_heap_link(struct builder *b, term *handle)
{
	struct heap_body *body = b->body;
	struct refc *payload = (struct refc *) handle[REFC_PAYLOAD].word;
	handle[REFC_NEXT].word = (uintptr_t) body->young.first;
	body->young.first = handle;
	body->young.words += handle[REFC_SIZE].word / WORD_BYTES;
	body->young.handles++;
	body->changed = true;
	body->young.bytes += payload->bytes;
	body->binary_bytes += payload->bytes;
	/* What its share is worth is known at this moment; the next collection counts again. */
	uint64_t references = atomic_load_explicit(&payload->references, memory_order_relaxed);
	body->binary_share += payload->bytes / (references ? references : 1);
	if (references > 1)
		body->shared_handles = true;
}

uint64_t off_heap_next_limit(uint64_t words, uint64_t limit, uint64_t least)
{
	if (words / 3 > limit / 4) {
		while (words / 3 > limit / 4)
			limit = (uint64_t) ((double) limit * 1.618);
	} else if (words < limit / 4) {
		limit >>= 1;
	}
	return limit < least ? least : limit;
}
