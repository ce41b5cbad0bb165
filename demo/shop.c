/*
 * shop - a healthy system, to compare with.
 *
 * Orders come in at a steady pace; a pool of four works on them, asks a cache, and books them in a table of the
 * newest thousand. It shows what stable looks like: heaps that breathe, queues that return to zero, a table that
 * does not grow.
 *
 * What keeps it healthy is in three places: the front has at most a window of orders under way (backpressure), the
 * table's keys go round (bounded size), the cache forgets (bounded state).
 *
 * Claim of the article: "Most Elixir applications never need memory tuning. They need correct code, appropriate data
 * structures, and respect for the message-passing paradigm."
 */
#include "demo/load.h"

enum { LOAD = KNOB_FIRST };

#define POOL 4
#define UNDER_WAY 64
#define WORK_US 20
#define TABLE_ROWS 1000
#define CACHED 200
#define CALL_US 60000000                /* shares a machine with leaks: being slow is no reason to die */
#define PATIENCE_US 5000000

/* ---- orders: owns the table ------------------------------------------------------------------------ */

static enum next orders_init(struct process *p, term argument)
{
	(void) argument;
	table_new(p, app_name(p, "orders"), &(struct table_options) { .type = TABLE_SET, .named = true });
	return server_started(p, term_from_small(0));
}

/* The newest thousand: the key goes round, so an order takes the place of the one a thousand before. */
static enum next orders_cast(struct process *p, term order, term booked)
{
	term row = load_tuple2(p, term_from_small(term_to_small(order) % TABLE_ROWS), order);

	table_insert(p, app_name(p, "orders"), row);
	return server_noreply(p, term_from_small(term_to_small(booked) + 1));
}

static const struct server_module orders = { .name = "orders", .init = orders_init, .handle_cast = orders_cast };

/* ---- cache: a map of so many keys at most ----------------------------------------------------------- */

static enum next cache_init(struct process *p, term argument)
{
	struct builder *b = RESERVE(p, map_from_pairs_words(0));

	(void) argument;
	return server_started(p, map_from_pairs(process_world(p)->atoms, &b->top, NULL, 0));
}

static enum next cache_call(struct process *p, term order, term from, term prices)
{
	const struct atoms *atoms = process_world(p)->atoms;
	term key = term_from_small(term_to_small(order) % CACHED);
	struct builder *b;

	if (!term_is_none(map_get(atoms, prices, key)))
		return server_reply(p, key, prices);
	b = RESERVE(p, map_put_words(prices), &from, &prices);
	prices = map_put(atoms, &b->top, prices, key, order);
	return server_reply(p, key, prices);
}

static const struct server_module cache = { .name = "cache", .init = cache_init, .handle_call = cache_call };

/* ---- worker: price it, work, book it, tell the front ------------------------------------------------ */

static enum next worker_init(struct process *p, term number)
{
	(void) number;
	return server_started(p, term_from_small(0));
}

/* State while an order is under way: the order itself. */
static enum next worker_priced(struct process *p, term price, term order)
{
	(void) price;
	server_cast(p, app_name(p, "orders"), order);
	process_send_name_quiet(p, app_name(p, "front"), ATOM(ok));
	return server_work(p, WORK_US, order);
}

static enum next worker_cast(struct process *p, term order, term last)
{
	(void) last;
	return server_call(p, app_name(p, "cache"), order, CALL_US, order, worker_priced);
}

static const struct server_module worker = { .name = "worker", .init = worker_init, .handle_cast = worker_cast };

/* ---- front: orders at the pace of `load`, a window of them under way --------------------------------- */

enum { PACE, NUMBER = PACE + LOAD_PACE_SLOTS, OPEN, SINCE, SLOTS };

static const char *const pool_names[POOL] = { "worker_1", "worker_2", "worker_3", "worker_4" };

