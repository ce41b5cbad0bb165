/* zoo - see the header. */
#include "tests/zoo.h"

#include <string.h>

#include "runtime/memory/build.h"
#include "runtime/process/blob.h"
#include "runtime/process/table.h"

#define DEEDS_A_STEP 12u

static struct cage *cage_of(struct process *p) { return fixture_of(p); }
static unsigned below(struct cage *c, unsigned n) { return (unsigned) random_below(&c->graph.random, n); }
static term anything(struct process *p, struct cage *c) { return slot_get(p, 1 + below(c, GRAPH_SLOTS)); }

static term anybody(struct cage *c)
{
	term pid = { atomic_load_explicit(&c->zoo->cages[below(c, ZOO_CAGES)].pid, memory_order_acquire) };
	return pid;
}

static term some_reason(struct process *p, struct cage *c)
{
	static const uint32_t reasons[] = { ATOM_normal, ATOM_shutdown, ATOM_badarg, ATOM_kill };
	return below(c, 3) ? term_from_atom(reasons[below(c, ARRAY_COUNT(reasons))]) : anything(p, c);
}

/* ---- Mice ------------------------------------------------------------------------------------------------------- */

static enum next mouse_step(struct process *p)
{
	struct zoo *z = fixture_of(p);
	atomic_fetch_add_explicit(&z->mice, 1, memory_order_relaxed);
	switch (process_random(p, 6)) {
	case 0: process_raise(p, ATOM(badarg));
	case 1: process_set_timeout(p, 1000 + process_random(p, 3000)); return STEP_WAIT;
	case 2: return STEP_HIBERNATE;
	case 3: return STEP_YIELD;
	default: process_raise(p, ATOM(normal));
	}
}
static const struct step mouse = { "zoo:mouse/1", mouse_step };

/* ---- Deeds ------------------------------------------------------------------------------------------------------ */

static void build(struct process *p, struct cage *c) { graph_build(p, &c->graph); }

static void send(struct process *p, struct cage *c)
{
	term to = anybody(c);
	if (!term_is_none(to))
		process_send(p, to, anything(p, c));
}

static void spawn(struct process *p, struct cage *c)
{
	struct spawn_options o = SPAWN_DEFAULT;
	term args[] = { term_from_small((intptr_t) c->zoo), anything(p, c) };
	o.link = below(c, 2);
	o.monitor = below(c, 2);
	o.priority = (uint8_t) (PRIORITY_HIGH + below(c, 3));
	o.off_heap_queue = below(c, 2);
	process_spawn(p, &mouse, 1 + below(c, 2), args, &o);
}

static void link_somebody(struct process *p, struct cage *c)
{
	term to = anybody(c);
	if (!term_is_none(to))
		(below(c, 2) ? process_link : process_unlink)(p, to);
}

static void watch_somebody(struct process *p, struct cage *c)
{
	term to = anybody(c);
	if (c->monitor && below(c, 2))
		process_demonitor(p, c->monitor, below(c, 2));
	else if (!term_is_none(to))
		c->monitor = process_monitor(p, to);
}

static void trap(struct process *p, struct cage *c) { process_trap_exit(p, below(c, 5) != 0); }

static void hurt(struct process *p, struct cage *c)
{
	term to = anybody(c);
	if (!c->zoo->calm && !term_is_none(to) && below(c, 4) == 0)
		process_exit_other(p, to, some_reason(p, c));
}

static void time_something(struct process *p, struct cage *c)
{
	term to = anybody(c);
	if (c->timer && below(c, 3) == 0)
		process_cancel_timer(p, c->timer);
	else if (!term_is_none(to))
		c->timer = below(c, 2) ? process_send_after(p, below(c, 20000), to, anything(p, c))
			: process_start_timer(p, below(c, 20000), to, anything(p, c));
}

static void remember(struct process *p, struct cage *c)
{
	term key = term_from_small((intptr_t) below(c, 20));
	if (below(c, 3))
		process_put(p, key, anything(p, c));
	else
		process_erase(p, key);
}

