/* recon - sums over the rows of a source; see the header for the shapes. */
#include "runtime/observe/recon.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/base.h"

#define BATCH 256u

static const struct {
	const char *name;
	size_t offset;
} attributes[RECON_ATTRIBUTE_COUNT] = {
	[RECON_MEMORY] = { "memory", offsetof(struct snap_process, memory) },
	[RECON_MESSAGE_QUEUE_LEN] = { "message_queue_len", offsetof(struct snap_process, message_queue_len) },
	[RECON_REDUCTIONS] = { "reductions", offsetof(struct snap_process, reductions) },
	[RECON_TOTAL_HEAP_SIZE] = { "total_heap_size", offsetof(struct snap_process, total_heap_size) },
	[RECON_BINARY_MEMORY] = { "binary_memory", offsetof(struct snap_process, binary_bytes) },
};

enum recon_attribute recon_attribute_by_name(const char *name)
{
	unsigned i = 0;
	while (i < RECON_ATTRIBUTE_COUNT && strcmp(attributes[i].name, name) != 0)
		i++;
	return (enum recon_attribute) i;
}

static uint64_t value_at(const struct snap_process *row, size_t offset)
{
	uint64_t value;
	memcpy(&value, (const char *) row + offset, sizeof value);
	return value == SNAP_UNKNOWN ? 0 : value;
}

/* ---- The best n, in order: the last one is at the end, and goes when a better one comes -------------------------- */

struct top { struct recon_row *rows; size_t count, room; };

/* Ties by pid, so that the same world gives the same rows. */
static bool is_before(const struct recon_row *a, const struct recon_row *b)
{
	return a->value != b->value ? a->value > b->value : a->pid < b->pid;
}

static void top_add(struct top *t, const struct recon_row *row)
{
	size_t at = t->count;
	while (at > 0 && is_before(row, &t->rows[at - 1]))
		at--;
	if (at == t->room)
		return;
	size_t end = t->count < t->room ? t->count++ : t->room - 1;
	memmove(&t->rows[at + 1], &t->rows[at], (end - at) * sizeof *t->rows);
	t->rows[at] = *row;
}

static struct recon_row row_of(const struct snap_process *p, int64_t value)
{
	return (struct recon_row) { p->pid, value, p->name, p->current_function, p->initial_call };
}

/* ---- Walks ------------------------------------------------------------------------------------------------------- */

typedef void (*row_fn)(void *context, const struct snap_process *row);

static bool each_process(struct source *s, row_fn visit, void *context)
{
	struct snap_process *rows = calloc(BATCH, sizeof *rows);
	uint32_t cursor = 0;
	size_t n;
	if (!rows)
		return false;
	while ((n = s->read_processes(s, &cursor, rows, BATCH)) > 0)
		for (size_t i = 0; i < n; i++)
			visit(context, &rows[i]);
	free(rows);
	return true;
}

struct counting { struct top top; size_t offset; };

static void count_row(void *context, const struct snap_process *row)
{
	struct counting *c = context;
	struct recon_row found = row_of(row, (int64_t) value_at(row, c->offset));
	top_add(&c->top, &found);
}

size_t recon_proc_count(struct source *s, enum recon_attribute attribute, struct recon_row *rows, size_t n)
{
	struct counting c = { { rows, 0, n }, attributes[attribute].offset };
	each_process(s, count_row, &c);
	return c.top.count;
}

/* ---- Before and after -------------------------------------------------------------------------------------------- */

struct before { uint64_t pid, value; };

struct recon_window {
	struct source *source;
	size_t offset;
	struct before *before;          /* by index of the process table */
	size_t room;
	struct top top;
	int sign;                       /* what counts: growth, or loss */
	bool failed;
};

static void note_before(void *context, const struct snap_process *row)
{
	struct recon_window *w = context;
	if (row->index >= w->room) {
		size_t room = row->index + row->index / 2 + BATCH;
		struct before *more = realloc(w->before, room * sizeof *more);
		if (!more) {
			w->failed = true;
			return;
		}
		memset(more + w->room, 0, (room - w->room) * sizeof *more);
		w->before = more;
		w->room = room;
	}
	w->before[row->index] = (struct before) { row->pid, value_at(row, w->offset) };
}

static void compare_after(void *context, const struct snap_process *row)
{
	struct recon_window *w = context;
	if (row->index >= w->room || w->before[row->index].pid != row->pid)
		return;
	int64_t grown = (int64_t) (value_at(row, w->offset) - w->before[row->index].value);
	struct recon_row found = row_of(row, grown * w->sign);
	top_add(&w->top, &found);
}

static struct recon_window *window_of(struct source *s, size_t offset, int sign)
{
	struct recon_window *w = calloc(1, sizeof *w);
	if (!w)
		return NULL;
	w->source = s;
	w->offset = offset;
	w->sign = sign;
	if (!each_process(s, note_before, w) || w->failed) {
		free(w->before);
		free(w);
		return NULL;
	}
	return w;
}

struct recon_window *recon_window_open(struct source *s, enum recon_attribute attribute)
{
	return window_of(s, attributes[attribute].offset, 1);
}

size_t recon_window_close(struct recon_window *w, struct recon_row *rows, size_t n)
{
	w->top = (struct top) { rows, 0, n };
	each_process(w->source, compare_after, w);
	size_t count = w->top.count;
	for (size_t i = 0; i < count; i++)
		rows[i].value *= w->sign;
	free(w->before);
	free(w);
	return count;
}

