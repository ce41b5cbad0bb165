/* world - the words of ACTOP_WORLD. */
#include "runtime/base/world.h"

#include <string.h>

#include "runtime/base/mem.h"

void switches_init(struct switches *s)
{
	memset(s, 0, sizeof *s);
	s->fail_type = -1;
}

static const struct { const char *word; size_t offset; } plain_words[] = {
	{ "gc_stress", offsetof(struct switches, gc_stress) },
	{ "move", offsetof(struct switches, move) },
	{ "gc_verify", offsetof(struct switches, gc_verify) },
	{ "force_frags", offsetof(struct switches, force_frags) },
	{ "poison", offsetof(struct switches, poison) },
	{ "chaos", offsetof(struct switches, chaos) },
};

static bool parse_number(const char *text, size_t length, uint64_t *out)
{
	*out = 0;
	for (size_t i = 0; i < length; i++) {
		unsigned digit = (unsigned char) text[i] - (unsigned) '0';
		if (digit > 9 || __builtin_mul_overflow(*out, 10u, out) || __builtin_add_overflow(*out, digit, out))
			return false;
	}
	return length > 0;
}

static bool parse_failure(struct switches *s, const char *text, size_t length)
{
	const char *colon = memchr(text, ':', length);
	if (!colon || !parse_number(colon + 1, length - (size_t) (colon + 1 - text), &s->fail_at))
		return false;
	for (int type = 0; type < MEM_TYPE_COUNT; type++) {
		const char *name = mem_type_name((enum mem_type) type);
		if (strlen(name) == (size_t) (colon - text) && memcmp(name, text, strlen(name)) == 0)
			s->fail_type = type;
	}
	return s->fail_type >= 0 && s->fail_at > 0;
}

static bool parse_word(struct switches *s, const char *word, size_t length)
{
	for (size_t i = 0; i < ARRAY_COUNT(plain_words); i++)
		if (strlen(plain_words[i].word) == length && memcmp(plain_words[i].word, word, length) == 0) {
			*(bool *) ((char *) s + plain_words[i].offset) = true;
			return true;
		}
	if (length > 4 && memcmp(word, "det=", 4) == 0) {
		s->det = true;
		return parse_number(word + 4, length - 4, &s->det_seed);
	}
	return length > 11 && memcmp(word, "alloc_fail=", 11) == 0 && parse_failure(s, word + 11, length - 11);
}

bool switches_parse(struct switches *s, const char *words, const char **where)
{
	while (words && *words) {
		size_t length = strcspn(words, ",");
		if (length && !parse_word(s, words, length)) {
			*where = words;
			return false;
		}
		words += length + (words[length] == ',');
	}
	return true;
}
