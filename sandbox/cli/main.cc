// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The `cordon` program.
#include <cstdio>
#include <exception>

#include "sandbox/cli/commands.h"
#include "sandbox/cli/program.h"
#include "sandbox/supervisor/standard_streams.h"

int main(int argc, char** argv) {
  cordon::supervisor::keep_standard_streams();
  try {
    return cordon::cli::Program(CORDON_VERSION).run({argv + (argc > 0 ? 1 : 0), argv + argc});
  } catch (const std::exception& error) {  // from a library: no memory, malformed JSON
    std::fprintf(stderr, "cordon: %s\n", error.what());
    return cordon::cli::kUsage;
  }
}
