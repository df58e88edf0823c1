// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The mutations of instructions in bodies.
#include <algorithm>

#include "fuzz/gen/constants.h"
#include "fuzz/gen/rows.h"
#include "fuzz/mutate/mutator.h"
#include "tests/kit/wasm_bytes.h"

namespace cordon::fuzz {
namespace {

using testing::WasmBytes;
using wasm::Imm;
using wasm::Op;

constexpr uint8_t kBlockTypes[] = {0x40, 0x40, 0x7f, 0x7e, 0x7d, 0x7c, 0x70, 0x6f, 0, 1, 2, 3};
constexpr uint8_t kTypes[] = {0x7f, 0x7e, 0x7d, 0x7c, 0x70, 0x6f};
constexpr Op kStructure[] = {Op::block, Op::loop,     Op::if_,     Op::else_, Op::end,
                             Op::end,   Op::br,       Op::br_if,   Op::drop,  Op::unreachable,
                             Op::nop,   Op::br_table, Op::return_, Op::select};

// Opcodes that distinguish the types of operands.
constexpr Op kTyping[] = {Op::select,    Op::select,    Op::i32_const,   Op::i32_const,
                          Op::ref_null,  Op::ref_func,  Op::ref_is_null, Op::br_if,
                          Op::br_table,  Op::br,        Op::f32_const,   Op::i64_const,
                          Op::local_tee, Op::table_set, Op::select_t,    Op::drop};

// Indices are small, so that most are in range; an alignment is mostly not too large.
void write_immediates(WasmBytes& out, Imm imm, Choices& choices) {
  const auto index = [&] { out.u32(choices.below(8)); };
  switch (imm) {
    case Imm::None: break;
    case Imm::Block: out.u8(choices.of(kBlockTypes)); break;
    case Imm::LabelTable: {
      const uint32_t count = choices.below(4);
      out.u32(count);
      for (uint32_t i = 0; i <= count; ++i) out.u32(choices.below(3));
      break;
    }
    case Imm::Label: out.u32(choices.below(3)); break;
    case Imm::Func:
    case Imm::Local:
    case Imm::Global:
    case Imm::Table:
    case Imm::Data:
    case Imm::Tag:
    case Imm::Elem: index(); break;
    case Imm::TryTable: {
      const uint32_t count = choices.below(3);
      out.u8(choices.of(kBlockTypes)).u32(count);
      for (uint32_t i = 0; i < count; ++i) {
        const auto kind = static_cast<uint8_t>(choices.below(5));
        out.u8(kind);
        if (kind < 2) index();
        out.u32(choices.below(3));
      }
      break;
    }
    case Imm::CallIndirect:
    case Imm::TableInit:
    case Imm::TableCopy: index(), out.u32(choices.below(4)); break;
    case Imm::SelectTypes: out.u32(choices.once_in(8) ? 2 : 1).u8(choices.of(kTypes)); break;
    case Imm::MemArg: out.u32(choices.below(4)).u32(choices.of(kOffsets)); break;
    case Imm::Memory: out.u8(choices.once_in(16) ? 1 : 0); break;
    case Imm::MemoryInit: out.u32(choices.below(3)).u8(0); break;
    case Imm::MemoryCopy: out.u8(0).u8(choices.once_in(16) ? 1 : 0); break;
    case Imm::RefType: out.u8(choices.below(2) == 0 ? 0x70 : 0x6f); break;
    case Imm::I32: out.s32(static_cast<int32_t>(choices.of(kIntegers))); break;
    case Imm::I64: out.s64(static_cast<int64_t>(choices.of(kIntegers))); break;
    case Imm::F32: out.repeat(4, {0}); break;
    case Imm::F64: out.repeat(8, {0}); break;
    case Imm::V128: out.repeat(16, {choices.byte()}); break;
    case Imm::Lane: out.u8(static_cast<uint8_t>(choices.below(17))); break;
    case Imm::Shuffle:
      for (int lane = 0; lane < 16; ++lane) out.u8(static_cast<uint8_t>(choices.below(33)));
      break;
    case Imm::MemArgLane:
      out.u32(choices.below(4)).u32(choices.of(kOffsets));
      out.u8(static_cast<uint8_t>(choices.below(17)));
      break;
  }
}

const Row& row_of(Op op) {
  const std::span<const Row> all = rows();
  return *std::find_if(all.begin(), all.end(), [op](const Row& row) { return row.op == op; });
}

uint32_t opcode_size(Op op) { return static_cast<uint32_t>(WasmBytes().op(op).size()); }

// The row of the instruction at the start of `bytes`, by its code in its shortest encoding; null
// for another encoding.
const Row* row_at(std::span<const uint8_t> bytes) {
  for (const Row& row : rows()) {
    const WasmBytes code = WasmBytes().op(row.op);
    if (code.size() <= bytes.size() &&
        std::equal(code.bytes().begin(), code.bytes().end(), bytes.begin())) {
      return &row;
    }
  }
  return nullptr;
}

}  // namespace

ByteString Mutator::any_instruction(bool structure) {
  return instruction(structure ? row_of(choices_.of(kStructure)) : choices_.of(rows()));
}

ByteString Mutator::instruction(const Row& row) {
  WasmBytes out;
  out.op(row.op);
  write_immediates(out, row.imm, choices_);
  return out.bytes();
}

Mutator::Place Mutator::place_at(ByteString& body, const std::vector<uint32_t>& starts,
                                 size_t which) {
  return {&body, starts[which], starts[which + 1]};
}

// An opcode that occurs once is as likely as one that occurs often.
bool Mutator::any_op(Place& place) {
  Piece* const piece = any_body();
  if (piece == nullptr) return false;
  ByteString& body = piece->bytes;
  const std::vector<uint32_t> starts = instruction_starts(body);
  if (starts.size() < 2) return false;
  size_t which = any_of(starts.size() - 1);
  if (choices_.below(2) == 0) {
    bool seen[256] = {};
    for (size_t i = 0; i + 1 < starts.size(); ++i) seen[body[starts[i]]] = true;
    uint8_t wanted = choices_.byte();
    while (!seen[wanted]) ++wanted;
    while (body[starts[which]] != wanted) which = (which + 1) % (starts.size() - 1);
  }
  place = place_at(body, starts, which);
  return true;
}

void Mutator::replace(const Place& place, std::span<const uint8_t> bytes) {
  ByteString& body = *place.body;
  body.erase(body.begin() + place.begin, body.begin() + place.end);
  insert(body, place.begin, bytes);
}

void Mutator::insert_op() {
  Place place;
  if (any_op(place)) insert(*place.body, place.begin, any_instruction(false));
}

void Mutator::insert_structure() {
  Place place;
  if (any_op(place)) insert(*place.body, place.begin, any_instruction(true));
}

// The last unreachable removes whatever the block may not leave.
void Mutator::insert_dead() {
  Place place;
  if (!any_op(place)) return;
  WasmBytes code;
  code.op(Op::block).u8(choices_.of(kBlockTypes)).op(Op::unreachable);
  for (uint32_t i = 1 + choices_.below(4); i != 0; --i) {
    const bool typing = choices_.below(2) == 0;
    code.raw(instruction(typing ? row_of(choices_.of(kTyping)) : choices_.of(rows())));
  }
  code.op(Op::unreachable).end();
  // Drops the block's result, if it has one.
  if (code.bytes()[1] != kBlockTypes[0]) code.op(Op::drop);
  insert(*place.body, place.begin, code.bytes());
}

void Mutator::drop_else() {
  Piece* const piece = any_body();
  if (piece == nullptr) return;
  ByteString& body = piece->bytes;
  const std::vector<uint32_t> starts = instruction_starts(body);
  const auto is = [&](size_t which, Op op) {
    return body[starts[which]] == static_cast<uint8_t>(op);
  };
  std::vector<size_t> elses;
  for (size_t i = 0; i + 1 < starts.size(); ++i) {
    if (is(i, Op::else_)) elses.push_back(i);
  }
  if (elses.empty()) return;
  const size_t first = elses[any_of(elses.size())];
  size_t last = first + 1;
  for (uint32_t open = 0; last + 1 < starts.size() && (open != 0 || !is(last, Op::end)); ++last) {
    if (is(last, Op::block) || is(last, Op::loop) || is(last, Op::if_)) ++open;
    if (is(last, Op::end)) --open;
  }
  replace({&body, starts[first], starts[last]}, {});
}

void Mutator::delete_op() {
  Place place;
  if (any_op(place)) replace(place, {});
}

void Mutator::repeat_op() {
  Place from, to;
  if (!any_op(from)) return;
  const ByteString op(from.body->begin() + from.begin, from.body->begin() + from.end);
  if (any_op(to)) insert(*to.body, to.begin, op);
}

void Mutator::swap_ops() {
  Place place;
  if (!any_op(place)) return;
  const std::vector<uint32_t> starts = instruction_starts(*place.body);
  const auto next = std::upper_bound(starts.begin(), starts.end(), place.end);
  if (next == starts.end()) return;
  const auto at = [&](uint32_t offset) { return place.body->begin() + offset; };
  std::rotate(at(place.begin), at(place.end), at(*next));
}

void Mutator::replace_op() {
  Place place;
  if (!any_op(place)) return;
  const std::span<const uint8_t> bytes(place.body->data() + place.begin, place.end - place.begin);
  const Row* const old = row_at(bytes);
  if (old == nullptr) return;
  std::vector<const Row*> like;
  for (const Row& row : rows()) {
    if (row.imm == old->imm && row.op != old->op) like.push_back(&row);
  }
  if (like.empty()) return;
  place.end = place.begin + opcode_size(old->op);
  replace(place, WasmBytes().op(choices_.of(like)->op).bytes());
}

void Mutator::edit_immediate() {
  // Most instructions have none.
  constexpr int kTries = 4;
  for (int i = 0; i < kTries; ++i) {
    Place place;
    if (!any_op(place)) return;
    const std::span<const uint8_t> bytes(place.body->data() + place.begin, place.end - place.begin);
    const Row* const row = row_at(bytes);
    const uint32_t code = row == nullptr ? 1 : opcode_size(row->op);
    if (place.end - place.begin <= code) continue;
    const size_t which = any_of(place.end - place.begin - code);
    return edit((*place.body)[place.begin + code + which]);
  }
}

void Mutator::renumber_prefixed() {
  Piece* const piece = any_body();
  if (piece == nullptr) return;
  const std::vector<uint32_t> starts = instruction_starts(piece->bytes);
  std::vector<Place> places;
  for (size_t i = 0; i + 1 < starts.size(); ++i) {
    if (piece->bytes[starts[i]] == wasm::kPrefix)
      places.push_back(place_at(piece->bytes, starts, i));
  }
  if (places.empty()) return;
  Place place = places[any_of(places.size())];
  const uint32_t number = piece->bytes[place.begin + 1];
  if (number >= 0x80) return;
  WasmBytes code({wasm::kPrefix});
  if (choices_.below(2) == 0) {
    code.u32(number + (choices_.below(2) == 0 ? 0x10000 : 0x100));
  } else {
    code.u8(static_cast<uint8_t>(number | 0x80)).u8(0);
  }
  place.end = place.begin + 2;
  replace(place, code.bytes());
}

void Mutator::edit_locals() {
  Piece* const piece = any_body();
  if (piece == nullptr) return;
  const std::vector<uint32_t> starts = instruction_starts(piece->bytes);
  if (starts.empty() || starts[0] == 0) return;
  const auto at = static_cast<uint32_t>(any_of(starts[0]));
  if (choices_.below(2) == 0) return edit(piece->bytes[at]);
  const auto number = static_cast<uint32_t>(choices_.of(kIntegers));
  replace({&piece->bytes, at, at + 1}, WasmBytes().u32(number).bytes());
}

void Mutator::junk_after_end() {
  Piece* const piece = any_body();
  if (piece == nullptr) return;
  const ByteString junk = choices_.below(2) == 0 ? any_instruction(choices_.below(2) == 1)
                                                 : ByteString{choices_.byte()};
  insert(piece->bytes, static_cast<uint32_t>(piece->bytes.size()), junk);
}

void Mutator::cut_body() {
  Piece* const piece = any_body();
  if (piece != nullptr && !piece->bytes.empty()) piece->bytes.resize(any_of(piece->bytes.size()));
}

}  // namespace cordon::fuzz
