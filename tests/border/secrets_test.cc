// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// [R2] Accepted code looks for secrets: at its entries, after each builtin, after each kind of
// trap, after calls of other instances and of the host. There are secrets in every register that
// the host has, on its stack, and in everything that another guest has.
#include <deque>

#include "core/abi/module_plan.h"
#include "core/engine/invoke.h"
#include "core/verify/verify.h"
#include "tests/border/dump.h"
#include "tests/border/plant.h"
#include "tests/core/runtime/hand_calls.h"
#include "tests/core/runtime/native_fixture.h"
#include "tests/kit/world.h"

namespace cordon::border {
namespace {

using abi::Builtin;
using engine::Value;
using runtime::Execution;
using runtime::Func;
using runtime::Instance;
using runtime::Store;
using testing::HandCode;
using testing::ModuleBuilder;
using testing::WasmBytes;
using wasm::ExternKind;
using wasm::Op;
using wasm::ValType;
using x64::mem;
using x64::W32;
using x64::W64;
using enum x64::Gpr;
using namespace testing::everything;

constexpr uint32_t kPages = 2, kLarge = 32768, kSmall = 1024;
constexpr size_t kWideParams = 40, kWideResults = 30;

// Imports after those of module_of_everything().
enum MoreFuncs : uint32_t { kBack = kFirstFree, kFail, kOwnFuncs };

// A module by hand: each function with its type, frame and code.
class HandModule {
 public:
  using Write = std::function<void(HandCode&, uint32_t at)>;

  // Every function there is. `stain` is what "stain" leaves on the stack.
  explicit HandModule(uint64_t stain) {
    builder_ = testing::module_of_everything(kPages, [](ModuleBuilder& module) {
      module.import_func("host", "back", {{}, {}});
      module.import_func("host", "fail", {{}, {}});
    });
    add("entry", 4096, {});
    add("large", kLarge, {});
    add("wide", 64, {}, wide());
    add("stain", kLarge, [stain](HandCode& code, uint32_t) {
      testing::load_constant(code, rax, stain);
      for (uint32_t i = 0; i < kLarge; i += 8) code.a.mov(W64, mem(rsp, i), rax);
    });
    add_calls();
    add_traps();
  }

  // Verified, as all code is.
  Instance& instantiate(Store& store, engine::Linker& linker, Execution& execution) {
    bytes_ = builder_.build();
    const auto module = wasm::decode_module(bytes_, wasm::Features::all());
    const abi::ModulePlan plan(*module);
    readable_.own_number = plan.global(kOwnNumber);
    readable_.imported_constant = plan.global(kImportedConstant);
    for (size_t i = 0; i < functions_.size(); ++i) write(i, *module);
    finish_rodata(code_);
    engine::Config config;
    config.engine = engine::Engine::Jit;
    config.code_source = &code_;
    auto loaded = engine::load(bytes_, config);
    if (!loaded) {
      ADD_FAILURE() << loaded.error().message();
      std::abort();
    }
    return *engine::instantiate(store, *loaded, linker, execution)->instance;
  }

 private:
  struct Function {
    uint32_t frame;
    Write before;  // of the dump
    bool dumps;
    uint32_t slots;
  };
  static wasm::FuncType wide() {
    return {std::vector<ValType>(kWideParams, ValType::i64),
            std::vector<ValType>(kWideResults, ValType::i64)};
  }

