%% Lives and deaths as OTP has them: tests/otp_process.txt is the output, check_otp_process plays the same lines on this runtime.
%%
%% A line is a play and its end: commands to three processes a, b, c, done one after the other with silence between; then
%% how each of them is, and what it received. Some plays are written by hand, the others by chance (the same each time).
-module(otp_process).
-export([main/0]).

main() ->
    logger:set_primary_config(level, none),
    [play(Commands) || Commands <- by_hand()],
    rand:seed(exsss, {25, 2, 3}),
    [play(by_chance(7)) || _ <- lists:seq(1, 300)],
    halt().

by_hand() ->
    Reasons = ["normal", "kill", "shutdown", "error", "{a,1}"],
    [["exit_other a b " ++ R] || R <- Reasons] ++
    [["trap b", "exit_other a b " ++ R] || R <- Reasons] ++
    [["exit_other a a " ++ R] || R <- Reasons] ++
    [["trap a", "exit_other a a " ++ R] || R <- Reasons] ++
    [["link a b", "exit b " ++ R] || R <- Reasons] ++
    [["trap a", "link a b", "exit b " ++ R] || R <- Reasons] ++
    [["trap a", "link a b", "monitor a b", "exit b " ++ R] || R <- Reasons] ++
    [["trap a", "monitor a b", "link a b", "monitor a b", "exit_other c b " ++ R] || R <- Reasons] ++
    [["trap a", "exit b error", "link a b", "monitor a b"],
     ["exit b error", "link a b"],
     ["link a a", "exit a error"],
     ["monitor a a", "exit a error"],
     ["link a b", "link a b", "unlink a b", "exit b error"],
     ["link a b", "link b a", "unlink b a", "exit b error"],
     ["trap a", "link a b", "exit b error", "unlink a b"],
     ["monitor a b", "demonitor a", "exit b error"],
     ["monitor a b", "exit b error", "demonitor a"],
     ["monitor a b", "monitor a b", "demonitor a", "exit b error"],
     ["link a b", "link b c", "exit a error"],
     ["link a b", "link b c", "trap b", "exit a error"],
     ["link a b", "link b c", "exit a normal"],
     ["register b name", "monitor_name a name", "exit b error"],
     ["monitor_name a name"],
     ["register b name", "register c name", "register b other", "unregister c name", "send_name a name"],
     ["register b name", "exit b error", "register c name", "send_name a name"],
     ["send_name a name"],
     ["register b name", "unregister b name", "send_name a name"],
     ["suspend a b", "send c b", "resume a b"],
     ["suspend a b", "suspend a b", "send c b", "resume a b"],
     ["suspend a b", "suspend a b", "send c b", "resume a b", "resume a b"],
     ["suspend a b", "suspend c b", "send c b", "resume a b"],
     ["suspend a b", "suspend c b", "send c b", "resume a b", "resume c b"],
     ["suspend a b", "suspend a b", "send c b", "exit a error"],
     ["suspend a b", "suspend c b", "send c b", "exit a error"],
     ["suspend a b", "resume c b"],
     ["suspend a a"],
     ["exit b error", "suspend a b"],
     ["suspend a b", "exit_other c b error", "resume a b"],
     ["suspend a b", "link c b", "exit_other c b kill"],
     ["suspend a b", "monitor c b", "exit_other a b error", "resume a b"],
     ["after a b", "wait"],
     ["after a b", "read a", "cancel a", "read a", "cancel a", "wait"],
     ["after a b", "exit b error", "read a"],
     ["exit b error", "after a b", "read a"],
     ["after a b", "exit a error", "wait"],
     ["after_name a name", "register b name", "wait"],
     ["register b name", "after_name a name", "unregister b name", "register c name", "wait"],
     ["after_name a name", "wait", "read a"],
     ["start_timer a b", "wait"]].

by_chance(0) -> [];
by_chance(N) -> [command() | by_chance(N - 1)].

command() ->
    X = one_of(["a", "b", "c"]), Y = one_of(["a", "b", "c"]), R = one_of(["normal", "kill", "shutdown", "error", "{a,1}"]),
    one_of(["trap " ++ X, "trap " ++ X, "untrap " ++ X, "link " ++ X ++ " " ++ Y, "link " ++ X ++ " " ++ Y, "link " ++ X ++ " " ++ Y,
            "unlink " ++ X ++ " " ++ Y, "monitor " ++ X ++ " " ++ Y, "monitor " ++ X ++ " " ++ Y, "demonitor " ++ X, "exit " ++ X ++ " " ++ R,
            "exit_other " ++ X ++ " " ++ Y ++ " " ++ R, "exit_other " ++ X ++ " " ++ Y ++ " " ++ R, "send " ++ X ++ " " ++ Y,
            "register " ++ X ++ " name", "unregister " ++ X ++ " name", "send_name " ++ X ++ " name", "monitor_name " ++ X ++ " name",
            "suspend " ++ X ++ " " ++ Y, "resume " ++ X ++ " " ++ Y]).

one_of(List) -> lists:nth(rand:uniform(length(List)), List).

