// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Observation: everything in a run that two engines must agree on ([D1]), as plain data: results
// and traps with their frames, fuel left after each call, every call of a host function, and the
// final contents of memories, globals and tables. Made by observe().
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/abi/traps.h"
#include "core/engine/value.h"

namespace cordon::fuzz {

// A reference is represented by its target, since addresses differ from run to run.
struct SeenValue {
  wasm::ValType type = wasm::ValType::i32;
  // Numbers and externrefs: the slot. Functions: 0 for null, else 1 + the function's index.
  uint64_t bits = 0;
  uint64_t high = 0;  // the second slot of a v128
};

struct SeenFrame {
  uint32_t func;
  uint64_t offset;
  bool operator==(const SeenFrame&) const = default;
};

struct SeenCall {
  std::string name;  // the export's; "instantiation"
  Trap trap = Trap::none;
  std::vector<SeenValue> results = {};
  std::vector<SeenFrame> frames = {};
  int64_t fuel_left = 0;
  size_t host_calls = 0;             // host calls made by its end
  std::vector<SeenValue> args = {};  // not compared: they follow from the module
};

struct SeenHostCall {
  std::string name;
  std::vector<SeenValue> args;
};

struct SeenMemory {
  uint64_t pages;
  uint32_t hash;
};

struct Observation {
  std::string refused;  // why the module did not load or link; all else is empty then
  std::vector<SeenCall> calls;
  std::vector<SeenHostCall> host_calls;
  std::vector<SeenMemory> memories;
  std::vector<SeenValue> globals;
  std::vector<std::vector<SeenValue>> tables;
};

// The first difference, in the order of the run, with both sides; nothing if they agree. NaNs of
// any payload and sign are equal.
std::optional<std::string> first_difference(const Observation& a, const Observation& b);

}  // namespace cordon::fuzz
