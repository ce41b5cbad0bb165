#include "tui/model/model_body.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Identities of lines that are no process: the top bits tell them apart from pids. */
#define ID_APPLICATION (UINT64_C(1) << 62)
#define ID_TABLE (UINT64_C(1) << 61)
#define ID_FOLD (UINT64_C(1) << 60)
#define ID_SYSTEM (ID_APPLICATION | UINT64_C(1) << 40)
#define ID_ORPHANS (ID_APPLICATION | UINT64_C(1) << 41)
#define ID_MORE (UINT64_C(1) << 59)

/* A supervisor with more children than this starts closed, so that a million workers cost their sums only. */
#define TREE_CROWD 20000

/* ---- sums ---- */

static double zero_if_unknown(double v) { return isnan(v) ? 0 : v; }

static double row_rate(const struct model *m, const struct snap_process *r, unsigned field)
{
	const struct snap_process *was;
	double seconds;

	if (model_is_live(m))
		return zero_if_unknown(past_rate(&m->past, r->index, r->pid, field));
	was = history_row_before(m, r->pid);
	seconds = shown_interval(m);
	if (!was || seconds <= 0)
		return 0;
	return (double) (int64_t) (*(const uint64_t *) ((const char *) r + m->past.offset[field])
		- *(const uint64_t *) ((const char *) was + m->past.offset[field])) / seconds;
}

static void add_rates(const struct model *m, struct sums *s, const struct snap_process *r)
{
	if (model_is_live(m) && r->index < m->past.room && m->past.quiet[r->index])
		return;
	s->reductions_rate += row_rate(m, r, PROCESS_reductions);
	s->total_rate += row_rate(m, r, PROCESS_total_bytes);
	s->queue_rate += row_rate(m, r, PROCESS_message_queue_len);
}

void sums_add_row(const struct model *m, struct sums *s, const struct snap_process *r)
{
	s->processes++;
	s->tables += r->ets_tables;
	s->memory += r->memory;
	s->binary_bytes += r->binary_bytes;
	s->binary_share += r->binary_share;
	s->ets_bytes += r->ets_bytes;
	s->total_bytes += r->total_bytes;
	s->message_queue_len += r->message_queue_len;
	s->reductions += r->reductions;
	if (r->flags & SNAP_IS_SUPERVISOR)      /* its sum holds its children's already */
		s->restarts += r->restarts;
	add_rates(m, s, r);
}

static void sums_add(struct sums *to, const struct sums *s)
{
	to->processes += s->processes;
	to->tables += s->tables;
	to->memory += s->memory;
	to->binary_bytes += s->binary_bytes;
	to->binary_share += s->binary_share;
	to->ets_bytes += s->ets_bytes;
	to->total_bytes += s->total_bytes;
	to->message_queue_len += s->message_queue_len;
	to->reductions += s->reductions;
	to->restarts += s->restarts;
	to->reductions_rate += s->reductions_rate;
	to->total_rate += s->total_rate;
	to->queue_rate += s->queue_rate;
}

/* ---- nodes ---- */

static struct node *node_find(const struct tree *t, uint64_t id)
{
	uint32_t at = util_map_get(&t->by_id, id);

	return at == UINT32_MAX ? NULL : &t->nodes[at];
}

static struct node *node_get(struct tree *t, uint64_t id, enum tree_kind kind)
{
	struct node *n = node_find(t, id);

	if (n)
		return n;
	t->nodes = util_grow(t->nodes, &t->node_room, t->node_count + 1, sizeof *t->nodes);
	n = &t->nodes[t->node_count];
	*n = (struct node) { .id = id, .kind = kind };
	util_map_set(&t->by_id, id, (uint32_t) t->node_count++);
	return n;
}

static bool is_open(const struct tree *t, uint64_t id, bool at_first)
{
	uint32_t said = util_map_get(&t->opened, id);

	if (said != UINT32_MAX)
		return said;
	return t->all_open || (!t->all_closed && at_first);
}

static bool node_is_open(const struct tree *t, uint64_t id)
{
	return is_open(t, id, id != ID_SYSTEM && util_map_get(&t->crowded, id) == UINT32_MAX);
}

