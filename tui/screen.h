/*
 * screen - the terminal: canvases go out, keys and clicks come in. The only file that knows curses.
 *
 *   canvas ──cells that changed──▶ curses ──diff──▶ memory file ──▶ outgoing ──non-blocking──▶ terminal
 *   terminal ──non-blocking──▶ input's gate
 *
 * curses never touches the terminal itself: it writes into a memory file, and what it wrote is sent as
 * the terminal takes it. So a terminal that stops reading costs frames (screen_show refuses while the
 * last frame is still on its way) and never holds up the program; and a test sees the same bytes.
 *
 * However the program ends, the terminal is given back as it was found: by screen_close, or, in a crash
 * of any thread, by a handler that uses nothing but write and tcsetattr on prepared bytes.
 *
 * One screen at a time, from one thread.
 */
#ifndef TUI_SCREEN_H
#define TUI_SCREEN_H

#include "tui/widget/input.h"
#include "tui/widget/canvas.h"

struct screen;

enum screen_problem {
	SCREEN_FINE,
	SCREEN_NOT_A_TERMINAL,
	SCREEN_UNKNOWN_TERM,            /* $TERM names nothing */
	SCREEN_NO_CURSOR,               /* the terminal cannot address its cursor: use --linear */
	SCREEN_FAILED,                  /* the system refused a file or memory */
};

struct screen_options {
	int input, output;              /* file descriptors, borrowed until close */
	const char *term;               /* NULL: $TERM */
	int colours;                    /* -1: what the terminal has; 0: none; else at most that many */
	bool use_mouse;
	int rows, cols;                 /* 0: ask the terminal */
	const struct theme *theme;
};

/* Takes the terminal over. NULL with the reason in *problem; nothing was changed then. */
struct screen *screen_open(const struct screen_options *o, enum screen_problem *problem);

/* Gives it back as it was and frees the screen. NULL is allowed. */
void screen_close(struct screen *s);

/* One sentence about a problem. */
const char *screen_problem_text(enum screen_problem p);

/* What the locale and the terminal can show: the codeset in force, not the text of $LANG. */
enum charset screen_charset(const char *term);

/* The terminal's size as it is now. */
void screen_size(const struct screen *s, int *rows, int *cols);

/* Tells curses that the terminal has another size; what it shows is unknown until the next frame. */
void screen_resize(struct screen *s, int rows, int cols);

/*
 * Shows a canvas. False when the frame was dropped because the terminal has not yet taken the last one;
 * the caller shows a newer one later.
 */
bool screen_show(struct screen *s, const struct canvas *c);

/* Sends what is outgoing, as much as the terminal takes now. True when nothing is left. */
bool screen_flush(struct screen *s);
bool screen_is_busy(const struct screen *s);

/* The next frame is painted whole (Ctrl-L, after a stop). */
void screen_forget(struct screen *s);

/* Gives the terminal back for a while (Ctrl-Z) and takes it again. */
void screen_leave(struct screen *s);
void screen_enter(struct screen *s);

void screen_set_theme(struct screen *s, const struct theme *theme);
void screen_set_mouse(struct screen *s, bool on);

/* Teaches an input the terminal's own keys. */
void screen_teach(const struct screen *s, struct input *in);

/* Reads what the terminal has for us; false when it is gone. */
bool screen_read(struct screen *s, struct input *in, uint64_t now_ms);

/* Descriptors to poll: for reading, and for writing while busy. */
int screen_input_fd(const struct screen *s);
int screen_output_fd(const struct screen *s);

/* Bytes sent and frames dropped since the start. */
uint64_t screen_bytes(const struct screen *s);
uint64_t screen_frames_dropped(const struct screen *s);
int screen_colours(const struct screen *s);

/* The cell of curses' own belief, for tests: glyph, and attributes as in struct paint. */
uint32_t screen_believes(const struct screen *s, int row, int col, uint8_t *attributes);

#endif
