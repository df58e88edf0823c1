// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Data that tests need and the repository does not hold: the specification's own suite and CPython
// for WASI. A test that needs one is written on the fixture here: without the data it is skipped
// and counted; where CI=true is set it fails, so that nothing is skipped there unseen.
//
//     using SpecSuite = NeedsSpecSuite;
//     TEST_F(SpecSuite, PassesEveryCommand) { run(directory() / "2.0/core"); }
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <optional>

namespace cordon::testing {

// The folder that holds 2.0/core: what CORDON_SPEC_DIR names, else ../shared/spec beside the
// checkout, else what ci/fetch-spec puts into build/spec. Empty where there is none.
std::optional<std::filesystem::path> spec_directory();

// python.wasm: what CORDON_PYTHON_WASM names, else what ci/fetch-python puts into build/guests.
// Empty where there is none.
std::optional<std::filesystem::path> python_wasm();

// Whether a lack of data is a failure (the environment says CI=true).
bool data_is_required();

class NeedsSpecSuite : public ::testing::Test {
 protected:
  void SetUp() override;
  const std::filesystem::path& directory() const { return directory_; }
  // Whether it is the one that ci/fetch-spec makes, of newer scripts than release 2.0 has.
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
