/*
 * bif - built-in functions as OTP 25 charges them: reductions, where they yield, what they leave on the heap.
 *
 * A built-in does not collect before it builds: it takes room on the heap or in a fragment; the caller collects
 * afterwards (AFTER_BIF). Those that may run long give false when the slice is used up: return STEP_YIELD and call
 * them again with the same arguments.
 */
#ifndef RUNTIME_PROCESS_BIF_H
#define RUNTIME_PROCESS_BIF_H

#include "runtime/process/process.h"

/*
 * binary:copy(<<Byte>>, Bytes): 1 and a reduction per 100 bytes. *made is TERM_NONE at first; false: the slice is used up,
 * *made is the state to go on with, which the caller keeps alive.
 */
bool bif_binary_copy(struct process *p, uint8_t byte, size_t bytes, term *made);

#endif
