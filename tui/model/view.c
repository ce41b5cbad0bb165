/*
 * view - moving, selecting, ordering, filtering: the same for every kind of row.
 *
 * A selection is an identity and a line. After each sample the window moves so that the selected one
 * stands on its line again; a move asks for a place instead, and whoever stands there is selected. Who
 * never moved watches the top.
 */
#include "tui/model/model_body.h"

#include <stdlib.h>
#include <string.h>

#define HEIGHT_AT_FIRST 20

static struct view_body *body_of(struct model *m, enum row_kind kind) { return &m->views[kind]; }

/* ---- life ---- */

static const char *const first_order[ROW_KIND_COUNT] = {
	[ROW_PROCESS] = "total_bytes", [ROW_GROUP] = "total_bytes", [ROW_TREE] = "total_bytes", [ROW_APPLICATION] = "memory",
	[ROW_TABLE] = "bytes", [ROW_EDGE] = "bytes", [ROW_CHANGE] = "total_bytes",
};

void view_init(struct model *m)
{
	for (int kind = 0; kind < ROW_KIND_COUNT; kind++) {
		struct view *v = &m->views[kind].view;

		v->kind = (enum row_kind) kind;
		v->height = HEIGHT_AT_FIRST;
		v->is_watching = true;
		m->views[kind].is_stale = true;
		if (first_order[kind])
			v->sort[v->sort_count++].column = columns_find((enum row_kind) kind, first_order[kind]);
	}
}

void view_release(struct model *m)
{
	for (int kind = 0; kind < ROW_KIND_COUNT; kind++) {
		struct view_body *b = &m->views[kind];

		filter_free(b->view.filter);
		filter_free(b->view.search);
		free(b->all);
		free(b->rates);
		free(b->changes);
		free(b->tags);
	}
}

void view_stale(struct model *m, enum row_kind kind) { m->views[kind].is_stale = true; }

void view_stale_all(struct model *m)
{
	m->needs_sums = true;
	for (int kind = 0; kind < ROW_KIND_COUNT; kind++)
		m->views[kind].is_stale = true;
}

/* ---- order ---- */

/* A column as people expect it first: numbers of interest from the top, words and pids from the start. */
static struct sort sort_by(const struct column *c)
{
	return (struct sort) { .column = c, .is_reversed = c->get && !c->high_first };
}

int view_compare(const struct view *v, const struct row *a, const struct row *b)
{
	for (size_t i = 0; i < v->sort_count; i++) {
		const struct sort *s = &v->sort[i];
		int order = column_compare(s->column, a, b);
		bool unknown = s->column->get
			&& (__builtin_isnan(s->column->get(s->column, a)) || __builtin_isnan(s->column->get(s->column, b)));

		if (!s->column->get)
			order = -order;         /* words go up by themselves */
		if (order)
			return s->is_reversed && !unknown ? -order : order;
	}
	return (a->id > b->id) - (a->id < b->id);
}

static void order_changed(struct model *m, enum row_kind kind)
{
	if (kind == ROW_TREE)
		m->needs_sums = true;
	view_stale(m, kind);
}

bool model_sort(struct model *m, enum row_kind kind, const char *key)
{
	struct view *v = &body_of(m, kind)->view;
	const struct column *c = columns_find(kind, key);

	if (!c)
		return false;
	v->sort[0] = sort_by(c);
	v->sort_count = 1;
	order_changed(m, kind);
	return true;
}

bool model_sort_list(struct model *m, enum row_kind kind, const char *list, char *error, size_t error_size)
{
	struct view *v = &body_of(m, kind)->view;
	const struct column *keys[MODEL_SORT_KEYS];
	int n = columns_parse(kind, list, keys, MODEL_SORT_KEYS, error, error_size);

	if (n < 0)
		return false;
	for (int i = 0; i < n; i++)
		v->sort[i] = sort_by(keys[i]);
	v->sort_count = (size_t) n;
	order_changed(m, kind);
	return true;
}

void model_sort_invert(struct model *m, enum row_kind kind)
{
	struct view *v = &body_of(m, kind)->view;

	for (size_t i = 0; i < v->sort_count; i++)
		v->sort[i].is_reversed = !v->sort[i].is_reversed;
	order_changed(m, kind);
}

