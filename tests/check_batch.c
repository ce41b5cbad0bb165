/* Options and batch: what is accepted and refused, and what the three formats print. */
#include "tests/fake_source.h"
#include "tests/suite.h"
#include "tui/batch.h"

#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct snap_knob knobs[] = {
	{ .key = "fix", .help = "the cure", .least = 0, .most = 2, .word_count = 3, .words = { "off", "demand", "ack" } },
	{ .key = "ceiling", .unit = "bytes", .least = 1000000, .most = 4000000000, .start = 64000000 },
	{ .key = "rate", .unit = "/s", .least = 1, .most = 500, .start = 2 },
};
static const struct demo_facts demos[] = {
	{ .name = "shop", .title = "a shop", .knobs = knobs, .knob_count = 3, .story = "It sells." },
	{ .name = "clinic", .title = "a clinic", .knobs = knobs, .knob_count = 3 },
};
static const struct demo_catalogue catalogue = { demos, 2 };

static bool read_options(struct options *o, const char *line, char *error, size_t size, bool has_terminal)
{
	char copy[600], *argv[40] = { (char *) "actop" };
	int argc = 1;

	setenv("ACTOP_CONFIG", "", 1);
	snprintf(copy, sizeof copy, "%s", line);
	for (char *at = strtok(copy, " "); at; at = strtok(NULL, " "))
		argv[argc++] = at;
	argv[argc] = NULL;
	return options_read(o, argc, argv, &catalogue, has_terminal, error, size);
}

/* ---- options ---- */

START_TEST(a_line_says_what_to_do)
{
	struct options o;
	char error[300] = "";

	ck_assert_msg(read_options(&o, "--batch=jsonl --tab system -n 20 -d 0.5 --seed 7 --deterministic --limit 3 "
		"shop:rate=50,fix=ack clinic --at 15=gc-all --at 10=fix:shop --at 10.25=knob:clinic.rate=9 --at 1=gc:cart "
		"--max-memory 64M --schedulers 2", error, sizeof error, true), "%s", error);
	ck_assert_int_eq(o.mode, RUN_BATCH);
	ck_assert_int_eq(o.format, BATCH_JSONL);
	ck_assert_int_eq(o.kind, ROW_SYSTEM);
	ck_assert_uint_eq(o.samples, 20);
	ck_assert_double_eq(o.interval_s, 0.5);
	ck_assert_uint_eq(o.max_memory, 64u << 20);
	ck_assert_uint_eq(o.demo_count, 2);
	ck_assert_str_eq(o.demos[0].keys[0], "rate");
	ck_assert_int_eq(o.demos[0].values[0], 50);
	ck_assert_int_eq(o.demos[0].values[1], 2);
	ck_assert_uint_eq(o.action_count, 4);
	ck_assert_uint_eq(o.actions[0].time_us, 1000000);
	ck_assert_int_eq(o.actions[1].kind, COMMAND_KNOB);
	ck_assert_str_eq(o.actions[1].key, "fix");
	ck_assert_int_eq(o.actions[1].value, 1);
	ck_assert_uint_eq(o.actions[2].time_us, 10250000);
	ck_assert_int_eq(o.actions[3].kind, COMMAND_GC_ALL);
	options_release(&o);
}
END_TEST

START_TEST(equal_times_keep_their_order)
{
	struct options o;
	char error[300];

	ck_assert(read_options(&o, "--at 2=gc:a --at 1=gc:b --at 2=gc:c --at 2=gc:d", error, sizeof error, true));
	ck_assert_str_eq(o.actions[0].target, "b");
	ck_assert_str_eq(o.actions[1].target, "a");
	ck_assert_str_eq(o.actions[2].target, "c");
	ck_assert_str_eq(o.actions[3].target, "d");
	options_release(&o);
}
END_TEST

