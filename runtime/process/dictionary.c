/*
 * dictionary - see the header. Which put grows it by how much, and what that leaves on the heap, follows OTP 25
 * (erl_process_dict.c): up to a quarter more slots when as many keys as slots are in, three tenths less when half are gone.
 */
#include "runtime/process/dictionary.h"

#include <string.h>

#include "runtime/process/scheduler.h"
#include "runtime/term/order.h"

#define SLOTS_LEAST 8u
#define SLOTS_FIRST_STEP 10u            /* the array's sizes: 8, then 10, 20, 40 ... */
#define GROW_STEPS 16u                  /* a quarter more, but in steps below this: the remainder counts (OTP: & 0xf) */
#define SLOTS_MOST (1u << 27)
#define STACK_OF_CALL 1u                /* the return address of the built-in's caller */

static size_t bytes_for(uint32_t room) { return sizeof(struct dictionary) + room * sizeof(term); }

static uint32_t room_for(uint32_t slots)
{
	uint32_t room = SLOTS_FIRST_STEP;
	while (room < slots)
		room *= 2;
	return room;
}

static uint32_t used_slots(const struct dictionary *d) { return d->home + d->split; }

size_t dictionary_charged_bytes(const struct dictionary *d) { return d ? 24 + 8 * (size_t) d->room : 0; }

void dictionary_free(struct dictionary *d, struct mem_lane *lane)
{
	if (d)
		mem_give(lane, MEM_DICTIONARY, d, bytes_for(d->room));
}

static struct dictionary *dictionary_of(const struct process *p) { return p->heap.b.body ? p->heap.b.body->dictionary : NULL; }

/* Another array, with what is in use of the old one. */
static struct dictionary *make_room(struct process *p, struct dictionary *old, uint32_t room)
{
	struct mem_lane *lane = p->scheduler->lane;
	struct dictionary *d = mem_need(lane, MEM_DICTIONARY, bytes_for(room));
	*d = (struct dictionary) { .home = SLOTS_LEAST, .room = room };
	uint32_t keep = 0;
	if (old) {
		keep = used_slots(old);
		memcpy(d, old, bytes_for(keep));
		d->room = room;
	}
	for (uint32_t i = keep; i < room; i++)
		d->slots[i] = TERM_NIL;
	heap_body_need(&p->heap, p->world, lane)->dictionary = d;
	p->changed = true;
	mem_charge(lane, CHARGE_PROCESSES, (int64_t) dictionary_charged_bytes(d) - (int64_t) dictionary_charged_bytes(old));
	dictionary_free(old, lane);
	return d;
}

/* ---- Slots ------------------------------------------------------------------------------------------------ */

static uint32_t hash_of(term key)
{
	if (term_is_small(key))
		return (uint32_t) (key.word >> 4);
	return term_is_atom(key) ? term_to_atom(key) : term_hash(key, 0);
}

static uint32_t slot_of_key(const struct dictionary *d, term key)
{
	uint32_t hash = hash_of(key), high = hash & (2 * d->home - 1);
	return high < used_slots(d) ? high : hash & (d->home - 1);
}

static bool has_key(term pair, term key) { return term_equal(tuple_at(pair, 0), key); }

/* The pair of a key in the chain of a slot, or TERM_NONE; how many pairs lie in front of it (or are there). */
static term find_in(term slot, term key, uint32_t *before)
{
	*before = 0;
	if (term_is_tuple(slot))
		return has_key(slot, key) ? slot : TERM_NONE;
	for (; term_is_cons(slot); slot = list_tail(slot), ++*before)
		if (has_key(list_head(slot), key))
			return list_head(slot);
	return TERM_NONE;
}

/* A list of one is kept as its tuple. */
static term shortest(term list) { return term_is_cons(list) && term_is_nil(list_tail(list)) ? list_head(list) : list; }

static uint32_t length_of(term list)
{
	uint32_t n = 0;
	for (; term_is_cons(list); list = list_tail(list))
		n++;
	return n;
}

