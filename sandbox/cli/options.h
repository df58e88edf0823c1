// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Options whose text Cordon parses: a wrong text is a usage error that says what is accepted.
#pragma once

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cordon::cli {

// The kind of a quantity in --help, and the message about a malformed text.
template <class Target>
inline constexpr const char* kTypeName = "SIZE";
template <>
inline constexpr const char* kTypeName<std::chrono::nanoseconds> = "TIME";
template <>
inline constexpr const char* kTypeName<std::optional<uint64_t>> = "N";
template <class Target>
inline constexpr const char* kIsNone = "is no size; try 4096, 64K, 256M or 1G";
template <>
inline constexpr const char* kIsNone<std::chrono::nanoseconds> =
    "is no time; try 500ms, 2s or 1m, up to a year";
template <>
inline constexpr const char* kIsNone<std::optional<uint64_t>> =
    "is no count; try 1000000, up to 2^64 - 1";

// Adds an option whose text `parse` turns into `target`; a text that it refuses is a usage error
// that says what is accepted.
template <class Parse, class Target>
void add_quantity(CLI::App& command, const std::string& name, Parse parse, Target& target,
                  const std::string& help) {
  command
      .add_option_function<std::string>(
          name,
          [name, parse, &target](const std::string& text) {
            auto value = parse(text);
            if (!value) throw CLI::ValidationError(name, "\"" + text + "\" " + kIsNone<Target>);
            target = *value;
          },
          help)
      ->type_name(kTypeName<Target>);
}

// For an option with a name as its value: an empty one comes from an unset variable of a script,
// and must not count as an option that was not given.
inline CLI::Validator not_empty() {
  return CLI::Validator(
      [](std::string& text) { return text.empty() ? "the value is empty" : std::string(); }, "");
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
