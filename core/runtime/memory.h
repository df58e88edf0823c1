// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Memory: one linear memory (spec §4.2.8), reserved once so that it never moves.
//
//     | 2 GiB guard | accessible: size() | not yet: PROT_NONE ... 4 GiB | 2 GiB + 64 KiB guard |
//                   ^ base()
//
// Any base() + u32 index + disp (< 2^31) + width is inside this reservation ([M1]); so is an index
// that was wrongly sign-extended. Outside size() nothing is accessible.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "core/abi/traps.h"
#include "core/abi/vmctx.h"
#include "core/base/checked.h"
#include "core/base/os/mapping.h"
#include "core/wasm/types.h"

namespace cordon::runtime {

inline constexpr uint64_t kPageSize = 65536;
inline constexpr uint64_t kFrontGuard = uint64_t{2} << 30;
inline constexpr uint64_t kIndexRange = uint64_t{4} << 30;
inline constexpr uint64_t kBackGuard = (uint64_t{2} << 30) + kPageSize;

// Owned by a Store; base() stays until it ends. A page is 64 KiB.
class Memory {
 public:
  // Reserves and commits type.limits.min pages. `max_pages` is the embedder's limit ([L1]);
  // `growth_fails`: if that or the kernel refuses, memory.grow fails, instead of ending the
  // run.
  static Result<std::unique_ptr<Memory>> create(wasm::MemoryType type, uint64_t max_pages,
                                                bool growth_fails = false);

  uint8_t* base() const { return base_; }
  uint64_t size() const { return size_; }  // bytes
  // Committed pages.
  uint64_t pages() const { return size_ / kPageSize; }
  const wasm::MemoryType& type() const { return type_; }

  // Whether the type's own maximum (spec §4.5.3.9) has room for `delta_pages` more.
  bool type_allows(uint32_t delta_pages) const;
  // memory.grow (spec §4.4.7): the old size in pages, or -1 when the type's maximum, the embedder's
  // limit or the kernel refuses. hit_limit() says whether it ever was one of the latter two.
  int32_t grow(uint32_t delta_pages);
  bool hit_limit() const { return hit_limit_; }
  bool growth_fails() const { return growth_fails_; }

  // Writes base and size to `context`, now and whenever the memory grows. It must live as long.
  void attach(abi::VmContext& context);
  // Whether `address` is in the reservation: in the memory or one of its guards ([T1]).
  bool reserves(uint64_t address) const {
    return address - reinterpret_cast<uint64_t>(mapping_.base()) < mapping_.size();
  }

  // The bytes at [address, address + length) if all of them are accessible, else null: the one
  // accessor for host functions. The pointer is valid until the guest runs again.
  uint8_t* at(uint64_t address, uint64_t length) const {
    return range_fits(address, length, size_) ? base_ + address : nullptr;
  }

 private:
  Memory(Mapping mapping, wasm::MemoryType type, uint64_t max_pages, bool growth_fails);
  void tell(abi::VmContext& context) const;

  Mapping mapping_;
  uint8_t* base_;
  uint64_t size_ = 0;
  wasm::MemoryType type_;
  uint64_t max_pages_;
  bool growth_fails_;
  bool hit_limit_ = false;
  std::vector<abi::VmContext*> contexts_;  // of the instances that have it as memory 0
};

}  // namespace cordon::runtime
