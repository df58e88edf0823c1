// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "fuzz/oracle/watch.h"

#include <pthread.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstring>

#include "core/abi/module_plan.h"
#include "core/base/check.h"

namespace cordon::fuzz {
namespace {

constexpr uint64_t kPattern = 0xC0FF'EE00'DEAD'BEEF;

// One past the highest address of this thread's stack. Read once, since it comes from /proc.
const uint8_t* end_of_stack() {
  thread_local const uint8_t* const end = [] {
    pthread_attr_t attributes;
    void* base = nullptr;
    size_t size = 0;
    CHECK(pthread_getattr_np(pthread_self(), &attributes) == 0);
    CHECK(pthread_attr_getstack(&attributes, &base, &size) == 0);
    pthread_attr_destroy(&attributes);
    return static_cast<const uint8_t*>(base) + size;
  }();
  return end;
}

}  // namespace

Canaries::Canaries(size_t words) {
  for (auto& each : blocks_) each.assign(words, kPattern);
}

bool Canaries::alive() const {
  return std::all_of(std::begin(blocks_), std::end(blocks_), [](const auto& block) {
    return std::all_of(block.begin(), block.end(), [](uint64_t word) { return word == kPattern; });
  });
}

std::vector<uint8_t> frozen_part(const runtime::Instance& instance) {
  abi::VmContext copy = instance.context->get();
  copy.fuel = 0;
  copy.memory_size = copy.memory_pages = 0;
  copy.exit_stack = copy.guest_stack = copy.stack_limit = 0;
  copy.execution = nullptr;
  std::vector<uint8_t> out(sizeof copy);
  std::memcpy(out.data(), &copy, sizeof copy);
  const abi::ModulePlan plan(instance.module->module());
  const auto* bytes = reinterpret_cast<const uint8_t*>(&instance.context->get());
  out.insert(out.end(), bytes + sizeof copy, bytes + plan.global(0));
  return out;
}

HostStack::HostStack(const void* frame) : begin_(static_cast<const uint8_t*>(frame)) {
  then_.resize(static_cast<size_t>(end_of_stack() - begin_));
  copy();
}

__attribute__((no_sanitize("address"))) bool HostStack::unchanged() const {
  size_t same = 0;
  while (same < then_.size() && begin_[same] == then_[same]) ++same;
  return same == then_.size();
}

__attribute__((no_sanitize("address"))) void HostStack::copy() {
  for (size_t i = 0; i < then_.size(); ++i) then_[i] = begin_[i];
}

std::vector<const uint8_t*> touched_pages(const uint8_t* from, size_t size) {
  std::vector<unsigned char> in_core(size / kHostPage);
  std::vector<const uint8_t*> pages;
  CHECK(mincore(const_cast<uint8_t*>(from), size, in_core.data()) == 0);
  for (size_t i = 0; i < in_core.size(); ++i) {
    if ((in_core[i] & 1) != 0) pages.push_back(from + i * kHostPage);
  }
  return pages;
}

bool is_clean_below(const runtime::Instance& instance) {
  constexpr size_t kUnasked = 2 * kHostPage;
  if (!instance.stack) return true;
  const auto pages =
      touched_pages(instance.stack->lowest(), runtime::GuestStack::kHeadroom - kUnasked);
  return std::all_of(pages.begin(), pages.end(), [](const uint8_t* page) {
    return std::all_of(page, page + kHostPage, [](uint8_t byte) { return byte == 0; });
  });
}

}  // namespace cordon::fuzz
