/* scheduler - see the header. */
#include "runtime/process/scheduler.h"

#include <limits.h>
#include <linux/futex.h>
#include <sched.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "runtime/process/life.h"
#include "runtime/process/mailbox.h"

#define OVERFLOW_EVERY 61u              /* one in so many takes looks at the overflow first */
#define LOW_TURNS 8u                    /* a low process runs in one of so many of its turns */
#define LONG_SLICE_MS 10                /* OTP's long_schedule: worth a record */
#define CLOCK_TAKES 16u                 /* the clock is read after so many takes */
#define SPINS_BEFORE_PARKING 200u

/* ---- Counters: one writer each ------------------------------------------------------------------------------- */

static inline void bump(_Atomic uint64_t *counter, uint64_t by)
{
	atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + by, memory_order_relaxed);
}

NOINLINE void scheduler_write_record(struct scheduler *s, uint64_t us, enum record_kind kind, uint64_t pid, const uint64_t *args,
	unsigned count)
{
	/* Not everybody looked at the clock, but what was written later did not happen before. */
	s->recorded_us = size_max(s->recorded_us, us);
	recorder_write(s->world->recorder, s->id, s->recorded_us, kind, pid, args, count);
}

static unsigned bucket_of(uint64_t us) { return us == 0 ? 0 : (unsigned) size_min(23, 64 - (unsigned) __builtin_clzll(us)); }

static void raise_to(_Atomic uint64_t *most, uint64_t us)
{
	uint64_t now = atomic_load_explicit(most, memory_order_relaxed);
	while (us > now && !atomic_compare_exchange_weak_explicit(most, &now, us, memory_order_relaxed, memory_order_relaxed))
		;
}

void scheduler_note_collection(struct scheduler *s, bool is_minor, uint64_t freed_words, uint64_t pause_us, uint64_t spent_us)
{
	bump(is_minor ? &s->gc_minor : &s->gc_major, 1);
	bump(&s->gc_words, freed_words);
	bump(&s->gc_us, spent_us);
	atomic_fetch_add_explicit(&s->all->pause_count[bucket_of(pause_us)], 1, memory_order_relaxed);
	raise_to(&s->all->pause_max_us, pause_us);
}

void scheduler_note_call(struct scheduler *s, uint64_t us, bool over_gc)
{
	atomic_fetch_add_explicit(&s->all->call_count[bucket_of(us)], 1, memory_order_relaxed);
	raise_to(&s->all->call_max_us, us);
	if (over_gc)
		atomic_fetch_add_explicit(&s->all->calls_over_gc, 1, memory_order_relaxed);
}

/* A yield gives the processor away; a spin moves this thread by less than that. A virtual world has nobody to go first. */
void scheduler_yield_now(struct scheduler *s)
{
	if (s->world->clock.is_virtual)
		return;
	uint64_t choice = random_below(&s->chaos, 16);
	if (choice == 0)
		sched_yield();
	for (volatile uint64_t spin = choice < 4 ? random_below(&s->chaos, 400) : 0; spin > 0; spin--)
		;
}

/* ---- Queues of runnables -------------------------------------------------------------------------------------- */

static void append(struct run_list *list, struct process *first, struct process *last, uint64_t count)
{
	last->run_next = NULL;
	if (list->last)
		list->last->run_next = first;
	else
		list->first = first;
	list->last = last;
	list->count += count;
}

static struct process *remove_first(struct run_list *list)
{
	struct process *p = list->first;
	if (!p)
		return NULL;
	list->first = p->run_next;
	if (!list->first)
		list->last = NULL;
	list->count--;
	return p;
}

static void list_put(struct schedulers *all, struct run_list *list, _Atomic uint64_t *count, struct process *p)
{
	pthread_mutex_lock(&all->lock);
	append(list, p, p, 1);
	atomic_store_explicit(count, list->count, memory_order_relaxed);
	pthread_mutex_unlock(&all->lock);
}

