/* sample - one snapshot: sums from the ledgers, records of supervisors, tables and applications, what the recorder saw since. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/recorder.h"
#include "runtime/base/totals.h"
#include "runtime/observe/live.h"
#include "runtime/process/mailbox.h"
#include "runtime/process/tables.h"

#define GET(field) atomic_load_explicit(&(field), memory_order_relaxed)
#define SUPERVISORS_MOST 4096u

/* A snapshot is one struct and the arrays it points to, all given back together. */
struct sampled {
	struct snapshot snapshot;       /* first */
	struct mem_lane *lane;
};

static void *array(struct live *l, size_t count, size_t bytes)
{
	if (count == 0)
		return NULL;
	void *at = mem_need(l->lane, MEM_OBSERVER, count * bytes);
	memset(at, 0, count * bytes);
	return at;
}

/* ---- System --------------------------------------------------------------------------------------------------------- */

static uint64_t resident_bytes(void)
{
	unsigned long size = 0, resident = 0;
	FILE *f = fopen("/proc/self/statm", "r");
	if (!f)
		return SNAP_UNKNOWN;
	int n = fscanf(f, "%lu %lu", &size, &resident);
	fclose(f);
	return n == 2 ? resident * (uint64_t) sysconf(_SC_PAGESIZE) : SNAP_UNKNOWN;
}

static void fill_memory(struct live *l, struct snap_system *s)
{
	struct world *w = l->world;
	struct world_memory m = world_memory(w);
	s->total = m.total;
	s->processes = m.processes;
	s->processes_used = m.processes_used;
	s->system = m.system;
	s->atom = m.atom;
	s->atom_used = m.atom_used;
	s->binary = m.binary;
	s->code = m.code;
	s->ets = m.ets;
	s->unattributed = m.unattributed;
	s->carrier_bytes = mem_carrier_bytes(w->mem);
	/* Nothing that a deterministic world prints comes from the host. */
	s->rss = w->clock.is_virtual ? s->carrier_bytes : resident_bytes();
	s->max_memory = mem_hard_bytes(w->mem) == UINT64_MAX ? SNAP_UNKNOWN : mem_hard_bytes(w->mem);
	s->soft_limit = mem_soft_bytes(w->mem) == UINT64_MAX ? SNAP_UNKNOWN : mem_soft_bytes(w->mem);
}

static void fill_counts(struct live *l, struct snap_system *s)
{
	struct world *w = l->world;
	s->timers = wheels_count(w);
	s->dropped_sends = GET(w->dropped_sends);
	s->process_count = GET(w->slots->count);
	s->process_limit = w->slots->limit;
	s->atom_count = atom_count(w->atoms);
	s->atom_limit = atom_limit(w->atoms);
	s->ets_count = tables_count(w->tables);
	s->ets_limit = TABLE_LIMIT;
	s->events_dropped = l->events_dropped;
}

/* Idle until now, the park that goes on included. */
static uint64_t idle_us(const struct live *l, const struct scheduler *s)
{
	uint64_t parked_at = GET(s->parked_at_ns);
	return (GET(s->idle_ns) + (parked_at ? clock_host_ns(&l->world->clock) - parked_at : 0)) / 1000;
}

/* What is not idle is run; in a virtual world work is what was charged. */
static uint64_t run_us(const struct live *l, const struct scheduler *s)
{
	if (l->world->clock.is_virtual)
		return GET(s->reductions) / CLOCK_REDUCTIONS_PER_US;
	uint64_t idle = idle_us(l, s), now = clock_us(&l->world->clock);
	return now > idle ? now - idle : 0;
}

