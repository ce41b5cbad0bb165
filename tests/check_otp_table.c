/*
 * Tables against OTP's: each row of tests/otp_table.erl played on this runtime must give the line that OTP 25 printed
 * (tests/otp_table.txt): the answer or badarg, and what is in the table afterwards.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/process/scheduler.h"
#include "runtime/process/tables.h"
#include "runtime/term/order.h"
#include "tests/otp_lines.h"
#include "tests/suite.h"
#include "tests/trace.h"

static struct world *w;
static struct otp_lines lines;

static void setup(void)
{
	w = test_world();
	otp_lines_open(&lines, "table");
}
static void teardown(void)
{
	otp_lines_close(&lines);
	test_world_stop(w);
}

#define TUPLE(...) term_from_box((term[]) { term_header(BOX_TUPLE, sizeof((term[]) { __VA_ARGS__ }) / sizeof(term)), __VA_ARGS__ })
#define LIST2(a, b) term_from_cons((term[]) { (a), term_from_cons((term[]) { (b), TERM_NIL }) })
#define INT(n) term_from_small(n)
static term A(struct process *p, const char *text) { return process_atom(p, text); }
static term yes_or_no(bool yes) { return yes ? ATOM(true) : ATOM(false); }

/* ---- Rows -------------------------------------------------------------------------------------------------------- */

struct row { const char *call; term (*play)(struct process *p, term t); };

#define ROW(name, expression) static term name(struct process *p, term t) { (void) p; return (expression); }
#define DOES(name, statement) static term name(struct process *p, term t) { statement; return ATOM(true); }

static term half(struct process *p, double value)
{
	struct builder *b = RESERVE(p, 2);
	return build_float(b, value);
}

DOES(insert_1, table_insert(p, t, TUPLE(INT(4), INT(40))))
DOES(insert_2, table_insert(p, t, TUPLE(INT(1), INT(11))))
DOES(insert_3, table_insert(p, t, TUPLE(INT(2), INT(20))))
DOES(insert_4, table_insert(p, t, TUPLE(half(p, 2.0), A(p, "x"))))
DOES(insert_5, table_insert(p, t, LIST2(TUPLE(INT(4), INT(40)), TUPLE(INT(5), INT(50)))))
DOES(insert_6, table_insert(p, t, LIST2(TUPLE(INT(4), INT(40)), TUPLE(INT(4), INT(41)))))
DOES(insert_7, table_insert(p, t, TERM_NIL))
DOES(insert_8, table_insert(p, t, A(p, "a")))
DOES(insert_9, table_insert(p, t, term_from_box((term[]) { term_header(BOX_TUPLE, 0) })))
DOES(insert_10, table_insert(p, t, LIST2(TUPLE(INT(4), INT(40)), A(p, "a"))))
ROW(insert_new_1, yes_or_no(table_insert_new(p, t, TUPLE(INT(4), INT(40)))))
ROW(insert_new_2, yes_or_no(table_insert_new(p, t, TUPLE(INT(1), INT(11)))))
ROW(insert_new_3, yes_or_no(table_insert_new(p, t, LIST2(TUPLE(INT(4), INT(40)), TUPLE(INT(1), INT(11))))))
ROW(insert_new_4, yes_or_no(table_insert_new(p, t, LIST2(TUPLE(INT(4), INT(40)), TUPLE(INT(4), INT(41))))))
ROW(insert_new_5, yes_or_no(table_insert_new(p, t, TERM_NIL)))
ROW(insert_new_6, yes_or_no(table_insert_new(p, t, A(p, "a"))))
DOES(delete_1, table_delete_key(p, t, INT(1)))
DOES(delete_2, table_delete_key(p, t, INT(2)))
DOES(delete_3, table_delete_key(p, t, INT(9)))
DOES(delete_object_1, table_delete_object(p, t, TUPLE(INT(2), INT(20))))
DOES(delete_object_2, table_delete_object(p, t, TUPLE(INT(2), INT(22))))
DOES(delete_object_3, table_delete_object(p, t, TUPLE(half(p, 1.0), INT(10))))
DOES(delete_object_4, table_delete_object(p, t, A(p, "a")))
DOES(delete_all_objects, table_delete_all(p, t))
ROW(take_1, table_take(p, t, INT(1)))
ROW(take_2, table_take(p, t, INT(2)))
ROW(take_3, table_take(p, t, INT(9)))

