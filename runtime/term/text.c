/*
 * text - see the header.
 *
 * What is written costs what is read: each term visited puts at least one byte, a look ahead (is this list a string?)
 * goes no further than the room that is left, and nesting beyond DEPTH_LIMIT is "...". So the work is bounded by room,
 * whatever the term, and the C stack by DEPTH_LIMIT.
 */
#include "runtime/term/text.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/term/bits.h"
#include "runtime/term/map.h"
#include "runtime/term/number.h"
#include "runtime/term/utf8.h"

#define DEPTH_LIMIT 40u
#define DOTS "..."

struct writer {
	const struct atoms *atoms;
	char *out;
	size_t length, room;    /* room: without the final zero */
	bool cut;               /* something did not fit: nothing more is written */
	unsigned depth;
};

static void put_term(struct writer *w, term t);

/* ---- Bytes and characters ------------------------------------------------------------------------------------ */

static void put(struct writer *w, const char *text, size_t bytes)
{
	if (w->cut || bytes > w->room - w->length) {
		w->cut = true;
		return;
	}
	memcpy(w->out + w->length, text, bytes);
	w->length += bytes;
}

static void put_z(struct writer *w, const char *text) { put(w, text, strlen(text)); }

static void PRINTF_LIKE(2, 3) put_format(struct writer *w, const char *format, ...)
{
	char text[64];
	va_list arguments;
	va_start(arguments, format);
	int length = vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	put(w, text, (size_t) length);
}

static void put_latin1(struct writer *w, unsigned character)
{
	char text[2] = { (char) (0xc0 | character >> 6), (char) (0x80 | (character & 0x3f)) };
	if (character < 0x80)
		put(w, &(char) { (char) character }, 1);
	else
		put(w, text, 2);
}

/* Printed as themselves or with a backslash and a letter, as io_lib does. */
static char escape_letter(uint32_t character)
{
	static const char letters[32] = { [8] = 'b', [9] = 't', [10] = 'n', [11] = 'v', [12] = 'f', [13] = 'r', [27] = 'e' };
	return character < 32 ? letters[character] : 0;
}

static bool is_printable(uint32_t c) { return (c >= 32 && c < 127) || c >= 160 || escape_letter(c); }

/* One character inside of quotes; `text` is its UTF-8. */
static void put_quoted(struct writer *w, char quote, uint32_t character, const char *text, size_t bytes)
{
	char letter = escape_letter(character);
	if (character == (uint8_t) quote || character == '\\')
		letter = (char) character;
	if (character == 127)
		letter = 'd';
	if (letter)
		put(w, (char[]) { '\\', letter }, 2);
	else if (is_printable(character))
		put(w, text, bytes);
	else
		put_format(w, "\\%03o", (unsigned) character);
}

/* ---- Atoms --------------------------------------------------------------------------------------------------- */

static bool is_reserved(const char *text)
{
	static const char words[] = " after and andalso band begin bnot bor bsl bsr bxor case catch cond div end fun if let"
		" not of or orelse receive rem try when xor ";
	char word[16];
	int length = snprintf(word, sizeof word, " %s ", text);
	return length < (int) sizeof word && strstr(words, word);
}

static bool is_small_letter(uint32_t c) { return (c >= 'a' && c <= 'z') || (c >= 0xdf && c <= 0xff && c != 0xf7); }
static bool is_name_letter(uint32_t c)
{
	return is_small_letter(c) || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '@'
		|| (c >= 0xc0 && c <= 0xde && c != 0xd7);
}

static bool needs_quotes(const char *text)
{
	size_t left = strlen(text);
	uint32_t c = 0;
	for (size_t i = 0, bytes; i < left; i += bytes) {
		bytes = utf8_read(text + i, left - i, &c);
		if (bytes == 0 || !(i == 0 ? is_small_letter(c) : is_name_letter(c)))
			return true;
	}
	return left == 0 || is_reserved(text);
}

static void put_atom(struct writer *w, term t)
{
	const char *text = atom_text(w->atoms, t);
	if (!needs_quotes(text)) {
		put_z(w, text);
		return;
	}
	put_z(w, "'");
	for (size_t left = strlen(text), bytes; left; text += bytes, left -= bytes) {
		uint32_t c = (uint8_t) *text;
		bytes = utf8_read(text, left, &c);
		if (bytes == 0) {
			put_format(w, "\\%03o", (unsigned) (uint8_t) *text);
			bytes = 1;
		} else {
			put_quoted(w, '\'', c, text, bytes);
		}
	}
	put_z(w, "'");
}

