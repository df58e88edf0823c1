// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/cli/hints.h"

#include <fmt/format.h>

#include "sandbox/cli/quantity.h"

namespace cordon::cli {

using supervisor::RunEnd;

std::string hint_for(const supervisor::RunRequest& request, const supervisor::RunReport& report) {
  const bool by_name = report.end == RunEnd::Trapped || report.end == RunEnd::Refused;
  if (!by_name && report.end != RunEnd::Timeout) return {};
  const std::string reason = by_name ? report.name : "timeout";
#define HINT(name, text, value) \
  if (reason == name) return "; " + fmt::format(text, value);
#include "sandbox/cli/hints.def"
  return {};
}

}  // namespace cordon::cli
