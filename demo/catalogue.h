/*
 * catalogue - the demos. One row here, one file there: everything else (tab, knobs, cards, tests) follows from the
 * struct application that the file defines.
 */
#ifndef DEMO_CATALOGUE_H
#define DEMO_CATALOGUE_H

#include "runtime/actor.h"

extern const struct application *const demo_catalogue[];
extern const size_t demo_catalogue_count;

/* The demo of this name, or NULL. */
const struct application *demo_find(const char *name);

#endif
