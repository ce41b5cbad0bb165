/* timer - see the header. A timer's number is (wheel << 56 | serial): it tells where to look. */
#include "runtime/process/timer.h"

#include <string.h>

#include "runtime/memory/copy.h"
#include "runtime/process/life.h"
#include "runtime/process/mailbox.h"

/* One place of the last level short of a round: the place of now is never that of a round later. */
#define FURTHEST_MS ((UINT64_C(1) << 8 * TIMER_LEVELS) - (UINT64_C(1) << 8 * (TIMER_LEVELS - 1)))

void wheel_init(struct wheel *wheel, struct mem_lane *lane, unsigned index)
{
	memset(wheel, 0, sizeof *wheel);
	pthread_mutex_init(&wheel->lock, NULL);
	wheel->lane = lane;
	wheel->index = index;
	atomic_init(&wheel->soon_us, UINT64_MAX);
}

struct timer *timer_new(struct mem_lane *lane)
{
	struct timer *t = mem_need(lane, MEM_TIMER, sizeof *t);
	memset(t, 0, sizeof *t);
	return t;
}

void timer_free(struct mem_lane *lane, struct timer *t) { mem_give(lane, MEM_TIMER, t, sizeof *t); }

void wheel_release(struct wheel *wheel, struct mem_lane *lane)
{
	for (unsigned level = 0; level < TIMER_LEVELS; level++)
		for (unsigned i = 0; i < TIMER_PLACES; i++)
			for (struct timer *t = wheel->places[level][i], *next; t; t = next) {
				next = t->next;
				if (t->message) {
					handles_drop(lane, message_handles(t->message));
					message_free(lane, t->message);
				}
				timer_free(lane, t);
			}
	map64_release(&wheel->by_number, lane, MEM_TIMER);
	map64_release(&wheel->aimed, lane, MEM_TIMER);
	pthread_mutex_destroy(&wheel->lock);
}

/* The level whose places are fine enough for what is left; places are told by the bits of the due time. */
static void link_timer(struct wheel *wheel, struct timer *t)
{
	unsigned level = 0;
	uint64_t due = t->due_ms < wheel->now_ms ? wheel->now_ms : t->due_ms;
	while (level + 1 < TIMER_LEVELS && due >> 8 * (level + 1) != wheel->now_ms >> 8 * (level + 1))
		level++;
	/* Further off than the last level reaches: in its last place but one round, and from there on again. */
	if (level == TIMER_LEVELS - 1 && due - wheel->now_ms > FURTHEST_MS)
		due = wheel->now_ms + FURTHEST_MS;
	struct timer **place = &wheel->places[level][due >> 8 * level & (TIMER_PLACES - 1)];
	t->next = *place;
	t->link = place;
	if (t->next)
		t->next->link = &t->next;
	*place = t;
}

static void unlink_timer(struct timer *t)
{
	*t->link = t->next;
	if (t->next)
		t->next->link = t->link;
	t->link = NULL;
}

static bool is_aimed(const struct timer *t) { return t->message && term_is_pid((term) { t->to }); }

/* In front of the others for the same pid. */
static void chain(struct wheel *wheel, struct timer *t, struct mem_lane *lane)
{
	uint64_t first;
	t->after = map64_get(&wheel->aimed, t->to, &first) ? (struct timer *) (uintptr_t) first : NULL;
	if (t->after)
		t->after->before = t;
	map64_put(&wheel->aimed, lane, MEM_TIMER, t->to, (uint64_t) (uintptr_t) t);
	atomic_fetch_add_explicit(&wheel->aimed_count, 1, memory_order_seq_cst);
}

static void unchain(struct wheel *wheel, struct timer *t)
{
	if (t->after)
		t->after->before = t->before;
	if (t->before)
		t->before->after = t->after;
	else if (t->after)
		map64_change(&wheel->aimed, t->to, (uint64_t) (uintptr_t) t->after);
	else
		map64_remove(&wheel->aimed, t->to, NULL);
	atomic_fetch_sub_explicit(&wheel->aimed_count, 1, memory_order_relaxed);
}

