/* puppet - see the header. A thing to do is {'$do', Function, Argument}. */
#include "tests/puppet.h"

#include <stdio.h>
#include <string.h>

#include "runtime/memory/build.h"
#include "runtime/term/text.h"

static void write_down(struct process *p, struct puppet *me, term t)
{
	char text[600];
	me->received++;
	term_text(p->world->atoms, t, text, sizeof text);
	me->used += (size_t) snprintf(me->log + me->used, sizeof me->log - me->used, "%s;", text);
	if (me->used >= sizeof me->log)
		me->used = sizeof me->log - 1;
}

static bool is_order(term t)
{
	return term_is_tuple(t) && tuple_arity(t) == 3 && term_is(tuple_at(t, 0), ATOM(go)) && term_is_small(tuple_at(t, 1));
}

static enum next puppet_step(struct process *p)
{
	struct puppet *me = fixture_of(p);
	term t;
	while (process_receive(p, &t)) {
		if (is_order(t)) {
			puppet_fn what = (puppet_fn) term_to_small(tuple_at(t, 1));
			what(p, me, tuple_at(t, 2));
		} else {
			write_down(p, me, t);
		}
		process_charge(p, 1);
	}
	return STEP_WAIT;
}

static const struct step puppet = { "puppet:loop/1", puppet_step };

void puppet_new(struct puppet *me, const struct spawn_options *options)
{
	memset(me, 0, sizeof *me);
	me->pid = options ? fixture_spawn_with(&puppet, me, options) : fixture_spawn(&puppet, me);
}

void puppet_do(struct puppet *me, puppet_fn what, term argument)
{
	term words[4];
	struct builder b = { words, NULL, NULL };
	world_send(fixture_world(), me->pid, build_tuple3(&b, ATOM(go), term_from_small((intptr_t) what), argument));
}

bool puppet_is_alive(const struct puppet *me) { return fixture_is_alive(me->pid); }

void puppet_forget(struct puppet *me)
{
	me->used = 0;
	me->received = 0;
	me->log[0] = 0;
}

void puppet_link(struct process *p, struct puppet *me, term to) { (void) me; process_link(p, to); }
void puppet_unlink(struct process *p, struct puppet *me, term to) { (void) me; process_unlink(p, to); }
void puppet_monitor(struct process *p, struct puppet *me, term to) { me->reference = process_monitor(p, to); }

void puppet_demonitor(struct process *p, struct puppet *me, term flush)
{
	process_demonitor(p, me->reference, term_is(flush, ATOM(true)));
}

void puppet_trap(struct process *p, struct puppet *me, term on) { me->answer = process_trap_exit(p, term_is(on, ATOM(true))); }
void puppet_exit(struct process *p, struct puppet *me, term reason) { (void) me; process_raise(p, reason); }

void puppet_exit_other(struct process *p, struct puppet *me, term argument)
{
	(void) me;
	process_exit_other(p, tuple_at(argument, 0), tuple_at(argument, 1));
}

void puppet_send(struct process *p, struct puppet *me, term argument)
{
	(void) me;
	process_send(p, tuple_at(argument, 0), tuple_at(argument, 1));
}

void puppet_register(struct process *p, struct puppet *me, term name) { me->answer = process_register(p, name); }
void puppet_unregister(struct process *p, struct puppet *me, term name) { me->answer = process_unregister(p, name); }

static void spawn_child(struct process *p, struct puppet *me, term child, bool link, bool monitor)
{
	struct puppet *other = (struct puppet *) term_to_small(child);
	struct spawn_options o = SPAWN_DEFAULT;
	term reference;
	memset(other, 0, sizeof *other);
	o.link = link;
	o.monitor = monitor;
	o.monitor_reference = &reference;
	other->pid = process_spawn(p, &puppet, 1, &child, &o);
	if (monitor)
		me->reference = (uint64_t) term_to_small(reference);
}

void puppet_spawn_link(struct process *p, struct puppet *me, term child) { spawn_child(p, me, child, true, false); }
void puppet_spawn_monitor(struct process *p, struct puppet *me, term child) { spawn_child(p, me, child, false, true); }

term puppet_pair(term a, term b)
{
	static term words[4][3];
	static unsigned next;
	struct builder to = { words[next++ % 4], NULL, NULL };
	return build_tuple2(&to, a, b);
}
