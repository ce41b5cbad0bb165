%% What OTP's tables answer: tests/otp_table.txt is the output, and check_otp_table makes this runtime say the same.
%% Each row is one call on a fresh table with the same five objects, by a process that does not own it; what changes a table
%% shows its contents too.
-module(otp_table).
-export([main/0]).

-define(ROW(Expression), row(Type, ??Expression, fun(T) -> _ = T, Expression end, call)).
-define(CHANGE(Expression), row(Type, ??Expression, fun(T) -> Expression end, change)).

main() ->
    [begin changes(Type), questions(Type), counters(Type), patterns(Type) end || Type <- [set, ordered_set, bag, duplicate_bag]],
    neighbours(ordered_set),
    [access(A) || A <- [public, protected, private]],
    halt().

fill(Type, Access) ->
    T = ets:new(t, [Type, Access]),
    [ets:insert(T, O) || O <- [{1, 10}, {2, 20}, {3, 30, c}, {2, 20}, {2, 21}]],
    T.

row(Type, Text, Call, What) ->
    T = fill(Type, public),
    Answer = try_it(fun() -> Call(T) end),
    Contents = case What of change -> [" | ", text(lists:sort(ets:tab2list(T)))]; call -> "" end,
    io:format("~w ~s = ~s~s~n", [Type, [C || C <- Text, C =/= $\s], Answer, Contents]),
    ets:delete(T).

text(Term) -> io_lib:format("~0p", [Term]).

%% In a process of its own: it is not the owner.
try_it(Call) ->
    Self = self(),
    spawn(fun() -> Self ! {answer, try text(Call()) catch error:Reason -> text(Reason) end} end),
    receive {answer, Answer} -> Answer end.

changes(Type) ->
    ?CHANGE(ets:insert(T, {4, 40})),
    ?CHANGE(ets:insert(T, {1, 11})),
    ?CHANGE(ets:insert(T, {2, 20})),
    ?CHANGE(ets:insert(T, {2.0, x})),
    ?CHANGE(ets:insert(T, [{4, 40}, {5, 50}])),
    ?CHANGE(ets:insert(T, [{4, 40}, {4, 41}])),
    ?CHANGE(ets:insert(T, [])),
    ?CHANGE(ets:insert(T, a)),
    ?CHANGE(ets:insert(T, {})),
    ?CHANGE(ets:insert(T, [{4, 40}, a])),
    ?CHANGE(ets:insert_new(T, {4, 40})),
    ?CHANGE(ets:insert_new(T, {1, 11})),
    ?CHANGE(ets:insert_new(T, [{4, 40}, {1, 11}])),
    ?CHANGE(ets:insert_new(T, [{4, 40}, {4, 41}])),
    ?CHANGE(ets:insert_new(T, [])),
    ?CHANGE(ets:insert_new(T, a)),
    ?CHANGE(ets:delete(T, 1)),
    ?CHANGE(ets:delete(T, 2)),
    ?CHANGE(ets:delete(T, 9)),
    ?CHANGE(ets:delete_object(T, {2, 20})),
    ?CHANGE(ets:delete_object(T, {2, 22})),
    ?CHANGE(ets:delete_object(T, {1.0, 10})),
    ?CHANGE(ets:delete_object(T, a)),
    ?CHANGE(ets:delete_all_objects(T)),
    ?CHANGE(ets:take(T, 1)),
    ?CHANGE(ets:take(T, 2)),
    ?CHANGE(ets:take(T, 9)).

questions(Type) ->
    ?ROW(ets:lookup(T, 1)),
    ?ROW(ets:lookup(T, 2)),
    ?ROW(ets:lookup(T, 1.0)),
    ?ROW(ets:lookup(T, 9)),
    ?ROW(ets:lookup_element(T, 1, 2)),
    ?ROW(ets:lookup_element(T, 2, 2)),
    ?ROW(ets:lookup_element(T, 3, 3)),
    ?ROW(ets:lookup_element(T, 2, 1)),
    ?ROW(ets:lookup_element(T, 1, 3)),
    ?ROW(ets:lookup_element(T, 9, 2)),
    ?ROW(ets:lookup_element(T, 1, 0)),
    ?ROW(ets:member(T, 1)),
    ?ROW(ets:member(T, 9)),
    ?ROW(ets:next(T, 9)),
    ?ROW(ets:prev(T, 9)),
    ?ROW(many_of_one(T)),
    ?ROW(ets:info(T, size)),
    ?ROW(ets:info(T, type)),
    ?ROW(ets:info(T, keypos)),
    ?ROW(ets:info(T, protection)),
    ?ROW(ets:info(T, named_table)),
    ?ROW(ets:info(T, name)),
    ?ROW(ets:info(T, heir)),
    ?ROW(ets:info(T, read_concurrency)),
    ?ROW(ets:info(T, write_concurrency)),
    ?ROW(ets:info(T, memory)),
    ?ROW(ets:info(nobody, size)),
    ?ROW(ets:lookup(nobody, 1)).

%% A list goes into a bag from its end.
many_of_one(T) ->
    ets:insert(T, [{4, 1}, {4, 2}, {4, 3}]),
    ets:insert(T, {4, 4}),
    {ets:lookup(T, 4), ets:lookup_element(T, 4, 2)}.

