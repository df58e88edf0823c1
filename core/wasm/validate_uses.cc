// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// UseValidator: FuncValidator that also records what each function uses (func_uses.h). In a file of
// its own, so that a program without a compiler does not link it.
#include "core/wasm/call_slots.h"
#include "core/wasm/feature_needs.h"
#include "core/wasm/func_uses.h"
#include "core/wasm/validate_func_inl.h"
#include "core/wasm/validate_module.h"

namespace cordon::wasm {

namespace {

// Each row hides the one of FuncValidator and records the effects in its column. If a body is
// refused, its notes are not used.
class EffectValidator : public FuncValidator {
 protected:
  EffectValidator(const Module& module, const SlotTypes& slot_types,
                  const std::vector<bool>& declared)
      : FuncValidator(module, slot_types, declared), notes_(module.types.size()) {}

#define OP(code, ident, text, imm, feature, kind, effect)               \
  [[gnu::always_inline]] void ident(const immediate::imm& operands) {   \
    FuncValidator::ident(operands);                                     \
    constexpr Effects kEffects(effect);                                 \
    if constexpr (kEffects.has(Effect::Branches)) notes_.branch();      \
    if constexpr (kEffects.has(Effect::Runtime)) notes_.call_runtime(); \
  }
#include "core/wasm/opcodes.def"

  UseNotes notes_;
};

// Adds the rows of which more is recorded; they use indices, which may be out of range.
class UseValidator final : public EffectValidator {
 public:
  UseValidator(const Module& module, const SlotTypes& slot_types, const std::vector<bool>& declared)
      : EffectValidator(module, slot_types, declared) {}

  Result<ValidatedFunc> validate(uint32_t index, std::vector<SideEntry>& entries) override {
    return validate_by(*this, index, entries);
  }
  UsePool take_uses() override { return notes_.take(); }

 private:
  friend FuncValidator;
  friend OpReader;

  void body_begins() { notes_.begin(static_cast<uint32_t>(locals_.size())); }
  void body_ends() { notes_.end(); }

  void local_get(const immediate::Local& operands) {
    if (!has_local(operands.local)) return;
    push_value(locals_[operands.local.value]);
    notes_.read(operands.local.value, cursor_.offset() - 1);
  }
  void local_set(const immediate::Local& operands) {
    FuncValidator::local_set(operands);
    if (cursor_.ok()) notes_.write(operands.local.value);
  }
  void local_tee(const immediate::Local& operands) {
    FuncValidator::local_tee(operands);
    if (cursor_.ok()) notes_.write(operands.local.value);
  }

  void loop(const immediate::Block& operands) {
    FuncValidator::loop(operands);
    notes_.open_loop(op_offset_);
  }
  void end(const immediate::None& operands) {
    const Block block = blocks_.innermost();
    FuncValidator::end(operands);
    if (block.kind != BlockKind::Loop) return;
    // A loop that cannot be reached has no side entry, and no code either.
    notes_.close_loop(op_offset_, block.dead ? 0 : (*entries_)[block.entry].loop.fuel);
  }

  // From anywhere in such a block control may go on after it: what is set there for the first time
  // may be read unset, and must have its home.
  void try_table(const immediate::TryTable& operands) {
    FuncValidator::try_table(operands);
    note_try();
  }
  void try_(const immediate::Block& operands) {
    FuncValidator::try_(operands);
    note_try();
  }
  void note_try() {
    notes_.branch();
    notes_.call_runtime();
  }

  void call(const immediate::Func& operands) {
    FuncValidator::call(operands);
    if (!cursor_.ok()) return;
    notes_.call(module_.funcs[operands.func.value], operands.func.value < module_.imported_funcs);
  }
  void call_indirect(const immediate::CallIndirect& operands) {
    FuncValidator::call_indirect(operands);
    if (cursor_.ok()) notes_.call(operands.type, false);
  }

  void global_get(const immediate::Global& operands) {
    FuncValidator::global_get(operands);
    note_global(operands.global);
  }
  void global_set(const immediate::Global& operands) {
    FuncValidator::global_set(operands);
    note_global(operands.global);
  }
  void note_global(GlobalIdx global) {
    if (cursor_.ok() && module_.is_left_to_runtime(global)) {
      notes_.call_runtime(runtime_slots(module_, global));
    }
  }
};

std::unique_ptr<FuncValidator> make(const Module& module, const SlotTypes& slot_types,
                                    const std::vector<bool>& declared) {
  return std::make_unique<UseValidator>(module, slot_types, declared);
}

}  // namespace

// Features that the compiler lacks are refused here, so it never meets them.
Result<std::unique_ptr<const ValidatedModule>> validate_module_with_uses(Module module,
                                                                         unsigned threads) {
  const ByteSpan bytes = module.bytes();
  const Features features = module.features, compiled = features & Features::compiled();
  Result<Module> known = features == compiled ? std::move(module) : decode_module(bytes, compiled);
  if (!known) return Failure(why_not_compiled(bytes, features, std::move(known).error()));
  auto validated = ModuleValidator(*std::move(known), make).validate(threads);
  if (validated) return validated;
  return Failure(why_not_compiled(bytes, features, std::move(validated).error()));
}

}  // namespace cordon::wasm
