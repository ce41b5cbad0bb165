/*
 * survey - a read-only walk over one heap that tells what a collection would find.
 *
 * Marks with a bitmap of its own, changes nothing, charges nothing. Runs at a safe point of the process
 * (owner, or the helper that holds it). Gives exact live words, what a full sweep would free, how much of the
 * binaries held is reachable through slices, and each distinct binary.
 */
#ifndef RUNTIME_MEMORY_SURVEY_H
#define RUNTIME_MEMORY_SURVEY_H

#include "runtime/memory/gc.h"

struct survey_binary { uint64_t serial, bytes, references, used_bytes, handles; bool live; };

struct survey {
	size_t live_young, live_old, live_fragment;     /* words */
	size_t dead_words;                              /* what a full sweep would free of block, old heap and fragments */
	uint64_t held_bytes, live_bytes;                /* payloads held, of these reachable */
	uint64_t used_bytes;                            /* reachable through handles and slices */
	uint64_t share_bytes;                           /* held, each divided by its references */
	size_t binary_count, binary_total;              /* filled, distinct */
	struct survey_binary *binaries;                 /* caller's room, largest first */
	uint8_t *strip;                                 /* caller's room: one cell a few words, see snapshot.h */
	size_t strip_cells, strip_words_per_cell;
};

/* `room` binaries and `cells` strip cells may be NULL / 0. False: no memory for the bitmap. */
bool survey_heap(const struct heap *h, const struct root_set *roots, struct survey *out, struct survey_binary *room,
	size_t binary_room, uint8_t *strip, size_t cells);

#endif
