// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// FuncValidator: one pass over a body that types it (spec §3.3 and the appendix "Validation
// Algorithm"), builds its side table and sums its fuel. A visitor of decode_op: rows with a fixed
// signature are typed from opcodes.def, CONTROL rows by hand in validate_func.cc, and those that
// open, close and leave blocks in validate_control.cc, validate_exceptions.cc and
// validate_tail_calls.cc. validate_bodies makes one a thread; its arrays are reused, so that a
// function allocates nothing.
#pragma once

#include <algorithm>
#include <memory>
#include <span>
#include <vector>

#include "core/wasm/control_stack.h"
#include "core/wasm/cursor.h"
#include "core/wasm/decode_op.h"
#include "core/wasm/func_uses.h"
#include "core/wasm/module.h"
#include "core/wasm/operand_types.h"
#include "core/wasm/side_table.h"
#include "core/wasm/slot_types.h"
#include "core/wasm/validated.h"

namespace cordon::wasm {

// One virtual call a body starts the pass, so that a compiler's variant can record uses as well
// (validate_uses.cc).
class FuncValidator {
 public:
  using Maker = std::unique_ptr<FuncValidator> (*)(const Module& module,
                                                   const SlotTypes& slot_types,
                                                   const std::vector<bool>& declared);
  // A Maker: a validator that does what a run needs, and records no uses. Same conditions as the
  // constructor.
  static std::unique_ptr<FuncValidator> make(const Module& module, const SlotTypes& slot_types,
                                             const std::vector<bool>& declared);
  // `slot_types` is of `module`; `declared` has for each function whether ref.func may name it in a
  // body (C.refs, spec §3.1.1). All outlive this. All of `module` except its bodies is validated.
  FuncValidator(const Module& module, const SlotTypes& slot_types,
                const std::vector<bool>& declared);
  virtual ~FuncValidator() = default;

  // Validates body `index` and appends its side table to `entries` and its moves of vectors to
  // vector_moves(); the caller sets the function's spans of both. After an error both hold a
  // part.
  virtual Result<ValidatedFunc> validate(uint32_t index, std::vector<SideEntry>& entries);
  // The moves of all functions since the caller last emptied the vector.
  std::vector<uint32_t>& vector_moves() { return vector_moves_; }
  // The uses of the functions since the last call, if this validator records them.
  virtual UsePool take_uses() { return {}; }

 protected:
  friend OpReader;

  template <class Visitor>
  Result<ValidatedFunc> validate_by(Visitor& visitor, uint32_t index,
                                    std::vector<SideEntry>& entries);
  void body_begins() {}
  void body_ends() {}
  // The current instruction has opened a loop, whose parameters are on the stack.
  virtual void loop_opened() {}

  // A list of branch entries that wait for one target. Until it is known, their pc_delta holds the
  // owner's offset and their side_delta the next entry of the list.
  struct Pending {
    static constexpr int32_t kNone = -1;
    int32_t first = kNone, last = kNone;
  };

  struct Block : ControlFrame {
    bool unreachable = false;  // from here to the block's end or `else`
    bool dead = false;         // opened in unreachable code: its side entries remain zero
    uint32_t floor = 0;        // height of the operand stack below its parameters
    uint32_t start = 0;        // offset after the block type, or after a catch
    uint32_t entry = 0;        // Loop, If, TryTable: its (first) side entry
    uint32_t owner = 0;        // TryTable: its offset; Catch, CatchAll: number of those around it
    uint32_t try_begin = 0, try_end = 0;  // Catch, CatchAll: the range they catch from
    uint32_t outer_fuel = 0;              // Loop: the sum around it
    Pending pending;                      // branches to after its end
  };

#define CONTROL(code, ident, text, imm, feature, kind, effect) \
  void ident(const immediate::imm& operands);
#define FIXED(code, ident, text, imm, sig, feature, kind, effect) \
  void ident(const immediate::imm& operands) {                    \
    if (refers_to_known(operands)) apply<parse_signature(sig)>(); \
  }
#define PURE(code, ident, text, sig, feature, kind, effect) \
  void ident(const immediate::None&) { apply<parse_signature(sig)>(); }
#define LOAD(code, ident, text, type, memory, feature)                                     \
  void ident(const immediate::MemArg& operands) {                                          \
    if (accesses_memory(operands, sizeof(memory))) apply<load_signature(ValType::type)>(); \
  }
#define STORE(code, ident, text, type, memory, feature)                                     \
  void ident(const immediate::MemArg& operands) {                                           \
    if (accesses_memory(operands, sizeof(memory))) apply<store_signature(ValType::type)>(); \
  }
#define VECTOR(code, ident, text, sig, feature, kind, effect) \
  PURE(code, ident, text, sig, feature, kind, effect)
#define VECTOR_LOAD(code, ident, text, memory, feature) \
  LOAD(code, ident, text, v128, memory, feature)
#define VECTOR_STORE(code, ident, text, memory, feature) \
  STORE(code, ident, text, v128, memory, feature)
#define LANE(code, ident, text, lanes, sig, feature, kind, effect)    \
  void ident(const immediate::Lane& operands) {                       \
    if (is_lane(operands.lane, lanes)) apply<parse_signature(sig)>(); \
  }
#define LANE_LOAD(code, ident, text, memory, feature)                            \
  void ident(const immediate::MemArgLane& operands) {                            \
    if (accesses_lane(operands, sizeof(memory))) apply<lane_load_signature()>(); \
  }
#define LANE_STORE(code, ident, text, memory, feature)                                    \
  void ident(const immediate::MemArgLane& operands) {                                     \
    if (accesses_lane(operands, sizeof(memory))) apply<store_signature(ValType::v128)>(); \
  }
#include "core/wasm/opcodes.def"

