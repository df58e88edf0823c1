// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// [B1] [R1] Every builtin with every wrong kind of each of its arguments. The verifier refuses each
// by its rule, and the runtime survives each in code that was not verified. Both are driven by the
// signatures of builtins.def: a new builtin is tested without further work, and a letter that has
// no row here fails.
#include <algorithm>
#include <cstring>
#include <functional>

#include "core/verify/verify.h"
#include "tests/core/runtime/hand_calls.h"
#include "tests/core/runtime/in_child.h"
#include "tests/core/runtime/native_fixture.h"

namespace cordon::runtime {
namespace {

using Call = testing::BuiltinCall;
using testing::HandCode;
using testing::MadeArgument;
using testing::ModuleBuilder;
using testing::WasmBytes;
using wasm::ExternKind;
using wasm::ValType;
using namespace testing::everything;

constexpr uint64_t kHigh = uint64_t{0xABCD1234} << 32;
constexpr std::string_view kAccepted = "-";

// The module that is called wrongly. Its own function comes after the imported ones.
constexpr uint32_t kOwnFunc = kFirstFree;

ModuleBuilder module_with(bool memory) {
  ModuleBuilder module = testing::module_of_everything(memory ? 1 : 0, [](ModuleBuilder&) {});
  module.export_("f", ExternKind::Func, module.func({{}, {}}, WasmBytes()));
  return module;
}

// A wrong kind of an argument: how it is made, what refuses it, and how the runtime must end it.
struct Wrong {
  std::string what;
  std::string_view rule;
  std::string_view end;  // the beginning of it
  std::function<void(Call&, size_t place)> make;
};

constexpr std::string_view kDied = "died of: a builtin was given what the module does not have";
constexpr std::string_view kForged = "died of: a reference that the instance was not given";
constexpr std::string_view kReturned = "returned";

Wrong constant(std::string what, std::string_view rule, uint32_t value) {
  return {std::move(what), rule, kDied, [value](Call& call, size_t place) {
            call.registers[place] = {MadeArgument::Constant, value};
          }};
}

// The verifier does not know the number; the runtime sees that it is a valid one.
Wrong not_constant() {
  return {"not a constant", "builtin_constant", kReturned,
          [](Call& call, size_t place) { call.registers[place].how = MadeArgument::Loaded; }};
}

Wrong number(std::string what, std::string_view rule, std::string_view end, uint64_t value) {
  return {std::move(what), rule, end, [value](Call& call, size_t place) {
            call.registers[place] = {MadeArgument::Number, value};
          }};
}

std::vector<Wrong> wrong_indices(std::string_view rule, uint32_t count) {
  return {constant("one too many", rule, count), constant("the largest", rule, UINT32_MAX),
          not_constant()};
}

std::vector<Wrong> with(std::vector<Wrong> some, std::vector<Wrong> more) {
  some.insert(some.end(), more.begin(), more.end());
  return some;
}

// A Func that was never made: code that follows it calls the function here.
Trap escape(void*, HostCall&, const uint64_t*, uint64_t*) { _exit(66); }
Func& forged_func() {
  static wasm::FuncType type;
  static Func func;
  func.type = &type;
  func.host = escape;
  return func;
}

// Numbers that are no handle: of nothing, of nothing here, an address.
std::vector<Wrong> wrong_references(std::string_view rule) {
  const auto address = reinterpret_cast<uint64_t>(&forged_func());
  return {number("a handle of nothing", rule, kForged, 0x7777),
          number("a handle and upper half", rule, kForged, kHigh | 1),
          number("an address", rule, kForged, address), number("-1", rule, kForged, ~uint64_t{0})};
}

// The rows of a letter. `signature` and `letter` give its place.
std::vector<Wrong> wrong_kinds(std::string_view signature, size_t letter) {
  const bool after_table = letter > 0 && signature[letter - 1] == 'T';
  switch (signature[letter]) {
    case 'F': return wrong_indices("builtin_function", 3);
    case 'I':
      return with(wrong_indices("builtin_function", 3),
                  {constant("an own function", "builtin_function", kOwnFunc)});
    case 'T': return wrong_indices("builtin_table", 3);
    case 'U':
      return with(wrong_indices("builtin_table", 3),
                  {constant("a table of another type", "builtin_type", kExterns)});
    case 'N': return wrong_indices("builtin_tag", 2);
    case 'D': return wrong_indices("builtin_segment", 1);
    case 'E':
      if (!after_table) return wrong_indices("builtin_segment", 2);
      return with(wrong_indices("builtin_segment", 2),
                  {constant("a segment of another type", "builtin_type", kExternElem)});
    case 'G':
      return with(wrong_indices("builtin_global", 7),
                  {constant("an own number", "builtin_global", kOwnNumber),
                   constant("a vector", "builtin_global", kImportedVector),
                   constant("an imported constant", "builtin_global", kImportedConstant)});
    case 'V':
      return with(wrong_indices("builtin_global", 7),
                  {constant("an own number", "builtin_global", kOwnNumber),
                   constant("an imported number", "builtin_global", kImportedMutable),
                   constant("an imported constant", "builtin_global", kImportedConstant),
                   constant("an own reference", "builtin_global", kOwnFuncref)});
    case 'W':
      return with(wrong_indices("builtin_global", 7),
                  {constant("an own number", "builtin_global", kOwnNumber),
                   constant("a vector", "builtin_global", kImportedVector),
                   constant("an imported constant", "builtin_global", kImportedConstant),
                   constant("a constant reference", "builtin_global", kConstantFuncref)});
    case 'i':
      return {{"upper half not zero", "call_argument", "",
               [](Call& call, size_t place) {
                 call.registers[place].value |= kHigh;
                 call.registers[place].how = MadeArgument::Number;
               }},
              number("the largest", kAccepted, "", UINT32_MAX)};
    case 'l': {
      // What is right of a number may be wrong of a reference.
      std::vector<Wrong> kinds = wrong_references(kAccepted);
      for (Wrong& kind : kinds) {
        kind.make = [make = kind.make](Call& call, size_t place) {
          make(call, place);
          call.registers[place - 1].value = kOwnFuncref;
        };
      }
      return kinds;
    }
    case 'r': return wrong_references(kAccepted);
    case 'M':
      return {
          {"no memory", "builtin_memory", kDied, [](Call& call, size_t) { call.memory = false; }}};
    case 'S':
      return {{"no frame", "builtin_slots", "died of: a builtin was called without slots",
               [](Call& call, size_t) { call.frame = 0; }},
              {"a frame too small", "builtin_slots", "died of: a builtin was called without slots",
               [signature](Call& call, size_t place) {
                 const bool of_vector = signature[0] == 'V';
                 static_assert(uint32_t{kImportedWide} == uint32_t{kWideTag});
                 if (!of_vector) call.registers[place - 1].value = kImportedWide;
                 call.frame = of_vector ? 8 : 56;
               }}};
    case 'X': {
      const auto foreign = [](std::string what, uint64_t r11) {
        return Wrong{std::move(what), "foreign_entered", "died of: a call of what is no function",
                     [r11](Call& call, size_t) { call.r11 = r11; }};
      };
      return {foreign("null", 0), foreign("a handle", 3),
              foreign("a forged function", reinterpret_cast<uint64_t>(&forged_func()))};
    }
    default: return {};
  }
}

// What builtins may be told that take the number of a function of some kind in r11.
std::vector<Wrong> wrong_numbers(abi::Builtin builtin) {
  const bool is_jumped_to = builtin != abi::Builtin::call_own;
  const auto number = [=](std::string what, uint64_t r11, const char* rule) {
    return Wrong{std::move(what), is_jumped_to ? "foreign_entered" : rule,
                 "died of: a builtin was given what the module does not have",
                 [r11](Call& call, size_t) { call.r11 = r11; }};
  };
  std::vector<Wrong> all{
      number("no such function", 1000, "builtin_own"),
      number("beyond 32 bits", uint64_t{1} << 32, "builtin_constant"),
      number("an address", reinterpret_cast<uint64_t>(&forged_func()), "builtin_constant")};
  if (builtin != abi::Builtin::return_call_import) {
    all.push_back(number("an import", kImported, "builtin_own"));
  }
  return all;
}

bool takes_number(abi::Builtin builtin) {
  return builtin == abi::Builtin::return_call_import || builtin == abi::Builtin::call_own ||
         builtin == abi::Builtin::return_call_own;
}

// A function that makes the call, then returns.
void write(HandCode& code, const Call& call, uint32_t wasm_offset) {
  code.begin_checked(call.frame);
  testing::write_call(code, call, wasm_offset, ~uint64_t{0});
  code.end_checked(wasm_offset);
}

class WrongArguments : public NativeTest {
 protected:
  WrongArguments() {
    linker.define_func(
        "host", "id", {{ValType::i64}, {ValType::i64}},
        [](void*, HostCall&, const uint64_t* args, uint64_t* results) {
          results[0] = args[0];
          return Trap::none;
        },
        nullptr);
    linker.define_func(
        "host", "wide", {std::vector<ValType>(8, ValType::i64), {}},
        [](void*, HostCall&, const uint64_t*, uint64_t*) { return Trap::none; }, nullptr);
    linker.define("host", "mutable", *store.add_global({ValType::i64, true}, uint64_t{0}));
    linker.define("host", "constant", *store.add_global({ValType::i64, false}, uint64_t{0}));
    linker.define("host", "vector", store.add_global({ValType::v128, true}, wasm::V128{}));
  }

