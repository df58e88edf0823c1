// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sandbox/cli/quantity.h"

#include <charconv>
#include <cmath>
#include <span>
#include <string>

#include "core/base/checked.h"

namespace cordon::cli {
namespace {

struct Unit {
  std::string_view suffix;
  uint64_t factor;
};

constexpr Unit kSizes[] = {{"", 1},
                           {"b", 1},
                           {"k", uint64_t{1} << 10},
                           {"kb", uint64_t{1} << 10},
                           {"kib", uint64_t{1} << 10},
                           {"m", uint64_t{1} << 20},
                           {"mb", uint64_t{1} << 20},
                           {"mib", uint64_t{1} << 20},
                           {"g", uint64_t{1} << 30},
                           {"gb", uint64_t{1} << 30},
                           {"gib", uint64_t{1} << 30}};

constexpr Unit kTimes[] = {{"", 1'000'000'000},     {"ns", 1},
                           {"us", 1'000},           {"ms", 1'000'000},
                           {"s", 1'000'000'000},    {"m", 60'000'000'000},
                           {"h", 3'600'000'000'000}};

constexpr double kYearInNs = 365.0 * 24 * 3600 * 1e9;

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  return out;
}

template <size_t N>
std::optional<uint64_t> factor_of(const Unit (&units)[N], std::string_view suffix) {
  for (const Unit& unit : units) {
    if (unit.suffix == suffix) return unit.factor;
  }
  return std::nullopt;
}

// In the largest of these units that divides it.
std::string text_of(uint64_t number, std::span<const Unit> units) {
  const Unit* best = &units[0];
  for (const Unit& unit : units) {
    if (number != 0 && number % unit.factor == 0) best = &unit;
  }
  return std::to_string(number / best->factor) + std::string(best->suffix);
}

}  // namespace

std::string size_text(uint64_t bytes) {
  constexpr Unit kUnits[] = {
      {"", 1}, {"K", uint64_t{1} << 10}, {"M", uint64_t{1} << 20}, {"G", uint64_t{1} << 30}};
  return text_of(bytes, kUnits);
}

std::string duration_text(std::chrono::nanoseconds time) {
  return text_of(static_cast<uint64_t>(time.count()), std::span(kTimes).subspan(1));
}

std::optional<uint64_t> parse_size(std::string_view text) {
  uint64_t number = 0;
  auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  auto factor = factor_of(kSizes, lower({rest, text.data() + text.size()}));
  return factor ? checked_mul(number, *factor) : std::nullopt;
}

std::optional<uint64_t> parse_count(std::string_view text) {
  uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  return error == std::errc() && rest == end ? std::optional(number) : std::nullopt;
}

std::optional<std::chrono::nanoseconds> parse_duration(std::string_view text) {
  double number = 0;
  auto [rest, error] =
      std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (error != std::errc() || !std::isfinite(number) || number < 0) return std::nullopt;
  auto factor = factor_of(kTimes, lower({rest, text.data() + text.size()}));
  if (!factor) return std::nullopt;
  double ns = number * static_cast<double>(*factor);
  if (ns > kYearInNs) return std::nullopt;
  return std::chrono::nanoseconds(static_cast<int64_t>(ns));
}

}  // namespace cordon::cli
