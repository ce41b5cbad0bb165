/*
 * life - spawn, exit, signals, links and monitors, what is published. See life.h for the order of an exit.
 *
 * Links and monitors are changed by their owner only, through signals: there is nothing to lock.
 */
#include "runtime/process/life.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/memory/copy.h"
#include "runtime/process/dictionary.h"
#include "runtime/process/mailbox.h"

/* ---- Publishing ------------------------------------------------------------------------------------------ */

static uint64_t relation_bytes(const struct process *p)
{
	const struct relations *r = p->relations;
	return r ? r->links.count * LINK_CHARGED_BYTES + (uint64_t) (r->monitors.count + r->monitored_by.count) * MONITOR_CHARGED_BYTES : 0;
}

uint64_t process_own_bytes(const struct process *p)
{
	if (!p->heap.b.body && !p->relations)
		return PROCESS_CHARGED_BYTES + HEAP_DEFAULT_MIN * WORD_BYTES;
	struct heap_figures f = heap_figures(&p->heap);
	const struct dictionary *d = p->heap.b.body ? p->heap.b.body->dictionary : NULL;
	return PROCESS_CHARGED_BYTES + (f.block + f.old_block + f.fragment) * WORD_BYTES + relation_bytes(p) + dictionary_charged_bytes(d);
}

#define PUT(field, value) atomic_store_explicit(&(field), (value), memory_order_release)

/* What changes with every step. */
static void publish_use(struct process *p, struct slot_memory *m)
{
	PUT(m->used, (uint32_t) (p->heap.b.top - p->heap.start));
	PUT(m->stack, (uint32_t) (p->heap.end - p->heap.stop));
}

/* What changes with blocks, fragments, binaries: body->changed says so. */
static void publish_memory(struct process *p, struct slot_memory *m)
{
	const struct heap_body *body = p->heap.b.body;
	struct heap_figures f = heap_figures(&p->heap);
	PUT(m->block, (uint32_t) f.block);
	PUT(m->used, (uint32_t) f.used);
	PUT(m->high, (uint32_t) f.high);
	PUT(m->stack, (uint32_t) f.stack);
	PUT(m->old_block, (uint32_t) f.old_block);
	PUT(m->old_used, (uint32_t) f.old_used);
	PUT(m->fragment, (uint32_t) f.fragment);
	PUT(m->minor_gcs, body->minor_gcs);
	PUT(m->minor_total, (uint32_t) body->minor_total);
	PUT(m->major_total, (uint32_t) body->major_total);
	PUT(m->binary_refs, (uint32_t) (body->young.handles + body->old.handles));
	PUT(m->gc_us, body->gc_ns / 1000);
	PUT(m->vheap, body->young.words);
	PUT(m->vheap_limit, body->young.limit);
	PUT(m->binary_bytes, body->shared_handles || body->writable_binaries ? body->binary_bytes : body->young.bytes + body->old.bytes);
	PUT(m->binary_share, body->shared_handles ? body->binary_share : body->young.bytes + body->old.bytes);
}

static void publish_relations(struct process *p, struct slot_memory *m)
{
	PUT(m->links, p->relations->links.count);
	PUT(m->monitors, p->relations->monitors.count + p->relations->monitored_by.count);
}

/* The slow half: only when something else than reductions, use and state changed. */
static NOINLINE void publish_all(struct process *p)
{
	struct slot_memory *m = slot_memory_at(p->world->slots, p->slot->index);
	p->changed = false;
	PUT(p->slot->memory, process_own_bytes(p));
	if (p->heap.b.body) {
		p->heap.b.body->changed = false;
		publish_memory(p, m);
	}
	if (p->relations)
		publish_relations(p, m);
}

void process_publish(struct process *p, enum slot_status status)
{
	struct slot *slot = p->slot;
	const struct heap *h = &p->heap;
	if (UNLIKELY(p->changed || (h->b.body && h->b.body->changed)))
		publish_all(p);
	else if (h->start)
		publish_use(p, slot_memory_at(p->world->slots, slot->index));
	bool has_figures = h->b.body || p->relations;
	PUT(slot->current, process_step(p)->name);
	PUT(slot->state, SLOT_STATE(status, p->priority, has_figures, h->start ? 0 : h->end - h->stop, h->unmade, p->flags));
}

/* ---- Birth ------------------------------------------------------------------------------------------------- */

static void init_record(struct process *p, struct scheduler *s, struct slot *slot, const struct step *step, const struct spawn_options *o)
{
	memset(p, 0, sizeof *p);
	p->world = s->world;
	p->scheduler = s;
	p->slot = slot;
	p->changed = true;
	p->last = &p->first;
	p->save = &p->first;
	p->priority = o->priority;
	p->flags = (uint16_t) ((o->off_heap_queue ? PROCESS_OFF_HEAP_QUEUE : 0) | (o->trap_exit ? PROCESS_TRAP_EXIT : 0)
		| (o->is_supervisor ? PROCESS_SUPERVISOR : 0) | (o->is_system ? PROCESS_SYSTEM : 0) | (o->asks_room ? PROCESS_ASKS_ROOM : 0));
	heap_init(&p->heap, s->world, s->lane, &o->heap);
	p->heap.end = p->small + SMALL_WORDS;
	p->heap.stop = p->heap.end - 1;
	p->heap.stop->word = (uintptr_t) step;
}

static void init_slot(struct slot *slot, struct process *p, struct process *parent, const struct spawn_options *o)
{
	uint32_t application = o->application;
	uint64_t supervisor = o->supervisor.word;
	if (parent && !application)
		application = atomic_load_explicit(&parent->slot->application, memory_order_relaxed);
	if (parent && !supervisor)
		supervisor = parent->flags & PROCESS_SUPERVISOR ? parent->pid : atomic_load_explicit(&parent->slot->supervisor, memory_order_relaxed);
	slot->process = p;
	PUT(slot->arrived, 0);
	PUT(slot->woken, 0);
	PUT(slot->taken, 0);
	PUT(slot->parent, parent ? parent->pid : 0);
	PUT(slot->started_us, scheduler_time_us(p->scheduler));
	PUT(slot->initial, process_bottom_step(p)->name);
	PUT(slot->supervisor, supervisor);
	PUT(slot->name, 0);
	PUT(slot->application, application);
	/* The producers of an application ask before they make something, so what its processes grow by was asked for. */
	if (application)
		p->flags |= PROCESS_ASKS_ROOM;
	PUT(slot->child_id, o->child_id);
	PUT(slot->reductions, 0);
	PUT(slot->state, 0);
	PUT(slot->inbox, (struct signal *) INBOX_ACTIVE);
}

