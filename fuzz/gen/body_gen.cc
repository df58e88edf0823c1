// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "fuzz/gen/body_gen.h"

#include "fuzz/gen/constants.h"

namespace cordon::fuzz {

using wasm::Imm;
using wasm::Op;
using wasm::ValType;

namespace {

constexpr uint32_t kMaxSteps = 300;
constexpr uint32_t kCounters = 3;
constexpr ValType kTypes[] = {ValType::i32, ValType::i64,     ValType::f32,
                              ValType::f64, ValType::funcref, ValType::externref};

}  // namespace

BodyGen::BodyGen(const Plan& plan, Choices choices, uint32_t index)
    : plan_(plan), choices_(choices), own_type_(plan.funcs[index]), type_(plan.types[own_type_]) {}

void BodyGen::declare_locals() {
  locals_ = type_.params;
  uint32_t count = choices_.once_in(8) ? 24 : choices_.below(9);
  if (plan_.scale == Scale::ManyLocals) count += 130;
  if (plan_.scale == Scale::LargeFrame) count += 520;
  for (uint32_t i = 0; i < count; ++i) {
    const bool vector = plan_.vectors != Vectors::None && choices_.once_in(5);
    locals_.push_back(vector ? ValType::v128 : choices_.of(kTypes));
    if (has_exnref() && choices_.once_in(8)) locals_.back() = ValType::exnref;
  }
  hidden_ = static_cast<uint32_t>(locals_.size());
  digests_ = choices_.below(2) == 1 && plan_.scale != Scale::LargeFrame;
}

void BodyGen::generate(Bytes& code, std::vector<testing::Locals>& locals) {
  declare_locals();
  labels_.push_back({type_.results});
  while (!choices_.spent() && steps_ < kMaxSteps) statements();
  if (digests_) {
    for (uint32_t i = 0; i < locals_.size(); ++i) {
      read_local(i);
      digest();
    }
  }
  if (choices_.once_in(8)) sum_at_the_end();
  settle(type_.results);
  for (size_t i = type_.params.size(); i < locals_.size(); ++i) locals.push_back({1, locals_[i]});
  locals.push_back({kCounters, ValType::i32});
  locals.push_back({1, ValType::f32});
  locals.push_back({1, ValType::f64});
  if (plan_.vectors != Vectors::None) locals.push_back({1, ValType::v128});
  if (plan_.exceptions == Exceptions::Standard) locals.push_back({kMaxTries, ValType::exnref});
  if (pays_) code.append(prologue());
  code.append(code_);
}

// [D1] requires runs that end by themselves, with fuel or without.
BodyGen::Bytes BodyGen::prologue() const {
  const uint32_t budget = plan_.budget_global;
  Bytes code;
  code.op(Op::global_get).u32(budget).op(Op::i32_eqz).block(Op::if_);
  for (ValType type : type_.results) {
    switch (type) {
      case ValType::i32: code.i32_const(0); break;
      case ValType::i64: code.i64_const(0); break;
      case ValType::f32: code.f32_const(0); break;
      case ValType::f64: code.f64_const(0); break;
      case ValType::v128: code.v128_const({}); break;
      case ValType::funcref:
      case ValType::externref:
      case ValType::exnref: code.op(Op::ref_null).type(type); break;
    }
  }
  code.op(Op::return_).end();
  return code.op(Op::global_get)
      .u32(budget)
      .i32_const(1)
      .op(Op::i32_sub)
      .op(Op::global_set)
      .u32(budget);
}

void BodyGen::statements() {
  uint32_t count = 1 + choices_.below(choices_.once_in(8) ? 40 : 8);
  while (count-- != 0 && !choices_.spent() && steps_ < kMaxSteps) step();
}

void BodyGen::step() {
  ++steps_;
  // Opcodes that make the structure, and opcodes that fill the stack.
  constexpr Op kStructure[] = {Op::block,     Op::loop,          Op::if_,       Op::br_if,
                               Op::call,      Op::call_indirect, Op::local_set, Op::local_tee,
                               Op::local_get, Op::local_get,     Op::local_get, Op::local_get,
                               Op::br_table,  Op::select,        Op::drop,      Op::global_set};
  const std::span<const Row* const> all = rows(plan_.vectors);
  if (choices_.once_in(10)) return idiom();
  if (plan_.exceptions != Exceptions::None && choices_.once_in(12)) {
    const uint32_t which = choices_.below(4);
    return which == 3 ? throw_again() : which == 2 ? throw_() : attempt();
  }
  if (plan_.tail_calls && choices_.once_in(30)) {
    return choices_.below(2) == 1 ? return_call() : return_call_indirect();
  }
  const uint32_t how = choices_.below(4);
  if (how == 3) {
    const Op op = choices_.of(kStructure);
    for (const Row* row : all) {
      if (row->op == op) return emit(*row);
    }
  }
  // Continue with the value just made: compilers look at two instructions at a time.
  if (how == 2 && available() != 0 && !wasm::is_ref(stack_.back().type)) {
    return emit(*choices_.of(rows_taking(stack_.back().type, plan_.vectors)));
  }
  // Bytes without information, as in a reduced input, become nops.
  const auto count = static_cast<uint32_t>(all.size());
  constexpr uint32_t kNop = 1;
  emit(*all[(choices_.below(count) + kNop) % count]);
}

void BodyGen::emit(const Row& row) {
  switch (row.kind) {
    case RowKind::Pure: return numeric(row);
    case RowKind::Fixed: return fixed(row);
    case RowKind::Load:
    case RowKind::Store: return access(row);
    case RowKind::Control: break;
  }
  // What the module may not have, its method leaves out.
  switch (row.op) {
#define CONTROL(code, ident, text, imm, feature, kind, effect) \
  case Op::ident: return ident();
#define FIXED(code, ident, text, imm, sig, feature, kind, effect) case Op::ident:
#define PURE(code, ident, text, sig, feature, kind, effect) case Op::ident:
#define LOAD(code, ident, text, type, memory, feature) case Op::ident:
#define STORE(code, ident, text, type, memory, feature) case Op::ident:
#define VECTOR(code, ident, text, sig, feature, kind, effect) case Op::ident:
#define VECTOR_LOAD(code, ident, text, memory, feature) case Op::ident:
#define VECTOR_STORE(code, ident, text, memory, feature) case Op::ident:
#define LANE(code, ident, text, lanes, sig, feature, kind, effect) case Op::ident:
#define LANE_LOAD(code, ident, text, memory, feature) case Op::ident:
#define LANE_STORE(code, ident, text, memory, feature) case Op::ident:
#include "core/wasm/opcodes.def"
    break;
  }
}

void BodyGen::numeric(const Row& row) {
  need(row.params);
  if (row.may_trap && !choices_.once_in(8)) tame(row);
  const ValType last = row.params.back();
  const bool exact = available() != 0 && stack_.back().exact;
  if (row.reads_nan && !exact) canonical(last);
  code_.op(row.op);
  if (row.lanes != 0) code_.u8(static_cast<uint8_t>(choices_.below(row.lanes)));
  if (row.nan_width != 0) canonical_lanes(row.nan_width);
  pop(row.params.size());
  for (ValType type : row.results) push(type, row.moves_bits);
}

// The vector just computed, with each NaN replaced by a canonical one, so that its bits are the
// same in every engine.
void BodyGen::canonical_lanes(uint8_t width) {
  const uint32_t local = hidden_vector();
  const wasm::V128 nan = width == 4 ? wasm::V128{0x7fc0'0000'7fc0'0000, 0x7fc0'0000'7fc0'0000}
                                    : wasm::V128{uint64_t{0x7ff8} << 48, uint64_t{0x7ff8} << 48};
  code_.local_tee(local).v128_const(nan).local_get(local).local_get(local);
  code_.op(width == 4 ? Op::f32x4_eq : Op::f64x2_eq).op(Op::v128_bitselect);
}

// Makes the last operand one that rarely traps.
void BodyGen::tame(const Row& row) {
  switch (row.params.back()) {
    case ValType::i32: code_.i32_const(1).op(Op::i32_or); break;
    case ValType::i64: code_.i64_const(1).op(Op::i64_or); break;
    case ValType::f32: code_.op(Op::f32_abs).f32_const(1e9f).op(Op::f32_min); break;
    case ValType::f64: code_.op(Op::f64_abs).f64_const(2e9).op(Op::f64_min); break;
    case ValType::v128:
    case ValType::funcref:
    case ValType::externref:
    case ValType::exnref: break;
  }
}

uint32_t BodyGen::hidden_vector() const { return hidden_ + kCounters + 2; }

uint32_t BodyGen::hidden_exception(uint32_t tries) const {
  return hidden_vector() + (plan_.vectors == Vectors::None ? 0 : 1) + tries;
}

void BodyGen::canonical(ValType type) {
  const bool narrow = type == ValType::f32;
  const uint32_t local = hidden_ + kCounters + (narrow ? 0 : 1);
  code_.local_set(local).local_get(local);
  if (narrow) {
    code_.f32_const(__builtin_nanf(""));
  } else {
    code_.f64_const(__builtin_nan(""));
  }
  code_.local_get(local).local_get(local).op(narrow ? Op::f32_eq : Op::f64_eq).op(Op::select);
}

void BodyGen::access(const Row& row) {
  // A load combined with an operand in a local, which compilers fold.
  uint32_t other = 0;
  const bool joined =
      row.kind == RowKind::Load && choices_.below(4) == 3 && pick_local(row.results[0], other);
  if (joined) read_local(other);
  uint32_t offset = choices_.below(32);
  if (choices_.once_in(40)) offset = choices_.of(kOffsets);
  const size_t before = stack_.size();
  if (covers(row.params, row.params.size()) && choices_.once_in(16)) {
    need(row.params);
  } else {
    address();
    for (ValType type : row.params.subspan(1)) produce(type);
  }
  const bool exact = stack_.size() > before && stack_.back().exact;
  if (row.reads_nan && !exact) canonical(row.params.back());
  uint32_t align = 0;
  while ((2u << align) <= row.width && choices_.below(2) == 1) ++align;
  indexed(row.op, align);
  index(offset);
  if (row.lanes != 0) code_.u8(static_cast<uint8_t>(choices_.below(row.lanes)));
  pop(row.params.size());
  for (ValType type : row.results) push(type, row.moves_bits);
  if (joined) join(row.results[0]);
}

// Combines the top with what is below, sometimes into the local that was the address.
void BodyGen::join(ValType type) {
  numeric(*choices_.of(rows_taking(type, plan_.vectors)));
  const uint32_t to = recent_[0];
  if (available() == 0 || locals_[to] != stack_.back().type || choices_.below(2) == 0) return;
  code_.local_set(to);
  pop(1);
}

void BodyGen::fixed(const Row& row) {
  // Three i32 are places and a size; a constant count keeps most of them in bounds.
  const bool bulk = row.params.size() == 3;
  if (bulk && !choices_.once_in(32)) {
    if (row.imm == Imm::Memory || row.imm == Imm::MemoryCopy || row.imm == Imm::MemoryInit) {
      address();
    } else {
      code_.i32_const(static_cast<int32_t>(choices_.below(8)));
      push(ValType::i32);
    }
    // Sometimes beyond 2^32 together with the size.
    const auto from = static_cast<int32_t>(choices_.below(8));
    code_.i32_const(choices_.once_in(24) ? -from : from);
    code_.i32_const(static_cast<int32_t>(choices_.below(choices_.once_in(12) ? 200 : 6)));
    push(ValType::i32);
    push(ValType::i32);
  } else if (row.op == Op::memory_grow && !choices_.once_in(8)) {
    code_.i32_const(static_cast<int32_t>(choices_.below(3)));
    push(ValType::i32);
  } else {
    need(row.params);
  }
  code_.op(row.op);
  immediates(row.imm);
  pop(row.params.size());
  for (ValType type : row.results) push(type, true);
}

// Small, an edge, or anything of `bytes` bytes.
uint64_t BodyGen::integer(unsigned bytes) {
  switch (choices_.below(4)) {
    case 0: return choices_.below(9);
    case 1: return choices_.bits(bytes);
    default: return choices_.of(kIntegers);
  }
}

// Lanes of one width, all the same or each different.
wasm::V128 BodyGen::vector() {
  const auto floats = [&] {
    return uint64_t{choices_.of(kFloats32)} << 32 | choices_.of(kFloats32);
  };
  const uint64_t one = integer(8);
  const uint64_t bytes = 0x0101'0101'0101'0101 * (one & 0xff);
  switch (choices_.below(6)) {
    case 0: return {one, integer(8)};
    case 1: return {one, one};
    case 2: return {bytes, bytes};
    case 3: return {0x1'0001'0001'0001 * (one & 0xffff), 0x1'0001'0001'0001 * (one >> 48)};
    case 4: return {floats(), floats()};
    default: return {choices_.of(kFloats64), choices_.of(kFloats64)};
  }
}

// Writes the immediates of a row with a fixed signature; other rows have methods for theirs.
void BodyGen::immediates(Imm imm) {
  const auto count = [](const auto& items) { return static_cast<uint32_t>(items.size()); };
  switch (imm) {
    case Imm::Memory: code_.u8(0); break;
    case Imm::MemoryCopy: code_.u8(0).u8(0); break;
    case Imm::MemoryInit: code_.u32(choices_.below(count(plan_.datas))).u8(0); break;
    case Imm::Data: code_.u32(choices_.below(count(plan_.datas))); break;
    case Imm::Elem: code_.u32(choices_.below(count(plan_.elems))); break;
    case Imm::TableInit: {
      const uint32_t elem = choices_.below(count(plan_.elems));
      code_.u32(elem).u32(pick_table(plan_.elems[elem].type));
      break;
    }
    case Imm::TableCopy: {
      const uint32_t to = choices_.below(count(plan_.tables));
      code_.u32(to).u32(pick_table(plan_.tables[to].element));
      break;
    }
    case Imm::Table: code_.u32(choices_.below(count(plan_.tables))); break;
    case Imm::I32: code_.s32(static_cast<int32_t>(integer(4))); break;
    case Imm::I64: code_.s64(static_cast<int64_t>(integer(8))); break;
    case Imm::F32: {
      const uint32_t bits = choices_.of(kFloats32);
      code_.raw(ByteSpan(reinterpret_cast<const uint8_t*>(&bits), sizeof bits));
      break;
    }
    case Imm::F64: {
      const uint64_t bits = choices_.of(kFloats64);
      code_.raw(ByteSpan(reinterpret_cast<const uint8_t*>(&bits), sizeof bits));
      break;
    }
    case Imm::None:
    case Imm::Block:
    case Imm::Label:
    case Imm::LabelTable:
    case Imm::Func:
    case Imm::CallIndirect:
    case Imm::Tag:
    case Imm::TryTable:
    case Imm::SelectTypes:
    case Imm::Local:
    case Imm::Global:
    case Imm::MemArg:
    case Imm::RefType:
    case Imm::Lane:
    case Imm::MemArgLane: break;
    case Imm::V128: code_.v128(vector()); break;
    case Imm::Shuffle:
      for (uint32_t i = 0; i < sizeof(wasm::V128); ++i) {
        code_.u8(static_cast<uint8_t>(choices_.below(32)));
      }
      break;
  }
}

// An index into memory: mostly inside, often at an edge, in the forms compilers use.
void BodyGen::address() {
  const auto end = static_cast<uint32_t>(plan_.memory.min * 65536);
  const auto near = [&] { return choices_.below(33) - 24; };
  switch (choices_.below(16)) {
    default:
      produce(ValType::i32);
      code_.i32_const(choices_.below(2) == 1 ? 0xff : 0xfff8).op(Op::i32_and);
      // Through a local, which then is the index without change.
      if (uint32_t local = 0; choices_.below(3) == 2 && pick_local(ValType::i32, local)) {
        code_.local_set(local);
        pop(1);
        read_local(local);
      }
      return;
    case 10: code_.i32_const(static_cast<int32_t>(choices_.below(1024))); break;
    case 11: code_.i32_const(static_cast<int32_t>(end + near())); break;
    case 12:
      code_.op(Op::memory_size).u8(0).i32_const(16).op(Op::i32_shl);
      code_.i32_const(static_cast<int32_t>(near())).op(Op::i32_add);
      break;
    case 13:
      produce(ValType::i64);
      code_.i64_const(static_cast<int64_t>(0xffffffff00000ff0)).op(Op::i64_and);
      code_.op(Op::i32_wrap_i64);
      pop(1);
      break;
    case 14:
      code_.i32_const(choices_.once_in(4) ? static_cast<int32_t>(choices_.of(kIntegers)) : 8);
      break;
    case 15:
      produce(ValType::i32);
      if (!choices_.once_in(4)) code_.i32_const(0x7f).op(Op::i32_and);
      return;
  }
  push(ValType::i32);
}

void BodyGen::index(uint32_t index) {
  if (!plan_.pads || choices_.below(3) != 0) {
    code_.u32(index);
    return;
  }
  // Up to the five bytes that 32 bits may take (spec §5.2.2).
  uint32_t bytes = 1;
  for (uint32_t rest = index >> 7; rest != 0; rest >>= 7) ++bytes;
  bytes += choices_.below(6 - bytes);
  for (; bytes > 1; --bytes, index >>= 7) code_.u8(static_cast<uint8_t>(index | 0x80));
  code_.u8(static_cast<uint8_t>(index & 0x7f));
}

void BodyGen::indexed(Op op, uint32_t number) {
  code_.op(op);
  index(number);
}

uint32_t BodyGen::pick_func() {
  const auto count = static_cast<uint32_t>(plan_.funcs.size());
  if (choices_.once_in(4)) return choices_.below(count);
  // Imports, and the functions after the fillers.
  const uint32_t some = choices_.below(count - plan_.first_full + plan_.imported_funcs);
  return some < plan_.imported_funcs ? some : some - plan_.imported_funcs + plan_.first_full;
}

uint32_t BodyGen::pick_seen_func() {
  uint32_t func = pick_func();
  while (!plan_.may_be_seen(func)) func = (func + 1) % static_cast<uint32_t>(plan_.funcs.size());
  return func;
}

uint32_t BodyGen::pick_successor() {
  uint32_t func = pick_func();
  while (plan_.type_of(func).results != type_.results) {
    func = (func + 1) % static_cast<uint32_t>(plan_.funcs.size());
  }
  return func;
}

uint32_t BodyGen::any_local() {
  const uint32_t how = choices_.below(8);
  if (how >= 5 && how <= 6) return recent_[how - 5];
  return choices_.below(static_cast<uint32_t>(locals_.size()));
}

void BodyGen::read_local(uint32_t local) {
  indexed(Op::local_get, local);
  push(locals_[local]);
  recent_[1] = recent_[0];
  recent_[0] = local;
}

bool BodyGen::pick_local(ValType type, uint32_t& local) {
  const auto count = static_cast<uint32_t>(locals_.size());
  if (count == 0) return false;
  const uint32_t start = any_local();
  for (uint32_t i = 0; i < count; ++i) {
    local = (start + i) % count;
    if (locals_[local] == type) return true;
  }
  return false;
}

bool BodyGen::pick_global(ValType type, bool writable, uint32_t& global) {
  const auto count = static_cast<uint32_t>(plan_.globals.size());
  const uint32_t start = choices_.below(count);
  for (uint32_t i = 0; i < count; ++i) {
    global = (start + i) % count;
    const wasm::GlobalType& candidate = plan_.globals[global];
    if (hidden_global(global) || candidate.value != type) continue;
    if (!writable || candidate.is_mutable) return true;
  }
  return false;
}

uint32_t BodyGen::pick_table(ValType type) {
  const auto count = static_cast<uint32_t>(plan_.tables.size());
  uint32_t table = choices_.below(count);
  while (plan_.tables[table].element != type) table = (table + 1) % count;
  return table;
}

}  // namespace cordon::fuzz
