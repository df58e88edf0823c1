// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// WasiCaller: what calls WASI in these tests. A memory of two pages, a Wasi over a FakeBroker with
// one writable preopen (3, "/rw") and one read-only (4, "/ro"), pipes as standard input and output.
// The functions are called through the table, by name and slots, as an engine calls them.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/runtime/memory.h"
#include "core/wasi/wasi.h"
#include "tests/core/wasi/fake_broker.h"

namespace cordon::wasi {

inline constexpr uint32_t kEnd = 2 * 65536;  // the memory's size
inline constexpr uint32_t kRw = 3, kRo = 4, kFirstFree = 5;
inline constexpr Rights kAllRights = right::kFile | right::kDirectory;

// Where tests put things that no test looks at otherwise.
inline constexpr uint32_t kScratch = 0x1000, kIovecAt = 0x2000, kPathAt = 0x3000, kPath2At = 0x3800,
                          kDataAt = 0x8000;

inline std::ostream& operator<<(std::ostream& out, Errno error) {
  static constexpr const char* kNames[] = {
#define ERRNO(name, number, linux_errno) #name,
#include "core/wasi/errno.def"
  };
  return out << kNames[static_cast<size_t>(error)];
}

class WasiCaller {
 public:
  explicit WasiCaller(WasiConfig config = {});

  // As an engine does it: one slot a parameter. A wrong number of arguments fails the test.
  Trap enter(std::string_view name, std::vector<uint64_t> args, uint64_t& result);
  Errno call(std::string_view name, std::vector<uint64_t> args);

  template <class T>
  void put(uint32_t address, const T& value) {
    ASSERT_NE(memory->at(address, sizeof value), nullptr);
    std::memcpy(memory->base() + address, &value, sizeof value);
  }
  template <class T>
  T get(uint32_t address) const {
    T value{};
    EXPECT_NE(memory->at(address, sizeof value), nullptr);
    std::memcpy(&value, memory->base() + address, sizeof value);
    return value;
  }
  uint32_t put_text(uint32_t address, std::string_view text);  // gives its size
  std::string text(uint32_t address, size_t size) const;
  void put_iovecs(uint32_t address, const std::vector<GuestIovec>& list);

  // path_open of `path` beneath `dir`, following.
  Errno open(uint32_t dir, std::string_view path, uint32_t oflags, Rights base, uint32_t& number,
             uint32_t fdflags = 0, Rights inheriting = 0);
  // The same with all rights of a file, read-write; fails the test if it fails.
  uint32_t must_open(uint32_t dir, std::string_view path, uint32_t oflags = oflag::kCreat,
                     uint32_t fdflags = 0);
  Errno write(uint32_t fd, std::string_view text);
  Errno read(uint32_t fd, uint32_t size, std::string& out);
  // A path_* call whose arguments are `before`, the path and `after`.
  Errno with_path(std::string_view name, std::vector<uint64_t> before, std::string_view path,
                  std::vector<uint64_t> after = {});

  FakeBroker broker{{{"/rw", true}, {"/ro", false}}};
  std::unique_ptr<runtime::Memory> memory;
  Fd stdin_writer, stdout_reader;
  std::optional<Wasi> wasi;

 private:
  Fd stdin_, stdout_;
};

}  // namespace cordon::wasi
