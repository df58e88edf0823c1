// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The decoder against a second opinion (Zydis), exhaustively: every prefix, REX, opcode, ModRM, SIB
// and VEX byte. What the decoder takes must be what Zydis sees: length, registers read and written
// with their widths, memory operand with width and direction, immediate, CPU feature. What it does
// not take is refused whatever it is, so only that must be shown of it.
#include "core/verify/x64/decode.h"

#include <Zydis/Zydis.h>
#include <gtest/gtest.h>

#include <array>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/abi/target.h"
#include "tests/kit/sanitized.h"

namespace cordon::verify::x64 {
namespace {

using Bytes = std::array<uint8_t, 16>;

class SecondOpinion {
 public:
  SecondOpinion() { ZydisDecoderInit(&decoder_, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64); }
  // What is wrong with `insn` as the meaning of `bytes`; empty if nothing is.
  std::string mismatch(const Bytes& bytes, const Insn& insn) {
    if (!ZYAN_SUCCESS(
            ZydisDecoderDecodeFull(&decoder_, bytes.data(), bytes.size(), &seen_, operands_))) {
      return "no instruction at all";
    }
    if (seen_.length != insn.length) return "length";
    constexpr ZydisInstructionAttributes kNever =
        ZYDIS_ATTRIB_HAS_LOCK | ZYDIS_ATTRIB_HAS_REP | ZYDIS_ATTRIB_HAS_REPE |
        ZYDIS_ATTRIB_HAS_REPNE | ZYDIS_ATTRIB_HAS_SEGMENT | ZYDIS_ATTRIB_HAS_ADDRESSSIZE |
        ZYDIS_ATTRIB_IS_PRIVILEGED;
    if ((seen_.attributes & kNever) != 0) return "prefix or privilege";
    collect(insn);
    // Zydis has nop read its ModRM.reg; the processor does not (SDM, NOP).
    if (insn.touches(Direction::Ignored)) reads_ = 0;
    if (writes_ != insn.writes) return "registers written";
    if ((reads_ & ~insn.reads) != 0) return "registers read";
    if ((insn.reads & ~reads_ & ~insn.writes) != 0) return "registers read for nothing";
    if (xmm_writes_ != our_xmm_writes(bytes, insn)) return "xmm registers written";
    if (!widths_.empty() && *widths_.begin() != insn.width * 8u) return "width";
    if (widths_.size() > 1) return "several widths";
    if (feature() != insn.form->effects.feature) return "CPU feature";
    if (const char* wrong = memory_mismatch(insn)) return wrong;
    return imm_ && *imm_ != insn.imm ? "immediate" : "";
  }

