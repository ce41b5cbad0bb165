/* otp - see the header. */
#include "runtime/otp/otp.h"

#include <stdio.h>

#include "runtime/process/life.h"
#include "runtime/process/persistents.h"
#include "runtime/process/tables.h"

bool reason_is_quiet(term reason)
{
	return term_is(reason, ATOM(normal)) || term_is(reason, ATOM(shutdown)) || is_tagged(reason, 2, ATOM(shutdown));
}

void otp_acknowledge(struct process *p, term to)
{
	term box[] = { term_header(BOX_TUPLE, 3), ATOM(ack), process_self(p), ATOM(ok) };
	process_send(p, to, term_from_box(box));
}

const struct step *otp_bottom_step(const struct process *p)
{
	return process_bottom_step(p);
}

/* Hibernating, the slots are a list in the first register. */
static term packed_slot(const struct process *p, unsigned slots, unsigned i, unsigned dropped)
{
	unsigned length = 0;
	for (term list = x_get(p, 0); term_is_cons(list); list = list_tail(list))
		length++;
	unsigned at = length == slots ? i : i - dropped;
	term list = x_get(p, 0);
	if (length != slots && (length + dropped != slots || i < dropped))
		return TERM_NONE;
	while (at-- > 0)
		list = list_tail(list);
	return list_head(list);
}

term otp_bottom_slot(const struct process *p, unsigned slots, unsigned i, unsigned dropped)
{
	if (p->flags & PROCESS_PACKED)
		return packed_slot(p, slots, i, dropped);
	return p->heap.end - p->heap.stop > (ptrdiff_t) slots ? p->heap.end[-1 - (ptrdiff_t) slots + (ptrdiff_t) i] : TERM_NONE;
}

/* "header_store:init/1": made at run time, so the slot gets the atom's number where others have a constant's address. */
static const char *initial_text(struct process *p, const char *module, const char *function)
{
	char text[ATOM_TEXT_MAX];
	snprintf(text, sizeof text, "%s:%s/1", module, function);
	return (const char *) (uintptr_t) term_to_atom(process_atom(p, text));
}

void otp_remember_origin(struct process *p, const char *module, const char *function, term ancestors)
{
	term first = process_atom(p, module), second = process_atom(p, function);
	atomic_store_explicit(&p->slot->initial, initial_text(p, module, function), memory_order_release);
	process_put(p, ATOM(ancestors), term_is_none(ancestors) ? TERM_NIL : ancestors);
	struct builder *b = RESERVE(p, 4);
	process_put(p, ATOM(initial_call), build_tuple3(b, first, second, term_from_small(1)));
}

term otp_ancestors(struct process *p)
{
	term above = process_get(p, ATOM(ancestors));
	uint32_t name = atomic_load_explicit(&p->slot->name, memory_order_relaxed);
	struct builder *b = RESERVE(p, 2, &above);
	return build_cons(b, name ? term_from_atom(name) : process_self(p), term_is_atom(above) ? TERM_NIL : above);
}

/* What killed it was no failure of its own code: limits and kill run no terminate and are no crash of a callback. */
static void otp_on_exit(struct process *p)
{
	term last = TERM_NIL;
	bool crashed = server_terminate(p, &p->scheduler->exit_reason, &last);
	if (crashed && !reason_is_quiet(p->scheduler->exit_reason))
		logger_report_crash(p, p->scheduler->exit_reason, server_state_of(p), last);
	supervisor_on_exit(p);
	tables_of_process_exit(p);
}

void otp_start(struct world *w, struct mem_lane *lane)
{
	w->tables = tables_new(lane);
	w->persistent = persistents_new(lane);
	w->supervisors = supervisors_new(lane);
	w->applications = applications_new(lane);
	w->logger = logger_new(lane);
	w->schedulers->account_of = application_account_of;
	w->schedulers->on_exit = otp_on_exit;
	w->schedulers->on_dead = tables_of_process_exit;
}

void otp_stop(struct world *w, struct mem_lane *lane)
{
	/* Payloads in tables and persistent terms are charged to the applications that made them, to the last. */
	tables_free(w->tables, lane);
	persistents_free(w->persistent, w, lane);
	logger_free(w->logger, lane);
	supervisors_free(w->supervisors, w, lane);
	applications_free(w->applications, lane);
}
