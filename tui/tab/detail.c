/*
 * detail - one process, as it tells of itself between two of its steps.
 *
 *   young [ survived ▸ high-water mark | new | free ......... | stack ]     one scale for both blocks
 *   old   [ live | dead | free ]
 *
 * Pages are rows of a table; the first shows the best of all. The strip page plays a minor and a major
 * collection on a copy of the heap's cells, step by step: nothing happens to the process.
 */
#include "tui/tab/tabs.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tui/model/util.h"
#include "tui/tab/kit.h"

struct page {
	const char *name;
	/* Draws from row 0. */
	void (*draw)(struct session *s, struct pane p, const struct snap_detail *d);
	const char *events;             /* filter of the events it shows besides the pid; NULL: shows none */
	const char *hint;
};

enum row_kind detail_kind(const struct session *s)
{
	(void) s;
	return ROW_EVENT;
}

/* ---- heap ---- */

struct span { double words; enum role role; uint32_t glyph; char letter; };

/* A block to scale: each span its share of `cols`, at least one cell when it is not empty. */
static void draw_block(struct pane p, int row, int col, int cols, const struct span *spans, size_t count, double whole)
{
	double sum = 0;
	int at = 0;

	for (size_t i = 0; i < count && at < cols && whole > 0; i++) {
		if (!(spans[i].words > 0))
			continue;
		sum += spans[i].words;
		int upto = (int) lround(sum / whole * cols);
		upto = upto <= at ? at + 1 : upto > cols ? cols : upto;
		bool is_ascii = p.canvas->charset == CHARSET_ASCII;
		pane_run(p, row, col + at, upto - at, spans[i].role, is_ascii ? (uint32_t) spans[i].letter : spans[i].glyph);
		at = upto;
	}
}

static double least(double a, double b)
{
	return a < b ? a : b;
}

static double not_below_zero(double v)
{
	return v > 0 ? v : 0;
}

static int draw_young(struct pane p, int row, int cols, const struct snap_process *r, double scale)
{
	double size = format_known(r->heap_size), used = format_known(r->heap_used), stack = format_known(r->stack_size);
	double survived = least(format_known(r->high_water), used);
	struct span spans[] = { { survived, ROLE_SURVIVOR, 0x2588, 'M' }, { used - survived, ROLE_YOUNG, 0x2593, 'd' },
		{ not_below_zero(size - used - stack), ROLE_FREE, 0x2591, '.' }, { stack, ROLE_STACK, 0x2592, 's' } };

	kit_aligned(p, row, 1, 18, "young", ROLE_YOUNG, UNIT_WORDS, size);
	draw_block(p, row, 20, (int) lround(cols * size / scale), spans, 4, size);
	return row + 1;
}

static int draw_old(struct pane p, int row, int cols, const struct snap_detail *d, double scale)
{
	const struct snap_process *r = &d->row;
	double size = format_known(r->old_heap_size), used = format_known(r->old_heap_used),
		live = format_known(d->live_old);

	if (isnan(live) || live > used)
		live = used;
	struct span spans[] = { { live, ROLE_OLD, 0x2588, 'o' }, { used - live, ROLE_DEAD, 0x2592, '=' },
		{ not_below_zero(size - used), ROLE_FREE, 0x2591, '.' } };
	kit_aligned(p, row, 1, 18, "old", ROLE_OLD, UNIT_WORDS, size);
	if (size > 0)
		draw_block(p, row, 20, (int) lround(cols * size / scale), spans, 3, size);
	else
		pane_put(p, row, 20, ROLE_DIM, "none yet: made by the first collection that promotes");
	return row + 1;
}

static void draw_legend(struct pane p, int row)
{
	static const struct { const char *unicode, *ascii; enum role role; const char *word; } legend[] = {
		{ "█", "M", ROLE_SURVIVOR, "survived one" }, { "▓", "d", ROLE_YOUNG, "new" }, { "▒", "s", ROLE_STACK, "stack" },
		{ "█", "o", ROLE_OLD, "old" }, { "▒", "=", ROLE_DEAD, "dead" }, { "░", ".", ROLE_FREE, "free" } };
	bool is_ascii = p.canvas->charset == CHARSET_ASCII;
	int col = 20;

	for (size_t i = 0; i < UTIL_LENGTH(legend); i++) {
		col = pane_put(p, row, col, legend[i].role, is_ascii ? legend[i].ascii : legend[i].unicode) + 1;
		col = pane_put(p, row, col, ROLE_DIM, legend[i].word) + 2;
	}
}

