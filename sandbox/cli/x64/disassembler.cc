// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// x86-64 by Zydis, in Intel's syntax.
#include "sandbox/cli/disassembler.h"

#include <Zydis/Zydis.h>

namespace cordon::cli {

struct Disassembler::Engine {
  ZydisDecoder decoder;
  ZydisFormatter formatter;
};

namespace {

// Records the target of an operand that means nothing to a reader as a mere number.
void note_reference(uint32_t offset, const ZydisDecodedInstruction& decoded,
                    const ZydisDecodedOperand* operands, Instruction& out) {
  const uint64_t next = uint64_t{offset} + decoded.length;
  for (size_t i = 0; i < decoded.operand_count_visible; ++i) {
    const ZydisDecodedOperand& operand = operands[i];
    if (operand.type == ZYDIS_OPERAND_TYPE_IMMEDIATE && operand.imm.is_relative != 0) {
      const bool is_call = decoded.mnemonic == ZYDIS_MNEMONIC_CALL;
      out.refers_to = is_call ? RefersTo::Call : RefersTo::Branch;
      out.target = next + static_cast<uint64_t>(operand.imm.value.s);
      return;
    }
    if (operand.type != ZYDIS_OPERAND_TYPE_MEMORY) continue;
    const auto disp = static_cast<uint64_t>(operand.mem.disp.value);
    if (operand.mem.base == ZYDIS_REGISTER_R14) {
      out.refers_to = RefersTo::Context;
      out.target = disp;
      return;
    }
    if (operand.mem.base == ZYDIS_REGISTER_RIP) {
      out.refers_to = RefersTo::Data;
      out.target = next + disp;
      return;
    }
  }
}

}  // namespace

Disassembler::Disassembler() : engine_(std::make_unique<Engine>()) {
  ZydisDecoderInit(&engine_->decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
  ZydisFormatter* const formatter = &engine_->formatter;
  ZydisFormatterInit(formatter, ZYDIS_FORMATTER_STYLE_INTEL);
  for (const ZydisFormatterProperty property :
       {ZYDIS_FORMATTER_PROP_ADDR_PADDING_ABSOLUTE, ZYDIS_FORMATTER_PROP_DISP_PADDING,
        ZYDIS_FORMATTER_PROP_IMM_PADDING}) {
    ZydisFormatterSetProperty(formatter, property, ZYDIS_PADDING_DISABLED);
  }
  ZydisFormatterSetProperty(formatter, ZYDIS_FORMATTER_PROP_HEX_UPPERCASE, ZYAN_FALSE);
}

Disassembler::~Disassembler() = default;

Instruction Disassembler::read(ByteSpan code, uint32_t offset) const {
  ZydisDecodedInstruction decoded;
  ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
  if (!ZYAN_SUCCESS(ZydisDecoderDecodeFull(&engine_->decoder, code.data(), code.size(), &decoded,
                                           operands))) {
    return {1, "(no instruction)"};
  }
  char text[256];
  ZydisFormatterFormatInstruction(&engine_->formatter, &decoded, operands,
                                  decoded.operand_count_visible, text, sizeof text, offset,
                                  nullptr);
  Instruction out{decoded.length, text};
  note_reference(offset, decoded, operands, out);
  return out;
}

bool Disassembler::is_trap(ByteSpan code) {
  return code.size() >= 2 && code[0] == 0x0F && code[1] == 0x0B;  // ud2
}

}  // namespace cordon::cli
