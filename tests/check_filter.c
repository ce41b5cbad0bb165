/* Filters: what passes, what is refused, and that no text whatever breaks the parser; the same for config files. */
#include "tests/fake_source.h"
#include "tests/suite.h"
#include "tui/model/model.h"
#include "tui/options.h"

#include <stdio.h>
#include <string.h>

static struct source *source;
static struct model *model;

static void start(void)
{
	struct fake_options o = { .seed = suite_seed(), .processes = 200, .sick = FAKE_MAILBOX };

	source = fake_source_new(&o);
	model = model_new(source);
	for (int i = 0; i < 6; i++)
		model_advance(model, source->next(source, 0));
}

static void stop(void)
{
	model_free(model);
	source->close(source);
}

static size_t passing(const char *text)
{
	char error[160] = "";

	ck_assert_msg(model_filter(model, ROW_PROCESS, text, error, sizeof error), "%s", error);
	return model_view(model, ROW_PROCESS)->total;
}

START_TEST(tests_hold_together)
{
	size_t all = passing("");

	ck_assert_uint_eq(all, model_snapshot(model)->system.process_count);
	ck_assert_uint_eq(passing("mq>1000"), 1);
	ck_assert_uint_eq(passing("mq>1K app=clinic"), 1);
	ck_assert_uint_eq(passing("mq>1000 app=shop"), 0);
	ck_assert_uint_eq(passing("name=patient"), 1);
	ck_assert_uint_eq(passing("name~PATIEN"), 1);
	ck_assert_uint_eq(passing("patient"), 1);
	ck_assert_uint_eq(passing("-patient"), all - 1);
	ck_assert_uint_eq(passing("app=shop") + passing("app!=shop"), all);
	ck_assert_uint_eq(passing("memory>=0"), all);
	ck_assert_uint_eq(passing("initial_call=\"request:handle/1\"") + passing("initial_call!~request"), all);
	ck_assert_uint_eq(passing("message_queue_len_rate>100"), 1);
	ck_assert_uint_eq(passing("is_supervisor=true"), 4);
}
END_TEST

START_TEST(a_pid_may_be_typed_either_way)
{
	char text[64];

	snprintf(text, sizeof text, "pid=%llu", (unsigned long long) fake_source_patient(source));
	ck_assert_uint_eq(passing(text), 1);
	snprintf(text, sizeof text, "pid=<0.%llu.0>", (unsigned long long) fake_source_patient(source));
	ck_assert_uint_eq(passing(text), 1);
}
END_TEST

START_TEST(unknown_numbers_pass_no_test)
{
	ck_assert_uint_eq(passing("use_percent<5"), 0);
	ck_assert_uint_eq(passing("use_percent>=0"), 0);
}
END_TEST

START_TEST(mistakes_are_one_clear_line)
{
	static const struct { const char *text, *says; } wrong[] = {
		{ "nonsense>1", "nonsense" }, { "mem>", "nothing" }, { "mem>abc", "abc" }, { "mem~1", "number" },
			{ "name>3", "word" },
		{ ">3", "missing" }, { "name=\"open", "quote" }, { "mem>1X", "1X" },
		{ "a b c d e f g h i j k l m n o p q", "more than" },
	};

	passing("app=shop");
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		char error[160] = "";

		ck_assert_msg(!model_filter(model, ROW_PROCESS, wrong[i].text, error, sizeof error), "%s", wrong[i].text);
		ck_assert_msg(strstr(error, wrong[i].says) && !strchr(error, '\n'), "%s: %s", wrong[i].text, error);
	}
	ck_assert_str_eq(filter_text(model_view(model, ROW_PROCESS)->filter), "app=shop");
}
END_TEST

/* ---- any text at all ---- */

static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	return *state ^= *state << 17;
}

/* Pieces of the language in any order, now and then a byte of anything. */
static void random_text(uint64_t *seed, char *out, size_t size, const char *const *pieces, size_t count)
{
	size_t n = 0, parts = next_random(seed) % 12;

	*out = '\0';
	for (size_t i = 0; i < parts; i++) {
		if (next_random(seed) % 6 == 0)
			n += (size_t) snprintf(out + n, size - n, "%c", (char) (1 + next_random(seed) % 255));
		else
			n += (size_t) snprintf(out + n, size - n, "%s", pieces[next_random(seed) % count]);
		if (n >= size - 40)
			return;
	}
}

START_TEST(no_text_breaks_the_filter)
{
	static const char *const pieces[] = { "mem", "mq", "name", "pid", ">", "<", "=", "!", "~", "!~", ">=", "\"", " ",
		"1M", "-", "abc",
		"use%", "memory_rate", "<0.", "0.>", "9999999999999999999999", "." };
	uint64_t seed = suite_seed() | 1;

	for (int i = 0; i < 20000; i++) {
		char text[400], error[160] = "";
		struct filter *f;
		enum row_kind kind = (enum row_kind) (next_random(&seed) % ROW_KIND_COUNT);

		random_text(&seed, text, sizeof text, pieces, sizeof pieces / sizeof *pieces);
		f = filter_new(kind, text, error, sizeof error);
		ck_assert(f || *error);
		if (f && i % 16 == 0) {
			const struct view *v = model_view(model, kind);

			for (size_t k = 0; k < v->count; k++)
				filter_pass(f, &v->rows[k]);
		}
		filter_free(f);
	}
}
END_TEST

START_TEST(no_text_breaks_the_config)
{
	static const char *const pieces[] = { "[actop]\n", "[", "]", "\n", "tab", "delay", "=", " = ", ":", ";", "#",
		"processes", "1", "yes",
		"theme", "max-memory", "64M", "color", "never", "seed", "9", "at", "sort", "pid" };
	uint64_t seed = suite_seed() | 1;
	size_t right = 0;

	for (int i = 0; i < 20000; i++) {
		struct options o;
		char text[400], error[300] = "";
		bool is_right;

		random_text(&seed, text, sizeof text, pieces, sizeof pieces / sizeof *pieces);
		options_init(&o, NULL);
		is_right = options_read_config_text(&o, text, "config", error, sizeof error);
		ck_assert_msg(is_right || (strncmp(error, "config:", 7) == 0 && error[7] != '0'), "%s", error);
		right += is_right;
		options_release(&o);
	}
	ck_assert_uint_gt(right, 0);
}
END_TEST

Suite *check_suite(void)
{
	Suite *s = suite_create("filter");
	TCase *tc = tcase_create("language");

	tcase_add_checked_fixture(tc, start, stop);
	tcase_add_test(tc, tests_hold_together);
	tcase_add_test(tc, a_pid_may_be_typed_either_way);
	tcase_add_test(tc, unknown_numbers_pass_no_test);
	tcase_add_test(tc, mistakes_are_one_clear_line);
	tcase_add_test(tc, no_text_breaks_the_filter);
	tcase_add_test(tc, no_text_breaks_the_config);
	suite_add_tcase(s, tc);
	return s;
}
