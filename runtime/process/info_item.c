/*
 * info_item - process_info/2, item by item: each row of the table has OTP's name, its unit, and who builds the value.
 *
 * Values are terms outside of any heap that refer to the process's own; who asked prints them or copies them into a message,
 * between two steps of the process. So nothing is collected, charged or woken.
 */
#include <stdio.h>
#include <string.h>

#include "runtime/process/dictionary.h"
#include "runtime/process/info.h"
#include "runtime/process/life.h"
#include "runtime/process/mailbox.h"
#include "runtime/term/map.h"

#define ELEMENT_WORDS 12u               /* the longest element of a list, with its cell */
#define FIXED_WORDS 128u                /* the longest item that is no list */

/* An item under construction. */
struct making { struct process *p; struct builder b; unsigned left; };

static term atom(const struct making *m, const char *text)
{
	term t = atom_make_z(m->p->world->atoms, m->p->scheduler->lane, text);
	return term_is_none(t) ? ATOM(undefined) : t;
}

static term number(struct making *m, uint64_t n) { return build_integer(&m->b, (int64_t) n); }
static term truth(bool yes) { return yes ? ATOM(true) : ATOM(false); }

/* Lists are built from their end: a link to the last cell's tail. False: there are enough. */
struct list { term first, *last; };
static bool append(struct making *m, struct list *l, term element)
{
	term cell = build_cons(&m->b, element, TERM_NIL);
	if (l->last)
		*l->last = cell;
	else
		l->first = cell;
	l->last = m->b.top - 1;
	return --m->left > 0;
}
#define EMPTY_LIST { TERM_NIL, NULL }

/* "module:function/arity" as {Module, Function, Arity}. */
static term function(struct making *m, const char *text)
{
	char module[ATOM_TEXT_MAX], name[ATOM_TEXT_MAX];
	int arity = 0;
	if (sscanf(text, "%254[^:]:%254[^/]/%d", module, name, &arity) < 2)
		return ATOM(undefined);
	return build_tuple3(&m->b, atom(m, module), atom(m, name), term_from_small(arity));
}

/* ---- Who and what ------------------------------------------------------------------------------------------------ */

static term registered_name(struct making *m)
{
	uint32_t name = atomic_load_explicit(&m->p->slot->name, memory_order_relaxed);
	return name ? term_from_atom(name) : TERM_NIL;
}

static term initial_call(struct making *m)
{
	uintptr_t initial = (uintptr_t) atomic_load_explicit(&m->p->slot->initial, memory_order_relaxed);
	bool is_atom = initial < ATOM_LIMIT;
	return function(m, is_atom ? atom_text_at(m->p->world->atoms, (uint32_t) initial) : (const char *) initial);
}

static term current_function(struct making *m) { return function(m, process_step(m->p)->name); }

/* A frame's descriptor stands below its slots. */
static term current_stacktrace(struct making *m)
{
	struct list list = EMPTY_LIST;
	for (const term *at = m->p->heap.stop; at < m->p->heap.end; at++)
		if (term_is_header(*at) && at->word != 0) {
			const term *mfa = term_box(function(m, ((const struct step *) at->word)->name));
			if (!append(m, &list, build_tuple4(&m->b, mfa[1], mfa[2], mfa[3], TERM_NIL)))
				break;
		}
	return list.first;
}

static term parent(struct making *m)
{
	uint64_t pid = atomic_load_explicit(&m->p->slot->parent, memory_order_relaxed);
	return pid ? (term) { pid } : ATOM(undefined);
}

static term status(struct making *m)
{
	unsigned flags = m->p->flags;
	return atom(m, flags & PROCESS_EXITING ? "exiting" : flags & PROCESS_SUSPENDED ? "suspended"
		: flags & PROCESS_WAITING_GC ? "garbage_collecting"
		: flags & (PROCESS_WAITING | PROCESS_HIBERNATED) ? "waiting" : "running");
}

