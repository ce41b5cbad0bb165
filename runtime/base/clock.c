/* clock - see the header. */
#include "runtime/base/clock.h"

#include <string.h>
#include <time.h>

static uint64_t monotonic_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t) now.tv_sec * 1000000000u + (uint64_t) now.tv_nsec;
}

void clock_init(struct clock *c, bool is_virtual)
{
	memset(c, 0, sizeof *c);
	c->is_virtual = is_virtual;
	c->start_ns = is_virtual ? 0 : monotonic_ns();
}

uint64_t clock_us_at(const struct clock *c, uint64_t host_ns)
{
	return c->is_virtual ? atomic_load_explicit(&c->virtual_us, memory_order_relaxed) : (host_ns - c->start_ns) / 1000;
}

uint64_t clock_us(const struct clock *c) { return clock_us_at(c, clock_host_ns(c)); }

uint64_t clock_host_ns(const struct clock *c) { return c->is_virtual ? 0 : monotonic_ns(); }

void clock_charge(struct clock *c, uint64_t reductions)
{
	if (!c->is_virtual)
		return;
	reductions += c->spare_reductions;
	c->spare_reductions = reductions % CLOCK_REDUCTIONS_PER_US;
	atomic_fetch_add_explicit(&c->virtual_us, reductions / CLOCK_REDUCTIONS_PER_US, memory_order_relaxed);
}

void clock_jump(struct clock *c, uint64_t us)
{
	if (c->is_virtual && us > clock_us(c)) {
		atomic_store_explicit(&c->virtual_us, us, memory_order_relaxed);
		c->spare_reductions = 0;
	}
}
