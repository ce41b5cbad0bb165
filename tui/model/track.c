#include "tui/model/track.h"
#include "tui/model/process_fields.h"

#include <math.h>
#include <stdlib.h>

/* The dead stay for this many samples: a tombstone still has its curve. */
#define TRACK_MOURNING 60

void tracks_release(struct tracks *t)
{
	for (size_t i = 0; i < t->count; i++)
		free(t->slot[i]);
	util_map_release(&t->by_pid);
	*t = (struct tracks) { 0 };
}

static void push_values(struct followed *f, const struct past *p, double time)
{
	const struct snap_process *r = &f->now;

	if (r->minor_gcs_total + r->major_gcs != f->collections || !f->times.count) {
		f->collections = r->minor_gcs_total + r->major_gcs;
		f->collected = time;
	}
	if (!past_rates(p, r, f->rate))
		for (size_t i = 0; i < COLUMNS_FIELDS_MOST; i++)
			f->rate[i] = NAN;
	series_push(&f->times, time);
	series_push(&f->series[TRACK_TOTAL], format_known(r->total_bytes));
	series_push(&f->series[TRACK_MEMORY], format_known(r->memory));
	series_push(&f->series[TRACK_BINARY], format_known(r->binary_bytes));
	series_push(&f->series[TRACK_QUEUE], format_known(r->message_queue_len));
	series_push(&f->series[TRACK_REDUCTIONS], f->rate[PROCESS_reductions]);
	series_push(&f->series[TRACK_ARRIVALS], f->rate[PROCESS_messages_in]);
}

void tracks_push(struct tracks *t, struct past *p, const struct snap_process *row, uint64_t sample, double time)
{
	struct followed *f = t->slot[p->track[row->index] - 1];

	if (f->pid != row->pid) {       /* the index has a new tenant */
		p->track[row->index] = 0;
		return;
	}
	if (f->seen == sample)
		return;
	f->seen = sample;
	f->now = *row;
	push_values(f, p, time);
}

static struct followed *slot_oldest(struct tracks *t, struct past *p, uint64_t sample, size_t *at)
{
	size_t best = 0;

	for (size_t i = 1; i < t->count; i++)
		if (t->slot[i]->wanted < t->slot[best]->wanted)
			best = i;
	if (t->slot[best]->wanted == sample)
		return NULL;
	if (t->slot[best]->index < p->room && p->track[t->slot[best]->index] == best + 1)
		p->track[t->slot[best]->index] = 0;
	*at = best;
	t->is_stale = true;
	return t->slot[best];
}

void tracks_follow(struct tracks *t, struct past *p, const struct snap_process *row, uint64_t sample, double time)
{
	struct followed *f = NULL;
	size_t at = t->count;
	uint16_t *mine;

	if (row->index >= p->room)
		return;
	mine = &p->track[row->index];
	if (*mine && t->slot[*mine - 1]->pid == row->pid) {
		t->slot[*mine - 1]->wanted = sample;
		return;
	}
	if (t->count < TRACK_MOST)
		f = t->slot[t->count++] = util_new(1, sizeof *f);
	else
		f = slot_oldest(t, p, sample, &at);
	if (!f)
		return;
	*f = (struct followed) { .pid = row->pid, .index = row->index, .seen = sample, .wanted = sample, .now = *row };
	*mine = (uint16_t) (at + 1);
	util_map_set(&t->by_pid, row->pid, (uint32_t) at);
	push_values(f, p, time);
}

const struct followed *tracks_find(const struct tracks *t, uint64_t pid)
{
	uint32_t at = util_map_get(&t->by_pid, pid);

	return at < t->count && t->slot[at]->pid == pid ? t->slot[at] : NULL;
}

void tracks_sweep(struct tracks *t, struct past *p, uint64_t sample)
{
	for (size_t i = 0; i < t->count; ) {
		struct followed *f = t->slot[i];

		if (f->seen + TRACK_MOURNING >= sample) {
			i++;
			continue;
		}
		if (f->index < p->room && p->track[f->index] == i + 1)
			p->track[f->index] = 0;
		t->slot[i] = t->slot[--t->count];
		if (i < t->count && t->slot[i]->index < p->room && p->track[t->slot[i]->index] == t->count + 1)
			p->track[t->slot[i]->index] = (uint16_t) (i + 1);
		t->is_stale = true;
		free(f);
	}
	if (!t->is_stale)
		return;
	util_map_clear(&t->by_pid);
	for (size_t i = 0; i < t->count; i++)
		util_map_set(&t->by_pid, t->slot[i]->pid, (uint32_t) i);
	t->is_stale = false;
}
