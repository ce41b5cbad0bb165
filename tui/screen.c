/*
 * screen - see screen.h.
 *
 * The terminal's modes are ours as well, since curses does not see a terminal: no line editing, no echo,
 * no flow control (Ctrl-S would freeze the screen), no output processing; signals by key stay.
 */
#include "tui/screen.h"

#include <curses.h>
#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

#define COUNT(a) (sizeof (a) / sizeof (a)[0])
#define PAIRS 256
#define RESTORE_ROOM 256
#define STACK_BYTES 65536
#define LEAVE_WAIT_MS 1000

/* What a handler needs to give the terminal back; nothing in here is a pointer. */
struct restore {
	int fd;
	bool has_modes;
	volatile sig_atomic_t is_crashing;
	struct termios modes;
	size_t length;
	char bytes[RESTORE_ROOM];
};

struct screen {
	SCREEN *curses;
	FILE *memory, *nothing;
	int memory_fd, input, output;
	bool owns_input, is_entered, has_mouse, use_mouse, is_forgotten;
	struct termios modes;
	const struct theme *theme;
	int colours, pair_most, pair_count;
	struct { int16_t fore, back; } pair[PAIRS];
	struct canvas shown;
	char *outgoing;
	size_t sent, length, room;
	uint64_t bytes, dropped;
	struct restore restore;
	size_t cursor_at;               /* where in it the cursor is shown again */
	void *stack;
	struct sigaction before[8];
};

/*
 * The one variable of the program that is not in a struct: a signal handler gets no argument, and the
 * terminal and the signal dispositions it restores belong to the process as a whole, not to a world.
 */
static struct restore *volatile restore_now;

static const int crashes[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };

const char *screen_problem_text(enum screen_problem p)
{
	static const char *const text[] = {
		[SCREEN_FINE] = "fine",
		[SCREEN_NOT_A_TERMINAL] = "this is not a terminal; use --batch or --linear",
		[SCREEN_UNKNOWN_TERM] = "TERM names no known terminal; use --batch or --linear",
		[SCREEN_NO_CURSOR] = "this terminal cannot move its cursor; use --batch or --linear",
		[SCREEN_FAILED] = "the terminal could not be set up; use --batch",
	};
	return text[p];
}

enum charset screen_charset(const char *term)
{
	if (strcmp(nl_langinfo(CODESET), "UTF-8"))
		return CHARSET_ASCII;
	return term && !strcmp(term, "linux") ? CHARSET_BLOCKS : CHARSET_BRAILLE;
}

/* ---- crash ---- */

static void write_all(int fd, const char *bytes, size_t length)
{
	while (length) {
		ssize_t n = write(fd, bytes, length);
		if (n <= 0)
			return;
		bytes += n;
		length -= (size_t) n;
	}
}

/* Async-signal-safe: write, tcsetattr, signal, raise. */
static void on_crash(int number)
{
	static const char said[] = "\r\nactop: crashed; the terminal was restored\r\n";
	struct restore *r = restore_now;
	int before = errno;

	if (r && !r->is_crashing) {
		r->is_crashing = 1;
		write_all(r->fd, r->bytes, r->length);
		if (r->has_modes)
			tcsetattr(r->fd, TCSANOW, &r->modes);
		write_all(STDERR_FILENO, said, sizeof said - 1);
	}
	errno = before;
	signal(number, SIG_DFL);
	raise(number);
}

static void crash_arm(struct screen *s)
{
	struct sigaction act = { .sa_handler = on_crash, .sa_flags = SA_ONSTACK };

	s->stack = malloc(STACK_BYTES);
	if (s->stack)
		sigaltstack(&(stack_t) { .ss_sp = s->stack, .ss_size = STACK_BYTES }, NULL);
	sigemptyset(&act.sa_mask);
	restore_now = &s->restore;
	for (size_t i = 0; i < COUNT(crashes); i++)
		sigaction(crashes[i], &act, &s->before[i]);
}

