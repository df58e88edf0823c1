// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Completions of the command line for shells, from the commands and options that --help shows.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace cordon::cli {

// A script for the shell, which completes commands, their options, the names that an option
// accepts, and otherwise files.
std::string bash_completion(const CLI::App& app);
std::string zsh_completion(const CLI::App& app);
std::string fish_completion(const CLI::App& app);

}  // namespace cordon::cli