static uint64_t parent_of(const struct snap_process *r)
{
	if (r->flags & SNAP_IS_ORPHAN)
		return ID_ORPHANS;
	if (r->supervisor)
		return r->supervisor;
	return r->application ? ID_APPLICATION | r->application : ID_SYSTEM;
}

/* ---- folds: children of open nodes ---- */

/* Names that differ in a trailing number only are equal: conn_1, conn_2, conn_7@2. */
static uint64_t stem_hash(const struct model *m, uint32_t label)
{
	const char *name = model_name(m, label);
	size_t n = strlen(name);
	uint64_t h = 0;

	while (n > 1 && (strchr("0123456789", name[n - 1])))
		n--;
	for (size_t i = 0; i < n; i++)
		h = util_hash(h ^ (unsigned char) name[i]);
	return h;
}

static uint64_t fold_id(const struct model *m, const struct snap_process *r, uint64_t parent)
{
	return ID_FOLD | util_hash(util_hash(parent) ^ r->initial_call ^ stem_hash(m, r->label)) >> 5;
}

static uint32_t fold_new(struct tree *t, uint64_t id, const struct snap_process *r, uint64_t parent)
{
	struct fold *f;

	t->folds = util_grow(t->folds, &t->fold_room, t->fold_count + 1, sizeof *t->folds);
	f = &t->folds[t->fold_count];
	if (!f->spread)
		f->spread = util_new(1, sizeof *f->spread);
	*f->spread = (struct spread) { 0 };
	f->id = id;
	f->parent = parent;
	f->label = r->label;
	f->initial_call = r->initial_call;
	f->application = r->application;
	f->is_open = is_open(t, id, false);
	f->sums = (struct sums) { 0 };
	f->count = f->total = 0;
	util_map_set(&t->fold_by_id, id, (uint32_t) t->fold_count);
	return (uint32_t) t->fold_count++;
}

/* Neighbours in the process table mostly are of one kind: their fold is the one of the row before. */
static struct fold *fold_get(struct model *m, const struct snap_process *r)
{
	struct tree *t = &m->tree;
	struct run *run = &t->run;
	uint64_t id;
	uint32_t at;

	if (run->fold && run->fold_label == r->label && run->fold_call == r->initial_call)
		return &t->folds[run->fold - 1];
	id = fold_id(m, r, run->parent);
	at = util_map_get(&t->fold_by_id, id);
	if (at == UINT32_MAX)
		at = fold_new(t, id, r, run->parent);
	run->fold = at + 1;
	run->fold_label = r->label;
	run->fold_call = r->initial_call;
	return &t->folds[at];
}

static struct tree_line kid_line(const struct kid *k, uint64_t parent)
{
	return (struct tree_line) { .kind = TREE_WORKER, .id = k->pid, .parent = parent, .pid = k->pid, .label = k->label,
		.initial_call = k->initial_call, .application = k->application, .status = k->status, .sums = k->sums,
		.p50 = NAN, .p99 = NAN, .most = NAN, .can_open = k->sums.tables > 0 };
}

/* The first sort key as a number that is high for what stands first; words keep the order of arrival. */
static double kid_key(const struct model *m, const struct kid *k)
{
	const struct view *v = &m->views[ROW_TREE].view;
	struct tree_line line = kid_line(k, 0);
	struct row r = { .kind = ROW_TREE, .model = m, .now = &line };
	double key;

	if (!v->sort_count || !v->sort[0].column->get)
		return 0;
	key = v->sort[0].column->get(v->sort[0].column, &r);
	if (isnan(key))
		return -INFINITY;
	return v->sort[0].is_reversed ? -key : key;
}

static size_t worst_kid(const struct fold *f)
{
	size_t worst = 0;

	for (size_t i = 1; i < f->count; i++)
		if (f->keys[i] < f->keys[worst])
			worst = i;
	return worst;
}

/* A place for one more child, or the place of the worst one when it is better than that. */
static bool kid_place(struct fold *f, double key, size_t *at)
{
	size_t most = f->is_open ? TREE_CHILDREN : TREE_FOLD + 1;

	*at = f->count;
	if (f->count < most) {
		f->kids = util_grow(f->kids, &f->kid_room, f->count + 1, sizeof *f->kids);
		f->keys = util_grow(f->keys, &f->key_room, f->count + 1, sizeof *f->keys);
		f->count++;
		return true;
	}
	if (!f->is_open)
		return false;
	*at = worst_kid(f);
	return key > f->keys[*at];
}

