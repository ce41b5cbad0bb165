/*
 * check_keys - from bytes to keys, from keys to what they do; the tables of both; and anything at random.
 */
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fake_source.h"
#include "tests/fuzz_parts.h"
#include "tests/suite.h"
#include "tui/actions.h"
#include "tui/picture.h"
#include "tui/tab/tabs.h"
#include "tui/ui.h"
#include "tui/ui_parts.h"

/* ---- the gate ---- */

static void feed(struct input *in, const char *bytes, uint64_t now)
{
	input_feed(in, bytes, strlen(bytes), now);
}

static uint32_t key_after(struct input *in, uint64_t now)
{
	struct event e;

	return input_next(in, now, &e) && e.kind == EVENT_KEY ? e.key : 0;
}

static const struct { const char *bytes; uint32_t key; } sequences[] = { { "\033[A", K_UP }, { "\033OB", K_DOWN },
	{ "\033[5~", K_PAGE_UP }, { "\033[Z", K_BACK_TAB }, { "\033OP", K_F1 }, { "\033[[E", K_F5 }, { "\033[24~", K_F12 },
	{ "\033[1;5C", K_RIGHT }, { "\r", K_ENTER }, { "\177", K_BACKSPACE }, { "g", 'g' }, { "\xc3\xa9", 0xe9 },
	{ "\xe6\x97\xa5", 0x65e5 }, { "\014", K_CTRL('L') }, { "\033[?62;1c", K_UNKNOWN } };

START_TEST(sequences_come_out_whole_wherever_they_are_cut)
{
	const char *bytes = sequences[_i].bytes;

	for (size_t cut = 1; cut <= strlen(bytes); cut++) {
		struct input in;
		input_init(&in);
		input_feed(&in, bytes, cut, 0);
		if (cut < strlen(bytes))
			ck_assert_uint_eq(key_after(&in, 5), 0);
		input_feed(&in, bytes + cut, strlen(bytes) - cut, 10);
		ck_assert_uint_eq(key_after(&in, 10), sequences[_i].key);
		ck_assert_uint_eq(in.count, 0);
	}
}
END_TEST

START_TEST(a_lone_escape_is_the_key_after_a_moment)
{
	struct input in;

	input_init(&in);
	feed(&in, "\033", 100);
	ck_assert_uint_eq(key_after(&in, 110), 0);
	ck_assert_int_eq(input_wait_ms(&in, 110), 15);
	ck_assert_uint_eq(key_after(&in, 125), K_ESCAPE);
	feed(&in, "\033q", 200);
	ck_assert_uint_eq(key_after(&in, 200), K_ESCAPE);
	ck_assert_uint_eq(key_after(&in, 200), 'q');
}
END_TEST

START_TEST(half_a_mouse_report_is_dropped_and_what_follows_is_not)
{
	struct input in;
	struct event e;

	input_init(&in);
	feed(&in, "\033[<0;5", 0);
	ck_assert(!input_next(&in, 400, &e));
	feed(&in, "q", 410);
	ck_assert_uint_eq(key_after(&in, 410), 'q');
	feed(&in, "\033[<0;5", 1000);
	ck_assert(!input_next(&in, 1600, &e));
	ck_assert_uint_eq(in.count, 0);
	feed(&in, "\033[<0;12;", 2000);
	ck_assert(!input_next(&in, 2200, &e));
	feed(&in, "7M", 2300);
	ck_assert(input_next(&in, 2300, &e));
	ck_assert_int_eq(e.kind, EVENT_CLICK);
	ck_assert_int_eq(e.row, 6);
	ck_assert_int_eq(e.col, 11);
}
END_TEST

START_TEST(the_wheel_turns_in_both_dialects)
{
	struct input in;
	struct event e;

	input_init(&in);
	feed(&in, "\033[<65;3;4M\033[M`#$", 0);
	ck_assert(input_next(&in, 0, &e));
	ck_assert(e.kind == EVENT_WHEEL && e.wheel == 1 && e.row == 3);
	ck_assert(input_next(&in, 0, &e));
	ck_assert(e.kind == EVENT_WHEEL && e.wheel == -1 && e.row == 3 && e.col == 2);
}
END_TEST

