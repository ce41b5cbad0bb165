/* bif - see the header. */
#include "runtime/process/bif.h"

#include "runtime/process/blob.h"
#include "runtime/process/life.h"
#include "runtime/process/scheduler.h"

#include "runtime/term/external.h"
#include "runtime/term/order.h"

#define COPY_BYTES_A_REDUCTION 100
#define LENGTH_CELLS_A_REDUCTION 16
#define APPEND_CELLS_A_REDUCTION 60
#define ENCODE_TURNS_A_REDUCTION 32

static int64_t affordable_bytes(const struct process *p)
{
	return p->budget > 0 ? (int64_t) p->budget * COPY_BYTES_A_REDUCTION : 0;
}

/* Nothing is left of the slice; what is skipped counts as used, as in OTP. */
static void use_up(struct process *p) { p->budget = 0; }

static void finish_copy(struct process *p, uint8_t byte, size_t bytes, size_t done, term *made)
{
	process_bump(p, (bytes - done) / COPY_BYTES_A_REDUCTION);
	*made = blob_new_bif(p, NULL, bytes, byte);
}

/* How far it got is the number of the reference that keeps its place. */
static void pause_copy(struct process *p, size_t done, term *made)
{
	process_room(p, 0);
	if (!term_is_none(*made))
		term_box(*made)[1].word = done;
	else if (term_is_none(*made = heap_pending_new(&p->heap, done)))
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

static size_t length_of(struct process *p, term list)
{
	size_t n = 0;
	for (; term_is_cons(list); list = list_tail(list))
		n++;
	if (!term_is_nil(list))
		process_badarg(p);
	return n;
}

size_t bif_length(struct process *p, term list)
{
	size_t n = length_of(p, list);
	process_charge(p, (uint32_t) (n / LENGTH_CELLS_A_REDUCTION));
	return n;
}

term bif_append(struct process *p, term list, term tail)
{
	size_t n = length_of(p, list);
	process_charge(p, (uint32_t) (1 + n / APPEND_CELLS_A_REDUCTION));
	if (n == 0)
		return tail;
	term *cells = build_words(process_room(p, 2 * n), 2 * n);
	for (size_t i = 0; i < n; i++, list = list_tail(list)) {
		cells[2 * i] = list_head(list);
		cells[2 * i + 1] = i + 1 < n ? term_from_cons(&cells[2 * i + 2]) : tail;
	}
	return term_from_cons(cells);
}

term bif_keyfind(struct process *p, term key, unsigned position, term list)
{
	process_charge(p, 1);
	for (; term_is_cons(list); list = list_tail(list)) {
		term t = list_head(list);
		if (term_is_tuple(t) && tuple_arity(t) >= position && term_equal(tuple_at(t, position - 1), key))
			return t;
	}
	if (!term_is_nil(list))
		process_badarg(p);
	return ATOM(false);
}

term bif_term_to_binary(struct process *p, term t)
{
	size_t turns, bytes = external_turns(p->world->atoms, t, &turns);
	term made = blob_new_bif(p, NULL, bytes, 0);
	external_encode(p->world->atoms, t, (uint8_t *) (uintptr_t) binary_data(made));
	process_charge(p, bytes <= BINARY_HEAP_LIMIT ? 2 : (uint32_t) (1 + turns / ENCODE_TURNS_A_REDUCTION));
	return made;
}

void bif_process_info(struct process *p, struct process_info *out)
{
	process_charge(p, 1);
	process_info(p, out);
}
