#!/usr/bin/env bash
# The inner part of wine_test.sh: starts what was installed, and a test copy of it. Not for use by itself.
#
# The copy has an older numpy, for Wine 8 lacks functions that ours asks of Windows, and an interpreter to ask it with. In the copy and in the
# installed folder nothing else differs.
set -euo pipefail
modules=(sqlite3 sqlcipher3 ctranslate2 onnxruntime soundfile sounddevice soxr kaldi_native_fbank llama_cpp tokenizers cryptography argon2 pydantic
  rapidfuzz app.cli.main app.engine_host.speech app.engine_host.notes app.engine_host.recorder.main)
maybe=(PySide6.QtCore PySide6.QtWidgets)
children=("recorder --list" speech notes)
wrong() {
  printf 'NOT AS IT SHOULD BE: %s\n' "$*" >&2
  tail -n 20 "$HOME/started" >&2
  exit 1
}
# windows COMMAND ...: below a pseudo-terminal; what it says is in $HOME/started.
windows() {
  local code=0
  script -qec "stty cols 400; timeout 300 wine $(printf '%q ' "$@")" /dev/null </dev/null >"$HOME/started.raw" 2>&1 || code=$?
  sed -E 's/\x1b\[[0-9;?]*[a-zA-Z]//g; s/\x1b\][^\x07]*\x07//g; s/\r//g' "$HOME/started.raw" >"$HOME/started"
  return $code
}
# path_of FILE: as Windows programs name it; Z: is the root of this machine.
path_of() { realpath "$1" | sed 's#^#Z:#; s#/#\\#g'; }
# ends CODE WORDS PROGRAM ARGUMENT ...: a program ends with this code and says this.
ends() {
  local wanted=$1 words=$2 code=0 program=$3
  shift 3
  windows "$program" "$@" || code=$?
  [ $code = "$wanted" ] || wrong "${program##*/} $*: ended with $code, not $wanted"
  tr -s ' ' <"$HOME/started" | grep -qF -- "$words" || wrong "${program##*/} $*: does not say \"$words\""
}
# python ARGUMENT ...: the interpreter of the copy, told that it is the launcher.
python() { windows "$TEST/python.exe" -I -B -X launcher "$@"; }
# policy NAME KIND VALUE [SUBKEY]: as group policy writes it.
policy() {
  windows reg add "HKLM\\SOFTWARE\\Policies\\Stethoscribe${4:+\\$4}" /v "$1" /t "$2" /d "$3" /f /reg:64 || wrong "the registry takes no value"
}

ends 6 "has its own program" "$INSTALLED/stethoscribe-cli.exe" --child remote
ends 6 "remote child only" "$INSTALLED/stethoscribe-remote.exe" --child speech
ends 0 "stethoscribe purge" "$INSTALLED/stethoscribe-cli.exe" purge --help
version=$(sed -n 's/^__version__.* = "\(.*\)"/\1/p' "$INSTALLED/app/__init__.py")
ends 0 "$version" "$TEST/stethoscribe-cli.exe" --version
echo "launchers: start the app, refuse each other's children"

for module in "${modules[@]}" "${maybe[@]}"; do
  if python -c "import $module; print('imported')" && grep -q imported "$HOME/started"; then
    printf 'imports %s\n' "$module"
  elif [[ " ${maybe[*]} " == *" $module "* ]]; then
    printf 'not under this Wine: %s (%s)\n' "$module" "$(grep -v '^$' "$HOME/started" | tail -n 1 | cut -c1-140)"
  else
    wrong "import $module"
  fi
done

# Policy from the registry.
ends 0 "There is no policy file" "$TEST/stethoscribe-cli.exe" policy report
policy serial REG_DWORD 4
policy lock.idle_minutes REG_DWORD 3
policy 1 REG_SZ text export.formats
ends 0 "lock.idle_minutes 3 file" "$TEST/stethoscribe-cli.exe" policy report
ends 0 "export.formats text file" "$TEST/stethoscribe-cli.exe" policy report
ends 0 "; serial 4" "$TEST/stethoscribe-cli.exe" policy report
policy lock.idle_minutes REG_DWORD 31
ends 4 "has a fault (lock.idle_minutes)" "$TEST/stethoscribe-cli.exe" policy report
windows reg delete 'HKLM\SOFTWARE\Policies\Stethoscribe' /f /reg:64 || wrong "the registry lets nothing go"
echo "policy: read from the registry, rejected whole for one fault"

# MODELDIR of the installer is where models for everybody are looked for; it was installed with C:\Models One.
python -c 'from app.foundation import paths; print(paths.shared_models(), paths.root(), paths.machine_folder(), sep="|")' || wrong "paths"
grep -qF 'C:\Models One|' "$HOME/started" || wrong "the folder of models"
grep -qF "\\$(id -un)\\AppData\\Local\\stethoscribe|C:\\ProgramData\\stethoscribe" "$HOME/started" || wrong "the folders"
python -c 'from app.engines.hardware import look; print(look())' || wrong "the hardware"
grep -q "cores=[1-9].*memory_mb=[1-9].*'avx2'" "$HOME/started" || wrong "the hardware"
echo "folders and hardware: $(grep -o "Hardware.*" "$HOME/started" | cut -c1-150)"

# A child by --child, over pipes, as the app starts it.
for child in "${children[@]}"; do
  # shellcheck disable=SC2086 # a name and its arguments
  python "$(path_of installer/windows/wine/child.py)" $child || wrong "the child $child"
  grep -q -- "stethoscribe.exe --child $child" "$HOME/started" || wrong "the child $child was not started by the launcher"
  echo "child $child by --child: $(grep 'first frame' "$HOME/started")"
done