/* Arguments are copied into a list of their own, as on the BEAM: 2 words each and their size, in a block that fits them + 4. */
static bool copy_arguments(struct process *p, struct scheduler *s, unsigned n, const term *args, bool asks_room)
{
	size_t words = 2 * n;
	const struct literals *literals = s->world->literals;
	for (unsigned i = 0; i < n; i++)
		words += term_flat_words(literals, args[i]);
	if (!heap_block_need(&p->heap, s->world, s->lane, words, asks_room))
		return false;
	struct heap_body *body = p->heap.b.body;
	struct builder *b = &p->heap.b;
	term list = TERM_NIL;
	for (unsigned i = n; i-- > 0;) {
		term *handles = NULL;
		uint64_t handle_words = 0;
		body->x[i] = term_copy(literals, args[i], &b->top, &handles, &handle_words);
		for (term *handle = handles, *next; handle; handle = next) {
			next = (term *) handle[REFC_NEXT].word;
			off_heap_link(b, handle);
		}
		list = build_cons(b, body->x[i], list);
	}
	p->x_count = (uint8_t) n;
	return true;
}

/* Immediates need no block: they arrive in the record's registers, and the list that they would lie in is only counted. */
static bool take_small_arguments(struct process *p, unsigned n, const term *args)
{
	if (n >= SMALL_WORDS)
		return false;
	for (unsigned i = 0; i < n; i++)
		if (!term_is_immediate(args[i]))
			return false;
	for (unsigned i = 0; i < n; i++)
		p->small[i] = args[i];
	p->x_count = (uint8_t) n;
	p->heap.unmade = 2 * n;
	return true;
}

static struct process *make(struct scheduler *s, struct process *parent, const struct step *step, unsigned n, const term *args,
	const struct spawn_options *o)
{
	bool asks_room = parent && parent->flags & PROCESS_ASKS_ROOM;
	struct process *p = mem_lane_alloc(s->lane, MEM_RECORD, sizeof *p, mem_urgency_for(sizeof *p, asks_room));
	struct slot *slot = p ? slot_take(s->world->slots, s->id) : NULL;
	if (!slot) {
		mem_give(s->lane, MEM_RECORD, p, sizeof *p);
		return NULL;
	}
	init_record(p, s, slot, step, o);
	if (!take_small_arguments(p, n, args) && !copy_arguments(p, s, n, args, asks_room)) {
		heap_release(&p->heap, s->lane);
		mem_give(s->lane, MEM_RECORD, p, sizeof *p);
		slot_retire(s->world->slots, s->id, slot);
		return NULL;
	}
	init_slot(slot, p, parent, o);
	mem_lane_charge(s->lane, CHARGE_PROCESSES, PROCESS_CHARGED_BYTES + (int64_t) o->heap.min_heap_words * (int64_t) WORD_BYTES);
	uint64_t number = atomic_fetch_add_explicit(&s->world->next_pid, 1, memory_order_relaxed) + 1;
	p->pid = term_from_pid(number, slot->index).word;
	return p;
}

static bool register_name(struct process *p, term name);
static size_t exit_signal_bytes(size_t words);

#define MANY_RELATIONS 1024u

/* Room for one more link or monitor, and for telling all of them of the end. */
static bool has_room_for_relation(struct process *p, struct map64 *map)
{
	uint64_t telling = (uint64_t) map->count * exit_signal_bytes(0);
	bool may_tell = map->count % MANY_RELATIONS || map->count == 0 || mem_has_room(p->world->mem, telling);
	return may_tell && map64_make_room(map, p->scheduler->lane, MEM_LINK);
}

static bool may_watch(struct process *parent, const struct spawn_options *o)
{
	return !parent || ((!o->link || has_room_for_relation(parent, &relations_need(parent)->links))
		&& (!o->monitor || has_room_for_relation(parent, &relations_need(parent)->monitors)));
}

static void watch_from_birth(struct process *parent, struct process *p, const struct spawn_options *o)
{
	struct mem_lane *lane = p->scheduler->lane;
	if (!parent)
		return;
	if (o->link) {
		map64_put(&relations_need(p)->links, lane, MEM_LINK, parent->pid, 1);
		map64_put(&relations_need(parent)->links, lane, MEM_LINK, p->pid, 1);
		mem_charge(lane, CHARGE_PROCESSES, 2 * LINK_CHARGED_BYTES);
	}
	if (o->monitor) {
		uint64_t reference = atomic_fetch_add_explicit(&p->world->next_reference, 1, memory_order_relaxed) + 1;
		map64_put(&relations_need(p)->monitored_by, lane, MEM_LINK, reference, parent->pid);
		map64_put(&relations_need(parent)->monitors, lane, MEM_LINK, reference, p->pid);
		mem_charge(lane, CHARGE_PROCESSES, 2 * MONITOR_CHARGED_BYTES);
		if (o->monitor_reference)
			*o->monitor_reference = term_from_small((intptr_t) reference);
	}
}

static term spawn_by(struct scheduler *s, struct process *parent, const struct step *step, unsigned n, const term *args,
	const struct spawn_options *options)
{
	struct spawn_options rounded = *options;
	const struct spawn_options *o = &rounded;
	heap_options_round(&rounded.heap);
	struct process *p = may_watch(parent, o) ? make(s, parent, step, n, args, o) : NULL;
	if (!p)
		return TERM_NONE;
	watch_from_birth(parent, p, o);
	process_publish(p, SLOT_RUNNABLE);
	atomic_store_explicit(&p->slot->pid, p->pid, memory_order_release);
	if (o->name)
		register_name(p, term_from_atom(o->name));
	uint64_t args_recorded[] = { parent ? term_pid_number(process_self(parent)) : 0, 0 };
	scheduler_record_at(s, scheduler_time_us(s), RECORD_SPAWN, term_pid_number(process_self(p)), args_recorded, 2);
	term pid = process_self(p);
	scheduler_wake(s, p);
	return pid;
}

term process_spawn(struct process *parent, const struct step *step, unsigned n, const term *args, const struct spawn_options *options)
{
	term pid = spawn_by(parent->scheduler, parent, step, n, args, options);
	process_charge(parent, 1);
	if (term_is_none(pid))
		process_system_limit(parent, ATOM_process);
	return pid;
}

term world_spawn(struct world *w, const struct step *step, unsigned n, const term *args, const struct spawn_options *options)
{
	struct scheduler *s = scheduler_enter_outside(w);
	term pid = spawn_by(s, NULL, step, n, args, options);
	scheduler_leave_outside(s);
	return pid;
}

struct relations *relations_need(struct process *p)
{
	p->changed = true;
	if (!p->relations) {
		p->relations = mem_need(p->scheduler->lane, MEM_LINK, sizeof *p->relations);
		memset(p->relations, 0, sizeof *p->relations);
	}
	return p->relations;
}

/* ---- Names --------------------------------------------------------------------------------------------------- */

