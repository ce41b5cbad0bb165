/* observe - the live source: when samples are taken and who runs the world meanwhile. */
#include "runtime/observe/observe.h"

#include <string.h>
#include <time.h>

#include "runtime/observe/live.h"

#define DEFAULT_INTERVAL_US 1000000u

/* A deterministic world runs from command to command up to the sample; then the commands due at its very moment. */
static void run_virtual(struct live *l, uint64_t until)
{
	while (l->later && l->later->us < until) {
		uint64_t us = l->later->us;
		scheduler_run_until(l->world, us);
		live_run_later(l, us);
	}
	scheduler_run_until(l->world, until);
}

static struct snapshot *next_virtual(struct live *l)
{
	run_virtual(l, l->next_us);
	struct snapshot *s = live_sample(l, true);
	live_run_later(l, l->next_us);
	l->next_us += l->interval_us;
	return s;
}

static void sleep_us(uint64_t us)
{
	struct timespec t = { (time_t) (us / 1000000), (long) (us % 1000000) * 1000 };
	nanosleep(&t, NULL);
}

/* Commands that are due before the sample run at their time; those at the same time after it. */
static struct snapshot *next_real(struct live *l, int wait_ms)
{
	uint64_t start = clock_us(&l->world->clock), end = wait_ms < 0 ? UINT64_MAX : start + (uint64_t) wait_ms * 1000;
	for (;;) {
		uint64_t now = clock_us(&l->world->clock);
		live_run_later(l, now < l->next_us ? now : l->next_us - 1);
		if (now >= l->next_us) {
			struct snapshot *s = live_sample(l, true);
			live_run_later(l, l->next_us);
			l->next_us += l->interval_us;
			if (l->next_us <= now)
				l->next_us = now + l->interval_us;
			return s;
		}
		if (now >= end)
			return NULL;
		uint64_t until = l->next_us < end ? l->next_us : end;
		if (l->later && l->later->us < until)
			until = l->later->us;
		sleep_us(until > now ? until - now : 1);
	}
}

static struct snapshot *live_next(struct source *s, int wait_ms)
{
	struct live *l = s->self;
	return l->world->clock.is_virtual ? next_virtual(l) : next_real(l, wait_ms);
}

static struct snapshot *live_now(struct source *s) { return live_sample(s->self, false); }

static void live_set_interval(struct source *s, uint64_t us)
{
	struct live *l = s->self;
	l->next_us = l->next_us - l->interval_us + us;
	l->interval_us = us;
}

static void live_close(struct source *s)
{
	struct live *l = s->self;
	size_t bits = (size_t) (l->world->slots->places / 64 + 1) * sizeof(uint64_t), atoms = (size_t) (atom_limit(l->world->atoms) / 64 + 1) * sizeof(uint64_t);
	live_forget_commands(l);
	live_forget_asks(l);
	map64_release(&l->table_bytes, l->lane, MEM_OBSERVER);
	map64_release(&l->table_count, l->lane, MEM_OBSERVER);
	mem_give(l->lane, MEM_OBSERVER, l->owner_bits, bits);
	mem_give(l->lane, MEM_OBSERVER, l->running_bits, atoms);
	mem_give(l->lane, MEM_OBSERVER, l->cursors, recorder_lanes(l->world->recorder) * sizeof *l->cursors);
	/* Collections and surveys under way are still written to by processes: they stay until the world itself is given back. */
	if (!l->collections && !atomic_load(&l->surveys))
		mem_give(l->lane, MEM_OBSERVER, l, sizeof *l);
}

static void *zeroed(struct mem_lane *lane, size_t bytes)
{
	void *at = mem_need(lane, MEM_OBSERVER, bytes);
	memset(at, 0, bytes);
	return at;
}

struct source *observe_open(struct world *w, const struct observe_options *options)
{
	struct mem_lane *lane = mem_lane_at(w->mem, w->scheduler_count);
	struct live *l = zeroed(lane, sizeof *l);
	l->world = w;
	l->lane = lane;
	l->options = *options;
	l->interval_us = options->interval_us ? options->interval_us : DEFAULT_INTERVAL_US;
	l->next_us = clock_us(&w->clock) + l->interval_us;
	l->atoms_at_start = atom_count(w->atoms);
	l->owner_bits = zeroed(lane, (size_t) (w->slots->places / 64 + 1) * sizeof(uint64_t));
	l->running_bits = zeroed(lane, (size_t) (atom_limit(w->atoms) / 64 + 1) * sizeof(uint64_t));
	l->cursors = zeroed(lane, recorder_lanes(w->recorder) * sizeof *l->cursors);
	l->source = (struct source) { .name = "live", .can = (1u << COMMAND_COUNT) - 1, .wake_fd = -1, .self = l, .next = live_next, .now = live_now,
		.set_interval = live_set_interval, .read_processes = live_read_processes, .read_process = live_read_process, .text = live_text,
		.text_id = live_text_id, .whereis = live_whereis, .ask_detail = live_ask_detail, .take_detail = live_take_detail,
		.read_table = live_read_table, .send = live_send, .at = live_at, .close = live_close };
	return &l->source;
}
