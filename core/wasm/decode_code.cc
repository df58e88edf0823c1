// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The code section (spec §5.5.13) and the extent of constant expressions. Bodies are only cut out:
// their instructions are read once, by validation.
#include "core/wasm/decoder.h"
#include "core/wasm/limits.h"
#include "core/wasm/op.h"

namespace cordon::wasm {

// A sum of 2^32 or more is malformed (spec §5.5.13), so our own limit comes after all runs are
// read. Runs of no locals are legal and dropped.
void ModuleDecoder::locals(Cursor& in, uint32_t index, FuncBody& body) {
  const uint32_t start = in.offset();
  const uint32_t runs = in.count("runs of locals", kMaxLocals);
  body.first_run = static_cast<uint32_t>(module_.local_runs.size());
  uint64_t sum = 0;
  for (uint32_t i = 0; i < runs && in.ok(); ++i) {
    const uint32_t count = in.u32();
    const ValType type = value_type(in);
    sum += count;
    if (count != 0) module_.local_runs.push_back({count, type});
  }
  if (!in.ok()) return;
  if (sum > UINT32_MAX) {
    in.fail(diag::too_many_locals_in_sum, start, std::to_string(sum));
    return;
  }
  const uint32_t type = module_.funcs[module_.imported_funcs + index].value;
  const uint64_t params = type < module_.types.size() ? module_.types[type].params.size() : 0;
  if (params + sum > kMaxLocals) {
    in.fail(diag::limit_exceeded, start,
            std::to_string(params + sum) + " locals of function " +
                std::to_string(module_.imported_funcs + index) + ", the limit is " +
                std::to_string(kMaxLocals));
    return;
  }
  body.declared_locals = static_cast<uint32_t>(sum);
  body.run_count = static_cast<uint32_t>(module_.local_runs.size()) - body.first_run;
}

FuncBody ModuleDecoder::body(Cursor& in, uint32_t index) {
  FuncBody body{};
  const uint32_t start = in.offset();
  const uint32_t size = in.u32();
  Cursor part = in.sub(size);
  if (in.ok() && size > kMaxFuncSize) {
    in.fail(diag::limit_exceeded, start,
            std::to_string(size) + " bytes of function " +
                std::to_string(module_.imported_funcs + index) + ", the limit is " +
                std::to_string(kMaxFuncSize));
  }
  if (!in.ok()) return body;
  locals(part, index, body);
  body.code = {part.offset(), part.remaining()};
  in.adopt(part);
  return body;
}

void ModuleDecoder::decode_code(Cursor& in) {
  const uint32_t start = in.offset();
  module_.code_section = {start, in.remaining()};
  const uint32_t count = in.count("functions", kMaxFuncs);
  const size_t defined = module_.funcs.size() - module_.imported_funcs;
  if (in.ok() && count != defined) {
    in.fail(diag::counts_differ, start,
            std::to_string(defined) + " functions are declared, " + std::to_string(count) +
                " have a body");
  }
  in.reserve(module_.bodies, count, 2);
  for (uint32_t i = 0; i < count && in.ok(); ++i) module_.bodies.push_back(body(in, i));
}

ConstExpr ModuleDecoder::const_expr(Cursor& in) {
  const uint32_t start = in.offset();
  for (bool ended = false; !ended && in.ok();) {
    const uint32_t at = in.offset();
    const uint8_t code = in.u8();
    switch (code) {
      case 0x0b: ended = true; break;
      case 0x41: in.s32(); break;
      case 0x42: in.s64(); break;
      case 0x43: in.f32_bits(); break;
      case 0x44: in.f64_bits(); break;
      case 0x23:
      case 0xd2: in.u32(); break;
      case 0xd0: ref_type(in); break;
      default: break;
    }
    if (in.ok() && in.offset() - start > kMaxConstExprSize) {
      in.fail(diag::limit_exceeded, at,
              "a constant expression of more than " + std::to_string(kMaxConstExprSize) +
                  " bytes, the limit");
    }
  }
  return {in.range_from(start)};
}

}  // namespace cordon::wasm