static int draw_heap_picture(struct pane p, int row, const struct snap_detail *d)
{
	double young = format_known(d->row.heap_size), old = format_known(d->row.old_heap_size);
	double scale = young > old ? young : old;
	int cols = p.cols - 22;

	if (cols < 10 || !(scale > 0))
		return row;
	row = draw_young(p, row, cols, &d->row, scale);
	row = draw_old(p, row, cols, d, scale);
	if (row < p.rows)
		draw_legend(p, row++);
	return row;
}

static int draw_reclaimable(struct pane p, int row, const struct snap_detail *d)
{
	double words = format_known(d->would_free_words), binaries = format_known(d->would_free_binary_bytes);
	int col = kit_number(p, row, 1, "a full sweep would free", words + binaries > 0 ? ROLE_OK : ROLE_NORMAL,
		UNIT_WORDS, words) - 2;

	col = pane_put(p, row, col, ROLE_DIM, "and ");
	col = kit_number(p, row, col, "binaries of", ROLE_BINARY, UNIT_BYTES, binaries) - 2;
	pane_put(p, row, col, ROLE_DIM, "(survey, nothing was touched)");
	return row + 1;
}

static int draw_heap_numbers(struct pane p, int row, const struct snap_detail *d)
{
	const struct snap_process *r = &d->row;
	int col = kit_number(p, row, 1, "fragments", ROLE_NORMAL, UNIT_WORDS, format_known(r->fragment_words));

	col = kit_number(p, row, col, "mailbox", ROLE_MAILBOX, UNIT_BYTES, format_known(r->mailbox_bytes));
	kit_number(p, row, col, "messages", ROLE_MAILBOX, UNIT_COUNT, format_known(r->message_queue_len));
	if (++row >= p.rows)
		return row;
	col = kit_number(p, row, 1, "virtual binary heap", ROLE_BINARY, UNIT_WORDS, format_known(r->bin_vheap_size)) - 2;
	col = kit_number(p, row, col, "of", ROLE_NORMAL, UNIT_WORDS, format_known(r->bin_vheap_limit)) - 1;
	if (col + 14 < p.cols)
		meter_bar(p, row, col, 12, ROLE_BINARY, format_known(r->bin_vheap_size) / format_known(r->bin_vheap_limit));
	return row + 1;
}

static int draw_collections_line(struct pane p, int row, const struct snap_detail *d)
{
	const struct snap_process *r = &d->row;
	int col = kit_number(p, row, 1, "since the last major", ROLE_YOUNG, UNIT_COUNT, format_known(r->minor_gcs)) - 2;

	col = kit_number(p, row, col, "of", ROLE_NORMAL, UNIT_COUNT, format_known(d->fullsweep_after));
	col = kit_number(p, row, col, "minor", ROLE_YOUNG, UNIT_COUNT, format_known(r->minor_gcs_total));
	col = kit_number(p, row, col, "major", ROLE_OLD, UNIT_COUNT, format_known(r->major_gcs));
	kit_number(p, row, col, "time", ROLE_NORMAL, UNIT_US, format_known(r->gc_us));
	return row + 1;
}

static int draw_options(struct pane p, int row, const struct snap_detail *d)
{
	int col = kit_number(p, row, 1, "min_heap_size", ROLE_NORMAL, UNIT_WORDS, format_known(d->min_heap_size));

	col = kit_number(p, row, col, "fullsweep_after", ROLE_NORMAL, UNIT_COUNT, format_known(d->fullsweep_after));
	kit_number(p, row++, col, "min_bin_vheap_size", ROLE_NORMAL, UNIT_WORDS, format_known(d->min_bin_vheap_size));
	if (row >= p.rows)
		return row;
	if (d->max_heap_size)
		col = kit_number(p, row, 1, "max_heap_size", ROLE_WATCH, UNIT_WORDS, format_known(d->max_heap_size));
	else
		col = kit_fact(p, row, 1, "max_heap_size", ROLE_NORMAL, "off");
	col = kit_fact(p, row, col, "queue", ROLE_NORMAL, d->row.flags & SNAP_OFF_HEAP_QUEUE ? "off_heap" : "on_heap");
	kit_fact(p, row, col, "traps exits", ROLE_NORMAL, d->row.flags & SNAP_TRAPS_EXIT ? "yes" : "no");
	return row + 1;
}

/* ---- binaries ---- */

struct binary_group { uint64_t bytes, count, refs, pinned, used; bool has_unknown; };