  void add(std::string_view name, uint32_t frame, Write before, const wasm::FuncType& type = {},
           bool dumps = true, const WasmBytes& body = WasmBytes().op(Op::unreachable)) {
    const uint32_t func = builder_.func(type, body);
    builder_.export_(name, ExternKind::Func, func);
    functions_.push_back({frame, std::move(before), dumps, abi::stack_use(type).total()});
  }
  void add_calls() {
    for (size_t i = 0; i < abi::kBuiltins.size(); ++i) {
      if (abi::kBuiltins[i].signature[0] == 'X') continue;  // "indirect"
      const testing::BuiltinCall call = testing::right_call(static_cast<Builtin>(i));
      if (!testing::comes_back(call.builtin)) continue;  // "caught"
      add("after " + std::string(abi::kBuiltins[i].name), kSmall,
          [call](HandCode& code, uint32_t at) { testing::write_call(code, call, at, 0); });
    }
    const auto with_constant = [](Builtin builtin, uint32_t constant) {
      return [=](HandCode& code, uint32_t at) {
        code.a.xor_(W32, rdx, rdx);
        code.a.mov(W32, rsi, constant);
        code.call_builtin(builtin, at);
      };
    };
    add("after table_get of an externref", kSmall, with_constant(Builtin::table_get, kExterns));
    add("after global_get of a funcref", kSmall, with_constant(Builtin::global_get, kOwnFuncref));
    add("after a host function that calls back", kSmall,
        with_constant(Builtin::call_import, kBack));
    // Its only clause catches what the next instruction throws.
    const WasmBytes clause{1, 2, 0};
    const WasmBytes before = WasmBytes().op(Op::try_table).u8(0x40).append(clause);
    const auto behind = static_cast<uint32_t>(before.bytes().size());
    add(
        "after caught", kSmall,
        [behind](HandCode& code, uint32_t at) {
          testing::write_call(code, testing::right_call(Builtin::throw_new), at + behind, 0);
          code.trap(Trap::unreachable, at);
          code.handler(at, 0, 0);
        },
        {}, true, WasmBytes(before).op(Op::unreachable).end());
    add("indirect", kSmall,
        [this](HandCode& code, uint32_t at) { testing::call_indirect(code, *module_, at); });
  }
  void add_traps() {
    const auto trap = [this](std::string_view name, Write write) {
      add(name, kSmall, std::move(write), {}, false);
    };
    trap("trap of ud2", [](HandCode& code, uint32_t at) {
      const x64::Label site = code.a.new_label();
      code.a.cmp(W64, rax, rax);
      code.a.jcc(x64::Cond::Equal, site);
      code.later = [&code, site, at] {
        code.a.bind(site);
        code.trap(Trap::unreachable, at);
      };
    });
    trap("trap of a fault", [](HandCode& code, uint32_t at) {
      code.site(Trap::out_of_bounds_memory_access, at);
      code.a.mov(W64, rax, mem(r15, INT32_MAX));
    });
    trap("trap of a builtin", [](HandCode& code, uint32_t at) {
      code.a.mov(W32, rdx, 1000);
      code.a.xor_(W32, rsi, rsi);
      code.call_builtin(Builtin::table_get, at);
    });
    trap("trap of the host", [](HandCode& code, uint32_t at) {
      code.a.mov(W32, rsi, kFail);
      code.call_builtin(Builtin::call_import, at);
    });
    trap("trap of the stack's end", [](HandCode& code, uint32_t at) { code.call_self(at); });
  }
  void write(size_t index, const wasm::Module& module) {
    const Function& function = functions_[index];
    const uint32_t at = module.bodies[index].code.offset;
    module_ = &module;
    code_.begin_checked(function.frame);
    if (function.before) function.before(code_, at);
    if (function.dumps) {
      readable_.frame = function.frame;
      readable_.window_slots = function.slots;
      write_dump(code_, readable_, at);
    }
    code_.end_checked(at);
  }

  ModuleBuilder builder_;
  std::vector<Function> functions_;
  std::vector<uint8_t> bytes_;
  HandCode code_;
  Readable readable_{};
  const wasm::Module* module_ = nullptr;
};

// Code as it is needed: functions that look for secrets where another calls them by the runtime,
// and after they have called so. One has no code, and calls the host.
class NeededModule {
 public:
  static constexpr uint32_t kCold = kOwnFuncs, kLooks = kCold + 1;