static bool register_name(struct process *p, term name)
{
	uint64_t nobody = 0;
	if (atomic_load_explicit(&p->slot->name, memory_order_relaxed))
		return false;
	if (!atomic_compare_exchange_strong_explicit(atom_registered(p->world->atoms, name), &nobody, p->pid, memory_order_acq_rel, memory_order_acquire))
		return false;
	PUT(p->slot->name, term_to_atom(name));
	return true;
}

bool process_register(struct process *p, term name)
{
	process_charge(p, 1);
	return term_is_atom(name) && register_name(p, name);
}

static void release_name(struct process *p)
{
	uint32_t name = atomic_load_explicit(&p->slot->name, memory_order_relaxed);
	uint64_t self = p->pid;
	if (name)
		atomic_compare_exchange_strong_explicit(atom_registered(p->world->atoms, term_from_atom(name)), &self, 0, memory_order_acq_rel, memory_order_relaxed);
}

bool process_unregister(struct process *p, term name)
{
	process_charge(p, 1);
	if (!term_is_atom(name) || atomic_load_explicit(&p->slot->name, memory_order_relaxed) != term_to_atom(name))
		return false;
	release_name(p);
	PUT(p->slot->name, 0);
	return true;
}

term world_whereis(struct world *w, term name)
{
	return (term) { atomic_load_explicit(atom_registered(w->atoms, name), memory_order_acquire) };
}

bool world_is_alive(struct world *w, term pid) { return term_is_pid(pid) && slot_of(w->slots, pid) != NULL; }

/* ---- Exit ------------------------------------------------------------------------------------------------------ */

void signal_free(struct mem_lane *lane, struct signal *s) { mem_give(lane, MEM_MESSAGE, s, s->bytes); }

/* From the last of the reserve; NULL: there is nothing. An injected failure strikes once, so the second try tells. */
static void *last_memory(struct mem_lane *lane, size_t bytes)
{
	void *block = mem_alloc(lane, MEM_MESSAGE, bytes, MEM_LAST);
	return block ? block : mem_alloc(lane, MEM_MESSAGE, bytes, MEM_LAST);
}

struct plain_signal *plain_signal_new(struct scheduler *s, enum signal_kind kind, uint64_t from, uint64_t reference)
{
	struct plain_signal *signal = mem_need(s->lane, MEM_MESSAGE, sizeof *signal);
	*signal = (struct plain_signal) { .signal = { .kind = kind, .bytes = sizeof *signal }, .from = from, .reference = reference };
	return signal;
}

/*
 * The reason with room in front for the tuple it may become: {'EXIT', Pid, Reason} 4 words, {'DOWN', Ref, process, Pid, Reason} 6 + 4, and
 * 3 for {Name, Node} in the place of Pid.
 */
#define EXIT_TUPLE_WORDS (6u + REFERENCE_WORDS + 3u)
#define SMALL_REASON_WORDS 512u         /* such a reason may use the reserve */

static size_t exit_signal_bytes(size_t words) { return sizeof(struct exit_signal) + (EXIT_TUPLE_WORDS + words) * WORD_BYTES; }

/*
 * An exit is told as long as there is any memory at all; NULL: there is none. Its reason is told too, unless it is large and memory
 * is short: then that is the reason.
 */
static struct exit_signal *exit_signal_new(struct scheduler *s, enum signal_kind kind, uint64_t from, term reason)
{
	const struct literals *literals = s->world->literals;
	size_t words = term_flat_words(literals, reason), bytes = exit_signal_bytes(words);
	struct exit_signal *e = words ? mem_alloc(s->lane, MEM_MESSAGE, bytes, words < SMALL_REASON_WORDS ? MEM_MUST : MEM_ASK) : NULL;
	if (!e) {
		reason = words ? ATOM(system_limit) : reason;
		words = 0;
		bytes = exit_signal_bytes(0);
		e = last_memory(s->lane, bytes);
	}
	if (!e)
		return NULL;
	memset(e, 0, sizeof *e);
	e->signal = (struct signal) { .bytes = (uint32_t) bytes, .kind = (uint8_t) kind };
	e->words = (uint32_t) words;
	e->from = from;
	term *top = (term *) (void *) (e + 1) + EXIT_TUPLE_WORDS;
	uint64_t handle_words = 0;
	e->reason = words ? term_copy(literals, reason, &top, &e->handles, &handle_words) : reason;
	return e;
}

static void exit_signal_free(struct scheduler *s, struct exit_signal *e)
{
	handles_drop(s->lane, e->handles);
	signal_free(s->lane, &e->signal);
}

/* The chain, so many words further on. */
static term *moved_handles(term *handles, ptrdiff_t distance)
{
	term *first = NULL, **link = &first;
	for (; handles; handles = (term *) handles[REFC_NEXT].word) {
		*link = handles + distance;
		link = (term **) &(*link)[REFC_NEXT].word;
	}
	return first;
}

/* Becomes an ordinary message: tuple and reason in one payload of exactly their words. */
static struct message *exit_to_message(struct process *p, struct exit_signal *e)
{
	bool is_down = e->signal.kind == SIGNAL_DOWN;
	bool by_name = is_down && term_is_atom(e->item);
	size_t words = is_down ? 6 + REFERENCE_WORDS + (by_name ? 3 : 0) : 4;
	struct builder b = { (term *) (void *) (e + 1) + EXIT_TUPLE_WORDS - words, NULL, NULL };
	struct message *m = message_new_from_reserve(p->scheduler, words + e->words);
	if (!m)
		return NULL;
	const term *from = b.top;
	term value;
	if (is_down) {
		term reference = build_reference(&b, e->reference);
		term item = by_name ? build_tuple2(&b, e->item, ATOM(nonode)) : e->item;
		value = build_tuple(&b, 5, (term[]) { ATOM(DOWN), reference, ATOM(process), item, e->reason });
	} else {
		value = build_tuple3(&b, ATOM(EXIT), (term) { e->from }, e->reason);
	}
	m->value = term_relocate(m->payload, from, message_words(m), value);
	message_set_handles(m, moved_handles(e->handles, m->payload - from));
	e->handles = NULL;
	return m;
}

static void deliver_as_message(struct process *p, struct exit_signal *e)
{
	struct message *m = exit_to_message(p, e);
	exit_signal_free(p->scheduler, e);
	if (!m)
		process_system_limit(p, ATOM_memory);
	message_count(p->slot, m);
	mailbox_append(p, m);
}

