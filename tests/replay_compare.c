/*
 * replay_compare - which reading a row's key speaks of, and what counts as equal.
 *
 *   exact: the same value. `dirty` rows: within 4 words. The would-be sizes of max_heap events: without their fragment number.
 *   approx [min, max]: bytes within 10 % or 512; `after` values within 64 KiB of 0; node_*_held from the exact
 *   memory to 64 KiB above; large maps 5 %; a drained mailbox 10 %; reductions 25 % or 1.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tests/replay.h"

#define DIRTY_WORDS 4
#define RETURNS_TO_ZERO 65536.0
#define FRAGMENTS_AT 6                  /* in a vector */
#define EVENTS_LISTED 120u

/* ---- Readings ------------------------------------------------------------------------------------------- */

static const json_t *last(const struct run *r) { return json_array_get(r->readings, json_array_size(r->readings) - 2); }
static const json_t *first(const struct run *r) { return json_array_get(r->readings, 0); }
static const json_t *at_exit(const struct run *r) { return json_array_get(r->readings, json_array_size(r->readings) - 1); }

/* The nth (from 0) of an array of objects that was taken after this op. */
static const json_t *nth_after(const json_t *all, const char *op, size_t n)
{
	for (size_t i = 0; i < json_array_size(all); i++) {
		const json_t *o = json_array_get(all, i);
		if (strcmp(json_string_value(json_object_get(o, "op")), op) == 0 && n-- == 0)
			return o;
	}
	return NULL;
}
static const json_t *after(const struct run *r, const char *op, size_t n) { return nth_after(r->readings, op, n); }

static const json_t *or_last(const struct run *r, const json_t *reading) { return reading ? reading : last(r); }
static const json_t *held(const struct run *r) { return or_last(r, after(r, "hold", 0)); }
static const json_t *sent(const struct run *r)
{
	const json_t *o = after(r, "send_n", 0);
	return o ? o : after(r, "send_tuple_m", 0);
}

static json_t *number(double d) { return json_integer((json_int_t) d); }
static double value(const json_t *o, const char *key) { return json_number_value(json_object_get(o, key)); }
static json_t *field(const json_t *o, const char *key) { return json_incref(json_object_get(o, key)); }
static json_t *grown(const struct run *r, const json_t *o, const char *key) { return o ? number(value(o, key) - value(first(r), key)) : NULL; }
static json_t *whole(const json_t *o) { return json_incref((json_t *) (uintptr_t) o); }

/* ---- What a key means ------------------------------------------------------------------------------------ */

static json_t *m_last(struct run *r) { return whole(last(r)); }
static json_t *m_blocked(struct run *r) { return whole(after(r, "block", 0)); }
static json_t *m_queued(struct run *r) { return whole(sent(r)); }
static json_t *m_hibernated(struct run *r) { return whole(after(r, "hibernate", 0)); }
static json_t *m_rehibernated(struct run *r) { return whole(after(r, "hibernate", 1)); }
static json_t *m_received(struct run *r) { return whole(after(r, "hold", 0)); }

static json_t *m_pauses(struct run *r)
{
	json_t *all = json_array();
	const json_t *o;
	for (size_t i = 0; (o = after(r, "pause", i)); i++)
		json_array_append(all, (json_t *) (uintptr_t) o);
	return all;
}

static json_t *m_memory_before(struct run *r) { return field(after(r, "block", 0), "memory"); }
static json_t *m_memory_after(struct run *r) { return field(last(r), "memory"); }
static json_t *m_held_memory(struct run *r) { return field(after(r, "hold", 0), "memory"); }
static json_t *m_binaries(struct run *r) { return field(held(r), "binaries"); }

static json_t *count_of(const json_t *o) { return json_integer((json_int_t) json_array_size(json_object_get(o, "binaries"))); }
static json_t *m_refs_held(struct run *r) { return count_of(after(r, "pause", 0)); }
static json_t *m_refs_released(struct run *r) { return count_of(after(r, "pause", 1)); }
static json_t *m_refs_after_gc(struct run *r) { return count_of(held(r)); }

