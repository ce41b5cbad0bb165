/*
 * term - one tagged machine word, as on the BEAM (64 bit, OTP 25).
 *
 *   ...00  on a heap: a header (bitmap << 48 | size << 6 | kind << 2); on a stack: a frame's descriptor
 *   ...01  list: pointer to a cons, two words
 *   ...10  boxed: pointer to a header word, its body follows
 *   0011 pid · 0111 port · 1011 atom (001011) or nil (111011) · 1111 small integer, 60 bits
 *
 * The type is a struct of one word, not an integer: mixing the two up does not compile.
 * pid: number << 24 | index << 4 ... see term_from_pid; the number is the order of birth and never used again.
 *
 * Boxed bodies (words after the header). All of them but the raw kinds hold ordinary terms, so that a
 * scan needs no cases:
 *   tuple k elements · flatmap: size, keys tuple, values ... · hashmap node: see map.h
 *   fun: code atom, creator pid, arity, 0, captured values · external fun: module, function, arity, 0
 *   sub-binary: size and offset in bytes, bits (smalls), parent handle
 * raw: float 1 · bignum limbs · reference 2 (number, 0) · heap binary: size in bytes, then bytes
 *   refc handle 5: size, next in the off-heap list, payload, bytes, flags
 *
 * MOVED: during a collection a header slot holds the new place, tagged as the pointer that was followed;
 * a cons's head holds 0 and its tail the new place.
 */
#ifndef RUNTIME_TERM_TERM_H
#define RUNTIME_TERM_TERM_H

#include "runtime/base/base.h"

typedef struct { uintptr_t word; } term;

enum term_tag { TAG_HEADER = 0, TAG_LIST = 1, TAG_BOXED = 2, TAG_IMMEDIATE = 3 };
enum term_immediate { IMM_PID = 0x3, IMM_PORT = 0x7, IMM_SMALL = 0xf, IMM_ATOM = 0x0b, IMM_NIL = 0x3b };

/* Kinds of boxed terms; from BOX_RAW on their bodies are raw words that a scan skips. */
enum box_kind {
	BOX_TUPLE, BOX_MAP, BOX_MAP_NODE, BOX_FUN, BOX_EXTERNAL_FUN, BOX_SUB_BINARY,
	BOX_RAW,
	BOX_BIG_POSITIVE = BOX_RAW, BOX_BIG_NEGATIVE, BOX_FLOAT, BOX_REFERENCE, BOX_HEAP_BINARY, BOX_REFC,
	BOX_KIND_COUNT
};

#define TERM_SMALL_MAX ((INT64_C(1) << 59) - 1)
#define TERM_SMALL_MIN (-(INT64_C(1) << 59))

#define TERM_NIL ((term) { IMM_NIL })
#define TERM_NONE ((term) { 0 })         /* no term: an empty place, never inside a heap */

ALWAYS_INLINE bool term_is(term a, term b) { return a.word == b.word; }
ALWAYS_INLINE bool term_is_none(term t) { return t.word == 0; }
ALWAYS_INLINE unsigned term_tag(term t) { return t.word & 3; }
ALWAYS_INLINE bool term_is_immediate(term t) { return term_tag(t) == TAG_IMMEDIATE; }
ALWAYS_INLINE bool term_is_header(term t) { return term_tag(t) == TAG_HEADER; }
ALWAYS_INLINE bool term_is_small(term t) { return (t.word & 0xf) == IMM_SMALL; }
ALWAYS_INLINE bool term_is_pid(term t) { return (t.word & 0xf) == IMM_PID; }
ALWAYS_INLINE bool term_is_port(term t) { return (t.word & 0xf) == IMM_PORT; }
ALWAYS_INLINE bool term_is_atom(term t) { return (t.word & 0x3f) == IMM_ATOM; }
ALWAYS_INLINE bool term_is_nil(term t) { return t.word == IMM_NIL; }
ALWAYS_INLINE bool term_is_cons(term t) { return term_tag(t) == TAG_LIST; }
ALWAYS_INLINE bool term_is_boxed(term t) { return term_tag(t) == TAG_BOXED; }

ALWAYS_INLINE term term_from_small(intptr_t n) { return (term) { (uintptr_t) n << 4 | IMM_SMALL }; }
ALWAYS_INLINE intptr_t term_to_small(term t) { return (intptr_t) t.word >> 4; }
ALWAYS_INLINE bool term_fits_small(int64_t n) { return n >= TERM_SMALL_MIN && n <= TERM_SMALL_MAX; }

/* Atoms are numbers of the world's atom table (atom.h). */
ALWAYS_INLINE term term_from_atom(uint32_t index) { return (term) { (uintptr_t) index << 6 | IMM_ATOM }; }
ALWAYS_INLINE uint32_t term_to_atom(term t) { return (uint32_t) (t.word >> 6); }

/*
 * A pid is its number (order of birth, 36 bits, never used again) and its place in the process table
 * (24 bits). Printed as <0.NUMBER.0>; ordered by number.
 */
