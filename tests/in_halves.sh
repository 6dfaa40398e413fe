#!/usr/bin/env bash
# Every test, in two processes side by side: much of the suite is real time in which nobody computes. On 2 cores 14
# minutes instead of 29. What the second half prints comes after the first.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

printed=$(mktemp)
trap 'kill "$whole_flows" 2>/dev/null; rm -f "$printed"' EXIT
.venv/bin/python -m pytest tests/end2end >"$printed" 2>&1 &
whole_flows=$!
.venv/bin/python -m pytest tests --ignore=tests/end2end
parts=$?
wait "$whole_flows"
flows=$?
echo
echo "tests/end2end:"
cat "$printed"
exit $((parts != 0 ? parts : flows))
