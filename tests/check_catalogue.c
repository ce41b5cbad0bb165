/*
 * check_catalogue - every demo of the catalogue does what its card says. One table (demo_table.c), one set of questions.
 *
 * Each case runs in a world of its own, in virtual time, from the seed that is printed. What a demo must reach is read
 * from its own knobs: a signature is a hundredth of the ceiling within five seconds.
 */
#include "tests/demo_table.h"
#include "tests/gc_cells.h"

#include <stdlib.h>
#include <string.h>

#include "demo/catalogue.h"
#include "runtime/base/random.h"
#include "tests/suite.h"

#define KNOBS_MOST 10
#define SIGNATURE_S 5
#define SIGNATURE_PERMILLE 10
#define LONG_S 100
#define SHORT_S 40
#define CEILING_S 60
#define KNOB_S 3
#define RANDOM_DRAWS 2
#define FIX_NOISE 65536                 /* beside 2 %: heaps of a few kilobytes that breathe */
#define SMALL_MEMORY (UINT64_C(192) << 20)

static struct demo_run *start(int i)
{
	const struct application *a = demo_find(demo_rows[i].demo);

	ck_assert_msg(a != NULL, "%s is not in the catalogue", demo_rows[i].demo);
	return demo_run_start(a, &(struct demo_run_options) { .seed = suite_seed() });
}

static int64_t knob_start(const struct application *a, const char *key)
{
	for (size_t k = 0; k < a->knob_count; k++)
		if (strcmp(a->knobs[k].key, key) == 0)
			return a->knobs[k].start;
	return 0;
}

static bool counts_bytes(const struct demo_row *row)
{
	return row->figure == BINARY || row->figure == PROCESSES || row->figure == ETS || row->figure == UNATTRIBUTED;
}

/* ---- The catalogue itself --------------------------------------------------------------------------------- */

START_TEST(has_a_row_and_a_card_for_each)
{
	ck_assert_uint_ge(demo_catalogue_count, 31);
	ck_assert_uint_eq(demo_catalogue_count, demo_row_count);
	for (size_t i = 0; i < demo_catalogue_count; i++) {
		const struct application *a = demo_catalogue[i];

		ck_assert_msg(demo_row_find(a->name) != NULL, "%s has no row", a->name);
		ck_assert_msg(a->card && a->card->title && a->card->claim && a->card->story && a->card->tree && a->card->press
			&& a->card->see && a->card->cure && a->card->otp && a->card->gc_helps, "%s: its card is not whole", a->name);
		ck_assert_str_eq(a->knobs[KNOB_FIX].key, "fix");
		ck_assert_str_eq(a->knobs[KNOB_CEILING].key, "ceiling");
		ck_assert_uint_le(a->knob_count, KNOBS_MOST);
		for (size_t k = 0; k < a->knob_count; k++)
			ck_assert_msg(a->knobs[k].least <= a->knobs[k].start && a->knobs[k].start <= a->knobs[k].most,
				"%s: %s starts outside of its range", a->name, a->knobs[k].key);
	}
}
END_TEST

/* ---- Signature, growth, plateau ---------------------------------------------------------------------------- */

static uint64_t signature_least(const struct demo_row *row, const struct application *a)
{
	uint64_t ceiling = (uint64_t) knob_start(a, "ceiling");

	if (row->shape == COUNTS)
		return 1;
	if (strcmp(row->demo, "hydra") == 0)            /* its ceiling is for the last of 22 levels */
		return ceiling / 1000;
	return row->figure == COUNT && strcmp(row->demo, "crowd") == 0 ? 1000 : ceiling * SIGNATURE_PERMILLE / 1000;
}

START_TEST(shows_its_signature_within_seconds)
{
	const struct demo_row *row = &demo_rows[_i];
	struct demo_run *r = start(_i);
	uint64_t before = demo_figure(r, row->figure), most = before;

	for (int s = 0; s < SIGNATURE_S; s++) {
		demo_run_for(r, 1);
		if (demo_figure(r, row->figure) > most)
			most = demo_figure(r, row->figure);
	}
	if (row->shape != STABLE)
		ck_assert_msg(most - before >= signature_least(row, r->of), "%s: %llu more after %d s", row->demo,
			(unsigned long long) (most - before), SIGNATURE_S);
	demo_run_end(r);
}
END_TEST

