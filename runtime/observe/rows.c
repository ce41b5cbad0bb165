/* rows - the process table as rows: atomics in, plain data out. A row whose identity changed while it was read is read again or left out. */
#include <stdlib.h>
#include <string.h>

#include "runtime/observe/live.h"
#include "runtime/process/mailbox.h"
#include "runtime/process/tables.h"
#include "runtime/term/text.h"

#define GET(field) atomic_load_explicit(&(field), memory_order_acquire)

/* ---- Names: atoms are their numbers; constant texts are their distance from one of them ----------------------- */

static const char anchor[] = "actop";
#define TEXT_BIT 0x80000000u
#define TEXT_ZERO 0x40000000

uint32_t live_id_of_text(const char *constant)
{
	if ((uintptr_t) constant < ATOM_LIMIT)
		return (uint32_t) (uintptr_t) constant;
	return constant ? TEXT_BIT | (uint32_t) (constant - anchor + TEXT_ZERO) : 0;
}

const char *live_text(struct source *s, uint32_t id)
{
	struct live *l = s->self;
	if (id & TEXT_BIT)
		return anchor + ((ptrdiff_t) (id & ~TEXT_BIT) - TEXT_ZERO);
	return id ? atom_text_at(l->world->atoms, id) : "";
}

uint32_t live_text_id(struct source *s, const char *text)
{
	struct live *l = s->self;
	term atom = atom_find(l->world->atoms, text, strlen(text));
	return term_is_none(atom) ? 0 : term_to_atom(atom);
}

uint64_t live_whereis(struct source *s, const char *name)
{
	struct live *l = s->self;
	if (name[0] == '<') {
		uint64_t number = text_to_pid_number(name);
		return number && !term_is_none(live_pid_of(l, number)) ? number : 0;
	}
	term atom = atom_find(l->world->atoms, name, strlen(name));
	term pid = term_is_none(atom) ? TERM_NONE : world_whereis(l->world, atom);
	return term_is_none(pid) ? 0 : term_pid_number(pid);
}

/* Numbers rise with age, places do not: a number is looked for. Only commands and details do this. */
term live_pid_of(struct live *l, uint64_t number)
{
	struct slots *slots = l->world->slots;
	uint32_t high = GET(slots->high);
	for (uint32_t i = 1; i < high; i++) {
		term pid = { GET(slot_at(slots, i)->pid) };
		if (pid.word && term_pid_number(pid) == number)
			return pid;
	}
	return TERM_NONE;
}

uint32_t live_label_of(const struct slot *slot)
{
	uint32_t name = GET(slot->name), child = GET(slot->child_id);
	return name ? name : child ? child : live_id_of_text(GET(slot->initial));
}

/* ---- Rows -------------------------------------------------------------------------------------------------------- */

static const uint8_t status_of[] = { [SLOT_WAITING] = SNAP_WAITING, [SLOT_RUNNING] = SNAP_RUNNING, [SLOT_RUNNABLE] = SNAP_RUNNABLE,
	[SLOT_SUSPENDED] = SNAP_SUSPENDED, [SLOT_COLLECTING] = SNAP_GARBAGE_COLLECTING, [SLOT_EXITING] = SNAP_EXITING, [SLOT_HIBERNATED] = SNAP_HIBERNATED };

static bool bit(const uint64_t *bits, uint32_t i) { return bits[i / 64] >> (i % 64) & 1; }

static uint64_t number_of(uint64_t word) { return word ? term_pid_number((term) { word }) : 0; }

static void fill_identity(const struct slot *slot, struct snap_process *row)
{
	uint32_t state = GET(slot->state), flags = slot_flags_of(state);
	row->index = slot->index;
	row->status = status_of[slot_status_of(state)];
	row->priority = slot_priority_of(state);
	row->name = GET(slot->name);
	row->initial_call = live_id_of_text(GET(slot->initial));
	row->current_function = live_id_of_text(GET(slot->current));
	row->application = GET(slot->application);
	row->child_id = GET(slot->child_id);
	row->label = row->name ? row->name : row->child_id ? row->child_id : row->initial_call;
	row->supervisor = number_of(GET(slot->supervisor));
	row->parent = number_of(GET(slot->parent));
	row->started_us = GET(slot->started_us);
	bool system = flags & PROCESS_SYSTEM;
	row->flags = (uint16_t) ((flags & PROCESS_SUPERVISOR ? SNAP_IS_SUPERVISOR : 0) | (flags & PROCESS_TRAP_EXIT ? SNAP_TRAPS_EXIT : 0)
		| (flags & PROCESS_OFF_HEAP_QUEUE ? SNAP_OFF_HEAP_QUEUE : 0) | (system ? SNAP_IS_SYSTEM : 0));
}

static void fill_queue(const struct slot *slot, struct snap_process *row)
{
	struct queue_length q = slot_queue(slot);
	row->message_queue_len = q.messages;
	row->mailbox_bytes = q.messages * MESSAGE_CHARGED_BYTES + q.words * WORD_BYTES;
	row->messages_in = slot_arrived(slot) >> SLOT_WORDS_BITS;
	row->reductions = GET(slot->reductions);
	row->memory = GET(slot->memory) + row->mailbox_bytes;
}

