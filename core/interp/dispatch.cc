// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The dispatch tables, filled from opcodes.def, and the handlers that all families jump to.
#include <array>

#include "core/interp/handler.h"
#include "core/runtime/vector_code.h"

namespace cordon::interp {

namespace {

constexpr uint32_t kPrefixedOps = wasm::numbers_behind(wasm::kPrefix);

// A byte that occurs in no validated body.
COLD HANDLER(impossible) { TAIL(raise<Trap::unreachable>); }

template <unsigned kCached>
constexpr std::array<Handler, kOpcodes> handlers_of_bytes() {
  std::array<Handler, kOpcodes> handlers;
  handlers.fill({&impossible});
#define OP(code, ident, text, imm, feature, kind, effect) \
  if constexpr (code < kOpcodes) handlers[code] = {&on::ident<kCached>};
#define CORDON_SCALAR_ROWS
#include "core/wasm/opcodes.def"
  handlers[wasm::kPrefix] = {&on::prefixed<kCached>};
  if constexpr (kCached == 0) handlers[kEnterOpcode] = {&on::enter};
  handlers[kLeaveOpcode] = {&on::leave<kCached>};
  handlers[kReturnOpcode] = {&on::return_to_instance<kCached>};
  handlers[wasm::kVectorPrefix] = {&on::vector<kCached>};
  if constexpr (kCached == 0) handlers[runtime::kEnterVectors] = {&on::enter_vectors};
#define VECTOR_MOVE(opcode, ident) handlers[runtime::opcode] = {&on::ident<kCached>};
#include "core/interp/vector_moves.def"
  return handlers;
}

template <unsigned kCached>
constexpr std::array<Handler, kPrefixedOps> handlers_of_prefixed() {
  std::array<Handler, kPrefixedOps> handlers;
  handlers.fill({&impossible});
#define OP(code, ident, text, imm, feature, kind, effect) \
  if constexpr (code >= kOpcodes)                         \
    handlers[wasm::number_of(wasm::Op::ident)] = {&on::ident<kCached>};
#define CORDON_SCALAR_ROWS
#include "core/wasm/opcodes.def"
  return handlers;
}

template <unsigned kCached>
constexpr std::array<Handler, kPrefixedOps> kPrefixed = handlers_of_prefixed<kCached>();

}  // namespace

constinit const std::array<std::array<Handler, kOpcodes>, kStates> kDispatch = {
    handlers_of_bytes<0>(), handlers_of_bytes<1>(), handlers_of_bytes<2>(), handlers_of_bytes<3>()};

COLD HANDLER(raise_kept) {
  ctx->callee = nullptr;
  ctx->trap_pc = pc;
  ctx->trap_frame = frame;
  STOP();
}

namespace on {

template <unsigned kCached>
HANDLER(prefixed) {
  const uint8_t* at = pc + 1;
  TAIL((*kPrefixed<kCached>[read_u32(at)].run));
}
INSTANTIATE(prefixed)

}  // namespace on

}  // namespace cordon::interp