/* Keeps the reason alive on the process's own heap, then exits with it. */
static _Noreturn void exit_with(struct process *p, struct exit_signal *e, bool killed)
{
	term reason = e->reason;
	if (killed) {
		reason = ATOM(killed);
	} else if (e->words) {
		bool has_body = heap_body_try(&p->heap, p->world, p->scheduler->lane);
		struct fragment *f = has_body ? heap_fragment_new(&p->heap, e->words, p->flags & PROCESS_ASKS_ROOM) : NULL;
		const struct literals *literals = p->world->literals;
		term *handles = NULL;
		uint64_t words = 0;
		reason = f ? term_copy(literals, reason, &f->b.top, &handles, &words) : ATOM(system_limit);
		for (term *handle = handles, *next; handle; handle = next) {
			next = (term *) handle[REFC_NEXT].word;
			off_heap_link(&f->b, handle);
		}
	}
	exit_signal_free(p->scheduler, e);
	process_raise(p, reason);
}

void on_exit_signal(struct process *p, struct signal *s)
{
	struct exit_signal *e = (struct exit_signal *) s;
	if (term_is(e->reason, ATOM(kill)))
		exit_with(p, e, true);
	if (p->flags & PROCESS_TRAP_EXIT)
		deliver_as_message(p, e);
	else if (term_is(e->reason, ATOM(normal)) && e->from != p->pid)
		exit_signal_free(p->scheduler, e);
	else
		exit_with(p, e, false);
}

void on_link_exit(struct process *p, struct signal *s)
{
	p->changed = true;
	struct exit_signal *e = (struct exit_signal *) s;
	/* An unlink that was on its way when the other died: the link is gone, so is its exit. */
	if (!p->relations || !map64_remove(&p->relations->links, e->from, NULL)) {
		exit_signal_free(p->scheduler, e);
		return;
	}
	mem_charge(p->scheduler->lane, CHARGE_PROCESSES, -LINK_CHARGED_BYTES);
	if (p->flags & PROCESS_TRAP_EXIT)
		deliver_as_message(p, e);
	else if (term_is(e->reason, ATOM(normal)))
		exit_signal_free(p->scheduler, e);
	else
		exit_with(p, e, false);
}

void on_down(struct process *p, struct signal *s)
{
	p->changed = true;
	struct exit_signal *e = (struct exit_signal *) s;
	if (!p->relations || !map64_remove(&p->relations->monitors, e->reference, NULL)) {
		exit_signal_free(p->scheduler, e);
		return;
	}
	uint64_t name;
	if (map64_remove(&p->relations->names, e->reference, &name))
		e->item = (term) { name };
	mem_charge(p->scheduler->lane, CHARGE_PROCESSES, -MONITOR_CHARGED_BYTES);
	deliver_as_message(p, e);
}

/* False: nobody was told, for want of a receiver or of memory. */
static bool push_exit(struct scheduler *s, uint64_t to, struct exit_signal *e)
{
	struct slot *slot = slot_of(s->world->slots, (term) { to });
	if (!e)
		atomic_fetch_add_explicit(&s->world->dropped_sends, 1, memory_order_relaxed);
	else if (slot && signal_push(s, slot, &e->signal))
		return true;
	else
		exit_signal_free(s, e);
	return false;
}

/* So many slices the dying wait for memory; then nobody gives any, and who is left goes untold. */
#define PATIENT_TURNS 1000u

/*
 * Calls tell(entry) for each in order of keys, and empties the map. False: there is no memory to tell the next one, which those
 * who heard already may give back as they end; the same call goes on where this one stopped.
 */
static bool drain_map(struct process *p, struct map64 *map, int64_t charged, bool (*tell)(struct process *p, const struct map64_entry *e))
{
	struct mem_lane *lane = p->scheduler->lane;
	struct dying *d = &p->dying;
	for (uint32_t count = map64_sort(map); d->at < count; d->at++)
		if (tell(p, &map->entries[d->at]))
			d->turns = 0;
		else if (d->turns++ < PATIENT_TURNS)
			return false;
		else
			atomic_fetch_add_explicit(&p->world->dropped_sends, 1, memory_order_relaxed);
	mem_charge(lane, CHARGE_PROCESSES, -charged * (int64_t) d->at);
	map64_release(map, lane, MEM_LINK);
	d->at = 0;
	return true;
}

static bool is_there(const struct process *p, uint64_t pid) { return slot_of(p->world->slots, (term) { pid }) != NULL; }

static bool tell_link(struct process *p, const struct map64_entry *e)
{
	struct exit_signal *x = is_there(p, e->key) ? exit_signal_new(p->scheduler, SIGNAL_LINK_EXIT, p->pid, p->dying.reason) : NULL;
	if (x)
		push_exit(p->scheduler, e->key, x);
	return x || !is_there(p, e->key);
}

/* False: no memory. */
static bool send_down(struct process *p, uint64_t to, uint64_t reference, term item, term reason)
{
	struct exit_signal *down = exit_signal_new(p->scheduler, SIGNAL_DOWN, p->pid, reason);
	if (!down)
		return false;
	down->reference = reference;
	down->item = item;
	push_exit(p->scheduler, to, down);
	return true;
}

static bool tell_watcher(struct process *p, const struct map64_entry *e)
{
	return !is_there(p, e->value) || send_down(p, e->value, e->key, process_self(p), p->dying.reason);
}

static void push_plain(struct scheduler *s, struct slot *slot, struct plain_signal *signal)
{
	if (!slot || !signal_push(s, slot, &signal->signal))
		signal_free(s->lane, &signal->signal);
}

/* False: no memory. */
static bool tell_plainly(struct process *p, uint64_t to, struct plain_signal say)
{
	struct scheduler *s = p->scheduler;
	struct slot *slot = slot_of(s->world->slots, (term) { to });
	struct plain_signal *signal = slot ? last_memory(s->lane, sizeof *signal) : NULL;
	if (!signal)
		return !slot;
	*signal = say;
	signal->signal.bytes = sizeof *signal;
	push_plain(s, slot, signal);
	return true;
}

static bool stop_watching(struct process *p, const struct map64_entry *e)
{
	return tell_plainly(p, e->value, (struct plain_signal) { .signal = { .kind = SIGNAL_DEMONITOR }, .from = p->pid, .reference = e->key });
}

/* Who suspended others lets them go. */
static bool let_go(struct process *p, const struct map64_entry *e)
{
	return tell_plainly(p, e->key, (struct plain_signal) { .signal = { .kind = SIGNAL_RESUME }, .from = p->pid });
}

/* False: not all could be told yet. */
static bool release_relations(struct process *p)
{
	struct relations *r = p->relations;
	if (!r)
		return true;
	if (!drain_map(p, &r->links, LINK_CHARGED_BYTES, tell_link) || !drain_map(p, &r->monitored_by, MONITOR_CHARGED_BYTES, tell_watcher)
		|| !drain_map(p, &r->monitors, MONITOR_CHARGED_BYTES, stop_watching) || !drain_map(p, &r->suspending, 0, let_go))
		return false;
	map64_release(&r->names, p->scheduler->lane, MEM_LINK);
	return true;
}

static void forget_collections(struct process *p);

/* ---- The drain: signals accepted before the close are answered as by the dead -------------------------------- */

