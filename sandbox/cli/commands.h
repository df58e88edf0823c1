// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The subcommands of `cordon` (DESIGN §7), one file each. Program calls every add_ function once;
// the command that it adds parses its own options and sets `status` to the exit status.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace cordon::cli {

// Exit statuses that are not the guest's own (DESIGN §7). The others come from
// RunReport::exit_status().
inline constexpr int kRefused = 1;
inline constexpr int kUsage = 2;
inline constexpr int kLacking = 3;

// `guest_words`: the module and the guest's arguments, filled in before the command runs.
void add_run(CLI::App& app, int& status, const std::vector<std::string>& guest_words);
void add_validate(CLI::App& app, int& status);
void add_inspect(CLI::App& app, int& status);
void add_compile(CLI::App& app, int& status);
void add_verify(CLI::App& app, int& status);
void add_objdump(CLI::App& app, int& status);
void add_wast(CLI::App& app, int& status);
void add_doctor(CLI::App& app, int& status);
void add_policy(CLI::App& app, int& status);
void add_cache(CLI::App& app, int& status);
void add_fuzz(CLI::App& app, int& status);
void add_help(CLI::App& app, int& status);

}  // namespace cordon::cli
