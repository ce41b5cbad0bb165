/* map64 - see the header. Removal shifts later entries of the same run back (Knuth 6.4, algorithm R). */
#include "runtime/base/map64.h"

#include <string.h>

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

void map64_release(struct map64 *m, struct mem_lane *lane, enum mem_type type)
{
	mem_give(lane, type, m->entries, m->room * sizeof *m->entries);
	*m = (struct map64) { 0 };
}

static void grow(struct map64 *m, struct mem_lane *lane, enum mem_type type)
{
	struct map64 old = *m;
	m->room = old.room ? old.room * 2 : 4;
	m->entries = mem_need(lane, type, m->room * sizeof *m->entries);
	memset(m->entries, 0, m->room * sizeof *m->entries);
	for (uint32_t i = 0; i < old.room; i++)
		if (old.entries[i].key)
			m->entries[find(m, old.entries[i].key)] = old.entries[i];
	mem_give(lane, type, old.entries, old.room * sizeof *old.entries);
}

bool map64_put(struct map64 *m, struct mem_lane *lane, enum mem_type type, uint64_t key, uint64_t value)
{
	if (m->count * 4 >= m->room * 3)
		grow(m, lane, type);
	uint32_t i = find(m, key);
	bool is_new = m->entries[i].key == 0;
	m->entries[i] = (struct map64_entry) { key, value };
	m->count += is_new;
	return is_new;
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
