# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # sourced: names cross between the files of this folder
# Words for people: what happens, how long it usually takes, how long it took. Sourced by setup.sh.

step_began=0

# say TEXT
say() { printf '%s\n' "$*"; }

# fail TEXT: ends set-up with a reason.
fail() {
  printf '\nSet-up stopped: %s\n' "$*" >&2
  exit 1
}

# begin TEXT: announces a step before it starts.
begin() {
  step_began=$SECONDS
  say "→ $*"
}

# ended [TEXT]: says how long the step took.
ended() { say "  ${1:-done}, $((SECONDS - step_began)) s"; }

# stamp_of FILE-OR-TEXT ...: one name for a set of inputs; files count by content, anything else as text.
stamp_of() {
  local input
  for input in "$@"; do
    if [ -f "$input" ]; then cat -- "$input"; else printf '%s\n' "$input"; fi
  done | sha256sum | cut -c1-16
}

# is_done NAME STAMP / mark NAME STAMP: whether a step ran with these inputs already.
is_done() { [ -f "$stamps/$1" ] && [ "$(cat "$stamps/$1")" = "$2" ]; }
mark() { printf '%s\n' "$2" >"$stamps/$1.partial" && mv "$stamps/$1.partial" "$stamps/$1"; }
