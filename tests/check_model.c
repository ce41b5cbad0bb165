/* The model over a make-believe runtime: pages, selection, order, tree, groups, marks, history, commands. */
#include "tests/fake_source.h"
#include "tests/suite.h"
#include "tui/model/model.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct source *source;
static struct model *model;

static void open_world(struct fake_options o)
{
	o.seed = suite_seed();
	source = fake_source_new(&o);
	model = model_new(source);
}

static void advance(int samples)
{
	while (samples-- > 0)
		model_advance(model, source->next(source, 0));
}

static void start(void)
{
	open_world((struct fake_options) { .processes = 300, .deaths = 1, .sick = FAKE_MAILBOX, .tables = 2 });
	advance(3);
}

static void stop(void)
{
	model_free(model);
	source->close(source);
}

static const struct snap_process *process_at(const struct view *v, size_t i) { return v->rows[i].now; }

static const struct view *processes(void) { return model_view(model, ROW_PROCESS); }

/* All rows, read and sorted the plain way: what a page must be a part of. */
static struct snap_process *everything(size_t *count, int (*compare)(const void *, const void *))
{
	struct snap_process *rows = calloc(300000, sizeof *rows);
	uint32_t cursor = 0;
	size_t n;

	*count = 0;
	while ((n = source->read_processes(source, &cursor, rows + *count, 1000)) > 0)
		*count += n;
	qsort(rows, *count, sizeof *rows, compare);
	return rows;
}

static int by_total(const void *a, const void *b)
{
	const struct snap_process *x = a, *y = b;

	if (x->total_bytes != y->total_bytes)
		return x->total_bytes < y->total_bytes ? 1 : -1;
	return (x->pid > y->pid) - (x->pid < y->pid);
}

static void page_equals(const struct view *v, const struct snap_process *rows, size_t count)
{
	ck_assert_uint_eq(v->total, count);
	ck_assert_uint_eq(v->count, v->height < count ? v->height : count);
	for (size_t i = 0; i < v->count; i++)
		ck_assert_msg(process_at(v, i)->pid == rows[v->start + i].pid, "rank %zu of %zu", v->start + i, count);
}

/* ---- pages ---- */

START_TEST(a_page_is_a_part_of_the_whole_order)
{
	static const struct { uint32_t processes; size_t height; } sizes[] = { { 40, 7 }, { 300, 20 }, { 300, 400 },
		{ 20000, 50 } };
	size_t count;
	struct snap_process *rows;

	open_world((struct fake_options) { .processes = sizes[_i].processes });
	view_set_height(model, ROW_PROCESS, sizes[_i].height);
	advance(2);
	rows = everything(&count, by_total);
	page_equals(processes(), rows, count);
	for (size_t at = 0; at + 1 < count; at += count / 7 + 1) {
		view_home(model, ROW_PROCESS);
		view_move(model, ROW_PROCESS, (long) at);
		page_equals(processes(), rows, count);
		ck_assert_uint_eq(processes()->selected, rows[at].pid);
	}
	view_end(model, ROW_PROCESS);
	page_equals(processes(), rows, count);
	ck_assert_uint_eq(processes()->selected, rows[count - 1].pid);
	free(rows);
	stop();
}
END_TEST

START_TEST(the_untouched_selection_watches_the_top)
{
	ck_assert(processes()->is_watching);
	ck_assert_uint_eq(processes()->line, 0);
	advance(4);
	ck_assert_uint_eq(processes()->line, 0);
	ck_assert_uint_eq(processes()->selected, processes()->rows[0].id);
	ck_assert_uint_eq(processes()->selected, fake_source_patient(source));
}
END_TEST

