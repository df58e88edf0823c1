// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/base/diagnostic.h"

#include <cstring>

#include "core/base/hex.h"

namespace cordon {

std::string Diagnostic::message() const {
  std::string out{kind->text};
  const std::string place = offset == kNoOffset ? "" : " at offset " + hex(offset);
  const size_t place_at = out.find("{at}");
  if (place_at != std::string::npos) out.replace(place_at, 4, place);
  if (size_t at = out.find("{}"); at != std::string::npos) {
    out.replace(at, 2, detail);
  } else if (!detail.empty()) {
    out += ": " + detail;
  }
  if (os_error != 0) out += std::string(": ") + std::strerror(os_error);
  if (place_at == std::string::npos) out += place;
  return out;
}

}  // namespace cordon
