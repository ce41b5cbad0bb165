/*
 * corpus - see corpus.h.
 */
#include "tests/corpus.h"

#include "tests/suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEAP_WORDS (1u << 20)
#define LINES_MOST 1000u

/* Up to the tab behind it. */
static uint8_t *from_hex(const char *hex, size_t *bytes)
{
	uint8_t *out = malloc(strlen(hex) / 2 + 1);
	unsigned byte;

	for (*bytes = 0; *hex != '\t' && sscanf(hex, "%2x", &byte) == 1; hex += 2)
		out[(*bytes)++] = (uint8_t) byte;
	return out;
}

static void parse(struct corpus_line *line, char *row)
{
	char *words = strchr(row, '\t') + 1, *hex = strchr(words, '\t') + 1, *text = strchr(hex, '\t') + 1;

	line->equals_previous = row[0] == '=';
	line->is_rough = words[0] == '~';
	line->words = strtoul(words + line->is_rough, NULL, 10);
	line->form = from_hex(hex, &line->form_bytes);
	text[strcspn(text, "\n")] = 0;
	line->text = strdup(text);
}

term corpus_read(struct corpus *c, const uint8_t *form, size_t bytes)
{
	size_t words;

	ck_assert(external_words(form, bytes, &words));
	ck_assert_uint_le(words, (size_t) (c->heap + HEAP_WORDS - c->target.top));
	term t = external_decode(&c->target, form, bytes);
	ck_assert(!term_is_none(t));
	return t;
}

static FILE *open_file(void)
{
	char path[4096];
	const char *top = getenv("ACTOP_SRCDIR");

	snprintf(path, sizeof path, "%s/tests/terms/terms.txt", top ? top : ".");
	FILE *file = fopen(path, "r");
	ck_assert_msg(file != NULL, "%s is missing", path);
	return file;
}

void corpus_open(struct corpus *c)
{
	char *row = NULL;
	size_t room = 0;
	FILE *file = open_file();

	memset(c, 0, sizeof *c);
	c->mem = mem_new(&(struct mem_options) { .lanes = 1, .fail_type = -1 });
	c->atoms = atoms_new(c->mem, mem_lane_at(c->mem, 0), 0);
	c->heap = malloc(HEAP_WORDS * sizeof *c->heap);
	c->target = (struct external_target) { .atoms = c->atoms, .lane = mem_lane_at(c->mem, 0), .top = c->heap };
	c->lines = calloc(LINES_MOST, sizeof *c->lines);
	while (getline(&row, &room, file) > 0) {
		ck_assert_uint_lt(c->count, LINES_MOST);
		struct corpus_line *line = &c->lines[c->count++];
		const term *before = c->target.top;
		parse(line, row);
		line->term = corpus_read(c, line->form, line->form_bytes);
		line->used_words = (size_t) (c->target.top - before);
	}
	ck_assert_uint_gt(c->count, 0);
	free(row);
	fclose(file);
}

void corpus_close(struct corpus *c)
{
	for (size_t i = 0; i < c->count; i++) {
		free(c->lines[i].form);
		free(c->lines[i].text);
	}
	free(c->lines);
	free(c->heap);
	atoms_free(c->atoms, mem_lane_at(c->mem, 0));
	mem_free(c->mem);
}
