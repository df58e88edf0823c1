// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Program: the command line of `cordon` as one table of commands and options. main.cc runs it; the
// manual pages and completions are made from it.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace cordon::cli {

// Holds the state that the options are parsed into, so one program runs one command line.
class Program {
 public:
  // `version` is what --version prints.
  explicit Program(const std::string& version);

  const CLI::App& app() const { return app_; }
  // Runs the command given by the words after the program's name. Returns the exit status.
  int run(std::vector<std::string> words);

 private:
  void take_guest_words(std::vector<std::string>& words);
  bool first_word_is_nothing() const;
  int complain_about(const CLI::ParseError& error);

  CLI::App app_;
  int status_ = 0;
  std::vector<std::string> guest_words_;  // of `run`: the module and the guest's arguments
};

}  // namespace cordon::cli