  static uint32_t body_of(const ModuleBuilder& module) {
    return testing::body_offset(module.build(), 0);
  }

  // The rule by which the verifier refuses it, or "-".
  std::string refusal(const Call& call) {
    const ModuleBuilder module = module_with(call.memory);
    HandCode code;
    write(code, call, body_of(module));
    const auto loaded = load(module, code);
    return loaded ? "-" : std::string(loaded.error().kind->name);
  }

  // How it ends, in a process of its own, with the verifier bypassed.
  std::string end(const Call& call) {
    return testing::end_in_child([&] {
      const ModuleBuilder module = module_with(call.memory);
      HandCode code;
      write(code, call, body_of(module));
      const Instance& instance = instantiate(module, &code);
      const std::string ended = result(instance, "f");
      if (!is_sound(instance)) return std::string("memory corrupted");
      return ended.empty() ? std::string(kReturned) : ended;
    });
  }

  // Whether each reference that the runtime holds was made by it.
  static bool is_sound(const Instance& instance) {
    const auto is_func = [&](uint64_t slot) {
      return slot == 0 ||
             std::any_of(instance.funcs.begin(), instance.funcs.end(),
                         [&](Func* func) { return reinterpret_cast<uint64_t>(func) == slot; });
    };
    for (const Table* table : instance.tables) {
      for (uint32_t i = 0; i < table->size(); ++i) {
        const uint64_t slot = table->elements()[i];
        if (table->type().element == ValType::externref ? slot != 0 : !is_func(slot)) return false;
      }
    }
    return std::all_of(instance.globals.begin(), instance.globals.end(), [&](Global* global) {
      return global->type.value != ValType::funcref || is_func(*global->cell);
    });
  }