static void drop_message(struct process *p, struct signal *s)
{
	struct message *m = (struct message *) s;
	count_dropped(p, m);
	message_drop(p->scheduler, m);
}

static void drop_exit(struct process *p, struct signal *s) { exit_signal_free(p->scheduler, (struct exit_signal *) s); }
static void drop_plain(struct process *p, struct signal *s) { signal_free(p->scheduler->lane, s); }

static void link_to_dead(struct process *p, struct signal *s)
{
	uint64_t from = ((struct plain_signal *) s)->from;
	signal_free(p->scheduler->lane, s);
	push_exit(p->scheduler, from, exit_signal_new(p->scheduler, SIGNAL_LINK_EXIT, p->pid, ATOM(noproc)));
}

static void monitor_of_dead(struct process *p, struct signal *s)
{
	struct plain_signal m = *(struct plain_signal *) s;
	signal_free(p->scheduler->lane, s);
	send_down(p, m.from, m.reference, m.item, ATOM(noproc));
}

static void gc_of_dead(struct process *p, struct signal *s) { finish_gc(p->scheduler, NULL, (struct gc_signal *) s); }

static void ask_dead(struct process *p, struct signal *s)
{
	struct ask_signal ask = *(struct ask_signal *) s;
	signal_free(p->scheduler->lane, s);
	ask.answer(NULL, ask.context);
}

static void (*const drains[SIGNAL_KIND_COUNT])(struct process *p, struct signal *s) = {
	[SIGNAL_MESSAGE] = drop_message, [SIGNAL_EXIT] = drop_exit, [SIGNAL_LINK_EXIT] = drop_exit, [SIGNAL_DOWN] = drop_exit,
	[SIGNAL_LINK] = link_to_dead, [SIGNAL_UNLINK] = drop_plain, [SIGNAL_MONITOR] = monitor_of_dead, [SIGNAL_DEMONITOR] = drop_plain,
	[SIGNAL_TIMEOUT] = drop_plain, [SIGNAL_GC] = gc_of_dead, [SIGNAL_HIBERNATE] = drop_plain, [SIGNAL_SUSPEND] = drop_plain,
	[SIGNAL_RESUME] = drop_plain, [SIGNAL_ASK] = ask_dead,
};

static void drain_chain(struct process *p, struct signal *s)
{
	while (s) {
		struct signal *next = s->next;
		drains[s->kind](p, s);
		s = next;
	}
}

static struct signal *reversed(struct signal *s)
{
	struct signal *out = NULL;
	while (s) {
		struct signal *next = s->next;
		s->next = out;
		out = s;
		s = next;
	}
	return out;
}

static void free_queue(struct process *p)
{
	for (struct message *m = p->first, *next; m; m = next) {
		next = (struct message *) m->signal.next;
		message_drop(p->scheduler, m);
	}
}

static void free_record(struct process *p)
{
	struct mem_lane *lane = p->scheduler->lane;
	size_t least = heap_options(&p->heap)->min_heap_words;
	if (p->heap.b.body) {
		mem_charge(lane, CHARGE_PROCESSES, -(int64_t) dictionary_charged_bytes(p->heap.b.body->dictionary));
		dictionary_free(p->heap.b.body->dictionary, lane);
	}
	heap_release(&p->heap, lane);
	if (p->relations)
		mem_give(lane, MEM_LINK, p->relations, sizeof *p->relations);
	mem_lane_charge(lane, CHARGE_PROCESSES, -(int64_t) (PROCESS_CHARGED_BYTES + least * WORD_BYTES));
	mem_lane_give(lane, MEM_RECORD, p, sizeof *p);
}

/* The next tenant begins with no figures. Observers may be reading: word by word, not by memset. */
static void forget_figures(struct slots *slots, const struct slot *slot)
{
	_Atomic uint64_t *words = (_Atomic uint64_t *) (void *) slot_memory_at(slots, slot->index);
	if (slot_has_figures(atomic_load_explicit(&slot->state, memory_order_relaxed)))
		for (size_t i = 0; i < sizeof(struct slot_memory) / sizeof *words; i++)
			PUT(words[i], 0);
}

static bool is_quiet_reason(term reason)
{
	if (term_is_tuple(reason) && tuple_arity(reason) == 2)
		reason = tuple_at(reason, 0);
	return term_is(reason, ATOM(normal)) || term_is(reason, ATOM(shutdown));
}

static void record_exit(struct process *p)
{
	term reason = p->scheduler->exit_reason;
	if (!scheduler_records(p->scheduler, RECORD_EXIT) && !scheduler_records(p->scheduler, RECORD_CRASH))
		return;
	uint64_t args[] = { term_is_immediate(reason) ? reason.word : term_is_tuple(reason) ? tuple_at(reason, 0).word : 0, is_quiet_reason(reason),
		atomic_load_explicit(&p->slot->name, memory_order_relaxed), (uint64_t) (uintptr_t) atomic_load_explicit(&p->slot->initial, memory_order_relaxed),
		atomic_load_explicit(&p->slot->child_id, memory_order_relaxed), atomic_load_explicit(&p->slot->application, memory_order_relaxed) };
	scheduler_record_at(p->scheduler, scheduler_time_us(p->scheduler), args[1] ? RECORD_EXIT : RECORD_CRASH, term_pid_number(process_self(p)), args, 6);
}

void process_end(struct process *p)
{
	struct scheduler *s = p->scheduler;
	struct slot *slot = p->slot;
	p->flags |= PROCESS_EXITING;
	process_publish(p, SLOT_EXITING);
	process_set_timeout(p, UINT64_MAX);
	if (s->all->on_exit)
		s->all->on_exit(p);
	/* The hook may fail and come here again: what was fetched stays where it is until then. */
	p->dying = (struct dying) { .reason = s->exit_reason, .pending = s->pending };
	p->is_dying = true;
	s->pending = NULL;
	record_exit(p);
	release_name(p);
	atomic_store_explicit(&slot->pid, 0, memory_order_seq_cst);
	timers_of_process_exit(p);
	if (s->all->on_dead)
		s->all->on_dead(p);
	s->exit_reason = TERM_NONE;
	s->running = NULL;
	process_end_further(p);
}

void process_end_further(struct process *p)
{
	struct scheduler *s = p->scheduler;
	struct slot *slot = p->slot;
	if (!release_relations(p)) {
		scheduler_postpone(s, p);
		return;
	}
	forget_collections(p);
	scheduler_chaos(s);
	struct signal *chain = atomic_exchange_explicit(&slot->inbox, (struct signal *) INBOX_CLOSED, memory_order_acq_rel);
	drain_chain(p, p->dying.pending);
	drain_chain(p, reversed(chain));
	free_queue(p);
	process_charge(p, 1 + (uint32_t) (slot_queue(slot).messages / 100));
	free_record(p);
	forget_figures(s->world->slots, slot);
	slot_retire(s->world->slots, s->id, slot);
}

