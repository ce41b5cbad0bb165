/*
 * persistent - a hash of keys to literals; and the purge of a value that was replaced.
 *
 * Who reads takes no lock: entries are never freed while the world lives, a value is one word. Replacing or erasing
 * asks every process between two of its steps whether it still refers to the old words; one that does gets a copy of all
 * of them, then a full sweep (OTP 25 does the same, which is why replacing is dear). A message with the old value may have
 * been on its way to somebody who was asked already: so all are asked twice before the words are given back.
 */
#include "runtime/process/persistent.h"

#include <pthread.h>
#include <string.h>

#include "runtime/memory/copy.h"
#include "runtime/memory/literal.h"
#include "runtime/process/life.h"
#include "runtime/process/mailbox.h"
#include "runtime/process/persistents.h"
#include "runtime/term/order.h"

#define CHAINS 1024u
#define ROUNDS 2

struct entry {
	struct entry *next;
	uint32_t hash;
	term key;
	_Atomic uint64_t value;         /* TERM_NONE: erased */
	term *from;                     /* where its words lie; under the lock */
	size_t words;
};

/* An old value on its way out. */
struct purge {
	struct purge *next;
	struct world *world;
	term *from;
	size_t words;
	_Atomic uint32_t outstanding;
	int rounds;
};

struct persistent {
	pthread_mutex_t lock;
	_Atomic(struct entry *) chain[CHAINS];
	_Atomic uint64_t count, words;
	struct purge *purges;           /* under the lock */
};

struct persistent *persistents_new(struct mem_lane *lane)
{
	struct persistent *all = mem_need(lane, MEM_LITERAL, sizeof *all);
	memset(all, 0, sizeof *all);
	pthread_mutex_init(&all->lock, NULL);
	return all;
}

void persistents_free(struct persistent *all, struct world *w, struct mem_lane *lane)
{
	for (struct purge *q = all->purges, *next; q; q = next) {
		next = q->next;
		literal_drop(w->literals, lane, q->from, q->words);
		mem_give(lane, MEM_LITERAL, q, sizeof *q);
	}
	for (unsigned i = 0; i < CHAINS; i++)
		for (struct entry *e = all->chain[i], *next; e; e = next) {
			next = e->next;
			if (e->words)
				literal_drop(w->literals, lane, e->from, e->words);
			mem_give(lane, MEM_LITERAL, e, sizeof *e);
		}
	pthread_mutex_destroy(&all->lock);
	mem_give(lane, MEM_LITERAL, all, sizeof *all);
}

/* ---- Looking up --------------------------------------------------------------------------------------------------- */

static struct entry *find(struct persistent *all, term key, uint32_t hash)
{
	struct entry *e = atomic_load_explicit(&all->chain[hash % CHAINS], memory_order_acquire);
	while (e && !(e->hash == hash && term_equal(e->key, key)))
		e = e->next;
	return e;
}

term persistent_get(struct process *p, term key)
{
	struct entry *e = find(p->world->persistent, key, term_hash(key, 0));
	return (term) { e ? atomic_load_explicit(&e->value, memory_order_acquire) : 0 };
}

uint64_t persistent_count(struct world *w) { return atomic_load_explicit(&w->persistent->count, memory_order_relaxed); }
uint64_t persistent_words(struct world *w) { return atomic_load_explicit(&w->persistent->words, memory_order_relaxed); }

/* ---- Does a process refer to these words? --------------------------------------------------------------------------- */

static bool points_into(const struct purge *q, term t)
{
	return (term_is_cons(t) || term_is_boxed(t)) && term_pointer(t) >= q->from && term_pointer(t) < q->from + q->words;
}

/* What to do with a word that may point there: true stops the walk. */
typedef bool (*word_fn)(void *context, term *word);

static bool walk(term *at, const term *end, word_fn visit, void *context)
{
	while (at < end) {
		if (term_is_header(*at)) {
			at += header_is_raw(*at) ? 1 + header_words(*at) : 1;
			continue;
		}
		if (visit(context, at++))
			return true;
	}
	return false;
}

static bool walk_roots(struct process *p, word_fn visit, void *context)
{
	struct root_set roots = process_roots(p, NULL, 0);
	for (term *slot = p->heap.stop; slot < p->heap.end; slot++)
		if (!term_is_header(*slot) && visit(context, slot))
			return true;
	for (size_t i = 0; i < roots.range_count; i++)
		for (size_t j = 0; j < roots.ranges[i].count; j++)
			if (visit(context, &roots.ranges[i].first[j]))
				return true;
	for (struct message *m = p->first; m; m = (struct message *) m->signal.next) {
		if (visit(context, &m->value))
			return true;
		if (m->signal.place == MESSAGE_INSIDE && walk(m->payload, m->payload + message_words(m), visit, context))
			return true;
	}
	return false;
}

