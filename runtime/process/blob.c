/* blob - see the header. Built by an instruction: collect before; by a built-in: collect after (OTP 25). */
#include "runtime/process/blob.h"

#include <string.h>

#include "runtime/process/life.h"
#include "runtime/process/scheduler.h"

#define APPEND_LEAST_BYTES 256u
#define APPEND_LARGE_BYTES (16u << 20)          /* from here on buffers grow by a fifth */
#define COPY_BYTES_A_REDUCTION 100u
#define LIVE_MOST 14u

static struct refc *payload_for(struct process *p, size_t bytes, size_t capacity)
{
	uint64_t serial = atomic_fetch_add_explicit(&p->world->next_payload, 1, memory_order_relaxed) + 1;
	struct schedulers *all = p->scheduler->all;
	_Atomic int64_t *account = all->account_of ? all->account_of(p) : NULL;
	struct refc *r = refc_new(p->scheduler->lane, serial, bytes, capacity, mem_urgency_for(capacity, p->flags & PROCESS_ASKS_ROOM), account);
	if (!r)
		process_system_limit(p, ATOM_memory);
	return r;
}

static void fill_bytes(uint8_t *to, const void *data, size_t bytes, uint8_t fill)
{
	if (data)
		memcpy(to, data, bytes);
	else
		memset(to, fill, bytes);
}

term blob_build(struct process *p, struct builder *b, const void *data, size_t bytes, uint8_t fill)
{
	if (bytes <= BINARY_HEAP_LIMIT) {
		term t = binary_heap(b, data, bytes);
		if (!data)
			memset(term_box(t) + 2, fill, bytes);
		return t;
	}
	struct refc *r = payload_for(p, bytes, bytes);
	fill_bytes(r->data, data, bytes, fill);
	return binary_handle(b, r, r->data, bytes);
}

term blob_new(struct process *p, const void *data, size_t bytes, uint8_t fill, term **live, size_t live_count)
{
	struct builder *b = process_reserve_binary(p, 0, bytes, live, live_count);
	return blob_build(p, b, data, bytes, fill);
}

term blob_new_bif(struct process *p, const void *data, size_t bytes, uint8_t fill)
{
	return blob_build(p, process_room(p, binary_new_words(bytes)), data, bytes, fill);
}

/* The caller's live terms and one more. */
static size_t with_one_more(term *out[LIVE_MOST + 1], term *one, term **live, size_t live_count)
{
	CHECK(live_count <= LIVE_MOST, "%zu live terms", live_count);
	out[0] = one;
	for (size_t i = 0; i < live_count; i++)
		out[1 + i] = live[i];
	return 1 + live_count;
}

static void check_range(struct process *p, term t, size_t offset, size_t bytes)
{
	if (!term_is_binary(t) || offset > binary_bytes(t) || bytes > binary_bytes(t) - offset)
		process_badarg(p);
}

term blob_match(struct process *p, term *t, size_t offset, size_t bytes, term **live, size_t live_count)
{
	term *all[LIVE_MOST + 1];
	size_t n = with_one_more(all, t, live, live_count);
	check_range(p, *t, offset, bytes);
	struct builder *b = process_reserve(p, binary_slice_words(bytes), all, n);
	return binary_slice(b, *t, offset, bytes);
}

term blob_part(struct process *p, term t, size_t offset, size_t bytes)
{
	check_range(p, t, offset, bytes);
	process_room(p, 0);
	struct fragment *f = heap_fragment_new(&p->heap, binary_slice_words(bytes), p->flags & PROCESS_ASKS_ROOM);
	if (!f)
		process_system_limit(p, ATOM_memory);
	process_charge(p, 1);
	return binary_slice(&f->b, t, offset, bytes);
}

term blob_copy(struct process *p, term t)
{
	if (!binary_is_whole(t))
		process_badarg(p);
	size_t bytes = binary_bytes(t);
	const uint8_t *data = binary_data(t);
	process_charge(p, 1);
	process_bump(p, bytes / COPY_BYTES_A_REDUCTION);
	return blob_build(p, process_room(p, binary_new_words(bytes)), data, bytes, 0);
}

/* ---- Append buffers ----------------------------------------------------------------------------------------- */

/* The slice that may go on in place: marked writable, at the end of what is used, its handle the only one. */
static struct refc *writable_payload(term t)
{
	if (!term_is_kind(t, BOX_SUB_BINARY) || !(term_to_small(term_box(t)[SUB_BITS]) & SUB_WRITABLE))
		return NULL;
	const term *handle = term_box(term_box(t)[SUB_PARENT]);
	struct refc *r = (struct refc *) handle[REFC_PAYLOAD].word;
	bool at_end = binary_bytes(t) == r->bytes && term_to_small(term_box(t)[SUB_OFFSET]) == 0;
	return handle[REFC_FLAGS].word && at_end && atomic_load_explicit(&r->references, memory_order_acquire) == 1 ? r : NULL;
}

