/*
 * leaflets - S15: one configuration for two hundred and fifty workers.
 *
 *     push         send(worker, {:config, map})                   a copy for each, alive
 *     table        [{_, map}] = :ets.lookup(:config, :settings)   a copy at each lookup, garbage afterwards
 *     key          :ets.lookup_element(:config, key, 2)           one row
 *     persistent   :persistent_term.get(:config)                  shared: no copy at all, until it is replaced
 *
 * Claim of the article: "Use ETS with read_concurrency. Processes read directly: :ets.lookup(:config, :settings)".
 * Reading the whole map copies the whole map: it grows the workers as much as pushing it did. One row for each key
 * is the answer, or a persistent term that hardly ever changes: replacing it copies the old one into everybody who
 * still uses it.
 *
 * A collection makes `push` worse: the copies that lay beside the heaps move in, and the heaps are made for them.
 *
 * The cure: one row for each key.
 */
#include "demo/load.h"

enum { WORKERS = KNOB_FIRST, CONFIG, WAY };
enum way { PUSH, TABLE, KEY, PERSISTENT };

#define ENTRY_BYTES 208                 /* what one key costs in the map: about so much */
#define LETTERS 11                      /* cells of the list that is each key's value */
#define SERVED_AT_ONCE 25

/* ---- worker: holds a configuration, or reads it; reading is one key of it ----------------------------------- */

#define READ_KEY 77

enum { KEPT, WORKER_SLOTS };

static term value_in(struct process *p, term map)
{
	term value = term_is_none(map) || term_is_nil(map) ? TERM_NONE
		: map_get(process_world(p)->atoms, map, term_from_small(READ_KEY));

	return term_is_none(value) ? ATOM(undefined) : value;
}

/* The value by this way. A looked up row is a copy, and garbage from here on. */
static term read_value(struct process *p, enum way way)
{
	term found = TERM_NIL;

	switch (way) {
	case PUSH:
		return value_in(p, slot_get(p, KEPT));
	case PERSISTENT:
		slot_set(p, KEPT, persistent_get(p, app_name(p, LOAD_SETTINGS)));
		return value_in(p, slot_get(p, KEPT));
	case TABLE:
		found = table_lookup(p, app_name(p, "config"), ATOM(data));
		break;
	case KEY:
		found = table_lookup(p, app_name(p, "config"), term_from_small(READ_KEY));
		break;
	}
	slot_set(p, KEPT, TERM_NIL);
	AFTER_BIF(p, 0, &found);
	found = term_is_cons(found) ? tuple_at(list_head(found), 1) : TERM_NIL;
	return way == TABLE ? value_in(p, found) : found;
}

/* {config, Map} is kept. A way, as a small, asks for a value by it; `stop` forgets, so that two editions do not need the room of five. */
static enum next worker_loop(struct process *p)
{
	term m;

	PROGRAM(p, WORKER_SLOTS);
	x_clear(p);
	for (;;) {
		RECEIVE(p, m);
		if (load_is_tuple(m, 2)) {
			slot_set(p, KEPT, tuple_at(m, 1));
			continue;
		}
		if (term_is_atom(m)) {
			slot_set(p, KEPT, TERM_NIL);
			process_collect(p, true, 0, NULL, 0);
			continue;
		}
		m = load_tuple2(p, ATOM(ok), read_value(p, (enum way) term_to_small(m)));
		process_send_name_quiet(p, app_name(p, "config_server"), m);
		AFTER_SEND(p, 0);
	}
	PROGRAM_END(p);
}
static const struct step worker = { "worker:loop/1", worker_loop };

/* ---- config_server: makes it, hands it out ------------------------------------------------------------------ */

enum { CREW, MAP = CREW + LOAD_CREW_SLOTS, KEYS, TODO, WAY_NOW, SLOTS };

static int64_t number(struct process *p, unsigned slot)
{
	return term_is_small(slot_get(p, slot)) ? term_to_small(slot_get(p, slot)) : 0;
}

