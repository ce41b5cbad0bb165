/*
 * detail - a process tells about itself: the answer is made by the process between two of its steps.
 *
 *   asked ──process──▶ filling ──▶ done ──front end takes──▶ freed        asked ──given up──▶ abandoned ──process──▶ freed
 *
 * The second to leave frees. A hibernated or suspended process answers without running a step.
 */
#include <stdlib.h>
#include <string.h>

#include "runtime/memory/survey.h"
#include "runtime/observe/live.h"
#include "runtime/otp/server.h"
#include "runtime/process/dictionary.h"
#include "runtime/process/mailbox.h"
#include "runtime/process/tables.h"
#include "runtime/term/text.h"

enum ask_state { ASKED, FILLING, DONE, ABANDONED };

struct live_ask {
	_Atomic int state;
	struct live *live;
	struct world *world;
	uint64_t asked_us, asked_host_ns;
	bool survey_only;
	struct snap_detail detail;
};

static void free_ask(struct world *w, struct live_ask *ask)
{
	mem_give(mem_lane_at(w->mem, w->scheduler_count), MEM_OBSERVER, ask, sizeof *ask);
}

/* ---- What the process writes --------------------------------------------------------------------------------------- */

static void fill_options(struct process *p, struct snap_detail *d)
{
	const struct heap_options *o = heap_options(&p->heap);
	struct heap_figures f = heap_figures(&p->heap);
	d->fullsweep_after = o->fullsweep_after;
	d->min_heap_size = o->min_heap_words;
	d->min_bin_vheap_size = o->min_vheap_words;
	d->max_heap_size = o->max_heap_words;
	d->max_heap_kill = o->max_heap_flags & MAX_HEAP_KILL;
	d->bin_old_vheap_size = f.old_vheap;
	d->bin_old_vheap_limit = f.old_vheap_limit;
}

static void fill_frames(struct process *p, struct snap_detail *d)
{
	uint32_t slots = 0;
	for (const term *at = p->heap.stop; at < p->heap.end; at++) {
		if (!term_is_header(*at) || at->word == 0) {
			slots++;
			continue;
		}
		if (d->frame_count < SNAP_DETAIL_ROWS)
			d->frames[d->frame_count++] = (struct snap_frame) { live_id_of_text(((const struct step *) at->word)->name), slots };
		d->frame_total++;
		slots = 0;
	}
}

static void add_relation(struct process *p, struct snap_detail *d, uint64_t pid_word, uint8_t kind)
{
	term pid = { pid_word };
	d->relation_total++;
	if (d->relation_count == SNAP_DETAIL_ROWS || !term_is_pid(pid))
		return;
	struct slot *slot = slot_of(p->world->slots, pid);
	d->relations[d->relation_count++] = (struct snap_relation) { term_pid_number(pid), slot ? live_label_of(slot) : 0, kind };
}

static void fill_relations(struct process *p, struct snap_detail *d)
{
	const struct relations *r = p->relations;
	const struct map64_entry *e;
	if (!r)
		return;
	for (uint32_t at = 0; (e = map64_next(&r->links, &at));)
		add_relation(p, d, e->key, 0);
	for (uint32_t at = 0; (e = map64_next(&r->monitors, &at));)
		add_relation(p, d, e->value, 1);
	for (uint32_t at = 0; (e = map64_next(&r->monitored_by, &at));)
		add_relation(p, d, e->value, 2);
}

static void fill_messages(struct process *p, struct snap_detail *d)
{
	uint64_t now = clock_us(&p->world->clock);
	for (const struct message *m = p->first; m && d->message_count < SNAP_DETAIL_ROWS; m = (const struct message *) m->signal.next) {
		struct snap_message *out = &d->messages[d->message_count++];
		out->age_us = message_age_us(m, now);
		out->words = message_words(m);
		term_text(p->world->atoms, m->value, out->text, sizeof out->text);
	}
	d->message_total = slot_queue(p->slot).messages;
}

