// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/engine/const_expr.h"

#include "core/base/check.h"
#include "core/wasm/decode_op.h"

namespace cordon::engine {

namespace {

namespace immediate = wasm::immediate;

// Instructions that are not constant: validation has refused them.
struct NotConstant {
#define OP(code, ident, text, imm, feature, kind, effect) \
  void ident(const immediate::imm&) { CHECK(false); }
#include "core/wasm/opcodes.def"
};

struct Evaluation : NotConstant {
  const runtime::Instance& instance;
  std::vector<uint64_t>& stack;
  bool ended = false;

  Evaluation(const runtime::Instance& of, std::vector<uint64_t>& operands)
      : instance(of), stack(operands) {}

  void push32(uint64_t value) { stack.push_back(static_cast<uint32_t>(value)); }
  void push(uint64_t value) { stack.push_back(value); }
  uint64_t pop() {
    CHECK(!stack.empty());
    uint64_t top = stack.back();
    stack.pop_back();
    return top;
  }

  void i32_const(const immediate::I32& imm) { push32(static_cast<uint32_t>(imm.value)); }
  void i64_const(const immediate::I64& imm) { push(static_cast<uint64_t>(imm.value)); }
  void f32_const(const immediate::F32& imm) { push(imm.bits); }
  void f64_const(const immediate::F64& imm) { push(imm.bits); }
  void v128_const(const immediate::V128& imm) {
    push(imm.value.low);
    push(imm.value.high);
  }
  void ref_null(const immediate::RefType&) { push(0); }
  void ref_func(const immediate::Func& imm) {
    push(reinterpret_cast<uint64_t>(instance.funcs[imm.func.value]));
  }
  void global_get(const immediate::Global& imm) {
    const runtime::Global& global = *instance.globals[imm.global.value];
    stack.insert(stack.end(), global.cell, global.cell + wasm::slots_of(global.type.value));
  }
  // All of them modulo 2^32 or 2^64.
  void i32_add(const immediate::None&) { push32(pop() + pop()); }
  void i32_sub(const immediate::None&) {
    uint64_t right = pop();
    push32(pop() - right);
  }
  void i32_mul(const immediate::None&) { push32(pop() * pop()); }
  void i64_add(const immediate::None&) { push(pop() + pop()); }
  void i64_sub(const immediate::None&) {
    uint64_t right = pop();
    push(pop() - right);
  }
  void i64_mul(const immediate::None&) { push(pop() * pop()); }
  void end(const immediate::None&) { ended = true; }
};

}  // namespace

std::span<const uint64_t> ConstEvaluator::slots(wasm::ConstExpr expr) {
  const wasm::Module& module = instance_.module->module();
  wasm::Cursor cursor(module.bytes(), expr.range);
  wasm::OpReader reader(cursor, module.features);
  stack_.clear();
  Evaluation evaluation(instance_, stack_);
  while (!evaluation.ended) {
    reader.next(evaluation);
    CHECK(cursor.ok());
  }
  CHECK(!stack_.empty());
  return stack_;
}

}  // namespace cordon::engine
