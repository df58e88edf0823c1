// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/cli/grant.h"

#include <vector>

namespace cordon::cli {
namespace {

std::vector<std::string> split(const std::string& text, const std::string& separator) {
  std::vector<std::string> parts;
  size_t from = 0;
  for (size_t at; (at = text.find(separator, from)) != std::string::npos;) {
    parts.push_back(text.substr(from, at - from));
    from = at + separator.size();
  }
  parts.push_back(text.substr(from));
  return parts;
}

}  // namespace

tl::expected<supervisor::DirectoryGrant, std::string> parse_grant(const std::string& text) {
  std::vector<std::string> parts = split(text, "::");
  if (parts.size() > 3) return tl::unexpected("more than HOST::GUEST::ro|rw: " + text);
  if (parts[0].empty()) return tl::unexpected("no host directory: " + text);
  supervisor::DirectoryGrant grant;
  grant.host_path = parts[0];
  grant.guest_path = parts.size() > 1 && !parts[1].empty() ? parts[1] : parts[0];
  if (parts.size() == 3) {
    if (parts[2] != "ro" && parts[2] != "rw") {
      return tl::unexpected("neither ro nor rw: " + parts[2]);
    }
    grant.writable = parts[2] == "rw";
  }
  return grant;
}

std::string with_two_colons(const std::string& host_path) {
  std::string doubled;
  for (const char c : host_path) doubled += c == ':' ? "::" : std::string(1, c);
  return doubled.size() == host_path.size() ? "" : doubled;
}

}  // namespace cordon::cli
