// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A file system that takes one kind of request and never answers it: FUSE by hand, the messages of
// <linux/fuse.h> over /dev/fuse. It has one file, "file", of one byte, and answers everything else.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "core/base/os/fd.h"

namespace cordon::tests {

class HangingFiles {
 public:
  // Mounts it at the directory `place`, for which the caller needs root in a mount namespace of its
  // own. Requests of the kind `hangs` (FUSE_OPEN, ...) have no answer. Whether it is there:
  // ready().
  HangingFiles(const std::string& place, uint32_t hangs);
  // The kernel gives all who wait an error.
  ~HangingFiles() { let_go(); }

  bool ready() const { return device_.valid(); }
  // How many requests are being kept waiting.
  int waiting() const { return waiting_; }
  void let_go();

 private:
  void serve();
  void answer(const std::vector<char>& request);
  void reply(uint64_t unique, int error, const void* body, size_t size) const;

  uint32_t hangs_;
  Fd device_, stop_;
  std::atomic<int> waiting_ = 0;
  std::thread server_;
};

}  // namespace cordon::tests
