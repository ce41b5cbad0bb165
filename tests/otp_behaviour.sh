#!/bin/sh
# What check_supervisor compares this runtime with is what OTP does: the table is made anew by erl and compared.
dir=$(cd "$(dirname "$0")" && pwd)
echo 1..1
if ! command -v erl >/dev/null || ! command -v erlc >/dev/null; then
	echo "ok 1 - otp_behaviour # SKIP erl is not installed: the table was not compared with OTP"
	exit 0
fi
build=$(mktemp -d) || exit 1
trap 'rm -rf "$build"' EXIT
if erlc -o "$build" "$dir/otp_behaviour.erl" >"$build/errors" 2>&1 &&
	erl -noshell -pa "$build" -s otp_behaviour main >"$build/table" && diff "$dir/otp_behaviour.txt" "$build/table" >"$build/errors"; then
	echo "ok 1 - otp_behaviour: $(wc -l <"$build/table") lines as OTP prints them"
else
	sed 's/^/# /' "$build/errors"
	echo "not ok 1 - otp_behaviour"
fi