/* Young block, old heap, fragments, stack, registers, dictionary, queue. */
static bool walk_all(struct process *p, word_fn visit, void *context)
{
	struct heap_body *body = p->heap.b.body;
	if (walk(p->heap.start, p->heap.b.top, visit, context) || walk(body->old_start, body->old_top, visit, context))
		return true;
	for (struct fragment *f = body->fragments; f; f = f->next)
		if (walk(f->data, f->b.top, visit, context))
			return true;
	for (struct message *m = body->taken; m; m = (struct message *) m->signal.next)
		if (walk(m->payload, m->payload + message_words(m), visit, context))
			return true;
	return walk_roots(p, visit, context);
}

static bool is_old_word(void *context, term *word) { return points_into(context, *word); }

/* ---- The copy it gets ------------------------------------------------------------------------------------------------- */

struct mover { const struct purge *purge; ptrdiff_t distance; };

static bool move_word(void *context, term *word)
{
	const struct mover *m = context;
	if (points_into(m->purge, *word))
		word->word += (uintptr_t) (m->distance * (ptrdiff_t) WORD_BYTES);
	return false;
}

static void adopt_payloads(struct builder *b, term *at, const term *end)
{
	while (at < end) {
		if (!term_is_header(*at)) {
			at++;
			continue;
		}
		if (header_kind(*at) == BOX_REFC) {
			refc_retain((struct refc *) at[REFC_PAYLOAD].word);
			off_heap_link(b, at);
		}
		at += header_is_raw(*at) ? 1 + header_words(*at) : 1;
	}
}

/* A message that stays outside of the heap gets a copy of its own. */
static void renew_message(struct process *p, struct message **link)
{
	struct message *old = *link, *m = NULL;
	size_t words = term_flat_words(NULL, old->value);
	m = message_new(p->scheduler, words);
	if (!m)
		process_system_limit(p, ATOM_memory);
	term *top = m->payload;
	term *handles = NULL;
	uint64_t handle_words = 0;
	m->value = term_copy(NULL, old->value, &top, &handles, &handle_words);
	message_set_handles(m, handles);
	m->sent = old->sent;
	m->signal.next = old->signal.next;
	atomic_fetch_add_explicit(&p->slot->arrived, words - message_words(old), memory_order_release);
	*link = m;
	if (p->last == (struct message **) (void *) &old->signal.next)
		p->last = (struct message **) (void *) &m->signal.next;
	if (p->save == (struct message **) (void *) &old->signal.next)
		p->save = (struct message **) (void *) &m->signal.next;
	message_drop(p->scheduler, old);
}

static void renew_messages(struct process *p, struct purge *q)
{
	for (struct message **link = &p->first; *link; link = (struct message **) (void *) &(*link)->signal.next) {
		struct message *m = *link;
		bool refers = m->signal.place == MESSAGE_INSIDE && !m->signal.counted
			&& (points_into(q, m->value) || walk(m->payload, m->payload + message_words(m), is_old_word, q));
		if (refers || (m->signal.place == MESSAGE_PLACED && p->flags & PROCESS_OFF_HEAP_QUEUE && points_into(q, m->value)))
			renew_message(p, link);
	}
}

/* After a first full sweep nothing is old: pointers into a fragment are then allowed everywhere. */
static void give_copy(struct process *p, struct purge *q)
{
	process_need_block(p);
	process_collect(p, true, 0, NULL, 0);
	renew_messages(p, q);
	if (!walk_all(p, is_old_word, q))
		return;
	struct fragment *f = heap_fragment_new(&p->heap, q->words);
	if (!f)
		process_system_limit(p, ATOM_memory);
	struct mover mover = { q, f->data - q->from };
	memcpy(f->data, q->from, q->words * WORD_BYTES);
	f->b.top = f->data + q->words;
	term_rebase(f->data, q->from, q->words, TERM_NIL);
	adopt_payloads(&f->b, f->data, f->b.top);
	walk_all(p, move_word, &mover);
	process_collect(p, true, 0, NULL, 0);
}

/* ---- Asking everybody --------------------------------------------------------------------------------------------------- */

static void ask_everybody(struct scheduler *s, struct purge *q);

static void finish_purge(struct scheduler *s, struct purge *q)
{
	struct persistent *all = q->world->persistent;
	pthread_mutex_lock(&all->lock);
	struct purge **link = &all->purges;
	while (*link != q)
		link = &(*link)->next;
	*link = q->next;
	pthread_mutex_unlock(&all->lock);
	literal_drop(q->world->literals, s->lane, q->from, q->words);
	mem_give(s->lane, MEM_LITERAL, q, sizeof *q);
}

