/* terms - see the header. The table was recorded on OTP 25 with default flags (+pc latin1). */
#include "tests/terms.h"

#include <stdlib.h>
#include <string.h>
#include <check.h>

#include "runtime/term/refc.h"

void terms_begin(struct terms *t, size_t words)
{
	t->mem = mem_new(&(struct mem_options) { .lanes = 1, .fail_type = -1 });
	t->lane = mem_lane_at(t->mem, 0);
	t->atoms = atoms_new(t->mem, t->lane, 0);
	t->top = t->room = malloc(words * sizeof *t->room);
	t->handles = NULL;
}

void terms_end(struct terms *t)
{
	for (term *handle = t->handles; handle; handle = (term *) handle[REFC_NEXT].word)
		refc_drop(t->lane, (struct refc *) handle[REFC_PAYLOAD].word);
	free(t->room);
	atoms_free(t->atoms, t->lane);
	mem_free(t->mem);
}

/* As memory/binary does, with the test's own chain. */
static term make_binary(struct external_target *target, const uint8_t *data, size_t bytes)
{
	struct terms *t = target->context;
	struct refc *r = refc_new(t->lane, 1, bytes, bytes, MEM_ASK, NULL);
	term *box = target->top;
	ck_assert_ptr_nonnull(r);
	memcpy(r->data, data, bytes);
	box[0] = term_header(BOX_REFC, REFC_WORDS - 1);
	box[REFC_SIZE].word = bytes;
	box[REFC_NEXT].word = (uintptr_t) t->handles;
	box[REFC_PAYLOAD].word = (uintptr_t) r;
	box[REFC_BYTES].word = (uintptr_t) r->data;
	box[REFC_FLAGS].word = 0;
	t->handles = box;
	target->top += REFC_WORDS;
	return term_from_box(box);
}

struct external_target terms_target(struct terms *t)
{
	return (struct external_target) { t->atoms, t->lane, t->top, make_binary, t };
}

static unsigned digit(char c) { return (unsigned) (c <= '9' ? c - '0' : c - 'A' + 10); }

size_t terms_bytes(const char *hex, uint8_t *out, size_t room)
{
	size_t n = strlen(hex) / 2;
	ck_assert_uint_le(n, room);
	for (size_t i = 0; i < n; i++)
		out[i] = (uint8_t) (digit(hex[2 * i]) << 4 | digit(hex[2 * i + 1]));
	return n;
}

term terms_read(struct terms *t, const char *hex)
{
	uint8_t data[1024];
	size_t n = terms_bytes(hex, data, sizeof data), words;
	ck_assert_msg(external_words(data, n, &words), "not understood: %s", hex);
	struct external_target target = terms_target(t);
	term made = external_decode(&target, data, n);
	ck_assert_msg(!term_is_none(made), "not built: %s", hex);
	ck_assert_msg((size_t) (target.top - t->top) <= words, "%s: more than the %zu words asked for", hex, words);
	t->top = target.top;
	return made;
}

