/*
 * table - every function has the same shape: enter (find, check, lock), work, leave. Nothing raises between the
 * two: what may fail is done before, or its outcome is carried out of the lock.
 */
#include "runtime/process/table.h"

#include <string.h>

#include "runtime/memory/copy.h"
#include "runtime/process/life.h"
#include "runtime/process/tables.h"
#include "runtime/term/number.h"
#include "runtime/term/order.h"

/* What an operation wants to do; readers go in together. */
enum want { READ, WRITE, MANAGE };

static struct mem_lane *lane_of(const struct process *p) { return p->scheduler->lane; }

static bool is_allowed(const struct process *p, const struct table_slot *slot, enum want want)
{
	if (slot->owner == p->pid)
		return true;
	return want == READ ? slot->access != TABLE_PRIVATE : want == WRITE && slot->access == TABLE_PUBLIC;
}

/* As the lock knows who comes: a scheduler may own a table, whoever comes from outside may not. */
static uint32_t number_of(const struct process *p)
{
	return p->scheduler->is_outside ? TABLE_LOCK_GUEST : p->scheduler->id + 1;
}

static void leave(struct process *p, struct table_slot *slot, enum want want)
{
	table_unlock(&slot->lock, number_of(p), want != READ);
}

/* The table, locked; NULL: there is none, or it is not for us. */
static struct table_slot *try_enter(struct process *p, term table, enum want want)
{
	uint64_t id;
	process_charge(p, 1);
	struct table_slot *slot = tables_find(p->world->tables, table, &id);
	if (!slot)
		return NULL;
	table_lock(&slot->lock, number_of(p), want != READ);
	if (LIKELY(atomic_load_explicit(&slot->id, memory_order_relaxed) == id && is_allowed(p, slot, want)))
		return slot;
	leave(p, slot, want);
	return NULL;
}

static struct table_slot *enter(struct process *p, term table, enum want want)
{
	struct table_slot *slot = try_enter(p, table, want);
	if (UNLIKELY(!slot))
		process_badarg(p);
	return slot;
}

/* Who is alone inside adds without a locked instruction. */
static void count(struct process *p, struct table_slot *slot, enum want want, _Atomic uint64_t *counter, uint64_t n)
{
	if (LIKELY(want != READ || table_lock_is_own(&slot->lock, number_of(p))))
		atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + n, memory_order_relaxed);
	else
		atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

struct table_slot *table_enter_read(struct process *p, term table) { return enter(p, table, READ); }
void table_leave_read(struct process *p, struct table_slot *slot) { leave(p, slot, READ); }

static _Noreturn void no_memory(struct process *p) { process_system_limit(p, ATOM_memory); }

/* ---- Life ---- */

term table_new(struct process *p, term name, const struct table_options *options)
{
	static const struct table_options defaults = { .access = TABLE_PROTECTED };
	const struct table_options *o = options ? options : &defaults;
	if (!term_is_atom(name))
		process_badarg(p);
	struct ets ets;
	struct ets_options ets_options = { o->type, o->key_position, o->read_concurrency, o->write_concurrency,
		p->world->scheduler_count };
	if (!ets_init(&ets, p->world->atoms, lane_of(p), &ets_options))
		no_memory(p);
	bool full, inherits = term_is_pid(o->heir);
	term box[] = { term_header(BOX_TUPLE, 1), o->heir_data };
	struct table_slot like = { .name = term_to_atom(name), .application = p->slot->application, .type = o->type,
		.access = o->access, .named = o->named, .read_concurrency = o->read_concurrency, .write_concurrency = o->write_concurrency, .owner = p->pid, .heir = inherits ? o->heir.word : 0,
		.heir_data = inherits ? ets_object_new(lane_of(p), TABLE_SET, 1, term_from_box(box)) : NULL };
	uint64_t id = atomic_fetch_add_explicit(&p->world->next_reference, 1, memory_order_relaxed) + 1;
	struct table_slot *slot = tables_enter(p->world, lane_of(p), number_of(p), &like, &ets, id, &full);
	if (!slot) {
		tables_free_contents(p->world, lane_of(p), &ets);
		ets_objects_free(lane_of(p), like.heir_data);
		if (full)
			process_system_limit(p, term_to_atom(process_atom(p, "ets_tables")));
		process_badarg(p);
	}
	relations_need(p)->tables++;
	if (o->named)
		return name;
	struct builder *b = process_try_room(p, REFERENCE_WORDS);
	if (!b)
		no_memory(p);
	return table_slot_term(slot, id, build_words(b, REFERENCE_WORDS));
}

