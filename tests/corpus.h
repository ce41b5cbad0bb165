/*
 * corpus - the terms of tests/terms/terms.txt, as OTP 25 sees them and as this runtime reads them from OTP's bytes.
 *
 * One recorded file judges the external form, sizes, order and text alike; terms.escript beside it makes it anew.
 */
#ifndef TESTS_CORPUS_H
#define TESTS_CORPUS_H

#include "runtime/term/atom.h"
#include "runtime/term/external.h"
#include "runtime/term/term.h"

struct corpus_line {
	bool equals_previous;           /* by ==; else it is greater */
	bool is_rough;                  /* words and order of pairs are the hash's choice */
	size_t words;                   /* erts_debug:flat_size */
	uint8_t *form;                  /* term_to_binary */
	size_t form_bytes;
	char *text;                     /* ~0tp, or "-" */
	term term;                      /* read from the form */
	size_t used_words;              /* that reading it took */
};

struct corpus {
	struct mem *mem;
	struct atoms *atoms;
	struct corpus_line *lines;
	size_t count;
	term *heap;                     /* roomy: a test may build at target.top, too */
	struct external_target target;
};

void corpus_open(struct corpus *c);
void corpus_close(struct corpus *c);

/* Reads a form at c->target.top; fails the test when it is none. */
term corpus_read(struct corpus *c, const uint8_t *form, size_t bytes);

#endif