void model_sort_step(struct model *m, enum row_kind kind, const struct column *const *columns, size_t count, int step)
{
	struct view *v = &body_of(m, kind)->view;
	size_t at = 0;

	if (!count)
		return;
	while (at < count && !(v->sort_count && columns[at] == v->sort[0].column))
		at++;
	if (at == count)
		at = step > 0 ? count - 1 : 0;
	v->sort[0] = sort_by(columns[(at + count + (size_t) (step > 0 ? 1 : count - 1)) % count]);
	v->sort_count = 1;
	order_changed(m, kind);
}

/* ---- filter and search ---- */

bool model_filter(struct model *m, enum row_kind kind, const char *text, char *error, size_t error_size)
{
	struct filter *f = filter_new(kind, text, error, error_size);

	if (!f)
		return false;
	filter_free(body_of(m, kind)->view.filter);
	body_of(m, kind)->view.filter = f;
	view_stale(m, kind);
	return true;
}

bool model_search(struct model *m, enum row_kind kind, const char *text, char *error, size_t error_size)
{
	struct filter *f = filter_new(kind, text, error, error_size);

	if (!f)
		return false;
	filter_free(body_of(m, kind)->view.search);
	body_of(m, kind)->view.search = f;
	return true;
}

/* Goes through the whole list from the selection on, once round. */
bool model_search_step(struct model *m, enum row_kind kind, int step)
{
	const struct view *v = model_view(m, kind);
	size_t total = v->total;
	size_t rank = v->start + v->line;

	if (!total || filter_is_empty(v->search))
		return false;
	for (size_t i = 0; i < total; i++) {
		const struct row *r;

		view_move(m, kind, step > 0 ? (rank + 1 < total ? 1 : -(long) rank) : (rank ? -1 : (long) total - 1));
		v = model_view(m, kind);
		rank = v->start + v->line;
		r = view_selected(v);
		if (r && filter_pass(v->search, r))
			return true;
	}
	return false;
}

void model_watch_columns(struct model *m, enum row_kind kind, const struct column *const *columns, size_t count)
{
	struct view_body *b = body_of(m, kind);

	b->column_count = count < WATCHED_COLUMNS ? count : WATCHED_COLUMNS;
	memcpy(b->columns, columns, b->column_count * sizeof *columns);
}

/* ---- settling ---- */

void view_place(struct view *v, size_t rank, size_t total)
{
	size_t line = v->line_wish < v->height ? v->line_wish : v->height ? v->height - 1 : 0;

	v->start = rank > line ? rank - line : 0;
	if (v->start + v->height > total)
		v->start = total > v->height ? total - v->height : 0;
	v->line = rank - v->start;
}

static size_t tombstone_size(enum row_kind kind)
{
	switch (kind) {
	case ROW_PROCESS: return sizeof(struct snap_process);
	case ROW_TREE: return sizeof(struct tree_line);
	case ROW_GROUP: return sizeof(struct group);
	case ROW_TABLE: return sizeof(struct snap_table);
	case ROW_APPLICATION: case ROW_DEMO: return sizeof(struct snap_application);
	default: return 0;
	}
}

/* Remembers the selected row: should it die, this is what is left of it. */
static void remember(struct view_body *b, const struct row *r)
{
	size_t size = tombstone_size(b->view.kind);

	b->has_selected_row = size > 0;
	if (!size)
		return;
	memcpy(&b->tombstone, r->now, size);
	b->selected_row = *r;
	b->selected_row.now = &b->tombstone;
	b->selected_row.rate = b->selected_row.change = NULL;
}

static void write_obituary(const struct model *m, struct view_body *b)
{
	uint64_t pid = b->view.kind == ROW_PROCESS ? b->view.selected
		: b->view.kind == ROW_TREE ? b->tombstone.line.pid : 0;

	if (*b->view.obituary)
		return;
	if (!pid || !*model_exit_reason(m, pid, b->view.obituary, sizeof b->view.obituary))
		util_print(b->view.obituary, sizeof b->view.obituary, "gone");
}

/* Does the selected one live, but outside what is shown? Then it is no tombstone. */
static bool lives_elsewhere(const struct model *m, const struct view_body *b)
{
	struct snap_process row;

	if (b->view.kind == ROW_PROCESS)
		return m->source->read_process(m->source, b->view.selected, &row);
	if (b->view.kind == ROW_TREE && b->tombstone.line.kind == TREE_WORKER)
		return m->source->read_process(m->source, b->tombstone.line.pid, &row);
	return b->view.kind != ROW_TABLE;
}