static void fill_schedulers(struct live *l, struct snapshot *out)
{
	struct schedulers *all = l->world->schedulers;
	out->scheduler_count = all->count;
	out->schedulers = array(l, all->count, sizeof *out->schedulers);
	for (unsigned i = 0; i < all->count; i++) {
		struct scheduler *s = &all->each[i];
		out->schedulers[i] = (struct snap_scheduler) { .id = i + 1, .slices = GET(s->slices), .reductions = GET(s->reductions),
			.steals = GET(s->steals), .parks = GET(s->parks), .run_us = run_us(l, s), .idle_us = idle_us(l, s), .gc_us = GET(s->gc_us),
			.run_queue = GET(s->tail) - GET(s->head), .long_steps = GET(s->long_steps) };
		out->system.reductions += GET(s->reductions);
		out->system.messages += GET(s->messages);
		out->system.run_queue += out->schedulers[i].run_queue + GET(s->aside);
	}
	/* The two places after the schedulers, of other threads and of the helper, collect too. */
	for (unsigned i = 0; i < all->count + 2; i++) {
		const struct scheduler *s = &all->each[i];
		out->system.gc_minor += GET(s->gc_minor);
		out->system.gc_major += GET(s->gc_major);
		out->system.gc_words_reclaimed += GET(s->gc_words);
		out->system.gc_us += GET(s->gc_us);
	}
	out->system.run_queue += GET(all->overflow_count) + GET(all->urgent_count);
}

static void fill_allocators(struct live *l, struct snapshot *out)
{
	out->allocator_count = MEM_TYPE_COUNT;
	out->allocators = array(l, MEM_TYPE_COUNT, sizeof *out->allocators);
	for (int i = 0; i < MEM_TYPE_COUNT; i++) {
		struct mem_usage u = mem_usage(l->world->mem, (enum mem_type) i);
		out->allocators[i] = (struct snap_allocator) { .blocks = u.blocks, .block_bytes = u.bytes, .peak_bytes = u.peak_bytes };
		snprintf(out->allocators[i].type, sizeof out->allocators[i].type, "%s", mem_type_name((enum mem_type) i));
	}
}

static uint64_t quantile(const struct snap_latency *h, unsigned of_1000)
{
	uint64_t below = 0, wanted = (h->total * of_1000 + 999) / 1000;
	for (unsigned i = 0; i < SNAP_BUCKETS; i++) {
		below += h->count[i];
		if (below >= wanted && wanted)
			return UINT64_C(1) << i;
	}
	return 0;
}

static void fill_latency(struct snap_latency *h, const _Atomic uint64_t *counts, uint64_t most)
{
	for (unsigned i = 0; i < SNAP_BUCKETS; i++) {
		h->count[i] = GET(counts[i]);
		h->total += h->count[i];
	}
	h->max_us = most;
	h->p50_us = size_min(quantile(h, 500), most);
	h->p99_us = size_min(quantile(h, 990), most);
}

/* ---- Tables, supervisors ---------------------------------------------------------------------------------------------- */

static const char *const type_names[] = { "set", "ordered_set", "bag", "duplicate_bag" };
static const char *const access_names[] = { "public", "protected", "private" };

static uint64_t number_of(uint64_t word) { return word ? term_pid_number((term) { word }) : 0; }

static void add_to(struct live *l, struct map64 *map, uint64_t key, uint64_t by)
{
	uint64_t value = 0;
	map64_get(map, key, &value);
	map64_put(map, l->lane, MEM_OBSERVER, key, value + by);
}

static void note_owner(struct live *l, const struct table_figures *t)
{
	uint32_t index = term_pid_index((term) { t->owner });
	l->owner_bits[index / 64] |= UINT64_C(1) << (index % 64);
	add_to(l, &l->table_bytes, index + 1, t->memory_words * WORD_BYTES);
	add_to(l, &l->table_count, index + 1, 1);
}

static void forget_owners(struct live *l)
{
	const struct map64_entry *e;
	for (uint32_t at = 0; (e = map64_next(&l->table_bytes, &at));)
		l->owner_bits[(e->key - 1) / 64] = 0;
	map64_release(&l->table_bytes, l->lane, MEM_OBSERVER);
	map64_release(&l->table_count, l->lane, MEM_OBSERVER);
}

