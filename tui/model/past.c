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
	for (size_t f = 0; f < p->fields; f++) {
		free(p->value[f]);
		free(p->rate[f]);
	}
	free(p->stamp);
	free(p->who);
	free(p->track);
	free(p->quiet);
	*p = (struct past) { 0 };
}

static uint64_t field_of(const struct past *p, const struct snap_process *row, size_t f)
{
	return *(const uint64_t *) ((const char *) row + p->offset[f]);
}

static void unknown_from(struct past *p, uint64_t f, size_t from)
{
	for (size_t i = from; i < p->room; i++) {
		p->value[f][i] = SNAP_UNKNOWN;
		p->rate[f][i] = NAN;
	}
}

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
	p->room = to;
	EACH_BIT(f, p->watched) {
		p->value[f] = wider(p->value[f], from, to, sizeof **p->value);
		p->rate[f] = wider(p->rate[f], from, to, sizeof **p->rate);
		unknown_from(p, f, from);
	}
}

static void past_watch(struct past *p, uint64_t f)
{
	p->value[f] = util_new(p->room, sizeof **p->value);
	p->rate[f] = util_new(p->room, sizeof **p->rate);
	unknown_from(p, f, 0);
	p->watched |= UINT64_C(1) << f;
	for (size_t i = 0; i < p->room; i++)
		p->stamp[i].check ^= 1;         /* a stamp that says idle would leave the new field unread */
}

static void past_forget(struct past *p, uint64_t f)
{
	free(p->value[f]);
	free(p->rate[f]);
	p->value[f] = NULL;
	p->rate[f] = NULL;
	p->watched &= ~(UINT64_C(1) << f);
}

void past_prepare(struct past *p, uint32_t high, uint64_t wanted, size_t budget)
{
	size_t each, most;
	uint64_t all = p->fields < 64 ? (UINT64_C(1) << p->fields) - 1 : UINT64_MAX, keep = 0;

	if (high > p->room)
		past_widen(p, high < 64 ? 64 : high);
	each = p->room * (sizeof **p->value + sizeof **p->rate);
	most = each ? budget / each : p->fields;
	for (int round = 0; round < 2; round++)
		EACH_BIT(f, (round ? all : wanted & all) & ~keep)
			if ((size_t) __builtin_popcountll(keep) < most)
				keep |= UINT64_C(1) << f;
	EACH_BIT(f, p->watched & ~keep)
		past_forget(p, f);
	EACH_BIT(f, keep & ~p->watched)
		past_watch(p, f);
}

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

static void take_new(struct past *p, const struct snap_process *row)
{
	uint32_t i = row->index;

	p->who[i] = (struct past_who) { row->label, row->initial_call, row->application };
	p->quiet[i] = false;
	EACH_BIT(f, p->watched) {
		p->value[f][i] = field_of(p, row, f);
		p->rate[f][i] = NAN;
	}
}

static void take_change(struct past *p, const struct snap_process *row, double seconds)
{
	uint32_t i = row->index;

	p->quiet[i] = false;
	EACH_BIT(f, p->watched) {
		uint64_t now = field_of(p, row, f), before = p->value[f][i];

		p->rate[f][i] = now == SNAP_UNKNOWN || before == SNAP_UNKNOWN || seconds <= 0 ? NAN
			: (double) (int64_t) (now - before) / seconds;
		p->value[f][i] = now;
	}
}

bool past_take(struct past *p, const struct snap_process *row, double seconds)
{
	struct past_stamp now = { (uint32_t) row->pid, check_of(row) }, *was;

	if (row->index >= p->room)
		past_widen(p, row->index + 1);
	was = &p->stamp[row->index];
	if (was->pid == now.pid && was->check == now.check) {
		if (!p->quiet[row->index]) {
			EACH_BIT(f, p->watched)
				p->rate[f][row->index] = 0;
			p->quiet[row->index] = true;
		}
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
		out[f] = p->rate[f] ? p->rate[f][row->index] : NAN;
	return true;
}

/* ---- marks ---- */

void past_mark_release(struct past_mark *m)
{
	for (size_t f = 0; f < COLUMNS_FIELDS_MOST; f++)
		free(m->value[f]);
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
	if (!p->room)
		return;
	m->stamp = mark_copy(p->stamp, p->room, sizeof *p->stamp);
	m->who = mark_copy(p->who, p->room, sizeof *p->who);
	EACH_BIT(f, p->watched)
		m->value[f] = mark_copy(p->value[f], p->room, sizeof **p->value);
}

size_t past_mark_bytes(const struct past *p)
{
	return p->room * (sizeof *p->stamp + sizeof *p->who + (size_t) __builtin_popcountll(p->watched) * sizeof **p->value);
}

bool past_changes(const struct past *p, const struct past_mark *m, const struct snap_process *row, double *out)
{
	if (!m->is_taken || row->index >= m->room || m->stamp[row->index].pid != (uint32_t) row->pid)
		return false;
	for (size_t f = 0; f < p->fields; f++) {
		uint64_t was = m->value[f] ? m->value[f][row->index] : SNAP_UNKNOWN, now = field_of(p, row, f);

		out[f] = was == SNAP_UNKNOWN || now == SNAP_UNKNOWN ? NAN : (double) (int64_t) (now - was);
	}
	return true;
}
