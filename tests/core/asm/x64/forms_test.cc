// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Every row of forms.def through the assembler and back through Zydis, over all registers, widths,
// conditions, addressing modes and the edges of immediates; and everything a row has not, refused
// without a byte ([E1]).
#include <gtest/gtest.h>

#include <array>
#include <limits>

#include "tests/core/asm/x64/rows.h"

namespace cordon::x64 {
namespace {

constexpr int64_t kMinI32 = std::numeric_limits<int32_t>::min();
constexpr int64_t kMaxI32 = std::numeric_limits<int32_t>::max();

// Emits one instruction and gives its bytes; a view that the next call ends.
class Emitter {
 public:
  Emitter() : assembler_(CodeBuffer(MutableByteSpan(storage_))) {}

  Result<ByteSpan> emit(const Row& row, const Values& v) {
    assembler_.reset();
    row.emit(assembler_, v);
    return assembler_.finish();
  }

  // Empty if the instruction is what it should be.
  std::string round_trip(const Row& row, const Values& v) {
    Result<ByteSpan> code = emit(row, v);
    if (!code) return code.error().message() + " for " + row.describe(v);
    return mismatch(row, v, *code);
  }

  // Empty if nothing but `kind` comes of it.
  std::string refusal(const Row& row, const Values& v, const DiagnosticKind& kind) {
    Result<ByteSpan> code = emit(row, v);
    if (code) return "accepted: " + row.describe(v);
    if (code.error().kind != &kind) return code.error().message() + " for " + row.describe(v);
    if (assembler_.offset() != 0) return "bytes emitted: " + row.describe(v);
    return {};
  }

