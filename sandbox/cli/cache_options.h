// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The options of `cordon run` about the code cache.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

#include "sandbox/supervisor/run.h"

namespace cordon::cli {

// As given on the command line.
struct CacheChoice {
  std::optional<std::string> directory;  // none: no cache; empty: the user's own
  std::optional<uint64_t> max_bytes;
};

void add_cache_options(CLI::App& command, CacheChoice& choice);

// Sets request.cache. A choice that does not go with the rest of the request is a usage error.
void apply(const CacheChoice& choice, supervisor::RunRequest& request);

// `given`, or the user's own directory if it is empty; a failure to find that is a usage error.
std::string cache_directory(const std::string& given);

}  // namespace cordon::cli
