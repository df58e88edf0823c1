// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/cli/listing.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <span>

#include "core/jit/baseline/baseline.h"
#include "core/wasm/print.h"
#include "sandbox/cli/disassembler.h"
#include "sandbox/supervisor/printable.h"

namespace cordon::cli {

namespace {

std::string one_line(std::string_view name) {
  std::string out;
  for (const char c : supervisor::printable(name)) {
    if (c == '\n' || c == '\t') {
      out += c == '\n' ? "\\x0a" : "\\x09";
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

// Machine code of one function, instruction by instruction.
class Lister::Reader {
 public:
  Reader(const Lister& lister, const abi::BlobFunc& func)
      : lister_(lister), end_(func.offset + func.size) {}

  // The instructions that start in [from, to).
  std::vector<CodeLine> lines(uint32_t from, uint32_t to) const {
    std::vector<CodeLine> out;
    while (from < to) {
      out.push_back(line(from));
      from += static_cast<uint32_t>(out.back().bytes.size() / 2);
    }
    return out;
  }

 private:
  CodeLine line(uint32_t at) const {
    const ByteSpan rest = lister_.blob_.code.subspan(at, end_ - at);
    const Instruction read = disassembler_.read(rest, at);
    CodeLine out{at, {}, read.text, note(at, read)};
    for (const uint8_t byte : rest.first(read.length)) out.bytes += fmt::format("{:02x}", byte);
    return out;
  }

  std::string note(uint32_t at, const Instruction& read) const {
    if (const abi::TrapSite* trap = trap_at(at)) return std::string(trap_name(trap->trap));
    switch (read.refers_to) {
      case RefersTo::Nothing: break;
      case RefersTo::Branch: return branch_target(read.target);
      case RefersTo::Call: return call_target(read.target);
      case RefersTo::Data: return data(read.target);
      case RefersTo::Context: return field(read.target);
    }
    return {};
  }

  const abi::TrapSite* trap_at(uint64_t offset) const {
    const auto& sites = lister_.blob_.trap_sites;
    const auto found = std::ranges::lower_bound(sites, offset, {}, &abi::TrapSite::offset);
    return found != sites.end() && found->offset == offset ? &*found : nullptr;
  }

  // A branch may lead to a load that may trap; the note of that trap is not the branch's.
  std::string branch_target(uint64_t offset) const {
    const bool is_trap =
        offset < end_ && Disassembler::is_trap(lister_.blob_.code.subspan(offset, end_ - offset));
    const abi::TrapSite* trap = is_trap ? trap_at(offset) : nullptr;
    return trap == nullptr ? std::string() : std::string(trap_name(trap->trap));
  }

  std::string call_target(uint64_t offset) const {
    const auto& funcs = lister_.blob_.funcs;
    const auto found = std::ranges::lower_bound(funcs, offset, {}, &abi::BlobFunc::offset);
    if (found == funcs.end() || found->offset != offset) return "no function";
    const uint32_t index = found->body + lister_.module_->module().imported_funcs;
    const std::string_view name = lister_.name_of(index);
    return fmt::format("func {}{}{}", index, name.empty() ? "" : " ", one_line(name));
  }

  std::string field(uint64_t disp) const {
    for (const abi::FieldRow& row : abi::kVmFields) {
      if (row.offset == disp) return std::string(row.name);
    }
    const uint64_t builtin = (disp - abi::offset_of(abi::Builtin{0})) / sizeof(void*);
    if (builtin < abi::kBuiltins.size()) return std::string(abi::kBuiltins[builtin].name);
    const abi::ModulePlan& plan = lister_.plan_;
    if (disp >= plan.size()) return "outside of the context";
    if (disp >= plan.global(0)) return fmt::format("global {}", (disp - plan.global(0)) / 8);
    if (disp >= plan.type_id(0)) return fmt::format("id of type {}", (disp - plan.type_id(0)) / 4);
    return fmt::format("table {}", (disp - plan.table(0)) / 8);
  }

  std::string data(uint64_t offset) const {
    const uint64_t rodata = lister_.blob_.rodata_at - lister_.blob_.code_at;
    return fmt::format("read-only data + {:#x}", offset - rodata);
  }

  const Lister& lister_;
  const uint32_t end_;
  Disassembler disassembler_;
};

Lister::Lister(const wasm::ValidatedModule& module)
    : module_(&module), names_(module.module()), plan_(module.module()) {}

Result<Lister> Lister::create(const wasm::ValidatedModule& module, bool fuel) {
  Lister lister(module);
  lister.bytes_ =
      TRY(jit::compile(module, jit::baseline_tier,
                       {.target = abi::detect_target(), .fuel = fuel, .lines = &lister.lines_}));
  lister.blob_ = TRY(abi::decode_blob(lister.bytes_));
  return lister;
}

std::string_view Lister::name_of(uint32_t func) const {
  const std::string_view name = names_.function_name(wasm::FuncIdx{func});
  if (!name.empty()) return name;
  for (const wasm::Export& item : module_->module().exports) {
    if (item.kind == wasm::ExternKind::Func && item.index == func) return item.name;
  }
  return {};
}

std::vector<ListingRow> Lister::wasm_rows(size_t index) const {
  std::vector<ListingRow> rows;
  wasm::InstructionPrinter printer(module_->module(), module_->funcs()[index].body().code);
  while (printer.next()) {
    rows.push_back({printer.offset(), printer.depth(), printer.text(), {}});
  }
  return rows;
}

// Lines are in the order of the code. That is the order of the wasm, except for a load that is
// emitted at its use, and up to where out-of-line code begins.
FuncListing Lister::list(size_t index) const {
  const wasm::ValidatedFunc& func = module_->funcs()[index];
  const abi::BlobFunc& code = blob_.funcs[index];
  const uint32_t end = code.offset + code.size;
  const Reader reader(*this, code);
  FuncListing out{.index = func.index().value,
                  .name = one_line(name_of(func.index().value)),
                  .type = wasm::print(func.type()),
                  .offset = code.offset,
                  .size = code.size,
                  .frame_size = code.frame_size,
                  .wasm_size = func.body().code.size,
                  .rows = {}};
  const auto first = std::ranges::lower_bound(lines_, code.offset, {}, &jit::Line::offset);
  const auto last = std::ranges::lower_bound(first, lines_.end(), end, {}, &jit::Line::offset);
  const auto code_of = [&](auto line) {
    const auto next = line + 1;
    return reader.lines(line->offset, next == last ? end : next->offset);
  };
  out.rows.push_back({{}, 0, {}, reader.lines(code.offset, first == last ? end : first->offset)});
  const auto inline_end = std::ranges::max_element(first, last, {}, &jit::Line::wasm_offset);
  std::vector<ListingRow> wasm = wasm_rows(index);
  auto row = wasm.begin();
  for (auto line = first; line != last; ++line) {
    while (row != wasm.end() && (row->wasm_offset < line->wasm_offset || line > inline_end)) {
      out.rows.push_back(std::move(*row++));
    }
    if (row != wasm.end() && row->wasm_offset == line->wasm_offset) {
      out.rows.push_back(std::move(*row++));
      out.rows.back().code = code_of(line);
    } else {
      out.rows.push_back({line->wasm_offset, 0, {}, code_of(line)});
    }
  }
  std::move(row, wasm.end(), std::back_inserter(out.rows));
  return out;
}

}  // namespace cordon::cli