START_TEST(the_selection_follows_its_process_on_its_line)
{
	uint64_t pid;

	model_sort(model, ROW_PROCESS, "reductions_rate");
	view_move(model, ROW_PROCESS, 5);
	processes();
	view_move(model, ROW_PROCESS, -2);
	pid = processes()->selected;
	for (int i = 0; i < 10; i++) {
		const struct view *v;

		advance(1);
		v = processes();
		if (v->is_dead)         /* it may have been its turn to die */
			break;
		ck_assert_uint_eq(v->selected, pid);
		ck_assert_uint_eq(v->rows[v->line].id, pid);
		ck_assert(v->line == 3 || v->start == 0 || v->start + v->count == v->total);
	}
}
END_TEST

START_TEST(a_dead_selection_leaves_a_tombstone)
{
	uint64_t pid;
	const struct view *v;

	view_move(model, ROW_PROCESS, 2);
	pid = processes()->selected;
	fake_source_kill(source, pid, "reason badarg");
	advance(1);
	v = processes();
	ck_assert(v->is_dead);
	ck_assert_uint_eq(v->selected, pid);
	ck_assert_uint_eq(v->line, 2);
	ck_assert_uint_eq(v->rows[2].id, pid);
	ck_assert(v->rows[2].flags & ROW_IS_DEAD);
	ck_assert_str_eq(v->obituary, "reason badarg");
	advance(2);
	ck_assert(processes()->is_dead);
	view_move(model, ROW_PROCESS, 1);
	ck_assert(!processes()->is_dead);
	ck_assert_uint_ne(processes()->selected, pid);
}
END_TEST

START_TEST(who_is_filtered_out_is_not_dead)
{
	char error[100];

	view_select(model, ROW_PROCESS, fake_source_patient(source));
	ck_assert(model_filter(model, ROW_PROCESS, "app=shop", error, sizeof error));
	ck_assert(!processes()->is_dead);
	ck_assert_uint_ne(processes()->selected, fake_source_patient(source));
}
END_TEST

START_TEST(any_process_can_be_selected_by_identity)
{
	size_t count;
	struct snap_process *rows = everything(&count, by_total);

	for (size_t i = 0; i < count; i += 37) {
		ck_assert(view_select(model, ROW_PROCESS, rows[i].pid));
		ck_assert_uint_eq(view_selected(processes())->id, rows[i].pid);
	}
	ck_assert(!view_select(model, ROW_PROCESS, 999999999));
	free(rows);
}
END_TEST

START_TEST(orders_have_several_keys_and_can_be_inverted)
{
	char error[100];
	const struct view *v;

	ck_assert(model_sort_list(model, ROW_PROCESS, "application,message_queue_len", error, sizeof error));
	v = processes();
	for (size_t i = 1; i < v->count; i++) {
		int order = strcmp(model_name(model, process_at(v, i - 1)->application),
			model_name(model, process_at(v, i)->application));

		ck_assert_int_le(order, 0);
		if (order == 0)
			ck_assert_uint_ge(process_at(v, i - 1)->message_queue_len, process_at(v, i)->message_queue_len);
	}
	ck_assert(model_sort(model, ROW_PROCESS, "pid"));
	v = processes();
	for (size_t i = 1; i < v->count; i++)
		ck_assert_uint_lt(process_at(v, i - 1)->pid, process_at(v, i)->pid);
	model_sort_invert(model, ROW_PROCESS);
	v = processes();
	for (size_t i = 1; i < v->count; i++)
		ck_assert_uint_gt(process_at(v, i - 1)->pid, process_at(v, i)->pid);
	ck_assert(model_sort(model, ROW_PROCESS, "pid"));       /* asked for again: the natural direction, never a surprise */
	v = processes();
	for (size_t i = 1; i < v->count; i++)
		ck_assert_uint_lt(process_at(v, i - 1)->pid, process_at(v, i)->pid);
	ck_assert(!model_sort(model, ROW_PROCESS, "nonsense"));
	ck_assert(!model_sort_list(model, ROW_PROCESS, "pid,nonsense", error, sizeof error));
}
END_TEST

