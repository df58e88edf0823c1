// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// CodeSpace: the machine code of one module where it can run, which grows by units at any time. The
// one place of Cordon that makes memory executable ([W1]): a shared, read-only mapping of a memfd
// that carries every seal, so neither this process nor the one that made the code can write to it
// any more; nothing is ever made executable by mprotect.
//
//     room: nothing | table of entries: read, execute | code 0: read, execute | data 0: read |
//     code 1 ... | nothing
//
// Code that is made as it is needed has no table, and the room is as large as it may become
// (abi::room_for_needed).
// (core/abi/code_blob.h has the layout.) The room is reserved first, without any access, so that
// nothing else can be mapped between two units. Units stay as long as the space does, and the space
// as long as an instance with its code, so that a frame's return address stays valid.
//
// publish() may be called while guests run, on any thread. All else is for any thread too, and for
// signal handlers where marked. entries.h decides which units an instance runs.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "core/base/os/sealed_file.h"
#include "core/runtime/code/unit_list.h"
#include "core/wasm/validated.h"

namespace cordon::runtime {

// Shared by the instances of a module, in any stores; unmapped with the last reference.
class CodeSpace {
 public:
  // Reserves room for code of `module`: `size` bytes, for instructions and all that belongs to
  // them; full pages, at most abi::kMaxCodeSpace.
  static Result<std::shared_ptr<CodeSpace>> create(
      std::shared_ptr<const wasm::ValidatedModule> module, uint64_t size);
  CodeSpace(const CodeSpace&) = delete;
  CodeSpace& operator=(const CodeSpace&) = delete;

  // [W3] Takes verified code and nothing else. `file` holds its bytes, and must be the very one
  // that was verified; it may be closed afterwards. Code of another module is refused, and any but
  // the next piece of the series that the first one belongs to. If the system fails, the space
  // accepts no more code, and its user drops it.
  Result<void> publish(verify::VerifiedCode code, const SealedFile& file);

  // Signal-safe. Whether an address is in the room, with or without code there.
  bool has(const void* pc) const { return offset_of(pc) < room_.size(); }
  // Signal-safe. The unit that holds this address, or null.
  const CodeUnit* unit_at(const void* pc) const { return units_.at(pc); }
  // Signal-safe. All units so far, in the order of their addresses.
  std::span<const CodeUnit* const> units() const { return units_.all(); }
  // Whether functions of `unit` can be entered: what they may call has a place.
  bool is_linked(const CodeUnit& unit) const {
    return !unit.standing().calls_ahead || is_complete_.load(std::memory_order_acquire);
  }

  const wasm::Module& module() const { return module_->module(); }
  // The options of all units so far together: the processor features that any of them needs.
  abi::BlobOptions options() const;
  // All of the room.
  ByteSpan room() const { return room_.bytes(); }

 private:
  CodeSpace(std::shared_ptr<const wasm::ValidatedModule> module, Mapping room)
      : module_(std::move(module)), room_(std::move(room)) {}
  uint64_t offset_of(const void* pc) const {
    return reinterpret_cast<uint64_t>(pc) - reinterpret_cast<uint64_t>(room_.base());
  }
  Result<void> check_next(const verify::VerifiedCode& code) const;
  Result<const uint8_t*> map(const abi::CodeBlob& blob, const SealedFile& file) const;

  const std::shared_ptr<const wasm::ValidatedModule> module_;
  Mapping room_;
  UnitList units_;
  std::atomic<bool> is_complete_ = false;

  std::mutex lock_;                               // of what follows
  std::vector<std::unique_ptr<CodeUnit>> owned_;  // in the order of their numbers
  bool has_failed_ = false;
};

}  // namespace cordon::runtime
