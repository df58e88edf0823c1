// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/jit/baseline/func_scan.h"

#include <algorithm>

#include "core/base/inline_call.h"

namespace cordon::jit {

using wasm::Op;

namespace {
constexpr uint32_t kMaxDepth = 6;  // deeper loops are not told apart
constexpr uint32_t kLoopFactor = 8;
constexpr uint32_t kMaxWeight = 1u << 30;

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

inline LocalUse& FuncScan::touch(uint32_t local, bool write) {
  LocalUse& use = locals_[local];
  if (use.weight == 0) {
    use.written_first = write && straight_;
    touched_.push_back(local);
  }
  use.weight = std::min(use.weight + weight_, kMaxWeight);
  (write ? loop_.written : loop_.read) |= uint64_t{1} << (local % 64);
  return use;
}

// Most instructions are of no interest and leave no code here.
template <Op kOp, class Immediates>
void FuncScan::see(const Immediates& operands) {
  using namespace wasm::immediate;
  if constexpr (std::is_same_v<Immediates, Block>) {
    if (kOp == Op::if_) straight_ = false;
    open(kOp == Op::loop);
    if (kOp == Op::loop) loop_.fuel = side_table_[side_].loop.fuel;
    if (kOp != Op::block) ++side_;
  } else if constexpr (kOp == Op::end) {
    close();
  } else if constexpr (kOp == Op::else_) {
    ++side_;
  } else if constexpr (kOp == Op::return_ || kOp == Op::unreachable) {
    straight_ = false;
  } else if constexpr (std::is_same_v<Immediates, Label> ||
                       std::is_same_v<Immediates, LabelTable>) {
    straight_ = false;
    ++side_;
    if constexpr (std::is_same_v<Immediates, LabelTable>) side_ += operands.labels.size();
  } else if constexpr (std::is_same_v<Immediates, Func>) {
    if (kOp == Op::ref_func) return call(0);
    const wasm::TypeIdx index = module_.funcs[operands.func.value];
    if (operands.func.value < module_.imported_funcs) {
      const wasm::FuncType& type = module_.types[index.value];
      // At least one, for the pointer to them is to lie in the frame.
      return call(
          static_cast<uint32_t>(std::max({type.params.size(), type.results.size(), size_t{1}})));
    }
    call(shapes_[index].outgoing);
  } else if constexpr (std::is_same_v<Immediates, CallIndirect>) {
    call(shapes_[operands.type].outgoing);
  } else if constexpr (std::is_same_v<Immediates, Global>) {
    const bool mutable_import = operands.global.value < module_.imported_globals &&
                                module_.globals[operands.global.value].type.is_mutable;
    if (mutable_import) call(0);
  } else if constexpr (std::is_same_v<Immediates, TableInit> ||
                       std::is_same_v<Immediates, TableCopy>) {
    call(5);
  } else if constexpr (std::is_same_v<Immediates, Table> || std::is_same_v<Immediates, Elem> ||
                       std::is_same_v<Immediates, Data> || std::is_same_v<Immediates, MemoryInit> ||
                       std::is_same_v<Immediates, MemoryCopy>) {
    call(0);
  } else if constexpr (std::is_same_v<Immediates, Memory>) {
    if (kOp != Op::memory_size) call(0);
  }
}

void FuncScan::scan(const wasm::ValidatedFunc& func) {
  locals_.assign(func.locals(), {});
  loops_.clear();
  blocks_.clear();
  open_loops_.clear();
  outer_loops_.clear();
  touched_.clear();
  side_table_ = func.side_table();
  side_ = 0;
  weight_ = 1;
  outgoing_ = 0;
  loop_ = {};
  straight_ = true;
  wasm::ValidatedCursor cursor(module_, func), decoded = cursor;
  wasm::ValidatedOpReader reader(decoded, module_.features);
  while (!cursor.at_end()) {
    const Interest interest = kInterest[cursor.peek()];
    if (interest == Interest::Get) {
      cursor.u8(), touch(cursor.u32(), false).last_read = cursor.offset() - 1;
    } else if (interest <= Interest::TwoLebs) {
      cursor.u8();
      if (interest == Interest::TwoLebs) cursor.skip_leb();
      if (interest != Interest::None) cursor.skip_leb();
    } else if (interest == Interest::Set) {
      cursor.u8(), touch(cursor.u32(), true);
    } else {
      offset_ = cursor.offset();
      decoded = cursor;
      reader.next(*this);
      cursor = decoded;
    }
  }
  size_t outer = 0;
  std::ranges::sort(touched_, {}, [this](uint32_t local) { return locals_[local].last_read; });
  for (const uint32_t local : touched_) {
    uint32_t& last = locals_[local].last_read;
    while (outer < outer_loops_.size() && outer_loops_[outer].second <= last) ++outer;
    if (outer < outer_loops_.size() && outer_loops_[outer].first <= last) {
      last = outer_loops_[outer].second;
    }
  }
}

void FuncScan::open(bool loop) {
  blocks_.push_back({loop, static_cast<uint32_t>(loops_.size())});
  if (!loop) return;
  if (open_loops_.empty()) {
    outer_loops_.push_back({offset_, ~uint32_t{0}});
  } else {
    loop_.innermost = false;
  }
  open_loops_.push_back(loop_);
  loop_ = {};
  loops_.emplace_back();
  if (open_loops_.size() <= kMaxDepth) weight_ *= kLoopFactor;
}

void FuncScan::close() {
  if (blocks_.empty()) return;  // the function's own end
  const OpenBlock block = blocks_.back();
  blocks_.pop_back();
  if (!block.loop) return;
  if (open_loops_.size() <= kMaxDepth) weight_ /= kLoopFactor;
  const LoopUse inner = loop_;
  loops_[block.index] = inner;
  loop_ = open_loops_.back();
  open_loops_.pop_back();
  if (open_loops_.empty()) outer_loops_.back().second = offset_;
  loop_.read |= inner.read;
  loop_.written |= inner.written;
  loop_.calls |= inner.calls;
}

void FuncScan::call(uint32_t slots) {
  loop_.calls = true;
  outgoing_ = std::max(outgoing_, slots);
}

}  // namespace cordon::jit
