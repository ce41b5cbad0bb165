/* Streams: the same bytes whichever way they are read, with OTP's shape in memory. */
#include "runtime/otp/stream.h"
#include "runtime/process/life.h"
#include "runtime/process/scheduler.h"
#include "runtime/process/slot.h"
#include "tests/suite.h"
#include "tests/trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct world *w;
static void setup(void) { w = test_world(); }
static void teardown(void) { test_world_stop(w); }

#define BYTES 300000
static char *all;
static size_t at;
static const char *path;

static struct stream *open_one(void)
{
	term reason;
	return path ? stream_file(w, path, &reason) : stream_generate(w, BYTES, 100, 7);
}

static void compare(term t)
{
	ck_assert_uint_le(at + binary_bytes(t), BYTES);
	ck_assert_mem_eq(all + at, binary_data(t), binary_bytes(t));
	at += binary_bytes(t);
}

static enum next read_all_ways(struct process *p)
{
	struct stream *s = open_one();
	term t = stream_read_all(p, s, NULL, 0);
	ck_assert_uint_eq(binary_bytes(t), BYTES);
	memcpy(all, binary_data(t), BYTES);
	ck_assert(term_is_none(stream_read_block(p, s, 10, NULL, 0)));
	stream_close(s);
	s = open_one();
	for (at = 0; !term_is_none(t = stream_read_block(p, s, 65536, NULL, 0));)
		compare(t);
	ck_assert_uint_eq(at, BYTES);
	stream_close(s);
	s = open_one();
	for (at = 0; !term_is_none(t = stream_read_line(p, s, NULL, 0));) {
		compare(t);
		ck_assert(at == BYTES || binary_data(t)[binary_bytes(t) - 1] == '\n');
	}
	ck_assert_uint_eq(at, BYTES);
	stream_close(s);
	trace("done");
	return frame_return(p, ATOM(ok));
}
static const struct step ways_step = { "ways:run/0", read_all_ways };

START_TEST(all_blocks_and_lines_are_the_same_bytes)
{
	all = malloc(BYTES);
	run_step(w, &ways_step, 0, NULL);
	run_us(w, 1000000);
	ck_assert_str_eq(trace_text(), "done");
	free(all);
}
END_TEST

START_TEST(a_file_is_read_like_a_generated_text)
{
	char name[] = "/tmp/actop-stream-XXXXXX";
	int file = mkstemp(name);
	all = malloc(BYTES);
	for (size_t i = 0; i < BYTES; i++)
		all[i] = i % 77 ? 'x' : '\n';
	ck_assert_int_eq(write(file, all, BYTES), BYTES);
	close(file);
	path = name;
	run_step(w, &ways_step, 0, NULL);
	run_us(w, 1000000);
	path = NULL;
	unlink(name);
	ck_assert_str_eq(trace_text(), "done");
	free(all);
}
END_TEST

START_TEST(a_missing_file_says_why)
{
	term reason = TERM_NONE;
	ck_assert_ptr_null(stream_file(w, "/nowhere/at/all", &reason));
	ck_assert_str_eq(atom_text(w->atoms, reason), "enoent");
	ck_assert_ptr_null(stream_file(w, "/tmp", &reason));
}
END_TEST

/* Lines of over 64 bytes are slices: they keep the whole text. */
static enum next split_it(struct process *p)
{
	enum { TEXT, LIST, SLOTS };
	term m;
	PROGRAM(p, SLOTS);
	struct stream *s = open_one();
	slot_set(p, TEXT, stream_read_all(p, s, NULL, 0));
	stream_close(s);
	size_t offset = 0;
	slot_set(p, LIST, TERM_NIL);
	while (offset <= BYTES)
		slot_set(p, LIST, stream_split(p, slot_get(p, TEXT), &offset, 100, slot_get(p, LIST)));
	size_t lines = 0, bytes = 0;
	for (term list = slot_get(p, LIST); term_is_cons(list); list = list_tail(list), lines++)
		bytes += binary_bytes(list_head(list));
	ck_assert_uint_eq(bytes + lines - 1, BYTES);
	slot_set(p, TEXT, TERM_NIL);
	process_collect(p, true, 2, NULL, 0);
	trace("%lu", (unsigned long) p->heap.b.body->binary_bytes);
	slot_set(p, LIST, TERM_NIL);
	process_collect(p, true, 2, NULL, 0);
	trace("%lu", (unsigned long) p->heap.b.body->binary_bytes);
	RECEIVE(p, m);
	PROGRAM_END(p);
}
static const struct step split_step = { "split:run/0", split_it };

START_TEST(a_split_keeps_the_whole_text)
{
	run_step(w, &split_step, 0, NULL);
	run_us(w, 1000000);
	ck_assert_str_eq(trace_text(), "300000; 0");
}
END_TEST

Suite *check_suite(void)
{
	Suite *s = suite_create("stream");
	TCase *tc = tcase_create("reading");
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, all_blocks_and_lines_are_the_same_bytes);
	tcase_add_test(tc, a_file_is_read_like_a_generated_text);
	tcase_add_test(tc, a_missing_file_says_why);
	tcase_add_test(tc, a_split_keeps_the_whole_text);
	suite_add_tcase(s, tc);
	return s;
}