static void bury(const struct model *m, struct view_body *b)
{
	struct view *v = &b->view;
	size_t at = v->line < v->count ? v->line : v->count;

	v->is_dead = true;
	write_obituary(m, b);
	memmove(v->rows + at + 1, v->rows + at, (v->count - at) * sizeof *v->rows);
	v->rows[at] = b->selected_row;
	v->rows[at].flags |= ROW_IS_DEAD;
	v->line = at;
	if (v->count < v->height || !v->count)
		v->count++;
}

static void select_line(struct view_body *b)
{
	struct view *v = &b->view;

	if (v->line >= v->count)
		v->line = v->count ? v->count - 1 : 0;
	v->selected = v->count ? v->rows[v->line].id : 0;
	v->is_dead = false;
	*v->obituary = '\0';
	if (v->count)
		remember(b, &v->rows[v->line]);
}

/* v->rows has room for one row more than count: the tombstone. */
void view_settle(struct model *m, struct view_body *b)
{
	struct view *v = &b->view;
	bool by_place = v->is_watching || b->by_rank || !v->selected, follows = !by_place;

	b->by_rank = false;
	for (size_t i = 0; i < v->count && !by_place; i++)
		if (v->rows[i].id == v->selected) {
			v->line = i;
			by_place = true;
		}
	if (!by_place && b->has_selected_row && !lives_elsewhere(m, b))
		bury(m, b);
	else
		select_line(b);
	if (!follows)
		v->line_wish = v->line;
}

/* ---- a list's window ---- */

static size_t rank_of(const struct view_body *b, uint64_t id)
{
	for (size_t i = 0; i < b->all_count; i++)
		if (b->all[i].id == id)
			return i;
	return SIZE_MAX;
}

/* The page is a part of `all`; one row behind it may be overwritten by a tombstone's neighbours, so it is a copy. */
static void list_window(struct model *m, struct view_body *b)
{
	struct view *v = &b->view;
	size_t rank = !v->is_watching && !b->by_rank && v->selected ? rank_of(b, v->selected) : SIZE_MAX;

	if (rank != SIZE_MAX)
		view_place(v, rank, b->all_count);
	if (v->is_watching)
		v->start = v->line = 0;
	if (v->start + v->height > b->all_count)
		v->start = b->all_count > v->height ? b->all_count - v->height : 0;
	v->total = b->all_count;
	v->count = b->all_count - v->start < v->height ? b->all_count - v->start : v->height;
	b->all = util_grow(b->all, &b->all_room, b->all_count * 2 + v->height + 2, sizeof *b->all);
	v->rows = b->all + b->all_count;        /* behind the list lies the page */
	memcpy(v->rows, b->all + v->start, v->count * sizeof *v->rows);
	view_settle(m, b);
}

/* ---- the page of a kind ---- */

static void sweep_for_show(struct model *m)
{
	m->needs_sums = false;
	tree_begin(m);
	groups_begin(m);
	page_begin(m);
	sweep_rows(m, SWEEP_SHOW);
	tree_end(m);
	groups_end(m);
	page_end(m);
	body_of(m, ROW_PROCESS)->is_stale = false;
}

static void sweep_for_page(struct model *m)
{
	page_begin(m);
	sweep_rows(m, SWEEP_PAGE);
	page_end(m);
	body_of(m, ROW_PROCESS)->is_stale = false;
}

static bool is_swept(enum row_kind kind) { return kind == ROW_PROCESS || kind == ROW_TREE || kind == ROW_GROUP; }

const struct view *model_view(struct model *m, enum row_kind kind)
{
	struct view_body *b = body_of(m, kind);

	if (!m->newest)
		return &b->view;
	if (is_swept(kind) && m->needs_sums)
		sweep_for_show(m);
	if (kind == ROW_PROCESS && b->is_stale)
		sweep_for_page(m);
	if (kind != ROW_PROCESS && b->is_stale) {
		b->is_stale = false;
		list_rows(m, kind);
		list_window(m, b);
	}
	return &b->view;
}

void model_refresh(struct model *m) { model_view(m, ROW_PROCESS); }

