// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Records: a list for what assembler and compilers record in great numbers, in one piece of memory
// that is kept from function to function. Unlike a vector's push_back, add() never takes a record's
// address, so that its fields go from registers straight to memory: a copy through the stack would
// make its wide load wait for the narrow stores.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <new>
#include <type_traits>
#include <utility>

namespace cordon::emit {

// Grows, and keeps its memory until its destructor. References and pointers into it are valid until
// the next add() or add_some(). Indices are not checked.
template <class Record>
class Records {
  static_assert(std::is_trivially_copyable_v<Record>);

 public:
  Records() = default;
  // The source is empty afterwards.
  Records(Records&& other) noexcept
      : begin_(std::exchange(other.begin_, nullptr)),
        end_(std::exchange(other.end_, nullptr)),
        limit_(std::exchange(other.limit_, nullptr)) {}
  Records& operator=(Records&&) = delete;
  Records(const Records&) = delete;
  Records& operator=(const Records&) = delete;
  // Frees the memory; the records have no destructors.
  ~Records() { ::operator delete(begin_); }

  // Appends a copy, in amortized constant time.
  [[gnu::always_inline]] void add(Record record) {
    if (end_ == limit_) [[unlikely]]
      grow();
    *end_++ = record;
  }
  // Adds `count` records and returns the first; the caller writes all of them.
  Record* add_some(size_t count) {
    if (static_cast<size_t>(limit_ - end_) < count) grow(count);
    Record* const first = end_;
    end_ += count;
    return first;
  }
  void clear() { end_ = begin_; }
  bool empty() const { return end_ == begin_; }
  size_t size() const { return static_cast<size_t>(end_ - begin_); }
  Record& operator[](size_t index) { return begin_[index]; }
  const Record& operator[](size_t index) const { return begin_[index]; }
  Record& back() { return end_[-1]; }
  void pop_back() { --end_; }
  Record* begin() const { return begin_; }
  Record* end() const { return end_; }

 private:
  [[gnu::noinline, gnu::cold]] void grow(size_t more = 1) {
    const size_t used = size(), room = std::max<size_t>({64, 2 * used, used + more});
    // [L1] If there is no memory, the process's new handler reports it. Not realloc(): glibc grows
    // a large block by mremap(2), which the jail forbids ([J2]).
    auto* memory = static_cast<Record*>(::operator new(room * sizeof(Record)));
    if (used != 0) std::memcpy(memory, begin_, used * sizeof(Record));
    ::operator delete(begin_);
    begin_ = memory;
    end_ = memory + used;
    limit_ = memory + room;
  }

  Record* begin_ = nullptr;
  Record* end_ = nullptr;
  Record* limit_ = nullptr;
};

}  // namespace cordon::emit