static struct builder *room_on_heap(struct process *p, size_t words, term **live, size_t live_count)
{
	return process_reserve_bif(p, words, STACK_OF_CALL, live, live_count);
}

/* ---- Growing --------------------------------------------------------------------------------------------------- */

static void next_home(struct dictionary *d)
{
	if (d->split == d->home) {
		d->home *= 2;
		d->split = 0;
	}
}

/* Cells that splitting so many slots will need: a list is built anew, in two parts. */
static size_t words_to_split(const struct dictionary *d, uint32_t steps)
{
	size_t words = 0;
	for (uint32_t i = 0, home = d->home, at = d->split; i < steps; i++, at++) {
		if (at == home) {
			home *= 2;
			at = 0;
		}
		words += 2 * length_of(d->slots[at]);
	}
	return words;
}

static void split_one(struct dictionary *d, struct builder *b)
{
	next_home(d);
	uint32_t low = d->split++, high = low + d->home;
	term slot = d->slots[low], lows = TERM_NIL, highs = TERM_NIL;
	if (term_is_tuple(slot)) {
		if (slot_of_key(d, tuple_at(slot, 0)) != low) {
			d->slots[high] = slot;
			d->slots[low] = TERM_NIL;
		}
		return;
	}
	for (; term_is_cons(slot); slot = list_tail(slot)) {
		term pair = list_head(slot);
		term *to = slot_of_key(d, tuple_at(pair, 0)) == low ? &lows : &highs;
		*to = build_cons(b, pair, *to);
	}
	d->slots[low] = shortest(lows);
	d->slots[high] = shortest(highs);
}

static void grow(struct process *p)
{
	struct dictionary *d = dictionary_of(p);
	uint32_t steps = used_slots(d) / 4 % GROW_STEPS;
	if (steps == 0)
		steps = 1;
	if (used_slots(d) + steps > SLOTS_MOST)
		return;
	if (used_slots(d) + steps > d->room)
		d = make_room(p, d, room_for(used_slots(d) + steps));
	size_t words = words_to_split(d, steps);
	struct builder *b = words ? room_on_heap(p, words, NULL, 0) : NULL;
	for (uint32_t i = 0; i < steps; i++)
		split_one(d, b);
}

/* ---- Put and get ------------------------------------------------------------------------------------------------ */

term process_get(struct process *p, term key)
{
	struct dictionary *d = dictionary_of(p);
	uint32_t before;
	term pair = d ? find_in(d->slots[slot_of_key(d, key)], key, &before) : TERM_NONE;
	return term_is_none(pair) ? ATOM(undefined) : tuple_at(pair, 1);
}

/* The chain with the pair of the same key replaced: rebuilt up to there, so that nothing old points to what is new. */
static term replace_in(struct builder *b, term chain, term pair, uint32_t before)
{
	term kept[before + 1], out;
	for (uint32_t i = 0; i < before; i++, chain = list_tail(chain))
		kept[i] = list_head(chain);
	out = build_cons(b, pair, list_tail(chain));
	while (before-- > 0)
		out = build_cons(b, kept[before], out);
	return out;
}

/* A new pair in front of what lies in the slot. */
static term add_to(struct builder *b, term slot, term pair)
{
	if (term_is_nil(slot))
		return pair;
	return build_cons(b, pair, term_is_tuple(slot) ? build_cons(b, slot, TERM_NIL) : slot);
}

term process_put(struct process *p, term key, term value)
{
	struct dictionary *d = dictionary_of(p);
	if (!d)
		d = make_room(p, NULL, SLOTS_LEAST);
	term *slot = &d->slots[slot_of_key(d, key)];
	uint32_t before;
	term found = find_in(*slot, key, &before);
	term old = term_is_none(found) ? ATOM(undefined) : tuple_at(found, 1);
	size_t words = 3 + (term_is_tuple(*slot) ? 4 : term_is_cons(*slot) ? 2 * ((size_t) before + 1) : 0);
	struct builder *b = room_on_heap(p, words, (term *[]) { &key, &value, &old }, 3);
	term pair = build_tuple2(b, key, value);
	if (term_is_none(found)) {
		*slot = add_to(b, *slot, pair);
		if (++d->count >= used_slots(d))
			grow(p);
	} else {
		*slot = term_is_tuple(*slot) ? pair : replace_in(b, *slot, pair, before);
	}
	return old;
}

