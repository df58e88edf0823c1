// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tests/core/gdb/parsed_object.h"

#include <elf.h>
#include <gtest/gtest.h>

#include <cstring>

namespace cordon::gdb {
namespace {

// Zeros where the bytes end too early.
class Reader {
 public:
  explicit Reader(ByteSpan bytes, uint64_t at = 0) : bytes_(bytes), at_(at) {}
  template <class T>
  T get() {
    T value{};
    if (at_ > bytes_.size() || sizeof(T) > bytes_.size() - at_) {
      ADD_FAILURE() << sizeof(T) << " bytes at " << at_ << " of " << bytes_.size();
      at_ = bytes_.size();
      return value;
    }
    std::memcpy(&value, bytes_.data() + at_, sizeof(T));
    at_ += sizeof(T);
    return value;
  }
  uint64_t uleb() {
    uint64_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
      const auto byte = get<uint8_t>();
      value |= uint64_t{byte & 0x7fU} << shift;
      if (byte < 0x80) return value;
    }
  }
  ByteSpan take(uint64_t size) {
    if (size > bytes_.size() - at_) {
      ADD_FAILURE() << size << " bytes at " << at_ << " of " << bytes_.size();
      return {};
    }
    at_ += size;
    return bytes_.subspan(at_ - size, size);
  }
  std::string text() {
    std::string text;
    while (const auto c = get<char>()) text += c;
    return text;
  }
  bool at_end() const { return at_ >= bytes_.size(); }

 private:
  ByteSpan bytes_;
  uint64_t at_;
};

ByteSpan content(ByteSpan file, const Elf64_Shdr& section) {
  return Reader(file, section.sh_offset).take(section.sh_size);
}

void parse_symbols(ByteSpan file, const Elf64_Shdr& table, const Elf64_Shdr& names,
                   ParsedObject& out) {
  EXPECT_EQ(table.sh_entsize, sizeof(Elf64_Sym));
  EXPECT_EQ(table.sh_size % sizeof(Elf64_Sym), 0u);
  EXPECT_EQ(table.sh_info, table.sh_size / sizeof(Elf64_Sym)) << "all are local";
  const ByteSpan strings = content(file, names);
  for (Reader in(content(file, table)); !in.at_end();) {
    const auto symbol = in.get<Elf64_Sym>();
    if (symbol.st_info == 0) {
      EXPECT_EQ(symbol.st_name + symbol.st_shndx + symbol.st_value, 0u);
      continue;
    }
    EXPECT_EQ(symbol.st_info, ELF64_ST_INFO(STB_LOCAL, STT_FUNC));
    EXPECT_EQ(out.sections.at(symbol.st_shndx), ".text");
    out.symbols.push_back(
        {Reader(strings, symbol.st_name).text(), symbol.st_value, symbol.st_size});
  }
}

// One kind each of what call_frames writes; everything else fails.
void parse_rows(Reader in, ParsedFrames& out) {
  uint64_t at = out.start;
  while (!in.at_end()) {
    const auto code = in.get<uint8_t>();
    switch (code) {
      case 0x00: break;
      case 0x02: at += in.get<uint8_t>(); break;
      case 0x04: at += in.get<uint32_t>(); break;
      case 0x0e: out.rows[at] = in.uleb(); break;
      default: ADD_FAILURE() << "instruction " << int{code}; return;
    }
  }
}

}  // namespace

ParsedObject parse_object(ByteSpan bytes) {
  ParsedObject out;
  const auto header = Reader(bytes).get<Elf64_Ehdr>();
  EXPECT_EQ(std::memcmp(header.e_ident, ELFMAG, SELFMAG), 0);
  EXPECT_EQ(header.e_ident[EI_CLASS], ELFCLASS64);
  EXPECT_EQ(header.e_machine, EM_X86_64);
  EXPECT_EQ(header.e_shentsize, sizeof(Elf64_Shdr));
  std::vector<Elf64_Shdr> sections;
  Reader in(bytes, header.e_shoff);
  for (unsigned i = 0; i < header.e_shnum; ++i) sections.push_back(in.get<Elf64_Shdr>());
  EXPECT_TRUE(in.at_end());
  if (header.e_shstrndx >= sections.size()) {
    ADD_FAILURE() << "no names of sections";
    return out;
  }
  const ByteSpan names = content(bytes, sections[header.e_shstrndx]);
  for (const Elf64_Shdr& section : sections) {
    out.sections.push_back(Reader(names, section.sh_name).text());
    EXPECT_EQ(section.sh_offset % std::max<uint64_t>(section.sh_addralign, 1), 0u);
    if (out.sections.back() == ".text") {
      EXPECT_EQ(section.sh_type, uint32_t{SHT_NOBITS});
      EXPECT_EQ(section.sh_flags, uint64_t{SHF_ALLOC | SHF_EXECINSTR});
      out.text_address = section.sh_addr;
      out.text_size = section.sh_size;
    }
    if (out.sections.back() == ".debug_frame") out.debug_frame = content(bytes, section);
  }
  for (const Elf64_Shdr& section : sections) {
    if (section.sh_type == SHT_SYMTAB) {
      parse_symbols(bytes, section, sections.at(section.sh_link), out);
    }
  }
  return out;
}

std::vector<ParsedFrames> parse_frames(ByteSpan debug_frame) {
  std::vector<ParsedFrames> all;
  for (Reader in(debug_frame); !in.at_end();) {
    const auto length = in.get<uint32_t>();
    EXPECT_EQ((length + sizeof length) % 8, 0u);
    Reader entry(in.take(length));
    const auto cie = entry.get<uint32_t>();
    if (cie == UINT32_MAX) continue;
    EXPECT_EQ(cie, 0u) << "there is one, at the start";
    ParsedFrames frames;
    frames.start = entry.get<uint64_t>();
    frames.size = entry.get<uint64_t>();
    frames.rows[frames.start] = 8;
    parse_rows(entry, frames);
    all.push_back(std::move(frames));
  }
  return all;
}

}  // namespace cordon::gdb