static size_t grown_capacity(size_t bytes)
{
	return bytes > APPEND_LARGE_BYTES ? bytes + bytes / 5 : 2 * bytes;
}

static term writable_slice(struct builder *b, term handle, size_t bytes)
{
	term *box = build_words(b, SUB_WORDS);
	box[0] = term_header(BOX_SUB_BINARY, SUB_WORDS - 1);
	box[SUB_SIZE] = term_from_small((intptr_t) bytes);
	box[SUB_OFFSET] = term_from_small(0);
	box[SUB_BITS] = term_from_small(SUB_WRITABLE);
	box[SUB_PARENT] = handle;
	return term_from_box(box);
}

/* Which list a handle is in decides which counters follow its growth. */
static struct off_heap *list_of(struct heap_body *body, const term *handle)
{
	return handle >= body->old_start && handle < body->old_end ? &body->old : &body->young;
}

static void grow_in_place(struct process *p, term *handle, const void *data, size_t more)
{
	struct refc *r = (struct refc *) handle[REFC_PAYLOAD].word;
	struct heap_body *body = p->heap.b.body;
	struct off_heap *list = list_of(body, handle);
	size_t bytes = r->bytes + more;
	if (bytes > r->capacity) {
		struct refc *larger = refc_resize(p->scheduler->lane, r, grown_capacity(bytes));
		if (!larger)
			process_system_limit(p, ATOM_memory);
		handle[REFC_PAYLOAD].word = (uintptr_t) larger;
		handle[REFC_BYTES].word = (uintptr_t) larger->data;
		r = larger;
	}
	memcpy(r->data + r->bytes, data, more);
	r->bytes = bytes;
	/* As on OTP 25: a young buffer's growth is counted by the next sweep, an old one's at once. */
	if (list == &body->old)
		list->words += bytes / WORD_BYTES - handle[REFC_SIZE].word / WORD_BYTES;
	list->bytes += more;
	body->binary_bytes += more;
	body->changed = true;
	handle[REFC_SIZE].word = bytes;
	atomic_store_explicit(&r->touched, 1, memory_order_relaxed);
}

static term append_first(struct process *p, term *t, const void *data, size_t more, term **live, size_t live_count)
{
	term *all[LIVE_MOST + 1];
	size_t n = with_one_more(all, t, live, live_count);
	size_t old = binary_bytes(*t), bytes = old + more;
	struct builder *b = process_reserve_bif(p, REFC_WORDS + SUB_WORDS, 0, all, n);
	struct refc *r = payload_for(p, bytes, size_max(APPEND_LEAST_BYTES, 2 * bytes));
	memcpy(r->data, binary_data(*t), old);
	memcpy(r->data + old, data, more);
	term handle = binary_handle(b, r, r->data, bytes);
	term_box(handle)[REFC_FLAGS].word = 1;
	p->heap.b.body->writable_binaries = true;
	return writable_slice(b, handle, bytes);
}

term blob_append(struct process *p, term *t, const void *data, size_t bytes, term **live, size_t live_count)
{
	term *all[LIVE_MOST + 1];
	if (!term_is_binary(*t))
		process_badarg(p);
	process_charge(p, 1 + (uint32_t) (bytes / 1024));
	if (!writable_payload(*t))
		return append_first(p, t, data, bytes, live, live_count);
	/* The buffer grows first: a collection for the slice's words counts it as it is then. */
	size_t n = with_one_more(all, t, live, live_count);
	grow_in_place(p, term_box(term_box(*t)[SUB_PARENT]), data, bytes);
	struct builder *b = process_reserve_bif(p, SUB_WORDS, 0, all, n);
	term handle = term_box(*t)[SUB_PARENT];
	return writable_slice(b, handle, binary_payload(handle)->bytes);
}

term blob_prepend(struct process *p, term *t, const void *data, size_t bytes, term **live, size_t live_count)
{
	term *all[LIVE_MOST + 1];
	if (!term_is_binary(*t))
		process_badarg(p);
	size_t old = binary_bytes(*t), n = with_one_more(all, t, live, live_count);
	struct builder *b = process_reserve_binary(p, 0, old + bytes, all, n);
	term made = blob_build(p, b, NULL, old + bytes, 0);
	uint8_t *to = (uint8_t *) (uintptr_t) binary_data(made);
	memcpy(to, data, bytes);
	memcpy(to + bytes, binary_data(*t), old);
	process_charge(p, 1 + (uint32_t) ((old + bytes) / 1024));
	return made;
}