static struct process *list_take(struct schedulers *all, struct run_list *list, _Atomic uint64_t *count)
{
	if (atomic_load_explicit(count, memory_order_relaxed) == 0)
		return NULL;
	pthread_mutex_lock(&all->lock);
	struct process *p = remove_first(list);
	atomic_store_explicit(count, list->count, memory_order_relaxed);
	pthread_mutex_unlock(&all->lock);
	return p;
}

static uint32_t ring_length(const struct scheduler *s)
{
	return atomic_load_explicit(&s->tail, memory_order_relaxed) - atomic_load_explicit(&s->head, memory_order_relaxed);
}

static bool ring_put(struct scheduler *s, struct process *p)
{
	uint32_t tail = atomic_load_explicit(&s->tail, memory_order_relaxed);
	if (tail - atomic_load_explicit(&s->head, memory_order_acquire) >= RING_SIZE)
		return false;
	atomic_store_explicit(&s->ring[tail % RING_SIZE], p, memory_order_relaxed);
	scheduler_chaos(s);
	atomic_store_explicit(&s->tail, tail + 1, memory_order_release);
	return true;
}

/* Owner and thieves take at the head. */
static struct process *ring_take(struct scheduler *by, struct scheduler *s)
{
	uint32_t head = atomic_load_explicit(&s->head, memory_order_acquire);
	for (;;) {
		if (head == atomic_load_explicit(&s->tail, memory_order_acquire))
			return NULL;
		struct process *p = atomic_load_explicit(&s->ring[head % RING_SIZE], memory_order_relaxed);
		scheduler_chaos(by);
		if (atomic_compare_exchange_weak_explicit(&s->head, &head, head + 1, memory_order_acq_rel, memory_order_acquire))
			return p;
	}
}

/* ---- Parking ---------------------------------------------------------------------------------------------------- */

static void futex_wait(_Atomic uint32_t *word, uint32_t value, const struct timespec *timeout)
{
	syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, timeout, NULL, 0);
}

static void futex_wake(_Atomic uint32_t *word) { syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0); }

static void unpark(struct scheduler *s)
{
	if (atomic_exchange_explicit(&s->parked, 0, memory_order_seq_cst) == 1) {
		atomic_fetch_sub_explicit(&s->all->parked_count, 1, memory_order_seq_cst);
		futex_wake(&s->parked);
	}
}

/*
 * Who put something and who goes to sleep both change the count before they look at the other's word, so one of
 * them sees the other: the waker's change is by 0, but a change.
 */
static void unpark_one(struct schedulers *all)
{
	if (atomic_fetch_add_explicit(&all->parked_count, 0, memory_order_seq_cst) == 0)
		return;
	for (unsigned i = 0; i < all->count; i++)
		if (atomic_load_explicit(&all->each[i].parked, memory_order_seq_cst) == 1) {
			unpark(&all->each[i]);
			return;
		}
}

/* ---- The overflow list, many at a time: order is as if each had gone there alone -------------------------------- */

#define SPILL_MOST 64u
#define GRAB_ALONE 32u                  /* nobody else would take them */
#define GRAB_SHARED 4u

static void note_aside(struct scheduler *s)
{
	atomic_store_explicit(&s->aside, s->spilled.count + s->grabbed.count, memory_order_relaxed);
}

/* By one that is awake itself. */
static void unpark_another(struct scheduler *s)
{
	if (s->all->count > 1)
		unpark_one(s->all);
}

static NOINLINE void flush_spilled(struct scheduler *s)
{
	struct schedulers *all = s->all;
	pthread_mutex_lock(&all->lock);
	append(&all->overflow, s->spilled.first, s->spilled.last, s->spilled.count);
	atomic_store_explicit(&all->overflow_count, all->overflow.count, memory_order_relaxed);
	pthread_mutex_unlock(&all->lock);
	s->spilled = (struct run_list) { NULL, NULL, 0 };
	note_aside(s);
	unpark_another(s);
}