 private:
  std::array<uint8_t, 64> storage_{};
  Assembler assembler_;
};

// A value that every immediate of the row takes.
int64_t any_imm() { return 5; }

int expected_disp_bits(int base, int64_t disp) {
  if (disp == 0 && (base & 7) != 5) return 0;
  return disp >= -128 && disp <= 127 ? 8 : 32;
}

// All bases, indexes and scales, displacements on both sides of each edge.
const std::vector<MemCase>& memory_cases() {
  static const std::vector<MemCase> cases = [] {
    std::vector<MemCase> all;
    for (int b = 0; b < 16; ++b) {
      const auto base = static_cast<Gpr>(b);
      for (int64_t disp : {int64_t{0}, int64_t{1}, int64_t{-1}, int64_t{127}, int64_t{128},
                           int64_t{-128}, int64_t{-129}, kMaxI32, kMinI32}) {
        all.push_back({mem(base, disp), b, -1, 0, disp, expected_disp_bits(b, disp)});
        all.push_back({mem_disp32(base, disp), b, -1, 0, disp, 32});
      }
      for (int x = 0; x < 16; ++x) {
        const auto index = static_cast<Gpr>(x);
        if (index == rsp) continue;
        for (int64_t disp : {int64_t{0}, int64_t{-128}, int64_t{128}, kMaxI32}) {
          const int bits = expected_disp_bits(b, disp);
          all.push_back({mem(base, index, disp), b, x, 1, disp, bits});
          for (int scale : {1, 2, 4, 8}) {
            const Mem scaled = mem_scaled(base, index, static_cast<unsigned>(scale), disp);
            all.push_back({scaled, b, x, scale, disp, bits});
            if (b != 0) continue;
            const Mem baseless = mem_scaled(index, static_cast<unsigned>(scale), disp);
            all.push_back({baseless, -1, x, scale, disp, 32});
          }
        }
      }
    }
    return all;
  }();
  return cases;
}

std::vector<int64_t> immediate_edges(const Row& row, const Values& v) {
  const unsigned bits = row.operation_bits(v);
  const int64_t count = bits;
  switch (row.encoding.imm_) {
    case Imm::None: return {};
    case Imm::Count: return {0, 1, count / 2, count - 1};
    case Imm::Byte: return {0, 1, 127, 128, 255};
    case Imm::All64:
      return {0,
              -1,
              kMaxI32 + 1,
              kMinI32 - 1,
              std::numeric_limits<int64_t>::min(),
              std::numeric_limits<int64_t>::max()};
    case Imm::Full:
    case Imm::Short: break;
  }
  std::vector<int64_t> edges = {0, 1, -1, 127, -128};
  if (bits > 8) edges.insert(edges.end(), {128, -129, 255, 256, 32767, -32768});
  if (bits > 16) edges.insert(edges.end(), {32768, -32769, 65535, 65536, kMaxI32, kMinI32});
  // The unsigned reading of a width is taken too.
  if (bits < 64) {
    const int64_t limit = int64_t{1} << bits;
    edges.insert(edges.end(), {limit - 1, limit / 2, limit - 128, limit - 129});
  }
  return edges;
}

std::vector<int64_t> immediates_beyond(const Row& row, const Values& v) {
  const unsigned bits = row.operation_bits(v);
  switch (row.encoding.imm_) {
    case Imm::None:
    case Imm::All64: return {};
    case Imm::Count: return {-1, int64_t{bits}, 255, 256};
    case Imm::Byte: return {-1, 256, kMinI32};
    case Imm::Full:
    case Imm::Short: break;
  }
  constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  if (bits == 64) return {kMaxI32 + 1, kMinI32 - 1, 0xFFFF'FFFF, kMin, kMax};
  const int64_t limit = int64_t{1} << bits;
  return {limit, -limit / 2 - 1, int64_t{1} << 40, kMin, kMax};
}

std::vector<Cond> conditions_of(const Row& row) {
  std::vector<Cond> all;
  for (int code = 0; code < (row.has('c') ? 16 : 1); ++code) all.push_back(static_cast<Cond>(code));
  return all;
}

TEST(Forms, EveryRowRoundTripsWithEveryRegister) {
  Emitter emitter;
  for (const Row& row : all_rows()) {
    const unsigned regs = row.has('G') || row.has('X') ? 16 : 1;
    const unsigned rms = row.has('g') || row.has('x') || row.has('o') ? 16 : 1;
    const unsigned vvvvs = row.has('v') || row.has('V') ? 16 : 1;
    Values start;
    start.imm = any_imm();
    for (Cond cond : conditions_of(row)) {
      for (Values v : row.widths(start)) {
        v.cond = cond;
        for (v.reg = 0; v.reg < regs; ++v.reg) {
          for (v.rm = 0; v.rm < rms; ++v.rm) {
            for (v.vvvv = 0; v.vvvv < vvvvs; ++v.vvvv) {
              ASSERT_EQ(emitter.round_trip(row, v), "");
            }
          }
        }
      }
    }
  }
}

TEST(Forms, EveryMemoryRowRoundTripsWithEveryAddressingMode) {
  Emitter emitter;
  unsigned turn = 0;
  for (const Row& row : all_rows()) {
    if (!row.has('m')) continue;
    Values start;
    start.imm = any_imm();
    for (Values v : row.widths(start)) {
      for (const MemCase& memory : memory_cases()) {
        v.memory = memory;
        // The other registers take turns; 16 and the number of cases' loops are out of step.
        v.reg = row.has('G') || row.has('X') ? ++turn * 5 % 16 : 0;
        v.vvvv = row.has('v') || row.has('V') ? turn / 3 % 16 : 0;
        ASSERT_EQ(emitter.round_trip(row, v), "");
      }
    }
  }
}

TEST(Forms, EveryImmediateEdgeRoundTrips) {
  Emitter emitter;
  for (const Row& row : all_rows()) {
    for (Values v : row.widths({})) {
      for (int64_t imm : immediate_edges(row, v)) {
        v.imm = imm;
        for (unsigned n : {0u, 4u, 5u, 12u, 15u}) {
          v.rm = row.has('m') || row.shape == "i" ? 0 : n;
          v.reg = row.has('G') || row.has('X') ? 15 - n : 0;
          v.memory = {mem(rbp, 300), 5, -1, 0, 300, 32};
          ASSERT_EQ(emitter.round_trip(row, v), "");
        }
      }
    }
  }
}

TEST(Forms, AnImmediateThatDoesNotFitIsRefused) {  // [E1]
  Emitter emitter;
  size_t tried = 0;
  for (const Row& row : all_rows()) {
    for (Values v : row.widths({})) {
      for (int64_t imm : immediates_beyond(row, v)) {
        v.imm = imm;
        ASSERT_EQ(emitter.refusal(row, v, emit::diag::immediate_too_large), "");
        ++tried;
      }
    }
  }
  EXPECT_GT(tried, 500u);
}

TEST(Forms, AWidthThatARowHasNotIsRefused) {  // [E1]
  Emitter emitter;
  for (const Row& row : all_rows()) {
    Values v;
    v.imm = any_imm();
    if (names_width(row.sizing)) {
      for (unsigned width = 0; width < 256; ++width) {
        v.width = static_cast<Width>(width);
        if (width <= 3 && has_width(row.sizing, v.width)) continue;
        ASSERT_EQ(emitter.refusal(row, v, emit::diag::no_such_form), "");
      }
      v.width = W32;
    }
    if (names_float(row.sizing)) {
      v.float_width = static_cast<FloatWidth>(2);
      ASSERT_EQ(emitter.refusal(row, v, emit::diag::no_such_form), "");
      v.float_width = F32;
    }
    if (row.has('c')) {
      v.cond = static_cast<Cond>(16);
      ASSERT_EQ(emitter.refusal(row, v, emit::diag::no_such_form), "");
    }
  }
}

TEST(Forms, WhatIsNoRegisterIsRefusedInEveryPlace) {  // [E1]
  Emitter emitter;
  for (const Row& row : all_rows()) {
    for (unsigned bad : {16u, 32u, 128u, 255u}) {
      Values start;
      start.imm = any_imm();
      Values v = start;
      v.reg = bad;
      if (row.has('G') || row.has('X')) {
        ASSERT_EQ(emitter.refusal(row, v, emit::diag::no_such_register), "");
      }
      v = start;
      v.rm = bad;
      if (row.has('g') || row.has('x') || row.has('o')) {
        ASSERT_EQ(emitter.refusal(row, v, emit::diag::no_such_register), "");
      }
      v = start;
      v.vvvv = bad;
      if (row.has('v') || row.has('V')) {
        ASSERT_EQ(emitter.refusal(row, v, emit::diag::no_such_register), "");
      }
    }
  }
}

TEST(Forms, AMemoryOperandWithoutEncodingIsRefused) {  // [E1]
  const Mem bad[] = {
      mem(no_gpr),
      mem(static_cast<Gpr>(16)),
      mem(rax, kMaxI32 + 1),
      mem(rax, kMinI32 - 1),
      mem(rax, int64_t{1} << 32),
      mem(rax, rsp),
      mem(rax, no_gpr),
      mem(no_gpr, rax),
      mem(rax, rcx, kMaxI32 + 1),
      mem_scaled(rax, rcx, 0),
      mem_scaled(rax, rcx, 3),
      mem_scaled(rax, rcx, 16),
      mem_scaled(rsp, 2),
      mem_scaled(rcx, 5),
      mem_scaled(rcx, 2, kMaxI32 + 1),
      mem_disp32(no_gpr),
      mem_disp32(rax, kMinI32 - 1),
  };
  Emitter emitter;
  for (const Row& row : all_rows()) {
    if (!row.has('m')) continue;
    for (const Mem& memory : bad) {
      Values v;
      v.imm = any_imm();
      v.memory.mem = memory;
      ASSERT_EQ(emitter.refusal(row, v, emit::diag::bad_memory_operand), "");
    }
  }
}

TEST(Forms, NoInstructionIsLongerThanTheRoomOfABuffer) {  // [E1]
  Emitter emitter;
  for (const Row& row : all_rows()) {
    Values start;
    start.reg = row.has('G') || row.has('X') ? 15 : 0;
    start.rm = row.has('g') || row.has('x') || row.has('o') ? 15 : 0;
    start.memory = {mem(r12, r13, kMaxI32), 12, 13, 1, kMaxI32, 32};
    for (Values v : row.widths(start)) {
      for (int64_t imm : immediate_edges(row, v)) {
        v.imm = imm;
        Result<ByteSpan> code = emitter.emit(row, v);
        ASSERT_TRUE(code) << row.describe(v);
        ASSERT_LE(code->size(), 15u) << row.describe(v);
      }
    }
  }
}

}  // namespace
}  // namespace cordon::x64
