// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Data that tests need and the repository does not hold: the specification's suite and CPython for
// WASI. A test that needs one uses the fixture here: without the data it is skipped and counted;
// with CI=true it fails, so that nothing is skipped unnoticed.
//
//     using SpecSuite = NeedsSpecSuite;
//     TEST_F(SpecSuite, PassesEveryCommand) { run(directory() / "2.0/core"); }
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <optional>

namespace cordon::testing {

// The folder that holds 2.0/core: CORDON_SPEC_DIR, else ../shared/spec beside the checkout, else
// what ci/fetch-spec puts into build/spec. Empty if there is none.
std::optional<std::filesystem::path> spec_directory();

// python.wasm: CORDON_PYTHON_WASM, else what ci/fetch-python puts into build/guests. Empty if there
// is none.
std::optional<std::filesystem::path> python_wasm();

// Whether a lack of data is a failure (the environment says CI=true).
bool data_is_required();

class NeedsSpecSuite : public ::testing::Test {
 protected:
  void SetUp() override;
  const std::filesystem::path& directory() const { return directory_; }
  // Whether it is the suite of ci/fetch-spec, made of newer scripts than release 2.0 has.
  bool is_fetched() const { return std::filesystem::exists(directory_ / "origin"); }

 private:
  std::filesystem::path directory_;
};

class NeedsPython : public ::testing::Test {
 protected:
  void SetUp() override;
  const std::filesystem::path& python() const { return python_; }

 private:
  std::filesystem::path python_;
};

}  // namespace cordon::testing
