/*
 * The harness itself: a seed that forked tests share, and worlds read by word, not by prefix.
 */
#include "tests/suite.h"

#include <stdio.h>
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

START_TEST(a_tenth_is_a_tenth)
{
	char seed[8];
	int taken = 0;

	unsetenv("ACTOP_TENTH");
	for (int i = 0; i < 50; i++)
		ck_assert(suite_takes(i));
	for (int s = 0; s < 10; s++) {
		snprintf(seed, sizeof seed, "%d", s);
		setenv("ACTOP_TENTH", seed, 1);
		for (int i = 0; i < 50; i++)
			taken += suite_takes(i);
		ck_assert_msg(taken == (s + 1) * 5, "seed %d: %d taken so far", s, taken);
	}
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("suite");
	TCase *harness = tcase_create("harness");

	tcase_add_test(harness, seed_reaches_a_child);
	tcase_add_test(harness, world_is_read_by_word);
	tcase_add_test(harness, no_world_has_no_words);
	tcase_add_test(harness, a_tenth_is_a_tenth);
	suite_add_tcase(suite, harness);
	return suite;
}