/* ---- Links, monitors, exits: the sending side ----------------------------------------------------------------- */

void process_exit_other(struct process *p, term to, term reason)
{
	struct scheduler *s = p->scheduler;
	process_charge(p, 1);
	struct slot *slot = term_is_pid(to) ? slot_of(s->world->slots, to) : NULL;
	if (slot)
		push_exit(s, to.word, exit_signal_new(s, SIGNAL_EXIT, p->pid, reason));
}

/* Has room for one more, else who would hold it ends. A signal that asked for it is answered by the drain. */
static void need_relation(struct process *p, struct map64 *map, struct signal *asked)
{
	if (LIKELY(has_room_for_relation(p, map)))
		return;
	if (asked) {
		asked->next = p->scheduler->pending;
		p->scheduler->pending = asked;
	}
	process_system_limit(p, ATOM_memory);
}

void process_link(struct process *p, term to)
{
	struct scheduler *s = p->scheduler;
	struct slot *slot = term_is_pid(to) ? slot_of(s->world->slots, to) : NULL;
	process_charge(p, 1);
	if (to.word == p->pid)
		return;
	need_relation(p, &relations_need(p)->links, NULL);
	if ( !map64_put(&relations_need(p)->links, s->lane, MEM_LINK, to.word, 1))
		return;
	mem_charge(s->lane, CHARGE_PROCESSES, LINK_CHARGED_BYTES);
	struct plain_signal *link = plain_signal_new(s, SIGNAL_LINK, p->pid, 0);
	if (slot && signal_push(s, slot, &link->signal))
		return;
	signal_free(s->lane, &link->signal);
	push_exit(s, p->pid, exit_signal_new(s, SIGNAL_LINK_EXIT, to.word, ATOM(noproc)));
}

void process_unlink(struct process *p, term to)
{
	process_charge(p, 1);
	p->changed = true;
	struct scheduler *s = p->scheduler;
	if (!p->relations || !map64_remove(&p->relations->links, to.word, NULL))
		return;
	mem_charge(s->lane, CHARGE_PROCESSES, -LINK_CHARGED_BYTES);
	push_plain(s, slot_of(s->world->slots, to), plain_signal_new(s, SIGNAL_UNLINK, p->pid, 0));
}

void on_link(struct process *p, struct signal *s)
{
	uint64_t from = ((struct plain_signal *) s)->from;
	need_relation(p, &relations_need(p)->links, s);
	signal_free(p->scheduler->lane, s);
	if (map64_put(&p->relations->links, p->scheduler->lane, MEM_LINK, from, 1))
		mem_charge(p->scheduler->lane, CHARGE_PROCESSES, LINK_CHARGED_BYTES);
}

void on_unlink(struct process *p, struct signal *s)
{
	p->changed = true;
	uint64_t from = ((struct plain_signal *) s)->from;
	signal_free(p->scheduler->lane, s);
	if (p->relations && map64_remove(&p->relations->links, from, NULL))
		mem_charge(p->scheduler->lane, CHARGE_PROCESSES, -LINK_CHARGED_BYTES);
}

uint64_t process_monitor(struct process *p, term to)
{
	struct scheduler *s = p->scheduler;
	process_charge(p, 1);
	uint64_t reference = atomic_fetch_add_explicit(&s->world->next_reference, 1, memory_order_relaxed) + 1;
	term pid = term_is_atom(to) ? world_whereis(s->world, to) : to;
	need_relation(p, &relations_need(p)->monitors, NULL);
	map64_put(&p->relations->monitors, s->lane, MEM_LINK, reference, pid.word);
	if (term_is_atom(to))
		map64_put(&p->relations->names, s->lane, MEM_LINK, reference, to.word);
	mem_charge(s->lane, CHARGE_PROCESSES, MONITOR_CHARGED_BYTES);
	struct slot *slot = term_is_pid(pid) ? slot_of(s->world->slots, pid) : NULL;
	struct plain_signal *m = plain_signal_new(s, SIGNAL_MONITOR, p->pid, reference);
	m->item = to;
	if (slot && signal_push(s, slot, &m->signal))
		return reference;
	signal_free(s->lane, &m->signal);
	send_down(p, p->pid, reference, to, ATOM(noproc));
	return reference;
}

static bool is_down_of(struct process *p, term t)
{
	return term_is_tuple(t) && tuple_arity(t) == 5 && term_is(tuple_at(t, 0), ATOM(DOWN)) && term_is_reference(tuple_at(t, 1))
		&& reference_number(tuple_at(t, 1)) == p->relations->flushing;
}

void process_demonitor(struct process *p, uint64_t reference, bool flush)
{
	process_charge(p, 1);
	p->changed = true;
	uint64_t to;
	struct scheduler *s = p->scheduler;
	if (!p->relations)
		return;
	if (map64_remove(&p->relations->monitors, reference, &to)) {
		map64_remove(&p->relations->names, reference, NULL);
		mem_charge(s->lane, CHARGE_PROCESSES, -MONITOR_CHARGED_BYTES);
		push_plain(s, to ? slot_of(s->world->slots, (term) { to }) : NULL, plain_signal_new(s, SIGNAL_DEMONITOR, p->pid, reference));
	} else if (flush) {
		p->relations->flushing = reference;
		process_flush(p, is_down_of);
	}
}

void on_monitor(struct process *p, struct signal *s)
{
	struct plain_signal m = *(struct plain_signal *) s;
	need_relation(p, &relations_need(p)->monitored_by, s);
	signal_free(p->scheduler->lane, s);
	map64_put(&p->relations->monitored_by, p->scheduler->lane, MEM_LINK, m.reference, m.from);
	mem_charge(p->scheduler->lane, CHARGE_PROCESSES, MONITOR_CHARGED_BYTES);
}

void on_demonitor(struct process *p, struct signal *s)
{
	p->changed = true;
	uint64_t reference = ((struct plain_signal *) s)->reference;
	signal_free(p->scheduler->lane, s);
	if (p->relations && map64_remove(&p->relations->monitored_by, reference, NULL))
		mem_charge(p->scheduler->lane, CHARGE_PROCESSES, -MONITOR_CHARGED_BYTES);
}

bool process_trap_exit(struct process *p, bool on)
{
	bool was = p->flags & PROCESS_TRAP_EXIT;
	p->flags = (uint16_t) (on ? p->flags | PROCESS_TRAP_EXIT : p->flags & ~PROCESS_TRAP_EXIT);
	return was;
}

/* ---- Requests from others ---------------------------------------------------------------------------------------- */

void on_timeout(struct process *p, struct signal *s)
{
	uint64_t number = ((struct plain_signal *) s)->reference;
	signal_free(p->scheduler->lane, s);
	if (p->relations && p->relations->timeout_number == number) {
		p->relations->timeout_number = 0;
		p->flags |= PROCESS_TIMED_OUT;
	}
}

