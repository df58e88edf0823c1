// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Every load and store at the edges of a memory [M1], by index and by offset, in short and long
// encodings; and memory.size and memory.grow as the code after them sees it.
#include <gtest/gtest.h>

#include <cstring>
#include <string>

#include "core/wasm/semantics.h"
#include "tests/kit/world.h"

namespace cordon::interp {
namespace {

using testing::Guest;
using testing::ModuleBuilder;
using testing::Returned;
using testing::WasmBytes;
using testing::World;
using wasm::Op;
using wasm::ValType;

constexpr uint64_t kPage = 65536;

struct Access {
  Op op;
  std::string_view text;
  ValType type;
  unsigned width;
  bool is_store;
};

constexpr Access kAccesses[] = {
#define LOAD(code, ident, text, type, memory, feature) \
  {Op::ident, text, ValType::type, sizeof(memory), false},
#define STORE(code, ident, text, type, memory, feature) \
  {Op::ident, text, ValType::type, sizeof(memory), true},
#include "core/wasm/opcodes.def"
};

wasm::FuncType type_of(const Access& access) {
  if (access.is_store) return {{ValType::i32, access.type}, {}};
  return {{ValType::i32}, {access.type}};
}

// Exported under `text` and `offset`.
void add(ModuleBuilder& module, const Access& access, uint32_t offset) {
  WasmBytes code;
  code.local_get(0);
  if (access.is_store) code.local_get(1);
  code.access(access.op, offset);
  module.export_(std::string(access.text) + "+" + std::to_string(offset), wasm::ExternKind::Func,
                 module.func(type_of(access), code));
}

constexpr uint32_t kOffsets[] = {0, 1, 8, 127, 128, 300, 65535, 65536, 0x7fffffff, 0xffffffff};

ModuleBuilder module_with(uint32_t pages) {
  ModuleBuilder module;
  module.memory({pages});
  for (const Access& access : kAccesses) {
    for (uint32_t offset : kOffsets) add(module, access, offset);
  }
  return module;
}

class Memory : public ::testing::Test {
 protected:
  static Returned run(const Guest& guest, const Access& access, uint32_t offset, uint32_t index) {
    std::vector<uint64_t> args{index};
    if (access.is_store) args.push_back(0x8877665544332211);
    if (access.type == ValType::i32 || access.type == ValType::f32) args.back() &= 0xffffffff;
    return guest.call(std::string(access.text) + "+" + std::to_string(offset), args);
  }

  // Whether the access does what its address says, and writes nothing else.
  static void expect(const Guest& guest, const Access& access, uint32_t offset, uint32_t index,
                     uint64_t size) {
    const runtime::Memory& memory = *guest.instance().memory0();
    const uint64_t address = uint64_t{index} + offset;
    const bool fits = address + access.width <= size;
    if (size != 0) std::memset(memory.base() + size - 64, 0xa5, 64);
    const Returned back = run(guest, access, offset, index);
    ASSERT_EQ(back.trap, fits ? Trap::none : Trap::out_of_bounds_memory_access)
        << access.text << " " << index << "+" << offset;
    if (size == 0) return;
    for (uint64_t i = size - 64; i < size; ++i) {
      const bool written = access.is_store && fits && i >= address && i < address + access.width;
      const auto byte = static_cast<uint8_t>(0x11 * (i - address + 1));
      ASSERT_EQ(memory.base()[i], written ? byte : 0xa5) << access.text << " " << index;
    }
  }
};

TEST_F(Memory, EveryAccessStopsAtTheEndOfTheMemory) {
  World world;
  const Guest guest(world, module_with(2));
  constexpr uint64_t kSize = 2 * kPage;
  for (const Access& access : kAccesses) {
    for (uint32_t offset : kOffsets) {
      for (int64_t distance = -16; distance <= 16; ++distance) {
        const int64_t index = static_cast<int64_t>(kSize) + distance - offset;
        if (index >= 0) expect(guest, access, offset, static_cast<uint32_t>(index), kSize);
      }
      for (uint32_t index : {0u, 1u, 0x7fffffffu, 0x80000000u, 0xfffffff0u, 0xffffffffu}) {
        expect(guest, access, offset, index, kSize);
      }
    }
  }
}

TEST_F(Memory, AnEmptyMemoryHasNoAddress) {
  World world;
  const Guest guest(world, module_with(0));
  for (const Access& access : kAccesses) {
    for (uint32_t offset : kOffsets) {
      for (uint32_t index : {0u, 1u, 0xffffffffu}) expect(guest, access, offset, index, 0);
    }
  }
}

TEST_F(Memory, LoadsGiveWhatStandsThereExtended) {
  World world;
  const Guest guest(world, module_with(1));
  const uint8_t bytes[] = {0x81, 0x92, 0xa3, 0xb4, 0xc5, 0xd6, 0xe7, 0xf8};
  std::memcpy(guest.instance().memory0()->base() + 101, bytes, sizeof bytes);  // not aligned
#define LOAD(code, ident, text, type_, memory, feature)                                 \
  EXPECT_EQ(guest.call(text "+1", {100}).results[0],                                    \
            wasm::sem::to_slot(wasm::sem::load<wasm::sem::type::type_, memory>(bytes))) \
      << text;
#include "core/wasm/opcodes.def"
}

TEST_F(Memory, GrowthIsSeenByTheCodeBehindIt) {
  ModuleBuilder module;
  module.memory({1, 3, true});
  WasmBytes code;
  code.local_get(0).op(Op::memory_grow).u8(0);
  code.i32_const(65536).access(Op::i32_load8_u).op(Op::i32_add);
  code.op(Op::memory_size).u8(0).op(Op::i32_add);
  module.export_("grow", wasm::ExternKind::Func,
                 module.func({{ValType::i32}, {ValType::i32}}, code));
  World world;
  const Guest guest(world, module);
  EXPECT_EQ(guest.call("grow", {0}).trap, Trap::out_of_bounds_memory_access);
  EXPECT_EQ(guest.call("grow", {9}).trap, Trap::out_of_bounds_memory_access) << "may not grow";
  EXPECT_EQ(guest.call("grow", {1}).results, std::vector<uint64_t>{1 + 0 + 2});
  EXPECT_EQ(guest.call("grow", {2}).results, std::vector<uint64_t>{0xffffffff + 2u}) << "-1 and 2";
}

}  // namespace
}  // namespace cordon::interp
