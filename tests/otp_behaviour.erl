%% What OTP does, line by line: tests/otp_behaviour.txt is its output, and check_supervisor compares this runtime with it.
%% Every strategy x restart type x exit reason: the order in which children start and stop.
-module(otp_behaviour).
-behaviour(supervisor).
-export([main/0, init/1, start_child/2, child_init/2]).

main() ->
    process_flag(trap_exit, true),
    logger:set_primary_config(level, none),
    [row(S, R, E) || S <- [one_for_one, one_for_all, rest_for_one, simple_one_for_one],
                     R <- [permanent, transient, temporary],
                     E <- [normal, shutdown, {shutdown, x}, error, kill]],
    [give_up(S, N) || S <- [one_for_one, one_for_all, rest_for_one, simple_one_for_one], N <- [0, 1, 3]],
    [fail_at_start(S) || S <- [one_for_one, one_for_all, rest_for_one]],
    [fail_at_restart(S, N) || S <- [one_for_one, one_for_all, rest_for_one], N <- [1, 3]],
    [stubborn(S) || S <- [100, brutal_kill]],
    halt().


%% Children append to a list that a table keeps.
note(What) -> ets:insert(notes, {erlang:unique_integer([monotonic]), What}).
begin_notes() -> ets:new(notes, [named_table, public, ordered_set]).
end_notes(Head) ->
    Words = [W || {_, W} <- ets:tab2list(notes)],
    ets:delete(notes),
    io:format("~s:~s~n", [Head, [[" ", W] || W <- Words]]).

text(T) -> lists:flatten(io_lib:format("~w", [T])).

start(S, Intensity, Specs) ->
    {ok, Sup} = supervisor:start_link(?MODULE, {S, Intensity, Specs}),
    case S of
        simple_one_for_one -> [{ok, _} = supervisor:start_child(Sup, [I]) || I <- [a, b, c]];
        _ -> ok
    end,
    Sup.

spec(simple_one_for_one, R, Shutdown) -> [{child, {?MODULE, start_child, [ok]}, R, Shutdown, worker, []}];
spec(_, R, Shutdown) -> [{I, {?MODULE, start_child, [ok, I]}, R, Shutdown, worker, []} || I <- [a, b, c]].

row(S, R, E) ->
    begin_notes(),
    Sup = start(S, 10, spec(S, R, 1000)),
    note("|"),
    hit(b, E),
    settle(),
    note("|"),
    Children = children(Sup),
    stop(Sup, S),
    Head = text(S) ++ " " ++ text(R) ++ " " ++ text(E),
    end_notes(Head),
    io:format("children ~s: ~s~n", [Head, Children]).

children(Sup) ->
    Counts = [[atom_to_list(K), " ", integer_to_list(N), " "] || {K, N} <- supervisor:count_children(Sup)],
    Which = lists:sort([{Id, case is_pid(Pid) of true -> pid; false -> Pid end, Type} || {Id, Pid, Type, _} <- supervisor:which_children(Sup)]),
    [Counts, text(Which)].

%% The order in which dynamic children stop is nobody's promise: only that they do.
stop(Sup, S) ->
    exit(Sup, shutdown),
    receive {'EXIT', Sup, Reason} -> ok end,
    case S of
        simple_one_for_one ->
            All = ets:tab2list(notes),
            {_, Tail} = lists:splitwith(fun({_, W}) -> W =/= "|" end, lists:reverse(All)),
            Stops = length(All) - length(Tail),
            [ets:delete(notes, K) || {K, _} <- lists:sublist(lists:reverse(All), Stops)],
            note(integer_to_list(Stops) ++ "-stops");
        _ -> ok
    end,
    note(text(Reason)).

hit(Id, kill) -> exit(whereis(Id), kill);
hit(Id, E) -> Id ! {stop, E}.

settle() -> timer:sleep(30).

give_up(S, N) ->
    begin_notes(),
    Sup = start(S, N, spec(S, permanent, 1000)),
    note("|"),
    hit_again(Sup, N + 1),
    receive {'EXIT', Sup, Reason} -> note(text(Reason)) after 1000 -> note("lives") end,
    case S of simple_one_for_one -> drop_stops(); _ -> ok end,
    end_notes("give_up " ++ text(S) ++ " " ++ text(N)).

drop_stops() ->
    [ets:delete(notes, K) || {K, "stop-" ++ _ = W} <- ets:tab2list(notes), lists:suffix("shutdown", W)].

hit_again(_, 0) -> ok;
hit_again(Sup, N) -> hit(b, error), settle(), hit_again(Sup, N - 1).

%% c cannot start: those before it are stopped again.
fail_at_start(S) ->
    begin_notes(),
    Specs = [{I, {?MODULE, start_child, [case I of c -> fail; _ -> ok end, I]}, permanent, 1000, worker, []} || I <- [a, b, c]],
    {error, Reason} = supervisor:start_link(?MODULE, {S, 1, Specs}),
    receive {'EXIT', _, R} -> Reason = R end,
    note(text(element(1, Reason))),
    end_notes("fail_at_start " ++ text(S)).

%% b starts once, then fails N times, then starts.
fail_at_restart(S, N) ->
    begin_notes(),
    ets:new(failures, [named_table, public]),
    ets:insert(failures, {b, N}),
    Specs = [{I, {?MODULE, start_child, [case I of b -> later; _ -> ok end, I]}, permanent, 1000, worker, []} || I <- [a, b, c]],
    Sup = start(S, 10, Specs),
    note("|"),
    hit(b, error),
    settle(),
    note("|"),
    stop(Sup, S),
    ets:delete(failures),
    end_notes("fail_at_restart " ++ text(S) ++ " " ++ text(N)).

%% A child that does not obey is killed.
stubborn(Shutdown) ->
    begin_notes(),
    Specs = [{I, {?MODULE, start_child, [case I of b -> stubborn; _ -> ok end, I]}, permanent, Shutdown, worker, []} || I <- [a, b, c]],
    Sup = start(one_for_one, 1, Specs),
    note("|"),
    Pid = whereis(b),
    Ref = monitor(process, Pid),
    stop(Sup, one_for_one),
    receive {'DOWN', Ref, process, Pid, Reason} -> note("b-was-" ++ text(Reason)) end,
    end_notes("stubborn " ++ text(Shutdown)).

init({S, Intensity, Specs}) -> {ok, {{S, Intensity, 60}, Specs}}.

start_child(Way, Id) -> proc_lib:start_link(?MODULE, child_init, [Way, Id]).

child_init(fail, Id) -> note("fail-" ++ text(Id)), exit(error);
child_init(later, Id) ->
    case ets:lookup(failures, started) of
        [] -> ets:insert(failures, {started, true}), child_init(ok, Id);
        _ ->
            case ets:update_counter(failures, b, -1) of
                N when N >= 0 -> child_init(fail, Id);
                _ -> child_init(ok, Id)
            end
    end;
child_init(Way, Id) ->
    process_flag(trap_exit, true),
    register(Id, self()),
    note("start-" ++ text(Id)),
    proc_lib:init_ack({ok, self()}),
    case Way of
        stubborn -> deaf();
        _ -> loop(Id)
    end.

deaf() -> receive never -> ok end.

loop(Id) ->
    receive
        {stop, E} -> note("stop-" ++ text(Id) ++ "-" ++ text(E)), exit(E);
        {'EXIT', _, E} -> note("stop-" ++ text(Id) ++ "-" ++ text(E)), exit(E)
    end.