START_TEST(pasted_text_is_never_keys)
{
	struct input in;
	struct event e;
	int pasted = 0;

	input_init(&in);
	feed(&in, "\033[200~Kq\033[A\n\033[201~g", 0);
	while (input_next(&in, 0, &e) && e.kind == EVENT_PASTE)
		pasted++;
	ck_assert_int_ge(pasted, 2);
	ck_assert(e.kind == EVENT_KEY && e.key == 'g');
}
END_TEST

START_TEST(keys_have_names_and_names_keys)
{
	char name[16];

	for (uint32_t key = K_UP; key < K_UNKNOWN; key++)
		ck_assert_uint_eq(input_key_of(input_key_name(key, name, sizeof name)), key);
	for (uint32_t key = ' '; key < 0x7f; key++)
		ck_assert_uint_eq(input_key_of(input_key_name(key, name, sizeof name)), key);
}
END_TEST

/* ---- the ui over a make-believe source ---- */

struct bench { struct source *source; struct ui *ui; struct canvas canvas; uint64_t now, pid; };

static struct bench bench_new(enum fake_sick sick, bool is_read_only)
{
	struct fake_options o = { .seed = 7, .processes = 80, .tables = 3, .deaths = 2, .sick = sick };
	struct bench b = { .source = fake_source_new(&o) };
	struct ui_options options = { .source = b.source, .is_read_only = is_read_only };
	char error[200];

	b.ui = ui_new(&options, error, sizeof error);
	ck_assert_msg(b.ui != NULL, "%s", error);
	canvas_init(&b.canvas, CHARSET_BRAILLE);
	canvas_resize(&b.canvas, 24, 80);
	for (int i = 0; i < 12; i++)
		ui_advance(b.ui, 0);
	ui_draw(b.ui, &b.canvas);
	return b;
}

static void bench_free(struct bench *b)
{
	canvas_release(&b->canvas);
	ui_free(b->ui);
	b->source->close(b->source);
}

static void press_key(struct bench *b, uint32_t key)
{
	struct event e = { .kind = EVENT_KEY, .key = key };

	ui_on_event(b->ui, &e, b->now += 10);
	ui_draw(b->ui, &b->canvas);
}

static void press(struct bench *b, const char *keys)
{
	char copy[256], *state;

	snprintf(copy, sizeof copy, "%s", keys);
	for (char *word = strtok_r(copy, " ", &state); word; word = strtok_r(NULL, " ", &state)) {
		ck_assert_msg(input_key_of(word) != 0, "%s", word);
		press_key(b, input_key_of(word));
	}
}

static void type(struct bench *b, const char *text)
{
	for (; *text; text++)
		press_key(b, (unsigned char) *text);
}

static bool shows(struct bench *b, const char *text)
{
	char *bytes = NULL;
	size_t size;
	FILE *out = open_memstream(&bytes, &size);

	picture_text(&b->canvas, out);
	fclose(out);
	bool is_there = strstr(bytes, text) != NULL;
	free(bytes);
	return is_there;
}

static const struct fake_command *last_command(struct bench *b)
{
	size_t count;
	const struct fake_command *all = fake_source_commands(b->source, &count);

	return count ? &all[count - 1] : NULL;
}

static size_t command_count(struct bench *b)
{
	size_t count;

	fake_source_commands(b->source, &count);
	return count;
}

static uint64_t selected_pid(struct bench *b)
{
	return session_pid(&b->ui->session);
}

START_TEST(no_two_actions_of_a_place_share_a_key)
{
	size_t count;
	const struct action *all = actions_all(&count);

	for (int place = 0; place < PLACE_COUNT; place++)
		for (size_t i = 0; i < count; i++)
			for (size_t k = i + 1; k < count; k++)
				if (all[i].where >> place & 1 && all[k].where >> place & 1) {
					ck_assert_msg(all[i].key != all[k].key, "place %d: %s | %s", place, all[i].help, all[k].help);
					ck_assert(!all[i].also || all[i].also != all[k].key);
				}
}
END_TEST