static void set_number(struct process *p, unsigned slot, int64_t n)
{
	slot_set(p, slot, term_from_small((intptr_t) n));
}

static int64_t keys_wanted(struct process *p)
{
	int64_t keys = knob_get(p, CONFIG) / ENTRY_BYTES;

	return keys > 0 ? keys : 1;
}

/* Key => a list of letters, as a charlist: what a configuration is made of. */
static void add_key(struct process *p, int64_t key)
{
	struct builder *b = RESERVE(p, 2 * LETTERS + map_put_words(slot_get(p, MAP)));
	term value = TERM_NIL;

	for (int i = 0; i < LETTERS; i++)
		value = build_cons(b, term_from_small('a' + i), value);
	slot_set(p, MAP, map_put(process_world(p)->atoms, &b->top, slot_get(p, MAP),
		term_from_small((intptr_t) key), value));
	process_charge(p, 10);
}

static void empty_map(struct process *p)
{
	struct builder *b = RESERVE(p, map_from_pairs_words(0));

	slot_set(p, MAP, map_from_pairs(process_world(p)->atoms, &b->top, NULL, 0));
	set_number(p, KEYS, 0);
}

static void add_keys(struct process *p)
{
	for (int i = 0; i < 200 && number(p, KEYS) < keys_wanted(p); i++) {
		add_key(p, number(p, KEYS));
		set_number(p, KEYS, number(p, KEYS) + 1);
	}
}

/* The table: the whole map in one row, or one row for each key. */
static void fill_table(struct process *p, enum way way)
{
	term table = app_name(p, "config"), value;

	table_delete_all(p, table);
	if (way == TABLE)
		table_insert(p, table, load_tuple2(p, ATOM(data), slot_get(p, MAP)));
	for (intptr_t key = 0; way == KEY && key < number(p, KEYS); key++) {
		value = map_get(process_world(p)->atoms, slot_get(p, MAP), term_from_small(key));
		table_insert(p, table, load_tuple2(p, term_from_small(key), value));
	}
}

static enum way way_wanted(struct process *p)
{
	return load_fixed(p) ? KEY : (enum way) knob_get(p, WAY);
}

/* A new edition, or a new way: everybody is to be served again. */
static void publish(struct process *p)
{
	enum way way = way_wanted(p);

	fill_table(p, way);
	if (way == PERSISTENT)
		persistent_put(p, app_name(p, LOAD_SETTINGS), slot_get(p, MAP));
	else
		persistent_erase(p, app_name(p, LOAD_SETTINGS));
	set_number(p, WAY_NOW, way);
	slot_set(p, TODO, slot_get(p, CREW));
	for (term at = slot_get(p, CREW); (way == PUSH || way == TABLE) && term_is_cons(at); at = list_tail(at))
		process_send(p, list_head(at), ATOM(stop));
}

static void greet_new(struct process *p)
{
	term m, pid;

	while (process_receive(p, &m)) {
		pid = load_is_tuple(m, 2) ? tuple_at(m, 1) : TERM_NIL;
		if (load_crew_message(p, CREW, m) && term_is_pid(pid))
			slot_set(p, TODO, load_cons(p, pid, slot_get(p, TODO)));
	}
}

static term edition(struct process *p)
{
	return load_tuple2(p, process_atom(p, "config"), slot_get(p, MAP));
}

static void serve_some(struct process *p)
{
	enum way way = (enum way) number(p, WAY_NOW);
	uint64_t each = way == PUSH || way == TABLE ? load_knob(p, CONFIG) * 6 / 5 : 0;

	for (int i = 0; i < SERVED_AT_ONCE && term_is_cons(slot_get(p, TODO)); i++) {
		term pid = list_head(slot_get(p, TODO));

		if (!app_has_room(p, each))
			return;
		if (way == PUSH)
			process_send(p, pid, edition(p));
		process_send(p, pid, term_from_small(way));
		slot_set(p, TODO, list_tail(slot_get(p, TODO)));
	}
}

