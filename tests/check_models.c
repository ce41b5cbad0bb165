/*
 * Models: the protocols between threads as small state machines, of which every interleaving is visited. Each model has a
 * planted bug or two that it must find; one that finds nothing proves nothing.
 *
 *   mailbox   two senders, a linker and a collector against an owner that fetches, idles, exits, closes and drains
 *   counting  two senders, of which the waker counts by a plain store, the owner, and one who looks at the queue's length
 *   slot      a sender that holds a place while its tenant dies and another one moves in
 *   parking   who puts and who goes to sleep, with a store that is seen late, as processors do
 *   ownership a scheduler that has a table to itself, by stores that are seen late, while another one takes it away
 *
 * A state is a struct of bytes; a move is one atomic operation of one thread.
 */
#include "tests/suite.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define STATE_BYTES 32
#define MOVES_MOST 16

struct state { uint8_t at[STATE_BYTES]; };

struct model {
	struct state start;
	/* All states one move away; 0: the end. */
	unsigned (*moves)(const struct state *s, struct state *out, unsigned bug);
	/* What is wrong here, or NULL. */
	const char *(*wrong)(const struct state *s, bool is_end, unsigned bug);
};

struct visited { struct state *states; bool *used; size_t room, count; };

static uint64_t hash_of(const struct state *s)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);
	for (size_t i = 0; i < STATE_BYTES; i++)
		h = (h ^ s->at[i]) * UINT64_C(0x100000001b3);
	return h ^ h >> 29;
}

static bool visit(struct visited *v, const struct state *s);

static void grow(struct visited *v)
{
	struct visited old = *v;
	*v = (struct visited) { .room = old.room ? old.room * 2 : 1024 };
	v->states = calloc(v->room, sizeof *v->states);
	v->used = calloc(v->room, sizeof *v->used);
	for (size_t i = 0; i < old.room; i++)
		if (old.used[i])
			visit(v, &old.states[i]);
	free(old.states);
	free(old.used);
}

/* True when the state is new. */
static bool visit(struct visited *v, const struct state *s)
{
	if (v->count * 2 >= v->room)
		grow(v);
	size_t i = hash_of(s) & (v->room - 1);
	for (; v->used[i]; i = (i + 1) & (v->room - 1))
		if (memcmp(&v->states[i], s, sizeof *s) == 0)
			return false;
	v->used[i] = true;
	v->states[i] = *s;
	v->count++;
	return true;
}

/* The first thing that is wrong anywhere, or NULL; every state that can be reached is looked at once. */
static const char *explore(const struct model *m, unsigned bug, size_t *visited)
{
	struct visited v = { 0 };
	struct state *stack = malloc(sizeof *stack * 4000000), next[MOVES_MOST];
	size_t depth = 0;
	const char *wrong = NULL;
	stack[depth++] = m->start;
	visit(&v, &m->start);
	while (depth > 0 && !wrong) {
		struct state s = stack[--depth];
		unsigned n = m->moves(&s, next, bug);
		wrong = m->wrong(&s, n == 0, bug);
		for (unsigned i = 0; i < n; i++)
			if (visit(&v, &next[i]))
				stack[depth++] = next[i];
	}
	*visited = v.count;
	free(v.states);
	free(v.used);
	free(stack);
	return wrong;
}

/* ---- The mailbox ---------------------------------------------------------------------------------------------------- */

enum { ACTIVE, IDLE, CLOSED, CHAIN };           /* CHAIN: some signals, see the mask */
enum { MESSAGE = 1, OTHER_MESSAGE = 2, LINK = 4, COLLECT = 8, EXIT = 16, ALL = 31 };
enum mailbox_bug { MAILBOX_RIGHT, IDLE_BY_STORE, CLOSE_WITHOUT_DRAIN, PUSH_IGNORES_CLOSE, ALWAYS_ENQUEUE, MAILBOX_BUGS };

struct mailbox {
	uint8_t word, chain;            /* the inbox; which signals hang there */
	uint8_t queued, alive;          /* places in run queues */
	uint8_t handled, answered;      /* signals that were */
	uint8_t owner, local;           /* owner's place, what it fetched */
	uint8_t sender[5], seen[5], seen_chain[5];
};
_Static_assert(sizeof(struct mailbox) <= STATE_BYTES, "a state");

enum { OWNER_OUT, OWNER_FETCH, OWNER_IDLE, OWNER_STORE_IDLE, OWNER_FORGET_NAME, OWNER_CLOSE, OWNER_DEAD };
enum { SENDER_LOOK, SENDER_LOAD, SENDER_SWAP, SENDER_WAKE, SENDER_DONE };

