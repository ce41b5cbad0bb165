/*
 * mailbag - S7: ten sensors write faster than one writer reads.
 *
 * A send never waits. Nothing in the language tells a sensor that the writer cannot keep up; its mailbox takes
 * everything.
 *
 *     def handle_info(reading, state), do: (write_to_disk(reading); {:noreply, state})
 *
 *      sensor_1 ─┐
 *      ...       ├──▶ [m][m][m][m][m][m][m][m] ... a straight line upwards ──▶ writer, 500 a second
 *      sensor_10 ┘
 *
 * Claim of the article: "A producer is sending messages faster than a consumer can process them. The mailbox grows
 * without bound." Each queued message costs its words and 88 bytes. A collection makes it worse: it moves the
 * messages into the writer's heap, which must be made for them.
 *
 * The cures, one a mode of `fix`:
 *   demand   the writer asks each sensor for some, and for more when they are done (GenStage)
 *   ack      a sensor sends the next when the last is written
 *   window   the same, with ten under way for each sensor
 *   shed     the writer throws away what it cannot write while its queue is long, and counts it
 * Each bounds the queue and none makes the writer faster: what it cannot write is not sent, or is lost.
 */
#include "demo/load.h"

enum { RATE = KNOB_FIRST, WORK, WORDS, QUEUE };
enum mode { OFF, DEMAND, ACK, WINDOW, SHED };

#define SENSORS 10
#define WINDOW_EACH 10
#define DEMAND_EACH 5
#define SHED_ABOVE 1000
#define LARGE_WORDS 100
#define PASSED_REDUCTIONS 3             /* for a message that a collection passes: 60 ns */
#define QUEUE_COPIES 3                  /* of the queue, to move it into a heap and collect that */
#define PATIENCE_US 5000000             /* then a sensor takes the writer for a new one, and starts again */

/* ---- writer: {Written, Shed} ---------------------------------------------------------------------- */

static enum next writer_init(struct process *p, term argument)
{
	(void) argument;
	return server_started(p, load_numbers(p, 2, (int64_t[]) { 0, 0 }));
}

/* Who sent it: a reading begins with its sensor, or, if it has no room, is nothing else. */
static term sender_of(term reading)
{
	return term_is_tuple(reading) ? tuple_at(reading, 0) : reading;
}

/* {ready, Sensor}: it has sent what it was asked for. */
static bool is_ready(struct process *p, term message)
{
	return load_is_tagged(message, 2, process_atom(p, "ready"));
}

/*
 * Looking at a reading is charged like making one. A large one does not fit into the heap, so a collection follows, which
 * passes the whole queue: that is charged too, or a turn of the knobs would ask for more than a machine can do.
 */
static uint32_t reading_cost(struct process *p)
{
	uint64_t words = load_knob(p, WORDS);
	uint64_t passed = words > LARGE_WORDS ? process_queue_length(p) * PASSED_REDUCTIONS : 0;

	return 1 + (uint32_t) (words / LOAD_WORDS_PER_REDUCTION + passed);
}

/* A queue that has no room in the heap stays outside of it until it has become shorter. */
static void choose_queue(struct process *p)
{
	bool off_heap = knob_get(p, QUEUE) != 0;
	uint64_t queue = process_queue_length(p) * load_message_bytes(load_knob(p, WORDS));

	if (off_heap || mem_has_room(process_world(p)->mem, QUEUE_COPIES * queue))
		process_set_queue_off_heap(p, off_heap);
}

/* receive _ -> ... after 0: what lies above the line goes, unread; how many were there. */
static int64_t shed_some(struct process *p)
{
	int64_t shed = 0;
	term m;

	while (process_queue_length(p) > SHED_ABOVE && !process_charge(p, reading_cost(p)) && process_receive(p, &m))
		shed++;
	return shed;
}

static enum next writer_info(struct process *p, term message, term state)
{
	int64_t written = load_number(state, 0), shed = load_number(state, 1);
	enum mode mode = (enum mode) knob_get(p, KNOB_FIX);

	choose_queue(p);
	process_charge(p, reading_cost(p));
	if (is_ready(p, message)) {
		process_send(p, tuple_at(message, 1), term_from_small(DEMAND_EACH));
		return server_noreply(p, state);
	}
	if (mode == ACK || mode == WINDOW)
		process_send(p, sender_of(message), term_from_small(1));
	if (mode == SHED)
		shed += shed_some(p);
	return server_work(p, load_knob(p, WORK), load_numbers(p, 2, (int64_t[]) { written + 1, shed }));
}

static const struct server_module writer = { .name = "writer", .init = writer_init, .handle_info = writer_info };

static void writer_adjust(struct world *w, uint32_t application, struct spawn_options *options)
{
	int64_t off_heap = 0;

	application_get(w, application, "queue", &off_heap);
	options->off_heap_queue = off_heap != 0;
}

/* ---- sensor: `rate` readings a second, as far as the mode lets it ------------------------------------ */

enum { PACE, CREDIT = PACE + LOAD_PACE_SLOTS, MODE, SINCE, SLOTS };

static int64_t first_credit(enum mode mode)
{
	return mode == ACK ? 1 : mode == WINDOW ? WINDOW_EACH : 0;
}

static void set_number(struct process *p, unsigned slot, int64_t n)
{
	slot_set(p, slot, term_from_small((intptr_t) n));
}

static void say_ready(struct process *p)
{
	process_send(p, app_whereis(p, "writer"), load_tuple2(p, process_atom(p, "ready"), process_self(p)));
}

