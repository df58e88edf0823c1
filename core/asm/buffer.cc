// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The slow paths of CodeBuffer: growth, failure, patches. Every write is checked against the bytes
// that exist ([E1]).
#include "core/asm/buffer.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "core/base/checked.h"

namespace cordon::emit {

namespace {
constexpr uint32_t kFirstCapacity = 4096;
}

CodeBuffer::CodeBuffer(uint32_t max_size) : max_size_(std::min(max_size, kMaxSize)), owned_(true) {}

CodeBuffer::CodeBuffer(MutableByteSpan storage)
    : cursor_(storage.data()), begin_(storage.data()), owned_(false) {
  capacity_ = static_cast<uint32_t>(std::min<size_t>(storage.size(), kMaxSize));
  max_size_ = capacity_;
  end_ = begin_ + capacity_;
}

CodeBuffer::CodeBuffer(CodeBuffer&& other) noexcept
    : cursor_(std::exchange(other.cursor_, nullptr)),
      end_(std::exchange(other.end_, nullptr)),
      begin_(std::exchange(other.begin_, nullptr)),
      error_(other.error_),
      capacity_(std::exchange(other.capacity_, 0)),
      max_size_(std::exchange(other.max_size_, 0)),
      owned_(other.owned_) {}

CodeBuffer::~CodeBuffer() {
  if (owned_) std::free(begin_);
}

uint8_t* CodeBuffer::make_room(uint32_t size) {
  if (error_ != nullptr) return nullptr;
  const uint32_t used = offset();
  if (!range_fits(used, size, max_size_)) {  // [E1]
    fail(diag::code_too_large);
    return nullptr;
  }
  if (!range_fits(used, size, capacity_)) {
    const uint64_t wanted = std::max<uint64_t>({kFirstCapacity, 2ull * capacity_, used + size});
    const auto capacity = static_cast<uint32_t>(std::min<uint64_t>(wanted, max_size_));
    // Not realloc(): glibc grows a large block by mremap(2), which the jail forbids ([J2]).
    auto* memory = static_cast<uint8_t*>(std::malloc(capacity));
    if (memory == nullptr) {
      fail(diag::code_out_of_memory);
      return nullptr;
    }
    if (used != 0) std::memcpy(memory, begin_, used);
    std::free(begin_);
    begin_ = memory;
    cursor_ = memory + used;
    capacity_ = capacity;
    end_ = memory + capacity;
  }
  return cursor_;
}

void CodeBuffer::append(ByteSpan bytes) {
  if (bytes.size() > kMaxSize) return fail(diag::code_too_large);
  if (bytes.empty()) return;
  uint8_t* to = make_room(static_cast<uint32_t>(bytes.size()));
  if (to == nullptr) return;
  std::memcpy(to, bytes.data(), bytes.size());
  commit(to + bytes.size());
}

void CodeBuffer::patch8(uint32_t field, uint8_t value) {
  if (!range_fits(field, 1, offset())) return fail(diag::patch_out_of_range);  // [E1]
  begin_[field] = value;
}

void CodeBuffer::patch32(uint32_t field, uint32_t value) {
  if (!range_fits(field, 4, offset())) return fail(diag::patch_out_of_range);  // [E1]
  std::memcpy(begin_ + field, &value, sizeof value);
}

void CodeBuffer::patch_bits(uint32_t field, unsigned low, unsigned bits, uint32_t value) {
  uint32_t word;
  if (!range_fits(field, sizeof word, offset())) return fail(diag::patch_out_of_range);  // [E1]
  const uint32_t mask = ((uint32_t{1} << bits) - 1) << low;
  std::memcpy(&word, begin_ + field, sizeof word);
  word = (word & ~mask) | (value << low & mask);
  std::memcpy(begin_ + field, &word, sizeof word);
}

void CodeBuffer::fail(const DiagnosticKind& kind) {
  if (error_ == nullptr) error_ = &kind;
  end_ = cursor_;
}

void CodeBuffer::reset() {
  cursor_ = begin_;
  end_ = begin_ + capacity_;
  error_ = nullptr;
}

}  // namespace cordon::emit
