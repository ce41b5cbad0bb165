/*
 * page - the visible part of a million processes without sorting them.
 *
 *   rows pass by ──▶ heap of the best `capacity`, the worst on top: most rows cost one comparison
 *                    sorted at the end; ranks 0 .. capacity are then known and scrolling within costs nothing
 *
 * Deep in a list the heap would hold everything. Then the keys alone are gathered and the window is
 * selected in linear time (quickselect), and its rows are read again by pid.
 */
#include "tui/model/column_kinds.h"
#include "tui/model/model_body.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define PAGE_LEAST 128
#define PAGE_HEAP_MOST 4096

/* ---- keys and their order ---- */

static union page_key key_of(const struct sort *s, const struct row *r, char *buffer, size_t size)
{
	const char *text;

	if (s->column->get)
		return (union page_key) { .number = s->column->get(s->column, r) };
	text = s->column->text(s->column, r, buffer, size);
	return (union page_key) { .text = text && text != buffer ? text : "" };
}

static int compare_key(const struct sort *s, union page_key a, union page_key b)
{
	int order;

	if (!s->column->get) {
		order = strcasecmp(a.text, b.text);
		return s->is_reversed ? -order : order;
	}
	if (isnan(a.number) || isnan(b.number))
		return isnan(a.number) - isnan(b.number);
	order = (a.number < b.number) - (a.number > b.number);
	return s->is_reversed ? -order : order;
}

/* Below 0 when a stands before b. Equal keys: the older process first. */
static int compare_entries(const struct view *v, const struct page_entry *a, const struct page_entry *b)
{
	for (size_t i = 0; i < v->sort_count; i++) {
		int order = compare_key(&v->sort[i], a->key[i], b->key[i]);

		if (order)
			return order;
	}
	return (a->pid > b->pid) - (a->pid < b->pid);
}

static int compare_for_qsort(const void *a, const void *b, void *view) { return compare_entries(view, a, b); }

/* ---- heap: the worst entry on top ---- */

static void sift_down(const struct view *v, struct page_entry *e, size_t count, size_t at)
{
	struct page_entry moving = e[at];

	for (size_t child; (child = at * 2 + 1) < count; at = child) {
		if (child + 1 < count && compare_entries(v, &e[child + 1], &e[child]) > 0)
			child++;
		if (compare_entries(v, &e[child], &moving) <= 0)
			break;
		e[at] = e[child];
	}
	e[at] = moving;
}

static void sift_up(const struct view *v, struct page_entry *e, size_t at)
{
	struct page_entry moving = e[at];

	for (size_t up; at && compare_entries(v, &moving, &e[up = (at - 1) / 2]) > 0; at = up)
		e[at] = e[up];
	e[at] = moving;
}

/* ---- a sweep ---- */

static size_t wanted_ranks(const struct view *v) { return v->start + v->line + v->height * 2 + 1; }

/* Does this view look at rates before a row is on the page? */
static bool looks_at_rates(const struct view *v)
{
	for (size_t i = 0; i < v->sort_count; i++)
		if (v->sort[i].column->field < 0 || v->sort[i].column->flags & COLUMN_RATE)
			return true;
	return !filter_is_empty(v->filter);
}

/* Ordered by one number of the row, high first, without a filter: most rows are then told by one comparison. */
static uint16_t quick_offset(const struct view *v)
{
	const struct sort *s = &v->sort[0];

	if (v->sort_count != 1 || s->is_reversed || !filter_is_empty(v->filter) || s->column->get != column_get_u64)
		return NO_QUICK;
	return s->column->offset;
}

void page_begin(struct model *m)
{
	struct page *p = &m->page;
	size_t want = wanted_ranks(&m->views[ROW_PROCESS].view) * 2;

	p->count = p->passed = p->everything = 0;
	p->ranked = p->ranked_from = 0;
	p->looks_at_rates = looks_at_rates(&m->views[ROW_PROCESS].view);
	p->quick = quick_offset(&m->views[ROW_PROCESS].view);
	p->bar = 0;
	p->bar_pid = UINT64_MAX;
	p->capacity = want < PAGE_LEAST ? PAGE_LEAST : want > PAGE_HEAP_MOST ? PAGE_HEAP_MOST : want;
	if (p->is_gathering)
		return;
	p->entry = util_grow(p->entry, &p->entry_room, p->capacity, sizeof *p->entry);
	p->slot = util_grow(p->slot, &p->slot_room, p->capacity, sizeof *p->slot);
}