static json_t *m_minor(struct run *r) { return json_integer((json_int_t) r->event_count[0]); }
static json_t *m_major(struct run *r) { return json_integer((json_int_t) r->event_count[1]); }
static json_t *m_minor_to_major(struct run *r) { return json_integer((json_int_t) r->event_count[2]); }
static json_t *m_events(struct run *r) { return json_incref(r->events); }
static json_t *m_truncated(struct run *r) { return json_boolean(json_array_size(r->events) > EVENTS_LISTED); }

static json_t *m_killed(struct run *r) { return json_boolean(!json_is_true(json_object_get(last(r), "alive"))); }
static json_t *m_alive_before(struct run *r) { return field(after(r, "observe", 0), "alive"); }
static json_t *m_alive_after(struct run *r) { return field(last(r), "alive"); }
/* Who is ended only with its world was alive. */
static json_t *m_reason(struct run *r)
{
	return json_is_true(json_object_get(last(r), "alive")) ? json_string("alive") : field(r->notes, "reason");
}

static json_t *m_fullsweep(struct run *r) { return field(last(r), "fullsweep_after"); }
static json_t *m_min_heap(struct run *r) { return field(last(r), "min_heap_size"); }
static json_t *m_min_vheap(struct run *r) { return field(last(r), "min_bin_vheap_size"); }
static json_t *m_heap_size(struct run *r) { return field(last(r), "heap_size"); }
static json_t *m_memory(struct run *r) { return field(last(r), "memory"); }
static json_t *m_gc_info(struct run *r) { return field(last(r), "gc_info"); }

/* Tables. */
static json_t *words_after(struct run *r, const char *op, size_t n)
{
	return field(nth_after(json_object_get(r->notes, "tables"), op, n), "memory_words");
}
static json_t *m_empty_words(struct run *r) { return words_after(r, "ets_new", 0); }
static json_t *m_first_words(struct run *r) { return words_after(r, "ets_insert_1_to_n", 0); }
static json_t *m_second_words(struct run *r) { return words_after(r, "ets_insert_1_to_n", 1); }
static json_t *m_deleted_words(struct run *r) { return words_after(r, "ets_delete_1_to_n", 0); }
static json_t *m_emptied_words(struct run *r) { return words_after(r, "ets_delete_all", 0); }
static const json_t *last_table(const struct run *r)
{
	const json_t *all = json_object_get(r->notes, "tables");
	return json_array_get(all, json_array_size(all) - 1);
}
static json_t *m_table_words(struct run *r) { return field(last_table(r), "memory_words"); }
/* Of a term; or of the table before it is emptied. */
static json_t *m_size(struct run *r)
{
	const json_t *deleted = nth_after(json_object_get(r->notes, "tables"), "ets_delete_1_to_n", 0);
	json_t *noted = field(r->notes, "size");
	return noted ? noted : field(deleted ? deleted : last_table(r), "size");
}
static json_t *m_tables_before(struct run *r) { return field(first(r), "table_count"); }
static json_t *m_tables_owned(struct run *r) { return field(after(r, "ets_insert_1_to_n", 0), "table_count"); }
static json_t *m_tables_after(struct run *r) { return field(last(r), "table_count"); }

/* Crowds: distinct values, in the order they were met. */
static void add_distinct(json_t *set, json_t *v)
{
	for (size_t i = 0; i < json_array_size(set); i++)
		if (json_equal(json_array_get(set, i), v)) {
			json_decref(v);
			return;
		}
	json_array_append_new(set, v);
}

static json_t *distinct(struct run *r, void (*add)(json_t *set, const json_t *reading))
{
	json_t *set = json_array();
	for (size_t i = 0; i < json_array_size(r->other_readings); i++)
		add(set, json_array_get(r->other_readings, i));
	return set;
}

static void add_memory(json_t *set, const json_t *o) { add_distinct(set, field(o, "memory")); }
static void add_count(json_t *set, const json_t *o) { add_distinct(set, count_of(o)); }
static void add_holders(json_t *set, const json_t *o)
{
	const json_t *all = json_object_get(o, "binaries");
	for (size_t i = 0; i < json_array_size(all); i++)
		add_distinct(set, json_incref(json_array_get(json_array_get(all, i), 1)));
}
static json_t *m_receiver_memory(struct run *r) { return distinct(r, add_memory); }
static json_t *m_refs_each(struct run *r) { return distinct(r, add_count); }
static json_t *m_holders(struct run *r) { return distinct(r, add_holders); }
static json_t *m_sum_memory(struct run *r)
{
	double sum = 0;
	for (size_t i = 0; i < json_array_size(r->other_readings); i++)
		sum += value(json_array_get(r->other_readings, i), "memory");
	return number(sum);
}