static void fold_add(struct model *m, const struct snap_process *r)
{
	struct fold *f = fold_get(m, r);
	struct kid k = { .pid = r->pid, .label = r->label, .initial_call = r->initial_call, .application = r->application,
		.status = r->status };
	double key;
	size_t at;

	f->total++;
	spread_add(f->spread, r->total_bytes);
	sums_add_row(m, &f->sums, r);
	if (!f->is_open && f->count > TREE_FOLD)
		return;
	sums_add_row(m, &k.sums, r);
	k.sums.restarts = r->restarts;
	key = kid_key(m, &k);
	if (!kid_place(f, key, &at))
		return;
	f->kids[at] = k;
	f->keys[at] = key;
}

/* ---- the sweep ---- */

void tree_begin(struct model *m)
{
	struct tree *t = &m->tree;
	const struct snapshot *s = model_snapshot(m);

	t->node_count = t->fold_count = 0;
	util_map_clear(&t->by_id);
	util_map_clear(&t->fold_by_id);
	util_map_clear(&t->crowded);
	t->run.is_live = false;
	for (size_t i = 0; s && i < s->supervisor_count; i++)
		if (s->supervisors[i].children > TREE_CROWD)
			util_map_set(&t->crowded, s->supervisors[i].pid, 1);
	for (size_t i = 0; s && i < s->application_count; i++) {
		const struct snap_application *a = &s->applications[i];
		struct node *n;

		if (a->state == SNAP_APP_LOADED)
			continue;
		n = node_get(t, ID_APPLICATION | a->name, TREE_APPLICATION);
		n->label = n->application = a->name;
		n->status = a->state;
		n->is_seen = true;
	}
}

static void book_application(struct tree *t, const struct run *r)
{
	struct node *n;

	if (r->flags & SNAP_IS_ORPHAN) {
		n = node_get(t, ID_ORPHANS, TREE_ORPHANS);
	} else if (r->application) {
		n = node_get(t, ID_APPLICATION | r->application, TREE_APPLICATION);
		n->label = n->application = r->application;
	} else {
		n = node_get(t, ID_SYSTEM, TREE_SYSTEM);
	}
	n->is_seen = true;
	sums_add(&n->sums, &r->sums);
}

static void run_book(struct tree *t)
{
	struct run *r = &t->run;

	if (!r->is_live)
		return;
	r->is_live = false;
	book_application(t, r);
	if (r->supervisor && !(r->flags & SNAP_IS_ORPHAN)) {
		struct node *n = node_get(t, r->supervisor, TREE_SUPERVISOR);

		sums_add(&n->sums, &r->sums);
		if (!n->application)
			n->application = r->application;
	}
}

static void run_start(struct tree *t, const struct snap_process *r)
{
	t->run = (struct run) { .is_live = true, .supervisor = r->supervisor, .application = r->application,
		.initial_call = r->initial_call, .flags = r->flags & (SNAP_IS_ORPHAN | SNAP_IS_SYSTEM), .parent = parent_of(r) };
	t->run.parent_is_open = node_is_open(t, t->run.parent);
}

static void take_supervisor(struct model *m, const struct snap_process *r)
{
	struct tree *t = &m->tree;
	struct run own = { .application = r->application, .flags = r->flags };
	struct node *n;

	run_book(t);
	sums_add_row(m, &own.sums, r);
	book_application(t, &own);
	n = node_get(t, r->pid, TREE_SUPERVISOR);
	n->label = r->label;
	n->application = r->application;
	n->status = r->status;
	n->parent = parent_of(r);
	n->is_seen = true;
	sums_add(&n->sums, &own.sums);
}

void tree_row(struct model *m, const struct snap_process *r)
{
	struct tree *t = &m->tree;
	struct run *run = &t->run;

	if (r->flags & SNAP_IS_SUPERVISOR) {
		take_supervisor(m, r);
		return;
	}
	if (!run->is_live || run->supervisor != r->supervisor || run->application != r->application
		|| run->flags != (r->flags & (SNAP_IS_ORPHAN | SNAP_IS_SYSTEM))) {
		run_book(t);
		run_start(t, r);
	}
	sums_add_row(m, &run->sums, r);
	if (run->parent_is_open)
		fold_add(m, r);
}