static void sender_move(struct mailbox *b, unsigned who, unsigned bug)
{
	uint8_t signal = (uint8_t) (1u << who);
	switch (b->sender[who]) {
	case SENDER_LOOK:
		b->sender[who] = b->alive ? SENDER_LOAD : SENDER_DONE;
		if (!b->alive)
			b->answered |= signal;
		break;
	case SENDER_LOAD:
		b->seen[who] = b->word;
		b->seen_chain[who] = b->chain;
		b->sender[who] = SENDER_SWAP;
		if (b->word == CLOSED && bug != PUSH_IGNORES_CLOSE) {
			b->answered |= signal;
			b->sender[who] = SENDER_DONE;
		}
		break;
	case SENDER_SWAP:
		if (b->word != b->seen[who] || b->chain != b->seen_chain[who]) {
			b->sender[who] = SENDER_LOAD;
			break;
		}
		b->word = CHAIN;
		b->chain |= signal;
		b->sender[who] = SENDER_WAKE;
		break;
	default:
		if (b->seen[who] == IDLE || bug == ALWAYS_ENQUEUE)
			b->queued++;
		b->sender[who] = SENDER_DONE;
	}
}

static void owner_move(struct mailbox *b, unsigned bug)
{
	switch (b->owner) {
	case OWNER_OUT:
		b->queued--;
		b->owner = OWNER_FETCH;
		break;
	case OWNER_FETCH:
		if (b->word == CHAIN) {
			b->local = b->chain;
			b->word = ACTIVE;
			b->chain = 0;
		}
		/* Signals in front of the exit are handled, the others wait for the drain. */
		b->owner = b->local & EXIT ? OWNER_FORGET_NAME : OWNER_IDLE;
		if (!(b->local & EXIT)) {
			b->handled |= b->local;
			b->local = 0;
		}
		break;
	case OWNER_IDLE:
		if (bug == IDLE_BY_STORE) {
			b->owner = b->word == ACTIVE ? OWNER_STORE_IDLE : OWNER_FETCH;
		} else if (b->word == ACTIVE) {
			b->word = IDLE;
			b->owner = OWNER_OUT;
		} else {
			b->owner = OWNER_FETCH;
		}
		break;
	case OWNER_STORE_IDLE:
		b->word = IDLE;
		b->owner = OWNER_OUT;
		break;
	case OWNER_FORGET_NAME:
		b->alive = 0;
		b->owner = OWNER_CLOSE;
		break;
	default:
		if (bug != CLOSE_WITHOUT_DRAIN)
			b->answered |= b->chain;
		b->answered |= b->local;
		b->word = CLOSED;
		b->chain = b->local = 0;
		b->owner = OWNER_DEAD;
	}
}

static unsigned mailbox_moves(const struct state *s, struct state *out, unsigned bug)
{
	struct mailbox b;
	unsigned n = 0;
	memcpy(&b, s, sizeof b);
	for (unsigned who = 0; who < 5; who++)
		if (b.sender[who] != SENDER_DONE) {
			struct mailbox next = b;
			sender_move(&next, who, bug);
			out[n] = *s;
			memcpy(&out[n++], &next, sizeof next);
		}
	if (b.owner != OWNER_DEAD && (b.owner != OWNER_OUT || b.queued)) {
		struct mailbox next = b;
		owner_move(&next, bug);
		out[n] = *s;
		memcpy(&out[n++], &next, sizeof next);
	}
	return n;
}

static const char *mailbox_wrong(const struct state *s, bool is_end, unsigned bug)
{
	struct mailbox b;
	(void) bug;
	memcpy(&b, s, sizeof b);
	bool runs = b.owner != OWNER_OUT && b.owner != OWNER_DEAD;
	if (b.queued + runs > 1)
		return "the process is in two places";
	if (b.owner == OWNER_DEAD && b.queued)
		return "a dead process is queued";
	if (b.handled & b.answered)
		return "a signal is handled and answered";
	if (is_end && (b.handled | b.answered) != ALL)
		return "a signal is lost";
	return NULL;
}

static const struct model mailbox = {
	/* All five push: two messages, a link, a collection, an exit; the process idles. */
	{ { [offsetof(struct mailbox, word)] = IDLE, [offsetof(struct mailbox, alive)] = 1 } }, mailbox_moves, mailbox_wrong,
};