static void fill_dictionary(struct process *p, struct snap_detail *d)
{
	const struct dictionary *dictionary = p->heap.b.body ? p->heap.b.body->dictionary : NULL;
	struct dictionary_walk walk = DICTIONARY_WALK;
	for (term t; d->pair_count < SNAP_DETAIL_ROWS && !term_is_none(t = dictionary_next(dictionary, &walk));) {
		struct snap_pair *pair = &d->pairs[d->pair_count++];
		term_text(p->world->atoms, tuple_at(t, 0), pair->key, sizeof pair->key);
		term_text(p->world->atoms, tuple_at(t, 1), pair->value, sizeof pair->value);
	}
	d->pair_total = dictionary ? dictionary->count : 0;
}

/* A server's state lies in its first slot; another's first slot is the best there is to show. */
static void fill_state(struct process *p, struct snap_detail *d)
{
	if (server_module_of(p))
		term_text(p->world->atoms, server_state_of(p), d->state, sizeof d->state);
	else if (p->frame_slots)
		term_text(p->world->atoms, slot_get(p, 0), d->state, sizeof d->state);
	else if (p->flags & PROCESS_PACKED)
		term_text(p->world->atoms, x_get(p, 0), d->state, sizeof d->state);
}

static void publish_survey(struct process *p, const struct survey *s)
{
	struct slot_memory *m = slot_memory_at(p->world->slots, p->slot->index);
	if (!p->heap.b.body)
		return;
	uint64_t now = clock_us(&p->world->clock);
	uint64_t words = s->live_young + s->live_old + s->live_fragment;
	atomic_store_explicit(&m->survey_live_words, words, memory_order_release);
	atomic_store_explicit(&m->survey_free_bytes, s->dead_words * WORD_BYTES + s->held_bytes - s->live_bytes, memory_order_release);
	atomic_store_explicit(&m->survey_slice_bytes, s->used_bytes, memory_order_release);
	atomic_store_explicit(&m->survey_us, now ? now : 1, memory_order_release);
}

static void fill_survey(struct process *p, struct snap_detail *d, bool strip)
{
	struct survey s;
	struct survey_binary found[SNAP_DETAIL_ROWS];
	if (!p->heap.b.body)
		return;
	struct root_set roots = process_roots(p, NULL, 0);
	if (!survey_heap(&p->heap, &roots, &s, found, SNAP_DETAIL_ROWS, strip ? d->strip : NULL, strip ? sizeof d->strip : 0))
		return;
	publish_survey(p, &s);
	d->live_young = s.live_young + s.live_fragment;
	d->live_old = s.live_old;
	d->would_free_words = s.dead_words;
	d->would_free_binary_bytes = s.held_bytes - s.live_bytes;
	d->binary_total = s.binary_total;
	for (size_t i = 0; i < s.binary_count; i++)
		d->binaries[d->binary_count++] = (struct snap_binary) { found[i].serial, found[i].bytes, found[i].references, found[i].used_bytes };
	d->strip_cells = (uint32_t) s.strip_cells;
	d->strip_words_per_cell = (uint32_t) s.strip_words_per_cell;
}

static void fill(struct process *p, struct live_ask *ask)
{
	struct snap_detail *d = &ask->detail;
	process_publish(p, p->flags & PROCESS_SUSPENDED ? SLOT_SUSPENDED : p->flags & PROCESS_HIBERNATED ? SLOT_HIBERNATED : SLOT_WAITING);
	fill_survey(p, d, true);
	live_fill_published(ask->live, p->slot, &d->row, p->pid);
	fill_options(p, d);
	fill_frames(p, d);
	fill_relations(p, d);
	fill_messages(p, d);
	fill_dictionary(p, d);
	fill_state(p, d);
}

