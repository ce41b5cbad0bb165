#include "tests/fake_source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAMES_MOST = 4096, COMMANDS_MOST = 256, EVENTS_MOST = 512 };

enum role { ROLE_FREE, ROLE_SYSTEM, ROLE_SUPERVISOR, ROLE_SERVER, ROLE_POOL, ROLE_PATIENT, ROLE_STRAY };

/* What a process needs to make its row; figures that only rise are kept, the others are computed. */
struct fake_process {
	uint64_t pid, supervisor, reductions, messages, started_us;
	uint32_t name, application, initial_call, minors;
	uint16_t words_k;               /* heap size in 64 words */
	uint8_t role;
};

struct fake {
	struct source source;
	struct fake_options o;
	double interval, time;
	uint64_t sample, seed, next_pid, serial;
	uint32_t high, room;
	struct fake_process *processes;
	char *names[NAMES_MOST];
	uint32_t name_count;
	uint32_t n_shop, n_archive, n_clinic, n_request, n_server, n_supervisor, n_loop, n_leak;
	uint64_t shop_sup, pool_sup, archive_sup, clinic_sup, patient, keeper;
	uint64_t restarts;
	int64_t knobs[3][2];
	uint8_t app_state[3];
	struct snapshot *held[256];
	size_t held_count;
	struct snap_event events[EVENTS_MOST];
	size_t event_count;
	struct snap_receipt receipts[16];
	struct snap_notice notices[16];
	size_t receipt_count, notice_count;
	struct fake_command commands[COMMANDS_MOST];
	size_t command_count;
	struct snap_detail *detail;
	bool has_detail;
};

static struct fake *fake_of(const struct source *s) { return s->self; }

/* ---- small things ---- */

static uint64_t fake_random(struct fake *f)
{
	f->seed ^= f->seed << 13;
	f->seed ^= f->seed >> 7;
	f->seed ^= f->seed << 17;
	return f->seed;
}

static void *fake_alloc(size_t count, size_t size)
{
	void *p = calloc(count ? count : 1, size);

	if (!p)
		abort();
	return p;
}

static uint32_t fake_name(struct fake *f, const char *text)
{
	for (uint32_t i = 1; i <= f->name_count; i++)
		if (strcmp(f->names[i], text) == 0)
			return i;
	if (f->name_count + 1 >= NAMES_MOST)
		return 0;
	f->names[++f->name_count] = strcpy(fake_alloc(strlen(text) + 1, 1), text);
	return f->name_count;
}

static bool fake_is_sick(const struct fake *f, enum fake_sick kind)
{
	return f->o.sick == kind && f->time >= f->o.sick_from && (f->o.cured_from <= 0 || f->time < f->o.cured_from);
}

/* Seconds of sickness so far. */
static uint64_t fake_ill(const struct fake *f)
{
	double until = f->o.cured_from > 0 && f->time > f->o.cured_from ? f->o.cured_from : f->time;

	return until > f->o.sick_from ? (uint64_t) ((until - f->o.sick_from) * 1000) / 1000 : 0;
}

static void fake_event(struct fake *f, enum snap_event_kind kind, uint64_t pid, uint32_t label, const char *text)
{
	struct snap_event *e;

	if (f->event_count == EVENTS_MOST)
		return;
	e = &f->events[f->event_count++];
	*e = (struct snap_event) { .serial = ++f->serial, .time_us = (uint64_t) (f->time * 1e6), .pid = pid, .kind = kind,
		.label = label };
	snprintf(e->text, sizeof e->text, "%s", text);
}

/* ---- processes ---- */

static struct fake_process *fake_spawn(struct fake *f, enum role role, const char *name, uint32_t app, uint32_t call,
	uint64_t supervisor)
{
	struct fake_process *p = NULL;

	for (uint32_t i = f->high > 64 ? f->high - 64 : 0; i < f->high && !p; i++)
		if (f->processes[i].role == ROLE_FREE)
			p = &f->processes[i];
	if (!p && f->high == f->room) {
		f->room = f->room ? f->room * 2 : 64;
		f->processes = realloc(f->processes, f->room * sizeof *f->processes);
		if (!f->processes)
			abort();
	}
	if (!p)
		p = &f->processes[f->high++];
	*p = (struct fake_process) { .pid = f->next_pid++, .supervisor = supervisor, .role = role, .application = app,
		.initial_call = call, .started_us = (uint64_t) (f->time * 1e6), .words_k = 4 };
	if (name)
		p->name = fake_name(f, name);
	p->words_k = (uint16_t) (role == ROLE_POOL ? 4 + fake_random(f) % 8 : 6 + fake_random(f) % 64);
	return p;
}