void timer_set(struct wheel *wheel, struct timer *t, uint64_t due_us, struct mem_lane *lane)
{
	pthread_mutex_lock(&wheel->lock);
	t->due_ms = due_us / 1000 + (due_us % 1000 != 0);
	map64_put(&wheel->by_number, lane, MEM_TIMER, t->number, (uint64_t) (uintptr_t) t);
	link_timer(wheel, t);
	if (is_aimed(t))
		chain(wheel, t, lane);
	wheel->count++;
	if (t->due_ms * 1000 < atomic_load_explicit(&wheel->soon_us, memory_order_relaxed))
		atomic_store_explicit(&wheel->soon_us, t->due_ms * 1000, memory_order_relaxed);
	pthread_mutex_unlock(&wheel->lock);
}

static struct timer *find(struct wheel *wheel, uint64_t number, uint64_t now_us, uint64_t *left_us)
{
	uint64_t at;
	if (!map64_get(&wheel->by_number, number, &at))
		return NULL;
	struct timer *t = (struct timer *) (uintptr_t) at;
	*left_us = t->due_ms * 1000 > now_us ? t->due_ms * 1000 - now_us : 0;
	return t;
}

static void remove_timer(struct wheel *wheel, struct timer *t)
{
	unlink_timer(t);
	if (is_aimed(t))
		unchain(wheel, t);
	map64_remove(&wheel->by_number, t->number, NULL);
	wheel->count--;
}

bool timer_take(struct wheel *wheel, uint64_t number, uint64_t now_us, uint64_t *left_us, struct timer **out)
{
	pthread_mutex_lock(&wheel->lock);
	struct timer *t = find(wheel, number, now_us, left_us);
	if (t)
		remove_timer(wheel, t);
	pthread_mutex_unlock(&wheel->lock);
	*out = t;
	return t != NULL;
}

bool timer_left(struct wheel *wheel, uint64_t number, uint64_t now_us, uint64_t *left_us)
{
	pthread_mutex_lock(&wheel->lock);
	struct timer *t = find(wheel, number, now_us, left_us);
	pthread_mutex_unlock(&wheel->lock);
	return t != NULL;
}

/* First occupied place of a level at or after the present one; the time it stands for. */
static bool next_in_level(const struct wheel *wheel, unsigned level, uint64_t *ms)
{
	uint64_t now = wheel->now_ms >> 8 * level;
	for (unsigned i = 0; i < TIMER_PLACES; i++)
		if (wheel->places[level][(now + i) & (TIMER_PLACES - 1)]) {
			*ms = (now + i) << 8 * level;
			return true;
		}
	return false;
}

uint64_t wheel_next_us(struct wheel *wheel) { return atomic_load_explicit(&wheel->soon_us, memory_order_relaxed); }

static void move_down(struct wheel *wheel, unsigned level)
{
	struct timer **place = &wheel->places[level][wheel->now_ms >> 8 * level & (TIMER_PLACES - 1)], *t = *place;
	*place = NULL;
	while (t) {
		struct timer *next = t->next;
		link_timer(wheel, t);
		t = next;
	}
}

static void step_to(struct wheel *wheel, uint64_t ms)
{
	uint64_t before = wheel->now_ms;
	wheel->now_ms = ms;
	for (unsigned level = TIMER_LEVELS - 1; level > 0; level--)
		if (before >> 8 * level != ms >> 8 * level)
			move_down(wheel, level);
}

/* Timers of one place in order of their numbers: the order they were set in. */
static struct timer *take_due(struct wheel *wheel)
{
	struct timer *first = NULL;
	for (struct timer *t = wheel->places[0][wheel->now_ms & (TIMER_PLACES - 1)]; t; t = t->next)
		if (t->due_ms <= wheel->now_ms && (!first || t->number < first->number))
			first = t;
	if (first)
		remove_timer(wheel, first);
	return first;
}

