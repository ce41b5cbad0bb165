/* The tables of columns, checked as tables; formats and glossary with them. */
#include "tests/fake_source.h"
#include "tests/suite.h"
#include "tui/model/format.h"
#include "tui/model/model.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

START_TEST(keys_are_unique_and_explained)
{
	size_t count;
	const struct column *all = columns_of((enum row_kind) _i, &count);

	ck_assert_uint_gt(count, 0);
	for (size_t i = 0; i < count; i++) {
		ck_assert_msg(all[i].help && strlen(all[i].help) > 4, "%s has no help", all[i].key);
		ck_assert_msg(all[i].help[strlen(all[i].help) - 1] == '.', "help of %s is no sentence", all[i].key);
		ck_assert_msg(all[i].width && strlen(all[i].title) <= 40, "%s", all[i].key);
		ck_assert_msg(all[i].get || all[i].text, "%s cannot be read", all[i].key);
		for (size_t k = 0; k < i; k++)
			ck_assert_str_ne(all[i].key, all[k].key);
	}
	ck_assert(*columns_kind_name((enum row_kind) _i));
}
END_TEST

/* The keys that batch promises, in order. */
static const struct { enum row_kind kind; const char *keys; } promised[] = {
	{ ROW_PROCESS, "pid,name,initial_call,current_function,status,application,supervisor,memory,message_queue_len,reductions,"
	  "total_heap_size,heap_size,stack_size,old_heap_size,minor_gcs,major_gcs,binary_bytes,binary_refs,ets_bytes,total_bytes" },
	{ ROW_SYSTEM, "total,processes,processes_used,system,atom,atom_used,binary,code,ets,unattributed,timers,dropped_sends,"
	  "orphans,process_count,atom_count,ets_count,run_queue,reductions,gc_minor,gc_major,carrier_bytes,rss,max_memory,limited_by" },
	{ ROW_APPLICATION, "application,state,processes,memory,message_queue_len,reductions,binary_bytes,ets_bytes,restarts,"
	  "limited_by" },
	{ ROW_TABLE, "name,type,owner,size,memory_words,bytes" },
	{ ROW_FINDING, "rule,letter,level,subject,application,evidence,fix" },
	{ ROW_RECEIPT, "action,subject,processes,own_before,own_after,queue_before,queue_after,binary_before,binary_after,us,"
	  "verdict" },
};

START_TEST(batch_columns_are_those_promised)
{
	const struct column *columns[96];
	size_t n = columns_with(promised[_i].kind, COLUMN_BATCH, columns, 96);
	char list[1024] = "";

	for (size_t i = 0; i < n; i++) {
		if (i)
			strcat(list, ",");
		strcat(list, columns[i]->key);
	}
	ck_assert_str_eq(list, promised[_i].keys);
}
END_TEST

START_TEST(every_field_has_a_value_and_a_rate)
{
	for (size_t f = 0; f < columns_field_count(ROW_PROCESS); f++) {
		const struct column *c = columns_field(ROW_PROCESS, f);
		char key[64];

		ck_assert_ptr_nonnull(c);
		snprintf(key, sizeof key, "%s_rate", c->key);
		ck_assert_ptr_nonnull(columns_find(ROW_PROCESS, key));
		ck_assert_int_eq(columns_find(ROW_PROCESS, key)->field, (int) f);
	}
}
END_TEST

START_TEST(lists_are_parsed_and_refused)
{
	const struct column *out[4];
	char error[120];

	ck_assert_int_eq(columns_parse(ROW_PROCESS, "pid,mem,memory_rate", out, 4, error, sizeof error), 3);
	ck_assert_str_eq(out[1]->key, "memory");
	ck_assert_int_eq(columns_parse(ROW_PROCESS, "pid,nonsense", out, 4, error, sizeof error), -1);
	ck_assert_ptr_nonnull(strstr(error, "nonsense"));
	ck_assert_int_eq(columns_parse(ROW_PROCESS, "", out, 4, error, sizeof error), -1);
	ck_assert_int_eq(columns_parse(ROW_PROCESS, "pid,pid,pid,pid,pid", out, 4, error, sizeof error), -1);
}
END_TEST

