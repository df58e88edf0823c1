// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// ModuleValidator: the state of one validate_module (spec §3.4), shared by validate_module.cc (all
// declarations) and validate_bodies.cc (the code section). Each method checks one section; they run
// in the order of the sections, so that the first error is the first in the bytes.
#pragma once

#include <memory>
#include <vector>

#include "core/wasm/validate_const_expr.h"
#include "core/wasm/validate_func.h"
#include "core/wasm/validated.h"

namespace cordon::wasm {

// Used once: constructed, then validate().
class ModuleValidator {
 public:
  // Takes ownership of the module. `make` makes each thread's validator of bodies.
  ModuleValidator(Module module, FuncValidator::Maker make);
  // The validated module, or the first error. `threads` is at least 1; see validate_module().
  Result<std::unique_ptr<const ValidatedModule>> validate(unsigned threads);

 private:
  Result<void> imports();
  Result<void> funcs();
  Result<void> tables();
  Result<void> memories();
  Result<void> tags();
  Result<void> globals();
  Result<void> exports();
  Result<void> start();
  Result<void> elems();
  Result<void> datas();
  Result<void> bodies(unsigned threads);

  Result<void> func(uint32_t index);
  Result<void> table(uint32_t index);
  Result<void> memory(uint32_t index);
  Result<void> tag(uint32_t index);
  Result<void> export_names();
  Result<void> elem(const ElemSegment& segment);
  Result<void> data(const DataSegment& segment);

  std::unique_ptr<ValidatedModule> validated_;
  const Module& module_;
  std::vector<bool> declared_;  // C.refs (spec §3.1.1), complete before the bodies are validated
  ConstExprValidator const_expr_;
  const FuncValidator::Maker make_;
};

}  // namespace cordon::wasm
