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
#include "runtime/term/number.h"
#include "runtime/term/work_stack.h"

#define NODE_TEXT "nonode@nohost"
#define STRING_BYTES_MAX 65535u
#define HEAP_BINARY_MAX 64u

enum tag {
	TAG_VERSION = 131, TAG_FLOAT = 70, TAG_BIT_BINARY = 77, TAG_NEW_PID = 88, TAG_NEWER_REFERENCE = 90, TAG_SMALL_INTEGER = 97,
	TAG_INTEGER = 98, TAG_ATOM = 100, TAG_SMALL_TUPLE = 104, TAG_LARGE_TUPLE = 105, TAG_EMPTY_LIST = 106, TAG_STRING = 107,
	TAG_CELLS = 108, TAG_BINARY = 109, TAG_SMALL_BIG = 110, TAG_LARGE_BIG = 111, TAG_NEW_FUN = 112, TAG_EXPORT = 113,
	TAG_SMALL_ATOM = 115, TAG_MAP = 116, TAG_ATOM_UTF8 = 118, TAG_SMALL_ATOM_UTF8 = 119, TAG_V4_PORT = 120,
};

/* ---- The sink --------------------------------------------------------------------------------------------------- */

struct sink {
	const struct atoms *atoms;
	uint8_t *out;           /* NULL: only count */
	size_t bytes;
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

/* ---- Atoms and numbers ------------------------------------------------------------------------------------------ */

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
	put_magnitude(s, (const uint64_t *) (term_box(t) + 1), header_words(*term_box(t)), term_is_kind(t, BOX_BIG_NEGATIVE));
}

static void put_float(struct sink *s, term t)
{
	put_byte(s, TAG_FLOAT);
	put_number(s, term_box(t)[1].word, 8);
}

/* ---- Identities --------------------------------------------------------------------------------------------------- */

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

/* ---- Binaries --------------------------------------------------------------------------------------------------------- */

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

/* ---- Compounds: what they hold is left on the stack ---------------------------------------------------------------------- */

/* LEFT_WORDS: count terms from a on. LEFT_LIST: the list a, its front is written. LEFT_NODE: children of a trie's node.
 * LEFT_PAIRS: count keys from a on, values from b on. */
enum left { LEFT_WORDS, LEFT_LIST, LEFT_NODE, LEFT_PAIRS };

static void leave(struct sink *s, enum left kind, uintptr_t a, uintptr_t b, size_t count)
{
	if (count == 0)
		return;
	work_stack_push(&s->left, (term) { a });
	work_stack_push(&s->left, (term) { b });
	work_stack_push(&s->left, (term) { count });
	work_stack_push(&s->left, (term) { kind });
}

static void leave_words(struct sink *s, const term *at, size_t count) { leave(s, LEFT_WORDS, (uintptr_t) at, 0, count); }

static size_t string_length(term t)
{
	size_t n = 0;
	for (; term_is_cons(t) && n <= STRING_BYTES_MAX; t = list_tail(t), n++)
		if (!term_is_small(list_head(t)) || (uintptr_t) term_to_small(list_head(t)) > 255)
			return 0;
	return term_is_nil(t) && n <= STRING_BYTES_MAX ? n : 0;
}

static void put_list(struct sink *s, term t)
{
	size_t n = string_length(t);
	put_byte(s, n ? TAG_STRING : TAG_CELLS);
	if (n) {
		put_number(s, n, 2);
		for (; term_is_cons(t); t = list_tail(t))
			put_byte(s, (unsigned) term_to_small(list_head(t)));
		return;
	}
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

/* The size in front counts itself. The code's whole name goes where Erlang has the module's. */
static void put_fun(struct sink *s, term t)
{
	static const uint8_t no_digest[16];
	const term *box = term_box(t);
	size_t captured = header_words(box[0]) + 1 - FUN_CAPTURED, free_bytes = 0;
	struct sink counter = { .atoms = s->atoms };
	put_atom(&counter, box[FUN_CODE]);
	for (size_t i = 0; i < captured; i++)
		free_bytes += external_bytes(s->atoms, box[FUN_CAPTURED + i]) - 1;
	free_bytes += external_bytes(s->atoms, box[FUN_CREATOR]) - 1;
	put_byte(s, TAG_NEW_FUN);
	put_number(s, 4 + 1 + sizeof no_digest + 4 + 4 + counter.bytes + 2 + 5 + free_bytes, 4);
	put_byte(s, (unsigned) term_to_small(box[FUN_ARITY]));
	put_bytes(s, no_digest, sizeof no_digest);
	put_number(s, 0, 4);
	put_number(s, captured, 4);
	put_atom(s, box[FUN_CODE]);
	put_small(s, 0);
	put_byte(s, TAG_INTEGER);
	put_number(s, 0, 4);
	leave_words(s, box + FUN_CAPTURED, captured);
	leave_words(s, box + FUN_CREATOR, 1);
}

static void put_external_fun(struct sink *s, term t)
{
	put_byte(s, TAG_EXPORT);
	leave_words(s, term_box(t) + 1, 3);
}

/* ---- The walk --------------------------------------------------------------------------------------------------------------- */

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

static void go_on_with(struct sink *s, enum left kind, uintptr_t a, uintptr_t b, size_t count)
{
	const term *at = (const term *) a;
	if (kind == LEFT_LIST && term_is_cons((term) { a })) {
		leave(s, LEFT_LIST, list_tail((term) { a }).word, 0, 1);
		put_term(s, list_head((term) { a }));
		return;
	}
	if (kind == LEFT_LIST) {
		put_term(s, (term) { a });
		return;
	}
	leave(s, kind, a + WORD_BYTES, b + WORD_BYTES, count - 1);
	if (kind == LEFT_PAIRS)
		leave_words(s, (const term *) b, 1);
	if (kind == LEFT_NODE && term_is_cons(*at))
		leave_words(s, term_cell(*at), 2);
	else if (kind == LEFT_NODE)
		leave(s, LEFT_NODE, (uintptr_t) (term_box(*at) + 1), 0, header_words(*term_box(*at)));
	else
		put_term(s, *at);
}

static size_t run(const struct atoms *atoms, term t, uint8_t *out)
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
	return s.bytes;
}

size_t external_bytes(const struct atoms *atoms, term t) { return run(atoms, t, NULL); }
size_t external_encode(const struct atoms *atoms, term t, uint8_t *out) { return run(atoms, t, out); }
