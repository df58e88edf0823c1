// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Labels, branches, rip-relative operands, relocations, patches, padding, and the sticky failure
// of the x86-64 assembler ([E1]). The instructions themselves are in forms_test.cc.
#include "core/asm/x64/assembler.h"

#include <Zydis/Zydis.h>
#include <gtest/gtest.h>

#include <array>
#include <cstring>

#include "tests/core/asm/x64/rows.h"

namespace cordon::x64 {
namespace {

namespace diag = emit::diag;
constexpr int64_t kMaxDisp = 0x7FFF'FFFF;

struct Decoded {
  ZydisDecodedInstruction instruction;
  ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
  uint64_t target = 0;  // of a branch or a rip-relative operand, as an offset into the code

  std::string mnemonic() const { return ZydisMnemonicGetString(instruction.mnemonic); }
};

Decoded decode_at(ByteSpan code, size_t offset) {
  ZydisDecoder decoder;
  ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
  Decoded decoded{};
  const ByteSpan rest = code.subspan(offset);
  EXPECT_TRUE(ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoder, rest.data(), rest.size(),
                                                  &decoded.instruction, decoded.operands)));
  for (int i = 0; i < decoded.instruction.operand_count_visible; ++i) {
    const ZydisDecodedOperand& operand = decoded.operands[i];
    const bool relative =
        (operand.type == ZYDIS_OPERAND_TYPE_IMMEDIATE && operand.imm.is_relative) ||
        (operand.type == ZYDIS_OPERAND_TYPE_MEMORY && operand.mem.base == ZYDIS_REGISTER_RIP);
    if (relative) {
      ZydisCalcAbsoluteAddress(&decoded.instruction, &operand, offset, &decoded.target);
    }
  }
  return decoded;
}

Assembler new_assembler() { return Assembler(CodeBuffer(1u << 20)); }

void fill(Assembler& a, uint32_t bytes) {
  for (uint32_t i = 0; i < bytes; ++i) a.int3();
}

void expect_failure(Assembler& a, const DiagnosticKind& kind) {
  EXPECT_FALSE(a.ok());
  Result<ByteSpan> code = a.finish();
  ASSERT_FALSE(code);
  EXPECT_EQ(code.error().kind, &kind) << code.error().message();
}

// Branches backward over `gap` bytes; the distance is -(gap + length).
void expect_backward(uint32_t gap, uint32_t length) {
  Assembler a = new_assembler();
  Label loop = a.new_label();
  fill(a, 3);
  a.bind(loop);
  fill(a, gap);
  const uint32_t at = a.offset();
  a.jmp(loop);
  ByteSpan code = *a.finish();
  Decoded jump = decode_at(code, at);
  EXPECT_EQ(jump.mnemonic(), "jmp");
  EXPECT_EQ(jump.instruction.length, length) << gap;
  EXPECT_EQ(jump.target, 3u) << gap;
}

TEST(Branches, BackwardOnesAreShortExactlyWhileTheyReach) {
  expect_backward(0, 2);
  expect_backward(1, 2);
  expect_backward(126, 2);
  expect_backward(127, 5);
  expect_backward(128, 5);
  expect_backward(70000, 5);
}

TEST(Branches, EveryConditionGoesBothWaysAtEveryReach) {
  for (int c = 0; c < 16; ++c) {
    const auto cond = static_cast<Cond>(c);
    for (uint32_t gap : {0u, 100u, 1000u}) {
      Assembler a = new_assembler();
      Label back = a.new_label();
      Label ahead = a.new_label();
      a.bind(back);
      fill(a, gap);
      const uint32_t first = a.offset();
      a.jcc(cond, back);
      const uint32_t second = a.offset();
      a.jcc(cond, ahead);
      fill(a, gap);
      a.bind(ahead);
      const uint32_t end = a.offset();
      a.ret();
      ByteSpan code = *a.finish();
      Decoded one = decode_at(code, first);
      Decoded two = decode_at(code, second);
      EXPECT_EQ(one.target, 0u);
      EXPECT_EQ(two.target, end);
      // negate() is the other condition of the pair: the mnemonics differ by an n.
      Assembler b = new_assembler();
      Label here = b.new_label();
      b.bind(here);
      b.jcc(negate(cond), here);
      const std::string other = decode_at(*b.finish(), 0).mnemonic();
      EXPECT_NE(other, one.mnemonic());
      EXPECT_EQ(one.mnemonic(), two.mnemonic());
      EXPECT_TRUE(other == "jn" + one.mnemonic().substr(1) ||
                  one.mnemonic() == "jn" + other.substr(1));
    }
  }
}

