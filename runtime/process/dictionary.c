/* dictionary - a plain array, looked through from the front: dictionaries are small. See the header. */
#include "runtime/process/dictionary.h"

#include <string.h>

#include "runtime/process/scheduler.h"
#include "runtime/term/order.h"

static size_t bytes_for(uint32_t room) { return sizeof(struct dictionary) + room * sizeof(term); }

/* OTP's slots for so many entries: a linear hash that starts with 8 and is doubled from 20 on. */
static size_t slots_for(uint32_t count)
{
	size_t slots = 20;
	if (count <= 7)
		return 8;
	while (slots < count)
		slots *= 2;
	return slots;
}

size_t dictionary_charged_bytes(const struct dictionary *d) { return d && d->count ? 24 + 8 * slots_for(d->count) : 0; }

void dictionary_free(struct dictionary *d, struct mem_lane *lane)
{
	if (d)
		mem_give(lane, MEM_DICTIONARY, d, bytes_for(d->room));
}

static term *find(struct dictionary *d, term key)
{
	for (uint32_t i = 0; d && i < d->count; i++)
		if (term_equal(tuple_at(d->pairs[i], 0), key))
			return &d->pairs[i];
	return NULL;
}

static struct dictionary *dictionary_of(const struct process *p) { return p->heap.b.body ? p->heap.b.body->dictionary : NULL; }

static void charge_change(struct process *p, size_t before)
{
	size_t after = dictionary_charged_bytes(dictionary_of(p));
	p->changed = true;
	if (after != before)
		mem_charge(p->scheduler->lane, CHARGE_PROCESSES, (int64_t) after - (int64_t) before);
}

static struct dictionary *grow(struct process *p, struct dictionary *old)
{
	uint32_t room = old ? old->room * 2 : 8;
	struct mem_lane *lane = p->scheduler->lane;
	struct dictionary *d = mem_need(lane, MEM_DICTIONARY, bytes_for(room));
	d->count = 0;
	d->room = room;
	if (old) {
		memcpy(d->pairs, old->pairs, old->count * sizeof(term));
		d->count = old->count;
		dictionary_free(old, lane);
	}
	p->heap.b.body->dictionary = d;
	return d;
}

term process_get(struct process *p, term key)
{
	term *pair = find(dictionary_of(p), key);
	return pair ? tuple_at(*pair, 1) : ATOM(undefined);
}

term process_put(struct process *p, term key, term value)
{
	struct builder *b = RESERVE(p, 3, &key, &value);
	term tuple = build_tuple2(b, key, value), old = ATOM(undefined);
	struct dictionary *d = dictionary_of(p);
	term *pair = find(d, key);
	size_t charged = dictionary_charged_bytes(d);
	if (pair) {
		old = tuple_at(*pair, 1);
		*pair = tuple;
		return old;
	}
	if (!d || d->count == d->room)
		d = grow(p, d);
	d->pairs[d->count++] = tuple;
	charge_change(p, charged);
	return old;
}

term process_erase(struct process *p, term key)
{
	struct dictionary *d = dictionary_of(p);
	term *pair = find(d, key);
	if (!pair)
		return ATOM(undefined);
	term old = tuple_at(*pair, 1);
	size_t charged = dictionary_charged_bytes(d);
	*pair = d->pairs[--d->count];
	charge_change(p, charged);
	return old;
}