static void crash_disarm(struct screen *s)
{
	restore_now = NULL;
	for (size_t i = 0; i < COUNT(crashes); i++)
		sigaction(crashes[i], &s->before[i], NULL);
	sigaltstack(&(stack_t) { .ss_flags = SS_DISABLE }, NULL);
	free(s->stack);
}

/* Appends a capability without its padding. */
static void restore_add(struct restore *r, const char *sequence)
{
	if (!sequence || sequence == (char *) -1)
		return;
	for (const char *at = sequence; *at; at++) {
		if (at[0] == '$' && at[1] == '<') {
			at = strchr(at, '>');
			if (!at)
				return;
		} else if (r->length < sizeof r->bytes) {
			r->bytes[r->length++] = *at;
		}
	}
}

static void restore_prepare(struct screen *s)
{
	struct restore *r = &s->restore;

	r->fd = s->output;
	r->modes = s->modes;
	restore_add(r, "\030");         /* ends a sequence that was cut off */
	if (s->has_mouse)
		restore_add(r, "\033[?1006l\033[?1000l\033[?2004l");
	restore_add(r, tigetstr("sgr0"));
	restore_add(r, tigetstr("rmkx"));
	restore_add(r, tigetstr("rmcup"));
	s->cursor_at = r->length;
	restore_add(r, tigetstr("cnorm"));      /* last: leaving the other screen may bring back a cursor hidden there */
}

/* ---- bytes out ---- */

static void out_add(struct screen *s, const char *bytes, size_t length)
{
	if (s->length + length > s->room) {
		size_t room = (s->length + length) * 2;
		char *more = realloc(s->outgoing, room);
		if (!more)
			return;
		s->outgoing = more;
		s->room = room;
	}
	memcpy(s->outgoing + s->length, bytes, length);
	s->length += length;
}

/* Moves what curses wrote from the memory file to the outgoing bytes. */
static void out_collect(struct screen *s)
{
	off_t end = lseek(s->memory_fd, 0, SEEK_CUR);
	char part[4096];

	lseek(s->memory_fd, 0, SEEK_SET);
	for (off_t at = 0; at < end;) {
		size_t want = (size_t) (end - at) < sizeof part ? (size_t) (end - at) : sizeof part;
		ssize_t n = read(s->memory_fd, part, want);
		if (n <= 0)
			break;
		out_add(s, part, (size_t) n);
		at += n;
	}
	lseek(s->memory_fd, 0, SEEK_SET);
}

bool screen_flush(struct screen *s)
{
	while (s->sent < s->length && !s->restore.is_crashing) {
		ssize_t n = write(s->output, s->outgoing + s->sent, s->length - s->sent);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno != EAGAIN)
			n = (ssize_t) (s->length - s->sent);            /* nobody is there any more: a frame for nobody is out */
		if (n <= 0)
			break;
		s->sent += (size_t) n;
		s->bytes += (uint64_t) n;
	}
	if (s->sent < s->length)
		return false;
	s->sent = s->length = 0;
	return true;
}

bool screen_is_busy(const struct screen *s)
{
	return s->sent < s->length;
}

/* ---- taking and giving the terminal ---- */

static void modes_take(struct screen *s)
{
	struct termios raw = s->modes;

	if (!s->restore.has_modes)
		return;
	raw.c_iflag &= ~(tcflag_t) (IXON | ICRNL | INLCR | IGNCR | ISTRIP);
	raw.c_oflag &= ~(tcflag_t) OPOST;
	raw.c_lflag &= ~(tcflag_t) (ICANON | ECHO | IEXTEN);
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	tcsetattr(s->output, TCSADRAIN, &raw);
}

static void mouse_switch(struct screen *s, bool on)
{
	const char *text = on ? "\033[?1000h\033[?1006h" : "\033[?1006l\033[?1000l";

	if (s->has_mouse)
		out_add(s, text, strlen(text));
}

static void paste_switch(struct screen *s, bool on)
{
	if (s->has_mouse)
		out_add(s, on ? "\033[?2004h" : "\033[?2004l", 8);
}