play(Commands) ->
    Cast = [{Name, spawn(fun() -> actor([], none, none) end)} || Name <- ["a", "b", "c"]],
    Watch = [{Name, Pid, monitor(process, Pid)} || {Name, Pid} <- Cast],
    [begin command(string:lexemes(C, " "), Cast), silence(Cast), silence(Cast), silence(Cast) end || C <- Commands],
    io:format("~s => ~s~n", [lists:join("; ", Commands), lists:join(" | ", [[Name, " ", ending(W, Cast)] || {Name, _, _} = W <- Watch])]),
    [end_one(Pid) || {_, Pid} <- Cast].

end_one(Pid) ->
    Ref = monitor(process, Pid),
    exit(Pid, kill),
    receive {'DOWN', Ref, process, Pid, _} -> ok end.

pid(Name, Cast) -> proplists:get_value(Name, Cast).

command(["wait"], _) -> timer:sleep(330);
command([Verb, X | Rest], Cast) ->
    Arguments = [case A of [_] -> pid(A, Cast); "{a,1}" -> {a, 1}; _ -> list_to_atom(A) end || A <- Rest],
    pid(X, Cast) ! {do, list_to_atom(Verb), Arguments}.

%% Everybody who can has done what came so far.
silence(Cast) -> [silence_of(Pid) || {_, Pid} <- Cast].

silence_of(Pid) ->
    Ref = make_ref(),
    Pid ! {sync, self(), Ref},
    wait_for(Pid, Ref).

wait_for(Pid, Ref) ->
    receive {Ref, Log} -> put({log, Pid}, Log)
    after 1 ->
        case state(Pid) of
            alive -> wait_for(Pid, Ref);
            _ -> ok
        end
    end.

%% One that is about to end is not alive.
state(Pid) ->
    case is_process_alive(Pid) andalso process_info(Pid, status) of
        {status, suspended} -> suspended;
        {status, _} -> alive;
        _ -> dead
    end.

%% The dead tell nothing, nor do the suspended.
ending({_, Pid, Ref}, Cast) ->
    case state(Pid) of
        dead -> receive {'DOWN', Ref, process, Pid, Reason} -> io_lib:format("~0p", [Reason]) end;
        suspended -> "suspended";
        alive -> ["alive ", names(io_lib:format("~0p", [get({log, Pid})]), Cast)]
    end.

names(Text, Cast) ->
    Named = lists:foldl(fun({Name, Pid}, T) -> re:replace(T, pid_to_list(Pid), Name, [global, {return, list}]) end, Text, Cast),
    re:replace(Named, "#Ref<[^>]*>", "ref", [global, {return, list}]).

actor(Log, Ref, Timer) ->
    receive
        {sync, From, R} -> From ! {R, lists:reverse(Log)}, actor(Log, Ref, Timer);
        {do, Verb, Arguments} ->
            case do(Verb, Arguments, Ref, Timer) of
                {ref, New} -> actor(Log, New, Timer);
                {timer, New} -> actor(Log, Ref, New);
                {note, Note} -> actor([Note | Log], Ref, Timer);
                _ -> actor(Log, Ref, Timer)
            end;
        Other -> actor([Other | Log], Ref, Timer)
    end.

do(trap, [], _, _) -> process_flag(trap_exit, true);
do(untrap, [], _, _) -> process_flag(trap_exit, false);
do(link, [Y], _, _) -> try link(Y) catch error:noproc -> exit(noproc) end;
do(unlink, [Y], _, _) -> unlink(Y);
do(monitor, [Y], _, _) -> {ref, monitor(process, Y)};
do(monitor_name, [Name], _, _) -> {ref, monitor(process, Name)};
do(demonitor, [], none, _) -> ok;
do(demonitor, [], Ref, _) -> demonitor(Ref, [flush]);
do(exit, [Reason], _, _) -> exit(Reason);
do(exit_other, [Y, Reason], _, _) -> exit(Y, Reason);
do(send, [Y], _, _) -> Y ! hello;
do(send_name, [Name], _, _) -> try Name ! hello catch error:badarg -> exit(badarg) end;
do(register, [Name], _, _) -> {note, try register(Name, self()) catch error:badarg -> badarg end};
do(unregister, [Name], _, _) -> {note, case whereis(Name) =:= self() of true -> unregister(Name); false -> badarg end};
do(suspend, [Y], _, _) -> {note, try erlang:suspend_process(Y) catch error:badarg -> badarg end};
do(resume, [Y], _, _) -> {note, try erlang:resume_process(Y) catch error:badarg -> badarg end};
do('after', [To], _, _) -> {timer, erlang:send_after(300, To, tick)};
do(after_name, [To], _, _) -> {timer, erlang:send_after(300, To, tick)};
do(start_timer, [To], _, _) -> {timer, erlang:start_timer(300, To, tick)};
do(read, [], _, Timer) -> {note, left(erlang:read_timer(Timer))};
do(cancel, [], _, Timer) -> {note, left(erlang:cancel_timer(Timer))}.

left(false) -> gone;
left(_) -> left.