static void send_timer(struct scheduler *by, struct timer *t)
{
	term to = { t->to };
	struct message *m = t->message;
	t->message = NULL;
	if (term_is_atom(to))
		to = world_whereis(by->world, to);
	/* Charged as part of the timer until now. */
	mem_charge(by->lane, CHARGE_UNATTRIBUTED, -(TIMER_CHARGED_BYTES + (int64_t) (message_words(m) * WORD_BYTES)));
	mem_charge(by->lane, CHARGE_PROCESSES, MESSAGE_CHARGED_BYTES + (int64_t) (message_words(m) * WORD_BYTES));
	m->sent = message_time(clock_us(&by->world->clock));
	message_deliver(by, to, m);
}

static void fire(struct scheduler *by, struct timer *t)
{
	if (t->event) {
		t->event(by->world, t->context);
	} else if (t->message) {
		send_timer(by, t);
	} else {
		struct slot *slot = slot_of(by->world->slots, (term) { t->to });
		struct plain_signal *s = plain_signal_new(by, SIGNAL_TIMEOUT, 0, t->number);
		if (!slot || !signal_push(by, slot, &s->signal))
			signal_free(by->lane, &s->signal);
	}
	timer_free(by->lane, t);
}

/* A lower bound of the next occupied millisecond, with the lock held. */
static uint64_t next_ms(const struct wheel *wheel)
{
	uint64_t ms, next = UINT64_MAX;
	for (unsigned level = 0; level < TIMER_LEVELS && wheel->count; level++)
		if (next_in_level(wheel, level, &ms) && ms < next)
			next = ms;
	return next < wheel->now_ms ? wheel->now_ms : next;
}

uint64_t wheel_fire(struct wheel *wheel, struct scheduler *by, uint64_t now_us)
{
	uint64_t fired = 0, now_ms = now_us / 1000;
	if (now_us < atomic_load_explicit(&wheel->soon_us, memory_order_relaxed))
		return 0;
	pthread_mutex_lock(&wheel->lock);
	for (;;) {
		struct timer *t = take_due(wheel);
		if (t) {
			/* What fires may set timers: not under the lock. */
			pthread_mutex_unlock(&wheel->lock);
			fire(by, t);
			fired++;
			pthread_mutex_lock(&wheel->lock);
			continue;
		}
		if (wheel->now_ms >= now_ms)
			break;
		uint64_t next = next_ms(wheel);
		if (next == wheel->now_ms)
			next++;
		step_to(wheel, next < now_ms ? next : now_ms);
	}
	uint64_t soon = wheel->count ? next_ms(wheel) : UINT64_MAX;
	atomic_store_explicit(&wheel->soon_us, soon > UINT64_MAX / 1000 ? UINT64_MAX : soon * 1000, memory_order_relaxed);
	pthread_mutex_unlock(&wheel->lock);
	return fired;
}

uint64_t wheels_count(struct world *w)
{
	uint64_t n = 0;
	for (unsigned i = 0; i < w->schedulers->count; i++) {
		struct wheel *wheel = w->schedulers->each[i].wheel;
		pthread_mutex_lock(&wheel->lock);
		n += wheel->count;
		pthread_mutex_unlock(&wheel->lock);
	}
	return n;
}

/* ---- What processes do with timers ---------------------------------------------------------------------------- */

static struct wheel *wheel_of(struct process *p, uint64_t number)
{
	unsigned index = (unsigned) (number >> 56);
	return index < p->scheduler->all->count ? p->scheduler->all->each[index].wheel : NULL;
}

static uint64_t new_number(struct process *p)
{
	uint64_t serial = atomic_fetch_add_explicit(&p->world->next_reference, 1, memory_order_relaxed) + 1;
	return (uint64_t) p->scheduler->wheel->index << 56 | serial;
}

static void arm(struct process *p, struct timer *t, uint64_t us)
{
	uint64_t now = process_now_us(p);
	timer_set(p->scheduler->wheel, t, us > UINT64_MAX - now ? UINT64_MAX : now + us, p->scheduler->lane);
}