void table_delete(struct process *p, term table)
{
	struct table_slot *slot = enter(p, table, WRITE);
	bool mine = slot->owner == p->pid;
	tables_end(p->world, lane_of(p), number_of(p), slot);
	if (mine && p->relations && p->relations->tables > 0)
		p->relations->tables--;
}

void table_delete_all(struct process *p, term table)
{
	struct table_slot *slot = enter(p, table, WRITE);
	struct ets old;
	uint64_t gone = slot->ets.size;
	bool moved = ets_move_out(&slot->ets, lane_of(p), &old);
	count(p, slot, WRITE, &slot->deletes, moved ? gone : 0);
	leave(p, slot, WRITE);
	if (!moved)
		no_memory(p);
	tables_free_contents(p->world, lane_of(p), &old);
}

/* ---- Inserting ---- */

static bool is_object(term t, unsigned key_position) { return term_is_tuple(t) && tuple_arity(t) >= key_position; }

/* What a copy for this table must look like. Read without the lock: the id is compared again under it. */
struct shape { enum table_type type; unsigned key_position; uint64_t id; };

static struct shape shape_of(struct process *p, term table)
{
	struct shape shape;
	struct table_slot *slot = tables_find(p->world->tables, table, &shape.id);
	if (!slot)
		process_badarg(p);
	shape.type = atomic_load_explicit(&slot->type, memory_order_relaxed);
	shape.key_position = atomic_load_explicit(&slot->key_position, memory_order_relaxed);
	return shape;
}

/* Copies in list order; raises when one cannot be: then the others are freed. What is copied is not charged, a list is: 3 for every 8. */
static struct ets_object *objects_new(struct process *p, const struct shape *shape, term object)
{
	struct ets_object *chain = NULL, **end = &chain;
	bool is_list = term_is_cons(object) || term_is_nil(object), bad = false;
	uint32_t objects = 0;
	for (term rest = object; !term_is_nil(rest);) {
		term one = is_list ? (term_is_cons(rest) ? list_head(rest) : TERM_NIL) : object;
		bad = !is_object(one, shape->key_position);
		*end = bad ? NULL : ets_object_new(lane_of(p), shape->type, shape->key_position, one);
		if (!*end) {
			ets_objects_free(lane_of(p), chain);
			if (bad)
				process_badarg(p);
			no_memory(p);
		}
		end = &(*end)->next;
		objects++;
		rest = is_list ? list_tail(rest) : TERM_NIL;
	}
	process_charge(p, is_list ? 3 * objects / 8 : 0);
	return chain;
}

static bool any_is_there(const struct ets *ets, const struct ets_object *chain)
{
	for (; chain; chain = chain->next)
		if (ets_find(ets, chain->data[ets->key_position]))
			return true;
	return false;
}

static struct ets_object *reversed(struct ets_object *chain)
{
	struct ets_object *out = NULL;
	for (struct ets_object *next; chain; chain = next) {
		next = chain->next;
		chain->next = out;
		out = chain;
	}
	return out;
}

/* Puts all in; what could not be put is freed, and false. */
static bool put_all(struct process *p, struct table_slot *slot, struct ets_object *chain)
{
	bool refused = false;
	for (struct ets_object *next; chain && !refused; chain = next) {
		next = chain->next;
		chain->next = NULL;
		refused = ets_put(&slot->ets, lane_of(p), chain) == ETS_REFUSED;
		count(p, slot, WRITE, &slot->inserts, !refused);
		if (refused)
			ets_objects_free(lane_of(p), next);
	}
	return !refused;
}

