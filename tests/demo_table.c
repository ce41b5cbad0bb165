#include "tests/demo_table.h"

#include <string.h>

#include "runtime/base/base.h"

const struct demo_row demo_rows[] = {
	{ "shop", TOTAL, STABLE, 10, 5 },
	{ "header_keeper", BINARY, GROWS, 10, 5 },
	{ "fifty", BINARY, STEPS, 5, 5 },
	{ "switchboard", BINARY, STEPS, 8, 5 },
	{ "proxy", BINARY, STEPS, 25, 5 },
	{ "crash_pin", BINARY, STEPS, 5, 5 },
	{ "appender", BINARY, SWINGS, 3, 5 },
	{ "mailbag", PROCESSES, GROWS, 10, 20 },
	{ "needle", PROCESSES, STEPS, 10, 5 },
	{ "ghost", DROPPED, COUNTS, 5, 5 },
	{ "logstorm", PROCESSES, GROWS, 10, 5 },
	{ "tally", ETS, GROWS, 10, 5 },
	{ "foundling", ETS, STEPS, 5, 5 },
	{ "refc_table", BINARY, GROWS, 10, 5 },
	{ "postman", PROCESSES, STEPS, 6, 10 },
	{ "leaflets", PROCESSES, STEPS, 5, 5 },
	{ "hydra", PROCESSES, STEPS, 5, 8 },
	{ "attic", PROCESSES, STEPS, 5, 5 },
	{ "snooze", PROCESSES, STEPS, 5, 5 },
	{ "swell", PROCESSES, STEPS, 5, 5 },
	{ "ceiling", RESTARTS, COUNTS, 10, 5 },
	{ "pockets", PROCESSES, GROWS, 10, 20 },
	{ "waiting_room", COUNT, GROWS, 10, 5 },
	{ "revolving_door", RESTARTS, COUNTS, 10, 5 },
	{ "bookkeeper", PROCESSES, GROWS, 10, 10 },
	{ "alarm_clock", UNATTRIBUTED, GROWS, 10, 10 },
	{ "census", ATOMS, GROWS, 10, 5 },
	{ "hog", REDUCTIONS, COUNTS, 5, 5 },
	{ "sponge", PROCESSES, SWINGS, 6, 5 },
	{ "ledger", BINARY, SWINGS, 2, 5 },
	{ "closure", PROCESSES, SWINGS, 3, 5 },
	{ "crowd", COUNT, STEPS, 5, 5 },
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
