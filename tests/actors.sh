#!/bin/sh
# actors - the example of docs/actors.md: taken out of the page, compiled, run, looked at through the observer's door.
srcdir=${ACTOP_SRCDIR:-.}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
echo 1..3

awk '/^```c$/ { on = 1; next } /^```$/ { on = 0 } on' "$srcdir/docs/actors.md" > "$work/greeter.c"
cat > "$work/main.c" <<'C'
#include <stdio.h>
#include <string.h>
#include "runtime/actor.h"
#include "runtime/runtime.h"
#include "runtime/source.h"
extern const struct application demo_greeter;
int main(void)
{
	static const struct application *const catalogue[] = { &demo_greeter, NULL };
	struct world_options o = world_options_for_test();
	struct world *w = world_start(&o);
	struct source *s = world_observe(w, catalogue, 1000000);
	struct snap_process row;
	uint64_t used[3] = { 0 };
	application_start(w, &demo_greeter, 0, NULL, NULL, 0);
	for (int i = 0; i < 3; i++) {
		snapshot_drop(s->next(s, 0));
		if (s->read_process(s, s->whereis(s, "greeter"), &row))
			used[i] = row.reductions;
	}
	s->close(s);
	world_stop(w);
	printf("%d\n", used[0] > 0 && used[1] > used[0] && used[2] > used[1]);
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
[ "$("$work/run" 2> "$work/errors")" = 1 ] && echo "ok 3 - it runs, and the observer sees it work" || echo "not ok 3 - it runs, and the observer sees it work"
