/*
 * text - see text.h.
 */
#include "tui/widget/text.h"

#include <stdio.h>
#include <string.h>

/* Bytes of the next line: up to the last blank that fits, or what fits of a word too long for it. */
static size_t line_take(const char *text, int cols)
{
	size_t fits = text_fit(text, cols), newline = strcspn(text, "\n");

	if (newline <= fits)
		return newline;
	if (!text[fits] || text[fits] == ' ')
		return fits;
	for (size_t i = fits; i > 0; i--)
		if (text[i - 1] == ' ')
			return i - 1;
	return fits ? fits : 1;
}

static const char *line_next(const char *text, size_t taken)
{
	text += taken;
	if (*text == '\n')
		return text + 1;
	while (*text == ' ')
		text++;
	return text;
}

int text_wrap(struct pane p, int row, int col, int indent, enum role role, const char *text)
{
	char line[512];

	for (bool is_first = true; *text && row < p.rows; is_first = false) {
		int at = is_first ? col : col + indent;
		int room = p.cols - at;
		if (room < 1)
			break;
		size_t taken = line_take(text, room);
		snprintf(line, sizeof line, "%.*s", (int) taken, text);
		pane_put(p, row++, at, role, line);
		text = line_next(text, taken);
	}
	return row;
}

int text_rows(const char *text, int cols, int indent)
{
	int rows = 0;

	for (; *text; rows++) {
		int room = rows ? cols - indent : cols;
		text = line_next(text, line_take(text, room < 1 ? 1 : room));
	}
	return rows;
}
