# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # sourced: names cross between the files
# Builds llama.cpp as Windows DLLs by mingw from the locked source of llama-cpp-python. Sourced by build_msi.sh.
#
# Named CPU flags, as on Linux: a cross-build without them is scalar. GCC on 64-bit Windows has an old bug with the alignment of AVX
# variables on the stack; what it built answered rightly, and a release builder may prefer MSVC or clang: build_msi.sh --llama-dlls.

mingw=x86_64-w64-mingw32
windows_llama_flags=(-DCMAKE_BUILD_TYPE=Release -DBUILD_SHARED_LIBS=ON -DGGML_NATIVE=OFF -DGGML_SSE42=ON -DGGML_AVX=ON -DGGML_AVX2=ON -DGGML_FMA=ON
  -DGGML_F16C=ON -DGGML_BMI2=ON -DGGML_OPENMP=OFF -DGGML_WIN_VER=0xA00 -DLLAMA_CURL=OFF -DLLAMA_BUILD_COMMON=OFF -DLLAMA_BUILD_TESTS=OFF
  -DLLAMA_BUILD_EXAMPLES=OFF -DLLAMA_BUILD_TOOLS=OFF -DLLAMA_BUILD_SERVER=OFF -DLLAMA_BUILD_APP=OFF
  "-DCMAKE_SHARED_LINKER_FLAGS=-s -Wl,--no-insert-timestamp")

# windows_llama_stamp: names the result after its inputs.
windows_llama_stamp() {
  stamp_of locks/llama.lock locks/build.lock installer/windows/llama.sh installer/windows/mingw.cmake installer/windows/mingw_compat.h \
    "$($mingw-g++-posix --version | head -n 1)" "${windows_llama_flags[@]}"
}

# build_windows_llama FOLDER: leaves dlls/ and the Python half as a wheel in FOLDER, or nothing. Runs in a shell of its own, output to a log.
build_windows_llama() (
  set -euo pipefail
  work=$PWD/$1.partial
  rm -rf "$work"
  mkdir -p "$work/source" "$work/done/dlls"
  export PATH="$PWD/$venv/bin:$PATH"
  recipes=$PWD/installer/windows
  echo "== source"
  pip download --quiet --no-deps --no-binary :all: --no-build-isolation --no-cache-dir --require-hashes -r locks/llama.lock -d "$work"
  tar -xzf "$work"/llama_cpp_python-*.tar.gz -C "$work/source" --strip-components 1
  echo "== libraries"
  # No folder of this machine in the messages that the libraries hold.
  cmake -G Ninja -S "$work/source/vendor/llama.cpp" -B "$work/build" "-DCMAKE_TOOLCHAIN_FILE=$recipes/mingw.cmake" "${windows_llama_flags[@]}" \
    "-DCMAKE_C_FLAGS=-include $recipes/mingw_compat.h -ffile-prefix-map=$work=." "-DCMAKE_CXX_FLAGS=-ffile-prefix-map=$work=."
  cmake --build "$work/build" --target llama ggml
  find "$work/build" -name '*.dll' -exec cp {} "$work/done/dlls/" \;
  for library in libgcc_s_seh-1 libstdc++-6 libwinpthread-1; do
    cp "$($mingw-g++-posix -print-file-name=$library.dll)" "$work/done/dlls/"
  done
  $mingw-strip "$work"/done/dlls/*.dll
  echo "== wheel"
  CMAKE_ARGS=-DLLAMA_BUILD=OFF pip wheel --quiet --no-deps --no-build-isolation --no-cache-dir "$work/source" -w "$work/done"
  mv "$work/done" "$1"
  rm -rf "$work"
)
