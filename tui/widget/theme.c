/*
 * theme - tables of colours.
 *
 * One row a role: its colour among 256 and among 16 (8 colours: the same without its bright bit), and
 * the attributes that carry the meaning where there is no colour. Backgrounds stay the terminal's own
 * save for grounds that must stand out: black or white is never assumed. No dark blue text.
 */
#include "tui/widget/theme.h"

#include <string.h>

#define COUNT(a) (sizeof (a) / sizeof (a)[0])

struct shade { int16_t of256, of16; };

struct theme {
	const char *name, *help;
	uint32_t fore_rgb, back_rgb;            /* for pictures */
	struct shade role[ROLE_COUNT];
	bool is_mono;                           /* attributes only, whatever the terminal has */
	struct { struct shade fore, back; } ground[GROUND_COUNT];       /* fore -2: the role's own */
};

#define OWN { -1, -1 }
#define KEEP_FORE -2
#define KEEP { KEEP_FORE, KEEP_FORE }

enum { BLACK, RED, GREEN, YELLOW, BLUE, MAGENTA, CYAN, WHITE, GREY, LIGHT_RED, LIGHT_GREEN, LIGHT_YELLOW, LIGHT_BLUE,
	LIGHT_MAGENTA, LIGHT_CYAN, BRIGHT };