/* Global counters, as they grew since the start. */
static json_t *m_count_grown(struct run *r) { return grown(r, last(r), "process_count"); }
static json_t *m_bin_held(struct run *r) { return grown(r, or_last(r, after(r, "pause", 0)), "binary"); }
static json_t *m_bin_released(struct run *r) { return grown(r, after(r, "pause", 1), "binary"); }
static json_t *m_bin_last(struct run *r) { return grown(r, last(r), "binary"); }
static json_t *m_bin_exit(struct run *r) { return grown(r, at_exit(r), "binary"); }
static json_t *m_bin_holding(struct run *r) { return grown(r, after(r, "hold", 0), "binary"); }
static json_t *m_bin_each(struct run *r)
{
	double n = json_number_value(json_array_get(json_array_get(r->program, 0), 2));
	return number((value(last(r), "binary") - value(first(r), "binary")) / n);
}
static json_t *m_node_held(struct run *r)
{
	const json_t *o = after(r, "hold", 0);
	return grown(r, o ? o : after(r, "spawn_n_idle", 0), "processes_used");
}
static json_t *m_node_last(struct run *r) { return grown(r, last(r), "processes_used"); }
static json_t *m_ets_held(struct run *r) { return grown(r, after(r, "ets_insert_1_to_n", 0), "ets"); }
static json_t *m_ets_last(struct run *r) { return grown(r, last(r), "ets"); }

/* How a measured value is held against the row's. */
enum tolerance { SAME, BYTES, RETURNS, NODE, FIVE_PERCENT, TEN_PERCENT, REDUCTIONS, NOT_COMPARED };

/* Keys that are not here are looked up among the notes, which ops write under the row's own names. */
static const struct meaning { const char *key; json_t *(*measure)(struct run *r); enum tolerance approx; } meanings[] = {
	{ "final", m_last, TEN_PERCENT }, { "woken", m_last, SAME }, { "after_gc", m_last, SAME }, { "after_unmatched_messages", m_last, SAME },
	{ "before", m_blocked, SAME }, { "queued", m_queued, SAME }, { "hibernated", m_hibernated, SAME }, { "rehibernated", m_rehibernated, SAME },
	{ "received", m_received, SAME }, { "pauses", m_pauses, SAME },
	{ "memory_before", m_memory_before, SAME }, { "memory_after", m_memory_after, SAME }, { "process_memory_held", m_held_memory, SAME },
	{ "refc_bins", m_binaries, SAME }, { "listed_refc_bins", m_binaries, SAME },
	{ "refs_held", m_refs_held, SAME }, { "refs_after_release", m_refs_released, SAME }, { "refs_after_gc", m_refs_after_gc, SAME },
	{ "minor_count", m_minor, TEN_PERCENT }, { "major_count", m_major, TEN_PERCENT }, { "minor_to_major_count", m_minor_to_major, TEN_PERCENT },
	{ "events", m_events, NOT_COMPARED }, { "events_truncated", m_truncated, NOT_COMPARED },
	{ "dirty", NULL, NOT_COMPARED }, { "trace_neutral", NULL, NOT_COMPARED },
	{ "killed", m_killed, SAME }, { "alive_before_gc", m_alive_before, SAME }, { "alive_after_gc", m_alive_after, SAME }, { "reason", m_reason, SAME },
	{ "fullsweep_after", m_fullsweep, SAME }, { "effective_min_heap_size", m_min_heap, SAME }, { "effective_min_bin_vheap_size", m_min_vheap, SAME },
	{ "heap_size", m_heap_size, SAME }, { "memory", m_memory, SAME }, { "gc_info", m_gc_info, SAME },
	{ "empty_words", m_empty_words, SAME }, { "memory_words", m_table_words, BYTES }, { "table_words", m_first_words, SAME },
	{ "full_words", m_first_words, SAME }, { "before_words", m_first_words, SAME }, { "after_words", m_second_words, SAME },
	{ "after_delete_words", m_deleted_words, SAME }, { "after_delete_all_words", m_emptied_words, SAME }, { "size", m_size, FIVE_PERCENT },
	{ "flat_size", NULL, FIVE_PERCENT },
	{ "tables_before", m_tables_before, SAME }, { "tables_while_owned", m_tables_owned, SAME }, { "tables_after", m_tables_after, SAME },
	{ "receiver_memory", m_receiver_memory, SAME }, { "refs_per_receiver", m_refs_each, SAME }, { "refc", m_holders, SAME },
	{ "sum_process_memory", m_sum_memory, SAME }, { "process_count_delta_after", m_count_grown, SAME },
	{ "binary_memory_held", m_bin_held, BYTES }, { "binary_memory_after_release", m_bin_released, BYTES },
	{ "binary_memory_after_gc", m_bin_last, RETURNS }, { "binary_memory_after_exit", m_bin_exit, RETURNS },
	{ "binary_bytes_held", m_bin_holding, BYTES }, { "binary_bytes_after", m_bin_last, RETURNS }, { "binary_memory_per_binary", m_bin_each, BYTES },
	{ "node_processes_used_delta_held", m_node_held, NODE }, { "node_processes_used_delta_after", m_node_last, RETURNS },
	{ "global_ets_bytes_delta", m_ets_held, BYTES }, { "after_delete_delta", m_ets_last, RETURNS },
	{ "ets_bytes_held", m_ets_held, BYTES }, { "ets_bytes_after", m_ets_last, RETURNS },
	{ "reductions_total", NULL, REDUCTIONS }, { "per_op", NULL, REDUCTIONS },
};

