// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "fuzz/gen/rows.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <type_traits>
#include <vector>

#include "core/wasm/semantics.h"
#include "core/wasm/signature.h"

namespace cordon::fuzz {

namespace {

using wasm::Imm;
using wasm::Op;
using wasm::Signature;
using wasm::ValType;

template <class T>
inline constexpr bool kChecked = false;
template <class T>
inline constexpr bool kChecked<wasm::sem::Checked<T>> = true;
template <class Result, class... Params>
constexpr bool may_trap(Result (*)(Params...)) {
  return kChecked<Result>;
}

constexpr bool reads_nan(Op op) {
  return op == Op::i32_reinterpret_f32 || op == Op::i64_reinterpret_f64 || op == Op::f32_copysign ||
         op == Op::f64_copysign;
}

constexpr bool moves_bits(Op op) {
  return op == Op::f32_reinterpret_i32 || op == Op::f64_reinterpret_i64;
}

// Where each row's types stand.
template <Signature kSignature>
struct Kept {
  static constexpr Signature kValue = kSignature;
};

template <Signature kSignature>
constexpr Row typed(Row row) {
  row.params = Kept<kSignature>::kValue.param_types();
  row.results = Kept<kSignature>::kValue.result_types();
  return row;
}

constexpr Row pure(Op op, bool traps) {
  return {.op = op,
          .kind = RowKind::Pure,
          .imm = Imm::None,
          .may_trap = traps,
          .reads_nan = reads_nan(op),
          .moves_bits = moves_bits(op)};
}

constexpr Row access(Op op, RowKind kind, size_t width, bool is_float) {
  const bool load = kind == RowKind::Load;
  return {.op = op,
          .kind = kind,
          .imm = Imm::MemArg,
          .width = static_cast<uint8_t>(width),
          .reads_nan = !load && is_float,
          .moves_bits = load};
}

using enum RowKind;
constexpr Row kRows[] = {
#define CONTROL(code, ident, text, imm, feature, kind, effect) {Op::ident, Control, Imm::imm},
#define FIXED(code, ident, text, imm, sig, feature, kind, effect) \
  typed<wasm::parse_signature(sig)>({Op::ident, Fixed, Imm::imm}),
#define PURE(code, ident, text, sig, feature, kind, effect) \
  typed<wasm::parse_signature(sig)>(pure(Op::ident, may_trap(&wasm::sem::ident))),
#define LOAD(code, ident, text, type, memory, feature) \
  typed<wasm::load_signature(ValType::type)>(          \
      access(Op::ident, Load, sizeof(memory), std::is_floating_point_v<memory>)),
#define STORE(code, ident, text, type, memory, feature) \
  typed<wasm::store_signature(ValType::type)>(          \
      access(Op::ident, Store, sizeof(memory), std::is_floating_point_v<memory>)),
#define CORDON_SCALAR_ROWS
#include "core/wasm/opcodes.def"
};

constexpr bool gives(const Row& row, ValType type) {
  return row.results.size() == 1 && row.results[0] == type;
}
constexpr bool takes(const Row& row, ValType type) {
  return !row.params.empty() && row.params.back() == type;
}

// The Pure rows of which `holds` is true, by type.
class ByType {
 public:
  explicit ByType(bool (*holds)(const Row&, ValType)) {
    for (size_t i = 0; i < std::size(kNumbers); ++i) {
      for (const Row& row : kRows) {
        if (row.kind == Pure && holds(row, kNumbers[i])) rows_[i].push_back(&row);
      }
    }
  }
  std::span<const Row* const> of(ValType type) const {
    const auto* const found = std::find(std::begin(kNumbers), std::end(kNumbers), type);
    if (found == std::end(kNumbers)) return {};
    return rows_[static_cast<size_t>(found - kNumbers)];
  }

 private:
  static constexpr ValType kNumbers[] = {ValType::i32, ValType::i64, ValType::f32, ValType::f64};
  std::array<std::vector<const Row*>, std::size(kNumbers)> rows_;
};

}  // namespace

std::span<const Row> rows() { return kRows; }

std::span<const Row* const> rows_giving(ValType type) {
  static const ByType kGiving(gives);
  return kGiving.of(type);
}

std::span<const Row* const> rows_taking(ValType type) {
  static const ByType kTaking(takes);
  return kTaking.of(type);
}

}  // namespace cordon::fuzz
