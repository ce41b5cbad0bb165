/*
 * popups - see popups.h.
 */
#include "tui/popups.h"

#include <stdio.h>
#include <string.h>

#include "tui/actions.h"
#include "tui/model/util.h"
#include "tui/tab/rows.h"
#include "tui/tab/tabs.h"
#include "tui/widget/text.h"

static struct pane centred(struct canvas *c, int rows, int cols)
{
	if (rows > c->rows)
		rows = c->rows;
	if (cols > c->cols)
		cols = c->cols;
	return pane_on(pane_part(canvas_pane(c), (c->rows - rows) / 2, (c->cols - cols) / 2, rows, cols), GROUND_OVERLAY);
}

/* ---- question ---- */

static void draw_question(struct session *s, struct canvas *c)
{
	struct pane inside = pane_frame(centred(c, 7, 62), "asked before it is done");

	int row = text_wrap(inside, 0, 0, 0, ROLE_STRONG, s->question.text);
	text_wrap(inside, row, 0, 0, ROLE_NORMAL, s->question.detail);
	int col = pane_put(inside, inside.rows - 1, 0, ROLE_KEY, "y") + 1;
	col = pane_put(inside, inside.rows - 1, col, ROLE_NORMAL, "yes") + 3;
	col = pane_put(inside, inside.rows - 1, col, ROLE_KEY, "n") + 1;
	pane_put(inside, inside.rows - 1, col, ROLE_NORMAL, "no, and so does Esc");
}

static bool question_on_key(struct session *s, uint32_t key)
{
	bool yes = key == 'y' || key == 'Y';

	if (!yes && key != 'n' && key != 'N' && key != K_ESCAPE && key != 'q')
		return true;
	s->popup = POPUP_NONE;
	if (s->answer)
		s->answer(s, yes);
	return true;
}

/* ---- chooser ---- */

static bool is_shown(struct session *s, const struct column *c)
{
	const struct column *shown[SESSION_COLUMNS];
	size_t count = session_columns(s, s->chooser.kind, shown);

	for (size_t i = 0; i < count; i++)
		if (shown[i] == c)
			return true;
	return false;
}

static void draw_chooser(struct session *s, struct canvas *c)
{
	struct chooser *k = &s->chooser;
	size_t count;
	const struct column *columns = columns_of(k->kind, &count);
	struct pane inside = pane_frame(centred(c, c->rows - 2, c->cols < 100 ? c->cols - 2 : 96),
		k->is_order ? "order by: Enter takes it" : "columns: Space shows or hides, Enter is done");
	size_t rows = (size_t) (inside.rows > 0 ? inside.rows : 1);
	size_t top = k->cursor >= rows ? k->cursor - rows + 1 : 0;

	for (size_t i = top; i < count && i - top < rows; i++) {
		struct pane line = pane_part(inside, (int) (i - top), 0, 1, inside.cols);
		if (i == k->cursor)
			line = pane_on(line, GROUND_SELECTED);
		pane_clear(line);
		if (!k->is_order)
			pane_put(line, 0, 0, ROLE_KEY, is_shown(s, &columns[i]) ? "✓" : " ");
		pane_fit(line, 0, 2, 14, ROLE_TITLE, columns[i].title);
		pane_fit(line, 0, 17, 24, ROLE_NAME, columns[i].key);
		pane_fit(line, 0, 42, line.cols - 42, ROLE_DIM, columns[i].help);
		if (i == k->cursor) {
			c->cursor_row = line.row;
			c->cursor_col = line.col;
		}
	}
}

static void column_toggle(struct session *s, const struct column *c)
{
	const struct column *shown[SESSION_COLUMNS + 1];
	size_t count = session_columns(s, s->chooser.kind, shown), at = 0;

	while (at < count && shown[at] != c)
		at++;
	if (at < count && count > 1)
		memmove(&shown[at], &shown[at + 1], (--count - at) * sizeof *shown);
	else if (at == count && count < SESSION_COLUMNS)
		shown[count++] = c;
	session_columns_set(s, s->chooser.kind, shown, count);
}

