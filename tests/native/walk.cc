// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tests/native/walk.h"

#include <random>

#include "core/engine/call.h"

namespace cordon::testing {
namespace {

using wasm::ExternKind;
using wasm::FuncType;
using wasm::Op;
using wasm::ValType;

constexpr ValType I = ValType::i32, L = ValType::i64, D = ValType::f64;
constexpr uint8_t kCatchAll = 2;
// Path, steps to come, the end; and a float for the other registers.
const FuncType kStep{{L, I, I, D}, {L}};

// The indices of what all functions use.
struct Parts {
  Calls calls;
  uint32_t back, leave, type, tag;
  uint32_t first() const { return leave + 1; }
};

// Argument values of the next step.
void push_arguments(WasmBytes& code) {
  code.local_get(0).i64_const(2).op(Op::i64_shr_u);
  code.local_get(1).i32_const(1).op(Op::i32_sub);
  code.local_get(2).local_get(3).f64_const(0.5).op(Op::f64_add);
}

WasmBytes which() {
  return WasmBytes().local_get(0).op(Op::i32_wrap_i64).i32_const(3).op(Op::i32_and);
}

// Calls the next function, whose arguments are on the stack; a tail call leaves no result.
void call_next(WasmBytes& code, const Parts& parts, bool tail) {
  if (parts.calls == Calls::ByTable) {
    code.append(which()).op(tail ? Op::return_call_indirect : Op::call_indirect);
    code.u32(parts.type).u32(0);
    return;
  }
  for (uint32_t i = 0; i < Walk::kFuncs - 1; ++i) {
    code.append(which()).i32_const(static_cast<int32_t>(i)).op(Op::i32_eq);
    code.block_of_type(Op::if_, parts.type);
    code.op(tail ? Op::return_call : Op::call).u32(parts.first() + i).op(Op::else_);
  }
  code.op(tail ? Op::return_call : Op::call).u32(parts.first() + Walk::kFuncs - 1);
  for (uint32_t i = 0; i < Walk::kFuncs - 1; ++i) code.end();
}

// What happens after the last step.
WasmBytes ending(const Parts& parts) {
  WasmBytes code;
  const auto at = [&](int32_t end) {
    code.local_get(2).i32_const(end).op(Op::i32_eq).block(Op::if_);
  };
  at(1);
  code.op(Op::unreachable).end();
  at(2);
  code.i32_const(1).i32_const(0).op(Op::i32_div_u).op(Op::drop).end();
  at(3);
  code.i64_const(77).op(Op::throw_).u32(parts.tag).end();
  at(4);
  code.call(parts.leave).end();
  at(5);
  code.i32_const(-1).access(Op::i32_load).op(Op::drop).end();
  return code.local_get(0).op(Op::return_);
}

WasmBytes step(const Parts& parts, uint32_t number) {
  WasmBytes code;
  code.local_get(1).op(Op::i32_eqz).block(Op::if_).append(ending(parts)).end();
  if (number == 1) {
    push_arguments(code);
    call_next(code, parts, true);
    return code;
  }
  // An operand that is kept over the call.
  code.i64_const(number + 1);
  if (number == 2) {
    code.block(Op::block).op(Op::try_table).type(L).u32(1).u8(kCatchAll).u32(0);
    push_arguments(code);
    call_next(code, parts, false);
    code.end().op(Op::return_).end().i64_const(1000);
  } else {
    push_arguments(code);
    if (number == 3) {
      code.append(which()).call(parts.back);
    } else {
      call_next(code, parts, false);
    }
  }
  return code.op(Op::i64_add);
}

}  // namespace

std::vector<Walk> random_walks(size_t count, uint32_t most_steps) {
  std::mt19937_64 random(17);
  std::vector<Walk> walks;
  for (size_t i = 0; i < count; ++i) {
    walks.push_back({random(), static_cast<uint32_t>(random() % (most_steps + 1)),
                     static_cast<uint32_t>(random() % Walk::kEnds)});
  }
  return walks;
}

ModuleBuilder walk_module(Calls calls) {
  ModuleBuilder module;
  FuncType back = kStep;
  back.params.push_back(I);
  Parts parts{};
  parts.calls = calls;
  parts.back = module.import_func("host", "back", back);
  parts.leave = module.import_func("host", "leave", {});
  parts.type = module.type(kStep);
  parts.tag = module.tag({{L}, {}});
  module.memory({1});
  module.table({ValType::funcref, {Walk::kFuncs}});
  std::vector<uint32_t> funcs;
  for (uint32_t i = 0; i < Walk::kFuncs; ++i) {
    // Frames of different sizes.
    funcs.push_back(module.func(kStep, step(parts, i), {{3 * i, L}}));
    module.export_("f" + std::to_string(i), ExternKind::Func, funcs.back());
  }
  module.elem(0, funcs);
  WasmBytes code;
  code.local_get(0).local_get(1).local_get(2).f64_const(1).call(parts.first());
  module.export_("walk", ExternKind::Func, module.func({{L, I, I}, {L}}, code));
  return module;
}

WalkWorld::WalkWorld(engine::Config settings, const embed::JitCodeSource::Options& options)
    : CompilingWorld(settings, options) {
  FuncType type = kStep;
  type.params.push_back(I);
  linker.define_func("host", "back", type, back, this);
  linker.define_func("host", "leave", {}, leave, this);
}

std::string WalkWorld::seen(runtime::Instance& instance, const Walk& walk) {
  using engine::Value;
  std::string text = result(instance, "walk",
                            {Value::i64(walk.path), Value::i32(walk.steps), Value::i32(walk.end)});
  if (!trace().empty()) text += " at " + trace();
  return text + ", fuel " + std::to_string(execution.fuel);
}

Trap WalkWorld::back(void* env, runtime::HostCall& call, const uint64_t* args, uint64_t* results) {
  auto& world = *static_cast<WalkWorld*>(env);
  runtime::Func* const func = must(engine::find_func(*call.caller, "f" + std::to_string(args[4])));
  return engine::call(world.execution, *func, args, results);
}

Trap WalkWorld::leave(void*, runtime::HostCall&, const uint64_t*, uint64_t*) {
  return Trap::host_exit;
}

}  // namespace cordon::testing
