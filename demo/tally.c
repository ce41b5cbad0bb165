/*
 * tally - S11: a metrics library that never forgets.
 *
 * The shop's workers report each request to a metrics library, which keeps a row for each in an ETS table. Nobody
 * deletes. The table lies outside all heaps: no process is large, no collection sees it, and the shop's code never
 * mentions ETS.
 *
 *     :telemetry.execute([:shop, :request], %{ms: ms}, %{id: id})      # ... and somewhere: :ets.insert(table, row)
 *
 *      tally: worker_1..4 ──insert──▶ [row][row][row][row][row] ...        owner: metrics_store
 *                                      tally_metrics_lib                    (2.8 kB of its own)
 *
 * Claim of the article: "Memory grows. :erlang.memory(:ets) is the culprit. But your code doesn't use ETS directly."
 *
 * The cure: rows have a time to live, and the owner sweeps.
 */
#include "demo/load.h"

enum { RATE = KNOB_FIRST, TTL, SWEEP };

#define WORKERS 4
#define ROW_BYTES 144
#define ID_BYTES 27
#define FIX_TTL_MS 1000
#define SWEPT_AT_ONCE 2000
#define LOOK_US 100000
#define TELL_AGAIN_US 10000000

/* ---- metrics_store, of the library: owns the table, sweeps when it was told to -------------------------- */

static enum next store_init(struct process *p, term argument)
{
	(void) argument;
	table_new(p, app_name(p, "metrics"), &(struct table_options) { .type = TABLE_ORDERED_SET,
		.access = TABLE_PUBLIC, .named = true });
	process_send_after(p, LOOK_US, process_self(p), ATOM(go));
	return server_started(p, load_numbers(p, 3, (int64_t[]) { 0, 0, 0 }));
}

/* {Ttl, Sweep} from the shop, in milliseconds. State: {Ttl, Sweep, Cursor}. */
static enum next store_cast(struct process *p, term config, term state)
{
	(void) state;
	return server_noreply(p, load_numbers(p, 3, (int64_t[]) { load_number(config, 0), load_number(config, 1), 0 }));
}

/* Rows are {{Time, N}, Ms, Id}: those of before `*context`. */
static bool is_older(void *context, term row)
{
	return term_to_small(tuple_at(tuple_at(row, 0), 0)) < *(int64_t *) context;
}

/* One piece of a sweep, then the next message; or the next sweep when its time has come. */
static enum next store_info(struct process *p, term message, term state)
{
	int64_t ttl = load_number(state, 0), sweep = load_number(state, 1), before;
	uint64_t cursor = (uint64_t) load_number(state, 2);

	(void) message;
	if (ttl == 0) {
		process_send_after(p, LOOK_US, process_self(p), ATOM(go));
		return server_noreply(p, state);
	}
	before = (int64_t) process_now_us(p) - ttl * 1000;
	table_delete_if(p, app_name(p, "metrics"), &cursor, SWEPT_AT_ONCE, is_older, &before);
	if (cursor != 0)
		process_send(p, process_self(p), ATOM(go));
	else
		process_send_after(p, (uint64_t) sweep * 1000, process_self(p), ATOM(go));
	return server_noreply(p, load_numbers(p, 3, (int64_t[]) { ttl, sweep, (int64_t) cursor }));
}

static const struct server_module metrics_store = {
	.name = "metrics_store", .init = store_init, .handle_cast = store_cast, .handle_info = store_info,
};

static const struct child_spec metrics_children[] = { { .id = "metrics_store", .registered = true,
	.server = &metrics_store } };
static const struct supervisor_spec metrics_sup = {
	.name = "metrics_sup", .children = metrics_children, .child_count = 1,
};
static const struct application tally_metrics_lib = { .name = "tally_metrics_lib", .top = &metrics_sup };

/* ---- worker, of the shop: one row a request -------------------------------------------------------------- */

enum { PACE, NUMBER = PACE + LOAD_PACE_SLOTS, SLOTS };

/* {{Time, N}, Ms, Id}, Id a binary of 27 bytes. */
static term make_row(struct process *p)
{
	term id = load_blob(p, ID_BYTES, 'i');
	struct builder *b = RESERVE(p, 3 + 4, &id);
	term number = slot_get(p, NUMBER);
	term key = build_tuple2(b, term_from_small((intptr_t) process_now_us(p)), number);

	slot_set(p, NUMBER, term_from_small(term_to_small(number) + WORKERS));
	return build_tuple3(b, key, term_from_small(12), id);
}

