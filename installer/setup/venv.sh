# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # sourced: names cross between the files of this folder
# A virtual environment and hash-locked packages in it. Sourced by setup.sh and by what makes installers.

# make_venv: a virtual environment of the Python found; made anew when the checkout moved or that Python changed.
make_venv() {
  if [ -f "$stamps/venv" ] && [ -z "${PYTHON:-}" ] && [ "$(sed -n 2p "$stamps/venv")" = "$PWD" ] && works "$venv/bin/python" pip; then
    venv_stamp=$(stamp_of "$stamps/venv")
    return
  fi
  find_python
  begin "Virtual environment with $("$python" -V) (about 4 s)"
  rm -rf "$venv"
  "$python" -m venv "$venv" || fail "$python could not make a virtual environment"
  printf '%s\n%s\n%s\n' "$("$venv/bin/python" -VV)" "$PWD" "$(date +%s%N)" >"$stamps/venv"
  venv_stamp=$(stamp_of "$stamps/venv")
  ended
}

# install_lock NAME TEXT: installs locks/NAME.lock, every file held against its hash, no resolver, no build.
install_lock() {
  local stamp
  stamp=$(stamp_of "locks/$1.lock" "$venv_stamp")
  is_done "packages-$1" "$stamp" && return
  begin "$2"
  "$venv/bin/pip" install --quiet --no-deps --only-binary :all: --require-hashes -r "locks/$1.lock" </dev/null ||
    fail "pip could not install locks/$1.lock; its message is above"
  mark "packages-$1" "$stamp"
  ended
}