static void fill_tables(struct live *l, struct snapshot *out)
{
	struct table_figures t;
	size_t room = tables_count(l->world->tables) + 64;
	out->tables = array(l, room, sizeof *out->tables);
	out->table_room = room;
	forget_owners(l);
	for (uint32_t i = 0; out->table_count < room && tables_figures_at(l->world, i, &t); i++) {
		if (!t.id)
			continue;
		struct snap_table *s = &out->tables[out->table_count++];
		*s = (struct snap_table) { .id = t.id, .name = t.name, .application = t.application, .owner = number_of(t.owner), .heir = number_of(t.heir),
			.size = t.size, .memory_words = t.memory_words, .bytes = t.memory_words * WORD_BYTES, .binary_bytes = t.binary_bytes,
			.inserts = t.inserts, .deletes = t.deletes, .lookups = t.lookups };
		snprintf(s->type, sizeof s->type, "%s", type_names[t.type]);
		snprintf(s->protection, sizeof s->protection, "%s", access_names[t.access]);
		note_owner(l, &t);
	}
}

static const char *const strategy_names[] = { "one_for_one", "one_for_all", "rest_for_one", "simple_one_for_one" };

static void fill_supervisor(struct snap_supervisor *s, const struct supervisor_record *r)
{
	*s = (struct snap_supervisor) { .pid = r->pid, .name = r->name, .application = r->application, .intensity = r->intensity,
		.period_s = r->period_s, .children = r->children, .restarts = r->restarts, .history_count = r->history_count };
	snprintf(s->strategy, sizeof s->strategy, "%s", strategy_names[r->strategy]);
	for (uint32_t i = 0; i < r->history_count && i < ARRAY_COUNT(s->history); i++) {
		s->history[i].time_us = r->history[i].time_us;
		s->history[i].child_id = r->history[i].child_id;
		snprintf(s->history[i].reason, sizeof s->history[i].reason, "%s", r->history[i].reason);
	}
}

static void fill_supervisors(struct live *l, struct snapshot *out)
{
	struct supervisor_record r;
	size_t n = 0;
	while (n < SUPERVISORS_MOST && supervisor_record_at(l->world, (uint32_t) n, &r))
		n++;
	out->supervisors = array(l, n, sizeof *out->supervisors);
	out->supervisor_room = n;
	for (uint32_t i = 0; i < n && supervisor_record_at(l->world, i, &r); i++)
		if (r.pid) {
			fill_supervisor(&out->supervisors[out->supervisor_count++], &r);
			out->system.restarts += r.restarts;
		}
}

/* ---- Applications --------------------------------------------------------------------------------------------------------- */

static void fill_knobs(struct snap_application *out, const struct application_record *r)
{
	const struct application *a = r->application;
	for (size_t i = 0; i < a->knob_count && i < SNAP_KNOBS; i++) {
		const struct knob *k = &a->knobs[i];
		struct snap_knob *s = &out->knobs[out->knob_count++];
		*s = (struct snap_knob) { .least = k->least, .most = k->most, .start = k->start, .value = r->values[i] };
		snprintf(s->key, sizeof s->key, "%s", k->key);
		snprintf(s->unit, sizeof s->unit, "%s", k->unit);
		snprintf(s->help, sizeof s->help, "%s", k->help);
		for (; k->words && s->word_count < ARRAY_COUNT(s->words) && k->words[s->word_count]; s->word_count++)
			snprintf(s->words[s->word_count], sizeof s->words[0], "%s", k->words[s->word_count]);
	}
}

static void fill_application(struct snap_application *out, const struct application_record *r)
{
	const struct card *card = r->application->card;
	out->name = r->name;
	out->state = (uint8_t) (r->running ? SNAP_APP_RUNNING : r->ended ? SNAP_APP_STOPPED : SNAP_APP_LOADED);
	out->is_demo = r->application->is_demo;
	out->top_supervisor = number_of(r->top);
	out->restarts = r->restarts;
	out->charged_bytes = r->charged_bytes;
	snprintf(out->limited_by, sizeof out->limited_by, "%s", r->limited_by);
	snprintf(out->ended_reason, sizeof out->ended_reason, "%s", r->ended_reason);
	if (card) {
		snprintf(out->title, sizeof out->title, "%s", card->title ? card->title : "");
		snprintf(out->claim, sizeof out->claim, "%s", card->claim ? card->claim : "");
		snprintf(out->gc_helps, sizeof out->gc_helps, "%s", card->gc_helps ? card->gc_helps : "");
	}
	fill_knobs(out, r);
}

