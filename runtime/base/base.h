/*
 * base - the few words that every file uses: checks, lengths, containers.
 *
 * CHECK is for broken invariants and stays on in every build: it prints the reason and aborts.
 * CHECK_DEEP costs time and runs only where a debug world asks for it (world.h, switches.gc_verify).
 */
#ifndef RUNTIME_BASE_H
#define RUNTIME_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CACHE_LINE 64u
#define WORD_BYTES 8u

#define ARRAY_COUNT(a) (sizeof (a) / sizeof *(a))
#define CONTAINER_OF(pointer, type, member) ((type *) (void *) ((char *) (pointer) - offsetof(type, member)))
#define LIKELY(x) __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)
#define ALWAYS_INLINE static inline __attribute__((always_inline))
#define NOINLINE __attribute__((noinline))
#define PRINTF_LIKE(string, first) __attribute__((format(printf, string, first)))

/* Prints "file:line: what failed: reason" on stderr and aborts. Any thread. */
_Noreturn void check_failed(const char *file, int line, const char *what, const char *format, ...) PRINTF_LIKE(4, 5);

#define CHECK(condition, ...) \
	((void) (LIKELY(condition) ? 0 : (check_failed(__FILE__, __LINE__, #condition, __VA_ARGS__), 0)))

static inline size_t size_min(size_t a, size_t b) { return a < b ? a : b; }
static inline size_t size_max(size_t a, size_t b) { return a > b ? a : b; }

#endif
