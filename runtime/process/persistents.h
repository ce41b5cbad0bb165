/* persistents - the world's persistent terms as a whole; what processes do with them is persistent.h. */
#ifndef RUNTIME_PROCESS_PERSISTENTS_H
#define RUNTIME_PROCESS_PERSISTENTS_H

#include "runtime/base/world.h"

struct mem_lane;

struct persistent *persistents_new(struct mem_lane *lane);
/* Before the literals are freed. */
void persistents_free(struct persistent *all, struct world *w, struct mem_lane *lane);

#endif
