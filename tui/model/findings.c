/*
 * findings - the engine: signs become suspicions, suspicions that stand become findings, findings that end go.
 *
 * It also keeps what the rules live on: histories of tables, sums by initial call, large messages; and it
 * asks for surveys of those few processes that rules would like to know more about.
 */
#include "tui/model/rules.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SURE_AFTER_S 5.0        /* a sign that may grow is sure when it stood as long */
#define SURVEYS_AT_ONCE 48

void findings_init(struct findings *f) { f->open = util_new(FINDINGS_MOST, sizeof *f->open); }

void findings_release(struct model *m)
{
	free(m->findings.open);
	free(m->findings.tables);
	free(m->calls.call);
	util_map_release(&m->calls.by_id);
}

const struct finding_rule *findings_rules(size_t *count)
{
	*count = rules_count;
	return rules_table;
}

/* ---- what rules live on: while rows pass by ---- */

static struct call *call_get(struct model *m, const struct snap_process *row)
{
	struct calls *c = &m->calls;
	uint32_t at;

	if (c->last < c->count && c->call[c->last].initial_call == row->initial_call)
		return &c->call[c->last];
	at = util_map_get(&c->by_id, row->initial_call);
	if (at == UINT32_MAX) {
		if (c->count == CALLS_MOST)
			return NULL;
		if (!c->call)
			c->call = util_new(CALLS_MOST, sizeof *c->call);
		at = (uint32_t) c->count++;
		c->call[at].initial_call = row->initial_call;
		util_map_set(&c->by_id, row->initial_call, at);
	}
	c->last = at;
	return &c->call[at];
}

void findings_begin(struct model *m)
{
	for (size_t i = 0; i < m->calls.count; i++) {
		struct call *c = &m->calls.call[i];

		c->count = c->followed = c->orphans = c->idle = c->idle_bytes = c->binary_share = c->total_bytes = 0;
	}
}

/* Worth a history of its own, among more processes than can all have one. */
static bool is_suspect(const struct snap_process *r, bool is_idle)
{
	return r->message_queue_len > 50 || r->binary_bytes > 1000000 || r->total_heap_size > 64 * 1024
		|| r->links + r->monitors > 200 || (is_idle && r->status == SNAP_RUNNABLE) || r->flags & SNAP_IS_ORPHAN;
}

/* A process that starts with so much was given it by its parent: a copy like a message. */
#define LARGE_BIRTH_WORDS 65000

static void note_large(struct findings *f, uint64_t from, uint32_t label, uint64_t words, double time);

static void note_birth(struct model *m, const struct snap_process *row)
{
	double time = (double) row->started_us / 1e6;

	if (m->before && time > m->before->time && row->total_heap_size >= LARGE_BIRTH_WORDS && row->messages_in == 0)
		note_large(&m->findings, row->pid, row->label, row->total_heap_size, time);
}

void findings_row(struct model *m, const struct snap_process *row, bool is_idle)
{
	struct call *c = call_get(m, row);
	bool is_followed = m->past.track[row->index] != 0;

	if (!is_followed && (is_suspect(row, is_idle) || (c && c->followed < 4))) {
		tracks_follow(&m->tracks, &m->past, row, m->newest->sample, m->newest->time);
		is_followed = m->past.track[row->index] != 0;
	}
	if (!is_idle && row->total_heap_size >= LARGE_BIRTH_WORDS)
		note_birth(m, row);
	if (!c)
		return;
	c->sample = m->newest->sample;
	c->application = row->application;
	c->count++;
	c->followed += is_followed;
	c->orphans += (row->flags & SNAP_IS_ORPHAN) != 0;
	c->binary_share += row->binary_share;
	c->total_bytes += row->total_bytes;
	c->idle += is_idle;
	c->idle_bytes += is_idle ? row->memory : 0;
}

/* ---- after the sweep ---- */

static void push_calls(struct model *m)
{
	for (size_t i = 0; i < m->calls.count; i++) {
		series_push(&m->calls.call[i].counts, (double) m->calls.call[i].count);
		series_push(&m->calls.call[i].binaries, (double) m->calls.call[i].binary_share);
	}
}

static struct table_history *table_get(struct findings *f, uint64_t id)
{
	for (size_t i = 0; i < f->table_count; i++)
		if (f->tables[i].id == id)
			return &f->tables[i];
	f->tables = util_grow(f->tables, &f->table_room, f->table_count + 1, sizeof *f->tables);
	f->tables[f->table_count] = (struct table_history) { .id = id };
	return &f->tables[f->table_count++];
}

/* Only the largest tables have histories: a thousand small ones are nobody's leak. */
#define TABLES_FOLLOWED 64

static void push_tables(struct model *m)
{
	struct findings *f = &m->findings;
	const struct snapshot *s = m->newest;
	size_t kept = 0;

	for (size_t i = 0; i < s->table_count; i++) {
		const struct snap_table *t = &s->tables[i];
		struct table_history *h;

		if (f->table_count >= TABLES_FOLLOWED && t->bytes + t->binary_bytes < 200000)
			continue;
		h = table_get(f, t->id);
		h->sample = s->sample;
		series_push(&h->bytes, (double) (t->bytes + t->binary_bytes));
	}
	for (size_t i = 0; i < f->table_count; i++)
		if (f->tables[i].sample == s->sample)
			f->tables[kept++] = f->tables[i];
	f->table_count = kept;
}

