// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// DirCookies: positions in a directory as the guest sees them. The host's are 64 bits (ext4 uses
// them all), but telldir() of a 32-bit guest returns a long, so a guest's cookie is below 2^31. A
// host's cookie below 2^30 is the guest's too; each of the others gets a number from there on, and
// keeps it until the guest reads the directory from the start again.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

namespace cordon::wasi {

// One for each open directory. Holds at most kMostNumbered numbers.
class DirCookies {
 public:
  // The guest's cookie for a host's. Nothing if kMostNumbered cookies have numbers already ([L1]).
  std::optional<uint64_t> to_guest(uint64_t host);
  // The host's cookie; nothing for a guest's that was never returned.
  std::optional<uint64_t> to_host(uint64_t guest) const;
  // Drops all numbers.
  void clear();

  static constexpr size_t kMostNumbered = size_t{1} << 20;

 private:
  static constexpr uint64_t kFirstNumber = uint64_t{1} << 30;

  std::vector<uint64_t> hosts_;  // of the guest's cookie kFirstNumber + index
  std::unordered_map<uint64_t, uint32_t> indices_;
};

}  // namespace cordon::wasi