/* Every supervisor's sums go to all above it; a supervisor that is gone leaves its children to the application. */
static void roll_up(struct tree *t)
{
	struct sums *own = util_new(t->node_count, sizeof *own);

	for (size_t i = 0; i < t->node_count; i++) {
		struct node *n = &t->nodes[i];

		own[i] = n->sums;
		if (n->kind == TREE_SUPERVISOR && !n->is_seen)
			n->parent = n->application ? ID_APPLICATION | n->application : ID_SYSTEM;
	}
	for (size_t i = 0; i < t->node_count; i++) {
		struct node *up = &t->nodes[i];

		for (int depth = 0; up && up->kind == TREE_SUPERVISOR && depth < TREE_DEPTH; depth++) {
			up = node_find(t, up->parent);
			if (up && up->kind == TREE_SUPERVISOR)
				sums_add(&up->sums, &own[i]);
		}
	}
	free(own);
}

void tree_end(struct model *m)
{
	run_book(&m->tree);
	roll_up(&m->tree);
	for (size_t i = 0; i < m->tree.node_count && !m->has_rates; i++) {
		struct sums *s = &m->tree.nodes[i].sums;

		s->reductions_rate = s->total_rate = s->queue_rate = NAN;
	}
	view_stale(m, ROW_TREE);
}

/* ---- lines ---- */

static struct tree_line *branch_add(struct tree_line **all, size_t *room, size_t *count)
{
	*all = util_grow(*all, room, *count + 1, sizeof **all);
	(*all)[*count] = (struct tree_line) { .p50 = NAN, .p99 = NAN, .most = NAN };
	return &(*all)[(*count)++];
}

static const struct snap_supervisor *supervisor_facts(const struct snapshot *s, uint64_t pid)
{
	for (size_t i = 0; i < s->supervisor_count; i++)
		if (s->supervisors[i].pid == pid)
			return &s->supervisors[i];
	return NULL;
}

static const struct snap_application *application_facts(const struct snapshot *s, uint32_t name)
{
	for (size_t i = 0; i < s->application_count; i++)
		if (s->applications[i].name == name)
			return &s->applications[i];
	return NULL;
}

static void describe_supervisor(const struct snapshot *s, struct tree_line *l)
{
	const struct snap_supervisor *v = supervisor_facts(s, l->id);

	if (!v)
		return;
	util_print(l->strategy, sizeof l->strategy, "%s", v->strategy);
	l->intensity = v->intensity;
	l->period_s = v->period_s;
	if (v->history_count)
		util_print(l->note, sizeof l->note, "last exit: %s", v->history[0].reason);
}

static void describe_application(const struct snapshot *s, struct tree_line *l)
{
	const struct snap_application *a = application_facts(s, l->application);

	if (!a)
		return;
	l->sums.restarts = a->restarts;
	if (*a->limited_by)
		util_print(l->note, sizeof l->note, "held by %s", a->limited_by);
	else if (a->state == SNAP_APP_STOPPED)
		util_print(l->note, sizeof l->note, "stopped: %s", *a->ended_reason ? a->ended_reason : "normal");
}

static void add_node(struct model *m, const struct node *n, struct tree_line **all, size_t *room, size_t *count)
{
	const struct snapshot *s = model_snapshot(m);
	struct tree_line *l = branch_add(all, room, count);

	l->kind = n->kind;
	l->id = n->id;
	l->parent = n->kind == TREE_SUPERVISOR ? n->parent : 0;
	l->pid = n->kind == TREE_SUPERVISOR ? n->id : 0;
	l->label = n->label;
	l->application = n->application;
	l->status = n->status;
	l->sums = n->sums;
	l->can_open = n->sums.processes > (n->kind == TREE_SUPERVISOR);
	l->is_open = node_is_open(&m->tree, n->id);
	if (n->kind == TREE_SUPERVISOR)
		describe_supervisor(s, l);
	else if (n->kind == TREE_APPLICATION)
		describe_application(s, l);
}