/* ---- The length of a queue -------------------------------------------------------------------------------------------- */

enum counting_bug { COUNTING_RIGHT, COUNT_AFTER_WAKE, ALL_COUNT_PLAINLY, TAKEN_READ_LAST, PUSH_BEFORE_COUNT, COUNTING_BUGS };
enum { COUNTER_LOAD, COUNTER_ADD, COUNTER_SWAP, COUNTER_READ_WOKEN, COUNTER_STORE_WOKEN, COUNTER_WAKE, COUNTER_ADD_LATE, COUNTER_NEXT, COUNTER_DONE };

struct counting {
	uint8_t word, chain, queued;    /* the inbox; how many messages hang there; places in run queues */
	uint8_t arrived, woken, taken;
	uint8_t sender[2], seen[2], seen_chain[2], counted[2], read[2], sent[2];
	uint8_t owner, reader, reader_taken, reader_sum, negative;
};
_Static_assert(sizeof(struct counting) <= STATE_BYTES, "a state");

static uint8_t after_swap(const struct counting *c, unsigned i, unsigned bug)
{
	if (c->seen[i] != IDLE)
		return bug == ALL_COUNT_PLAINLY ? COUNTER_READ_WOKEN : bug == PUSH_BEFORE_COUNT ? COUNTER_ADD_LATE : COUNTER_NEXT;
	return c->counted[i] || bug == COUNT_AFTER_WAKE ? COUNTER_WAKE : COUNTER_READ_WOKEN;
}

static void counter_move(struct counting *c, unsigned i, unsigned bug)
{
	switch (c->sender[i]) {
	case COUNTER_LOAD:
		c->seen[i] = c->word;
		c->seen_chain[i] = c->chain;
		bool adds = c->seen[i] != IDLE && !c->counted[i] && bug != ALL_COUNT_PLAINLY && bug != PUSH_BEFORE_COUNT;
		c->sender[i] = adds ? COUNTER_ADD : COUNTER_SWAP;
		break;
	case COUNTER_ADD:
		c->arrived++;
		c->counted[i] = 1;
		c->sender[i] = COUNTER_SWAP;
		break;
	case COUNTER_SWAP:
		if (c->word != c->seen[i] || c->chain != c->seen_chain[i]) {
			c->sender[i] = COUNTER_LOAD;
			break;
		}
		c->word = CHAIN;
		c->chain++;
		c->sender[i] = after_swap(c, i, bug);
		break;
	case COUNTER_READ_WOKEN:
		c->read[i] = c->woken;
		c->sender[i] = COUNTER_STORE_WOKEN;
		break;
	case COUNTER_STORE_WOKEN:
		c->woken = (uint8_t) (c->read[i] + 1);
		c->sender[i] = c->seen[i] == IDLE && bug != COUNT_AFTER_WAKE ? COUNTER_WAKE : COUNTER_NEXT;
		break;
	case COUNTER_WAKE:
		c->queued++;
		c->sender[i] = bug == COUNT_AFTER_WAKE && !c->counted[i] ? COUNTER_READ_WOKEN : COUNTER_NEXT;
		break;
	case COUNTER_ADD_LATE:
		c->arrived++;
		c->sender[i] = COUNTER_NEXT;
		break;
	default:
		c->counted[i] = 0;
		c->sender[i] = ++c->sent[i] < 2 ? COUNTER_LOAD : COUNTER_DONE;
	}
}

static void taker_move(struct counting *c)
{
	if (c->owner == OWNER_OUT) {
		c->queued--;
		c->owner = OWNER_FETCH;
	} else if (c->owner == OWNER_FETCH) {
		c->taken = (uint8_t) (c->taken + c->chain);
		c->word = ACTIVE;
		c->chain = 0;
		c->owner = OWNER_IDLE;
	} else {
		c->owner = c->word == ACTIVE ? OWNER_OUT : OWNER_FETCH;
		if (c->word == ACTIVE)
			c->word = IDLE;
	}
}

/* One look: taken, then the two sums. */
static void looker_move(struct counting *c, unsigned bug)
{
	bool reads_taken = c->reader == (bug == TAKEN_READ_LAST ? 2 : 0);
	if (reads_taken)
		c->reader_taken = c->taken;
	else
		c->reader_sum = (uint8_t) (c->reader_sum + (c->reader == 1 ? c->woken : c->arrived));
	if (++c->reader == 3)
		c->negative = c->reader_sum < c->reader_taken;
}

