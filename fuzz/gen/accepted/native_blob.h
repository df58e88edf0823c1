// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The state shared by the functions of one module's machine code: the module, as code sees it, and
// the blob with its tables while it grows. Used by native.cc and NativeFunc alone.
#pragma once

#include <vector>

#include "core/abi/code_blob.h"
#include "core/abi/module_plan.h"
#include "core/asm/x64/assembler.h"
#include "core/wasm/module.h"
#include "fuzz/gen/accepted/program_shape.h"
#include "fuzz/gen/choices.h"

namespace cordon::fuzz::accepted {

using Indices = std::vector<uint32_t>;

struct NativeBlob {
  NativeBlob(const ProgramShape& of_program, const ModuleShape& of_shape,
             const wasm::Module& of_module, Choices& all_choices)
      : program(of_program),
        shape(of_shape),
        module(of_module),
        plan(of_module),
        choices(all_choices) {}

  const ProgramShape& program;
  const ModuleShape& shape;
  const wasm::Module& module;
  const abi::ModulePlan plan;
  Choices& choices;

  // Indices of the globals that code accesses in the context, and of those it may write.
  Indices readable, writable;
  Indices func_tables;

  x64::Assembler a{emit::CodeBuffer(1U << 22)};
  std::vector<x64::Label> entries;  // of own functions
#define TABLE(name, Wire, Record, text, stray) std::vector<abi::Record> name;
#include "core/abi/blob_tables.def"
  bool dared = false;

  const wasm::FuncType& type_of(uint32_t func) const {
    return module.types[module.funcs[func].value];
  }
  // Whether this value should be one that honest code would not give.
  bool is_wild() { return program.wild != 0 && choices.once_in(program.wild); }
};

}  // namespace cordon::fuzz::accepted
