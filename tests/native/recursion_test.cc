// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A recursion ends at the same depth in native code and in the interpreter ([D1], [S1]), whatever
// the size of the stack and of the frames: at its edge too.
#include <gtest/gtest.h>

#include "core/embed/jit_code_source.h"
#include "core/engine/instantiate.h"
#include "core/engine/invoke.h"
#include "core/engine/pipeline.h"
#include "tests/kit/module_builder.h"

namespace cordon {
namespace {

using engine::Engine;
using testing::ModuleBuilder;
using testing::WasmBytes;
using wasm::ExternKind;
using wasm::FuncType;
using wasm::Op;
using wasm::ValType;

constexpr ValType I = ValType::i32, L = ValType::i64, D = ValType::f64;

// Function 1 counts its entries in global 0 and calls itself without end, by way of what `shape`
// has between.
struct Shape {
  const char* name;
  FuncType type;
  uint32_t locals = 0, operands = 0;
  bool indirect = false, through_host = false;
};

const std::vector<Shape> kShapes = {
    {"nothing", {}},
    {"one each", {{I}, {I}}},
    {"mixed", {{I, L, D, I}, {D}}, 3, 2},
    {"parameters on the stack", {std::vector<ValType>(9, L), {I}}},
    {"floats and integers", {{I, I, I, I, I, D, D, D, D, D, D, D, D, D, I, I}, {D}}, 1},
    {"results in memory", {{I}, {I, L, D}}, 1},
    {"many of both", {std::vector<ValType>(40, D), std::vector<ValType>(30, L)}, 5, 20},
    {"many operands", {{I}, {I}}, 0, 100},
    {"just small", {{I}, {I}}, 508},
    {"just large", {{I}, {I}}, 509},
    {"large", {{I}, {I}}, 2000},
    {"through a table", {{I}, {I}}, 2, 0, true},
    {"through the host", {{}, {}}, 2, 0, false, true},
};

void push_values(WasmBytes& code, const std::vector<ValType>& types) {
  for (const ValType type : types) {
    if (type == I) code.i32_const(0);
    if (type == L) code.i64_const(0);
    if (type == D) code.f64_const(0);
  }
}

ModuleBuilder module_of(const Shape& shape) {
  ModuleBuilder module;
  module.import_func("host", "back", {});
  const uint32_t type = module.type(shape.type);
  module.table({ValType::funcref, {1}});
  const uint32_t counter = module.global({I, true}, WasmBytes().i32_const(0));
  WasmBytes code;
  code.op(Op::global_get).u32(counter).i32_const(1).op(Op::i32_add).op(Op::global_set).u32(counter);
  // Computed, so that they are kept over the call.
  for (uint32_t i = 0; i < shape.operands; ++i)
    code.op(Op::global_get).u32(counter).op(Op::i32_eqz);
  push_values(code, shape.type.params);
  if (shape.through_host) {
    code.call(0);
  } else if (shape.indirect) {
    code.i32_const(0).op(Op::call_indirect).u32(type).u32(0);
  } else {
    code.call(1);
  }
  for (size_t i = 0; i < shape.type.results.size(); ++i) code.op(Op::drop);
  for (uint32_t i = 0; i < shape.operands; ++i) code.op(Op::drop);
  push_values(code, shape.type.results);
  const uint32_t func = module.func(shape.type, code, {{shape.locals, L}});
  module.elem(0, {func});
  module.export_("f", ExternKind::Func, func);
  module.export_("depth", ExternKind::Global, counter);
  return module;
}

class Recursion : public ::testing::Test {
 protected:
  struct End {
    Trap trap;
    uint64_t depth;
    std::vector<uint64_t> offsets;
    bool operator==(const End&) const = default;
  };

  struct Host {
    runtime::Execution& execution;
    runtime::Func* target = nullptr;
    static Trap back(void* env, runtime::HostCall&, const uint64_t*, uint64_t*) {
      const Host& self = *static_cast<Host*>(env);
      return engine::invoke(self.execution, *self.target, {})->trap;
    }
  };

  End run(const std::vector<uint8_t>& bytes, Engine kind, uint64_t stack_bytes) {
    runtime::Store store;
    engine::Linker linker(store);
    runtime::Execution execution = *runtime::Execution::create(stack_bytes);
    Host host{execution};
    linker.define_func("host", "back", {}, &Host::back, &host);
    engine::Config config;
    config.engine = kind;
    config.code_source = &compiler_;
    auto loaded = engine::load(bytes, config);
    if (!loaded) {
      ADD_FAILURE() << loaded.error().message();
      return {};
    }
    runtime::Instance& instance = *engine::instantiate(store, *loaded, linker, execution)->instance;
    host.target = *engine::find_func(instance, "f");
    const std::vector<std::string> zeros(host.target->params, "0");
    const auto arguments = *engine::parse_arguments(*host.target->type, zeros);
    End end;
    end.trap = engine::invoke(execution, *host.target, arguments)->trap;
    end.depth = *instance.global_cells[0];
    for (const runtime::TraceFrame& frame : execution.trace) {
      end.offsets.push_back(frame.module_offset);
    }
    return end;
  }

  embed::JitCodeSource compiler_;
};

TEST_F(Recursion, EndsAtTheSameDepthInEveryEngine) {
  for (const Shape& shape : kShapes) {
    const std::vector<uint8_t> bytes = module_of(shape).build();
    uint64_t last = 0, steps = 0;
    for (uint64_t stack = 0; stack < 60000; stack += stack < 1500 ? 8 : 1016) {
      const End native = run(bytes, Engine::Jit, stack), other = run(bytes, Engine::Interp, stack);
      ASSERT_EQ(native.trap, Trap::call_stack_exhausted) << shape.name;
      ASSERT_EQ(native, other) << shape.name << ", " << stack << " bytes: " << native.depth
                               << " and " << other.depth;
      ASSERT_GE(native.depth, last);
      steps += native.depth != last ? 1 : 0;
      last = native.depth;
    }
    EXPECT_GT(steps, 2u) << shape.name;
  }
}

// What a stack of the default size has room for.
TEST_F(Recursion, IsTwentyThousandFramesDeepByDefault) {
  const engine::Config config;
  for (const Shape& shape : {kShapes[1], kShapes[2], kShapes[5]}) {
    const std::vector<uint8_t> bytes = module_of(shape).build();
    for (const Engine kind : {Engine::Jit, Engine::Interp}) {
      EXPECT_GT(run(bytes, kind, config.stack_bytes).depth, 20'000u) << shape.name;
    }
  }
}

}  // namespace
}  // namespace cordon