 private:
  void collect(const Insn& insn) {
    reads_ = writes_ = xmm_writes_ = 0;
    widths_.clear();
    memory_.reset();
    imm_.reset();
    const Flow flow = insn.form->effects.flow;
    const bool moves_stack =
        flow == Flow::Call || flow == Flow::CallThrough || flow == Flow::Return;
    for (unsigned i = 0; i < seen_.operand_count; ++i) {
      const ZydisDecodedOperand& operand = operands_[i];
      const bool hidden = operand.visibility == ZYDIS_OPERAND_VISIBILITY_HIDDEN;
      if (operand.type == ZYDIS_OPERAND_TYPE_REGISTER) {
        const auto enclosing =
            ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, operand.reg.value);
        if (hidden && moves_stack && enclosing == ZYDIS_REGISTER_RSP) continue;
        add_register(operand, enclosing);
      } else if (operand.type == ZYDIS_OPERAND_TYPE_MEMORY) {
        if (!(hidden && moves_stack)) memory_ = operand;
      } else if (operand.type == ZYDIS_OPERAND_TYPE_IMMEDIATE) {
        const bool is_byte = insn.form->imm == 1 && !operand.imm.is_signed;
        imm_ = is_byte ? static_cast<int8_t>(operand.imm.value.u) : operand.imm.value.s;
      }
    }
  }
  void add_register(const ZydisDecodedOperand& operand, ZydisRegister enclosing) {
    const bool read = (operand.actions & ZYDIS_OPERAND_ACTION_MASK_READ) != 0;
    const bool write = (operand.actions & ZYDIS_OPERAND_ACTION_MASK_WRITE) != 0;
    if (enclosing >= ZYDIS_REGISTER_RAX && enclosing <= ZYDIS_REGISTER_R15) {
      const RegSet reg = bit(static_cast<unsigned>(enclosing - ZYDIS_REGISTER_RAX));
      if (read) reads_ |= reg;
      if (write) {
        writes_ |= reg;
        widths_.insert(operand.size);
      }
    } else if (ZydisRegisterGetClass(operand.reg.value) == ZYDIS_REGCLASS_XMM && write) {
      xmm_writes_ |= bit(static_cast<unsigned>(operand.reg.value - ZYDIS_REGISTER_XMM0));
    }
  }
  // The second source that a VEX prefix names.
  static unsigned vvvv_of(const Bytes& bytes) {
    return (~unsigned{bytes[bytes[0] == 0xC5 ? 1 : 2]} >> 3) & 15;
  }
  static RegSet our_xmm_writes(const Bytes& bytes, const Insn& insn) {
    const auto writes = [](Use use) { return use == Use::Xw || use == Use::Xu; };
    RegSet set = 0;
    if (writes(insn.form->reg)) set |= bit(insn.reg);
    if (writes(insn.form->rm) && !insn.has_memory) set |= bit(insn.rm);
    if (writes(insn.form->vvvv)) set |= bit(vvvv_of(bytes));
    return set;
  }
  uint32_t feature() const {
    switch (seen_.meta.isa_set) {
      case ZYDIS_ISA_SET_BMI1: return static_cast<uint32_t>(abi::CpuFeature::Bmi1);
      case ZYDIS_ISA_SET_BMI2: return static_cast<uint32_t>(abi::CpuFeature::Bmi2);
      case ZYDIS_ISA_SET_LZCNT: return static_cast<uint32_t>(abi::CpuFeature::Lzcnt);
      case ZYDIS_ISA_SET_AVX: return static_cast<uint32_t>(abi::CpuFeature::Avx);
      case ZYDIS_ISA_SET_AVX2: return static_cast<uint32_t>(abi::CpuFeature::Avx2);
      default: return 0;
    }
  }
  static uint8_t number(ZydisRegister reg) {
    if (reg == ZYDIS_REGISTER_NONE || reg == ZYDIS_REGISTER_RIP) return kNoRegister;
    return static_cast<uint8_t>(reg - ZYDIS_REGISTER_RAX);
  }
  const char* memory_mismatch(const Insn& insn) const {
    if (insn.has_memory != memory_.has_value()) return "memory or none";
    if (!insn.has_memory) return nullptr;
    const auto& mem = memory_->mem;
    if ((mem.base == ZYDIS_REGISTER_RIP) != insn.rip) return "rip";
    if (number(mem.base) != insn.base) return "base";
    if (number(mem.index) != insn.index) return "index";
    if (insn.index != kNoRegister && mem.scale != insn.scale) return "scale";
    if (mem.disp.value != insn.disp) return "displacement";
    const Direction direction = insn.form->memory.direction;
    if (direction == Direction::Address) {
      return mem.type == ZYDIS_MEMOP_TYPE_AGEN ? nullptr : "no mere address";
    }
    if (direction == Direction::Ignored) {
      return seen_.mnemonic == ZYDIS_MNEMONIC_NOP ? nullptr : "not ignored";
    }
    if (memory_->size != insn.memory_width * 8u) return "width of memory";
    const bool read = (memory_->actions & ZYDIS_OPERAND_ACTION_MASK_READ) != 0;
    const bool write = (memory_->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE) != 0;
    const Direction seen = read && write ? Direction::Update
                           : write       ? Direction::Write
                                         : Direction::Read;
    return seen == direction ? nullptr : "direction";
  }

