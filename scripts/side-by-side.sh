#!/usr/bin/env bash
# Times this checkout against another commit on the same lab, in turn: A B A B. Linux and root, as the lab.
#
#   scripts/side-by-side.sh [--against COMMIT] [--rounds N] [--bundle DIRECTORY]
#
# Each round of each side: hosts made and provisioned from nothing, a second provision, a teardown. A bundle with Linkerd
# makes it link mode mesh. Prints one line per command in seconds, then the medians and their ratio.
set -euo pipefail

against=d08acc9 rounds=3 bundle=
while [ $# -gt 0 ]; do
  case $1 in
    --against) against=$2 ;;
    --rounds) rounds=$2 ;;
    --bundle) bundle=$(realpath "$2") ;;
    *) echo "unknown option $1" >&2; exit 2 ;;
  esac
  shift 2
done

here=$(git -C "$(dirname "$0")" rev-parse --show-toplevel)
work=$(mktemp -d)
export LEAFSPAN_LAB_NAME=sides LEAFSPAN_TEMPORAL_PORT=27233 LEAFSPAN_TEMPORAL_UI_PORT=28233
[ -z "$bundle" ] || export LEAFSPAN_LAB_BUNDLE=$bundle

leafspan() { # SIDE ARGUMENT...
  local side=$1; shift
  (cd "$work/$side" && XDG_STATE_HOME=$work/state-$side node bin/leafspan.js "$@")
}

finish() {
  for side in new old; do
    leafspan "$side" lab down >/dev/null 2>&1 || true
    leafspan "$side" stop >/dev/null 2>&1 || true
  done
  rm -rf "$work"
}
trap finish EXIT

git clone -q "$here" "$work/new"
git clone -q "$here" "$work/old"
git -C "$work/old" checkout -q "$against"
for side in new old; do (cd "$work/$side" && npm ci --silent >/dev/null); done

timed() { # SIDE NAME ARGUMENT...
  local side=$1 name=$2 began ended; shift 2
  began=$(date +%s%N)
  leafspan "$side" "$@" >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
  ended=$(date +%s%N)
  awk -v side="$side" -v name="$name" -v ns=$((ended - began)) 'BEGIN { printf "%s %s %.1f\n", side, name, ns / 1e9 }' | tee -a "$work/times"
}

# A server and a worker that run already are the usual case; the first of a round would pay for their start.
warm() { leafspan "$1" provision >/dev/null 2>&1; leafspan "$1" teardown --yes >/dev/null 2>&1; leafspan "$1" lab down >/dev/null 2>&1; }
for side in new old; do warm "$side"; done

for _ in $(seq "$rounds"); do
  for side in new old; do
    timed "$side" provision provision
    timed "$side" again provision
    timed "$side" teardown teardown --yes
    leafspan "$side" lab down >/dev/null 2>&1
  done
done

awk '
  { key = $1 " " $2; seen[key] = seen[key] " " $3 }
  END {
    split("provision again teardown", order)
    for (at = 1; at <= 3; at++) {
      new = median(seen["new " order[at]]); old = median(seen["old " order[at]])
      printf "%-10s new %.1f s, old %.1f s, ratio %.2f\n", order[at], new, old, new / old
    }
  }
  function median(text,   values, count, i, j, keep) {
    count = split(text, values)
    for (i = 2; i <= count; i++) { keep = values[i]; for (j = i - 1; j > 0 && values[j] + 0 > keep + 0; j--) values[j + 1] = values[j]; values[j + 1] = keep }
    return count % 2 ? values[(count + 1) / 2] : (values[count / 2] + values[count / 2 + 1]) / 2
  }' "$work/times"
