// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The second opinion: what Zydis says about an instruction against what its row promises.
#include <Zydis/Zydis.h>

#include <algorithm>
#include <cctype>

#include "tests/core/asm/x64/rows.h"

namespace cordon::x64 {

namespace {

constexpr const char* kConditionSuffixes[] = {
#define CONDITION(name, code, suffix) #suffix,
#include "core/asm/x64/conditions.def"
};

std::string expected_mnemonic(const Row& row, const Values& v) {
  std::string all(row.mnemonics);
  const size_t comma = all.find(", ");
  if (comma != std::string::npos) {
    const bool second = names_float(row.sizing) ? v.float_width == F64 : v.width == W64;
    all = second ? all.substr(comma + 2) : all.substr(0, comma);
  }
  if (row.has('c')) all += kConditionSuffixes[static_cast<int>(v.cond)];
  std::transform(all.begin(), all.end(), all.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return all;
}

ZydisRegister gpr_of(unsigned number, unsigned bits) {
  const auto id = static_cast<ZyanU8>(number);
  switch (bits) {
    // Zydis counts al cl dl bl, ah..bh, spl..dil, r8b...
    case 8: return ZydisRegisterEncode(ZYDIS_REGCLASS_GPR8, id < 4 ? id : ZyanU8(id + 4));
    case 16: return ZydisRegisterEncode(ZYDIS_REGCLASS_GPR16, id);
    case 32: return ZydisRegisterEncode(ZYDIS_REGCLASS_GPR32, id);
    default: return ZydisRegisterEncode(ZYDIS_REGCLASS_GPR64, id);
  }
}

unsigned float_bits(const Values& v) { return v.float_width == F32 ? 32 : 64; }

unsigned memory_bits(const Row& row, const Values& v) {
  if (row.encoding.rm_bits != 0) return row.encoding.rm_bits;
  switch (row.sizing) {
    case Sizing::Packed:
    case Sizing::Fix: return 128;
    case Sizing::Scalar:
    case Sizing::ScalarP:
    case Sizing::FLow: return float_bits(v);
    // From integer (destination X) or from float (destination G).
    case Sizing::ScalarW: return row.has('G') ? float_bits(v) : row.operation_bits(v);
    default: return row.operation_bits(v);
  }
}

std::string hex_dump(ByteSpan code) {
  std::string text;
  for (uint8_t byte : code) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

std::string check_register(const ZydisDecodedOperand& operand, ZydisRegister expected) {
  if (operand.type != ZYDIS_OPERAND_TYPE_REGISTER) return "not a register";
  if (operand.reg.value == expected) return {};
  return std::string("register ") + ZydisRegisterGetString(operand.reg.value) + ", not " +
         ZydisRegisterGetString(expected);
}

std::string check_memory(const Row& row, const Values& v, const ZydisDecodedInstruction& decoded,
                         const ZydisDecodedOperand& operand) {
  const auto reg64 = [](int n) {
    return n < 0 ? ZYDIS_REGISTER_NONE : gpr_of(static_cast<unsigned>(n), 64);
  };
  if (operand.type != ZYDIS_OPERAND_TYPE_MEMORY) return "not memory";
  const bool agen = operand.mem.type == ZYDIS_MEMOP_TYPE_AGEN;
  if (agen != (row.name == "lea")) return "address generation";
  if (!agen && operand.size != memory_bits(row, v)) {
    return "memory width " + std::to_string(operand.size);
  }
  if (operand.mem.base != reg64(v.memory.base)) return "base";
  if (operand.mem.index != reg64(v.memory.index)) return "index";
  if (v.memory.index >= 0 && operand.mem.scale != v.memory.scale) return "scale";
  if (operand.mem.disp.value != v.memory.disp) return "displacement";
  if (decoded.raw.disp.size != v.memory.disp_bits) return "displacement's size";
  if (decoded.address_width != 64) return "address width";
  return {};
}

std::string check_immediate(const Row& row, const Values& v, const ZydisDecodedInstruction& decoded,
                            const ZydisDecodedOperand& operand) {
  if (operand.type != ZYDIS_OPERAND_TYPE_IMMEDIATE) return "not an immediate";
  const unsigned bits = row.operation_bits(v);
  unsigned stored = 8, compared = 8;
  switch (row.encoding.imm_) {
    case Imm::None: return "no immediate in this row";
    case Imm::Count:
    case Imm::Byte: break;
    case Imm::All64: stored = compared = 64; break;
    case Imm::Short:
    case Imm::Full: stored = std::min(bits, 32u), compared = bits; break;
  }
  const auto unused = 64 - compared;
  const auto value = static_cast<int64_t>(static_cast<uint64_t>(v.imm) << unused) >> unused;
  if (row.encoding.imm_ == Imm::Short && value >= -128 && value <= 127) stored = 8;
  if (decoded.raw.imm[0].size != stored) return "immediate's size";
  if ((operand.imm.value.u ^ static_cast<uint64_t>(v.imm)) << unused != 0) return "immediate";
  return {};
}

std::string check_operand(const Row& row, char letter, const Values& v,
                          const ZydisDecodedInstruction& decoded,
                          const ZydisDecodedOperand& operand) {
  const unsigned bits = row.operation_bits(v);
  const auto xmm = [](unsigned n) {
    return ZydisRegisterEncode(ZYDIS_REGCLASS_XMM, static_cast<ZyanU8>(n));
  };
  const unsigned rm_bits = row.encoding.rm_bits != 0 ? row.encoding.rm_bits : bits;
  const unsigned reg_bits = row.encoding.reg_bits != 0 ? row.encoding.reg_bits : bits;
  switch (letter) {
    case 'G': return check_register(operand, gpr_of(v.reg, reg_bits));
    case 'g': return check_register(operand, gpr_of(v.rm, rm_bits));
    case 'o': return check_register(operand, gpr_of(v.rm, bits));
    case 'v': return check_register(operand, gpr_of(v.vvvv, bits));
    case 'X': return check_register(operand, xmm(v.reg));
    case 'x': return check_register(operand, xmm(v.rm));
    case 'V': return check_register(operand, xmm(v.vvvv));
    case 'm': return check_memory(row, v, decoded, operand);
    case 'i': return check_immediate(row, v, decoded, operand);
    default: return "unknown letter in shape";
  }
}

std::string compare(const Row& row, const Values& v, const ZydisDecodedInstruction& decoded,
                    const ZydisDecodedOperand* operands, size_t code_size) {
  if (decoded.length != code_size) return "length";
  const std::string mnemonic = ZydisMnemonicGetString(decoded.mnemonic);
  if (mnemonic != expected_mnemonic(row, v)) return "mnemonic " + mnemonic;
  std::string letters;
  for (char letter : row.shape) {
    if (letter != 'c' && letter != 'n') letters += letter;
  }
  if (decoded.operand_count_visible != letters.size() + row.encoding.implied_cl) {
    return "number of operands";
  }
  for (size_t i = 0; i < letters.size(); ++i) {
    const std::string wrong = check_operand(row, letters[i], v, decoded, operands[i]);
    if (!wrong.empty()) return "operand " + std::to_string(i) + ": " + wrong;
  }
  if (row.encoding.implied_cl) return check_register(operands[letters.size()], ZYDIS_REGISTER_CL);
  return {};
}

}  // namespace

std::string mismatch(const Row& row, const Values& v, ByteSpan code) {
  static const ZydisDecoder decoder = [] {
    ZydisDecoder made;
    ZydisDecoderInit(&made, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
    return made;
  }();
  ZydisDecodedInstruction decoded;
  ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
  std::string wrong = "does not decode";
  if (ZYAN_SUCCESS(
          ZydisDecoderDecodeFull(&decoder, code.data(), code.size(), &decoded, operands))) {
    wrong = compare(row, v, decoded, operands, code.size());
  }
  if (wrong.empty()) return {};
  return wrong + " in " + row.describe(v) + ": " + hex_dump(code);
}

}  // namespace cordon::x64
