// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/runtime/exceptions.h"

#include <algorithm>

namespace cordon::runtime {

// Each is marked once and its payload scanned once, however deep the references between them go.
void Exceptions::collect(const Roots& roots) {
  std::vector<std::span<const uint64_t>> unscanned = roots;
  while (!unscanned.empty()) {
    const std::span<const uint64_t> slots = unscanned.back();
    unscanned.pop_back();
    for (const uint64_t slot : slots) {
      const auto found = slot == 0 ? alive_.end() : alive_.find(slot);
      if (found == alive_.end() || found->second->marked) continue;
      found->second->marked = true;
      unscanned.push_back(found->second->slots());
    }
  }
  std::erase_if(alive_, [this](auto& each) {
    Exception& exception = *each.second;
    if (exception.marked) return exception.marked = false;
    bytes_ -= bytes_of(exception.tag->slots());
    return true;
  });
  threshold_ = std::max(kLeastThreshold, 2 * alive_.size());
}

Exception* Exceptions::make(const Tag& tag, const uint64_t* payload) {
  const uint64_t bytes = bytes_of(tag.slots());
  if (bytes > max_bytes_ - std::min(bytes_, max_bytes_)) return nullptr;
  auto exception = std::make_unique<Exception>();
  exception->tag = &tag;
  exception->payload = std::make_unique_for_overwrite<uint64_t[]>(tag.slots());
  std::copy_n(payload, tag.slots(), exception->payload.get());
  Exception* const made = exception.get();
  alive_.emplace(reinterpret_cast<uint64_t>(made), std::move(exception));
  bytes_ += bytes;
  return made;
}

void Exceptions::release(const Exception& exception) {
  bytes_ -= bytes_of(exception.tag->slots());
  alive_.erase(reinterpret_cast<uint64_t>(&exception));
}

}  // namespace cordon::runtime