static bool insert(struct process *p, term table, term object, bool only_new)
{
	struct shape shape = shape_of(p, table);
	struct ets_object *chain = objects_new(p, &shape, object);
	if (shape.type == TABLE_BAG)            /* a list goes into a bag from its end: OTP 25 */
		chain = reversed(chain);
	struct table_slot *slot = try_enter(p, table, WRITE);
	if (!slot || slot->id != shape.id) {
		if (slot)
			leave(p, slot, WRITE);
		ets_objects_free(lane_of(p), chain);
		process_badarg(p);
	}
	if (only_new && any_is_there(&slot->ets, chain)) {
		leave(p, slot, WRITE);
		ets_objects_free(lane_of(p), chain);
		return false;
	}
	bool all = put_all(p, slot, chain);
	leave(p, slot, WRITE);
	if (!all)
		no_memory(p);
	return true;
}

void table_insert(struct process *p, term table, term object) { insert(p, table, object, false); }
bool table_insert_new(struct process *p, term table, term object) { return insert(p, table, object, true); }

/* ---- Looking up ---- */

/* Conses a copy of an object in front of list. */
static term cons_copy(struct builder *b, struct ets_object *o, term list) { return build_cons(b, ets_copy_out(b, o), list); }

/* All objects of a key, oldest first; the newest comes first in the table. *words: what was copied; no memory: TERM_NONE. */
static term copy_group(struct process *p, const struct ets *ets, term key, size_t *words)
{
	struct ets_object *newest = ets_find(ets, key);
	*words = 0;
	if (LIKELY(newest && ets_has_one_a_key(ets))) {
		struct builder *b = process_room(p, *words = newest->words + 2);
		return b ? cons_copy(b, newest, TERM_NIL) : TERM_NONE;
	}
	for (struct ets_object *o = newest; o; o = ets_find_older(ets, o))
		*words += o->words + 2;
	struct builder *b = newest ? process_try_room(p, *words) : NULL;
	if (newest && !b)
		return TERM_NONE;
	term list = TERM_NIL;
	for (struct ets_object *o = newest; o; o = ets_find_older(ets, o))
		list = cons_copy(b, o, list);
	return list;
}

static term lookup(struct process *p, term table, term key, enum want want, bool remove)
{
	size_t words;
	struct table_slot *slot = enter(p, table, want);
	count(p, slot, want, &slot->lookups, 1);
	term list = copy_group(p, &slot->ets, key, &words);
	if (remove && !term_is_none(list))
		count(p, slot, WRITE, &slot->deletes, ets_remove(&slot->ets, lane_of(p), key));
	leave(p, slot, want);
	if (term_is_none(list))
		no_memory(p);
	return list;
}

term table_lookup(struct process *p, term table, term key) { return lookup(p, table, key, READ, false); }
term table_take(struct process *p, term table, term key) { return lookup(p, table, key, WRITE, true); }

/* A copy of one element, in *copy; false: no memory. */
static bool copy_element(struct process *p, term element, term *copy)
{
	*copy = element;
	if (term_is_immediate(element))
		return true;
	struct builder *b = process_try_room(p, term_flat_words(NULL, element));
	if (b)
		*copy = ets_copy_part(b, element);
	return b != NULL;
}

static bool has_position(const struct ets_object *o, unsigned position) { return position >= 1 && position <= header_words(o->data[0]); }

/* The elements of all objects of a key, oldest first. False: no memory. */
static bool copy_elements(struct process *p, const struct ets *ets, struct ets_object *newest, unsigned position, term *list)
{
	size_t words = 0;
	for (const struct ets_object *o = newest; o; o = ets_find_older(ets, o))
		words += term_flat_words(NULL, o->data[position]) + 2;
	struct builder *b = process_room(p, words);
	*list = TERM_NIL;
	for (const struct ets_object *o = newest; b && o; o = ets_find_older(ets, o)) {
		term element = o->data[position];
		*list = build_cons(b, term_is_immediate(element) ? element : ets_copy_part(b, element), *list);
	}
	return b != NULL;
}

