/*
 * The harness itself: a seed that forked tests share, and worlds read by word, not by prefix.
 */
#include "tests/suite.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

START_TEST(seed_reaches_a_child)
{
	uint64_t seed = suite_seed();
	int status;
	pid_t child = fork();

	if (child == 0)
		_exit(suite_seed() != seed);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
}
END_TEST

START_TEST(world_is_read_by_word)
{
	setenv("ACTOP_WORLD", "gc_stress,det=7,move", 1);
	ck_assert(suite_in_world("gc_stress"));
	ck_assert(suite_in_world("det"));
	ck_assert(suite_in_world("move"));
	ck_assert(!suite_in_world("gc"));
	ck_assert(!suite_in_world("poison"));
}
END_TEST

START_TEST(no_world_has_no_words)
{
	unsetenv("ACTOP_WORLD");
	ck_assert(!suite_in_world("move"));
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("suite");
	TCase *harness = tcase_create("harness");

	tcase_add_test(harness, seed_reaches_a_child);
	tcase_add_test(harness, world_is_read_by_word);
	tcase_add_test(harness, no_world_has_no_words);
	suite_add_tcase(suite, harness);
	return suite;
}