/* Binaries of about one size and one use belong together: 2692 parents of 100 KB are one line. */
static size_t group_binaries(const struct snap_detail *d, struct binary_group *out, size_t room)
{
	size_t count = 0, g;

	for (size_t i = 0; i < d->binary_count; i++) {
		const struct snap_binary *b = &d->binaries[i];
		for (g = 0; g < count && out[g].bytes != b->bytes; g++)
			;
		if (g == count && count == room)
			g--;
		else if (g == count)
			out[count++] = (struct binary_group) { .bytes = b->bytes };
		out[g].count++;
		out[g].refs += b->references == SNAP_UNKNOWN ? 0 : b->references;
		out[g].pinned += b->bytes;
		out[g].has_unknown |= b->used_bytes == SNAP_UNKNOWN;
		out[g].used += b->used_bytes == SNAP_UNKNOWN ? 0 : b->used_bytes;
	}
	return count;
}

static int draw_binary_groups(struct pane p, int row, const struct snap_detail *d)
{
	struct binary_group groups[8];
	size_t count = group_binaries(d, groups, UTIL_LENGTH(groups));
	static const char *const heads[] = { "COUNT", "EACH", "HELD", "IN USE", "USE%", "HANDLES" };
	char text[FORMAT_SIZE];

	if (!d->binary_count) {
		pane_put(p, row, 1, ROLE_DIM, "It holds no refc binaries: data up to 64 bytes lies in the heap itself.");
		return row + 1;
	}
	for (int i = 0; i < 6; i++)
		pane_right(p, row, 10 + i * 12, ROLE_TITLE, heads[i]);
	for (size_t g = 0; g < count && ++row < p.rows; g++) {
		const struct binary_group *b = &groups[g];
		double use = b->has_unknown ? NAN : 100.0 * (double) b->used / (double) b->pinned;
		pane_figure(p, row, 10, ROLE_NORMAL, format_count(text, sizeof text, (double) b->count));
		pane_figure(p, row, 22, ROLE_NORMAL, format_bytes(text, sizeof text, (double) b->bytes));
		pane_figure(p, row, 34, ROLE_BINARY, format_bytes(text, sizeof text, (double) b->pinned));
		pane_figure(p, row, 46, ROLE_STRONG, format_bytes(text, sizeof text, b->has_unknown ? NAN : (double) b->used));
		pane_figure(p, row, 58, use < 10 ? ROLE_CRITICAL : ROLE_OK, format_value(text, sizeof text, UNIT_PERCENT, use));
		pane_figure(p, row, 70, ROLE_NORMAL, format_count(text, sizeof text, (double) b->refs));
	}
	row++;
	if (d->binary_total > d->binary_count && row < p.rows)
		pane_print(p, row++, 1, ROLE_DIM, "the largest %zu of %zu", d->binary_count, d->binary_total);
	return row;
}

static void page_binaries(struct session *s, struct pane p, const struct snap_detail *d)
{
	int row = draw_binary_groups(p, 0, d) + 1;
	const struct visit *v = session_visit(s);
	char name[64];

	if (row + 2 >= p.rows || !d->binary_count)
		return;
	pane_rule(pane_part(p, row, 0, 1, p.cols), 0, "who else holds the largest");
	row++;
	if (!d->holder_count)
		pane_put(p, row, 1, ROLE_DIM, "f asks every process and table that holds binaries");
	for (size_t i = 0; i < d->holder_count && row < p.rows; i++, row++) {
		const struct snap_holder *h = &d->holders[i];
		enum ground ground = (int) i == v->cursor ? GROUND_SELECTED : GROUND_PLAIN;
		struct pane line = pane_on(pane_part(p, row, 0, 1, p.cols), ground);
		pane_clear(line);
		pane_fit(line, 0, 1, 28, h->is_table ? ROLE_ETS : ROLE_NAME,
			kit_called(s, h->label, h->pid, name, sizeof name));
		kit_number(line, 0, 30, h->is_table ? "table, handles" : "process, handles", ROLE_NORMAL, UNIT_COUNT,
			(double) h->handles);
	}
	if (d->holder_asked && row < p.rows)
		pane_print(p, row, 1, ROLE_DIM, "asked %zu, answered %zu", d->holder_asked, d->holder_answered);
}

/* ---- lists ---- */

static void page_messages(struct session *s, struct pane p, const struct snap_detail *d)
{
	char age[FORMAT_SIZE];
	(void) s;

	if (!d->message_count)
		pane_put(p, 0, 1, ROLE_DIM, "No message waits.");
	for (size_t i = 0; i < d->message_count && (int) i < p.rows; i++) {
		const struct snap_message *m = &d->messages[i];
		pane_right(p, (int) i, 9, ROLE_WATCH, format_value(age, sizeof age, UNIT_US, format_known(m->age_us)));
		kit_aligned(p, (int) i, 10, 20, "", ROLE_MAILBOX, UNIT_WORDS, format_known(m->words));
		pane_fit(p, (int) i, 22, p.cols - 23, ROLE_NORMAL, m->text);
	}
	if (d->message_total > d->message_count && (int) d->message_count < p.rows)
		pane_print(p, (int) d->message_count, 1, ROLE_DIM, "the oldest %zu of %zu", d->message_count, d->message_total);
}

