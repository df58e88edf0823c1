// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The messages between supervisor and worker as C++ types, expanded from messages.def, and their
// limits ([L1]). codec.h turns them into bytes and back, channel.h carries them. All of them are
// plain structs.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace cordon::protocol {

// PATH_MAX of Linux without its NUL. A longer path gives ENAMETOOLONG before a message is made.
inline constexpr uint32_t kMaxPath = 4095;
inline constexpr uint32_t kMaxName = 1024;
inline constexpr uint32_t kMaxText = 4096;
inline constexpr uint32_t kMaxChunk = 32768;
inline constexpr uint32_t kMaxFrames = 32;
inline constexpr uint32_t kMaxHottest = 16;
inline constexpr uint32_t kMaxInlined = 16;
inline constexpr uint32_t kMaxEntries = 512;
inline constexpr uint32_t kMaxPreopens = 64;  // the number of bits in EnterJail
inline constexpr uint32_t kMaxReleased = 64;
// The handle of an open file whose times cannot be set.
inline constexpr uint32_t kNoHandle = ~uint32_t{0};
inline constexpr uint32_t kMaxArgs = 65536;
inline constexpr uint32_t kMaxArg = 131072;  // MAX_ARG_STRLEN of Linux

// One message, and one Config. The first stays below the default send buffer of a Unix socket
// (net.core.wmem_default, 208 KiB), so that an honest message never blocks on its size.
inline constexpr size_t kMaxMessage = 65536;
inline constexpr uint32_t kMaxInlineConfig = 32768;
inline constexpr size_t kMaxConfig = size_t{8} << 20;
// A module's code: how many blobs, and bytes of all of them.
inline constexpr uint32_t kMaxPieces = 64;
inline constexpr uint64_t kMaxCode = uint64_t{1} << 30;
// Code that is made as it is needed: how many functions a guest may ask for, and how many pieces
// come.
inline constexpr uint32_t kMaxRequests = 65536;
inline constexpr uint32_t kMaxNeededPieces = 4096;

// From the supervisor to any worker and back; from the run worker to the path broker and back.
enum class Direction : uint8_t { ToWorker, ToSupervisor, ToBroker, FromBroker };

// One enumerator for each MESSAGE row of messages.def; its value is the first byte of an encoded
// message.
enum class MessageId : uint8_t {
#define MESSAGE(name, direction, fields) name,
#include "sandbox/protocol/messages.def"
};

// The message's name, in static storage, and its only direction.
struct MessageRow {
  std::string_view name;
  Direction direction;
};

inline constexpr std::array kMessageRows = {
#define MESSAGE(name, direction, fields) MessageRow{#name, Direction::direction},
#include "sandbox/protocol/messages.def"
};

#define CHOICE(name, ...)                    \
  enum class name : uint8_t { __VA_ARGS__ }; \
  constexpr uint8_t count_of(name) {         \
    enum : uint8_t { __VA_ARGS__, kCount };  \
    return kCount;                           \
  }
#define FIELD(type, name, ...) type name{};
#define RECORD(name, fields)                             \
  struct name {                                          \
    fields bool operator==(const name&) const = default; \
  };
#define MESSAGE(name, direction, fields)                 \
  struct name {                                          \
    static constexpr MessageId kId = MessageId::name;    \
    fields bool operator==(const name&) const = default; \
  };
#include "sandbox/protocol/messages.def"

// Calls `visit(field, limits...)` for each field in order and stops at the first false. Used for
// reading and writing, so that both agree.
#define FIELD(type, name, ...) &&visit(message.name __VA_OPT__(, ) __VA_ARGS__)
#define RECORD(name, fields)                               \
  template <class Self, class Visitor>                     \
    requires std::same_as<std::remove_const_t<Self>, name> \
  bool each_field(Self& message, Visitor& visit) {         \
    return true fields;                                    \
  }
#define MESSAGE(name, direction, fields) RECORD(name, fields)
#include "sandbox/protocol/messages.def"

// REQUIRES: `id` is an enumerator. A number from a peer is checked before it becomes one.
constexpr const MessageRow& row_of(MessageId id) { return kMessageRows[static_cast<size_t>(id)]; }

}  // namespace cordon::protocol
