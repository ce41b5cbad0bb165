/* snapshot - the counting; who made it knows how to free it. */
#include "runtime/snapshot.h"

struct snapshot *snapshot_retain(struct snapshot *s)
{
	s->references++;
	return s;
}

void snapshot_drop(struct snapshot *s)
{
	if (s && --s->references == 0)
		s->drop(s);
}
