/*
 * proxy - S4: the window has closed, the packets stay.
 *
 * A proxy keeps each packet until it is acknowledged: a window of five hundred under way. After a while the
 * upstream goes quiet and everything is acknowledged: the proxy holds nothing any more. But the references have
 * grown old, the virtual heap that decides when binaries are worth a collection has grown with the burst, and no
 * message comes that would start one.
 *
 *     def handle_info({:packet, i, bin}, window), do: {:noreply, Map.put(window, i, bin)}
 *     def handle_info({:ack, i}, window), do: {:noreply, Map.delete(window, i)}
 *
 *      held |      ________________  nothing is live from here on
 *           |     /                |~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
 *           |____/  burst          drop                              time
 *
 * Claim of the article: "old garbage can linger indefinitely".
 *
 * The cure: hibernate when the window is empty (and keep it small).
 */
#include "demo/load.h"

enum { WINDOW = KNOB_FIRST, PACKET, RATE, DROP };

/* ---- proxy: a map from number to packet -------------------------------------------------------------- */

static term empty_map(struct process *p)
{
	struct builder *b = RESERVE(p, map_from_pairs_words(0));

	return map_from_pairs(process_world(p)->atoms, &b->top, NULL, 0);
}

static enum next proxy_init(struct process *p, term argument)
{
	(void) argument;
	knob_subscribe(p);
	return server_started(p, empty_map(p));
}

static enum next rest(struct process *p, term window)
{
	return load_fixed(p) && map_size(window) == 0 ? server_hibernate(p, window) : server_noreply(p, window);
}

static enum next proxy_info(struct process *p, term message, term window)
{
	const struct atoms *atoms = process_world(p)->atoms;
	struct builder *b;

	if (term_is_atom(message))                                              /* all acknowledged */
		return rest(p, empty_map(p));
	if (load_is_env(p, message, "fix"))
		return rest(p, window);
	if (!load_is_tuple(message, 2))
		return server_noreply(p, window);
	b = RESERVE(p, map_put_words(window), &message, &window);
	if (term_is_binary(tuple_at(message, 1))) {                             /* {Number, Packet} */
		window = map_put(atoms, &b->top, window, tuple_at(message, 0), tuple_at(message, 1));
	} else {                                                                /* {ack, Number} */
		window = map_remove(atoms, &b->top, window, tuple_at(message, 1));
	}
	return rest(p, window);
}

static const struct server_module proxy = { .name = "proxy", .init = proxy_init, .handle_info = proxy_info };

/* ---- upstream: a burst of `drop` seconds, then silence until a knob is turned ------------------------ */

enum { PACE, NUMBER = PACE + LOAD_PACE_SLOTS, OPEN, SHAPE, UNTIL, DUE, SLOTS };

static int64_t number(struct process *p, unsigned slot)
{
	return term_to_small(slot_get(p, slot));
}

static void set_number(struct process *p, unsigned slot, int64_t n)
{
	slot_set(p, slot, term_from_small((intptr_t) n));
}

/* Another window, packet or time to drop: a new burst. */
static void look_at_shape(struct process *p)
{
	int64_t shape = (knob_get(p, DROP) * 10000 + knob_get(p, WINDOW)) * 10000000 + knob_get(p, PACKET);

	if (number(p, SHAPE) != shape)
		set_number(p, UNTIL, (int64_t) (process_now_us(p) + load_knob(p, DROP) * 1000000));
	set_number(p, SHAPE, shape);
}

static void send_packet(struct process *p)
{
	term packet = load_blob(p, load_knob(p, PACKET), 'p');

	process_send_name_quiet(p, app_name(p, "proxy"), load_tuple2(p, term_from_small(number(p, NUMBER)), packet));
	set_number(p, NUMBER, number(p, NUMBER) + 1);
	set_number(p, OPEN, number(p, OPEN) + 1);
}

/* The window is full: what was sent first is acknowledged by downstream. */
static void acknowledge_oldest(struct process *p)
{
	term oldest = term_from_small(number(p, NUMBER) - number(p, OPEN));

	process_send_name_quiet(p, app_name(p, "downstream"), oldest);
	set_number(p, OPEN, number(p, OPEN) - 1);
}