static term counter(struct process *p, term t, intptr_t key, const struct counter_op *ops, size_t n, bool is_list, term otherwise)
{
	int64_t values[4];
	table_update_counters(p, t, INT(key), ops, n, otherwise, values);
	if (!is_list)
		return INT(values[0]);
	term list = TERM_NIL;
	struct builder *b = RESERVE(p, 2 * n);
	for (size_t i = n; i-- > 0;)
		list = build_cons(b, INT(values[i]), list);
	return list;
}
#define ONE(key, ...) counter(p, t, key, &(struct counter_op) { __VA_ARGS__ }, 1, false, TERM_NONE)
#define ONE_ELSE(key, otherwise, ...) counter(p, t, key, &(struct counter_op) { __VA_ARGS__ }, 1, false, (otherwise))
#define SOME(key, otherwise, ...) counter(p, t, key, (struct counter_op[]) { __VA_ARGS__ }, \
	sizeof((struct counter_op[]) { __VA_ARGS__ }) / sizeof(struct counter_op), true, (otherwise))
#define ADD(position, n) { (position), (n), false, 0, 0 }
#define ADD_TO(position, n, threshold, set) { (position), (n), true, (threshold), (set) }

ROW(counter_0, INT(table_update_counter(p, t, INT(1), 2, 5)))
ROW(counter_1, ONE(1, 2, 5, false, 0, 0))
ROW(counter_2, ONE(1, 2, -15, false, 0, 0))
ROW(counter_3, ONE(1, 2, 5, true, 14, 0))
ROW(counter_4, ONE(1, 2, 5, true, 15, 0))
ROW(counter_5, ONE(1, 2, -5, true, 6, 99))
ROW(counter_6, ONE(1, 2, -5, true, 5, 99))
ROW(counter_7, ONE(1, 2, 0, true, 9, 1))
ROW(counter_8, SOME(1, TERM_NONE, ADD(2, 1), ADD(2, 2)))
ROW(counter_9, SOME(1, TERM_NONE, ADD(2, 1), ADD_TO(2, 5, 15, 0), ADD(2, 7)))
ROW(counter_10, counter(p, t, 1, NULL, 0, true, TERM_NONE))
ROW(counter_11, SOME(1, TERM_NONE, ADD(2, 1), ADD(3, 1)))
ROW(counter_12, ONE(1, 1, 1, false, 0, 0))
ROW(counter_13, ONE(1, 0, 1, false, 0, 0))
ROW(counter_14, ONE(1, 3, 1, false, 0, 0))
ROW(counter_15, ONE(3, 3, 1, false, 0, 0))
ROW(counter_16, ONE(9, 2, 1, false, 0, 0))
ROW(counter_17, ONE_ELSE(9, TUPLE(A(p, "x"), INT(100)), 2, 1, false, 0, 0))
ROW(counter_18, ONE_ELSE(1, TUPLE(A(p, "x"), INT(100)), 2, 1, false, 0, 0))
ROW(counter_19, SOME(9, TUPLE(A(p, "x"), INT(100), INT(2)), ADD(2, 1), ADD_TO(3, 5, 6, 0)))
ROW(counter_20, ONE_ELSE(9, TUPLE(A(p, "x"), INT(100)), 3, 1, false, 0, 0))
ROW(counter_21, ONE_ELSE(9, TUPLE(A(p, "x"), A(p, "a")), 2, 1, false, 0, 0))