static void grab(struct scheduler *s)
{
	struct schedulers *all = s->all;
	uint64_t most = all->count == 1 ? GRAB_ALONE : GRAB_SHARED;
	pthread_mutex_lock(&all->lock);
	for (struct process *p; s->grabbed.count < most && (p = remove_first(&all->overflow));)
		append(&s->grabbed, p, p, 1);
	atomic_store_explicit(&all->overflow_count, all->overflow.count, memory_order_relaxed);
	pthread_mutex_unlock(&all->lock);
}

static struct process *take_overflow(struct scheduler *s)
{
	if (!s->grabbed.first && atomic_load_explicit(&s->all->overflow_count, memory_order_relaxed))
		grab(s);
	struct process *p = remove_first(&s->grabbed);
	if (p)
		note_aside(s);
	/* Who waited in a long list is cold: the one after it is on its way meanwhile. */
	if (s->grabbed.first)
		__builtin_prefetch(&s->grabbed.first->heap.b.body, 1);
	return p;
}

/* A sleeper is woken only when the ring held something already. */
void scheduler_wake_slowly(struct scheduler *by, struct process *p)
{
	struct schedulers *all = by->all;
	if (p->priority <= PRIORITY_HIGH) {
		list_put(all, &all->urgent, &all->urgent_count, p);
		unpark_one(all);
	} else if (by->is_outside) {
		list_put(all, &all->overflow, &all->overflow_count, p);
		unpark_one(all);
	} else if (!by->spilled.first && ring_put(by, p)) {
		if (ring_length(by) > 1)
			unpark_another(by);
	} else {
		append(&by->spilled, p, p, 1);
		note_aside(by);
		if (by->spilled.count >= SPILL_MOST)
			flush_spilled(by);
	}
}

static struct process *steal(struct scheduler *s)
{
	for (unsigned i = 1; i < s->all->count; i++) {
		struct scheduler *other = &s->all->each[(s->id + i) % s->all->count];
		/* One alone in a ring is talking to the one that runs there. */
		if (ring_length(other) > 1 || (ring_length(other) == 1 && !atomic_load_explicit(&other->busy, memory_order_relaxed))) {
			struct process *p = ring_take(s, other);
			if (p) {
				bump(&s->steals, 1);
				return p;
			}
		}
	}
	return NULL;
}

static struct process *take_random(struct scheduler *s)
{
	uint32_t n = ring_length(s);
	uint32_t skip = n > 1 ? (uint32_t) random_below(&s->world->random, n) : 0;
	while (skip-- > 0)
		ring_put(s, ring_take(s, s));
	return ring_take(s, s);
}

static struct process *take_next(struct scheduler *s)
{
	struct schedulers *all = s->all;
	struct process *p;
	if (UNLIKELY(s->spilled.first != NULL))
		flush_spilled(s);
	if (UNLIKELY(atomic_load_explicit(&all->urgent_count, memory_order_relaxed)) && (p = list_take(all, &all->urgent, &all->urgent_count)))
		return p;
	if (UNLIKELY(++s->taken % OVERFLOW_EVERY == 0) && (p = take_overflow(s)))
		return p;
	/* Alone it was woken, so nobody waits before it: order is as through the ring. */
	if ((p = s->next)) {
		s->next = NULL;
		return p;
	}
	p = s->world->switches.det ? take_random(s) : ring_take(s, s);
	if (!p)
		p = take_overflow(s);
	return p ? p : steal(s);
}

/* ---- A slice ---------------------------------------------------------------------------------------------------- */

static void own(struct scheduler *s, struct process *p)
{
	if (p->heap.b.body)
		p->heap.b.body->lane = s->lane;
	p->scheduler = s;
	s->running = p;
	s->exit_reason = TERM_NONE;
	if (s->world->clock.is_virtual)
		s->slice_us = clock_us(&s->world->clock);
	p->budget = SLICE_REDUCTIONS;
}

