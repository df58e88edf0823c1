// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The code section (spec §5.5.13) and the extent of constant expressions. Decoding only finds where
// bodies begin and end; validation reads their instructions, once.
#include "core/wasm/decode_op.h"
#include "core/wasm/decoder.h"
#include "core/wasm/limits.h"
#include "core/wasm/op.h"
#include "core/wasm/read_type.h"

namespace cordon::wasm {
namespace {

// A visitor of decode_op that counts the blocks which still need their `end`, the expression itself
// included.
struct Nesting {
#define OP(code, ident, text, imm, feature, kind, effect) \
  void ident(const immediate::imm&) { step(Op::ident); }
#include "core/wasm/opcodes.def"
  void step(Op op) {
    if (op == Op::block || op == Op::loop || op == Op::if_) ++open;
    if (op == Op::end) --open;
  }
  uint32_t open = 1;
};

}  // namespace

// A sum of 2^32 or more is malformed (spec §5.5.13), so our own limit comes after all runs are
// read. Runs of no locals are legal and dropped.
void ModuleDecoder::locals(Cursor& in, uint32_t index, FuncBody& body) {
  const uint32_t start = in.offset();
  const uint32_t runs = in.count("runs of locals", kMaxLocals);
  body.first_run = static_cast<uint32_t>(module_.local_runs.size());
  uint64_t sum = 0;
  for (uint32_t i = 0; i < runs && in.ok(); ++i) {
    const uint32_t count = in.u32();
    const ValType type = read_value_type(in, module_.features);
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
    in.fail_limit(start,
                  std::to_string(params + sum) + " locals of function " +
                      std::to_string(module_.imported_funcs + index),
                  kMaxLocals);
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
    in.fail_limit(start,
                  std::to_string(size) + " bytes of function " +
                      std::to_string(module_.imported_funcs + index),
                  kMaxFuncSize);
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

// Any well-formed instructions up to the matching `end`; validation checks that they are constant
// (spec §3.3.10).
ConstExpr ModuleDecoder::const_expr(Cursor& in) {
  const uint32_t start = in.offset();
  OpReader reader(in, module_.features);
  Nesting nesting;
  while (in.ok() && nesting.open != 0) {
    reader.next(nesting);
    const uint32_t size = in.offset() - start;
    if (size > kMaxConstExprSize) {
      in.fail_limit(start, std::to_string(size) + " bytes of a constant expression",
                    kMaxConstExprSize);
    }
  }
  return {in.range_from(start)};
}

}  // namespace cordon::wasm
