// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// cordon-fuzz-script: prints a script for `cordon wast` with the reference engine's results for a
// module.
//
//     cordon-fuzz-script FILE.wasm NAME     NAME is the module's file as the script names it
//
// Exit status 1 if the module is refused, 2 if it cannot be read.
#include <fstream>
#include <iostream>
#include <iterator>
#include <vector>

#include "fuzz/oracle/script.h"

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: cordon-fuzz-script FILE.wasm NAME\n";
    return 2;
  }
  std::ifstream file(argv[1], std::ios::binary);
  if (!file) {
    std::cerr << "cordon-fuzz-script: cannot read " << argv[1] << "\n";
    return 2;
  }
  const std::vector<uint8_t> module{std::istreambuf_iterator<char>(file), {}};
  const std::string script = cordon::fuzz::script_of(module, argv[2]);
  std::cout << script;
  return script.empty() ? 1 : 0;
}