static const struct row changes[] = {
	{ "ets:insert(T,{4,40})", insert_1 }, { "ets:insert(T,{1,11})", insert_2 }, { "ets:insert(T,{2,20})", insert_3 },
	{ "ets:insert(T,{2.0,x})", insert_4 }, { "ets:insert(T,[{4,40},{5,50}])", insert_5 }, { "ets:insert(T,[{4,40},{4,41}])", insert_6 },
	{ "ets:insert(T,[])", insert_7 }, { "ets:insert(T,a)", insert_8 }, { "ets:insert(T,{})", insert_9 }, { "ets:insert(T,[{4,40},a])", insert_10 },
	{ "ets:insert_new(T,{4,40})", insert_new_1 }, { "ets:insert_new(T,{1,11})", insert_new_2 },
	{ "ets:insert_new(T,[{4,40},{1,11}])", insert_new_3 }, { "ets:insert_new(T,[{4,40},{4,41}])", insert_new_4 },
	{ "ets:insert_new(T,[])", insert_new_5 }, { "ets:insert_new(T,a)", insert_new_6 },
	{ "ets:delete(T,1)", delete_1 }, { "ets:delete(T,2)", delete_2 }, { "ets:delete(T,9)", delete_3 },
	{ "ets:delete_object(T,{2,20})", delete_object_1 }, { "ets:delete_object(T,{2,22})", delete_object_2 },
	{ "ets:delete_object(T,{1.0,10})", delete_object_3 }, { "ets:delete_object(T,a)", delete_object_4 },
	{ "ets:delete_all_objects(T)", delete_all_objects }, { "ets:take(T,1)", take_1 }, { "ets:take(T,2)", take_2 }, { "ets:take(T,9)", take_3 },
	{ "ets:update_counter(T,1,5)", counter_0 }, { "ets:update_counter(T,1,{2,5})", counter_1 },
	{ "ets:update_counter(T,1,{2,-15})", counter_2 }, { "ets:update_counter(T,1,{2,5,14,0})", counter_3 },
	{ "ets:update_counter(T,1,{2,5,15,0})", counter_4 }, { "ets:update_counter(T,1,{2,-5,6,99})", counter_5 },
	{ "ets:update_counter(T,1,{2,-5,5,99})", counter_6 }, { "ets:update_counter(T,1,{2,0,9,1})", counter_7 },
	{ "ets:update_counter(T,1,[{2,1},{2,2}])", counter_8 }, { "ets:update_counter(T,1,[{2,1},{2,5,15,0},{2,7}])", counter_9 },
	{ "ets:update_counter(T,1,[])", counter_10 }, { "ets:update_counter(T,1,[{2,1},{3,1}])", counter_11 },
	{ "ets:update_counter(T,1,{1,1})", counter_12 }, { "ets:update_counter(T,1,{0,1})", counter_13 },
	{ "ets:update_counter(T,1,{3,1})", counter_14 }, { "ets:update_counter(T,3,{3,1})", counter_15 },
	{ "ets:update_counter(T,9,1)", counter_16 }, { "ets:update_counter(T,9,{2,1},{x,100})", counter_17 },
	{ "ets:update_counter(T,1,{2,1},{x,100})", counter_18 }, { "ets:update_counter(T,9,[{2,1},{3,5,6,0}],{x,100,2})", counter_19 },
	{ "ets:update_counter(T,9,{3,1},{x,100})", counter_20 }, { "ets:update_counter(T,9,{2,1},{x,a})", counter_21 },
};

/* ---- Questions --------------------------------------------------------------------------------------------------- */

static struct table_info info_of(struct process *p, term t)
{
	struct table_info info;
	if (!table_info(p->world, t, &info))
		process_badarg(p);
	return info;
}
static term type_atom(struct process *p, enum table_type type)
{
	static const char *const names[] = { "set", "ordered_set", "bag", "duplicate_bag" };
	return A(p, names[type]);
}
static term access_atom(struct process *p, enum table_access access)
{
	static const char *const names[] = { "public", "protected", "private" };
	return A(p, names[access]);
}
static term many_of_one(struct process *p, term t)
{
	term three[] = { TUPLE(INT(4), INT(3)), TERM_NIL };
	term two[] = { TUPLE(INT(4), INT(2)), term_from_cons(three) };
	term one[] = { TUPLE(INT(4), INT(1)), term_from_cons(two) };
	table_insert(p, t, term_from_cons(one));
	table_insert(p, t, TUPLE(INT(4), INT(4)));
	term all = table_lookup(p, t, INT(4)), elements = table_lookup_element(p, t, INT(4), 2);
	struct builder *b = RESERVE(p, 3, &all, &elements);
	return build_tuple2(b, all, elements);
}
static term info_of_nobody(struct process *p, term t)
{
	struct table_info info;
	(void) t;
	return table_info(p->world, A(p, "nobody"), &info) ? ATOM(true) : ATOM(undefined);
}

