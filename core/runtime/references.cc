// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/runtime/references.h"

#include "core/runtime/exceptions.h"
#include "core/runtime/instance.h"

namespace cordon::runtime {
namespace {

bool is_exception(wasm::ValType type) { return wasm::heap_of(type) == wasm::HeapKind::exn; }

}  // namespace

uint64_t References::List::place_of(uint64_t reference) {
  const auto [found, added] = places.try_emplace(reference, references.size());
  if (added) references.push_back(reference);
  return found->second;
}

uint64_t References::PassingList::handle_of(uint64_t reference) {
  const auto [found, added] = by_reference.try_emplace(reference, next);
  if (added) by_handle.emplace(next++, reference);
  return found->second;
}

uint64_t References::exception_of(uint64_t word) const {
  if (word < kFirstException || word >= exceptions_.next) return 0;
  const auto found = exceptions_.by_handle.find(word);
  return found != exceptions_.by_handle.end() ? found->second : 0;
}

void References::keep_exceptions(const std::function<bool(uint64_t)>& is_alive) {
  std::erase_if(exceptions_.by_handle, [&](const auto& each) { return !is_alive(each.second); });
  std::erase_if(exceptions_.by_reference, [&](const auto& each) { return !is_alive(each.first); });
}

uint64_t References::give(wasm::ValType type, uint64_t reference) {
  if (reference == 0) return 0;
  if (is_exception(type)) {
    // It is not freed where it is caught.
    reinterpret_cast<Exception*>(reference)->escaped = true;
    return exceptions_.handle_of(reference);
  }
  if (type == wasm::ValType::externref) return externs_.place_of(reference) + 1;
  const auto* func = reinterpret_cast<const Func*>(reference);
  if (func->instance == &instance_) return handle_of_func(func->index);
  return funcs_.place_of(reference) + instance_.funcs.size() + 1;
}

std::optional<uint64_t> References::named(wasm::ValType type, uint64_t handle) const {
  if (handle == 0) return 0;
  if (is_exception(type)) {
    const uint64_t exception = exception_of(handle);
    return exception != 0 ? std::optional(exception) : std::nullopt;
  }
  uint64_t place = handle - 1;
  const List& list = type == wasm::ValType::externref ? externs_ : funcs_;
  if (type != wasm::ValType::externref) {
    const size_t own = instance_.funcs.size();
    if (place < own) return reinterpret_cast<uint64_t>(instance_.funcs[place]);
    place -= own;
  }
  if (place >= list.references.size()) return std::nullopt;
  return list.references[place];
}

}  // namespace cordon::runtime
