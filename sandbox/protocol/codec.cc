// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/protocol/codec.h"

#include <concepts>

#include "core/base/checked.h"

namespace cordon::protocol {
namespace {

template <class T>
concept Number = std::unsigned_integral<T> && !std::same_as<T, bool>;
template <class T>
concept Choice = std::is_enum_v<T>;
template <class T>
concept IsMessage = requires { T::kId; };

template <class T>
constexpr size_t limit_of() {
  return IsMessage<T> ? kMaxMessage : kMaxConfig;
}

class Writer {
 public:
  explicit Writer(size_t limit) : limit_(limit) {}

  bool operator()(const Number auto& value) {
    if (out_.size() + sizeof value > limit_) return false;
    for (size_t i = 0; i < sizeof value; ++i) {
      out_.push_back(static_cast<uint8_t>(static_cast<uint64_t>(value) >> (8 * i)));
    }
    return true;
  }
  bool operator()(const bool& value) { return (*this)(static_cast<uint8_t>(value)); }
  bool operator()(const Choice auto& value) { return (*this)(static_cast<uint8_t>(value)); }
  bool operator()(const std::string& text, uint32_t limit) {
    if (text.size() > limit || !(*this)(static_cast<uint32_t>(text.size()))) return false;
    if (!range_fits(out_.size(), text.size(), limit_)) return false;
    out_.insert(out_.end(), text.begin(), text.end());
    return true;
  }
  template <class T, class... Limits>
  bool operator()(const std::vector<T>& items, uint32_t limit, Limits... limits) {
    if (items.size() > limit || !(*this)(static_cast<uint32_t>(items.size()))) return false;
    for (const T& item : items) {
      if (!(*this)(item, limits...)) return false;
    }
    return true;
  }
  template <class Record>
    requires(std::is_class_v<Record>)
  bool operator()(const Record& record) {
    return each_field(record, *this);
  }

  std::vector<uint8_t> take() { return std::move(out_); }

 private:
  std::vector<uint8_t> out_;
  size_t limit_;
};

class Reader {
 public:
  explicit Reader(ByteSpan bytes) : bytes_(bytes) {}

  template <Number T>
  bool operator()(T& value) {
    if (!range_fits(at_, sizeof value, bytes_.size())) return false;
    uint64_t wide = 0;
    for (size_t i = 0; i < sizeof value; ++i) wide |= uint64_t{bytes_[at_ + i]} << (8 * i);
    value = static_cast<T>(wide);
    at_ += sizeof value;
    return true;
  }
  bool operator()(bool& value) {
    uint8_t byte = 0;
    if (!(*this)(byte)) return false;
    value = byte == 1;
    return byte <= 1;
  }
  template <Choice T>
  bool operator()(T& value) {
    uint8_t byte = 0;
    if (!(*this)(byte)) return false;
    if (byte >= count_of(T{})) return false;
    value = static_cast<T>(byte);
    return true;
  }
  bool operator()(std::string& text, uint32_t limit) {
    uint32_t length = 0;
    if (!(*this)(length) || length > limit) return false;
    if (!range_fits(at_, length, bytes_.size())) return false;
    text.assign(as_text(bytes_.subspan(at_, length)));
    at_ += length;
    return true;
  }
  // An item takes at least a byte, so a count above the number of bytes left fails before any
  // memory is allocated.
  template <class T, class... Limits>
  bool operator()(std::vector<T>& items, uint32_t limit, Limits... limits) {
    uint32_t count = 0;
    if (!(*this)(count) || count > limit || count > bytes_.size() - at_) return false;
    for (uint32_t i = 0; i < count; ++i) {
      if (!(*this)(items.emplace_back(), limits...)) return false;
    }
    return true;
  }
  template <class Record>
    requires(std::is_class_v<Record>)
  bool operator()(Record& record) {
    return each_field(record, *this);
  }

  size_t at() const { return at_; }
  bool at_end() const { return at_ == bytes_.size(); }

 private:
  ByteSpan bytes_;
  size_t at_ = 0;
};

}  // namespace

template <class Message>
Result<std::vector<uint8_t>> encode(const Message& message) {
  Writer writer(limit_of<Message>());
  bool fits = true;
  if constexpr (IsMessage<Message>) fits = writer(Message::kId);
  if (!fits || !each_field(message, writer)) {
    if constexpr (IsMessage<Message>) {
      return fail(diag::message_too_large, kNoOffset, std::string(row_of(Message::kId).name));
    } else {
      return fail(diag::message_too_large, kNoOffset, "Config (arguments and environment)");
    }
  }
  return writer.take();
}

template <class Message>
Result<Message> decode(ByteSpan bytes) {
  if (bytes.size() > limit_of<Message>()) {
    return fail(diag::malformed_message, kNoOffset, "too large");  // [P1]
  }
  Reader reader(bytes);
  if constexpr (IsMessage<Message>) {
    uint8_t id = 0;
    if (!reader(id) || id != static_cast<uint8_t>(Message::kId)) {
      return fail(diag::malformed_message, 0, "another message was due");
    }
  }
  Message message;
  if (!each_field(message, reader)) {
    return fail(diag::malformed_message, reader.at(), "bad field");  // [P1]
  }
  if (!reader.at_end()) {
    return fail(diag::malformed_message, reader.at(), "trailing bytes");  // [P1]
  }
  return message;
}

Result<MessageId> identify(ByteSpan bytes, Direction direction) {
  if (bytes.empty() || bytes[0] >= kMessageRows.size()) {
    return fail(diag::malformed_message, 0, "unknown message");  // [P1]
  }
  auto id = static_cast<MessageId>(bytes[0]);
  if (row_of(id).direction != direction) {
    return fail(diag::malformed_message, 0,
                std::string(row_of(id).name) + " in the wrong direction");
  }
  return id;
}

template Result<std::vector<uint8_t>> encode(const Config&);
template Result<Config> decode(ByteSpan);
#define MESSAGE(name, direction, fields)                             \
  template Result<std::vector<uint8_t>> encode(const name& message); \
  template Result<name> decode(ByteSpan);
#include "sandbox/protocol/messages.def"

}  // namespace cordon::protocol
