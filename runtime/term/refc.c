/* refc - see the header. One block: the struct, then its bytes; it is charged as OTP would, not by its own size. */
#include "runtime/term/refc.h"

#include <string.h>

/* OTP 25's Binary head in front of the bytes, rounded to words, and the allocator's share. */
#define CHARGED_HEAD_BYTES 24u
#define CHARGED_BLOCK_BYTES 16u

size_t refc_charged_bytes(size_t capacity)
{
	return (capacity + CHARGED_HEAD_BYTES + WORD_BYTES - 1) / WORD_BYTES * WORD_BYTES + CHARGED_BLOCK_BYTES;
}

static size_t block_bytes(size_t capacity) { return sizeof(struct refc) + capacity; }

/* The application's own sum is relaxed: only its total means anything. */
static void charge(struct mem_lane *lane, _Atomic int64_t *account, int64_t bytes)
{
	mem_charge(lane, CHARGE_BINARY, bytes);
	if (account)
		atomic_fetch_add_explicit(account, bytes, memory_order_relaxed);
}

struct refc *refc_new(struct mem_lane *lane, uint64_t serial, size_t bytes, size_t capacity, enum mem_urgency urgency,
	_Atomic int64_t *account)
{
	CHECK(bytes <= capacity, "a payload of %zu bytes in room for %zu", bytes, capacity);
	struct refc *r = mem_alloc(lane, MEM_BINARY, block_bytes(capacity), urgency);
	if (!r)
		return NULL;
	atomic_init(&r->references, 1);
	r->serial = serial;
	r->bytes = bytes;
	r->capacity = capacity;
	atomic_init(&r->touched, 0);
	atomic_init(&r->mark, 0);
	r->account = account;
	charge(lane, account, (int64_t) refc_charged_bytes(capacity));
	return r;
}

/* Who retains holds a share already, so nothing needs to be seen in order. */
void refc_retain(struct refc *r)
{
	uint64_t before = atomic_fetch_add_explicit(&r->references, 1, memory_order_relaxed);
	CHECK(before > 0, "payload %llu is retained after its last drop", (unsigned long long) r->serial);
}

void refc_drop(struct mem_lane *lane, struct refc *r)
{
	uint64_t before = atomic_fetch_sub_explicit(&r->references, 1, memory_order_acq_rel);
	CHECK(before > 0, "payload %llu is dropped once too often", (unsigned long long) r->serial);
	if (before > 1)
		return;
	charge(lane, r->account, -(int64_t) refc_charged_bytes(r->capacity));
	mem_give(lane, MEM_BINARY, r, block_bytes(r->capacity));
}

/* Identity moves along: serial and mark stay, so a survey in progress counts the payload once. */
struct refc *refc_resize(struct mem_lane *lane, struct refc *r, size_t capacity)
{
	CHECK(atomic_load_explicit(&r->references, memory_order_acquire) == 1, "a shared payload cannot move");
	CHECK(r->bytes <= capacity, "%llu bytes do not fit in %zu", (unsigned long long) r->bytes, capacity);
	struct refc *to = refc_new(lane, r->serial, r->bytes, capacity, MEM_ASK, r->account);
	if (!to)
		return NULL;
	atomic_init(&to->touched, atomic_load_explicit(&r->touched, memory_order_relaxed));
	atomic_init(&to->mark, atomic_load_explicit(&r->mark, memory_order_relaxed));
	memcpy(to->data, r->data, r->bytes);
	refc_drop(lane, r);
	return to;
}