ALWAYS_INLINE term term_from_pid(uint64_t number, uint32_t index)
{
	return (term) { (number << 24 | index) << 4 | IMM_PID };
}
ALWAYS_INLINE uint64_t term_pid_number(term t) { return t.word >> 28; }
ALWAYS_INLINE uint32_t term_pid_index(term t) { return (uint32_t) (t.word >> 4 & 0xffffff); }
ALWAYS_INLINE term term_from_port(uint64_t number) { return (term) { number << 4 | IMM_PORT }; }
ALWAYS_INLINE uint64_t term_port_number(term t) { return t.word >> 4; }

/* Pointers. The body of a list cell is head, tail. */
ALWAYS_INLINE term term_from_cons(const term *cell) { return (term) { (uintptr_t) cell | TAG_LIST }; }
ALWAYS_INLINE term term_from_box(const term *header) { return (term) { (uintptr_t) header | TAG_BOXED }; }
ALWAYS_INLINE term *term_cell(term t) { return (term *) (t.word - TAG_LIST); }
ALWAYS_INLINE term *term_box(term t) { return (term *) (t.word - TAG_BOXED); }
ALWAYS_INLINE term *term_pointer(term t) { return (term *) (t.word & ~(uintptr_t) 3); }
ALWAYS_INLINE term list_head(term t) { return term_cell(t)[0]; }
ALWAYS_INLINE term list_tail(term t) { return term_cell(t)[1]; }

/* Headers: `words` counts the body only, in bits 6-47; above lies the bitmap of a map's node (map.c), else 0. */
ALWAYS_INLINE term term_header(enum box_kind kind, size_t words)
{
	return (term) { (uintptr_t) words << 6 | (uintptr_t) kind << 2 };
}
ALWAYS_INLINE size_t header_words(term h) { return h.word << 16 >> 22; }
ALWAYS_INLINE enum box_kind header_kind(term h) { return (enum box_kind) (h.word >> 2 & 0xf); }
ALWAYS_INLINE bool header_is_raw(term h) { return header_kind(h) >= BOX_RAW; }
ALWAYS_INLINE bool term_is_kind(term t, enum box_kind kind)
{
	return term_is_boxed(t) && header_kind(*term_box(t)) == kind;
}

ALWAYS_INLINE bool term_is_tuple(term t) { return term_is_kind(t, BOX_TUPLE); }
ALWAYS_INLINE size_t tuple_arity(term t) { return header_words(*term_box(t)); }
ALWAYS_INLINE term tuple_at(term t, size_t i) { return term_box(t)[1 + i]; }           /* from 0 */
ALWAYS_INLINE bool term_is_float(term t) { return term_is_kind(t, BOX_FLOAT); }
ALWAYS_INLINE bool term_is_reference(term t) { return term_is_kind(t, BOX_REFERENCE); }
ALWAYS_INLINE uint64_t reference_number(term t) { return term_box(t)[1].word; }
ALWAYS_INLINE bool term_is_big(term t)
{
	return term_is_kind(t, BOX_BIG_POSITIVE) || term_is_kind(t, BOX_BIG_NEGATIVE);
}
ALWAYS_INLINE bool term_is_map(term t) { return term_is_kind(t, BOX_MAP) || term_is_kind(t, BOX_MAP_NODE); }
ALWAYS_INLINE bool term_is_fun(term t) { return term_is_kind(t, BOX_FUN) || term_is_kind(t, BOX_EXTERNAL_FUN); }
ALWAYS_INLINE bool term_is_binary(term t)
{
	return term_is_kind(t, BOX_HEAP_BINARY) || term_is_kind(t, BOX_REFC) || term_is_kind(t, BOX_SUB_BINARY);
}

/* Body layout of the kinds that others look into, in words from the header. */
enum refc_word { REFC_SIZE = 1, REFC_NEXT = 2, REFC_PAYLOAD = 3, REFC_BYTES = 4, REFC_FLAGS = 5, REFC_WORDS = 6 };
enum sub_word { SUB_SIZE = 1, SUB_OFFSET = 2, SUB_BITS = 3, SUB_PARENT = 4, SUB_WORDS = 5 };
enum fun_word { FUN_CODE = 1, FUN_CREATOR = 2, FUN_ARITY = 3, FUN_CAPTURED = 5 };
enum map_word { MAP_SIZE = 1, MAP_KEYS = 2, MAP_VALUES = 3 };

/* SUB_BITS, a small: offset of the first bit 0-7 | bits in the last byte 0-7 << 3 | writable << 6. */
#define SUB_WRITABLE 64

/*
 * The empty tuple is one constant of no words, never copied nor moved: its header is the word 0, which no other
 * box has. (The empty map is an ordinary box of three words, as on the BEAM.)
 */
extern const term term_empty_tuple_box[1];
#define TERM_EMPTY_TUPLE term_from_box(term_empty_tuple_box)

#endif
