/*
 * foundling - S12: a table whose owner nobody knows.
 *
 * A library starts a process by a bare spawn, which makes a table and fills it. The process has no name, no
 * supervisor, no application; it is linked to nobody. What it owns is large; who put it there cannot be read off
 * anything but its parent.
 *
 *     spawn(fn -> t = :ets.new(:cache, [:public]); fill(t); Process.sleep(:infinity) end)
 *
 * Claim of the article: "Many libraries create ETS tables."
 *
 * The cure: the table is given to a supervised heir, and the foundling ends.
 */
#include "demo/load.h"

enum { ROWS = KNOB_FIRST };

#define ROW_BYTES 136
#define AT_ONCE 1000
#define PAGE_BYTES 50
#define TICK_US 20000
#define LOOK_US 200000                  /* while there is nothing to tell */

/* ---- the foundling: does what it is told, {rows, N} or {heir, Pid} -------------------------------------- */

enum { TABLE, FILLED, SLOTS };

static void fill(struct process *p, int64_t rows)
{
	int64_t filled = term_to_small(slot_get(p, FILLED));

	for (; filled < rows; filled++) {
		term row = load_tuple2(p, term_from_small((intptr_t) filled), load_blob(p, PAGE_BYTES, 'f'));

		table_insert(p, slot_get(p, TABLE), row);
	}
	while (filled > rows)
		table_delete_key(p, slot_get(p, TABLE), term_from_small((intptr_t) --filled));
	slot_set(p, FILLED, term_from_small((intptr_t) filled));
}

static enum next foundling_loop(struct process *p)
{
	const struct table_options options = { .type = TABLE_SET, .access = TABLE_PUBLIC };
	term m;

	PROGRAM(p, SLOTS);
	x_clear(p);
	slot_set(p, FILLED, term_from_small(0));
	slot_set(p, TABLE, table_new(p, process_atom(p, "cache"), &options));
	for (;;) {
		RECEIVE(p, m);
		if (!term_is_small(tuple_at(m, 1))) {
			table_give_away(p, slot_get(p, TABLE), tuple_at(m, 1), slot_get(p, FILLED));
			break;
		}
		fill(p, term_to_small(tuple_at(m, 1)));
		HIBERNATE(p);
	}
	PROGRAM_END(p);
}
static const struct step foundling = { "lib:-start/0-fun-0-/0", foundling_loop };

/* ---- library: starts it by a bare spawn; as heir it owns the table itself: {Foundling, Told, Table} ------- */

enum { FOUNDLING, TOLD, HEIRLOOM };

static void tick(struct process *p, uint64_t us)
{
	process_send_after(p, us, process_self(p), ATOM(go));
}

static enum next library_init(struct process *p, term argument)
{
	(void) argument;
	process_trap_exit(p, true);
	tick(p, TICK_US);
	return server_started(p, load_tuple3(p, TERM_NIL, term_from_small(0), TERM_NIL));
}

/* No link, no supervisor, no application: this is what a bare spawn in a library comes to. */
static term bare_spawn(struct process *p)
{
	struct spawn_options options = SPAWN_DEFAULT;

	options.application = ATOM_undefined;
	options.supervisor = TERM_NIL;
	return process_spawn(p, &foundling, 0, NULL, &options);
}

static term next_state(struct process *p, term found, int64_t told, term heirloom)
{
	return load_tuple3(p, found, term_from_small((intptr_t) told), heirloom);
}

/* The foundling's bytes are in no application, so they are counted here. */
static term tell_rows(struct process *p, term state)
{
	term found = tuple_at(state, FOUNDLING);
	int64_t told = load_number(state, TOLD), rows = knob_get(p, ROWS);
	int64_t next = rows > told ? told + AT_ONCE : told - AT_ONCE;

	next = (rows > told) == (next > rows) ? rows : next;
	if (rows == told || (rows > told && !load_has_room_beside(p, (uint64_t) told * ROW_BYTES,
		AT_ONCE * ROW_BYTES)))
		return state;
	process_send(p, found, load_tuple2(p, process_atom(p, "rows"), term_from_small((intptr_t) next)));
	return next_state(p, found, next, TERM_NIL);
}

static term look(struct process *p, term state)
{
	term found = tuple_at(state, FOUNDLING), heirloom = tuple_at(state, HEIRLOOM);
	bool alive = term_is_pid(found) && world_is_alive(process_world(p), found);

	if (load_fixed(p) && alive) {
		process_send(p, found, load_tuple2(p, ATOM(heir), process_self(p)));
		return next_state(p, TERM_NIL, 0, TERM_NIL);
	}
	if (load_fixed(p))
		return state;
	if (!term_is_nil(heirloom))
		table_delete(p, heirloom);
	if (!alive)
		return next_state(p, bare_spawn(p), 0, TERM_NIL);
	return tell_rows(p, state);
}

static enum next library_info(struct process *p, term message, term state)
{
	term next;

	if (load_is_tagged(message, 4, ATOM(ets_transfer)))
		return server_noreply(p, load_tuple3(p, TERM_NIL, term_from_small(0), tuple_at(message, 1)));
	if (!term_is(message, ATOM(go)))
		return server_noreply(p, state);
	next = look(p, state);
	if (!term_is(next, state)) {
		tick(p, TICK_US);
		return server_noreply(p, next);
	}
	tick(p, LOOK_US);
	return server_hibernate(p, next);
}

/* When the demo is stopped nobody else would end it. */
static void library_terminate(struct process *p, term reason, term state)
{
	(void) reason;
	if (term_is_pid(tuple_at(state, FOUNDLING)))
		process_exit_other(p, tuple_at(state, FOUNDLING), ATOM(kill));
}

static const struct server_module library = {
	.name = "library", .init = library_init, .handle_info = library_info, .terminate = library_terminate,
};

/* ---- The tree ------------------------------------------------------------------------------------- */

static const struct child_spec lib_children[] = { { .id = "library", .registered = true, .server = &library } };
static const struct supervisor_spec lib_sup = { .name = "lib_sup", .children = lib_children, .child_count = 1 };

static const struct knob knobs[] = {
	KNOB_FIX_OFF_ON,
	KNOB_CEILING_BYTES(32000000),
	{ "rows", "", "rows of the table", 1000, 200000, 47000, NULL },
};

static const struct card card = {
	.title = "a table whose owner nobody knows",
	.claim = "Many libraries create ETS tables.",
	.story = "A library spawned a process that owns a table: no name, no supervisor, no application, no link. "
		"The table is large; the tree of applications does not show who made it.",
	.tree = "lib_sup\n  library                 spawned it and keeps its pid\n(orphans)\n"
		"  <0.N.0>                 owns the table cache: the culprit",
	.press = "3: ets made a step. 4: cache is first; what is its owner? Enter: no name, its parent, its initial "
		"call. 1: the node Orphans. x: the table has a home.",
	.see = "A table of some megabytes, an owner with hardly any memory, and an orphan in the tree.",
	.cure = "Tables belong to supervised processes: give it away to an heir (or set one when it is made).",
	.otp = ":ets.info(t, :owner) |> Process.info([:registered_name, :initial_call, :current_stacktrace, "
		":dictionary]); OTP 25 knows a process's :parent only from '$ancestors', which a bare spawn has "
		"not.",
	.gc_helps = "no",
	.culprit = "table cache",
	.finding = "orphan",
};

const struct application demo_foundling = {
	.name = "foundling", .knobs = knobs, .knob_count = ARRAY_COUNT(knobs), .top = &lib_sup, .card = &card,
	.is_demo = true,
};
