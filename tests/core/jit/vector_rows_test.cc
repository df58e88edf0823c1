// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Every vector instruction in compiled code against its meaning, with operands wherever the
// compiler may find them: temporaries, locals in registers and in the frame, slots after a call,
// linear memory, constants; the result in a temporary, in the local of an operand, or in that of
// the other one; at each level of the processor's features.
#include <gtest/gtest.h>

#include <bit>
#include <cstring>
#include <functional>
#include <random>

#include "core/wasm/semantics_vector.h"
#include "tests/core/jit/compile_module.h"
#include "tests/kit/compiling_world.h"
#include "tests/kit/module_builder.h"

namespace cordon::testing {
namespace {

using wasm::Op;
using wasm::V128;
using wasm::ValType;

// Operands and the result are in linear memory, 16 bytes apart.
constexpr uint32_t kStep = 16, kResultAt = 64;

struct Row {
  std::string name;
  Op op;
  std::string letters;  // of its operands, then of its result
  unsigned lanes;       // of the immediate, 0 if there is none
  // From memory as above: bytes of the operands to bytes of the result.
  void (*meaning)(const uint8_t* memory, uint8_t* result, unsigned lane);

  std::string_view operands() const {
    return std::string_view(letters).substr(0, letters.size() - 1);
  }
  char result() const { return letters.back(); }
};

template <class T>
T read(const uint8_t*& at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  at += kStep;
  return value;
}

template <auto kMeaning>
struct Meaning;
template <class R, class... A, R (*kMeaning)(A...)>
struct Meaning<kMeaning> {
  static void of(const uint8_t* memory, uint8_t* result, unsigned) {
    const std::tuple<A...> operands{read<A>(memory)...};
    const R value = std::apply(kMeaning, operands);
    std::memcpy(result, &value, sizeof value);
  }
  static void of_lane(const uint8_t* memory, uint8_t* result, unsigned lane) {
    call(memory, result, lane, std::make_index_sequence<sizeof...(A) - 1>());
  }
  template <size_t... kIndices>
  static void call(const uint8_t* memory, uint8_t* result, unsigned lane,
                   std::index_sequence<kIndices...>) {
    const std::tuple operands{read<std::tuple_element_t<kIndices, std::tuple<A...>>>(memory)...};
    const R value =
        std::apply([&](auto... operand) { return kMeaning(operand..., lane); }, operands);
    std::memcpy(result, &value, sizeof value);
  }
};

std::string without_colon(std::string_view signature) {
  std::string letters(signature);
  letters.erase(letters.find(':'), 1);
  return letters;
}

const std::vector<Row>& rows() {
  static const std::vector<Row> all = {
#define VECTOR(code, ident, text, sig, feature, kind, effect) \
  {#ident, Op::ident, without_colon(sig), 0, &Meaning<&wasm::sem::ident>::of},
#define LANE(code, ident, text, lanes, sig, feature, kind, effect) \
  {#ident, Op::ident, without_colon(sig), lanes, &Meaning<&wasm::sem::ident>::of_lane},
#include "core/wasm/opcodes.def"
  };
  return all;
}

ValType type_of(char letter) {
  switch (letter) {
    case 'i': return ValType::i32;
    case 'l': return ValType::i64;
    case 'f': return ValType::f32;
    case 'd': return ValType::f64;
    default: return ValType::v128;
  }
}
Op load_of(char letter) {
  switch (letter) {
    case 'i': return Op::i32_load;
    case 'l': return Op::i64_load;
    case 'f': return Op::f32_load;
    case 'd': return Op::f64_load;
    default: return Op::v128_load;
  }
}
Op store_of(char letter) {
  switch (letter) {
    case 'i': return Op::i32_store;
    case 'l': return Op::i64_store;
    case 'f': return Op::f32_store;
    case 'd': return Op::f64_store;
    default: return Op::v128_store;
  }
}
size_t width_of(char letter) { return letter == 'v' ? 16 : letter == 'i' || letter == 'f' ? 4 : 8; }

enum class Placed { Memory, Locals, Slots, Homes, OneLocal, OverFirst, OverLast };
constexpr Placed kPlaces[] = {Placed::Memory,   Placed::Locals,    Placed::Slots,   Placed::Homes,
                              Placed::OneLocal, Placed::OverFirst, Placed::OverLast};

WasmBytes load(char letter, uint32_t at) {
  return WasmBytes().i32_const(0).access(load_of(letter), at);
}

// Many that are hotter than the operands, which so stay in their homes.
constexpr uint32_t kBusy = 24;
WasmBytes busy(uint32_t first) {
  WasmBytes code;
  for (uint32_t i = 0; i < kBusy; ++i) {
    for (int times = 0; times < 8; ++times) code.local_get(first + i).op(Op::drop);
  }
  return code;
}

// A function without parameters and results: the row on what is in memory, its result to memory.
uint32_t add(ModuleBuilder& module, const Row& row, unsigned lane, Placed placed) {
  const auto count = static_cast<uint32_t>(row.operands().size());
  std::vector<Locals> locals;
  for (const char letter : row.operands()) locals.push_back({1, type_of(letter)});
  locals.push_back({1, type_of(row.result())});
  locals.push_back({kBusy, ValType::v128});
  WasmBytes code, operands;
  if (placed == Placed::Homes) code.append(busy(count + 1));
  for (uint32_t i = 0; i < count; ++i) {
    const char letter = row.operands()[i];
    if (placed == Placed::Memory || placed == Placed::Slots) {
      operands.append(load(letter, kStep * i));
      continue;
    }
    code.append(load(letter, kStep * i)).local_set(i);
    const bool same = placed == Placed::OneLocal && letter == row.operands()[0];
    operands.local_get(same ? 0 : i);
  }
  if (placed == Placed::Slots) operands.call(0);
  operands.op(row.op);
  if (row.lanes != 0) operands.u8(static_cast<uint8_t>(lane));
  uint32_t to = count;
  if (placed == Placed::OverFirst && row.operands()[0] == row.result()) to = 0;
  if (placed == Placed::OverLast && row.operands().back() == row.result()) to = count - 1;
  if (placed == Placed::Memory) {
    code.i32_const(0).append(operands).access(store_of(row.result()), kResultAt);
  } else {
    code.append(operands).local_set(to);
    code.i32_const(0).local_get(to).access(store_of(row.result()), kResultAt);
  }
  return module.func({}, code, locals);
}

std::string name_of(const Row& row, unsigned lane, Placed placed) {
  return row.name + std::to_string(lane) + "/" + std::to_string(static_cast<int>(placed));
}

// Numbers of all widths at the edges of their ranges, floats at those of conversions, NaNs, and
// anything.
class Inputs {
 public:
  void fill(uint8_t* to, unsigned turn) {
    for (unsigned i = 0; i < kStep; i += 8) {
      const uint64_t value = turn % 4 == 3 ? random_() : one(turn + i);
      std::memcpy(to + i, &value, sizeof value);
    }
  }

 private:
  uint64_t one(unsigned turn) {
    static constexpr uint8_t kBytes[] = {0,  1,    2,    7,    8,    15,   16,
                                         31, 0x70, 0x7F, 0x80, 0x81, 0xFE, 0xFF};
    static constexpr uint16_t kWords[] = {0, 1, 0x7FFF, 0x8000, 0x8001, 0xFFFF, 0x00FF, 0xFF00};
    static constexpr float kFloats[] = {0.0f,          -0.0f,   1.0f,     -1.5f,    0.5f,
                                        2.5f,          0x1p31f, -0x1p31f, 0x1p32f,  4294967040.0f,
                                        2147483520.0f, 1e30f,   -1e30f,   0x1p-140f};
    static constexpr uint32_t kNans[] = {0x7FC00000, 0xFFC00001, 0x7F800001,
                                         0xFFA00000, 0x7F800000, 0xFF800000};
    static constexpr double kDoubles[] = {
        0.0,    -0.0,         1.0,          -1.5,          0.5,   2.5,    0x1p31,   -0x1p31,
        0x1p32, 2147483647.5, 4294967295.5, -2147483648.5, 1e300, -1e300, 0x1p-1060};
    static constexpr uint64_t kWideNans[] = {0x7FF8000000000000, 0xFFF8000000000001,
                                             0x7FF0000000000001, 0x7FF0000000000000,
                                             0xFFF0000000000000};
    const auto any = [&](const auto& list) { return list[random_() % std::size(list)]; };
    const auto twice = [&](auto draw) { return uint64_t{draw()} << 32 | draw(); };
    const auto word = [&] { return uint32_t{any(kWords)} << 16 | any(kWords); };
    switch (turn / 4 % 7) {
      case 0: {
        uint64_t bytes = 0;
        for (int i = 0; i < 8; ++i) bytes = bytes << 8 | any(kBytes);
        return bytes;
      }
      case 1: return twice(word);
      case 2: return twice([&] { return std::bit_cast<uint32_t>(any(kFloats)); });
      case 3:
        return twice([&]() -> uint32_t {
          return random_() % 2 == 0 ? any(kNans) : std::bit_cast<uint32_t>(any(kFloats));
        });
      case 4: return std::bit_cast<uint64_t>(any(kDoubles));
      case 5: return random_() % 2 == 0 ? any(kWideNans) : std::bit_cast<uint64_t>(any(kDoubles));
      default: return uint64_t{1} << 63 >> random_() % 64;
    }
  }
  std::mt19937_64 random_{5};
};

std::string hex(const uint8_t* bytes, size_t size) {
  std::string text;
  for (size_t i = 0; i < size; ++i) {
    text += "0123456789abcdef"[bytes[i] >> 4];
    text += "0123456789abcdef"[bytes[i] & 15];
    if (i % 4 == 3) text += ' ';
  }
  return text;
}

// What the guest computes from its memory is what the row means.
void expect_meaning(const Guest& guest, const std::string& name, const Row& row, unsigned lane,
                    const uint8_t* operands) {
  uint8_t* const memory = guest.instance().memory0()->base();
  std::memcpy(memory, operands, kResultAt);
  uint8_t expected[16] = {};
  row.meaning(operands, expected, lane);
  ASSERT_EQ(guest.call(name).trap, Trap::none) << name;
  const size_t width = width_of(row.result());
  ASSERT_EQ(hex(memory + kResultAt, width), hex(expected, width))
      << name << " of " << hex(operands, 16) << ", " << hex(operands + 16, 16) << ", "
      << hex(operands + 32, 16);
}

class JitVectorRows : public ::testing::TestWithParam<uint32_t> {
 protected:
  static embed::JitCodeSource::Options options() {
    return {.target = {abi::detect_target().cpu_features & GetParam()}};
  }
};

TEST_P(JitVectorRows, HoldWhereverOperandsAreAndResultsGo) {
  for (const Placed placed : kPlaces) {
    ModuleBuilder module;
    module.memory({1, 1, true});
    module.func({}, WasmBytes());
    for (const Row& row : rows()) {
      for (unsigned lane = 0; lane < std::max(row.lanes, 1u); ++lane) {
        module.export_(name_of(row, lane, placed), wasm::ExternKind::Func,
                       add(module, row, lane, placed));
      }
    }
    const LoneGuest guest(module.build(), engine::Engine::Jit, options());
    Inputs inputs;
    for (const Row& row : rows()) {
      for (unsigned turn = 0; turn < 112; ++turn) {
        const unsigned lane = row.lanes == 0 ? 0 : turn % row.lanes;
        alignas(16) uint8_t operands[kResultAt];
        for (unsigned i = 0; i < 4; ++i) inputs.fill(&operands[kStep * i], turn);
        if (placed == Placed::OneLocal) {
          for (size_t i = 1; i < row.operands().size(); ++i) {
            if (row.operands()[i] == row.operands()[0])
              std::memcpy(&operands[kStep * i], operands, kStep);
          }
        }
        expect_meaning(guest, name_of(row, lane, placed), row, lane, operands);
        if (::testing::Test::HasFatalFailure()) break;
      }
    }
  }
}

WasmBytes constant(char letter, const uint8_t* value) {
  WasmBytes code;
  switch (letter) {
    case 'i': {
      int32_t number;
      std::memcpy(&number, value, sizeof number);
      return code.i32_const(number);
    }
    case 'l': {
      int64_t number;
      std::memcpy(&number, value, sizeof number);
      return code.i64_const(number);
    }
    case 'f': return code.op(Op::f32_const).raw({value, 4});
    case 'd': return code.op(Op::f64_const).raw({value, 8});
    default: return code.op(Op::v128_const).raw({value, 16});
  }
}

// Constants on either side and on both: masks, counts of shifts, indices of swizzles.
TEST_P(JitVectorRows, HoldForConstants) {
  struct Case {
    const Row* row;
    unsigned lane;
    std::array<uint8_t, kResultAt> operands;
  };
  ModuleBuilder module;
  module.memory({1, 1, true});
  std::vector<Case> cases;
  Inputs inputs;
  for (const Row& row : rows()) {
    const auto count = static_cast<uint32_t>(row.operands().size());
    for (unsigned turn = 0; turn < (row.operands() == "vi" ? 40 : 14); ++turn) {
      for (unsigned constants = 1; constants < 1u << count; ++constants) {
        Case made{&row, row.lanes == 0 ? 0 : turn % row.lanes, {}};
        for (unsigned i = 0; i < 4; ++i) inputs.fill(&made.operands[kStep * i], turn * 5);
        if (row.operands() == "vi" && turn < 32)
          made.operands[kStep] = static_cast<uint8_t>(turn * 2 + turn / 16);
        WasmBytes code;
        code.i32_const(0);
        for (uint32_t i = 0; i < count; ++i) {
          const char letter = row.operands()[i];
          code.append((constants >> i & 1) != 0 ? constant(letter, &made.operands[kStep * i])
                                                : load(letter, kStep * i));
        }
        code.op(row.op);
        if (row.lanes != 0) code.u8(static_cast<uint8_t>(made.lane));
        code.access(store_of(row.result()), kResultAt);
        module.export_(row.name + std::to_string(cases.size()), wasm::ExternKind::Func,
                       module.func({}, code));
        cases.push_back(made);
      }
    }
  }
  const LoneGuest guest(module.build(), engine::Engine::Jit, options());
  for (size_t i = 0; i < cases.size(); ++i) {
    const Case& made = cases[i];
    expect_meaning(guest, made.row->name + std::to_string(i), *made.row, made.lane,
                   made.operands.data());
  }
}

// Masks that are an instruction of the processor's, such with one lane changed, and any.
TEST_P(JitVectorRows, ShuffleByEveryKindOfMask) {
  std::vector<std::array<uint8_t, 16>> masks;
  const auto made = [&](auto lane_of) {
    std::array<uint8_t, 16> mask;
    for (unsigned i = 0; i < 16; ++i) mask[i] = static_cast<uint8_t>(lane_of(i) & 31);
    masks.push_back(mask);
  };
  for (unsigned n = 0; n < 32; ++n) {
    made([&](unsigned i) { return i + n; });
    made([&](unsigned i) { return (i + n) % 16; });
    made([&](unsigned) { return n; });
    for (const unsigned bytes : {1u, 2u, 4u, 8u}) {
      made([&](unsigned i) {
        const unsigned element = i / bytes;
        return (element % 2 * 16 + element / 2 * bytes + i % bytes + n / 2 * 8) ^ (n % 2 * 16);
      });
    }
  }
  std::mt19937 random(9);
  for (unsigned n = 0; n < 300; ++n) {
    const unsigned group = 1u << random() % 4, from = n % 3 == 0 ? 16 : 32;
    std::array<unsigned, 16> starts;
    for (unsigned& start : starts) {
      start = static_cast<unsigned>(random()) % (from / group) * group;
    }
    made([&](unsigned i) { return starts[i / group] + i % group; });
    const auto sides = static_cast<unsigned>(random());
    made([&](unsigned i) { return i + (sides >> (i / group) & 1) * 16; });
    made([&](unsigned i) { return i / 8 == n % 2 ? (starts[i / 2] & 6) + i % 2 + i / 8 * 8 : i; });
  }
  const size_t known = masks.size();
  for (size_t i = 0; i < known; ++i) {
    std::array<uint8_t, 16> mask = masks[i];
    mask[random() % 16] ^= static_cast<uint8_t>(1 + random() % 31);
    masks.push_back(mask);
  }
  ModuleBuilder module;
  module.memory({1, 1, true});
  const auto add_mask = [&](size_t i, bool one_local) {
    WasmBytes code;
    code.append(load('v', 0)).local_set(0).append(load('v', kStep)).local_set(1);
    code.local_get(0).local_get(one_local ? 0 : 1).op(Op::i8x16_shuffle).raw(masks[i]);
    code.local_set(i % 3 == 0 ? 0 : i % 3 == 1 ? 1 : 2);
    code.i32_const(0)
        .local_get(i % 3 == 0   ? 0
                   : i % 3 == 1 ? 1
                                : 2)
        .access(Op::v128_store, kResultAt);
    module.export_(std::to_string(i) + (one_local ? "one" : ""), wasm::ExternKind::Func,
                   module.func({}, code, {{3, ValType::v128}}));
  };
  for (size_t i = 0; i < masks.size(); ++i) {
    add_mask(i, false);
    add_mask(i, true);
  }
  const LoneGuest guest(module.build(), engine::Engine::Jit, options());
  uint8_t* const memory = guest.instance().memory0()->base();
  for (size_t i = 0; i < masks.size(); ++i) {
    for (const bool one_local : {false, true}) {
      for (unsigned k = 0; k < 32; ++k) memory[k] = static_cast<uint8_t>(0xA0 + k);
      ASSERT_EQ(guest.call(std::to_string(i) + (one_local ? "one" : "")).trap, Trap::none);
      uint8_t expected[16];
      for (unsigned k = 0; k < 16; ++k) {
        expected[k] = static_cast<uint8_t>(0xA0 + (one_local ? masks[i][k] & 15 : masks[i][k]));
      }
      ASSERT_EQ(hex(memory + kResultAt, 16), hex(expected, 16))
          << hex(masks[i].data(), 16) << one_local;
    }
  }
}

// Accesses to memory

struct Access {
  std::string name;
  Op op;
  uint32_t bytes;
  unsigned lanes;  // of the immediate, 0 if there is none
  bool is_store;
  V128 (*loaded)(const uint8_t* at, V128 before, unsigned lane);
  void (*stored)(uint8_t* at, V128 value, unsigned lane);
};

template <class M>
M from_memory(const uint8_t* at) {
  M value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

const std::vector<Access>& accesses() {
  static const std::vector<Access> all = {
#define VECTOR_LOAD(code, ident, text, memory, feature)                                         \
  {#ident,                                                                                      \
   Op::ident,                                                                                   \
   sizeof(memory),                                                                              \
   0,                                                                                           \
   false,                                                                                       \
   [](const uint8_t* at, V128, unsigned) { return wasm::sem::ident(from_memory<memory>(at)); }, \
   nullptr},
#define VECTOR_STORE(code, ident, text, memory, feature)                            \
  {#ident, Op::ident, 16, 0, true, nullptr, [](uint8_t* at, V128 value, unsigned) { \
     std::memcpy(at, &value, 16);                                                   \
   }},
#define LANE_LOAD(code, ident, text, memory, feature)                \
  {#ident,                                                           \
   Op::ident,                                                        \
   sizeof(memory),                                                   \
   16 / sizeof(memory),                                              \
   false,                                                            \
   [](const uint8_t* at, V128 before, unsigned lane) {               \
     return wasm::sem::ident(before, from_memory<memory>(at), lane); \
   },                                                                \
   nullptr},
#define LANE_STORE(code, ident, text, memory, feature)        \
  {#ident,                                                    \
   Op::ident,                                                 \
   sizeof(memory),                                            \
   16 / sizeof(memory),                                       \
   true,                                                      \
   nullptr,                                                   \
   [](uint8_t* at, V128 value, unsigned lane) {               \
     const memory lane_value = wasm::sem::ident(value, lane); \
     std::memcpy(at, &lane_value, sizeof lane_value);         \
   }},
#include "core/wasm/opcodes.def"
  };
  return all;
}

// From the last bytes of memory, from one byte further, and across every displacement that decides
// how an address is formed.
TEST_P(JitVectorRows, AccessesEndWithMemory) {
  constexpr uint32_t kEnd = 65536, kValueAt = 32;
  constexpr uint32_t kOffsets[] = {0, 1, 127, 128, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF};
  ModuleBuilder module;
  module.memory({1, 1, true});
  for (const Access& access : accesses()) {
    for (unsigned lane = 0; lane < std::max(access.lanes, 1u); ++lane) {
      for (const uint32_t offset : kOffsets) {
        const bool takes_vector = access.is_store || access.lanes != 0;
        WasmBytes code, used;
        used.local_get(0);
        if (takes_vector) used.append(load('v', kValueAt));
        used.op(access.op).u8(0).u32(offset);
        if (access.lanes != 0) used.u8(static_cast<uint8_t>(lane));
        if (access.is_store) {
          code = used;
        } else {
          code.i32_const(0).append(used).access(Op::v128_store, kResultAt);
        }
        module.export_(access.name + std::to_string(lane) + "+" + std::to_string(offset),
                       wasm::ExternKind::Func, module.func({{ValType::i32}, {}}, code));
      }
    }
  }
  const LoneGuest guest(module.build(), engine::Engine::Jit, options());
  uint8_t* const memory = guest.instance().memory0()->base();
  const V128 value{0x0706050403020100, 0x8F8E8D8C8B8A8988};
  for (const Access& access : accesses()) {
    for (unsigned lane = 0; lane < std::max(access.lanes, 1u); ++lane) {
      const std::string name = access.name + std::to_string(lane) + "+";
      for (unsigned k = 0; k < 16; ++k) memory[kEnd - 16 + k] = static_cast<uint8_t>(0xF0 - 11 * k);
      std::memcpy(memory + kValueAt, &value, sizeof value);
      const uint32_t last = kEnd - access.bytes;
      uint8_t expected[16];
      if (access.is_store) {
        std::memcpy(expected, memory + kEnd - 16, 16);
        access.stored(&expected[16 - access.bytes], value, lane);
      } else {
        const V128 loaded = access.loaded(memory + last, value, lane);
        std::memcpy(expected, &loaded, sizeof loaded);
      }
      ASSERT_EQ(guest.call(name + "127", {last - 127}).trap, Trap::none) << name;
      ASSERT_EQ(hex(memory + (access.is_store ? kEnd - 16 : kResultAt), 16), hex(expected, 16))
          << name;
      for (const uint32_t offset : kOffsets) {
        const uint64_t beyond = uint64_t{last} + 1;
        const uint32_t index = offset <= beyond ? static_cast<uint32_t>(beyond - offset) : 0;
        EXPECT_EQ(guest.call(name + std::to_string(offset), {index}).trap,
                  Trap::out_of_bounds_memory_access)
            << name << offset;
        EXPECT_EQ(guest.call(name + std::to_string(offset), {0xFFFFFFFF}).trap,
                  Trap::out_of_bounds_memory_access)
            << name << offset;
      }
    }
  }
}

// Folded into its consumer a load reads no more and no less than by itself.
TEST_P(JitVectorRows, FoldedLoadsTrapWithMemory) {
  ModuleBuilder module;
  module.memory({1, 1, true});
  std::vector<std::string> names;
  for (const Row& row : rows()) {
    if (row.letters != "vvv") continue;
    WasmBytes code;
    code.i32_const(0).append(load('v', 0)).local_get(0).access(Op::v128_load, 0).op(row.op);
    code.access(Op::v128_store, kResultAt);
    module.export_(row.name, wasm::ExternKind::Func, module.func({{ValType::i32}, {}}, code));
    names.push_back(row.name);
  }
  const LoneGuest guest(module.build(), engine::Engine::Jit, options());
  for (const std::string& name : names) {
    EXPECT_EQ(guest.call(name, {65536 - 16}).trap, Trap::none) << name;
    EXPECT_EQ(guest.call(name, {65536 - 15}).trap, Trap::out_of_bounds_memory_access) << name;
  }
}

constexpr uint32_t kAvx = static_cast<uint32_t>(abi::CpuFeature::Avx);
INSTANTIATE_TEST_SUITE_P(Features, JitVectorRows, ::testing::Values(~uint32_t{0}, kAvx, 0u),
                         [](const auto& which) {
                           return which.param == 0 ? "None" : which.param == kAvx ? "Avx" : "Own";
                         });

}  // namespace
}  // namespace cordon::testing
