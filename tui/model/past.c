#include "tui/model/past.h"
#include "tui/model/util.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define EACH_BIT(bit, set) for (uint64_t left_ = (set), bit; left_ && (bit = (uint64_t) __builtin_ctzll(left_), 1); \
	left_ &= left_ - 1)

void past_init(struct past *p)
{
	*p = (struct past) { .fields = columns_field_count(ROW_PROCESS) };
	for (size_t f = 0; f < p->fields; f++)
		p->offset[f] = columns_field(ROW_PROCESS, f)->offset;
}

void past_release(struct past *p)
{
	free(p->stamp);
	free(p->who);
	free(p->track);
	free(p->quiet);
	free(p->value);
	free(p->rate);
	*p = (struct past) { 0 };
}

static uint64_t field_of(const struct past *p, const struct snap_process *row, size_t f)
{
	return *(const uint64_t *) ((const char *) row + p->offset[f]);
}

/* ---- room ---- */

static void *wider(void *array, size_t from, size_t to, size_t size)
{
	size_t room = from;

	return util_grow(array, &room, to, size);
}

static void past_widen(struct past *p, size_t room)
{
	size_t from = p->room, to = from * 2 > room ? from * 2 : room;

	p->stamp = wider(p->stamp, from, to, sizeof *p->stamp);
	p->who = wider(p->who, from, to, sizeof *p->who);
	p->track = wider(p->track, from, to, sizeof *p->track);
	p->quiet = wider(p->quiet, from, to, sizeof *p->quiet);
	p->value = wider(p->value, from * p->stride, to * p->stride, sizeof *p->value);
	p->rate = wider(p->rate, from * p->stride, to * p->stride, sizeof *p->rate);
	p->room = to;
}

/* One process's fields from the old arrangement into the new one; what is new is unknown. */
static void rearrange(struct past *p, const struct past *old, size_t i)
{
	EACH_BIT(f, p->watched) {
		bool was = old->watched >> f & 1;

		p->value[i * p->stride + p->slot[f]] = was ? old->value[i * old->stride + old->slot[f]] : SNAP_UNKNOWN;
		p->rate[i * p->stride + p->slot[f]] = was ? old->rate[i * old->stride + old->slot[f]] : NAN;
	}
	if (p->watched & ~old->watched)
		p->stamp[i].check ^= 1;         /* a stamp that says idle would leave the new field unread */
}

static void past_watch(struct past *p, uint64_t fields)
{
	struct past old = *p;

	p->watched = fields;
	p->stride = 0;
	EACH_BIT(f, fields)
		p->slot[f] = (uint8_t) p->stride++;
	p->value = util_new(p->room * p->stride, sizeof *p->value);
	p->rate = util_new(p->room * p->stride, sizeof *p->rate);
	for (size_t i = 0; i < p->room; i++)
		if (p->stamp[i].pid)
			rearrange(p, &old, i);
	free(old.value);
	free(old.rate);
}

void past_prepare(struct past *p, uint32_t high, uint64_t wanted, size_t budget)
{
	uint64_t all = p->fields < 64 ? (UINT64_C(1) << p->fields) - 1 : UINT64_MAX, keep = 0;
	size_t most;

	if (high > p->room)
		past_widen(p, high < 64 ? 64 : high);
	most = p->room ? budget / (p->room * (sizeof *p->value + sizeof *p->rate)) : p->fields;
	for (int round = 0; round < 2; round++)
		EACH_BIT(f, (round ? all : wanted & all) & ~keep)
			if ((size_t) __builtin_popcountll(keep) < most)
				keep |= UINT64_C(1) << f;
	if (keep != p->watched)
		past_watch(p, keep);
}

/* ---- a row ---- */

/*
 * Of what moves whenever a process does anything: reductions when it works, messages when they come, bytes
 * when it is collected or what it shares changes. The other figures cannot change while these stand. Few
 * multiplications: a million rows pass here.
 */
static uint32_t check_of(const struct snap_process *r)
{
	uint64_t work = r->reductions + (r->minor_gcs_total << 44) + (r->major_gcs << 54);
	uint64_t mail = r->messages_in + (r->message_queue_len << 32);
	uint64_t bytes = r->total_bytes + (r->memory << 24) + (r->binary_bytes << 40) + ((r->links + r->monitors) << 52);

	return (uint32_t) ((work * 0x9e3779b97f4a7c15u + mail * 0xc2b2ae3d27d4eb4fu + bytes * 0x165667b19e3779f9u) >> 32);
}

