/*
 * external - see the header.
 *
 * Writing is one walk for both doors: the sink without a buffer only counts. What is left to write lies on a stack as
 * small records, so depth costs no C stack. Reading is a machine with two stacks: finished values, and the unfinished
 * compounds that wait for them; a compound is built from the topmost values when its last part has come.
 */
#include "runtime/term/external.h"

#include <math.h>
#include <string.h>

#include "runtime/term/bits.h"
#include "runtime/term/map.h"
#include "runtime/term/utf8.h"
#include "runtime/term/work_stack.h"

#define NODE_TEXT "nonode@nohost"
#define STRING_BYTES_MAX 65535u
#define HEAP_BINARY_MAX 64u

enum tag {
	TAG_FLOAT = 70, TAG_BIT_BINARY = 77, TAG_NEW_PID = 88, TAG_NEWER_REFERENCE = 90,
	TAG_SMALL_INTEGER = 97, TAG_INTEGER = 98, TAG_ATOM = 100,
	TAG_SMALL_TUPLE = 104, TAG_LARGE_TUPLE = 105, TAG_EMPTY_LIST = 106, TAG_STRING = 107, TAG_CELLS = 108,
	TAG_BINARY = 109, TAG_SMALL_BIG = 110, TAG_LARGE_BIG = 111, TAG_NEW_FUN = 112, TAG_EXPORT = 113,
	TAG_SMALL_ATOM = 115, TAG_MAP = 116,
	TAG_ATOM_UTF8 = 118, TAG_SMALL_ATOM_UTF8 = 119, TAG_V4_PORT = 120, TAG_VERSION = 131,
};

/* ---- The sink ------------------------------------------------------------------------------------------------ */

struct sink {
	const struct atoms *atoms;
	uint8_t *out;           /* NULL: only count */
	size_t bytes;
	size_t turns;           /* see external_turns */
	struct work_stack left;
};

static void put_bytes(struct sink *s, const void *data, size_t bytes)
{
	if (s->out)
		memcpy(s->out + s->bytes, data, bytes);
	s->bytes += bytes;
}

static void put_number(struct sink *s, uint64_t n, unsigned bytes)
{
	uint8_t data[8];
	for (unsigned i = 0; i < bytes; i++)
		data[i] = (uint8_t) (n >> 8 * (bytes - 1 - i));
	put_bytes(s, data, bytes);
}

static void put_byte(struct sink *s, unsigned byte) { put_number(s, byte, 1); }

/* ---- Atoms and numbers --------------------------------------------------------------------------------------- */

/* Characters when all are Latin-1, else 0. Atom texts are UTF-8. */
static size_t latin1_length(const char *text)
{
	size_t n = 0;
	for (; *text; n++) {
		uint8_t c = (uint8_t) *text++;
		if (c >= 0x80 && (c > 0xc3 || *text++ == 0))
			return 0;
	}
	return n;
}

static void put_atom_text(struct sink *s, const char *text)
{
	size_t bytes = strlen(text), characters = latin1_length(text);
	if (bytes && !characters) {
		put_byte(s, TAG_SMALL_ATOM_UTF8);
		put_byte(s, (unsigned) bytes);
		put_bytes(s, text, bytes);
		return;
	}
	put_byte(s, TAG_ATOM);
	put_number(s, characters, 2);
	for (; *text; text++) {
		uint8_t c = (uint8_t) *text;
		put_byte(s, c < 0x80 ? c : (c & 3u) << 6 | ((uint8_t) *++text & 0x3f));
	}
}

static void put_atom(struct sink *s, term t) { put_atom_text(s, atom_text(s->atoms, t)); }

/* Magnitude in bytes, lowest first. */
static void put_magnitude(struct sink *s, const uint64_t *limbs, size_t count, bool negative)
{
	size_t bytes = count * 8 - (size_t) __builtin_clzll(limbs[count - 1]) / 8;
	put_byte(s, bytes < 256 ? TAG_SMALL_BIG : TAG_LARGE_BIG);
	put_number(s, bytes, bytes < 256 ? 1 : 4);
	put_byte(s, negative);
	for (size_t i = 0; i < bytes; i++)
		put_byte(s, (unsigned) (limbs[i / 8] >> i % 8 * 8 & 0xff));
}