static const struct { const char *line, *says; } wrong[] = {
	{ "--nonsense", "--nonsense" }, { "-x", "-x" }, { "--tab", "--tab" }, { "--tab nowhere", "nowhere" },
		{ "--help=yes", "help" },
	{ "--batch=xml", "xml" }, { "-n 0", "0" }, { "-n abc", "abc" }, { "-n", "-n" }, { "-d 0", "-d" }, { "-d x", "x" },
		{ "-d nan", "nan" },
	{ "nodemo", "nodemo" }, { "shop:", "knobs" }, { "shop:speed=3", "speed" }, { "shop:rate", "knob=value" },
		{ "shop:rate=501", "501" },
	{ "shop:rate=0", "between" }, { "shop:rate=abc", "abc" }, { "shop:fix=maybe", "maybe" },
		{ "shop:rate=1,,", "knob=value" },
	{ "--at 5", "5" }, { "--at x=gc-all", "x" }, { "--at -1=gc-all", "-1" }, { "--at 5=dance", "dance" },
		{ "--at 5=gc", "name" },
	{ "--at 5=gc:", "name" }, { "--at 5=gc-all:x", "no name" }, { "--at 5=fix:nodemo", "nodemo" },
		{ "--at 5=fix:shop=maybe", "maybe" },
	{ "--at 5=knob:shop.speed=1", "speed" }, { "--at 5=knob:shop", "knob" }, { "--at 5=knob:shop.rate=9999", "9999" },
	{ "--at 5=start:nodemo", "nodemo" }, { "--at 5=stop:shop@x", "shop@x" }, { "--max-memory 1", "16M" },
		{ "--max-memory lots", "lots" },
	{ "--seed x", "x" }, { "--schedulers 0", "0" }, { "--limit 0", "0" }, { "--color blue", "blue" },
		{ "--explain nodemo", "nodemo" },
	{ "--batch --sort nonsense", "nonsense" }, { "--batch --columns pid,nonsense", "nonsense" },
		{ "--batch --filter zzz>1", "zzz" },
	{ "--batch --tab system --sort pid", "pid" }, { "--script /no/such/file", "/no/such/file" },
		{ "--batch --script x", "exclude" },
	{ "--completion tcsh", "tcsh" },
};

START_TEST(a_mistake_is_one_line_that_names_it)
{
	struct options o;
	char error[300] = "";

	ck_assert_msg(!read_options(&o, wrong[_i].line, error, sizeof error, true), "%s is taken", wrong[_i].line);
	ck_assert_msg(strstr(error, wrong[_i].says) != NULL && !strchr(error, '\n'), "%s: %s", wrong[_i].line, error);
	options_release(&o);
}
END_TEST

START_TEST(without_a_terminal_one_sample_is_printed)
{
	struct options o;
	char error[300];

	ck_assert(read_options(&o, "shop", error, sizeof error, false));
	ck_assert_int_eq(o.mode, RUN_BATCH);
	ck_assert_uint_eq(o.samples, 1);
	options_release(&o);
	ck_assert(read_options(&o, "shop -n 3", error, sizeof error, false));
	ck_assert_uint_eq(o.samples, 3);
	options_release(&o);
	ck_assert(read_options(&o, "shop", error, sizeof error, true));
	ck_assert_int_eq(o.mode, RUN_SCREEN);
	options_release(&o);
}
END_TEST

static char *printed(void (*print)(FILE *out, void *context), void *context)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	print(out, context);
	fclose(out);
	return text;
}

static void print_config(FILE *out, void *o) { options_print_config(out, o); }
static void print_demos(FILE *out, void *o) { (void) o; options_print_demos(out, &catalogue); }
static void print_card(FILE *out, void *o) { (void) o; ck_assert(options_print_card(out, &catalogue, "shop")); }
static void print_man(FILE *out, void *o) { (void) o; options_print_man(out); }
static void print_help(FILE *out, void *o) { (void) o; options_print_help(out); }
static void print_completion(FILE *out, void *shell) { ck_assert(options_print_completion(out, shell, &catalogue)); }

START_TEST(a_dumped_config_reads_as_the_same)
{
	struct options o, again;
	char error[300] = "", *text, *second;

	ck_assert(read_options(&o, "--tab tables -d 0.25 --theme light --ascii --sort bytes --max-memory 100M --color never",
		error,
		sizeof error, true));
	text = printed(print_config, &o);
	options_init(&again, &catalogue);
	ck_assert_msg(options_read_config_text(&again, text, "config", error, sizeof error), "%s", error);
	second = printed(print_config, &again);
	ck_assert_str_eq(text, second);
	ck_assert_uint_eq(again.max_memory, 100u << 20);
	free(text);
	free(second);
	options_release(&o);
	options_release(&again);
}
END_TEST

START_TEST(a_wrong_config_names_its_line)
{
	struct options o;
	char error[300] = "";

	options_init(&o, &catalogue);
	ck_assert(!options_read_config_text(&o, "[actop]\ntheme = light\ncolour = blue\n", "config", error, sizeof error));
	ck_assert_msg(strncmp(error, "config:3: ", 10) == 0 && strstr(error, "colour"), "%s", error);
	ck_assert(!options_read_config_text(&o, "[other]\nx = 1\n", "config", error, sizeof error));
	ck_assert(!options_read_config(&o, "/no/such/config", false, error, sizeof error));
	ck_assert(options_read_config(&o, "/no/such/config", true, error, sizeof error));
	options_release(&o);
}
END_TEST

