// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Where the data of tests is searched.
#include "tests/kit/environment.h"

#include <cstdlib>
#include <string_view>

namespace cordon::testing {
namespace {

namespace fs = std::filesystem;

// The folder that the variable names, or the default; empty if `marker` is not found beneath it. A
// variable that is set decides alone: a test never uses other data than it names.
std::optional<fs::path> find(const char* variable, const fs::path& usual, const fs::path& marker) {
  const char* named = std::getenv(variable);
  fs::path path = named != nullptr ? fs::path(named) : usual;
  std::error_code ignored;
  if (!fs::exists(marker.empty() ? path : path / marker, ignored)) return std::nullopt;
  return path;
}

}  // namespace

std::optional<fs::path> spec_directory() {
  const fs::path source(CORDON_SOURCE_DIR), beside = source / "../shared/spec";
  std::error_code ignored;
  const bool is_beside = fs::exists(beside / "2.0/core", ignored);
  return find("CORDON_SPEC_DIR", is_beside ? beside : source / "build/spec", "2.0/core");
}

std::optional<fs::path> python_wasm() {
  return find("CORDON_PYTHON_WASM", fs::path(CORDON_SOURCE_DIR) / "build/guests/python.wasm", {});
}

bool data_is_required() {
  const char* value = std::getenv("CI");
  return value != nullptr && std::string_view(value) == "true";
}

void NeedsSpecSuite::SetUp() {
  auto found = spec_directory();
  if (found) {
    directory_ = *found;
  } else if (data_is_required()) {
    FAIL() << "no 2.0/core in $CORDON_SPEC_DIR, ../shared/spec beside the checkout, or build/spec "
              "(ci/fetch-spec)";
  } else {
    GTEST_SKIP() << "needs the specification's suite: ci/fetch-spec fetches it";
  }
}

void NeedsPython::SetUp() {
  auto found = python_wasm();
  if (found) {
    python_ = *found;
  } else if (data_is_required()) {
    FAIL() << "no python.wasm at $CORDON_PYTHON_WASM, nor in build/guests (ci/fetch-python)";
  } else {
    GTEST_SKIP() << "needs python.wasm: ci/fetch-python fetches it";
  }
}

}  // namespace cordon::testing
