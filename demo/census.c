/*
 * census - S26: every name becomes an atom, and no atom is ever freed.
 *
 * A decoder turns the keys of what it reads into atoms. The keys come from outside, and there is always a new one.
 * The atom table has a limit, 1,048,576 by default; at the limit the whole node ends.
 *
 *     String.to_atom(key)
 *
 * Claim of the article: erlang:memory has `atom` and `atom_used`; they only ever grow. About a third of what an
 * atom costs is in `atom`, the rest in what the listing does not name.
 *
 * The cure: String.to_existing_atom/1, which refuses what nobody has named before. What is there stays until the
 * node ends: stopping this demo gives back everything but its atoms.
 */
#include "demo/load.h"

#include <stdio.h>

enum { RATE = KNOB_FIRST };

#define ATOM_BYTES 96
#define NAME_ROOM 64

enum { PACE, MADE = PACE + LOAD_PACE_SLOTS, REFUSED, SLOTS };

/* Names that nobody had before in this world: a pid's number, which is never used again, is a part of them. */
static size_t name_of(struct process *p, int64_t number, char *name)
{
	return (size_t) snprintf(name, NAME_ROOM, "user_%llx_%llx",
		(unsigned long long) term_pid_number(process_self(p)),
		(unsigned long long) number);
}

static bool has_room(struct process *p, uint64_t made, uint64_t more)
{
	const struct atoms *atoms = process_world(p)->atoms;

	return atom_count(atoms) + more < atom_limit(atoms) / 10 * 9 && load_has_count(p, made, more, ATOM_BYTES);
}

/* The decoder as it should be: a name that is no atom yet is an error of the sender. */
static void decode_existing(struct process *p, int64_t number)
{
	char name[NAME_ROOM];
	size_t length = name_of(p, number, name);

	if (term_is_none(atom_find(process_world(p)->atoms, name, length)))
		slot_set(p, REFUSED, term_from_small(term_to_small(slot_get(p, REFUSED)) + 1));
}

static void decode(struct process *p, int64_t number)
{
	char name[NAME_ROOM];

	name_of(p, number, name);
	process_atom(p, name);
	slot_set(p, MADE, term_from_small((intptr_t) number + 1));
}

static enum next decoder_loop(struct process *p)
{
	uint64_t due;
	int64_t made;

	PROGRAM(p, SLOTS);
	x_clear(p);
	slot_set(p, MADE, term_from_small(0));
	slot_set(p, REFUSED, term_from_small(0));
	for (;;) {
		SLEEP(p, load_nap_us(load_knob(p, RATE), 1));
		due = load_due_slot(p, PACE, load_knob(p, RATE), 1);
		made = term_to_small(slot_get(p, MADE));
		if (load_fixed(p))
			for (; due > 0; due--)
				decode_existing(p, made);
		else if (due > 0 && has_room(p, (uint64_t) made, due))
			for (; due > 0; due--, made++)
				decode(p, made);
	}
	PROGRAM_END(p);
}
static const struct step decoder = { "decoder:loop/1", decoder_loop };

static const struct child_spec api_children[] = { { .id = "decoder", .registered = true, .step = &decoder } };
static const struct supervisor_spec api_sup = { .name = "api_sup", .children = api_children, .child_count = 1 };

static const struct knob knobs[] = {
	KNOB_FIX_OFF_ON,
	{ "ceiling", "atoms", "growth stops here", 1000, 900000, 200000, NULL },
	{ "rate", "/s", "keys that nobody has seen before", 1, 100000, 1500, NULL },
};

static const struct card card = {
	.title = "every name becomes an atom, and no atom is ever freed",
	.claim = "atom and atom_used in :erlang.memory().",
	.story = "A decoder makes atoms of the keys it reads, and the keys come from outside. Atoms are never "
		"freed; at a million of them the node ends.",
	.tree = "api_sup\n  decoder                 String.to_atom of what comes: the culprit",
	.press = "3: the count of atoms is a straight line towards its limit; when will it be there? 2 M: nothing. "
		"G: nothing. x: the line is flat. Stop the demo: the atoms stay.",
	.see = "atom_count climbs; atom climbs with a third of the bytes.",
	.cure = "String.to_existing_atom/1, or strings as keys. What is there goes with the node.",
	.otp = ":erlang.system_info(:atom_count), :erlang.system_info(:atom_limit), :erlang.memory(:atom_used).",
	.gc_helps = "no, nor anything but a restart of the node",
	.culprit = "system:atom_count",
	.finding = "atom-growth",
};

const struct application demo_census = {
	.name = "census", .knobs = knobs, .knob_count = ARRAY_COUNT(knobs), .top = &api_sup, .card = &card,
	.is_demo = true,
};
