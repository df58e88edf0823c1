// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Wire: the bytes of a message of messages.def as choices make them, field by field, correct or
// wrong in one place ([P1]). Written from that table's own description, not with the codec. For the
// target `protocol`.
#pragma once

#include <algorithm>
#include <concepts>
#include <string>
#include <vector>

#include "fuzz/gen/choices.h"
#include "sandbox/protocol/messages.h"

namespace cordon::fuzz {

class Wire {
 public:
  // At most one thing is wrong, and nothing is if the message has fewer places than that.
  explicit Wire(Choices& choices)
      : choices_(choices), until_wrong_(choices.below(2) == 0 ? 0 : 1 + choices.below(24)) {}

  bool operator()(const std::unsigned_integral auto& value) {
    number(choices_.bits(2) * 0x0001'0001'0001'0001, sizeof value);
    return true;
  }
  bool operator()(const bool&) {
    number(goes_wrong() ? 2 + choices_.below(254) : choices_.below(2), 1);
    return true;
  }
  template <class Choice>
    requires(std::is_enum_v<Choice>)
  bool operator()(const Choice&) {
    const uint32_t count = protocol::count_of(Choice{});
    const bool beyond = goes_wrong();
    number(beyond ? count + choices_.below(2) : choices_.below(count), 1);
    return true;
  }
  bool operator()(const std::string&, uint32_t limit) {
    uint32_t size = choices_.once_in(16) ? limit : std::min(limit, choices_.below(24));
    if (goes_wrong()) size = limit + 1 + choices_.below(2);
    number(size, 4);
    bytes_.insert(bytes_.end(), size, static_cast<uint8_t>(choices_.byte()));
    return true;
  }
  template <class Item, class... Limits>
  bool operator()(const std::vector<Item>&, uint32_t limit, Limits... limits) {
    uint32_t count = choices_.below(4);
    if (limit <= kFewItems && goes_wrong()) count = limit + 1;
    number(count, 4);
    const Item item{};
    for (uint32_t i = 0; i < count; ++i) (*this)(item, limits...);
    return true;
  }
  template <class Record>
    requires(std::is_class_v<Record>)
  bool operator()(const Record& record) {
    return each_field(record, *this);
  }

  void number(uint64_t value, unsigned size) {
    for (unsigned i = 0; i < size; ++i) bytes_.push_back(static_cast<uint8_t>(value >> (8 * i)));
  }
  // Bytes too many or too few.
  void end() {
    if (goes_wrong()) bytes_.push_back(choices_.byte());
    if (bytes_.size() > 1 && goes_wrong()) bytes_.pop_back();
  }
  bool is_wrong() const { return is_wrong_; }
  const std::vector<uint8_t>& bytes() const { return bytes_; }

 private:
  // Longer lists are never overfull here: they would not fit a message.
  static constexpr uint32_t kFewItems = 64;

  bool goes_wrong() {
    const bool now = until_wrong_ != 0 && --until_wrong_ == 0;
    is_wrong_ |= now;
    return now;
  }

  Choices& choices_;
  uint32_t until_wrong_;
  bool is_wrong_ = false;
  std::vector<uint8_t> bytes_;
};

}  // namespace cordon::fuzz
