// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Operands: the operand stack of the current function, and how a value gets where it is needed.
// Values stay where they were computed (value.h) until an instruction uses them. An instruction
// pops its operands, requests each in the form it needs (in, own, right, put, store), emits,
// releases them, and pushes its result:
//
//     Value &right = operands_.pop(), &left = operands_.pop();
//     const Reg lhs = operands_.in<Reg>(left);
//     const Operand rhs = operands_.right<Reg>(right);
//     const Reg dst = operands_.result<Reg>(type, &left);
//     masm_.alu(op, size_of<Reg>(type), dst, lhs, rhs);
//     operands_.release(left);
//     operands_.release(right);
//     operands_.push_result(type, dst);
//
// Each entry has slots of its own in the frame. At the start of a block all entries move there.
#pragma once

#include <span>

#include "core/jit/baseline/locals.h"
#include "core/jit/baseline/value_stack.h"

namespace cordon::jit::baseline {

class Operands {
 public:
  using Kind = Value::Kind;

  // All outlive this.
  Operands(masm::MacroAssembler& masm, Locals& locals, FrameLayout& frame)
      : masm_(masm), locals_(locals), frame_(frame) {}

  // A function begins: the stack is empty and every register free.
  void begin();
  Registers& registers() { return registers_; }

  // The stack. Entries are counted from the bottom.
  uint32_t size() const { return stack_.size(); }
  Value& operator[](uint32_t index) { return stack_[index]; }
  Value& top() { return stack_.back(); }
  CORDON_INLINE void push(const Value& value) {
    if (!vectors_.empty()) [[unlikely]]
      forget_vectors();
    if (is_vector(value.type)) [[unlikely]]
      vectors_.add(stack_.size());
    stack_.push_back(value);
  }
  void push_const(NarrowType type, uint64_t bits) {
    push({.kind = Kind::Const, .type = type, .bits = bits});
  }
  // The flags hold the top entry: until free_flags() only code that keeps them may be emitted.
  void push_test(masm::Test test);
  void push_local(uint32_t index);
  // In their slots already.
  void push_slots(std::span<const ValType> types);
  // `r` is locked, and becomes the entry's.
  template <class R>
  void push_reg(NarrowType type, R r);
  // The popped entry in place: the reference is valid until the next push. Its temporary stays
  // locked until release(), or until the caller takes the register over by clearing `held`.
  Value& pop();
  void release(Value& value);
  void drop_to(uint32_t height);

  // Temporaries, locked. alloc_exactly REQUIRES that `r` is one, and not locked.
  template <class R>
  R alloc();
  template <class R>
  R alloc_exactly(R r);
  template <class R>
  void unlock(R r) {
    registers_.of<R>().unlock(r);
  }

  // A popped value: in some register, which is only to be read.
  template <class R>
  R in(Value& value);
  // The value in a temporary that may be changed.
  template <class R>
  R own(Value& value);
  // The value as the right operand of an operation of its type.
  template <class R>
  masm::Operand right(Value& value);
  // Moves it to `dst`; the value stays where it is, too.
  void put(const Value& value, Reg dst);
  void put(const Value& value, FReg dst);
  // Moves it to `dst`, which becomes locked instead of its former register.
  void move_to(Value& value, Reg dst);
  // In the frame, at `place`.
  void store(Value& value, uint32_t place);
  // The register that it is in, or kNoRegister if it must be loaded or made. For entries too.
  uint8_t register_of(const Value& value) const;

  // The register of a result: that of the local that is set next, of an operand that is consumed,
  // or another. push_result() comes before anything else is emitted.
  template <class R>
  R result(NarrowType type, Value* reusable = nullptr, Value* other = nullptr);
  template <class R>
  void push_result(NarrowType type, R r);

  // The condition on top, as a test of the flags. Until free_flags() only what keeps them may be
  // emitted.
  masm::Test pop_test();
  // A test was used, or is not needed.
  void free_flags() { flags_busy_ = false; }

  // Entries that are local `index` get its present value, since it is about to change.
  void materialize(uint32_t index);

  // The first slot of entry `index`, which the frame contains from now on. The second form is for
  // an entry that is not pushed yet, of the given type.
  uint32_t slot(uint32_t index) { return slot(index, stack_[index].type); }
  uint32_t slot(uint32_t index, NarrowType type);
  // The entry moves there, wherever it was.
  void to_slot(uint32_t index);
  // All entries move there; those below `height` that are constants stay constants.
  void flush(uint32_t height);

 private:
  // Above this height a local is loaded at once, so that materialize() has few entries to search.
  static constexpr uint32_t kLazyHeight = 128;

  template <class R>
  [[gnu::noinline]] uint32_t free_one();
  masm::Test test_for_zero(Value& value);
  template <class R>
  void evict(R r);
  template <class R>
  R bring_in(Value& value);
  template <class R>
  void put_local(const Value& value, R dst);
  void spill(uint32_t index);
  void forget_vectors() {  // that were popped
    while (!vectors_.empty() && vectors_.back() >= stack_.size()) vectors_.pop_back();
  }

  masm::MacroAssembler& masm_;
  Locals& locals_;
  FrameLayout& frame_;
  Registers registers_;
  ValueStack stack_;
  // Entries that are v128, from the bottom: each has two slots. Popped ones stay until the next
  // push, as long as the values do.
  masm::Records<uint32_t> vectors_;
  uint32_t flushed_ = 0;     // entries below are slots or constants
  bool flags_busy_ = false;  // a test is to be used: only moves until then
};

// Copies the slots of a value of this type from one place in the frame to another.
void copy_slots(masm::MacroAssembler& masm, NarrowType type, uint32_t from, uint32_t to);

}  // namespace cordon::jit::baseline