/* ---- Numbers ------------------------------------------------------------------------------------------------- */

#define BIG_LIMBS 8u            /* wider ones are told by their width: 2^512 has 155 digits already */
#define BIG_DIGITS 160u

static void put_big(struct writer *w, term t)
{
	size_t limbs = header_words(*term_box(t));
	uint64_t left[BIG_LIMBS];
	char digits[BIG_DIGITS];
	size_t at = sizeof digits;
	if (term_is_kind(t, BOX_BIG_NEGATIVE))
		put_z(w, "-");
	if (limbs > BIG_LIMBS) {
		uint64_t top = term_box(t)[limbs].word;
		put_format(w, "#Integer<%zu bits>", limbs * 64 - (size_t) __builtin_clzll(top));
		return;
	}
	memcpy(left, term_box(t) + 1, limbs * sizeof *left);
	while (limbs) {
		unsigned __int128 rest = 0;
		for (size_t i = limbs; i-- > 0;) {
			rest = rest << 64 | left[i];
			left[i] = (uint64_t) (rest / 10);
			rest %= 10;
		}
		digits[--at] = (char) ('0' + (int) rest);
		while (limbs && left[limbs - 1] == 0)
			limbs--;
	}
	put(w, digits + at, sizeof digits - at);
}

/* The fewest digits that read back as the same number; *exponent as in d.ddd * 10^exponent. Gives their count. */
static int shortest_digits(double d, char digits[24], int *exponent)
{
	char text[40];
	for (int places = 0; places < 17; places++) {
		snprintf(text, sizeof text, "%.*e", places, d);
		if (strtod(text, NULL) == d)
			break;
	}
	int count = 0;
	char *at = text;
	for (; *at && *at != 'e'; at++)
		if (*at >= '0' && *at <= '9')   /* the point may be a comma */
			digits[count++] = *at;
	digits[count] = 0;
	*exponent = atoi(at + 1);
	return count;
}

static void decimal_text(char *out, size_t room, const char *digits, int count, int exponent)
{
	if (exponent < 0)
		snprintf(out, room, "0.%.*s%s", -exponent - 1, "000000000000000000000", digits);
	else if (exponent + 1 >= count)
		snprintf(out, room, "%s%.*s.0", digits, exponent + 1 - count, "000000000000000000000");
	else
		snprintf(out, room, "%.*s.%s", exponent + 1, digits, digits + exponent + 1);
}

#define WHOLE_LIMIT 0x1p53      /* from here on a float's last digit is a guess */

/* As io_lib: the scientific form where it is shorter, and always where the plain one would promise too much. */
static void put_float(struct writer *w, double d)
{
	char digits[24], plain[64], scientific[48];
	int exponent;
	if (!isfinite(d)) {
		put_z(w, isnan(d) ? "nan" : d < 0 ? "-inf" : "inf");
		return;
	}
	int count = shortest_digits(fabs(d), digits, &exponent);
	snprintf(scientific, sizeof scientific, "%c.%se%d", digits[0], count > 1 ? digits + 1 : "0", exponent);
	bool is_plain = exponent > -20 && fabs(d) < WHOLE_LIMIT;
	if (is_plain)
		decimal_text(plain, sizeof plain, digits, count, exponent);
	if (signbit(d))
		put_z(w, "-");
	put_z(w, is_plain && strlen(plain) <= strlen(scientific) ? plain : scientific);
}

/* ---- Lists --------------------------------------------------------------------------------------------------- */

/* Latin-1 only, as `erl` by default: [1000, 1001] is a list of numbers to nearly everyone. */
static bool is_string_head(term t)
{
	if (!term_is_small(t))
		return false;
	intptr_t c = term_to_small(t);
	return c > 0 && c <= 255 && is_printable((uint32_t) c);
}

static bool is_string(const struct writer *w, term t)
{
	for (size_t seen = 0; term_is_cons(t) && is_string_head(list_head(t)); t = list_tail(t))
		if (++seen > w->room - w->length)
			return true;
	return term_is_nil(t);
}