  NeededModule() {
    builder_ = testing::module_of_everything(kPages, [](ModuleBuilder& module) {
      module.import_func("host", "back", {{}, {}});
      module.import_func("host", "fail", {{}, {}});
    });
    add("cold", WasmBytes().i64_const(1).call(kImported).op(Op::drop));
    for (const char* name : kNames) add(name, WasmBytes().op(Op::unreachable));
  }
  static constexpr const char* kNames[] = {"looks",
                                           "calls what looks",
                                           "goes to what looks",
                                           "looks after cold",
                                           "looks after code",
                                           "goes to cold"};

  Instance& instantiate(Store& store, engine::Linker& linker, Execution& execution) {
    bytes_ = builder_.build();
    const std::shared_ptr<const wasm::ValidatedModule> module = testing::must(
        wasm::validate_module(testing::must(wasm::decode_module(bytes_, wasm::Features::all()))));
    const abi::ModulePlan plan(module->module());
    readable_ = {kSmall, 0, plan.global(kOwnNumber), plan.global(kImportedConstant)};
    write(module->module());
    finish_rodata(code_);
    const SealedFile file = testing::must(SealedFile::of_bytes(code_.bytes(), "code"));
    verify::Verification verification(*module, verify::Series::AsNeeded);
    verify::VerifiedCode verified = testing::must(verification.add(file.bytes()));
    const auto space =
        testing::must(runtime::CodeSpace::create(module, abi::room_for_needed(module->module())));
    EXPECT_TRUE(space->publish(std::move(verified), file));
    return *engine::instantiate(store, {module, space, {}, {}}, linker, execution)->instance;
  }

 private:
  void add(std::string_view name, const WasmBytes& body) {
    builder_.export_(name, ExternKind::Func, builder_.func({}, body));
  }
  void write(const wasm::Module& module) {
    const auto of_number = [this](uint32_t func) { code_.a.mov(W32, r11, int64_t{func}); };
    const auto call = [&](uint32_t func) {
      of_number(func);
      code_.call_builtin(Builtin::call_own, at_);
    };
    const auto go_to = [&](uint32_t func) {
      of_number(func);
      code_.a.add(W64, rsp, kSmall);
      code_.a.jmp(mem(r14, abi::offset_of(Builtin::return_call_own)));
      // What the end of a function needs to be reached.
      const x64::Label behind = code_.a.new_label();
      code_.a.bind(behind);
      code_.leader();
    };
    const auto look = [&] { write_dump(code_, readable_, at_); };
    const std::function<void()> parts[] = {look,
                                           [&] { call(kLooks); },
                                           [&] { go_to(kLooks); },
                                           [&] { call(kCold), look(); },
                                           [&] { call(kLooks), look(); },
                                           [&] { go_to(kCold); }};
    for (uint32_t i = 0; i < std::size(parts); ++i) {
      at_ = module.bodies[i + 1].code.offset;
      code_.bodies.push_back(i + 1);
      code_.begin_checked(kSmall);
      parts[i]();
      code_.end_checked(at_);
    }
  }