void fill_page_row(const struct model *m, struct page_row *to, const struct snap_process *row)
{
	const struct full_mark *mark = model_mark_of_baseline(m);

	to->now = *row;
	to->has_change = mark && past_changes(&m->past, &mark->past, row, to->change);
	if (model_is_live(m)) {
		to->has_rate = past_rates(&m->past, row, to->rate);
		return;
	}
	const struct snap_process *was = history_row_before(m, row->pid);
	double seconds = shown_interval(m);

	to->has_rate = was && seconds > 0;
	for (size_t f = 0; to->has_rate && f < m->past.fields; f++) {
		uint64_t now = *(const uint64_t *) ((const char *) row + m->past.offset[f]);
		uint64_t then = *(const uint64_t *) ((const char *) was + m->past.offset[f]);

		to->rate[f] = (double) (int64_t) (now - then) / seconds;
	}
}

/* Into the heap, in the place of its worst when it is full. */
static void heap_take(struct model *m, struct page_entry e, const struct snap_process *snap)
{
	struct page *p = &m->page;
	const struct view *v = &m->views[ROW_PROCESS].view;

	if (p->count < p->capacity) {
		e.slot = (uint32_t) p->count;
		p->entry[p->count] = e;
		sift_up(v, p->entry, p->count++);
	} else if (compare_entries(v, &e, &p->entry[0]) < 0) {
		e.slot = p->entry[0].slot;
		p->entry[0] = e;
		sift_down(v, p->entry, p->count, 0);
	} else {
		return;
	}
	fill_page_row(m, &p->slot[e.slot], snap);
	if (p->count == p->capacity && p->quick != NO_QUICK) {
		bool known = !isnan(p->entry[0].key[0].number);

		p->bar = known ? (uint64_t) p->entry[0].key[0].number : 0;
		p->bar_pid = known ? p->entry[0].pid : UINT64_MAX;
	}
}

/* Cannot get onto the page: below the bar, or equal and younger. */
static bool is_below_bar(const struct page *p, const struct snap_process *snap)
{
	uint64_t key = *(const uint64_t *) ((const char *) snap + p->quick);

	return key < p->bar || (key == p->bar && snap->pid > p->bar_pid);
}

void page_row(struct model *m, const struct snap_process *snap)
{
	struct page *p = &m->page;
	const struct view *v = &m->views[ROW_PROCESS].view;
	struct page_row full;
	struct page_entry e;
	struct row r = { .kind = ROW_PROCESS, .id = snap->pid, .model = m, .now = snap };
	char buffer[64];

	p->everything++;
	if (p->quick != NO_QUICK && !p->is_gathering && is_below_bar(p, snap)) {
		p->passed++;
		return;
	}
	if (p->looks_at_rates) {
		fill_page_row(m, &full, snap);
		r.rate = full.has_rate ? full.rate : NULL;
		r.change = full.has_change ? full.change : NULL;
	}
	if (!filter_pass(v->filter, &r))
		return;
	p->passed++;
	e.pid = snap->pid;
	e.slot = snap->index;
	for (size_t i = 0; i < v->sort_count; i++)
		e.key[i] = key_of(&v->sort[i], &r, buffer, sizeof buffer);
	if (!p->is_gathering) {
		heap_take(m, e, snap);
		return;
	}
	p->entry = util_grow(p->entry, &p->entry_room, p->count + 1, sizeof *p->entry);
	p->entry[p->count++] = e;
}

/* ---- the window ---- */

static const struct page_entry *find_entry(const struct page *p, uint64_t pid, size_t *rank)
{
	for (size_t i = 0; i < p->ranked; i++)
		if (p->entry[i].pid == pid) {
			*rank = p->ranked_from + i;
			return &p->entry[i];
		}
	return NULL;
}

static void swap_entries(struct page_entry *a, struct page_entry *b)
{
	struct page_entry t = *a;

	*a = *b;
	*b = t;
}

/* Puts the entries that belong at ranks below k before all others; the middle is the pivot: no luck needed. */
static void quickselect(const struct view *v, struct page_entry *e, size_t count, size_t k)
{
	size_t low = 0, high = count;

	while (high - low > 1 && k > low && k < high) {
		size_t store = low;

		swap_entries(&e[low + (high - low) / 2], &e[high - 1]);
		for (size_t i = low; i + 1 < high; i++)
			if (compare_entries(v, &e[i], &e[high - 1]) < 0)
				swap_entries(&e[i], &e[store++]);
		swap_entries(&e[store], &e[high - 1]);
		if (store == k)
			return;
		if (store < k)
			low = store + 1;
		else
			high = store;
	}
}

/* The rank of a pid among gathered entries. */
static bool gathered_rank(const struct model *m, uint64_t pid, size_t *rank)
{
	const struct page *p = &m->page;
	const struct page_entry *mine = NULL;

	for (size_t i = 0; i < p->count && !mine; i++)
		if (p->entry[i].pid == pid)
			mine = &p->entry[i];
	*rank = 0;
	for (size_t i = 0; mine && i < p->count; i++)
		*rank += compare_entries(&m->views[ROW_PROCESS].view, &p->entry[i], mine) < 0;
	return mine != NULL;
}

