#include "tests/demo_table.h"

#include <string.h>

#include "runtime/base/base.h"

#define NOISE_BYTES 65536               /* what a collection may free or take anywhere, in processes that only wait */

const struct demo_row demo_rows[] = {
	{ "shop", TOTAL, STABLE, 10, 5, GC_ANY, GC_ANY, "-", "" },
	{ "header_keeper", BINARY, GROWS, 10, 5, GC_NOTHING, GC_HELPS, "only after the fix", "" },
	{ "fifty", BINARY, STEPS, 5, 5, GC_NOTHING, GC_HELPS, "only after the fix", "" },
	{ "switchboard", BINARY, STEPS, 8, 5, GC_HELPS, GC_ANY, "helps", "" },
	{ "proxy", BINARY, STEPS, 25, 5, GC_HELPS, GC_ANY, "helps", "" },
	{ "crash_pin", BINARY, STEPS, 5, 5, GC_HELPS, GC_ANY, "helps", "" },
	{ "appender", BINARY, SWINGS, 3, 5, GC_ANY, GC_ANY, "partly", "" },
	{ "mailbag", PROCESSES, GROWS, 10, 20, GC_ANY, GC_ANY, "worse; helps after draining",
		"the writer reads on: what it has read is garbage, and goes" },
	{ "needle", PROCESSES, STEPS, 10, 5, GC_ANY, GC_ANY, "nothing", "the growing mailbox left garbage of its own" },
	{ "ghost", DROPPED, COUNTS, 5, 5, GC_NOTHING, GC_NOTHING, "-", "" },
	{ "logstorm", PROCESSES, GROWS, 10, 5, GC_ANY, GC_ANY, "nothing", "" },
	{ "tally", ETS, GROWS, 10, 5, GC_NOTHING, GC_NOTHING, "nothing", "" },
	{ "foundling", ETS, STEPS, 5, 5, GC_NOTHING, GC_NOTHING, "nothing", "" },
	{ "refc_table", BINARY, GROWS, 10, 5, GC_NOTHING, GC_NOTHING, "nothing", "" },
	{ "postman", PROCESSES, STEPS, 6, 10, GC_ANY, GC_ANY, "caller helps, server worse", "" },
	{ "leaflets", PROCESSES, STEPS, 5, 5, GC_WORSE, GC_HELPS, "pushed: worse", "" },
	{ "hydra", PROCESSES, STEPS, 5, 8, GC_ANY, GC_ANY, "nothing", "the copy moves into the heap" },
	{ "attic", PROCESSES, STEPS, 5, 5, GC_HELPS, GC_ANY, "helps", "" },
	{ "snooze", PROCESSES, STEPS, 5, 5, GC_HELPS, GC_ANY, "helps", "" },
	{ "swell", PROCESSES, STEPS, 5, 5, GC_HELPS, GC_ANY, "helps", "" },
	{ "ceiling", RESTARTS, COUNTS, 10, 5, GC_ANY, GC_ANY, "may kill", "" },
	{ "pockets", PROCESSES, GROWS, 10, 20, GC_ANY, GC_HELPS, "only after the fix", "" },
	{ "waiting_room", COUNT, GROWS, 10, 5, GC_NOTHING, GC_ANY, "nothing", "" },
	{ "revolving_door", RESTARTS, COUNTS, 10, 5, GC_NOTHING, GC_NOTHING, "nothing", "" },
	{ "bookkeeper", PROCESSES, GROWS, 10, 10, GC_ANY, GC_ANY, "nothing", "" },
	{ "alarm_clock", UNATTRIBUTED, GROWS, 10, 10, GC_ANY, GC_ANY, "nothing", "" },
	{ "census", ATOMS, GROWS, 10, 5, GC_NOTHING, GC_NOTHING, "nothing", "" },
	{ "hog", REDUCTIONS, COUNTS, 5, 5, GC_NOTHING, GC_NOTHING, "nothing", "" },
	{ "sponge", PROCESSES, SWINGS, 6, 5, GC_ANY, GC_ANY, "nothing", "" },
	{ "ledger", BINARY, SWINGS, 2, 5, GC_NOTHING, GC_ANY, "partly", "" },
	{ "closure", PROCESSES, SWINGS, 3, 5, GC_ANY, GC_ANY, "nothing", "" },
	{ "crowd", COUNT, STEPS, 5, 5, GC_NOTHING, GC_ANY, "-", "" },
};
const size_t demo_row_count = ARRAY_COUNT(demo_rows);

const struct demo_row *demo_row_find(const char *demo)
{
	for (size_t i = 0; i < demo_row_count; i++)
		if (strcmp(demo_rows[i].demo, demo) == 0)
			return &demo_rows[i];
	return NULL;
}

uint64_t demo_figure(struct demo_run *r, enum figure figure)
{
	const struct snap_system *y = &r->now->system;

	switch (figure) {
	case BINARY: return y->binary;
	case PROCESSES: return y->processes;
	case ETS: return y->ets;
	case ATOMS: return y->atom_count;
	case COUNT: return y->process_count;
	case UNATTRIBUTED: return y->unattributed;
	case DROPPED: return y->dropped_sends;
	case RESTARTS: return y->restarts;
	case REDUCTIONS: return y->reductions;
	case TOTAL: return y->total;
	case CARRIERS: return y->carrier_bytes;
	}
	return 0;
}

enum gc_effect gc_effect_of(const struct snap_receipt *receipt)
{
	uint64_t before = receipt->own_before + receipt->queue_before + receipt->binary_before;
	uint64_t after = receipt->own_after + receipt->queue_after + receipt->binary_after;

	if (after > before + before / 100 + NOISE_BYTES)
		return GC_WORSE;
	if (after + before / 10 + NOISE_BYTES < before)
		return GC_HELPS;
	return GC_NOTHING;
}

const char *gc_effect_text(enum gc_effect effect)
{
	static const char *const texts[] = { "-", "nothing", "helps", "worse" };

	return texts[effect];
}