static void fake_people(struct fake *f)
{
	fake_spawn(f, ROLE_SYSTEM, "logger", 0, f->n_server, 0);
	fake_spawn(f, ROLE_SYSTEM, "application_controller", 0, f->n_server, 0);
	f->shop_sup = fake_spawn(f, ROLE_SUPERVISOR, "shop_sup", f->n_shop, f->n_supervisor, 0)->pid;
	fake_spawn(f, ROLE_SERVER, "cart", f->n_shop, f->n_server, f->shop_sup);
	fake_spawn(f, ROLE_SERVER, "catalog", f->n_shop, f->n_server, f->shop_sup);
	fake_spawn(f, ROLE_SERVER, "orders", f->n_shop, f->n_server, f->shop_sup);
	f->pool_sup = fake_spawn(f, ROLE_SUPERVISOR, "pool_sup", f->n_shop, f->n_supervisor, f->shop_sup)->pid;
	f->archive_sup = fake_spawn(f, ROLE_SUPERVISOR, "archive_sup", f->n_archive, f->n_supervisor, 0)->pid;
	f->keeper = fake_spawn(f, ROLE_SERVER, "keeper", f->n_archive, f->n_server, f->archive_sup)->pid;
	fake_spawn(f, ROLE_SERVER, "index", f->n_archive, f->n_server, f->archive_sup);
	f->clinic_sup = fake_spawn(f, ROLE_SUPERVISOR, "clinic_sup", f->n_clinic, f->n_supervisor, 0)->pid;
	f->patient = fake_spawn(f, ROLE_PATIENT, "patient", f->n_clinic, f->n_server, f->clinic_sup)->pid;
	fake_spawn(f, ROLE_SERVER, "neighbour", f->n_clinic, f->n_server, f->clinic_sup);
	while (f->high < f->o.processes)
		fake_spawn(f, ROLE_POOL, NULL, f->n_shop, f->n_request, f->pool_sup);
}

static struct fake_process *fake_find(struct fake *f, uint64_t pid)
{
	for (uint32_t i = 0; i < f->high; i++)
		if (f->processes[i].role != ROLE_FREE && f->processes[i].pid == pid)
			return &f->processes[i];
	return NULL;
}

/* The sick one's row, per sickness; `t` seconds of illness. */
static void sick_row(const struct fake *f, struct snap_process *r)
{
	uint64_t t = fake_ill(f);

	switch (t ? f->o.sick : FAKE_HEALTHY) {
	case FAKE_SLICE_PIN:
		r->binary_refs = t * 2;
		r->binary_bytes = r->binary_share = t * 2000000;
		r->flags |= SNAP_HAS_SURVEY;
		r->survey_slice_bytes = t * 200;
		r->survey_free_bytes = 64;
		r->survey_live_words = 300;
		r->survey_age_ms = 200;
		break;
	case FAKE_BINARY_GARBAGE:
		r->binary_refs = 500;
		r->binary_bytes = r->binary_share = 50000000;
		r->flags |= SNAP_HAS_SURVEY;
		r->survey_slice_bytes = 0;
		r->survey_free_bytes = 50000000;
		r->survey_live_words = 40;
		r->survey_age_ms = 300;
		break;
	case FAKE_MAILBOX:
		r->message_queue_len = t * 4000;
		r->messages_in += t * 4500;
		r->mailbox_bytes = t * 4000 * 160;
		r->status = SNAP_RUNNABLE;
		break;
	case FAKE_UNMATCHED:
		r->message_queue_len = 100000;
		r->messages_in += 100000 + t * 10;
		r->mailbox_bytes = 100000 * 120;
		r->reductions += t * 2500000;
		break;
	case FAKE_OLD_GARBAGE:
		r->old_heap_size = 3000000;
		r->old_heap_used = 2500004;
		r->total_heap_size += 3000000;
		r->minor_gcs = 20 + t * 2;
		r->minor_gcs_total = r->minor_gcs;
		r->reductions += t * 5000;
		r->flags |= SNAP_HAS_SURVEY;
		r->survey_live_words = 60;
		r->survey_free_bytes = 2500000 * 8;
		r->survey_slice_bytes = 0;
		r->survey_age_ms = 100;
		break;
	case FAKE_HIBERNATE:
		r->heap_size = 2000000;
		r->heap_used = 1500;
		r->total_heap_size = 2000000;
		r->reductions = 5000;
		r->messages_in = 1;
		r->flags |= SNAP_HAS_SURVEY;
		r->survey_live_words = 1200;
		r->survey_free_bytes = 800;
		r->survey_slice_bytes = 0;
		r->survey_age_ms = 100;
		break;
	case FAKE_LINKS: r->monitors = t * 4000; break;
	case FAKE_STARVED:
		r->status = SNAP_RUNNABLE;
		r->reductions = 900;
		r->messages_in = 40;
		r->message_queue_len = 3;
		break;
	case FAKE_NEAR_LIMIT: case FAKE_BIG_COPY: case FAKE_PROCESS_GROWTH: case FAKE_RESTART_STORM: case FAKE_ORPHAN:
	case FAKE_TIMERS: case FAKE_ATOMS: case FAKE_DROPPED: case FAKE_CARRIERS: case FAKE_LATENCY: case FAKE_ETS:
	case FAKE_HEALTHY: case FAKE_SICK_COUNT: break;
	}
}