static term priority(struct making *m)
{
	static const char *const names[] = { [PRIORITY_MAX] = "max", [PRIORITY_HIGH] = "high", [PRIORITY_NORMAL] = "normal",
		[PRIORITY_LOW] = "low" };
	return atom(m, names[m->p->priority]);
}

static term trap_exit(struct making *m) { return truth(m->p->flags & PROCESS_TRAP_EXIT); }
static term message_queue_data(struct making *m)
{
	return m->p->flags & PROCESS_OFF_HEAP_QUEUE ? ATOM(off_heap) : ATOM(on_heap);
}

/* ---- Relations --------------------------------------------------------------------------------------------------- */

/* One element of a map of relations; TERM_NONE: none. */
typedef term (*relation_fn)(struct making *m, const struct map64_entry *e);

static term each_relation(struct making *m, const struct map64 *map, relation_fn element)
{
	struct list list = EMPTY_LIST;
	const struct map64_entry *e;
	for (uint32_t at = 0; (e = map64_next(map, &at));) {
		term t = element(m, e);
		if (!term_is_none(t) && !append(m, &list, t))
			break;
	}
	return list.first;
}

static term link_pid(struct making *m, const struct map64_entry *e) { (void) m; return (term) { e->key }; }
static term watcher_pid(struct making *m, const struct map64_entry *e) { (void) m; return (term) { e->value }; }
static term monitored(struct making *m, const struct map64_entry *e)
{
	uint64_t name;
	term item = { e->value };
	if (map64_get(&m->p->relations->names, e->key, &name))
		item = build_tuple2(&m->b, (term) { name }, ATOM(nonode));
	return build_tuple2(&m->b, ATOM(process), item);
}
static term suspended(struct making *m, const struct map64_entry *e)
{
	if (!slot_of(m->p->world->slots, (term) { e->key }))
		return TERM_NONE;
	return build_tuple3(&m->b, (term) { e->key }, number(m, e->value), term_from_small(0));
}

static const struct map64 nothing;
#define RELATIONS(name, element) static term name(struct making *m) \
	{ return each_relation(m, m->p->relations ? &m->p->relations->name : &nothing, element); }
RELATIONS(links, link_pid)
RELATIONS(monitors, monitored)
RELATIONS(monitored_by, watcher_pid)
RELATIONS(suspending, suspended)

/* ---- What it holds ----------------------------------------------------------------------------------------------- */

static term messages(struct making *m)
{
	struct list list = EMPTY_LIST;
	for (const struct message *at = m->p->first; at; at = (const struct message *) at->signal.next)
		if (!append(m, &list, at->value))
			break;
	return list.first;
}

static term dictionary(struct making *m)
{
	struct list list = EMPTY_LIST;
	const struct dictionary *d = m->p->heap.b.body ? m->p->heap.b.body->dictionary : NULL;
	struct dictionary_walk walk = DICTIONARY_WALK;
	for (term t; !term_is_none(t = dictionary_next(d, &walk));)
		if (!append(m, &list, t))
			break;
	return list.first;
}

/* {Identity, Bytes, Holders}; OTP's identity is an address. Append buffers are not listed, as on OTP 25. */
static bool list_binaries(struct making *m, struct list *list, const struct off_heap *held)
{
	for (const term *handle = held->first; handle; handle = (const term *) handle[REFC_NEXT].word) {
		const struct refc *payload = (const struct refc *) handle[REFC_PAYLOAD].word;
		if (handle[REFC_FLAGS].word)
			continue;
		uint64_t holders = atomic_load_explicit(&payload->references, memory_order_relaxed);
		term one = build_tuple3(&m->b, number(m, payload->serial), number(m, payload->bytes), number(m, holders));
		if (!append(m, list, one))
			return false;
	}
	return true;
}
static term binary(struct making *m)
{
	struct list list = EMPTY_LIST;
	const struct heap_body *body = m->p->heap.b.body;
	if (body && list_binaries(m, &list, &body->young))
		list_binaries(m, &list, &body->old);
	return list.first;
}