static void put_string(struct writer *w, term t)
{
	put_z(w, "\"");
	for (; term_is_cons(t) && !w->cut; t = list_tail(t)) {
		uint32_t c = (uint32_t) term_to_small(list_head(t));
		if (c < 0x80)
			put_quoted(w, '"', c, &(char) { (char) c }, 1);
		else
			put_latin1(w, c);
	}
	put_z(w, "\"");
}

static void put_list(struct writer *w, term t)
{
	if (is_string(w, t)) {
		put_string(w, t);
		return;
	}
	put_z(w, "[");
	for (const char *comma = ""; term_is_cons(t) && !w->cut; t = list_tail(t), comma = ",") {
		put_z(w, comma);
		put_term(w, list_head(t));
	}
	if (!term_is_nil(t) && !w->cut) {
		put_z(w, "|");
		put_term(w, t);
	}
	put_z(w, "]");
}

/* ---- Boxes --------------------------------------------------------------------------------------------------- */

static void put_elements(struct writer *w, const term *at, size_t n)
{
	for (size_t i = 0; i < n && !w->cut; i++) {
		if (i)
			put_z(w, ",");
		put_term(w, at[i]);
	}
}

static void put_tuple(struct writer *w, term t)
{
	put_z(w, "{");
	put_elements(w, term_box(t) + 1, tuple_arity(t));
	put_z(w, "}");
}

struct map_writer { struct writer *w; bool begun; };

static bool put_pair(void *context, term key, term value)
{
	struct map_writer *m = context;
	if (m->begun)
		put_z(m->w, ",");
	m->begun = true;
	put_term(m->w, key);
	put_z(m->w, " => ");
	put_term(m->w, value);
	return !m->w->cut;
}

static void put_map(struct writer *w, term t)
{
	struct map_writer m = { w, false };
	put_z(w, "#{");
	map_each(t, put_pair, &m);
	put_z(w, "}");
}

/* A code name is an atom "module:name/arity", shown as it is. */
static void put_fun(struct writer *w, term t)
{
	put_z(w, "#Fun<");
	put_z(w, atom_text(w->atoms, term_box(t)[FUN_CODE]));
	put_z(w, ">");
}

static void put_external_fun(struct writer *w, term t)
{
	const term *box = term_box(t);
	put_z(w, "fun ");
	put_term(w, box[1]);
	put_z(w, ":");
	put_term(w, box[2]);
	put_z(w, "/");
	put_term(w, box[3]);
}

static void put_reference(struct writer *w, term t)
{
	put_format(w, "#Ref<0.0.0.%llu>", (unsigned long long) reference_number(t));
}

static void put_float_box(struct writer *w, term t) { put_float(w, float_value(t)); }

/* ---- Binaries ------------------------------------------------------------------------------------------------ */

/* How a binary's bytes are read; the end of the text that is shown tells. */
enum reading { READ_NUMBERS, READ_LATIN1, READ_UTF8 };

/* As far as it would be shown. UTF-8 first: nearly all of its texts would be Latin-1 as well. */
static enum reading reading_of(const struct writer *w, const struct bits *b)
{
	const char *data = (const char *) b->data;
	size_t most = size_min(b->bytes, w->room - w->length), bytes, i;
	uint32_t c;
	if (b->offset || b->rest || b->bytes == 0)
		return READ_NUMBERS;
	for (i = 0; i < most && (bytes = utf8_read(data + i, b->bytes - i, &c)) && is_printable(c); i += bytes)
		;
	if (i >= most)
		return READ_UTF8;
	for (i = 0; i < most; i++)
		if (!is_printable(b->data[i]))
			return READ_NUMBERS;
	return READ_LATIN1;
}

static void put_text_binary(struct writer *w, const struct bits *b, enum reading reading)
{
	bool wide = false;
	put_z(w, "<<\"");
	for (size_t i = 0, bytes; i < b->bytes && !w->cut; i += bytes) {
		const char *at = (const char *) b->data + i;
		uint32_t c = b->data[i];
		bytes = reading == READ_UTF8 && c >= 0x80 ? utf8_read(at, b->bytes - i, &c) : 1;
		/* Behind what was looked at anything may come; it does not fit any more. */
		w->cut |= bytes == 0;
		wide |= bytes > 1;
		if (bytes == 1 && c >= 0x80)
			put_latin1(w, c);
		else
			put_quoted(w, '"', c, at, bytes);
	}
	put_z(w, wide ? "\"/utf8>>" : "\">>");
}

