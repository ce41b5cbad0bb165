#include "tests/demo_run.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/base/base.h"
#include "runtime/observe/observe.h"

#define GIB (UINT64_C(1) << 30)
#define STOP_SECONDS 60
#define SECOND_US 1000000
#define MOMENT_US 10000
#define RECEIPT_MOMENTS 1000

static void add_to_trace(struct demo_run *r, uint64_t value)
{
	r->trace = (r->trace ^ value) * UINT64_C(0x100000001b3);
}

static void trace_sample(struct demo_run *r)
{
	const struct snap_system *y = &r->now->system;
	const uint64_t figures[] = {
		y->total, y->processes, y->processes_used, y->binary, y->ets, y->atom_count, y->process_count, y->reductions,
		y->messages, y->gc_minor, y->gc_major, y->gc_words_reclaimed, y->timers, y->dropped_sends, y->carrier_bytes,
	};

	for (size_t i = 0; i < ARRAY_COUNT(figures); i++)
		add_to_trace(r, figures[i]);
}

static void take(struct demo_run *r, struct snapshot *s)
{
	CHECK(s, "no sample");
	snapshot_drop(r->now);
	r->now = s;
	if (s->receipt_count > 0)
		r->receipt = s->receipts[s->receipt_count - 1];
	trace_sample(r);
}

struct demo_run *demo_run_start(const struct application *of, const struct demo_run_options *options)
{
	struct world_options w = world_options_for_test();
	struct demo_run *r = calloc(1, sizeof *r);

	CHECK(r, "no memory");
	w.seed = options->seed;
	w.max_memory = options->max_memory ? options->max_memory : GIB;
	r->of = of;
	r->world = world_start(&w);
	CHECK(r->world, "no world");
	r->source = observe_open(r->world, &(struct observe_options) { .interval_us = SECOND_US });
	r->name = application_start(r->world, of, 0, options->keys, options->values, options->count);
	take(r, r->source->now(r->source));
	return r;
}

void demo_run_end(struct demo_run *r)
{
	snapshot_drop(r->now);
	r->source->close(r->source);
	world_stop(r->world);
	free(r);
}

void demo_run_for(struct demo_run *r, unsigned seconds)
{
	for (; seconds > 0; seconds--)
		take(r, r->source->next(r->source, 0));
}

void demo_run_set(struct demo_run *r, const char *key, int64_t value)
{
	CHECK(application_set(r->world, r->name, key, value), "%s: no %s of %lld", r->of->name, key, (long long) value);
}

void demo_run_moment(struct demo_run *r)
{
	r->source->set_interval(r->source, MOMENT_US);
	take(r, r->source->next(r->source, 0));
	r->source->set_interval(r->source, SECOND_US);
}

void demo_run_collect_one(struct demo_run *r, uint64_t pid)
{
	struct command collect = { .kind = pid ? COMMAND_GC : COMMAND_GC_ALL, .pids = &pid, .pid_count = pid != 0,
		.estimate = SNAP_UNKNOWN, .subject = pid ? "one" : "every process" };

	r->receipt = (struct snap_receipt) { 0 };
	CHECK(r->source->send(r->source, &collect), "no collection");
	for (unsigned i = 0; i < RECEIPT_MOMENTS && !r->receipt.serial; i++)
		demo_run_moment(r);
	CHECK(r->receipt.serial, "%s: no receipt", r->of->name);
}

void demo_run_command(struct demo_run *r, enum command_kind kind, const char *name)
{
	uint64_t pid = demo_run_find(r, name);
	struct command c = { .kind = kind, .pids = &pid, .pid_count = 1, .estimate = SNAP_UNKNOWN, .subject = name };

	CHECK(pid && r->source->send(r->source, &c), "%s: nobody is called %s", r->of->name, name);
}

uint64_t demo_run_find(struct demo_run *r, const char *subject)
{
	uint64_t pid = subject ? r->source->whereis(r->source, subject) : 0;
	struct snap_process row;

	if (!subject || pid)
		return pid;
	for (uint32_t cursor = 0; r->source->read_processes(r->source, &cursor, &row, 1) == 1;)
		if (strcmp(r->source->text(r->source, row.initial_call), subject) == 0)
			pid = row.pid;
	return pid;
}

bool demo_run_is_alive(struct demo_run *r, uint64_t pid)
{
	struct snap_process row;

	return r->source->read_process(r->source, pid, &row);
}

bool demo_run_stop(struct demo_run *r)
{
	const struct snap_application *a;

	application_stop(r->world, r->name);
	for (unsigned i = 0; i < STOP_SECONDS; i++) {
		demo_run_for(r, 1);
		a = demo_run_application(r);
		if (!a || a->state != SNAP_APP_RUNNING)
			return true;
	}
	return false;
}

const struct snap_application *demo_run_application(const struct demo_run *r)
{
	for (size_t i = 0; i < r->now->application_count; i++)
		if (r->now->applications[i].name == r->name)
			return &r->now->applications[i];
	return NULL;
}

uint64_t demo_run_bytes(const struct demo_run *r)
{
	const struct snap_system *y = &r->now->system;

	return y->processes + y->binary + y->ets;
}

bool demo_run_process(struct demo_run *r, const char *name, struct snap_process *row)
{
	uint64_t pid = r->source->whereis(r->source, name);

	return pid && r->source->read_process(r->source, pid, row);
}
