/* tables - slots and names, birth and death; what a process does with a table is table.c. */
#include "runtime/process/tables.h"

#include <string.h>

#include "runtime/memory/build.h"
#include "runtime/process/scheduler.h"

#define FREED_AT_ONCE 10000u            /* objects; a table with more is left to the reaper */
#define FREED_A_STEP 1000u

static uint64_t id_of(const struct table_slot *slot) { return atomic_load_explicit(&slot->id, memory_order_acquire); }

struct tables *tables_new(struct mem_lane *lane)
{
	struct tables *t = mem_need(lane, MEM_SYSTEM, sizeof *t);
	memset(t, 0, sizeof *t);
	t->may_own = table_lock_may_own();
	pthread_mutex_init(&t->lock, NULL);
	return t;
}

static void release_all(struct ets *ets, struct mem_lane *lane)
{
	uint64_t objects = UINT64_MAX;
	while (!ets_release_some(ets, lane, &objects))
		objects = UINT64_MAX;
}

void tables_free(struct tables *t, struct mem_lane *lane)
{
	for (uint32_t i = 0; i < t->high; i++) {
		struct table_slot *slot = tables_slot(t, i);
		if (id_of(slot)) {
			release_all(&slot->ets, lane);
			ets_objects_free(lane, slot->heir_data);
		}
	}
	for (struct dying_table *d = t->dying, *next; d; d = next) {
		next = d->next;
		release_all(&d->ets, lane);
		mem_give(lane, MEM_ETS, d, sizeof *d);
	}
	for (unsigned i = 0; i < ARRAY_COUNT(t->chunk); i++)
		mem_give(lane, MEM_SYSTEM, t->chunk[i], TABLE_CHUNK * sizeof **t->chunk);
	pthread_mutex_destroy(&t->lock);
	mem_give(lane, MEM_SYSTEM, t, sizeof *t);
}

/* ---- Names ---- */

static _Atomic uint32_t *chain_of(struct tables *t, uint32_t name) { return &t->chain[name * 2654435761u % TABLE_NAME_CHAINS]; }

static struct table_slot *find_in_chain(struct tables *t, uint32_t name, uint64_t *id)
{
	uint32_t at = atomic_load_explicit(chain_of(t, name), memory_order_acquire);
	while (at) {
		struct table_slot *slot = tables_slot(t, at - 1);
		*id = id_of(slot);
		if (*id && atomic_load_explicit(&slot->name, memory_order_acquire) == name
			&& atomic_load_explicit(&slot->named, memory_order_acquire) && id_of(slot) == *id)
			return slot;
		at = atomic_load_explicit(&slot->name_next, memory_order_acquire);
	}
	return NULL;
}

static struct table_slot *find_name(struct tables *t, uint32_t name, uint64_t *id)
{
	for (;;) {
		uint64_t before = atomic_load_explicit(&t->name_changes, memory_order_acquire);
		struct table_slot *slot = find_in_chain(t, name, id);
		if (slot || (before % 2 == 0 && atomic_load_explicit(&t->name_changes, memory_order_relaxed) == before))
			return slot;
	}
}

static struct table_slot *find_reference(struct tables *t, term reference, uint64_t *id)
{
	uint64_t place = term_box(reference)[2].word;           /* index + 1; other references have 0 */
	if (place == 0 || place > atomic_load_explicit(&t->high, memory_order_acquire))
		return NULL;
	struct table_slot *slot = tables_slot(t, (uint32_t) place - 1);
	*id = reference_number(reference);
	return id_of(slot) == *id ? slot : NULL;
}

struct table_slot *tables_find(struct tables *t, term table, uint64_t *id)
{
	if (term_is_atom(table))
		return find_name(t, term_to_atom(table), id);
	return term_is_reference(table) ? find_reference(t, table, id) : NULL;
}

/* The stores in between are releases and the loads of a search acquires: who saw one of them sees the count odd or changed. */
static void name_change_begins(struct tables *t) { atomic_fetch_add_explicit(&t->name_changes, 1, memory_order_acq_rel); }

static void name_change_ends(struct tables *t) { atomic_fetch_add_explicit(&t->name_changes, 1, memory_order_release); }

static void name_add(struct tables *t, struct table_slot *slot)
{
	_Atomic uint32_t *chain = chain_of(t, slot->name);
	name_change_begins(t);
	atomic_store_explicit(&slot->name_next, atomic_load_explicit(chain, memory_order_relaxed), memory_order_release);
	atomic_store_explicit(chain, slot->index + 1, memory_order_release);
	name_change_ends(t);
}

static void name_drop(struct tables *t, struct table_slot *slot)
{
	_Atomic uint32_t *at = chain_of(t, slot->name);
	name_change_begins(t);
	while (atomic_load_explicit(at, memory_order_relaxed) != slot->index + 1)
		at = &tables_slot(t, atomic_load_explicit(at, memory_order_relaxed) - 1)->name_next;
	atomic_store_explicit(at, atomic_load_explicit(&slot->name_next, memory_order_relaxed), memory_order_release);
	name_change_ends(t);
}

