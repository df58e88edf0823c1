// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "fuzz/oracle/find.h"

#include <algorithm>
#include <fstream>

#include "core/base/hex.h"
#include "fuzz/oracle/observe.h"
#include "tests/kit/engines.h"

namespace cordon::fuzz {

Comparison compare(ByteSpan module) {
  Comparison result{observe(testing::kReference.engine, module)};
  if (!result.first.refused.empty()) {
    result.finding = "refused: " + result.first.refused;
    return result;
  }
  for (const testing::EngineRow& row : testing::kCompared) {
    const auto difference = first_difference(result.first, observe(row.engine, module));
    if (!difference) continue;
    result.finding = std::string(row.name) + ": " + *difference;
    break;
  }
  return result;
}

std::vector<uint8_t> reduce(std::vector<uint8_t> bytes,
                            const std::function<bool(ByteSpan)>& fails) {
  // Smaller and smaller windows, until a round at the smallest changes nothing.
  const auto round = [&](size_t window) {
    bool changed = false;
    for (size_t at = 0; at < bytes.size();) {
      const size_t end = std::min(at + window, bytes.size());
      std::vector<uint8_t> without = bytes;
      without.erase(without.begin() + static_cast<ptrdiff_t>(at),
                    without.begin() + static_cast<ptrdiff_t>(end));
      if (fails(without)) {
        bytes = std::move(without);
        changed = true;
        continue;
      }
      std::vector<uint8_t> zeroed = bytes;
      std::fill(zeroed.begin() + static_cast<ptrdiff_t>(at),
                zeroed.begin() + static_cast<ptrdiff_t>(end), uint8_t{0});
      if (zeroed != bytes && fails(zeroed)) {
        bytes = std::move(zeroed);
        changed = true;
      }
      at = end;
    }
    return changed;
  };
  for (size_t window = std::max<size_t>(bytes.size() / 2, 1); window > 1; window /= 2) {
    round(window);
  }
  while (round(1)) continue;
  return bytes;
}

std::string write_module(const std::string& directory, ByteSpan module) {
  // FNV-1a: the same module gives the same file.
  uint64_t hash = 0xcbf29ce484222325u;
  for (uint8_t byte : module) hash = (hash ^ byte) * 0x100000001b3u;
  const std::string path = directory + "/" + hex(hash).substr(2) + ".wasm";
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(module.data()),
             static_cast<std::streamsize>(module.size()));
  return path;
}

}  // namespace cordon::fuzz
