/* fixture - see the header. */
#include "tests/fixture.h"

#include <inttypes.h>
#include <sched.h>
#include <string.h>
#include <time.h>

#include "runtime/memory/gc_verify.h"

#define PATIENCE_TRIES 400000u

static struct {
	struct world *world;
	bool threads;
	uint64_t blocks[MEM_TYPE_COUNT], charged[CHARGE_COUNT];
	uint32_t processes;
} fixture;

struct world *fixture_world(void) { return fixture.world; }

/* ---- Begin and end ------------------------------------------------------------------------------------------ */

struct world_options fixture_options(void)
{
	struct world_options o = world_options_for_test();
	o.seed = suite_seed();
	return o;
}

static void remember(void)
{
	for (int i = 0; i < MEM_TYPE_COUNT; i++)
		fixture.blocks[i] = mem_usage(fixture.world->mem, (enum mem_type) i).blocks;
	for (int i = 0; i < CHARGE_COUNT; i++)
		fixture.charged[i] = mem_charged(fixture.world->mem, (enum mem_charge) i);
	fixture.processes = atomic_load(&fixture.world->slots->count);
}

void fixture_start_with(const struct world_options *options)
{
	ck_assert_msg(!fixture.world, "a world is running already");
	fixture.world = world_start(options);
	fixture.threads = !options->deterministic;
	ck_assert_ptr_nonnull(fixture.world);
	remember();
}

void fixture_start(void)
{
	struct world_options o = fixture_options();
	fixture_start_with(&o);
}

void fixture_start_threads(void)
{
	struct world_options o = fixture_options();
	o.deterministic = false;
	o.schedulers = 3;
	/* Seeded choices need the one thread of a deterministic world. */
	o.switches.det = false;
	fixture_start_with(&o);
}

void fixture_stop(void)
{
	if (!fixture.world)
		return;
	schedulers_stop(fixture.world->schedulers);
	fixture_expect_ledger();
	uint64_t forgotten = world_stop(fixture.world);
	fixture.world = NULL;
	ck_assert_msg(forgotten == 0, "%" PRIu64 " blocks were forgotten", forgotten);
}

/* ---- Running ------------------------------------------------------------------------------------------------ */

void fixture_wait(struct patience *patience)
{
	const struct timespec moment = { 0, 50000 };
	ck_assert_msg(patience->tries++ < PATIENCE_TRIES, "this takes too long");
	nanosleep(&moment, NULL);
}

static bool everybody_is_offline(const struct slots *s)
{
	for (unsigned i = 0; i < s->readers; i++)
		if (atomic_load(&s->reader[i].online))
			return false;
	return true;
}

static bool all_are_idle(const struct slots *s)
{
	for (uint32_t i = 1; i < atomic_load(&s->high); i++) {
		struct slot *slot = slot_at(s, i);
		if (atomic_load(&slot->pid) && (uintptr_t) atomic_load(&slot->inbox) != INBOX_IDLE)
			return false;
	}
	return true;
}

static bool all_are_parked(const struct schedulers *all)
{
	for (unsigned i = 0; i < all->count; i++)
		if (!atomic_load(&all->each[i].parked))
			return false;
	return true;
}

static bool is_at_rest(const struct world *w)
{
	const struct schedulers *all = w->schedulers;
	return all_are_parked(all) && everybody_is_offline(w->slots) && all_are_idle(w->slots) && !atomic_load(&all->overflow_count) && !atomic_load(&all->urgent_count)
		&& !atomic_load(&all->collect_count) && everybody_is_offline(w->slots) && all_are_parked(all);
}

void fixture_run(void)
{
	struct patience patience = { 0 };
	if (!fixture.threads) {
		scheduler_run_ready(fixture.world);
		return;
	}
	while (!is_at_rest(fixture.world) || !is_at_rest(fixture.world))
		fixture_wait(&patience);
}

void fixture_advance_us(uint64_t us) { scheduler_run_until(fixture.world, clock_us(&fixture.world->clock) + us); }

