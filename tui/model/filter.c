#include "tui/model/filter.h"
#include "tui/model/util.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define FILTER_TESTS 16
#define FILTER_WORD 120

enum operator { OP_EQUAL, OP_OTHER, OP_LESS, OP_MOST, OP_MORE, OP_LEAST, OP_LIKE, OP_UNLIKE, OP_ANY, OP_NONE };

struct test {
	enum operator operator;
	const struct column *column;    /* NULL for OP_ANY and OP_NONE */
	bool is_number;
	double number;
	char word[FILTER_WORD];
};

struct filter {
	enum row_kind kind;
	size_t count;
	struct test tests[FILTER_TESTS];
	char *text;
};

/* The longer signs first, so that <= is not read as <. */
static const struct { const char *sign; enum operator operator; } signs[] = {
	{ "!=", OP_OTHER }, { "<=", OP_MOST }, { ">=", OP_LEAST }, { "!~", OP_UNLIKE }, { "==", OP_EQUAL }, { "=", OP_EQUAL },
	{ "<", OP_LESS }, { ">", OP_MORE }, { "~", OP_LIKE },
};

/* ---- reading ---- */

/* One word from *at, which may have a part in double quotes; moves on. False: a quote is not closed. */
static bool take_word(const char **at, char *out, size_t size)
{
	bool quoted = false;
	size_t n = 0;

	for (; **at && (quoted || (**at != ' ' && **at != '\t')); (*at)++) {
		if (**at == '"')
			quoted = !quoted;
		else if (n + 1 < size)
			out[n++] = **at;
	}
	out[n] = '\0';
	return !quoted;
}

static bool split_test(const char *word, char *key, size_t size, size_t *sign, const char **value)
{
	size_t n = strcspn(word, "=!<>~");

	if (!word[n])
		return false;
	for (size_t i = 0; i < UTIL_LENGTH(signs); i++) {
		if (strncmp(word + n, signs[i].sign, strlen(signs[i].sign)) != 0)
			continue;
		util_print(key, size, "%.*s", (int) n, word);
		*sign = i;
		*value = word + n + strlen(signs[i].sign);
		return true;
	}
	return false;
}

static bool is_ordering(enum operator op) { return op >= OP_LESS && op <= OP_LEAST; }

static bool is_like(enum operator op) { return op == OP_LIKE || op == OP_UNLIKE; }

/* Numbers are compared as numbers unless the column is a word or the sign asks for likeness. */
static bool read_value(struct test *t, const char *key, const char *value, char *error, size_t size)
{
	if (!*value && (is_ordering(t->operator) || is_like(t->operator)))
		return util_complain(error, size, "\"%s\" is compared with nothing", key), false;
	util_print(t->word, sizeof t->word, "%s", value);
	if (t->column->text && !is_ordering(t->operator))
		return true;
	if (!t->column->get)
		return util_complain(error, size, "%s is a word: use = != ~ or !~", t->column->key), false;
	if (is_like(t->operator))
		return util_complain(error, size, "%s is a number: use = != < <= > or >=", t->column->key), false;
	t->is_number = true;
	if (strcmp(value, "true") == 0 || strcmp(value, "false") == 0)
		t->number = *value == 't';
	else if (!format_read_number(value, &t->number))
		return util_complain(error, size, "\"%.40s\" is no number (K M G are 1024)", value), false;
	return true;
}

static bool read_test(struct filter *f, const char *word, char *error, size_t size)
{
	struct test *t = &f->tests[f->count];
	char key[FILTER_WORD];
	const char *value;
	size_t sign;

	if (f->count == FILTER_TESTS)
		return util_complain(error, size, "more than %d tests in a filter", FILTER_TESTS), false;
	if (!split_test(word, key, sizeof key, &sign, &value)) {
		t->operator = *word == '-' && word[1] ? OP_NONE : OP_ANY;
		util_print(t->word, sizeof t->word, "%s", word + (t->operator == OP_NONE));
		f->count++;
		return true;
	}
	if (!*key)
		return util_complain(error, size, "a column is missing before \"%s\"", signs[sign].sign), false;
	t->operator = signs[sign].operator;
	t->column = columns_find(f->kind, key);
	if (!t->column)
		return util_complain(error, size, "no column \"%.40s\" in %s", key, columns_kind_plural(f->kind)), false;
	if (!read_value(t, key, value, error, size))
		return false;
	f->count++;
	return true;
}