START_TEST(every_action_is_explained_and_listed)
{
	size_t count;
	const struct action *all = actions_all(&count);
	char name[16];

	for (size_t i = 0; i < count; i++) {
		ck_assert_uint_ge(strlen(all[i].help), 2);
		ck_assert(all[i].where != 0);
		ck_assert(strcmp(input_key_name(all[i].key, name, sizeof name), "?") || all[i].key == '?');
		if (all[i].label)
			ck_assert_uint_le(strlen(all[i].label), 10);
	}
}
END_TEST

static bool is_taken(struct bench *b, enum place_id place, uint32_t key)
{
	struct session *s = &b->ui->session;

	for (int page = 0; !page || (place == PLACE_DETAIL && detail_page_name(page)); page++) {
		if (place < PLACE_TABS)
			session_go_tab(s, place);
		else
			session_open(s, place, place == PLACE_DETAIL ? b->pid : 1);
		session_visit(s)->page = page;
		bool taken = actions_dispatch(s, key);
		s->popup = POPUP_NONE;
		session_go_tab(s, PLACE_APPLICATIONS);
		if (taken)
			return true;
	}
	return false;
}

/* A key that is listed does something, also where no function stands beside it: then the place itself takes it. */
START_TEST(a_place_takes_the_keys_that_are_listed_as_its_own)
{
	struct bench b = bench_new(FAKE_SLICE_PIN, false);
	size_t count;
	const struct action *all = actions_all(&count);

	press(&b, "2");
	b.pid = selected_pid(&b);
	for (size_t i = 0; i < count; i++)
		for (int place = 0; place < PLACE_COUNT; place++) {
			if (all[i].run || !(all[i].where >> place & 1))
				continue;
			ck_assert_msg(is_taken(&b, (enum place_id) place, all[i].key), "%s: %s", place_of(place)->name, all[i].help);
			ck_assert(!all[i].also || is_taken(&b, (enum place_id) place, all[i].also));
		}
	bench_free(&b);
}
END_TEST

START_TEST(every_verb_is_explained_and_its_candidates_end)
{
	struct bench b = bench_new(FAKE_HEALTHY, false);
	size_t count;
	const struct verb *all = verbs_all(&count);
	char text[64];

	for (size_t i = 0; i < count; i++) {
		size_t k = 0;
		ck_assert(*all[i].name && *all[i].help && all[i].run);
		while (all[i].candidate && all[i].candidate(&b.ui->session, k, text, sizeof text))
			ck_assert_uint_lt(k++, 10000);
	}
	bench_free(&b);
}
END_TEST

START_TEST(digits_and_tab_change_the_tab)
{
	struct bench b = bench_new(FAKE_HEALTHY, false);

	for (int i = 0; i < PLACE_TABS; i++) {
		press_key(&b, (uint32_t) ('1' + i));
		ck_assert_int_eq((int) session_visit(&b.ui->session)->place, i);
	}
	press(&b, "Tab");
	ck_assert_int_eq(session_visit(&b.ui->session)->place, PLACE_APPLICATIONS);
	press(&b, "Shift-Tab Enter 2");
	ck_assert_int_eq(session_visit(&b.ui->session)->place, PLACE_PROCESSES);
	bench_free(&b);
}
END_TEST

static const struct { const char *key, *column; } orders[] = { { "M", "memory" }, { "Q", "message_queue_len" },
	{ "R", "reductions_rate" }, { "B", "binary_bytes" }, { "T", "total_bytes" } };

START_TEST(capital_letters_order)
{
	struct bench b = bench_new(FAKE_MAILBOX, false);

	press(&b, "2 I <");
	press(&b, orders[_i].key);
	const struct view *v = model_view(b.ui->model, ROW_PROCESS);
	ck_assert_str_eq(v->sort[0].column->key, orders[_i].column);
	for (size_t i = 1; i < v->count; i++)
		ck_assert_int_le(column_compare(v->sort[0].column, &v->rows[i - 1], &v->rows[i]), 0);
	bench_free(&b);
}
END_TEST

