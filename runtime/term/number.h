/*
 * number - integers beyond 60 bits and floats on a heap. 1 header + limbs of 64 bits; 2 words a float.
 */
#ifndef RUNTIME_TERM_NUMBER_H
#define RUNTIME_TERM_NUMBER_H

#include "runtime/term/term.h"

/* Words that integer_from needs: 0 for a small. */
size_t integer_words(int64_t n);
term integer_from(term **top, int64_t n);
/* 2^bits or -(2^bits), as needed for tests of any width. */
size_t integer_power2_words(unsigned bits, bool negative);
term integer_power2(term **top, unsigned bits, bool negative);
/* False when it is no integer or does not fit. */
bool integer_to_int64(term t, int64_t *out);
term float_from(term **top, double d);
double float_value(term t);
/* Adds (or subtracts) one int64 to an integer term; words needed at most integer_add_words. */
size_t integer_add_words(term t);
term integer_add(term **top, term t, int64_t n);

#endif
