// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The attack of the hostile path broker, encoded in the one number that a broker gets: the most
// files that the guest may have open. A system call, or an action against the run worker.
#pragma once

#include <cstdint>
#include <iterator>
#include <string_view>

namespace cordon::escape {

inline constexpr const char* kForms[] = {"x86-64", "x32", "int80"};
inline constexpr uint32_t kNumbers = 1000;
inline constexpr uint32_t kFirstOrder = 4096;

// A system call's number and form, and whether the guest filter is on by then.
struct Order {
  uint32_t number, form;
  bool in_guest_phase;
};

constexpr uint32_t max_files_of(const Order& order) {
  const uint32_t kind = order.form * 2 + (order.in_guest_phase ? 1 : 0);
  return kFirstOrder + kind * kNumbers + order.number;
}
constexpr Order order_of(uint32_t max_files) {
  const uint32_t code = max_files - kFirstOrder, kind = code / kNumbers;
  return {code % kNumbers, kind / 2 % static_cast<uint32_t>(std::size(kForms)), kind % 2 != 0};
}

// Done after the guest filter, instead of the reply to the first request, which must be an
// open.
enum class Deed : uint32_t {
  SendTheFile,            // an honest reply, to show that the others fail for what they do
  SendManyFiles,          // 253 with the reply
  SendADirectory,         // the granted one
  SendItsChannel,         // to the supervisor
  SendAFileThatIsNone,    // the reply claims one, and nothing is sent or handed over
  SendAFileWithARefusal,  // and the reply says that it was refused
  SendAnotherReply,       // with a file, of another request
  SendTooMuchToTake,      // messages with 253 descriptors each, until there is no more room
};
inline constexpr uint32_t kFirstDeed =
    kFirstOrder + kNumbers * 2 * static_cast<uint32_t>(std::size(kForms));

constexpr uint32_t max_files_of(Deed deed) { return kFirstDeed + static_cast<uint32_t>(deed); }
constexpr bool is_deed(uint32_t max_files) { return max_files >= kFirstDeed; }
constexpr Deed deed_of(uint32_t max_files) { return static_cast<Deed>(max_files - kFirstDeed); }

}  // namespace cordon::escape
