// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A module around one body, for tests of validation: it has one or two of everything that an
// instruction can name, and the function under test is function 1.
//
//     func 0   imported, [i32 i64] -> [f32]     table 0   funcref     global 0   i32, mutable
//     func 1   under test                       table 1   externref   global 1   i64
//     func 2   [] -> [], declared               elem 0    funcref     memory 0   1 page
//     func 3   [] -> [], not declared           elem 1    externref   data 0     passive
//
//     type 0 [i32 i64] -> [f32]     type 1 [] -> []     type 2 [i32] -> [i32]
//     type 3 [i32 i32] -> [i32 i32]
#pragma once

#include <memory>
#include <string>

#include "core/wasm/validated.h"
#include "tests/kit/module_builder.h"

namespace cordon::testing {

// `code` is without its final `end`.
std::vector<uint8_t> body_module(const wasm::FuncType& type, const WasmBytes& code,
                                 const std::vector<Locals>& locals = {});

// What became of a body: the module, which keeps the bytes alive, or the error.
struct BodyVerdict {
  std::vector<uint8_t> bytes;
  std::unique_ptr<const wasm::ValidatedModule> module;
  Diagnostic error{};
  uint32_t body_offset = 0;

  bool valid() const { return module != nullptr; }
  const wasm::ValidatedFunc& func() const { return module->funcs()[0]; }
  // "type mismatch" or the like with the offset in the body: "type_mismatch at 3"; "valid".
  std::string text() const;
};

BodyVerdict verdict_on(const wasm::FuncType& type, const WasmBytes& code,
                       const std::vector<Locals>& locals = {},
                       wasm::Features features = wasm::Features::all());

}  // namespace cordon::testing
