%% What gen_server does: tests/otp_server.txt is the output, and check_server plays the same lines on this runtime.
%%
%% A line: how it starts and what it is told, one after the other with silence between; then what its callbacks heard and how it ended,
%% what the callers got, and whether an error was reported.
-module(otp_server).
-behaviour(gen_server).
-export([main/0, init/1, handle_call/3, handle_cast/2, handle_info/2, handle_continue/2, terminate/2, log/2]).

main() ->
    logger:set_primary_config(level, all),
    logger:remove_handler(default),
    logger:add_handler(notes, ?MODULE, #{}),
    [play(Start, Acts) || {Start, Acts} <- plays()],
    halt().

plays() ->
    Reasons = ["normal", "shutdown", "{shutdown,1}", "error"],
    [{"plain", ["call count", "cast data", "send data", "call count"]},
     {"plain", ["call later"]},
     {"plain", ["call never", "call count"]},
     {"plain", ["call slow", "wait", "call count"]},
     {"continue", ["call count"]},
     {"continue", ["cast continue", "call count"]},
     {"plain", ["call continue", "call count"]},
     {"plain", ["cast timeout", "wait", "call count"]},
     {"plain", ["cast timeout", "cast data", "wait"]},
     {"plain", ["cast timeout", "call count", "wait"]},
     {"plain", ["cast timeout_0"]},
     {"plain", ["cast two_then_0"]},
     {"timeout", ["wait"]},
     {"plain", ["cast hibernate", "call count"]},
     {"plain", ["call hibernate", "send data", "call count"]},
     {"hibernate", ["call count"]},
     {"plain", ["cast badarg"]},
     {"plain", ["call badarg"]},
     {"plain", ["send badarg"]},
     {"plain", ["call badarg", "call count"]},
     {"plain", ["send unlink", "call count"]},
     {"plain", ["exit shutdown"]},
     {"trap", ["exit shutdown"]},
     {"plain", ["exit normal", "call count"]},
     {"trap", ["exit normal"]},
     {"trap", ["exit kill"]},
     {"trap", ["other shutdown", "call count"]},
     {"plain", ["other shutdown", "call count"]},
     {"stop", []}, {"crash", []}] ++
    [{"plain", ["cast " ++ R]} || R <- Reasons] ++ [{"plain", ["call " ++ R]} || R <- Reasons] ++ [{"plain", ["send " ++ R]} || R <- Reasons]
    ++ [{"trap", ["exit " ++ R]} || R <- Reasons].

play(Start, Acts) ->
    [ets:new(Table, [public, named_table, ordered_set]) || Table <- [server, callers, reports]],
    Self = self(),
    Parent = spawn(fun() -> parent(Self, Start) end),
    Server = receive {started, S} -> S end,
    [begin act(string:lexemes(A, " "), Parent, Server), timer:sleep(5) end || A <- Acts],
    timer:sleep(5),
    Reported = case ets:info(reports, size) of 0 -> "quiet"; _ -> "reported" end,
    io:format("~s: ~s => ~s | ~s | ~s~n", [Start, lists:join("; ", Acts), notes(server), notes(callers), Reported]),
    exit(Parent, kill),
    case is_pid(Server) of true -> exit(Server, kill); false -> ok end,
    timer:sleep(5),
    [ets:delete(Table) || Table <- [server, callers, reports]].

notes(Table) -> lists:join("; ", [W || {_, W} <- ets:tab2list(Table)]).

note(Format, Arguments) -> note(server, Format, Arguments).
note(Table, Format, Arguments) ->
    catch ets:insert(Table, {erlang:unique_integer([monotonic]), io_lib:format(Format, Arguments)}).

log(#{level := error}, _) -> note(reports, "~w", [error]);
log(_, _) -> ok.

%% Who starts it traps exits, and passes on what it is told to.
parent(Main, Start) ->
    process_flag(trap_exit, true),
    case gen_server:start_link(?MODULE, list_to_atom(Start), []) of
        {ok, Server} -> Main ! {started, Server}, parent_loop(Server);
        {error, Reason} -> note("start ~0p", [reason(Reason)]), Main ! {started, none}, parent_loop(none)
    end.

parent_loop(Server) ->
    receive
        {exit, Reason} -> exit(Server, Reason), parent_loop(Server);
        {'EXIT', Server, Reason} -> note("exit ~0p", [reason(Reason)]), parent_loop(Server);
        _ -> parent_loop(Server)
    end.

%% Without the stack trace.
reason({R, [{_, _, _, _} | _]}) -> R;
reason(R) -> R.

term("{shutdown,1}") -> {shutdown, 1};
term(T) -> list_to_atom(T).

act(["wait"], _, _) -> timer:sleep(60);
act(["exit", R], Parent, _) -> Parent ! {exit, term(R)};
act(["other", R], _, Server) -> exit(Server, term(R));
act(["cast", R], _, Server) -> gen_server:cast(Server, term(R));
act(["send", R], _, Server) -> Server ! term(R);
act(["call", R], _, Server) ->
    spawn(fun() ->
        try gen_server:call(Server, term(R), 20) of Reply -> note(callers, "reply ~0p", [Reply])
        catch exit:{Why, {gen_server, call, [_, _, 20]}} -> note(callers, "exit ~0p", [reason(Why)]) end
    end),
    timer:sleep(case R of "never" -> 40; "slow" -> 40; _ -> 0 end).

init(plain) -> note("init", []), {ok, 0};
init(trap) -> process_flag(trap_exit, true), note("init", []), {ok, 0};
init(continue) -> note("init", []), {ok, 0, {continue, go}};
init(timeout) -> note("init", []), {ok, 0, 30};
init(hibernate) -> note("init", []), {ok, 0, hibernate};
init(stop) -> note("init", []), {stop, error};
init(crash) -> note("init", []), error(badarg).

handle_call(count, _, N) -> {reply, N, N + 1};
handle_call(later, From, N) -> gen_server:cast(self(), {reply, From}), {noreply, N};
handle_call(never, _, N) -> {noreply, N};
handle_call(slow, From, N) -> erlang:send_after(30, self(), {reply, From}), {noreply, N};
handle_call(continue, _, N) -> {reply, N, N + 1, {continue, go}};
handle_call(hibernate, _, N) -> {reply, N, N + 1, hibernate};
handle_call(badarg, _, _) -> error(badarg);
handle_call(R, _, N) -> {stop, R, N}.

handle_cast({reply, From}, N) -> gen_server:reply(From, later), {noreply, N};
handle_cast(data, N) -> note("cast data", []), {noreply, N + 1};
handle_cast(continue, N) -> {noreply, N, {continue, go}};
handle_cast(timeout, N) -> {noreply, N, 30};
handle_cast(timeout_0, N) -> {noreply, N, 0};
handle_cast(two_then_0, N) -> self() ! data, gen_server:cast(self(), data), {noreply, N, 0};
handle_cast(hibernate, N) -> {noreply, N, hibernate};
handle_cast(badarg, _) -> error(badarg);
handle_cast(R, N) -> {stop, R, N}.

handle_info({reply, From}, N) -> gen_server:reply(From, slow), {noreply, N};
handle_info(data, N) -> note("info data", []), {noreply, N + 1};
handle_info(timeout, N) -> note("info timeout", []), {noreply, N + 1};
handle_info(badarg, _) -> error(badarg);
handle_info(unlink, N) -> {noreply, N};
handle_info({'EXIT', _, R}, N) -> note("info exit ~0p", [R]), {noreply, N};
handle_info(R, N) -> {stop, R, N}.

handle_continue(go, N) -> note("continue", []), {noreply, N + 1}.

terminate(R, N) -> note("terminate ~0p ~w", [reason(R), N]).