/* ---- Erasing ------------------------------------------------------------------------------------------------------ */

/* The upper half of the last split slot goes back to the lower one. */
static void join_one(struct process *p, struct dictionary *d, term *live)
{
	if (d->split == 0) {
		d->home /= 2;
		d->split = d->home;
	}
	uint32_t low = d->split - 1, high = low + d->home;
	term *lower = &d->slots[low], *upper = &d->slots[high];
	if (!term_is_nil(*upper) && !term_is_nil(*lower)) {
		size_t words = term_is_cons(*upper) && term_is_cons(*lower) ? 2 * (size_t) length_of(*upper) : 4;
		struct builder *b = room_on_heap(p, words, &live, 1);
		term into = term_is_cons(*lower) ? *lower : term_is_cons(*upper) ? *upper : TERM_NIL;
		if (term_is_cons(*lower) && term_is_cons(*upper))
			for (term t = *upper; term_is_cons(t); t = list_tail(t))
				into = build_cons(b, list_head(t), into);
		else if (term_is_cons(*lower))
			into = build_cons(b, *upper, into);
		else if (term_is_cons(*upper))
			into = build_cons(b, *lower, into);
		else
			into = build_cons(b, *lower, build_cons(b, *upper, TERM_NIL));
		*lower = into;
	} else if (term_is_nil(*lower)) {
		*lower = *upper;
	}
	*upper = TERM_NIL;
	d->split--;
}

static void shrink(struct process *p, term *live)
{
	struct dictionary *d = dictionary_of(p);
	uint32_t used = used_slots(d), steps = used * 3 / 10;
	if (used - steps < SLOTS_LEAST)
		steps = used - SLOTS_LEAST;
	for (uint32_t i = 0; i < steps; i++)
		join_one(p, d, live);
	if (used_slots(d) <= d->room / 4)
		make_room(p, d, room_for(used_slots(d) * 3 / 2));
}

/* The chain without a pair; a cell in front of it is changed in place: it points to what is older than itself. */
static term without(term chain, uint32_t before)
{
	if (before == 0)
		return list_tail(chain);
	term at = chain;
	while (--before > 0)
		at = list_tail(at);
	term_cell(at)[1] = list_tail(list_tail(at));
	return chain;
}

term process_erase(struct process *p, term key)
{
	struct dictionary *d = dictionary_of(p);
	uint32_t before;
	if (!d)
		return ATOM(undefined);
	term *slot = &d->slots[slot_of_key(d, key)], found = find_in(*slot, key, &before);
	if (term_is_none(found))
		return ATOM(undefined);
	term old = tuple_at(found, 1);
	*slot = term_is_tuple(*slot) ? TERM_NIL : shortest(without(*slot, before));
	d->count--;
	if (used_slots(d) > SLOTS_LEAST && used_slots(d) / 2 > d->count)
		shrink(p, &old);
	return old;
}

/* ---- Walking ------------------------------------------------------------------------------------------------------ */

term dictionary_next(const struct dictionary *d, struct dictionary_walk *walk)
{
	while (term_is_nil(walk->rest)) {
		if (!d || walk->slot == used_slots(d))
			return TERM_NONE;
		walk->rest = d->slots[walk->slot++];
	}
	term pair = term_is_cons(walk->rest) ? list_head(walk->rest) : walk->rest;
	walk->rest = term_is_cons(walk->rest) ? list_tail(walk->rest) : TERM_NIL;
	return pair;
}
