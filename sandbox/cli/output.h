// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the command line says to people and pipes. Not by fmt::print, which throws where a stream
// cannot be written to: a guest that fills the disk below a log must not change how its run ends.
#pragma once

#include <fmt/format.h>

#include <string_view>
#include <utility>

namespace cordon::cli {

// As they are, to standard output and to standard error. That the first failed is told by
// finish_output(); for the second there is nobody to tell.
void write_output(std::string_view text);
void write_error(std::string_view text);
// Before something else is written to where standard output may go as well. write_error() does it.
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

// Before the end: writes what is left of standard output. The exit status, which was to be
// `status`: kUsage instead of 0 if not all could be written.
int finish_output(int status);

}  // namespace cordon::cli
