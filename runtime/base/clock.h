/*
 * clock - world time in microseconds since the world began.
 *
 * Real: the monotonic clock. Virtual (deterministic worlds): time moves by reductions, 1 us for every
 * 50 charged, and jumps to the next timer when nothing is runnable. Never goes back.
 */
#ifndef RUNTIME_BASE_CLOCK_H
#define RUNTIME_BASE_CLOCK_H

#include <stdatomic.h>

#include "runtime/base/base.h"

#define CLOCK_REDUCTIONS_PER_US 50u

struct clock {
	bool is_virtual;
	uint64_t start_ns;              /* monotonic at the start; real clock only */
	_Atomic uint64_t virtual_us;
	uint64_t spare_reductions;      /* charged but under one microsecond; the world's only thread */
};

void clock_init(struct clock *c, bool is_virtual);

/* Now. Any thread. */
uint64_t clock_us(const struct clock *c);
/* Host nanoseconds for measuring; 0 in a virtual world, so that nothing printed comes from the host. */
uint64_t clock_host_ns(const struct clock *c);

/* Host nanoseconds as world time; a virtual world's now. */
uint64_t clock_us_at(const struct clock *c, uint64_t host_ns);

/* Virtual only, no effect on a real clock: work was done; or nothing is left to do before `us`. */
void clock_charge(struct clock *c, uint64_t reductions);
void clock_jump(struct clock *c, uint64_t us);

#endif
