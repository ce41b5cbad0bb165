/*
 * totals - erlang:memory() of a world, from the charged ledger. Bytes; total = processes + system.
 */
#ifndef RUNTIME_BASE_TOTALS_H
#define RUNTIME_BASE_TOTALS_H

#include "runtime/base/world.h"

struct world_memory { uint64_t total, processes, processes_used, system, atom, atom_used, binary, code, ets, unattributed; };

/* Any thread: sums over lanes, each a moment apart. */
struct world_memory world_memory(const struct world *w);

#endif