/* The walkable processes of the links page: supervisor and parent first. */
struct relative { uint64_t pid; uint32_t label; const char *how; };

static size_t relatives_of(const struct snap_detail *d, struct relative *out)
{
	static const char *const how[] = { "linked to", "monitors", "monitored by" };
	size_t count = 0;

	if (d->row.supervisor)
		out[count++] = (struct relative) { d->row.supervisor, 0, "supervisor" };
	if (d->row.parent && d->row.parent != d->row.supervisor)
		out[count++] = (struct relative) { d->row.parent, 0, "started by" };
	for (size_t i = 0; i < d->relation_count; i++)
		out[count++] = (struct relative) { d->relations[i].pid, d->relations[i].label, how[d->relations[i].kind % 3] };
	return count;
}

static void page_links(struct session *s, struct pane p, const struct snap_detail *d)
{
	struct relative all[SNAP_DETAIL_ROWS + 2];
	size_t count = relatives_of(d, all);
	const struct visit *v = session_visit(s);
	size_t top = v->cursor >= p.rows ? (size_t) (v->cursor - p.rows + 1) : 0;
	char name[64], pid[FORMAT_SIZE];

	if (!count)
		pane_put(p, 0, 1, ROLE_DIM, "No links, no monitors, no parent.");
	for (size_t i = top; i < count && (int) (i - top) < p.rows; i++) {
		struct pane line = pane_on(pane_part(p, (int) (i - top), 0, 1, p.cols),
			(int) i == v->cursor ? GROUND_SELECTED : GROUND_PLAIN);
		pane_clear(line);
		pane_put(line, 0, 1, ROLE_DIM, all[i].how);
		pane_put(line, 0, 15, ROLE_NORMAL, format_pid(pid, sizeof pid, all[i].pid));
		pane_fit(line, 0, 26, p.cols - 27, ROLE_NAME, kit_called(s, all[i].label, 0, name, sizeof name));
	}
}

static void page_state(struct session *s, struct pane p, const struct snap_detail *d)
{
	int row = 0;

	pane_rule(pane_part(p, row++, 0, 1, p.cols), 0, "state");
	row = text_wrap(p, row, 1, 0, *d->state ? ROLE_NORMAL : ROLE_DIM, *d->state ? d->state
		: "It is no server, or keeps none.");
	if (++row < p.rows)
		pane_rule(pane_part(p, row++, 0, 1, p.cols), 0, "stack, top first");
	for (size_t i = 0; i < d->frame_count && row < p.rows; i++, row++) {
		int col = pane_put(p, row, 1, ROLE_NORMAL, kit_name(s, d->frames[i].function));
		pane_print(p, row, col + 2, ROLE_DIM, "%u slots", d->frames[i].slots);
	}
	if (++row < p.rows)
		pane_rule(pane_part(p, row++, 0, 1, p.cols), 0, "dictionary");
	if (!d->pair_count && row < p.rows)
		pane_put(p, row, 1, ROLE_DIM, "empty");
	for (size_t i = 0; i < d->pair_count && row < p.rows; i++, row++) {
		pane_fit(p, row, 1, 24, ROLE_NAME, d->pairs[i].key);
		pane_fit(p, row, 26, p.cols - 27, ROLE_NORMAL, d->pairs[i].value);
	}
}

static void page_tables(struct session *s, struct pane p, const struct snap_detail *d)
{
	const struct snapshot *snap = model_snapshot(s->model);
	int row = 0;

	for (size_t i = 0; snap && i < snap->table_count && row < p.rows; i++) {
		const struct snap_table *t = &snap->tables[i];
		if (t->owner != d->pid)
			continue;
		pane_fit(p, row, 1, 24, ROLE_ETS, kit_name(s, t->name));
		int col = kit_number(p, row, 26, "objects", ROLE_NORMAL, UNIT_COUNT, format_known(t->size));
		kit_number(p, row++, col, "hold", ROLE_STRONG, UNIT_BYTES, format_known(t->bytes));
	}
	if (!row)
		pane_put(p, 0, 1, ROLE_DIM, "It owns no tables.");
}

/* The list of events; the session has set its filter to this process. */
static void page_events(struct session *s, struct pane p, const struct snap_detail *d)
{
	(void) d;
	rows_draw(s, ROW_EVENT, p);
}

static void draw_track(struct session *s, struct pane p, uint64_t pid, enum track what, enum role role,
	enum unit unit, char letter)
{
	struct curve c = { .role = role, .letter = letter };

