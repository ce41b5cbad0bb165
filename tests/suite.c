#include "tests/suite.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SEED_VARIABLE "ACTOP_SEED"

/* Against hanging only: the machine may be busy with everything else. */
#define PATIENCE_SECONDS "60"

/* Kept in the environment, so that forked tests and programs that a test starts see the same one. */
static void settle_seed(void)
{
	struct timespec now;
	char text[24];

	clock_gettime(CLOCK_REALTIME, &now);
	snprintf(text, sizeof text, "%" PRIu64, (uint64_t) now.tv_nsec ^ (uint64_t) getpid() << 32);
	setenv(SEED_VARIABLE, text, 0);
}

uint64_t suite_seed(void)
{
	const char *text = getenv(SEED_VARIABLE);

	return text ? strtoull(text, NULL, 0) : 1;
}

int suite_in_world(const char *word)
{
	const char *at = getenv("ACTOP_WORLD");
	size_t length = strlen(word);

	while (at && *at) {
		if (strncmp(at, word, length) == 0 && strchr(",=", at[length]))
			return 1;
		at = strchr(at, ',');
		at += at != NULL;
	}
	return 0;
}

int suite_takes(uint64_t i)
{
	const char *seed = getenv("ACTOP_TENTH");

	return !seed || (i + strtoull(seed, NULL, 0)) % 10 == 0;
}

/* Worlds that collect or place differently by design cannot give the BEAM's figures. */
static void leave_out_numbers(void)
{
	static const char *const other_policy[] = { "gc_stress", "force_frags", "chaos", "alloc_fail" };

	for (size_t i = 0; i < sizeof other_policy / sizeof *other_policy; i++) {
		if (!suite_in_world(other_policy[i]))
			continue;
		printf("# tests tagged `numbers` are left out: %s changes what they measure\n", other_policy[i]);
		setenv("CK_EXCLUDE_TAGS", "numbers", 1);
		return;
	}
}

int main(void)
{
	SRunner *runner;
	int failed;

	settle_seed();
	leave_out_numbers();
	printf("# " SEED_VARIABLE "=%" PRIu64 "\n", suite_seed());
	fflush(stdout);
	setenv("CK_TAP_LOG_FILE_NAME", "-", 0);
	setenv("CK_DEFAULT_TIMEOUT", PATIENCE_SECONDS, 0);
	runner = srunner_create(check_suite());
	srunner_run_all(runner, CK_SILENT);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
