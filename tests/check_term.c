/*
 * Tags and headers of terms, the payloads that binaries share, the view of bits, and the stack of terms.
 */
#include "tests/suite.h"

#include <pthread.h>
#include <string.h>

#include "runtime/term/bits.h"
#include "runtime/term/refc.h"
#include "runtime/term/work_stack.h"
#include "tests/terms.h"

#define THREADS 4u

/* ---- Words --------------------------------------------------------------------------------------------------- */

static unsigned immediate_kinds(term t)
{
	return (unsigned) term_is_small(t) + term_is_pid(t) + term_is_port(t) + term_is_atom(t) + term_is_nil(t);
}

START_TEST(an_immediate_is_of_one_kind)
{
	term all[] = { term_from_small(0), term_from_small(-1), term_from_small(TERM_SMALL_MIN),
		term_from_small(TERM_SMALL_MAX), term_from_pid(1, 0),
		term_from_pid((UINT64_C(1) << 36) - 1, 0xffffff), term_from_port(5), term_from_atom(0),
		term_from_atom(ATOM_LIMIT), TERM_NIL };
	for (size_t i = 0; i < ARRAY_COUNT(all); i++) {
		ck_assert(term_is_immediate(all[i]));
		ck_assert(!term_is_boxed(all[i]) && !term_is_cons(all[i]) && !term_is_header(all[i]));
		ck_assert_uint_eq(immediate_kinds(all[i]), 1);
	}
	ck_assert_uint_eq(immediate_kinds(TERM_NONE), 0);
}
END_TEST

START_TEST(immediates_keep_their_numbers)
{
	intptr_t smalls[] = { 0, 1, -1, TERM_SMALL_MAX, TERM_SMALL_MIN };
	for (size_t i = 0; i < ARRAY_COUNT(smalls); i++)
		ck_assert_int_eq(term_to_small(term_from_small(smalls[i])), smalls[i]);
	term pid = term_from_pid(UINT64_C(0xfedcba987), 0xabcdef);
	ck_assert_uint_eq(term_pid_number(pid), UINT64_C(0xfedcba987));
	ck_assert_uint_eq(term_pid_index(pid), 0xabcdef);
	ck_assert_uint_eq(term_port_number(term_from_port(77)), 77);
	ck_assert_uint_eq(term_to_atom(term_from_atom(ATOM_LIMIT - 1)), ATOM_LIMIT - 1);
	ck_assert(!term_fits_small(TERM_SMALL_MAX + 1) && !term_fits_small(TERM_SMALL_MIN - 1));
}
END_TEST

START_TEST(headers_keep_kind_and_words)
{
	static const size_t words[] = { 1, 2, 63, 64, 65535, 1u << 26, (size_t) 1 << 41 };
	for (unsigned kind = 0; kind < BOX_KIND_COUNT; kind++)
		for (size_t i = 0; i < ARRAY_COUNT(words); i++) {
			term h = term_header((enum box_kind) kind, words[i]), node = { h.word | UINT64_C(0xffff) << 48 };
			ck_assert(term_is_header(h));
			ck_assert_uint_eq(header_kind(h), kind);
			ck_assert_uint_eq(header_words(h), words[i]);
			ck_assert_uint_eq(header_words(node), words[i]);
			ck_assert(header_is_raw(h) == (kind >= BOX_RAW));
		}
}
END_TEST

START_TEST(the_empty_tuple_has_no_words)
{
	ck_assert(term_is_tuple(TERM_EMPTY_TUPLE));
	ck_assert_uint_eq(tuple_arity(TERM_EMPTY_TUPLE), 0);
	ck_assert_uint_eq(term_box(TERM_EMPTY_TUPLE)->word, 0);
}
END_TEST

/* ---- Payloads ------------------------------------------------------------------------------------------------ */

static struct mem *mem;
static struct mem_lane *lane;
static _Atomic int64_t account;