struct filter *filter_new(enum row_kind kind, const char *text, char *error, size_t error_size)
{
	struct filter *f = util_new(1, sizeof *f);
	const char *at = text;
	char word[FILTER_WORD];

	f->kind = kind;
	f->text = util_copy(text);
	for (;;) {
		at += strspn(at, " \t");
		if (!*at)
			return f;
		if (!take_word(&at, word, sizeof word)) {
			util_complain(error, error_size, "a quote is not closed");
			break;
		}
		if (*word && !read_test(f, word, error, error_size))
			break;
	}
	filter_free(f);
	return NULL;
}

void filter_free(struct filter *f)
{
	if (!f)
		return;
	free(f->text);
	free(f);
}

/* ---- testing ---- */

static bool pass_number(const struct test *t, double v)
{
	if (isnan(v))
		return false;
	switch (t->operator) {
	case OP_EQUAL: return v == t->number;
	case OP_OTHER: return v != t->number;
	case OP_LESS: return v < t->number;
	case OP_MOST: return v <= t->number;
	case OP_MORE: return v > t->number;
	case OP_LEAST: return v >= t->number;
	default: return false;
	}
}

/* "<0.12.0>" is also met by 12: nobody types the brackets twice. */
static bool same_word(const struct test *t, const struct row *r, const char *text)
{
	char raw[FORMAT_SIZE];

	if (strcasecmp(text, t->word) == 0)
		return true;
	if (t->column->unit != UNIT_PID)
		return false;
	return strcmp(format_raw(raw, sizeof raw, t->column->get(t->column, r)), t->word) == 0;
}

static bool pass_word(const struct test *t, const struct row *r)
{
	char buffer[256];
	const char *text = t->column->text(t->column, r, buffer, sizeof buffer);

	if (!text)
		return false;
	switch (t->operator) {
	case OP_EQUAL: return same_word(t, r, text);
	case OP_OTHER: return !same_word(t, r, text);
	case OP_LIKE: return strcasestr(text, t->word) != NULL;
	case OP_UNLIKE: return strcasestr(text, t->word) == NULL;
	default: return false;
	}
}

/* A bare word: any word of the row contains it. */
static bool pass_any(const struct test *t, const struct row *r)
{
	size_t count;
	const struct column *all = columns_of(r->kind, &count);

	for (size_t i = 0; i < count; i++) {
		char buffer[256];
		const char *text = all[i].text ? all[i].text(&all[i], r, buffer, sizeof buffer) : NULL;

		if (text && strcasestr(text, t->word))
			return true;
	}
	return false;
}

static bool pass_test(const struct test *t, const struct row *r)
{
	if (!t->column)
		return pass_any(t, r) == (t->operator == OP_ANY);
	return t->is_number ? pass_number(t, t->column->get(t->column, r)) : pass_word(t, r);
}

bool filter_pass(const struct filter *f, const struct row *r)
{
	for (size_t i = 0; f && i < f->count; i++)
		if (!pass_test(&f->tests[i], r))
			return false;
	return true;
}

bool filter_is_empty(const struct filter *f) { return !f || f->count == 0; }

const char *filter_text(const struct filter *f) { return f ? f->text : ""; }

uint64_t filter_rate_fields(const struct filter *f)
{
	uint64_t fields = 0;

	for (size_t i = 0; f && i < f->count; i++)
		if (f->tests[i].column && f->tests[i].column->flags & COLUMN_RATE)
			fields |= UINT64_C(1) << f->tests[i].column->field;
	return fields;
}

size_t filter_columns(const struct filter *f, const struct column **out, size_t room)
{
	size_t n = 0;

	for (size_t i = 0; f && i < f->count && n < room; i++)
		if (f->tests[i].column)
			out[n++] = f->tests[i].column;
	return n;
}
