// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sizes and durations as people write them on a command line.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cordon::cli {

// "4096", "64K", "256M", "4G" (powers of 1024, "KiB" and "kb" alike) in bytes. Nothing if it is not
// a size or does not fit 64 bits.
std::optional<uint64_t> parse_size(std::string_view text);

// "1000000": digits alone. Nothing if it does not fit 64 bits.
std::optional<uint64_t> parse_count(std::string_view text);

// "2s", "1.5s", "500ms", "10m", "1h"; a bare number is seconds. Nothing if it is not a duration, or
// longer than a year.
std::optional<std::chrono::nanoseconds> parse_duration(std::string_view text);

// The shortest text that the functions above parse to the same value: "256M", "24h".
std::string size_text(uint64_t bytes);
std::string duration_text(std::chrono::nanoseconds time);

}  // namespace cordon::cli
