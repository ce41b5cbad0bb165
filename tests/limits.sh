#!/bin/sh
# Memory that is refused, wherever that happens, ends a process at most, never the program: one allocation of each
# type fails at several moments, and every demo runs into the lowest ceiling there is, in the deterministic world.

actop=${ACTOP:-./actop}
scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' EXIT
count=0

# run NAME SAMPLES ARGUMENTS...: passes when actop says yes, and never held more than its ceiling.
run() {
	name=$1 samples=$2
	shift 2
	"$actop" --batch=jsonl --tab system -n "$samples" -d 1 --deterministic "$@" >"$scratch/out" 2>"$scratch/err"
	status=$?
	over=$(sed -n 's/.*"carrier_bytes": *\([0-9]*\).*"max_memory": *\([0-9]*\).*/\1 \2/p' "$scratch/out" |
		awk '$1 > $2 { print $1 " bytes of " $2 }')
	[ "$status" -eq 0 ] && [ -z "$over" ] && return
	{ echo "$name: exit status $status $over"; tail -n 1 "$scratch/err"; } >>"$scratch/offences"
}

# report NAME: passes when nothing was noted since the last report.
report() {
	count=$((count + 1))
	if [ -s "$scratch/offences" ]; then
		sed 's/^/# /' "$scratch/offences"
		printf 'not '
	fi
	echo "ok $count - $1"
	rm -f "$scratch/offences"
}

demos=$("$actop" --list-demos | sed -n 's/^\([a-z_]*\).*/\1/p' | grep .)
types='record heap old_heap fragment message binary ets link dictionary timer atom literal system observer'

for type in $types; do
	for moment in 1 2 3 7 30 200; do
		for demo in shop postman bookkeeper; do
			ACTOP_WORLD=alloc_fail=$type:$moment
			export ACTOP_WORLD
			run "$type:$moment in $demo" 3 "$demo"
		done
	done
	report "a refused $type is survived"
done

unset ACTOP_WORLD
for demo in $demos; do
	run "$demo" 60 --max-memory 16M "$demo"
	report "$demo stays under the lowest ceiling"
done
echo "1..$count"
