/* snapshot - the counting of shares, and the sums of rows; who made it knows how to free it. */
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

void snapshot_sums_begin(struct snapshot *s)
{
	s->system.orphans = 0;
	s->summed = NULL;
	for (size_t i = 0; i < s->application_count; i++) {
		struct snap_application *a = &s->applications[i];
		a->processes = a->memory = a->message_queue_len = a->reductions = a->binary_bytes = 0;
	}
}

/* Neighbours mostly belong to one application, so the last one is remembered. */
static struct snap_application *application_of(struct snapshot *s, uint32_t name)
{
	if (s->summed && s->summed->name == name)
		return s->summed;
	for (size_t i = 0; i < s->application_count; i++)
		if (s->applications[i].name == name)
			return s->summed = &s->applications[i];
	return NULL;
}

void snapshot_sums_add(struct snapshot *s, const struct snap_process *row)
{
	struct snap_application *a = row->application ? application_of(s, row->application) : NULL;

	s->system.orphans += (row->flags & SNAP_IS_ORPHAN) != 0;
	if (!a)
		return;
	a->processes++;
	a->memory += row->memory;
	a->message_queue_len += row->message_queue_len;
	a->reductions += row->reductions;
	a->binary_bytes += row->binary_bytes;
}
