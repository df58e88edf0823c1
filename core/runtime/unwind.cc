// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/runtime/unwind.h"

#include "core/abi/frame.h"
#include "core/abi/slot.h"

namespace cordon::runtime {

FrameWalk::FrameWalk(const Activation& stopped)
    : code_(*stopped.code),
      lowest_(reinterpret_cast<uint64_t>(stopped.instance->stack->lowest())),
      end_(reinterpret_cast<uint64_t>(stopped.area)),
      stack_(reinterpret_cast<uint64_t>(stopped.stack)),
      pc_(reinterpret_cast<uint64_t>(stopped.pc)),
      is_fault_(stopped.fault) {}

std::optional<NativeFrame> FrameWalk::next() {
  if (ended_) return std::nullopt;
  ended_ = true;
  // A call may be a function's last instruction: it is the byte before the return address that is
  // in the function.
  const auto* const inside = reinterpret_cast<const uint8_t*>(is_fault_ ? pc_ : pc_ - 1);
  const CodeUnit* const unit = code_.unit_at(inside);
  if (unit == nullptr) return std::nullopt;
  const uint64_t offset = unit->offset_of(inside);
  const std::optional<uint32_t> func = unit->func_at(offset);
  if (!func) return std::nullopt;
  NativeFrame frame{unit, *func, 0, reinterpret_cast<uint64_t*>(stack_)};
  uint32_t size = unit->func(*func).frame_size;
  if (is_fault_) {
    const abi::TrapSite* const site = unit->trap_site(offset);
    if (site == nullptr) return std::nullopt;
    frame.wasm_offset = site->wasm_offset;
    if (!has_frame(*site)) size = 0;
  } else {
    const abi::CallSite* const site = unit->call_site(offset + 1);
    if (site == nullptr) return std::nullopt;
    frame.wasm_offset = site->wasm_offset;
  }
  go_above(size);
  return frame;
}

void FrameWalk::go_above(uint32_t frame_size) {
  const uint64_t at = stack_ + frame_size;
  // The return address at the end leads to the host.
  if (at < lowest_ || at % abi::kSlotSize != 0 || at + abi::kReturnAddress >= end_) return;
  pc_ = *reinterpret_cast<const uint64_t*>(at);
  stack_ = at + abi::kReturnAddress;
  is_fault_ = false;
  ended_ = false;
}

}  // namespace cordon::runtime