static unsigned counting_moves(const struct state *s, struct state *out, unsigned bug)
{
	struct counting c;
	unsigned n = 0;
	memcpy(&c, s, sizeof c);
	for (unsigned who = 0; who < 4; who++) {
		struct counting next = c;
		if (who < 2 && c.sender[who] != COUNTER_DONE)
			counter_move(&next, who, bug);
		else if (who == 2 && (c.owner != OWNER_OUT || c.queued))
			taker_move(&next);
		else if (who == 3 && c.reader < 3)
			looker_move(&next, bug);
		else
			continue;
		out[n] = *s;
		memcpy(&out[n++], &next, sizeof next);
	}
	return n;
}

static const char *counting_wrong(const struct state *s, bool is_end, unsigned bug)
{
	struct counting c;
	(void) bug;
	memcpy(&c, s, sizeof c);
	if (c.negative)
		return "less arrived than was taken";
	return is_end && c.arrived + c.woken != c.taken ? "a message is not counted" : NULL;
}

static const struct model counting = { { { [offsetof(struct counting, word)] = IDLE } }, counting_moves, counting_wrong };

/* ---- A place in the table ---------------------------------------------------------------------------------------------- */

enum slot_bug { SLOT_RIGHT, NO_GRACE, LOOKS_OFFLINE, SLOT_BUGS };
enum { NOBODY, OLD, NEW };

struct place {
	uint8_t tenant, open;           /* identity; does the inbox take signals */
	uint8_t epoch, retired;         /* retired: epoch of the death + 1; 0: not yet */
	uint8_t online[2];              /* epoch seen; 0: offline */
	uint8_t reader[2], seen[2], rounds[2];
	uint8_t owner, reaper, strayed;
};

static void reader_move(struct place *p, unsigned i, unsigned bug)
{
	switch (p->reader[i]) {
	case 0: p->seen[i] = p->epoch; p->reader[i] = 1; break;
	case 1: p->online[i] = bug == LOOKS_OFFLINE ? 0 : p->seen[i]; p->reader[i] = 2; break;
	case 2: p->reader[i] = p->tenant == OLD ? 3 : 4; break;
	/* The push itself: the word of the inbox knows no identity. */
	case 3: p->strayed |= p->open && p->tenant == NEW; p->reader[i] = 4; break;
	case 4: p->online[i] = 0; p->reader[i] = ++p->rounds[i] < 2 ? 0 : 5; break;
	}
}

static bool grace_is_over(const struct place *p, unsigned bug)
{
	for (unsigned i = 0; i < 2 && bug != NO_GRACE; i++)
		if (p->online[i] && p->online[i] < p->retired)
			return false;
	return p->retired;
}

static unsigned place_moves(const struct state *s, struct state *out, unsigned bug)
{
	struct place p;
	unsigned n = 0;
	memcpy(&p, s, sizeof p);
	for (unsigned who = 0; who < 4; who++) {
		struct place next = p;
		if (who < 2 && p.reader[who] < 5) {
			reader_move(&next, who, bug);
		} else if (who == 2 && p.owner < 3) {
			if (p.owner == 0)
				next.tenant = NOBODY;
			else if (p.owner == 1)
				next.open = 0;
			else
				next.retired = ++next.epoch;
			next.owner++;
		} else if (who == 3 && p.reaper == 0 && grace_is_over(&p, bug)) {
			next.tenant = NEW;
			next.open = 1;
			next.reaper = 1;
		} else {
			continue;
		}
		out[n] = *s;
		memcpy(&out[n++], &next, sizeof next);
	}
	return n;
}

static const char *place_wrong(const struct state *s, bool is_end, unsigned bug)
{
	struct place p;
	(void) bug;
	memcpy(&p, s, sizeof p);
	if (p.strayed)
		return "a signal for the old tenant reached the new one";
	return is_end && !p.reaper ? "the place is never used again" : NULL;
}

static const struct model place = {
	{ { [offsetof(struct place, tenant)] = OLD, [offsetof(struct place, open)] = 1, [offsetof(struct place, epoch)] = 1 } }, place_moves, place_wrong,
};

/* ---- Parking --------------------------------------------------------------------------------------------------------------- */

enum park_bug { PARK_RIGHT, LOAD_FOR_CHANGE, SLEEP_WITHOUT_LOOK, PARK_BUGS };

struct parking {
	uint8_t queue, late;            /* what everybody sees; what the waker put and only it sees so far */
	uint8_t parked, count;          /* of one sleeper */
	uint8_t waker, puts, sleeper, taken, asleep;
};