/* Sorted as lists:sort does. */
static int by_order(const void *a, const void *b)
{
	return term_compare(w->atoms, *(const term *) a, *(const term *) b, false);
}
static term sorted(struct process *p, term list)
{
	term all[64];
	size_t n = 0;
	for (; term_is_cons(list); list = list_tail(list))
		all[n++] = list_head(list);
	qsort(all, n, sizeof *all, by_order);
	struct builder *b = process_room(p, 2 * n);
	for (list = TERM_NIL; n > 0;)
		list = build_cons(b, all[--n], list);
	return list;
}
#define V(n) A(p, "$" #n)
#define ANY A(p, "_")
#define OBJECTS(pattern) sorted(p, table_match_object(p, t, (pattern)))
#define BINDINGS(pattern) sorted(p, table_match(p, t, (pattern)))

ROW(lookup_1, table_lookup(p, t, INT(1)))
ROW(lookup_2, table_lookup(p, t, INT(2)))
ROW(lookup_3, table_lookup(p, t, half(p, 1.0)))
ROW(lookup_4, table_lookup(p, t, INT(9)))
ROW(element_1, table_lookup_element(p, t, INT(1), 2))
ROW(element_2, table_lookup_element(p, t, INT(2), 2))
ROW(element_3, table_lookup_element(p, t, INT(3), 3))
ROW(element_4, table_lookup_element(p, t, INT(2), 1))
ROW(element_5, table_lookup_element(p, t, INT(1), 3))
ROW(element_6, table_lookup_element(p, t, INT(9), 2))
ROW(element_7, table_lookup_element(p, t, INT(1), 0))
ROW(member_1, yes_or_no(table_member(p, t, INT(1))))
ROW(member_2, yes_or_no(table_member(p, t, INT(9))))
ROW(next_missing, table_next(p, t, INT(9)))
ROW(prev_missing, table_prev(p, t, INT(9)))
ROW(info_size, INT((intptr_t) info_of(p, t).size))
ROW(info_type, type_atom(p, info_of(p, t).type))
ROW(info_keypos, INT(info_of(p, t).key_position))
ROW(info_protection, access_atom(p, info_of(p, t).access))
ROW(info_named, yes_or_no(info_of(p, t).named))
ROW(info_name, info_of(p, t).name)
ROW(info_heir, term_is_none(info_of(p, t).heir) ? A(p, "none") : info_of(p, t).heir)
ROW(info_read, yes_or_no(info_of(p, t).read_concurrency))
ROW(info_write, yes_or_no(info_of(p, t).write_concurrency))
ROW(info_memory, INT((intptr_t) info_of(p, t).memory_words))
static term lookup_nobody(struct process *p, term t) { (void) t; return table_lookup(p, A(p, "nobody"), INT(1)); }
ROW(object_1, OBJECTS(ANY))
ROW(object_2, OBJECTS(V(1)))
ROW(object_3, OBJECTS(TUPLE(ANY, ANY)))
ROW(object_4, OBJECTS(TUPLE(V(1), INT(20))))
ROW(object_5, OBJECTS(TUPLE(INT(2), ANY)))
ROW(object_6, table_match_object(p, t, TUPLE(INT(2), ANY)))
ROW(object_7, OBJECTS(TUPLE(half(p, 2.0), ANY)))
ROW(object_8, OBJECTS(TUPLE(V(1), V(1))))
ROW(object_9, OBJECTS(TUPLE(INT(3), V(7), V(2))))
ROW(object_10, OBJECTS(A(p, "a")))
ROW(match_0, table_match(p, t, TUPLE(INT(2), V(1))))
ROW(match_1, BINDINGS(ANY))
ROW(match_2, BINDINGS(V(1)))
ROW(match_3, BINDINGS(TUPLE(V(1), V(2))))
ROW(match_4, BINDINGS(TUPLE(V(2), V(1))))
ROW(match_5, BINDINGS(TUPLE(ANY, ANY, ANY)))
ROW(match_6, BINDINGS(TUPLE(INT(2), V(1))))
ROW(match_7, BINDINGS(TUPLE(INT(3), V(7), V(2))))
ROW(match_8, BINDINGS(TUPLE(INT(9), V(1))))

