/*
 * header_keeper - S1: a hundred bytes keep a megabyte alive.
 *
 * A web server reads bodies. Its parser cuts the header off each and sends it to a store that keeps the newest few
 * hundred. A header is a hundred bytes; the store's own memory is tiny; and yet the node grows by a whole body for
 * each.
 *
 *     def parse(<<header::binary-size(100), _rest::binary>>), do: GenServer.cast(HeaderStore, {:keep, header})
 *
 *      body  [hhhhhhhhhh|.................. a megabyte nobody wants ..................]
 *                 ▲
 *                 └── the "header" in the store is only this: a pointer, an offset, a length
 *
 * Claim of the article: "That chunk isn't a copy. It's a reference into the original binary." True from 65 bytes
 * on; up to 64 matching makes a copy, and the leak is gone: turn the knob `piece` from 65 to 64 and see.
 *
 * The cure is the article's :binary.copy/1, before the send. It also replaces what the store holds already: growth
 * stops at once, the old bodies go at the store's next collection, because copying alone frees nothing.
 */
#include "demo/load.h"

enum { PIECE = KNOB_FIRST, BODY, RATE, CAP, CONNS };

#define COPIED_AT_ONCE 200              /* pieces replaced in one turn of the store */

/* ---- conn: reads a body, hands it on, and sleeps without it --------------------------------------- */

static void conn_tick(struct process *p)
{
	process_send_after(p, load_nap_us(load_knob(p, RATE), load_knob(p, CONNS)), process_self(p), ATOM(go));
}

static enum next conn_init(struct process *p, term number)
{
	(void) number;
	conn_tick(p);
	return server_started(p, load_numbers(p, 2, (int64_t[]) { 0, 0 }));
}

static void read_a_body(struct process *p)
{
	term body = load_blob(p, load_knob(p, BODY), 'x');

	server_cast(p, app_name(p, "parser"), body);
}

static enum next conn_info(struct process *p, term message, term state)
{
	struct load_pace pace = { (uint64_t) load_number(state, 0), (uint64_t) load_number(state, 1) };
	uint64_t due = load_due(p, &pace, load_knob(p, RATE), load_knob(p, CONNS));
	bool read = false;

	(void) message;
	for (; due > 0 && app_has_room(p, load_knob(p, BODY)); due--, read = true)
		read_a_body(p);
	conn_tick(p);
	state = load_numbers(p, 2, (int64_t[]) { (int64_t) pace.last_us, (int64_t) pace.credit });
	return read ? server_hibernate(p, state) : server_noreply(p, state);
}

static const struct server_module conn = { .name = "conn", .init = conn_init, .handle_info = conn_info };

/* ---- parser: <<header::binary-size(piece), _rest::binary>> ----------------------------------------- */

static enum next parser_init(struct process *p, term argument)
{
	return server_started(p, argument);
}

static enum next parser_cast(struct process *p, term body, term state)
{
	size_t bytes = size_min(load_knob(p, PIECE), binary_bytes(body));
	term *live[] = { &state };
	term header = blob_match(p, &body, 0, bytes, live, 1);

	if (load_fixed(p))
		header = blob_copy(p, header);
	server_cast(p, app_name(p, "header_store"), header);
	return server_hibernate(p, state);
}

static const struct server_module parser = { .name = "parser", .init = parser_init, .handle_cast = parser_cast };

/* ---- header_store: a queue of the newest `cap` headers, as Erlang's queue: {Count, In, Out} --------- */

static term queue_new(struct process *p, int64_t count, term in, term out)
{
	return load_tuple3(p, term_from_small(count), in, out);
}

static term queue_push(struct process *p, term queue, term item)
{
	struct builder *b = RESERVE(p, 2 + 4, &queue, &item);
	term in = build_cons(b, item, tuple_at(queue, 1));

	return build_tuple3(b, term_from_small(load_number(queue, 0) + 1), in, tuple_at(queue, 2));
}

/* The oldest is at the head of Out; when Out is empty, In is turned round. */
static term queue_turn(struct process *p, term queue)
{
	struct builder *b = RESERVE(p, 2 * (size_t) load_number(queue, 0), &queue);
	term out = TERM_NIL;

	for (term at = tuple_at(queue, 1); term_is_cons(at); at = list_tail(at))
		out = build_cons(b, list_head(at), out);
	return queue_new(p, load_number(queue, 0), TERM_NIL, out);
}

static term queue_pop(struct process *p, term queue, term *oldest)
{
	if (term_is_nil(tuple_at(queue, 2)))
		queue = queue_turn(p, queue);
	struct builder *b = RESERVE(p, 4, &queue);
	*oldest = list_head(tuple_at(queue, 2));
	return build_tuple3(b, term_from_small(load_number(queue, 0) - 1), tuple_at(queue, 1),
		list_tail(tuple_at(queue, 2)));
}

static enum next store_init(struct process *p, term argument)
{
	(void) argument;
	knob_subscribe(p);
	return server_started(p, queue_new(p, 0, TERM_NIL, TERM_NIL));
}

static enum next store_cast(struct process *p, term header, term queue)
{
	int64_t cap = knob_get(p, CAP);
	term oldest;