START_TEST(goes_on_for_long)
{
	const struct demo_row *row = &demo_rows[_i];
	struct demo_run *r = start(_i);
	uint64_t early, late;
	bool limited = false;

	demo_run_for(r, 2 * SIGNATURE_S);
	early = demo_figure(r, row->figure);
	for (int s = 2 * SIGNATURE_S; s < (row->shape == GROWS || row->shape == STABLE ? LONG_S : SHORT_S); s++) {
		demo_run_for(r, 1);
		limited |= demo_run_application(r)->limited_by[0] != '\0';
	}
	late = demo_figure(r, row->figure);
	if (row->shape == GROWS)
		ck_assert_msg(late > 3 * early || limited, "%s: %llu, then %llu", row->demo, (unsigned long long) early,
			(unsigned long long) late);
	if (row->shape == STABLE)
		ck_assert_msg(late < early + early / 4, "%s grew from %llu to %llu", row->demo, (unsigned long long) early,
			(unsigned long long) late);
	if (row->shape == COUNTS)
		ck_assert_uint_gt(late, early);
	ck_assert_int_eq(demo_run_application(r)->state, SNAP_APP_RUNNING);
	demo_run_end(r);
}
END_TEST

/* With a ceiling of a sixteenth: a plateau below it, and the banner says so. */
START_TEST(stops_at_its_ceiling)
{
	const struct demo_row *row = &demo_rows[_i];
	const struct application *a = demo_find(row->demo);
	const struct knob *ceiling = &a->knobs[KNOB_CEILING];
	int64_t limit = ceiling->start / 16 > ceiling->least ? ceiling->start / 16 : ceiling->least;
	struct demo_run *r;
	bool limited = false;

	if (row->shape != GROWS)
		return;
	r = demo_run_start(a, &(struct demo_run_options) { suite_seed(), 0, (const char *const[]) { "ceiling" }, &limit, 1 });
	for (int s = 0; s < CEILING_S; s++) {
		uint64_t slack = (uint64_t) limit / 4 + (counts_bytes(row) ? 4000000 : 200);

		demo_run_for(r, 1);
		limited |= strcmp(demo_run_application(r)->limited_by, "ceiling") == 0;
		ck_assert_msg(demo_figure(r, row->figure) <= (uint64_t) limit + slack, "%s: %llu above its ceiling of %lld", row->demo,
			(unsigned long long) demo_figure(r, row->figure), (long long) limit);
	}
	ck_assert_msg(limited, "%s raised no banner", row->demo);
	demo_run_end(r);
}
END_TEST

/* ---- The fix, and collections ------------------------------------------------------------------------------- */

START_TEST(is_flat_with_the_fix)
{
	const struct demo_row *row = &demo_rows[_i];
	struct demo_run *r = start(_i);
	uint64_t at_once, later;

	demo_run_for(r, row->fix_at_s);
	demo_run_set(r, "fix", 1);
	demo_run_for(r, row->settle_s);
	at_once = demo_figure(r, row->figure);
	demo_run_for(r, 4 * SIGNATURE_S);
	later = demo_figure(r, row->figure);
	if (row->shape == GROWS || row->shape == STEPS)
		ck_assert_msg(later <= at_once + at_once / 50 + FIX_NOISE, "%s still grows: %llu, then %llu", row->demo,
			(unsigned long long) at_once, (unsigned long long) later);
	demo_run_set(r, "fix", 0);
	demo_run_for(r, 2 * SIGNATURE_S);
	if (row->shape == GROWS)
		ck_assert_msg(demo_figure(r, row->figure) > later, "%s: the fix cannot be taken back", row->demo);
	demo_run_end(r);
}
END_TEST

