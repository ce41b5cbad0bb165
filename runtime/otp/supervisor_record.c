/* supervisor_record - see the header. */
#include "runtime/otp/supervisor_record.h"

#include <string.h>

#include "runtime/otp/otp.h"
#include "runtime/process/slot.h"

_Static_assert(sizeof(struct supervisor_record) % 8 == 0, "copied word by word");

struct supervisors *supervisor_places_new(struct mem_lane *lane)
{
	struct supervisors *s = mem_need(lane, MEM_SYSTEM, sizeof *s);
	memset(s, 0, sizeof *s);
	pthread_mutex_init(&s->lock, NULL);
	return s;
}

void supervisor_places_free(struct supervisors *s, struct mem_lane *lane)
{
	for (unsigned i = 0; i < ARRAY_COUNT(s->chunk); i++)
		mem_give(lane, MEM_SYSTEM, s->chunk[i], SUPERVISOR_CHUNK * sizeof **s->chunk);
	pthread_mutex_destroy(&s->lock);
	mem_give(lane, MEM_SYSTEM, s, sizeof *s);
}

struct supervisor_place *supervisor_place_at(struct supervisors *s, uint32_t i)
{
	if (i >= atomic_load_explicit(&s->high, memory_order_acquire))
		return NULL;
	return &atomic_load_explicit(&s->chunk[i / SUPERVISOR_CHUNK], memory_order_acquire)[i % SUPERVISOR_CHUNK];
}

static struct supervisor_place *new_place(struct supervisors *s, struct mem_lane *lane)
{
	uint32_t i = s->high;
	if (i == SUPERVISOR_LIMIT)
		return NULL;
	if (i % SUPERVISOR_CHUNK == 0) {
		struct supervisor_place *chunk = mem_need(lane, MEM_SYSTEM, SUPERVISOR_CHUNK * sizeof *chunk);
		memset(chunk, 0, SUPERVISOR_CHUNK * sizeof *chunk);
		atomic_store_explicit(&s->chunk[i / SUPERVISOR_CHUNK], chunk, memory_order_release);
	}
	atomic_store_explicit(&s->high, i + 1, memory_order_release);
	struct supervisor_place *place = supervisor_place_at(s, i);
	place->index = i;
	return place;
}

struct supervisor_place *supervisor_place_take(struct supervisors *s, struct mem_lane *lane, struct supervisor *owner)
{
	struct supervisor_place *place = NULL;
	pthread_mutex_lock(&s->lock);
	for (uint32_t i = 0; i < s->high && !place; i++)
		if (!supervisor_place_at(s, i)->taken)
			place = supervisor_place_at(s, i);
	if (!place)
		place = new_place(s, lane);
	if (place) {
		place->taken = true;
		place->owner = owner;
	}
	pthread_mutex_unlock(&s->lock);
	return place;
}

void supervisor_place_give(struct supervisors *s, struct supervisor_place *place)
{
	supervisor_place_write(place, &(struct supervisor_record) { 0 });
	pthread_mutex_lock(&s->lock);
	place->taken = false;
	place->owner = NULL;
	pthread_mutex_unlock(&s->lock);
}

void supervisor_place_write(struct supervisor_place *place, const struct supervisor_record *record)
{
	uint64_t words[ARRAY_COUNT(place->word)];
	memcpy(words, record, sizeof words);
	atomic_fetch_add_explicit(&place->sequence, 1, memory_order_relaxed);
	atomic_thread_fence(memory_order_release);
	for (unsigned i = 0; i < ARRAY_COUNT(words); i++)
		atomic_store_explicit(&place->word[i], words[i], memory_order_relaxed);
	atomic_fetch_add_explicit(&place->sequence, 1, memory_order_release);
}

bool supervisor_record_at(struct world *w, uint32_t i, struct supervisor_record *out)
{
	struct supervisor_place *place = w->supervisors ? supervisor_place_at(w->supervisors, i) : NULL;
	uint64_t words[ARRAY_COUNT(place->word)];
	uint32_t before;
	if (!place)
		return false;
	do {
		before = atomic_load_explicit(&place->sequence, memory_order_acquire);
		for (unsigned n = 0; n < ARRAY_COUNT(words); n++)
			words[n] = atomic_load_explicit(&place->word[n], memory_order_relaxed);
		atomic_thread_fence(memory_order_acquire);
	} while (before % 2 != 0 || atomic_load_explicit(&place->sequence, memory_order_relaxed) != before);
	memcpy(out, words, sizeof *out);
	return true;
}

static bool find_record(struct world *w, term supervisor, struct supervisor_record *out)
{
	for (uint32_t i = 0; supervisor_record_at(w, i, out); i++)
		if (out->pid && out->pid == term_pid_number(supervisor))
			return true;
	return false;
}

/* Calls visit for each living child: those whose parent and supervisor it is. They publish that themselves. */
static void each_child(struct world *w, term supervisor, void (*visit)(void *context, const struct slot *slot, uint64_t pid, bool is_supervisor),
	void *context)
{
	uint32_t high = atomic_load_explicit(&w->slots->high, memory_order_acquire);
	for (uint32_t i = 1; i < high; i++) {
		const struct slot *slot = slot_at(w->slots, i);
		uint64_t pid = atomic_load_explicit(&slot->pid, memory_order_acquire);
		if (pid && atomic_load_explicit(&slot->supervisor, memory_order_relaxed) == supervisor.word
			&& atomic_load_explicit(&slot->parent, memory_order_relaxed) == supervisor.word)
			visit(context, slot, pid, atomic_load_explicit(&slot->state, memory_order_relaxed) >> 16 & PROCESS_SUPERVISOR);
	}
}

static void count_one(void *context, const struct slot *slot, uint64_t pid, bool is_supervisor)
{
	(void) slot;
	(void) pid;
	(void) is_supervisor;
	++*(uint64_t *) context;
}

bool supervisor_count_children(struct world *w, term supervisor, struct supervisor_counts *out)
{
	struct supervisor_record record;
	if (!term_is_pid(supervisor) || !find_record(w, supervisor, &record))
		return false;
	*out = (struct supervisor_counts) { .specs = record.strategy == SIMPLE_ONE_FOR_ONE ? 1 : record.children, .restarts = record.restarts,
		.workers = record.workers, .supervisors = record.supervisors };
	each_child(w, supervisor, count_one, &out->active);
	return true;
}

struct children { struct supervisor_child *out; size_t count, room; bool simple; };

static void tell_one(void *context, const struct slot *slot, uint64_t pid, bool is_supervisor)
{
	struct children *c = context;
	uint32_t id = c->simple ? 0 : atomic_load_explicit(&slot->child_id, memory_order_relaxed);
	if (c->count < c->room)
		c->out[c->count++] = (struct supervisor_child) { .id = id, .is_supervisor = is_supervisor, .pid = pid };
}

size_t supervisor_which_children(struct world *w, term supervisor, struct supervisor_child *out, size_t room)
{
	struct supervisor_record record;
	struct children c = { out, 0, room, false };
	if (!term_is_pid(supervisor) || !find_record(w, supervisor, &record))
		return 0;
	c.simple = record.strategy == SIMPLE_ONE_FOR_ONE;
	each_child(w, supervisor, tell_one, &c);
	for (uint64_t i = 0; i < record.absent_count && c.count < room; i++)
		out[c.count++] = record.absent[i];
	return c.count;
}
