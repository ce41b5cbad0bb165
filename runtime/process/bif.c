/* bif - see the header. */
#include "runtime/process/bif.h"

#include "runtime/process/blob.h"
#include "runtime/process/life.h"
#include "runtime/process/scheduler.h"

#define COPY_BYTES_A_REDUCTION 100

static int64_t affordable_bytes(const struct process *p)
{
	return p->budget > 0 ? (int64_t) p->budget * COPY_BYTES_A_REDUCTION : 0;
}

/* Nothing is left of the slice; what is skipped counts as used, as in OTP. */
static void use_up(struct process *p) { p->budget = 0; }

static void finish_copy(struct process *p, uint8_t byte, size_t bytes, size_t done, term *made)
{
	process_charge(p, (uint32_t) ((bytes - done) / COPY_BYTES_A_REDUCTION));
	*made = blob_new_bif(p, NULL, bytes, byte);
}

/* How far it got is the number of the reference that keeps its place. */
static void pause_copy(struct process *p, size_t done, term *made)
{
	if (!term_is_none(*made))
		term_box(*made)[1].word = done;
	else if (!process_room(p, 0) || term_is_none(*made = heap_pending_new(&p->heap, done)))
		process_system_limit(p, ATOM_memory);
	p->heap.b.body->in_builtin = true;
	use_up(p);
}

bool bif_binary_copy(struct process *p, uint8_t byte, size_t bytes, term *made)
{
	bool begins = term_is_none(*made);
	/* The call itself is where a used-up slice ends; called again it is charged again, as OTP does. */
	if (begins && process_charge(p, 1))
		return false;
	size_t done = begins ? 0 : reference_number(*made);
	int64_t most = affordable_bytes(p);
	bool all = (int64_t) (bytes - done) - 1 < most;
	if (all)
		finish_copy(p, byte, bytes, done, made);
	else
		pause_copy(p, done + (uint64_t) most, made);
	return all;
}