static void put_binary(struct writer *w, term t)
{
	struct bits b = bits_of(t);
	enum reading reading = reading_of(w, &b);
	if (reading != READ_NUMBERS) {
		put_text_binary(w, &b, reading);
		return;
	}
	put_z(w, "<<");
	for (size_t i = 0; i < b.bytes && !w->cut; i++)
		put_format(w, i ? ",%u" : "%u", bits_byte(&b, i));
	if (b.rest && !w->cut)
		put_format(w, b.bytes ? ",%u:%u" : "%u:%u", bits_byte(&b, b.bytes) >> (8 - b.rest), b.rest);
	put_z(w, ">>");
}

/* ---- Any term ------------------------------------------------------------------------------------------------ */

typedef void (*put_fn)(struct writer *w, term t);

static void put_box(struct writer *w, term t)
{
	static const put_fn by_kind[BOX_KIND_COUNT] = {
		[BOX_TUPLE] = put_tuple, [BOX_MAP] = put_map, [BOX_MAP_NODE] = put_map, [BOX_FUN] = put_fun,
		[BOX_EXTERNAL_FUN] = put_external_fun, [BOX_SUB_BINARY] = put_binary, [BOX_BIG_POSITIVE] = put_big,
		[BOX_BIG_NEGATIVE] = put_big, [BOX_FLOAT] = put_float_box, [BOX_REFERENCE] = put_reference,
		[BOX_HEAP_BINARY] = put_binary, [BOX_REFC] = put_binary,
	};
	by_kind[header_kind(*term_box(t))](w, t);
}

static void put_immediate(struct writer *w, term t)
{
	if (term_is_small(t))
		put_format(w, "%lld", (long long) term_to_small(t));
	else if (term_is_atom(t))
		put_atom(w, t);
	else if (term_is_nil(t))
		put_z(w, "[]");
	else if (term_is_pid(t))
		put_format(w, "<0.%llu.0>", (unsigned long long) term_pid_number(t));
	else
		put_format(w, "#Port<0.%llu>", (unsigned long long) term_port_number(t));
}

static void put_term(struct writer *w, term t)
{
	if (w->cut)
		return;
	if (term_is_immediate(t)) {
		put_immediate(w, t);
		return;
	}
	if (w->depth == DEPTH_LIMIT || term_is_header(t)) {
		put_z(w, term_is_header(t) ? "#None" : DOTS);
		return;
	}
	w->depth++;
	(term_is_cons(t) ? put_list : put_box)(w, t);
	w->depth--;
}

/* ---- Doors --------------------------------------------------------------------------------------------------- */

/* Whole characters only go; a byte 10xxxxxx is not the first of one. */
static void end_with_dots(struct writer *w)
{
	size_t at = size_min(w->length, w->room > strlen(DOTS) ? w->room - strlen(DOTS) : 0);
	while (at > 0 && at < w->length && (w->out[at] & 0xc0) == 0x80)
		at--;
	w->length = at;
	w->cut = false;
	put(w, DOTS, size_min(strlen(DOTS), w->room));
}

size_t term_text(const struct atoms *atoms, term t, char *out, size_t room)
{
	CHECK(room > 0, "no room for the final zero");
	struct writer w = { .atoms = atoms, .out = out, .room = room - 1 };
	put_term(&w, t);
	if (w.cut)
		end_with_dots(&w);
	out[w.length] = 0;
	return w.length;
}

uint64_t text_to_pid_number(const char *text)
{
	static const char front[] = "<0.", back[] = ".0>";
	if (strncmp(text, front, strlen(front)) != 0)
		return 0;
	const char *at = text + strlen(front);
	uint64_t number = 0;
	for (; *at >= '0' && *at <= '9'; at++)
		if (__builtin_mul_overflow(number, 10, &number) || __builtin_add_overflow(number, (uint64_t) (*at - '0'), &number))
			return 0;
	return strcmp(at, back) == 0 ? number : 0;
}