  ModuleBuilder builder_;
  std::vector<uint8_t> bytes_;
  HandCode code_;
  Readable readable_{};
  uint32_t at_ = 0;  // in the body of the function that is written
};

// A store with what its guests import.
class Surroundings {
 public:
  explicit Surroundings(Execution& execution) : execution_(execution) {
    linker_.define_func("host", "id", {{ValType::i64}, {ValType::i64}}, cordon_test_leaky_host,
                        nullptr);
    linker_.define_func(
        "host", "wide", {std::vector<ValType>(8, ValType::i64), {}},
        [](void*, runtime::HostCall&, const uint64_t*, uint64_t*) { return Trap::none; }, nullptr);
    linker_.define_func("host", "back", {{}, {}}, back, this);
    linker_.define_func(
        "host", "fail", {{}, {}},
        [](void*, runtime::HostCall&, const uint64_t*, uint64_t*) {
          plant_on_stack();
          return Trap::host_failure;
        },
        nullptr);
    linker_.define("host", "vector", store_.add_global({ValType::v128, true}, wasm::V128{}));
    linker_.define("host", "mutable", *store_.add_global({ValType::i64, true}, uint64_t{0}));
    linker_.define("host", "constant", *store_.add_global({ValType::i64, false}, uint64_t{0}));
  }
  template <class Guest>
  Instance& add(Guest& guest) {
    return guest.instantiate(store_, linker_, execution_);
  }
  // An interpreted module whose "f" calls `instance`'s export of that name.
  Instance& add_caller(const Instance& instance, std::string_view name) {
    linker_.define("callee", "f", *instance.find_export(name));
    ModuleBuilder module;
    module.import_func("callee", "f", {{}, {}});
    module.export_("f", ExternKind::Func, module.func({{}, {}}, WasmBytes().call(0)));
    interpreted_.push_back(module.build());
    auto loaded = engine::load(interpreted_.back());
    return *engine::instantiate(store_, *loaded, linker_, execution_)->instance;
  }

  Instance* called_back = nullptr;  // its "large", by the host's function "back"

 private:
  static Trap back(void* env, runtime::HostCall&, const uint64_t*, uint64_t*) {
    Surroundings& surroundings = *static_cast<Surroundings*>(env);
    if (surroundings.called_back == nullptr) return Trap::none;
    plant_on_stack();
    auto outcome = engine::invoke(surroundings.execution_, *surroundings.called_back, "large", {});
    return outcome ? outcome->trap : Trap::host_failure;
  }

  Execution& execution_;
  Store store_;
  engine::Linker linker_{store_};
  std::deque<std::vector<uint8_t>> interpreted_;
};

// Everything that a guest can have is a secret to others.
void fill_with_secrets(Instance& instance) {
  auto* const words = reinterpret_cast<uint64_t*>(instance.memory0()->base());
  std::fill_n(words, instance.memory0()->size() / sizeof(uint64_t), kOfOther);
  *instance.globals[kOwnNumber]->cell = kOfOther;
  *instance.globals[kOwnExternref]->cell = kExternref;
  *instance.globals[kOwnFuncref]->cell = reinterpret_cast<uint64_t>(instance.funcs.back());
  runtime::Table& externs = *instance.tables[kExterns];
  for (uint32_t i = 0; i < externs.size(); ++i) {
    ASSERT_EQ(externs.set(i, kExternref + i), Trap::none);
  }
}

void put(const Instance& instance, const Func* func) {
  ASSERT_EQ(instance.tables[kFuncs]->set(0, reinterpret_cast<uint64_t>(func)), Trap::none);
}

// The flags as `xor` of a register with itself leaves them, in the order of the conditions.
constexpr uint8_t kFlagsOfZero[16] = {0, 1, 0, 1, 1, 0, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0};

class Secrets : public ::testing::Test {
 protected:
  Secrets() {
    own_.called_back = &reader_;
    fill_with_secrets(neighbour_);
    fill_with_secrets(stranger_);
    // What the reader was given are secrets by number, not by handle.
    *reader_.globals[kOwnExternref]->cell = kExternref;
    *reader_.globals[kOwnFuncref]->cell = reinterpret_cast<uint64_t>(neighbour_.funcs.back());
    put_externref();
  }
  void put_externref() { ASSERT_EQ(reader_.tables[kExterns]->set(0, kExternref), Trap::none); }

