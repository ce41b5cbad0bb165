#!/bin/sh
# replay - what the BEAM did, row by row (tests/beam/README.md): in one thread, on two schedulers, and that the judge judges.
# Worlds and sanitizers take a tenth (ACTOP_TENTH). Under the thread sanitizer (CK_INCLUDE_TAGS=threads) two schedulers only.

replay=tests/replay
rows=${ACTOP_SRCDIR:-.}/tests/beam/rows
scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' EXIT
count=0

if ! [ -x "$replay" ]; then
	echo "1..0 # SKIP no program at $replay"
	exit 0
fi

# report NAME OUTPUT STATUS: passes with status 0; else says what differs.
report() {
	count=$((count + 1))
	if [ "$3" -ne 0 ]; then
		grep -E '^(differs|skipped) |: |^total' "$2" | head -n 12 | cut -c1-400 | sed 's/^/# /'
		printf 'not '
	fi
	echo "ok $count - $1"
}

# play NAME ARGUMENTS...
play() {
	name=$1
	shift
	"$replay" --verbose "$@" >"$scratch/out" 2>&1
	report "$name" "$scratch/out" $?
}

# caught NAME PATTERN: the row in the scratch file is refused, and the words say why.
caught() {
	(unset ACTOP_TENTH ACTOP_WORLD; "$replay" --verbose "$scratch/row.jsonl") >"$scratch/out" 2>&1
	[ $? -eq 1 ] && grep -q "$2" "$scratch/out"
	report "$1" "$scratch/out" $?
}

if [ "${CK_INCLUDE_TAGS:-}" != threads ]; then
	for file in "$rows"/*.jsonl; do
		play "$(basename "$file" .jsonl)" "$file"
	done
fi
play 'two schedulers' --schedulers 2 "$rows"

if [ "${CK_INCLUDE_TAGS:-}" != threads ]; then
	first=$(head -n 1 "$rows/list_growth.jsonl")
	echo "$first" | sed 's/"total_heap_size":233/"total_heap_size":234/' >"$scratch/row.jsonl"
	caught 'a word too many is found' 'match 0 differ 1 skipped 0'
	echo "$first" | sed 's/"cons_keep",1\]/"cons_keep_softly",1]/' >"$scratch/row.jsonl"
	caught 'an unknown op is skipped by name' 'unknown: cons_keep_softly'
	echo '{"id":"x","mechanism":"x","case":"x","program":[["repeat_op",10,"frobnicate_3"]],"exact":{}}' >"$scratch/row.jsonl"
	caught 'and so is an unknown operation' 'unknown: frobnicate_3'
	echo '{"id":"x","mechanism":"x","case":"x","program":[["spawn",{}],["block"]],"exact":{"no_such_figure":1}}' >"$scratch/row.jsonl"
	caught 'a figure that nobody measures differs' 'no_such_figure'
fi
echo "1..$count"
