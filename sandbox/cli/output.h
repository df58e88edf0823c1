// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Output of the command line, for people and pipes. Not by fmt::print, which throws if a stream
// cannot be written to: a guest that fills the disk beneath a log must not change how its run ends.
#pragma once

#include <fmt/format.h>

#include <string_view>
#include <utility>

namespace cordon::cli {

// Writes the text unchanged to standard output, and to standard error. finish_output() reports a
// failure of the first; a failure of the second cannot be reported.
void write_output(std::string_view text);
void write_error(std::string_view text);
// Called before something else is written to the same target; write_error() calls it.
void flush_output();

// A text for standard output, by fmt's format, without a newline of its own.
template <class... T>
void say(fmt::format_string<T...> format, T&&... values) {
  write_output(fmt::format(format, std::forward<T>(values)...));
}
// A line to standard error.
template <class... T>
void complain(fmt::format_string<T...> format, T&&... values) {
  write_error("cordon: " + fmt::format(format, std::forward<T>(values)...) + "\n");
}

// Called at the end: writes the rest of standard output. Returns `status`, or kUsage instead of 0
// if some output could not be written.
int finish_output(int status);

}  // namespace cordon::cli