START_TEST(the_queue_order_finds_the_sick_one)
{
	struct bench b = bench_new(FAKE_MAILBOX, false);

	press(&b, "2 Q");
	ck_assert_uint_eq(selected_pid(&b), fake_source_patient(b.source));
	bench_free(&b);
}
END_TEST

START_TEST(the_selection_follows_its_process)
{
	struct bench b = bench_new(FAKE_HEALTHY, false);

	press(&b, "2 R Down Down Down");
	uint64_t pid = selected_pid(&b);
	size_t line = model_view(b.ui->model, ROW_PROCESS)->line;
	bool was_inside = false;
	for (int i = 0; i < 40; i++) {
		ui_advance(b.ui, 0);
		ui_draw(b.ui, &b.canvas);
		const struct view *v = model_view(b.ui->model, ROW_PROCESS);
		ck_assert_uint_eq(v->selected, pid);
		bool is_inside = v->start > 0 && v->start + v->height < v->total;
		if (is_inside && was_inside)    /* at the ends of the list it may move */
			ck_assert_uint_eq(v->line, line);
		was_inside = is_inside;
		line = v->line;
	}
	bench_free(&b);
}
END_TEST

START_TEST(g_collects_what_is_selected_and_tells)
{
	struct bench b = bench_new(FAKE_BINARY_GARBAGE, false);

	press(&b, "2 B g");
	const struct fake_command *c = last_command(&b);
	ck_assert(c && c->kind == COMMAND_GC && c->pid == fake_source_patient(b.source));
	ui_advance(b.ui, 0);
	ui_draw(b.ui, &b.canvas);
	const struct snap_receipt *r = model_last_receipt(b.ui->model);
	ck_assert(r && shows(&b, r->verdict));
	bench_free(&b);
}
END_TEST

START_TEST(capital_g_collects_what_passes_the_filter)
{
	struct bench b = bench_new(FAKE_HEALTHY, false);

	press(&b, "2 G");
	ck_assert_int_eq(last_command(&b)->kind, COMMAND_GC_ALL);
	press(&b, "\\");
	type(&b, "app=clinic");
	press(&b, "Enter G");
	ck_assert_int_eq(last_command(&b)->kind, COMMAND_GC);
	ck_assert_uint_eq(last_command(&b)->pid_count, model_view(b.ui->model, ROW_PROCESS)->total);
	press(&b, "3 G");
	ck_assert_int_eq(last_command(&b)->kind, COMMAND_GC_ALL);
	bench_free(&b);
}
END_TEST

static char *text_of(struct bench *b)
{
	char *bytes = NULL;
	size_t size;
	FILE *out = open_memstream(&bytes, &size);

	ui_draw(b->ui, &b->canvas);
	picture_text(&b->canvas, out);
	fclose(out);
	return bytes;
}

/* Figures, charts, findings and events are those of the moment when p was pressed. Demos are controls: they stay live. */
START_TEST(a_paused_screen_stands_still)
{
	struct bench b = bench_new(FAKE_SLICE_PIN, false);
	char key[2] = { (char) ('1' + _i), 0 };

	canvas_resize(&b.canvas, 60, 200);
	press(&b, key);
	press(&b, "p");
	b.now += 60000;
	b.ui->session.now_ms = b.now;
	char *before = text_of(&b);
	for (int i = 0; i < 3; i++)
		ui_advance(b.ui, 0);
	char *after = text_of(&b);
	ck_assert_str_eq(before, after);
	press(&b, "p");
	ui_advance(b.ui, 0);
	char *live = text_of(&b);
	ck_assert_str_ne(live, after);
	free(before);
	free(after);
	free(live);
	bench_free(&b);
}
END_TEST

START_TEST(tags_are_what_actions_mean)
{
	struct bench b = bench_new(FAKE_HEALTHY, false);

	press(&b, "2 Space Space Space g");
	ck_assert_uint_eq(last_command(&b)->pid_count, 3);
	press(&b, "U H");
	ck_assert_uint_eq(last_command(&b)->pid_count, 1);
	ck_assert_int_eq(last_command(&b)->kind, COMMAND_HIBERNATE);
	bench_free(&b);
}
END_TEST

