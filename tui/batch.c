#include "tui/batch.h"
#include "tui/model/model.h"
#include "tui/model/util.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS_MOST 96
#define PAGE_ROWS 4096          /* rows listed at a time when there is no limit */
#define WAIT_MS 1000
#define RECON_ROWS 10           /* as recon's functions, when no limit is given */
#define LEAK_PAUSE_S 0.1        /* bin_leak: what everyone has to collect in */

struct batch {
	const struct options *o;
	struct source *source;
	struct model *m;
	FILE *out, *err;
	const struct column *columns[COLUMNS_MOST];
	size_t column_count;
	const struct snapshot *now;
	uint64_t sample;                /* from 1 */
	bool has_header;
	size_t printed;                 /* rows of this sample */
	size_t cells;                   /* of the record being written */
	const char *kind;
	struct past_refs { uint64_t pid, refs; } *refs;     /* bin_leak: handles before the collection */
	size_t ref_count, ref_room;
};

/* ---- one record, in three formats ---- */

struct cell { const char *key; const char *text; double number; bool is_text, is_flag; int width; };

static void print_json_text(FILE *out, const char *text)
{
	json_t *string = json_string(text);
	char *dump = string ? json_dumps(string, JSON_ENCODE_ANY | JSON_ENSURE_ASCII) : NULL;

	fputs(dump ? dump : "null", out);       /* bytes that are no UTF-8 have no JSON form */
	free(dump);
	json_decref(string);
}

static void print_json_cell(struct batch *b, const struct cell *c)
{
	char raw[64];

	fprintf(b->out, "%s\"%s\":", b->cells ? "," : "{", c->key);
	if (c->is_text && c->text)
		print_json_text(b->out, c->text);
	else if (c->is_text || isnan(c->number) || isinf(c->number))
		fputs("null", b->out);
	else if (c->is_flag)
		fputs(c->number ? "true" : "false", b->out);
	else
		fputs(format_raw(raw, sizeof raw, c->number), b->out);
}

static void print_csv_text(FILE *out, const char *text)
{
	if (!text[strcspn(text, ",\"\r\n")]) {
		fputs(text, out);
		return;
	}
	fputc('"', out);
	for (; *text; text++) {
		if (*text == '"')
			fputc('"', out);
		fputc(*text, out);
	}
	fputc('"', out);
}

static const char *plain_text(const struct cell *c, char *raw, size_t size)
{
	if (c->is_text)
		return c->text ? c->text : "";
	if (c->is_flag && !isnan(c->number))
		return c->number ? "true" : "false";
	return format_raw(raw, size, c->number);
}

static void print_csv_cell(struct batch *b, const struct cell *c)
{
	char raw[64];

	if (b->cells)
		fputc(',', b->out);
	print_csv_text(b->out, plain_text(c, raw, sizeof raw));
}

/* A table cell: unknown is "-", nothing is "" padded; line breaks would break the table. */
static void print_table_cell(struct batch *b, const struct cell *c)
{
	char raw[64], shown[256];
	bool unknown = c->is_text ? !c->text : isnan(c->number);

	util_print(shown, sizeof shown, "%s", unknown ? "-" : plain_text(c, raw, sizeof raw));
	for (char *at = shown; *at; at++)
		if ((unsigned char) *at < ' ')
			*at = ' ';
	fprintf(b->out, "%s%*s", b->cells ? " " : "", c->is_text ? -c->width : c->width, shown);
}

static void put_cell(struct batch *b, const struct cell *c)
{
	if (b->o->format == BATCH_JSONL)
		print_json_cell(b, c);
	else if (b->o->format == BATCH_CSV)
		print_csv_cell(b, c);
	else
		print_table_cell(b, c);
	b->cells++;
}

static void end_record(struct batch *b)
{
	fputs(b->o->format == BATCH_JSONL ? "}\n" : "\n", b->out);
	b->cells = 0;
	b->printed++;
}

static void begin_record(struct batch *b, const char *kind, double time)
{
	char stamp[32];

	b->cells = 0;
	put_cell(b, &(struct cell) { .key = "sample", .number = (double) b->sample, .width = 6 });
	util_print(stamp, sizeof stamp, "%.3f", time);
	if (b->o->format == BATCH_JSONL) {
		fprintf(b->out, ",\"time\":%s", stamp);
		b->cells++;
	} else {
		put_cell(b, &(struct cell) { .key = "time", .text = stamp, .is_text = true, .width = 9 });
	}
	put_cell(b, &(struct cell) { .key = "kind", .text = kind, .is_text = true, .width = 11 });
}