static void make_table(struct process *p)
{
	table_new(p, app_name(p, "config"), &(struct table_options) { .type = TABLE_SET, .named = true,
		.read_concurrency = true });
}

static enum next config_server_loop(struct process *p)
{
	PROGRAM(p, SLOTS);
	x_clear(p);
	make_table(p);
	for (;;) {
		empty_map(p);
		while (number(p, KEYS) < keys_wanted(p)) {
			add_keys(p);
			YIELD(p);
		}
		publish(p);
		while (number(p, KEYS) == keys_wanted(p)) {
			SLEEP(p, 10000);
			greet_new(p);
			load_crew(p, CREW, app_whereis(p, "worker_sup"), load_knob(p, WORKERS), 2640);
			if (number(p, WAY_NOW) != (int64_t) way_wanted(p))
				publish(p);
			else
				serve_some(p);
		}
	}
	PROGRAM_END(p);
}
static const struct step config_server = { "config_server:loop/1", config_server_loop };

/* ---- The tree ------------------------------------------------------------------------------------- */

static const struct child_spec worker_child = { .id = "worker", .step = &worker, .restart = TEMPORARY };
static const struct supervisor_spec worker_sup = {
	.name = "worker_sup", .strategy = SIMPLE_ONE_FOR_ONE, .children = &worker_child, .child_count = 1,
};
static const struct child_spec app_children[] = {
	{ .id = "janitor", .server = &load_janitor },
	{ .id = "worker_sup", .supervisor = &worker_sup },
	{ .id = "config_server", .registered = true, .step = &config_server },
};
static const struct supervisor_spec app_sup = {
	.name = "app_sup", .strategy = REST_FOR_ONE, .children = app_children, .child_count = 3,
};

static const char *const ways[] = { "push", "table", "key", "persistent", NULL };
static const struct knob knobs[] = {
	KNOB_FIX_OFF_ON,
	KNOB_CEILING_BYTES(320000000),
	{ "workers", "", "who needs the configuration", 10, 2000, 250, NULL },
	{ "config", "bytes", "the configuration, as a map", 1000, 5000000, 555000, NULL },
	{ "way", "", "how the workers come by it", PUSH, PERSISTENT, PUSH, ways },
};

static const struct card card = {
	.title = "one configuration for two hundred and fifty workers",
	.claim = "Use ETS for shared read-heavy data. Processes read directly: :ets.lookup(:config, :settings).",
	.story = "Two hundred and fifty workers need the same map. Pushed, each has a copy; looked up whole, each "
		"has a copy as garbage; looked up by key, each has one row; as a persistent term, nobody has "
		"anything.",
	.tree = "app_sup\n  janitor                 erases the persistent term at the end\n"
		"  worker_sup - worker ... equal rows, each with its copy: the culprit\n"
		"  config_server           makes the map, hands it out",
	.press = "2 M: equal rows. G: more, not less. Knob way at table: wait, then G: now it goes. At persistent: "
		"nothing. Then turn config: the old term is copied into everybody. x: one row a key.",
	.see = "processes steps up by the map for each worker. After G it is higher still when pushed, and gone "
		"when it was looked up.",
	.cure = "One row for each key, or a persistent term that is never replaced.",
	.otp = ":recon.proc_count(:memory, 10); :erts_debug.flat_size(map) * 8; :persistent_term.info(); "
		":ets.lookup_element(:config, key, 2).",
	.gc_helps = "pushed: worse; looked up: yes",
	.culprit = "system:processes",
	.finding = "big-copy",
};

const struct application demo_leaflets = {
	.name = "leaflets", .knobs = knobs, .knob_count = ARRAY_COUNT(knobs), .top = &app_sup, .card = &card,
	.is_demo = true,
};
