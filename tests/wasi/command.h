// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Runs the built `cordon` as a user does, and gives what it wrote and how it ended.
#pragma once

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

// The path of a guest (tests/wasi/guests/NAME.c).
std::string guest(const std::string& name);

// A directory of its own, removed in the end. path() is open to everyone.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  const std::string& path() const { return path_; }
  void write(const std::string& name, const std::string& text) const;
  std::string read(const std::string& name) const;

 private:
  std::string path_;
};

}  // namespace cordon::tests
