/*
 * map64 - a map of numbers to numbers: open addressing, linear probing, no tombstones.
 *
 * Keys are never 0. Order of walking depends on keys only, never on addresses.
 */
#ifndef RUNTIME_BASE_MAP64_H
#define RUNTIME_BASE_MAP64_H

#include "runtime/base/mem.h"

struct map64_entry { uint64_t key, value; };
struct map64 { struct map64_entry *entries; uint32_t count, room; };

/* All zero is an empty map. */
void map64_release(struct map64 *m, struct mem_lane *lane, enum mem_type type);
/* Room for one more entry, asked for below the soft limit once the map is large; false: the next put might abort. */
bool map64_make_room(struct map64 *m, struct mem_lane *lane, enum mem_type type);
/* Moves all entries to the front, in order of keys, gives how many; the map may then only be sorted again or released. */
uint32_t map64_sort(struct map64 *m);
/* True when the key is new; an old value is replaced. Uses mem_need. */
bool map64_put(struct map64 *m, struct mem_lane *lane, enum mem_type type, uint64_t key, uint64_t value);
/* Another value for a key that is there; needs no memory. False: it is not there. */
bool map64_change(struct map64 *m, uint64_t key, uint64_t value);
bool map64_get(const struct map64 *m, uint64_t key, uint64_t *value);
/* False: it was not there. */
bool map64_remove(struct map64 *m, uint64_t key, uint64_t *value);
/* The next entry from *at on (start with 0); NULL at the end. */
const struct map64_entry *map64_next(const struct map64 *m, uint32_t *at);

#endif
