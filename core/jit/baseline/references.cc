// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// References and tables: rows of Compiler, mostly calls of the runtime.
#include "core/jit/baseline/compiler.h"
#include "core/jit/baseline/operands_inl.h"

namespace cordon::jit::baseline {

using abi::Builtin;

namespace {

// Both leave their slots, since a slot belongs to its place on the stack.
void exchange_top(Operands& operands) {
  Value top = operands.pop(), below = operands.pop();
  operands.own<Reg>(top);
  operands.own<Reg>(below);
  operands.push_reg(top.type, register_at<Reg>(top.reg));
  operands.push_reg(below.type, register_at<Reg>(below.reg));
}

}  // namespace

void Compiler::ref_null(const wasm::immediate::RefType& operands) {
  operands_.push_const(operands.type, 0);
}
void Compiler::ref_is_null(const wasm::immediate::None&) { eqz(ValType::funcref); }
void Compiler::ref_func(const wasm::immediate::Func& operands) {
  calls_.call(Builtin::ref_func, {operands.func.value}, 0, ValType::funcref);
}

void Compiler::table_get(const wasm::immediate::Table& operands) {
  const uint32_t table = operands.table.value;
  calls_.call(Builtin::table_get, {table}, 1, module_.tables[table].element);
}
void Compiler::table_set(const wasm::immediate::Table& operands) {
  calls_.call(Builtin::table_set, {operands.table.value}, 2);
}
void Compiler::table_size(const wasm::immediate::Table& operands) {
  calls_.call(Builtin::table_size, {operands.table.value}, 0, ValType::i32);
}
// The value comes before the count on the stack.
void Compiler::table_grow(const wasm::immediate::Table& operands) {
  exchange_top(operands_);
  calls_.call(Builtin::table_grow, {operands.table.value}, 2, ValType::i32);
}
void Compiler::table_fill(const wasm::immediate::Table& operands) {
  calls_.call(Builtin::table_fill, {operands.table.value}, 3);
}
void Compiler::table_copy(const wasm::immediate::TableCopy& operands) {
  calls_.call(Builtin::table_copy, {operands.to.value, operands.from.value}, 3);
}
void Compiler::table_init(const wasm::immediate::TableInit& operands) {
  calls_.call(Builtin::table_init, {operands.table.value, operands.elem.value}, 3);
}
void Compiler::elem_drop(const wasm::immediate::Elem& operands) {
  calls_.call(Builtin::elem_drop, {operands.elem.value}, 0);
}

}  // namespace cordon::jit::baseline