static const struct { enum unit unit; double value; const char *text; } shown[] = {
	{ UNIT_BYTES, 0, "0 B" }, { UNIT_BYTES, 812, "812 B" }, { UNIT_BYTES, 2640, "2.6 KiB" },
		{ UNIT_BYTES, 1023.0 * 1024, "1.0 MiB" },
	{ UNIT_BYTES, -2640, "-2.6 KiB" }, { UNIT_BYTES_RATE, 5138022, "4.9 MiB/s" }, { UNIT_WORDS, 46422, "46422 w" },
	{ UNIT_COUNT, 51100, "51100" }, { UNIT_COUNT, 1234567, "1.23M" }, { UNIT_COUNT_RATE, 19800, "19.8k/s" },
	{ UNIT_COUNT_RATE, 0.5, "0.5/s" }, { UNIT_US, 12, "12 us" }, { UNIT_US, 3400, "3.4 ms" },
		{ UNIT_SECONDS, 145, "2m25s" },
	{ UNIT_CLOCK, 145, "00:02:25" }, { UNIT_PERCENT, 0.1, "0.1%" }, { UNIT_PERCENT, 42.4, "42%" },
		{ UNIT_PID, 12, "<0.12.0>" },
};

START_TEST(numbers_carry_their_units)
{
	char out[FORMAT_SIZE];

	ck_assert_str_eq(format_value(out, sizeof out, shown[_i].unit, shown[_i].value), shown[_i].text);
	ck_assert_str_eq(format_value(out, sizeof out, shown[_i].unit, NAN), "-");
}
END_TEST

START_TEST(sizes_are_read_with_their_letters)
{
	static const struct { const char *text; double value; bool is_right; } cases[] = {
		{ "1M", 1048576, true }, { "1.5k", 1536, true }, { "2GiB", 2147483648.0, true }, { "17", 17, true },
			{ "-3", -3, true },
		{ "", 0, false }, { "M", 0, false }, { "1X", 0, false }, { "nan", 0, false }, { "inf", 0, false },
			{ "0x10", 0, false },
		{ " 1", 0, false }, { "1 M", 0, false }, { "1e400", 0, false },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		double v = 0;

		ck_assert_msg(format_read_number(cases[i].text, &v) == cases[i].is_right, "\"%s\"", cases[i].text);
		if (cases[i].is_right)
			ck_assert_double_eq(v, cases[i].value);
	}
}
END_TEST

START_TEST(words_are_explained)
{
	static const char *const words[] = { "sub-binary", "memory", "MSGQ", "slice-pin", "P", "dead old heap", "orphan",
		"USE%" };

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		ck_assert_msg(columns_explain(words[i]) != NULL, "%s", words[i]);
	ck_assert_ptr_null(columns_explain("no such word at all"));
}
END_TEST

/* Every cell of every kind can be shown, whatever the row holds. */
START_TEST(every_cell_can_be_shown)
{
	struct fake_options o = { .seed = suite_seed(), .processes = 60, .sick = FAKE_MAILBOX };
	struct source *s = fake_source_new(&o);
	struct model *m = model_new(s);
	struct command gc = { .kind = COMMAND_GC, .subject = "x", .estimate = SNAP_UNKNOWN };

	s->send(s, &gc);
	model_group_by(m, GROUP_INITIAL_CALL);
	for (int i = 0; i < 8; i++)
		model_advance(m, s->next(s, 0));
	model_mark(m);
	model_say(m, "info", "a line");
	model_advance(m, s->next(s, 0));
	for (int kind = 0; kind < ROW_KIND_COUNT; kind++) {
		size_t count;
		const struct column *all = columns_of((enum row_kind) kind, &count);
		const struct view *v = model_view(m, (enum row_kind) kind);

		for (size_t i = 0; i < v->count; i++)
			for (size_t c = 0; c < count; c++) {
				char out[512];

				ck_assert_ptr_nonnull(column_show(&all[c], &v->rows[i], out, sizeof out));
				ck_assert_ptr_nonnull(column_show_change(&all[c], &v->rows[i], out, sizeof out));
			}
	}
	model_free(m);
	s->close(s);
}
END_TEST

Suite *check_suite(void)
{
	Suite *s = suite_create("columns");
	TCase *tc = tcase_create("tables");

	tcase_add_loop_test(tc, keys_are_unique_and_explained, 0, ROW_KIND_COUNT);
	tcase_add_loop_test(tc, batch_columns_are_those_promised, 0, sizeof promised / sizeof *promised);
	tcase_add_test(tc, every_field_has_a_value_and_a_rate);
	tcase_add_test(tc, lists_are_parsed_and_refused);
	tcase_add_test(tc, words_are_explained);
	tcase_add_test(tc, every_cell_can_be_shown);
	suite_add_tcase(s, tc);
	tc = tcase_create("formats");
	tcase_add_loop_test(tc, numbers_carry_their_units, 0, sizeof shown / sizeof *shown);
	tcase_add_test(tc, sizes_are_read_with_their_letters);
	suite_add_tcase(s, tc);
	return s;
}
