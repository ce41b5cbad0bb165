/*
 * edges - who sends to whom, and how many bytes are copied: counted at the send, in a sketch of fixed size, while one looks.
 *
 * Each lane has its own cells, so that a send writes what nobody else writes. A cell belongs to a set of eight; an edge that
 * finds its set full takes the place of the one with the fewest messages and counts from there: those that send
 * much stay, what is shown of them is exact since they came, and never too high. Off, a send costs one look at a pointer.
 */
#include <stdlib.h>

#include "runtime/observe/live.h"
#include "runtime/process/mailbox.h"

#define SETS 128
#define WAYS 8
#define CELLS (SETS * WAYS)
#define SHOWN 256

struct edge_cell { _Atomic uint64_t from, to, messages, bytes; };
struct live_edges { unsigned lanes; struct edge_cell cells[]; };

static size_t bytes_of(unsigned lanes)
{
	return sizeof(struct live_edges) + (size_t) lanes * CELLS * sizeof(struct edge_cell);
}

#define GET(field) atomic_load_explicit(&(field), memory_order_relaxed)
#define PUT(field, value) atomic_store_explicit(&(field), value, memory_order_relaxed)

/* The cell of an edge in its set: its own, else the one with the fewest messages. */
static struct edge_cell *cell_for(struct edge_cell *set, uint64_t from, uint64_t to)
{
	struct edge_cell *least = set;
	for (struct edge_cell *c = set; c < set + WAYS; c++) {
		if (GET(c->from) == from && GET(c->to) == to)
			return c;
		if (GET(c->messages) < GET(least->messages))
			least = c;
	}
	PUT(least->messages, 0);
	PUT(least->bytes, 0);
	PUT(least->from, from);
	PUT(least->to, to);
	return least;
}

static void count(struct process *p, term to, size_t words)
{
	struct live_edges *e = p->scheduler->all->sends;
	uint64_t from = p->pid, mix = (from * 31 + to.word) * UINT64_C(0x9e3779b97f4a7c15);
	struct edge_cell *c = cell_for(&e->cells[(size_t) p->scheduler->id * CELLS + (mix >> 32) % SETS * WAYS], from, to.word);
	PUT(c->messages, GET(c->messages) + 1);
	PUT(c->bytes, GET(c->bytes) + words * WORD_BYTES);
}

bool live_count_edges(struct live *l, bool on)
{
	struct schedulers *all = l->world->schedulers;
	unsigned lanes = all->count + 2;        /* those of other threads and of the helper too */
	if (on && !all->sends) {
		all->sends = mem_need(l->lane, MEM_OBSERVER, bytes_of(lanes));
		all->sends->lanes = lanes;
	}
	for (size_t i = 0; on && i < (size_t) lanes * CELLS; i++) {
		struct edge_cell *c = &all->sends->cells[i];
		PUT(c->messages, 0);
		PUT(c->bytes, 0);
		PUT(c->from, 0);
		PUT(c->to, 0);
	}
	atomic_store_explicit(&all->on_send, on ? count : NULL, memory_order_release);
	return true;
}

static int by_edge(const void *a, const void *b)
{
	const struct snap_edge *x = a, *y = b;
	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	return x->to < y->to ? -1 : x->to > y->to;
}

static int by_messages(const void *a, const void *b)
{
	const struct snap_edge *x = a, *y = b;
	if (x->messages != y->messages)
		return x->messages > y->messages ? -1 : 1;
	return by_edge(a, b);
}

/* A process moves from lane to lane: the same edge in several is one. */
static size_t merge(struct snap_edge *edges, size_t count)
{
	size_t to = 0;
	qsort(edges, count, sizeof *edges, by_edge);
	for (size_t i = 0; i < count; i++) {
		if (to && by_edge(&edges[to - 1], &edges[i]) == 0) {
			edges[to - 1].messages += edges[i].messages;
			edges[to - 1].bytes += edges[i].bytes;
		} else {
			edges[to++] = edges[i];
		}
	}
	qsort(edges, to, sizeof *edges, by_messages);
	return to;
}

size_t live_read_edges(const struct live *l, struct snap_edge *out, size_t room)
{
	const struct live_edges *e = l->world->schedulers->sends;
	size_t n = 0;
	if (!atomic_load_explicit(&l->world->schedulers->on_send, memory_order_acquire))
		return 0;
	for (size_t i = 0; i < (size_t) e->lanes * CELLS && n < room; i++) {
		const struct edge_cell *c = &e->cells[i];
		uint64_t messages = GET(c->messages), from = GET(c->from), to = GET(c->to);
		if (messages && from && to)
			out[n++] = (struct snap_edge) { term_pid_number((term) { from }), term_pid_number((term) { to }), messages, GET(c->bytes) };
	}
	n = merge(out, n);
	return n < SHOWN ? n : SHOWN;
}

size_t live_edge_room(const struct live *l)
{
	const struct schedulers *all = l->world->schedulers;
	return atomic_load_explicit(&all->on_send, memory_order_acquire) ? (size_t) all->sends->lanes * CELLS : 0;
}
