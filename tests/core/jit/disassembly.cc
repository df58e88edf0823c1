// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tests/core/jit/disassembly.h"

#include <Zydis/Zydis.h>

#include <algorithm>
#include <map>
#include <optional>
#include <span>

namespace cordon::testing {

namespace {

constexpr const char* kRegisters[] = {"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi",
                                      "r8",  "r9",  "r10", "r11", "r12", "r13", "r14", "r15"};

class Listing {
 public:
  Listing(const abi::CodeBlob& blob, const abi::BlobFunc& func) : blob_(blob), func_(func) {
    ZydisDecoderInit(&decoder_, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
    ZydisFormatterInit(&formatter_, ZYDIS_FORMATTER_STYLE_INTEL);
    for (const abi::Leader& leader : blob.leaders) {
      if (leader.offset - func.offset < func.size) leaders_.emplace(leader.offset, leader);
    }
  }

  std::string text() {
    std::string out = "  frame " + std::to_string(func_.frame_size) + "\n";
    uint32_t at = func_.offset;
    while (at < func_.offset + func_.size) {
      if (const auto leader = leaders_.find(at); leader != leaders_.end()) {
        out += label(at) + ":" + facts(leader->second.u32_registers) + "\n";
      }
      out += "    " + instruction(at) + "\n";
    }
    return out;
  }

 private:
  std::string label(uint32_t offset) const {
    return "L" + std::to_string(std::distance(leaders_.begin(), leaders_.find(offset)));
  }

  static std::string facts(uint32_t registers) {
    std::string out;
    for (unsigned i = 0; i < 16; ++i) {
      if ((registers >> i & 1) != 0)
        out += std::string(out.empty() ? "  u32 " : " ") + kRegisters[i];
    }
    return out;
  }

  const abi::TrapSite* site(uint32_t offset) const {
    const auto found =
        std::ranges::lower_bound(blob_.trap_sites, offset, {}, &abi::TrapSite::offset);
    return found != blob_.trap_sites.end() && found->offset == offset ? &*found : nullptr;
  }

  std::string target(uint64_t offset) const {
    if (leaders_.contains(static_cast<uint32_t>(offset))) {
      return label(static_cast<uint32_t>(offset));
    }
    if (const abi::TrapSite* trap = site(static_cast<uint32_t>(offset))) {
      return "trap " + std::string(trap_name(trap->trap));
    }
    const auto func = std::ranges::find(blob_.funcs, offset, &abi::BlobFunc::offset);
    if (func != blob_.funcs.end()) {
      return "function " + std::to_string(func->body);
    }
    return "nowhere";
  }

  std::string instruction(uint32_t& at) {
    ZydisDecodedInstruction decoded;
    ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
    const ByteSpan rest = blob_.code.subspan(at, func_.offset + func_.size - at);
    if (!ZYAN_SUCCESS(
            ZydisDecoderDecodeFull(&decoder_, rest.data(), rest.size(), &decoded, operands))) {
      at = func_.offset + func_.size;
      return "(no instruction)";
    }
    const uint32_t start = at;
    at += decoded.length;
    std::string out;
    if (operands[0].type == ZYDIS_OPERAND_TYPE_IMMEDIATE && operands[0].imm.is_relative != 0) {
      const uint64_t to = uint64_t{at} + static_cast<uint64_t>(operands[0].imm.value.s);
      out = std::string(ZydisMnemonicGetString(decoded.mnemonic)) + " " + target(to);
    } else {
      char text[128];
      ZydisFormatterFormatInstruction(&formatter_, &decoded, operands,
                                      decoded.operand_count_visible, text, sizeof text,
                                      ZYDIS_RUNTIME_ADDRESS_NONE, nullptr);
      out = without_distance(text);
    }
    if (const abi::TrapSite* trap = site(start)) out += "  ; " + std::string(trap_name(trap->trap));
    return out;
  }

  // Where the read-only data is depends on how much code there is.
  static std::string without_distance(std::string text) {
    const size_t rip = text.find("[rip");
    if (rip != std::string::npos) text.replace(rip, text.find(']', rip) - rip, "[rodata");
    return text;
  }

  const abi::CodeBlob& blob_;
  const abi::BlobFunc& func_;
  std::map<uint32_t, abi::Leader> leaders_;
  ZydisDecoder decoder_;
  ZydisFormatter formatter_;
};

}  // namespace

std::string disassemble(const abi::CodeBlob& blob, size_t index) {
  return Listing(blob, blob.funcs[index]).text();
}

}  // namespace cordon::testing
