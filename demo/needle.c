/*
 * needle - S8: a call behind a hundred thousand messages that nobody reads.
 *
 * The writer calls an archive and waits for the answer to its call. A selective receive looks at each message from
 * the front of the mailbox, and there are a hundred thousand in front of the answer. Every call walks past all of
 * them.
 *
 *     receive do {:reply, ^id, value} -> value end
 *
 *      [junk][junk][junk] ... a hundred thousand ... [junk][reply]
 *        └────────────── looked at, one by one, at every call ─┘
 *
 * With a fresh reference the runtime knows that no older message can carry it, and starts behind them: the same
 * call is as fast as on an empty mailbox. gen_server:call does that; a hand-made protocol with integers does not.
 *
 * Claim of the article (in reverse): memory is not the only price of a long mailbox.
 *
 * The cure: a fresh reference for each call, and throw the junk away.
 */
#include "demo/load.h"

enum { JUNK = KNOB_FIRST, CALLS, ID };
enum { ID_INT, ID_REF };

#define JUNK_WORDS 3
#define BURST 1000
#define FLUSHED_AT_ONCE 2000

/* ---- archive: answers ------------------------------------------------------------------------------ */

static enum next archive_loop(struct process *p)
{
	term m, pid;

	PROGRAM(p, 0);
	x_clear(p);
	for (;;) {
		RECEIVE(p, m);                                                  /* {Caller, Id} */
		pid = tuple_at(m, 0);
		process_send(p, pid, load_tuple2(p, ATOM(reply), tuple_at(m, 1)));
	}
	PROGRAM_END(p);
}
static const struct step archive = { "archive:loop/0", archive_loop };

/* ---- writer: calls and calls ------------------------------------------------------------------------ */

enum { PACE, ID_NOW = PACE + LOAD_PACE_SLOTS, DUE, SLOTS };

static bool is_reply(struct process *p, term message)
{
	(void) p;
	return load_is_tagged(message, 2, ATOM(reply));
}

static bool uses_reference(struct process *p)
{
	return load_fixed(p) || knob_get(p, ID) == ID_REF;
}

/* A call: the fresh reference comes first, then its marker behind all that is queued, then the request. */
static void ask(struct process *p)
{
	term id = term_from_small((intptr_t) process_random(p, 1 << 30));

	if (uses_reference(p)) {
		id = process_make_reference(p);
		process_skip_all(p);
	}
	process_send_name_quiet(p, app_name(p, "archive"), load_tuple2(p, process_self(p), id));
}

static bool is_junk(term message)
{
	return load_is_tagged(message, 2, ATOM(data));
}

static void flush(struct process *p)
{
	term m;

	for (int i = 0; i < FLUSHED_AT_ONCE; i++) {
		struct message *first = process_peek(p);

		if (!first || !is_junk(first->value))
			return;
		m = process_take(p, first);
		(void) m;
	}
}

static enum next writer_loop(struct process *p)
{
	term m;

	PROGRAM(p, SLOTS);
	x_clear(p);
	process_set_queue_off_heap(p, true);
	for (;;) {
		SLEEP(p, load_nap_us(load_knob(p, CALLS), 1));
		slot_set(p, DUE, term_from_small((intptr_t) load_due_slot(p, PACE, load_knob(p, CALLS), 1)));
		while (term_to_small(slot_get(p, DUE)) > 0) {
			slot_set(p, DUE, term_from_small(term_to_small(slot_get(p, DUE)) - 1));
			ask(p);
			RECEIVE_MATCH(p, m, is_reply);
			process_rewind(p);
		}
		if (load_fixed(p))
			flush(p);
	}
	PROGRAM_END(p);
}
static const struct step writer = { "writer:call/1", writer_loop };

/* ---- feeder: junk for the writer, up to `junk` of it -------------------------------------------------- */

enum { SENT, FEEDER_SLOTS };

static void feed(struct process *p, uint64_t sent)
{
	uint64_t junk = load_knob(p, JUNK), more = sent < junk ? size_min(junk - sent, BURST) : 0;
	term to = app_whereis(p, "writer");

	if (load_fixed(p)) {
		slot_set(p, SENT, term_from_small(0));
		return;
	}
	if (more == 0 || term_is_none(to) || !app_has_room(p, more * load_message_bytes(JUNK_WORDS)))
		return;
	for (uint64_t i = 0; i < more; i++)
		process_send(p, to, load_tuple2(p, ATOM(data), term_from_small((intptr_t) (sent + i))));
	slot_set(p, SENT, term_from_small((intptr_t) (sent + more)));
}

static enum next feeder_loop(struct process *p)
{
	PROGRAM(p, FEEDER_SLOTS);
	x_clear(p);
	slot_set(p, SENT, term_from_small(0));
	for (;;) {
		SLEEP(p, 20000);
		feed(p, (uint64_t) term_to_small(slot_get(p, SENT)));
	}
	PROGRAM_END(p);
}
static const struct step feeder = { "feeder:loop/0", feeder_loop };

/* ---- The tree ------------------------------------------------------------------------------------- */

static const struct child_spec ingest_children[] = {
	{ .id = "archive", .registered = true, .step = &archive },
	{ .id = "writer", .registered = true, .step = &writer },
	{ .id = "feeder", .registered = true, .step = &feeder },
};
static const struct supervisor_spec ingest_sup = {
	.name = "ingest_sup", .strategy = ONE_FOR_ALL, .children = ingest_children, .child_count = 3,
};

static const char *const ids[] = { "int", "ref", NULL };
static const struct knob knobs[] = {
	KNOB_FIX_OFF_ON,
	KNOB_CEILING_BYTES(130000000),
	{ "junk", "messages", "unread messages in front", 0, 800000, 100000, NULL },
	{ "calls", "/s", "calls that the writer makes", 1, 1000, 10, NULL },
	{ "id", "", "how a call is told from another", ID_INT, ID_REF, ID_INT, ids },
};

static const struct card card = {
	.title = "a call behind a hundred thousand unread messages",
	.claim = "A producer is sending messages faster than a consumer can process them.",
	.story = "The writer waits for the answer to its call, and its mailbox is full of messages that no receive "
		"matches. Each call looks at every one of them.",
	.tree = "ingest_sup\n  archive                 answers at once\n"
		"  writer                  calls, walks its mailbox: the culprit\n"
		"  feeder                  sends what nobody reads",
	.press = "2 R: writer is first, and does nothing. Q: it is first there too. Turn the knob junk and watch "
		"its reductions; turn id to ref.",
	.see = "Reductions of writer climb with the queue, one for each message passed over, while the calls stay "
		"as few as they are.",
	.cure = "A fresh reference for each call (gen_server:call makes one), and a clause that throws unknown "
		"messages away.",
	.otp = ":recon.proc_window(:reductions, 3, 1000); Process.info(pid, [:message_queue_len, :messages]); the "
		"compiler says 'OPTIMIZED: reference used to mark a message queue position' with +recv_opt_info.",
	.gc_helps = "no",
	.culprit = "writer",
	.finding = "unmatched-messages",
};

const struct application demo_needle = {
	.name = "needle", .knobs = knobs, .knob_count = ARRAY_COUNT(knobs), .top = &ingest_sup, .card = &card,
	.is_demo = true,
};
