/*
 * stage - producers owe nothing that was not asked for.
 *
 * The producer keeps a list of {Consumer, Reference of its monitor, Demand} and gives events to whoever has the largest
 * demand. Events that come to it as {event, E} wait in its buffer, two lists: from the front the oldest go out, at the back the
 * newest come in. Over the bound the oldest is dropped and counted, as GenStage keeps the last. A consumer keeps count of what it asked for and asks again when little of it is left; it outlives its producer and asks the next.
 */
#include "runtime/otp/stage.h"

#include "runtime/otp/otp.h"
#include "runtime/process/life.h"
#include "runtime/process/program.h"

#define IDLE_US 1000u                   /* a producer that had nothing looks again */
#define SEARCH_US 10000u                /* a consumer without a producer looks again */

static const struct stage_module *module_at(struct process *p, unsigned slot) { return term_to_pointer(slot_get(p, slot)); }
static uint64_t number_at(struct process *p, unsigned slot) { return (uint64_t) term_to_small(slot_get(p, slot)); }
static void number_set(struct process *p, unsigned slot, uint64_t n) { slot_set(p, slot, term_from_small((intptr_t) n)); }

/* ---- Producer --------------------------------------------------------------------------------------------------- */

enum { P_MODULE, P_STATE, P_ASKERS, P_FRONT, P_BACK, P_BUFFERED, P_SLOTS };

static uint64_t demand_of(term asker) { return (uint64_t) term_to_small(tuple_at(asker, 2)); }

static uint64_t demand(struct process *p)
{
	uint64_t sum = 0;
	for (term list = slot_get(p, P_ASKERS); term_is_cons(list); list = list_tail(list))
		sum += demand_of(list_head(list));
	return sum;
}

/* The list of askers with this one's demand changed; new ones are monitored, those with `gone` are left out. */
static void change_demand(struct process *p, term pid, int64_t by, bool gone)
{
	term old = slot_get(p, P_ASKERS), fresh = TERM_NIL;
	bool known = false;
	for (; term_is_cons(old); old = list_tail(old)) {
		term asker = list_head(old);
		struct builder *b = RESERVE(p, 2 + 4, &old, &fresh, &asker);
		if (!term_is(tuple_at(asker, 0), pid)) {
			fresh = build_cons(b, asker, fresh);
			continue;
		}
		known = true;
		term changed = build_tuple3(b, pid, tuple_at(asker, 1), term_from_small((intptr_t) ((int64_t) demand_of(asker) + by)));
		if (!gone)
			fresh = build_cons(b, changed, fresh);
	}
	if (!known && !gone) {
		uint64_t reference = process_monitor(p, pid);
		struct builder *b = RESERVE(p, 2 + 4, &fresh);
		fresh = build_cons(b, build_tuple3(b, pid, term_from_small((intptr_t) reference), term_from_small((intptr_t) by)), fresh);
	}
	slot_set(p, P_ASKERS, fresh);
}

static term largest(struct process *p)
{
	term best = TERM_NONE;
	for (term list = slot_get(p, P_ASKERS); term_is_cons(list); list = list_tail(list))
		if (demand_of(list_head(list)) > 0 && (term_is_none(best) || demand_of(list_head(list)) > demand_of(best)))
			best = list_head(list);
	return best;
}

/* Sends at most so many events of the front to one consumer; gives how many. */
static uint64_t send_events(struct process *p, term to, uint64_t most)
{
	term events = slot_get(p, P_FRONT), first = TERM_NIL;
	uint64_t n = 0;
	for (; n < most && term_is_cons(events); n++, events = list_tail(events)) {
		struct builder *b = RESERVE(p, 2, &events, &first);
		first = build_cons(b, list_head(events), first);
	}
	slot_set(p, P_FRONT, events);
	struct builder *b = RESERVE(p, 4, &first);
	process_send(p, to, build_tuple3(b, ATOM(events), process_self(p), first));
	return n;
}

