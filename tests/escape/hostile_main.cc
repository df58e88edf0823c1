// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The hostile worker: starts as the run worker does, by the very same code, stands in the same jail
// behind the same guest filter, and then tries one attack. args: the name in attacks.def, or
// "syscall", form, number. If it lives to tell, it exits with the outcome as the verdict's text.
#include <string_view>

#include "sandbox/run_worker/prologue.h"
#include "tests/escape/attack.h"

namespace cordon::escape {
namespace {

std::string attack(const std::vector<std::string>& args, protocol::Channel& channel) {
  if (args.size() == 3 && args[0] == "syscall") return attempt_syscall(args[1], std::stol(args[2]));
  if (args.size() != 1) return "unknown attack";
#define ATTACK(name, expected) \
  if (args[0] == #name) return name(channel);
#include "tests/escape/attacks.def"
  return "unknown attack";
}

}  // namespace
}  // namespace cordon::escape

int main() {
  using namespace cordon;
  run_worker::Prologue worker = run_worker::begin();
  if (worker.policy == policy::Worker::RunNative) escape::publish_code(worker.channel);
  run_worker::close_the_jail(worker);
  protocol::Verdict verdict;
  verdict.text = escape::attack(worker.job.config.args, worker.channel);
  run_worker::end(worker.channel, verdict);
}