/* What the card promises of a collection while it leaks, in the first words of gc_helps; false: it says more than one word can. */
static bool promised(const struct card *card, bool fixed, enum gc_effect *effect)
{
	static const struct { const char *begins; bool fixed; enum gc_effect effect; } words[] = {
		{ "yes", false, GC_HELPS }, { "only after the fix", false, GC_NOTHING }, { "only after the fix", true, GC_HELPS },
		{ "no, and may kill", false, GC_KILLS }, { "no", false, GC_NOTHING },
	};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (words[i].fixed == fixed && strncmp(card->gc_helps, words[i].begins, strlen(words[i].begins)) == 0) {
			*effect = words[i].effect;
			return true;
		}
	return false;
}

START_TEST(is_collected_as_its_card_says)
{
	const struct gc_cell *cell = &gc_cells[_i];
	struct gc_measured m = gc_cell_measure(cell, suite_seed());
	const struct card *card = demo_find(cell->demo)->card;
	enum gc_effect promise;

	ck_assert_msg(m.effect == cell->effect, "%s, %s: a collection %s: %llu, then %llu", cell->demo, cell->when,
		gc_effect_text(m.effect), (unsigned long long) m.before, (unsigned long long) m.after);
	ck_assert_str_eq(m.verdict, cell->verdict);
	if (!strstr(cell->when, "one ") && promised(card, gc_cell_is_fixed(cell), &promise))
		ck_assert_msg(m.effect == promise, "%s, %s: its card says: %s", cell->demo, cell->when, card->gc_helps);
}
END_TEST

START_TEST(asks_of_each_demo_what_a_collection_does)
{
	for (size_t i = 0; i < demo_catalogue_count; i++) {
		bool found = strcmp(demo_catalogue[i]->name, "shop") == 0;      /* healthy: some breathing, nothing to say */

		for (size_t c = 0; c < gc_cell_count; c++)
			found |= strcmp(gc_cells[c].demo, demo_catalogue[i]->name) == 0;
		ck_assert_msg(found, "no cell is about %s", demo_catalogue[i]->name);
	}
}
END_TEST

/* ---- Figures that stand on cards and do not come from knobs ------------------------------------------------------ */

static struct demo_run *start_with(const char *demo, const char *key, int64_t value)
{
	return demo_run_start(demo_find(demo), &(struct demo_run_options) { suite_seed(), 0, &key, &value, key != NULL });
}

static struct snap_process process_named(struct demo_run *r, const char *name)
{
	struct snap_process row;

	ck_assert_msg(demo_run_process(r, name, &row), "%s: nobody is called %s", r->of->name, name);
	return row;
}

static uint64_t binary_with_piece(int64_t piece)
{
	struct demo_run *r = start_with("header_keeper", "piece", piece);
	uint64_t binary;

	demo_run_for(r, 10);
	binary = r->now->system.binary;
	demo_run_end(r);
	return binary;
}

START_TEST(a_piece_of_64_bytes_is_no_slice)
{
	const uint64_t body = (uint64_t) knob_start(demo_find("header_keeper"), "body");

	ck_assert_uint_le(binary_with_piece(64), 2 * body);
	ck_assert_uint_ge(binary_with_piece(65), 15 * body);
}
END_TEST

START_TEST(a_message_counts_88_bytes_beside_its_own)
{
	struct demo_run *r = start_with("mailbag", NULL, 0);
	struct snap_process writer;

	demo_run_for(r, 1);
	writer = process_named(r, "writer");
	ck_assert_uint_gt(writer.message_queue_len, 1000);
	ck_assert_uint_le(writer.mailbox_bytes, writer.message_queue_len * (8 * 8 + 88));
	ck_assert_uint_ge(writer.mailbox_bytes, writer.message_queue_len * 88);
	demo_run_end(r);
	r = start_with("mailbag", "queue", 1);
	demo_run_for(r, 1);
	writer = process_named(r, "writer");
	ck_assert_uint_eq(writer.mailbox_bytes, writer.message_queue_len * (8 * 8 + 88));
	demo_run_end(r);
}
END_TEST

