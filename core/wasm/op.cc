// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The rows with a prefix, sorted by code. A code that occurs twice, or a prefix that the decoder
// does not recognize, does not compile.
#include "core/wasm/op.h"

namespace cordon::wasm {
namespace {

struct Row {
  Op op;
  OpInfo info;
};
constexpr auto kPrefixed = [] {
  constexpr size_t kCount = 0
#define OP(code, ident, text, imm, feature, kind, effect) +(code > 0xff)
#include "core/wasm/opcodes.def"
      ;
  std::array<Row, kCount> rows;
  size_t at = 0;
#define OP(code, ident, text, imm, feature, kind, effect) \
  if constexpr (code > 0xff)                              \
    rows[at++] = {Op::ident,                              \
                  {text, Imm::imm, Feature::feature, OpKind::kind, Effects(effect), true}};
#include "core/wasm/opcodes.def"
  std::ranges::sort(rows, {}, &Row::op);
  return rows;
}();
static_assert(std::ranges::adjacent_find(kPrefixed, {}, &Row::op) == kPrefixed.end(),
              "a code occurs twice in opcodes.def");
static_assert(std::ranges::all_of(kPrefixed,
                                  [](const Row& row) {
                                    return (prefix_of(row.op) == kPrefix || is_vector(row.op)) &&
                                           number_of(row.op) < kNumbers;
                                  }),
              "a code of opcodes.def is neither a byte nor has a prefix");
static_assert(!kByteOps[kPrefix].known && !kByteOps[kVectorPrefix].known,
              "a prefix is an instruction of opcodes.def");
constexpr OpInfo kUnknown;

}  // namespace

const OpInfo& op_info(Op op) {
  if (static_cast<uint32_t>(op) < kByteOps.size()) return kByteOps[static_cast<uint32_t>(op)];
  const auto row = std::ranges::lower_bound(kPrefixed, op, {}, &Row::op);
  return row != kPrefixed.end() && row->op == op ? row->info : kUnknown;
}

}  // namespace cordon::wasm
