#!/bin/sh
# What the tests compare this runtime with is what OTP does: each table is made anew by erl and compared.
dir=$(cd "$(dirname "$0")" && pwd)
set -- "$dir"/otp_*.erl
echo "1..$#"
if ! command -v erl >/dev/null || ! command -v erlc >/dev/null; then
	n=0
	for module; do
		n=$((n + 1))
		echo "ok $n - $(basename "$module" .erl) # SKIP erl is not installed: the table was not compared with OTP"
	done
	exit 0
fi
build=$(mktemp -d) || exit 1
trap 'rm -rf "$build"' EXIT
n=0
for module; do
	n=$((n + 1))
	name=$(basename "$module" .erl)
	if erlc -o "$build" "$module" >"$build/errors" 2>&1 && erl -noshell -pa "$build" -s "$name" main >"$build/table" \
		&& diff "$dir/$name.txt" "$build/table" >"$build/errors"; then
		echo "ok $n - $name: $(wc -l <"$build/table") lines as OTP prints them"
	else
		sed 's/^/# /' "$build/errors"
		echo "not ok $n - $name"
	fi
done
