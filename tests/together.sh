#!/bin/sh
# All stories at once, and the shop beside them, for a minute under 1 GiB: producers that ask wait at the limit, so
# nothing ends, nothing is restarted but those whose story that is, and the ceiling holds.
#
# Here in the deterministic world, which takes some seconds. With threads it takes the minute: make together.

actop=${ACTOP:-./actop}
scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' EXIT
[ -z "$ACTOP_WORLD" ] || { echo "1..0 # SKIP debug worlds are slow with so much"; exit 0; }
count=0

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

demos=$("$actop" --list-demos | sed -n 's/^\([a-z][a-z_]*\)  .*/\1/p' | grep -v crowd)

# run TAB SECONDS OPTIONS...
run() {
	tab=$1 seconds=$2
	shift 2
	# shellcheck disable=SC2086  # the demos are words
	"$actop" --max-memory 1G --batch=jsonl --tab "$tab" -n "$seconds" -d 1 "$@" $demos >"$scratch/out" 2>"$scratch/err" || {
		echo "exit status $?"
		tail -n 2 "$scratch/err"
	} >>"$scratch/offences"
}

ended() {
	sed -n 's/.*"kind":"notice".*"text":"\(application [^"]* ended[^"]*\)".*/\1/p' "$scratch/out" >>"$scratch/offences"
}

if [ -n "$TOGETHER" ]; then
	run system 60 --seed "$TOGETHER"
else
	run system 60 --deterministic
fi
ended
sed -n 's/.*"carrier_bytes": *\([0-9]*\).*"rss": *\([0-9]*\).*"max_memory": *\([0-9]*\).*/\1 \2 \3/p' "$scratch/out" |
	awk '$1 > $3 || $2 > $3 { print $1 " of carriers, " $2 " resident, of " $3 }
	END { if (NR < 60) print NR " samples" }' >>"$scratch/offences"
report "the ceiling holds and nothing ends"

[ -n "$TOGETHER" ] || {
	run applications 30 --deterministic
	ended
	tail -n 80 "$scratch/out" |
		sed -n 's/.*"sample":30,.*"kind":"application","application":"\([^"]*\)".*"restarts":\([1-9][0-9]*\).*/\1 \2/p' |
		grep -v '^revolving_door \|^ceiling \|^crash_pin ' |
		sed 's/ / was restarted, times: /' >>"$scratch/offences"
	report "nobody is restarted but who crashes by profession"
}
echo "1..$count"