  // Calls it with secrets all around; what the reader could read comes to `seen` in its memory.
  void call(const Instance& instance, const std::string& name, Trap wanted = Trap::none) {
    std::memset(reader_.memory0()->base(), 0, reader_.memory0()->size());
    const Func* func = *engine::find_func(instance, name);
    std::vector<Value> arguments;
    for (size_t i = 0; i < func->params; ++i) arguments.push_back(Value::i64(0));
    plant_on_stack();
    const uint64_t planted = times_planted();
    auto outcome = engine::invoke(execution_, instance, name, arguments);
    ASSERT_TRUE(outcome) << outcome.error().message();
    EXPECT_EQ(trap_name(outcome->trap), trap_name(wanted)) << name;
    EXPECT_GT(times_planted(), planted) << name;
    for (const Value& result : outcome->results) {
      EXPECT_EQ(secret_in(bytes_of(result.slot), reader_), "") << name;
    }
  }
  static ByteSpan bytes_of(const uint64_t& word) {
    return {reinterpret_cast<const uint8_t*>(&word), sizeof word};
  }
  ByteSpan memory() const { return {reader_.memory0()->base(), reader_.memory0()->size()}; }
  void look(const std::string& when) {
    EXPECT_EQ(secret_in(memory(), reader_), "") << when;
    // It did dump: one page of memory is left to read its size from, at the end of the frame.
    EXPECT_TRUE(std::any_of(memory().begin(), memory().end(), [](uint8_t b) { return b != 0; }));
  }
  void read(const std::string& name) {
    call(reader_, name);
    look(name);
  }
  // After something else happened: all that is readable, by a narrow entry and by wider ones.
  void read_all(const std::string& when) {
    for (const char* name : {"entry", "large", "wide"}) {
      call(reader_, name);
      look(name + (" after " + when));
    }
  }

