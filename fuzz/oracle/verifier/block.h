// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Block: runs one block of accepted code at a time, from a function's entry or a leader to the next
// leader, return or trap, and checks every step. Calls are not followed: the callee's possible
// effects are applied to registers and slots, and the block continues. Used by Emulator.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/abi/code_blob.h"
#include "fuzz/oracle/verifier/code_map.h"
#include "fuzz/oracle/verifier/processor.h"
#include "fuzz/oracle/verifier/world.h"

namespace cordon::fuzz::emulated {

class Block {
 public:
  // All outlive this.
  Block(Processor& processor, const World& world, const CodeMap& map, const abi::CodeBlob& blob,
        Random& random);
  ~Block();
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;

  // Enters a function at some distance from the stack limit, by its first byte or at a loop; or at
  // one of its leaders with the claimed facts. Returns the broken rule, or an empty text.
  std::string enter_function(uint32_t func);
  std::string enter_at_loop(uint32_t func, const abi::LoopEntry& entry);
  std::string enter(uint32_t func, const abi::Leader& leader);
  uint64_t instructions() const { return instructions_; }

 private:
  // How a run of the processor ends: in a call from which it returns, or for good.
  enum class End : uint8_t { None, Call, Done, Broken };

  // Before a run
  void choose(uint32_t func);
  void choose_limit();
  void set_registers(uint32_t u32, uint64_t rsp);
  void fill_frame();
  std::string go(uint64_t pc);

  // Hooks
  static void on_code(uc_engine*, uint64_t pc, uint32_t, void* self);
  static void on_access(uc_engine*, uc_mem_type type, uint64_t address, int size, int64_t value,
                        void* self);
  static bool on_no_memory(uc_engine*, uc_mem_type type, uint64_t address, int size, int64_t value,
                           void* self);
  static void on_interrupt(uc_engine*, uint32_t number, void* self);
  static bool on_no_instruction(uc_engine*, void* self);

  // At each instruction (block.cc)
  void step(uint64_t pc);
  void arrive(uint64_t offset, const Registers& registers);
  void look_ahead(const Registers& registers);
  void returns(uint64_t pc, const Registers& registers);
  void trap();
  void count_bits(Registers registers);
  // Continues after an instruction that the emulator lacks.
  void go_on();
  bool is_in_function(uint64_t offset) const {
    return offset >= func_->offset && offset < func_->next();
  }
  // Whether a jump there is a tail call.
  bool is_elsewhere(uint64_t offset) const {
    return !is_in_function(offset) || offset == func_->offset;
  }

  // Accesses (accesses.cc)
  void vector(Registers registers);
  void access(bool writes, uint64_t address, uint64_t bytes, uint64_t value);
  void stack_access(bool writes, uint64_t address, uint64_t bytes);
  void heap_access(uint64_t address, uint64_t bytes);
  void word_access(bool writes, uint64_t address, uint64_t bytes, uint64_t value);

  // Calls (calls.cc)
  void call(uint64_t target, const Registers& registers);
  void call_type(const wasm::FuncType& type, const Registers& registers);
  void call_builtin(abi::Builtin builtin, const Registers& registers);
  const char* broken_constant(char letter, uint64_t value, std::optional<uint32_t> table) const;
  void come_back(uint32_t u32, uint32_t slots);
  const wasm::FuncType* function_at(uint64_t target) const;
  void check_arguments(const wasm::FuncType& type, const Registers& registers);
  void tail_call(uint64_t target, const Registers& registers);
  const wasm::FuncType* own_function(uint64_t number) const;
  const wasm::FuncType* tail_callee(uint64_t target, const Registers& registers) const;

  void check_claims(const abi::Leader& leader, const Registers& registers);
  void check_secrets(const Registers& registers, uint32_t but = 0);
  // Whether the frame was checked against the limit.
  bool stack_is_checked() const;
  void must(bool holds, const char* otherwise);
  void finish(End end);

  Processor& processor_;
  const World& world_;
  const CodeMap& map_;
  const abi::CodeBlob& blob_;
  Random& random_;
  std::vector<uc_hook> hooks_;

  // The current function, and the position in it
  const abi::BlobFunc* func_ = nullptr;
  const wasm::FuncType* type_ = nullptr;
  uint64_t return_at_ = 0;             // address of the return address
  uint64_t limit_ = 0;                 // the lowest permitted stack pointer
  uint64_t state_slots_ = 0;           // above the window, that may be read
  uint64_t now_ = 0, resume_ = 0;      // offsets: of the current instruction; after a call
  const Instruction* insn_ = nullptr;  // at now_; null at the start of a run of the processor
  bool came_back_ = false;             // from a call, or an unsupported instruction
  End end_ = End::None;
  std::string broken_;
  uint64_t instructions_ = 0;
};

}  // namespace cordon::fuzz::emulated