	curve_take(&c, model_process_series(s->model, pid, what), CHART_POINTS, model_step_count(s->model));
	chart_lines(p, &c, 1, unit, 60, 0);
}

static void page_collections(struct session *s, struct pane p, const struct snap_detail *d)
{
	int row = draw_collections_line(p, 0, d), chart = p.rows >= 18 ? p.rows / 3 : 0;

	row = draw_options(p, row, d) + 1;
	if (chart) {
		pane_rule(pane_part(p, row, 0, 1, p.cols), 0, "memory");
		draw_track(s, pane_part(p, row + 1, 0, chart - 1, p.cols - 1), d->pid, TRACK_MEMORY, ROLE_PROCESS, UNIT_BYTES,
			'm');
		row += chart;
	}
	if (row < p.rows)
		rows_draw(s, ROW_EVENT, pane_part(p, row, 0, p.rows - row, p.cols));
}

static void page_heap(struct session *s, struct pane p, const struct snap_detail *d)
{
	int row = draw_heap_picture(p, 0, d) + 1;

	row = draw_heap_numbers(p, row, d);
	if (row < p.rows)
		row = draw_reclaimable(p, row, d);
	if (row < p.rows)
		row = draw_collections_line(p, row, d);
	if (row < p.rows)
		row = draw_options(p, row, d) + 1;
	if (p.rows - row >= 7) {
		pane_rule(pane_part(p, row++, 0, 1, p.cols), 0, "total");
		draw_track(s, pane_part(p, row, 0, p.rows - row, p.cols - 1), d->pid, TRACK_TOTAL, ROLE_PROCESS, UNIT_BYTES,
			't');
	}
}

static void page_all(struct session *s, struct pane p, const struct snap_detail *d)
{
	int row = draw_heap_picture(p, 0, d);

	row = draw_heap_numbers(p, row, d);
	if (row < p.rows)
		row = draw_reclaimable(p, row, d);
	if (row < p.rows)
		row = draw_collections_line(p, row, d);
	if (row + 3 < p.rows && d->binary_count) {
		pane_rule(pane_part(p, row, 0, 1, p.cols), 0, "binaries");
		row = draw_binary_groups(pane_part(p, 0, 0, p.rows - 2, p.cols), row + 1, d);
	}
	row = kit_findings(s, p, row, finding_about_process(&d->row));
	if (p.rows - row >= 9) {
		int half = p.cols / 2;
		pane_rule(pane_part(p, row, 0, 1, half - 1), 0, "total");
		pane_rule(pane_part(p, row++, half, 1, half), 0, "queue");
		int rows = p.rows - row > 10 ? 10 : p.rows - row;
		draw_track(s, pane_part(p, row, 0, rows, half - 1), d->pid, TRACK_TOTAL, ROLE_PROCESS, UNIT_BYTES, 't');
		draw_track(s, pane_part(p, row, half, rows, half - 1), d->pid, TRACK_QUEUE, ROLE_MAILBOX, UNIT_COUNT, 'q');
		row += rows;
	}
	if (p.rows - row >= 6)
		page_state(s, pane_part(p, row, 0, p.rows - row, p.cols), d);
}

/* ---- the strip ---- */

enum cell_age { CELL_FREE, CELL_NEW, CELL_SURVIVED, CELL_OLD, CELL_STACK, CELL_DEAD, CELL_MESSAGE, CELL_AGES };

static const struct { enum role role; uint32_t glyph; char letter; const char *word; } ages[CELL_AGES] = {
	{ ROLE_FREE, 0x2591, '.', "free" }, { ROLE_YOUNG, 0x2593, 'd', "new" }, { ROLE_SURVIVOR, 0x2588, 'M',
		"survived one" },
	{ ROLE_OLD, 0x2588, 'o', "old" }, { ROLE_STACK, 0x2592, 's', "stack" }, { ROLE_DEAD, 0x2573, 'x', "dead" },
	{ ROLE_MAILBOX, 0x25aa, 'm', "message" } };

static const char *const strip_steps[] = {
	"Now: the two blocks of this heap, a cell for every few words, in the order of their addresses.",
	"A minor collection begins at stack and state and follows what they reach in the young block. Dead cells are "
		"never visited; the old block is not looked at.",
	"What had survived one collection moves to the old block. New cells that live are copied to the front and lie "
		"below the high-water mark now. The rest of the young block is free: freeing cost nothing.",
	"The next minor collection moves those to the old block as well. Dead cells in the old block stay: a minor "
		"collection never looks there.",
	"A major collection (g, or after fullsweep_after minors) follows everything, the old block too: dead cells of "
		"any age are found.",
	"All that lives lies together in one new block, and the old block is given back. What the state or a slice "
		"still reaches stays.",
};
#define STRIP_STEPS ((int) UTIL_LENGTH(strip_steps))
#define STRIP_CELLS 512

