/*
 * order - equality, the standard order of terms, and hashes.
 *
 * number < atom < reference < fun < port < pid < tuple < map < nil < list < bitstring (Erlang reference
 * manual). No recursion on the C stack for tails; deep heads use an explicit stack that grows.
 */
#ifndef RUNTIME_TERM_ORDER_H
#define RUNTIME_TERM_ORDER_H

#include "runtime/term/atom.h"
#include "runtime/term/term.h"

/* <0, 0, >0. Integers and floats compare by value (==) unless exact, then an integer differs from a float (=:=). */
int term_compare(const struct atoms *atoms, term a, term b, bool exact);
/* =:= */
bool term_equal(term a, term b);
/* The same for equal (=:=) terms; does not depend on addresses. */
uint32_t term_hash(term t, uint32_t seed);

#endif