static void add(_Atomic uint64_t *counter, uint64_t n) { atomic_fetch_add_explicit(counter, n, memory_order_relaxed); }

static uint64_t queue_bytes(const struct process *p)
{
	struct queue_length q = slot_queue(p->slot);
	return q.messages * MESSAGE_CHARGED_BYTES + q.words * WORD_BYTES;
}

static uint64_t held_bytes(const struct process *p)
{
	const struct heap_body *b = p->heap.b.body;
	return b ? b->shared_handles || b->writable_binaries ? b->binary_bytes : b->young.bytes + b->old.bytes : 0;
}

void finish_gc(struct scheduler *s, struct process *p, struct gc_signal *g)
{
	struct receipt *r = g->receipt;
	(void) p;
	signal_free(s->lane, &g->signal);
	if (r)
		atomic_fetch_sub_explicit(&r->outstanding, 1, memory_order_release);
}

static uint64_t collecting_us(const struct process *p) { return p->heap.b.body ? p->heap.b.body->gc_ns / 1000 : 0; }
static uint64_t reclaimed_words(const struct process *p) { return p->heap.b.body ? p->heap.b.body->reclaimed_words : 0; }

static void note_before(struct process *p, struct gc_signal *g)
{
	struct receipt *r = g->receipt;
	g->us_before = collecting_us(p);
	g->reclaimed_before = reclaimed_words(p);
	if (!r)
		return;
	add(&r->processes, 1);
	add(&r->own_before, process_own_bytes(p));
	add(&r->queue_before, queue_bytes(p));
	add(&r->binary_before, held_bytes(p));
}

static void answer_gc(struct process *p, struct gc_signal *g)
{
	struct receipt *r = g->receipt;
	if (r) {
		add(&r->own_after, process_own_bytes(p));
		add(&r->queue_after, queue_bytes(p));
		add(&r->binary_after, held_bytes(p));
		add(&r->us, collecting_us(p) - g->us_before);
		add(&r->dead_words, reclaimed_words(p) - g->reclaimed_before);
	}
	finish_gc(p->scheduler, p, g);
}

static struct gc_signal *take_collection(struct process *p)
{
	struct gc_signal *g = p->relations ? p->relations->collections : NULL;
	if (g)
		p->relations->collections = (struct gc_signal *) g->signal.next;
	return g;
}

void answer_collections(struct process *p)
{
	for (struct gc_signal *g; (g = take_collection(p));)
		answer_gc(p, g);
}

static void forget_collections(struct process *p)
{
	for (struct gc_signal *g; (g = take_collection(p));)
		finish_gc(p->scheduler, NULL, g);
}

static void leave_to_helper(struct process *p, struct gc_signal *g)
{
	struct relations *r = relations_need(p);
	g->signal.next = (struct signal *) r->collections;
	r->collections = g;
	p->heap.b.body->fullsweep |= g->full;
	process_delay_gc(p);
}

/* As on the BEAM it does nothing to a hibernated process, which is swept already. A long one is the helper's, whoever asks. */
void on_gc(struct process *p, struct signal *s)
{
	struct gc_signal *g = (struct gc_signal *) s;
	bool works = !(p->flags & PROCESS_HIBERNATED), full = g->full;
	note_before(p, g);
	if (works && p->heap.start && process_gc_is_long(p, 0)) {
		leave_to_helper(p, g);
		return;
	}
	/* It may end the process, for want of memory or at max_heap_size: then the request is answered with the others that wait. */
	g->signal.next = p->scheduler->pending;
	p->scheduler->pending = &g->signal;
	if (works)
		process_collect(p, full, 0, NULL, 0);
	p->scheduler->pending = g->signal.next;
	answer_gc(p, g);
}

void on_hibernate(struct process *p, struct signal *s)
{
	signal_free(p->scheduler->lane, s);
	if (p->flags & PROCESS_HIBERNATED)      /* its arguments are packed already */
		return;
	bool may = p->flags & PROCESS_WAITING && !p->first && process_step(p) == process_bottom_step(p);
	if (may && p->heap.start && process_gc_is_long(p, 0)) {
		p->flags |= PROCESS_HIBERNATE;
		process_delay_gc(p);
	} else if (may) {
		process_hibernate_now(p);
	}
}

/* From a process it counts, from outside it holds. */
void on_suspend(struct process *p, struct signal *s)
{
	uint64_t from = ((struct plain_signal *) s)->from;
	signal_free(p->scheduler->lane, s);
	struct relations *r = relations_need(p);
	if (from)
		r->suspended++;
	else
		r->held = true;
	p->flags |= PROCESS_SUSPENDED;
}

/* From outside: whoever suspended it. */
void on_resume(struct process *p, struct signal *s)
{
	uint64_t from = ((struct plain_signal *) s)->from;
	struct relations *r = p->relations;
	signal_free(p->scheduler->lane, s);
	if (r && !from) {
		r->held = false;
		r->suspended = 0;
	} else if (r && r->suspended > 0) {
		r->suspended--;
	}
	if (!r || (!r->held && r->suspended == 0))
		p->flags &= (uint16_t) ~PROCESS_SUSPENDED;
}

void on_ask(struct process *p, struct signal *s)
{
	struct ask_signal ask = *(struct ask_signal *) s;
	signal_free(p->scheduler->lane, s);
	ask.answer(p, ask.context);
}

static void push_to(struct process *p, struct slot *slot, enum signal_kind kind)
{
	push_plain(p->scheduler, slot, plain_signal_new(p->scheduler, kind, p->pid, 0));
}

/* Those that ended meanwhile are not counted any more. */
static void forget_dead_suspended(struct process *p)
{
	struct map64 *map = &p->relations->suspending;
	const struct map64_entry *e;
	for (uint32_t at = 0; (e = map64_next(map, &at));)
		if (!slot_of(p->world->slots, (term) { e->key })) {
			map64_remove(map, e->key, NULL);
			at = 0;
		}
}

bool process_suspend_other(struct process *p, term pid)
{
	struct slot *slot = term_is_pid(pid) && pid.word != p->pid ? slot_of(p->world->slots, pid) : NULL;
	uint64_t times = 0;
	if (!slot)
		return false;
	struct map64 *map = &relations_need(p)->suspending;
	if (!map64_get(map, pid.word, &times)) {
		forget_dead_suspended(p);
		need_relation(p, map, NULL);
	}
	map64_put(map, p->scheduler->lane, MEM_LINK, pid.word, times + 1);
	if (times == 0)
		push_to(p, slot, SIGNAL_SUSPEND);
	return true;
}

