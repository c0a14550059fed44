#!/usr/bin/env bash
# An operator of gauntlet-migrate who does what it says: follow.sh PROGRAM URL MIGRATIONS. Runs `up`;
# if that stops with a fix that is a command of its own, runs this, and `up` again.
program=$1 url=$2 migrations=$3
run() { "$program" "$@" --database "$url" --migrations "$migrations"; }
if said=$(run up 2>&1); then exit 0; fi
echo "$said" >&2
fix=$(sed -nE 's/^ *fix: +`gauntlet-migrate ((resume|forget) [^`]*)`.*/\1/p' <<<"$said" | head -n 1)
[ -n "$fix" ] || exit 1
# The words are split as a shell splits them: that is how a person would type them.
# shellcheck disable=SC2086
run $fix && run up
