/*
 * map - flat maps up to 32 keys, hash tries above, as on the BEAM.
 *
 * Flat: value block {header, size, keys} + values in key order, and a keys tuple; maps updated in place
 * of equal keys share the keys tuple. Empty: 3 words, a constant.
 * Trie: nodes of up to 16 branches, {header with the bitmap in its upper bits, children}; the root has one word
 * more, the size, before its children; leaves are cons cells [key | value]. The word counts are OTP's: header, (size),
 * one word a child; 2 a leaf.
 *
 * Building never collects: the caller reserves map_words_* first and hands in where to build.
 */
#ifndef RUNTIME_TERM_MAP_H
#define RUNTIME_TERM_MAP_H

#include "runtime/term/order.h"
#include "runtime/term/term.h"

#define MAP_FLAT_LIMIT 32u

size_t map_size(term map);
/* TERM_NONE when the key is not there. */
term map_get(const struct atoms *atoms, term map, term key);

/* Upper bound of the words that map_put needs on this map (new blocks only), resp. map_from_pairs for n pairs. */
size_t map_put_words(term map);
size_t map_from_pairs_words(size_t n);

/* Builds at *top (moved on), from pairs[2n] = key, value ...; later equal keys win. pairs is sorted in place. */
term map_from_pairs(const struct atoms *atoms, term **top, term *pairs, size_t n);
/* A map with key set to value; the old one stays as it is. Flat maps share the keys tuple when the key is known. */
term map_put(const struct atoms *atoms, term **top, term map, term key, term value);
/* A map without key. Needs at most map_put_words. */
term map_remove(const struct atoms *atoms, term **top, term map, term key);

/* Walk: calls visit(key, value) in an order that does not depend on addresses, until it says false. */
void map_each(term map, bool (*visit)(void *context, term key, term value), void *context);

#endif
