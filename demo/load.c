#include "demo/load.h"

#define SECOND_US 1000000u
#define NAP_LEAST_US 1000u
#define NAP_MOST_US 100000u
#define FORGIVEN_NAPS 20u               /* a pace that was held up for longer does not make up for it */
#define FORGIVEN_MOST_US 200000u
#define BLOB_BYTES_PER_REDUCTION 10u    /* half a gigabyte a second of virtual time */
#define DOCUMENT_ROWS_AT_ONCE 1500u     /* below 64 KiB: what is asked for at a time may live from the reserve */
#define CREW_AT_ONCE 250u               /* children started or ended at one tick */
#define CREW_LOOKED_AT 100u             /* children looked at in one tick, whether they live */

/* ---- Pace --------------------------------------------------------------------------------------- */

uint64_t load_nap_us(uint64_t rate, uint64_t sharers)
{
	uint64_t us = rate == 0 ? NAP_MOST_US : SECOND_US * (sharers ? sharers : 1) / rate;

	return us < NAP_LEAST_US ? NAP_LEAST_US : us > NAP_MOST_US ? NAP_MOST_US : us;
}

static uint64_t due_since(struct process *p, struct load_pace *pace, uint64_t rate, uint64_t unit, uint64_t most)
{
	uint64_t now = process_now_us(p);
	uint64_t elapsed = pace->last_us && now > pace->last_us ? now - pace->last_us : 0;
	uint64_t credit = pace->credit + size_min(elapsed, most) * rate;

	pace->last_us = now;
	pace->credit = credit % unit;
	return credit / unit;
}

uint64_t load_due(struct process *p, struct load_pace *pace, uint64_t rate, uint64_t sharers)
{
	uint64_t most = size_min(FORGIVEN_NAPS * load_nap_us(rate, sharers), FORGIVEN_MOST_US);

	return due_since(p, pace, rate, SECOND_US * (sharers ? sharers : 1), most);
}

static int64_t small_or_zero(term t)
{
	return term_is_small(t) ? term_to_small(t) : 0;
}

static struct load_pace pace_in(struct process *p, unsigned slot)
{
	return (struct load_pace) { .last_us = (uint64_t) small_or_zero(slot_get(p, slot)),
		.credit = (uint64_t) small_or_zero(slot_get(p, slot + 1)) };
}

static void keep_pace(struct process *p, unsigned slot, const struct load_pace *pace)
{
	slot_set(p, slot, term_from_small((intptr_t) pace->last_us));
	slot_set(p, slot + 1, term_from_small((intptr_t) pace->credit));
}

uint64_t load_due_slot(struct process *p, unsigned slot, uint64_t rate, uint64_t sharers)
{
	struct load_pace pace = pace_in(p, slot);
	uint64_t due = load_due(p, &pace, rate, sharers);

	keep_pace(p, slot, &pace);
	return due;
}

uint64_t load_due_dozing(struct process *p, unsigned slot, uint64_t rate)
{
	struct load_pace pace = pace_in(p, slot);
	uint64_t due = due_since(p, &pace, rate, SECOND_US, 2 * LOAD_DOZE_US);

	keep_pace(p, slot, &pace);
	return due;
}

void load_alarm(struct process *p)
{
	process_send_after(p, LOAD_DOZE_US, process_self(p), ATOM(go));
}

bool load_is_woken(struct process *p)
{
	bool woken = false;
	term m;

	while (process_receive(p, &m)) {
		if (load_is_tagged(m, 3, ATOM(EXIT)))
			process_raise(p, ATOM(shutdown));
		woken |= term_is(m, ATOM(go));
		process_charge(p, 1);
	}
	return woken;
}

bool load_has_room_beside(struct process *p, uint64_t hidden, uint64_t more)
{
	bool below = hidden + more <= load_knob(p, KNOB_CEILING);

	if (!below)
		app_limited_by(p, "ceiling");
	return below && app_has_room(p, more);
}

bool load_has_memory(struct process *p, uint64_t bytes)
{
	if (mem_has_room(process_world(p)->mem, bytes))
		return true;
	app_limited_by(p, "max_memory");
	return false;
}

bool load_has_count(struct process *p, uint64_t have, uint64_t more, uint64_t bytes)
{
	const char *limit = "";

	if (have + more > load_knob(p, KNOB_CEILING))
		limit = "ceiling";
	else if (!mem_has_room(process_world(p)->mem, more * bytes))
		limit = "max_memory";
	app_limited_by(p, limit);
	return *limit == '\0';
}

bool load_is_env(struct process *p, term message, const char *key)
{
	return load_is_tagged(message, 3, process_atom(p, "env")) && term_is(tuple_at(message, 1), process_atom(p,
		key));
}

/* ---- Terms -------------------------------------------------------------------------------------- */

term load_tuple2(struct process *p, term a, term b)
{
	struct builder *build = RESERVE(p, 3, &a, &b);

	return build_tuple2(build, a, b);
}

