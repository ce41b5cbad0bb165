/*
 * The table of atoms: one number for one text, whatever thread asks; the known ones are constants; the limit holds.
 */
#include "tests/suite.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "runtime/term/atom.h"

#define THREADS 4u
#define SHARED_NAMES 3000u

static struct mem *mem;
static struct mem_lane *lane;
static struct atoms *atoms;

static void begin_limited(uint32_t limit)
{
	mem = mem_new(&(struct mem_options) { .lanes = THREADS + 1, .fail_type = -1 });
	lane = mem_lane_at(mem, THREADS);
	atoms = atoms_new(mem, lane, limit);
}

static void begin(void) { begin_limited(0); }

static void end(void)
{
	atoms_free(atoms, lane);
	mem_free(mem);
}

START_TEST(known_atoms_are_constants)
{
	ck_assert_uint_eq(atom_count(atoms), ATOM_KNOWN_COUNT);
	ck_assert_uint_eq(atom_limit(atoms), ATOM_LIMIT);
	ck_assert(term_is(atom_make_z(atoms, lane, "ok"), ATOM(ok)));
	ck_assert(term_is(atom_find(atoms, "$gen_call", 9), ATOM(gen_call)));
	ck_assert(term_is(atom_find(atoms, "", 0), ATOM(none_)));
	ck_assert_str_eq(atom_text(atoms, ATOM(ets_transfer)), "ETS-TRANSFER");
	ck_assert_str_eq(atom_text_at(atoms, ATOM_killed), "killed");
	ck_assert_uint_eq(atom_count(atoms), ATOM_KNOWN_COUNT);
}
END_TEST

START_TEST(a_text_has_one_number)
{
	char name[24];
	for (unsigned i = 0; i < 5000; i++) {
		snprintf(name, sizeof name, "name_%u", i);
		ck_assert(term_is_none(atom_find(atoms, name, strlen(name))));
		term t = atom_make_z(atoms, lane, name);
		ck_assert_uint_eq(term_to_atom(t), ATOM_KNOWN_COUNT + i);
	}
	for (unsigned i = 0; i < 5000; i++) {
		snprintf(name, sizeof name, "name_%u", i);
		term t = term_from_atom(ATOM_KNOWN_COUNT + i);
		ck_assert(term_is(atom_make_z(atoms, lane, name), t));
		ck_assert(term_is(atom_find(atoms, name, strlen(name)), t));
		ck_assert_str_eq(atom_text(atoms, t), name);
	}
	ck_assert_uint_eq(atom_count(atoms), ATOM_KNOWN_COUNT + 5000);
}
END_TEST

START_TEST(a_text_may_be_cut_out_of_another)
{
	term t = atom_make(atoms, lane, "shutdown_now", 8);
	ck_assert(term_is(t, ATOM(shutdown)));
	ck_assert(term_is_none(atom_find(atoms, "shutdown", 7)));
}
END_TEST

START_TEST(the_limit_answers_full)
{
	char longest[ATOM_TEXT_MAX + 1];
	end();
	begin_limited(ATOM_KNOWN_COUNT + 2);
	memset(longest, 'x', sizeof longest);
	ck_assert(term_is(atom_make(atoms, lane, longest, sizeof longest), ATOM_FULL));
	ck_assert(!term_is(atom_make(atoms, lane, longest, ATOM_TEXT_MAX), ATOM_FULL));
	ck_assert(!term_is(atom_make_z(atoms, lane, "a new one"), ATOM_FULL));
	ck_assert(term_is(atom_make_z(atoms, lane, "a new one too many"), ATOM_FULL));
	ck_assert(!term_is(atom_make_z(atoms, lane, "a new one"), ATOM_FULL));
	ck_assert_uint_eq(atom_count(atoms), atom_limit(atoms));
}
END_TEST

START_TEST(a_refused_block_answers_full_and_hurts_nothing)
{
	char name[24];
	bool refused = false;
	end();
	mem = mem_new(&(struct mem_options) { .lanes = THREADS + 1, .fail_type = MEM_ATOM, .fail_at = 6 });
	lane = mem_lane_at(mem, THREADS);
	atoms = atoms_new(mem, lane, 0);
	for (unsigned i = 0; i < 4000; i++) {
		snprintf(name, sizeof name, "name_%u", i);
		term t = atom_make_z(atoms, lane, name);
		refused |= term_is(t, ATOM_FULL);
		if (!term_is(t, ATOM_FULL))
			ck_assert_str_eq(atom_text(atoms, t), name);
	}
	ck_assert(refused);
	ck_assert_uint_eq(atom_count(atoms), ATOM_KNOWN_COUNT + 3999);
}
END_TEST