term table_lookup_element(struct process *p, term table, term key, unsigned position)
{
	struct table_slot *slot = enter(p, table, READ);
	count(p, slot, READ, &slot->lookups, 1);
	struct ets_object *newest = ets_find(&slot->ets, key);
	bool there = newest != NULL, has_many = slot->ets.type == TABLE_BAG || slot->ets.type == TABLE_DUPLICATE_BAG;
	for (const struct ets_object *o = newest; o && there; o = ets_find_older(&slot->ets, o))
		there = has_position(o, position);
	term copy = TERM_NONE;
	bool copied = there && (has_many ? copy_elements(p, &slot->ets, newest, position, &copy) : copy_element(p, newest->data[position], &copy));
	leave(p, slot, READ);
	if (!there)
		process_badarg(p);
	if (!copied)
		no_memory(p);
	return copy;
}

bool table_member(struct process *p, term table, term key)
{
	struct table_slot *slot = enter(p, table, READ);
	count(p, slot, READ, &slot->lookups, 1);
	bool there = ets_find(&slot->ets, key) != NULL;
	leave(p, slot, READ);
	return there;
}

/* ---- Counters ---- */

enum outcome { DONE, BAD_ARGUMENT, NO_MEMORY };

/* A copy of a tuple with some of its elements changed, as an object of this table; NULL: no memory. */
static struct ets_object *changed_object(struct mem_lane *lane, const struct shape *shape, const term *tuple,
	void (*change)(term *tuple, void *context), void *context)
{
	size_t bytes = (1 + header_words(tuple[0])) * WORD_BYTES;
	term *copy = mem_alloc(lane, MEM_ETS, bytes, MEM_ASK);
	if (!copy)
		return NULL;
	memcpy(copy, tuple, bytes);
	change(copy, context);
	struct ets_object *o = ets_object_new(lane, shape->type, shape->key_position, term_from_box(copy));
	mem_give(lane, MEM_ETS, copy, bytes);
	return o;
}

struct update { const struct counter_op *ops; size_t count; int64_t *values; term (*integers)[2]; };

/* Big numbers lie in two words beside. */
static void put_values(term *tuple, void *context)
{
	const struct update *u = context;
	for (size_t i = 0; i < u->count; i++) {
		term *top = u->integers[i];
		tuple[u->ops[i].position] = integer_from(&top, u->values[i]);
	}
}

static void put_key(term *tuple, void *context)
{
	const struct { unsigned position; term key; } *k = context;
	tuple[k->position] = k->key;
}

/* The integer that operation i finds: what an operation before it left, or the object's. */
static bool value_before(const struct ets_object *o, const struct update *u, size_t i, int64_t *value)
{
	for (size_t before = i; before-- > 0;)
		if (u->ops[before].position == u->ops[i].position) {
			*value = u->values[before];
			return true;
		}
	return integer_to_int64(o->data[u->ops[i].position], value);
}

static bool compute(const struct ets *ets, const struct ets_object *o, const struct update *u)
{
	for (size_t i = 0; i < u->count; i++) {
		const struct counter_op *op = &u->ops[i];
		int64_t *value = &u->values[i];
		if (!has_position(o, op->position) || op->position == ets->key_position)
			return false;
		if (!value_before(o, u, i, value) || __builtin_add_overflow(*value, op->add, value))
			return false;
		if (op->bounded && (op->add < 0 ? *value < op->threshold : *value > op->threshold))
			*value = op->set;
	}
	return true;
}

static bool all_are_small(const struct ets_object *o, const struct update *u)
{
	for (size_t i = 0; i < u->count; i++)
		if (!term_is_small(o->data[u->ops[i].position]) || !term_fits_small(u->values[i]))
			return false;
	return true;
}