START_TEST(search_goes_round)
{
	char error[100];

	ck_assert(model_search(model, ROW_PROCESS, "catalog", error, sizeof error));
	ck_assert(model_search_step(model, ROW_PROCESS, 1));
	ck_assert_str_eq(model_name(model, process_at(processes(), processes()->line)->name), "catalog");
	ck_assert(model_search_step(model, ROW_PROCESS, -1));
	ck_assert(model_search(model, ROW_PROCESS, "nobody_here", error, sizeof error));
	ck_assert(!model_search_step(model, ROW_PROCESS, 1));
}
END_TEST

/* ---- rates ---- */

START_TEST(rates_are_differences_by_seconds)
{
	const struct column *in = columns_find(ROW_PROCESS, "message_queue_len_rate"),
		*reds = columns_find(ROW_PROCESS, "reductions_rate");
	struct snap_process before, now;

	source->read_process(source, fake_source_patient(source), &before);
	advance(1);
	source->read_process(source, fake_source_patient(source), &now);
	ck_assert(view_select(model, ROW_PROCESS, now.pid));
	ck_assert_double_eq_tol(in->get(in, view_selected(processes())),
		(double) now.message_queue_len - (double) before.message_queue_len, 1e-6);
	ck_assert_double_eq_tol(reds->get(reds, view_selected(processes())), (double) (now.reductions - before.reductions),
		1e-6);
}
END_TEST

START_TEST(the_first_sample_has_no_rates)
{
	const struct column *c = columns_find(ROW_PROCESS, "memory_rate");

	open_world((struct fake_options) { .processes = 50 });
	advance(1);
	for (size_t i = 0; i < processes()->count; i++)
		ck_assert(isnan(c->get(c, &processes()->rows[i])));
	ck_assert(isnan(model_system_value(model, "reductions_rate")));
	advance(1);
	ck_assert(!isnan(c->get(c, &processes()->rows[0])));
	ck_assert(!isnan(model_system_value(model, "reductions_rate")));
	stop();
}
END_TEST

START_TEST(the_newborn_at_an_old_index_has_no_rates)
{
	size_t newborn = 0;
	const struct column *c = columns_find(ROW_PROCESS, "reductions_rate");

	open_world((struct fake_options) { .processes = 60, .deaths = 20 });
	view_set_height(model, ROW_PROCESS, 100);
	advance(5);
	for (size_t i = 0; i < processes()->count; i++) {
		const struct snap_process *p = process_at(processes(), i);

		if (p->started_us / 1000000 != 5)
			continue;
		newborn++;
		ck_assert(isnan(c->get(c, &processes()->rows[i])));
	}
	ck_assert_uint_gt(newborn, 0);
	stop();
}
END_TEST

/* ---- tree and groups ---- */

static const struct tree_line *line_of(const char *name)
{
	const struct view *v;

	view_set_height(model, ROW_TREE, 2000);
	v = model_view(model, ROW_TREE);
	for (size_t i = 0; i < v->count; i++) {
		const struct tree_line *l = v->rows[i].now;

		if (strcmp(model_name(model, l->label), name) == 0)
			return l;
	}
	return NULL;
}

START_TEST(sums_add_up)
{
	const struct view *v;
	uint64_t processes_seen = 0, memory = 0;
	const struct tree_line *shop, *shop_sup;

	view_set_height(model, ROW_TREE, 2000);
	v = model_view(model, ROW_TREE);
	for (size_t i = 0; i < v->count; i++) {
		const struct tree_line *l = v->rows[i].now;

		if (l->depth)
			continue;
		processes_seen += l->sums.processes;
		memory += l->sums.memory;
	}
	ck_assert_uint_eq(processes_seen, model_snapshot(model)->system.process_count);
	ck_assert_uint_eq(memory, model_snapshot(model)->system.processes);
	shop = line_of("shop");
	shop_sup = line_of("shop_sup");
	ck_assert_uint_eq(shop->sums.memory, shop_sup->sums.memory);
	ck_assert_uint_gt(shop_sup->sums.processes, line_of("pool_sup")->sums.processes);
}
END_TEST