/* OTP 25: an atom of 13 letters takes these, 8 bytes of the index, and 4 to 8 of hash buckets, the tables in steps. */
START_TEST(atoms_are_charged_as_on_otp)
{
	char name[24];
	uint64_t used = mem_charged(mem, CHARGE_ATOM_USED);
	for (unsigned i = 0; i < 32768; i++) {
		snprintf(name, sizeof name, "%013u", i);
		atom_make_z(atoms, lane, name);
	}
	uint64_t each = (mem_charged(mem, CHARGE_ATOM_USED) - used) / 32768;
	ck_assert_msg(each >= 21 && each <= 30, "%u bytes an atom", (unsigned) each);
	ck_assert_uint_ge(mem_charged(mem, CHARGE_ATOM), mem_charged(mem, CHARGE_ATOM_USED));
	atoms_free(atoms, lane);
	ck_assert_uint_eq(mem_charged(mem, CHARGE_ATOM), 0);
	ck_assert_uint_eq(mem_charged(mem, CHARGE_ATOM_USED), 0);
	ck_assert_uint_eq(mem_usage(mem, MEM_ATOM).blocks, 0);
	atoms = atoms_new(mem, lane, 0);
}
END_TEST

START_TEST(a_name_holds_one_pid_word)
{
	uint64_t nobody = 0;
	_Atomic uint64_t *registered = atom_registered(atoms, ATOM(info));
	ck_assert_uint_eq(atomic_load(registered), 0);
	ck_assert(atomic_compare_exchange_strong(registered, &nobody, term_from_pid(7, 1).word));
	ck_assert_ptr_eq(atom_registered(atoms, ATOM(info)), registered);
	ck_assert_uint_eq(atomic_load(atom_registered(atoms, ATOM(ok))), 0);
}
END_TEST

/* ---- Threads: all make the same names in different orders, and read what the others make --------------------- */

struct maker { unsigned lane; uint32_t number[SHARED_NAMES]; };

static void *make_all(void *context)
{
	struct maker *m = context;
	char name[24];
	for (unsigned i = 0; i < SHARED_NAMES; i++) {
		unsigned which = m->lane % 2 ? SHARED_NAMES - 1 - i : i;
		snprintf(name, sizeof name, "shared_%u", which);
		term t = atom_make_z(atoms, mem_lane_at(mem, m->lane), name);
		m->number[which] = strcmp(atom_text(atoms, t), name) == 0 ? term_to_atom(t) : UINT32_MAX;
	}
	return NULL;
}

START_TEST(threads_agree_on_numbers)
{
	static struct maker makers[THREADS];
	pthread_t thread[THREADS];
	for (unsigned i = 0; i < THREADS; i++) {
		makers[i].lane = i;
		ck_assert_int_eq(pthread_create(&thread[i], NULL, make_all, &makers[i]), 0);
	}
	for (unsigned i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	ck_assert_uint_eq(atom_count(atoms), ATOM_KNOWN_COUNT + SHARED_NAMES);
	for (unsigned i = 1; i < THREADS; i++)
		ck_assert_mem_eq(makers[i].number, makers[0].number, sizeof makers[0].number);
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("atom");
	TCase *table = tcase_create("table"), *threads = tcase_create("threads");

	tcase_add_checked_fixture(table, begin, end);
	tcase_add_test(table, known_atoms_are_constants);
	tcase_add_test(table, a_text_has_one_number);
	tcase_add_test(table, a_text_may_be_cut_out_of_another);
	tcase_add_test(table, the_limit_answers_full);
	tcase_add_test(table, a_refused_block_answers_full_and_hurts_nothing);
	tcase_add_test(table, atoms_are_charged_as_on_otp);
	tcase_add_test(table, a_name_holds_one_pid_word);
	suite_add_tcase(suite, table);
	tcase_set_tags(threads, "threads");
	tcase_add_checked_fixture(threads, begin, end);
	tcase_add_test(threads, threads_agree_on_numbers);
	suite_add_tcase(suite, threads);
	return suite;
}
