#!/bin/sh
# actors - the example of docs/actors.md: taken out of the page, compiled, run, looked at through the observer's door, and put into the
# catalogue as the page says. Each figure that the page tells is measured.
srcdir=${ACTOP_SRCDIR:-.}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
echo 1..7

awk '/^```c$/ { on = 1; next } /^```$/ { on = 0 } on' "$srcdir/docs/actors.md" > "$work/greeter.c"
cat > "$work/main.c" <<'C'
#include <stdio.h>
#include <string.h>
#include "runtime/actor.h"
#include "runtime/runtime.h"
#include "runtime/source.h"
extern const struct application demo_greeter;
static struct snap_detail detail;
/* What lives on its heap in words, by its own account, and how many messages have come. */
static uint64_t ask(struct source *s, uint64_t *visits)
{
	s->ask_detail(s, s->whereis(s, "greeter"));
	snapshot_drop(s->next(s, 0));
	if (!s->take_detail(s, &detail))
		return 0;
	*visits = detail.row.messages_in;
	return detail.live_young + detail.live_old;
}
static void collect(struct source *s)
{
	uint64_t pid = s->whereis(s, "greeter");
	struct command gc = { .kind = COMMAND_GC, .pids = &pid, .pid_count = 1, .subject = "greeter", .estimate = SNAP_UNKNOWN };
	s->send(s, &gc);
	struct snapshot *next = s->next(s, 0);
	for (size_t i = 0; i < next->receipt_count; i++)
		fprintf(stderr, "%s\n", next->receipts[i].verdict);
	snapshot_drop(next);
}
int main(void)
{
	static const struct application *const catalogue[] = { &demo_greeter, NULL };
	struct world_options o = world_options_for_test();
	struct world *w = world_start(&o);
	struct source *s = world_observe(w, catalogue, 1000000);
	application_start(w, &demo_greeter, 0, NULL, NULL, 0);
	uint64_t visits[2], words[2];
	for (int turn = 0; turn < 2; turn++) {
		for (int i = 0; i < 5; i++)
			snapshot_drop(s->next(s, 0));
		words[turn] = ask(s, &visits[turn]);
	}
	collect(s);
	printf("%lu\n", (unsigned long) ((words[1] - words[0]) * 8 / (visits[1] - visits[0])));
	s->close(s);
	world_stop(w);
	return 0;
}
C

lines=$(grep -c . "$work/greeter.c")
[ "$lines" -le 45 ] && echo "ok 1 - the example has $lines lines" || echo "not ok 1 - the example has $lines lines"
if ${CC:-cc} -std=gnu11 -Wall -Wextra -Werror $ACTOP_SANITIZERS $ACTOP_CPPFLAGS -iquote "$srcdir" "$work/greeter.c" "$work/main.c" libruntime.a -pthread -lm \
	-o "$work/run" 2> "$work/errors"; then
	echo "ok 2 - it compiles without a warning"
else
	echo "not ok 2 - it compiles without a warning"
	sed 's/^/# /' "$work/errors"
fi
bytes=$("$work/run" 2> "$work/verdicts")
grep -q "grows by $bytes bytes a visit" "$srcdir/docs/actors.md" && echo "ok 3 - it grows by $bytes bytes a visit" || echo "not ok 3 - it grows by $bytes bytes a visit"
grep -qx 'all live' "$work/verdicts" && ! grep -qv 'all live' "$work/verdicts" && echo "ok 4 - a collection finds all live" || {
	echo "not ok 4 - a collection finds all live"
	sed 's/^/# /' "$work/verdicts"
}

# As the page says: one word in the catalogue's list.
awk '{ print } /DEMO\(shop\)/ { print "\tDEMO(greeter) \\" }' "$srcdir/demo/catalogue.c" > "$work/catalogue.c"
if ${CC:-cc} -std=gnu11 $ACTOP_SANITIZERS $ACTOP_CPPFLAGS -iquote "$srcdir" "$work/greeter.c" "$work/catalogue.c" tui/main.o libtui.a libdemo.a libruntime.a \
	-pthread $ACTOP_LIBS -lm -o "$work/actop" 2> "$work/errors"; then
	echo "ok 5 - it goes into the catalogue"
else
	echo "not ok 5 - it goes into the catalogue"
	sed 's/^/# /' "$work/errors"
fi
"$work/actop" --list-demos | grep -q '^greeter_demo' && "$work/actop" --explain greeter_demo > /dev/null && echo "ok 6 - it is listed and explained" \
	|| echo "not ok 6 - it is listed and explained"
"$work/actop" --batch=csv --deterministic -n 3 --tab processes --columns name greeter_demo | grep -q 'greeter$' && echo "ok 7 - it is a row of the observer" \
	|| echo "not ok 7 - it is a row of the observer"
