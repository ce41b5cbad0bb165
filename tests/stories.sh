#!/bin/sh
# Stories: what a first-time user does, by keys alone, on the real program with a seed and virtual time.
#
# Find: for every demo whose card names a culprit, at most eight keys from the first screen name it as such: a finding
# about it, or the first line of a list in some order. Cure: five leaks are found, tried with a
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

# What a first-time user does, key by key, and what the screen says after each. The line of findings on the first
# screen costs none, the list of findings, with the words about its first one, one (w); the
# processes in each order make eight: w Esc 2 M Q R B, and v for groups.
walk='size 120x40
sample 12
save-screen DIR/0
sample 18
save-screen DIR/00
key w
save-screen DIR/1
key Esc 2
key M
save-screen DIR/4
key Q
save-screen DIR/5
key R
save-screen DIR/6
key B
save-screen DIR/7
key v
save-screen DIR/8'

# says WHO FILE ROWS COLUMN: the rows name it as a whole word in that column (from 1) or behind it.
says() {
	sed -n "$3p" "$2" | cut -c"$4"- | grep -q -w -F -- "$1"
}

# How many keys it takes until the culprit is named as such: in the line of findings; in the list of them and
# what is said about the first; or on the first line of the processes in one of their orders. Empty: never.
keys_to() {
	for first in 0 00; do
		says "$1" "$2/$first" 3 1 && { echo 0; return; }
	done
	says "$1" "$2/1" 5,12 30 && { echo 1; return; }
	for page in 4 5 6 7; do
		says "$1" "$2/$page" 6 13 && { echo $page; return; }
	done
	says "$1" "$2/8" 6,7 3 && echo 8
}

find_culprit() {
	who=$(card "$1" WHO)
	case $who in
	'' | nobody | system:*) return ;;        # no culprit, or the System tab names it
	'table '*) who=${who#table } ;;
	esac
	mkdir -p "$scratch/$1"
	echo "$walk" | sed "s,DIR,$scratch/$1," > "$scratch/$1/script"
	if ! "$actop" --deterministic --seed 7 --script "$scratch/$1/script" "$1" > "$scratch/$1/said" 2>&1; then
		not_ok "$1: the walk" "$scratch/$1/said"
		return
	fi
	keys=$(keys_to "$who" "$scratch/$1")
	if [ -n "$keys" ]; then
		ok "$1: $keys keys find $who"
	else
		not_ok "$1: eight keys find $who" "$scratch/$1/1"
	fi
}

for demo in $(awk '/^[a-z]/ { print $1 }' "$scratch/demos"); do
	find_culprit "$demo"
done

# story NAME DEMOS, script on stdin
story() {
	cat > "$scratch/story"
	if "$actop" --deterministic --seed 7 --script "$scratch/story" $2 > "$scratch/said" 2>&1; then
		ok "$1"
	else
		not_ok "$1" "$scratch/said"
	fi
}

story "the tour of README, key by key" "shop header_keeper" <<'S'
size 80x24
sample 8
expect P header_store slice-pin
key 2 M B
expect by BINARY
key g
sample 1
expect all live: gc header_store
key Enter
sample 1
expect 0.0%
key Right Left Esc 5 /
type header_keeper
key Enter x
sample 2
key G
sample 1
expect dead references
key 3
until no findings
S

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
key Esc 2 g
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
