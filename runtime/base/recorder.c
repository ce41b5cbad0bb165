/*
 * recorder - one ring a lane; a record is written between two stores of its serial, so that a reader
 * sees whether it copied a whole one (a sequence lock with one writer).
 *
 *   written: serial := 0, fields, serial := n (release)     read: serial (acquire), fields, serial again
 *
 * Fields are relaxed atomics: a torn copy is noticed and thrown away, never undefined.
 */
#include "runtime/base/recorder.h"

#include <string.h>
#include <sys/mman.h>

#define RECORD_WORDS (sizeof(struct record) / sizeof(uint64_t))

struct cell { _Atomic uint64_t word[RECORD_WORDS]; };

struct ring {
	_Alignas(CACHE_LINE) _Atomic uint64_t last;     /* serial of the newest record */
	struct cell *cells;
};

struct recorder {
	struct recorder_switch on;
	unsigned lanes;
	uint32_t capacity;
	size_t bytes;
	struct ring rings[];
};

static const char *const names[] = {
#define KIND(name, text, args) text,
	RECORD_KINDS(KIND)
#undef KIND
};

const char *recorder_kind_name(enum record_kind kind) { return kind < RECORD_KIND_COUNT ? names[kind] : "?"; }

/* One mapping: a recorder outlives every allocator ledger and its pages cost nothing before they are written. */
struct recorder *recorder_new(unsigned lanes, uint32_t capacity)
{
	CHECK(capacity > 0 && (capacity & (capacity - 1)) == 0, "a capacity of %u is no power of two", capacity);
	size_t head = (sizeof(struct recorder) + lanes * sizeof(struct ring) + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE;
	size_t bytes = head + (size_t) lanes * capacity * sizeof(struct cell);
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
	struct recorder *r = mmap(NULL, bytes, PROT_READ | PROT_WRITE, flags, -1, 0);
	CHECK(r != MAP_FAILED, "no room for a flight recorder of %zu bytes", bytes);
	r->lanes = lanes;
	r->capacity = capacity;
	r->bytes = bytes;
	atomic_init(&r->on.kinds, UINT32_MAX);
	struct cell *cells = (struct cell *) (void *) ((char *) r + head);
	for (unsigned i = 0; i < lanes; i++)
		r->rings[i].cells = cells + (size_t) i * capacity;
	return r;
}

void recorder_free(struct recorder *r) { munmap(r, r->bytes); }

void recorder_select(struct recorder *r, uint32_t kinds)
{
	atomic_store_explicit(&r->on.kinds, kinds, memory_order_relaxed);
}

uint64_t recorder_last(const struct recorder *r, unsigned lane)
{
	return atomic_load_explicit(&r->rings[lane].last, memory_order_acquire);
}

unsigned recorder_lanes(const struct recorder *r) { return r->lanes; }

ALWAYS_INLINE void put(struct cell *c, size_t i, uint64_t value)
{
	atomic_store_explicit(&c->word[i], value, memory_order_release);
}

/* The word of kind and lane also tells how many arguments there are: the others are not written. */
#define COUNT_SHIFT 48
enum { WORD_SERIAL, WORD_TIME, WORD_PID, WORD_KIND, WORD_ARGS };
_Static_assert(offsetof(struct record, arg) == WORD_ARGS * sizeof(uint64_t) && offsetof(struct record, kind) == WORD_KIND * sizeof(uint64_t),
	"words of a record");

void recorder_write(struct recorder *r, unsigned lane, uint64_t time_us, enum record_kind kind, uint64_t pid,
	const uint64_t *args, unsigned count)
{
	if (!recorder_wants(r, kind))
		return;
	struct ring *ring = &r->rings[lane];
	uint64_t serial = atomic_load_explicit(&ring->last, memory_order_relaxed) + 1;
	struct cell *c = &ring->cells[serial & (r->capacity - 1)];
	count = (unsigned) size_min(count, RECORD_ARGS);
	put(c, WORD_SERIAL, 0);
	put(c, WORD_TIME, time_us);
	put(c, WORD_PID, pid);
	put(c, WORD_KIND, (uint64_t) kind | (uint64_t) lane << 32 | (uint64_t) count << COUNT_SHIFT);
	for (unsigned i = 0; i < count; i++)
		put(c, WORD_ARGS + i, args[i]);
	put(c, WORD_SERIAL, serial);
	atomic_store_explicit(&ring->last, serial, memory_order_release);
}

ALWAYS_INLINE uint64_t get(const struct cell *c, size_t i) { return atomic_load_explicit(&c->word[i], memory_order_acquire); }

static bool copy_cell(const struct cell *c, uint64_t serial, struct record *out)
{
	if (get(c, WORD_SERIAL) != serial)
		return false;
	uint64_t kind = get(c, WORD_KIND), count = size_min(kind >> COUNT_SHIFT, RECORD_ARGS);
	*out = (struct record) { .serial = serial, .time_us = get(c, WORD_TIME), .pid = get(c, WORD_PID), .kind = (uint32_t) kind,
		.lane = kind >> 32 & 0xffff };
	for (size_t i = 0; i < count; i++)
		out->arg[i] = get(c, WORD_ARGS + i);
	return get(c, WORD_SERIAL) == serial;
}

size_t recorder_read(struct recorder *r, unsigned lane, uint64_t *cursor, struct record *out, size_t room,
	uint64_t *dropped)
{
	struct ring *ring = &r->rings[lane];
	uint64_t last = atomic_load_explicit(&ring->last, memory_order_acquire);
	size_t n = 0;
	if (last - *cursor > r->capacity) {
		*dropped += last - *cursor - r->capacity;
		*cursor = last - r->capacity;
	}
	while (*cursor < last && n < room) {
		(*cursor)++;
		if (copy_cell(&ring->cells[*cursor & (r->capacity - 1)], *cursor, &out[n]))
			n++;
		else
			(*dropped)++;
	}
	return n;
}
