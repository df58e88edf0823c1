// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Runs the specification's test scripts in the form that WABT's wast2json and wasm-tools'
// json-from-wast write: one JSON of commands, its modules in files beside it. Used by `cordon wast`
// and by tests/spec. Every command is executed, in this process, except on modules in the text
// format, which Cordon does not read: those are counted as skipped.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/engine/config.h"

namespace cordon::cli {

// Numbers of commands.
struct WastCounts {
  uint64_t passed = 0, failed = 0, skipped = 0;
};

// A command whose result was not the script's. `kind` is its type, such as "assert_trap".
struct WastFailure {
  std::string script;
  uint64_t line;  // of the .wast
  std::string kind;
  std::string problem;
};

// The results of one script, or of several.
struct WastReport {
  std::map<std::string, WastCounts> kinds;  // by the command's type
  std::vector<WastFailure> failures;

  // add(): adds the counts and failures of another script. total(): over all kinds.
  void add(const WastReport& other);
  WastCounts total() const;
  // The counts, one line a kind and their sum, for people.
  std::string table() const;
};

// Fails if `script` cannot be read or is no such JSON; a command that fails is in the report. With
// `for_gdb` native code is shown to a debugger (core/gdb/show.h).
Result<WastReport> run_wast(const std::filesystem::path& script, const engine::Config& config = {},
                            bool for_gdb = false);

}  // namespace cordon::cli
