// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tests/sandbox/policy/bpf_evaluator.h"

#include <cstring>
#include <stdexcept>

namespace cordon::policy {
namespace {

uint32_t load(const seccomp_data& data, uint32_t offset) {
  if (offset % 4 != 0 || offset > sizeof data - 4) throw std::runtime_error("load out of bounds");
  uint32_t word;
  std::memcpy(&word, reinterpret_cast<const char*>(&data) + offset, sizeof word);
  return word;
}

bool jump_is_taken(const sock_filter& instruction, uint32_t accumulator) {
  switch (BPF_OP(instruction.code)) {
    case BPF_JEQ: return accumulator == instruction.k;
    case BPF_JGT: return accumulator > instruction.k;
    case BPF_JGE: return accumulator >= instruction.k;
    case BPF_JSET: return (accumulator & instruction.k) != 0;
  }
  throw std::runtime_error("unknown jump");
}

}  // namespace

uint32_t BpfEvaluator::run(const seccomp_data& data) {
  uint32_t accumulator = 0;
  for (size_t at = 0; at < program_.size(); ++at) {
    const sock_filter& i = program_[at];
    reached_[at] = true;
    switch (i.code) {
      case BPF_LD | BPF_W | BPF_ABS: accumulator = load(data, i.k); break;
      case BPF_ALU | BPF_AND | BPF_K: accumulator &= i.k; break;
      case BPF_JMP | BPF_JA: at += i.k; break;
      case BPF_JMP | BPF_JEQ | BPF_K:
      case BPF_JMP | BPF_JGT | BPF_K:
      case BPF_JMP | BPF_JGE | BPF_K:
      case BPF_JMP | BPF_JSET | BPF_K: at += jump_is_taken(i, accumulator) ? i.jt : i.jf; break;
      case BPF_RET | BPF_K: return i.k;
      default: throw std::runtime_error("unknown instruction");
    }
  }
  throw std::runtime_error("the program has no end");
}

std::vector<size_t> BpfEvaluator::unreached() const {
  std::vector<size_t> out;
  for (size_t i = 0; i < reached_.size(); ++i) {
    if (!reached_[i]) out.push_back(i);
  }
  return out;
}

}  // namespace cordon::policy
