/* Each rule names its sickness within twelve seconds, goes when it is cured, and nothing is said of the healthy. */
#include "tests/fake_source.h"
#include "tests/suite.h"
#include "tui/model/model.h"

#include <string.h>

static size_t open_findings(const struct model *m, const char *rule)
{
	size_t count, found = 0;
	const struct finding *all = model_findings(m, &count);

	for (size_t i = 0; i < count; i++)
		found += !rule || strcmp(all[i].rule->name, rule) == 0;
	return found;
}

START_TEST(a_sickness_is_named_within_twelve_seconds)
{
	struct fake_options o = { .seed = suite_seed(), .processes = 300, .deaths = 2, .tables = 3,
		.sick = (enum fake_sick) _i };
	struct source *s = fake_source_new(&o);
	struct model *m = model_new(s);
	const char *rule = fake_source_rule(o.sick);

	for (int i = 0; i < 12; i++)
		model_advance(m, s->next(s, 0));
	ck_assert_msg(open_findings(m, rule) == 1, "%s: %zu", rule, open_findings(m, rule));
	ck_assert_msg(open_findings(m, NULL) == 1, "%s: others speak too", rule);
	model_free(m);
	s->close(s);
}
END_TEST

START_TEST(a_finding_can_be_acted_on)
{
	struct fake_options o = { .seed = suite_seed(), .processes = 300, .sick = (enum fake_sick) _i };
	struct source *s = fake_source_new(&o);
	struct model *m = model_new(s);
	size_t count;
	const struct finding *f;

	for (int i = 0; i < 14; i++)
		model_advance(m, s->next(s, 0));
	f = model_findings(m, &count);
	ck_assert_uint_ge(count, 1);
	ck_assert(*f->subject && *f->evidence && *f->rule->fix && *f->rule->proof && *f->rule->sentence);
	ck_assert(!strchr(f->evidence, '\n'));
	model_free(m);
	s->close(s);
}
END_TEST

START_TEST(a_cured_sickness_is_no_longer_named)
{
	static const enum fake_sick curable[] = { FAKE_DROPPED, FAKE_PROCESS_GROWTH, FAKE_ATOMS, FAKE_RESTART_STORM };
	struct fake_options o = { .seed = suite_seed(), .processes = 100, .sick = curable[_i], .cured_from = 12 };
	struct source *s = fake_source_new(&o);
	struct model *m = model_new(s);

	for (int i = 0; i < 11; i++)
		model_advance(m, s->next(s, 0));
	ck_assert_uint_ge(open_findings(m, fake_source_rule(o.sick)), 1);
	for (int i = 0; i < 30; i++)
		model_advance(m, s->next(s, 0));
	ck_assert_uint_eq(open_findings(m, fake_source_rule(o.sick)), 0);
	model_free(m);
	s->close(s);
}
END_TEST

START_TEST(nothing_is_said_of_the_healthy)
{
	struct fake_options o = { .seed = suite_seed() + (uint64_t) _i, .processes = _i ? 3000 : 200, .deaths = 5,
		.tables = 6 };
	struct source *s = fake_source_new(&o);
	struct model *m = model_new(s);

	for (int i = 0; i < (_i ? 60 : 600); i++) {
		size_t count;
		const struct finding *f;

		model_advance(m, s->next(s, 0));
		f = model_findings(m, &count);
		ck_assert_msg(count == 0, "%s %s: %s", count ? f->rule->name : "", count ? f->subject : "", count ? f->evidence : "");
	}
	model_free(m);
	s->close(s);
}
END_TEST

START_TEST(a_rule_can_be_switched_off)
{
	struct fake_options o = { .seed = suite_seed(), .processes = 100, .sick = FAKE_MAILBOX };
	struct source *s = fake_source_new(&o);
	struct model *m = model_new(s);

	ck_assert(model_finding_switch(m, "Q", false));
	ck_assert(!model_finding_switch(m, "no-such-rule", false));
	for (int i = 0; i < 12; i++)
		model_advance(m, s->next(s, 0));
	ck_assert_uint_eq(open_findings(m, NULL), 0);
	ck_assert(model_finding_switch(m, "mailbox-growth", true));
	for (int i = 0; i < 6; i++)
		model_advance(m, s->next(s, 0));
	ck_assert_uint_eq(open_findings(m, "mailbox-growth"), 1);
	model_free(m);
	s->close(s);
}
END_TEST