static int cell_width(const struct column *c)
{
	int key = (int) strlen(c->key), least = c->text ? c->width : 11;

	return key > least ? key : least;
}

static void put_column(struct batch *b, const struct column *c, const struct row *r, const char *key)
{
	char buffer[512];
	struct cell cell = { .key = key ? key : c->key, .is_text = c->text != NULL, .width = cell_width(c),
		.is_flag = c->flags & COLUMN_FLAG };

	if (c->text)
		cell.text = c->text(c, r, buffer, sizeof buffer);
	else
		cell.number = c->get(c, r);
	put_cell(b, &cell);
}

static void print_header(struct batch *b)
{
	if (b->has_header || b->o->format == BATCH_JSONL)
		return;
	b->has_header = true;
	if (b->o->format == BATCH_CSV) {
		fputs("sample,time,kind", b->out);
		for (size_t i = 0; i < b->column_count; i++)
			fprintf(b->out, ",%s", b->columns[i]->key);
	} else {
		fprintf(b->out, "%6s %-9s %-11s", "sample", "time", "kind");
		for (size_t i = 0; i < b->column_count; i++)
			fprintf(b->out, " %*s", b->columns[i]->text ? -cell_width(b->columns[i]) : cell_width(b->columns[i]),
				b->columns[i]->key);
	}
	fputc('\n', b->out);
}

static void print_row(struct batch *b, const struct row *r)
{
	begin_record(b, b->kind, b->now->time);
	for (size_t i = 0; i < b->column_count; i++)
		put_column(b, b->columns[i], r, NULL);
	end_record(b);
}

/* ---- receipts and notices ---- */

static void print_side_row(struct batch *b, enum row_kind kind, const void *item, double time)
{
	const struct column *columns[COLUMNS_MOST];
	size_t count = columns_with(kind, COLUMN_BATCH, columns, COLUMNS_MOST);
	struct row r = { .kind = kind, .model = b->m, .now = item };

	begin_record(b, columns_kind_name(kind), time);
	for (size_t i = 0; i < count; i++)
		put_column(b, columns[i], &r, NULL);
	end_record(b);
}

static void print_sides(struct batch *b)
{
	for (size_t i = 0; i < b->now->receipt_count; i++) {
		const struct snap_receipt *r = &b->now->receipts[i];
		char text[400];

		if (b->o->recon == RECON_BIN_LEAK && strcmp(r->action, "gc-all") == 0)
			continue;       /* its own question, not an action that was asked for */
		if (b->o->format == BATCH_JSONL)
			print_side_row(b, ROW_RECEIPT, r, r->time);
		else
			fprintf(b->err, "%.3f receipt: %s\n", r->time, model_receipt_text(r, text, sizeof text));
	}
	for (size_t i = 0; i < b->now->notice_count; i++) {
		const struct snap_notice *n = &b->now->notices[i];

		if (b->o->format == BATCH_JSONL)
			print_side_row(b, ROW_NOTICE, n, n->time);
		else
			fprintf(b->err, "%.3f %s: %s\n", n->time, n->level, n->text);
	}
}

/* ---- the rows of a tab ---- */

static size_t rows_wanted(const struct batch *b) { return b->o->limit ? b->o->limit : SIZE_MAX; }

/* Page by page: the whole list is never held. The last page overlaps the one before it. */
static void print_view(struct batch *b)
{
	size_t most = rows_wanted(b), printed = 0;
	enum row_kind kind = b->o->kind;

	view_set_height(b->m, kind, most < PAGE_ROWS ? most : PAGE_ROWS);
	for (;;) {
		const struct view *v = model_view(b->m, kind);
		size_t before = printed, last;

		for (size_t i = printed - v->start; i < v->count && printed < most; i++, printed++)
			print_row(b, &v->rows[i]);
		if (printed == before || printed >= v->total || printed >= most)
			break;
		last = printed + PAGE_ROWS < v->total ? printed + PAGE_ROWS - 1 : v->total - 1;
		view_move(b->m, kind, (long) last - (long) (v->start + v->line));
	}
	view_home(b->m, kind);
}