static const struct theme themes[] = {
	{
		.name = "default", .help = "calm colours for a dark terminal, by meaning",
		.fore_rgb = 0xd0d4da, .back_rgb = 0x14171c,
		.role = {
			[ROLE_NORMAL] = OWN,              [ROLE_DIM] = { 245, GREY },
			[ROLE_TITLE] = { 110, CYAN },     [ROLE_STRONG] = { 15, BRIGHT }, [ROLE_BRIGHT] = { 15, BRIGHT },
			[ROLE_NAME] = { 153, LIGHT_CYAN },[ROLE_KEY] = { 222, LIGHT_YELLOW },
			[ROLE_OK] = { 114, GREEN },       [ROLE_WATCH] = { 221, YELLOW },
			[ROLE_CRITICAL] = { 210, LIGHT_RED }, [ROLE_SIGN] = { 210, LIGHT_RED },
			[ROLE_GAIN] = { 216, YELLOW },
			[ROLE_LOSS] = { 115, GREEN },     [ROLE_PROCESS] = { 75, LIGHT_BLUE },
			[ROLE_BINARY] = { 215, YELLOW },  [ROLE_ETS] = { 176, MAGENTA },
			[ROLE_CODE] = { 109, CYAN },      [ROLE_ATOM] = { 145, WHITE },
			[ROLE_MAILBOX] = { 168, LIGHT_MAGENTA }, [ROLE_YOUNG] = { 80, LIGHT_CYAN },
			[ROLE_SURVIVOR] = { 75, LIGHT_BLUE }, [ROLE_OLD] = { 141, MAGENTA },
			[ROLE_STACK] = { 179, YELLOW },   [ROLE_DEAD] = { 167, RED },
			[ROLE_FREE] = { 240, GREY },
		},
		.ground = {
			[GROUND_PLAIN] = { KEEP, OWN },
			[GROUND_BAR] = { KEEP, { 236, -1 } },
			[GROUND_HEADER] = { KEEP, { 237, -1 } },
			[GROUND_SELECTED] = { { 231, BLACK }, { 24, CYAN } },
			[GROUND_TAGGED] = { { 222, LIGHT_YELLOW }, OWN },
			[GROUND_OVERLAY] = { KEEP, { 235, -1 } },
			[GROUND_ALARM] = { { 231, BRIGHT }, { 124, RED } },
			[GROUND_ACTIVE] = { { 232, BLACK }, { 110, CYAN } },
		},
	}, {
		.name = "light", .help = "dark text for a light terminal",
		.fore_rgb = 0x24292f, .back_rgb = 0xffffff,
		.role = {
			[ROLE_NORMAL] = OWN,              [ROLE_DIM] = { 243, GREY },
			[ROLE_TITLE] = { 24, BLUE },      [ROLE_STRONG] = { 16, BLACK }, [ROLE_BRIGHT] = { 16, BLACK },
			[ROLE_NAME] = { 25, BLUE },       [ROLE_KEY] = { 94, RED },
			[ROLE_OK] = { 28, GREEN },        [ROLE_WATCH] = { 130, RED },
			[ROLE_CRITICAL] = { 160, RED }, [ROLE_SIGN] = { 160, RED },
			[ROLE_GAIN] = { 130, RED },
			[ROLE_LOSS] = { 29, GREEN },      [ROLE_PROCESS] = { 26, BLUE },
			[ROLE_BINARY] = { 166, RED },     [ROLE_ETS] = { 127, MAGENTA },
			[ROLE_CODE] = { 30, CYAN },       [ROLE_ATOM] = { 240, BLACK },
			[ROLE_MAILBOX] = { 162, MAGENTA },[ROLE_YOUNG] = { 30, CYAN },
			[ROLE_SURVIVOR] = { 26, BLUE },   [ROLE_OLD] = { 91, MAGENTA },
			[ROLE_STACK] = { 94, RED },       [ROLE_DEAD] = { 160, RED },
			[ROLE_FREE] = { 250, GREY },
		},
		.ground = {
			[GROUND_PLAIN] = { KEEP, OWN },
			[GROUND_BAR] = { KEEP, { 254, -1 } },
			[GROUND_HEADER] = { KEEP, { 253, -1 } },
			[GROUND_SELECTED] = { { 16, BRIGHT }, { 153, BLUE } },
			[GROUND_TAGGED] = { { 94, RED }, OWN },
			[GROUND_OVERLAY] = { KEEP, { 255, -1 } },
			[GROUND_ALARM] = { { 231, BRIGHT }, { 160, RED } },
			[GROUND_ACTIVE] = { { 231, BRIGHT }, { 24, BLUE } },
		},
	}, {
		.name = "blind", .help = "blue and orange, no pair of red and green",
		.fore_rgb = 0xd8d8d8, .back_rgb = 0x16181c,
		.role = {
			[ROLE_NORMAL] = OWN,              [ROLE_DIM] = { 245, GREY },
			[ROLE_TITLE] = { 117, LIGHT_CYAN }, [ROLE_STRONG] = { 231, BRIGHT }, [ROLE_BRIGHT] = { 231, BRIGHT },
			[ROLE_NAME] = { 153, LIGHT_CYAN },[ROLE_KEY] = { 229, LIGHT_YELLOW },
			[ROLE_OK] = { 75, LIGHT_BLUE },   [ROLE_WATCH] = { 229, LIGHT_YELLOW },
			[ROLE_CRITICAL] = { 208, YELLOW }, [ROLE_SIGN] = { 208, YELLOW },
			[ROLE_GAIN] = { 214, YELLOW },
			[ROLE_LOSS] = { 75, LIGHT_BLUE }, [ROLE_PROCESS] = { 75, LIGHT_BLUE },
			[ROLE_BINARY] = { 214, YELLOW },  [ROLE_ETS] = { 182, WHITE },
			[ROLE_CODE] = { 246, GREY },      [ROLE_ATOM] = { 252, WHITE },
			[ROLE_MAILBOX] = { 229, LIGHT_YELLOW }, [ROLE_YOUNG] = { 153, LIGHT_CYAN },
			[ROLE_SURVIVOR] = { 75, LIGHT_BLUE }, [ROLE_OLD] = { 68, BLUE },
			[ROLE_STACK] = { 229, LIGHT_YELLOW }, [ROLE_DEAD] = { 208, YELLOW },
			[ROLE_FREE] = { 240, GREY },
		},
		.ground = {
			[GROUND_PLAIN] = { KEEP, OWN },
			[GROUND_BAR] = { KEEP, { 236, -1 } },
			[GROUND_HEADER] = { KEEP, { 237, -1 } },
			[GROUND_SELECTED] = { { 231, BLACK }, { 25, CYAN } },
			[GROUND_TAGGED] = { { 229, LIGHT_YELLOW }, OWN },
			[GROUND_OVERLAY] = { KEEP, { 235, -1 } },
			[GROUND_ALARM] = { { 16, BLACK }, { 208, YELLOW } },
			[GROUND_ACTIVE] = { { 16, BLACK }, { 117, CYAN } },
		},
	}, {
		.name = "contrast", .help = "full contrast on black, for projectors and tired eyes",
		.fore_rgb = 0xffffff, .back_rgb = 0x000000,
		.role = {
			[ROLE_NORMAL] = { 231, BRIGHT },  [ROLE_DIM] = { 252, WHITE },
			[ROLE_TITLE] = { 51, LIGHT_CYAN },[ROLE_STRONG] = { 231, BRIGHT }, [ROLE_BRIGHT] = { 231, BRIGHT },
			[ROLE_NAME] = { 231, BRIGHT },    [ROLE_KEY] = { 226, LIGHT_YELLOW },
			[ROLE_OK] = { 46, LIGHT_GREEN },  [ROLE_WATCH] = { 226, LIGHT_YELLOW },
			[ROLE_CRITICAL] = { 203, LIGHT_RED }, [ROLE_SIGN] = { 203, LIGHT_RED },
			[ROLE_GAIN] = { 226, LIGHT_YELLOW },
			[ROLE_LOSS] = { 46, LIGHT_GREEN },[ROLE_PROCESS] = { 117, LIGHT_BLUE },
			[ROLE_BINARY] = { 220, LIGHT_YELLOW }, [ROLE_ETS] = { 213, LIGHT_MAGENTA },
			[ROLE_CODE] = { 87, LIGHT_CYAN }, [ROLE_ATOM] = { 255, BRIGHT },
			[ROLE_MAILBOX] = { 213, LIGHT_MAGENTA }, [ROLE_YOUNG] = { 87, LIGHT_CYAN },
			[ROLE_SURVIVOR] = { 117, LIGHT_BLUE }, [ROLE_OLD] = { 183, LIGHT_MAGENTA },
			[ROLE_STACK] = { 220, LIGHT_YELLOW }, [ROLE_DEAD] = { 203, LIGHT_RED },
			[ROLE_FREE] = { 250, WHITE },
		},
		.ground = {
			[GROUND_PLAIN] = { KEEP, { 16, BLACK } },
			[GROUND_BAR] = { KEEP, { 16, BLACK } },
			[GROUND_HEADER] = { KEEP, { 16, BLACK } },
			[GROUND_SELECTED] = { { 16, BLACK }, { 231, WHITE } },
			[GROUND_TAGGED] = { { 226, LIGHT_YELLOW }, { 16, BLACK } },
			[GROUND_OVERLAY] = { KEEP, { 16, BLACK } },
			[GROUND_ALARM] = { { 16, BLACK }, { 226, YELLOW } },
			[GROUND_ACTIVE] = { { 16, BLACK }, { 51, CYAN } },
		},
	}, {
		.name = "mono", .help = "no colours: bold, underline and reverse alone", .is_mono = true,
		.fore_rgb = 0xd0d4da, .back_rgb = 0x14171c,
	},
};

