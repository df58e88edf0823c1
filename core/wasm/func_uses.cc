// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/wasm/func_uses.h"

#include <utility>

namespace cordon::wasm {

namespace {
constexpr uint32_t kMaxDepth = 6;  // deeper loops weigh the same
constexpr uint32_t kLoopFactor = 8;
}  // namespace

void UseNotes::begin(uint32_t locals) {
  for (const uint32_t local : touched_) locals_[local] = {};
  touched_.clear();
  if (locals_.size() < locals) locals_.resize(locals);
  ++number_;
  loop_ = {};
  open_loops_.clear();
  outer_loops_.clear();
  weight_ = 1;
  runtime_slots_ = 0;
  straight_ = true;
}

void UseNotes::end() {
  const size_t first = pool_.locals.size();
  for (const uint32_t local : touched_) {
    pool_.locals.push_back(locals_[local]);
    pool_.locals.back().local = local;
  }
  const std::span<LocalUse> locals = std::span(pool_.locals).subspan(first);
  std::ranges::sort(locals, {}, &LocalUse::last_read);
  size_t outer = 0;
  for (LocalUse& use : locals) {
    uint32_t& last = use.last_read;
    while (outer < outer_loops_.size() && outer_loops_[outer].second <= last) ++outer;
    if (outer < outer_loops_.size() && outer_loops_[outer].first <= last) {
      last = outer_loops_[outer].second;
    }
  }
  FuncUses& func = pool_.funcs.emplace_back();
  func.calls = loop_.calls;
  func.runtime_slots = runtime_slots_;
  ends_.push_back({pool_.locals.size(), pool_.loops.size(), pool_.called.size()});
}

// The spans are filled in once the lists are complete, as growing would move them.
UsePool UseNotes::take() {
  UsePool pool = std::exchange(pool_, {});
  Ends begin;
  for (size_t i = 0; i < pool.funcs.size(); ++i) {
    const Ends& end = ends_[i];
    FuncUses& func = pool.funcs[i];
    func.locals = {pool.locals.data() + begin.locals, end.locals - begin.locals};
    func.loops = {pool.loops.data() + begin.loops, end.loops - begin.loops};
    func.called = {pool.called.data() + begin.called, end.called - begin.called};
    begin = end;
  }
  ends_.clear();
  return pool;
}

void UseNotes::touch_first(uint32_t local, bool write) {
  locals_[local].written_first = write && straight_;
  touched_.push_back(local);
}

void UseNotes::open_loop(uint32_t at) {
  if (open_loops_.empty()) {
    outer_loops_.push_back({at, ~uint32_t{0}});
  } else {
    loop_.innermost = false;
  }
  open_loops_.push_back({loop_, pool_.loops.size()});
  loop_ = {};
  pool_.loops.emplace_back();
  if (open_loops_.size() <= kMaxDepth) weight_ *= kLoopFactor;
}

void UseNotes::close_loop(uint32_t at, uint32_t fuel) {
  if (open_loops_.size() <= kMaxDepth) weight_ /= kLoopFactor;
  LoopUse inner = loop_;
  inner.fuel = fuel;
  pool_.loops[open_loops_.back().index] = inner;
  loop_ = open_loops_.back().around;
  open_loops_.pop_back();
  if (open_loops_.empty()) outer_loops_.back().second = at;
  loop_.read |= inner.read;
  loop_.written |= inner.written;
  loop_.calls |= inner.calls;
}

void UseNotes::call(TypeIdx type, bool import) {
  loop_.calls = true;
  uint32_t& seen = seen_[type.value + (import ? seen_.size() / 2 : 0)];
  if (seen == number_) return;
  seen = number_;
  pool_.called.push_back({type, import});
}

}  // namespace cordon::wasm
