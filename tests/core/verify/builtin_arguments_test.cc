// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// [B1] Every builtin, and each of its arguments in every wrong kind: the call with nothing wrong is
// accepted, each other one is refused by the rule for what is wrong. The table that this prints is
// made from builtins.def, so a builtin that is added comes under it, and a letter that nothing is
// known of fails.
#include <gtest/gtest.h>

#include <cstdio>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/abi/vmctx.h"
#include "core/verify/verify.h"
#include "tests/core/verify/blob_text.h"

namespace cordon::verify {
namespace {

// What an argument can be that it must not be: assembly, or another module or frame.
struct Wrong {
  std::string what, rule;
  std::string code = {};  // instead of what puts the argument into its register
  std::string module = "plain";
  std::string behind = {};  // between the arguments and the call
  unsigned frame = 40;
};

// Code for each argument register, in abi::kBuiltinParams' order.
struct Register {
  const char *constant, *zero, *from_stack32, *from_stack64, *wide_constant;
};
constexpr Register kRegisters[] = {
    {"be", "31 f6", "8b 34 24", "48 8b 34 24", "48 be"},           // rsi
    {"ba", "31 d2", "8b 14 24", "48 8b 14 24", "48 ba"},           // rdx
    {"b9", "31 c9", "8b 0c 24", "48 8b 0c 24", "48 b9"},           // rcx
    {"41 b8", "45 31 c0", "44 8b 04 24", "4c 8b 04 24", "49 b8"},  // r8
    {"41 b9", "45 31 c9", "44 8b 0c 24", "4c 8b 0c 24", "49 b9"},  // r9
};

std::string bytes_of(uint32_t value) {
  char text[16];
  std::snprintf(text, sizeof text, " %02x %02x %02x %02x", value & 0xFF, value >> 8 & 0xFF,
                value >> 16 & 0xFF, value >> 24);
  return text;
}
std::string set(const Register& reg, uint32_t value) { return reg.constant + bytes_of(value); }

// Things of sample_module() in blob_text.cc.
constexpr uint32_t kFunctions = 5, kImports = 2, kTables = 4, kDatas = 1, kElems = 3, kGlobals = 9,
                   kTags = 1;
constexpr uint32_t kFuncTables[] = {0, 2}, kExternTable = 1, kFuncElem = 1, kExternElem = 2;
constexpr uint32_t kImportedNumber = 0, kImportedConstant = 1, kOwnNumber = 2, kConstant = 3,
                   kConstantReference = 7;
// Globals of the one that has vectors.
constexpr uint32_t kImportedVector = 2, kOwnVector = 10, kGlobalsWithVectors = 11;

// The value that a constant may have.
const std::map<char, uint32_t> kRight = {{'F', kFunctions - 1},
                                         {'I', 0},
                                         {'T', kFuncTables[0]},
                                         {'U', kFuncTables[1]},
                                         {'D', 0},
                                         {'E', kFuncElem},
                                         {'G', kImportedNumber},
                                         {'W', kImportedNumber},
                                         {'V', kImportedVector},
                                         {'N', 0}};

struct Number {
  const char* what;
  uint32_t value;
  const char* rule;
};
std::vector<Number> wrong_numbers(char letter, bool after_table) {
  switch (letter) {
    case 'F': return {{"no function", kFunctions, "builtin_function"}};
    case 'I':
      return {{"own function", kImports, "builtin_function"},
              {"no function", kFunctions, "builtin_function"}};
    case 'T': return {{"no table", kTables, "builtin_table"}};
    case 'U':
      return {{"no table", kTables, "builtin_table"},
              {"table of another type", kExternTable, "builtin_type"}};
    case 'N': return {{"no tag", kTags, "builtin_tag"}};
    case 'D': return {{"no data segment", kDatas, "builtin_segment"}};
    case 'E':
      if (!after_table) return {{"no element segment", kElems, "builtin_segment"}};
      return {{"no element segment", kElems, "builtin_segment"},
              {"segment of another type", kExternElem, "builtin_type"}};
    case 'W':
      return {{"no global", kGlobals, "builtin_global"},
              {"own number", kOwnNumber, "builtin_global"},
              {"own constant", kConstant, "builtin_global"},
              {"imported constant", kImportedConstant, "builtin_global"},
              {"immutable reference", kConstantReference, "builtin_global"}};
    case 'V':
      return {{"no global", kGlobalsWithVectors, "builtin_global"},
              {"imported number", kImportedNumber, "builtin_global"},
              {"imported constant", kImportedConstant, "builtin_global"},
              {"own vector", kOwnVector, "builtin_global"}};
    case 'G':
      return {{"no global", kGlobals, "builtin_global"},
              {"own number", kOwnNumber, "builtin_global"},
              {"own constant", kConstant, "builtin_global"},
              {"imported constant", kImportedConstant, "builtin_global"}};
    default: return {};
  }
}

// In register `reg`, if the letter takes one.
std::vector<Wrong> wrong_kinds(char letter, bool after_table, const Register& reg) {
  if (letter == 'l' || letter == 'r') return {};  // whatever it is, the builtin looks
  if (letter == 'i') return {{"64 bits", "call_argument", reg.from_stack64}};
  if (letter == 'M') return {{"no memory", "builtin_memory", "", "no_memory"}};
  if (letter == 'S') return {{"small frame", "builtin_slots", "", "plain", "", 0}};
  std::vector<Wrong> all;
  const std::vector<Number> numbers = wrong_numbers(letter, after_table);
  EXPECT_FALSE(numbers.empty()) << "nothing is known of letter " << letter;
  for (const Number& number : numbers) {
    all.push_back({number.what, number.rule, set(reg, number.value)});
  }
  all.push_back({"2^32 - 1", numbers.front().rule, set(reg, UINT32_MAX)});
  const uint32_t right = kRight.at(letter);
  all.push_back({"unknown", "builtin_constant", reg.from_stack32});
  all.push_back({"unknown, 64 bits", "builtin_constant", reg.from_stack64});
  all.push_back(
      {"2^32 more", "builtin_constant", reg.wide_constant + bytes_of(right) + " 01 00 00 00"});
  all.push_back(
      {"before a leader", "builtin_constant", set(reg, right), "plain", "leader behind\n"});
  all.push_back({"before a call", "builtin_constant", set(reg, right), "plain",
                 "45 31 c0\n31 ff\ne8 {rel32:body1}\ncall_site\n"});
  return all;
}

class BuiltinArgumentsTest : public testing::Test {
 protected:
  // A call with all arguments right except the one at `position` of the signature.
  static std::string call(const abi::BuiltinRow& builtin, size_t position, const Wrong& wrong) {
    const bool vectors = builtin.signature.find('V') != std::string_view::npos;
    std::string text = "module " + (vectors ? "vectors" : wrong.module) + "\nbody 0 frame " +
                       std::to_string(wrong.frame) + "\nprologue\n";
    size_t next = 0;
    for (size_t i = 0; builtin.signature[i] != ':'; ++i) {
      const char letter = builtin.signature[i];
      if (letter == 'M' || letter == 'S' || letter == 'X') continue;
      const Register& reg = kRegisters[next++];
      const auto right = kRight.find(letter);
      if (i == position && !wrong.code.empty()) {
        text += wrong.code + "\n";
      } else {
        text += (right != kRight.end() ? set(reg, right->second) : reg.zero) + "\n";
      }
    }
    return text + wrong.behind + "41 ff 96 {builtin." + std::string(builtin.name) +
           "}\ncall_site\n31 c0\nepilogue\n";
  }
  static std::string verdict(const std::string& text) {
    const BlobText blob = read_blob_text(text);
    EXPECT_EQ(blob.error, "") << text;
    const auto verified = verify(*blob.module, blob.blob);
    return verified ? "accept" : std::string(verified.error().kind->name);
  }
};

TEST_F(BuiltinArgumentsTest, EachWrongKindOfEachArgumentIsRefusedByItsRule) {
  unsigned rows = 0;
  for (const abi::BuiltinRow& builtin : abi::kBuiltins) {
    if (builtin.signature.starts_with('X')) {
      const std::string rule = builtin.name == "call_own" ? "builtin_constant" : "foreign_entered";
      EXPECT_EQ(verdict(call(builtin, 0, {})), rule) << builtin.name;
      std::printf("%-13s outside of its sequence: %s\n", builtin.name.data(), rule.c_str());
      ++rows;
      continue;
    }
    EXPECT_EQ(verdict(call(builtin, std::string::npos, {})), "accept") << builtin.name;
    bool after_table = false;
    size_t next = 0;
    for (size_t i = 0; builtin.signature[i] != ':'; ++i) {
      const char letter = builtin.signature[i];
      const bool has_register = letter != 'M' && letter != 'S';
      for (const Wrong& wrong : wrong_kinds(letter, after_table, kRegisters[next])) {
        const std::string text = call(builtin, i, wrong);
        EXPECT_EQ(verdict(text), wrong.rule) << builtin.name << ": " << wrong.what << "\n" << text;
        std::printf("%-13s %c %-24s %s\n", builtin.name.data(), letter, wrong.what.c_str(),
                    wrong.rule.c_str());
        ++rows;
      }
      next += has_register;
      after_table |= letter == 'T';
    }
  }
  std::printf("%u calls, each refused by its rule\n", rows);
  EXPECT_GE(rows, 120u);
}

}  // namespace
}  // namespace cordon::verify