static void answer(struct process *p, void *context)
{
	struct live_ask *ask = context;
	int asked = ASKED;
	if (!atomic_compare_exchange_strong(&ask->state, &asked, FILLING)) {
		free_ask(ask->world, ask);
		return;
	}
	ask->detail.dead = p == NULL;
	if (p && ask->survey_only)
		fill_survey(p, &ask->detail, false);
	else if (p)
		fill(p, ask);
	ask->detail.time = (double) clock_us(&ask->world->clock) / 1e6;
	ask->detail.asked_us = clock_us(&ask->world->clock) - ask->asked_us;
	int filling = FILLING;
	if (ask->survey_only)
		atomic_fetch_sub(&ask->live->surveys, 1);
	if (ask->survey_only || !atomic_compare_exchange_strong(&ask->state, &filling, DONE))
		free_ask(ask->world, ask);
}

/* ---- What the front end does ------------------------------------------------------------------------------------------ */

/* Whoever changes the state second frees; an answer being written is freed by the process when it sees that nobody waits. */
static void give_up(struct live *l, struct live_ask *ask)
{
	if (ask && atomic_exchange(&ask->state, ABANDONED) == DONE)
		free_ask(l->world, ask);
}

static struct live_ask *ask_process(struct live *l, uint64_t number, bool survey_only)
{
	term pid = live_pid_of(l, number);
	struct live_ask *ask = mem_need(l->lane, MEM_OBSERVER, sizeof *ask);
	memset(ask, 0, sizeof *ask);
	ask->live = l;
	ask->world = l->world;
	ask->detail.pid = number;
	ask->asked_us = clock_us(&l->world->clock);
	ask->survey_only = survey_only;
	atomic_fetch_add(&l->surveys, survey_only);
	struct scheduler *s = scheduler_enter_outside(l->world);
	bool reached = !term_is_none(pid) && request_ask(s, pid, answer, ask);
	scheduler_leave_outside(s);
	if (!reached) {
		ask->detail.dead = true;
		atomic_store(&ask->state, DONE);
		atomic_fetch_sub(&l->surveys, survey_only);
		if (survey_only)
			free_ask(l->world, ask);
	}
	return ask;
}

bool live_ask_detail(struct source *s, uint64_t pid)
{
	struct live *l = s->self;
	give_up(l, l->ask);
	l->ask = ask_process(l, pid, false);
	return true;
}

bool live_take_detail(struct source *s, struct snap_detail *out)
{
	struct live *l = s->self;
	if (!l->ask || atomic_load(&l->ask->state) != DONE)
		return false;
	*out = l->ask->detail;
	if (!out->dead)
		live_fill_known(l, &out->row);
	live_fill_holders(l, out);
	free_ask(l->world, l->ask);
	l->ask = NULL;
	return true;
}

void live_forget_asks(struct live *l)
{
	give_up(l, l->ask);
	l->ask = NULL;
	live_forget_holders(l);
}

/* Who does not answer for long, being busy or one of very many, is not asked again and again. */
#define SURVEYS_OUT 256

void live_survey(struct live *l, uint64_t pid)
{
	if (atomic_load(&l->surveys) < SURVEYS_OUT)
		ask_process(l, pid, true);
}

/* ---- Tables -------------------------------------------------------------------------------------------------------------- */

struct page_context { struct live *live; struct snap_table_page *page; };

static bool add_object(void *context, term object)
{
	struct page_context *c = context;
	if (c->page->count == ARRAY_COUNT(c->page->rows))
		return false;
	term_text(c->live->world->atoms, object, c->page->rows[c->page->count++], sizeof c->page->rows[0]);
	return true;
}

bool live_read_table(struct source *s, uint64_t table, uint64_t offset, struct snap_table_page *out)
{
	struct live *l = s->self;
	struct page_context c = { l, out };
	struct table_figures t;
	out->table = table;
	out->offset = offset;
	out->total = out->count = 0;
	for (uint32_t i = 0; tables_figures_at(l->world, i, &t); i++)
		if (t.id == table)
			out->total = t.size;
	return tables_visit(l->world, table, offset, ARRAY_COUNT(out->rows), add_object, &c);
}
