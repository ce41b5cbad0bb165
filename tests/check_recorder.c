/*
 * recorder: whole records in order, what was overwritten is counted, readers and writers never wait for each other.
 */
#include "tests/suite.h"

#include <inttypes.h>
#include <pthread.h>
#include <string.h>

#include "runtime/base/recorder.h"

#define CAPACITY 16u

static void write_number(struct recorder *r, unsigned lane, uint64_t n)
{
	uint64_t args[] = { n, n + 1 };

	recorder_write(r, lane, 1000 + n, RECORD_LOG, 5, args, ARRAY_COUNT(args));
}

START_TEST(record_comes_back_as_written)
{
	struct recorder *r = recorder_new(2, CAPACITY);
	uint64_t args[RECORD_ARGS], cursor = 0, dropped = 0;
	struct record out[4];

	for (size_t i = 0; i < RECORD_ARGS; i++)
		args[i] = UINT64_MAX - i;
	recorder_write(r, 1, 77, RECORD_GC_MAJOR, 9, args, RECORD_ARGS);
	recorder_write(r, 1, 78, RECORD_CLOSE, 0, NULL, 0);
	ck_assert_uint_eq(recorder_read(r, 0, &(uint64_t) { 0 }, out, 4, &dropped), 0);
	ck_assert_uint_eq(recorder_read(r, 1, &cursor, out, 4, &dropped), 2);
	ck_assert_uint_eq(out[0].serial, 1);
	ck_assert_uint_eq(out[0].time_us, 77);
	ck_assert_uint_eq(out[0].pid, 9);
	ck_assert_uint_eq(out[0].kind, RECORD_GC_MAJOR);
	ck_assert_uint_eq(out[0].lane, 1);
	ck_assert_mem_eq(out[0].arg, args, sizeof args);
	ck_assert_uint_eq(out[1].serial, 2);
	ck_assert_uint_eq(out[1].arg[0], 0);
	ck_assert_uint_eq(recorder_read(r, 1, &cursor, out, 4, &dropped), 0);
	ck_assert_uint_eq(dropped, 0);
	recorder_free(r);
}
END_TEST

START_TEST(small_room_reads_on_where_it_stopped)
{
	struct recorder *r = recorder_new(1, CAPACITY);
	uint64_t cursor = 0, dropped = 0, expected = 0;
	struct record out[3];
	size_t n;

	for (uint64_t i = 0; i < 10; i++)
		write_number(r, 0, i);
	while ((n = recorder_read(r, 0, &cursor, out, ARRAY_COUNT(out), &dropped)))
		for (size_t i = 0; i < n; i++)
			ck_assert_uint_eq(out[i].arg[0], expected++);
	ck_assert_uint_eq(expected, 10);
	ck_assert_uint_eq(dropped, 0);
	recorder_free(r);
}
END_TEST

START_TEST(overwritten_records_are_counted)
{
	struct recorder *r = recorder_new(1, CAPACITY);
	uint64_t cursor = 0, dropped = 0;
	struct record out[2 * CAPACITY];

	for (uint64_t i = 0; i < 3 * CAPACITY; i++)
		write_number(r, 0, i);
	ck_assert_uint_eq(recorder_read(r, 0, &cursor, out, ARRAY_COUNT(out), &dropped), CAPACITY);
	ck_assert_uint_eq(dropped, 2 * CAPACITY);
	ck_assert_uint_eq(out[0].arg[0], 2 * CAPACITY);
	recorder_free(r);
}
END_TEST

START_TEST(readers_do_not_take_from_each_other)
{
	struct recorder *r = recorder_new(1, CAPACITY);
	uint64_t one = 0, other = 0, dropped = 0;
	struct record out[CAPACITY];

	write_number(r, 0, 1);
	ck_assert_uint_eq(recorder_read(r, 0, &one, out, CAPACITY, &dropped), 1);
	write_number(r, 0, 2);
	ck_assert_uint_eq(recorder_read(r, 0, &one, out, CAPACITY, &dropped), 1);
	ck_assert_uint_eq(recorder_read(r, 0, &other, out, CAPACITY, &dropped), 2);
	recorder_free(r);
}
END_TEST