static uint64_t list_length(term list)
{
	uint64_t n = 0;
	for (; term_is_cons(list); list = list_tail(list))
		n++;
	return n;
}

/* A list from its end. */
static term reversed(struct process *p, term list)
{
	term turned = TERM_NIL;
	struct builder *b = RESERVE(p, 2 * list_length(list), &list);
	for (; term_is_cons(list); list = list_tail(list))
		turned = build_cons(b, list_head(list), turned);
	return turned;
}

/* The events of the front to those with the largest demand, until there are none or no demand; gives how many went. */
static uint64_t dispatch(struct process *p)
{
	uint64_t sent = 0;
	for (term asker; term_is_cons(slot_get(p, P_FRONT)) && !term_is_none(asker = largest(p));) {
		term to = tuple_at(asker, 0);
		uint64_t n = send_events(p, to, demand_of(asker));
		change_demand(p, to, -(int64_t) n, false);
		sent += n;
	}
	return sent;
}

static void turn_buffer(struct process *p)
{
	if (!term_is_nil(slot_get(p, P_FRONT)))
		return;
	term turned = reversed(p, slot_get(p, P_BACK));
	slot_set(p, P_FRONT, turned);
	slot_set(p, P_BACK, TERM_NIL);
}

/* What waits in the buffer goes first; then as many are made as are still wanted. */
static bool produce(struct process *p)
{
	const struct stage_module *module = module_at(p, P_MODULE);
	for (uint64_t sent = 1; sent > 0; number_set(p, P_BUFFERED, number_at(p, P_BUFFERED) - sent)) {
		turn_buffer(p);
		sent = dispatch(p);
	}
	uint64_t wanted = demand(p);
	if (wanted == 0 || !module->make)
		return false;
	term state = slot_get(p, P_STATE), events = TERM_NIL;
	module->make(p, wanted, &state, &events);
	slot_set(p, P_STATE, state);
	slot_set(p, P_FRONT, events);
	bool some = term_is_cons(events);
	dispatch(p);
	number_set(p, P_BUFFERED, list_length(slot_get(p, P_FRONT)));
	return some;
}

static void drop_oldest(struct process *p)
{
	turn_buffer(p);
	slot_set(p, P_FRONT, list_tail(slot_get(p, P_FRONT)));
	number_set(p, P_BUFFERED, number_at(p, P_BUFFERED) - 1);
}

static void keep_event(struct process *p, term event)
{
	struct builder *b = RESERVE(p, 2, &event);
	slot_set(p, P_BACK, build_cons(b, event, slot_get(p, P_BACK)));
	number_set(p, P_BUFFERED, number_at(p, P_BUFFERED) + 1);
	if (number_at(p, P_BUFFERED) <= module_at(p, P_MODULE)->buffer)
		return;
	drop_oldest(p);
	atomic_fetch_add_explicit(&p->world->dropped_sends, 1, memory_order_relaxed);
}

static void producer_hears(struct process *p, term m)
{
	if (is_tagged(m, 3, ATOM(ask)) && term_is_pid(tuple_at(m, 1)) && term_is_small(tuple_at(m, 2)))
		change_demand(p, tuple_at(m, 1), term_to_small(tuple_at(m, 2)), false);
	else if (is_tagged(m, 5, ATOM(DOWN)))
		change_demand(p, tuple_at(m, 3), 0, true);
	else if (is_tagged(m, 2, process_atom(p, "event")))
		keep_event(p, tuple_at(m, 1));
}

static enum next produce_loop(struct process *p)
{
	term m;
	PROGRAM(p, P_SLOTS);
	slot_set(p, P_MODULE, x_get(p, 0));
	slot_set(p, P_STATE, x_get(p, 1));
	number_set(p, P_BUFFERED, 0);
	x_clear(p);
	for (;;) {
		if (!module_at(p, P_MODULE)->make || demand(p) == 0)
			RECEIVE(p, m);
		else
			RECEIVE_AFTER(p, m, IDLE_US);
		if (!term_is_none(m))
			producer_hears(p, m);
		while (produce(p))
			YIELD(p);
	}
	PROGRAM_END(p);
}