	queue = queue_push(p, queue, header);
	for (int i = 0; i < COPIED_AT_ONCE && load_number(queue, 0) > cap; i++)
		queue = queue_pop(p, queue, &oldest);
	return server_noreply(p, queue);
}

/* The cure for what is held: each header goes once round the queue and comes back as a copy. */
static enum next store_continue(struct process *p, term left, term queue)
{
	int64_t todo = term_to_small(left);

	for (int i = 0; i < COPIED_AT_ONCE && todo > 0; i++, todo--) {
		term header;

		queue = queue_pop(p, queue, &header);
		header = blob_copy(p, header);
		queue = queue_push(p, queue, header);
	}
	AFTER_BIF(p, 0, &queue);
	return todo > 0 ? server_continue(p, term_from_small(todo), queue) : server_noreply(p, queue);
}

static enum next store_info(struct process *p, term message, term queue)
{
	if (load_is_env(p, message, "fix") && load_fixed(p))
		return server_continue(p, term_from_small(load_number(queue, 0)), queue);
	return server_noreply(p, queue);
}

static const struct server_module header_store = {
	.name = "header_store", .init = store_init, .handle_cast = store_cast,
	.handle_info = store_info, .handle_continue = store_continue,
};

/* ---- The tree ------------------------------------------------------------------------------------- */

/* listener: as many connections as the knob says. */
static enum next listener_loop(struct process *p)
{
	enum { CREW, SLOTS = CREW + LOAD_CREW_SLOTS };
	term m;

	PROGRAM(p, SLOTS);
	for (;;) {
		load_crew(p, CREW, app_whereis(p, "conn_sup"), load_knob(p, CONNS), 0);
		RECEIVE_AFTER(p, m, LOAD_RETRY_US);
		if (!term_is_none(m))
			load_crew_message(p, CREW, m);
	}
	PROGRAM_END(p);
}
static const struct step listener = { "listener:loop/1", listener_loop };

static const struct child_spec conn_child = { .id = "conn", .server = &conn, .restart = TEMPORARY };
static const struct supervisor_spec conn_sup = {
	.name = "conn_sup", .strategy = SIMPLE_ONE_FOR_ONE, .children = &conn_child, .child_count = 1,
};
static const struct child_spec listener_children[] = {
	{ .id = "conn_sup", .supervisor = &conn_sup },
	{ .id = "listener", .registered = true, .step = &listener },
};
static const struct supervisor_spec listener_sup = {
	.name = "listener_sup", .strategy = REST_FOR_ONE, .children = listener_children, .child_count = 2,
};
static const struct child_spec web_children[] = {
	{ .id = "header_store", .registered = true, .server = &header_store },
	{ .id = "parser", .registered = true, .server = &parser },
	{ .id = "listener_sup", .supervisor = &listener_sup },
};
static const struct supervisor_spec web_sup = { .name = "web_sup", .children = web_children, .child_count = 3 };

static const struct knob knobs[] = {
	KNOB_FIX_OFF_ON,
	KNOB_CEILING_BYTES(256000000),
	{ "piece", "bytes", "the header that is kept; 64 and less are copied", 1, 4096, 100, NULL },
	{ "body", "bytes", "the body it is cut from", 1000, 10000000, 1000000, NULL },
	{ "rate", "/s", "bodies, all connections together", 1, 500, 2, NULL },
	{ "cap", "headers", "the store keeps the newest so many", 10, 100000, 200, NULL },
	{ "conns", "", "connections that read bodies", 1, 100, 2, NULL },
};

static const struct card card = {
	.title = "a header of 100 bytes keeps a body of a megabyte",
	.claim = "That chunk isn't a copy. It's a reference into the original binary.",
	.story = "Connections read bodies, a parser cuts the header off each, a store keeps the newest headers. A "
		"match of more than 64 bytes is a slice, and a slice keeps the whole body: the store pins one body "
		"for each header it keeps.",
	.tree = "web_sup\n  header_store            keeps the slices: the culprit\n"
		"  parser                  cuts, sends, hibernates\n  listener_sup\n"
		"    conn_sup - conn ...   read, send, hibernate\n    listener",
	.press = "3: which category grows? 2 M: nothing to see. B: header_store is first. Enter: many references, "
		"large parents, hardly any of their bytes in use. g: all live. x, then g again. Then try the knob "
		"piece at 64 and 65.",
	.see = "System: binary rises by one body for each one read, processes stay flat. Processes by memory: "
		"header_store is nowhere near the top. By binaries held it is first.",
	.cure = "binary:copy/1 of the header before it is sent. Here it also replaces what the store holds: growth "
		"stops at once, the bodies go at the store's next collection. With piece at 64 no cure is needed.",
	.otp = ":recon.proc_count(:binary_memory, 10) shows the store; :recon.bin_leak(10) does not, for it ranks "
		"what a collection drops. Process.info(pid, :binary); :binary.referenced_byte_size(piece) against "
		"byte_size(piece).",
	.gc_helps = "only after the fix",
	.culprit = "header_store",
	.finding = "slice-pin",
};

const struct application demo_header_keeper = {
	.name = "header_keeper", .knobs = knobs, .knob_count = ARRAY_COUNT(knobs), .top = &web_sup, .card = &card,
	.is_demo = true,
};
