// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Options whose text is read by us: a text that will not do is a usage error that says what would.
#pragma once

#include <CLI/CLI.hpp>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace cordon::cli {

template <class Target>
inline constexpr const char* kTypeName = "SIZE";
template <>
inline constexpr const char* kTypeName<std::chrono::nanoseconds> = "TIME";
template <class Target>
inline constexpr const char* kExample = "a size as 4096, 64K, 256M or 1G";
template <>
inline constexpr const char* kExample<std::chrono::nanoseconds> =
    "a time as 500ms, 2s or 1m, up to a year";

// Adds an option whose text `parse` turns into `target`; a text that it does not take is a usage
// error that says what would do.
template <class Parse, class Target>
void add_quantity(CLI::App& command, const std::string& name, Parse parse, Target& target,
                  const std::string& help) {
  command
      .add_option_function<std::string>(
          name,
          [name, parse, &target](const std::string& text) {
            auto value = parse(text);
            if (!value)
              throw CLI::ValidationError(name, "\"" + text + "\" is none; try " + kExample<Target>);
            target = *value;
          },
          help)
      ->type_name(kTypeName<Target>);
}

// One of a few names.
template <class Target>
void add_choice(CLI::App& command, const std::string& name,
                const std::vector<std::pair<std::string, Target>>& choices, Target& target,
                const std::string& help) {
  std::string names;
  for (const auto& choice : choices) names += (names.empty() ? "" : "|") + choice.first;
  command
      .add_option_function<std::string>(
          name,
          [name, choices, names, &target](const std::string& text) {
            for (const auto& [known, value] : choices) {
              if (known == text) {
                target = value;
                return;
              }
            }
            throw CLI::ValidationError(name, "\"" + text + "\" is none of " + names);
          },
          help)
      ->type_name(names);
}

}  // namespace cordon::cli
