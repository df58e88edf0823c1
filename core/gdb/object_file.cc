// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/gdb/object_file.h"

#include <elf.h>

#include <cstring>

#include "core/gdb/byte_writer.h"
#include "core/gdb/call_frames.h"

namespace cordon::gdb {
namespace {

constexpr size_t kAlign = 8;
enum Section : uint16_t { kNone, kText, kSymbols, kNames, kDebugFrame, kSectionNames, kSections };

// The fields in which sections differ.
struct SectionKind {
  std::string_view name;
  uint32_t type;
  uint64_t flags = 0, address = 0, size = 0;  // the size in the file is that of the bytes
  uint32_t link = 0, info = 0;
  uint64_t align = 1, entry_size = 0;
};

class Writer {
 public:
  Writer() {
    out_.put(Elf64_Ehdr{});
    headers_.put(Elf64_Shdr{});
    names_.text("");
  }

  // Sections are added in the order of the enum.
  void add(const SectionKind& kind, ByteSpan bytes = {}) {
    Elf64_Shdr header{};
    header.sh_name = static_cast<Elf64_Word>(names_.size());
    names_.text(kind.name);
    header.sh_type = kind.type;
    header.sh_flags = kind.flags;
    header.sh_addr = kind.address;
    header.sh_offset = out_.size();
    header.sh_size = kind.type == SHT_NOBITS ? kind.size : bytes.size();
    header.sh_link = kind.link;
    header.sh_info = kind.info;
    header.sh_addralign = kind.align;
    header.sh_entsize = kind.entry_size;
    headers_.put(header);
    out_.raw(bytes);
    out_.fill_to_multiple_of(kAlign, 0);
  }

  std::vector<uint8_t> finish() {
    constexpr std::string_view kOwnName = ".shstrtab";
    ByteWriter names = names_;
    names.text(kOwnName);
    add({.name = kOwnName, .type = SHT_STRTAB}, names.bytes());
    const size_t headers_at = out_.size();
    out_.raw(headers_.bytes());
    out_.put_at(0, file_header(headers_at));
    return out_.take();
  }

 private:
  static Elf64_Ehdr file_header(uint64_t headers_at) {
    Elf64_Ehdr header{};
    std::memcpy(header.e_ident, ELFMAG, SELFMAG);
    header.e_ident[EI_CLASS] = ELFCLASS64;
    header.e_ident[EI_DATA] = ELFDATA2LSB;
    header.e_ident[EI_VERSION] = EV_CURRENT;
    header.e_type = ET_EXEC;  // nothing to relocate: values of symbols are addresses
    header.e_machine = elf_machine();
    header.e_version = EV_CURRENT;
    header.e_shoff = headers_at;
    header.e_ehsize = sizeof(Elf64_Ehdr);
    header.e_shentsize = sizeof(Elf64_Shdr);
    header.e_shnum = kSections;
    header.e_shstrndx = kSectionNames;
    return header;
  }

  ByteWriter out_, headers_, names_;
};

void put_symbols(std::span<const Symbol> symbols, ByteWriter& table, ByteWriter& names) {
  table.put(Elf64_Sym{});
  names.text("");
  for (const Symbol& symbol : symbols) {
    Elf64_Sym entry{};
    entry.st_name = static_cast<Elf64_Word>(names.size());
    entry.st_info = ELF64_ST_INFO(STB_LOCAL, STT_FUNC);
    entry.st_shndx = kText;
    entry.st_value = symbol.address;
    entry.st_size = symbol.size;
    table.put(entry);
    names.text(symbol.name);
  }
}

}  // namespace

std::vector<uint8_t> object_file(uint64_t code_address, uint64_t code_size,
                                 std::span<const Symbol> symbols, ByteSpan debug_frame) {
  ByteWriter table, names;
  put_symbols(symbols, table, names);
  Writer writer;
  writer.add({.name = ".text",
              .type = SHT_NOBITS,
              .flags = SHF_ALLOC | SHF_EXECINSTR,
              .address = code_address,
              .size = code_size});
  writer.add({.name = ".symtab",
              .type = SHT_SYMTAB,
              .link = kNames,
              .info = static_cast<uint32_t>(symbols.size() + 1),  // local ones
              .align = kAlign,
              .entry_size = sizeof(Elf64_Sym)},
             table.bytes());
  writer.add({.name = ".strtab", .type = SHT_STRTAB}, names.bytes());
  writer.add({.name = ".debug_frame", .type = SHT_PROGBITS, .align = kAlign}, debug_frame);
  return writer.finish();
}

}  // namespace cordon::gdb
