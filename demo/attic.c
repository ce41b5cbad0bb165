/*
 * attic - S17: the cache was emptied, and the memory stayed.
 *
 * A cache is filled; twice a minor collection finds all of it alive and carries it up into the old generation. Then
 * it is emptied. From then on only small requests come: the young generation fills and is collected again and
 * again, and nobody looks into the attic. The counter that would send someone there is fullsweep_after, and it
 * stands at 65535.
 *
 *      young [..new..]  minor, minor, minor ...        old [ffffffffffffffffff dead ffffffffffffffffff]
 *
 * Claim of the article: "If you never trigger a full sweep, old garbage can linger indefinitely." True for quiet
 * processes; one that stays busy and changing fills its old heap and is swept anyway.
 *
 * The cure: fullsweep_after 10 for this process (or hibernate after emptying).
 */
#include "demo/load.h"

enum { ENTRIES = KNOB_FIRST, FULLSWEEP, RATE };

#define FIX_FULLSWEEP 10
#define ENTRY_BYTES 40
#define PEAK_FACTOR 8 / 5               /* the heap's sizes on the way up leave that much free */
#define KEPT_FACTOR 4 / 5               /* what was dropped before makes room for a good part of it */
#define ANSWER_CELLS 5
#define FUN_WORDS 5

/* ---- cache: filled once for each size, emptied, then small requests --------------------------------------- */

enum { CACHE, SIZE, SLOTS };

static uint64_t peak_bytes(struct process *p)
{
	uint64_t rows = load_knob(p, ENTRIES) * ENTRY_BYTES;

	return term_is_small(slot_get(p, SIZE)) ? rows * KEPT_FACTOR : rows * PEAK_FACTOR;
}

static bool is_size(struct process *p)
{
	return term_is(slot_get(p, SIZE), term_from_small((intptr_t) knob_get(p, ENTRIES)));
}

static void set_fullsweep(struct process *p)
{
	struct heap_options options = HEAP_OPTIONS_DEFAULT;

	options.fullsweep_after = load_fixed(p) ? FIX_FULLSWEEP : (uint32_t) knob_get(p, FULLSWEEP);
	process_set_heap_options(p, &options);
}

/* {ok, Enum.to_list(1..5)}: a fun, a list begun at its end and turned round, a tuple; garbage at once, as small requests leave it. */
static void answer(struct process *p, term to)
{
	struct builder *b = RESERVE(p, FUN_WORDS + 2 * 2 * ANSWER_CELLS + 3);
	term list = TERM_NIL, turned = TERM_NIL;

	build_fun(b, ATOM(ok), to, 2, 0, NULL);
	for (int i = 1; i <= ANSWER_CELLS; i++)
		list = build_cons(b, term_from_small(i), list);
	for (; term_is_cons(list); list = list_tail(list))
		turned = build_cons(b, list_head(list), turned);
	process_send(p, to, build_tuple2(b, ATOM(ok), turned));
}

static void handle(struct process *p, term m)
{
	if (load_is_env(p, m, "fix") || load_is_env(p, m, "fullsweep"))
		set_fullsweep(p);
	else if (load_is_tuple(m, 2))
		answer(p, tuple_at(m, 1));
}

static enum next cache_loop(struct process *p)
{
	term m;

	PROGRAM(p, SLOTS);
	x_clear(p);
	knob_subscribe(p);
	set_fullsweep(p);
	for (;;) {
		LOAD_AWAIT_ROOM(p, peak_bytes(p));
		slot_set(p, SIZE, term_from_small((intptr_t) knob_get(p, ENTRIES)));
		load_map_to(p, knob_get(p, ENTRIES));
		CALL(p, &load_map);
		slot_set(p, CACHE, x_get(p, 0));
		x_clear(p);
		process_collect(p, false, 0, NULL, 0);
		process_collect(p, false, 0, NULL, 0);
		slot_set(p, CACHE, TERM_NIL);
		while (is_size(p)) {
			RECEIVE(p, m);
			handle(p, m);
			if (process_charge(p, 4))
				YIELD(p);
		}
	}
	PROGRAM_END(p);
}
static const struct step cache = { "cache:loop/1", cache_loop };

/* ---- client: small requests, `rate` a second ------------------------------------------------------------ */

static void ask_some(struct process *p, uint64_t due)
{
	term to = app_whereis(p, "cache");
	struct builder *b;

	for (; due > 0 && !term_is_none(to); due--) {
		b = RESERVE(p, 3);
		process_send(p, to, build_tuple2(b, ATOM(m), process_self(p)));
	}
}

static enum next client_loop(struct process *p)
{
	enum { PACE, CLIENT_SLOTS = PACE + LOAD_PACE_SLOTS };
	term m;

	PROGRAM(p, CLIENT_SLOTS);
	x_clear(p);
	for (;;) {
		SLEEP(p, load_nap_us(load_knob(p, RATE), 1));
		while (process_receive(p, &m))
			process_charge(p, 1);
		ask_some(p, load_due_slot(p, PACE, load_knob(p, RATE), 1));
	}
	PROGRAM_END(p);
}
static const struct step client = { "client:loop/0", client_loop };

/* ---- The tree ------------------------------------------------------------------------------------- */

static const struct child_spec cache_children[] = {
	{ .id = "cache", .registered = true, .step = &cache },
	{ .id = "client", .registered = true, .step = &client },
};
static const struct supervisor_spec cache_sup = { .name = "cache_sup", .children = cache_children, .child_count = 2 };

static const struct knob knobs[] = {
	KNOB_FIX_OFF_ON,
	KNOB_CEILING_BYTES(64000000),
	{ "entries", "", "the cache is filled with so many, and emptied", 1000, 1000000, 500000, NULL },
	{ "fullsweep", "gcs", "fullsweep_after of the cache (the fix makes it 10)", 0, 65535, 65535, NULL },
	{ "rate", "/s", "small requests afterwards", 1, 1000000, 5000, NULL },
};

static const struct card card = {
	.title = "the cache was emptied, and the memory stayed",
	.claim = "If you never trigger a full sweep, old garbage can linger indefinitely.",
	.story = "A cache was filled, grew old, and was emptied. Only small requests come since. The young "
		"generation is collected over and over, the old one never.",
	.tree = "cache_sup\n  cache                   an old heap full of garbage: the culprit\n"
		"  client                  small requests",
	.press = "2 M: cache is first, and flat. Enter: old heap full, minor collections counting, no major one. g: "
		"everything goes. Turn the knob entries a little to fill it again, then fullsweep to 100 or 10, and "
		"wait.",
	.see = "A flat line far above what is live. minor_gcs climbs, major_gcs does not.",
	.cure = "fullsweep_after for this process, or a collection (or hibernation) after it was emptied.",
	.otp = "Process.info(pid, [:memory, :garbage_collection]): minor_gcs; :erlang.garbage_collect(pid); "
		"spawn_opt(f, fullsweep_after: 10) (Process.spawn/2 in Elixir).",
	.gc_helps = "yes",
	.culprit = "cache",
	.finding = "old-garbage",
};

const struct application demo_attic = {
	.name = "attic", .knobs = knobs, .knob_count = ARRAY_COUNT(knobs), .top = &cache_sup, .card = &card,
	.is_demo = true,
};