static void put_small(struct sink *s, intptr_t n)
{
	uint64_t magnitude = n < 0 ? -(uint64_t) n : (uint64_t) n;
	if (n >= 0 && n < 256) {
		put_byte(s, TAG_SMALL_INTEGER);
		put_byte(s, (unsigned) n);
	} else if (n >= INT32_MIN && n <= INT32_MAX) {
		put_byte(s, TAG_INTEGER);
		put_number(s, (uint64_t) n, 4);
	} else {
		put_magnitude(s, &magnitude, 1, n < 0);
	}
}

static void put_big(struct sink *s, term t)
{
	const term *box = term_box(t);
	put_magnitude(s, (const uint64_t *) (box + 1), header_words(box[0]), header_kind(box[0]) == BOX_BIG_NEGATIVE);
}

static void put_float(struct sink *s, term t)
{
	put_byte(s, TAG_FLOAT);
	put_number(s, term_box(t)[1].word, 8);
}

/* ---- Identities ---------------------------------------------------------------------------------------------- */

static void put_pid(struct sink *s, term t)
{
	uint64_t number = term_pid_number(t);
	put_byte(s, TAG_NEW_PID);
	put_atom_text(s, NODE_TEXT);
	put_number(s, number, 4);
	put_number(s, number >> 32 << 24 | term_pid_index(t), 4);
	put_number(s, 0, 4);
}

static void put_port(struct sink *s, term t)
{
	put_byte(s, TAG_V4_PORT);
	put_atom_text(s, NODE_TEXT);
	put_number(s, term_port_number(t), 8);
	put_number(s, 0, 4);
}

/* Three words of 32 bits, as OTP 25's have; the lowest first. */
static void put_reference(struct sink *s, term t)
{
	put_byte(s, TAG_NEWER_REFERENCE);
	put_number(s, 3, 2);
	put_atom_text(s, NODE_TEXT);
	put_number(s, 0, 4);
	put_number(s, reference_number(t), 4);
	put_number(s, reference_number(t) >> 32, 4);
	put_number(s, 0, 4);
}

/* ---- Binaries ------------------------------------------------------------------------------------------------ */

static void put_bits(struct sink *s, term t)
{
	struct bits b = bits_of(t);
	size_t bytes = b.bytes + (b.rest > 0);
	put_byte(s, b.rest ? TAG_BIT_BINARY : TAG_BINARY);
	put_number(s, bytes, 4);
	if (b.rest)
		put_byte(s, b.rest);
	if (b.offset == 0)
		put_bytes(s, b.data, b.bytes);
	for (size_t i = b.offset ? 0 : b.bytes; i < bytes; i++)
		put_byte(s, bits_byte(&b, i));
}

/* ---- Compounds: what they hold is left on the stack ---------------------------------------------------------- */

enum left {
	LEFT_WORDS,     /* count terms from a on */
	LEFT_LIST,      /* the list a; its front is written */
	LEFT_NODE,      /* count children of a trie's node, from a on */
	LEFT_PAIRS,     /* count keys from a on, their values from b on */
	LEFT_SIZE       /* a fun is written; its size goes to byte a */
};

static void leave(struct sink *s, enum left kind, uintptr_t a, uintptr_t b, size_t count)
{
	if (count == 0)
		return;
	work_stack_push(&s->left, (term) { a });
	work_stack_push(&s->left, (term) { b });
	work_stack_push(&s->left, (term) { count });
	work_stack_push(&s->left, (term) { kind });
}

static void leave_words(struct sink *s, const term *at, size_t count)
{
	leave(s, LEFT_WORDS, (uintptr_t) at, 0, count);
}

static bool is_byte(term t) { return term_is_small(t) && (uintptr_t) term_to_small(t) <= 255; }

/* Bytes in a row at the front of a list; *is_string: there is nothing else in it. */
static size_t leading_bytes(term t, bool *is_string)
{
	size_t n = 0;
	for (; term_is_cons(t) && n <= STRING_BYTES_MAX && is_byte(list_head(t)); t = list_tail(t))
		n++;
	*is_string = term_is_nil(t) && n <= STRING_BYTES_MAX;
	return n;
}

static void put_list(struct sink *s, term t)
{
	bool is_string;
	size_t n = leading_bytes(t, &is_string);
	put_byte(s, is_string ? TAG_STRING : TAG_CELLS);
	s->turns += is_string ? (3 * n + 2) / 2 : n;
	if (is_string) {
		put_number(s, n, 2);
		for (; term_is_cons(t); t = list_tail(t))
			put_byte(s, (unsigned) term_to_small(list_head(t)));
		return;
	}
	n = 0;
	for (term at = t; term_is_cons(at); at = list_tail(at))
		n++;
	put_number(s, n, 4);
	leave(s, LEFT_LIST, t.word, 0, 1);
}

