/*
 * utf8 - one character at a time.
 */
#ifndef RUNTIME_TERM_UTF8_H
#define RUNTIME_TERM_UTF8_H

#include "runtime/base/base.h"

/* Bytes of the character at text[0..n), n > 0; 0 when it is not well-formed. *character gets its number. */
size_t utf8_read(const char *text, size_t n, uint32_t *character);
bool utf8_is_valid(const char *text, size_t n);

#endif