START_TEST(equal_children_fold_into_one_line)
{
	const struct tree_line *fold = line_of("request:handle/1");

	ck_assert_ptr_nonnull(fold);
	ck_assert_int_eq(fold->kind, TREE_FOLD_LINE);
	ck_assert_uint_eq(fold->sums.processes, line_of("pool_sup")->sums.processes - 1);
	ck_assert(fold->p50 <= fold->p99 && fold->p99 <= fold->most * 1.1);
	model_tree_open(model, fold->id, 1);
	fold = line_of("request:handle/1");
	ck_assert(fold->is_open);
	ck_assert_int_eq(fold[1].kind, TREE_WORKER);
	ck_assert_uint_eq(fold[1].depth, fold->depth + 1);
	model_tree_close_all(model);
	ck_assert_ptr_null(line_of("cart"));
	ck_assert_ptr_nonnull(line_of("shop"));
}
END_TEST

START_TEST(tables_are_leaves_under_their_owners)
{
	const struct tree_line *keeper = line_of("keeper"), *table = line_of("sessions");

	ck_assert_int_eq(table->kind, TREE_TABLE);
	ck_assert_uint_eq(table->depth, keeper->depth + 1);
	ck_assert_uint_eq(table->pid, keeper->pid);
}
END_TEST

START_TEST(a_process_is_revealed_in_its_tree)
{
	const struct view *v;

	model_tree_close_all(model);
	view_set_height(model, ROW_TREE, 30);
	ck_assert(model_tree_reveal(model, fake_source_patient(source)));
	v = model_view(model, ROW_TREE);
	ck_assert_uint_eq(view_selected(v)->id, fake_source_patient(source));
}
END_TEST

START_TEST(groups_count_everyone_once)
{
	for (enum group_by by = GROUP_INITIAL_CALL; by < GROUP_BY_COUNT; by++) {
		uint64_t count = 0, memory = 0;
		const struct view *v;

		model_group_by(model, by);
		view_set_height(model, ROW_GROUP, 1000);
		v = model_view(model, ROW_GROUP);
		for (size_t i = 0; i < v->count; i++) {
			const struct group *g = v->rows[i].now;

			count += g->count;
			memory += g->sums.memory;
			ck_assert(g->p50 <= g->most * 1.1);
		}
		ck_assert_uint_eq(count, model_snapshot(model)->system.process_count);
		ck_assert_uint_eq(memory, model_snapshot(model)->system.processes);
	}
}
END_TEST

/* ---- difference, pause, history ---- */

START_TEST(the_difference_is_taken_against_the_mark)
{
	const struct column *queue = columns_find(ROW_PROCESS, "message_queue_len");
	struct snap_process then, now;
	char out[64], expected[64];
	size_t gone = 0, new = 0;
	const struct view *v;

	ck_assert(isnan(model_baseline_age(model)));
	source->read_process(source, fake_source_patient(source), &then);
	model_mark(model);
	advance(5);
	source->read_process(source, then.pid, &now);
	ck_assert(view_select(model, ROW_PROCESS, then.pid));
	snprintf(expected, sizeof expected, "+%llu", (unsigned long long) (now.message_queue_len - then.message_queue_len));
	ck_assert_str_eq(column_show_change(queue, view_selected(processes()), out, sizeof out), expected);
	ck_assert_double_eq_tol(model_baseline_age(model), 5, 1e-9);
	view_set_height(model, ROW_CHANGE, 100);
	v = model_view(model, ROW_CHANGE);
	for (size_t i = 0; i < v->count; i++) {
		const struct change *c = v->rows[i].now;

		gone += c->is_gone;
		new += !c->is_gone;
	}
	ck_assert_uint_gt(gone, 0);
	ck_assert_uint_gt(new, 0);
	model_difference(model, BASELINE_10S);
	advance(10);
	ck_assert_double_eq_tol(model_baseline_age(model), 10, 1.01);
}
END_TEST

