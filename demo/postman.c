/*
 * postman - S14: a large term, and seven ways to bring it to another process.
 *
 *     cast         one copy at the receiver
 *     call         the same; a small answer copies nothing more
 *     echo         the answer carries the term: a second copy, back at the caller
 *     ets          one copy in, one copy out at each lookup
 *     persistent   shared; a read copies nothing (a change makes everybody sweep)
 *     binary       packed into a binary of more than 64 bytes: six words travel
 *     field        only what is needed is sent
 *
 * Claim of the article: "Sending a 100MB data structure between processes copies 100MB. Twice, if you're using
 * GenServer.call and waiting for a reply." Only if the reply carries it. And the article's cure, ETS and a key,
 * copies as often as the call does.
 *
 * The cure: send the field that is needed.
 */
#include "demo/load.h"

enum { TERM_BYTES = KNOB_FIRST, WAY };
enum way { CAST, CALLED, ECHO, ETS, PERSISTENT, BINARY, FIELD };

#define PEAK_TERMS 6                    /* the document and its making, the copies at both ends, and to collect one */

/* ---- archive: keeps what came last, and answers when it is asked to ------------------------------------- */

/* {Kind, From, Payload}; Kind echo answers with the payload, call with ok. */
static enum next archive_loop(struct process *p)
{
	enum { KEPT, SLOTS };
	term m, payload;

	PROGRAM(p, SLOTS);
	x_clear(p);
	for (;;) {
		RECEIVE(p, m);
		slot_set(p, KEPT, TERM_NIL);
		payload = tuple_at(m, 2);
		if (term_is(tuple_at(m, 0), ATOM(reply)))
			process_send(p, tuple_at(m, 1), payload);
		else if (term_is(tuple_at(m, 0), ATOM(call)))
			process_send(p, tuple_at(m, 1), ATOM(ok));
		else if (term_is(tuple_at(m, 0), ATOM(data)))
			payload = table_lookup(p, payload, ATOM(data));
		else if (term_is(tuple_at(m, 0), ATOM(permanent)))
			payload = persistent_get(p, payload);
		slot_set(p, KEPT, term_is_none(payload) ? TERM_NIL : payload);
	}
	PROGRAM_END(p);
}
static const struct step archive = { "archive:loop/1", archive_loop };

/* ---- reader: makes the term, brings it in the chosen way, forgets it ----------------------------------------------------- */

enum { DOCUMENT, SLOTS = DOCUMENT + LOAD_DOCUMENT_SLOTS };

static enum way way_now(struct process *p)
{
	return load_fixed(p) ? FIELD : (enum way) knob_get(p, WAY);
}

static void post(struct process *p, term kind, term payload)
{
	process_send_name_quiet(p, app_name(p, "archive"), load_tuple3(p, kind, process_self(p), payload));
}

static void post_through_table(struct process *p)
{
	struct table_info info;
	term table = app_name(p, "documents");

	if (!table_info(process_world(p), table, &info))
		table_new(p, table, &(struct table_options) { .type = TABLE_SET, .access = TABLE_PUBLIC,
			.named = true });
	table_insert(p, table, load_tuple2(p, ATOM(data), slot_get(p, DOCUMENT)));
	post(p, ATOM(data), table);
}

static void post_persistent(struct process *p)
{
	term key = app_name(p, LOAD_SETTINGS);

	if (term_is_none(persistent_get(p, key)))
		persistent_put(p, key, slot_get(p, DOCUMENT));
	post(p, ATOM(permanent), key);
}

static void post_by(struct process *p, enum way way)
{
	switch (way) {
	case CAST:
		post(p, ATOM(cast), slot_get(p, DOCUMENT));
		break;
	case CALLED:
		post(p, ATOM(call), slot_get(p, DOCUMENT));
		break;
	case ECHO:
		post(p, ATOM(reply), slot_get(p, DOCUMENT));
		break;
	case ETS:
		post_through_table(p);
		break;
	case PERSISTENT:
		post_persistent(p);
		break;
	case BINARY:
		post(p, ATOM(cast), load_blob(p, load_knob(p, TERM_BYTES), 't'));
		break;
	case FIELD:
		post(p, ATOM(cast), list_head(slot_get(p, DOCUMENT)));
		break;
	}
}