term load_tuple3(struct process *p, term a, term b, term c)
{
	struct builder *build = RESERVE(p, 4, &a, &b, &c);

	return build_tuple3(build, a, b, c);
}

term load_tuple4(struct process *p, term a, term b, term c, term d)
{
	struct builder *build = RESERVE(p, 5, &a, &b, &c, &d);

	return build_tuple4(build, a, b, c, d);
}

term load_cons(struct process *p, term head, term tail)
{
	struct builder *build = RESERVE(p, 2, &head, &tail);

	return build_cons(build, head, tail);
}

term load_numbers(struct process *p, size_t n, const int64_t *numbers)
{
	struct builder *build = RESERVE(p, 1 + n);
	term *box = build_words(build, 1 + n);

	box[0] = term_header(BOX_TUPLE, n);
	for (size_t i = 0; i < n; i++)
		box[1 + i] = term_from_small(numbers[i]);
	return term_from_box(box);
}

term load_blob(struct process *p, uint64_t bytes, uint8_t fill)
{
	process_charge(p, (uint32_t) (bytes / BLOB_BYTES_PER_REDUCTION));
	return blob_new(p, NULL, bytes, fill, NULL, 0);
}

term load_rows(struct process *p, term list, int64_t first, size_t count)
{
	struct builder *build = RESERVE(p, count * LOAD_ROW_WORDS, &list);

	for (size_t i = 0; i < count; i++) {
		term number = term_from_small(first + (int64_t) i);

		list = build_cons(build, build_tuple2(build, number, number), list);
	}
	process_charge(p, (uint32_t) count);
	return list;
}

void load_map_to(struct process *p, int64_t n)
{
	x_set(p, 0, term_from_small((intptr_t) n));
}

enum { MAP_ROWS, MAP_MADE, MAP_LAST, MAP_TURNED, MAP_SLOTS };

static void map_some(struct process *p)
{
	intptr_t made = small_or_zero(slot_get(p, MAP_MADE)), last = term_to_small(slot_get(p, MAP_LAST));

	while (made < last && !process_charge(p, 2)) {
		term number = term_from_small(++made), row = load_tuple2(p, number, number);

		slot_set(p, MAP_ROWS, load_cons(p, row, slot_get(p, MAP_ROWS)));
	}
	slot_set(p, MAP_MADE, term_from_small(made));
}

static void turn_some(struct process *p)
{
	while (term_is_cons(slot_get(p, MAP_ROWS)) && !process_charge(p, 1)) {
		struct builder *build = RESERVE(p, 2);
		term rows = slot_get(p, MAP_ROWS);

		slot_set(p, MAP_TURNED, build_cons(build, list_head(rows), slot_get(p, MAP_TURNED)));
		slot_set(p, MAP_ROWS, list_tail(rows));
	}
}

static enum next map_run(struct process *p)
{
	PROGRAM(p, MAP_SLOTS);
	slot_set(p, MAP_LAST, x_get(p, 0));
	x_clear(p);
	while (small_or_zero(slot_get(p, MAP_MADE)) < term_to_small(slot_get(p, MAP_LAST))) {
		map_some(p);
		YIELD(p);
	}
	while (term_is_cons(slot_get(p, MAP_ROWS))) {
		turn_some(p);
		YIELD(p);
	}
	return frame_return(p, slot_get(p, MAP_TURNED));
	PROGRAM_END(p);
}
const struct step load_map = { "Elixir.Enum:map/2", map_run };

bool load_grow_document(struct process *p, unsigned slot, uint64_t bytes)
{
	int64_t rows = small_or_zero(slot_get(p, slot + 1)), wanted = (int64_t) (bytes / (8 * LOAD_ROW_WORDS));
	size_t some;
	term list;

	if (rows == wanted)
		return true;
	if (rows > wanted) {
		rows = 0;
		slot_set(p, slot, TERM_NIL);
	}
	some = size_min((size_t) (wanted - rows), DOCUMENT_ROWS_AT_ONCE);
	list = load_rows(p, slot_get(p, slot), rows, some);
	slot_set(p, slot, list);
	slot_set(p, slot + 1, term_from_small((intptr_t) rows + (intptr_t) some));
	return rows + (int64_t) some == wanted;
}

term load_message(struct process *p, term head, size_t words)
{
	struct builder *build;
	term *box;

	process_charge(p, (uint32_t) (words / LOAD_WORDS_PER_REDUCTION));
	if (words < 2)
		return head;
	build = RESERVE(p, words, &head);
	box = build_words(build, words);
	box[0] = term_header(BOX_TUPLE, words - 1);
	box[1] = head;
	for (size_t i = 2; i < words; i++)
		box[i] = term_from_small((intptr_t) i);
	return term_from_box(box);
}

bool load_is_tagged(term message, size_t arity, term tag)
{
	return load_is_tuple(message, arity) && term_is(tuple_at(message, 0), tag);
}

/* ---- Crews -------------------------------------------------------------------------------------- */

enum { CREW_PIDS, CREW_COUNT, CREW_COMING, CREW_TURN, CREW_LOOK };