static void fake_row(const struct fake *f, uint32_t index, struct snap_process *r)
{
	const struct fake_process *p = &f->processes[index];
	uint64_t words = (uint64_t) p->words_k * 64;

	memset(r, 0, sizeof *r);
	r->pid = p->pid;
	r->index = index;
	r->status = SNAP_WAITING;
	r->priority = 2;
	r->name = p->name;
	r->initial_call = p->initial_call;
	r->current_function = f->n_loop;
	r->application = p->application;
	r->child_id = p->name ? p->name : f->n_request;
	r->label = p->name ? p->name : p->initial_call;
	r->supervisor = r->parent = p->supervisor;
	r->started_us = p->started_us;
	r->messages_in = p->messages;
	r->reductions = p->reductions;
	r->heap_size = r->total_heap_size = words;
	r->heap_used = words * 2 / 3;
	r->stack_size = 6;
	r->minor_gcs = p->minors % 16;
	r->minor_gcs_total = p->minors;
	r->major_gcs = p->minors / 16;
	r->bin_vheap_limit = 46422;
	r->links = 1;
	r->survey_live_words = r->survey_free_bytes = r->survey_slice_bytes = r->survey_age_ms = SNAP_UNKNOWN;
	if (p->role == ROLE_SUPERVISOR)
		r->flags |= SNAP_IS_SUPERVISOR | SNAP_TRAPS_EXIT;
	if (p->role == ROLE_SYSTEM)
		r->flags |= SNAP_IS_SYSTEM;
	if (p->role == ROLE_STRAY)
		r->flags |= SNAP_IS_ORPHAN;
	if (p->pid == f->clinic_sup)
		r->restarts = f->restarts;
	if (p->pid == f->keeper) {
		r->ets_tables = 2;
		r->ets_bytes = 1200000;
	}
	if (p->role == ROLE_PATIENT)
		sick_row(f, r);
	r->memory = 776 + r->total_heap_size * 8 + r->mailbox_bytes + r->links * 40 + r->monitors * 64;
	r->total_bytes = r->memory + r->binary_share + r->ets_bytes;
}

static void fake_die(struct fake *f, struct fake_process *p, const char *reason)
{
	fake_event(f, strcmp(reason, "normal") == 0 ? SNAP_EV_EXIT : SNAP_EV_CRASH, p->pid,
		p->name ? p->name : p->initial_call, reason);
	p->role = ROLE_FREE;
}

/* Pool workers die and others take their places, with new pids at the same index. */
static void fake_turnover(struct fake *f)
{
	for (uint32_t i = 0; i < f->o.deaths; i++) {
		struct fake_process *p = &f->processes[fake_random(f) % f->high];

		if (p->role != ROLE_POOL)
			continue;
		fake_die(f, p, "normal");
		*p = (struct fake_process) { .pid = f->next_pid++, .supervisor = f->pool_sup, .role = ROLE_POOL,
			.application = f->n_shop, .initial_call = f->n_request, .started_us = (uint64_t) (f->time * 1e6),
			.words_k = 4 };
	}
}

static void fake_work(struct fake *f)
{
	uint32_t one_in = f->o.busy ? f->o.busy : 10;

	for (uint32_t i = 0; i < f->high; i++) {
		struct fake_process *p = &f->processes[i];
		bool works = p->role == ROLE_SERVER || p->role == ROLE_PATIENT || p->role == ROLE_SYSTEM
			|| (i + f->sample) % one_in == 0;

		if (p->role == ROLE_FREE || !works)
			continue;
		p->reductions += 200 + fake_random(f) % 3000;
		p->messages += 1 + fake_random(f) % 20;
		p->minors += (uint32_t) (fake_random(f) % 3 == 0);
		if (p->minors % 5 == 4)         /* heaps breathe, they do not climb */
			p->words_k = (uint16_t) (4 + fake_random(f) % (p->role == ROLE_POOL ? 8 : 64));
	}
	if (fake_is_sick(f, FAKE_PROCESS_GROWTH))
		for (int i = 0; i < 400; i++)
			fake_spawn(f, ROLE_POOL, NULL, f->n_clinic, f->n_leak, f->clinic_sup);
	if (fake_is_sick(f, FAKE_ORPHAN) && f->patient && fake_ill(f) == 1)
		fake_spawn(f, ROLE_STRAY, NULL, 0, f->n_leak, 0);
	if (fake_is_sick(f, FAKE_RESTART_STORM)) {
		f->restarts++;
		fake_event(f, SNAP_EV_RESTART, f->clinic_sup, fake_name(f, "neighbour"), "badarg");
	}
}