static bool has_signals(const struct process *p)
{
	return (uintptr_t) atomic_load_explicit(&p->slot->inbox, memory_order_relaxed) >= INBOX_SIGNAL;
}

/* ACTIVE -> IDLE; fails when something came. Afterwards the process is anybody's who pushes. */
static bool go_idle(struct process *p, enum slot_status status)
{
	struct signal *active = (struct signal *) INBOX_ACTIVE;
	process_publish(p, status);
	scheduler_chaos(p->scheduler);
	return atomic_compare_exchange_strong_explicit(&p->slot->inbox, &active, (struct signal *) INBOX_IDLE, memory_order_release, memory_order_relaxed);
}

enum slice_end { SLICE_IDLE, SLICE_AGAIN, SLICE_HELPER };

/* What was used of the budget is charged; called again it charges what came since. */
void finish_slice(struct scheduler *s, struct process *p)
{
	uint64_t used = (uint64_t) (p->charged_from - p->budget);
	p->charged_from = p->budget;
	bump(&p->slot->reductions, used);
	bump(&s->reductions, used);
	if (s->world->clock.is_virtual)
		clock_charge(&s->world->clock, used);
}

/* Virtual work: charged in a virtual world, spun away in a real one. A signal's collection may have used the budget up. */
static void do_work(struct scheduler *s, struct process *p)
{
	int64_t piece = p->budget < 0 ? 0 : p->work < p->budget ? p->work : p->budget;
	if (!s->world->clock.is_virtual) {
		uint64_t until = clock_us(&s->world->clock) + (uint64_t) piece / CLOCK_REDUCTIONS_PER_US;
		while (clock_us(&s->world->clock) < until)
			;
	}
	p->work -= piece;
	p->budget -= (int32_t) piece;
}

static bool has_news(const struct process *p) { return *p->save != NULL || p->flags & PROCESS_TIMED_OUT; }

/* The process may run a step now: it is not waiting for what has not come, not suspended, not busy collecting. */
static bool may_step(const struct process *p)
{
	return !(p->flags & (PROCESS_SUSPENDED | PROCESS_WAITING)) || (!(p->flags & PROCESS_SUSPENDED) && has_news(p));
}

/* A message is on its way in: a process that waits will run, which a question or an order to collect does not make it do. */
static bool message_comes(const struct process *p)
{
	const struct signal *s = atomic_load_explicit(&p->slot->inbox, memory_order_acquire);
	while ((uintptr_t) s >= INBOX_SIGNAL && s->kind != SIGNAL_MESSAGE)
		s = s->next;
	return (uintptr_t) s >= INBOX_SIGNAL;
}

static bool will_step(const struct process *p) { return may_step(p) || (!(p->flags & PROCESS_SUSPENDED) && message_comes(p)); }

static void after_step(struct process *p, enum next next)
{
	/* A timeout has been told once the step that it woke waits again. */
	if (LIKELY(next == STEP_WAIT)) {
		p->flags = (uint16_t) ((p->flags & ~PROCESS_TIMED_OUT) | PROCESS_WAITING);
	} else if (next == STEP_YIELD) {
		p->flags |= PROCESS_YIELDED;
		p->budget = p->budget > 0 ? 0 : p->budget;      /* what was overdrawn stays charged */
	} else if (next == STEP_HIBERNATE) {
		p->flags |= PROCESS_WAITING | PROCESS_HIBERNATE;
	}
	/* Built-ins that the step called may have left fragments. What was received is looked at when the process is scheduled in again. */
	if (next == STEP_NEXT && UNLIKELY(p->heap.b.body && p->heap.b.body->fragments))
		process_after_bif(p, 1, NULL, 0);
}

