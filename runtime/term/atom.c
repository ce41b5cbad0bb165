/*
 * atom - see the header.
 *
 *   index:   open addressing, [hash slots] -> number + 1; doubled under the lock, old ones stay readable until the end
 *   chunks:  1024 records each {text, length, hash, registered}; never move
 *   texts:   blocks of 32 KiB, filled from the front, as OTP reserves them
 *
 * A writer fills the record, then publishes its number in a slot (release); readers load slots (acquire). Who still
 * probes an outdated index misses only atoms that were being added meanwhile, as if it had looked first.
 */
#include "runtime/term/atom.h"

#include <pthread.h>
#include <string.h>

#define CHUNK_RECORDS 1024u
#define TEXT_BLOCK_BYTES 32768u
#define FIRST_SLOTS 1024u
/* OTP's index and its hash buckets are arrays of pointers; it has chains, and so a fourth of our slots. */
#define CHARGED_POINTER_BYTES 8
#define SLOTS_PER_BUCKET 4

struct atom_record {
	const char *text;
	uint32_t bytes, hash;
	_Atomic uint64_t registered;
};

struct text_block {
	struct text_block *older;
	char text[TEXT_BLOCK_BYTES - sizeof(struct text_block *)];
};

struct slots_of_atoms {
	struct slots_of_atoms *older;
	uint32_t mask;
	_Atomic uint32_t number[];      /* 0: empty, else the atom's number + 1 */
};

struct atoms {
	_Atomic(struct slots_of_atoms *) slots;
	_Atomic uint32_t count;
	uint32_t limit;
	pthread_mutex_t adding;         /* guards what follows, and all writing */
	struct text_block *texts;
	size_t text_used;               /* of the newest block */
	_Atomic(struct atom_record *) chunks[];
};

/* FNV-1a: short texts, no seed, so that a run repeats. */
static uint32_t hash_of(const char *text, size_t bytes)
{
	uint32_t h = 2166136261u;
	for (size_t i = 0; i < bytes; i++)
		h = (h ^ (uint8_t) text[i]) * 16777619u;
	return h ^ h >> 15;
}

static size_t chunk_count(uint32_t limit) { return (limit + CHUNK_RECORDS - 1) / CHUNK_RECORDS; }
static size_t atoms_bytes(uint32_t limit)
{
	return sizeof(struct atoms) + chunk_count(limit) * sizeof(struct atom_record *);
}
static size_t slots_bytes(uint32_t count) { return sizeof(struct slots_of_atoms) + count * sizeof(uint32_t); }

static struct atom_record *record_at(const struct atoms *a, uint32_t index)
{
	return atomic_load_explicit(&a->chunks[index / CHUNK_RECORDS], memory_order_acquire) + index % CHUNK_RECORDS;
}

static struct atom_record *record_of(const struct atoms *a, uint32_t index)
{
	CHECK(index < atom_count(a), "atom %u of %u", index, atom_count(a));
	return record_at(a, index);
}

/* ---- Growth: each part may be refused, and nothing is changed then ------------------------------------------- */

static void charge(struct mem_lane *lane, int64_t reserved_bytes, int64_t used_bytes)
{
	mem_charge(lane, CHARGE_ATOM, reserved_bytes);
	mem_charge(lane, CHARGE_ATOM_USED, used_bytes);
}

static void charge_pointers(struct mem_lane *lane, int64_t count)
{
	charge(lane, count * CHARGED_POINTER_BYTES, count * CHARGED_POINTER_BYTES);
}

/* The known atoms are constants of the program: what they take is not asked for. */
static void *take(struct atoms *a, struct mem_lane *lane, size_t bytes)
{
	bool is_start = atomic_load_explicit(&a->count, memory_order_relaxed) < ATOM_KNOWN_COUNT;
	return is_start ? mem_need(lane, MEM_ATOM, bytes) : mem_alloc(lane, MEM_ATOM, bytes, MEM_ASK);
}

static bool need_text(struct atoms *a, struct mem_lane *lane, size_t bytes)
{
	if (a->texts && a->text_used + bytes <= sizeof a->texts->text)
		return true;
	struct text_block *block = take(a, lane, sizeof *block);
	if (!block)
		return false;
	block->older = a->texts;
	a->texts = block;
	a->text_used = 0;
	charge(lane, TEXT_BLOCK_BYTES, 0);
	return true;
}

