/*
 * persistent - a hash of keys to literals; and the purge of a value that was replaced.
 *
 * Who reads takes no lock: a value is one word. Replacing or erasing asks every process between two of its steps whether it
 * still refers to the old words; one that does gets a copy of all of them, then a full sweep (OTP 25 does the same, which is
 * why replacing is dear). A message with the old value may have been on its way to somebody who was asked already: so all are
 * asked twice before the words are given back. By then nobody can be looking at an erased entry either: it goes with them.
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
	_Atomic(struct entry *) next;
	uint32_t hash;
	term key;
	size_t key_words;
	_Atomic uint64_t value;
	term *from;                     /* where its words lie; under the lock */
	size_t words;
};

/* An old value on its way out, and the entry if it was erased. */
struct purge {
	struct purge *next;
	struct world *world;
	struct entry *entry;
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

static void drop_words(struct world *w, struct mem_lane *lane, term *from, size_t words)
{
	if (words)
		literal_drop(w->literals, lane, from, words);
}

static void entry_free(struct world *w, struct mem_lane *lane, struct entry *e)
{
	drop_words(w, lane, e->key_words ? term_pointer(e->key) : NULL, e->key_words);
	mem_give(lane, MEM_LITERAL, e, sizeof *e);
}

static void purge_free(struct mem_lane *lane, struct purge *q)
{
	drop_words(q->world, lane, q->from, q->words);
	if (q->entry)
		entry_free(q->world, lane, q->entry);
	mem_give(lane, MEM_LITERAL, q, sizeof *q);
}

void persistents_free(struct persistent *all, struct world *w, struct mem_lane *lane)
{
	for (struct purge *q = all->purges, *next; q; q = next) {
		next = q->next;
		purge_free(lane, q);
	}
	for (unsigned i = 0; i < CHAINS; i++)
		for (struct entry *e = all->chain[i], *next; e; e = next) {
			next = e->next;
			drop_words(w, lane, e->from, e->words);
			entry_free(w, lane, e);
		}
	pthread_mutex_destroy(&all->lock);
	mem_give(lane, MEM_LITERAL, all, sizeof *all);
}

/* ---- Looking up -------------------------------------------------------------------------------------------------- */

/* What points to the entry of this key, or to the end of its chain. */
static _Atomic(struct entry *) *find(struct persistent *all, term key, uint32_t hash)
{
	_Atomic(struct entry *) *link = &all->chain[hash % CHAINS];
	for (struct entry *e; (e = atomic_load_explicit(link, memory_order_acquire)); link = &e->next)
		if (e->hash == hash && term_equal(e->key, key))
			break;
	return link;
}

term persistent_get(struct process *p, term key)
{
	struct entry *e = atomic_load_explicit(find(p->world->persistent, key, term_hash(key, 0)), memory_order_acquire);
	return (term) { e ? atomic_load_explicit(&e->value, memory_order_acquire) : 0 };
}

uint64_t persistent_count(struct world *w) { return atomic_load_explicit(&w->persistent->count, memory_order_relaxed); }
uint64_t persistent_words(struct world *w) { return atomic_load_explicit(&w->persistent->words, memory_order_relaxed); }

/* ---- Does a process refer to these words? ------------------------------------------------------------------------ */

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

/* ---- The copy it gets -------------------------------------------------------------------------------------------- */

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
	struct fragment *f = heap_fragment_new(&p->heap, q->words, p->flags & PROCESS_ASKS_ROOM);
	if (!f)
		process_system_limit(p, ATOM_memory);
	struct mover mover = { q, f->data - q->from };
	f->b.top = f->data + q->words;
	term_relocate(f->data, q->from, q->words, TERM_NIL);
	adopt_payloads(&f->b, f->data, f->b.top);
	walk_all(p, move_word, &mover);
	process_collect(p, true, 0, NULL, 0);
}

/* ---- Asking everybody -------------------------------------------------------------------------------------------- */

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
	purge_free(s->lane, q);
}

static void next_round(struct scheduler *s, struct purge *q)
{
	if (++q->rounds < ROUNDS)
		ask_everybody(s, q);
	else
		finish_purge(s, q);
}

/* One answer less; the last one begins the next round or the end. s: NULL from the dead, who have no scheduler any more. */
static void answered(struct scheduler *s, struct purge *q)
{
	struct world *w = q->world;
	if (atomic_fetch_sub_explicit(&q->outstanding, 1, memory_order_acq_rel) != 1)
		return;
	if (s) {
		next_round(s, q);
	} else if (!atomic_load_explicit(&w->schedulers->stopping, memory_order_relaxed)) {     /* a world that ends frees it */
		struct scheduler *outside = scheduler_enter_outside(w);
		next_round(outside, q);
		scheduler_leave_outside(outside);
	}
}

static void on_question(struct process *p, void *context);

/* The collections may end the process: the same question waits for the drain meanwhile, where the dead answer. */
static void give_copy_or_die(struct process *p, struct purge *q)
{
	struct scheduler *s = p->scheduler;
	struct ask_signal *spare = mem_need(s->lane, MEM_MESSAGE, sizeof *spare);
	*spare = (struct ask_signal) { { .next = s->pending, .kind = SIGNAL_ASK, .bytes = sizeof *spare }, on_question, q };
	s->pending = &spare->signal;
	give_copy(p, q);
	s->pending = spare->signal.next;
	signal_free(s->lane, &spare->signal);
}