START_TEST(letters_stand_at_the_process_and_above_it)
{
	struct fake_options o = { .seed = suite_seed(), .processes = 100, .sick = FAKE_MAILBOX };
	struct source *s = fake_source_new(&o);
	struct model *m = model_new(s);
	char letters[16];
	const struct view *v;
	int marked = 0;

	for (int i = 0; i < 12; i++)
		model_advance(m, s->next(s, 0));
	ck_assert_str_eq(model_finding_letters(m, (struct finding_about) { .pid = fake_source_patient(s) }, letters, sizeof letters), "Q");
	view_set_height(m, ROW_TREE, 100);
	v = model_view(m, ROW_TREE);
	for (size_t i = 0; i < v->count; i++)
		marked += strcmp(((const struct tree_line *) v->rows[i].now)->letters, "Q") == 0;
	ck_assert_int_eq(marked, 3);    /* clinic, clinic_sup, patient */
	model_free(m);
	s->close(s);
}
END_TEST

/* Each of the many, their line in the tree, folded or not, and the application above them carry the letter; no other does. */
START_TEST(letters_of_a_finding_about_many_stand_at_each)
{
	struct fake_options o = { .seed = suite_seed(), .processes = 100, .sick = FAKE_PROCESS_GROWTH };
	struct source *s = fake_source_new(&o);
	struct model *m = model_new(s);
	struct snap_process row[64];
	char letters[16];
	uint32_t cursor = 0;
	size_t count, n, lines = 0, above = 0;

	for (int i = 0; i < 14; i++)
		model_advance(m, s->next(s, 0));
	const struct finding *f = model_findings(m, &count);
	ck_assert_uint_eq(count, 1);
	ck_assert_uint_ne(f->group, 0);
	while ((n = s->read_processes(s, &cursor, row, 64)) > 0)
		for (size_t i = 0; i < n; i++) {
			model_finding_letters(m, finding_about_process(&row[i]), letters, sizeof letters);
			ck_assert_str_eq(letters, row[i].initial_call == f->group ? "N" : "");
		}
	view_set_height(m, ROW_TREE, 200);
	const struct view *v = model_view(m, ROW_TREE);
	for (size_t i = 0; i < v->count; i++) {
		const struct tree_line *l = v->rows[i].now;
		bool is_one = l->initial_call == f->group;
		ck_assert(!is_one || !strcmp(l->letters, "N"));
		lines += is_one;
		above += !is_one && *l->letters;
	}
	ck_assert_uint_gt(lines, 0);
	ck_assert_uint_gt(above, 0);
	ck_assert_uint_lt(above, 4);
	model_free(m);
	s->close(s);
}
END_TEST

Suite *check_suite(void)
{
	Suite *s = suite_create("findings");
	TCase *tc = tcase_create("rules");

	tcase_add_loop_test(tc, a_sickness_is_named_within_twelve_seconds, FAKE_HEALTHY + 1, FAKE_SICK_COUNT);
	tcase_add_loop_test(tc, a_finding_can_be_acted_on, FAKE_HEALTHY + 1, FAKE_SICK_COUNT);
	tcase_add_loop_test(tc, a_cured_sickness_is_no_longer_named, 0, 4);
	tcase_add_loop_test(tc, nothing_is_said_of_the_healthy, 0, 2);
	tcase_add_test(tc, a_rule_can_be_switched_off);
	tcase_add_test(tc, letters_stand_at_the_process_and_above_it);
	tcase_add_test(tc, letters_of_a_finding_about_many_stand_at_each);
	suite_add_tcase(s, tc);
	return s;
}