START_TEST(harm_asks_first_and_keeps_to_whom_it_asked_about)
{
	struct bench b = bench_new(FAKE_MAILBOX, false);

	press(&b, "2 Q");
	uint64_t pid = selected_pid(&b);
	press(&b, "K");
	ck_assert_uint_eq(command_count(&b), 0);
	ck_assert(shows(&b, "exit, reason:"));
	press(&b, "Esc");
	ck_assert_uint_eq(command_count(&b), 0);
	press(&b, "K");
	view_end(b.ui->model, ROW_PROCESS);     /* the list may move meanwhile */
	press(&b, "Enter");
	ck_assert_int_eq(last_command(&b)->kind, COMMAND_EXIT);
	ck_assert_uint_eq(last_command(&b)->pid, pid);
	ck_assert_str_eq(last_command(&b)->text, "kill");
	press(&b, "5 S");
	ck_assert_int_eq(last_command(&b)->kind, COMMAND_EXIT);
	press(&b, "n");
	ck_assert_int_eq(last_command(&b)->kind, COMMAND_EXIT);
	press(&b, "S y");
	ck_assert_int_eq(last_command(&b)->kind, COMMAND_APP_STOP);
	bench_free(&b);
}
END_TEST

START_TEST(read_only_changes_nothing)
{
	struct bench b = bench_new(FAKE_MAILBOX, true);

	press(&b, "2 g G H S o Esc K Esc 5 x y Right S y n 1 g");
	press(&b, ":");
	type(&b, "kill patient");
	press(&b, "Enter");
	ck_assert_uint_eq(command_count(&b), 0);
	ck_assert(shows(&b, "read-only"));
	bench_free(&b);
}
END_TEST

START_TEST(the_filter_shows_as_it_is_typed_and_escape_takes_it_back)
{
	struct bench b = bench_new(FAKE_HEALTHY, false);

	press(&b, "2");
	size_t all = model_view(b.ui->model, ROW_PROCESS)->total;
	press(&b, "\\");
	type(&b, "app=clin");
	ck_assert_uint_eq(model_view(b.ui->model, ROW_PROCESS)->total, 0);
	type(&b, "ic");
	ck_assert_uint_gt(model_view(b.ui->model, ROW_PROCESS)->total, 0);
	ck_assert_uint_lt(model_view(b.ui->model, ROW_PROCESS)->total, all);
	press(&b, "Esc");
	ck_assert_uint_eq(model_view(b.ui->model, ROW_PROCESS)->total, all);
	press(&b, "\\");
	type(&b, "nonsense>1");
	press(&b, "Enter");
	ck_assert_uint_eq(model_view(b.ui->model, ROW_PROCESS)->total, all);
	bench_free(&b);
}
END_TEST

START_TEST(search_goes_there)
{
	struct bench b = bench_new(FAKE_HEALTHY, false);

	press(&b, "2 /");
	type(&b, "patient");
	press(&b, "Enter");
	ck_assert_uint_eq(selected_pid(&b), fake_source_patient(b.source));
	bench_free(&b);
}
END_TEST

START_TEST(enter_and_escape_go_in_and_out)
{
	struct bench b = bench_new(FAKE_MAILBOX, false);

	press(&b, "2 Q Enter");
	ck_assert_int_eq(session_visit(&b.ui->session)->place, PLACE_DETAIL);
	ui_advance(b.ui, 0);
	press(&b, "Right Right Right Right Right Enter");      /* links: the first is the supervisor */
	ck_assert_uint_eq(b.ui->session.visit_count, 3);
	press(&b, "Esc Esc");
	ck_assert_int_eq(session_visit(&b.ui->session)->place, PLACE_PROCESSES);
	press(&b, "4 Enter");
	ck_assert_int_eq(session_visit(&b.ui->session)->place, PLACE_CONTENT);
	press(&b, "q");
	ck_assert(!ui_is_over(b.ui));
	press(&b, "q");
	ck_assert(ui_is_over(b.ui));
	bench_free(&b);
}
END_TEST

