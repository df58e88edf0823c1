// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A recursion ends at the same depth in native code and in the interpreter ([D1], [S1]), whatever
// the size of the stack and of the frames: at its edge too.
#include <gtest/gtest.h>

#include "tests/kit/compiling_world.h"
#include "tests/kit/engines.h"
#include "tests/native/zeros.h"

namespace cordon {
namespace {

using engine::Engine;
using testing::EngineRow;
using testing::kCompared;
using testing::kEngines;
using testing::kReference;
using testing::ModuleBuilder;
using testing::push_zeros;
using testing::WasmBytes;
using wasm::ExternKind;
using wasm::FuncType;
using wasm::Op;
using wasm::ValType;

constexpr ValType I = ValType::i32, L = ValType::i64, D = ValType::f64, V = ValType::v128;

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
    {"vectors", {{V, I, V}, {V, I, V}}, 3, 2},
    {"a vector as the result", {{I, I, I, I, I, I, V, D}, {V}}, 1, 1},
    {"many operands", {{I}, {I}}, 0, 100},
    {"just small", {{I}, {I}}, 508},
    {"just large", {{I}, {I}}, 509},
    {"large", {{I}, {I}}, 2000},
    {"through a table", {{I}, {I}}, 2, 0, true},
    {"through the host", {{}, {}}, 2, 0, false, true},
};

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
  push_zeros(code, shape.type.params);
  if (shape.through_host) {
    code.call(0);
  } else if (shape.indirect) {
    code.i32_const(0).op(Op::call_indirect).u32(type).u32(0);
  } else {
    code.call(1);
  }
  for (size_t i = 0; i < shape.type.results.size(); ++i) code.op(Op::drop);
  for (uint32_t i = 0; i < shape.operands; ++i) code.op(Op::drop);
  push_zeros(code, shape.type.results);
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

  static End run(const std::vector<uint8_t>& bytes, Engine kind, uint64_t stack_bytes) {
    testing::CompilingWorld world({.engine = kind, .stack_bytes = stack_bytes});
    Host host{world.execution};
    world.linker.define_func("host", "back", {}, &Host::back, &host);
    const testing::Guest guest(world, bytes);
    host.target = &guest.func("f");
    End end;
    end.trap = guest.call("f", std::vector<uint64_t>(host.target->params)).trap;
    end.depth = *guest.instance().global_cells[0];
    for (const runtime::TraceFrame& frame : world.execution.trace) {
      end.offsets.push_back(frame.module_offset);
    }
    return end;
  }
};

TEST_F(Recursion, EndsAtTheSameDepthInEveryEngine) {
  for (const Shape& shape : kShapes) {
    const std::vector<uint8_t> bytes = module_of(shape).build();
    uint64_t last = 0, steps = 0;
    for (uint64_t stack = 0; stack < 60000; stack += stack < 1500 ? 8 : 1016) {
      const End reference = run(bytes, kReference.engine, stack);
      ASSERT_EQ(reference.trap, Trap::call_stack_exhausted) << shape.name;
      for (const EngineRow& row : kCompared) {
        const End other = run(bytes, row.engine, stack);
        ASSERT_EQ(other, reference) << shape.name << ", " << stack << " bytes, " << row << ": "
                                    << other.depth << ", not " << reference.depth;
      }
      ASSERT_GE(reference.depth, last);
      steps += reference.depth != last ? 1 : 0;
      last = reference.depth;
    }
    EXPECT_GT(steps, 2u) << shape.name;
  }
}

// What a stack of the default size has room for.
TEST_F(Recursion, IsTwentyThousandFramesDeepByDefault) {
  const engine::Config config;
  for (const Shape& shape : {kShapes[1], kShapes[2], kShapes[5]}) {
    const std::vector<uint8_t> bytes = module_of(shape).build();
    for (const EngineRow& row : kEngines) {
      EXPECT_GT(run(bytes, row.engine, config.stack_bytes).depth, 20'000u) << shape.name << row;
    }
  }
}

}  // namespace
}  // namespace cordon