/* Where no block was ever made the figures are those of the smallest one. */
static const struct snap_process no_block = { .heap_size = HEAP_DEFAULT_MIN, .total_heap_size = HEAP_DEFAULT_MIN,
	.bin_vheap_limit = HEAP_DEFAULT_MIN_VHEAP };

/* Of a size that the compiler does not see: for one that it sees it takes a string instruction, half of what a row costs. */
static void begin_row(struct snap_process *row)
{
	size_t bytes = sizeof *row;
	__asm__("" : "+r" (bytes));
	memcpy(row, &no_block, bytes);
}

/* Not yet there, the block's use stands in the state. */
static void fill_small_use(uint32_t state, struct snap_process *row)
{
	row->heap_used = slot_small_used_of(state);
	row->stack_size = slot_small_stack_of(state);
}

static void fill_memory(struct live *l, const struct slot_memory *m, struct snap_process *row)
{
	row->links = GET(m->links);
	row->monitors = GET(m->monitors);
	row->heap_size = GET(m->block);
	if (row->heap_size == 0)
		return;
	row->heap_used = GET(m->used);
	row->high_water = GET(m->high);
	row->stack_size = GET(m->stack);
	row->old_heap_size = GET(m->old_block);
	row->old_heap_used = GET(m->old_used);
	row->fragment_words = GET(m->fragment);
	row->total_heap_size = row->heap_size + row->old_heap_size + row->fragment_words;
	row->minor_gcs = GET(m->minor_gcs);
	row->minor_gcs_total = GET(m->minor_total);
	row->major_gcs = GET(m->major_total);
	row->gc_us = GET(m->gc_us);
	row->binary_bytes = GET(m->binary_bytes);
	row->binary_refs = GET(m->binary_refs);
	row->binary_share = GET(m->binary_share);
	row->bin_vheap_size = GET(m->vheap);
	row->bin_vheap_limit = GET(m->vheap_limit);
	uint64_t surveyed = GET(m->survey_us);
	if (surveyed) {
		row->flags |= SNAP_HAS_SURVEY;
		row->survey_live_words = GET(m->survey_live_words);
		row->survey_free_bytes = GET(m->survey_free_bytes);
		row->survey_slice_bytes = GET(m->survey_slice_bytes);
		row->survey_age_ms = (clock_us(&l->world->clock) - surveyed) / 1000;
	}
}

static void fill_tables(struct live *l, struct snap_process *row)
{
	if (!bit(l->owner_bits, row->index))
		return;
	map64_get(&l->table_bytes, row->index + 1, &row->ets_bytes);
	map64_get(&l->table_count, row->index + 1, &row->ets_tables);
}

void live_fill_published(struct live *l, struct slot *slot, struct snap_process *row, uint64_t pid)
{
	begin_row(row);
	row->pid = term_pid_number((term) { pid });
	fill_identity(slot, row);
	fill_queue(slot, row);
	uint32_t state = GET(slot->state);
	if (slot_has_figures(state))
		fill_memory(l, slot_memory_at(l->world->slots, slot->index), row);
	if (slot_small_stack_of(state))
		fill_small_use(state, row);
	/* Messages of an on_heap queue outside the block belong to total_heap_size. */
	if (!(row->flags & SNAP_OFF_HEAP_QUEUE))
		row->total_heap_size += slot_queue(slot).words;
}

void live_fill_known(struct live *l, struct snap_process *row)
{
	if (!(row->flags & SNAP_IS_SYSTEM) && !bit(l->running_bits, row->application))
		row->flags |= SNAP_IS_ORPHAN;
	fill_tables(l, row);
	row->total_bytes = row->memory + row->binary_share + row->ets_bytes;
}

void live_fill_row(struct live *l, struct slot *slot, struct snap_process *row, uint64_t pid)
{
	live_fill_published(l, slot, row, pid);
	live_fill_known(l, row);
}

#define AHEAD 24                /* slots: what memory takes to answer */

static void fetch_ahead(const struct slot *slot)
{
	__builtin_prefetch(&slot->pid);
	__builtin_prefetch(&slot->memory);
}

/* Idle neighbours make this a walk through two arrays: it is bound by memory, see docs/performance.md. */
size_t live_read_processes(struct source *s, uint32_t *cursor, struct snap_process *rows, size_t room)
{
	struct live *l = s->self;
	struct slots *slots = l->world->slots;
	uint32_t high = GET(slots->high);
	size_t n = 0;
	if (*cursor == 0)
		*cursor = 1;
	for (; *cursor < high && n < room; (*cursor)++) {
		struct slot *slot = slot_at(slots, *cursor);
		fetch_ahead(slot + AHEAD);
		uint64_t pid = GET(slot->pid);
		if (!pid)
			continue;
		live_fill_row(l, slot, &rows[n], pid);
		n += GET(slot->pid) == pid;
	}
	return n;
}

bool live_read_process(struct source *s, uint64_t number, struct snap_process *row)
{
	struct live *l = s->self;
	term pid = live_pid_of(l, number);
	if (term_is_none(pid))
		return false;
	struct slot *slot = slot_at(l->world->slots, term_pid_index(pid));
	live_fill_row(l, slot, row, pid.word);
	return GET(slot->pid) == pid.word;
}