static void step(struct process *p)
{
	bool goes_on = p->flags & PROCESS_YIELDED;
	p->flags &= (uint16_t) ~(PROCESS_WAITING | PROCESS_YIELDED);
	if (UNLIKELY(p->flags & PROCESS_HIBERNATED))
		process_wake_up(p);
	process_charge(p, !goes_on);
	after_step(p, process_step(p)->run(p));
}

/* A long collection: inline in a virtual world, else on the helper. */
static bool collect_long(struct scheduler *s, struct process *p, enum slice_end *end)
{
	p->flags &= (uint16_t) ~PROCESS_WAITING_GC;
	if (s->all->helper_runs) {
		*end = SLICE_HELPER;
		return true;
	}
	process_delayed_gc(p);
	return false;
}

/* It sleeps only when no message is queued; false: the helper has to sweep first. */
static bool hibernate_if_wanted(struct process *p)
{
	if (!p->first && p->heap.start && process_gc_is_long(p, 0)) {
		process_delay_gc(p);
		return false;
	}
	p->flags &= (uint16_t) ~PROCESS_HIBERNATE;
	if (!p->first)
		process_hibernate_now(p);
	return true;
}

static enum slot_status idle_status(const struct process *p)
{
	if (LIKELY(!(p->flags & (PROCESS_SUSPENDED | PROCESS_HIBERNATED))))
		return SLOT_WAITING;
	return p->flags & PROCESS_SUSPENDED ? SLOT_SUSPENDED : SLOT_HIBERNATED;
}

/* Nothing to do: the process goes idle; false: something came. */
static bool rest(struct scheduler *s, struct process *p)
{
	if (UNLIKELY(p->flags & PROCESS_HIBERNATE) && !hibernate_if_wanted(p))
		return false;
	finish_slice(s, p);
	return go_idle(p, idle_status(p));
}

static enum slice_end run_steps(struct scheduler *s, struct process *p)
{
	enum slice_end end = SLICE_AGAIN;
	if (UNLIKELY(process_wants_collection(p)) && will_step(p))
		process_before_slice(p);
	do {
		if (has_signals(p))
			mailbox_fetch(p);
		if (UNLIKELY(p->flags & PROCESS_WAITING_GC)) {
			if (collect_long(s, p, &end))
				return end;
		} else if (UNLIKELY(p->work > 0) && !(p->flags & PROCESS_SUSPENDED)) {
			do_work(s, p);
		} else if (may_step(p)) {
			step(p);
		} else if (rest(s, p)) {
			return SLICE_IDLE;
		}
	} while (p->budget > 0);
	return SLICE_AGAIN;
}

static void requeue(struct scheduler *s, struct process *p)
{
	struct schedulers *all = s->all;
	process_publish(p, SLOT_RUNNABLE);
	s->running = NULL;
	if (p->priority == PRIORITY_LOW && ++p->wait_turns % LOW_TURNS != 0) {
		if (s->spilled.first)
			flush_spilled(s);
		list_put(all, &all->overflow, &all->overflow_count, p);
	} else {
		scheduler_wake(s, p);
	}
}

void scheduler_postpone(struct scheduler *s, struct process *p)
{
	list_put(s->all, &s->all->overflow, &s->all->overflow_count, p);
	unpark_one(s->all);
}

static void give_to_helper(struct scheduler *s, struct process *p)
{
	struct schedulers *all = s->all;
	process_publish(p, SLOT_COLLECTING);
	s->running = NULL;
	pthread_mutex_lock(&all->helper_lock);
	list_put(all, &all->collect, &all->collect_count, p);
	pthread_cond_signal(&all->helper_wake);
	pthread_mutex_unlock(&all->helper_lock);
}