/* Demos that never ran are rows too: they can be started. */
static void add_loaded(struct live *l, struct snapshot *out, const struct application *a)
{
	for (size_t i = 0; i < out->application_count; i++)
		if (strcmp(live_text(&l->source, out->applications[i].name), a->name) == 0)
			return;
	term name = atom_make_z(l->world->atoms, l->lane, a->name);
	struct application_record r = { .application = a, .name = term_is_none(name) ? 0 : term_to_atom(name) };
	for (size_t i = 0; i < a->knob_count && i < ARRAY_COUNT(r.values); i++)
		r.values[i] = a->knobs[i].start;
	fill_application(&out->applications[out->application_count++], &r);
}

static struct snap_application *find_application(struct snapshot *out, uint32_t name)
{
	for (size_t i = 0; i < out->application_count; i++)
		if (out->applications[i].name == name)
			return &out->applications[i];
	return NULL;
}

static void add_process(struct live *l, struct slot *slot, uint32_t index, struct snap_application *a)
{
	struct slot_memory *m = slot_memory_at(l->world->slots, index);
	struct queue_length q = slot_queue(slot);
	a->processes++;
	a->memory += GET(slot->memory) + q.messages * MESSAGE_CHARGED_BYTES + q.words * WORD_BYTES;
	a->message_queue_len += q.messages;
	a->reductions += GET(slot->reductions);
	if (GET(m->block))
		a->binary_bytes += GET(m->binary_bytes);
}

static bool is_orphan(const struct live *l, const struct slot *slot, uint32_t application)
{
	bool system = slot_flags_of(GET(slot->state)) & PROCESS_SYSTEM;
	return !system && !(l->running_bits[application / 64] >> (application % 64) & 1);
}

static void sum_tables(struct snapshot *out)
{
	struct snap_application *a;
	for (size_t i = 0; i < out->table_count; i++)
		if ((a = find_application(out, out->tables[i].application)))
			a->ets_bytes += out->tables[i].bytes;
}

/* One walk through the slots for all sums; neighbours mostly belong to one application, so the last one is remembered. */
static void sum_slots(struct live *l, struct snapshot *out)
{
	struct slots *slots = l->world->slots;
	uint32_t high = GET(slots->high), last = 0;
	struct snap_application *a = NULL;
	for (uint32_t i = 1; i < high; i++) {
		struct slot *slot = slot_at(slots, i);
		if (!GET(slot->pid))
			continue;
		uint32_t application = GET(slot->application);
		if (application != last) {
			last = application;
			a = application ? find_application(out, application) : NULL;
		}
		out->system.orphans += is_orphan(l, slot, application);
		if (a)
			add_process(l, slot, i, a);
	}
}

/* Banners that came or went, applications that ended: a notice each, once. */
static void note_changes(struct live *l, const struct snap_application *a)
{
	unsigned i = 0;
	bool running = a->state == SNAP_APP_RUNNING;
	while (i < l->known_count && l->known[i].name != a->name)
		i++;
	if (i == ARRAY_COUNT(l->known))
		return;
	if (i == l->known_count) {
		l->known_count++;
		l->known[i].name = a->name;
	}
	const char *name = live_text(&l->source, a->name);
	if (strcmp(l->known[i].limited_by, a->limited_by) != 0 && a->limited_by[0])
		live_notice(l, "warning", "%s stands at its limit: %s. Its producers wait", name, a->limited_by);
	if (l->known[i].running && !running)
		live_notice(l, a->ended_reason[0] ? "error" : "info", "application %s ended: %s", name, a->ended_reason[0] ? a->ended_reason : "stopped");
	memcpy(l->known[i].limited_by, a->limited_by, sizeof a->limited_by);
	l->known[i].running = running;
}