/* Events of this sample alone, oldest first; with a limit the newest of them. */
static void print_events(struct batch *b, const struct filter *filter)
{
	size_t count = b->now->event_count, skip = 0;

	for (int round = 0; round < 2; round++) {
		size_t passed = 0;

		for (size_t i = 0; i < count; i++) {
			struct row r = { .kind = ROW_EVENT, .id = b->now->events[i].serial, .model = b->m, .now = &b->now->events[i] };

			if (!filter_pass(filter, &r))
				continue;
			if (round && passed >= skip)
				print_row(b, &r);
			passed++;
		}
		skip = passed > rows_wanted(b) ? passed - rows_wanted(b) : 0;
	}
}

/* ---- recon's three questions ---- */

static const struct column *recon_column(const struct batch *b)
{
	const struct column *c = b->o->sort ? columns_find(ROW_PROCESS, b->o->sort) : NULL;

	return c ? c : columns_find(ROW_PROCESS, "memory");
}

static void print_recon_row(struct batch *b, const struct row *r, double value)
{
	static const char *const keys[] = { "name", "current_function", "initial_call" };

	begin_record(b, "process", b->now->time);
	put_column(b, columns_find(ROW_PROCESS, "pid"), r, NULL);
	put_cell(b, &(struct cell) { .key = "value", .number = value, .width = 11 });
	for (size_t i = 0; i < UTIL_LENGTH(keys); i++)
		put_column(b, columns_find(ROW_PROCESS, keys[i]), r, NULL);
	end_record(b);
}

static void recon_header(struct batch *b)
{
	if (!b->has_header && b->o->format == BATCH_CSV)
		fputs("sample,time,kind,pid,value,name,current_function,initial_call\n", b->out);
	else if (!b->has_header && b->o->format == BATCH_TABLE)
		fprintf(b->out, "%6s %-9s %-11s %-9s %11s %-16s %-22s %s\n", "sample", "time", "kind", "pid", "value", "name",
			"current_function", "initial_call");
	b->has_header = true;
}

static void print_counts(struct batch *b)
{
	const struct column *c = recon_column(b);
	const struct view *v;
	bool is_window = b->o->recon == RECON_PROC_WINDOW;
	double seconds = model_before(b->m) ? b->now->time - model_before(b->m)->time : NAN;

	view_set_height(b->m, ROW_PROCESS, b->o->limit ? b->o->limit : RECON_ROWS);
	v = model_view(b->m, ROW_PROCESS);
	for (size_t i = 0; i < v->count; i++) {
		const struct row *r = &v->rows[i];
		double value = !is_window ? c->get(c, r) : r->rate && c->field >= 0 ? round(r->rate[c->field] * seconds) : NAN;

		print_recon_row(b, r, value);
	}
}

static void remember_refs(struct batch *b)
{
	struct snap_process rows[32];
	uint32_t cursor = 0;
	size_t n;

	b->ref_count = 0;
	while ((n = b->source->read_processes(b->source, &cursor, rows, UTIL_LENGTH(rows))) > 0)
		for (size_t i = 0; i < n; i++) {
			if (!rows[i].binary_refs)
				continue;
			b->refs = util_grow(b->refs, &b->ref_room, b->ref_count + 1, sizeof *b->refs);
			b->refs[b->ref_count++] = (struct past_refs) { rows[i].pid, rows[i].binary_refs };
		}
}

struct leak { struct snap_process row; double freed; };

static int compare_leaks(const void *a, const void *b)
{
	const struct leak *x = a, *y = b;

	if (x->freed != y->freed)
		return x->freed < y->freed ? -1 : 1;
	return (x->row.pid > y->row.pid) - (x->row.pid < y->row.pid);
}

/* Handles before and after a collection of everyone: what recon:bin_leak finds, and what it does not. */
static void print_leaks(struct batch *b)
{
	struct leak *leaks = util_new(b->ref_count, sizeof *leaks);
	size_t count = 0, most = b->o->limit ? b->o->limit : RECON_ROWS;

	for (size_t i = 0; i < b->ref_count; i++)
		if (b->source->read_process(b->source, b->refs[i].pid, &leaks[count].row)) {
			leaks[count].freed = (double) leaks[count].row.binary_refs - (double) b->refs[i].refs;
			count++;
		}
	qsort(leaks, count, sizeof *leaks, compare_leaks);
	for (size_t i = 0; i < count && i < most; i++) {
		struct row r = { .kind = ROW_PROCESS, .id = leaks[i].row.pid, .model = b->m, .now = &leaks[i].row };

		print_recon_row(b, &r, leaks[i].freed);
	}
	free(leaks);
}

