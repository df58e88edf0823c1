// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/runtime/code/space.h"

#include <sys/mman.h>

#include <algorithm>
#include <cerrno>

#include "core/base/check.h"
#include "core/runtime/diagnostics.h"

namespace cordon::runtime {

// [R2] The guest may learn the address of its own code (a return address on its stack), so this
// address reveals nothing about any other.
Result<std::shared_ptr<CodeSpace>> CodeSpace::create(
    std::shared_ptr<const wasm::ValidatedModule> module, uint64_t size) {
  CHECK(size % abi::kCodePage == 0 && size <= abi::kMaxCodeSpace);
  Mapping room;
  if (size > 0) room = TRY(Mapping::reserve_apart(size));
  return std::shared_ptr<CodeSpace>(new CodeSpace(std::move(module), std::move(room)));
}

Result<void> CodeSpace::publish(verify::VerifiedCode code, const SealedFile& file) {
  CHECK(code.bytes().data() == file.bytes().data() && code.bytes().size() == file.bytes().size());
  const std::lock_guard guard(lock_);
  TRY_VOID(check_next(code));
  has_failed_ = true;  // unless mapping succeeds
  const uint8_t* const base = TRY(map(code.blob(), file));
  has_failed_ = false;
  const bool is_last = code.standing().is_last;
  owned_.emplace_back(new CodeUnit(std::move(code), base));
  units_.add(*owned_.back());
  if (is_last) is_complete_.store(true, std::memory_order_release);
  return {};
}

// The pieces that this one may call are those before it in its series, at their places.
Result<void> CodeSpace::check_next(const verify::VerifiedCode& code) const {
  const verify::Standing& next = code.standing();
  if (has_failed_) return fail(diag::code_refused, kNoOffset, "mapping a piece before it failed");
  if (next.module != &module()) return fail(diag::code_refused, kNoOffset, "of another module");
  if (!owned_.empty() && next.series != owned_[0]->standing().series) {
    return fail(diag::code_refused, kNoOffset, "of another verification");
  }
  if (next.number != owned_.size()) {
    return fail(diag::code_refused, kNoOffset,
                "piece " + std::to_string(next.number) + " in the place of piece " +
                    std::to_string(owned_.size()));
  }
  const uint64_t begin = code.blob().place.code_base, end = begin + code.blob().extent();
  if (end > room_.size()) return fail(diag::code_refused, kNoOffset, "not in its room");
  const bool is_over_other = std::ranges::any_of(owned_, [&](const auto& unit) {
    const uint64_t other = offset_of(unit->mapping().data());
    return begin < other + unit->mapping().size() && other < end;
  });
  if (is_over_other) return fail(diag::code_refused, kNoOffset, "over other code");
  return {};
}

// One mapping for both parts of a piece, so that they keep their distance; then the data loses the
// right to be executed. That is the only mprotect here, and it only removes a right.
Result<const uint8_t*> CodeSpace::map(const abi::CodeBlob& blob, const SealedFile& file) const {
  uint8_t* const at = room_.base() + blob.place.code_base;
  if (blob.extent() == 0) return at;
  // [W1] [W2] Sealed, as SealedFile guarantees; shared, so that it is the sealed pages themselves.
  const void* mapped = mmap(at, blob.extent(), PROT_READ | PROT_EXEC, MAP_SHARED | MAP_FIXED,
                            file.fd(), static_cast<off_t>(blob.code_at));
  if (mapped == MAP_FAILED) return fail_os("mmap of machine code", errno);
  const uint64_t data_at = blob.rodata_at - blob.code_at;
  CHECK(data_at >= blob.code.size() && data_at % abi::kCodePage == 0);
  if (data_at < blob.extent() && mprotect(at + data_at, blob.extent() - data_at, PROT_READ) != 0) {
    return fail_os("mprotect of read-only data", errno);
  }
  return at;
}

abi::BlobOptions CodeSpace::options() const {
  abi::BlobOptions all;
  for (const CodeUnit* unit : units()) {
    all.fuel = unit->options().fuel;
    all.as_needed = unit->options().as_needed;
    all.cpu_features |= unit->options().cpu_features;
  }
  return all;
}

}  // namespace cordon::runtime
