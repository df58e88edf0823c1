// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Compiler: begin and end of a function, and the loop over its body.
#include "core/jit/baseline/compiler.h"

#include <algorithm>
#include <optional>

#include "core/abi/frame.h"
#include "core/base/inline_call.h"
#include "core/jit/baseline/baseline.h"
#include "core/jit/baseline/operands_inl.h"
#include "core/jit/code/append.h"

namespace cordon::jit {

std::unique_ptr<FuncCompiler> baseline_tier(const wasm::Module& module, const abi::ModulePlan& plan,
                                            const FuncOptions& options) {
  return std::make_unique<baseline::Compiler>(module, plan, options);
}

namespace baseline {

namespace {

// Reads unreachable code, up to the `else` or `end` that ends it.
class Skipper {
 public:
#define OP(code, ident, text, imm, feature, kind, effect) \
  void ident(const wasm::immediate::imm& operands) { see(wasm::Op::ident, operands); }
#include "core/wasm/opcodes.def"

  std::optional<wasm::Op> last;  // the one that ended it
  wasm::immediate::Tag tag{};    // of `catch`
  uint32_t loops = 0;

 private:
  template <class Operands>
  void see(wasm::Op op, const Operands& operands) {
    if (op == wasm::Op::loop) ++loops;
    if (blocks_.leaves(op)) last = op;
    if constexpr (std::is_same_v<Operands, wasm::immediate::Tag>) tag = operands;
  }
  wasm::BlockSkipper blocks_;
};

}  // namespace

Compiler::Compiler(const wasm::Module& module, const abi::ModulePlan& plan,
                   const FuncOptions& options)
    : module_(module),
      plan_(plan),
      options_(options),
      shapes_(module),
      masm_(options.target),
      vectors_(masm_),
      locals_(masm_, position_),
      operands_(masm_, locals_, frame_),
      blocks_(module, masm_, locals_, operands_),
      calls_(masm_, locals_, operands_),
      prologue_(options, locals_, frame_),
      loop_entries_(masm_, locals_, operands_, frame_) {
  if (options.lines) masm_.keep_lines();
}

void Compiler::begin_chunk(Chunk& chunk) {
  chunk_ = &chunk;
  masm_.use_pool(chunk.rodata);
  prologue_.use_pool(chunk.rodata);
}

Result<void> Compiler::compile(const wasm::ValidatedFunc& func) {
  assemble(func, abi::frame_counts(func) ? abi::counted_frame(func) : 0);
  // Tail calls give back a frame that has grown since; every one is as large as it counts.
  if (!frame_.is_reliable()) assemble(func, abi::counted_frame(func));
  const uint32_t at = func.body().code.offset;
  if (!masm_.end()) return fail(*masm_.error(), at);
  const uint32_t params_u32 = shapes_[module_.funcs[func.index().value]].params_u32;
  if (!prologue_.assemble(func, params_u32, masm_)) return fail(*prologue_.head().error(), at);
  const uint32_t body = func.index().value - module_.imported_funcs;
  append_function(*chunk_, prologue_.head(), masm_, frame_.size(), body);
  return {};
}

void Compiler::assemble(const wasm::ValidatedFunc& func, uint32_t counted) {
  begin(func, counted);
  body(func);
  finish_body(func.type());
  blocks_.bind_handlers(position_);
  if (options_.loop_entries) loop_entries_.emit(prologue_.stack_trap());
}

void Compiler::begin(const wasm::ValidatedFunc& func, uint32_t counted) {
  CHECK(func.uses() != nullptr);
  operands_.begin();
  frame_.begin(std::max(outgoing_slots(*func.uses()), func.exception_slots()), counted);
  locals_.begin(module_, func, operands_.registers(), frame_);
  const uint32_t caught_at = frame_.add_homes(func.caught_locals());
  masm_.begin(prologue_.begin());
  masm_.at(func.body().code.offset);
  prologue_.add_traps(masm_);
  blocks_.begin(func.type(), func.uses()->loops, caught_at);
  if (options_.loop_entries) {
    loop_entries_.begin(abi::window_slots(func.type(), options_.tail_window),
                        func.body().code.size);
  }
}

// Room for values that calls pass and return in memory.
uint32_t Compiler::outgoing_slots(const wasm::FuncUses& uses) const {
  uint32_t slots = uses.runtime_slots;
  for (const wasm::CallUse& use : uses.called) {
    const wasm::FuncType& type = module_.types[use.type.value];
    slots =
        std::max(slots, use.import ? wasm::import_slots(type)
                                   : std::max(shapes_[use.type].outgoing, options_.tail_window));
  }
  return slots;
}

void Compiler::body(const wasm::ValidatedFunc& func) {
  wasm::ValidatedCursor cursor(module_, func);
  wasm::ValidatedOpReader reader(cursor, module_.features);
  position_.begin(func.body().code.offset, cursor);
  const uint8_t* at = cursor.position();
  const uint8_t* const end = at + func.body().code.size;
  while (at != end) {
    position_.move_to(cursor.offset_of(at));
    masm_.at(position_.offset());
    if (blocks_.dead()) {
      skip_dead_code(reader, cursor);
      at = cursor.position();
    } else {
      CORDON_INLINE_CALL at = reader.next(at, *this);
    }
  }
}

void Compiler::skip_dead_code(wasm::ValidatedOpReader& reader, wasm::ValidatedCursor& cursor) {
  Skipper skipper;
  while (!skipper.last) {
    position_.move_to(cursor.offset());
    reader.next(skipper);
  }
  masm_.at(position_.offset());
  blocks_.skip(skipper.loops);
  switch (*skipper.last) {
    case wasm::Op::else_: return blocks_.start_else();
    case wasm::Op::catch_: return catch_(skipper.tag);
    case wasm::Op::catch_all: return catch_all({});
    default: return blocks_.end();
  }
}

void Compiler::finish_body(const wasm::FuncType& type) {
  if (!blocks_.finish()) return;
  const bool in_register = type.results.size() == 1 && abi::has_register(type.results[0]);
  if (!type.results.empty() && !in_register) return_results(type);
  const bool int_result = !type.results.empty() && type.results[0] == ValType::i32;
  masm_.epilogue(frame_.size(), int_result ? bit(masm::kResult) : 0);
}

// Several results are in their slots, a single one is in its register: those that the convention
// passes in memory move to the caller's outgoing area.
void Compiler::return_results(const wasm::FuncType& type) {
  const ValType first = type.results[0];
  if (type.results.size() == 1) {
    return masm_.store(size_of<FReg>(first), frame_.incoming(0), ClassOf<FReg>::kResult);
  }
  uint32_t from = frame_.operand(0, wasm::slots_of(type.results));
  abi::ResultPlaces places;
  const uint32_t in_memory = abi::first_in_memory(type.results);
  for (uint32_t i = 0; i < type.results.size(); ++i) {
    const ValType result = type.results[i];
    if (i >= in_memory) {
      copy_slots(masm_, result, from, frame_.incoming(places.next(result)));
    } else {
      with_class(result,
                 [&]<class R>() { masm_.load(size_of<R>(result), ClassOf<R>::kResult, from); });
    }
    from += abi::slot_bytes(abi::slots_of(result));
  }
}

// The rows that make half of all instructions.

CORDON_INLINE void Compiler::local_get(const wasm::immediate::Local& operands) {
  operands_.push_local(operands.local.value);
}

CORDON_INLINE void Compiler::i32_const(const wasm::immediate::I32& operands) {
  operands_.push_const(ValType::i32, static_cast<uint32_t>(operands.value));
}

}  // namespace baseline
}  // namespace cordon::jit
