// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Store: owns everything that instances are made of (spec §4.2.2) and keeps it as long as itself.
// For one thread.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include "core/runtime/exceptions.h"
#include "core/runtime/func_pool.h"
#include "core/runtime/func_types.h"
#include "core/runtime/instance.h"
#include "core/wasm/limits.h"

namespace cordon::runtime {

// The limits of one store ([L1]).
struct StoreLimits {
  uint64_t max_memory_pages = wasm::kMaxMemoryPages;  // of each memory
  bool growth_fails = false;  // beyond it memory.grow gives -1; else the run ends
  uint64_t max_table_elements = wasm::kMaxTableElements;  // of all tables together
  uint64_t max_externrefs = uint64_t{1} << 20;            // different ones that hosts hand over
  uint64_t max_exception_bytes = uint64_t{64} << 20;      // of all that are alive
};

// Pointers that it gives out are valid as long as the store.
class Store {
 public:
  // Empty. Limits do not change afterwards.
  explicit Store(StoreLimits limits = {})
      : limits_(limits),
        table_budget_{limits.max_table_elements},
        exceptions_(limits.max_exception_bytes) {}
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;
  ~Store() = default;

  const StoreLimits& limits() const { return limits_; }

  // The number of `type`: the one it has already, or a new one.
  TypeId intern(const wasm::FuncType& type) { return types_.intern(type); }
  // REQUIRES: `id` came from intern() of this store.
  const wasm::FuncType& type(TypeId id) const { return types_[id]; }

  // Converts a value of the embedder's to a slot of `type`: the upper half of an i32 or f32 is
  // cleared, a function must be of this store, a new externref must have room under the limit. The
  // trap is the reason of a refusal, and `slot` is unchanged then.
  Trap take_in(wasm::ValType type, uint64_t& slot);

  // Whether `address` is that of a function of this store. Dereferences nothing.
  bool has_func(const void* address) const { return funcs_.has(address); }
  // Whether `what` is a thing of this store.
  bool owns(const Extern& what) const;

  // `fn` is called with `env`, which must outlive the store.
  Func* add_host_func(const wasm::FuncType& type, HostFn fn, void* env);
  // `instance` must have its type_ids.
  Func* add_func(const wasm::ValidatedFunc& code, Instance& instance);
  Result<Memory*> add_memory(wasm::MemoryType type);
  // Initial values are the embedder's, and converted by take_in().
  Result<Table*> add_table(wasm::TableType type, uint64_t init = 0);
  Result<Global*> add_global(wasm::GlobalType type, uint64_t value);
  Global* add_global(wasm::GlobalType type, wasm::V128 value);
  // One whose cell is elsewhere, in an instance's context.
  Global* add_global(wasm::GlobalType type, uint64_t* cell);
  // `type` has no results.
  Tag* add_tag(const wasm::FuncType& type, std::string_view name = {}, uint32_t index = 0);
  Instance& add_instance(std::shared_ptr<const wasm::ValidatedModule> module);

  // A new exception with a copy of the payload, tag.slots() slots; null if those that live are too
  // many ([L1]). The values of `execution` end at `top`. References of the
  // payload are roots: they are below `top` or, as handles, in a native frame.
  Exception* make_exception(const Execution& execution, const Tag& tag, const uint64_t* payload,
                            const uint64_t* top);
  void release(const Exception& exception) { exceptions_.release(exception); }
  // The exception of a slot; null if it is not a live one.
  Exception* find_exception(uint64_t slot) const {
    return exceptions_.has(slot) ? reinterpret_cast<Exception*>(slot) : nullptr;
  }
  size_t living_exceptions() const { return exceptions_.count(); }

  // Whether no native code has a frame on the stack of any instance, as is so between calls.
  bool is_at_rest() const;

  // Bytes of all linear memories together, now; and whether growth ever met an embedder's limit or
  // the kernel's.
  uint64_t memory_bytes() const;
  bool hit_memory_limit() const;
  bool hit_table_limit() const { return table_budget_.hit_limit; }

 private:
  friend class Running;
  void collect_exceptions(const Execution& execution, const uint64_t* top);
  Roots roots_of_exceptions(const Execution& execution, const uint64_t* top) const;
  Func& new_func(TypeId type);
  Result<void> check_value(wasm::ValType type, uint64_t& slot);
  // Where a body can run: Func::pc and Func::last.
  void place_body(Func& func, ByteSpan module);

  StoreLimits limits_;
  TableBudget table_budget_;
  FuncTypes types_;
  FuncPool funcs_;
  std::unordered_set<uint64_t> externrefs_;  // handed over so far
  std::vector<std::unique_ptr<uint8_t[]>> copied_bodies_;
  std::vector<std::unique_ptr<Memory>> memories_;
  std::vector<std::unique_ptr<Table>> tables_;
  std::deque<Global> globals_;
  std::deque<wasm::V128> cells_;
  std::deque<Instance> instances_;
  std::deque<Tag> tags_;
  Exceptions exceptions_;
  std::vector<const Execution*> running_;  // interpreted code of this store, the innermost last
};

// During its life, an execution runs interpreted code of a store.
class Running {
 public:
  // Both outlive this. Ends in the reverse order of its begin.
  Running(Store& store, const Execution& execution) : running_(store.running_) {
    running_.push_back(&execution);
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  ~Running() { running_.pop_back(); }

 private:
  std::vector<const Execution*>& running_;
};

}  // namespace cordon::runtime
