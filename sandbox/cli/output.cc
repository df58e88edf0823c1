// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/cli/output.h"

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "sandbox/cli/commands.h"

namespace cordon::cli {
namespace {

int first_error = 0;  // errno of the first write to standard output that failed

void note(bool written) {
  if (!written && first_error == 0) first_error = errno;
}

}  // namespace

void write_output(std::string_view text) {
  note(std::fwrite(text.data(), 1, text.size(), stdout) == text.size());
}

void write_error(std::string_view text) {
  flush_output();
  (void)std::fwrite(text.data(), 1, text.size(), stderr);
}

void flush_output() { note(std::fflush(stdout) == 0); }

int finish_output(int status) {
  flush_output();
  if (first_error == 0) return status;
  complain("write to standard output: {}", std::strerror(first_error));
  return status == 0 ? kUsage : status;
}

}  // namespace cordon::cli