START_TEST(detail_pages_keep_the_events_filter_of_the_user)
{
	struct bench b = bench_new(FAKE_MAILBOX, false);

	press(&b, "e \\");
	type(&b, "event=exit");
	press(&b, "Enter Esc 2 Enter Left Left");
	ck_assert(strstr(filter_text(model_view(b.ui->model, ROW_EVENT)->filter), "pid=") != NULL);
	press(&b, "Esc e");
	ck_assert_str_eq(filter_text(model_view(b.ui->model, ROW_EVENT)->filter), "event=exit");
	bench_free(&b);
}
END_TEST

START_TEST(help_lists_searches_and_does)
{
	struct bench b = bench_new(FAKE_HEALTHY, false);

	press(&b, "2 ?");
	ck_assert(shows(&b, "type to search"));
	type(&b, "invert");
	ck_assert(shows(&b, "invert the order"));
	bool before = model_view(b.ui->model, ROW_PROCESS)->sort[0].is_reversed;
	press(&b, "Down Enter");
	ck_assert_int_ne(model_view(b.ui->model, ROW_PROCESS)->sort[0].is_reversed, before);
	press(&b, "? Esc");
	ck_assert_int_eq(b.ui->session.popup, POPUP_NONE);
	bench_free(&b);
}
END_TEST

START_TEST(knobs_move_by_arrows_and_x_fixes)
{
	struct bench b = bench_new(FAKE_HEALTHY, false);

	press(&b, "5 x");
	ck_assert_int_eq(last_command(&b)->kind, COMMAND_KNOB);
	ck_assert_str_eq(last_command(&b)->text, "fix");
	ck_assert_int_eq(last_command(&b)->value, 1);
	press(&b, "Enter Down Down Right");
	ck_assert_str_eq(last_command(&b)->text, "rate");
	ck_assert_int_gt(last_command(&b)->value, 200);
	bench_free(&b);
}
END_TEST

START_TEST(the_command_line_completes)
{
	struct bench b = bench_new(FAKE_HEALTHY, false);

	press(&b, ":");
	type(&b, "them");
	press(&b, "Tab");
	type(&b, "bl");
	press(&b, "Tab");
	ck_assert_msg(!strncmp(b.ui->session.prompt.text, "theme blind", 11), "%s", b.ui->session.prompt.text);
	press(&b, "Enter");
	ck_assert_str_eq(theme_name(b.ui->session.theme), "blind");
	press(&b, ":");
	type(&b, "every 500ms");
	press(&b, "Enter");
	ck_assert_uint_eq(b.ui->session.interval_us, 500000);
	press(&b, ":");
	type(&b, "gc minor patient");
	press(&b, "Enter");
	ck_assert_int_eq(last_command(&b)->kind, COMMAND_GC_MINOR);
	bench_free(&b);
}
END_TEST

START_TEST(a_dead_selection_stays_until_one_moves)
{
	struct bench b = bench_new(FAKE_HEALTHY, false);

	press(&b, "2 Down Down");
	uint64_t pid = selected_pid(&b);
	fake_source_kill(b.source, pid, "boom");
	ui_advance(b.ui, 0);
	ui_draw(b.ui, &b.canvas);
	ck_assert(model_view(b.ui->model, ROW_PROCESS)->is_dead);
	ck_assert(shows(&b, "boom"));
	press(&b, "Down");
	ck_assert(!model_view(b.ui->model, ROW_PROCESS)->is_dead);
	bench_free(&b);
}
END_TEST

START_TEST(clicks_find_what_they_hit)
{
	struct bench b = bench_new(FAKE_HEALTHY, false);
	struct event e = { .kind = EVENT_CLICK, .row = 0, .col = 20 };

	ui_on_event(b.ui, &e, 1);
	ui_draw(b.ui, &b.canvas);
	ck_assert_int_eq(session_visit(&b.ui->session)->place, PLACE_PROCESSES);
	e = (struct event) { .kind = EVENT_CLICK, .row = 8, .col = 10 };
	ui_on_event(b.ui, &e, 2);
	ui_draw(b.ui, &b.canvas);
	ck_assert_uint_eq(model_view(b.ui->model, ROW_PROCESS)->line, 3);
	ui_on_event(b.ui, &e, 3);
	ck_assert_int_eq(session_visit(&b.ui->session)->place, PLACE_DETAIL);
	bench_free(&b);
}
END_TEST