/* Orders that went down with a worker are forgotten after a while, or the window would never open again. */
static void count_done(struct process *p)
{
	intptr_t open = term_to_small(slot_get(p, OPEN)), now = (intptr_t) process_now_us(p);
	bool any = open == 0;
	term m;

	for (; process_receive(p, &m); any = true)
		open -= open > 0;
	if (any)
		slot_set(p, SINCE, term_from_small(now));
	else if (now - term_to_small(slot_get(p, SINCE)) > PATIENCE_US)
		open = 0;
	slot_set(p, OPEN, term_from_small(open));
}

static void take_orders(struct process *p, uint64_t due)
{
	intptr_t open = term_to_small(slot_get(p, OPEN)), number = term_to_small(slot_get(p, NUMBER));

	for (; due > 0 && open < UNDER_WAY; due--, open++, number++)
		server_cast(p, app_name(p, pool_names[number % POOL]), term_from_small(number));
	slot_set(p, OPEN, term_from_small(open));
	slot_set(p, NUMBER, term_from_small(number));
}

static enum next front_loop(struct process *p)
{
	PROGRAM(p, SLOTS);
	x_clear(p);
	slot_set(p, OPEN, term_from_small(0));
	slot_set(p, NUMBER, term_from_small(0));
	slot_set(p, SINCE, term_from_small(0));
	for (;;) {
		SLEEP(p, load_nap_us(load_knob(p, LOAD), 1));
		count_done(p);
		take_orders(p, load_due_slot(p, PACE, load_knob(p, LOAD), 1));
	}
	PROGRAM_END(p);
}
static const struct step front = { "front:loop/1", front_loop };

/* ---- The tree ------------------------------------------------------------------------------------- */

#define WORKER(n) { .id = "worker_" #n, .registered = true, .server = &worker, .argument = (n) }
static const struct child_spec workers[POOL] = { WORKER(1), WORKER(2), WORKER(3), WORKER(4) };
static const struct supervisor_spec pool_sup = { .name = "pool_sup", .children = workers, .child_count = POOL };
static const struct child_spec shop_children[] = {
	{ .id = "orders", .registered = true, .server = &orders },
	{ .id = "cache", .registered = true, .server = &cache },
	{ .id = "pool_sup", .supervisor = &pool_sup },
	{ .id = "front", .registered = true, .step = &front },
};
static const struct supervisor_spec shop_sup = {
	.name = "shop_sup", .strategy = REST_FOR_ONE, .children = shop_children, .child_count = 4,
};

static const struct knob knobs[] = {
	KNOB_FIX_OFF_ON,
	KNOB_CEILING_BYTES(64000000),
	{ "load", "/s", "orders", 0, 10000, 200, NULL },
};

static const struct card card = {
	.title = "a healthy system, to compare with",
	.claim = "Most Elixir applications never need memory tuning.",
	.story = "Orders come in, a pool works on them, a cache knows the prices, a table keeps the newest "
		"thousand. Nothing here leaks, however long it runs and however you turn the knob.",
	.tree = "shop_sup\n  orders                  owns the table of the newest thousand\n"
		"  cache                   a bounded map\n  pool_sup - worker_1 .. worker_4\n"
		"  front                   takes orders, a window of them under way",
	.press = "2 M, Q, R in turn: which is the largest, and does it grow? 4: the table keeps its size. Turn load "
		"up: everything is busier, nothing larger.",
	.see = "Saw-teeth, no slopes: memory goes up and down with the collections, queues return to zero, no "
		"finding.",
	.cure = "Nothing to cure: the switch does nothing here.",
	.otp = ":observer.start() or :recon.proc_window(:memory, 5, 5000): the differences are small and have both "
		"signs.",
	.gc_helps = "nothing to help",
	.culprit = "",
	.finding = "",
};

const struct application demo_shop = {
	.name = "shop", .knobs = knobs, .knob_count = ARRAY_COUNT(knobs), .top = &shop_sup, .card = &card,
	.is_demo = true,
};