static void collect(struct process *p, struct cage *c)
{
	term to = anybody(c);
	if (below(c, 3) == 0)
		process_collect(p, below(c, 2), 0, NULL, 0);
	else if (!term_is_none(to))
		process_gc_other(p, to, below(c, 2));
	c->graph.collected++;
}

static void hold_up(struct process *p, struct cage *c)
{
	term to = anybody(c);
	if (!term_is_none(to))
		(below(c, 3) ? process_resume_other : process_suspend_other)(p, to);
}

static void be_called(struct process *p, struct cage *c)
{
	static const uint32_t names[] = { ATOM_worker, ATOM_reply, ATOM_call, ATOM_data };
	term name = term_from_atom(names[below(c, ARRAY_COUNT(names))]);
	if (below(c, 2))
		process_register(p, name);
	else if (below(c, 2))
		process_unregister(p, name);
	else
		process_send_name_quiet(p, name, anything(p, c));
}

static void change_ways(struct process *p, struct cage *c)
{
	struct heap_options o = *heap_options(&p->heap);
	o.fullsweep_after = below(c, 10);
	o.min_heap_words = below(c, 2) ? 233 : 987;
	process_set_heap_options(p, &o);
	process_set_priority(p, (enum priority) (PRIORITY_HIGH + below(c, 3)));
	process_set_queue_off_heap(p, below(c, 2));
}

static void use_table(struct process *p, struct cage *c)
{
	static const uint32_t names[] = { ATOM_set, ATOM_ordered_set, ATOM_bag, ATOM_duplicate_bag };
	unsigned which = below(c, ARRAY_COUNT(names));
	term name = term_from_atom(names[which]), key = term_from_small((intptr_t) below(c, 50));
	struct table_options o = { .type = (enum table_type) which, .access = TABLE_PUBLIC, .named = true };
	struct table_info info;
	if (!table_info(p->world, name, &info)) {
		table_new(p, name, &o);
	} else if (below(c, 2)) {
		struct builder *b = RESERVE(p, 3);
		table_insert(p, name, build_tuple2(b, key, anything(p, c)));
	} else if (below(c, 2)) {
		table_lookup(p, name, key);
		process_after_bif(p, 0, NULL, 0);
	} else {
		table_delete_key(p, name, key);
	}
}

/* To somebody else, piece by piece: an append buffer that grows and is shared. */
static void pour(struct process *p, struct cage *c)
{
	term to = anybody(c), t = blob_new(p, "abc", 3, 0, NULL, 0);
	for (unsigned i = below(c, 20); i > 0; i--)
		t = blob_append(p, &t, "0123456789", 10, NULL, 0);
	if (!term_is_none(to))
		process_send(p, to, t);
}

static void work(struct process *p, struct cage *c) { process_work_us(p, below(c, 200)); }

typedef void (*deed_fn)(struct process *p, struct cage *c);
static const deed_fn deeds[] = {
	build, build, build, build, build, build, send, send, send, send, spawn, link_somebody, watch_somebody, trap, hurt, time_something, remember,
	collect, hold_up, be_called, change_ways, use_table, use_table, pour, work,
};

/* Some messages stay in the queue for a while. */
static void eat(struct process *p, struct cage *c)
{
	for (struct message *m; (m = process_peek(p));) {
		if (below(c, 5) == 0)
			process_skip(p, m);
		else
			process_take(p, m);
	}
	if (below(c, 3) == 0)
		process_rewind(p);
	else
		process_skip_all(p);
}

static enum next animal_step(struct process *p)
{
	struct cage *c = cage_of(p);
	if (p->frame_slots == 0)
		graph_enter(p);
	eat(p, c);
	for (unsigned i = 0; i < DEEDS_A_STEP; i++) {
		if (c->deeds_left-- == 0)
			process_raise(p, some_reason(p, c));
		deeds[below(c, ARRAY_COUNT(deeds))](p, c);
	}
	atomic_fetch_add_explicit(&c->zoo->deeds, DEEDS_A_STEP, memory_order_relaxed);
	graph_expect_same(p, &c->graph);
	if (below(c, 6) == 0)
		return STEP_HIBERNATE;
	if (below(c, 3) == 0)
		process_set_timeout(p, below(c, 10000));
	return below(c, 2) ? STEP_WAIT : below(c, 3) ? STEP_YIELD : STEP_NEXT;
}
static const struct step animal = { "zoo:animal/1", animal_step };

