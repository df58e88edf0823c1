// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Used by fuzz targets and the campaign runner: compares the engines of tests/kit/engines.def on a
// module, shrinks a difference, and keeps it as a file.
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
  std::optional<std::string> finding = {};  // a refusal, or which engine differs and where
};

Comparison compare(ByteSpan module);

// The shortest bytes found, by leaving out and zeroing parts of `bytes`, for which `fails` is still
// true, as it is for `bytes`.
std::vector<uint8_t> reduce(std::vector<uint8_t> bytes, const std::function<bool(ByteSpan)>& fails);

// Writes `module` into `directory`, named by its hash, and returns the path.
std::string write_module(const std::string& directory, ByteSpan module);

}  // namespace cordon::fuzz