static struct large *large_get(struct findings *f, uint64_t from)
{
	struct large *l = &f->large[0];

	for (size_t i = 0; i < f->large_count; i++)
		if (f->large[i].from == from)
			return &f->large[i];
	if (f->large_count < LARGE_MOST) {
		l = &f->large[f->large_count++];
	} else {
		for (size_t i = 1; i < LARGE_MOST; i++)
			if (f->large[i].last < l->last)
				l = &f->large[i];
	}
	*l = (struct large) { .from = from };
	return l;
}

static void note_large(struct findings *f, uint64_t from, uint32_t label, uint64_t words, double time)
{
	struct large *l = large_get(f, from);

	if (!l->count++)
		l->first = time;
	l->label = label;
	l->words += words;
	l->last = time;
}

static void read_events(struct model *m)
{
	struct findings *f = &m->findings;
	const struct logs *l = &m->logs;
	size_t kept = 0;

	if (l->event_total > LOG_EVENTS && f->events_read < l->event_total - LOG_EVENTS)
		f->events_read = l->event_total - LOG_EVENTS;
	for (; f->events_read < l->event_total; f->events_read++) {
		const struct snap_event *e = &l->events[f->events_read % LOG_EVENTS];

		if (e->kind == SNAP_EV_LARGE_MESSAGE)   /* "69375 words to <0.12.0>" */
			note_large(f, e->pid, e->label, e->after ? e->after : strtoull(e->text, NULL, 10), (double) e->time_us / 1e6);
	}
	for (size_t i = 0; i < f->large_count; i++)
		if (m->newest->time - f->large[i].last < 30)
			f->large[kept++] = f->large[i];
	f->large_count = kept;
}

/* ---- signs ---- */

static uint64_t sign_id(unsigned rule, const struct sign *s)
{
	uint64_t whom = s->table ? s->table ^ UINT64_C(1) << 62 : s->group ? s->group ^ UINT64_C(1) << 61
		: s->pid ? s->pid : s->application ^ UINT64_C(1) << 60;

	return util_hash(whom * 64 + rule + 1) | 1;
}

static struct suspicion *suspicion_get(struct findings *f, uint64_t id)
{
	for (size_t i = 0; i < f->count; i++)
		if (f->suspicions[i].finding.id == id)
			return &f->suspicions[i];
	if (f->count == FINDINGS_MOST)
		return NULL;
	f->suspicions[f->count] = (struct suspicion) { .finding.id = id };
	return &f->suspicions[f->count++];
}

static void name_subject(const struct model *m, struct finding *f, const struct sign *s)
{
	struct snap_process row;

	if (s->subject)
		util_print(f->subject, sizeof f->subject, "%s", s->subject);
	else if (s->pid && m->source->read_process(m->source, s->pid, &row) && row.name)
		util_print(f->subject, sizeof f->subject, "%s", model_name(m, row.name));
	else if (s->pid)
		format_pid(f->subject, sizeof f->subject, s->pid);
	else if (s->application)
		util_print(f->subject, sizeof f->subject, "%s", model_name(m, s->application));
	else
		util_print(f->subject, sizeof f->subject, "system");
}

void findings_say(struct model *m, unsigned rule, const struct sign *sign, const char *format, ...)
{
	struct suspicion *s = suspicion_get(&m->findings, sign_id(rule, sign));
	struct finding *f;
	va_list arguments;

	if (!s || s->is_seen)
		return;
	f = &s->finding;
	s->is_seen = true;
	if (!s->streak++ || !f->rule) {
		f->rule = &rules_table[rule];
		f->since = m->newest->time;
	}
	s->misses = 0;
	f->seen = m->newest->time;
	f->pid = sign->pid;
	f->table = sign->table;
	f->application = sign->application;
	f->group = sign->group;
	f->bytes = sign->bytes;
	f->level = sign->strength == SIGN_PROVED || (sign->strength == SIGN_GROWS && f->seen - f->since >= SURE_AFTER_S)
		? FINDING_SURE : FINDING_WATCH;
	name_subject(m, f, sign);
	va_start(arguments, format);
	util_vprint(f->evidence, sizeof f->evidence, format, arguments);
	va_end(arguments);
	if (s->streak >= rules_table[rule].patience)
		s->is_open = true;
}

static int compare_findings(const void *a, const void *b)
{
	const struct finding *x = a, *y = b;

	if (x->level != y->level)
		return x->level > y->level ? -1 : 1;
	if (x->bytes != y->bytes)
		return x->bytes > y->bytes ? -1 : 1;
	return (x->id > y->id) - (x->id < y->id);
}

