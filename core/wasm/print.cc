// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/wasm/print.h"

#include <bit>
#include <charconv>
#include <cmath>

#include "core/base/hex.h"
#include "core/wasm/decode_op.h"

namespace cordon::wasm {
namespace {

void add(std::string& out, uint64_t index) { out += ' ' + std::to_string(index); }

void add_types(std::string& out, std::string_view keyword, const std::vector<ValType>& types) {
  if (types.empty()) return;
  if (!out.empty()) out += ' ';
  out += '(';
  out += keyword;
  for (const ValType type : types) {
    out += ' ';
    out += name_of(type);
  }
  out += ')';
}

// Shortest decimal that reads back as the same bits; NaNs with their payload (spec §6.3.2).
template <class Float, class Bits>
void add_float(std::string& out, Bits bits) {
  constexpr int kMantissa = sizeof(Float) == 4 ? 23 : 52;
  const auto value = std::bit_cast<Float>(bits);
  const Bits payload = bits & ((Bits{1} << kMantissa) - 1);
  out += ' ';
  if (std::isnan(value)) {
    if (std::signbit(value)) out += '-';
    out += "nan";
    if (payload != Bits{1} << (kMantissa - 1)) out += ":" + hex(payload);
    return;
  }
  char digits[32];
  const auto end = std::to_chars(digits, digits + sizeof digits, value);
  out.append(digits, end.ptr);
}

void add_imm(std::string&, const immediate::None&) {}
void add_imm(std::string& out, const immediate::Block& imm) {
  if (imm.type.kind == BlockType::Kind::Value) {
    out += " (result " + std::string(name_of(imm.type.value)) + ")";
  } else if (imm.type.kind == BlockType::Kind::Func) {
    out += " (type " + std::to_string(imm.type.type.value) + ")";
  }
}
void add_imm(std::string& out, const immediate::Label& imm) { add(out, imm.label.value); }
void add_imm(std::string& out, const immediate::LabelTable& imm) {
  for (const LabelIdx label : imm.labels) add(out, label.value);
  add(out, imm.otherwise.value);
}
void add_imm(std::string& out, const immediate::Func& imm) { add(out, imm.func.value); }
void add_imm(std::string& out, const immediate::CallIndirect& imm) {
  if (imm.table.value != 0) add(out, imm.table.value);
  out += " (type " + std::to_string(imm.type.value) + ")";
}
void add_imm(std::string& out, const immediate::Tag& imm) { add(out, imm.tag.value); }
void add_imm(std::string& out, const immediate::TryTable& imm) {
  constexpr std::string_view kNames[] = {"catch", "catch_ref", "catch_all", "catch_all_ref"};
  add_imm(out, immediate::Block{imm.type});
  for (const immediate::Catch& clause : imm.catches) {
    (out += " (") += kNames[static_cast<uint8_t>(clause.kind)];
    if (clause.has_tag()) add(out, clause.tag.value);
    add(out, clause.label.value);
    out += ')';
  }
}
void add_imm(std::string& out, const immediate::SelectTypes& imm) {
  out += " (result " + std::string(name_of(imm.type)) + ")";
}
void add_imm(std::string& out, const immediate::Local& imm) { add(out, imm.local.value); }
void add_imm(std::string& out, const immediate::Global& imm) { add(out, imm.global.value); }
void add_imm(std::string& out, const immediate::Table& imm) { add(out, imm.table.value); }
// The natural alignment is left out, as in the text format.
void add_access(std::string& out, const immediate::MemArg& imm, size_t natural) {
  if (imm.offset != 0) out += " offset=" + std::to_string(imm.offset);
  if (imm.align >= 64) {
    out += " align=2**" + std::to_string(imm.align);  // not valid, but it can be encoded
  } else if (uint64_t{1} << imm.align != natural) {
    out += " align=" + std::to_string(uint64_t{1} << imm.align);
  }
}
void add_imm(std::string&, const immediate::Memory&) {}
void add_imm(std::string& out, const immediate::MemoryInit& imm) { add(out, imm.data.value); }
void add_imm(std::string&, const immediate::MemoryCopy&) {}
void add_imm(std::string& out, const immediate::Data& imm) { add(out, imm.data.value); }
void add_imm(std::string& out, const immediate::Elem& imm) { add(out, imm.elem.value); }
void add_imm(std::string& out, const immediate::TableInit& imm) {
  add(out, imm.table.value);
  add(out, imm.elem.value);
}
void add_imm(std::string& out, const immediate::TableCopy& imm) {
  add(out, imm.to.value);
  add(out, imm.from.value);
}
void add_imm(std::string& out, const immediate::RefType& imm) {
  const HeapKind heap = heap_of(imm.type);
  out += heap == HeapKind::func ? " func" : heap == HeapKind::exn ? " exn" : " extern";
}
void add_imm(std::string& out, const immediate::I32& imm) {
  out += ' ' + std::to_string(imm.value);
}
void add_imm(std::string& out, const immediate::I64& imm) {
  out += ' ' + std::to_string(imm.value);
}
// The first lane first, as in the text format.
void add_imm(std::string& out, const immediate::V128& imm) {
  out += " i32x4";
  for (const uint32_t lane : lanes_of<uint32_t>(imm.value)) out += ' ' + hex(lane);
}
void add_imm(std::string& out, const immediate::Lane& imm) { add(out, imm.lane); }
void add_imm(std::string& out, const immediate::Shuffle& imm) {
  for (const uint8_t lane : imm.lanes) add(out, lane);
}
void add_imm(std::string& out, const immediate::F32& imm) { add_float<float>(out, imm.bits); }
void add_imm(std::string& out, const immediate::F64& imm) { add_float<double>(out, imm.bits); }

// A visitor of decode_op: the row's text, then what its immediates say.
struct TextOf {
  std::string& out;
  Op op = Op::nop;
#define OP(code, ident, text, imm, feature, kind, effect) \
  void ident(const immediate::imm& immediates) {          \
    op = Op::ident;                                       \
    out = text;                                           \
    add_imm(out, immediates);                             \
  }
#define LOAD(code, ident, text, type, memory, feature) \
  void ident(const immediate::MemArg& immediates) {    \
    op = Op::ident;                                    \
    out = text;                                        \
    add_access(out, immediates, sizeof(memory));       \
  }
#define STORE(code, ident, text, type, memory, feature) \
  LOAD(code, ident, text, type, memory, feature)
#define VECTOR_LOAD(code, ident, text, memory, feature) \
  LOAD(code, ident, text, v128, memory, feature)
#define VECTOR_STORE(code, ident, text, memory, feature) \
  LOAD(code, ident, text, v128, memory, feature)
#define LANE_LOAD(code, ident, text, memory, feature)   \
  void ident(const immediate::MemArgLane& immediates) { \
    op = Op::ident;                                     \
    out = text;                                         \
    add_access(out, immediates.access, sizeof(memory)); \
    add(out, immediates.lane);                          \
  }
#define LANE_STORE(code, ident, text, memory, feature) LANE_LOAD(code, ident, text, memory, feature)
#include "core/wasm/opcodes.def"
};

}  // namespace

std::string print(const FuncType& type) {
  std::string out;
  add_types(out, "param", type.params);
  add_types(out, "result", type.results);
  return out;
}

std::string print(const Limits& limits) {
  std::string out = std::to_string(limits.min);
  if (limits.has_max) add(out, limits.max);
  return out;
}

InstructionPrinter::InstructionPrinter(const Module& module, ByteRange range)
    : features_(module.features), cursor_(module.bytes(), range) {}

bool InstructionPrinter::next() {
  if (!cursor_.ok() || cursor_.at_end()) return false;
  offset_ = cursor_.offset();
  TextOf visitor{text_};
  OpReader(cursor_, features_).next(visitor);
  if (!cursor_.ok()) return false;
  const bool closes = visitor.op == Op::end || visitor.op == Op::else_;
  const bool opens = visitor.op == Op::block || visitor.op == Op::loop || visitor.op == Op::if_ ||
                     visitor.op == Op::else_;
  if (closes && open_ != 0) --open_;
  depth_ = open_;
  if (opens) ++open_;
  return true;
}

}  // namespace cordon::wasm