  ZydisDecoder decoder_;
  ZydisDecodedInstruction seen_;
  ZydisDecodedOperand operands_[ZYDIS_MAX_OPERAND_COUNT];
  RegSet reads_ = 0, writes_ = 0, xmm_writes_ = 0;
  std::set<uint16_t> widths_;
  std::optional<ZydisDecodedOperand> memory_;
  std::optional<int64_t> imm_;
};

class DecodeTest : public ::testing::Test {
 protected:
  // Whether the decoder takes the bytes; if so they are compared. Counts, and stops at ten
  // mismatches.
  bool check(const Bytes& bytes) {
    Insn insn;
    if (!decode(bytes, insn)) return false;
    ++accepted_;
    forms_.insert(insn.form->op);
    const std::string wrong = opinion_.mismatch(bytes, insn);
    if (!wrong.empty() && ++failures_ <= 10) {
      std::string text;
      for (unsigned i = 0; i < 15; ++i) {
        constexpr char kDigits[] = "0123456789abcdef";
        text += {kDigits[bytes[i] >> 4], kDigits[bytes[i] & 15], ' '};
      }
      ADD_FAILURE() << insn.form->name << ": " << wrong << ": " << text;
    }
    return true;
  }
  // All ModRM bytes after `length` bytes, and all SIB bytes if ModRM has one.
  void check_operands(Bytes& bytes, size_t length) {
    for (unsigned modrm = 0; modrm < 256; ++modrm) {
      bytes[length] = static_cast<uint8_t>(modrm);
      const bool has_sib = modrm < 0xC0 && (modrm & 7) == 4;
      if (!check(bytes) || !has_sib) continue;
      for (unsigned sib = 0; sib < 256; ++sib) {
        bytes[length + 1] = static_cast<uint8_t>(sib);
        check(bytes);
      }
      bytes[length + 1] = kTail[length + 1];
    }
    bytes[length] = kTail[length];
  }

