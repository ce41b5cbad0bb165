/*
 * gc_verify - walks a heap and proves its invariants (heap.h). For the world gc_verify and tests.
 *
 * Checks: pointers lie in the young block, the old heap, a fragment, a queued message or a literal and
 * point to a header or a cell of a fitting kind; nothing old points young; headers cover their block without
 * holes running over the end; every handle is in exactly one off-heap list and its payload alive; counters
 * agree with a recount. Aborts with a reason.
 */
#ifndef RUNTIME_MEMORY_GC_VERIFY_H
#define RUNTIME_MEMORY_GC_VERIFY_H

#include "runtime/memory/gc.h"

void gc_verify(const struct heap *h, const struct root_set *roots, const char *when);

#endif