static void waker_move(struct parking *p, unsigned bug)
{
	switch (p->waker) {
	case 0: p->late++; p->puts++; p->waker = 1; break;
	case 1:
		/* A change waits until what was stored before is seen; a load does not. */
		if (bug != LOAD_FOR_CHANGE) {
			p->queue = (uint8_t) (p->queue + p->late);
			p->late = 0;
		}
		p->waker = p->count ? 2 : 4;
		break;
	case 2: p->waker = p->parked ? 3 : 4; break;
	case 3:
		if (p->parked) {
			p->parked = p->asleep = 0;
			p->count--;
		}
		p->waker = 4;
		break;
	case 4: p->waker = p->puts < 2 ? 0 : 5; break;
	}
}

static void sleeper_move(struct parking *p, unsigned bug)
{
	switch (p->sleeper) {
	case 0:
		if (p->queue) {
			p->queue--;
			p->taken++;
		} else {
			p->sleeper = 1;
		}
		break;
	case 1: p->count++; p->sleeper = 2; break;
	case 2: p->parked = 1; p->sleeper = 3; break;
	case 3: p->sleeper = p->queue && bug != SLEEP_WITHOUT_LOOK ? 5 : 4; break;
	/* The kernel looks once more whether it is still to sleep. */
	case 4: p->asleep = p->parked; p->sleeper = 5; break;
	case 5:
		if (p->parked) {
			p->parked = 0;
			p->count--;
		}
		p->sleeper = 0;
		break;
	}
}

static unsigned parking_moves(const struct state *s, struct state *out, unsigned bug)
{
	struct parking p;
	unsigned n = 0;
	memcpy(&p, s, sizeof p);
	for (unsigned who = 0; who < 3; who++) {
		struct parking next = p;
		if (who == 0 && p.waker < 5) {
			waker_move(&next, bug);
		} else if (who == 1 && !p.asleep && p.taken < 2) {
			sleeper_move(&next, bug);
		} else if (who == 2 && p.late) {
			next.queue = (uint8_t) (next.queue + next.late);
			next.late = 0;
		} else {
			continue;
		}
		out[n] = *s;
		memcpy(&out[n++], &next, sizeof next);
	}
	return n;
}

static const char *parking_wrong(const struct state *s, bool is_end, unsigned bug)
{
	struct parking p;
	(void) bug;
	memcpy(&p, s, sizeof p);
	if (p.count > 1)
		return "more are parked than there are";
	return is_end && p.taken < p.puts ? "it sleeps although something is there" : NULL;
}

static const struct model parking = { { { 0 } }, parking_moves, parking_wrong };

/* ---- A table's owner ----------------------------------------------------------------------------------------------------- */

enum ownership_bug { OWNERSHIP_RIGHT, LOOK_ONCE, TAKE_WITHOUT_BARRIER, TAKE_WITHOUT_WAITING, OWN_BESIDE_OTHERS, OWNERSHIP_BUGS };

/* Thread 0 owns at first. `late` is its store to `inside` that only itself sees so far: 0 none, else what was stored + 1. */
struct ownership {
	uint8_t owner, word, inside, late;
	uint8_t at[2], rounds[2], working[2];
};

enum { TABLE_OUT, TABLE_SEEN, TABLE_STORED, TABLE_OWN, TABLE_LEFT, TABLE_WORD, TABLE_CLEARED, TABLE_WAITS, TABLE_INSIDE,
	TABLE_REST };

static void see_late_store(struct ownership *o)
{
	if (o->late)
		o->inside = (uint8_t) (o->late - 1);
	o->late = 0;
}

/* One who comes by the word, and is a writer. A change of the word waits for the thread's own stores. */
static void by_word_move(struct ownership *o, unsigned who, unsigned bug)
{
	if (who == 0)
		see_late_store(o);
	switch (o->at[who]) {
	case TABLE_WORD:
		if (o->word)
			return;
		o->word = 1;
		o->at[who] = o->owner && o->owner != who + 1 ? TABLE_CLEARED : TABLE_INSIDE;
		o->working[who] = o->at[who] == TABLE_INSIDE;
		if (bug == OWN_BESIDE_OTHERS && o->at[who] == TABLE_INSIDE)
			o->word = 0;
		break;
	case TABLE_CLEARED:
		o->owner = 0;
		o->at[who] = TABLE_WAITS;
		break;
	case TABLE_WAITS:
		if (bug != TAKE_WITHOUT_BARRIER)
			see_late_store(o);
		o->at[who] = o->inside && bug != TAKE_WITHOUT_WAITING ? TABLE_WAITS : TABLE_INSIDE;
		o->working[who] = o->at[who] == TABLE_INSIDE;
		break;
	default:                                /* inside: the first thread owns the table again when it leaves */
		o->working[who] = 0;
		o->owner = who == 0 ? 1 : 0;
		o->word = 0;
		o->at[who] = TABLE_REST;
		break;
	}
}

