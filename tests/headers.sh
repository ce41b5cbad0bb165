#!/bin/sh
# Every header compiles alone, and twice in a row: nobody must know what to include before it.

cd "${ACTOP_SRCDIR:-.}" || exit 99
count=0
for header in $(find runtime demo tui tests -name '*.h' | sort); do
	count=$((count + 1))
	# shellcheck disable=SC2086  # flags are words
	if said=$(printf '#include "%s"\n#include "%s"\n' "$header" "$header" |
		${CC:-cc} $ACTOP_CPPFLAGS -iquote . -std=gnu11 -Wall -Wextra -Werror -fsyntax-only -x c - 2>&1); then
		echo "ok $count - $header"
	else
		printf '%s\n' "$said" | sed 's/^/# /'
		echo "not ok $count - $header"
	fi
done
echo "1..$count"