bool process_resume_other(struct process *p, term pid)
{
	struct slot *slot = term_is_pid(pid) ? slot_of(p->world->slots, pid) : NULL;
	uint64_t times;
	if (!slot || !p->relations || !map64_get(&p->relations->suspending, pid.word, &times))
		return false;
	if (times > 1) {
		map64_change(&p->relations->suspending, pid.word, times - 1);
	} else {
		map64_remove(&p->relations->suspending, pid.word, NULL);
		push_to(p, slot, SIGNAL_RESUME);
	}
	return true;
}

bool request_gc(struct scheduler *s, term pid, bool full, struct receipt *receipt)
{
	struct slot *slot = slot_of(s->world->slots, pid);
	struct gc_signal *g = mem_need(s->lane, MEM_MESSAGE, sizeof *g);
	*g = (struct gc_signal) { .signal = { .kind = SIGNAL_GC, .bytes = sizeof *g }, .full = full, .receipt = receipt };
	if (receipt)
		atomic_fetch_add_explicit(&receipt->outstanding, 1, memory_order_relaxed);
	if (slot && signal_push(s, slot, &g->signal))
		return true;
	finish_gc(s, NULL, g);
	return false;
}

void process_gc_other(struct process *p, term pid, bool full)
{
	if (term_is_pid(pid))
		request_gc(p->scheduler, pid, full, NULL);
}

bool request_plain(struct scheduler *s, term pid, enum signal_kind kind)
{
	struct slot *slot = slot_of(s->world->slots, pid);
	if (slot)
		push_plain(s, slot, plain_signal_new(s, kind, 0, 0));
	return slot != NULL;
}

bool request_exit(struct scheduler *s, term pid, term reason)
{
	return slot_of(s->world->slots, pid) && push_exit(s, pid.word, exit_signal_new(s, SIGNAL_EXIT, 0, reason));
}

bool request_ask(struct scheduler *s, term pid, void (*answer)(struct process *p, void *context), void *context)
{
	struct slot *slot = slot_of(s->world->slots, pid);
	struct ask_signal *ask = mem_need(s->lane, MEM_MESSAGE, sizeof *ask);
	*ask = (struct ask_signal) { { .kind = SIGNAL_ASK, .bytes = sizeof *ask }, answer, context };
	if (slot && signal_push(s, slot, &ask->signal))
		return true;
	signal_free(s->lane, &ask->signal);
	return false;
}

/* ---- Options at run time ------------------------------------------------------------------------------------------- */

void process_set_heap_options(struct process *p, const struct heap_options *options)
{
	p->changed = true;
	struct heap_body *body = heap_body_need(&p->heap, p->world, p->scheduler->lane);
	size_t before = body->options.min_heap_words;
	body->options = *options;
	heap_options_round(&body->options);
	/* While there is no block the smallest one is what is charged. */
	if (!p->heap.start)
		mem_charge(p->scheduler->lane, CHARGE_PROCESSES, ((int64_t) body->options.min_heap_words - (int64_t) before) * (int64_t) WORD_BYTES);
}

void process_set_priority(struct process *p, enum priority priority) { p->priority = (uint8_t) priority; }

/* What lies outside the block is counted as attached while the queue is on_heap, and not otherwise. */
static void recount_attached(struct process *p, bool on_heap)
{
	for (struct message *m = p->first; m; m = (struct message *) m->signal.next) {
		if (m->signal.place != MESSAGE_INSIDE || m->signal.counted == on_heap)
			continue;
		struct heap_body *body = heap_body_need(&p->heap, p->world, p->scheduler->lane);
		m->signal.counted = on_heap;
		body->attached_words += on_heap ? message_words(m) : -message_words(m);
	}
}

void process_set_queue_off_heap(struct process *p, bool off_heap)
{
	if (off_heap == ((p->flags & PROCESS_OFF_HEAP_QUEUE) != 0))
		return;
	p->flags = (uint16_t) (off_heap ? p->flags | PROCESS_OFF_HEAP_QUEUE : p->flags & ~PROCESS_OFF_HEAP_QUEUE);
	recount_attached(p, !off_heap);
}

void log_max_heap(struct process *p, const uint64_t would[GC_VECTOR])
{
	uint64_t args[] = { would[0] + would[3], MEM_HEAP, p->heap.b.body->options.max_heap_words };
	scheduler_record(p->scheduler, RECORD_CEILING, term_pid_number(process_self(p)), args, 3);
}

void count_dropped(struct process *p, const struct message *m)
{
	(void) m;
	atomic_fetch_add_explicit(&p->world->dropped_sends, 1, memory_order_relaxed);
}

/* ---- Taking a stopped world down --------------------------------------------------------------------------------- */

static void forget_signal(struct process *p, struct signal *s)
{
	if (s->kind == SIGNAL_MESSAGE)
		message_drop(p->scheduler, (struct message *) s);
	else if (s->kind == SIGNAL_EXIT || s->kind == SIGNAL_LINK_EXIT || s->kind == SIGNAL_DOWN)
		exit_signal_free(p->scheduler, (struct exit_signal *) s);
	else
		drains[s->kind](p, s);
}

static void forget_chain(struct process *p, struct signal *chain)
{
	while (chain && (uintptr_t) chain >= INBOX_SIGNAL) {
		struct signal *next = chain->next;
		forget_signal(p, chain);
		chain = next;
	}
}

static void forget(struct process *p, struct scheduler *s)
{
	p->scheduler = s;
	forget_collections(p);
	if (p->heap.b.body)
		p->heap.b.body->lane = s->lane;
	struct signal *chain = atomic_exchange_explicit(&p->slot->inbox, (struct signal *) INBOX_CLOSED, memory_order_acq_rel);
	atomic_store_explicit(&p->slot->pid, 0, memory_order_release);
	forget_chain(p, chain);
	forget_chain(p, p->is_dying ? p->dying.pending : NULL);
	free_queue(p);
	if (p->relations) {
		map64_release(&p->relations->links, s->lane, MEM_LINK);
		map64_release(&p->relations->monitors, s->lane, MEM_LINK);
		map64_release(&p->relations->monitored_by, s->lane, MEM_LINK);
		map64_release(&p->relations->suspending, s->lane, MEM_LINK);
		map64_release(&p->relations->names, s->lane, MEM_LINK);
	}
	free_record(p);
}

void processes_release_all(struct world *w)
{
	struct scheduler *s = scheduler_enter_outside(w);
	uint32_t high = atomic_load_explicit(&w->slots->high, memory_order_relaxed);
	for (uint32_t i = 1; i < high; i++) {
		struct slot *slot = slot_at(w->slots, i);
		/* The dying have no pid any more, but have not closed yet. */
		if (slot->process && atomic_load_explicit(&slot->inbox, memory_order_relaxed) != (struct signal *) INBOX_CLOSED)
			forget(slot->process, s);
	}
	scheduler_leave_outside(s);
}