  // Index spaces: false, with the error recorded, if what the immediates name does not exist.
  bool refers_to_known(const immediate::I32&) { return true; }
  bool refers_to_known(const immediate::I64&) { return true; }
  bool refers_to_known(const immediate::F32&) { return true; }
  bool refers_to_known(const immediate::F64&) { return true; }
  bool refers_to_known(const immediate::V128&) { return true; }
  bool refers_to_known(const immediate::Shuffle& operands);
  bool refers_to_known(const immediate::Memory& operands) { return has_memory(operands.memory); }
  bool refers_to_known(const immediate::MemoryCopy& operands) {
    return has_memory(operands.to) && has_memory(operands.from);
  }
  bool refers_to_known(const immediate::MemoryInit& operands);
  bool refers_to_known(const immediate::Data& operands);
  bool refers_to_known(const immediate::Table& operands) { return has_table(operands.table); }
  bool refers_to_known(const immediate::Elem& operands);
  bool refers_to_known(const immediate::TableInit& operands);
  bool refers_to_known(const immediate::TableCopy& operands);
  [[gnu::always_inline]] bool accesses_memory(const immediate::MemArg& operands, size_t width) {
    if (has_memory_ && (size_t{1} << std::min(operands.align, 8U)) <= width) [[likely]]
      return true;
    return refuse_access(operands, width);
  }
  bool refuse_access(const immediate::MemArg& operands, size_t width);
  bool is_lane(uint32_t lane, uint32_t lanes);
  bool accesses_lane(const immediate::MemArgLane& operands, size_t width) {
    return accesses_memory(operands.access, width) &&
           is_lane(operands.lane, static_cast<uint32_t>(sizeof(V128) / width));
  }
  bool has_memory(MemoryIdx memory);
  bool has_table(TableIdx table);
  bool has_local(LocalIdx local);
  bool has_global(GlobalIdx global);

  // Operands.
  template <Signature kSignature>
  void apply() {
    constexpr static SlotSignature kSlots = in_slots(kSignature);
    if constexpr (wasm::has_vectors(kSignature)) has_vectors_ = true;
    if (operands_.try_apply<kSlots>()) [[likely]]
      return;
    apply_slowly(kSlots.param_types(), kSlots.result_types());
  }
  void apply(TypeIdx type);
  void apply_slowly(std::span<const ValType> params, std::span<const ValType> results);
  bool pop(std::span<const ValType> types);
  // One slot; pop_value() and push_value() one value.
  bool pop(ValType type);
  bool pop_value(ValType type);
  void push_value(ValType type);
  [[gnu::noinline]] void vector_move();
  [[gnu::cold, gnu::noinline]] void mismatch(std::span<const ValType> expected);
  [[gnu::cold, gnu::noinline]] void else_is_missing(std::span<const ValType> params,
                                                    std::span<const ValType> results);

  // Blocks and branches.
  bool begin_block(Block& block);
  bool open_block(BlockKind kind, const BlockType& type);
  void close_innermost();
  void close_loop(const Block& block);
  void end_body();
  void leave();
  Block* target_of(LabelIdx label);
  uint32_t add_entry();
  void branch(Block& target);
  void wait(Pending& pending, uint32_t entry, uint32_t keep, uint32_t drop);
  void splice(Pending& into, const Pending& from);
  void land(const Pending& pending, uint32_t offset);
  void fix(BranchEntry& entry, uint32_t index, uint32_t owner, uint32_t offset, uint32_t next);

  void begin(uint32_t index, TypeIdx type);
  // Exceptions (validate_exceptions.cc).
  bool has_tag(TagIdx tag);
  bool clause(const immediate::Catch& clause);
  void note_exception(std::span<const ValType> slots, bool has_ref);
  void catch_part(BlockKind kind, std::span<const ValType> payload);
  void handle(uint32_t begin, uint32_t end, uint32_t owner, uint32_t entry);
  uint32_t caught_local(const Block& block);
  void close_try(const Block& block);

  void note_call(uint32_t slots);
  bool calls_by_table(const immediate::CallIndirect& operands);
  void tail_call(TypeIdx type);
  Failure error_of(const FuncBody& body) const;
  // Never inlined, so that building an error's text costs valid instructions nothing.
  [[gnu::cold, gnu::noinline]] void refuse(const DiagnosticKind& kind, std::string detail = {});
  [[gnu::cold, gnu::noinline]] void refuse_index(const DiagnosticKind& kind, uint32_t index);
  void too_many_operands();

  const Module& module_;
  const SlotTypes& slot_types_;
  const std::vector<bool>& declared_;
  const bool has_memory_;
  Cursor cursor_;
  OpReader reader_;
  OperandTypes operands_;
  std::vector<ValType> locals_;
  uint32_t local_slots_ = 0;
  ControlStack<Block> blocks_;
  std::vector<SideEntry>* entries_ = nullptr;
  size_t first_entry_ = 0;                  // of the current function, in entries_
  std::vector<SideEntry> handlers_;         // of the current function, so far
  uint32_t catches_ = 0, catch_depth_ = 0;  // open legacy catch blocks: now, and at most
  std::vector<uint32_t> vector_moves_;
  uint32_t op_offset_ = 0;  // of the current instruction
  uint32_t fuel_ = 0;       // of the innermost loop, or of the body, so far
  uint32_t loops_ = 0;
  bool calls_ = false, has_vectors_ = false;
  uint32_t call_slots_ = 0, tail_slots_ = 0, exception_slots_ = 0;
  bool live_ = true;  // whether the current instruction is reachable
};

}  // namespace cordon::wasm