static void put_tuple(struct sink *s, term t)
{
	size_t arity = tuple_arity(t);
	put_byte(s, arity < 256 ? TAG_SMALL_TUPLE : TAG_LARGE_TUPLE);
	put_number(s, arity, arity < 256 ? 1 : 4);
	leave_words(s, term_box(t) + 1, arity);
}

static void put_map(struct sink *s, term t)
{
	const term *box = term_box(t);
	put_byte(s, TAG_MAP);
	put_number(s, map_size(t), 4);
	if (term_is_kind(t, BOX_MAP_NODE))
		leave(s, LEFT_NODE, (uintptr_t) (box + 2), 0, header_words(box[0]) - 1);
	else
		leave(s, LEFT_PAIRS, (uintptr_t) (term_box(box[MAP_KEYS]) + 1), (uintptr_t) (box + MAP_VALUES), map_size(t));
}

/* The size in front counts itself; it is known at the end. The code's whole name goes where Erlang has the module's. */
static void put_fun(struct sink *s, term t)
{
	static const uint8_t no_digest[16];
	const term *box = term_box(t);
	size_t captured = header_words(box[0]) + 1 - FUN_CAPTURED;
	put_byte(s, TAG_NEW_FUN);
	leave(s, LEFT_SIZE, s->bytes, 0, 1);
	put_number(s, 0, 4);
	put_byte(s, (unsigned) term_to_small(box[FUN_ARITY]));
	put_bytes(s, no_digest, sizeof no_digest);
	put_number(s, 0, 4);
	put_number(s, captured, 4);
	put_atom(s, box[FUN_CODE]);
	put_small(s, 0);
	put_small(s, 0);
	leave_words(s, box + FUN_CAPTURED, captured);
	leave_words(s, box + FUN_CREATOR, 1);
}

static void put_external_fun(struct sink *s, term t)
{
	put_byte(s, TAG_EXPORT);
	leave_words(s, term_box(t) + 1, 3);
}

/* ---- The walk ------------------------------------------------------------------------------------------------ */

typedef void (*put_fn)(struct sink *s, term t);

static void put_box(struct sink *s, term t)
{
	static const put_fn by_kind[BOX_KIND_COUNT] = {
		[BOX_TUPLE] = put_tuple, [BOX_MAP] = put_map, [BOX_MAP_NODE] = put_map, [BOX_FUN] = put_fun,
		[BOX_EXTERNAL_FUN] = put_external_fun, [BOX_SUB_BINARY] = put_bits, [BOX_BIG_POSITIVE] = put_big,
		[BOX_BIG_NEGATIVE] = put_big, [BOX_FLOAT] = put_float, [BOX_REFERENCE] = put_reference,
		[BOX_HEAP_BINARY] = put_bits, [BOX_REFC] = put_bits,
	};
	by_kind[header_kind(*term_box(t))](s, t);
}

static void put_term(struct sink *s, term t)
{
	CHECK(!term_is_header(t), "a header is no term: %#lx", (unsigned long) t.word);
	s->turns += 2;
	if (term_is_cons(t))
		put_list(s, t);
	else if (term_is_boxed(t))
		put_box(s, t);
	else if (term_is_small(t))
		put_small(s, term_to_small(t));
	else if (term_is_atom(t))
		put_atom(s, t);
	else if (term_is_nil(t))
		put_byte(s, TAG_EMPTY_LIST);
	else
		(term_is_pid(t) ? put_pid : put_port)(s, t);
}

static void put_list_rest(struct sink *s, term t)
{
	if (term_is_cons(t)) {
		leave(s, LEFT_LIST, list_tail(t).word, 0, 1);
		t = list_head(t);
	}
	put_term(s, t);
}

static void put_child(struct sink *s, term child)
{
	const term *node = term_pointer(child);
	if (term_is_cons(child))
		leave_words(s, node, 2);
	else
		leave(s, LEFT_NODE, (uintptr_t) (node + 1), 0, header_words(node[0]));
}

static void put_size(struct sink *s, size_t at)
{
	struct sink field = { .out = s->out ? s->out + at : NULL };
	put_number(&field, s->bytes - at, 4);
}

static void go_on_with(struct sink *s, enum left kind, uintptr_t a, uintptr_t b, size_t count)
{
	if (kind == LEFT_LIST) {
		put_list_rest(s, (term) { a });
		return;
	}
	if (kind == LEFT_SIZE) {
		put_size(s, a);
		return;
	}
	leave(s, kind, a + WORD_BYTES, b + WORD_BYTES, count - 1);
	if (kind == LEFT_PAIRS)
		leave_words(s, (const term *) b, 1);
	(kind == LEFT_NODE ? put_child : put_term)(s, *(const term *) a);
}