static bool need_record(struct atoms *a, struct mem_lane *lane, uint32_t index)
{
	size_t bytes = CHUNK_RECORDS * sizeof(struct atom_record);
	if (atomic_load_explicit(&a->chunks[index / CHUNK_RECORDS], memory_order_relaxed))
		return true;
	struct atom_record *chunk = take(a, lane, bytes);
	if (!chunk)
		return false;
	memset(chunk, 0, bytes);
	atomic_store_explicit(&a->chunks[index / CHUNK_RECORDS], chunk, memory_order_release);
	charge_pointers(lane, CHUNK_RECORDS);
	return true;
}

static void put_number(struct slots_of_atoms *slots, uint32_t hash, uint32_t index)
{
	uint32_t i = hash & slots->mask;
	while (atomic_load_explicit(&slots->number[i], memory_order_relaxed))
		i = (i + 1) & slots->mask;
	atomic_store_explicit(&slots->number[i], index + 1, memory_order_release);
}

/* At most half of the slots are taken. */
static bool need_slot(struct atoms *a, struct mem_lane *lane, uint32_t count)
{
	struct slots_of_atoms *old = atomic_load_explicit(&a->slots, memory_order_relaxed);
	if (old && count < (old->mask + 1) / 2)
		return true;
	uint32_t size = old ? (old->mask + 1) * 2 : FIRST_SLOTS;
	struct slots_of_atoms *slots = take(a, lane, slots_bytes(size));
	if (!slots)
		return false;
	memset(slots, 0, slots_bytes(size));
	slots->older = old;
	slots->mask = size - 1;
	for (uint32_t i = 0; i < count; i++)
		put_number(slots, record_at(a, i)->hash, i);
	atomic_store_explicit(&a->slots, slots, memory_order_release);
	charge_pointers(lane, ((int64_t) size - (old ? old->mask + 1 : 0)) / SLOTS_PER_BUCKET);
	return true;
}

/* ---- Finding and adding -------------------------------------------------------------------------------------- */

static term find(const struct atoms *a, uint32_t hash, const char *text, size_t bytes)
{
	const struct slots_of_atoms *slots = atomic_load_explicit(&a->slots, memory_order_acquire);
	for (uint32_t i = hash & slots->mask;; i = (i + 1) & slots->mask) {
		uint32_t number = atomic_load_explicit(&slots->number[i], memory_order_acquire);
		if (number == 0)
			return TERM_NONE;
		const struct atom_record *r = record_at(a, number - 1);
		if (r->hash == hash && r->bytes == bytes && memcmp(r->text, text, bytes) == 0)
			return term_from_atom(number - 1);
	}
}

/* With the lock held. */
static term add(struct atoms *a, struct mem_lane *lane, uint32_t hash, const char *text, size_t bytes)
{
	uint32_t index = atomic_load_explicit(&a->count, memory_order_relaxed);
	if (index == a->limit || !need_text(a, lane, bytes + 1) || !need_record(a, lane, index) || !need_slot(a, lane, index))
		return ATOM_FULL;
	char *copy = a->texts->text + a->text_used;
	memcpy(copy, text, bytes);
	copy[bytes] = 0;
	a->text_used += bytes + 1;
	struct atom_record *r = record_at(a, index);
	r->text = copy;
	r->bytes = (uint32_t) bytes;
	r->hash = hash;
	atomic_store_explicit(&a->count, index + 1, memory_order_release);
	put_number(atomic_load_explicit(&a->slots, memory_order_relaxed), hash, index);
	charge(lane, 0, (int64_t) bytes);
	return term_from_atom(index);
}

term atom_find(struct atoms *a, const char *text, size_t bytes)
{
	return find(a, hash_of(text, bytes), text, bytes);
}