/* A new mode, or a writer that has not answered for long: the contract begins anew. */
static void begin(struct process *p, enum mode mode)
{
	set_number(p, MODE, mode);
	set_number(p, CREDIT, first_credit(mode));
	set_number(p, SINCE, (int64_t) process_now_us(p));
	if (mode == DEMAND)
		say_ready(p);
}

/* What the writer grants. */
static void take_credit(struct process *p)
{
	term m;

	while (process_receive(p, &m))
		if (term_is_small(m)) {
			set_number(p, CREDIT, term_to_small(slot_get(p, CREDIT)) + term_to_small(m));
			set_number(p, SINCE, (int64_t) process_now_us(p));
		}
}

static uint64_t allowed(struct process *p, enum mode mode, uint64_t due)
{
	uint64_t credit = (uint64_t) term_to_small(slot_get(p, CREDIT));

	if (mode == OFF || mode == SHED)
		return due;
	return size_min(due, credit);
}

static void send_readings(struct process *p, enum mode mode, uint64_t count)
{
	term to = app_whereis(p, "writer");

	for (uint64_t i = 0; i < count && !term_is_none(to); i++)
		process_send(p, to, load_message(p, process_self(p), load_knob(p, WORDS)));
	if (mode == OFF || mode == SHED)
		return;
	set_number(p, CREDIT, term_to_small(slot_get(p, CREDIT)) - (int64_t) count);
	if (mode == DEMAND && count > 0 && term_to_small(slot_get(p, CREDIT)) == 0)
		say_ready(p);
}

static void turn(struct process *p)
{
	enum mode mode = (enum mode) knob_get(p, KNOB_FIX);
	uint64_t due = load_due_slot(p, PACE, load_knob(p, RATE), SENSORS);
	bool forgotten;

	take_credit(p);
	forgotten = process_now_us(p) > (uint64_t) term_to_small(slot_get(p, SINCE)) + PATIENCE_US;
	if (term_to_small(slot_get(p, MODE)) != (intptr_t) mode || forgotten)
		begin(p, mode);
	due = allowed(p, mode, due);
	if (due > 0 && app_has_room(p, due * load_message_bytes(load_knob(p, WORDS))))
		send_readings(p, mode, due);
}

static enum next sensor_loop(struct process *p)
{
	PROGRAM(p, SLOTS);
	x_clear(p);
	begin(p, OFF);
	for (;;) {
		SLEEP(p, load_nap_us(load_knob(p, RATE), SENSORS));
		turn(p);
	}
	PROGRAM_END(p);
}
static const struct step sensor = { "sensor:loop/1", sensor_loop };

/* ---- The tree ------------------------------------------------------------------------------------- */

#define SENSOR(n) { .id = "sensor_" #n, .registered = true, .step = &sensor, .argument = (n) }
static const struct child_spec sensors[SENSORS] = {
	SENSOR(1), SENSOR(2), SENSOR(3), SENSOR(4), SENSOR(5), SENSOR(6), SENSOR(7), SENSOR(8), SENSOR(9), SENSOR(10),
};
static const struct supervisor_spec sensor_sup = { .name = "sensor_sup", .children = sensors, .child_count = SENSORS };
static const struct child_spec ingest_children[] = {
	{ .id = "writer", .registered = true, .server = &writer, .adjust = writer_adjust },
	{ .id = "sensor_sup", .supervisor = &sensor_sup },
};
static const struct supervisor_spec ingest_sup = {
	.name = "ingest_sup", .children = ingest_children, .child_count = 2,
};

static const char *const fixes[] = { "off", "demand", "ack", "window", "shed", NULL };
static const char *const queues[] = { "on_heap", "off_heap", NULL };
static const struct knob knobs[] = {
	KNOB_FIX_WORDS(fixes, 5),
	KNOB_CEILING_BYTES(160000000),
	{ "rate", "/s", "readings, all sensors together", 1, 1000000, 5000, NULL },
	{ "work", "us", "writing one reading", 0, 10000, 2000, NULL },
	{ "words", "words", "one reading", 1, 1000, 8, NULL },
	{ "queue", "", "message_queue_data of the writer", 0, 1, 0, queues },
};

static const struct card card = {
	.title = "ten sensors write faster than one writer reads",
	.claim = "The mailbox grows without bound.",
	.story = "Sends never wait. Ten sensors send more readings than the writer can write; the rest lies in its "
		"mailbox, each with its own bytes and 88 more.",
	.tree = "ingest_sup\n  writer                  its queue is a straight line: the culprit\n  sensor_sup\n"
		"    sensor_1 .. sensor_10",
	.press = "2 Q: writer is first. Enter, mailbox: how old is the oldest? g: it grew. x: choose a cure, watch "
		"the queue drain, then g again.",
	.see = "Queue and memory of writer rise in a straight line, and its count of collections stands still: it "
		"does not allocate. A collection on heap makes it larger; with the knob queue at off_heap it "
		"changes nothing.",
	.cure = "Let the consumer set the pace: demand, acknowledgement or a window. Or shed, and count what is "
		"lost. After draining the big heap stays until a collection: then g helps.",
	.otp = ":recon.proc_count(:message_queue_len, 10); Process.info(pid, [:message_queue_len, :memory, "
		":garbage_collection]). GenStage or Broadway for demand.",
	.gc_helps = "worse on heap; helps after draining",
	.culprit = "writer",
	.finding = "mailbox-growth",
};

const struct application demo_mailbag = {
	.name = "mailbag", .knobs = knobs, .knob_count = ARRAY_COUNT(knobs), .top = &ingest_sup, .card = &card,
	.is_demo = true,
};
