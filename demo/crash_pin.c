/*
 * crash_pin - S5: the report of a crash holds the body it crashed on.
 *
 * A handler crashes on a large body, and its report quotes a hundred bytes of it. The report goes through the
 * logger: each process that passed it on keeps a dead reference, and logger processes of a quiet system do not
 * collect.
 *
 *      handler ──crash, "<<quote>>"──▶ logger_proxy ──▶ log_writer
 *                        │                 ┊ dead          ┊ dead
 *                        ▼                 ▼               ▼
 *                      body [...............quote....................]
 *
 * The observer can be the leak: the largest holder of binaries is the logger, not the culprit.
 *
 * Claim of the article: "The cause is usually sub-binary references keeping parent binaries alive."
 *
 * The cure: copy (or cut) what a report quotes.
 */
#include "demo/load.h"

enum { BODY = KNOB_FIRST };

#define QUOTE_BYTES 100
#define BETWEEN_US 20000000             /* one bad request in so much time */

/* ---- web: handler, crashed by a request ------------------------------------------------------------ */

/* A bare process: a server's own report would quote its last message, which is the body itself. */
static enum next handler_loop(struct process *p)
{
	term body, quote;

	PROGRAM(p, 0);
	x_clear(p);
	RECEIVE(p, body);
	quote = blob_match(p, &body, 10, QUOTE_BYTES, NULL, 0);
	if (load_fixed(p))
		quote = blob_copy(p, quote);
	process_send_name_quiet(p, app_name(p, "logger_proxy"), load_tuple2(p, ATOM(badmatch), quote));
	process_raise(p, ATOM(badmatch));
	PROGRAM_END(p);
}
static const struct step handler = { "handler:loop/0", handler_loop };

static void send_request(struct process *p)
{
	term body = load_blob(p, load_knob(p, BODY), 'b');

	process_send_name_quiet(p, app_name(p, "handler"), body);
}

/* client: sends the bad request, then forgets it. */
static enum next client_loop(struct process *p)
{
	PROGRAM(p, 0);
	x_clear(p);
	SLEEP(p, 1000000);
	for (;;) {
		LOAD_AWAIT_ROOM(p, load_knob(p, BODY));
		send_request(p);
		process_collect(p, true, 0, NULL, 0);
		SLEEP(p, BETWEEN_US);
	}
	PROGRAM_END(p);
}
static const struct step client = { "client:loop/0", client_loop };

/* ---- logging: two processes that pass reports on and keep nothing ------------------------------------ */

static enum next logger_proxy_loop(struct process *p)
{
	term report;

	PROGRAM(p, 0);
	x_clear(p);
	for (;;) {
		RECEIVE(p, report);
		process_send_name_quiet(p, app_name(p, "log_writer"), report);
	}
	PROGRAM_END(p);
}
static const struct step logger_proxy = { "logger_proxy:loop/0", logger_proxy_loop };

static enum next log_writer_loop(struct process *p)
{
	term report;

	PROGRAM(p, 0);
	x_clear(p);
	for (;;) {
		RECEIVE(p, report);
		WORK(p, 100);
	}
	PROGRAM_END(p);
}
static const struct step log_writer = { "log_writer:loop/0", log_writer_loop };

/* ---- The trees ------------------------------------------------------------------------------------ */

static const struct child_spec logging_children[] = {
	{ .id = "log_writer", .registered = true, .step = &log_writer },
	{ .id = "logger_proxy", .registered = true, .step = &logger_proxy },
};
static const struct supervisor_spec logging_sup = {
	.name = "logging_sup", .children = logging_children, .child_count = 2,
};
static const struct application crash_pin_logging = { .name = "crash_pin_logging", .top = &logging_sup };

static const struct child_spec web_children[] = {
	{ .id = "handler", .registered = true, .step = &handler },
	{ .id = "client", .registered = true, .step = &client },
};
static const struct supervisor_spec handler_sup = {
	.name = "handler_sup", .intensity = 10, .period_s = 10, .children = web_children, .child_count = 2,
};

static const struct knob knobs[] = {
	KNOB_FIX_OFF_ON,
	KNOB_CEILING_BYTES(128000000),
	{ "body", "bytes", "the request that the handler crashes on", 1000000, 100000000, 50000000, NULL },
};

static const struct card card = {
	.title = "the report of a crash holds the body it crashed on",
	.claim = "The cause is usually sub-binary references keeping parent binaries alive.",
	.story = "A handler crashes on a large body; the report quotes a hundred bytes of it. The logger's "
		"processes passed the report on, keep nothing, and still pin the body: nothing makes them collect.",
	.tree = "crash_pin: handler_sup\n  handler                 crashes, is restarted\n"
		"  client                  sends a bad request now and then\ncrash_pin_logging: logging_sup\n"
		"  log_writer              dead reference\n"
		"  logger_proxy            dead reference: what you see first",
	.press = "3: binary made a step at the crash. 2 B: logger_proxy and log_writer, not the handler. g on one: "
		"does binary fall? g on both, or G: all goes. x.",
	.see = "A step of binary by one body, held by logger processes; the handler is new and small.",
	.cure = "Copy or truncate what a report quotes. Old ones go when the logger's processes collect.",
	.otp = ":recon.bin_leak(5) names logger and logger_proxy. logger's formatter has max_size and chars_limit, "
		"but they cut the text, not the reference.",
	.gc_helps = "yes, of all who passed it on",
	.culprit = "logger_proxy",
	.finding = "binary-garbage",
};

static const struct application *const also[] = { &crash_pin_logging, NULL };
const struct application demo_crash_pin = {
	.name = "crash_pin", .knobs = knobs, .knob_count = ARRAY_COUNT(knobs), .top = &handler_sup, .also = also,
	.card = &card, .is_demo = true,
};