/* Exits come back here by a jump; nothing of the slice's locals is used after it but what is read again from s. */
static void run_slice(struct scheduler *s, struct process *taken)
{
	own(s, taken);
	taken->charged_from = SLICE_REDUCTIONS;
	if (UNLIKELY(taken->is_dying)) {
		s->running = NULL;
		process_end_further(taken);
		return;
	}
	enum slice_end end = SLICE_AGAIN;
	bool ended = SLICE_SET(s->slice) != 0;
	struct process *p = s->running;
	if (!ended) {
		end = run_steps(s, p);
	} else {
		process_end_slice(s, p);
		return;
	}
	p = s->running;
	if (end == SLICE_IDLE) {
		s->running = NULL;
		return;
	}
	finish_slice(s, p);
	if (end == SLICE_HELPER)
		give_to_helper(s, p);
	else
		requeue(s, p);
}

void process_end_slice(struct scheduler *s, struct process *p)
{
	process_charge(p, 1);
	finish_slice(s, p);
	process_end(p);
}

static void run_one(struct scheduler *s, struct process *p)
{
	slots_quiesce(s->world->slots, s->id);
	bump(&s->slices, 1);
	atomic_store_explicit(&s->running_pid, p->pid, memory_order_relaxed);
	run_slice(s, p);
}

/* ---- The helper: long collections, one process at a time --------------------------------------------------------- */

static void help(struct scheduler *s, struct process *taken)
{
	own(s, taken);
	taken->charged_from = SLICE_REDUCTIONS;
	if (SLICE_SET(s->slice) != 0) {
		process_end_slice(s, s->running);
		return;
	}
	process_delayed_gc(s->running);
	struct process *p = s->running;
	finish_slice(s, p);
	s->running = NULL;
	process_publish(p, SLOT_RUNNABLE);
	scheduler_postpone(s, p);
}

/* The watchdog: a scheduler that is busy with the same slice since the last look has a long step. */
static void watch(struct scheduler *helper, struct scheduler *s)
{
	uint64_t slices = atomic_load_explicit(&s->slices, memory_order_relaxed);
	if (slices == s->seen_slices && atomic_load_explicit(&s->busy, memory_order_relaxed) && !s->seen_long) {
		uint64_t args[] = { LONG_SLICE_MS * 1000 };
		term pid = { atomic_load_explicit(&s->running_pid, memory_order_relaxed) };
		atomic_fetch_add_explicit(&s->long_steps, 1, memory_order_relaxed);
		scheduler_record(helper, RECORD_LONG_STEP, term_pid_number(pid), args, 1);
		s->seen_long = true;
	} else if (slices != s->seen_slices) {
		s->seen_long = false;
	}
	s->seen_slices = slices;
}

static void wait_for_work(struct schedulers *all)
{
	struct timespec until;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += LONG_SLICE_MS * 1000000;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	pthread_mutex_lock(&all->helper_lock);
	if (atomic_load(&all->collect_count) == 0 && !atomic_load(&all->stopping))
		pthread_cond_timedwait(&all->helper_wake, &all->helper_lock, &until);
	pthread_mutex_unlock(&all->helper_lock);
}

static void *helper_main(void *argument)
{
	struct scheduler *s = argument;
	struct schedulers *all = s->all;
	for (;;) {
		struct process *p = list_take(all, &all->collect, &all->collect_count);
		if (p) {
			slots_quiesce(s->world->slots, s->id);
			help(s, p);
			slots_offline(s->world->slots, s->id);
			continue;
		}
		wait_for_work(all);
		for (unsigned i = 0; i < all->count; i++)
			watch(s, &all->each[i]);
		if (atomic_load(&all->stopping))
			return NULL;
	}
}

/* ---- Scheduler threads ---------------------------------------------------------------------------------------------- */

static bool anything_to_do(struct scheduler *s)
{
	struct schedulers *all = s->all;
	for (unsigned i = 0; i < all->count; i++)
		if (ring_length(&all->each[i]) > (i == s->id ? 0u : 1u))
			return true;
	return atomic_load(&all->overflow_count) || atomic_load(&all->urgent_count) || atomic_load(&all->stopping)
		|| mem_lane_has_returns(s->lane);
}