void fixture_let_timers_fire(void)
{
	struct patience patience = { 0 };
	while (wheels_count(fixture.world) > 0) {
		if (!fixture.threads)
			fixture_advance_us(10000);
		fixture_wait(&patience);
	}
	fixture_run();
}

term fixture_spawn_with(const struct step *step, void *context, const struct spawn_options *options)
{
	term argument = term_from_small((intptr_t) context);
	term pid = world_spawn(fixture.world, step, 1, &argument, options);
	ck_assert(!term_is_none(pid));
	return pid;
}

term fixture_spawn(const struct step *step, void *context)
{
	struct spawn_options o = SPAWN_DEFAULT;
	return fixture_spawn_with(step, context, &o);
}

void *fixture_context(term t) { return term_is_small(t) ? (void *) term_to_small(t) : NULL; }

void fixture_exit(term pid, term reason)
{
	struct scheduler *s = scheduler_enter_outside(fixture.world);
	request_exit(s, pid, reason);
	scheduler_leave_outside(s);
}

bool fixture_is_alive(term pid) { return world_is_alive(fixture.world, pid); }

struct process *fixture_process(term pid)
{
	struct slot *slot = slot_of(fixture.world->slots, pid);
	return slot ? slot->process : NULL;
}

/* ---- What must hold ------------------------------------------------------------------------------------------ */

static uint64_t sum_of_rows(const struct slots *s)
{
	uint64_t sum = 0;
	for (uint32_t i = 1; i < atomic_load(&s->high); i++) {
		struct slot *slot = slot_at(s, i);
		if (!atomic_load(&slot->pid))
			continue;
		struct queue_length q = slot_queue(slot);
		sum += atomic_load(&slot->memory) + q.messages * MESSAGE_CHARGED_BYTES + q.words * WORD_BYTES;
	}
	return sum;
}

void fixture_expect_ledger(void)
{
	uint64_t rows = sum_of_rows(fixture.world->slots), charged = mem_charged(fixture.world->mem, CHARGE_PROCESSES);
	ck_assert_msg(rows == charged, "rows add up to %" PRIu64 ", charged are %" PRIu64, rows, charged);
}

static bool belongs_to_processes(int type)
{
	return type != MEM_SYSTEM && type != MEM_ATOM && type != MEM_LITERAL;
}

void fixture_expect_clean(void)
{
	struct mem *m = fixture.world->mem;
	fixture_expect_ledger();
	ck_assert_uint_eq(atomic_load(&fixture.world->slots->count), fixture.processes);
	for (int i = 0; i < MEM_TYPE_COUNT; i++) {
		uint64_t blocks = mem_usage(m, (enum mem_type) i).blocks;
		/* A wheel that was used keeps its two maps. */
		uint64_t kept = i == MEM_TIMER ? 2 * fixture.world->scheduler_count : 0;
		if (belongs_to_processes(i))
			ck_assert_msg(blocks >= fixture.blocks[i] && blocks - fixture.blocks[i] <= kept, "%" PRIu64 " blocks of %s, at the start %" PRIu64, blocks,
				mem_type_name((enum mem_type) i), fixture.blocks[i]);
	}
	for (int i = 0; i < CHARGE_COUNT; i++) {
		uint64_t bytes = mem_charged(m, (enum mem_charge) i);
		if (i != CHARGE_ATOM && i != CHARGE_ATOM_USED && i != CHARGE_CODE)
			ck_assert_msg(bytes == fixture.charged[i], "category %d: %" PRIu64 " bytes, at the start %" PRIu64, i, bytes, fixture.charged[i]);
	}
}

void fixture_verify_heaps(void)
{
	const struct slots *s = fixture.world->slots;
	for (uint32_t i = 1; i < atomic_load(&s->high); i++) {
		struct slot *slot = slot_at(s, i);
		if (!atomic_load(&slot->pid))
			continue;
		struct root_set roots = process_roots(slot->process, NULL, 0);
		gc_verify(&slot->process->heap, &roots, "at rest");
	}
}