static void begin(void)
{
	mem = mem_new(&(struct mem_options) { .lanes = THREADS + 1, .fail_type = -1 });
	lane = mem_lane_at(mem, THREADS);
	atomic_init(&account, 0);
}

static void end(void) { mem_free(mem); }

/* OTP 25: 100000 bytes are charged 100040. */
START_TEST(payloads_are_charged_as_on_otp)
{
	ck_assert_uint_eq(refc_charged_bytes(100000), 100040);
	ck_assert_uint_eq(refc_charged_bytes(65), 8 * 12 + 16);
	ck_assert_uint_eq(refc_charged_bytes(1000), 1040);
	for (size_t bytes = 0; bytes < 300; bytes++)
		ck_assert_uint_eq(refc_charged_bytes(bytes), 8 * ((bytes + 24 + 7) / 8) + 16);
}
END_TEST

START_TEST(the_last_drop_takes_the_charge_back)
{
	struct refc *r = refc_new(lane, 17, 100, 256, MEM_ASK, &account);
	ck_assert_uint_eq(r->serial, 17);
	ck_assert_uint_eq(r->bytes, 100);
	refc_retain(r);
	refc_drop(lane, r);
	ck_assert_uint_eq(mem_charged(mem, CHARGE_BINARY), refc_charged_bytes(256));
	ck_assert_int_eq(atomic_load(&account), (int64_t) refc_charged_bytes(256));
	refc_drop(lane, r);
	ck_assert_uint_eq(mem_charged(mem, CHARGE_BINARY), 0);
	ck_assert_int_eq(atomic_load(&account), 0);
	ck_assert_uint_eq(mem_usage(mem, MEM_BINARY).blocks, 0);
}
END_TEST

START_TEST(resizing_keeps_bytes_and_identity)
{
	struct refc *r = refc_new(lane, 17, 100, 256, MEM_ASK, &account);
	for (unsigned i = 0; i < 100; i++)
		r->data[i] = (uint8_t) i;
	atomic_store(&r->touched, 1);
	r = refc_resize(lane, r, 100000);
	r = refc_resize(lane, r, 100);
	ck_assert_uint_eq(r->serial, 17);
	ck_assert_uint_eq(r->bytes, 100);
	ck_assert_uint_eq(r->capacity, 100);
	ck_assert_uint_eq(atomic_load(&r->touched), 1);
	for (unsigned i = 0; i < 100; i++)
		ck_assert_uint_eq(r->data[i], i);
	ck_assert_int_eq(atomic_load(&account), (int64_t) refc_charged_bytes(100));
	ck_assert_uint_eq(mem_usage(mem, MEM_BINARY).blocks, 1);
	refc_drop(lane, r);
}
END_TEST

START_TEST(a_refused_payload_changes_nothing)
{
	struct mem *tight = mem_new(&(struct mem_options) { .lanes = 1, .fail_type = MEM_BINARY, .fail_at = 2 });
	struct mem_lane *own = mem_lane_at(tight, 0);
	struct refc *r = refc_new(own, 1, 80, 80, MEM_ASK, NULL);
	memset(r->data, 'x', 80);
	ck_assert_ptr_null(refc_resize(own, r, 1000));
	ck_assert_uint_eq(r->capacity, 80);
	ck_assert_int_eq(r->data[79], 'x');
	ck_assert_uint_eq(mem_charged(tight, CHARGE_BINARY), refc_charged_bytes(80));
	refc_drop(own, r);
	mem_free(tight);
}
END_TEST

struct holder { struct refc *payload; unsigned lane; };

static void *hold_and_drop(void *context)
{
	struct holder *h = context;
	for (unsigned i = 0; i < 5000; i++) {
		refc_retain(h->payload);
		refc_drop(mem_lane_at(mem, h->lane), h->payload);
	}
	refc_drop(mem_lane_at(mem, h->lane), h->payload);
	return NULL;
}