START_TEST(only_selected_kinds_are_written)
{
	struct recorder *r = recorder_new(1, CAPACITY);
	uint64_t cursor = 0, dropped = 0;
	struct record out[CAPACITY];

	for (int kind = 0; kind < RECORD_KIND_COUNT; kind++)
		ck_assert(recorder_wants(r, (enum record_kind) kind));
	recorder_select(r, UINT32_C(1) << RECORD_EXIT);
	ck_assert(recorder_wants(r, RECORD_EXIT));
	ck_assert(!recorder_wants(r, RECORD_SPAWN));
	recorder_write(r, 0, 1, RECORD_SPAWN, 1, NULL, 0);
	recorder_write(r, 0, 2, RECORD_EXIT, 1, NULL, 0);
	recorder_select(r, 0);
	recorder_write(r, 0, 3, RECORD_EXIT, 1, NULL, 0);
	ck_assert_uint_eq(recorder_read(r, 0, &cursor, out, CAPACITY, &dropped), 1);
	ck_assert_uint_eq(out[0].kind, RECORD_EXIT);
	recorder_free(r);
}
END_TEST

START_TEST(every_kind_has_a_name)
{
	ck_assert_uint_le(RECORD_KIND_COUNT, 32);       /* a bit each in recorder_select */
	for (int a = 0; a < RECORD_KIND_COUNT; a++)
		for (int b = 0; b < a; b++)
			ck_assert_str_ne(recorder_kind_name((enum record_kind) a),
				recorder_kind_name((enum record_kind) b));
}
END_TEST

#define WRITTEN 200000u

static void *write_many(void *recorder)
{
	for (uint64_t i = 1; i <= WRITTEN; i++) {
		uint64_t args[RECORD_ARGS];
		for (size_t k = 0; k < RECORD_ARGS; k++)
			args[k] = i;
		recorder_write(recorder, 0, i, RECORD_LOG, i, args, RECORD_ARGS);
	}
	return NULL;
}

/* Each record read is whole and newer than the one before; read and dropped together are all that was written. */
START_TEST(a_reader_never_sees_a_torn_record)
{
	struct recorder *r = recorder_new(1, CAPACITY);
	uint64_t cursor = 0, dropped = 0, read = 0, last = 0;
	struct record out[CAPACITY];
	pthread_t writer;

	pthread_create(&writer, NULL, write_many, r);
	while (read + dropped < WRITTEN) {
		size_t n = recorder_read(r, 0, &cursor, out, CAPACITY, &dropped);
		for (size_t i = 0; i < n; i++) {
			HOLDS(out[i].serial > last, "%" PRIu64 " after %" PRIu64, out[i].serial, last);
			last = out[i].serial;
			HOLDS(out[i].pid == last, "a torn record, %" PRIu64, last);
			for (size_t k = 0; k < RECORD_ARGS; k++)
				HOLDS(out[i].arg[k] == last, "a torn record, %" PRIu64, last);
		}
		read += n;
	}
	pthread_join(writer, NULL);
	ck_assert_uint_eq(read + dropped, WRITTEN);
	ck_assert_uint_eq(cursor, WRITTEN);
	recorder_free(r);
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("recorder");
	TCase *ring = tcase_create("ring"), *threads = tcase_create("threads");

	tcase_add_test(ring, record_comes_back_as_written);
	tcase_add_test(ring, small_room_reads_on_where_it_stopped);
	tcase_add_test(ring, overwritten_records_are_counted);
	tcase_add_test(ring, readers_do_not_take_from_each_other);
	tcase_add_test(ring, only_selected_kinds_are_written);
	tcase_add_test(ring, every_kind_has_a_name);
	suite_add_tcase(suite, ring);

	tcase_set_tags(threads, "threads");
	tcase_set_timeout(threads, 60);
	tcase_add_test(threads, a_reader_never_sees_a_torn_record);
	suite_add_tcase(suite, threads);
	return suite;
}