START_TEST(each_level_doubles_what_arrives)
{
	struct demo_run *r = start_with("hydra", NULL, 0);
	int64_t level = knob_start(demo_find("hydra"), "level");
	uint64_t once, twice;

	demo_run_for(r, 1);
	once = process_named(r, "receiver").total_heap_size;
	demo_run_set(r, "level", level + 1);
	demo_run_for(r, 1);
	twice = process_named(r, "receiver").total_heap_size;
	ck_assert_uint_gt(twice, 2 * once - once / 100);
	ck_assert_uint_lt(twice, 2 * once + once / 100);
	ck_assert_uint_lt(process_named(r, "sender").total_heap_size, 1000);
	demo_run_end(r);
}
END_TEST

START_TEST(who_hibernates_is_smaller_than_who_is_fresh)
{
	struct demo_run *r = start_with("snooze", "fix", 1);
	struct snap_process session;

	demo_run_for(r, 8);
	ck_assert(r->source->read_process(r->source, demo_run_find(r, "session:loop/1"), &session));
	ck_assert_uint_eq(session.status, SNAP_HIBERNATED);
	ck_assert_uint_lt(session.memory, 2640);
	demo_run_end(r);
}
END_TEST

START_TEST(a_limit_of_so_many_words_kills_at_about_half)
{
	const uint64_t limit = (uint64_t) knob_start(demo_find("ceiling"), "limit");
	struct demo_run *r = start_with("ceiling", NULL, 0);
	uint64_t most = 0;
	struct snap_process job;

	for (int i = 0; i < 10; i++) {
		demo_run_for(r, 1);
		if (demo_run_process(r, "job", &job) && job.total_heap_size > most)
			most = job.total_heap_size;
	}
	ck_assert_uint_gt(r->now->system.restarts, 0);
	ck_assert_uint_gt(most, limit * 4 / 10);
	ck_assert_uint_lt(most, limit * 6 / 10);
	demo_run_end(r);
}
END_TEST

START_TEST(a_waiter_costs_two_and_a_half_kilobytes)
{
	struct demo_run *r = start_with("waiting_room", NULL, 0);
	uint64_t memory, count;

	demo_run_for(r, 2);
	memory = r->now->system.processes;
	count = r->now->system.process_count;
	demo_run_for(r, 5);
	memory = (r->now->system.processes - memory) / (r->now->system.process_count - count);
	ck_assert_uint_ge(memory, 2500);
	ck_assert_uint_le(memory, 2800);
	demo_run_end(r);
}
END_TEST

START_TEST(ten_milliseconds_after_each_start_are_too_many_crashes)
{
	struct demo_run *r = start_with("revolving_door", "crash", 10);

	demo_run_for(r, 2);
	ck_assert_int_eq(demo_run_application(r)->state, SNAP_APP_STOPPED);
	demo_run_end(r);
}
END_TEST

/* ---- The end of it, and the same again ------------------------------------------------------------------------ */

START_TEST(gives_every_byte_back)
{
	const struct demo_row *row = &demo_rows[_i];
	struct demo_run *r = start(_i);
	uint64_t before;

	demo_run_for(r, SIGNATURE_S);
	ck_assert_msg(demo_run_stop(r), "%s did not stop", row->demo);
	demo_run_for(r, 1);
	before = demo_run_bytes(r);
	application_start(r->world, r->of, 0, NULL, NULL, 0);
	demo_run_for(r, SIGNATURE_S);
	ck_assert_msg(demo_run_stop(r), "%s did not stop", row->demo);
	demo_run_for(r, 1);
	ck_assert_msg(demo_run_bytes(r) == before, "%s keeps %lld bytes", row->demo,
		(long long) demo_run_bytes(r) - (long long) before);
	demo_run_end(r);
}
END_TEST

START_TEST(is_the_same_with_the_same_seed)
{
	struct demo_run *one = start(_i), *other = start(_i);

	for (int s = 0; s < SIGNATURE_S; s++) {
		demo_run_for(one, 1);
		demo_run_for(other, 1);
		ck_assert_msg(one->trace == other->trace, "%s parted after %d s", demo_rows[_i].demo, s + 1);
	}
	demo_run_end(one);
	demo_run_end(other);
}
END_TEST

/* ---- Knobs over their ranges ------------------------------------------------------------------------------------ */

enum draw { LEAST, MOST, RANDOM };