counters(Type) ->
    ?CHANGE(ets:update_counter(T, 1, 5)),
    ?CHANGE(ets:update_counter(T, 1, {2, 5})),
    ?CHANGE(ets:update_counter(T, 1, {2, -15})),
    ?CHANGE(ets:update_counter(T, 1, {2, 5, 14, 0})),
    ?CHANGE(ets:update_counter(T, 1, {2, 5, 15, 0})),
    ?CHANGE(ets:update_counter(T, 1, {2, -5, 6, 99})),
    ?CHANGE(ets:update_counter(T, 1, {2, -5, 5, 99})),
    ?CHANGE(ets:update_counter(T, 1, {2, 0, 9, 1})),
    ?CHANGE(ets:update_counter(T, 1, [{2, 1}, {2, 2}])),
    ?CHANGE(ets:update_counter(T, 1, [{2, 1}, {2, 5, 15, 0}, {2, 7}])),
    ?CHANGE(ets:update_counter(T, 1, [])),
    ?CHANGE(ets:update_counter(T, 1, [{2, 1}, {3, 1}])),
    ?CHANGE(ets:update_counter(T, 1, {1, 1})),
    ?CHANGE(ets:update_counter(T, 1, {0, 1})),
    ?CHANGE(ets:update_counter(T, 1, {3, 1})),
    ?CHANGE(ets:update_counter(T, 3, {3, 1})),
    ?CHANGE(ets:update_counter(T, 9, 1)),
    ?CHANGE(ets:update_counter(T, 9, {2, 1}, {x, 100})),
    ?CHANGE(ets:update_counter(T, 1, {2, 1}, {x, 100})),
    ?CHANGE(ets:update_counter(T, 9, [{2, 1}, {3, 5, 6, 0}], {x, 100, 2})),
    ?CHANGE(ets:update_counter(T, 9, {3, 1}, {x, 100})),
    ?CHANGE(ets:update_counter(T, 9, {2, 1}, {x, a})).

sorted(List) -> lists:sort(List).

patterns(Type) ->
    ?ROW(sorted(ets:match_object(T, '_'))),
    ?ROW(sorted(ets:match_object(T, '$1'))),
    ?ROW(sorted(ets:match_object(T, {'_', '_'}))),
    ?ROW(sorted(ets:match_object(T, {'$1', 20}))),
    ?ROW(sorted(ets:match_object(T, {2, '_'}))),
    ?ROW(ets:match_object(T, {2, '_'})),
    ?ROW(ets:match(T, {2, '$1'})),
    ?ROW(sorted(ets:match_object(T, {2.0, '_'}))),
    ?ROW(sorted(ets:match_object(T, {'$1', '$1'}))),
    ?ROW(sorted(ets:match_object(T, {3, '$7', '$2'}))),
    ?ROW(sorted(ets:match_object(T, a))),
    ?ROW(sorted(ets:match(T, '_'))),
    ?ROW(sorted(ets:match(T, '$1'))),
    ?ROW(sorted(ets:match(T, {'$1', '$2'}))),
    ?ROW(sorted(ets:match(T, {'$2', '$1'}))),
    ?ROW(sorted(ets:match(T, {'_', '_', '_'}))),
    ?ROW(sorted(ets:match(T, {2, '$1'}))),
    ?ROW(sorted(ets:match(T, {3, '$7', '$2'}))),
    ?ROW(sorted(ets:match(T, {9, '$1'}))).

neighbours(Type) ->
    ?ROW(ets:first(T)),
    ?ROW(ets:last(T)),
    ?ROW(ets:next(T, 1)),
    ?ROW(ets:next(T, 1.5)),
    ?ROW(ets:next(T, 3)),
    ?ROW(ets:next(T, a)),
    ?ROW(ets:prev(T, 1)),
    ?ROW(ets:prev(T, 2.5)),
    ?ROW(ets:prev(T, a)).

access(Access) ->
    [begin
         T = fill(set, Access),
         Owner = try text(Call(T)) catch error:R -> text(R) end,
         catch ets:delete(T),
         T2 = fill(set, Access),
         Other = try_it(fun() -> Call(T2) end),
         catch ets:delete(T2),
         io:format("~w ~s: owner ~s, other ~s~n", [Access, Name, Owner, Other])
     end || {Name, Call} <- [{"lookup", fun(T) -> ets:lookup(T, 1) end}, {"member", fun(T) -> ets:member(T, 1) end},
                             {"first", fun(T) -> ets:first(T) =/= x end}, {"match_object", fun(T) -> ets:match_object(T, {1, '_'}) end},
                             {"insert", fun(T) -> ets:insert(T, {4, 40}) end}, {"insert_new", fun(T) -> ets:insert_new(T, {4, 40}) end},
                             {"update_counter", fun(T) -> ets:update_counter(T, 1, 1) end}, {"take", fun(T) -> ets:take(T, 1) end},
                             {"delete_key", fun(T) -> ets:delete(T, 1) end}, {"delete_object", fun(T) -> ets:delete_object(T, {1, 10}) end},
                             {"delete_all", fun(T) -> ets:delete_all_objects(T) end}, {"info_size", fun(T) -> ets:info(T, size) end},
                             {"set_heir", fun(T) -> ets:setopts(T, {heir, self(), x}) end},
                             {"give_to_self", fun(T) -> ets:give_away(T, self(), x) end},
                             {"give_to_init", fun(T) -> ets:give_away(T, whereis(init), x) end},
                             {"delete", fun(T) -> ets:delete(T) end}]].
