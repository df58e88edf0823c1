// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Classic BPF as seccomp(2) runs it, in software, for the policy tests. It remembers which
// instructions it has reached.
#pragma once

#include <linux/filter.h>
#include <linux/seccomp.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace cordon::policy {

class BpfEvaluator {
 public:
  explicit BpfEvaluator(std::span<const sock_filter> program)
      : program_(program), reached_(program.size()) {}

  // The SECCOMP_RET_* that the program gives. Throws std::runtime_error on what the kernel would
  // refuse to load: an instruction that seccomp does not have, a jump or load outside its bounds.
  uint32_t run(const seccomp_data& data);

  // The instructions that no run so far has executed.
  std::vector<size_t> unreached() const;

 private:
  std::span<const sock_filter> program_;
  std::vector<bool> reached_;
};

}  // namespace cordon::policy