/* What others freed goes home before this one sleeps: strangers' lanes by itself, those of sleepers by waking them. */
static void bring_memory_home(struct scheduler *s)
{
	struct schedulers *all = s->all;
	for (unsigned i = 0; i < all->count + 2; i++) {
		struct scheduler *other = &all->each[i];
		if (other == s || i >= all->count)
			mem_lane_drain(other->lane);
		else if (mem_lane_has_returns(other->lane) && atomic_load_explicit(&other->parked, memory_order_relaxed))
			unpark(other);
	}
}

static void park(struct scheduler *s)
{
	uint64_t now = clock_us(&s->world->clock), next = wheel_next_us(s->wheel);
	if (next <= now)
		return;
	uint64_t us = next - now > 1000000 ? 1000000 : next - now;
	struct timespec timeout = { (time_t) (us / 1000000), (long) (us % 1000000) * 1000 };
	slots_offline(s->world->slots, s->id);
	/* Counted first, so that who unparks never counts below nobody. */
	atomic_fetch_add_explicit(&s->all->parked_count, 1, memory_order_seq_cst);
	scheduler_chaos(s);
	atomic_store_explicit(&s->parked, 1, memory_order_seq_cst);
	uint64_t start = clock_host_ns(&s->world->clock);
	atomic_store_explicit(&s->parked_at_ns, start, memory_order_relaxed);
	mem_lane_rest(s->lane);
	scheduler_chaos(s);
	if (!anything_to_do(s))
		futex_wait(&s->parked, 1, &timeout);
	mem_lane_resume(s->lane);
	unpark(s);
	bump(&s->parks, 1);
	atomic_store_explicit(&s->parked_at_ns, 0, memory_order_relaxed);
	bump(&s->idle_ns, clock_host_ns(&s->world->clock) - start);
}

static void look_at_clock(struct scheduler *s)
{
	/* Who fires timers must be online again after parking. */
	slots_quiesce(s->world->slots, s->id);
	s->slice_us = clock_us(&s->world->clock);
	wheel_fire(s->wheel, s, s->slice_us);
}

static void *scheduler_main(void *argument)
{
	struct scheduler *s = argument;
	unsigned misses = 0;
	while (!atomic_load_explicit(&s->all->stopping, memory_order_relaxed)) {
		/* The clock is read once in a while: a slice is shorter than what a timer or an age is good for. */
		if (UNLIKELY(misses || s->taken % CLOCK_TAKES == 0))
			look_at_clock(s);
		struct process *p = take_next(s);
		atomic_store_explicit(&s->busy, p != NULL, memory_order_relaxed);
		if (p) {
			misses = 0;
			run_one(s, p);
		} else if (++misses > SPINS_BEFORE_PARKING || s->all->count > 1) {
			bring_memory_home(s);
			park(s);
			misses = 1;
		}
	}
	slots_offline(s->world->slots, s->id);
	return NULL;
}

/* ---- A virtual world ---------------------------------------------------------------------------------------------------- */

void scheduler_run_ready(struct world *w)
{
	struct scheduler *s = &w->schedulers->each[0];
	struct process *p;
	wheel_fire(s->wheel, s, clock_us(&w->clock));
	while ((p = take_next(s))) {
		run_one(s, p);
		wheel_fire(s->wheel, s, clock_us(&w->clock));
	}
}

void scheduler_run_until(struct world *w, uint64_t us)
{
	struct scheduler *s = &w->schedulers->each[0];
	while (clock_us(&w->clock) < us) {
		wheel_fire(s->wheel, s, clock_us(&w->clock));
		struct process *p = take_next(s);
		if (p) {
			run_one(s, p);
			continue;
		}
		uint64_t next = wheel_next_us(s->wheel);
		clock_jump(&w->clock, next < us ? next : us);
	}
	wheel_fire(s->wheel, s, clock_us(&w->clock));
}

