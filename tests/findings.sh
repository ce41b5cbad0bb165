#!/bin/sh
# Findings by the demos: each names what its card says within twelve seconds at its defaults, its cured twin names
# nothing once it has settled, and the healthy shop never does.

actop=${ACTOP:-./actop}
scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' EXIT
[ -z "$ACTOP_WORLD" ] || { echo "1..0 # SKIP debug worlds change what there is to find"; exit 0; }
count=0

# rules NAME[:KNOBS] SECONDS FROM: the rules that were named from that second on.
rules() {
	"$actop" --deterministic --batch=jsonl --tab findings -n "$2" -d 1 "$1" >"$scratch/out" || echo "no-run"
	sed -n 's/^{"sample":\([0-9]*\),.*"kind":"finding","rule":"\([^"]*\)".*/\1 \2/p' "$scratch/out" |
		awk -v from="$3" '$1 >= from && !seen[$2]++ { print $2 }'
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

"$actop" --list-demos | sed -n 's/^\([a-z][a-z_]*\)  .*/\1/p' >"$scratch/demos"
[ "$(wc -l <"$scratch/demos")" -ge 31 ] || echo "fewer than 31 demos" >>"$scratch/offences"
report "the demos are listed"

while read -r demo; do
	want=$("$actop" --explain "$demo" | sed -n '/^FINDING$/{n;p;}')
	within=12
	[ "$demo" = proxy ] && within=32                # it begins when its upstream falls silent, after twenty seconds
	got=$(rules "$demo" "$within" 1)
	if [ "$want" = none ] && [ -n "$got" ]; then
		echo "$demo: has no finding, named" $got >>"$scratch/offences"
	elif [ "$want" != none ] && ! echo "$got" | grep -qx "$want"; then
		echo "$demo: $want was not named; got:" $got >>"$scratch/offences"
	fi
done <"$scratch/demos"
report "each finding shows within twelve seconds"

while read -r demo; do
	got=$(rules "$demo:fix=on" 30 25)
	[ -z "$got" ] || echo "$demo:fix=on:" $got >>"$scratch/offences"
done <"$scratch/demos"
report "the cured twins show none"

got=$(rules shop 600 1)
[ -z "$got" ] || echo "shop:" $got >>"$scratch/offences"
report "nor does the shop, in ten minutes"
echo "1..$count"
