// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The frame of a module (spec §5.5.16): header, sections in their order, custom sections, and what
// sections must agree on. Contents are in decode_types.cc, decode_segments.cc, decode_code.cc.
#include <algorithm>

#include "core/base/hex.h"
#include "core/wasm/decoder.h"
#include "core/wasm/limits.h"
#include "core/wasm/proposals.h"

namespace cordon::wasm {
namespace {

constexpr uint8_t kCustomId = 0;

struct Section {
  uint8_t id;
  std::string_view text;
};
constexpr Section kSections[] = {
#define SECTION(id, ident, text) {id, text},
#include "core/wasm/sections.def"
};

// The place in sections.def, or -1.
constexpr int place_of(uint8_t id) {
  for (int i = 0; i < static_cast<int>(std::size(kSections)); ++i) {
    if (kSections[i].id == id) return i;
  }
  return -1;
}

constexpr bool ids_are_complete() {
  for (unsigned id = 1; id <= std::size(kSections); ++id) {
    if (place_of(static_cast<uint8_t>(id)) < 0) return false;
  }
  return true;
}
static_assert(ids_are_complete());

// The kind of file, and advice, if the first bytes are those of a known kind of file other than a
// module.
std::string foreign_kind(ByteSpan bytes) {
  std::string_view text = as_text(bytes);
  text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
#define FOREIGN(start, what, advice) \
  if (text.starts_with(start)) return what "; " advice;
#include "core/wasm/foreign_files.def"
  const bool is_text = text.size() >= 4 && text[0] >= ' ' && text[0] < '\x7f';
  if (!is_text) return {};
  return "no WebAssembly module; a compiler for wasm32-wasip1 makes one";
}

// Components have layer 1 in the upper half of their version; early ones had 10 in the lower half.
constexpr bool is_component(uint32_t version) {
  return version >> 16 == 1 && (version & 0xffff) >= 10;
}

}  // namespace

ModuleDecoder::ModuleDecoder(ByteSpan bytes, Features features) : module_(bytes), in_(bytes) {
  module_.features = features;
}

Result<Module> ModuleDecoder::decode() {
  decode_header();
  while (in_.ok() && !in_.at_end()) decode_section();
  if (in_.ok()) check_consistency();
  TRY_VOID(in_.result());
  return std::move(module_);
}

void ModuleDecoder::decode_header() {
  constexpr std::string_view kMagic{"\0asm", 4};
  constexpr std::string_view kVersion{"\1\0\0\0", 4};
  if (module_.bytes().empty()) in_.fail(diag::empty_file, 0);
  if (std::string kind = foreign_kind(module_.bytes()); !kind.empty()) {
    in_.fail(diag::foreign_file, 0, std::move(kind));
  }
  const std::string_view magic = as_text(in_.take(4));
  if (in_.ok() && magic != kMagic) in_.fail(diag::magic_missing, 0);
  const ByteSpan version = in_.take(4);
  if (in_.ok() && as_text(version) != kVersion) {
    const uint32_t number = version[0] | uint32_t{version[1]} << 8 | uint32_t{version[2]} << 16 |
                            uint32_t{version[3]} << 24;
    in_.fail(is_component(number) ? diag::component : diag::version_unknown, 4, hex(number));
  }
}

void ModuleDecoder::decode_section() {
  const uint32_t start = in_.offset();
  const uint8_t id = in_.u8();
  const int place = place_of(id);
  if (id != kCustomId && place < 0) {
    fail_unknown(in_, MarkPlace::Section, id, start, diag::malformed_section_id,
                 std::to_string(id));
    return;
  }
  const uint32_t size = in_.u32();
  Cursor section = in_.sub(size);
  if (!in_.ok()) return;
  if (id == kCustomId) {
    decode_custom(section);
  } else if (place <= last_section_) {
    in_.fail(diag::unexpected_content, start,
             std::string(kSections[place].text) + " section after " +
                 std::string(kSections[last_section_].text) + " section");
    return;
  } else {
    last_section_ = place;
    module_.sections.push_back({id, {section.offset(), size}});
    switch (id) {
#define SECTION(id, ident, text) \
  case id: decode_##ident(section); break;
#include "core/wasm/sections.def"
      default: break;
    }
    if (section.ok() && !section.at_end()) {
      section.fail(diag::section_size_mismatch, section.offset(),
                   std::to_string(section.remaining()) + " bytes are left of the " +
                       std::string(kSections[place].text) + " section");
    }
  }
  in_.adopt(section);
}

void ModuleDecoder::decode_custom(Cursor& in) {
  const uint32_t start = in.offset();
  const std::string_view name = in.name();
  if (module_.customs.size() == kMaxCustomSections) {
    in.fail_limit(start, std::to_string(kMaxCustomSections + 1) + " custom sections",
                  kMaxCustomSections);
  }
  if (!in.ok()) return;
  module_.customs.push_back({name, {in.offset(), in.remaining()}});
}

// A code section compares its count itself, and so does a data section, if the module has one.
void ModuleDecoder::check_consistency() {
  const size_t defined = module_.funcs.size() - module_.imported_funcs;
  if (module_.bodies.size() != defined) {
    in_.fail(diag::counts_differ, in_.offset(),
             std::to_string(defined) + " functions are declared, " +
                 std::to_string(module_.bodies.size()) + " have a body");
  }
  if (module_.data_count && *module_.data_count != module_.datas.size()) {
    in_.fail(diag::data_counts_differ, in_.offset(),
             std::to_string(*module_.data_count) + " segments are announced, " +
                 std::to_string(module_.datas.size()) + " are there");
  }
}

Result<Module> decode_module(ByteSpan bytes, Features features) {
  if (bytes.size() > kMaxModuleSize) {
    return fail(diag::limit_exceeded, kMaxModuleSize,
                "a module of " + std::to_string(bytes.size()) + " bytes, the limit is " +
                    std::to_string(kMaxModuleSize));
  }
  return ModuleDecoder(bytes, features).decode();
}

}  // namespace cordon::wasm