TEST(Branches, ConditionsHaveTheNamesOfTheDisassembler) {
#define CONDITION(name, code, suffix)                          \
  {                                                            \
    Assembler a = new_assembler();                             \
    Label here = a.new_label();                                \
    a.bind(here);                                              \
    a.jcc(Cond::name, here);                                   \
    std::string expected = "J" #suffix;                        \
    for (char& letter : expected) letter |= 0x20;              \
    EXPECT_EQ(decode_at(*a.finish(), 0).mnemonic(), expected); \
  }
#include "core/asm/x64/conditions.def"
}

TEST(Branches, ShortForwardOnesReach127AndNoFurther) {  // [E1]
  for (uint32_t gap : {0u, 1u, 127u}) {
    Assembler a = new_assembler();
    Label ahead = a.new_label();
    a.jcc(Cond::Equal, ahead, Reach::Short);
    fill(a, gap);
    a.bind(ahead);
    a.ret();
    Decoded jump = decode_at(*a.finish(), 0);
    EXPECT_EQ(jump.instruction.length, 2);
    EXPECT_EQ(jump.target, gap + 2);
  }
  Assembler a = new_assembler();
  Label ahead = a.new_label();
  a.jcc(Cond::Equal, ahead, Reach::Short);
  fill(a, 128);
  a.bind(ahead);
  expect_failure(a, diag::label_too_far);
}

TEST(Branches, ShortBackwardOnesBeyondReachAreRefused) {  // [E1]
  Assembler a = new_assembler();
  Label back = a.new_label();
  a.bind(back);
  fill(a, 127);
  a.jmp(back, Reach::Short);
  expect_failure(a, diag::label_too_far);
}

TEST(Branches, CallsHaveNoShortForm) {  // [E1]
  Assembler a = new_assembler();
  Label self = a.new_label();
  a.bind(self);
  a.call(self);
  Decoded call = decode_at(*a.finish(), 0);
  EXPECT_EQ(call.mnemonic(), "call");
  EXPECT_EQ(call.instruction.length, 5);
  EXPECT_EQ(call.target, 0u);
  a.call(self, Reach::Short);
  expect_failure(a, diag::no_such_form);
}

TEST(Labels, ManyUsesOfManyLabelsAllFindTheirPlace) {
  Assembler a = new_assembler();
  constexpr int kLabels = 50;
  std::vector<Label> labels;
  std::vector<std::pair<uint32_t, int>> jumps;
  for (int i = 0; i < kLabels; ++i) labels.push_back(a.new_label());
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < kLabels; ++i) {
      jumps.emplace_back(a.offset(), (i * 7 + round) % kLabels);
      a.jmp(labels[jumps.back().second]);
      if (round == 1 && i % 2 == 0) a.bind(labels[i]);
      if (round == 2 && i % 2 == 1) a.bind(labels[i]);
    }
  }
  ByteSpan code = *a.finish();
  for (auto [at, label] : jumps) {
    EXPECT_EQ(decode_at(code, at).target, a.offset_of(labels[label]));
  }
}

TEST(Labels, UsedAndNeverBoundIsAnError) {  // [E1]
  Assembler a = new_assembler();
  Label bound = a.new_label();
  Label missing = a.new_label();
  a.jmp(bound);
  a.jmp(missing);
  a.bind(bound);
  EXPECT_TRUE(a.is_bound(bound));
  EXPECT_FALSE(a.is_bound(missing));
  Result<ByteSpan> code = a.finish();
  ASSERT_FALSE(code);
  EXPECT_EQ(code.error().kind, &diag::label_unbound);
}

