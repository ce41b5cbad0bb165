#include "tui/model/column_kinds.h"
#include "tui/model/model.h"
#include "tui/model/util.h"

#include <math.h>
#include <string.h>
#include <strings.h>

/* ---- readers ---- */

static const void *column_at(const struct column *c, const struct row *r) { return (const char *) r->now + c->offset; }

double column_get_u64(const struct column *c, const struct row *r)
{
	return format_known(*(const uint64_t *) column_at(c, r));
}
double column_get_u32(const struct column *c, const struct row *r) { return *(const uint32_t *) column_at(c, r); }
double column_get_real(const struct column *c, const struct row *r) { return *(const double *) column_at(c, r); }
double column_get_flag(const struct column *c, const struct row *r) { return *(const bool *) column_at(c, r); }
double column_get_rate(const struct column *c, const struct row *r) { return r->rate ? r->rate[c->field] : NAN; }

const char *column_text_name(const struct column *c, const struct row *r, char *buffer, size_t size)
{
	(void) buffer, (void) size;
	return model_name(r->model, *(const uint32_t *) column_at(c, r));
}

const char *column_text_pid(const struct column *c, const struct row *r, char *buffer, size_t size)
{
	return format_pid(buffer, size, *(const uint64_t *) column_at(c, r));
}

const char *column_text_chars(const struct column *c, const struct row *r, char *buffer, size_t size)
{
	(void) buffer, (void) size;
	return column_at(c, r);
}

const char *column_text_static(const struct column *c, const struct row *r, char *buffer, size_t size)
{
	(void) buffer, (void) size;
	return *(const char *const *) column_at(c, r);
}

/* ---- tables ---- */

static const struct column_kind *kind_of(enum row_kind kind)
{
	return kind == ROW_PROCESS ? &columns_process_kind : &columns_rest_kinds[kind];
}

const struct column *columns_of(enum row_kind kind, size_t *count)
{
	*count = kind_of(kind)->count;
	return kind_of(kind)->columns;
}

const char *columns_kind_name(enum row_kind kind) { return kind_of(kind)->name; }
const char *columns_kind_plural(enum row_kind kind) { return kind_of(kind)->plural; }

/* Short names for typing; the first that the kind has counts. */
static const char *const short_names[][2] = {
	{ "mem", "memory" }, { "mq", "message_queue_len" }, { "msgq", "message_queue_len" }, { "queue", "message_queue_len" },
	{ "reds", "reductions" }, { "bin", "binary_bytes" }, { "bin", "binary_share" }, { "bin", "binary" },
	{ "bin%", "use_percent" }, { "use%", "use_percent" }, { "use", "use_percent" }, { "total", "total_bytes" },
	{ "ets", "ets_bytes" }, { "app", "application" }, { "call", "initial_call" }, { "fun", "current_function" },
	{ "sup", "supervisor" }, { "heap", "total_heap_size" }, { "old", "old_heap_size" }, { "in", "messages_in_rate" },
	{ "out", "messages_out_rate" }, { "growth", "total_bytes_rate" }, { "growth", "bytes_rate" }, { "procs", "processes" },
	{ "words", "memory_words" }, { "refs", "binary_refs" }, { "rst", "restarts" }, { "name", "label" },
	{ "name", "application" }, { "name", "demo" }, { "kind", "event" }, { "letter", "findings" },
};

static const struct column *find_key(enum row_kind kind, const char *key)
{
	size_t count;
	const struct column *all = columns_of(kind, &count);

	for (size_t i = 0; i < count; i++)
		if (strcasecmp(all[i].key, key) == 0)
			return &all[i];
	return NULL;
}

const struct column *columns_find(enum row_kind kind, const char *key)
{
	const struct column *c = find_key(kind, key);

	for (size_t i = 0; !c && i < UTIL_LENGTH(short_names); i++)
		if (strcasecmp(short_names[i][0], key) == 0)
			c = find_key(kind, short_names[i][1]);
	return c;
}

int columns_parse(enum row_kind kind, const char *list, const struct column **out, size_t room, char *error,
	size_t size)
{
	size_t n = 0;

	for (const char *at = list; ; at++) {
		size_t length = strcspn(at, ",");
		char key[64];

		util_print(key, sizeof key, "%.*s", (int) (length < 63 ? length : 63), at);
		if (n == room) {
			util_complain(error, size, "too many columns in \"%.60s\"", list);
			return -1;
		}
		out[n] = columns_find(kind, key);
		if (!out[n]) {
			util_complain(error, size, "no column \"%s\" in %s", key, columns_kind_plural(kind));
			return -1;
		}
		n++;
		at += length;
		if (!*at)
			return (int) n;
	}
}

size_t columns_with(enum row_kind kind, uint8_t flag, const struct column **out, size_t room)
{
	size_t count, n = 0;
	const struct column *all = columns_of(kind, &count);

	for (size_t i = 0; i < count && n < room; i++)
		if (all[i].flags & flag)
			out[n++] = &all[i];
	return n;
}

static bool is_field(const struct column *c) { return c->field >= 0 && !(c->flags & COLUMN_RATE); }

size_t columns_field_count(enum row_kind kind)
{
	size_t count, most = 0;
	const struct column *all = columns_of(kind, &count);

	for (size_t i = 0; i < count; i++)
		if (is_field(&all[i]) && (size_t) all[i].field + 1 > most)
			most = (size_t) all[i].field + 1;
	return most;
}

const struct column *columns_field(enum row_kind kind, size_t field)
{
	size_t count;
	const struct column *all = columns_of(kind, &count);

	for (size_t i = 0; i < count; i++)
		if (is_field(&all[i]) && (size_t) all[i].field == field)
			return &all[i];
	return NULL;
}

/* ---- cells ---- */

const char *column_show(const struct column *c, const struct row *r, char *out, size_t size)
{
	const char *text;

	if (!c->text)
		return format_value(out, size, c->unit, c->get(c, r));
	text = c->text(c, r, out, size);
	if (!text)
		text = "-";
	if (text != out)
		util_print(out, size, "%s", text);
	return out;
}

const char *column_show_change(const struct column *c, const struct row *r, char *out, size_t size)
{
	if (c->field < 0 || c->flags & COLUMN_RATE || c->text)
		return column_show(c, r, out, size);
	return format_signed(out, size, c->unit, r->change ? r->change[c->field] : NAN);
}

static int compare_numbers(double a, double b)
{
	if (isnan(a) || isnan(b))
		return isnan(a) - isnan(b);     /* the unknown comes last */
	return (a < b) - (a > b);
}

int column_compare(const struct column *c, const struct row *a, const struct row *b)
{
	char one[256], two[256];
	const char *x, *y;

	if (c->get)
		return compare_numbers(c->get(c, a), c->get(c, b));
	x = c->text(c, a, one, sizeof one);
	y = c->text(c, b, two, sizeof two);
	return strcasecmp(y ? y : "", x ? x : "");
}