static void on_question(struct process *p, void *context)
{
	struct purge *q = context;
	bool refers = p && (p->heap.start ? walk_all(p, is_old_word, q) : walk_roots(p, is_old_word, q));
	if (refers)
		give_copy_or_die(p, q);
	answered(p ? p->scheduler : NULL, q);
}

/* An idle process that has no block and no slots refers to nothing. The state alone may be of before it was woken. */
static bool owns_nothing(const struct slots *slots, uint32_t i)
{
	if ((uintptr_t) atomic_load_explicit(&slot_at(slots, i)->inbox, memory_order_seq_cst) != INBOX_IDLE)
		return false;
	uint32_t state = atomic_load_explicit(&slot_at(slots, i)->state, memory_order_relaxed);
	return slot_status_of(state) == SLOT_WAITING && slot_small_stack_of(state) == 1;
}

static void ask_everybody(struct scheduler *s, struct purge *q)
{
	struct slots *slots = q->world->slots;
	uint32_t high = atomic_load_explicit(&slots->high, memory_order_acquire);
	atomic_store_explicit(&q->outstanding, 1, memory_order_relaxed);
	/* The new value is out before anybody's inbox is looked at. */
	atomic_thread_fence(memory_order_seq_cst);
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

/* The old words go once nobody refers to them. Takes the purge over. */
static void purge(struct process *p, struct purge *q, term *from, size_t words, struct entry *entry)
{
	struct persistent *all = p->world->persistent;
	if (!words && !entry) {
		mem_give(p->scheduler->lane, MEM_LITERAL, q, sizeof *q);
		return;
	}
	*q = (struct purge) { .world = p->world, .entry = entry, .from = from, .words = words };
	pthread_mutex_lock(&all->lock);
	q->next = all->purges;
	all->purges = q;
	pthread_mutex_unlock(&all->lock);
	ask_everybody(p->scheduler, q);
}

/* ---- Changing ---------------------------------------------------------------------------------------------------- */

/* A copy among the literals: its words begin where the copy does. */
static bool make(struct process *p, term t, term *made, term **from, size_t *words)
{
	*words = term_flat_words(NULL, t);
	*made = literal_make(p->world->literals, p->world, p->scheduler->lane, t);
	*from = *words ? term_pointer(*made) : NULL;
	return !term_is_none(*made);
}

/* In no chain yet; NULL: no memory. */
static struct entry *entry_new(struct process *p, term key, uint32_t hash)
{
	struct mem_lane *lane = p->scheduler->lane;
	struct entry *e = mem_alloc(lane, MEM_LITERAL, sizeof *e, mem_urgency_for(sizeof *e, p->flags & PROCESS_ASKS_ROOM));
	term kept = TERM_NONE, *from;
	size_t words;
	if (!e || !make(p, key, &kept, &from, &words)) {
		mem_give(lane, MEM_LITERAL, e, sizeof *e);
		return NULL;
	}
	*e = (struct entry) { .hash = hash, .key = kept, .key_words = words };
	return e;
}

/* The value of an entry from now on; gives the words of the old one through its pointers. Under the lock. */
static void set_value(struct persistent *all, struct entry *e, term value, term **from, size_t *words)
{
	term *old = e->from;
	size_t old_words = e->words;
	e->from = *from;
	e->words = *words;
	atomic_store_explicit(&e->value, value.word, memory_order_release);
	atomic_fetch_add_explicit(&all->words, *words - old_words, memory_order_relaxed);
	*from = old;
	*words = old_words;
}

/* False: no memory, nothing was changed. */
static bool put(struct process *p, term key, term value, term **from, size_t *words)
{
	struct persistent *all = p->world->persistent;
	uint32_t hash = term_hash(key, 0);
	pthread_mutex_lock(&all->lock);
	_Atomic(struct entry *) *link = find(all, key, hash);
	struct entry *e = *link, *fresh = e ? NULL : entry_new(p, key, hash);
	if (e || fresh)
		set_value(all, e ? e : fresh, value, from, words);
	if (fresh) {
		atomic_store_explicit(link, fresh, memory_order_release);
		atomic_fetch_add_explicit(&all->count, 1, memory_order_relaxed);
	}
	pthread_mutex_unlock(&all->lock);
	return e || fresh;
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
	struct purge *q = mem_alloc(p->scheduler->lane, MEM_LITERAL, sizeof *q, MEM_MUST);
	if (!q || !put(p, key, made, &from, &words)) {
		mem_give(p->scheduler->lane, MEM_LITERAL, q, sizeof *q);
		drop_words(p->world, p->scheduler->lane, from, words);
		process_system_limit(p, ATOM_memory);
	}
	purge(p, q, from, words, NULL);
}

bool persistent_erase(struct process *p, term key)
{
	struct persistent *all = p->world->persistent;
	struct purge *q = mem_alloc(p->scheduler->lane, MEM_LITERAL, sizeof *q, MEM_MUST);
	if (!q)
		process_system_limit(p, ATOM_memory);
	pthread_mutex_lock(&all->lock);
	_Atomic(struct entry *) *link = find(all, key, term_hash(key, 0));
	struct entry *e = *link;
	if (e) {
		atomic_store_explicit(link, e->next, memory_order_release);
		atomic_fetch_sub_explicit(&all->words, e->words, memory_order_relaxed);
		atomic_fetch_sub_explicit(&all->count, 1, memory_order_relaxed);
	}
	pthread_mutex_unlock(&all->lock);
	purge(p, q, e ? e->from : NULL, e ? e->words : 0, e);
	return e != NULL;
}