static void add_fold(struct model *m, const struct fold *f, struct tree_line **all, size_t *room, size_t *count)
{
	bool folded = f->total > TREE_FOLD;
	uint64_t parent = folded ? f->id : f->parent;

	if (folded) {
		struct tree_line *l = branch_add(all, room, count);

		*l = (struct tree_line) { .kind = TREE_FOLD_LINE, .id = f->id, .parent = f->parent, .label = f->label,
			.initial_call = f->initial_call, .application = f->application, .sums = f->sums, .can_open = true,
			.is_open = f->is_open, .p50 = spread_percentile(f->spread, 50), .p99 = spread_percentile(f->spread, 99),
			.most = (double) f->spread->most };
	}
	for (size_t i = 0; i < f->count && (!folded || f->is_open); i++) {
		struct tree_line *l = branch_add(all, room, count);

		*l = kid_line(&f->kids[i], parent);
		l->is_open = is_open(&m->tree, l->id, true);
	}
	if (folded && f->is_open && f->total > f->count) {
		struct tree_line *l = branch_add(all, room, count);

		l->kind = TREE_MORE;
		l->id = ID_MORE | (f->id & ~ID_FOLD);
		l->parent = f->id;
		l->sums.processes = f->total - f->count;
	}
}

static void add_tables(struct model *m, struct tree_line **all, size_t *room, size_t *count)
{
	const struct snapshot *s = model_snapshot(m);

	for (size_t i = 0; i < s->table_count; i++) {
		const struct snap_table *t = &s->tables[i];
		struct tree_line *l = branch_add(all, room, count);

		l->kind = TREE_TABLE;
		l->id = ID_TABLE | t->id;
		l->parent = t->owner ? t->owner : ID_ORPHANS;
		l->pid = t->owner;
		l->table = t->id;
		l->label = t->name;
		l->application = t->application;
		l->sums.tables = 1;
		l->sums.ets_bytes = l->sums.total_bytes = t->bytes;
		l->sums.binary_share = l->sums.binary_bytes = t->binary_bytes;
		l->sums.total_bytes += t->binary_bytes;
		util_print(l->note, sizeof l->note, "%s, %llu objects", t->type, (unsigned long long) t->size);
	}
}

struct branch_order { const struct model *m; const struct view *v; };

/* By parent, then as the view orders siblings; what is left over and tables come last. */
static int compare_branches(const void *a, const void *b, void *context)
{
	const struct tree_line *x = a, *y = b;
	const struct branch_order *o = context;
	struct row rx = { .kind = ROW_TREE, .id = x->id, .model = o->m, .now = x }, ry = rx;

	if (x->parent != y->parent)
		return x->parent < y->parent ? -1 : 1;
	if ((x->kind >= TREE_SYSTEM) != (y->kind >= TREE_SYSTEM))
		return x->kind >= TREE_SYSTEM ? 1 : -1;
	ry.id = y->id;
	ry.now = y;
	return view_compare(o->v, &rx, &ry);
}

static size_t first_branch(const struct tree_line *all, size_t count, uint64_t parent)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (all[middle].parent < parent)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void emit(struct tree *t, const struct tree_line *all, size_t count, uint64_t parent, unsigned depth)
{
	for (size_t i = first_branch(all, count, parent); i < count && all[i].parent == parent; i++) {
		t->lines = util_grow(t->lines, &t->line_room, t->line_count + 1, sizeof *t->lines);
		t->lines[t->line_count] = all[i];
		t->lines[t->line_count++].depth = (uint8_t) depth;
		if (all[i].is_open && all[i].can_open && depth + 1 < TREE_DEPTH && all[i].id != parent)
			emit(t, all, count, all[i].id, depth + 1);
	}
}

static void draw_rails(struct tree *t)
{
	uint32_t later = 0;     /* bit d: a line at depth d follows in the same subtree */

	for (size_t i = t->line_count; i-- > 0; ) {
		struct tree_line *l = &t->lines[i];
		uint32_t mine = UINT32_C(1) << l->depth;

		l->is_last = !(later & mine);
		l->rails = later & (mine - 1);
		later = (later & (mine - 1)) | mine;
	}
}