static bool chooser_on_key(struct session *s, uint32_t key)
{
	struct chooser *k = &s->chooser;
	size_t count;
	const struct column *columns = columns_of(k->kind, &count);

	switch (key) {
	case K_UP: case 'k': k->cursor -= k->cursor > 0; break;
	case K_DOWN: case 'j': k->cursor += k->cursor + 1 < count; break;
	case K_PAGE_UP: k->cursor -= k->cursor < 10 ? k->cursor : 10; break;
	case K_PAGE_DOWN: k->cursor = k->cursor + 10 < count ? k->cursor + 10 : count - 1; break;
	case K_HOME: k->cursor = 0; break;
	case K_END: k->cursor = count - 1; break;
	case ' ':
		if (!k->is_order)
			column_toggle(s, &columns[k->cursor]);
		break;
	case K_ENTER:
		if (k->is_order)
			model_sort(s->model, k->kind, columns[k->cursor].key);
		s->popup = POPUP_NONE;
		break;
	case K_ESCAPE: case 'q': s->popup = POPUP_NONE; break;
	default: break;
	}
	return true;
}

/* ---- help ---- */

static bool contains(const char *text, const char *part)
{
	return !*part || strcasestr(text, part) != NULL;
}

static bool help_matches(const struct session *s, const struct action *a)
{
	char name[16];

	return action_is_here(s, a) && (contains(a->help, s->help.search)
		|| !strcmp(input_key_name(a->key, name, sizeof name), s->help.search));
}

static size_t help_rows(const struct session *s, const struct action **out, size_t room)
{
	size_t count, found = 0;
	const struct action *all = actions_all(&count);

	for (size_t i = 0; i < count && found < room; i++)
		if (help_matches(s, &all[i]))
			out[found++] = &all[i];
	return found;
}

/* The word that `?` explains: what was typed, else the column in order, else a finding's rule. */
static const char *word_under_cursor(struct session *s, const char **word)
{
	const struct view *v = model_view(s->model, session_kind(s));
	const struct row *r = view_selected(v);

	*word = s->help.search;
	if (*s->help.search)
		return columns_explain(s->help.search);
	if (session_visit(s)->place == PLACE_DETAIL)
		*word = detail_page_name(session_visit(s)->page);
	else if (r && r->kind == ROW_FINDING)
		*word = ((const struct finding *) r->now)->rule->name;
	else if (r && r->kind == ROW_CATEGORY)
		*word = ((const struct category *) r->now)->key;
	else if (v->sort_count) {
		*word = v->sort[0].column->title;
		return v->sort[0].column->help;
	}
	return columns_explain(*word);
}

static int draw_word(struct session *s, struct pane p)
{
	const char *word, *text = word_under_cursor(s, &word);
	char line[600];

	if (!text)
		return 0;
	util_print(line, sizeof line, "%s: %s", word, text);
	return text_wrap(p, 0, 0, 2, ROLE_STRONG, line) + 1;
}

static void draw_help_line(struct pane line, const struct action *a)
{
	char name[16], also[16];
	int col;

	input_key_name(a->key, name, sizeof name);
	input_key_name(a->also, also, sizeof also);
	col = pane_put(line, 0, 0, ROLE_KEY, name);
	if (a->also)
		pane_print(line, 0, col, ROLE_KEY, " %s", also);
	pane_fit(line, 0, 17, line.cols - 17, ROLE_NORMAL, a->help);
}

static void draw_help(struct session *s, struct canvas *c)
{
	const struct action *rows[128];
	size_t count = help_rows(s, rows, UTIL_LENGTH(rows));
	char title[96];

	util_print(title, sizeof title, "%s: type to search, Enter does it, Esc closes",
		place_of(session_visit(s)->place)->title);
	struct pane inside = pane_frame(centred(c, c->rows - 2 > 44 ? 44 : c->rows - 2, c->cols < 100 ? c->cols - 2 : 92),
		title);
	int row = draw_word(s, inside);
	int col = pane_put(inside, row, 0, ROLE_DIM, "keys ") ;
	pane_put(inside, row, col, ROLE_STRONG, *s->help.search ? s->help.search : "of this place");
	c->cursor_row = inside.row + row;
	c->cursor_col = inside.col + col + text_width(s->help.search);
	row++;
	size_t height = (size_t) (inside.rows - row > 0 ? inside.rows - row : 0);
	if (s->help.cursor >= count)
		s->help.cursor = count ? count - 1 : 0;
	size_t top = height && s->help.cursor >= height ? s->help.cursor - height + 1 : 0;
	for (size_t i = top; i < count && i - top < height; i++) {
		struct pane line = pane_part(inside, row + (int) (i - top), 0, 1, inside.cols);
		if (i == s->help.cursor)
			line = pane_on(line, GROUND_SELECTED);
		pane_clear(line);
		draw_help_line(line, rows[i]);
	}
	if (!count)
		pane_put(inside, row, 0, ROLE_DIM, "no key for that here");
}

