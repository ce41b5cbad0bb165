#!/bin/sh
# docs/gc-helps.md is what tests/gc_helps prints: the page holds measured figures only.

[ -z "$ACTOP_WORLD" ] || { echo "1..0 # SKIP debug worlds change the figures"; exit 0; }

page=${ACTOP_SRCDIR:-.}/docs/gc-helps.md
scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' EXIT

echo 1..2
tests/gc_helps >"$scratch/now"
[ $? -eq 0 ] || printf 'not '
echo "ok 1 - every cell comes out as its table says"
if ! diff "$page" "$scratch/now" >"$scratch/diff"; then
	sed 's/^/# /' "$scratch/diff"
	printf 'not '
fi
echo "ok 2 - docs/gc-helps.md is what is measured (make gc-helps writes it anew)"
