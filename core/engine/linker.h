// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Linker: the definitions that a module may import, by module and field name, and the matching of
// imports against them (spec §4.5.4). One linker serves one store.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/runtime/store.h"

namespace cordon::engine {

// Holds the definitions; the store or the host owns what they define.
class Linker {
 public:
  // The store outlives this, and every definition is of this store.
  explicit Linker(runtime::Store& store) : store_(store) {}

  // Each of these replaces an earlier definition of the same names.
  void define(std::string_view module, std::string_view name, runtime::Extern what);
  // A host function; `env` must live as long as the store.
  void define_func(std::string_view module, std::string_view name, const wasm::FuncType& type,
                   runtime::HostFn fn, void* env);
  // All exports of `instance`.
  void define_instance(std::string_view module, const runtime::Instance& instance);

  // Whether this linker was made for `store`; instantiate() refuses any other.
  bool serves(const runtime::Store& store) const { return &store == &store_; }

  // Null if there is none.
  const runtime::Extern* find(std::string_view module, std::string_view name) const;

  // The definition for each import of `module`, in their order. The first that is missing or does
  // not match is refused with a message that has both names, the expected type and the type found.
  Result<std::vector<runtime::Extern>> resolve(const wasm::Module& module) const;

 private:
  using Fields = std::map<std::string, runtime::Extern, std::less<>>;
  runtime::Store& store_;
  std::map<std::string, Fields, std::less<>> modules_;
};

}  // namespace cordon::engine
