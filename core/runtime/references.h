// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// References: the references that an instance with native code was given, as a list of capabilities
// [R1]. Native code holds a reference as a handle, an index in this list; the runtime holds it as a
// slot (the address of a Func, or the embedder's own number of an externref) that native code never
// sees. Code that passes a value between the two translates it: builtins, entry.cc.
//
//     handles of functions:    0 null | 1 ... the module's function index space | what came later
//     handles of externrefs:   0 null | 1 ... in the order in which they came
//     handles of exceptions:   0 null | kFirstException ... in the order in which they came
//
// A function comes by a table, a global, an argument or a result. A host function that the
// instance does not import and was not handed, or a function of an instance that failed, is in no
// list and so has no handle. An entry stays as long as the instance; that of an exception as long
// as the exception, which lives while a slot of a native frame holds its handle (store.cc). No
// handle of an exception is ever given twice, so none that was kept names another one.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <unordered_map>
#include <vector>

#include "core/wasm/types.h"

namespace cordon::runtime {

struct Func;
struct Instance;

// For one thread. Grows with the number of different references that reach the instance; for
// externrefs StoreLimits bounds it, and exceptions of which the instance has a handle are among
// those that live.
class References {
 public:
  // `instance` owns this.
  explicit References(const Instance& instance) : instance_(instance) {}

  // The handle of a function of the instance's index space.
  static constexpr uint64_t handle_of_func(uint32_t index) { return uint64_t{index} + 1; }
  // The handle of a reference (a slot) that reaches the instance.
  uint64_t give(wasm::ValType type, uint64_t reference);
  // The reference of a handle, as a slot; nothing if the instance was never given one.
  std::optional<uint64_t> named(wasm::ValType type, uint64_t handle) const;

  // Whether a collection of exceptions has anything to look for in the frames of the instance.
  bool has_exceptions() const { return !exceptions_.by_handle.empty(); }
  // The exception, as a slot, of which `word` is the handle; 0 if it is none.
  uint64_t exception_of(uint64_t word) const;
  // The handles of exceptions that are not alive any more go.
  void keep_exceptions(const std::function<bool(uint64_t)>& is_alive);

  // So high that hardly a number in a frame is taken for a handle.
  static constexpr uint64_t kFirstException = uint64_t{1} << 62;

 private:
  // References beyond the index space, each once.
  struct List {
    std::vector<uint64_t> references;
    std::unordered_map<uint64_t, uint64_t> places;

    uint64_t place_of(uint64_t reference);
  };

  // References that go again. A handle is one more than the last.
  struct PassingList {
    std::unordered_map<uint64_t, uint64_t> by_handle, by_reference;
    uint64_t next = kFirstException;

    uint64_t handle_of(uint64_t reference);
  };

  const Instance& instance_;
  List funcs_, externs_;
  PassingList exceptions_;
};

}  // namespace cordon::runtime