/* ---- snapshots ---- */

static void fake_knob(struct snap_knob *k, const char *key, const char *unit, int64_t least, int64_t most,
	int64_t start,
	int64_t value)
{
	snprintf(k->key, sizeof k->key, "%s", key);
	snprintf(k->unit, sizeof k->unit, "%s", unit);
	snprintf(k->help, sizeof k->help, "the %s of this application", key);
	k->least = least;
	k->most = most;
	k->start = start;
	k->value = value;
}

static void fake_application(struct fake *f, struct snap_application *a, size_t i)
{
	const uint32_t names[] = { f->n_shop, f->n_archive, f->n_clinic };
	const uint64_t tops[] = { f->shop_sup, f->archive_sup, f->clinic_sup };
	const char *titles[] = { "a shop that is well", "a keeper of tables", "one of its processes may be ill" };
	struct snap_process r;

	a->name = names[i];
	a->state = f->app_state[i];
	a->is_demo = true;
	a->top_supervisor = tops[i];
	snprintf(a->title, sizeof a->title, "%s", titles[i]);
	snprintf(a->claim, sizeof a->claim, "a claim about %s", titles[i]);
	snprintf(a->gc_helps, sizeof a->gc_helps, "nothing to collect");
	a->knob_count = 3;
	fake_knob(&a->knobs[0], "fix", "", 0, 1, 0, f->knobs[i][0]);
	a->knobs[0].word_count = 2;
	strcpy(a->knobs[0].words[0], "off");
	strcpy(a->knobs[0].words[1], "on");
	fake_knob(&a->knobs[1], "ceiling", "bytes", 1000000, 1000000000, 64000000, 64000000);
	fake_knob(&a->knobs[2], "rate", "/s", 0, 10000, 200, f->knobs[i][1]);
	for (uint32_t p = 0; p < f->high; p++) {
		if (f->processes[p].role == ROLE_FREE || f->processes[p].application != a->name)
			continue;
		fake_row(f, p, &r);
		a->processes++;
		a->memory += r.memory;
		a->message_queue_len += r.message_queue_len;
		a->reductions += r.reductions;
		a->binary_bytes += r.binary_share;
		a->ets_bytes += r.ets_bytes;
	}
	a->restarts = i == 2 ? f->restarts : 0;
	a->charged_bytes = a->memory + a->binary_bytes + a->ets_bytes;
}

static void fake_supervisors(struct fake *f, struct snapshot *s)
{
	const uint64_t pids[] = { f->shop_sup, f->pool_sup, f->archive_sup, f->clinic_sup };
	const uint32_t apps[] = { f->n_shop, f->n_shop, f->n_archive, f->n_clinic };
	const char *names[] = { "shop_sup", "pool_sup", "archive_sup", "clinic_sup" };
	double last = f->o.cured_from > 0 && f->time > f->o.cured_from ? f->o.cured_from : f->time;

	s->supervisor_count = 4;
	s->supervisors = fake_alloc(4, sizeof *s->supervisors);
	for (int i = 0; i < 4; i++) {
		struct snap_supervisor *v = &s->supervisors[i];

		v->pid = pids[i];
		v->name = fake_name(f, names[i]);
		v->application = apps[i];
		strcpy(v->strategy, i == 1 ? "simple_one_for_one" : "one_for_one");
		v->intensity = 3;
		v->period_s = 5;
		v->children = i == 1 ? f->high - 13 : 3;
		v->restarts = i == 3 ? f->restarts : 0;
		v->history_count = i == 3 && f->restarts ? (uint32_t) (f->restarts < 8 ? f->restarts : 8) : 0;
		for (uint32_t k = 0; k < v->history_count; k++) {
			v->history[k].time_us = (uint64_t) ((last - k * f->interval) * 1e6);
			v->history[k].child_id = fake_name(f, "neighbour");
			strcpy(v->history[k].reason, "badarg");
		}
	}
}

static void fake_tables(struct fake *f, struct snapshot *s)
{
	s->table_count = 2 + f->o.tables;
	s->tables = fake_alloc(s->table_count, sizeof *s->tables);
	for (size_t i = 0; i < s->table_count; i++) {
		struct snap_table *t = &s->tables[i];
		bool grows = i == 0 && f->o.sick == FAKE_ETS;
		char name[32];

		snprintf(name, sizeof name, i == 0 ? "sessions" : i == 1 ? "prices" : "shelf_%zu", i);
		t->id = 100 + i;
		t->name = fake_name(f, name);
		t->application = f->n_archive;
		t->owner = f->keeper;
		strcpy(t->type, i % 2 ? "ordered_set" : "set");
		strcpy(t->protection, "protected");
		t->size = 1000 + i * 100 + (grows ? fake_ill(f) * 5000 : 0);
		t->inserts = 1000 + i * 100 + f->sample * 20 + (grows ? fake_ill(f) * 5000 : 0);
		t->deletes = f->sample * 20;
		t->lookups = f->sample * 100;
		t->memory_words = 300 + t->size * 18;
		t->bytes = t->memory_words * 8;
	}
}

