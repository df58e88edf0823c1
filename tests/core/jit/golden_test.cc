// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Machine code of small modules against tests/golden: NAME.wat is the module, NAME.x64 beside it
// the code of its functions. After a change that is meant, run with BLESS=1 and read what git says
// has changed. A line ";; options: fuel" in the .wat compiles it with fuel; "loops", with entries
// at its loops; "as_needed", its first body alone, as code that is made as it is needed.
//
// The build makes the binaries by wat2wasm; without it these tests are skipped.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <ostream>
#include <string>
#include <vector>

#include "tests/core/jit/compile_module.h"
#include "tests/core/jit/disassembly.h"
#include "tests/kit/environment.h"
#include "tests/kit/text_diff.h"

namespace cordon::testing {
namespace {

namespace fs = std::filesystem;

constexpr const char* kExpectation = ".x64";

fs::path directory() { return fs::path(CORDON_SOURCE_DIR) / "tests/golden"; }

// Files beneath tests/golden with this extension, each as GROUP/NAME without it.
std::vector<std::string> files_of(const char* extension) {
  std::vector<std::string> names;
  for (const auto& entry : fs::recursive_directory_iterator(directory())) {
    if (entry.path().extension() != extension) continue;
    names.push_back(fs::relative(entry.path(), directory()).replace_extension().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

// Empty where there is no such file.
std::string content_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string code_of(const fs::path& wasm, std::string_view source) {
  const auto has_option = [source](const std::string& name) {
    return source.find(";; options: " + name + "\n") != std::string_view::npos;
  };
  const std::string content = content_of(wasm);
  std::vector<uint8_t> bytes(content.begin(), content.end());
  const Compiled compiled = has_option("as_needed")
                                ? compile_needed(std::move(bytes), all_features())
                                : compile_module(std::move(bytes), all_features(), 1,
                                                 has_option("fuel"), has_option("loops"));
  const size_t count = compiled.blob().funcs.size();
  std::string text;
  for (size_t i = 0; i < count; ++i) {
    if (count > 1) text += "function " + std::to_string(i) + "\n";
    text += disassemble(compiled.blob(), i);
  }
  return text;
}

class Golden : public ::testing::TestWithParam<std::string> {};

TEST_P(Golden, Code) {
  const fs::path wasm = fs::path(CORDON_GOLDEN_WASM) / (GetParam() + ".wasm");
  if (!fs::exists(wasm)) {
    ASSERT_FALSE(data_is_required()) << "no " << wasm << "; wat2wasm makes it";
    GTEST_SKIP() << "needs wat2wasm: ci/install installs it";
  }
  const std::string source = content_of(directory() / (GetParam() + ".wat"));
  const std::string actual = code_of(wasm, source);
  const fs::path path = directory() / (GetParam() + kExpectation);
  if (std::getenv("BLESS") != nullptr) {
    ASSERT_TRUE(std::ofstream(path) << actual) << path;
    return;
  }
  const std::string expected = content_of(path);
  EXPECT_TRUE(actual == expected) << path.string() << ", \"-\" expected, \"+\" made now:\n"
                                  << text_diff(expected, actual)
                                  << "If it is meant, rewrite the file with BLESS=1.";
}

std::string name_of(const ::testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  std::replace(name.begin(), name.end(), '/', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Jit, Golden, ::testing::ValuesIn(files_of(".wat")), name_of);

TEST(GoldenFiles, EachExpectationHasItsModule) {
  EXPECT_EQ(files_of(kExpectation), files_of(".wat"));
}

}  // namespace
}  // namespace cordon::testing
