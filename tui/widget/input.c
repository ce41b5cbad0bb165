/*
 * input - the gate and the decoder. See input.h.
 *
 * Each reader looks at the bytes held and answers how many it takes: more than 0, whole; 0, not mine;
 * MORE, mine but not complete.
 */
#include "tui/widget/input.h"

#include <stdio.h>
#include <string.h>

#include "tui/widget/canvas.h"

#define COUNT(a) (sizeof (a) / sizeof (a)[0])
#define MORE (-1)
#define ESC 0x1b
#define KEY_WAIT_MS 25
#define REPORT_WAIT_MS 500

/* The dialects: xterm, vt220, linux, rxvt. After ESC. */
static const struct { const char *tail; uint32_t key; } dialect[] = {
	{ "[A", K_UP }, { "[B", K_DOWN }, { "[C", K_RIGHT }, { "[D", K_LEFT }, { "OA", K_UP }, { "OB", K_DOWN },
	{ "OC", K_RIGHT }, { "OD", K_LEFT }, { "[H", K_HOME }, { "[F", K_END }, { "OH", K_HOME }, { "OF", K_END },
	{ "[1~", K_HOME }, { "[2~", K_INSERT }, { "[3~", K_DELETE }, { "[4~", K_END }, { "[5~", K_PAGE_UP },
	{ "[6~", K_PAGE_DOWN }, { "[7~", K_HOME }, { "[8~", K_END }, { "[Z", K_BACK_TAB }, { "OM", K_ENTER },
	{ "OP", K_F1 }, { "OQ", K_F2 }, { "OR", K_F3 }, { "OS", K_F4 }, { "[[A", K_F1 }, { "[[B", K_F2 },
	{ "[[C", K_F3 }, { "[[D", K_F4 }, { "[[E", K_F5 }, { "[11~", K_F1 }, { "[12~", K_F2 }, { "[13~", K_F3 },
	{ "[14~", K_F4 }, { "[15~", K_F5 }, { "[17~", K_F6 }, { "[18~", K_F7 }, { "[19~", K_F8 }, { "[20~", K_F9 },
	{ "[21~", K_F10 }, { "[23~", K_F11 }, { "[24~", K_F12 },
};

static const struct { uint32_t key; const char *name; } names[] = {
	{ K_UP, "Up" }, { K_DOWN, "Down" }, { K_LEFT, "Left" }, { K_RIGHT, "Right" }, { K_PAGE_UP, "PgUp" },
	{ K_PAGE_DOWN, "PgDn" }, { K_HOME, "Home" }, { K_END, "End" }, { K_INSERT, "Ins" }, { K_DELETE, "Del" },
	{ K_ENTER, "Enter" }, { K_ESCAPE, "Esc" }, { K_TAB, "Tab" }, { K_BACK_TAB, "Shift-Tab" },
	{ K_BACKSPACE, "Backspace" }, { ' ', "Space" }, { K_F1, "F1" }, { K_F2, "F2" }, { K_F3, "F3" }, { K_F4, "F4" },
	{ K_F5, "F5" }, { K_F6, "F6" }, { K_F7, "F7" }, { K_F8, "F8" }, { K_F9, "F9" }, { K_F10, "F10" },
	{ K_F11, "F11" }, { K_F12, "F12" },
};

void input_init(struct input *in)
{
	memset(in, 0, sizeof *in);
}

void input_clear(struct input *in)
{
	in->count = 0;
	in->is_pasting = false;
}

void input_learn(struct input *in, const char *sequence, uint32_t key)
{
	size_t length = sequence ? strlen(sequence) : 0;

	if (length < 2 || length >= sizeof in->learned->sequence || sequence[0] != ESC
		|| in->learned_count == INPUT_LEARNED)
		return;
	memcpy(in->learned[in->learned_count].sequence, sequence, length + 1);
	in->learned[in->learned_count++].key = key;
}

size_t input_feed(struct input *in, const void *bytes, size_t count, uint64_t now_ms)
{
	size_t room = sizeof in->bytes - in->count;

	if (count > room)
		count = room;
	if (count && !in->count)
		in->since_ms = now_ms;
	if (count)
		in->last_ms = now_ms;
	memcpy(in->bytes + in->count, bytes, count);
	in->count += count;
	return count;
}

static void input_take(struct input *in, size_t count)
{
	in->count -= count;
	memmove(in->bytes, in->bytes + count, in->count);
	in->since_ms = in->last_ms;
}

