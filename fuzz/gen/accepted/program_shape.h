// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// ProgramShape: the modules of one program of cordon-accepted, drawn before any code. Used by the
// oracle (fuzz/oracle/accepted), which instantiates them in one store, in their order.
//
// Instances form groups. Within a group references flow: its members share tables, globals of
// reference types and functions that take references. Between groups only numbers flow, and the
// functions that a member imports. So the references that an instance may ever hold are known from
// outside: the functions in the index spaces of its group.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "core/wasm/types.h"
#include "fuzz/gen/choices.h"
#include "tests/kit/wasm_bytes.h"

namespace cordon::fuzz::accepted {

// The function types of all modules; each declares all of them, in an order of its own.
using enum wasm::ValType;
inline const std::array<wasm::FuncType, 8> kTypes = {{
    {{}, {}},
    {{i32}, {i32}},
    {{i64}, {i64}},
    {{funcref}, {funcref}},
    {{externref}, {externref}},
    {{f64, f32}, {f64}},
    {{i32, funcref, externref, i64, f64}, {i64, funcref}},
    {{i64, funcref, i32, externref, funcref, i64, i32, externref, funcref},
     {funcref, i32, externref}},
}};
// Whether no reference is passed in a call of that type.
bool is_numeric(uint8_t type);

enum class Role : uint8_t {
  Party,      // called, and shares what it has with the other members
  Loner,      // called, and shares nothing
  Bystander,  // never called: its state must not change
  Doomed,     // its instantiation fails: nothing may call it
};
// How a doomed one fails: by its start function, a data segment, or a table that is too large.
enum class Doom : uint8_t { Start, Data, Table };

struct ImportShape {
  std::string module, name;
  wasm::ExternKind kind;
  uint8_t type = 0;  // of a function, by kTypes
  wasm::TableType table{};
  wasm::GlobalType global{};
};

struct ModuleShape {
  std::string name;
  Role role = Role::Party;
  uint8_t group = 0;
  bool native = false;
  Doom doom = Doom::Start;
  uint8_t rotation = 0;  // of kTypes
  bool has_start = false;
  std::vector<ImportShape> imports;  // in the order of their kinds
  std::vector<uint8_t> funcs;        // types of its own functions, exported as "f0" and so on
};

// The own globals of each module, in this order. The first bounds the calls of a program without
// fuel; the party shares those with an export.
struct OwnGlobal {
  const char* export_name;
  wasm::GlobalType type;
};
inline constexpr std::array<OwnGlobal, 9> kOwnGlobals = {{{nullptr, {i32, true}},
                                                          {"gn", {i64, true}},
                                                          {nullptr, {f64, true}},
                                                          {"gf", {funcref, true}},
                                                          {"ge", {externref, true}},
                                                          {nullptr, {i64, false}},
                                                          {"gc", {funcref, false}},
                                                          {"gs", {f32, true}},
                                                          {"gv", {wasm::ValType::v128, true}}}};
inline constexpr uint32_t kCallBudget = 150;  // the first value of that first global

// How often a reference is one that honest code would not have: never, or once in this many times.
inline constexpr std::array<uint32_t, 6> kWildness = {0, 0, 32, 8, 4, 2};

struct ProgramShape {
  bool fuel = false;
  uint32_t wild = 0;  // of kWildness
  bool guesses =
      false;  // the oracle puts addresses of the host into memories, for use as references
  bool daring = false;  // some code may be such that the verifier must refuse it
  std::vector<ModuleShape> modules;
};

ProgramShape draw_program_shape(Choices& choices);

// Encodes the module. `bodies` are those of its own functions, without the final `end`; if there
// are none, each function is a single `unreachable`, which suffices for native code.
std::vector<uint8_t> module_bytes(const ModuleShape& shape,
                                  const std::vector<testing::WasmBytes>& bodies = {});

// Offsets in linear memory that code reads values from, 8 bytes each: guesses, and stored values.
inline constexpr uint32_t kGuessesAt = 0, kGuesses = 32, kWordsAt = 256, kWords = 32;
// The limit on table elements in a store.
inline constexpr uint32_t kMaxTableElements = 200;

}  // namespace cordon::fuzz::accepted
