// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The list of instructions in docs/generated-code.md is what the verifier's table has.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "core/verify/x64/decode.h"
#include "tests/kit/page_part.h"

namespace cordon::verify::x64 {
namespace {

bool has(Use use, unsigned what) { return (static_cast<unsigned>(use) & what) != 0; }

std::string register_text(Use use) {
  if (use == Use::None) return "";
  return has(use, kIsXmm) ? "x" : "r";
}

std::string memory_text(const Memory& memory) {
  switch (memory.direction) {
    case Direction::None: return "";
    case Direction::Read: return "[load]";
    case Direction::Write: return "[store]";
    case Direction::Update: return "[update]";
    case Direction::Address: return "[address]";
    case Direction::Ignored: return "[ignored]";
  }
  return "";
}

// The operands in Intel's order, what is written first: "r, r or [load], constant".
std::string operands(const Form& form) {
  std::string other = register_text(form.rm);
  const std::string memory = memory_text(form.memory);
  if (!memory.empty()) other += (other.empty() ? "" : " or ") + memory;
  std::vector<std::string> parts = {register_text(form.reg), register_text(form.vvvv), other};
  if (has(form.vvvv, kWrites)) std::swap(parts[0], parts[1]);  // a shift by a constant
  const bool writes_other = has(form.rm, kWrites) || form.memory.direction == Direction::Write;
  if (writes_other && !has(form.reg, kWrites)) std::swap(parts.front(), parts.back());
  if (form.imm != 0) {
    const bool jumps = form.effects.flow != Flow::Next;
    parts.emplace_back(jumps ? "distance" : "constant");
  }
  std::string text;
  for (const std::string& part : parts) {
    if (!part.empty()) text += (text.empty() ? "" : ", ") + part;
  }
  return text.empty() ? "none" : text;
}

std::string feature(const Form& form) {
  for (const auto& [bit, name] : {std::pair{abi::CpuFeature::Bmi1, "BMI1"},
                                  {abi::CpuFeature::Bmi2, "BMI2"},
                                  {abi::CpuFeature::Lzcnt, "LZCNT"},
                                  {abi::CpuFeature::Avx, "AVX"},
                                  {abi::CpuFeature::Avx2, "AVX2"}}) {
    if (form.effects.feature == static_cast<uint32_t>(bit)) return name;
  }
  return form.effects.feature == 0 ? "" : "a feature without a name";
}

// One line for the forms with the same operands that need the same of the processor, in the order
// of the table.
std::string list_of_forms() {
  std::vector<std::pair<std::string, std::string>> lines;
  for (const Form& form : all_forms()) {
    std::string head = operands(form);
    if (!feature(form).empty()) head += ", with " + feature(form);
    const auto same = [&](const auto& line) { return line.first == head; };
    auto found = std::find_if(lines.begin(), lines.end(), same);
    if (found == lines.end()) found = lines.insert(lines.end(), {head, ""});
    found->second += " `" + std::string(form.name) + "`";
  }
  std::string text;
  for (const auto& [head, names] : lines) text += "- " + head + ":" + names + "\n";
  return text;
}

TEST(VerifyPage, ListsTheFormsOfTheTable) {
  testing::expect_page_part("docs/generated-code.md", "forms", list_of_forms());
}

}  // namespace
}  // namespace cordon::verify::x64