static size_t run(const struct atoms *atoms, term t, uint8_t *out, size_t *turns)
{
	struct sink s = { .atoms = atoms, .out = out };
	work_stack_init(&s.left);
	put_byte(&s, TAG_VERSION);
	put_term(&s, t);
	while (s.left.count) {
		const term *at = s.left.items + (s.left.count -= 4);
		go_on_with(&s, (enum left) at[3].word, at[0].word, at[1].word, at[2].word);
	}
	work_stack_release(&s.left);
	*turns = s.turns - 2;           /* the whole is no part of itself */
	return s.bytes;
}

size_t external_turns(const struct atoms *atoms, term t, size_t *turns) { return run(atoms, t, NULL, turns); }
size_t external_bytes(const struct atoms *atoms, term t) { return run(atoms, t, NULL, &(size_t) { 0 }); }
size_t external_encode(const struct atoms *atoms, term t, uint8_t *out) { return run(atoms, t, out, &(size_t) { 0 }); }

/* ---- The source: a read beyond the end gives zeros and says so ----------------------------------------------- */

struct source {
	const uint8_t *at, *end;
	bool good;
};

static const uint8_t *take_bytes(struct source *s, size_t bytes)
{
	const uint8_t *at = s->at;
	if (bytes > (size_t) (s->end - s->at)) {
		s->good = false;
		return NULL;
	}
	s->at += bytes;
	return at;
}

static uint64_t take_number(struct source *s, unsigned bytes)
{
	const uint8_t *data = take_bytes(s, bytes);
	uint64_t n = 0;
	for (unsigned i = 0; data && i < bytes; i++)
		n = n << 8 | data[i];
	return n;
}

/* The text of an atom in UTF-8; false: it is none, or too long. */
static bool take_atom_text(struct source *s, enum tag tag, char text[ATOM_TEXT_MAX], size_t *bytes)
{
	bool latin1 = tag == TAG_ATOM || tag == TAG_SMALL_ATOM;
	size_t n = take_number(s, tag == TAG_ATOM || tag == TAG_ATOM_UTF8 ? 2 : 1);
	const uint8_t *data = take_bytes(s, n);
	*bytes = 0;
	for (size_t i = 0; data && i < n; i++) {
		bool two = latin1 && data[i] >= 0x80;
		if (*bytes + 1 + two > ATOM_TEXT_MAX)
			return false;
		if (two)
			text[(*bytes)++] = (char) (0xc0 | data[i] >> 6);
		text[(*bytes)++] = (char) (two ? 0x80 | (data[i] & 0x3f) : data[i]);
	}
	return data && (latin1 || utf8_is_valid(text, *bytes));
}

static bool is_atom_tag(unsigned tag)
{
	return tag == TAG_ATOM || tag == TAG_SMALL_ATOM || tag == TAG_ATOM_UTF8 || tag == TAG_SMALL_ATOM_UTF8;
}

/* Terms of other nodes have no meaning here. */
static void take_node(struct source *s)
{
	char text[ATOM_TEXT_MAX];
	size_t bytes = 0;
	unsigned tag = (unsigned) take_number(s, 1);
	bool ours = s->good && is_atom_tag(tag) && take_atom_text(s, (enum tag) tag, text, &bytes)
		&& bytes == strlen(NODE_TEXT) && memcmp(text, NODE_TEXT, bytes) == 0;
	s->good &= ours;
}

/* Bytes of a big without zeros on top. */
static size_t significant_bytes(const uint8_t *data, size_t n)
{
	while (n && data[n - 1] == 0)
		n--;
	return n;
}

static uint64_t limb_of(const uint8_t *data, size_t n)
{
	uint64_t limb = 0;
	for (size_t i = 0; i < n && i < 8; i++)
		limb |= (uint64_t) data[i] << 8 * i;
	return limb;
}

static bool big_is_small(const uint8_t *data, size_t n, bool negative)
{
	return n <= 8 && limb_of(data, n) <= (uint64_t) TERM_SMALL_MAX + negative;
}

/* ---- Every tag: is it good, what will it take, how many parts follow ----------------------------------------- */

struct need {
	uint64_t words, parts;  /* parts: terms that must still come */
};

typedef void (*measure_fn)(struct source *s, enum tag tag, struct need *need);