TEST(Labels, UnboundRipOperandIsAnError) {  // [E1]
  Assembler a = new_assembler();
  a.mov(W32, rax, rip(a.new_label()));
  Result<ByteSpan> code = a.finish();
  ASSERT_FALSE(code);
  EXPECT_EQ(code.error().kind, &diag::label_unbound);
}

TEST(Labels, MadeAndNeverUsedIsNone) {
  Assembler a = new_assembler();
  a.new_label();
  a.ret();
  EXPECT_TRUE(a.finish());
}

TEST(Labels, WhatIsNoLabelIsRefused) {  // [E1]
  for (Label bad : {Label{}, Label{1}, Label{0x7FFF'FFFF}}) {
    for (int way = 0; way < 5; ++way) {
      Assembler a = new_assembler();
      a.new_label();
      switch (way) {
        case 0: a.jmp(bad); break;
        case 1: a.jcc(Cond::Less, bad); break;
        case 2: a.call(bad); break;
        case 3: a.bind(bad); break;
        default: a.mov(W32, rax, rip(bad)); break;
      }
      EXPECT_FALSE(a.is_bound(bad));
      expect_failure(a, diag::no_such_label);
    }
  }
}

TEST(Labels, BoundTwiceIsRefused) {  // [E1]
  Assembler a = new_assembler();
  Label label = a.new_label();
  a.bind(label);
  a.int3();
  a.bind(label);
  expect_failure(a, diag::label_bound_twice);
}

TEST(Labels, OfTheFunctionBeforeAreNoLabelsAfterReset) {  // [E1]
  Assembler a = new_assembler();
  Label old = a.new_label();
  a.jmp(old);
  a.reset();
  EXPECT_EQ(a.offset(), 0u);
  a.bind(a.new_label());
  a.ret();
  EXPECT_TRUE(a.finish());
  a.jmp(old);
  expect_failure(a, diag::no_such_label);
}

// Each memory row with a label before it and after it, also with an immediate after the
// displacement.
TEST(RipRelative, EveryMemoryRowReachesItsLabel) {
  Assembler a = new_assembler();
  for (const Row& row : all_rows()) {
    if (!row.has('m')) continue;
    Values start;
    start.imm = 5;
    for (Values v : row.widths(start)) {
      a.reset();
      Label back = a.new_label();
      Label ahead = a.new_label();
      fill(a, 7);
      a.bind(back);
      fill(a, 300);
      const uint32_t first = a.offset();
      v.memory.mem = rip(back);
      row.emit(a, v);
      const uint32_t second = a.offset();
      v.memory.mem = rip(ahead);
      row.emit(a, v);
      fill(a, 11);
      a.bind(ahead);
      const uint32_t end = a.offset();
      a.ret();
      Result<ByteSpan> code = a.finish();
      ASSERT_TRUE(code) << row.describe(v);
      ASSERT_EQ(decode_at(*code, first).target, 7u) << row.describe(v);
      ASSERT_EQ(decode_at(*code, second).target, end) << row.describe(v);
    }
  }
}

TEST(RipRelative, EveryMemoryRowRelocatesItsExternal) {
  Assembler a = new_assembler();
  for (const Row& row : all_rows()) {
    if (!row.has('m')) continue;
    Values v;
    v.imm = 5;
    v.memory.mem = rip(External{0xFEDC'BA98});
    for (const Values& each : row.widths(v)) {
      a.reset();
      fill(a, 5);
      row.emit(a, each);
      ASSERT_EQ(a.relocations().size(), 1u);
      const Relocation relocation = a.relocations()[0];
      EXPECT_EQ(relocation.target.id, 0xFEDC'BA98u);
      EXPECT_EQ(relocation.next, a.offset());
      ASSERT_EQ(decode_at(*a.finish(), 5).target, a.offset()) << "the field is 0 before";
      a.patch32(relocation.field, static_cast<int32_t>(0x1234 - relocation.next));
      ASSERT_EQ(decode_at(*a.finish(), 5).target, 0x1234u) << row.describe(each);
    }
  }
}

TEST(Relocations, OfCallsAndJumps) {
  Assembler a = new_assembler();
  a.call(External{7});
  a.jmp(External{8});
  a.jcc(Cond::Above, External{9});
  ASSERT_EQ(a.relocations().size(), 3u);
  const char* mnemonics[] = {"call", "jmp", "jnbe"};
  uint32_t at = 0;
  for (uint32_t i = 0; i < 3; ++i) {
    const Relocation relocation = a.relocations()[i];
    EXPECT_EQ(relocation.target.id, 7 + i);
    a.patch32(relocation.field, static_cast<int32_t>(100 - relocation.next));
    Decoded decoded = decode_at(*a.finish(), at);
    EXPECT_EQ(decoded.mnemonic(), mnemonics[i]);
    EXPECT_EQ(decoded.target, 100u);
    at = relocation.next;
  }
}

TEST(Patches, AWideImmediateAndAWideDisplacement) {
  Assembler a = new_assembler();
  a.sub_wide(W64, rsp, 0);
  const uint32_t frame = a.offset() - 4;
  a.lea(W64, r10, mem_disp32(rsp));
  const uint32_t slot = a.offset() - 4;
  a.patch32(frame, 0x1000);
  a.patch32(slot, -8);
  ByteSpan code = *a.finish();
  EXPECT_EQ(decode_at(code, 0).operands[1].imm.value.s, 0x1000);
  EXPECT_EQ(decode_at(code, frame + 4).operands[1].mem.disp.value, -8);
}

TEST(Patches, OutsideTheCodeAreRefused) {  // [E1]
  for (uint32_t field : {3u, 4u, 5u, 1000u, 0x7FFF'FFFFu, 0xFFFF'FFFEu}) {
    Assembler a = new_assembler();
    fill(a, 4);
    a.patch32(0, 1);
    EXPECT_TRUE(a.ok());
    a.patch32(field, 1);
    expect_failure(a, diag::patch_out_of_range);
  }
}

TEST(Constants, TheShortestMovThatMakesThem) {
  struct {
    Width width;
    int64_t value;
    size_t length;
    uint64_t register_after;
  } const cases[] = {
      {W32, 0, 5, 0},
      {W32, -1, 5, 0xFFFF'FFFF},
      {W32, 0xFFFF'FFFF, 5, 0xFFFF'FFFF},
      {W64, 0, 5, 0},
      {W64, 0xFFFF'FFFF, 5, 0xFFFF'FFFF},
      {W64, -1, 7, ~uint64_t{0}},
      {W64, -0x8000'0000ll, 7, 0xFFFF'FFFF'8000'0000},
      {W64, 0x1'0000'0000, 10, 0x1'0000'0000},
      {W64, -0x8000'0001ll, 10, 0xFFFF'FFFF'7FFF'FFFF},
  };
  for (const auto& each : cases) {
    Assembler a = new_assembler();
    a.mov(each.width, rdx, each.value);
    Decoded decoded = decode_at(*a.finish(), 0);
    EXPECT_EQ(decoded.instruction.length, each.length) << each.value;
    EXPECT_EQ(decoded.mnemonic(), "mov");
    const bool narrow = decoded.operands[0].reg.value == ZYDIS_REGISTER_EDX;
    EXPECT_TRUE(narrow || decoded.operands[0].reg.value == ZYDIS_REGISTER_RDX);
    const uint64_t value = decoded.operands[1].imm.value.u;
    EXPECT_EQ(narrow ? value & 0xFFFF'FFFF : value, each.register_after) << each.value;
  }
  Assembler a = new_assembler();
  a.mov(W32, rax, 0x1'0000'0000);
  expect_failure(a, diag::immediate_too_large);
  a.reset();
  a.mov(W8, rax, 1);
  expect_failure(a, diag::no_such_form);
}

TEST(Padding, NopsAreOneInstructionUpToNineBytes) {
  for (uint32_t bytes = 0; bytes <= 40; ++bytes) {
    Assembler a = new_assembler();
    a.nop(bytes);
    ByteSpan code = *a.finish();
    ASSERT_EQ(code.size(), bytes);
    size_t at = 0, count = 0;
    for (; at < bytes; ++count) {
      Decoded decoded = decode_at(code, at);
      EXPECT_EQ(decoded.mnemonic(), "nop");
      at += decoded.instruction.length;
    }
    EXPECT_EQ(at, bytes);
    EXPECT_EQ(count, (bytes + 8) / 9);
  }
}

TEST(Padding, AlignsToTheBoundary) {
  for (auto way : {Assembler::Fill::Nop, Assembler::Fill::Int3}) {
    for (uint32_t start = 0; start < 33; ++start) {
      Assembler a = new_assembler();
      fill(a, start);
      a.align(16, way);
      EXPECT_EQ(a.offset(), (start + 15) / 16 * 16);
    }
  }
  for (uint32_t bad : {0u, 3u, 24u}) {
    Assembler a = new_assembler();
    a.align(bad, Assembler::Fill::Nop);
    expect_failure(a, diag::no_such_form);
  }
}

// The first failure is the one that is reported, and nothing is emitted after it.
TEST(Failure, IsStickyAndEndsEmission) {  // [E1]
  Assembler a = new_assembler();
  a.ret();
  a.mov(W64, mem(rax, int64_t{1} << 40), rcx);
  const uint32_t stopped = a.offset();
  EXPECT_EQ(stopped, 1u);
  Label label = a.new_label();
  a.add(W32, no_gpr, rax);
  a.add(W32, rax, rcx);
  a.jmp(label);
  a.bind(label);
  a.call(External{1});
  a.nop(20);
  a.align(64, Assembler::Fill::Int3);
  a.data(std::array<uint8_t, 3>{1, 2, 3});
  EXPECT_EQ(a.offset(), stopped);
  expect_failure(a, diag::bad_memory_operand);
  a.reset();
  a.ret();
  EXPECT_TRUE(a.finish());
}

// Whatever comes last, and wherever it ends, the byte after the end is unchanged.
TEST(Failure, AFullBufferIsAnErrorAndNothingIsWrittenBehindIt) {  // [E1]
  constexpr uint8_t kCanary = 0xA5;
  for (const Row& row : all_rows()) {
    Values start;
    start.imm = 5;
    start.memory.mem = mem(r12, r13, kMaxDisp);
    for (const Values& v : row.widths(start)) {
      for (size_t size = 0; size < 36; ++size) {
        std::array<uint8_t, 96> memory;
        memory.fill(kCanary);
        Assembler a{CodeBuffer(MutableByteSpan(memory).subspan(16, size))};
        while (a.ok()) row.emit(a, v);
        ASSERT_EQ(a.error(), &diag::code_too_large);
        ASSERT_LE(a.offset(), size);
        for (size_t i = 0; i < memory.size(); ++i) {
          if (i >= 16 && i < 16 + size) continue;
          ASSERT_EQ(memory[i], kCanary) << row.describe(v) << " at " << i << " of " << size;
        }
      }
    }
  }
}

TEST(Failure, BranchesPaddingAndDataStopAtTheEndToo) {  // [E1]
  constexpr uint8_t kCanary = 0xA5;
  for (int way = 0; way < 8; ++way) {
    for (size_t size = 0; size < 40; ++size) {
      std::array<uint8_t, 96> memory;
      memory.fill(kCanary);
      Assembler a{CodeBuffer(MutableByteSpan(memory).subspan(16, size))};
      Label back = a.new_label();
      Label ahead = a.new_label();
      a.bind(back);
      while (a.ok()) {
        switch (way) {
          case 0: a.jmp(back); break;
          case 1: a.jcc(Cond::Less, ahead); break;
          case 2: a.call(External{1}); break;
          case 3: a.nop(7); break;
          case 4: a.int3(), a.align(16, Assembler::Fill::Nop); break;
          case 5: a.jcc(Cond::Less, ahead, Reach::Short); break;
          case 6: a.mov(W64, rax, int64_t{1} << 62); break;
          default: a.data(std::array<uint8_t, 5>{1, 2, 3, 4, 5}); break;
        }
      }
      a.bind(ahead);
      EXPECT_EQ(a.error(), &diag::code_too_large);
      for (size_t i = 0; i < memory.size(); ++i) {
        if (i >= 16 && i < 16 + size) continue;
        ASSERT_EQ(memory[i], kCanary) << way << " at " << i << " of " << size;
      }
    }
  }
}

}  // namespace
}  // namespace cordon::x64
