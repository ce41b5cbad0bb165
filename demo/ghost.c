/*
 * ghost - S9: messages to the dead.
 *
 * A sensor sends to a process that ended long ago. Nothing happens: nothing is kept, nothing copied, nothing said.
 * Not every silence is a leak, and not every sender knows that nobody listens.
 *
 *     send(pid, reading)      # always succeeds
 *
 * Claim of the article: "When that process dies, its memory is reclaimed" - and what is sent to it afterwards never
 * was. OTP has no counter for it; here the System tab counts dropped sends.
 *
 * The cure: monitor the receiver, and stop at its DOWN.
 */
#include "demo/load.h"

enum { RATE = KNOB_FIRST, WORDS };

/* Lives only to die: its pid stays. */
static enum next listener_run(struct process *p)
{
	return frame_return(p, ATOM(ok));
}
static const struct step listener = { "listener:run/0", listener_run };

enum { PACE, GHOST = PACE + LOAD_PACE_SLOTS, READING, SIZE, WATCHED, SLOTS };

/* The reading is made once for each size: sending it is what is shown. */
static void make_reading(struct process *p)
{
	term words = term_from_small((intptr_t) knob_get(p, WORDS));

	if (term_is(slot_get(p, SIZE), words) || !app_has_room(p, 16 * load_knob(p, WORDS)))
		return;
	slot_set(p, READING, load_message(p, ATOM(data), load_knob(p, WORDS)));
	slot_set(p, SIZE, words);
}

/* The cure: a monitor of the dead answers at once with DOWN, and the sensor falls silent. True: may send. */
static bool may_send(struct process *p)
{
	term m;

	if (!load_fixed(p)) {
		slot_set(p, WATCHED, TERM_NIL);
		return true;
	}
	if (term_is_nil(slot_get(p, WATCHED))) {
		process_monitor(p, slot_get(p, GHOST));
		slot_set(p, WATCHED, ATOM(process));
	}
	while (process_receive(p, &m))
		if (load_is_tagged(m, 5, ATOM(DOWN)))
			slot_set(p, WATCHED, ATOM(noproc));
	return false;
}

static enum next sensor_loop(struct process *p)
{
	const struct spawn_options plain = SPAWN_DEFAULT;

	PROGRAM(p, SLOTS);
	x_clear(p);
	slot_set(p, GHOST, process_spawn(p, &listener, 0, NULL, &plain));
	SLEEP(p, 100000);
	for (;;) {
		SLEEP(p, load_nap_us(load_knob(p, RATE), 1));
		make_reading(p);
		for (uint64_t due = load_due_slot(p, PACE, load_knob(p, RATE), 1); due > 0 && may_send(p); due--)
			process_send(p, slot_get(p, GHOST), slot_get(p, READING));
	}
	PROGRAM_END(p);
}
static const struct step sensor = { "sensor:loop/0", sensor_loop };

static const struct child_spec ingest_children[] = { { .id = "sensor", .registered = true, .step = &sensor } };
static const struct supervisor_spec ingest_sup = {
	.name = "ingest_sup", .children = ingest_children, .child_count = 1,
};

static const struct knob knobs[] = {
	KNOB_FIX_OFF_ON,
	KNOB_CEILING_BYTES(64000000),
	{ "rate", "/s", "readings sent to the dead", 1, 1000000, 1000, NULL },
	{ "words", "words", "one reading", 1, 100000, 10, NULL },
};

static const struct card card = {
	.title = "messages to a process that is no more",
	.claim = "When that process dies, its memory is reclaimed.",
	.story = "A sensor sends and sends to a pid whose process has ended. It costs next to nothing and leaves no "
		"trace: whatever is lost here is lost in silence.",
	.tree = "ingest_sup\n  sensor                  sends to a pid it remembers\n  (listener, dead)",
	.press = "3: dropped sends climb. 2 M, Q: nothing grows anywhere. Turn words up: it costs the same, for "
		"nothing is copied. x.",
	.see = "Only one counter moves, and OTP does not have it: dropped sends.",
	.cure = "Monitor who you send to, and act on DOWN.",
	.otp = "No counter in OTP. Process.alive?(pid) for one; ref = Process.monitor(pid) gives {:DOWN, ref, "
		":process, pid, :noproc} at once.",
	.gc_helps = "nothing to help",
	.culprit = "system:dropped_sends",
	.finding = "dropped",
};

const struct application demo_ghost = {
	.name = "ghost", .knobs = knobs, .knob_count = ARRAY_COUNT(knobs), .top = &ingest_sup, .card = &card,
	.is_demo = true,
};
