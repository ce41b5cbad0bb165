/*
 * bif - built-in functions as OTP 25 charges them: reductions, where they yield, what they leave on the heap.
 *
 * A built-in does not collect before it builds: it takes room on the heap or in a fragment; the caller collects
 * afterwards (AFTER_BIF). Those that may run long give false when the slice is used up: return STEP_YIELD and call
 * them again with the same arguments.
 */
#ifndef RUNTIME_PROCESS_BIF_H
#define RUNTIME_PROCESS_BIF_H

#include "runtime/process/info.h"

/*
 * binary:copy(<<Byte>>, Bytes): 1 and a reduction per 100 bytes. *made is TERM_NONE at first; false: the slice is used up,
 * *made is the state to go on with, which the caller keeps alive.
 */
bool bif_binary_copy(struct process *p, uint8_t byte, size_t bytes, term *made);

/* length(List): a reduction per 16 cells, none for the call: it is compiled in. badarg: no proper list. */
size_t bif_length(struct process *p, term list);
/* List ++ Tail: 1 and a reduction per 60 cells. badarg: list is none. */
term bif_append(struct process *p, term list, term tail);
/* lists:keyfind(Key, Position, List), position from 1: 1, however long. The tuple, or false. */
term bif_keyfind(struct process *p, term key, unsigned position, term list);
/* term_to_binary(Term): 1 and a reduction per 32 turns (external_turns); 2 for up to 64 bytes. */
term bif_term_to_binary(struct process *p, term t);
/* process_info(self(), ...): 1. */
void bif_process_info(struct process *p, struct process_info *out);

#endif
