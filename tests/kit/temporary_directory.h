// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A directory for one test, removed with all its contents by the destructor. Open to everyone,
// since some tests run their subject as another user.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "core/base/bytes.h"

namespace cordon::testing {

class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(std::string_view name) const { return path_ / name; }

  // Also makes the directories on the path of the file.
  void write(std::string_view name, std::string_view text) const;
  void write(std::string_view name, ByteSpan bytes) const;
  std::string read(std::string_view name) const;
  // How many files and directories are directly in it.
  size_t entries() const;

 private:
  std::filesystem::path path_;
};

}  // namespace cordon::testing
