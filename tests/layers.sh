#!/bin/sh
# The include law, as a test: a file includes its own folder or one nearer the ground, and enters the runtime by its
# doors only. Then what the law is for: curses in one file, memory through one door, no hidden state.
# Last, each rule is shown a planted offence in a tree made for it and must name it; a law that sleeps is none.

top=${ACTOP_SRCDIR:-.}
scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' EXIT
count=0

# report NAME OFFENCES: passes when there are none.
report() {
	count=$((count + 1))
	if [ -z "$2" ]; then
		echo "ok $count - $1"
	else
		printf '%s\n' "$2" | sed 's/^/# /'
		echo "not ok $count - $1"
	fi
}

skip() {
	count=$((count + 1))
	echo "ok $count - $1 # SKIP $2"
}

# names NAME OFFENCES PATTERN: passes when the planted offence was named.
names() {
	count=$((count + 1))
	if printf '%s\n' "$2" | grep -q -e "$3"; then
		echo "ok $count - names $1"
	else
		printf '%s\n' "said: $2" | sed 's/^/# /'
		echo "not ok $count - names $1"
	fi
}

# The project's own sources, as paths from the top folder.
sources() {
	(cd "$1" && find runtime demo tui -name '*.[ch]' | sort)
}

# Every project include as "from to".
includes() {
	(cd "$1" && sources . | xargs awk '/^[ \t]*#[ \t]*include[ \t]*"/ { split($0, part, "\""); print FILENAME, part[2] }')
}

# The law. `floor` orders the folders from the ground up; a door of the runtime is above all its rooms.
include_offences() {
	includes "$1" | awk '
	BEGIN {
		split("base term memory process otp observe", room)
		for (i in room) floor["runtime/" room[i]] = i
		floor["runtime"] = 7
		split("model source widget tab", room)
		for (i in room) floor["tui/" room[i]] = i
		floor["tui"] = 5
	}
	function folder(path) { sub("/[^/]*$", "", path); return path }
	function top(path) { sub("/.*", "", path); return path }
	function allowed(from, to) {
		if (folder(from) == folder(to) || from == "tui/main.c")
			return 1
		if (top(from) != top(to))
			return top(from) == "demo" && to == "runtime/actor.h" || top(from) == "tui" && to ~ observer_door
		if (folder(from) == "runtime/observe" && to ~ observer_door)
			return 1    # the one room that sees both sides of the door
		return floor[folder(to)] < floor[folder(from)]
	}
	BEGIN { observer_door = "^runtime/(snapshot|source)[.]h$" }
	!allowed($1, $2) { print $1 " may not include " $2 }'
	# A door that leads to the rooms would let observers in.
	includes "$1" | awk '$1 ~ "^runtime/(snapshot|source)[.]h$" && $2 !~ "^runtime/(snapshot|source)[.]h$" {
		print $1 " is a door for observers and may not include " $2 }'
}

lost_includes() {
	includes "$1" | while read -r from to; do
		[ -e "$1/$to" ] || echo "$from includes $to, which is not a path from the top folder"
	done
}

header_cycles() {
	includes "$1" | awk '$1 ~ /[.]h$/ && $2 ~ /[.]h$/ && $1 != $2' | tsort 2>&1 >/dev/null | sed 's/^tsort: //'
	includes "$1" | awk '$1 == $2 { print $1 " includes itself" }'
}

curses_offences() {
	(cd "$1" && sources . | xargs grep -lE '^[ \t]*#[ \t]*include[ \t]*<(n?curses|ncursesw/.*|term|panel|menu|form)\.h>' |
		grep -vx 'tui/screen\.c' | sed 's/$/ includes curses; only tui\/screen.c may/')
}

# Calls of the allocator in the objects given, but for the door itself.
# recon works for the front end, over any source, and takes its memory like the front end does.
memory_offences() {
	nm -A -u "$@" 2>/dev/null | grep -vE '(base/|observe/|:|-)(mem(_store)?|recon)\.o' |
		grep -E ' U (malloc|calloc|realloc|reallocarray|free|aligned_alloc|posix_memalign|strn?dup|v?asprintf|open_memstream)$' |
		sed 's/$/ is called outside the allocator door/'
}

# Objects in writable sections. Constant tables of pointers lie in .data.rel.ro: written by the loader only.
state_offences() {
	objdump -t "$@" 2>/dev/null | awk '
	/file format/ { sub(/:.*/, ""); file = $0; next }
	{
		section = ""
		for (i = 1; i <= NF; i++)
			if ($i ~ /^[.](data|bss|tdata|tbss)([.]|$)/ || $i == "*COM*") section = $i
		if (section == "" || section ~ /rel[.]ro/ || $NF ~ /^[.]/) next
		print file ": " $NF " is writable state (" section ")"
	}'
}