static const struct row questions[] = {
	{ "ets:lookup(T,1)", lookup_1 }, { "ets:lookup(T,2)", lookup_2 }, { "ets:lookup(T,1.0)", lookup_3 }, { "ets:lookup(T,9)", lookup_4 },
	{ "ets:lookup_element(T,1,2)", element_1 }, { "ets:lookup_element(T,2,2)", element_2 }, { "ets:lookup_element(T,3,3)", element_3 },
	{ "ets:lookup_element(T,2,1)", element_4 }, { "ets:lookup_element(T,1,3)", element_5 }, { "ets:lookup_element(T,9,2)", element_6 },
	{ "ets:lookup_element(T,1,0)", element_7 }, { "ets:member(T,1)", member_1 }, { "ets:member(T,9)", member_2 },
	{ "ets:next(T,9)", next_missing }, { "ets:prev(T,9)", prev_missing }, { "many_of_one(T)", many_of_one },
	{ "ets:info(T,size)", info_size }, { "ets:info(T,type)", info_type }, { "ets:info(T,keypos)", info_keypos },
	{ "ets:info(T,protection)", info_protection }, { "ets:info(T,named_table)", info_named }, { "ets:info(T,name)", info_name },
	{ "ets:info(T,heir)", info_heir }, { "ets:info(T,read_concurrency)", info_read }, { "ets:info(T,write_concurrency)", info_write },
	{ "ets:info(T,memory)", info_memory }, { "ets:info(nobody,size)", info_of_nobody }, { "ets:lookup(nobody,1)", lookup_nobody },
	{ "sorted(ets:match_object(T,'_'))", object_1 }, { "sorted(ets:match_object(T,'$1'))", object_2 },
	{ "sorted(ets:match_object(T,{'_','_'}))", object_3 }, { "sorted(ets:match_object(T,{'$1',20}))", object_4 },
	{ "sorted(ets:match_object(T,{2,'_'}))", object_5 }, { "ets:match_object(T,{2,'_'})", object_6 },
	{ "sorted(ets:match_object(T,{2.0,'_'}))", object_7 }, { "sorted(ets:match_object(T,{'$1','$1'}))", object_8 },
	{ "sorted(ets:match_object(T,{3,'$7','$2'}))", object_9 }, { "sorted(ets:match_object(T,a))", object_10 },
	{ "ets:match(T,{2,'$1'})", match_0 }, { "sorted(ets:match(T,'_'))", match_1 }, { "sorted(ets:match(T,'$1'))", match_2 },
	{ "sorted(ets:match(T,{'$1','$2'}))", match_3 }, { "sorted(ets:match(T,{'$2','$1'}))", match_4 },
	{ "sorted(ets:match(T,{'_','_','_'}))", match_5 }, { "sorted(ets:match(T,{2,'$1'}))", match_6 },
	{ "sorted(ets:match(T,{3,'$7','$2'}))", match_7 }, { "sorted(ets:match(T,{9,'$1'}))", match_8 },
};