static size_t binary_words(size_t bytes)
{
	return bytes <= HEAP_BINARY_MAX ? 2 + (bytes + 7) / 8 : (size_t) REFC_WORDS;
}

static void measure_atom(struct source *s, enum tag tag, struct need *need)
{
	char text[ATOM_TEXT_MAX];
	size_t bytes;
	(void) need;
	s->good &= take_atom_text(s, tag, text, &bytes);
}

static void measure_integer(struct source *s, enum tag tag, struct need *need)
{
	(void) need;
	take_number(s, tag == TAG_INTEGER ? 4 : 1);
}

static void measure_big(struct source *s, enum tag tag, struct need *need)
{
	size_t n = take_number(s, tag == TAG_SMALL_BIG ? 1 : 4);
	bool negative = take_number(s, 1);
	const uint8_t *data = take_bytes(s, n);
	n = data ? significant_bytes(data, n) : 0;
	if (!big_is_small(data, n, negative))
		need->words += 1 + (n + 7) / 8;
}

static double take_float(struct source *s)
{
	uint64_t bits = take_number(s, 8);
	double d;
	memcpy(&d, &bits, sizeof d);
	s->good &= isfinite(d) != 0;
	return d;
}

static void measure_float(struct source *s, enum tag tag, struct need *need)
{
	(void) tag;
	take_float(s);
	need->words += 2;
}

static term take_pid(struct source *s)
{
	take_node(s);
	uint64_t low = take_number(s, 4), packed = take_number(s, 4);
	take_number(s, 4);
	s->good &= packed >> 24 < 16;
	return term_from_pid(packed >> 24 << 32 | low, packed & 0xffffff);
}

static void measure_pid(struct source *s, enum tag tag, struct need *need)
{
	(void) tag, (void) need;
	take_pid(s);
}

static term take_port(struct source *s)
{
	take_node(s);
	uint64_t number = take_number(s, 8);
	take_number(s, 4);
	s->good &= number >> 60 == 0;
	return term_from_port(number);
}

static void measure_port(struct source *s, enum tag tag, struct need *need)
{
	(void) tag, (void) need;
	take_port(s);
}

static uint64_t take_reference(struct source *s)
{
	size_t n = take_number(s, 2);
	take_node(s);
	take_number(s, 4);
	s->good &= n == 3;
	uint64_t low = take_number(s, 4), high = take_number(s, 4);
	s->good &= take_number(s, 4) == 0;
	return high << 32 | low;
}

static void measure_reference(struct source *s, enum tag tag, struct need *need)
{
	(void) tag;
	take_reference(s);
	need->words += 3;
}

static void measure_binary(struct source *s, enum tag tag, struct need *need)
{
	size_t n = take_number(s, 4);
	if (tag == TAG_BIT_BINARY) {
		unsigned bits = (unsigned) take_number(s, 1);
		s->good &= bits >= 1 && bits <= 8 && n >= 1;
		need->words += bits < 8 ? (size_t) SUB_WORDS : 0;
	}
	take_bytes(s, n);
	need->words += binary_words(n);
}

static void measure_string(struct source *s, enum tag tag, struct need *need)
{
	size_t n = take_number(s, 2);
	(void) tag;
	take_bytes(s, n);
	need->words += 2 * n;
}

static void measure_nothing(struct source *s, enum tag tag, struct need *need)
{
	(void) s, (void) tag, (void) need;
}

static void measure_list(struct source *s, enum tag tag, struct need *need)
{
	uint64_t n = take_number(s, 4);
	(void) tag;
	need->parts += n + 1;
	need->words += 2 * n;
}

static void measure_tuple(struct source *s, enum tag tag, struct need *need)
{
	uint64_t n = take_number(s, tag == TAG_SMALL_TUPLE ? 1 : 4);
	need->parts += n;
	need->words += n ? 1 + n : 0;
}

static void measure_map(struct source *s, enum tag tag, struct need *need)
{
	uint64_t n = take_number(s, 4);
	(void) tag;
	need->parts += 2 * n;
	need->words += map_from_pairs_words(n);
}

/* In front of a fun's parts: its size, arity, digest, index. */
#define FUN_PARTS 4u            /* module, old index, old digest, creator; then what it captured */

static uint64_t take_fun_head(struct source *s, unsigned *arity)
{
	take_number(s, 4);
	*arity = (unsigned) take_number(s, 1);
	take_bytes(s, 16);
	take_number(s, 4);
	return take_number(s, 4);
}

