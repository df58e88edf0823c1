// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "fuzz/oracle/accepted/program.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <memory>
#include <optional>
#include <span>

#include "fuzz/oracle/accepted/breach.h"
#include "fuzz/oracle/accepted/members.h"
#include "fuzz/oracle/watch.h"

namespace cordon::fuzz::accepted {
namespace {

constexpr size_t kCanaryWords = 64;
constexpr uint32_t kMostCalls = 7;
constexpr size_t kOftenWritten = 16384;  // of a memory: words and dumps
constexpr size_t kPage = 4096;

std::span<const uint64_t> slots_of(const runtime::Global& global) {
  return {global.cell, wasm::slots_of(global.type.value)};
}

uint64_t address_of(const void* what) { return reinterpret_cast<uint64_t>(what); }

class Program {
 public:
  Program(const ProgramShape& program, runtime::Execution& execution, Tally& tally)
      : program_(program),
        execution_(execution),
        tally_(tally),
        store_(config_of(program).store),
        groups_(store_),
        host_(store_, execution, groups_, secrets_),
        loader_(program, members_, store_, execution, host_, groups_, secrets_) {}

  End run(Choices& choices, std::string& why);

 private:
  // The parts of one instance that must not change.
  struct Constants {
    std::vector<uint8_t> context;
    std::vector<uint64_t> globals;  // immutable ones
  };
  static Constants constants_of(const runtime::Instance& instance);
  // A hash of memory, numeric globals, and all tables and references of one instance.
  static uint64_t state_of(const runtime::Instance& instance);

  void put_guesses(Choices& choices);
  [[gnu::noinline]] bool call_once(Choices& choices);
  uint32_t groups_reached_from(uint8_t group) const;
  void check_all() const;
  void check_references(const runtime::Instance& instance) const;
  void check_secrets(const runtime::Instance& instance, size_t most) const;
  void check_stacks() const;

