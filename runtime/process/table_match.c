/*
 * table_match - match_object and match: '_' fits anything, '$1' the same thing wherever it stands, all else only itself.
 *
 * A pattern whose key is known looks at that key only; any other walks the whole table under its lock. Two passes:
 * one finds the objects and adds up their words, then there is room for the copies.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/memory/copy.h"
#include "runtime/process/life.h"
#include "runtime/process/tables.h"
#include "runtime/term/order.h"

#define VARIABLES 32u

struct match {
	const struct atoms *atoms;
	term pattern;
	unsigned bound;
	struct { term variable, value; } binding[VARIABLES];
	bool wants_bindings;            /* of each object, instead of the object */
	struct ets_object **found;
	size_t count, room, words;
	struct mem_lane *lane;
	bool no_memory;
};

enum pattern_kind { PLAIN, ANYTHING, VARIABLE };

static enum pattern_kind kind_of(const struct atoms *atoms, term t)
{
	if (!term_is_atom(t))
		return PLAIN;
	const char *text = atom_text(atoms, t);
	if (strcmp(text, "_") == 0)
		return ANYTHING;
	return text[0] == '$' && text[1] && strspn(text + 1, "0123456789") == strlen(text + 1) ? VARIABLE : PLAIN;
}

static bool bind(struct match *m, term variable, term value)
{
	for (unsigned i = 0; i < m->bound; i++)
		if (term_is(m->binding[i].variable, variable))
			return term_equal(m->binding[i].value, value);
	if (m->bound == VARIABLES)
		return false;
	m->binding[m->bound].variable = variable;
	m->binding[m->bound++].value = value;
	return true;
}

/* Patterns are written by hand: their depth is small, and the recursion follows the pattern. */
static bool fits(struct match *m, term pattern, term t)
{
	switch (kind_of(m->atoms, pattern)) {
	case ANYTHING:
		return true;
	case VARIABLE:
		return bind(m, pattern, t);
	case PLAIN:
		break;
	}
	for (; term_is_cons(pattern) && term_is_cons(t); pattern = list_tail(pattern), t = list_tail(t))
		if (!fits(m, list_head(pattern), list_head(t)))
			return false;
	if (term_is_atom(pattern) && kind_of(m->atoms, pattern) != PLAIN)
		return fits(m, pattern, t);
	if (!term_is_tuple(pattern) || !term_is_tuple(t) || tuple_arity(pattern) != tuple_arity(t))
		return term_equal(pattern, t);
	for (size_t i = 0; i < tuple_arity(t); i++)
		if (!fits(m, tuple_at(pattern, i), tuple_at(t, i)))
			return false;
	return true;
}

static bool is_ground(const struct atoms *atoms, term pattern)
{
	for (; term_is_cons(pattern); pattern = list_tail(pattern))
		if (!is_ground(atoms, list_head(pattern)))
			return false;
	if (!term_is_tuple(pattern))
		return kind_of(atoms, pattern) == PLAIN;
	for (size_t i = 0; i < tuple_arity(pattern); i++)
		if (!is_ground(atoms, tuple_at(pattern, i)))
			return false;
	return true;
}

static size_t binding_words(const struct match *m)
{
	size_t words = 0;
	for (unsigned i = 0; i < m->bound; i++)
		words += 2 + term_flat_words(NULL, m->binding[i].value);
	return words;
}

static bool remember(struct match *m, struct ets_object *o)
{
	if (m->count == m->room) {
		size_t room = m->room ? 2 * m->room : 64;
		struct ets_object **found = mem_alloc(m->lane, MEM_ETS, room * sizeof(void *), MEM_ASK);
		if (!found) {
			m->no_memory = true;
			return false;
		}
		if (m->count)
			memcpy(found, m->found, m->count * sizeof(void *));
		mem_give(m->lane, MEM_ETS, m->found, m->room * sizeof(void *));
		m->found = found;
		m->room = room;
	}
	m->found[m->count++] = o;
	m->words += 2 + (m->wants_bindings ? binding_words(m) : o->words);
	return true;
}

static bool consider(void *context, struct ets_object *o)
{
	struct match *m = context;
	m->bound = 0;
	return !fits(m, m->pattern, ets_object_term(o)) || remember(m, o);
}

/* Objects of one key are told oldest first. */
static void turn_round(struct match *m)
{
	for (size_t i = 0, j = m->count; i + 1 < j; i++) {
		struct ets_object *o = m->found[i];
		m->found[i] = m->found[--j];
		m->found[j] = o;
	}
}

static void find_all(struct match *m, const struct ets *ets)
{
	term pattern = m->pattern;
	if (term_is_tuple(pattern) && tuple_arity(pattern) >= ets->key_position) {
		term key = tuple_at(pattern, ets->key_position - 1);
		if (is_ground(m->atoms, key)) {
			struct ets_object *o = ets_find(ets, key);
			while (o && consider(m, o))
				o = ets_find_older(ets, o);
			turn_round(m);
			return;
		}
	}
	uint64_t cursor = 0;
	ets_each(ets, &cursor, UINT64_MAX, consider, m);
}

static unsigned long number_of(const struct match *m, unsigned i) { return strtoul(atom_text(m->atoms, m->binding[i].variable) + 1, NULL, 10); }

/* The place of the binding with the highest number below this one; bound: there is none. */
static unsigned next_lower(const struct match *m, unsigned long below)
{
	unsigned best = m->bound;
	for (unsigned i = 0; i < m->bound; i++)
		if (number_of(m, i) < below && (best == m->bound || number_of(m, i) > number_of(m, best)))
			best = i;
	return best;
}

/* Matches again, for what the variables stand for. */
static term build_bindings(struct match *m, struct builder *b, struct ets_object *o)
{
	term list = TERM_NIL;
	m->bound = 0;
	fits(m, m->pattern, ets_object_term(o));
	for (unsigned i = next_lower(m, ULONG_MAX); i < m->bound; i = next_lower(m, number_of(m, i))) {
		term value = m->binding[i].value;
		list = build_cons(b, term_is_immediate(value) ? value : ets_copy_part(b, value), list);
	}
	return list;
}

static term match_all(struct process *p, term table, term pattern, bool wants_bindings)
{
	struct match m = { .atoms = p->world->atoms, .pattern = pattern, .lane = p->scheduler->lane, .wants_bindings = wants_bindings };
	struct table_slot *slot = table_enter_read(p, table);
	find_all(&m, &slot->ets);
	struct builder *b = m.no_memory ? NULL : process_try_room(p, m.words);
	term list = TERM_NIL;
	for (size_t i = m.count; b && i-- > 0;) {
		term one = wants_bindings ? build_bindings(&m, b, m.found[i]) : ets_copy_out(b, m.found[i]);
		list = build_cons(b, one, list);
	}
	uint64_t seen = atomic_load_explicit(&slot->ets.size, memory_order_relaxed);
	table_leave_read(p, slot);
	mem_give(m.lane, MEM_ETS, m.found, m.room * sizeof(void *));
	process_charge(p, (uint32_t) seen);
	if (!b)
		process_system_limit(p, ATOM_memory);
	return list;
}

term table_match_object(struct process *p, term table, term pattern) { return match_all(p, table, pattern, false); }
term table_match(struct process *p, term table, term pattern) { return match_all(p, table, pattern, true); }