/* ---- a run ---- */

static bool prepare(struct batch *b)
{
	const struct options *o = b->o;
	char why[160];
	int n;

	if (o->recon == RECON_PROC_WINDOW && recon_column(b)->field >= 0) {
		util_print(why, sizeof why, "%s_rate", columns_field(ROW_PROCESS, (size_t) recon_column(b)->field)->key);
		model_sort_list(b->m, ROW_PROCESS, why, why, sizeof why);
	} else if (o->recon) {
		model_sort_list(b->m, ROW_PROCESS, recon_column(b)->key, why, sizeof why);
	} else if (o->sort && !model_sort_list(b->m, o->kind, o->sort, why, sizeof why)) {
		return false;
	}
	if (o->is_reversed)
		model_sort_invert(b->m, o->kind);
	if (o->filter && !model_filter(b->m, o->kind, o->filter, why, sizeof why))
		return false;
	n = o->columns ? columns_parse(o->kind, o->columns, b->columns, COLUMNS_MOST, why, sizeof why)
		: (int) columns_with(o->kind, COLUMN_BATCH, b->columns, COLUMNS_MOST);
	b->column_count = n > 0 ? (size_t) n : 0;
	model_watch_columns(b->m, o->kind, b->columns, b->column_count);
	b->kind = columns_kind_name(o->kind);
	return n >= 0;
}

static void print_sample(struct batch *b)
{
	const struct view *v;

	b->printed = 0;
	if (b->o->recon)
		recon_header(b);
	else
		print_header(b);
	print_sides(b);
	if (b->o->recon == RECON_BIN_LEAK) {
		print_leaks(b);
	} else if (b->o->recon) {
		print_counts(b);
	} else if (b->o->kind == ROW_EVENT) {
		v = model_view(b->m, ROW_EVENT);
		print_events(b, v->filter);
	} else {
		print_view(b);
	}
}

/* Flushes: 0 go on, 1 nobody reads, 2 the disk is full or worse. */
static int flush(struct batch *b)
{
	errno = 0;
	if (fflush(b->out) == 0 && !ferror(b->out))
		return 0;
	if (errno == EPIPE)
		return 1;
	fprintf(b->err, "actop: cannot write: %s\n", strerror(errno ? errno : EIO));
	return 2;
}

static struct snapshot *wait_for_sample(struct source *source)
{
	struct snapshot *s;

	while (!(s = source->next(source, WAIT_MS)))
		;
	return s;
}

static void set_interval(struct batch *b, double seconds)
{
	b->source->set_interval(b->source, (uint64_t) llround(seconds * 1e6));
}

/* A look shortly before the sample, then everyone collects, so that the sample shows what that did. */
static void collect_before_sample(struct batch *b)
{
	struct command c = { .kind = COMMAND_GC_ALL, .subject = "bin_leak", .estimate = SNAP_UNKNOWN };
	double pause = b->o->interval_s / 2 < LEAK_PAUSE_S ? b->o->interval_s / 2 : LEAK_PAUSE_S;

	set_interval(b, b->o->interval_s - pause);
	model_advance(b->m, wait_for_sample(b->source));
	remember_refs(b);
	b->source->send(b->source, &c);
	set_interval(b, pause);
}

int batch_run(const struct options *o, struct source *source, FILE *out, FILE *err)
{
	struct batch b = { .o = o, .source = source, .m = model_new(source), .out = out, .err = err };
	int ended = prepare(&b) ? 0 : 2;

	set_interval(&b, o->interval_s);
	if (o->recon == RECON_PROC_WINDOW)      /* the first window needs a beginning */
		model_advance(b.m, source->now(source));
	while (!ended && (!o->samples || b.sample < o->samples)) {
		if (o->recon == RECON_BIN_LEAK)
			collect_before_sample(&b);
		model_advance(b.m, wait_for_sample(source));
		b.now = model_newest(b.m);
		b.sample++;
		print_sample(&b);
		ended = flush(&b);
	}
	model_free(b.m);
	free(b.refs);
	return ended == 2 ? 1 : 0;
}