/* Cues that need no colour: added always for these roles and grounds. */
static const uint8_t role_cue[ROLE_COUNT] = {
	[ROLE_STRONG] = PAINT_BOLD, [ROLE_TITLE] = PAINT_BOLD, [ROLE_KEY] = PAINT_BOLD, [ROLE_CRITICAL] = PAINT_BOLD,
};
static const uint8_t ground_cue[GROUND_COUNT] = {
	[GROUND_TAGGED] = PAINT_BOLD, [GROUND_ALARM] = PAINT_BOLD,
	[GROUND_ACTIVE] = PAINT_BOLD,
};
/* Cues instead of colour: only where the ground's own background cannot be had. */
static const uint8_t ground_mono[GROUND_COUNT] = {
	[GROUND_HEADER] = PAINT_UNDERLINE, [GROUND_SELECTED] = PAINT_REVERSE | PAINT_BOLD, [GROUND_ALARM] = PAINT_REVERSE,
	[GROUND_ACTIVE] = PAINT_REVERSE,
};
static const uint8_t role_mono[ROLE_COUNT] = {
	[ROLE_DIM] = PAINT_DIM, [ROLE_FREE] = PAINT_DIM, [ROLE_CRITICAL] = PAINT_REVERSE, [ROLE_WATCH] = PAINT_UNDERLINE,
	[ROLE_GAIN] = PAINT_BOLD, [ROLE_NAME] = PAINT_BOLD, [ROLE_BRIGHT] = PAINT_BOLD,
	[ROLE_SIGN] = PAINT_BOLD,
};