/* The table is the library's, so its bytes are counted on top of what the shop itself has. */
static bool has_room(struct process *p, uint64_t more)
{
	struct table_info info;

	return table_info(process_world(p), app_name(p, "metrics"), &info)
		&& load_has_room_beside(p, info.memory_words * 8, more * ROW_BYTES);
}

static enum next worker_loop(struct process *p)
{
	uint64_t due;

	PROGRAM(p, SLOTS);
	slot_set(p, NUMBER, x_get(p, 0));
	x_clear(p);
	for (;;) {
		SLEEP(p, load_nap_us(load_knob(p, RATE), WORKERS));
		due = load_due_slot(p, PACE, load_knob(p, RATE), WORKERS);
		if (due == 0 || !has_room(p, due))
			continue;
		for (; due > 0; due--)
			table_insert(p, app_name(p, "metrics"), make_row(p));
	}
	PROGRAM_END(p);
}
static const struct step worker = { "worker:loop/1", worker_loop };

/* front: tells the library how the shop wants it, at each turn of a knob, and now and then to one that was started anew. */
static enum next front_loop(struct process *p)
{
	int64_t ttl;
	term m;

	PROGRAM(p, 0);
	x_clear(p);
	knob_subscribe(p);
	for (;;) {
		ttl = knob_get(p, TTL);
		if (ttl == 0 && load_fixed(p))
			ttl = FIX_TTL_MS;
		server_cast(p, app_name(p, "metrics_store"), load_numbers(p, 2, (int64_t[]) { ttl, knob_get(p, SWEEP) }));
		RECEIVE_AFTER(p, m, TELL_AGAIN_US);
	}
	PROGRAM_END(p);
}
static const struct step front = { "front:loop/0", front_loop };

#define WORKER(n) { .id = "worker_" #n, .registered = true, .step = &worker, .argument = (n) }
static const struct child_spec shop_children[] = {
	{ .id = "front", .registered = true, .step = &front }, WORKER(1), WORKER(2), WORKER(3), WORKER(4),
};
static const struct supervisor_spec tally_sup = {
	.name = "tally_sup", .intensity = 20, .period_s = 1, .children = shop_children, .child_count = 1 + WORKERS,
};

static const struct knob knobs[] = {
	KNOB_FIX_OFF_ON,
	KNOB_CEILING_BYTES(96000000),
	{ "rate", "/s", "requests, one row each", 100, 100000, 5000, NULL },
	{ "ttl", "ms", "rows live so long; 0: for ever (the fix makes it 1000)", 0, 600000, 0, NULL },
	{ "sweep", "ms", "from one sweep to the next", 100, 60000, 200, NULL },
};

static const struct card card = {
	.title = "a metrics library that never forgets",
	.claim = ":erlang.memory(:ets) is the culprit. But your code doesn't use ETS directly.",
	.story = "Workers report each request; a library they depend on keeps a row for each. The table is outside "
		"all heaps: no process is large, no collection touches it.",
	.tree = "tally: tally_sup\n  front, worker_1 .. worker_4   insert\ntally_metrics_lib: metrics_sup\n"
		"  metrics_store                owns the table metrics: the culprit",
	.press = "3: ets is a straight line. 4: metrics is first by growth; its owner is metrics_store, of which "
		"application? G: nothing. x: a level instead of a line.",
	.see = "ets climbs by a fixed number of bytes for each row; processes and binary stay. After x the table "
		"falls to what a time to live holds.",
	.cure = "A time to live and a sweep by the owner; or update_counter on few keys instead of a row for each "
		"request.",
	.otp = ":ets.all() |> Enum.map(&{:ets.info(&1, :name), :ets.info(&1, :memory) * 8}) |> "
		"Enum.sort_by(&elem(&1, 1), :desc); :ets.info(t, :owner), Process.info(owner, "
		":dictionary)[:\"$ancestors\"].",
	.gc_helps = "no",
	.culprit = "table metrics",
	.finding = "ets-growth",
};

static const struct application *const also[] = { &tally_metrics_lib, NULL };
const struct application demo_tally = {
	.name = "tally", .knobs = knobs, .knob_count = ARRAY_COUNT(knobs), .top = &tally_sup, .also = also,
	.card = &card, .is_demo = true,
};