START_TEST(threads_share_a_payload)
{
	struct refc *r = refc_new(lane, 1, 1000, 1000, MEM_ASK, &account);
	struct holder holders[THREADS];
	pthread_t thread[THREADS];
	for (unsigned i = 0; i < THREADS; i++) {
		refc_retain(r);
		holders[i] = (struct holder) { r, i };
		ck_assert_int_eq(pthread_create(&thread[i], NULL, hold_and_drop, &holders[i]), 0);
	}
	refc_drop(lane, r);
	for (unsigned i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	ck_assert_uint_eq(mem_charged(mem, CHARGE_BINARY), 0);
	ck_assert_int_eq(atomic_load(&account), 0);
}
END_TEST

/* ---- Bits ---------------------------------------------------------------------------------------------------- */

static unsigned bit_at(const uint8_t *data, size_t i) { return data[i / 8] >> (7 - i % 8) & 1; }

/* Every slice of a small binary, bit by bit. */
START_TEST(slices_begin_at_any_bit)
{
	uint8_t data[8] = { 0x12, 0x9f, 0x80, 0xff, 0x00, 0x5a, 0xc3, 0x77 };
	term parent[3] = { term_header(BOX_HEAP_BINARY, 2), { 8 } };
	memcpy(&parent[2], data, 8);
	for (size_t from = 0; from < 64; from++)
		for (size_t length = 1; from + length <= 64; length++) {
			intptr_t packed = (intptr_t) (from % 8 | length % 8 << 3);
			term slice[] = { term_header(BOX_SUB_BINARY, 4), term_from_small((intptr_t) length / 8),
				term_from_small((intptr_t) from / 8), term_from_small(packed), term_from_box(parent) };
			struct bits b = bits_of(term_from_box(slice));
			ck_assert_uint_eq(b.bytes * 8 + b.rest, length);
			for (size_t i = 0; i < length; i++)
				ck_assert_uint_eq(bits_byte(&b, i / 8) >> (7 - i % 8) & 1, bit_at(data, from + i));
			if (b.rest)
				ck_assert_uint_eq(bits_byte(&b, b.bytes) & (0xffu >> b.rest), 0);
		}
}
END_TEST

START_TEST(the_stack_gives_back_in_reverse)
{
	struct work_stack s;
	term t;
	work_stack_init(&s);
	for (intptr_t i = 0; i < 100000; i++)
		work_stack_push(&s, term_from_small(i));
	for (intptr_t i = 100000; i-- > 0;) {
		ck_assert(work_stack_pop(&s, &t));
		ck_assert_int_eq(term_to_small(t), i);
	}
	ck_assert(!work_stack_pop(&s, &t));
	work_stack_release(&s);
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("term");
	TCase *words = tcase_create("words"), *payloads = tcase_create("payloads"), *threads = tcase_create("threads");

	tcase_add_test(words, an_immediate_is_of_one_kind);
	tcase_add_test(words, immediates_keep_their_numbers);
	tcase_add_test(words, headers_keep_kind_and_words);
	tcase_add_test(words, the_empty_tuple_has_no_words);
	tcase_add_test(words, slices_begin_at_any_bit);
	tcase_add_test(words, the_stack_gives_back_in_reverse);
	suite_add_tcase(suite, words);
	tcase_add_checked_fixture(payloads, begin, end);
	tcase_add_test(payloads, payloads_are_charged_as_on_otp);
	tcase_add_test(payloads, the_last_drop_takes_the_charge_back);
	tcase_add_test(payloads, resizing_keeps_bytes_and_identity);
	tcase_add_test(payloads, a_refused_payload_changes_nothing);
	suite_add_tcase(suite, payloads);
	tcase_set_tags(threads, "threads");
	tcase_add_checked_fixture(threads, begin, end);
	tcase_add_test(threads, threads_share_a_payload);
	suite_add_tcase(suite, threads);
	return suite;
}