const struct theme *theme_find(const char *name)
{
	for (size_t i = 0; i < COUNT(themes); i++)
		if (!strcmp(themes[i].name, name))
			return &themes[i];
	return NULL;
}

const struct theme *theme_at(size_t i)
{
	return i < COUNT(themes) ? &themes[i] : NULL;
}

const char *theme_name(const struct theme *t)
{
	return t->name;
}

const char *theme_help(const struct theme *t)
{
	return t->help;
}

/* An 8-colour terminal shows the bright half by bold. */
static int16_t shade_pick(struct shade s, int colours, uint8_t *attributes)
{
	if (colours >= 256)
		return s.of256;
	if (colours >= 16 || s.of16 < 8)
		return s.of16;
	if (s.of16 == GREY) {
		*attributes |= PAINT_DIM;
		return -1;
	}
	*attributes |= PAINT_BOLD;
	return s.of16 - 8;
}

static struct paint paint_mono(enum role role, enum ground ground)
{
	uint8_t attributes = role_cue[role] | ground_cue[ground] | ground_mono[ground];

	if (!(attributes & PAINT_REVERSE))
		attributes |= role_mono[role];
	return (struct paint) { -1, -1, attributes };
}

struct paint theme_paint(const struct theme *t, int colours, enum role role, enum ground ground)
{
	struct paint p = { -1, -1, role_cue[role] | ground_cue[ground] };
	uint8_t ignored = 0;

	if (colours < 8 || t->is_mono)
		return paint_mono(role, ground);
	if (t->ground[ground].fore.of256 == KEEP_FORE)
		p.fore = shade_pick(t->role[role], colours, &p.attributes);
	else
		p.fore = shade_pick(t->ground[ground].fore, colours, &p.attributes);
	p.back = shade_pick(t->ground[ground].back, colours, &ignored);
	if (ground == GROUND_HEADER && p.back < 0)
		p.attributes |= PAINT_UNDERLINE;
	return p;
}

static uint32_t cube_rgb(int index)
{
	static const uint8_t level[] = { 0, 95, 135, 175, 215, 255 };
	uint32_t grey = 8 + (uint32_t) (index - 232) * 10;

	if (index >= 232)
		return grey << 16 | grey << 8 | grey;
	index -= 16;
	return (uint32_t) level[index / 36] << 16 | (uint32_t) level[index / 6 % 6] << 8 | level[index % 6];
}

uint32_t theme_rgb(const struct theme *t, int index, bool background)
{
	static const uint32_t sixteen[] = { 0x000000, 0xcd3131, 0x0dbc79, 0xe5e510, 0x2472c8, 0xbc3fbc, 0x11a8cd, 0xe5e5e5,
		0x666666, 0xf14c4c, 0x23d18b, 0xf5f543, 0x3b8eea, 0xd670d6, 0x29b8db, 0xffffff };

	if (index < 0)
		return background ? t->back_rgb : t->fore_rgb;
	return index < 16 ? sixteen[index] : cube_rgb(index);
}
