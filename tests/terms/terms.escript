#!/usr/bin/env escript
%% Writes terms.txt: what OTP 25 makes of a collection of terms, in its own order. A line a term, fields by tabs:
%%   relation to the term before (< or =, as by ==)  words (erts_debug:flat_size; ~ where OTP's own hash decides)
%%   term_to_binary, in hex  text (~0tp; - where there is no one answer)
%% Run it with OTP 25: escript terms.escript > terms.txt
-mode(compile).

main(_) ->
    io:setopts([{encoding, unicode}]),
    Sorted = lists:usort(fun(A, B) -> A < B orelse (A == B andalso term_to_binary(A) =< term_to_binary(B)) end, terms()),
    lists:foldl(fun line/2, none, Sorted).

line(Term, Before) ->
    Relation = case Before =/= none andalso element(2, Before) == Term of true -> "="; false -> "<" end,
    io:format("~s\t~s~b\t~s\t~ts~n", [Relation, rough(Term), erts_debug:flat_size(Term), hex(term_to_binary(Term)), text(Term)]),
    {term, Term}.

rough(Term) -> case has(fun(T) -> is_map(T) andalso map_size(T) > 32 end, Term) of true -> "~"; false -> "" end.

%% Of a large map the order is the hash's; UTF-8 is shown here and not there, as `erl +pc` says.
text(Term) ->
    case has(fun(T) -> is_map(T) andalso map_size(T) > 32 orelse T =:= <<"λ€"/utf8>> end, Term) of
        true -> "-";
        false -> io_lib:format("~0tp", [Term])
    end.

has(Is, T) ->
    Is(T) orelse case T of
        [H | R] -> has(Is, H) orelse has(Is, R);
        _ when is_tuple(T) -> has(Is, tuple_to_list(T));
        _ when is_map(T) -> has(Is, maps:to_list(T));
        _ -> false
    end.

hex(Binary) -> [io_lib:format("~2.16.0b", [B]) || <<B>> <= Binary].

terms() ->
    integers() ++ floats() ++ atoms() ++ lists() ++ tuples() ++ maps() ++ binaries() ++ exports().

integers() ->
    Edges = [0, 1, 9, 10, 127, 128, 255, 256, 65535, 65536] ++
        [N + D || B <- [31, 32, 53, 58, 59, 60, 63, 64, 65, 127, 128, 129, 255, 256, 400], N <- [1 bsl B], D <- [-1, 0, 1]],
    Edges ++ [-N || N <- Edges] ++ [1 bsl 2039, -(1 bsl 2040), 1 bsl 2048].

floats() ->
    Some = [0.0, 1.0, 1.5, 0.1, 1.0e-5, 0.001, 123456.789, 1.0e10, 1.0e15, 1.0e16, 1.0e21, 1.0e22, 1.0e23, 1.0e100, 5.0e-324,
        1.7976931348623157e308, 2.2250738585072014e-308, 0.3333333333333333, 255.0, 256.0, 9007199254740991.0,
        9007199254740992.0, 576460752303423488.0, 1.8446744073709552e19, 3.141592653589793],
    rand:seed(exsss, 1),
    Any = [F || <<F:64/float>> <- [rand:bytes(8) || _ <- lists:seq(1, 60)]],
    Some ++ [-F || F <- Some] ++ Any ++ [rand:uniform() * math:pow(10, N) || N <- lists:seq(-8, 20)].

atoms() ->
    [list_to_atom(T) || T <- ["", "a", "ok", "true", "undefined", "Ok", "_a", "a b", "a.b", "a@b_C9", "9a", "it's", "a\\b", "a\nb",
        "a\eb", "and", "end", "maybe", "receive", "when", [228], "gr" ++ [252, 223] ++ "e", [955], [8364, $x], [128512], [$a, 955],
        lists:duplicate(255, $x), "EXIT", "$gen_call", "-", "[]", "a\"b", "a" ++ [7] ++ "b", "a" ++ [127], "x" ++ [215]]].

lists() ->
    [[], "a", "hello", "it's \"quoted\"", "back\\slash", "tab\tnew\nline\e[0m", [0], [1, 2, 3], [7], [127], [31], [160, 255], [128, 129],
     [228, 246, 252], [955, 956], [255, 256], [a], [a, b], [a | b], [1, 2 | 3], "abc" ++ d, [[]], [[], [a]], [[[[a]]]], ["abc", "def"],
     lists:seq(1, 300), lists:duplicate(300, 0), [1.0], [1], [1, a], [-1], [1 bsl 70],
     {nested, [[{deeper, "text"}, #{k => "v"}] | tail]}].

tuples() ->
    [{}, {a}, {1}, {1.0}, {a, b}, {1, 2, 3}, {{{{{}}}}}, {ok, "text", <<"bin">>, 1.5}, list_to_tuple(lists:seq(1, 255)),
     list_to_tuple(lists:seq(1, 256)), {"a", 'B', [c | d]}, {a, {b, {c, [d, {e}]}}}, {z}, {error, enoent}].

maps() ->
    [#{}, #{a => 1}, #{a => 2}, #{b => 1}, #{a => 1, b => 2}, #{1 => a, 2 => b}, #{1.0 => a, 2 => b}, #{"k" => "v"}, #{<<"k">> => [1]},
     #{{x, y} => #{inner => [#{}]}}, #{[] => [], {} => {}}, #{a => 1, 1 => b, 2.0 => c, "s" => d, <<"b">> => e, {t} => f, #{} => g}]
    ++ [maps:from_list([{I, I * I} || I <- lists:seq(1, N)]) || N <- [31, 32, 33, 100]]
    ++ [maps:from_list([{list_to_atom("key_" ++ integer_to_list(I)), []} || I <- lists:seq(1, N)]) || N <- [10, 32]].

binaries() ->
    [<<>>, <<"a">>, <<"hello">>, <<0>>, <<255>>, <<1, 2, 3>>, <<"gr", 252, 223, "e">>, <<"λ€"/utf8>>, <<"quo\"te\\">>, <<"tab\t\n\e">>,
     <<127>>, <<194, 128>>, <<"abc", 0>>, <<1:1>>, <<0:1>>, <<5:3>>, <<255, 1:1>>, <<255, 3:2>>, <<"abc", 127:7>>, <<"ab">>, <<"b">>]
    ++ [binary:copy(<<"x">>, N) || N <- [7, 8, 9, 63, 64]] ++ [binary:copy(<<I>>, 64) || I <- [0, 200]].

exports() -> [fun lists:map/2, fun lists:map/3, fun erlang:'+'/2, fun maps:get/2].
