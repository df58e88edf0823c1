// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "fuzz/mutate/pieces.h"

#include <algorithm>

#include "core/wasm/decode_op.h"
#include "tests/kit/module_builder.h"

namespace cordon::fuzz {
namespace {

using testing::WasmBytes;
using wasm::Cursor;

constexpr uint32_t kHeader = 8;

ByteString copy(ByteSpan bytes) { return {bytes.begin(), bytes.end()}; }

// Reads bytes preceded by their size; false if it is missing, or more than what follows.
bool read_sized(Cursor& cursor, ByteSpan module, ByteString& out) {
  const uint32_t size = cursor.u32();
  if (!cursor.ok() || size > cursor.remaining()) return false;
  out = copy(module.subspan(cursor.offset(), size));
  cursor.skip(size);
  return true;
}

// The section as one piece, unless it is a number and as many bodies.
SectionPiece code_section(ByteString content) {
  SectionPiece section{testing::kCodeSection, {}};
  Cursor cursor{ByteSpan(content)};
  const uint32_t count = cursor.u32();
  const auto number = static_cast<ptrdiff_t>(cursor.offset());
  for (uint32_t i = 0; i < count; ++i) {
    Piece body;
    if (!read_sized(cursor, content, body.bytes)) break;
    section.bodies.push_back(std::move(body));
  }
  const bool whole = cursor.ok() && cursor.at_end() && section.bodies.size() == count;
  if (!whole || count == 0) return {testing::kCodeSection, {std::move(content)}};
  section.content.bytes.assign(content.begin(), content.begin() + number);
  return section;
}

void append_sized(WasmBytes& out, const Piece& piece, const ByteString& bytes) {
  out.u32(static_cast<uint32_t>(bytes.size()) + static_cast<uint32_t>(piece.size_error)).raw(bytes);
}

struct Nothing {
#define OP(code, ident, text, imm, feature, kind, effect) \
  void ident(const wasm::immediate::imm&) {}
#include "core/wasm/opcodes.def"
};

}  // namespace

Pieces cut(ByteSpan module) {
  Pieces pieces;
  pieces.header = copy(module.first(std::min<size_t>(kHeader, module.size())));
  Cursor cursor(module);
  cursor.skip(static_cast<uint32_t>(pieces.header.size()));
  uint32_t at = cursor.offset();
  while (!cursor.at_end()) {
    SectionPiece section{cursor.u8(), {}};
    if (!read_sized(cursor, module, section.content.bytes)) break;
    at = cursor.offset();
    const bool is_code = section.id == testing::kCodeSection;
    pieces.sections.push_back(is_code ? code_section(std::move(section.content.bytes))
                                      : std::move(section));
  }
  pieces.rest = copy(module.subspan(at));
  return pieces;
}

ByteString Pieces::write() const {
  WasmBytes out;
  out.raw(header);
  for (const SectionPiece& section : sections) {
    WasmBytes content;
    content.raw(section.content.bytes);
    for (const Piece& body : section.bodies) append_sized(content, body, body.bytes);
    append_sized(out.u8(section.id), section.content, content.bytes());
  }
  return out.raw(rest).bytes();
}

SectionPiece* Pieces::find(uint8_t id) {
  const auto found = std::find_if(sections.begin(), sections.end(),
                                  [id](const SectionPiece& section) { return section.id == id; });
  return found == sections.end() ? nullptr : &*found;
}

std::vector<uint32_t> instruction_starts(const ByteString& body) {
  Cursor cursor{ByteSpan(body)};
  for (uint32_t runs = cursor.u32(); runs != 0 && cursor.ok(); --runs) {
    cursor.u32();
    cursor.u8();
  }
  std::vector<uint32_t> starts;
  wasm::OpReader reader(cursor, wasm::Features::all());
  Nothing nothing;
  while (cursor.ok()) {
    starts.push_back(cursor.offset());
    if (cursor.at_end()) break;
    reader.next(nothing);
  }
  return starts;
}

}  // namespace cordon::fuzz