static void forget_and_open(struct findings *f, bool is_shown)
{
	size_t kept = 0, opened = 0;

	for (size_t i = 0; i < f->count; i++) {
		struct suspicion *s = &f->suspicions[i];

		if (!s->is_seen) {
			s->misses++;
			if (!s->is_open || s->misses >= FORGET_AFTER)
				continue;
		}
		f->suspicions[kept++] = *s;
		if (!s->is_open || !is_shown)
			continue;
		f->open[opened] = s->finding;
		if (!s->is_seen)        /* its numbers are not those beside it any more */
			util_print(f->open[opened].evidence, sizeof f->open[opened].evidence, "was: %s", s->finding.evidence);
		opened++;
	}
	f->count = kept;
	if (!is_shown)
		return;
	f->open_count = opened;
	qsort(f->open, f->open_count, sizeof *f->open, compare_findings);
}

/* ---- surveys ---- */

struct wish { uint64_t pid, score; };

static int compare_wishes(const void *a, const void *b)
{
	const struct wish *x = a, *y = b;

	if (x->score != y->score)
		return x->score > y->score ? -1 : 1;
	return (x->pid > y->pid) - (x->pid < y->pid);
}

/* One of a crowd that holds much together: a few of them are looked at, however small. */
static bool is_of_a_crowd(const struct model *m, const struct snap_process *r)
{
	uint32_t at = util_map_get(&m->calls.by_id, r->initial_call);
	const struct call *c = at < m->calls.count ? &m->calls.call[at] : NULL;

	return c && c->count >= 20 && c->total_bytes > 4000000 && c->total_bytes / c->count > 6000;
}

/* A process whose survey would decide something, by what is at stake; 0 = none. Large heaps, long walks, are asked less often. */
static uint64_t survey_score(const struct model *m, const struct followed *f)
{
	const struct snap_process *r = &f->now;
	uint64_t walk = r->total_heap_size * SNAP_WORD_BYTES, stake = r->binary_bytes + walk;
	uint64_t rest_ms = walk > (64u << 20) ? 10000 : walk > (1u << 20) ? 2000 : 900;

	if (r->status == SNAP_EXITING || (stake < 32 * 1024 && !is_of_a_crowd(m, r)))
		return 0;
	if (r->flags & SNAP_HAS_SURVEY && r->survey_age_ms < rest_ms)
		return 0;
	return stake;
}

static void ask_surveys(struct model *m)
{
	struct wish wishes[TRACK_MOST];
	uint64_t pids[SURVEYS_AT_ONCE];
	struct command c = { .kind = COMMAND_SURVEY, .pids = pids, .estimate = SNAP_UNKNOWN };
	size_t count = 0;

	if (!(m->source->can >> COMMAND_SURVEY & 1))
		return;
	for (size_t i = 0; i < m->tracks.count; i++) {
		const struct followed *f = m->tracks.slot[i];
		uint64_t score = f->seen == m->newest->sample ? survey_score(m, f) : 0;

		if (score)
			wishes[count++] = (struct wish) { f->pid, score };
	}
	qsort(wishes, count, sizeof *wishes, compare_wishes);
	for (; c.pid_count < count && c.pid_count < SURVEYS_AT_ONCE; c.pid_count++)
		pids[c.pid_count] = wishes[c.pid_count].pid;
	if (c.pid_count)
		m->source->send(m->source, &c);
}

void findings_end(struct model *m)
{
	struct findings *f = &m->findings;

	push_calls(m);
	push_tables(m);
	read_events(m);
	for (size_t i = 0; i < f->count; i++)
		f->suspicions[i].is_seen = false;
	for (unsigned r = 0; r < rules_count && m->has_rates; r++)
		if (!(f->muted >> r & 1))
			rules_table[r].test(m, r);
	forget_and_open(f, model_is_live(m));
	ask_surveys(m);
}

/* ---- questions ---- */

const struct finding *model_findings(const struct model *m, size_t *count)
{
	*count = m->findings.open_count;
	return m->findings.open;
}

bool finding_is_about(const struct finding *f, struct finding_about a)
{
	if ((a.pid && f->pid == a.pid) || (a.table && f->table == a.table))
		return true;
	if (f->group)
		return a.initial_call == f->group && (!f->application || a.application == f->application);
	return a.application && a.application == f->application && !a.pid && !a.table && !a.initial_call;
}

struct finding_about finding_about_process(const struct snap_process *p)
{
	return (struct finding_about) { .pid = p->pid, .application = p->application, .initial_call = p->initial_call };
}

const char *model_finding_letters(const struct model *m, struct finding_about a, char *out, size_t size)
{
	size_t n = 0;

	for (size_t i = 0; i < m->findings.open_count && n + 1 < size; i++)
		if (finding_is_about(&m->findings.open[i], a) && !memchr(out, m->findings.open[i].rule->letter, n))
			out[n++] = m->findings.open[i].rule->letter;
	out[n] = '\0';
	return out;
}

bool model_finding_switch(struct model *m, const char *rule, bool on)
{
	for (unsigned i = 0; i < rules_count; i++) {
		const struct finding_rule *r = &rules_table[i];

		if (strcmp(r->name, rule) != 0 && !(rule[0] == r->letter && !rule[1]))
			continue;
		if (on)
			m->findings.muted &= ~(UINT64_C(1) << i);
		else
			m->findings.muted |= UINT64_C(1) << i;
		return true;
	}
	return false;
}
