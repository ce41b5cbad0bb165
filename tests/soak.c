/*
 * soak - a zoo that is never at rest (tests/zoo.h): spawn, link, monitor, crash, timers, tables, collections, suspended and
 * hibernated processes, on threads, with every collection verified. Ends with every counter where it was.
 *
 *   make soak                    ten minutes, chaos and gc_verify
 *   SOAK_SECONDS=60 tests/soak   as CI does; ACTOP_SEED repeats the choices, though not the interleaving
 *
 * Run through the suite's main, so a failure is told as any other test's.
 */
#include "tests/zoo.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define DEFAULT_SECONDS 10
#define DAY_SECONDS 10          /* one world lasts so long */

static uint64_t seconds_wanted(void)
{
	const char *text = getenv("SOAK_SECONDS");
	return text ? strtoull(text, NULL, 10) : DEFAULT_SECONDS;
}

static uint64_t now_seconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t) now.tv_sec;
}

static void one_day(uint64_t seed, uint64_t until)
{
	struct world_options o = fixture_options();
	struct zoo *z = calloc(1, sizeof *z);
	struct patience patience = { 0 };
	uint64_t night = now_seconds() + DAY_SECONDS;
	o.seed = seed;
	o.deterministic = o.switches.det = false;
	o.schedulers = 2 + (unsigned) (seed % 3);
	o.max_memory = seed % 2 ? 0 : UINT64_C(48) << 20;
	fixture_start_with(&o);
	zoo_init(z, seed);
	while (now_seconds() < night && now_seconds() < until) {
		zoo_fill(z, 2000);
		zoo_feed(z);
		fixture_wait(&patience);
		patience.tries = 0;
	}
	printf("# seed %lu: %lu animals, %lu deeds, %lu mice\n", (unsigned long) seed, (unsigned long) atomic_load(&z->filled),
		(unsigned long) atomic_load(&z->deeds), (unsigned long) atomic_load(&z->mice));
	fflush(stdout);
	zoo_close(z);
	fixture_expect_clean();
	fixture_stop();
	free(z);
}

START_TEST(ends_as_it_began)
{
	uint64_t until = now_seconds() + seconds_wanted();
	for (uint64_t day = 0; now_seconds() < until; day++)
		one_day(suite_seed() + day, until);
}
END_TEST

Suite *check_suite(void)
{
	Suite *s = suite_create("soak");
	TCase *tc = tcase_create("soak");
	tcase_set_timeout(tc, (double) seconds_wanted() * 2 + 120);
	tcase_set_tags(tc, "threads");
	tcase_add_test(tc, ends_as_it_began);
	suite_add_tcase(s, tc);
	return s;
}