/* ---- Outside ------------------------------------------------------------------------------------------------------------ */

struct scheduler *scheduler_enter_outside(struct world *w)
{
	struct schedulers *all = w->schedulers;
	pthread_mutex_lock(&all->outside_lock);
	struct scheduler *s = &all->each[all->count];
	slots_quiesce(w->slots, s->id);
	return s;
}

void scheduler_leave_outside(struct scheduler *s)
{
	slots_offline(s->world->slots, s->id);
	pthread_mutex_unlock(&s->all->outside_lock);
}

/* ---- Life --------------------------------------------------------------------------------------------------------------- */

struct schedulers *schedulers_new(struct world *w)
{
	struct mem_lane *lane = mem_lane_at(w->mem, w->scheduler_count);
	struct schedulers *all = mem_need(lane, MEM_SYSTEM, sizeof *all);
	memset(all, 0, sizeof *all);
	all->count = w->scheduler_count;
	size_t bytes = (all->count + 2) * sizeof *all->each;
	all->each_block = mem_need(lane, MEM_SYSTEM, bytes + CACHE_LINE);
	memset(all->each_block, 0, bytes + CACHE_LINE);
	all->each = (struct scheduler *) (((uintptr_t) all->each_block + CACHE_LINE - 1) & ~(uintptr_t) (CACHE_LINE - 1));
	pthread_mutex_init(&all->lock, NULL);
	pthread_mutex_init(&all->outside_lock, NULL);
	pthread_mutex_init(&all->helper_lock, NULL);
	pthread_cond_init(&all->helper_wake, NULL);
	for (unsigned i = 0; i < all->count + 2; i++) {
		struct scheduler *s = &all->each[i];
		s->world = w;
		s->all = all;
		s->id = i;
		s->lane = mem_lane_at(w->mem, i);
		s->is_outside = i >= all->count;
		random_init(&s->random, w->seed + i);
		random_init(&s->chaos, ~w->seed - i);
		s->wheel = i < all->count ? &s->own_wheel : all->each[0].wheel;
		if (i < all->count)
			wheel_init(&s->own_wheel, s->lane, i);
	}
	return all;
}

void schedulers_free(struct schedulers *all)
{
	struct mem_lane *lane = all->each[all->count].lane;
	size_t bytes = (all->count + 2) * sizeof *all->each;
	for (unsigned i = 0; i < all->count; i++)
		wheel_release(&all->each[i].own_wheel, lane);
	pthread_mutex_destroy(&all->lock);
	pthread_mutex_destroy(&all->outside_lock);
	pthread_mutex_destroy(&all->helper_lock);
	pthread_cond_destroy(&all->helper_wake);
	mem_give(lane, MEM_SYSTEM, all->each_block, bytes + CACHE_LINE);
	mem_give(lane, MEM_SYSTEM, all, sizeof *all);
}

static void start_thread(struct scheduler *s, void *(*main)(void *))
{
	CHECK(pthread_create(&s->thread, NULL, main, s) == 0, "no thread for scheduler %u", s->id);
}

void schedulers_start(struct schedulers *all)
{
	if (all->each[0].world->clock.is_virtual)
		return;
	all->helper_runs = true;
	for (unsigned i = 0; i < all->count; i++)
		start_thread(&all->each[i], scheduler_main);
	start_thread(&all->each[all->count + 1], helper_main);
}

void schedulers_stop(struct schedulers *all)
{
	atomic_store(&all->stopping, true);
	if (!all->helper_runs)
		return;
	pthread_mutex_lock(&all->helper_lock);
	pthread_cond_signal(&all->helper_wake);
	pthread_mutex_unlock(&all->helper_lock);
	for (unsigned i = 0; i < all->count; i++) {
		unpark(&all->each[i]);
		pthread_join(all->each[i].thread, NULL);
	}
	pthread_join(all->each[all->count + 1].thread, NULL);
	all->helper_runs = false;
}