static void measure_fun(struct source *s, enum tag tag, struct need *need)
{
	unsigned arity;
	uint64_t n = take_fun_head(s, &arity);
	(void) tag;
	need->parts += FUN_PARTS + n;
	need->words += FUN_CAPTURED + n;
}

static void measure_export(struct source *s, enum tag tag, struct need *need)
{
	(void) s, (void) tag;
	need->parts += 3;
	need->words += 5;
}

static const measure_fn measure_by_tag[256] = {
	[TAG_FLOAT] = measure_float, [TAG_BIT_BINARY] = measure_binary, [TAG_NEW_PID] = measure_pid,
	[TAG_NEWER_REFERENCE] = measure_reference, [TAG_SMALL_INTEGER] = measure_integer, [TAG_INTEGER] = measure_integer,
	[TAG_ATOM] = measure_atom, [TAG_SMALL_TUPLE] = measure_tuple, [TAG_LARGE_TUPLE] = measure_tuple,
	[TAG_EMPTY_LIST] = measure_nothing, [TAG_STRING] = measure_string, [TAG_CELLS] = measure_list,
	[TAG_BINARY] = measure_binary, [TAG_SMALL_BIG] = measure_big, [TAG_LARGE_BIG] = measure_big,
	[TAG_NEW_FUN] = measure_fun, [TAG_EXPORT] = measure_export, [TAG_SMALL_ATOM] = measure_atom, [TAG_MAP] = measure_map,
	[TAG_ATOM_UTF8] = measure_atom, [TAG_SMALL_ATOM_UTF8] = measure_atom, [TAG_V4_PORT] = measure_port,
};

/* Every part takes a byte at least, so a promise of more parts than bytes is broken before it is believed. */
bool external_words(const uint8_t *data, size_t bytes, size_t *words)
{
	struct source s = { data, data + bytes, true };
	struct need need = { .parts = 1 };
	s.good = take_number(&s, 1) == TAG_VERSION;
	while (s.good && need.parts > 0 && need.parts <= (uint64_t) (s.end - s.at)) {
		unsigned tag = (unsigned) take_number(&s, 1);
		need.parts--;
		if (!measure_by_tag[tag])
			return false;
		measure_by_tag[tag](&s, (enum tag) tag, &need);
	}
	*words = need.words;
	return s.good && need.parts == 0 && s.at == s.end;
}

/* ---- Building ------------------------------------------------------------------------------------------------ */

struct reader {
	struct external_target *target;
	struct source source;
	struct work_stack values;
	struct work_stack open;         /* compounds: tag, arity of a fun, parts, parts that must still come */
	bool failed;
};

static term *take_words(struct reader *r, size_t words)
{
	term *at = r->target->top;
	r->target->top += words;
	return at;
}

static term read_atom(struct reader *r, enum tag tag)
{
	char text[ATOM_TEXT_MAX];
	size_t bytes;
	take_atom_text(&r->source, tag, text, &bytes);
	return atom_make(r->target->atoms, r->target->lane, text, bytes);
}

static term read_integer(struct reader *r, enum tag tag)
{
	if (tag == TAG_SMALL_INTEGER)
		return term_from_small((intptr_t) take_number(&r->source, 1));
	return term_from_small((int32_t) take_number(&r->source, 4));
}

static term read_big(struct reader *r, enum tag tag)
{
	size_t n = take_number(&r->source, tag == TAG_SMALL_BIG ? 1 : 4);
	bool negative = take_number(&r->source, 1);
	const uint8_t *data = take_bytes(&r->source, n);
	n = significant_bytes(data, n);
	if (big_is_small(data, n, negative))
		return term_from_small(negative ? -(intptr_t) limb_of(data, n) : (intptr_t) limb_of(data, n));
	size_t limbs = (n + 7) / 8;
	term *box = take_words(r, 1 + limbs);
	box[0] = term_header(negative ? BOX_BIG_NEGATIVE : BOX_BIG_POSITIVE, limbs);
	for (size_t i = 0; i < limbs; i++)
		box[1 + i].word = limb_of(data + 8 * i, n - 8 * i);
	return term_from_box(box);
}

static term read_float(struct reader *r, enum tag tag)
{
	double d = take_float(&r->source);
	term *box = take_words(r, 2);
	(void) tag;
	box[0] = term_header(BOX_FLOAT, 1);
	memcpy(&box[1], &d, sizeof d);
	return term_from_box(box);
}

static term read_pid(struct reader *r, enum tag tag)
{
	(void) tag;
	return take_pid(&r->source);
}

