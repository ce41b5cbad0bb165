/*
 * terms - for tests: a world of terms and nothing above, and terms read from the bytes that a real Erlang wrote.
 */
#ifndef TESTS_TERMS_H
#define TESTS_TERMS_H

#include "runtime/base/mem.h"
#include "runtime/term/atom.h"
#include "runtime/term/external.h"

struct terms {
	struct mem *mem;
	struct mem_lane *lane;
	struct atoms *atoms;
	term *room, *top;               /* where terms are built; never moved */
	term *handles;                  /* of binaries off heap, dropped at the end */
};

/* Aborts the test when it runs out of `words`. */
void terms_begin(struct terms *t, size_t words);
void terms_end(struct terms *t);

/* The term whose external form these hexadecimal digits are; fails the test when it is none. */
term terms_read(struct terms *t, const char *hex);
/* The bytes of hexadecimal digits; gives their number. */
size_t terms_bytes(const char *hex, uint8_t *out, size_t room);
/* An external_target at t's top. */
struct external_target terms_target(struct terms *t);

/* What OTP 25 made of a term: term_to_binary's bytes, and ~tp. */
struct recorded { const char *hex, *text; };
extern const struct recorded recorded_terms[];
extern const size_t recorded_count;

#endif