struct recon_leak { struct recon_window window; };

struct recon_leak *recon_leak_open(struct source *s)
{
	struct command gc = { .kind = COMMAND_GC_ALL, .subject = "recon:bin_leak", .estimate = SNAP_UNKNOWN };
	if (!(s->can >> COMMAND_GC_ALL & 1))
		return NULL;
	/* Most lost first: growth with its sign turned round. */
	struct recon_window *w = window_of(s, offsetof(struct snap_process, binary_refs), -1);
	if (w && s->send(s, &gc))
		return (struct recon_leak *) w;
	if (w) {
		free(w->before);
		free(w);
	}
	return NULL;
}

bool recon_leak_is_done(struct recon_leak *l, const struct snapshot *sample)
{
	(void) l;
	for (size_t i = 0; i < sample->receipt_count; i++)
		if (strcmp(sample->receipts[i].subject, "recon:bin_leak") == 0)
			return true;
	return false;
}

size_t recon_leak_close(struct recon_leak *l, struct recon_row *rows, size_t n) { return recon_window_close(&l->window, rows, n); }

/* ---- Texts ------------------------------------------------------------------------------------------------------- */

static size_t clipped(int length, size_t room) { return length < 0 || room == 0 ? 0 : (size_t) length < room ? (size_t) length : room - 1; }

size_t recon_row_text(struct source *s, const struct recon_row *row, char *out, size_t room)
{
	const char *name = s->text(s, row->name);
	return clipped(snprintf(out, room, "{<0.%" PRIu64 ".0>,%" PRId64 ",[%s%s{current_function,%s},{initial_call,%s}]}", row->pid, row->value,
		name, *name ? "," : "", s->text(s, row->current_function), s->text(s, row->initial_call)), room);
}

static const char *const statuses[SNAP_STATUS_COUNT] = { "waiting", "running", "runnable", "suspended", "garbage_collecting", "exiting",
	"waiting" };

/* A text that grows until its room is used up. */
struct text { char *out; size_t room, length; };

PRINTF_LIKE(2, 3) static void add(struct text *t, const char *format, ...)
{
	va_list list;
	va_start(list, format);
	t->length += clipped(vsnprintf(t->out + t->length, t->room - t->length, format, list), t->room - t->length);
	va_end(list);
}

/* Relations of one kind: links 0, monitors 1, monitored_by 2. */
static void add_relations(struct text *t, const struct snap_detail *d, const char *name, uint8_t kind)
{
	const char *comma = "";
	add(t, "{%s,[", name);
	for (size_t i = 0; i < d->relation_count; i++)
		if (d->relations[i].kind == kind) {
			add(t, kind == 1 ? "%s{process,<0.%" PRIu64 ".0>}" : "%s<0.%" PRIu64 ".0>", comma, d->relations[i].pid);
			comma = ",";
		}
	add(t, "]}");
}

static void add_meta(struct text *t, struct source *s, const struct snap_detail *d)
{
	add(t, "{meta,[{registered_name,%s},{dictionary,[", d->row.name ? s->text(s, d->row.name) : "[]");
	for (size_t i = 0; i < d->pair_count; i++)
		add(t, "%s{%s,%s}", i ? "," : "", d->pairs[i].key, d->pairs[i].value);
	add(t, "]},{status,%s}]}", statuses[d->row.status]);
}

static void add_signals(struct text *t, const struct snap_detail *d)
{
	add(t, "{signals,[");
	add_relations(t, d, "links", 0);
	add(t, ",");
	add_relations(t, d, "monitors", 1);
	add(t, ",");
	add_relations(t, d, "monitored_by", 2);
	add(t, ",{trap_exit,%s}]}", d->row.flags & SNAP_TRAPS_EXIT ? "true" : "false");
}

static void add_location(struct text *t, struct source *s, const struct snap_detail *d)
{
	add(t, "{location,[{initial_call,%s},{current_stacktrace,[", s->text(s, d->row.initial_call));
	for (size_t i = 0; i < d->frame_count; i++)
		add(t, "%s%s", i ? "," : "", s->text(s, d->frames[i].function));
	add(t, "]}]}");
}

static void add_memory(struct text *t, const struct snap_detail *d)
{
	const struct snap_process *p = &d->row;
	add(t, "{memory_used,[{memory,%" PRIu64 "},{message_queue_len,%" PRIu64 "},{heap_size,%" PRIu64 "},{total_heap_size,%" PRIu64 "},", p->memory,
		p->message_queue_len, p->heap_size, p->total_heap_size);
	add(t, "{garbage_collection,[{max_heap_size,%" PRIu64 "},{min_bin_vheap_size,%" PRIu64 "},{min_heap_size,%" PRIu64 "},{fullsweep_after,%" PRIu64
		"},{minor_gcs,%" PRIu64 "}]}]}", d->max_heap_size, d->min_bin_vheap_size, d->min_heap_size, d->fullsweep_after, p->minor_gcs);
}

size_t recon_info_text(struct source *s, const struct snap_detail *d, char *out, size_t room)
{
	struct text t = { out, room, 0 };
	if (d->dead || room == 0)
		return 0;
	add(&t, "[");
	add_meta(&t, s, d);
	add(&t, ",");
	add_signals(&t, d);
	add(&t, ",");
	add_location(&t, s, d);
	add(&t, ",");
	add_memory(&t, d);
	add(&t, ",{work,[{reductions,%" PRIu64 "}]}]", d->row.reductions);
	return t.length;
}