const struct recorded recorded_terms[] = {
	{ "836100", "0" },
	{ "8361FF", "255" },
	{ "836200000100", "256" },
	{ "8362FFFFFFFF", "-1" },
	{ "83627FFFFFFF", "2147483647" },
	{ "836E040000000080", "2147483648" },
	{ "836280000000", "-2147483648" },
	{ "836E040101000080", "-2147483649" },
	{ "836E0800FFFFFFFFFFFFFF07", "576460752303423487" },
	{ "836E08000000000000000008", "576460752303423488" },
	{ "836E08010000000000000008", "-576460752303423488" },
	{ "836E08010100000000000008", "-576460752303423489" },
	{ "836E0901000000000000000001", "-18446744073709551616" },
	{ "836E0800FFFFFFFFFFFFFFFF", "18446744073709551615" },
	{ "836E0D0007000000000000000000000010", "1267650600228229401496703205383" },
	{ "836E11010000000000000000000000000000000004", "-1361129467683753853853498429727072845824" },
	{ "83463FF0000000000000", "1.0" },
	{ "834640F86A0000000000", "1.0e5" },
	{ "834640FE240000000000", "123456.0" },
	{ "83464202A05F20000000", "1.0e10" },
	{ "83464206FEE0E1A80000", "12345678901.0" },
	{ "83463FB999999999999A", "0.1" },
	{ "83463F847AE147AE147B", "0.01" },
	{ "83463F50624DD2F1A9FC", "0.001" },
	{ "83463E8421F5F40D8376", "1.5e-7" },
	{ "83464480F0CF064DD592", "1.0e22" },
	{ "834644B52D02C7E14AF6", "1.0e23" },
	{ "83468000000000000000", "-0.0" },
	{ "8346441AC53A7E04BCDA", "1.2345678901234568e20" },
	{ "83460000000000000001", "5.0e-324" },
	{ "83467FEFFFFFFFFFFFFF", "1.7976931348623157e308" },
	{ "83463F1F75104D551D69", "1.2e-4" },
	{ "83464092C00000000000", "1.2e3" },
	{ "83464059000000000000", "100.0" },
	{ "8346408F400000000000", "1.0e3" },
	{ "8346C004000000000000", "-2.5" },
	{ "836400026F6B", "ok" },
	{ "83640000", "''" },
	{ "83640003612062", "'a b'" },
	{ "83640001E9", "é" },
	{ "837702D096", "'Ж'" },
	{ "8364000101", "'\\001'" },
	{ "83640003612762", "'a\\'b'" },
	{ "83640003656E64", "'end'" },
	{ "836400056D61796265", "maybe" },
	{ "83640003614062", "a@b" },
	{ "8364000141", "'A'" },
	{ "8364000461425F39", "aB_9" },
	{ "836400023961", "'9a'" },
	{ "836400015F", "'_'" },
	{ "83640003612D62", "'a-b'" },
	{ "83640003610A62", "'a\\nb'" },
	{ "836800", "{}" },
	{ "8368026400026F6B6101", "{ok,1}" },
	{ "836802640001616802640001626A", "{a,{b,[]}}" },
	{ "836A", "[]" },
	{ "836B0003010203", "[1,2,3]" },
	{ "836C00000002610162000001006A", "[1,256]" },
	{ "836C000000016400016164000162", "[a|b]" },
	{ "836C000000026B0001016B0001026A", "[[1],[2]]" },
	{ "836B000568656C6C6F", "\"hello\"" },
	{ "836B0002FF00", "[255,0]" },
	{ "836B0001E9", "\"é\"" },
	{ "836C0000000162000003E86A", "[1000]" },
	{ "836B00010A", "\"\\n\"" },
	{ "836B00066122625C0A1B", "\"a\\\"b\\\\\\n\\e\"" },
	{ "836C00000001614164000162", "[65|b]" },
	{ "836D00000000", "<<>>" },
	{ "836D00000003616263", "<<\"abc\">>" },
	{ "836D00000002C3A9", "<<\"é\"/utf8>>" },
	{ "836D00000001E9", "<<\"é\">>" },
	{ "836D0000000361620A", "<<\"ab\\n\">>" },
	{ "834D0000000304010230", "<<1,2,3:4>>" },
	{ "834D000000040461626330", "<<97,98,99,3:4>>" },
	{ "834D0000000103A0", "<<5:3>>" },
	{ "834D000000010180", "<<1:1>>" },
	{ "836D000000017F", "<<127>>" },
	{ "836D000000046122625C", "<<\"a\\\"b\\\\\">>" },
	{ "837400000000", "#{}" },
	{ "837400000002640001616101640001626B000102", "#{a => 1,b => [2]}" },
	{ "837400000002610164000161463FF000000000000064000162", "#{1 => a,1.0 => b}" },
	{ "83740000000168026400017861017400000001640001796B00017A", "#{{x,1} => #{y => \"z\"}}" },
	{ "83716400056C697374736400036D61706102", "fun lists:map/2" },
	{ "83680C610161026103610461056106610761086109610A610B610C", "{1,2,3,4,5,6,7,8,9,10,11,12}" },
};
const size_t recorded_count = sizeof recorded_terms / sizeof *recorded_terms;