term table_slot_term(const struct table_slot *slot, uint64_t id, term *box)
{
	if (slot->named)
		return term_from_atom(slot->name);
	box[0] = term_header(BOX_REFERENCE, REFERENCE_WORDS - 1);
	box[1].word = id;
	box[2].word = slot->index + 1;
	return term_from_box(box);
}

/* ---- Birth ---- */

/* Under the lock. NULL: at the limit. */
static struct table_slot *place_get(struct tables *t, struct mem_lane *lane)
{
	if (t->free_first) {
		struct table_slot *slot = tables_slot(t, t->free_first - 1);
		t->free_first = slot->free_next;
		return slot;
	}
	uint32_t i = t->high;
	if (i == TABLE_LIMIT)
		return NULL;
	if (i % TABLE_CHUNK == 0) {
		struct table_slot *chunk = mem_need(lane, MEM_SYSTEM, TABLE_CHUNK * sizeof *chunk);
		memset(chunk, 0, TABLE_CHUNK * sizeof *chunk);
		atomic_store_explicit(&t->chunk[i / TABLE_CHUNK], chunk, memory_order_release);
	}
	struct table_slot *slot = tables_slot(t, i);
	slot->index = i;
	atomic_store_explicit(&t->high, i + 1, memory_order_release);
	return slot;
}

static void fill(struct table_slot *slot, const struct table_slot *like, struct ets *ets)
{
	slot->name = like->name;
	slot->application = like->application;
	slot->type = like->type;
	slot->key_position = ets->key_position;
	slot->access = like->access;
	slot->named = like->named;
	slot->read_concurrency = like->read_concurrency;
	slot->write_concurrency = like->write_concurrency;
	slot->owner = like->owner;
	slot->heir = like->heir;
	slot->heir_data = like->heir_data;
	slot->inserts = slot->deletes = slot->lookups = 0;
	ets_take(ets, &slot->ets);
}

struct table_slot *tables_enter(struct world *w, struct mem_lane *lane, uint32_t who, const struct table_slot *like,
	struct ets *ets, uint64_t id, bool *full)
{
	struct tables *t = w->tables;
	uint64_t other;
	*full = false;
	pthread_mutex_lock(&t->lock);
	struct table_slot *slot = NULL;
	if (!like->named || !find_in_chain(t, like->name, &other)) {
		slot = place_get(t, lane);
		*full = slot == NULL;
	}
	if (slot) {
		table_lock_enter(&slot->lock, who, true);
		if (t->may_own && who != TABLE_LOCK_GUEST)
			table_lock_own(&slot->lock, who);
		fill(slot, like, ets);
		atomic_store_explicit(&slot->id, id, memory_order_release);
		table_lock_leave(&slot->lock, true);
		if (slot->named)
			name_add(t, slot);
		atomic_fetch_add_explicit(&t->count, 1, memory_order_relaxed);
	}
	pthread_mutex_unlock(&t->lock);
	return slot;
}

/* ---- Death ---- */

/* NULL: none is left, and who asked is the reaper no more. */
static struct dying_table *dying_pop(struct tables *t)
{
	pthread_mutex_lock(&t->lock);
	struct dying_table *d = t->dying;
	if (d)
		t->dying = d->next;
	else
		t->reaper = 0;
	pthread_mutex_unlock(&t->lock);
	return d;
}

/* True: somebody looks after it. */
static bool dying_push(struct world *w, struct dying_table *d)
{
	struct tables *t = w->tables;
	pthread_mutex_lock(&t->lock);
	d->next = t->dying;
	t->dying = d;
	bool reaped = t->reaper && world_is_alive(w, (term) { t->reaper });
	pthread_mutex_unlock(&t->lock);
	return reaped;
}

static enum next reap(struct process *p)
{
	struct dying_table *d = dying_pop(p->world->tables);
	if (!d)
		return frame_return(p, ATOM(ok));
	uint64_t objects = FREED_A_STEP;
	if (ets_release_some(&d->ets, p->scheduler->lane, &objects))
		mem_give(p->scheduler->lane, MEM_ETS, d, sizeof *d);
	else
		dying_push(p->world, d);
	process_charge(p, FREED_A_STEP);
	return STEP_YIELD;
}

static const struct step reaper_step = { "table_reaper:free/0", reap };

static bool reaper_start(struct world *w)
{
	struct spawn_options options = SPAWN_DEFAULT;
	options.is_system = true;
	term reaper = world_spawn(w, &reaper_step, 0, NULL, &options);
	pthread_mutex_lock(&w->tables->lock);
	w->tables->reaper = reaper.word;
	pthread_mutex_unlock(&w->tables->lock);
	return !term_is_none(reaper);
}

/* Nobody can be had to do it later. */
static void reap_now(struct world *w, struct mem_lane *lane)
{
	for (struct dying_table *d; (d = dying_pop(w->tables));) {
		release_all(&d->ets, lane);
		mem_give(lane, MEM_ETS, d, sizeof *d);
	}
}