/* The object with its new values; `fresh`: it is in no table yet. */
static enum outcome apply(struct ets *ets, struct mem_lane *lane, struct ets_object *o, bool fresh, const struct update *u)
{
	struct shape shape = { .type = ets->type, .key_position = ets->key_position };
	if (all_are_small(o, u)) {
		for (size_t i = 0; i < u->count; i++)
			ets_set_small(o, u->ops[i].position, u->values[i]);
		return !fresh || ets_put(ets, lane, o) != ETS_REFUSED ? DONE : NO_MEMORY;
	}
	struct ets_object *changed = changed_object(lane, &shape, o->data, put_values, (void *) u);
	if (fresh)
		ets_objects_free(lane, o);
	return changed && ets_put(ets, lane, changed) != ETS_REFUSED ? DONE : NO_MEMORY;
}

/* Takes `otherwise` over. */
static enum outcome update_counters(struct ets *ets, struct mem_lane *lane, term key, struct ets_object *otherwise, const struct update *u)
{
	bool single = ets->type == TABLE_SET || ets->type == TABLE_ORDERED_SET;
	struct ets_object *there = single ? ets_find(ets, key) : NULL, *o = there ? there : otherwise;
	bool fits = single && o && compute(ets, o, u);
	if (otherwise && (there || !fits))
		ets_objects_free(lane, otherwise);
	return fits ? apply(ets, lane, o, !there, u) : BAD_ARGUMENT;
}

/* The default object with the key it is to have; NULL: there is none. Raises when it is none. */
static struct ets_object *default_object(struct process *p, const struct shape *shape, term key, term otherwise)
{
	if (term_is_none(otherwise))
		return NULL;
	if (!is_object(otherwise, shape->key_position))
		process_badarg(p);
	struct { unsigned position; term key; } k = { shape->key_position, key };
	struct ets_object *o = changed_object(lane_of(p), shape, term_box(otherwise), put_key, &k);
	if (!o)
		no_memory(p);
	return o;
}

#define COUNTER_OPS_MOST 64u

void table_update_counters(struct process *p, term table, term key, const struct counter_op *ops, size_t n, term otherwise, int64_t *values)
{
	term integers[COUNTER_OPS_MOST][2];
	struct update u = { ops, n, values, integers };
	if (n > COUNTER_OPS_MOST)
		process_badarg(p);
	struct shape shape = shape_of(p, table);
	struct ets_object *first = default_object(p, &shape, key, otherwise);
	struct table_slot *slot = try_enter(p, table, WRITE);
	enum outcome outcome = BAD_ARGUMENT;
	if (slot && slot->id == shape.id) {
		outcome = update_counters(&slot->ets, lane_of(p), key, first, &u);
		count(p, slot, WRITE, &slot->inserts, outcome == DONE);
	} else {
		ets_objects_free(lane_of(p), first);
	}
	if (slot)
		leave(p, slot, WRITE);
	if (outcome == BAD_ARGUMENT)
		process_badarg(p);
	if (outcome == NO_MEMORY)
		no_memory(p);
}

int64_t table_update_counter(struct process *p, term table, term key, unsigned position, int64_t n)
{
	int64_t value = 0;
	table_update_counters(p, table, key, &(struct counter_op) { .position = position, .add = n }, 1, TERM_NONE, &value);
	return value;
}

/* ---- Deleting objects ---- */

void table_delete_key(struct process *p, term table, term key)
{
	struct table_slot *slot = enter(p, table, WRITE);
	count(p, slot, WRITE, &slot->deletes, ets_remove(&slot->ets, lane_of(p), key));
	leave(p, slot, WRITE);
}

void table_delete_object(struct process *p, term table, term object)
{
	if (!term_is_tuple(object))
		process_badarg(p);
	struct table_slot *slot = enter(p, table, WRITE);
	count(p, slot, WRITE, &slot->deletes, ets_remove_equal(&slot->ets, lane_of(p), object));
	leave(p, slot, WRITE);
}

/* ---- Walking ---- */

