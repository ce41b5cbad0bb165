/*
 * filter - `mem>1M mq>100 app=shop name~cache`: which rows to keep.
 *
 * Tests stand beside each other and all must hold. A test is COLUMN OPERATOR VALUE, without blanks in
 * between or with the value in double quotes:
 *
 *   =  !=  <  <=  >  >=     numbers (K M G T are 1024) and words
 *   ~  !~                   the word contains the value, capitals alike
 *   word, -word             a bare word: some name of the row contains it; with - none does
 *
 * Any column of the kind can be tested, rates too: `memory_rate>10K`. An unknown number passes no test.
 */
#ifndef TUI_MODEL_FILTER_H
#define TUI_MODEL_FILTER_H

#include "tui/model/columns.h"

struct filter;

/*
 * Makes a filter for rows of `kind`; an empty text gives an empty filter that passes everything. NULL
 * with one clear line in `error` when the text is wrong. The caller frees it.
 */
struct filter *filter_new(enum row_kind kind, const char *text, char *error, size_t error_size);
void filter_free(struct filter *f);

/* True when every test holds. f may be NULL: everything passes. */
bool filter_pass(const struct filter *f, const struct row *r);

/* True when there is nothing to test. */
bool filter_is_empty(const struct filter *f);

/* The text it was made of; "" for NULL. */
const char *filter_text(const struct filter *f);

/* The bits of the fields that must have rates for this filter: bit n is field n. */
uint64_t filter_rate_fields(const struct filter *f);

/* The columns it tests, for completion and for columns that must be watched: how many. */
size_t filter_columns(const struct filter *f, const struct column **out, size_t room);

#endif
