// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "fuzz/oracle/accepted/members.h"

#include "core/engine/code_source.h"
#include "fuzz/gen/accepted/interpreted.h"
#include "fuzz/gen/accepted/native.h"

namespace cordon::fuzz::accepted {
namespace {

constexpr int64_t kFuel = 300;
constexpr uint64_t kMaxPages = 3;

class Source : public engine::CodeSource {
 public:
  Source(const ProgramShape& program, const ModuleShape& shape, Choices& choices)
      : program_(program), shape_(shape), choices_(choices) {}

  Result<void> code_of(const wasm::ValidatedModule& module, bool, engine::CodeSink& sink) override {
    const NativeCode code = native_code(program_, shape_, module.module(), choices_);
    dared = code.dared;
    return sink.take(TRY(SealedFile::of_bytes(code.blob, "accepted")));
  }
  bool dared = false;

 private:
  const ProgramShape& program_;
  const ModuleShape& shape_;
  Choices& choices_;
};

}  // namespace

engine::Config config_of(const ProgramShape& program) {
  engine::Config config;
  config.store = {.max_memory_pages = kMaxPages, .max_table_elements = kMaxTableElements};
  if (program.fuel) config.fuel = kFuel;
  return config;
}

Members::Members(const ProgramShape& program, std::deque<Member>& all, runtime::Store& store,
                 runtime::Execution& execution, Host& host, Groups& groups, Secrets& secrets)
    : program_(program),
      all_(all),
      store_(store),
      execution_(execution),
      host_(host),
      groups_(groups),
      secrets_(secrets) {}

bool Members::add(const ModuleShape& shape, Choices& choices, Tally& tally, End& end,
                  std::string& why) {
  Member& member = all_.emplace_back(Member{shape, module_bytes(shape), {}, nullptr});
  bool dared = false;
  if (!load(member, choices, dared, why)) {
    end = dared ? End::Unloaded : End::Refused;
    return false;
  }
  if (dared) ++tally.dares_accepted;
  ++tally.instances;
  if (member.loaded.code != nullptr) {
    ++tally.native_instances;
    secrets_.allow(member.loaded.code->room());
  }
  if (instantiate(member, why)) return true;
  end = End::Refused;
  return false;
}

bool Members::load(Member& member, Choices& choices, bool& dared, std::string& why) {
  engine::Config config = config_of(program_);
  Source source(program_, member.shape, choices);
  if (member.shape.native) {
    config.engine = engine::Engine::Jit;
    config.code_source = &source;
  } else {
    const auto plain = wasm::decode_module(member.bytes);
    if (plain) {
      member.bytes = module_bytes(member.shape, interpreted_bodies(member.shape, *plain, choices));
    }
  }
  auto loaded = engine::load(member.bytes, config);
  dared = source.dared;
  if (!loaded) {
    why = member.shape.name + ": " + loaded.error().message();
    return false;
  }
  member.loaded = std::move(*loaded);
  return true;
}

// Gives out the embedder's own references, so that not all tables of them are empty.
void Members::hand_out_externs(const runtime::Instance& instance) {
  for (runtime::Table* table : instance.tables) {
    if (table->type().element != wasm::ValType::externref) continue;
    for (uint32_t i = 0; i < table->size(); ++i) {
      uint64_t slot =
          groups_.reference(groups_.group_of(instance), wasm::ValType::externref, i * 6);
      if (store_.take_in(wasm::ValType::externref, slot) == Trap::none) (void)table->set(i, slot);
    }
  }
}

// An instance whose active parts trap counts as a member of its group, since its functions may be
// in shared tables by then; but no module imports from it and no call from outside goes to it.
bool Members::instantiate(Member& member, std::string& why) {
  execution_.fuel = config_of(program_).fuel;
  const auto imports = host_.linker().resolve(member.loaded.module->module());
  groups_.announce(*member.loaded.module, member.shape.group,
                   imports.value_or(std::vector<runtime::Extern>()));
  const auto made = engine::instantiate(store_, member.loaded, host_.linker(), execution_);
  if (!made) {
    groups_.forget(*member.loaded.module);
    why = member.shape.name + ": " + made.error().message();
    one_failed_ |= member.shape.role == Role::Doomed;
    return one_failed_;
  }
  groups_.add(*made->instance);
  hand_out_externs(*made->instance);
  if (made->trap != Trap::none) {
    one_failed_ = true;
    return true;
  }
  host_.linker().define_instance(member.shape.name, *made->instance);
  member.instance = made->instance;
  return true;
}

}  // namespace cordon::fuzz::accepted
