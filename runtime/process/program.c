/* program - see the header. */
#include "runtime/process/program.h"

unsigned program_enter(struct process *p, unsigned slots)
{
	if (p->frame_slots == 0)
		frame_grow(p, slots + 1, NULL, 0);
	term label = slot_get(p, slots);
	return term_is_small(label) ? (unsigned) term_to_small(label) : 0;
}

void program_set_label(struct process *p, unsigned slots, unsigned label) { slot_set(p, slots, term_from_small((intptr_t) label)); }

void program_skip_queued(struct process *p) { p->save = p->last; }

bool program_slept(struct process *p)
{
	if (!process_timed_out(p)) {
		program_skip_queued(p);
		return false;
	}
	process_set_timeout(p, UINT64_MAX);
	process_rewind(p);
	return true;
}

bool program_match(struct process *p, bool (*fits)(struct process *p, term t), term *out)
{
	for (struct message *m; (m = process_peek(p));) {
		if (fits(p, m->value)) {
			*out = process_take(p, m);
			return true;
		}
		process_skip(p, m);
	}
	return false;
}
