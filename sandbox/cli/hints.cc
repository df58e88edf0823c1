// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/cli/hints.h"

#include <fmt/format.h>

#include "sandbox/cli/grant.h"
#include "sandbox/cli/quantity.h"

namespace cordon::cli {

using supervisor::RunEnd;

namespace {

// Made after the failure: a check of the file system beforehand could block for ever.
std::string colon_hint(const supervisor::RunRequest& request, const supervisor::RunReport& report) {
  for (const supervisor::DirectoryGrant& grant : request.directories) {
    const std::string meant = with_two_colons(grant.host_path);
    if (!meant.empty() && report.text.find(grant.host_path) != std::string::npos) {
      return "; two colons part host and guest: " + meant;
    }
  }
  return {};
}

}  // namespace

std::string hint_for(const supervisor::RunRequest& request, const supervisor::RunReport& report) {
  if (report.end == RunEnd::BadInput) return colon_hint(request, report);
  const bool by_name = report.end == RunEnd::Trapped || report.end == RunEnd::Refused;
  if (!by_name && report.end != RunEnd::Timeout) return {};
  const std::string reason = by_name ? report.name : "timeout";
#define HINT(name, text, value) \
  if (reason == name) return "; " + fmt::format(text, value);
#include "sandbox/cli/hints.def"
  return {};
}

}  // namespace cordon::cli
