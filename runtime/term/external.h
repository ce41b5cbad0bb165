/*
 * external - terms as bytes, in Erlang's external term format (131 ...), as OTP 25 writes it.
 *
 * Encoding allocates nothing of a heap: ask for the size, bring a buffer. Decoding takes two looks as well:
 * external_words checks every byte and says what must be reserved, external_decode builds and never runs out of words.
 *
 * What this runtime has and Erlang has not is kept in the fields that Erlang gives no meaning outside of the node: a
 * pid's place in the table goes into its serial. The node is always nonode@nohost.
 */
#ifndef RUNTIME_TERM_EXTERNAL_H
#define RUNTIME_TERM_EXTERNAL_H

#include "runtime/term/atom.h"
#include "runtime/term/term.h"

/* Bytes that external_encode writes, the leading 131 included. */
size_t external_bytes(const struct atoms *atoms, term t);
/*
 * The same, and how many turns OTP 25 takes for it over both of its walks (a reduction is 32): two a part of a term; a string
 * is one and a half a byte; a list that only begins like one has been looked at so far in vain.
 */
size_t external_turns(const struct atoms *atoms, term t, size_t *turns);
/* Writes them to out; gives their number. */
size_t external_encode(const struct atoms *atoms, term t, uint8_t *out);

/* Is this one well-formed term and nothing behind it? *words: what building it needs at most. Compressed: refused. */
bool external_words(const uint8_t *data, size_t bytes, size_t *words);

/*
 * Where a decoded term is built. Binaries of more than 64 bytes are made by `binary`, which takes its REFC_WORDS from
 * the same top; a payload is not this floor's to allocate.
 */
struct external_target {
	struct atoms *atoms;
	struct mem_lane *lane;          /* for new atoms */
	term *top;                      /* moved on */
	term (*binary)(struct external_target *target, const uint8_t *data, size_t bytes);
	void *context;                  /* of `binary` */
};

/* The term, of bytes that external_words found good. TERM_NONE: no atom or no binary could be made. */
term external_decode(struct external_target *target, const uint8_t *data, size_t bytes);

#endif
