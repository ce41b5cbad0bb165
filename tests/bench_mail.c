/* bench - jobs about messages. */
#include <inttypes.h>
#include <stdlib.h>

#include "runtime/source.h"
#include "tests/bench.h"

enum { RUN, PEER, LEFT, VALUE, SLOTS };

/* ---- pingpong ---------------------------------------------------------------------------------------------- */

static enum next pong_loop(struct process *p)
{
	term m;
	while (process_receive(p, &m))
		process_send(p, slot_get(p, RUN), ATOM(ok));
	return STEP_WAIT;
}
static const struct step pong = { "bench:pong/1", pong_loop };

static enum next pong_enter(struct process *p)
{
	bench_frame(p, 1, 1);
	return bench_become(p, &pong);
}
static const struct step pong_start = { "bench:pong/1", pong_enter };

static enum next ping_loop(struct process *p)
{
	term m;
	while (process_receive(p, &m)) {
		bench_set_int(p, LEFT, bench_int(p, LEFT) - 1);
		if (bench_int(p, LEFT) == 0)
			return bench_finish(bench_run(p));
		process_send(p, slot_get(p, PEER), ATOM(ok));
	}
	return STEP_WAIT;
}
static const struct step ping = { "bench:ping/2", ping_loop };

/* {ok, From, N} is answered by {ok, self(), N}. */
static void send_tuple(struct process *p, term to, term n)
{
	struct builder *b = RESERVE(p, 4);
	process_send(p, to, build_tuple3(b, ATOM(ok), process_self(p), n));
}

static enum next pong_tuple_loop(struct process *p)
{
	term m;
	while (process_receive(p, &m))
		send_tuple(p, tuple_at(m, 1), tuple_at(m, 2));
	return STEP_WAIT;
}
static const struct step pong_tuple = { "bench:pongt/0", pong_tuple_loop };

static enum next ping_tuple_loop(struct process *p)
{
	term m;
	while (process_receive(p, &m)) {
		bench_set_int(p, LEFT, bench_int(p, LEFT) - 1);
		if (bench_int(p, LEFT) == 0)
			return bench_finish(bench_run(p));
		send_tuple(p, slot_get(p, PEER), slot_get(p, LEFT));
	}
	return STEP_WAIT;
}
static const struct step ping_tuple = { "bench:pingt/3", ping_tuple_loop };

static enum next pingpong_top(struct process *p)
{
	term self = process_self(p);
	bench_frame(p, SLOTS, 1);
	struct run *r = bench_run(p);
	bool is_tuple = r->kind[0] == 't';
	slot_set(p, PEER, is_tuple ? bench_spawn(p, &pong_tuple, 0, NULL) : bench_spawn(p, &pong_start, 1, &self));
	bench_set_int(p, LEFT, r->n);
	bench_lap_start(r);
	if (is_tuple)
		send_tuple(p, slot_get(p, PEER), slot_get(p, LEFT));
	else
		process_send(p, slot_get(p, PEER), ATOM(ok));
	return bench_become(p, is_tuple ? &ping_tuple : &ping);
}
static const struct step pingpong_start = { "bench:pingpong/0", pingpong_top };

static void pingpong(struct run *r)
{
	bench_run_top(r, &pingpong_start);
	bench_print(r, "pingpong", r->n, "", "\"msg\":\"%s\",\"rounds\":%" PRId64, r->kind, r->n);
}

/* ---- ring -------------------------------------------------------------------------------------------------- */

static enum next node_loop(struct process *p)
{
	term m;
	while (process_receive(p, &m)) {
		int64_t k = term_to_small(m);
		process_send(p, slot_get(p, 0), term_from_small((intptr_t) (k > 0 ? k - 1 : 0)));
	}
	return STEP_WAIT;
}
static const struct step node = { "bench:ring_node/1", node_loop };

static enum next node_enter(struct process *p)
{
	bench_frame(p, 1, 1);
	return bench_become(p, &node);
}
static const struct step node_start = { "bench:ring_node/1", node_enter };

/* The first round warms the ring; then the token goes round until it is 0. */
static enum next ring_loop(struct process *p)
{
	struct run *r = bench_run(p);
	term m;
	while (process_receive(p, &m)) {
		int64_t k = term_to_small(m);
		if (k == 0 && bench_int(p, LEFT) == 0)
			return bench_finish(r);
		if (k == 0) {
			bench_set_int(p, LEFT, 0);
			k = r->m + 1;
			bench_lap_start(r);
		}
		process_send(p, slot_get(p, PEER), term_from_small((intptr_t) k - 1));
	}
	return STEP_WAIT;
}
static const struct step ring_main = { "bench:ring_main/1", ring_loop };

