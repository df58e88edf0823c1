// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/wasi/errno.h"

#include <cerrno>

namespace cordon::wasi {
namespace {

constexpr int kNumbers[] = {
#define ERRNO(name, number, linux_errno) number,
#include "core/wasi/errno.def"
};

consteval bool numbers_are_dense() {
  int expected = 0;
  for (int number : kNumbers) {
    if (number != expected++) return false;
  }
  return true;
}
static_assert(numbers_are_dense() && sizeof kNumbers / sizeof kNumbers[0] == 77);
static_assert(static_cast<int>(Errno::badf) == 8 && static_cast<int>(Errno::fault) == 21);
static_assert(static_cast<int>(Errno::inval) == 28 && static_cast<int>(Errno::noent) == 44);
static_assert(static_cast<int>(Errno::notdir) == 54 && static_cast<int>(Errno::notsup) == 58);
static_assert(static_cast<int>(Errno::xdev) == 75 && static_cast<int>(Errno::notcapable) == 76);

}  // namespace

Errno from_linux(int error) {
  constexpr int kNoLinux = -1;  // never an errno
  switch (error) {
#define NO_LINUX kNoLinux
#define ERRNO(name, number, linux_errno) \
  case linux_errno: return Errno::name;
#include "core/wasi/errno.def"
#undef NO_LINUX
    default: return Errno::io;
  }
}

Errno from_result(long result) { return result < 0 ? from_linux(errno) : Errno::success; }

}  // namespace cordon::wasi
