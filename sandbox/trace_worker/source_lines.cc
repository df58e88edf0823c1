// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The one file that uses LLVM's reader of DWARF.
#include "sandbox/trace_worker/source_lines.h"

#include <llvm/DebugInfo/DWARF/DWARFContext.h>
#include <llvm/Support/MemoryBuffer.h>

#include <string_view>
#include <utility>

namespace cordon::trace_worker {
namespace {

constexpr std::string_view kPrefix = ".debug_";
constexpr uint8_t kAddressBytes = 4;
constexpr bool kLittleEndian = true;

// Errors in the DWARF are ignored.
void ignore(llvm::Error error) { llvm::consumeError(std::move(error)); }

using Sections = llvm::StringMap<std::unique_ptr<llvm::MemoryBuffer>>;

// By their names without the dot, as LLVM expects them. The bytes are not copied.
Sections sections_of(const wasm::Module& module) {
  Sections sections;
  uint64_t total = 0;
  for (const wasm::CustomSection& custom : module.customs) {
    if (!custom.name.starts_with(kPrefix)) continue;
    total += custom.range.size;
    if (total > SourceLines::kMostBytes) return {};
    const std::string_view bytes = as_text(module.bytes(custom.range));
    sections[custom.name.substr(1)] = llvm::MemoryBuffer::getMemBuffer(
        llvm::StringRef(bytes), "", /*RequiresNullTerminator=*/false);
  }
  return sections;
}

}  // namespace

struct SourceLines::Reader {
  explicit Reader(Sections all)
      : sections(std::move(all)),
        context(
            llvm::DWARFContext::create(sections, kAddressBytes, kLittleEndian, ignore, ignore)) {}
  Sections sections;
  std::unique_ptr<llvm::DWARFContext> context;
};

SourceLines::SourceLines(const wasm::Module& module)
    : code_at_(module.code_section.offset), code_size_(module.code_section.size) {
  Sections sections = sections_of(module);
  if (!sections.empty()) reader_ = std::make_unique<Reader>(std::move(sections));
}

SourceLines::~SourceLines() = default;

std::vector<SourceLine> SourceLines::at(uint64_t module_offset, size_t most) const {
  std::vector<SourceLine> lines;
  // DWARF counts from the start of the code section's contents (WebAssembly tool conventions,
  // "DWARF for WebAssembly").
  const uint64_t offset = module_offset - code_at_;
  if (reader_ == nullptr || module_offset < code_at_ || offset >= code_size_) return lines;
  const llvm::DILineInfoSpecifier wanted(
      llvm::DILineInfoSpecifier::FileLineInfoKind::AbsoluteFilePath, llvm::DINameKind::LinkageName);
  const llvm::DIInliningInfo found = reader_->context->getInliningInfoForAddress(
      {offset, llvm::object::SectionedAddress::UndefSection}, wanted);
  for (uint32_t i = 0; i < found.getNumberOfFrames() && lines.size() < most; ++i) {
    const llvm::DILineInfo& frame = found.getFrame(i);
    const bool has_file = frame.FileName != llvm::DILineInfo::BadString;
    if (!has_file) continue;
    const bool has_func = frame.FunctionName != llvm::DILineInfo::BadString;
    lines.push_back({has_func ? frame.FunctionName : "", frame.FileName, frame.Line, frame.Column});
  }
  return lines;
}

}  // namespace cordon::trace_worker
