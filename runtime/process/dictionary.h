/*
 * dictionary - a process's own keys and values, as OTP 25 keeps them: a linear hash of slots outside of the heap, {Key, Value}
 * tuples of three words on it, and where keys share a slot, a list of their tuples.
 *
 *   slots   0 .. split-1   home .. home+split-1    split .. home-1
 *           split already  their upper halves      still as before
 *
 * A slot is [], a tuple, or a list. Charged: 24 bytes and 8 a slot of the array.
 */
#ifndef RUNTIME_PROCESS_DICTIONARY_H
#define RUNTIME_PROCESS_DICTIONARY_H

#include "runtime/process/process.h"

struct dictionary {
	uint32_t count;                 /* keys */
	uint32_t home, split;           /* home + split slots are in use */
	uint32_t room;                  /* slots of the array; those behind are [] */
	term slots[];                   /* a root range of the collector */
};

size_t dictionary_charged_bytes(const struct dictionary *d);
void dictionary_free(struct dictionary *d, struct mem_lane *lane);

/* The next {Key, Value} tuple of a walk in order of slots; TERM_NONE at the end. Nothing may change the dictionary meanwhile. */
struct dictionary_walk { uint32_t slot; term rest; };
#define DICTIONARY_WALK { 0, TERM_NIL }
term dictionary_next(const struct dictionary *d, struct dictionary_walk *walk);

#endif