static void fill_applications(struct live *l, struct snapshot *out)
{
	struct application_record r;
	size_t room = 0, demos = 0;
	while (application_record_at(l->world, (uint32_t) room, &r))
		room++;
	for (const struct application *const *a = l->options.catalogue; a && *a; a++)
		demos++;
	out->applications = array(l, room + demos, sizeof *out->applications);
	out->application_room = room + demos;
	for (uint32_t i = 0; i < room && application_record_at(l->world, i, &r); i++) {
		fill_application(&out->applications[out->application_count++], &r);
		if (r.running)
			l->running_bits[r.name / 64] |= UINT64_C(1) << (r.name % 64);
		else
			l->running_bits[r.name / 64] &= ~(UINT64_C(1) << (r.name % 64));
	}
	for (const struct application *const *a = l->options.catalogue; a && *a; a++)
		add_loaded(l, out, *a);
	if (!l->source.sums_rows)
		sum_slots(l, out);
	sum_tables(out);
	for (size_t i = 0; i < out->application_count; i++) {
		note_changes(l, &out->applications[i]);
		if (out->applications[i].limited_by[0] && !out->system.limited_by[0])
			memcpy(out->system.limited_by, out->applications[i].limited_by, sizeof out->system.limited_by);
	}
}

/* ---- Events ------------------------------------------------------------------------------------------------------------------ */

static const struct { int kind; } event_of[RECORD_KIND_COUNT] = {
	[RECORD_GC_MINOR] = { SNAP_EV_GC_MINOR }, [RECORD_GC_MAJOR] = { SNAP_EV_GC_MAJOR }, [RECORD_GC_MINOR_TO_MAJOR] = { SNAP_EV_GC_MAJOR },
	[RECORD_GC_MAX_HEAP_MINOR] = { SNAP_EV_CEILING }, [RECORD_GC_MAX_HEAP_MAJOR] = { SNAP_EV_CEILING },
	[RECORD_GC_MAX_HEAP_MINOR_TO_MAJOR] = { SNAP_EV_CEILING }, [RECORD_GC_HIBERNATE] = { SNAP_EV_GC_MAJOR },
	[RECORD_SPAWN] = { SNAP_EV_SPAWN }, [RECORD_EXIT] = { SNAP_EV_EXIT }, [RECORD_CRASH] = { SNAP_EV_CRASH }, [RECORD_RESTART] = { SNAP_EV_RESTART },
	[RECORD_LONG_STEP] = { SNAP_EV_LONG_STEP }, [RECORD_LARGE_MESSAGE] = { SNAP_EV_LARGE_MESSAGE }, [RECORD_CEILING] = { SNAP_EV_CEILING },
	[RECORD_LOG] = { SNAP_EV_LOG }, [RECORD_APPLICATION] = { SNAP_EV_APPLICATION }, [RECORD_CLOSE] = { SNAP_EV_COMMAND },
};

static const char *reason_text(struct live *l, uint64_t word)
{
	term t = { word };
	return term_is_atom(t) ? atom_text(l->world->atoms, t) : "a term";
}

/* The vector of gc.h, before and after; words in use of both generations are what the columns show. */
static void describe_collection(const struct record *r, struct snap_event *e)
{
	static const char *const how[RECORD_KIND_COUNT] = { [RECORD_GC_HIBERNATE] = ", hibernated",
		[RECORD_GC_MINOR_TO_MAJOR] = ", minor first", [RECORD_GC_MAX_HEAP_MINOR] = ", over max_heap_size",
		[RECORD_GC_MAX_HEAP_MAJOR] = ", over max_heap_size", [RECORD_GC_MAX_HEAP_MINOR_TO_MAJOR] = ", over max_heap_size" };
	const uint64_t *was = r->arg, *is = r->arg + 12;
	e->before = was[1] + was[4];
	e->after = is[1] + is[4];
	e->us = r->arg[24];
	snprintf(e->text, sizeof e->text, "%lu -> %lu w%s, old %lu -> %lu w, blocks %lu -> %lu w", (unsigned long) e->before,
		(unsigned long) e->after, how[r->kind] ? how[r->kind] : "", (unsigned long) was[4], (unsigned long) is[4],
		(unsigned long) (was[0] + was[3]), (unsigned long) (is[0] + is[3]));
}