START_TEST(texts_come_from_the_tables)
{
	char *text = printed(print_demos, NULL);

	ck_assert_msg(strncmp(text, "shop ", 5) == 0 && strstr(text, "\nclinic "), "%s", text);
	ck_assert_ptr_nonnull(strstr(text, "\n    rate 1-500 /s (2)"));
	ck_assert_ptr_nonnull(strstr(text, "\n    fix off, demand, ack (off)"));
	free(text);
	text = printed(print_card, NULL);
	ck_assert(strstr(text, "It sells.") && strstr(text, "KNOBS"));
	free(text);
	text = printed(print_help, NULL);
	ck_assert(strstr(text, "--deterministic") && strstr(text, "-n, --samples COUNT") && !strstr(text, "--man"));
	for (const char *at = text; at; at = strchr(at + 1, '\n'))
		ck_assert_uint_le(strcspn(at + 1, "\n"), 120);
	free(text);
	text = printed(print_man, NULL);
	ck_assert(strncmp(text, ".TH ACTOP 1", 11) == 0 && strstr(text, "message_queue_len") && strstr(text, "\\-\\-filter"));
	free(text);
	for (int i = 0; i < 3; i++) {
		text = printed(print_completion, (void *[]) { (void *) "bash", (void *) "zsh", (void *) "fish" }[i]);
		ck_assert(strstr(text, "deterministic") && strstr(text, "clinic"));
		free(text);
	}
}
END_TEST

/* ---- batch ---- */

struct output { char *out, *err; int status; };

static struct output run(const char *line, enum fake_sick sick)
{
	struct fake_options f = { .seed = 7, .processes = 120, .deaths = 1, .sick = sick };
	struct source *s = fake_source_new(&f);
	struct command gc = { .kind = COMMAND_GC, .subject = "cart, \"the first\"", .estimate = SNAP_UNKNOWN };
	struct output r;
	struct options o;
	char error[300] = "";
	size_t size;
	FILE *out = open_memstream(&r.out, &size), *err = open_memstream(&r.err, &size);

	ck_assert_msg(read_options(&o, line, error, sizeof error, true), "%s", error);
	s->send(s, &gc);
	r.status = batch_run(&o, s, out, err);
	fclose(out);
	fclose(err);
	options_release(&o);
	s->close(s);
	return r;
}

static void release(struct output *r)
{
	free(r->out);
	free(r->err);
}

