/* table_lock - by the word, and from one owner to the next; see the header. */
#include "runtime/process/table_lock.h"

#include <linux/membarrier.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#define WRITER 0x80000000u
#define WRITES_TO_OWN 1000u             /* in a row, at first */
#define WRITES_TO_OWN_MOST (1u << 30)

static bool barrier_everywhere(int command) { return syscall(SYS_membarrier, command, 0, 0) == 0; }

bool table_lock_may_own(void) { return barrier_everywhere(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED); }

static void pause_a_while(unsigned *turns)
{
	if (++*turns % 64 == 0)
		sched_yield();
}

static void enter_read(struct table_lock *l)
{
	unsigned turns = 0;
	while (atomic_fetch_add_explicit(&l->word, 1, memory_order_acquire) & WRITER) {
		atomic_fetch_sub_explicit(&l->word, 1, memory_order_relaxed);
		while (atomic_load_explicit(&l->word, memory_order_relaxed) & WRITER)
			pause_a_while(&turns);
	}
}

static void enter_write(struct table_lock *l)
{
	unsigned turns = 0;
	while (atomic_fetch_or_explicit(&l->word, WRITER, memory_order_acquire) & WRITER)
		pause_a_while(&turns);
	while (atomic_load_explicit(&l->word, memory_order_acquire) != WRITER)
		pause_a_while(&turns);
}

void table_lock_leave(struct table_lock *l, bool write)
{
	if (write)
		atomic_fetch_and_explicit(&l->word, ~WRITER, memory_order_release);
	else
		atomic_fetch_sub_explicit(&l->word, 1, memory_order_release);
}

/* Inside as a writer. The old owner either sees that it is none any more, or is seen to be inside. */
static void take_away(struct table_lock *l)
{
	unsigned turns = 0;
	if (atomic_load_explicit(&l->owner, memory_order_relaxed) == 0)
		return;
	atomic_store_explicit(&l->owner, 0, memory_order_seq_cst);
	CHECK(barrier_everywhere(MEMBARRIER_CMD_PRIVATE_EXPEDITED), "no membarrier");
	while (atomic_load_explicit(&l->inside, memory_order_acquire))
		pause_a_while(&turns);
	l->writes = 0;
	l->writes_to_own = (uint32_t) size_min(2 * (size_t) l->writes_to_own, WRITES_TO_OWN_MOST);
}

/* A writer by the word. */
static void count_writer(struct table_lock *l, uint32_t who)
{
	l->writes = who == l->writer ? l->writes + 1 : 1;
	l->writer = who;
	if (l->writes_to_own && l->writes >= l->writes_to_own && who != TABLE_LOCK_GUEST)
		atomic_store_explicit(&l->owner, who, memory_order_release);
}

void table_lock_enter(struct table_lock *l, uint32_t who, bool write)
{
	if (!write) {
		enter_read(l);
		if (LIKELY(atomic_load_explicit(&l->owner, memory_order_relaxed) == 0))
			return;
		table_lock_leave(l, false);
	}
	enter_write(l);
	take_away(l);
	if (write) {
		count_writer(l, who);
		return;
	}
	atomic_fetch_add_explicit(&l->word, 1, memory_order_relaxed);
	table_lock_leave(l, true);
}

void table_lock_own(struct table_lock *l, uint32_t who)
{
	take_away(l);
	l->writes = 0;
	l->writes_to_own = WRITES_TO_OWN;
	atomic_store_explicit(&l->owner, who, memory_order_release);
}
