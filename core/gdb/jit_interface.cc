// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "core/gdb/jit_interface.h"

#include <mutex>
#include <utility>

#define FOR_GDB __attribute__((weak, used, visibility("default")))

extern "C" {
FOR_GDB jit_descriptor __jit_debug_descriptor = {1, 0, nullptr, nullptr};
FOR_GDB __attribute__((noinline)) void __jit_debug_register_code() {
  asm volatile("" ::: "memory");
}
}

namespace cordon::gdb {
namespace {

enum Action : uint32_t { kNoAction, kRegister, kUnregister };

std::mutex g_lock;

void tell(Action action, jit_code_entry& entry) {
  __jit_debug_descriptor.action_flag = action;
  __jit_debug_descriptor.relevant_entry = &entry;
  __jit_debug_register_code();
  __jit_debug_descriptor.action_flag = kNoAction;
  __jit_debug_descriptor.relevant_entry = nullptr;
}

}  // namespace

Registration::Registration(std::vector<uint8_t> object_file)
    : object_file_(std::move(object_file)),
      entry_{nullptr, nullptr, reinterpret_cast<const char*>(object_file_.data()),
             object_file_.size()} {
  std::lock_guard<std::mutex> guard(g_lock);
  jit_code_entry*& first = __jit_debug_descriptor.first_entry;
  entry_.next_entry = first;
  if (first != nullptr) first->prev_entry = &entry_;
  first = &entry_;
  tell(kRegister, entry_);
}

Registration::~Registration() {
  std::lock_guard<std::mutex> guard(g_lock);
  if (entry_.next_entry != nullptr) entry_.next_entry->prev_entry = entry_.prev_entry;
  if (entry_.prev_entry != nullptr) {
    entry_.prev_entry->next_entry = entry_.next_entry;
  } else {
    __jit_debug_descriptor.first_entry = entry_.next_entry;
  }
  tell(kUnregister, entry_);
}

}  // namespace cordon::gdb