/* One answer less; the last one begins the next round or the end. s: NULL from the dead, then it waits for the world's end. */
static void answered(struct scheduler *s, struct purge *q)
{
	if (atomic_fetch_sub_explicit(&q->outstanding, 1, memory_order_acq_rel) != 1 || !s)
		return;
	if (++q->rounds < ROUNDS)
		ask_everybody(s, q);
	else
		finish_purge(s, q);
}

/* A collection may end the process instead: then its answer is missing, and the old words stay until the world ends. */
static void on_question(struct process *p, void *context)
{
	struct purge *q = context;
	bool refers = p && (p->heap.start ? walk_all(p, is_old_word, q) : walk_roots(p, is_old_word, q));
	if (refers)
		give_copy(p, q);
	answered(p ? p->scheduler : NULL, q);
}

/* An idle process that has no block and no slots refers to nothing. */
static bool owns_nothing(const struct slots *slots, uint32_t i)
{
	uint32_t state = atomic_load_explicit(&slot_at(slots, i)->state, memory_order_relaxed);
	return slot_status_of(state) == SLOT_WAITING && slot_small_stack_of(state) == 1;
}

static void ask_everybody(struct scheduler *s, struct purge *q)
{
	struct slots *slots = q->world->slots;
	uint32_t high = atomic_load_explicit(&slots->high, memory_order_acquire);
	atomic_store_explicit(&q->outstanding, 1, memory_order_relaxed);
	for (uint32_t i = 1; i < high; i++) {
		term pid = { atomic_load_explicit(&slot_at(slots, i)->pid, memory_order_acquire) };
		if (!pid.word || owns_nothing(slots, i))
			continue;
		atomic_fetch_add_explicit(&q->outstanding, 1, memory_order_relaxed);
		if (!request_ask(s, pid, on_question, q))
			atomic_fetch_sub_explicit(&q->outstanding, 1, memory_order_relaxed);
	}
	answered(s, q);
}

static void purge(struct process *p, term *from, size_t words)
{
	struct persistent *all = p->world->persistent;
	if (!words)
		return;
	struct purge *q = mem_need(p->scheduler->lane, MEM_LITERAL, sizeof *q);
	*q = (struct purge) { .world = p->world, .from = from, .words = words };
	pthread_mutex_lock(&all->lock);
	q->next = all->purges;
	all->purges = q;
	pthread_mutex_unlock(&all->lock);
	ask_everybody(p->scheduler, q);
}

/* ---- Changing --------------------------------------------------------------------------------------------------------------- */

/* A copy among the literals: its words begin where the copy does. */
static bool make(struct process *p, term t, term *made, term **from, size_t *words)
{
	*words = term_flat_words(NULL, t);
	*made = literal_make(p->world->literals, p->world, p->scheduler->lane, t);
	*from = *words ? term_pointer(*made) : NULL;
	return !term_is_none(*made);
}

static struct entry *entry_new(struct process *p, term key, uint32_t hash)
{
	struct persistent *all = p->world->persistent;
	struct entry *e = mem_need(p->scheduler->lane, MEM_LITERAL, sizeof *e);
	*e = (struct entry) { .hash = hash, .key = literal_make(p->world->literals, p->world, p->scheduler->lane, key) };
	e->next = atomic_load_explicit(&all->chain[hash % CHAINS], memory_order_relaxed);
	atomic_store_explicit(&all->chain[hash % CHAINS], e, memory_order_release);
	return e;
}

/* Sets the value (TERM_NONE erases); gives what was there before. */
static bool set(struct process *p, term key, term value, term *from, size_t words)
{
	struct persistent *all = p->world->persistent;
	uint32_t hash = term_hash(key, 0);
	pthread_mutex_lock(&all->lock);
	struct entry *e = find(all, key, hash);
	if (!e && !term_is_none(value))
		e = entry_new(p, key, hash);
	bool was = e && e->value;
	term *old = e ? e->from : NULL;
	size_t old_words = e ? e->words : 0;
	if (e) {
		e->from = from;
		e->words = words;
		atomic_store_explicit(&e->value, value.word, memory_order_release);
		atomic_fetch_add_explicit(&all->words, words - old_words, memory_order_relaxed);
		atomic_fetch_add_explicit(&all->count, (uint64_t) !term_is_none(value) - (uint64_t) was, memory_order_relaxed);
	}
	pthread_mutex_unlock(&all->lock);
	purge(p, old, old_words);
	return was;
}

void persistent_put(struct process *p, term key, term value)
{
	term made, *from, now = persistent_get(p, key);
	size_t words;
	if (!term_is_none(now) && term_equal(now, value))
		return;
	if (!make(p, value, &made, &from, &words))
		process_system_limit(p, ATOM_memory);
	process_charge(p, (uint32_t) (1 + words / 64));
	set(p, key, made, from, words);
}

bool persistent_erase(struct process *p, term key) { return set(p, key, TERM_NONE, NULL, 0); }
