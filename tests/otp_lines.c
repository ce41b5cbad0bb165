/* otp_lines - see the header. */
#include "tests/otp_lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/suite.h"

static char *read_all(FILE *f)
{
	size_t room = 1 << 16, length = 0, n;
	char *text = malloc(room);
	while ((n = fread(text + length, 1, room - length - 1, f)) > 0) {
		length += n;
		if (length + 1 == room)
			text = realloc(text, room *= 2);
	}
	text[length] = 0;
	return text;
}

void otp_lines_open(struct otp_lines *lines, const char *name)
{
	char path[4000], *rest, *line;
	const char *dir = getenv("ACTOP_SRCDIR");
	snprintf(path, sizeof path, "%s/tests/otp_%s.txt", dir ? dir : ".", name);
	FILE *f = fopen(path, "r");
	ck_assert_msg(f != NULL, "%s is missing", path);
	*lines = (struct otp_lines) { .text = read_all(f) };
	fclose(f);
	for (const char *c = lines->text; *c; c++)
		lines->count += *c == '\n';
	lines->line = calloc(lines->count + 1, sizeof *lines->line);
	lines->seen = calloc(lines->count + 1, 1);
	rest = lines->text;
	for (size_t i = 0; i < lines->count && (line = strsep(&rest, "\n")); i++)
		lines->line[i] = line;
}

static size_t head_length(const char *line, const char *separator)
{
	const char *end = strstr(line, separator);
	return end ? (size_t) (end - line) + strlen(separator) : strlen(line);
}

void otp_lines_expect(struct otp_lines *lines, const char *mine, const char *separator)
{
	const char *theirs = "(nothing)";
	size_t head = head_length(mine, separator);
	for (size_t i = 0; i < lines->count; i++) {
		if (strcmp(lines->line[i], mine) == 0) {
			lines->seen[i] = 1;
			return;
		}
		if (strncmp(lines->line[i], mine, head) == 0)
			theirs = lines->line[i];
	}
	ck_abort_msg("OTP says: %s\n# and we say: %s", theirs, mine);
}

void otp_lines_expect_all(const struct otp_lines *lines, const char *prefix)
{
	for (size_t i = 0; i < lines->count; i++)
		HOLDS(lines->seen[i] || strncmp(lines->line[i], prefix, strlen(prefix)) != 0, "nobody asked for: %s", lines->line[i]);
}

void otp_lines_close(struct otp_lines *lines)
{
	free(lines->text);
	free(lines->line);
	free(lines->seen);
}