static void fake_totals(const struct fake *f, struct snapshot *s)
{
	struct snap_system *y = &s->system;
	struct snap_process r;

	for (uint32_t p = 0; p < f->high; p++) {
		if (f->processes[p].role == ROLE_FREE)
			continue;
		fake_row(f, p, &r);
		y->process_count++;
		y->processes += r.memory;
		y->binary += r.binary_share;
		y->reductions += r.reductions;
		y->messages += r.messages_in;
		y->gc_minor += r.minor_gcs_total;
		y->orphans += (r.flags & SNAP_IS_ORPHAN) != 0;
	}
	for (size_t i = 0; i < s->table_count; i++)
		y->ets += s->tables[i].bytes;
}

static void fake_system(const struct fake *f, struct snapshot *s)
{
	struct snap_system *y = &s->system;
	uint64_t t = fake_ill(f);

	fake_totals(f, s);
	if (f->o.sick == FAKE_TIMERS)
		y->unattributed = t * 500000, y->timers = t * 1900;
	y->processes += y->unattributed;
	y->processes_used = y->processes - y->processes / 10;
	y->atom_count = 3000 + (f->o.sick == FAKE_ATOMS ? t * 1500 : 0);
	y->atom_limit = 1048576;
	y->atom = y->atom_used = y->atom_count * 32;
	y->code = 1500000;
	y->system = y->atom + y->code + y->binary + y->ets + 800000;
	y->total = y->processes + y->system;
	y->dropped_sends = f->o.sick == FAKE_DROPPED ? t * 1000 : 0;
	y->process_limit = f->o.sick == FAKE_NEAR_LIMIT && t ? y->process_count + y->process_count / 20 : 1048576;
	y->ets_count = s->table_count;
	y->ets_limit = 8192;
	y->run_queue = f->sample % 3;
	y->gc_us = f->sample * 1500;
	y->carrier_bytes = f->o.sick == FAKE_CARRIERS && t ? y->total * 8 + 400000000 : y->total + y->total / 8;
	y->rss = y->carrier_bytes + 4000000;
	y->max_memory = UINT64_C(1) << 30;
	y->soft_limit = y->max_memory / 4 * 3;
	y->restarts = f->restarts;
}

static void fake_latency(const struct fake *f, struct snapshot *s)
{
	uint64_t slow = f->o.sick == FAKE_LATENCY ? fake_ill(f) * 40 : 0;

	s->call_latency.count[4] = f->sample * 500;
	s->call_latency.count[14] = slow;
	s->call_latency.total = f->sample * 500 + slow;
	s->call_latency.p50_us = 11;
	s->call_latency.p99_us = slow ? 12000 : 15;
	s->call_latency.max_us = slow ? 16000 : 30;
	s->gc_pauses.count[3] = f->sample * 30;
	s->gc_pauses.count[14] = slow;
	s->gc_pauses.total = f->sample * 30 + slow;
	s->gc_pauses.p50_us = 6;
	s->gc_pauses.p99_us = slow ? 15000 : 9;
	s->gc_pauses.max_us = slow ? 16000 : 12;
	s->calls_over_gc = slow;
}

static void fake_machine(const struct fake *f, struct snapshot *s)
{
	const char *types[] = { "heap", "binary", "ets", "message" };
	const uint64_t bytes[] = { s->system.processes, s->system.binary, s->system.ets, 1000000 };

	s->scheduler_count = 2;
	s->schedulers = fake_alloc(2, sizeof *s->schedulers);
	for (uint32_t i = 0; i < 2; i++)
		s->schedulers[i] = (struct snap_scheduler) { .id = i + 1, .slices = f->sample * 900, .reductions = f->sample * 50000,
			.steals = f->sample, .parks = f->sample * 30, .run_us = f->sample * (300000 + i * 200000),
			.idle_us = f->sample * (700000 - i * 200000) };
	s->allocator_count = 4;
	s->allocators = fake_alloc(4, sizeof *s->allocators);
	for (int i = 0; i < 4; i++) {
		snprintf(s->allocators[i].type, sizeof s->allocators[i].type, "%s", types[i]);
		s->allocators[i].blocks = 10 + bytes[i] / 4096;
		s->allocators[i].block_bytes = bytes[i];
		s->allocators[i].peak_bytes = bytes[i] + bytes[i] / 10;
	}
	if (f->o.sick == FAKE_BIG_COPY && fake_ill(f)) {
		s->edge_count = 1;
		s->edges = fake_alloc(1, sizeof *s->edges);
		s->edges[0] = (struct snap_edge) { .from = f->clinic_sup, .to = f->patient, .messages = fake_ill(f) * 10,
			.bytes = fake_ill(f) * 10 * 16000000 };
	}
}