static const struct meaning *meaning_of(const char *key)
{
	for (size_t i = 0; i < ARRAY_COUNT(meanings); i++)
		if (strcmp(meanings[i].key, key) == 0)
			return &meanings[i];
	return NULL;
}

/* Sizes of terms and tables, and reasons: the same however blocks come and go. */
static bool holds_in_any_policy(const char *key)
{
	static json_t *(*const any[])(struct run *r) = { m_empty_words, m_first_words, m_second_words, m_deleted_words, m_emptied_words,
		m_table_words, m_size, m_tables_before, m_tables_owned, m_tables_after, m_fullsweep, m_min_heap, m_min_vheap };
	const struct meaning *m = meaning_of(key);
	for (size_t i = 0; m && m->measure && i < ARRAY_COUNT(any); i++)
		if (m->measure == any[i])
			return true;
	return !m || (!m->measure && m->approx == FIVE_PERCENT);
}

static json_t *measure(struct run *r, const char *key)
{
	const struct meaning *m = meaning_of(key);
	json_t *v = m && m->measure ? m->measure(r) : NULL;
	return v ? v : field(r->notes, key);
}

/* ---- Exact ----------------------------------------------------------------------------------------------------- */

struct comparison {
	struct run *run;
	const struct replay_options *options;
	bool dirty;
	bool differs;
};

/* What the row names of a reading, which knows more. */
static json_t *same_fields(const json_t *want, const json_t *got)
{
	json_t *fields = json_object(), *v;
	const char *key;
	json_object_foreach((json_t *) (uintptr_t) want, key, v)
		json_object_set(fields, key, strcmp(key, "after") == 0 ? v : json_object_get(got, key));
	return fields;
}

