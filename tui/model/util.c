#include "tui/model/util.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *util_need(void *p)
{
	if (!p) {
		fputs("actop: out of memory for the observer\n", stderr);
		abort();
	}
	return p;
}

void *util_new(size_t count, size_t size) { return util_need(calloc(count ? count : 1, size ? size : 1)); }

void *util_grow(void *array, size_t *room, size_t need, size_t size)
{
	size_t wide = *room ? *room * 2 : 16;

	if (need <= *room)
		return array;
	if (wide < need)
		wide = need;
	array = util_need(realloc(array, wide * size));
	memset((char *) array + *room * size, 0, (wide - *room) * size);
	*room = wide;
	return array;
}

char *util_copy(const char *text) { return text ? util_need(strdup(text)) : NULL; }

size_t util_vprint(char *out, size_t size, const char *format, va_list arguments)
{
	int n;

	if (size == 0)
		return 0;
	n = vsnprintf(out, size, format, arguments);
	if (n < 0)
		*out = '\0', n = 0;
	return (size_t) n < size ? (size_t) n : size - 1;
}

size_t util_print(char *out, size_t size, const char *format, ...)
{
	va_list arguments;
	size_t n;

	va_start(arguments, format);
	n = util_vprint(out, size, format, arguments);
	va_end(arguments);
	return n;
}

/* Key 0 marks an empty place; the id 0 itself is kept as the one key that no id uses. */
#define MAP_ZERO UINT64_MAX

static size_t map_place(const struct util_map *m, uint64_t key)
{
	size_t i = util_hash(key) & (m->room - 1);

	while (m->keys[i] && m->keys[i] != key)
		i = (i + 1) & (m->room - 1);
	return i;
}

static void map_widen(struct util_map *m)
{
	struct util_map old = *m;

	m->room = old.room ? old.room * 2 : 64;
	m->keys = util_new(m->room, sizeof *m->keys);
	m->values = util_new(m->room, sizeof *m->values);
	for (size_t i = 0; i < old.room; i++) {
		size_t to;

		if (!old.keys[i])
			continue;
		to = map_place(m, old.keys[i]);
		m->keys[to] = old.keys[i];
		m->values[to] = old.values[i];
	}
	free(old.keys);
	free(old.values);
}

void util_map_clear(struct util_map *m)
{
	if (m->count)
		memset(m->keys, 0, m->room * sizeof *m->keys);
	m->count = 0;
}

void util_map_release(struct util_map *m)
{
	free(m->keys);
	free(m->values);
	*m = (struct util_map) { 0 };
}

uint32_t util_map_get(const struct util_map *m, uint64_t key)
{
	size_t i;

	if (!m->count)
		return UINT32_MAX;
	i = map_place(m, key ? key : MAP_ZERO);
	return m->keys[i] ? m->values[i] : UINT32_MAX;
}

void util_map_set(struct util_map *m, uint64_t key, uint32_t value)
{
	size_t i;

	if ((m->count + 1) * 2 > m->room)
		map_widen(m);
	i = map_place(m, key ? key : MAP_ZERO);
	m->count += !m->keys[i];
	m->keys[i] = key ? key : MAP_ZERO;
	m->values[i] = value;
}

size_t util_vcomplain(char *out, size_t size, const char *format, va_list arguments)
{
	size_t n = util_vprint(out, size, format, arguments);

	for (size_t i = 0; i < n; i++)
		if ((unsigned char) out[i] < ' ' || out[i] == 0x7f)
			out[i] = '?';
	return n;
}

size_t util_complain(char *out, size_t size, const char *format, ...)
{
	va_list arguments;
	size_t n;

	va_start(arguments, format);
	n = util_vcomplain(out, size, format, arguments);
	va_end(arguments);
	return n;
}
