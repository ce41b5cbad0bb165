/*
 * switchboard - S3: a thousand idle connections, and no single process seems responsible.
 *
 * Each connection passed a few packets on and then went quiet. It keeps nothing: its loop has no variable. But the
 * references of the packets it saw lie dead on its heap, and nobody collects an idle process: a collection starts
 * when an allocation does not fit, and an idle process does not allocate.
 *
 *     def loop(sink), do: (receive do packet -> send(sink, packet) end; loop(sink))
 *
 *      conn_1  2,640 bytes  ──dead──▶ [64 kB] [64 kB] [64 kB] [64 kB] [64 kB]
 *      conn_2  2,640 bytes  ──dead──▶ [64 kB] ...                                  times a thousand
 *
 * Claim of the article: "Memory grows over time. :erlang.memory(:binary) shows large allocation. No single process
 * seems responsible." Exactly so: sorted by memory all rows are equal. Here a collection does help, but of all, not
 * of the top row: that is what recon's bin_leak does, measure and cure in one.
 *
 * The cure: hibernate after each packet.
 */
#include "demo/load.h"

enum { CONNECTIONS = KNOB_FIRST, RATE, PACKET, PACKETS };

/* ---- conn: passes on what comes -------------------------------------------------------------------- */

static enum next conn_loop(struct process *p)
{
	term packet;

	PROGRAM(p, 0);
	x_clear(p);
	for (;;) {
		RECEIVE(p, packet);
		process_send(p, app_whereis(p, "sink"), packet);
		if (load_fixed(p))
			HIBERNATE(p);
	}
	PROGRAM_END(p);
}
static const struct step conn = { "conn:loop/1", conn_loop };

static enum next sink_loop(struct process *p)
{
	term packet;

	PROGRAM(p, 0);
	x_clear(p);
	for (;;) {
		RECEIVE(p, packet);
		HIBERNATE(p);
	}
	PROGRAM_END(p);
}
static const struct step sink = { "sink:loop/0", sink_loop };

/* ---- acceptor: opens connections and lets packets through each, `rate` of them a second ------------- */

enum { CREW, PACE = CREW + LOAD_CREW_SLOTS, TODO = PACE + LOAD_PACE_SLOTS, DUE, LEFT, SHAPE, SLOTS };

static term pid_of_new(term message)
{
	return load_is_tuple(message, 2) ? tuple_at(message, 1) : TERM_NIL;
}

static void greet_new(struct process *p)
{
	term m;

	while (process_receive(p, &m)) {
		term pid = pid_of_new(m);

		if (load_crew_message(p, CREW, m) && term_is_pid(pid))
			slot_set(p, TODO, load_cons(p, pid, slot_get(p, TODO)));
	}
}

/* Other packets are wanted than those that went: everybody gets some again. */
static void look_at_shape(struct process *p)
{
	term shape = term_from_small((intptr_t) (load_knob(p, PACKET) * 100 + load_knob(p, PACKETS)));

	if (term_is_small(slot_get(p, SHAPE)) && !term_is(slot_get(p, SHAPE), shape))
		slot_set(p, TODO, slot_get(p, CREW));
	slot_set(p, SHAPE, shape);
}

static void send_packet(struct process *p, term conn_pid)
{
	term packet = load_blob(p, load_knob(p, PACKET), 'p');

	process_send(p, conn_pid, packet);
}

static enum next acceptor_loop(struct process *p)
{
	PROGRAM(p, SLOTS);
	for (;;) {
		SLEEP(p, load_nap_us(load_knob(p, RATE), 1));
		greet_new(p);
		look_at_shape(p);
		load_crew(p, CREW, app_whereis(p, "conn_sup"), load_knob(p, CONNECTIONS), 2640);
		slot_set(p, DUE, term_from_small((intptr_t) load_due_slot(p, PACE, load_knob(p, RATE), 1)));
		while (term_to_small(slot_get(p, DUE)) > 0 && term_is_cons(slot_get(p, TODO))) {
			LOAD_AWAIT_ROOM(p, load_knob(p, PACKET) * load_knob(p, PACKETS));
			for (uint64_t i = load_knob(p, PACKETS); i > 0; i--)
				send_packet(p, list_head(slot_get(p, TODO)));
			slot_set(p, TODO, list_tail(slot_get(p, TODO)));
			slot_set(p, DUE, term_from_small(term_to_small(slot_get(p, DUE)) - 1));
			YIELD(p);
		}
	}
	PROGRAM_END(p);
}
static const struct step acceptor = { "acceptor:loop/1", acceptor_loop };

/* ---- The tree ------------------------------------------------------------------------------------- */

static const struct child_spec conn_child = { .id = "conn", .step = &conn, .restart = TEMPORARY };
static const struct supervisor_spec conn_sup = {
	.name = "conn_sup", .strategy = SIMPLE_ONE_FOR_ONE, .children = &conn_child, .child_count = 1,
};
static const struct child_spec gateway_children[] = {
	{ .id = "sink", .registered = true, .step = &sink },
	{ .id = "conn_sup", .supervisor = &conn_sup },
	{ .id = "acceptor", .registered = true, .step = &acceptor },
};
static const struct supervisor_spec gateway_sup = {
	.name = "gateway_sup", .strategy = REST_FOR_ONE, .children = gateway_children, .child_count = 3,
};

static const struct knob knobs[] = {
	KNOB_FIX_OFF_ON,
	KNOB_CEILING_BYTES(384000000),
	{ "connections", "", "open connections", 10, 10000, 1000, NULL },
	{ "rate", "/s", "connections that get their packets", 1, 10000, 200, NULL },
	{ "packet", "bytes", "one packet", 1000, 1000000, 64000, NULL },
	{ "packets", "", "packets through each connection, then it is quiet", 1, 20, 5, NULL },
};

static const struct card card = {
	.title = "a thousand idle connections hold packets that nobody wants",
	.claim = "No single process seems responsible.",
	.story = "Each connection forwarded a few packets and went quiet. The references are garbage, but nothing "
		"collects an idle process. Each row is as small as a process can be; together they pin hundreds of "
		"megabytes.",
	.tree = "gateway_sup\n  sink                    where packets go\n"
		"  conn_sup - conn ...     idle, dead references on each heap\n"
		"  acceptor                opens them, sends packets",
	.press = "3: binary is high. 2 M: all rows equal. B: all equal again. g on the first: one thousandth goes. "
		"G: all goes. Then x, and change the knob packet, so that each gets new packets.",
	.see = "Processes: a flat list whether by memory or by binaries held; only the sum tells. The receipt of G "
		"says: dead references.",
	.cure = "Hibernate after each packet, or tell the caller the way so that the middleman never touches the "
		"data. fullsweep_after does not help: it counts collections, and none happens.",
	.otp = ":recon.bin_leak(10) finds it and cures it: it collects every process and ranks by what was dropped. "
		"for pid <- Process.list(), do: :erlang.garbage_collect(pid).",
	.gc_helps = "yes, of all of them",
	.culprit = "system:binary",
	.finding = "binary-garbage",
};

const struct application demo_switchboard = {
	.name = "switchboard", .knobs = knobs, .knob_count = ARRAY_COUNT(knobs), .top = &gateway_sup, .card = &card,
	.is_demo = true,
};