void tables_free_contents(struct world *w, struct mem_lane *lane, struct ets *ets)
{
	uint64_t objects = FREED_AT_ONCE;
	if (ets_release_some(ets, lane, &objects))
		return;
	struct dying_table *d = mem_alloc(lane, MEM_ETS, sizeof *d, MEM_MUST);
	if (!d) {
		release_all(ets, lane);
		return;
	}
	ets_take(ets, &d->ets);
	if (!dying_push(w, d) && !reaper_start(w))
		reap_now(w, lane);
}

void tables_end(struct world *w, struct mem_lane *lane, uint32_t who, struct table_slot *slot)
{
	struct tables *t = w->tables;
	struct ets contents;
	struct ets_object *heir_data = slot->heir_data;
	atomic_store_explicit(&slot->id, 0, memory_order_release);
	ets_take(&slot->ets, &contents);
	slot->heir_data = NULL;
	slot->owner = slot->heir = 0;
	table_unlock(&slot->lock, who, true);
	pthread_mutex_lock(&t->lock);
	if (slot->named)
		name_drop(t, slot);
	slot->named = false;
	slot->free_next = t->free_first;
	t->free_first = slot->index + 1;
	atomic_fetch_sub_explicit(&t->count, 1, memory_order_relaxed);
	pthread_mutex_unlock(&t->lock);
	ets_objects_free(lane, heir_data);
	tables_free_contents(w, lane, &contents);
}

/* ---- For observers ---- */

bool tables_figures_at(struct world *w, uint32_t i, struct table_figures *out)
{
	struct tables *t = w->tables;
	if (i >= atomic_load_explicit(&t->high, memory_order_acquire))
		return false;
	struct table_slot *slot = tables_slot(t, i);
	*out = (struct table_figures) { .id = id_of(slot) };
	if (!out->id)
		return true;
	out->owner = slot->owner;
	out->heir = slot->heir;
	out->name = slot->name;
	out->application = slot->application;
	out->type = slot->type;
	out->access = slot->access;
	out->size = atomic_load_explicit(&slot->ets.size, memory_order_acquire);
	out->memory_words = atomic_load_explicit(&slot->ets.words, memory_order_acquire);
	out->binary_bytes = atomic_load_explicit(&slot->ets.binary_bytes, memory_order_acquire);
	out->inserts = atomic_load_explicit(&slot->inserts, memory_order_acquire);
	out->deletes = atomic_load_explicit(&slot->deletes, memory_order_acquire);
	out->lookups = atomic_load_explicit(&slot->lookups, memory_order_acquire);
	if (id_of(slot) != out->id)
		out->id = 0;
	return true;
}

/* The slot of this table, read-locked; NULL: it is gone. */
static struct table_slot *lock_by_id(struct world *w, uint64_t id)
{
	struct tables *t = w->tables;
	uint32_t high = atomic_load_explicit(&t->high, memory_order_acquire);
	for (uint32_t i = 0; id && i < high; i++) {
		struct table_slot *slot = tables_slot(t, i);
		if (id_of(slot) != id)
			continue;
		table_lock(&slot->lock, TABLE_LOCK_GUEST, false);
		if (id_of(slot) == id)
			return slot;
		table_unlock(&slot->lock, TABLE_LOCK_GUEST, false);
	}
	return NULL;
}

struct window { uint64_t skip, limit; table_visit_fn visit; void *context; };

static bool visit_window(void *context, struct ets_object *o)
{
	struct window *window = context;
	if (window->skip > 0) {
		window->skip--;
		return true;
	}
	window->visit(window->context, ets_object_term(o));
	return --window->limit > 0;
}

bool tables_visit(struct world *w, uint64_t id, uint64_t offset, uint64_t limit, table_visit_fn visit, void *context)
{
	struct table_slot *slot = lock_by_id(w, id);
	if (!slot)
		return false;
	struct window window = { offset, limit, visit, context };
	uint64_t cursor = 0;
	if (limit > 0)
		ets_each(&slot->ets, &cursor, UINT64_MAX, visit_window, &window);
	table_unlock(&slot->lock, TABLE_LOCK_GUEST, false);
	return true;
}

struct holding { uint64_t serial, handles; };

static bool count_handles(void *context, struct ets_object *o)
{
	struct holding *holding = context;
	for (const term *handle = o->handles; handle; handle = (const term *) handle[REFC_NEXT].word)
		holding->handles += ((const struct refc *) handle[REFC_PAYLOAD].word)->serial == holding->serial;
	return true;
}

bool tables_holds(struct world *w, uint64_t id, uint64_t payload_serial, uint64_t *handles)
{
	struct table_slot *slot = lock_by_id(w, id);
	if (!slot)
		return false;
	struct holding holding = { payload_serial, 0 };
	uint64_t cursor = 0;
	ets_each(&slot->ets, &cursor, UINT64_MAX, count_handles, &holding);
	table_unlock(&slot->lock, TABLE_LOCK_GUEST, false);
	*handles = holding.handles;
	return true;
}