/* The message is charged as the timer's until it fires. */
static uint64_t send_later(struct process *p, uint64_t us, term to, struct message *m, uint64_t number)
{
	if (!m)
		process_system_limit(p, ATOM_memory);
	struct mem_lane *lane = p->scheduler->lane;
	struct timer *t = timer_new(lane);
	t->number = number;
	t->to = to.word;
	t->message = m;
	mem_charge(lane, CHARGE_PROCESSES, -(MESSAGE_CHARGED_BYTES + (int64_t) (message_words(m) * WORD_BYTES)));
	mem_charge(lane, CHARGE_UNATTRIBUTED, TIMER_CHARGED_BYTES + (int64_t) (message_words(m) * WORD_BYTES));
	arm(p, t, us);
	process_charge(p, 1);
	/* Who died meanwhile may have looked for its timers before this one was there. */
	if (term_is_pid(to) && !world_is_alive(p->world, to))
		process_cancel_timer(p, number);
	return number;
}

uint64_t process_send_after(struct process *p, uint64_t us, term to, term t)
{
	if (!term_is_pid(to) && !term_is_atom(to))
		process_badarg(p);
	return send_later(p, us, to, message_copy(p->scheduler, t), new_number(p));
}

uint64_t process_start_timer(struct process *p, uint64_t us, term to, term t)
{
	uint64_t number = new_number(p);
	struct builder *b = RESERVE(p, 4 + REFERENCE_WORDS, &t, &to);
	term reference = build_reference(b, number);
	return send_later(p, us, to, message_copy(p->scheduler, build_tuple3(b, ATOM(timeout), reference, t)), number);
}

static void discard(struct mem_lane *lane, struct timer *t)
{
	if (t->message) {
		mem_charge(lane, CHARGE_UNATTRIBUTED, -(TIMER_CHARGED_BYTES + (int64_t) (message_words(t->message) * WORD_BYTES)));
		handles_drop(lane, message_handles(t->message));
		message_free(lane, t->message);
	}
	timer_free(lane, t);
}

static uint64_t cancel(struct process *p, uint64_t number)
{
	struct timer *t;
	uint64_t left;
	struct wheel *wheel = wheel_of(p, number);
	if (!wheel || !timer_take(wheel, number, process_now_us(p), &left, &t))
		return UINT64_MAX;
	discard(p->scheduler->lane, t);
	return left;
}

uint64_t process_cancel_timer(struct process *p, uint64_t number)
{
	process_charge(p, 1);
	return cancel(p, number);
}

static struct timer *take_aimed(struct wheel *wheel, uint64_t pid)
{
	uint64_t first;
	struct timer *t = NULL;
	pthread_mutex_lock(&wheel->lock);
	if (map64_get(&wheel->aimed, pid, &first)) {
		t = (struct timer *) (uintptr_t) first;
		remove_timer(wheel, t);
	}
	pthread_mutex_unlock(&wheel->lock);
	return t;
}

void timers_of_process_exit(struct process *p)
{
	struct schedulers *all = p->scheduler->all;
	for (unsigned i = 0; i < all->count; i++) {
		struct wheel *wheel = all->each[i].wheel;
		if (atomic_load_explicit(&wheel->aimed_count, memory_order_seq_cst) == 0)
			continue;
		for (struct timer *t; (t = take_aimed(wheel, p->pid));)
			discard(p->scheduler->lane, t);
	}
}

uint64_t process_read_timer(struct process *p, uint64_t number)
{
	process_charge(p, 1);
	uint64_t left;
	struct wheel *wheel = wheel_of(p, number);
	return wheel && timer_left(wheel, number, process_now_us(p), &left) ? left : UINT64_MAX;
}

void process_set_timeout(struct process *p, uint64_t us)
{
	p->flags &= (uint16_t) ~PROCESS_TIMED_OUT;
	if (p->relations && p->relations->timeout_number) {
		cancel(p, p->relations->timeout_number);
		p->relations->timeout_number = 0;
	}
	if (us == UINT64_MAX)
		return;
	struct timer *t = timer_new(p->scheduler->lane);
	t->number = relations_need(p)->timeout_number = new_number(p);
	t->to = p->pid;
	arm(p, t, us);
}

bool process_timed_out(const struct process *p) { return p->flags & PROCESS_TIMED_OUT; }
