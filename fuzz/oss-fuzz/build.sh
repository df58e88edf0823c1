#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Builds the fuzz targets for OSS-Fuzz and ClusterFuzzLite, in the variables that these set: CXX, LIB_FUZZING_ENGINE,
# SANITIZER, SRC, WORK, OUT. Leaves in OUT, for each target: fuzz-NAME, fuzz-NAME.options, fuzz-NAME.dict where its options
# name one, fuzz-NAME_seed_corpus.zip, and lib/ with the libraries that a runner has not. ci/fuzz-build tries it.
#
# CORDON_TARGETS: only these, in words.
set -euo pipefail

source=${CORDON_SOURCE:-$SRC/cordon}
build=${CORDON_BUILD:-$WORK/cordon}
case "$SANITIZER" in
  address) options=(-DCORDON_SANITIZE=address,undefined,fuzzer-no-link) ;;
  coverage) options=(-DCORDON_SANITIZE=fuzzer-no-link -DCORDON_COVERAGE=ON) ;;
  *) echo "build.sh: the sanitizer $SANITIZER is not supported; address is, with undefined in it, and coverage" >&2; exit 1 ;;
esac
# The flags in the environment choose a standard library that the packages in use were not built with.
unset CFLAGS CXXFLAGS

all=()
for file in "$source"/fuzz/targets/*.cc; do
  name=$(basename "$file" .cc)
  # What a target needs besides itself is in its options; a runner has neither node nor other judges.
  if grep -qs '^needs *=' "$source/fuzz/targets/$name.options"; then
    continue
  fi
  if [ -z "${CORDON_TARGETS:-}" ] || [[ " $CORDON_TARGETS " == *" $name "* ]]; then
    all+=("$name")
  fi
done
[ "${#all[@]}" -gt 0 ] || { echo "build.sh: no target is called ${CORDON_TARGETS:-}" >&2; exit 1; }

(cd "$source" && cmake --preset fuzz -B "$build" -DCMAKE_CXX_COMPILER="$CXX" "${options[@]}" \
  -DCORDON_FUZZ_ENGINE="$LIB_FUZZING_ENGINE" "-DCMAKE_EXE_LINKER_FLAGS=-Wl,-rpath,\$ORIGIN/lib" >/dev/null)
cmake --build "$build" --target fuzz-dictionaries "${all[@]/#/fuzz-}"

python3 "$source/fuzz/oss-fuzz/pack.py" "$source" "$build" "$OUT" "${all[@]}"
