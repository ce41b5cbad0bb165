/*
 * dictionary - a process's own keys and values: {Key, Value} tuples of three words on its heap.
 *
 * Charged as on OTP 25: 24 + 8 * slots bytes, slots 8 up to 7 entries, then 20, 40, 80 ...
 */
#ifndef RUNTIME_PROCESS_DICTIONARY_H
#define RUNTIME_PROCESS_DICTIONARY_H

#include "runtime/process/process.h"

struct dictionary {
	uint32_t count, room;
	term pairs[];                   /* tuples; a root range of the collector */
};

size_t dictionary_charged_bytes(const struct dictionary *d);
void dictionary_free(struct dictionary *d, struct mem_lane *lane);

#endif