plant() {
	mkdir -p "$scratch/tree/${1%/*}"
	cat > "$scratch/tree/$1"
}

report "every include follows the law" "$(include_offences "$top")"
report "every include is a path from the top folder" "$(lost_includes "$top")"
report "headers form no cycle" "$(header_cycles "$top")"
report "curses is known to the screen only" "$(curses_offences "$top")"

if [ -n "$ACTOP_SANITIZERS" ]; then
	skip "memory comes through one door" "sanitizers add their own symbols"
	skip "no hidden state" "sanitizers add their own symbols"
elif ! command -v nm >/dev/null || ! command -v objdump >/dev/null; then
	skip "memory comes through one door" "no nm or objdump"
	skip "no hidden state" "no nm or objdump"
else
	report "memory comes through one door" "$(memory_offences libruntime.a libdemo.a)"
	report "no hidden state" "$(state_offences libruntime.a libdemo.a)"
fi

# Planted offences.
plant runtime/snapshot.h <<'C'
#include "runtime/base/clock.h"
C
plant runtime/source.h </dev/null
plant runtime/actor.h </dev/null
plant runtime/base/clock.h </dev/null
plant runtime/base/ring.h <<'C'
#include "runtime/base/loop.h"
C
plant runtime/base/loop.h <<'C'
#include "runtime/base/ring.h"
C
plant runtime/memory/gc.c <<'C'
#include "runtime/process/process.h"
#include "runtime/base/clock.h"
#include "clock.h"
C
plant runtime/process/process.h </dev/null
plant runtime/observe/observe.c <<'C'
#include "runtime/snapshot.h"
#include "runtime/process/process.h"
C
plant demo/leak.c <<'C'
#include "runtime/actor.h"
#include "runtime/process/process.h"
C
plant tui/tab/processes.c <<'C'
#include <curses.h>
#include "runtime/source.h"
#include "runtime/actor.h"
#include "tui/model/model.h"
C
plant tui/model/model.h <<'C'
#include "tui/tab/processes.h"
C
said=$(include_offences "$scratch/tree")
names "a collector that looks up to the process" "$said" '^runtime/memory/gc.c may not include runtime/process/process.h'
names "a demo past its door" "$said" '^demo/leak.c may not include runtime/process/process.h'
names "a tab by the demos' door" "$said" '^tui/tab/processes.c may not include runtime/actor.h'
names "a model that looks up to a tab" "$said" '^tui/model/model.h may not include tui/tab/processes.h'
names "a door that leads inside" "$said" '^runtime/snapshot.h is a door'
report "and names nothing that is allowed" \
	"$(printf '%s\n' "$said" | grep -e 'observe.c' -e 'actor.h may' -e 'gc.c may not include runtime/base' \
		-e 'demo/leak.c may not include runtime/actor' -e 'processes.c may not include tui/model')"
names "an include by a bare name" "$(lost_includes "$scratch/tree")" 'gc.c includes clock.h'
names "a cycle of headers" "$(header_cycles "$scratch/tree")" 'runtime/base/loop.h'
names "curses in a tab" "$(curses_offences "$scratch/tree")" '^tui/tab/processes.c includes curses'

plant demo/state.c <<'C'
#include <stdlib.h>
#include <string.h>
static int hidden;
int *hand_out(void) { return &hidden; }
static _Thread_local int hidden_too;
int *hand_out_too(void) { return &hidden_too; }
static const char *const words[] = { "a", "b" };
const char *word(int i) { return words[i]; }
char *leak(const char *s) { return strdup(s); }
void lose(void *p) { free(p); }
C
if ${CC:-cc} -c "$scratch/tree/demo/state.c" -o "$scratch/state.o" 2>/dev/null && command -v objdump >/dev/null; then
	said=$(state_offences "$scratch/state.o")
	names "a static variable" "$said" ': hidden is'
	names "a thread local" "$said" ': hidden_too is'
	report "a table of constants is no state" "$(printf '%s\n' "$said" | grep words)"
	said=$(memory_offences "$scratch/state.o")
	names "a hidden allocation" "$said" 'strdup'
	names "a hidden free" "$said" ' free'
else
	skip "names hidden state" "no compiler or objdump here"
fi
echo "1..$count"