START_TEST(pause_holds_the_pages_and_not_the_world)
{
	uint64_t sample, queue;

	model_pause(model, true);
	sample = model_snapshot(model)->sample;
	queue = process_at(processes(), 0)->message_queue_len;
	advance(5);
	ck_assert_uint_eq(model_snapshot(model)->sample, sample);
	ck_assert_uint_eq(process_at(processes(), 0)->message_queue_len, queue);
	ck_assert_uint_eq(model_newest(model)->sample, sample + 5);
	ck_assert_uint_eq(model_step_count(model), 5);
	model_sort(model, ROW_PROCESS, "pid");
	ck_assert_uint_eq(model_snapshot(model)->sample, sample);
	model_pause(model, false);
	ck_assert_uint_eq(model_snapshot(model)->sample, sample + 5);
	model_sort(model, ROW_PROCESS, "message_queue_len");
	ck_assert_uint_gt(process_at(processes(), 0)->message_queue_len, queue);
}
END_TEST

START_TEST(history_steps_back_and_forward)
{
	uint64_t queues[8];

	for (int i = 0; i < 8; i++) {
		advance(1);
		queues[i] = process_at(processes(), 0)->message_queue_len;
	}
	for (int back = 1; back < 8; back++) {
		model_step(model, -1);
		ck_assert_uint_eq(process_at(processes(), 0)->message_queue_len, queues[7 - back]);
		ck_assert_uint_eq(line_of("patient")->sums.message_queue_len, queues[7 - back]);
	}
	ck_assert(!model_history_is_partial(model));
	for (int i = 0; i < 7; i++)
		model_step(model, 1);
	ck_assert_uint_eq(model_step_count(model), 0);
	ck_assert_uint_eq(process_at(processes(), 0)->message_queue_len, queues[7]);
	for (int i = 0; i < 500; i++)
		model_step(model, -1);
	ck_assert_uint_eq(model_step_count(model), model_history_count(model) - 1);
	advance(200);
	ck_assert_uint_le(model_history_count(model), MODEL_HISTORY);
}
END_TEST

START_TEST(followed_processes_have_their_curve)
{
	const struct series *s;

	advance(10);
	s = model_process_series(model, fake_source_patient(source), TRACK_QUEUE);
	ck_assert_ptr_nonnull(s);
	for (size_t i = 1; i < 8; i++)
		ck_assert(series_at(s, i - 1) > series_at(s, i));
	s = model_system_series(model, "binary");
	ck_assert_ptr_nonnull(s);
	ck_assert_uint_eq(s->count, model_times(model)->count);
}
END_TEST

/* ---- commands ---- */

static uint64_t *targets(enum row_kind kind, enum target t, size_t *count, char *subject)
{
	uint64_t *pids;

	*count = model_targets(model, kind, t, &pids, subject, 64);
	return pids;
}

START_TEST(targets_are_what_the_row_means)
{
	char subject[64], error[100];
	size_t n;

	ck_assert(view_select(model, ROW_PROCESS, fake_source_patient(source)));
	free(targets(ROW_PROCESS, TARGET_SELECTED, &n, subject));
	ck_assert_uint_eq(n, 1);
	ck_assert_str_eq(subject, "patient");
	ck_assert(view_select(model, ROW_TREE, line_of("shop_sup")->id));
	free(targets(ROW_TREE, TARGET_SELECTED, &n, subject));
	ck_assert_uint_eq(n, line_of("shop_sup")->sums.processes);
	ck_assert_str_eq(subject, "shop_sup");
	ck_assert(view_select(model, ROW_TREE, line_of("request:handle/1")->id));
	free(targets(ROW_TREE, TARGET_SELECTED, &n, subject));
	ck_assert_uint_eq(n, line_of("request:handle/1")->sums.processes);
	ck_assert(model_filter(model, ROW_PROCESS, "app=clinic", error, sizeof error));
	free(targets(ROW_PROCESS, TARGET_SHOWN, &n, subject));
	ck_assert_uint_eq(n, 3);
	free(targets(ROW_SYSTEM, TARGET_SHOWN, &n, subject));
	ck_assert_uint_eq(n, model_snapshot(model)->system.process_count);
	free(targets(ROW_SYSTEM, TARGET_SELECTED, &n, subject));
	ck_assert_uint_eq(n, 0);
	ck_assert(*subject);
	model_view(model, ROW_TABLE);
	free(targets(ROW_TABLE, TARGET_SELECTED, &n, subject));
	ck_assert_uint_eq(n, 1);
}
END_TEST