const struct step stage_producer_step = { "stage:producer/1", produce_loop };

/* ---- Consumer --------------------------------------------------------------------------------------------------- */

enum { C_MODULE, C_STATE, C_PRODUCER, C_EVENTS, C_OWED, C_MONITOR, C_SLOTS };

static term producer_of(struct process *p)
{
	term to = slot_get(p, C_PRODUCER);
	return term_is_atom(to) ? world_whereis(p->world, to) : to;
}

/* Asks for what is missing to the most; false: there is no producer. */
static bool ask(struct process *p)
{
	const struct stage_module *module = module_at(p, C_MODULE);
	term to = producer_of(p);
	if (!term_is_pid(to) || !world_is_alive(p->world, to))
		return false;
	if (term_is_nil(slot_get(p, C_MONITOR)))
		number_set(p, C_MONITOR, process_monitor(p, to));
	term box[] = { term_header(BOX_TUPLE, 3), ATOM(ask), process_self(p), term_from_small((intptr_t) (module->max_demand - number_at(p, C_OWED))) };
	process_send(p, to, term_from_box(box));
	number_set(p, C_OWED, module->max_demand);
	return true;
}

static bool wants_more(struct process *p) { return number_at(p, C_OWED) <= module_at(p, C_MODULE)->min_demand; }

static void consumer_hears(struct process *p, term m)
{
	if (is_tagged(m, 3, ATOM(events))) {
		term events = reversed(p, tuple_at(m, 2));      /* the sender turned them round */
		slot_set(p, C_EVENTS, events);
	} else if (is_tagged(m, 5, ATOM(DOWN))) {
		slot_set(p, C_MONITOR, TERM_NIL);
		number_set(p, C_OWED, 0);
	}
}

/* Handles one event. Gives the work it takes. */
static uint64_t consume_one(struct process *p)
{
	const struct stage_module *module = module_at(p, C_MODULE);
	term events = slot_get(p, C_EVENTS), state = slot_get(p, C_STATE), event = list_head(events);
	slot_set(p, C_EVENTS, list_tail(events));
	if (number_at(p, C_OWED) > 0)
		number_set(p, C_OWED, number_at(p, C_OWED) - 1);
	uint64_t us = module->consume(p, event, &state);
	slot_set(p, C_STATE, state);
	return us;
}

static enum next consume_loop(struct process *p)
{
	term m;
	PROGRAM(p, C_SLOTS);
	slot_set(p, C_MODULE, x_get(p, 0));
	slot_set(p, C_STATE, x_get(p, 1));
	slot_set(p, C_PRODUCER, x_get(p, 2));
	number_set(p, C_OWED, 0);
	x_clear(p);
	for (;;) {
		while (wants_more(p) && !ask(p))
			SLEEP(p, SEARCH_US);
		RECEIVE(p, m);
		consumer_hears(p, m);
		while (term_is_cons(slot_get(p, C_EVENTS))) {
			WORK(p, consume_one(p));
			if (wants_more(p))
				ask(p);
		}
	}
	PROGRAM_END(p);
}

const struct step stage_consumer_step = { "stage:consumer/1", consume_loop };

term stage_spawn(struct process *parent, const struct stage_module *module, term state, term producer, const struct spawn_options *options)
{
	struct spawn_options defaults = SPAWN_DEFAULT;
	bool consumes = module->consume != NULL;
	term args[] = { term_from_pointer(module), state, producer };
	return process_spawn(parent, consumes ? &stage_consumer_step : &stage_producer_step, consumes ? 3 : 2, args, options ? options : &defaults);
}