static void add_letter(struct tree_line *l, char letter)
{
	size_t n = strlen(l->letters);

	l->findings++;
	if (!strchr(l->letters, letter) && n + 1 < sizeof l->letters) {
		l->letters[n] = letter;
		l->letters[n + 1] = '\0';
	}
}

struct finding_about tree_about(const struct tree_line *l)
{
	switch (l->kind) {
	case TREE_TABLE: return (struct finding_about) { .table = l->table };
	case TREE_APPLICATION: return (struct finding_about) { .application = l->label };
	case TREE_WORKER: case TREE_FOLD_LINE:
		return (struct finding_about) { .pid = l->pid, .application = l->application, .initial_call = l->initial_call };
	default: return (struct finding_about) { .pid = l->pid };
	}
}

/* The lines above what a finding is about: supervisors, application. */
struct above { uint64_t id[4 * TREE_DEPTH]; size_t count; };

static bool above_has(const struct above *a, uint64_t id)
{
	for (size_t i = 0; i < a->count; i++)
		if (a->id[i] == id)
			return true;
	return false;
}

static void above_add(struct above *a, uint64_t id)
{
	if (id && a->count < UTIL_LENGTH(a->id) && !above_has(a, id))
		a->id[a->count++] = id;
}

static void above_climb(const struct tree *t, struct above *a, uint64_t supervisor)
{
	const struct node *v;

	for (; supervisor && !above_has(a, supervisor) && (v = node_find(t, supervisor)); supervisor = v->parent)
		if (v->kind == TREE_SUPERVISOR)
			above_add(a, supervisor);
}

static void above_find(const struct model *m, const struct finding *f, struct above *a)
{
	const struct followed *p = tracks_find(&m->tracks, f->pid);

	above_add(a, f->pid);
	if (f->application)
		above_add(a, ID_APPLICATION | f->application);
	else if (p && p->now.flags & SNAP_IS_ORPHAN)
		above_add(a, ID_ORPHANS);
	above_climb(&m->tree, a, p ? p->now.supervisor : 0);
	for (size_t i = 0; f->group && i < m->tracks.count; i++) {
		const struct followed *one = m->tracks.slot[i];
		if (one && finding_is_about(f, finding_about_process(&one->now)))
			above_climb(&m->tree, a, one->now.supervisor);
	}
}

/* A finding shows at its own line and at every line above it, open or not. */
static void spread_findings(struct model *m)
{
	struct tree *t = &m->tree;
	size_t count;
	const struct finding *all = model_findings(m, &count);

	for (size_t i = 0; i < count; i++) {
		struct above above = { .count = 0 };

		above_find(m, &all[i], &above);
		for (size_t k = 0; k < t->line_count; k++)
			if (above_has(&above, t->lines[k].id) || finding_is_about(&all[i], tree_about(&t->lines[k])))
				add_letter(&t->lines[k], all[i].rule->letter);
	}
}

/* Keeps what passes, and what stands above something that passes. */
static void keep_filtered(struct model *m)
{
	struct tree *t = &m->tree;
	const struct filter *filter = m->views[ROW_TREE].view.filter;
	size_t to = t->line_count;
	int need = -1;          /* the depth above which a line must stay for what was kept below it */

	if (filter_is_empty(filter))
		return;
	for (size_t i = t->line_count; i-- > 0; ) {
		struct row r = { .kind = ROW_TREE, .id = t->lines[i].id, .model = m, .now = &t->lines[i] };
		bool keep = t->lines[i].depth < need || filter_pass(filter, &r);

		if (!keep)
			continue;
		need = t->lines[i].depth;
		t->lines[--to] = t->lines[i];
	}
	memmove(t->lines, t->lines + to, (t->line_count - to) * sizeof *t->lines);
	t->line_count -= to;
}

void tree_lines(struct model *m)
{
	struct tree *t = &m->tree;
	struct branch_order order = { m, &m->views[ROW_TREE].view };
	struct tree_line *all = NULL;
	size_t room = 0, count = 0;

	t->line_count = 0;
	if (!model_snapshot(m))
		return;
	for (size_t i = 0; i < t->node_count; i++)
		add_node(m, &t->nodes[i], &all, &room, &count);
	for (size_t i = 0; i < t->fold_count; i++)
		add_fold(m, &t->folds[i], &all, &room, &count);
	add_tables(m, &all, &room, &count);
	if (count)
		qsort_r(all, count, sizeof *all, compare_branches, &order);
	emit(t, all, count, 0, 0);
	free(all);
	spread_findings(m);
	keep_filtered(m);
	draw_rails(t);
}

