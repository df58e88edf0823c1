// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Handlers of the vector rows, with all operands in memory: the handler of the prefix spills and
// jumps through a second table. A v128 is two slots, the lower one first.
#include "core/interp/access.h"
#include "core/interp/handler.h"
#include "core/interp/vector_slots.h"
#include "core/wasm/semantics_vector.h"

namespace cordon::interp {

namespace {

using wasm::V128;

template <class T>
inline constexpr uint32_t kSlotsOf = std::is_same_v<T, V128> ? 2 : 1;

template <class T>
INLINE void put(uint64_t*& sp, T value) {
  if constexpr (std::is_same_v<T, V128>) {
    push_pair(sp, value.low, value.high);
  } else {
    sem::put_slots(sp, value);
  }
}

// Replaces the operands by meaning(operands, extra...).
template <class R, class... Args, class... Extra>
INLINE void apply(R (*meaning)(Args...), uint64_t*& sp, const Extra&... extra) {
  const auto with = [&]<size_t... kI>(std::index_sequence<kI...>) {
    using All = std::tuple<Args...>;
    sp -= (kSlotsOf<std::tuple_element_t<kI, All>> + ...);
    const uint64_t* from = sp;
    const std::tuple<std::tuple_element_t<kI, All>...> operands{
        sem::take_slots<std::tuple_element_t<kI, All>>(from)...};
    put(sp, meaning(std::get<kI>(operands)..., extra...));
  };
  with(std::make_index_sequence<sizeof...(Args) - sizeof...(Extra)>());
}

// The byte after the row's number, which has one byte or two but where it is encoded longer than
// needed.
INLINE const uint8_t* after_number(const uint8_t* pc) {
  if (!is_long(pc[1])) return pc + 2;
  if (!is_long(pc[2])) [[likely]]
    return pc + 3;
  return skip_leb(pc + 3);
}

// Returns the address after alignment and offset of the access at pc, and the offset.
INLINE const uint8_t* read_vector_memarg(const uint8_t* pc, uint64_t& offset) {
  const uint8_t* at = after_number(pc);
  if (!is_long(at[0]) && !is_long(at[1])) [[likely]] {
    offset = at[1];
    return at + 2;
  }
  at = skip_leb(at);
  offset = read_u32(at);
  return at;
}

namespace row {

#define VECTOR(code, ident, text, sig, feature, kind, effect) \
  HANDLER(ident) {                                            \
    apply(&sem::ident, sp);                                   \
    NEXT(0, after_number(pc) - pc);                           \
  }
#define LANE(code, ident, text, lanes, sig, feature, kind, effect) \
  HANDLER(ident) {                                                 \
    const uint8_t* const at = after_number(pc);                    \
    apply(&sem::ident, sp, uint32_t{*at});                         \
    NEXT(0, at + 1 - pc);                                          \
  }

// `at`, after the memarg, and the checked `address`, whose operand is the slot at `index`.
#define ADDRESS(index, memory)                         \
  uint64_t address;                                    \
  const uint8_t* at = read_vector_memarg(pc, address); \
  address += static_cast<uint32_t>(index);             \
  if (!accessible(address, sizeof(memory), ctx->mem_size)) RAISE_OUT_OF_BOUNDS()

#define VECTOR_LOAD(code, ident, text, memory, feature)            \
  HANDLER(ident) {                                                 \
    ADDRESS(sp[-1], memory);                                       \
    --sp;                                                          \
    put(sp, sem::ident(sem::load<memory, memory>(mem + address))); \
    NEXT(0, at - pc);                                              \
  }
#define VECTOR_STORE(code, ident, text, memory, feature)       \
  HANDLER(ident) {                                             \
    ADDRESS(sp[-3], memory);                                   \
    sem::store<memory>(mem + address, memory{sp[-2], sp[-1]}); \
    sp -= 3;                                                   \
    NEXT(0, at - pc);                                          \
  }
#define LANE_LOAD(code, ident, text, memory, feature)            \
  HANDLER(ident) {                                               \
    ADDRESS(sp[-3], memory);                                     \
    const V128 vector{sp[-2], sp[-1]};                           \
    const auto value = sem::load<memory, memory>(mem + address); \
    sp -= 3;                                                     \
    put(sp, sem::ident(vector, value, uint32_t{*at}));           \
    NEXT(0, at + 1 - pc);                                        \
  }
#define LANE_STORE(code, ident, text, memory, feature)                              \
  HANDLER(ident) {                                                                  \
    ADDRESS(sp[-3], memory);                                                        \
    sem::store<memory>(mem + address, sem::ident({sp[-2], sp[-1]}, uint32_t{*at})); \
    sp -= 3;                                                                        \
    NEXT(0, at + 1 - pc);                                                           \
  }
#include "core/wasm/opcodes.def"

HANDLER(v128_const) {
  const uint8_t* const at = after_number(pc);
  put(sp, read_raw<V128>(at));
  NEXT(0, at + sizeof(V128) - pc);
}
HANDLER(i8x16_shuffle) {
  const uint8_t* const at = after_number(pc);
  const auto lanes = read_raw<wasm::LanesOf<uint8_t>>(at);
  sp -= 4;
  put(sp, sem::i8x16_shuffle({sp[0], sp[1]}, {sp[2], sp[3]}, lanes));
  NEXT(0, at + lanes.size() - pc);
}

}  // namespace row

// A number that occurs in no validated body.
COLD HANDLER(impossible) { TAIL(raise<Trap::unreachable>); }

constexpr auto kHandlers = [] {
  std::array<Handler, wasm::numbers_behind(wasm::kVectorPrefix)> handlers;
  handlers.fill({&impossible});
#define OP(code, ident, text, imm, feature, kind, effect) \
  handlers[wasm::number_of(wasm::Op::ident)] = {&row::ident};
#define CORDON_VECTOR_ROWS
#include "core/wasm/opcodes.def"
  return handlers;
}();

}  // namespace

namespace on {

template <unsigned kCached>
HANDLER(vector) {
  const uint8_t* at = pc + 1;
  const uint32_t number = read_u32(at);
  spill<kCached>(sp, a, b, c);
  FORGET(0);
  TAIL((*kHandlers[number].run));
}
INSTANTIATE(vector)

}  // namespace on

}  // namespace cordon::interp