ROW(first, table_first(p, t))
ROW(last, table_last(p, t))
ROW(next_1, table_next(p, t, INT(1)))
ROW(next_2, table_next(p, t, half(p, 1.5)))
ROW(next_3, table_next(p, t, INT(3)))
ROW(next_4, table_next(p, t, A(p, "a")))
ROW(prev_1, table_prev(p, t, INT(1)))
ROW(prev_2, table_prev(p, t, half(p, 2.5)))
ROW(prev_3, table_prev(p, t, A(p, "a")))
static const struct row neighbours[] = {
	{ "ets:first(T)", first }, { "ets:last(T)", last }, { "ets:next(T,1)", next_1 }, { "ets:next(T,1.5)", next_2 }, { "ets:next(T,3)", next_3 },
	{ "ets:next(T,a)", next_4 }, { "ets:prev(T,1)", prev_1 }, { "ets:prev(T,2.5)", prev_2 }, { "ets:prev(T,a)", prev_3 },
};

/* ---- Who may do what --------------------------------------------------------------------------------------------- */

ROW(not_x, yes_or_no(!term_is(table_first(p, t), A(p, "x"))))
ROW(match_one, table_match_object(p, t, TUPLE(INT(1), ANY)))
ROW(count_one, INT(table_update_counter(p, t, INT(1), 2, 1)))
DOES(delete_one, table_delete_object(p, t, TUPLE(INT(1), INT(10))))
DOES(set_heir, table_set_heir(p, t, process_self(p), ATOM(data)))
DOES(give_to_self, table_give_away(p, t, process_self(p), ATOM(data)))
DOES(give_to_init, table_give_away(p, t, world_whereis(p->world, A(p, "init")), ATOM(data)))
DOES(delete_table, table_delete(p, t))
static const struct row rights[] = {
	{ "lookup", lookup_1 }, { "member", member_1 }, { "first", not_x }, { "match_object", match_one }, { "insert", insert_1 },
	{ "insert_new", insert_new_1 }, { "update_counter", count_one }, { "take", take_1 }, { "delete_key", delete_1 },
	{ "delete_object", delete_one }, { "delete_all", delete_all_objects }, { "info_size", info_size }, { "set_heir", set_heir },
	{ "give_to_self", give_to_self }, { "give_to_init", give_to_init }, { "delete", delete_table },
};

/* ---- Playing ----------------------------------------------------------------------------------------------------- */

static struct {
	const struct row *row;
	enum table_type type;
	enum table_access access;
	term table;
	char answer[400], contents[400];
} now;

static enum next fill(struct process *p)
{
	static const intptr_t pairs[][2] = { { 1, 10 }, { 2, 20 }, { 0, 0 }, { 2, 20 }, { 2, 21 } };
	struct table_options o = { .type = now.type, .access = now.access, .named = false };
	now.table = table_new(p, A(p, "t"), &o);
	for (size_t i = 0; i < ARRAY_COUNT(pairs); i++)
		table_insert(p, now.table, pairs[i][0] ? TUPLE(INT(pairs[i][0]), INT(pairs[i][1])) : TUPLE(INT(3), INT(30), A(p, "c")));
	return STEP_NEXT;
}

static enum next play(struct process *p)
{
	term_text(p->world->atoms, now.row->play(p, now.table), now.answer, sizeof now.answer);
	process_raise(p, ATOM(normal));
}
static const struct step play_step = { "play:row/0", play };

/* The owner: fills a table, lets another play, and looks at it afterwards. */
static enum next own(struct process *p)
{
	enum { TABLE, SLOTS };
	term m;
	PROGRAM(p, SLOTS);
	fill(p);
	slot_set(p, TABLE, now.table);
	struct spawn_options o = SPAWN_DEFAULT;
	o.monitor = true;
	process_spawn(p, &play_step, 0, NULL, &o);
	RECEIVE(p, m);
	now.table = slot_get(p, TABLE);
	if (!term_is(tuple_at(m, 4), ATOM(normal)))
		term_text(p->world->atoms, tuple_at(m, 4), now.answer, sizeof now.answer);
	struct table_info info;
	if (table_info(p->world, now.table, &info))
		term_text(p->world->atoms, sorted(p, table_match_object(p, now.table, A(p, "_"))), now.contents, sizeof now.contents);
	PROGRAM_END(p);
}
static const struct step own_step = { "own:table/0", own };

