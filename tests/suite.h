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
 * exact figures, and is left out in the worlds that change them (gc_stress, force_frags, chaos, alloc_fail).
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

/*
 * Is case i of a long table due in this run? All are; with ACTOP_TENTH set (to a seed, as CI does in its worlds
 * and under sanitizers) every tenth, which tenth is the seed's choice.
 */
int suite_takes(uint64_t i);

/*
 * An assertion for long loops: each of libcheck's own leaves a note for the parent, which costs a microsecond or
 * two; this one says something only when it fails: HOLDS(a == b, "%d of %d", i, n).
 */
#define HOLDS(condition, ...) do { if (!(condition)) ck_abort_msg(__VA_ARGS__); } while (0)

#endif