/* A copy of an object's key; the end of the table for none. */
static term leave_with_key(struct process *p, struct table_slot *slot, struct ets_object *o, bool missing)
{
	term key = TERM_NONE;
	bool copied = o && copy_element(p, o->data[slot->ets.key_position], &key);
	leave(p, slot, READ);
	if (missing)
		process_badarg(p);
	if (o && !copied)
		no_memory(p);
	return o ? key : process_atom(p, "$end_of_table");
}

term table_first(struct process *p, term table)
{
	struct table_slot *slot = enter(p, table, READ);
	return leave_with_key(p, slot, ets_first(&slot->ets), false);
}

term table_last(struct process *p, term table)
{
	struct table_slot *slot = enter(p, table, READ);
	return leave_with_key(p, slot, ets_last(&slot->ets), false);
}

term table_next(struct process *p, term table, term key)
{
	bool missing;
	struct table_slot *slot = enter(p, table, READ);
	struct ets_object *o = ets_next(&slot->ets, key, &missing);
	return leave_with_key(p, slot, o, missing);
}

term table_prev(struct process *p, term table, term key)
{
	bool missing;
	struct table_slot *slot = enter(p, table, READ);
	struct ets_object *o = ets_prev(&slot->ets, key, &missing);
	return leave_with_key(p, slot, o, missing);
}

/* The visitor of a caller, counting what it saw. */
struct visitor { table_visit_fn visit; void *context; uint64_t seen; };

static bool visit_object(void *context, struct ets_object *o)
{
	struct visitor *v = context;
	v->seen++;
	return v->visit(v->context, ets_object_term(o));
}

static bool visit_all(void *context, struct ets_object *o)
{
	visit_object(context, o);
	return true;
}

uint64_t table_each(struct process *p, term table, uint64_t *cursor, uint64_t limit, table_visit_fn visit, void *context)
{
	struct visitor v = { visit, context, 0 };
	struct table_slot *slot = enter(p, table, READ);
	ets_each(&slot->ets, cursor, limit, visit_all, &v);
	leave(p, slot, READ);
	process_charge(p, (uint32_t) v.seen);
	return v.seen;
}

uint64_t table_delete_if(struct process *p, term table, uint64_t *cursor, uint64_t limit, table_visit_fn visit, void *context)
{
	struct visitor v = { visit, context, 0 };
	struct table_slot *slot = enter(p, table, WRITE);
	uint64_t gone = ets_remove_if(&slot->ets, lane_of(p), cursor, limit, visit_object, &v);
	count(p, slot, WRITE, &slot->deletes, gone);
	leave(p, slot, WRITE);
	process_charge(p, (uint32_t) v.seen);
	return gone;
}

/* ---- Ownership ---- */

/* {'ETS-TRANSFER', Table, From, Data}; everything but Data lies on the C stack, and the send copies. */
static void send_transfer(struct process *p, term to, term table, term data)
{
	term box[] = { term_header(BOX_TUPLE, 4), ATOM(ets_transfer), table, { p->pid }, data };
	process_send(p, to, term_from_box(box));
}

/* The locked table's owner is `to` from now on. The receiver's exit looks for tables after its identity is gone: one of the two sees it. */
static void set_owner(struct process *p, struct table_slot *slot, term to)
{
	struct slot *receiver = slot_of(p->world->slots, to);
	atomic_store(&slot->owner, to.word);
	if (receiver)
		slot->application = atomic_load_explicit(&receiver->application, memory_order_relaxed);
	atomic_fetch_add_explicit(&p->world->tables->transfers, 1, memory_order_seq_cst);
}

void table_give_away(struct process *p, term table, term to, term data)
{
	struct table_slot *slot = enter(p, table, MANAGE);
	term box[REFERENCE_WORDS], named = table_slot_term(slot, slot->id, box);
	bool fits = term_is_pid(to) && to.word != p->pid && world_is_alive(p->world, to);
	if (fits) {
		set_owner(p, slot, to);
		fits = world_is_alive(p->world, to);
		if (!fits)
			set_owner(p, slot, process_self(p));
	}
	leave(p, slot, MANAGE);
	if (!fits)
		process_badarg(p);
	send_transfer(p, to, named, data);
	if (p->relations && p->relations->tables > 0)
		p->relations->tables--;
}