static void describe(struct live *l, const struct record *r, struct snap_event *e)
{
	if (r->kind <= RECORD_GC_HIBERNATE) {
		describe_collection(r, e);
	} else if (r->kind == RECORD_EXIT || r->kind == RECORD_CRASH) {
		uint32_t name = (uint32_t) r->arg[2], child = (uint32_t) r->arg[4];
		e->label = name ? name : child ? child : live_id_of_text((const char *) (uintptr_t) r->arg[3]);
		snprintf(e->text, sizeof e->text, "reason %s", reason_text(l, r->arg[0]));
	} else if (r->kind == RECORD_RESTART) {
		snprintf(e->text, sizeof e->text, "restarted by <0.%lu.0>, reason %s", (unsigned long) r->arg[0], reason_text(l, r->arg[2]));
	} else if (r->kind == RECORD_LARGE_MESSAGE) {
		snprintf(e->text, sizeof e->text, "%lu words to <0.%lu.0>", (unsigned long) r->arg[1], (unsigned long) r->arg[0]);
	} else if (r->kind == RECORD_LONG_STEP) {
		e->us = r->arg[0];
		snprintf(e->text, sizeof e->text, "ran %lu us in one slice", (unsigned long) r->arg[0]);
	} else if (r->kind == RECORD_LOG) {
		snprintf(e->text, sizeof e->text, "%.*s", (int) sizeof e->text - 1, (const char *) &r->arg[1]);
	} else if (r->kind == RECORD_CEILING) {
		snprintf(e->text, sizeof e->text, "%lu wanted", (unsigned long) r->arg[0]);
	} else if (r->kind == RECORD_APPLICATION) {
		e->label = (uint32_t) r->arg[0];
		snprintf(e->text, sizeof e->text, "application %s %s", live_text(&l->source, (uint32_t) r->arg[0]), r->arg[1] ? "started" : "ended");
	}
}

static void add_event(struct live *l, const struct record *r, struct snapshot *out)
{
	struct snap_event *e = &out->events[out->event_count++];
	*e = (struct snap_event) { .serial = ++l->event_serial, .time_us = r->time_us, .pid = r->pid, .kind = (uint8_t) event_of[r->kind].kind };
	if (r->kind != RECORD_EXIT && r->kind != RECORD_CRASH) {
		term pid = r->kind == RECORD_SPAWN ? TERM_NONE : live_pid_of(l, r->pid);
		e->label = term_is_none(pid) ? 0 : live_label_of(slot_at(l->world->slots, term_pid_index(pid)));
	}
	describe(l, r, e);
}

static int by_time(const void *a, const void *b)
{
	const struct snap_event *x = a, *y = b;
	if (x->time_us != y->time_us)
		return x->time_us < y->time_us ? -1 : 1;
	return x->serial < y->serial ? -1 : x->serial > y->serial;
}

/* The newest of each lane; older ones are counted as dropped. */
static void fill_events(struct live *l, struct snapshot *out)
{
	struct recorder *recorder = l->world->recorder;
	unsigned lanes = recorder_lanes(recorder);
	uint64_t each = LIVE_EVENTS / lanes;
	/* Room for what there is and no more: the front end keeps many samples. */
	for (unsigned lane = 0; lane < lanes; lane++) {
		uint64_t last = recorder_last(recorder, lane);
		if (last > l->cursors[lane] + each) {
			l->events_dropped += last - each - l->cursors[lane];
			l->cursors[lane] = last - each;
		}
		out->event_room += last - l->cursors[lane];
	}
	out->events = array(l, out->event_room, sizeof *out->events);
	for (unsigned lane = 0; lane < lanes; lane++) {
		struct record r;
		while (out->event_count < out->event_room && recorder_read(recorder, lane, &l->cursors[lane], &r, 1, &l->events_dropped))
			add_event(l, &r, out);
	}
	if (out->event_count)
		qsort(out->events, out->event_count, sizeof *out->events, by_time);
}