static enum next ring_top(struct process *p)
{
	term next = process_self(p);
	bench_frame(p, SLOTS, 1);
	for (int64_t i = bench_run(p)->n; i > 1; i--)
		next = bench_spawn(p, &node_start, 1, &next);
	slot_set(p, PEER, next);
	bench_set_int(p, LEFT, 1);
	process_send(p, next, term_from_small(0));
	return bench_become(p, &ring_main);
}
static const struct step ring_start = { "bench:ring/0", ring_top };

static void ring(struct run *r)
{
	bench_run_top(r, &ring_start);
	bench_print(r, "ring", r->m, "", "\"actors\":%" PRId64 ",\"hops\":%" PRId64, r->n, r->m);
}

/* ---- many to one ------------------------------------------------------------------------------------------- */

static enum next flood_loop(struct process *p)
{
	int64_t left = bench_int(p, 1);
	while (left > 0) {
		process_send(p, slot_get(p, 0), term_from_small(1));
		left--;
		if (process_charge(p, 0))
			break;
	}
	bench_set_int(p, 1, left);
	return left > 0 ? STEP_YIELD : frame_return(p, ATOM(ok));
}
static const struct step flood = { "bench:flood/2", flood_loop };

static enum next flood_enter(struct process *p)
{
	bench_frame(p, 2, 2);
	return bench_become(p, &flood);
}
static const struct step flood_start = { "bench:flood/2", flood_enter };

static enum next drain_loop(struct process *p)
{
	int64_t left = bench_int(p, LEFT);
	for (term m; process_receive(p, &m);)
		if (--left == 0)
			return bench_finish(bench_run(p));
	bench_set_int(p, LEFT, left);
	return STEP_WAIT;
}
static const struct step drain = { "bench:drain/1", drain_loop };

static enum next many_top(struct process *p)
{
	bench_frame(p, SLOTS, 1);
	struct run *r = bench_run(p);
	term args[] = { process_self(p), term_from_small((intptr_t) (r->m / r->n)) };
	bench_set_int(p, LEFT, r->m / r->n * r->n);
	bench_lap_start(r);
	for (int64_t i = 0; i < r->n; i++)
		bench_spawn(p, &flood_start, 2, args);
	return bench_become(p, &drain);
}
static const struct step many_start = { "bench:many2one/0", many_top };

static void many2one(struct run *r)
{
	bench_run_top(r, &many_start);
	bench_print(r, "many2one", r->m, "", "\"producers\":%" PRId64 ",\"msgs\":%" PRId64, r->n, r->m / r->n * r->n);
}

/* ---- bomb: messages to one that does not run ------------------------------------------------------------------- */

static enum next deaf_loop(struct process *p)
{
	(void) p;
	return STEP_WAIT;
}
static const struct step deaf = { "bench:deaf/0", deaf_loop };

static term message_of(struct process *p, int64_t words)
{
	if (words == 1)
		return term_from_small(1);
	struct builder *b = RESERVE(p, (size_t) words);
	term *box = build_words(b, (size_t) words);
	box[0] = term_header(BOX_TUPLE, (size_t) words - 1);
	for (int64_t i = 1; i < words; i++)
		box[i] = term_from_small((intptr_t) i);
	return term_from_box(box);
}

static enum next bomb_loop(struct process *p)
{
	struct run *r = bench_run(p);
	int64_t left = bench_int(p, LEFT);
	if (left == r->n) {
		r->figures[0] = bench_rss_bytes();
		bench_lap_start(r);
	}
	while (left > 0) {
		process_send(p, slot_get(p, PEER), slot_get(p, VALUE));
		left--;
		if (process_charge(p, 0))
			break;
	}
	bench_set_int(p, LEFT, left);
	return left > 0 ? STEP_YIELD : bench_finish(r);
}
static const struct step bomb_flood = { "bench:flood_msg/3", bomb_loop };

/* The suspended one has had its turn when the flood begins. */
static enum next bomb_top(struct process *p)
{
	bench_frame(p, SLOTS, 1);
	struct run *r = bench_run(p);
	term target = bench_spawn(p, &deaf, 0, NULL);
	r->pids = malloc(sizeof *r->pids);
	r->pids[0] = target;
	slot_set(p, PEER, target);
	slot_set(p, VALUE, message_of(p, r->m));
	bench_set_int(p, LEFT, r->n);
	process_suspend_other(p, target);
	frame_become(p, &bomb_flood);
	return STEP_YIELD;
}
static const struct step bomb_start = { "bench:bomb/0", bomb_top };