void screen_enter(struct screen *s)
{
	if (s->is_entered)
		return;
	s->is_entered = true;
	modes_take(s);
	paste_switch(s, true);
	if (s->use_mouse)
		mouse_switch(s, true);
	screen_forget(s);
	screen_flush(s);
}

static bool out_wait(struct screen *s)
{
	return poll(&(struct pollfd) { s->output, POLLOUT, 0 }, 1, LEAVE_WAIT_MS) > 0;
}

/*
 * The terminal may be stalled. It is given time for the rest of the frame; if it does not take that, the
 * frame is cut off and only what restores it is offered once more. Modes come back in any case.
 */
static void out_drain(struct screen *s)
{
	while (!screen_flush(s))
		if (!out_wait(s))
			break;
	if (screen_is_busy(s))
		write_all(s->output, s->restore.bytes, s->restore.length);
	s->sent = s->length = 0;
}

void screen_leave(struct screen *s)
{
	if (!s->is_entered)
		return;
	s->is_entered = false;
	mouse_switch(s, false);
	paste_switch(s, false);
	endwin();
	out_collect(s);
	out_add(s, s->restore.bytes + s->cursor_at, s->restore.length - s->cursor_at);
	out_drain(s);
	if (s->restore.has_modes)
		tcsetattr(s->output, TCSADRAIN, &s->modes);
}