static void fill_edges(struct live *l, struct snapshot *out)
{
	out->edge_room = live_edge_room(l);
	out->edges = array(l, out->edge_room, sizeof *out->edges);
	out->edge_count = live_read_edges(l, out->edges, out->edge_room);
}

static void hand_over(struct live *l, struct snapshot *out)
{
	out->receipts = array(l, l->receipt_count, sizeof *out->receipts);
	out->notices = array(l, l->notice_count, sizeof *out->notices);
	if (l->receipt_count)
		memcpy(out->receipts, l->receipts, l->receipt_count * sizeof *out->receipts);
	if (l->notice_count)
		memcpy(out->notices, l->notices, l->notice_count * sizeof *out->notices);
	out->receipt_count = l->receipt_count;
	out->notice_count = l->notice_count;
	l->receipt_count = l->notice_count = 0;
}

/* ---- Giving back ---- */

static void give(struct mem_lane *lane, void *at, size_t bytes)
{
	if (at)
		mem_give(lane, MEM_OBSERVER, at, bytes);
}

static void drop(struct snapshot *s)
{
	struct mem_lane *lane = ((struct sampled *) s)->lane;
	give(lane, s->schedulers, s->scheduler_count * sizeof *s->schedulers);
	give(lane, s->allocators, s->allocator_count * sizeof *s->allocators);
	give(lane, s->applications, s->application_room * sizeof *s->applications);
	give(lane, s->supervisors, s->supervisor_room * sizeof *s->supervisors);
	give(lane, s->tables, s->table_room * sizeof *s->tables);
	give(lane, s->events, s->event_room * sizeof *s->events);
	give(lane, s->edges, s->edge_room * sizeof *s->edges);
	give(lane, s->receipts, s->receipt_count * sizeof *s->receipts);
	give(lane, s->notices, s->notice_count * sizeof *s->notices);
	give(lane, s, sizeof(struct sampled));
}

/* ---- Door ------------------------------------------------------------------------------------------------------------------- */

struct snapshot *live_sample(struct live *l, bool counts)
{
	struct sampled *sampled = array(l, 1, sizeof *sampled);
	struct snapshot *out = &sampled->snapshot;
	struct schedulers *all = l->world->schedulers;
	uint64_t start = clock_host_ns(&l->world->clock);
	sampled->lane = l->lane;
	out->references = 1;
	out->drop = drop;
	l->sample += counts;
	out->sample = l->sample;
	out->time = (double) clock_us(&l->world->clock) / 1e6;
	out->process_high = atomic_load(&l->world->slots->high);
	fill_tables(l, out);
	fill_applications(l, out);
	fill_supervisors(l, out);
	fill_memory(l, &out->system);
	fill_counts(l, &out->system);
	fill_schedulers(l, out);
	fill_allocators(l, out);
	fill_latency(&out->gc_pauses, all->pause_count, GET(all->pause_max_us));
	fill_latency(&out->call_latency, all->call_count, GET(all->call_max_us));
	out->calls_over_gc = GET(all->calls_over_gc);
	fill_events(l, out);
	fill_edges(l, out);
	live_collect_receipts(l);
	hand_over(l, out);
	if (!out->system.limited_by[0] && !mem_has_room(l->world->mem, 0))
		snprintf(out->system.limited_by, sizeof out->system.limited_by, "max_memory");
	out->system.sample_us = start ? (clock_host_ns(&l->world->clock) - start) / 1000 : 0;
	return out;
}