static void event_key(struct event *e, uint32_t key)
{
	*e = (struct event) { .kind = EVENT_KEY, .key = key };
}

/* ESC [ < button ; column ; row M or m. Releases and motion give no event. */
static int read_mouse_report(const struct input *in, struct event *e)
{
	int number[3] = { 0 }, n = 0;

	for (size_t i = 3; i < in->count; i++) {
		unsigned char b = in->bytes[i];
		if (b >= '0' && b <= '9') {
			number[n] = number[n] < 10000 ? number[n] * 10 + b - '0' : number[n];
		} else if (b == ';' && n < 2) {
			n++;
		} else {
			if (b == 'M' && n == 2 && (number[0] & ~0x1c) <= 2)
				*e = (struct event) { .kind = EVENT_CLICK, .row = number[2] - 1, .col = number[1] - 1 };
			else if (b == 'M' && n == 2 && (number[0] == 64 || number[0] == 65))
				*e = (struct event) { .kind = EVENT_WHEEL, .row = number[2] - 1, .col = number[1] - 1,
					.wheel = number[0] == 64 ? -1 : 1 };
			/* Anything but a closing letter belongs to the next key: the report was cut off. */
			return (int) (b == 'M' || b == 'm' ? i + 1 : i);
		}
	}
	return MORE;
}

/* ESC [ M button column row, one byte each: the oldest dialect. */
static int read_mouse_bytes(const struct input *in, struct event *e)
{
	if (in->count < 6)
		return MORE;
	int button = in->bytes[3] - 32, col = in->bytes[4] - 33, row = in->bytes[5] - 33;
	if ((button & 0x60) == 0x40)
		*e = (struct event) { .kind = EVENT_WHEEL, .row = row, .col = col, .wheel = button & 1 ? 1 : -1 };
	else if ((button & 0x63) < 3)
		*e = (struct event) { .kind = EVENT_CLICK, .row = row, .col = col };
	return 6;
}

/* Compares the bytes held with a sequence: its length, 0 for another, MORE for a beginning of it. */
static int match(const struct input *in, size_t skip, const char *sequence)
{
	size_t length = strlen(sequence), held = in->count - skip;

	if (held >= length)
		return memcmp(in->bytes + skip, sequence, length) ? 0 : (int) length;
	return memcmp(in->bytes + skip, sequence, held) ? 0 : MORE;
}

static int read_known(const struct input *in, struct event *e)
{
	bool more = false;

	for (size_t i = 0; i < in->learned_count; i++) {
		int n = match(in, 0, in->learned[i].sequence);
		more |= n == MORE;
		if (n > 0) {
			event_key(e, in->learned[i].key);
			return n;
		}
	}
	for (size_t i = 0; i < COUNT(dialect); i++) {
		int n = match(in, 1, dialect[i].tail);
		more |= n == MORE;
		if (n > 0) {
			event_key(e, dialect[i].key);
			return n + 1;
		}
	}
	return more ? MORE : 0;
}

/* A control sequence nobody knows is swallowed whole; with modifiers it counts as its plain key. */
static int read_sequence(const struct input *in, struct event *e)
{
	for (size_t i = 2; i < in->count; i++) {
		unsigned char b = in->bytes[i];
		if (b >= 0x20 && b < 0x40)
			continue;
		if (b < 0x40 || b > 0x7e)
			return (int) i;         /* cut off: what follows is another key */
		char plain[] = { '[', (char) b, 0 };
		uint32_t key = K_UNKNOWN;
		for (size_t k = 0; k < COUNT(dialect); k++)
			if (in->bytes[2] == '1' && !strcmp(dialect[k].tail, plain))
				key = dialect[k].key;
		event_key(e, key);
		return (int) i + 1;
	}
	return MORE;
}

static int read_escape(struct input *in, struct event *e)
{
	int n;

	if (in->count >= 3 && !memcmp(in->bytes, "\033[<", 3))
		return read_mouse_report(in, e);
	if (in->count >= 3 && !memcmp(in->bytes, "\033[M", 3))
		return read_mouse_bytes(in, e);
	if ((n = match(in, 0, "\033[200~")) > 0) {
		in->is_pasting = true;
		return n;
	}
	if (match(in, 0, "\033[201~") > 0)
		return 6;
	if ((n = read_known(in, e)) != 0)
		return n;
	if (in->count > 1 && in->bytes[1] == '[')
		return read_sequence(in, e);
	if (in->count == 1)
		return MORE;
	event_key(e, K_ESCAPE);
	return 1;
}

