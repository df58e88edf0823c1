// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The hostile worker: starts as the run worker does, by the very same code, enters the same jail
// with the same filters, and then tries one attack. args: the phase ("set-up", "guest" or "after"),
// then the name in attacks.def, or "syscall", form, number. If it survives, it exits with the
// outcome as the verdict's text.
#include <sys/syscall.h>
#include <unistd.h>

#include <string_view>

#include "sandbox/run_worker/prologue.h"
#include "sandbox/worker/ask.h"
#include "tests/escape/attack.h"
#include "tests/escape/raw_syscall.h"

namespace cordon::escape {
namespace {

std::string attack(std::span<const std::string> args, protocol::Channel& channel) {
  if (args.size() == 3 && args[0] == "syscall") return attempt_syscall(args[1], std::stol(args[2]));
  if (args.size() == 2 && args[0] == "asks_for_descriptor") {
    return returned(raw(SYS_pidfd_getfd, std::stoul(args[1]), 0, 0));
  }
  if (args.size() != 1) return "unknown attack";
#define ATTACK(name, expected) \
  if (args[0] == #name) return name(channel);
#include "tests/escape/attacks.def"
#define ASKER(name, ...) \
  if (args[0] == #name) return name(channel);
#include "tests/escape/tiering_attacks.def"
  return "unknown attack";
}

// Whether it has published code at hand.
bool is_native(std::string_view name) {
#define ATTACK(name, expected)
#define NATIVE(which, expected) \
  if (name == #which) return true;
#include "tests/escape/attacks.def"
  return false;
}

[[noreturn]] void run(run_worker::Prologue& worker) {
  const std::span<const std::string> args(worker.job.config.args);
  const std::string_view phase = args[0];
  if (worker.policy == policy::Worker::RunNative) publish_code(worker.channel);
  protocol::Verdict verdict;
  if (phase == "set-up") {
    verdict.text = attack(args.subspan(1), worker.channel);
  } else {
    run_worker::close_the_jail(worker);
    if (!worker::ask_for_streams()) _exit(1);
    const bool comes_now = worker.policy == policy::Worker::RunAuto && is_native(args[1]);
    if (comes_now) publish_requested_code(worker.channel);
  }
  if (phase == "guest") verdict.text = attack(args.subspan(1), worker.channel);
  if (phase != "after") run_worker::end(worker.channel, verdict);
  (void)worker.channel.send(verdict);
  (void)attack(args.subspan(1), worker.channel);
  _exit(0);
}

}  // namespace
}  // namespace cordon::escape

int main() {
  cordon::run_worker::Prologue worker = cordon::run_worker::begin();
  cordon::escape::run(worker);
}