START_TEST(tags_outlive_the_page)
{
	char subject[64];
	size_t n;
	const struct view *v = processes();

	model_tag(model, ROW_PROCESS, v->rows[1].id);
	model_tag(model, ROW_PROCESS, v->rows[3].id);
	ck_assert(processes()->rows[1].flags & ROW_IS_TAGGED);
	view_end(model, ROW_PROCESS);
	free(targets(ROW_PROCESS, TARGET_SELECTED, &n, subject));
	ck_assert_uint_eq(n, 2);
	ck_assert_str_eq(subject, "2 processes");
	model_untag_all(model, ROW_PROCESS);
	ck_assert_uint_eq(model_tag_count(model, ROW_PROCESS), 0);
}
END_TEST

START_TEST(commands_wait_in_the_outbox)
{
	uint64_t pid = fake_source_patient(source);
	struct command c = { .kind = COMMAND_GC, .pids = &pid, .pid_count = 1, .subject = "patient",
		.estimate = SNAP_UNKNOWN };
	size_t n;
	const struct fake_command *sent;
	char text[400];

	ck_assert(model_command(model, &c));
	fake_source_commands(source, &n);
	ck_assert_uint_eq(n, 0);
	ck_assert_uint_eq(model_outbox(model, &n)[0].pids[0], pid);
	ck_assert_uint_eq(n, 1);
	model_flush(model);
	sent = fake_source_commands(source, &n);
	ck_assert_uint_eq(n, 1);
	ck_assert_uint_eq(sent[0].pid, pid);
	model_outbox(model, &n);
	ck_assert_uint_eq(n, 0);
	advance(1);
	ck_assert_ptr_nonnull(model_last_receipt(model));
	ck_assert_ptr_nonnull(strstr(model_receipt_text(model_last_receipt(model), text, sizeof text), "dead references"));
	ck_assert_uint_eq(model_view(model, ROW_RECEIPT)->total, 1);
}
END_TEST

START_TEST(read_only_refuses_and_says_so)
{
	struct command c = { .kind = COMMAND_GC_ALL, .estimate = SNAP_UNKNOWN };
	size_t n;

	model_set_read_only(model, true);
	ck_assert(!model_command(model, &c));
	model_outbox(model, &n);
	ck_assert_uint_eq(n, 0);
	ck_assert_ptr_nonnull(strstr(model_last_notice(model)->text, "read-only"));
}
END_TEST

START_TEST(the_detail_answers_for_who_was_asked)
{
	model_open_detail(model, fake_source_patient(source));
	ck_assert(model_poll_detail(model));
	ck_assert_uint_eq(model_detail(model)->pid, fake_source_patient(source));
	model_open_detail(model, 0);
	ck_assert_ptr_null(model_detail(model));
}
END_TEST

/* ---- any keys at all ---- */

