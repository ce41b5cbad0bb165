#include "tests/trace.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "runtime/process/life.h"
#include "runtime/process/scheduler.h"
#include "runtime/process/slot.h"
#include "tests/suite.h"

#define ROOM 65536

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char text[ROOM];

void trace(const char *format, ...)
{
	va_list list;
	pthread_mutex_lock(&lock);
	size_t at = strlen(text);
	if (at > 0 && at < ROOM - 2)
		at += (size_t) snprintf(text + at, ROOM - at, "; ");
	va_start(list, format);
	vsnprintf(text + at, ROOM - at, format, list);
	va_end(list);
	pthread_mutex_unlock(&lock);
}

const char *trace_text(void) { return text; }
void trace_clear(void) { text[0] = 0; }

struct world *test_world(void)
{
	struct world_options o = world_options_for_test();
	trace_clear();
	return world_start(&o);
}

struct world *test_world_threads(unsigned schedulers)
{
	struct world_options o = world_options_for_test();
	o.deterministic = o.switches.det = false;
	o.schedulers = schedulers;
	trace_clear();
	return world_start(&o);
}

void run_us(struct world *w, uint64_t us) { scheduler_run_until(w, clock_us(&w->clock) + us); }

term run_step(struct world *w, const struct step *step, unsigned n, const term *args)
{
	struct spawn_options options = SPAWN_DEFAULT;
	return world_spawn(w, step, n, args, &options);
}

/* Whatever still lives is killed first; then nothing may be left but what a world without processes holds. */
void test_world_stop(struct world *w)
{
	if (w->clock.is_virtual) {
		struct scheduler *s = scheduler_enter_outside(w);
		for (uint32_t i = 1; i < w->slots->high; i++)
			if (slot_at(w->slots, i)->pid)
				request_exit(s, (term) { slot_at(w->slots, i)->pid }, ATOM(kill));
		scheduler_leave_outside(s);
		run_us(w, 1000000);
		ck_assert_uint_eq(w->slots->count, 0);
		ck_assert_uint_eq(mem_charged(w->mem, CHARGE_PROCESSES), 0);
		ck_assert_uint_eq(mem_charged(w->mem, CHARGE_BINARY), 0);
		ck_assert_uint_eq(mem_charged(w->mem, CHARGE_ETS), 0);
	}
	world_stop(w);
}
