// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// ValidatedModule: a module that passed validation (spec §3), with what validation learned of each
// function. Only validate_module makes one; interpreter and compilers take nothing else.
//
// Fuel is counted in wasm instructions, charged ahead so that a run can be stopped without counting
// each one: entering a function charges the instructions of its body that are in no loop, and each
// round of a loop (the first included) charges its instructions that are in no inner loop. Every
// opcode counts 1, `end` and `else` count 0; `loop` itself is outside of the loop it opens. Bulk
// instructions charge more at run time.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "core/wasm/func_uses.h"
#include "core/wasm/module.h"
#include "core/wasm/side_table.h"

namespace cordon::wasm {

// One function with a body. All that it points to belongs to its ValidatedModule.
class ValidatedFunc {
 public:
  FuncIdx index() const { return index_; }
  // References into the Module, which live as long as the ValidatedModule.
  const FuncType& type() const { return *type_; }
  const FuncBody& body() const { return *body_; }
  std::span<const SideEntry> side_table() const { return side_table_; }
  // The HandlerEntry entries, which come last.
  std::span<const SideEntry> handlers() const { return side_table_.last(handlers_); }
  // Whether it can meet a v128: as a local, a result, an operand, or in a call's type.
  bool has_vectors() const { return has_vectors_; }
  // Offsets in the module of the instructions that move a v128 without saying so in their opcode:
  // drop, select, those of locals and of globals. In their order.
  std::span<const uint32_t> vector_moves() const { return vector_moves_; }
  // All in slots of 8 bytes. Locals are parameters and declared ones; if one of them is a v128,
  // each counts two slots (docs/decisions/vectors.md). They are followed by those that hold the
  // exceptions of legacy `catch` blocks, one for each nesting depth of these.
  uint32_t locals() const { return locals_; }
  uint32_t max_operands() const { return max_operands_; }
  // Whether it calls anything, and the most slots that one of its calls passes through memory
  // (call_slots()), no less than the module's tail_window(). Tail calls do not count.
  bool calls() const { return calls_; }
  uint32_t call_slots() const { return call_slots_; }
  // Slots of the largest exception that it throws or catches: its payload, and the reference if
  // that is given.
  uint32_t exception_slots() const { return exceptions_.slots; }
  // How many of its locals hold what legacy `catch` blocks have caught.
  uint32_t caught_locals() const { return exceptions_.caught_locals; }
  uint32_t entry_fuel() const { return entry_fuel_; }
  uint32_t loops() const { return loops_; }
  // Null unless validate_module_with_uses() made this.
  const FuncUses* uses() const { return uses_; }

 private:
  friend class FuncValidator;
  friend class BodiesValidator;
  ValidatedFunc() = default;
  FuncIdx index_;
  const FuncType* type_ = nullptr;
  const FuncBody* body_ = nullptr;
  std::span<const SideEntry> side_table_;
  std::span<const uint32_t> vector_moves_;
  const FuncUses* uses_ = nullptr;
  uint32_t locals_ = 0, max_operands_ = 0, call_slots_ = 0, tail_slots_ = 0, entry_fuel_ = 0,
           loops_ = 0, handlers_ = 0;
  struct {
    uint32_t slots = 0, caught_locals = 0;
  } exceptions_;
  bool calls_ = false, has_vectors_ = false;
};

// Owns the Module and all that validation added. It never changes, so threads may share it.
class ValidatedModule {
 public:
  const Module& module() const { return module_; }
  // The functions with a body: funcs()[i] is function module().imported_funcs + i.
  std::span<const ValidatedFunc> funcs() const { return funcs_; }
  // The most slots that a tail call of the module passes through memory (call_slots()), 0 without
  // one. Each caller of a function of the module leaves room for as many, whatever the function
  // itself takes, so it can hand its call over to any other (docs/decisions/tail-calls.md).
  uint32_t tail_window() const { return tail_window_; }

 private:
  friend class ModuleValidator;
  explicit ValidatedModule(Module module) : module_(std::move(module)) {}
  Module module_;
  std::vector<ValidatedFunc> funcs_;
  uint32_t tail_window_ = 0;
  // Pools that funcs_ points into.
  std::vector<std::vector<SideEntry>> side_tables_;
  std::vector<std::vector<uint32_t>> vector_moves_;
  std::vector<UsePool> uses_;
};

// The first error in the order of the bytes, whatever `threads` (at least 1) is; but a body that is
// malformed after an invalid instruction is reported as malformed. Bodies are validated on at most
// that many threads, this one included; with 1 no thread is started.
Result<std::unique_ptr<const ValidatedModule>> validate_module(Module module, unsigned threads = 1);
// The same for a compiler, which needs no pass of its own: every function has its uses(). A module
// that needs a feature that the compiler lacks is refused as not_compiled.
Result<std::unique_ptr<const ValidatedModule>> validate_module_with_uses(Module module,
                                                                         unsigned threads = 1);

}  // namespace cordon::wasm
