// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "fuzz/oracle/provided.h"

#include "fuzz/oracle/host.h"

namespace cordon::fuzz {
namespace {

using wasm::ExternKind;
using wasm::ValType;

// Some of the results match the import (spec §3.4.2), and some do not.
void change(wasm::Limits& limits, uint32_t& grown, uint64_t how) {
  const bool roomy = limits.has_max && limits.min < limits.max;
  switch (how % 8) {
    case 0: limits.min += roomy || !limits.has_max ? 1 : 0; break;
    case 1: limits.max += limits.has_max ? 1 : 0; break;
    case 2: limits.max -= roomy ? 1 : 0; break;
    case 3: limits = {.min = limits.min}; break;
    case 4:
      if (limits.min == 0) break;
      --limits.min;
      grown = 1;
      break;
    case 5: limits.min -= limits.min != 0 ? 1 : 0; break;
    default: break;
  }
}

void change(wasm::GlobalType& type, uint64_t how) {
  if (how % 4 == 0) type.is_mutable = !type.is_mutable;
  if (how % 4 == 1) type.value = type.value == ValType::f64 ? ValType::i64 : ValType::f64;
}

void change(ValType& element) {
  element = element == ValType::funcref ? ValType::externref : ValType::funcref;
}

}  // namespace

Provided provided(const wasm::Module& module, const wasm::Import& import, uint32_t strangeness) {
  Provided out;
  const uint64_t how = strangeness == 0 ? ~uint64_t{0} : mix(strangeness + import.index);
  switch (import.kind) {
    case ExternKind::Func:
    case ExternKind::Tag: break;
    case ExternKind::Table:
      out.table = module.tables[import.index];
      change(out.table.limits, out.grown, how);
      if ((how >> 8) % 8 == 0) change(out.table.element);
      break;
    case ExternKind::Memory:
      out.memory = module.memories[import.index];
      change(out.memory.limits, out.grown, how);
      break;
    case ExternKind::Global:
      out.global = module.globals[import.index].type;
      change(out.global, how);
      break;
  }
  return out;
}

}  // namespace cordon::fuzz
