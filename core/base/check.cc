// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/base/check.h"

#include <unistd.h>

#include <cstdlib>
#include <cstring>

namespace cordon {
namespace {

void put(const char* text) { (void)!write(STDERR_FILENO, text, std::strlen(text)); }

}  // namespace

void check_failed(const char* expression, const char* file, int line) {
  char digits[12];
  char* end = digits + sizeof digits - 1;
  *end = '\0';
  unsigned rest = static_cast<unsigned>(line);
  do {
    *--end = static_cast<char>('0' + rest % 10);
    rest /= 10;
  } while (rest != 0);
  put(file);
  put(":");
  put(end);
  put(": CHECK failed: ");
  put(expression);
  put("\n");
  std::abort();
}

}  // namespace cordon