void tree_release(struct tree *t)
{
	for (size_t i = 0; i < t->fold_room; i++) {
		free(t->folds[i].spread);
		free(t->folds[i].kids);
		free(t->folds[i].keys);
	}
	free(t->folds);
	free(t->nodes);
	free(t->lines);
	util_map_release(&t->by_id);
	util_map_release(&t->fold_by_id);
	util_map_release(&t->opened);
	util_map_release(&t->crowded);
	*t = (struct tree) { 0 };
}

/* ---- questions and moves ---- */

static bool is_below(const struct tree *t, uint64_t id, const struct snap_process *row)
{
	uint64_t up = parent_of(row);

	for (int depth = 0; up && depth < TREE_DEPTH; depth++) {
		const struct node *n;

		if (up == id)
			return true;
		n = node_find(t, up);
		up = n ? n->parent : 0;
	}
	return false;
}

bool tree_holds(const struct model *m, const struct tree_line *l, const struct snap_process *row)
{
	switch (l->kind) {
	case TREE_APPLICATION: return row->application == l->application && !(row->flags & SNAP_IS_ORPHAN);
	case TREE_SUPERVISOR: return row->pid == l->pid || is_below(&m->tree, l->id, row);
	case TREE_FOLD_LINE: return !(row->flags & SNAP_IS_SUPERVISOR) && fold_id(m, row, parent_of(row)) == l->id;
	case TREE_MORE: return !(row->flags & SNAP_IS_SUPERVISOR) && fold_id(m, row, parent_of(row)) == l->parent;
	case TREE_SYSTEM: return !row->application && !(row->flags & SNAP_IS_ORPHAN);
	case TREE_ORPHANS: return row->flags & SNAP_IS_ORPHAN;
	case TREE_WORKER: case TREE_TABLE: case TREE_LOOSE: return l->pid && row->pid == l->pid;
	}
	return false;
}

const struct sums *model_application_sums(const struct model *m, uint32_t application)
{
	const struct node *n = node_find(&m->tree, ID_APPLICATION | application);

	return n && n->sums.processes ? &n->sums : NULL;
}

static const struct tree_line *line_find(const struct tree *t, uint64_t id)
{
	for (size_t i = 0; i < t->line_count; i++)
		if (t->lines[i].id == id)
			return &t->lines[i];
	return NULL;
}

void model_tree_open(struct model *m, uint64_t id, int open)
{
	const struct tree_line *l = line_find(&m->tree, id);

	if (open < 0)
		open = !(l && l->is_open);
	util_map_set(&m->tree.opened, id, (uint32_t) open);
	m->needs_sums = true;           /* children are collected in the sweep */
	view_stale(m, ROW_TREE);
}

static void open_all(struct model *m, bool open)
{
	util_map_clear(&m->tree.opened);
	m->tree.all_open = open;
	m->tree.all_closed = !open;
	m->needs_sums = true;
	view_stale(m, ROW_TREE);
}

void model_tree_open_all(struct model *m) { open_all(m, true); }
void model_tree_close_all(struct model *m) { open_all(m, false); }

bool model_tree_reveal(struct model *m, uint64_t pid)
{
	struct snap_process row;
	uint64_t up;

	if (!m->source->read_process(m->source, pid, &row))
		return false;
	up = parent_of(&row);
	if (!(row.flags & SNAP_IS_SUPERVISOR))
		util_map_set(&m->tree.opened, fold_id(m, &row, up), 1);
	for (int depth = 0; up && depth < TREE_DEPTH; depth++) {
		const struct node *n = node_find(&m->tree, up);

		util_map_set(&m->tree.opened, up, 1);
		up = n && n->kind == TREE_SUPERVISOR ? n->parent : 0;
	}
	m->needs_sums = true;
	view_stale(m, ROW_TREE);
	return view_select(m, ROW_TREE, pid);
}