/* An open of our own, so that not blocking does not touch the description that the shell shares. */
static int reopen(int fd, int flags, bool *owns)
{
	const char *name = isatty(fd) ? ttyname(fd) : NULL;
	int mine = name ? open(name, flags | O_NONBLOCK | O_NOCTTY | O_CLOEXEC) : -1;

	if (mine < 0 && isatty(fd))
		mine = open("/dev/tty", flags | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	*owns = mine >= 0;
	return mine >= 0 ? mine : fd;
}

static bool capability_has(const char *name)
{
	char *text = tigetstr(name);

	return text && text != (char *) -1;
}

static enum screen_problem curses_start(struct screen *s, const char *term)
{
	s->memory_fd = memfd_create("screen", MFD_CLOEXEC);
	s->memory = s->memory_fd < 0 ? NULL : fdopen(s->memory_fd, "w+");
	s->nothing = fopen("/dev/null", "r");
	if (!s->memory || !s->nothing)
		return SCREEN_FAILED;
	s->curses = newterm(term, s->memory, s->nothing);
	if (!s->curses)
		return SCREEN_UNKNOWN_TERM;
	return capability_has("cup") && capability_has("clear") ? SCREEN_FINE : SCREEN_NO_CURSOR;
}

static void colours_start(struct screen *s, int wanted)
{
	s->colours = 0;
	if (wanted == 0 || !has_colors() || start_color() == ERR)
		return;
	bool has_own = use_default_colors() == OK;
	s->colours = COLORS >= 256 ? 256 : COLORS >= 16 ? 16 : COLORS >= 8 ? 8 : 0;
	if (COLORS > 256)
		s->colours = 8;         /* direct colour: only the first eight numbers are palette entries */
	if (wanted > 0 && wanted < s->colours)
		s->colours = wanted;
	if (!has_own)
		s->colours = 0;
	s->pair_most = COLOR_PAIRS < PAIRS ? COLOR_PAIRS : PAIRS;
	s->pair_count = 1;
	/* Nothing is drawn in pair 0: leaving it makes curses reset all attributes, four bytes more at each change. */
	s->pair[0].fore = s->pair[0].back = -2;
}

static void curses_stop(struct screen *s)
{
	if (s->curses)
		delscreen(s->curses);
	if (s->memory)
		fclose(s->memory);
	if (s->nothing)
		fclose(s->nothing);
}

struct screen *screen_open(const struct screen_options *o, enum screen_problem *problem)
{
	struct screen *s = calloc(1, sizeof *s);
	const char *term = o->term ? o->term : getenv("TERM");
	bool ignored;

	*problem = SCREEN_FAILED;
	if (!s)
		return NULL;
	*problem = curses_start(s, term);
	if (*problem != SCREEN_FINE) {
		curses_stop(s);
		free(s);
		return NULL;
	}
	s->output = reopen(o->output, O_RDWR, &ignored);
	s->owns_input = ignored;
	s->input = ignored && isatty(o->input) ? s->output : o->input;
	s->restore.has_modes = tcgetattr(s->output, &s->modes) == 0;
	s->theme = o->theme;
	s->has_mouse = capability_has("kmous") || (term && strstr(term, "xterm"));
	s->use_mouse = o->use_mouse;
	nonl();
	curs_set(0);
	colours_start(s, o->colours);
	canvas_init(&s->shown, CHARSET_BRAILLE);
	restore_prepare(s);
	crash_arm(s);
	screen_enter(s);
	int rows = o->rows, cols = o->cols;
	if (!rows || !cols)
		screen_size(s, &rows, &cols);
	screen_resize(s, rows, cols);
	return s;
}

void screen_close(struct screen *s)
{
	if (!s)
		return;
	screen_leave(s);
	crash_disarm(s);
	curses_stop(s);
	if (s->owns_input)
		close(s->output);
	canvas_release(&s->shown);
	free(s->outgoing);
	free(s);
}

/* ---- size ---- */

void screen_size(const struct screen *s, int *rows, int *cols)
{
	struct winsize size;

	if (ioctl(s->output, TIOCGWINSZ, &size) == 0 && size.ws_row && size.ws_col) {
		*rows = size.ws_row;
		*cols = size.ws_col;
	} else {
		*rows = 24;
		*cols = 80;
	}
}

void screen_resize(struct screen *s, int rows, int cols)
{
	resize_term(rows, cols);
	screen_forget(s);
}

void screen_forget(struct screen *s)
{
	s->is_forgotten = true;
}

/* ---- frames ---- */

static int pair_of(struct screen *s, int16_t fore, int16_t back)
{
	for (int i = 0; i < s->pair_count; i++)
		if (s->pair[i].fore == fore && s->pair[i].back == back)
			return i;
	if (s->pair_count >= s->pair_most)
		return 0;
	s->pair[s->pair_count].fore = fore;
	s->pair[s->pair_count].back = back;
	init_extended_pair(s->pair_count, fore, back);
	return s->pair_count++;
}

static attr_t attributes_of(uint8_t a)
{
	return (a & PAINT_BOLD ? A_BOLD : 0) | (a & PAINT_DIM ? A_DIM : 0) | (a & PAINT_UNDERLINE ? A_UNDERLINE : 0)
		| (a & PAINT_REVERSE ? A_REVERSE : 0);
}

static void cell_show(struct screen *s, int row, int col, struct cell cell)
{
	struct paint p = cell_paint(&cell, s->theme, s->colours);
	int pair = s->colours ? pair_of(s, p.fore, p.back) : 0;
	wchar_t text[2] = { (wchar_t) cell.glyph, 0 };
	cchar_t shown;

	if (cell.width == 0)
		return;
	setcchar(&shown, text, attributes_of(p.attributes), (short) pair, &pair);
	mvadd_wch(row, col, &shown);
}

/*
 * Nobody sees the colour of a blank: it takes that of the cell before it, which saves the bytes of switching
 * there and back in every gap of a table. Without colours a role may be reverse or underlined, and shows.
 */
static struct cell cell_seen(const struct screen *s, const struct cell *cell, const struct cell *before)
{
	struct cell seen = *cell;

	if (s->colours && before && cell->glyph == ' ' && cell->ground == before->ground)
		seen.role = before->role;
	return seen;
}

/* Only cells that changed are told to curses; it finds the cheapest bytes for them. */
static void cells_show(struct screen *s, const struct canvas *c, bool all)
{
	for (int row = 0; row < c->rows; row++) {
		struct cell *shown = &s->shown.cells[row * c->cols];
		for (int col = 0; col < c->cols; col++) {
			struct cell seen = cell_seen(s, &c->cells[row * c->cols + col], col ? &shown[col - 1] : NULL);
			if (all || memcmp(&seen, &shown[col], sizeof seen))
				cell_show(s, row, col, seen);
			shown[col] = seen;
		}
	}
}

static void cursor_show(struct screen *s, const struct canvas *c)
{
	if (s->shown.cursor_shown != c->cursor_shown)
		curs_set(c->cursor_shown);
	s->shown.cursor_shown = c->cursor_shown;
	move(c->cursor_row, c->cursor_col);
}

bool screen_show(struct screen *s, const struct canvas *c)
{
	bool all = s->is_forgotten || s->shown.rows != c->rows || s->shown.cols != c->cols;

	if (!s->is_entered)
		return false;
	if (!screen_flush(s)) {
		s->dropped++;
		return false;
	}
	if (all)
		canvas_resize(&s->shown, c->rows, c->cols);
	cells_show(s, c, all);
	cursor_show(s, c);
	if (s->is_forgotten)
		clearok(curscr, TRUE);
	s->is_forgotten = false;
	wnoutrefresh(stdscr);
	doupdate();
	out_collect(s);
	screen_flush(s);
	return true;
}

void screen_set_theme(struct screen *s, const struct theme *theme)
{
	s->theme = theme;
	s->pair_count = 1;
	screen_forget(s);
}

void screen_set_mouse(struct screen *s, bool on)
{
	if (on != s->use_mouse)
		mouse_switch(s, on);
	s->use_mouse = on;
}

/* ---- input ---- */

void screen_teach(const struct screen *s, struct input *in)
{
	static const struct { const char *capability; uint32_t key; } keys[] = {
		{ "kcuu1", K_UP }, { "kcud1", K_DOWN }, { "kcub1", K_LEFT }, { "kcuf1", K_RIGHT }, { "kpp", K_PAGE_UP },
		{ "knp", K_PAGE_DOWN }, { "khome", K_HOME }, { "kend", K_END }, { "kich1", K_INSERT }, { "kdch1", K_DELETE },
		{ "kcbt", K_BACK_TAB }, { "kent", K_ENTER }, { "kf1", K_F1 }, { "kf2", K_F2 }, { "kf3", K_F3 }, { "kf4", K_F4 },
		{ "kf5", K_F5 }, { "kf6", K_F6 }, { "kf7", K_F7 }, { "kf8", K_F8 }, { "kf9", K_F9 }, { "kf10", K_F10 },
		{ "kf11", K_F11 }, { "kf12", K_F12 },
	};

	(void) s;
	for (size_t i = 0; i < COUNT(keys); i++) {
		char *sequence = tigetstr(keys[i].capability);
		if (sequence && sequence != (char *) -1)
			input_learn(in, sequence, keys[i].key);
	}
}

bool screen_read(struct screen *s, struct input *in, uint64_t now_ms)
{
	unsigned char bytes[256];
	ssize_t n = read(s->input, bytes, sizeof bytes);

	if (n > 0)
		input_feed(in, bytes, (size_t) n, now_ms);
	return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

int screen_input_fd(const struct screen *s)
{
	return s->input;
}

int screen_output_fd(const struct screen *s)
{
	return s->output;
}

uint64_t screen_bytes(const struct screen *s)
{
	return s->bytes;
}

uint64_t screen_frames_dropped(const struct screen *s)
{
	return s->dropped;
}

int screen_colours(const struct screen *s)
{
	return s->colours;
}

uint32_t screen_believes(const struct screen *s, int row, int col, uint8_t *attributes)
{
	cchar_t cell;
	wchar_t text[CCHARW_MAX + 1] = { 0 };
	attr_t a = 0;
	short pair;

	(void) s;
	if (mvwin_wch(curscr, row, col, &cell) == ERR)
		return 0;
	getcchar(&cell, text, &a, &pair, NULL);
	*attributes = (uint8_t) ((a & A_BOLD ? PAINT_BOLD : 0) | (a & A_DIM ? PAINT_DIM : 0)
		| (a & A_UNDERLINE ? PAINT_UNDERLINE : 0) | (a & A_REVERSE ? PAINT_REVERSE : 0));
	return (uint32_t) text[0];
}
