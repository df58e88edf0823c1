// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "fuzz/gen/accepted/native.h"

#include "core/base/check.h"
#include "fuzz/gen/accepted/native_func.h"

namespace cordon::fuzz::accepted {
namespace {

void find_what_code_reaches(NativeBlob& blob) {
  const wasm::Module& module = blob.module;
  for (uint32_t i = 0; i < module.globals.size(); ++i) {
    const abi::Access access = abi::global_access(module, i);
    const bool is_vector = module.globals[i].type.value == wasm::ValType::v128;
    if (access == abi::Access::Host || is_vector) continue;
    blob.readable.push_back(i);
    const bool bounds_calls = i == module.imported_globals;
    if (access == abi::Access::ReadWrite && !bounds_calls) blob.writable.push_back(i);
  }
  for (uint32_t i = 0; i < module.tables.size(); ++i) {
    if (module.tables[i].element == wasm::ValType::funcref) blob.func_tables.push_back(i);
  }
}

}  // namespace

NativeCode native_code(const ProgramShape& program, const ModuleShape& shape,
                       const wasm::Module& module, Choices& choices) {
  NativeBlob blob(program, shape, module, choices);
  find_what_code_reaches(blob);
  for (size_t i = 0; i < module.bodies.size(); ++i) blob.entries.push_back(blob.a.new_label());
  for (uint32_t i = 0; i < module.bodies.size(); ++i) NativeFunc(blob, i).write();
  abi::CodeBlob out;
  out.options = {program.fuel, 0};
#define TABLE(name, Wire, Record, text, stray) out.name = std::move(blob.name);
#include "core/abi/blob_tables.def"
  const Result<ByteSpan> code = blob.a.finish();
  CHECK(code);
  out.code = *code;
  return {abi::encode(out), blob.dared};
}

}  // namespace cordon::fuzz::accepted
