/*
 * util - the few helpers that every file of the front end's model needs.
 *
 * The front end is a guest of the runtime and uses nothing of its allocator: its own memory is plain
 * malloc, so that what the observer costs never mixes with what it observes. No memory ends the
 * program with one line: an observer without memory has nothing left to say.
 */
#ifndef TUI_MODEL_UTIL_H
#define TUI_MODEL_UTIL_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UTIL_LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* Zeroed memory for count things of size bytes; never NULL. Free with free(). */
void *util_new(size_t count, size_t size);

/*
 * Makes room for `need` things in a growing array and gives its new place; *room is the array's
 * capacity and at least doubles, the added part is zeroed. `array` may be NULL when *room is 0.
 */
void *util_grow(void *array, size_t *room, size_t need, size_t size);

/* A copy of `text` that the caller frees. NULL gives NULL. */
char *util_copy(const char *text);

/* snprintf that always terminates and gives the length really written. */
size_t util_print(char *out, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));
size_t util_vprint(char *out, size_t size, const char *format, va_list arguments);

/* The same for what is said about a text of the user's: one line, and no byte in it drives a terminal. */
size_t util_complain(char *out, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));
size_t util_vcomplain(char *out, size_t size, const char *format, va_list arguments);

/* The 64-bit mixer used by all hash tables here; no decision depends on an address. */
static inline uint64_t util_hash(uint64_t x)
{
	x ^= x >> 33;
	x *= UINT64_C(0xff51afd7ed558ccd);
	x ^= x >> 33;
	return x;
}

/*
 * A map from a 64-bit id to an index: open addressing, no deletion but of everything. It is made anew
 * for every sample, so it needs nothing more.
 */
struct util_map { uint64_t *keys; uint32_t *values; size_t room, count; };

/* Empties the map, keeping its memory. */
void util_map_clear(struct util_map *m);

/* Gives the map's memory back; it may be used again. */
void util_map_release(struct util_map *m);

/* The value of a key, or UINT32_MAX. */
uint32_t util_map_get(const struct util_map *m, uint64_t key);

/* Sets the value of a key. */
void util_map_set(struct util_map *m, uint64_t key, uint32_t value);

#endif