/* The fake keeps a share of its own, so whoever implements snapshot_drop never frees what it made. */
static void fake_sweep_held(struct fake *f, bool all)
{
	size_t kept = 0;

	for (size_t i = 0; i < f->held_count; i++) {
		struct snapshot *s = f->held[i];

		if (!all && s->references > 1) {
			f->held[kept++] = s;
			continue;
		}
		free(s->schedulers), free(s->allocators), free(s->applications), free(s->supervisors), free(s->tables);
		free(s->events), free(s->receipts), free(s->notices), free(s->edges), free(s);
	}
	f->held_count = kept;
}

static void *fake_copy(const void *from, size_t count, size_t size)
{
	return count ? memcpy(fake_alloc(count, size), from, count * size) : NULL;
}

static struct snapshot *fake_snapshot(struct fake *f)
{
	struct snapshot *s = fake_alloc(1, sizeof *s);

	s->references = 2;
	s->sample = f->sample;
	s->time = f->time;
	s->process_high = f->high;
	s->application_count = 3;
	s->applications = fake_alloc(3, sizeof *s->applications);
	for (size_t i = 0; i < 3; i++)
		fake_application(f, &s->applications[i], i);
	fake_supervisors(f, s);
	fake_tables(f, s);
	fake_system(f, s);
	fake_latency(f, s);
	fake_machine(f, s);
	s->event_count = f->event_count;
	s->events = fake_copy(f->events, f->event_count, sizeof *s->events);
	s->receipt_count = f->receipt_count;
	s->receipts = fake_copy(f->receipts, f->receipt_count, sizeof *s->receipts);
	s->notice_count = f->notice_count;
	s->notices = fake_copy(f->notices, f->notice_count, sizeof *s->notices);
	f->event_count = f->receipt_count = f->notice_count = 0;
	if (f->held_count == sizeof f->held / sizeof f->held[0])
		fake_sweep_held(f, false);
	if (f->held_count == sizeof f->held / sizeof f->held[0])
		abort();
	f->held[f->held_count++] = s;
	return s;
}

static struct snapshot *fake_next(struct source *s, int wait_ms)
{
	struct fake *f = fake_of(s);

	(void) wait_ms;
	f->sample++;
	f->time = (double) f->sample * f->interval;
	fake_sweep_held(f, false);
	fake_turnover(f);
	fake_work(f);
	return fake_snapshot(f);
}

static struct snapshot *fake_now(struct source *s) { return fake_snapshot(fake_of(s)); }

/* ---- the rest of the door ---- */

static void fake_set_interval(struct source *s, uint64_t us) { fake_of(s)->interval = (double) us / 1e6; }

static size_t fake_read(struct source *s, uint32_t *cursor, struct snap_process *rows, size_t room)
{
	struct fake *f = fake_of(s);
	size_t n = 0;

	for (; *cursor < f->high && n < room; (*cursor)++)
		if (f->processes[*cursor].role != ROLE_FREE)
			fake_row(f, *cursor, &rows[n++]);
	return n;
}

static bool fake_read_one(struct source *s, uint64_t pid, struct snap_process *row)
{
	struct fake *f = fake_of(s);
	struct fake_process *p = fake_find(f, pid);

	if (!p)
		return false;
	fake_row(f, (uint32_t) (p - f->processes), row);
	return true;
}

static const char *fake_text(struct source *s, uint32_t id)
{
	struct fake *f = fake_of(s);

	return id && id <= f->name_count ? f->names[id] : "";
}

static uint32_t fake_text_id(struct source *s, const char *text)
{
	struct fake *f = fake_of(s);

	for (uint32_t i = 1; i <= f->name_count; i++)
		if (strcmp(f->names[i], text) == 0)
			return i;
	return 0;
}

static uint64_t fake_whereis(struct source *s, const char *name)
{
	struct fake *f = fake_of(s);
	unsigned long long pid;

	if (sscanf(name, "<0.%llu.0>", &pid) == 1)
		return fake_find(f, pid) ? pid : 0;
	for (uint32_t i = 0; i < f->high; i++)
		if (f->processes[i].role != ROLE_FREE && f->processes[i].name
			&& strcmp(f->names[f->processes[i].name], name) == 0)
			return f->processes[i].pid;
	return 0;
}

