%% The jobs of bench, as an Erlang programmer writes them. Prints raw lines: name|{params}|ops_per_s=N ...
%% The figure by processor time is of the whole node.
-module(bench).
-export([main/1, idle/0]).

main([Name | Args]) ->
    Me = self(),
    spawn(fun() -> job(Name, [number(A) || A <- Args]), Me ! done end),
    receive done -> halt(0, [{flush, true}]) end.

number([C | _] = Text) when C >= $0, C =< $9 -> list_to_integer(Text);
number(Text) -> Text.

%% ---- What all jobs use -----------------------------------------------------------------------------------------

now_ns() -> erlang:monotonic_time(nanosecond).
cpu_ms() -> {T, _} = erlang:statistics(runtime), T.

timed(Work) ->
    {C0, T0} = {cpu_ms(), now_ns()},
    Work(),
    {now_ns() - T0, cpu_ms() - C0}.

line(Name, Params, Ops, Ns) when is_integer(Ns) -> line(Name, Params, Ops, {Ns, 0}, []);
line(Name, Params, Ops, Time) -> line(Name, Params, Ops, Time, []).

%% A time too short for the clock of processor time counts as spent by one processor.
line(Name, Params, Ops, {Ns, Ms}, Extra) ->
    Wall = max(Ns, 1) / 1.0e9,
    Cpu = if Ms < 20 -> Wall; true -> Ms / 1.0e3 end,
    Figures = [{"ops_per_s", Ops / Wall}, {"ops_per_cpu_s", Ops / Cpu}, {"wall_s", Wall}, {"cpu_s", Cpu} | Extra],
    io:put_chars([Name, "|{", lists:join(",", [[$", K, "\":", json(V)] || {K, V} <- Params]),
        ",\"schedulers\":", integer_to_list(erlang:system_info(schedulers)), "}|",
        lists:join(" ", [[K, $=, figure(V)] || {K, V} <- Figures]), "\n"]).

json(V) when is_integer(V) -> integer_to_list(V);
json(V) -> [$", V, $"].
figure(V) -> io_lib:format("~.6g", [float(V)]).

median(L) -> lists:nth((length(L) + 1) div 2, lists:sort(L)).
times(0, _) -> ok;
times(N, F) -> F(), times(N - 1, F).
numbers(0, List) -> List;
numbers(N, List) -> numbers(N - 1, [N | List]).

rss() ->
    {ok, Text} = file:read_file("/proc/self/statm"),
    [_, Pages | _] = binary:split(Text, <<" ">>, [global]),
    binary_to_integer(Pages) * 4096.

%% ---- Mail ----------------------------------------------------------------------------------------------------------

job("pingpong", ["imm", N]) ->
    Me = self(),
    P = spawn(fun() -> pong(Me) end),
    line("pingpong", [{"msg", "imm"}, {"rounds", N}], N, timed(fun() -> ping(N, P) end));
job("pingpong", ["tuple", N]) ->
    P = spawn(fun pong_tuple/0),
    line("pingpong", [{"msg", "tuple4"}, {"rounds", N}], N, timed(fun() -> ping_tuple(N, P) end));
job("ring", [Actors, Hops]) ->
    First = lists:foldl(fun(_, Next) -> spawn(fun() -> hop(Next) end) end, self(), lists:seq(2, Actors)),
    First ! 0,
    receive 0 -> ok end,
    line("ring", [{"actors", Actors}, {"hops", Hops}], Hops, timed(fun() -> First ! Hops, ring(First) end));
job("many2one", [Producers, Total]) ->
    Me = self(),
    Each = Total div Producers,
    T = timed(fun() ->
        times(Producers, fun() -> spawn(fun() -> flood(Each, Me, 1) end) end),
        drain(Each * Producers)
    end),
    line("many2one", [{"producers", Producers}, {"msgs", Each * Producers}], Total, T);
job("bomb", [Words, N]) ->
    C = spawn(fun deaf/0),
    erlang:suspend_process(C),
    M = if Words =:= 1 -> 1; true -> list_to_tuple(numbers(Words - 1, [])) end,
    R = rss(),
    T = timed(fun() -> flood(N, C, M) end),
    line("bomb", [{"words", Words}, {"n", N}], N, T, [{"rss_bytes_per_msg", (rss() - R) / N}]);
job("listsend", [Length, Times]) ->
    Me = self(),
    List = numbers(Length, []),
    P = spawn(fun() -> answer(Me) end),
    P ! List,
    receive ok -> ok end,
    T = timed(fun() -> times(Times, fun() -> P ! List, receive ok -> ok end end) end),
    line("listsend", [{"len", Length}], 2 * Length * Times, T);

%% ---- Life ----------------------------------------------------------------------------------------------------------

job("spawn_exit", [N]) ->
    Me = self(),
    T = timed(fun() -> times(N, fun() -> spawn(fun() -> Me ! ok end), receive ok -> ok end end) end),
    line("spawn_exit", [{"n", N}], N, T);
job("spawn_alive", [N]) ->
    R = rss(),
    T = timed(fun() -> put(crowd, crowd(N)), settle(hd(get(crowd))) end),
    Rss = (rss() - R) / N - 16,
    line("spawn_alive", [{"n", N}], N, T, [{"rss_bytes_per_actor", Rss}]);
job("sweep", [N]) ->
    Crowd = crowd(N),
    settle(hd(Crowd)),
    Rows = sweep(),
    Ns = median([fresh(fun sweep/0) || _ <- [1, 2, 3]]),
    line("sweep", [{"n", N}], N, {Ns, 0}, [{"ms", Ns / 1.0e6}]),
    Top = median([element(1, timed(fun() -> lists:sublist(lists:reverse(lists:keysort(2, Rows)), 10) end)) || _ <- [1, 2, 3]]),
    line("top10", [{"n", N}], N, {Top, 0}, [{"ms", Top / 1.0e6}]),
    put(crowd, Crowd);

