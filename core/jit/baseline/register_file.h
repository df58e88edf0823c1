// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// RegisterFile: the owner of each temporary of one class. A temporary is owned by an entry of the
// operand stack, or locked by the current instruction, or free; besides, it may be remembered as
// the present value of a local, whatever its owner. Bookkeeping alone: Operands moves values.
#pragma once

#include <algorithm>
#include <array>
#include <bit>

#include "core/jit/baseline/register_class.h"

namespace cordon::jit::baseline {

// For one function after the other. `entry` is a place in the operand stack, counted from the
// bottom.
template <class R>
class RegisterFile {
 public:
  static constexpr uint32_t kNobody = ~uint32_t{0};

  // A function begins, in which every register that can hold values is a free temporary.
  void begin() {
    temporaries_ = ClassOf<R>::kTemps;
    for (const R r : ClassOf<R>::kPinnable) temporaries_ |= bit(r);
    owned_ = locked_ = remembered_ = 0;
    locks_.fill(0);
  }
  // A local lives in `r` from now on: it is no temporary of this function.
  void pin(R r) { temporaries_ &= ~bit(r); }
  bool is_temporary(R r) const { return (temporaries_ & bit(r)) != 0; }

  // Locks nest: the same register may be several operands of an instruction.
  void lock(R r) { ++locks_[number(r)], locked_ |= bit(r); }
  void unlock(R r) {
    if (--locks_[number(r)] == 0) locked_ &= ~bit(r);
  }

  // give(): the entry owns `r` from now on. take(): no entry does. is_owned(): whether one does.
  void give(R r, uint32_t entry) { owner_[number(r)] = entry, owned_ |= bit(r); }
  void take(R r) { owned_ &= ~bit(r); }
  bool is_owned(R r) const { return (owned_ & bit(r)) != 0; }
  // REQUIRES: is_owned(r).
  uint32_t owner(R r) const { return owner_[number(r)]; }
  // Bit by register.
  uint32_t owned() const { return owned_; }
  // Whether only the holder of the one lock needs the value in `r`.
  bool is_exclusive(R r) const { return locks_[number(r)] == 1 && !is_owned(r); }

  // Temporaries, bit by register, that are neither owned nor locked.
  uint32_t free() const { return temporaries_ & ~(owned_ | locked_); }
  // Free, and no local is remembered there.
  uint32_t idle() const { return free() & ~remembered_; }
  // Locks one of `free`, which is not empty: preferably one in which no local is remembered.
  R lock_one(uint32_t free) {
    if ((free & ~remembered_) != 0) free &= ~remembered_;
    const R r = register_at<R>(static_cast<unsigned>(std::countr_zero(free)));
    forget(r);
    lock(r);
    return r;
  }
  // The owner that is not locked and the farthest from the top of the stack: its value is needed
  // last. kNobody if there is none.
  uint32_t victim() const {
    uint32_t deepest = kNobody;
    for (uint32_t rest = owned_ & ~locked_; rest != 0; rest &= rest - 1) {
      deepest = std::min(deepest, owner_[static_cast<unsigned>(std::countr_zero(rest))]);
    }
    return deepest;
  }

  // `r` holds the value of a local. While that is so, `note`, which belongs to the local, is the
  // register's number; then it is kNoRegister.
  void remember(R r, uint8_t& note) {
    forget(r);
    remembered_ |= bit(r);
    notes_[number(r)] = &note;
    note = static_cast<uint8_t>(r);
  }
  void forget(R r) {
    if ((remembered_ & bit(r)) == 0) return;
    remembered_ &= ~bit(r);
    *notes_[number(r)] = kNoRegister;
  }
  void forget_all() {
    for (; remembered_ != 0; remembered_ &= remembered_ - 1) {
      *notes_[static_cast<unsigned>(std::countr_zero(remembered_))] = kNoRegister;
    }
  }

 private:
  uint32_t temporaries_ = 0, owned_ = 0, locked_ = 0, remembered_ = 0;  // bit by register
  std::array<uint32_t, ClassOf<R>::kCount> owner_{};
  std::array<uint8_t, ClassOf<R>::kCount> locks_{};
  std::array<uint8_t*, ClassOf<R>::kCount> notes_{};
};

// Both classes.
class Registers {
 public:
  // The file of the class R.
  template <class R>
  RegisterFile<R>& of() {
    if constexpr (ClassOf<R>::kFloats) {
      return floats_;
    } else {
      return ints_;
    }
  }
  // As those of RegisterFile, for both.
  void begin() { ints_.begin(), floats_.begin(); }
  void forget_all() { ints_.forget_all(), floats_.forget_all(); }

 private:
  RegisterFile<Reg> ints_;
  RegisterFile<FReg> floats_;
};

}  // namespace cordon::jit::baseline