static term read_port(struct reader *r, enum tag tag)
{
	(void) tag;
	return take_port(&r->source);
}

static term read_reference(struct reader *r, enum tag tag)
{
	term *box = take_words(r, 3);
	(void) tag;
	box[0] = term_header(BOX_REFERENCE, 2);
	box[1].word = take_reference(&r->source);
	box[2].word = 0;
	return term_from_box(box);
}

static term build_binary(struct reader *r, const uint8_t *data, size_t bytes)
{
	if (bytes > HEAP_BINARY_MAX)
		return r->target->binary(r->target, data, bytes);
	size_t words = (bytes + 7) / 8;
	term *box = take_words(r, 2 + words);
	box[0] = term_header(BOX_HEAP_BINARY, 1 + words);
	box[1 + words].word = 0;
	box[1].word = bytes;
	memcpy(box + 2, data, bytes);
	return term_from_box(box);
}

static term read_binary(struct reader *r, enum tag tag)
{
	size_t n = take_number(&r->source, 4);
	unsigned bits = tag == TAG_BIT_BINARY ? (unsigned) take_number(&r->source, 1) : 8;
	term parent = build_binary(r, take_bytes(&r->source, n), n);
	if (bits == 8 || term_is_none(parent))
		return parent;
	term *box = take_words(r, SUB_WORDS);
	box[0] = term_header(BOX_SUB_BINARY, SUB_WORDS - 1);
	box[SUB_SIZE] = term_from_small((intptr_t) n - 1);
	box[SUB_OFFSET] = term_from_small(0);
	box[SUB_BITS] = term_from_small((intptr_t) bits << 3);
	box[SUB_PARENT] = parent;
	return term_from_box(box);
}

/* n cells in a row whose heads are set. */
static term build_list(term *cells, size_t n, term tail)
{
	for (size_t i = 0; i < n; i++)
		cells[2 * i + 1] = i + 1 < n ? term_from_cons(cells + 2 * i + 2) : tail;
	return n ? term_from_cons(cells) : tail;
}

static term read_string(struct reader *r, enum tag tag)
{
	size_t n = take_number(&r->source, 2);
	const uint8_t *data = take_bytes(&r->source, n);
	term *cells = take_words(r, 2 * n);
	(void) tag;
	for (size_t i = 0; i < n; i++)
		cells[2 * i] = term_from_small(data[i]);
	return build_list(cells, n, TERM_NIL);
}

static term read_nil(struct reader *r, enum tag tag)
{
	(void) r, (void) tag;
	return TERM_NIL;
}

/* ---- Compounds: opened when their head is read, built from the values when complete -------------------------- */

typedef term (*read_fn)(struct reader *r, enum tag tag);
typedef term (*build_fn)(struct reader *r, term *parts, size_t count, unsigned arity);

#define OPENED TERM_NONE

static term open_compound(struct reader *r, enum tag tag, unsigned arity, size_t parts)
{
	work_stack_push(&r->open, (term) { tag });
	work_stack_push(&r->open, (term) { arity });
	work_stack_push(&r->open, (term) { parts });
	work_stack_push(&r->open, (term) { parts });
	return OPENED;
}

static term open_list(struct reader *r, enum tag tag)
{
	return open_compound(r, tag, 0, take_number(&r->source, 4) + 1);
}

static term open_tuple(struct reader *r, enum tag tag)
{
	size_t n = take_number(&r->source, tag == TAG_SMALL_TUPLE ? 1 : 4);
	return n ? open_compound(r, tag, 0, n) : TERM_EMPTY_TUPLE;
}

static term open_map(struct reader *r, enum tag tag)
{
	size_t n = take_number(&r->source, 4);
	return n ? open_compound(r, tag, 0, 2 * n) : map_from_pairs(r->target->atoms, &r->target->top, NULL, 0);
}

static term open_fun(struct reader *r, enum tag tag)
{
	unsigned arity;
	size_t n = take_fun_head(&r->source, &arity);
	return open_compound(r, tag, arity, FUN_PARTS + n);
}

static term open_export(struct reader *r, enum tag tag) { return open_compound(r, tag, 0, 3); }

static term close_list(struct reader *r, term *parts, size_t count, unsigned arity)
{
	term *cells = take_words(r, 2 * (count - 1));
	(void) arity;
	for (size_t i = 0; i + 1 < count; i++)
		cells[2 * i] = parts[i];
	return build_list(cells, count - 1, parts[count - 1]);
}