/* ---- Figures ----------------------------------------------------------------------------------------------------- */

static struct process_info figures(const struct making *m)
{
	struct process_info i;
	process_info(m->p, &i);
	return i;
}

static term memory(struct making *m) { return number(m, figures(m).memory); }
static term message_queue_len(struct making *m) { return number(m, figures(m).queue_length); }
static term total_heap_size(struct making *m) { return number(m, figures(m).total_heap_words); }
static term heap_size(struct making *m) { return number(m, figures(m).heap_words); }
static term stack_size(struct making *m) { return number(m, figures(m).stack_words); }
static term reductions(struct making *m) { return number(m, figures(m).reductions); }
static term min_heap_size(struct making *m) { return number(m, figures(m).options.min_heap_words); }
static term min_bin_vheap_size(struct making *m) { return number(m, figures(m).options.min_vheap_words); }
static term fullsweep_after(struct making *m) { return number(m, figures(m).options.fullsweep_after); }

static term max_heap_size(struct making *m)
{
	struct heap_options o = figures(m).options;
	term pairs[] = { atom(m, "error_logger"), truth(o.max_heap_flags & MAX_HEAP_LOG), ATOM(kill),
		truth(o.max_heap_flags & MAX_HEAP_KILL), atom(m, "size"), number(m, o.max_heap_words) };
	return map_from_pairs(m->p->world->atoms, &m->b.top, pairs, ARRAY_COUNT(pairs) / 2);
}

/* [{Name, Value} ...]: fixed lists of figures. */
static term pairs_of(struct making *m, const char *const *names, const term *values, size_t n)
{
	term list = TERM_NIL;
	while (n-- > 0)
		list = build_cons(&m->b, build_tuple2(&m->b, atom(m, names[n]), values[n]), list);
	return list;
}

static term garbage_collection(struct making *m)
{
	static const char *const names[] = { "max_heap_size", "min_bin_vheap_size", "min_heap_size", "fullsweep_after",
		"minor_gcs" };
	term values[] = { max_heap_size(m), min_bin_vheap_size(m), min_heap_size(m), fullsweep_after(m),
		number(m, figures(m).minor_gcs) };
	return pairs_of(m, names, values, ARRAY_COUNT(names));
}

static term garbage_collection_info(struct making *m)
{
	/* The place of each in process_info.gc. */
	static const char *const names[] = { "old_heap_block_size", "heap_block_size", "mbuf_size", "recent_size", "stack_size",
		"old_heap_size", "heap_size", "bin_vheap_size", "bin_vheap_block_size", "bin_old_vheap_size",
		"bin_old_vheap_block_size" };
	static const uint8_t places[] = { 3, 0, 6, 2, 5, 4, 1, 7, 8, 9, 10 };
	struct process_info i = figures(m);
	term values[ARRAY_COUNT(places)];
	for (size_t n = 0; n < ARRAY_COUNT(places); n++)
		values[n] = number(m, i.gc[places[n]]);
	return pairs_of(m, names, values, ARRAY_COUNT(names));
}

/* ---- The table --------------------------------------------------------------------------------------------------- */

static const struct item { const char *name, *unit; term (*value)(struct making *m); } items[] = {
	{ "registered_name", "", registered_name }, { "current_function", "", current_function },
	{ "initial_call", "", initial_call }, { "status", "", status }, { "message_queue_len", "messages", message_queue_len },
	{ "links", "", links }, { "dictionary", "", dictionary }, { "trap_exit", "", trap_exit }, { "priority", "", priority },
	{ "total_heap_size", "words", total_heap_size }, { "heap_size", "words", heap_size },
	{ "stack_size", "words", stack_size }, { "reductions", "reductions", reductions },
	{ "garbage_collection", "words, collections", garbage_collection }, { "suspending", "", suspending },
	/* What process_info/1 leaves out. */
	{ "memory", "bytes", memory }, { "messages", "", messages }, { "binary", "bytes", binary },
	{ "monitors", "", monitors }, { "monitored_by", "", monitored_by }, { "current_stacktrace", "", current_stacktrace },
	{ "parent", "", parent },
	{ "message_queue_data", "", message_queue_data }, { "min_heap_size", "words", min_heap_size },
	{ "min_bin_vheap_size", "words", min_bin_vheap_size }, { "max_heap_size", "words", max_heap_size },
	{ "fullsweep_after", "collections", fullsweep_after },
	{ "garbage_collection_info", "words", garbage_collection_info },
};