/* Both blocks as cells. An old block may be made by a step, so each has room for all. */
struct strip { uint8_t young[STRIP_CELLS], old[STRIP_CELLS]; size_t young_count, old_count; };

static struct strip strip_now(const struct snap_detail *d)
{
	struct strip s = { 0 };
	size_t count = d->strip_cells < sizeof d->strip ? d->strip_cells : sizeof d->strip;
	size_t each = d->strip_words_per_cell ? d->strip_words_per_cell : 1;
	size_t young = (size_t) (d->row.heap_size + each - 1) / each;

	s.young_count = young < count ? young : count;
	s.old_count = count - s.young_count;
	memcpy(s.young, d->strip, s.young_count);
	memcpy(s.old, d->strip + s.young_count, s.old_count);
	return s;
}

/* Takes the cells of one age out of a block; how many. Messages count as new: a collection moves them in. */
static size_t strip_take(uint8_t *cells, size_t count, enum cell_age age)
{
	size_t taken = 0;

	for (size_t i = 0; i < count; i++)
		if (cells[i] == age || (age == CELL_NEW && cells[i] == CELL_MESSAGE)) {
			cells[i] = CELL_FREE;
			taken++;
		}
	return taken;
}

/* Lays so many cells of an age into the free ones from the front; a block that has too few grows. */
static void strip_lay(uint8_t *cells, size_t *count, size_t number, enum cell_age age)
{
	for (size_t i = 0; number && i < STRIP_CELLS; i++) {
		if (i >= *count)
			cells[(*count)++] = CELL_FREE;
		if (cells[i] == CELL_FREE) {
			cells[i] = (uint8_t) age;
			number--;
		}
	}
}

static void strip_minor(struct strip *s)
{
	size_t survived = strip_take(s->young, s->young_count, CELL_SURVIVED);
	size_t fresh = strip_take(s->young, s->young_count, CELL_NEW);

	strip_take(s->young, s->young_count, CELL_DEAD);
	strip_lay(s->old, &s->old_count, survived, CELL_OLD);
	strip_lay(s->young, &s->young_count, fresh, CELL_SURVIVED);
}

static void strip_major(struct strip *s)
{
	size_t live = strip_take(s->old, s->old_count, CELL_OLD) + strip_take(s->young, s->young_count, CELL_SURVIVED)
		+ strip_take(s->young, s->young_count, CELL_NEW);

	strip_take(s->young, s->young_count, CELL_DEAD);
	s->old_count = 0;
	strip_lay(s->young, &s->young_count, live, CELL_SURVIVED);
}

static struct strip strip_at(const struct snap_detail *d, int step)
{
	struct strip s = strip_now(d);

	if (step >= 2)
		strip_minor(&s);
	if (step >= 3)
		strip_minor(&s);
	if (step >= 5)
		strip_major(&s);
	return s;
}

/* In the steps that only look, what is not visited is faint. */
static bool strip_is_visited(int step, bool is_old, uint8_t age)
{
	if (step == 1)
		return !is_old && age != CELL_DEAD;
	return step != 4 || age != CELL_DEAD;
}

static void draw_cell(struct pane p, int row, int col, uint8_t age, enum role role)
{
	bool is_ascii = p.canvas->charset == CHARSET_ASCII;

	pane_glyph(p, row, col, role, is_ascii ? (uint32_t) ages[age % CELL_AGES].letter : ages[age % CELL_AGES].glyph);
}

static int draw_strip_block(struct pane p, int row, const char *label, const uint8_t *cells, size_t count, int step,
	bool is_old)
{
	int width = p.cols - 9 < 128 ? p.cols - 9 : 128;

	pane_put(p, row, 1, ROLE_DIM, label);
	if (!count)
		pane_put(p, row, 8, ROLE_DIM, "none");
	for (size_t i = 0; i < count; i++)
		draw_cell(p, row + (int) i / width, 8 + (int) i % width, cells[i],
			strip_is_visited(step, is_old, cells[i]) ? ages[cells[i] % CELL_AGES].role : ROLE_FREE);
	return row + (count ? ((int) count + width - 1) / width : 1) + 1;
}