START_TEST(no_order_of_calls_breaks_it)
{
	uint64_t seed = suite_seed() | 1;
	static const char *const keys[] = { "pid", "memory", "total_bytes", "reductions_rate", "label", "findings", "bytes",
		"name" };

	for (int i = 0; i < 3000; i++) {
		enum row_kind kind;
		const struct view *v;

		seed ^= seed << 13;
		seed ^= seed >> 7;
		seed ^= seed << 17;
		kind = (enum row_kind) (seed >> 8 & 0xff) % ROW_KIND_COUNT;
		switch (seed % 16) {
		case 0: advance(1); break;
		case 1: view_move(model, kind, (long) (seed >> 16 & 31) - 16); break;
		case 2: view_end(model, kind); break;
		case 3: view_home(model, kind); break;
		case 4: view_set_height(model, kind, seed >> 16 & 63); break;
		case 5: model_sort(model, kind, keys[seed >> 16 & 7]); break;
		case 6: model_step(model, seed >> 16 & 1 ? 1 : -1); break;
		case 7: model_pause(model, seed >> 16 & 1); break;
		case 8: model_group_by(model, (enum group_by) (seed >> 16 & 3)); break;
		case 9: model_difference(model, (enum baseline) (seed >> 16 & 3)); break;
		case 10: fake_source_kill(source, processes()->selected, "killed"); break;
		case 11: view_select_line(model, kind, seed >> 16 & 31); break;
		case 12: v = model_view(model, ROW_TREE);
			if (v->count)
				model_tree_open(model, v->rows[(seed >> 16) % v->count].id, -1);
			break;
		case 13: model_mark(model); break;
		case 14: model_tag(model, kind, model_view(model, kind)->selected); break;
		default: model_refresh(model); break;
		}
		v = model_view(model, kind);
		ck_assert(v->count <= v->height + 1 && (v->count == 0 || v->line < v->count));
		for (size_t k = 0; k < v->count; k++) {
			size_t count;
			char out[512];
			const struct column *all = columns_of(kind, &count);

			column_show(&all[k % count], &v->rows[k], out, sizeof out);
		}
	}
}
END_TEST

Suite *check_suite(void)
{
	Suite *s = suite_create("model");
	TCase *tc = tcase_create("worlds");

	tcase_add_loop_test(tc, a_page_is_a_part_of_the_whole_order, 0, 4);
	tcase_add_test(tc, the_first_sample_has_no_rates);
	tcase_add_test(tc, the_newborn_at_an_old_index_has_no_rates);
	suite_add_tcase(s, tc);
	tc = tcase_create("views");
	tcase_add_checked_fixture(tc, start, stop);
	tcase_add_test(tc, the_untouched_selection_watches_the_top);
	tcase_add_test(tc, the_selection_follows_its_process_on_its_line);
	tcase_add_test(tc, a_dead_selection_leaves_a_tombstone);
	tcase_add_test(tc, who_is_filtered_out_is_not_dead);
	tcase_add_test(tc, any_process_can_be_selected_by_identity);
	tcase_add_test(tc, orders_have_several_keys_and_can_be_inverted);
	tcase_add_test(tc, search_goes_round);
	tcase_add_test(tc, rates_are_differences_by_seconds);
	tcase_add_test(tc, sums_add_up);
	tcase_add_test(tc, equal_children_fold_into_one_line);
	tcase_add_test(tc, tables_are_leaves_under_their_owners);
	tcase_add_test(tc, a_process_is_revealed_in_its_tree);
	tcase_add_test(tc, groups_count_everyone_once);
	tcase_add_test(tc, the_difference_is_taken_against_the_mark);
	tcase_add_test(tc, pause_holds_the_pages_and_not_the_world);
	tcase_add_test(tc, history_steps_back_and_forward);
	tcase_add_test(tc, followed_processes_have_their_curve);
	tcase_add_test(tc, targets_are_what_the_row_means);
	tcase_add_test(tc, tags_outlive_the_page);
	tcase_add_test(tc, commands_wait_in_the_outbox);
	tcase_add_test(tc, read_only_refuses_and_says_so);
	tcase_add_test(tc, the_detail_answers_for_who_was_asked);
	tcase_add_test(tc, no_order_of_calls_breaks_it);
	suite_add_tcase(s, tc);
	return s;
}
