// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tests/kit/text_diff.h"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace cordon::testing {

namespace {

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

// common[i][j]: the length of the longest common subsequence of the lines from i and from j on.
using Common = std::vector<std::vector<size_t>>;

Common common_of(const std::vector<std::string_view>& a, const std::vector<std::string_view>& b) {
  Common common(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = a.size(); i-- > 0;) {
    for (size_t j = b.size(); j-- > 0;) {
      common[i][j] =
          a[i] == b[j] ? common[i + 1][j + 1] + 1 : std::max(common[i + 1][j], common[i][j + 1]);
    }
  }
  return common;
}

}  // namespace

std::string text_diff(std::string_view expected, std::string_view actual) {
  const std::vector<std::string_view> a = lines_of(expected), b = lines_of(actual);
  const Common common = common_of(a, b);
  std::string out;
  const auto add = [&](char mark, std::string_view line) {
    out.append(1, mark).append(line).append(1, '\n');
  };
  size_t i = 0, j = 0;
  while (i < a.size() || j < b.size()) {
    if (i < a.size() && j < b.size() && a[i] == b[j]) {
      add(' ', a[i++]);
      ++j;
    } else if (j == b.size() || (i < a.size() && common[i + 1][j] >= common[i][j + 1])) {
      add('-', a[i++]);
    } else {
      add('+', b[j++]);
    }
  }
  return out;
}

}  // namespace cordon::testing
