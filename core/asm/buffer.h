// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// CodeBuffer: where an assembler puts its bytes, and the one place where emission is bounds-checked
// ([E1]). An emitter asks for the room of a whole instruction once, stores without further checks,
// and commits. The first failure is kept and leaves no room: every later reserve() fails too, so
// that emitters return nothing and a compile asks once, at its end. What was emitted before
// a failure stays where it is, and is never handed out.
//
// The bytes are plain data; nothing here can make them executable ([W2]).
#pragma once

#include <cstdint>

#include "core/base/bytes.h"
#include "core/base/result.h"

namespace cordon::emit {

namespace diag {
#define DIAGNOSTIC(name, klass, text) \
  inline constexpr DiagnosticKind name{DiagnosticClass::klass, #name, text};
#include "core/asm/diagnostics.def"
}  // namespace diag

// Move-only; a moved-from buffer may only be destroyed. Failures are rows of diagnostics.def: too
// much code, no memory, a patch outside of what was emitted, and what emitters pass to fail().
class CodeBuffer {
 public:
  // Room that reserve() grants; no instruction of x86-64 or AArch64 is longer.
  static constexpr uint32_t kInstructionRoom = 16;
  // No buffer is larger, so the distance of two offsets always fits 32 bits with a sign.
  static constexpr uint32_t kMaxSize = 0x7FFF'FFFF;

  // Memory of its own, grown as needed up to `max_size` bytes (at most kMaxSize).
  explicit CodeBuffer(uint32_t max_size);
  // Exactly `storage`, which the caller keeps alive; never grown.
  explicit CodeBuffer(MutableByteSpan storage);
  CodeBuffer(CodeBuffer&& other) noexcept;
  CodeBuffer& operator=(CodeBuffer&&) = delete;
  CodeBuffer(const CodeBuffer&) = delete;
  CodeBuffer& operator=(const CodeBuffer&) = delete;
  ~CodeBuffer();

  // Where the next instruction goes, with room for kInstructionRoom bytes; null after a failure.
  uint8_t* reserve() {
    if (static_cast<uint32_t>(end_ - cursor_) < kInstructionRoom) [[unlikely]]
      return make_room(kInstructionRoom);
    if (cursor_ == nullptr) __builtin_unreachable();
    return cursor_;
  }
  // Ends the instruction begun at reserve(): `end` is one past its last byte.
  void commit(uint8_t* end) { cursor_ = end; }

  // Copies data (constants, padding) in; all of it or nothing.
  void append(ByteSpan bytes);

  // Bytes emitted so far, which is also the offset of the next one.
  uint32_t offset() const { return static_cast<uint32_t>(cursor_ - begin_); }
  // What was emitted; meaningful to a caller only if ok().
  ByteSpan bytes() const { return {begin_, offset()}; }

  // Overwrites bytes that were emitted before. A field that does not lie within them is an error.
  void patch8(uint32_t field, uint8_t value);
  void patch32(uint32_t field, uint32_t value);
  // Only `bits` bits, fewer than 32, of the four bytes there, from bit `low` up; `low` + `bits` is
  // at most 32.
  void patch_bits(uint32_t field, unsigned low, unsigned bits, uint32_t value);

  // Whether no failure was kept: bytes() is the code that was asked for.
  bool ok() const { return error_ == nullptr; }
  // The first failure, or null.
  const DiagnosticKind* error() const { return error_; }
  // Keeps the first failure only, and ends emission.
  void fail(const DiagnosticKind& kind);

  // Empty again and without failure; keeps its memory.
  void reset();

 private:
  uint8_t* make_room(uint32_t size);

  uint8_t* cursor_ = nullptr;
  uint8_t* end_ = nullptr;  // of the room that may be written; equal to cursor_ after a failure
  uint8_t* begin_ = nullptr;
  const DiagnosticKind* error_ = nullptr;
  uint32_t capacity_ = 0;  // bytes at begin_
  uint32_t max_size_;
  bool owned_;
};

}  // namespace cordon::emit