const char *process_info_name(unsigned i, const char **unit)
{
	if (unit)
		*unit = i < ARRAY_COUNT(items) ? items[i].unit : "";
	return i < ARRAY_COUNT(items) ? items[i].name : NULL;
}

size_t process_info_words(unsigned most) { return FIXED_WORDS + (size_t) most * ELEMENT_WORDS; }

term process_info_item(struct process *p, const char *name, unsigned most, term *room)
{
	for (const struct item *i = items; i < items + ARRAY_COUNT(items); i++)
		if (strcmp(i->name, name) == 0) {
			struct making m = { p, { room, room + process_info_words(most), NULL }, most ? most : 1 };
			term value = i->value(&m);
			return build_tuple2(&m.b, atom(&m, name), value);
		}
	return TERM_NONE;
}

/* ---- Asking another ---------------------------------------------------------------------------------------------- */

struct asking { struct world *world; uint64_t asker, asked; const char *item; unsigned most; };

static void free_asking(struct mem_lane *lane, struct asking *a) { mem_give(lane, MEM_MESSAGE, a, sizeof *a); }

#define ANSWER_WORDS 4u
static term answer_of(const struct asking *a, struct builder *b, term pair)
{
	term tag = atom_find(a->world->atoms, "process_info", strlen("process_info"));
	return build_tuple3(b, tag, (term) { a->asked }, pair);
}

/* Between two steps of the asked; p NULL: it is dead. */
static void answer(struct process *p, void *context)
{
	struct asking *a = context;
	struct world *w = a->world;
	term box[ANSWER_WORDS];
	struct builder b = { box, box + ANSWER_WORDS, NULL };
	if (!p) {
		if (!atomic_load_explicit(&w->schedulers->stopping, memory_order_relaxed))
			world_send(w, (term) { a->asker }, answer_of(a, &b, ATOM(undefined)));
		free_asking(mem_lane_at(w->mem, w->scheduler_count), a);
		return;
	}
	struct scheduler *s = p->scheduler;
	size_t bytes = process_info_words(a->most) * WORD_BYTES;
	term *room = mem_alloc(s->lane, MEM_OBSERVER, bytes, MEM_SMALL);
	term pair = room ? process_info_item(p, a->item, a->most, room) : ATOM(system_limit);
	struct message *m = message_copy(s, answer_of(a, &b, pair));
	mem_give(s->lane, MEM_OBSERVER, room, bytes);
	if (m)
		message_deliver(s, (term) { a->asker }, m);
	free_asking(s->lane, a);
}

bool process_ask_info(struct process *p, term pid, const char *item, unsigned most)
{
	const struct item *i = items;
	while (i < items + ARRAY_COUNT(items) && strcmp(i->name, item) != 0)
		i++;
	if (i == items + ARRAY_COUNT(items) || !term_is_pid(pid))
		return false;
	process_atom(p, "process_info");
	struct asking *a = mem_need(p->scheduler->lane, MEM_MESSAGE, sizeof *a);
	*a = (struct asking) { p->world, p->pid, pid.word, i->name, most };
	if (request_ask(p->scheduler, pid, answer, a))
		return true;
	/* A message to oneself is not copied: it is built on the heap, which may end the process. */
	struct asking of_the_dead = *a;
	free_asking(p->scheduler->lane, a);
	struct builder *b = RESERVE(p, ANSWER_WORDS);
	process_send(p, process_self(p), answer_of(&of_the_dead, b, ATOM(undefined)));
	return true;
}