static term close_tuple(struct reader *r, term *parts, size_t count, unsigned arity)
{
	term *box = take_words(r, 1 + count);
	(void) arity;
	box[0] = term_header(BOX_TUPLE, count);
	memcpy(box + 1, parts, count * sizeof *box);
	return term_from_box(box);
}

static term close_map(struct reader *r, term *parts, size_t count, unsigned arity)
{
	(void) arity;
	return map_from_pairs(r->target->atoms, &r->target->top, parts, count / 2);
}

static term close_fun(struct reader *r, term *parts, size_t count, unsigned arity)
{
	size_t captured = count - FUN_PARTS;
	if (!term_is_atom(parts[0]) || !term_is_pid(parts[3]))
		return TERM_NONE;
	term *box = take_words(r, FUN_CAPTURED + captured);
	box[0] = term_header(BOX_FUN, FUN_CAPTURED - 1 + captured);
	box[FUN_CODE] = parts[0];
	box[FUN_CREATOR] = parts[3];
	box[FUN_ARITY] = term_from_small(arity);
	box[FUN_CAPTURED - 1] = term_from_small((intptr_t) captured);
	memcpy(box + FUN_CAPTURED, parts + FUN_PARTS, captured * sizeof *box);
	return term_from_box(box);
}

static term close_export(struct reader *r, term *parts, size_t count, unsigned arity)
{
	(void) arity;
	if (!term_is_atom(parts[0]) || !term_is_atom(parts[1]) || !term_is_small(parts[2]))
		return TERM_NONE;
	term *box = take_words(r, 2 + count);
	box[0] = term_header(BOX_EXTERNAL_FUN, 1 + count);
	memcpy(box + 1, parts, count * sizeof *box);
	box[1 + count] = term_from_small(0);
	return term_from_box(box);
}

static const read_fn read_by_tag[256] = {
	[TAG_FLOAT] = read_float, [TAG_BIT_BINARY] = read_binary, [TAG_NEW_PID] = read_pid,
	[TAG_NEWER_REFERENCE] = read_reference, [TAG_SMALL_INTEGER] = read_integer, [TAG_INTEGER] = read_integer,
	[TAG_ATOM] = read_atom, [TAG_SMALL_TUPLE] = open_tuple, [TAG_LARGE_TUPLE] = open_tuple, [TAG_EMPTY_LIST] = read_nil,
	[TAG_STRING] = read_string, [TAG_CELLS] = open_list, [TAG_BINARY] = read_binary, [TAG_SMALL_BIG] = read_big,
	[TAG_LARGE_BIG] = read_big, [TAG_NEW_FUN] = open_fun, [TAG_EXPORT] = open_export, [TAG_SMALL_ATOM] = read_atom,
	[TAG_MAP] = open_map, [TAG_ATOM_UTF8] = read_atom, [TAG_SMALL_ATOM_UTF8] = read_atom, [TAG_V4_PORT] = read_port,
};

static const build_fn close_by_tag[256] = {
	[TAG_CELLS] = close_list, [TAG_SMALL_TUPLE] = close_tuple, [TAG_LARGE_TUPLE] = close_tuple, [TAG_MAP] = close_map,
	[TAG_NEW_FUN] = close_fun, [TAG_EXPORT] = close_export,
};

/* A value is there: it completes the innermost compound, which is a value then, and so on. */
static void settle(struct reader *r, term value)
{
	while (!r->failed) {
		r->failed = term_is_none(value);
		work_stack_push(&r->values, value);
		if (r->open.count == 0 || --r->open.items[r->open.count - 1].word > 0)
			return;
		const term *compound = r->open.items + (r->open.count -= 4);
		size_t count = compound[2].word;
		term *parts = r->values.items + (r->values.count -= count);
		value = close_by_tag[compound[0].word](r, parts, count, (unsigned) compound[1].word);
	}
}

term external_decode(struct external_target *target, const uint8_t *data, size_t bytes)
{
	struct reader r = { .target = target, .source = { data + 1, data + bytes, true } };
	term result = TERM_NONE;
	work_stack_init(&r.values);
	work_stack_init(&r.open);
	do {
		enum tag tag = (enum tag) take_number(&r.source, 1);
		size_t opened = r.open.count;
		term value = read_by_tag[tag](&r, tag);
		if (r.open.count == opened)
			settle(&r, value);
	} while (!r.failed && r.open.count);
	if (!r.failed)
		work_stack_pop(&r.values, &result);
	work_stack_release(&r.values);
	work_stack_release(&r.open);
	return result;
}
