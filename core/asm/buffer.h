// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// CodeBuffer: the memory that an assembler writes to, and the one place where emission is
// bounds-checked ([E1]). An emitter reserves room for a whole instruction once, stores without
// further checks, and commits. The first failure is kept and leaves no room: every later reserve()
// fails too, so that emitters return nothing and a compile checks once, at its end. Bytes emitted
// before a failure remain in the buffer, and are never returned as code.
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
// much code, no memory, a patch outside of the emitted bytes, those passed to fail().
class CodeBuffer {
 public:
  // Room that reserve() grants; no instruction of x86-64 or AArch64 is longer.
  static constexpr uint32_t kInstructionRoom = 16;
  // No buffer is larger, so the distance between two offsets always fits a signed 32-bit number.
  static constexpr uint32_t kMaxSize = 0x7FFF'FFFF;

  // Memory of its own, grown as needed up to `max_size` bytes (at most kMaxSize).
  explicit CodeBuffer(uint32_t max_size);
  // Uses exactly `storage`, which the caller keeps alive; never grows.
  explicit CodeBuffer(MutableByteSpan storage);
  CodeBuffer(CodeBuffer&& other) noexcept;
  CodeBuffer& operator=(CodeBuffer&&) = delete;
  CodeBuffer(const CodeBuffer&) = delete;
  CodeBuffer& operator=(const CodeBuffer&) = delete;
  ~CodeBuffer();

  // The next instruction's address, with room for kInstructionRoom bytes; null after a failure.
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
  // The emitted bytes; meaningful to a caller only if ok().
  ByteSpan bytes() const { return {begin_, offset()}; }

  // Overwrites bytes that were emitted before. A field outside of them is an error.
  void patch8(uint32_t field, uint8_t value);
  void patch32(uint32_t field, uint32_t value);
  // Only `bits` bits, fewer than 32, of the four bytes there, from bit `low` up; `low` + `bits` is
  // at most 32.
  void patch_bits(uint32_t field, unsigned low, unsigned bits, uint32_t value);

  // Whether there was no failure: bytes() is the code that was emitted.
  bool ok() const { return error_ == nullptr; }
  // The first failure, or null.
  const DiagnosticKind* error() const { return error_; }
  // Keeps the first failure only, and ends emission.
  void fail(const DiagnosticKind& kind);

  // Empties the buffer and clears the failure; keeps its memory.
  void reset();

 private:
  uint8_t* make_room(uint32_t size);

  uint8_t* cursor_ = nullptr;
  uint8_t* end_ = nullptr;  // end of writable room; equal to cursor_ after a failure
  uint8_t* begin_ = nullptr;
  const DiagnosticKind* error_ = nullptr;
  uint32_t capacity_ = 0;  // bytes at begin_
  uint32_t max_size_;
  bool owned_;
};

}  // namespace cordon::emit