static int64_t crew_number(struct process *p, unsigned slot)
{
	return small_or_zero(slot_get(p, slot));
}

uint64_t load_crew_count(struct process *p, unsigned slot)
{
	return (uint64_t) crew_number(p, slot + CREW_COUNT);
}

/* Are the next few in the round alive? */
static bool all_well(struct process *p, unsigned slot)
{
	term at = slot_get(p, slot + CREW_LOOK);
	bool well = true;

	for (unsigned i = 0; i < CREW_LOOKED_AT && well; i++) {
		if (!term_is_cons(at))
			at = slot_get(p, slot + CREW_PIDS);
		if (!term_is_cons(at))
			break;
		well = world_is_alive(process_world(p), list_head(at));
		at = list_tail(at);
	}
	slot_set(p, slot + CREW_LOOK, at);
	return well;
}

/* Those who died of something else than us are struck from the list; the list is only built anew when there is one. */
static void strike_the_dead(struct process *p, unsigned slot)
{
	struct world *w = process_world(p);
	struct builder *build = RESERVE(p, 2 * load_crew_count(p, slot));
	term at, kept = TERM_NIL;
	int64_t count = 0;

	for (at = slot_get(p, slot); term_is_cons(at); at = list_tail(at))
		if (world_is_alive(w, list_head(at))) {
			kept = build_cons(build, list_head(at), kept);
			count++;
		}
	slot_set(p, slot, kept);
	slot_set(p, slot + CREW_COUNT, term_from_small(count));
	slot_set(p, slot + CREW_TURN, TERM_NIL);
	slot_set(p, slot + CREW_LOOK, TERM_NIL);
}

static void crew_hire(struct process *p, unsigned slot, term supervisor, uint64_t count, uint64_t more)
{
	int64_t coming = crew_number(p, slot + CREW_COMING);

	for (uint64_t i = 1; i <= more; i++)
		supervisor_start_child(p, supervisor, NULL, term_from_small((intptr_t) (count + i)), true);
	slot_set(p, slot + CREW_COMING, term_from_small(coming + (int64_t) more));
}

static void crew_dismiss(struct process *p, unsigned slot, term supervisor, uint64_t count, uint64_t less)
{
	for (uint64_t i = 0; i < less; i++) {
		term pids = slot_get(p, slot);

		supervisor_terminate_child(p, supervisor, list_head(pids));
		slot_set(p, slot, list_tail(pids));
	}
	slot_set(p, slot + CREW_COUNT, term_from_small((intptr_t) (count - less)));
	slot_set(p, slot + CREW_TURN, TERM_NIL);
	slot_set(p, slot + CREW_LOOK, TERM_NIL);
}

void load_crew(struct process *p, unsigned slot, term supervisor, uint64_t wanted, uint64_t bytes)
{
	uint64_t count = load_crew_count(p, slot), coming = (uint64_t) crew_number(p, slot + CREW_COMING);

	if (!term_is_pid(supervisor))
		return;
	if (count + coming < wanted) {
		uint64_t more = size_min(wanted - count - coming, CREW_AT_ONCE);

		if (app_has_room(p, (coming + more) * bytes))
			crew_hire(p, slot, supervisor, count + coming, more);
	} else if (count > wanted) {
		crew_dismiss(p, slot, supervisor, count, size_min(count - wanted, CREW_AT_ONCE));
	} else if (coming == 0 && !all_well(p, slot)) {
		strike_the_dead(p, slot);
	}
}

bool load_crew_message(struct process *p, unsigned slot, term message)
{
	term pid;

	if (!load_is_tagged(message, 2, process_atom(p, "child_started")))
		return false;
	pid = tuple_at(message, 1);
	slot_set(p, slot + CREW_COMING, term_from_small(crew_number(p, slot + CREW_COMING) - 1));
	if (term_is_pid(pid)) {
		slot_set(p, slot, load_cons(p, pid, slot_get(p, slot)));
		slot_set(p, slot + CREW_COUNT, term_from_small(crew_number(p, slot + CREW_COUNT) + 1));
	}
	return true;
}

term load_crew_next(struct process *p, unsigned slot)
{
	term turn = slot_get(p, slot + CREW_TURN);

	if (!term_is_cons(turn))
		turn = slot_get(p, slot + CREW_PIDS);
	if (!term_is_cons(turn))
		return TERM_NONE;
	slot_set(p, slot + CREW_TURN, list_tail(turn));
	return list_head(turn);
}

/* ---- Persistent terms ---------------------------------------------------------------------------- */

static enum next janitor_init(struct process *p, term argument)
{
	(void) argument;
	process_trap_exit(p, true);
	return server_started(p, ATOM(ok));
}

static void janitor_terminate(struct process *p, term reason, term state)
{
	(void) reason, (void) state;
	persistent_erase(p, app_name(p, LOAD_SETTINGS));
}

const struct server_module load_janitor = { .name = "janitor", .init = janitor_init, .terminate = janitor_terminate };