static void bomb(struct run *r)
{
	char extra[120];
	bench_run_top(r, &bomb_start);
	snprintf(extra, sizeof extra, " rss_bytes_per_msg=%.1f", (double) (bench_rss_bytes() - r->figures[0]) / (double) r->n);
	bench_print(r, "bomb", r->n, extra, "\"words\":%" PRId64 ",\"n\":%" PRId64, r->m, r->n);
}

/* One look at a row whose queue is long. */
static void peek_bomb(struct run *r)
{
	enum { LOOKS = 10000 };
	struct source *s = world_observe(r->world, (const struct application *const[]) { NULL }, 1000000);
	struct snap_process row;
	char extra[80];
	bench_run_top(r, &bomb_start);
	uint64_t pid = term_pid_number(r->pids[0]);
	CHECK(s->read_process(s, pid, &row) && row.message_queue_len >= (uint64_t) r->n, "the queue is not there");
	bench_lap_start(r);
	for (int i = 0; i < LOOKS; i++)
		s->read_process(s, pid, &row);
	bench_lap_stop(r);
	snprintf(extra, sizeof extra, " memory_us=%.4f", (double) r->lap.wall_ns / 1e3 / LOOKS);
	bench_print(r, "peek_bomb", LOOKS, extra, "\"queued\":%" PRId64, r->n);
	s->close(s);
}

/* ---- lists sent -------------------------------------------------------------------------------------------------- */

static enum next ack_loop(struct process *p)
{
	for (term m; process_receive(p, &m);)
		process_send(p, slot_get(p, 0), ATOM(ok));
	return STEP_WAIT;
}
static const struct step ack = { "bench:ackloop/1", ack_loop };

static enum next ack_enter(struct process *p)
{
	bench_frame(p, 1, 1);
	return bench_become(p, &ack);
}
static const struct step ack_start = { "bench:ackloop/1", ack_enter };

/* The first list warms. */
static enum next listsend_loop(struct process *p)
{
	struct run *r = bench_run(p);
	for (term m; process_receive(p, &m);) {
		if (bench_int(p, LEFT) == r->m)
			bench_lap_start(r);
		if (bench_int(p, LEFT) == 0)
			return bench_finish(r);
		bench_set_int(p, LEFT, bench_int(p, LEFT) - 1);
		process_send(p, slot_get(p, PEER), slot_get(p, VALUE));
	}
	return STEP_WAIT;
}
static const struct step listsend_main = { "bench:listsend/2", listsend_loop };

static enum next listsend_top(struct process *p)
{
	term self = process_self(p);
	bench_frame(p, SLOTS, 1);
	struct run *r = bench_run(p);
	slot_set(p, PEER, bench_spawn(p, &ack_start, 1, &self));
	slot_set(p, VALUE, bench_list(p, r->n));
	bench_set_int(p, LEFT, r->m);
	process_send(p, slot_get(p, PEER), slot_get(p, VALUE));
	return bench_become(p, &listsend_main);
}
static const struct step listsend_start = { "bench:listsend/0", listsend_top };

static void listsend(struct run *r)
{
	bench_run_top(r, &listsend_start);
	bench_print(r, "listsend", 2 * r->n * r->m, "", "\"len\":%" PRId64, r->n);
}

/* ---- latency: round trips beside an endless collection -------------------------------------------------------- */

#define BINS 3201

/* 0.1 us bins to 100 us, 10 us bins to 10 ms, 1 ms bins above. */
static unsigned bin_of(int64_t ns)
{
	if (ns < 100000)
		return (unsigned) (ns / 100);
	if (ns < 10000000)
		return (unsigned) (1000 + ns / 10000);
	return ns < 1200000000 ? (unsigned) (2000 + ns / 1000000) : BINS - 1;
}

static double bin_us(unsigned bin)
{
	return bin <= 1000 ? bin * 0.1 : bin <= 2000 ? (bin - 1000) * 10.0 : (bin - 2000) * 1000.0;
}

struct latency { int64_t bins[BINS], last, most, end, count; };

static enum next collector_loop(struct process *p)
{
	process_gc_other(p, process_self(p), true);
	return STEP_YIELD;
}
static const struct step collector = { "bench:gc_forever/1", collector_loop };

static enum next collector_enter(struct process *p)
{
	bench_frame(p, 3, 2);
	slot_set(p, 2, bench_list(p, bench_run(p)->n / 2));
	process_collect(p, true, 2, NULL, 0);
	process_send(p, slot_get(p, 1), ATOM(ok));
	return bench_become(p, &collector);
}
static const struct step collector_start = { "bench:gc_forever/1", collector_enter };