  // The sweep reached every row of the table that it should, many times.
  void expect_all_forms(bool vex) {
    EXPECT_GT(accepted_, 200'000u);
    for (const Form& form : all_forms()) {
      if ((form.opcode.map > Map::Unused) == vex)
        EXPECT_TRUE(forms_.contains(form.op)) << form.name;
    }
    RecordProperty("accepted", std::to_string(accepted_));
    printf("%s: %llu encodings agree\n", vex ? "VEX" : "legacy",
           static_cast<unsigned long long>(accepted_));
  }

  // Displacements and immediates of every width with a sign, and no byte alike.
  static constexpr Bytes kTail = {0x81, 0x92, 0xA3, 0x94, 0x85, 0x96, 0xB7, 0x98,
                                  0x89, 0x9A, 0xAB, 0x9C, 0x8D, 0x9E, 0x8F, 0x91};
  SecondOpinion opinion_;
  uint64_t accepted_ = 0, failures_ = 0;
  std::set<Op> forms_;
};

const std::vector<std::vector<uint8_t>> kMaps = {{}, {0x0F}, {0x0F, 0x38}, {0x0F, 0x3A}};

TEST_F(DecodeTest, AgreesOnEveryLegacyEncodingThatItTakes) {
  const std::vector<std::vector<uint8_t>> prefixes = {{}, {0x66}, {0xF3}, {0xF2}};
  for (const auto& prefix : prefixes) {
    for (unsigned rex = 0x3F; rex < 0x50; rex += testing::kSanitized ? 4 : 1) {
      for (const auto& map : kMaps) {
        for (unsigned opcode = 0; opcode < 256; ++opcode) {
          Bytes bytes = kTail;
          size_t at = 0;
          for (uint8_t byte : prefix) bytes[at++] = byte;
          if (rex >= 0x40) bytes[at++] = static_cast<uint8_t>(rex);
          for (uint8_t byte : map) bytes[at++] = byte;
          bytes[at++] = static_cast<uint8_t>(opcode);
          check_operands(bytes, at);
        }
      }
    }
  }
  expect_all_forms(false);
}

TEST_F(DecodeTest, AgreesOnEveryVexEncodingThatItTakes) {
  for (unsigned second = 0; second < 256; ++second) {
    for (unsigned opcode = 0; opcode < 256; ++opcode) {
      Bytes bytes = kTail;
      bytes[0] = 0xC5;
      bytes[1] = static_cast<uint8_t>(second);
      bytes[2] = static_cast<uint8_t>(opcode);
      check_operands(bytes, 3);
    }
  }
  for (unsigned second = 0; second < 256; ++second) {
    // R, X and B all set or all clear.
    if (testing::kSanitized && second >> 5 != 0 && second >> 5 != 7) continue;
    for (unsigned third = 0; third < 256; ++third) {
      // All operands with two values of vvvv; with the others two will do.
      const bool whole = (third & 0x78) == 0x78 || (third & 0x78) == 0x28;
      if (testing::kSanitized && !whole) continue;
      for (unsigned opcode = 0; opcode < 256; ++opcode) {
        Bytes bytes = kTail;
        bytes[0] = 0xC4;
        bytes[1] = static_cast<uint8_t>(second);
        bytes[2] = static_cast<uint8_t>(third);
        bytes[3] = static_cast<uint8_t>(opcode);
        bytes[4] = 0xC1;
        const bool registers = check(bytes);
        bytes[4] = 0x41;
        if ((registers || check(bytes)) && whole) check_operands(bytes, 4);
      }
    }
  }
  expect_all_forms(true);
}

// A second prefix, one that changes meaning, or one in the wrong place.
TEST_F(DecodeTest, RefusesEveryOtherPrefix) {
  const std::vector<std::vector<uint8_t>> prefixes = {
      {0xF0},       {0x2E},       {0x36},       {0x3E},       {0x26},
      {0x64},       {0x65},       {0x67},       {0x66, 0x66}, {0xF3, 0x66},
      {0x66, 0xF2}, {0xF2, 0xF3}, {0x48, 0x66}, {0x48, 0xF3}, {0x40, 0x48},
      {0x66, 0xC5}, {0x48, 0xC5}, {0xD5},       {0x62}};
  for (const auto& prefix : prefixes) {
    for (const auto& map : kMaps) {
      for (unsigned opcode = 0; opcode < 256; ++opcode) {
        for (unsigned modrm = 0; modrm < 256; ++modrm) {
          Bytes bytes = kTail;
          size_t at = 0;
          for (uint8_t byte : prefix) bytes[at++] = byte;
          for (uint8_t byte : map) bytes[at++] = byte;
          bytes[at++] = static_cast<uint8_t>(opcode);
          bytes[at] = static_cast<uint8_t>(modrm);
          Insn insn;
          ASSERT_FALSE(decode(bytes, insn)) << insn.form->name;
        }
      }
    }
  }
}

// Cut at every byte, an instruction is none.
TEST_F(DecodeTest, RefusesInstructionsThatDoNotEnd) {
  const std::vector<std::vector<uint8_t>> whole = {
      {0x48, 0xB8, 1, 2, 3, 4, 5, 6, 7, 8},              // mov rax, imm64
      {0x41, 0x8B, 0x84, 0x0F, 1, 2, 3, 4},              // mov eax, [r15 + rcx + disp32]
      {0x41, 0xC7, 0x84, 0x0F, 1, 2, 3, 4, 5, 6, 7, 8},  // mov dword [...], imm32
      {0x0F, 0x80, 1, 2, 3, 4},                          // jo
      {0xC4, 0xC1, 0x73, 0x58, 0x84, 0x0F, 1, 2, 3, 4},  // vaddsd
  };
  for (const auto& bytes : whole) {
    Insn insn;
    ASSERT_TRUE(decode(bytes, insn));
    EXPECT_EQ(insn.length, bytes.size());
    for (size_t size = 0; size < bytes.size(); ++size) {
      EXPECT_FALSE(decode(ByteSpan(bytes).first(size), insn)) << size;
    }
  }
}

}  // namespace
}  // namespace cordon::verify::x64