term atom_make(struct atoms *a, struct mem_lane *lane, const char *text, size_t bytes)
{
	if (bytes > ATOM_TEXT_MAX)
		return ATOM_FULL;
	uint32_t hash = hash_of(text, bytes);
	term t = find(a, hash, text, bytes);
	if (LIKELY(!term_is_none(t)))
		return t;
	pthread_mutex_lock(&a->adding);
	t = find(a, hash, text, bytes);
	if (term_is_none(t))
		t = add(a, lane, hash, text, bytes);
	pthread_mutex_unlock(&a->adding);
	return t;
}

term atom_make_z(struct atoms *a, struct mem_lane *lane, const char *text)
{
	return atom_make(a, lane, text, strlen(text));
}

/* ---- Life ---------------------------------------------------------------------------------------------------- */

static const char *const known_texts[ATOM_KNOWN_COUNT] = {
#define A(name) #name,
#define AS(name, text) text,
	ATOMS(A, AS)
#undef A
#undef AS
};

struct atoms *atoms_new(struct mem *mem, struct mem_lane *lane, uint32_t limit)
{
	limit = limit ? limit : ATOM_LIMIT;
	CHECK(mem_of_lane(lane) == mem, "a lane of another world");
	CHECK(limit >= ATOM_KNOWN_COUNT, "%u atoms are too few for the %u known ones", limit, (unsigned) ATOM_KNOWN_COUNT);
	struct atoms *a = mem_need(lane, MEM_ATOM, atoms_bytes(limit));
	memset(a, 0, atoms_bytes(limit));
	a->limit = limit;
	pthread_mutex_init(&a->adding, NULL);
	need_slot(a, lane, 0);
	for (uint32_t i = 0; i < ATOM_KNOWN_COUNT; i++) {
		term t = atom_make_z(a, lane, known_texts[i]);
		CHECK(term_is(t, term_from_atom(i)), "known atom %s has another number", known_texts[i]);
	}
	return a;
}

static void free_slots(struct atoms *a, struct mem_lane *lane)
{
	struct slots_of_atoms *slots = atomic_load_explicit(&a->slots, memory_order_relaxed), *older;
	charge_pointers(lane, -(int64_t) (slots->mask + 1) / SLOTS_PER_BUCKET);
	for (; slots; slots = older) {
		older = slots->older;
		mem_give(lane, MEM_ATOM, slots, slots_bytes(slots->mask + 1));
	}
}

static void free_chunks(struct atoms *a, struct mem_lane *lane)
{
	int64_t text_bytes = 0;
	for (uint32_t i = 0; i < atom_count(a); i++)
		text_bytes += record_at(a, i)->bytes;
	charge(lane, 0, -text_bytes);
	for (size_t i = 0; i < chunk_count(a->limit); i++) {
		struct atom_record *chunk = atomic_load_explicit(&a->chunks[i], memory_order_relaxed);
		if (!chunk)
			continue;
		charge_pointers(lane, -(int64_t) CHUNK_RECORDS);
		mem_give(lane, MEM_ATOM, chunk, CHUNK_RECORDS * sizeof *chunk);
	}
}

static void free_texts(struct atoms *a, struct mem_lane *lane)
{
	for (struct text_block *block = a->texts, *older; block; block = older) {
		older = block->older;
		charge(lane, -(int64_t) TEXT_BLOCK_BYTES, 0);
		mem_give(lane, MEM_ATOM, block, sizeof *block);
	}
}

void atoms_free(struct atoms *a, struct mem_lane *lane)
{
	if (!a)
		return;
	free_slots(a, lane);
	free_chunks(a, lane);
	free_texts(a, lane);
	pthread_mutex_destroy(&a->adding);
	mem_give(lane, MEM_ATOM, a, atoms_bytes(a->limit));
}

/* ---- Reading by number --------------------------------------------------------------------------------------- */

const char *atom_text_at(const struct atoms *a, uint32_t index) { return record_of(a, index)->text; }
const char *atom_text(const struct atoms *a, term atom) { return atom_text_at(a, term_to_atom(atom)); }
uint32_t atom_count(const struct atoms *a) { return atomic_load_explicit(&a->count, memory_order_acquire); }
uint32_t atom_limit(const struct atoms *a) { return a->limit; }
_Atomic uint64_t *atom_registered(struct atoms *a, term atom) { return &record_of(a, term_to_atom(atom))->registered; }