static void report(struct comparison *c, const char *key, const json_t *want, const json_t *got)
{
	if (!c->differs && c->options->verbose) {
		json_t *named = json_is_object(want) ? same_fields(want, got) : json_incref((json_t *) (uintptr_t) got);
		got = named;
		char *w = want ? json_dumps(want, JSON_ENCODE_ANY | JSON_COMPACT) : NULL, *g = got ? json_dumps(got, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
		printf("differs %s: %s: the BEAM %.400s, here %.400s\n", json_string_value(json_object_get(c->run->row, "id")), key, w ? w : "-", g ? g : "-");
		free(w);
		free(g);
		json_decref(named);
	}
	c->differs = true;
}

static bool same(const struct comparison *c, const json_t *want, const json_t *got);

static bool same_number(const struct comparison *c, const json_t *want, const json_t *got)
{
	double d = fabs(json_number_value(want) - json_number_value(got));
	return json_is_number(got) && (c->dirty ? d <= DIRTY_WORDS * 8 : d == 0);
}

static bool same_array(const struct comparison *c, const json_t *want, const json_t *got)
{
	if (json_array_size(want) != json_array_size(got))
		return false;
	for (size_t i = 0; i < json_array_size(want); i++)
		if (!same(c, json_array_get(want, i), json_array_get(got, i)))
			return false;
	return true;
}

static bool same_object(const struct comparison *c, const json_t *want, const json_t *got)
{
	const char *key;
	json_t *v;
	json_object_foreach((json_t *) (uintptr_t) want, key, v)
		if (strcmp(key, "after") != 0 && !same(c, v, json_object_get(got, key)))
			return false;
	return true;
}

static bool same(const struct comparison *c, const json_t *want, const json_t *got)
{
	if (json_is_object(want))
		return json_is_object(got) && same_object(c, want, got);
	if (json_is_array(want))
		return json_is_array(got) && same_array(c, want, got);
	if (json_is_number(want))
		return same_number(c, want, got);
	return json_equal(want, got);
}

/* The would-be sizes of a max_heap event carry the traces of their stop as fragments. */
static json_t *without_fragments(const json_t *event)
{
	json_t *copy = json_deep_copy(event);
	if (strncmp(json_string_value(json_array_get(copy, 0)), "max_heap", 8) == 0)
		json_array_set_new(json_array_get(copy, 2), FRAGMENTS_AT, json_integer(0));
	return copy;
}

static bool same_event(const struct comparison *c, const json_t *want, const json_t *got)
{
	json_t *w = without_fragments(want), *g = without_fragments(got);
	bool equal = same(c, w, g);
	json_decref(w);
	json_decref(g);
	return equal;
}

static void compare_events(struct comparison *c, const json_t *want, const json_t *got)
{
	bool truncated = json_is_true(json_object_get(json_object_get(c->run->row, "exact"), "events_truncated"));
	size_t n = json_array_size(want);
	for (size_t i = 0; i < n && i < json_array_size(got); i++)
		if (!same_event(c, json_array_get(want, i), json_array_get(got, i))) {
			char key[32];
			snprintf(key, sizeof key, "event %zu", i);
			report(c, key, json_array_get(want, i), json_array_get(got, i));
			return;
		}
	if (truncated ? json_array_size(got) < n : json_array_size(got) != n) {
		json_t *w = json_integer((json_int_t) n), *g = json_integer((json_int_t) json_array_size(got));
		report(c, "events", w, g);
		json_decref(w);
		json_decref(g);
	}
}

/* A handle list has no order worth keeping; some rows list bytes, some bytes and holders. */
static int by_bytes(const void *a, const void *b)
{
	const json_t *x = *(const json_t *const *) a, *y = *(const json_t *const *) b;
	double p = json_number_value(json_array_get(x, 0)), q = json_number_value(json_array_get(y, 0));
	return p < q ? -1 : p > q;
}

static json_t *as_listed(const json_t *want, const json_t *got)
{
	size_t n = json_array_size(got);
	json_t **all = malloc((n + 1) * sizeof *all), *out = json_array();
	for (size_t i = 0; i < n; i++)
		all[i] = json_array_get(got, i);
	qsort(all, n, sizeof *all, by_bytes);
	for (size_t i = 0; i < n; i++)
		json_array_append(out, json_is_number(json_array_get(want, 0)) ? json_array_get(all[i], 0) : all[i]);
	free(all);
	return out;
}

static void compare_exact(struct comparison *c, const char *key, const json_t *want)
{
	const struct meaning *m = meaning_of(key);
	json_t *got = measure(c->run, key);
	if (m && m->measure == m_events) {
		compare_events(c, want, got);
	} else if (m && m->measure == m_binaries) {
		json_t *listed = as_listed(want, got);
		if (!same(c, want, listed))
			report(c, key, want, listed);
		json_decref(listed);
	} else if (!(m && !m->measure && m->approx == NOT_COMPARED) && !same(c, want, got)) {
		report(c, key, want, got);
	}
	json_decref(got);
}

/* ---- Approximate ------------------------------------------------------------------------------------------------- */

static bool between(double got, double low, double high, double slack) { return got >= low - slack && got <= high + slack; }

static double exact_memory(const struct comparison *c)
{
	const json_t *exact = json_object_get(c->run->row, "exact");
	return value(exact, "process_memory_held") + value(exact, "sum_process_memory");
}

static bool within(const struct comparison *c, enum tolerance t, const json_t *range, double got)
{
	double low = json_number_value(json_array_get(range, 0)), high = json_number_value(json_array_get(range, 1));
	double size = fmax(fabs(low), fabs(high));
	switch (t) {
	case BYTES: return between(got, low, high, fmax(0.10 * size, 512));
	case RETURNS: return fabs(got) <= RETURNS_TO_ZERO;
	case NODE: return got >= exact_memory(c) && got <= exact_memory(c) + RETURNS_TO_ZERO;
	case FIVE_PERCENT: return between(got, low, high, 0.05 * size);
	case TEN_PERCENT: return between(got, low, high, 0.10 * size);
	case REDUCTIONS: return between(got, low, high, fmax(0.25 * size, 1));
	default: return between(got, low, high, 0);
	}
}

static void compare_approx(struct comparison *c, const char *key, const json_t *want);

/* Of a drained mailbox: figure by figure; gc_info is a list of exact-looking numbers. */
static void compare_figures(struct comparison *c, const json_t *want, const json_t *got)
{
	const char *key;
	json_t *v;
	json_object_foreach((json_t *) (uintptr_t) want, key, v) {
		const json_t *g = json_object_get(got, key);
		if (strcmp(key, "gc_info") != 0) {
			if (!within(c, TEN_PERCENT, v, json_number_value(g)))
				report(c, key, v, g);
			continue;
		}
		for (size_t i = 0; i < json_array_size(v); i++) {
			double n = json_number_value(json_array_get(v, i));
			if (!between(json_number_value(json_array_get(g, i)), n, n, 0.10 * n))
				report(c, key, v, g);
		}
	}
}

static void compare_approx(struct comparison *c, const char *key, const json_t *want)
{
	const struct meaning *m = meaning_of(key);
	json_t *got = measure(c->run, key);
	if (m && m->approx == NOT_COMPARED)
		;
	else if (!m || !got)
		report(c, key, want, got);
	else if (json_is_object(want))
		compare_figures(c, want, got);
	else if (!within(c, m->approx, want, json_number_value(got)))
		report(c, key, want, got);
	json_decref(got);
}

/* An empty table's words depend on its concurrency options as soon as several schedulers run: the rows were recorded with one. */
static bool depends_on_schedulers(const struct run *r)
{
	const json_t *op = json_array_get(r->program, 0), *options = json_array_get(op, 1);
	for (size_t i = 0; i < json_array_size(options); i++) {
		const char *name = json_string_value(json_array_get(json_array_get(options, i), 0));
		if (name && strstr(name, "_concurrency"))
			return strcmp(json_string_value(json_array_get(op, 0)), "ets_new") == 0;
	}
	return false;
}

enum verdict compare_row(struct run *r, const struct replay_options *o)
{
	json_t *exact = json_object_get(r->row, "exact"), *approx = json_object_get(r->row, "approx");
	if (o->schedulers > 1 && depends_on_schedulers(r)) {
		printf("allowed %s: depends on the number of schedulers\n", json_string_value(json_object_get(r->row, "id")));
		return ROW_MATCHES;
	}
	struct comparison c = { .run = r, .options = o, .dirty = json_is_true(json_object_get(exact, "dirty")) };
	const char *key;
	json_t *v;
	json_object_foreach(exact, key, v)
		if (!o->other_policy || holds_in_any_policy(key))
			compare_exact(&c, key, v);
	json_object_foreach(approx, key, v)
		if (!o->other_policy)
			compare_approx(&c, key, v);
	return c.differs ? ROW_DIFFERS : ROW_MATCHES;
}
