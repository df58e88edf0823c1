// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/jit/baseline/func_scan.h"

#include <array>

namespace cordon::jit {

using wasm::Op;

namespace {
// What is to be done about an opcode. Nearly all instructions are of no interest but for their
// length, and nearly all others are of locals: neither goes through the decoder, whose one jump to
// 200 places is what a pass over a body costs.
enum class Interest : uint8_t { None, OneLeb, TwoLebs, Get, Set, Decode };

template <class Immediates>
constexpr Interest interest_of(Op op) {
  using namespace wasm::immediate;
  if (op == Op::local_get) return Interest::Get;
  if (std::is_same_v<Immediates, Local>) return Interest::Set;
  if (std::is_same_v<Immediates, I32> || std::is_same_v<Immediates, I64>) return Interest::OneLeb;
  if (std::is_same_v<Immediates, MemArg>) return Interest::TwoLebs;
  const bool control = op <= Op::return_;
  return std::is_same_v<Immediates, None> && !control ? Interest::None : Interest::Decode;
}

constexpr auto kInterest = [] {
  std::array<Interest, 256> table;
  table.fill(Interest::Decode);
#define OP(code, ident, text, imm, feature) \
  if (code < table.size()) table[code] = interest_of<wasm::immediate::imm>(Op::ident);
#include "core/wasm/opcodes.def"
  return table;
}();
}  // namespace

// Most instructions are of no interest and leave no code here.
template <Op kOp, class Immediates>
void FuncScan::see(const Immediates& operands) {
  using namespace wasm::immediate;
  if constexpr (std::is_same_v<Immediates, Block>) {
    if (kOp == Op::if_) notes_.branch();
    if (kOp == Op::loop) notes_.open_loop(offset_);
    blocks_.push_back(kOp == Op::loop ? side_table_[side_].loop.fuel : kNoLoop);
    if (kOp != Op::block) ++side_;
  } else if constexpr (kOp == Op::end) {
    close();
  } else if constexpr (kOp == Op::else_) {
    ++side_;
  } else if constexpr (kOp == Op::return_ || kOp == Op::unreachable) {
    notes_.branch();
  } else if constexpr (std::is_same_v<Immediates, Label> ||
                       std::is_same_v<Immediates, LabelTable>) {
    notes_.branch();
    ++side_;
    if constexpr (std::is_same_v<Immediates, LabelTable>) side_ += operands.labels.size();
  } else if constexpr (kOp == Op::call) {
    notes_.call(module_.funcs[operands.func.value], operands.func.value < module_.imported_funcs);
  } else if constexpr (std::is_same_v<Immediates, CallIndirect>) {
    notes_.call(operands.type, false);
  } else if constexpr (std::is_same_v<Immediates, Global>) {
    const bool mutable_import = operands.global.value < module_.imported_globals &&
                                module_.globals[operands.global.value].type.is_mutable;
    if (mutable_import) notes_.call_runtime();
  } else if constexpr (std::is_same_v<Immediates, TableInit> ||
                       std::is_same_v<Immediates, TableCopy>) {
    notes_.copy_table();
  } else if constexpr (std::is_same_v<Immediates, Table> || std::is_same_v<Immediates, Elem> ||
                       std::is_same_v<Immediates, Data> || std::is_same_v<Immediates, MemoryInit> ||
                       std::is_same_v<Immediates, MemoryCopy> || std::is_same_v<Immediates, Func>) {
    notes_.call_runtime();
  } else if constexpr (std::is_same_v<Immediates, Memory>) {
    if (kOp != Op::memory_size) notes_.call_runtime();
  }
}

wasm::FuncUses FuncScan::scan(const wasm::ValidatedFunc& func) {
  blocks_.clear();
  side_table_ = func.side_table();
  side_ = 0;
  notes_.clear();
  notes_.begin(func.locals());
  wasm::ValidatedCursor cursor(module_, func), decoded = cursor;
  wasm::ValidatedOpReader reader(decoded, module_.features);
  while (!cursor.at_end()) {
    const Interest interest = kInterest[cursor.peek()];
    if (interest == Interest::Get) {
      cursor.u8();
      const uint32_t local = cursor.u32();
      notes_.read(local, cursor.offset() - 1);
    } else if (interest <= Interest::TwoLebs) {
      cursor.u8();
      if (interest == Interest::TwoLebs) cursor.skip_leb();
      if (interest != Interest::None) cursor.skip_leb();
    } else if (interest == Interest::Set) {
      cursor.u8(), notes_.write(cursor.u32());
    } else {
      offset_ = cursor.offset();
      decoded = cursor;
      reader.next(*this);
      cursor = decoded;
    }
  }
  notes_.end();
  return notes_.last();
}

void FuncScan::close() {
  if (blocks_.empty()) return;  // the function's own end
  if (blocks_.back() != kNoLoop) notes_.close_loop(offset_, blocks_.back());
  blocks_.pop_back();
}

}  // namespace cordon::jit
