// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/jit/baseline/func_scan.h"

#include <algorithm>

#include "core/abi/convention.h"
#include "core/jit/baseline/inline_call.h"

namespace cordon::jit {

using wasm::Op;

namespace {
constexpr uint32_t kMaxDepth = 6;  // deeper loops are not told apart
constexpr uint32_t kLoopFactor = 8;
constexpr uint32_t kMaxWeight = 1u << 30;
}  // namespace

// Most instructions are of no interest and leave no code here.
template <Op kOp, class Immediates>
void FuncScan::see(const Immediates& operands) {
  using namespace wasm::immediate;
  if constexpr (std::is_same_v<Immediates, Local>) {
    touch(operands.local.value, kOp != Op::local_get);
  } else if constexpr (std::is_same_v<Immediates, Block>) {
    if (kOp == Op::if_) straight_ = false;
    open(kOp == Op::loop);
    if (kOp == Op::loop) loops_.back().fuel = side_table_[side_].loop.fuel;
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
    const wasm::FuncType& type = module_.types[module_.funcs[operands.func.value].value];
    if (operands.func.value < module_.imported_funcs) {
      // At least one, for the pointer to them is to lie in the frame.
      return call(
          static_cast<uint32_t>(std::max({type.params.size(), type.results.size(), size_t{1}})));
    }
    call(abi::stack_use(type).total());
  } else if constexpr (std::is_same_v<Immediates, CallIndirect>) {
    call(abi::stack_use(module_.types[operands.type.value]).total());
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
  calls_ = false;
  straight_ = true;
  wasm::Cursor cursor(module_.bytes(), func.body().code);
  wasm::OpReader reader(cursor, module_.features);
  while (cursor.ok() && !cursor.at_end()) {
    offset_ = cursor.offset();
    CORDON_INLINE_CALL reader.next(*this);
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

void FuncScan::touch(uint32_t local, bool write) {
  LocalUse& use = locals_[local];
  if (use.weight == 0) {
    use.written_first = write && straight_;
    touched_.push_back(local);
  }
  use.weight = std::min(use.weight + weight_, kMaxWeight);
  if (!write) use.last_read = offset_;
  if (open_loops_.empty()) return;
  LoopUse& loop = loops_[open_loops_.back()];
  (write ? loop.written : loop.read) |= uint64_t{1} << (local % 64);
}

void FuncScan::open(bool loop) {
  blocks_.push_back({loop, static_cast<uint32_t>(loops_.size())});
  if (!loop) return;
  if (!open_loops_.empty()) {
    loops_[open_loops_.back()].innermost = false;
  } else {
    outer_loops_.push_back({offset_, ~uint32_t{0}});
  }
  open_loops_.push_back(static_cast<uint32_t>(loops_.size()));
  loops_.emplace_back();
  if (open_loops_.size() <= kMaxDepth) weight_ *= kLoopFactor;
}

void FuncScan::close() {
  if (blocks_.empty()) return;  // the function's own end
  const OpenBlock block = blocks_.back();
  blocks_.pop_back();
  if (!block.loop) return;
  if (open_loops_.size() <= kMaxDepth) weight_ /= kLoopFactor;
  open_loops_.pop_back();
  if (open_loops_.empty()) {
    outer_loops_.back().second = offset_;
    return;
  }
  LoopUse& outer = loops_[open_loops_.back()];
  const LoopUse& inner = loops_[block.index];
  outer.read |= inner.read;
  outer.written |= inner.written;
  outer.calls |= inner.calls;
}

void FuncScan::call(uint32_t slots) {
  calls_ = true;
  outgoing_ = std::max(outgoing_, slots);
  if (!open_loops_.empty()) loops_[open_loops_.back()].calls = true;
}

}  // namespace cordon::jit
