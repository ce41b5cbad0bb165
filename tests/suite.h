/*
 * suite - the one main of all check programs.
 *
 * A check program defines check_suite() and nothing else that is global; suite.c runs it, prints TAP on stdout,
 * and prints the seed that every random choice of the run must come from:
 *
 *   struct Suite *check_suite(void)
 *   {
 *           Suite *s = suite_create("heap");
 *           TCase *tc = tcase_create("growth");
 *           tcase_add_test(tc, grows_along_the_table);
 *           suite_add_tcase(s, tc);
 *           return s;
 *   }
 *
 * libcheck's own switches work: CK_FORK=no under a debugger, CK_RUN_CASE=growth, CK_INCLUDE_TAGS=threads.
 * Tags in use (tcase_set_tags): `threads` runs in the thread sanitizer's build too, `numbers` asserts the BEAM's
 * exact figures, and so is left out in worlds that change them.
 */
#ifndef TESTS_SUITE_H
#define TESTS_SUITE_H

#include <stdint.h>
#include <check.h>

/* Defined by each check program: gives the suite to run. */
Suite *check_suite(void);

/* The seed of this run, the same in every forked test. Set ACTOP_SEED to repeat a run. */
uint64_t suite_seed(void);

/* Is this word in ACTOP_WORLD? suite_in_world("gc_stress"); words with a value match by what precedes its `=`. */
int suite_in_world(const char *word);

#endif