%% ---- Memory --------------------------------------------------------------------------------------------------------

job("gc_minor", [Length, Times]) ->
    T = timed(fun() -> times(Times, fun() -> numbers(Length, []) end) end),
    line("gc_minor", [{"list", Length}], 2 * Length * Times, T);
job("gc_full", [Kind, Words]) ->
    Data = data(Kind, Words),
    garbage_collect(),
    Times = 10 + 20000000 div Words,
    {Ns, Ms} = timed(fun() -> times(Times, fun() -> garbage_collect() end) end),
    put(data, Data),
    line("gc_full", [{"kind", Kind}, {"words", Words}], Words * Times, {Ns, Ms}, [{"ms", Ns / Times / 1.0e6}]);
job("gc_pause", [Words]) ->
    Data = data("list", Words),
    garbage_collect(),
    Minor = fun() -> garbage_collect(self(), [{type, minor}]) end,
    {Promote, _} = timed(Minor),
    Minor(),
    Ns = median([begin numbers(10000, []), element(1, timed(Minor)) end || _ <- lists:seq(1, 101)]),
    put(data, Data),
    line("gc_pause", [{"old_words", Words}], 1, {Ns, 0}, [{"us_median", Ns / 1000}, {"us_promote", Promote / 1000}]);
job("bin_create", [N]) ->
    line("bin_create", [{"size", 1024}], N, timed(fun() -> binaries(N, 0) end));
job("subbin", [N]) ->
    B = binary:copy(<<7>>, 4096),
    line("subbin", [{"size", 100}], N, timed(fun() -> slices(N, B, 0) end));
job("ets", [Type, Rows, Processes]) ->
    Table = ets:new(t, [list_to_atom(Type), public | [{C, true} || Processes > 1, C <- [write_concurrency, read_concurrency]]]),
    Params = [{"type", Type}, {"rows", Rows}, {"procs", Processes}],
    [line(Name, Params, Rows, timed(fun() -> shared(Processes, Rows, fun(I, To) -> rows(Work, Table, I, To, Rows) end) end))
        || {Name, Work} <- [{"ets_insert", insert}, {"ets_lookup", lookup}, {"ets_update_counter", update}]].

%% ---- Those who work ------------------------------------------------------------------------------------------------

ping(0, _) -> ok;
ping(N, P) -> P ! ping, receive pong -> ping(N - 1, P) end.
pong(P) -> receive ping -> P ! pong, pong(P) end.
ping_tuple(0, _) -> ok;
ping_tuple(N, P) -> P ! {ok, self(), N}, receive {ok, _, N} -> ping_tuple(N - 1, P) end.
pong_tuple() -> receive {ok, From, N} -> From ! {ok, self(), N}, pong_tuple() end.

hop(Next) -> receive 0 -> Next ! 0, hop(Next); K -> Next ! K - 1, hop(Next) end.
ring(First) -> receive 0 -> ok; K -> First ! K - 1, ring(First) end.

flood(0, _, _) -> ok;
flood(N, P, M) -> P ! M, flood(N - 1, P, M).
drain(0) -> ok;
drain(N) -> receive 1 -> drain(N - 1) end.
deaf() -> receive stop -> ok end.
answer(P) -> receive _ -> P ! ok, answer(P) end.

idle() -> receive stop -> ok; P -> P ! ok, idle() end.
crowd(N) -> crowd(N, []).
crowd(0, All) -> All;
crowd(N, All) -> crowd(N - 1, [spawn(?MODULE, idle, []) | All]).
settle(P) -> P ! self(), receive ok -> ok end.

fresh(Work) ->
    Me = self(),
    spawn(fun() -> Me ! {time, element(1, timed(Work))} end),
    receive {time, T} -> T end.
sweep() ->
    [case process_info(P, [memory, message_queue_len, reductions, current_function, registered_name]) of
         [{_, M}, {_, Q}, {_, R}, {_, F}, {_, Name}] -> {P, M, Q, R, F, Name};
         undefined -> {P, 0, 0, 0, 0, 0}
     end || P <- processes()].

data("list", Words) -> numbers(Words div 2, []);
data("tree", Words) -> tree(Words div 3).
tree(0) -> 0;
tree(N) -> L = (N - 1) div 2, {tree(L), tree(N - 1 - L)}.

binaries(0, Sum) -> Sum;
binaries(N, Sum) -> B = <<N:32, 0:8160>>, binaries(N - 1, Sum + byte_size(B)).
slices(0, _, Sum) -> Sum;
slices(N, B, Sum) -> S = binary:part(B, N band 2047, 100), slices(N - 1, B, Sum + byte_size(S)).

rows(_, _, To, To, _) -> ok;
rows(insert, T, I, To, N) -> ets:insert(T, {(I * 618033) rem N, I}), rows(insert, T, I + 1, To, N);
rows(lookup, T, I, To, N) -> [_] = ets:lookup(T, (I * 104729) rem N), rows(lookup, T, I + 1, To, N);
rows(update, T, I, To, N) -> ets:update_counter(T, (I * 104729) rem N, 1), rows(update, T, I + 1, To, N).

shared(Processes, Rows, Work) ->
    Me = self(),
    Share = Rows div Processes,
    [spawn(fun() -> Work(I * Share, (I + 1) * Share), Me ! ok end) || I <- lists:seq(0, Processes - 1)],
    times(Processes, fun() -> receive ok -> ok end end).
