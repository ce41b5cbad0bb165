#!/bin/sh
# Stories: what a first-time user does, by keys alone, on the real program with a seed and virtual time.
#
# Find: for every demo whose card names a culprit, a walk of at most eight keys from the first screen (findings,
# then each order in turn) brings the culprit to the top of a list. Cure: five leaks are found, tried with a
# collection, and cured. Last, one story in a real terminal, where tmux is there to be one.

actop=${ACTOP:-./actop}
scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' EXIT
unset NO_COLOR ACTOP_WORLD
export LC_ALL=C.UTF-8 ACTOP_CONFIG=
count=0

ok() {
	count=$((count + 1))
	echo "ok $count - $1"
}

not_ok() {
	count=$((count + 1))
	[ -f "$2" ] && sed 's/^/# /' "$2"
	echo "not ok $count - $1"
}

if ! "$actop" --list-demos > "$scratch/demos" 2>/dev/null; then
	echo "1..0 # SKIP no program at $actop"
	exit 0
fi

# card DEMO HEADING: the line under a heading of its card.
card() {
	"$actop" --explain "$1" | awk -v heading="$2" '$0 == heading { getline; print; exit }'
}

# The walk: w, Esc 2, Q, B, R, M, T and 4 are eight keys. What is on top after each is saved.
walk='size 120x40
sample 20
key w
save-screen DIR/w
key Esc 2
key Q
save-screen DIR/q
key B
save-screen DIR/b
key R
save-screen DIR/r
key M
save-screen DIR/m
key T
save-screen DIR/t
key 4
save-screen DIR/4'

# On top: the first rows of a list begin at line 5 of the findings, at line 6 elsewhere.
found() {
	sed -n 5,8p "$2/w" | grep -q -F -- "$1" && return 0
	for page in q b r m t 4; do
		sed -n 6,7p "$2/$page" | grep -q -F -- "$1" && return 0
	done
	return 1
}

find_culprit() {
	who=$(card "$1" WHO)
	case $who in
	'' | system:*) return ;;        # no culprit, or the System tab names it
	'table '*) who=${who#table } ;;
	esac
	mkdir -p "$scratch/$1"
	echo "$walk" | sed "s,DIR,$scratch/$1," > "$scratch/$1/script"
	if ! "$actop" --deterministic --seed 7 --script "$scratch/$1/script" "$1" > "$scratch/$1/said" 2>&1; then
		not_ok "$1: the walk" "$scratch/$1/said"
	elif found "$who" "$scratch/$1"; then
		ok "$1: eight keys find $who"
	else
		not_ok "$1: eight keys find $who" "$scratch/$1/t"
	fi
}

for demo in $(awk '/^[a-z]/ { print $1 }' "$scratch/demos"); do
	find_culprit "$demo"
done

# story NAME DEMO, script on stdin
story() {
	cat > "$scratch/story"
	if "$actop" --deterministic --seed 7 --script "$scratch/story" "$2" > "$scratch/said" 2>&1; then
		ok "$1"
	else
		not_ok "$1" "$scratch/said"
	fi
}

story "S1: a collection frees nothing, copying what is kept does" header_keeper <<'S'
size 120x40
sample 15
key 2 B
expect header_store
key g
sample 1
expect all live
key 5 /
type header_keeper
key Enter x
sample 5
key G
sample 1
expect dead references
S

story "S3: idle connections hold dead binaries until they are collected" switchboard <<'S'
size 120x40
sample 15
key 3
expect binaries
key G
sample 1
expect dead references
S

story "S7: the writer's queue grows until the sensors wait for it" mailbag <<'S'
size 120x40
sample 12
key 2 Q
expect writer
key w
expect mailbox-growth
key Esc 5 /
type mailbag
key Enter x
sample 3
key 3
until steady
S

story "S11: no collection shrinks a table, deleting does" tally <<'S'
size 120x40
sample 12
key 4
expect metrics
key w
expect ets-growth
key Esc 2 T g
sample 1
expect not process memory
key 5 /
type tally
key Enter x
sample 10
key 3
until no findings
S

story "S17: what was deleted stays in the old heap until a full sweep" attic <<'S'
size 120x40
sample 20
key 2 M
expect cache
key g
sample 1
expect dead old heap
S

# In a real terminal: the first screen, the leak on top, a receipt, and the shell's screen back.
tmux_story() {
	socket="actop-story-$$"
	tm() { env -u TMUX tmux -L "$socket" -f /dev/null "$@"; }
	seen() {
		tries=0
		until tm capture-pane -p -t story 2>/dev/null | grep -q -F -- "$1"; do
			tries=$((tries + 1))
			[ $tries -gt 1500 ] && return 1
		done
		return 0
	}
	tm new-session -d -s story -x 80 -y 24 "$actop -d 0.2 header_keeper:rate=20; echo the shell is back; cat" || return 1
	seen slice-pin && tm send-keys -t story 2 B && seen 'by BINARY' && tm send-keys -t story g &&
		seen 'all live: gc header_store' && tm send-keys -t story q && seen 'the shell is back'
	result=$?
	tm capture-pane -p -t story > "$scratch/pane" 2>/dev/null
	tm kill-server 2>/dev/null
	return $result
}
has_tmux() {
	command -v tmux > /dev/null && env -u TMUX tmux -L "actop-probe-$$" -f /dev/null new-session -d true 2>/dev/null
}
if ! has_tmux; then
	count=$((count + 1))
	echo "ok $count - a leak found in a real terminal # SKIP no tmux, or no pseudo terminals for it"
elif tmux_story; then
	ok "a leak found in a real terminal"
else
	not_ok "a leak found in a real terminal" "$scratch/pane"
fi
echo "1..$count"
