/* gc_verify - see the header. Plain and slow on purpose: it must not share a mistake with the collector. */
#include "runtime/memory/gc_verify.h"

#include "runtime/memory/literal.h"

struct verifier {
	const struct heap *heap;
	const struct heap_body *body;
	const struct root_set *roots;
	const char *when;
};

static bool lies_in(const term *at, const term *from, const term *to) { return at >= from && at < to; }

static bool in_fragment(const struct verifier *v, const term *at)
{
	for (const struct fragment *f = v->body->fragments; f; f = f->next)
		if (lies_in(at, f->data, f->b.top))
			return true;
	for (const struct message *q = v->body->taken; q; q = (const struct message *) q->signal.next)
		if (lies_in(at, q->payload, q->payload + message_words(q)))
			return true;
	return false;
}

static bool in_young(const struct verifier *v, const term *at) { return lies_in(at, v->heap->start, v->heap->b.top); }
static bool in_old(const struct verifier *v, const term *at) { return lies_in(at, v->body->old_start, v->body->old_top); }

static void verify_pointer(const struct verifier *v, term t, bool from_old)
{
	if (!term_is_cons(t) && !term_is_boxed(t))
		return;
	const term *at = term_pointer(t);
	if (at->word == 0 && term_is_boxed(t))
		return;
	if (v->body->world->literals && literal_is(v->body->world->literals, t))
		return;
	CHECK(in_young(v, at) || in_old(v, at) || in_fragment(v, at), "%s: a pointer out of the heap, %#lx", v->when, (unsigned long) t.word);
	CHECK(!from_old || in_old(v, at), "%s: the old heap points to the young one", v->when);
	CHECK(!term_is_boxed(t) || term_is_header(*at), "%s: a box without a header", v->when);
	CHECK(!term_is_cons(t) || !term_is_header(*at), "%s: a list cell begins with a header", v->when);
}

static void verify_words(const struct verifier *v, const term *at, const term *top, bool old)
{
	while (at < top) {
		if (!term_is_header(*at)) {
			verify_pointer(v, *at++, old);
			continue;
		}
		CHECK(header_kind(*at) < BOX_KIND_COUNT, "%s: a header of kind %d", v->when, header_kind(*at));
		CHECK(at + 1 + header_words(*at) <= top, "%s: a box runs over the end", v->when);
		at += header_is_raw(*at) ? 1 + header_words(*at) : 1;
	}
	CHECK(at == top, "%s: a hole at the end", v->when);
}

static void verify_list(const struct verifier *v, const struct off_heap *list, bool old)
{
	uint64_t handles = 0, words = 0;
	for (const term *handle = list->first; handle; handle = (const term *) handle[REFC_NEXT].word) {
		const struct refc *payload = (const struct refc *) handle[REFC_PAYLOAD].word;
		CHECK(header_kind(*handle) == BOX_REFC, "%s: the off-heap list holds no handle", v->when);
		CHECK(atomic_load_explicit(&payload->references, memory_order_relaxed) > 0, "%s: a handle of a dead payload", v->when);
		CHECK(in_old(v, handle) == old, "%s: a handle in the wrong list", v->when);
		handles++;
		words += handle[REFC_SIZE].word / WORD_BYTES;
	}
	CHECK(handles == list->handles, "%s: %lu handles counted %lu", v->when, (unsigned long) handles, (unsigned long) list->handles);
	words += list->pending_words;
	CHECK(words == list->words || v->body->writable_binaries, "%s: virtual heap %lu counted %lu", v->when, (unsigned long) words,
		(unsigned long) list->words);
}

static void verify_roots(const struct verifier *v)
{
	for (const term *slot = v->heap->stop; slot < v->heap->end; slot++)
		if (!term_is_header(*slot))
			verify_pointer(v, *slot, false);
	for (size_t i = 0; i < v->roots->range_count; i++)
		for (size_t j = 0; j < v->roots->ranges[i].count; j++)
			verify_pointer(v, v->roots->ranges[i].first[j], false);
	for (size_t i = 0; i < v->roots->live_count; i++)
		verify_pointer(v, *v->roots->live[i], false);
	for (const struct message *q = v->roots->queue; q; q = (const struct message *) q->signal.next)
		if (q->signal.place == MESSAGE_PLACED)
			verify_pointer(v, q->value, false);
}

static void verify_attached(const struct verifier *v)
{
	size_t words = 0;
	for (const struct message *q = v->roots->queue; q; q = (const struct message *) q->signal.next)
		if (q->signal.place == MESSAGE_INSIDE && q->signal.counted)
			words += message_words(q);
	CHECK(words == v->body->attached_words, "%s: attached %zu counted %zu", v->when, words, v->body->attached_words);
}

void gc_verify(const struct heap *h, const struct root_set *roots, const char *when)
{
	struct verifier v = { h, h->b.body, roots, when };
	if (!v.body || !h->start)
		return;
	CHECK(h->start <= v.body->high && v.body->high <= h->b.top, "%s: the high-water mark lies outside", when);
	CHECK(h->b.top <= h->stop && h->stop < h->end, "%s: heap and stack cross", when);
	verify_words(&v, h->start, h->b.top, false);
	verify_words(&v, v.body->old_start, v.body->old_top, true);
	for (const struct fragment *f = v.body->fragments; f; f = f->next)
		verify_words(&v, f->data, f->b.top, false);
	verify_list(&v, &v.body->young, false);
	verify_list(&v, &v.body->old, true);
	verify_roots(&v);
	verify_attached(&v);
}
