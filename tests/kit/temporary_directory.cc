// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tests/kit/temporary_directory.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace cordon::testing {

namespace fs = std::filesystem;

TemporaryDirectory::TemporaryDirectory() {
  std::string name = fs::temp_directory_path() / "cordon-test-XXXXXX";
  EXPECT_NE(mkdtemp(name.data()), nullptr) << name;
  path_ = name;
  fs::permissions(path_, fs::perms(0777));
}

TemporaryDirectory::~TemporaryDirectory() { fs::remove_all(path_); }

void TemporaryDirectory::write(std::string_view name, std::string_view text) const {
  fs::create_directories((path_ / name).parent_path());
  std::ofstream(path_ / name, std::ios::binary) << text;
}

void TemporaryDirectory::write(std::string_view name, ByteSpan bytes) const {
  write(name, std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

std::string TemporaryDirectory::read(std::string_view name) const {
  std::ostringstream text;
  text << std::ifstream(path_ / name, std::ios::binary).rdbuf();
  return text.str();
}

size_t TemporaryDirectory::entries() const {
  return static_cast<size_t>(std::distance(fs::directory_iterator(path_), {}));
}

}  // namespace cordon::testing
