/*
 * theme - from what a cell means to how a terminal shows it.
 *
 * Drawing code names a role (what the text is) and a ground (what it lies on), never a colour. A theme
 * turns the pair into a paint: colours for the palette at hand and attributes. Every distinction that
 * matters has a cue without colour as well (bold, underline, reverse, or a letter drawn by the caller),
 * so a monochrome terminal loses nothing.
 *
 *	paint = theme_paint(theme, 256, ROLE_BINARY, GROUND_SELECTED);
 */
#ifndef TUI_WIDGET_THEME_H
#define TUI_WIDGET_THEME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a text is. */
enum role {
	ROLE_NORMAL,
	ROLE_DIM,               /* units, zeroes, separators */
	ROLE_TITLE,             /* headings of blocks */
	ROLE_STRONG,            /* the figure that counts */
	ROLE_BRIGHT,            /* a column of such figures: bright, but not bold where there is colour */
	ROLE_NAME,              /* of a process, an application, a table */
	ROLE_KEY,               /* a key to press */
	ROLE_OK,
	ROLE_WATCH,             /* a finding not yet certain, a value rising */
	ROLE_CRITICAL,
	ROLE_SIGN,              /* the letter of a finding in a list: critical, but not bold where there is colour */
	ROLE_GAIN,              /* a difference: more */
	ROLE_LOSS,              /* a difference: less */
	ROLE_PROCESS,           /* memory categories */
	ROLE_BINARY,
	ROLE_ETS,
	ROLE_CODE,
	ROLE_ATOM,
	ROLE_MAILBOX,
	ROLE_YOUNG,             /* parts of a heap */
	ROLE_SURVIVOR,
	ROLE_OLD,
	ROLE_STACK,
	ROLE_DEAD,
	ROLE_FREE,
	ROLE_COUNT
};

/* What a text lies on. */
enum ground {
	GROUND_PLAIN,
	GROUND_BAR,             /* tab line and key bar */
	GROUND_HEADER,          /* column titles */
	GROUND_SELECTED,
	GROUND_TAGGED,
	GROUND_OVERLAY,         /* help, confirmation */
	GROUND_ALARM,           /* the banner of a limit reached */
	GROUND_ACTIVE,          /* the open tab, the page in view */
	GROUND_COUNT
};

enum paint_attribute { PAINT_BOLD = 1, PAINT_DIM = 2, PAINT_UNDERLINE = 4, PAINT_REVERSE = 8 };

/* Colour -1 is the terminal's own. */
struct paint { int16_t fore, back; uint8_t attributes; };

struct theme;

/* The theme of that name; NULL when there is none. "default" always exists. Any thread. */
const struct theme *theme_find(const char *name);

/* The i-th theme; NULL past the end. */
const struct theme *theme_at(size_t i);

const char *theme_name(const struct theme *t);
const char *theme_help(const struct theme *t);

/* `colours` is what the terminal has: 256, 16, 8, or 0 for none. Pure. */
struct paint theme_paint(const struct theme *t, int colours, enum role role, enum ground ground);

/* The red, green and blue of a palette index, for pictures; index -1 gives the theme's own fore- or background. */
uint32_t theme_rgb(const struct theme *t, int index, bool background);

#endif