static bool help_on_key(struct session *s, uint32_t key)
{
	const struct action *rows[128];
	size_t count = help_rows(s, rows, UTIL_LENGTH(rows)), used = strlen(s->help.search);

	switch (key) {
	case K_ESCAPE: case K_F1: case K_F10: s->popup = POPUP_NONE; break;
	case K_UP: s->help.cursor -= s->help.cursor > 0; break;
	case K_DOWN: s->help.cursor += s->help.cursor + 1 < count; break;
	case K_PAGE_UP: s->help.cursor -= s->help.cursor < 10 ? s->help.cursor : 10; break;
	case K_PAGE_DOWN: s->help.cursor = s->help.cursor + 10 < count ? s->help.cursor + 10 : count ? count - 1 : 0; break;
	case K_BACKSPACE:
		if (used)
			s->help.search[used - 1] = '\0';
		break;
	case K_ENTER:
		s->popup = POPUP_NONE;
		if (s->help.cursor < count)
			actions_dispatch(s, rows[s->help.cursor]->key);
		break;
	default:
		if (!used && (key == 'q' || key == '?'))
			s->popup = POPUP_NONE;
		else if (key >= ' ' && key < 0x7f && used + 1 < sizeof s->help.search) {
			s->help.search[used] = (char) key;
			s->help.search[used + 1] = '\0';
			s->help.cursor = 0;
		}
		break;
	}
	return true;
}

/* ---- prompt ---- */

/* The line to type takes the status row; what can follow, or what is wrong, stands above it. */
static void draw_prompt(struct session *s, const struct layout *l, struct canvas *c)
{
	struct area a = l->status.rows ? l->status : l->keys;
	struct pane p = pane_on(area_pane(c, a), GROUND_OVERLAY);

	pane_clear(p);
	prompt_draw(&s->prompt, pane_part(p, 0, 1, 1, p.cols - 1), 0);
	if (!*s->candidates || a.row < 2)
		return;
	int rows = text_rows(s->candidates, c->cols - 2, 0);
	if (rows > l->body.rows)
		rows = l->body.rows;
	struct pane above = pane_on(pane_part(canvas_pane(c), a.row - rows, 0, rows, c->cols), GROUND_OVERLAY);
	pane_clear(above);
	text_wrap(above, 0, 1, 0, ROLE_TITLE, s->candidates);
}

static void prompt_end(struct session *s, bool is_accepted)
{
	void (*done)(struct session *, const char *) = s->prompt_done;
	char text[PROMPT_SIZE];

	util_print(text, sizeof text, "%s", s->prompt.text);
	s->popup = POPUP_NONE;
	s->prompt_done = NULL;
	if (done)
		done(s, is_accepted ? text : NULL);
}

static bool prompt_take(struct session *s, const struct event *e)
{
	bool is_command = s->prompt.label[0] == ':';

	switch (prompt_on_event(&s->prompt, e, is_command ? &s->history : NULL)) {
	case PROMPT_ACCEPTED: prompt_end(s, true); break;
	case PROMPT_LEFT: prompt_end(s, false); break;
	case PROMPT_COMPLETE:
		if (is_command || s->prompt_changed)
			verbs_complete(s);
		break;
	case PROMPT_CHANGED:
		if (is_command)
			*s->candidates = '\0';
		if (s->prompt_changed)
			s->prompt_changed(s, s->prompt.text);
		break;
	case PROMPT_OPEN: break;
	}
	return true;
}

/* ---- all ---- */

void popups_draw(struct session *s, const struct layout *l, struct canvas *c)
{
	switch (s->popup) {
	case POPUP_NONE: break;
	case POPUP_HELP: draw_help(s, c); break;
	case POPUP_ASK: draw_question(s, c); break;
	case POPUP_CHOOSE: draw_chooser(s, c); break;
	case POPUP_PROMPT: draw_prompt(s, l, c); break;
	}
}

bool popups_on_event(struct session *s, const struct event *e)
{
	if (s->popup == POPUP_NONE)
		return false;
	if (s->popup == POPUP_PROMPT)
		return prompt_take(s, e);
	if (e->kind == EVENT_WHEEL) {
		struct event key = { .kind = EVENT_KEY, .key = e->wheel < 0 ? K_UP : K_DOWN };
		return popups_on_event(s, &key);
	}
	if (e->kind != EVENT_KEY)
		return true;
	switch (s->popup) {
	case POPUP_HELP: return help_on_key(s, e->key);
	case POPUP_ASK: return question_on_key(s, e->key);
	case POPUP_CHOOSE: return chooser_on_key(s, e->key);
	default: return true;
	}
}
