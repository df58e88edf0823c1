// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Runs the built `cordon` as a user does, and gives what it wrote and how it ended.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace cordon::tests {

struct Finished {
  int status = -1;  // the exit status; 256 + the signal if one ended it
  std::string out, err;
};

enum class Input {
  Text,   // then the end
  Silent  // a pipe that stays open and empty until the program ends
};

// `cordon` with these arguments (`run` with the engine that this program tests), standard input as
// said, and no more than `environment` around it.
Finished run_cordon(const std::vector<std::string>& args, const std::string& input = {},
                    Input kind = Input::Text, const std::vector<std::string>& environment = {});

// The same with another program than the built `cordon`.
Finished run_program(const std::string& program, const std::vector<std::string>& args,
                     const std::string& input = {}, Input kind = Input::Text,
                     const std::vector<std::string>& environment = {});

// The path of a guest (tests/wasi/guests/NAME.c).
std::string guest(const std::string& name);

// Reaps all children of this process, adopted ones too. Whether they end within `time`.
bool children_end_within(std::chrono::milliseconds time);

}  // namespace cordon::tests