/* ---- The keeper -------------------------------------------------------------------------------------------------- */

void zoo_init(struct zoo *z, uint64_t seed)
{
	memset(z, 0, sizeof *z);
	random_init(&z->random, seed);
	for (unsigned i = 0; i < ZOO_CAGES; i++) {
		z->cages[i].zoo = z;
		graph_init(&z->cages[i].graph, random_next(&z->random));
	}
}

static bool is_living(const struct cage *c) { return fixture_is_alive((term) { atomic_load_explicit(&c->pid, memory_order_acquire) }); }

unsigned zoo_living(const struct zoo *z)
{
	unsigned n = 0;
	for (unsigned i = 0; i < ZOO_CAGES; i++)
		n += is_living(&z->cages[i]);
	return n;
}

/* Who could not be born for want of memory leaves its cage empty. */
void zoo_fill(struct zoo *z, unsigned deeds_left)
{
	for (unsigned i = 0; i < ZOO_CAGES; i++) {
		struct cage *c = &z->cages[i];
		struct spawn_options o = SPAWN_DEFAULT;
		term argument = term_from_small((intptr_t) c);
		if (is_living(c))
			continue;
		graph_release(&c->graph);
		graph_init(&c->graph, random_next(&z->random));
		c->deeds_left = deeds_left / 2 + (unsigned) random_below(&z->random, deeds_left);
		c->timer = c->monitor = 0;
		o.off_heap_queue = random_below(&z->random, 2);
		o.priority = (uint8_t) (PRIORITY_HIGH + random_below(&z->random, 3));
		atomic_store_explicit(&c->pid, world_spawn(fixture_world(), &animal, 1, &argument, &o).word, memory_order_release);
		atomic_fetch_add_explicit(&z->filled, 1, memory_order_relaxed);
	}
}

static void to_all(struct zoo *z, void (*say)(struct scheduler *s, term pid))
{
	for (unsigned i = 0; i < ZOO_CAGES; i++) {
		struct scheduler *s = scheduler_enter_outside(fixture_world());
		term pid = { atomic_load_explicit(&z->cages[i].pid, memory_order_relaxed) };
		if (!term_is_none(pid))
			say(s, pid);
		scheduler_leave_outside(s);
	}
}

static void resume(struct scheduler *s, term pid)
{
	request_plain(s, pid, SIGNAL_RESUME);
	struct message *m = message_copy(s, ATOM(go));
	if (m)
		message_deliver(s, pid, m);
}

static void kill_one(struct scheduler *s, term pid) { request_exit(s, pid, ATOM(kill)); }

void zoo_feed(struct zoo *z) { to_all(z, resume); }

/* Mice that wait or sleep on are found in the table. */
static void kill_mice(void)
{
	struct scheduler *s = scheduler_enter_outside(fixture_world());
	const struct slots *slots = fixture_world()->slots;
	for (uint32_t i = 1; i < atomic_load(&slots->high); i++) {
		term pid = { atomic_load(&slot_at(slots, i)->pid) };
		if (!term_is_none(pid) && atomic_load(&slot_at(slots, i)->initial) == mouse.name)
			kill_one(s, pid);
	}
	scheduler_leave_outside(s);
}

void zoo_close(struct zoo *z)
{
	to_all(z, kill_one);
	fixture_run();
	kill_mice();
	fixture_run();
	fixture_let_timers_fire();
	for (unsigned i = 0; i < ZOO_CAGES; i++) {
		ck_assert(!is_living(&z->cages[i]));
		graph_release(&z->cages[i].graph);
		graph_init(&z->cages[i].graph, 0);
	}
}
