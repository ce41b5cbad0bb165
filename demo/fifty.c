/*
 * fifty - S2: fifty megabytes held by a hundred bytes.
 *
 * One upload of fifty megabytes; of it one log line is kept. The process that keeps it is as small as a process can
 * be.
 *
 *     <<_::binary-size(offset), line::binary-size(100), _::binary>> = upload
 *     send(last_line, line)
 *
 *      upload [.................................|line|................................]
 *                                                  ▲
 *      last_line, 2,640 bytes, a full collection behind it ┘
 *
 * Claim of the article: "I've seen 50MB binaries kept alive by a 100-byte reference to their middle."
 *
 * The cure is :binary.copy/1; what is held already is copied too. Copy alone frees nothing: the next collection does.
 */
#include "demo/load.h"

enum { OFFSET = KNOB_FIRST, BODY };

#define LINE_BYTES 100

/* ---- ingest: reads one upload, then one more whenever its size or the place of the line was changed --- */

static enum next ingest_init(struct process *p, term argument)
{
	(void) argument;
	knob_subscribe(p);
	process_send(p, process_self(p), ATOM(go));
	return server_started(p, ATOM(ok));
}

static void take_line(struct process *p, uint64_t body)
{
	uint64_t offset = size_min(load_knob(p, OFFSET), body - LINE_BYTES);
	term upload = load_blob(p, body, 'u');
	term line = blob_match(p, &upload, offset, LINE_BYTES, NULL, 0);

	if (load_fixed(p))
		line = blob_copy(p, line);
	process_send_name_quiet(p, app_name(p, "last_line"), line);
}

static enum next ingest_info(struct process *p, term message, term state)
{
	uint64_t body = load_knob(p, BODY);

	if (!term_is(message, ATOM(go)) && !load_is_env(p, message, "offset") && !load_is_env(p, message, "body"))
		return server_noreply(p, state);
	if (app_has_room(p, body)) {
		take_line(p, body);
		return server_hibernate(p, ATOM(ok));
	}
	process_send_after(p, LOAD_RETRY_US, process_self(p), ATOM(go));
	return server_noreply(p, state);
}

static const struct server_module ingest = { .name = "ingest", .init = ingest_init, .handle_info = ingest_info };

/* ---- last_line: keeps the newest line, and collects: it has nothing to hide ------------------------- */

static enum next last_line_loop(struct process *p)
{
	enum { LINE, SLOTS };
	term m;

	PROGRAM(p, SLOTS);
	x_clear(p);
	knob_subscribe(p);
	for (;;) {
		RECEIVE(p, m);
		if (term_is_binary(m)) {
			slot_set(p, LINE, m);
			process_collect(p, true, 0, NULL, 0);
		} else if (load_is_env(p, m, "fix") && load_fixed(p) && term_is_binary(slot_get(p, LINE))) {
			slot_set(p, LINE, blob_copy(p, slot_get(p, LINE)));
		}
	}
	PROGRAM_END(p);
}
static const struct step last_line = { "last_line:loop/1", last_line_loop };

/* ---- The tree ------------------------------------------------------------------------------------- */

static const struct child_spec uploads_children[] = {
	{ .id = "last_line", .registered = true, .step = &last_line },
	{ .id = "ingest", .registered = true, .server = &ingest },
};
static const struct supervisor_spec uploads_sup = {
	.name = "uploads_sup", .children = uploads_children, .child_count = 2,
};

static const struct knob knobs[] = {
	KNOB_FIX_OFF_ON,
	KNOB_CEILING_BYTES(64000000),
	{ "offset", "bytes", "where in the upload the line is; behind its end means: at its end", 0, 199999900,
		25000000, NULL },
	{ "body", "bytes", "the upload", 1000000, 200000000, 50000000, NULL },
};

static const struct card card = {
	.title = "fifty megabytes held by a hundred bytes",
	.claim = "50MB binaries kept alive by a 100-byte reference to their middle.",
	.story = "One upload came in, one line of it was kept. The keeper collects after each line and is the "
		"smallest possible process; the upload stays, for the line is a slice of it.",
	.tree = "uploads_sup\n  last_line               keeps one slice: the culprit\n"
		"  ingest                  reads, sends, hibernates",
	.press = "3: binary made a step. 2 B: last_line is first. Enter: one reference, how much of it is in use? "
		"g: all live. x, then g.",
	.see = "A step of binary by one upload; last_line holds it all with the memory of an idle process.",
	.cure = "binary:copy/1 before the line is sent, or of the line that is held; then a collection. Copy "
		"without collection frees nothing.",
	.otp = "Process.info(pid, :binary) shows {id, size, references}; :binary.referenced_byte_size(line) against "
		"byte_size(line).",
	.gc_helps = "only after the fix",
	.culprit = "last_line",
	.finding = "slice-pin",
};

const struct application demo_fifty = {
	.name = "fifty", .knobs = knobs, .knob_count = ARRAY_COUNT(knobs), .top = &uploads_sup, .card = &card,
	.is_demo = true,
};
