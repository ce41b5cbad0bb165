/* runtime - puts the parts of a world together, ground floor first, and takes them apart the other way round. */
#include "runtime/runtime.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/recorder.h"
#include "runtime/memory/literal.h"
#include "runtime/observe/observe.h"
#include "runtime/otp/otp.h"
#include "runtime/process/life.h"
#include "runtime/process/scheduler.h"
#include "runtime/process/slot.h"
#include "runtime/term/atom.h"

#define RECORDER_CAPACITY 4096u
#define MAX_SCHEDULERS 64u
/* Own structures of a small node, counted as code: descriptors, tables of names. */
#define CODE_BYTES 65536

struct world_options world_options_for_test(void)
{
	struct world_options o = { .seed = 1, .deterministic = true, .schedulers = 1 };
	const char *where = "";
	switches_init(&o.switches);
	CHECK(switches_parse(&o.switches, getenv("ACTOP_WORLD"), &where), "ACTOP_WORLD: unknown word at \"%s\"", where);
	return o;
}

uint64_t world_default_ceiling(bool deterministic)
{
	uint64_t ram = (uint64_t) sysconf(_SC_PHYS_PAGES) * (uint64_t) sysconf(_SC_PAGESIZE);
	uint64_t most = UINT64_C(2) << 30;
	if (deterministic)
		return UINT64_C(1) << 30;
	return ram / 4 < most ? ram / 4 : most;
}

static unsigned scheduler_count(const struct world_options *o)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	unsigned wanted = o->schedulers ? o->schedulers : processors > 0 ? (unsigned) processors : 1;
	if (o->deterministic)
		return 1;
	return wanted < MAX_SCHEDULERS ? wanted : MAX_SCHEDULERS;
}

static struct mem *make_memory(const struct world_options *o, unsigned schedulers)
{
	struct mem_options m = { .hard_bytes = o->max_memory, .lanes = schedulers + 2, .poison = o->switches.poison,
		.fail_type = o->switches.fail_type, .fail_at = o->switches.fail_at };
	return mem_new(&m);
}

struct world *world_start(const struct world_options *o)
{
	unsigned schedulers = scheduler_count(o);
	struct mem *mem = make_memory(o, schedulers);
	if (!mem)
		return NULL;
	struct mem_lane *lane = mem_lane_at(mem, schedulers);
	struct world *w = mem_need(lane, MEM_SYSTEM, sizeof *w);
	memset(w, 0, sizeof *w);
	w->mem = mem;
	w->seed = o->seed;
	w->switches = o->switches;
	w->scheduler_count = schedulers;
	clock_init(&w->clock, o->deterministic);
	random_init(&w->random, o->switches.det ? o->switches.det_seed : o->seed);
	w->recorder = recorder_new(schedulers + 2, o->recorder_capacity ? o->recorder_capacity : RECORDER_CAPACITY);
	w->atoms = atoms_new(mem, lane, o->atom_limit);
	w->literals = literals_new(w, lane);
	w->slots = slots_new(lane, schedulers + 2, o->process_limit ? o->process_limit : SLOT_LIMIT);
	w->schedulers = schedulers_new(w);
	otp_start(w, lane);
	mem_charge(lane, CHARGE_CODE, CODE_BYTES);
	schedulers_start(w->schedulers);
	return w;
}

static uint64_t blocks_in_use(const struct mem *m)
{
	uint64_t blocks = 0;
	for (int type = 0; type < MEM_TYPE_COUNT; type++)
		blocks += mem_usage(m, (enum mem_type) type).blocks;
	return blocks;
}

uint64_t world_stop(struct world *w)
{
	struct mem *mem = w->mem;
	struct mem_lane *lane = mem_lane_at(mem, w->scheduler_count);
	schedulers_stop(w->schedulers);
	processes_release_all(w);
	otp_stop(w, lane);
	schedulers_free(w->schedulers);
	slots_free(w->slots, lane);
	literals_free(w->literals, lane);
	atoms_free(w->atoms, lane);
	recorder_free(w->recorder);
	mem_give(lane, MEM_SYSTEM, w, sizeof *w);
	uint64_t forgotten = blocks_in_use(mem);
	mem_free(mem);
	return forgotten;
}

struct source *world_observe(struct world *w, const struct application *const *catalogue, uint64_t interval_us)
{
	return observe_open(w, &(struct observe_options) { catalogue, interval_us });
}
