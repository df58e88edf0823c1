// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/base/diagnostic.h"

#include <cstring>

#include "core/base/hex.h"

namespace cordon {

std::string Diagnostic::message() const {
  std::string out{kind->text};
  if (size_t at = out.find("{}"); at != std::string::npos) {
    out.replace(at, 2, detail);
  } else if (!detail.empty()) {
    out += ": " + detail;
  }
  if (os_error != 0) out += std::string(": ") + std::strerror(os_error);
  if (offset != kNoOffset) out += " at offset " + hex(offset);
  return out;
}

}  // namespace cordon