static void draw_strip_sums(struct pane p, int row, const struct strip *s, uint32_t words_per_cell)
{
	size_t tally[CELL_AGES] = { 0 };
	int col = 8;

	for (size_t i = 0; i < s->young_count; i++)
		tally[s->young[i] % CELL_AGES]++;
	for (size_t i = 0; i < s->old_count; i++)
		tally[s->old[i] % CELL_AGES]++;
	for (uint8_t age = 0; age < CELL_AGES; age++) {
		if (!tally[age])
			continue;
		draw_cell(p, row, col, age, ages[age].role);
		col = pane_put(p, row, col + 2, ROLE_DIM, ages[age].word) + 1;
		col = pane_print(p, row, col, ROLE_NORMAL, "%zu", tally[age] * words_per_cell);
		col = pane_put(p, row, col, ROLE_DIM, " w") + 2;
	}
}

static void page_strip(struct session *s, struct pane p, const struct snap_detail *d)
{
	int step = session_visit(s)->step;
	struct strip now = strip_at(d, step);

	if (!d->strip_cells || p.cols < 20) {
		pane_put(p, 0, 1, ROLE_DIM, "This process has no heap block yet.");
		return;
	}
	pane_print(p, 0, 1, ROLE_TITLE, "step %d of %d", step + 1, STRIP_STEPS);
	pane_print(p, 0, 16, ROLE_DIM, "one cell is %u word%s; Space or n goes on, b back", d->strip_words_per_cell,
		d->strip_words_per_cell == 1 ? "" : "s");
	int row = text_wrap(p, 1, 1, 0, ROLE_STRONG, strip_steps[step]);
	if (row < 4)
		row = 4;
	row = draw_strip_block(p, row, "young", now.young, now.young_count, step, false);
	row = draw_strip_block(p, row, "old", now.old, now.old_count, step, true);
	draw_strip_sums(p, row, &now, d->strip_words_per_cell);
}

/* ---- the place ---- */

static const struct page pages[] = {
	{ "overview", page_all, NULL, "left and right turn the pages; g collects it; H hibernates it; Esc back" },
	{ "heap", page_heap, NULL, "the blocks are drawn to one scale; g collects, :gc minor only the young" },
	{ "collections", page_collections, " event~gc", "each collection: words before, after and the time it took" },
	{ "binaries", page_binaries, NULL,
		"f asks who else holds the largest; a low USE% means that slices pin their parents" },
	{ "messages", page_messages, NULL, "the oldest first; a message keeps its binaries alive" },
	{ "links", page_links, NULL, "up and down choose, Enter walks there, Esc comes back" },
	{ "state", page_state, NULL, "what it keeps and where it stands" },
	{ "tables", page_tables, NULL, "tables die with their owner; no collection shrinks them" },
	{ "events", page_events, "", "what it did and what was done to it" },
	{ "strip", page_strip, NULL,
		"Space plays a minor and a major collection on a copy: nothing happens to the process" },
};
#define PAGES ((int) UTIL_LENGTH(pages))

const char *detail_page_name(int page)
{
	return page >= 0 && page < PAGES ? pages[page].name : NULL;
}

const char *detail_events_filter(const struct visit *v, char *out, size_t size)
{
	char pid[FORMAT_SIZE];

	*out = '\0';
	if (v->place == PLACE_DETAIL && pages[v->page].events)
		snprintf(out, size, "pid=\"%s\"%s", format_pid(pid, sizeof pid, v->subject), pages[v->page].events);
	return out;
}

static void draw_head(struct session *s, struct pane p, const struct snap_detail *d)
{
	const struct snap_process *r = &d->row;
	char name[64], text[160];

	format_pid(text, sizeof text, d->pid);
	int col = pane_put(p, 0, 1, ROLE_STRONG, kit_called(s, r->label, d->pid, name, sizeof name)) + 2;
	col = pane_put(p, 0, col, ROLE_DIM, text) + 2;
	if (d->dead)
		pane_print(p, 0, col, ROLE_CRITICAL, "ended: %s", model_exit_reason(s->model, d->pid, text, sizeof text));
	else {
		col = pane_put(p, 0, col, r->status == SNAP_RUNNING ? ROLE_OK : ROLE_NORMAL, kit_status(r->status));
		col = kit_fact(p, 0, col + 1, "in", ROLE_NORMAL, kit_name(s, r->current_function));
		kit_fact(p, 0, col, "app", ROLE_NAME, kit_name(s, r->application));
	}
	col = kit_number(p, 1, 1, "total", ROLE_STRONG, UNIT_BYTES, format_known(r->total_bytes)) - 2;
	col = kit_number(p, 1, col, "= memory", ROLE_PROCESS, UNIT_BYTES, format_known(r->memory)) - 2;
	col = kit_number(p, 1, col, "+ binaries", ROLE_BINARY, UNIT_BYTES, format_known(r->binary_share)) - 2;
	col = kit_number(p, 1, col, "+ tables", ROLE_ETS, UNIT_BYTES, format_known(r->ets_bytes));
	if (p.cols >= 110)
		kit_number(p, 1, col, "answered in", ROLE_NORMAL, UNIT_US, (double) d->asked_us);
}

