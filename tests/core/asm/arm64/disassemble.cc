// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// LLVM's disassembler by its tool: a file of bytes in, a line an instruction out.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "tests/core/asm/arm64/rows.h"

namespace cordon::arm64 {
namespace {

constexpr size_t kWordSize = 4;

// Without comments, spaces at both ends, and all but one of spaces between.
std::string plain(std::string line) {
  line.resize(std::min(line.find("//"), line.size()));
  std::string out;
  for (const char c : line) {
    const bool is_space = c == ' ' || c == '\t' || c == '\n';
    if (!is_space) out += c;
    if (is_space && !out.empty() && out.back() != ' ') out += ' ';
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

void write_hex(const std::string& path, ByteSpan code) {
  std::ofstream out(path);
  for (size_t i = 0; i < code.size(); ++i) {
    char text[8];
    std::snprintf(text, sizeof text, "0x%02x%c", code[i], i % kWordSize == 3 ? '\n' : ' ');
    out << text;
  }
}

}  // namespace

// LLVM warns about a word that is no instruction, so there are more lines than words.
std::vector<std::string> disassemble(ByteSpan code) {
  const std::string path = testing::TempDir() + "words-" + std::to_string(getpid()) + ".hex";
  write_hex(path, code);
  const std::string command = std::string(CORDON_LLVM_MC_TOOL) +
                              " -triple=aarch64 -disassemble -M no-aliases " + path + " 2>&1";
  std::vector<std::string> lines;
  FILE* const pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return lines;
  char buffer[256];
  while (std::fgets(buffer, sizeof buffer, pipe) != nullptr) {
    const std::string line = plain(buffer);
    if (line.empty() || line == ".text") continue;
    lines.push_back(line);
  }
  EXPECT_EQ(pclose(pipe), 0);
  std::remove(path.c_str());
  return lines;
}

}  // namespace cordon::arm64