static enum next latency_loop(struct process *p)
{
	struct run *r = bench_run(p);
	struct latency *l = (struct latency *) r->pids;
	for (term m; process_receive(p, &m);) {
		int64_t now = bench_now_ns();
		if (l->last) {
			int64_t ns = now - l->last;
			l->bins[bin_of(ns)]++;
			l->count++;
			l->most = ns > l->most ? ns : l->most;
		} else {
			bench_lap_start(r);
			l->end = now + r->m * 1000000;
		}
		if (now > l->end)
			return bench_finish(r);
		l->last = bench_now_ns();
		process_send(p, slot_get(p, PEER), ATOM(ok));
	}
	return STEP_WAIT;
}
static const struct step latency_main = { "bench:lat/4", latency_loop };

static enum next latency_top(struct process *p)
{
	bench_frame(p, SLOTS, 1);
	struct run *r = bench_run(p);
	term self = process_self(p), args[] = { slot_get(p, RUN), self };
	slot_set(p, PEER, bench_spawn(p, &pong_start, 1, &self));
	if (r->n)
		bench_spawn(p, &collector_start, 2, args);
	else
		process_send(p, slot_get(p, PEER), ATOM(ok));
	return bench_become(p, &latency_main);
}
static const struct step latency_start = { "bench:latency/0", latency_top };

static double percentile(const struct latency *l, double part)
{
	int64_t seen = 0;
	for (unsigned i = 0; i < BINS; i++)
		if ((double) (seen += l->bins[i]) >= part * (double) l->count)
			return bin_us(i);
	return bin_us(BINS - 1);
}

static void latency(struct run *r)
{
	char extra[160];
	struct latency *l = calloc(1, sizeof *l);
	r->pids = (term *) (void *) l;
	bench_run_top(r, &latency_start);
	snprintf(extra, sizeof extra, " p50_us=%.1f p99_us=%.1f p999_us=%.1f max_us=%.1f", percentile(l, 0.5), percentile(l, 0.99),
		percentile(l, 0.999), (double) l->most / 1e3);
	bench_print(r, "latency", l->count, extra, "\"gc_words\":%" PRId64, r->n);
}

const struct job bench_mail_jobs[] = {
	{ "pingpong", pingpong, 1000000, 0, "imm", 1, "pingpong imm 1000000", 5, NULL, 0 },
	{ "pingpong", pingpong, 1000000, 0, "imm", 2, "pingpong imm 1000000", 0, NULL, 0 },
	{ "pingpong", pingpong, 500000, 0, "tuple4", 1, "pingpong tuple 500000", 5, NULL, 0 },
	{ "ring", ring, 503, 2000000, NULL, 1, "ring 503 2000000", 5, NULL, 0 },
	{ "ring", ring, 503, 1000000, NULL, 2, "ring 503 1000000", 0, NULL, 0 },
	{ "ring", ring, 100000, 1000000, NULL, 1, "ring 100000 1000000", 8, NULL, 0 },
	{ "many2one", many2one, 1, 10000000, NULL, 1, "many2one 1 10000000", 1.8, NULL, 0 },
	{ "many2one", many2one, 2, 10000000, NULL, 1, "many2one 2 10000000", 0, NULL, 0 },
	{ "many2one", many2one, 8, 10000000, NULL, 1, "many2one 8 10000000", 3, NULL, 0 },
	{ "many2one", many2one, 8, 10000000, NULL, 2, "many2one 8 10000000", 0, NULL, 0 },
	{ "bomb", bomb, 1000000, 1, NULL, 1, "bomb 1 1000000", 0, "rss_bytes_per_msg", 40 },
	{ "bomb", bomb, 1000000, 10, NULL, 1, "bomb 10 1000000", 0, "rss_bytes_per_msg", 120 },
	{ "bomb", bomb, 200000, 100, NULL, 1, "bomb 100 200000", 0, "rss_bytes_per_msg", 850 },
	{ "listsend", listsend, 1000, 50000, NULL, 1, "listsend 1000 50000", 1.5, NULL, 0 },
	{ "listsend", listsend, 100000, 500, NULL, 1, "listsend 100000 500", 1.8, NULL, 0 },
	{ "listsend", listsend, 1000000, 50, NULL, 1, "listsend 1000000 50", 2.2, NULL, 0 },
	{ "peek_bomb", peek_bomb, 1000000, 1, NULL, 1, NULL, 0, "memory_us", 1 },
	{ "latency", latency, 0, 1000, NULL, 1, NULL, 0, NULL, 0 },
	{ "latency", latency, 10000000, 2000, NULL, 1, NULL, 0, "p999_us", 1.3 },
	{ .name = NULL },
};