START_TEST(pasting_fires_nothing)
{
	struct bench b = bench_new(FAKE_HEALTHY, false);

	for (uint32_t key = ' '; key < 0x7f; key++) {
		struct event e = { .kind = EVENT_PASTE, .key = key };
		ui_on_event(b.ui, &e, 1);
	}
	ck_assert_uint_eq(command_count(&b), 0);
	ck_assert(!ui_is_over(b.ui));
	bench_free(&b);
}
END_TEST

/* ---- anything ---- */

START_TEST(nothing_one_can_do_breaks_it)
{
	setenv("ACTOP_CONFIG", "", 1);
	for (uint64_t i = 0; i < 8; i++)
		fuzz_part(_i ? "screen" : "gate")->round(suite_seed() + (uint64_t) _i * 8 + i);
}
END_TEST

Suite *check_suite(void)
{
	Suite *s = suite_create("keys");
	TCase *gate = tcase_create("gate"), *tables = tcase_create("tables"), *acts = tcase_create("acts"),
		*fuzz = tcase_create("fuzz");

	setlocale(LC_CTYPE, "C.UTF-8");
	tcase_add_loop_test(gate, sequences_come_out_whole_wherever_they_are_cut, 0,
		(int) (sizeof sequences / sizeof *sequences));
	tcase_add_test(gate, a_lone_escape_is_the_key_after_a_moment);
	tcase_add_test(gate, half_a_mouse_report_is_dropped_and_what_follows_is_not);
	tcase_add_test(gate, the_wheel_turns_in_both_dialects);
	tcase_add_test(gate, pasted_text_is_never_keys);
	tcase_add_test(gate, keys_have_names_and_names_keys);
	tcase_add_test(tables, no_two_actions_of_a_place_share_a_key);
	tcase_add_test(tables, every_action_is_explained_and_listed);
	tcase_add_test(tables, a_place_takes_the_keys_that_are_listed_as_its_own);
	tcase_add_test(tables, every_verb_is_explained_and_its_candidates_end);
	tcase_add_test(acts, digits_and_tab_change_the_tab);
	tcase_add_loop_test(acts, capital_letters_order, 0, 5);
	tcase_add_test(acts, the_queue_order_finds_the_sick_one);
	tcase_add_test(acts, the_selection_follows_its_process);
	tcase_add_test(acts, g_collects_what_is_selected_and_tells);
	tcase_add_test(acts, capital_g_collects_what_passes_the_filter);
	tcase_add_loop_test(acts, a_paused_screen_stands_still, 0, PLACE_DEMOS);
	tcase_add_test(acts, tags_are_what_actions_mean);
	tcase_add_test(acts, harm_asks_first_and_keeps_to_whom_it_asked_about);
	tcase_add_test(acts, read_only_changes_nothing);
	tcase_add_test(acts, the_filter_shows_as_it_is_typed_and_escape_takes_it_back);
	tcase_add_test(acts, search_goes_there);
	tcase_add_test(acts, enter_and_escape_go_in_and_out);
	tcase_add_test(acts, detail_pages_keep_the_events_filter_of_the_user);
	tcase_add_test(acts, help_lists_searches_and_does);
	tcase_add_test(acts, knobs_move_by_arrows_and_x_fixes);
	tcase_add_test(acts, the_command_line_completes);
	tcase_add_test(acts, a_dead_selection_stays_until_one_moves);
	tcase_add_test(acts, clicks_find_what_they_hit);
	tcase_add_test(acts, pasting_fires_nothing);
	tcase_set_timeout(fuzz, 120);
	tcase_add_loop_test(fuzz, nothing_one_can_do_breaks_it, 0, 8);
	suite_add_tcase(s, gate);
	suite_add_tcase(s, tables);
	suite_add_tcase(s, acts);
	suite_add_tcase(s, fuzz);
	return s;
}
