// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "fuzz/mutate/items.h"

#include "core/wasm/decode_op.h"
#include "tests/kit/module_builder.h"

namespace cordon::fuzz {
namespace {

using wasm::Cursor;
using wasm::ExternKind;
using wasm::Op;

struct LastOp {
#define OP(code, ident, text, imm, feature, kind, effect) \
  void ident(const wasm::immediate::imm&) { op = Op::ident; }
#include "core/wasm/opcodes.def"
  Op op = Op::unreachable;
};

void skip_expression(Cursor& in) {
  wasm::OpReader reader(in, wasm::Features::all());
  LastOp last;
  do {
    if (in.at_end()) in.u8();  // an error: no `end` came
    reader.next(last);
  } while (in.ok() && last.op != Op::end);
}

void skip_tag(Cursor& in) {
  in.u8();  // the attribute
  in.u32();
}

void skip_limits(Cursor& in) {
  const uint32_t flags = in.u32();
  in.u64();
  if ((flags & 1) != 0) in.u64();
}

void skip_types(Cursor& in) { in.skip(in.u32()); }  // each is one byte

void skip_indices(Cursor& in) {
  for (uint32_t count = in.u32(); count != 0 && in.ok(); --count) in.u32();
}

void skip_table(Cursor& in) {
  in.u8();
  skip_limits(in);
}

void skip_import(Cursor& in) {
  in.name();
  in.name();
  switch (static_cast<ExternKind>(in.u8())) {
    case ExternKind::Func: in.u32(); break;
    case ExternKind::Table: skip_table(in); break;
    case ExternKind::Memory: skip_limits(in); break;
    case ExternKind::Global: in.skip(2); break;
    case ExternKind::Tag: skip_tag(in); break;
  }
}

// Spec §5.5.12: bit 0 of the flags: not active; bit 1: a table's index, or declarative; bit 2:
// expressions.
void skip_elem(Cursor& in) {
  const uint32_t flags = in.u32();
  if ((flags & 1) == 0) {
    if ((flags & 2) != 0) in.u32();
    skip_expression(in);
  }
  if ((flags & 3) != 0) in.u8();  // the kind or the type
  if ((flags & 4) == 0) return skip_indices(in);
  for (uint32_t count = in.u32(); count != 0 && in.ok(); --count) skip_expression(in);
}

void skip_data(Cursor& in) {
  const uint32_t flags = in.u32();
  if (flags == 2) in.u32();
  if (flags != 1) skip_expression(in);
  in.skip(in.u32());
}

// Skips one item; an error of the cursor if the section `id` is no vector.
void skip_item(Cursor& in, uint8_t id) {
  switch (id) {
    case testing::kTypeSection: in.u8(), skip_types(in), skip_types(in); break;
    case testing::kImportSection: skip_import(in); break;
    case testing::kFunctionSection: in.u32(); break;
    case testing::kTableSection: skip_table(in); break;
    case testing::kMemorySection: skip_limits(in); break;
    case testing::kGlobalSection: in.skip(2), skip_expression(in); break;
    case testing::kExportSection: in.name(), in.u8(), in.u32(); break;
    case testing::kElementSection: skip_elem(in); break;
    case testing::kDataSection: skip_data(in); break;
    case testing::kTagSection: skip_tag(in); break;
    default: in.skip(in.remaining()), in.u8();
  }
}

}  // namespace

std::optional<Items> items_of(uint8_t id, const ByteString& content) {
  Cursor in{ByteSpan(content)};
  Items items;
  for (uint32_t count = in.u32(); count != 0 && in.ok(); --count) {
    const uint32_t begin = in.offset();
    skip_item(in, id);
    if (!in.ok()) break;
    items.emplace_back(content.begin() + begin, content.begin() + in.offset());
  }
  if (!in.ok() || !in.at_end()) return std::nullopt;
  return items;
}

ByteString join(const Items& items) {
  testing::WasmBytes content;
  content.u32(static_cast<uint32_t>(items.size()));
  for (const ByteString& item : items) content.raw(item);
  return content.bytes();
}

std::optional<std::vector<Instruction>> instructions_of(const ByteString& body) {
  Cursor in{ByteSpan(body)};
  for (uint32_t runs = in.u32(); runs != 0 && in.ok(); --runs) in.u32(), in.u8();
  std::vector<Instruction> all;
  wasm::OpReader reader(in, wasm::Features::all());
  LastOp last;
  while (in.ok() && !in.at_end()) {
    const uint32_t begin = in.offset();
    reader.next(last);
    if (in.ok()) all.push_back({last.op, begin, in.offset()});
  }
  if (!in.ok()) return std::nullopt;
  return all;
}

}  // namespace cordon::fuzz