static void send_due(struct process *p)
{
	for (uint64_t due = load_due_slot(p, PACE, load_knob(p, RATE), 1); due > 0; due--) {
		while (number(p, OPEN) > 0 && number(p, OPEN) >= knob_get(p, WINDOW))
			acknowledge_oldest(p);
		if (!app_has_room(p, load_knob(p, PACKET)))
			return;
		send_packet(p);
	}
}

static enum next upstream_loop(struct process *p)
{
	PROGRAM(p, SLOTS);
	x_clear(p);
	for (unsigned i = NUMBER; i < SLOTS; i++)
		set_number(p, i, 0);
	for (;;) {
		SLEEP(p, load_nap_us(load_knob(p, RATE), 1));
		look_at_shape(p);
		if (process_now_us(p) < (uint64_t) number(p, UNTIL)) {
			send_due(p);
		} else if (number(p, OPEN) > 0) {
			set_number(p, OPEN, 0);
			process_send_name_quiet(p, app_name(p, "downstream"), ATOM(stop));
		}
	}
	PROGRAM_END(p);
}
static const struct step upstream = { "upstream:loop/1", upstream_loop };

/* downstream: a number is one acknowledgement, an atom means all. */
static enum next downstream_loop(struct process *p)
{
	term m;

	PROGRAM(p, 0);
	x_clear(p);
	for (;;) {
		RECEIVE(p, m);
		if (term_is_small(m))
			m = load_tuple2(p, process_atom(p, "ack"), m);
		process_send_name_quiet(p, app_name(p, "proxy"), m);
	}
	PROGRAM_END(p);
}
static const struct step downstream = { "downstream:loop/0", downstream_loop };

/* ---- The tree ------------------------------------------------------------------------------------- */

static const struct child_spec proxy_children[] = {
	{ .id = "proxy", .registered = true, .server = &proxy },
	{ .id = "downstream", .registered = true, .step = &downstream },
	{ .id = "upstream", .registered = true, .step = &upstream },
};
static const struct supervisor_spec proxy_sup = {
	.name = "proxy_sup", .strategy = ONE_FOR_ALL, .children = proxy_children, .child_count = 3,
};

static const struct knob knobs[] = {
	KNOB_FIX_OFF_ON,
	KNOB_CEILING_BYTES(128000000),
	{ "window", "packets", "under way at a time", 1, 2000, 500, NULL },
	{ "packet", "bytes", "one packet", 1000, 1000000, 100000, NULL },
	{ "rate", "/s", "packets during the burst", 1, 10000, 200, NULL },
	{ "drop", "s", "then the upstream goes quiet and all is acknowledged", 1, 600, 20, NULL },
};

static const struct card card = {
	.title = "the window is empty and the packets are still there",
	.claim = "old garbage can linger indefinitely.",
	.story = "A proxy keeps packets until they are acknowledged. The burst is over, nothing is under way, and "
		"the proxy still pins the window: dead references in the old generation, and nobody to collect "
		"them.",
	.tree = "proxy_sup\n  proxy                   window of packets: the culprit\n"
		"  downstream              acknowledges\n  upstream                a burst, then silence",
	.press = "2 B: proxy is first. Wait until the upstream is quiet. Enter: the virtual heap's limit has grown. "
		"g: all goes. Turn the knob window a little for another burst, x, and wait for its end.",
	.see = "binary climbs to the window, saw-teeth while it is full, and then a flat line for ever with nothing "
		"live under it.",
	.cure = "Hibernate when the window is empty; a smaller window. fullsweep_after counts collections and none "
		"comes.",
	.otp = ":recon.bin_leak(5) shows it; Process.info(pid, :garbage_collection_info) has bin_vheap_size and "
		"bin_old_vheap_block_size.",
	.gc_helps = "yes",
	.culprit = "proxy",
	.finding = "binary-garbage",
};

const struct application demo_proxy = {
	.name = "proxy", .knobs = knobs, .knob_count = ARRAY_COUNT(knobs), .top = &proxy_sup, .card = &card,
	.is_demo = true,
};