static int read_character(const struct input *in, struct event *e)
{
	unsigned char b = in->bytes[0];
	size_t need = b < 0xc2 ? 1 : b < 0xe0 ? 2 : b < 0xf0 ? 3 : b < 0xf5 ? 4 : 1;
	char text[5] = { 0 };
	uint32_t glyph;

	if (b == '\r' || b == '\n' || b == '\t' || b == 0x7f || b == 8) {
		event_key(e, b == '\t' ? K_TAB : b == 0x7f || b == 8 ? K_BACKSPACE : K_ENTER);
		return 1;
	}
	for (size_t i = 0; i < need && i < in->count; i++) {
		if (i && (in->bytes[i] & 0xc0) != 0x80) {
			event_key(e, K_UNKNOWN);
			return (int) i;
		}
		text[i] = (char) in->bytes[i];
	}
	if (in->count < need)
		return MORE;
	size_t length = text_decode(text, &glyph);
	event_key(e, glyph == UINT32_MAX || glyph == 0 ? K_UNKNOWN : glyph);
	return (int) length;
}

/* Inside a paste everything but its end is text. */
static int read_paste(struct input *in, struct event *e)
{
	int n = in->bytes[0] == ESC ? match(in, 0, "\033[201~") : 0;

	if (n == MORE)
		return MORE;
	if (n > 0) {
		in->is_pasting = false;
		return n;
	}
	n = read_character(in, e);
	if (n > 0 && e->kind == EVENT_KEY)
		e->kind = EVENT_PASTE;
	return n;
}

static int patience_ms(const struct input *in)
{
	bool is_report = in->count >= 3 && in->bytes[0] == ESC && in->bytes[1] == '['
		&& (in->bytes[2] == '<' || in->bytes[2] == 'M');

	return in->is_pasting || is_report ? REPORT_WAIT_MS : KEY_WAIT_MS;
}

/* What did not become whole in time: a lone ESC is the key, all else is dropped. */
static bool give_up(struct input *in, struct event *e)
{
	bool is_escape = in->count == 1 && in->bytes[0] == ESC && !in->is_pasting;

	input_clear(in);
	if (is_escape)
		event_key(e, K_ESCAPE);
	return is_escape;
}

bool input_next(struct input *in, uint64_t now_ms, struct event *out)
{
	out->kind = EVENT_NONE;
	while (in->count) {
		int n = in->is_pasting ? read_paste(in, out) : in->bytes[0] == ESC ? read_escape(in, out) :
			read_character(in, out);
		if (n == MORE) {
			bool is_late = now_ms - in->since_ms >= (uint64_t) patience_ms(in) || in->count == sizeof in->bytes;
			return is_late && give_up(in, out);
		}
		input_take(in, (size_t) n);
		if (out->kind != EVENT_NONE)
			return true;
	}
	return false;
}

int input_wait_ms(const struct input *in, uint64_t now_ms)
{
	if (!in->count)
		return -1;
	uint64_t waited = now_ms - in->since_ms, patience = (uint64_t) patience_ms(in);
	return waited >= patience ? 0 : (int) (patience - waited);
}

const char *input_key_name(uint32_t key, char *out, size_t size)
{
	for (size_t i = 0; i < COUNT(names); i++)
		if (names[i].key == key) {
			snprintf(out, size, "%s", names[i].name);
			return out;
		}
	if (key > 0 && key <= 26) {
		snprintf(out, size, "Ctrl-%c", (int) key + 'A' - 1);
	} else if (key < KEYS_ABOVE && size > 4) {
		out[text_encode(key, out)] = '\0';
	} else {
		snprintf(out, size, "?");
	}
	return out;
}

uint32_t input_key_of(const char *name)
{
	uint32_t glyph;

	for (size_t i = 0; i < COUNT(names); i++)
		if (!strcmp(names[i].name, name))
			return names[i].key;
	if (!strncmp(name, "Ctrl-", 5) && name[5] && !name[6])
		return K_CTRL(name[5]);
	if (!*name || name[text_decode(name, &glyph)] || glyph == UINT32_MAX)
		return 0;
	return glyph;
}
