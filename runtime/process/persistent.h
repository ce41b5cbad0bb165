/*
 * persistent - persistent_term: constants shared by all processes without copying.
 *
 * put of a new key costs a copy into the literals; replacing or erasing a value makes every process that may still refer
 * to the old one sweep it out: the old value is copied into the heaps that use it (OTP 25).
 */
#ifndef RUNTIME_PROCESS_PERSISTENT_H
#define RUNTIME_PROCESS_PERSISTENT_H

#include "runtime/process/process.h"

void persistent_put(struct process *p, term key, term value);
/* The value itself, not a copy; TERM_NONE: no such key. */
term persistent_get(struct process *p, term key);
bool persistent_erase(struct process *p, term key);
uint64_t persistent_count(struct world *w);
uint64_t persistent_words(struct world *w);

#endif