void table_set_heir(struct process *p, term table, term heir, term data)
{
	struct shape shape = shape_of(p, table);
	term box[] = { term_header(BOX_TUPLE, 1), data };
	bool inherits = term_is_pid(heir);
	struct ets_object *copy = inherits ? ets_object_new(lane_of(p), TABLE_SET, 1, term_from_box(box)) : NULL;
	if (inherits && !copy)
		no_memory(p);
	struct table_slot *slot = try_enter(p, table, MANAGE);
	struct ets_object *old = copy;
	bool fits = slot && slot->id == shape.id;
	if (fits) {
		old = slot->heir_data;
		slot->heir_data = copy;
		slot->heir = inherits ? heir.word : 0;
	}
	if (slot)
		leave(p, slot, MANAGE);
	ets_objects_free(lane_of(p), old);
	if (!fits)
		process_badarg(p);
}

/* The owner of this locked table dies: to the heir with it, else it ends. Unlocks. */
static void lose_owner(struct process *p, struct table_slot *slot)
{
	term heir = { slot->heir };
	bool inherited = heir.word && heir.word != p->pid && world_is_alive(p->world, heir);
	if (inherited) {
		set_owner(p, slot, heir);
		inherited = world_is_alive(p->world, heir);
	}
	if (!inherited) {
		tables_end(p->world, lane_of(p), number_of(p), slot);
		return;
	}
	term box[REFERENCE_WORDS], named = table_slot_term(slot, slot->id, box);
	/* The heir stays the heir, for whom it gives the table away to: as on OTP. */
	struct ets_object *data = slot->heir_data;
	slot->heir_data = ets_object_new(lane_of(p), TABLE_SET, 1, ets_object_term(data));
	if (!slot->heir_data)
		slot->heir = 0;
	leave(p, slot, MANAGE);
	send_transfer(p, heir, named, data->data[1]);
	ets_objects_free(lane_of(p), data);
}

void tables_of_process_exit(struct process *p)
{
	struct tables *t = p->world->tables;
	bool owns = p->relations && p->relations->tables > 0;
	if (!owns && atomic_load_explicit(&t->transfers, memory_order_seq_cst) == 0)
		return;
	uint32_t high = atomic_load_explicit(&t->high, memory_order_acquire);
	for (uint32_t i = 0; i < high; i++) {
		struct table_slot *slot = tables_slot(t, i);
		if (atomic_load(&slot->owner) != p->pid)
			continue;
		table_lock(&slot->lock, number_of(p), true);
		if (slot->owner == p->pid && slot->id != 0)
			lose_owner(p, slot);
		else
			leave(p, slot, MANAGE);
	}
	if (p->relations)
		p->relations->tables = 0;
}

/* ---- Info ---- */

bool table_info(struct world *w, term table, struct table_info *out)
{
	uint64_t id;
	struct table_figures f;
	struct table_slot *slot = tables_find(w->tables, table, &id);
	if (!slot || !tables_figures_at(w, slot->index, &f) || f.id != id)
		return false;
	*out = (struct table_info) { .size = f.size, .memory_words = f.memory_words, .binary_bytes = f.binary_bytes,
		.inserts = f.inserts, .deletes = f.deletes, .lookups = f.lookups, .owner = { f.owner }, .heir = { f.heir },
		.name = term_from_atom(f.name), .type = f.type, .access = f.access,
		.key_position = atomic_load_explicit(&slot->key_position, memory_order_relaxed),
		.named = atomic_load_explicit(&slot->named, memory_order_relaxed),
		.read_concurrency = atomic_load_explicit(&slot->read_concurrency, memory_order_relaxed),
		.write_concurrency = atomic_load_explicit(&slot->write_concurrency, memory_order_relaxed) };
	return true;
}
