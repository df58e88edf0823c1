// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Calls of accepted code: the callee, the arguments, and the state after the return.
#include <algorithm>
#include <optional>

#include "core/abi/convention.h"
#include "fuzz/oracle/verifier/block.h"

namespace cordon::fuzz::emulated {
namespace {

uint64_t slots_of(const std::vector<wasm::ValType>& types) {
  uint64_t slots = 0;
  for (const wasm::ValType type : types) slots += wasm::slots_of(type);
  return slots;
}

}  // namespace

// [C1] The processor is at the target, after the return address was pushed.
void Block::call(uint64_t target, const Registers& registers) {
  resume_ = now_ + insn_->length;
  const uint64_t frame = return_at_ - func_->frame_size;
  must(registers[abi::kStackPointer] == frame - 8, "a call without the function's frame");
  must(map_.has_call_site(resume_), "a call at no call site");
  must(stack_is_checked(), "the frame was not checked against the limit");
  check_secrets(registers, 1u << abi::kForeignFunc);
  if (const auto builtin = world_.builtin(target)) return call_builtin(*builtin, registers);
  const wasm::FuncType* const type = function_at(target);
  type != nullptr ? call_type(*type, registers) : must(false, "calls what is no function");
}

// The type of the function there: an element of a table, or one of the blob. Or null.
const wasm::FuncType* Block::function_at(uint64_t target) const {
  if (const auto type = world_.type_of_entry(target)) return &world_.module().types[*type];
  for (uint32_t i = 0; i < blob_.funcs.size(); ++i) {
    if (target != kCodeAt + blob_.funcs[i].offset) continue;
    return &world_.type_of_body(blob_.funcs[i].body);
  }
  return nullptr;
}

void Block::check_arguments(const wasm::FuncType& type, const Registers& registers) {
  abi::ParamPlaces places(type);
  for (const wasm::ValType param : type.params) {
    const abi::ParamPlace place = places.next(param);
    if (param != wasm::ValType::i32 || place.kind != abi::ParamPlace::Kind::Int) continue;
    must(registers[place.index] >> 32 == 0, "an argument of 32 bits has an upper half");
  }
}

void Block::call_type(const wasm::FuncType& type, const Registers& registers) {
  check_arguments(type, registers);
  const uint32_t window = world_.window(type);
  must(uint64_t{8} * window <= func_->frame_size, "a call's slots leave the frame");
  const bool is_i32 = !type.results.empty() && type.results[0] == wasm::ValType::i32;
  come_back(is_i32 ? 1u << abi::kIntResult : 0, window);
}

// [C1] [S1] The processor is at the target, which returns to this function's caller.
void Block::tail_call(uint64_t target, const Registers& registers) {
  must(registers[abi::kStackPointer] == return_at_, "a tail call with a frame");
  must(stack_is_checked(), "the frame was not checked against the limit");
  check_secrets(registers, 1u << abi::kForeignFunc);
  const wasm::FuncType* const type = tail_callee(target, registers);
  if (type == nullptr) return must(false, "a tail call of what is no function");
  check_arguments(*type, registers);
  must(type->results == type_->results, "a tail call with other results");
  must(abi::stack_use(*type).total() <= world_.window(*type_), "a tail call with a larger window");
  finish(End::Done);
}

const wasm::FuncType* Block::tail_callee(uint64_t target, const Registers& registers) const {
  const auto builtin = world_.builtin(target);
  if (!builtin) return function_at(target);
  const wasm::Module& module = world_.module();
  const uint64_t func = registers[abi::kForeignFunc];
  if (*builtin == abi::Builtin::return_call_own) return own_function(func);
  if (*builtin == abi::Builtin::return_call_import) {
    return func < module.imported_funcs ? &module.types[module.funcs[func].value] : nullptr;
  }
  if (*builtin != abi::Builtin::return_call_foreign) return nullptr;
  const auto type = world_.type_of_view(func);
  return type ? &module.types[*type] : nullptr;
}

// The type of the function with a body that a call of call_own names, or null.
const wasm::FuncType* Block::own_function(uint64_t number) const {
  const wasm::Module& module = world_.module();
  const bool has_body = number >= module.imported_funcs && number < module.funcs.size();
  return has_body && blob_.options.as_needed ? &module.types[module.funcs[number].value] : nullptr;
}

void Block::call_builtin(abi::Builtin builtin, const Registers& registers) {
  if (builtin == abi::Builtin::call_own) {
    const wasm::FuncType* const type = own_function(registers[abi::kForeignFunc]);
    return type != nullptr ? call_type(*type, registers) : must(false, "calls what has no body");
  }
  const std::string_view signature = abi::kBuiltins[static_cast<size_t>(builtin)].signature;
  const wasm::Module& module = world_.module();
  std::optional<uint32_t> table;
  uint64_t slots = 0;
  size_t next = 0;
  for (const char letter : signature.substr(0, signature.find(':'))) {
    if (letter == 'M') {
      must(!module.memories.empty(), "a builtin of a memory that is not there");
    } else if (letter == 'S') {
      if (signature[0] == 'V') {
        slots = 2;
        continue;
      }
      const uint64_t index = registers[abi::kBuiltinParams[0]];
      const bool is_tag = signature.starts_with('N');
      if (index >= (is_tag ? module.tags.size() : module.imported_funcs)) {
        return must(false, "neither an imported function nor a tag");
      }
      const wasm::TypeIdx type_index = is_tag ? module.tags[index] : module.funcs[index];
      const wasm::FuncType& type = module.types[type_index.value];
      slots = std::max(slots_of(type.params), slots_of(type.results));
    } else if (letter == 'X') {
      const auto type = world_.type_of_view(registers[abi::kForeignFunc]);
      if (!type) return must(false, "a call of another instance without a function of it");
      call_type(module.types[*type], registers);
      // The upper half of its result is arbitrary.
      if (end_ == End::Call) come_back(0, world_.window(module.types[*type]));
      return;
    } else {
      const uint64_t value = registers[abi::kBuiltinParams[next++]];
      if (letter == 'i') must(value >> 32 == 0, "a builtin's i32 has an upper half");
      const char* const broken = broken_constant(letter, value, table);
      must(broken == nullptr, broken);
      if (letter == 'T' && broken == nullptr) table = static_cast<uint32_t>(value);
    }
  }
  must(8 * slots <= func_->frame_size, "a builtin's slots leave the frame");
  come_back(0, static_cast<uint32_t>(slots));
}

// [B1]
const char* Block::broken_constant(char letter, uint64_t value,
                                   std::optional<uint32_t> table) const {
  const wasm::Module& module = world_.module();
  const auto element = [&] { return module.tables[*table].element; };
  switch (letter) {
    case 'F': return value < module.funcs.size() ? nullptr : "a builtin's function";
    case 'I': return value < module.imported_funcs ? nullptr : "a builtin's import";
    case 'N': return value < module.tags.size() ? nullptr : "a builtin's tag";
    case 'T': return value < module.tables.size() ? nullptr : "a builtin's table";
    case 'D': return value < module.datas.size() ? nullptr : "a builtin's data segment";
    case 'U':
      if (value >= module.tables.size()) return "a builtin's second table";
      return !table || module.tables[value].element == element() ? nullptr : "tables of two types";
    case 'E':
      if (value >= module.elems.size()) return "a builtin's element segment";
      return !table || module.elems[value].type == element() ? nullptr : "a segment's type";
    case 'G':
    case 'W':
    case 'V': {
      if (value >= module.globals.size()) return "a builtin's global";
      const auto index = static_cast<uint32_t>(value);
      if (world_.word(kContextAt + world_.plan().global(index)) != nullptr) {
        return "a builtin for a global of the context's";
      }
      const bool is_vector = module.globals[index].type.value == wasm::ValType::v128;
      if (is_vector != (letter == 'V')) return "a builtin for a global of another size";
      const bool is_mutable = module.globals[index].type.is_mutable;
      return letter == 'G' || is_mutable ? nullptr : "an immutable global is set";
    }
    default: return nullptr;
  }
}

// Everything that calls do not preserve is lost: registers, and the callee's slots.
void Block::come_back(uint32_t u32, uint32_t slots) {
  if (end_ == End::Broken) return;
  const uint64_t frame = return_at_ - func_->frame_size;
  for (uint32_t i = 0; i < slots; ++i) {
    const uint64_t word = garbage(random_);
    processor_.write(frame + 8 * uint64_t{i}, ByteSpan(reinterpret_cast<const uint8_t*>(&word), 8));
  }
  set_registers(u32, frame);
  came_back_ = true;
  finish(End::Call);
}

}  // namespace cordon::fuzz::emulated
