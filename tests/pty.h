/*
 * pty - a program in a pseudo terminal, with an emulator behind it: what a user would see of it.
 *
 *   struct run r = run_new("./actop", "xterm-256color", 24, 80, arguments);
 *   run_until_shows(&r, "q quit");  run_type(&r, "q");  run_until_ended(&r);  run_free(&r);
 *
 * Nothing sleeps: each wait ends with what it waits for, or with a time limit that only a failure meets.
 */
#ifndef TESTS_PTY_H
#define TESTS_PTY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <termios.h>

#include "tests/terminal.h"

#define RUN_PATIENCE_MS 15000

struct run {
	pid_t pid;                      /* 0: it has ended */
	int master, rows, cols;
	struct terminal *terminal;      /* NULL without libvterm */
	struct termios before;          /* the modes of the terminal before it started */
	size_t bytes;                   /* read so far */
	size_t clears;                  /* whole screens erased so far */
	char tail[160];                 /* the last bytes that came */
};

uint64_t run_now_us(void);

/* Are there pseudo terminals here? In a bare root folder devpts may not be mounted. */
bool run_is_possible(void);

/* The program under test: $ACTOP or ./actop. */
const char *run_program(void);

/*
 * Starts it with at most ten arguments (NULL ends them) and no configuration. The other side of the terminal stays
 * open here too, so that its modes can be read when the program has ended.
 */
struct run run_new(const char *program, const char *term, int rows, int cols, const char *const *arguments);

/* Reads what has come, waiting at most so long for it; false when the program closed its side. */
bool run_take(struct run *r, int wait_ms);

/* Until the screen has the text; false after the patience, or when it ended without. */
bool run_until_shows(struct run *r, const char *text);
bool run_until_more_bytes(struct run *r);

/* Until it ends; its wait status, -1 when it does not. */
int run_until_ended(struct run *r);

/* Writes all of it; false when the terminal takes no more. */
bool run_write(struct run *r, const void *bytes, size_t count);
bool run_type(struct run *r, const char *text);

/* Changes the size of the terminal and of the emulator. */
void run_resize(struct run *r, int rows, int cols);

/* Ends it when it still lives. */
void run_free(struct run *r);

#endif
