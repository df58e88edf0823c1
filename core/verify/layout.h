// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Layout: all that the pass must know of the module and of the functions that have code, looked up
// in constant or logarithmic time. Computed from the validated module, core/abi and nothing else.
#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "core/abi/convention.h"
#include "core/abi/frame.h"
#include "core/abi/slot.h"
#include "core/abi/vmctx.h"
#include "core/base/diagnostic.h"
#include "core/verify/isa.h"
#include "core/wasm/module.h"

namespace cordon::verify {

// One 4-byte word of the instance context.
struct ContextWord {
  enum class Kind : uint8_t {
    Closed,   // not for code, or not the first word of its field
    Field,    // loads and stores as `access` says, of `width` bytes
    Fuel,     // charges only
    Builtin,  // calls only; `index` is an abi::Builtin
    Table,    // of funcref; the sequence of call_indirect only
    TypeId,   // the same
  };
  Kind kind = Kind::Closed;
  uint8_t width = 0;
  abi::Access access = abi::Access::Host;
  uint32_t index = 0;  // of the builtin, the table or the type
};

// The parameters and results of a call of a function of this type.
struct TypeFacts {
  RegSet params_u32 = 0;  // registers that hold an i32 parameter
  RegSet result_u32 = 0;  // the result's, if it is an i32
  uint32_t slots = 0;     // of the caller's frame: further results and stack parameters
  uint32_t results = 0;   // the same number for the same results
};

// What the first two of abi::kBuiltinParams hold, where it is known, and abi::kForeignFunc.
using Constants = std::array<std::optional<uint32_t>, 3>;
inline constexpr size_t kConstantParams = 2;
inline constexpr uint8_t kConstantRegisters[] = {abi::kBuiltinParams[0], abi::kBuiltinParams[1],
                                                 abi::kForeignFunc};

class Layout {  // for one thread; const methods allocate nothing
 public:
  // Validated, with this ValidatedModule::tail_window(); outlives this.
  explicit Layout(const wasm::Module& module, uint32_t tail_window);
  // The functions of the module's next piece, which from now on may be called. REQUIRES: its place
  // and the numbers of its bodies were checked.
  void add(const abi::CodeBlob& blob);

  const wasm::Module& module() const { return *module_; }  // as given
  // The starts of the functions so far in the code space, and of the next piece.
  const std::vector<uint32_t>& starts() const { return starts_; }
  uint64_t end() const { return end_; }
  // Whether the code space begins with a table of entries.
  bool in_pieces() const { return table_size_ != 0; }
  bool is_slot(uint64_t offset) const { return offset < table_size_; }
  // REQUIRES: a body of the module.
  bool has_code(uint32_t body) const { return has_code_[body]; }
  bool has_memory() const { return !module_->memories.empty(); }

  // The word at any displacement from the start of the context.
  ContextWord word(int64_t disp) const {
    if (disp < 0 || disp % 4 != 0 || static_cast<uint64_t>(disp / 4) >= words_.size()) return {};
    return words_[static_cast<size_t>(disp / 4)];
  }
  const TypeFacts& type(uint32_t index) const { return types_[index]; }
  // Slots that a caller of such a function leaves above the return address.
  uint32_t window(const TypeFacts& type) const { return std::max(type.slots, tail_window_); }
  // The type of a function of the module's index space.
  const TypeFacts& type_of(uint32_t function) const {
    return types_[module_->funcs[function].value];
  }
  // The body that begins at this offset of the code space or has its slot there, or null. Only
  // after add().
  const TypeFacts* entry_at(uint64_t offset) const;
  // [B1] The first rule that this call of a builtin breaks, or null (arguments.cc).
  const DiagnosticKind* broken_by_call(abi::Builtin builtin, const Constants& constants, RegSet u32,
                                       uint32_t frame_size) const;

 private:
  void add_word(uint32_t offset, ContextWord word) { words_[offset / 4] = word; }
  void lay_out_context();

  const wasm::Module* module_;
  uint32_t tail_window_;
  std::vector<ContextWord> words_;
  std::vector<TypeFacts> types_;
  std::vector<uint32_t> starts_, bodies_;  // of each function so far
  std::vector<bool> has_code_;             // by body
  uint64_t table_size_ = 0;                // of the table of entries, if there is one
  uint64_t end_ = 0;
};

}  // namespace cordon::verify
