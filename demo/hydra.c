/*
 * hydra - S16: sharing is lost on the way.
 *
 * A list whose two halves are one and the same list, fifteen times over: thirty-two words. Sent, it arrives with
 * every head written out: twice as much for each level.
 *
 *     Enum.reduce(1..15, [], fn _, l -> [l | l] end)
 *
 *      sender    [▪|▪]               receiver          [▪|▪]
 *                 └┬┘                                  /     \
 *                [▪|▪]                             [▪|▪]     [▪|▪]
 *                 └┬┘                              /   \     /   \
 *                  ...                               ...      ...
 *
 * Claim of the article: "When Process A sends a message to Process B, that data is copied. Fully." More than fully.
 *
 * The cure: send the recipe, not the product: the level, and let the receiver build it.
 */
#include "demo/load.h"

enum { LEVEL = KNOB_FIRST };

#define COPIES_AT_PEAK 4                /* the message, the heap it goes to, that heap's next size */

/* [l | l], `level` times: two words a level, however much it stands for. */
static term grow_heads(struct process *p, int64_t level)
{
	struct builder *b = RESERVE(p, 2 * (size_t) level);
	term list = TERM_NIL;

	for (; level > 0; level--)
		list = build_cons(b, list, list);
	return list;
}

/* Between deliveries it hibernates: its block is as large as what it keeps, to the word. */
static enum next receiver_loop(struct process *p)
{
	enum { KEPT, SLOTS };
	term m;

	PROGRAM(p, SLOTS);
	x_clear(p);
	for (;;) {
		RECEIVE(p, m);
		slot_set(p, KEPT, TERM_NIL);
		slot_set(p, KEPT, term_is_small(m) ? grow_heads(p, term_to_small(m)) : m);
		HIBERNATE(p);
	}
	PROGRAM_END(p);
}
static const struct step receiver = { "receiver:loop/1", receiver_loop };

static term product(struct process *p)
{
	return load_fixed(p) ? term_from_small((intptr_t) knob_get(p, LEVEL)) : grow_heads(p, knob_get(p, LEVEL));
}

/* Once for each level, and again when the switch is turned. */
static enum next sender_loop(struct process *p)
{
	term m;

	PROGRAM(p, 0);
	x_clear(p);
	knob_subscribe(p);
	for (;;) {
		LOAD_AWAIT_ROOM(p, COPIES_AT_PEAK * 16 * (UINT64_C(1) << knob_get(p, LEVEL)));
		process_send_name_quiet(p, app_name(p, "receiver"), product(p));
		RECEIVE(p, m);
	}
	PROGRAM_END(p);
}
static const struct step sender = { "sender:loop/0", sender_loop };

static const struct child_spec docs_children[] = {
	{ .id = "receiver", .registered = true, .step = &receiver },
	{ .id = "sender", .registered = true, .step = &sender },
};
static const struct supervisor_spec docs_sup = { .name = "hydra_sup", .children = docs_children, .child_count = 2 };

static const struct knob knobs[] = {
	KNOB_FIX_OFF_ON,
	KNOB_CEILING_BYTES(256000000),
	{ "level", "", "how often the list is doubled", 1, 22, 15, NULL },
};

static const struct card card = {
	.title = "sharing inside a term is lost on the way",
	.claim = "When Process A sends a message to Process B, that data is copied. Fully.",
	.story = "A list that shares its halves is a few words at the sender. A copy writes every path out: each "
		"level doubles what arrives.",
	.tree = "hydra_sup\n  receiver                keeps what came: the culprit\n"
		"  sender                  two words a level",
	.press = "2 M: receiver is first, sender among the smallest. Turn level up by one: twice as much. g: all "
		"live. x: the recipe.",
	.see = "receiver steps up by powers of two with the knob; sender does not move.",
	.cure = "Send the recipe and build at the receiver; or give shared parts names (keys) instead of copies.",
	.otp = ":erts_debug.size(t) against :erts_debug.flat_size(t): shared once, or written out.",
	.gc_helps = "no",
	.culprit = "receiver",
	.finding = "big-copy",
};

const struct application demo_hydra = {
	.name = "hydra", .knobs = knobs, .knob_count = ARRAY_COUNT(knobs), .top = &docs_sup, .card = &card,
	.is_demo = true,
};
