# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # sourced: names cross between the files of this folder
# Builds the one native package, llama-cpp-python, from its locked source. Sourced by setup.sh.
#
# Named CPU flags, never GGML_NATIVE: a native build dies at the first decode on AMX machines.
# pip's wheel cache ignores CMAKE_ARGS, hence --no-cache-dir and wheels kept by the hash of their inputs.

llama_flags=(-DCMAKE_BUILD_TYPE=Release -DBUILD_SHARED_LIBS=ON
  -DGGML_NATIVE=OFF -DGGML_AVX=ON -DGGML_AVX2=ON -DGGML_FMA=ON -DGGML_F16C=ON -DGGML_BMI2=ON
  -DLLAMA_CURL=OFF -DLLAMA_BUILD_COMMON=OFF -DLLAMA_BUILD_TOOLS=OFF -DLLAMA_BUILD_SERVER=OFF
  -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF
  -DCMAKE_PLATFORM_NO_VERSIONED_SONAME=ON "-DCMAKE_INSTALL_RPATH=\$ORIGIN" -DCMAKE_BUILD_WITH_INSTALL_RPATH=ON
  -DCMAKE_SHARED_LINKER_FLAGS=-s)

# llama_stamp: names a wheel after its inputs: lock, flags, Python, compiler, this recipe.
llama_stamp() {
  stamp_of locks/llama.lock locks/build.lock installer/setup/llama.sh "$("$venv/bin/python" -V)" "$(c++ --version | head -n 1)"
}

# has_avx2: the flags above need a CPU of 2013 or later.
has_avx2() { [ ! -r /proc/cpuinfo ] || grep -qw avx2 /proc/cpuinfo; }

# build_llama FOLDER: leaves the wheel in FOLDER, or nothing. Runs in a shell of its own, output to a log.
#
# The package's own build compiles llama.cpp's "common" library too, which nobody here uses. So the Python half and
# the libraries are built apart and joined: half the time, one copy of each library.
build_llama() (
  set -euo pipefail
  work=$1.partial
  rm -rf "$work"
  mkdir -p "$work/unpacked"
  export PATH="$PWD/$venv/bin:$PATH"
  echo "== source"
  pip download --quiet --no-deps --no-binary :all: --no-build-isolation --no-cache-dir --require-hashes \
    -r locks/llama.lock -d "$work"
  tar -xzf "$work"/llama_cpp_python-*.tar.gz -C "$work/unpacked" --strip-components 1
  echo "== libraries"
  cmake -G Ninja -S "$work/unpacked/vendor/llama.cpp" -B "$work/build" "${llama_flags[@]}"
  cmake --build "$work/build" --target llama ggml
  echo "== wheel"
  CMAKE_ARGS=-DLLAMA_BUILD=OFF pip wheel --quiet --no-deps --no-build-isolation --no-cache-dir "$work/unpacked" -w "$work/pure"
  python -m wheel unpack "$work"/pure/*.whl -d "$work/joined"
  mkdir -p "$(echo "$work"/joined/*)/llama_cpp/lib"
  cp "$work"/build/bin/lib{llama,ggml,ggml-base,ggml-cpu}.so "$(echo "$work"/joined/*)/llama_cpp/lib/"
  mkdir -p "$work/done"
  python -m wheel pack "$work"/joined/* -d "$work/done"
  mv "$work/done" "$1"
  rm -rf "$work"
)

# start_llama: starts the build in the background, unless the wheel is there. Sets $llama_wheels, $llama_pid.
start_llama() {
  llama_pid=
  llama_wheels=.wheels/$(llama_stamp)
  has_avx2 || fail "this CPU has no AVX2; Stethoscribe needs one of 2013 or later (x86-64 with AVX2)."
  compgen -G "$llama_wheels/*.whl" >/dev/null && return
  mkdir -p .wheels
  say "→ Compiling llama.cpp once, about 2 minutes on 2 cores; meanwhile the rest"
  llama_began=$SECONDS
  build_llama "$llama_wheels" >"$stamps/llama.log" 2>&1 </dev/null &
  llama_pid=$!
  trap '[ -z "$llama_pid" ] || kill "$llama_pid" 2>/dev/null || true' EXIT
}

# wait_llama: waits for the build, showing how far it is, and installs the wheel.
wait_llama() {
  local line shown=$SECONDS
  if [ -n "$llama_pid" ]; then
    while kill -0 "$llama_pid" 2>/dev/null; do
      line=$(grep -aoE '^\[[0-9]+/[0-9]+\]' "$stamps/llama.log" | tail -n 1 || true)
      if [ -t 1 ]; then
        printf '\r  compiling llama.cpp %s %d s ' "$line" $((SECONDS - llama_began))
      elif [ $((SECONDS - shown)) -ge 30 ]; then
        shown=$SECONDS
        say "  compiling llama.cpp $line $((SECONDS - llama_began)) s"
      fi
      sleep 0.5
    done
    [ ! -t 1 ] || printf '\r\033[K'
    wait "$llama_pid" || {
      tail -n 30 "$stamps/llama.log" >&2
      fail "llama.cpp did not compile; the whole log is $stamps/llama.log"
    }
    llama_pid=
    say "  llama.cpp compiled after $((SECONDS - llama_began)) s"
  fi
  local stamp
  stamp=$(stamp_of "$llama_wheels" "$venv_stamp")
  is_done llama "$stamp" && return
  "$venv/bin/pip" install --quiet --no-deps --no-index --force-reinstall "$llama_wheels"/*.whl
  "$venv/bin/python" -c 'import llama_cpp; llama_cpp.llama_backend_init()' 2>/dev/null || fail "the llama.cpp that was built does not load"
  mark llama "$stamp"
}
