// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The manual pages, from the commands and options that --help shows. A tool that runs at build time
// writes them into files.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace cordon::cli {

// A generated file with its whole text.
struct GeneratedFile {
  std::string name;  // a path below the folder that the caller writes to
  std::string text;
};

// "man1/cordon.1" and "man1/cordon-COMMAND.1" of each command, in roff with man(7)'s macros.
std::vector<GeneratedFile> manual_pages(const CLI::App& app, const std::string& version);

}  // namespace cordon::cli
