/*
 * format - numbers as people read them, and as programs read them.
 *
 * One rule for the whole screen: bytes carry binary units (B, KiB, MiB, GiB), words carry `w`, times
 * carry us, ms or s, rates end in /s, and what is not known is `-`, never 0. Programs (batch) get the
 * raw number instead. An unknown number travels as NaN.
 */
#ifndef TUI_MODEL_FORMAT_H
#define TUI_MODEL_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum unit {
	UNIT_TEXT,          /* a word, not a number */
	UNIT_PID,           /* <0.N.0>; 0 is nobody */
	UNIT_COUNT,         /* 51100, from a million on 1.23M */
	UNIT_BYTES,         /* 269.1 MiB */
	UNIT_WORDS,         /* 46422 w, from a million on 1.23M w */
	UNIT_US,            /* a span given in microseconds: 12 us, 3.4 ms, 1.2 s */
	UNIT_SECONDS,       /* a span given in seconds: 0.2 s, 45 s, 2m25s, 3h02m */
	UNIT_CLOCK,         /* a moment given in seconds since the start: 00:02:25 */
	UNIT_PERCENT,       /* 0.1%, 42% */
	UNIT_RATIO,         /* 0.97 */
	UNIT_COUNT_RATE,    /* 19.8k/s */
	UNIT_BYTES_RATE,    /* 4.9 MiB/s */
	UNIT_WORDS_RATE,    /* 12.1k w/s */
	UNIT_US_RATE,       /* microseconds a second, shown as a share: 3.1% */
	UNIT_SPARK,         /* a sparkline: the screen draws it from model_process_series */
};

/* Room that any text made here fits in, with its terminator. */
#define FORMAT_SIZE 32

/* Writes a value as people read it; NaN gives "-". Gives `out`. */
char *format_value(char *out, size_t size, enum unit unit, double value);

/* The same with a sign always shown, for differences: "+181.4 MiB", "-3", "0 B". */
char *format_signed(char *out, size_t size, enum unit unit, double value);

/* Writes a value for programs: an integer when it is one, else 6 significant decimals; NaN gives "". */
char *format_raw(char *out, size_t size, double value);

/* "<0.N.0>"; 0 gives "". */
char *format_pid(char *out, size_t size, uint64_t pid);

/* Short forms of format_value. */
char *format_bytes(char *out, size_t size, double bytes);
char *format_count(char *out, size_t size, double count);

/*
 * Reads a number with an optional K, M, G or T (1024 each; an `i` and a `B` after it are accepted):
 * "1M", "1.5G", "200", "-3". False when the text is anything else.
 */
bool format_read_number(const char *text, double *out);

/* The number of a snapshot's field: SNAP_UNKNOWN becomes NaN. */
double format_known(uint64_t field);

/* The unit a value of `unit` has when it is taken per second. */
enum unit format_rate_unit(enum unit unit);

/* True for units of numbers. */
bool format_is_number(enum unit unit);

#endif