/* Ranks [from, to) of gathered entries, in order, at the front of the array; rows are read again. */
static void gather_window(struct model *m, size_t from, size_t to)
{
	struct page *p = &m->page;
	const struct view *v = &m->views[ROW_PROCESS].view;
	size_t kept = 0;

	quickselect(v, p->entry, p->count, from);
	quickselect(v, p->entry + from, p->count - from, to - from);
	memmove(p->entry, p->entry + from, (to - from) * sizeof *p->entry);
	qsort_r(p->entry, to - from, sizeof *p->entry, compare_for_qsort, (void *) (uintptr_t) v);
	p->slot = util_grow(p->slot, &p->slot_room, to - from, sizeof *p->slot);
	for (size_t i = 0; i < to - from; i++) {
		struct snap_process row;
		bool is_there = model_is_live(m) && m->source->read_process(m->source, p->entry[i].pid, &row);
		const struct moment *past = model_is_live(m) ? NULL : history_shown(m);

		for (size_t k = 0; past && k < past->row_count && !is_there; k++)
			if (past->rows[k].pid == p->entry[i].pid)
				row = past->rows[k], is_there = true;
		if (!is_there)
			continue;
		p->entry[kept] = p->entry[i];
		p->entry[kept].slot = (uint32_t) kept;
		fill_page_row(m, &p->slot[kept++], &row);
	}
	p->ranked = kept;
	p->ranked_from = from;
}

static void sort_heap(struct model *m)
{
	struct page *p = &m->page;

	qsort_r(p->entry, p->count, sizeof *p->entry, compare_for_qsort, &m->views[ROW_PROCESS].view);
	p->ranked = p->count;
	p->ranked_from = 0;
}

static struct row row_of_slot(const struct model *m, const struct page_row *slot)
{
	struct row r = { .kind = ROW_PROCESS, .id = slot->now.pid, .model = m, .now = &slot->now };

	r.rate = slot->has_rate ? slot->rate : NULL;
	r.change = slot->has_change ? slot->change : NULL;
	if (model_is_tagged(m, ROW_PROCESS, r.id))
		r.flags |= ROW_IS_TAGGED;
	if (model_mark_of_baseline(m) && !slot->has_change)
		r.flags |= ROW_IS_NEW;
	return r;
}

bool page_window(struct model *m)
{
	struct page *p = &m->page;
	struct view *v = &m->views[ROW_PROCESS].view;
	size_t end = v->start + v->height < p->passed ? v->start + v->height : p->passed;

	if (v->start < p->ranked_from || end > p->ranked_from + p->ranked)
		return false;
	p->rows = util_grow(p->rows, &p->row_room, v->height + 1, sizeof *p->rows);
	v->count = 0;
	for (size_t rank = v->start; rank < end; rank++)
		p->rows[v->count++] = row_of_slot(m, &p->slot[p->entry[rank - p->ranked_from].slot]);
	v->rows = p->rows;
	v->total = p->passed;
	v->everything = p->everything;
	return true;
}

static void gather_again(struct model *m)
{
	m->page.is_gathering = true;
	page_begin(m);
	sweep_rows(m, SWEEP_PAGE);
	m->page.is_gathering = false;
}

/* After a sweep: orders what was kept, finds the selected one again, and opens the window. */
void page_end(struct model *m)
{
	struct page *p = &m->page;
	struct view_body *b = &m->views[ROW_PROCESS];
	struct view *v = &b->view;
	size_t rank = 0;
	bool follows = !v->is_watching && !b->by_rank && v->selected && !v->is_dead, found;

	sort_heap(m);
	found = follows && find_entry(p, v->selected, &rank);
	if (found)
		view_place(v, rank, p->passed);
	if (v->is_watching)
		v->start = v->line = 0;
	if (v->start + v->height > p->passed)
		v->start = p->passed > v->height ? p->passed - v->height : 0;
	if ((follows && !found && p->passed > p->count) || !page_window(m)) {
		gather_again(m);
		if (follows && gathered_rank(m, v->selected, &rank))
			view_place(v, rank, p->passed), found = true;
		gather_window(m, v->start, v->start + v->height < p->passed ? v->start + v->height : p->passed);
		if (!page_window(m)) {  /* some died between the two readings */
			p->passed = p->ranked_from + p->ranked;
			page_window(m);
		}
	}
	view_settle(m, b);
}

void page_release(struct page *p)
{
	free(p->entry);
	free(p->slot);
	free(p->rows);
	*p = (struct page) { 0 };
}