static void draw_page_names(struct session *s, struct pane p, int page)
{
	struct pane bar = pane_on(pane_part(p, 0, 0, 1, p.cols), GROUND_BAR);
	int col = 1, skip = 0;

	pane_clear(bar);
	for (int i = 0, end = 1; i < PAGES; i++) {
		end += (int) strlen(pages[i].name) + 2;
		while (i == page && end - skip > p.cols)
			skip += 12;
	}
	col -= skip;
	for (int i = 0; i < PAGES; i++) {
		int width = (int) strlen(pages[i].name) + 2;
		struct pane word = i == page ? pane_on(bar, GROUND_ACTIVE) : bar;
		pane_put(word, 0, col, ROLE_NORMAL, " ");
		pane_put(word, 0, col + 1, ROLE_NORMAL, pages[i].name);
		pane_put(word, 0, col + width - 1, ROLE_NORMAL, " ");
		session_hit(s, bar, 0, col, 1, width, HIT_PAGE, i, NULL);
		col += width;
	}
}

void detail_draw(struct session *s, const struct layout *l, struct canvas *c)
{
	struct pane p = area_pane(c, l->body);
	const struct snap_detail *d = model_detail(s->model);
	const struct visit *v = session_visit(s);
	char pid[FORMAT_SIZE];

	if (!d || d->pid != v->subject) {
		pane_print(p, 0, 1, ROLE_DIM, "%s is asked; it answers between two of its steps.",
			format_pid(pid, sizeof pid, v->subject));
		draw_page_names(s, pane_part(p, 2, 0, 1, p.cols), v->page);
		return;
	}
	draw_head(s, p, d);
	draw_page_names(s, pane_part(p, 2, 0, 1, p.cols), v->page);
	pages[v->page].draw(s, pane_part(p, p.rows > 12 ? 4 : 3, 0, p.rows, p.cols), d);
}

void detail_hint(struct session *s, char *out, size_t size)
{
	snprintf(out, size, "%s", pages[session_visit(s)->page].hint);
}

static bool links_on_key(struct session *s, uint32_t key)
{
	struct visit *v = session_visit(s);
	const struct snap_detail *d = model_detail(s->model);
	struct relative all[SNAP_DETAIL_ROWS + 2];
	int count = d ? (int) relatives_of(d, all) : 0;

	if ((key == K_DOWN || key == 'j') && v->cursor + 1 < count)
		v->cursor++;
	else if ((key == K_UP || key == 'k') && v->cursor > 0)
		v->cursor--;
	else if (key == K_ENTER && v->cursor < count)
		session_open(s, PLACE_DETAIL, all[v->cursor].pid);
	else
		return key == K_DOWN || key == K_UP || key == K_ENTER || key == 'j' || key == 'k';
	return true;
}

static bool strip_on_key(struct session *s, uint32_t key)
{
	struct visit *v = session_visit(s);

	if ((key == ' ' || key == 'n' || key == K_DOWN) && ++v->step == STRIP_STEPS)
		v->step = 0;
	else if ((key == 'b' || key == K_UP) && v->step > 0)
		v->step--;
	return key == ' ' || key == 'n' || key == 'b' || key == K_DOWN || key == K_UP;
}

static void ask_holders(struct session *s)
{
	const struct snap_detail *d = model_detail(s->model);

	if (!d || !d->binary_count)
		return;
	struct command c = { .kind = COMMAND_HOLDERS, .pids = &d->pid, .pid_count = 1,
		.value = (int64_t) d->binaries[0].serial,
		.subject = "", .estimate = SNAP_UNKNOWN };
	if (!model_command(s->model, &c))
		session_say(s, ROLE_WATCH, "this source cannot tell who holds a binary");
	else
		session_say(s, ROLE_NORMAL, "asked: the answer comes with the next sample");
}

bool detail_on_key(struct session *s, uint32_t key)
{
	struct visit *v = session_visit(s);

	if (key == K_LEFT || key == K_RIGHT) {
		v->page = (v->page + (key == K_RIGHT ? 1 : PAGES - 1)) % PAGES;
		v->cursor = v->step = 0;
		session_settle(s);
		return true;
	}
	if (pages[v->page].draw == page_links)
		return links_on_key(s, key);
	if (pages[v->page].draw == page_strip)
		return strip_on_key(s, key);
	if (pages[v->page].draw == page_binaries && key == 'f') {
		ask_holders(s);
		return true;
	}
	return false;
}
