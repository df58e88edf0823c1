// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Begin and end of a function. The body is assembled first, by itself; then how large the frame is
// is known, and the prologue is assembled and put before it.
#include <algorithm>
#include <bit>

#include "core/abi/frame.h"
#include "core/base/check.h"
#include "core/base/inline_call.h"
#include "core/jit/baseline/func_compiler_inl.h"

namespace cordon::jit {

using masm::freg;
using masm::reg;

namespace {

constexpr uint32_t kAlignment = 16;

// Counts nesting in code that is never reached, up to the `else` or `end` that ends it.
class Skipper {
 public:
#define OP(code, ident, text, imm, feature, kind, effect) \
  void ident(const wasm::immediate::imm&) { see(wasm::Op::ident); }
#include "core/wasm/opcodes.def"

  enum class Found : uint8_t { Nothing, Else, End };
  Found found = Found::Nothing;
  uint32_t loops = 0;

 private:
  void see(wasm::Op op) {
    if (op == wasm::Op::loop) ++loops;
    if (op == wasm::Op::loop || op == wasm::Op::block || op == wasm::Op::if_) ++depth_;
    if (op == wasm::Op::else_ && depth_ == 0) found = Found::Else;
    if (op != wasm::Op::end) return;
    if (depth_ == 0) found = Found::End;
    --depth_;
  }
  uint32_t depth_ = 0;
};

// Records whose `field` is an offset into the body, which stands at `by`.
template <class Record>
void add_moved(masm::Records<Record>& to, std::span<const Record> records, uint32_t Record::* field,
               uint32_t by) {
  Record* at = to.add_some(records.size());
  for (const Record& record : records) {
    *at = record;
    *at++.*field += by;
  }
}
void add_moved(masm::Records<abi::PackedTrapSite>& to, std::span<const abi::PackedTrapSite> sites,
               uint32_t by) {
  abi::PackedTrapSite* at = to.add_some(sites.size());
  for (const abi::PackedTrapSite site : sites) *at++ = site.moved(by);
}

}  // namespace

FuncCompiler::FuncCompiler(const wasm::Module& module, const abi::ModulePlan& plan,
                           const FuncOptions& options)
    : module_(module),
      plan_(plan),
      options_(options),
      shapes_(module),
      masm_(options.target),
      head_(options.target) {
  if (options.lines) masm_.keep_lines();
}

void FuncCompiler::begin_chunk(Chunk& chunk) {
  chunk_ = &chunk;
  masm_.use_pool(chunk.rodata);
  head_.use_pool(chunk.rodata);
}

Result<void> FuncCompiler::compile(const wasm::ValidatedFunc& func) {
  begin(func);
  body(func);
  finish_body();
  if (!masm_.end()) return fail(*masm_.error(), func.body().code.offset);
  prologue(func);
  if (!head_.end()) return fail(*head_.error(), func.body().code.offset);
  append(func);
  return {};
}

// Layout

void FuncCompiler::begin(const wasm::ValidatedFunc& func) {
  type_ = &func.type();
  CHECK(func.uses() != nullptr);
  uses_ = *func.uses();
  locals_.clear();
  for (const ValType param : func.type().params) locals_.push_back({.type = param});
  for (const wasm::LocalRun& run : module_.runs_of(func.body())) {
    locals_.insert(locals_.end(), run.count, {.type = run.type});
  }
  for (uint32_t i = 0; i < uses_.locals.size(); ++i) locals_[uses_.locals[i].local].use = i;
  stack_.clear();
  blocks_.clear();
  flushed_ = loop_ = slots_ = 0;
  owned_ = fowned_ = locked_ = flocked_ = cached_ = fcached_ = 0;
  locks_.fill(0);
  flocks_.fill(0);
  dead_ = flags_busy_ = false;
  op_offset_ = func.body().code.offset;
  counted_frame_ = abi::frame_counts(func) ? abi::counted_frame(func) : 0;
  choose_pins();
  lay_out();
  entry_u32_ = entry_u32();
  masm_.begin(entry_u32_);
  masm_.at(op_offset_);
  stack_trap_ = masm_.trap_label(Trap::call_stack_exhausted);
  if (options_.fuel) fuel_trap_ = masm_.trap_label(Trap::fuel_exhausted);
  blocks_.push_back({.kind = BlockKind::Body, .height = 0, .results = func.type().results});
  blocks_.back().join = masm_.new_join();
}

// Room for what calls pass and give back.
uint32_t FuncCompiler::outgoing_slots() const {
  uint32_t slots = 0;
  for (const wasm::CallUse& use : uses_.called) {
    const wasm::FuncType& type = module_.types[use.type.value];
    const size_t needed =
        use.import ? std::max(type.params.size(), type.results.size()) : shapes_[use.type].outgoing;
    slots = std::max(slots, static_cast<uint32_t>(needed));
  }
  return slots;
}

void FuncCompiler::pin(uint32_t index, uint8_t r, bool floating) {
  Local& l = locals_[index];
  l.pin = static_cast<uint8_t>(pins_.size());
  l.reg = r;
  pins_.push_back({index, r, floating, uses_.locals[l.use].last_read});
  (floating ? ftemps_ : temps_) &= ~(uint32_t{1} << r);
}

// The hottest locals, parameters in the register they come in. What is left over becomes a
// temporary.
void FuncCompiler::choose_pins() {
  pins_.clear();
  temps_ = masm::kTemps;
  ftemps_ = masm::kFTemps;
  for (const Reg r : masm::kPinnable) temps_ |= bit(r);
  for (const FReg r : masm::kFPinnable) ftemps_ |= bit(r);
  hot_.clear();
  for (const wasm::LocalUse& use : uses_.locals) {
    if (use.weight >= 2 || use.local < type_->params.size()) hot_.push_back(use);
  }
  std::ranges::sort(hot_, [](const wasm::LocalUse& a, const wasm::LocalUse& b) {
    return a.weight != b.weight ? a.weight > b.weight : a.local < b.local;
  });
  size_t ints = 0, floats = 0;
  std::erase_if(hot_, [&](const wasm::LocalUse& use) {
    const bool floating = is_float(locals_[use.local].type);
    return floating ? ++floats > masm::kFPinnable.size() : ++ints > masm::kPinnable.size();
  });
  uint32_t free = 0, ffree = 0;
  for (const Reg r : masm::kPinnable) free |= bit(r);
  for (const FReg r : masm::kFPinnable) ffree |= bit(r);
  abi::ParamPlaces places;
  for (uint32_t i = 0; i < type_->params.size(); ++i) {
    const abi::ParamPlace place = places.next(type_->params[i]);
    if (place.kind == abi::ParamPlace::Kind::Stack) continue;
    if (std::ranges::find(hot_, i, &wasm::LocalUse::local) == hot_.end()) continue;
    const bool floating = place.kind == abi::ParamPlace::Kind::Float;
    pin(i, static_cast<uint8_t>(place.index), floating);
    (floating ? ffree : free) &= ~(uint32_t{1} << place.index);
  }
  size_t next = 0, fnext = 0;
  for (const wasm::LocalUse& use : hot_) {
    const uint32_t index = use.local;
    if (locals_[index].pin != kNoPin) continue;
    if (is_float(locals_[index].type)) {
      while ((ffree & bit(masm::kFPinnable[fnext])) == 0) ++fnext;
      pin(index, static_cast<uint8_t>(masm::kFPinnable[fnext++]), true);
    } else {
      while ((free & bit(masm::kPinnable[next])) == 0) ++next;
      pin(index, static_cast<uint8_t>(masm::kPinnable[next++]), false);
    }
  }
}

// Outgoing area, homes (first those that must be zero at first), operand slots. Without calls
// nothing drives a pinned local out of its register.
void FuncCompiler::lay_out() {
  homes_at_ = 8 * outgoing_slots();
  uint32_t next = homes_at_;
  const auto params = static_cast<uint32_t>(type_->params.size());
  state_ = {};
  next_death_ = kNone;
  for (uint32_t p = 0; p < pins_.size(); ++p) {
    next_death_ = std::min(next_death_, pins_[p].last_read);
    const bool has_value = pins_[p].local < params || !written_first(locals_[pins_[p].local]);
    if (has_value) state_.regs |= uint32_t{1} << p;
  }
  for (const wasm::LocalUse& use : uses_.locals) {
    Local& l = locals_[use.local];
    if (use.local < params || l.pin != kNoPin || use.written_first) continue;
    l.home = next;
    next += 8;
  }
  zeroed_to_ = next;
  for (const wasm::LocalUse& use : uses_.locals) {
    Local& l = locals_[use.local];
    if (l.home != kNone || (l.pin != kNoPin && !uses_.calls)) continue;
    l.home = next;
    next += 8;
  }
  operands_at_ = next;
}

uint32_t FuncCompiler::entry_u32() const {
  uint32_t u32 = 0;
  for (uint32_t regs = state_.regs; regs != 0; regs &= regs - 1) {
    const Pin& pin = pins_[static_cast<unsigned>(std::countr_zero(regs))];
    if (locals_[pin.local].type == ValType::i32) u32 |= uint32_t{1} << pin.reg;
  }
  return u32;
}

// Body

void FuncCompiler::body(const wasm::ValidatedFunc& func) {
  wasm::ValidatedCursor cursor(module_, func);
  wasm::ValidatedOpReader reader(cursor, module_.features);
  cursor_ = &cursor;
  const uint8_t* at = cursor.position();
  const uint8_t* const end = at + func.body().code.size;
  while (at != end) {
    op_offset_ = cursor.offset_of(at);
    masm_.at(op_offset_);
    if (dead_) {
      skip_dead_code(reader);
      at = cursor.position();
    } else {
      CORDON_INLINE_CALL at = reader.next(at, *this);
    }
  }
  cursor_ = nullptr;
}

void FuncCompiler::skip_dead_code(wasm::ValidatedOpReader& reader) {
  Skipper skipper;
  while (skipper.found == Skipper::Found::Nothing) {
    op_offset_ = cursor_->offset();
    reader.next(skipper);
  }
  loop_ += skipper.loops;
  masm_.at(op_offset_);
  drop_to(blocks_.back().height);
  if (skipper.found == Skipper::Found::Else) return else_({});
  end({});
}

// Results beyond the first move on to the caller's outgoing area.
void FuncCompiler::finish_body() {
  Block& block = blocks_.front();
  if (!dead_) to_label(block);
  if (dead_ && !block.join.used) return;
  if (block.join.used) masm_.bind(block.join);
  const auto& results = type_->results;
  const bool int_result = !results.empty() && results[0] == ValType::i32;
  if (results.size() > 1) {
    for (uint32_t i = 0; i < results.size(); ++i) slot(i);
    if (is_float(results[0])) {
      masm_.load(fsize_of(results[0]), masm::kFResult, slot(0));
    } else {
      masm_.load(size_of(results[0]), masm::kResult, slot(0));
    }
    const uint32_t incoming =
        frame_size() + abi::kReturnAddress + 8 * call_shape(*type_).stack_params;
    for (uint32_t i = 1; i < results.size(); ++i) {
      masm_.load(Size::S64, masm::kScratch, slot(i));
      masm_.store(Size::S64, incoming + 8 * (i - 1), masm::kScratch);
    }
  }
  masm_.epilogue(frame_size(), int_result ? bit(masm::kResult) : 0);
}

// Prologue

void FuncCompiler::prologue(const wasm::ValidatedFunc& func) {
  head_.begin(shapes_[module_.funcs[func.index().value]].params_u32);
  head_.at(func.body().code.offset);
  head_.prologue(frame_size(), masm_.offset_of(stack_trap_));
  if (options_.fuel) head_.charge_entry(func.entry_fuel(), masm_.offset_of(fuel_trap_));
  place_params();
  zero_locals();
  if ((entry_u32_ & ~head_.u32()) != 0) head_.fail(masm::diag::fact_missing);
}

void FuncCompiler::place_params() {
  abi::ParamPlaces places;
  moves_.clear();
  fmoves_.clear();
  incoming_.clear();
  incoming_.reserve(abi::kIntParams.size() + abi::kFloatParams.size());
  // Homes first; then no register that holds a parameter is needed but those that move.
  for (uint32_t i = 0; i < type_->params.size(); ++i) {
    const abi::ParamPlace place = places.next(type_->params[i]);
    const Local& l = locals_[i];
    const auto number = static_cast<uint8_t>(place.index);
    if (l.use == kNone) continue;
    if (place.kind == abi::ParamPlace::Kind::Stack) {
      if (l.pin != kNoPin) continue;
      head_.load(Size::S64, masm::kScratch, frame_size() + abi::kReturnAddress + 8 * place.index);
      head_.store(Size::S64, l.home, masm::kScratch);
    } else if (l.pin != kNoPin) {
      incoming_.push_back({.kind = Kind::Reg, .type = l.type, .reg = number});
      const Move move{&incoming_.back(), pins_[l.pin].reg};
      (is_float(l.type) ? fmoves_ : moves_).add(move);
    } else if (is_float(l.type)) {
      head_.store(fsize_of(l.type), l.home, freg(number));
    } else {
      head_.store(size_of(l.type), l.home, reg(number));
    }
  }
  move_all<false>(head_, moves_);
  move_all<true>(head_, fmoves_);
  places = {};
  for (uint32_t i = 0; i < type_->params.size(); ++i) {
    const abi::ParamPlace place = places.next(type_->params[i]);
    const Local& l = locals_[i];
    if (place.kind != abi::ParamPlace::Kind::Stack || l.pin == kNoPin) continue;
    const uint32_t from = frame_size() + abi::kReturnAddress + 8 * place.index;
    if (is_float(l.type)) {
      head_.load(fsize_of(l.type), freg(pins_[l.pin].reg), from);
    } else {
      head_.load(size_of(l.type), reg(pins_[l.pin].reg), from);
    }
  }
}

void FuncCompiler::zero_locals() {
  const auto params = static_cast<uint32_t>(type_->params.size());
  for (const Pin& pin : pins_) {
    if (pin.local < params || written_first(locals_[pin.local])) continue;
    if (pin.floating) {
      head_.mov(FSize::F64, freg(pin.reg), uint64_t{0});
    } else {
      head_.zero(reg(pin.reg));
    }
  }
  uint32_t at = homes_at_;
  if (zeroed_to_ - at >= 16) head_.zero_scratch();
  for (; zeroed_to_ - at >= 16; at += 16) head_.zero_pair(at);
  if (at != zeroed_to_) head_.store(Size::S64, at, int32_t{0});
}

// The body starts on a multiple of kAlignment, as its loops took for given; the prologue ends
// there.
void FuncCompiler::append(const wasm::ValidatedFunc&) {
  const ByteSpan head = head_.code(), body = masm_.code();
  std::vector<uint8_t>& code = chunk_->code;
  const auto head_size = static_cast<uint32_t>(head.size());
  const auto end = static_cast<uint32_t>(code.size());
  const uint32_t body_at = (end + head_size + kAlignment - 1) / kAlignment * kAlignment;
  const uint32_t start = body_at - head_size;
  code.resize(start, abi::kPadding);
  code.insert(code.end(), head.begin(), head.end());
  code.insert(code.end(), body.begin(), body.end());
  const auto first_leader = static_cast<uint32_t>(chunk_->leaders.size());
  add_moved(chunk_->leaders, masm_.leaders(), &abi::Leader::offset, body_at);
  add_moved(chunk_->trap_sites, masm_.trap_sites(), body_at);
  add_moved(chunk_->call_sites, masm_.call_sites(), &abi::CallSite::return_offset, body_at);
  add_moved(chunk_->lines, masm_.lines(), &masm::MacroAssembler::Line::offset, body_at);
  add_moved(chunk_->table_entries, masm_.table_entries(), &masm::MacroAssembler::TableEntry::target,
            body_at);
  const auto refer = [&](const masm::MacroAssembler& from, uint32_t base) {
    for (const auto& [field, next, target] : from.relocations()) {
      uint32_t id = target.id;
      if ((id & masm::kRefersToCommon) == masm::kRefersToBody) {
        id = masm::kRefersToBody | ((id & ~masm::kRefersToCommon) + body_at);
      }
      chunk_->references.add({field + base, next + base, id});
    }
  };
  refer(head_, start);
  refer(masm_, body_at);
  chunk_->funcs.push_back({start, static_cast<uint32_t>(code.size()) - start, frame_size(),
                           first_leader,
                           static_cast<uint32_t>(chunk_->leaders.size()) - first_leader});
}

}  // namespace cordon::jit