  void test(size_t builtin, size_t letter, size_t place) {
    const abi::BuiltinRow& row = abi::kBuiltins[builtin];
    const auto which = static_cast<abi::Builtin>(builtin);
    const std::vector<Wrong> kinds =
        takes_number(which) ? wrong_numbers(which) : wrong_kinds(row.signature, letter);
    EXPECT_FALSE(kinds.empty()) << "no wrong kinds of the letter " << row.signature[letter];
    for (const Wrong& kind : kinds) {
      Call call = testing::right_call(which);
      kind.make(call, place);
      const std::string rule = refusal(call), ended = end(call);
      std::printf("%-12s %zu %c  %-26s %-18s %s\n", std::string(row.name).c_str(), letter,
                  row.signature[letter], kind.what.c_str(), rule.c_str(), ended.c_str());
      EXPECT_EQ(rule, kind.rule) << row.name << " " << kind.what;
      // A number may be right or end in a trap; whatever it is, the process goes on.
      const bool may_trap =
          kind.end.empty() || (kind.end == kReturned && !testing::comes_back(call.builtin));
      const bool as_wanted = may_trap ? ended == kReturned || ended.starts_with("trap: ")
                                      : ended.starts_with(kind.end);
      EXPECT_TRUE(as_wanted) << row.name << " " << kind.what << ": " << ended;
      ++tested_;
    }
  }

  size_t tested_ = 0;
};

TEST_F(WrongArguments, AreRefusedByRuleAndSurvivedWithoutIt) {
  std::printf("%-12s %s  %-26s %-18s %s\n", "builtin", "arg", "wrong kind", "refused by",
              "without the verifier");
  for (size_t builtin = 0; builtin < abi::kBuiltins.size(); ++builtin) {
    const std::string_view signature = abi::kBuiltins[builtin].signature;
    size_t place = 0;
    for (size_t letter = 0; signature[letter] != ':'; ++letter) {
      test(builtin, letter, place);
      place += testing::takes_register(signature[letter]);
    }
  }
  std::printf("%zu wrong calls of %zu builtins\n", tested_, abi::kBuiltins.size());
}

// What is right passes, so that the wrong argument is what is refused above.
TEST_F(WrongArguments, AreTheOnlyOnesRefused) {
  for (size_t builtin = 0; builtin < abi::kBuiltins.size(); ++builtin) {
    const auto name = std::string(abi::kBuiltins[builtin].name);
    if (abi::kBuiltins[builtin].signature[0] == 'X') continue;  // right in its sequence alone
    const Call call = testing::right_call(static_cast<abi::Builtin>(builtin));
    EXPECT_EQ(refusal(call), kAccepted) << name;
    if (testing::comes_back(call.builtin)) {
      EXPECT_EQ(end(call), kReturned) << name;
    } else {
      EXPECT_TRUE(end(call).starts_with("trap: ")) << name << ": " << end(call);
    }
  }
}

}  // namespace
}  // namespace cordon::runtime
