// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Every row of forms.def through the assembler and back through LLVM's disassembler, over all
// registers, widths and the edges of immediates; and everything a row has not, refused without a
// byte ([E1]).
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "tests/core/asm/arm64/rows.h"

namespace cordon::arm64 {
namespace {

struct Case {
  const Row* row;
  Values values;
};

bool has(const Row& row, const char* letters) {
  return row.shape.find_first_of(letters) != std::string::npos;
}

// Which operands number 31 is for: nothing, zero or the stack pointer.
std::vector<Gpr> registers(Gpr last) {
  std::vector<Gpr> all;
  for (unsigned i = 0; i <= 30; ++i) all.push_back(static_cast<Gpr>(i));
  if (last != no_gpr) all.push_back(last);
  return all;
}

// What each register operand of the shape can be as number 31.
struct Lasts {
  Gpr d = no_gpr, n = no_gpr, m = no_gpr;
  bool has_d = false, has_n = false, has_m = false;
};
Lasts lasts_of(const std::string& shape) {
  if (shape == "ssa") return {.d = sp, .n = sp, .has_d = true, .has_n = true};
  if (shape == "Sa") return {.n = sp, .has_n = true};
  if (shape == "zzz") return {zr, zr, zr, true, true, true};
  if (shape == "Zz") return {.n = zr, .m = zr, .has_n = true, .has_m = true};
  if (shape == "zh") return {.d = zr, .has_d = true};
  if (shape == "zm") return {.d = zr, .n = sp, .has_d = true, .has_n = true};
  if (shape == "R") return {.has_n = true};
  return {};
}

struct Immediate {
  int64_t imm;
  unsigned shift = 0;
};

std::vector<Immediate> immediates(const Row& row, Width width) {
  const int64_t unit = width == W64 ? 8 : 4;
  if (has(row, "a")) return {{0}, {1}, {0x800}, {0xFFF}, {0x1000}, {0xABC000}, {0xFFF000}};
  if (has(row, "m")) return {{0}, {unit}, {2048 * unit}, {4095 * unit}};
  if (row.shape == "u") return {{0}, {1}, {0x8000}, {0xFFFF}};
  if (!has(row, "h")) return {{0}};
  std::vector<Immediate> all;
  for (unsigned shift = 0; shift < (width == W64 ? 64u : 32u); shift += 16) {
    for (const int64_t imm : {0, 1, 0x8000, 0xFFFE, 0xFFFF}) all.push_back({imm, shift});
  }
  return all;
}

std::vector<Immediate> refused_immediates(const Row& row, Width width) {
  const int64_t unit = width == W64 ? 8 : 4;
  if (has(row, "a")) return {{-1}, {0x1001}, {0xFFF001}, {0x1000000}, {INT64_MIN}, {INT64_MAX}};
  if (has(row, "m")) return {{-unit}, {1}, {unit - 1}, {unit / 2}, {4096 * unit}, {INT64_MIN}};
  if (row.shape == "u") return {{-1}, {0x10000}, {INT64_MIN}};
  if (!has(row, "h")) return {};
  std::vector<Immediate> all = {{-1}, {0x10000}, {1, 8}, {1, 15}, {1, 64}, {INT64_MIN}};
  if (width == W32) all.push_back({1, 32}), all.push_back({1, 48});
  return all;
}

std::vector<Width> widths(const Row& row) {
  return row.has_width() ? std::vector{W32, W64} : std::vector{W64};
}

// Each register in each place, and each immediate; not all with all.
void add_cases(const Row& row, std::vector<Case>& all) {
  const Lasts lasts = lasts_of(row.shape);
  for (const Width width : widths(row)) {
    Values v{.width = width};
    v.imm = immediates(row, width)[0].imm;
    const auto vary = [&](Gpr Values::* which, Gpr last, bool is_there) {
      if (!is_there) return;
      for (const Gpr r : registers(last)) {
        Values other = v;
        other.*which = r;
        all.push_back({&row, other});
      }
    };
    vary(&Values::d, lasts.d, lasts.has_d);
    vary(&Values::n, lasts.n, lasts.has_n);
    vary(&Values::m, lasts.m, lasts.has_m);
    for (const auto& [imm, shift] : immediates(row, width)) {
      v.imm = imm;
      v.shift = shift;
      all.push_back({&row, v});
    }
  }
}

std::vector<Case> all_cases() {
  std::vector<Case> all;
  for (const Row& row : all_rows()) add_cases(row, all);
  return all;
}

TEST(Arm64Forms, LlvmReadsBackWhatWasSaid) {
  const std::vector<Case> cases = all_cases();
  Assembler a(CodeBuffer(1u << 20));
  for (const Case& one : cases) {
    const uint32_t before = a.offset();
    one.row->emit(a, one.values);
    ASSERT_TRUE(a.ok()) << a.error()->name << ": " << one.row->describe(one.values);
    ASSERT_EQ(a.offset(), before + 4) << one.row->describe(one.values);
  }
  const Result<ByteSpan> code = a.finish();
  ASSERT_TRUE(code.has_value());
  const std::vector<std::string> lines = disassemble(*code);
  ASSERT_EQ(lines.size(), cases.size());
  for (size_t i = 0; i < cases.size(); ++i) {
    EXPECT_TRUE(is_printed(*cases[i].row, cases[i].values, lines[i]))
        << cases[i].row->describe(cases[i].values) << " is printed: " << lines[i];
  }
  EXPECT_GT(cases.size(), 1000u);
}

// Empty if nothing but an error comes of it.
std::string refusal(const Row& row, const Values& v) {
  Assembler a(CodeBuffer(64));
  row.emit(a, v);
  if (a.ok()) return "accepted: " + row.describe(v);
  if (a.offset() != 0) return "bytes emitted: " + row.describe(v);
  return {};
}

TEST(Arm64Forms, RefuseWhatDoesNotFit) {
  for (const Row& row : all_rows()) {
    for (const Width width : widths(row)) {
      for (const auto& [imm, shift] : refused_immediates(row, width)) {
        EXPECT_EQ(refusal(row, {.width = width, .imm = imm, .shift = shift}), "");
      }
    }
    if (row.has_width()) {
      EXPECT_EQ(refusal(row, {.width = static_cast<Width>(2), .imm = 0}), "");
    }
  }
}

// Number 31 in its other meaning, and registers that are none.
TEST(Arm64Forms, RefuseWhatIsNoRegisterThere) {
  for (const Row& row : all_rows()) {
    const Lasts lasts = lasts_of(row.shape);
    const auto try_all = [&](Gpr Values::* which, Gpr last, bool is_there) {
      if (!is_there) return;
      for (const Gpr r : {sp, zr, no_gpr, static_cast<Gpr>(32), static_cast<Gpr>(64)}) {
        if (r == last) continue;
        Values v{.imm = 0};
        v.*which = r;
        EXPECT_EQ(refusal(row, v), "");
      }
    };
    try_all(&Values::d, lasts.d, lasts.has_d);
    try_all(&Values::n, lasts.n, lasts.has_n);
    try_all(&Values::m, lasts.m, lasts.has_m);
  }
}

}  // namespace
}  // namespace cordon::arm64
