// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tests/kit/page_part.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "tests/kit/text_diff.h"

namespace cordon::testing {

void expect_page_part(std::string_view page, const std::string& name, const std::string& text) {
  const std::string path = std::string(CORDON_SOURCE_DIR) + "/" + std::string(page);
  std::ifstream in(path, std::ios::binary);
  std::string content{std::istreambuf_iterator<char>(in), {}};
  const size_t begin = content.find("<!-- " + name + ": made from ");
  const size_t first = content.find('\n', begin);
  const size_t end = content.find("<!-- end of " + name + " -->", begin);
  ASSERT_TRUE(begin != std::string::npos && first < end && end != std::string::npos)
      << path << " has no part " << name;
  const std::string old = content.substr(first + 1, end - first - 1);
  if (old == text) return;
  if (std::getenv("BLESS") != nullptr) {
    content.replace(first + 1, old.size(), text);
    ASSERT_TRUE(std::ofstream(path, std::ios::binary) << content) << path;
    return;
  }
  ADD_FAILURE() << path << ", part " << name << ", \"-\" there, \"+\" by the table:\n"
                << text_diff(old, text) << "BLESS=1 writes it.";
}

}  // namespace cordon::testing
