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

static bool finish_copy(struct process *p, uint8_t byte, size_t bytes, size_t done, term *made)
{
	process_charge(p, (uint32_t) ((bytes - done) / COPY_BYTES_A_REDUCTION));
	*made = blob_new_bif(p, NULL, bytes, byte);
	return true;
}

/* How far it got is the number of the reference that keeps its place. */
static bool copy_further(struct process *p, uint8_t byte, size_t bytes, term *made)
{
	uint64_t done = reference_number(*made);
	int64_t most = affordable_bytes(p);
	if ((int64_t) (bytes - done) - 1 < most)
		return finish_copy(p, byte, bytes, done, made);
	term_box(*made)[1].word = done + (uint64_t) most;
	use_up(p);
	return false;
}

bool bif_binary_copy(struct process *p, uint8_t byte, size_t bytes, term *made)
{
	process_charge(p, 1);
	if (!term_is_none(*made))
		return copy_further(p, byte, bytes, made);
	if ((int64_t) bytes - 1 < affordable_bytes(p))
		return finish_copy(p, byte, bytes, 0, made);
	process_need_block(p);
	*made = heap_pending_new(&p->heap, 0);
	if (term_is_none(*made))
		process_system_limit(p, ATOM_memory);
	use_up(p);
	return false;
}
