// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The mutations of bytes and of sections.
#include <algorithm>

#include "fuzz/gen/constants.h"
#include "fuzz/mutate/mutator.h"
#include "tests/kit/module_builder.h"

namespace cordon::fuzz {

using testing::WasmBytes;

namespace {

// Bytes of types in all places, and bytes with another meaning in the same places.
constexpr uint8_t kTypes[] = {0x7f, 0x7e, 0x7d, 0x7c, 0x7b, 0x70, 0x6f, 0x60, 0x40, 0x69, 0x64};
constexpr uint8_t kEdges[] = {0,    1,    2,    3,    4,    5,    6,    7,   8,
                              0x23, 0x3f, 0x40, 0x41, 0x7f, 0x80, 0xd2, 0xff};
// Last bytes of a LEB that is longer than necessary: valid bits, invalid bits, and signs.
constexpr uint8_t kLast[] = {0, 0, 1, 0x0f, 0x10, 0x40, 0x70, 0x78, 0x7e, 0x7f};
// First and last characters of each length; overlong, surrogate, too large and truncated ones.
constexpr std::string_view kCharacters[] = {
    "\xc2\x80",     "\xdf\xbf",     "\xe0\xa0\x80",     "\xef\xbf\xbf",     "\xf0\x90\x80\x80",
    "\xc0\x80",     "\xc1\xbf",     "\xe0\x80\x80",     "\xe0\x9f\xbf",     "\xf4\x8f\xbf\xbf",
    "\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80",
    "\x80",         "\xe2\x82",     "\xf0\x9f\x92",     "\xed\x9f\xbf",     "\xee\x80\x80"};

bool is_type(uint8_t byte) {
  return std::find(std::begin(kTypes), std::end(kTypes), byte) != std::end(kTypes);
}

}  // namespace

SectionPiece* Mutator::any_section() {
  if (module_.sections.empty()) return nullptr;
  return &module_.sections[any_of(module_.sections.size())];
}

Piece* Mutator::any_body() {
  SectionPiece* const code = module_.find(testing::kCodeSection);
  if (code == nullptr || code->bodies.empty()) return nullptr;
  return &code->bodies[any_of(code->bodies.size())];
}

Piece* Mutator::any_piece() {
  SectionPiece* const section = any_section();
  if (section == nullptr) return nullptr;
  if (section->bodies.empty()) return &section->content;
  return &section->bodies[any_of(section->bodies.size())];
}

bool Mutator::any_byte(ByteString*& bytes, uint32_t& at) {
  Piece* const piece = any_piece();
  if (piece == nullptr || piece->bytes.empty()) return false;
  bytes = &piece->bytes;
  at = static_cast<uint32_t>(any_of(bytes->size()));
  return true;
}

void Mutator::insert(ByteString& into, uint32_t at, std::span<const uint8_t> bytes) {
  into.insert(into.begin() + at, bytes.begin(), bytes.end());
}

void Mutator::edit(uint8_t& byte) {
  switch (choices_.below(3)) {
    case 0: byte = static_cast<uint8_t>(byte + 1); break;
    case 1: byte = static_cast<uint8_t>(byte - 1); break;
    default: byte = choices_.of(kEdges); break;
  }
}

void Mutator::flip_bit() {
  ByteString* bytes = nullptr;
  uint32_t at = 0;
  if (any_byte(bytes, at)) (*bytes)[at] ^= static_cast<uint8_t>(1u << choices_.below(8));
}

void Mutator::set_byte() {
  ByteString* bytes = nullptr;
  uint32_t at = 0;
  if (any_byte(bytes, at)) (*bytes)[at] = choices_.byte();
}

void Mutator::insert_byte() {
  ByteString* bytes = nullptr;
  uint32_t at = 0;
  if (!any_byte(bytes, at)) return;
  if (choices_.once_in(8)) at = static_cast<uint32_t>(bytes->size());
  bytes->insert(bytes->begin() + at, choices_.of(kEdges));
}

void Mutator::delete_byte() {
  ByteString* bytes = nullptr;
  uint32_t at = 0;
  if (any_byte(bytes, at)) bytes->erase(bytes->begin() + at);
}

void Mutator::off_by_one() {
  ByteString* bytes = nullptr;
  uint32_t at = 0;
  if (!any_byte(bytes, at)) return;
  uint8_t& byte = (*bytes)[at];
  byte = static_cast<uint8_t>(choices_.below(2) == 0 ? byte + 1 : byte - 1);
}

// Lengthens a LEB by zeros, or by ones as in a negative number.
void Mutator::lengthen_leb() {
  ByteString* bytes = nullptr;
  uint32_t at = 0;
  if (!any_byte(bytes, at) || (*bytes)[at] >= 0x80) return;
  const bool negative = ((*bytes)[at] & 0x40) != 0 && choices_.below(2) == 0;
  ByteString more(1 + choices_.below(choices_.once_in(4) ? 10 : 4), negative ? 0xff : 0x80);
  more.back() = choices_.once_in(3) ? choices_.of(kLast) : more.back() & 0x7f;
  (*bytes)[at] |= 0x80;
  insert(*bytes, at + 1, more);
}

void Mutator::edge_leb() {
  ByteString* bytes = nullptr;
  uint32_t at = 0;
  if (!any_byte(bytes, at) || (*bytes)[at] >= 0x80) return;
  const uint64_t number = choices_.of(kIntegers);
  bytes->erase(bytes->begin() + at);
  insert(*bytes, at,
         (choices_.below(2) == 0 ? WasmBytes().u32(static_cast<uint32_t>(number))
                                 : WasmBytes().s64(static_cast<int64_t>(number)))
             .bytes());
}

void Mutator::exchange_type() {
  Piece* const piece = any_piece();
  if (piece == nullptr) return;
  std::vector<uint8_t*> types;
  for (uint8_t& byte : piece->bytes) {
    if (is_type(byte)) types.push_back(&byte);
  }
  if (!types.empty()) *types[any_of(types.size())] = choices_.of(kTypes);
}

void Mutator::edge_utf8() {
  const bool imports = choices_.below(2) == 0;
  SectionPiece* const section =
      module_.find(imports ? testing::kImportSection : testing::kExportSection);
  const std::string_view character = choices_.of(kCharacters);
  if (section == nullptr || section->content.bytes.size() < character.size()) return;
  ByteString& content = section->content.bytes;
  const size_t at = any_of(content.size() - character.size() + 1);
  std::copy(character.begin(), character.end(), content.begin() + static_cast<ptrdiff_t>(at));
}

void Mutator::swap_sections() {
  SectionPiece* const one = any_section();
  if (one != nullptr) std::swap(*one, *any_section());
}

void Mutator::drop_section() {
  if (SectionPiece* const section = any_section()) {
    module_.sections.erase(module_.sections.begin() + (section - module_.sections.data()));
  }
}

void Mutator::repeat_section() {
  SectionPiece* const section = any_section();
  if (section == nullptr) return;
  const SectionPiece copy = *section;
  module_.sections.insert(module_.sections.begin() + (section - module_.sections.data()), copy);
}

void Mutator::take_section() {
  if (donor_.sections.empty()) return;
  const SectionPiece& given = donor_.sections[any_of(donor_.sections.size())];
  if (SectionPiece* const own = module_.find(given.id)) {
    *own = given;
    return;
  }
  const size_t where = any_of(module_.sections.size() + 1);
  module_.sections.insert(module_.sections.begin() + static_cast<ptrdiff_t>(where), given);
}

// The contents of a custom section have no effect on validity, even if the section has a meaning.
void Mutator::add_custom() {
  constexpr std::string_view kNames[] = {"name", "x", "target_features", ""};
  WasmBytes content;
  content.name(choices_.of(kNames));
  for (uint32_t i = choices_.below(12); i != 0; --i) content.u8(choices_.byte());
  SectionPiece section{testing::kCustomSection, {content.bytes()}};
  const size_t where = any_of(module_.sections.size() + 1);
  module_.sections.insert(module_.sections.begin() + static_cast<ptrdiff_t>(where), section);
}

void Mutator::edit_count() {
  SectionPiece* const section = any_section();
  if (section != nullptr && !section->content.bytes.empty()) edit(section->content.bytes[0]);
}

// A count, then for each export a name, a kind and an index.
void Mutator::repeat_name() {
  SectionPiece* const section = module_.find(testing::kExportSection);
  if (section == nullptr || section->content.bytes.size() < 2) return;
  ByteString& content = section->content.bytes;
  const size_t name = content[1];
  if (content[0] >= 0x7f || name >= 0x80 || content.size() < 2 + name) return;
  ByteString more(content.begin() + 1, content.begin() + 2 + static_cast<ptrdiff_t>(name));
  more.push_back(static_cast<uint8_t>(choices_.below(4)));
  more.push_back(0);
  ++content[0];
  insert(content, static_cast<uint32_t>(content.size()), more);
}

// At a zero before i32.const, which is how such a segment begins.
void Mutator::explicit_memory() {
  SectionPiece* const section = module_.find(testing::kDataSection);
  if (section == nullptr) return;
  ByteString& content = section->content.bytes;
  const uint8_t beginning[] = {0, 0x41};
  const auto found =
      std::search(content.begin(), content.end(), std::begin(beginning), std::end(beginning));
  if (found == content.end()) return;
  constexpr uint8_t kWithMemory = 2;
  *found = kWithMemory;
  content.insert(found + 1, choices_.below(2) == 0 ? 0 : 1);
}

void Mutator::lie_of_size() {
  SectionPiece* const section = any_section();
  if (section == nullptr) return;
  Piece& piece = section->bodies.empty() || choices_.below(2) == 0
                     ? section->content
                     : section->bodies[any_of(section->bodies.size())];
  piece.size_error = choices_.below(2) == 0 ? 1 : -1;
}

void Mutator::data_count() {
  if (SectionPiece* const section = module_.find(testing::kDataCountSection)) {
    if (choices_.below(2) == 0) {
      if (!section->content.bytes.empty()) edit(section->content.bytes[0]);
    } else {
      module_.sections.erase(module_.sections.begin() + (section - module_.sections.data()));
    }
    return;
  }
  SectionPiece* const code = module_.find(testing::kCodeSection);
  const ptrdiff_t where = code == nullptr ? 0 : code - module_.sections.data();
  const SectionPiece made{testing::kDataCountSection, {WasmBytes().u32(choices_.below(4)).bytes()}};
  module_.sections.insert(module_.sections.begin() + where, made);
}

void Mutator::cut_module() {
  ByteString whole = module_.write();
  whole.resize(any_of(whole.size() + 1));
  module_ = cut(whole);
}

}  // namespace cordon::fuzz
