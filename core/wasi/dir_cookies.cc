// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/wasi/dir_cookies.h"

namespace cordon::wasi {

std::optional<uint64_t> DirCookies::to_guest(uint64_t host) {
  if (host < kFirstNumber) return host;
  auto known = indices_.find(host);
  if (known != indices_.end()) return kFirstNumber + known->second;
  if (hosts_.size() == kMostNumbered) return std::nullopt;  // [L1]
  const auto index = static_cast<uint32_t>(hosts_.size());
  hosts_.push_back(host);
  indices_.emplace(host, index);
  return kFirstNumber + index;
}

std::optional<uint64_t> DirCookies::to_host(uint64_t guest) const {
  if (guest < kFirstNumber) return guest;
  if (guest - kFirstNumber >= hosts_.size()) return std::nullopt;
  return hosts_[guest - kFirstNumber];
}

void DirCookies::clear() {
  hosts_.clear();
  indices_.clear();
}

}  // namespace cordon::wasi
