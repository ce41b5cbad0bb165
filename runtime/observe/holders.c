/*
 * holders - who else holds a binary: every process that holds any is asked, every table that pins any is looked through.
 *
 *   question ── a request to each process ──▶ counts its handles between two of its steps ──▶ a row, one answer more
 *
 * The question has as many shares as requests are on their way, and one of the front end's; the last share frees it. So a
 * process that answers late, or dies, or is asked about something that nobody wants to know any more, does no harm.
 * Nothing of the observed heaps is touched: the chains of counted binaries are walked, as a collection walks them.
 */
#include <string.h>

#include "runtime/observe/live.h"
#include "runtime/process/life.h"
#include "runtime/process/slot.h"
#include "runtime/process/tables.h"
#include "runtime/term/refc.h"

#define HOLDERS_ASKED 4096              /* requests of one question at most */
#define HOLDERS_ROWS 512                /* rows kept; larger than a lane's classes, so that any thread may free it */

struct live_holders {
	_Atomic uint32_t shares, answered, count;
	uint32_t asked;
	uint64_t pid, serial;           /* who was looked at; the payload */
	struct world *world;
	struct { _Atomic uint64_t pid; uint64_t handles; uint32_t label; bool is_table; } rows[HOLDERS_ROWS];
};
_Static_assert(sizeof(struct live_holders) > 8192, "not of a lane's classes");

static void drop(struct live_holders *h)
{
	struct world *w = h->world;
	if (atomic_fetch_sub_explicit(&h->shares, 1, memory_order_acq_rel) == 1)
		mem_give(mem_lane_at(w->mem, w->scheduler_count), MEM_OBSERVER, h, sizeof *h);
}

static void add_row(struct live_holders *h, uint64_t pid, uint32_t label, uint64_t handles, bool is_table)
{
	uint32_t at = handles ? atomic_fetch_add_explicit(&h->count, 1, memory_order_relaxed) : HOLDERS_ROWS;
	if (at >= HOLDERS_ROWS)
		return;
	h->rows[at].label = label;
	h->rows[at].handles = handles;
	h->rows[at].is_table = is_table;
	atomic_store_explicit(&h->rows[at].pid, pid, memory_order_release);     /* whole now */
}

static uint64_t handles_in(const struct off_heap *list, uint64_t serial)
{
	uint64_t count = 0;
	for (const term *handle = list->first; handle; handle = (const term *) handle[REFC_NEXT].word)
		count += ((const struct refc *) handle[REFC_PAYLOAD].word)->serial == serial;
	return count;
}

static void answer(struct process *p, void *context)
{
	struct live_holders *h = context;
	const struct heap_body *body = p ? p->heap.b.body : NULL;
	if (body)
		add_row(h, term_pid_number((term) { p->pid }), live_label_of(p->slot),
			handles_in(&body->young, h->serial) + handles_in(&body->old, h->serial), false);
	atomic_fetch_add_explicit(&h->answered, 1, memory_order_release);
	drop(h);
}

static void ask_processes(struct live *l, struct live_holders *h)
{
	struct slots *slots = l->world->slots;
	uint32_t high = atomic_load_explicit(&slots->high, memory_order_acquire);
	struct scheduler *s = scheduler_enter_outside(l->world);
	for (uint32_t i = 1; i < high && h->asked < HOLDERS_ASKED; i++) {
		term pid = { atomic_load_explicit(&slot_at(slots, i)->pid, memory_order_acquire) };
		if (!pid.word || !atomic_load_explicit(&slot_memory_at(slots, i)->binary_refs, memory_order_relaxed))
			continue;
		atomic_fetch_add_explicit(&h->shares, 1, memory_order_relaxed);
		if (request_ask(s, pid, answer, h))
			h->asked++;
		else
			drop(h);
	}
	scheduler_leave_outside(s);
}

/* A table answers at once: it is asked and has answered. */
static void ask_tables(struct live *l, struct live_holders *h)
{
	struct table_figures t;
	for (uint32_t i = 0; tables_figures_at(l->world, i, &t); i++) {
		uint64_t handles;
		if (!t.id || !t.binary_bytes || !tables_holds(l->world, t.id, h->serial, &handles))
			continue;
		h->asked++;
		add_row(h, term_pid_number((term) { t.owner }), t.name, handles, true);
		atomic_fetch_add_explicit(&h->answered, 1, memory_order_release);
	}
}

bool live_ask_holders(struct live *l, uint64_t pid, uint64_t serial)
{
	struct live_holders *h = mem_need(l->lane, MEM_OBSERVER, sizeof *h);
	memset(h, 0, sizeof *h);
	live_forget_holders(l);
	h->shares = 1;
	h->world = l->world;
	h->pid = pid;
	h->serial = serial;
	l->holders = h;
	ask_processes(l, h);
	ask_tables(l, h);
	return true;
}

void live_forget_holders(struct live *l)
{
	if (l->holders)
		drop(l->holders);
	l->holders = NULL;
}

void live_fill_holders(const struct live *l, struct snap_detail *d)
{
	const struct live_holders *h = l->holders;
	if (!h || h->pid != d->pid)
		return;
	d->holder_answered = atomic_load_explicit(&h->answered, memory_order_acquire);
	d->holder_asked = h->asked;
	for (uint32_t i = 0; i < HOLDERS_ROWS && d->holder_count < SNAP_DETAIL_ROWS; i++) {
		uint64_t pid = atomic_load_explicit(&h->rows[i].pid, memory_order_acquire);
		if (pid)
			d->holders[d->holder_count++] = (struct snap_holder) { pid, h->rows[i].label, h->rows[i].handles, h->rows[i].is_table };
	}
}