/* What another way left behind is put away. */
static void tidy(struct process *p, enum way way)
{
	struct table_info info;
	term table = app_name(p, "documents");

	if (way != ETS && table_info(process_world(p), table, &info) && term_is(info.owner, process_self(p)))
		table_delete(p, table);
	if (way != PERSISTENT)
		persistent_erase(p, app_name(p, LOAD_SETTINGS));
}

/* Once for each way and size. An answer is looked at and dropped like the original: both stay as garbage. */
static enum next reader_loop(struct process *p)
{
	term m;

	PROGRAM(p, SLOTS);
	x_clear(p);
	knob_subscribe(p);
	for (;;) {
		LOAD_AWAIT_ROOM(p, PEAK_TERMS * load_knob(p, TERM_BYTES));
		while (!load_grow_document(p, DOCUMENT, load_knob(p, TERM_BYTES)))
			YIELD(p);
		tidy(p, way_now(p));
		post_by(p, way_now(p));
		slot_set(p, DOCUMENT, TERM_NIL);
		slot_set(p, DOCUMENT + 1, TERM_NIL);
		do
			RECEIVE(p, m);
		while (!load_is_tagged(m, 3, process_atom(p, "env")));
	}
	PROGRAM_END(p);
}
static const struct step reader = { "reader:loop/1", reader_loop };

/* ---- The tree ------------------------------------------------------------------------------------- */

static const struct child_spec docs_children[] = {
	{ .id = "janitor", .server = &load_janitor },
	{ .id = "archive", .registered = true, .step = &archive },
	{ .id = "reader", .registered = true, .step = &reader },
};
static const struct supervisor_spec docs_sup = { .name = "docs_sup", .children = docs_children, .child_count = 3 };

static const char *const ways[] = { "cast", "call", "echo", "ets", "persistent", "binary", "field", NULL };
static const struct knob knobs[] = {
	KNOB_FIX_OFF_ON,
	KNOB_CEILING_BYTES(256000000),
	{ "term", "bytes", "the document; ten times as much must have room", 1000000, 100000000, 16000000, NULL },
	{ "way", "", "how it is brought to the archive", CAST, FIELD, CAST, ways },
};

static const struct card card = {
	.title = "a large term, and seven ways to bring it to another process",
	.claim = "Sending a 100MB data structure between processes copies 100MB. Twice, if you're using "
		"GenServer.call.",
	.story = "A reader makes a document, brings it to an archive and forgets it. What that costs depends on the "
		"way: one copy, two, or none.",
	.tree = "docs_sup\n  archive                 keeps the newest: a copy\n"
		"  reader                  made it, may get one back, forgets both\n"
		"  janitor                 erases the persistent term at the end",
	.press = "2 M: archive and reader. g on each: the reader's is garbage, the archive's grows. Turn the knob way "
		"through its words: each is a new delivery. At echo, look at both before and after g. x.",
	.see = "cast, call: one copy at the archive, beside its heap until a collection moves it in. echo: a second "
		"one at the reader until it collects. ets: the table has one and the archive one. persistent, binary, "
		"field: the archive stays small.",
	.cure = "Send the field that is needed, move the work to the data, pack it into a binary, or share a "
		"persistent term that never changes. ETS and a key is no cure: insert copies and lookup copies.",
	.otp = ":erts_debug.flat_size(t) * 8 is what a send copies; :erlang.process_info(pid, [:memory, "
		":total_heap_size]); :erlang.system_monitor(self(), [{:large_heap, n}]).",
	.gc_helps = "the caller's garbage goes, the archive's copy grows",
	.culprit = "archive",
	.finding = "big-copy",
};

const struct application demo_postman = {
	.name = "postman", .knobs = knobs, .knob_count = ARRAY_COUNT(knobs), .top = &docs_sup, .card = &card,
	.is_demo = true,
};