static int64_t drawn(const struct knob *knob, enum draw draw, struct random *random)
{
	switch (draw) {
	case LEAST: return knob->least;
	case MOST: return knob->most;
	case RANDOM: break;
	}
	return knob->least + (int64_t) random_below(random, (uint64_t) (knob->most - knob->least) + 1);
}

/* The ceiling of the world holds whatever the knobs say. */
static void run_drawn(const struct application *a, enum draw draw, struct random *random)
{
	const char *keys[KNOBS_MOST];
	int64_t values[KNOBS_MOST];
	struct demo_run *r;

	for (size_t k = 0; k < a->knob_count; k++) {
		keys[k] = a->knobs[k].key;
		values[k] = drawn(&a->knobs[k], draw, random);
	}
	r = demo_run_start(a, &(struct demo_run_options) { suite_seed(), SMALL_MEMORY, keys, values, a->knob_count });
	for (int s = 0; s < KNOB_S; s++) {
		size_t k = (size_t) random_below(random, a->knob_count);

		demo_run_for(r, 1);
		ck_assert_uint_le(r->now->system.carrier_bytes, SMALL_MEMORY);
		demo_run_set(r, keys[k], drawn(&a->knobs[k], RANDOM, random));
	}
	demo_run_end(r);
}

START_TEST(bears_any_knob)
{
	const struct application *a = demo_find(demo_rows[_i].demo);
	struct random random;

	random_init(&random, suite_seed() + (uint64_t) _i);
	run_drawn(a, LEAST, &random);
	run_drawn(a, MOST, &random);
	for (int i = 0; i < RANDOM_DRAWS; i++)
		run_drawn(a, RANDOM, &random);
}
END_TEST

/* Cards under a debug world or a sanitizer are a tenth of all questions, counted over the whole table. */
static void add(Suite *s, const char *name, const TTest *test, size_t count, const char *tags, int *asked)
{
	TCase *tc = tcase_create(name);

	tcase_set_timeout(tc, 60);
	tcase_set_tags(tc, tags);
	for (int i = 0; i < (int) count; i++)
		if (suite_takes((uint64_t) (*asked)++))
			tcase_add_loop_test(tc, test, i, i + 1);
	suite_add_tcase(s, tc);
}

Suite *check_suite(void)
{
	Suite *s = suite_create("catalogue");
	TCase *catalogue = tcase_create("catalogue"), *figures = tcase_create("figures");
	int asked = 0;

	tcase_add_test(catalogue, has_a_row_and_a_card_for_each);
	tcase_add_test(catalogue, asks_of_each_demo_what_a_collection_does);
	suite_add_tcase(s, catalogue);
	tcase_set_tags(figures, "numbers");
	tcase_add_test(figures, a_piece_of_64_bytes_is_no_slice);
	tcase_add_test(figures, a_message_counts_88_bytes_beside_its_own);
	tcase_add_test(figures, each_level_doubles_what_arrives);
	tcase_add_test(figures, who_hibernates_is_smaller_than_who_is_fresh);
	tcase_add_test(figures, a_limit_of_so_many_words_kills_at_about_half);
	tcase_add_test(figures, a_waiter_costs_two_and_a_half_kilobytes);
	tcase_add_test(figures, ten_milliseconds_after_each_start_are_too_many_crashes);
	suite_add_tcase(s, figures);
	add(s, "signature", shows_its_signature_within_seconds, demo_row_count, "numbers", &asked);
	add(s, "growth", goes_on_for_long, demo_row_count, "numbers", &asked);
	add(s, "ceiling", stops_at_its_ceiling, demo_row_count, "numbers", &asked);
	add(s, "fix", is_flat_with_the_fix, demo_row_count, "numbers", &asked);
	add(s, "collections", is_collected_as_its_card_says, gc_cell_count, "numbers", &asked);
	add(s, "stop", gives_every_byte_back, demo_row_count, "numbers", &asked);
	add(s, "seed", is_the_same_with_the_same_seed, demo_row_count, "", &asked);
	add(s, "knobs", bears_any_knob, demo_row_count, "", &asked);
	return s;
}