static __attribute__((noinline)) void take_new(struct past *p, const struct snap_process *row)
{
	size_t at = row->index * p->stride;

	p->who[row->index] = (struct past_who) { row->label, row->initial_call, row->application };
	p->quiet[row->index] = false;
	EACH_BIT(f, p->watched) {
		p->value[at] = field_of(p, row, f);
		p->rate[at++] = NAN;
	}
}

static __attribute__((noinline)) void take_change(struct past *p, const struct snap_process *row, double seconds)
{
	size_t at = row->index * p->stride;

	p->quiet[row->index] = false;
	EACH_BIT(f, p->watched) {
		uint64_t now = field_of(p, row, f), before = p->value[at];

		p->rate[at] = now == SNAP_UNKNOWN || before == SNAP_UNKNOWN || seconds <= 0 ? NAN
			: (double) (int64_t) (now - before) / seconds;
		p->value[at++] = now;
	}
}

static __attribute__((noinline)) void take_quiet(struct past *p, size_t index)
{
	memset(&p->rate[index * p->stride], 0, p->stride * sizeof *p->rate);
	p->quiet[index] = true;
}

/* The way of the idle is short: what is rare lies in functions of its own, so that it costs no registers here. */
bool past_take(struct past *p, const struct snap_process *row, double seconds)
{
	struct past_stamp now = { (uint32_t) row->pid, check_of(row) }, *was;

	if (row->index >= p->room)
		past_widen(p, row->index + 1);
	was = &p->stamp[row->index];
	if (was->pid == now.pid && was->check == now.check) {
		if (!p->quiet[row->index])
			take_quiet(p, row->index);
		return true;
	}
	if (was->pid == now.pid)
		take_change(p, row, seconds);
	else
		take_new(p, row);
	*was = now;
	return false;
}

void past_bury(struct past *p, uint32_t from, uint32_t to)
{
	for (size_t i = from; i < to && i < p->room; i++)
		p->stamp[i].pid = 0;
}

bool past_rates(const struct past *p, const struct snap_process *row, double *out)
{
	if (row->index >= p->room || p->stamp[row->index].pid != (uint32_t) row->pid)
		return false;
	for (size_t f = 0; f < p->fields; f++)
		out[f] = past_rate(p, row->index, row->pid, (unsigned) f);
	return true;
}

/* ---- marks ---- */

void past_mark_release(struct past_mark *m)
{
	free(m->value);
	free(m->stamp);
	free(m->who);
	*m = (struct past_mark) { 0 };
}

static void *mark_copy(const void *from, size_t count, size_t size)
{
	return memcpy(util_new(count, size), from, count * size);
}

void past_mark(const struct past *p, struct past_mark *m, double time)
{
	past_mark_release(m);
	m->is_taken = true;
	m->time = time;
	m->room = p->room;
	m->watched = p->watched;
	m->stride = p->stride;
	memcpy(m->slot, p->slot, sizeof m->slot);
	if (!p->room)
		return;
	m->stamp = mark_copy(p->stamp, p->room, sizeof *p->stamp);
	m->who = mark_copy(p->who, p->room, sizeof *p->who);
	m->value = mark_copy(p->value, p->room * p->stride, sizeof *p->value);
}

size_t past_mark_bytes(const struct past *p)
{
	return p->room * (sizeof *p->stamp + sizeof *p->who + p->stride * sizeof *p->value);
}

bool past_changes(const struct past *p, const struct past_mark *m, const struct snap_process *row, double *out)
{
	if (!m->is_taken || row->index >= m->room || m->stamp[row->index].pid != (uint32_t) row->pid)
		return false;
	for (size_t f = 0; f < p->fields; f++) {
		uint64_t was = past_mark_value(m, row->index, (unsigned) f), now = field_of(p, row, f);

		out[f] = was == SNAP_UNKNOWN || now == SNAP_UNKNOWN ? NAN : (double) (int64_t) (now - was);
	}
	return true;
}
