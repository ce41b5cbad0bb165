/*
 * input - bytes of a terminal become keys, clicks and pasted text.
 *
 *   tty ──bytes──▶ input_feed ──▶ gate: holds what is not complete ──▶ input_next ──▶ struct event
 *
 * The gate is why a mouse report cut in half cannot freeze or confuse the program: nothing is decoded
 * before it is whole. A lone ESC waits 25 ms for company, a mouse report or the end of a paste 500 ms;
 * what never becomes whole is dropped. Time is the caller's, so tests need no waiting.
 *
 * Sequences come from the terminal's own description (input_learn) and from the common dialects.
 */
#ifndef TUI_WIDGET_INPUT_H
#define TUI_WIDGET_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Keys above all code points; below are characters, and control characters as 1 to 26. */
enum key {
	KEYS_ABOVE = 0x110000,
	K_UP, K_DOWN, K_LEFT, K_RIGHT, K_PAGE_UP, K_PAGE_DOWN, K_HOME, K_END, K_INSERT, K_DELETE, K_ENTER, K_ESCAPE,
	K_TAB, K_BACK_TAB, K_BACKSPACE,
	K_F1, K_F2, K_F3, K_F4, K_F5, K_F6, K_F7, K_F8, K_F9, K_F10, K_F11, K_F12,
	K_UNKNOWN,              /* a sequence that nobody knows, swallowed whole */
};

#define K_CTRL(letter) ((uint32_t) (letter) & 31u)

enum event_kind { EVENT_NONE, EVENT_KEY, EVENT_PASTE, EVENT_CLICK, EVENT_WHEEL };

struct event {
	enum event_kind kind;
	uint32_t key;           /* EVENT_KEY; EVENT_PASTE: one pasted character */
	int row, col;           /* mouse: from 0 */
	int wheel;              /* -1 up, 1 down */
};

#define INPUT_ROOM 1024
#define INPUT_LEARNED 32

struct input {
	unsigned char bytes[INPUT_ROOM];
	size_t count;
	uint64_t since_ms;      /* when the first held byte came: what follows does not lengthen its wait */
	uint64_t last_ms;       /* when the last one came */
	bool is_pasting;
	struct { char sequence[16]; uint32_t key; } learned[INPUT_LEARNED];
	size_t learned_count;
};

void input_init(struct input *in);

/* Teaches a sequence of the terminal at hand; what begins without ESC or is too long is ignored. */
void input_learn(struct input *in, const char *sequence, uint32_t key);

/* Adds bytes as they came; more than there is room for are dropped, oldest kept. Gives how many were taken. */
size_t input_feed(struct input *in, const void *bytes, size_t count, uint64_t now_ms);

/* The next event that is whole by now; false when there is none. */
bool input_next(struct input *in, uint64_t now_ms, struct event *out);

/* Milliseconds until held bytes are due; -1 when none are held. */
int input_wait_ms(const struct input *in, uint64_t now_ms);

/* Drops everything held: a terminal that was stalled must not replay stale keys. */
void input_clear(struct input *in);

/* "Enter", "PgUp", "F5", "Space", "Ctrl-L", "g": how a key is written in help and scripts. Gives `out`. */
const char *input_key_name(uint32_t key, char *out, size_t size);

/* The key of such a name; 0 when there is none. */
uint32_t input_key_of(const char *name);

#endif