/* The window moved: shows it from what is known, or leaves it to the next look. */
static void window_moved(struct model *m, enum row_kind kind)
{
	struct view_body *b = body_of(m, kind);

	b->by_rank = true;
	if (b->is_stale || b->view.is_dead) {
		b->is_stale = true;
	} else if (kind != ROW_PROCESS) {
		list_window(m, b);
	} else if (page_window(m)) {
		view_settle(m, b);
	} else {
		b->is_stale = true;
	}
	b->view.is_dead = false;
}

void view_set_height(struct model *m, enum row_kind kind, size_t height)
{
	struct view *v = &body_of(m, kind)->view;

	if (v->height == height)
		return;
	v->height = height;
	if (v->line >= height && height) {
		v->start += v->line - (height - 1);
		v->line = height - 1;
	}
	view_stale(m, kind);
}

void view_move(struct model *m, enum row_kind kind, long lines)
{
	struct view *v = &body_of(m, kind)->view;
	long rank;

	model_view(m, kind);
	if (!v->total)
		return;
	if (v->is_dead && lines > 0)    /* the row below the tombstone stands in its place already */
		lines--;
	rank = (long) (v->start + v->line) + lines;
	if (rank >= (long) v->total)
		rank = (long) v->total - 1;
	if (rank < 0)
		rank = 0;
	if ((size_t) rank < v->start)
		v->start = (size_t) rank;
	if (v->height && (size_t) rank >= v->start + v->height)
		v->start = (size_t) rank - v->height + 1;
	v->line = (size_t) rank - v->start;
	v->is_watching = false;
	window_moved(m, kind);
}

void view_home(struct model *m, enum row_kind kind)
{
	struct view *v = &body_of(m, kind)->view;

	v->start = v->line = 0;
	v->is_watching = true;
	window_moved(m, kind);
}

void view_end(struct model *m, enum row_kind kind)
{
	const struct view *v = model_view(m, kind);

	view_move(m, kind, (long) v->total);
}

bool view_select(struct model *m, enum row_kind kind, uint64_t id)
{
	struct view_body *b = body_of(m, kind);
	struct view *v = &b->view;

	v->selected = id;
	v->is_watching = v->is_dead = b->by_rank = b->has_selected_row = false;
	*v->obituary = '\0';
	b->is_stale = true;
	model_view(m, kind);
	return v->selected == id && !v->is_dead;
}

bool view_select_line(struct model *m, enum row_kind kind, size_t line)
{
	const struct view *v = model_view(m, kind);

	if (line >= v->count)
		return false;
	view_move(m, kind, (long) line - (long) v->line);
	return true;
}

const struct row *view_selected(const struct view *v)
{
	return v->count && v->line < v->count ? &v->rows[v->line] : NULL;
}

/* ---- tags ---- */

static size_t tag_at(const struct view_body *b, uint64_t id)
{
	size_t i = 0;

	while (i < b->tag_count && b->tags[i] != id)
		i++;
	return i;
}

bool model_is_tagged(const struct model *m, enum row_kind kind, uint64_t id)
{
	return tag_at(&m->views[kind], id) < m->views[kind].tag_count;
}

static void mark_tag(struct view_body *b, uint64_t id, bool on)
{
	for (size_t i = 0; i < b->view.count; i++)
		if (b->view.rows[i].id == id)
			b->view.rows[i].flags = (uint8_t) ((b->view.rows[i].flags & ~ROW_IS_TAGGED) | (on ? ROW_IS_TAGGED : 0));
}

void model_tag(struct model *m, enum row_kind kind, uint64_t id)
{
	struct view_body *b = body_of(m, kind);
	size_t at = tag_at(b, id);

	if (at < b->tag_count) {
		b->tags[at] = b->tags[--b->tag_count];
		mark_tag(b, id, false);
		return;
	}
	b->tags = util_grow(b->tags, &b->tag_room, b->tag_count + 1, sizeof *b->tags);
	b->tags[b->tag_count++] = id;
	mark_tag(b, id, true);
}

void model_untag_all(struct model *m, enum row_kind kind)
{
	struct view_body *b = body_of(m, kind);

	while (b->tag_count)
		mark_tag(b, b->tags[--b->tag_count], false);
}

size_t model_tag_count(const struct model *m, enum row_kind kind) { return m->views[kind].tag_count; }
