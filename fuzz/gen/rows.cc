// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "fuzz/gen/rows.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <type_traits>
#include <vector>

#include "core/wasm/semantics.h"
#include "core/wasm/signature.h"
#include "core/wasm/v128.h"

namespace cordon::fuzz {

namespace {

using wasm::Imm;
using wasm::Op;
using wasm::Signature;
using wasm::V128;
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

// The types of each row.
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

// Rows that compute a float in each lane: a NaN in it may have any payload (spec §4.3.3).
constexpr uint8_t nan_width(std::string_view text, wasm::OpKind kind) {
  constexpr std::string_view kExact[] = {"abs", "neg", "pmin", "pmax"};
  const std::string_view name = text.substr(6);
  if (!text.starts_with("f32x4.") && !text.starts_with("f64x2.")) return 0;
  if (kind == wasm::OpKind::Comparison || kind == wasm::OpKind::Lanes) return 0;
  if (std::ranges::find(kExact, name) != std::end(kExact)) return 0;
  return text[1] == '3' ? 4 : 8;
}

constexpr Row vector(Op op, std::string_view text, wasm::OpKind kind, wasm::Feature feature,
                     const Signature& signature, uint8_t lanes) {
  const bool takes_float = signature.params[signature.param_count - 1] == ValType::f32 ||
                           signature.params[signature.param_count - 1] == ValType::f64;
  return {.op = op,
          .kind = RowKind::Pure,
          .imm = lanes == 0 ? Imm::None : Imm::Lane,
          .reads_nan = takes_float,
          .moves_bits = true,
          .relaxed = feature == wasm::Feature::relaxed_simd,
          .lanes = lanes,
          .nan_width = nan_width(text, kind)};
}

constexpr Row vector_access(Op op, RowKind kind, size_t width, bool lane) {
  Row row = access(op, kind, width, false);
  if (lane) {
    row.imm = Imm::MemArgLane;
    row.lanes = static_cast<uint8_t>(sizeof(V128) / width);
  }
  return row;
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
#define VECTOR(code, ident, text, sig, feature, kind, effect)                                  \
  typed<wasm::parse_signature(sig)>(vector(Op::ident, text, wasm::OpKind::kind,                \
                                           wasm::Feature::feature, wasm::parse_signature(sig), \
                                           0)),
#define LANE(code, ident, text, lanes, sig, feature, kind, effect)                             \
  typed<wasm::parse_signature(sig)>(vector(Op::ident, text, wasm::OpKind::kind,                \
                                           wasm::Feature::feature, wasm::parse_signature(sig), \
                                           lanes)),
#define VECTOR_LOAD(code, ident, text, memory, feature) \
  typed<wasm::load_signature(ValType::v128)>(vector_access(Op::ident, Load, sizeof(memory), false)),
#define VECTOR_STORE(code, ident, text, memory, feature) \
  typed<wasm::store_signature(ValType::v128)>(           \
      vector_access(Op::ident, Store, sizeof(memory), false)),
#define LANE_LOAD(code, ident, text, memory, feature) \
  typed<wasm::lane_load_signature()>(vector_access(Op::ident, Load, sizeof(memory), true)),
#define LANE_STORE(code, ident, text, memory, feature) \
  typed<wasm::store_signature(ValType::v128)>(         \
      vector_access(Op::ident, Store, sizeof(memory), true)),
#include "core/wasm/opcodes.def"
};

constexpr bool may_have(const Row& row, Vectors vectors) {
  if (!wasm::is_vector(row.op)) return true;
  return vectors == Vectors::All || (vectors == Vectors::Exact && !row.relaxed);
}

constexpr bool gives(const Row& row, ValType type) {
  return row.results.size() == 1 && row.results[0] == type;
}
constexpr bool takes(const Row& row, ValType type) {
  return !row.params.empty() && row.params.back() == type;
}

// The Pure rows for which `holds` is true, by type.
class ByType {
 public:
  ByType(bool (*holds)(const Row&, ValType), Vectors vectors) {
    for (size_t i = 0; i < std::size(kNumbers); ++i) {
      for (const Row& row : kRows) {
        if (row.kind == Pure && may_have(row, vectors) && holds(row, kNumbers[i])) {
          rows_[i].push_back(&row);
        }
      }
    }
  }
  std::span<const Row* const> of(ValType type) const {
    const auto* const found = std::find(std::begin(kNumbers), std::end(kNumbers), type);
    if (found == std::end(kNumbers)) return {};
    return rows_[static_cast<size_t>(found - kNumbers)];
  }

 private:
  static constexpr ValType kNumbers[] = {ValType::i32, ValType::i64, ValType::f32, ValType::f64,
                                         ValType::v128};
  std::array<std::vector<const Row*>, std::size(kNumbers)> rows_;
};

// The rows that a module may have, found once.
struct Choice {
  explicit Choice(Vectors vectors) : giving(gives, vectors), taking(takes, vectors) {
    for (const Row& row : kRows) {
      if (may_have(row, vectors)) all.push_back(&row);
    }
  }
  std::vector<const Row*> all;
  ByType giving, taking;
};
const Choice& choice(Vectors vectors) {
  static const Choice kChoices[] = {Choice(Vectors::None), Choice(Vectors::Exact),
                                    Choice(Vectors::All)};
  return kChoices[static_cast<size_t>(vectors)];
}

}  // namespace

std::span<const Row> rows() { return kRows; }

std::span<const Row* const> rows(Vectors vectors) { return choice(vectors).all; }

std::span<const Row* const> rows_giving(ValType type, Vectors vectors) {
  return choice(vectors).giving.of(type);
}

std::span<const Row* const> rows_taking(ValType type, Vectors vectors) {
  return choice(vectors).taking.of(type);
}

}  // namespace cordon::fuzz