  Execution execution_ = *Execution::create(uint64_t{1} << 20);
  HandModule reader_guest_{0}, neighbour_guest_{kOfOther}, stranger_guest_{kOfOther};
  Surroundings own_{execution_}, other_{execution_};
  Instance& reader_ = own_.add(reader_guest_);
  Instance& neighbour_ = own_.add(neighbour_guest_);  // in the same store
  Instance& stranger_ = other_.add(stranger_guest_);  // in another one, on the same Execution
};

TEST_F(Secrets, ArePlantedAndWouldBeSeen) {
  const Planted planted = plant_and_look();
  EXPECT_EQ(planted.r11, kCanary | 0x0B);
  EXPECT_EQ(planted.xmm15_low, kCanary | 0x1F);
  EXPECT_EQ(planted.xmm15_high, kCanary | 0x3F);
  uint8_t bytes[24] = {};
  EXPECT_EQ(secret_in(bytes, reader_), "");
  const auto host = reinterpret_cast<uint64_t>(&reader_), stack = reinterpret_cast<uint64_t>(bytes);
  const auto entry = reinterpret_cast<uint64_t>(reader_.code->units()[0]->entry(0));
  for (const uint64_t word : {kCanary, kOfOther, host, stack, kCanary >> 32,
                              reinterpret_cast<uint64_t>(neighbour_.code->units()[0]->entry(0)),
                              reinterpret_cast<uint64_t>(reader_.stack->base() - 8),
                              reinterpret_cast<uint64_t>(reader_.memory0()->base()) + 5,
                              reinterpret_cast<uint64_t>(&plant_on_stack)}) {
    std::memcpy(bytes + 3, &word, sizeof word);
    EXPECT_NE(secret_in(bytes, reader_), "") << std::hex << word;
  }
  std::memcpy(bytes + 3, &entry, sizeof entry);
  EXPECT_EQ(secret_in(bytes, reader_), "") << "its own code is no secret";
}

TEST_F(Secrets, AreNotSeenAtAnEntry) {
  for (int again = 0; again < 3; ++again) read_all("an entry");
  EXPECT_NE(reader_.memory0()->base()[kFlags], 0xFF);
}

TEST_F(Secrets, AreNotSeenAfterABuiltin) {
  const uint64_t reads = times_planted();
  for (const wasm::Export& item : reader_.module->module().exports) {
    const std::string name(item.name);
    if (!name.starts_with("after ")) continue;
    read(name);
    EXPECT_EQ(std::memcmp(reader_.memory0()->base() + kFlags, kFlagsOfZero, 16), 0)
        << name << ": flags";
    read_all(name);
  }
  EXPECT_GT(times_planted(), reads + 4 * abi::kBuiltins.size());
}

TEST_F(Secrets, AreNotSeenAfterATrap) {
  const std::pair<const char*, Trap> traps[] = {
      {"trap of ud2", Trap::unreachable},
      {"trap of a fault", Trap::out_of_bounds_memory_access},
      {"trap of a builtin", Trap::out_of_bounds_table_access},
      {"trap of the host", Trap::host_failure},
      {"trap of the stack's end", Trap::call_stack_exhausted}};
  for (const auto& [name, trap] : traps) {
    call(reader_, name, trap);
    read_all(name);
    // A trap in another instance, called from here, and here, called from another.
    put(reader_, *engine::find_func(neighbour_, name));
    call(reader_, "indirect", trap);
    read_all(std::string("a foreign ") + name);
    put(neighbour_, *engine::find_func(reader_, name));
    call(neighbour_, "indirect", trap);
    read_all(std::string(name) + ", called by another");
  }
}

TEST_F(Secrets, OfAnotherInstanceAreNotSeen) {
  for (const char* name : {"stain", "after call_import", "after table_get of an externref"}) {
    // It ran before.
    call(neighbour_, name);
    read_all(std::string("the neighbour's ") + name);
    call(stranger_, name);
    read_all(std::string("the stranger's ") + name);
    // It is called from here.
    put(reader_, *engine::find_func(neighbour_, name));
    read("indirect");
    EXPECT_EQ(std::memcmp(reader_.memory0()->base() + kFlags, kFlagsOfZero, 16), 0) << name;
    read_all(std::string("a call of ") + name);
  }
  // It calls, and this is entered again from the other while it waits for it.
  for (const char* name : {"entry", "large", "indirect"}) {
    put(reader_, *engine::find_func(neighbour_, "stain"));
    put(neighbour_, *engine::find_func(reader_, name));
    call(neighbour_, "indirect");
    look(std::string(name) + ", called by the neighbour");
  }
  put(neighbour_, *engine::find_func(reader_, "large"));
  put(reader_, *engine::find_func(neighbour_, "indirect"));
  read("indirect");
  read_all("a call there and back");
}

TEST_F(Secrets, AreNotSeenWhereTheHostCallsBack) {
  for (Instance* callee : {&reader_, &neighbour_}) {
    own_.called_back = callee;
    read("after a host function that calls back");
    read_all("a host function that calls back");
  }
}

// What is called by the runtime: at its entry, and after it, with code or without.
TEST_F(Secrets, AreNotSeenWhereCodeComesAsItIsNeeded) {
  NeededModule guest;
  Instance& instance = own_.add(guest);
  const MutableByteSpan memory(instance.memory0()->base(), instance.memory0()->size());
  for (const char* name : NeededModule::kNames) {
    std::memset(memory.data(), 0, memory.size());
    plant_on_stack();
    const uint64_t planted = times_planted();
    const auto outcome = engine::invoke(execution_, instance, name, {});
    ASSERT_TRUE(outcome) << outcome.error().message();
    EXPECT_EQ(outcome->trap, Trap::none) << name;
    EXPECT_GT(times_planted(), planted) << name;
    EXPECT_EQ(secret_in(memory, instance), "") << name;
    const bool looked = std::ranges::any_of(memory, [](uint8_t byte) { return byte != 0; });
    EXPECT_EQ(looked, std::string_view(name) != "goes to cold") << name;
  }
}

TEST_F(Secrets, AreNotSeenByWayOfTheInterpreter) {
  for (const char* name : {"entry", "large", "indirect"}) {
    put(reader_, *engine::find_func(own_.add_caller(neighbour_, "stain"), "f"));
    call(own_.add_caller(reader_, name), "f");
    look(std::string(name) + ", called by the interpreter");
  }
  read_all("calls by the interpreter");
}

}  // namespace
}  // namespace cordon::border
