// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// opcodes.def as two arrays by code, filled at compile time; a code that stands twice, or a gap or
// excess behind the prefix, does not compile.
#include "core/wasm/op.h"

#include <array>

namespace cordon::wasm {
namespace {

struct Row {
  uint16_t code;
  OpInfo info;
};
constexpr Row kRows[] = {
#define OP(code, ident, text, imm, feature) {code, {text, Imm::imm, Feature::feature, true}},
#include "core/wasm/opcodes.def"
};
constexpr uint16_t kPrefixedBase = kPrefix << 8;

struct Infos {
  std::array<OpInfo, 256> plain{};
  std::array<OpInfo, kPrefixedOps> prefixed{};
  uint32_t repeated = 0, misplaced = 0, prefixed_count = 0;
};

constexpr Infos make_infos() {
  Infos infos;
  for (const Row& row : kRows) {
    const bool prefixed = row.code >= kPrefixedBase;
    const uint32_t place = prefixed ? row.code - kPrefixedBase : row.code;
    if (place >= (prefixed ? infos.prefixed.size() : infos.plain.size()) || row.code == kPrefix) {
      ++infos.misplaced;
      continue;
    }
    OpInfo& info = prefixed ? infos.prefixed[place] : infos.plain[place];
    infos.repeated += info.known;
    infos.prefixed_count += prefixed;
    info = row.info;
  }
  return infos;
}

constexpr Infos kInfos = make_infos();
static_assert(kInfos.repeated == 0, "a code stands twice in opcodes.def");
static_assert(kInfos.misplaced == 0, "a code of opcodes.def is neither a byte nor behind 0xfc");
static_assert(kInfos.prefixed_count == kPrefixedOps, "kPrefixedOps is not the number of rows");
constexpr OpInfo kUnknown{};

}  // namespace

const OpInfo& op_info(Op op) {
  const auto code = static_cast<uint32_t>(op);
  if (code < kInfos.plain.size()) return kInfos.plain[code];
  const uint32_t number = code - kPrefixedBase;  // wraps to a large one below the prefix
  return number < kInfos.prefixed.size() ? kInfos.prefixed[number] : kUnknown;
}

}  // namespace cordon::wasm