static size_t lines_of(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

static const char *const tabs[] = { "processes", "applications", "system", "tables", "findings", "demos", "events",
	"recon:proc_count", "recon:proc_window", "recon:bin_leak" };

START_TEST(every_line_of_jsonl_is_an_object)
{
	char line[200];
	struct output r;
	size_t rows = 0;

	snprintf(line, sizeof line, "--batch=jsonl -n 12 --tab %s", tabs[_i]);
	r = run(line, FAKE_SLICE_PIN);
	ck_assert_int_eq(r.status, 0);
	for (char *at = strtok(r.out, "\n"); at; at = strtok(NULL, "\n")) {
		json_error_t e;
		json_t *row = json_loads(at, 0, &e);

		ck_assert_msg(json_is_object(row), "%s: %s", e.text, at);
		ck_assert(json_is_integer(json_object_get(row, "sample")));
		ck_assert(json_is_number(json_object_get(row, "time")));
		ck_assert(json_is_string(json_object_get(row, "kind")));
		rows++;
		json_decref(row);
	}
	ck_assert_uint_gt(rows, 0);
	release(&r);
}
END_TEST

START_TEST(rows_carry_the_columns_asked_for)
{
	struct output r = run("--batch=jsonl -n 2 --columns pid,name,mq,memory_rate --sort message_queue_len --limit 1",
		FAKE_MAILBOX);
	char *second = strstr(r.out, "{\"sample\":2");
	json_t *row;

	ck_assert_uint_eq(lines_of(r.out), 3);  /* a receipt, and a row of each sample */
	ck_assert_ptr_nonnull(strstr(r.out, "\"memory_rate\":null"));
	row = json_loads(second, JSON_DISABLE_EOF_CHECK, NULL);
	ck_assert_str_eq(json_string_value(json_object_get(row, "name")), "patient");
	ck_assert_str_eq(json_string_value(json_object_get(row, "kind")), "process");
	ck_assert(strncmp(json_string_value(json_object_get(row, "pid")), "<0.", 3) == 0);
	ck_assert_int_gt(json_integer_value(json_object_get(row, "message_queue_len")), 0);
	ck_assert_uint_eq(json_object_size(row), 7);
	json_decref(row);
	release(&r);
}
END_TEST

START_TEST(csv_has_one_header_and_quotes)
{
	struct output r = run("--batch=csv -n 2 --tab tables", FAKE_HEALTHY);

	ck_assert_uint_eq(lines_of(r.out), 1 + 2 * 2);
	ck_assert(strncmp(r.out, "sample,time,kind,name,type,owner,size,memory_words,bytes\n1,1.000,table,", 70) == 0);
	ck_assert_ptr_nonnull(strstr(r.err, "receipt: gc cart"));
	release(&r);
}
END_TEST

START_TEST(a_limit_and_a_filter_hold)
{
	struct output r = run("--batch=csv -n 1 --limit 5", FAKE_HEALTHY);

	ck_assert_uint_eq(lines_of(r.out), 6);
	release(&r);
	r = run("--batch=csv -n 1 --filter app=clinic --sort pid --reverse", FAKE_HEALTHY);
	ck_assert_uint_eq(lines_of(r.out), 4);
	release(&r);
}
END_TEST

START_TEST(long_lists_are_whole)
{
	struct fake_options f = { .seed = 3, .processes = 10000 };
	struct source *s = fake_source_new(&f);
	struct options o;
	char error[300], *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	unsigned long long last = 0, pid;

	ck_assert(read_options(&o, "--batch=csv -n 1 --columns pid --sort pid", error, sizeof error, true));
	ck_assert_int_eq(batch_run(&o, s, out, stderr), 0);
	fclose(out);
	ck_assert_uint_eq(lines_of(text), 10001);
	strtok(text, "\n");
	for (char *at; (at = strtok(NULL, "\n")) != NULL; last = pid) {
		ck_assert_int_eq(sscanf(at, "1,1.000,process,<0.%llu.0>", &pid), 1);
		ck_assert_uint_gt(pid, last);
	}
	free(text);
	options_release(&o);
	s->close(s);
}
END_TEST

START_TEST(two_runs_print_the_same)
{
	struct output a = run("--batch=jsonl -n 10", (enum fake_sick) _i), b = run("--batch=jsonl -n 10", (enum fake_sick) _i);

	ck_assert_str_eq(a.out, b.out);
	release(&a);
	release(&b);
}
END_TEST

START_TEST(a_reader_who_leaves_is_no_failure)
{
	struct fake_options f = { .seed = 3, .processes = 100 };
	struct source *s = fake_source_new(&f);
	struct options o;
	char error[300];
	int ends[2];
	FILE *out;

	signal(SIGPIPE, SIG_IGN);
	ck_assert_int_eq(pipe(ends), 0);
	close(ends[0]);
	out = fdopen(ends[1], "w");
	ck_assert(read_options(&o, "--batch=jsonl", error, sizeof error, true));
	ck_assert_int_eq(batch_run(&o, s, out, stderr), 0);
	fclose(out);
	options_release(&o);
	s->close(s);
}
END_TEST

START_TEST(a_full_disk_is_a_failure)
{
	struct fake_options f = { .seed = 3, .processes = 100 };
	struct source *s = fake_source_new(&f);
	struct options o;
	char error[300], *text;
	size_t size;
	FILE *out = fopen("/dev/full", "w"), *err = open_memstream(&text, &size);

	if (out) {
		ck_assert(read_options(&o, "--batch", error, sizeof error, true));
		ck_assert_int_eq(batch_run(&o, s, out, err), 1);
		fclose(out);
		options_release(&o);
	}
	fclose(err);
	ck_assert(!out || strstr(text, "cannot write"));
	free(text);
	s->close(s);
}
END_TEST

Suite *check_suite(void)
{
	Suite *s = suite_create("batch");
	TCase *tc = tcase_create("options");

	tcase_add_test(tc, a_line_says_what_to_do);
	tcase_add_test(tc, equal_times_keep_their_order);
	tcase_add_loop_test(tc, a_mistake_is_one_line_that_names_it, 0, sizeof wrong / sizeof *wrong);
	tcase_add_test(tc, without_a_terminal_one_sample_is_printed);
	tcase_add_test(tc, a_dumped_config_reads_as_the_same);
	tcase_add_test(tc, a_wrong_config_names_its_line);
	tcase_add_test(tc, texts_come_from_the_tables);
	suite_add_tcase(s, tc);
	tc = tcase_create("batch");
	tcase_add_loop_test(tc, every_line_of_jsonl_is_an_object, 0, sizeof tabs / sizeof *tabs);
	tcase_add_test(tc, rows_carry_the_columns_asked_for);
	tcase_add_test(tc, csv_has_one_header_and_quotes);
	tcase_add_test(tc, a_limit_and_a_filter_hold);
	tcase_add_test(tc, long_lists_are_whole);
	tcase_add_loop_test(tc, two_runs_print_the_same, FAKE_HEALTHY, FAKE_ETS);
	tcase_add_test(tc, a_reader_who_leaves_is_no_failure);
	tcase_add_test(tc, a_full_disk_is_a_failure);
	suite_add_tcase(s, tc);
	return s;
}