static void fake_detail_lists(struct fake *f, struct snap_detail *d)
{
	d->binary_count = d->binary_total = 3;
	for (uint64_t i = 0; i < 3; i++)
		d->binaries[i] = (struct snap_binary) { i + 1, 1000000 >> i, 1, 100 };
	d->frame_count = d->frame_total = 2;
	d->frames[0] = (struct snap_frame) { f->n_loop, 3 };
	d->frames[1] = (struct snap_frame) { f->n_server, 1 };
	d->relation_count = d->relation_total = 1;
	d->relations[0] = (struct snap_relation) { d->row.supervisor, fake_name(f, "clinic_sup"), 0 };
	d->message_count = 2;
	d->message_total = d->row.message_queue_len;
	for (int i = 0; i < 2; i++) {
		d->messages[i].age_us = 3000000;
		d->messages[i].words = 8;
		snprintf(d->messages[i].text, sizeof d->messages[i].text, "{reading, %d}", i);
	}
	d->pair_count = d->pair_total = 1;
	strcpy(d->pairs[0].key, "$initial_call");
	strcpy(d->pairs[0].value, "{patient, init, 1}");
	strcpy(d->state, "#{items => [1, 2, 3], limit => 200}");
	d->strip_cells = 64;
	d->strip_words_per_cell = 16;
	for (int i = 0; i < 64; i++)
		d->strip[i] = (uint8_t) (i % 7);
}

static bool fake_ask(struct source *s, uint64_t pid)
{
	struct fake *f = fake_of(s);
	struct snap_detail *d = f->detail;

	memset(d, 0, sizeof *d);
	d->pid = pid;
	d->time = f->time;
	d->asked_us = 12;
	d->dead = !fake_read_one(s, pid, &d->row);
	d->fullsweep_after = 65535;
	d->min_heap_size = 233;
	d->min_bin_vheap_size = 46422;
	d->live_young = d->row.heap_used / 2;
	d->live_old = d->row.old_heap_used / 2;
	if (!d->dead)
		fake_detail_lists(f, d);
	f->has_detail = true;
	return true;
}

static bool fake_take(struct source *s, struct snap_detail *out)
{
	struct fake *f = fake_of(s);

	if (!f->has_detail)
		return false;
	*out = *f->detail;
	f->has_detail = false;
	return true;
}

static bool fake_table_page(struct source *s, uint64_t table, uint64_t offset, struct snap_table_page *out)
{
	struct fake *f = fake_of(s);

	if (table < 100 || table >= 102 + f->o.tables)
		return false;
	memset(out, 0, sizeof *out);
	out->table = table;
	out->offset = offset;
	out->total = 1000;
	for (; out->count < 64 && offset + out->count < out->total; out->count++)
		snprintf(out->rows[out->count], sizeof out->rows[0], "{key_%llu, value}",
			(unsigned long long) (offset + out->count));
	return true;
}

static void fake_receipt(struct fake *f, const struct command *c, const char *action, const char *verdict)
{
	struct snap_receipt *r;

	if (f->receipt_count == 16)
		return;
	r = &f->receipts[f->receipt_count++];
	*r = (struct snap_receipt) { .serial = ++f->serial, .time = f->time, .processes = c->pid_count,
		.own_before = 200000, .own_after = 3000, .binary_before = 1000000, .binary_after = 0, .us = 120, .dead_bytes = 1197000,
		.estimate = c->estimate };
	snprintf(r->action, sizeof r->action, "%s", action);
	snprintf(r->subject, sizeof r->subject, "%s", c->subject ? c->subject : "");
	snprintf(r->verdict, sizeof r->verdict, "%s", verdict);
}

static int fake_app_index(const struct fake *f, uint32_t app)
{
	return app == f->n_shop ? 0 : app == f->n_archive ? 1 : app == f->n_clinic ? 2 : -1;
}

static void fake_obey(struct fake *f, const struct command *c)
{
	int app = fake_app_index(f, c->app);

	switch (c->kind) {
	case COMMAND_GC: fake_receipt(f, c, "gc", "dead references"); break;
	case COMMAND_GC_MINOR: fake_receipt(f, c, "gc-minor", "all live"); break;
	case COMMAND_GC_ALL: fake_receipt(f, c, "gc-all", "dead references"); break;
	case COMMAND_HIBERNATE: fake_receipt(f, c, "hibernate", "dead old heap"); break;
	case COMMAND_EXIT:
		for (size_t i = 0; i < c->pid_count; i++)
			if (fake_find(f, c->pids[i]))
				fake_die(f, fake_find(f, c->pids[i]), c->text ? c->text : "kill");
		break;
	case COMMAND_KNOB:
		if (app >= 0)
			f->knobs[app][c->text && strcmp(c->text, "fix") == 0 ? 0 : 1] = c->value;
		break;
	case COMMAND_APP_START: case COMMAND_APP_RESET:
		if (app >= 0)
			f->app_state[app] = SNAP_APP_RUNNING;
		break;
	case COMMAND_APP_STOP:
		if (app >= 0)
			f->app_state[app] = SNAP_APP_STOPPED;
		break;
	case COMMAND_SUSPEND: case COMMAND_RESUME: case COMMAND_SEND: case COMMAND_TWIN: case COMMAND_EDGES:
	case COMMAND_HOLDERS: case COMMAND_SURVEY: case COMMAND_COUNT: break;
	}
}

