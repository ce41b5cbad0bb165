/* map64 - see the header. Removal shifts later entries of the same run back (Knuth 6.4, algorithm R). */
#include "runtime/base/map64.h"

#include <stdlib.h>
#include <string.h>

/* A map of so many bytes is a fixed small structure, which must be had. */
#define SMALL_BYTES 4096u

static uint32_t home(const struct map64 *m, uint64_t key)
{
	return (uint32_t) (key * UINT64_C(0x9e3779b97f4a7c15) >> 32) & (m->room - 1);
}

static uint32_t find(const struct map64 *m, uint64_t key)
{
	uint32_t i = home(m, key);
	while (m->entries[i].key != 0 && m->entries[i].key != key)
		i = (i + 1) & (m->room - 1);
	return i;
}

static size_t entry_bytes(uint32_t room) { return (size_t) room * sizeof(struct map64_entry); }

void map64_release(struct map64 *m, struct mem_lane *lane, enum mem_type type)
{
	mem_give(lane, type, m->entries, entry_bytes(m->room));
	*m = (struct map64) { 0 };
}

static void move_to(struct map64 *m, struct mem_lane *lane, enum mem_type type, struct map64_entry *entries, uint32_t room)
{
	struct map64 old = *m;
	memset(entries, 0, entry_bytes(room));
	m->room = room;
	m->entries = entries;
	for (uint32_t i = 0; i < old.room; i++)
		if (old.entries[i].key)
			m->entries[find(m, old.entries[i].key)] = old.entries[i];
	mem_give(lane, type, old.entries, entry_bytes(old.room));
}

static bool is_full(const struct map64 *m) { return (uint64_t) m->count * 4 >= (uint64_t) m->room * 3; }
static uint32_t next_room(const struct map64 *m) { return m->room ? m->room * 2 : 4; }

bool map64_make_room(struct map64 *m, struct mem_lane *lane, enum mem_type type)
{
	size_t bytes = entry_bytes(next_room(m));
	if (!is_full(m) || bytes <= SMALL_BYTES)
		return true;
	struct map64_entry *entries = mem_alloc(lane, type, bytes, MEM_ASK);
	if (entries)
		move_to(m, lane, type, entries, next_room(m));
	return entries != NULL;
}

static int by_key(const void *a, const void *b)
{
	uint64_t x = ((const struct map64_entry *) a)->key, y = ((const struct map64_entry *) b)->key;
	return x < y ? -1 : x > y;
}

uint32_t map64_sort(struct map64 *m)
{
	uint32_t n = 0;
	for (uint32_t i = 0; i < m->room; i++)
		if (m->entries[i].key)
			m->entries[n++] = m->entries[i];
	if (n < m->room)
		memset(&m->entries[n], 0, entry_bytes(m->room - n));
	if (n)
		qsort(m->entries, n, sizeof *m->entries, by_key);
	return n;
}

bool map64_put(struct map64 *m, struct mem_lane *lane, enum mem_type type, uint64_t key, uint64_t value)
{
	if (is_full(m))
		move_to(m, lane, type, mem_need(lane, type, entry_bytes(next_room(m))), next_room(m));
	uint32_t i = find(m, key);
	bool is_new = m->entries[i].key == 0;
	m->entries[i] = (struct map64_entry) { key, value };
	m->count += is_new;
	return is_new;
}

bool map64_change(struct map64 *m, uint64_t key, uint64_t value)
{
	if (!map64_get(m, key, NULL))
		return false;
	m->entries[find(m, key)].value = value;
	return true;
}

bool map64_get(const struct map64 *m, uint64_t key, uint64_t *value)
{
	if (m->count == 0)
		return false;
	uint32_t i = find(m, key);
	if (m->entries[i].key == 0)
		return false;
	if (value)
		*value = m->entries[i].value;
	return true;
}

bool map64_remove(struct map64 *m, uint64_t key, uint64_t *value)
{
	if (!map64_get(m, key, value))
		return false;
	uint32_t hole = find(m, key);
	for (uint32_t i = hole;;) {
		i = (i + 1) & (m->room - 1);
		if (m->entries[i].key == 0)
			break;
		uint32_t at = home(m, m->entries[i].key);
		/* An entry whose home lies cyclically in (hole, i] may stay. */
		if (((i - at) & (m->room - 1)) < ((i - hole) & (m->room - 1)))
			continue;
		m->entries[hole] = m->entries[i];
		hole = i;
	}
	m->entries[hole] = (struct map64_entry) { 0, 0 };
	m->count--;
	return true;
}

const struct map64_entry *map64_next(const struct map64 *m, uint32_t *at)
{
	while (*at < m->room)
		if (m->entries[(*at)++].key)
			return &m->entries[*at - 1];
	return NULL;
}