static void ownership_move(struct ownership *o, unsigned who, unsigned bug)
{
	switch (o->at[who]) {
	case TABLE_OUT:
		o->at[who] = o->owner == who + 1 ? TABLE_SEEN : TABLE_WORD;
		break;
	case TABLE_SEEN:
		o->late = 2;
		o->at[who] = TABLE_STORED;
		break;
	case TABLE_STORED:
		o->working[who] = o->owner == who + 1 || bug == LOOK_ONCE;
		o->at[who] = o->working[who] ? TABLE_OWN : TABLE_LEFT;
		if (o->at[who] == TABLE_LEFT) {
			see_late_store(o);
			o->late = 1;
		}
		break;
	case TABLE_OWN:
		o->working[who] = 0;
		see_late_store(o);
		o->late = 1;
		o->at[who] = TABLE_REST;
		break;
	case TABLE_LEFT: o->at[who] = TABLE_WORD; break;
	case TABLE_REST:
		o->rounds[who]++;
		o->at[who] = TABLE_OUT;
		break;
	default: by_word_move(o, who, bug);
	}
}

static unsigned ownership_moves(const struct state *s, struct state *out, unsigned bug)
{
	struct ownership o;
	unsigned n = 0;
	memcpy(&o, s, sizeof o);
	for (unsigned who = 0; who < 3; who++) {
		struct ownership next = o;
		if (who < 2 && o.rounds[who] < 3)
			ownership_move(&next, who, bug);
		else if (who == 2 && o.late)
			see_late_store(&next);
		if (memcmp(&next, &o, sizeof o) == 0)
			continue;
		out[n] = *s;
		memcpy(&out[n++], &next, sizeof next);
	}
	return n;
}

static const char *ownership_wrong(const struct state *s, bool is_end, unsigned bug)
{
	struct ownership o;
	(void) bug;
	memcpy(&o, s, sizeof o);
	if (o.working[0] && o.working[1])
		return "both are in the table";
	return is_end && (o.rounds[0] < 3 || o.rounds[1] < 3) ? "one waits for ever" : NULL;
}

static const struct model ownership = { { { [offsetof(struct ownership, owner)] = 1 } }, ownership_moves, ownership_wrong };

/* ---- All of them --------------------------------------------------------------------------------------------------------- */

static void finds_only_what_is_planted(const struct model *m, unsigned bugs)
{
	size_t visited;
	const char *wrong = explore(m, 0, &visited);
	ck_assert_msg(!wrong, "%s", wrong);
	ck_assert_uint_gt(visited, 50);
	for (unsigned bug = 1; bug < bugs; bug++)
		ck_assert_msg(explore(m, bug, &visited), "bug %u stays hidden in %zu states", bug, visited);
}

START_TEST(no_signal_is_lost_at_a_mailbox) { finds_only_what_is_planted(&mailbox, MAILBOX_BUGS); }
END_TEST
START_TEST(a_queue_is_never_shorter_than_nothing) { finds_only_what_is_planted(&counting, COUNTING_BUGS); }
END_TEST
START_TEST(no_signal_strays_to_a_new_tenant) { finds_only_what_is_planted(&place, SLOT_BUGS); }
END_TEST
START_TEST(nobody_sleeps_over_work) { finds_only_what_is_planted(&parking, PARK_BUGS); }
END_TEST
START_TEST(nobody_shares_an_owned_table) { finds_only_what_is_planted(&ownership, OWNERSHIP_BUGS); }
END_TEST

Suite *check_suite(void)
{
	Suite *s = suite_create("models");
	TCase *tc = tcase_create("every interleaving");
	tcase_add_test(tc, no_signal_is_lost_at_a_mailbox);
	tcase_add_test(tc, a_queue_is_never_shorter_than_nothing);
	tcase_add_test(tc, no_signal_strays_to_a_new_tenant);
	tcase_add_test(tc, nobody_sleeps_over_work);
	tcase_add_test(tc, nobody_shares_an_owned_table);
	suite_add_tcase(s, tc);
	return s;
}