  const ProgramShape& program_;
  runtime::Execution& execution_;
  Tally& tally_;
  const Canaries canaries_{kCanaryWords};
  std::deque<Member> members_;  // destroyed after the store
  runtime::Store store_;
  Groups groups_;
  Secrets secrets_;
  Host host_;
  Members loader_;
  std::vector<Constants> constants_;  // of groups_.members()
};

Program::Constants Program::constants_of(const runtime::Instance& instance) {
  Constants constants;
  if (instance.code != nullptr) constants.context = frozen_part(instance);
  for (const runtime::Global* global : instance.globals) {
    if (!global->type.is_mutable) constants.globals.push_back(*global->cell);
  }
  return constants;
}

uint64_t Program::state_of(const runtime::Instance& instance) {
  uint64_t state = 0;
  const auto mix = [&state](uint64_t word) {
    state = (std::rotl(state, 7) ^ word) * 0x9E3779B97F4A7C15;
  };
  if (const runtime::Memory* memory = instance.memory0()) {
    for (const uint8_t* page : touched_pages(memory->base(), memory->size())) {
      for (size_t at = 0; at < kPage; at += 8) {
        uint64_t word;
        std::memcpy(&word, page + at, sizeof word);
        if (word == 0) continue;  // so that a page is touched without a change
        mix(address_of(page + at));
        mix(word);
      }
    }
  }
  for (const runtime::Global* global : instance.globals) {
    for (const uint64_t slot : slots_of(*global)) mix(slot);
  }
  for (const runtime::Table* table : instance.tables) {
    mix(table->size());
    for (uint32_t i = 0; i < table->size(); ++i) mix(table->elements()[i]);
  }
  return state;
}

// Addresses that a lucky attacker might guess: of functions, exact and slightly wrong, and of what
// is around them.
void Program::put_guesses(Choices& choices) {
  secrets_.give_up();
  std::vector<uint64_t> guesses;
  for (const runtime::Instance* instance : groups_.members()) {
    for (const runtime::Func* func : instance->funcs) guesses.push_back(address_of(func));
    guesses.push_back(address_of(&instance->context->get()));
    guesses.push_back(address_of(instance->tables[0]->elements()));
  }
  for (const runtime::Func* func : host_.hidden()) guesses.push_back(address_of(func));
  guesses.push_back(address_of(canaries_.block(0)));
  constexpr int64_t kAround[] = {
      0, 0, 0, 8, -8, 64, sizeof(runtime::Func), -int64_t{sizeof(runtime::Func)}};
  for (const Member& member : members_) {
    if (member.instance == nullptr || member.instance->memory0() == nullptr) continue;
    uint8_t* const to = member.instance->memory0()->at(kGuessesAt, 8 * kGuesses);
    for (uint32_t i = 0; i < kGuesses && to != nullptr; ++i) {
      const uint64_t guess = choices.of(guesses) + static_cast<uint64_t>(choices.of(kAround));
      std::memcpy(to + 8 * i, &guess, sizeof guess);
    }
  }
}

// Groups whose state a call into `group` may change: calls reach every module from which a function
// was imported.
uint32_t Program::groups_reached_from(uint8_t group) const {
  uint32_t reached = uint32_t{1} << group, before = 0;
  while (reached != before) {
    before = reached;
    for (const runtime::Instance* instance : groups_.members()) {
      if ((reached >> groups_.group_of(*instance) & 1) == 0) continue;
      for (const runtime::Func* func : instance->funcs) {
        if (!func->is_host()) reached |= uint32_t{1} << groups_.group_of(*func->instance);
      }
    }
  }
  return reached;
}

void Program::check_references(const runtime::Instance& instance) const {
  const uint8_t group = groups_.group_of(instance);
  for (const runtime::Table* table : instance.tables) {
    for (uint32_t i = 0; i < table->size(); ++i) {
      groups_.check(group, table->type().element, table->elements()[i], "a table");
    }
  }
  for (const runtime::Global* global : instance.globals) {
    const wasm::ValType type = global->type.value;
    if (wasm::is_ref(type)) {
      groups_.check(group, type, *global->cell, "a global");
    } else if (type == wasm::ValType::i64 || type == wasm::ValType::v128) {
      for (const uint64_t slot : slots_of(*global)) secrets_.check(slot, "a global");
    } else if (type != wasm::ValType::f64 && *global->cell >> 32 != 0) {
      breach("a cell of 32 bits with an upper half");
    }
  }
}

void Program::check_secrets(const runtime::Instance& instance, size_t most) const {
  const runtime::Memory* memory = instance.memory0();
  if (memory == nullptr) return;
  for (const uint8_t* page :
       touched_pages(memory->base(), std::min<size_t>(memory->size(), most))) {
    secrets_.check(page, kPage, "a guest's memory");
  }
}

void Program::check_all() const {
  if (!canaries_.alive()) breach("a canary changed");
  const auto& members = groups_.members();
  for (size_t i = 0; i < constants_.size(); ++i) {
    const Constants now = constants_of(*members[i]);
    if (now.context != constants_[i].context) breach("the fixed part of a context changed");
    if (now.globals != constants_[i].globals) breach("an immutable global changed");
  }
  for (const runtime::Instance* instance : members) {
    check_references(*instance);
    check_secrets(*instance, kOftenWritten);
  }
}

void Program::check_stacks() const {
  for (const runtime::Instance* instance : groups_.members()) {
    if (!instance->stack) continue;
    if (!is_clean_below(*instance)) breach("something was written far below the stack's limit");
    const uint8_t* const lowest = instance->stack->lowest();
    const auto size = static_cast<size_t>(instance->stack->base() - lowest);
    for (const uint8_t* page : touched_pages(lowest, size)) {
      secrets_.check(page, kPage, "a guest's stack");
    }
  }
}

// Makes one call from outside, and checks its effects. Whether it returned.
bool Program::call_once(Choices& choices) {
  std::vector<const Member*> callable;
  for (const Member& member : members_) {
    const bool is_called = member.shape.role == Role::Party || member.shape.role == Role::Loner;
    if (member.instance != nullptr && is_called) callable.push_back(&member);
  }
  if (callable.empty()) return true;
  const Member& member = *choices.of(callable);
  const uint32_t own = member.instance->module->module().imported_funcs +
                       choices.below(static_cast<uint32_t>(member.shape.funcs.size()));
  runtime::Func& func = *member.instance->funcs[own];
  const uint32_t reached = groups_reached_from(member.shape.group);
  std::vector<std::pair<const runtime::Instance*, uint64_t>> others;
  for (const runtime::Instance* instance : groups_.members()) {
    if ((reached >> groups_.group_of(*instance) & 1) != 0) continue;
    others.emplace_back(instance, state_of(*instance));
  }
  constexpr int64_t kFuels[] = {300, 50, 5, 3000};
  execution_.fuel = program_.fuel ? choices.of(kFuels) : runtime::Execution::kUnlimitedFuel;
  const HostStack stack(__builtin_frame_address(0));
  const Trap trap = host_.invoke(func, member.shape.group);
  if (!stack.unchanged()) breach("the host's stack changed");
  for (const auto& [instance, state] : others) {
    if (state_of(*instance) != state) breach("an instance changed that the call could not reach");
  }
  check_all();
  ++tally_.calls;
  ++tally_.traps[static_cast<size_t>(trap)];
  return trap == Trap::none;
}

End Program::run(Choices& choices, std::string& why) {
  auto parts = static_cast<uint32_t>(program_.modules.size()) + 1;
  End end = End::Returned;
  for (const ModuleShape& shape : program_.modules) {
    host_.hide_funcs();
    Choices part = choices.share(parts--);
    if (!loader_.add(shape, part, tally_, end, why)) return end;
  }
  for (const runtime::Instance* instance : groups_.members()) {
    constants_.push_back(constants_of(*instance));
  }
  if (program_.guesses) put_guesses(choices);
  check_all();
  const uint32_t calls = 1 + choices.below(kMostCalls);
  for (uint32_t i = 0; i < calls; ++i) {
    if (!call_once(choices)) end = End::Trapped;
  }
  for (const runtime::Instance* instance : groups_.members()) check_secrets(*instance, SIZE_MAX);
  check_stacks();
  tally_.host_calls += host_.calls();
  return end;
}

}  // namespace

End run_program(ByteSpan input, runtime::Execution& execution, Tally& tally, std::string& why) {
  Choices choices(input);
  const ProgramShape program = draw_program_shape(choices);
  return std::make_unique<Program>(program, execution, tally)->run(choices, why);
}

bool is_honest(ByteSpan input) {
  Choices choices(input);
  return draw_program_shape(choices).wild == 0;
}

}  // namespace cordon::fuzz::accepted
