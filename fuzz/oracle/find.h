// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What fuzz targets and the campaign runner do with a module: compare the engines of
// tests/kit/engines.def on it, shrink what makes them differ, and keep it as a file.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "fuzz/oracle/observation.h"

namespace cordon::fuzz {

struct Comparison {
  Observation first;                        // the reference
  std::optional<std::string> finding = {};  // it was refused, or which engine differs and where
};

Comparison compare(ByteSpan module);

// The shortest bytes found, by leaving out and zeroing parts of `bytes`, for which `fails` still
// holds; it holds for `bytes`.
std::vector<uint8_t> reduce(std::vector<uint8_t> bytes, const std::function<bool(ByteSpan)>& fails);

// Writes `module` into `directory`, named by its hash, and gives the path.
std::string write_module(const std::string& directory, ByteSpan module);

}  // namespace cordon::fuzz
