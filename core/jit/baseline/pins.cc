// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Locals at the start of a function: the hottest are pinned, parameters to the register they arrive
// in; homes are laid out.
#include <algorithm>

#include "core/base/check.h"
#include "core/jit/baseline/locals.h"

namespace cordon::jit::baseline {

namespace {

// Registers of one class that locals can still be pinned to, the cheapest first.
template <class R>
class Pinnable {
 public:
  Pinnable() {
    for (const R r : ClassOf<R>::kPinnable) free_ |= bit(r);
  }
  void take(R r) { free_ &= ~bit(r); }
  // REQUIRES: there is one.
  R next() {
    while ((free_ & bit(ClassOf<R>::kPinnable[next_])) == 0) ++next_;
    return ClassOf<R>::kPinnable[next_++];
  }

 private:
  uint32_t free_ = 0;
  size_t next_ = 0;
};

}  // namespace

void Locals::begin(const wasm::Module& module, const wasm::ValidatedFunc& func,
                   Registers& registers, FrameLayout& frame) {
  CHECK(func.uses() != nullptr);
  uses_ = *func.uses();
  const size_t params = func.type().params.size();
  declare(module, func);
  find_hot(params);
  choose_pins(func.type(), registers);
  start_state(params);
  add_homes(params, frame);
}

void Locals::declare(const wasm::Module& module, const wasm::ValidatedFunc& func) {
  table_.clear();
  for (const ValType param : func.type().params) table_.push_back({.type = param});
  for (const wasm::LocalRun& run : module.runs_of(func.body())) {
    table_.insert(table_.end(), run.count, {.type = run.type});
  }
  for (uint32_t i = 0; i < uses_.locals.size(); ++i) table_[uses_.locals[i].local].use = i;
}

// Those that are worth a register, the hottest first, and no more of a class than it has registers.
void Locals::find_hot(size_t params) {
  hot_.clear();
  for (const wasm::LocalUse& use : uses_.locals) {
    if (use.weight >= 2 || use.local < params) hot_.push_back(use);
  }
  std::ranges::sort(hot_, [](const wasm::LocalUse& a, const wasm::LocalUse& b) {
    return a.weight != b.weight ? a.weight > b.weight : a.local < b.local;
  });
  size_t ints = 0, floats = 0;
  std::erase_if(hot_, [&](const wasm::LocalUse& use) {
    return is_float(table_[use.local].type) ? ++floats > masm::kFPinnable.size()
                                            : ++ints > masm::kPinnable.size();
  });
}

template <class R>
void Locals::pin(uint32_t index, R r, Registers& registers) {
  Local& l = table_[index];
  l.pin = static_cast<uint8_t>(pins_.size());
  l.reg = static_cast<uint8_t>(r);
  pins_.push_back({index, l.reg, ClassOf<R>::kFloats, uses_.locals[l.use].last_read});
  registers.of<R>().pin(r);
}

void Locals::choose_pins(const wasm::FuncType& type, Registers& registers) {
  pins_.clear();
  Pinnable<Reg> ints;
  Pinnable<FReg> floats;
  abi::ParamPlaces places(type);
  for (uint32_t i = 0; i < type.params.size(); ++i) {
    const abi::ParamPlace place = places.next(type.params[i]);
    if (place.kind == abi::ParamPlace::Kind::Stack) continue;
    if (std::ranges::find(hot_, i, &wasm::LocalUse::local) == hot_.end()) continue;
    if (place.kind == abi::ParamPlace::Kind::Float) {
      const auto r = register_at<FReg>(place.index);
      pin(i, r, registers);
      floats.take(r);
    } else {
      const auto r = register_at<Reg>(place.index);
      pin(i, r, registers);
      ints.take(r);
    }
  }
  for (const wasm::LocalUse& use : hot_) {
    const Local& l = table_[use.local];
    if (l.pinned()) continue;
    is_float(l.type) ? pin(use.local, floats.next(), registers)
                     : pin(use.local, ints.next(), registers);
  }
}

// A parameter has a value, and a local that is not written first is zero.
void Locals::start_state(size_t params) {
  state_ = {};
  next_death_ = Local::kNone;
  for (uint32_t p = 0; p < pins_.size(); ++p) {
    next_death_ = std::min(next_death_, pins_[p].last_read);
    const uint32_t local = pins_[p].local;
    if (local < params || !written_first(table_[local])) state_.regs |= uint32_t{1} << p;
  }
}

// Without calls a pinned local never has to leave its register.
void Locals::add_homes(size_t params, FrameLayout& frame) {
  for (const wasm::LocalUse& use : uses_.locals) {
    Local& l = table_[use.local];
    if (use.local < params || l.pinned() || use.written_first) continue;
    l.home = frame.add_zeroed_home(l.type);
  }
  for (const wasm::LocalUse& use : uses_.locals) {
    Local& l = table_[use.local];
    if (l.home != Local::kNone || (l.pinned() && !uses_.calls)) continue;
    l.home = frame.add_home(l.type);
  }
}

}  // namespace cordon::jit::baseline