static bool fake_send(struct source *s, const struct command *c)
{
	struct fake *f = fake_of(s);
	struct fake_command *k;

	if (c->kind == COMMAND_SURVEY)          /* the model asks for these by itself; tests count what keys do */
		return true;
	if (!(s->can >> c->kind & 1) || f->command_count == COMMANDS_MOST)
		return false;
	k = &f->commands[f->command_count++];
	*k = (struct fake_command) { .kind = c->kind, .app = c->app, .value = c->value, .pid_count = c->pid_count,
		.pid = c->pid_count ? c->pids[0] : 0 };
	snprintf(k->text, sizeof k->text, "%s", c->text ? c->text : "");
	snprintf(k->subject, sizeof k->subject, "%s", c->subject ? c->subject : "");
	fake_obey(f, c);
	return true;
}

/* Plans are noted as commands at once: tests ask whether they were made, not when they happen. */
static bool fake_at(struct source *s, uint64_t us, const struct command *c)
{
	(void) us;
	return fake_send(s, c);
}

static void fake_close(struct source *s)
{
	struct fake *f = fake_of(s);

	fake_sweep_held(f, true);
	for (uint32_t i = 1; i <= f->name_count; i++)
		free(f->names[i]);
	free(f->processes);
	free(f->detail);
	free(f);
}

static void fake_words(struct fake *f)
{
	f->n_shop = fake_name(f, "shop");
	f->n_archive = fake_name(f, "archive");
	f->n_clinic = fake_name(f, "clinic");
	f->n_request = fake_name(f, "request:handle/1");
	f->n_server = fake_name(f, "server:init/1");
	f->n_supervisor = fake_name(f, "supervisor:init/1");
	f->n_loop = fake_name(f, "server:loop/1");
	f->n_leak = fake_name(f, "waiter:wait/0");
}

struct source *fake_source_new(const struct fake_options *o)
{
	struct fake *f = fake_alloc(1, sizeof *f);

	f->o = *o;
	f->interval = o->interval > 0 ? o->interval : 1;
	f->seed = o->seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
	f->next_pid = 10;
	f->detail = fake_alloc(1, sizeof *f->detail);
	memset(f->app_state, SNAP_APP_RUNNING, sizeof f->app_state);
	for (int i = 0; i < 3; i++)
		f->knobs[i][1] = 200;
	fake_words(f);
	fake_people(f);
	f->source = (struct source) { .name = "fake", .can = (1u << COMMAND_COUNT) - 1, .wake_fd = -1, .self = f,
		.next = fake_next, .now = fake_now, .set_interval = fake_set_interval, .read_processes = fake_read,
		.read_process = fake_read_one, .text = fake_text, .text_id = fake_text_id, .whereis = fake_whereis,
			.ask_detail = fake_ask,
		.take_detail = fake_take, .read_table = fake_table_page, .send = fake_send, .at = fake_at, .close = fake_close };
	return &f->source;
}

const struct fake_command *fake_source_commands(const struct source *s, size_t *count)
{
	*count = fake_of(s)->command_count;
	return fake_of(s)->commands;
}

void fake_source_kill(struct source *s, uint64_t pid, const char *reason)
{
	struct fake *f = fake_of(s);

	if (fake_find(f, pid))
		fake_die(f, fake_find(f, pid), reason);
}

uint64_t fake_source_patient(const struct source *s) { return fake_of(s)->patient; }

const char *fake_source_rule(enum fake_sick sick)
{
	static const char *const rules[FAKE_SICK_COUNT] = {
		[FAKE_SLICE_PIN] = "slice-pin", [FAKE_BINARY_GARBAGE] = "binary-garbage", [FAKE_MAILBOX] = "mailbox-growth",
		[FAKE_UNMATCHED] = "unmatched-messages", [FAKE_ETS] = "ets-growth", [FAKE_OLD_GARBAGE] = "old-garbage",
		[FAKE_HIBERNATE] = "should-hibernate", [FAKE_BIG_COPY] = "big-copy", [FAKE_PROCESS_GROWTH] = "process-growth",
		[FAKE_RESTART_STORM] = "restart-storm", [FAKE_NEAR_LIMIT] = "near-limit", [FAKE_ORPHAN] = "orphan",
		[FAKE_LINKS] = "monitor-growth", [FAKE_TIMERS] = "timers", [FAKE_ATOMS] = "atom-growth",
		[FAKE_STARVED] = "starved", [FAKE_DROPPED] = "dropped", [FAKE_CARRIERS] = "carriers",
		[FAKE_LATENCY] = "latency-with-gc",
	};

	return rules[sick];
}

/* Stand-ins for tests without a runtime; the runtime's own win where it is linked. */
__attribute__((weak)) struct snapshot *snapshot_retain(struct snapshot *s)
{
	s->references++;
	return s;
}

__attribute__((weak)) void snapshot_drop(struct snapshot *s)
{
	if (s)
		s->references--;
}
