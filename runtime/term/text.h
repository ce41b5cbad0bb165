/*
 * text - terms as Erlang would print them (~tp, ~P), within a limit, and small terms read back.
 */
#ifndef RUNTIME_TERM_TEXT_H
#define RUNTIME_TERM_TEXT_H

#include "runtime/term/atom.h"
#include "runtime/term/term.h"

/*
 * Writes at most room-1 bytes and a zero; cut text ends in "...". Never splits a UTF-8 character. Visits a
 * bounded number of words whatever the term. Returns the length written.
 */
size_t term_text(const struct atoms *atoms, term t, char *out, size_t room);

/* "<0.N.0>" -> N; 0 when it is no pid. */
uint64_t text_to_pid_number(const char *text);

#endif