/* The owner itself plays; how it ends is the answer. */
static enum next own_and_play(struct process *p)
{
	fill(p);
	return play(p);
}
static const struct step own_and_play_step = { "own:play/0", own_and_play };
static enum next watch_owner(struct process *p)
{
	term m;
	PROGRAM(p, 1);
	struct spawn_options o = SPAWN_DEFAULT;
	o.monitor = true;
	process_spawn(p, &own_and_play_step, 0, NULL, &o);
	RECEIVE(p, m);
	if (!term_is(tuple_at(m, 4), ATOM(normal)))
		term_text(p->world->atoms, tuple_at(m, 4), now.answer, sizeof now.answer);
	PROGRAM_END(p);
}
static const struct step watch_step = { "own:watch/0", watch_owner };

static const char *const types[] = { "set", "ordered_set", "bag", "duplicate_bag" };
static const char *const accesses[] = { "public", "protected", "private" };

static void run(const struct step *step)
{
	now.answer[0] = now.contents[0] = 0;
	run_step(w, step, 0, NULL);
	run_us(w, 10000);
}

static void compare(const struct row *row, enum table_type type, bool shows)
{
	char line[1000];
	now.row = row;
	now.type = type;
	now.access = TABLE_PUBLIC;
	run(&own_step);
	snprintf(line, sizeof line, "%s %s = %s%s%s", types[type], row->call, now.answer, shows ? " | " : "", shows ? now.contents : "");
	otp_lines_expect(&lines, line, " = ");
}

START_TEST(each_call_answers_as_on_otp)
{
	for (size_t i = 0; i < ARRAY_COUNT(changes); i++)
		compare(&changes[i], (enum table_type) _i, true);
	for (size_t i = 0; i < ARRAY_COUNT(questions); i++)
		compare(&questions[i], (enum table_type) _i, false);
	for (size_t i = 0; i < ARRAY_COUNT(neighbours) && _i == TABLE_ORDERED_SET; i++)
		compare(&neighbours[i], TABLE_ORDERED_SET, false);
	char prefix[40];
	snprintf(prefix, sizeof prefix, "%s ", types[_i]);
	otp_lines_expect_all(&lines, prefix);
}
END_TEST

static enum next init(struct process *p)
{
	term m;
	PROGRAM(p, 1);
	for (;;)
		RECEIVE(p, m);
	PROGRAM_END(p);
}
static const struct step init_step = { "init:loop/0", init };

static void start_init(void)
{
	struct spawn_options o = SPAWN_DEFAULT;
	struct scheduler *s = scheduler_enter_outside(w);
	o.name = term_to_atom(atom_make_z(w->atoms, s->lane, "init"));
	scheduler_leave_outside(s);
	world_spawn(w, &init_step, 0, NULL, &o);
}

START_TEST(each_access_is_granted_as_on_otp)
{
	start_init();
	for (size_t i = 0; i < ARRAY_COUNT(rights); i++) {
		char line[1000], owners[400];
		now.row = &rights[i];
		now.type = TABLE_SET;
		now.access = (enum table_access) _i;
		run(&watch_step);
		snprintf(owners, sizeof owners, "%s", now.answer);
		run(&own_step);
		snprintf(line, sizeof line, "%s %s: owner %s, other %s", accesses[_i], rights[i].call, owners, now.answer);
		otp_lines_expect(&lines, line, ": ");
	}
	char prefix[40];
	snprintf(prefix, sizeof prefix, "%s ", accesses[_i]);
	otp_lines_expect_all(&lines, prefix);
}
END_TEST

Suite *check_suite(void)
{
	Suite *s = suite_create("otp_table");
	TCase *tc = tcase_create("rows");
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, each_call_answers_as_on_otp, 0, 4);
	tcase_add_loop_test(tc, each_access_is_granted_as_on_otp, 0, 3);
	suite_add_tcase(s, tc);
	return s;
}
